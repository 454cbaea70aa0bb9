/*
 * The keeper of the zoo: makes two cmocka tests of each specimen.
 *
 *     zoo_io             every specimen of the area
 *     zoo_io NAME        one half of one, by the name of its function
 *
 * A mistake passes when it was caught by its rule and by no other, of whatever
 * level, and nothing was left, unless leaving it is the mistake; the corrected
 * half when there was no report.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>
#include <ntddk.h>
#include <uwsk/uwsk.h>
#include <uwsk/verifier.h>

#include "zoo.h"

extern const ZOO_SPECIMEN ZooSpecimens[ZOO_MAX_SPECIMENS];

static volatile LONG failures;

VOID ZooFail(const char *File, int Line, const char *Text) {
  InterlockedIncrement(&failures);
  fprintf(stderr, "%s:%d: not so: %s\n", File, Line, Text);
}

static ZOO_FUNCTION *after_unload;

VOID ZooAfterUnload(ZOO_FUNCTION *Function) {
  after_unload = Function;
}

static void run_driver(PDRIVER_INITIALIZE entry) {
  PDRIVER_OBJECT driver;

  after_unload = NULL;
  if (CHECK(uwsk_load_driver("specimen", entry, &driver) == 0))
    CHECK(uwsk_unload_driver(driver) == 0);
  if (after_unload != NULL)
    after_unload();
}

static void run_half(const ZOO_HALF *half) {
  if (half->Run != NULL)
    half->Run();
  else
    run_driver(half->Entry);
  CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);
}

/* Names what was reported, so that a specimen which fails says why. */
static void tell_reports(void) {
  const struct uwsk_report *report;

  for (size_t i = 0; (report = uwsk_verifier_report_at(i)) != NULL; i++)
    fprintf(stderr, "%s", report->text);
}

static void check_mistake(void **state) {
  const ZOO_SPECIMEN *specimen = *state;
  unsigned long long due;
  int wrong;

  failures = 0;
  assert_int_equal(uwsk_start(NULL), 0);
  assert_true(uwsk_expect_reports(specimen->Rule, UWSK_ANY_NUMBER));
  if (specimen->Leaves)
    assert_true(uwsk_expect_reports("OB-LEFT-01", 1));
  run_half(&specimen->Mistake);
  wrong = uwsk_stop();
  due = uwsk_verifier_count(specimen->Rule) + (specimen->Leaves ? 1 : 0);
  if (uwsk_verifier_count(NULL) != due)
    tell_reports();
  assert_int_equal(failures, 0);
  assert_int_equal(wrong, 0);
  assert_true(uwsk_verifier_count(specimen->Rule) > 0);
  assert_int_equal(uwsk_verifier_count(NULL), due);
}

static void check_corrected(void **state) {
  const ZOO_SPECIMEN *specimen = *state;
  int wrong;

  failures = 0;
  assert_int_equal(uwsk_start(NULL), 0);
  run_half(&specimen->Corrected);
  wrong = uwsk_stop();
  assert_int_equal(failures, 0);
  assert_int_equal(wrong, 0);
  assert_int_equal(uwsk_verifier_count(NULL), 0);
}

static struct CMUnitTest units[2 * ZOO_MAX_SPECIMENS];
static size_t unit_count;

static void add_unit(const ZOO_SPECIMEN *specimen, const ZOO_HALF *half,
                     const char *only) {
  struct CMUnitTest *unit = &units[unit_count];

  if (only != NULL && strcmp(only, half->Name) != 0)
    return;
  unit->name = half->Name;
  unit->test_func = half == &specimen->Mistake && specimen->Rule[0] != '\0'
                        ? check_mistake
                        : check_corrected;
  unit->initial_state = (void *)(uintptr_t)specimen;
  unit_count++;
}

int main(int argc, char **argv) {
  const char *only = argc > 1 ? argv[1] : NULL;

  setvbuf(stdout, NULL, _IONBF, 0);
  for (const ZOO_SPECIMEN *specimen = ZooSpecimens; specimen->Rule != NULL;
       specimen++) {
    add_unit(specimen, &specimen->Mistake, only);
    add_unit(specimen, &specimen->Corrected, only);
  }
  if (unit_count == 0) {
    fprintf(stderr, "there is no specimen of that name\n");
    return 2;
  }
  return _cmocka_run_group_tests("zoo", units, unit_count, NULL, NULL) != 0;
}
