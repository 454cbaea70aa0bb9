/*
 * Ownership: taking the loop, starting operations on it, letting go of it.
 */
#include "loop/loop_state.h"

#include <assert.h>

struct loop_state loop__state = {.armed = LOOP_FOREVER,
                                 .alarm_due = LOOP_FOREVER,
                                 .alarm_armed = LOOP_FOREVER,
                                 .wake_descriptor = -1};

bool loop__try_own(struct loop_thread *self) {
  struct loop_thread *nobody = NULL;
  return PEEK(loop__state.owner) == NULL &&
         __atomic_compare_exchange_n(&loop__state.owner, &nobody, self, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* Relaxed is enough: only this thread ever stores this thread's record. */
bool loop__owned(void) {
  return PEEK(loop__state.owner) == loop__self();
}

bool loop__may_wait(void) {
  return !loop__owned();
}

/* ---- queues ------------------------------------------------------------ */

static void push(struct loop_queue *queue, struct loop_op *op) {
  struct loop_op *top = PEEK(queue->top);
  do {
    op->next = top;
  } while (!__atomic_compare_exchange_n(&queue->top, &top, op, true,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
}

/* All of it, the oldest first. */
struct loop_op *loop__take_all(struct loop_queue *queue) {
  struct loop_op *reversed = NULL;
  struct loop_op *op = __atomic_exchange_n(&queue->top, NULL, __ATOMIC_SEQ_CST);
  while (op != NULL) {
    struct loop_op *next = op->next;
    op->next = reversed;
    reversed = op;
    op = next;
  }
  return reversed;
}

bool loop__pushed(void) {
  return LOAD(loop__state.operations.top) != NULL ||
         LOAD(loop__state.completions.top) != NULL;
}

/* While operations of others are started every completion is put off: it would
 * run on the stack of a submitter who may hold the very lock it wants, and it
 * could submit ahead of operations that its thread has pushed before. */
void loop__drain(void) {
  struct loop_state *state = &loop__state;
  if (LOAD(state->operations.top) != NULL) {
    state->draining = true;
    struct loop_op *op = loop__take_all(&state->operations);
    while (op != NULL) {
      struct loop_op *next = op->next;
      op->run(op);
      op = next;
    }
    state->draining = false;
  }
  if (LOAD(state->completions.top) != NULL)
    loop__defer_pushed();
}

/* ---- waking whoever drives --------------------------------------------- */

/* The count keeps loop__shutdown from closing the handle under our hands. */
void loop__interrupt(void) {
  struct loop_state *state = &loop__state;
  __atomic_fetch_add(&state->wakers, 1, __ATOMIC_SEQ_CST);
  if (LOAD(state->booted)) {
    COUNT(state->stats.wakes);
    uv_async_send(&state->async);
  }
  __atomic_fetch_sub(&state->wakers, 1, __ATOMIC_SEQ_CST);
}

/* After a push: if the loop is free it is drained here and now. If it is not,
 * its owner either has yet to look at the queue or is asleep in the poll. */
static void see_to_pushed(struct loop_thread *self) {
  if (LOAD(loop__state.owner) == NULL) {
    if (loop__try_own(self))
      loop__release(self);
  } else if (LOAD(loop__state.sleeping)) {
    loop__interrupt();
  }
}

void loop__submit(struct loop_op *op) {
  struct loop_state *state = &loop__state;
  struct loop_thread *self = loop__self();
  if (PEEK(state->owner) == self) {
    op->run(op);
  } else if (loop__try_own(self)) {
    loop__drain();
    op->run(op);
    loop__release(self);
  } else {
    push(&state->operations, op);
    see_to_pushed(self);
  }
}

void loop__put_off(struct loop_thread *self, struct loop_op *op) {
  push(&loop__state.completions, op);
  see_to_pushed(self);
}

/* ---- letting go -------------------------------------------------------- */

void loop__release(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  bool need;
  assert(PEEK(state->owner) == self);
  do {
    loop__drain();
    need = state->dirty || loop__any_deferred();
    STORE(state->owner, NULL);
  } while (loop__pushed() && loop__try_own(self));
  loop__appoint(self, need);
}

/* A thread that comes back at once, as a synchronous client does, need not wake
 * another for the meantime; the ticking helper is there if it stays away. */
static bool comes_right_back(const struct loop_thread *self) {
  return self->average_gap != 0 && self->average_gap < 20000 &&
         LOAD(loop__state.helper) == HELPER_WATCH;
}

void loop__appoint(struct loop_thread *self, bool need) {
  struct loop_state *state = &loop__state;
  if (LOAD(state->parked_count) > 0 && !comes_right_back(self) &&
      loop__wake_one())
    return;
  int helper = LOAD(state->helper);
  /* A thread that was left behind may come here while the helper ends. */
  struct loop_thread *thread = LOAD(state->helper_thread);
  if (helper == HELPER_DEEP && thread != NULL)
    loop__unpark(thread);
  else if (helper == HELPER_POLL && need)
    loop__helper_wake();
}
