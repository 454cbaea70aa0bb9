/* What drivers ask about Driver Verifier. */
#include <ntddk.h>

NTSTATUS MmIsVerifierEnabled(PULONG VerifierFlags) {
  *VerifierFlags = 0;
  return STATUS_NOT_SUPPORTED;
}

LOGICAL MmIsDriverVerifyingByAddress(PVOID AddressWithinSection) {
  UNREFERENCED_PARAMETER(AddressWithinSection);
  return FALSE;
}
