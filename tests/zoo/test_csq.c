/*
 * Mistakes with cancel-safe queues.
 */
#include <ntddk.h>

#include <csq.h>

#include "zoo.h"

static IO_CSQ Queue;
static KSPIN_LOCK Lock;
static LIST_ENTRY Irps;

static IO_CSQ_INSERT_IRP Insert;
static VOID NTAPI Insert(PIO_CSQ Csq, PIRP Irp) {
  UNREFERENCED_PARAMETER(Csq);
  InsertTailList(&Irps, &Irp->Tail.Overlay.ListEntry);
}

static IO_CSQ_REMOVE_IRP Remove;
static VOID NTAPI Remove(PIO_CSQ Csq, PIRP Irp) {
  UNREFERENCED_PARAMETER(Csq);
  RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
}

static IO_CSQ_PEEK_NEXT_IRP Peek;
static PIRP NTAPI Peek(PIO_CSQ Csq, PIRP Irp, PVOID Context) {
  PLIST_ENTRY Next =
      Irp == NULL ? Irps.Flink : Irp->Tail.Overlay.ListEntry.Flink;

  UNREFERENCED_PARAMETER(Csq);
  UNREFERENCED_PARAMETER(Context);
  return Next == &Irps ? NULL
                       : CONTAINING_RECORD(Next, IRP, Tail.Overlay.ListEntry);
}

static IO_CSQ_ACQUIRE_LOCK Acquire;
static VOID NTAPI Acquire(PIO_CSQ Csq, PKIRQL Irql) {
  UNREFERENCED_PARAMETER(Csq);
  KeAcquireSpinLock(&Lock, Irql);
}

static IO_CSQ_RELEASE_LOCK Release;
static VOID NTAPI Release(PIO_CSQ Csq, KIRQL Irql) {
  UNREFERENCED_PARAMETER(Csq);
  KeReleaseSpinLock(&Lock, Irql);
}

static IO_CSQ_COMPLETE_CANCELED_IRP CompleteCanceled;
static VOID NTAPI CompleteCanceled(PIO_CSQ Csq, PIRP Irp) {
  UNREFERENCED_PARAMETER(Csq);
  Irp->IoStatus.Status = STATUS_CANCELLED;
  Irp->IoStatus.Information = 0;
  IoCompleteRequest(Irp, IO_NO_INCREMENT);
}

static VOID MakeQueue(VOID) {
  InitializeListHead(&Irps);
  KeInitializeSpinLock(&Lock);
  CHECK(IoCsqInitialize(&Queue, Insert, Remove, Peek, Acquire, Release,
                        CompleteCanceled) == STATUS_SUCCESS);
}

/* ---- the queue ------------------------------------------------------- */

/* A device is cleaned up whose queue has not been made. */
static VOID empties_a_queue_of_zeros(VOID) {
  RtlZeroMemory(&Queue, sizeof(Queue));
  CHECK(IoCsqRemoveNextIrp(&Queue, NULL) == NULL);
}

static VOID empties_an_initialised_queue(VOID) {
  MakeQueue();
  CHECK(IoCsqRemoveNextIrp(&Queue, NULL) == NULL);
}

/* ---- its IRPs -------------------------------------------------------- */

static DRIVER_CANCEL NeverCalled;
static VOID NTAPI NeverCalled(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  IoReleaseCancelSpinLock(Irp->CancelIrql);
}

static PIRP Queued(PDRIVER_CANCEL Routine) {
  PIRP Irp = IoAllocateIrp(1, FALSE);

  if (!CHECK(Irp != NULL))
    return NULL;
  MakeQueue();
  IoSetNextIrpStackLocation(Irp); /* as the dispatch routine gets it */
  if (Routine != NULL)
    IoSetCancelRoutine(Irp, Routine);
  IoCsqInsertIrp(&Queue, Irp, NULL);
  return Irp;
}

/* The queue has a routine of its own for that. */
static VOID queues_an_irp_with_a_cancel_routine(VOID) {
  PIRP Irp = Queued(NeverCalled);

  REQUIRE(Irp != NULL);
  CHECK(IoCsqRemoveNextIrp(&Queue, NULL) == Irp);
  IoFreeIrp(Irp);
}

static VOID queues_an_irp_without_one(VOID) {
  PIRP Irp = Queued(NULL);

  REQUIRE(Irp != NULL);
  CHECK(IoCsqRemoveNextIrp(&Queue, NULL) == Irp);
  IoFreeIrp(Irp);
}

ZOO_SPECIMENS = {
    SPECIMEN("IO-CSQ-01", empties_a_queue_of_zeros,
             empties_an_initialised_queue),
    SPECIMEN("IO-CSQ-02", queues_an_irp_with_a_cancel_routine,
             queues_an_irp_without_one),
};
