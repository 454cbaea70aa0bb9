/*
 * Who has called whom.
 */
#include "os/os.h"

#ifdef _WIN32
#include <windows.h>
#elif defined(__has_include)
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#define HAS_BACKTRACE 1
#endif
#endif

unsigned os__backtrace(void **frames, unsigned room) {
#ifdef _WIN32
  return CaptureStackBackTrace(1, room, frames, NULL);
#elif defined(HAS_BACKTRACE)
  int count = backtrace(frames, (int)room);
  return count > 0 ? (unsigned)count : 0;
#else
  frames[0] = __builtin_return_address(0);
  return room > 0 ? 1 : 0;
#endif
}
