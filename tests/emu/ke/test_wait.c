/* Waits on one and several objects, by one and several threads. */
#include "kernel_test.h"

#include "ke/ke.h"
#include "os/os.h"

#define MS(n) ((LONGLONG)(n) * -10000)

static NTSTATUS wait_for(PVOID object, LONGLONG timeout) {
  LARGE_INTEGER limit;
  limit.QuadPart = timeout;
  return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, &limit);
}

static NTSTATUS wait_many(ULONG count, PVOID objects[], WAIT_TYPE type,
                          LONGLONG timeout) {
  KWAIT_BLOCK blocks[MAXIMUM_WAIT_OBJECTS];
  LARGE_INTEGER limit;
  limit.QuadPart = timeout;
  return KeWaitForMultipleObjects(count, objects, type, Executive, KernelMode,
                                  FALSE, &limit, blocks);
}

/* ---- threads ----------------------------------------------------------- */

static PVOID start(PKSTART_ROUTINE routine, PVOID context) {
  HANDLE handle;
  PVOID thread;
  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, routine, context),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS,
                                             *PsThreadType, KernelMode, &thread,
                                             NULL),
                   STATUS_SUCCESS);
  assert_int_equal(ZwClose(handle), STATUS_SUCCESS);
  return thread;
}

static void join(PVOID thread) {
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(thread);
}

/* ---- one object -------------------------------------------------------- */

/* Against: an event that forgets it was set before anybody waited. */
static void an_event_set_before_the_wait_satisfies_it(void **state) {
  KEVENT event;
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  assert_int_equal(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
  assert_int_equal(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 1);
  assert_int_equal(wait_for(&event, 0), STATUS_SUCCESS);
  assert_int_equal(KeReadStateEvent(&event), 1);
}

/* Against: a synchronization event that releases two waits. */
static void a_synchronization_event_is_consumed_by_one_wait(void **state) {
  KEVENT event;
  (void)state;
  KeInitializeEvent(&event, SynchronizationEvent, TRUE);
  assert_int_equal(wait_for(&event, 0), STATUS_SUCCESS);
  assert_int_equal(KeReadStateEvent(&event), 0);
  assert_int_equal(wait_for(&event, 0), STATUS_TIMEOUT);
}

/* Against: a limit that is taken for milliseconds, or ends too early. */
static void a_relative_limit_is_in_hundred_nanoseconds(void **state) {
  KEVENT event;
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  uint64_t start_ns = ke__clock_ns();
  assert_int_equal(wait_for(&event, MS(20)), STATUS_TIMEOUT);
  assert_true(ke__clock_ns() - start_ns >= 20000000u);
}

/* Against: an absolute limit read as a relative one (it would never end). */
static void a_positive_limit_is_a_point_in_system_time(void **state) {
  KEVENT event;
  LARGE_INTEGER now;
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  uint64_t start_ns = ke__clock_ns();
  KeQuerySystemTime(&now);
  assert_int_equal(wait_for(&event, now.QuadPart + 200000), STATUS_TIMEOUT);
  assert_true(ke__clock_ns() - start_ns >= 19000000u);
  assert_int_equal(wait_for(&event, now.QuadPart - 1), STATUS_TIMEOUT);
}

/* Against: overflow in the arithmetic of the longest limits. */
static void the_smallest_limit_is_for_ever(void **state) {
  LARGE_INTEGER limit;
  (void)state;
  limit.QuadPart = INT64_MIN;
  assert_true(ke__deadline(&limit) == LOOP_FOREVER);
  limit.QuadPart = INT64_MAX;
  assert_true(ke__deadline(&limit) == LOOP_FOREVER);
  assert_true(ke__deadline(NULL) == LOOP_FOREVER);
}

/* Against: a wait block that stays in the event's list when time is up. */
static void a_wait_that_timed_out_leaves_nothing_in_the_event(void **state) {
  KEVENT event;
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  assert_int_equal(wait_for(&event, MS(1)), STATUS_TIMEOUT);
  assert_true(IsListEmpty(&event.Header.WaitListHead));
}

static VOID set_event(PVOID context) {
  KeSetEvent((PKEVENT)context, IO_NO_INCREMENT, FALSE);
}

/* Against: a lost wake-up between two threads. */
static void another_thread_releases_a_wait_without_limit(void **state) {
  (void)state;
  for (int i = 0; i < 100; i++) {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    PVOID thread = start(set_event, &event);
    assert_int_equal(
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL),
        STATUS_SUCCESS);
    join(thread);
  }
}

struct crowd {
  KEVENT gate;
  LONG inside;
};

static VOID wait_at_gate(PVOID context) {
  struct crowd *crowd = context;
  KeWaitForSingleObject(&crowd->gate, Executive, KernelMode, FALSE, NULL);
  InterlockedIncrement(&crowd->inside);
}

/* Against: a notification event that releases only its first waiters. */
static void a_notification_event_releases_everybody(void **state) {
  struct crowd crowd = {.inside = 0};
  PVOID threads[40];
  (void)state;
  KeInitializeEvent(&crowd.gate, NotificationEvent, FALSE);
  for (int i = 0; i < 40; i++)
    threads[i] = start(wait_at_gate, &crowd);
  KeSetEvent(&crowd.gate, IO_NO_INCREMENT, FALSE);
  for (int i = 0; i < 40; i++)
    join(threads[i]);
  assert_int_equal(crowd.inside, 40);
}

/* Against: a pulse that leaves the event set, or releases nobody. */
static void
a_pulse_releases_who_waits_and_leaves_the_event_clear(void **state) {
  struct crowd crowd = {.inside = 0};
  (void)state;
  KeInitializeEvent(&crowd.gate, NotificationEvent, FALSE);
  PVOID thread = start(wait_at_gate, &crowd);
  /* The pulse counts only for who waits already: repeat it until he does. */
  while (wait_for(thread, MS(1)) == STATUS_TIMEOUT)
    assert_int_equal(KePulseEvent(&crowd.gate, IO_NO_INCREMENT, FALSE), 0);
  join(thread);
  assert_int_equal(KeReadStateEvent(&crowd.gate), 0);
}

static LONG inside(struct crowd *crowd) {
  return InterlockedCompareExchange(&crowd->inside, 0, 0);
}

/* Against: a synchronization event that releases more than one per set. */
static void a_synchronization_event_releases_one_at_a_time(void **state) {
  struct crowd crowd = {.inside = 0};
  PVOID threads[4];
  (void)state;
  KeInitializeEvent(&crowd.gate, SynchronizationEvent, FALSE);
  for (int i = 0; i < 4; i++)
    threads[i] = start(wait_at_gate, &crowd);
  for (LONG i = 1; i <= 4; i++) {
    KeSetEvent(&crowd.gate, IO_NO_INCREMENT, FALSE);
    while (inside(&crowd) < i)
      os__yield();
    assert_int_equal(inside(&crowd), i);
  }
  for (int i = 0; i < 4; i++)
    join(threads[i]);
}

/* ---- several objects --------------------------------------------------- */

/* Against: the wrong index, or consuming the objects that were not needed. */
static void wait_any_says_which_and_consumes_only_that(void **state) {
  KEVENT events[5];
  PVOID objects[5];
  (void)state;
  for (int i = 0; i < 5; i++) {
    KeInitializeEvent(&events[i], SynchronizationEvent, i >= 3);
    objects[i] = &events[i];
  }
  assert_int_equal(wait_many(5, objects, WaitAny, 0), STATUS_WAIT_0 + 3);
  assert_int_equal(KeReadStateEvent(&events[3]), 0);
  assert_int_equal(KeReadStateEvent(&events[4]), 1);
  assert_int_equal(wait_many(3, objects, WaitAny, MS(1)), STATUS_TIMEOUT);
}

/* Against: WaitAll that takes one object while another is missing. */
static void wait_all_consumes_nothing_until_all_are_there(void **state) {
  KEVENT first, second;
  PVOID objects[] = {&first, &second};
  (void)state;
  KeInitializeEvent(&first, SynchronizationEvent, TRUE);
  KeInitializeEvent(&second, SynchronizationEvent, FALSE);
  assert_int_equal(wait_many(2, objects, WaitAll, MS(1)), STATUS_TIMEOUT);
  assert_int_equal(KeReadStateEvent(&first), 1);
  KeSetEvent(&second, IO_NO_INCREMENT, FALSE);
  assert_int_equal(wait_many(2, objects, WaitAll, MS(1)), STATUS_SUCCESS);
  assert_int_equal(KeReadStateEvent(&first), 0);
  assert_int_equal(KeReadStateEvent(&second), 0);
}

struct pair {
  KEVENT first, second;
  NTSTATUS status;
};

static VOID wait_for_both(PVOID context) {
  struct pair *pair = context;
  PVOID objects[] = {&pair->first, &pair->second};
  pair->status = KeWaitForMultipleObjects(2, objects, WaitAll, Executive,
                                          KernelMode, FALSE, NULL, NULL);
}

/* Against: a WaitAll whose blocks are not found from the object set last. */
static void wait_all_is_satisfied_by_whichever_comes_last(void **state) {
  (void)state;
  for (int last = 0; last < 2; last++) {
    struct pair pair = {.status = STATUS_UNSUCCESSFUL};
    KeInitializeEvent(&pair.first, SynchronizationEvent, FALSE);
    KeInitializeEvent(&pair.second, SynchronizationEvent, FALSE);
    PVOID thread = start(wait_for_both, &pair);
    KeSetEvent(last ? &pair.first : &pair.second, IO_NO_INCREMENT, FALSE);
    assert_int_equal(wait_for(thread, MS(1)), STATUS_TIMEOUT);
    KeSetEvent(last ? &pair.second : &pair.first, IO_NO_INCREMENT, FALSE);
    join(thread);
    assert_int_equal(pair.status, STATUS_SUCCESS);
    assert_int_equal(KeReadStateEvent(&pair.first), 0);
    assert_int_equal(KeReadStateEvent(&pair.second), 0);
  }
}

/* Against: a list walk that breaks when one wait has two blocks in it. */
static void the_same_object_may_be_waited_for_twice(void **state) {
  KEVENT event;
  PVOID objects[] = {&event, &event};
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  PVOID thread = start(set_event, &event);
  assert_int_equal(KeWaitForMultipleObjects(2, objects, WaitAny, Executive,
                                            KernelMode, FALSE, NULL, NULL),
                   STATUS_WAIT_0);
  join(thread);
  assert_true(IsListEmpty(&event.Header.WaitListHead));
}

/* ---- semaphores and mutexes -------------------------------------------- */

static void a_semaphore_counts(void **state) {
  KSEMAPHORE semaphore;
  (void)state;
  KeInitializeSemaphore(&semaphore, 2, 3);
  assert_int_equal(wait_for(&semaphore, 0), STATUS_SUCCESS);
  assert_int_equal(wait_for(&semaphore, 0), STATUS_SUCCESS);
  assert_int_equal(wait_for(&semaphore, 0), STATUS_TIMEOUT);
  assert_int_equal(KeReleaseSemaphore(&semaphore, 0, 3, FALSE), 0);
  assert_int_equal(KeReadStateSemaphore(&semaphore), 3);
}

/* Against: a count that runs past its limit in silence. */
static void a_semaphore_beyond_its_limit_raises(void **state) {
  KSEMAPHORE semaphore;
  volatile NTSTATUS status = STATUS_SUCCESS;
  (void)state;
  KeInitializeSemaphore(&semaphore, 1, 1);
  __try {
    KeReleaseSemaphore(&semaphore, 0, 1, FALSE);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  assert_int_equal(status, STATUS_SEMAPHORE_LIMIT_EXCEEDED);
  assert_int_equal(KeReadStateSemaphore(&semaphore), 1);
}

static void a_mutex_is_recursive_for_its_owner(void **state) {
  KMUTEX mutex;
  (void)state;
  KeInitializeMutex(&mutex, 0);
  assert_int_equal(wait_for(&mutex, 0), STATUS_SUCCESS);
  assert_int_equal(wait_for(&mutex, 0), STATUS_SUCCESS);
  assert_int_equal(KeReadStateMutex(&mutex), -1);
  KeReleaseMutex(&mutex, FALSE);
  KeReleaseMutex(&mutex, FALSE);
  assert_int_equal(KeReadStateMutex(&mutex), 1);
}

struct counted {
  KMUTEX mutex;
  int value;
};

static VOID count_under_mutex(PVOID context) {
  struct counted *counted = context;
  for (int i = 0; i < 500; i++) {
    KeWaitForSingleObject(&counted->mutex, Executive, KernelMode, FALSE, NULL);
    counted->value++;
    KeReleaseMutex(&counted->mutex, FALSE);
  }
}

/* Against: two owners of one mutex at a time. */
static void a_mutex_excludes_other_threads(void **state) {
  struct counted counted = {.value = 0};
  PVOID threads[3];
  (void)state;
  KeInitializeMutex(&counted.mutex, 0);
  for (int i = 0; i < 3; i++)
    threads[i] = start(count_under_mutex, &counted);
  for (int i = 0; i < 3; i++)
    join(threads[i]);
  assert_int_equal(counted.value, 1500);
}

static void releasing_a_mutex_of_nobody_is_reported_and_raises(void **state) {
  KMUTEX mutex;
  volatile NTSTATUS status = STATUS_SUCCESS;
  (void)state;
  KeInitializeMutex(&mutex, 0);
  expect_report_begin();
  __try {
    KeReleaseMutex(&mutex, FALSE);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  expect_report_end(VF_MUTEX_01);
  assert_int_equal(status, STATUS_MUTANT_NOT_OWNED);
}

/* ---- rules ------------------------------------------------------------- */

static void waiting_at_dispatch_level_is_reported(void **state) {
  KEVENT event;
  KIRQL old;
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, TRUE);
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  assert_int_equal(wait_for(&event, 0), STATUS_SUCCESS); /* allowed: no wait */
  expect_report_begin();
  KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
  expect_report_end(VF_IRQL_01);
  KeLowerIrql(old);
}

static void waiting_for_what_is_no_object_is_reported(void **state) {
  KEVENT event;
  (void)state;
  RtlZeroMemory(&event, sizeof(event));
  expect_report_begin();
  assert_int_equal(wait_for(&event, 0), STATUS_INVALID_PARAMETER);
  expect_report_end(VF_WAIT_02);
}

static void more_than_three_objects_without_blocks_are_reported(void **state) {
  KEVENT event;
  PVOID objects[] = {&event, &event, &event, &event};
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, TRUE);
  expect_report_begin();
  assert_int_equal(KeWaitForMultipleObjects(4, objects, WaitAny, Executive,
                                            KernelMode, FALSE, NULL, NULL),
                   STATUS_WAIT_0);
  expect_report_end(VF_WAIT_03);
  assert_int_equal(KeWaitForMultipleObjects(3, objects, WaitAny, Executive,
                                            KernelMode, FALSE, NULL, NULL),
                   STATUS_WAIT_0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(an_event_set_before_the_wait_satisfies_it),
      KERNEL_TEST(a_synchronization_event_is_consumed_by_one_wait),
      KERNEL_TEST(a_relative_limit_is_in_hundred_nanoseconds),
      KERNEL_TEST(a_positive_limit_is_a_point_in_system_time),
      KERNEL_TEST(the_smallest_limit_is_for_ever),
      KERNEL_TEST(a_wait_that_timed_out_leaves_nothing_in_the_event),
      KERNEL_TEST(another_thread_releases_a_wait_without_limit),
      KERNEL_TEST(a_notification_event_releases_everybody),
      KERNEL_TEST(a_synchronization_event_releases_one_at_a_time),
      KERNEL_TEST(a_pulse_releases_who_waits_and_leaves_the_event_clear),
      KERNEL_TEST(wait_any_says_which_and_consumes_only_that),
      KERNEL_TEST(wait_all_consumes_nothing_until_all_are_there),
      KERNEL_TEST(wait_all_is_satisfied_by_whichever_comes_last),
      KERNEL_TEST(the_same_object_may_be_waited_for_twice),
      KERNEL_TEST(a_semaphore_counts),
      KERNEL_TEST(a_semaphore_beyond_its_limit_raises),
      KERNEL_TEST(a_mutex_is_recursive_for_its_owner),
      KERNEL_TEST(a_mutex_excludes_other_threads),
      KERNEL_TEST(releasing_a_mutex_of_nobody_is_reported_and_raises),
      KERNEL_TEST(waiting_at_dispatch_level_is_reported),
      KERNEL_TEST(waiting_for_what_is_no_object_is_reported),
      KERNEL_TEST(more_than_three_objects_without_blocks_are_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
