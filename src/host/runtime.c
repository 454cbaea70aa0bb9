/*
 * Start and stop of the runtime: uwsk/uwsk.h, without the drivers.
 *
 * The order of start is the order of dependence: trace, loop, executive,
 * provider. Stop goes the other way, but counts what is left before anything is
 * taken down, while every address still means something.
 *
 * Invariants: `runtime.lock` guards the life of the runtime against calls from
 * other threads (uwsk_driver_done); it is never held over client code.
 */
#include <ntddk.h>

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cm/cm.h"
#include "etw/trace.h"
#include "ex/ex.h"
#include "fault/fault.h"
#include "host/findings.h"
#include "host/hang.h"
#include "host/runtime.h"
#include "io/file.h"
#include "io/io.h"
#include "io/pnp.h"
#include "ke/ke.h"
#include "loop/loop.h"
#include "mm/lent.h"
#include "netio/netio.h"
#include "nmr/nmr.h"
#include "ob/track.h"
#include "os/os.h"
#include "peer/peer.h"
#include "ps/ps.h"
#include "uwsk/fault.h"
#include "uwsk/uwsk.h"
#include "uwsk/verifier.h"
#include "verifier/report.h"
#include "wsk/wsk.h"

static struct {
  struct os_spin lock;
  bool running;           /* under the lock */
  unsigned starter;       /* number of the thread that started it */
  atomic_bool done;       /* uwsk_driver_done was called */
  struct loop_op wake_op; /* wakes uwsk_run_until; submitted once per run */
} runtime;

void host__say(const char *format, ...) {
  char line[512];
  va_list arguments;
  int used = snprintf(line, sizeof line, "uwsk: ");

  va_start(arguments, format);
  vsnprintf(line + used, sizeof line - (size_t)used - 1, format, arguments);
  va_end(arguments);
  strcat(line, "\n");
  os__stderr(line, strlen(line));
}

bool host__running(void) {
  os__spin_lock(&runtime.lock);
  bool running = runtime.running;
  os__spin_unlock(&runtime.lock);
  return running;
}

bool host__may_call(const char *call) {
  if (!host__running())
    host__say("%s: the runtime is not running", call);
  else if (!ke__may_wait() || KeGetCurrentIrql() != PASSIVE_LEVEL)
    host__say("%s: called inside a callback or at a raised IRQL", call);
  else
    return true;
  return false;
}

/* ---- options ----------------------------------------------------------- */

/* An empty variable counts as one that is not set, as shells use it. */
static const char *environment(const char *name) {
  const char *value = os__getenv(name);

  return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool override_loop(struct uwsk_options *options) {
  const char *value = environment("UWSK_LOOP");

  if (value == NULL)
    return true;
  if (strcmp(value, "auto") == 0)
    options->loop = UWSK_LOOP_AUTO;
  else if (strcmp(value, "stepped") == 0)
    options->loop = UWSK_LOOP_STEPPED;
  else {
    host__say("UWSK_LOOP is \"%s\"; it can be auto or stepped", value);
    return false;
  }
  return true;
}

static bool override_trace(struct uwsk_options *options) {
  const char *value = environment("UWSK_TRACE");

  if (value == NULL)
    return true;
  if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0) {
    host__say("UWSK_TRACE is \"%s\"; it can be 0 or 1", value);
    return false;
  }
  options->trace = value[0] == '1';
  return true;
}

static bool override_verifier(struct uwsk_options *options) {
  static const char *const names[] = {[UWSK_VERIFIER_FAIL] = "fail",
                                      [UWSK_VERIFIER_ABORT] = "abort",
                                      [UWSK_VERIFIER_RECORD] = "record",
                                      [UWSK_VERIFIER_OFF] = "off"};
  const char *value = environment("UWSK_VERIFIER");

  if (value == NULL)
    return true;
  for (int mode = UWSK_VERIFIER_FAIL; mode <= UWSK_VERIFIER_OFF; mode++)
    if (strcmp(value, names[mode]) == 0) {
      options->verifier = (enum uwsk_verifier_mode)mode;
      return true;
    }
  host__say("UWSK_VERIFIER is \"%s\"; it can be fail, abort, record or off",
            value);
  return false;
}

/* Digits alone: strtoull would take spaces and signs as well. */
static bool parse_limit(const char *value, unsigned *limit) {
  unsigned long long number = 0;
  const char *at = value;

  for (; *at >= '0' && *at <= '9' && number < UWSK_HANG_OFF; at++)
    number = number * 10 + (unsigned)(*at - '0');
  *limit = (unsigned)number;
  return *at == '\0' && number > 0 && number < UWSK_HANG_OFF;
}

static bool override_hang_limit(struct uwsk_options *options) {
  const char *value = environment("UWSK_HANG_LIMIT");

  if (value == NULL)
    return true;
  if (strcmp(value, "off") == 0)
    options->hang_limit_ms = UWSK_HANG_OFF;
  else if (!parse_limit(value, &options->hang_limit_ms)) {
    host__say("UWSK_HANG_LIMIT is \"%s\"; it can be milliseconds or off",
              value);
    return false;
  }
  return true;
}

/* Programs that were built with older headers, without the verifier or without
 * the limit for hangs, pass what ends in front of what they do not know. */
static bool is_known_size(size_t size) {
  return size == offsetof(struct uwsk_options, verifier) ||
         size == offsetof(struct uwsk_options, hang_limit_ms) ||
         size == sizeof(struct uwsk_options);
}

static bool copy_options(const struct uwsk_options *given,
                         struct uwsk_options *options) {
  if (!is_known_size(given->size)) {
    host__say("uwsk_start: options.size is %u, not %u; use "
              "UWSK_OPTIONS_INIT",
              (unsigned)given->size, (unsigned)sizeof *given);
    return false;
  }
  memcpy(options, given, given->size);
  return true;
}

static bool read_options(const struct uwsk_options *given,
                         struct uwsk_options *options) {
  static const struct uwsk_options defaults = UWSK_OPTIONS_INIT;

  *options = defaults;
  if (given != NULL && !copy_options(given, options))
    return false;
  if (!override_loop(options) || !override_trace(options) ||
      !override_verifier(options) || !override_hang_limit(options))
    return false;
  if (options->loop != UWSK_LOOP_AUTO && options->loop != UWSK_LOOP_STEPPED) {
    host__say("uwsk_start: options.loop is %d, which is no mode",
              (int)options->loop);
    return false;
  }
  if (options->verifier < UWSK_VERIFIER_AS_SET ||
      options->verifier > UWSK_VERIFIER_OFF) {
    host__say("uwsk_start: options.verifier is %d, which is no mode",
              (int)options->verifier);
    return false;
  }
  return true;
}

/* ---- start ------------------------------------------------------------- */

static int no_resources(const char *what) {
  host__say("uwsk_start: %s could not be started: out of memory, threads or "
            "descriptors",
            what);
  return UWSK_START_NO_RESOURCES;
}

static int start_rooms(const struct uwsk_options *options) {
  struct loop_config config = {.stepped = options->loop == UWSK_LOOP_STEPPED};

  etw__start(options->trace);
  if (loop__boot(&config) != 0) {
    etw__start(false);
    return no_resources("the loop");
  }
  if (ke__start() != 0) {
    loop__shutdown();
    etw__start(false);
    return no_resources("the executive");
  }
  if (cm__start() != 0) {
    loop__shutdown();
    ke__stop();
    etw__start(false);
    return no_resources("the registry");
  }
  ps__start();
  if (wsk__start() != 0) {
    loop__shutdown();
    cm__stop();
    ke__stop();
    etw__start(false);
    return no_resources("the WSK provider");
  }
  return 0;
}

/* 0: nobody is watched. */
static unsigned hang_limit(const struct uwsk_options *options) {
  if (options->hang_limit_ms == UWSK_HANG_OFF)
    return 0;
  return options->hang_limit_ms != 0 ? options->hang_limit_ms
                                     : UWSK_HANG_LIMIT_MS;
}

int uwsk_start(const struct uwsk_options *given) {
  struct uwsk_options options;

  if (host__running()) {
    host__say("uwsk_start: the runtime is running already");
    return UWSK_START_ALREADY;
  }
  if (!read_options(given, &options))
    return UWSK_START_BAD_OPTIONS;
  vf__reset();
  vf__forget_events();
  uwsk_verifier_set_mode(options.verifier);
  atomic_store(&runtime.done, false);

  int result = start_rooms(&options);
  if (result != 0)
    return result;
  os__spin_lock(&runtime.lock);
  runtime.starter = os__thread_number();
  runtime.running = true;
  os__spin_unlock(&runtime.lock);
  host__watch_start(hang_limit(&options));
  return 0;
}

/* ---- stop -------------------------------------------------------------- */

/* Says why this thread may not stop the runtime here, or returns true. */
static bool may_stop(void) {
  unsigned self = os__thread_number();

  if (!host__running())
    host__say("uwsk_stop: the runtime is not running");
  else if (!ke__may_wait() || KeGetCurrentIrql() != PASSIVE_LEVEL)
    host__say("uwsk_stop: called inside a callback or at a raised IRQL; stop "
              "after it has returned");
  else if (self != runtime.starter)
    host__say("uwsk_stop: called by thread %u; thread %u started the runtime "
              "and must stop it",
              self, runtime.starter);
  else
    return true;
  return false;
}

/* In the order of dependence. */
static void stop_rooms(void) {
  netio__stop();
  os__forget_code();
  wsk__stop();
  nmr__stop();
  loop__shutdown();
  ps__stop();
  mm__stop();
  cm__stop();
  ke__stop();
}

int uwsk_stop(void) {
  struct ke_call call = {.name = "uwsk_stop", .caller = OB_CALLER()};

  if (!may_stop())
    return -1;
  ULONG before = ke__enter_call(&call);
  os__spin_lock(&runtime.lock);
  runtime.running = false;
  os__spin_unlock(&runtime.lock);

  (void)fault__stop();
  host__stop_faults();
  netio__quiet();
  size_t elsewhere = ex__stop_workers();
  elsewhere += io__take_left() + ke__forget_timers();
  size_t wrong = host__conclude(elsewhere);
  fault__forget();
  peer__stop();
  /* At once: the provider frees its own objects, whose records lie in them. */
  ob__forget_all();
  stop_rooms();
  wrong += host__watch_stop();
  ke__leave_call(before);
  host__forget_parameters();
  io__forget_files();
  io__drain_irp_cache();
  io__forget_names();
  io__forget_shutdown();
  io__forget_interfaces();
  io__forget_notifications();
  io__forget_drivers();
  etw__start(false);
  return (int)wrong;
}

/* What it held it holds still: locks lie in the driver's memory. */
void uwsk_after_longjmp(void) {
  PKTHREAD self;

  if (!host__running() || !loop__may_wait())
    return;
  (void)ke__swap_irql(PASSIVE_LEVEL);
  self = KeGetCurrentThread();
  self->KernelApcDisable = 0;
  self->GuardedRegions = 0;
}

/* ---- run --------------------------------------------------------------- */

/* Breaking these rules would hang on Windows; here it is said and refused. */
static bool may_run(void) {
  if (!host__running())
    host__say("uwsk_run_until: the runtime is not running");
  else if (!ke__may_wait())
    vf__report(VF_WAIT_01, "uwsk_run_until was called inside a callback");
  else if (KeGetCurrentIrql() != PASSIVE_LEVEL)
    vf__report(VF_IRQL_01, "uwsk_run_until was called at IRQL %d",
               (int)KeGetCurrentIrql());
  else
    return true;
  return false;
}

bool uwsk_run_until(bool (*done)(void *context), void *context,
                    unsigned timeout_ms) {
  uint64_t deadline = LOOP_FOREVER;

  if (!may_run())
    return done != NULL && done(context);
  if (timeout_ms != UWSK_NO_TIMEOUT)
    deadline = os__now_ns() + (uint64_t)timeout_ms * 1000000u;
  return loop__run_until(done, context, deadline);
}

/* There is nothing to do: that the loop turned is the purpose. */
static void wake(struct loop_op *op) {
  (void)op;
}

void uwsk_driver_done(void) {
  if (atomic_exchange(&runtime.done, true))
    return;
  os__spin_lock(&runtime.lock);
  if (runtime.running) {
    runtime.wake_op.run = wake;
    loop__submit(&runtime.wake_op);
  }
  os__spin_unlock(&runtime.lock);
}

bool uwsk_driver_is_done(void) {
  return atomic_load(&runtime.done);
}
