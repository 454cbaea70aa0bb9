/*
 * The datagram handle of the libuv backend, for the files of src/net alone.
 */
#ifndef UWSK_NET_UV_UDP_H
#define UWSK_NET_UV_UDP_H

#include "net/net_host.h"
#include "net/net_udp.h"
#include "net/net_uv.h"

/* The handle comes first: its address is the address of the allocation. */
struct net_udp {
  uv_poll_t poll;
  const struct net_udp_events *events;
  void *user;
  uv_os_sock_t host;
  enum net_family family;
  enum net_kind kind;
  /* Owner fields: what the user waits for, and what libuv watches, which is
   * more until it turns out to be for nothing. */
  unsigned wanted, watched;
  bool bound;
  bool closing;
  struct net_kept kept;
  /* Read by the direct path on any thread. */
  unsigned asked;    /* relaxed: NET_HAS_*, what shall come with datagrams */
  int traffic_class; /* relaxed: of the socket, to which ECN bits are added */
};

#define NET_PEEK(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define NET_POKE(field, value)                                                 \
  __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)

/* ---- net_udp_posix.c, net_udp_windows.c -------------------------------- */

/* Makes a new socket what it is on Windows, and has it tell the destination of
 * each datagram. */
int net__udp_prepare(struct net_udp *udp);

/* ---- net_uv_udp.c ------------------------------------------------------ */

/* The loop is shut down under a handle: its user hears no more of it. */
void net__udp_abandon(uv_handle_t *handle);

/* ---- net_uv_local.c ---------------------------------------------------- */

/* An IPv4 address of the interface with this index; false when it has none. */
bool net__ipv4_of(uint32_t interface_index, unsigned char *ip);

/* ---- kinds of addresses, in net_uv_udp.c --------------------------------- */

/* What an address is as a destination of datagrams. */
bool net__is_multicast(enum net_family family, const unsigned char *ip);
bool net__is_broadcast(enum net_family family, const unsigned char *ip);

/* An IPv4 address in the clothes of IPv6. */
bool net__is_mapped(const unsigned char *ip);
void net__map(const unsigned char *ipv4, unsigned char *ip);

#endif
