/* Reports: what they say, in words and as a structure; that they are counted
 * by rule, kept, told, printed whole. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <uwsk/uwsk.h>
#include <uwsk/verifier.h>

#include "catch_stderr.h"
#include "os/os.h"
#include "verifier/report.h"

static int start(void **state) {
  (void)state;
  vf__reset();
  vf__forget_events();
  vf__quiet(0);
  uwsk_verifier_set_mode(UWSK_VERIFIER_FAIL);
  return 0;
}

static void a_report_says_rule_sight_bugcheck_and_page(void **state) {
  (void)state;
  catch_stderr();
  vf__report(VF_IRP_05, "IRP %d of %s", 7, "mine");
  release_stderr();
  assert_ptr_equal(strstr(caught, "uwsk: violation: IRP-05: IRP 7 of mine\n"),
                   caught);
  assert_non_null(
      strstr(caught, "an IRP that is passed on has a stack location"));
  assert_non_null(strstr(caught, "NO_MORE_IRP_STACK_LOCATIONS (0x35)"));
  assert_non_null(strstr(caught, "learn.microsoft.com: "));
}

static void reports_are_counted_by_rule_until_reset(void **state) {
  (void)state;
  vf__quiet(1);
  vf__report(VF_IRP_05, "a");
  vf__report(VF_IRP_05, "b");
  vf__report(VF_MM_MDL_01, "c");
  assert_int_equal(vf__count(VF_IRP_05), 2);
  assert_int_equal(uwsk_verifier_count("MM-MDL-01"), 1);
  assert_int_equal(vf__count(VF_IRP_07), 0);
  assert_int_equal(uwsk_verifier_count(NULL), 3);
  uwsk_verifier_reset();
  assert_int_equal(vf__count(VF_RULE_COUNT), 0);
}

static void while_quiet_nothing_is_printed(void **state) {
  (void)state;
  catch_stderr();
  vf__quiet(1);
  vf__report(VF_IRP_05, "unseen");
  vf__quiet(0);
  release_stderr();
  assert_string_equal(caught, "");
  assert_int_equal(vf__count(VF_IRP_05), 1);
}

/* Defends against a buffer overrun by a long message. */
static void a_message_that_is_too_long_is_cut(void **state) {
  (void)state;
  static char long_text[5000];

  memset(long_text, 'x', sizeof(long_text) - 1);
  catch_stderr();
  vf__report(VF_IRP_05, "%s", long_text);
  release_stderr();
  assert_true(strlen(caught) < 2000);
  assert_non_null(strstr(caught, "xxx\n      thread: "));
}

/* Every row is whole, and no id stands twice: tests and users go by it. */
static void every_rule_has_an_id_of_its_own(void **state) {
  (void)state;
  for (int i = 0; i < VF_RULE_COUNT; i++) {
    const char *id = vf__rule_id((enum vf_rule)i);

    assert_true(id != NULL && strchr(id, '-') != NULL);
    for (int j = 0; j < i; j++)
      assert_string_not_equal(id, vf__rule_id((enum vf_rule)j));
  }
}

/* ---- as a structure ---------------------------------------------------- */

static void break_a_rule(PKSPIN_LOCK lock) {
  KIRQL irql;

  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  KeReleaseSpinLockFromDpcLevel(lock);
  KeLowerIrql(irql);
}

static void a_report_can_be_asked_for_its_parts(void **state) {
  const struct uwsk_report *report;
  KSPIN_LOCK lock = 0;

  (void)state;
  catch_stderr();
  break_a_rule(&lock);
  release_stderr();
  report = uwsk_verifier_report_at(0);
  assert_non_null(report);
  assert_string_equal(report->rule, "KE-LOCK-02");
  assert_int_equal(report->level, UWSK_VIOLATION);
  assert_false(report->expected);
  assert_non_null(strstr(report->seen, "is not held by this thread"));
  assert_int_equal(report->thread, os__thread_number());
  assert_int_equal(report->irql, DISPATCH_LEVEL);
  assert_string_equal(report->call, "KeReleaseSpinLockFromDpcLevel");
  assert_non_null(report->caller);
  assert_true(report->where[0] != '\0');
  assert_string_equal(report->bugcheck, "SPIN_LOCK_NOT_OWNED");
  assert_int_equal(report->bugcheck_code, 0x10);
  assert_int_equal(report->parameter_count, 4);
  assert_int_equal(report->parameters[0], (ULONG_PTR)&lock);
  assert_ptr_equal(report->object, &lock);
  assert_string_equal(report->text, caught);
  assert_null(uwsk_verifier_report_at(1));
}

static void the_text_names_thread_call_and_parameters(void **state) {
  char expected[128];
  KSPIN_LOCK lock = 0;

  (void)state;
  catch_stderr();
  break_a_rule(&lock);
  release_stderr();
  snprintf(expected, sizeof(expected),
           "      thread:     %u at DISPATCH, in KeReleaseSpinLockFromDpcLevel "
           "called from ",
           os__thread_number());
  assert_non_null(strstr(caught, expected));
  snprintf(expected, sizeof(expected),
           "SPIN_LOCK_NOT_OWNED (0x10) p1=0x%llx p2=0x0 p3=0x0 p4=0x0\n",
           (unsigned long long)(ULONG_PTR)&lock);
  assert_non_null(strstr(caught, expected));
}

static void a_rule_without_a_bugcheck_says_what_happens(void **state) {
  (void)state;
  catch_stderr();
  vf__report(VF_IRP_09, "used again");
  release_stderr();
  assert_non_null(strstr(caught, "      on Windows: none at once: stale "));
  assert_null(uwsk_verifier_report_at(0)->bugcheck);
  assert_int_equal(uwsk_verifier_report_at(0)->bugcheck_code, 0);
}

/* The call has returned before the report: it is not to blame. */
static void a_call_that_is_over_is_not_named(void **state) {
  KSPIN_LOCK lock;

  (void)state;
  KeInitializeSpinLock(&lock);
  KIRQL irql = KeAcquireSpinLockRaiseToDpc(&lock);
  KeReleaseSpinLock(&lock, irql);
  catch_stderr();
  vf__report(VF_IRP_05, "nobody's call");
  release_stderr();
  assert_null(uwsk_verifier_report_at(0)->call);
  assert_null(strstr(caught, "called from"));
}

/* ---- keeping and telling ----------------------------------------------- */

/* The slots are finite; the counts are not. */
static void only_the_first_reports_are_kept(void **state) {
  (void)state;
  catch_stderr();
  for (int i = 0; i < UWSK_REPORTS_KEPT + 5; i++)
    vf__report(VF_IRP_05, "number %d", i);
  release_stderr();
  assert_string_equal(uwsk_verifier_report_at(0)->seen, "number 0");
  assert_string_equal(uwsk_verifier_report_at(UWSK_REPORTS_KEPT - 1)->seen,
                      "number 63");
  assert_null(uwsk_verifier_report_at(UWSK_REPORTS_KEPT));
  assert_int_equal(uwsk_verifier_count("IRP-05"), UWSK_REPORTS_KEPT + 5);
  assert_int_equal(uwsk_verifier_unexpected(), UWSK_REPORTS_KEPT + 5);
  assert_non_null(strstr(caught, "number 68\n"));
  uwsk_verifier_reset();
  assert_null(uwsk_verifier_report_at(0));
}

static unsigned told;
static KIRQL told_at;

static void listen(const struct uwsk_report *report, void *context) {
  assert_ptr_equal(context, &told);
  assert_string_equal(report->rule, "IRP-05");
  assert_non_null(strstr(report->text, report->seen));
  assert_true(uwsk_verifier_count("IRP-05") > told);
  told_at = KeGetCurrentIrql();
  told++;
}

static void a_listener_is_told_at_the_irql_of_the_breach(void **state) {
  KIRQL irql;

  (void)state;
  told = 0;
  uwsk_verifier_on_report(listen, &told);
  catch_stderr();
  vf__report(VF_IRP_05, "one");
  assert_int_equal(told_at, PASSIVE_LEVEL);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  vf__report(VF_IRP_05, "two");
  KeLowerIrql(irql);
  assert_int_equal(told_at, DISPATCH_LEVEL);
  uwsk_verifier_on_report(NULL, NULL);
  vf__report(VF_IRP_05, "three");
  release_stderr();
  assert_int_equal(told, 2);
}

/* ---- several threads --------------------------------------------------- */

static void report_often(void *unused) {
  (void)unused;
  for (int i = 0; i < 50; i++)
    vf__report_on(VF_IRP_10, &told, "one of many");
}

/* Each report is one write: the first line is always followed by the next. */
static void reports_of_several_threads_do_not_mix(void **state) {
  struct os_thread threads[3];
  int found = 0;

  (void)state;
  catch_stderr();
  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&threads[i], report_often, NULL), 0);
  report_often(NULL);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
  release_stderr();
  for (const char *at = caught; (at = strstr(at, "one of many\n")); found++) {
    at += strlen("one of many\n");
    assert_ptr_equal(strstr(at, "      thread: "), at);
  }
  assert_int_equal(found, 200);
  assert_int_equal(vf__count(VF_IRP_10), 200);
  for (size_t i = 0; i < UWSK_REPORTS_KEPT; i++)
    assert_string_equal(uwsk_verifier_report_at(i)->seen, "one of many");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_report_says_rule_sight_bugcheck_and_page, start),
      cmocka_unit_test_setup(reports_are_counted_by_rule_until_reset, start),
      cmocka_unit_test_setup(while_quiet_nothing_is_printed, start),
      cmocka_unit_test_setup(a_message_that_is_too_long_is_cut, start),
      cmocka_unit_test_setup(every_rule_has_an_id_of_its_own, start),
      cmocka_unit_test_setup(a_report_can_be_asked_for_its_parts, start),
      cmocka_unit_test_setup(the_text_names_thread_call_and_parameters, start),
      cmocka_unit_test_setup(a_rule_without_a_bugcheck_says_what_happens,
                             start),
      cmocka_unit_test_setup(a_call_that_is_over_is_not_named, start),
      cmocka_unit_test_setup(only_the_first_reports_are_kept, start),
      cmocka_unit_test_setup(a_listener_is_told_at_the_irql_of_the_breach,
                             start),
      cmocka_unit_test_setup(reports_of_several_threads_do_not_mix, start),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
