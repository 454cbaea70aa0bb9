/* Operations. See op.h. */
#include "wsk/op.h"

#include "etw/trace.h"
#include "io/io.h"
#include "mm/lent.h"
#include "mm/mdl_walk.h"
#include "verifier/report.h"
#include "wsk/calls.h"
#include "wsk/client.h"
#include "wsk/datagram.h"
#include "wsk/plan.h"
#include "wsk/socket.h"

_Static_assert(sizeof(struct wsk_op) <=
                   sizeof(((PIRP)0)->Tail.Overlay.DriverContext),
               "an operation fits into the IRP's driver fields");
_Static_assert(sizeof(struct wsk_args) <=
                   sizeof(((PIO_STACK_LOCATION)0)->Parameters.Others),
               "the arguments fit into a stack location");

const char *wsk__op_name(enum wsk_op_kind kind) {
  static const char *const names[] = {
#define X(name, text) text,
      WSK_OPS(X)
#undef X
  };
  return names[kind];
}

NTSTATUS wsk__op_begin(PIRP irp, enum wsk_op_kind kind,
                       struct wsk_socket *socket) {
  NTSTATUS status = io__prepare(irp, NULL, wsk__op_name(kind));
  if (!NT_SUCCESS(status))
    return status;
  if (io__is_completing())
    vf__report_on(VF_IRP_17, irp,
                  "%s was called in a completion routine of another call",
                  wsk__op_name(kind));
  struct wsk_op *op = wsk__op(irp);
  op->loop.next = NULL;
  op->loop.run = NULL;
  op->socket = socket;
  op->client = NULL;
  op->done = 0;
  *wsk__args(irp) = (struct wsk_args){.kind = (UCHAR)kind};
  return STATUS_SUCCESS;
}

bool wsk__op_is_cancelled(PIRP irp) {
  return __atomic_load_n(&irp->Cancel, __ATOMIC_ACQUIRE) != FALSE &&
         !wsk__cancels_are_held();
}

/* ---- what the client lends --------------------------------------------- */

/* Where a send keeps the digest of its bytes: the location is ours, and no
 * file is meant. */
static PFILE_OBJECT *digest_of(PIRP irp) {
  return &IoGetCurrentIrpStackLocation(irp)->FileObject;
}

static bool is_digested(PIRP irp) {
  const struct wsk_args *args = wsk__args(irp);
  return args->buffered && args->length > 0 && args->kind == WSK_OP_SEND;
}

static PFILE_OBJECT digest(PIRP irp) {
  const struct wsk_args *args = wsk__args(irp);
  return (PFILE_OBJECT)(ULONG_PTR)(mm__chain_digest(args->mdl, args->offset,
                                                    args->length) |
                                   1u);
}

/* A send whose MDLs are no more what they were was reported for that. */
static void check_bytes(PIRP irp) {
  if (*digest_of(irp) != NULL && *digest_of(irp) != digest(irp))
    vf__report_on(VF_SEND_DATA_01, irp,
                  "the bytes of %s changed while its IRP %p was pending",
                  wsk__op_name(wsk__args(irp)->kind), (void *)irp);
  *digest_of(irp) = NULL;
}

/* Where the end is written to, beside the IRP. Receives of datagrams have
 * places of their own. */
static void each_place(PIRP irp, void (*act)(const void *memory)) {
  const struct wsk_args *args = wsk__args(irp);
  const void *places[2] = {NULL, NULL};
  if (args->kind == WSK_OP_ACCEPT) {
    places[0] = args->local;
    places[1] = wsk__accept_remote(irp);
  } else if (args->kind == WSK_OP_CONTROL) {
    places[0] = args->output;
  }
  for (size_t i = 0; i < RTL_NUMBER_OF(places); i++)
    if (places[i] != NULL)
      act(places[i]);
}

static void lend(PIRP irp) {
  const struct wsk_args *args = wsk__args(irp);
  each_place(irp, mm__lend);
  if (args->buffered)
    mm__lend_chain(args->mdl, args->offset, args->length);
  if (is_digested(irp))
    *digest_of(irp) = VF_WATCHES(VF_WATCH_OBJECTS) ? digest(irp) : NULL;
}

static void give_back(PIRP irp) {
  const struct wsk_args *args = wsk__args(irp);
  each_place(irp, mm__give_back);
  if (args->buffered)
    mm__give_chain_back(args->mdl, args->offset, args->length);
  if (is_digested(irp))
    check_bytes(irp);
}

/* What rules that wait for bytes have to know. */
static void count_bytes(PIRP irp, ULONG_PTR information) {
  UCHAR kind = wsk__args(irp)->kind;
  if (kind == WSK_OP_SEND || kind == WSK_OP_RECEIVE || kind == WSK_OP_SEND_TO ||
      kind == WSK_OP_RECEIVE_FROM)
    fault__moved((PWSK_SOCKET)(PVOID)wsk__op(irp)->socket, information);
}

static void note_death(struct wsk_socket *socket, NTSTATUS status) {
  if (status == STATUS_FILE_FORCED_CLOSED && socket != NULL)
    __atomic_store_n(&socket->death_told, true, __ATOMIC_RELAXED);
}

/* ---- completion by the loop -------------------------------------------- */

static void complete_pending(struct loop_op *loop_op) {
  PIRP irp = wsk__op_irp(loop_op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  struct wsk_args *args = wsk__args(irp);
  if (args->releases) {
    wsk__socket_release(socket, irp);
    return;
  }
  /* The lane first: the completion routine may issue the next operation, which
   * then finds the direct path open. */
  bool events = wsk__socket_leave_lane(socket, args->lane);
  give_back(irp);
  count_bytes(irp, irp->IoStatus.Information);
  note_death(socket, irp->IoStatus.Status);
  io__complete(irp, irp->IoStatus.Status, irp->IoStatus.Information);
  if (events)
    wsk__events_wanted(socket);
  wsk__socket_remove_pending(socket);
}

/* Now, if that can be. */
static void complete_soon(PIRP irp, void (*run)(struct loop_op *op)) {
  struct wsk_op *op = wsk__op(irp);
  op->loop.run = run;
  if (wsk__plan_is(irp, WSK_PLAN_LATER))
    loop__post(&op->loop);
  else if (!wsk__plan_is(irp, WSK_PLAN_INLINE) || !wsk__inline_catch(irp))
    loop__complete(&op->loop);
}

static void complete_through_loop(PIRP irp) {
  complete_soon(irp, complete_pending);
}

bool wsk__op_settle(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  if (wsk__args(irp)->requests) {
    wsk__send_to_settled(irp);
    wsk__request_give_back(irp);
  }
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = information;
  if (wsk__args(irp)->cancelable && IoSetCancelRoutine(irp, NULL) == NULL) {
    InsertTailList(&wsk__op(irp)->socket->limbo, &irp->Tail.Overlay.ListEntry);
    return false;
  }
  wsk__args(irp)->cancelable = FALSE;
  return true;
}

void wsk__op_complete(PIRP irp) {
  complete_through_loop(irp);
}

bool wsk__op_finish(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  if (!wsk__op_settle(irp, status, information))
    return false;
  wsk__op_complete(irp);
  return true;
}

/* ---- completion within the call ---------------------------------------- */

static void complete_without_socket(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_client *client = wsk__op(irp)->client;
  io__complete(irp, irp->IoStatus.Status, irp->IoStatus.Information);
  if (client != NULL)
    wsk__client_leave(client);
}

/* For what cannot be completed within its call, because completions are nested
 * too deep: it completes from the next pump. */
static void defer(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  struct wsk_op *op = wsk__op(irp);
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = information;
  if (op->socket != NULL) {
    wsk__socket_add_pending(op->socket);
    complete_through_loop(irp);
  } else {
    if (op->client != NULL)
      wsk__client_add(op->client);
    complete_soon(irp, complete_without_socket);
  }
}

static bool complete_now(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  if (!loop__enter_client())
    return false;
  note_death(wsk__op(irp)->socket, status);
  io__complete(irp, status, information);
  wsk__call_leave(irp);
  loop__leave_client();
  return true;
}

static NTSTATUS answer(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  if (complete_now(irp, status, information))
    return status;
  wsk__call_leave(irp);
  IoMarkIrpPending(irp);
  defer(irp, status, information);
  return STATUS_PENDING;
}

/* As defer, but the completion waits until the test lets it go. */
static void hold_answer(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  struct wsk_op *op = wsk__op(irp);
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = information;
  if (op->socket != NULL)
    wsk__socket_add_pending(op->socket);
  else if (op->client != NULL)
    wsk__client_add(op->client);
  op->loop.run =
      op->socket != NULL ? complete_pending : complete_without_socket;
  if (!wsk__hold(&op->loop, irp, true))
    loop__complete(&op->loop);
}

NTSTATUS wsk__op_answer(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  switch (wsk__args(irp)->plan) {
  case WSK_PLAN_PENDING:
    IoMarkIrpPending(irp);
    if (!complete_now(irp, status, information)) {
      wsk__call_leave(irp);
      defer(irp, status, information);
    }
    return STATUS_PENDING;
  case WSK_PLAN_LATER:
    wsk__call_leave(irp);
    IoMarkIrpPending(irp);
    defer(irp, status, information);
    return STATUS_PENDING;
  case WSK_PLAN_HOLD:
    wsk__call_leave(irp);
    IoMarkIrpPending(irp);
    hold_answer(irp, status, information);
    return STATUS_PENDING;
  default:
    return answer(irp, status, information);
  }
}

NTSTATUS wsk__op_refuse(PIRP irp, NTSTATUS status) {
  return answer(irp, status, 0);
}

bool wsk__op_enter_direct(PIRP irp) {
  return !wsk__plan_is(irp, WSK_PLAN_LATER) &&
         !wsk__plan_is(irp, WSK_PLAN_HOLD) && loop__enter_client();
}

void wsk__op_leave_direct(void) {
  loop__leave_client();
}

NTSTATUS wsk__op_answer_direct(PIRP irp, NTSTATUS status, ULONG_PTR information,
                               bool pending) {
  if (wsk__args(irp)->plan != WSK_PLAN_NONE)
    pending = wsk__plan_is(irp, WSK_PLAN_PENDING);
  if (pending)
    IoMarkIrpPending(irp);
  count_bytes(irp, information);
  io__complete(irp, status, information);
  wsk__call_leave(irp);
  loop__leave_client();
  return pending ? STATUS_PENDING : status;
}

/* ---- pending ----------------------------------------------------------- */

/* The cancel lock is held on entry. The scan takes it, too, before it completes
 * anything: so the IRP and the socket are there until it is released, and the
 * socket stays until the scan that we start has run. */
static VOID cancel_operation(PDEVICE_OBJECT device, PIRP irp) {
  UNREFERENCED_PARAMETER(device);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  bool start_scan = wsk__socket_request_scan(socket);
  IoReleaseCancelSpinLock(irp->CancelIrql);
  if (start_scan)
    loop__submit(&socket->scan_op);
}

/* The call completes what the loop has finished by the time it returns. */
static NTSTATUS submit_inline(PIRP irp) {
  struct wsk_inline_call call;
  struct wsk_op *op = wsk__op(irp);
  wsk__inline_begin(&call, irp);
  loop__submit(&op->loop);
  if (!wsk__inline_end(&call))
    return STATUS_PENDING;
  if (!loop__enter_client()) {
    IoMarkIrpPending(irp);
    loop__complete(&op->loop);
    return STATUS_PENDING;
  }
  NTSTATUS status = irp->IoStatus.Status;
  op->loop.run(&op->loop);
  loop__leave_client();
  return status;
}

NTSTATUS wsk__op_submit(PIRP irp, void (*run)(struct loop_op *op),
                        bool cancelable) {
  struct wsk_op *op = wsk__op(irp);
  struct wsk_args *args = wsk__args(irp);
  wsk__call_leave(irp);
  bool as_planned = args->plan == WSK_PLAN_INLINE;
  if (!as_planned)
    IoMarkIrpPending(irp);
  op->loop.run = run;
  args->cancelable = cancelable;
  args->releases = args->kind == WSK_OP_CLOSE;
  if (args->kind != WSK_OP_CLOSE)
    wsk__socket_add_pending(op->socket);
  if (cancelable)
    (void)IoSetCancelRoutine(irp, cancel_operation);
  lend(irp);
  if (as_planned)
    return submit_inline(irp);
  if (args->plan != WSK_PLAN_HOLD || !wsk__hold(&op->loop, irp, false))
    loop__submit(&op->loop);
  return STATUS_PENDING;
}
