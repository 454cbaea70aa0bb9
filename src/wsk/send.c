/*
 * WskSend: the direct path, then the queue.
 *
 * The queue holds, in the order of the calls: sends, the data of a
 * WskConnectEx, and a graceful disconnect with its data, which is always last.
 * One vector of buffers at a time is with the transport (`writing`); an
 * operation leaves the queue when its last byte has been taken.
 */
#include "wsk/send.h"

#include "etw/trace.h"
#include "mm/mdl_walk.h"
#include "wsk/provider.h"
#include "wsk/socket.h"
#include "wsk/status.h"

_Static_assert(sizeof(struct mm_span) == sizeof(struct net_buffer),
               "spans of an MDL chain are the transport's buffers");

unsigned wsk__op_buffers(PIRP irp, struct net_buffer *buffers, unsigned room,
                         size_t *total) {
  const struct wsk_args *args = wsk__args(irp);
  return mm__chain_spans(args->mdl, args->offset, args->length,
                         wsk__op(irp)->done, (struct mm_span *)(void *)buffers,
                         room, total);
}

/* ---- on the loop ------------------------------------------------------- */

/* The reason why nothing more can be sent. */
static NTSTATUS send_error(struct wsk_socket *socket) {
  os__spin_lock(&socket->send.lock);
  NTSTATUS error = socket->send.error;
  os__spin_unlock(&socket->send.lock);
  return error != STATUS_SUCCESS ? error : STATUS_CANCELLED;
}

static SIZE_T send_information(PIRP irp) {
  return wsk__args(irp)->kind == WSK_OP_SEND ? wsk__op(irp)->done : 0;
}

static void finish_send(PIRP irp, NTSTATUS status) {
  wsk__op_finish(irp, status, send_information(irp));
}

/* Settles everything queued, and moves to `failed` what can be completed. */
static void settle_all(struct wsk_socket *socket, NTSTATUS status,
                       PLIST_ENTRY failed) {
  NTSTATUS cut_off =
      wsk__socket_is_aborted(socket) ? STATUS_CONNECTION_ABORTED : status;
  while (!IsListEmpty(&socket->sends)) {
    PLIST_ENTRY link = RemoveHeadList(&socket->sends);
    PIRP irp = wsk__irp_of_link(link);
    bool disconnect = wsk__args(irp)->kind == WSK_OP_DISCONNECT;
    if (irp != socket->writing &&
        wsk__op_settle(irp, disconnect ? cut_off : status,
                       send_information(irp)))
      InsertTailList(failed, link);
  }
}

void wsk__send_fail_all(struct wsk_socket *socket, NTSTATUS status) {
  LIST_ENTRY failed;
  InitializeListHead(&failed);
  settle_all(socket, status, &failed);
  /* The bytes of this one are with the transport still: it goes last. */
  if (socket->writing != NULL)
    InsertHeadList(&socket->sends, &socket->writing->Tail.Overlay.ListEntry);
  while (!IsListEmpty(&failed))
    wsk__op_complete(wsk__irp_of_link(RemoveHeadList(&failed)));
}

/* The transport refuses to go on. */
static void connection_broke(struct wsk_socket *socket, int error) {
  wsk__socket_fail(socket, wsk__status(error));
  NTSTATUS status = send_error(socket);
  wsk__send_fail_all(socket, status);
  wsk__receive_fail_all(socket, status);
}

static void start_finish(struct wsk_socket *socket) {
  socket->finish_started = true;
  int error = net__tcp_finish(socket->tcp);
  if (error != NET_OK)
    connection_broke(socket, error);
}

/* All bytes of the first operation have been taken. */
static void first_is_sent(struct wsk_socket *socket, PIRP irp) {
  if (wsk__args(irp)->kind == WSK_OP_DISCONNECT) {
    start_finish(socket);
    return;
  }
  RemoveEntryList(&irp->Tail.Overlay.ListEntry);
  finish_send(irp, STATUS_SUCCESS);
}

/* Gives the transport the next bytes of the first operation. */
static void write_some(struct wsk_socket *socket, PIRP irp) {
  struct net_buffer buffers[NET_WRITE_BUFFERS];
  size_t total = 0;
  unsigned count = wsk__op_buffers(irp, buffers, NET_WRITE_BUFFERS, &total);
  if (count == 0) {
    first_is_sent(socket, irp);
    return;
  }
  int result = net__tcp_write(socket->tcp, buffers, count);
  if (result == NET_WRITTEN) {
    wsk__op(irp)->done += total;
  } else if (result == NET_OK) {
    socket->writing = irp;
    socket->writing_bytes = total;
  } else {
    connection_broke(socket, result);
  }
}

void wsk__send_pump(struct wsk_socket *socket) {
  while (wsk__socket_is_open(socket) && socket->writing == NULL &&
         !socket->finish_started && !IsListEmpty(&socket->sends) &&
         !wsk__lane_has_begun(&socket->send))
    write_some(socket, wsk__irp_of_link(socket->sends.Flink));
}

void wsk__send_written(void *user, int error) {
  struct wsk_socket *socket = user;
  PIRP irp = socket->writing;
  socket->writing = NULL;
  if (error == NET_OK) {
    wsk__op(irp)->done += socket->writing_bytes;
    wsk__send_pump(socket);
  } else if (!socket->handle_closing) {
    connection_broke(socket, error);
  }
  /* A handle that is being closed completes everything at its end. */
}

void wsk__send_finished(void *user, int error) {
  struct wsk_socket *socket = user;
  if (socket->handle_closing || IsListEmpty(&socket->sends))
    return;
  if (error != NET_OK) {
    connection_broke(socket, error);
    return;
  }
  socket->finished = true;
  finish_send(wsk__irp_of_link(RemoveHeadList(&socket->sends)), STATUS_SUCCESS);
}

/* WSK_FLAG_NODELAY: this and what waits before it goes out at once. The host
 * knows this as an option of the socket, which stays set. */
static void stop_delaying(struct wsk_socket *socket) {
  (void)net__tcp_set_nodelay(socket->tcp, true);
  os__spin_lock(&socket->send.lock);
  socket->undelayed = true;
  os__spin_unlock(&socket->send.lock);
}

/* The disconnect that stands last in the queue, or NULL. */
static PIRP queued_disconnect(struct wsk_socket *socket) {
  if (IsListEmpty(&socket->sends))
    return NULL;
  PIRP last = wsk__irp_of_link(socket->sends.Blink);
  return wsk__args(last)->kind == WSK_OP_DISCONNECT ? last : NULL;
}

/* Queues the operation in the order in which the lane has accepted it, which
 * may not be that in which two threads' operations come here: one that is begun
 * goes first, and a disconnect last. False when the disconnect is under way. */
static bool enqueue(struct wsk_socket *socket, PIRP irp, bool begun) {
  PLIST_ENTRY link = &irp->Tail.Overlay.ListEntry;
  PIRP disconnect = queued_disconnect(socket);
  if (begun)
    InsertHeadList(&socket->sends, link);
  else if (disconnect == NULL && !socket->finish_started)
    InsertTailList(&socket->sends, link);
  else if (disconnect != NULL && !socket->finish_started &&
           socket->writing != disconnect && wsk__op(disconnect)->done == 0)
    InsertTailList(&disconnect->Tail.Overlay.ListEntry, link);
  else
    return false;
  return true;
}

void wsk__send_start(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  bool begun = wsk__lane_arrived(&socket->send, irp);
  if (wsk__op_start_cancelled(irp))
    return;
  if (!wsk__socket_is_open(socket)) {
    finish_send(irp, socket->closing != NULL ? STATUS_CANCELLED
                                             : send_error(socket));
    return;
  }
  if ((wsk__args(irp)->flags & WSK_FLAG_NODELAY) && !socket->undelayed)
    stop_delaying(socket);
  if (!enqueue(socket, irp, begun)) {
    finish_send(irp, STATUS_INVALID_DEVICE_STATE);
    return;
  }
  wsk__op_queued(irp);
  wsk__send_pump(socket);
}

/* ---- the call ---------------------------------------------------------- */

NTSTATUS wsk__send_allowed(const struct wsk_socket *socket) {
  if (socket->send.error != STATUS_SUCCESS)
    return socket->send.error;
  if (socket->state != WSK_CONNECTED || socket->send.ended)
    return STATUS_INVALID_DEVICE_STATE;
  return STATUS_SUCCESS;
}

/* One attempt on the host socket, under the lane's lock. True when all of it
 * has gone out. What the attempt used up of an error is kept. */
static bool send_directly(struct wsk_socket *socket, PIRP irp) {
  struct net_buffer buffers[NET_DIRECT_BUFFERS];
  size_t total = 0;
  unsigned count = wsk__op_buffers(irp, buffers, NET_DIRECT_BUFFERS, &total);
  if (count == 0)
    return true;
  int64_t sent = net__tcp_try_send(socket->tcp, buffers, count);
  if (sent > 0)
    wsk__op(irp)->done += (SIZE_T)sent;
  else if (sent != NET_EAGAIN && sent != NET_ENOSYS)
    socket->send.error = wsk__status((int)sent);
  return wsk__op(irp)->done == wsk__args(irp)->length;
}

/* Under the lane's lock: the first send that must not be delayed takes the
 * way of the loop, where the option is set. */
static bool may_go_directly(const struct wsk_socket *socket, PIRP irp) {
  return socket->send.pending == 0 && !wsk__op_is_cancelled(irp) &&
         (!(wsk__args(irp)->flags & WSK_FLAG_NODELAY) || socket->undelayed);
}

enum attempt { ATTEMPT_REFUSED, ATTEMPT_DONE, ATTEMPT_QUEUED };

/* Decides under the lane's lock: refused, done at once, or counted as pending.
 */
static enum attempt attempt_send(struct wsk_socket *socket, PIRP irp,
                                 bool direct, NTSTATUS *status) {
  enum attempt attempt = ATTEMPT_REFUSED;
  os__spin_lock(&socket->send.lock);
  *status = wsk__send_allowed(socket);
  if (NT_SUCCESS(*status)) {
    attempt = ATTEMPT_QUEUED;
    if (direct && may_go_directly(socket, irp) && send_directly(socket, irp))
      attempt = ATTEMPT_DONE;
    if (attempt == ATTEMPT_QUEUED) {
      socket->send.pending++;
      if (wsk__op(irp)->done > 0)
        socket->send.begun = true;
    }
  }
  os__spin_unlock(&socket->send.lock);
  return attempt;
}

static NTSTATUS send_now_or_later(struct wsk_socket *socket, PIRP irp) {
  NTSTATUS status;
  bool direct = wsk__op_enter_direct();
  enum attempt attempt = attempt_send(socket, irp, direct, &status);
  if (attempt == ATTEMPT_DONE)
    return wsk__op_answer_direct(irp, wsk__op(irp)->done, true);
  if (direct)
    wsk__op_leave_direct();
  if (attempt == ATTEMPT_REFUSED)
    return wsk__op_refuse(irp, status);
  wsk__args(irp)->lane = WSK_LANE_SEND;
  return wsk__op_submit(irp, wsk__send_start, true);
}

static NTSTATUS send(PWSK_SOCKET handle, PWSK_BUF buffer, ULONG flags,
                     PIRP irp) {
  struct wsk_socket *socket;
  NTSTATUS status = wsk__call_begin(handle, irp, WSK_OP_SEND, &socket);
  if (status != STATUS_SUCCESS)
    return status;
  if ((flags & ~(ULONG)WSK_FLAG_NODELAY) != 0)
    return wsk__op_refuse(irp, STATUS_NOT_SUPPORTED);
  status = wsk__call_buffer(irp, buffer);
  if (!NT_SUCCESS(status))
    return wsk__op_refuse(irp, status);
  wsk__args(irp)->flags = (USHORT)flags;
  return send_now_or_later(socket, irp);
}

NTSTATUS WSKAPI wsk__send(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags,
                          PIRP Irp) {
  ETW_CALL("WskSend", Socket, Irp, "%llu bytes",
           Buffer != NULL ? (unsigned long long)Buffer->Length : 0);
  NTSTATUS status = send(Socket, Buffer, Flags, Irp);
  ETW_RETURN("WskSend", Irp, status);
  return status;
}
