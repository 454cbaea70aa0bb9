/*
 * Spin locks for readers and writers, in the client's 32 bits: the sign says
 * that a writer has it or waits for it, the rest counts the readers.
 *
 * The bits have no room for owners. Each thread remembers the few locks that it
 * holds itself, so that taking one twice is reported and does not hang. A
 * waiter yields: unlike on NT, the holder may have been preempted.
 */
#include <ntddk.h>
#include <stdbool.h>

#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

#define WRITER   ((LONG)0x80000000)
#define HELD_MAX 16

struct holding {
  PEX_SPIN_LOCK lock;
  bool exclusive;
};

/* Locks beyond the room there is are only counted, and not checked. */
static _Thread_local struct holding held[HELD_MAX];
static _Thread_local int held_count, unchecked;

static struct holding *find(PEX_SPIN_LOCK lock) {
  for (int i = 0; i < held_count; i++)
    if (held[i].lock == lock)
      return &held[i];
  return NULL;
}

static void remember(PEX_SPIN_LOCK lock, bool exclusive) {
  if (held_count == HELD_MAX)
    unchecked++;
  else
    held[held_count++] = (struct holding){lock, exclusive};
}

static bool may_acquire(PEX_SPIN_LOCK lock, const char *call,
                        const void *caller) {
  if (find(lock) == NULL)
    return true;
  VF_ENTER_FROM(call, caller);
  vf__report(VF_LOCK_01, "%s: spin lock %p is held by this thread", call,
             (void *)lock);
  return false; /* Going on beats hanging for ever. */
}

static bool may_release(PEX_SPIN_LOCK lock, bool exclusive, const char *call,
                        const void *caller) {
  struct holding *mine = find(lock);

  if (mine != NULL && mine->exclusive == exclusive) {
    *mine = held[--held_count];
    return true;
  }
  if (mine == NULL && unchecked > 0) {
    unchecked--;
    return true;
  }
  VF_ENTER_FROM(call, caller);
  vf__report(VF_LOCK_02, "%s: spin lock %p is not held that way by this thread",
             call, (void *)lock);
  return false;
}

static LONG load(PEX_SPIN_LOCK lock) {
  return __atomic_load_n(lock, __ATOMIC_ACQUIRE);
}

static bool change(PEX_SPIN_LOCK lock, LONG from, LONG to) {
  return __atomic_compare_exchange_n(lock, &from, to, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED);
}

/* First the other writers, then the readers that are still in. */
static void acquire_exclusive(PEX_SPIN_LOCK lock, const char *call,
                              const void *caller) {
  if (!may_acquire(lock, call, caller))
    return;
  while (__atomic_fetch_or(lock, WRITER, __ATOMIC_ACQUIRE) & WRITER)
    os__yield();
  while (load(lock) != WRITER)
    os__yield();
  remember(lock, true);
}

static void acquire_shared(PEX_SPIN_LOCK lock, const char *call,
                           const void *caller) {
  LONG before;

  if (!may_acquire(lock, call, caller))
    return;
  while ((before = load(lock)) & WRITER || !change(lock, before, before + 1))
    os__yield();
  remember(lock, false);
}

static void release_exclusive(PEX_SPIN_LOCK lock, const char *call,
                              const void *caller) {
  if (may_release(lock, true, call, caller))
    __atomic_fetch_and(lock, ~WRITER, __ATOMIC_RELEASE);
}

static void release_shared(PEX_SPIN_LOCK lock, const char *call,
                           const void *caller) {
  if (may_release(lock, false, call, caller))
    __atomic_fetch_sub(lock, 1, __ATOMIC_RELEASE);
}

static KIRQL raise_irql(const char *call) {
  ke__require_irql(DISPATCH_LEVEL, call);
  return ke__swap_irql(DISPATCH_LEVEL);
}

KIRQL ExAcquireSpinLockExclusive(PEX_SPIN_LOCK SpinLock) {
  KIRQL old = raise_irql("ExAcquireSpinLockExclusive");
  acquire_exclusive(SpinLock, "ExAcquireSpinLockExclusive", VF_CALLER());
  return old;
}

KIRQL ExAcquireSpinLockShared(PEX_SPIN_LOCK SpinLock) {
  KIRQL old = raise_irql("ExAcquireSpinLockShared");
  acquire_shared(SpinLock, "ExAcquireSpinLockShared", VF_CALLER());
  return old;
}

VOID ExReleaseSpinLockExclusive(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql) {
  ke__within_irql(DISPATCH_LEVEL, "ExReleaseSpinLockExclusive");
  ke__require_dispatch("ExReleaseSpinLockExclusive");
  release_exclusive(SpinLock, "ExReleaseSpinLockExclusive", VF_CALLER());
  KeLowerIrql(OldIrql);
}

VOID ExReleaseSpinLockShared(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql) {
  ke__within_irql(DISPATCH_LEVEL, "ExReleaseSpinLockShared");
  ke__require_dispatch("ExReleaseSpinLockShared");
  release_shared(SpinLock, "ExReleaseSpinLockShared", VF_CALLER());
  KeLowerIrql(OldIrql);
}

VOID ExAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock) {
  ke__require_dispatch("ExAcquireSpinLockExclusiveAtDpcLevel");
  acquire_exclusive(SpinLock, "ExAcquireSpinLockExclusiveAtDpcLevel",
                    VF_CALLER());
}

VOID ExAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock) {
  ke__require_dispatch("ExAcquireSpinLockSharedAtDpcLevel");
  acquire_shared(SpinLock, "ExAcquireSpinLockSharedAtDpcLevel", VF_CALLER());
}

VOID ExReleaseSpinLockExclusiveFromDpcLevel(PEX_SPIN_LOCK SpinLock) {
  ke__require_dispatch("ExReleaseSpinLockExclusiveFromDpcLevel");
  release_exclusive(SpinLock, "ExReleaseSpinLockExclusiveFromDpcLevel",
                    VF_CALLER());
}

VOID ExReleaseSpinLockSharedFromDpcLevel(PEX_SPIN_LOCK SpinLock) {
  ke__require_dispatch("ExReleaseSpinLockSharedFromDpcLevel");
  release_shared(SpinLock, "ExReleaseSpinLockSharedFromDpcLevel", VF_CALLER());
}

LOGICAL ExTryConvertSharedSpinLockExclusive(PEX_SPIN_LOCK SpinLock) {
  ke__within_irql(DISPATCH_LEVEL, "ExTryConvertSharedSpinLockExclusive");
  struct holding *mine = find(SpinLock);

  ke__require_dispatch("ExTryConvertSharedSpinLockExclusive");
  if (mine == NULL || mine->exclusive) {
    if (unchecked > 0)
      return FALSE; /* Perhaps it is one of those; it stays a reader. */
    VF_ENTER("ExTryConvertSharedSpinLockExclusive");
    vf__report(VF_LOCK_02, "spin lock %p is not shared by this thread",
               (void *)SpinLock);
    return FALSE;
  }
  mine->exclusive = change(SpinLock, 1, WRITER);
  return mine->exclusive;
}

/* ---- without waiting --------------------------------------------------- */

LOGICAL ExTryAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock) {
  ke__require_dispatch("ExTryAcquireSpinLockExclusiveAtDpcLevel");
  if (!change(SpinLock, 0, WRITER))
    return FALSE;
  remember(SpinLock, true);
  return TRUE;
}

LOGICAL ExTryAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock) {
  LONG before = load(SpinLock);

  ke__require_dispatch("ExTryAcquireSpinLockSharedAtDpcLevel");
  if (find(SpinLock) != NULL)
    return FALSE;
  while ((before & WRITER) == 0 && !change(SpinLock, before, before + 1))
    before = load(SpinLock);
  if ((before & WRITER) != 0)
    return FALSE;
  remember(SpinLock, false);
  return TRUE;
}
