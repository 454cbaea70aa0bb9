/* Loans: noted as often as they are made, and never seen where none is. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "mm/lent.h"

/* Defends against an empty place that is taken for a loan of nothing. */
static void nothing_is_never_lent(void **state) {
  (void)state;
  assert_false(mm__is_lent(NULL));
}

/* Defends against a first request whose end hides that a second goes on. */
static void a_loan_ends_with_its_last_borrower(void **state) {
  static int memory;

  (void)state;
  mm__lend(&memory);
  mm__lend(&memory);
  mm__give_back(&memory);
  assert_true(mm__is_lent(&memory));
  mm__give_back(&memory);
  assert_false(mm__is_lent(&memory));
}

/* Defends against a full table that takes one address for another's, or forgets
 * what it has noted. */
static void a_full_table_sees_nothing_that_is_not_there(void **state) {
  static char lent[20000], other[20000];
  unsigned noted = 0;

  (void)state;
  for (unsigned i = 0; i < sizeof(lent); i++)
    mm__lend(&lent[i]);
  for (unsigned i = 0; i < sizeof(lent); i++) {
    noted += mm__is_lent(&lent[i]);
    assert_false(mm__is_lent(&other[i]));
  }
  assert_in_range(noted, 1000, 4096);
  for (unsigned i = 0; i < sizeof(lent); i++)
    mm__give_back(&lent[i]);
  for (unsigned i = 0; i < sizeof(lent); i++)
    assert_false(mm__is_lent(&lent[i]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_never_lent),
      cmocka_unit_test(a_loan_ends_with_its_last_borrower),
      cmocka_unit_test(a_full_table_sees_nothing_that_is_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
