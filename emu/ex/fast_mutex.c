/*
 * Fast mutexes, in the client's memory: a count that says whether somebody
 * holds it, and an event for those who wait. The holder runs at APC_LEVEL.
 *
 * Count is 1 when free, 0 when held, and goes below 0 by one for each waiter,
 * as on NT; a release that finds waiters hands the mutex to one of them.
 */
#include <ntddk.h>

#include "ke/watch.h"
#include "verifier/report.h"

static void own(PFAST_MUTEX mutex, KIRQL irql) {
  __atomic_store_n(&mutex->Owner, (PVOID)KeGetCurrentThread(),
                   __ATOMIC_RELAXED);
  mutex->OldIrql = irql;
}

static bool is_mine(PFAST_MUTEX mutex) {
  return __atomic_load_n(&mutex->Owner, __ATOMIC_RELAXED) ==
         (PVOID)KeGetCurrentThread();
}

static bool acquire(PFAST_MUTEX mutex, const char *call, const void *caller) {
  ke__require_irql(APC_LEVEL, call);
  if (is_mine(mutex)) {
    vf__report(VF_EX_MUTEX_01, "%s: fast mutex %p is acquired by its owner",
               call, (void *)mutex);
    return false;
  }
  if (__atomic_sub_fetch(&mutex->Count, 1, __ATOMIC_ACQUIRE) != 0) {
    __atomic_fetch_add(&mutex->Contention, 1, __ATOMIC_RELAXED);
    ke__wait_for(&(struct ke_call){call, caller, mutex, &mutex->Owner},
                 &mutex->Event);
  }
  return true;
}

/* The IRQL is raised before the mutex is held, and not left raised without. */
VOID ExAcquireFastMutex(PFAST_MUTEX FastMutex) {
  KIRQL irql = KeGetCurrentIrql();

  if (irql < APC_LEVEL)
    ke__swap_irql(APC_LEVEL);
  if (acquire(FastMutex, "ExAcquireFastMutex", OB_CALLER()))
    own(FastMutex, irql);
  else
    ke__swap_irql(irql);
}

VOID ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex) {
  VF_ENTER("ExAcquireFastMutexUnsafe");
  if (!KeAreAllApcsDisabled() && !KeAreApcsDisabled())
    vf__report(VF_APC_01, "ExAcquireFastMutexUnsafe with APCs enabled");
  if (acquire(FastMutex, "ExAcquireFastMutexUnsafe", OB_CALLER()))
    own(FastMutex, KeGetCurrentIrql());
}

BOOLEAN ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex) {
  LONG held = FM_LOCK_BIT;
  KIRQL irql;

  ke__require_irql(APC_LEVEL, "ExTryToAcquireFastMutex");
  irql = ke__swap_irql(APC_LEVEL);
  if (!__atomic_compare_exchange_n(&FastMutex->Count, &held, 0, 0,
                                   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
    ke__swap_irql(irql);
    return FALSE;
  }
  own(FastMutex, irql);
  return TRUE;
}

static bool release(PFAST_MUTEX mutex, const char *call) {
  if (!is_mine(mutex)) {
    vf__report(
        VF_EX_MUTEX_02,
        "%s: fast mutex %p is released by a thread that does not hold it", call,
        (void *)mutex);
    return false;
  }
  __atomic_store_n(&mutex->Owner, NULL, __ATOMIC_RELAXED);
  if (__atomic_add_fetch(&mutex->Count, 1, __ATOMIC_RELEASE) <= 0)
    KeSetEvent(&mutex->Event, IO_NO_INCREMENT, FALSE);
  return true;
}

VOID ExReleaseFastMutex(PFAST_MUTEX FastMutex) {
  ke__require_irql(APC_LEVEL, "ExReleaseFastMutex");
  KIRQL irql = (KIRQL)FastMutex->OldIrql;

  if (release(FastMutex, "ExReleaseFastMutex"))
    ke__swap_irql(irql);
}

VOID ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex) {
  ke__require_irql(APC_LEVEL, "ExReleaseFastMutexUnsafe");
  release(FastMutex, "ExReleaseFastMutexUnsafe");
}
