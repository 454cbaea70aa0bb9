/*
 * Io and Ex: work items, which run on threads of the system's.
 *
 * Pages: ddi/wdm/nf-wdm-<name>; "System Worker Threads". The routine runs at
 * PASSIVE_LEVEL and returns at it; it may wait, though not for ever. Urgent
 * queues (critical ones, and what is above them) are served first.
 */
#ifndef UWSK_KM_WORK_H
#define UWSK_KM_WORK_H

#include <uwsk_io_types.h>

typedef VOID NTAPI WORKER_THREAD_ROUTINE(PVOID Parameter);
typedef WORKER_THREAD_ROUTINE *PWORKER_THREAD_ROUTINE;

typedef struct _WORK_QUEUE_ITEM {
  LIST_ENTRY List;
  PWORKER_THREAD_ROUTINE WorkerRoutine;
  volatile PVOID Parameter;
} WORK_QUEUE_ITEM, *PWORK_QUEUE_ITEM;

typedef enum _WORK_QUEUE_TYPE {
  CriticalWorkQueue,
  DelayedWorkQueue,
  HyperCriticalWorkQueue,
  NormalWorkQueue,
  BackgroundWorkQueue,
  RealTimeWorkQueue,
  SuperCriticalWorkQueue,
  MaximumWorkQueue,
  CustomPriorityWorkQueue = 32
} WORK_QUEUE_TYPE;

UWSK_BEGIN_C

/* ---- of a device -------------------------------------------------------- */

/* A work item of IoObject, a device or driver object; NULL without memory. The
 * device object stays until the item's routine has returned, even when it is
 * deleted meanwhile. The caller frees it by IoFreeWorkItem, not while it is
 * queued; its own routine may. IRQL <= DISPATCH_LEVEL (to free too). */
NTKERNELAPI PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject);
NTKERNELAPI VOID NTAPI IoFreeWorkItem(PIO_WORKITEM IoWorkItem);

/* The same in IoSizeofWorkItem() bytes of the driver's own, nonpaged. Any IRQL.
 */
NTKERNELAPI ULONG NTAPI IoSizeofWorkItem(VOID);
NTKERNELAPI VOID NTAPI IoInitializeWorkItem(PVOID IoObject,
                                            PIO_WORKITEM IoWorkItem);
NTKERNELAPI VOID NTAPI IoUninitializeWorkItem(PIO_WORKITEM IoWorkItem);

/* Queues an item, which must not be queued; it may be again as soon as its
 * routine runs. The Ex form's routine gets the item too. IoTryQueueWorkItem
 * returns FALSE when it is queued already. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI IoQueueWorkItem(PIO_WORKITEM IoWorkItem,
                                       PIO_WORKITEM_ROUTINE WorkerRoutine,
                                       WORK_QUEUE_TYPE QueueType,
                                       PVOID Context);
NTKERNELAPI VOID NTAPI IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem,
                                         PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                                         WORK_QUEUE_TYPE QueueType,
                                         PVOID Context);
NTKERNELAPI BOOLEAN NTAPI IoTryQueueWorkItem(
    PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
    WORK_QUEUE_TYPE QueueType, PVOID Context);

/* ---- of nobody ---------------------------------------------------------- */

/* The item is the driver's nonpaged memory and its own again when the routine
 * is called. Nothing keeps the driver. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem,
                                       WORK_QUEUE_TYPE QueueType);

UWSK_END_C

UWSK_INLINE VOID ExInitializeWorkItem(PWORK_QUEUE_ITEM Item,
                                      PWORKER_THREAD_ROUTINE Routine,
                                      PVOID Context) {
  Item->WorkerRoutine = Routine;
  Item->Parameter = Context;
  Item->List.Flink = NULL;
}

#endif
