/*
 * The table of options and IOCTLs. See control.h.
 *
 * Rows are grouped by the file that their handlers stand in.
 */
#include "wsk/control.h"

#include <mstcpip.h>

#include "wsk/address_list.h"
#include "wsk/events.h"
#include "wsk/extension.h"
#include "wsk/inspect.h"
#include "wsk/ioctl.h"
#include "wsk/multicast.h"
#include "wsk/provider.h"
#include "wsk/sharing.h"
#include "wsk/socket.h"

/* clang-format off */
#define OPTION(type_, level_, code_) \
  .type = type_, .level = level_, .code = (ULONG)code_, .name = #code_
#define IOCTL(code_) .type = WskIoctl, .code = code_, .name = #code_

/* A ULONG that is set and read, with an IRP. */
#define FLAG(level_, code_, on_, when_, set, get) \
  {OPTION(WskSetOption, level_, code_), .on = on_, .when = when_, \
   .input = WSK_ONE(ULONG), .output = WSK_ANYTHING, .handler = set}, \
  {OPTION(WskGetOption, level_, code_), .on = on_, \
   .input = WSK_ANYTHING, .output = WSK_ONE(ULONG), .handler = get}

/* The same, carried out by socket_option.c. */
#define WRITTEN(level_, code_, on_, when_, flags_, option_, size_) \
  {OPTION(WskSetOption, level_, code_), .on = on_, .when = when_, \
   .flags = flags_, .input = size_(ULONG), .output = WSK_ANYTHING, \
   .handler = wsk__set_option, .detail = option_}
#define READ(level_, code_, on_, flags_, option_, size_) \
  {OPTION(WskGetOption, level_, code_), .on = on_, .flags = flags_, \
   .input = WSK_ANYTHING, .output = size_(ULONG), \
   .handler = wsk__get_option, .detail = option_}
#define READ_ONLY(level_, code_, on_, flags_, option_) \
  READ(level_, code_, on_, flags_, option_, WSK_ONE)
#define VALUE(level_, code_, on_, when_, flags_, option_) \
  WRITTEN(level_, code_, on_, when_, flags_, option_, WSK_ONE), \
  READ_ONLY(level_, code_, on_, flags_, option_)

#define TCP(code_, flags_, option_) \
  VALUE(IPPROTO_TCP, code_, WSK_ON_TCP, WSK_ANY_TIME, flags_, option_)
#define IPV4(code_, on_, flags_, option_) \
  VALUE(IPPROTO_IP, code_, on_, WSK_ANY_TIME, WSK_CODE_IPV4 | (flags_), option_)
#define IPV6(code_, on_, flags_, option_) \
  VALUE(IPPROTO_IPV6, code_, on_, WSK_ANY_TIME, WSK_CODE_IPV6 | (flags_), \
        option_)

/* A multicast group to be joined or left. */
#define GROUP(level_, code_, flags_, type_, handler_, verb_) \
  {OPTION(WskSetOption, level_, code_), .on = WSK_ON_DATAGRAM, \
   .flags = flags_, .input = WSK_ONE(type_), .output = WSK_ANYTHING, \
   .handler = handler_, .detail = verb_}
#define MCAST(level_, flags_) \
  GROUP(level_, MCAST_JOIN_GROUP, flags_, GROUP_REQ, wsk__group_req, \
        NET_GROUP_JOIN), \
  GROUP(level_, MCAST_LEAVE_GROUP, flags_, GROUP_REQ, wsk__group_req, \
        NET_GROUP_LEAVE), \
  GROUP(level_, MCAST_BLOCK_SOURCE, flags_, GROUP_SOURCE_REQ, wsk__group_req, \
        NET_GROUP_BLOCK | WSK_GROUP_ONE_SOURCE), \
  GROUP(level_, MCAST_UNBLOCK_SOURCE, flags_, GROUP_SOURCE_REQ, \
        wsk__group_req, NET_GROUP_UNBLOCK | WSK_GROUP_ONE_SOURCE), \
  GROUP(level_, MCAST_JOIN_SOURCE_GROUP, flags_, GROUP_SOURCE_REQ, \
        wsk__group_req, NET_GROUP_JOIN | WSK_GROUP_ONE_SOURCE), \
  GROUP(level_, MCAST_LEAVE_SOURCE_GROUP, flags_, GROUP_SOURCE_REQ, \
        wsk__group_req, NET_GROUP_LEAVE | WSK_GROUP_ONE_SOURCE)

#define NUMBER        0
#define SWITCH        WSK_CODE_SWITCH
#define NETWORK_ORDER WSK_CODE_NETWORK_ORDER
#define SECONDS       WSK_CODE_SECONDS

#define TRANSPORT WSK_ON_TRANSPORT
#define DATAGRAM  WSK_ON_DATAGRAM

const struct wsk_code wsk__codes[] = {
  /* ---- events.c ---- */
  {OPTION(WskSetOption, SOL_SOCKET, SO_WSK_EVENT_CALLBACK),
   .on = WSK_ON_ALL, .irp = WSK_IRP_OPTIONAL,
   .input = WSK_ONE(WSK_EVENT_CALLBACK_CONTROL), .output = WSK_ANYTHING,
   .handler = wsk__control_events},

  /* ---- sharing of addresses ---- */
  FLAG(SOL_SOCKET, SO_REUSEADDR, WSK_ON_TRANSPORT, WSK_BEFORE_BIND,
       wsk__set_reuse, wsk__get_reuse),
  FLAG(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, WSK_ON_TRANSPORT, WSK_BEFORE_BIND,
       wsk__set_exclusive, wsk__get_exclusive),
  {OPTION(WskSetOption, SOL_SOCKET, SO_WSK_SECURITY),
   .on = WSK_ON_TRANSPORT, .when = WSK_BEFORE_BIND,
   .input = WSK_ONE(PSECURITY_DESCRIPTOR), .output = WSK_ANYTHING,
   .handler = wsk__set_security},
  {OPTION(WskGetOption, SOL_SOCKET, SO_WSK_SECURITY),
   .on = WSK_ON_TRANSPORT,
   .input = WSK_ANYTHING, .output = WSK_ONE(PSECURITY_DESCRIPTOR),
   .handler = wsk__get_security},

  /* ---- inspect.c ---- */
  FLAG(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, WSK_ON_LISTENER | WSK_ON_STREAM,
       WSK_BEFORE_BIND, wsk__control_set_conditional,
       wsk__control_get_conditional),
  {IOCTL(SIO_WSK_QUERY_INSPECT_ID),
   .on = WSK_ON_CONNECTION, .irp = WSK_IRP_UNWANTED,
   .flags = WSK_CODE_RETURNED,
   .input = WSK_ANYTHING, .output = WSK_ONE(WSK_INSPECT_ID),
   .handler = wsk__control_inspect_id},

  /* ---- addresses of datagram sockets ---- */
  {IOCTL(SIO_WSK_SET_REMOTE_ADDRESS),
   .on = WSK_ON_DATAGRAM, .when = WSK_AFTER_BIND,
   .input = WSK_MAYBE_ONE(SOCKADDR_IN), .output = WSK_NOTHING,
   .handler = wsk__control_remote_address},
  {IOCTL(SIO_WSK_SET_SENDTO_ADDRESS),
   .on = WSK_ON_DATAGRAM, .when = WSK_AFTER_BIND,
   .input = WSK_MAYBE_ONE(SOCKADDR_IN), .output = WSK_NOTHING,
   .handler = wsk__control_send_to_address},

  /* ---- extensions ---- */
  {IOCTL(SIO_WSK_REGISTER_EXTENSION),
   .on = WSK_ON_ALL, .irp = WSK_IRP_UNWANTED,
   .input = WSK_ONE(WSK_EXTENSION_CONTROL_IN),
   .output = WSK_ONE(WSK_EXTENSION_CONTROL_OUT),
   .handler = wsk__register_extension},

  /* ---- address_list.c ---- */
  {IOCTL(SIO_ADDRESS_LIST_QUERY),
   .on = WSK_ON_ALL, .irp = WSK_IRP_UNWANTED,
   .flags = WSK_CODE_PASSIVE | WSK_CODE_RETURNED,
   .input = WSK_ANYTHING, .output = WSK_ANYTHING,
   .handler = wsk__address_list_query},
  {IOCTL(SIO_ADDRESS_LIST_CHANGE),
   .on = WSK_ON_ALL, .flags = WSK_CODE_PASSIVE,
   .input = WSK_ANYTHING, .output = WSK_ANYTHING,
   .handler = wsk__address_list_change},
  {IOCTL(SIO_ADDRESS_LIST_SORT),
   .on = WSK_ON_ALL, .irp = WSK_IRP_OPTIONAL,
   .flags = WSK_CODE_PASSIVE | WSK_CODE_RETURNED | WSK_CODE_IPV6,
   .input = WSK_ONE(SOCKET_ADDRESS_LIST),
   .output = WSK_ANYTHING, .handler = wsk__address_list_sort},

  /* ---- ioctl.c ---- */
  {IOCTL(SIO_WSK_QUERY_IDEAL_SEND_BACKLOG),
   .on = WSK_ON_CONNECTION, .when = WSK_WHILE_CONNECTED,
   .input = WSK_ANYTHING, .output = WSK_ONE(SIZE_T),
   .handler = wsk__query_ideal_send_backlog},
  {IOCTL(SIO_WSK_QUERY_RECEIVE_BACKLOG),
   .on = WSK_ON_CONNECTION, .when = WSK_WHILE_CONNECTED,
   .input = WSK_ANYTHING, .output = WSK_ONE(SIZE_T),
   .handler = wsk__query_receive_backlog},
  {IOCTL(SIO_WSK_SET_TCP_SILENT_MODE),
   .on = WSK_ON_CONNECTION, .when = WSK_WHILE_CONNECTED,
   .input = WSK_NOTHING, .output = WSK_NOTHING,
   .handler = wsk__set_silent_mode},
  {IOCTL(SIO_KEEPALIVE_VALS), .on = WSK_ON_TCP,
   .input = WSK_ONE(struct tcp_keepalive), .output = WSK_ANYTHING,
   .handler = wsk__set_keepalive_values},
  {IOCTL(SIO_LOOPBACK_FAST_PATH), .on = WSK_ON_TRANSPORT,
   .flags = WSK_CODE_PASSIVE, .input = WSK_ANYTHING, .output = WSK_ANYTHING,
   .handler = wsk__set_loopback_fast_path},
  {IOCTL(SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS),
   .on = WSK_ON_CONNECTION, .flags = WSK_CODE_PASSIVE | WSK_CODE_RETURNED,
   .input = WSK_ANYTHING, .output = WSK_ANYTHING,
   .handler = wsk__query_redirection},
  {IOCTL(SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT),
   .on = WSK_ON_CONNECTION, .flags = WSK_CODE_PASSIVE | WSK_CODE_RETURNED,
   .input = WSK_ANYTHING, .output = WSK_ANYTHING,
   .handler = wsk__query_redirection},
  {IOCTL(SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS),
   .on = WSK_ON_CONNECTION | WSK_ON_STREAM, .flags = WSK_CODE_PASSIVE,
   .input = WSK_ONE(UCHAR), .output = WSK_ANYTHING,
   .handler = wsk__set_redirection},

  /* ---- socket_option.c: the socket ---- */
  /* Clients have a BOOLEAN here, and Windows takes it. */
  WRITTEN(SOL_SOCKET, SO_KEEPALIVE, WSK_ON_TCP, WSK_ANY_TIME, SWITCH,
          NET_OPT_KEEPALIVE, WSK_ONE_OR_BYTE),
  READ(SOL_SOCKET, SO_KEEPALIVE, WSK_ON_TCP, SWITCH, NET_OPT_KEEPALIVE,
       WSK_ONE_OR_BYTE),
  VALUE(SOL_SOCKET, SO_RCVBUF, TRANSPORT, WSK_ANY_TIME, NUMBER,
        NET_OPT_RCVBUF),
  VALUE(SOL_SOCKET, SO_SNDBUF, TRANSPORT, WSK_ANY_TIME, NUMBER,
        NET_OPT_SNDBUF),
  VALUE(SOL_SOCKET, SO_BROADCAST, DATAGRAM, WSK_ANY_TIME, SWITCH,
        NET_OPT_BROADCAST),
  VALUE(SOL_SOCKET, SO_PORT_SCALABILITY, TRANSPORT, WSK_BEFORE_BIND, SWITCH,
        WSK_OPT_PORT_SCALABILITY),
  VALUE(SOL_SOCKET, SO_RANDOMIZE_PORT, TRANSPORT, WSK_BEFORE_BIND, SWITCH,
        WSK_OPT_RANDOMIZE_PORT),
  VALUE(SOL_SOCKET, SO_REUSE_UNICASTPORT, TRANSPORT, WSK_BEFORE_BIND, SWITCH,
        WSK_OPT_REUSE_UNICASTPORT),

  /* ---- socket_option.c: TCP ---- */
  TCP(TCP_NODELAY, SWITCH, NET_OPT_NODELAY),
  TCP(TCP_KEEPALIVE, NUMBER, NET_OPT_KEEPALIVE_IDLE), /* or TCP_KEEPIDLE */
  TCP(TCP_KEEPINTVL, NUMBER, NET_OPT_KEEPALIVE_INTERVAL),
  TCP(TCP_KEEPCNT, NUMBER, NET_OPT_KEEPALIVE_COUNT),
  TCP(TCP_MAXSEG, NUMBER, NET_OPT_MAX_SEGMENT),
  TCP(TCP_MAXRT, SECONDS, NET_OPT_MAX_RETRANSMIT_MS),
  TCP(TCP_MAXRTMS, NUMBER, NET_OPT_MAX_RETRANSMIT_MS),
  TCP(TCP_FASTOPEN, SWITCH, NET_OPT_FASTOPEN),
  TCP(TCP_TIMESTAMPS, SWITCH, NET_OPT_TIMESTAMPS),
  TCP(TCP_EXPEDITED_1122, SWITCH, NET_OPT_URGENT_RFC1122),
  TCP(TCP_STDURG, SWITCH, NET_OPT_URGENT_RFC1122),
  TCP(TCP_BSDURGENT, SWITCH, WSK_OPT_BSD_URGENT),

  /* ---- socket_option.c: UDP ---- */
  VALUE(IPPROTO_UDP, UDP_NOCHECKSUM, DATAGRAM, WSK_ANY_TIME,
        SWITCH | WSK_CODE_IPV4, NET_OPT_NO_CHECKSUM),

  /* ---- socket_option.c: IPv4 ---- */
  IPV4(IP_TTL, TRANSPORT, NUMBER, NET_OPT_UNICAST_HOPS),
  IPV4(IP_TOS, TRANSPORT, NUMBER, WSK_OPT_TYPE_OF_SERVICE),
  IPV4(IP_DONTFRAGMENT, TRANSPORT, SWITCH, NET_OPT_DONT_FRAGMENT),
  IPV4(IP_MTU_DISCOVER, TRANSPORT, NUMBER, NET_OPT_MTU_DISCOVER),
  READ_ONLY(IPPROTO_IP, IP_MTU, TRANSPORT, WSK_CODE_IPV4, NET_OPT_MTU),
  IPV4(IP_UNICAST_IF, TRANSPORT, NETWORK_ORDER, NET_OPT_UNICAST_IF),
  IPV4(IP_HDRINCL, DATAGRAM, SWITCH, NET_OPT_HEADER_INCLUDED),
  IPV4(IP_RECEIVE_BROADCAST, DATAGRAM, SWITCH, WSK_OPT_RECEIVE_BROADCAST),
  IPV4(IP_PKTINFO, DATAGRAM, SWITCH, NET_OPT_RECV_LOCAL),
  IPV4(IP_RECVTTL, DATAGRAM, SWITCH, NET_OPT_RECV_HOPS), /* or IP_HOPLIMIT */
  IPV4(IP_RECVTOS, DATAGRAM, SWITCH, NET_OPT_RECV_TRAFFIC_CLASS),
  IPV4(IP_ECN, DATAGRAM, SWITCH, NET_OPT_RECV_ECN),
  IPV4(IP_MULTICAST_TTL, DATAGRAM, NUMBER, NET_OPT_MULTICAST_HOPS),
  IPV4(IP_MULTICAST_LOOP, DATAGRAM, SWITCH, NET_OPT_MULTICAST_LOOP),
  IPV4(IP_MULTICAST_IF, DATAGRAM, NUMBER, NET_OPT_MULTICAST_IF_ADDRESS),

  /* ---- socket_option.c: IPv6 ---- */
  VALUE(IPPROTO_IPV6, IPV6_V6ONLY, TRANSPORT, WSK_BEFORE_BIND,
        SWITCH | WSK_CODE_IPV6, NET_OPT_V6ONLY),
  IPV6(IPV6_UNICAST_HOPS, TRANSPORT, NUMBER, NET_OPT_UNICAST_HOPS),
  IPV6(IPV6_TCLASS, TRANSPORT, NUMBER, NET_OPT_TRAFFIC_CLASS),
  IPV6(IPV6_DONTFRAG, TRANSPORT, SWITCH, NET_OPT_DONT_FRAGMENT),
  IPV6(IPV6_MTU_DISCOVER, TRANSPORT, NUMBER, NET_OPT_MTU_DISCOVER),
  READ_ONLY(IPPROTO_IPV6, IPV6_MTU, TRANSPORT, WSK_CODE_IPV6, NET_OPT_MTU),
  IPV6(IPV6_UNICAST_IF, TRANSPORT, NUMBER, NET_OPT_UNICAST_IF),
  IPV6(IPV6_HDRINCL, DATAGRAM, SWITCH, NET_OPT_HEADER_INCLUDED),
  IPV6(IPV6_CHECKSUM, DATAGRAM, NUMBER, NET_OPT_CHECKSUM),
  IPV6(IPV6_PKTINFO, DATAGRAM, SWITCH, NET_OPT_RECV_LOCAL),
  IPV6(IPV6_HOPLIMIT, DATAGRAM, SWITCH, NET_OPT_RECV_HOPS),
  IPV6(IPV6_RECVTCLASS, DATAGRAM, SWITCH, NET_OPT_RECV_TRAFFIC_CLASS),
  IPV6(IPV6_ECN, DATAGRAM, SWITCH, NET_OPT_RECV_ECN),
  IPV6(IPV6_MULTICAST_HOPS, DATAGRAM, NUMBER, NET_OPT_MULTICAST_HOPS),
  IPV6(IPV6_MULTICAST_LOOP, DATAGRAM, SWITCH, NET_OPT_MULTICAST_LOOP),
  IPV6(IPV6_MULTICAST_IF, DATAGRAM, NUMBER, NET_OPT_MULTICAST_IF),

  /* ---- multicast.c ---- */
  GROUP(IPPROTO_IP, IP_ADD_MEMBERSHIP, WSK_CODE_IPV4, IP_MREQ,
        wsk__group_ip_mreq, NET_GROUP_JOIN),
  GROUP(IPPROTO_IP, IP_DROP_MEMBERSHIP, WSK_CODE_IPV4, IP_MREQ,
        wsk__group_ip_mreq, NET_GROUP_LEAVE),
  GROUP(IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, WSK_CODE_IPV4, IP_MREQ_SOURCE,
        wsk__group_ip_mreq_source, NET_GROUP_JOIN | WSK_GROUP_ONE_SOURCE),
  GROUP(IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, WSK_CODE_IPV4, IP_MREQ_SOURCE,
        wsk__group_ip_mreq_source, NET_GROUP_LEAVE | WSK_GROUP_ONE_SOURCE),
  GROUP(IPPROTO_IP, IP_BLOCK_SOURCE, WSK_CODE_IPV4, IP_MREQ_SOURCE,
        wsk__group_ip_mreq_source, NET_GROUP_BLOCK | WSK_GROUP_ONE_SOURCE),
  GROUP(IPPROTO_IP, IP_UNBLOCK_SOURCE, WSK_CODE_IPV4, IP_MREQ_SOURCE,
        wsk__group_ip_mreq_source, NET_GROUP_UNBLOCK | WSK_GROUP_ONE_SOURCE),
  MCAST(IPPROTO_IP, WSK_CODE_IPV4),
  GROUP(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, WSK_CODE_IPV6, IPV6_MREQ,
        wsk__group_ipv6_mreq, NET_GROUP_JOIN),
  GROUP(IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, WSK_CODE_IPV6, IPV6_MREQ,
        wsk__group_ipv6_mreq, NET_GROUP_LEAVE),
  MCAST(IPPROTO_IPV6, WSK_CODE_IPV6),

  {.name = NULL},
};
/* clang-format on */
