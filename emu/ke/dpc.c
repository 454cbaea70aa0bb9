/*
 * DPCs: one queue, emptied by whoever drives the loop, at DISPATCH_LEVEL.
 *
 * The dispatcher lock guards the queue, so that a timer's DPC is queued in one
 * step with its signal: who has seen a timer expire finds the DPC queued. A DPC
 * leaves the queue before its routine is called, and is not touched any more.
 */
#include "ke/watch.h"

#include "etw/trace.h"
#include "ex/ex.h"
#include "os/os.h"
#include "verifier/report.h"

#define DPC_OBJECT          19
#define THREADED_DPC_OBJECT 24
#define ANY_PROCESSOR       0
#define FIRST_PROCESSOR     0x800 /* Number is this + the processor */

/* So many, and the loop looks after its descriptors again. */
#define DPCS_AT_ONCE 64

static void run_queue(struct loop_op *op);

/* Under the dispatcher lock. DpcData of a DPC that is queued is 1 more than the
 * owner of who queued it. */
static LIST_ENTRY queue = {&queue, &queue};
static unsigned queued; /* in it; read without the lock */
static bool started;    /* run_queue is on its way, or runs */
static bool starting;   /* somebody has yet to post it */
static PKDPC running;   /* an address, nothing more */
static struct loop_op run_op = {NULL, run_queue};

/* ---- the queue --------------------------------------------------------- */

static ULONG owner_of(const KDPC *dpc) {
  return (ULONG)(ULONG_PTR)dpc->DpcData - 1;
}

bool ke__queue_dpc(PKDPC dpc, ULONG owner, PVOID argument1, PVOID argument2) {
  if (dpc->DpcData != NULL)
    return false;
  dpc->DpcData = (PVOID)((ULONG_PTR)owner + 1);
  dpc->SystemArgument1 = argument1;
  dpc->SystemArgument2 = argument2;
  if (dpc->Importance == HighImportance)
    InsertHeadList(&queue, &dpc->DpcListEntry);
  else
    InsertTailList(&queue, &dpc->DpcListEntry);
  __atomic_fetch_add(&queued, 1, __ATOMIC_RELAXED);
  if (!started)
    started = starting = true;
  return true;
}

bool ke__unqueue_dpc(PKDPC dpc) {
  if (dpc->DpcData == NULL)
    return false;
  RemoveEntryList(&dpc->DpcListEntry);
  dpc->DpcData = NULL;
  __atomic_fetch_sub(&queued, 1, __ATOMIC_RELAXED);
  return true;
}

void ke__start_dpcs(void) {
  bool mine;

  ke__lock_dispatcher();
  mine = starting;
  starting = false;
  ke__unlock_dispatcher();
  if (mine)
    loop__post(&run_op);
}

void ke__forget_dpcs(void) {
  ke__lock_dispatcher();
  while (!IsListEmpty(&queue))
    ke__unqueue_dpc(CONTAINING_RECORD(queue.Flink, KDPC, DpcListEntry));
  ke__unlock_dispatcher();
}

/* Which DPCs are meant: those in memory, or those of an owner. */
struct wanted {
  ULONG_PTR start, end;
  ULONG owner;
};

static bool is_wanted(const KDPC *dpc, const struct wanted *wanted) {
  if (wanted->owner != 0)
    return owner_of(dpc) == wanted->owner;
  return (ULONG_PTR)dpc >= wanted->start && (ULONG_PTR)dpc < wanted->end;
}

static PKDPC unqueue_one(const struct wanted *wanted) {
  PKDPC found = NULL;

  if (__atomic_load_n(&queued, __ATOMIC_RELAXED) == 0)
    return NULL;
  ke__lock_dispatcher();
  for (PLIST_ENTRY entry = queue.Flink; entry != &queue && found == NULL;
       entry = entry->Flink) {
    PKDPC dpc = CONTAINING_RECORD(entry, KDPC, DpcListEntry);

    if (is_wanted(dpc, wanted))
      found = dpc;
  }
  if (found != NULL)
    ke__unqueue_dpc(found);
  ke__unlock_dispatcher();
  return found;
}

void ke__forget_dpcs_in(const void *start, size_t size, const char *call) {
  const struct wanted wanted = {(ULONG_PTR)start, (ULONG_PTR)start + size, 0};
  PKDPC dpc;

  while ((dpc = unqueue_one(&wanted)) != NULL)
    vf__report(VF_DPC_03, "%s: DPC %p in this memory is still queued", call,
               (void *)dpc);
}

size_t ke__forget_dpcs_of(ULONG owner, const char *driver) {
  const struct wanted wanted = {.owner = owner};
  size_t count = 0;
  PKDPC dpc;

  if (owner == 0)
    return 0;
  while ((dpc = unqueue_one(&wanted)) != NULL) {
    if (!vf__report_on(VF_DPC_03, dpc,
                       "driver %s has gone and its DPC %p is still queued",
                       driver, (void *)dpc))
      count++;
  }
  return count;
}

/* The next one, as it is to be called; false when there is none. */
static bool take(PKDPC *dpc, KDPC *copy) {
  ke__lock_dispatcher();
  if (IsListEmpty(&queue)) {
    started = false;
    ke__unlock_dispatcher();
    return false;
  }
  *dpc = CONTAINING_RECORD(queue.Flink, KDPC, DpcListEntry);
  *copy = **dpc;
  ke__begin_busy(owner_of(*dpc)); /* until `call` has called it */
  ke__unqueue_dpc(*dpc);
  running = *dpc;
  ke__unlock_dispatcher();
  return true;
}

bool ke__dpc_is_idle(PKDPC dpc) {
  return dpc->DpcData == NULL && running != dpc;
}

/* The DPC may be gone, unless it is one of a timer object's, which are freed
 * when they are idle. */
static void finish(PKDPC dpc, const KDPC *copy) {
  bool over;

  ke__lock_dispatcher();
  running = NULL;
  over = copy->Type == KE_TIMER_DPC && ex__timer_is_over(dpc);
  ke__unlock_dispatcher();
  if (over)
    ex__end_timer(dpc);
}

/* The one place that calls a DPC. */
static void call(PKDPC dpc, const KDPC *copy) {
  KIRQL before = ke__swap_irql(DISPATCH_LEVEL);
  ULONG own = owner_of(copy), owner = ke__enter_owner(own);
  char where[256];

  ETW_CALLBACK("DPC", dpc, copy->DeferredContext);
  copy->DeferredRoutine(dpc, copy->DeferredContext, copy->SystemArgument1,
                        copy->SystemArgument2);
  ke__enter_owner(owner);
  if (KeGetCurrentIrql() != DISPATCH_LEVEL) {
    os__describe_code((const void *)copy->DeferredRoutine, where,
                      sizeof(where));
    vf__report(VF_DPC_02, "the DPC %s returned at IRQL %s", where,
               ke__irql_name(KeGetCurrentIrql()));
  }
  ke__swap_irql(before);
  ke__count_busy(own, -1);
}

static void run_queue(struct loop_op *op) {
  KDPC copy;
  PKDPC dpc;

  for (int i = 0; i < DPCS_AT_ONCE; i++) {
    if (!take(&dpc, &copy))
      return;
    call(dpc, &copy);
    finish(dpc, &copy);
  }
  loop__post(op);
}

/* ---- what drivers call ------------------------------------------------- */

static void initialize(PRKDPC dpc, UCHAR type, PKDEFERRED_ROUTINE routine,
                       PVOID context) {
  RtlZeroMemory(dpc, sizeof(*dpc));
  dpc->Type = type;
  dpc->Importance = MediumImportance;
  dpc->Number = ANY_PROCESSOR;
  dpc->DeferredRoutine = routine;
  dpc->DeferredContext = context;
}

VOID KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine,
                     PVOID DeferredContext) {
  initialize(Dpc, DPC_OBJECT, DeferredRoutine, DeferredContext);
}

VOID KeInitializeThreadedDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine,
                             PVOID DeferredContext) {
  initialize(Dpc, THREADED_DPC_OBJECT, DeferredRoutine, DeferredContext);
}

static bool is_dpc(PRKDPC dpc, const char *call) {
  if (dpc != NULL &&
      (dpc->Type == DPC_OBJECT || dpc->Type == THREADED_DPC_OBJECT) &&
      dpc->DeferredRoutine != NULL)
    return true;
  vf__report_on(VF_DPC_01, dpc, "%s: %p is not an initialised DPC", call,
                (void *)dpc);
  return false;
}

BOOLEAN KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1,
                         PVOID SystemArgument2) {
  bool queued;

  VF_ENTER("KeInsertQueueDpc");
  if (!is_dpc(Dpc, "KeInsertQueueDpc"))
    return FALSE;
  ke__lock_dispatcher();
  queued = ke__queue_dpc(Dpc, ke__owner(), SystemArgument1, SystemArgument2);
  ke__unlock_dispatcher();
  if (queued)
    ke__start_dpcs();
  return queued;
}

BOOLEAN KeRemoveQueueDpc(PRKDPC Dpc) {
  bool removed;

  VF_ENTER("KeRemoveQueueDpc");
  if (!is_dpc(Dpc, "KeRemoveQueueDpc"))
    return FALSE;
  ke__lock_dispatcher();
  removed = ke__unqueue_dpc(Dpc);
  ke__unlock_dispatcher();
  return removed;
}

VOID KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance) {
  Dpc->Importance = (UCHAR)Importance;
}

VOID KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number) {
  Dpc->Number = (USHORT)(FIRST_PROCESSOR + Number);
}

NTSTATUS KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber) {
  if (ProcNumber->Group != 0 || ProcNumber->Reserved != 0 ||
      ProcNumber->Number >= os__processor_count())
    return STATUS_INVALID_PARAMETER;
  Dpc->Number = (USHORT)(FIRST_PROCESSOR + ProcNumber->Number);
  return STATUS_SUCCESS;
}

/* ---- flushing ---------------------------------------------------------- */

static KDEFERRED_ROUTINE set_event;
static VOID NTAPI set_event(PKDPC dpc, PVOID event, PVOID argument1,
                            PVOID argument2) {
  UNREFERENCED_PARAMETER(dpc);
  UNREFERENCED_PARAMETER(argument1);
  UNREFERENCED_PARAMETER(argument2);
  KeSetEvent(event, IO_NO_INCREMENT, FALSE);
}

/* DPCs run one after the other: when one that stands behind them runs, the
 * others have returned. */
VOID KeFlushQueuedDpcs(VOID) {
  KEVENT event;
  KDPC last;

  VF_ENTER("KeFlushQueuedDpcs");
  if (!ke__may_wait()) {
    vf__report(VF_WAIT_01, "KeFlushQueuedDpcs inside a callback");
    return;
  }
  ke__check_irql(APC_LEVEL, "KeFlushQueuedDpcs");
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  KeInitializeDpc(&last, set_event, &event);
  KeSetImportanceDpc(&last, LowImportance);
  KeInsertQueueDpc(&last, NULL, NULL);
  ke__wait_for(&(struct ke_call){"KeFlushQueuedDpcs", OB_CALLER(), NULL, NULL},
               &event);
}
