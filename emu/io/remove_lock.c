/* Remove locks: a count that begins with one, for the device itself, and an
 * event for when it is zero. */
#include <ntddk.h>

#include "ke/watch.h"
#include "verifier/report.h"

static LONG add(PIO_REMOVE_LOCK lock, LONG change) {
  return __atomic_add_fetch(&lock->Common.IoCount, change, __ATOMIC_SEQ_CST);
}

static BOOLEAN is_removed(PIO_REMOVE_LOCK lock) {
  return __atomic_load_n(&lock->Common.Removed, __ATOMIC_SEQ_CST);
}

/* The lock may be gone once its event is set. */
static LONG give_back(PIO_REMOVE_LOCK lock) {
  LONG left = add(lock, -1);

  if (left == 0)
    KeSetEvent(&lock->Common.RemoveEvent, IO_NO_INCREMENT, FALSE);
  return left;
}

VOID IoInitializeRemoveLockEx(PIO_REMOVE_LOCK Lock, ULONG AllocateTag,
                              ULONG MaxLockedMinutes, ULONG HighWatermark,
                              ULONG RemlockSize) {
  UNREFERENCED_PARAMETER(AllocateTag);
  UNREFERENCED_PARAMETER(MaxLockedMinutes);
  UNREFERENCED_PARAMETER(HighWatermark);
  UNREFERENCED_PARAMETER(RemlockSize);
  ke__require_irql(PASSIVE_LEVEL, "IoInitializeRemoveLock");
  RtlZeroMemory(Lock, sizeof(*Lock));
  Lock->Common.IoCount = 1;
  KeInitializeEvent(&Lock->Common.RemoveEvent, SynchronizationEvent, FALSE);
}

NTSTATUS IoAcquireRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag,
                               PCSTR File, ULONG Line, ULONG RemlockSize) {
  UNREFERENCED_PARAMETER(Tag);
  UNREFERENCED_PARAMETER(File);
  UNREFERENCED_PARAMETER(Line);
  UNREFERENCED_PARAMETER(RemlockSize);
  ke__require_irql(DISPATCH_LEVEL, "IoAcquireRemoveLock");
  add(RemoveLock, 1);
  if (!is_removed(RemoveLock))
    return STATUS_SUCCESS;
  give_back(RemoveLock);
  return STATUS_DELETE_PENDING;
}

/* Whether there is anything to release besides the device's own count. */
static bool is_held(PIO_REMOVE_LOCK lock, const char *call) {
  LONG count = __atomic_load_n(&lock->Common.IoCount, __ATOMIC_SEQ_CST);

  if (count > (is_removed(lock) ? 0 : 1))
    return true;
  vf__report(VF_IO_REMOVE_01, "%s: remove lock %p is not held", call,
             (void *)lock);
  return false;
}

VOID IoReleaseRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag,
                           ULONG RemlockSize) {
  UNREFERENCED_PARAMETER(Tag);
  UNREFERENCED_PARAMETER(RemlockSize);
  ke__require_irql(DISPATCH_LEVEL, "IoReleaseRemoveLock");
  if (is_held(RemoveLock, "IoReleaseRemoveLock"))
    give_back(RemoveLock);
}

VOID IoReleaseRemoveLockAndWaitEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag,
                                  ULONG RemlockSize) {
  UNREFERENCED_PARAMETER(Tag);
  UNREFERENCED_PARAMETER(RemlockSize);
  ke__require_irql(PASSIVE_LEVEL, "IoReleaseRemoveLockAndWait");
  if (!is_held(RemoveLock, "IoReleaseRemoveLockAndWait"))
    return;
  __atomic_store_n(&RemoveLock->Common.Removed, TRUE, __ATOMIC_SEQ_CST);
  add(RemoveLock, -1);
  if (give_back(RemoveLock) > 0)
    ke__wait_for(&(struct ke_call){"IoReleaseRemoveLockAndWait", OB_CALLER(),
                                   RemoveLock, NULL},
                 &RemoveLock->Common.RemoveEvent);
}
