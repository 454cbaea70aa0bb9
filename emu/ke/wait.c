/*
 * Waits, as NT does them: a wait block per object in the object's own wait
 * list, one parking place per thread.
 *
 * Nothing here belongs to the host, because NT lets a client forget its events:
 * a KEVENT on a stack just vanishes. A wait is satisfied by whoever signals,
 * under the dispatcher lock: it consumes the objects' state on behalf of the
 * waiter, unlinks all of the wait's blocks, writes the status and marks the
 * thread done. After that it touches neither the object nor the blocks, both of
 * which may be on the stack of the thread that now runs on.
 */
#include "ke/watch.h"

#include "os/os.h"
#include "verifier/report.h"

LIST_ENTRY ke__waiting = {&ke__waiting, &ke__waiting};

static struct os_spin dispatcher;

void ke__lock_dispatcher(void) {
  os__spin_lock(&dispatcher);
}

bool ke__try_lock_dispatcher(void) {
  return os__spin_try_lock(&dispatcher);
}

void ke__unlock_dispatcher(void) {
  os__spin_unlock(&dispatcher);
}

/* The look is taken without the lock: once initialised, the pointers change
 * under the lock and are never NULL again. */
__attribute__((no_sanitize("thread"))) static bool
has_wait_list(const DISPATCHER_HEADER *header) {
  const volatile LIST_ENTRY *list = &header->WaitListHead;
  return list->Flink != NULL && list->Blink != NULL;
}

bool ke__check_object(const void *object, unsigned type_low, unsigned type_high,
                      const char *call) {
  const DISPATCHER_HEADER *header = object;
  if (header != NULL && header->Type >= type_low && header->Type <= type_high &&
      has_wait_list(header))
    return true;
  vf__report_on(VF_WAIT_02, object,
                "%s: %p is not an initialised object of that kind", call,
                object);
  return false;
}

/* ---- what satisfies a wait --------------------------------------------- */

static bool is_signalled(const DISPATCHER_HEADER *header, PKTHREAD thread) {
  if (header->Type == KE_MUTANT &&
      ((const KMUTANT *)(const void *)header)->OwnerThread == thread)
    return true;
  return header->SignalState > 0;
}

static bool own_mutant(KMUTANT *mutant, PKTHREAD thread) {
  bool abandoned = mutant->Abandoned != 0;
  if (--mutant->Header.SignalState == 0) {
    mutant->OwnerThread = thread;
    mutant->Abandoned = FALSE;
    thread->OwnedMutants++;
    return abandoned;
  }
  return false;
}

/* Takes from the object what a satisfied wait takes. True: it was abandoned. */
static bool consume(DISPATCHER_HEADER *header, PKTHREAD thread) {
  switch (header->Type) {
  case KE_SYNCHRONIZATION_EVENT:
  case KE_SYNCHRONIZATION_TIMER:
    header->SignalState = 0;
    return false;
  case KE_SEMAPHORE:
    header->SignalState--;
    return false;
  case KE_MUTANT:
    return own_mutant((KMUTANT *)(void *)header, thread);
  default:
    return false;
  }
}

static bool all_signalled(const KWAIT_BLOCK *blocks, ULONG count,
                          PKTHREAD thread) {
  for (ULONG i = 0; i < count; i++)
    if (!is_signalled(blocks[i].Object, thread))
      return false;
  return true;
}

static NTSTATUS consume_all(const KWAIT_BLOCK *blocks, ULONG count,
                            PKTHREAD thread) {
  bool abandoned = false;
  for (ULONG i = 0; i < count; i++)
    abandoned |= consume(blocks[i].Object, thread);
  return abandoned ? STATUS_ABANDONED_WAIT_0 : STATUS_WAIT_0;
}

static NTSTATUS consume_one(const KWAIT_BLOCK *block, PKTHREAD thread) {
  NTSTATUS base =
      consume(block->Object, thread) ? STATUS_ABANDONED_WAIT_0 : STATUS_WAIT_0;
  return base + block->WaitKey;
}

static void unlink_blocks(PKTHREAD thread) {
  for (ULONG i = 0; i < thread->WaitCount; i++)
    RemoveEntryList(&thread->WaitBlocks[i].WaitListEntry);
  thread->WaitCount = 0;
  RemoveEntryList(&thread->Waiting);
}

/* Tries to satisfy the wait that `block` belongs to. */
static bool satisfy(const KWAIT_BLOCK *block) {
  PKTHREAD thread = block->Thread;
  if (block->WaitType == WaitAll) {
    if (!all_signalled(thread->WaitBlocks, thread->WaitCount, thread))
      return false;
    thread->WaitStatus =
        consume_all(thread->WaitBlocks, thread->WaitCount, thread);
  } else {
    thread->WaitStatus = consume_one(block, thread);
  }
  unlink_blocks(thread);
  return true;
}

/* ---- signalling -------------------------------------------------------- */

#define WAKE_BATCH 32

static void wake(struct loop_thread **woken, unsigned count) {
  for (unsigned i = 0; i < count; i++)
    loop__wake(woken[i]);
}

/* Satisfies waiters while the object stays signalled; the number of threads in
 * `woken` that are still to be woken. */
static unsigned satisfy_waiters(DISPATCHER_HEADER *header,
                                struct loop_thread **woken) {
  unsigned count = 0;
  PLIST_ENTRY entry = header->WaitListHead.Flink;
  while (entry != &header->WaitListHead && header->SignalState > 0) {
    PKWAIT_BLOCK block = CONTAINING_RECORD(entry, KWAIT_BLOCK, WaitListEntry);
    struct loop_thread *parking = block->Thread->Parking;
    if (!satisfy(block)) {
      entry = entry->Flink;
      continue;
    }
    loop__set_done(parking);
    /* So many waiters are rare: waking these under the lock is harmless, but
     * letting go of it is not, since the object may vanish then. */
    if (count == WAKE_BATCH) {
      wake(woken, count);
      count = 0;
    }
    woken[count++] = parking;
    /* A wait may have had several blocks in this list: start over. */
    entry = header->WaitListHead.Flink;
  }
  return count;
}

void ke__release_waiters(DISPATCHER_HEADER *header) {
  struct loop_thread *woken[WAKE_BATCH];
  unsigned count = satisfy_waiters(header, woken);
  ke__unlock_dispatcher();
  wake(woken, count);
}

void ke__pulse_waiters(DISPATCHER_HEADER *header) {
  struct loop_thread *woken[WAKE_BATCH];
  unsigned count = satisfy_waiters(header, woken);
  header->SignalState = 0;
  ke__unlock_dispatcher();
  wake(woken, count);
}

struct loop_thread *ke__end_wait(PKTHREAD thread, NTSTATUS status) {
  struct loop_thread *parking = thread->Parking;

  thread->WaitStatus = status;
  unlink_blocks(thread);
  loop__set_done(parking);
  return parking;
}

/* ---- waiting ----------------------------------------------------------- */

/* One call, as its caller wants it. */
struct wait {
  KWAIT_BLOCK *blocks;
  ULONG count;
  WAIT_TYPE type;
  KPROCESSOR_MODE mode;
  BOOLEAN alertable;
  const LARGE_INTEGER *timeout;
  const struct ke_call *call;
};

/* What the wait ends with at once; false when it does not. A signal comes
 * before an interruption. */
static bool try_now(const struct wait *wait, PKTHREAD thread,
                    NTSTATUS *status) {
  if (wait->type == WaitAll) {
    if (all_signalled(wait->blocks, wait->count, thread)) {
      *status = consume_all(wait->blocks, wait->count, thread);
      return true;
    }
  } else {
    for (ULONG i = 0; i < wait->count; i++)
      if (is_signalled(wait->blocks[i].Object, thread)) {
        *status = consume_one(&wait->blocks[i], thread);
        return true;
      }
  }
  return ke__take_interruption(thread, wait->mode, wait->alertable, status);
}

static void queue_blocks(const struct wait *wait, PKTHREAD thread) {
  thread->Parking = loop__self();
  thread->WaitBlocks = wait->blocks;
  thread->WaitCount = wait->count;
  thread->WaitStatus = STATUS_TIMEOUT;
  thread->WaitMode = wait->mode;
  thread->WaitAlertable = wait->alertable;
  thread->Waits++;
  InsertTailList(&ke__waiting, &thread->Waiting);
  loop__wait_begin(thread->Parking);
  for (ULONG i = 0; i < wait->count; i++) {
    DISPATCHER_HEADER *header = wait->blocks[i].Object;
    InsertTailList(&header->WaitListHead, &wait->blocks[i].WaitListEntry);
  }
}

static NTSTATUS block_until(PKTHREAD thread, uint64_t deadline) {
  ULONG owner = ke__enter_owner(0); /* It may run anybody's callbacks. */

  if (deadline == LOOP_FOREVER && ke__is_watched(thread))
    ke__wait_watched(thread);
  else
    loop__wait(thread->Parking, deadline);
  ke__enter_owner(owner);
  ke__lock_dispatcher();
  if (!loop__is_done(thread->Parking)) {
    unlink_blocks(thread);
    thread->WaitStatus = STATUS_TIMEOUT;
  }
  NTSTATUS status = thread->WaitStatus;
  ke__unlock_dispatcher();
  return status;
}

/* A wait that cannot be done here is one mistake, and reported once, although
 * most callbacks run at DISPATCH_LEVEL too. */
static NTSTATUS wait_for(const struct wait *wait) {
  PKTHREAD thread = KeGetCurrentThread();
  bool poll = wait->timeout != NULL && wait->timeout->QuadPart == 0;
  bool may_wait = ke__may_wait();
  NTSTATUS status = STATUS_TIMEOUT;
  if (!poll && may_wait)
    ke__check_irql(APC_LEVEL, wait->call->name);
  uint64_t deadline = ke__deadline(wait->timeout);

  ke__lock_dispatcher();
  bool over = try_now(wait, thread, &status);
  if (!over && !poll && may_wait) {
    ULONG before = ke__enter_call(wait->call);
    queue_blocks(wait, thread);
    ke__unlock_dispatcher();
    status = block_until(thread, deadline);
    ke__leave_call(before);
    return status;
  }
  ke__unlock_dispatcher();
  if (!over && !poll)
    vf__report(VF_WAIT_01, "%s inside a callback", wait->call->name);
  else if (!poll && !may_wait)
    ke__check_irql(APC_LEVEL, wait->call->name);
  return status;
}

static void set_block(KWAIT_BLOCK *block, PVOID object, ULONG key,
                      WAIT_TYPE type) {
  block->Thread = KeGetCurrentThread();
  block->Object = object;
  block->NextWaitBlock = NULL;
  block->WaitKey = (USHORT)key;
  block->WaitType = (UCHAR)type;
}

NTSTATUS KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason,
                               KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                               PLARGE_INTEGER Timeout) {
  VF_ENTER("KeWaitForSingleObject");
  UNREFERENCED_PARAMETER(WaitReason);
  struct ke_call call = {.name = "KeWaitForSingleObject",
                         .caller = OB_CALLER()};
  if (!ke__check_object(Object, 0, KE_SYNCHRONIZATION_TIMER,
                        "KeWaitForSingleObject"))
    return STATUS_INVALID_PARAMETER;
  return ke__wait_as(&call, Object, WaitMode, Alertable, Timeout);
}

NTSTATUS ke__wait_as(const struct ke_call *call, PVOID object,
                     KPROCESSOR_MODE mode, BOOLEAN alertable,
                     const LARGE_INTEGER *timeout) {
  KWAIT_BLOCK block;
  const struct wait wait = {&block, 1, WaitAny, mode, alertable, timeout, call};
  set_block(&block, object, 0, WaitAny);
  return wait_for(&wait);
}

NTSTATUS ke__wait_in(const struct ke_call *call, PVOID objects[], ULONG count,
                     const LARGE_INTEGER *timeout) {
  KWAIT_BLOCK blocks[2];
  const struct wait wait = {blocks, count,   WaitAny, KernelMode,
                            FALSE,  timeout, call};
  for (ULONG i = 0; i < count; i++)
    set_block(&blocks[i], objects[i], i, WaitAny);
  return wait_for(&wait);
}

static bool check_wait_array(ULONG count, PVOID objects[],
                             const KWAIT_BLOCK *client_blocks) {
  if (count == 0 || count > MAXIMUM_WAIT_OBJECTS ||
      (count > THREAD_WAIT_OBJECTS && client_blocks == NULL)) {
    vf__report(VF_WAIT_03,
               "KeWaitForMultipleObjects of %u objects %s wait blocks",
               (unsigned)count, client_blocks == NULL ? "without" : "with");
    if (count == 0 || count > MAXIMUM_WAIT_OBJECTS)
      return false;
  }
  for (ULONG i = 0; i < count; i++)
    if (!ke__check_object(objects[i], 0, KE_SYNCHRONIZATION_TIMER,
                          "KeWaitForMultipleObjects"))
      return false;
  return true;
}

NTSTATUS KeWaitForMultipleObjects(ULONG Count, PVOID Object[],
                                  WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
                                  KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                  PLARGE_INTEGER Timeout,
                                  PKWAIT_BLOCK WaitBlockArray) {
  VF_ENTER("KeWaitForMultipleObjects");
  UNREFERENCED_PARAMETER(WaitReason);
  struct ke_call call = {.name = "KeWaitForMultipleObjects",
                         .caller = OB_CALLER()};
  /* Ours, not the client's: too small an array must not hurt us. */
  KWAIT_BLOCK blocks[MAXIMUM_WAIT_OBJECTS];
  const struct wait wait = {blocks,    Count,   WaitType, WaitMode,
                            Alertable, Timeout, &call};
  if (!check_wait_array(Count, Object, WaitBlockArray))
    return STATUS_INVALID_PARAMETER;
  for (ULONG i = 0; i < Count; i++)
    set_block(&blocks[i], Object[i], i, WaitType);
  return wait_for(&wait);
}
