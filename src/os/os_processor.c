/* Processors: how many, and which one. */
#include "os/os.h"

#include <uv.h>

#ifdef __linux__
#include <sched.h>
#endif

unsigned os__processor_count(void) {
  return uv_available_parallelism();
}

unsigned os__processor_number(void) {
#if defined(_WIN32)
  unsigned number = GetCurrentProcessorNumber();
#elif defined(__linux__)
  int here = sched_getcpu();
  unsigned number = here < 0 ? 0 : (unsigned)here;
#else
  unsigned number = 0;
#endif
  /* A process may be confined to processors with high numbers. */
  return number % os__processor_count();
}
