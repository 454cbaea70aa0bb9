/*
 * Microsoft's own socket requests and what they take; with the
 * address-to-string functions, which stand in ip2string.h.
 */
#ifndef UWSK_KM_MSTCPIP_H
#define UWSK_KM_MSTCPIP_H

/* To a file that has the host's sockets it is the host's header. */
#if defined(_WIN32) && (defined(_WINSOCKAPI_) || defined(_WINSOCK2API_))
#include_next <mstcpip.h>
#else

#define _MSTCPIP_

#include "ip2string.h"
#include "ws2def.h"
#include "ws2ipdef.h"

/* Input of SIO_KEEPALIVE_VALS; both times in milliseconds. Windows page:
 * sio-keepalive-vals. */
struct tcp_keepalive {
  ULONG onoff;
  ULONG keepalivetime;
  ULONG keepaliveinterval;
};

#define SIO_RCVALL                     _WSAIOW(IOC_VENDOR, 1)
#define SIO_RCVALL_MCAST               _WSAIOW(IOC_VENDOR, 2)
#define SIO_RCVALL_IGMPMCAST           _WSAIOW(IOC_VENDOR, 3)
#define SIO_KEEPALIVE_VALS             _WSAIOW(IOC_VENDOR, 4)
#define SIO_ABSORB_RTRALERT            _WSAIOW(IOC_VENDOR, 5)
#define SIO_UCAST_IF                   _WSAIOW(IOC_VENDOR, 6)
#define SIO_LIMIT_BROADCASTS           _WSAIOW(IOC_VENDOR, 7)
#define SIO_INDEX_BIND                 _WSAIOW(IOC_VENDOR, 8)
#define SIO_INDEX_MCASTIF              _WSAIOW(IOC_VENDOR, 9)
#define SIO_INDEX_ADD_MCAST            _WSAIOW(IOC_VENDOR, 10)
#define SIO_INDEX_DEL_MCAST            _WSAIOW(IOC_VENDOR, 11)
#define SIO_RCVALL_MCAST_IF            _WSAIOW(IOC_VENDOR, 13)
#define SIO_RCVALL_IF                  _WSAIOW(IOC_VENDOR, 14)
#define SIO_LOOPBACK_FAST_PATH         _WSAIOW(IOC_VENDOR, 16)
#define SIO_TCP_INITIAL_RTO            _WSAIOW(IOC_VENDOR, 17)
#define SIO_APPLY_TRANSPORT_SETTING    _WSAIOW(IOC_VENDOR, 19)
#define SIO_QUERY_TRANSPORT_SETTING    _WSAIOW(IOC_VENDOR, 20)
#define SIO_CPU_AFFINITY               _WSAIOW(IOC_VENDOR, 21)
#define SIO_TCP_SET_ICW                _WSAIOW(IOC_VENDOR, 22)
#define SIO_TCP_SET_ACK_FREQUENCY      _WSAIOW(IOC_VENDOR, 23)
#define SIO_SET_PRIORITY_HINT          _WSAIOW(IOC_VENDOR, 24)
#define SIO_TCP_INFO                   _WSAIORW(IOC_VENDOR, 39)
#define SIO_ACQUIRE_PORT_RESERVATION   _WSAIOW(IOC_VENDOR, 100)
#define SIO_RELEASE_PORT_RESERVATION   _WSAIOW(IOC_VENDOR, 101)
#define SIO_ASSOCIATE_PORT_RESERVATION _WSAIOW(IOC_VENDOR, 102)

/* Input of SIO_TCP_INITIAL_RTO. Windows page:
 * ns-mstcpip-tcp_initial_rto_parameters. */
typedef struct _TCP_INITIAL_RTO_PARAMETERS {
  USHORT Rtt;
  UCHAR MaxSynRetransmissions;
} TCP_INITIAL_RTO_PARAMETERS, *PTCP_INITIAL_RTO_PARAMETERS;

#endif
#endif
