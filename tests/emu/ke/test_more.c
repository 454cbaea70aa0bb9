/* Small parts of Ke. Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>.
 */
#include "kernel_test.h"

static void spin_locks_for_dpcs_raise_and_lower(void **state) {
  KLOCK_QUEUE_HANDLE handle;
  KSPIN_LOCK lock;
  KIRQL irql;
  (void)state;
  KeInitializeSpinLock(&lock);
  irql = KeAcquireSpinLockForDpc(&lock);
  assert_int_equal(irql, PASSIVE_LEVEL);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  assert_false(KeTestSpinLock(&lock));
  KeReleaseSpinLockForDpc(&lock, irql);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  KeAcquireInStackQueuedSpinLockForDpc(&lock, &handle);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  KeReleaseInStackQueuedSpinLockForDpc(&handle);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  assert_true(KeTestSpinLock(&lock));
}

static VOID NTAPI use_stack(PVOID parameter) {
  volatile UCHAR room[0x8000];

  for (unsigned i = 0; i < sizeof(room); i += 256)
    room[i] = (UCHAR)i;
  *(ULONG *)parameter = room[0x400] + 1u;
}

static void a_callout_has_the_stack_it_asks_for(void **state) {
  ULONG called = 0;
  KIRQL irql;
  (void)state;
  assert_int_equal(KeExpandKernelStackAndCallout(use_stack, &called, 0x8400),
                   STATUS_SUCCESS);
  assert_int_equal(called, 1);
  called = 0;
  irql = KeRaiseIrqlToDpcLevel();
  assert_int_equal(
      KeExpandKernelStackAndCalloutEx(use_stack, &called, 0x8400, FALSE, NULL),
      STATUS_SUCCESS);
  KeLowerIrql(irql);
  assert_int_equal(called, 1);
  assert_int_equal(KeExpandKernelStackAndCallout(use_stack, &called,
                                                 MAXIMUM_EXPANSION_SIZE + 1),
                   STATUS_INVALID_PARAMETER_3);
}

static void questions_are_answered(void **state) {
  (void)state;
  assert_true(KeQueryUnbiasedInterruptTime() <= KeQueryInterruptTime());
  assert_int_equal(KeGetRecommendedSharedDataAlignment(), 64);
  assert_false(KeShouldYieldProcessor());
  assert_true(KD_DEBUGGER_NOT_PRESENT);
  assert_false(KD_DEBUGGER_ENABLED);
  assert_true(KdRefreshDebuggerNotPresent());
}

/* Precise times are the same clock, and never go back. */
static void precise_times_agree_with_the_others(void **state) {
  LARGE_INTEGER first, second, frequency;
  ULONG64 counter;
  ULONGLONG before = KeQueryInterruptTime(), precise;
  (void)state;
  KeQuerySystemTime(&first);
  KeQuerySystemTimePrecise(&second);
  assert_true(second.QuadPart >= first.QuadPart);
  precise = KeQueryInterruptTimePrecise(&counter);
  assert_true(precise >= before);
  assert_true(KeQueryInterruptTimePrecise(NULL) >= precise);
  assert_true((ULONG64)KeQueryPerformanceCounter(&frequency).QuadPart >=
              counter);
  assert_true(frequency.QuadPart > 0);
  assert_true(KeQueryTimeIncrement() > 0);
  KeQueryTickCount(&first);
  assert_true((ULONGLONG)first.QuadPart * KeQueryTimeIncrement() <=
              KeQueryInterruptTime());
}

static void an_event_tells_what_it_was_before(void **state) {
  KEVENT event;
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, TRUE);
  assert_int_equal(KeResetEvent(&event), 1);
  assert_int_equal(KeResetEvent(&event), 0);
  assert_int_equal(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
  KeClearEvent(&event);
  assert_int_equal(KeReadStateEvent(&event), 0);
  assert_int_equal(KePulseEvent(&event, IO_NO_INCREMENT, FALSE), 0);
  assert_int_equal(KeReadStateEvent(&event), 0);
}

static void a_spin_lock_function_is_what_the_macro_calls(void **state) {
  KSPIN_LOCK lock;
  KIRQL irql;
  (void)state;
  KeInitializeSpinLock(&lock);
  irql = KeAcquireSpinLockRaiseToDpc(&lock);
  assert_int_equal(irql, PASSIVE_LEVEL);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  KeReleaseSpinLock(&lock, irql);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(spin_locks_for_dpcs_raise_and_lower),
      KERNEL_TEST(a_callout_has_the_stack_it_asks_for),
      KERNEL_TEST(questions_are_answered),
      KERNEL_TEST(precise_times_agree_with_the_others),
      KERNEL_TEST(an_event_tells_what_it_was_before),
      KERNEL_TEST(a_spin_lock_function_is_what_the_macro_calls),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
