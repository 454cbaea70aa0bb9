/* Events, semaphores and mutexes: everything but the waiting. */
#include "ke/ke.h"

#include "verifier/report.h"

static void initialize(DISPATCHER_HEADER *header, unsigned type, size_t size,
                       LONG state) {
  RtlZeroMemory(header, sizeof(*header));
  header->Type = (UCHAR)type;
  header->Size = (UCHAR)(size / sizeof(ULONG));
  header->SignalState = state;
  InitializeListHead(&header->WaitListHead);
}

/* ---- events ------------------------------------------------------------ */

VOID KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State) {
  initialize(&Event->Header, (unsigned)Type, sizeof(KEVENT), State != FALSE);
}

static bool is_event(PRKEVENT event, const char *call) {
  return ke__check_object(event, KE_NOTIFICATION_EVENT,
                          KE_SYNCHRONIZATION_EVENT, call);
}

LONG KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait) {
  ke__within_irql(Wait ? APC_LEVEL : DISPATCH_LEVEL, "KeSetEvent");
  UNREFERENCED_PARAMETER(Increment);
  if (!is_event(Event, "KeSetEvent"))
    return 0;
  ke__lock_dispatcher();
  LONG old = Event->Header.SignalState;
  Event->Header.SignalState = 1;
  ke__release_waiters(&Event->Header);
  return old;
}

static LONG clear_event(PRKEVENT event, const char *call) {
  if (!is_event(event, call))
    return 0;
  ke__lock_dispatcher();
  LONG old = event->Header.SignalState;
  event->Header.SignalState = 0;
  ke__unlock_dispatcher();
  return old;
}

LONG KeResetEvent(PRKEVENT Event) {
  ke__within_irql(DISPATCH_LEVEL, "KeResetEvent");
  return clear_event(Event, "KeResetEvent");
}

VOID KeClearEvent(PRKEVENT Event) {
  ke__within_irql(DISPATCH_LEVEL, "KeClearEvent");
  (void)clear_event(Event, "KeClearEvent");
}

LONG KePulseEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait) {
  ke__within_irql(Wait ? APC_LEVEL : DISPATCH_LEVEL, "KePulseEvent");
  UNREFERENCED_PARAMETER(Increment);
  if (!is_event(Event, "KePulseEvent"))
    return 0;
  ke__lock_dispatcher();
  LONG old = Event->Header.SignalState;
  Event->Header.SignalState = 1;
  ke__pulse_waiters(&Event->Header);
  return old;
}

LONG KeReadStateEvent(PRKEVENT Event) {
  ke__within_irql(DISPATCH_LEVEL, "KeReadStateEvent");
  ke__lock_dispatcher();
  LONG state = Event->Header.SignalState;
  ke__unlock_dispatcher();
  return state;
}

/* ---- semaphores -------------------------------------------------------- */

VOID KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit) {
  ke__within_irql(PASSIVE_LEVEL, "KeInitializeSemaphore");
  initialize(&Semaphore->Header, KE_SEMAPHORE, sizeof(KSEMAPHORE), Count);
  Semaphore->Limit = Limit;
}

LONG KeReadStateSemaphore(PRKSEMAPHORE Semaphore) {
  ke__lock_dispatcher();
  LONG state = Semaphore->Header.SignalState;
  ke__unlock_dispatcher();
  return state;
}

LONG KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment,
                        LONG Adjustment, BOOLEAN Wait) {
  ke__within_irql(Wait ? APC_LEVEL : DISPATCH_LEVEL, "KeReleaseSemaphore");
  UNREFERENCED_PARAMETER(Increment);
  if (!ke__check_object(Semaphore, KE_SEMAPHORE, KE_SEMAPHORE,
                        "KeReleaseSemaphore"))
    return 0;
  ke__lock_dispatcher();
  LONG old = Semaphore->Header.SignalState;
  if (Adjustment <= 0 || old > Semaphore->Limit - Adjustment) {
    ke__unlock_dispatcher();
    RtlRaiseStatus(STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    return old;
  }
  Semaphore->Header.SignalState = old + Adjustment;
  ke__release_waiters(&Semaphore->Header);
  return old;
}

/* ---- mutexes ----------------------------------------------------------- */

VOID KeInitializeMutex(PRKMUTEX Mutex, ULONG Level) {
  UNREFERENCED_PARAMETER(Level);
  initialize(&Mutex->Header, KE_MUTANT, sizeof(KMUTANT), 1);
  Mutex->OwnerThread = NULL;
  Mutex->Abandoned = FALSE;
  Mutex->ApcDisable = 1;
  InitializeListHead(&Mutex->MutantListEntry);
}

LONG KeReadStateMutex(PRKMUTEX Mutex) {
  ke__within_irql(DISPATCH_LEVEL, "KeReadStateMutex");
  ke__lock_dispatcher();
  LONG state = Mutex->Header.SignalState;
  ke__unlock_dispatcher();
  return state;
}

LONG KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait) {
  ke__require_irql(Wait ? APC_LEVEL : DISPATCH_LEVEL, "KeReleaseMutex");
  if (!ke__check_object(Mutex, KE_MUTANT, KE_MUTANT, "KeReleaseMutex"))
    return 0;
  ke__lock_dispatcher();
  LONG old = Mutex->Header.SignalState;
  if (old > 0 || Mutex->OwnerThread != KeGetCurrentThread()) {
    ke__unlock_dispatcher();
    vf__report(VF_MUTEX_01, "KeReleaseMutex of %p by another thread",
               (void *)Mutex);
    RtlRaiseStatus(STATUS_MUTANT_NOT_OWNED);
    return old;
  }
  Mutex->Header.SignalState = old + 1;
  if (old + 1 > 0) {
    Mutex->OwnerThread = NULL;
    KeGetCurrentThread()->OwnedMutants--;
  }
  ke__release_waiters(&Mutex->Header);
  return old;
}
