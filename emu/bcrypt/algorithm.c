/* Providers of algorithms: opened, closed, and always open. See cng.h. */
#include "bcrypt/cng.h"

#include <wchar.h>

#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

#define PROVIDER_FLAGS                                                         \
  (BCRYPT_PROV_DISPATCH | BCRYPT_ALG_HANDLE_HMAC_FLAG |                        \
   BCRYPT_HASH_REUSABLE_FLAG)

static const struct cng_type types[] = {
    {BCRYPT_MD5_ALGORITHM, true, OS_HASH_MD5, 16, 64},
    {BCRYPT_SHA1_ALGORITHM, true, OS_HASH_SHA1, 20, 64},
    {BCRYPT_SHA256_ALGORITHM, true, OS_HASH_SHA256, 32, 64},
    {BCRYPT_SHA384_ALGORITHM, true, OS_HASH_SHA384, 48, 128},
    {BCRYPT_SHA512_ALGORITHM, true, OS_HASH_SHA512, 64, 128},
    {BCRYPT_RNG_ALGORITHM, false, OS_HASH_COUNT, 0, 0},
};

/* ---- pseudo-handles ---------------------------------------------------- */

/* They count from 0x21 in steps of 16: the hashes, 0x71 which is not here, the
 * generator, and the HMACs. */
#define PLAIN(index)                                                           \
  { .type = &types[index], .dispatch = true }
#define KEYED(index)                                                           \
  { .type = &types[index], .dispatch = true, .keyed = true }
static struct cng_algorithm always_open[] = {
    PLAIN(0), PLAIN(1), PLAIN(2), PLAIN(3), PLAIN(4), {.type = NULL},
    PLAIN(5), KEYED(0), KEYED(1), KEYED(2), KEYED(3), KEYED(4)};

static struct cng_algorithm *pseudo_algorithm(BCRYPT_ALG_HANDLE handle) {
  ULONG_PTR index = ((ULONG_PTR)handle - 0x21) / 16;

  if (((ULONG_PTR)handle & 15) != 1 || (ULONG_PTR)handle < 0x21 ||
      index >= RTL_NUMBER_OF(always_open) || always_open[index].type == NULL)
    return NULL;
  return &always_open[index];
}

/* ---- handles ----------------------------------------------------------- */

struct cng_algorithm *bcrypt__algorithm(BCRYPT_ALG_HANDLE handle) {
  struct cng_algorithm *pseudo = pseudo_algorithm(handle);

  if (pseudo != NULL)
    return pseudo;
  return ob__find(OB_CNG_ALGORITHM, handle) != NULL ? handle : NULL;
}

static bool is_pseudo(const struct cng_algorithm *algorithm) {
  return algorithm >= always_open &&
         algorithm < always_open + RTL_NUMBER_OF(always_open);
}

void bcrypt__reference(struct cng_algorithm *algorithm) {
  InterlockedIncrement(&algorithm->references);
}

void bcrypt__dereference(struct cng_algorithm *algorithm) {
  if (InterlockedDecrement(&algorithm->references) == 0 &&
      !is_pseudo(algorithm))
    os__free(algorithm);
}

void bcrypt__require_irql(const struct cng_algorithm *algorithm,
                          const char *call) {
  ke__require_irql(algorithm->dispatch ? DISPATCH_LEVEL : PASSIVE_LEVEL, call);
}

/* ---- opening and closing ----------------------------------------------- */

static const struct cng_type *find_type(PCWSTR name) {
  for (size_t i = 0; i < RTL_NUMBER_OF(types); i++)
    if (wcscmp(types[i].name, name) == 0)
      return &types[i];
  return NULL;
}

/* STATUS_SUCCESS, and *type is what is asked for. */
static NTSTATUS check_open(BCRYPT_ALG_HANDLE *algorithm, PCWSTR name,
                           PCWSTR implementation, ULONG flags,
                           const struct cng_type **type) {
  if (algorithm == NULL || name == NULL || (flags & ~PROVIDER_FLAGS) != 0)
    return STATUS_INVALID_PARAMETER;
  *type = find_type(name);
  if (*type == NULL || (implementation != NULL &&
                        wcscmp(implementation, MS_PRIMITIVE_PROVIDER) != 0))
    return STATUS_NOT_FOUND;
  if (!(*type)->hashes && (flags & ~BCRYPT_PROV_DISPATCH) != 0)
    return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}

NTSTATUS BCryptOpenAlgorithmProvider(BCRYPT_ALG_HANDLE *Algorithm,
                                     PCWSTR AlgorithmId, PCWSTR Implementation,
                                     ULONG Flags) {
  const struct cng_type *type = NULL;
  struct cng_algorithm *made;
  NTSTATUS status =
      check_open(Algorithm, AlgorithmId, Implementation, Flags, &type);

  ke__require_irql(PASSIVE_LEVEL, "BCryptOpenAlgorithmProvider");
  if (!NT_SUCCESS(status))
    return status;
  made = os__alloc(sizeof(*made));
  if (made == NULL)
    return STATUS_NO_MEMORY;
  made->type = type;
  made->keyed = (Flags & BCRYPT_ALG_HANDLE_HMAC_FLAG) != 0;
  made->reusable = (Flags & BCRYPT_HASH_REUSABLE_FLAG) != 0;
  made->dispatch = (Flags & BCRYPT_PROV_DISPATCH) != 0;
  made->references = 1;
  made->record = (struct ob_record){.object = made,
                                    .call = "BCryptOpenAlgorithmProvider",
                                    .caller = OB_CALLER(),
                                    .kind = OB_CNG_ALGORITHM};
  ob__track(&made->record);
  *Algorithm = made;
  return STATUS_SUCCESS;
}

NTSTATUS BCryptCloseAlgorithmProvider(BCRYPT_ALG_HANDLE Algorithm,
                                      ULONG Flags) {
  struct cng_algorithm *algorithm = Algorithm;
  LONG objects;

  ke__require_irql(PASSIVE_LEVEL, "BCryptCloseAlgorithmProvider");
  if (Flags != 0)
    return STATUS_INVALID_PARAMETER;
  if (ob__claim(OB_CNG_ALGORITHM, Algorithm) == NULL)
    return STATUS_INVALID_HANDLE;
  objects = ReadNoFence(&algorithm->references) - 1;
  if (algorithm->dispatch && objects != 0)
    vf__report(VF_BCRYPT_01,
               "algorithm provider %p was closed while %ld hash objects of it "
               "are there",
               Algorithm, (long)objects);
  bcrypt__dereference(algorithm);
  return STATUS_SUCCESS;
}
