/*
 * Servers on raw libuv: the twins of wsk_server.c. They answer from the read
 * callback, with uv_try_write, out of the buffer that was read into.
 */
#include <uv.h>

#include "bench.h"
#include "peer.h"

static uv_loop_t loop;
static uv_tcp_t listener;
static uv_udp_t socket_of_datagrams;
static uv_tcp_t accepted[BENCH_CROWD];
static unsigned accepted_count;
static size_t echoed;
static unsigned closed;
static char bytes[BENCH_BULK];

static void on_close(uv_handle_t *handle) {
  (void)handle;
  closed++;
}

static void run_until_closed(unsigned wanted) {
  closed = 0;
  while (closed < wanted)
    uv_run(&loop, UV_RUN_ONCE);
}

static void run_until_echoed(size_t wanted) {
  while (echoed < wanted)
    uv_run(&loop, UV_RUN_ONCE);
  echoed = 0;
}

/* ---- accepting --------------------------------------------------------- */

static void on_connection(uv_stream_t *stream, int status) {
  uv_tcp_t *made = &accepted[accepted_count++];
  bench_require(status == 0 && uv_tcp_init(&loop, made) == 0 &&
                    uv_accept(stream, (uv_stream_t *)made) == 0,
                "uv_accept");
}

static unsigned short listen_here(void) {
  struct sockaddr_in address;
  int length = sizeof(address);
  accepted_count = 0;
  uv_ip4_addr("127.0.0.1", 0, &address);
  bench_require(
      uv_loop_init(&loop) == 0 && uv_tcp_init(&loop, &listener) == 0 &&
          uv_tcp_bind(&listener, (struct sockaddr *)&address, 0) == 0 &&
          uv_listen((uv_stream_t *)&listener, 128, on_connection) == 0 &&
          uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length) ==
              0,
      "listening by libuv");
  return ntohs(address.sin_port);
}

static void run_until_accepted(unsigned wanted) {
  while (accepted_count < wanted)
    uv_run(&loop, UV_RUN_ONCE);
}

static void close_listener(void) {
  uv_close((uv_handle_t *)&listener, on_close);
  run_until_closed(1);
  uv_loop_close(&loop);
}

void bench_uv_accept_close(unsigned count) {
  unsigned short port = listen_here();
  for (unsigned i = 0; i < count; i++) {
    peer_crowd_connect(port, 1);
    run_until_accepted(1);
    uv_tcp_close_reset(&accepted[0], on_close);
    run_until_closed(1);
    accepted_count = 0;
    peer_crowd_close();
  }
  close_listener();
}

/* ---- echo on events ---------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *room) {
  (void)handle;
  (void)suggested;
  *room = uv_buf_init(bytes, sizeof(bytes));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *room) {
  if (got == 0)
    return;
  bench_require(got > 0, "uv_read");
  uv_buf_t answer = uv_buf_init(room->base, (unsigned)got);
  bench_require(uv_try_write(stream, &answer, 1) == got, "uv_try_write");
  echoed += (size_t)got;
}

/* `count` answers in all. */
static void echo_through(unsigned connections, unsigned count) {
  peer_crowd_connect(listen_here(), connections);
  run_until_accepted(connections);
  for (unsigned i = 0; i < connections; i++)
    uv_read_start((uv_stream_t *)&accepted[i], on_alloc, on_read);
  for (unsigned i = 0; i < count; i += connections) {
    peer_crowd_send(BENCH_SMALL);
    run_until_echoed((size_t)connections * BENCH_SMALL);
    peer_crowd_receive(BENCH_SMALL);
  }
  for (unsigned i = 0; i < connections; i++)
    uv_tcp_close_reset(&accepted[i], on_close);
  run_until_closed(connections);
  close_listener();
  peer_crowd_close();
}

void bench_uv_event_echo(unsigned count) {
  echo_through(1, count);
}

void bench_uv_event_echo_64(unsigned count) {
  echo_through(BENCH_CROWD, count);
}

/* ---- datagrams --------------------------------------------------------- */

static void on_datagram(uv_udp_t *handle, ssize_t got, const uv_buf_t *room,
                        const struct sockaddr *from, unsigned flags) {
  (void)flags;
  if (got == 0 && from == NULL)
    return;
  bench_require(got > 0, "uv_udp_recv");
  uv_buf_t answer = uv_buf_init(room->base, (unsigned)got);
  bench_require(uv_udp_try_send(handle, &answer, 1, from) == got,
                "uv_udp_try_send");
  echoed += (size_t)got;
}

static unsigned short open_datagrams(void) {
  struct sockaddr_in address;
  int length = sizeof(address);
  uv_udp_t *handle = &socket_of_datagrams;
  uv_ip4_addr("127.0.0.1", 0, &address);
  bench_require(
      uv_loop_init(&loop) == 0 && uv_udp_init(&loop, handle) == 0 &&
          uv_udp_bind(handle, (struct sockaddr *)&address, 0) == 0 &&
          uv_udp_recv_start(handle, on_alloc, on_datagram) == 0 &&
          uv_udp_getsockname(handle, (struct sockaddr *)&address, &length) == 0,
      "a libuv socket for datagrams");
  return ntohs(address.sin_port);
}

void bench_uv_udp_echo(unsigned count) {
  peer_udp_open(open_datagrams());
  for (unsigned i = 0; i < count; i++) {
    peer_udp_send(BENCH_SMALL);
    run_until_echoed(BENCH_SMALL);
    peer_udp_receive(BENCH_SMALL);
  }
  uv_close((uv_handle_t *)&socket_of_datagrams, on_close);
  run_until_closed(1);
  uv_loop_close(&loop);
  peer_udp_close();
}
