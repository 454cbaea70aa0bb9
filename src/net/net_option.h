/*
 * Options of a handle of the transport, by names of our own: the host's numbers
 * differ from host to host and from family to family. One table in
 * net_uv_option.c translates. Plain C: no libuv type, no NT type.
 *
 * Owner of the loop only, as net.h says. Answers: 0; NET_ENOPROTOOPT where the
 * host, or the handle's family or kind, does not have the option; NET_EINVAL
 * for a value it does not take; NET_EPERM or NET_EACCES where the process may
 * not; NET_EBADF never.
 */
#ifndef UWSK_NET_OPTION_H
#define UWSK_NET_OPTION_H

#include "net/net.h"

struct net_udp;

/* All values are ints; a switch is 0 or 1. The table says which family and kind
 * has which: "u" datagram and raw, "t" TCP, "4" and "6" the family. An IPv6
 * handle that is not V6ONLY takes the options of its own family alone. */
enum net_option {
  /* The socket. */
  NET_OPT_BROADCAST, /* u: may send to broadcast addresses */
  NET_OPT_REUSE,     /* ut: SO_REUSEADDR of Windows: another socket that has it,
                        too, may bind the same address. Before the bind. For TCP
                        it is not the option of that name on POSIX hosts: an
                        address in TIME_WAIT can always be bound. */
  NET_OPT_EXCLUSIVE, /* ut: SO_EXCLUSIVEADDRUSE. POSIX hosts bind exclusively
                        unless told to reuse, so there it is remembered, and
                        NET_EINVAL together with NET_OPT_REUSE. */
  NET_OPT_RCVBUF,    /* ut: bytes; a get may answer another number than was
                        set, because hosts have bounds. The first get answers
                        the host's default. */
  NET_OPT_SNDBUF,
  NET_OPT_KEEPALIVE, /* t */

  /* The Internet protocols. "hops" is the TTL of IPv4. */
  NET_OPT_UNICAST_HOPS,   /* ut: 0..255, -1 for the host's default */
  NET_OPT_MULTICAST_HOPS, /* u: 0..255, -1 for the default (1) */
  NET_OPT_MULTICAST_LOOP, /* u: own multicasts are received here, too */
  NET_OPT_MULTICAST_IF,   /* u: the index of the interface that multicasts leave
                             by, 0 for the host's choice */
  NET_OPT_MULTICAST_IF_ADDRESS, /* u4: the same by an address of it, the four
                                   bytes as in net_address, copied to an int */
  NET_OPT_UNICAST_IF,      /* ut: index of the interface to send by, or 0 */
  NET_OPT_V6ONLY,          /* ut6: before the bind; on from the start */
  NET_OPT_DONT_FRAGMENT,   /* u (t where the host has it) */
  NET_OPT_MTU_DISCOVER,    /* ut: enum net_mtu_discover */
  NET_OPT_MTU,             /* get alone, of a connected handle */
  NET_OPT_TRAFFIC_CLASS,   /* ut: TOS of IPv4, traffic class of IPv6, with the
                              two ECN bits; Windows ignores what an IPv4 socket
                              sets */
  NET_OPT_HEADER_INCLUDED, /* raw: what is sent begins with the IP header */
  NET_OPT_CHECKSUM,        /* raw 6: where the checksum stands, or -1 */

  /* What comes with each datagram: struct net_control. u */
  NET_OPT_RECV_LOCAL, /* IP_PKTINFO, IPV6_PKTINFO */
  NET_OPT_RECV_HOPS,
  NET_OPT_RECV_TRAFFIC_CLASS,
  NET_OPT_RECV_ECN, /* the lower two bits of the one before */

  /* TCP. t */
  NET_OPT_NODELAY,
  NET_OPT_KEEPALIVE_IDLE,     /* seconds */
  NET_OPT_KEEPALIVE_INTERVAL, /* seconds */
  NET_OPT_KEEPALIVE_COUNT,
  NET_OPT_MAX_SEGMENT,       /* bytes */
  NET_OPT_MAX_RETRANSMIT_MS, /* until a connection is given up; 0: default */
  NET_OPT_FASTOPEN,          /* 0 or 1 */
  NET_OPT_TIMESTAMPS,
  NET_OPT_URGENT_RFC1122, /* TCP_EXPEDITED_1122, TCP_STDURG */

  /* UDP. u */
  NET_OPT_NO_CHECKSUM, /* u4 */

  NET_OPTIONS
};

enum net_mtu_discover {
  NET_MTU_NOT_SET,
  NET_MTU_DO,
  NET_MTU_DONT,
  NET_MTU_PROBE
};

int net__tcp_set_option(struct net_tcp *tcp, enum net_option option, int value);
int net__tcp_get_option(struct net_tcp *tcp, enum net_option option,
                        int *value);
int net__udp_set_option(struct net_udp *udp, enum net_option option, int value);
int net__udp_get_option(struct net_udp *udp, enum net_option option,
                        int *value);

/* ---- multicast groups -------------------------------------------------- */

/* JOIN and LEAVE without a source mean all sources. */
enum net_group_verb {
  NET_GROUP_JOIN,
  NET_GROUP_LEAVE,
  NET_GROUP_BLOCK, /* one source of a group that was joined */
  NET_GROUP_UNBLOCK
};

struct net_group {
  struct net_address group; /* its family is the handle's */
  /* Which interface: its index (both families), or an address of it (IPv4), or
   * neither (index 0, address 0.0.0.0): the host's choice. */
  uint32_t interface_index;
  unsigned char interface_ip[4];
  bool one_source;
  struct net_address source; /* when one_source */
};

/* NET_EADDRINUSE when it has been joined already, NET_EADDRNOTAVAIL when a
 * group is left that was not joined, NET_ENODEV when there is no such
 * interface. */
int net__udp_group(struct net_udp *udp, enum net_group_verb verb,
                   const struct net_group *group);

/* ---- the host's addresses ---------------------------------------------- */

struct net_local_address {
  struct net_address address; /* port 0 */
  unsigned prefix_length;     /* bits of the network part */
  uint32_t interface_index;
  bool loopback;
};

/* All addresses of this family (0: both) of interfaces that are up, up to
 * `room` of them. *count becomes how many there are, which may be more. Any
 * thread. NET_ENOMEM when the host has no memory to list them. */
int net__local_addresses(int family, struct net_local_address *addresses,
                         size_t room, size_t *count);

#endif
