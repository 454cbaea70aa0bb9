/*
 * CNG: hashes, HMACs and random numbers.
 *
 * MD5, SHA-1, SHA-256, SHA-384, SHA-512 and their HMACs, and the generator of
 * random numbers; the other algorithms are not there, and their providers are
 * not found. Who computes is the host: docs/porting.md, "Hashes".
 *
 * Pages: win32/api/bcrypt/nf-bcrypt-<name>. IRQL: opening and closing a
 * provider PASSIVE_LEVEL; everything else PASSIVE_LEVEL, and up to
 * DISPATCH_LEVEL when the provider was opened with BCRYPT_PROV_DISPATCH.
 * STATUS_INVALID_HANDLE of every function: no such object, or not of that kind.
 */
#ifndef UWSK_KM_BCRYPT_H
#define UWSK_KM_BCRYPT_H

/* To a file that wants the host's <windows.h> it is the host's header. */
#if defined(_WIN32) && defined(_WINDOWS_)
#include_next <bcrypt.h>
#else

#ifdef UWSK_NO_BCRYPT
#error "uwsk: built without <bcrypt.h>: nettle was not found"
#endif

#include <ntdef.h>

typedef PVOID BCRYPT_HANDLE;
typedef PVOID BCRYPT_ALG_HANDLE;
typedef PVOID BCRYPT_HASH_HANDLE;

#define BCRYPT_SUCCESS(Status) (((NTSTATUS)(Status)) >= 0)

/* ---- names ------------------------------------------------------------- */

#define MS_PRIMITIVE_PROVIDER            L"Microsoft Primitive Provider"
#define BCRYPT_MD5_ALGORITHM             L"MD5"
#define BCRYPT_SHA1_ALGORITHM            L"SHA1"
#define BCRYPT_SHA256_ALGORITHM          L"SHA256"
#define BCRYPT_SHA384_ALGORITHM          L"SHA384"
#define BCRYPT_SHA512_ALGORITHM          L"SHA512"
#define BCRYPT_RNG_ALGORITHM             L"RNG"

/* Properties: a ULONG each, but a name (WCHAR[]), and the handle of a hash
 * object's provider. */
#define BCRYPT_ALGORITHM_NAME            L"AlgorithmName"
#define BCRYPT_OBJECT_LENGTH             L"ObjectLength"
#define BCRYPT_HASH_LENGTH               L"HashDigestLength"
#define BCRYPT_HASH_BLOCK_LENGTH         L"HashBlockLength"
#define BCRYPT_PROVIDER_HANDLE           L"ProviderHandle"

/* Flags of a provider; the last also of a hash object. */
#define BCRYPT_PROV_DISPATCH             0x00000001
#define BCRYPT_ALG_HANDLE_HMAC_FLAG      0x00000008
#define BCRYPT_HASH_REUSABLE_FLAG        0x00000020

/* Flags of BCryptGenRandom. */
#define BCRYPT_RNG_USE_ENTROPY_IN_BUFFER 0x00000001 /* ignored */
#define BCRYPT_USE_SYSTEM_PREFERRED_RNG  0x00000002

/* Providers that are always open, for DISPATCH_LEVEL too. */
#define BCRYPT_MD5_ALG_HANDLE            ((BCRYPT_ALG_HANDLE)0x00000021)
#define BCRYPT_SHA1_ALG_HANDLE           ((BCRYPT_ALG_HANDLE)0x00000031)
#define BCRYPT_SHA256_ALG_HANDLE         ((BCRYPT_ALG_HANDLE)0x00000041)
#define BCRYPT_SHA384_ALG_HANDLE         ((BCRYPT_ALG_HANDLE)0x00000051)
#define BCRYPT_SHA512_ALG_HANDLE         ((BCRYPT_ALG_HANDLE)0x00000061)
#define BCRYPT_RNG_ALG_HANDLE            ((BCRYPT_ALG_HANDLE)0x00000081)
#define BCRYPT_HMAC_MD5_ALG_HANDLE       ((BCRYPT_ALG_HANDLE)0x00000091)
#define BCRYPT_HMAC_SHA1_ALG_HANDLE      ((BCRYPT_ALG_HANDLE)0x000000a1)
#define BCRYPT_HMAC_SHA256_ALG_HANDLE    ((BCRYPT_ALG_HANDLE)0x000000b1)
#define BCRYPT_HMAC_SHA384_ALG_HANDLE    ((BCRYPT_ALG_HANDLE)0x000000c1)
#define BCRYPT_HMAC_SHA512_ALG_HANDLE    ((BCRYPT_ALG_HANDLE)0x000000d1)

UWSK_BEGIN_C

/* ---- providers --------------------------------------------------------- */

/* STATUS_SUCCESS: *Algorithm is open until BCryptCloseAlgorithmProvider.
 * STATUS_NOT_FOUND: no such algorithm, or no such implementation (NULL and
 * MS_PRIMITIVE_PROVIDER are there). STATUS_INVALID_PARAMETER: a NULL, or flags
 * that do not exist or do not suit. STATUS_NO_MEMORY. */
NTSTATUS NTAPI BCryptOpenAlgorithmProvider(BCRYPT_ALG_HANDLE *Algorithm,
                                           PCWSTR AlgorithmId,
                                           PCWSTR Implementation, ULONG Flags);

/* Flags is 0. With BCRYPT_PROV_DISPATCH only when its hash objects are gone. */
NTSTATUS NTAPI BCryptCloseAlgorithmProvider(BCRYPT_ALG_HANDLE Algorithm,
                                            ULONG Flags);

/* A property of a provider or of a hash object. *Result gets its size in bytes;
 * with a NULL Output nothing else happens. STATUS_BUFFER_TOO_SMALL;
 * STATUS_NOT_SUPPORTED: the object has no such property;
 * STATUS_INVALID_PARAMETER: a NULL, or Flags that are not 0. */
NTSTATUS NTAPI BCryptGetProperty(BCRYPT_HANDLE Object, PCWSTR Property,
                                 PUCHAR Output, ULONG OutputSize, PULONG Result,
                                 ULONG Flags);

/* ---- hash objects ------------------------------------------------------ */

/* Makes an object in the caller's memory, of at least BCRYPT_OBJECT_LENGTH
 * bytes, which stay the caller's and may be freed after BCryptDestroyHash; with
 * NULL and 0 in memory of its own. Secret is the key of an HMAC, and NULL for a
 * plain hash. Flags is 0 or BCRYPT_HASH_REUSABLE_FLAG.
 * STATUS_BUFFER_TOO_SMALL; STATUS_NOT_SUPPORTED: the provider does not hash;
 * STATUS_INVALID_PARAMETER; STATUS_NO_MEMORY. */
NTSTATUS NTAPI BCryptCreateHash(BCRYPT_ALG_HANDLE Algorithm,
                                BCRYPT_HASH_HANDLE *Hash, PUCHAR HashObject,
                                ULONG HashObjectSize, PUCHAR Secret,
                                ULONG SecretSize, ULONG Flags);

/* STATUS_INVALID_HANDLE also after BCryptFinishHash, unless the object can be
 * used again. */
NTSTATUS NTAPI BCryptHashData(BCRYPT_HASH_HANDLE Hash, PUCHAR Input,
                              ULONG InputSize, ULONG Flags);

/* OutputSize is BCRYPT_HASH_LENGTH, exactly; else STATUS_INVALID_PARAMETER, and
 * the object goes on. Handles as above. */
NTSTATUS NTAPI BCryptFinishHash(BCRYPT_HASH_HANDLE Hash, PUCHAR Output,
                                ULONG OutputSize, ULONG Flags);

/* A second object with the same data so far; memory as of BCryptCreateHash. */
NTSTATUS NTAPI BCryptDuplicateHash(BCRYPT_HASH_HANDLE Hash,
                                   BCRYPT_HASH_HANDLE *NewHash,
                                   PUCHAR HashObject, ULONG HashObjectSize,
                                   ULONG Flags);

NTSTATUS NTAPI BCryptDestroyHash(BCRYPT_HASH_HANDLE Hash);

/* All of it in one call. */
NTSTATUS NTAPI BCryptHash(BCRYPT_ALG_HANDLE Algorithm, PUCHAR Secret,
                          ULONG SecretSize, PUCHAR Input, ULONG InputSize,
                          PUCHAR Output, ULONG OutputSize);

/* ---- random numbers ---------------------------------------------------- */

/* From a provider of BCRYPT_RNG_ALGORITHM, or, with a NULL Algorithm and
 * BCRYPT_USE_SYSTEM_PREFERRED_RNG, from the system's: PASSIVE_LEVEL then.
 * STATUS_INVALID_PARAMETER: a NULL buffer, or both a provider and that flag. */
NTSTATUS NTAPI BCryptGenRandom(BCRYPT_ALG_HANDLE Algorithm, PUCHAR Buffer,
                               ULONG BufferSize, ULONG Flags);

UWSK_END_C

#endif
#endif
