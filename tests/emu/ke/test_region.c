/* Critical and guarded regions, guarded mutexes, and mutexes that a thread
 * forgets. */
#include "kernel_test.h"

#include "os/os.h"

static KGUARDED_MUTEX mutex;

static void regions_nest(void **state) {
  (void)state;
  assert_false(KeAreApcsDisabled());
  KeEnterCriticalRegion();
  KeEnterGuardedRegion();
  KeEnterGuardedRegion();
  assert_true(KeAreAllApcsDisabled());
  KeLeaveGuardedRegion();
  assert_true(KeAreAllApcsDisabled());
  KeLeaveGuardedRegion();
  assert_false(KeAreAllApcsDisabled());
  assert_true(KeAreApcsDisabled());
  KeLeaveCriticalRegion();
  assert_false(KeAreApcsDisabled());
}

static void leaving_too_often_is_reported(void **state) {
  (void)state;
  expect_report_begin();
  KeLeaveCriticalRegion();
  expect_report_end(VF_APC_02);
  expect_report_begin();
  KeLeaveGuardedRegion();
  expect_report_end(VF_APC_02);
}

static void the_holder_is_in_a_guarded_region(void **state) {
  (void)state;
  KeInitializeGuardedMutex(&mutex);
  KeAcquireGuardedMutex(&mutex);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  assert_true(KeAreAllApcsDisabled());
  KeReleaseGuardedMutex(&mutex);
  assert_false(KeAreAllApcsDisabled());
  assert_true(KeTryToAcquireGuardedMutex(&mutex));
  assert_false(KeTryToAcquireGuardedMutex(&mutex));
  KeReleaseGuardedMutex(&mutex);
}

static void the_unsafe_forms_want_a_region(void **state) {
  (void)state;
  KeInitializeGuardedMutex(&mutex);
  KeEnterGuardedRegion();
  KeAcquireGuardedMutexUnsafe(&mutex);
  KeReleaseGuardedMutexUnsafe(&mutex);
  KeLeaveGuardedRegion();
  expect_report_begin();
  KeAcquireGuardedMutexUnsafe(&mutex);
  expect_report_end(VF_APC_01);
  KeEnterGuardedRegion();
  KeReleaseGuardedMutexUnsafe(&mutex);
  KeLeaveGuardedRegion();
}

static void misuse_is_reported(void **state) {
  (void)state;
  KeInitializeGuardedMutex(&mutex);
  expect_report_begin();
  KeReleaseGuardedMutex(&mutex);
  expect_report_end(VF_EX_MUTEX_02);
  KeAcquireGuardedMutex(&mutex);
  expect_report_begin();
  KeAcquireGuardedMutex(&mutex);
  expect_report_end(VF_EX_MUTEX_01);
  KeReleaseGuardedMutex(&mutex);
  assert_false(KeAreAllApcsDisabled());
}

#define ROUNDS 2000

static int sum; /* plain, for ThreadSanitizer */

static void add_up(void *unused) {
  (void)unused;
  for (int i = 0; i < ROUNDS; i++) {
    KeAcquireGuardedMutex(&mutex);
    sum++;
    KeReleaseGuardedMutex(&mutex);
  }
}

static void threads_take_turns(void **state) {
  (void)state;
  struct os_thread threads[3];

  sum = 0;
  KeInitializeGuardedMutex(&mutex);
  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&threads[i], add_up, NULL), 0);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(sum, 3 * ROUNDS);
  assert_int_equal(mutex.Count, 1);
}

static void who_holds_a_mutex_has_apcs_disabled(void **state) {
  (void)state;
  KMUTEX held;

  KeInitializeMutex(&held, 0);
  KeWaitForMutexObject(&held, Executive, KernelMode, FALSE, NULL);
  KeWaitForMutexObject(&held, Executive, KernelMode, FALSE, NULL);
  assert_true(KeAreApcsDisabled());
  KeReleaseMutex(&held, FALSE);
  assert_true(KeAreApcsDisabled());
  KeReleaseMutex(&held, FALSE);
  assert_false(KeAreApcsDisabled());
}

static KMUTEX forgotten;

static VOID NTAPI take_and_end(PVOID unused) {
  (void)unused;
  KeWaitForMutexObject(&forgotten, Executive, KernelMode, FALSE, NULL);
}

/* Defends against a hang with no word about it: the next who waits for the
 * mutex waits for ever. */
static void a_thread_that_ends_with_a_mutex_is_reported(void **state) {
  (void)state;
  HANDLE handle;
  PVOID thread;

  KeInitializeMutex(&forgotten, 0);
  expect_report_begin();
  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, take_and_end, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType,
                                             KernelMode, &thread, NULL),
                   STATUS_SUCCESS);
  ZwClose(handle);
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(thread);
  expect_report_end(VF_MUTEX_02);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(regions_nest),
      KERNEL_TEST(leaving_too_often_is_reported),
      KERNEL_TEST(the_holder_is_in_a_guarded_region),
      KERNEL_TEST(the_unsafe_forms_want_a_region),
      KERNEL_TEST(misuse_is_reported),
      KERNEL_TEST(threads_take_turns),
      KERNEL_TEST(who_holds_a_mutex_has_apcs_disabled),
      KERNEL_TEST(a_thread_that_ends_with_a_mutex_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
