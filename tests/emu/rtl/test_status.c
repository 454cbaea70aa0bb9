/* NTSTATUS values: the header, the table and the names agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ntddk.h>
#include <uwsk/status.h>
#include <uwsk_ntstatus_table.h>

/* ntstatus.h is generated from the table; a row changed in one only stops here,
 * a name missing from the header does not compile. */
#define X(name, value) C_ASSERT((ULONG)(name) == value##u);
UWSK_NTSTATUS_TABLE(X)
#undef X

static const struct {
  const char *name;
  uint32_t value;
} table[] = {
#define X(name, value) {#name, value##u},
    UWSK_NTSTATUS_TABLE(X)
#undef X
};

/* The look-up bisects; a row out of order would hide others. */
static void the_table_is_ordered_and_large_enough(void **state) {
  (void)state;
  assert_true(RTL_NUMBER_OF(table) >= 400);
  for (size_t i = 1; i < RTL_NUMBER_OF(table); i++)
    assert_true(table[i - 1].value <= table[i].value);
}

static void every_value_has_a_name_of_that_value(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(table); i++) {
    const char *name = uwsk_status_name((int32_t)table[i].value);
    if (i == 0 || table[i - 1].value != table[i].value)
      assert_string_equal(name, table[i].name);
    else
      assert_string_not_equal(name, table[i].name);
  }
}

static void of_two_names_the_usual_one_is_printed(void **state) {
  (void)state;
  assert_string_equal(uwsk_status_name(STATUS_WAIT_0), "STATUS_SUCCESS");
  assert_string_equal(uwsk_status_name(STATUS_ABANDONED_WAIT_0),
                      "STATUS_ABANDONED");
  assert_string_equal(uwsk_status_name(STATUS_PENDING), "STATUS_PENDING");
}

/* The values of these stand in Microsoft's protocol documents (MS-ERREF). */
static void well_known_values_are_right(void **state) {
  (void)state;
  assert_int_equal(STATUS_TIMEOUT, 0x102);
  assert_int_equal(STATUS_PENDING, 0x103);
  assert_int_equal(STATUS_BUFFER_OVERFLOW, (NTSTATUS)0x80000005);
  assert_int_equal(STATUS_INVALID_PARAMETER, (NTSTATUS)0xC000000D);
  assert_int_equal(STATUS_MORE_PROCESSING_REQUIRED, (NTSTATUS)0xC0000016);
  assert_int_equal(STATUS_INSUFFICIENT_RESOURCES, (NTSTATUS)0xC000009A);
  assert_int_equal(STATUS_CANCELLED, (NTSTATUS)0xC0000120);
  assert_int_equal(STATUS_CONNECTION_REFUSED, (NTSTATUS)0xC0000236);
  assert_int_equal(STATUS_CONNECTION_ABORTED, (NTSTATUS)0xC0000241);
  assert_int_equal(STATUS_REQUEST_NOT_ACCEPTED, (NTSTATUS)0xC00000D0);
  assert_true(NT_SUCCESS(STATUS_PENDING));
  assert_true(NT_WARNING(STATUS_BUFFER_OVERFLOW));
  assert_true(NT_ERROR(STATUS_CANCELLED));
}

static void a_value_without_a_name_is_printed_in_hex(void **state) {
  (void)state;
  const char *first = uwsk_status_name((int32_t)0xE0001234);
  const char *second = uwsk_status_name(0x12);
  assert_string_equal(first, "0xE0001234");
  assert_string_equal(second, "0x00000012");
  assert_string_equal(uwsk_status_name(-1), "0xFFFFFFFF");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_table_is_ordered_and_large_enough),
      cmocka_unit_test(every_value_has_a_name_of_that_value),
      cmocka_unit_test(of_two_names_the_usual_one_is_printed),
      cmocka_unit_test(well_known_values_are_right),
      cmocka_unit_test(a_value_without_a_name_is_printed_in_hex),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
