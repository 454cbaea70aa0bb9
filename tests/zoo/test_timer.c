/*
 * Mistakes with what runs later: timers, DPCs, work items, threads, callback
 * objects.
 */
#include <ntddk.h>

#include "zoo.h"

#define ZOO_TAG 'ooZu'

static const LARGE_INTEGER Minute = {.QuadPart = -600000000};

/* ---- timers ---------------------------------------------------------- */

typedef struct _CONNECTION {
  KTIMER Timeout;
  KDPC Dpc;
} CONNECTION, *PCONNECTION;

static PCONNECTION NewConnection(VOID) {
  PCONNECTION Connection =
      ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*Connection), ZOO_TAG);

  if (CHECK(Connection != NULL))
    KeInitializeTimer(&Connection->Timeout);
  return Connection;
}

static VOID frees_a_timer_that_is_set(VOID) {
  PCONNECTION Connection = NewConnection();

  REQUIRE(Connection != NULL);
  KeSetTimer(&Connection->Timeout, Minute, NULL);
  ExFreePoolWithTag(Connection, ZOO_TAG);
}

static VOID cancels_a_timer_before_it_frees_it(VOID) {
  PCONNECTION Connection = NewConnection();

  REQUIRE(Connection != NULL);
  KeSetTimer(&Connection->Timeout, Minute, NULL);
  KeCancelTimer(&Connection->Timeout);
  ExFreePoolWithTag(Connection, ZOO_TAG);
}

static EXT_CALLBACK Expired;
static VOID NTAPI Expired(PEX_TIMER Timer, PVOID Context) {
  UNREFERENCED_PARAMETER(Timer);
  UNREFERENCED_PARAMETER(Context);
}

static VOID sets_a_timer_that_was_deleted(VOID) {
  PEX_TIMER Timer = ExAllocateTimer(Expired, NULL, 0);

  REQUIRE(Timer != NULL);
  ExDeleteTimer(Timer, TRUE, TRUE, NULL);
  ExSetTimer(Timer, Minute.QuadPart, 0, NULL);
}

static VOID deletes_a_timer_that_was_set(VOID) {
  PEX_TIMER Timer = ExAllocateTimer(Expired, NULL, 0);

  REQUIRE(Timer != NULL);
  ExSetTimer(Timer, Minute.QuadPart, 0, NULL);
  ExDeleteTimer(Timer, TRUE, TRUE, NULL);
}

/* ---- DPCs ------------------------------------------------------------ */

static KDEFERRED_ROUTINE TimedOut;
static VOID NTAPI TimedOut(PKDPC Dpc, PVOID Context, PVOID Argument1,
                           PVOID Argument2) {
  UNREFERENCED_PARAMETER(Dpc);
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Argument1);
  UNREFERENCED_PARAMETER(Argument2);
}

static VOID queues_a_dpc_of_zeros(VOID) {
  PCONNECTION Connection = NewConnection();

  REQUIRE(Connection != NULL);
  KeInsertQueueDpc(&Connection->Dpc, NULL, NULL);
  KeFlushQueuedDpcs();
  ExFreePoolWithTag(Connection, ZOO_TAG);
}

static VOID queues_an_initialised_dpc(VOID) {
  PCONNECTION Connection = NewConnection();

  REQUIRE(Connection != NULL);
  KeInitializeDpc(&Connection->Dpc, TimedOut, NULL);
  KeInsertQueueDpc(&Connection->Dpc, NULL, NULL);
  KeFlushQueuedDpcs();
  ExFreePoolWithTag(Connection, ZOO_TAG);
}

static PCONNECTION Current;

/* DPCs run one after the other: this one sees that the second is queued. */
static KDEFERRED_ROUTINE FreeQueued;
static VOID NTAPI FreeQueued(PKDPC Dpc, PVOID Context, PVOID Argument1,
                             PVOID Argument2) {
  UNREFERENCED_PARAMETER(Dpc);
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Argument1);
  UNREFERENCED_PARAMETER(Argument2);
  KeInsertQueueDpc(&Current->Dpc, NULL, NULL);
  ExFreePoolWithTag(Current, ZOO_TAG);
}

static KDEFERRED_ROUTINE FreeRemoved;
static VOID NTAPI FreeRemoved(PKDPC Dpc, PVOID Context, PVOID Argument1,
                              PVOID Argument2) {
  UNREFERENCED_PARAMETER(Dpc);
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Argument1);
  UNREFERENCED_PARAMETER(Argument2);
  KeInsertQueueDpc(&Current->Dpc, NULL, NULL);
  KeRemoveQueueDpc(&Current->Dpc);
  ExFreePoolWithTag(Current, ZOO_TAG);
}

static VOID FreeInDpc(PKDEFERRED_ROUTINE Routine) {
  KDPC Dpc;

  Current = NewConnection();
  REQUIRE(Current != NULL);
  KeInitializeDpc(&Current->Dpc, TimedOut, NULL);
  KeInitializeDpc(&Dpc, Routine, NULL);
  KeInsertQueueDpc(&Dpc, NULL, NULL);
  KeFlushQueuedDpcs();
}

static VOID frees_a_dpc_that_is_queued(VOID) {
  FreeInDpc(FreeQueued);
}

static VOID removes_a_dpc_before_it_frees_it(VOID) {
  FreeInDpc(FreeRemoved);
}

/* ---- work items ------------------------------------------------------ */

#define BUSY 32 /* as many workers as there are */

static WORK_QUEUE_ITEM Busy[BUSY], Item;
static KEVENT Go, Done;
static volatile LONG Running;

static WORKER_THREAD_ROUTINE WaitForGo;
static VOID NTAPI WaitForGo(PVOID Parameter) {
  UNREFERENCED_PARAMETER(Parameter);
  KeWaitForSingleObject(&Go, Executive, KernelMode, FALSE, NULL);
  if (InterlockedDecrement(&Running) == 0)
    KeSetEvent(&Done, IO_NO_INCREMENT, FALSE);
}

/* Keeps all the workers busy: what is queued then, stays queued. */
static VOID KeepBusy(VOID) {
  KeInitializeEvent(&Go, NotificationEvent, FALSE);
  KeInitializeEvent(&Done, NotificationEvent, FALSE);
  Running = BUSY + 1;
  for (ULONG i = 0; i < BUSY; i++) {
    ExInitializeWorkItem(&Busy[i], WaitForGo, NULL);
    ExQueueWorkItem(&Busy[i], DelayedWorkQueue);
  }
}

static VOID LetGo(VOID) {
  KeSetEvent(&Go, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);
}

static VOID queues_a_work_item_twice(VOID) {
  KeepBusy();
  ExInitializeWorkItem(&Item, WaitForGo, NULL);
  ExQueueWorkItem(&Item, DelayedWorkQueue);
  ExQueueWorkItem(&Item, DelayedWorkQueue);
  LetGo();
}

static VOID queues_a_work_item_once(VOID) {
  KeepBusy();
  ExInitializeWorkItem(&Item, WaitForGo, NULL);
  ExQueueWorkItem(&Item, DelayedWorkQueue);
  LetGo();
}

static DRIVER_UNLOAD Unload;
static VOID NTAPI Unload(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
}

static DRIVER_UNLOAD UnloadAndWait;
static VOID NTAPI UnloadAndWait(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  LetGo();
}

static VOID QueueItem(VOID) {
  KeInitializeEvent(&Go, NotificationEvent, FALSE);
  KeInitializeEvent(&Done, NotificationEvent, FALSE);
  Running = 1;
  ExInitializeWorkItem(&Item, WaitForGo, NULL);
  ExQueueWorkItem(&Item, DelayedWorkQueue);
}

/* Nothing holds the driver while the item runs, as IoQueueWorkItem would. */
static DRIVER_INITIALIZE GoesBeforeItsWork;
static NTSTATUS NTAPI GoesBeforeItsWork(PDRIVER_OBJECT Driver,
                                        PUNICODE_STRING RegistryPath) {
  UNREFERENCED_PARAMETER(RegistryPath);
  Driver->DriverUnload = Unload;
  QueueItem();
  ZooAfterUnload(LetGo);
  return STATUS_SUCCESS;
}

static DRIVER_INITIALIZE WaitsForItsWork;
static NTSTATUS NTAPI WaitsForItsWork(PDRIVER_OBJECT Driver,
                                      PUNICODE_STRING RegistryPath) {
  UNREFERENCED_PARAMETER(RegistryPath);
  Driver->DriverUnload = UnloadAndWait;
  QueueItem();
  return STATUS_SUCCESS;
}

/* ---- threads --------------------------------------------------------- */

static HANDLE Thread;

static KSTART_ROUTINE RunUntilTold;
static VOID NTAPI RunUntilTold(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  KeWaitForSingleObject(&Go, Executive, KernelMode, FALSE, NULL);
}

static NTSTATUS StartThread(VOID) {
  KeInitializeEvent(&Go, NotificationEvent, FALSE);
  return PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                              RunUntilTold, NULL);
}

static VOID EndThread(VOID) {
  KeSetEvent(&Go, IO_NO_INCREMENT, FALSE);
  ZwWaitForSingleObject(Thread, FALSE, NULL);
  ZwClose(Thread);
}

static DRIVER_UNLOAD UnloadAndEnd;
static VOID NTAPI UnloadAndEnd(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  EndThread();
}

static DRIVER_INITIALIZE GoesBeforeItsThread;
static NTSTATUS NTAPI GoesBeforeItsThread(PDRIVER_OBJECT Driver,
                                          PUNICODE_STRING RegistryPath) {
  UNREFERENCED_PARAMETER(RegistryPath);
  Driver->DriverUnload = Unload;
  ZooAfterUnload(EndThread);
  return StartThread();
}

static DRIVER_INITIALIZE EndsItsThread;
static NTSTATUS NTAPI EndsItsThread(PDRIVER_OBJECT Driver,
                                    PUNICODE_STRING RegistryPath) {
  UNREFERENCED_PARAMETER(RegistryPath);
  Driver->DriverUnload = UnloadAndEnd;
  return StartThread();
}

/* Out of 32 priorities the first is the idle thread's. */
static VOID gives_itself_the_priority_of_nobody(VOID) {
  KeSetPriorityThread(KeGetCurrentThread(), LOW_PRIORITY);
}

static VOID gives_itself_the_lowest_priority(VOID) {
  KPRIORITY Before =
      KeSetPriorityThread(KeGetCurrentThread(), LOW_PRIORITY + 1);

  KeSetPriorityThread(KeGetCurrentThread(), Before);
}

/* ---- callback objects ------------------------------------------------ */

static CALLBACK_FUNCTION Notified;
static VOID NTAPI Notified(PVOID Context, PVOID Argument1, PVOID Argument2) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Argument1);
  UNREFERENCED_PARAMETER(Argument2);
}

static PCALLBACK_OBJECT MakeCallback(VOID) {
  UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Callback\\Specimen");
  OBJECT_ATTRIBUTES Attributes;
  PCALLBACK_OBJECT Object = NULL;

  InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL,
                             NULL);
  CHECK(ExCreateCallback(&Object, &Attributes, TRUE, TRUE) == STATUS_SUCCESS);
  return Object;
}

static VOID unregisters_a_callback_twice(VOID) {
  PCALLBACK_OBJECT Object = MakeCallback();
  PVOID Registration;

  REQUIRE(Object != NULL);
  Registration = ExRegisterCallback(Object, Notified, NULL);
  ExUnregisterCallback(Registration);
  ExUnregisterCallback(Registration);
  ObDereferenceObject(Object);
}

static VOID unregisters_a_callback_once(VOID) {
  PCALLBACK_OBJECT Object = MakeCallback();

  REQUIRE(Object != NULL);
  ExUnregisterCallback(ExRegisterCallback(Object, Notified, NULL));
  ObDereferenceObject(Object);
}

ZOO_SPECIMENS = {
    SPECIMEN("KE-TIMER-01", frees_a_timer_that_is_set,
             cancels_a_timer_before_it_frees_it),
    SPECIMEN("EX-TIMER-02", sets_a_timer_that_was_deleted,
             deletes_a_timer_that_was_set),
    SPECIMEN("KE-DPC-01", queues_a_dpc_of_zeros, queues_an_initialised_dpc),
    SPECIMEN("KE-DPC-03", frees_a_dpc_that_is_queued,
             removes_a_dpc_before_it_frees_it),
    SPECIMEN("EX-WORK-01", queues_a_work_item_twice, queues_a_work_item_once),
    SPECIMEN_DRIVER("EX-WORK-03", GoesBeforeItsWork, WaitsForItsWork),
    SPECIMEN_DRIVER("PS-THREAD-02", GoesBeforeItsThread, EndsItsThread),
    SPECIMEN("PS-THREAD-03", gives_itself_the_priority_of_nobody,
             gives_itself_the_lowest_priority),
    SPECIMEN("EX-CALLBACK-01", unregisters_a_callback_twice,
             unregisters_a_callback_once),
};
