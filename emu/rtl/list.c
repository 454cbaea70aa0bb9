/*
 * Lists guarded by a spin lock of the client's.
 *
 * These may be called at any IRQL; on NT they hold the lock with interrupts
 * off. The lock is taken as KeAcquireSpinLock takes it, so that a client which
 * mixes the two is served as well.
 */
#include <ntddk.h>

static KIRQL lock_list(PKSPIN_LOCK lock) {
  KIRQL irql = KeGetCurrentIrql();
  if (irql < DISPATCH_LEVEL)
    return KeAcquireSpinLockRaiseToDpc(lock);
  KeAcquireSpinLockAtDpcLevel(lock);
  return irql;
}

static void unlock_list(PKSPIN_LOCK lock, KIRQL irql) {
  if (irql < DISPATCH_LEVEL)
    KeReleaseSpinLock(lock, irql);
  else
    KeReleaseSpinLockFromDpcLevel(lock);
}

PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY ListHead,
                                        PLIST_ENTRY ListEntry,
                                        PKSPIN_LOCK Lock) {
  KIRQL irql = lock_list(Lock);
  PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : ListHead->Flink;
  InsertHeadList(ListHead, ListEntry);
  unlock_list(Lock, irql);
  return first;
}

PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY ListHead,
                                        PLIST_ENTRY ListEntry,
                                        PKSPIN_LOCK Lock) {
  KIRQL irql = lock_list(Lock);
  PLIST_ENTRY last = IsListEmpty(ListHead) ? NULL : ListHead->Blink;
  InsertTailList(ListHead, ListEntry);
  unlock_list(Lock, irql);
  return last;
}

PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead,
                                        PKSPIN_LOCK Lock) {
  KIRQL irql = lock_list(Lock);
  PLIST_ENTRY first = IsListEmpty(ListHead) ? NULL : RemoveHeadList(ListHead);
  unlock_list(Lock, irql);
  return first;
}

PSINGLE_LIST_ENTRY ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead,
                                              PSINGLE_LIST_ENTRY ListEntry,
                                              PKSPIN_LOCK Lock) {
  KIRQL irql = lock_list(Lock);
  PSINGLE_LIST_ENTRY first = ListHead->Next;
  ListEntry->Next = first;
  ListHead->Next = ListEntry;
  unlock_list(Lock, irql);
  return first;
}

PSINGLE_LIST_ENTRY ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead,
                                             PKSPIN_LOCK Lock) {
  KIRQL irql = lock_list(Lock);
  PSINGLE_LIST_ENTRY first = ListHead->Next;
  if (first != NULL)
    ListHead->Next = first->Next;
  unlock_list(Lock, irql);
  return first;
}

/* ---- sums under a spin lock -------------------------------------------- */

ULONG ExInterlockedAddUlong(PULONG Addend, ULONG Increment, PKSPIN_LOCK Lock) {
  KIRQL irql = lock_list(Lock);
  ULONG before = *Addend;
  *Addend = before + Increment;
  unlock_list(Lock, irql);
  return before;
}

LARGE_INTEGER ExInterlockedAddLargeInteger(PLARGE_INTEGER Addend,
                                           LARGE_INTEGER Increment,
                                           PKSPIN_LOCK Lock) {
  KIRQL irql = lock_list(Lock);
  LARGE_INTEGER before = *Addend;
  Addend->QuadPart =
      (LONGLONG)((ULONGLONG)before.QuadPart + (ULONGLONG)Increment.QuadPart);
  unlock_list(Lock, irql);
  return before;
}
