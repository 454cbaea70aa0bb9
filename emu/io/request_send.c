/*
 * Requests on open files: making, sending, waiting for them. See request.h.
 */
#include "io/file.h"
#include "io/request.h"
#include "ke/watch.h"
#include "verifier/report.h"

/* Another flag may be added at the same time (file.c, clean_up). */
bool io__is_synchronous(PFILE_OBJECT file) {
  return (__atomic_load_n(&file->Flags, __ATOMIC_RELAXED) &
          FO_SYNCHRONOUS_IO) != 0;
}

bool io__may_wait(void) {
  return KeGetCurrentIrql() == PASSIVE_LEVEL && ke__may_wait();
}

bool io__require_wait(const char *call) {
  if (!ke__require_irql(PASSIVE_LEVEL, call))
    return false;
  if (!ke__may_wait())
    vf__report(VF_WAIT_01, "%s inside a callback", call);
  return ke__may_wait();
}

/* ---- sending ----------------------------------------------------------- */

PIRP io__file_irp(PFILE_OBJECT file, UCHAR major, ULONG flags, const char *call,
                  const void *caller) {
  PDEVICE_OBJECT device = IoGetRelatedDeviceObject(file);
  PIRP irp = flags & IRP_CLOSE_OPERATION
                 ? io__must_allocate_irp(device->StackSize, call, caller)
                 : io__allocate_irp(device->StackSize, call, caller);

  if (irp == NULL)
    return NULL;
  irp->AllocationFlags |= IO_IRP_THREADED;
  irp->Flags = flags;
  irp->Tail.Overlay.Thread = PsGetCurrentThread();
  irp->Tail.Overlay.OriginalFileObject = file;
  IoGetNextIrpStackLocation(irp)->MajorFunction = major;
  IoGetNextIrpStackLocation(irp)->FileObject = file;
  IoGetNextIrpStackLocation(irp)->DeviceObject = device;
  return irp;
}

/* The top of the stack that the IRP was made for: another device may have been
 * attached since. */
static PDEVICE_OBJECT device_of(PIRP irp) {
  return IoGetNextIrpStackLocation(irp)->DeviceObject;
}

static NTSTATUS send(PFILE_OBJECT file, PIRP irp) {
  if (io__holds_file(irp)) {
    ObfReferenceObject(file);
    KeClearEvent(&file->Event);
  }
  io__enter_request(irp);
  return IofCallDriver(device_of(irp), irp);
}

static void use_outcome(PIRP irp, struct io_outcome *outcome) {
  *outcome = (struct io_outcome){.begun = true};
  outcome->major = IoGetNextIrpStackLocation(irp)->MajorFunction;
  KeInitializeEvent(&outcome->done, NotificationEvent, FALSE);
  irp->UserIosb = &outcome->iosb;
  irp->UserEvent = &outcome->done;
}

static const char *name_of(UCHAR major) {
  static const char *const names[] = {
      [IRP_MJ_CREATE] = "IRP_MJ_CREATE",
      [IRP_MJ_CLOSE] = "IRP_MJ_CLOSE",
      [IRP_MJ_READ] = "IRP_MJ_READ",
      [IRP_MJ_WRITE] = "IRP_MJ_WRITE",
      [IRP_MJ_FLUSH_BUFFERS] = "IRP_MJ_FLUSH_BUFFERS",
      [IRP_MJ_DEVICE_CONTROL] = "IRP_MJ_DEVICE_CONTROL",
      [IRP_MJ_CLEANUP] = "IRP_MJ_CLEANUP",
  };
  return names[major];
}

/* The end of what was pending is there. */
void io__check_outcome(struct io_outcome *outcome) {
  if (!outcome->expects_mark)
    return;
  outcome->expects_mark = false;
  if (!outcome->marked)
    vf__report(VF_IO_PENDING_01,
               "the dispatch routine of %s returned STATUS_PENDING for an IRP "
               "that it had not marked with IoMarkIrpPending",
               name_of(outcome->major));
}

/*
 * The dispatch routine has returned something else than STATUS_PENDING, and so
 * it has completed the request; else it is let go of. `done` is set afterwards.
 */
static void settle(NTSTATUS returned, struct io_outcome *outcome,
                   const struct ke_call *call) {
  if (io__detach_request(outcome)) {
    vf__report(VF_IO_PENDING_01,
               "the dispatch routine of %s returned 0x%08X for an IRP that is "
               "not completed",
               name_of(outcome->major), (unsigned)returned);
    outcome->iosb.Status = returned;
    outcome->iosb.Information = 0;
    KeSetEvent(&outcome->done, IO_NO_INCREMENT, FALSE);
    return;
  }
  if (io__may_wait())
    /* Whoever has completed it may be just telling so. */
    ke__wait_for(call, &outcome->done);
  if (outcome->marked || outcome->iosb.Status != returned)
    vf__report(VF_IO_PENDING_01,
               "the dispatch routine of %s returned 0x%08X for an IRP that %s "
               "0x%08X",
               name_of(outcome->major), (unsigned)returned,
               outcome->marked ? "it had marked pending, completed with"
                               : "it had completed with",
               (unsigned)outcome->iosb.Status);
}

NTSTATUS io__send_and_wait(PFILE_OBJECT file, PIRP irp,
                           struct io_outcome *outcome,
                           const struct ke_call *call) {
  NTSTATUS status;

  irp->Flags |= IRP_SYNCHRONOUS_API;
  use_outcome(irp, outcome);
  status = send(file, irp);
  if (status != STATUS_PENDING) {
    settle(status, outcome, call);
    return status;
  }
  outcome->expects_mark = true;
  ke__wait_for(call, &outcome->done);
  io__check_outcome(outcome);
  return outcome->iosb.Status;
}

bool io__is_reported(const struct io_outcome *outcome) {
  return io__is_told(outcome->iosb.Status, outcome->marked);
}

/* ---- what is asked ----------------------------------------------------- */

/* What a handle has to have. The codes' rights are those of reading and writing
 * data; a flush is for whoever may write. */
NTSTATUS io__check_request(const struct io_request *request,
                           ACCESS_MASK granted) {
  ACCESS_MASK any = 0, all = 0;

  switch (request->major) {
  case IRP_MJ_READ:
    all = FILE_READ_DATA;
    break;
  case IRP_MJ_WRITE:
  case IRP_MJ_FLUSH_BUFFERS:
    any = FILE_WRITE_DATA | FILE_APPEND_DATA;
    break;
  default:
    all = (request->control.code >> 14) & (FILE_READ_DATA | FILE_WRITE_DATA);
    break;
  }
  if ((granted & all) != all || (any != 0 && (granted & any) == 0))
    return STATUS_ACCESS_DENIED;
  return STATUS_SUCCESS;
}

static NTSTATUS fill(PIRP irp, PFILE_OBJECT file,
                     const struct io_request *request) {
  const struct io_control *control = &request->control;
  bool read = request->major == IRP_MJ_READ;
  LARGE_INTEGER offset =
      request->use_position ? file->CurrentByteOffset : request->offset;

  if (request->major == IRP_MJ_DEVICE_CONTROL)
    return io__fill_control(irp, control);
  if (!read && request->major != IRP_MJ_WRITE)
    return STATUS_SUCCESS;
  IoGetNextIrpStackLocation(irp)->Parameters.Read.Key = request->key;
  return io__fill_transfer(
      irp, device_of(irp), read ? control->output : control->input,
      read ? control->output_length : control->input_length, &offset);
}

/* A driver may want more than the code asks for. */
static void tell_rights(PIRP irp, const struct io_request *request) {
  UCHAR *flags = &IoGetNextIrpStackLocation(irp)->Flags;

  if (request->mode == KernelMode || request->major != IRP_MJ_DEVICE_CONTROL)
    return;
  if (request->granted & FILE_READ_DATA)
    *flags |= SL_READ_ACCESS_GRANTED;
  if (request->granted & FILE_WRITE_DATA)
    *flags |= SL_WRITE_ACCESS_GRANTED;
}

static NTSTATUS make(PFILE_OBJECT file, const struct io_request *request,
                     PIRP *irp) {
  NTSTATUS status;

  *irp = io__file_irp(file, request->major, 0, request->call, request->caller);
  if (*irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  (*irp)->RequestorMode = request->mode;
  tell_rights(*irp, request);
  status = fill(*irp, file, request);
  if (!NT_SUCCESS(status))
    io__abandon_irp(*irp);
  return status;
}

NTSTATUS io__ask(PFILE_OBJECT file, const struct io_request *request,
                 PKEVENT event, PIO_STATUS_BLOCK iosb) {
  PIRP irp;
  NTSTATUS status = make(file, request, &irp);

  if (!NT_SUCCESS(status)) {
    if (event != NULL)
      ObfDereferenceObject(event);
    return status;
  }
  if (event != NULL)
    KeClearEvent(event);
  irp->UserIosb = iosb;
  irp->UserEvent = event;
  return send(file, irp);
}

NTSTATUS io__wait(PFILE_OBJECT file, const struct io_request *request,
                  struct io_outcome *outcome) {
  struct ke_call call = {.name = request->call, .caller = request->caller};
  bool alone = io__is_synchronous(file);
  PIRP irp;
  NTSTATUS status;

  *outcome = (struct io_outcome){.begun = false};
  if (alone)
    io__lock_file(file, &call);
  status = make(file, request, &irp);
  if (NT_SUCCESS(status))
    status = io__send_and_wait(file, irp, outcome, &call);
  if (alone)
    io__unlock_file(file);
  return status;
}

NTSTATUS io__begin(PFILE_OBJECT file, const struct io_request *request,
                   struct io_outcome *outcome) {
  struct ke_call call = {.name = request->call, .caller = request->caller};
  PIRP irp;
  NTSTATUS status;

  if (io__is_synchronous(file))
    return io__wait(file, request, outcome);
  *outcome = (struct io_outcome){.begun = false};
  status = make(file, request, &irp);
  if (!NT_SUCCESS(status))
    return status;
  use_outcome(irp, outcome);
  status = send(file, irp);
  if (status == STATUS_PENDING)
    outcome->expects_mark = true;
  else
    settle(status, outcome, &call);
  return status;
}
