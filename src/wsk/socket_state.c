/* The states of a socket: one function per transition. See socket.h. */
#include "wsk/socket.h"

#include "etw/trace.h"

static const char *state_name(enum wsk_state state) {
  static const char *const names[] = {
#define X(name, text) text,
      WSK_STATES(X)
#undef X
  };
  return names[state];
}

void wsk__socket_lock(struct wsk_socket *socket) {
  os__spin_lock(&socket->send.lock);
  os__spin_lock(&socket->receive.lock);
}

void wsk__socket_unlock(struct wsk_socket *socket) {
  os__spin_unlock(&socket->receive.lock);
  os__spin_unlock(&socket->send.lock);
}

enum wsk_state wsk__socket_state(struct wsk_socket *socket) {
  os__spin_lock(&socket->send.lock);
  enum wsk_state state = socket->state;
  os__spin_unlock(&socket->send.lock);
  return state;
}

/* Bits of roles. */
#define AS(role)    (1u << (role))
#define AS_ANYTHING (~0u)

/* Goes from one state to another; false when it is in another state or role. */
static bool transit_as(struct wsk_socket *socket, unsigned roles,
                       enum wsk_state from, enum wsk_state to) {
  wsk__socket_lock(socket);
  bool allowed = socket->state == from && (roles & AS(socket->role)) != 0;
  if (allowed)
    socket->state = to;
  wsk__socket_unlock(socket);
  if (allowed)
    ETW_STATE(socket, "socket", state_name(from), state_name(to));
  return allowed;
}

static bool transit(struct wsk_socket *socket, enum wsk_state from,
                    enum wsk_state to) {
  return transit_as(socket, AS_ANYTHING, from, to);
}

/* A stream socket has become one thing, and stays it. */
static void commit(struct wsk_socket *socket, enum wsk_category role) {
  wsk__socket_lock(socket);
  if (socket->role == WSK_STREAM)
    __atomic_store_n(&socket->role, role, __ATOMIC_RELEASE);
  wsk__socket_unlock(socket);
  wsk__events_set_static(socket);
}

bool wsk__socket_begin_bind(struct wsk_socket *socket) {
  return transit(socket, WSK_UNBOUND, WSK_BINDING);
}

bool wsk__socket_begin_connect(struct wsk_socket *socket) {
  return transit_as(socket, AS(WSK_CONNECTION) | AS(WSK_STREAM), WSK_BOUND,
                    WSK_CONNECTING);
}

bool wsk__socket_begin_listen(struct wsk_socket *socket) {
  return transit_as(socket, AS(WSK_STREAM), WSK_BOUND, WSK_COMMITTING);
}

bool wsk__socket_begin_close(struct wsk_socket *socket) {
  wsk__socket_lock(socket);
  enum wsk_state old = socket->state;
  bool allowed = old != WSK_FREE && old != WSK_CLOSING;
  if (allowed)
    socket->state = WSK_CLOSING;
  wsk__socket_unlock(socket);
  if (allowed)
    ETW_STATE(socket, "socket", state_name(old), "closing");
  return allowed;
}

void wsk__socket_bound(struct wsk_socket *socket,
                       const struct net_address *local) {
  wsk__socket_lock(socket);
  socket->local = *local;
  wsk__socket_unlock(socket);
  transit(socket, WSK_BINDING, WSK_BOUND);
}

void wsk__socket_not_bound(struct wsk_socket *socket) {
  transit(socket, WSK_BINDING, WSK_UNBOUND);
}

void wsk__socket_listens(struct wsk_socket *socket) {
  commit(socket, WSK_LISTENER);
  transit(socket, WSK_COMMITTING, WSK_BOUND);
}

void wsk__socket_not_listening(struct wsk_socket *socket) {
  transit(socket, WSK_COMMITTING, WSK_BOUND);
}

static void set_addresses(struct wsk_socket *socket,
                          const struct net_address *local,
                          const struct net_address *remote) {
  wsk__socket_lock(socket);
  socket->local = *local;
  socket->remote = *remote;
  wsk__socket_unlock(socket);
}

void wsk__socket_connected(struct wsk_socket *socket,
                           const struct net_address *local,
                           const struct net_address *remote) {
  set_addresses(socket, local, remote);
  commit(socket, WSK_CONNECTION);
  transit(socket, WSK_CONNECTING, WSK_CONNECTED);
}

void wsk__socket_accepted(struct wsk_socket *socket,
                          const struct net_address *local,
                          const struct net_address *remote) {
  set_addresses(socket, local, remote);
  transit(socket, WSK_UNBOUND, WSK_CONNECTED);
}

void wsk__socket_not_connected(struct wsk_socket *socket) {
  transit(socket, WSK_CONNECTING, WSK_BOUND);
}

void wsk__socket_dead(struct wsk_socket *socket) {
  if (!transit(socket, WSK_CONNECTING, WSK_DEAD))
    transit(socket, WSK_CONNECTED, WSK_DEAD);
}

bool wsk__socket_forced(struct wsk_socket *socket) {
  wsk__socket_lock(socket);
  enum wsk_state old = socket->state;
  bool allowed = old != WSK_FREE && old != WSK_CLOSING && !socket->forced;
  if (allowed) {
    socket->state = WSK_DEAD;
    socket->forced = true;
    socket->send.error = socket->receive.error = STATUS_FILE_FORCED_CLOSED;
  }
  wsk__socket_unlock(socket);
  if (allowed)
    ETW_STATE(socket, "socket", state_name(old), "dead");
  return allowed;
}

void wsk__socket_fail(struct wsk_socket *socket, NTSTATUS error) {
  wsk__socket_lock(socket);
  if (socket->send.error == STATUS_SUCCESS)
    socket->send.error = error;
  if (socket->receive.error == STATUS_SUCCESS)
    socket->receive.error = error;
  wsk__socket_unlock(socket);
}
