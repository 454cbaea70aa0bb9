/*
 * Sequenced lists, in the client's memory.
 *
 * On NT these work without a lock: a pop may read the link of an entry that its
 * new owner has freed by then, and the fault is put right. A process cannot do
 * that, so the head has a lock of its own, one bit of the word that holds the
 * first entry; it is held for a few instructions and across nothing that waits.
 * A head of zeros is an empty list.
 */
#include <ntddk.h>

#include "os/os.h"
#include "verifier/report.h"

#define LOCKED     ((ULONGLONG)1)
#define ALIGNMENT  ((ULONG_PTR)MEMORY_ALLOCATION_ALIGNMENT)
#define DEPTH_MASK ((ULONGLONG)0xffff)
#define SEQUENCE   (DEPTH_MASK + 1)

static bool is_aligned(const void *address) {
  return ((ULONG_PTR)address & (ALIGNMENT - 1)) == 0;
}

static PSLIST_ENTRY entry_of(ULONGLONG region) {
  return (PSLIST_ENTRY)(ULONG_PTR)(region & ~LOCKED);
}

static PSLIST_ENTRY lock_list(PSLIST_HEADER list) {
  ULONGLONG region;

  while ((region = __atomic_fetch_or(&list->Region, LOCKED, __ATOMIC_ACQUIRE)) &
         LOCKED)
    os__yield();
  return entry_of(region);
}

/* The new first entry also unlocks. */
static void unlock_list(PSLIST_HEADER list, ULONGLONG depth,
                        PSLIST_ENTRY first) {
  ULONGLONG before = __atomic_load_n(&list->Alignment, __ATOMIC_RELAXED);
  ULONGLONG sequence = (before & ~DEPTH_MASK) + SEQUENCE;

  __atomic_store_n(&list->Alignment, sequence | (depth & DEPTH_MASK),
                   __ATOMIC_RELAXED);
  __atomic_store_n(&list->Region, (ULONGLONG)(ULONG_PTR)first,
                   __ATOMIC_RELEASE);
}

static ULONGLONG depth_of(const SLIST_HEADER *list) {
  return __atomic_load_n(&list->Alignment, __ATOMIC_RELAXED) & DEPTH_MASK;
}

VOID InitializeSListHead(PSLIST_HEADER SListHead) {
  if (!is_aligned(SListHead))
    vf__report(VF_EX_SLIST_01, "the list head %p is not at a multiple of 16",
               (void *)SListHead);
  SListHead->Alignment = 0;
  SListHead->Region = 0;
}

PSLIST_ENTRY ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead,
                                          PSLIST_ENTRY ListEntry) {
  PSLIST_ENTRY first;

  if (!is_aligned(ListEntry)) {
    vf__report(VF_EX_SLIST_01, "the list entry %p is not at a multiple of 16",
               (void *)ListEntry);
    return FirstEntrySList(ListHead);
  }
  first = lock_list(ListHead);
  ListEntry->Next = first;
  unlock_list(ListHead, depth_of(ListHead) + 1, ListEntry);
  return first;
}

PSLIST_ENTRY ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead) {
  PSLIST_ENTRY first = lock_list(ListHead);

  if (first != NULL)
    unlock_list(ListHead, depth_of(ListHead) - 1, first->Next);
  else
    unlock_list(ListHead, 0, NULL);
  return first;
}

PSLIST_ENTRY ExpInterlockedFlushSList(PSLIST_HEADER ListHead) {
  PSLIST_ENTRY first = lock_list(ListHead);

  unlock_list(ListHead, 0, NULL);
  return first;
}

PSLIST_ENTRY FirstEntrySList(const SLIST_HEADER *SListHead) {
  return entry_of(__atomic_load_n(&SListHead->Region, __ATOMIC_ACQUIRE));
}

USHORT ExQueryDepthSList(PSLIST_HEADER SListHead) {
  return (USHORT)depth_of(SListHead);
}
