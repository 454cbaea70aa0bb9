/* Bytes swapped, compared and wiped. */
#include <ntifs.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Defends against swapping in the width of the argument instead of the name's,
 * as when an int goes into the macro for 16 bits. */
static void each_width_is_swapped_as_such(void **state) {
  (void)state;
  ULONGLONG wide = 0x1122334455667788ull;
  assert_int_equal(RtlUshortByteSwap(0x1234), 0x3412);
  assert_int_equal(RtlUshortByteSwap((USHORT)wide), 0x8877);
  assert_int_equal(RtlUlongByteSwap(0x12345678u), 0x78563412u);
  assert_int_equal(RtlUlongByteSwap((ULONG)wide), 0x88776655u);
  assert_true(RtlUlonglongByteSwap(wide) == 0x8877665544332211ull);
  assert_int_equal(sizeof(RtlUlongByteSwap(1)), 4);
  /* A high bit must not be extended into a wider type. */
  assert_true((ULONGLONG)RtlUlongByteSwap(0x000000FFu) == 0xFF000000ull);
}

/* Defends against memcmp's answer where a length is expected. */
static void compare_memory_counts_equal_bytes(void **state) {
  (void)state;
  assert_int_equal(RtlCompareMemory("abcd", "abcd", 4), 4);
  assert_int_equal(RtlCompareMemory("abcd", "abxd", 4), 2);
  assert_int_equal(RtlCompareMemory("abcd", "xbcd", 4), 0);
  assert_int_equal(RtlCompareMemory("abcd", "abcd", 0), 0);
}

static void secure_zeroing_zeroes(void **state) {
  (void)state;
  char secret[] = "secret";
  assert_ptr_equal(RtlSecureZeroMemory(secret, 4), secret);
  assert_memory_equal(secret, "\0\0\0\0et", 7);
}

/* Defends against a seed that stays, a number out of range, and runs that
 * differ with the same seed. */
static void random_numbers_stay_in_range_and_repeat(void **state) {
  (void)state;
  ULONG seed = 0, again = 0, changed = 0;
  for (int i = 0; i < 1000; i++) {
    ULONG before = seed, number = RtlRandomEx(&seed);
    assert_true(number < MAXLONG);
    assert_int_equal(RtlRandomEx(&again), number);
    changed += seed != before;
  }
  assert_int_equal(changed, 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_width_is_swapped_as_such),
      cmocka_unit_test(compare_memory_counts_equal_bytes),
      cmocka_unit_test(secure_zeroing_zeroes),
      cmocka_unit_test(random_numbers_stay_in_range_and_repeat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
