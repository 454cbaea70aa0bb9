/* Checked arithmetic: the edges, and what a failure leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ntddk.h>
#include <ntintsafe.h>

static void sums_up_to_the_edge_succeed(void **state) {
  (void)state;
  ULONG sum = 0;
  USHORT small = 0;
  SIZE_T size = 0;
  assert_int_equal(RtlULongAdd(0xFFFFFFF0, 0xF, &sum), STATUS_SUCCESS);
  assert_int_equal(sum, 0xFFFFFFFF);
  assert_int_equal(RtlULongSub(5, 5, &sum), STATUS_SUCCESS);
  assert_int_equal(RtlULongSub(5, 6, &sum), STATUS_INTEGER_OVERFLOW);
  assert_int_equal(RtlUShortSub(5, 5, &small), STATUS_SUCCESS);
  assert_int_equal(small, 0);
  assert_int_equal(RtlSizeTMult(1ULL << 32, (1ULL << 32) - 1, &size),
                   STATUS_SUCCESS);
  assert_true(size == 0xFFFFFFFF00000000ULL);
}

/* Computed in the host's wider type, an overflow would go unseen. */
static void overflow_is_told_and_leaves_all_bits_set(void **state) {
  (void)state;
  ULONG sum = 0;
  USHORT small = 0;
  LONG number = 0;
  SIZE_T size = 0;
  assert_int_equal(RtlULongAdd(0xFFFFFFF0, 0x10, &sum),
                   STATUS_INTEGER_OVERFLOW);
  assert_int_equal(sum, 0xFFFFFFFF);
  assert_int_equal(RtlUShortSub(5, 6, &small), STATUS_INTEGER_OVERFLOW);
  assert_int_equal(small, 0xFFFF);
  assert_int_equal(RtlLongMult(65536, 32768, &number), STATUS_INTEGER_OVERFLOW);
  assert_int_equal(number, -1);
  assert_int_equal(RtlSizeTMult(1ULL << 32, 1ULL << 32, &size),
                   STATUS_INTEGER_OVERFLOW);
  assert_true(size == SIZE_T_MAX);
}

static void conversions_keep_the_value_or_refuse(void **state) {
  (void)state;
  ULONG number = 0;
  USHORT small = 0;
  UINT8 tiny = 0;
  LONG negative = 0;
  assert_int_equal(RtlSIZETToULong(0xFFFFFFFF, &number), STATUS_SUCCESS);
  assert_int_equal(number, 0xFFFFFFFF);
  assert_int_equal(RtlSIZETToULong(0x100000000ULL, &number),
                   STATUS_INTEGER_OVERFLOW);
  assert_int_equal(RtlLongToULong(-1, &number), STATUS_INTEGER_OVERFLOW);
  assert_int_equal(RtlULongToUShort(65535, &small), STATUS_SUCCESS);
  assert_int_equal(small, 65535);
  assert_int_equal(RtlUShortToUInt8(256, &tiny), STATUS_INTEGER_OVERFLOW);
  assert_int_equal(RtlULongLongToLong(0x80000000ULL, &negative),
                   STATUS_INTEGER_OVERFLOW);
  assert_int_equal(RtlLongLongToLong(-0x80000000LL, &negative), STATUS_SUCCESS);
  assert_int_equal(negative, LONG_MIN);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_up_to_the_edge_succeed),
      cmocka_unit_test(overflow_is_told_and_leaves_all_bits_set),
      cmocka_unit_test(conversions_keep_the_value_or_refuse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
