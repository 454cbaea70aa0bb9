/*
 * The state of the loop, for the files of src/loop alone.
 *
 * Who may touch what is said per field. "seq" fields are atomics used with
 * sequential consistency: the protocol stores one word and then loads another,
 * on both sides, so nothing weaker is correct. "owner" fields are plain and
 * belong to whoever owns the loop.
 */
#ifndef UWSK_LOOP_STATE_H
#define UWSK_LOOP_STATE_H

#include "loop/loop.h"
#include "os/os.h"

#include <uv.h>

#define LOAD(field) __atomic_load_n(&(field), __ATOMIC_SEQ_CST)
#define STORE(field, value)                                                    \
  __atomic_store_n(&(field), (value), __ATOMIC_SEQ_CST)
#define PEEK(field)       __atomic_load_n(&(field), __ATOMIC_RELAXED)
#define SET(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#define COUNT(field)      __atomic_fetch_add(&(field), 1, __ATOMIC_RELAXED)

/* One queue of operations that any thread may push to without a lock: a stack
 * whose taker reverses it, so that the order is first in, first out. */
struct loop_queue {
  struct loop_op *top; /* seq */
};

/* What one thread parks on. */
enum loop_token { TOKEN_ASLEEP = -1, TOKEN_NONE = 0, TOKEN_SET = 1 };

struct loop_thread {
  struct loop_thread *next_record; /* all records, for ever */
  struct loop_thread *next_free;

  /* The parked list; under parked_lock. */
  struct loop_thread *next, *previous;
  bool listed;

  int token; /* seq */
  uv_mutex_t mutex;
  uv_cond_t condition;

  int done; /* seq; 0 -> 1 under the lock of the waiter's caller */

  /* The thread's own. */
  bool waiting;         /* between wait_begin and the end of the wait */
  unsigned after_done;  /* client calls made since `done`, while driving */
  unsigned nested;      /* client calls on this thread's stack */
  uint64_t left_at;     /* end of its last wait; 0 when not measured */
  uint64_t average_gap; /* pause between two waits, ns; 0 when unknown */
};

enum loop_helper_state {
  HELPER_NONE,  /* stepped mode, or not booted */
  HELPER_WATCH, /* ticking: looks every period whether the loop moves */
  HELPER_DEEP,  /* parked until somebody lets go of the loop */
  HELPER_POLL   /* asleep on the backend descriptor, without owning */
};

struct loop_state {
  struct loop_thread *owner;     /* seq */
  struct loop_queue operations;  /* seq */
  struct loop_queue completions; /* seq; put off by threads without the loop */
  int sleeping; /* seq: the owner is, or soon is, in the poll */
  int booted;   /* seq */
  int quit;     /* seq */
  int wakers;   /* seq: threads inside uv_async_send */

  struct os_spin parked_lock;
  struct loop_thread *first_parked, *last_parked; /* under parked_lock */
  int parked_count;                               /* seq */
  struct loop_thread *candidate;                  /* seq */

  uint64_t alarm_due;       /* seq; LOOP_FOREVER when none is wanted */
  int alarm_queued;         /* seq: alarm_op is on its way */
  void (*alarm_ring)(void); /* seq */
  struct loop_op alarm_op;

  uint64_t drives; /* relaxed: waiters that drove, not operations started */

  /* Owner fields. */
  bool dirty;    /* the kernel has not heard of something yet */
  bool draining; /* operations of others are being started */
  struct loop_op *deferred_first; /* peeked at by others */
  struct loop_op *deferred_last;
  bool timer_fired; /* in this turn */
  uint64_t turn;
  uint64_t armed; /* when the timer fires, or LOOP_FOREVER */
  uv_loop_t loop;
  uv_async_t async;
  uv_prepare_t prepare;
  uv_timer_t timer;
  uv_timer_t alarm;
  uint64_t alarm_armed; /* when it fires, or LOOP_FOREVER */
  void (*abandon)(uv_handle_t *handle);

  /* The helper. */
  int helper; /* seq: enum loop_helper_state */
  bool owning_helper;
  int wake_descriptor;
  struct loop_thread *helper_thread;
  struct os_thread helper_host;

  struct loop_stats stats; /* relaxed counters */
};

extern struct loop_state loop__state;

/* ---- loop_thread.c ----------------------------------------------------- */

/* Sleeps until unparked or the deadline; may return early for no reason. */
void loop__park(struct loop_thread *self, uint64_t deadline);
void loop__unpark(struct loop_thread *thread);

/* The parked list. enlist returns false, and does nothing, when already done.
 * delist returns whether this thread had been made the candidate, which it no
 * longer is then. */
bool loop__enlist(struct loop_thread *self);
bool loop__delist(struct loop_thread *self);

/* Makes the first parked thread that still waits the candidate, and wakes it.
 * True when a candidate is on its way. */
bool loop__wake_one(void);

/* ---- loop_own.c -------------------------------------------------------- */

bool loop__try_own(struct loop_thread *self);
void loop__release(struct loop_thread *self);

/* Sees to it that somebody comes: a parked waiter, else the helper. */
void loop__appoint(struct loop_thread *self, bool need);

/* Starts everything that was pushed. Owner only. */
void loop__drain(void);
bool loop__pushed(void);

/* Takes the whole queue, the oldest first. */
struct loop_op *loop__take_all(struct loop_queue *queue);

/* Puts a completion off to the next pump, from a thread without the loop. */
void loop__put_off(struct loop_thread *self, struct loop_op *op);

/* Gets the owner out of its poll. */
void loop__interrupt(void);

/* ---- loop_complete.c --------------------------------------------------- */

void loop__defer_pushed(void);
bool loop__any_deferred(void);
void loop__run_deferred(struct loop_thread *self);

/* ---- loop_pump.c ------------------------------------------------------- */

/* Drives the owned loop until the wait is done or over; with `once`, for one
 * turn at most. */
void loop__pump(struct loop_thread *self, uint64_t deadline, bool once);
void loop__turn_once(uv_run_mode mode, uint64_t *counter);
void loop__on_prepare(uv_prepare_t *prepare);

/* Whether there is a loop that may be run. Without one a waiter just parks. */
bool loop__drivable(void);

/* ---- loop_alarm.c ------------------------------------------------------ */

void loop__alarm_open(void);
void loop__alarm_close(void);

/* ---- loop_helper.c ----------------------------------------------------- */

int loop__helper_start(bool owning);
void loop__helper_stop(void);
void loop__helper_wake(void);

#endif
