/*
 * Ex: executive resources, locks that threads share or have to themselves, and
 * take several times.
 *
 * Pages: ddi/wdm/nf-wdm-<name>. The resource is nonpaged memory of the
 * driver's, from its initialisation to its deletion. IRQL <= APC_LEVEL. A
 * thread that acquires one has normal kernel APCs disabled
 * (KeEnterCriticalRegion) until it has released it.
 *
 * The acquiring functions return TRUE when the caller has the resource. With
 * Wait FALSE they return FALSE instead of waiting.
 */
#ifndef UWSK_KM_RESOURCE_H
#define UWSK_KM_RESOURCE_H

#include <uwsk_ke.h>

typedef ULONG_PTR ERESOURCE_THREAD, *PERESOURCE_THREAD;

typedef struct _OWNER_ENTRY {
  ERESOURCE_THREAD OwnerThread;
  __extension__ union {
    __extension__ struct {
      ULONG IoPriorityBoosted : 1;
      ULONG OwnerReferenced : 1;
      ULONG OwnerCount : 30;
    };
    ULONG TableSize;
  };
} OWNER_ENTRY, *POWNER_ENTRY;

typedef struct _ERESOURCE {
  LIST_ENTRY SystemResourcesList;
  POWNER_ENTRY OwnerTable;
  SHORT ActiveCount;
  USHORT Flag;
  volatile PKSEMAPHORE SharedWaiters;
  volatile PKEVENT ExclusiveWaiters;
  OWNER_ENTRY OwnerEntry;
  ULONG ActiveEntries;
  ULONG ContentionCount;
  ULONG NumberOfSharedWaiters;
  ULONG NumberOfExclusiveWaiters;
  PVOID Reserved2;
  __extension__ union {
    PVOID Address;
    ULONG_PTR CreatorBackTraceIndex;
  };
  KSPIN_LOCK SpinLock;
} ERESOURCE, *PERESOURCE;

#define ResourceNeverExclusive       0x0010
#define ResourceReleaseByOtherThread 0x0020
#define ResourceOwnedExclusive       0x0080
#define RESOURCE_HASH_TABLE_SIZE     64

UWSK_BEGIN_C

/* STATUS_SUCCESS. ExDeleteResourceLite ends what the first began: nobody holds
 * it or waits for it then. ExReinitializeResourceLite is both, for less.
 * IRQL <= DISPATCH_LEVEL, to delete <= APC_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI ExInitializeResourceLite(PERESOURCE Resource);
NTKERNELAPI NTSTATUS NTAPI ExReinitializeResourceLite(PERESOURCE Resource);
NTKERNELAPI NTSTATUS NTAPI ExDeleteResourceLite(PERESOURCE Resource);

/* Exclusively. Again by the owner is fine; by a thread that shares it never
 * ends. */
NTKERNELAPI BOOLEAN NTAPI ExAcquireResourceExclusiveLite(PERESOURCE Resource,
                                                         BOOLEAN Wait);

/* Shared, or once more by its exclusive owner. Behind those who wait to have it
 * exclusively, unless the caller shares it already. */
NTKERNELAPI BOOLEAN NTAPI ExAcquireResourceSharedLite(PERESOURCE Resource,
                                                      BOOLEAN Wait);

/* Shared, ahead of those who wait to have it exclusively; and behind them even
 * if the caller shares it already. */
NTKERNELAPI BOOLEAN NTAPI ExAcquireSharedStarveExclusive(PERESOURCE Resource,
                                                         BOOLEAN Wait);
NTKERNELAPI BOOLEAN NTAPI ExAcquireSharedWaitForExclusive(PERESOURCE Resource,
                                                          BOOLEAN Wait);

/* One release for each acquire. ResourceThreadId: what
 * ExGetCurrentResourceThread was for the thread that acquired it, or the owner
 * pointer that was set. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI VOID FASTCALL ExReleaseResourceLite(PERESOURCE Resource);
NTKERNELAPI VOID NTAPI ExReleaseResourceForThreadLite(
    PERESOURCE Resource, ERESOURCE_THREAD ResourceThreadId);

/* The exclusive owner shares it from here on. IRQL <= APC_LEVEL. */
NTKERNELAPI VOID NTAPI ExConvertExclusiveToSharedLite(PERESOURCE Resource);

/* What the caller holds goes to OwnerPointer, whose two low bits are set; it is
 * released with ExReleaseResourceForThreadLite, by any thread. IRQL <=
 * DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI ExSetResourceOwnerPointer(PERESOURCE Resource,
                                                 PVOID OwnerPointer);

/* How the caller has it: exclusively; how often, either way. How many wait.
 * IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI
ExIsResourceAcquiredExclusiveLite(PERESOURCE Resource);
NTKERNELAPI ULONG NTAPI ExIsResourceAcquiredSharedLite(PERESOURCE Resource);
NTKERNELAPI ULONG NTAPI ExGetExclusiveWaiterCount(PERESOURCE Resource);
NTKERNELAPI ULONG NTAPI ExGetSharedWaiterCount(PERESOURCE Resource);

/* The same with the critical region; they return the thread as the resource
 * knows it. IRQL <= APC_LEVEL. */
NTKERNELAPI PVOID NTAPI
ExEnterCriticalRegionAndAcquireResourceExclusive(PERESOURCE Resource);
NTKERNELAPI PVOID NTAPI
ExEnterCriticalRegionAndAcquireResourceShared(PERESOURCE Resource);
NTKERNELAPI VOID FASTCALL
ExReleaseResourceAndLeaveCriticalRegion(PERESOURCE Resource);

UWSK_END_C

#define ExGetCurrentResourceThread()                                           \
  ((ERESOURCE_THREAD)(ULONG_PTR)KeGetCurrentThread())
#define ExIsResourceAcquiredLite(resource)                                     \
  ExIsResourceAcquiredSharedLite(resource)
#define ExIsResourceAcquired(resource) ExIsResourceAcquiredSharedLite(resource)
#define ExAcquireResourceExclusive(resource, wait)                             \
  ExAcquireResourceExclusiveLite((resource), (wait))
#define ExAcquireResourceShared(resource, wait)                                \
  ExAcquireResourceSharedLite((resource), (wait))
#define ExReleaseResource(resource)          ExReleaseResourceLite(resource)
#define ExDisableResourceBoostLite(resource) ((void)(resource))

#endif
