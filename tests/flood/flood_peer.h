/*
 * The far end of floods: a thread with a libuv loop of its own. Plain C.
 */
#ifndef UWSK_FLOOD_PEER_H
#define UWSK_FLOOD_PEER_H

/* Makes the program's limit of descriptors as high as it may be; how many there
 * are then. */
unsigned flood_raise_descriptors(void);

/* `wanted`, or a tenth on Windows hosts: Wine takes far longer. Says so. */
unsigned flood_count(unsigned wanted);

/* Connects `count` times to a port of loopback, at most `window` at a time.
 * Each connection sends a byte and is closed when the other end has ended it.
 */
void flood_connect(int ipv6, unsigned short port, unsigned count,
                   unsigned window);

/* Sends `count` datagrams to a port of loopback, never more than `ahead` beyond
 * those that flood_datagrams_came says have come. A datagram is its number, in
 * the machine's byte order, and peer.h's pattern from there. */
void flood_prepare_datagrams(void); /* before anything may come */
void flood_datagrams(int ipv6, unsigned short port, unsigned count,
                     unsigned ahead);
void flood_datagrams_came(unsigned count);
unsigned flood_datagram_length(unsigned number);

/* Waits for the thread; how many were made, and ended by the other end. */
unsigned flood_join(void);

#endif
