/*
 * Lists under a spin lock that the client gives. Nothing but the list operation
 * happens under it, so that NT allows these at any IRQL; the lock is taken at
 * DISPATCH_LEVEL or where the caller is, whichever is higher.
 */
#include <ntddk.h>

#include "ke/ke.h"

static KIRQL acquire(PKSPIN_LOCK lock) {
  KIRQL irql = KeGetCurrentIrql();

  if (irql < DISPATCH_LEVEL)
    ke__swap_irql(DISPATCH_LEVEL);
  KeAcquireSpinLockAtDpcLevel(lock);
  return irql;
}

static void release(PKSPIN_LOCK lock, KIRQL irql) {
  KeReleaseSpinLockFromDpcLevel(lock);
  ke__swap_irql(irql);
}

PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY ListHead,
                                        PLIST_ENTRY ListEntry,
                                        PKSPIN_LOCK Lock) {
  KIRQL irql = acquire(Lock);
  PLIST_ENTRY first = ListHead->Flink;

  InsertHeadList(ListHead, ListEntry);
  release(Lock, irql);
  return first == ListHead ? NULL : first;
}

PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY ListHead,
                                        PLIST_ENTRY ListEntry,
                                        PKSPIN_LOCK Lock) {
  KIRQL irql = acquire(Lock);
  PLIST_ENTRY last = ListHead->Blink;

  InsertTailList(ListHead, ListEntry);
  release(Lock, irql);
  return last == ListHead ? NULL : last;
}

PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead,
                                        PKSPIN_LOCK Lock) {
  KIRQL irql = acquire(Lock);
  PLIST_ENTRY first = NULL;

  if (!IsListEmpty(ListHead))
    first = RemoveHeadList(ListHead);
  release(Lock, irql);
  return first;
}

PSINGLE_LIST_ENTRY
ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead,
                           PSINGLE_LIST_ENTRY ListEntry, PKSPIN_LOCK Lock) {
  KIRQL irql = acquire(Lock);
  PSINGLE_LIST_ENTRY first = ListHead->Next;

  PushEntryList(ListHead, ListEntry);
  release(Lock, irql);
  return first;
}

PSINGLE_LIST_ENTRY ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead,
                                             PKSPIN_LOCK Lock) {
  KIRQL irql = acquire(Lock);
  PSINGLE_LIST_ENTRY first = PopEntryList(ListHead);

  release(Lock, irql);
  return first;
}
