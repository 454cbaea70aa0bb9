/*
 * WskListen: a bound stream socket becomes a listening one.
 *
 * Until then its handle is bound and no more, and whoever connects to its
 * address is refused.
 */
#include "etw/trace.h"
#include "wsk/provider.h"
#include "wsk/socket.h"
#include "wsk/status.h"

static void start_listen(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__op_is_cancelled(irp)) {
    wsk__socket_not_listening(socket);
    (void)wsk__op_start_cancelled(irp);
    return;
  }
  if (!wsk__socket_is_open(socket)) {
    wsk__op_finish(irp, wsk__socket_end_status(socket, STATUS_CANCELLED), 0);
    return;
  }
  NTSTATUS status = wsk__status(wsk__listen_now(socket));
  if (NT_SUCCESS(status))
    wsk__socket_listens(socket);
  else
    wsk__socket_not_listening(socket);
  wsk__op_finish(irp, status, 0);
}

NTSTATUS WSKAPI wsk__listen(PWSK_SOCKET Socket, PIRP Irp) {
  struct wsk_socket *socket;
  ETW_CALL("WskListen", Socket, Irp, "%s", "");
  NTSTATUS status = wsk__call_begin(Socket, Irp, WSK_OP_LISTEN, &socket);
  if (status == STATUS_SUCCESS)
    status =
        wsk__socket_begin_listen(socket)
            ? wsk__op_submit(Irp, start_listen, true)
            : wsk__op_refuse(Irp, wsk__socket_end_status(
                                      socket, STATUS_INVALID_DEVICE_STATE));
  ETW_RETURN("WskListen", Irp, status);
  return status;
}
