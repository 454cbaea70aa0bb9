/* localtime_r is POSIX. */
#define _POSIX_C_SOURCE 200809L

#include "time_zone.h"

#include <stdbool.h>
#include <time.h>

#define UNITS_PER_SECOND 10000000LL

static bool split(time_t now, struct tm *local, struct tm *utc) {
#ifdef _WIN32
  return localtime_s(local, &now) == 0 && gmtime_s(utc, &now) == 0;
#else
  return localtime_r(&now, local) != NULL && gmtime_r(&now, utc) != NULL;
#endif
}

int64_t rtl__time_zone_bias(void) {
  struct tm local, utc;
  if (!split(time(NULL), &local, &utc))
    return 0;
  /* The two differ by less than a day, so the year decides at New Year. */
  int days = local.tm_year != utc.tm_year
                 ? (local.tm_year < utc.tm_year ? -1 : 1)
                 : local.tm_yday - utc.tm_yday;
  int64_t minutes = (int64_t)days * 24 * 60 +
                    (local.tm_hour - utc.tm_hour) * 60 + local.tm_min -
                    utc.tm_min;
  return -minutes * 60 * UNITS_PER_SECOND;
}
