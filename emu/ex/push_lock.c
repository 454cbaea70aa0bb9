/*
 * Push locks. While nobody waits the word says it all: one holder, or how many
 * share. Once somebody waits, whoever comes queues up, and the one who leaves
 * last hands the lock to the first in the queue, with all who want to share it
 * and stand directly behind.
 */
#include <ntddk.h>

#include <stdbool.h>

#include "ex/address_wait.h"
#include "ke/watch.h"
#include "verifier/report.h"

#define EXCLUSIVE ((ULONG_PTR)1)
#define WAITED    ((ULONG_PTR)2)
#define SHARER    ((ULONG_PTR)16) /* counted from this bit on */

#define HOLDERS(word) ((word) & ~WAITED)

enum kind { WANTS_SHARED, WANTS_EXCLUSIVE };

static ULONG_PTR load(PEX_PUSH_LOCK lock) {
  return __atomic_load_n(lock, __ATOMIC_RELAXED);
}

static bool change(PEX_PUSH_LOCK lock, ULONG_PTR *from, ULONG_PTR to) {
  return __atomic_compare_exchange_n(lock, from, to, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED);
}

static void require_use(const char *call) {
  ke__require_irql(APC_LEVEL, call);
  ke__require_apcs_disabled(call);
}

/* ---- acquiring --------------------------------------------------------- */

static bool may_enter(ULONG_PTR word, enum kind kind) {
  return kind == WANTS_EXCLUSIVE ? word == 0
                                 : (word & (EXCLUSIVE | WAITED)) == 0;
}

static ULONG_PTR entered(ULONG_PTR word, enum kind kind) {
  return kind == WANTS_EXCLUSIVE ? EXCLUSIVE : word + SHARER;
}

static bool try_enter(PEX_PUSH_LOCK lock, enum kind kind) {
  ULONG_PTR word = load(lock);

  while (may_enter(word, kind))
    if (change(lock, &word, entered(word, kind)))
      return true;
  return false;
}

/* True when it was queued; false when it got the lock after all. */
static bool enter_or_queue(PEX_PUSH_LOCK lock, enum kind kind,
                           struct ex_waiter *waiter) {
  ULONG_PTR word = load(lock);
  bool enters;

  do {
    enters = may_enter(word, kind);
  } while (!change(lock, &word, enters ? entered(word, kind) : word | WAITED));
  if (!enters)
    ex__queue_waiter(waiter, lock, kind);
  return !enters;
}

static void acquire(PEX_PUSH_LOCK lock, enum kind kind, const char *call,
                    const void *caller) {
  struct ex_waiter waiter;
  bool queued;

  VF_ENTER_FROM(call, caller);
  require_use(call);
  if (try_enter(lock, kind) || !ex__may_wait(call))
    return;
  ex__lock_waiters(lock);
  queued = enter_or_queue(lock, kind, &waiter);
  ex__unlock_waiters(lock);
  if (queued)
    ex__wait(&waiter, &(struct ke_call){call, caller, lock, NULL});
}

VOID ExInitializePushLock(PEX_PUSH_LOCK PushLock) {
  __atomic_store_n(PushLock, 0, __ATOMIC_RELEASE);
}

VOID ExAcquirePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags) {
  UNREFERENCED_PARAMETER(Flags);
  acquire(PushLock, WANTS_EXCLUSIVE, "ExAcquirePushLockExclusive", OB_CALLER());
}

VOID ExAcquirePushLockSharedEx(PEX_PUSH_LOCK PushLock, ULONG Flags) {
  UNREFERENCED_PARAMETER(Flags);
  acquire(PushLock, WANTS_SHARED, "ExAcquirePushLockShared", OB_CALLER());
}

/* ---- releasing --------------------------------------------------------- */

/* Takes those whose turn it is out of the queue, and makes them holders. */
static struct ex_waiter *admit(PEX_PUSH_LOCK lock) {
  struct ex_waiter *chain = ex__take_waiter(lock);
  struct ex_waiter *last = chain, *next;
  ULONG_PTR word = chain->kind == WANTS_EXCLUSIVE ? EXCLUSIVE : SHARER;

  while (chain->kind == WANTS_SHARED &&
         (next = ex__first_waiter(lock)) != NULL &&
         next->kind == WANTS_SHARED) {
    last->next = ex__take_waiter(lock);
    last = last->next;
    word += SHARER;
  }
  if (ex__first_waiter(lock) != NULL)
    word |= WAITED;
  __atomic_store_n(lock, word, __ATOMIC_RELEASE);
  return chain;
}

/* Nobody holds it and somebody waits: it stays so until this admits them. */
static void hand_over(PEX_PUSH_LOCK lock) {
  struct ex_waiter *chain;

  ex__lock_waiters(lock);
  chain = admit(lock);
  ex__unlock_waiters(lock);
  ex__wake(chain);
}

static void release(PEX_PUSH_LOCK lock, ULONG_PTR held, const char *call,
                    const void *caller) {
  ULONG_PTR word = load(lock);

  VF_ENTER_FROM(call, caller);
  require_use(call);
  do {
    bool exclusive = (word & EXCLUSIVE) != 0;

    if (HOLDERS(word) == 0 || exclusive != (held == EXCLUSIVE)) {
      vf__report(VF_EX_PUSHLOCK_01, "%s: push lock %p is not held that way",
                 call, (void *)lock);
      return;
    }
  } while (!change(lock, &word, word - held));
  if (word - held == WAITED)
    hand_over(lock);
}

VOID ExReleasePushLockExclusiveEx(PEX_PUSH_LOCK PushLock, ULONG Flags) {
  UNREFERENCED_PARAMETER(Flags);
  release(PushLock, EXCLUSIVE, "ExReleasePushLockExclusive", OB_CALLER());
}

VOID ExReleasePushLockSharedEx(PEX_PUSH_LOCK PushLock, ULONG Flags) {
  UNREFERENCED_PARAMETER(Flags);
  release(PushLock, SHARER, "ExReleasePushLockShared", OB_CALLER());
}
