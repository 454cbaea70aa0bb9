/*
 * Mistakes with IRQLs, and with waits where none is allowed.
 */
#include <ntddk.h>

#include "zoo.h"

static KDPC Dpc;
static KEVENT Event;

static VOID RunDpc(PKDEFERRED_ROUTINE Routine) {
  KeInitializeDpc(&Dpc, Routine, NULL);
  KeInsertQueueDpc(&Dpc, NULL, NULL);
  KeFlushQueuedDpcs();
}

/* ---- routines for a lower IRQL --------------------------------------- */

static KSPIN_LOCK Lock;

static VOID MakeEvent(VOID) {
  HANDLE Handle;

  if (CHECK(ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent,
                          FALSE) == STATUS_SUCCESS))
    ZwClose(Handle);
}

static VOID creates_an_event_under_a_spin_lock(VOID) {
  KIRQL Irql;
  HANDLE Handle;

  KeInitializeSpinLock(&Lock);
  KeAcquireSpinLock(&Lock, &Irql);
  ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
  KeReleaseSpinLock(&Lock, Irql);
  ZwClose(Handle);
}

static VOID creates_an_event_before_it_locks(VOID) {
  KIRQL Irql;

  MakeEvent();
  KeInitializeSpinLock(&Lock);
  KeAcquireSpinLock(&Lock, &Irql);
  KeReleaseSpinLock(&Lock, Irql);
}

/* The two that look alike: one of them only goes up. */
static VOID raises_when_it_means_to_lower(VOID) {
  KIRQL Irql, Ignored;

  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  KeRaiseIrql(Irql, &Ignored);
}

static VOID lowers_what_it_raised(VOID) {
  KIRQL Irql;

  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  KeLowerIrql(Irql);
}

/* ---- routines that return at another IRQL ---------------------------- */

static KDEFERRED_ROUTINE LowerInDpc;
static VOID NTAPI LowerInDpc(PKDPC Own, PVOID Context, PVOID Argument1,
                             PVOID Argument2) {
  UNREFERENCED_PARAMETER(Own);
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Argument1);
  UNREFERENCED_PARAMETER(Argument2);
  KeLowerIrql(PASSIVE_LEVEL);
}

static KDEFERRED_ROUTINE SetInDpc;
static VOID NTAPI SetInDpc(PKDPC Own, PVOID Context, PVOID Argument1,
                           PVOID Argument2) {
  UNREFERENCED_PARAMETER(Own);
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Argument1);
  UNREFERENCED_PARAMETER(Argument2);
  KeSetEvent(&Event, IO_NO_INCREMENT, FALSE);
}

static VOID lowers_the_irql_in_a_dpc(VOID) {
  RunDpc(LowerInDpc);
}

static VOID leaves_the_irql_alone_in_a_dpc(VOID) {
  KeInitializeEvent(&Event, NotificationEvent, FALSE);
  RunDpc(SetInDpc);
  CHECK(KeReadStateEvent(&Event));
}

static VOID RunWorkItem(PWORKER_THREAD_ROUTINE Routine) {
  WORK_QUEUE_ITEM Item;

  KeInitializeEvent(&Event, NotificationEvent, FALSE);
  ExInitializeWorkItem(&Item, Routine, &Event);
  ExQueueWorkItem(&Item, DelayedWorkQueue);
  KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
}

static WORKER_THREAD_ROUTINE StayRaised;
static VOID NTAPI StayRaised(PVOID Parameter) {
  KIRQL Irql;

  KeSetEvent(Parameter, IO_NO_INCREMENT, FALSE);
  KeAcquireSpinLock(&Lock, &Irql);
  KeReleaseSpinLockFromDpcLevel(&Lock);
}

static WORKER_THREAD_ROUTINE ComeDown;
static VOID NTAPI ComeDown(PVOID Parameter) {
  KIRQL Irql;

  KeSetEvent(Parameter, IO_NO_INCREMENT, FALSE);
  KeAcquireSpinLock(&Lock, &Irql);
  KeReleaseSpinLock(&Lock, Irql);
}

static VOID returns_raised_from_a_work_item(VOID) {
  KeInitializeSpinLock(&Lock);
  RunWorkItem(StayRaised);
}

static VOID returns_lowered_from_a_work_item(VOID) {
  KeInitializeSpinLock(&Lock);
  RunWorkItem(ComeDown);
}

static VOID RunThread(PKSTART_ROUTINE Routine) {
  HANDLE Thread;

  REQUIRE(PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                               Routine, NULL) == STATUS_SUCCESS);
  ZwWaitForSingleObject(Thread, FALSE, NULL);
  ZwClose(Thread);
}

static KSTART_ROUTINE EndRaised;
static VOID NTAPI EndRaised(PVOID Context) {
  KIRQL Irql;

  UNREFERENCED_PARAMETER(Context);
  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
}

static KSTART_ROUTINE EndLowered;
static VOID NTAPI EndLowered(PVOID Context) {
  KIRQL Irql;

  UNREFERENCED_PARAMETER(Context);
  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  KeLowerIrql(Irql);
}

static VOID ends_a_thread_raised(VOID) {
  RunThread(EndRaised);
}

static VOID ends_a_thread_lowered(VOID) {
  RunThread(EndLowered);
}

static DRIVER_CANCEL KeepCancelLock;
static VOID NTAPI KeepCancelLock(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  /* The lock is released, the IRQL is not what it was before. */
  IoReleaseCancelSpinLock(DISPATCH_LEVEL);
}

static DRIVER_CANCEL ReleaseCancelLock;
static VOID NTAPI ReleaseCancelLock(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  IoReleaseCancelSpinLock(Irp->CancelIrql);
}

static VOID CancelWith(PDRIVER_CANCEL Routine) {
  PIRP Irp = IoAllocateIrp(1, FALSE);

  REQUIRE(Irp != NULL);
  IoSetCancelRoutine(Irp, Routine);
  CHECK(IoCancelIrp(Irp));
  IoFreeIrp(Irp);
}

static VOID forgets_the_irql_in_a_cancel_routine(VOID) {
  CancelWith(KeepCancelLock);
}

static VOID goes_back_to_the_cancel_irql(VOID) {
  CancelWith(ReleaseCancelLock);
}

/* ---- waits ----------------------------------------------------------- */

static KDEFERRED_ROUTINE WaitInDpc;
static VOID NTAPI WaitInDpc(PKDPC Own, PVOID Context, PVOID Argument1,
                            PVOID Argument2) {
  UNREFERENCED_PARAMETER(Own);
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Argument1);
  UNREFERENCED_PARAMETER(Argument2);
  KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
}

static VOID waits_in_a_dpc(VOID) {
  KeInitializeEvent(&Event, NotificationEvent, FALSE);
  RunDpc(WaitInDpc);
}

static VOID waits_for_a_dpc(VOID) {
  KeInitializeEvent(&Event, NotificationEvent, FALSE);
  KeInitializeDpc(&Dpc, SetInDpc, NULL);
  KeInsertQueueDpc(&Dpc, NULL, NULL);
  KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
}

/* Zeros are what a device extension holds at first. */
static VOID waits_for_an_event_of_zeros(VOID) {
  LARGE_INTEGER Soon = {.QuadPart = -10000};

  RtlZeroMemory(&Event, sizeof(Event));
  KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, &Soon);
}

static VOID waits_for_an_initialised_event(VOID) {
  LARGE_INTEGER Soon = {.QuadPart = -10000};

  KeInitializeEvent(&Event, NotificationEvent, FALSE);
  KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, &Soon);
}

#define EVENTS 5

static KEVENT Events[EVENTS];

static VOID WaitForAll(PKWAIT_BLOCK Blocks) {
  PVOID Objects[EVENTS];

  for (ULONG i = 0; i < EVENTS; i++) {
    KeInitializeEvent(&Events[i], NotificationEvent, TRUE);
    Objects[i] = &Events[i];
  }
  KeWaitForMultipleObjects(EVENTS, Objects, WaitAll, Executive, KernelMode,
                           FALSE, NULL, Blocks);
}

static VOID waits_for_five_without_blocks(VOID) {
  WaitForAll(NULL);
}

static VOID waits_for_five_with_blocks(VOID) {
  KWAIT_BLOCK Blocks[EVENTS];

  WaitForAll(Blocks);
}

ZOO_SPECIMENS = {
    SPECIMEN("KE-IRQL-01", creates_an_event_under_a_spin_lock,
             creates_an_event_before_it_locks),
    SPECIMEN("KE-IRQL-02", raises_when_it_means_to_lower,
             lowers_what_it_raised),
    SPECIMEN("KE-DPC-02", lowers_the_irql_in_a_dpc,
             leaves_the_irql_alone_in_a_dpc),
    SPECIMEN("EX-WORK-02", returns_raised_from_a_work_item,
             returns_lowered_from_a_work_item),
    SPECIMEN("PS-THREAD-01", ends_a_thread_raised, ends_a_thread_lowered),
    SPECIMEN("IO-IRQL-01", forgets_the_irql_in_a_cancel_routine,
             goes_back_to_the_cancel_irql),
    SPECIMEN("KE-WAIT-01", waits_in_a_dpc, waits_for_a_dpc),
    SPECIMEN("KE-WAIT-02", waits_for_an_event_of_zeros,
             waits_for_an_initialised_event),
    SPECIMEN("KE-WAIT-03", waits_for_five_without_blocks,
             waits_for_five_with_blocks),
};
