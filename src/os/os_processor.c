/*
 * Processors: how many, which one, and keeping a thread on some.
 *
 * The host may confine the process to processors with high numbers, or to less
 * time than they have. Ours are numbered 0, 1, … among those it has, and no
 * more of them than may run at a time.
 */
#include "os/os.h"

#include <uv.h>

#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#define MAX_PROCESSORS 1024

/* Looked up once, before any thread is confined: what this one may use then,
 * the process may. */
static struct {
  uv_once_t once;
  unsigned count;
  int rank[MAX_PROCESSORS]; /* by the host's number; -1 when it is not ours */
} processors = {.once = UV_ONCE_INIT};

static bool may_use(int number) {
#ifdef __linux__
  static cpu_set_t set;
  static bool known;

  if (!known) {
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof(set), &set);
    known = true;
  }
  return number < CPU_SETSIZE && CPU_ISSET(number, &set);
#else
  return (unsigned)number < processors.count;
#endif
}

static void look_up(void) {
  int rank = 0;

  processors.count = uv_available_parallelism();
  for (int i = 0; i < MAX_PROCESSORS; i++)
    processors.rank[i] = may_use(i) ? rank++ : -1;
}

unsigned os__processor_count(void) {
  uv_once(&processors.once, look_up);
  return processors.count;
}

/* The number that we give to the host's; 0 for one that is not ours. */
static unsigned number_of(int host_number) {
  int rank = -1;

  uv_once(&processors.once, look_up);
  if (host_number >= 0 && host_number < MAX_PROCESSORS)
    rank = processors.rank[host_number];
  return rank < 0 ? 0 : (unsigned)rank % processors.count;
}

unsigned os__processor_number(void) {
#if defined(_WIN32)
  return number_of((int)GetCurrentProcessorNumber());
#elif defined(__linux__)
  return number_of(sched_getcpu());
#else
  return 0;
#endif
}

/* ---- confining a thread ------------------------------------------------ */

#if defined(_WIN32)

uint64_t os__thread_id(void) {
  return GetCurrentThreadId();
}

bool os__bind_thread(uint64_t thread_id, uint64_t mask) {
  HANDLE thread = OpenThread(THREAD_SET_INFORMATION | THREAD_QUERY_INFORMATION,
                             FALSE, (DWORD)thread_id);
  bool done =
      thread != NULL && SetThreadAffinityMask(thread, (DWORD_PTR)mask) != 0;

  if (thread != NULL)
    CloseHandle(thread);
  return done;
}

#elif defined(__linux__)

uint64_t os__thread_id(void) {
  return (uint64_t)syscall(SYS_gettid);
}

bool os__bind_thread(uint64_t thread_id, uint64_t mask) {
  cpu_set_t set;

  CPU_ZERO(&set);
  for (int i = 0; i < CPU_SETSIZE && i < MAX_PROCESSORS; i++) {
    unsigned number = number_of(i);

    if (processors.rank[i] >= 0 && number < 64 && (mask >> number & 1) != 0)
      CPU_SET(i, &set);
  }
  return sched_setaffinity((pid_t)thread_id, sizeof(set), &set) == 0;
}

#else

uint64_t os__thread_id(void) {
  return os__thread_number();
}

bool os__bind_thread(uint64_t thread_id, uint64_t mask) {
  (void)thread_id;
  (void)mask;
  return false;
}

#endif
