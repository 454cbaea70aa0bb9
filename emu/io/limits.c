/* Where the calling thread's stack begins and ends: the host's answer. */
#include <ntddk.h>

#include "ke/ke.h"
#include "os/os.h"

VOID IoGetStackLimits(PULONG_PTR LowLimit, PULONG_PTR HighLimit) {
  uintptr_t low, high;

  os__stack_bounds(&low, &high);
  *LowLimit = low;
  *HighLimit = high;
}

PVOID IoGetInitialStack(VOID) {
  ke__within_irql(APC_LEVEL, "IoGetInitialStack");
  uintptr_t low, high;

  os__stack_bounds(&low, &high);
  return (PVOID)high;
}
