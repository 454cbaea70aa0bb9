/* Which thread is running, and the small state it carries. */
#include "ke/ke.h"

#include "os/os.h"

/* Host threads that were not made by PsCreateSystemThread have theirs here. */
static _Thread_local struct _ETHREAD own_thread;
static _Thread_local PKTHREAD current_thread;

static void initialize_own_thread(void) {
  DISPATCHER_HEADER *header = &own_thread.Tcb.Header;
  header->Type = KE_THREAD;
  InitializeListHead(&header->WaitListHead);
  own_thread.Tcb.Number = os__thread_number();
  current_thread = &own_thread.Tcb;
}

PKTHREAD KeGetCurrentThread(VOID) {
  if (__builtin_expect(current_thread == NULL, 0))
    initialize_own_thread();
  return current_thread;
}

void ke__set_current_thread(PKTHREAD thread) {
  current_thread = thread;
}

void ke__signal_thread(PKTHREAD thread) {
  ke__lock_dispatcher();
  thread->Header.SignalState = 1;
  ke__release_waiters(&thread->Header);
}

KPRIORITY KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority) {
  KPRIORITY old = Thread->Priority;
  Thread->Priority = Priority;
  return old;
}

KPRIORITY KeQueryPriorityThread(PKTHREAD Thread) {
  return Thread->Priority;
}

LONG KeSetBasePriorityThread(PKTHREAD Thread, LONG Increment) {
  LONG old = Thread->BaseIncrement;
  Thread->BaseIncrement = Increment;
  return old;
}
