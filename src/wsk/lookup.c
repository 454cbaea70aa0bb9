/* Look-ups: their way through the loop, and their text. See lookup.h. */
#include "wsk/lookup.h"

#include <ntifs.h>
#include <string.h>

#include "io/io.h"
#include "ke/watch.h"
#include "os/os.h"
#include "ps/ps.h"
#include "wsk/names.h"
#include "wsk/plan.h"

static struct os_spin pending_lock;
static LIST_ENTRY pending = {&pending, &pending};
static bool stopping;

/* ---- where the IRP keeps its look-up ------------------------------------ */

/* An operation without a socket moves no bytes, so that field is free. */
static struct wsk_lookup *lookup_of(PIRP irp) {
  return (struct wsk_lookup *)(ULONG_PTR)wsk__op(irp)->done;
}

static void attach(struct wsk_lookup *lookup, struct wsk_client *client,
                   PIRP irp) {
  wsk__op(irp)->done = (SIZE_T)(ULONG_PTR)lookup;
  lookup->irp = irp;
  lookup->client = client;
  wsk__client_add(client);
  os__spin_lock(&pending_lock);
  InsertTailList(&pending, &lookup->link);
  os__spin_unlock(&pending_lock);
}

static void detach(struct wsk_lookup *lookup) {
  os__spin_lock(&pending_lock);
  RemoveEntryList(&lookup->link);
  os__spin_unlock(&pending_lock);
}

/* ---- completing --------------------------------------------------------- */

static void complete_pending(struct loop_op *op) {
  struct wsk_lookup *lookup = CONTAINING_RECORD(op, struct wsk_lookup, done_op);
  struct wsk_client *client = lookup->client;
  PIRP irp = lookup->irp;
  NTSTATUS status = lookup->status;
  detach(lookup);
  os__free(lookup);
  if (stopping)
    return;
  io__complete(irp, status, 0);
  wsk__client_leave(client);
}

static void complete(struct wsk_lookup *lookup) {
  lookup->done_op.run = complete_pending;
  if (wsk__plan_is(lookup->irp, WSK_PLAN_LATER))
    loop__post(&lookup->done_op);
  else
    loop__complete(&lookup->done_op);
}

void wsk__lookup_finish(struct wsk_lookup *lookup, NTSTATUS status) {
  lookup->request = NULL;
  lookup->status = status;
  if (IoSetCancelRoutine(lookup->irp, NULL) == NULL)
    lookup->waiting = true;
  else
    complete(lookup);
}

/* ---- cancelling --------------------------------------------------------- */

static void drop_request(struct wsk_lookup *lookup) {
  if (lookup->request != NULL)
    net__lookup_cancel(lookup->request);
  lookup->request = NULL;
}

static void cancel_now(struct loop_op *op) {
  struct wsk_lookup *lookup =
      CONTAINING_RECORD(op, struct wsk_lookup, cancel_op);
  if (wsk__cancel_keep(op))
    return;
  if (!lookup->began) {
    lookup->cancelled = true;
    wsk__held_let_go_irp(lookup->irp);
    return;
  }
  if (!lookup->waiting) {
    drop_request(lookup);
    lookup->status = STATUS_CANCELLED;
  }
  complete(lookup);
}

/* The cancel lock is held on entry. Nobody but cancel_op completes the IRP from
 * now on, so both are there until that has been submitted. */
static VOID cancel_lookup(PDEVICE_OBJECT device, PIRP irp) {
  UNREFERENCED_PARAMETER(device);
  struct wsk_lookup *lookup = lookup_of(irp);
  IoReleaseCancelSpinLock(irp->CancelIrql);
  loop__submit(&lookup->cancel_op);
}

/* ---- starting ----------------------------------------------------------- */

static void start(struct loop_op *op) {
  struct wsk_lookup *lookup =
      CONTAINING_RECORD(op, struct wsk_lookup, start_op);
  lookup->began = true;
  if (lookup->cancelled) {
    lookup->status = STATUS_CANCELLED;
    complete(lookup);
    return;
  }
  if (wsk__op_is_cancelled(lookup->irp) || stopping) {
    wsk__lookup_finish(lookup, STATUS_CANCELLED);
    return;
  }
  int error = lookup->begin(lookup);
  if (error != NET_OK)
    wsk__lookup_finish(lookup, lookup->failure(error));
}

void wsk__lookup_give_up(PIRP irp, NTSTATUS status) {
  lookup_of(irp)->began = true;
  wsk__lookup_finish(lookup_of(irp), status);
}

NTSTATUS wsk__lookup_submit(struct wsk_lookup *lookup,
                            struct wsk_client *client, PIRP irp) {
  lookup->start_op.run = start;
  lookup->cancel_op.run = cancel_now;
  attach(lookup, client, irp);
  IoMarkIrpPending(irp);
  (void)IoSetCancelRoutine(irp, cancel_lookup);
  if (!wsk__plan_is(irp, WSK_PLAN_HOLD) ||
      !wsk__hold(&lookup->start_op, irp, false))
    loop__submit(&lookup->start_op);
  return STATUS_PENDING;
}

/* ---- stopping ------------------------------------------------------------ */

/* One that waits for the host and for nobody else. */
static struct wsk_lookup *find_asking(void) {
  struct wsk_lookup *found = NULL;
  os__spin_lock(&pending_lock);
  for (PLIST_ENTRY link = pending.Flink; link != &pending; link = link->Flink) {
    struct wsk_lookup *lookup =
        CONTAINING_RECORD(link, struct wsk_lookup, link);
    if (lookup->request != NULL)
      found = lookup;
  }
  os__spin_unlock(&pending_lock);
  return found;
}

/* The others have an operation under way, which ends them. */
static void give_up(struct loop_op *op) {
  struct wsk_lookup *lookup;
  UNREFERENCED_PARAMETER(op);
  stopping = true;
  while ((lookup = find_asking()) != NULL) {
    drop_request(lookup);
    wsk__lookup_finish(lookup, STATUS_CANCELLED);
  }
}

static bool none_pends(void *context) {
  UNREFERENCED_PARAMETER(context);
  os__spin_lock(&pending_lock);
  bool none = IsListEmpty(&pending);
  os__spin_unlock(&pending_lock);
  return none;
}

void wsk__lookup_stop(void) {
  struct loop_op op = {NULL, give_up};
  if (none_pends(NULL))
    return;
  loop__submit(&op);
  ke__run_until(none_pends, NULL);
  stopping = false;
}

/* ---- text ---------------------------------------------------------------- */

static bool has_null(PCUNICODE_STRING name) {
  for (USHORT i = 0; i < name->Length / sizeof(WCHAR); i++)
    if (name->Buffer[i] == 0)
      return true;
  return false;
}

NTSTATUS wsk__name_size(PCUNICODE_STRING name, ULONG *size) {
  *size = 0;
  if (name == NULL || name->Length == 0)
    return STATUS_SUCCESS;
  if (name->Buffer == NULL || name->Length % sizeof(WCHAR) != 0 ||
      has_null(name))
    return STATUS_INVALID_PARAMETER;
  /* Half a character would count as "not mapped". */
  if (RtlUnicodeToUTF8N(NULL, 0, size, name->Buffer, name->Length) !=
          STATUS_SUCCESS ||
      ++*size > NI_MAXHOST)
    return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}

char *wsk__name_put(char *to, ULONG size, PCUNICODE_STRING name) {
  (void)RtlUnicodeToUTF8N(to, size - 1, NULL, name->Buffer, name->Length);
  to[size - 1] = '\0';
  return to + size;
}

ULONG wsk__name_wide_size(const char *text) {
  ULONG size = 0;
  (void)RtlUTF8ToUnicodeN(NULL, 0, &size, text, (ULONG)strlen(text));
  return size;
}

void wsk__name_put_wide(PWCHAR to, ULONG size, const char *text) {
  (void)RtlUTF8ToUnicodeN(to, size, NULL, text, (ULONG)strlen(text));
  to[size / sizeof(WCHAR)] = 0;
}

bool wsk__lookup_may_name(PEPROCESS process, PETHREAD thread) {
  if (process == NULL)
    return thread == NULL;
  return !ps__is_impersonating();
}
