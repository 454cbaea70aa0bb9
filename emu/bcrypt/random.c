/* Random numbers that nobody can foretell, unlike those of RtlRandomEx. */
#include "bcrypt/cng.h"

#include "ke/ke.h"

/* STATUS_SUCCESS, or why such a generator is none. */
static NTSTATUS check_generator(BCRYPT_ALG_HANDLE handle, ULONG flags) {
  struct cng_algorithm *algorithm;

  if (flags &
      ~(BCRYPT_RNG_USE_ENTROPY_IN_BUFFER | BCRYPT_USE_SYSTEM_PREFERRED_RNG))
    return STATUS_INVALID_PARAMETER;
  if (flags & BCRYPT_USE_SYSTEM_PREFERRED_RNG) {
    ke__require_irql(PASSIVE_LEVEL, "BCryptGenRandom");
    return handle == NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
  }
  algorithm = bcrypt__algorithm(handle);
  if (algorithm == NULL || algorithm->type->hashes)
    return STATUS_INVALID_HANDLE;
  bcrypt__require_irql(algorithm, "BCryptGenRandom");
  return STATUS_SUCCESS;
}

NTSTATUS BCryptGenRandom(BCRYPT_ALG_HANDLE Algorithm, PUCHAR Buffer,
                         ULONG BufferSize, ULONG Flags) {
  NTSTATUS status = check_generator(Algorithm, Flags);

  if (!NT_SUCCESS(status))
    return status;
  if (Buffer == NULL)
    return STATUS_INVALID_PARAMETER;
  return os__random(Buffer, BufferSize) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
