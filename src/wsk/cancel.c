/* Cancelled operations. The protocol is told in op.h. */
#include "wsk/plan.h"
#include "wsk/socket.h"

bool wsk__socket_request_scan(struct wsk_socket *socket) {
  return __atomic_exchange_n(&socket->scan_requested, 1, __ATOMIC_ACQ_REL) == 0;
}

/* Under the cancel lock: IoCancelIrp has taken the routine, and the routine has
 * run. The operation is ours to complete. */
static bool take_cancelled(PIRP irp) {
  if (irp == NULL || !wsk__args(irp)->cancelable ||
      !wsk__op_is_cancelled(irp) || irp->CancelRoutine != NULL)
    return false;
  wsk__args(irp)->cancelable = FALSE;
  return true;
}

/* Moves cancelled operations of a queue to `taken`, but for `in_flight`. */
static void take_from_queue(PLIST_ENTRY queue, PIRP in_flight,
                            PLIST_ENTRY taken) {
  for (PLIST_ENTRY link = queue->Flink, next; link != queue; link = next) {
    PIRP irp = wsk__irp_of_link(link);
    next = link->Flink;
    if (irp == in_flight || !take_cancelled(irp))
      continue;
    RemoveEntryList(link);
    InsertTailList(taken, link);
  }
}

/* A graceful disconnect that was waiting may be asked for again. */
void wsk__socket_undo_disconnect(struct wsk_socket *socket) {
  os__spin_lock(&socket->send.lock);
  socket->send.ended = false;
  os__spin_unlock(&socket->send.lock);
}

static void complete_cancelled(struct wsk_socket *socket, PLIST_ENTRY taken) {
  while (!IsListEmpty(taken)) {
    PIRP irp = wsk__irp_of_link(RemoveHeadList(taken));
    bool disconnect = wsk__args(irp)->kind == WSK_OP_DISCONNECT;
    if (disconnect)
      wsk__socket_undo_disconnect(socket);
    wsk__op_finish(irp, STATUS_CANCELLED, disconnect ? 0 : wsk__op(irp)->done);
  }
}

static void complete_limbo(PLIST_ENTRY limbo) {
  while (!IsListEmpty(limbo))
    wsk__op_complete(wsk__irp_of_link(RemoveHeadList(limbo)));
}

/* A stream with a hole, or a half-made connection, is of no use: the handle
 * goes, and its callbacks complete the operation. Data calls fail with
 * `reason` from now on. */
static void take_down(struct wsk_socket *socket, NTSTATUS reason) {
  wsk__socket_fail(socket, reason);
  wsk__socket_dead(socket);
  wsk__socket_close_handle(socket, true);
}

/* The operation whose bytes are on their way, or whose end of stream is. */
static PIRP in_flight_of(struct wsk_socket *socket) {
  if (socket->finish_started && !socket->finished &&
      !IsListEmpty(&socket->sends))
    return wsk__irp_of_link(socket->sends.Flink);
  return socket->writing;
}

/* A send some of whose bytes have gone out, though none is on its way now. */
static bool has_begun(PLIST_ENTRY taken) {
  for (PLIST_ENTRY link = taken->Flink; link != taken; link = link->Flink) {
    PIRP irp = wsk__irp_of_link(link);
    if (wsk__args(irp)->lane == WSK_LANE_SEND && wsk__op(irp)->done > 0 &&
        wsk__args(irp)->kind != WSK_OP_SEND_MESSAGES)
      return true;
  }
  return false;
}

void wsk__socket_scan_cancelled(struct wsk_socket *socket) {
  LIST_ENTRY taken, limbo;
  KIRQL irql;
  InitializeListHead(&taken);
  InitializeListHead(&limbo);
  /* A completion may close the socket and let the close complete: it is held
   * until we are through. */
  wsk__socket_add_pending(socket);
  wsk__socket_finish_force(socket);
  wsk__held_let_go(socket, false);
  IoAcquireCancelSpinLock(&irql);
  PIRP in_flight = in_flight_of(socket);
  take_from_queue(&socket->sends, in_flight, &taken);
  take_from_queue(&socket->receives, NULL, &taken);
  take_from_queue(&socket->address_changes, NULL, &taken);
  take_from_queue(&socket->limbo, NULL, &limbo);
  /* An end of stream that is going out cannot be called back: its operation
   * completes as if nobody had asked. */
  bool broken = take_cancelled(in_flight) && in_flight == socket->writing;
  bool given_up = take_cancelled(socket->connecting);
  IoReleaseCancelSpinLock(irql);
  if (broken || has_begun(&taken))
    take_down(socket, STATUS_CONNECTION_ABORTED);
  if (given_up)
    take_down(socket, STATUS_INVALID_DEVICE_STATE);
  complete_cancelled(socket, &taken);
  wsk__send_pump(socket);
  wsk__accept_pump(socket);
  wsk__datagrams_pump(socket);
  wsk__data_scan(socket);
  wsk__receive_pump(socket);
  wsk__events_pump(socket);
  wsk__socket_remove_pending(socket);
  /* Last, for the socket may go with one of them. */
  complete_limbo(&limbo);
}

bool wsk__op_start_cancelled(PIRP irp) {
  if (!wsk__op_is_cancelled(irp) || !wsk__args(irp)->cancelable)
    return false;
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__args(irp)->kind == WSK_OP_DISCONNECT)
    wsk__socket_undo_disconnect(socket);
  else if (wsk__args(irp)->kind == WSK_OP_SEND && wsk__op(irp)->done > 0)
    take_down(socket, STATUS_CONNECTION_ABORTED);
  /* When the routine has been taken, finishing waits for a scan, and the one
   * that the routine asked for may have been here already. */
  if (!wsk__op_finish(irp, STATUS_CANCELLED, wsk__op(irp)->done))
    wsk__socket_scan_cancelled(socket);
  return true;
}

void wsk__op_queued(PIRP irp) {
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__op_is_cancelled(irp))
    wsk__socket_scan_cancelled(socket);
}
