/* Assertions and prints of a checked build: DBG is 1. Pages: ddi/wdm/nf-wdm-
 * assert, -nt_assert, -kdprint, -nt_verify. */
#define DBG 1

#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "kd/kd.h"

static char heard[2048];

static void hear(const char *text, size_t length, void *context) {
  (void)context;
  strncat(heard, text, length);
}

static int listen_anew(void **state) {
  (void)state;
  heard[0] = '\0';
  kd__set_sink(hear, NULL);
  return 0;
}

static int stop_listening(void **state) {
  (void)state;
  kd__set_sink(NULL, NULL);
  return 0;
}

static void an_assertion_that_fails_is_reported(void **state) {
  (void)state;
  ASSERT(1 + 1 == 3);
  assert_non_null(strstr(heard, "1 + 1 == 3"));
  assert_non_null(strstr(heard, "test_checked.c"));
  listen_anew(state);
  NT_ASSERT(heard == NULL);
  assert_non_null(strstr(heard, "heard == NULL"));
  listen_anew(state);
  ASSERTMSG("told you\n", 0);
  assert_non_null(strstr(heard, "told you"));
  listen_anew(state);
  DbgRaiseAssertionFailure();
  assert_non_null(strstr(heard, "Breakpoint"));
  listen_anew(state);
  __debugbreak();
  assert_non_null(strstr(heard, "Breakpoint"));
}

static void an_assertion_that_holds_says_nothing(void **state) {
  bool evaluated = false;
  (void)state;
  ASSERT((evaluated = true));
  NT_ASSERT(evaluated);
  assert_string_equal(heard, "");
}

static void what_is_verified_is_evaluated_and_returned(void **state) {
  (void)state;
  assert_true(NT_VERIFY(2 > 1));
  assert_string_equal(heard, "");
  assert_false(NT_VERIFY(2 < 1));
  assert_non_null(strstr(heard, "2 < 1"));
}

static void kdprint_prints(void **state) {
  (void)state;
  KdPrint(("%s %d\n", "seven", 7));
  assert_string_equal(heard, "seven 7\n");
}

#define CHECKED_TEST(name)                                                     \
  cmocka_unit_test_setup_teardown(name, listen_anew, stop_listening)

int main(void) {
  const struct CMUnitTest tests[] = {
      CHECKED_TEST(an_assertion_that_fails_is_reported),
      CHECKED_TEST(an_assertion_that_holds_says_nothing),
      CHECKED_TEST(what_is_verified_is_evaluated_and_returned),
      CHECKED_TEST(kdprint_prints),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
