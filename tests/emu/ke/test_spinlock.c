/* Spin locks, plain and queued, and the IRQL they raise. */
#include "kernel_test.h"

#include "ke/ke.h"

struct shared {
  KSPIN_LOCK lock;
  int value;
  bool queued;
};

static void count_once(struct shared *shared) {
  KLOCK_QUEUE_HANDLE handle;
  KIRQL old;
  if (shared->queued) {
    KeAcquireInStackQueuedSpinLock(&shared->lock, &handle);
    shared->value++;
    KeReleaseInStackQueuedSpinLock(&handle);
  } else {
    KeAcquireSpinLock(&shared->lock, &old);
    shared->value++;
    KeReleaseSpinLock(&shared->lock, old);
  }
}

static VOID count(PVOID context) {
  for (int i = 0; i < 2000; i++)
    count_once(context);
}

static void count_by_three_threads(bool queued) {
  struct shared shared = {.value = 0, .queued = queued};
  HANDLE handles[3];
  PVOID threads[3];
  KeInitializeSpinLock(&shared.lock);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(PsCreateSystemThread(&handles[i], THREAD_ALL_ACCESS, NULL,
                                          NULL, NULL, count, &shared),
                     STATUS_SUCCESS);
    ObReferenceObjectByHandle(handles[i], THREAD_ALL_ACCESS, *PsThreadType,
                              KernelMode, &threads[i], NULL);
    ZwClose(handles[i]);
  }
  for (int i = 0; i < 3; i++) {
    KeWaitForSingleObject(threads[i], Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(threads[i]);
  }
  assert_int_equal(shared.value, 6000);
  assert_true(KeTestSpinLock(&shared.lock));
}

/* Against: two holders of one lock at a time. */
static void a_spin_lock_excludes_other_threads(void **state) {
  (void)state;
  count_by_three_threads(false);
}

/* Against: a queue that loses a waiter between the exchange and the link. */
static void a_queued_spin_lock_excludes_other_threads(void **state) {
  (void)state;
  count_by_three_threads(true);
}

static void a_spin_lock_raises_to_dispatch_level_and_back(void **state) {
  KSPIN_LOCK lock;
  KIRQL old;
  (void)state;
  KeInitializeSpinLock(&lock);
  KeAcquireSpinLock(&lock, &old);
  assert_int_equal(old, PASSIVE_LEVEL);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  assert_false(KeTestSpinLock(&lock));
  KeReleaseSpinLock(&lock, old);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

static void a_queued_spin_lock_raises_to_dispatch_level_and_back(void **state) {
  KSPIN_LOCK lock;
  KLOCK_QUEUE_HANDLE handle;
  (void)state;
  KeInitializeSpinLock(&lock);
  KeAcquireInStackQueuedSpinLock(&lock, &handle);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  KeReleaseInStackQueuedSpinLock(&handle);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  assert_true(KeTestSpinLock(&lock));
}

/* Against: a self-deadlock that hangs the test instead of failing it. */
static void acquiring_a_lock_twice_is_reported(void **state) {
  KSPIN_LOCK lock;
  KIRQL old;
  (void)state;
  KeInitializeSpinLock(&lock);
  KeAcquireSpinLock(&lock, &old);
  expect_report_begin();
  KeAcquireSpinLockAtDpcLevel(&lock);
  expect_report_end(VF_LOCK_01);
  KeReleaseSpinLock(&lock, old);
}

static void releasing_a_lock_that_is_free_is_reported(void **state) {
  KSPIN_LOCK lock;
  KIRQL old;
  (void)state;
  KeInitializeSpinLock(&lock);
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  expect_report_begin();
  KeReleaseSpinLockFromDpcLevel(&lock);
  expect_report_end(VF_LOCK_02);
  KeLowerIrql(old);
}

static void the_dpc_form_below_dispatch_level_is_reported(void **state) {
  KSPIN_LOCK lock;
  KIRQL old;
  (void)state;
  KeInitializeSpinLock(&lock);
  expect_report_begin();
  KeAcquireSpinLockAtDpcLevel(&lock);
  expect_report_end(VF_LOCK_03);
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  KeReleaseSpinLockFromDpcLevel(&lock);
  KeLowerIrql(old);
}

static void trying_takes_only_a_free_lock(void **state) {
  KSPIN_LOCK lock;
  KIRQL old;
  (void)state;
  KeInitializeSpinLock(&lock);
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  assert_true(KeTryToAcquireSpinLockAtDpcLevel(&lock));
  assert_false(KeTryToAcquireSpinLockAtDpcLevel(&lock));
  KeReleaseSpinLockFromDpcLevel(&lock);
  KeLowerIrql(old);
}

static void raising_downward_and_lowering_upward_are_reported(void **state) {
  KIRQL old;
  (void)state;
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  expect_report_begin();
  (void)KfRaiseIrql(PASSIVE_LEVEL);
  expect_report_end(VF_IRQL_02);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  expect_report_begin();
  KeLowerIrql(DISPATCH_LEVEL);
  expect_report_end(VF_IRQL_02);
  KeLowerIrql(PASSIVE_LEVEL);
}

static void paged_code_at_dispatch_level_is_reported(void **state) {
  KIRQL old;
  (void)state;
  PAGED_CODE();
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  expect_report_begin();
  PAGED_CODE();
  expect_report_end(VF_IRQL_01);
  KeLowerIrql(old);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_spin_lock_excludes_other_threads),
      KERNEL_TEST(a_queued_spin_lock_excludes_other_threads),
      KERNEL_TEST(a_spin_lock_raises_to_dispatch_level_and_back),
      KERNEL_TEST(a_queued_spin_lock_raises_to_dispatch_level_and_back),
      KERNEL_TEST(acquiring_a_lock_twice_is_reported),
      KERNEL_TEST(releasing_a_lock_that_is_free_is_reported),
      KERNEL_TEST(the_dpc_form_below_dispatch_level_is_reported),
      KERNEL_TEST(trying_takes_only_a_free_lock),
      KERNEL_TEST(raising_downward_and_lowering_upward_are_reported),
      KERNEL_TEST(paged_code_at_dispatch_level_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
