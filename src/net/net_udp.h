/*
 * The datagram transport: UDP, and raw sockets where the process may. Plain C:
 * no libuv type, no NT type. Errors, addresses and buffers are those of net.h.
 *
 * The loop tells when the host has something; the bytes are moved by
 * net__udp_try_recv and net__udp_try_send, from any thread, straight between
 * the host's socket and the caller's buffers. The rest is for the owner of the
 * loop only (loop__owned()). Callbacks come on the owner's thread, with no lock
 * held, never from inside a verb. A verb that returns an error has started
 * nothing.
 *
 * The life of a receiver:
 *
 *   net__udp_try_recv until NET_EAGAIN, then net__udp_arm(udp, NET_READABLE);
 *   `readable` comes once; go on at the top, now or later.
 *
 * What ICMP says of datagrams sent earlier (port unreachable, time exceeded) is
 * not reported: a handle is never connected, and one peer that has gone must
 * not disturb the others. Nor do WSK's documents name a way to hear of it.
 */
#ifndef UWSK_NET_UDP_H
#define UWSK_NET_UDP_H

#include "net/net.h"

struct net_udp; /* allocated by the transport, freed after `closed` */

#define NET_READABLE 1u
#define NET_WRITABLE 2u

struct net_udp_events {
  /* A datagram may be there (or an error to be fetched by net__udp_try_recv).
   * Once per net__udp_arm. */
  void (*readable)(void *user);
  /* The host may have room again. Once per net__udp_arm. May be NULL where
   * nobody arms NET_WRITABLE. */
  void (*writable)(void *user);
  /* The handle is gone; `user` is not called again. */
  void (*closed)(void *user);
};

enum net_kind { NET_DATAGRAM, NET_RAW };

/* Makes the handle and the host's socket, not bound. `protocol` is an IANA
 * number (17 is UDP; it is what NET_DATAGRAM wants, 0 stands for it). NET_EPERM
 * or NET_EACCES when the process may not have raw sockets;
 * NET_EPROTONOSUPPORT when the host does not know the protocol. */
int net__udp_open(struct net_udp **udp, enum net_family family,
                  enum net_kind kind, int protocol,
                  const struct net_udp_events *events, void *user);

/* NET_EADDRINUSE unless both sockets had NET_OPT_REUSE before. Port 0 picks
 * one. For a raw handle the port means nothing. */
int net__udp_bind(struct net_udp *udp, const struct net_address *local);

/* NET_EINVAL before net__udp_bind. */
int net__udp_local(struct net_udp *udp, struct net_address *local);

/* Closes the host's socket at once, drops what it holds and disarms; then
 * `closed`. No thread may be in net__udp_try_*, or enter them, from here on:
 * the caller's lock per socket sees to it. */
void net__udp_close(struct net_udp *udp);

/* Asks for `readable` and/or `writable` (NET_READABLE | NET_WRITABLE), each
 * once. What is armed stays so. Allocates nothing, cannot fail, and is cheap to
 * repeat. If the host has something already the event comes with the next turn.
 */
void net__udp_arm(struct net_udp *udp, unsigned events);

/* Takes back what was armed. */
void net__udp_disarm(struct net_udp *udp, unsigned events);

/* ---- what goes with a datagram ----------------------------------------- */

/* Bits of net_control.has. */
#define NET_HAS_LOCAL         0x1u
#define NET_HAS_HOPS          0x2u
#define NET_HAS_TRAFFIC_CLASS 0x4u
#define NET_HAS_ECN           0x8u

struct net_control {
  unsigned has; /* which of the following mean something */
  /* LOCAL. Received: the destination address of the datagram (which may be a
   * group or a broadcast address) and the interface it came by. To be sent: the
   * source address, or all zero for the host's choice, and the interface, or 0.
   * As net_address.ip; `local_family` is the handle's, or NET_IPV4 for what an
   * IPv6 handle without NET_OPT_V6ONLY got over IPv4. */
  enum net_family local_family;
  unsigned char local_ip[16];
  uint32_t interface_index;
  int hops;          /* HOPS: TTL or hop limit, 0..255 */
  int traffic_class; /* TRAFFIC_CLASS: TOS or traffic class, 0..255 */
  int ecn;           /* ECN: the lower two bits of it, 0..3 */
};

/* ---- receiving --------------------------------------------------------- */

struct net_received {
  size_t bytes;    /* stand in the buffers */
  size_t size;     /* of the whole datagram, when size_known */
  bool size_known; /* always unless truncated; then only on some hosts */
  bool truncated;  /* the rest of it is lost */
  bool broadcast;  /* by its destination address */
  bool multicast;
  struct net_address remote; /* who sent it; a raw handle: port 0 */
  /* What NET_OPT_RECV_* asked for. */
  struct net_control control;
};

/* Takes one datagram. 0 and *received; NET_EAGAIN when there is none;
 * NET_ENOMEM, NET_ENETDOWN, … where the host fails, and nothing was taken. Any
 * thread; the caller holds its lock of the receiving direction. At most
 * NET_DIRECT_BUFFERS buffers; with count 0 the datagram is thrown away. A
 * datagram of no bytes is one, too. Allocates nothing. */
int net__udp_try_recv(struct net_udp *udp, const struct net_buffer *buffers,
                      unsigned count, struct net_received *received);

/* How many bytes of room the next datagram needs, or more (a host may only know
 * the sum of all), or NET_EAGAIN. Any thread, under the same lock. */
int64_t net__udp_next_size(struct net_udp *udp);

/* Several at a time, each into buffers of its own. */
struct net_slot {
  const struct net_buffer *buffers;
  unsigned count;
  struct net_received received;
};

/* Takes up to `room` datagrams (at most NET_BATCH a call) into slots[0],
 * slots[1], …: how many (> 0), or what net__udp_try_recv says. */
#define NET_BATCH 16
int net__udp_try_recv_many(struct net_udp *udp, struct net_slot *slots,
                           unsigned room);

/* ---- sending ----------------------------------------------------------- */

/* Sends the buffers as one datagram; `control` may be NULL. 0: the host has
 * taken all of it. NET_EAGAIN: it has no room; arm NET_WRITABLE. NET_EMSGSIZE:
 * too long. NET_EACCES: a broadcast without NET_OPT_BROADCAST. NET_EINVAL, or
 * NET_EADDRNOTAVAIL: the source address or the interface of `control` is not
 * this host's. NET_ENOPROTOOPT: the host cannot do what `control` asks for.
 * NET_EAFNOSUPPORT: an address of the other family. NET_ENETUNREACH, … as the
 * host says. Any thread; the caller holds its lock of the sending direction. At
 * most NET_DIRECT_BUFFERS buffers; 0 is a datagram of no bytes. Allocates
 * nothing. A handle that was not bound gets a port by its first send. */
int net__udp_try_send(struct net_udp *udp, const struct net_buffer *buffers,
                      unsigned count, const struct net_address *remote,
                      const struct net_control *control);

/* The longest datagram of UDP over IPv4, in bytes. */
#define NET_UDP_MAX 65507

#endif
