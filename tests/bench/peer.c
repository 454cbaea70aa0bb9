/* The far end. See peer.h. */
#include "peer.h"

#include <uv.h>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#define close_socket closesocket
typedef SOCKET host_socket;
#else
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#define close_socket close
typedef int host_socket;
#endif

#include "bench.h"

static host_socket listener;
static host_socket connection;
static uv_thread_t thread;
static size_t thread_bytes;
static char bulk[BENCH_BULK];

static void start_sockets(void) {
#ifdef _WIN32
  WSADATA data;
  bench_require(WSAStartup(MAKEWORD(2, 2), &data) == 0, "WSAStartup");
#endif
}

unsigned short peer_listen(void) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof(address);
  start_sockets();
  listener = socket(AF_INET, SOCK_STREAM, 0);
  bench_require(
      bind(listener, (struct sockaddr *)&address, length) == 0 &&
          listen(listener, 128) == 0 &&
          getsockname(listener, (struct sockaddr *)&address, &length) == 0,
      "listen");
  return ntohs(address.sin_port);
}

void peer_unlisten(void) {
  close_socket(listener);
}

void peer_accept(void) {
  int on = 1;
  connection = accept(listener, NULL, NULL);
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, (const char *)&on,
             sizeof(on));
}

void peer_close(void) {
  close_socket(connection);
}

static void receive_all(size_t size) {
  while (size > 0) {
    size_t want = size < sizeof(bulk) ? size : sizeof(bulk);
    long got = (long)recv(connection, bulk, (int)want, 0);
    bench_require(got > 0, "the peer's receive");
    size -= (size_t)got;
  }
}

static void send_all(size_t size) {
  while (size > 0) {
    size_t want = size < sizeof(bulk) ? size : sizeof(bulk);
    long sent = (long)send(connection, bulk, (int)want, 0);
    bench_require(sent > 0, "the peer's send");
    size -= (size_t)sent;
  }
}

void peer_echo(size_t size) {
  receive_all(size);
  send_all(size);
}

static void run_sink(void *argument) {
  (void)argument;
  receive_all(thread_bytes);
}

static void run_source(void *argument) {
  (void)argument;
  send_all(thread_bytes);
}

void peer_start_sink(size_t bytes) {
  thread_bytes = bytes;
  bench_require(uv_thread_create(&thread, run_sink, NULL) == 0, "a thread");
}

void peer_start_source(size_t bytes) {
  thread_bytes = bytes;
  bench_require(uv_thread_create(&thread, run_source, NULL) == 0, "a thread");
}

void peer_join(void) {
  uv_thread_join(&thread);
}

/* ---- the far ends of a server ------------------------------------------ */

static host_socket crowd[BENCH_CROWD];
static unsigned crowd_count;
static host_socket datagrams;

static struct sockaddr_in loopback(unsigned short port) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return address;
}

/* The host's backlog takes it, before anybody accepts it. */
static host_socket connect_one(unsigned short port) {
  struct sockaddr_in address = loopback(port);
  int on = 1;
  host_socket made = socket(AF_INET, SOCK_STREAM, 0);
  bench_require(connect(made, (struct sockaddr *)&address, sizeof(address)) ==
                    0,
                "connect");
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, (const char *)&on, sizeof(on));
  return made;
}

void peer_crowd_connect(unsigned short port, unsigned count) {
  start_sockets();
  for (crowd_count = 0; crowd_count < count; crowd_count++)
    crowd[crowd_count] = connect_one(port);
}

void peer_crowd_send(size_t size) {
  for (unsigned i = 0; i < crowd_count; i++)
    bench_require(send(crowd[i], bulk, (int)size, 0) == (long)size,
                  "the peer's send");
}

void peer_crowd_receive(size_t size) {
  for (unsigned i = 0; i < crowd_count; i++)
    for (size_t left = size; left > 0;) {
      long got = (long)recv(crowd[i], bulk, (int)left, 0);
      bench_require(got > 0, "the peer's receive");
      left -= (size_t)got;
    }
}

void peer_crowd_close(void) {
  while (crowd_count > 0)
    close_socket(crowd[--crowd_count]);
}

void peer_udp_open(unsigned short port) {
  struct sockaddr_in address = loopback(port);
  start_sockets();
  datagrams = socket(AF_INET, SOCK_DGRAM, 0);
  bench_require(
      connect(datagrams, (struct sockaddr *)&address, sizeof(address)) == 0,
      "connect");
}

void peer_udp_send(size_t size) {
  bench_require(send(datagrams, bulk, (int)size, 0) == (long)size,
                "the peer's send");
}

void peer_udp_receive(size_t size) {
  bench_require(recv(datagrams, bulk, (int)size, 0) == (long)size,
                "the peer's receive");
}

void peer_udp_close(void) {
  close_socket(datagrams);
}
