/*
 * The runner: makes cmocka tests of the tables, and a kernel for each of them.
 *
 *     uwsk-conformance                          everything
 *     uwsk-conformance --group connect          one file's tests
 *     uwsk-conformance --test NAME              one test, in all its variants
 *     uwsk-conformance --list                   group, test and rules, by tabs
 *     uwsk-conformance --results FILE …         group, test, result, rules
 *
 * A test passes when nothing was checked in vain, the verifier had nothing to
 * say that the test did not provoke, and nothing was left behind.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>
#include <ntddk.h>
#include <uwsk/uwsk.h>
#include <wsk.h>

#include "conformance.h"
#include "fault/fault.h"
#include "ob/track.h"
#include "peer.h"
#include "runner.h"
#include "wskcall.h"

/* Another program of such tests names its one group to the compiler. */
#ifdef CONFORMANCE_ONLY_GROUP
#define ONLY(X, name)         X(name)
#define CONFORMANCE_GROUPS(X) ONLY(X, CONFORMANCE_ONLY_GROUP)
#else
#include "groups.h"
#endif

#define X(name) extern const CONFORMANCE_TEST conformance_##name[];
CONFORMANCE_GROUPS(X)
#undef X

static const struct group {
  const char *name;
  const CONFORMANCE_TEST *tests;
} groups[] = {
#define X(name) {#name, conformance_##name},
    CONFORMANCE_GROUPS(X)
#undef X
};

#define GROUP_COUNT (sizeof(groups) / sizeof(groups[0]))

/* ---- failures -------------------------------------------------------- */

static volatile LONG failures;

/* Under torture calls fail, and a test cannot find what it looks for. */
static bool says_where(const char *file, int line) {
  if (host_tortures)
    return false;
  InterlockedIncrement(&failures);
  fprintf(stderr, "%s:%d: ", file, line);
  return true;
}

VOID ConformanceFail(const char *File, int Line, const char *Text) {
  if (says_where(File, Line))
    fprintf(stderr, "not so: %s\n", Text);
}

VOID ConformanceFailStatus(const char *File, int Line, const char *Text,
                           NTSTATUS Expected, NTSTATUS Actual) {
  if (!says_where(File, Line))
    return;
  fprintf(stderr, "%s: is %s (0x%08lX), expected %s\n", Text,
          uwsk_status_name(Actual), (unsigned long)(ULONG)Actual,
          uwsk_status_name(Expected));
}

VOID ConformanceFailNumber(const char *File, int Line, const char *Text,
                           ULONGLONG Expected, ULONGLONG Actual) {
  if (!says_where(File, Line))
    return;
  fprintf(stderr, "%s: is %llu, expected %llu\n", Text,
          (unsigned long long)Actual, (unsigned long long)Expected);
}

VOID ConformanceGiveUp(const char *Why) {
  fprintf(stderr, "giving up: %s\n", Why);
  exit(1);
}

/* ---- one test -------------------------------------------------------- */

static FILE *results; /* NULL: nobody asked */

struct run {
  const char *group;
  const CONFORMANCE_TEST *test;
  BOOLEAN ipv6;
  char name[160];
};

static const char *family_of(const struct run *run) {
  if (!(run->test->Flags & CONFORMANCE_BOTH_FAMILIES))
    return "";
  return run->ipv6 ? " over IPv6" : " over IPv4";
}

/* At once, for the next test may end the program. */
static void note_result(const struct run *run, BOOLEAN passed) {
  if (results == NULL)
    return;
  fprintf(results, "%s\t%s\t%s\t%s\n", run->group, run->test->Name,
          passed ? "passed" : "failed", run->test->Rules);
  fflush(results);
}

static void run_one(void **state) {
  const struct run *run = *state;
  size_t before = ob__count(OB_KIND_COUNT);
  unsigned reports;
  int left;

  failures = 0;
  host_begin_test();
  assert_int_equal(uwsk_start(NULL), 0);
  ConformanceSetUp(run->test, run->ipv6);
  run->test->Run();
  ConformanceTearDown(run->test);
  reports = host_end_test();
  left = uwsk_stop();
  peer_clear();
  note_result(run, before == 0 && failures == 0 && left == 0 && reports == 0);
  assert_int_equal(before, 0);
  assert_int_equal(failures, 0);
  assert_int_equal(left, 0);
  assert_int_equal(reports, 0);
}

/* ---- torture ---------------------------------------------------------- */

/* True when an allocation has failed in it; *wrong counts what is left then and
 * what was reported: whatever failed, a status has to have said so. */
static bool torture_once(const struct run *run, int *wrong) {
  host_begin_test();
  assert_int_equal(uwsk_start(NULL), 0);
  ConformanceSetUp(run->test, run->ipv6);
  fault__torture_begin();
  run->test->Run();
  ConformanceTearDown(run->test);
  bool struck = fault__torture_end();
  *wrong = (int)host_end_test();
  *wrong += uwsk_stop();
  peer_clear();
  return struck;
}

static void torture(void **state) {
  const struct run *run = *state;
  int wrong = 0;
  bool struck = true;

  while (struck && wrong == 0)
    struck = torture_once(run, &wrong);
  if (wrong != 0)
    fault__torture_tell(wrong);
  assert_int_equal(wrong, 0);
}

/* ---- the choice of tests --------------------------------------------- */

#define MAX_RUNS (GROUP_COUNT * CONFORMANCE_MAX_TESTS * 2)

static struct run runs[MAX_RUNS];
static struct CMUnitTest units[MAX_RUNS];
static size_t run_count;

static void add_run(const char *group, const CONFORMANCE_TEST *test,
                    BOOLEAN ipv6) {
  struct run *run = &runs[run_count];
  struct CMUnitTest *unit = &units[run_count++];

  run->group = group;
  run->test = test;
  run->ipv6 = ipv6;
  snprintf(run->name, sizeof(run->name), "%s%s", test->Name, family_of(run));
  unit->name = run->name;
  unit->test_func = host_tortures ? torture : run_one;
  unit->initial_state = run;
}

static void choose(const char *group, const char *test) {
  for (size_t i = 0; i < GROUP_COUNT; i++) {
    if (group != NULL && strcmp(group, groups[i].name) != 0)
      continue;
    for (const CONFORMANCE_TEST *t = groups[i].tests; t->Name != NULL; t++) {
      if (test != NULL && strcmp(test, t->Name) != 0)
        continue;
      add_run(groups[i].name, t, FALSE);
      if (t->Flags & CONFORMANCE_BOTH_FAMILIES)
        add_run(groups[i].name, t, TRUE);
    }
  }
}

static int list(void) {
  for (size_t i = 0; i < GROUP_COUNT; i++)
    for (const CONFORMANCE_TEST *t = groups[i].tests; t->Name != NULL; t++)
      printf("%s\t%s\t%s\n", groups[i].name, t->Name, t->Rules);
  return 0;
}

struct arguments {
  const char *group, *test;
  BOOLEAN wrong;
};

static void open_results(const char *path) {
  results = fopen(path, "w");
  if (results == NULL)
    ConformanceGiveUp("the file for the results cannot be written");
}

static struct arguments parse(int argc, char **argv) {
  struct arguments arguments = {NULL, NULL, argc % 2 == 0};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--group") == 0)
      arguments.group = argv[i + 1];
    else if (strcmp(argv[i], "--test") == 0)
      arguments.test = argv[i + 1];
    else if (strcmp(argv[i], "--torture") == 0)
      host_tortures = strcmp(argv[i + 1], "yes") == 0;
    else if (strcmp(argv[i], "--results") == 0)
      open_results(argv[i + 1]);
    else
      arguments.wrong = TRUE;
  }
  return arguments;
}

int main(int argc, char **argv) {
  struct arguments arguments;
  const char *group;
  int failed;

  setvbuf(stdout, NULL, _IONBF, 0);
  if (argc == 2 && strcmp(argv[1], "--list") == 0)
    return list();
  arguments = parse(argc, argv);
  group = arguments.group;
  choose(group, arguments.test);
  if (run_count == 0 || arguments.wrong) {
    fprintf(stderr,
            "usage: %s [--list] [--group NAME] [--test NAME] "
            "[--results FILE] [--torture yes]\n",
            argv[0]);
    return 2;
  }
#ifdef CONFORMANCE_BEFORE_ALL
  if (CONFORMANCE_BEFORE_ALL() != 0)
    return 1;
#endif
  if (peer_start() != 0)
    return 1;
  failed = _cmocka_run_group_tests(group != NULL ? group : "conformance", units,
                                   run_count, NULL, NULL);
  peer_stop();
  if (host_tortures)
    printf("torture: %u call stacks have failed\n", fault__torture_count());
  if (results != NULL)
    fclose(results);
  return failed != 0;
}
