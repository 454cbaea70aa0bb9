/*
 * peer.h: the remote end of a test's connections. Plain C.
 *
 * The peer lives on a thread of its own and has nothing to do with the
 * implementation under test: it talks TCP through the host's sockets on
 * loopback. Every function may be called at PASSIVE_LEVEL. Those that wait let
 * I/O of the kernel under test go on meanwhile, and give up after a while.
 *
 * Whatever a test leaves open is closed when it ends.
 */
#ifndef UWSK_CONFORMANCE_PEER_H
#define UWSK_CONFORMANCE_PEER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- ports (host byte order; 0 when it could not be had) ------------- */

#define PEER_PAUSED       0x1 /* connections do not read until peer_resume */
#define PEER_SMALL_BUFFER 0x2 /* with a receive buffer that is soon full */
#define PEER_SLOW         0x4 /* read a little at a time */
#define PEER_ECHO         0x8 /* send back what comes, and keep nothing */

/* Listens on loopback and accepts whatever comes. */
unsigned short peer_listen(int ipv6, unsigned options);

/* A port that nobody listens on, and nobody will while the test runs. */
unsigned short peer_refusing_port(int ipv6);

/* A port whose listener is too busy to answer: connecting to it stays pending.
 * 0 where the host cannot do that. */
unsigned short peer_silent_port(int ipv6);

/* Somebody else's socket, bound to the loopback address (0) or the wildcard
 * (1): the port is taken. */
unsigned short peer_taken_port(int ipv6, int wildcard);

/* ---- connections ----------------------------------------------------- */

struct peer;

/* The next connection that came to this port; waits for it. NULL if none came.
 */
struct peer *peer_accept(unsigned short port);

/* How many came so far. */
unsigned peer_accepted(unsigned short port);

/* Connects to a port of loopback that the kernel under test listens on, and
 * waits until the host says that the connection is there; NULL when it says
 * something else. */
struct peer *peer_connect(int ipv6, unsigned short port);

/* The ports of the other end, and of this one. */
unsigned short peer_remote_port(struct peer *peer);
unsigned short peer_local_port(struct peer *peer);

/* Sends a copy of the bytes; does not wait. peer_flush waits until the host
 * has taken all of it: on loopback it is then at the other end. */
void peer_send(struct peer *peer, const void *bytes, size_t length);
int peer_flush(struct peer *peer);

/* Sends `length` bytes of the pattern that starts at `start`. */
void peer_send_pattern(struct peer *peer, size_t start, size_t length);

/* The byte of the pattern at this position of a stream. The period is long and
 * odd, so that lost, doubled and swapped blocks show. */
unsigned char peer_pattern(size_t position);

/* Waits until these bytes, and after them nothing yet, have come. 1 if so. */
int peer_expect(struct peer *peer, const void *bytes, size_t length);
int peer_expect_pattern(struct peer *peer, size_t start, size_t length);

/* Waits until an echoing connection has sent back so many bytes in all. */
int peer_expect_echoed(struct peer *peer, size_t total);

/* Waits for the orderly end of the stream, or a reset; bytes before it that
 * were not asked for make it fail. */
int peer_expect_end(struct peer *peer);
int peer_expect_reset(struct peer *peer);

/* The same after the end of the stream was seen: no read tells it any more. */
int peer_expect_reset_after_end(struct peer *peer);

/* Whether the end, in whatever way, has been seen; does not wait. */
int peer_has_ended(struct peer *peer);

/* Bytes that came and were not asked for yet. */
size_t peer_unread(struct peer *peer);

/* Stops and goes on reading. */
void peer_pause(struct peer *peer);
void peer_resume(struct peer *peer);

/* Ends this direction; resets the connection; closes it. */
void peer_finish(struct peer *peer);
void peer_reset(struct peer *peer);
void peer_close(struct peer *peer);

/* ---- datagrams ------------------------------------------------------- */

struct peer_udp;

/* A socket on loopback, closed when the test ends. NULL if there is none. */
struct peer_udp *peer_udp_open(int ipv6);
unsigned short peer_udp_port(const struct peer_udp *peer);

/* Sends one datagram to a port of loopback; 1 when the host has taken it, and
 * then it is at the other end. */
int peer_udp_send(struct peer_udp *peer, unsigned short port, const void *bytes,
                  size_t length);
int peer_udp_send_pattern(struct peer_udp *peer, unsigned short port,
                          size_t start, size_t length);

/* Waits for one datagram: 1 when it is exactly this. */
int peer_udp_expect(struct peer_udp *peer, const void *bytes, size_t length);
int peer_udp_expect_pattern(struct peer_udp *peer, size_t start, size_t length);

/* Takes one, if there is one, without waiting. */
int peer_udp_has(struct peer_udp *peer);

/* The port that the last one came from. */
unsigned short peer_udp_from(const struct peer_udp *peer);

/* ---- for the runner -------------------------------------------------- */

/* 0, or not. */
int peer_start(void);
/* Closes what a test has left. */
void peer_clear(void);
void peer_stop(void);

#ifdef __cplusplus
}
#endif

#endif
