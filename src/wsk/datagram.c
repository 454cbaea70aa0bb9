/* The handle of a datagram socket, and its fixed addresses. See datagram.h. */
#include "wsk/datagram.h"

#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/control.h"
#include "wsk/socket.h"

/* ---- readiness --------------------------------------------------------- */

static void on_readable(void *user) {
  struct wsk_socket *socket = user;
  os__spin_lock(&socket->receive.lock);
  socket->datagrams.readable = true;
  socket->datagrams.burst = 0;
  os__spin_unlock(&socket->receive.lock);
  wsk__datagrams_pump(socket);
}

static void on_writable(void *user) {
  wsk__datagrams_pump(user);
}

static void on_closed(void *user) {
  wsk__socket_handle_closed(user);
}

static const struct net_udp_events udp_events = {
    .readable = on_readable,
    .writable = on_writable,
    .closed = on_closed,
};

void wsk__datagrams_wait(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  socket->datagrams.readable = false;
  os__spin_unlock(&socket->receive.lock);
  if (wsk__socket_is_open(socket))
    net__udp_arm(socket->udp, NET_READABLE);
}

void wsk__datagrams_pump(struct wsk_socket *socket) {
  if (socket->role != WSK_DATAGRAM || socket->closing != NULL)
    return;
  /* A completion may close the socket and let the close complete: it is held
   * until we are through. */
  wsk__socket_add_pending(socket);
  wsk__send_to_pump(socket);
  wsk__receive_from_pump(socket);
  wsk__events_pump(socket);
  wsk__socket_remove_pending(socket);
}

/* ---- life -------------------------------------------------------------- */

void wsk__datagrams_initialize(struct wsk_datagrams *datagrams) {
  RtlZeroMemory(datagrams, sizeof(*datagrams));
  InitializeListHead(&datagrams->kept);
  InitializeListHead(&datagrams->retained);
  datagrams->readable = true; /* Nobody has looked yet. */
}

int wsk__datagrams_open(struct wsk_socket *socket) {
  const struct wsk_datagrams *datagrams = &socket->datagrams;
  return net__udp_open(
      &socket->udp, socket->family, datagrams->raw ? NET_RAW : NET_DATAGRAM,
      datagrams->raw ? (int)datagrams->protocol : 0, &udp_events, socket);
}

int wsk__datagrams_bind(struct wsk_socket *socket,
                        const struct net_address *local,
                        struct net_address *bound) {
  int error = net__udp_bind(socket->udp, local);
  return error == NET_OK ? net__udp_local(socket->udp, bound) : error;
}

/* The direct path asks for the state under the lock of its lane. At the end of
 * the runtime nobody has closed the socket, so that it is done here. */
void wsk__datagrams_close(struct wsk_socket *socket) {
  wsk__socket_lock(socket);
  if (socket->orphan)
    socket->state = WSK_CLOSING;
  wsk__socket_unlock(socket);
  net__udp_close(socket->udp);
}

void wsk__datagrams_forget(struct wsk_socket *socket) {
  struct wsk_datagrams *datagrams = &socket->datagrams;
  LIST_ENTRY kept;
  InitializeListHead(&kept);
  os__spin_lock(&socket->receive.lock);
  while (!IsListEmpty(&datagrams->kept))
    InsertTailList(&kept, RemoveHeadList(&datagrams->kept));
  datagrams->kept_count = 0;
  wsk__datagram_orphan(&datagrams->retained);
  datagrams->retained_count = 0;
  os__spin_unlock(&socket->receive.lock);
  while (!IsListEmpty(&kept))
    wsk__datagram_give_back(
        CONTAINING_RECORD(RemoveHeadList(&kept), struct wsk_datagram, link));
}

void wsk__datagrams_check_close(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  unsigned count = socket->datagrams.retained_count;
  unsigned lending = socket->datagrams.lending;
  os__spin_unlock(&socket->receive.lock);
  if (count > lending)
    vf__report_on(
        VF_CLOSE_09, socket,
        "WskCloseSocket on socket %p, of which %u datagrams are retained",
        (void *)socket, count - lending);
}

/* ---- fixed addresses --------------------------------------------------- */

bool wsk__datagrams_pass(const struct wsk_datagrams *datagrams,
                         const struct net_address *remote) {
  const struct net_address *filter = &datagrams->filter;
  struct net_address same = *filter;
  if (filter->family == 0)
    return true;
  /* The host says by which interface a link-local address has come. */
  if (same.scope_id == 0)
    same.scope_id = remote->scope_id;
  return wsk__same_ip(&same, remote) &&
         (datagrams->raw || same.port == remote->port);
}

/* The address of the call, or none. */
static NTSTATUS address_of(const struct wsk_control *control,
                           struct net_address *address) {
  const SOCKADDR *from = control->input;
  RtlZeroMemory(address, sizeof(*address));
  if (control->input_size == 0)
    return from == NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
  SIZE_T size = control->socket->family == NET_IPV4 ? sizeof(SOCKADDR_IN)
                                                    : sizeof(SOCKADDR_IN6);
  if (control->input_size < size || !wsk__address_in(address, from) ||
      address->family != control->socket->family)
    return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}

NTSTATUS wsk__control_remote_address(const struct wsk_control *control) {
  struct wsk_socket *socket = control->socket;
  struct net_address address;
  NTSTATUS status = address_of(control, &address);
  if (NT_SUCCESS(status)) {
    wsk__socket_lock(socket);
    socket->datagrams.remote = socket->datagrams.filter = address;
    wsk__socket_unlock(socket);
  }
  return wsk__control_answer(control, status, 0);
}

NTSTATUS wsk__control_send_to_address(const struct wsk_control *control) {
  struct wsk_socket *socket = control->socket;
  struct net_address address;
  NTSTATUS status = address_of(control, &address);
  if (NT_SUCCESS(status)) {
    wsk__socket_lock(socket);
    socket->datagrams.send_to = address;
    wsk__socket_unlock(socket);
  }
  return wsk__control_answer(control, status, 0);
}
