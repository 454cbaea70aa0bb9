/*
 * uwsk/uwsk.h: start the kernel in your process, stop it, let it run.
 *
 * For tests and host programs; driver code never sees this. The header needs no
 * Windows type and may stand beside the C library's own headers.
 *
 *     if (uwsk_start(NULL) != 0) ...
 *     ... call into your driver's code; wait with KeWaitForSingleObject ...
 *     assert(uwsk_stop() == 0);      // nothing was left behind
 */
#ifndef UWSK_UWSK_H
#define UWSK_UWSK_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How I/O makes progress. */
enum uwsk_loop_mode {
  /* A helper thread makes things happen while nobody waits, as on Windows. */
  UWSK_LOOP_AUTO = 0,
  /* I/O moves only inside kernel waits and uwsk_run_until: one thread can be
   * stepped through, and runs repeat. */
  UWSK_LOOP_STEPPED = 1,
};

/*
 * Start-up options. Set `size` with UWSK_OPTIONS_INIT, so that a program built
 * against an older header keeps working:
 *
 *     struct uwsk_options options = UWSK_OPTIONS_INIT;
 *     options.loop = UWSK_LOOP_STEPPED;
 *
 * The environment overrides: UWSK_LOOP=auto|stepped, UWSK_TRACE=1 (or 0).
 */
struct uwsk_options {
  size_t size;              /* sizeof(struct uwsk_options) */
  enum uwsk_loop_mode loop; /* default UWSK_LOOP_AUTO */
  bool trace;               /* one line per call, completion, state change */
};

#define UWSK_OPTIONS_INIT {sizeof(struct uwsk_options), UWSK_LOOP_AUTO, false}

/*
 * Starts the runtime. `options` may be NULL for the defaults.
 *
 * Returns 0; otherwise a reason was printed to standard error and the result is
 * UWSK_START_ALREADY, UWSK_START_BAD_OPTIONS (a size that is not known, or a
 * value of UWSK_LOOP or UWSK_TRACE that means nothing) or UWSK_START_NO_RESOURCES.
 */
int uwsk_start(const struct uwsk_options *options);

#define UWSK_START_ALREADY (-1)
#define UWSK_START_BAD_OPTIONS (-2)
#define UWSK_START_NO_RESOURCES (-3)

/*
 * Stops the runtime and frees all of its own resources.
 *
 * Returns 0 when the driver code left nothing behind. Otherwise the number of
 * things left (IRPs, MDLs, locked pages, pool blocks, sockets, registrations,
 * captures, threads, handles, devices), each printed to standard error with kind,
 * address, tag or category and the call that made it. They are not freed: memory
 * checkers see them, too. Returns -1 when the runtime is not running.
 *
 * Call it from the thread that started the runtime, not from a callback.
 */
int uwsk_stop(void);

/*
 * Lets I/O proceed until done(context) is true or `timeout_ms` passed
 * (UWSK_NO_TIMEOUT: no limit). A NULL `done` waits for the time alone. `done` is
 * asked before and after each step, on the calling thread, at PASSIVE_LEVEL.
 *
 * Returns the last answer of `done` (false for NULL).
 */
bool uwsk_run_until(bool (*done)(void *context), void *context,
                    unsigned timeout_ms);

#define UWSK_NO_TIMEOUT (~0u)

/*
 * Tells a host such as uwsk-run that the driver has finished its work, so that
 * it need not wait for Ctrl-C. A driver may call it (declare it yourself:
 * `void uwsk_driver_done(void);`), a test never needs it.
 */
void uwsk_driver_done(void);

/* True once uwsk_driver_done was called in this run. */
bool uwsk_driver_is_done(void);

#ifdef __cplusplus
}
#endif

#endif
