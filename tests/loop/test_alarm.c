/*
 * The alarm, and what is posted.
 */
#include "event.h"

#define MS 1000000u

static int rings;
static uint64_t rang_at, owned_at_ring;

static void ring(void) {
  owned_at_ring = loop__owned();
  rang_at = os__now_ns();
  ADD(rings, 1);
}

static int boot(void **state) {
  rings = 0;
  return test_boot(state);
}

static bool has_rung(void *times) {
  return FLAG(rings) >= *(int *)times;
}

static void until_rings(int times) {
  assert_true(loop__run_until(has_rung, &times, os__now_ns() + 60000u * MS));
}

/* Bug: libuv's clock is rounded down, so that a timer of it may be early. */
static void it_never_rings_early(void **state) {
  (void)state;
  for (int i = 1; i <= 20; i++) {
    uint64_t due = os__now_ns() + (unsigned)i * MS / 3;

    loop__alarm(due, ring);
    until_rings(i);
    assert_true(rang_at >= due);
    assert_true(owned_at_ring);
  }
}

static void the_earliest_counts(void **state) {
  uint64_t start = os__now_ns();

  (void)state;
  loop__alarm(start + 50000u * MS, ring);
  loop__alarm(start + 5 * MS, ring);
  loop__alarm(start + 60000u * MS, ring);
  until_rings(1);
  assert_true(rang_at - start < 30000u * MS);
}

/* Bug: a time that another thread asks for reaches a driver that sleeps in the
 * poll only when something else wakes it. */
static int asleep;

static void ask_while_others_sleep(void *unused) {
  (void)unused;
  spin_for(&asleep);
  loop__alarm(os__now_ns() + 2 * MS, ring);
}

static bool has_rung_once(void *unused) {
  (void)unused;
  RAISE(asleep);
  return FLAG(rings) != 0;
}

static void another_thread_may_ask(void **state) {
  struct os_thread thread;

  (void)state;
  asleep = 0;
  start_thread(&thread, ask_while_others_sleep, NULL);
  assert_true(loop__run_until(has_rung_once, NULL, os__now_ns() + 60000u * MS));
  os__thread_join(&thread);
}

/* Bug: the helper sleeps with the time-out it knew. */
static void it_rings_with_nobody_waiting(void **state) {
  (void)state;
  if (test_is_stepped())
    return;
  for (int i = 1; i <= 10; i++) {
    loop__alarm(os__now_ns() + 3 * MS, ring);
    while (FLAG(rings) < i)
      os__yield();
  }
}

/* ---- posting ----------------------------------------------------------- */

static int runs, inside;

static void run(struct loop_op *op) {
  (void)op;
  assert_false(FLAG(inside));
  ADD(runs, 1);
}

static bool has_run(void *unused) {
  (void)unused;
  return FLAG(runs) == 2;
}

static struct loop_op again_op;

static void post_again(struct loop_op *op) {
  (void)op;
  ADD(runs, 1);
  again_op.run = run;
  RAISE(inside);
  loop__post(&again_op);
  __atomic_store_n(&inside, 0, __ATOMIC_SEQ_CST);
}

/* Bug: what is posted from the loop itself runs inside the call. */
static void what_is_posted_runs_later(void **state) {
  struct loop_op op = {NULL, post_again};

  (void)state;
  runs = inside = 0;
  loop__post(&op);
  assert_true(loop__run_until(has_run, NULL, os__now_ns() + 60000u * MS));
}

#define ALARM_TEST(name)                                                       \
  cmocka_unit_test_setup_teardown(name, boot, test_shutdown)

int main(void) {
  const struct CMUnitTest tests[] = {
      ALARM_TEST(it_never_rings_early),
      ALARM_TEST(the_earliest_counts),
      ALARM_TEST(another_thread_may_ask),
      ALARM_TEST(it_rings_with_nobody_waiting),
      ALARM_TEST(what_is_posted_runs_later),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
