/*
 * What src/net needs of the loop beyond loop.h. It names libuv, so nobody else
 * may include it.
 */
#ifndef UWSK_LOOP_UV_H
#define UWSK_LOOP_UV_H

#include <stdint.h>
#include <uv.h>

/* The loop. Only its owner may pass it to libuv. */
uv_loop_t *loop__uv(void);

/* Counts the turns (uv_run calls) of the loop; owner only. */
uint64_t loop__turn(void);

/* To be called by the owner after it has given libuv something new to watch or
 * to finish: libuv tells the kernel of it only inside uv_run, so somebody has
 * to run the loop once more before anybody may sleep outside of it. */
void loop__touched(void);

/* How loop__shutdown gets rid of a handle that its user has left open: the
 * hook closes it, calls nobody, and frees its memory when it has closed. */
void loop__on_abandon(void (*abandon)(uv_handle_t *handle));

#endif
