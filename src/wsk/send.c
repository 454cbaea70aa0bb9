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
#include "wsk/move_data.h"
#include "wsk/provider.h"
#include "wsk/status.h"

/* ---- on the loop ------------------------------------------------------- */

/* The reason why nothing more can be sent. */
static NTSTATUS send_error(struct wsk_socket *socket) {
  os__spin_lock(&socket->send.lock);
  NTSTATUS error = socket->send.error;
  os__spin_unlock(&socket->send.lock);
  return error != STATUS_SUCCESS ? error : STATUS_CANCELLED;
}

static SIZE_T send_information(PIRP irp) {
  enum wsk_op_kind kind = wsk__args(irp)->kind;
  return kind == WSK_OP_SEND || kind == WSK_OP_SEND_MESSAGES
             ? wsk__op(irp)->done
             : 0;
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
  wsk__remote_reset(socket);
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
  while (socket->tcp != NULL && !socket->handle_closing &&
         socket->writing == NULL && !socket->finish_started &&
         !IsListEmpty(&socket->sends) && !wsk__lane_has_begun(&socket->send))
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
  if (socket->silent)
    return STATUS_INVALID_DEVICE_STATE;
  if (socket->send.error != STATUS_SUCCESS)
    return socket->send.error;
  if (socket->state != WSK_CONNECTED || socket->send.ended)
    return STATUS_INVALID_DEVICE_STATE;
  return STATUS_SUCCESS;
}

/* One attempt on the host socket, under the lane's lock. True when all of it
 * has gone out. What the attempt used up of an error is kept. The first send
 * that must not be delayed goes by the loop, where the option is set. */
static bool send_directly(struct wsk_socket *socket, PIRP irp) {
  struct net_buffer buffers[NET_DIRECT_BUFFERS];
  size_t total = 0;
  if ((wsk__args(irp)->flags & WSK_FLAG_NODELAY) && !socket->undelayed)
    return false;
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

static const struct wsk_direction sending = {
    .lane = WSK_LANE_SEND,
    .allowed = wsk__send_allowed,
    .directly = send_directly,
    .start = wsk__send_start,
    .pends = true, /* as Windows was seen to do */
};

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
  return wsk__move_data(socket, irp, &sending);
}

NTSTATUS WSKAPI wsk__send(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags,
                          PIRP Irp) {
  ETW_CALL("WskSend", Socket, Irp, "%llu bytes",
           Buffer != NULL ? (unsigned long long)Buffer->Length : 0);
  NTSTATUS status = send(Socket, Buffer, Flags, Irp);
  ETW_RETURN("WskSend", Irp, status);
  return status;
}

/* Control data would go out with a datagram; a stream has no place for it. */
NTSTATUS WSKAPI wsk__send_ex(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags,
                             ULONG ControlInfoLength, PCMSGHDR ControlInfo,
                             PIRP Irp) {
  UNREFERENCED_PARAMETER(ControlInfo);
  if (ControlInfoLength == 0)
    return wsk__send(Socket, Buffer, Flags, Irp);
  struct wsk_socket *socket;
  ETW_CALL("WskSendEx", Socket, Irp, "%u bytes of control data",
           (unsigned)ControlInfoLength);
  NTSTATUS status = wsk__call_begin(Socket, Irp, WSK_OP_SEND, &socket);
  if (status == STATUS_SUCCESS)
    status = wsk__op_refuse(Irp, STATUS_NOT_SUPPORTED);
  ETW_RETURN("WskSendEx", Irp, status);
  return status;
}
