/*
 * Conditional accept: WskInspectEvent, WskInspectComplete, WskAbortEvent.
 *
 * The host accepts by itself, so a connection is inspected when it is there
 * already, and before anybody can get it: an approximation (see
 * docs/differences.md). A connection goes through the listener's lists:
 *
 *   uninspected ── WskInspectEvent ──> accepted:  waiting (accept.c)
 *                                      pended:    pended ──> waiting
 *                                      rejected:  reset
 *   pended, waiting ── its peer goes ──> aborted ── WskAbortEvent ──> gone
 *
 * Nobody reads from it meanwhile. Reading is armed all the same, without a
 * place for bytes: so the transport tells of the first thing that comes, and a
 * look at it, which takes nothing, shows what it is. Bytes mean that the peer
 * wants something, whatever follows them: they end the watch.
 *
 * The lists are changed by the owner of the loop, under the lock of the receive
 * lane; `waiting` alone is emptied by any thread. A listener is there as long
 * as a connection stands in one of its lists: it drops them on the loop.
 */
#include "wsk/inspect.h"

#include "etw/trace.h"
#include "verifier/report.h"
#include "wsk/provider.h"
#include "wsk/socket.h"

static struct wsk_socket *of_link(PLIST_ENTRY link) {
  return CONTAINING_RECORD(link, struct wsk_socket, waiting_link);
}

static void set_inspection(struct wsk_socket *accepted,
                           enum wsk_inspection inspection) {
  __atomic_store_n(&accepted->inspection, inspection, __ATOMIC_RELEASE);
}

/* Under the listener's lock. */
static void put(struct wsk_socket *accepted, PLIST_ENTRY list,
                enum wsk_inspection inspection) {
  set_inspection(accepted, inspection);
  InsertTailList(list, &accepted->waiting_link);
}

/* It is nobody's any more. Under the listener's lock. */
static void forget(struct wsk_socket *listener, struct wsk_socket *accepted) {
  set_inspection(accepted, WSK_INSPECTION_OVER);
  listener->waiting_count--;
}

/* The first of a list, taken out; NULL when there is none. */
static struct wsk_socket *take_first(struct wsk_socket *listener,
                                     PLIST_ENTRY list) {
  struct wsk_socket *accepted = NULL;
  os__spin_lock(&listener->receive.lock);
  if (!IsListEmpty(list)) {
    accepted = of_link(RemoveHeadList(list));
    set_inspection(accepted, WSK_INSPECTION_OVER);
  }
  os__spin_unlock(&listener->receive.lock);
  return accepted;
}

/* ---- arriving ---------------------------------------------------------- */

/* Key and number together are never given twice while anybody can know them. */
static WSK_INSPECT_ID new_id(const struct wsk_socket *accepted) {
  static ULONG last;
  WSK_INSPECT_ID id = {.Key = (ULONG_PTR)accepted};
  do
    id.SerialNumber = ++last;
  while (id.SerialNumber == 0);
  return id;
}

static void watch(struct wsk_socket *accepted) {
  accepted->watched = net__tcp_read_start(accepted->tcp) == NET_OK;
}

void wsk__inspect_arrived(struct wsk_socket *listener,
                          struct wsk_socket *accepted) {
  accepted->listener = listener;
  accepted->inspect_id = new_id(accepted);
  os__spin_lock(&listener->receive.lock);
  put(accepted, &listener->uninspected, WSK_UNINSPECTED);
  listener->waiting_count++;
  os__spin_unlock(&listener->receive.lock);
  watch(accepted);
}

/* ---- WskInspectEvent --------------------------------------------------- */

static bool request_due(const struct wsk_socket *listener) {
  return listener->state == WSK_BOUND && !IsListEmpty(&listener->uninspected);
}

static bool death_due(const struct wsk_socket *listener) {
  return listener->conditional && wsk__accept_has_died(listener) &&
         !listener->inspect_told;
}

static bool inspect_due(const struct wsk_socket *listener) {
  return request_due(listener) || death_due(listener);
}

static struct wsk_socket *begin_asking(struct wsk_socket *listener) {
  struct wsk_socket *accepted = NULL;
  os__spin_lock(&listener->receive.lock);
  if (request_due(listener)) {
    accepted = of_link(RemoveHeadList(&listener->uninspected));
    set_inspection(accepted, WSK_BEING_INSPECTED);
    listener->asking = accepted;
    listener->early = WskInspectPend;
  }
  os__spin_unlock(&listener->receive.lock);
  return accepted;
}

/* About nothing when the listener has died. */
static WSK_INSPECT_ACTION ask(struct wsk_socket *listener,
                              const struct wsk_socket *accepted) {
  struct wsk_shown *shown = &listener->shown;
  wsk__accept_show(listener, accepted);
  if (accepted != NULL)
    shown->id = accepted->inspect_id;
  KIRQL irql = wsk__callback_begin();
  ETW_CALLBACK("WskInspectEvent", &listener->base, listener->context);
  WSK_INSPECT_ACTION action = wsk__listen_callbacks(listener)->WskInspectEvent(
      listener->context, &shown->local.any, &shown->remote.any,
      accepted != NULL ? &shown->id : NULL);
  wsk__callback_end(irql, "WskInspectEvent");
  wsk__accept_hide(listener);
  return action;
}

/* What was answered is done; true when the connection is to be reset. Under the
 * listener's lock. */
static bool settle(struct wsk_socket *listener, struct wsk_socket *accepted,
                   WSK_INSPECT_ACTION action) {
  if (listener->state == WSK_BOUND && action == WskInspectAccept) {
    put(accepted, &listener->waiting, WSK_ADMITTED);
    return false;
  }
  if (listener->state == WSK_BOUND && action == WskInspectPend) {
    put(accepted, &listener->pended, WSK_PENDED);
    return false;
  }
  forget(listener, accepted);
  return true;
}

/* Once, and whatever it answers. */
static void tell_of_death(struct wsk_socket *listener) {
  os__spin_lock(&listener->receive.lock);
  bool due = death_due(listener);
  listener->inspect_told = listener->inspect_told || due;
  os__spin_unlock(&listener->receive.lock);
  if (due)
    (void)ask(listener, NULL);
}

static void indicate_request(struct wsk_socket *listener) {
  struct wsk_socket *accepted = begin_asking(listener);
  if (accepted == NULL) {
    tell_of_death(listener);
    return;
  }
  WSK_INSPECT_ACTION action = ask(listener, accepted);
  os__spin_lock(&listener->receive.lock);
  if (action == WskInspectPend)
    action = listener->early;
  listener->asking = NULL;
  bool rejected = settle(listener, accepted, action);
  os__spin_unlock(&listener->receive.lock);
  if (rejected)
    wsk__socket_close_handle(accepted, true);
}

/* Only who has both functions gets into the mode. */
static bool is_conditional(const struct wsk_socket *socket) {
  return socket->conditional;
}

const struct wsk_event_source wsk__inspect_source = {
    .name = "WskInspectEvent",
    .has_callback = is_conditional,
    .due = inspect_due,
    .indicate = indicate_request,
};

/* ---- a peer that goes -------------------------------------------------- */

/* Whether `result` ends a connection that stands there. One that was admitted
 * is established, as far as its peer's end of stream is concerned. */
static bool is_end(enum wsk_inspection inspection, int64_t result) {
  switch (inspection) {
  case WSK_UNINSPECTED:
  case WSK_PENDED:
    return result < 0;
  case WSK_ADMITTED:
    return result < 0 && result != NET_EOF;
  default:
    return false;
  }
}

/* Under the listener's lock. The end of one that nobody was told of is not told
 * either. */
static void take_away(struct wsk_socket *listener,
                      struct wsk_socket *accepted) {
  bool told = accepted->inspection != WSK_UNINSPECTED;
  RemoveEntryList(&accepted->waiting_link);
  forget(listener, accepted);
  if (told) {
    InsertTailList(&listener->aborted, &accepted->waiting_link);
    wsk__socket_add_pending(accepted); /* until WskAbortEvent has returned */
  }
}

bool wsk__inspect_ended(struct wsk_socket *socket, int64_t result) {
  bool watched = socket->watched;
  socket->watched = false;
  if (!watched || __atomic_load_n(&socket->inspection, __ATOMIC_ACQUIRE) ==
                      WSK_INSPECTION_OVER)
    return false;
  struct wsk_socket *listener = socket->listener;
  os__spin_lock(&listener->receive.lock);
  enum wsk_inspection inspection = socket->inspection;
  bool ended = is_end(inspection, result);
  if (ended)
    take_away(listener, socket);
  os__spin_unlock(&listener->receive.lock);
  if (ended) {
    wsk__socket_close_handle(socket, true);
    wsk__accept_pump(listener); /* There is room for another. */
  }
  return inspection != WSK_INSPECTION_OVER;
}

bool wsk__inspect_starved(struct wsk_socket *socket) {
  if (!socket->watched ||
      __atomic_load_n(&socket->inspection, __ATOMIC_ACQUIRE) ==
          WSK_INSPECTION_OVER)
    return false;
  int64_t seen = net__tcp_peek(socket->tcp);
  if (seen == NET_EAGAIN) {
    watch(socket);
    return true;
  }
  if (wsk__inspect_ended(socket, seen == 0 ? NET_EOF : seen))
    return true;
  /* Somebody has accepted it meanwhile. The look has used an error up. */
  if (seen >= 0)
    return false;
  wsk__receive_received(socket, seen);
  return true;
}

/* ---- WskAbortEvent ----------------------------------------------------- */

static bool abort_due(const struct wsk_socket *listener) {
  return listener->state == WSK_BOUND && !IsListEmpty(&listener->aborted);
}

static void tell_of_abort(struct wsk_socket *listener, WSK_INSPECT_ID *id) {
  KIRQL irql = wsk__callback_begin();
  ETW_CALLBACK("WskAbortEvent", &listener->base, listener->context);
  (void)wsk__listen_callbacks(listener)->WskAbortEvent(listener->context, id);
  wsk__callback_end(irql, "WskAbortEvent");
}

static void indicate_abort(struct wsk_socket *listener) {
  struct wsk_socket *accepted = take_first(listener, &listener->aborted);
  if (accepted == NULL)
    return;
  WSK_INSPECT_ID id = accepted->inspect_id;
  tell_of_abort(listener, &id);
  wsk__socket_remove_pending(accepted);
}

const struct wsk_event_source wsk__abort_source = {
    .name = "WskAbortEvent",
    .has_callback = is_conditional,
    .due = abort_due,
    .indicate = indicate_abort,
};

/* ---- closing ----------------------------------------------------------- */

/* Who closes the listener hears no more of it. */
void wsk__inspect_drop(struct wsk_socket *listener) {
  struct wsk_socket *accepted;
  if (!listener->conditional)
    return;
  while ((accepted = take_first(listener, &listener->uninspected)) != NULL ||
         (accepted = take_first(listener, &listener->pended)) != NULL)
    wsk__socket_close_handle(accepted, true);
  while ((accepted = take_first(listener, &listener->aborted)) != NULL)
    wsk__socket_remove_pending(accepted);
}

/* ---- WskInspectComplete ------------------------------------------------ */

static bool has_id(const struct wsk_socket *accepted,
                   const WSK_INSPECT_ID *id) {
  return accepted->inspect_id.Key == id->Key &&
         accepted->inspect_id.SerialNumber == id->SerialNumber;
}

/* The connection that is under inspection by this id; NULL when none is. Under
 * the listener's lock. */
static struct wsk_socket *find(const struct wsk_socket *listener,
                               const WSK_INSPECT_ID *id) {
  if (listener->asking != NULL && has_id(listener->asking, id))
    return listener->asking;
  for (PLIST_ENTRY link = listener->pended.Flink; link != &listener->pended;
       link = link->Flink)
    if (has_id(of_link(link), id))
      return of_link(link);
  return NULL;
}

/* Under the listener's lock. *rejected is what is to be reset then. */
static NTSTATUS resume(struct wsk_socket *listener, const WSK_INSPECT_ID *id,
                       WSK_INSPECT_ACTION action,
                       struct wsk_socket **rejected) {
  struct wsk_socket *accepted = find(listener, id);
  if (accepted == NULL)
    return STATUS_INVALID_PARAMETER;
  if (accepted == listener->asking) {
    /* The callback is still to return WskInspectPend. */
    if (listener->early != WskInspectPend)
      return STATUS_INVALID_PARAMETER;
    listener->early = action;
    return STATUS_SUCCESS;
  }
  RemoveEntryList(&accepted->waiting_link);
  if (settle(listener, accepted, action))
    *rejected = accepted;
  return STATUS_SUCCESS;
}

static void start_inspect_complete(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *listener = wsk__op(irp)->socket;
  const struct wsk_args *args = wsk__args(irp);
  struct wsk_socket *rejected = NULL;
  NTSTATUS status = wsk__socket_end_status(listener, STATUS_CANCELLED);
  if (wsk__socket_is_open(listener)) {
    os__spin_lock(&listener->receive.lock);
    status = resume(listener, &args->id, args->action, &rejected);
    os__spin_unlock(&listener->receive.lock);
  }
  if (rejected != NULL)
    wsk__socket_close_handle(rejected, true);
  wsk__accept_pump(listener);
  wsk__op_finish(irp, status, 0);
}

/* A pointer that was good for the time of the callback only leads to what was
 * put there when it had returned. */
static bool is_stale(const struct wsk_socket *listener,
                     const WSK_INSPECT_ID *id) {
  return id == &listener->shown.id && listener->asking == NULL;
}

static bool is_under_inspection(struct wsk_socket *listener,
                                const WSK_INSPECT_ID *id) {
  os__spin_lock(&listener->receive.lock);
  bool stale = is_stale(listener, id);
  bool known = !stale && find(listener, id) != NULL;
  os__spin_unlock(&listener->receive.lock);
  if (stale)
    vf__report(VF_INSPECTEV_05,
               "WskInspectComplete with the WSK_INSPECT_ID of a "
               "WskInspectEvent that has returned");
  return known;
}

static NTSTATUS complete_inspection(struct wsk_socket *listener,
                                    const WSK_INSPECT_ID *id,
                                    WSK_INSPECT_ACTION action, PIRP irp) {
  bool decided = action == WskInspectAccept || action == WskInspectReject;
  if (!decided || id == NULL || !is_under_inspection(listener, id))
    return wsk__op_refuse(irp, STATUS_INVALID_PARAMETER);
  wsk__args(irp)->id = *id;
  wsk__args(irp)->action = action;
  return wsk__op_submit(irp, start_inspect_complete, false);
}

NTSTATUS WSKAPI wsk__inspect_complete(PWSK_SOCKET ListenSocket,
                                      PWSK_INSPECT_ID InspectID,
                                      WSK_INSPECT_ACTION Action, PIRP Irp) {
  struct wsk_socket *socket;
  ETW_CALL("WskInspectComplete", ListenSocket, Irp, "action %d", (int)Action);
  NTSTATUS status = wsk__call_begin(ListenSocket, Irp, WSK_OP_INSPECT, &socket);
  if (status == STATUS_SUCCESS)
    status = complete_inspection(socket, InspectID, Action, Irp);
  ETW_RETURN("WskInspectComplete", Irp, status);
  return status;
}

/* ---- SO_CONDITIONAL_ACCEPT --------------------------------------------- */

static bool has_callbacks(const struct wsk_socket *socket) {
  const WSK_CLIENT_LISTEN_DISPATCH *table = wsk__listen_callbacks(socket);
  return table != NULL && table->WskInspectEvent != NULL &&
         table->WskAbortEvent != NULL;
}

NTSTATUS wsk__control_set_conditional(const struct wsk_control *control) {
  struct wsk_socket *socket = control->socket;
  ULONG on;
  RtlCopyMemory(&on, control->input, sizeof(on));
  if (on != 0 && !has_callbacks(socket)) {
    vf__report_on(VF_SOPT_04, socket,
                  "SO_CONDITIONAL_ACCEPT on socket %p, whose table "
                  "lacks a function",
                  (void *)socket);
    return wsk__control_answer(control, STATUS_INVALID_PARAMETER, 0);
  }
  wsk__socket_lock(socket);
  bool in_time = socket->state == WSK_UNBOUND;
  if (in_time)
    socket->conditional = on != 0;
  wsk__socket_unlock(socket);
  return wsk__control_answer(
      control, in_time ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE, 0);
}

NTSTATUS wsk__control_get_conditional(const struct wsk_control *control) {
  struct wsk_socket *socket = control->socket;
  os__spin_lock(&socket->receive.lock);
  ULONG on = socket->conditional;
  os__spin_unlock(&socket->receive.lock);
  RtlCopyMemory(control->output, &on, sizeof(on));
  return wsk__control_answer(control, STATUS_SUCCESS, sizeof(on));
}

/* ---- SIO_WSK_QUERY_INSPECT_ID ------------------------------------------ */

NTSTATUS wsk__control_inspect_id(const struct wsk_control *control) {
  const WSK_INSPECT_ID *id = &control->socket->inspect_id;
  if (id->SerialNumber == 0)
    return wsk__control_answer(control, STATUS_INVALID_DEVICE_REQUEST, 0);
  RtlCopyMemory(control->output, id, sizeof(*id));
  return wsk__control_answer(control, STATUS_SUCCESS, sizeof(*id));
}
