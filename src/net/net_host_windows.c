/*
 * Sockets of the host, on Windows: see net_host.h. Its names are those of a
 * DLL, which no driver can take over.
 */
#ifdef _WIN32

#include "net/net_host.h"
#include "net/net_uv.h"

/* libuv's table lacks what its own sockets never meet. */
int net__socket_error(void) {
  int error = WSAGetLastError();
  switch (error) {
  case WSAENOPROTOOPT:
  case WSAEOPNOTSUPP:
    return NET_ENOPROTOOPT;
  case WSAESOCKTNOSUPPORT:
  case WSAEPROTOTYPE:
    return NET_EPROTONOSUPPORT;
  case WSAENETDOWN:
    return NET_ENETDOWN;
  case WSAENETRESET:
    return NET_ECONNRESET;
  case WSAEHOSTDOWN:
    return NET_EHOSTDOWN;
  default:
    return net__from_uv(uv_translate_sys_error(error));
  }
}

size_t net__sockaddr_length(enum net_family family) {
  return family == NET_IPV6 ? sizeof(struct sockaddr_in6)
                            : sizeof(struct sockaddr_in);
}

/* ---- open and close ---------------------------------------------------- */

#ifndef WSA_FLAG_NO_HANDLE_INHERIT
#define WSA_FLAG_NO_HANDLE_INHERIT 0x80
#endif

void net__socket_close(uv_os_sock_t host) {
  closesocket(host);
}

int net__socket_open(uv_os_sock_t *host, int family, int type, int protocol) {
  u_long on = 1;
  *host = WSASocketW(family, type, protocol, NULL, 0,
                     WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (*host == INVALID_SOCKET)
    return net__socket_error();
  if (ioctlsocket(*host, FIONBIO, &on) == 0)
    return NET_OK;
  int error = net__socket_error();
  closesocket(*host);
  return error;
}

/* ---- names ------------------------------------------------------------- */

int net__socket_bind(uv_os_sock_t host, const struct net_address *local) {
  struct sockaddr_storage name;
  net__to_sockaddr(local, &name);
  int error = bind(host, (struct sockaddr *)&name,
                   (int)net__sockaddr_length(local->family));
  return error != 0 ? net__socket_error() : NET_OK;
}

int net__socket_name(uv_os_sock_t host, struct net_address *local) {
  struct sockaddr_storage name;
  int length = sizeof(name);
  int error = getsockname(host, (struct sockaddr *)&name, &length);
  return error != 0 ? net__socket_error() : net__from_sockaddr(&name, local);
}

/* ---- options ----------------------------------------------------------- */

int net__socket_set(uv_os_sock_t host, int level, int name, const void *value,
                    size_t length) {
  int error = setsockopt(host, level, name, value, (int)length);
  return error != 0 ? net__socket_error() : NET_OK;
}

int net__socket_get(uv_os_sock_t host, int level, int name, void *value,
                    size_t length) {
  int got = (int)length;
  int error = getsockopt(host, level, name, value, &got);
  return error != 0 ? net__socket_error() : NET_OK;
}

#endif
