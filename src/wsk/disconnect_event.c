/*
 * WskDisconnectEvent: the remote side ends the connection, or cuts it off.
 *
 * To hear of it, a socket watches for something to read even while nobody wants
 * data. When it turns out that this is data, the watch rests until some of it
 * has been read, for the host would tell of nothing else.
 */
#include "etw/trace.h"
#include "verifier/report.h"
#include "wsk/delivery.h"
#include "wsk/socket.h"

static PFN_WSK_DISCONNECT_EVENT callback_of(const struct wsk_socket *socket) {
  const WSK_CLIENT_CONNECTION_DISPATCH *table =
      wsk__connection_callbacks(socket);
  return table != NULL ? table->WskDisconnectEvent : NULL;
}

static bool has_callback(const struct wsk_socket *socket) {
  return callback_of(socket) != NULL;
}

static bool is_live(const struct wsk_socket *socket) {
  return socket->state == WSK_CONNECTED && !socket->silent &&
         (socket->events.enabled & WSK_EVENT_DISCONNECT) != 0 &&
         has_callback(socket);
}

/* ---- watching ---------------------------------------------------------- */

bool wsk__end_is_wanted(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool wanted = is_live(socket) && !socket->data.unread;
  os__spin_unlock(&socket->receive.lock);
  return wanted;
}

void wsk__end_may_show(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  socket->data.unread = false;
  os__spin_unlock(&socket->receive.lock);
}

void wsk__remote_finished(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  socket->events.remote_finished = true;
  os__spin_unlock(&socket->receive.lock);
  wsk__events_pump(socket);
}

void wsk__remote_reset(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  socket->events.remote_reset = true;
  os__spin_unlock(&socket->receive.lock);
  wsk__events_pump(socket);
}

/* ---- the callback ------------------------------------------------------ */

/* An orderly end comes after all data; what a client has refused does not keep
 * it from hearing that there will be no more of anything. */
static bool disconnect_due(const struct wsk_socket *socket) {
  const struct wsk_events *events = &socket->events;
  if (!is_live(socket) || events->reset_told)
    return false;
  return events->remote_reset ||
         (events->remote_finished && !events->finish_told &&
          socket->data.ready == NULL);
}

/* What is to be told now; false when there is nothing any more. */
static bool take(struct wsk_socket *socket, ULONG *flags) {
  struct wsk_events *events = &socket->events;
  os__spin_lock(&socket->receive.lock);
  bool due = disconnect_due(socket);
  if (due && events->remote_reset) {
    events->reset_told = true;
    *flags |= WSK_FLAG_ABORTIVE;
  } else if (due) {
    events->finish_told = true;
  }
  os__spin_unlock(&socket->receive.lock);
  return due;
}

static void indicate(struct wsk_socket *socket) {
  ULONG flags = wsk__dispatch_flag();
  if (!take(socket, &flags))
    return;
  KIRQL irql = wsk__callback_begin();
  ETW_CALLBACK("WskDisconnectEvent", &socket->base, socket->context);
  NTSTATUS status = callback_of(socket)(socket->context, flags);
  wsk__callback_end(irql, "WskDisconnectEvent");
  if (status == STATUS_SUCCESS)
    return;
  VF_ENTER_FROM("WskDisconnectEvent", NULL);
  vf__report(VF_DISCEV_05, "WskDisconnectEvent returned status %#x",
             (unsigned)status);
}

const struct wsk_event_source wsk__disconnect_source = {
    .event = WSK_EVENT_DISCONNECT,
    .name = "WskDisconnectEvent",
    .has_callback = has_callback,
    .due = disconnect_due,
    .indicate = indicate,
};
