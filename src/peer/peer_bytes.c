/* What has come, and how it compares. */
#include "peer/peer_parts.h"

#include <string.h>

#include "os/os.h"

bool peer__keep(struct uwsk_peer *peer, const void *bytes, size_t length) {
  struct chunk *chunk = os__alloc_uncounted(sizeof(*chunk) + length);

  if (chunk == NULL)
    return false;
  chunk->length = length;
  memcpy(chunk->bytes, bytes, length);
  *peer->chunks_end = chunk;
  peer->chunks_end = &chunk->next;
  peer->waiting += length;
  return true;
}

static size_t left(const struct chunk *chunk) {
  return chunk->length - chunk->start;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

size_t peer__look(const struct uwsk_peer *peer, unsigned char *to,
                  size_t room) {
  size_t seen = 0;

  for (const struct chunk *chunk = peer->chunks; chunk != NULL && seen < room;
       chunk = chunk->next) {
    size_t here = smaller(left(chunk), room - seen);
    memcpy(to + seen, chunk->bytes + chunk->start, here);
    seen += here;
    if (peer->kind == PEER_UDP)
      break;
  }
  return seen;
}

static void drop_first(struct uwsk_peer *peer) {
  struct chunk *chunk = peer->chunks;

  peer->waiting -= left(chunk);
  peer->chunks = chunk->next;
  if (peer->chunks == NULL)
    peer->chunks_end = &peer->chunks;
  os__free(chunk);
}

void peer__drop(struct uwsk_peer *peer, size_t length) {
  while (peer->chunks != NULL && length >= left(peer->chunks)) {
    length -= left(peer->chunks);
    drop_first(peer);
    if (peer->kind == PEER_UDP)
      return; /* The whole datagram, even an empty one, and no other. */
  }
  if (peer->chunks != NULL && length > 0) {
    peer->chunks->start += length;
    peer->waiting -= length;
  }
}

void peer__drop_all(struct uwsk_peer *peer) {
  while (peer->chunks != NULL)
    drop_first(peer);
}

size_t peer__compare(const struct uwsk_peer *peer, const struct step *step,
                     long *wrong) {
  size_t position = 0;

  *wrong = -1;
  for (const struct chunk *chunk = peer->chunks;
       chunk != NULL && position < step->length; chunk = chunk->next) {
    size_t here = smaller(left(chunk), step->length - position);
    const unsigned char *came = chunk->bytes + chunk->start;
    for (size_t i = 0; i < here; i++, position++)
      if (came[i] != step->bytes[position]) {
        *wrong = (long)position;
        return position;
      }
    if (peer->kind == PEER_UDP)
      break;
  }
  return position;
}
