/* Critical and guarded regions, and the mutexes that are built on them. There
 * are no APCs; what counts is that a thread has said it wants none. */
#include "ke/watch.h"

#include "verifier/report.h"

VOID KeEnterCriticalRegion(VOID) {
  KeGetCurrentThread()->KernelApcDisable++;
}

VOID KeLeaveCriticalRegion(VOID) {
  VF_ENTER("KeLeaveCriticalRegion");
  PKTHREAD thread = KeGetCurrentThread();

  if (thread->KernelApcDisable == 0)
    vf__report(VF_APC_02, "KeLeaveCriticalRegion outside of a region");
  else
    thread->KernelApcDisable--;
}

VOID KeEnterGuardedRegion(VOID) {
  KeGetCurrentThread()->GuardedRegions++;
}

VOID KeLeaveGuardedRegion(VOID) {
  VF_ENTER("KeLeaveGuardedRegion");
  PKTHREAD thread = KeGetCurrentThread();

  if (thread->GuardedRegions == 0)
    vf__report(VF_APC_02, "KeLeaveGuardedRegion outside of a region");
  else
    thread->GuardedRegions--;
}

/* Who holds a mutex is in a critical region by that. */
BOOLEAN KeAreApcsDisabled(VOID) {
  PKTHREAD thread = KeGetCurrentThread();

  return thread->KernelApcDisable != 0 || thread->GuardedRegions != 0 ||
         thread->OwnedMutants != 0;
}

BOOLEAN KeAreAllApcsDisabled(VOID) {
  return KeGetCurrentThread()->GuardedRegions != 0 ||
         KeGetCurrentIrql() >= APC_LEVEL;
}

void ke__require_apcs_disabled(const char *call) {
  if (!KeAreApcsDisabled() && KeGetCurrentIrql() < APC_LEVEL)
    vf__report(VF_APC_01, "%s outside of a critical region", call);
}

/* ---- guarded mutexes --------------------------------------------------- */

/* As in fast mutexes: Count is 1 when free, 0 when held, and one less for each
 * waiter. A gate is an event that lets one through. */

static PKEVENT gate_of(PKGUARDED_MUTEX mutex) {
  return (PKEVENT)(PVOID)&mutex->Gate;
}

VOID KeInitializeGuardedMutex(PKGUARDED_MUTEX Mutex) {
  RtlZeroMemory(Mutex, sizeof(*Mutex));
  Mutex->Count = 1;
  KeInitializeEvent(gate_of(Mutex), SynchronizationEvent, FALSE);
}

static bool is_mine(PKGUARDED_MUTEX mutex) {
  return __atomic_load_n(&mutex->Owner, __ATOMIC_RELAXED) ==
         KeGetCurrentThread();
}

static void set_owner(PKGUARDED_MUTEX mutex, PKTHREAD owner) {
  __atomic_store_n(&mutex->Owner, owner, __ATOMIC_RELAXED);
}

static bool acquire(PKGUARDED_MUTEX mutex, const char *call,
                    const void *caller) {
  ke__require_irql(APC_LEVEL, call);
  if (is_mine(mutex)) {
    vf__report(VF_EX_MUTEX_01, "guarded mutex %p is acquired by its owner",
               (void *)mutex);
    return false;
  }
  if (__atomic_sub_fetch(&mutex->Count, 1, __ATOMIC_ACQUIRE) != 0) {
    __atomic_fetch_add(&mutex->Contention, 1, __ATOMIC_RELAXED);
    ke__wait_for(&(struct ke_call){call, caller, mutex, &mutex->Owner},
                 gate_of(mutex));
  }
  set_owner(mutex, KeGetCurrentThread());
  return true;
}

static bool release(PKGUARDED_MUTEX mutex) {
  if (!is_mine(mutex)) {
    vf__report(VF_EX_MUTEX_02,
               "guarded mutex %p is released by a thread that does not hold it",
               (void *)mutex);
    return false;
  }
  set_owner(mutex, NULL);
  if (__atomic_add_fetch(&mutex->Count, 1, __ATOMIC_RELEASE) <= 0)
    KeSetEvent(gate_of(mutex), IO_NO_INCREMENT, FALSE);
  return true;
}

VOID KeAcquireGuardedMutex(PKGUARDED_MUTEX Mutex) {
  VF_ENTER("KeAcquireGuardedMutex");
  KeEnterGuardedRegion();
  if (!acquire(Mutex, "KeAcquireGuardedMutex", OB_CALLER()))
    KeLeaveGuardedRegion();
}

VOID KeReleaseGuardedMutex(PKGUARDED_MUTEX Mutex) {
  VF_ENTER("KeReleaseGuardedMutex");
  if (release(Mutex))
    KeLeaveGuardedRegion();
}

BOOLEAN KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX Mutex) {
  LONG available = 1;

  ke__require_irql(APC_LEVEL, "KeTryToAcquireGuardedMutex");
  if (!__atomic_compare_exchange_n(&Mutex->Count, &available, 0, false,
                                   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
    return FALSE;
  KeEnterGuardedRegion();
  set_owner(Mutex, KeGetCurrentThread());
  return TRUE;
}

static void require_all_disabled(const char *call) {
  if (!KeAreAllApcsDisabled())
    vf__report(VF_APC_01, "%s outside of a guarded region", call);
}

VOID KeAcquireGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex) {
  VF_ENTER("KeAcquireGuardedMutexUnsafe");
  require_all_disabled("KeAcquireGuardedMutexUnsafe");
  acquire(Mutex, "KeAcquireGuardedMutexUnsafe", OB_CALLER());
}

VOID KeReleaseGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex) {
  VF_ENTER("KeReleaseGuardedMutexUnsafe");
  require_all_disabled("KeReleaseGuardedMutexUnsafe");
  release(Mutex);
}
