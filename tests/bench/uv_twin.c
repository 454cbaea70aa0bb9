/*
 * The traffic of the benchmark through raw libuv, as fast as libuv does it:
 * uv_try_write first, no allocation, one loop on one thread.
 */
#include <string.h>
#include <uv.h>

#include "bench.h"
#include "peer.h"

static uv_loop_t loop;
static uv_tcp_t client;
static uv_connect_t connect_request;
static uv_write_t write_request;
static char out[BENCH_BULK], in[BENCH_BULK];
static size_t wanted; /* bytes still to be read */
static bool done;

static void on_connect(uv_connect_t *request, int status) {
  (void)request;
  bench_require(status == 0, "uv_tcp_connect");
  done = true;
}

static void on_close(uv_handle_t *handle) {
  (void)handle;
  done = true;
}

static void run_until_done(void) {
  while (!done)
    uv_run(&loop, UV_RUN_ONCE);
  done = false;
}

static void connect_client(unsigned short port) {
  struct sockaddr_in any, address;
  uv_ip4_addr("0.0.0.0", 0, &any);
  uv_ip4_addr("127.0.0.1", port, &address);
  uv_tcp_init_ex(&loop, &client, AF_INET);
  uv_tcp_bind(&client, (struct sockaddr *)&any, 0);
  bench_require(uv_tcp_connect(&connect_request, &client,
                               (struct sockaddr *)&address, on_connect) == 0,
                "uv_tcp_connect");
  run_until_done();
}

static void close_client(void) {
  uv_tcp_close_reset(&client, on_close);
  run_until_done();
}

static void open_connection(void) {
  bench_require(uv_loop_init(&loop) == 0, "uv_loop_init");
  connect_client(peer_listen());
  peer_accept();
}

static void close_connection(void) {
  close_client();
  uv_loop_close(&loop);
  peer_close();
  peer_unlisten();
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *room) {
  (void)handle;
  (void)suggested;
  *room =
      uv_buf_init(in, (unsigned)(wanted < sizeof(in) ? wanted : sizeof(in)));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *room) {
  (void)stream;
  (void)room;
  if (got == UV_ENOBUFS)
    return; /* libuv asked again after the last byte */
  bench_require(got >= 0, "uv_read");
  wanted -= (size_t)got;
  done = wanted == 0;
}

static void on_write(uv_write_t *request, int status) {
  (void)request;
  bench_require(status == 0, "uv_write");
  done = true;
}

static void send_and_wait(size_t size) {
  uv_buf_t buffer = uv_buf_init(out, (unsigned)size);
  int sent = uv_try_write((uv_stream_t *)&client, &buffer, 1);
  if (sent == (int)size)
    return;
  if (sent > 0)
    buffer = uv_buf_init(out + sent, (unsigned)(size - (size_t)sent));
  bench_require(uv_write(&write_request, (uv_stream_t *)&client, &buffer, 1,
                         on_write) == 0,
                "uv_write");
  run_until_done();
}

void bench_uv_rtt(unsigned count) {
  open_connection();
  uv_read_start((uv_stream_t *)&client, on_alloc, on_read);
  for (unsigned i = 0; i < count; i++) {
    wanted = BENCH_SMALL;
    send_and_wait(BENCH_SMALL);
    peer_echo(BENCH_SMALL);
    run_until_done();
  }
  close_connection();
}

void bench_uv_connect_close(unsigned count) {
  unsigned short port = peer_listen();
  bench_require(uv_loop_init(&loop) == 0, "uv_loop_init");
  for (unsigned i = 0; i < count; i++) {
    connect_client(port);
    peer_accept();
    close_client();
    peer_close();
  }
  uv_loop_close(&loop);
  peer_unlisten();
}

void bench_uv_bulk_send(unsigned count) {
  open_connection();
  peer_start_sink((size_t)count * BENCH_BULK);
  for (unsigned i = 0; i < count; i++)
    send_and_wait(BENCH_BULK);
  peer_join();
  close_connection();
}

void bench_uv_bulk_receive(unsigned count) {
  open_connection();
  peer_start_source((size_t)count * BENCH_BULK);
  wanted = (size_t)count * BENCH_BULK;
  uv_read_start((uv_stream_t *)&client, on_alloc, on_read);
  run_until_done();
  peer_join();
  close_connection();
}
