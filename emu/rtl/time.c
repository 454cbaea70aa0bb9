/* Dates: 100 ns units since 1601 taken apart and put together. */
#include <ntddk.h>

#include "ke/ke.h"
#include "time_zone.h"

#define UNITS_PER_MILLISECOND 10000LL
#define MILLISECONDS_PER_DAY  86400000LL
#define DAYS_PER_400_YEARS    146097
#define DAYS_PER_100_YEARS    36524
#define DAYS_PER_4_YEARS      1461
#define DAYS_PER_YEAR         365

/* 1601-01-01 was a Monday. */
#define WEEKDAY_OF_DAY_0 1

/* Days before each month of a year that begins in March: February, whose length
 * varies, then comes last. */
static const int days_before[] = {0,   31,  61,  92,  122, 153,
                                  184, 214, 245, 275, 306, 337};

/* From 1600-03-01 to 1601-01-01: years counted from March start there. */
#define DAYS_TO_1601 306

static BOOLEAN is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month) {
  static const unsigned char days[] = {31, 28, 31, 30, 31, 30,
                                       31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && is_leap(year));
}

static int at_most(LONGLONG value, int limit) {
  return value > limit ? limit : (int)value;
}

static void split_days(LONGLONG day, PTIME_FIELDS fields) {
  day += DAYS_TO_1601;
  int eras = (int)(day / DAYS_PER_400_YEARS);
  day %= DAYS_PER_400_YEARS;
  int centuries = at_most(day / DAYS_PER_100_YEARS, 3);
  day -= (LONGLONG)centuries * DAYS_PER_100_YEARS;
  int fours = (int)(day / DAYS_PER_4_YEARS);
  day %= DAYS_PER_4_YEARS;
  int years = at_most(day / DAYS_PER_YEAR, 3);
  day -= (LONGLONG)years * DAYS_PER_YEAR;
  int month = 11;
  while (days_before[month] > day)
    month--;
  fields->Day = (CSHORT)(day - days_before[month] + 1);
  fields->Month = (CSHORT)(month < 10 ? month + 3 : month - 9);
  fields->Year = (CSHORT)(1600 + eras * 400 + centuries * 100 + fours * 4 +
                          years + (month >= 10));
}

VOID RtlTimeToTimeFields(PLARGE_INTEGER Time, PTIME_FIELDS TimeFields) {
  LONGLONG milliseconds = Time->QuadPart / UNITS_PER_MILLISECOND;
  LONGLONG day = milliseconds / MILLISECONDS_PER_DAY;
  int rest = (int)(milliseconds % MILLISECONDS_PER_DAY);
  split_days(day, TimeFields);
  TimeFields->Weekday = (CSHORT)((day + WEEKDAY_OF_DAY_0) % 7);
  TimeFields->Milliseconds = (CSHORT)(rest % 1000);
  TimeFields->Second = (CSHORT)(rest / 1000 % 60);
  TimeFields->Minute = (CSHORT)(rest / 60000 % 60);
  TimeFields->Hour = (CSHORT)(rest / 3600000);
}

static BOOLEAN are_valid(PTIME_FIELDS fields) {
  return fields->Year >= 1601 && fields->Year <= 30827 && fields->Month >= 1 &&
         fields->Month <= 12 && fields->Day >= 1 &&
         fields->Day <= days_in_month(fields->Year, fields->Month) &&
         fields->Hour >= 0 && fields->Hour <= 23 && fields->Minute >= 0 &&
         fields->Minute <= 59 && fields->Second >= 0 && fields->Second <= 59 &&
         fields->Milliseconds >= 0 && fields->Milliseconds <= 999;
}

/* The weekday is not read, as documented. */
BOOLEAN RtlTimeFieldsToTime(PTIME_FIELDS TimeFields, PLARGE_INTEGER Time) {
  if (!are_valid(TimeFields))
    return FALSE;
  int month =
      TimeFields->Month >= 3 ? TimeFields->Month - 3 : TimeFields->Month + 9;
  int year = TimeFields->Year - 1600 - (TimeFields->Month < 3);
  LONGLONG day = (LONGLONG)year * DAYS_PER_YEAR + year / 4 - year / 100 +
                 year / 400 + days_before[month] + TimeFields->Day - 1 -
                 DAYS_TO_1601;
  LONGLONG milliseconds =
      ((TimeFields->Hour * 60LL + TimeFields->Minute) * 60LL +
       TimeFields->Second) *
          1000LL +
      TimeFields->Milliseconds;
  Time->QuadPart =
      (day * MILLISECONDS_PER_DAY + milliseconds) * UNITS_PER_MILLISECOND;
  return TRUE;
}

VOID ExSystemTimeToLocalTime(PLARGE_INTEGER SystemTime,
                             PLARGE_INTEGER LocalTime) {
  LocalTime->QuadPart = SystemTime->QuadPart - rtl__time_zone_bias();
}

VOID ExLocalTimeToSystemTime(PLARGE_INTEGER LocalTime,
                             PLARGE_INTEGER SystemTime) {
  SystemTime->QuadPart = LocalTime->QuadPart + rtl__time_zone_bias();
}

/* ---- seconds ----------------------------------------------------------- */

#define UNITS_PER_SECOND 10000000LL
#define SECONDS_TO_1970  11644473600LL
#define SECONDS_TO_1980  11960006400LL

static BOOLEAN seconds_since(PLARGE_INTEGER time, LONGLONG start,
                             PULONG seconds) {
  LONGLONG since = time->QuadPart / UNITS_PER_SECOND - start;

  if (time->QuadPart < 0 || since < 0 || since > MAXULONG)
    return FALSE;
  *seconds = (ULONG)since;
  return TRUE;
}

BOOLEAN RtlTimeToSecondsSince1970(PLARGE_INTEGER Time, PULONG ElapsedSeconds) {
  ke__within_irql(APC_LEVEL, "RtlTimeToSecondsSince1970");
  return seconds_since(Time, SECONDS_TO_1970, ElapsedSeconds);
}

BOOLEAN RtlTimeToSecondsSince1980(PLARGE_INTEGER Time, PULONG ElapsedSeconds) {
  ke__within_irql(APC_LEVEL, "RtlTimeToSecondsSince1980");
  return seconds_since(Time, SECONDS_TO_1980, ElapsedSeconds);
}

VOID RtlSecondsSince1970ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time) {
  ke__within_irql(APC_LEVEL, "RtlSecondsSince1970ToTime");
  Time->QuadPart = (SECONDS_TO_1970 + ElapsedSeconds) * UNITS_PER_SECOND;
}

VOID RtlSecondsSince1980ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time) {
  ke__within_irql(APC_LEVEL, "RtlSecondsSince1980ToTime");
  Time->QuadPart = (SECONDS_TO_1980 + ElapsedSeconds) * UNITS_PER_SECOND;
}
