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

VOID ExAcquireFastMutex(PFAST_MUTEX FastMutex) {
  KIRQL irql;

  ke__require_irql(APC_LEVEL, "ExAcquireFastMutex");
  if (is_mine(FastMutex)) {
    vf__report(VF_EX_MUTEX_01, "fast mutex %p is acquired by its owner",
               (void *)FastMutex);
    return;
  }
  irql = ke__swap_irql(APC_LEVEL);
  if (__atomic_sub_fetch(&FastMutex->Count, 1, __ATOMIC_ACQUIRE) != 0) {
    __atomic_fetch_add(&FastMutex->Contention, 1, __ATOMIC_RELAXED);
    ke__wait_for(&(struct ke_call){"ExAcquireFastMutex", OB_CALLER(), FastMutex,
                                   &FastMutex->Owner},
                 &FastMutex->Event);
  }
  own(FastMutex, irql);
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

VOID ExReleaseFastMutex(PFAST_MUTEX FastMutex) {
  KIRQL irql = (KIRQL)FastMutex->OldIrql;

  if (!is_mine(FastMutex)) {
    vf__report(VF_EX_MUTEX_02,
               "fast mutex %p is released by a thread that "
               "does not hold it",
               (void *)FastMutex);
    return;
  }
  __atomic_store_n(&FastMutex->Owner, NULL, __ATOMIC_RELAXED);
  if (__atomic_add_fetch(&FastMutex->Count, 1, __ATOMIC_RELEASE) <= 0)
    KeSetEvent(&FastMutex->Event, IO_NO_INCREMENT, FALSE);
  ke__swap_irql(irql);
}
