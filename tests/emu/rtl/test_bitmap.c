/* Bitmaps. Pages: ddi/wdm/nf-wdm-rtlinitializebitmap and its kin. */
#include "kernel_test.h"

#include <string.h>

#define BITS 101 /* not whole words: what is behind the end stays out of it */

static ULONG words[4];
static RTL_BITMAP map;

static void begin(void) {
  memset(words, 0, sizeof(words));
  RtlInitializeBitMap(&map, words, BITS);
}

static void bits_are_set_cleared_and_counted(void **state) {
  (void)state;
  begin();
  RtlSetBits(&map, 30, 40);
  assert_int_equal(words[0], 0xC0000000);
  assert_int_equal(words[1], 0xFFFFFFFF);
  assert_int_equal(words[2], 0x0000003F);
  assert_int_equal(RtlNumberOfSetBits(&map), 40);
  assert_int_equal(RtlNumberOfClearBits(&map), BITS - 40);
  RtlClearBits(&map, 31, 38);
  RtlClearBit(&map, 30);
  RtlSetBit(&map, 100);
  assert_true(RtlTestBit(&map, 69));
  assert_true(RtlCheckBit(&map, 100));
  assert_false(RtlTestBit(&map, 30));
  assert_int_equal(RtlNumberOfSetBits(&map), 2);
  RtlSetAllBits(&map);
  assert_int_equal(words[3], 0x1F);
  assert_int_equal(RtlNumberOfSetBits(&map), BITS);
  RtlClearAllBits(&map);
  assert_int_equal(RtlNumberOfSetBits(&map), 0);
}

/* Against: bits behind the end that count. */
static void what_lies_behind_the_end_does_not_count(void **state) {
  ULONG index;
  (void)state;
  begin();
  words[3] = 0xFFFFFFE0;
  assert_int_equal(RtlNumberOfSetBits(&map), 0);
  assert_int_equal(RtlFindSetBits(&map, 1, 0), 0xFFFFFFFF);
  words[3] = 0;
  RtlSetAllBits(&map);
  assert_int_equal(RtlFindClearBits(&map, 1, 0), 0xFFFFFFFF);
  assert_int_equal(RtlFindFirstRunClear(&map, &index), 0);
}

static void ranges_are_clear_or_set_as_a_whole(void **state) {
  (void)state;
  begin();
  RtlSetBits(&map, 10, 60);
  assert_true(RtlAreBitsSet(&map, 10, 60));
  assert_false(RtlAreBitsSet(&map, 10, 61));
  assert_true(RtlAreBitsClear(&map, 70, BITS - 70));
  assert_false(RtlAreBitsClear(&map, 69, 2));
  assert_false(RtlAreBitsClear(&map, 70, BITS - 69)); /* beyond the end */
  assert_false(RtlAreBitsClear(&map, 70, 0));
  assert_false(RtlAreBitsSet(&map, 10, 0));
}

static void a_search_begins_at_the_hint_and_goes_round(void **state) {
  (void)state;
  begin();
  RtlSetBits(&map, 20, 60);
  assert_int_equal(RtlFindClearBits(&map, 20, 0), 0);
  assert_int_equal(RtlFindClearBits(&map, 20, 5), 80);
  assert_int_equal(RtlFindClearBits(&map, 20, 90), 0);
  assert_int_equal(RtlFindClearBits(&map, 21, 0), 80);
  assert_int_equal(RtlFindClearBits(&map, 22, 0), 0xFFFFFFFF);
  assert_int_equal(RtlFindSetBits(&map, 60, 0), 20);
  assert_int_equal(RtlFindSetBits(&map, 59, 22), 20);
  assert_int_equal(RtlFindSetBits(&map, 61, 0), 0xFFFFFFFF);
  assert_int_equal(RtlFindClearBitsAndSet(&map, 5, 2000), 0);
  assert_int_equal(RtlFindClearBitsAndSet(&map, 5, 2), 5);
  assert_int_equal(RtlNumberOfSetBits(&map), 70);
  assert_int_equal(RtlFindSetBitsAndClear(&map, 30, 30), 30);
  assert_true(RtlAreBitsClear(&map, 30, 30));
}

static void runs_are_found_forward_backward_and_by_length(void **state) {
  RTL_BITMAP_RUN runs[4];
  ULONG index;
  (void)state;
  begin();
  RtlSetAllBits(&map);
  RtlClearBits(&map, 3, 4);
  RtlClearBits(&map, 40, 30);
  RtlClearBits(&map, 90, 11);
  assert_int_equal(RtlFindFirstRunClear(&map, &index), 4);
  assert_int_equal(index, 3);
  assert_int_equal(RtlFindLongestRunClear(&map, &index), 30);
  assert_int_equal(index, 40);
  assert_int_equal(RtlFindNextForwardRunClear(&map, 50, &index), 20);
  assert_int_equal(index, 50);
  assert_int_equal(RtlFindNextForwardRunClear(&map, 70, &index), 11);
  assert_int_equal(index, 90);
  assert_int_equal(RtlFindLastBackwardRunClear(&map, 89, &index), 30);
  assert_int_equal(index, 40);
  assert_int_equal(RtlFindLastBackwardRunClear(&map, 5, &index), 3);
  assert_int_equal(index, 3);
  assert_int_equal(RtlFindLastBackwardRunClear(&map, 2, &index), 0);

  assert_int_equal(RtlFindClearRuns(&map, runs, 2, FALSE), 2);
  assert_int_equal(runs[0].StartingIndex, 3);
  assert_int_equal(runs[1].StartingIndex, 40);
  assert_int_equal(RtlFindClearRuns(&map, runs, 4, TRUE), 3);
  assert_int_equal(runs[0].NumberOfBits, 30);
  assert_int_equal(runs[1].NumberOfBits, 11);
  assert_int_equal(runs[2].NumberOfBits, 4);
  assert_int_equal(RtlFindClearRuns(&map, runs, 1, TRUE), 1);
  assert_int_equal(runs[0].StartingIndex, 40);
}

/* Against: an off-by-one at the edges of words. */
static void a_search_agrees_with_counting_by_hand(void **state) {
  ULONG seed = 11;
  (void)state;
  for (int round = 0; round < 500; round++) {
    ULONG count = 1 + RtlRandomEx(&seed) % 8, hint = RtlRandomEx(&seed) % BITS;
    ULONG found, expected = 0xFFFFFFFF;

    begin();
    for (int i = 0; i < 60; i++)
      RtlSetBit(&map, RtlRandomEx(&seed) % BITS);
    for (ULONG i = 0; i < BITS && expected == 0xFFFFFFFF; i++)
      if (RtlAreBitsClear(&map, (hint + i) % BITS, count))
        expected = (hint + i) % BITS;
    found = RtlFindClearBits(&map, count, hint);
    assert_int_equal(found, expected);
  }
}

static void the_outermost_bits_of_a_number_are_found(void **state) {
  (void)state;
  assert_int_equal(RtlFindLeastSignificantBit(0x50), 4);
  assert_int_equal(RtlFindMostSignificantBit(0x50), 6);
  assert_int_equal(RtlFindMostSignificantBit(1ull << 63), 63);
  assert_int_equal(RtlFindLeastSignificantBit(0), -1);
  assert_int_equal(RtlNumberOfSetBitsUlongPtr(0xF0F0), 8);
}

static void bits_outside_are_reported_and_left_alone(void **state) {
  (void)state;
  begin();
  expect_report_begin();
  RtlSetBits(&map, BITS - 1, 2);
  expect_report_end(VF_BITMAP_01);
  assert_int_equal(words[3], 0);
  expect_report_begin();
  assert_false(RtlTestBit(&map, BITS));
  expect_report_end(VF_BITMAP_01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(bits_are_set_cleared_and_counted),
      KERNEL_TEST(what_lies_behind_the_end_does_not_count),
      KERNEL_TEST(ranges_are_clear_or_set_as_a_whole),
      KERNEL_TEST(a_search_begins_at_the_hint_and_goes_round),
      KERNEL_TEST(runs_are_found_forward_backward_and_by_length),
      KERNEL_TEST(a_search_agrees_with_counting_by_hand),
      KERNEL_TEST(the_outermost_bits_of_a_number_are_found),
      KERNEL_TEST(bits_outside_are_reported_and_left_alone),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
