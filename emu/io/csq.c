/*
 * Cancel-safe queues: the driver's queue and lock, our cancel routine.
 *
 * An IRP that is in a queue has our cancel routine set, or a canceller has just
 * taken it. Whoever gets the routine back (IoSetCancelRoutine) owns the IRP:
 * a remover under the driver's lock, or the canceller, who has to wait for that
 * lock before it may take the IRP out. So an IRP whose routine is gone stays in
 * the queue, valid, until its canceller has had the lock, and removers step
 * over it.
 *
 * DriverContext[3] of a queued IRP leads the cancel routine to the queue: it
 * holds the driver's IO_CSQ_IRP_CONTEXT, or the queue itself. Both structures
 * begin with their type.
 */
#include <ntddk.h>

#include "io/io.h"
#include "ke/ke.h"
#include "verifier/report.h"

static PVOID *link_of(PIRP irp) {
  return &irp->Tail.Overlay.DriverContext[3];
}

static bool is_queue(PIO_CSQ csq, const char *call) {
  ke__require_irql(DISPATCH_LEVEL, call);
  if (csq->Type == IO_TYPE_CSQ || csq->Type == IO_TYPE_CSQ_EX)
    return true;
  vf__report(VF_IO_CSQ_01, "%s: %p is no initialised queue", call, (void *)csq);
  return false;
}

/* ---- making ------------------------------------------------------------ */

NTSTATUS IoCsqInitialize(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP CsqInsertIrp,
                         PIO_CSQ_REMOVE_IRP CsqRemoveIrp,
                         PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp,
                         PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock,
                         PIO_CSQ_RELEASE_LOCK CsqReleaseLock,
                         PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp) {
  *Csq = (IO_CSQ){.Type = IO_TYPE_CSQ,
                  .CsqInsertIrp = CsqInsertIrp,
                  .CsqRemoveIrp = CsqRemoveIrp,
                  .CsqPeekNextIrp = CsqPeekNextIrp,
                  .CsqAcquireLock = CsqAcquireLock,
                  .CsqReleaseLock = CsqReleaseLock,
                  .CsqCompleteCanceledIrp = CsqCompleteCanceledIrp};
  return STATUS_SUCCESS;
}

/* The type says which of the two insert routines the member holds. */
NTSTATUS
IoCsqInitializeEx(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP_EX CsqInsertIrp,
                  PIO_CSQ_REMOVE_IRP CsqRemoveIrp,
                  PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp,
                  PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock,
                  PIO_CSQ_RELEASE_LOCK CsqReleaseLock,
                  PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp) {
  IoCsqInitialize(Csq, (PIO_CSQ_INSERT_IRP)(void (*)(void))CsqInsertIrp,
                  CsqRemoveIrp, CsqPeekNextIrp, CsqAcquireLock, CsqReleaseLock,
                  CsqCompleteCanceledIrp);
  Csq->Type = IO_TYPE_CSQ_EX;
  return STATUS_SUCCESS;
}

/* ---- in and out, with the driver's lock held --------------------------- */

static NTSTATUS insert(PIO_CSQ csq, PIRP irp, PVOID context) {
  if (csq->Type == IO_TYPE_CSQ_EX)
    return ((PIO_CSQ_INSERT_IRP_EX)(void (*)(void))csq->CsqInsertIrp)(csq, irp,
                                                                      context);
  csq->CsqInsertIrp(csq, irp);
  return STATUS_SUCCESS;
}

static void enter(PIO_CSQ csq, PIRP irp, PIO_CSQ_IRP_CONTEXT context) {
  *link_of(irp) = context != NULL ? (PVOID)context : (PVOID)csq;
  if (context != NULL)
    context->Irp = irp;
}

/* The IRP stands in the driver's queue no more; its context tells so. */
static void forget(PIRP irp) {
  PIO_CSQ_IRP_CONTEXT context = *link_of(irp);

  *link_of(irp) = NULL;
  if (context != NULL && context->Type == IO_TYPE_CSQ_IRP_CONTEXT)
    context->Irp = NULL;
}

/* False when somebody cancels the IRP: it stays, and is his. */
static bool remove_irp(PIO_CSQ csq, PIRP irp) {
  if (IoSetCancelRoutine(irp, NULL) == NULL)
    return false;
  csq->CsqRemoveIrp(csq, irp);
  forget(irp);
  return true;
}

/* ---- cancelling -------------------------------------------------------- */

static DRIVER_CANCEL cancel;
static VOID NTAPI cancel(PDEVICE_OBJECT device, PIRP irp) {
  PIO_CSQ csq = *link_of(irp);
  KIRQL irql;

  UNREFERENCED_PARAMETER(device);
  IoReleaseCancelSpinLock(irp->CancelIrql);
  if (csq->Type == IO_TYPE_CSQ_IRP_CONTEXT)
    csq = ((PIO_CSQ_IRP_CONTEXT)*link_of(irp))->Csq;
  csq->CsqAcquireLock(csq, &irql);
  csq->CsqRemoveIrp(csq, irp);
  forget(irp);
  csq->CsqReleaseLock(csq, irql);
  csq->CsqCompleteCanceledIrp(csq, irp);
}

static bool is_cancelled(PIRP irp) {
  return __atomic_load_n(&irp->Cancel, __ATOMIC_SEQ_CST);
}

/* ---- what drivers call ------------------------------------------------- */

enum inserted { QUEUED, REFUSED, CANCELLED };

/* With the lock held. An IRP that is cancelled after the first look either has
 * its canceller on the way, or was marked when there was no routine to take. */
static enum inserted try_insert(PIO_CSQ csq, PIRP irp,
                                PIO_CSQ_IRP_CONTEXT context,
                                PVOID insert_context, NTSTATUS *status) {
  if (is_cancelled(irp)) {
    IoMarkIrpPending(irp);
    return CANCELLED;
  }
  *status = insert(csq, irp, insert_context);
  if (!NT_SUCCESS(*status))
    return REFUSED;
  enter(csq, irp, context);
  IoMarkIrpPending(irp);
  if (IoSetCancelRoutine(irp, cancel) != NULL)
    vf__report(VF_IO_CSQ_02,
               "IRP %p is put into queue %p with a cancel routine set",
               (void *)irp, (void *)csq);
  return is_cancelled(irp) && remove_irp(csq, irp) ? CANCELLED : QUEUED;
}

NTSTATUS IoCsqInsertIrpEx(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context,
                          PVOID InsertContext) {
  ke__within_irql(DISPATCH_LEVEL, "IoCsqInsertIrpEx");
  NTSTATUS status = STATUS_SUCCESS;
  enum inserted inserted;
  KIRQL irql;

  if (!is_queue(Csq, "IoCsqInsertIrp"))
    return STATUS_INVALID_PARAMETER;
  if (Context != NULL)
    *Context = (IO_CSQ_IRP_CONTEXT){IO_TYPE_CSQ_IRP_CONTEXT, NULL, Csq};
  Csq->CsqAcquireLock(Csq, &irql);
  inserted = try_insert(Csq, Irp, Context, InsertContext, &status);
  Csq->CsqReleaseLock(Csq, irql);
  if (inserted == CANCELLED)
    Csq->CsqCompleteCanceledIrp(Csq, Irp);
  return status;
}

VOID IoCsqInsertIrp(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context) {
  IoCsqInsertIrpEx(Csq, Irp, Context, NULL);
}

PIRP IoCsqRemoveIrp(PIO_CSQ Csq, PIO_CSQ_IRP_CONTEXT Context) {
  PIRP irp;
  KIRQL irql;

  if (!is_queue(Csq, "IoCsqRemoveIrp"))
    return NULL;
  Csq->CsqAcquireLock(Csq, &irql);
  irp = Context->Irp;
  if (irp != NULL && !remove_irp(Csq, irp))
    irp = NULL;
  Csq->CsqReleaseLock(Csq, irql);
  return irp;
}

PIRP IoCsqRemoveNextIrp(PIO_CSQ Csq, PVOID PeekContext) {
  PIRP irp;
  KIRQL irql;

  if (!is_queue(Csq, "IoCsqRemoveNextIrp"))
    return NULL;
  Csq->CsqAcquireLock(Csq, &irql);
  irp = Csq->CsqPeekNextIrp(Csq, NULL, PeekContext);
  while (irp != NULL && !remove_irp(Csq, irp))
    irp = Csq->CsqPeekNextIrp(Csq, irp, PeekContext);
  Csq->CsqReleaseLock(Csq, irql);
  return irp;
}
