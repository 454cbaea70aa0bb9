/* Spin locks for readers and writers. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "os/os.h"
#include "verifier/report.h"

static EX_SPIN_LOCK lock;

static int start(void **state) {
  (void)state;
  vf__reset();
  lock = 0;
  return 0;
}

static int end(void **state) {
  (void)state;
  return lock != 0 || vf__count(VF_RULE_COUNT) != 0 ||
         KeGetCurrentIrql() != PASSIVE_LEVEL;
}

static void both_ways_raise_to_dispatch_level_and_back(void **state) {
  (void)state;
  KIRQL old = ExAcquireSpinLockExclusive(&lock);

  assert_int_equal(old, PASSIVE_LEVEL);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  ExReleaseSpinLockExclusive(&lock, old);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  old = ExAcquireSpinLockShared(&lock);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  ExReleaseSpinLockShared(&lock, old);
}

static void share(void *unused) {
  KIRQL old = ExAcquireSpinLockShared(&lock);
  (void)unused;
  ExReleaseSpinLockShared(&lock, old);
}

/* Defends against readers that exclude each other: the join would hang. */
static void readers_share(void **state) {
  (void)state;
  struct os_thread thread;
  KIRQL old = ExAcquireSpinLockShared(&lock);

  assert_int_equal(os__thread_start(&thread, share, NULL), 0);
  os__thread_join(&thread);
  ExReleaseSpinLockShared(&lock, old);
}

#define ROUNDS 2000

static int value; /* plain: ThreadSanitizer sees what the lock misses */

static void add_up(void *unused) {
  (void)unused;
  for (int i = 0; i < ROUNDS; i++) {
    KIRQL old = ExAcquireSpinLockExclusive(&lock);
    value++;
    ExReleaseSpinLockExclusive(&lock, old);
  }
}

static void read_twice(void *torn) {
  for (int i = 0; i < ROUNDS; i++) {
    KIRQL old = ExAcquireSpinLockShared(&lock);
    int first = value;
    if (first != value)
      *(int *)torn = 1;
    ExReleaseSpinLockShared(&lock, old);
  }
}

static void a_writer_is_alone(void **state) {
  (void)state;
  struct os_thread threads[4];
  int torn[4] = {0};

  value = 0;
  for (int i = 0; i < 4; i++)
    assert_int_equal(
        os__thread_start(&threads[i], i < 2 ? add_up : read_twice, &torn[i]),
        0);
  for (int i = 0; i < 4; i++) {
    os__thread_join(&threads[i]);
    assert_int_equal(torn[i], 0);
  }
  assert_int_equal(value, 2 * ROUNDS);
}

static void the_only_reader_becomes_the_writer(void **state) {
  (void)state;
  KIRQL old = ExAcquireSpinLockShared(&lock);

  assert_true(ExTryConvertSharedSpinLockExclusive(&lock));
  ExReleaseSpinLockExclusive(&lock, old);
  assert_int_equal(lock, 0);
}

static void convert(void *converted) {
  KIRQL old = ExAcquireSpinLockShared(&lock);

  *(LOGICAL *)converted = ExTryConvertSharedSpinLockExclusive(&lock);
  ExReleaseSpinLockShared(&lock, old);
}

static void one_reader_of_two_does_not(void **state) {
  (void)state;
  struct os_thread thread;
  LOGICAL converted = TRUE;
  KIRQL old = ExAcquireSpinLockShared(&lock);

  assert_int_equal(os__thread_start(&thread, convert, &converted), 0);
  os__thread_join(&thread);
  assert_false(converted);
  ExReleaseSpinLockShared(&lock, old);
}

/* Defends against a hang: on NT the thread would spin for ever. */
static void taking_it_twice_is_reported(void **state) {
  (void)state;
  KIRQL old = ExAcquireSpinLockShared(&lock);

  ExAcquireSpinLockSharedAtDpcLevel(&lock);
  ExAcquireSpinLockExclusiveAtDpcLevel(&lock);
  assert_int_equal(vf__count(VF_LOCK_01), 2);
  ExReleaseSpinLockShared(&lock, old);
  vf__reset();
}

static void releasing_it_the_other_way_is_reported(void **state) {
  (void)state;
  KIRQL old = ExAcquireSpinLockShared(&lock);

  ExReleaseSpinLockExclusiveFromDpcLevel(&lock);
  assert_int_equal(vf__count(VF_LOCK_02), 1);
  ExReleaseSpinLockShared(&lock, old);
  vf__reset();
}

static void the_dpc_level_forms_want_dispatch_level(void **state) {
  (void)state;
  ExAcquireSpinLockExclusiveAtDpcLevel(&lock);
  ExReleaseSpinLockExclusiveFromDpcLevel(&lock);
  assert_int_equal(vf__count(VF_LOCK_03), 2);
  vf__reset();
}

/* Defends against a limit on how many locks a thread may hold. */
static void many_locks_are_held_at_once(void **state) {
  (void)state;
  EX_SPIN_LOCK locks[40] = {0};
  KIRQL old = ExAcquireSpinLockShared(&lock);

  for (int i = 0; i < 40; i++)
    ExAcquireSpinLockExclusiveAtDpcLevel(&locks[i]);
  for (int i = 39; i >= 0; i--)
    ExReleaseSpinLockExclusiveFromDpcLevel(&locks[i]);
  ExReleaseSpinLockShared(&lock, old);
  for (int i = 0; i < 40; i++)
    assert_int_equal(locks[i], 0);
}

#define LOCK_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      LOCK_TEST(both_ways_raise_to_dispatch_level_and_back),
      LOCK_TEST(readers_share),
      LOCK_TEST(a_writer_is_alone),
      LOCK_TEST(the_only_reader_becomes_the_writer),
      LOCK_TEST(one_reader_of_two_does_not),
      LOCK_TEST(taking_it_twice_is_reported),
      LOCK_TEST(releasing_it_the_other_way_is_reported),
      LOCK_TEST(the_dpc_level_forms_want_dispatch_level),
      LOCK_TEST(many_locks_are_held_at_once),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
