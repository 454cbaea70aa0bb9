/* Fast mutexes. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "os/os.h"
#include "verifier/report.h"

static FAST_MUTEX mutex;

static int start(void **state) {
  (void)state;
  vf__reset();
  ExInitializeFastMutex(&mutex);
  return 0;
}

static int end(void **state) {
  (void)state;
  return vf__count(VF_RULE_COUNT) != 0 || KeGetCurrentIrql() != 0;
}

static void the_holder_runs_at_apc_level(void **state) {
  (void)state;
  ExAcquireFastMutex(&mutex);
  assert_int_equal(KeGetCurrentIrql(), APC_LEVEL);
  ExReleaseFastMutex(&mutex);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  assert_int_equal(mutex.Count, 1);
  assert_null(mutex.Owner);
}

static void try_for_another_thread(void *got) {
  *(BOOLEAN *)got = ExTryToAcquireFastMutex(&mutex);
  if (*(BOOLEAN *)got)
    ExReleaseFastMutex(&mutex);
}

static BOOLEAN another_thread_gets_it(void) {
  struct os_thread thread;
  BOOLEAN got = FALSE;

  assert_int_equal(os__thread_start(&thread, try_for_another_thread, &got), 0);
  os__thread_join(&thread);
  return got;
}

static void trying_fails_while_another_thread_holds_it(void **state) {
  (void)state;
  assert_true(another_thread_gets_it());
  assert_true(ExTryToAcquireFastMutex(&mutex));
  assert_int_equal(KeGetCurrentIrql(), APC_LEVEL);
  assert_false(another_thread_gets_it());
  ExReleaseFastMutex(&mutex);
  assert_true(another_thread_gets_it());
}

#define ROUNDS 2000

static int shared; /* plain: ThreadSanitizer sees what the mutex misses */

static void add_up(void *unused) {
  (void)unused;
  for (int i = 0; i < ROUNDS; i++) {
    ExAcquireFastMutex(&mutex);
    shared++;
    ExReleaseFastMutex(&mutex);
  }
}

static void threads_take_turns(void **state) {
  (void)state;
  struct os_thread threads[3];

  shared = 0;
  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&threads[i], add_up, NULL), 0);
  add_up(NULL);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(shared, 4 * ROUNDS);
  assert_int_equal(mutex.Count, 1);
}

static void acquiring_it_twice_is_reported_and_does_not_hang(void **state) {
  (void)state;
  ExAcquireFastMutex(&mutex);
  vf__quiet(1);
  ExAcquireFastMutex(&mutex);
  vf__quiet(0);
  assert_int_equal(vf__count(VF_EX_MUTEX_01), 1);
  vf__reset();
  ExReleaseFastMutex(&mutex);
}

static void releasing_it_unheld_is_reported(void **state) {
  (void)state;
  vf__quiet(1);
  ExReleaseFastMutex(&mutex);
  vf__quiet(0);
  assert_int_equal(vf__count(VF_EX_MUTEX_02), 1);
  vf__reset();
  assert_int_equal(mutex.Count, 1);
}

#define MUTEX_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      MUTEX_TEST(the_holder_runs_at_apc_level),
      MUTEX_TEST(trying_fails_while_another_thread_holds_it),
      MUTEX_TEST(threads_take_turns),
      MUTEX_TEST(acquiring_it_twice_is_reported_and_does_not_hang),
      MUTEX_TEST(releasing_it_unheld_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
