/*
 * What libuv has no verb for, on Windows.
 */
#ifdef _WIN32

#include "net/net_uv.h"

static SOCKET host_socket(const struct net_tcp *tcp) {
  return (SOCKET)tcp->host;
}

/* An IPv6 socket speaks no IPv4 from the start. */
int net__host_prepare(struct net_tcp *tcp) {
  (void)tcp;
  return 0;
}

/* libuv keeps EADDRINUSE for the connect, but tells when asked for the name. */
int net__host_bind(struct net_tcp *tcp, const struct sockaddr_storage *local) {
  struct sockaddr_storage name;
  int length = sizeof(name);
  int error = uv_tcp_bind(&tcp->handle, (const struct sockaddr *)local,
                          tcp->ipv6 && !tcp->kept.dual ? UV_TCP_IPV6ONLY : 0);
  if (error == 0)
    error = uv_tcp_getsockname(&tcp->handle, (struct sockaddr *)&name, &length);
  /* It would tell of every later attempt, too. */
  if (error != 0)
    tcp->handle.delayed_error = 0;
  return error;
}

/* Of several connections that libuv keeps, it gives out the youngest first: so
 * it is to keep one. */
int net__host_listen(struct net_tcp *tcp, int backlog,
                     uv_connection_cb arrived) {
  (void)uv_tcp_simultaneous_accepts(&tcp->handle, 0);
  return uv_listen((uv_stream_t *)&tcp->handle, backlog, arrived);
}

/* Memory for one connection that nobody wants; it is closed in the same turn.
 */
static uv_tcp_t refused;
static bool refusing;

static void on_refused(uv_handle_t *handle) {
  (void)handle;
  refusing = false;
}

/* libuv keeps it where nobody else can get at it: it is accepted and closed. */
bool net__host_refuse(struct net_tcp *listener) {
  struct linger at_once = {1, 0};
  uv_os_fd_t host;
  if (refusing || uv_tcp_init(listener->handle.loop, &refused) != 0)
    return false;
  refusing = true;
  if (uv_accept((uv_stream_t *)&listener->handle, (uv_stream_t *)&refused) ==
          0 &&
      uv_fileno((uv_handle_t *)&refused, &host) == 0)
    setsockopt((SOCKET)host, SOL_SOCKET, SO_LINGER, (char *)&at_once,
               sizeof(at_once));
  uv_close((uv_handle_t *)&refused, on_refused);
  return true;
}

void net__host_accepted(struct net_tcp *tcp) {
  (void)tcp;
}

/* libuv calls back only the writes of the calling thread, and closes the host's
 * socket when all have come back; but the owner of the loop changes. */
void net__host_before_close(struct net_tcp *tcp, bool reset) {
  struct linger at_once = {1, 0};
  if (reset)
    setsockopt(host_socket(tcp), SOL_SOCKET, SO_LINGER, (char *)&at_once,
               sizeof(at_once));
  CancelIoEx((HANDLE)host_socket(tcp), NULL);
}

/* ---- no direct path yet ------------------------------------------------ */

int64_t net__tcp_try_send(struct net_tcp *tcp, const struct net_buffer *buffers,
                          unsigned count) {
  (void)tcp;
  (void)buffers;
  (void)count;
  return NET_ENOSYS;
}

int64_t net__tcp_try_recv(struct net_tcp *tcp, const struct net_buffer *buffers,
                          unsigned count) {
  (void)tcp;
  (void)buffers;
  (void)count;
  return NET_ENOSYS;
}

/* ---- looking ahead ----------------------------------------------------- */

/* libuv has made the socket non-blocking. */
int64_t net__host_peek(struct net_tcp *tcp) {
  char byte;
  int seen = recv(host_socket(tcp), &byte, 1, MSG_PEEK);
  return seen >= 0 ? seen
                   : net__from_uv(uv_translate_sys_error(WSAGetLastError()));
}

int64_t net__tcp_peek(struct net_tcp *tcp) {
  return net__host_peek(tcp);
}

bool net__tcp_peer_finished(struct net_tcp *tcp) {
  return net__host_peek(tcp) == 0;
}

int64_t net__tcp_nread(struct net_tcp *tcp) {
  u_long bytes = 0;
  if (ioctlsocket(host_socket(tcp), FIONREAD, &bytes) != 0)
    return net__from_uv(uv_translate_sys_error(WSAGetLastError()));
  return (int64_t)bytes;
}

#endif
