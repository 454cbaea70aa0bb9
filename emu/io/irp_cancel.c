/*
 * Cancellation. The cancel spin lock is one for all, as on NT; the routine is
 * called with it held and releases it.
 *
 * Cancel and CancelRoutine are the two words on which a canceller and a driver
 * race. The canceller sets Cancel, then takes the routine; the driver sets the
 * routine, then looks at Cancel. Both exchanges are sequentially consistent, so
 * that one of the two sees the other.
 */
#include <ntddk.h>

#include "etw/trace.h"
#include "io/io.h"
#include "ke/ke.h"

static KSPIN_LOCK cancel_lock;

VOID IoAcquireCancelSpinLock(PKIRQL Irql) {
  ke__within_irql(DISPATCH_LEVEL, "IoAcquireCancelSpinLock");
  KeAcquireSpinLock(&cancel_lock, Irql);
}

VOID IoReleaseCancelSpinLock(KIRQL Irql) {
  KeReleaseSpinLock(&cancel_lock, Irql);
}

/* An IRP that nobody has passed down has no current location. */
static PDEVICE_OBJECT current_device(PIRP irp) {
  if (irp->CurrentLocation > irp->StackCount)
    return NULL;
  return IoGetCurrentIrpStackLocation(irp)->DeviceObject;
}

BOOLEAN IoCancelIrp(PIRP Irp) {
  ke__within_irql(DISPATCH_LEVEL, "IoCancelIrp");
  PDRIVER_CANCEL routine;
  KIRQL irql;

  ETW_ENTER("IoCancelIrp", Irp);
  IoAcquireCancelSpinLock(&irql);
  __atomic_store_n(&Irp->Cancel, TRUE, __ATOMIC_SEQ_CST);
  routine = __atomic_exchange_n(&Irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST);
  if (routine == NULL) {
    IoReleaseCancelSpinLock(irql);
    return FALSE;
  }
  Irp->CancelIrql = irql;
  io__call_cancel(routine, current_device(Irp), Irp, irql);
  return TRUE;
}
