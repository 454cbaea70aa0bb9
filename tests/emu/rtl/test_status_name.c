/* uwsk_status_name. */
#include <ntddk.h>
#include <uwsk_ntstatus_table.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "uwsk/uwsk.h"

static const struct {
  ULONG value;
  const char *name;
} rows[] = {
#define X(name, value) {value, #name},
    UWSK_NTSTATUS_TABLE(X)
#undef X
};

/* The search needs the table in order; a row out of place would hide others. */
static void every_row_is_found_by_its_first_name(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(rows); i++) {
    size_t first = i;

    while (first > 0 && rows[first - 1].value == rows[i].value)
      first--;
    assert_string_equal(uwsk_status_name((NTSTATUS)rows[i].value),
                        rows[first].name);
  }
}

static void well_known_values_have_their_names(void **state) {
  (void)state;
  assert_string_equal(uwsk_status_name(0), "STATUS_SUCCESS");
  assert_string_equal(uwsk_status_name(0x103), "STATUS_PENDING");
  assert_string_equal(uwsk_status_name((NTSTATUS)0xC0000236),
                      "STATUS_CONNECTION_REFUSED");
}

/* Callers print the result: NULL would crash the trace. */
static void a_value_without_a_name_says_its_severity(void **state) {
  (void)state;
  assert_string_equal(uwsk_status_name(0x12345), "unnamed success");
  assert_string_equal(uwsk_status_name(0x5FFFFFFF), "unnamed information");
  assert_string_equal(uwsk_status_name((NTSTATUS)0x9FFFFFFF),
                      "unnamed warning");
  assert_string_equal(uwsk_status_name((NTSTATUS)0xFFFFFFFF), "unnamed error");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_row_is_found_by_its_first_name),
      cmocka_unit_test(well_known_values_have_their_names),
      cmocka_unit_test(a_value_without_a_name_says_its_severity),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
