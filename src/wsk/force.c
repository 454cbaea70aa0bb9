/*
 * Sockets that die, and connections that are reset, because a test wants it.
 *
 * Dying: neither the client nor the peer has ended them. On Windows that is a
 * transport that goes away. The state changes at once, so that no call gets
 * through any more. What pends completes when the handle is gone, as after any
 * other end.
 */
#include "wsk/address_list.h"
#include "wsk/plan.h"
#include "wsk/socket.h"
#include "wsk/wsk.h"

bool wsk__force_close(PWSK_SOCKET handle) {
  struct wsk_socket *socket = (struct wsk_socket *)(void *)handle;
  if (!wsk__socket_forced(socket))
    return false;
  __atomic_store_n(&socket->force_requested, 1, __ATOMIC_RELEASE);
  if (wsk__socket_request_scan(socket))
    loop__submit(&socket->scan_op);
  return true;
}

void wsk__reset_by_peer(struct wsk_socket *socket) {
  wsk__socket_fail(socket, STATUS_CONNECTION_RESET);
  __atomic_store_n(&socket->reset_requested, 1, __ATOMIC_RELEASE);
  if (wsk__socket_request_scan(socket))
    loop__submit(&socket->scan_op);
}

/* The reading end hears of it first, as of any other reset. */
static void finish_reset(struct wsk_socket *socket) {
  if (!__atomic_exchange_n(&socket->reset_requested, 0, __ATOMIC_ACQ_REL) ||
      !wsk__socket_is_open(socket) || socket->tcp == NULL)
    return;
  net__tcp_read_stop(socket->tcp);
  wsk__receive_received(socket, NET_ECONNRESET);
}

void wsk__socket_finish_force(struct wsk_socket *socket) {
  finish_reset(socket);
  if (!__atomic_exchange_n(&socket->force_requested, 0, __ATOMIC_ACQ_REL) ||
      wsk__socket_state(socket) != WSK_DEAD)
    return;
  wsk__accept_drop_waiting(socket);
  wsk__address_list_fail_all(socket, STATUS_FILE_FORCED_CLOSED);
  wsk__socket_close_handle(socket, true);
  wsk__held_let_go(socket, true);
}

NTSTATUS wsk__socket_end_status(struct wsk_socket *socket, NTSTATUS status) {
  os__spin_lock(&socket->receive.lock);
  bool forced = socket->forced && socket->state == WSK_DEAD;
  os__spin_unlock(&socket->receive.lock);
  return forced ? STATUS_FILE_FORCED_CLOSED : status;
}
