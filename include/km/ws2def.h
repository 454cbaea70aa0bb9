/*
 * Socket types and constants shared by every address family, with the values
 * Windows gives them. A driver gets this header through wsk.h.
 *
 * The values are not the host's: uwsk translates at the edge of its transport.
 * So nothing here may meet a system socket header in one file. The names htons,
 * htonl, ntohs and ntohl are deliberately absent, as they are in Windows'
 * kernel headers: drivers call RtlUshortByteSwap or bring macros of their own.
 */
#ifndef UWSK_KM_WS2DEF_H
#define UWSK_KM_WS2DEF_H

/* To a file that has the host's sockets it is the host's header. */
#if defined(_WIN32) && (defined(_WINSOCKAPI_) || defined(_WINSOCK2API_))
#include_next <ws2def.h>
#else

#define _WS2DEF_

#include "uwsk_socket_guard.h"

#include "inaddr.h"
#include "ntdef.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Address families. */

typedef USHORT ADDRESS_FAMILY;

#define AF_UNSPEC     0
#define AF_UNIX       1
#define AF_INET       2
#define AF_IMPLINK    3
#define AF_PUP        4
#define AF_CHAOS      5
#define AF_NS         6
#define AF_IPX        AF_NS
#define AF_ISO        7
#define AF_OSI        AF_ISO
#define AF_ECMA       8
#define AF_DATAKIT    9
#define AF_CCITT      10
#define AF_SNA        11
#define AF_DECnet     12
#define AF_DLI        13
#define AF_LAT        14
#define AF_HYLINK     15
#define AF_APPLETALK  16
#define AF_NETBIOS    17
#define AF_VOICEVIEW  18
#define AF_FIREFOX    19
#define AF_UNKNOWN1   20
#define AF_BAN        21
#define AF_ATM        22
#define AF_INET6      23
#define AF_CLUSTER    24
#define AF_12844      25
#define AF_IRDA       26
#define AF_NETDES     28
#define AF_TCNPROCESS 29
#define AF_TCNMESSAGE 30
#define AF_ICLFXBM    31
#define AF_BTH        32
#define AF_LINK       33
#define AF_HYPERV     34
#define AF_MAX        35

#define PF_UNSPEC              AF_UNSPEC
#define PF_UNIX                AF_UNIX
#define PF_INET                AF_INET
#define PF_INET6               AF_INET6
#define PF_MAX                 AF_MAX

/* Socket types. */
#define SOCK_STREAM            1
#define SOCK_DGRAM             2
#define SOCK_RAW               3
#define SOCK_RDM               4
#define SOCK_SEQPACKET         5

/* Level of the options that belong to the socket itself. */
#define SOL_SOCKET             0xffff
#define SOL_IP                 (SOL_SOCKET - 4)
#define SOL_IPV6               (SOL_SOCKET - 5)

/* Options of level SOL_SOCKET. WSK knows only those its option pages name. */
#define SO_DEBUG               0x0001
#define SO_ACCEPTCONN          0x0002
#define SO_REUSEADDR           0x0004
#define SO_KEEPALIVE           0x0008
#define SO_DONTROUTE           0x0010
#define SO_BROADCAST           0x0020
#define SO_USELOOPBACK         0x0040
#define SO_LINGER              0x0080
#define SO_OOBINLINE           0x0100
#define SO_DONTLINGER          ((INT)(~SO_LINGER))
#define SO_EXCLUSIVEADDRUSE    ((INT)(~SO_REUSEADDR))
#define SO_SNDBUF              0x1001
#define SO_RCVBUF              0x1002
#define SO_SNDLOWAT            0x1003
#define SO_RCVLOWAT            0x1004
#define SO_SNDTIMEO            0x1005
#define SO_RCVTIMEO            0x1006
#define SO_ERROR               0x1007
#define SO_TYPE                0x1008
#define SO_BSP_STATE           0x1009
#define SO_GROUP_ID            0x2001
#define SO_GROUP_PRIORITY      0x2002
#define SO_MAX_MSG_SIZE        0x2003
#define SO_CONDITIONAL_ACCEPT  0x3002
#define SO_PAUSE_ACCEPT        0x3003
#define SO_COMPARTMENT_ID      0x3004
#define SO_RANDOMIZE_PORT      0x3005
#define SO_PORT_SCALABILITY    0x3006
#define SO_REUSE_UNICASTPORT   0x3007
#define SO_REUSE_MULTICASTPORT 0x3008
#define SO_ORIGINAL_DST        0x300f

/* First code of the socket options that only WSK has; see wsk.h. */
#define WSK_SO_BASE            0x4000

/* The one option of level IPPROTO_TCP that is defined here; the others stand
 * in ws2ipdef.h. */
#define TCP_NODELAY            0x0001

/* Flags of a send or receive, and of a received datagram. */
#define MSG_OOB                0x0001
#define MSG_PEEK               0x0002
#define MSG_DONTROUTE          0x0004
#define MSG_WAITALL            0x0008
#define MSG_MAXIOVLEN          16
#define MSG_PUSH_IMMEDIATE     0x0020
#define MSG_TRUNC              0x0100
#define MSG_CTRUNC             0x0200
#define MSG_BCAST              0x0400
#define MSG_MCAST              0x0800
#define MSG_ERRQUEUE           0x1000
#define MSG_PARTIAL            0x8000

/* Socket address of any family. Windows page: sockaddr. */
typedef struct sockaddr {
  ADDRESS_FAMILY sa_family;
  CHAR sa_data[14];
} SOCKADDR, *PSOCKADDR, *LPSOCKADDR;

#ifndef __CSADDR_DEFINED__
#define __CSADDR_DEFINED__

/* An address and its length in bytes. Windows page: ns-ws2def-socket_address.
 */
typedef struct _SOCKET_ADDRESS {
  LPSOCKADDR lpSockaddr;
  INT iSockaddrLength;
} SOCKET_ADDRESS, *PSOCKET_ADDRESS, *LPSOCKET_ADDRESS;

/* What SIO_ADDRESS_LIST_QUERY answers; the addresses follow the array in the
 * same buffer. Windows page: ns-ws2def-socket_address_list. */
typedef struct _SOCKET_ADDRESS_LIST {
  INT iAddressCount;
  SOCKET_ADDRESS Address[1];
} SOCKET_ADDRESS_LIST, *PSOCKET_ADDRESS_LIST, *LPSOCKET_ADDRESS_LIST;

/* Bytes a list of AddressCount entries takes, without the addresses. */
#define SIZEOF_SOCKET_ADDRESS_LIST(AddressCount)                               \
  (FIELD_OFFSET(SOCKET_ADDRESS_LIST, Address) +                                \
   (AddressCount) * sizeof(SOCKET_ADDRESS))

/* A pair of addresses and the kind of socket they suit. */
typedef struct _CSADDR_INFO {
  SOCKET_ADDRESS LocalAddr;
  SOCKET_ADDRESS RemoteAddr;
  INT iSocketType;
  INT iProtocol;
} CSADDR_INFO, *PCSADDR_INFO, *LPCSADDR_INFO;

#endif

/* Room for an address of any family, suitably aligned. Windows page:
 * ns-ws2def-sockaddr_storage_lh. */

#define _SS_MAXSIZE   128
#define _SS_ALIGNSIZE (sizeof(LONGLONG))
#define _SS_PAD1SIZE  (_SS_ALIGNSIZE - sizeof(USHORT))
#define _SS_PAD2SIZE                                                           \
  (_SS_MAXSIZE - (sizeof(USHORT) + _SS_PAD1SIZE + _SS_ALIGNSIZE))

typedef struct sockaddr_storage {
  ADDRESS_FAMILY ss_family;
  CHAR __ss_pad1[_SS_PAD1SIZE];
  LONGLONG __ss_align;
  CHAR __ss_pad2[_SS_PAD2SIZE];
} SOCKADDR_STORAGE_LH, *PSOCKADDR_STORAGE_LH, *LPSOCKADDR_STORAGE_LH;

typedef SOCKADDR_STORAGE_LH SOCKADDR_STORAGE;
typedef SOCKADDR_STORAGE *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;

/* Protocols. */

#define IPPROTO_IP         0

typedef enum {
  IPPROTO_HOPOPTS = 0,
  IPPROTO_ICMP = 1,
  IPPROTO_IGMP = 2,
  IPPROTO_GGP = 3,
  IPPROTO_IPV4 = 4,
  IPPROTO_ST = 5,
  IPPROTO_TCP = 6,
  IPPROTO_CBT = 7,
  IPPROTO_EGP = 8,
  IPPROTO_IGP = 9,
  IPPROTO_PUP = 12,
  IPPROTO_UDP = 17,
  IPPROTO_IDP = 22,
  IPPROTO_RDP = 27,
  IPPROTO_IPV6 = 41,
  IPPROTO_ROUTING = 43,
  IPPROTO_FRAGMENT = 44,
  IPPROTO_ESP = 50,
  IPPROTO_AH = 51,
  IPPROTO_ICMPV6 = 58,
  IPPROTO_NONE = 59,
  IPPROTO_DSTOPTS = 60,
  IPPROTO_ND = 77,
  IPPROTO_ICLFXBM = 78,
  IPPROTO_PIM = 103,
  IPPROTO_PGM = 113,
  IPPROTO_L2TP = 115,
  IPPROTO_SCTP = 132,
  IPPROTO_RAW = 255,
  IPPROTO_MAX = 256,
  IPPROTO_RESERVED_RAW = 257,
  IPPROTO_RESERVED_IPSEC = 258,
  IPPROTO_RESERVED_IPSECOFFLOAD = 259,
  IPPROTO_RESERVED_WNV = 260,
  IPPROTO_RESERVED_MAX = 261
} IPPROTO,
    *PIPROTO;

/* Ports that are well known, in host byte order. */
#define IPPORT_ECHO        7
#define IPPORT_DISCARD     9
#define IPPORT_DAYTIME     13
#define IPPORT_FTP         21
#define IPPORT_TELNET      23
#define IPPORT_SMTP        25
#define IPPORT_HTTPS       443
#define IPPORT_RESERVED    1024
#define IPPORT_DYNAMIC_MIN 0xc000
#define IPPORT_DYNAMIC_MAX 0xffff

/* IPv4 addresses, in host byte order. */
#define INADDR_ANY         ((ULONG)0x00000000)
#define INADDR_LOOPBACK    0x7f000001
#define INADDR_BROADCAST   ((ULONG)0xffffffff)
#define INADDR_NONE        0xffffffff

/* Classes of an IPv4 address in host byte order. */
#define IN_CLASSA(i)       (((LONG)(i)&0x80000000) == 0)
#define IN_CLASSA_NET      0xff000000
#define IN_CLASSA_NSHIFT   24
#define IN_CLASSA_HOST     0x00ffffff
#define IN_CLASSB(i)       (((LONG)(i)&0xc0000000) == 0x80000000)
#define IN_CLASSB_NET      0xffff0000
#define IN_CLASSB_NSHIFT   16
#define IN_CLASSB_HOST     0x0000ffff
#define IN_CLASSC(i)       (((LONG)(i)&0xe0000000) == 0xc0000000)
#define IN_CLASSC_NET      0xffffff00
#define IN_CLASSC_NSHIFT   8
#define IN_CLASSC_HOST     0x000000ff
#define IN_CLASSD(i)       (((LONG)(i)&0xf0000000) == 0xe0000000)
#define IN_MULTICAST(i)    IN_CLASSD(i)

/* How far a scoped address reaches. */
typedef enum {
  ScopeLevelInterface = 1,
  ScopeLevelLink = 2,
  ScopeLevelSubnet = 3,
  ScopeLevelAdmin = 4,
  ScopeLevelSite = 5,
  ScopeLevelOrganization = 8,
  ScopeLevelGlobal = 14,
  ScopeLevelCount = 16
} SCOPE_LEVEL;

/* Zone (28 bits) and level (4 bits) of a scoped address. Windows page:
 * ns-ws2def-scope_id. */
typedef struct {
  union {
    struct {
      ULONG Zone : 28;
      ULONG Level : 4;
    };
    ULONG Value;
  };
} SCOPE_ID, *PSCOPE_ID;

#define SCOPEID_UNSPECIFIED_INIT                                               \
  {                                                                            \
    {                                                                          \
      { 0, 0 }                                                                 \
    }                                                                          \
  }

/* IPv4 socket address; port and address in network byte order. Windows page:
 * ns-ws2def-sockaddr_in. */
typedef struct sockaddr_in {
  ADDRESS_FAMILY sin_family;
  USHORT sin_port;
  IN_ADDR sin_addr;
  CHAR sin_zero[8];
} SOCKADDR_IN, *PSOCKADDR_IN;

/* Codes of socket requests (SIO_*): direction, family and number in one. */

#define IOC_UNIX     0x00000000
#define IOC_WS2      0x08000000
#define IOC_PROTOCOL 0x10000000
#define IOC_VENDOR   0x18000000
#define IOC_WSK      (IOC_WS2 | 0x07000000)

#define IOCPARM_MASK 0x7f
#define IOC_VOID     0x20000000
#define IOC_OUT      0x40000000
#define IOC_IN       0x80000000
#define IOC_INOUT    (IOC_IN | IOC_OUT)

#define _WSAIO(x, y)   (IOC_VOID | (x) | (y))
#define _WSAIOR(x, y)  (IOC_OUT | (x) | (y))
#define _WSAIOW(x, y)  (IOC_IN | (x) | (y))
#define _WSAIORW(x, y) (IOC_INOUT | (x) | (y))

#define SIO_ASSOCIATE_HANDLE                      _WSAIOW(IOC_WS2, 1)
#define SIO_ENABLE_CIRCULAR_QUEUEING              _WSAIO(IOC_WS2, 2)
#define SIO_FIND_ROUTE                            _WSAIOR(IOC_WS2, 3)
#define SIO_FLUSH                                 _WSAIO(IOC_WS2, 4)
#define SIO_GET_BROADCAST_ADDRESS                 _WSAIOR(IOC_WS2, 5)
#define SIO_GET_EXTENSION_FUNCTION_POINTER        _WSAIORW(IOC_WS2, 6)
#define SIO_GET_QOS                               _WSAIORW(IOC_WS2, 7)
#define SIO_GET_GROUP_QOS                         _WSAIORW(IOC_WS2, 8)
#define SIO_MULTIPOINT_LOOPBACK                   _WSAIOW(IOC_WS2, 9)
#define SIO_MULTICAST_SCOPE                       _WSAIOW(IOC_WS2, 10)
#define SIO_SET_QOS                               _WSAIOW(IOC_WS2, 11)
#define SIO_SET_GROUP_QOS                         _WSAIOW(IOC_WS2, 12)
#define SIO_TRANSLATE_HANDLE                      _WSAIORW(IOC_WS2, 13)
#define SIO_ROUTING_INTERFACE_QUERY               _WSAIORW(IOC_WS2, 20)
#define SIO_ROUTING_INTERFACE_CHANGE              _WSAIOW(IOC_WS2, 21)
#define SIO_ADDRESS_LIST_QUERY                    _WSAIOR(IOC_WS2, 22)
#define SIO_ADDRESS_LIST_CHANGE                   _WSAIO(IOC_WS2, 23)
#define SIO_QUERY_TARGET_PNP_HANDLE               _WSAIOR(IOC_WS2, 24)
#define SIO_ADDRESS_LIST_SORT                     _WSAIORW(IOC_WS2, 25)
#define SIO_QUERY_RSS_SCALABILITY_INFO            _WSAIOR(IOC_WS2, 210)
#define SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS _WSAIOW(IOC_VENDOR, 220)
#define SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT _WSAIOW(IOC_VENDOR, 221)
#define SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS   _WSAIOW(IOC_VENDOR, 222)

/* A length and an address of bytes. Windows page: ns-ws2def-wsabuf. */
typedef struct _WSABUF {
  ULONG len;
  CHAR *buf;
} WSABUF, *LPWSABUF;

/* A datagram with its control data. Windows page: ns-ws2def-wsamsg. */
typedef struct _WSAMSG {
  LPSOCKADDR name;
  INT namelen;
  LPWSABUF lpBuffers;
  ULONG dwBufferCount;
  WSABUF Control;
  ULONG dwFlags;
} WSAMSG, *PWSAMSG, *LPWSAMSG;

/* One piece of control data: this header, padding, then the data. cmsg_len
 * counts header and data in bytes, without padding after the data. Windows
 * page: ns-ws2def-cmsghdr. */
#define _WSACMSGHDR                               cmsghdr
typedef struct _WSACMSGHDR {
  SIZE_T cmsg_len;
  INT cmsg_level;
  INT cmsg_type;
} WSACMSGHDR, *PWSACMSGHDR, *LPWSACMSGHDR;

typedef WSACMSGHDR CMSGHDR, *PCMSGHDR;

/* A header starts where a WSACMSGHDR may, the data where anything may. On x64
 * both mean eight bytes. */
#define WSA_CMSGHDR_ALIGN(length)                                              \
  (((length) + (sizeof(SIZE_T) - 1)) & ~(sizeof(SIZE_T) - 1))
#define WSA_CMSGDATA_ALIGN(length)                                             \
  (((length) + (sizeof(ULONGLONG) - 1)) & ~(sizeof(ULONGLONG) - 1))

/* First piece of a message's control data, or NULL. */
#define WSA_CMSG_FIRSTHDR(msg)                                                 \
  (((msg)->Control.len >= sizeof(WSACMSGHDR))                                  \
       ? (LPWSACMSGHDR)(msg)->Control.buf                                      \
       : (LPWSACMSGHDR)NULL)

/* The piece after cmsg (the first for NULL), or NULL past the end. */
#define WSA_CMSG_NXTHDR(msg, cmsg)                                             \
  (((cmsg) == NULL)                                                            \
       ? WSA_CMSG_FIRSTHDR(msg)                                                \
       : ((((PUCHAR)(cmsg) + WSA_CMSGHDR_ALIGN((cmsg)->cmsg_len) +             \
            sizeof(WSACMSGHDR)) >                                              \
           (PUCHAR)((msg)->Control.buf) + (msg)->Control.len)                  \
              ? (LPWSACMSGHDR)NULL                                             \
              : (LPWSACMSGHDR)((PUCHAR)(cmsg) +                                \
                               WSA_CMSGHDR_ALIGN((cmsg)->cmsg_len))))

/* Address of a piece's data. */
#define WSA_CMSG_DATA(cmsg)                                                    \
  ((PUCHAR)(cmsg) + WSA_CMSGDATA_ALIGN(sizeof(WSACMSGHDR)))

/* Bytes a piece with length bytes of data takes in a control buffer. */
#define WSA_CMSG_SPACE(length)                                                 \
  (WSA_CMSGDATA_ALIGN(sizeof(WSACMSGHDR) + WSA_CMSGHDR_ALIGN(length)))

/* The value of cmsg_len for length bytes of data. */
#define WSA_CMSG_LEN(length) (WSA_CMSGDATA_ALIGN(sizeof(WSACMSGHDR)) + (length))

#define CMSGHDR_ALIGN             WSA_CMSGHDR_ALIGN
#define CMSGDATA_ALIGN            WSA_CMSGDATA_ALIGN
#define CMSG_FIRSTHDR             WSA_CMSG_FIRSTHDR
#define CMSG_NXTHDR               WSA_CMSG_NXTHDR
#define CMSG_SPACE                WSA_CMSG_SPACE
#define CMSG_LEN                  WSA_CMSG_LEN

/* What SO_LINGER takes; l_linger in seconds. */
typedef struct linger {
  USHORT l_onoff;
  USHORT l_linger;
} LINGER, *PLINGER, *LPLINGER;

/* Windows calls this struct timeval too. Here only the typedef exists, because
 * C library headers that a driver may include (stdlib.h) bring the host's
 * struct of that name, whose members are wider. */
typedef struct _TIMEVAL {
  LONG tv_sec;
  LONG tv_usec;
} TIMEVAL, *PTIMEVAL, *LPTIMEVAL;

/* Name resolution. */

/* Bits of ai_flags. */
#define AI_PASSIVE                0x00000001
#define AI_CANONNAME              0x00000002
#define AI_NUMERICHOST            0x00000004
#define AI_NUMERICSERV            0x00000008
#define AI_DNS_ONLY               0x00000010
#define AI_FORCE_CLEAR_TEXT       0x00000020
#define AI_BYPASS_DNS_CACHE       0x00000040
#define AI_RETURN_TTL             0x00000080
#define AI_ALL                    0x00000100
#define AI_ADDRCONFIG             0x00000400
#define AI_V4MAPPED               0x00000800
#define AI_NON_AUTHORITATIVE      0x00004000
#define AI_SECURE                 0x00008000
#define AI_RETURN_PREFERRED_NAMES 0x00010000
#define AI_FQDN                   0x00020000
#define AI_FILESERVER             0x00040000
#define AI_DISABLE_IDN_ENCODING   0x00080000
#define AI_EXTENDED               0x80000000

/* Flags of WskGetNameInfo. */
#define NI_NOFQDN                 0x01
#define NI_NUMERICHOST            0x02
#define NI_NAMEREQD               0x04
#define NI_NUMERICSERV            0x08
#define NI_DGRAM                  0x10
#define NI_MAXHOST                1025
#define NI_MAXSERV                32

/* Namespaces, for the NameSpace parameter of WskGetAddressInfo. */
#define NS_ALL                    0
#define NS_SAP                    1
#define NS_NDS                    2
#define NS_PEER_BROWSE            3
#define NS_SLP                    5
#define NS_DHCP                   6
#define NS_TCPIP_LOCAL            10
#define NS_TCPIP_HOSTS            11
#define NS_DNS                    12
#define NS_NETBT                  13
#define NS_WINS                   14
#define NS_NLA                    15
#define NS_NBP                    20
#define NS_MS                     30
#define NS_STDA                   31
#define NS_NTDS                   32
#define NS_EMAIL                  37
#define NS_X500                   40
#define NS_NIS                    41
#define NS_WRQ                    50

/* One resolved address, narrow names. Windows page: ns-ws2def-addrinfoa. */
typedef struct addrinfo {
  INT ai_flags;
  INT ai_family;
  INT ai_socktype;
  INT ai_protocol;
  SIZE_T ai_addrlen;
  CHAR *ai_canonname;
  struct sockaddr *ai_addr;
  struct addrinfo *ai_next;
} ADDRINFOA, *PADDRINFOA;

/* The same with a UTF-16 name. Windows page: ns-ws2def-addrinfow. */
typedef struct addrinfoW {
  INT ai_flags;
  INT ai_family;
  INT ai_socktype;
  INT ai_protocol;
  SIZE_T ai_addrlen;
  PWSTR ai_canonname;
  struct sockaddr *ai_addr;
  struct addrinfoW *ai_next;
} ADDRINFOW, *PADDRINFOW;

/* What WskGetAddressInfo answers with; freed by WskFreeAddressInfo. Windows
 * page: ns-ws2def-addrinfoexw. */
typedef struct addrinfoexW {
  INT ai_flags;
  INT ai_family;
  INT ai_socktype;
  INT ai_protocol;
  SIZE_T ai_addrlen;
  PWSTR ai_canonname;
  struct sockaddr *ai_addr;
  PVOID ai_blob;
  SIZE_T ai_bloblen;
  GUID *ai_provider;
  struct addrinfoexW *ai_next;
} ADDRINFOEXW, *PADDRINFOEXW, *LPADDRINFOEXW;

#ifdef __cplusplus
}
#endif

#endif
#endif
