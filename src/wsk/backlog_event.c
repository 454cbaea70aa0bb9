/*
 * The ideal send backlog and WskSendBacklogEvent. The host's sockets know of no
 * such number: it is what it is until a test changes it.
 */
#include "etw/trace.h"
#include "verifier/report.h"
#include "wsk/socket.h"

static PFN_WSK_SEND_BACKLOG_EVENT callback_of(const struct wsk_socket *socket) {
  const WSK_CLIENT_CONNECTION_DISPATCH *table =
      wsk__connection_callbacks(socket);
  return table != NULL ? table->WskSendBacklogEvent : NULL;
}

static bool has_callback(const struct wsk_socket *socket) {
  return callback_of(socket) != NULL;
}

SIZE_T wsk__ideal_send_backlog(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  SIZE_T bytes = socket->events.backlog;
  os__spin_unlock(&socket->receive.lock);
  return bytes;
}

void wsk__set_ideal_backlog(struct wsk_socket *socket, SIZE_T bytes) {
  os__spin_lock(&socket->receive.lock);
  if (socket->events.backlog != bytes &&
      (socket->events.enabled & WSK_EVENT_SEND_BACKLOG) != 0)
    socket->events.backlog_changed = true;
  socket->events.backlog = bytes;
  os__spin_unlock(&socket->receive.lock);
  wsk__events_wanted(socket);
}

static bool backlog_due(const struct wsk_socket *socket) {
  return socket->state == WSK_CONNECTED && socket->events.backlog_changed &&
         has_callback(socket);
}

static bool take(struct wsk_socket *socket, SIZE_T *bytes) {
  os__spin_lock(&socket->receive.lock);
  bool due = backlog_due(socket);
  socket->events.backlog_changed = false;
  *bytes = socket->events.backlog;
  os__spin_unlock(&socket->receive.lock);
  return due;
}

static void indicate(struct wsk_socket *socket) {
  SIZE_T bytes;
  if (!take(socket, &bytes))
    return;
  KIRQL irql = wsk__callback_begin();
  ETW_CALLBACK("WskSendBacklogEvent", &socket->base, socket->context);
  NTSTATUS status = callback_of(socket)(socket->context, bytes);
  wsk__callback_end(irql, "WskSendBacklogEvent");
  if (status == STATUS_SUCCESS)
    return;
  VF_ENTER_FROM("WskSendBacklogEvent", NULL);
  vf__report(VF_DISCEV_05, "WskSendBacklogEvent returned status %#x",
             (unsigned)status);
}

const struct wsk_event_source wsk__backlog_source = {
    .event = WSK_EVENT_SEND_BACKLOG,
    .name = "WskSendBacklogEvent",
    .has_callback = has_callback,
    .due = backlog_due,
    .indicate = indicate,
};
