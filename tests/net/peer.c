/*
 * See peer.h.
 */
#include "peer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#ifdef _WIN32
/* libuv starts Winsock with its first loop; a test may come before. */
__attribute__((constructor)) static void start_winsock(void) {
  WSADATA data;
  WSAStartup(MAKEWORD(2, 2), &data);
}
#endif

static socklen_t loopback(enum net_family family,
                          struct sockaddr_storage *address) {
  memset(address, 0, sizeof(*address));
  if (family == NET_IPV6) {
    uv_ip6_addr("::1", 0, (struct sockaddr_in6 *)address);
    return sizeof(struct sockaddr_in6);
  }
  uv_ip4_addr("127.0.0.1", 0, (struct sockaddr_in *)address);
  return sizeof(struct sockaddr_in);
}

static uv_os_sock_t bound_socket(enum net_family family,
                                 struct net_address *address) {
  struct sockaddr_storage host;
  socklen_t length = loopback(family, &host);
  uv_os_sock_t bound = socket(host.ss_family, SOCK_STREAM, 0);
  assert_int_equal(bind(bound, (struct sockaddr *)&host, length), 0);
  assert_int_equal(getsockname(bound, (struct sockaddr *)&host, &length), 0);
  memset(address, 0, sizeof(*address));
  address->family = family;
  if (family == NET_IPV6) {
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&host;
    address->port = ntohs(in6->sin6_port);
    memcpy(address->ip, &in6->sin6_addr, 16);
  } else {
    struct sockaddr_in *in = (struct sockaddr_in *)&host;
    address->port = ntohs(in->sin_port);
    memcpy(address->ip, &in->sin_addr, 4);
  }
  return bound;
}

uv_os_sock_t peer_listen(enum net_family family, struct net_address *address) {
  uv_os_sock_t listener = bound_socket(family, address);
  assert_int_equal(listen(listener, 16), 0);
  return listener;
}

struct net_address peer_nobody(void) {
  struct net_address address;
  peer_close_socket(bound_socket(NET_IPV4, &address));
  return address;
}

uv_os_sock_t peer_connect(const struct net_address *to,
                          struct net_address *from) {
  struct sockaddr_storage host;
  uv_os_sock_t peer = bound_socket(to->family, from);
  socklen_t length = loopback(to->family, &host);
  if (to->family == NET_IPV6)
    ((struct sockaddr_in6 *)&host)->sin6_port = htons(to->port);
  else
    ((struct sockaddr_in *)&host)->sin_port = htons(to->port);
  assert_int_equal(connect(peer, (struct sockaddr *)&host, length), 0);
  return peer;
}

uv_os_sock_t peer_accept(uv_os_sock_t listener) {
  uv_os_sock_t peer = accept(listener, NULL, NULL);
  assert_true(peer != (uv_os_sock_t)-1);
  return peer;
}

void peer_send(uv_os_sock_t peer, const void *bytes, size_t length) {
  assert_int_equal(send(peer, bytes, (int)length, 0), (int)length);
}

void peer_receive(uv_os_sock_t peer, void *bytes, size_t length) {
  char *at = bytes;
  while (length > 0) {
    int got = (int)recv(peer, at, (int)length, 0);
    assert_true(got > 0);
    at += got;
    length -= (size_t)got;
  }
}

#ifdef _WIN32
int64_t peer_take(uv_os_sock_t peer, void *bytes, size_t length) {
  u_long on = 1, off = 0;
  ioctlsocket(peer, FIONBIO, &on);
  int got = recv(peer, bytes, (int)length, 0);
  int error = WSAGetLastError();
  ioctlsocket(peer, FIONBIO, &off);
  return got >= 0 ? got : error == WSAEWOULDBLOCK ? -1 : -2;
}

void peer_finish(uv_os_sock_t peer) {
  shutdown(peer, SD_SEND);
}
#else
int64_t peer_take(uv_os_sock_t peer, void *bytes, size_t length) {
  ssize_t got = recv(peer, bytes, length, MSG_DONTWAIT);
  return got >= 0 ? got : errno == EAGAIN ? -1 : -2;
}

void peer_finish(uv_os_sock_t peer) {
  shutdown(peer, SHUT_WR);
}
#endif

void peer_close(uv_os_sock_t peer) {
  peer_close_socket(peer);
}

void peer_reset(uv_os_sock_t peer) {
  struct linger at_once = {1, 0};
  setsockopt(peer, SOL_SOCKET, SO_LINGER, (void *)&at_once, sizeof(at_once));
  peer_close_socket(peer);
}
