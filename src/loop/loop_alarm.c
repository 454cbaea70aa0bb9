/*
 * The alarm: one timer of the loop for all that the executive wants to happen
 * at a time, whether anybody waits or not. And what is posted to happen soon.
 *
 * Any thread may ask for an earlier ring: it lowers `alarm_due` and sends the
 * one operation that arms the timer, unless that is on its way already. The
 * ring starts from scratch, so a time that nobody wants any more costs one turn
 * for nothing.
 */
#include "loop/loop_state.h"
#include "loop/loop_uv.h"

#define NS_PER_MS 1000000u

static void on_alarm(uv_timer_t *timer);

/* Whole milliseconds, not too early; uv_now has rounded down. */
static void arm(uint64_t due) {
  struct loop_state *state = &loop__state;
  if (due >= state->alarm_armed)
    return;
  uv_update_time(&state->loop);
  uint64_t now = uv_now(&state->loop);
  uint64_t due_ms = due / NS_PER_MS + (due % NS_PER_MS != 0);
  uv_timer_start(&state->alarm, on_alarm, due_ms > now ? due_ms - now : 0, 0);
  state->alarm_armed = due;
  loop__touched();
}

/* As a timer of the driver's own (loop_pump.c) it must not let the turn go on
 * to sleep: what it rings for may be what the driver waits for. */
static void on_alarm(uv_timer_t *timer) {
  struct loop_state *state = &loop__state;
  (void)timer;
  state->alarm_armed = LOOP_FOREVER;
  state->timer_fired = true;
  if (LOAD(state->quit))
    return;
  uint64_t due = LOAD(state->alarm_due);
  if (due > os__now_ns()) {
    arm(due);
    return;
  }
  STORE(state->alarm_due, LOOP_FOREVER);
  LOAD(state->alarm_ring)();
}

static void arm_op(struct loop_op *op) {
  struct loop_state *state = &loop__state;
  (void)op;
  STORE(state->alarm_queued, 0);
  uint64_t due = LOAD(state->alarm_due);
  if (LOAD(state->booted) && due != LOOP_FOREVER)
    arm(due);
}

/* False when an earlier ring is wanted already. */
static bool lower(uint64_t *field, uint64_t due) {
  uint64_t before = LOAD(*field);
  do {
    if (before <= due)
      return false;
  } while (!__atomic_compare_exchange_n(field, &before, due, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
  return true;
}

void loop__alarm(uint64_t due, void (*ring)(void)) {
  struct loop_state *state = &loop__state;
  STORE(state->alarm_ring, ring);
  if (!lower(&state->alarm_due, due) ||
      __atomic_exchange_n(&state->alarm_queued, 1, __ATOMIC_SEQ_CST) != 0)
    return;
  state->alarm_op.run = arm_op;
  loop__submit(&state->alarm_op);
}

void loop__post(struct loop_op *op) {
  loop__put_off(loop__self(), op);
}

void loop__rest(void) {
  loop__park(loop__self(), LOOP_FOREVER);
}

/* ---- life -------------------------------------------------------------- */

void loop__alarm_open(void) {
  struct loop_state *state = &loop__state;
  uint64_t due = LOAD(state->alarm_due);
  uv_timer_init(&state->loop, &state->alarm);
  uv_unref((uv_handle_t *)&state->alarm);
  state->alarm_armed = LOOP_FOREVER;
  if (due != LOOP_FOREVER)
    arm(due);
}

void loop__alarm_close(void) {
  uv_close((uv_handle_t *)&loop__state.alarm, NULL);
  loop__state.alarm_armed = LOOP_FOREVER;
  STORE(loop__state.alarm_due, LOOP_FOREVER);
}
