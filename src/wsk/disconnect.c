/* WskDisconnect, graceful (through the send queue) and abortive. */
#include "etw/trace.h"
#include "verifier/report.h"
#include "wsk/provider.h"
#include "wsk/send.h"
#include "wsk/socket.h"

/* ---- graceful ---------------------------------------------------------- */

/* From here on nothing more is sent; the operation is counted as pending. */
static NTSTATUS end_sending(struct wsk_socket *socket) {
  os__spin_lock(&socket->send.lock);
  NTSTATUS status = wsk__send_allowed(socket);
  if (NT_SUCCESS(status)) {
    socket->send.ended = true;
    socket->send.pending++;
  }
  os__spin_unlock(&socket->send.lock);
  return status;
}

static NTSTATUS disconnect_gracefully(struct wsk_socket *socket,
                                      const WSK_BUF *buffer, PIRP irp) {
  NTSTATUS status = STATUS_SUCCESS;
  if (buffer != NULL)
    status = wsk__call_buffer(irp, buffer);
  if (NT_SUCCESS(status))
    status = end_sending(socket);
  if (!NT_SUCCESS(status))
    return wsk__op_refuse(irp, status);
  wsk__args(irp)->lane = WSK_LANE_SEND;
  return wsk__op_submit(irp, wsk__send_start, true);
}

/* ---- abortive ---------------------------------------------------------- */

static void start_abort(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (socket->tcp == NULL || socket->aborting != NULL) {
    wsk__op_finish(irp, STATUS_SUCCESS, 0);
    return;
  }
  socket->aborting = irp;
  wsk__socket_close_handle(socket, true);
}

static NTSTATUS abort_connection(struct wsk_socket *socket,
                                 const WSK_BUF *buffer, PIRP irp) {
  if (buffer != NULL) {
    vf__report(VF_DISC_03, "WskDisconnect, abortive, with a buffer");
    return wsk__op_refuse(irp, STATUS_INVALID_PARAMETER);
  }
  os__spin_lock(&socket->send.lock);
  NTSTATUS error = socket->send.error;
  bool connected = socket->state == WSK_CONNECTED && !socket->silent;
  os__spin_unlock(&socket->send.lock);
  if (error != STATUS_SUCCESS)
    return wsk__op_refuse(irp, error);
  if (!connected)
    return wsk__op_refuse(irp, STATUS_INVALID_DEVICE_STATE);
  wsk__socket_fail(socket, STATUS_CONNECTION_ABORTED);
  wsk__socket_dead(socket);
  wsk__args(irp)->kind = WSK_OP_ABORT;
  return wsk__op_submit(irp, start_abort, false);
}

/* ---- the call ---------------------------------------------------------- */

static NTSTATUS disconnect(PWSK_SOCKET handle, const WSK_BUF *buffer,
                           ULONG flags, PIRP irp) {
  struct wsk_socket *socket;
  NTSTATUS status = wsk__call_begin(handle, irp, WSK_OP_DISCONNECT, &socket);
  if (status != STATUS_SUCCESS)
    return status;
  if ((flags & ~(ULONG)WSK_FLAG_ABORTIVE) != 0)
    return wsk__op_refuse(irp, STATUS_INVALID_PARAMETER);
  return flags & WSK_FLAG_ABORTIVE ? abort_connection(socket, buffer, irp)
                                   : disconnect_gracefully(socket, buffer, irp);
}

NTSTATUS WSKAPI wsk__disconnect(PWSK_SOCKET Socket, PWSK_BUF Buffer,
                                ULONG Flags, PIRP Irp) {
  ETW_CALL("WskDisconnect", Socket, Irp, "%s%llu bytes",
           Flags & WSK_FLAG_ABORTIVE ? "abortive " : "",
           Buffer != NULL ? (unsigned long long)Buffer->Length : 0);
  NTSTATUS status = disconnect(Socket, Buffer, Flags, Irp);
  ETW_RETURN("WskDisconnect", Irp, status);
  return status;
}
