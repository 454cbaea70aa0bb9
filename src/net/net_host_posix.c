/*
 * Sockets of the host, on POSIX hosts: see net_host.h.
 */
#ifndef _WIN32

#include "net/net_host.h"
#include "net/net_uv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/syscall.h>
#endif

int net__socket_error(void) {
  if (errno == ENOPROTOOPT || errno == EOPNOTSUPP)
    return NET_ENOPROTOOPT;
  if (errno == ESOCKTNOSUPPORT)
    return NET_EPROTONOSUPPORT;
  return net__from_uv(uv_translate_sys_error(errno));
}

size_t net__sockaddr_length(enum net_family family) {
  return family == NET_IPV6 ? sizeof(struct sockaddr_in6)
                            : sizeof(struct sockaddr_in);
}

/* ---- open and close ---------------------------------------------------- */

void net__socket_close(uv_os_sock_t host) {
  uv_fs_t request;
  uv_fs_close(NULL, &request, host, NULL);
  uv_fs_req_cleanup(&request);
}

#ifdef SYS_socket
int net__socket_open(uv_os_sock_t *host, int family, int type, int protocol) {
  *host = (int)syscall(SYS_socket, family, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
                       protocol);
  return *host < 0 ? net__socket_error() : NET_OK;
}
#else
int net__socket_open(uv_os_sock_t *host, int family, int type, int protocol) {
  *host = socket(family, type, protocol);
  if (*host < 0)
    return net__socket_error();
  if (fcntl(*host, F_SETFL, O_NONBLOCK) == 0 &&
      fcntl(*host, F_SETFD, FD_CLOEXEC) == 0)
    return NET_OK;
  int error = net__socket_error();
  net__socket_close(*host);
  return error;
}
#endif

/* ---- names ------------------------------------------------------------- */

int net__socket_bind(uv_os_sock_t host, const struct net_address *local) {
  struct sockaddr_storage name;
  socklen_t length = (socklen_t)net__sockaddr_length(local->family);
  net__to_sockaddr(local, &name);
#ifdef SYS_bind
  int error = (int)syscall(SYS_bind, host, &name, length);
#else
  int error = bind(host, (struct sockaddr *)&name, length);
#endif
  return error != 0 ? net__socket_error() : NET_OK;
}

int net__socket_name(uv_os_sock_t host, struct net_address *local) {
  struct sockaddr_storage name;
  socklen_t length = sizeof(name);
#ifdef SYS_getsockname
  int error = (int)syscall(SYS_getsockname, host, &name, &length);
#else
  int error = getsockname(host, (struct sockaddr *)&name, &length);
#endif
  return error != 0 ? net__socket_error() : net__from_sockaddr(&name, local);
}

/* ---- options ----------------------------------------------------------- */

int net__socket_set(uv_os_sock_t host, int level, int name, const void *value,
                    size_t length) {
#ifdef SYS_setsockopt
  int error =
      (int)syscall(SYS_setsockopt, host, level, name, value, (socklen_t)length);
#else
  int error = setsockopt(host, level, name, value, (socklen_t)length);
#endif
  return error != 0 ? net__socket_error() : NET_OK;
}

int net__socket_get(uv_os_sock_t host, int level, int name, void *value,
                    size_t length) {
  socklen_t got = (socklen_t)length;
#ifdef SYS_getsockopt
  int error = (int)syscall(SYS_getsockopt, host, level, name, value, &got);
#else
  int error = getsockopt(host, level, name, value, &got);
#endif
  return error != 0 ? net__socket_error() : NET_OK;
}

#endif
