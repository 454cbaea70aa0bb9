/*
 * The helper of auto mode; and that stepped mode has none.
 */
#include "loop/loop_state.h"
#include "readable.h"

#define ROUNDS 500

/* Every test of the helper runs with both of its ways to sleep. The state
 * handed to a test says which. */
static bool unowned = false, owning = true;

static int boot_auto(void **state) {
  boot_with(false, *(bool *)*state);
  return 0;
}

static struct loop_stats stats(void) {
  struct loop_stats now;
  loop__stats(&now);
  return now;
}

/* ---- nobody waits ------------------------------------------------------ */

/* Bug: an operation that is started by a thread that goes away afterwards is
 * never watched, for libuv tells the kernel only inside uv_run. */
static void an_operation_completes_with_nobody_waiting(void **state) {
  struct readable readable;
  (void)state;
  readable_open(&readable);
  for (int i = 0; i < ROUNDS; i++) {
    readable_feed(&readable);
    readable_watch(&readable);
    uv_sem_wait(&readable.seen);
  }
  assert_int_equal(readable.fired, ROUNDS);
  readable_close(&readable);
}

/* Bug: the same when what is waited for comes long after the helper has gone to
 * sleep, and no thread of ours takes part. */
static void data_wakes_the_helper(void **state) {
  struct readable readable;
  (void)state;
  readable_open(&readable);
  for (int i = 0; i < ROUNDS; i++) {
    readable_watch(&readable);
    for (int k = 0; k < i % 50; k++)
      os__yield();
    readable_feed(&readable);
    uv_sem_wait(&readable.seen);
  }
  assert_int_equal(readable.fired, ROUNDS);
  readable_close(&readable);
}

static uv_sem_t completed;

static void post(struct loop_op *op) {
  (void)op;
  uv_sem_post(&completed);
}

/* Bug: a completion that was put off stays so, with nobody to pump. */
static void the_helper_runs_what_was_put_off(void **state) {
  struct loop_op op = {NULL, post};
  (void)state;
  assert_int_equal(uv_sem_init(&completed, 0), 0);
  for (int i = 0; i < ROUNDS; i++) {
    for (int k = 0; k < LOOP_MAX_NESTED; k++)
      assert_true(loop__enter_client());
    loop__complete(&op);
    for (int k = 0; k < LOOP_MAX_NESTED; k++)
      loop__leave_client();
    uv_sem_wait(&completed);
  }
  uv_sem_destroy(&completed);
}

/* ---- idle -------------------------------------------------------------- */

static void answer(void *argument) {
  struct event *pair = argument;
  for (int i = 0; i < 100; i++) {
    event_wait(&pair[0]);
    event_set(&pair[1]);
  }
}

#ifndef _WIN32 /* whose helper has nothing to poll */
static bool polls_without_limit(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  if (LOAD(state->helper) != HELPER_POLL || !loop__try_own(self))
    return false;
  bool endless = uv_backend_timeout(&state->loop) == -1;
  loop__release(self);
  return endless && LOAD(state->helper) == HELPER_POLL;
}

/* Bug: a helper that ticks while nothing happens costs a sleeping process its
 * battery. It is in POLL, and its poll has no time-out: no tick can come. */
static void an_idle_helper_makes_no_ticks(void **state) {
  struct loop_thread *self = loop__self();
  (void)state;
  while (!polls_without_limit(self))
    os__yield();
  struct loop_stats before = stats();
  for (int i = 0; i < 1000; i++)
    assert_true(polls_without_limit(self));
  assert_int_equal(stats().helper_ticks, before.helper_ticks);
  assert_int_equal(stats().helper_runs, before.helper_runs);
  assert_int_equal(stats().wakes, before.wakes);
}
#endif

/* ---- somebody waits ---------------------------------------------------- */

/* Bug: the helper and a driving client get into each other's way: a waiter that
 * needs the loop parks for ever while the helper sleeps with it. */
static void a_waiter_gets_the_loop_from_the_helper(void **state) {
  struct readable readable;
  (void)state;
  readable_open(&readable);
  for (int i = 0; i < ROUNDS; i++) {
    readable_watch(&readable);
    if (i % 3 == 0) {
      readable_feed(&readable);
      uv_sem_wait(&readable.seen);
      event_wait(&readable.event);
      continue;
    }
    readable_feed(&readable);
    event_wait(&readable.event);
    uv_sem_wait(&readable.seen);
  }
  assert_int_equal(readable.fired, ROUNDS);
  readable_close(&readable);
}

/* Bug: a helper that looks at the clock all through a long wait of a client who
 * drives: it has to go to sleep until somebody lets go of the loop. */
static void the_helper_sleeps_deep_while_a_client_drives(void **state) {
  struct event never = {false, NULL};
  (void)state;
  struct loop_stats before = stats();
  assert_false(event_wait_until(&never, os__now_ns() + 40000000));
  assert_in_range(stats().helper_ticks - before.helper_ticks, 0, 8);
}

static void wait_and_set(void *argument) {
  struct event *events = argument;
  event_wait(&events[0]);
  event_set(&events[1]);
}

/* Bug: a helper in deep sleep that is not woken when the driver leaves. */
static void the_helper_comes_back_from_deep_sleep(void **state) {
  struct readable readable;
  struct os_thread thread;
  (void)state;
  readable_open(&readable);
  for (int i = 0; i < 10; i++) {
    struct event events[2] = {{false, NULL}, {false, NULL}};
    start_thread(&thread, wait_and_set, events);
    while (LOAD(loop__state.helper) != HELPER_DEEP) {
      loop__helper_wake(); /* it need not look while it polls */
      os__yield();
    }
    event_set(&events[0]);
    os__thread_join(&thread);
    readable_watch(&readable);
    readable_feed(&readable);
    uv_sem_wait(&readable.seen);
  }
  assert_int_equal(readable.fired, 10);
  readable_close(&readable);
}

/* ---- stepped ----------------------------------------------------------- */

static bool has_fired(void *argument) {
  return FLAG(((struct readable *)argument)->fired) != 0;
}

/* Bug: a thread of ours that makes things happen behind a test's back. */
static void in_stepped_mode_nothing_moves_without_a_waiter(void **state) {
  struct event pair[2] = {{false, NULL}, {false, NULL}};
  struct readable readable;
  (void)state;
  boot_with(true, false);
  readable_open(&readable);
  readable_feed(&readable);
  uint64_t turn = loop__turn();
  readable_watch(&readable);
  event_set(&pair[0]);
  for (int i = 0; i < 1000; i++)
    os__yield();
  assert_int_equal(loop__turn(), turn);
  assert_int_equal(readable.fired, 0);
  assert_int_equal(stats().helper_ticks, 0);
  assert_true(loop__run_until(has_fired, &readable, LOOP_FOREVER));
  readable_close(&readable);
  assert_int_equal(loop__shutdown(), 0);
}

/* Bug: the helper is woken by, or wakes, threads that exchange events only. */
static void events_between_threads_need_no_helper(void **state) {
  struct event pair[2] = {{false, NULL}, {false, NULL}};
  struct os_thread thread;
  (void)state;
  start_thread(&thread, answer, pair);
  for (int i = 0; i < 100; i++) {
    event_set(&pair[0]);
    event_wait(&pair[1]);
  }
  os__thread_join(&thread);
}

#define UNOWNED(test)                                                          \
  cmocka_unit_test_prestate_setup_teardown(test, boot_auto, test_shutdown,     \
                                           &unowned)
#define OWNING(test)                                                           \
  { #test "_owning", test, boot_auto, test_shutdown, &owning }

int main(void) {
  const struct CMUnitTest tests[] = {
      UNOWNED(an_operation_completes_with_nobody_waiting),
      OWNING(an_operation_completes_with_nobody_waiting),
      UNOWNED(data_wakes_the_helper),
      OWNING(data_wakes_the_helper),
      UNOWNED(the_helper_runs_what_was_put_off),
      OWNING(the_helper_runs_what_was_put_off),
#ifndef _WIN32
      UNOWNED(an_idle_helper_makes_no_ticks),
#endif
      UNOWNED(a_waiter_gets_the_loop_from_the_helper),
      OWNING(a_waiter_gets_the_loop_from_the_helper),
      UNOWNED(the_helper_sleeps_deep_while_a_client_drives),
      OWNING(the_helper_sleeps_deep_while_a_client_drives),
      UNOWNED(the_helper_comes_back_from_deep_sleep),
      OWNING(the_helper_comes_back_from_deep_sleep),
      UNOWNED(events_between_threads_need_no_helper),
      OWNING(events_between_threads_need_no_helper),
      cmocka_unit_test(in_stepped_mode_nothing_moves_without_a_waiter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
