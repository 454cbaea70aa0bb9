/* Sharing of addresses. See sharing.h. */
#include "wsk/sharing.h"

#include "net/net_option.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/socket.h"

/* ---- the table ----------------------------------------------------------- */

enum wish { DEFAULT, REUSE, EXCLUSIVE };
enum outcome { GRANTED, INUSE, DENIED, CHECK };

/* What becomes of the second bind; of different specific addresses nothing
 * does. Rows: what the second socket wants, and where: [0] the wildcard, [1] a
 * specific address. Columns: the same of the first. */
static const enum outcome table[3][2][3][2] = {
    [DEFAULT] = {{{INUSE, GRANTED}, {INUSE, GRANTED}, {INUSE, GRANTED}},
                 {{CHECK, INUSE}, {CHECK, DENIED}, {DENIED, INUSE}}},
    [REUSE] = {{{DENIED, GRANTED}, {GRANTED, GRANTED}, {DENIED, GRANTED}},
               {{CHECK, DENIED}, {GRANTED, GRANTED}, {DENIED, DENIED}}},
    [EXCLUSIVE] = {{{INUSE, INUSE}, {INUSE, INUSE}, {INUSE, INUSE}},
                   {{CHECK, INUSE}, {CHECK, INUSE}, {DENIED, INUSE}}},
};

static enum wish wish_of(const struct wsk_socket *socket) {
  return socket->sharing.exclusive ? EXCLUSIVE
         : socket->sharing.reuse   ? REUSE
                                   : DEFAULT;
}

static NTSTATUS status_of(enum outcome outcome,
                          const struct wsk_socket *first) {
  switch (outcome) {
  case GRANTED:
    return STATUS_SUCCESS;
  case INUSE:
    return STATUS_ADDRESS_ALREADY_ASSOCIATED;
  case CHECK:
    if (wsk__sd_grants(first->sharing.descriptor))
      return STATUS_SUCCESS;
    return STATUS_ACCESS_DENIED;
  default:
    return STATUS_ACCESS_DENIED;
  }
}

/* ---- a bind -------------------------------------------------------------- */

struct claim {
  struct wsk_socket *socket;
  const struct net_address *address;
  NTSTATUS status;
};

/* Raw sockets have no ports; everybody gets everything. */
static bool has_ports(const struct wsk_socket *socket) {
  return socket->category != WSK_DATAGRAM || !socket->datagrams.raw;
}

/* Whether a packet could be for both. An accepted connection has its listener's
 * port, and does not hold it. */
static bool overlaps(const struct wsk_socket *first,
                     const struct claim *claim) {
  const struct net_address *second = claim->address;
  bool datagrams = first->category == WSK_DATAGRAM;
  return first != claim->socket && !first->accepted && has_ports(first) &&
         datagrams == (claim->socket->category == WSK_DATAGRAM) &&
         first->local.family == second->family &&
         first->local.port == second->port &&
         (wsk__is_wildcard(&first->local) || wsk__is_wildcard(second) ||
          wsk__same_ip(&first->local, second));
}

static void ask(struct wsk_socket *first, void *context) {
  struct claim *claim = context;
  if (!NT_SUCCESS(claim->status) || !overlaps(first, claim))
    return;
  claim->status =
      status_of(table[wish_of(claim->socket)][!wsk__is_wildcard(claim->address)]
                     [wish_of(first)][!wsk__is_wildcard(&first->local)],
                first);
}

/* The host binds, and listens, where every other says the same. Should it not
 * have the option, its own rules remain. */
static void let_share(struct wsk_socket *socket) {
  socket->shares = true;
  if (!wsk__socket_is_open(socket))
    return;
  if (socket->udp != NULL)
    (void)net__udp_set_option(socket->udp, NET_OPT_REUSE, 1);
  else
    (void)net__tcp_set_option(socket->tcp, NET_OPT_REUSE, 1);
}

void wsk__sharing_renew(struct wsk_socket *socket) {
  if (socket->shares)
    let_share(socket);
}

static void share_with(struct wsk_socket *first, void *context) {
  const struct claim *claim = context;
  if (!overlaps(first, claim))
    return;
  let_share(first);
  let_share(claim->socket);
}

NTSTATUS wsk__sharing_claim(struct wsk_socket *socket,
                            const struct net_address *address) {
  struct claim claim = {socket, address, STATUS_SUCCESS};
  if (socket->sharing.reuse)
    let_share(socket);
  if (address->port == 0 || !has_ports(socket))
    return STATUS_SUCCESS; /* The host picks a free one. */
  wsk__socket_for_each(ask, &claim);
  if (NT_SUCCESS(claim.status))
    wsk__socket_for_each(share_with, &claim);
  return claim.status;
}

void wsk__sharing_end(struct wsk_socket *socket) {
  struct wsk_sd *descriptor = socket->sharing.descriptor;
  socket->sharing.descriptor = NULL;
  wsk__sd_drop(descriptor);
}

/* ---- SO_REUSEADDR, SO_EXCLUSIVEADDRUSE ----------------------------------- */

/* One excludes the other. A bind may have begun since the call was checked. */
static NTSTATUS set(const struct wsk_control *control, bool *wish,
                    const bool *other) {
  struct wsk_socket *socket = control->socket;
  bool on = *(const ULONG *)control->input != 0;
  NTSTATUS status = STATUS_SUCCESS;
  wsk__socket_lock(socket);
  if (socket->state != WSK_UNBOUND)
    status = STATUS_INVALID_DEVICE_STATE;
  else if (on && *other)
    status = STATUS_INVALID_PARAMETER;
  else
    *wish = on;
  wsk__socket_unlock(socket);
  return wsk__control_answer(control, status, 0);
}

static NTSTATUS get(const struct wsk_control *control, const bool *wish) {
  wsk__socket_lock(control->socket);
  ULONG on = *wish;
  wsk__socket_unlock(control->socket);
  RtlCopyMemory(control->output, &on, sizeof(on));
  return wsk__control_answer(control, STATUS_SUCCESS, sizeof(ULONG));
}

NTSTATUS wsk__set_reuse(const struct wsk_control *control) {
  struct wsk_sharing *sharing = &control->socket->sharing;
  return set(control, &sharing->reuse, &sharing->exclusive);
}

NTSTATUS wsk__get_reuse(const struct wsk_control *control) {
  return get(control, &control->socket->sharing.reuse);
}

NTSTATUS wsk__set_exclusive(const struct wsk_control *control) {
  struct wsk_sharing *sharing = &control->socket->sharing;
  return set(control, &sharing->exclusive, &sharing->reuse);
}

NTSTATUS wsk__get_exclusive(const struct wsk_control *control) {
  return get(control, &control->socket->sharing.exclusive);
}

/* ---- SO_WSK_SECURITY ----------------------------------------------------- */

/* Puts `descriptor` into the socket and returns what is to be dropped. */
static struct wsk_sd *replace(struct wsk_socket *socket,
                              struct wsk_sd *descriptor, bool *replaced) {
  struct wsk_sd *old = descriptor;
  wsk__socket_lock(socket);
  *replaced = socket->state == WSK_UNBOUND;
  if (*replaced) {
    old = socket->sharing.descriptor;
    socket->sharing.descriptor = descriptor;
  }
  wsk__socket_unlock(socket);
  return old;
}

NTSTATUS wsk__set_security(const struct wsk_control *control) {
  PSECURITY_DESCRIPTOR cached = *(const PSECURITY_DESCRIPTOR *)control->input;
  struct wsk_sd *descriptor = wsk__sd_hold(cached);
  bool replaced;
  if (descriptor == NULL) {
    vf__report(VF_SOCKET_13, "SO_WSK_SECURITY with %p, which is not cached",
               cached);
    return wsk__control_answer(control, STATUS_INVALID_PARAMETER, 0);
  }
  wsk__sd_drop(replace(control->socket, descriptor, &replaced));
  return wsk__control_answer(
      control, replaced ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE, 0);
}

NTSTATUS wsk__get_security(const struct wsk_control *control) {
  struct wsk_socket *socket = control->socket;
  wsk__socket_lock(socket);
  struct wsk_sd *descriptor = wsk__sd_hold_again(socket->sharing.descriptor);
  wsk__socket_unlock(socket);
  PSECURITY_DESCRIPTOR given = NULL;
  NTSTATUS status =
      wsk__sd_give(socket->client, descriptor, &given, control->caller);
  if (NT_SUCCESS(status))
    RtlCopyMemory(control->output, &given, sizeof(given));
  return wsk__control_answer(
      control, status, NT_SUCCESS(status) ? sizeof(PSECURITY_DESCRIPTOR) : 0);
}
