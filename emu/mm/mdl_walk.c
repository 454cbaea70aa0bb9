/*
 * Walking MDL chains. Members of zero bytes may stand anywhere in a chain.
 */
#include "mm/mdl_walk.h"

#include <stdint.h>
#include <string.h>

#define MAPPED (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)

void *mm__mdl_base(const MDL *mdl) {
  if (mdl->MdlFlags & MAPPED)
    return mdl->MappedSystemVa;
  return (void *)((uintptr_t)mdl->StartVa + mdl->ByteOffset);
}

bool mm__mdl_is_resident(const MDL *mdl) {
  return (mdl->MdlFlags &
          (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL)) != 0;
}

size_t mm__chain_length(const MDL *mdl, size_t offset) {
  size_t length = 0;

  for (; mdl != NULL; mdl = mdl->Next)
    length += mdl->ByteCount;
  return length > offset ? length - offset : 0;
}

/* A place in a chain. Never stands at the end of a member, unless at the end of
 * the chain, where mdl is NULL. */
struct place {
  const MDL *mdl;
  size_t offset;
};

static void settle(struct place *place) {
  while (place->mdl != NULL && place->offset >= place->mdl->ByteCount) {
    place->offset -= place->mdl->ByteCount;
    place->mdl = place->mdl->Next;
  }
}

static struct place place_at(const MDL *mdl, size_t offset) {
  struct place place = {mdl, offset};

  settle(&place);
  return place;
}

/* Takes the next run of at most `bytes` bytes; length 0 at the chain's end. */
static struct mm_span take(struct place *place, size_t bytes) {
  struct mm_span span = {NULL, 0};

  if (place->mdl == NULL || bytes == 0)
    return span;
  span.base = (char *)mm__mdl_base(place->mdl) + place->offset;
  span.length = place->mdl->ByteCount - place->offset;
  if (span.length > bytes)
    span.length = bytes;
  place->offset += span.length;
  settle(place);
  return span;
}

const MDL *mm__chain_unlocked(const MDL *mdl, size_t offset, size_t length) {
  struct place place = place_at(mdl, offset);

  while (place.mdl != NULL && length != 0) {
    if (!mm__mdl_is_resident(place.mdl))
      return place.mdl;
    length -= take(&place, length).length;
  }
  return NULL;
}

unsigned mm__chain_spans(const MDL *mdl, size_t offset, size_t length,
                         size_t skip, struct mm_span *spans, unsigned room,
                         size_t *total) {
  struct place place;
  unsigned count = 0;
  size_t sum = 0;

  if (skip < length) {
    place = place_at(mdl, offset + skip);
    length -= skip;
    while (count < room) {
      struct mm_span span = take(&place, length - sum);

      if (span.length == 0)
        break;
      spans[count++] = span;
      sum += span.length;
    }
  }
  if (total != NULL)
    *total = sum;
  return count;
}

size_t mm__copy_to_chain(const MDL *mdl, size_t offset, size_t skip,
                         const void *from, size_t bytes) {
  struct place place = place_at(mdl, offset + skip);
  size_t done = 0;

  while (done < bytes) {
    struct mm_span span = take(&place, bytes - done);

    if (span.length == 0)
      break;
    memcpy(span.base, (const char *)from + done, span.length);
    done += span.length;
  }
  return done;
}

size_t mm__copy_from_chain(const MDL *mdl, size_t offset, size_t skip, void *to,
                           size_t bytes) {
  struct place place = place_at(mdl, offset + skip);
  size_t done = 0;

  while (done < bytes) {
    struct mm_span span = take(&place, bytes - done);

    if (span.length == 0)
      break;
    memcpy((char *)to + done, span.base, span.length);
    done += span.length;
  }
  return done;
}
