/*
 * The other end of a connection: plain sockets of the host, on loopback, so
 * that the transport is not tested against itself.
 */
#ifndef UWSK_TEST_PEER_H
#define UWSK_TEST_PEER_H

#include "net/net.h"

#include <uv.h>

#ifdef _WIN32
#define peer_close_socket closesocket
#else
#include <sys/socket.h>
#include <unistd.h>
#define peer_close_socket close
#endif

/* A listening socket on loopback, and its address. */
uv_os_sock_t peer_listen(enum net_family family, struct net_address *address);

/* An address of loopback that nobody listens at. */
struct net_address peer_nobody(void);

/* A socket that is connected to a listener of this address; its own is filled
 * in. */
uv_os_sock_t peer_connect(const struct net_address *to,
                          struct net_address *from);

uv_os_sock_t peer_accept(uv_os_sock_t listener);

void peer_send(uv_os_sock_t peer, const void *bytes, size_t length);

/* Reads exactly `length` bytes, waiting for them. */
void peer_receive(uv_os_sock_t peer, void *bytes, size_t length);

/* One read that does not wait: bytes, 0 at the end, -1 when there is nothing,
 * -2 after a reset. */
int64_t peer_take(uv_os_sock_t peer, void *bytes, size_t length);

void peer_finish(uv_os_sock_t peer);
void peer_close(uv_os_sock_t peer);
void peer_reset(uv_os_sock_t peer);

#endif
