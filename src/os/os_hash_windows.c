/*
 * Hashing by the host's bcrypt.dll. Its functions are asked for by name, since
 * the library has functions of the same names itself.
 */
#include <windows.h>

#include <bcrypt.h>
#include <string.h>

#include "os/os.h"
#include "os/os_hash.h"

#ifndef BCRYPT_HASH_REUSABLE_FLAG
#define BCRYPT_HASH_REUSABLE_FLAG 0x20
#endif

#define FUNCTIONS(X)                                                           \
  X(BCryptOpenAlgorithmProvider)                                               \
  X(BCryptCloseAlgorithmProvider)                                              \
  X(BCryptCreateHash)                                                          \
  X(BCryptHashData)                                                            \
  X(BCryptFinishHash)                                                          \
  X(BCryptDuplicateHash)                                                       \
  X(BCryptDestroyHash)

static struct {
#define X(name) __typeof__(&name) name;
  FUNCTIONS(X)
#undef X
} host;

static const wchar_t *const names[OS_HASH_COUNT] = {
    [OS_HASH_MD5] = L"MD5",       [OS_HASH_SHA1] = L"SHA1",
    [OS_HASH_SHA256] = L"SHA256", [OS_HASH_SHA384] = L"SHA384",
    [OS_HASH_SHA512] = L"SHA512",
};

/* Opened when first asked for, and kept. */
static struct {
  struct os_spin lock;
  bool is_loaded;
  BCRYPT_ALG_HANDLE open[OS_HASH_COUNT][2];
} providers;

static bool load(void) {
  HMODULE module = LoadLibraryA("bcrypt.dll");
  bool all = module != NULL;

#define X(name)                                                                \
  if (all) {                                                                   \
    FARPROC found = GetProcAddress(module, #name);                             \
    memcpy(&host.name, &found, sizeof(found));                                 \
    all = found != NULL;                                                       \
  }
  FUNCTIONS(X)
#undef X
  return all;
}

static BCRYPT_ALG_HANDLE provider(enum os_hash hash, bool keyed) {
  BCRYPT_ALG_HANDLE *place = &providers.open[hash][keyed];
  BCRYPT_ALG_HANDLE found;

  os__spin_lock(&providers.lock);
  if (!providers.is_loaded)
    providers.is_loaded = load();
  if (providers.is_loaded && *place == NULL &&
      host.BCryptOpenAlgorithmProvider(place, names[hash], NULL,
                                       keyed ? BCRYPT_ALG_HANDLE_HMAC_FLAG
                                             : 0) != 0)
    *place = NULL;
  found = *place;
  os__spin_unlock(&providers.lock);
  return found;
}

size_t os__hash_size(enum os_hash hash, bool keyed) {
  (void)hash;
  (void)keyed;
  return sizeof(BCRYPT_HASH_HANDLE);
}

bool os__hash_begin(void *state, enum os_hash hash, bool keyed, const void *key,
                    size_t key_size) {
  BCRYPT_ALG_HANDLE algorithm = provider(hash, keyed);

  return algorithm != NULL &&
         host.BCryptCreateHash(algorithm, state, NULL, 0,
                               keyed ? (UCHAR *)(key_size ? key : "") : NULL,
                               (ULONG)key_size, BCRYPT_HASH_REUSABLE_FLAG) == 0;
}

bool os__hash_add(void *state, const void *bytes, size_t size) {
  return host.BCryptHashData(*(BCRYPT_HASH_HANDLE *)state, (UCHAR *)bytes,
                             (ULONG)size, 0) == 0;
}

bool os__hash_finish(void *state, unsigned char *sum, size_t size) {
  return host.BCryptFinishHash(*(BCRYPT_HASH_HANDLE *)state, sum, (ULONG)size,
                               0) == 0;
}

bool os__hash_copy(void *to, const void *from) {
  return host.BCryptDuplicateHash(*(const BCRYPT_HASH_HANDLE *)from, to, NULL,
                                  0, 0) == 0;
}

void os__hash_end(void *state) {
  host.BCryptDestroyHash(*(BCRYPT_HASH_HANDLE *)state);
}
