/*
 * TCP on libuv: open, bind, connect, names, options, close.
 */
#include "net/net_uv.h"

#include "loop/loop.h"
#include "loop/loop_uv.h"
#include "os/os.h"

#include <assert.h>

/* ---- life -------------------------------------------------------------- */

static void on_close(uv_handle_t *handle) {
  struct net_tcp *tcp = handle->data;
  const struct net_tcp_events *events = tcp->events;
  void *user = tcp->user;
  os__free(tcp);
  events->closed(user);
}

/* libuv reports an outstanding connect, write and shutdown as cancelled, in the
 * turn that ends with on_close. */
static void start_close(struct net_tcp *tcp, bool reset) {
  tcp->closing = true;
  tcp->reading = false;
  net__host_before_close(tcp, reset);
  uv_close((uv_handle_t *)&tcp->handle, on_close);
  loop__touched();
}

void net__tcp_close(struct net_tcp *tcp, bool reset) {
  assert(loop__owned() && !tcp->closing);
  start_close(tcp, reset);
}

static void ignore_error(void *user, int error) {
  (void)user;
  (void)error;
}

static void ignore_close(void *user) {
  (void)user;
}

/* ---- forgotten handles --------------------------------------------------- */

/* The youngest ones that were forgotten. */
#define FORGOTTEN 64
static struct net_tcp *forgotten[FORGOTTEN];
static unsigned next_forgotten;

/* `user` is the handle's place above; NULL when another has it. */
static void forgotten_closed(void *user) {
  if (user != NULL)
    *(struct net_tcp **)user = NULL;
}

static const struct net_tcp_events forgotten_events = {
    .connected = ignore_error,
    .written = ignore_error,
    .finished = ignore_error,
    .arrived = ignore_close,
    .closed = forgotten_closed};

void net__tcp_forget(struct net_tcp *tcp) {
  struct net_tcp **place = &forgotten[next_forgotten++ % FORGOTTEN];
  assert(loop__owned() && !tcp->closing);
  net__tcp_read_stop(tcp);
  if (*place != NULL) {
    (*place)->user = NULL;
    start_close(*place, true);
  }
  *place = tcp;
  tcp->events = &forgotten_events;
  tcp->user = place;
}

void net__tcp_abandon(uv_handle_t *handle) {
  static const struct net_tcp_events silent = {.connected = ignore_error,
                                               .written = ignore_error,
                                               .finished = ignore_error,
                                               .arrived = ignore_close,
                                               .closed = ignore_close};
  struct net_tcp *tcp = handle->data;
  if (tcp->events != &forgotten_events)
    tcp->events = &silent;
  start_close(tcp, true);
}

static void free_unopened(uv_handle_t *handle) {
  os__free(handle->data);
}

struct net_tcp *net__tcp_new(bool ipv6, const struct net_tcp_events *events,
                             void *user) {
  struct net_tcp *tcp = os__alloc(sizeof(*tcp));
  if (tcp == NULL)
    return NULL;
  tcp->events = events;
  tcp->user = user;
  tcp->handle.data = tcp;
  tcp->ipv6 = ipv6;
  tcp->last_read_turn = UINT64_MAX;
  net__register_abandon();
  return tcp;
}

void net__tcp_discard(struct net_tcp *tcp) {
  uv_close((uv_handle_t *)&tcp->handle, free_unopened);
  loop__touched();
}

int net__tcp_open(struct net_tcp **out, enum net_family family,
                  const struct net_tcp_events *events, void *user) {
  assert(loop__owned());
  struct net_tcp *tcp = net__tcp_new(family == NET_IPV6, events, user);
  if (tcp == NULL)
    return NET_ENOMEM;
  int error =
      uv_tcp_init_ex(loop__uv(), &tcp->handle, tcp->ipv6 ? AF_INET6 : AF_INET);
  if (error != 0) {
    os__free(tcp);
    return net__from_uv(error);
  }
  error = uv_fileno((uv_handle_t *)&tcp->handle, &tcp->host);
  if (error == 0)
    error = net__host_prepare(tcp);
  if (error != 0) {
    net__tcp_discard(tcp);
    return net__from_uv(error);
  }
  *out = tcp;
  return NET_OK;
}

/* ---- names and options ------------------------------------------------- */

static bool family_fits(const struct net_tcp *tcp,
                        const struct net_address *address) {
  return (address->family == NET_IPV6) == tcp->ipv6;
}

int net__tcp_bind(struct net_tcp *tcp, const struct net_address *local) {
  struct sockaddr_storage host;
  assert(loop__owned() && !tcp->closing);
  if (!family_fits(tcp, local))
    return NET_EAFNOSUPPORT;
  net__to_sockaddr(local, &host);
  int error = net__from_uv(net__host_bind(tcp, &host));
  tcp->bound = tcp->bound || error == NET_OK;
  return error;
}

int net__tcp_local(struct net_tcp *tcp, struct net_address *local) {
  struct sockaddr_storage host;
  int length = sizeof(host);
  int error =
      uv_tcp_getsockname(&tcp->handle, (struct sockaddr *)&host, &length);
  return error != 0 ? net__from_uv(error) : net__from_sockaddr(&host, local);
}

int net__tcp_remote(struct net_tcp *tcp, struct net_address *remote) {
  struct sockaddr_storage host;
  int length = sizeof(host);
  int error =
      uv_tcp_getpeername(&tcp->handle, (struct sockaddr *)&host, &length);
  return error != 0 ? net__from_uv(error) : net__from_sockaddr(&host, remote);
}

int net__tcp_set_nodelay(struct net_tcp *tcp, bool on) {
  return net__from_uv(uv_tcp_nodelay(&tcp->handle, on));
}

/* ---- connect ----------------------------------------------------------- */

static void on_connect(uv_connect_t *request, int status) {
  struct net_tcp *tcp = request->handle->data;
  tcp->events->connected(tcp->user, net__from_uv(status));
}

int net__tcp_connect(struct net_tcp *tcp, const struct net_address *remote) {
  struct sockaddr_storage host;
  assert(loop__owned() && !tcp->closing);
  if (!family_fits(tcp, remote))
    return NET_EAFNOSUPPORT;
  net__to_sockaddr(remote, &host);
  int error = uv_tcp_connect(&tcp->connect, &tcp->handle,
                             (const struct sockaddr *)&host, on_connect);
  loop__touched();
  return net__from_uv(error);
}
