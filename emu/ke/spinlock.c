/*
 * Spin locks in the client's memory.
 *
 * A plain lock holds the owner's mark (the address of a thread-local byte), so
 * that taking it twice and releasing somebody else's are noticed. An in-stack
 * queued lock is the MCS lock it is on NT: the word points at the last waiter's
 * queue entry, and each waits on its own. A waiter yields the processor: unlike
 * NT, the holder may have been preempted.
 */
#include "ke/ke.h"

#include "os/os.h"
#include "verifier/report.h"

static _Thread_local char owner_mark;

static KSPIN_LOCK my_mark(void) {
  return (KSPIN_LOCK)(ULONG_PTR)&owner_mark;
}

VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock) {
  __atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE);
}

static BOOLEAN try_acquire(PKSPIN_LOCK lock) {
  KSPIN_LOCK free_lock = 0;
  return (BOOLEAN)__atomic_compare_exchange_n(
      lock, &free_lock, my_mark(), 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void acquire(PKSPIN_LOCK lock, const char *call) {
  while (!try_acquire(lock)) {
    if (__atomic_load_n(lock, __ATOMIC_RELAXED) == my_mark()) {
      vf__report_bugcheck(VF_LOCK_01, lock, lock, 0, 0, 0,
                          "%s: spin lock %p is held by this thread", call,
                          (void *)lock);
      return; /* Going on beats hanging for ever. */
    }
    os__yield();
  }
}

static void release(PKSPIN_LOCK lock, const char *call) {
  if (__atomic_load_n(lock, __ATOMIC_RELAXED) != my_mark()) {
    vf__report_bugcheck(VF_LOCK_02, lock, lock, 0, 0, 0,
                        "%s: spin lock %p is not held by this thread", call,
                        (void *)lock);
    return;
  }
  __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock) {
  ke__require_irql(DISPATCH_LEVEL, "KeAcquireSpinLock");
  KIRQL old = ke__swap_irql(DISPATCH_LEVEL);
  acquire(SpinLock, "KeAcquireSpinLock");
  return old;
}

VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql) {
  ke__require_irql(DISPATCH_LEVEL, "KeReleaseSpinLock");
  ke__require_dispatch("KeReleaseSpinLock");
  release(SpinLock, "KeReleaseSpinLock");
  KeLowerIrql(NewIrql);
}

VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock) {
  VF_ENTER("KeAcquireSpinLockAtDpcLevel");
  ke__require_dispatch("KeAcquireSpinLockAtDpcLevel");
  acquire(SpinLock, "KeAcquireSpinLockAtDpcLevel");
}

VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock) {
  ke__require_irql(DISPATCH_LEVEL, "KeReleaseSpinLockFromDpcLevel");
  ke__require_dispatch("KeReleaseSpinLockFromDpcLevel");
  release(SpinLock, "KeReleaseSpinLockFromDpcLevel");
}

BOOLEAN KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock) {
  ke__require_irql(DISPATCH_LEVEL, "KeTryToAcquireSpinLockAtDpcLevel");
  ke__require_dispatch("KeTryToAcquireSpinLockAtDpcLevel");
  return try_acquire(SpinLock);
}

BOOLEAN KeTestSpinLock(PKSPIN_LOCK SpinLock) {
  return __atomic_load_n(SpinLock, __ATOMIC_ACQUIRE) == 0;
}

/* ---- queued ------------------------------------------------------------ */

/* The low bit of an entry's Lock means "wait": the predecessor clears it. */
#define QUEUE_WAIT ((ULONG_PTR)1)

static ULONG_PTR *queue_word(KSPIN_LOCK_QUEUE *entry) {
  return (ULONG_PTR *)(void *)&entry->Lock;
}

static void queue_acquire(PKSPIN_LOCK lock, KSPIN_LOCK_QUEUE *entry) {
  entry->Next = NULL;
  __atomic_store_n(queue_word(entry), (ULONG_PTR)lock | QUEUE_WAIT,
                   __ATOMIC_RELAXED);
  KSPIN_LOCK_QUEUE *before = (KSPIN_LOCK_QUEUE *)__atomic_exchange_n(
      lock, (KSPIN_LOCK)(ULONG_PTR)entry, __ATOMIC_ACQ_REL);
  if (before == NULL) {
    __atomic_store_n(queue_word(entry), (ULONG_PTR)lock, __ATOMIC_RELAXED);
    return;
  }
  __atomic_store_n(&before->Next, entry, __ATOMIC_RELEASE);
  while (__atomic_load_n(queue_word(entry), __ATOMIC_ACQUIRE) & QUEUE_WAIT)
    os__yield();
}

static void queue_release(KSPIN_LOCK_QUEUE *entry) {
  PKSPIN_LOCK lock =
      (PKSPIN_LOCK)__atomic_load_n(queue_word(entry), __ATOMIC_RELAXED);
  KSPIN_LOCK_QUEUE *next = __atomic_load_n(&entry->Next, __ATOMIC_ACQUIRE);
  if (next == NULL) {
    KSPIN_LOCK last = (KSPIN_LOCK)(ULONG_PTR)entry;
    if (__atomic_compare_exchange_n(lock, &last, 0, 0, __ATOMIC_RELEASE,
                                    __ATOMIC_RELAXED))
      return;
    /* Somebody is between the exchange and the link. */
    while ((next = __atomic_load_n(&entry->Next, __ATOMIC_ACQUIRE)) == NULL)
      os__yield();
  }
  __atomic_store_n(queue_word(next), (ULONG_PTR)lock, __ATOMIC_RELEASE);
}

VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock,
                                    PKLOCK_QUEUE_HANDLE LockHandle) {
  ke__require_irql(DISPATCH_LEVEL, "KeAcquireInStackQueuedSpinLock");
  LockHandle->OldIrql = ke__swap_irql(DISPATCH_LEVEL);
  queue_acquire(SpinLock, &LockHandle->LockQueue);
}

VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle) {
  ke__require_irql(DISPATCH_LEVEL, "KeReleaseInStackQueuedSpinLock");
  ke__require_dispatch("KeReleaseInStackQueuedSpinLock");
  queue_release(&LockHandle->LockQueue);
  KeLowerIrql(LockHandle->OldIrql);
}

VOID KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock,
                                              PKLOCK_QUEUE_HANDLE LockHandle) {
  VF_ENTER("KeAcquireInStackQueuedSpinLockAtDpcLevel");
  ke__require_dispatch("KeAcquireInStackQueuedSpinLockAtDpcLevel");
  LockHandle->OldIrql = DISPATCH_LEVEL;
  queue_acquire(SpinLock, &LockHandle->LockQueue);
}

VOID KeReleaseInStackQueuedSpinLockFromDpcLevel(
    PKLOCK_QUEUE_HANDLE LockHandle) {
  VF_ENTER("KeReleaseInStackQueuedSpinLockFromDpcLevel");
  ke__require_dispatch("KeReleaseInStackQueuedSpinLockFromDpcLevel");
  queue_release(&LockHandle->LockQueue);
}
