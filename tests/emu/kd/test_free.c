/* Assertions and prints of a free build: DBG is 0, and they are not there. */
#define DBG 0

#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

#include "kd/kd.h"

static size_t calls;

static void hear(const char *text, size_t length, void *context) {
  (void)text, (void)length, (void)context;
  calls++;
}

static void assertions_and_prints_are_not_evaluated(void **state) {
  int evaluated = 0;
  (void)state;
  kd__set_sink(hear, NULL);
  ASSERT(++evaluated == 7);
  NT_ASSERT(++evaluated == 7);
  ASSERTMSG("no", ++evaluated == 7);
  KdPrint(("%d", ++evaluated));
  kd__set_sink(NULL, NULL);
  assert_int_equal(evaluated, 0);
  assert_int_equal(calls, 0);
}

static void what_is_verified_is_evaluated_all_the_same(void **state) {
  int evaluated = 0;
  (void)state;
  assert_true(NT_VERIFY(++evaluated == 1));
  assert_false(NT_VERIFY(++evaluated == 1));
  assert_int_equal(evaluated, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(assertions_and_prints_are_not_evaluated),
      cmocka_unit_test(what_is_verified_is_evaluated_all_the_same),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
