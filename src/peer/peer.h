/*
 * Scripted peers, as the host stops them. What a test sees: uwsk/peer.h.
 */
#ifndef UWSK_PEER_PEER_H
#define UWSK_PEER_PEER_H

#include <stddef.h>

/* Calls add(context, 1, line) for every script that has failed or has not come
 * to its end, those of closed peers among them. */
void peer__tell_bad(void (*add)(void *context, size_t count, const char *line),
                    void *context);

/* Closes every peer, ends their thread, and forgets what went wrong. */
void peer__stop(void);

#endif
