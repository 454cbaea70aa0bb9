/* Rundown protection for many processors: one count here, since the waiter has
 * to find it, in a cache line of its own. */
#include <ntddk.h>

#include "ke/ke.h"

struct _EX_RUNDOWN_REF_CACHE_AWARE {
  EX_RUNDOWN_REF ref;
  UCHAR pad[SYSTEM_CACHE_ALIGNMENT_SIZE - sizeof(EX_RUNDOWN_REF)];
};

PEX_RUNDOWN_REF_CACHE_AWARE
ExAllocateCacheAwareRundownProtection(POOL_TYPE PoolType, ULONG PoolTag) {
  PEX_RUNDOWN_REF_CACHE_AWARE made = ExAllocatePoolWithTag(
      (POOL_TYPE)(PoolType | NonPagedPoolCacheAligned), sizeof(*made), PoolTag);

  if (made != NULL)
    ExInitializeRundownProtection(&made->ref);
  return made;
}

VOID ExFreeCacheAwareRundownProtection(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
  ke__within_irql(APC_LEVEL, "ExFreeCacheAwareRundownProtection");
  ExFreePool(RunRefCacheAware);
}

SIZE_T ExSizeOfRundownProtectionCacheAware(VOID) {
  ke__within_irql(APC_LEVEL, "ExSizeOfRundownProtectionCacheAware");
  return sizeof(struct _EX_RUNDOWN_REF_CACHE_AWARE);
}

VOID ExInitializeRundownProtectionCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, SIZE_T RunRefSize) {
  UNREFERENCED_PARAMETER(RunRefSize);
  ExInitializeRundownProtection(&RunRefCacheAware->ref);
}

VOID ExReInitializeRundownProtectionCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
  ExReInitializeRundownProtection(&RunRefCacheAware->ref);
}

BOOLEAN ExAcquireRundownProtectionCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
  return ExAcquireRundownProtection(&RunRefCacheAware->ref);
}

BOOLEAN ExAcquireRundownProtectionCacheAwareEx(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, ULONG Count) {
  return ExAcquireRundownProtectionEx(&RunRefCacheAware->ref, Count);
}

VOID ExReleaseRundownProtectionCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
  ExReleaseRundownProtection(&RunRefCacheAware->ref);
}

VOID ExReleaseRundownProtectionCacheAwareEx(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, ULONG Count) {
  ExReleaseRundownProtectionEx(&RunRefCacheAware->ref, Count);
}

VOID ExWaitForRundownProtectionReleaseCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
  ExWaitForRundownProtectionRelease(&RunRefCacheAware->ref);
}

VOID ExRundownCompletedCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
  ExRundownCompleted(&RunRefCacheAware->ref);
}
