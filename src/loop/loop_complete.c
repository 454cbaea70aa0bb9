/*
 * Calls into client code: at once when the stack and the situation allow it,
 * else from the next pump.
 */
#include "loop/loop_state.h"

#include <assert.h>

/* A driver whose own wait is done still finishes the turn of the loop. So that
 * it gets away from a busy loop it makes only so many more client calls. */
#define CALLS_AFTER_DONE 16

/* And a pump looks at the kernel again after so many deferred ones. */
#define DEFERRED_AT_ONCE 64

static bool wait_is_done(const struct loop_thread *self) {
  return self->waiting && LOAD(self->done) != 0;
}

/* A call from a callback of the loop means that the poll is over, or has yet to
 * begin: either way the owner need not be interrupted for now. The prepare
 * handle, which runs last before the poll, sets the flag again. */
static bool owner_may_call(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  if (PEEK(state->sleeping))
    __atomic_store_n(&state->sleeping, 0, __ATOMIC_RELEASE);
  if (state->draining || PEEK(state->deferred_first) != NULL)
    return false;
  return !wait_is_done(self) || self->after_done++ < CALLS_AFTER_DONE;
}

bool loop__enter_client(void) {
  struct loop_thread *self = loop__self();
  if (self->nested >= LOOP_MAX_NESTED)
    return false;
  if (PEEK(loop__state.owner) == self && !owner_may_call(self))
    return false;
  self->nested++;
  return true;
}

void loop__leave_client(void) {
  struct loop_thread *self = loop__self();
  assert(self->nested > 0);
  self->nested--;
}

/* ---- what is put off --------------------------------------------------- */

bool loop__any_deferred(void) {
  return PEEK(loop__state.deferred_first) != NULL;
}

static void append_deferred(struct loop_op *first, struct loop_op *last) {
  struct loop_state *state = &loop__state;
  last->next = NULL;
  if (PEEK(state->deferred_first) != NULL)
    state->deferred_last->next = first;
  else
    SET(state->deferred_first, first);
  state->deferred_last = last;
}

void loop__defer_pushed(void) {
  struct loop_op *first = loop__take_all(&loop__state.completions);
  struct loop_op *last = first;
  if (first == NULL)
    return;
  while (last->next != NULL)
    last = last->next;
  append_deferred(first, last);
}

void loop__complete(struct loop_op *op) {
  struct loop_thread *self = loop__self();
  if (loop__enter_client()) {
    op->run(op);
    self->nested--;
    return;
  }
  COUNT(loop__state.stats.deferred);
  if (PEEK(loop__state.owner) == self)
    append_deferred(op, op);
  else
    loop__put_off(self, op);
}

void loop__run_deferred(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  for (int i = 0; i < DEFERRED_AT_ONCE && !wait_is_done(self); i++) {
    struct loop_op *op = PEEK(state->deferred_first);
    if (op == NULL)
      return;
    SET(state->deferred_first, op->next);
    self->nested++;
    op->run(op);
    self->nested--;
  }
}
