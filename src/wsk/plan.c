/* What the rules say of a call. See plan.h. */
#include "wsk/plan.h"

#include "fault/fault.h"
#include "wsk/socket.h"

static const UCHAR points[] = {
    [WSK_OP_SOCKET] = UWSK_AT_SOCKET,
    [WSK_OP_SOCKET_CONNECT] = UWSK_AT_SOCKET_CONNECT,
    [WSK_OP_CONTROL_CLIENT] = UWSK_AT_CONTROL_CLIENT,
    [WSK_OP_BIND] = UWSK_AT_BIND,
    [WSK_OP_LISTEN] = UWSK_AT_LISTEN,
    [WSK_OP_ACCEPT] = UWSK_AT_ACCEPT,
    [WSK_OP_CONTROL] = UWSK_AT_CONTROL,
    [WSK_OP_INSPECT] = UWSK_AT_INSPECT_COMPLETE,
    [WSK_OP_CONNECT] = UWSK_AT_CONNECT,
    [WSK_OP_CONNECT_EX] = UWSK_AT_CONNECT,
    [WSK_OP_ADDRESS] = UWSK_AT_ADDRESS,
    [WSK_OP_ADDRESS_INFO] = UWSK_AT_ADDRESS_INFO,
    [WSK_OP_NAME_INFO] = UWSK_AT_NAME_INFO,
    [WSK_OP_SEND] = UWSK_AT_SEND,
    [WSK_OP_RECEIVE] = UWSK_AT_RECEIVE,
    [WSK_OP_SEND_TO] = UWSK_AT_SEND_TO,
    [WSK_OP_SEND_MESSAGES] = UWSK_AT_SEND_TO,
    [WSK_OP_RECEIVE_FROM] = UWSK_AT_RECEIVE_FROM,
    [WSK_OP_DISCONNECT] = UWSK_AT_DISCONNECT,
    [WSK_OP_ABORT] = UWSK_AT_DISCONNECT,
    [WSK_OP_CLOSE] = UWSK_AT_CLOSE,
};

_Static_assert(sizeof(points) == WSK_OP_CLOSE + 1, "a point for each kind");

enum uwsk_point wsk__point_of(PIRP irp) {
  return (enum uwsk_point)points[wsk__args(irp)->kind];
}

static const UCHAR plans[UWSK_ACTIONS] = {
    [UWSK_COMPLETE_INLINE] = WSK_PLAN_INLINE,
    [UWSK_COMPLETE_PENDING] = WSK_PLAN_PENDING,
    [UWSK_COMPLETE_LATER] = WSK_PLAN_LATER,
    [UWSK_HOLD] = WSK_PLAN_HOLD,
};

NTSTATUS wsk__plan_call(PIRP irp, struct wsk_socket *socket) {
  struct fault_verdict verdict =
      fault__ask(wsk__point_of(irp), (PWSK_SOCKET)(PVOID)socket);
  if (verdict.action == UWSK_FAIL)
    return wsk__op_refuse(irp, verdict.status);
  if (verdict.action == UWSK_FAIL_LATER) {
    wsk__args(irp)->plan = WSK_PLAN_LATER;
    return wsk__op_answer(irp, verdict.status, 0);
  }
  if (verdict.action == UWSK_RESET)
    wsk__reset_by_peer(socket);
  wsk__args(irp)->plan = plans[verdict.action];
  return STATUS_SUCCESS;
}

/* ---- inline ------------------------------------------------------------ */

static struct os_spin lock;
static struct wsk_inline_call *calls;

void wsk__inline_begin(struct wsk_inline_call *call, PIRP irp) {
  call->irp = irp;
  call->finished = false;
  os__spin_lock(&lock);
  call->next = calls;
  calls = call;
  os__spin_unlock(&lock);
}

bool wsk__inline_end(struct wsk_inline_call *call) {
  struct wsk_inline_call **link = &calls;
  os__spin_lock(&lock);
  while (*link != call)
    link = &(*link)->next;
  *link = call->next;
  /* Whoever finishes it has to come through here first. */
  if (!call->finished)
    IoMarkIrpPending(call->irp);
  os__spin_unlock(&lock);
  return call->finished;
}

bool wsk__inline_catch(PIRP irp) {
  os__spin_lock(&lock);
  struct wsk_inline_call *call = calls;
  while (call != NULL && call->irp != irp)
    call = call->next;
  if (call != NULL)
    call->finished = true;
  os__spin_unlock(&lock);
  return call != NULL;
}
