/* Dates and versions. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 10000000LL
#define DAY    (86400 * SECOND)

struct row {
  LONGLONG time;
  TIME_FIELDS fields; /* year month day hour minute second ms weekday */
};

static const struct row known[] = {
    {0, {1601, 1, 1, 0, 0, 0, 0, 1}},
    {58 * DAY, {1601, 2, 28, 0, 0, 0, 0, 3}},
    {59 * DAY, {1601, 3, 1, 0, 0, 0, 0, 4}},
    {364 * DAY, {1601, 12, 31, 0, 0, 0, 0, 1}},
    /* 1970-01-01 is 11,644,473,600 seconds later, a Thursday. */
    {11644473600 * SECOND, {1970, 1, 1, 0, 0, 0, 0, 4}},
    {(11644473600 + 951782400) * SECOND, {2000, 2, 29, 0, 0, 0, 0, 2}},
    {(11644473600 + 951868800) * SECOND, {2000, 3, 1, 0, 0, 0, 0, 3}},
    {(11644473600 + 1709251199) * SECOND + 9990000,
     {2024, 2, 29, 23, 59, 59, 999, 4}},
    {(11644473600 + 4107542400) * SECOND, {2100, 3, 1, 0, 0, 0, 0, 1}},
    {(11644473600 + 4107456000) * SECOND, {2100, 2, 28, 0, 0, 0, 0, 0}},
};

static void assert_fields(const TIME_FIELDS *is, const TIME_FIELDS *expected) {
  assert_int_equal(is->Year, expected->Year);
  assert_int_equal(is->Month, expected->Month);
  assert_int_equal(is->Day, expected->Day);
  assert_int_equal(is->Hour, expected->Hour);
  assert_int_equal(is->Minute, expected->Minute);
  assert_int_equal(is->Second, expected->Second);
  assert_int_equal(is->Milliseconds, expected->Milliseconds);
  assert_int_equal(is->Weekday, expected->Weekday);
}

/* Defends against leap years miscounted at 1900, 2000 and 2100. */
static void known_dates_go_there_and_back(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(known); i++) {
    LARGE_INTEGER time = {.QuadPart = known[i].time}, back;
    TIME_FIELDS fields;
    RtlTimeToTimeFields(&time, &fields);
    assert_fields(&fields, &known[i].fields);
    assert_true(RtlTimeFieldsToTime(&fields, &back));
    assert_int_equal(back.QuadPart, known[i].time);
  }
}

/* Every day of four hundred years and one: each date follows the one before. */
static void every_day_of_four_centuries_is_a_date_of_its_own(void **state) {
  (void)state;
  TIME_FIELDS before = {0};
  for (LONGLONG day = 0; day < 146098; day++) {
    LARGE_INTEGER time = {.QuadPart = day * DAY}, back;
    TIME_FIELDS fields;
    RtlTimeToTimeFields(&time, &fields);
    assert_true(RtlTimeFieldsToTime(&fields, &back));
    assert_int_equal(back.QuadPart, time.QuadPart);
    if (day != 0 && fields.Day != before.Day + 1)
      assert_int_equal(fields.Day, 1);
    if (day != 0)
      assert_int_equal(fields.Weekday, (before.Weekday + 1) % 7);
    before = fields;
  }
  assert_int_equal(before.Year, 2001);
  assert_int_equal(before.Month, 1);
  assert_int_equal(before.Day, 1);
}

static const TIME_FIELDS impossible[] = {
    {1600, 12, 31, 0, 0, 0, 0, 0},  {2001, 0, 1, 0, 0, 0, 0, 0},
    {2001, 13, 1, 0, 0, 0, 0, 0},   {2001, 2, 29, 0, 0, 0, 0, 0},
    {1900, 2, 29, 0, 0, 0, 0, 0},   {2001, 4, 31, 0, 0, 0, 0, 0},
    {2001, 1, 0, 0, 0, 0, 0, 0},    {2001, 1, 1, 24, 0, 0, 0, 0},
    {2001, 1, 1, 0, 60, 0, 0, 0},   {2001, 1, 1, 0, 0, 60, 0, 0},
    {2001, 1, 1, 0, 0, 0, 1000, 0}, {2001, 1, 1, -1, 0, 0, 0, 0},
};

static void dates_that_do_not_exist_are_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(impossible); i++) {
    TIME_FIELDS fields = impossible[i];
    LARGE_INTEGER time = {.QuadPart = 42};
    assert_false(RtlTimeFieldsToTime(&fields, &time));
    assert_int_equal(time.QuadPart, 42);
  }
}

static void local_time_and_system_time_are_inverse(void **state) {
  (void)state;
  LARGE_INTEGER time = {.QuadPart = 133000000000000000}, local, back;
  ExSystemTimeToLocalTime(&time, &local);
  ExLocalTimeToSystemTime(&local, &back);
  assert_int_equal(back.QuadPart, time.QuadPart);
  /* No place on earth is further from UTC, and zones go by minutes. */
  LONGLONG bias = time.QuadPart - local.QuadPart;
  assert_in_range(bias + 15 * 3600 * SECOND, 0, 30 * 3600 * SECOND);
  assert_int_equal(bias % (60 * SECOND), 0);
}

/* Defends against writing the extended fields into the small structure. */
static void the_version_is_windows_10_2004(void **state) {
  (void)state;
  struct {
    RTL_OSVERSIONINFOW version;
    ULONG behind;
  } small = {.behind = 42};
  RTL_OSVERSIONINFOEXW large;
  memset(&large, 0xFF, sizeof(large));
  small.version.dwOSVersionInfoSize = sizeof(small.version);
  large.dwOSVersionInfoSize = sizeof(large);
  assert_int_equal(RtlGetVersion(&small.version), STATUS_SUCCESS);
  assert_int_equal(small.version.dwMajorVersion, 10);
  assert_int_equal(small.version.dwMinorVersion, 0);
  assert_int_equal(small.version.dwBuildNumber, 19041);
  assert_int_equal(small.version.dwPlatformId, 2);
  assert_int_equal(small.behind, 42);
  assert_int_equal(RtlGetVersion((PRTL_OSVERSIONINFOW)&large), STATUS_SUCCESS);
  assert_int_equal(large.dwBuildNumber, 19041);
  assert_int_equal(large.wServicePackMajor, 0);
  assert_int_equal(large.wProductType, 1 /* a workstation */);
  assert_int_equal(large.szCSDVersion[0], 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_dates_go_there_and_back),
      cmocka_unit_test(every_day_of_four_centuries_is_a_date_of_its_own),
      cmocka_unit_test(dates_that_do_not_exist_are_refused),
      cmocka_unit_test(local_time_and_system_time_are_inverse),
      cmocka_unit_test(the_version_is_windows_10_2004),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
