/*
 * Waits: done or over, never early, with the loop or without one.
 */
#include "event.h"
#include "loop/loop_uv.h"

#define MS UINT64_C(1000000)

/* ---- a timer of libuv's -------------------------------------------------- */

static uv_timer_t timer;

static void on_timer(uv_timer_t *handle) {
  event_set(handle->data);
}

static void start_timer(void *event) {
  timer.data = event;
  uv_timer_init(loop__uv(), &timer);
  uv_timer_start(&timer, on_timer, 1, 0);
  loop__touched();
}

static void close_timer(void *event) {
  (void)event;
  uv_close((uv_handle_t *)&timer, NULL);
  loop__touched();
}

/* ---- deadlines --------------------------------------------------------- */

static void wait_for_nothing(uint64_t nanoseconds) {
  struct event never = {false, NULL};
  uint64_t deadline = os__now_ns() + nanoseconds;
  assert_false(event_wait_until(&never, deadline));
  assert_true(os__now_ns() >= deadline);
}

/* Bug: loop timers have whole milliseconds; a wait that ends early makes
 * NT code see time run backwards. */
static void a_wait_never_ends_before_its_deadline(void **state) {
  unsigned seed = 1;
  (void)state;
  for (int i = 0; i < 100; i++)
    wait_for_nothing(chance(&seed) % (3 * MS));
  wait_for_nothing(0);
}

static void wait_for_nothing_often(void *argument) {
  unsigned seed = *(unsigned *)argument;
  for (int i = 0; i < 50; i++) {
    struct event never = {false, NULL};
    uint64_t deadline = os__now_ns() + chance(&seed) % (3 * MS);
    if (event_wait_until(&never, deadline) || os__now_ns() < deadline)
      ADD(*(int *)argument, 1000000);
  }
}

/* Bug: the one timer serves the earliest deadline, and the next one of another
 * thread is forgotten when it has fired. */
static void many_threads_each_meet_their_deadline(void **state) {
  struct os_thread threads[4];
  unsigned seeds[4];
  (void)state;
  for (unsigned i = 0; i < 4; i++) {
    seeds[i] = i + 7;
    start_thread(&threads[i], wait_for_nothing_often, &seeds[i]);
  }
  for (unsigned i = 0; i < 4; i++) {
    os__thread_join(&threads[i]);
    assert_int_equal(seeds[i], i + 7);
  }
}

/* Bug: a driver that spins until its deadline, because uv_run has nothing that
 * keeps it asleep, or because its timer is always due. */
static void a_wait_sleeps_and_does_not_spin(void **state) {
  struct loop_stats before, after;
  (void)state;
  loop__stats(&before);
  for (int i = 0; i < 20; i++)
    wait_for_nothing(2 * MS + 300000);
  loop__stats(&after);
  assert_in_range(after.pumps - before.pumps, 1, 20 * 12);
}

/* Bug: a timer that was left armed by a wait that ended early comes due while
 * nobody drives; libuv fires it before the poll of the next turn, which sleeps
 * without a limit then, for the deadline of the new wait was never armed. */
static void a_timer_left_over_does_not_swallow_the_next_deadline(void **state) {
  struct event due = {false, NULL};
  (void)state;
  for (int i = 0; i < 5; i++) {
    uint64_t left_over = os__now_ns() + 4 * MS;
    run_on_loop(start_timer, &due);
    event_wait_until(&due, left_over);
    run_on_loop(close_timer, NULL);
    loop__run_until(NULL, NULL, 0); /* a closing handle would keep it awake */
    while (os__now_ns() < left_over) {
    }
    wait_for_nothing(5 * MS);
  }
}

static void set_event(void *event) {
  event_set(event);
}

/* Bug: an event that is set at the very deadline is consumed and lost. */
static void done_beats_the_deadline(void **state) {
  struct loop_thread *self = loop__self();
  (void)state;
  loop__wait_begin(self);
  loop__set_done(self);
  assert_true(loop__wait(self, 0));
  loop__wait_begin(self);
  assert_false(loop__wait(self, 0));
  assert_false(loop__is_done(self));
}

/* ---- wakes ------------------------------------------------------------- */

struct pair {
  struct event there, back;
  int rounds;
};

static void answer(void *argument) {
  struct pair *pair = argument;
  for (int i = 0; i < pair->rounds; i++) {
    event_wait(&pair->there);
    event_set(&pair->back);
  }
}

/* Bug: the setter looks whether the driver sleeps before the driver says so,
 * and the driver looks at `done` before it is set. */
static void a_wait_is_ended_by_another_thread(void **state) {
  struct pair pair = {.rounds = 5000};
  struct os_thread thread;
  (void)state;
  start_thread(&thread, answer, &pair);
  for (int i = 0; i < pair.rounds; i++) {
    event_set(&pair.there);
    event_wait(&pair.back);
  }
  os__thread_join(&thread);
}

/* Bug: the same without a loop, where both have to park. */
static void a_wait_works_before_boot(void **state) {
  assert_false(loop__running());
  a_wait_is_ended_by_another_thread(state);
  a_wait_never_ends_before_its_deadline(state);
  done_beats_the_deadline(state);
}

static int put_off_ran;

static void note_put_off(struct loop_op *op) {
  (void)op;
  RAISE(put_off_ran);
}

static void wait_until_put_off_ran(void *argument) {
  (void)argument;
  while (!FLAG(put_off_ran))
    event_wait_until(&(struct event){false, NULL}, os__now_ns() + MS);
}

static struct event across;

static void wait_across(void *argument) {
  event_wait(argument);
}

/* Bug: a thread that parked because there was no loop is not told of one, and
 * nobody drives in stepped mode. */
static void a_wait_may_span_boot_and_shutdown(void **state) {
  struct os_thread thread;
  (void)state;
  for (int i = 0; i < 20; i++) {
    start_thread(&thread, wait_across, &across);
    boot_with(test_is_stepped(), false);
    run_on_loop(set_event, &across);
    assert_int_equal(loop__shutdown(), 0);
    os__thread_join(&thread);
  }
}

static void complete_at_depth(struct loop_op *op);
static struct loop_op put_off = {NULL, note_put_off};
static int depth;

static void complete_at_depth(struct loop_op *op) {
  if (++depth < LOOP_MAX_NESTED)
    loop__complete(op);
  else
    loop__complete(&put_off);
}

/* Bug: what was put off without a loop stays put, although a thread waits. */
static void a_waiter_runs_what_was_put_off_before_boot(void **state) {
  struct os_thread thread;
  struct loop_op op = {NULL, complete_at_depth};
  (void)state;
  depth = 0;
  put_off_ran = 0;
  start_thread(&thread, wait_until_put_off_ran, NULL);
  loop__complete(&op);
  os__thread_join(&thread);
  assert_true(put_off_ran);
}

/* ---- inside a callback ------------------------------------------------- */

static int may_wait_inside;

static void ask_inside(void *argument) {
  (void)argument;
  may_wait_inside = loop__may_wait();
}

/* Bug: libuv's loop is not re-entrant; a wait there would corrupt it. */
static void a_wait_inside_a_callback_is_refused(void **state) {
  (void)state;
  may_wait_inside = 1;
  run_on_loop(ask_inside, NULL);
  assert_false(may_wait_inside);
  assert_true(loop__may_wait());
}

/* ---- polling ----------------------------------------------------------- */

/* Bug: a driver that polls its event with a zero time-out waits for ever in
 * stepped mode, where nobody else moves the loop. */
static void polling_with_a_zero_deadline_makes_progress(void **state) {
  struct event due = {false, NULL};
  (void)state;
  run_on_loop(start_timer, &due);
  while (!event_wait_until(&due, 0)) {
  }
  run_on_loop(close_timer, NULL);
}

/* ---- until a condition ------------------------------------------------- */

static bool is_raised(void *flag) {
  return FLAG(*(int *)flag) != 0;
}

static void raise_flag(void *flag) {
  RAISE(*(int *)flag);
}

/* Bug: a condition that comes true without the loop noticing is overlooked. */
static void run_until_sees_what_another_thread_does(void **state) {
  struct os_thread thread;
  (void)state;
  for (int i = 0; i < 20; i++) {
    int flag = 0;
    start_thread(&thread, raise_flag, &flag);
    assert_true(loop__run_until(is_raised, &flag, LOOP_FOREVER));
    os__thread_join(&thread);
  }
}

static bool timer_has_fired(void *event) {
  os__mutex_lock(&test_dispatcher);
  bool set = ((struct event *)event)->set;
  os__mutex_unlock(&test_dispatcher);
  return set;
}

/* Bug: run_until that does not drive. */
static void run_until_drives_the_loop(void **state) {
  struct event due = {false, NULL};
  (void)state;
  run_on_loop(start_timer, &due);
  assert_true(loop__run_until(timer_has_fired, &due, LOOP_FOREVER));
  run_on_loop(close_timer, NULL);
}

/* Bug: a condition that never comes keeps the caller for ever, or lets it go
 * before its time. */
static void run_until_ends_at_its_deadline(void **state) {
  int never = 0;
  (void)state;
  uint64_t deadline = os__now_ns() + 2 * MS + 345678;
  assert_false(loop__run_until(is_raised, &never, deadline));
  assert_true(os__now_ns() >= deadline);
  deadline = os__now_ns() + MS + 345678;
  assert_false(loop__run_until(NULL, NULL, deadline));
  assert_true(os__now_ns() >= deadline);
}

/* Bug: run_until before boot spins, or asks a loop that is not there. */
static void run_until_works_before_boot(void **state) {
  assert_false(loop__running());
  run_until_sees_what_another_thread_does(state);
  run_until_ends_at_its_deadline(state);
}

#define ON_A_LOOP(test)                                                        \
  cmocka_unit_test_setup_teardown(test, test_boot, test_shutdown)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_A_LOOP(a_wait_never_ends_before_its_deadline),
      ON_A_LOOP(many_threads_each_meet_their_deadline),
      ON_A_LOOP(a_wait_sleeps_and_does_not_spin),
      ON_A_LOOP(a_timer_left_over_does_not_swallow_the_next_deadline),
      ON_A_LOOP(done_beats_the_deadline),
      ON_A_LOOP(a_wait_is_ended_by_another_thread),
      cmocka_unit_test(a_wait_works_before_boot),
      cmocka_unit_test(a_wait_may_span_boot_and_shutdown),
      cmocka_unit_test(a_waiter_runs_what_was_put_off_before_boot),
      ON_A_LOOP(a_wait_inside_a_callback_is_refused),
      ON_A_LOOP(polling_with_a_zero_deadline_makes_progress),
      ON_A_LOOP(run_until_sees_what_another_thread_does),
      ON_A_LOOP(run_until_drives_the_loop),
      ON_A_LOOP(run_until_ends_at_its_deadline),
      cmocka_unit_test(run_until_works_before_boot),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
