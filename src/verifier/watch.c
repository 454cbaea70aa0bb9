/* The calls that a thread is in, and the rings of events. */
#include "verifier/watch.h"

#include <stdint.h>
#include <string.h>

#include "os/os.h"
#include "verifier/report.h"

unsigned vf__watched = VF_WATCH_OBJECTS;

void vf__watch(unsigned bit, bool on) {
  if (on)
    __atomic_fetch_or(&vf__watched, bit, __ATOMIC_RELAXED);
  else
    __atomic_fetch_and(&vf__watched, ~bit, __ATOMIC_RELAXED);
}

/* ---- calls ------------------------------------------------------------- */

#define DEPTH 8

struct call {
  const char *name;
  const void *caller;
  const void *frame;
};

/* Outermost first. Frames go down: stacks grow that way on every host. */
static _Thread_local struct {
  unsigned depth;
  struct call calls[DEPTH];
} mine;

static void drop_finished(const void *frame) {
  while (mine.depth > 0 &&
         (uintptr_t)mine.calls[mine.depth - 1].frame <= (uintptr_t)frame)
    mine.depth--;
}

/* ---- memory on stacks -------------------------------------------------- */

/* What is lent from stacks. More than there is room for is not noted. */
#define LOANS 64

static struct loan {
  const void *irp; /* atomic; NULL: free */
  unsigned thread;
} loans[LOANS];
static unsigned loan_count; /* atomic */

void vf__lend_stack(const void *irp, const void *frame) {
  uintptr_t low, high;

  os__stack_bounds(&low, &high);
  if ((uintptr_t)irp < (uintptr_t)frame || (uintptr_t)irp >= high ||
      (uintptr_t)frame < low)
    return;
  for (unsigned i = 0; i < LOANS; i++) {
    const void *none = NULL;

    if (!__atomic_compare_exchange_n(&loans[i].irp, &none, irp, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
      continue;
    __atomic_store_n(&loans[i].thread, os__thread_number(), __ATOMIC_RELEASE);
    __atomic_add_fetch(&loan_count, 1, __ATOMIC_RELEASE);
    return;
  }
}

static bool take(struct loan *loan, const void *irp) {
  if (irp == NULL ||
      !__atomic_compare_exchange_n(&loan->irp, &irp, NULL, false,
                                   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return false;
  __atomic_sub_fetch(&loan_count, 1, __ATOMIC_RELEASE);
  return true;
}

static bool has_loans(void) {
  return __builtin_expect(__atomic_load_n(&loan_count, __ATOMIC_ACQUIRE) != 0,
                          0);
}

void vf__give_stack_back(const void *irp) {
  for (unsigned i = 0; has_loans() && i < LOANS; i++)
    if (take(&loans[i], irp))
      return;
}

/* Stacks grow down: what lies below a frame, its thread has left. */
static void check_loan(struct loan *loan, const char *call, const void *frame) {
  const void *irp = __atomic_load_n(&loan->irp, __ATOMIC_ACQUIRE);

  if (irp == NULL || (uintptr_t)irp >= (uintptr_t)frame ||
      __atomic_load_n(&loan->thread, __ATOMIC_ACQUIRE) != os__thread_number() ||
      !take(loan, irp))
    return;
  vf__report_on(VF_IRP_STACK_01, irp,
                "IRP %p is pending, and the function on whose stack it stood "
                "has returned before %s was called",
                irp, call);
}

static void check_loans(const char *call, const void *frame) {
  uintptr_t low, high;

  os__stack_bounds(&low, &high);
  for (unsigned i = 0; i < LOANS && has_loans(); i++)
    if ((uintptr_t)__atomic_load_n(&loans[i].irp, __ATOMIC_RELAXED) >= low)
      check_loan(&loans[i], call, frame);
}

/* ---- entering a call ---------------------------------------------------- */

/* A check that a public function shares with others names it again, from a
 * frame of its own: the first name has the better caller. */
void vf__enter(const char *call, const void *caller, const void *frame) {
  drop_finished(frame);
  if (mine.depth > 0 && mine.calls[mine.depth - 1].name == call)
    return;
  if (mine.depth == DEPTH)
    memmove(mine.calls, mine.calls + 1, --mine.depth * sizeof(mine.calls[0]));
  mine.calls[mine.depth++] = (struct call){call, caller, frame};
  if (has_loans())
    check_loans(call, frame);
}

/* The frame of the call itself counts, too: it may be the one that asks. */
const char *vf__call_around(const void *frame, const void **caller) {
  for (unsigned i = mine.depth; i-- > 0;) {
    if ((uintptr_t)mine.calls[i].frame < (uintptr_t)frame)
      continue;
    *caller = mine.calls[i].caller;
    return mine.calls[i].name;
  }
  *caller = NULL;
  return NULL;
}

/* ---- events ------------------------------------------------------------ */

#define RINGS 1024

struct entry {
  const void *object;
  struct uwsk_event event;
};

struct ring {
  struct os_spin lock;
  unsigned run;   /* whose events these are */
  unsigned count; /* since the run began; the next goes to count % KEPT */
  struct entry entries[VF_EVENTS_KEPT];
};

static struct ring rings[RINGS];
static unsigned current_run;

static struct ring *ring_of(const void *object) {
  uint64_t mixed = (uint64_t)(uintptr_t)object * UINT64_C(0x9E3779B97F4A7C15);

  return &rings[mixed >> (64 - 10)];
}

_Static_assert(RINGS == 1 << 10, "ring_of takes the top ten bits");

static void lock_ring(struct ring *ring) {
  unsigned run = __atomic_load_n(&current_run, __ATOMIC_RELAXED);

  os__spin_lock(&ring->lock);
  if (ring->run != run) {
    ring->run = run;
    ring->count = 0;
  }
}

void vf__remember(const void *object, const struct uwsk_event *event) {
  struct ring *ring = ring_of(object);
  struct entry *entry;

  lock_ring(ring);
  entry = &ring->entries[ring->count++ % VF_EVENTS_KEPT];
  entry->object = object;
  entry->event = *event;
  entry->event.thread = os__thread_number();
  entry->event.irql = vf__irql();
  os__spin_unlock(&ring->lock);
}

unsigned vf__recall(const void *object, struct uwsk_event *events,
                    unsigned room) {
  struct ring *ring = ring_of(object);
  unsigned found = 0;

  lock_ring(ring);
  unsigned kept = ring->count < VF_EVENTS_KEPT ? ring->count : VF_EVENTS_KEPT;
  unsigned first = ring->count;
  for (unsigned back = 1; back <= kept && found < room; back++)
    if (ring->entries[(ring->count - back) % VF_EVENTS_KEPT].object == object) {
      first = ring->count - back;
      found++;
    }
  found = 0;
  for (unsigned at = first; at != ring->count; at++)
    if (ring->entries[at % VF_EVENTS_KEPT].object == object)
      events[found++] = ring->entries[at % VF_EVENTS_KEPT].event;
  os__spin_unlock(&ring->lock);
  return found;
}

void vf__forget_events(void) {
  for (unsigned i = 0; i < LOANS; i++)
    (void)take(&loans[i], __atomic_load_n(&loans[i].irp, __ATOMIC_RELAXED));
  __atomic_add_fetch(&current_run, 1, __ATOMIC_RELAXED);
}
