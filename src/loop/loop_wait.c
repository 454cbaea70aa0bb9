/*
 * Waiting: drive the loop when it is free, park while somebody else drives it.
 */
#include "loop/loop_state.h"

#include <assert.h>

void loop__wait_begin(struct loop_thread *self) {
  STORE(self->done, 0);
  self->after_done = 0;
}

void loop__set_done(struct loop_thread *thread) {
  STORE(thread->done, 1);
}

bool loop__is_done(const struct loop_thread *thread) {
  return LOAD(thread->done) != 0;
}

/* Whoever waits is parked, or drives and is in the poll, or will look. */
void loop__wake(struct loop_thread *thread) {
  if (thread == loop__self())
    return;
  loop__unpark(thread);
  if (LOAD(loop__state.owner) == thread && LOAD(loop__state.sleeping))
    loop__interrupt();
}

static bool expired(uint64_t deadline) {
  return deadline != LOOP_FOREVER && os__now_ns() >= deadline;
}

bool loop__is_busy(const struct loop_thread *thread) {
  const struct loop_thread *owner = LOAD(loop__state.owner);
  return owner != NULL && (thread == NULL || owner == thread) &&
         !LOAD(loop__state.sleeping);
}

/* ---- how soon a thread comes back -------------------------------------- */

/* Only measured while others are parked, for then only does it matter. */
static void note_return(struct loop_thread *self) {
  if (self->left_at == 0)
    return;
  uint64_t gap = os__now_ns() - self->left_at + 1;
  self->average_gap =
      self->average_gap == 0 ? gap : (7 * self->average_gap + gap) / 8;
}

static void note_leaving(struct loop_thread *self) {
  bool matters = LOAD(loop__state.parked_count) > 0 &&
                 LOAD(loop__state.helper) != HELPER_NONE;
  self->left_at = matters ? os__now_ns() : 0;
}

/* ---- the wait ---------------------------------------------------------- */

/* The helper of a host without an unowned poll sleeps as the owner. It looks
 * for parked threads before it sleeps; one that comes later has to wake it. */
static void ask_helper_for_loop(void) {
  struct loop_state *state = &loop__state;
  struct loop_thread *owner = LOAD(state->owner);
  if (owner != NULL && owner == LOAD(state->helper_thread) &&
      LOAD(state->sleeping))
    loop__interrupt();
}

/* Looked at after joining the list: whoever lets go of the loop later finds us
 * there. Without a drivable loop a free one is no reason to stay awake, unless
 * completions are waiting for somebody. */
static bool nothing_to_do(void) {
  if (LOAD(loop__state.owner) != NULL)
    return true;
  return !loop__drivable() && !loop__pushed() && !loop__any_deferred();
}

static void park_in_turn(struct loop_thread *self, uint64_t deadline,
                         bool *candidate) {
  if (!loop__enlist(self))
    return;
  ask_helper_for_loop();
  if (nothing_to_do())
    loop__park(self, deadline);
  if (loop__delist(self))
    *candidate = true;
}

/* Drives or parks once. `candidate` is set while this thread is the one that
 * was woken to take over and has not done it yet. */
static void drive_or_park(struct loop_thread *self, uint64_t deadline,
                          bool once, bool *candidate) {
  if (loop__try_own(self)) {
    loop__pump(self, deadline, once);
    loop__release(self);
    *candidate = false;
    if (loop__drivable() || loop__is_done(self))
      return;
  }
  park_in_turn(self, deadline, candidate);
}

/* A candidate that leaves without having owned passes the wake on. */
static void pass_on(struct loop_thread *self, bool candidate) {
  if (candidate && LOAD(loop__state.owner) == NULL)
    loop__appoint(self, true);
}

bool loop__wait(struct loop_thread *self, uint64_t deadline) {
  bool candidate = false;
  assert(self == loop__self() && !loop__owned());
  note_return(self);
  self->waiting = true;
  while (!loop__is_done(self)) {
    drive_or_park(self, deadline, false, &candidate);
    if (expired(deadline))
      break;
  }
  self->waiting = false;
  pass_on(self, candidate);
  note_leaving(self);
  return loop__is_done(self);
}

/* ---- until a condition ------------------------------------------------- */

/* The condition may come true on another thread without the loop noticing, so
 * it is looked at this often at least. */
#define LOOK_EVERY_NS 1000000u

static void step(struct loop_thread *self, uint64_t deadline) {
  uint64_t next_look = os__now_ns() + LOOK_EVERY_NS;
  bool candidate = false;
  loop__wait_begin(self);
  self->waiting = true;
  drive_or_park(self, deadline < next_look ? deadline : next_look, true,
                &candidate);
  self->waiting = false;
  pass_on(self, candidate);
}

bool loop__run_until(bool (*done)(void *context), void *context,
                     uint64_t deadline) {
  struct loop_thread *self = loop__self();
  assert(!loop__owned());
  if (done == NULL) {
    loop__wait_begin(self);
    return loop__wait(self, deadline);
  }
  bool last = false;
  bool answer = done(context);
  while (!answer && !last) {
    last = expired(deadline);
    step(self, deadline);
    answer = done(context);
  }
  return answer;
}
