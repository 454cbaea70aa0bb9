/* WskControlSocket. See control.h. */
#include "wsk/control.h"

#include "etw/trace.h"
#include "ke/ke.h"
#include "verifier/report.h"
#include "wsk/events.h"
#include "wsk/provider.h"
#include "wsk/socket.h"

/* Bits of categories. */
#define LISTENER (1u << WSK_LISTENER)

struct code {
  WSK_CONTROL_SOCKET_TYPE type;
  ULONG level; /* of options */
  ULONG code;
  const char *name;
  unsigned roles;
  wsk_control_handler *handler;
};

static const struct code codes[] = {
    {WskSetOption, SOL_SOCKET, SO_WSK_EVENT_CALLBACK, "SO_WSK_EVENT_CALLBACK",
     LISTENER, wsk__control_events},
};

static const struct code *find(WSK_CONTROL_SOCKET_TYPE type, ULONG level,
                               ULONG code) {
  for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
    if (codes[i].type == type && codes[i].code == code &&
        (type == WskIoctl || codes[i].level == level))
      return &codes[i];
  return NULL;
}

NTSTATUS wsk__control_answer(const struct wsk_control *control, NTSTATUS status,
                             SIZE_T written) {
  if (control->returned != NULL)
    *control->returned = written;
  return control->irp != NULL ? wsk__op_answer(control->irp, status, written)
                              : status;
}

/* As wsk__call_begin, for a call that may do without an IRP. */
static NTSTATUS begin(PWSK_SOCKET handle, PIRP irp,
                      struct wsk_socket **socket) {
  if (irp != NULL)
    return wsk__call_begin(handle, irp, WSK_OP_CONTROL, socket);
  ke__require_irql(DISPATCH_LEVEL, wsk__op_name(WSK_OP_CONTROL));
  *socket = (struct wsk_socket *)(void *)handle;
  if (*socket == NULL)
    return STATUS_INVALID_HANDLE;
  enum wsk_state state = wsk__socket_state(*socket);
  if (state != WSK_FREE && state != WSK_CLOSING)
    return STATUS_SUCCESS;
  vf__report(VF_CLOSE_06, "WskControlSocket on socket %p, which was closed",
             (void *)handle);
  return STATUS_FILE_CLOSED;
}

static NTSTATUS control_socket(const struct code *code,
                               const struct wsk_control *control) {
  if (code == NULL || !(code->roles & (1u << control->socket->role)))
    return wsk__not_yet("this code of WskControlSocket", control->irp);
  return code->handler(control);
}

NTSTATUS WSKAPI wsk__control_socket(PWSK_SOCKET Socket,
                                    WSK_CONTROL_SOCKET_TYPE RequestType,
                                    ULONG ControlCode, ULONG Level,
                                    SIZE_T InputSize, PVOID InputBuffer,
                                    SIZE_T OutputSize, PVOID OutputBuffer,
                                    SIZE_T *OutputSizeReturned, PIRP Irp) {
  struct wsk_control control = {.irp = Irp,
                                .input_size = InputSize,
                                .input = InputBuffer,
                                .output_size = OutputSize,
                                .output = OutputBuffer,
                                .returned = OutputSizeReturned};
  ETW_CALL("WskControlSocket", Socket, Irp, "code %#x level %#x",
           (unsigned)ControlCode, (unsigned)Level);
  NTSTATUS status = begin(Socket, Irp, &control.socket);
  if (status == STATUS_SUCCESS)
    status = control_socket(find(RequestType, Level, ControlCode), &control);
  ETW_RETURN("WskControlSocket", Irp, status);
  return status;
}
