/* The peer's inside: what peer_uv.c, peer_wait.c and peer_ports.c share. */
#ifndef UWSK_CONFORMANCE_PEER_PARTS_H
#define UWSK_CONFORMANCE_PEER_PARTS_H

#include <stdbool.h>
#include <uv.h>

#include "peer.h"

struct listener {
  uv_tcp_t tcp;
  struct listener *next;
  unsigned short port;
  unsigned options;
  unsigned accepted;
  unsigned taken; /* by peer_accept */
};

struct peer {
  uv_tcp_t tcp;
  struct peer *next;
  struct listener *listener;
  unsigned number; /* among the listener's */
  unsigned short remote_port, local_port;
  unsigned options;
  bool reading, closing, closed, abandoned;
  int end; /* 0 while the stream goes on, UV_EOF or an error after it */
  int socket_error; /* as peer_ask_error found it */
  size_t unsent;
  size_t echoed;
  unsigned char *bytes; /* what came and was not asked for: [first, last) */
  size_t first, last, room;
  unsigned char scrap[512]; /* where a slow one reads to */
};

/* Everything the peer's thread and the test's thread share stands under the
 * lock. Sockets are touched on the peer's thread only. */
struct peer_world {
  uv_loop_t loop;
  uv_thread_t thread;
  uv_async_t wake;
  uv_mutex_t lock;
  uv_cond_t done;
  struct command *commands, **commands_end;
  struct listener *listeners;
  struct peer *peers;
};

extern struct peer_world peer_world;

/* Runs run(argument) on the peer's thread and waits for it. Never waits for the
 * kernel under test. */
void peer_call(void (*run)(void *argument), void *argument);

/* Fills in the loopback address, or the wildcard. */
void peer_address(struct sockaddr_storage *address, int ipv6, int wildcard,
                  unsigned short port);
unsigned short peer_port_of(const struct sockaddr_storage *address);

/* Sockets no loop looks after (peer_ports.c, peer_udp.c). */
void peer_ports_clear(void);
void peer_udp_clear(void);

/* On the peer's thread: what the host's socket has to say (peer_ports.c). */
void peer_ask_error(void *peer);
bool peer_was_reset(struct peer *peer);

/* On the peer's thread: a new one, from a listener or (NULL) to become known
 * with peer_add, when it is connected. */
struct peer *peer_new(struct listener *listener, unsigned options);
void peer_add(struct peer *peer);
void peer_free_unused(uv_handle_t *handle); /* a close callback */

/* On the peer's thread: lets a connection read, or not. */
void peer_set_reading(struct peer *peer, bool on);

#endif
