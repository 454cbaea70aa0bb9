/* Initialization that happens once. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "os/os.h"
#include "verifier/report.h"

static RTL_RUN_ONCE once;
static int data[1];
static int calls;
static KEVENT begun, may_end;

static int start(void **state) {
  (void)state;
  vf__reset();
  RtlRunOnceInitialize(&once);
  calls = 0;
  return 0;
}

static int end(void **state) {
  (void)state;
  return vf__count(VF_RULE_COUNT) != 0 || KeGetCurrentIrql() != PASSIVE_LEVEL;
}

/* Parameter is what to answer. */
static ULONG NTAPI initialize(PRTL_RUN_ONCE run_once, PVOID parameter,
                              PVOID *context) {
  assert_ptr_equal(run_once, &once);
  calls++;
  if (context != NULL)
    *context = data;
  return (ULONG)(ULONG_PTR)parameter;
}

#define YES ((PVOID)1)
#define NO  ((PVOID)0)

static void the_routine_is_called_once(void **state) {
  (void)state;
  PVOID first = NULL, second = NULL;

  assert_int_equal(RtlRunOnceExecuteOnce(&once, initialize, YES, &first), 0);
  assert_int_equal(RtlRunOnceExecuteOnce(&once, initialize, YES, &second), 0);
  assert_int_equal(calls, 1);
  assert_ptr_equal(first, data);
  assert_ptr_equal(second, data);
}

/* Defends against a routine that gets a place to write to when its caller gave
 * none: clients assert that. */
static void there_need_be_no_context(void **state) {
  (void)state;
  assert_int_equal(RtlRunOnceExecuteOnce(&once, initialize, YES, NULL), 0);
  assert_int_equal(RtlRunOnceExecuteOnce(&once, initialize, YES, NULL), 0);
  assert_int_equal(calls, 1);
}

static void a_failure_is_tried_again(void **state) {
  (void)state;
  PVOID context = NULL;

  assert_int_equal(RtlRunOnceExecuteOnce(&once, initialize, NO, &context),
                   STATUS_UNSUCCESSFUL);
  assert_null(context);
  assert_int_equal(RtlRunOnceExecuteOnce(&once, initialize, YES, &context), 0);
  assert_int_equal(calls, 2);
  assert_ptr_equal(context, data);
}

static ULONG NTAPI answer_odd(PRTL_RUN_ONCE run_once, PVOID parameter,
                              PVOID *context) {
  (void)run_once;
  (void)parameter;
  *context = (PVOID)5;
  return 1;
}

static void a_context_in_the_reserved_bits_is_refused(void **state) {
  (void)state;
  PVOID context = NULL;

  assert_int_equal(RtlRunOnceExecuteOnce(&once, answer_odd, NULL, &context),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlRunOnceExecuteOnce(&once, initialize, YES, &context), 0);
  assert_int_equal(calls, 1);
}

static void wait_on(PKEVENT event) {
  KeWaitForSingleObject(event, Executive, KernelMode, FALSE, NULL);
}

/* The first to come says that it has begun, and ends when it is told to. */
static ULONG NTAPI take_long(PRTL_RUN_ONCE run_once, PVOID parameter,
                             PVOID *context) {
  KeSetEvent(&begun, IO_NO_INCREMENT, FALSE);
  wait_on(&may_end);
  return initialize(run_once, parameter, context);
}

struct caller {
  struct os_thread thread;
  NTSTATUS status;
  PVOID context;
};

static void call(void *argument) {
  struct caller *caller = argument;

  caller->status =
      RtlRunOnceExecuteOnce(&once, take_long, YES, &caller->context);
}

static void let_it_end(void *unused) {
  (void)unused;
  KeSetEvent(&may_end, IO_NO_INCREMENT, FALSE);
}

/* Defends against a caller that goes on before the data is there. */
static void who_comes_meanwhile_waits(void **state) {
  (void)state;
  struct caller callers[3];
  struct os_thread helper;
  PVOID context = NULL;

  KeInitializeEvent(&begun, NotificationEvent, FALSE);
  KeInitializeEvent(&may_end, NotificationEvent, FALSE);
  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&callers[i].thread, call, &callers[i]),
                     0);
  wait_on(&begun);
  assert_int_equal(
      RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_CHECK_ONLY, &context),
      STATUS_UNSUCCESSFUL);
  assert_int_equal(os__thread_start(&helper, let_it_end, NULL), 0);
  assert_int_equal(RtlRunOnceExecuteOnce(&once, initialize, YES, &context), 0);
  assert_ptr_equal(context, data);
  os__thread_join(&helper);
  for (int i = 0; i < 3; i++) {
    os__thread_join(&callers[i].thread);
    assert_int_equal(callers[i].status, STATUS_SUCCESS);
    assert_ptr_equal(callers[i].context, data);
  }
  assert_int_equal(calls, 1);
}

static void two_steps_do_the_same(void **state) {
  (void)state;
  PVOID context = NULL;

  assert_int_equal(RtlRunOnceComplete(&once, 0, data), STATUS_UNSUCCESSFUL);
  assert_int_equal(RtlRunOnceBeginInitialize(&once, 0, &context),
                   STATUS_PENDING);
  assert_int_equal(
      RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_ASYNC, &context),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlRunOnceComplete(&once, RTL_RUN_ONCE_ASYNC, data),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlRunOnceComplete(&once, RTL_RUN_ONCE_INIT_FAILED, data),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlRunOnceComplete(&once, 0, data), STATUS_SUCCESS);
  assert_int_equal(RtlRunOnceBeginInitialize(&once, 0, &context),
                   STATUS_SUCCESS);
  assert_ptr_equal(context, data);
  assert_int_equal(RtlRunOnceBeginInitialize(&once, 0x8, &context),
                   STATUS_INVALID_PARAMETER);
}

/* Defends against two attempts that both believe theirs was kept. */
static void one_asynchronous_attempt_is_kept(void **state) {
  (void)state;
  PVOID context = NULL;

  for (int i = 0; i < 2; i++)
    assert_int_equal(
        RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_ASYNC, &context),
        STATUS_PENDING);
  assert_int_equal(RtlRunOnceBeginInitialize(&once, 0, &context),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlRunOnceComplete(&once, RTL_RUN_ONCE_ASYNC, data),
                   STATUS_SUCCESS);
  assert_int_equal(RtlRunOnceComplete(&once, RTL_RUN_ONCE_ASYNC, &once),
                   STATUS_UNSUCCESSFUL);
  assert_int_equal(
      RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_ASYNC, &context),
      STATUS_SUCCESS);
  assert_ptr_equal(context, data);
}

#define ONCE_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      ONCE_TEST(the_routine_is_called_once),
      ONCE_TEST(there_need_be_no_context),
      ONCE_TEST(a_failure_is_tried_again),
      ONCE_TEST(a_context_in_the_reserved_bits_is_refused),
      ONCE_TEST(who_comes_meanwhile_waits),
      ONCE_TEST(two_steps_do_the_same),
      ONCE_TEST(one_asynchronous_attempt_is_kept),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
