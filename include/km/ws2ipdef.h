/*
 * Types and constants of IPv4 and IPv6 sockets, with the values Windows gives
 * them. A driver gets this header through wsk.h.
 */
#ifndef UWSK_KM_WS2IPDEF_H
#define UWSK_KM_WS2IPDEF_H

/* To a file that has the host's sockets it is the host's header. */
#if defined(_WIN32) && (defined(_WINSOCKAPI_) || defined(_WINSOCK2API_))
#include_next <ws2ipdef.h>
#else

#define _WS2IPDEF_

#include "in6addr.h"
#include "ws2def.h"

#ifdef __cplusplus
extern "C" {
#endif

/* IPv6 socket address; everything but sin6_scope_id in network byte order.
 * Windows page: ns-ws2ipdef-sockaddr_in6_lh. */
typedef struct sockaddr_in6 {
  ADDRESS_FAMILY sin6_family;
  USHORT sin6_port;
  ULONG sin6_flowinfo;
  IN6_ADDR sin6_addr;
  union {
    ULONG sin6_scope_id;
    SCOPE_ID sin6_scope_struct;
  };
} SOCKADDR_IN6_LH, *PSOCKADDR_IN6_LH, *LPSOCKADDR_IN6_LH;

typedef SOCKADDR_IN6_LH SOCKADDR_IN6;
typedef SOCKADDR_IN6 *PSOCKADDR_IN6, *LPSOCKADDR_IN6;

/* An address of either family. Windows page: ns-ws2ipdef-sockaddr_inet. */
typedef union _SOCKADDR_INET {
  SOCKADDR_IN Ipv4;
  SOCKADDR_IN6 Ipv6;
  ADDRESS_FAMILY si_family;
} SOCKADDR_INET, *PSOCKADDR_INET;

typedef struct _sockaddr_in6_pair {
  PSOCKADDR_IN6 SourceAddress;
  PSOCKADDR_IN6 DestinationAddress;
} SOCKADDR_IN6_PAIR, *PSOCKADDR_IN6_PAIR;

/* Options of level IPPROTO_IP. */
#define IP_OPTIONS                1
#define IP_HDRINCL                2
#define IP_TOS                    3
#define IP_TTL                    4
#define IP_MULTICAST_IF           9
#define IP_MULTICAST_TTL          10
#define IP_MULTICAST_LOOP         11
#define IP_ADD_MEMBERSHIP         12
#define IP_DROP_MEMBERSHIP        13
#define IP_DONTFRAGMENT           14
#define IP_ADD_SOURCE_MEMBERSHIP  15
#define IP_DROP_SOURCE_MEMBERSHIP 16
#define IP_BLOCK_SOURCE           17
#define IP_UNBLOCK_SOURCE         18
#define IP_PKTINFO                19
#define IP_HOPLIMIT               21
#define IP_RECVTTL                21
#define IP_RECEIVE_BROADCAST      22
#define IP_RECVIF                 24
#define IP_RECVDSTADDR            25
#define IP_IFLIST                 28
#define IP_ADD_IFLIST             29
#define IP_DEL_IFLIST             30
#define IP_UNICAST_IF             31
#define IP_RTHDR                  32
#define IP_GET_IFLIST             33
#define IP_RECVRTHDR              38
#define IP_TCLASS                 39
#define IP_RECVTCLASS             40
#define IP_RECVTOS                40
#define IP_ORIGINAL_ARRIVAL_IF    47
#define IP_ECN                    50
#define IP_RECVECN                50
#define IP_PKTINFO_EX             51
#define IP_WFP_REDIRECT_RECORDS   60
#define IP_WFP_REDIRECT_CONTEXT   70
#define IP_MTU_DISCOVER           71
#define IP_MTU                    73
#define IP_NRT_INTERFACE          74
#define IP_RECVERR                75
#define IP_USER_MTU               76

#define IP_UNSPECIFIED_TYPE_OF_SERVICE -1
#define IP_UNSPECIFIED_USER_MTU        MAXULONG
#define IP_UNSPECIFIED_HOP_LIMIT       -1

/* Options of level IPPROTO_IPV6. */
#define IPV6_HOPOPTS                   1
#define IPV6_HDRINCL                   2
#define IPV6_UNICAST_HOPS              4
#define IPV6_MULTICAST_IF              9
#define IPV6_MULTICAST_HOPS            10
#define IPV6_MULTICAST_LOOP            11
#define IPV6_ADD_MEMBERSHIP            12
#define IPV6_JOIN_GROUP                IPV6_ADD_MEMBERSHIP
#define IPV6_DROP_MEMBERSHIP           13
#define IPV6_LEAVE_GROUP               IPV6_DROP_MEMBERSHIP
#define IPV6_DONTFRAG                  14
#define IPV6_PKTINFO                   19
#define IPV6_HOPLIMIT                  21
#define IPV6_PROTECTION_LEVEL          23
#define IPV6_RECVIF                    24
#define IPV6_RECVDSTADDR               25
#define IPV6_CHECKSUM                  26
#define IPV6_V6ONLY                    27
#define IPV6_IFLIST                    28
#define IPV6_ADD_IFLIST                29
#define IPV6_DEL_IFLIST                30
#define IPV6_UNICAST_IF                31
#define IPV6_RTHDR                     32
#define IPV6_GET_IFLIST                33
#define IPV6_RECVRTHDR                 38
#define IPV6_TCLASS                    39
#define IPV6_RECVTCLASS                40
#define IPV6_ECN                       50
#define IPV6_RECVECN                   50
#define IPV6_PKTINFO_EX                51
#define IPV6_WFP_REDIRECT_RECORDS      60
#define IPV6_WFP_REDIRECT_CONTEXT      70
#define IPV6_MTU_DISCOVER              71
#define IPV6_MTU                       72
#define IPV6_NRT_INTERFACE             74
#define IPV6_RECVERR                   75
#define IPV6_USER_MTU                  76

#define IP_PROTECTION_LEVEL             IPV6_PROTECTION_LEVEL
#define PROTECTION_LEVEL_UNRESTRICTED   10
#define PROTECTION_LEVEL_EDGERESTRICTED 20
#define PROTECTION_LEVEL_RESTRICTED     30
#define PROTECTION_LEVEL_DEFAULT        ((UINT)-1)

/* Options of level IPPROTO_TCP. TCP_NODELAY stands in ws2def.h. */
#define TCP_EXPEDITED_1122              0x0002
#define TCP_KEEPALIVE                   3
#define TCP_MAXSEG                      4
#define TCP_MAXRT                       5
#define TCP_STDURG                      6
#define TCP_NOURG                       7
#define TCP_ATMARK                      8
#define TCP_NOSYNRETRIES                9
#define TCP_TIMESTAMPS                  10
#define TCP_OFFLOAD_PREFERENCE          11
#define TCP_CONGESTION_ALGORITHM        12
#define TCP_DELAY_FIN_ACK               13
#define TCP_MAXRTMS                     14
#define TCP_FASTOPEN                    15
#define TCP_KEEPCNT                     16
#define TCP_KEEPIDLE                    TCP_KEEPALIVE
#define TCP_KEEPINTVL                   17
#define TCP_FAIL_CONNECT_ON_ICMP_ERROR  18
#define TCP_ICMP_ERROR_INFO             19
#define TCP_BSDURGENT                   0x7000

#define TCP_OFFLOAD_NO_PREFERENCE   0
#define TCP_OFFLOAD_NOT_PREFERRED   1
#define TCP_OFFLOAD_PREFERRED       2

/* Options of level IPPROTO_UDP. */
#define UDP_NOCHECKSUM              1
#define UDP_SEND_MSG_SIZE           2
#define UDP_RECV_MAX_COALESCED_SIZE 3
#define UDP_COALESCED_INFO          3
#define UDP_CHECKSUM_COVERAGE       20

/* Values of IP_MTU_DISCOVER. */
typedef enum _PMTUD_STATE {
  IP_PMTUDISC_NOT_SET,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_MAX
} PMTUD_STATE,
    *PPMTUD_STATE;

/* Multicast group membership. */

/* Windows page: ns-ws2ipdef-ip_mreq. */
typedef struct ip_mreq {
  IN_ADDR imr_multiaddr;
  IN_ADDR imr_interface;
} IP_MREQ, *PIP_MREQ;

/* Windows page: ns-ws2ipdef-ip_mreq_source. */
typedef struct ip_mreq_source {
  IN_ADDR imr_multiaddr;
  IN_ADDR imr_sourceaddr;
  IN_ADDR imr_interface;
} IP_MREQ_SOURCE, *PIP_MREQ_SOURCE;

/* Windows page: ns-ws2ipdef-ipv6_mreq. */
typedef struct ipv6_mreq {
  IN6_ADDR ipv6mr_multiaddr;
  ULONG ipv6mr_interface;
} IPV6_MREQ, *PIPV6_MREQ;

#define MCAST_JOIN_GROUP         41
#define MCAST_LEAVE_GROUP        42
#define MCAST_BLOCK_SOURCE       43
#define MCAST_UNBLOCK_SOURCE     44
#define MCAST_JOIN_SOURCE_GROUP  45
#define MCAST_LEAVE_SOURCE_GROUP 46

typedef enum _MULTICAST_MODE_TYPE {
  MCAST_INCLUDE = 0,
  MCAST_EXCLUDE
} MULTICAST_MODE_TYPE;

typedef struct group_req {
  ULONG gr_interface;
  SOCKADDR_STORAGE gr_group;
} GROUP_REQ, *PGROUP_REQ;

typedef struct group_source_req {
  ULONG gsr_interface;
  SOCKADDR_STORAGE gsr_group;
  SOCKADDR_STORAGE gsr_source;
} GROUP_SOURCE_REQ, *PGROUP_SOURCE_REQ;

/* Control data of IP_PKTINFO: where a datagram arrived, or should leave.
 * Windows page: ns-ws2ipdef-in_pktinfo. */
typedef struct in_pktinfo {
  IN_ADDR ipi_addr;
  ULONG ipi_ifindex;
} IN_PKTINFO, *PIN_PKTINFO;

/* Control data of IPV6_PKTINFO. Windows page: ns-ws2ipdef-in6_pktinfo. */
typedef struct in6_pktinfo {
  IN6_ADDR ipi6_addr;
  ULONG ipi6_ifindex;
} IN6_PKTINFO, *PIN6_PKTINFO;

/* Control data of IP_RECVERR, filled from an ICMP error. */
typedef struct in_recverr {
  IPPROTO protocol;
  ULONG info;
  UCHAR type;
  UCHAR code;
} IN_RECVERR, *PIN_RECVERR;

/* Room for an address as text, the terminating NUL included. */
#define INET_ADDRSTRLEN          22
#define INET6_ADDRSTRLEN         65

/* clang-format off */

/* Initialisers of an IN_ADDR with a well-known address. */
#define IN4ADDR_ANY_INIT {{{0, 0, 0, 0}}}
#define IN4ADDR_LOOPBACK_INIT {{{0x7f, 0, 0, 1}}}
#define IN4ADDR_BROADCAST_INIT {{{0xff, 0xff, 0xff, 0xff}}}
#define IN4ADDR_LINKLOCALPREFIX_INIT {{{0xa9, 0xfe, 0, 0}}}
#define IN4ADDR_MULTICASTPREFIX_INIT {{{0xe0, 0, 0, 0}}}

/* Initialisers of an IN6_ADDR with a well-known address. */
#define IN6ADDR_ANY_INIT {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}}
#define IN6ADDR_LOOPBACK_INIT                                                  \
  {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}}
#define IN6ADDR_ALLNODESONNODE_INIT                                            \
  {{{0xff, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01}}}
#define IN6ADDR_ALLNODESONLINK_INIT                                            \
  {{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01}}}
#define IN6ADDR_ALLROUTERSONLINK_INIT                                          \
  {{{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02}}}
#define IN6ADDR_LINKLOCALPREFIX_INIT                                           \
  {{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}}
#define IN6ADDR_MULTICASTPREFIX_INIT                                           \
  {{{0xff, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}}
#define IN6ADDR_V4MAPPEDPREFIX_INIT                                            \
  {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}}}

/* clang-format on */

#define IN4ADDR_LOOPBACK               0x0100007f
#define IN4ADDR_LOOPBACKPREFIX_LENGTH  8
#define IN4ADDR_LINKLOCALPREFIX_LENGTH 16
#define IN4ADDR_MULTICASTPREFIX_LENGTH 4
#define IN6ADDR_LINKLOCALPREFIX_LENGTH 64
#define IN6ADDR_MULTICASTPREFIX_LENGTH 8
#define IN6ADDR_V4MAPPEDPREFIX_LENGTH  96

/* The same addresses as data. Addresses only; nothing to free, any IRQL. */
extern CONST IN_ADDR in4addr_any;
extern CONST IN_ADDR in4addr_loopback;
extern CONST IN_ADDR in4addr_broadcast;
extern CONST IN_ADDR in4addr_linklocalprefix;
extern CONST IN_ADDR in4addr_multicastprefix;

extern CONST IN6_ADDR in6addr_any;
extern CONST IN6_ADDR in6addr_loopback;
extern CONST IN6_ADDR in6addr_allnodesonnode;
extern CONST IN6_ADDR in6addr_allnodesonlink;
extern CONST IN6_ADDR in6addr_allroutersonlink;
extern CONST IN6_ADDR in6addr_linklocalprefix;
extern CONST IN6_ADDR in6addr_multicastprefix;
extern CONST IN6_ADDR in6addr_v4mappedprefix;

/* Byte-wise tests of an IPv6 address, as Windows defines them in the header. */

UWSK_INLINE BOOLEAN IN6_ADDR_EQUAL(CONST IN6_ADDR *x, CONST IN6_ADDR *y) {
  for (INT i = 0; i < 8; i++)
    if (x->u.Word[i] != y->u.Word[i])
      return FALSE;
  return TRUE;
}

#define IN6_ARE_ADDR_EQUAL IN6_ADDR_EQUAL

/* TRUE when the words from..5 of a are zero: most tests below begin so. */
UWSK_INLINE BOOLEAN uwsk_in6_words_zero(CONST IN6_ADDR *a, INT from, INT to) {
  for (INT i = from; i <= to; i++)
    if (a->u.Word[i] != 0)
      return FALSE;
  return TRUE;
}

UWSK_INLINE BOOLEAN IN6_IS_ADDR_UNSPECIFIED(CONST IN6_ADDR *a) {
  return uwsk_in6_words_zero(a, 0, 7);
}

UWSK_INLINE BOOLEAN IN6_IS_ADDR_LOOPBACK(CONST IN6_ADDR *a) {
  return (BOOLEAN)(uwsk_in6_words_zero(a, 0, 6) && a->u.Byte[14] == 0 &&
                   a->u.Byte[15] == 1);
}

UWSK_INLINE BOOLEAN IN6_IS_ADDR_MULTICAST(CONST IN6_ADDR *a) {
  return (BOOLEAN)(a->u.Byte[0] == 0xff);
}

UWSK_INLINE BOOLEAN IN6_IS_ADDR_LINKLOCAL(CONST IN6_ADDR *a) {
  return (BOOLEAN)(a->u.Byte[0] == 0xfe && (a->u.Byte[1] & 0xc0) == 0x80);
}

UWSK_INLINE BOOLEAN IN6_IS_ADDR_SITELOCAL(CONST IN6_ADDR *a) {
  return (BOOLEAN)(a->u.Byte[0] == 0xfe && (a->u.Byte[1] & 0xc0) == 0xc0);
}

UWSK_INLINE BOOLEAN IN6_IS_ADDR_V4MAPPED(CONST IN6_ADDR *a) {
  return (BOOLEAN)(uwsk_in6_words_zero(a, 0, 4) && a->u.Word[5] == 0xffff);
}

/* The IPv4 address inside an IPv4-mapped one. */
UWSK_INLINE CONST UCHAR *IN6_GET_ADDR_V4MAPPED(CONST IN6_ADDR *a) {
  return &a->u.Byte[12];
}

#ifdef __cplusplus
}
#endif

#endif
#endif
