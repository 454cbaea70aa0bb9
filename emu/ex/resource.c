/*
 * Executive resources, in the client's memory.
 *
 * Its own SpinLock guards all of it. The exclusive owner, or the first of those
 * who share, stands in OwnerEntry; the others stand in OwnerTable, which grows
 * with the largest number of threads that shared the resource at a time.
 * OwnerCount is how often each has acquired it; an entry with 0 is free. Those
 * who wait queue up behind the two waiter fields, which on NT are a semaphore
 * and an event. Who releases makes the next ones owners before it wakes them.
 *
 * As on NT an exclusive owner is followed by all who want to share, and the
 * last of those who share by the first who wants it exclusively.
 */
#include <ntddk.h>

#include <stdbool.h>
#include <string.h>

#include "ex/address_wait.h"
#include "ke/watch.h"
#include "os/os.h"
#include "verifier/report.h"

struct waiter {
  struct waiter *next;
  ERESOURCE_THREAD thread;
  KEVENT event;
};

struct table {
  ULONG size;
  OWNER_ENTRY entries[];
};

static void lock(PERESOURCE resource) {
  os__spin_lock((struct os_spin *)(PVOID)&resource->SpinLock);
}

static void unlock(PERESOURCE resource) {
  os__spin_unlock((struct os_spin *)(PVOID)&resource->SpinLock);
}

_Static_assert(sizeof(struct os_spin) <= sizeof(KSPIN_LOCK), "lock");

static bool is_exclusive(const ERESOURCE *resource) {
  return (resource->Flag & ResourceOwnedExclusive) != 0;
}

static bool is_free(const ERESOURCE *resource) {
  return resource->ActiveEntries == 0;
}

/* ---- owners ------------------------------------------------------------ */

static struct table *table_of(PERESOURCE resource) {
  return (struct table *)(PVOID)resource->OwnerTable;
}

/* The entry of an owner. */
static POWNER_ENTRY find_owner(PERESOURCE resource, ERESOURCE_THREAD thread) {
  struct table *table = table_of(resource);

  if (resource->OwnerEntry.OwnerCount != 0 &&
      resource->OwnerEntry.OwnerThread == thread)
    return &resource->OwnerEntry;
  for (ULONG i = 0; table != NULL && i < table->size; i++)
    if (table->entries[i].OwnerCount != 0 &&
        table->entries[i].OwnerThread == thread)
      return &table->entries[i];
  return NULL;
}

static POWNER_ENTRY find_room(PERESOURCE resource) {
  struct table *table = table_of(resource);

  if (resource->OwnerEntry.OwnerCount == 0)
    return &resource->OwnerEntry;
  for (ULONG i = 0; table != NULL && i < table->size; i++)
    if (table->entries[i].OwnerCount == 0)
      return &table->entries[i];
  return NULL;
}

static void add_owner(PERESOURCE resource, POWNER_ENTRY room,
                      ERESOURCE_THREAD thread) {
  room->OwnerThread = thread;
  room->OwnerCount = 1;
  resource->ActiveEntries++;
  resource->ActiveCount = 1;
}

static ULONG room_left(PERESOURCE resource) {
  struct table *table = table_of(resource);
  ULONG size = 1 + (table != NULL ? table->size : 0);

  return size - resource->ActiveEntries;
}

static struct table *make_table(ULONG size) {
  size_t bytes = sizeof(struct table) + size * sizeof(OWNER_ENTRY);
  struct table *table;

  /* Nobody is told that there is no memory. NT waits until there is some. */
  while ((table = os__alloc(bytes)) == NULL)
    os__yield();
  table->size = size;
  return table;
}

/* Leaves the lock for the allocation: nothing that was seen before holds. */
static void grow(PERESOURCE resource, ULONG wanted) {
  struct table *fresh, *old;

  unlock(resource);
  fresh = make_table(wanted);
  lock(resource);
  old = table_of(resource);
  if (old == NULL || old->size < fresh->size) {
    if (old != NULL)
      memcpy(fresh->entries, old->entries, old->size * sizeof(OWNER_ENTRY));
    resource->OwnerTable = (POWNER_ENTRY)(PVOID)fresh;
  } else {
    old = fresh;
  }
  unlock(resource);
  os__free(old);
  lock(resource);
}

/* Room for the caller and for all who wait, so that no release has to
 * allocate. */
static void reserve(PERESOURCE resource) {
  ULONG wanted;

  while (room_left(resource) < (wanted = resource->NumberOfSharedWaiters + 1))
    grow(resource, 2 * (resource->ActiveEntries + wanted));
}

/* ---- waiters ----------------------------------------------------------- */

static struct waiter **shared_waiters(PERESOURCE resource) {
  return (struct waiter **)(PVOID)&resource->SharedWaiters;
}

static struct waiter **exclusive_waiters(PERESOURCE resource) {
  return (struct waiter **)(PVOID)&resource->ExclusiveWaiters;
}

static void append(struct waiter **link, struct waiter *waiter) {
  while (*link != NULL)
    link = &(*link)->next;
  *link = waiter;
}

static const volatile void *owner_of(PERESOURCE resource) {
  return &resource->OwnerEntry.OwnerThread;
}

/* Unlocks, and returns as an owner. */
static void wait_in(PERESOURCE resource, struct waiter **queue, ULONG *count,
                    const struct ke_call *call) {
  struct waiter waiter = {.thread = ExGetCurrentResourceThread()};

  KeInitializeEvent(&waiter.event, SynchronizationEvent, FALSE);
  append(queue, &waiter);
  ++*count;
  resource->ContentionCount++;
  unlock(resource);
  ke__wait_for(call, &waiter.event);
}

static void wake(struct waiter *chain) {
  while (chain != NULL) {
    struct waiter *next = chain->next;

    KeSetEvent(&chain->event, IO_NO_INCREMENT, FALSE);
    chain = next;
  }
}

static struct waiter *admit_sharers(PERESOURCE resource) {
  struct waiter *chain = *shared_waiters(resource);

  for (struct waiter *w = chain; w != NULL; w = w->next) {
    POWNER_ENTRY mine = find_owner(resource, w->thread);

    /* One who shares already may have waited for another's turn. */
    if (mine != NULL)
      mine->OwnerCount++;
    else
      add_owner(resource, find_room(resource), w->thread);
  }
  *shared_waiters(resource) = NULL;
  resource->NumberOfSharedWaiters = 0;
  return chain;
}

static struct waiter *admit_exclusive(PERESOURCE resource) {
  struct waiter *first = *exclusive_waiters(resource);

  *exclusive_waiters(resource) = first->next;
  first->next = NULL;
  resource->NumberOfExclusiveWaiters--;
  resource->Flag |= ResourceOwnedExclusive;
  add_owner(resource, &resource->OwnerEntry, first->thread);
  return first;
}

/* Who follows when the last owner has gone, who was exclusive or not. */
static struct waiter *admit_next(PERESOURCE resource, bool was_exclusive) {
  bool sharers = *shared_waiters(resource) != NULL;

  if (*exclusive_waiters(resource) != NULL && !(was_exclusive && sharers))
    return admit_exclusive(resource);
  return sharers ? admit_sharers(resource) : NULL;
}

/* ---- life -------------------------------------------------------------- */

static void begin(PERESOURCE resource) {
  RtlZeroMemory(resource, sizeof(*resource));
  InitializeListHead(&resource->SystemResourcesList);
}

NTSTATUS ExInitializeResourceLite(PERESOURCE Resource) {
  ke__require_irql(DISPATCH_LEVEL, "ExInitializeResourceLite");
  begin(Resource);
  return STATUS_SUCCESS;
}

static void end(PERESOURCE resource, const char *call) {
  POWNER_ENTRY table;

  lock(resource);
  if (!is_free(resource))
    vf__report(VF_EX_RESOURCE_03, "%s: resource %p is held", call,
               (void *)resource);
  table = resource->OwnerTable;
  resource->OwnerTable = NULL;
  unlock(resource);
  os__free(table);
}

NTSTATUS ExDeleteResourceLite(PERESOURCE Resource) {
  ke__require_irql(APC_LEVEL, "ExDeleteResourceLite");
  end(Resource, "ExDeleteResourceLite");
  return STATUS_SUCCESS;
}

NTSTATUS ExReinitializeResourceLite(PERESOURCE Resource) {
  ke__require_irql(DISPATCH_LEVEL, "ExReinitializeResourceLite");
  end(Resource, "ExReinitializeResourceLite");
  begin(Resource);
  return STATUS_SUCCESS;
}

/* ---- acquiring --------------------------------------------------------- */

static void require_use(const struct ke_call *call) {
  ke__require_irql(APC_LEVEL, call->name);
  ke__require_apcs_disabled(call->name);
}

static BOOLEAN refuse(PERESOURCE resource) {
  unlock(resource);
  return FALSE;
}

/* The lock is held, and the caller owns it exclusively. */
static BOOLEAN take_again(PERESOURCE resource, POWNER_ENTRY mine) {
  mine->OwnerCount++;
  unlock(resource);
  return TRUE;
}

BOOLEAN ExAcquireResourceExclusiveLite(PERESOURCE Resource, BOOLEAN Wait) {
  struct ke_call call = {"ExAcquireResourceExclusiveLite", OB_CALLER(),
                         Resource, owner_of(Resource)};
  ERESOURCE_THREAD self = ExGetCurrentResourceThread();
  POWNER_ENTRY mine;

  VF_ENTER_FROM(call.name, call.caller);
  require_use(&call);
  lock(Resource);
  mine = find_owner(Resource, self);
  if (mine != NULL && is_exclusive(Resource))
    return take_again(Resource, mine);
  if (is_free(Resource)) {
    Resource->Flag |= ResourceOwnedExclusive;
    add_owner(Resource, &Resource->OwnerEntry, self);
    unlock(Resource);
    return TRUE;
  }
  if (!Wait)
    return refuse(Resource);
  if (mine != NULL) {
    vf__report(VF_EX_RESOURCE_02, "%s: this thread shares resource %p",
               call.name, (void *)Resource);
    return refuse(Resource);
  }
  if (!ex__may_wait(call.name))
    return refuse(Resource);
  wait_in(Resource, exclusive_waiters(Resource),
          &Resource->NumberOfExclusiveWaiters, &call);
  return TRUE;
}

/* What a sharer does about those who wait to have it exclusively. */
enum manners { BEHIND_THEM, BEHIND_THEM_UNLESS_OWNER, AHEAD_OF_THEM };

static bool may_share(PERESOURCE resource, enum manners manners,
                      bool is_owner) {
  if (is_exclusive(resource))
    return false;
  return *exclusive_waiters(resource) == NULL || manners == AHEAD_OF_THEM ||
         (manners == BEHIND_THEM_UNLESS_OWNER && is_owner);
}

static BOOLEAN acquire_shared(PERESOURCE resource, BOOLEAN wait,
                              enum manners manners,
                              const struct ke_call *call) {
  ERESOURCE_THREAD self = ExGetCurrentResourceThread();
  POWNER_ENTRY mine;

  VF_ENTER_FROM(call->name, call->caller);
  require_use(call);
  lock(resource);
  reserve(resource);
  mine = find_owner(resource, self);
  if (mine != NULL &&
      (is_exclusive(resource) || may_share(resource, manners, true)))
    return take_again(resource, mine);
  if (may_share(resource, manners, false)) {
    add_owner(resource, find_room(resource), self);
    unlock(resource);
    return TRUE;
  }
  if (!wait || !ex__may_wait(call->name))
    return refuse(resource);
  wait_in(resource, shared_waiters(resource), &resource->NumberOfSharedWaiters,
          call);
  return TRUE;
}

BOOLEAN ExAcquireResourceSharedLite(PERESOURCE Resource, BOOLEAN Wait) {
  struct ke_call call = {"ExAcquireResourceSharedLite", OB_CALLER(), Resource,
                         owner_of(Resource)};

  return acquire_shared(Resource, Wait, BEHIND_THEM_UNLESS_OWNER, &call);
}

BOOLEAN ExAcquireSharedStarveExclusive(PERESOURCE Resource, BOOLEAN Wait) {
  struct ke_call call = {"ExAcquireSharedStarveExclusive", OB_CALLER(),
                         Resource, owner_of(Resource)};

  return acquire_shared(Resource, Wait, AHEAD_OF_THEM, &call);
}

BOOLEAN ExAcquireSharedWaitForExclusive(PERESOURCE Resource, BOOLEAN Wait) {
  struct ke_call call = {"ExAcquireSharedWaitForExclusive", OB_CALLER(),
                         Resource, owner_of(Resource)};

  return acquire_shared(Resource, Wait, BEHIND_THEM, &call);
}

/* ---- releasing --------------------------------------------------------- */

static void release(PERESOURCE resource, ERESOURCE_THREAD thread,
                    const char *call, const void *caller) {
  struct waiter *next = NULL;
  POWNER_ENTRY owner;

  VF_ENTER_FROM(call, caller);
  ke__require_irql(DISPATCH_LEVEL, call);
  lock(resource);
  owner = find_owner(resource, thread);
  if (owner == NULL) {
    unlock(resource);
    vf__report(VF_EX_RESOURCE_01, "%s: resource %p is not held by that thread",
               call, (void *)resource);
    return;
  }
  if (--owner->OwnerCount == 0 && --resource->ActiveEntries == 0) {
    bool was_exclusive = is_exclusive(resource);

    resource->ActiveCount = 0;
    resource->Flag &= (USHORT)~ResourceOwnedExclusive;
    next = admit_next(resource, was_exclusive);
  }
  unlock(resource);
  wake(next);
}

VOID ExReleaseResourceLite(PERESOURCE Resource) {
  VF_ENTER("ExReleaseResourceLite");
  ke__require_apcs_disabled("ExReleaseResourceLite");
  release(Resource, ExGetCurrentResourceThread(), "ExReleaseResourceLite",
          VF_CALLER());
}

VOID ExReleaseResourceForThreadLite(PERESOURCE Resource,
                                    ERESOURCE_THREAD ResourceThreadId) {
  release(Resource, ResourceThreadId, "ExReleaseResourceForThreadLite",
          VF_CALLER());
}

VOID ExConvertExclusiveToSharedLite(PERESOURCE Resource) {
  ke__require_irql(APC_LEVEL, "ExConvertExclusiveToSharedLite");
  struct waiter *next = NULL;

  lock(Resource);
  if (is_exclusive(Resource) &&
      find_owner(Resource, ExGetCurrentResourceThread()) != NULL) {
    Resource->Flag &= (USHORT)~ResourceOwnedExclusive;
    next = admit_sharers(Resource);
    unlock(Resource);
    wake(next);
    return;
  }
  unlock(Resource);
  vf__report(VF_EX_RESOURCE_01,
             "ExConvertExclusiveToSharedLite: resource %p is not held "
             "exclusively by this thread",
             (void *)Resource);
}

VOID ExSetResourceOwnerPointer(PERESOURCE Resource, PVOID OwnerPointer) {
  ke__require_irql(DISPATCH_LEVEL, "ExSetResourceOwnerPointer");
  POWNER_ENTRY mine;

  lock(Resource);
  mine = find_owner(Resource, ExGetCurrentResourceThread());
  if (mine != NULL)
    mine->OwnerThread = (ERESOURCE_THREAD)OwnerPointer;
  unlock(Resource);
  if (mine == NULL)
    vf__report(VF_EX_RESOURCE_01,
               "ExSetResourceOwnerPointer: resource %p is not held by this "
               "thread",
               (void *)Resource);
}

/* ---- asking ------------------------------------------------------------ */

static ULONG held_by_me(PERESOURCE resource, bool only_exclusive) {
  POWNER_ENTRY mine;
  ULONG count = 0;

  lock(resource);
  mine = find_owner(resource, ExGetCurrentResourceThread());
  if (mine != NULL && (!only_exclusive || is_exclusive(resource)))
    count = mine->OwnerCount;
  unlock(resource);
  return count;
}

BOOLEAN ExIsResourceAcquiredExclusiveLite(PERESOURCE Resource) {
  ke__within_irql(DISPATCH_LEVEL, "ExIsResourceAcquiredExclusiveLite");
  return held_by_me(Resource, true) != 0;
}

ULONG ExIsResourceAcquiredSharedLite(PERESOURCE Resource) {
  ke__within_irql(DISPATCH_LEVEL, "ExIsResourceAcquiredSharedLite");
  return held_by_me(Resource, false);
}

static ULONG read_count(PERESOURCE resource, const ULONG *count) {
  ULONG value;

  lock(resource);
  value = *count;
  unlock(resource);
  return value;
}

ULONG ExGetExclusiveWaiterCount(PERESOURCE Resource) {
  ke__within_irql(DISPATCH_LEVEL, "ExGetExclusiveWaiterCount");
  return read_count(Resource, &Resource->NumberOfExclusiveWaiters);
}

ULONG ExGetSharedWaiterCount(PERESOURCE Resource) {
  ke__within_irql(DISPATCH_LEVEL, "ExGetSharedWaiterCount");
  return read_count(Resource, &Resource->NumberOfSharedWaiters);
}

/* ---- with the critical region ------------------------------------------ */

PVOID ExEnterCriticalRegionAndAcquireResourceExclusive(PERESOURCE Resource) {
  KeEnterCriticalRegion();
  ExAcquireResourceExclusiveLite(Resource, TRUE);
  return (PVOID)ExGetCurrentResourceThread();
}

PVOID ExEnterCriticalRegionAndAcquireResourceShared(PERESOURCE Resource) {
  KeEnterCriticalRegion();
  ExAcquireResourceSharedLite(Resource, TRUE);
  return (PVOID)ExGetCurrentResourceThread();
}

VOID ExReleaseResourceAndLeaveCriticalRegion(PERESOURCE Resource) {
  ExReleaseResourceLite(Resource);
  KeLeaveCriticalRegion();
}
