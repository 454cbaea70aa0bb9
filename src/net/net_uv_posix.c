/*
 * What libuv has no verb for, on POSIX hosts: the direct path and a few options
 * of the socket.
 *
 * Drivers define functions called bind, send, recv and setsockopt. One that is
 * linked into the same program as this file would get our calls, so none is
 * made by these names: read, sendmsg and recvmsg do the same as two of them,
 * and the others have no other name but the kernel's.
 */
#ifndef _WIN32

#include "net/net_uv.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifdef __linux__
#include <linux/sockios.h>
#include <sys/syscall.h>
#endif
#include <unistd.h>

static int host_set_option(int host, int level, int option, const void *value,
                           socklen_t length) {
#ifdef SYS_setsockopt
  return (int)syscall(SYS_setsockopt, host, level, option, value, length);
#else
  return setsockopt(host, level, option, value, length);
#endif
}

static int set_option(const struct net_tcp *tcp, int level, int option,
                      int value) {
  if (host_set_option(tcp->host, level, option, &value, sizeof(value)) == 0)
    return 0;
  return uv_translate_sys_error(errno);
}

/* Windows' default: an IPv6 socket does not speak IPv4. */
int net__host_prepare(struct net_tcp *tcp) {
  return tcp->ipv6 ? set_option(tcp, IPPROTO_IPV6, IPV6_V6ONLY, 1) : 0;
}

/* ---- bind -------------------------------------------------------------- */

static int host_bind(int host, const struct sockaddr_storage *local,
                     socklen_t length) {
#ifdef SYS_bind
  return (int)syscall(SYS_bind, host, local, length);
#else
  return bind(host, (const struct sockaddr *)local, length);
#endif
}

static int bind_once(struct net_tcp *tcp, const struct sockaddr_storage *local,
                     int reuse) {
  socklen_t length =
      tcp->ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
  int error = set_option(tcp, SOL_SOCKET, SO_REUSEADDR, reuse);
  if (error != 0)
    return error;
  if (host_bind(tcp->host, local, length) != 0)
    return uv_translate_sys_error(errno);
  return 0;
}

/* On Windows an address is in use while a socket has it, and no longer: what
 * TIME_WAIT keeps of a closed connection does not count. With SO_REUSEADDR on
 * both, as libuv sets it, two living sockets would share a port here; without,
 * TIME_WAIT would block it. So living sockets do not have the option, a closing
 * one gets it for its after-life, and a bind that fails tries once more with
 * it, which succeeds against after-lives alone. */
int net__host_bind(struct net_tcp *tcp, const struct sockaddr_storage *local) {
  int error = bind_once(tcp, local, 0);
  if (error != UV_EADDRINUSE)
    return error;
  error = bind_once(tcp, local, 1);
  set_option(tcp, SOL_SOCKET, SO_REUSEADDR, 0);
  return error;
}

/* The host looks for after-lives again when it is to listen. */
int net__host_listen(struct net_tcp *tcp, int backlog,
                     uv_connection_cb arrived) {
  uv_stream_t *stream = (uv_stream_t *)&tcp->handle;
  int error = uv_listen(stream, backlog, arrived);
  if (error != UV_EADDRINUSE)
    return error;
  error = set_option(tcp, SOL_SOCKET, SO_REUSEADDR, 1);
  if (error == 0)
    error = uv_listen(stream, backlog, arrived);
  set_option(tcp, SOL_SOCKET, SO_REUSEADDR, 0);
  return error;
}

/* On Windows the port is its listener's alone: neither a connection that was
 * accepted nor its after-life keeps anybody from it. */
void net__host_accepted(struct net_tcp *tcp) {
  set_option(tcp, SOL_SOCKET, SO_REUSEADDR, 1);
}

/* A connection that libuv keeps for a listener goes with it, by reset as those
 * that the host keeps. */
static void reset_untaken(struct net_tcp *listener) {
  struct linger at_once = {1, 0};
  int untaken = listener->handle.accepted_fd;
  if (listener->arrived > 0 && untaken != -1)
    host_set_option(untaken, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

/* uv_accept would need a handle, and so memory. */
bool net__host_refuse(struct net_tcp *listener) {
  uv_fs_t request;
  if (listener->handle.accepted_fd == -1)
    return false;
  reset_untaken(listener);
  uv_fs_close(NULL, &request, listener->handle.accepted_fd, NULL);
  uv_fs_req_cleanup(&request);
  listener->handle.accepted_fd = -1;
  return true;
}

/* libuv's own close by reset refuses after a shutdown. */
void net__host_before_close(struct net_tcp *tcp, bool reset) {
  struct linger at_once = {1, 0};
  reset_untaken(tcp);
  if (reset)
    host_set_option(tcp->host, SOL_SOCKET, SO_LINGER, &at_once,
                    sizeof(at_once));
  else if (tcp->bound)
    set_option(tcp, SOL_SOCKET, SO_REUSEADDR, 1);
}

/* ---- the direct path --------------------------------------------------- */

_Static_assert(sizeof(struct iovec) == sizeof(struct net_buffer) &&
                   offsetof(struct iovec, iov_base) ==
                       offsetof(struct net_buffer, base) &&
                   offsetof(struct iovec, iov_len) ==
                       offsetof(struct net_buffer, length),
               "a net_buffer is the kernel's own idea of a buffer");

static struct msghdr message(const struct net_buffer *buffers, unsigned count) {
  struct msghdr header = {.msg_iov = (struct iovec *)buffers,
                          .msg_iovlen = count};
  return header;
}

static int64_t failure(void) {
  return net__from_uv(uv_translate_sys_error(errno));
}

/* One buffer is the everyday case, and cheaper without a msghdr. */
static ssize_t host_send(int host, const struct net_buffer *buffers,
                         unsigned count) {
  struct msghdr header = message(buffers, count);
#ifdef SYS_sendto
  if (count == 1)
    return syscall(SYS_sendto, host, buffers->base, buffers->length,
                   MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
#endif
  return sendmsg(host, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int64_t net__tcp_try_send(struct net_tcp *tcp, const struct net_buffer *buffers,
                          unsigned count) {
  ssize_t sent;
  do {
    sent = host_send(tcp->host, buffers, count);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0 ? sent : failure();
}

int64_t net__tcp_try_recv(struct net_tcp *tcp, const struct net_buffer *buffers,
                          unsigned count) {
  struct msghdr header = message(buffers, count);
  ssize_t got;
  do {
    /* libuv's sockets do not block. */
    got = count == 1 ? read(tcp->host, buffers->base, buffers->length)
                     : recvmsg(tcp->host, &header, MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  return got >= 0 ? got : failure();
}

/* ---- looking ahead ----------------------------------------------------- */

int64_t net__host_peek(struct net_tcp *tcp) {
  char byte;
  struct net_buffer buffer = {&byte, 1};
  struct msghdr header = message(&buffer, 1);
  ssize_t seen = recvmsg(tcp->host, &header, MSG_PEEK | MSG_DONTWAIT);
  return seen >= 0 ? seen : failure();
}

int64_t net__tcp_peek(struct net_tcp *tcp) {
  return net__host_peek(tcp);
}

bool net__tcp_peer_finished(struct net_tcp *tcp) {
  return net__host_peek(tcp) == 0;
}

int64_t net__tcp_nread(struct net_tcp *tcp) {
  int bytes = 0;
  return ioctl(tcp->host, FIONREAD, &bytes) == 0 ? bytes : failure();
}

#endif
