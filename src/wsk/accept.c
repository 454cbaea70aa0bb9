/*
 * Listening sockets and WskAccept: the direct path, then the queue.
 *
 * A connection is taken from the host as soon as it arrives, becomes a socket,
 * and waits in the listener for somebody to accept it: so WskAccept can answer
 * at once, on any thread. When so many wait that there is no room, the host
 * keeps the others, and its backlog does the rest.
 *
 * An accept IRP that finds nothing queues where the IRPs of a connection's
 * receives do, and is cancelled and closed over as they are.
 */
#include "etw/trace.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/provider.h"
#include "wsk/socket.h"
#include "wsk/status.h"

#define WAITING_MAX  128u
#define HOST_BACKLOG 128

/* An accept has one argument more than an IRP's stack location has parameters:
 * the pointer for the file object, which means nothing here, takes it. */
static void set_remote(PIRP irp, PSOCKADDR remote) {
  IoGetCurrentIrpStackLocation(irp)->FileObject =
      (struct _FILE_OBJECT *)(void *)remote;
}

PSOCKADDR wsk__accept_remote(PIRP irp) {
  return (PSOCKADDR)(void *)IoGetCurrentIrpStackLocation(irp)->FileObject;
}

/* ---- connections that wait --------------------------------------------- */

struct wsk_socket *wsk__accept_take_waiting(struct wsk_socket *listener) {
  if (IsListEmpty(&listener->waiting))
    return NULL;
  listener->waiting_count--;
  struct wsk_socket *accepted = CONTAINING_RECORD(
      RemoveHeadList(&listener->waiting), struct wsk_socket, waiting_link);
  __atomic_store_n(&accepted->inspection, WSK_INSPECTION_OVER,
                   __ATOMIC_RELEASE);
  return accepted;
}

static struct wsk_socket *next_waiting(struct wsk_socket *listener) {
  os__spin_lock(&listener->receive.lock);
  struct wsk_socket *accepted = wsk__accept_take_waiting(listener);
  os__spin_unlock(&listener->receive.lock);
  return accepted;
}

static void let_wait(struct wsk_socket *listener, struct wsk_socket *accepted) {
  os__spin_lock(&listener->receive.lock);
  InsertTailList(&listener->waiting, &accepted->waiting_link);
  listener->waiting_count++;
  os__spin_unlock(&listener->receive.lock);
}

/* Whether one more may wait; if not, whoever takes one out asks for a pump. */
static bool has_room(struct wsk_socket *listener) {
  os__spin_lock(&listener->receive.lock);
  listener->full = listener->waiting_count >= WAITING_MAX;
  bool room = !listener->full;
  os__spin_unlock(&listener->receive.lock);
  return room;
}

/* Makes the connection the client's. */
static void deliver(struct wsk_socket *accepted, PIRP irp, const void *caller) {
  const struct wsk_args *args = wsk__args(irp);
  accepted->undelivered = false;
  wsk__events_attach(accepted, args->context, args->dispatch);
  wsk__socket_track(accepted, wsk__op_name(WSK_OP_ACCEPT), caller);
  if (args->local != NULL)
    wsk__address_out(args->local, &accepted->local);
  if (wsk__accept_remote(irp) != NULL)
    wsk__address_out(wsk__accept_remote(irp), &accepted->remote);
}

/* Closed by reset, it discards itself. */
static void drop(struct wsk_socket *accepted) {
  wsk__socket_close_handle(accepted, true);
}

void wsk__accept_drop_waiting(struct wsk_socket *socket) {
  struct wsk_socket *accepted;
  while ((accepted = next_waiting(socket)) != NULL)
    drop(accepted);
  wsk__inspect_drop(socket);
}

/* ---- what callbacks see ------------------------------------------------ */

bool wsk__accept_has_died(const struct wsk_socket *listener) {
  return listener->role == WSK_LISTENER && listener->forced &&
         listener->state == WSK_DEAD;
}

void wsk__accept_show(struct wsk_socket *listener,
                      const struct wsk_socket *accepted) {
  RtlZeroMemory(&listener->shown, sizeof(listener->shown));
  if (accepted == NULL)
    return;
  wsk__address_out(&listener->shown.local.any, &accepted->local);
  wsk__address_out(&listener->shown.remote.any, &accepted->remote);
}

/* Whoever has kept a pointer is to notice. */
void wsk__accept_hide(struct wsk_socket *listener) {
  RtlFillMemory(&listener->shown, sizeof(listener->shown), 0xFE);
}

/* ---- on the loop ------------------------------------------------------- */

int wsk__listen_now(struct wsk_socket *socket) {
  return net__tcp_listen(socket->tcp, HOST_BACKLOG);
}

static PIRP next_accept(struct wsk_socket *listener) {
  return IsListEmpty(&listener->receives)
             ? NULL
             : wsk__irp_of_link(RemoveHeadList(&listener->receives));
}

/* A connection whose peer has reset it meanwhile has no address any more. What
 * has come to a specific address need not be asked for it. */
static int set_addresses(const struct wsk_socket *listener,
                         struct wsk_socket *accepted) {
  struct net_address local = listener->local, remote;
  int error = NET_OK;
  if (wsk__is_wildcard(&local))
    error = net__tcp_local(accepted->tcp, &local);
  if (error == NET_OK)
    error = net__tcp_remote(accepted->tcp, &remote);
  if (error == NET_OK)
    wsk__socket_accepted(accepted, &local, &remote);
  return error;
}

/* Makes a socket of the next connection; NET_EAGAIN when that one has gone. */
static int take_from_host(struct wsk_socket *listener,
                          struct wsk_socket **taken) {
  struct wsk_socket *accepted =
      wsk__socket_create(listener->client, WSK_CONNECTION, listener->family);
  if (accepted == NULL)
    return NET_ENOMEM;
  accepted->accepted = accepted->undelivered = true;
  int error = net__tcp_accept(listener->tcp, &accepted->tcp, &wsk__tcp_events,
                              accepted);
  if (error != NET_OK) {
    wsk__socket_discard(accepted);
    return error == NET_ENOMEM ? error : NET_EAGAIN;
  }
  if (set_addresses(listener, accepted) != NET_OK) {
    drop(accepted);
    return NET_EAGAIN;
  }
  wsk__options_inherit(accepted, listener);
  *taken = accepted;
  return NET_OK;
}

/* Without memory the connection stays with the host, and one accept fails: the
 * next one finds it. A client that waits for events would never come back for
 * it, and the host tells of no further one: so it is refused. False when there
 * is no use in going on. */
static bool no_memory(struct wsk_socket *listener) {
  PIRP irp = next_accept(listener);
  if (irp == NULL)
    return (listener->conditional ||
            wsk__event_is_enabled(listener, WSK_EVENT_ACCEPT)) &&
           net__tcp_refuse(listener->tcp);
  wsk__op_finish(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
  return true;
}

static void hand_over(struct wsk_socket *listener,
                      struct wsk_socket *accepted) {
  PIRP irp = next_accept(listener);
  if (irp == NULL) {
    let_wait(listener, accepted);
    return;
  }
  deliver(accepted, irp, NULL);
  wsk__op_finish(irp, STATUS_SUCCESS, (ULONG_PTR)accepted);
}

static void take_in(struct wsk_socket *listener, struct wsk_socket *accepted) {
  if (listener->conditional)
    wsk__inspect_arrived(listener, accepted);
  else
    hand_over(listener, accepted);
}

/* Gives what waits to the IRPs that have queued meanwhile. */
static void serve_queue(struct wsk_socket *listener) {
  while (!IsListEmpty(&listener->receives)) {
    struct wsk_socket *accepted = next_waiting(listener);
    if (accepted == NULL)
      return;
    hand_over(listener, accepted);
  }
}

void wsk__accept_pump(struct wsk_socket *socket) {
  if (socket->role != WSK_LISTENER || socket->closing != NULL)
    return;
  /* A completion may close the listener and let the close complete: it is held
   * until we are through. */
  wsk__socket_add_pending(socket);
  serve_queue(socket);
  while (wsk__socket_is_open(socket) && net__tcp_has_arrived(socket->tcp) &&
         has_room(socket)) {
    struct wsk_socket *accepted;
    int error = take_from_host(socket, &accepted);
    if (error == NET_OK)
      take_in(socket, accepted);
    else if (error == NET_ENOMEM && !no_memory(socket))
      break;
  }
  wsk__events_pump(socket);
  wsk__socket_remove_pending(socket);
}

void wsk__accept_arrived(void *user) {
  wsk__accept_pump(user);
}

static void start_accept(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__op_start_cancelled(irp))
    return;
  if (!wsk__socket_is_open(socket)) {
    wsk__op_finish(irp, wsk__socket_end_status(socket, STATUS_CANCELLED), 0);
    return;
  }
  InsertTailList(&socket->receives, &irp->Tail.Overlay.ListEntry);
  wsk__op_queued(irp);
  wsk__accept_pump(socket);
}

/* ---- the call ---------------------------------------------------------- */

enum attempt {
  ATTEMPT_REFUSED,
  ATTEMPT_DONE,
  ATTEMPT_QUEUED,
  ATTEMPT_BESIDE, /* queued, and another one is pending */
};

/* Decides under the lane's lock: refused, the oldest connection that waits, or
 * counted as pending. */
static enum attempt attempt_accept(struct wsk_socket *listener, bool direct,
                                   struct wsk_socket **accepted) {
  enum attempt attempt = ATTEMPT_REFUSED;
  os__spin_lock(&listener->receive.lock);
  if (listener->role == WSK_LISTENER && listener->state == WSK_BOUND) {
    if (direct && listener->receive.pending == 0)
      *accepted = wsk__accept_take_waiting(listener);
    attempt = *accepted != NULL ? ATTEMPT_DONE : ATTEMPT_QUEUED;
    if (attempt == ATTEMPT_QUEUED && listener->receive.pending++ > 0)
      attempt = ATTEMPT_BESIDE;
  }
  os__spin_unlock(&listener->receive.lock);
  return attempt;
}

/* The host has kept connections back while too many waited here. */
static void ask_for_more(struct wsk_socket *listener) {
  os__spin_lock(&listener->receive.lock);
  bool full = listener->full;
  listener->full = false;
  os__spin_unlock(&listener->receive.lock);
  if (full && wsk__socket_request_scan(listener))
    loop__submit(&listener->scan_op);
}

static NTSTATUS accept_now_or_later(struct wsk_socket *listener, PIRP irp,
                                    const void *caller) {
  struct wsk_socket *accepted = NULL;
  bool direct = wsk__op_enter_direct(irp);
  bool at_once = direct && !wsk__op_is_cancelled(irp);
  enum attempt attempt = attempt_accept(listener, at_once, &accepted);
  if (attempt == ATTEMPT_DONE) {
    deliver(accepted, irp, caller);
    ask_for_more(listener);
    return wsk__op_answer_direct(irp, STATUS_SUCCESS, (ULONG_PTR)accepted,
                                 false);
  }
  if (direct)
    wsk__op_leave_direct();
  if (attempt == ATTEMPT_REFUSED)
    return wsk__op_refuse(
        irp, wsk__socket_end_status(listener, STATUS_INVALID_DEVICE_STATE));
  if (attempt == ATTEMPT_BESIDE)
    vf__report_on(VF_OBS_12, listener,
                  "WskAccept on socket %p, on which another one is pending",
                  (void *)listener);
  wsk__args(irp)->lane = WSK_LANE_RECEIVE;
  return wsk__op_submit(irp, start_accept, true);
}

NTSTATUS WSKAPI
wsk__accept(PWSK_SOCKET ListenSocket, ULONG Flags, PVOID AcceptSocketContext,
            CONST WSK_CLIENT_CONNECTION_DISPATCH *AcceptSocketDispatch,
            PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress, PIRP Irp) {
  struct wsk_socket *socket;
  ETW_CALL("WskAccept", ListenSocket, Irp, "flags %#x", (unsigned)Flags);
  NTSTATUS status = wsk__call_begin(ListenSocket, Irp, WSK_OP_ACCEPT, &socket);
  if (status == STATUS_SUCCESS && !wsk__no_flags(Flags, "WskAccept")) {
    status = wsk__op_refuse(Irp, STATUS_INVALID_PARAMETER);
  } else if (status == STATUS_SUCCESS) {
    wsk__args(Irp)->context = AcceptSocketContext;
    wsk__args(Irp)->dispatch = AcceptSocketDispatch;
    wsk__args(Irp)->local = LocalAddress;
    set_remote(Irp, RemoteAddress);
    status = accept_now_or_later(socket, Irp, OB_CALLER());
  }
  ETW_RETURN("WskAccept", Irp, status);
  return status;
}
