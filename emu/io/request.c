/*
 * Requests on open files that are under way: telling their end, cancelling
 * them. See request.h.
 *
 * `lock` is a leaf, and so short that one is enough for all files. A canceller
 * pins the IRP under it, lets go, and cancels; an IRP that comes to its end
 * meanwhile is freed by the last one who pins it.
 */
#include "io/request.h"

#include "os/os.h"

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

bool io__holds_file(PIRP irp) {
  return (irp->Flags & OPENS_OR_CLOSES) == 0;
}

static bool has_outcome(PIRP irp) {
  return irp->RequestorMode != KernelMode ||
         (irp->Flags & IRP_SYNCHRONOUS_API) != 0;
}

/* ---- the list of what is pending --------------------------------------- */

void io__enter_request(PIRP irp) {
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

bool io__detach_request(const struct io_outcome *outcome) {
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

bool io__is_told(NTSTATUS status, bool late) {
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
  bool told =
      ending->outcome || io__is_told(ending->status.Status, ending->late);

  if (told)
    write_status(ending);
  if (ending->file != NULL) {
    if (io__is_told(ending->status.Status, ending->late))
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
      .file = io__holds_file(irp) ? irp->Tail.Overlay.OriginalFileObject : NULL,
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

/* A close is not cancelled, and nor is an open, but when everything is. */
static bool is_meant(PIRP irp, PFILE_OBJECT file,
                     const struct io_outcome *outcome) {
  if (file == NULL && outcome == NULL)
    return (irp->Flags & IRP_CLOSE_OPERATION) == 0;
  if (!io__holds_file(irp))
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
