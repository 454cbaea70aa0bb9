/*
 * The far end of every benchmark: plain sockets on loopback, without a word of
 * libuv or WSK.
 *
 * Echo and accept run on the calling thread, at the moment the client's bytes
 * are there: so a round trip measures the client's own cost and not how long a
 * core takes to wake. Bulk data flows to or from a thread of the peer's.
 */
#ifndef UWSK_BENCH_PEER_H
#define UWSK_BENCH_PEER_H

#include <stddef.h>

/* Listens on 127.0.0.1; the port. */
unsigned short peer_listen(void);
void peer_unlisten(void);

/* Accepts the connection that was just made, and closes it again. */
void peer_accept(void);
void peer_close(void);

/* Reads `size` bytes from the accepted connection and sends them back. */
void peer_echo(size_t size);

/* Start a thread that reads (sends) `bytes` bytes; peer_join waits for it. */
void peer_start_sink(size_t bytes);
void peer_start_source(size_t bytes);
void peer_join(void);

/* The far ends of a server: `count` connections to 127.0.0.1, each of which
 * sends `size` bytes, and then each receives as many. */
void peer_crowd_connect(unsigned short port, unsigned count);
void peer_crowd_send(size_t size);
void peer_crowd_receive(size_t size);
void peer_crowd_close(void);

/* The same by datagrams, from one socket. */
void peer_udp_open(unsigned short port);
void peer_udp_send(size_t size);
void peer_udp_receive(size_t size);
void peer_udp_close(void);

#endif
