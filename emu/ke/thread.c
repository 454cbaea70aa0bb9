/* Which thread is running, and what a new one is like. */
#include "ke/ke.h"

#include "ps/ps.h"

static _Thread_local PKTHREAD current_thread;

PKTHREAD KeGetCurrentThread(VOID) {
  if (__builtin_expect(current_thread == NULL, 0))
    current_thread = ps__adopt_host_thread();
  return current_thread;
}

void ke__set_current_thread(PKTHREAD thread) {
  current_thread = thread;
}

void ke__initialize_thread(PKTHREAD thread) {
  thread->Header.Type = KE_THREAD;
  InitializeListHead(&thread->Header.WaitListHead);
  thread->Priority = KE_BASE_PRIORITY;
  thread->UserAffinity = ke__processors();
}

void ke__signal_thread(PKTHREAD thread) {
  ke__lock_dispatcher();
  thread->Header.SignalState = 1;
  ke__release_waiters(&thread->Header);
}
