/*
 * The helper of auto mode: a thread that makes things happen while nobody
 * waits, and costs next to nothing while somebody does.
 *
 * It sleeps in poll() on libuv's backend descriptor *without owning the loop*,
 * next to a wake descriptor of its own: a wake through uv_async would be eaten
 * by whoever happens to run the loop. A host without a backend descriptor has
 * the helper sleep inside uv_run as the owner, and waiters ask it to leave.
 */
#include "loop/loop_state.h"

#include <assert.h>

#ifdef __linux__
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#endif

/* How long the loop has to stand still before the helper takes it. */
#define PERIOD_NS 1000000u

/* ---- the wake descriptor ----------------------------------------------- */

#ifdef __linux__
static int open_wake_descriptor(void) {
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0)
    return uv_translate_sys_error(errno);
  loop__state.wake_descriptor = descriptor;
  return 0;
}

static void close_wake_descriptor(void) {
  if (loop__state.wake_descriptor >= 0)
    close(loop__state.wake_descriptor);
  loop__state.wake_descriptor = -1;
}

static void write_wake_descriptor(void) {
  uint64_t one = 1;
  COUNT(loop__state.stats.wakes);
  ssize_t written = write(loop__state.wake_descriptor, &one, sizeof(one));
  (void)written; /* a full counter wakes as well */
}

static void poll_unowned(int timeout_ms) {
  struct pollfd descriptors[2] = {{uv_backend_fd(&loop__state.loop), POLLIN, 0},
                                  {loop__state.wake_descriptor, POLLIN, 0}};
  uint64_t count;
  poll(descriptors, 2, timeout_ms);
  if (descriptors[1].revents != 0) {
    ssize_t taken = read(loop__state.wake_descriptor, &count, sizeof(count));
    (void)taken; /* the next poll would only return once too often */
  }
}
#else
static int open_wake_descriptor(void) {
  return 0;
}

static void close_wake_descriptor(void) {}

static void write_wake_descriptor(void) {}

static void poll_unowned(int timeout_ms) {
  (void)timeout_ms;
}
#endif

/* The first of several wakers takes the state out of POLL and writes. */
void loop__helper_wake(void) {
  int polling = HELPER_POLL;
  if (__atomic_compare_exchange_n(&loop__state.helper, &polling, HELPER_WATCH,
                                  false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    write_wake_descriptor();
}

/* ---- making things happen ---------------------------------------------- */

static bool stop_serving(void) {
  return LOAD(loop__state.quit) || LOAD(loop__state.parked_count) > 0;
}

static bool loop_is_clean(void) {
  struct loop_state *state = &loop__state;
  return !state->dirty && !loop__any_deferred() && !loop__pushed() &&
         uv_backend_timeout(&state->loop) != 0;
}

static void serve(struct loop_thread *self, uv_run_mode mode) {
  loop__drain();
  loop__run_deferred(self);
  loop__turn_once(loop__any_deferred() ? UV_RUN_NOWAIT : mode,
                  &loop__state.stats.helper_runs);
}

static void serve_as_owner(struct loop_thread *self) {
  do {
    serve(self, UV_RUN_ONCE);
  } while (!stop_serving());
  loop__release(self);
}

/* POLL is entered while still owning, so that whoever owns next and leaves
 * something undone sees that the helper has to be told. */
static void serve_and_poll(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  do {
    serve(self, UV_RUN_NOWAIT);
  } while (!loop_is_clean() && !stop_serving());
  bool poll_next = !stop_serving();
  int timeout_ms = uv_backend_timeout(&state->loop);
  if (poll_next)
    STORE(state->helper, HELPER_POLL);
  loop__release(self);
  if (!poll_next)
    return;
  poll_unowned(timeout_ms);
  COUNT(state->stats.helper_ticks);
  STORE(state->helper, HELPER_WATCH);
}

/* True when the loop should be looked at again without delay: the helper has
 * just been woken, and nobody has driven the loop meanwhile. */
static bool act(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  uint64_t drives = LOAD(state->drives);
  if (LOAD(state->parked_count) > 0 && loop__wake_one())
    return false;
  if (!loop__try_own(self))
    return false;
  if (state->owning_helper) {
    serve_as_owner(self);
    return false;
  }
  serve_and_poll(self);
  return LOAD(state->owner) == NULL && LOAD(state->drives) == drives;
}

/* ---- watching ---------------------------------------------------------- */

static void tick(struct loop_thread *self) {
  loop__park(self, os__now_ns() + PERIOD_NS);
  COUNT(loop__state.stats.helper_ticks);
}

/* Somebody has been driving since the last tick and may do so for long:
 * whoever lets go of the loop with nobody to follow unparks us. */
static void sleep_deep(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  STORE(state->helper, HELPER_DEEP);
  if (LOAD(state->owner) != NULL && !LOAD(state->quit)) {
    loop__park(self, LOOP_FOREVER);
    COUNT(state->stats.helper_ticks);
  }
  STORE(state->helper, HELPER_WATCH);
}

/* Returns when the loop has stood still, free, for a period. */
static void watch(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  uint64_t seen = LOAD(state->drives);
  while (!LOAD(state->quit)) {
    tick(self);
    uint64_t drives = LOAD(state->drives);
    bool owned = LOAD(state->owner) != NULL;
    if (owned && drives == seen)
      sleep_deep(self);
    else if (!owned && drives == seen)
      return;
    seen = LOAD(state->drives);
  }
}

static void helper_main(void *argument) {
  struct loop_thread *self = loop__self();
  STORE(loop__state.helper, HELPER_WATCH);
  STORE(loop__state.helper_thread, self);
  loop__unpark(argument);
  while (!LOAD(loop__state.quit)) {
    watch(self);
    while (!LOAD(loop__state.quit) && act(self)) {
    }
  }
}

/* ---- life -------------------------------------------------------------- */

int loop__helper_start(bool owning) {
  struct loop_state *state = &loop__state;
  struct loop_thread *self = loop__self();
  state->owning_helper = owning || uv_backend_fd(&state->loop) < 0;
  int error = open_wake_descriptor();
  if (error != 0)
    return error;
  if (os__thread_start(&state->helper_host, helper_main, self) != 0) {
    close_wake_descriptor();
    return UV_EAGAIN;
  }
  while (LOAD(state->helper_thread) == NULL)
    loop__park(self, LOOP_FOREVER);
  return 0;
}

/* The quit flag is up. */
void loop__helper_stop(void) {
  struct loop_state *state = &loop__state;
  if (LOAD(state->helper_thread) == NULL)
    return;
  loop__unpark(LOAD(state->helper_thread));
  write_wake_descriptor();
  if (LOAD(state->sleeping))
    loop__interrupt();
  os__thread_join(&state->helper_host);
  STORE(state->helper, HELPER_NONE);
  STORE(state->helper_thread, NULL);
  close_wake_descriptor();
}
