/* The IPv4 address, as Windows lays it out. Always in network byte order. */
#ifndef UWSK_KM_INADDR_H
#define UWSK_KM_INADDR_H

/* To a file that has the host's sockets it is the host's header. */
#if defined(_WIN32) && (defined(_WINSOCKAPI_) || defined(_WINSOCK2API_))
#include_next <inaddr.h>
#else

#include "uwsk_socket_guard.h"

#include "ntdef.h"

/* Windows page: ns-inaddr-in_addr. */
typedef struct in_addr {
  union {
    struct {
      UCHAR s_b1, s_b2, s_b3, s_b4;
    } S_un_b;
    struct {
      USHORT s_w1, s_w2;
    } S_un_w;
    ULONG S_addr;
  } S_un;
} IN_ADDR, *PIN_ADDR, *LPIN_ADDR;

/* Short spellings that 4.2BSD code expects of the union above. */
#define s_addr  S_un.S_addr
#define s_host  S_un.S_un_b.s_b2
#define s_net   S_un.S_un_b.s_b1
#define s_imp   S_un.S_un_w.s_w2
#define s_impno S_un.S_un_b.s_b4
#define s_lh    S_un.S_un_b.s_b3

#endif
#endif
