/* uwsk/event.h, as far as no socket is needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "uwsk/event.h"

/* Defends against a list without members, or beyond its blocks. */
static void indications_have_bounds(void **state) {
  (void)state;
  assert_true(uwsk_set_indications(1, 1));
  assert_true(uwsk_set_indications(65536, 16));
  assert_false(uwsk_set_indications(0, 1));
  assert_false(uwsk_set_indications(65537, 1));
  assert_false(uwsk_set_indications(16, 0));
  assert_false(uwsk_set_indications(16, 17));
  assert_true(uwsk_set_indications(65536, 1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(indications_have_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
