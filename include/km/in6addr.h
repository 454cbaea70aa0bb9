/* The IPv6 address, as Windows lays it out. Always in network byte order. */
#ifndef UWSK_KM_IN6ADDR_H
#define UWSK_KM_IN6ADDR_H

/* To a file that has the host's sockets it is the host's header. */
#if defined(_WIN32) && (defined(_WINSOCKAPI_) || defined(_WINSOCK2API_))
#include_next <in6addr.h>
#else

#include "uwsk_socket_guard.h"

#include "ntdef.h"

/* Two-byte aligned, unlike the address on most Unix systems. Windows page:
 * ns-in6addr-in6_addr. */
typedef struct in6_addr {
  union {
    UCHAR Byte[16];
    USHORT Word[8];
  } u;
} IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;

#define in_addr6 in6_addr

/* The spellings of RFC 2553, and the two that Windows adds. */
#define _S6_un   u
#define _S6_u8   Byte
#define s6_addr  _S6_un._S6_u8
#define s6_bytes u.Byte
#define s6_words u.Word

#endif
#endif
