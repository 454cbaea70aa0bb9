/* The far end of floods: see flood_peer.h. */
#include "flood_peer.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "peer.h"

#ifndef _WIN32
#include <sys/resource.h>
#endif

#define MAX_WINDOW 256

struct end {
  uv_tcp_t tcp;
  uv_connect_t connect;
};

static struct {
  uv_loop_t loop;
  uv_thread_t thread;
  struct sockaddr_storage address;
  unsigned left;
  unsigned window;
  unsigned ended;
  struct end ends[MAX_WINDOW];
  uv_mutex_t lock;
  uv_cond_t wake;
  unsigned came; /* under the lock */
} flood;

unsigned flood_raise_descriptors(void) {
#ifdef _WIN32
  return 16384;
#else
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return (unsigned)limit.rlim_cur;
#endif
}

unsigned flood_count(unsigned wanted) {
#ifdef _WIN32
  fprintf(stderr, "flood: %u instead of %u here\n", wanted / 10, wanted);
  return wanted / 10;
#else
  return wanted;
#endif
}

/* ---- connections ------------------------------------------------------- */

static void connect_next(struct end *end);

static void on_close(uv_handle_t *handle) {
  connect_next(handle->data);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *room) {
  static char bytes[16];
  (void)handle;
  (void)suggested;
  *room = uv_buf_init(bytes, sizeof(bytes));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *room) {
  (void)room;
  if (got >= 0)
    return;
  flood.ended++;
  uv_close((uv_handle_t *)stream, on_close);
}

/* The other end may be so quick that the reset is there already. */
static void on_connect(uv_connect_t *connect, int status) {
  struct end *end = connect->data;
  char byte = 'x';
  uv_buf_t buffer = uv_buf_init(&byte, 1);
  if (status == 0 && uv_try_write((uv_stream_t *)&end->tcp, &buffer, 1) == 1 &&
      uv_read_start((uv_stream_t *)&end->tcp, on_alloc, on_read) == 0)
    return;
  fprintf(stderr, "flood: a connection was not made: %s\n",
          uv_strerror(status));
  uv_close((uv_handle_t *)&end->tcp, on_close);
}

static void connect_next(struct end *end) {
  if (flood.left == 0)
    return;
  flood.left--;
  uv_tcp_init(&flood.loop, &end->tcp);
  end->tcp.data = end->connect.data = end;
  int error = uv_tcp_connect(&end->connect, &end->tcp,
                             (struct sockaddr *)&flood.address, on_connect);
  if (error != 0)
    on_connect(&end->connect, error);
}

static void run(void *unused) {
  (void)unused;
  uv_loop_init(&flood.loop);
  for (unsigned i = 0; i < flood.window; i++)
    connect_next(&flood.ends[i]);
  uv_run(&flood.loop, UV_RUN_DEFAULT);
  uv_loop_close(&flood.loop);
}

static void start(int ipv6, unsigned short port, unsigned count,
                  unsigned window, void (*thread)(void *unused)) {
  if (ipv6)
    uv_ip6_addr("::1", port, (struct sockaddr_in6 *)&flood.address);
  else
    uv_ip4_addr("127.0.0.1", port, (struct sockaddr_in *)&flood.address);
  flood.left = count;
  flood.window = window < MAX_WINDOW ? window : MAX_WINDOW;
  flood.ended = 0;
  if (uv_thread_create(&flood.thread, thread, NULL) != 0)
    abort();
}

void flood_connect(int ipv6, unsigned short port, unsigned count,
                   unsigned window) {
  start(ipv6, port, count, window, run);
}

/* ---- datagrams --------------------------------------------------------- */

unsigned flood_datagram_length(unsigned number) {
  return (unsigned)sizeof(number) + number % 1300;
}

static void send_one(uv_udp_t *socket, unsigned number) {
  unsigned char bytes[2048];
  unsigned length = flood_datagram_length(number);
  uv_buf_t buffer = uv_buf_init((char *)bytes, length);
  memcpy(bytes, &number, sizeof(number));
  for (unsigned i = sizeof(number); i < length; i++)
    bytes[i] = peer_pattern(number + i);
  while (uv_udp_try_send(socket, &buffer, 1,
                         (struct sockaddr *)&flood.address) == UV_EAGAIN)
    ;
}

static void wait_for_room(unsigned number) {
  uv_mutex_lock(&flood.lock);
  while (number >= flood.came + flood.window)
    uv_cond_wait(&flood.wake, &flood.lock);
  uv_mutex_unlock(&flood.lock);
}

static void run_datagrams(void *unused) {
  uv_udp_t socket;
  (void)unused;
  uv_loop_init(&flood.loop);
  uv_udp_init(&flood.loop, &socket);
  for (unsigned i = 0; i < flood.left; i++) {
    wait_for_room(i);
    send_one(&socket, i);
  }
  uv_close((uv_handle_t *)&socket, NULL);
  uv_run(&flood.loop, UV_RUN_DEFAULT);
  uv_loop_close(&flood.loop);
}

void flood_prepare_datagrams(void) {
  static bool initialised;
  if (!initialised &&
      (uv_mutex_init(&flood.lock) != 0 || uv_cond_init(&flood.wake) != 0))
    abort();
  initialised = true;
  flood_datagrams_came(0);
}

void flood_datagrams(int ipv6, unsigned short port, unsigned count,
                     unsigned ahead) {
  start(ipv6, port, count, ahead, run_datagrams);
}

void flood_datagrams_came(unsigned count) {
  uv_mutex_lock(&flood.lock);
  flood.came = count;
  uv_cond_signal(&flood.wake);
  uv_mutex_unlock(&flood.lock);
}

unsigned flood_join(void) {
  uv_thread_join(&flood.thread);
  return flood.ended;
}
