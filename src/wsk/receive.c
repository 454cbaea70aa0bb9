/*
 * WskReceive: the direct path, then the queue.
 *
 * A pending receive's MDL is where the transport reads: bytes go from the
 * host's kernel straight into the client's buffer. Without a pending receive
 * the socket stops reading, and TCP's window does the rest, unless events are
 * enabled: see receive_event.h. What waits there is received first.
 */
#include "etw/trace.h"
#include "verifier/report.h"
#include "wsk/data_block.h"
#include "wsk/delivery.h"
#include "wsk/move_data.h"
#include "wsk/provider.h"
#include "wsk/socket.h"
#include "wsk/status.h"

/* Where drained bytes go. All sockets share it: only the owner of the loop
 * reads, and nobody looks at what was read. */
static unsigned char drain[65536];

static bool is_drain(PIRP irp) {
  return (wsk__args(irp)->flags & WSK_FLAG_DRAIN) != 0;
}

static bool is_full(PIRP irp) {
  return wsk__op(irp)->done == wsk__args(irp)->length;
}

/* ---- on the loop ------------------------------------------------------- */

static PIRP first_receive(struct wsk_socket *socket) {
  return IsListEmpty(&socket->receives)
             ? NULL
             : wsk__irp_of_link(socket->receives.Flink);
}

static void finish_first(struct wsk_socket *socket, NTSTATUS status) {
  PIRP irp = wsk__irp_of_link(RemoveHeadList(&socket->receives));
  wsk__op_finish(irp, status, is_drain(irp) ? 0 : wsk__op(irp)->done);
}

void wsk__receive_fail_all(struct wsk_socket *socket, NTSTATUS status) {
  while (first_receive(socket) != NULL)
    finish_first(socket, status);
}

static NTSTATUS receive_error(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  NTSTATUS error = socket->receive.error;
  os__spin_unlock(&socket->receive.lock);
  return error;
}

/* What arrives in silent mode is not taken. */
static bool is_silent(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool silent = socket->silent;
  os__spin_unlock(&socket->receive.lock);
  return silent;
}

/* A host that refuses to read answers as if it had been read from. */
static void start_reading(struct wsk_socket *socket) {
  int error = net__tcp_read_start(socket->tcp);
  if (error != NET_OK)
    wsk__receive_received(socket, error);
}

static bool can_read(struct wsk_socket *socket) {
  return wsk__socket_is_open(socket) && !socket->peer_finished &&
         receive_error(socket) == STATUS_SUCCESS && !is_silent(socket) &&
         !wsk__lane_has_begun(&socket->receive);
}

/* True when that was all that the receive, the first one, waited for. Blocks go
 * back when it has left the queue: who waits for them is served at once, and
 * may be this very socket. */
static bool take_what_is_ready(struct wsk_socket *socket, PIRP irp) {
  struct wsk_block *emptied;
  bool done = wsk__data_take(socket, irp, is_drain(irp), &emptied) &&
              !is_drain(irp) &&
              (is_full(irp) || !(wsk__args(irp)->flags & WSK_FLAG_WAITALL));
  if (done)
    finish_first(socket, STATUS_SUCCESS);
  wsk__block_give(emptied);
  return done;
}

/* What was received before it was asked for comes first. */
static void receive_what_is_ready(struct wsk_socket *socket) {
  PIRP irp;
  do
    irp = first_receive(socket);
  while (irp != NULL && take_what_is_ready(socket, irp));
}

static void serve_queue(struct wsk_socket *socket) {
  receive_what_is_ready(socket);
  if (first_receive(socket) == NULL)
    return;
  if (socket->peer_finished)
    wsk__receive_fail_all(socket, STATUS_SUCCESS);
  else if (can_read(socket))
    start_reading(socket);
}

/* After an everyday callback there is nothing to be done. */
static bool is_at_rest(struct wsk_socket *socket) {
  return first_receive(socket) == NULL && socket->tcp != NULL &&
         net__tcp_is_reading(socket->tcp);
}

/* The direct path may have been the one that the host has told of the error: to
 * nobody else will it tell that. */
static void fail_for_good(struct wsk_socket *socket, NTSTATUS error) {
  wsk__socket_fail(socket, error);
  wsk__receive_fail_all(socket, error);
  wsk__remote_reset(socket);
}

void wsk__receive_pump(struct wsk_socket *socket) {
  if (wsk__socket_role(socket) != WSK_CONNECTION || is_at_rest(socket) ||
      wsk__data_is_indicated(socket))
    return;
  NTSTATUS error = receive_error(socket);
  if (error == STATUS_SUCCESS)
    serve_queue(socket);
  else
    fail_for_good(socket, error);
  if (first_receive(socket) == NULL && can_read(socket) &&
      (wsk__data_is_wanted(socket) || wsk__end_is_wanted(socket)))
    start_reading(socket);
}

static void take_room(PIRP irp, struct net_buffer *buffer) {
  size_t total;
  if (wsk__op_buffers(irp, buffer, 1, &total) > 0)
    buffer->length = wsk__limit_receive(buffer->length);
}

void wsk__receive_provide(void *user, struct net_buffer *buffer) {
  struct wsk_socket *socket = user;
  PIRP irp = first_receive(socket);
  buffer->length = 0;
  if (irp == NULL)
    wsk__data_provide(socket, buffer);
  else if (wsk__lane_has_begun(&socket->receive) || is_silent(socket))
    return;
  else if (is_drain(irp))
    *buffer = (struct net_buffer){drain, sizeof(drain)};
  else
    take_room(irp, buffer);
}

/* Receives of no bytes are done as soon as there is something to receive, which
 * shows in that the first one gives it no room. */
static void finish_empty_receives(struct wsk_socket *socket) {
  for (PIRP irp = first_receive(socket);
       irp != NULL && is_full(irp) && !is_drain(irp);
       irp = first_receive(socket))
    finish_first(socket, STATUS_SUCCESS);
}

static void bytes_arrived(struct wsk_socket *socket, SIZE_T bytes) {
  PIRP irp = first_receive(socket);
  wsk__end_may_show(socket);
  if (irp == NULL || is_drain(irp))
    return;
  wsk__op(irp)->done += bytes;
  if (is_full(irp) || !(wsk__args(irp)->flags & WSK_FLAG_WAITALL))
    finish_first(socket, STATUS_SUCCESS);
}

/* Why nothing more comes; STATUS_SUCCESS for the orderly end. The host tells an
 * error once, to the first who asks. When a send has been that one, what a
 * reader sees looks like the end; its lock is held until it is written down. */
static NTSTATUS why_ended(struct wsk_socket *socket, int64_t result) {
  if (result != NET_EOF)
    return wsk__status((int)result);
  os__spin_lock(&socket->send.lock);
  NTSTATUS error = socket->send.error;
  os__spin_unlock(&socket->send.lock);
  return error;
}

/* The remote side sends no more. */
static void remote_ended(struct wsk_socket *socket, int64_t result) {
  NTSTATUS error = why_ended(socket, result);
  if (error == STATUS_SUCCESS) {
    socket->peer_finished = true;
    wsk__receive_fail_all(socket, STATUS_SUCCESS);
    wsk__remote_finished(socket);
    return;
  }
  wsk__socket_fail(socket, error);
  wsk__receive_fail_all(socket, receive_error(socket));
  wsk__send_fail_all(socket, receive_error(socket));
  wsk__remote_reset(socket);
}

void wsk__receive_received(void *user, int64_t result) {
  struct wsk_socket *socket = user;
  if (wsk__inspect_ended(socket, result))
    return;
  bool ours = wsk__data_received(socket, result);
  if (result > 0 && !ours)
    bytes_arrived(socket, (SIZE_T)result);
  if (result < 0 && !socket->handle_closing)
    remote_ended(socket, result);
}

/* Bytes are in front of an end that somebody waits for; or that is it. Nobody
 * must take these bytes between the look and the note of it. */
static void look_for_end(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  int64_t seen = net__tcp_peek(socket->tcp);
  if (seen > 0)
    socket->data.unread = true;
  os__spin_unlock(&socket->receive.lock);
  if (seen <= 0 && seen != NET_EAGAIN)
    remote_ended(socket, seen == 0 ? NET_EOF : seen);
}

void wsk__receive_starved(void *user) {
  struct wsk_socket *socket = user;
  if (wsk__inspect_starved(socket))
    return;
  /* Nobody waits. A client that receives directly holds the lane's lock most
   * of the time, and the loop must not stand in line for it. */
  if (first_receive(socket) == NULL && !wsk__event_may_be_enabled(socket, ~0u))
    return;
  if (!is_silent(socket))
    finish_empty_receives(socket);
  if (first_receive(socket) == NULL && can_read(socket) &&
      !wsk__data_is_wanted(socket) && wsk__end_is_wanted(socket))
    look_for_end(socket);
  wsk__receive_pump(socket);
  /* A list that was to become longer does not without memory. */
  wsk__events_pump(socket);
}

static void start_receive(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  bool begun = wsk__lane_arrived(&socket->receive, irp);
  wsk__data_resume(socket);
  if (begun)
    wsk__receive_pump(socket); /* Others have waited, should this one end. */
  if (wsk__op_start_cancelled(irp))
    return;
  if (socket->closing != NULL) {
    wsk__op_finish(irp, STATUS_CANCELLED, wsk__op(irp)->done);
    return;
  }
  if (begun)
    InsertHeadList(&socket->receives, &irp->Tail.Overlay.ListEntry);
  else
    InsertTailList(&socket->receives, &irp->Tail.Overlay.ListEntry);
  wsk__op_queued(irp);
  wsk__receive_pump(socket);
}

/* ---- the call ---------------------------------------------------------- */

static NTSTATUS receive_allowed(const struct wsk_socket *socket) {
  if (socket->silent)
    return STATUS_INVALID_DEVICE_STATE;
  if (socket->receive.error != STATUS_SUCCESS)
    return socket->receive.error;
  return socket->state == WSK_CONNECTED ? STATUS_SUCCESS
                                        : STATUS_INVALID_DEVICE_STATE;
}

/* As many of the buffers as a test lets a look fill. */
static unsigned limit(struct net_buffer *buffers, unsigned count,
                      size_t total) {
  size_t left = wsk__limit_receive(total);
  for (unsigned i = 0; left < total && i < count; i++) {
    if (buffers[i].length >= left) {
      buffers[i].length = left;
      return i + 1;
    }
    left -= buffers[i].length;
  }
  return count;
}

/* One attempt on the host socket, under the lane's lock. True when the receive
 * is done. The end of the stream and errors are the loop's to report; what the
 * attempt used up of an error is kept. */
static bool receive_directly(struct wsk_socket *socket, PIRP irp) {
  struct net_buffer buffers[NET_DIRECT_BUFFERS];
  size_t total;
  if (!wsk__data_is_idle(socket))
    return false;
  unsigned count = wsk__op_buffers(irp, buffers, NET_DIRECT_BUFFERS, &total);
  if (count == 0)
    return false;
  count = limit(buffers, count, total);
  int64_t received = net__tcp_try_recv(socket->tcp, buffers, count);
  if (received > 0)
    wsk__op(irp)->done += (SIZE_T)received;
  else if (received < 0 && received != NET_EAGAIN && received != NET_ENOSYS)
    socket->receive.error = wsk__status((int)received);
  return received > 0 &&
         (is_full(irp) || !(wsk__args(irp)->flags & WSK_FLAG_WAITALL));
}

static const struct wsk_direction receiving = {
    .lane = WSK_LANE_RECEIVE,
    .allowed = receive_allowed,
    .directly = receive_directly,
    .start = start_receive,
    .pends = false,
};

static NTSTATUS check_flags(ULONG flags, const WSK_BUF *buffer) {
  if ((flags & ~(ULONG)(WSK_FLAG_WAITALL | WSK_FLAG_DRAIN)) != 0)
    return STATUS_NOT_SUPPORTED;
  if (!(flags & WSK_FLAG_DRAIN))
    return STATUS_SUCCESS;
  if (flags & WSK_FLAG_WAITALL) {
    vf__report(VF_RECV_07, "WskReceive with flags %#x", (unsigned)flags);
    return STATUS_INVALID_PARAMETER;
  }
  if (buffer != NULL && buffer->Length != 0) {
    vf__report(VF_RECV_06, "WskReceive to drain with a length of %llu",
               (unsigned long long)buffer->Length);
    return STATUS_INVALID_PARAMETER;
  }
  return STATUS_SUCCESS;
}

static NTSTATUS receive(PWSK_SOCKET handle, PWSK_BUF buffer, ULONG flags,
                        PIRP irp) {
  struct wsk_socket *socket;
  NTSTATUS status = wsk__call_begin(handle, irp, WSK_OP_RECEIVE, &socket);
  if (status != STATUS_SUCCESS)
    return status;
  status = check_flags(flags, buffer);
  if (NT_SUCCESS(status))
    status = wsk__call_buffer(irp, buffer);
  if (!NT_SUCCESS(status))
    return wsk__op_refuse(irp, status);
  wsk__args(irp)->flags = (USHORT)flags;
  return wsk__move_data(socket, irp, &receiving);
}

NTSTATUS WSKAPI wsk__receive(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags,
                             PIRP Irp) {
  ETW_CALL("WskReceive", Socket, Irp, "%llu bytes flags %#x",
           Buffer != NULL ? (unsigned long long)Buffer->Length : 0,
           (unsigned)Flags);
  NTSTATUS status = receive(Socket, Buffer, Flags, Irp);
  ETW_RETURN("WskReceive", Irp, status);
  return status;
}

/* A stream brings no control data. */
NTSTATUS WSKAPI wsk__receive_ex(PWSK_SOCKET Socket, PWSK_BUF Buffer,
                                ULONG Flags, PULONG ControlInfoLength,
                                PCMSGHDR ControlInfo, PULONG ControlFlags,
                                PIRP Irp) {
  UNREFERENCED_PARAMETER(ControlInfo);
  if (ControlInfoLength != NULL)
    *ControlInfoLength = 0;
  if (ControlFlags == NULL)
    return wsk__receive(Socket, Buffer, Flags, Irp);
  struct wsk_socket *socket;
  ETW_CALL("WskReceiveEx", Socket, Irp, "%s", "with ControlFlags");
  NTSTATUS status = wsk__call_begin(Socket, Irp, WSK_OP_RECEIVE, &socket);
  if (status == STATUS_SUCCESS)
    status = wsk__op_refuse(Irp, STATUS_INVALID_PARAMETER);
  ETW_RETURN("WskReceiveEx", Irp, status);
  return status;
}
