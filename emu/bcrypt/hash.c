/* Hash objects: made, fed, asked, copied, destroyed. See cng.h. */
#include "bcrypt/cng.h"

#include <stddef.h>
#include <stdint.h>

#include "ke/ke.h"
#include "os/os.h"

#define ALIGNMENT _Alignof(struct cng_hash)

static size_t size_of(const struct cng_algorithm *algorithm) {
  return sizeof(struct cng_hash) +
         os__hash_size(algorithm->type->hash, algorithm->keyed);
}

ULONG bcrypt__object_length(const struct cng_algorithm *algorithm) {
  return (ULONG)(size_of(algorithm) + ALIGNMENT - 1);
}

struct cng_hash *bcrypt__hash(BCRYPT_HASH_HANDLE handle) {
  return ob__find(OB_CNG_HASH, handle) != NULL ? handle : NULL;
}

/* ---- memory ------------------------------------------------------------ */

/* Where an object goes, and whose call that is. */
struct place {
  PUCHAR memory;
  ULONG size;
  const char *call;
  const void *caller;
};

static NTSTATUS check_place(const struct place *place,
                            const struct cng_algorithm *algorithm) {
  if (place->memory == NULL)
    return place->size == 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
  return place->size >= bcrypt__object_length(algorithm)
             ? STATUS_SUCCESS
             : STATUS_BUFFER_TOO_SMALL;
}

static struct cng_hash *take_memory(const struct place *place,
                                    struct cng_algorithm *algorithm) {
  uintptr_t start = (uintptr_t)place->memory + ALIGNMENT - 1;
  struct cng_hash *hash = (struct cng_hash *)(start & ~(ALIGNMENT - 1));

  if (place->memory == NULL)
    hash = os__alloc(size_of(algorithm));
  if (hash == NULL)
    return NULL;
  hash->ours = place->memory == NULL;
  hash->algorithm = algorithm;
  hash->finished = false;
  return hash;
}

static void free_memory(struct cng_hash *hash) {
  if (hash->ours)
    os__free(hash);
}

/* Enters an object whose sum has begun. False: out of memory. */
static bool enter(struct cng_hash *hash, const struct place *place) {
  if (!hash->ours) {
    if (!ob__track_foreign(OB_CNG_HASH, hash, place->call, place->caller, 0))
      return false;
  } else {
    hash->record = (struct ob_record){.object = hash,
                                      .call = place->call,
                                      .caller = place->caller,
                                      .kind = OB_CNG_HASH};
    ob__track(&hash->record);
  }
  bcrypt__reference(hash->algorithm);
  return true;
}

/* ---- making ------------------------------------------------------------ */

/* A key or an object to begin with. */
struct origin {
  const struct cng_hash *copied;
  const UCHAR *secret;
  ULONG secret_size;
};

static bool begin(struct cng_hash *hash, const struct origin *origin) {
  const struct cng_algorithm *algorithm = hash->algorithm;

  if (origin->copied != NULL)
    return os__hash_copy(hash->state, origin->copied->state);
  return os__hash_begin(hash->state, algorithm->type->hash, algorithm->keyed,
                        origin->secret, origin->secret_size);
}

static NTSTATUS make(const struct place *place, struct cng_algorithm *algorithm,
                     const struct origin *origin, struct cng_hash **made) {
  NTSTATUS status = check_place(place, algorithm);
  struct cng_hash *hash;

  if (!NT_SUCCESS(status))
    return status;
  hash = take_memory(place, algorithm);
  if (hash == NULL)
    return STATUS_NO_MEMORY;
  if (!begin(hash, origin)) {
    free_memory(hash);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  if (!enter(hash, place)) {
    os__hash_end(hash->state);
    free_memory(hash);
    return STATUS_NO_MEMORY;
  }
  *made = hash;
  return STATUS_SUCCESS;
}

/* A key goes with an HMAC, which may have an empty one. */
static bool is_right_key(const struct cng_algorithm *algorithm,
                         const UCHAR *secret, ULONG size) {
  if (!algorithm->keyed)
    return secret == NULL && size == 0;
  return secret != NULL || size == 0;
}

NTSTATUS BCryptCreateHash(BCRYPT_ALG_HANDLE Algorithm, BCRYPT_HASH_HANDLE *Hash,
                          PUCHAR HashObject, ULONG HashObjectSize,
                          PUCHAR Secret, ULONG SecretSize, ULONG Flags) {
  const struct place place = {HashObject, HashObjectSize, "BCryptCreateHash",
                              OB_CALLER()};
  const struct origin origin = {NULL, Secret, SecretSize};
  struct cng_algorithm *algorithm = bcrypt__algorithm(Algorithm);
  struct cng_hash *made;
  NTSTATUS status;

  if (algorithm == NULL)
    return STATUS_INVALID_HANDLE;
  bcrypt__require_irql(algorithm, "BCryptCreateHash");
  if (!algorithm->type->hashes)
    return STATUS_NOT_SUPPORTED;
  if (Hash == NULL || (Flags & ~BCRYPT_HASH_REUSABLE_FLAG) != 0 ||
      !is_right_key(algorithm, Secret, SecretSize))
    return STATUS_INVALID_PARAMETER;
  status = make(&place, algorithm, &origin, &made);
  if (!NT_SUCCESS(status))
    return status;
  made->reusable = algorithm->reusable || Flags != 0;
  *Hash = made;
  return STATUS_SUCCESS;
}

NTSTATUS BCryptDuplicateHash(BCRYPT_HASH_HANDLE Hash,
                             BCRYPT_HASH_HANDLE *NewHash, PUCHAR HashObject,
                             ULONG HashObjectSize, ULONG Flags) {
  const struct place place = {HashObject, HashObjectSize, "BCryptDuplicateHash",
                              OB_CALLER()};
  struct cng_hash *hash = bcrypt__hash(Hash);
  const struct origin origin = {.copied = hash};
  struct cng_hash *made;
  NTSTATUS status;

  if (hash == NULL || hash->finished)
    return STATUS_INVALID_HANDLE;
  bcrypt__require_irql(hash->algorithm, "BCryptDuplicateHash");
  if (NewHash == NULL || Flags != 0)
    return STATUS_INVALID_PARAMETER;
  status = make(&place, hash->algorithm, &origin, &made);
  if (!NT_SUCCESS(status))
    return status;
  made->reusable = hash->reusable;
  *NewHash = made;
  return STATUS_SUCCESS;
}

/* ---- using ------------------------------------------------------------- */

NTSTATUS BCryptHashData(BCRYPT_HASH_HANDLE Hash, PUCHAR Input, ULONG InputSize,
                        ULONG Flags) {
  struct cng_hash *hash = bcrypt__hash(Hash);

  if (hash == NULL || hash->finished)
    return STATUS_INVALID_HANDLE;
  bcrypt__require_irql(hash->algorithm, "BCryptHashData");
  if ((Input == NULL && InputSize != 0) || Flags != 0)
    return STATUS_INVALID_PARAMETER;
  return os__hash_add(hash->state, Input, InputSize) ? STATUS_SUCCESS
                                                     : STATUS_UNSUCCESSFUL;
}

NTSTATUS BCryptFinishHash(BCRYPT_HASH_HANDLE Hash, PUCHAR Output,
                          ULONG OutputSize, ULONG Flags) {
  struct cng_hash *hash = bcrypt__hash(Hash);

  if (hash == NULL || hash->finished)
    return STATUS_INVALID_HANDLE;
  bcrypt__require_irql(hash->algorithm, "BCryptFinishHash");
  if (Output == NULL || OutputSize != hash->algorithm->type->length ||
      Flags != 0)
    return STATUS_INVALID_PARAMETER;
  if (!os__hash_finish(hash->state, Output, OutputSize))
    return STATUS_UNSUCCESSFUL;
  hash->finished = !hash->reusable;
  return STATUS_SUCCESS;
}

NTSTATUS BCryptDestroyHash(BCRYPT_HASH_HANDLE Hash) {
  struct cng_hash *hash = bcrypt__hash(Hash);
  struct cng_algorithm *algorithm;
  bool found;

  if (hash == NULL)
    return STATUS_INVALID_HANDLE;
  algorithm = hash->algorithm;
  bcrypt__require_irql(algorithm, "BCryptDestroyHash");
  found = hash->ours ? ob__claim(OB_CNG_HASH, hash) != NULL
                     : ob__untrack_foreign(OB_CNG_HASH, hash);
  if (!found)
    return STATUS_INVALID_HANDLE;
  os__hash_end(hash->state);
  free_memory(hash);
  bcrypt__dereference(algorithm);
  return STATUS_SUCCESS;
}

NTSTATUS BCryptHash(BCRYPT_ALG_HANDLE Algorithm, PUCHAR Secret,
                    ULONG SecretSize, PUCHAR Input, ULONG InputSize,
                    PUCHAR Output, ULONG OutputSize) {
  BCRYPT_HASH_HANDLE hash;
  NTSTATUS status =
      BCryptCreateHash(Algorithm, &hash, NULL, 0, Secret, SecretSize, 0);

  if (!NT_SUCCESS(status))
    return status;
  status = BCryptHashData(hash, Input, InputSize, 0);
  if (NT_SUCCESS(status))
    status = BCryptFinishHash(hash, Output, OutputSize, 0);
  BCryptDestroyHash(hash);
  return status;
}
