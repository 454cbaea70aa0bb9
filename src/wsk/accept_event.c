/*
 * WskAcceptEvent: connections that nobody has asked for with WskAccept.
 *
 * What waits in a listener is indicated one by one, by one operation at a time:
 * so callbacks are never concurrent. They are called by the owner of the loop,
 * with no lock held. The operation holds the listener meanwhile, and the close
 * waits for it.
 */
#include "etw/trace.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/provider.h"
#include "wsk/socket.h"

bool wsk__accept_event_due(const struct wsk_socket *listener) {
  return listener->accept_event && listener->state == WSK_BOUND &&
         listener->receive.pending == 0 && !IsListEmpty(&listener->waiting);
}

/* ---- one connection ---------------------------------------------------- */

union any_address {
  SOCKADDR any;
  SOCKADDR_IN v4;
  SOCKADDR_IN6 v6;
};

/* The connection to indicate now; NULL when there is none any more. */
static struct wsk_socket *begin_callback(struct wsk_socket *listener) {
  struct wsk_socket *accepted = NULL;
  os__spin_lock(&listener->receive.lock);
  if (wsk__accept_event_due(listener))
    accepted = wsk__accept_take_waiting(listener);
  listener->in_callback = accepted != NULL;
  os__spin_unlock(&listener->receive.lock);
  return accepted;
}

static PFN_WSK_ACCEPT_EVENT callback_of(const struct wsk_socket *listener) {
  const WSK_CLIENT_LISTEN_DISPATCH *table = listener->dispatch;
  return table != NULL ? table->WskAcceptEvent : NULL;
}

static NTSTATUS call(struct wsk_socket *listener, struct wsk_socket *accepted,
                     PVOID *context,
                     const WSK_CLIENT_CONNECTION_DISPATCH **dispatch) {
  union any_address local, remote;
  wsk__address_out(&local.any, &accepted->local);
  wsk__address_out(&remote.any, &accepted->remote);
  KIRQL irql = ke__swap_irql(DISPATCH_LEVEL);
  ETW_CALLBACK("WskAcceptEvent", &accepted->base, listener->context);
  NTSTATUS status = callback_of(listener)(
      listener->context, WSK_FLAG_AT_DISPATCH_LEVEL, &local.any, &remote.any,
      &accepted->base, context, dispatch);
  if (KeGetCurrentIrql() != DISPATCH_LEVEL)
    vf__report(VF_IO_IRQL_01, "WskAcceptEvent returned at IRQL %s",
               ke__irql_name(KeGetCurrentIrql()));
  ke__swap_irql(irql);
  return status;
}

/* The client does not want it: it is ours again, and goes by reset. */
static void take_back(struct wsk_socket *accepted) {
  if (!wsk__socket_begin_close(accepted)) {
    vf__report(VF_ACCEPTEV_03, "WskAcceptEvent closed socket %p and refused it",
               (void *)accepted);
    return;
  }
  ob__untrack(&accepted->record);
  accepted->record.object = NULL;
  accepted->undelivered = true;
  wsk__socket_close_handle(accepted, true);
}

/* The callback may use the new socket, and even close it: it is held. */
static void indicate(struct wsk_socket *listener, struct wsk_socket *accepted) {
  const WSK_CLIENT_CONNECTION_DISPATCH *dispatch = NULL;
  PVOID context = NULL;
  accepted->undelivered = false;
  wsk__socket_track(accepted, "WskAcceptEvent",
                    (const void *)(ULONG_PTR)callback_of(listener));
  wsk__socket_add_pending(accepted);
  if (call(listener, accepted, &context, &dispatch) == STATUS_SUCCESS) {
    accepted->context = context;
    accepted->dispatch = dispatch;
  } else {
    take_back(accepted);
  }
  wsk__socket_remove_pending(accepted);
}

/* ---- on the loop ------------------------------------------------------- */

static void finish_disabling(struct wsk_socket *listener) {
  while (!IsListEmpty(&listener->disabling))
    wsk__op_finish(wsk__irp_of_link(RemoveHeadList(&listener->disabling)),
                   STATUS_SUCCESS, 0);
}

static void run_callbacks(struct loop_op *op) {
  struct wsk_socket *listener =
      CONTAINING_RECORD(op, struct wsk_socket, event_op);
  struct wsk_socket *accepted;
  while ((accepted = begin_callback(listener)) != NULL)
    indicate(listener, accepted);
  listener->event_op_busy = false;
  finish_disabling(listener);
  /* There is room for more. */
  wsk__accept_pump(listener);
  wsk__socket_remove_pending(listener);
}

void wsk__accept_event_pump(struct wsk_socket *listener) {
  os__spin_lock(&listener->receive.lock);
  bool due = wsk__accept_event_due(listener);
  os__spin_unlock(&listener->receive.lock);
  if (!due || listener->event_op_busy)
    return;
  listener->event_op_busy = true;
  wsk__socket_add_pending(listener);
  listener->event_op.run = run_callbacks;
  loop__complete(&listener->event_op);
}

/* ---- SO_WSK_EVENT_CALLBACK --------------------------------------------- */

#define CONNECTION_EVENTS                                                      \
  (WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT | WSK_EVENT_SEND_BACKLOG)

static NTSTATUS answer(PIRP irp, NTSTATUS status) {
  return irp != NULL ? wsk__op_answer(irp, status, 0) : status;
}

static NTSTATUS enable(struct wsk_socket *listener, PIRP irp) {
  if (irp != NULL)
    vf__report(VF_EVENTS_02, "SO_WSK_EVENT_CALLBACK enables with IRP %p",
               (void *)irp);
  if (callback_of(listener) == NULL) {
    vf__report(VF_EVENTS_18, "SO_WSK_EVENT_CALLBACK without a WskAcceptEvent");
    return answer(irp, STATUS_INVALID_PARAMETER);
  }
  os__spin_lock(&listener->receive.lock);
  listener->accept_event = true;
  os__spin_unlock(&listener->receive.lock);
  /* Something may have waited for this. */
  if (wsk__socket_request_scan(listener))
    loop__submit(&listener->scan_op);
  return answer(irp, STATUS_SUCCESS);
}

/* What runs now ends on the loop, and so before this or after it. */
static void start_disable(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *listener = wsk__op(irp)->socket;
  if (listener->event_op_busy)
    InsertTailList(&listener->disabling, &irp->Tail.Overlay.ListEntry);
  else
    wsk__op_finish(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS disable(struct wsk_socket *listener, PIRP irp) {
  os__spin_lock(&listener->receive.lock);
  bool running = listener->in_callback;
  listener->accept_event = false;
  os__spin_unlock(&listener->receive.lock);
  if (!running)
    return answer(irp, STATUS_SUCCESS);
  return irp != NULL ? wsk__op_submit(irp, start_disable, false)
                     : STATUS_EVENT_PENDING;
}

/* Whether these events can be set or reset on a listener. */
static bool is_valid(const WSK_EVENT_CALLBACK_CONTROL *control) {
  ULONG events = control->EventMask & ~(ULONG)WSK_EVENT_DISABLE;
  if (control->NpiId == NULL ||
      !RtlEqualMemory(control->NpiId, &NPI_WSK_INTERFACE_ID, sizeof(NPIID)))
    return false;
  /* Connections inherit their events for good. */
  if (control->EventMask & WSK_EVENT_DISABLE)
    return events == WSK_EVENT_ACCEPT;
  return events != 0 &&
         (events & ~(ULONG)(WSK_EVENT_ACCEPT | CONNECTION_EVENTS)) == 0;
}

static NTSTATUS control_events(struct wsk_socket *listener, SIZE_T size,
                               const WSK_EVENT_CALLBACK_CONTROL *control,
                               PIRP irp) {
  if (control == NULL || size < sizeof(*control) || !is_valid(control))
    return answer(irp, STATUS_INVALID_PARAMETER);
  if (wsk__socket_state(listener) != WSK_BOUND)
    return answer(irp, STATUS_INVALID_DEVICE_STATE);
  if (control->EventMask & WSK_EVENT_DISABLE)
    return disable(listener, irp);
  if (control->EventMask & CONNECTION_EVENTS)
    return wsk__not_yet("inheriting events from a listening socket", irp);
  return enable(listener, irp);
}

/* As wsk__call_begin, for a call that may do without an IRP. */
static NTSTATUS begin(PWSK_SOCKET handle, PIRP irp,
                      struct wsk_socket **socket) {
  if (irp != NULL)
    return wsk__call_begin(handle, irp, WSK_OP_CONTROL, socket);
  ke__require_irql(DISPATCH_LEVEL, wsk__op_name(WSK_OP_CONTROL));
  *socket = (struct wsk_socket *)(void *)handle;
  enum wsk_state state = wsk__socket_state(*socket);
  if (state != WSK_FREE && state != WSK_CLOSING)
    return STATUS_SUCCESS;
  vf__report(VF_CLOSE_06, "WskControlSocket on socket %p, which was closed",
             (void *)handle);
  return STATUS_FILE_CLOSED;
}

static bool is_listener(PWSK_SOCKET handle) {
  return handle != NULL &&
         ((struct wsk_socket *)(void *)handle)->category == WSK_LISTENER;
}

NTSTATUS WSKAPI wsk__control_socket(PWSK_SOCKET Socket,
                                    WSK_CONTROL_SOCKET_TYPE RequestType,
                                    ULONG ControlCode, ULONG Level,
                                    SIZE_T InputSize, PVOID InputBuffer,
                                    SIZE_T OutputSize, PVOID OutputBuffer,
                                    SIZE_T *OutputSizeReturned, PIRP Irp) {
  UNREFERENCED_PARAMETER(OutputSize);
  UNREFERENCED_PARAMETER(OutputBuffer);
  struct wsk_socket *socket;
  ETW_CALL("WskControlSocket", Socket, Irp, "code %#x level %#x",
           (unsigned)ControlCode, (unsigned)Level);
  NTSTATUS status;
  if (RequestType != WskSetOption || Level != SOL_SOCKET ||
      ControlCode != SO_WSK_EVENT_CALLBACK || !is_listener(Socket)) {
    status = wsk__not_yet_call("WskControlSocket", Irp);
  } else {
    if (OutputSizeReturned != NULL)
      *OutputSizeReturned = 0;
    status = begin(Socket, Irp, &socket);
    if (status == STATUS_SUCCESS)
      status = control_events(socket, InputSize, InputBuffer, Irp);
  }
  ETW_RETURN("WskControlSocket", Irp, status);
  return status;
}
