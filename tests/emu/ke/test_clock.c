/* The clock: units and directions. */
#include "kernel_test.h"

#include "ke/ke.h"

/* 2020-01-01 in 100 ns since 1601. */
#define YEAR_2020 132223104000000000LL

static void system_time_counts_from_1601(void **state) {
  LARGE_INTEGER now;
  (void)state;
  KeQuerySystemTime(&now);
  assert_true(now.QuadPart > YEAR_2020);
  assert_true(now.QuadPart < YEAR_2020 + 200LL * 365 * 24 * 3600 * 10000000);
}

static void a_delay_lasts_as_long_as_it_says(void **state) {
  LARGE_INTEGER delay, before, after, frequency;
  (void)state;
  delay.QuadPart = -100000; /* 10 ms */
  before = KeQueryPerformanceCounter(&frequency);
  ULONGLONG interrupt = KeQueryInterruptTime();
  assert_int_equal(KeDelayExecutionThread(KernelMode, FALSE, &delay),
                   STATUS_SUCCESS);
  after = KeQueryPerformanceCounter(NULL);
  assert_true((after.QuadPart - before.QuadPart) * 1000 >=
              10 * frequency.QuadPart);
  assert_true(KeQueryInterruptTime() - interrupt >= 99990);
}

static void ticks_follow_the_time_increment(void **state) {
  LARGE_INTEGER ticks;
  (void)state;
  KeQueryTickCount(&ticks);
  ULONGLONG later = KeQueryInterruptTime() / KeQueryTimeIncrement();
  assert_true((ULONGLONG)ticks.QuadPart <= later);
  assert_true(later - (ULONGLONG)ticks.QuadPart <= 64);
}

static void stalling_lasts_at_least_as_long(void **state) {
  (void)state;
  uint64_t start = ke__clock_ns();
  KeStallExecutionProcessor(50);
  assert_true(ke__clock_ns() - start >= 50000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(system_time_counts_from_1601),
      KERNEL_TEST(a_delay_lasts_as_long_as_it_says),
      KERNEL_TEST(ticks_follow_the_time_increment),
      KERNEL_TEST(stalling_lasts_at_least_as_long),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
