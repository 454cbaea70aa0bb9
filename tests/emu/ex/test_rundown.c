/* Rundown protection. Windows page: Run-Down Protection. */
#include "kernel_test.h"

#include "os/os.h"

static EX_RUNDOWN_REF ref;

static void it_is_held_as_often_as_acquired(void **state) {
  (void)state;
  ExInitializeRundownProtection(&ref);
  assert_true(ExAcquireRundownProtection(&ref));
  assert_true(ExAcquireRundownProtectionEx(&ref, 2));
  assert_int_equal(ref.Count, 3 * EX_RUNDOWN_COUNT_INC);
  ExReleaseRundownProtectionEx(&ref, 2);
  ExReleaseRundownProtection(&ref);
  assert_int_equal(ref.Count, 0);
}

static void once_run_down_it_refuses(void **state) {
  (void)state;
  ExInitializeRundownProtection(&ref);
  ExWaitForRundownProtectionRelease(&ref);
  assert_int_equal(ref.Count, EX_RUNDOWN_ACTIVE);
  assert_false(ExAcquireRundownProtection(&ref));
  ExWaitForRundownProtectionRelease(&ref); /* again: at once */
  ExRundownCompleted(&ref);
  assert_false(ExAcquireRundownProtection(&ref));
  ExReInitializeRundownProtection(&ref);
  assert_true(ExAcquireRundownProtection(&ref));
  ExReleaseRundownProtection(&ref);
}

/* ---- waiting ----------------------------------------------------------- */

struct shared {
  EX_RUNDOWN_REF ref;
  KEVENT acquired;
  int uses; /* plain: ThreadSanitizer sees a use after the wait */
};

static void use_then_release(void *argument) {
  struct shared *shared = argument;
  int taken = 0;

  while (ExAcquireRundownProtection(&shared->ref)) {
    if (taken++ == 0)
      KeSetEvent(&shared->acquired, IO_NO_INCREMENT, FALSE);
    __atomic_fetch_add(&shared->uses, 1, __ATOMIC_RELAXED);
    ExReleaseRundownProtection(&shared->ref);
  }
}

/* Defends against a wait that does not wait: what is protected is freed right
 * after it, as drivers do. */
static void a_wait_really_waits(void **state) {
  (void)state;
  for (int round = 0; round < 50; round++) {
    struct shared *shared =
        ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*shared), 'nwdR');
    struct os_thread thread;

    shared->uses = 0;
    ExInitializeRundownProtection(&shared->ref);
    KeInitializeEvent(&shared->acquired, NotificationEvent, FALSE);
    assert_int_equal(os__thread_start(&thread, use_then_release, shared), 0);
    KeWaitForSingleObject(&shared->acquired, Executive, KernelMode, FALSE,
                          NULL);
    ExWaitForRundownProtectionRelease(&shared->ref);
    assert_true(shared->uses > 0);
    shared->uses = -1;
    os__thread_join(&thread);
    assert_int_equal(shared->uses, -1);
    ExFreePool(shared);
  }
}

static KEVENT may_release;

static void hold(void *argument) {
  struct shared *shared = argument;

  ExAcquireRundownProtection(&shared->ref);
  KeSetEvent(&shared->acquired, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(&may_release, Executive, KernelMode, FALSE, NULL);
  while ((__atomic_load_n(&shared->ref.Count, __ATOMIC_ACQUIRE) &
          EX_RUNDOWN_ACTIVE) == 0)
    os__yield();
  __atomic_store_n(&shared->uses, 1, __ATOMIC_RELAXED);
  ExReleaseRundownProtection(&shared->ref);
}

static void the_last_release_ends_the_wait(void **state) {
  (void)state;
  struct shared shared = {.uses = 0};
  struct os_thread thread;

  ExInitializeRundownProtection(&shared.ref);
  KeInitializeEvent(&shared.acquired, NotificationEvent, FALSE);
  KeInitializeEvent(&may_release, NotificationEvent, FALSE);
  assert_int_equal(os__thread_start(&thread, hold, &shared), 0);
  KeWaitForSingleObject(&shared.acquired, Executive, KernelMode, FALSE, NULL);
  KeSetEvent(&may_release, IO_NO_INCREMENT, FALSE);
  ExWaitForRundownProtectionRelease(&shared.ref);
  assert_int_equal(shared.uses, 1);
  os__thread_join(&thread);
}

/* ---- breaches ---------------------------------------------------------- */

static void a_release_too_many_is_reported(void **state) {
  (void)state;
  ExInitializeRundownProtection(&ref);
  expect_report_begin();
  ExReleaseRundownProtection(&ref);
  expect_report_end(VF_EX_RUNDOWN_01);
  assert_true(ExAcquireRundownProtection(&ref));
  ExReleaseRundownProtection(&ref);
}

static void reinitialising_what_is_held_is_reported(void **state) {
  (void)state;
  ExInitializeRundownProtection(&ref);
  expect_report_begin();
  ExReInitializeRundownProtection(&ref);
  expect_report_end(VF_EX_RUNDOWN_02);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(it_is_held_as_often_as_acquired),
      KERNEL_TEST(once_run_down_it_refuses),
      KERNEL_TEST(a_wait_really_waits),
      KERNEL_TEST(the_last_release_ends_the_wait),
      KERNEL_TEST(a_release_too_many_is_reported),
      KERNEL_TEST(reinitialising_what_is_held_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
