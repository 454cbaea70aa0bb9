/*
 * Remote ends that speak datagrams. Plain sockets that nobody polls: what is
 * sent over loopback is at the other end when the call returns.
 */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "peer_parts.h"

#ifdef _WIN32
typedef SOCKET socket_t;
typedef int wire_size;
#define NO_SOCKET    INVALID_SOCKET
#define close_socket closesocket
#else
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
typedef int socket_t;
typedef size_t wire_size;
#define NO_SOCKET    (-1)
#define close_socket close
#endif

#define PATIENCE_MS 20000

struct peer_udp {
  socket_t socket;
  struct peer_udp *next;
  int ipv6;
  unsigned short port;
  unsigned short from; /* port of the last one that came */
  int size;            /* of the last one, or -1 */
  unsigned char bytes[65536];
};

static struct peer_udp *peers;

void peer_udp_clear(void) {
  while (peers != NULL) {
    struct peer_udp *peer = peers;

    peers = peer->next;
    close_socket(peer->socket);
    free(peer);
  }
}

static socklen_t size_of(const struct sockaddr_storage *address) {
  return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                        : sizeof(struct sockaddr_in);
}

static void do_not_block(socket_t made) {
#ifdef _WIN32
  u_long on = 1;

  ioctlsocket(made, FIONBIO, &on);
#else
  fcntl(made, F_SETFL, fcntl(made, F_GETFL) | O_NONBLOCK);
#endif
}

static int bind_peer(struct peer_udp *peer) {
  struct sockaddr_storage address;
  socklen_t length;

  peer_address(&address, peer->ipv6, 0, 0);
  length = size_of(&address);
  if (bind(peer->socket, (struct sockaddr *)&address, length) != 0 ||
      getsockname(peer->socket, (struct sockaddr *)&address, &length) != 0)
    return 0;
  peer->port = peer_port_of(&address);
  return 1;
}

struct peer_udp *peer_udp_open(int ipv6) {
  struct peer_udp *peer = calloc(1, sizeof(*peer));

  if (peer == NULL)
    return NULL;
  peer->ipv6 = ipv6;
  peer->socket = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, IPPROTO_UDP);
  if (peer->socket == NO_SOCKET || !bind_peer(peer)) {
    free(peer);
    return NULL;
  }
  do_not_block(peer->socket);
  peer->next = peers;
  peers = peer;
  return peer;
}

unsigned short peer_udp_port(const struct peer_udp *peer) {
  return peer->port;
}

unsigned short peer_udp_from(const struct peer_udp *peer) {
  return peer->from;
}

int peer_udp_send(struct peer_udp *peer, unsigned short port, const void *bytes,
                  size_t length) {
  struct sockaddr_storage address;

  peer_address(&address, peer->ipv6, 0, port);
  return sendto(peer->socket, bytes, (wire_size)length, 0,
                (struct sockaddr *)&address,
                size_of(&address)) == (long long)length;
}

int peer_udp_send_pattern(struct peer_udp *peer, unsigned short port,
                          size_t start, size_t length) {
  static unsigned char bytes[65536];

  for (size_t i = 0; i < length; i++)
    bytes[i] = peer_pattern(start + i);
  return peer_udp_send(peer, port, bytes, length);
}

static int take(void *context) {
  struct peer_udp *peer = context;
  struct sockaddr_storage address;
  socklen_t length = sizeof(address);

  memset(&address, 0, sizeof(address));
  peer->size =
      (int)recvfrom(peer->socket, (char *)peer->bytes, sizeof(peer->bytes), 0,
                    (struct sockaddr *)&address, &length);
  if (peer->size >= 0)
    peer->from = peer_port_of(&address);
  return peer->size >= 0;
}

int peer_udp_has(struct peer_udp *peer) {
  return take(peer);
}

int peer_udp_expect(struct peer_udp *peer, const void *bytes, size_t length) {
  return host_run_until(take, peer, PATIENCE_MS) != 0 &&
         (size_t)peer->size == length &&
         memcmp(peer->bytes, bytes, length) == 0;
}

int peer_udp_expect_pattern(struct peer_udp *peer, size_t start,
                            size_t length) {
  if (host_run_until(take, peer, PATIENCE_MS) == 0 ||
      (size_t)peer->size != length)
    return 0;
  for (size_t i = 0; i < length; i++)
    if (peer->bytes[i] != peer_pattern(start + i))
      return 0;
  return 1;
}
