/*
 * Ports that answer in a way no event loop would: refused, taken, or not at
 * all. Plain sockets, which nobody polls.
 */
#include <string.h>

#include "peer_parts.h"

#ifdef _WIN32
typedef SOCKET socket_t;
#define NO_SOCKET    INVALID_SOCKET
#define close_socket closesocket
#else
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
typedef int socket_t;
#define NO_SOCKET    (-1)
#define close_socket close
#endif

#define KEPT_MAX 64
static socket_t kept[KEPT_MAX];
static unsigned kept_count;

void peer_ports_clear(void) {
  while (kept_count > 0)
    close_socket(kept[--kept_count]);
}

void peer_address(struct sockaddr_storage *address, int ipv6, int wildcard,
                  unsigned short port) {
  memset(address, 0, sizeof(*address));
  if (ipv6)
    uv_ip6_addr(wildcard ? "::" : "::1", port, (struct sockaddr_in6 *)address);
  else
    uv_ip4_addr(wildcard ? "0.0.0.0" : "127.0.0.1", port,
                (struct sockaddr_in *)address);
}

unsigned short peer_port_of(const struct sockaddr_storage *address) {
  return address->ss_family == AF_INET6
             ? ntohs(((const struct sockaddr_in6 *)address)->sin6_port)
             : ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static socklen_t size_of(const struct sockaddr_storage *address) {
  return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                        : sizeof(struct sockaddr_in);
}

/* A socket that is kept until the test ends. */
static socket_t keep_socket(int ipv6) {
  socket_t made;

  if (kept_count == KEPT_MAX)
    return NO_SOCKET;
  made = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, IPPROTO_TCP);
  if (made != NO_SOCKET)
    kept[kept_count++] = made;
  return made;
}

static unsigned short bound_port(socket_t made, int ipv6, int wildcard) {
  struct sockaddr_storage address;
  socklen_t length;

  peer_address(&address, ipv6, wildcard, 0);
  length = size_of(&address);
  if (made == NO_SOCKET ||
      bind(made, (struct sockaddr *)&address, length) != 0 ||
      getsockname(made, (struct sockaddr *)&address, &length) != 0)
    return 0;
  return peer_port_of(&address);
}

/* A socket that is bound and does not listen refuses, and keeps others away. */
unsigned short peer_refusing_port(int ipv6) {
  return bound_port(keep_socket(ipv6), ipv6, 0);
}

/* Listening, too: on Linux a merely bound port may be shared with a socket
 * that asked for SO_REUSEADDR, as libuv's do. */
unsigned short peer_taken_port(int ipv6, int wildcard) {
  socket_t made = keep_socket(ipv6);
  unsigned short port;
#ifdef IPV6_V6ONLY
  int on = 1;

  if (ipv6 && made != NO_SOCKET)
    setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, (const char *)&on, sizeof(on));
#endif
  port = bound_port(made, ipv6, wildcard);
  if (port != 0 && listen(made, 8) != 0)
    return 0;
  return port;
}

static void do_not_block(socket_t made) {
#ifdef _WIN32
  u_long on = 1;

  ioctlsocket(made, FIONBIO, &on);
#else
  fcntl(made, F_SETFL, fcntl(made, F_GETFL) | O_NONBLOCK);
#endif
}

/* Nobody accepts, and the queue of the smallest backlog is full: the host drops
 * what asks for a connection after that, and the asker goes on asking. */
unsigned short peer_silent_port(int ipv6) {
  struct sockaddr_storage address;
  socket_t made = keep_socket(ipv6), filler;
  unsigned short port = bound_port(made, ipv6, 0);

  if (port == 0 || listen(made, 0) != 0)
    return 0;
  peer_address(&address, ipv6, 0, port);
  for (int i = 0; i < 4; i++) {
    filler = keep_socket(ipv6);
    if (filler == NO_SOCKET)
      return 0;
    do_not_block(filler);
    connect(filler, (struct sockaddr *)&address, size_of(&address));
  }
  return port;
}

/* ---- what a socket has to say ---------------------------------------- */

#ifdef _WIN32
/* Only who writes is told. */
void peer_ask_error(void *argument) {
  struct peer *peer = argument;
  uv_buf_t byte = uv_buf_init("x", 1);
  int sent = uv_try_write((uv_stream_t *)&peer->tcp, &byte, 1);

  peer->socket_error = sent < 0 && sent != UV_EAGAIN ? sent : 0;
}

/* libuv knows there. */
bool peer_was_reset(struct peer *peer) {
  (void)peer;
  return false;
}
#else
static int socket_of(struct peer *peer) {
  uv_os_fd_t handle = -1;

  uv_fileno((uv_handle_t *)&peer->tcp, &handle);
  return handle;
}

void peer_ask_error(void *argument) {
  struct peer *peer = argument;
  int error = 0;
  socklen_t length = sizeof(error);

  getsockopt(socket_of(peer), SOL_SOCKET, SO_ERROR, &error, &length);
  peer->socket_error = error;
}

bool peer_was_reset(struct peer *peer) {
  char byte;

  return recv(socket_of(peer), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         errno == ECONNRESET;
}
#endif
