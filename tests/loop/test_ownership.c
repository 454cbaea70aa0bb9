/*
 * Who owns the loop, and how it goes from hand to hand.
 */
#include "loop/loop_state.h"
#include "readable.h"

#define THREADS 4
#define ROUNDS  3000

static void note_owned(struct loop_op *op);

struct note {
  struct loop_op op;
  bool owned, may_wait;
  unsigned thread;
};

static void note_owned(struct loop_op *op) {
  struct note *note = (struct note *)op;
  note->owned = loop__owned();
  note->may_wait = loop__may_wait();
  note->thread = os__thread_number();
}

/* Bug: an operation that finds the loop free is queued for nobody. */
static void a_submit_to_a_free_loop_runs_at_once(void **state) {
  struct note note = {.op.run = note_owned};
  (void)state;
  boot_with(true, false);
  loop__submit(&note.op);
  assert_true(note.owned);
  assert_false(note.may_wait);
  assert_int_equal(note.thread, os__thread_number());
  assert_false(loop__owned());
  assert_true(loop__may_wait());
  assert_int_equal(loop__shutdown(), 0);
}

static int inner_ran;

static void inner(struct loop_op *op) {
  (void)op;
  inner_ran = 1;
}

static void submit_another(struct loop_op *op) {
  static struct loop_op another = {NULL, inner};
  (void)op;
  loop__submit(&another);
  if (inner_ran)
    inner_ran = 2;
}

/* Bug: an owner that waits for itself. */
static void a_submit_by_the_owner_runs_at_once(void **state) {
  struct loop_op op = {NULL, submit_another};
  (void)state;
  boot_with(true, false);
  inner_ran = 0;
  loop__submit(&op);
  assert_int_equal(inner_ran, 2);
  assert_int_equal(loop__shutdown(), 0);
}

/* ---- one at a time ----------------------------------------------------- */

static struct {
  long plain;    /* only ownership protects it */
  int intruders; /* operations that saw another in progress */
  bool inside;
} shared;

static void touch_shared(void *argument) {
  (void)argument;
  if (shared.inside)
    shared.intruders++;
  shared.inside = true;
  shared.plain++;
  shared.inside = false;
}

static void touch_often(void *argument) {
  (void)argument;
  for (int i = 0; i < ROUNDS; i++)
    run_on_loop(touch_shared, NULL);
}

/* Bug: two threads inside libuv at once; under ThreadSanitizer also an owner
 * that does not see what the one before it wrote. */
static void one_thread_owns_at_a_time(void **state) {
  struct os_thread threads[THREADS];
  (void)state;
  memset(&shared, 0, sizeof(shared));
  for (int i = 0; i < THREADS; i++)
    start_thread(&threads[i], touch_often, NULL);
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(shared.plain, THREADS * ROUNDS);
  assert_int_equal(shared.intruders, 0);
}

/* ---- from hand to hand ------------------------------------------------- */

struct seat {
  struct event mine;
  struct seat *next;
  int rounds;
};

static void pass_on(void *argument) {
  struct seat *to = argument;
  event_set(&to->mine);
}

static void take_turns(void *argument) {
  struct seat *seat = argument;
  for (int i = 0; i < seat->rounds; i++) {
    event_wait(&seat->mine);
    run_on_loop(pass_on, seat->next);
  }
}

/* Bug: a thread leaves the loop and the one whose turn it is stays parked. */
static void the_loop_follows_whoever_waits(void **state) {
  struct os_thread threads[THREADS];
  struct seat seats[THREADS];
  (void)state;
  memset(seats, 0, sizeof(seats));
  for (int i = 0; i < THREADS; i++) {
    seats[i].next = &seats[(i + 1) % THREADS];
    seats[i].rounds = ROUNDS / 2;
  }
  event_set(&seats[0].mine);
  for (int i = 0; i < THREADS; i++)
    start_thread(&threads[i], take_turns, &seats[i]);
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&threads[i]);
  assert_true(seats[0].mine.set);
}

/* ---- a near miss ------------------------------------------------------- */

static struct {
  struct readable readable;
  int round, held;
} miss;

/* The lock of the list keeps the waiter, who has found the loop owned, from
 * joining it until the loop is free. */
static void leave_just_before(void *argument) {
  struct loop_thread *self = loop__self();
  (void)argument;
  for (int i = 1; i <= ROUNDS / 4; i++) {
    while (FLAG(miss.round) < i || !loop__try_own(self))
      os__yield();
    os__spin_lock(&loop__state.parked_lock);
    ADD(miss.held, 1);
    for (int k = 0; k < 20; k++)
      os__yield();
    loop__release(self);
    os__spin_unlock(&loop__state.parked_lock);
    uv_sem_wait(&miss.readable.seen);
  }
}

/* Bug: a waiter finds the loop owned, the owner leaves and sees nobody parked,
 * the waiter parks. Nothing else happens then, so nobody ever comes. */
static void a_waiter_looks_again_after_it_has_joined_the_parked(void **state) {
  struct os_thread thread;
  (void)state;
  boot_with(true, false);
  miss.round = miss.held = 0;
  readable_open(&miss.readable);
  start_thread(&thread, leave_just_before, NULL);
  for (int i = 1; i <= ROUNDS / 4; i++) {
    readable_feed(&miss.readable);
    readable_watch(&miss.readable);
    ADD(miss.round, 1);
    while (FLAG(miss.held) < i)
      os__yield();
    event_wait(&miss.readable.event);
  }
  os__thread_join(&thread);
  readable_close(&miss.readable);
  assert_int_equal(loop__shutdown(), 0);
}

/* ---- boot and shutdown ------------------------------------------------- */

/* Bug: a second life that finds the remains of the first. */
static void the_loop_may_be_booted_again_and_again(void **state) {
  (void)state;
  for (int i = 0; i < 20; i++) {
    boot_with(i % 2 == 0, i % 4 == 1);
    assert_true(loop__running());
    run_on_loop(touch_shared, NULL);
    assert_int_equal(loop__shutdown(), 0);
    assert_false(loop__running());
  }
}

static void wait_for_event(void *argument) {
  event_wait(argument);
}

/* Bug: a shutdown that waits for ever for a driver asleep in the poll, or a
 * driver that goes on using a loop that is gone. */
static void a_shutdown_gets_past_threads_that_wait(void **state) {
  struct os_thread threads[2];
  struct event events[2] = {{false, NULL}, {false, NULL}};
  (void)state;
  for (int i = 0; i < 20; i++) {
    boot_with(test_is_stepped(), false);
    for (int k = 0; k < 2; k++)
      start_thread(&threads[k], wait_for_event, &events[k]);
    run_on_loop(touch_shared, NULL);
    assert_int_equal(loop__shutdown(), 0);
    for (int k = 0; k < 2; k++)
      event_set(&events[k]);
    for (int k = 0; k < 2; k++)
      os__thread_join(&threads[k]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_submit_to_a_free_loop_runs_at_once),
      cmocka_unit_test(a_submit_by_the_owner_runs_at_once),
      cmocka_unit_test_setup_teardown(one_thread_owns_at_a_time, test_boot,
                                      test_shutdown),
      cmocka_unit_test_setup_teardown(the_loop_follows_whoever_waits, test_boot,
                                      test_shutdown),
      cmocka_unit_test(a_waiter_looks_again_after_it_has_joined_the_parked),
      cmocka_unit_test(the_loop_may_be_booted_again_and_again),
      cmocka_unit_test(a_shutdown_gets_past_threads_that_wait),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
