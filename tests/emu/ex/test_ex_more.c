/* Pool under other names, rundown protection for many processors, locks without
 * waiting. Pages: ddi/wdm/nf-wdm-exallocatepool3, ddi/ntddk/…, and those of the
 * functions that are named. */
#include "kernel_test.h"

#include "os/os.h"

#define TAG 'eroM'

static bool all_are(const UCHAR *bytes, UCHAR value, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != value)
      return false;
  return true;
}

/* ---- pool -------------------------------------------------------------- */

static void pool_comes_zeroed_or_not_by_the_name(void **state) {
  PUCHAR zeroed[] = {
      ExAllocatePoolQuotaZero(NonPagedPoolNx, 64, TAG),
      ExAllocatePoolPriorityZero(PagedPool, 64, TAG, NormalPoolPriority),
      ExAllocatePool3(POOL_FLAG_NON_PAGED, 64, TAG, NULL, 0)};
  PUCHAR others[] = {
      ExAllocatePoolQuotaUninitialized(NonPagedPoolNx, 64, TAG),
      ExAllocatePoolPriorityUninitialized(PagedPool, 64, TAG, LowPoolPriority),
      ExAllocatePoolWithQuotaTag(PagedPool, 64, TAG),
      ExAllocatePoolWithTagPriority(NonPagedPool, 64, TAG, HighPoolPriority)};
  (void)state;
  for (unsigned i = 0; i < RTL_NUMBER_OF(zeroed); i++) {
    assert_non_null(zeroed[i]);
    assert_true(all_are(zeroed[i], 0, 64));
    ExFreePool2(zeroed[i], TAG, NULL, 0);
  }
  for (unsigned i = 0; i < RTL_NUMBER_OF(others); i++) {
    assert_non_null(others[i]);
    assert_false(all_are(others[i], 0, 64));
    ExFreePoolWithTag(others[i], TAG);
  }
}

static NTSTATUS status_of_quota(POOL_TYPE type) {
  PVOID block = NULL;

  os__alloc_fail_nth(1);
  __try {
    block = ExAllocatePoolWithQuotaTag(type, 16, TAG);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    return GetExceptionCode();
  }
  assert_null(block);
  return STATUS_SUCCESS;
}

static void without_memory_quota_raises_unless_told_not_to(void **state) {
  (void)state;
  assert_int_equal(status_of_quota(PagedPool), STATUS_INSUFFICIENT_RESOURCES);
  assert_int_equal(
      status_of_quota(
          (POOL_TYPE)(PagedPool | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE)),
      STATUS_SUCCESS);
}

static void extended_parameters_are_known_or_optional(void **state) {
  POOL_EXTENDED_PARAMETER parameters[2] = {
      {.Type = PoolExtendedParameterPriority, .Priority = HighPoolPriority},
      {.Type = PoolExtendedParameterNumaNode, .PreferredNode = 0}};
  PVOID block;
  (void)state;
  block = ExAllocatePool3(POOL_FLAG_PAGED, 32, TAG, parameters, 2);
  assert_non_null(block);
  ExFreePool(block);
  parameters[1].Type = PoolExtendedParameterSecurePool;
  assert_null(ExAllocatePool3(POOL_FLAG_PAGED, 32, TAG, parameters, 2));
  parameters[1].Optional = 1;
  block = ExAllocatePool3(POOL_FLAG_PAGED, 32, TAG, parameters, 2);
  assert_non_null(block);
  ExFreePool(block);
  assert_null(ExAllocatePool3(POOL_FLAG_PAGED, 32, TAG, NULL, 1));
  assert_null(ExAllocatePool3(POOL_FLAG_PAGED, 32, 0, NULL, 0));
}

/* As drivers for old systems begin, before anything is allocated. */
static void a_driver_may_opt_in_to_pool_that_is_not_executed(void **state) {
  PVOID block;
  (void)state;
  ExInitializeDriverRuntime(DrvRtPoolNxOptIn);
  block = ExAllocatePoolWithTag(NonPagedPool, 16, TAG);
  assert_non_null(block);
  ExFreePoolWithTag(block, TAG);
}

/* ---- rundown protection ------------------------------------------------ */

struct runner {
  PEX_RUNDOWN_REF_CACHE_AWARE ref;
  LONG inside, seen;
};

static VOID hold_for_a_while(PVOID context) {
  struct runner *runner = context;

  while (ExAcquireRundownProtectionCacheAware(runner->ref)) {
    InterlockedIncrement(&runner->inside);
    InterlockedIncrement(&runner->seen);
    InterlockedDecrement(&runner->inside);
    ExReleaseRundownProtectionCacheAware(runner->ref);
  }
}

static void a_rundown_waits_for_all_processors(void **state) {
  struct runner runner = {
      .ref = ExAllocateCacheAwareRundownProtection(NonPagedPoolNx, TAG)};
  HANDLE threads[3];
  (void)state;
  for (int i = 0; i < 3; i++)
    PsCreateSystemThread(&threads[i], THREAD_ALL_ACCESS, NULL, NULL, NULL,
                         hold_for_a_while, &runner);
  while (InterlockedOr(&runner.seen, 0) < 1000)
    os__yield();
  ExWaitForRundownProtectionReleaseCacheAware(runner.ref);
  assert_int_equal(InterlockedOr(&runner.inside, 0), 0);
  assert_false(ExAcquireRundownProtectionCacheAwareEx(runner.ref, 2));
  for (int i = 0; i < 3; i++) {
    ZwWaitForSingleObject(threads[i], FALSE, NULL);
    ZwClose(threads[i]);
  }
  ExRundownCompletedCacheAware(runner.ref);
  ExReInitializeRundownProtectionCacheAware(runner.ref);
  assert_true(ExAcquireRundownProtectionCacheAwareEx(runner.ref, 2));
  ExReleaseRundownProtectionCacheAwareEx(runner.ref, 2);
  ExFreeCacheAwareRundownProtection(runner.ref);
}

static void a_rundown_reference_may_be_the_drivers_memory(void **state) {
  SIZE_T size = ExSizeOfRundownProtectionCacheAware();
  PEX_RUNDOWN_REF_CACHE_AWARE ref =
      ExAllocatePool2(POOL_FLAG_NON_PAGED, size, TAG);
  (void)state;
  ExInitializeRundownProtectionCacheAware(ref, size);
  assert_true(ExAcquireRundownProtectionCacheAware(ref));
  ExReleaseRundownProtectionCacheAware(ref);
  ExWaitForRundownProtectionReleaseCacheAware(ref);
  ExFreePoolWithTag(ref, TAG);
  os__alloc_fail_nth(1);
  assert_null(ExAllocateCacheAwareRundownProtection(NonPagedPoolNx, TAG));
}

/* ---- locks ------------------------------------------------------------- */

struct attempt {
  PEX_SPIN_LOCK lock;
  LOGICAL shared, exclusive;
};

static VOID attempt(PVOID context) {
  struct attempt *attempt = context;
  KIRQL irql = KeRaiseIrqlToDpcLevel();

  attempt->shared = ExTryAcquireSpinLockSharedAtDpcLevel(attempt->lock);
  if (attempt->shared)
    ExReleaseSpinLockSharedFromDpcLevel(attempt->lock);
  attempt->exclusive = ExTryAcquireSpinLockExclusiveAtDpcLevel(attempt->lock);
  if (attempt->exclusive)
    ExReleaseSpinLockExclusiveFromDpcLevel(attempt->lock);
  KeLowerIrql(irql);
}

static struct attempt by_another_thread(PEX_SPIN_LOCK lock) {
  struct attempt made = {.lock = lock};
  HANDLE thread;

  PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, attempt,
                       &made);
  ZwWaitForSingleObject(thread, FALSE, NULL);
  ZwClose(thread);
  return made;
}

static void a_spin_lock_is_tried_without_waiting(void **state) {
  EX_SPIN_LOCK lock = 0;
  KIRQL irql;
  (void)state;
  assert_true(by_another_thread(&lock).exclusive);
  irql = KeRaiseIrqlToDpcLevel();
  assert_true(ExTryAcquireSpinLockSharedAtDpcLevel(&lock));
  assert_false(ExTryAcquireSpinLockExclusiveAtDpcLevel(&lock));
  KeLowerIrql(irql); /* so that this thread may wait for the other */
  assert_true(by_another_thread(&lock).shared);
  assert_false(by_another_thread(&lock).exclusive);
  irql = KeRaiseIrqlToDpcLevel();
  ExReleaseSpinLockSharedFromDpcLevel(&lock);
  assert_true(ExTryAcquireSpinLockExclusiveAtDpcLevel(&lock));
  assert_false(ExTryAcquireSpinLockSharedAtDpcLevel(&lock));
  KeLowerIrql(irql);
  assert_false(by_another_thread(&lock).shared);
  irql = KeRaiseIrqlToDpcLevel();
  ExReleaseSpinLockExclusiveFromDpcLevel(&lock);
  KeLowerIrql(irql);
  assert_int_equal(lock, 0);
}

static void an_unsafe_fast_mutex_leaves_the_irql_alone(void **state) {
  FAST_MUTEX mutex;
  (void)state;
  ExInitializeFastMutex(&mutex);
  KeEnterCriticalRegion();
  ExAcquireFastMutexUnsafe(&mutex);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  ExReleaseFastMutexUnsafe(&mutex);
  KeLeaveCriticalRegion();
  expect_report_begin();
  ExAcquireFastMutexUnsafe(&mutex);
  expect_report_end(VF_APC_01);
  ExReleaseFastMutexUnsafe(&mutex);
}

struct sum {
  KSPIN_LOCK lock;
  ULONG small;
  LARGE_INTEGER large;
  FAST_MUTEX mutex;
  ULONG guarded;
};

static VOID add_up(PVOID context) {
  struct sum *sum = context;
  LARGE_INTEGER step = {.QuadPart = 0x100000000};

  for (int i = 0; i < 1000; i++) {
    ExInterlockedAddUlong(&sum->small, 3, &sum->lock);
    ExInterlockedAddLargeInteger(&sum->large, step, &sum->lock);
    KeEnterCriticalRegion();
    ExAcquireFastMutexUnsafe(&sum->mutex);
    sum->guarded++;
    ExReleaseFastMutexUnsafe(&sum->mutex);
    KeLeaveCriticalRegion();
  }
}

static void sums_of_several_threads_come_out_right(void **state) {
  struct sum sum = {.small = 7};
  HANDLE threads[3];
  (void)state;
  KeInitializeSpinLock(&sum.lock);
  ExInitializeFastMutex(&sum.mutex);
  for (int i = 0; i < 3; i++)
    PsCreateSystemThread(&threads[i], THREAD_ALL_ACCESS, NULL, NULL, NULL,
                         add_up, &sum);
  for (int i = 0; i < 3; i++) {
    ZwWaitForSingleObject(threads[i], FALSE, NULL);
    ZwClose(threads[i]);
  }
  assert_int_equal(ExInterlockedAddUlong(&sum.small, 0, &sum.lock), 9007);
  assert_int_equal(sum.large.HighPart, 3000);
  assert_int_equal(sum.guarded, 3000);
  assert_int_equal(ExGetPreviousMode(), KernelMode);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(pool_comes_zeroed_or_not_by_the_name),
      KERNEL_TEST(without_memory_quota_raises_unless_told_not_to),
      KERNEL_TEST(extended_parameters_are_known_or_optional),
      KERNEL_TEST(a_driver_may_opt_in_to_pool_that_is_not_executed),
      KERNEL_TEST(a_rundown_waits_for_all_processors),
      KERNEL_TEST(a_rundown_reference_may_be_the_drivers_memory),
      KERNEL_TEST(a_spin_lock_is_tried_without_waiting),
      KERNEL_TEST(an_unsafe_fast_mutex_leaves_the_irql_alone),
      KERNEL_TEST(sums_of_several_threads_come_out_right),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
