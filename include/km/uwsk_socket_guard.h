/*
 * Stops a file that sees both the host's socket headers and the km headers.
 *
 * The two define the same names with other values and layouts: AF_INET6 is 10
 * on Linux and 23 on Windows, SOL_SOCKET 1 and 0xffff, struct sockaddr_storage
 * 128 bytes of other members. A file that saw both would compile into nonsense,
 * so it has to stop here, and with one message instead of hundreds. The
 * #include of a file that does not exist is what makes the compiler give up
 * after the #error; neither gcc nor clang has another way to say so.
 *
 * The other order, a km header first, is caught by the gate headers of the same
 * names as the host's (sys/socket.h, netinet/in.h, winsock2.h, ...) beside this
 * file.
 */
#ifndef UWSK_KM_SOCKET_GUARD_H
#define UWSK_KM_SOCKET_GUARD_H

#if defined(_SYS_SOCKET_H) || defined(_SYS_SOCKET_H_) ||                       \
    defined(__BITS_SOCKET_H) || defined(_NETINET_IN_H) ||                      \
    defined(_NETINET_IN_H_) || defined(_WINSOCKAPI_) ||                        \
    defined(_WINSOCK2API_) || defined(_WS2TCPIP_H_) || defined(_WINSOCK_H)
#error "uwsk: km headers and system socket headers cannot share one file"
#include "uwsk-stopped-see-the-error-above"
#endif

/* Tells the gate headers that this file has the km socket types. */
#define UWSK_KM_SOCKET_TYPES 1

#endif
