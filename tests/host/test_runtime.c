/* Start, stop and run of the runtime. Each test says which bug it is for. */
#include <ntddk.h>
#include <wsk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "environment.h"
#include "etw/trace.h"
#include "loop/loop.h"
#include "os/os.h"
#include "uwsk/fault.h"
#include "uwsk/uwsk.h"
#include "verifier/report.h"

static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                    NULL};
static WSK_CLIENT_NPI client_npi = {NULL, &client_dispatch};

/* What ctest chose for this run; tests that change it put it back. */
static char chosen_mode[16];

static int remember_mode(void **state) {
  const char *mode = getenv("UWSK_LOOP");

  (void)state;
  if (mode != NULL)
    strncpy(chosen_mode, mode, sizeof chosen_mode - 1);
  return 0;
}

static int restore_environment(void **state) {
  (void)state;
  set_variable("UWSK_LOOP", chosen_mode);
  set_variable("UWSK_TRACE", "");
  vf__quiet(0);
  return 0;
}

static void use_the_kernel(void) {
  WSK_REGISTRATION registration;
  WSK_PROVIDER_NPI wsk;
  PIRP irp = IoAllocateIrp(1, FALSE);

  assert_non_null(irp);
  IoFreeIrp(irp);
  assert_int_equal(WskRegister(&client_npi, &registration), STATUS_SUCCESS);
  assert_int_equal(
      WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &wsk),
      STATUS_SUCCESS);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
}

/* ---- start and stop ---------------------------------------------------- */

/* A handle, thread or lock that one stop leaves would add up, or break the next
 * start. */
static void starts_and_stops_a_hundred_times(void **state) {
  (void)state;
  for (int i = 0; i < 100; i++) {
    assert_int_equal(uwsk_start(NULL), 0);
    use_the_kernel();
    assert_int_equal(uwsk_stop(), 0);
  }
}

/* Two loops in one process would each own half of the sockets. */
static void a_second_start_is_refused(void **state) {
  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_start(NULL), UWSK_START_ALREADY);
  use_the_kernel();
  assert_int_equal(uwsk_stop(), 0);
}

/* A test's tear-down after a failed set-up must not crash. */
static void a_stop_without_a_start_is_refused(void **state) {
  (void)state;
  assert_int_equal(uwsk_stop(), -1);
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_stop(), 0);
  assert_int_equal(uwsk_stop(), -1);
}

/* A program built against another header would have its fields misread. */
static void options_of_another_size_are_refused(void **state) {
  struct uwsk_options options = UWSK_OPTIONS_INIT;

  (void)state;
  options.size = 0;
  assert_int_equal(uwsk_start(&options), UWSK_START_BAD_OPTIONS);
  options.size = sizeof options + 8;
  assert_int_equal(uwsk_start(&options), UWSK_START_BAD_OPTIONS);
  options.size = sizeof options;
  assert_int_equal(uwsk_start(&options), 0);
  assert_int_equal(uwsk_stop(), 0);
}

static void a_mode_that_is_none_is_refused(void **state) {
  struct uwsk_options options = UWSK_OPTIONS_INIT;

  (void)state;
  set_variable("UWSK_LOOP", "");
  options.loop = (enum uwsk_loop_mode)7;
  assert_int_equal(uwsk_start(&options), UWSK_START_BAD_OPTIONS);
}

/* A stop on another thread would take the loop from under the one it belongs
 * to. */
static void stop_on_another_thread(PVOID context) {
  *(int *)context = uwsk_stop();
  PsTerminateSystemThread(STATUS_SUCCESS);
}

static void join(HANDLE handle) {
  PVOID thread;

  assert_int_equal(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS,
                                             *PsThreadType, KernelMode, &thread,
                                             NULL),
                   STATUS_SUCCESS);
  ZwClose(handle);
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(thread);
}

static HANDLE start_thread(PKSTART_ROUTINE routine, PVOID context) {
  HANDLE handle;

  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, routine, context),
                   STATUS_SUCCESS);
  return handle;
}

static void only_the_starting_thread_may_stop(void **state) {
  int result = 0;

  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  join(start_thread(stop_on_another_thread, &result));
  assert_int_equal(result, -1);
  assert_int_equal(uwsk_stop(), 0);
}

static void a_stop_at_a_raised_irql_is_refused(void **state) {
  KIRQL irql;

  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  assert_int_equal(uwsk_stop(), -1);
  KeLowerIrql(irql);
  assert_int_equal(uwsk_stop(), 0);
}

/* A start that fails half-way must take down what it had put up: the next one
 * would find a loop that is there already. */
static void a_start_without_memory_can_be_tried_again(void **state) {
  unsigned nth = 0;

  (void)state;
  for (bool failed = true; failed;) {
    uwsk_fault_allocation(++nth);
    int result = uwsk_start(NULL);
    failed = uwsk_fault_allocation_fired() && result != 0;
    assert_int_equal(result, failed ? UWSK_START_NO_RESOURCES : 0);
    assert_true(nth < 1000);
  }
  uwsk_fault_allocation(0);
  use_the_kernel();
  assert_int_equal(uwsk_stop(), 0);
}

/* ---- the environment --------------------------------------------------- */

static bool helper_has_run(void *context) {
  struct loop_stats stats;

  (void)context;
  loop__stats(&stats);
  return stats.helper_ticks + stats.helper_runs > 0;
}

/* A script that sets the variable must reach programs whose author passed
 * options. */
static void the_environment_overrides_the_options(void **state) {
  struct uwsk_options options = UWSK_OPTIONS_INIT;

  (void)state;
  set_variable("UWSK_LOOP", "stepped");
  set_variable("UWSK_TRACE", "1");
  assert_int_equal(uwsk_start(&options), 0);
  assert_true(VF_WATCHES(VF_WATCH_TRACE));
  assert_false(uwsk_run_until(helper_has_run, NULL, 20));
  assert_int_equal(uwsk_stop(), 0);
  assert_false(VF_WATCHES(VF_WATCH_TRACE));

  options.loop = UWSK_LOOP_STEPPED;
  options.trace = true;
  set_variable("UWSK_LOOP", "auto");
  set_variable("UWSK_TRACE", "0");
  assert_int_equal(uwsk_start(&options), 0);
  assert_false(VF_WATCHES(VF_WATCH_TRACE));
  assert_true(uwsk_run_until(helper_has_run, NULL, 10000));
  assert_int_equal(uwsk_stop(), 0);
}

static void unknown_values_in_the_environment_are_refused(void **state) {
  (void)state;
  set_variable("UWSK_LOOP", "fast");
  assert_int_equal(uwsk_start(NULL), UWSK_START_BAD_OPTIONS);
  set_variable("UWSK_LOOP", "auto");
  set_variable("UWSK_TRACE", "yes");
  assert_int_equal(uwsk_start(NULL), UWSK_START_BAD_OPTIONS);
}

static void an_empty_variable_counts_as_none(void **state) {
  (void)state;
  set_variable("UWSK_LOOP", "");
  set_variable("UWSK_TRACE", "");
  assert_int_equal(uwsk_start(NULL), 0);
  assert_false(VF_WATCHES(VF_WATCH_TRACE));
  assert_int_equal(uwsk_stop(), 0);
}

/* ---- run --------------------------------------------------------------- */

static bool yes(void *context) {
  (void)context;
  return true;
}

static bool is_third_question(void *context) {
  return ++*(int *)context == 3;
}

static bool flag_is_set(void *context) {
  return atomic_load((atomic_bool *)context);
}

/* `done` is asked before time is looked at, else a limit of 0 could not be used
 * to ask whether something has happened. */
static void run_until_asks_before_it_waits(void **state) {
  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  assert_true(uwsk_run_until(yes, NULL, 0));
  assert_true(uwsk_run_until(yes, NULL, UWSK_NO_TIMEOUT));
  assert_int_equal(uwsk_stop(), 0);
}

static void run_until_gives_up_after_its_time(void **state) {
  atomic_bool never = false;
  uint64_t before;

  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  before = os__now_ns();
  assert_false(uwsk_run_until(flag_is_set, &never, 30));
  assert_true(os__now_ns() - before >= 30 * 1000000u);
  before = os__now_ns();
  assert_false(uwsk_run_until(NULL, NULL, 30));
  assert_true(os__now_ns() - before >= 30 * 1000000u);
  assert_int_equal(uwsk_stop(), 0);
}

static void run_until_asks_after_each_step(void **state) {
  int questions = 0;

  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  uwsk_run_until(is_third_question, &questions, 20);
  assert_true(questions >= 2);
  assert_int_equal(uwsk_stop(), 0);
}

static bool driver_is_done(void *context) {
  (void)context;
  return uwsk_driver_is_done();
}

static void call_done(PVOID context) {
  (void)context;
  uwsk_driver_done();
  uwsk_driver_done();
  PsTerminateSystemThread(STATUS_SUCCESS);
}

/* Nothing else moves the loop here: without a wake-up this would hang. */
static void driver_done_wakes_a_run_without_limit(void **state) {
  (void)state;
  for (int i = 0; i < 20; i++) {
    assert_int_equal(uwsk_start(NULL), 0);
    assert_false(uwsk_driver_is_done());
    HANDLE thread = start_thread(call_done, NULL);
    assert_true(uwsk_run_until(driver_is_done, NULL, UWSK_NO_TIMEOUT));
    join(thread);
    assert_int_equal(uwsk_stop(), 0);
  }
}

static void run_until_at_a_raised_irql_is_reported(void **state) {
  KIRQL irql;

  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  vf__quiet(1);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  assert_true(uwsk_run_until(yes, NULL, UWSK_NO_TIMEOUT));
  assert_false(uwsk_run_until(NULL, NULL, UWSK_NO_TIMEOUT));
  KeLowerIrql(irql);
  assert_int_equal(vf__count(VF_IRQL_01), 2);
  assert_int_equal(uwsk_stop(), 0);
}

static void run_until_without_a_runtime_only_asks(void **state) {
  (void)state;
  assert_true(uwsk_run_until(yes, NULL, UWSK_NO_TIMEOUT));
  assert_false(uwsk_run_until(NULL, NULL, UWSK_NO_TIMEOUT));
}

/* ---- faults ------------------------------------------------------------ */

static void the_nth_allocation_fails_once(void **state) {
  PVOID first, second;

  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  unsigned long long before = uwsk_allocation_count();
  uwsk_fault_allocation(2);
  first = ExAllocatePoolWithTag(NonPagedPool, 32, 'tseT');
  assert_non_null(first);
  assert_false(uwsk_fault_allocation_fired());
  assert_null(ExAllocatePoolWithTag(NonPagedPool, 32, 'tseT'));
  assert_true(uwsk_fault_allocation_fired());
  second = ExAllocatePoolWithTag(NonPagedPool, 32, 'tseT');
  assert_non_null(second);
  assert_true(uwsk_allocation_count() >= before + 3);
  ExFreePoolWithTag(first, 'tseT');
  ExFreePoolWithTag(second, 'tseT');
  assert_int_equal(uwsk_stop(), 0);
}

/* The state must not last into the next run. */
static void the_provider_can_be_made_unready(void **state) {
  WSK_REGISTRATION registration;
  WSK_PROVIDER_NPI wsk;

  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(WskRegister(&client_npi, &registration), STATUS_SUCCESS);
  uwsk_fault_provider_ready(false);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk),
                   STATUS_DEVICE_NOT_READY);
  WskDeregister(&registration);
  assert_int_equal(uwsk_stop(), 0);
  assert_int_equal(uwsk_start(NULL), 0);
  use_the_kernel();
  assert_int_equal(uwsk_stop(), 0);
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, NULL, restore_environment)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(starts_and_stops_a_hundred_times),
      TEST(a_second_start_is_refused),
      TEST(a_stop_without_a_start_is_refused),
      TEST(options_of_another_size_are_refused),
      TEST(a_mode_that_is_none_is_refused),
      TEST(only_the_starting_thread_may_stop),
      TEST(a_stop_at_a_raised_irql_is_refused),
      TEST(a_start_without_memory_can_be_tried_again),
      TEST(the_environment_overrides_the_options),
      TEST(unknown_values_in_the_environment_are_refused),
      TEST(an_empty_variable_counts_as_none),
      TEST(run_until_asks_before_it_waits),
      TEST(run_until_gives_up_after_its_time),
      TEST(run_until_asks_after_each_step),
      TEST(driver_done_wakes_a_run_without_limit),
      TEST(run_until_at_a_raised_irql_is_reported),
      TEST(run_until_without_a_runtime_only_asks),
      TEST(the_nth_allocation_fails_once),
      TEST(the_provider_can_be_made_unready),
  };
  return cmocka_run_group_tests(tests, remember_mode, NULL);
}
