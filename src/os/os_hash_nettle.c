/*
 * Hashing by nettle: plain memory, no allocation, nothing to close.
 *
 *     | struct hash | the running sum | HMAC: the outer and the inner key |
 */
#include <nettle/hmac.h>
#include <nettle/nettle-meta.h>
#include <nettle/version.h>

#include <stdalign.h>
#include <string.h>

#include "os/os_hash.h"

struct hash {
  alignas(16) const struct nettle_hash *type;
  size_t context_size; /* rounded up, so that the next one is aligned */
  bool keyed;
};

static const struct nettle_hash *type_of(enum os_hash hash) {
  switch (hash) {
  case OS_HASH_MD5:
    return &nettle_md5;
  case OS_HASH_SHA1:
    return &nettle_sha1;
  case OS_HASH_SHA256:
    return &nettle_sha256;
  case OS_HASH_SHA384:
    return &nettle_sha384;
  case OS_HASH_SHA512:
  default:
    return &nettle_sha512;
  }
}

static size_t context_size(const struct nettle_hash *type) {
  return ((size_t)type->context_size + 15) & ~(size_t)15;
}

size_t os__hash_size(enum os_hash hash, bool keyed) {
  return sizeof(struct hash) + context_size(type_of(hash)) * (keyed ? 3 : 1);
}

static void *context(struct hash *hash, unsigned index) {
  return (unsigned char *)(hash + 1) + index * hash->context_size;
}

bool os__hash_begin(void *state, enum os_hash hash, bool keyed, const void *key,
                    size_t key_size) {
  struct hash *self = state;

  *self = (struct hash){.type = type_of(hash),
                        .context_size = context_size(type_of(hash)),
                        .keyed = keyed};
  if (keyed)
    hmac_set_key(context(self, 1), context(self, 2), context(self, 0),
                 self->type, key_size, key_size != 0 ? key : "");
  else
    self->type->init(context(self, 0));
  return true;
}

bool os__hash_add(void *state, const void *bytes, size_t size) {
  struct hash *self = state;

  if (size != 0)
    self->type->update(context(self, 0), size, bytes);
  return true;
}

/* Since version 4 a sum is written whole, and its size is not asked for. */
#if NETTLE_VERSION_MAJOR >= 4
#define SIZED(size)
#else
#define SIZED(size) (size),
#endif

bool os__hash_finish(void *state, unsigned char *sum, size_t size) {
  struct hash *self = state;

  if (size != self->type->digest_size)
    return false;
  if (self->keyed)
    hmac_digest(context(self, 1), context(self, 2), context(self, 0),
                self->type, SIZED(size) sum);
  else
    self->type->digest(context(self, 0), SIZED(size) sum);
  return true;
}

bool os__hash_copy(void *to, const void *from) {
  const struct hash *self = from;

  memcpy(to, from, sizeof(*self) + self->context_size * (self->keyed ? 3 : 1));
  return true;
}

void os__hash_end(void *state) {
  struct hash *self = state;

  memset(context(self, 0), 0, self->context_size * (self->keyed ? 3 : 1));
  /* The memory is about to be freed, and the compiler knows. */
  __asm__ volatile("" : : "r"(state) : "memory");
}
