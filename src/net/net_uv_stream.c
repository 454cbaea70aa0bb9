/*
 * TCP on libuv: the stream of bytes, by way of the loop.
 */
#include "net/net_uv.h"

#include "loop/loop.h"
#include "loop/loop_uv.h"

#include <assert.h>
#include <limits.h>

/* ---- reading ----------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  struct net_tcp *tcp = handle->data;
  struct net_buffer room = {NULL, 0};
  (void)suggested;
  tcp->events->provide(tcp->user, &room);
  tcp->no_room = room.length == 0;
  if (room.length > INT_MAX)
    room.length = INT_MAX; /* Windows counts in 32 bits */
  *out = uv_buf_init(room.base, (unsigned)room.length);
}

/* libuv asks again in the same turn when a read has filled its buffer exactly,
 * and a synchronous client has no receive pending yet. To stop reading there
 * would cost two epoll calls a receive. If there is still no room in a later
 * turn, not to stop would be a busy loop. */
static void pause_unless_just_read(struct net_tcp *tcp) {
  tcp->no_room = false;
  if (tcp->last_read_turn == loop__turn())
    return;
  net__tcp_read_stop(tcp);
  if (tcp->events->starved != NULL)
    tcp->events->starved(tcp->user);
}

static void end_reading(struct net_tcp *tcp, int error) {
  tcp->ended = error;
  net__tcp_read_stop(tcp);
  tcp->events->received(tcp->user, error);
}

/* libuv takes a hang-up after a read that did not fill its buffer for the end
 * of the stream, and a reset is a hang-up, too. So the host is asked. */
static void perhaps_ended(struct net_tcp *tcp) {
  int64_t seen = net__host_peek(tcp);
  if (seen > 0) {
    net__tcp_read_stop(tcp);
    (void)net__tcp_read_start(tcp);
  } else {
    end_reading(tcp, seen == 0 || seen == NET_EAGAIN ? NET_EOF : (int)seen);
  }
}

static void on_read(uv_stream_t *stream, ssize_t result, const uv_buf_t *room) {
  struct net_tcp *tcp = stream->data;
  (void)room;
  if (result == UV_ENOBUFS && tcp->no_room) {
    pause_unless_just_read(tcp);
  } else if (result == UV_EOF) {
    perhaps_ended(tcp);
  } else if (result < 0) {
    end_reading(tcp, net__from_uv((int)result));
  } else {
    if (result > 0)
      tcp->last_read_turn = loop__turn();
    tcp->events->received(tcp->user, result);
  }
}

int net__tcp_read_start(struct net_tcp *tcp) {
  assert(loop__owned() && !tcp->closing);
  if (tcp->reading)
    return NET_OK;
  if (tcp->ended != 0)
    return tcp->ended;
  int error = uv_read_start((uv_stream_t *)&tcp->handle, on_alloc, on_read);
  if (error != 0)
    return net__from_uv(error);
  tcp->reading = true;
  loop__touched();
  return NET_OK;
}

bool net__tcp_is_reading(const struct net_tcp *tcp) {
  return tcp->reading;
}

void net__tcp_read_stop(struct net_tcp *tcp) {
  assert(loop__owned());
  if (tcp->reading)
    uv_read_stop((uv_stream_t *)&tcp->handle);
  tcp->reading = false;
}

/* ---- writing ----------------------------------------------------------- */

static void on_write(uv_write_t *request, int status) {
  struct net_tcp *tcp = request->handle->data;
  tcp->events->written(tcp->user, net__from_uv(status));
}

/* Takes `sent` bytes off the front; what is left of the array. */
static unsigned advance(uv_buf_t *buffers, unsigned count, size_t sent) {
  unsigned skip = 0;
  while (skip < count && sent >= buffers[skip].len) {
    sent -= buffers[skip].len;
    skip++;
  }
  for (unsigned i = skip; i < count; i++)
    buffers[i - skip] = buffers[i];
  if (skip < count) {
    buffers[0].base += sent;
    buffers[0].len -= sent;
  }
  return count - skip;
}

int net__tcp_write(struct net_tcp *tcp, const struct net_buffer *buffers,
                   unsigned count) {
  uv_buf_t rest[NET_WRITE_BUFFERS];
  uv_stream_t *stream = (uv_stream_t *)&tcp->handle;
  assert(loop__owned() && !tcp->closing && count <= NET_WRITE_BUFFERS);
  for (unsigned i = 0; i < count; i++)
    rest[i] = uv_buf_init(buffers[i].base, (unsigned)buffers[i].length);
  unsigned left = advance(rest, count, 0);
  if (left == 0)
    return NET_WRITTEN;
  int sent = uv_try_write(stream, rest, left);
  if (sent < 0 && sent != UV_EAGAIN)
    return net__from_uv(sent);
  left = advance(rest, left, sent < 0 ? 0 : (size_t)sent);
  if (left == 0)
    return NET_WRITTEN;
  int error = uv_write(&tcp->write, stream, rest, left, on_write);
  loop__touched();
  return net__from_uv(error);
}

/* ---- the end of our direction ------------------------------------------ */

/* The host says of a connection that has broken that there is none. It knows
 * why, unless it has told already. */
static int finish_error(struct net_tcp *tcp, int status) {
  if (status != UV_ENOTCONN || tcp->closing)
    return net__from_uv(status);
  int64_t seen = net__host_peek(tcp);
  return seen < 0 && seen != NET_EAGAIN && seen != NET_ENOTCONN
             ? (int)seen
             : NET_ECONNRESET;
}

static void on_shutdown(uv_shutdown_t *request, int status) {
  struct net_tcp *tcp = request->handle->data;
  tcp->events->finished(tcp->user, finish_error(tcp, status));
}

int net__tcp_finish(struct net_tcp *tcp) {
  assert(loop__owned() && !tcp->closing);
  int error =
      uv_shutdown(&tcp->finish, (uv_stream_t *)&tcp->handle, on_shutdown);
  loop__touched();
  return finish_error(tcp, error);
}
