/*
 * Loop ownership: who may touch the libuv loop, and how everybody else asks.
 *
 * There is one loop in the process. A thread may touch it only while it owns
 * it. Whoever blocks (loop__wait) takes the loop over if nobody has it, pumps
 * it until its own wait is done, and wakes one waiter to follow; others park. A
 * submitter that finds the loop free starts its operation at once, never more.
 *
 *   auto mode     a helper thread, asleep on the backend descriptor without
 *                 owning the loop, makes things happen while nobody waits
 *   stepped mode  no helper: the loop moves only inside waits and
 *                 loop__run_until. One thread, repeatable.
 *
 * The algorithm, its invariants and its traps: docs/loop-ownership.md.
 *
 * Plain C: no NT type and no libuv type, so that emu/ and src/wsk/ may include
 * this. Only src/loop and src/net see <uv.h>.
 */
#ifndef UWSK_LOOP_H
#define UWSK_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_FOREVER UINT64_MAX

/* ---- life -------------------------------------------------------------- */

struct loop_config {
  bool stepped;
  /* For tests: let the helper sleep as the owner of the loop, as it has to on a
   * host without a backend descriptor (Windows). */
  bool owning_helper;
};

/* 0, or a negative libuv error. Not reference counted: one boot, one shutdown.
 */
int loop__boot(const struct loop_config *config);

/* Stops the helper, then runs until every handle has closed. The caller has
 * seen to it that nothing pends. Returns the number of handles that were still
 * open (they are closed by force), 0 when all was quiet. */
int loop__shutdown(void);

bool loop__running(void);

/* ---- operations -------------------------------------------------------- */

/* Something to do on the loop. The memory is the submitter's (often inside an
 * IRP) and is not touched after `run` has been entered. */
struct loop_op {
  struct loop_op *next;
  void (*run)(struct loop_op *op);
};

/* Runs op->run as the owner of the loop: at once when the caller owns it or it
 * is free, else soon, on the owner's thread. Never blocks, never runs a
 * callback of anything but `op` itself. Submits of one thread run in order. */
void loop__submit(struct loop_op *op);

/* True while the calling thread owns the loop. */
bool loop__owned(void);

/* Runs op->run, which calls client code (a completion): now when that is
 * allowed (nesting below LOOP_MAX_NESTED, not while another thread's submits
 * are being drained, not too long after this thread's own wait was done), else
 * from the next pump. Any thread, owner or not. FIFO among deferred ones. */
void loop__complete(struct loop_op *op);

#define LOOP_MAX_NESTED 4

/* Runs op->run from the next pump, never inside the call. Any thread; never
 * blocks. FIFO, together with the completions that were put off. */
void loop__post(struct loop_op *op);

/* Calls ring() as the owner of the loop when `due` (os__now_ns units) has
 * passed, not before. Of several calls the earliest counts, and its ring is for
 * all of them: it asks again for what is due later. Any thread; never blocks,
 * and never calls ring itself. */
void loop__alarm(uint64_t due, void (*ring)(void));

/* Parks the calling thread until loop__wake, without driving the loop: for
 * threads that have nothing to wait for. May return for no reason. */
void loop__rest(void);

/* For completions that are not queued as an op: brackets a direct call into
 * client code. loop__enter_client returns false when the nesting is used up
 * (then use loop__complete with an op); on true call the client, then leave. */
bool loop__enter_client(void);
void loop__leave_client(void);

/* ---- waiting ----------------------------------------------------------- */

/* One per host thread, made on first use, recycled when the thread ends and
 * never freed: it may be woken after its thread has gone. */
struct loop_thread;

struct loop_thread *loop__self(void);

/* The protocol of a wait. The caller has a lock L of its own (the dispatcher
 * lock) under which `done` goes 0 -> 1:
 *
 *   waiter:  lock L; loop__wait_begin(self); queue itself; unlock L;
 *            loop__wait(self, deadline);
 *            lock L; if (!loop__is_done(self)) dequeue itself; unlock L
 *   setter:  lock L; dequeue the waiter; loop__set_done(t) as the last touch;
 *            unlock L; loop__wake(t)
 */
void loop__wait_begin(struct loop_thread *self);
void loop__set_done(struct loop_thread *thread);
bool loop__is_done(const struct loop_thread *thread);
void loop__wake(struct loop_thread *thread);

/* Pumps or parks until done or the deadline (os__now_ns units; LOOP_FOREVER).
 * Returns whether done. Must not be called while loop__owned(): check
 * loop__may_wait() first. Works before loop__boot, too (it parks). */
bool loop__wait(struct loop_thread *self, uint64_t deadline);

/* False inside a callback of the loop: the loop is not re-entrant. */
bool loop__may_wait(void);

/* Whether that thread (NULL: any) drives the loop and does not sleep in it:
 * most likely it is in a callback. A snapshot, for reports. */
bool loop__is_busy(const struct loop_thread *thread);

/* Pumps (or naps, while another thread pumps) until done(context) or the
 * deadline. Returns the last answer of done(). A NULL done waits for time. */
bool loop__run_until(bool (*done)(void *context), void *context,
                     uint64_t deadline);

/* ---- counters, for tests and benchmarks -------------------------------- */

struct loop_stats {
  uint64_t pumps;        /* uv_run calls made by waiters */
  uint64_t helper_runs;  /* uv_run calls made by the helper */
  uint64_t helper_ticks; /* wake-ups of the helper */
  uint64_t parks;        /* times a waiter slept without the loop */
  uint64_t wakes;        /* writes to the wake descriptor */
  uint64_t deferred;     /* completions put off to the next pump */
};

void loop__stats(struct loop_stats *stats);

#endif
