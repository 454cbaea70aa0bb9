/*
 * Hashing and random bytes, by the host: nettle on Unix, bcrypt.dll on Windows.
 *
 * A running hash lives in memory of the caller's, os__hash_size() bytes at a
 * multiple of 16. os__hash_begin makes it, os__hash_end unmakes it; in between
 * any number of sums may be taken, one after the other. One thread at a time.
 *
 * The part is optional: a build that found no library has none of this but
 * os__random (cmake/UwskFindNettle.cmake).
 */
#ifndef UWSK_OS_HASH_H
#define UWSK_OS_HASH_H

#include <stdbool.h>
#include <stddef.h>

enum os_hash {
  OS_HASH_MD5,
  OS_HASH_SHA1,
  OS_HASH_SHA256,
  OS_HASH_SHA384,
  OS_HASH_SHA512,
  OS_HASH_COUNT
};

/* How much memory one takes; `keyed` for an HMAC. */
size_t os__hash_size(enum os_hash hash, bool keyed);

/* Begins a sum; with `keyed` an HMAC under that key, which may be empty. False
 * when the host refuses: then there is nothing to end. */
bool os__hash_begin(void *state, enum os_hash hash, bool keyed, const void *key,
                    size_t key_size);
bool os__hash_add(void *state, const void *bytes, size_t size);

/* Writes the sum, whose size the caller knows, and begins the next, under the
 * same key. */
bool os__hash_finish(void *state, unsigned char *sum, size_t size);

/* Makes a copy that goes on by itself. */
bool os__hash_copy(void *to, const void *from);

/* Leaves nothing of the key or the sum in the memory. */
void os__hash_end(void *state);

/* Fills the bytes from the host's generator. False when it cannot. */
bool os__random(void *bytes, size_t size);

#endif
