/*
 * Datagrams on libuv: the handle, and when the host has something. The bytes
 * are moved in net_udp_posix.c and net_udp_windows.c.
 *
 * libuv's poll handles tell again and again while something is there. To stop
 * one after each event and start it for the next would be two system calls a
 * datagram. So it goes on, and is stopped when it tells what nobody waits for.
 */
#include "net/net_uv_udp.h"

#include "loop/loop.h"
#include "loop/loop_uv.h"
#include "os/os.h"

#include <assert.h>
#include <string.h>

/* ---- readiness --------------------------------------------------------- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct net_udp *udp, unsigned events) {
  int flags = 0;
  if (events == udp->watched)
    return;
  udp->watched = events;
  if (events & NET_READABLE)
    flags |= UV_READABLE;
  if (events & NET_WRITABLE)
    flags |= UV_WRITABLE;
  int error = flags == 0 ? uv_poll_stop(&udp->poll)
                         : uv_poll_start(&udp->poll, flags, on_poll);
  assert(error == 0);
  (void)error;
  loop__touched();
}

/* An error of the socket, or of watching it, stops libuv. Whoever waits is
 * told to try, and learns from the attempt. */
static unsigned what_happened(struct net_udp *udp, int status, int events) {
  unsigned happened = 0;
  if (status < 0) {
    udp->watched = 0;
    return NET_READABLE | NET_WRITABLE;
  }
  if (events & UV_READABLE)
    happened |= NET_READABLE;
  if (events & UV_WRITABLE)
    happened |= NET_WRITABLE;
  return happened;
}

/* There is nearly always room to write, so that is watched no longer than it
 * has to be. */
static void on_poll(uv_poll_t *poll, int status, int events) {
  struct net_udp *udp = poll->data;
  unsigned happened = what_happened(udp, status, events);
  unsigned told = happened & udp->wanted;
  unsigned useless = happened & ~(told & NET_READABLE);
  udp->wanted &= ~told;
  watch(udp, (udp->watched & ~useless) | udp->wanted);
  if (told & NET_READABLE)
    udp->events->readable(udp->user);
  if ((told & NET_WRITABLE) && !udp->closing)
    udp->events->writable(udp->user);
}

void net__udp_arm(struct net_udp *udp, unsigned events) {
  assert(loop__owned() && !udp->closing);
  udp->wanted |= events;
  watch(udp, udp->watched | udp->wanted);
}

void net__udp_disarm(struct net_udp *udp, unsigned events) {
  assert(loop__owned());
  udp->wanted &= ~events;
}

/* ---- life -------------------------------------------------------------- */

static void on_close(uv_handle_t *handle) {
  struct net_udp *udp = handle->data;
  const struct net_udp_events *events = udp->events;
  void *user = udp->user;
  os__free(udp);
  events->closed(user);
}

void net__udp_close(struct net_udp *udp) {
  assert(loop__owned() && !udp->closing);
  udp->closing = true;
  udp->wanted = 0;
  uv_close((uv_handle_t *)&udp->poll, on_close);
  net__socket_close(udp->host);
  loop__touched();
}

static void ignore(void *user) {
  (void)user;
}

void net__udp_abandon(uv_handle_t *handle) {
  static const struct net_udp_events silent = {ignore, ignore, ignore};
  struct net_udp *udp = handle->data;
  udp->events = &silent;
  net__udp_close(udp);
}

static int open_socket(struct net_udp *udp, int protocol) {
  int family = udp->family == NET_IPV6 ? AF_INET6 : AF_INET;
  int type = udp->kind == NET_RAW ? SOCK_RAW : SOCK_DGRAM;
  int error = net__socket_open(&udp->host, family, type, protocol);
  if (error != NET_OK)
    return error;
  error = net__udp_prepare(udp);
  if (error == NET_OK)
    error =
        net__from_uv(uv_poll_init_socket(loop__uv(), &udp->poll, udp->host));
  if (error != NET_OK)
    net__socket_close(udp->host);
  return error;
}

int net__udp_open(struct net_udp **out, enum net_family family,
                  enum net_kind kind, int protocol,
                  const struct net_udp_events *events, void *user) {
  assert(loop__owned());
  struct net_udp *udp = os__alloc(sizeof(*udp));
  if (udp == NULL)
    return NET_ENOMEM;
  udp->events = events;
  udp->user = user;
  udp->poll.data = udp;
  udp->family = family;
  udp->kind = kind;
  net__register_abandon();
  int error = open_socket(udp, protocol);
  if (error != NET_OK) {
    os__free(udp);
    return error;
  }
  *out = udp;
  return NET_OK;
}

/* ---- names ------------------------------------------------------------- */

int net__udp_bind(struct net_udp *udp, const struct net_address *local) {
  assert(loop__owned() && !udp->closing);
  if (local->family != udp->family)
    return NET_EAFNOSUPPORT;
  if (udp->bound)
    return NET_EINVAL;
  int error = net__socket_bind(udp->host, local);
  udp->bound = error == NET_OK;
  return error;
}

int net__udp_local(struct net_udp *udp, struct net_address *local) {
  return udp->bound ? net__socket_name(udp->host, local) : NET_EINVAL;
}

/* ---- kinds of addresses ------------------------------------------------ */

bool net__is_multicast(enum net_family family, const unsigned char *ip) {
  return family == NET_IPV6 ? ip[0] == 0xff : (ip[0] & 0xf0) == 0xe0;
}

/* Those that are known without asking: everybody here, and loopback's. */
bool net__is_broadcast(enum net_family family, const unsigned char *ip) {
  static const unsigned char rest[3] = {255, 255, 255};
  return family == NET_IPV4 && (ip[0] == 255 || ip[0] == 127) &&
         memcmp(ip + 1, rest, 3) == 0;
}

static const unsigned char mapped[12] = {0, 0, 0, 0, 0,    0,
                                         0, 0, 0, 0, 0xff, 0xff};

bool net__is_mapped(const unsigned char *ip) {
  return memcmp(ip, mapped, sizeof(mapped)) == 0;
}

void net__map(const unsigned char *ipv4, unsigned char *ip) {
  unsigned char four[4];
  memcpy(four, ipv4, 4);
  memcpy(ip, mapped, sizeof(mapped));
  memcpy(ip + sizeof(mapped), four, 4);
}
