/* The watch over waits, and what it tells of them. See watch.h. */
#include "ke/watch.h"

#include "os/os.h"

#define NS_PER_MS 1000000u

/* So many whole intervals between two looks make a hang. */
#define LOOKS 8

static struct {
  uint64_t interval; /* atomic; 0: nobody is watched */
  struct ke_watch calls;
} watch;

/* ---- calls -------------------------------------------------------------- */

ULONG ke__enter_call(const struct ke_call *call) {
  PKTHREAD thread = KeGetCurrentThread();
  if (thread->CallCount < KE_CALLS)
    thread->Calls[thread->CallCount] = *call;
  return thread->CallCount++;
}

void ke__leave_call(ULONG before) {
  KeGetCurrentThread()->CallCount = before;
}

NTSTATUS ke__wait_for(const struct ke_call *call, PVOID object) {
  return ke__wait_as(call, object, KernelMode, FALSE, NULL);
}

bool ke__may_wait(void) {
  return loop__may_wait() && !KeGetCurrentThread()->TellsOfHang;
}

/* ---- who is watched ----------------------------------------------------- */

static uint64_t interval(void) {
  return __atomic_load_n(&watch.interval, __ATOMIC_ACQUIRE);
}

/* The time of the next look may be an earlier watch's. */
static void watch_anew(PKTHREAD thread) {
  thread->Watched = 1;
  thread->NextLook = 0;
}

/* Rounded up, lest a wait hangs before its limit. */
void ke__watch_start(unsigned limit_ms, const struct ke_watch *calls) {
  uint64_t limit = (uint64_t)limit_ms * NS_PER_MS;
  watch.calls = *calls;
  __atomic_store_n(&watch.interval, (limit + LOOKS - 1) / LOOKS,
                   __ATOMIC_RELEASE);
  watch_anew(KeGetCurrentThread());
  KeGetCurrentThread()->CallCount = 0;
}

void ke__watch_stop(void) {
  KeGetCurrentThread()->Watched = 0;
  __atomic_store_n(&watch.interval, 0, __ATOMIC_RELEASE);
}

void ke__watch_begin(void) {
  PKTHREAD thread = KeGetCurrentThread();
  if (thread->Watched > 0)
    thread->Watched++;
  else
    watch_anew(thread);
}

void ke__watch_end(void) {
  KeGetCurrentThread()->Watched--;
}

bool ke__is_watched(const struct _KTHREAD *thread) {
  return thread->Watched > 0 && interval() != 0;
}

/* ---- looking ------------------------------------------------------------ */

static void tell_hang(PKTHREAD thread) {
  thread->TellsOfHang = TRUE;
  watch.calls.hang();
  thread->TellsOfHang = FALSE;
}

/* The first look may come as soon as the wait has begun. A watch that was
 * stopped meanwhile looks no more. */
static void look(PKTHREAD thread, unsigned *looks) {
  uint64_t pause = interval();
  thread->NextLook = pause != 0 ? os__now_ns() + pause : LOOP_FOREVER;
  if (pause == 0)
    return;
  watch.calls.look();
  if (++*looks <= LOOKS)
    return;
  *looks = 0;
  tell_hang(thread);
}

void ke__wait_watched(PKTHREAD thread) {
  unsigned looks = 0;
  while (!loop__wait(thread->Parking, thread->NextLook))
    look(thread, &looks);
}

void ke__run_until(bool (*done)(void *context), void *context) {
  PKTHREAD thread = KeGetCurrentThread();
  unsigned looks = 0;
  if (!ke__is_watched(thread))
    (void)loop__run_until(done, context, LOOP_FOREVER);
  else
    while (!loop__run_until(done, context, thread->NextLook))
      look(thread, &looks);
}

/* ---- telling ------------------------------------------------------------ */

static const char *kind_of(unsigned type) {
  static const char *const kinds[] = {
      [KE_NOTIFICATION_EVENT] = "notification event",
      [KE_SYNCHRONIZATION_EVENT] = "synchronization event",
      [KE_MUTANT] = "mutex",
      [KE_SEMAPHORE] = "semaphore",
      [KE_THREAD] = "thread object",
      [KE_NOTIFICATION_TIMER] = "notification timer",
      [KE_SYNCHRONIZATION_TIMER] = "synchronization timer",
  };
  const char *kind = type < RTL_NUMBER_OF(kinds) ? kinds[type] : NULL;
  return kind != NULL ? kind : "object";
}

static ULONG number_of(const DISPATCHER_HEADER *header) {
  const struct _KTHREAD *thread =
      CONTAINING_RECORD(header, struct _KTHREAD, Header);
  return header->Type == KE_THREAD
             ? __atomic_load_n(&thread->Number, __ATOMIC_RELAXED)
             : 0;
}

static void copy_object(struct ke_waiting *copy, ULONG at,
                        const DISPATCHER_HEADER *header) {
  copy->objects[at].object = header;
  copy->objects[at].kind = kind_of(header->Type);
  copy->objects[at].thread = number_of(header);
  copy->objects[at].signalled = header->SignalState > 0;
  copy->objects[at].owner =
      header->Type == KE_MUTANT
          ? ((const KMUTANT *)(const void *)header)->OwnerThread
          : NULL;
}

/* The owner is kept under the lock's own rules: an address, nothing more. */
__attribute__((no_sanitize("thread"))) static const void *
owner_in(const volatile void *word) {
  return word != NULL ? *(void *const volatile *)word : NULL;
}

static void copy_thread(struct ke_waiting *copy,
                        const struct _KTHREAD *thread) {
  *copy = (struct ke_waiting){.thread = thread,
                              .number = thread->Number,
                              .wait = thread->Waits,
                              .busy = thread->Parking != NULL &&
                                      loop__is_busy(thread->Parking)};
  for (ULONG i = min(thread->CallCount, KE_CALLS); i > 0; i--)
    copy->calls[copy->call_count++] = thread->Calls[i - 1];
  if (copy->call_count > 0)
    copy->owner = owner_in(copy->calls[0].owner);
  for (ULONG i = 0; i < thread->WaitCount && i < KE_OBJECTS_SHOWN; i++) {
    copy->all = thread->WaitBlocks[i].WaitType == WaitAll;
    copy_object(copy, i, thread->WaitBlocks[i].Object);
    copy->object_count++;
  }
}

size_t ke__copy_waiting(struct ke_waiting *copies, size_t room) {
  size_t count = 0;
  if (!ke__try_lock_dispatcher())
    return 0;
  for (PLIST_ENTRY link = ke__waiting.Flink; link != &ke__waiting;
       link = link->Flink, count++)
    if (count < room)
      copy_thread(&copies[count],
                  CONTAINING_RECORD(link, struct _KTHREAD, Waiting));
  ke__unlock_dispatcher();
  return count;
}

void ke__copy_self(struct ke_waiting *copy) {
  PKTHREAD self = KeGetCurrentThread();
  if (ke__try_lock_dispatcher()) {
    copy_thread(copy, self);
    ke__unlock_dispatcher();
  } else {
    *copy = (struct ke_waiting){.thread = self, .number = self->Number};
  }
}
