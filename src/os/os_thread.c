/*
 * Threads: start, join, a number for each, a hook at a thread's end, and the
 * end of them all.
 */
#include "os/os.h"

#include <assert.h>
#include <uv.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <pthread.h>
#include <unistd.h>
#endif

_Static_assert(sizeof(uv_thread_t) <= sizeof(struct os_thread),
               "the host's thread fits into the opaque storage");

static uv_thread_t *host_thread(struct os_thread *thread) {
  return (uv_thread_t *)thread->storage;
}

int os__thread_start(struct os_thread *thread, void (*entry)(void *),
                     void *argument) {
  return uv_thread_create(host_thread(thread), entry, argument) == 0 ? 0 : -1;
}

void os__thread_join(struct os_thread *thread) {
  int error = uv_thread_join(host_thread(thread));
  assert(error == 0);
  (void)error;
}

unsigned os__thread_number(void) {
  static unsigned last;
  static __thread unsigned mine;
  if (mine == 0)
    mine = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
  return mine;
}

/* ---- the hook at a thread's end ---------------------------------------- */

/* libuv's keys have no destructor, so the host's own are used: a pthread key,
 * and on Windows a fibre-local slot, whose callback runs at a thread's end for
 * threads of any origin. */
#ifdef _WIN32
#define HOOK_CALL WINAPI
static DWORD exit_slot;
#else
#define HOOK_CALL
static pthread_key_t exit_slot;
#endif

static uv_once_t exit_once = UV_ONCE_INIT;
static void (*exit_hook)(void *);

static void HOOK_CALL run_exit_hook(void *value) {
  void (*hook)(void *) = __atomic_load_n(&exit_hook, __ATOMIC_SEQ_CST);
  if (value != NULL)
    hook(value);
}

static void make_exit_slot(void) {
#ifdef _WIN32
  exit_slot = FlsAlloc(run_exit_hook);
  assert(exit_slot != FLS_OUT_OF_INDEXES);
#else
  int error = pthread_key_create(&exit_slot, run_exit_hook);
  assert(error == 0);
  (void)error;
#endif
}

void os__at_thread_exit(void (*hook)(void *), void *value) {
  __atomic_store_n(&exit_hook, hook, __ATOMIC_SEQ_CST);
  uv_once(&exit_once, make_exit_slot);
#ifdef _WIN32
  FlsSetValue(exit_slot, value);
#else
  pthread_setspecific(exit_slot, value);
#endif
}

/* ---- the end of all of them -------------------------------------------- */

/* Windows would call the modules' entry points, which may wait for a thread
 * that has gone. */
void os__end_process(int status) {
#ifdef _WIN32
  TerminateProcess(GetCurrentProcess(), (UINT)status);
  for (;;)
    Sleep(INFINITE);
#else
  _exit(status);
#endif
}
