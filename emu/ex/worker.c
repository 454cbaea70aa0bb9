/*
 * The system's worker threads: real threads that run queued routines at
 * PASSIVE_LEVEL.
 *
 * A thread is made when an item finds none idle, since an item may wait for
 * another; there is a limit, beyond which items wait their turn. Idle ones rest
 * without driving the loop: in stepped mode nothing may move because a worker
 * has nothing to do. The table is fixed, so queueing allocates nothing.
 */
#include <ntddk.h>

#include "etw/trace.h"
#include "ex/ex.h"
#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

#define WORKERS     32
#define PATIENCE_NS 1000000000u

enum state { NONE, WORKING, IDLE, ENDED };

struct worker {
  struct os_thread thread;
  struct loop_thread *parking;
  int state; /* enum state; under the lock, and read without it */
};

enum { URGENT, ORDINARY, QUEUES };

/* Under the lock. A queue is linked by List.Flink of its items, with
 * `queue_end` at the end, so that what is queued never has a NULL there;
 * List.Blink holds the owner of who queued the item, and whether nothing is
 * held by it. */
static struct os_spin lock;
static struct queue {
  PLIST_ENTRY first, last; /* NULL: it is empty */
} queues[QUEUES];
static LIST_ENTRY queue_end;
#define UNHELD ((ULONG_PTR)1 << 16)

static unsigned unheld[KE_OWNERS]; /* items of each owner's */
static struct worker workers[WORKERS];
static bool stopping;

/* ---- one worker -------------------------------------------------------- */

static void push(struct queue *queue, PLIST_ENTRY entry, ULONG_PTR mark) {
  entry->Flink = &queue_end;
  entry->Blink = (PLIST_ENTRY)mark;
  if (queue->last != NULL)
    queue->last->Flink = entry;
  else
    queue->first = entry;
  queue->last = entry;
}

static PLIST_ENTRY pop(struct queue *queue) {
  PLIST_ENTRY entry = queue->first;

  if (entry == queue->last)
    *queue = (struct queue){NULL, NULL};
  else
    queue->first = entry->Flink;
  entry->Flink = NULL;
  return entry;
}

static PWORK_QUEUE_ITEM next_item(void) {
  for (int i = 0; i < QUEUES; i++)
    if (queues[i].first != NULL)
      return CONTAINING_RECORD(pop(&queues[i]), WORK_QUEUE_ITEM, List);
  return NULL;
}

void ex__check_worker(const void *routine) {
  char where[256];

  if (KeGetCurrentIrql() == PASSIVE_LEVEL)
    return;
  os__describe_code(routine, where, sizeof(where));
  vf__report(VF_WORK_02, "the work item %s returned at IRQL %s", where,
             ke__irql_name(KeGetCurrentIrql()));
  ke__swap_irql(PASSIVE_LEVEL);
}

static void count(ULONG_PTR mark, LONG change) {
  ULONG owner = (ULONG)(mark & ~UNHELD);

  if (mark & UNHELD)
    __atomic_fetch_add(&unheld[owner], (unsigned)change, __ATOMIC_RELAXED);
  ke__count_busy(owner, change);
}

unsigned ex__count_work_of(ULONG owner) {
  return __atomic_load_n(&unheld[owner], __ATOMIC_RELAXED);
}

/* The one place that calls a work item. It may be gone afterwards. */
static void call(PWORKER_THREAD_ROUTINE routine, PVOID parameter,
                 ULONG_PTR mark) {
  ETW_CALLBACK("work item", parameter, NULL);
  ke__enter_owner((ULONG)(mark & ~UNHELD));
  routine(parameter);
  ke__enter_owner(0);
  ex__check_worker((const void *)routine);
  count(mark, -1);
}

static void set_state(struct worker *worker, enum state state) {
  __atomic_store_n(&worker->state, state, __ATOMIC_RELEASE);
}

static enum state state_of(const struct worker *worker) {
  return (enum state)__atomic_load_n(&worker->state, __ATOMIC_ACQUIRE);
}

/* Runs one item; without one, goes to rest or ends. */
static void work(struct worker *worker) {
  PWORKER_THREAD_ROUTINE routine = NULL;
  PVOID parameter = NULL;
  PWORK_QUEUE_ITEM item;
  ULONG_PTR mark = 0;

  os__spin_lock(&lock);
  item = next_item();
  if (item != NULL) {
    routine = item->WorkerRoutine;
    parameter = item->Parameter;
    mark = (ULONG_PTR)item->List.Blink;
  } else {
    set_state(worker, stopping ? ENDED : IDLE);
  }
  os__spin_unlock(&lock);
  if (routine != NULL)
    call(routine, parameter, mark);
}

static void run_worker(void *argument) {
  struct worker *worker = argument;

  worker->parking = loop__self();
  for (;;) {
    switch (state_of(worker)) {
    case WORKING:
      work(worker);
      break;
    case IDLE:
      loop__rest();
      break;
    default:
      return;
    }
  }
}

/* ---- finding one ------------------------------------------------------- */

/* A worker to be woken (it was idle) or started (`fresh`); NULL when all are
 * busy, of whom the next to be done sees the queue. */
static struct worker *find_worker(bool *fresh) {
  struct worker *room = NULL;

  *fresh = false;
  for (int i = 0; i < WORKERS; i++) {
    if (state_of(&workers[i]) == IDLE) {
      set_state(&workers[i], WORKING);
      return &workers[i];
    }
    if (state_of(&workers[i]) == NONE && room == NULL)
      room = &workers[i];
  }
  if (room != NULL)
    set_state(room, WORKING);
  *fresh = room != NULL;
  return room;
}

/* Without a thread from the host the item waits for one that is there, or for
 * the next item's. */
static void start_worker(struct worker *worker) {
  if (os__thread_start(&worker->thread, run_worker, worker) != 0)
    set_state(worker, NONE);
}

static bool is_urgent(WORK_QUEUE_TYPE type) {
  return type == CriticalWorkQueue || type == HyperCriticalWorkQueue ||
         type == SuperCriticalWorkQueue || type == RealTimeWorkQueue;
}

static bool queue_item(PWORK_QUEUE_ITEM item, WORK_QUEUE_TYPE type,
                       ULONG_PTR mark) {
  struct worker *worker;
  bool fresh;

  count(mark, 1);
  os__spin_lock(&lock);
  if (item->List.Flink != NULL) {
    os__spin_unlock(&lock);
    count(mark, -1);
    return false;
  }
  push(&queues[is_urgent(type) ? URGENT : ORDINARY], &item->List, mark);
  worker = find_worker(&fresh);
  os__spin_unlock(&lock);
  if (fresh)
    start_worker(worker);
  else if (worker != NULL)
    loop__wake(worker->parking);
  return true;
}

bool ex__queue_work(PWORK_QUEUE_ITEM item, WORK_QUEUE_TYPE type, ULONG owner) {
  return queue_item(item, type, owner);
}

VOID ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType) {
  ke__require_irql(DISPATCH_LEVEL, "ExQueueWorkItem");
  if (!queue_item(WorkItem, QueueType, ke__owner() | UNHELD))
    vf__report(VF_WORK_01, "ExQueueWorkItem: work item %p is queued already",
               (void *)WorkItem);
}

/* ---- stopping ---------------------------------------------------------- */

/* Idle ones are sent to end, as the others do when the queue is empty. */
static void send_home(struct worker *worker) {
  bool idle;

  os__spin_lock(&lock);
  idle = state_of(worker) == IDLE;
  if (idle)
    set_state(worker, WORKING);
  os__spin_unlock(&lock);
  if (idle)
    loop__wake(worker->parking);
}

/* False when it still works at the deadline; it ends by itself then. */
static bool end_worker(struct worker *worker, uint64_t deadline) {
  if (state_of(worker) == NONE)
    return true;
  send_home(worker);
  while (state_of(worker) != ENDED && os__now_ns() < deadline)
    os__yield();
  if (state_of(worker) != ENDED)
    return false;
  os__thread_join(&worker->thread);
  set_state(worker, NONE);
  return true;
}

static void set_stopping(bool value) {
  os__spin_lock(&lock);
  stopping = value;
  os__spin_unlock(&lock);
}

size_t ex__stop_workers(void) {
  uint64_t deadline = os__now_ns() + PATIENCE_NS;
  size_t left = 0;

  set_stopping(true);
  for (int i = 0; i < WORKERS; i++)
    if (!end_worker(&workers[i], deadline))
      left++;
  set_stopping(false);
  return left;
}
