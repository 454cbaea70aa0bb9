/* Where the calling thread's stack lies. */
#include "os/os.h"

#ifdef _WIN32

#include <windows.h>

void os__stack_bounds(uintptr_t *low, uintptr_t *high) {
  ULONG_PTR first, end;

  GetCurrentThreadStackLimits(&first, &end);
  *low = first;
  *high = end;
}

#else

#include <assert.h>
#include <pthread.h>

/* Asked once by each thread: for the first one the host reads a file. */
static __thread uintptr_t stack_low, stack_high;

#ifdef __APPLE__
static void find_bounds(void) {
  stack_high = (uintptr_t)pthread_get_stackaddr_np(pthread_self());
  stack_low = stack_high - pthread_get_stacksize_np(pthread_self());
}
#else
static void find_bounds(void) {
  pthread_attr_t attributes;
  void *base = NULL;
  size_t size = 0;
  int error = pthread_getattr_np(pthread_self(), &attributes);

  assert(error == 0);
  (void)error;
  pthread_attr_getstack(&attributes, &base, &size);
  pthread_attr_destroy(&attributes);
  stack_low = (uintptr_t)base;
  stack_high = stack_low + size;
}
#endif

void os__stack_bounds(uintptr_t *low, uintptr_t *high) {
  if (stack_high == 0)
    find_bounds();
  *low = stack_low;
  *high = stack_high;
}

#endif
