/*
 * Timers, in the client's memory, ordered by when they are due and, among
 * equals, by when they were set: as on NT in a ring of lists, by the
 * millisecond in which they are due. The dispatcher lock guards it.
 *
 * One alarm of the loop stands for the earliest. What is due when it rings is
 * signalled, and its DPC queued, on the thread that drives the loop; in auto
 * mode somebody always does. A timer that is due when it is set expires there
 * and then.
 */
#include "ke/ke.h"

#include "os/os.h"
#include "verifier/report.h"

#define NS_PER_MS 1000000u
#define LISTS     256u

static LIST_ENTRY ring[LISTS]; /* zeroed: empty, and not used yet */

static uint64_t due_of(const KTIMER *timer) {
  return timer->DueTime.QuadPart;
}

/* ---- the ring, under the dispatcher lock ------------------------------- */

static PLIST_ENTRY list_for(uint64_t due) {
  PLIST_ENTRY list = &ring[due / NS_PER_MS % LISTS];

  if (list->Flink == NULL)
    InitializeListHead(list);
  return list;
}

static PKTIMER timer_of(PLIST_ENTRY entry) {
  return CONTAINING_RECORD(entry, KTIMER, TimerListEntry);
}

static void insert(PKTIMER timer, uint64_t due) {
  PLIST_ENTRY list = list_for(due), before = list->Blink;

  while (before != list && due_of(timer_of(before)) > due)
    before = before->Blink;
  timer->DueTime.QuadPart = due;
  timer->Header.Inserted = 1;
  InsertHeadList(before, &timer->TimerListEntry);
  ke__count_timer_at(timer, 1);
}

static bool take_out(PKTIMER timer) {
  if (!timer->Header.Inserted)
    return false;
  RemoveEntryList(&timer->TimerListEntry);
  timer->Header.Inserted = 0;
  ke__count_timer_at(timer, -1);
  return true;
}

static PKTIMER earliest(void) {
  PKTIMER first = NULL;

  for (unsigned i = 0; i < LISTS; i++) {
    PLIST_ENTRY list = &ring[i];

    if (list->Flink == NULL || IsListEmpty(list))
      continue;
    if (first == NULL || due_of(timer_of(list->Flink)) < due_of(first))
      first = timer_of(list->Flink);
  }
  return first;
}

/* ---- expiring ---------------------------------------------------------- */

static uint64_t period_of(const KTIMER *timer) {
  if (timer->Header.KeepShifting)
    return CONTAINING_RECORD(timer, struct ke_long_timer, timer)->period_ns;
  return (uint64_t)timer->Period * NS_PER_MS;
}

/* Whole periods after it was due; those that nobody saw are left out. */
static uint64_t next_due(uint64_t due, uint64_t period, uint64_t now) {
  due += period;
  return due > now ? due : now + period - (now - due) % period;
}

/* The dispatcher lock is held, and released. The timer is out of the ring and
 * may be gone when this returns. */
static void expire(PKTIMER timer, uint64_t now) {
  PKDPC dpc = timer->Dpc;
  LARGE_INTEGER time;

  if (period_of(timer) != 0)
    insert(timer, next_due(due_of(timer), period_of(timer), now));
  time.QuadPart = ke__system_time();
  if (dpc != NULL)
    ke__queue_dpc(dpc, timer->Processor, (PVOID)(ULONG_PTR)time.LowPart,
                  (PVOID)(ULONG_PTR)(ULONG)time.HighPart);
  timer->Header.SignalState = 1;
  ke__release_waiters(&timer->Header);
  if (dpc != NULL)
    ke__start_dpcs();
}

/* Up to one moment: a short period must not keep the loop here. */
static void ring_alarm(void) {
  uint64_t now = ke__clock_ns();

  for (;;) {
    PKTIMER timer;

    ke__lock_dispatcher();
    timer = earliest();
    if (timer == NULL || due_of(timer) > now) {
      uint64_t due = timer != NULL ? due_of(timer) : LOOP_FOREVER;

      ke__unlock_dispatcher();
      loop__alarm(due, ring_alarm);
      return;
    }
    take_out(timer);
    expire(timer, now);
  }
}

/* ---- setting ----------------------------------------------------------- */

VOID KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type) {
  ke__within_irql(DISPATCH_LEVEL, "KeInitializeTimerEx");
  RtlZeroMemory(Timer, sizeof(*Timer));
  Timer->Header.Type = (UCHAR)(KE_NOTIFICATION_TIMER + Type);
  InitializeListHead(&Timer->Header.WaitListHead);
}

VOID KeInitializeTimer(PKTIMER Timer) {
  KeInitializeTimerEx(Timer, NotificationTimer);
}

static bool is_timer(PKTIMER timer, const char *call) {
  ke__require_irql(DISPATCH_LEVEL, call);
  return ke__check_object(timer, KE_NOTIFICATION_TIMER,
                          KE_SYNCHRONIZATION_TIMER, call);
}

/* Releases the dispatcher lock. A timer is set on no processor of ours, so that
 * Processor has room for the owner. What is not negative may be earlier than
 * now.
 */
static void start(PKTIMER timer, LARGE_INTEGER due_time) {
  uint64_t due = ke__deadline(&due_time);
  uint64_t now = ke__clock_ns();
  uint64_t period = period_of(timer);

  timer->Header.SignalState = 0;
  timer->DueTime.QuadPart = due;
  timer->Processor = ke__owner();
  if (due <= now) {
    expire(timer, now);
    if (period != 0)
      loop__alarm(next_due(due, period, now), ring_alarm);
    return;
  }
  insert(timer, due);
  ke__unlock_dispatcher();
  loop__alarm(due, ring_alarm);
}

static BOOLEAN set(PKTIMER timer, LARGE_INTEGER due, LONG period, PKDPC dpc,
                   const char *call) {
  bool was_set;

  if (!is_timer(timer, call))
    return FALSE;
  ke__lock_dispatcher();
  was_set = take_out(timer);
  timer->Dpc = dpc;
  timer->Period = period > 0 ? period : 0;
  start(timer, due);
  return was_set;
}

BOOLEAN KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc) {
  return set(Timer, DueTime, 0, Dpc, "KeSetTimer");
}

BOOLEAN KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period,
                     PKDPC Dpc) {
  return set(Timer, DueTime, Period, Dpc, "KeSetTimerEx");
}

BOOLEAN KeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime,
                              ULONG Period, ULONG TolerableDelay, PKDPC Dpc) {
  UNREFERENCED_PARAMETER(TolerableDelay);
  return set(Timer, DueTime, Period > MAXLONG ? MAXLONG : (LONG)Period, Dpc,
             "KeSetCoalescableTimer");
}

BOOLEAN ke__set_long_timer(struct ke_long_timer *timer, LARGE_INTEGER due,
                           uint64_t period_ns, PKDPC dpc) {
  bool was_set;

  ke__lock_dispatcher();
  was_set = take_out(&timer->timer);
  timer->timer.Header.KeepShifting = 1;
  timer->timer.Dpc = dpc;
  timer->period_ns = period_ns;
  start(&timer->timer, due);
  return was_set;
}

BOOLEAN KeCancelTimer(PKTIMER Timer) {
  bool was_set;

  if (!is_timer(Timer, "KeCancelTimer"))
    return FALSE;
  ke__lock_dispatcher();
  was_set = take_out(Timer);
  ke__unlock_dispatcher();
  return was_set;
}

BOOLEAN KeReadStateTimer(PKTIMER Timer) {
  BOOLEAN state;

  if (!is_timer(Timer, "KeReadStateTimer"))
    return FALSE;
  ke__lock_dispatcher();
  state = Timer->Header.SignalState != 0;
  ke__unlock_dispatcher();
  return state;
}

/* ---- the end ----------------------------------------------------------- */

static PKTIMER take_earliest(void) {
  PKTIMER timer;

  ke__lock_dispatcher();
  timer = earliest();
  if (timer != NULL)
    take_out(timer);
  ke__unlock_dispatcher();
  return timer;
}

/* Which timers are meant: those in memory, or those of an owner. */
struct wanted {
  ULONG_PTR start, end;
  ULONG owner;
};

static bool is_wanted(const KTIMER *timer, const struct wanted *wanted) {
  if (wanted->owner != 0)
    return timer->Processor == wanted->owner;
  return (ULONG_PTR)timer >= wanted->start && (ULONG_PTR)timer < wanted->end;
}

static PKTIMER find_in(PLIST_ENTRY list, const struct wanted *wanted) {
  if (list->Flink == NULL)
    return NULL;
  for (PLIST_ENTRY entry = list->Flink; entry != list; entry = entry->Flink)
    if (is_wanted(timer_of(entry), wanted))
      return timer_of(entry);
  return NULL;
}

static PKTIMER take_one(const struct wanted *wanted) {
  PKTIMER timer = NULL;

  ke__lock_dispatcher();
  for (unsigned i = 0; i < LISTS && timer == NULL; i++)
    timer = find_in(&ring[i], wanted);
  if (timer != NULL)
    take_out(timer);
  ke__unlock_dispatcher();
  return timer;
}

/* One that another thread sets meanwhile is not seen: that is a race of the
 * client's. */
void ke__forget_timers_in(const void *start, size_t size, const char *call) {
  const struct wanted wanted = {(ULONG_PTR)start, (ULONG_PTR)start + size, 0};
  PKTIMER timer;

  while (ke__may_hold_timer(start, size) && (timer = take_one(&wanted)) != NULL)
    vf__report_on(VF_TIMER_01, timer,
                  "%s: timer %p in this memory is still set", call,
                  (void *)timer);
}

size_t ke__forget_timers_of(ULONG owner, const char *driver) {
  const struct wanted wanted = {.owner = owner};
  size_t count = 0;
  PKTIMER timer;

  if (owner == 0)
    return 0;
  while ((timer = take_one(&wanted)) != NULL) {
    if (!vf__report_on(VF_TIMER_01, timer,
                       "driver %s has gone and its timer %p is still set",
                       driver, (void *)timer))
      count++;
  }
  return count;
}

bool ke__timers_are_set(void) {
  ke__lock_dispatcher();
  bool set = earliest() != NULL;
  ke__unlock_dispatcher();
  return set;
}

size_t ke__forget_timers(void) {
  size_t count = 0;
  PKTIMER timer;

  while ((timer = take_earliest()) != NULL) {
    if (!vf__report_on(VF_TIMER_01, timer, "timer %p is still set",
                       (void *)timer))
      count++;
  }
  ke__forget_dpcs();
  return count;
}
