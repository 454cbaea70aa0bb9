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

#include <uwsk/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UWSK_VERSION "0.1.0"

/* How I/O makes progress. */
enum uwsk_loop_mode {
  /* A helper thread makes things happen while nobody waits, as on Windows. */
  UWSK_LOOP_AUTO = 0,
  /* I/O moves only inside kernel waits and uwsk_run_until: one thread can be
   * stepped through, and runs repeat. */
  UWSK_LOOP_STEPPED = 1,
};

/* What a broken rule leads to (uwsk/verifier.h). Expected reports never lead to
 * anything. */
enum uwsk_verifier_mode {
  UWSK_VERIFIER_AS_SET = 0, /* as uwsk_verifier_set_mode said; at first, FAIL */
  UWSK_VERIFIER_FAIL = 1,  /* it is printed, and uwsk_stop counts it as wrong */
  UWSK_VERIFIER_ABORT = 2, /* it is printed, and the process ends there */
  UWSK_VERIFIER_RECORD = 3, /* it is kept for who asks, nothing more */
  UWSK_VERIFIER_OFF = 4,    /* nothing; nor is there any history of objects */
};

/*
 * Start-up options. Set `size` with UWSK_OPTIONS_INIT, so that a program built
 * against an older header keeps working:
 *
 *     struct uwsk_options options = UWSK_OPTIONS_INIT;
 *     options.loop = UWSK_LOOP_STEPPED;
 *
 * The environment overrides: UWSK_LOOP=auto|stepped, UWSK_TRACE=1 (or 0),
 * UWSK_VERIFIER=fail|abort|record|off, UWSK_HANG_LIMIT=milliseconds|off.
 */
struct uwsk_options {
  size_t size;              /* sizeof(struct uwsk_options) */
  enum uwsk_loop_mode loop; /* default UWSK_LOOP_AUTO */
  bool trace;               /* one line per call, completion, state change */
  enum uwsk_verifier_mode verifier; /* default UWSK_VERIFIER_AS_SET */
  unsigned reserved; /* padding in programs that end here: never looked at */
  /* How long a wait that has to end may last before the process does:
   * uwsk/hang.h. 0: UWSK_HANG_LIMIT_MS. UWSK_HANG_OFF: for ever. */
  unsigned hang_limit_ms;
};

#define UWSK_HANG_LIMIT_MS 60000u
#define UWSK_HANG_OFF      (~0u)

#define UWSK_OPTIONS_INIT                                                      \
  {                                                                            \
    sizeof(struct uwsk_options), UWSK_LOOP_AUTO, false, UWSK_VERIFIER_AS_SET,  \
        0, 0                                                                   \
  }

/*
 * Starts the runtime. `options` may be NULL for the defaults.
 *
 * Returns 0; otherwise a reason was printed to standard error and the result is
 * UWSK_START_ALREADY, UWSK_START_BAD_OPTIONS (a size that is not known, or a
 * value of UWSK_LOOP, UWSK_TRACE, UWSK_VERIFIER or UWSK_HANG_LIMIT that means
 * nothing) or
 * UWSK_START_NO_RESOURCES.
 */
int uwsk_start(const struct uwsk_options *options);

#define UWSK_START_ALREADY      (-1)
#define UWSK_START_BAD_OPTIONS  (-2)
#define UWSK_START_NO_RESOURCES (-3)

/*
 * Stops the runtime and frees all of its own resources.
 *
 * Returns 0 when nothing is wrong: the driver code left nothing behind, broke
 * no rule, and broke those that it was expected to break. Otherwise the number
 * of things that are wrong, each printed to standard error:
 *
 *   what is left (IRPs, MDLs, locked pages, pool blocks, sockets,
 *   registrations, captures, threads, handles, devices, files, …), with kind,
 *   address, tag or category and the call that made it. They are not freed:
 *   memory checkers see them, too;
 *
 *   reports of the verifier that count as wrong (uwsk_verifier_unexpected);
 *
 *   expected reports that did not come (uwsk_expectations_unmet);
 *
 *   rules of uwsk/fault.h that never struck;
 *
 *   peers of uwsk/peer.h whose script has failed or is not at its end;
 *
 *   waits that hung (uwsk/hang.h).
 *
 * Returns -1 when the runtime is not running.
 *
 * Call it from the thread that started the runtime, not from a callback.
 */
int uwsk_stop(void);

/*
 * For test frameworks whose asserts leave a test by longjmp or by an exception:
 * takes the calling thread out of what it was in, back to PASSIVE_LEVEL and out
 * of critical and guarded regions, so that uwsk_stop may be called. Harmless
 * where nothing was left. It cannot take a thread out of a callback.
 */
void uwsk_after_longjmp(void);

/*
 * Says what is wrong: while the runtime runs, what uwsk_stop would say now
 * (things that a driver still uses count as left); after it, what the last
 * uwsk_stop has said. Prints nothing.
 *
 * Writes as much as fits of the text into `text`: one line for each thing, with
 * a zero behind it if `size` is not 0. `text` may be NULL when it is. Returns
 * how many things are wrong.
 */
size_t uwsk_what_is_wrong(char *text, size_t size);

/*
 * Lets I/O proceed until done(context) is true or `timeout_ms` passed
 * (UWSK_NO_TIMEOUT: no limit). A NULL `done` waits for the time alone. `done`
 * is asked before and after each step, on the calling thread, at PASSIVE_LEVEL.
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

/*
 * Says that the list of transports has changed, as when a protocol is installed
 * on Windows: every WSK_TRANSPORT_LIST_CHANGE that pends now completes with
 * STATUS_SUCCESS. The list itself stays as it is. Any thread; completion
 * routines may run before it returns.
 */
void uwsk_transport_list_changed(void);

/* ---- drivers ----------------------------------------------------------- */

/* NTSTATUS and DRIVER_INITIALIZE, without the header that defines them. */
#ifdef _WIN32
typedef long uwsk_ntstatus;
#else
typedef int uwsk_ntstatus;
#endif
struct _DRIVER_OBJECT;
struct _UNICODE_STRING;
typedef uwsk_ntstatus (*uwsk_driver_entry)(struct _DRIVER_OBJECT *,
                                           struct _UNICODE_STRING *);

/*
 * Loads a driver whose code is in the process already: makes the driver object
 * \Driver\<name> and the registry key of the service <name> (docs/registry.md),
 * calls `entry` with the object and with the path of the key, at PASSIVE_LEVEL
 * on the calling thread.
 *
 * Returns what `entry` returned. On success *driver is the driver object, until
 * uwsk_unload_driver; on failure it is NULL and nothing of the driver object is
 * left: what the driver has made before it failed is dealt with as below, since
 * DriverUnload is not called, as on Windows. STATUS_IMAGE_ALREADY_LOADED when
 * there is a driver of that name, STATUS_INSUFFICIENT_RESOURCES when there is
 * no memory for it, STATUS_INVALID_DEVICE_STATE when the runtime is not running
 * or the caller is in a callback or at a raised IRQL, STATUS_INVALID_PARAMETER
 * for a NULL, or a name that no registry key can have: an empty one, one with a
 * backslash, one of more than 255 characters.
 */
uwsk_ntstatus uwsk_load_driver(const char *name, uwsk_driver_entry entry,
                               struct _DRIVER_OBJECT **driver);

/*
 * Calls DriverUnload, waits up to a second for the driver's threads and work
 * items, and frees the driver object. Threads that run then, items of
 * ExQueueWorkItem that have not returned, timers that are set, DPCs that are
 * queued, symbolic links and devices are reported, since Windows would crash or
 * keep them; all but the first two are removed, and counted by uwsk_stop.
 *
 * Returns STATUS_SUCCESS: nothing of the driver is left. STATUS_PENDING:
 * another driver is attached to a device of it, or a file of one is open, and
 * DriverUnload is called when that is over; or it was called, and the driver
 * object stays for a work item of a device that still runs.
 * STATUS_INVALID_DEVICE_REQUEST when the driver set no DriverUnload: as on
 * Windows it then stays loaded.
 * STATUS_INVALID_DEVICE_STATE as above, STATUS_INVALID_PARAMETER for what is no
 * driver that is loaded.
 */
uwsk_ntstatus uwsk_unload_driver(struct _DRIVER_OBJECT *driver);

/*
 * For a host that loads drivers as modules: calls unload(context), in which it
 * closes them, while the kernel is still there for the destructors of their
 * static objects. What was left behind keeps the name of who left it. Call it
 * after uwsk_unload_driver, before uwsk_stop.
 *
 * Returns false, and does not call, when something is left that may still call
 * into the modules or lies in them (a thread, a timer that is set, a socket, an
 * IRP, a driver that could not be unloaded, …), or for the reasons that
 * uwsk_unload_driver has. The modules then have to stay.
 */
bool uwsk_unload_code(void (*unload)(void *context), void *context);

/*
 * Tells the drivers that the system is shut down: every device that is
 * registered by IoRegisterShutdownNotification gets IRP_MJ_SHUTDOWN, then those
 * of IoRegisterLastChanceShutdownNotification. Returns when all have been
 * completed, with the number of them; each registration counts once. uwsk_stop
 * does not do this: a driver that has been unloaded sees no shutdown.
 */
unsigned uwsk_shut_down(void);

/*
 * Numbers that a host hands to its drivers by name, as `uwsk-run --set` does. A
 * host sets them after uwsk_start; uwsk_stop forgets them.
 *
 * A driver may ask for one (declare it yourself: `unsigned uwsk_parameter(const
 * char *name, unsigned fallback);`); it gets `fallback` when it was not set.
 * Any thread, any IRQL.
 */
unsigned uwsk_parameter(const char *name, unsigned fallback);

/* False when there is no memory or the runtime is not running. A second value
 * for a name replaces the first. */
bool uwsk_set_parameter(const char *name, unsigned value);

/* ---- the end ----------------------------------------------------------- */

/*
 * What KeBugCheck and KeBugCheckEx come to: they print the bugcheck, call what
 * drivers have registered for it, then `handler`, and end the process. A test
 * that expects a bugcheck leaves the handler by longjmp; the driver's code does
 * not go on, and what it held it holds still. NULL: no handler, the state at
 * first. Not while another thread may bugcheck.
 */
typedef void uwsk_bugcheck_handler(void *context, unsigned code,
                                   const unsigned long long parameters[4]);
void uwsk_on_bugcheck(uwsk_bugcheck_handler *handler, void *context);

#ifdef __cplusplus
}
#endif

#endif
