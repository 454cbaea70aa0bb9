/*
 * WskAcceptEvent: connections that nobody has asked for with WskAccept.
 *
 * What waits in a listener is indicated one by one. See events.h.
 */
#include "etw/trace.h"
#include "ob/track.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/delivery.h"
#include "wsk/socket.h"

static bool connection_due(const struct wsk_socket *listener) {
  return listener->state == WSK_BOUND && listener->receive.pending == 0 &&
         !IsListEmpty(&listener->waiting);
}

static bool death_due(const struct wsk_socket *listener) {
  return wsk__accept_has_died(listener) && !listener->accept_told;
}

static bool accept_due(const struct wsk_socket *listener) {
  return connection_due(listener) || death_due(listener);
}

/* ---- one connection ---------------------------------------------------- */

/* The connection to indicate now; NULL when there is none any more. */
static struct wsk_socket *take(struct wsk_socket *listener) {
  struct wsk_socket *accepted = NULL;
  os__spin_lock(&listener->receive.lock);
  if (connection_due(listener))
    accepted = wsk__accept_take_waiting(listener);
  os__spin_unlock(&listener->receive.lock);
  return accepted;
}

static PFN_WSK_ACCEPT_EVENT callback_of(const struct wsk_socket *listener) {
  const WSK_CLIENT_LISTEN_DISPATCH *table = wsk__listen_callbacks(listener);
  return table != NULL ? table->WskAcceptEvent : NULL;
}

/* Without a socket when the listener has died. */
static NTSTATUS call(struct wsk_socket *listener, struct wsk_socket *accepted,
                     PVOID *context,
                     const WSK_CLIENT_CONNECTION_DISPATCH **dispatch) {
  struct wsk_shown *shown = &listener->shown;
  wsk__accept_show(listener, accepted);
  KIRQL irql = wsk__callback_begin();
  PWSK_SOCKET base = accepted != NULL ? &accepted->base : NULL;
  ETW_CALLBACK("WskAcceptEvent", base, listener->context);
  NTSTATUS status = callback_of(listener)(
      listener->context, wsk__dispatch_flag(), &shown->local.any,
      &shown->remote.any, base, context, dispatch);
  wsk__callback_end(irql, "WskAcceptEvent");
  wsk__accept_hide(listener);
  return status;
}

/* The client does not want it: it is ours again, and goes by reset. */
static void take_back(struct wsk_socket *accepted) {
  if (!wsk__socket_begin_close(accepted)) {
    VF_ENTER_FROM("WskAcceptEvent", NULL);
    vf__report_on(VF_ACCEPTEV_03, accepted,
                  "WskAcceptEvent closed socket %p and refused it",
                  (void *)accepted);
    return;
  }
  ob__untrack(&accepted->record);
  accepted->record.object = NULL;
  accepted->undelivered = true;
  wsk__socket_close_handle(accepted, true);
}

/* The callback may use the new socket, and even close it: it is held. */
static void deliver(struct wsk_socket *listener, struct wsk_socket *accepted) {
  const WSK_CLIENT_CONNECTION_DISPATCH *dispatch = NULL;
  PVOID context = NULL;
  accepted->undelivered = false;
  wsk__socket_track(accepted, "WskAcceptEvent",
                    (const void *)(ULONG_PTR)callback_of(listener));
  wsk__socket_add_pending(accepted);
  if (call(listener, accepted, &context, &dispatch) == STATUS_SUCCESS) {
    wsk__events_inherit(accepted, listener, context, dispatch);
  } else {
    take_back(accepted);
  }
  wsk__socket_remove_pending(accepted);
}

/* Once, and whatever it answers. */
static void tell_of_death(struct wsk_socket *listener) {
  const WSK_CLIENT_CONNECTION_DISPATCH *dispatch = NULL;
  PVOID context = NULL;
  os__spin_lock(&listener->receive.lock);
  bool due = death_due(listener);
  listener->accept_told = listener->accept_told || due;
  os__spin_unlock(&listener->receive.lock);
  if (due)
    (void)call(listener, NULL, &context, &dispatch);
}

static void indicate(struct wsk_socket *listener) {
  struct wsk_socket *accepted = take(listener);
  if (accepted != NULL)
    deliver(listener, accepted);
  else
    tell_of_death(listener);
}

static bool has_callback(const struct wsk_socket *listener) {
  return callback_of(listener) != NULL;
}

const struct wsk_event_source wsk__accept_source = {
    .event = WSK_EVENT_ACCEPT,
    .name = "WskAcceptEvent",
    .has_callback = has_callback,
    .due = accept_due,
    .indicate = indicate,
};
