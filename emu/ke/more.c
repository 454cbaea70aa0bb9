/* Small questions, and calls that come to the same as others here. */
#include "ke/ke.h"

#include "verifier/report.h"

/* ---- spin locks of routines that may be threaded DPCs ------------------- */

KIRQL KeAcquireSpinLockForDpc(PKSPIN_LOCK SpinLock) {
  return KeAcquireSpinLockRaiseToDpc(SpinLock);
}

VOID KeReleaseSpinLockForDpc(PKSPIN_LOCK SpinLock, KIRQL OldIrql) {
  KeReleaseSpinLock(SpinLock, OldIrql);
}

VOID KeAcquireInStackQueuedSpinLockForDpc(PKSPIN_LOCK SpinLock,
                                          PKLOCK_QUEUE_HANDLE LockHandle) {
  KeAcquireInStackQueuedSpinLock(SpinLock, LockHandle);
}

VOID KeReleaseInStackQueuedSpinLockForDpc(PKLOCK_QUEUE_HANDLE LockHandle) {
  KeReleaseInStackQueuedSpinLock(LockHandle);
}

/* ---- questions --------------------------------------------------------- */

ULONGLONG KeQueryUnbiasedInterruptTime(VOID) {
  return ke__interrupt_time();
}

ULONG KeGetRecommendedSharedDataAlignment(VOID) {
  return SYSTEM_CACHE_ALIGNMENT_SIZE;
}

ULONG KeShouldYieldProcessor(VOID) {
  ke__within_irql(DISPATCH_LEVEL, "KeShouldYieldProcessor");
  return FALSE;
}

static BOOLEAN debugger_not_present = TRUE, debugger_enabled = FALSE;
PBOOLEAN KdDebuggerNotPresent = &debugger_not_present;
PBOOLEAN KdDebuggerEnabled = &debugger_enabled;

BOOLEAN KdRefreshDebuggerNotPresent(VOID) {
  return debugger_not_present;
}

/* ---- stacks ------------------------------------------------------------ */

NTSTATUS KeExpandKernelStackAndCalloutEx(PEXPAND_STACK_CALLOUT Callout,
                                         PVOID Parameter, SIZE_T Size,
                                         BOOLEAN Wait, PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  ke__require_irql(Wait ? APC_LEVEL : DISPATCH_LEVEL,
                   "KeExpandKernelStackAndCallout");
  if (Size > MAXIMUM_EXPANSION_SIZE)
    return STATUS_INVALID_PARAMETER_3;
  Callout(Parameter);
  return STATUS_SUCCESS;
}

NTSTATUS KeExpandKernelStackAndCallout(PEXPAND_STACK_CALLOUT Callout,
                                       PVOID Parameter, SIZE_T Size) {
  ke__within_irql(APC_LEVEL, "KeExpandKernelStackAndCallout");
  return KeExpandKernelStackAndCalloutEx(Callout, Parameter, Size, FALSE, NULL);
}
