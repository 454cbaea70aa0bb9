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

/* ---- hooks at a thread's end ------------------------------------------- */

/* libuv's keys have no destructor, so the host's own are used: pthread keys,
 * and on Windows fibre-local slots, whose callback runs at a thread's end for
 * threads of any origin. Each hook has a key, since it has a value of its own.
 * On x64 the callback of either is an ordinary function. */
#ifdef _WIN32
typedef DWORD exit_key;
#else
typedef pthread_key_t exit_key;
#endif

#define HOOKS 4

static struct {
  void (*hook)(void *);
  exit_key key;
} exits[HOOKS];
static int exit_count;
static struct os_spin exit_lock;

static exit_key make_exit_key(void (*hook)(void *)) {
#ifdef _WIN32
  exit_key key = FlsAlloc((PFLS_CALLBACK_FUNCTION)hook);
  assert(key != FLS_OUT_OF_INDEXES);
#else
  exit_key key;
  int error = pthread_key_create(&key, hook);
  assert(error == 0);
  (void)error;
#endif
  return key;
}

static exit_key key_of(void (*hook)(void *)) {
  int i = 0;
  os__spin_lock(&exit_lock);
  while (i < exit_count && exits[i].hook != hook)
    i++;
  assert(i < HOOKS);
  if (i == exit_count) {
    exits[i].hook = hook;
    exits[i].key = make_exit_key(hook);
    exit_count++;
  }
  exit_key key = exits[i].key;
  os__spin_unlock(&exit_lock);
  return key;
}

void os__at_thread_exit(void (*hook)(void *), void *value) {
#ifdef _WIN32
  FlsSetValue(key_of(hook), value);
#else
  pthread_setspecific(key_of(hook), value);
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
