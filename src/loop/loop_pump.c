/*
 * Driving the loop: one thread, which owns it, until its own wait is over.
 */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* ppoll */
#endif

#include "loop/loop_state.h"
#include "loop/loop_uv.h"

#include <assert.h>

#ifdef __linux__
#include <poll.h>
#endif

#define NS_PER_MS 1000000u

/* The poll of libuv counts whole milliseconds from a clock it has rounded down,
 * and so may end one too late. */
#define NAP_NS (2 * NS_PER_MS)

uv_loop_t *loop__uv(void) {
  return &loop__state.loop;
}

uint64_t loop__turn(void) {
  return loop__state.turn;
}

void loop__touched(void) {
  loop__state.dirty = true;
}

bool loop__drivable(void) {
  return LOAD(loop__state.booted) && !LOAD(loop__state.quit);
}

static bool wait_is_done(const struct loop_thread *self) {
  return self->waiting && LOAD(self->done) != 0;
}

/* ---- one turn ---------------------------------------------------------- */

static void awake(void) {
  __atomic_store_n(&loop__state.sleeping, 0, __ATOMIC_RELEASE);
}

/* A helper that sleeps while owning the loop must leave it to a waiter. */
static bool owner_is_wanted(const struct loop_thread *owner) {
  return owner == PEEK(loop__state.helper_thread) &&
         LOAD(loop__state.parked_count) > 0;
}

/* True when the owner must not sleep. Whoever gives it a reason first stores
 * the reason and then looks at `sleeping`; this is the other half. */
static bool reason_to_stay_awake(const struct loop_thread *owner) {
  return loop__state.timer_fired || loop__pushed() || loop__any_deferred() ||
         LOAD(loop__state.quit) || wait_is_done(owner) ||
         owner_is_wanted(owner);
}

/* Runs last before the poll, after timers and pending callbacks. The owner
 * itself stops the loop here, which makes the poll return at once; from another
 * thread that would be a race. */
void loop__on_prepare(uv_prepare_t *prepare) {
  (void)prepare;
  STORE(loop__state.sleeping, 1);
  if (reason_to_stay_awake(PEEK(loop__state.owner)))
    uv_stop(&loop__state.loop);
}

/* What uv_run returns says nothing here: the async handle is always alive. */
void loop__turn_once(uv_run_mode mode, uint64_t *counter) {
  struct loop_state *state = &loop__state;
  state->dirty = false;
  state->timer_fired = false;
  uv_run(&state->loop, mode);
  awake();
  state->turn++;
  COUNT(*counter);
}

/* ---- deadlines --------------------------------------------------------- */

/* libuv runs timers before the poll of the same turn, which would then sleep
 * without a limit although the driver has a deadline that was never armed. */
static void on_timer(uv_timer_t *timer) {
  (void)timer;
  loop__state.armed = LOOP_FOREVER;
  loop__state.timer_fired = true;
}

/* One timer serves the earliest deadline, in whole milliseconds of the clock
 * that os__now_ns reads. It stays armed when a wait ends early: stopping and
 * starting it each time costs more than one idle turn. */
static void arm(uint64_t due) {
  struct loop_state *state = &loop__state;
  if (due >= state->armed)
    return;
  uv_update_time(&state->loop);
  uint64_t now = uv_now(&state->loop);
  uint64_t due_ms = due / NS_PER_MS;
  uv_timer_start(&state->timer, on_timer, due_ms > now ? due_ms - now : 0, 0);
  state->armed = due;
}

#ifdef __linux__
/* Sleeps the last moments exactly, still as the owner: the kernel's poll on
 * libuv's own descriptor, with a time-out in nanoseconds. The turn before it
 * tells the kernel all that is to be watched. */
static void nap(struct loop_thread *self, uint64_t left) {
  struct loop_state *state = &loop__state;
  struct pollfd backend = {uv_backend_fd(&state->loop), POLLIN, 0};
  struct timespec limit = {0, (long)left};
  loop__turn_once(UV_RUN_NOWAIT, &state->stats.pumps);
  if (state->dirty || uv_backend_timeout(&state->loop) == 0)
    return;
  STORE(state->sleeping, 1);
  if (!reason_to_stay_awake(self))
    ppoll(&backend, 1, &limit, NULL);
  awake();
}
#define HAVE_NAP 1
#else
static void nap(struct loop_thread *self, uint64_t left) {
  (void)self;
  (void)left;
}
#define HAVE_NAP 0
#endif

/* Sleeps in the loop for events, at most for `left` (to `deadline`). */
static void sleep_in_loop(struct loop_thread *self, uint64_t deadline,
                          uint64_t left, bool exactly) {
  if (deadline == LOOP_FOREVER) {
    loop__turn_once(UV_RUN_ONCE, &loop__state.stats.pumps);
  } else if (exactly && left < NAP_NS) {
    nap(self, left);
  } else {
    /* Exactly: early enough to nap. Else: the first whole millisecond that is
     * not too early. */
    arm(exactly ? deadline - NS_PER_MS : deadline + NS_PER_MS - 1);
    loop__turn_once(UV_RUN_ONCE, &loop__state.stats.pumps);
  }
}

/* ---- until the wait is over -------------------------------------------- */

/* One turn; false when the deadline had passed before it. Even then the loop is
 * given a turn without sleeping: polling an event with a zero time-out has to
 * make progress when no helper does. */
static bool take_turn(struct loop_thread *self, uint64_t deadline, bool once) {
  uint64_t now = deadline == LOOP_FOREVER ? 0 : os__now_ns();
  bool in_time = now < deadline;
  if (!in_time || loop__any_deferred())
    loop__turn_once(UV_RUN_NOWAIT, &loop__state.stats.pumps);
  else
    sleep_in_loop(self, deadline, deadline - now, HAVE_NAP && !once);
  return in_time;
}

void loop__pump(struct loop_thread *self, uint64_t deadline, bool once) {
  bool more = true;
  COUNT(loop__state.drives);
  for (;;) {
    loop__drain();
    loop__run_deferred(self);
    if (!more || wait_is_done(self))
      return;
    if (loop__drivable())
      more = take_turn(self, deadline, once) && !once;
    else if (!loop__any_deferred())
      return;
  }
}
