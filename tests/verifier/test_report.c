/* Reports: counted by rule, printed whole, and kept quiet on demand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/os.h"
#include "verifier/report.h"

static char text[100000];

static FILE *file;
static int saved;

static void catch_stderr(void) {
  file = tmpfile();
  assert_non_null(file);
  saved = dup(2);
  dup2(fileno(file), 2);
}

static void release_stderr(void) {
  size_t length;

  dup2(saved, 2);
  close(saved);
  rewind(file);
  length = fread(text, 1, sizeof(text) - 1, file);
  text[length] = '\0';
  fclose(file);
}

static int start(void **state) {
  (void)state;
  vf__reset();
  vf__quiet(0);
  return 0;
}

static void a_report_says_rule_sight_bugcheck_and_page(void **state) {
  (void)state;
  catch_stderr();
  vf__report(VF_IRP_05, "IRP %d of %s", 7, "mine");
  release_stderr();
  assert_ptr_equal(strstr(text, "uwsk: IRP-05: IRP 7 of mine\n"), text);
  assert_non_null(
      strstr(text, "an IRP that is passed on has a stack location"));
  assert_non_null(strstr(text, "NO_MORE_IRP_STACK_LOCATIONS (0x35)"));
  assert_non_null(strstr(text, "learn.microsoft.com: "));
}

static void reports_are_counted_by_rule_until_reset(void **state) {
  (void)state;
  vf__quiet(1);
  vf__report(VF_IRP_05, "a");
  vf__report(VF_IRP_05, "b");
  vf__report(VF_MM_MDL_01, "c");
  assert_int_equal(vf__count(VF_IRP_05), 2);
  assert_int_equal(vf__count(VF_MM_MDL_01), 1);
  assert_int_equal(vf__count(VF_IRP_07), 0);
  assert_int_equal(vf__count(VF_RULE_COUNT), 3);
  vf__reset();
  assert_int_equal(vf__count(VF_RULE_COUNT), 0);
}

static void while_quiet_nothing_is_printed(void **state) {
  (void)state;
  catch_stderr();
  vf__quiet(1);
  vf__report(VF_IRP_05, "unseen");
  vf__quiet(0);
  release_stderr();
  assert_string_equal(text, "");
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
  assert_true(strlen(text) < 2000);
  assert_non_null(strstr(text, "xxx\n      rule: "));
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

static void report_often(void *unused) {
  (void)unused;
  for (int i = 0; i < 50; i++)
    vf__report(VF_IRP_10, "one of many");
}

/* Each report is one write: the first line is always followed by its rule. */
static void reports_of_two_threads_do_not_mix(void **state) {
  (void)state;
  struct os_thread thread;
  int found = 0;

  catch_stderr();
  assert_int_equal(os__thread_start(&thread, report_often, NULL), 0);
  report_often(NULL);
  os__thread_join(&thread);
  release_stderr();
  for (const char *at = text; (at = strstr(at, "one of many\n")); found++) {
    at += strlen("one of many\n");
    assert_ptr_equal(strstr(at, "      rule: "), at);
  }
  assert_int_equal(found, 100);
  assert_int_equal(vf__count(VF_IRP_10), 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_report_says_rule_sight_bugcheck_and_page, start),
      cmocka_unit_test_setup(reports_are_counted_by_rule_until_reset, start),
      cmocka_unit_test_setup(while_quiet_nothing_is_printed, start),
      cmocka_unit_test_setup(a_message_that_is_too_long_is_cut, start),
      cmocka_unit_test_setup(every_rule_has_an_id_of_its_own, start),
      cmocka_unit_test_setup(reports_of_two_threads_do_not_mix, start),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
