/* What drivers ask about Driver Verifier. */
#include <ntddk.h>

#include "ke/ke.h"

NTSTATUS MmIsVerifierEnabled(PULONG VerifierFlags) {
  *VerifierFlags = 0;
  return STATUS_NOT_SUPPORTED;
}

LOGICAL MmIsDriverVerifyingByAddress(PVOID AddressWithinSection) {
  ke__within_irql(APC_LEVEL, "MmIsDriverVerifyingByAddress");
  UNREFERENCED_PARAMETER(AddressWithinSection);
  return FALSE;
}
