/*
 * Requests on open files: sending, waiting, telling the end, cancelling. See
 * request.h.
 *
 * `lock` is a leaf, and so short that one is enough for all files. A canceller
 * pins the IRP under it, lets go, and cancels; an IRP that comes to its end
 * meanwhile is freed by the last one who pins it.
 */
#include "io/request.h"

#include "etw/trace.h"
#include "io/file.h"
#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

struct pin {
  struct pin *next;
  PIRP irp;
  bool over; /* the IRP has come to its end */
};

static struct os_spin lock;
static LIST_ENTRY pending = {&pending, &pending}; /* by ThreadListEntry */
static struct pin *pins;

#define OPENS_OR_CLOSES (IRP_CREATE_OPERATION | IRP_CLOSE_OPERATION)

static PIRP irp_of(PLIST_ENTRY entry) {
  return CONTAINING_RECORD(entry, IRP, ThreadListEntry);
}

static bool holds_file(PIRP irp) {
  return (irp->Flags & OPENS_OR_CLOSES) == 0;
}

static bool has_outcome(PIRP irp) {
  return irp->RequestorMode != KernelMode ||
         (irp->Flags & IRP_SYNCHRONOUS_API) != 0;
}

/* Another flag may be added at the same time (file.c, clean_up). */
bool io__is_synchronous(PFILE_OBJECT file) {
  return (__atomic_load_n(&file->Flags, __ATOMIC_RELAXED) &
          FO_SYNCHRONOUS_IO) != 0;
}

bool io__may_wait(void) {
  return KeGetCurrentIrql() == PASSIVE_LEVEL && loop__may_wait();
}

bool io__require_wait(const char *call) {
  if (!ke__require_irql(PASSIVE_LEVEL, call))
    return false;
  if (!loop__may_wait())
    vf__report(VF_WAIT_01, "%s inside a callback", call);
  return loop__may_wait();
}

/* ---- the list of what is pending --------------------------------------- */

static void chain(PIRP irp) {
  os__spin_lock(&lock);
  InsertTailList(&pending, &irp->ThreadListEntry);
  os__spin_unlock(&lock);
}

/* The lock is held. True: the IRP is the caller's to free. */
static bool unchain(PIRP irp) {
  bool pinned = false;

  RemoveEntryList(&irp->ThreadListEntry);
  for (struct pin *pin = pins; pin != NULL; pin = pin->next)
    if (pin->irp == irp)
      pinned = pin->over = true;
  return !pinned;
}

/* Whoever waited does so no longer: the end of the request is told to nobody.
 * False when it has come, or is just coming. */
static bool detach(const struct io_outcome *outcome) {
  bool found = false;

  os__spin_lock(&lock);
  for (PLIST_ENTRY at = pending.Flink; at != &pending; at = at->Flink)
    if (irp_of(at)->UserIosb == &outcome->iosb) {
      irp_of(at)->UserIosb = NULL;
      irp_of(at)->UserEvent = NULL;
      found = true;
    }
  os__spin_unlock(&lock);
  return found;
}

/* One that comes back later finds itself in a list of its own. */
void io__forget_requests(void) {
  os__spin_lock(&lock);
  while (!IsListEmpty(&pending))
    InitializeListHead(RemoveHeadList(&pending));
  os__spin_unlock(&lock);
}

/* ---- the end ----------------------------------------------------------- */

/* What the end of a request needs when the IRP is gone. */
struct ending {
  PFILE_OBJECT file; /* NULL: the request held none */
  PIO_STATUS_BLOCK iosb;
  PKEVENT event;
  IO_STATUS_BLOCK status;
  bool outcome; /* `iosb` is the first member of an io_outcome */
  bool late;
};

/* NT's way: what failed at once is told by the return value alone. */
static bool is_told(NTSTATUS status, bool late) {
  return !NT_ERROR(status) || late;
}

static void write_status(const struct ending *ending) {
  struct io_outcome *outcome;

  if (ending->iosb == NULL)
    return;
  *ending->iosb = ending->status;
  if (!ending->outcome)
    return;
  outcome = CONTAINING_RECORD(ending->iosb, struct io_outcome, iosb);
  outcome->marked = ending->late;
}

static void signal_file(const struct ending *ending) {
  if (ending->event != NULL && !io__is_synchronous(ending->file))
    return;
  __atomic_store_n(&ending->file->FinalStatus, ending->status.Status,
                   __ATOMIC_RELAXED);
  KeSetEvent(&ending->file->Event, IO_NO_INCREMENT, FALSE);
}

/* The file's reference goes before the event is set: who waits for that and
 * closes the file then, holds its last reference. */
static void tell(const struct ending *ending) {
  bool told = ending->outcome || is_told(ending->status.Status, ending->late);

  if (told)
    write_status(ending);
  if (ending->file != NULL) {
    if (is_told(ending->status.Status, ending->late))
      signal_file(ending);
    ObfDereferenceObject(ending->file);
  }
  if (ending->event == NULL)
    return;
  if (told)
    KeSetEvent(ending->event, IO_NO_INCREMENT, FALSE);
  if (!ending->outcome)
    ObfDereferenceObject(ending->event);
}

void io__finish_request(PIRP irp) {
  struct ending ending = {
      .file = holds_file(irp) ? irp->Tail.Overlay.OriginalFileObject : NULL,
      .status = irp->IoStatus,
      .outcome = has_outcome(irp),
      .late = irp->PendingReturned,
  };
  bool free;

  os__spin_lock(&lock);
  ending.iosb = irp->UserIosb;
  ending.event = irp->UserEvent;
  free = unchain(irp);
  os__spin_unlock(&lock);
  if (free)
    io__release_irp(irp);
  tell(&ending);
}

/* ---- cancelling -------------------------------------------------------- */

static bool is_meant(PIRP irp, PFILE_OBJECT file,
                     const struct io_outcome *outcome) {
  if (!holds_file(irp))
    return false;
  return outcome != NULL ? irp->UserIosb == &outcome->iosb
                         : irp->Tail.Overlay.OriginalFileObject == file;
}

/* The next that is meant and not cancelled, pinned; or NULL. */
static PIRP pin_next(PFILE_OBJECT file, const struct io_outcome *outcome,
                     struct pin *pin, bool *found) {
  pin->irp = NULL;
  os__spin_lock(&lock);
  for (PLIST_ENTRY at = pending.Flink; at != &pending && pin->irp == NULL;
       at = at->Flink) {
    if (!is_meant(irp_of(at), file, outcome))
      continue;
    *found = true;
    if (!__atomic_load_n(&irp_of(at)->Cancel, __ATOMIC_ACQUIRE))
      pin->irp = irp_of(at);
  }
  if (pin->irp != NULL) {
    pin->over = false;
    pin->next = pins;
    pins = pin;
  }
  os__spin_unlock(&lock);
  return pin->irp;
}

static void unpin(struct pin *pin) {
  struct pin **link = &pins;
  bool free = false;

  os__spin_lock(&lock);
  while (*link != pin)
    link = &(*link)->next;
  *link = pin->next;
  free = pin->over;
  for (struct pin *other = pins; other != NULL; other = other->next)
    if (other->irp == pin->irp)
      free = false;
  os__spin_unlock(&lock);
  if (free)
    io__release_irp(pin->irp);
}

bool io__cancel_requests(PFILE_OBJECT file, const struct io_outcome *outcome) {
  bool found = false;
  struct pin pin;

  while (pin_next(file, outcome, &pin, &found) != NULL) {
    IoCancelIrp(pin.irp);
    unpin(&pin);
  }
  return found;
}

/* ---- sending ----------------------------------------------------------- */

PIRP io__file_irp(PFILE_OBJECT file, UCHAR major, ULONG flags, const char *call,
                  const void *caller) {
  PIRP irp =
      io__allocate_irp(IoGetRelatedDeviceObject(file)->StackSize, call, caller);

  if (irp == NULL)
    return NULL;
  irp->AllocationFlags |= IO_IRP_THREADED;
  irp->Flags = flags;
  irp->Tail.Overlay.Thread = PsGetCurrentThread();
  irp->Tail.Overlay.OriginalFileObject = file;
  IoGetNextIrpStackLocation(irp)->MajorFunction = major;
  IoGetNextIrpStackLocation(irp)->FileObject = file;
  return irp;
}

static NTSTATUS send(PFILE_OBJECT file, PIRP irp) {
  if (holds_file(irp)) {
    ObfReferenceObject(file);
    KeClearEvent(&file->Event);
  }
  chain(irp);
  return IofCallDriver(IoGetRelatedDeviceObject(file), irp);
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

static void wait_for(struct io_outcome *outcome) {
  KeWaitForSingleObject(&outcome->done, Executive, KernelMode, FALSE, NULL);
}

/*
 * The dispatch routine has returned something else than STATUS_PENDING, and so
 * it has completed the request; else it is let go of. `done` is set afterwards.
 */
static void settle(NTSTATUS returned, struct io_outcome *outcome) {
  if (detach(outcome)) {
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
    wait_for(outcome); /* whoever has completed it may be just telling so */
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
                           struct io_outcome *outcome) {
  NTSTATUS status;

  irp->Flags |= IRP_SYNCHRONOUS_API;
  use_outcome(irp, outcome);
  status = send(file, irp);
  if (status != STATUS_PENDING) {
    settle(status, outcome);
    return status;
  }
  outcome->expects_mark = true;
  wait_for(outcome);
  io__check_outcome(outcome);
  return outcome->iosb.Status;
}

bool io__is_reported(const struct io_outcome *outcome) {
  return is_told(outcome->iosb.Status, outcome->marked);
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
      irp, IoGetRelatedDeviceObject(file),
      read ? control->output : control->input,
      read ? control->output_length : control->input_length, &offset);
}

static NTSTATUS make(PFILE_OBJECT file, const struct io_request *request,
                     PIRP *irp) {
  NTSTATUS status;

  *irp = io__file_irp(file, request->major, 0, request->call, request->caller);
  if (*irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  (*irp)->RequestorMode = request->mode;
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
  bool alone = io__is_synchronous(file);
  PIRP irp;
  NTSTATUS status;

  *outcome = (struct io_outcome){.begun = false};
  if (alone)
    io__lock_file(file);
  status = make(file, request, &irp);
  if (NT_SUCCESS(status))
    status = io__send_and_wait(file, irp, outcome);
  if (alone)
    io__unlock_file(file);
  return status;
}

NTSTATUS io__begin(PFILE_OBJECT file, const struct io_request *request,
                   struct io_outcome *outcome) {
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
    settle(status, outcome);
  return status;
}
