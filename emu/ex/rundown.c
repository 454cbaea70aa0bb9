/*
 * Rundown protection: a count of those who hold it, twice, with the lowest bit
 * for "no more". On NT the upper bits then point to the waiter; here they go on
 * counting, and the waiter is found by the word's address.
 */
#include <ntddk.h>

#include <stdbool.h>

#include "ex/address_wait.h"
#include "ke/watch.h"
#include "verifier/report.h"

static ULONG_PTR load(PEX_RUNDOWN_REF ref) {
  return __atomic_load_n(&ref->Count, __ATOMIC_ACQUIRE);
}

static bool change(PEX_RUNDOWN_REF ref, ULONG_PTR *from, ULONG_PTR to) {
  return __atomic_compare_exchange_n(&ref->Count, from, to, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE);
}

VOID ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef) {
  __atomic_store_n(&RunRef->Count, 0, __ATOMIC_RELEASE);
}

VOID ExReInitializeRundownProtection(PEX_RUNDOWN_REF RunRef) {
  VF_ENTER("ExReInitializeRundownProtection");
  if (load(RunRef) != EX_RUNDOWN_ACTIVE)
    vf__report(VF_EX_RUNDOWN_02, "rundown reference %p has not been run down",
               (void *)RunRef);
  __atomic_store_n(&RunRef->Count, 0, __ATOMIC_RELEASE);
}

BOOLEAN ExAcquireRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count) {
  ULONG_PTR count = load(RunRef);

  do {
    if (count & EX_RUNDOWN_ACTIVE)
      return FALSE;
  } while (
      !change(RunRef, &count, count + (ULONG_PTR)Count * EX_RUNDOWN_COUNT_INC));
  return TRUE;
}

BOOLEAN ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef) {
  return ExAcquireRundownProtectionEx(RunRef, 1);
}

/* The reference belongs to the waiter once the count has come down. */
static void wake_waiter(const volatile void *address) {
  struct ex_waiter *waiter;

  ex__lock_waiters(address);
  waiter = ex__take_waiter(address);
  ex__unlock_waiters(address);
  ex__wake(waiter);
}

VOID ExReleaseRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count) {
  VF_ENTER("ExReleaseRundownProtection");
  ULONG_PTR given = (ULONG_PTR)Count * EX_RUNDOWN_COUNT_INC;
  ULONG_PTR count = load(RunRef);

  do {
    if (count < given) {
      vf__report(VF_EX_RUNDOWN_01,
                 "rundown reference %p is released more often than acquired",
                 (void *)RunRef);
      return;
    }
  } while (!change(RunRef, &count, count - given));
  if (count - given == EX_RUNDOWN_ACTIVE)
    wake_waiter(RunRef);
}

VOID ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef) {
  VF_ENTER("ExReleaseRundownProtection");
  ExReleaseRundownProtectionEx(RunRef, 1);
}

VOID ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef) {
  struct ke_call call = {.name = "ExWaitForRundownProtectionRelease",
                         .caller = OB_CALLER(),
                         .object = RunRef};
  struct ex_waiter waiter;
  bool wait;

  ke__require_irql(APC_LEVEL, call.name);
  __atomic_fetch_or(&RunRef->Count, EX_RUNDOWN_ACTIVE, __ATOMIC_SEQ_CST);
  if (load(RunRef) == EX_RUNDOWN_ACTIVE || !ex__may_wait(call.name))
    return;
  ex__lock_waiters(RunRef);
  wait = load(RunRef) != EX_RUNDOWN_ACTIVE;
  if (wait)
    ex__queue_waiter(&waiter, RunRef, 0);
  ex__unlock_waiters(RunRef);
  if (wait)
    ex__wait(&waiter, &call);
}

VOID ExRundownCompleted(PEX_RUNDOWN_REF RunRef) {
  __atomic_store_n(&RunRef->Count, EX_RUNDOWN_ACTIVE, __ATOMIC_RELEASE);
}
