/*
 * uwsk/hang.h: waits that do not end.
 *
 * A driver that waits for ever would hang a job that nobody watches. So there
 * is a limit (uwsk_options.hang_limit_ms, or UWSK_HANG_LIMIT), and a wait that
 * exceeds it is a hang: one block of text on standard error says which thread
 * waits, in which call, called from where, for what, and all that is
 * outstanding and may be why. Then the process ends with the status
 * UWSK_HANG_EXIT_STATUS, and a test that would have hung has failed.
 *
 * What is watched are waits without a limit of their own
 *
 *   - of the thread that called uwsk_start: KeWaitForSingleObject and
 *     KeWaitForMultipleObjects without a time-out, and whatever waits in that
 *     way: locks of all kinds, WskCaptureProviderNPI with WSK_INFINITE_WAIT,
 *     KeFlushQueuedDpcs, thread objects, requests to devices that a driver
 *     does not complete, uwsk_wait with UWSK_NO_TIMEOUT, DriverEntry and
 *     DriverUnload;
 *   - of any thread in WskDeregister, uwsk_unload_driver and
 *     NmrWaitForClientDeregisterComplete or its twin; and uwsk_stop.
 *
 * What is not: a thread of the driver's that waits for work, as it may do for
 * days. When a watched thread waits for such a thread, the report tells what
 * both wait for. uwsk_run_until, where a host says itself how long; nor what
 * goes on inside it, so that a server runs for as long as it likes. A wait with
 * a time-out, which ends by itself. Code that never returns and does not wait:
 * a spin lock that is held for ever, a loop.
 *
 * A wait hangs no sooner than its limit, and an eighth of it later at most; in
 * WskDeregister a second later, for that first says what it waits for.
 */
#ifndef UWSK_HANG_H
#define UWSK_HANG_H

#include <stddef.h>

#include <uwsk/uwsk.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What timeout(1) ends with, too. */
#define UWSK_HANG_EXIT_STATUS 124

enum uwsk_hang_answer {
  /* The process ends at once, with UWSK_HANG_EXIT_STATUS: no atexit routine
   * runs and no stream is flushed, since either may wait for what hangs. */
  UWSK_HANG_END = 0,
  /* The wait goes on, and hangs again after another limit. */
  UWSK_HANG_WAIT_ON,
  /* The world gives way: every socket dies as by uwsk_fault_socket, every held
   * call goes on, the provider is ready, every request to a device is cancelled
   * (those that uwsk/device.h and ZwReadFile and its kin have made). What pends
   * completes, the driver's code unwinds by its own paths, and the test can go
   * on to fail. When a wait hangs again after that, the process ends. */
  UWSK_HANG_BREAK,
};

struct uwsk_hang {
  size_t size;        /* sizeof(struct uwsk_hang) */
  unsigned thread;    /* its number, as in the trace */
  const char *call;   /* "WskDeregister": the public call that waits */
  const char *report; /* all of the text */
};

/*
 * Asks `decide` what is to become of a hang; the report has been printed then.
 * NULL goes back to UWSK_HANG_END. Before or after uwsk_start; lasts until it
 * is changed, over uwsk_stop.
 *
 * `decide` runs on the thread that waits, in its wait, with no lock held, at
 * the IRQL of the wait. It may do whatever might end the wait: set an event,
 * cancel an IRP, let a held call go (uwsk/fault.h), end the process. It must
 * not wait itself: such a wait is reported and refused. Nor may it call
 * uwsk_peer_wait, which is neither.
 *
 * It must not leave by longjmp either, as cmocka's fail() and assert_*() do.
 * The wait's own frame, the driver's frames that would be cut off, the events,
 * IRPs and timers in them, are known to the runtime and to the driver's other
 * threads, who would go on to write into them. To fail a test and let the next
 * one run: note it, answer UWSK_HANG_BREAK, and check after the driver's code
 * has returned. uwsk_stop counts each hang, too.
 */
void uwsk_on_hang(enum uwsk_hang_answer (*decide)(const struct uwsk_hang *hang,
                                                  void *context),
                  void *context);

/* How many hangs there were since uwsk_start. Any thread. */
unsigned uwsk_hangs(void);

#ifdef __cplusplus
}
#endif

#endif
