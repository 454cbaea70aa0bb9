/* WskControlSocket. See control.h. */
#include "wsk/control.h"

#include "etw/trace.h"
#include "ke/ke.h"
#include "verifier/report.h"
#include "wsk/provider.h"
#include "wsk/socket.h"

static const struct wsk_code *find(WSK_CONTROL_SOCKET_TYPE type, ULONG level,
                                   ULONG code) {
  for (const struct wsk_code *row = wsk__codes; row->name != NULL; row++)
    if (row->type == type && row->code == code &&
        (type == WskIoctl || row->level == level))
      return row;
  return NULL;
}

NTSTATUS wsk__control_answer(const struct wsk_control *control, NTSTATUS status,
                             SIZE_T written) {
  if (control->returned != NULL)
    *control->returned = written;
  return control->irp != NULL ? wsk__op_answer(control->irp, status, written)
                              : status;
}

NTSTATUS wsk__control_no_handle(struct wsk_socket *socket) {
  return wsk__socket_end_status(socket, socket->closing != NULL
                                            ? STATUS_CANCELLED
                                            : STATUS_INVALID_DEVICE_STATE);
}

NTSTATUS wsk__control_submit(const struct wsk_control *control,
                             void (*run)(struct loop_op *op)) {
  struct wsk_args *args = wsk__args(control->irp);
  args->code = control->code;
  args->output = control->output;
  /* Not to be touched once the call has returned. */
  if (control->returned != NULL)
    *control->returned = min(control->code->output.bytes, control->output_size);
  return wsk__op_submit(control->irp, run, false);
}

/* ---- what a row says ---------------------------------------------------- */

static bool has_code(const struct wsk_socket *socket,
                     const struct wsk_code *code) {
  return (code->on & (1u << wsk__socket_role(socket))) != 0;
}

static bool fits_family(const struct wsk_socket *socket,
                        const struct wsk_code *code) {
  return socket->family == NET_IPV6 || !(code->flags & WSK_CODE_IPV6);
}

static bool is_time(struct wsk_socket *socket, const struct wsk_code *code) {
  enum wsk_state state = wsk__socket_state(socket);
  switch (code->when) {
  case WSK_BEFORE_BIND:
    return state == WSK_UNBOUND;
  case WSK_AFTER_BIND:
    return state == WSK_BOUND || state == WSK_COMMITTING ||
           state == WSK_CONNECTING || state == WSK_CONNECTED;
  case WSK_WHILE_CONNECTED:
    return state == WSK_CONNECTED;
  default:
    return true;
  }
}

static bool fits_size(struct wsk_size rule, SIZE_T size, const void *buffer) {
  if (size != 0 && buffer == NULL)
    return false;
  switch (rule.is) {
  case WSK_SIZE_AT_LEAST:
    return size >= rule.bytes;
  case WSK_SIZE_OR_NONE:
    return size == 0 || size >= rule.bytes;
  case WSK_SIZE_OR_BYTE:
    return size == 1 || size >= rule.bytes;
  case WSK_SIZE_NONE:
    return size == 0;
  default:
    return true;
  }
}

/* False when the call gets no further. */
static bool check_irp(const struct wsk_control *control) {
  const struct wsk_code *code = control->code;
  if (code->irp == WSK_IRP_REQUIRED && control->irp == NULL) {
    vf__report(code->type == WskIoctl ? VF_IOCTL_22 : VF_SOPT_13,
               "%s without an IRP", code->name);
    return false;
  }
  if (code->irp == WSK_IRP_UNWANTED && control->irp != NULL)
    vf__report_on(VF_IOCTL_23, control->irp, "%s with IRP %p", code->name,
                  (void *)control->irp);
  if (control->returned != NULL && !(code->flags & WSK_CODE_RETURNED))
    vf__report(VF_CTRLSOCK_07, "%s with OutputSizeReturned", code->name);
  return true;
}

static NTSTATUS check(const struct wsk_control *control) {
  const struct wsk_code *code = control->code;
  if (!has_code(control->socket, code))
    return STATUS_INVALID_DEVICE_REQUEST;
  if (!fits_family(control->socket, code))
    return STATUS_NOT_SUPPORTED;
  if (code->flags & WSK_CODE_PASSIVE)
    (void)ke__check_irql(PASSIVE_LEVEL, code->name);
  if (!check_irp(control) ||
      !fits_size(code->input, control->input_size, control->input))
    return STATUS_INVALID_PARAMETER;
  if (!fits_size(code->output, control->output_size, control->output))
    return control->output_size < code->output.bytes ? STATUS_BUFFER_TOO_SMALL
                                                     : STATUS_INVALID_PARAMETER;
  if (is_time(control->socket, code))
    return STATUS_SUCCESS;
  return wsk__socket_end_status(control->socket, STATUS_INVALID_DEVICE_STATE);
}

/* ---- the call ----------------------------------------------------------- */

/* As wsk__call_begin, for a call that may do without an IRP. */
static NTSTATUS begin(PWSK_SOCKET handle, PIRP irp,
                      struct wsk_socket **socket) {
  if (irp != NULL)
    return wsk__call_begin(handle, irp, WSK_OP_CONTROL, socket);
  ke__check_irql(DISPATCH_LEVEL, wsk__op_name(WSK_OP_CONTROL));
  *socket = (struct wsk_socket *)(void *)handle;
  if (*socket == NULL)
    return STATUS_INVALID_HANDLE;
  enum wsk_state state = wsk__socket_state(*socket);
  if (state != WSK_FREE && state != WSK_CLOSING)
    return STATUS_SUCCESS;
  vf__report_on(VF_CLOSE_06, handle,
                "WskControlSocket on socket %p, which was closed",
                (void *)handle);
  return STATUS_FILE_CLOSED;
}

/* What nobody knows: neither option nor IOCTL, or one that is not there. */
static NTSTATUS unknown(WSK_CONTROL_SOCKET_TYPE type) {
  switch (type) {
  case WskSetOption:
  case WskGetOption:
    return STATUS_NOT_SUPPORTED;
  case WskIoctl:
    return STATUS_INVALID_DEVICE_REQUEST;
  default:
    return STATUS_INVALID_PARAMETER;
  }
}

/* Clients may have their structures anywhere, packed ones, too. Handlers look
 * at them where they are aligned. (What is longer than any structure is a list,
 * and the client's own affair.) */
static NTSTATUS carry_out(const struct wsk_control *control) {
  _Alignas(16) UCHAR input[512];
  struct wsk_control aligned = *control;
  if (((ULONG_PTR)control->input & 15) == 0 ||
      control->input_size > sizeof(input))
    return control->code->handler(control);
  RtlCopyMemory(input, control->input, control->input_size);
  aligned.input = control->input_size > 0 ? input : control->input;
  return control->code->handler(&aligned);
}

static NTSTATUS control_socket(WSK_CONTROL_SOCKET_TYPE type,
                               const struct wsk_control *control) {
  NTSTATUS status = control->code != NULL ? check(control) : unknown(type);
  return NT_SUCCESS(status) ? carry_out(control)
                            : wsk__control_answer(control, status, 0);
}

NTSTATUS WSKAPI wsk__control_socket(PWSK_SOCKET Socket,
                                    WSK_CONTROL_SOCKET_TYPE RequestType,
                                    ULONG ControlCode, ULONG Level,
                                    SIZE_T InputSize, PVOID InputBuffer,
                                    SIZE_T OutputSize, PVOID OutputBuffer,
                                    SIZE_T *OutputSizeReturned, PIRP Irp) {
  struct wsk_control control = {.irp = Irp,
                                .code = find(RequestType, Level, ControlCode),
                                .input_size = InputSize,
                                .input = InputBuffer,
                                .output_size = OutputSize,
                                .output = OutputBuffer,
                                .returned = OutputSizeReturned,
                                .caller = OB_CALLER()};
  ETW_CALL("WskControlSocket", Socket, Irp, "%s code %#x level %#x",
           control.code != NULL ? control.code->name : "?",
           (unsigned)ControlCode, (unsigned)Level);
  NTSTATUS status = begin(Socket, Irp, &control.socket);
  if (status == STATUS_SUCCESS)
    status = control_socket(RequestType, &control);
  ETW_RETURN("WskControlSocket", Irp, status);
  return status;
}
