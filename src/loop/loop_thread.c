/*
 * Thread records, parking, and the list of those parked.
 */
#include "loop/loop_state.h"

#include <assert.h>

/* ---- records ----------------------------------------------------------- */

static struct os_spin records_lock;
static struct loop_thread *records;      /* every one there is */
static struct loop_thread *free_records; /* of threads that have ended */

/* Reached on every operation; the dynamic model would call a function. */
#ifdef _WIN32
static __thread struct loop_thread *mine;
#else
static __thread struct loop_thread *mine
    __attribute__((tls_model("initial-exec")));
#endif

static void recycle(void *value) {
  struct loop_thread *thread = value;
  mine = NULL;
  assert(!thread->listed && thread->nested == 0);
  os__spin_lock(&records_lock);
  thread->next_free = free_records;
  free_records = thread;
  os__spin_unlock(&records_lock);
}

static struct loop_thread *take_free_record(void) {
  os__spin_lock(&records_lock);
  struct loop_thread *thread = free_records;
  if (thread != NULL)
    free_records = thread->next_free;
  os__spin_unlock(&records_lock);
  return thread;
}

static struct loop_thread *make_record(void) {
  struct loop_thread *thread = os__alloc_permanent(sizeof(*thread));
  int error = uv_mutex_init(&thread->mutex);
  assert(error == 0);
  error = uv_cond_init(&thread->condition);
  assert(error == 0);
  (void)error;
  os__spin_lock(&records_lock);
  thread->next_record = records;
  records = thread;
  os__spin_unlock(&records_lock);
  return thread;
}

static struct loop_thread *adopt_record(void) {
  struct loop_thread *thread = take_free_record();
  if (thread == NULL)
    thread = make_record();
  thread->waiting = false;
  thread->left_at = 0;
  thread->average_gap = 0;
  mine = thread;
  os__at_thread_exit(recycle, thread);
  return thread;
}

struct loop_thread *loop__self(void) {
  return mine != NULL ? mine : adopt_record();
}

/* ---- parking ----------------------------------------------------------- */

/* Sleeps on the condition until the token leaves ASLEEP or the time is over. */
static void sleep_for_token(struct loop_thread *self, uint64_t deadline) {
  while (LOAD(self->token) == TOKEN_ASLEEP) {
    if (deadline == LOOP_FOREVER) {
      uv_cond_wait(&self->condition, &self->mutex);
      continue;
    }
    uint64_t now = os__now_ns();
    if (now >= deadline)
      return;
    uint64_t left = deadline - now;
#ifdef _WIN32
    left = (left + 999999) / 1000000 * 1000000; /* it would round down */
#endif
    uv_cond_timedwait(&self->condition, &self->mutex, left);
  }
}

void loop__park(struct loop_thread *self, uint64_t deadline) {
  int expected = TOKEN_SET;
  if (__atomic_compare_exchange_n(&self->token, &expected, TOKEN_NONE, false,
                                  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    return;
  COUNT(loop__state.stats.parks);
  uv_mutex_lock(&self->mutex);
  expected = TOKEN_NONE;
  if (__atomic_compare_exchange_n(&self->token, &expected, TOKEN_ASLEEP, false,
                                  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
    sleep_for_token(self, deadline);
  STORE(self->token, TOKEN_NONE);
  uv_mutex_unlock(&self->mutex);
}

void loop__unpark(struct loop_thread *thread) {
  int old = __atomic_exchange_n(&thread->token, TOKEN_SET, __ATOMIC_SEQ_CST);
  if (old != TOKEN_ASLEEP)
    return;
  uv_mutex_lock(&thread->mutex);
  uv_cond_signal(&thread->condition);
  uv_mutex_unlock(&thread->mutex);
}

/* ---- the parked list --------------------------------------------------- */

static void unlink_parked(struct loop_thread *thread) {
  struct loop_state *state = &loop__state;
  if (thread->previous != NULL)
    thread->previous->next = thread->next;
  else
    state->first_parked = thread->next;
  if (thread->next != NULL)
    thread->next->previous = thread->previous;
  else
    state->last_parked = thread->previous;
  thread->listed = false;
  __atomic_fetch_sub(&state->parked_count, 1, __ATOMIC_SEQ_CST);
}

bool loop__enlist(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  os__spin_lock(&state->parked_lock);
  bool join = LOAD(self->done) == 0;
  if (join) {
    self->next = NULL;
    self->previous = state->last_parked;
    if (state->last_parked != NULL)
      state->last_parked->next = self;
    else
      state->first_parked = self;
    state->last_parked = self;
    self->listed = true;
    __atomic_fetch_add(&state->parked_count, 1, __ATOMIC_SEQ_CST);
  }
  os__spin_unlock(&state->parked_lock);
  return join;
}

bool loop__delist(struct loop_thread *self) {
  struct loop_state *state = &loop__state;
  os__spin_lock(&state->parked_lock);
  if (self->listed)
    unlink_parked(self);
  os__spin_unlock(&state->parked_lock);
  if (LOAD(state->candidate) != self)
    return false;
  STORE(state->candidate, NULL);
  return true;
}

bool loop__wake_one(void) {
  struct loop_state *state = &loop__state;
  struct loop_thread *expected = NULL;
  if (LOAD(state->candidate) != NULL)
    return true;
  os__spin_lock(&state->parked_lock);
  struct loop_thread *chosen = state->first_parked;
  while (chosen != NULL && LOAD(chosen->done) != 0)
    chosen = chosen->next;
  bool mine_to_wake =
      chosen != NULL &&
      __atomic_compare_exchange_n(&state->candidate, &expected, chosen, false,
                                  __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  if (mine_to_wake)
    unlink_parked(chosen);
  os__spin_unlock(&state->parked_lock);
  if (mine_to_wake)
    loop__unpark(chosen);
  return chosen != NULL;
}
