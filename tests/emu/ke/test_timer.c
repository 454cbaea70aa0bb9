/* Kernel timers. Windows pages: Timer Objects and DPCs, KeSetTimerEx,
 * KeCancelTimer. Nothing here measures how late a timer is. */
#include "kernel_test.h"

#include <string.h>

#include "ke/ke.h"
#include "os/os.h"

#define MS 10000 /* in units of 100 ns */

static KTIMER timer;
static KDPC dpc;
static KEVENT done;

static LARGE_INTEGER in_ms(LONGLONG ms) {
  LARGE_INTEGER due;

  due.QuadPart = -ms * MS;
  return due;
}

static NTSTATUS wait_for_timer(LONGLONG limit_ms) {
  LARGE_INTEGER limit = in_ms(limit_ms);

  return KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, &limit);
}

static void wait_done(void) {
  KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
}

/* ---- one shot ---------------------------------------------------------- */

/* Defends against a timer that is early. */
static void a_timer_ends_a_wait_when_it_is_due(void **state) {
  (void)state;
  uint64_t begin = os__now_ns();

  KeInitializeTimer(&timer);
  assert_false(KeSetTimer(&timer, in_ms(20), NULL));
  assert_false(KeReadStateTimer(&timer));
  assert_int_equal(wait_for_timer(60000), STATUS_SUCCESS);
  assert_true(os__now_ns() - begin >= 20 * 1000000u);
  assert_true(KeReadStateTimer(&timer));
  assert_false(KeCancelTimer(&timer)); /* it is not set any more */
  assert_true(KeReadStateTimer(&timer));
}

static void a_notification_timer_stays_signalled(void **state) {
  (void)state;
  KeInitializeTimerEx(&timer, NotificationTimer);
  KeSetTimer(&timer, in_ms(1), NULL);
  assert_int_equal(wait_for_timer(60000), STATUS_SUCCESS);
  assert_int_equal(wait_for_timer(0), STATUS_SUCCESS);
  assert_false(KeSetTimer(&timer, in_ms(60000), NULL));
  assert_int_equal(wait_for_timer(0), STATUS_TIMEOUT);
  assert_true(KeCancelTimer(&timer));
}

static void a_synchronization_timer_satisfies_one_wait(void **state) {
  (void)state;
  KeInitializeTimerEx(&timer, SynchronizationTimer);
  KeSetTimer(&timer, in_ms(1), NULL);
  assert_int_equal(wait_for_timer(60000), STATUS_SUCCESS);
  assert_int_equal(wait_for_timer(0), STATUS_TIMEOUT);
}

static void one_that_is_due_expires_at_once(void **state) {
  (void)state;
  LARGE_INTEGER past;

  KeInitializeTimer(&timer);
  assert_false(KeSetTimer(&timer, in_ms(0), NULL));
  assert_true(KeReadStateTimer(&timer));
  KeQuerySystemTime(&past); /* absolute */
  past.QuadPart -= 1;
  assert_false(KeSetTimer(&timer, past, NULL));
  assert_true(KeReadStateTimer(&timer));
  assert_false(KeCancelTimer(&timer));
}

static void a_due_time_may_be_absolute(void **state) {
  (void)state;
  LARGE_INTEGER due, now;

  KeInitializeTimer(&timer);
  KeQuerySystemTime(&due);
  due.QuadPart += 20 * MS;
  KeSetTimer(&timer, due, NULL);
  assert_int_equal(wait_for_timer(60000), STATUS_SUCCESS);
  KeQuerySystemTime(&now);
  assert_true(now.QuadPart + MS >= due.QuadPart); /* two clocks */
}

static void a_cancelled_timer_does_not_expire(void **state) {
  (void)state;
  KeInitializeTimer(&timer);
  KeSetTimer(&timer, in_ms(5), NULL);
  assert_true(KeCancelTimer(&timer));
  assert_false(KeCancelTimer(&timer));
  assert_int_equal(wait_for_timer(20), STATUS_TIMEOUT);
}

static void setting_it_again_cancels_it_first(void **state) {
  (void)state;
  KeInitializeTimer(&timer);
  assert_false(KeSetTimer(&timer, in_ms(60000), NULL));
  assert_true(KeSetTimer(&timer, in_ms(1), NULL));
  assert_int_equal(wait_for_timer(60000), STATUS_SUCCESS);
}

/* ---- order ------------------------------------------------------------- */

static int order[8], order_count;

static KDEFERRED_ROUTINE note_order;
static VOID NTAPI note_order(PKDPC own, PVOID context, PVOID first,
                             PVOID second) {
  (void)own, (void)first, (void)second;
  order[order_count++] = (int)(ULONG_PTR)context;
  if (order_count == 4)
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
}

/* Defends against a queue that is in the order of setting, and one that looks
 * at the place in the ring alone: the third is a whole ring behind the second.
 */
static void timers_expire_in_the_order_they_are_due(void **state) {
  (void)state;
  static const LONGLONG after[4] = {300, 20, 276, 30};
  KTIMER timers[4];
  KDPC dpcs[4];
  LARGE_INTEGER base, due;

  order_count = 0;
  KeInitializeEvent(&done, NotificationEvent, FALSE);
  KeQuerySystemTime(&base);
  for (int i = 0; i < 4; i++) {
    KeInitializeTimer(&timers[i]);
    KeInitializeDpc(&dpcs[i], note_order, (PVOID)(ULONG_PTR)i);
    due.QuadPart = base.QuadPart + after[i] * MS;
    KeSetTimer(&timers[i], due, &dpcs[i]);
  }
  wait_done();
  assert_int_equal(order[0], 1);
  assert_int_equal(order[1], 3);
  assert_int_equal(order[2], 2);
  assert_int_equal(order[3], 0);
}

/* ---- DPCs -------------------------------------------------------------- */

static int fired, wanted;
static KIRQL fired_at;
static BOOLEAN cancelled_in_dpc;

static KDEFERRED_ROUTINE fire;
static VOID NTAPI fire(PKDPC own, PVOID context, PVOID first, PVOID second) {
  (void)own, (void)context, (void)first, (void)second;
  fired_at = KeGetCurrentIrql();
  if (++fired == wanted) {
    cancelled_in_dpc = KeCancelTimer(&timer);
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
  }
}

static void prepare(PKDEFERRED_ROUTINE routine, int times) {
  fired = 0;
  wanted = times;
  KeInitializeEvent(&done, NotificationEvent, FALSE);
  KeInitializeTimerEx(&timer, SynchronizationTimer);
  KeInitializeDpc(&dpc, routine, NULL);
}

static void a_timer_queues_its_dpc(void **state) {
  (void)state;
  prepare(fire, 1);
  KeSetTimer(&timer, in_ms(2), &dpc);
  wait_done();
  assert_int_equal(fired_at, DISPATCH_LEVEL);
  assert_false(cancelled_in_dpc);
  KeSetTimer(&timer, in_ms(0), &dpc); /* due: still not inside the call */
  KeFlushQueuedDpcs();
  assert_int_equal(fired, 2);
}

static bool has_fired(void *unused) {
  (void)unused;
  return __atomic_load_n(&fired, __ATOMIC_ACQUIRE) != 0;
}

static KDEFERRED_ROUTINE fire_quietly;
static VOID NTAPI fire_quietly(PKDPC own, PVOID context, PVOID first,
                               PVOID second) {
  (void)own, (void)context, (void)first, (void)second;
  __atomic_store_n(&fired, 1, __ATOMIC_RELEASE);
}

/* In auto mode somebody fires timers while nobody waits for anything; in
 * stepped mode nothing moves then. */
static void a_timer_fires_while_nobody_waits(void **state) {
  (void)state;
  prepare(fire_quietly, 1);
  KeSetTimer(&timer, in_ms(2), &dpc);
  if (os__getenv("UWSK_LOOP") != NULL &&
      strcmp(os__getenv("UWSK_LOOP"), "stepped") == 0) {
    assert_true(uwsk_run_until(has_fired, NULL, 60000));
    return;
  }
  while (!has_fired(NULL))
    os__yield();
}

static void a_periodic_timer_fires_until_it_is_cancelled(void **state) {
  (void)state;
  prepare(fire, 5);
  assert_false(KeSetTimerEx(&timer, in_ms(1), 2, &dpc));
  wait_done();
  assert_true(cancelled_in_dpc);
  assert_int_equal(fired, 5);
  KeDelayExecutionThread(KernelMode, FALSE, &(LARGE_INTEGER){.QuadPart = -1});
  KeFlushQueuedDpcs();
  assert_int_equal(fired, 5);
}

/* Defends against periods that are made up for in a burst, or drift: after a
 * stall it fires once, and then on the beat it was set to. */
static void periods_nobody_saw_are_left_out(void **state) {
  (void)state;
  uint64_t begin = os__now_ns();

  prepare(fire, 1000);
  KeSetTimerEx(&timer, in_ms(10), 10, &dpc);
  KeStallExecutionProcessor(45000); /* in stepped mode the loop rests */
  assert_int_equal(wait_for_timer(60000), STATUS_SUCCESS);
  assert_int_equal(wait_for_timer(60000), STATUS_SUCCESS);
  KeCancelTimer(&timer);
  KeFlushQueuedDpcs();
  assert_true((ULONGLONG)fired <= (os__now_ns() - begin) / (10 * 1000000u));
}

static KDEFERRED_ROUTINE cancel_own;
static VOID NTAPI cancel_own(PKDPC own, PVOID context, PVOID first,
                             PVOID second) {
  (void)own, (void)context, (void)first, (void)second;
  if (++fired == wanted) {
    assert_true(KeCancelTimer(&timer)); /* a periodic one is set until then */
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
  }
}

/* Defends against a beat that goes on after its own DPC has ended it. */
static void a_dpc_may_cancel_its_periodic_timer(void **state) {
  LARGE_INTEGER limit = in_ms(20);
  (void)state;
  prepare(cancel_own, 3);
  KeSetTimerEx(&timer, in_ms(1), 1, &dpc);
  wait_done();
  KeFlushQueuedDpcs();
  assert_false(KeCancelTimer(&timer));
  KeClearEvent(&done);
  assert_int_equal(
      KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, &limit),
      STATUS_TIMEOUT);
  assert_int_equal(fired, 3);
}

static KDEFERRED_ROUTINE set_again;
static VOID NTAPI set_again(PKDPC own, PVOID context, PVOID first,
                            PVOID second) {
  (void)context, (void)first, (void)second;
  if (++fired == wanted)
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
  else
    assert_false(KeSetTimer(&timer, in_ms(1), own));
}

static void a_dpc_may_set_its_timer_again(void **state) {
  (void)state;
  prepare(set_again, 4);
  KeSetTimer(&timer, in_ms(1), &dpc);
  wait_done();
  assert_int_equal(fired, 4);
}

static void a_coalescable_timer_is_a_timer(void **state) {
  (void)state;
  prepare(fire, 2);
  assert_false(KeSetCoalescableTimer(&timer, in_ms(1), 1, 5, &dpc));
  wait_done();
  assert_true(cancelled_in_dpc);
}

/* ---- many threads ------------------------------------------------------ */

#define ROUNDS 60

static KDEFERRED_ROUTINE count_one;
static VOID NTAPI count_one(PKDPC own, PVOID context, PVOID first,
                            PVOID second) {
  (void)own, (void)first, (void)second;
  ++*(int *)context;
}

/* Sets, cancels and waits; what it sets is gone when it returns. */
static void use_timers(void *unused) {
  KTIMER own;
  KDPC own_dpc;
  int runs = 0;
  LARGE_INTEGER limit = in_ms(60000);

  (void)unused;
  KeInitializeTimerEx(&own, SynchronizationTimer);
  KeInitializeDpc(&own_dpc, count_one, &runs);
  for (int i = 0; i < ROUNDS; i++) {
    KeSetTimer(&own, in_ms(i % 3), &own_dpc);
    if (i % 2 == 0)
      assert_int_equal(
          KeWaitForSingleObject(&own, Executive, KernelMode, FALSE, &limit),
          STATUS_SUCCESS);
    else
      KeCancelTimer(&own);
  }
  KeCancelTimer(&own);
  KeFlushQueuedDpcs();
  assert_true(runs > 0);
}

static void threads_set_and_cancel(void **state) {
  (void)state;
  struct os_thread threads[3];

  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&threads[i], use_timers, NULL), 0);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
}

/* ---- left behind ------------------------------------------------------- */

static void a_timer_that_is_left_is_reported(void **state) {
  KeInitializeTimer(&timer);
  KeSetTimer(&timer, in_ms(60000), NULL);
  vf__quiet(1);
  assert_int_equal(uwsk_stop(), 1);
  vf__quiet(0);
  assert_int_equal(vf__count(VF_TIMER_01), 1);
  kernel_start(state);
}

/* Defends against a ring that goes through memory which has gone. */
static void a_timer_that_is_freed_is_reported(void **state) {
  (void)state;
  PKTIMER own = ExAllocatePoolWithTag(NonPagedPoolNx, 256, 'remT');

  KeInitializeTimer(own);
  KeInitializeTimer(&timer);
  KeSetTimer(own, in_ms(5), NULL);
  KeSetTimer(&timer, in_ms(10), NULL);
  expect_report_begin();
  ExFreePool(own);
  expect_report_end(VF_TIMER_01);
  assert_int_equal(wait_for_timer(60000), STATUS_SUCCESS);
}

/* Small blocks, large ones and huge ones are searched in different ways; a
 * timer is found at both ends of each. */
static void a_timer_is_found_in_a_block_of_any_size(void **state) {
  (void)state;
  static const size_t sizes[] = {sizeof(KTIMER), 200,   1024,   PAGE_SIZE,
                                 5000,           65536, 300000, 600000};

  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    for (int end = 0; end < 2; end++) {
      size_t room = (sizes[i] - sizeof(KTIMER)) & ~(size_t)15;
      char *block = ExAllocatePoolWithTag(NonPagedPoolNx, sizes[i], 'remT');
      PKTIMER own = (PKTIMER)(void *)(block + (end ? room : 0));

      KeInitializeTimer(own);
      KeSetTimer(own, in_ms(60000), NULL);
      expect_report_begin();
      ExFreePool(block);
      expect_report_end(VF_TIMER_01);
    }
}

#define TIMERS 1000

/* Defends against counts of timers that do not come back to zero. */
static void blocks_beside_timers_are_freed_in_silence(void **state) {
  (void)state;
  static PKTIMER timers[TIMERS];

  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < TIMERS; i++) {
      timers[i] = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(KTIMER), 'remT');
      KeInitializeTimer(timers[i]);
      KeSetTimer(timers[i], in_ms(60000 + i), NULL);
      ExFreePool(ExAllocatePoolWithTag(NonPagedPoolNx, 100, 'kclB'));
    }
    for (int i = 0; i < TIMERS; i++) {
      assert_true(KeCancelTimer(timers[i]));
      ExFreePool(timers[i]);
    }
  }
  for (int i = 0; i < TIMERS; i++)
    assert_false(ke__may_hold_timer(timers[i], sizeof(KTIMER)));
}

static void what_is_no_timer_is_reported(void **state) {
  (void)state;
  memset(&timer, 0, sizeof(timer));
  expect_report_begin();
  assert_false(KeSetTimer(&timer, in_ms(1), NULL));
  expect_report_end(VF_WAIT_02);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_timer_ends_a_wait_when_it_is_due),
      KERNEL_TEST(a_notification_timer_stays_signalled),
      KERNEL_TEST(a_synchronization_timer_satisfies_one_wait),
      KERNEL_TEST(one_that_is_due_expires_at_once),
      KERNEL_TEST(a_due_time_may_be_absolute),
      KERNEL_TEST(a_cancelled_timer_does_not_expire),
      KERNEL_TEST(setting_it_again_cancels_it_first),
      KERNEL_TEST(timers_expire_in_the_order_they_are_due),
      KERNEL_TEST(a_timer_queues_its_dpc),
      KERNEL_TEST(a_timer_fires_while_nobody_waits),
      KERNEL_TEST(a_periodic_timer_fires_until_it_is_cancelled),
      KERNEL_TEST(periods_nobody_saw_are_left_out),
      KERNEL_TEST(a_dpc_may_cancel_its_periodic_timer),
      KERNEL_TEST(a_dpc_may_set_its_timer_again),
      KERNEL_TEST(a_coalescable_timer_is_a_timer),
      KERNEL_TEST(threads_set_and_cancel),
      KERNEL_TEST(a_timer_that_is_left_is_reported),
      KERNEL_TEST(a_timer_that_is_freed_is_reported),
      KERNEL_TEST(a_timer_is_found_in_a_block_of_any_size),
      KERNEL_TEST(blocks_beside_timers_are_freed_in_silence),
      KERNEL_TEST(what_is_no_timer_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
