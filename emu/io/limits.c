/* Where the calling thread's stack begins and ends: the host's answer. */
#include <ntddk.h>

#include "os/os.h"

VOID IoGetStackLimits(PULONG_PTR LowLimit, PULONG_PTR HighLimit) {
  uintptr_t low, high;

  os__stack_bounds(&low, &high);
  *LowLimit = low;
  *HighLimit = high;
}

PVOID IoGetInitialStack(VOID) {
  uintptr_t low, high;

  os__stack_bounds(&low, &high);
  return (PVOID)high;
}
