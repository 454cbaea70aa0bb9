/*
 * Clocks: libuv's monotonic one, which loop timers count by as well, and the
 * host's wall clock in NT's units.
 */
#include "os/os.h"

#include <uv.h>

#ifndef _WIN32
#include <time.h>
#endif

uint64_t os__now_ns(void) {
  return uv_hrtime();
}

#ifdef _WIN32
int64_t os__system_time_100ns(void) {
  FILETIME now;
  GetSystemTimePreciseAsFileTime(&now);
  return (int64_t)((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime);
}
#else
/* From 1601-01-01 to 1970-01-01: 369 years with 89 leap days. */
#define EPOCH_DISTANCE_S INT64_C(11644473600)

int64_t os__system_time_100ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (now.tv_sec + EPOCH_DISTANCE_S) * 10000000 + now.tv_nsec / 100;
}
#endif
