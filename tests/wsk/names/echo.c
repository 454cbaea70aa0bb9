/*
 * An echo peer in a library of its own: in the program, whose driver defines
 * socket and bind and the others, its calls would be at stake themselves.
 */
#include "echo.h"

#include <uv.h>

static uv_loop_t loop;
static uv_tcp_t listener, connection;
static uv_async_t stop;
static uv_thread_t thread;

static void provide(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
  static char bytes[4096];

  (void)handle;
  (void)suggested;
  *buffer = uv_buf_init(bytes, sizeof(bytes));
}

static void on_read(uv_stream_t *stream, ssize_t count,
                    const uv_buf_t *buffer) {
  uv_buf_t back = uv_buf_init(buffer->base, (unsigned)count);

  if (count > 0)
    uv_try_write(stream, &back, 1);
  else if (count < 0)
    uv_close((uv_handle_t *)stream, NULL);
}

static void on_connection(uv_stream_t *server, int status) {
  if (status != 0)
    return;
  uv_tcp_init(&loop, &connection);
  if (uv_accept(server, (uv_stream_t *)&connection) == 0)
    uv_read_start((uv_stream_t *)&connection, provide, on_read);
}

static void on_stop(uv_async_t *async) {
  (void)async;
  uv_close((uv_handle_t *)&listener, NULL);
  uv_close((uv_handle_t *)&stop, NULL);
}

static void run(void *unused) {
  (void)unused;
  uv_run(&loop, UV_RUN_DEFAULT);
}

unsigned short echo_start(void) {
  struct sockaddr_in address;
  int length = sizeof(address);

  uv_ip4_addr("127.0.0.1", 0, &address);
  if (uv_loop_init(&loop) != 0 || uv_async_init(&loop, &stop, on_stop) != 0 ||
      uv_tcp_init(&loop, &listener) != 0 ||
      uv_tcp_bind(&listener, (struct sockaddr *)&address, 0) != 0 ||
      uv_listen((uv_stream_t *)&listener, 8, on_connection) != 0 ||
      uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length) !=
          0 ||
      uv_thread_create(&thread, run, NULL) != 0)
    return 0;
  return ntohs(address.sin_port);
}

void echo_stop(void) {
  uv_async_send(&stop);
  uv_thread_join(&thread);
  uv_loop_close(&loop);
}
