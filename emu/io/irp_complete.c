/*
 * The way of an IRP down and up again: IoCallDriver, completion, what happens
 * at the top. The order of every step is NT's; docs/irp-engine.md tells it.
 */
#include <ntddk.h>

#include <assert.h>
#include <string.h>

#include "etw/trace.h"
#include "io/io.h"
#include "io/request.h"
#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

static void set_flags(PIRP irp, UCHAR add, UCHAR remove) {
  UCHAR flags = irp->AllocationFlags;

  __atomic_store_n(&irp->AllocationFlags, (UCHAR)((flags & ~remove) | add),
                   __ATOMIC_RELAXED);
}

static bool at_provider(PIRP irp) {
  return (__atomic_load_n(&irp->AllocationFlags, __ATOMIC_RELAXED) &
          IO_IRP_AT_PROVIDER) != 0;
}

static bool is_irp(PIRP irp, const char *call) {
  if (irp->Type == IO_TYPE_IRP)
    return true;
  vf__report_on(VF_IO_TYPE_01, irp, "%s got %p, which is no initialised IRP",
                call, (void *)irp);
  return false;
}

/* No driver has it: not sent yet, or back where it came from. */
static bool at_top(PIRP irp) {
  return irp->CurrentLocation > irp->StackCount;
}

/* A driver's own IRP, as opposed to one that the I/O manager finishes. */
static bool is_own(PIRP irp) {
  return (irp->AllocationFlags & IO_IRP_THREADED) == 0;
}

/* ---- down -------------------------------------------------------------- */

/* Whether the IRP can be moved to one more stack location. */
static bool can_descend(PIRP irp, const char *call) {
  if (!is_irp(irp, call))
    return false;
  if (at_provider(irp)) {
    vf__report_bugcheck(VF_IRP_10, irp, irp, 0, 0, 0,
                        "%s got IRP %p, which is still pending", call,
                        (void *)irp);
    return false;
  }
  if (irp->CurrentLocation <= 1) {
    vf__report_bugcheck(
        VF_IRP_05, irp, irp, 0, 0, 0,
        "%s got IRP %p, of whose %d stack locations none is left", call,
        (void *)irp, irp->StackCount);
    return false;
  }
  return true;
}

#define ALL_INVOKES                                                            \
  (SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR | SL_INVOKE_ON_CANCEL)

static void check_own_irp(PIRP irp, const char *call) {
  PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);

  if (irp->AllocationFlags & IO_IRP_DONE)
    vf__report_on(VF_IRP_09, irp,
                  "%s got IRP %p, which was completed and not made ready with "
                  "IoReuseIrp",
                  call, (void *)irp);
  if (next->CompletionRoutine == NULL ||
      (next->Control & ALL_INVOKES) != ALL_INVOKES)
    vf__report_on(
        VF_IRP_07, irp, "%s got the caller's own IRP %p %s", call, (void *)irp,
        next->CompletionRoutine == NULL || !(next->Control & ALL_INVOKES)
            ? "without a completion routine"
            : "whose completion routine is not set for success, error "
              "and cancel");
}

static void descend(PIRP irp, PDEVICE_OBJECT device, UCHAR flags) {
  set_flags(irp, flags, IO_IRP_DONE);
  IoSetNextIrpStackLocation(irp);
  IoGetCurrentIrpStackLocation(irp)->DeviceObject = device;
}

NTSTATUS io__prepare(PIRP irp, PDEVICE_OBJECT device, const char *call) {
  if (irp == NULL || !can_descend(irp, call))
    return STATUS_INVALID_PARAMETER;
  if (at_top(irp) && is_own(irp))
    check_own_irp(irp, call);
  descend(irp, device, IO_IRP_IN_FLIGHT | IO_IRP_AT_PROVIDER);
  if (VF_WATCHES(VF_WATCH_OBJECTS))
    vf__lend_stack(irp, VF_FRAME());
  return STATUS_SUCCESS;
}

NTSTATUS IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp) {
  ke__within_irql(DISPATCH_LEVEL, "IoCallDriver");
  PIO_STACK_LOCATION location;
  PDRIVER_DISPATCH routine = io__invalid_request;

  ETW_ENTER("IoCallDriver", Irp);
  if (!can_descend(Irp, "IoCallDriver"))
    return STATUS_INVALID_PARAMETER;
  descend(Irp, DeviceObject, IO_IRP_IN_FLIGHT);
  location = IoGetCurrentIrpStackLocation(Irp);
  if (location->MajorFunction <= IRP_MJ_MAXIMUM_FUNCTION)
    routine =
        DeviceObject->DriverObject->MajorFunction[location->MajorFunction];
  return io__call_dispatch(routine, DeviceObject, Irp);
}

NTSTATUS io__invalid_request(PDEVICE_OBJECT device, PIRP irp) {
  (void)device;
  irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
  irp->IoStatus.Information = 0;
  IofCompleteRequest(irp, IO_NO_INCREMENT);
  return STATUS_INVALID_DEVICE_REQUEST;
}

/* ---- up ---------------------------------------------------------------- */

/* The IRP that a provider completes on this thread, up to the first completion
 * routine: when there is none, the provider has said so when it got the IRP
 * (IRP-07). */
static _Thread_local PIRP unheard;

static bool can_complete(PIRP irp) {
  if (!is_irp(irp, "IoCompleteRequest"))
    return false;
  if (at_provider(irp) || (at_top(irp) && is_own(irp))) {
    vf__report_bugcheck(VF_IO_COMPLETE_01, irp, irp, 0, 0, 0,
                        "IoCompleteRequest was called for IRP %p, which %s",
                        (void *)irp,
                        at_provider(irp) ? "WSK holds" : "no driver holds");
    return false;
  }
  if (irp->IoStatus.Status == STATUS_PENDING) {
    vf__report_on(VF_IO_COMPLETE_02, irp,
                  "IRP %p is completed with the status STATUS_PENDING",
                  (void *)irp);
    irp->IoStatus.Status = STATUS_UNSUCCESSFUL;
  }
  if (IoSetCancelRoutine(irp, NULL) != NULL)
    vf__report_on(VF_IO_COMPLETE_03, irp,
                  "IRP %p is completed while its cancel routine is set",
                  (void *)irp);
  return true;
}

/* Whether the routine of the location that is left wants to be called. */
static bool is_wanted(PIRP irp, const IO_STACK_LOCATION *left) {
  UCHAR control = left->Control;

  if (NT_SUCCESS(irp->IoStatus.Status) ? control & SL_INVOKE_ON_SUCCESS
                                       : control & SL_INVOKE_ON_ERROR)
    return true;
  return (control & SL_INVOKE_ON_CANCEL) &&
         __atomic_load_n(&irp->Cancel, __ATOMIC_ACQUIRE);
}

/* What is done with a location when it is left: routine and context stay for
 * the caller to use, everything else goes. */
static void clear_location(PIO_STACK_LOCATION left) {
  left->MinorFunction = 0;
  left->Flags = 0;
  left->Control = 0;
  memset(&left->Parameters.Others, 0, sizeof(left->Parameters.Others));
  left->FileObject = NULL;
}

/*
 * Calls the routine of the location that is left. False: it took the IRP back,
 * or the IRP was the client's own; nothing of it may be touched any more.
 */
static bool invoke(PIRP irp, PIO_STACK_LOCATION left) {
  bool top = at_top(irp);
  bool own = top && is_own(irp);
  bool pending = irp->PendingReturned;
  PDEVICE_OBJECT device =
      top ? NULL : IoGetCurrentIrpStackLocation(irp)->DeviceObject;
  PIO_COMPLETION_ROUTINE routine = left->CompletionRoutine;
  NTSTATUS status;

  unheard = NULL;
  clear_location(left);
  set_flags(irp, own ? IO_IRP_DONE : 0, IO_IRP_IN_FLIGHT);
  status = io__call_completion(routine, device, irp, left->Context);
  if (status == STATUS_MORE_PROCESSING_REQUIRED)
    return false;
  if (own) {
    vf__report_on(VF_IRP_08, irp,
                  "the completion routine of the client's own IRP %p returned "
                  "0x%08X instead of STATUS_MORE_PROCESSING_REQUIRED",
                  (void *)irp, (unsigned)status);
    return false;
  }
  if (pending && !top &&
      !(IoGetCurrentIrpStackLocation(irp)->Control & SL_PENDING_RETURNED))
    vf__report_on(
        VF_IRP_15, irp,
        "a completion routine let IRP %p go on without IoMarkIrpPending "
        "although PendingReturned is TRUE",
        (void *)irp);
  return true;
}

/* Nobody wants to know at this location. */
static void pass_by(PIRP irp, PIO_STACK_LOCATION left) {
  if (irp->PendingReturned && !at_top(irp))
    IoMarkIrpPending(irp);
  clear_location(left);
}

static void finish(PIRP irp);

/* Leaves one location; false when the IRP is no longer ours. */
static bool ascend(PIRP irp) {
  PIO_STACK_LOCATION left = IoGetCurrentIrpStackLocation(irp);

  irp->CurrentLocation++;
  irp->Tail.Overlay.CurrentStackLocation++;
  irp->PendingReturned = (left->Control & SL_PENDING_RETURNED) != 0;
  if (is_wanted(irp, left))
    return invoke(irp, left);
  pass_by(irp, left);
  return true;
}

/* One that the I/O manager made may be at the top already: its maker's routine
 * held it back, and the maker now lets it go. */
VOID IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost) {
  ke__require_irql(DISPATCH_LEVEL, "IoCompleteRequest");
  (void)PriorityBoost;
  if (!can_complete(Irp))
    return;
  ETW_COMPLETED(Irp, Irp->IoStatus.Status, Irp->IoStatus.Information);
  while (!at_top(Irp))
    if (!ascend(Irp))
      return;
  finish(Irp);
}

/* How many completions by a provider the calling thread is in. */
static _Thread_local unsigned completions;

bool io__is_completing(void) {
  return completions != 0;
}

void io__complete(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  KIRQL irql = ke__swap_irql(DISPATCH_LEVEL);

  assert(at_provider(irp) && status != STATUS_PENDING);
  assert(__atomic_load_n(&irp->CancelRoutine, __ATOMIC_RELAXED) == NULL);
  vf__give_stack_back(irp);
  set_flags(irp, 0, IO_IRP_AT_PROVIDER);
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = information;
  completions++;
  unheard = irp;
  IofCompleteRequest(irp, IO_NO_INCREMENT);
  unheard = NULL;
  completions--;
  ke__swap_irql(irql);
}

/* ---- the top ----------------------------------------------------------- */

/* How much of the system buffer goes to the caller. Windows would write beyond
 * the caller's buffer. */
static size_t answered(PIRP irp) {
  ULONG_PTR room =
      (ULONG_PTR)irp->Overlay.AsynchronousParameters.UserApcContext;

  if (irp->IoStatus.Information <= room)
    return irp->IoStatus.Information;
  vf__report(VF_IO_INFORMATION_01,
             "IRP %p is completed with Information %llu, and the caller has "
             "room for %llu bytes",
             (void *)irp, (unsigned long long)irp->IoStatus.Information,
             (unsigned long long)room);
  return room;
}

/* The I/O manager's buffered transfer: what the driver left in the system
 * buffer goes to the caller, unless the request failed. */
static void copy_back(PIRP irp) {
  if (!(irp->Flags & IRP_BUFFERED_IO))
    return;
  if ((irp->Flags & IRP_INPUT_OPERATION) && irp->UserBuffer != NULL &&
      !NT_ERROR(irp->IoStatus.Status))
    memcpy(irp->UserBuffer, irp->AssociatedIrp.SystemBuffer, answered(irp));
  if (irp->Flags & IRP_DEALLOCATE_BUFFER)
    ExFreePool(irp->AssociatedIrp.SystemBuffer);
}

static void release_mdls(PIRP irp) {
  PMDL mdl = irp->MdlAddress;

  while (mdl != NULL) {
    PMDL next = mdl->Next;

    if (mdl->MdlFlags & MDL_PAGES_LOCKED)
      MmUnlockPages(mdl);
    IoFreeMdl(mdl);
    mdl = next;
  }
  irp->MdlAddress = NULL;
}

/* The IRP is freed before the event is set: whoever waits may then go on. */
static void finish_threaded(PIRP irp) {
  PIO_STATUS_BLOCK iosb = irp->UserIosb;
  PKEVENT event = irp->UserEvent;
  IO_STATUS_BLOCK status = irp->IoStatus;
  bool report = !NT_ERROR(status.Status) || irp->PendingReturned;

  copy_back(irp);
  release_mdls(irp);
  if (irp->Tail.Overlay.OriginalFileObject != NULL) {
    io__finish_request(irp);
    return;
  }
  io__release_irp(irp);
  if (!report)
    return;
  if (iosb != NULL)
    *iosb = status;
  if (event != NULL)
    KeSetEvent(event, IO_NO_INCREMENT, FALSE);
}

/* A client's own IRP without a completion routine has come to where nobody
 * waits for it. Windows would queue an APC to a thread that is not there; we
 * tell those who left an event and leave the memory to the client. */
static void finish_own(PIRP irp) {
  PIO_STATUS_BLOCK iosb = irp->UserIosb;
  PKEVENT event = irp->UserEvent;

  if (irp != unheard)
    vf__report_on(
        VF_IRP_08, irp,
        "the client's own IRP %p was completed and no completion routine "
        "of its owner was called",
        (void *)irp);
  set_flags(irp, IO_IRP_DONE, IO_IRP_IN_FLIGHT);
  if (iosb != NULL)
    *iosb = irp->IoStatus;
  if (event != NULL)
    KeSetEvent(event, IO_NO_INCREMENT, FALSE);
}

static void finish(PIRP irp) {
  if (is_own(irp))
    finish_own(irp);
  else
    finish_threaded(irp);
}

/* ---- IoSetCompletionRoutineEx ------------------------------------------ */

/* What the routine set in its place needs. Windows, too, allocates this, and
 * loses it when the IRP is never completed. */
struct bound_routine {
  PIO_COMPLETION_ROUTINE routine;
  PVOID context;
  UCHAR control;
};

static NTSTATUS call_bound(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  struct bound_routine *bound = context;
  struct bound_routine copy = *bound;
  bool cancelled = __atomic_load_n(&irp->Cancel, __ATOMIC_ACQUIRE);
  bool succeeded = NT_SUCCESS(irp->IoStatus.Status);

  os__free(bound);
  if ((succeeded && (copy.control & SL_INVOKE_ON_SUCCESS)) ||
      (!succeeded && (copy.control & SL_INVOKE_ON_ERROR)) ||
      (cancelled && (copy.control & SL_INVOKE_ON_CANCEL)))
    return copy.routine(device, irp, copy.context);
  if (irp->PendingReturned && !at_top(irp))
    IoMarkIrpPending(irp);
  return STATUS_SUCCESS;
}

NTSTATUS IoSetCompletionRoutineEx(PDEVICE_OBJECT DeviceObject, PIRP Irp,
                                  PIO_COMPLETION_ROUTINE CompletionRoutine,
                                  PVOID Context, BOOLEAN InvokeOnSuccess,
                                  BOOLEAN InvokeOnError,
                                  BOOLEAN InvokeOnCancel) {
  ke__within_irql(DISPATCH_LEVEL, "IoSetCompletionRoutineEx");
  struct bound_routine *bound = os__alloc(sizeof(*bound));

  (void)DeviceObject; /* a driver's code stays where it is until the process
                         ends */
  if (bound == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  bound->routine = CompletionRoutine;
  bound->context = Context;
  bound->control = (UCHAR)((InvokeOnSuccess ? SL_INVOKE_ON_SUCCESS : 0) |
                           (InvokeOnError ? SL_INVOKE_ON_ERROR : 0) |
                           (InvokeOnCancel ? SL_INVOKE_ON_CANCEL : 0));
  /* Invoked in any case, so that the memory is freed. */
  IoSetCompletionRoutine(Irp, call_bound, bound, TRUE, TRUE, TRUE);
  return STATUS_SUCCESS;
}
