/*
 * The TCP handle of the libuv backend, for the files of src/net alone.
 */
#ifndef UWSK_NET_UV_H
#define UWSK_NET_UV_H

#include "net/net.h"

#include <uv.h>

/* Options that the host does not keep, or not so that they can be read back.
 */
struct net_kept {
  bool reuse, exclusive;
  bool dual; /* not V6ONLY */
  int multicast_if;
};

/* The handle comes first: its address is the address of the allocation. All
 * requests are embedded, since there is one at a time of each. */
struct net_tcp {
  uv_tcp_t handle;
  uv_connect_t connect;
  uv_write_t write;
  uv_shutdown_t finish;
  const struct net_tcp_events *events;
  void *user;
  uv_os_fd_t host; /* fixed from open to close, for the direct path */
  uint64_t last_read_turn;
  int ended; /* NET_EOF or the error after which nothing is read */
  bool ipv6;
  bool bound;
  struct net_kept kept;
  int backlog;
  unsigned arrived; /* connections libuv has told of and keeps for us */
  bool reading;
  bool no_room; /* `provide` has just refused */
  bool closing;
};

/* ---- net_uv_tcp.c ------------------------------------------------------ */

/* A handle without a host socket; NULL when out of memory. */
struct net_tcp *net__tcp_new(bool ipv6, const struct net_tcp_events *events,
                             void *user);

/* Closes a handle that nobody has seen yet. */
void net__tcp_discard(struct net_tcp *tcp);

/* The loop is shut down under a handle: its user hears no more of it. */
void net__tcp_abandon(uv_handle_t *handle);

/* ---- net_uv_abandon.c -------------------------------------------------- */

/* Tells the loop how to get rid of the handles of this room. */
void net__register_abandon(void);

/* ---- net_uv_error.c ---------------------------------------------------- */

int net__from_uv(int uv_error);

/* ---- net_uv_address.c -------------------------------------------------- */

void net__to_sockaddr(const struct net_address *address,
                      struct sockaddr_storage *host);
int net__from_sockaddr(const struct sockaddr_storage *host,
                       struct net_address *address);

/* ---- net_uv_posix.c, net_uv_windows.c: what libuv has no verb for -------- */

int net__host_prepare(struct net_tcp *tcp);
int net__host_bind(struct net_tcp *tcp, const struct sockaddr_storage *local);

/* uv_listen; another attempt is made when only after-lives are in the way. */
int net__host_listen(struct net_tcp *tcp, int backlog,
                     uv_connection_cb arrived);

/* Closes, by reset, the connection that libuv keeps; it may not look for
 * others before net__host_listen. False when that cannot be done now. */
bool net__host_refuse(struct net_tcp *listener);

/* To be called when libuv has given the handle an accepted host socket. */
void net__host_accepted(struct net_tcp *tcp);

/* What a read would find: 1 (bytes), 0 (the end of the stream), or an error. */
int64_t net__host_peek(struct net_tcp *tcp);
void net__host_before_close(struct net_tcp *tcp, bool reset);

#endif
