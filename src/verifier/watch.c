/* The calls that a thread is in, and the rings of events. */
#include "verifier/watch.h"

#include <stdint.h>
#include <string.h>

#include "os/os.h"

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

/* A check that a public function shares with others names it again, from a
 * frame of its own: the first name has the better caller. */
void vf__enter(const char *call, const void *caller, const void *frame) {
  drop_finished(frame);
  if (mine.depth > 0 && mine.calls[mine.depth - 1].name == call)
    return;
  if (mine.depth == DEPTH)
    memmove(mine.calls, mine.calls + 1, --mine.depth * sizeof(mine.calls[0]));
  mine.calls[mine.depth++] = (struct call){call, caller, frame};
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
  __atomic_add_fetch(&current_run, 1, __ATOMIC_RELAXED);
}
