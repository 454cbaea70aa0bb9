/*
 * System threads: real host threads with a thread object each.
 *
 * The object is signalled when the start routine has ended and lives on until
 * the last reference and handle are gone. The host thread is joined later, by
 * the next PsCreateSystemThread or by ps__stop: it may be the one that gave
 * back the last reference, and nobody can join himself.
 */
#ifndef UWSK_PS_H
#define UWSK_PS_H

#include <ntddk.h>
#include <stdbool.h>

/* Makes the System process an object, once. */
void ps__start(void);

/* Joins the threads that have ended. Those still running were reported as left
 * behind and are not waited for. */
void ps__stop(void);

/* What a new thread object has, whoever runs it. */
void ps__initialize_thread(PETHREAD thread);

/* The thread object of a host thread that the executive did not make
 * (host_thread.c), and its memory given back: false when that is not its. */
PKTHREAD ps__adopt_host_thread(void);
bool ps__recycle_host_thread(PVOID thread);

/* Its exit status can be read then. */
bool ps__has_ended(PETHREAD thread);

/* Reports the threads that run a driver's code still, which cannot be ended.
 * Returns how many there are. */
size_t ps__report_threads_of(ULONG owner, const char *driver);

/* Whether the calling thread acts in the name of a client (token.c). */
bool ps__is_impersonating(void);

#endif
