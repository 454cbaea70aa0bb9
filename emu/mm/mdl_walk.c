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

/* ---- a digest ---------------------------------------------------------- */

#define LOOKED_AT 64u /* bytes of a span at either end */
#define STEPS     32u /* … and in between */

static uint64_t mix(uint64_t sum, const unsigned char *bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    sum = (sum ^ bytes[i]) * UINT64_C(0x100000001B3);
  return sum;
}

static uint64_t mix_span(uint64_t sum, const struct mm_span *span) {
  const unsigned char *bytes = span->base;
  size_t step = span->length / STEPS;
  if (span->length <= 2 * LOOKED_AT)
    return mix(sum, bytes, span->length);
  sum = mix(sum, bytes, LOOKED_AT);
  for (unsigned i = 1; i < STEPS; i++)
    sum = mix(sum, bytes + i * step, 1);
  return mix(sum, bytes + span->length - LOOKED_AT, LOOKED_AT);
}

uint64_t mm__chain_digest(const MDL *mdl, size_t offset, size_t length) {
  struct mm_span spans[8];
  uint64_t sum = UINT64_C(0xCBF29CE484222325);
  unsigned count = mm__chain_spans(mdl, offset, length, 0, spans, 8, NULL);
  for (unsigned i = 0; i < count; i++)
    sum = mix_span(sum, &spans[i]);
  return sum;
}
