/*
 * A call above the IRQL that its function is documented for is reported, once,
 * and goes on; at the highest IRQL allowed there is silence. The limits stand
 * in tests/spec/irql.tsv, with the page of each.
 *
 * Left out are those that do their work by other functions with a limit, which
 * then report, too: a wait in KeFlushQueuedDpcs, a lock in IoCancelIrp.
 *
 * "Above" is DISPATCH_LEVEL for what is limited to PASSIVE_LEVEL or APC_LEVEL,
 * and HIGH_LEVEL for what is limited to DISPATCH_LEVEL.
 */
#include <ntifs.h>

#include "kernel_test.h"

#define TAG 'qrIU'

/* What the calls are made with. Fresh for each. */
static struct {
  KEVENT event;
  KSEMAPHORE semaphore;
  KMUTEX mutex;
  KTIMER timer;
  KSPIN_LOCK lock;
  KLOCK_QUEUE_HANDLE queued;
  EX_SPIN_LOCK shared;
  FAST_MUTEX fast;
  KGUARDED_MUTEX guarded;
  ERESOURCE resource;
  EX_RUNDOWN_REF rundown;
  RTL_RUN_ONCE once;
  RTL_AVL_TABLE avl;
  RTL_GENERIC_TABLE splay;
  KAPC_STATE apc;
  IO_REMOVE_LOCK remove;
  OSVERSIONINFOEXW version;
  SECURITY_DESCRIPTOR descriptor;
  UCHAR acl[64];
  UCHAR sid[32];
  UCHAR other_sid[32];
  _Alignas(16) UCHAR irp[512];
  UCHAR bytes[64];
  WCHAR wide[64];
  CHAR narrow[64];
  PVOID memory;
  PIRP made;
  PMDL mdl;
  PMDL part;
  PEX_TIMER ex_timer;
  PACCESS_TOKEN token;
  HANDLE handle;
  PVOID object;
  ULONG number;
  PSID found;
  BOOLEAN present, defaulted;
  PACL found_acl;
  GUID guid;
  KIRQL irql;
} my;

static SLIST_HEADER slist;
static NPAGED_LOOKASIDE_LIST npaged;
static PAGED_LOOKASIDE_LIST paged;
static LARGE_INTEGER zero, later;
static UNICODE_STRING text, other, out;
static ANSI_STRING ansi, ansi_out;
static UNICODE_STRING no_text;
static ANSI_STRING no_ansi;

static RTL_GENERIC_COMPARE_RESULTS NTAPI compare_avl(PRTL_AVL_TABLE table,
                                                     PVOID a, PVOID b) {
  (void)table;
  return a == b ? GenericEqual : GenericLessThan;
}

static RTL_GENERIC_COMPARE_RESULTS NTAPI compare_splay(PRTL_GENERIC_TABLE table,
                                                       PVOID a, PVOID b) {
  (void)table;
  return a == b ? GenericEqual : GenericLessThan;
}

static VOID NTAPI called(PVOID parameter) {
  (void)parameter;
}

static void prepare(void) {
  memset(&my, 0, sizeof(my));
  KeInitializeEvent(&my.event, NotificationEvent, TRUE);
  KeInitializeSemaphore(&my.semaphore, 0, 10);
  KeInitializeMutex(&my.mutex, 0);
  KeInitializeTimer(&my.timer);
  KeInitializeSpinLock(&my.lock);
  ExInitializeFastMutex(&my.fast);
  KeInitializeGuardedMutex(&my.guarded);
  ExInitializeRundownProtection(&my.rundown);
  RtlRunOnceInitialize(&my.once);
  InitializeSListHead(&slist);
  RtlInitializeGenericTableAvl(&my.avl, compare_avl, NULL, NULL, NULL);
  RtlInitializeGenericTable(&my.splay, compare_splay, NULL, NULL, NULL);
  RtlInitUnicodeString(&text, L"12");
  RtlInitUnicodeString(&other, L"13");
  RtlInitAnsiString(&ansi, "12");
  out = (UNICODE_STRING){0, sizeof(my.wide), my.wide};
  ansi_out = (ANSI_STRING){0, sizeof(my.narrow), my.narrow};
  later.QuadPart = -600LL * 10000000;
  my.version.dwOSVersionInfoSize = sizeof(my.version);
  RtlInitializeSid(my.sid, &(SID_IDENTIFIER_AUTHORITY)SECURITY_NT_AUTHORITY, 1);
  RtlCreateAcl((PACL)(PVOID)my.acl, sizeof(my.acl), ACL_REVISION);
  RtlCreateSecurityDescriptor(&my.descriptor, SECURITY_DESCRIPTOR_REVISION);
}

static VOID make_mdl(VOID) {
  my.mdl = IoAllocateMdl(my.bytes, sizeof(my.bytes), FALSE, FALSE, NULL);
}

static VOID make_locked_mdl(VOID) {
  make_mdl();
  MmProbeAndLockPages(my.mdl, KernelMode, IoModifyAccess);
}

static VOID free_locked_mdl(VOID) {
  MmUnlockPages(my.mdl);
  IoFreeMdl(my.mdl);
}

static VOID make_event_handle(VOID) {
  ZwCreateEvent(&my.handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
}

static VOID take_resource(VOID) {
  ExInitializeResourceLite(&my.resource);
  KeEnterCriticalRegion();
  ExAcquireResourceExclusiveLite(&my.resource, TRUE);
}

static VOID give_resource(VOID) {
  ExReleaseResourceLite(&my.resource);
  KeLeaveCriticalRegion();
  ExDeleteResourceLite(&my.resource);
}

#define NONE   (void)0
#define POOL   my.memory
#define OBJECT my.object
#define THREAD KeGetCurrentThread()
#define FREE   ExFreePool(my.memory)
#define CLOSE  ZwClose(my.handle)
#define ACL_   ((PACL)(PVOID)my.acl)

/* X(function, highest IRQL, what goes before, the call, what goes after); what
 * is around the call is done at PASSIVE_LEVEL. */
#define KE_CALLS(X)                                                            \
  X(KeInitializeSemaphore, PASSIVE, NONE,                                      \
    KeInitializeSemaphore(&my.semaphore, 0, 1), NONE)                          \
  X(KeSetPriorityThread, PASSIVE, NONE, KeSetPriorityThread(THREAD, 8), NONE)  \
  X(KeQueryPriorityThread, PASSIVE, NONE, KeQueryPriorityThread(THREAD), NONE) \
  X(KeSetBasePriorityThread, PASSIVE, NONE,                                    \
    KeSetBasePriorityThread(THREAD, 0), NONE)                                  \
  X(KeEnterCriticalRegion, APC, NONE, KeEnterCriticalRegion(),                 \
    KeLeaveCriticalRegion())                                                   \
  X(KeLeaveCriticalRegion, APC, KeEnterCriticalRegion(),                       \
    KeLeaveCriticalRegion(), NONE)                                             \
  X(KeEnterGuardedRegion, APC, NONE, KeEnterGuardedRegion(),                   \
    KeLeaveGuardedRegion())                                                    \
  X(KeLeaveGuardedRegion, APC, KeEnterGuardedRegion(), KeLeaveGuardedRegion(), \
    NONE)                                                                      \
  X(KeInitializeGuardedMutex, APC, NONE,                                       \
    KeInitializeGuardedMutex(&my.guarded), NONE)                               \
  X(KeAcquireGuardedMutex, APC, NONE, KeAcquireGuardedMutex(&my.guarded),      \
    KeReleaseGuardedMutex(&my.guarded))                                        \
  X(KeReleaseGuardedMutex, APC, KeAcquireGuardedMutex(&my.guarded),            \
    KeReleaseGuardedMutex(&my.guarded), NONE)                                  \
  X(KeTryToAcquireGuardedMutex, APC, NONE,                                     \
    KeTryToAcquireGuardedMutex(&my.guarded),                                   \
    KeReleaseGuardedMutex(&my.guarded))                                        \
  X(KeStackAttachProcess, APC, NONE,                                           \
    KeStackAttachProcess(PsInitialSystemProcess, &my.apc),                     \
    KeUnstackDetachProcess(&my.apc))                                           \
  X(KeUnstackDetachProcess, APC,                                               \
    KeStackAttachProcess(PsInitialSystemProcess, &my.apc),                     \
    KeUnstackDetachProcess(&my.apc), NONE)                                     \
  X(KeExpandKernelStackAndCalloutEx, DISPATCH, NONE,                           \
    KeExpandKernelStackAndCalloutEx(called, NULL, 64, FALSE, NULL), NONE)      \
  X(KeSetEvent, DISPATCH, NONE, KeSetEvent(&my.event, 0, FALSE), NONE)         \
  X(KeResetEvent, DISPATCH, NONE, KeResetEvent(&my.event), NONE)               \
  X(KeClearEvent, DISPATCH, NONE, KeClearEvent(&my.event), NONE)               \
  X(KePulseEvent, DISPATCH, NONE, KePulseEvent(&my.event, 0, FALSE), NONE)     \
  X(KeReadStateEvent, DISPATCH, NONE, KeReadStateEvent(&my.event), NONE)       \
  X(KeReleaseSemaphore, DISPATCH, NONE,                                        \
    KeReleaseSemaphore(&my.semaphore, 0, 1, FALSE), NONE)                      \
  X(KeReadStateMutex, DISPATCH, NONE, KeReadStateMutex(&my.mutex), NONE)       \
  X(KeWaitForSingleObject, DISPATCH, NONE,                                     \
    KeWaitForSingleObject(&my.event, Executive, KernelMode, FALSE, &zero),     \
    NONE)                                                                      \
  X(KeWaitForMultipleObjects, DISPATCH, NONE,                                  \
    KeWaitForMultipleObjects(1, (PVOID[]){&my.event}, WaitAny, Executive,      \
                             KernelMode, FALSE, &zero, NULL),                  \
    NONE)                                                                      \
  X(KeInitializeTimer, DISPATCH, NONE, KeInitializeTimer(&my.timer), NONE)     \
  X(KeInitializeTimerEx, DISPATCH, NONE,                                       \
    KeInitializeTimerEx(&my.timer, SynchronizationTimer), NONE)                \
  X(KeSetTimer, DISPATCH, NONE, KeSetTimer(&my.timer, later, NULL),            \
    KeCancelTimer(&my.timer))                                                  \
  X(KeSetTimerEx, DISPATCH, NONE, KeSetTimerEx(&my.timer, later, 0, NULL),     \
    KeCancelTimer(&my.timer))                                                  \
  X(KeSetCoalescableTimer, DISPATCH, NONE,                                     \
    KeSetCoalescableTimer(&my.timer, later, 0, 0, NULL),                       \
    KeCancelTimer(&my.timer))                                                  \
  X(KeCancelTimer, DISPATCH, NONE, KeCancelTimer(&my.timer), NONE)             \
  X(KeReadStateTimer, DISPATCH, NONE, KeReadStateTimer(&my.timer), NONE)       \
  X(KeAcquireSpinLock, DISPATCH, NONE,                                         \
    (KeAcquireSpinLock(&my.lock, &my.irql),                                    \
     KeReleaseSpinLock(&my.lock, DISPATCH_LEVEL)),                             \
    NONE)                                                                      \
  X(KeAcquireInStackQueuedSpinLock, DISPATCH, NONE,                            \
    (KeAcquireInStackQueuedSpinLock(&my.lock, &my.queued),                     \
     KeReleaseInStackQueuedSpinLockFromDpcLevel(&my.queued)),                  \
    NONE)                                                                      \
  X(KeReleaseSpinLock, DISPATCH, NONE,                                         \
    (KeAcquireSpinLockAtDpcLevel(&my.lock),                                    \
     KeReleaseSpinLock(&my.lock, DISPATCH_LEVEL)),                             \
    NONE)                                                                      \
  X(KeReleaseSpinLockFromDpcLevel, DISPATCH, NONE,                             \
    (KeAcquireSpinLockAtDpcLevel(&my.lock),                                    \
     KeReleaseSpinLockFromDpcLevel(&my.lock)),                                 \
    NONE)                                                                      \
  X(KeTryToAcquireSpinLockAtDpcLevel, DISPATCH, NONE,                          \
    KeTryToAcquireSpinLockAtDpcLevel(&my.lock), NONE)                          \
  X(KeAreApcsDisabled, DISPATCH, NONE, KeAreApcsDisabled(), NONE)              \
  X(KeAreAllApcsDisabled, DISPATCH, NONE, KeAreAllApcsDisabled(), NONE)

#define EX_CALLS(X)                                                            \
  X(ExUuidCreate, PASSIVE, NONE, ExUuidCreate(&my.guid), NONE)                 \
  X(ExInitializeRundownProtection, APC, NONE,                                  \
    ExInitializeRundownProtection(&my.rundown), NONE)                          \
  X(ExReInitializeRundownProtection, APC, ExRundownCompleted(&my.rundown),     \
    ExReInitializeRundownProtection(&my.rundown), NONE)                        \
  X(ExWaitForRundownProtectionRelease, APC, NONE,                              \
    ExWaitForRundownProtectionRelease(&my.rundown), NONE)                      \
  X(ExRundownCompleted, APC, NONE, ExRundownCompleted(&my.rundown), NONE)      \
  X(ExSizeOfRundownProtectionCacheAware, APC, NONE,                            \
    ExSizeOfRundownProtectionCacheAware(), NONE)                               \
  X(ExAcquireFastMutex, APC, NONE, ExAcquireFastMutex(&my.fast), NONE)         \
  X(ExTryToAcquireFastMutex, APC, NONE, ExTryToAcquireFastMutex(&my.fast),     \
    NONE)                                                                      \
  X(ExSetTimerResolution, APC, NONE, ExSetTimerResolution(0, FALSE), NONE)     \
  X(ExAcquireResourceExclusiveLite, APC,                                       \
    (ExInitializeResourceLite(&my.resource), KeEnterCriticalRegion()),         \
    ExAcquireResourceExclusiveLite(&my.resource, TRUE), give_resource())       \
  X(ExAcquireResourceSharedLite, APC,                                          \
    (ExInitializeResourceLite(&my.resource), KeEnterCriticalRegion()),         \
    ExAcquireResourceSharedLite(&my.resource, TRUE), give_resource())          \
  X(ExAcquireSharedStarveExclusive, APC,                                       \
    (ExInitializeResourceLite(&my.resource), KeEnterCriticalRegion()),         \
    ExAcquireSharedStarveExclusive(&my.resource, TRUE), give_resource())       \
  X(ExAcquireSharedWaitForExclusive, APC,                                      \
    (ExInitializeResourceLite(&my.resource), KeEnterCriticalRegion()),         \
    ExAcquireSharedWaitForExclusive(&my.resource, TRUE), give_resource())      \
  X(ExConvertExclusiveToSharedLite, APC, take_resource(),                      \
    ExConvertExclusiveToSharedLite(&my.resource), give_resource())             \
  X(ExDeleteResourceLite, APC, ExInitializeResourceLite(&my.resource),         \
    ExDeleteResourceLite(&my.resource), NONE)                                  \
  X(ExInitializePagedLookasideList, APC, NONE,                                 \
    ExInitializePagedLookasideList(&paged, NULL, NULL, 0, 64, TAG, 0),         \
    ExDeletePagedLookasideList(&paged))                                        \
  X(ExDeletePagedLookasideList, APC,                                           \
    ExInitializePagedLookasideList(&paged, NULL, NULL, 0, 64, TAG, 0),         \
    ExDeletePagedLookasideList(&paged), NONE)                                  \
  X(ExReleaseResourceLite, DISPATCH, take_resource(),                          \
    ExReleaseResourceLite(&my.resource),                                       \
    (KeLeaveCriticalRegion(), ExDeleteResourceLite(&my.resource)))             \
  X(ExInitializeResourceLite, DISPATCH, NONE,                                  \
    ExInitializeResourceLite(&my.resource),                                    \
    ExDeleteResourceLite(&my.resource))                                        \
  X(ExReinitializeResourceLite, DISPATCH,                                      \
    ExInitializeResourceLite(&my.resource),                                    \
    ExReinitializeResourceLite(&my.resource),                                  \
    ExDeleteResourceLite(&my.resource))                                        \
  X(ExIsResourceAcquiredExclusiveLite, DISPATCH, take_resource(),              \
    ExIsResourceAcquiredExclusiveLite(&my.resource), give_resource())          \
  X(ExIsResourceAcquiredSharedLite, DISPATCH, take_resource(),                 \
    ExIsResourceAcquiredSharedLite(&my.resource), give_resource())             \
  X(ExGetExclusiveWaiterCount, DISPATCH, take_resource(),                      \
    ExGetExclusiveWaiterCount(&my.resource), give_resource())                  \
  X(ExGetSharedWaiterCount, DISPATCH, take_resource(),                         \
    ExGetSharedWaiterCount(&my.resource), give_resource())                     \
  X(ExAcquireRundownProtection, DISPATCH, NONE,                                \
    ExAcquireRundownProtection(&my.rundown),                                   \
    ExReleaseRundownProtection(&my.rundown))                                   \
  X(ExAcquireRundownProtectionEx, DISPATCH, NONE,                              \
    ExAcquireRundownProtectionEx(&my.rundown, 2),                              \
    ExReleaseRundownProtectionEx(&my.rundown, 2))                              \
  X(ExReleaseRundownProtection, DISPATCH,                                      \
    ExAcquireRundownProtection(&my.rundown),                                   \
    ExReleaseRundownProtection(&my.rundown), NONE)                             \
  X(ExReleaseRundownProtectionEx, DISPATCH,                                    \
    ExAcquireRundownProtectionEx(&my.rundown, 2),                              \
    ExReleaseRundownProtectionEx(&my.rundown, 2), NONE)                        \
  X(ExAcquireSpinLockExclusive, DISPATCH, NONE,                                \
    (ExAcquireSpinLockExclusive(&my.shared),                                   \
     ExReleaseSpinLockExclusiveFromDpcLevel(&my.shared)),                      \
    NONE)                                                                      \
  X(ExAcquireSpinLockShared, DISPATCH, NONE,                                   \
    (ExAcquireSpinLockShared(&my.shared),                                      \
     ExReleaseSpinLockSharedFromDpcLevel(&my.shared)),                         \
    NONE)                                                                      \
  X(ExReleaseSpinLockExclusive, DISPATCH, NONE,                                \
    (ExAcquireSpinLockExclusiveAtDpcLevel(&my.shared),                         \
     ExReleaseSpinLockExclusive(&my.shared, DISPATCH_LEVEL)),                  \
    NONE)                                                                      \
  X(ExReleaseSpinLockShared, DISPATCH, NONE,                                   \
    (ExAcquireSpinLockSharedAtDpcLevel(&my.shared),                            \
     ExReleaseSpinLockShared(&my.shared, DISPATCH_LEVEL)),                     \
    NONE)                                                                      \
  X(ExQueryDepthSList, DISPATCH, NONE, ExQueryDepthSList(&slist), NONE)        \
  X(ExGetPreviousMode, DISPATCH, NONE, ExGetPreviousMode(), NONE)              \
  X(ExAllocatePool, DISPATCH, NONE, POOL = ExAllocatePool(NonPagedPoolNx, 8),  \
    FREE)                                                                      \
  X(ExAllocatePoolWithTag, DISPATCH, NONE,                                     \
    POOL = ExAllocatePoolWithTag(NonPagedPoolNx, 8, TAG), FREE)                \
  X(ExAllocatePoolZero, DISPATCH, NONE,                                        \
    POOL = ExAllocatePoolZero(NonPagedPoolNx, 8, TAG), FREE)                   \
  X(ExAllocatePoolUninitialized, DISPATCH, NONE,                               \
    POOL = ExAllocatePoolUninitialized(NonPagedPoolNx, 8, TAG), FREE)          \
  X(ExAllocatePool2, DISPATCH, NONE,                                           \
    POOL = ExAllocatePool2(POOL_FLAG_NON_PAGED, 8, TAG), FREE)                 \
  X(ExAllocatePool3, DISPATCH, NONE,                                           \
    POOL = ExAllocatePool3(POOL_FLAG_NON_PAGED, 8, TAG, NULL, 0), FREE)        \
  X(ExAllocatePoolWithQuotaTag, DISPATCH, NONE,                                \
    POOL = ExAllocatePoolWithQuotaTag(NonPagedPoolNx, 8, TAG), FREE)           \
  X(ExAllocatePoolWithTagPriority, DISPATCH, NONE,                             \
    POOL = ExAllocatePoolWithTagPriority(NonPagedPoolNx, 8, TAG,               \
                                         NormalPoolPriority),                  \
    FREE)                                                                      \
  X(ExFreePool, DISPATCH, POOL = ExAllocatePoolZero(NonPagedPoolNx, 8, TAG),   \
    FREE, NONE)                                                                \
  X(ExFreePoolWithTag, DISPATCH,                                               \
    POOL = ExAllocatePoolZero(NonPagedPoolNx, 8, TAG),                         \
    ExFreePoolWithTag(POOL, TAG), NONE)                                        \
  X(ExInitializeNPagedLookasideList, DISPATCH, NONE,                           \
    ExInitializeNPagedLookasideList(&npaged, NULL, NULL, 0, 64, TAG, 0),       \
    ExDeleteNPagedLookasideList(&npaged))                                      \
  X(ExDeleteNPagedLookasideList, DISPATCH,                                     \
    ExInitializeNPagedLookasideList(&npaged, NULL, NULL, 0, 64, TAG, 0),       \
    ExDeleteNPagedLookasideList(&npaged), NONE)                                \
  X(ExSetTimer, DISPATCH, my.ex_timer = ExAllocateTimer(NULL, NULL, 0),        \
    ExSetTimer(my.ex_timer, later.QuadPart, 0, NULL),                          \
    ExDeleteTimer(my.ex_timer, TRUE, FALSE, NULL))

#define IO_CALLS(X)                                                            \
  X(IoInitializeRemoveLock, PASSIVE, NONE,                                     \
    IoInitializeRemoveLock(&my.remove, TAG, 0, 0), NONE)                       \
  X(IoGetInitialStack, APC, NONE, IoGetInitialStack(), NONE)                   \
  X(IoAcquireRemoveLock, DISPATCH,                                             \
    IoInitializeRemoveLock(&my.remove, TAG, 0, 0),                             \
    IoAcquireRemoveLock(&my.remove, &my), NONE)                                \
  X(IoAllocateIrp, DISPATCH, NONE, my.made = IoAllocateIrp(1, FALSE),          \
    IoFreeIrp(my.made))                                                        \
  X(IoFreeIrp, DISPATCH, my.made = IoAllocateIrp(1, FALSE),                    \
    IoFreeIrp(my.made), NONE)                                                  \
  X(IoInitializeIrp, DISPATCH, NONE,                                           \
    IoInitializeIrp((PIRP)(PVOID)my.irp, IoSizeOfIrp(1), 1), NONE)             \
  X(IoReuseIrp, DISPATCH, my.made = IoAllocateIrp(1, FALSE),                   \
    IoReuseIrp(my.made, STATUS_SUCCESS), IoFreeIrp(my.made))                   \
  X(IoAllocateMdl, DISPATCH, NONE, make_mdl(), IoFreeMdl(my.mdl))              \
  X(IoFreeMdl, DISPATCH, make_mdl(), IoFreeMdl(my.mdl), NONE)                  \
  X(MmGetSystemRoutineAddress, PASSIVE, NONE,                                  \
    MmGetSystemRoutineAddress(&text), NONE)                                    \
  X(MmIsDriverVerifyingByAddress, APC, NONE,                                   \
    MmIsDriverVerifyingByAddress(my.bytes), NONE)                              \
  X(ProbeForRead, APC, NONE, ProbeForRead(my.bytes, 1, 1), NONE)               \
  X(ProbeForWrite, APC, NONE, ProbeForWrite(my.bytes, 1, 1), NONE)             \
  X(MmBuildMdlForNonPagedPool, DISPATCH, make_mdl(),                           \
    MmBuildMdlForNonPagedPool(my.mdl), IoFreeMdl(my.mdl))                      \
  X(MmProbeAndLockPages, DISPATCH, make_mdl(),                                 \
    MmProbeAndLockPages(my.mdl, KernelMode, IoModifyAccess),                   \
    free_locked_mdl())                                                         \
  X(MmUnlockPages, DISPATCH, make_locked_mdl(), MmUnlockPages(my.mdl),         \
    IoFreeMdl(my.mdl))                                                         \
  X(MmMapLockedPagesSpecifyCache, DISPATCH, make_locked_mdl(),                 \
    MmMapLockedPagesSpecifyCache(my.mdl, KernelMode, MmCached, NULL, FALSE,    \
                                 NormalPagePriority),                          \
    free_locked_mdl())                                                         \
  X(MmIsAddressValid, DISPATCH, NONE, MmIsAddressValid(my.bytes), NONE)

#define OB_CALLS(X)                                                            \
  X(ZwCreateEvent, PASSIVE, NONE, make_event_handle(), CLOSE)                  \
  X(ZwSetEvent, PASSIVE, make_event_handle(), ZwSetEvent(my.handle, NULL),     \
    CLOSE)                                                                     \
  X(ZwClose, PASSIVE, make_event_handle(), CLOSE, NONE)                        \
  X(ObCloseHandle, PASSIVE, make_event_handle(),                               \
    ObCloseHandle(my.handle, KernelMode), NONE)                                \
  X(ObReferenceObjectByHandle, PASSIVE, make_event_handle(),                   \
    ObReferenceObjectByHandle(my.handle, 0, NULL, KernelMode, &OBJECT, NULL),  \
    (ObDereferenceObject(OBJECT), CLOSE))                                      \
  X(ObReferenceObjectByHandleWithTag, PASSIVE, make_event_handle(),            \
    ObReferenceObjectByHandleWithTag(my.handle, 0, NULL, KernelMode, TAG,      \
                                     &OBJECT, NULL),                           \
    (ObDereferenceObject(OBJECT), CLOSE))                                      \
  X(PsGetVersion, PASSIVE, NONE, PsGetVersion(NULL, NULL, NULL, NULL), NONE)   \
  X(PsReferencePrimaryToken, PASSIVE, NONE,                                    \
    my.token = PsReferencePrimaryToken(PsInitialSystemProcess),                \
    PsDereferencePrimaryToken(my.token))                                       \
  X(PsRevertToSelf, PASSIVE, NONE, PsRevertToSelf(), NONE)                     \
  X(PsDereferencePrimaryToken, APC,                                            \
    my.token = PsReferencePrimaryToken(PsInitialSystemProcess),                \
    PsDereferencePrimaryToken(my.token), NONE)                                 \
  X(PsGetThreadExitStatus, APC, NONE,                                          \
    PsGetThreadExitStatus(PsGetCurrentThread()), NONE)                         \
  X(ObOpenObjectByPointer, APC, NONE,                                          \
    ObOpenObjectByPointer(THREAD, OBJ_KERNEL_HANDLE, NULL, 0, NULL,            \
                          KernelMode, &my.handle),                             \
    CLOSE)                                                                     \
  X(ObReferenceObject, DISPATCH, NONE, ObReferenceObject(THREAD),              \
    ObDereferenceObject(THREAD))                                               \
  X(ObDereferenceObject, DISPATCH, ObReferenceObject(THREAD),                  \
    ObDereferenceObject(THREAD), NONE)                                         \
  X(ObReferenceObjectByPointer, DISPATCH, NONE,                                \
    ObReferenceObjectByPointer(THREAD, 0, NULL, KernelMode),                   \
    ObDereferenceObject(THREAD))                                               \
  X(ObReferenceObjectSafe, DISPATCH, NONE, ObReferenceObjectSafe(THREAD),      \
    ObDereferenceObject(THREAD))                                               \
  X(ObDereferenceObjectDeferDelete, DISPATCH, ObReferenceObject(THREAD),       \
    ObDereferenceObjectDeferDelete(THREAD), NONE)                              \
  X(PsGetThreadId, DISPATCH, NONE, PsGetThreadId(PsGetCurrentThread()), NONE)  \
  X(PsIsSystemThread, DISPATCH, NONE, PsIsSystemThread(PsGetCurrentThread()),  \
    NONE)                                                                      \
  X(PsGetCurrentServerSilo, DISPATCH, NONE, PsGetCurrentServerSilo(), NONE)    \
  X(PsGetThreadServerSilo, DISPATCH, NONE,                                     \
    PsGetThreadServerSilo(PsGetCurrentThread()), NONE)

/* Functions that leave nothing behind. */
#define RTL_CALLS(X)                                                           \
  X(RtlCompareUnicodeString, PASSIVE,                                          \
    RtlCompareUnicodeString(&text, &other, TRUE))                              \
  X(RtlEqualUnicodeString, PASSIVE, RtlEqualUnicodeString(&text, &other, 1))   \
  X(RtlPrefixUnicodeString, PASSIVE, RtlPrefixUnicodeString(&text, &other, 1)) \
  X(RtlDowncaseUnicodeChar, PASSIVE, RtlDowncaseUnicodeChar(L'A'))             \
  X(RtlUnicodeStringToAnsiString, PASSIVE,                                     \
    RtlUnicodeStringToAnsiString(&ansi_out, &text, FALSE))                     \
  X(RtlAnsiStringToUnicodeString, PASSIVE,                                     \
    RtlAnsiStringToUnicodeString(&out, &ansi, FALSE))                          \
  X(RtlUnicodeStringToInteger, PASSIVE,                                        \
    RtlUnicodeStringToInteger(&text, 10, &my.number))                          \
  X(RtlIntegerToUnicodeString, PASSIVE,                                        \
    RtlIntegerToUnicodeString(1, 10, &out))                                    \
  X(RtlInt64ToUnicodeString, PASSIVE, RtlInt64ToUnicodeString(1, 10, &out))    \
  X(RtlUnicodeToUTF8N, PASSIVE,                                                \
    RtlUnicodeToUTF8N(my.narrow, 8, &my.number, L"a", 2))                      \
  X(RtlUTF8ToUnicodeN, PASSIVE,                                                \
    RtlUTF8ToUnicodeN(my.wide, 8, &my.number, "a", 1))                         \
  X(RtlGetVersion, PASSIVE, RtlGetVersion((PVOID)&my.version))                 \
  X(RtlCompareString, PASSIVE, RtlCompareString(&ansi, &ansi, TRUE))           \
  X(RtlEqualString, PASSIVE, RtlEqualString(&ansi, &ansi, TRUE))               \
  X(RtlxUnicodeStringToAnsiSize, PASSIVE, RtlxUnicodeStringToAnsiSize(&text))  \
  X(RtlxAnsiStringToUnicodeSize, PASSIVE, RtlxAnsiStringToUnicodeSize(&ansi))  \
  X(RtlUTF8StringToUnicodeString, PASSIVE,                                     \
    RtlUTF8StringToUnicodeString(&out, &ansi, FALSE))                          \
  X(RtlCharToInteger, PASSIVE, RtlCharToInteger("12", 10, &my.number))         \
  X(RtlGUIDFromString, PASSIVE, RtlGUIDFromString(&text, &my.guid))            \
  X(RtlIsNtDdiVersionAvailable, PASSIVE, RtlIsNtDdiVersionAvailable(0))        \
  X(RtlIsServicePackVersionInstalled, PASSIVE,                                 \
    RtlIsServicePackVersionInstalled(0))                                       \
  X(RtlVerifyVersionInfo, PASSIVE, RtlVerifyVersionInfo(&my.version, 0, 0))    \
  X(RtlCreateSecurityDescriptor, PASSIVE,                                      \
    RtlCreateSecurityDescriptor(&my.descriptor, SECURITY_DESCRIPTOR_REVISION)) \
  X(RtlValidSecurityDescriptor, PASSIVE,                                       \
    RtlValidSecurityDescriptor(&my.descriptor))                                \
  X(RtlLengthSecurityDescriptor, PASSIVE,                                      \
    RtlLengthSecurityDescriptor(&my.descriptor))                               \
  X(RtlSetDaclSecurityDescriptor, PASSIVE,                                     \
    RtlSetDaclSecurityDescriptor(&my.descriptor, TRUE, NULL, FALSE))           \
  X(RtlGetOwnerSecurityDescriptor, PASSIVE,                                    \
    RtlGetOwnerSecurityDescriptor(&my.descriptor, &my.found, &my.defaulted))   \
  X(RtlUpcaseUnicodeChar, APC, RtlUpcaseUnicodeChar(L'a'))                     \
  X(RtlUpcaseUnicodeString, APC, RtlUpcaseUnicodeString(&out, &text, FALSE))   \
  X(RtlDowncaseUnicodeString, APC,                                             \
    RtlDowncaseUnicodeString(&out, &text, FALSE))                              \
  X(RtlFreeUnicodeString, APC, RtlFreeUnicodeString(&no_text))                 \
  X(RtlFreeAnsiString, APC, RtlFreeAnsiString(&no_ansi))                       \
  X(RtlUnicodeToMultiByteN, APC,                                               \
    RtlUnicodeToMultiByteN(my.narrow, 8, &my.number, L"a", 2))                 \
  X(RtlMultiByteToUnicodeN, APC,                                               \
    RtlMultiByteToUnicodeN(my.wide, 8, &my.number, "a", 1))                    \
  X(RtlUnicodeToMultiByteSize, APC,                                            \
    RtlUnicodeToMultiByteSize(&my.number, L"a", 2))                            \
  X(RtlMultiByteToUnicodeSize, APC,                                            \
    RtlMultiByteToUnicodeSize(&my.number, "a", 1))                             \
  X(RtlRandomEx, APC, RtlRandomEx(&my.number))                                 \
  X(RtlRandom, APC, RtlRandom(&my.number))                                     \
  X(RtlUpperChar, APC, RtlUpperChar('a'))                                      \
  X(RtlUpperString, APC, RtlUpperString(&ansi_out, &ansi))                     \
  X(RtlAppendStringToString, APC, RtlAppendStringToString(&ansi_out, &ansi))   \
  X(RtlHashUnicodeString, APC,                                                 \
    RtlHashUnicodeString(&text, TRUE, 0, &my.number))                          \
  X(RtlTimeToSecondsSince1970, APC,                                            \
    RtlTimeToSecondsSince1970(&zero, &my.number))                              \
  X(RtlTimeToSecondsSince1980, APC,                                            \
    RtlTimeToSecondsSince1980(&zero, &my.number))                              \
  X(RtlSecondsSince1970ToTime, APC, RtlSecondsSince1970ToTime(0, &later))      \
  X(RtlSecondsSince1980ToTime, APC, RtlSecondsSince1980ToTime(0, &later))      \
  X(RtlRunOnceInitialize, APC, RtlRunOnceInitialize(&my.once))                 \
  X(RtlRunOnceBeginInitialize, APC,                                            \
    RtlRunOnceBeginInitialize(&my.once, RTL_RUN_ONCE_CHECK_ONLY, NULL))        \
  X(RtlLengthRequiredSid, APC, RtlLengthRequiredSid(1))                        \
  X(RtlInitializeSid, APC,                                                     \
    RtlInitializeSid(my.sid, &(SID_IDENTIFIER_AUTHORITY)SECURITY_NT_AUTHORITY, \
                     1))                                                       \
  X(RtlSubAuthoritySid, APC, RtlSubAuthoritySid(my.sid, 0))                    \
  X(RtlValidSid, APC, RtlValidSid(my.sid))                                     \
  X(RtlLengthSid, APC, RtlLengthSid(my.sid))                                   \
  X(RtlCopySid, APC, RtlCopySid(sizeof(my.other_sid), my.other_sid, my.sid))   \
  X(RtlCreateAcl, APC, RtlCreateAcl(ACL_, sizeof(my.acl), ACL_REVISION))       \
  X(RtlAddAccessAllowedAce, APC,                                               \
    RtlAddAccessAllowedAce(ACL_, ACL_REVISION, GENERIC_ALL, my.sid))           \
  X(RtlAddAccessAllowedAceEx, APC,                                             \
    RtlAddAccessAllowedAceEx(ACL_, ACL_REVISION, 0, GENERIC_ALL, my.sid))      \
  X(RtlGetAce, APC, RtlGetAce(ACL_, 0, &my.object))                            \
  X(RtlSetOwnerSecurityDescriptor, APC,                                        \
    RtlSetOwnerSecurityDescriptor(&my.descriptor, my.sid, FALSE))              \
  X(RtlSetGroupSecurityDescriptor, APC,                                        \
    RtlSetGroupSecurityDescriptor(&my.descriptor, my.sid, FALSE))              \
  X(RtlGetGroupSecurityDescriptor, APC,                                        \
    RtlGetGroupSecurityDescriptor(&my.descriptor, &my.found, &my.defaulted))   \
  X(RtlGetDaclSecurityDescriptor, APC,                                         \
    RtlGetDaclSecurityDescriptor(&my.descriptor, &my.present, &my.found_acl,   \
                                 &my.defaulted))                               \
  X(RtlGetSaclSecurityDescriptor, APC,                                         \
    RtlGetSaclSecurityDescriptor(&my.descriptor, &my.present, &my.found_acl,   \
                                 &my.defaulted))                               \
  X(RtlInitString, DISPATCH, RtlInitString(&ansi, "12"))                       \
  X(RtlInitUnicodeString, DISPATCH, RtlInitUnicodeString(&text, L"12"))        \
  X(RtlInitUTF8StringEx, DISPATCH, RtlInitUTF8StringEx(&ansi, "12"))           \
  X(RtlInitializeGenericTableAvl, DISPATCH,                                    \
    RtlInitializeGenericTableAvl(&my.avl, compare_avl, NULL, NULL, NULL))      \
  X(RtlLookupElementGenericTableAvl, DISPATCH,                                 \
    RtlLookupElementGenericTableAvl(&my.avl, &my))                             \
  X(RtlDeleteElementGenericTableAvl, DISPATCH,                                 \
    RtlDeleteElementGenericTableAvl(&my.avl, &my))                             \
  X(RtlNumberGenericTableElementsAvl, DISPATCH,                                \
    RtlNumberGenericTableElementsAvl(&my.avl))                                 \
  X(RtlIsGenericTableEmptyAvl, DISPATCH, RtlIsGenericTableEmptyAvl(&my.avl))   \
  X(RtlInitializeGenericTable, DISPATCH,                                       \
    RtlInitializeGenericTable(&my.splay, compare_splay, NULL, NULL, NULL))     \
  X(RtlLookupElementGenericTable, DISPATCH,                                    \
    RtlLookupElementGenericTable(&my.splay, &my))                              \
  X(RtlEnumerateGenericTable, DISPATCH,                                        \
    RtlEnumerateGenericTable(&my.splay, TRUE))                                 \
  X(RtlNumberGenericTableElements, DISPATCH,                                   \
    RtlNumberGenericTableElements(&my.splay))                                  \
  X(RtlIsGenericTableEmpty, DISPATCH, RtlIsGenericTableEmpty(&my.splay))

#define ALL_CALLS(X) KE_CALLS(X) EX_CALLS(X) IO_CALLS(X) OB_CALLS(X)

#define X(name, limit, before, call, after)                                    \
  static void before_##name(void) {                                            \
    before;                                                                    \
  }                                                                            \
  static void call_##name(void) {                                              \
    (void)(call);                                                              \
  }                                                                            \
  static void after_##name(void) {                                             \
    after;                                                                     \
  }
ALL_CALLS(X)
#undef X
#define X(name, limit, call)                                                   \
  static void call_##name(void) {                                              \
    (void)(call);                                                              \
  }
RTL_CALLS(X)
#undef X

static void do_nothing(void) {}

static const struct row {
  const char *name;
  KIRQL highest;
  void (*before)(void);
  void (*call)(void);
  void (*after)(void);
} rows[] = {
#define X(name, limit, before, call, after)                                    \
  {#name, limit##_LEVEL, before_##name, call_##name, after_##name},
    ALL_CALLS(X)
#undef X
#define X(name, limit, call)                                                   \
  {#name, limit##_LEVEL, do_nothing, call_##name, do_nothing},
        RTL_CALLS(X)
#undef X
};

/* Makes the call, and returns how many reports it made of the rule, or of any
 * other (counted a thousand each). */
static size_t reports_at(const struct row *row, KIRQL irql) {
  size_t count, all;
  KIRQL old;

  prepare();
  row->before();
  KeRaiseIrql(irql, &old);
  vf__quiet(1);
  row->call();
  vf__quiet(0);
  KeLowerIrql(PASSIVE_LEVEL);
  count = vf__count(VF_IRQL_01);
  all = vf__count(VF_RULE_COUNT);
  vf__reset();
  row->after();
  return count + (all - count) * 1000;
}

#define COUNT (sizeof(rows) / sizeof(rows[0]))

static void expect(const struct row *row, KIRQL irql, size_t reports) {
  size_t seen = reports_at(row, irql);

  if (seen != reports)
    fail_msg("%s: %zu reports", row->name, seen);
}

static void a_call_above_its_irql_is_reported_and_goes_on(void **state) {
  (void)state;
  for (const struct row *row = rows; row != rows + COUNT; row++)
    expect(row, row->highest < DISPATCH_LEVEL ? DISPATCH_LEVEL : HIGH_LEVEL, 1);
}

static void a_call_at_its_highest_irql_is_none(void **state) {
  (void)state;
  for (const struct row *row = rows; row != rows + COUNT; row++)
    expect(row, row->highest, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_call_above_its_irql_is_reported_and_goes_on),
      KERNEL_TEST(a_call_at_its_highest_irql_is_none),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
