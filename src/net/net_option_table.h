/*
 * The one table of options: which handles have them, and what the host calls
 * them. For net_uv_option.c alone.
 */
#ifndef UWSK_NET_OPTION_TABLE_H
#define UWSK_NET_OPTION_TABLE_H

#include "net/net_option.h"

#include <uv.h>

#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

/* Where the host keeps it. Level NONE: nowhere. */
struct place {
  int level, name;
};

#define NONE (-1)

/* Which handles have it. */
#define UDP 1u
#define RAW 2u
#define TCP 4u

/* How the host's value and ours differ. */
enum form {
  PLAIN,         /* not at all */
  SWITCH,        /* 0 or 1; the host may answer with any other number for 1 */
  NARROW,        /* some hosts keep it in a byte */
  DOUBLED,       /* Linux answers twice of what was set */
  NETWORK_INDEX, /* an interface's index, in network byte order */
  DISCOVER,      /* enum net_mtu_discover */
  FRAGMENT,      /* off is another of the values of DISCOVER */
  QUEUE,         /* 1 is a length of a queue */
  KEPT,          /* the host has nothing like it: see net_kept */
  GROUP_IF,      /* the interface of multicasts */
  COMES_ALONG    /* what is received with a datagram */
};

struct option_row {
  enum net_option option;
  unsigned handles;
  struct place ipv4, ipv6;
  enum form form;
};

/* ---- the host's names -------------------------------------------------- */

/* Windows' numbers that MinGW's headers may lack, and the others' names.
 * clang-format would tear the columns apart. */
/* clang-format off */
#define SOCKET_LEVEL(name) {SOL_SOCKET, name}
#define IPV4(name)         {IPPROTO_IP, name}
#define IPV6(name)         {IPPROTO_IPV6, name}
#define OF_TCP(name)       {IPPROTO_TCP, name}
#define NOWHERE            {NONE, 0}

#if defined(_WIN32)
#define H_EXCLUSIVE     SOCKET_LEVEL(SO_EXCLUSIVEADDRUSE)
#define H_TCP_REUSE     SOCKET_LEVEL(SO_REUSEADDR)
#define H_EXCLUSIVE_FORM SWITCH
#define H_BUFFER_FORM   PLAIN
#define H_UNICAST_IF4   IPV4(31)
#define H_UNICAST_IF6   IPV6(31)
#define H_UNICAST_IF6_FORM PLAIN
#define H_DONTFRAG4     IPV4(14)
#define H_DONTFRAG4_FORM SWITCH
#define H_DONTFRAG6     IPV6(14)
#define H_DISCOVER4     IPV4(71)
#define H_DISCOVER6     IPV6(71)
#define H_DISCOVER_FORM PLAIN
#define H_MTU4          IPV4(73)
#define H_MTU6          IPV6(72)
#define H_TCLASS6       IPV6(39)
#define H_HDRINCL4      IPV4(2)
#define H_HDRINCL6      IPV6(2)
#define H_CHECKSUM6     IPV6(26)
#define H_HOPS4         IPV4(21)
#define H_HOPS6         IPV6(21)
#define H_RECV_TOS4     IPV4(40)
#define H_RECV_TOS6     IPV6(40)
#define H_IDLE          OF_TCP(3)
#define H_INTERVAL      OF_TCP(17)
#define H_COUNT         OF_TCP(16)
#define H_MAXRT         OF_TCP(14)
#define H_FASTOPEN      OF_TCP(15)
#define H_FASTOPEN_FORM SWITCH
#define H_TIMESTAMPS    OF_TCP(10)
#define H_URGENT        OF_TCP(2)
#define H_NO_CHECKSUM   {IPPROTO_UDP, 1}
#define H_MAXSEG        OF_TCP(4)
#else
#define H_EXCLUSIVE     NOWHERE
#define H_TCP_REUSE     SOCKET_LEVEL(SO_REUSEPORT)
#define H_EXCLUSIVE_FORM KEPT
#define H_HDRINCL4      IPV4(IP_HDRINCL)
#define H_CHECKSUM6     IPV6(IPV6_CHECKSUM)
#define H_HOPS4         IPV4(IP_RECVTTL)
#define H_HOPS6         IPV6(IPV6_RECVHOPLIMIT)
#define H_RECV_TOS4     IPV4(IP_RECVTOS)
#define H_RECV_TOS6     IPV6(IPV6_RECVTCLASS)
#define H_TCLASS6       IPV6(IPV6_TCLASS)
#define H_INTERVAL      OF_TCP(TCP_KEEPINTVL)
#define H_COUNT         OF_TCP(TCP_KEEPCNT)
#define H_FASTOPEN      OF_TCP(TCP_FASTOPEN)
#define H_FASTOPEN_FORM QUEUE
#define H_TIMESTAMPS    NOWHERE
#define H_URGENT        NOWHERE
#define H_MAXSEG        OF_TCP(TCP_MAXSEG)
#define H_DISCOVER_FORM DISCOVER
#ifdef __linux__
#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif
#ifndef IPV6_UNICAST_IF
#define IPV6_UNICAST_IF 76
#endif
#define H_BUFFER_FORM   DOUBLED
#define H_UNICAST_IF4   IPV4(IP_UNICAST_IF)
#define H_UNICAST_IF6   IPV6(IPV6_UNICAST_IF)
#define H_UNICAST_IF6_FORM NETWORK_INDEX
#define H_DONTFRAG4     IPV4(IP_MTU_DISCOVER)
#define H_DONTFRAG4_FORM FRAGMENT
#define H_DONTFRAG6     IPV6(IPV6_DONTFRAG)
#define H_DISCOVER4     IPV4(IP_MTU_DISCOVER)
#define H_DISCOVER6     IPV6(IPV6_MTU_DISCOVER)
#define H_MTU4          IPV4(IP_MTU)
#define H_MTU6          IPV6(IPV6_MTU)
#define H_HDRINCL6      IPV6(IPV6_HDRINCL)
#define H_IDLE          OF_TCP(TCP_KEEPIDLE)
#define H_MAXRT         OF_TCP(TCP_USER_TIMEOUT)
#define H_NO_CHECKSUM   SOCKET_LEVEL(SO_NO_CHECK)
#else
#define H_BUFFER_FORM   PLAIN
#define H_UNICAST_IF4   NOWHERE
#define H_UNICAST_IF6   NOWHERE
#define H_UNICAST_IF6_FORM PLAIN
#define H_DONTFRAG4     NOWHERE
#define H_DONTFRAG4_FORM SWITCH
#define H_DONTFRAG6     NOWHERE
#define H_DISCOVER4     NOWHERE
#define H_DISCOVER6     NOWHERE
#define H_MTU4          NOWHERE
#define H_MTU6          NOWHERE
#define H_HDRINCL6      NOWHERE
#define H_IDLE          OF_TCP(TCP_KEEPALIVE)
#define H_MAXRT         NOWHERE
#define H_NO_CHECKSUM   NOWHERE
#endif
#endif

/* ---- the table --------------------------------------------------------- */

#define ALL (UDP | RAW | TCP)
#define BOTH(name) SOCKET_LEVEL(name), SOCKET_LEVEL(name)
#define TCP_BOTH(place) place, place

static const struct option_row option_rows[] = {
  {NET_OPT_BROADCAST, UDP | RAW, BOTH(SO_BROADCAST), SWITCH},
  {NET_OPT_REUSE, UDP | RAW, BOTH(SO_REUSEADDR), SWITCH},
  {NET_OPT_REUSE, TCP, H_TCP_REUSE, H_TCP_REUSE, SWITCH},
  {NET_OPT_EXCLUSIVE, ALL, H_EXCLUSIVE, H_EXCLUSIVE, H_EXCLUSIVE_FORM},
  {NET_OPT_RCVBUF, ALL, BOTH(SO_RCVBUF), H_BUFFER_FORM},
  {NET_OPT_SNDBUF, ALL, BOTH(SO_SNDBUF), H_BUFFER_FORM},
  {NET_OPT_KEEPALIVE, TCP, BOTH(SO_KEEPALIVE), SWITCH},

  {NET_OPT_UNICAST_HOPS, ALL, IPV4(IP_TTL), IPV6(IPV6_UNICAST_HOPS), PLAIN},
  {NET_OPT_MULTICAST_HOPS, UDP | RAW, IPV4(IP_MULTICAST_TTL), NOWHERE, NARROW},
  {NET_OPT_MULTICAST_HOPS, UDP | RAW, NOWHERE, IPV6(IPV6_MULTICAST_HOPS),
   PLAIN},
  {NET_OPT_MULTICAST_LOOP, UDP | RAW, IPV4(IP_MULTICAST_LOOP), NOWHERE, NARROW},
  {NET_OPT_MULTICAST_LOOP, UDP | RAW, NOWHERE, IPV6(IPV6_MULTICAST_LOOP),
   SWITCH},
  {NET_OPT_MULTICAST_IF, UDP | RAW, IPV4(IP_MULTICAST_IF), NOWHERE, GROUP_IF},
  {NET_OPT_MULTICAST_IF, UDP | RAW, NOWHERE, IPV6(IPV6_MULTICAST_IF), PLAIN},
  {NET_OPT_MULTICAST_IF_ADDRESS, UDP | RAW, IPV4(IP_MULTICAST_IF), NOWHERE,
   GROUP_IF},
  {NET_OPT_UNICAST_IF, ALL, H_UNICAST_IF4, NOWHERE, NETWORK_INDEX},
  {NET_OPT_UNICAST_IF, ALL, NOWHERE, H_UNICAST_IF6, H_UNICAST_IF6_FORM},
  {NET_OPT_V6ONLY, ALL, NOWHERE, IPV6(IPV6_V6ONLY), SWITCH},
  {NET_OPT_DONT_FRAGMENT, ALL, H_DONTFRAG4, NOWHERE, H_DONTFRAG4_FORM},
  {NET_OPT_DONT_FRAGMENT, ALL, NOWHERE, H_DONTFRAG6, SWITCH},
  {NET_OPT_MTU_DISCOVER, ALL, H_DISCOVER4, H_DISCOVER6, H_DISCOVER_FORM},
  {NET_OPT_MTU, ALL, H_MTU4, H_MTU6, PLAIN},
  {NET_OPT_TRAFFIC_CLASS, ALL, IPV4(IP_TOS), H_TCLASS6, PLAIN},
  {NET_OPT_HEADER_INCLUDED, RAW, H_HDRINCL4, H_HDRINCL6, SWITCH},
  {NET_OPT_CHECKSUM, RAW, NOWHERE, H_CHECKSUM6, PLAIN},

  /* The host always tells the first: see net__udp_prepare. */
  {NET_OPT_RECV_LOCAL, UDP | RAW, NOWHERE, NOWHERE, COMES_ALONG},
  {NET_OPT_RECV_HOPS, UDP | RAW, H_HOPS4, H_HOPS6, COMES_ALONG},
  {NET_OPT_RECV_TRAFFIC_CLASS, UDP | RAW, H_RECV_TOS4, H_RECV_TOS6,
   COMES_ALONG},
  {NET_OPT_RECV_ECN, UDP | RAW, H_RECV_TOS4, H_RECV_TOS6, COMES_ALONG},

  {NET_OPT_NODELAY, TCP, TCP_BOTH(OF_TCP(TCP_NODELAY)), SWITCH},
  {NET_OPT_KEEPALIVE_IDLE, TCP, TCP_BOTH(H_IDLE), PLAIN},
  {NET_OPT_KEEPALIVE_INTERVAL, TCP, TCP_BOTH(H_INTERVAL), PLAIN},
  {NET_OPT_KEEPALIVE_COUNT, TCP, TCP_BOTH(H_COUNT), PLAIN},
  {NET_OPT_MAX_SEGMENT, TCP, TCP_BOTH(H_MAXSEG), PLAIN},
  {NET_OPT_MAX_RETRANSMIT_MS, TCP, TCP_BOTH(H_MAXRT), PLAIN},
  {NET_OPT_FASTOPEN, TCP, TCP_BOTH(H_FASTOPEN), H_FASTOPEN_FORM},
  {NET_OPT_TIMESTAMPS, TCP, TCP_BOTH(H_TIMESTAMPS), SWITCH},
  {NET_OPT_URGENT_RFC1122, TCP, TCP_BOTH(H_URGENT), SWITCH},

  {NET_OPT_NO_CHECKSUM, UDP, H_NO_CHECKSUM, NOWHERE, SWITCH},
};
/* clang-format on */

#endif
