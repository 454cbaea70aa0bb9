/* IOCTLs. See ioctl.h. */
#include "wsk/ioctl.h"

#include <mstcpip.h>

#include "verifier/report.h"
#include "wsk/socket.h"
#include "wsk/socket_option.h"
#include "wsk/status.h"

/* ---- backlogs ----------------------------------------------------------- */

NTSTATUS wsk__query_ideal_send_backlog(const struct wsk_control *control) {
  SIZE_T backlog = wsk__ideal_send_backlog(control->socket);
  RtlCopyMemory(control->output, &backlog, sizeof(backlog));
  return wsk__control_answer(control, STATUS_SUCCESS, sizeof(backlog));
}

/* What the host keeps for the socket, and what is kept here. */
static NTSTATUS receive_backlog(struct wsk_socket *socket, SIZE_T *backlog) {
  if (!wsk__socket_is_open(socket))
    return wsk__control_no_handle(socket);
  int64_t unread = net__tcp_nread(socket->tcp);
  if (unread < 0)
    return wsk__status((int)unread);
  *backlog = (SIZE_T)unread + wsk__receive_kept(socket);
  return STATUS_SUCCESS;
}

static void start_receive_backlog(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  SIZE_T backlog = 0;
  NTSTATUS status = receive_backlog(wsk__op(irp)->socket, &backlog);
  if (NT_SUCCESS(status))
    RtlCopyMemory(wsk__args(irp)->output, &backlog, sizeof(backlog));
  wsk__op_finish(irp, status, NT_SUCCESS(status) ? sizeof(backlog) : 0);
}

NTSTATUS wsk__query_receive_backlog(const struct wsk_control *control) {
  return wsk__control_submit(control, start_receive_backlog);
}

/* ---- silent mode -------------------------------------------------------- */

/* Under both lanes' locks. */
static NTSTATUS fall_silent(struct wsk_socket *socket, bool *busy) {
  *busy = socket->send.pending > 0;
  if (socket->send.error != STATUS_SUCCESS)
    return socket->send.error;
  if (socket->state != WSK_CONNECTED || socket->silent || *busy)
    return STATUS_INVALID_DEVICE_STATE;
  socket->silent = true;
  return STATUS_SUCCESS;
}

NTSTATUS wsk__set_silent_mode(const struct wsk_control *control) {
  struct wsk_socket *socket = control->socket;
  bool busy;
  wsk__socket_lock(socket);
  NTSTATUS status = fall_silent(socket, &busy);
  wsk__socket_unlock(socket);
  if (busy)
    vf__report_on(VF_IOCTL_15, socket,
                  "SIO_WSK_SET_TCP_SILENT_MODE while socket %p sends or "
                  "disconnects",
                  (void *)socket);
  return wsk__control_answer(control, status, 0);
}

/* ---- keep-alive --------------------------------------------------------- */

static LONG seconds(LONG milliseconds) {
  ULONG rounded = ((ULONG)milliseconds + 999) / 1000;
  return (LONG)(rounded > 0 ? rounded : 1);
}

static void start_keepalive_values(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  const struct wsk_args *args = wsk__args(irp);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  NTSTATUS status = STATUS_SUCCESS;
  if (args->flags)
    status =
        wsk__option_apply(socket, NET_OPT_KEEPALIVE_IDLE, seconds(args->value));
  if (args->flags && NT_SUCCESS(status))
    status = wsk__option_apply(socket, NET_OPT_KEEPALIVE_INTERVAL,
                               seconds(args->more));
  if (NT_SUCCESS(status))
    status = wsk__option_apply(socket, NET_OPT_KEEPALIVE, args->flags);
  wsk__op_finish(irp, status, 0);
}

NTSTATUS wsk__set_keepalive_values(const struct wsk_control *control) {
  const struct tcp_keepalive *values = control->input;
  struct wsk_args *args = wsk__args(control->irp);
  args->flags = values->onoff != 0;
  args->value = (LONG)values->keepalivetime;
  args->more = (LONG)values->keepaliveinterval;
  return wsk__control_submit(control, start_keepalive_values);
}

/* ---- what has no effect here -------------------------------------------- */

NTSTATUS wsk__set_loopback_fast_path(const struct wsk_control *control) {
  NTSTATUS status = STATUS_SUCCESS;
  if (control->socket->role == WSK_DATAGRAM)
    status = STATUS_NOT_SUPPORTED;
  else if (control->input_size < sizeof(BOOLEAN))
    status = STATUS_INVALID_BUFFER_SIZE;
  return wsk__control_answer(control, status, 0);
}

/* Nothing redirects connections here. */
NTSTATUS wsk__query_redirection(const struct wsk_control *control) {
  return wsk__control_answer(control, STATUS_NOT_FOUND, 0);
}

/* A record is for whoever redirects the connection. */
NTSTATUS wsk__set_redirection(const struct wsk_control *control) {
  return wsk__control_answer(control, STATUS_SUCCESS, 0);
}
