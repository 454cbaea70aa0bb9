/*
 * uwsk/peer.h: the other end of a driver's connections, by script.
 *
 * A peer talks TCP or UDP on loopback through the host's own sockets, on a
 * thread of its own, and needs no second process. A test makes a peer, appends
 * steps to its script, lets the driver do its part, and waits for the script's
 * end:
 *
 *     struct uwsk_peer *peer = uwsk_peer_listen(UWSK_PEER_IPV4);
 *     uwsk_peer_expect(peer, "ping", 4);
 *     uwsk_peer_send_pieces(peer, "pong", 4, 2); // in two segments
 *     uwsk_peer_expect_end(peer);                // the driver says goodbye
 *     ... let the driver connect to uwsk_peer_port(peer) ...
 *     assert(uwsk_peer_wait(peer, 5000));
 *
 * Steps run one after the other, each as soon as the one before is done, while
 * the test and the driver go on. A step that meets something else ends the
 * script; what was expected and what came is printed, as hex and as text. A
 * peer reads only when a step wants bytes: one that stalls lets TCP's window
 * fill up, and what comes after the last step is not looked at, so a script
 * that ends with uwsk_peer_expect_end is the strict one.
 *
 * Everything may be called on any thread at PASSIVE_LEVEL between uwsk_start
 * and uwsk_stop. Peers that are left are closed by uwsk_stop, which counts each
 * whose script has failed or has not come to its end. No Windows type is
 * needed.
 */
#ifndef UWSK_PEER_H
#define UWSK_PEER_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uwsk_peer;

enum uwsk_peer_family { UWSK_PEER_IPV4, UWSK_PEER_IPV6 };

/* ---- making ------------------------------------------------------------- */

/* Each returns NULL, with the reason on standard error, when the host or memory
 * refuse. */

/* Listens on a free port of loopback, and runs the script with the connection
 * that comes. */
struct uwsk_peer *uwsk_peer_listen(enum uwsk_peer_family family);

/* The same, but nobody accepts before the script says uwsk_peer_accept: the
 * driver's connect succeeds by the host's backlog, and nobody answers. */
struct uwsk_peer *uwsk_peer_listen_only(enum uwsk_peer_family family);

/* Connects to a port of loopback (in the machine's byte order) on which the
 * driver listens. */
struct uwsk_peer *uwsk_peer_connect(enum uwsk_peer_family family,
                                    unsigned short port);

/* Sends and receives datagrams on a free port of loopback. A send goes to
 * `port`, or, when that is 0, to whoever sent the last datagram. */
struct uwsk_peer *uwsk_peer_udp(enum uwsk_peer_family family,
                                unsigned short port);

/* Where the peer is, in the machine's byte order. */
unsigned short uwsk_peer_port(const struct uwsk_peer *peer);

/* ---- the script --------------------------------------------------------- */

/* These append a step and return at once. False, with the reason on standard
 * error, without memory, or when a step is not for such a peer: the script has
 * then failed. Bytes are copied. */

/* Waits until exactly these bytes have come, or a datagram of them. */
bool uwsk_peer_expect(struct uwsk_peer *peer, const void *bytes, size_t length);

/* Waits until so many bytes have come, whatever they are. */
bool uwsk_peer_expect_any(struct uwsk_peer *peer, size_t length);

/* Sends these bytes, or a datagram of them. */
bool uwsk_peer_send(struct uwsk_peer *peer, const void *bytes, size_t length);

/* The same in segments of `piece` bytes each, but the last. */
bool uwsk_peer_send_pieces(struct uwsk_peer *peer, const void *bytes,
                           size_t length, size_t piece);

/* Ends the peer's own direction of the connection; it still receives. */
bool uwsk_peer_finish(struct uwsk_peer *peer);

/* Cuts the connection off. */
bool uwsk_peer_reset(struct uwsk_peer *peer);

/* Closes the connection in order. */
bool uwsk_peer_hang_up(struct uwsk_peer *peer);

/* Waits until the driver has ended its direction, or has cut the connection
 * off. Other bytes, or the other end, fail the script. (Wine shows some resets
 * as an end.) */
bool uwsk_peer_expect_end(struct uwsk_peer *peer);
bool uwsk_peer_expect_reset(struct uwsk_peer *peer);

/* Does nothing, and reads nothing, until the test says uwsk_peer_go; or for a
 * time. */
bool uwsk_peer_stall(struct uwsk_peer *peer);
bool uwsk_peer_delay(struct uwsk_peer *peer, unsigned milliseconds);

/* A listener takes the next connection; the one before must be over (reset,
 * hung up, ended from both sides). */
bool uwsk_peer_accept(struct uwsk_peer *peer);

/* ---- meanwhile ---------------------------------------------------------- */

/* Ends the stall at which the script stands, or will stand next. */
void uwsk_peer_go(struct uwsk_peer *peer);

/* Lets I/O go on until the script has come to its end, or has failed, or the
 * time is over. True when every step went as told; otherwise it was printed
 * what did not, or at which step the script stands. Appending further steps to
 * a script that is at its end continues it. Inside a callback or a completion
 * routine nothing may wait: that is printed, and false. */
bool uwsk_peer_wait(struct uwsk_peer *peer, unsigned milliseconds);

/* The first line of what went wrong, or an empty text. Good until the peer is
 * closed. */
const char *uwsk_peer_failure(const struct uwsk_peer *peer);

/* Closes what is open and frees the peer. A script that has failed, and was not
 * waited for, is counted by uwsk_stop all the same. */
void uwsk_peer_close(struct uwsk_peer *peer);

#ifdef __cplusplus
}
#endif

#endif
