/*
 * Which calls of sockets are being made: from the first check to the point at
 * which the IRP is handed to the loop, or its completion routine has returned.
 *
 * Each socket counts them, each thread knows its own. Nobody has to say that a
 * call is over, if its frame is: so what is forgotten, or left by an exception,
 * is made good by the thread's next call.
 */
#ifndef UWSK_WSK_CALLS_H
#define UWSK_WSK_CALLS_H

#include <ntddk.h>

struct wsk_socket;

void wsk__call_enter(struct wsk_socket *socket, PIRP irp, const void *frame);

/* Of the innermost call, if that is the IRP's; the IRP may be gone. */
void wsk__call_leave(PIRP irp);

/* How many threads other than this one are in a call of the socket. */
unsigned wsk__calls_elsewhere(const struct wsk_socket *socket);

#endif
