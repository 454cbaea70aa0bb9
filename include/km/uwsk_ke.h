/*
 * Ke: waits, events, semaphores, mutexes, spin locks, IRQL, time. Processors:
 * uwsk_processor.h; priorities: uwsk_thread.h.
 *
 * Every function is documented on its page in "wdm.h / ntddk.h functions"
 * (ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>, lower case); what is said
 * here is what a caller must know.
 */
#ifndef UWSK_KM_KE_H
#define UWSK_KM_KE_H

#include <uwsk_ke_types.h>

UWSK_BEGIN_C

/* ---- events ------------------------------------------------------------- */

/* The event's memory is the caller's and must stay put and resident; IRQL any.
 */
NTKERNELAPI VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type,
                                         BOOLEAN State);

/* Sets the event and returns its previous state (0 or not). IRQL <=
 * DISPATCH_LEVEL; with Wait TRUE <= APC_LEVEL, and the very next call must be a
 * wait. The event may be gone the moment a waiter runs: nothing of it is
 * touched after the waiter is released. */
NTKERNELAPI LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment,
                                  BOOLEAN Wait);

/* To not-signaled; the previous state (KeResetEvent) or nothing (KeClearEvent).
 * KePulseEvent releases who waits now and leaves the event not signaled.
 * IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI LONG NTAPI KeResetEvent(PRKEVENT Event);
NTKERNELAPI VOID NTAPI KeClearEvent(PRKEVENT Event);
NTKERNELAPI LONG NTAPI KePulseEvent(PRKEVENT Event, KPRIORITY Increment,
                                    BOOLEAN Wait);
NTKERNELAPI LONG NTAPI KeReadStateEvent(PRKEVENT Event);

/* ---- semaphores, mutexes ------------------------------------------------ */

/* Count of Limit are free; the memory is the caller's, nonpaged. IRQL
 * PASSIVE_LEVEL. */
NTKERNELAPI VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count,
                                             LONG Limit);

/* Returns the previous count. Raises STATUS_SEMAPHORE_LIMIT_EXCEEDED when the
 * count would pass the limit. IRQL <= DISPATCH_LEVEL, with Wait TRUE <=
 * APC_LEVEL. */
NTKERNELAPI LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore,
                                          KPRIORITY Increment, LONG Adjustment,
                                          BOOLEAN Wait);

/* The count. Any IRQL. */
NTKERNELAPI LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE Semaphore);

/* Recursive, owned by a thread, taken with KeWaitForSingleObject; its holder
 * runs with normal kernel APCs disabled. `Level` is ignored, as on NT. Any
 * IRQL. */
NTKERNELAPI VOID NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level);

/* By the owner only: anybody else raises STATUS_MUTANT_NOT_OWNED. Returns 0
 * when the mutex became free. KeReadStateMutex: 1 when it is. IRQL <=
 * DISPATCH_LEVEL, with Wait TRUE <= APC_LEVEL. */
NTKERNELAPI LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait);
NTKERNELAPI LONG NTAPI KeReadStateMutex(PRKMUTEX Mutex);

/* ---- waits -------------------------------------------------------------- */

/* Waits for an event, semaphore, mutex or thread object.
 *
 * Timeout: NULL waits for ever, 0 only looks; in 100 ns units, negative is
 * relative to now, positive is a system time. IRQL <= APC_LEVEL, with a zero
 * timeout <= DISPATCH_LEVEL. Returns STATUS_SUCCESS, STATUS_TIMEOUT,
 * STATUS_ABANDONED, STATUS_ALERTED or STATUS_USER_APC. */
NTKERNELAPI NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object,
                                                 KWAIT_REASON WaitReason,
                                                 KPROCESSOR_MODE WaitMode,
                                                 BOOLEAN Alertable,
                                                 PLARGE_INTEGER Timeout);

/* The same for several: STATUS_WAIT_0 + index for WaitAny, STATUS_SUCCESS for
 * WaitAll. Without WaitBlockArray at most THREAD_WAIT_OBJECTS (3) objects, with
 * it at most MAXIMUM_WAIT_OBJECTS (64). */
NTKERNELAPI NTSTATUS NTAPI KeWaitForMultipleObjects(
    ULONG Count, PVOID Object[], WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
    KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
    PKWAIT_BLOCK WaitBlockArray);

#define KeWaitForMutexObject KeWaitForSingleObject

/* Sleeps; Interval as a Timeout above. IRQL <= APC_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode,
                                                  BOOLEAN Alertable,
                                                  PLARGE_INTEGER Interval);

/* ---- IRQL --------------------------------------------------------------- */

/* The IRQL is the calling thread's own. Raising below or lowering above the
 * present level is reported (IRQL_NOT_GREATER_OR_EQUAL, …_LESS_OR_EQUAL). Any
 * IRQL, for KeRaiseIrqlToDpcLevel <= DISPATCH_LEVEL. */
NTHALAPI KIRQL NTAPI KeGetCurrentIrql(VOID);
NTHALAPI KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql);
NTHALAPI VOID NTAPI KeLowerIrql(KIRQL NewIrql);
NTHALAPI KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID);
#define KeRaiseIrql(NewIrql, OldIrql) (*(OldIrql) = KfRaiseIrql(NewIrql))
#define KfLowerIrql(NewIrql)          KeLowerIrql(NewIrql)

/* ---- spin locks --------------------------------------------------------- */

/* KeAcquireSpinLock raises to DISPATCH_LEVEL and gives the old level back at
 * release; the …AtDpcLevel forms are called there, or above. Taking a lock
 * twice in one thread is reported as the deadlock it is on NT. IRQL <=
 * DISPATCH_LEVEL to acquire it, DISPATCH_LEVEL to release it, with AtDpcLevel
 * any from there on; any to initialize or to test it. */
NTKERNELAPI VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock);
NTKERNELAPI KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
NTKERNELAPI VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI BOOLEAN NTAPI
KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
NTKERNELAPI BOOLEAN NTAPI KeTestSpinLock(PKSPIN_LOCK SpinLock);
#define KeAcquireSpinLock(SpinLock, OldIrql)                                   \
  (*(OldIrql) = KeAcquireSpinLockRaiseToDpc(SpinLock))

/* The queued forms; the handle lives on the caller's stack between the two.
 * IRQL as above: <= DISPATCH_LEVEL, …AtDpcLevel there or at any above it. */
NTKERNELAPI VOID FASTCALL KeAcquireInStackQueuedSpinLock(
    PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID FASTCALL
KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID FASTCALL KeAcquireInStackQueuedSpinLockAtDpcLevel(
    PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID FASTCALL
KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle);

/* ---- critical regions --------------------------------------------------- */

/* A thread in a critical region has normal kernel APCs disabled; in a guarded
 * one, or at APC_LEVEL, all of them. Both nest. IRQL <= APC_LEVEL, to ask <=
 * DISPATCH_LEVEL. There are no APCs here, but who must disable them is noticed.
 */
NTKERNELAPI VOID NTAPI KeEnterCriticalRegion(VOID);
NTKERNELAPI VOID NTAPI KeLeaveCriticalRegion(VOID);
NTKERNELAPI VOID NTAPI KeEnterGuardedRegion(VOID);
NTKERNELAPI VOID NTAPI KeLeaveGuardedRegion(VOID);
NTKERNELAPI BOOLEAN NTAPI KeAreApcsDisabled(VOID);
NTKERNELAPI BOOLEAN NTAPI KeAreAllApcsDisabled(VOID);

/* Guarded mutexes: as fast mutexes, but the holder is in a guarded region and
 * at the IRQL it was. Not recursive. IRQL <= APC_LEVEL. The Unsafe forms leave
 * the region to the caller. KeTryToAcquireGuardedMutex does not wait. */
NTKERNELAPI VOID FASTCALL KeInitializeGuardedMutex(PKGUARDED_MUTEX Mutex);
NTKERNELAPI VOID FASTCALL KeAcquireGuardedMutex(PKGUARDED_MUTEX Mutex);
NTKERNELAPI VOID FASTCALL KeReleaseGuardedMutex(PKGUARDED_MUTEX Mutex);
NTKERNELAPI BOOLEAN FASTCALL KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX Mutex);
NTKERNELAPI VOID FASTCALL KeAcquireGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex);
NTKERNELAPI VOID FASTCALL KeReleaseGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex);

/* The calling thread; not referenced. Any IRQL. */
NTKERNELAPI PKTHREAD NTAPI KeGetCurrentThread(VOID);

/* ---- time --------------------------------------------------------------- */

/* All in 100 ns units and from one clock: system time since 1601 (UTC),
 * interrupt time since the runtime started. Any IRQL. */
NTKERNELAPI VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime);
NTKERNELAPI VOID NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime);
NTKERNELAPI ULONGLONG NTAPI KeQueryInterruptTime(VOID);
NTKERNELAPI ULONGLONG NTAPI KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp);

/* Ticks since start; one tick is KeQueryTimeIncrement() units of 100 ns. */
NTKERNELAPI VOID NTAPI KeQueryTickCount(PLARGE_INTEGER CurrentCount);
NTKERNELAPI ULONG NTAPI KeQueryTimeIncrement(VOID);

/* The counter, and in *PerformanceFrequency (may be NULL) its ticks a second.
 */
NTKERNELAPI LARGE_INTEGER NTAPI
KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency);

/* Spins, at any IRQL. */
NTHALAPI VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds);

/* ---- the end ------------------------------------------------------------ */

/* Prints the bugcheck and ends the process. Any IRQL. */
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI KeBugCheck(ULONG BugCheckCode);
NTKERNELAPI DECLSPEC_NORETURN VOID NTAPI
KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
             ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3,
             ULONG_PTR BugCheckParameter4);

/* What PAGED_CODE() stands for: reports a pageable routine that runs above
 * APC_LEVEL. Not an NT name. */
VOID uwsk__paged_code(const char *function);

UWSK_END_C

#define PAGED_CODE()             uwsk__paged_code(__func__)
#define PAGED_CODE_LOCKED()      ((void)0)
#define PAGED_ASSERT(expression) ((void)0)
#define ALLOC_PRAGMA             1
#define ALLOC_DATA_PRAGMA        1

#endif
