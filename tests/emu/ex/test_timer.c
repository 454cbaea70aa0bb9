/* Timer objects of the system. Windows page: ExXxxTimer Routines and EX_TIMER
 * Objects. */
#include "kernel_test.h"

#include <uwsk/fault.h>

#include "os/os.h"

#define MS 10000 /* in units of 100 ns */

static KEVENT done;
static int calls, wanted;
static KIRQL called_at;

static EXT_CALLBACK callback;
static VOID NTAPI callback(PEX_TIMER timer, PVOID context) {
  called_at = KeGetCurrentIrql();
  if (context != NULL)
    assert_ptr_equal(*(PEX_TIMER *)context, timer);
  if (++calls == wanted)
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
}

static PEX_TIMER make(PEXT_CALLBACK routine, PVOID context, int times) {
  PEX_TIMER timer = ExAllocateTimer(routine, context, EX_TIMER_HIGH_RESOLUTION);

  calls = 0;
  wanted = times;
  KeInitializeEvent(&done, NotificationEvent, FALSE);
  assert_non_null(timer);
  return timer;
}

static void wait_done(void) {
  KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
}

static void a_timer_calls_back(void **state) {
  (void)state;
  PEX_TIMER timer;

  timer = make(callback, &timer, 1);
  assert_false(ExSetTimer(timer, -2 * MS, 0, NULL));
  wait_done();
  assert_int_equal(called_at, DISPATCH_LEVEL);
  assert_false(ExCancelTimer(timer, NULL));
  assert_false(ExDeleteTimer(timer, TRUE, TRUE, NULL));
}

/* The period is in 100 ns units, and may be shorter than the clock's. */
static void a_period_is_not_in_milliseconds(void **state) {
  (void)state;
  PEX_TIMER timer = make(callback, NULL, 5);
  EXT_SET_PARAMETERS parameters;

  ExInitializeSetTimerParameters(&parameters);
  ExSetTimer(timer, -1, MS / 2, &parameters);
  wait_done();
  assert_true(ExSetTimer(timer, -60000LL * MS, 0, NULL));
  assert_true(ExCancelTimer(timer, NULL));
  assert_false(ExCancelTimer(timer, NULL));
  assert_false(ExDeleteTimer(timer, FALSE, FALSE, NULL));
}

static void it_can_be_waited_for(void **state) {
  (void)state;
  LARGE_INTEGER none = {.QuadPart = 0};
  PEX_TIMER timer = ExAllocateTimer(NULL, NULL, 0);

  ExSetTimer(timer, -1 * MS, 0, NULL);
  assert_int_equal(
      KeWaitForSingleObject(timer, Executive, KernelMode, FALSE, NULL),
      STATUS_SUCCESS);
  assert_int_equal(
      KeWaitForSingleObject(timer, Executive, KernelMode, FALSE, &none),
      STATUS_TIMEOUT);
  ExDeleteTimer(timer, TRUE, TRUE, NULL);
}

/* ---- deleting ---------------------------------------------------------- */

static EXT_DELETE_CALLBACK deleted;
static VOID NTAPI deleted(PVOID context) {
  KeSetEvent(context, IO_NO_INCREMENT, FALSE);
}

/* Defends against a wait that misses a callback that is about to run: the
 * context is on this stack. */
static void deleting_waits_for_the_callback(void **state) {
  (void)state;
  for (int round = 0; round < 40; round++) {
    PEX_TIMER timer, context;

    timer = context = make(callback, &context, 0);
    ExSetTimer(timer, -(round % 4) * (MS / 2), MS, NULL);
    if (round % 2 == 0)
      KeDelayExecutionThread(KernelMode, FALSE,
                             &(LARGE_INTEGER){.QuadPart = -MS});
    assert_true(ExDeleteTimer(timer, TRUE, TRUE, NULL));
    context = NULL; /* a late callback would see this */
  }
}

/* Without Cancel it expires first. */
static void a_set_timer_is_deleted_when_it_has_expired(void **state) {
  (void)state;
  PEX_TIMER timer = make(callback, NULL, 1);
  EXT_DELETE_PARAMETERS parameters;
  KEVENT gone;

  KeInitializeEvent(&gone, NotificationEvent, FALSE);
  ExInitializeDeleteTimerParameters(&parameters);
  parameters.DeleteCallback = deleted;
  parameters.DeleteContext = &gone;
  ExSetTimer(timer, -5 * MS, 0, NULL);
  assert_false(ExDeleteTimer(timer, FALSE, FALSE, &parameters));
  KeWaitForSingleObject(&gone, Executive, KernelMode, FALSE, NULL);
  assert_int_equal(calls, 1);
}

static EXT_CALLBACK delete_itself;
static VOID NTAPI delete_itself(PEX_TIMER timer, PVOID context) {
  EXT_DELETE_PARAMETERS parameters;

  ExInitializeDeleteTimerParameters(&parameters);
  parameters.DeleteCallback = deleted;
  parameters.DeleteContext = context;
  assert_true(ExDeleteTimer(timer, TRUE, FALSE, &parameters));
}

static void a_callback_may_delete_its_timer(void **state) {
  (void)state;
  PEX_TIMER timer = make(delete_itself, &done, 0);

  ExSetTimer(timer, -MS, MS, NULL);
  wait_done();
}

/* ---- what goes wrong --------------------------------------------------- */

static void bad_attributes_and_no_memory_give_none(void **state) {
  (void)state;
  assert_null(ExAllocateTimer(callback, NULL, 1));
  assert_null(ExAllocateTimer(callback, NULL,
                              EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE));
  uwsk_fault_allocation(1);
  assert_null(ExAllocateTimer(callback, NULL, 0));
  assert_true(uwsk_fault_allocation_fired());
}

static void it_is_in_the_ledger_until_deleted(void **state) {
  (void)state;
  PEX_TIMER timer = make(callback, NULL, 0);

  assert_int_equal(ob__count(OB_TIMER), 1);
  ExDeleteTimer(timer, TRUE, TRUE, NULL);
  assert_int_equal(ob__count(OB_TIMER), 0);
  expect_report_begin();
  assert_false(ExSetTimer(timer, -1, 0, NULL));
  expect_report_end(VF_TIMER_02);
  expect_report_begin();
  assert_false(ExDeleteTimer(timer, TRUE, TRUE, NULL));
  expect_report_end(VF_TIMER_02);
}

static void the_resolution_is_a_millisecond(void **state) {
  (void)state;
  ULONG maximum, minimum, current;

  ExQueryTimerResolution(&maximum, &minimum, &current);
  assert_int_equal(maximum, KeQueryTimeIncrement());
  assert_int_equal(current, MS);
  assert_int_equal(ExSetTimerResolution(1, TRUE), current);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_timer_calls_back),
      KERNEL_TEST(a_period_is_not_in_milliseconds),
      KERNEL_TEST(it_can_be_waited_for),
      KERNEL_TEST(deleting_waits_for_the_callback),
      KERNEL_TEST(a_set_timer_is_deleted_when_it_has_expired),
      KERNEL_TEST(a_callback_may_delete_its_timer),
      KERNEL_TEST(bad_attributes_and_no_memory_give_none),
      KERNEL_TEST(it_is_in_the_ledger_until_deleted),
      KERNEL_TEST(the_resolution_is_a_millisecond),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
