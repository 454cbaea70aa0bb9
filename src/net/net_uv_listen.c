/*
 * TCP on libuv: listening and accepting.
 *
 * libuv accepts by itself and keeps the connection until it is asked for it,
 * and takes no further one meanwhile. `arrived` says so, so that nobody asks in
 * vain.
 */
#include "net/net_uv.h"

#include "loop/loop.h"
#include "loop/loop_uv.h"
#include "os/os.h"

#include <assert.h>

/* An attempt that failed is the host's to tell its peer: the listener goes on.
 */
static void on_connection(uv_stream_t *stream, int status) {
  struct net_tcp *tcp = stream->data;
  if (status != 0)
    return;
  tcp->arrived++;
  tcp->events->arrived(tcp->user);
}

int net__tcp_listen(struct net_tcp *tcp, int backlog) {
  assert(loop__owned() && !tcp->closing && tcp->bound);
  int error = net__host_listen(tcp, backlog, on_connection);
  tcp->backlog = backlog;
  loop__touched();
  return net__from_uv(error);
}

/* To listen once more is harmless, and makes libuv look again. */
bool net__tcp_refuse(struct net_tcp *listener) {
  assert(loop__owned() && !listener->closing);
  if (listener->arrived == 0 || !net__host_refuse(listener))
    return false;
  listener->arrived--;
  (void)net__host_listen(listener, listener->backlog, on_connection);
  loop__touched();
  return true;
}

bool net__tcp_has_arrived(const struct net_tcp *listener) {
  return listener->arrived > 0;
}

/* The host socket is libuv's now; the rest as after net__tcp_open. */
static int take(struct net_tcp *listener, struct net_tcp *tcp) {
  listener->arrived--;
  int error =
      uv_accept((uv_stream_t *)&listener->handle, (uv_stream_t *)&tcp->handle);
  if (error == 0)
    error = uv_fileno((uv_handle_t *)&tcp->handle, &tcp->host);
  if (error == 0)
    net__host_accepted(tcp);
  loop__touched();
  return error;
}

int net__tcp_accept(struct net_tcp *listener, struct net_tcp **out,
                    const struct net_tcp_events *events, void *user) {
  assert(loop__owned() && !listener->closing);
  if (listener->arrived == 0)
    return NET_EAGAIN;
  struct net_tcp *tcp = net__tcp_new(listener->ipv6, events, user);
  if (tcp == NULL)
    return NET_ENOMEM;
  int error = uv_tcp_init(loop__uv(), &tcp->handle);
  if (error != 0) {
    os__free(tcp);
    return net__from_uv(error);
  }
  error = take(listener, tcp);
  if (error != 0) {
    net__tcp_discard(tcp);
    return net__from_uv(error);
  }
  *out = tcp;
  return NET_OK;
}
