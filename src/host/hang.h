/*
 * Hangs, between the files of src/host: uwsk/hang.h.
 *
 * The report is written while anything may be stuck, so it allocates nothing
 * and gives locks up that it cannot have. One at a time: its room is static.
 */
#ifndef UWSK_HOST_HANG_H
#define UWSK_HOST_HANG_H

#include "ke/watch.h"

/* With uwsk_start and uwsk_stop, on their thread. */
void host__watch_start(unsigned limit_ms);
/* The number of hangs there were since host__tell_hangs has told. */
unsigned host__watch_stop(void);

/* One line for the hangs there were since uwsk_start, if there were any. */
void host__tell_hangs(void (*tell)(void *context, size_t count,
                                   const char *line),
                      void *context);

/* ---- the report (hang_report.c) ------------------------------------------ */

/* Notes what is there, so that a report can say for how long it has been. */
void host__hang_note(void);

/* The text, whole. `self` is the thread that hangs. */
const char *host__hang_report(const struct ke_waiting *self, unsigned limit_ms);

/* Forgets what was noted. */
void host__hang_forget(void);

#endif
