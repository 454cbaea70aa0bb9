/*
 * Mistakes with locks: spin locks, mutexes, push locks, resources, rundown
 * protection, remove locks, and the regions that some of them want.
 */
#include <ntifs.h>

#include "zoo.h"

/* ---- spin locks ------------------------------------------------------ */

static KSPIN_LOCK Lock;
static ULONG Count;

static VOID CountLocked(VOID) {
  KIRQL Irql;

  KeAcquireSpinLock(&Lock, &Irql);
  Count++;
  KeReleaseSpinLock(&Lock, Irql);
}

/* The second of them never comes back on Windows. */
static VOID takes_a_spin_lock_twice(VOID) {
  KIRQL Irql;

  KeInitializeSpinLock(&Lock);
  KeAcquireSpinLock(&Lock, &Irql);
  KeAcquireSpinLockAtDpcLevel(&Lock);
  Count++;
  KeReleaseSpinLock(&Lock, Irql);
}

static VOID takes_a_spin_lock_when_it_is_free(VOID) {
  KIRQL Irql;

  KeInitializeSpinLock(&Lock);
  KeAcquireSpinLock(&Lock, &Irql);
  Count++;
  KeReleaseSpinLock(&Lock, Irql);
  CountLocked();
}

/* An early way out has released it, and goes on to the common end. */
static VOID releases_a_spin_lock_on_both_paths(VOID) {
  KIRQL Irql;

  KeInitializeSpinLock(&Lock);
  KeAcquireSpinLock(&Lock, &Irql);
  KeReleaseSpinLockFromDpcLevel(&Lock);
  KeReleaseSpinLock(&Lock, Irql);
}

static VOID releases_a_spin_lock_once(VOID) {
  KIRQL Irql;

  KeInitializeSpinLock(&Lock);
  KeAcquireSpinLock(&Lock, &Irql);
  KeReleaseSpinLock(&Lock, Irql);
}

static VOID UseAtDpcLevel(VOID) {
  KeAcquireSpinLockAtDpcLevel(&Lock);
  Count++;
  KeReleaseSpinLockFromDpcLevel(&Lock);
}

/* What was written for a DPC is called from a thread. */
static VOID calls_a_dpcs_helper_at_passive_level(VOID) {
  KeInitializeSpinLock(&Lock);
  UseAtDpcLevel();
}

static VOID raises_before_it_calls_a_dpcs_helper(VOID) {
  KIRQL Irql;

  KeInitializeSpinLock(&Lock);
  KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  UseAtDpcLevel();
  KeLowerIrql(Irql);
}

/* ---- mutexes --------------------------------------------------------- */

static KMUTEX Mutex;

static VOID releases_a_mutex_it_does_not_own(VOID) {
  NTSTATUS Status = STATUS_SUCCESS;

  KeInitializeMutex(&Mutex, 0);
  __try {
    KeReleaseMutex(&Mutex, FALSE);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    Status = GetExceptionCode();
  }
  CHECK(Status == STATUS_MUTANT_NOT_OWNED);
}

static VOID releases_a_mutex_it_owns(VOID) {
  KeInitializeMutex(&Mutex, 0);
  KeWaitForSingleObject(&Mutex, Executive, KernelMode, FALSE, NULL);
  KeReleaseMutex(&Mutex, FALSE);
}

static VOID RunThread(PKSTART_ROUTINE Routine) {
  HANDLE Thread;

  REQUIRE(PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                               Routine, NULL) == STATUS_SUCCESS);
  ZwWaitForSingleObject(Thread, FALSE, NULL);
  ZwClose(Thread);
}

static KSTART_ROUTINE KeepMutex;
static VOID NTAPI KeepMutex(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  KeWaitForSingleObject(&Mutex, Executive, KernelMode, FALSE, NULL);
}

static KSTART_ROUTINE UseMutex;
static VOID NTAPI UseMutex(PVOID Context) {
  KeepMutex(Context);
  KeReleaseMutex(&Mutex, FALSE);
}

static VOID ends_a_thread_that_has_a_mutex(VOID) {
  KeInitializeMutex(&Mutex, 0);
  RunThread(KeepMutex);
}

static VOID ends_a_thread_that_has_none(VOID) {
  KeInitializeMutex(&Mutex, 0);
  RunThread(UseMutex);
}

/* ---- fast mutexes ---------------------------------------------------- */

static FAST_MUTEX FastMutex;

/* Unlike a mutex, it does not count. */
static VOID takes_a_fast_mutex_twice(VOID) {
  ExInitializeFastMutex(&FastMutex);
  ExAcquireFastMutex(&FastMutex);
  ExAcquireFastMutex(&FastMutex);
  ExReleaseFastMutex(&FastMutex);
}

static VOID takes_a_fast_mutex_once(VOID) {
  ExInitializeFastMutex(&FastMutex);
  ExAcquireFastMutex(&FastMutex);
  ExReleaseFastMutex(&FastMutex);
}

static VOID releases_a_fast_mutex_twice(VOID) {
  ExInitializeFastMutex(&FastMutex);
  ExAcquireFastMutex(&FastMutex);
  ExReleaseFastMutex(&FastMutex);
  ExReleaseFastMutex(&FastMutex);
}

static VOID releases_a_fast_mutex_if_it_got_it(VOID) {
  ExInitializeFastMutex(&FastMutex);
  if (ExTryToAcquireFastMutex(&FastMutex))
    ExReleaseFastMutex(&FastMutex);
}

/* ---- push locks ------------------------------------------------------ */

static EX_PUSH_LOCK PushLock;

static VOID releases_a_shared_push_lock_as_exclusive(VOID) {
  ExInitializePushLock(&PushLock);
  KeEnterCriticalRegion();
  ExAcquirePushLockShared(&PushLock);
  ExReleasePushLockExclusive(&PushLock);
  ExReleasePushLockShared(&PushLock);
  KeLeaveCriticalRegion();
}

static VOID releases_a_shared_push_lock_as_shared(VOID) {
  ExInitializePushLock(&PushLock);
  KeEnterCriticalRegion();
  ExAcquirePushLockShared(&PushLock);
  ExReleasePushLockShared(&PushLock);
  KeLeaveCriticalRegion();
}

/* ---- resources ------------------------------------------------------- */

static ERESOURCE Resource;

static VOID releases_a_resource_it_did_not_get(VOID) {
  REQUIRE(ExInitializeResourceLite(&Resource) == STATUS_SUCCESS);
  KeEnterCriticalRegion();
  ExReleaseResourceLite(&Resource);
  KeLeaveCriticalRegion();
  ExDeleteResourceLite(&Resource);
}

static VOID releases_a_resource_it_got(VOID) {
  REQUIRE(ExInitializeResourceLite(&Resource) == STATUS_SUCCESS);
  KeEnterCriticalRegion();
  if (ExAcquireResourceExclusiveLite(&Resource, TRUE))
    ExReleaseResourceLite(&Resource);
  KeLeaveCriticalRegion();
  ExDeleteResourceLite(&Resource);
}

/* It read, and now wants to write: but waits for itself to stop reading. */
static VOID upgrades_a_resource_it_shares(VOID) {
  REQUIRE(ExInitializeResourceLite(&Resource) == STATUS_SUCCESS);
  KeEnterCriticalRegion();
  ExAcquireResourceSharedLite(&Resource, TRUE);
  if (ExAcquireResourceExclusiveLite(&Resource, TRUE))
    ExReleaseResourceLite(&Resource);
  ExReleaseResourceLite(&Resource);
  KeLeaveCriticalRegion();
  ExDeleteResourceLite(&Resource);
}

static VOID lets_go_of_a_resource_before_it_writes(VOID) {
  REQUIRE(ExInitializeResourceLite(&Resource) == STATUS_SUCCESS);
  KeEnterCriticalRegion();
  ExAcquireResourceSharedLite(&Resource, TRUE);
  ExReleaseResourceLite(&Resource);
  ExAcquireResourceExclusiveLite(&Resource, TRUE);
  ExReleaseResourceLite(&Resource);
  KeLeaveCriticalRegion();
  ExDeleteResourceLite(&Resource);
}

static VOID deletes_a_resource_it_has(VOID) {
  REQUIRE(ExInitializeResourceLite(&Resource) == STATUS_SUCCESS);
  KeEnterCriticalRegion();
  ExAcquireResourceSharedLite(&Resource, TRUE);
  ExDeleteResourceLite(&Resource);
  KeLeaveCriticalRegion();
}

static VOID deletes_a_resource_that_nobody_has(VOID) {
  REQUIRE(ExInitializeResourceLite(&Resource) == STATUS_SUCCESS);
  KeEnterCriticalRegion();
  ExAcquireResourceSharedLite(&Resource, TRUE);
  ExReleaseResourceLite(&Resource);
  KeLeaveCriticalRegion();
  ExDeleteResourceLite(&Resource);
}

/* ---- regions --------------------------------------------------------- */

/* A thread that is suspended here keeps everybody out. */
static VOID takes_a_resource_with_apcs_enabled(VOID) {
  REQUIRE(ExInitializeResourceLite(&Resource) == STATUS_SUCCESS);
  ExAcquireResourceSharedLite(&Resource, TRUE);
  KeEnterCriticalRegion();
  ExReleaseResourceLite(&Resource);
  KeLeaveCriticalRegion();
  ExDeleteResourceLite(&Resource);
}

static VOID takes_a_resource_in_a_critical_region(VOID) {
  REQUIRE(ExInitializeResourceLite(&Resource) == STATUS_SUCCESS);
  ExEnterCriticalRegionAndAcquireResourceShared(&Resource);
  ExReleaseResourceAndLeaveCriticalRegion(&Resource);
  ExDeleteResourceLite(&Resource);
}

static VOID leaves_a_region_on_both_paths(VOID) {
  KeEnterCriticalRegion();
  KeLeaveCriticalRegion();
  KeLeaveCriticalRegion();
}

static VOID leaves_a_region_once(VOID) {
  KeEnterCriticalRegion();
  KeLeaveCriticalRegion();
}

/* ---- rundown protection ---------------------------------------------- */

static EX_RUNDOWN_REF Rundown;

/* Whether it was acquired is not looked at. */
static VOID releases_protection_it_did_not_get(VOID) {
  ExInitializeRundownProtection(&Rundown);
  ExWaitForRundownProtectionRelease(&Rundown);
  (void)ExAcquireRundownProtection(&Rundown);
  ExReleaseRundownProtection(&Rundown);
}

static VOID releases_protection_it_got(VOID) {
  ExInitializeRundownProtection(&Rundown);
  ExWaitForRundownProtectionRelease(&Rundown);
  if (ExAcquireRundownProtection(&Rundown))
    ExReleaseRundownProtection(&Rundown);
}

static VOID begins_again_before_the_rundown(VOID) {
  ExInitializeRundownProtection(&Rundown);
  ExReInitializeRundownProtection(&Rundown);
}

static VOID begins_again_after_the_rundown(VOID) {
  ExInitializeRundownProtection(&Rundown);
  ExWaitForRundownProtectionRelease(&Rundown);
  ExReInitializeRundownProtection(&Rundown);
}

/* ---- remove locks ---------------------------------------------------- */

static IO_REMOVE_LOCK RemoveLock;

/* A routine releases what its caller has, who does so too. */
static VOID releases_a_remove_lock_twice(VOID) {
  IoInitializeRemoveLock(&RemoveLock, 'ooZu', 0, 0);
  REQUIRE(IoAcquireRemoveLock(&RemoveLock, NULL) == STATUS_SUCCESS);
  IoReleaseRemoveLock(&RemoveLock, NULL);
  IoReleaseRemoveLock(&RemoveLock, NULL);
}

static VOID releases_a_remove_lock_once(VOID) {
  IoInitializeRemoveLock(&RemoveLock, 'ooZu', 0, 0);
  REQUIRE(IoAcquireRemoveLock(&RemoveLock, NULL) == STATUS_SUCCESS);
  IoReleaseRemoveLock(&RemoveLock, NULL);
}

ZOO_SPECIMENS = {
    SPECIMEN("KE-LOCK-01", takes_a_spin_lock_twice,
             takes_a_spin_lock_when_it_is_free),
    SPECIMEN("KE-LOCK-02", releases_a_spin_lock_on_both_paths,
             releases_a_spin_lock_once),
    SPECIMEN("KE-LOCK-03", calls_a_dpcs_helper_at_passive_level,
             raises_before_it_calls_a_dpcs_helper),
    SPECIMEN("KE-MUTEX-01", releases_a_mutex_it_does_not_own,
             releases_a_mutex_it_owns),
    SPECIMEN("KE-MUTEX-02", ends_a_thread_that_has_a_mutex,
             ends_a_thread_that_has_none),
    SPECIMEN("EX-MUTEX-01", takes_a_fast_mutex_twice, takes_a_fast_mutex_once),
    SPECIMEN("EX-MUTEX-02", releases_a_fast_mutex_twice,
             releases_a_fast_mutex_if_it_got_it),
    SPECIMEN("EX-PUSHLOCK-01", releases_a_shared_push_lock_as_exclusive,
             releases_a_shared_push_lock_as_shared),
    SPECIMEN("EX-RESOURCE-01", releases_a_resource_it_did_not_get,
             releases_a_resource_it_got),
    SPECIMEN("EX-RESOURCE-02", upgrades_a_resource_it_shares,
             lets_go_of_a_resource_before_it_writes),
    SPECIMEN("EX-RESOURCE-03", deletes_a_resource_it_has,
             deletes_a_resource_that_nobody_has),
    SPECIMEN("KE-APC-01", takes_a_resource_with_apcs_enabled,
             takes_a_resource_in_a_critical_region),
    SPECIMEN("KE-APC-02", leaves_a_region_on_both_paths, leaves_a_region_once),
    SPECIMEN("EX-RUNDOWN-01", releases_protection_it_did_not_get,
             releases_protection_it_got),
    SPECIMEN("EX-RUNDOWN-02", begins_again_before_the_rundown,
             begins_again_after_the_rundown),
    SPECIMEN("IO-REMOVE-01", releases_a_remove_lock_twice,
             releases_a_remove_lock_once),
};
