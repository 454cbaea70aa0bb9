/*
 * A peer from the inside.
 *
 * All peers live on one thread with a libuv loop of its own, which is not the
 * runtime's: `world`. That thread alone calls libuv, but for uv_async_send. One
 * lock guards the scripts and what became of them; the thread holds it while it
 * does anything with a peer, and the test's threads while they append or look.
 * Nobody calls foreign code under it.
 *
 * A script is a list of steps; `at` is the one that is under way, NULL at the
 * end. The thread goes on with it (peer__advance) whenever something happens
 * that may end a step: bytes, the end of the stream, a connection, a written
 * buffer, a timer, a word from the test.
 */
#ifndef UWSK_PEER_PARTS_H
#define UWSK_PEER_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "uwsk/peer.h"

struct connection {
  uv_tcp_t tcp;
  struct uwsk_peer *peer;
  uv_connect_t connect;
  uv_write_t write;
  uv_shutdown_t shutdown;
  bool reading;
};

enum peer_kind { PEER_LISTENER, PEER_CONNECTOR, PEER_UDP };

enum step_kind {
  STEP_ACCEPT,
  STEP_EXPECT,
  STEP_EXPECT_ANY,
  STEP_SEND,
  STEP_FINISH,
  STEP_RESET,
  STEP_HANG_UP,
  STEP_EXPECT_END,
  STEP_EXPECT_RESET,
  STEP_STALL,
  STEP_DELAY,
  STEP_KINDS
};

struct step {
  struct step *next;
  enum step_kind kind;
  bool begun;
  size_t length;
  size_t piece;    /* STEP_SEND: bytes of a segment */
  size_t done;     /* STEP_SEND: bytes that have gone */
  unsigned millis; /* STEP_DELAY */
  unsigned char bytes[];
};

/* Bytes that have come and no step has wanted yet; of UDP, a datagram. */
struct chunk {
  struct chunk *next;
  size_t start, length;
  unsigned char bytes[];
};

#define PEER_READ_BYTES   65536u
#define PEER_FAILURE_TEXT 1024u

struct uwsk_peer {
  struct uwsk_peer *next;
  enum peer_kind kind;
  bool ipv6;
  unsigned short port;

  /* The script. */
  struct step *steps, **steps_end, *at;
  unsigned number; /* of the step that is under way: 1, 2, 3 … */
  unsigned gos;    /* stalls that the test has ended in advance */
  bool failed;
  char failure[PEER_FAILURE_TEXT];

  /* What has come. */
  struct chunk *chunks, **chunks_end;
  size_t waiting; /* bytes in all of them */
  bool connected; /* there is a connection, or a UDP socket */
  bool ended;     /* the other end sends no more */
  bool was_reset; /* … and this is why */
  bool finished;  /* this end sends no more */

  /* libuv's. */
  unsigned handles; /* that are open or closing */
  bool freed;       /* by the test: goes with its last handle */
  uv_tcp_t listener;
  unsigned arrived;              /* connections that wait to be accepted */
  struct connection *connection; /* the one that the script talks to */
  uv_udp_t udp;
  uv_udp_send_t send;
  uv_timer_t timer;
  bool timer_over;
  bool busy;                      /* a request is under way */
  struct sockaddr_storage target; /* of datagrams; family 0: none yet */
};

/* ---- the thread (peer_world.c) ----------------------------------------- */

struct peer_world {
  uv_loop_t loop;
  uv_mutex_t lock;
  struct uwsk_peer *peers; /* under the lock */
  unsigned bad;            /* scripts that went wrong, of peers that are gone */
};

extern struct peer_world peer__world;

/* Starts the thread, if it does not run. False when the host refuses. */
bool peer__world_start(void);

/* Runs run(argument) on the thread, with the lock held, and waits for it. */
void peer__call(void (*run)(void *argument), void *argument);

void peer__lock(void);
void peer__unlock(void);

/* ---- scripts (peer_script.c); under the lock --------------------------- */

/* Goes on with the script as far as it goes. On the thread. */
void peer__advance(struct uwsk_peer *peer);

/* Appends a step of so many bytes; NULL without memory. */
struct step *peer__append(struct uwsk_peer *peer, enum step_kind kind,
                          size_t bytes);

void peer__free_script(struct uwsk_peer *peer);

/* ---- what went wrong (peer_report.c); under the lock ------------------- */

/* Ends the script. `format` says what happened at this step. */
void peer__fail(struct uwsk_peer *peer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, and shows what was expected and what has come. */
void peer__fail_bytes(struct uwsk_peer *peer, const struct step *step);

/* Whether the script has failed, or is not at its end. */
bool peer__is_bad(const struct uwsk_peer *peer);

/* Where it stands, in one line without a line break. */
#define PEER_LINE 160
void peer__describe(const struct uwsk_peer *peer, char line[PEER_LINE]);

const char *peer__step_name(enum step_kind kind);

/* ---- what has come (peer_bytes.c); under the lock ---------------------- */

bool peer__keep(struct uwsk_peer *peer, const void *bytes, size_t length);

/* Copies up to `room` of the bytes that wait, without taking them. */
size_t peer__look(const struct uwsk_peer *peer, unsigned char *to, size_t room);
void peer__drop(struct uwsk_peer *peer, size_t length);
void peer__drop_all(struct uwsk_peer *peer);

/* How many of the bytes that wait are the step's; the position of the first
 * that is not, or -1. Of UDP, of the first datagram. */
size_t peer__compare(const struct uwsk_peer *peer, const struct step *step,
                     long *wrong);

/* ---- TCP and UDP (peer_tcp.c, peer_udp.c); on the thread --------------- */

/* These return a libuv error. */
int peer__listen(struct uwsk_peer *peer);
int peer__connect(struct uwsk_peer *peer, unsigned short port);
int peer__udp_open(struct uwsk_peer *peer, unsigned short port);
int peer__accept(struct uwsk_peer *peer);

/* Starts and stops reading, as the step wants. */
void peer__read(struct uwsk_peer *peer, bool wanted);

/* Requests: `busy` until they are over, which is followed by peer__advance. The
 * bytes stay where they are. */
int peer__write(struct uwsk_peer *peer, const void *bytes, size_t length);
int peer__send_datagram(struct uwsk_peer *peer, const void *bytes,
                        size_t length);
int peer__shut_down(struct uwsk_peer *peer);

void peer__drop_connection(struct uwsk_peer *peer, bool reset);

/* Closes every handle; the peer is freed when the last has gone. */
void peer__close_handles(struct uwsk_peer *peer);
/* A handle whose memory is the peer's; -1 counts it off. */
void peer__count_handle(struct uwsk_peer *peer, int change);

/* The memory into which everything is read: the thread reads one at a time. */
void peer__provide(uv_handle_t *handle, size_t suggested, uv_buf_t *room);

/* Where loopback is. */
void peer__loopback(struct sockaddr_storage *address, bool ipv6,
                    unsigned short port);
unsigned short peer__port_of(const struct sockaddr_storage *address);

#endif
