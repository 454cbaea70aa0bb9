/*
 * Boot and shutdown.
 */
#include "loop/loop_state.h"
#include "loop/loop_uv.h"

#include <assert.h>

#ifndef _WIN32
#include <signal.h>
#endif

/* ---- SIGPIPE ----------------------------------------------------------- */

/* libuv 1.44 writes without MSG_NOSIGNAL, so a peer that has gone would kill
 * the process. Blocking the signal around each call would take two system calls
 * every time, on whatever thread of the client happens to drive. So it is
 * ignored for the process, unless the host has made up its own mind, and given
 * back at shutdown. */
#ifndef _WIN32
static bool sigpipe_is_ours;

static void ignore_sigpipe(void) {
  struct sigaction action;
  sigpipe_is_ours = sigaction(SIGPIPE, NULL, &action) == 0 &&
                    (action.sa_flags & SA_SIGINFO) == 0 &&
                    action.sa_handler == SIG_DFL;
  if (sigpipe_is_ours)
    signal(SIGPIPE, SIG_IGN);
}

static void restore_sigpipe(void) {
  struct sigaction action;
  if (sigpipe_is_ours && sigaction(SIGPIPE, NULL, &action) == 0 &&
      action.sa_handler == SIG_IGN)
    signal(SIGPIPE, SIG_DFL);
}
#else
static void ignore_sigpipe(void) {}

static void restore_sigpipe(void) {}
#endif

/* ---- boot -------------------------------------------------------------- */

static void on_async(uv_async_t *async) {
  (void)async; /* it has done its work by ending the poll */
}

/* The async handle stays referenced: without it UV_RUN_ONCE would not sleep. */
static int open_loop(void) {
  struct loop_state *state = &loop__state;
  int error = uv_loop_init(&state->loop);
  if (error != 0)
    return error;
  error = uv_async_init(&state->loop, &state->async, on_async);
  if (error != 0) {
    uv_loop_close(&state->loop);
    return error;
  }
  uv_prepare_init(&state->loop, &state->prepare);
  uv_prepare_start(&state->prepare, loop__on_prepare);
  uv_timer_init(&state->loop, &state->timer);
  uv_unref((uv_handle_t *)&state->prepare);
  uv_unref((uv_handle_t *)&state->timer);
  state->armed = LOOP_FOREVER;
  loop__alarm_open();
  return 0;
}

/* Ends the poll of the last turns, too, hence not before all has closed. */
static void close_loop(void) {
  struct loop_state *state = &loop__state;
  uv_close((uv_handle_t *)&state->async, NULL);
  uv_close((uv_handle_t *)&state->prepare, NULL);
  uv_close((uv_handle_t *)&state->timer, NULL);
  loop__alarm_close();
  while (uv_run(&state->loop, UV_RUN_DEFAULT) != 0) {
  }
  int error = uv_loop_close(&state->loop);
  assert(error == 0);
  (void)error;
}

/* Field by field: a thread that the run before left waiting may be counting. */
static void reset_stats(void) {
  struct loop_stats *stats = &loop__state.stats;
  SET(stats->pumps, 0);
  SET(stats->helper_runs, 0);
  SET(stats->helper_ticks, 0);
  SET(stats->parks, 0);
  SET(stats->wakes, 0);
  SET(stats->deferred, 0);
}

/* Thread by thread nobody drives before `booted` is set, and what was put off
 * before then is served by the first who does. */
int loop__boot(const struct loop_config *config) {
  struct loop_state *state = &loop__state;
  assert(!LOAD(state->booted));
  reset_stats();
  int error = open_loop();
  if (error != 0)
    return error;
  ignore_sigpipe();
  STORE(state->booted, 1);
  if (!config->stepped)
    error = loop__helper_start(config->owning_helper);
  if (error != 0) {
    loop__shutdown();
    return error;
  }
  loop__appoint(loop__self(), true);
  return 0;
}

bool loop__running(void) {
  return LOAD(loop__state.booted) != 0;
}

/* ---- shutdown ---------------------------------------------------------- */

struct census {
  int open, all;
};

static bool is_ours(const uv_handle_t *handle) {
  const struct loop_state *state = &loop__state;
  return handle == (const uv_handle_t *)&state->async ||
         handle == (const uv_handle_t *)&state->prepare ||
         handle == (const uv_handle_t *)&state->timer ||
         handle == (const uv_handle_t *)&state->alarm;
}

static void count_handle(uv_handle_t *handle, void *argument) {
  struct census *census = argument;
  if (is_ours(handle))
    return;
  census->all++;
  census->open += !uv_is_closing(handle);
}

static struct census count_handles(void) {
  struct census census = {0, 0};
  uv_walk(&loop__state.loop, count_handle, &census);
  return census;
}

static void abandon_handle(uv_handle_t *handle, void *argument) {
  (void)argument;
  if (!is_ours(handle) && !uv_is_closing(handle))
    loop__state.abandon(handle);
}

void loop__on_abandon(void (*abandon)(uv_handle_t *handle)) {
  loop__state.abandon = abandon;
}

/* A driver leaves when it sees the quit flag, and then parks. */
static void own_for_good(struct loop_thread *self) {
  while (!loop__try_own(self)) {
    if (LOAD(loop__state.sleeping))
      loop__interrupt();
    os__yield();
  }
}

static void serve_what_is_left(struct loop_thread *self) {
  do {
    loop__drain();
    loop__run_deferred(self);
  } while (loop__any_deferred() || loop__pushed());
}

static int close_what_is_left(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  serve_what_is_left(self);
  int open = count_handles().open;
  uv_walk(&state->loop, abandon_handle, NULL);
  while (count_handles().all > 0) {
    loop__turn_once(UV_RUN_NOWAIT, &state->stats.pumps);
    serve_what_is_left(self);
  }
  return open;
}

int loop__shutdown(void) {
  struct loop_state *state = &loop__state;
  struct loop_thread *self = loop__self();
  assert(LOAD(state->booted) && !loop__owned());
  STORE(state->quit, 1);
  loop__helper_stop();
  own_for_good(self);
  int open = close_what_is_left(self);
  STORE(state->booted, 0);
  while (LOAD(state->wakers) != 0)
    os__yield();
  close_loop();
  restore_sigpipe();
  STORE(state->quit, 0);
  loop__release(self);
  return open;
}

void loop__stats(struct loop_stats *stats) {
  const struct loop_stats *live = &loop__state.stats;
  stats->pumps = PEEK(live->pumps);
  stats->helper_runs = PEEK(live->helper_runs);
  stats->helper_ticks = PEEK(live->helper_ticks);
  stats->parks = PEEK(live->parks);
  stats->wakes = PEEK(live->wakes);
  stats->deferred = PEEK(live->deferred);
}
