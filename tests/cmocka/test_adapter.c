/* What uwsk/cmocka.h promises to tests that pass. Those that fail are in
 * failing.c. */
#include <ntddk.h>

#include <uwsk/cmocka.h>

static unsigned runs;

/* ---- a kernel for each -------------------------------------------------- */

static void the_kernel_runs(void **state) {
  PVOID block = ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');

  assert_null(*state);
  assert_non_null(block);
  ExFreePool(block);
  assert_int_equal(uwsk_start(NULL), UWSK_START_ALREADY);
  runs++;
}

static void there_was_a_kernel_each_time(void **state) {
  (void)state;
  assert_int_equal(runs, 2);
}

/* Needs expectations to be of one run. */
static void an_expected_violation_is_no_failure(void **state) {
  PIRP irp = IoAllocateIrp(1, FALSE);

  (void)state;
  uwsk_expect_violation("IO-FREE-01");
  IoFreeIrp(irp);
  IoFreeIrp(irp);
  assert_violations(1, "IO-FREE-01");
}

/* ---- what belongs to a test --------------------------------------------- */

static int prepare(void **state) {
  *state = ExAllocatePoolWithTag(NonPagedPool, sizeof(int), 'tseT');
  return *state == NULL;
}

static int clear(void **state) {
  ExFreePool(*state);
  return 0;
}

static void a_test_has_a_setup_of_its_own(void **state) {
  *(int *)*state = 5;
}

static const struct uwsk_options record = {
    .size = sizeof(struct uwsk_options),
    .loop = UWSK_LOOP_STEPPED,
    .trace = false,
    .verifier = UWSK_VERIFIER_RECORD,
};

static void a_test_has_options_of_its_own(void **state) {
  (void)state;
  assert_int_equal(uwsk_verifier_get_mode(), UWSK_VERIFIER_RECORD);
}

static const struct uwsk_options all = {
    .size = sizeof(struct uwsk_options),
    .loop = UWSK_LOOP_AUTO,
    .trace = false,
    .verifier = UWSK_VERIFIER_FAIL,
};

static void others_have_those_of_the_program(void **state) {
  (void)state;
  assert_int_equal(uwsk_verifier_get_mode(), UWSK_VERIFIER_FAIL);
}

/* ---- asserts ------------------------------------------------------------ */

static NTSTATUS once(unsigned *calls, NTSTATUS status) {
  ++*calls;
  return status;
}

static void asserts_ask_once(void **state) {
  unsigned calls = 0;

  (void)state;
  assert_status(STATUS_UNSUCCESSFUL, once(&calls, STATUS_UNSUCCESSFUL));
  assert_nt_success(once(&calls, STATUS_SUCCESS));
  assert_pending(once(&calls, STATUS_PENDING));
  assert_int_equal(calls, 3);
}

static void a_rule_that_is_armed_strikes(void **state) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_IRP, UWSK_FAIL);
  int number;

  (void)state;
  rule.status = STATUS_INSUFFICIENT_RESOURCES;
  rule.times = 1;
  number = assert_armed(&rule);
  assert_null(IoAllocateIrp(1, FALSE));
  assert_struck(1, number);
}

static void what_was_left_can_be_put_back(void **state) {
  KIRQL irql;

  (void)state;
  KeEnterGuardedRegion();
  KeEnterCriticalRegion();
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  uwsk_after_longjmp();
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  assert_false(KeAreApcsDisabled());
}

static void both_halves_stand_alone(void **state) {
  (void)state;
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      uwsk_unit_test(the_kernel_runs),
      uwsk_unit_test(the_kernel_runs),
      uwsk_unit_test(there_was_a_kernel_each_time),
      uwsk_unit_test(an_expected_violation_is_no_failure),
      uwsk_unit_test_setup_teardown(a_test_has_a_setup_of_its_own, prepare,
                                    clear),
      uwsk_unit_test_options(a_test_has_options_of_its_own, &record),
      uwsk_unit_test(others_have_those_of_the_program),
      uwsk_unit_test(asserts_ask_once),
      uwsk_unit_test(a_rule_that_is_armed_strikes),
      uwsk_unit_test(what_was_left_can_be_put_back),
      cmocka_unit_test_setup_teardown(both_halves_stand_alone, uwsk_setup,
                                      uwsk_teardown),
  };

  uwsk_use_options(&all);
  uwsk_after_longjmp(); /* nothing runs, nothing happens */
  return cmocka_run_group_tests(tests, NULL, NULL);
}
