/*
 * CNG's inside: what a handle of <bcrypt.h> points to.
 *
 * A handle is trusted only when the ledger knows it, so that any value a client
 * hands in is answered with STATUS_INVALID_HANDLE. A hash object in memory of
 * the client's has its record in the ledger's own, since the client may free
 * that memory too early. An algorithm stays until the last of its hash objects
 * is gone, though its handle ends with BCryptCloseAlgorithmProvider.
 */
#ifndef UWSK_BCRYPT_CNG_H
#define UWSK_BCRYPT_CNG_H

#include <ntddk.h>

#include <bcrypt.h>
#include <stdbool.h>

#include "ob/track.h"
#include "os/os_hash.h"

/* What an algorithm's name stands for. */
struct cng_type {
  PCWSTR name;
  bool hashes; /* else it is the generator of random numbers */
  enum os_hash hash;
  ULONG length, block; /* bytes of a sum, and of what is hashed at once */
};

struct cng_algorithm {
  struct ob_record record;
  const struct cng_type *type;
  bool keyed, reusable, dispatch;
  LONG references; /* the open handle and each hash object */
};

struct cng_hash {
  struct ob_record record; /* of an object that is ours */
  struct cng_algorithm *algorithm;
  bool ours, reusable, finished;
  _Alignas(16) UCHAR state[];
};

/* The algorithm or hash object of a handle, or NULL. A pseudo-handle has an
 * algorithm, too. */
struct cng_algorithm *bcrypt__algorithm(BCRYPT_ALG_HANDLE handle);
struct cng_hash *bcrypt__hash(BCRYPT_HASH_HANDLE handle);

void bcrypt__reference(struct cng_algorithm *algorithm);
void bcrypt__dereference(struct cng_algorithm *algorithm);

/* The bytes that BCRYPT_OBJECT_LENGTH asks for: an object may begin anywhere in
 * the client's memory, and aligns itself. */
ULONG bcrypt__object_length(const struct cng_algorithm *algorithm);

/* Reports a call at an IRQL that the algorithm does not allow. */
void bcrypt__require_irql(const struct cng_algorithm *algorithm,
                          const char *call);

#endif
