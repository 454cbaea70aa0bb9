/* Expectations, levels, modes, rules out of force, and what uwsk_stop makes of
 * all that. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <uwsk/fault.h>
#include <uwsk/uwsk.h>
#include <uwsk/verifier.h>

#include "catch_stderr.h"
#include "verifier/report.h"

/* Each test starts and stops the runtime itself: what the stop says is what it
 * is about. */
static int begin(void **state) {
  (void)state;
  uwsk_verifier_set_mode(UWSK_VERIFIER_FAIL);
  return uwsk_start(NULL);
}

static int end(void **state) {
  (void)state;
  uwsk_verifier_set_mode(UWSK_VERIFIER_FAIL);
  uwsk_verifier_fail_on_warnings(false);
  return 0;
}

/* Two violations by public means, and how the rest of the test is to go on. */
static void free_twice(void) {
  PIRP irp = IoAllocateIrp(1, FALSE);

  IoFreeIrp(irp);
  IoFreeIrp(irp);
}

static int stop(void) {
  catch_stderr();
  int wrong = uwsk_stop();
  release_stderr();
  return wrong;
}

static void warn(void) {
  vf__report(VF_EVENTS_02, "a warning");
}

/* ---- violations -------------------------------------------------------- */

static void an_unexpected_violation_counts_as_wrong(void **state) {
  (void)state;
  catch_stderr();
  free_twice();
  free_twice();
  release_stderr();
  assert_non_null(strstr(caught, "uwsk: violation: IO-FREE-01: "));
  assert_int_equal(uwsk_verifier_unexpected(), 2);
  assert_int_equal(stop(), 2);
  assert_non_null(
      strstr(caught, "uwsk: rule broken: IO-FREE-01, 2 times: IoFreeIrp was"));
  /* The next run begins with nothing, the results being there until then. */
  assert_int_equal(uwsk_verifier_count("IO-FREE-01"), 2);
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_verifier_count(NULL), 0);
  assert_int_equal(stop(), 0);
}

static void an_expected_violation_is_taken(void **state) {
  (void)state;
  assert_true(uwsk_expect_violation("IO-FREE-01"));
  catch_stderr();
  free_twice();
  release_stderr();
  assert_string_equal(caught, "");
  assert_int_equal(uwsk_verifier_count("IO-FREE-01"), 1);
  assert_true(uwsk_verifier_report_at(0)->expected);
  assert_int_equal(uwsk_verifier_unexpected(), 0);
  assert_int_equal(uwsk_expectations_unmet(), 0);
  assert_int_equal(stop(), 0);
  assert_string_equal(caught, "");
}

static void one_more_than_expected_counts_as_wrong(void **state) {
  (void)state;
  uwsk_expect_violation("IO-FREE-01");
  catch_stderr();
  free_twice();
  free_twice();
  release_stderr();
  assert_int_equal(uwsk_verifier_unexpected(), 1);
  assert_int_equal(stop(), 1);
}

static void an_expectation_that_is_not_met_counts_as_wrong(void **state) {
  (void)state;
  uwsk_expect_violation("IRP-10");
  catch_stderr();
  assert_int_equal(uwsk_expectations_unmet(), 1);
  release_stderr();
  assert_string_equal(caught,
                      "uwsk: expected, but not reported: IRP-10, once\n");
  assert_int_equal(stop(), 1);
  assert_string_equal(caught,
                      "uwsk: expected, but not reported: IRP-10, once\n");
}

static void two_may_be_expected(void **state) {
  (void)state;
  uwsk_expect_violation("IO-FREE-01");
  uwsk_expect_violation("IO-FREE-01");
  free_twice();
  catch_stderr();
  assert_int_equal(uwsk_expectations_unmet(), 1);
  release_stderr();
  free_twice();
  assert_int_equal(uwsk_expectations_unmet(), 0);
  assert_true(uwsk_expect_violations("IO-FREE-01", 2));
  free_twice();
  free_twice();
  assert_int_equal(stop(), 0);
}

static void any_number_is_one_or_more(void **state) {
  (void)state;
  uwsk_expect_violations("IO-FREE-01", UWSK_ANY_NUMBER);
  catch_stderr();
  assert_int_equal(uwsk_expectations_unmet(), 1);
  release_stderr();
  for (int i = 0; i < 3; i++)
    free_twice();
  assert_int_equal(stop(), 0);
}

/* Defends against a test that goes by a name nothing has, and passes. */
static void an_id_that_no_rule_has_counts_as_wrong(void **state) {
  (void)state;
  catch_stderr();
  assert_false(uwsk_expect_violation("IRP-1O"));
  assert_int_equal(uwsk_verifier_count("NO-SUCH"), 0);
  assert_false(uwsk_verifier_ignore(NULL));
  release_stderr();
  assert_non_null(strstr(caught, "uwsk: uwsk_expect_violation: no rule is "
                                 "called \"IRP-1O\"; docs/rules.md lists"));
  assert_int_equal(stop(), 3);
  assert_non_null(strstr(caught, "\"NO-SUCH\""));
}

/* ---- levels ------------------------------------------------------------ */

static void a_warning_is_told_once_per_place_and_is_not_wrong(void **state) {
  (void)state;
  catch_stderr();
  for (int i = 0; i < 3; i++)
    warn();
  release_stderr();
  assert_ptr_equal(strstr(caught, "uwsk: warning: EVENTS-02: a warning\n"),
                   caught);
  assert_null(strstr(caught + 1, "uwsk: warning"));
  assert_int_equal(uwsk_verifier_count("EVENTS-02"), 3);
  assert_int_equal(uwsk_verifier_report_at(0)->level, UWSK_WARNING);
  assert_null(uwsk_verifier_report_at(1));
  assert_int_equal(stop(), 0);
}

/* Defends against a suite of a hundred tests that says it a hundred times. */
static void a_warning_is_printed_once_in_the_process(void **state) {
  (void)state;
  for (int run = 0; run < 2; run++) {
    catch_stderr();
    vf__report(VF_IRP_17, "in each run");
    vf__report(VF_IRP_17, "in each run, from elsewhere");
    release_stderr();
    assert_int_equal(strstr(caught, "IRP-17") != NULL, run == 0);
    assert_string_equal(uwsk_verifier_report_at(0)->seen, "in each run");
    assert_int_equal(uwsk_verifier_count("IRP-17"), 2);
    assert_int_equal(stop(), 0);
    assert_int_equal(uwsk_start(NULL), 0);
  }
  assert_int_equal(stop(), 0);
}

static void a_note_is_never_wrong(void **state) {
  (void)state;
  uwsk_verifier_fail_on_warnings(true);
  catch_stderr();
  vf__report(VF_SOCKET_10, "a note");
  release_stderr();
  assert_ptr_equal(strstr(caught, "uwsk: note: SOCKET-10: a note\n"), caught);
  assert_int_equal(stop(), 0);
}

static void warnings_can_count_as_violations_do(void **state) {
  (void)state;
  uwsk_verifier_fail_on_warnings(true);
  catch_stderr();
  warn();
  warn();
  release_stderr();
  assert_int_equal(uwsk_verifier_unexpected(), 2);
  assert_int_equal(stop(), 2);
}

static void a_warning_is_expected_as_a_report(void **state) {
  (void)state;
  assert_true(uwsk_expect_report("EVENTS-02"));
  assert_true(uwsk_expect_reports("SOCKET-10", 2));
  catch_stderr();
  warn();
  vf__report(VF_SOCKET_10, "a note");
  vf__report(VF_SOCKET_10, "a note");
  release_stderr();
  assert_string_equal(caught, "");
  assert_int_equal(stop(), 0);
}

static void a_warning_is_no_violation_to_expect(void **state) {
  (void)state;
  catch_stderr();
  assert_false(uwsk_expect_violation("EVENTS-02"));
  release_stderr();
  assert_non_null(strstr(caught, "EVENTS-02 is no violation; use "));
  assert_int_equal(stop(), 1);
}

static void an_ignored_rule_is_out_of_force(void **state) {
  (void)state;
  assert_true(uwsk_verifier_ignore("IO-FREE-01"));
  catch_stderr();
  free_twice();
  release_stderr();
  assert_string_equal(caught, "");
  assert_int_equal(uwsk_verifier_count("IO-FREE-01"), 0);
  assert_true(uwsk_verifier_heed("IO-FREE-01"));
  uwsk_expect_violation("IO-FREE-01");
  free_twice();
  assert_int_equal(stop(), 0);
}

/* ---- modes ------------------------------------------------------------- */

static void recorded_reports_are_kept_and_nothing_more(void **state) {
  (void)state;
  uwsk_verifier_set_mode(UWSK_VERIFIER_RECORD);
  catch_stderr();
  free_twice();
  release_stderr();
  assert_string_equal(caught, "");
  assert_string_equal(uwsk_verifier_report_at(0)->rule, "IO-FREE-01");
  assert_int_equal(uwsk_verifier_unexpected(), 0);
  /* An expectation is one in this mode, too. */
  uwsk_expect_violation("IRP-10");
  assert_int_equal(stop(), 1);
}

static void nothing_is_reported_or_watched_while_off(void **state) {
  struct uwsk_event events[VF_EVENTS_SHOWN];
  PIRP irp;

  (void)state;
  uwsk_verifier_set_mode(UWSK_VERIFIER_OFF);
  vf__forget_events();
  catch_stderr();
  irp = IoAllocateIrp(1, FALSE);
  IoFreeIrp(irp);
  IoFreeIrp(irp);
  release_stderr();
  assert_string_equal(caught, "");
  assert_int_equal(uwsk_verifier_count(NULL), 0);
  assert_null(uwsk_verifier_report_at(0));
  assert_int_equal(vf__recall(irp, events, VF_EVENTS_SHOWN), 0);
  assert_int_equal(stop(), 0);
}

static void nothing_can_be_expected_while_off(void **state) {
  (void)state;
  uwsk_verifier_set_mode(UWSK_VERIFIER_OFF);
  catch_stderr();
  assert_false(uwsk_expect_violation("IRP-10"));
  release_stderr();
  assert_non_null(strstr(caught, "the verifier is off"));
  assert_int_equal(stop(), 1);
}

static void the_options_set_a_mode(void **state) {
  struct uwsk_options options = UWSK_OPTIONS_INIT;

  (void)state;
  assert_int_equal(stop(), 0);
  options.verifier = UWSK_VERIFIER_RECORD;
  assert_int_equal(uwsk_start(&options), 0);
  assert_int_equal(uwsk_verifier_get_mode(), UWSK_VERIFIER_RECORD);
  assert_int_equal(stop(), 0);
  /* It stays when the next ones name none. */
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_verifier_get_mode(), UWSK_VERIFIER_RECORD);
  uwsk_verifier_set_mode(UWSK_VERIFIER_AS_SET);
  uwsk_verifier_set_mode((enum uwsk_verifier_mode)9);
  assert_int_equal(uwsk_verifier_get_mode(), UWSK_VERIFIER_RECORD);
  assert_int_equal(stop(), 0);
  options.verifier = (enum uwsk_verifier_mode)9;
  catch_stderr();
  assert_int_equal(uwsk_start(&options), UWSK_START_BAD_OPTIONS);
  release_stderr();
}

/* Defends against a program of an older header whose options are refused. */
static void options_without_a_verifier_are_taken(void **state) {
  struct uwsk_options options = UWSK_OPTIONS_INIT;

  (void)state;
  assert_int_equal(stop(), 0);
  options.size = offsetof(struct uwsk_options, verifier);
  options.verifier = (enum uwsk_verifier_mode)9; /* what happens to be there */
  assert_int_equal(uwsk_start(&options), 0);
  assert_int_equal(uwsk_verifier_get_mode(), UWSK_VERIFIER_FAIL);
  assert_int_equal(stop(), 0);
}

/* ---- the end ----------------------------------------------------------- */

static void what_is_wrong_can_be_asked_for(void **state) {
  static PIRP left; /* for leak checkers, too */
  char text[1024], little[8];

  (void)state;
  assert_int_equal(uwsk_what_is_wrong(NULL, 0), 0);
  assert_int_equal(uwsk_what_is_wrong(text, sizeof(text)), 0);
  assert_string_equal(text, "");
  left = IoAllocateIrp(1, FALSE);
  catch_stderr();
  free_twice();
  release_stderr();
  uwsk_expect_violation("IRP-10");
  catch_stderr();
  assert_int_equal(uwsk_what_is_wrong(text, sizeof(text)), 3);
  release_stderr();
  assert_string_equal(caught, "");
  assert_ptr_equal(strstr(text, "left behind: IRP "), text);
  assert_non_null(strstr(text, "\n1 thing was left behind\n"));
  assert_non_null(strstr(text, "\nrule broken: IO-FREE-01, once: "));
  assert_non_null(strstr(text, "\nexpected, but not reported: IRP-10, once\n"));
  assert_int_equal(uwsk_what_is_wrong(little, sizeof(little)), 3);
  assert_string_equal(little, "left be");
  /* The stop says the same, and it can be asked for afterwards. */
  assert_int_equal(stop(), 3);
  assert_int_equal(uwsk_what_is_wrong(text, sizeof(text)), 3);
  assert_ptr_equal(strstr(text, "left behind: IRP "), text);
  assert_non_null(left);
}

/* Defends against a finder that looks when the rules have gone already. */
static void a_fault_that_never_struck_is_told(void **state) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_IRP, UWSK_FAIL);
  char text[256];

  (void)state;
  rule.status = STATUS_INSUFFICIENT_RESOURCES;
  assert_true(uwsk_fault_arm(&rule) > 0);
  assert_int_equal(uwsk_what_is_wrong(text, sizeof(text)), 1);
  assert_non_null(strstr(text, "never struck: UWSK_FAIL at allocating an IRP"));
  assert_int_equal(stop(), 1);
  assert_non_null(strstr(caught, "uwsk: fault "));
  assert_int_equal(uwsk_what_is_wrong(NULL, 0), 1);
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_what_is_wrong(NULL, 0), 0);
  assert_int_equal(stop(), 0);
}

/* A test of a leak says so, and one thing more is one too many. */
static void what_is_left_behind_can_be_expected(void **state) {
  static PIRP left[2];

  (void)state;
  uwsk_expect_violation("OB-LEFT-01");
  left[0] = IoAllocateIrp(1, FALSE);
  assert_int_equal(uwsk_what_is_wrong(NULL, 0), 0);
  left[1] = IoAllocateIrp(1, FALSE);
  assert_int_equal(uwsk_what_is_wrong(NULL, 0), 1);
  assert_int_equal(stop(), 1);
  assert_int_equal(uwsk_verifier_count("OB-LEFT-01"), 1);
  assert_ptr_equal(uwsk_verifier_report_at(0)->object, left[0]);
  assert_non_null(strstr(uwsk_verifier_report_at(0)->seen, "IoAllocateIrp"));
  assert_null(strstr(caught, "OB-LEFT-01"));
}

static void a_leak_that_does_not_come_counts_as_wrong(void **state) {
  (void)state;
  uwsk_expect_violation("OB-LEFT-01");
  assert_int_equal(stop(), 1);
  assert_non_null(strstr(caught, "not reported: OB-LEFT-01, once"));
}

/* Its report stands for it: it must not count twice, or in spite of that. */
static void a_timer_left_set_counts_once(void **state) {
  static KTIMER timer;
  LARGE_INTEGER due = {.QuadPart = -600000000};

  (void)state;
  KeInitializeTimer(&timer);
  KeSetTimer(&timer, due, NULL);
  assert_int_equal(stop(), 1);
  assert_int_equal(uwsk_start(NULL), 0);
  uwsk_expect_violation("KE-TIMER-01");
  KeSetTimer(&timer, due, NULL);
  assert_int_equal(stop(), 0);
}

#define RUN_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      RUN_TEST(an_unexpected_violation_counts_as_wrong),
      RUN_TEST(an_expected_violation_is_taken),
      RUN_TEST(one_more_than_expected_counts_as_wrong),
      RUN_TEST(an_expectation_that_is_not_met_counts_as_wrong),
      RUN_TEST(two_may_be_expected),
      RUN_TEST(any_number_is_one_or_more),
      RUN_TEST(an_id_that_no_rule_has_counts_as_wrong),
      RUN_TEST(a_warning_is_told_once_per_place_and_is_not_wrong),
      RUN_TEST(a_warning_is_printed_once_in_the_process),
      RUN_TEST(a_note_is_never_wrong),
      RUN_TEST(warnings_can_count_as_violations_do),
      RUN_TEST(a_warning_is_expected_as_a_report),
      RUN_TEST(a_warning_is_no_violation_to_expect),
      RUN_TEST(an_ignored_rule_is_out_of_force),
      RUN_TEST(recorded_reports_are_kept_and_nothing_more),
      RUN_TEST(nothing_is_reported_or_watched_while_off),
      RUN_TEST(nothing_can_be_expected_while_off),
      RUN_TEST(the_options_set_a_mode),
      RUN_TEST(options_without_a_verifier_are_taken),
      RUN_TEST(what_is_wrong_can_be_asked_for),
      RUN_TEST(a_fault_that_never_struck_is_told),
      RUN_TEST(what_is_left_behind_can_be_expected),
      RUN_TEST(a_leak_that_does_not_come_counts_as_wrong),
      RUN_TEST(a_timer_left_set_counts_once),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
