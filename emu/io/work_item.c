/* Work items of a device, on top of the system's worker threads. */
#include <ntddk.h>

#include "etw/trace.h"
#include "ex/ex.h"
#include "fault/fault.h"
#include "io/io.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

struct _IO_WORKITEM {
  WORK_QUEUE_ITEM item;
  PVOID object; /* a device or driver object */
  PVOID context;
  PIO_WORKITEM_ROUTINE routine;
  PIO_WORKITEM_ROUTINE_EX routine_ex; /* instead */
  LONG queued;                        /* until `run` has read the above */
  struct ob_record record;            /* of an allocated one */
};

static bool is_queued(PIO_WORKITEM item) {
  return __atomic_load_n(&item->queued, __ATOMIC_ACQUIRE) != 0;
}

/* An item is of a device or of a driver; both are held while it is queued. */
static PDRIVER_OBJECT driver_of(PVOID object) {
  PDEVICE_OBJECT device = object;

  return device->Type == IO_TYPE_DEVICE ? device->DriverObject : object;
}

/* The item may be freed, or queued again, by its own routine. */
static WORKER_THREAD_ROUTINE run;
static VOID NTAPI run(PVOID parameter) {
  PIO_WORKITEM item = parameter;
  PIO_WORKITEM_ROUTINE routine = item->routine;
  PIO_WORKITEM_ROUTINE_EX routine_ex = item->routine_ex;
  PVOID object = item->object, context = item->context;

  __atomic_store_n(&item->queued, 0, __ATOMIC_RELEASE);
  ETW_CALLBACK("device work item", item, context);
  if (routine_ex != NULL) {
    routine_ex(object, context, item);
    ex__check_worker((const void *)routine_ex);
  } else {
    routine(object, context);
    ex__check_worker((const void *)routine);
  }
  ObfDereferenceObject(object);
}

/* ---- making ------------------------------------------------------------ */

ULONG IoSizeofWorkItem(VOID) {
  return sizeof(struct _IO_WORKITEM);
}

VOID IoInitializeWorkItem(PVOID IoObject, PIO_WORKITEM IoWorkItem) {
  RtlZeroMemory(IoWorkItem, sizeof(*IoWorkItem));
  ExInitializeWorkItem(&IoWorkItem->item, run, IoWorkItem);
  IoWorkItem->object = IoObject;
}

PIO_WORKITEM IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject) {
  PIO_WORKITEM item;

  ke__require_irql(DISPATCH_LEVEL, "IoAllocateWorkItem");
  item = fault__fails(UWSK_AT_WORK_ITEM) ? NULL : os__alloc(sizeof(*item));
  if (item == NULL)
    return NULL;
  IoInitializeWorkItem(DeviceObject, item);
  item->record = (struct ob_record){.object = item,
                                    .call = "IoAllocateWorkItem",
                                    .caller = OB_CALLER(),
                                    .kind = OB_WORK_ITEM};
  ob__track(&item->record);
  return item;
}

static bool may_go(PIO_WORKITEM item, const char *call) {
  ke__require_irql(DISPATCH_LEVEL, call);
  if (!is_queued(item))
    return true;
  vf__report(VF_WORK_01, "%s: work item %p is queued", call, (void *)item);
  return false;
}

VOID IoUninitializeWorkItem(PIO_WORKITEM IoWorkItem) {
  VF_ENTER("IoUninitializeWorkItem");
  may_go(IoWorkItem, "IoUninitializeWorkItem");
}

VOID IoFreeWorkItem(PIO_WORKITEM IoWorkItem) {
  VF_ENTER("IoFreeWorkItem");
  if (ob__find(OB_WORK_ITEM, IoWorkItem) == NULL) {
    vf__report(VF_WORK_01, "IoFreeWorkItem: %p is no allocated work item",
               (void *)IoWorkItem);
    return;
  }
  if (!may_go(IoWorkItem, "IoFreeWorkItem"))
    return; /* It stays, since it will be used. */
  ob__untrack(&IoWorkItem->record);
  os__free(IoWorkItem);
}

/* ---- queueing ---------------------------------------------------------- */

/* The object is held from before the item can run. */
static bool queue(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine,
                  PIO_WORKITEM_ROUTINE_EX routine_ex, WORK_QUEUE_TYPE type,
                  PVOID context) {
  ke__require_irql(DISPATCH_LEVEL, "IoQueueWorkItem");
  if (__atomic_exchange_n(&item->queued, 1, __ATOMIC_ACQ_REL) != 0)
    return false;
  item->routine = routine;
  item->routine_ex = routine_ex;
  item->context = context;
  ObfReferenceObject(item->object);
  ex__queue_work(&item->item, type, io__owner_of(driver_of(item->object)));
  return true;
}

static void report_queued(PIO_WORKITEM item, const char *call) {
  vf__report(VF_WORK_01, "%s: work item %p is queued already", call,
             (void *)item);
}

VOID IoQueueWorkItem(PIO_WORKITEM IoWorkItem,
                     PIO_WORKITEM_ROUTINE WorkerRoutine,
                     WORK_QUEUE_TYPE QueueType, PVOID Context) {
  if (!queue(IoWorkItem, WorkerRoutine, NULL, QueueType, Context))
    report_queued(IoWorkItem, "IoQueueWorkItem");
}

VOID IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem,
                       PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                       WORK_QUEUE_TYPE QueueType, PVOID Context) {
  ke__within_irql(DISPATCH_LEVEL, "IoQueueWorkItemEx");
  if (!queue(IoWorkItem, NULL, WorkerRoutine, QueueType, Context))
    report_queued(IoWorkItem, "IoQueueWorkItemEx");
}

BOOLEAN IoTryQueueWorkItem(PIO_WORKITEM IoWorkItem,
                           PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                           WORK_QUEUE_TYPE QueueType, PVOID Context) {
  return queue(IoWorkItem, NULL, WorkerRoutine, QueueType, Context);
}
