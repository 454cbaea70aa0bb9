/*
 * The traps of loop ownership: each was fallen into once, or nearly. They are
 * numbered as in docs/loop-ownership.md. Threads here do on purpose what makes
 * the bad interleaving likely; a fall shows as a hang, which the runner's time
 * limit ends, or as a failed count.
 */
#include "loop/loop_state.h"
#include "readable.h"

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

#define THREADS 3
#define ROUNDS  2000

static uint64_t soon(unsigned *seed, unsigned limit_ns) {
  return os__now_ns() + chance(seed) * UINT64_C(1000) % limit_ns;
}

struct signal_op {
  struct loop_op op;
  struct event event;
};

static void set_event(struct loop_op *op) {
  event_set(&((struct signal_op *)op)->event);
}

/* ---- 1: callbacks before the poll -------------------------------------- */

static struct {
  uv_timer_t timer;
  int called;
  struct signal_op signal;
} early;

/* Runs before the poll of its turn, calls the client, and so makes the owner
 * look awake; the turn then goes to sleep. */
static void call_client_early(uv_timer_t *timer) {
  (void)timer;
  if (loop__enter_client())
    loop__leave_client();
  ADD(early.called, 1);
}

static void init_early(void *argument) {
  (void)argument;
  uv_timer_init(loop__uv(), &early.timer);
}

static void start_early(void *argument) {
  (void)argument;
  uv_timer_start(&early.timer, call_client_early, 0, 0);
  loop__touched();
}

static void close_early(void *argument) {
  (void)argument;
  uv_close((uv_handle_t *)&early.timer, NULL);
  loop__touched();
}

static void signal_after_the_call(void *argument) {
  unsigned seed = 11;
  (void)argument;
  for (int i = 1; i <= ROUNDS; i++) {
    while (FLAG(early.called) < i)
      os__yield();
    stay_busy(chance(&seed) % 20000);
    loop__submit(&early.signal.op);
  }
}

/* Bug: the flag that says "asleep" is cleared by a callback that runs before
 * the poll, and the thread sleeps where nobody can reach it. */
static void trap_1_a_callback_before_the_poll(void **state) {
  struct os_thread thread;
  (void)state;
  memset(&early, 0, sizeof(early));
  early.signal.op.run = set_event;
  run_on_loop(init_early, NULL);
  start_thread(&thread, signal_after_the_call, NULL);
  for (int i = 1; i <= ROUNDS; i++) {
    run_on_loop(start_early, NULL);
    event_wait(&early.signal.event);
  }
  os__thread_join(&thread);
  run_on_loop(close_early, NULL);
}

/* ---- 2 and 3: sleeping without the loop -------------------------------- */

static void drive_shortly(void *argument) {
  unsigned seed = 5;
  int *stop = argument;
  while (!FLAG(*stop)) {
    struct event never = {false, NULL};
    event_wait_until(&never, soon(&seed, 200000));
    stay_busy(chance(&seed) % 5000);
  }
}

/* Bug: the helper sleeps next to a driver that comes and goes; a wake sent
 * through uv_async is eaten by whoever runs the loop just then. */
static void trap_2_the_helpers_wake_is_its_own(void **state) {
  struct readable readable;
  struct os_thread driver;
  int stop = 0;
  (void)state;
  readable_open(&readable);
  start_thread(&driver, drive_shortly, &stop);
  for (int i = 0; i < ROUNDS / 4; i++) {
    readable_feed(&readable);
    readable_watch(&readable);
    uv_sem_wait(&readable.seen);
  }
  RAISE(stop);
  os__thread_join(&driver);
  assert_int_equal(readable.fired, ROUNDS / 4);
  readable_close(&readable);
}

struct submitter {
  struct readable readable;
  struct os_thread thread;
};

static void watch_often(void *argument) {
  struct submitter *submitter = argument;
  for (int i = 0; i < ROUNDS / 4; i++) {
    readable_feed(&submitter->readable);
    readable_watch(&submitter->readable);
    uv_sem_wait(&submitter->readable.seen);
  }
}

/* Bug: an operation that is drained by somebody else's release adds a watcher,
 * the kernel is not told, and everybody sleeps. Nobody waits on the loop here.
 * The submitters take each other's operations over. */
static void trap_3_a_drain_in_release_is_told_to_the_kernel(void **state) {
  static struct submitter submitters[THREADS];
  (void)state;
  for (int i = 0; i < THREADS; i++)
    readable_open(&submitters[i].readable);
  for (int i = 0; i < THREADS; i++)
    start_thread(&submitters[i].thread, watch_often, &submitters[i]);
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&submitters[i].thread);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(submitters[i].readable.fired, ROUNDS / 4);
    readable_close(&submitters[i].readable);
  }
}

/* ---- 4: what counts as driving ----------------------------------------- */

#ifndef _WIN32 /* whose helper has nothing to poll */
/* Bug: a submit counts as driving, so the helper waits a period before it looks
 * after every operation. It must not park between two of them, or hardly: a
 * tick is a park. */
static void trap_4_a_submit_is_not_driving(void **state) {
  struct loop_stats before, after;
  struct readable readable;
  (void)state;
  readable_open(&readable);
  while (LOAD(loop__state.helper) != HELPER_POLL)
    os__yield();
  loop__stats(&before);
  for (int i = 0; i < 200; i++) {
    readable_feed(&readable);
    readable_watch(&readable);
    uv_sem_wait(&readable.seen);
    while (LOAD(loop__state.helper) != HELPER_POLL)
      os__yield();
  }
  loop__stats(&after);
  assert_in_range(after.parks - before.parks, 0, 50);
  readable_close(&readable);
}
#endif

/* ---- 5: candidates that leave ------------------------------------------ */

/* The first in the list, whom a release will choose, and one who needs the loop
 * to be driven by somebody. */
static struct {
  struct event first;
  int parked_rounds, wanted_rounds;
  struct readable readable;
} passing;

static void park_first(void *argument) {
  (void)argument;
  for (int i = 1; i <= ROUNDS / 4; i++) {
    while (FLAG(passing.parked_rounds) < i)
      os__yield();
    event_wait(&passing.first);
  }
}

static void park_second(void *argument) {
  (void)argument;
  for (int i = 1; i <= ROUNDS / 4; i++) {
    while (FLAG(passing.wanted_rounds) < i)
      os__yield();
    event_wait(&passing.readable.event);
    uv_sem_post(&passing.readable.seen);
  }
}

static void until_parked(int count) {
  while (LOAD(loop__state.parked_count) < count)
    os__yield();
}

/* The lock of the list keeps the chosen one from getting on while its wait is
 * brought to its end. */
static void release_to_one_who_leaves(struct loop_thread *self) {
  loop__release(self);
  os__spin_lock(&loop__state.parked_lock);
  event_set(&passing.first);
  os__spin_unlock(&loop__state.parked_lock);
}

/* Bug: a thread is woken to take the loop over, but its own wait is over at the
 * same time; it leaves, and those who are parked stay so for ever. Stepped, for
 * a helper would come to their rescue. */
static void trap_5_a_candidate_that_leaves_passes_the_wake_on(void **state) {
  struct loop_thread *self = loop__self();
  struct os_thread first, second;
  (void)state;
  boot_with(true, false);
  memset(&passing, 0, sizeof(passing));
  readable_open(&passing.readable);
  start_thread(&first, park_first, NULL);
  start_thread(&second, park_second, NULL);
  for (int i = 1; i <= ROUNDS / 4; i++) {
    while (!loop__try_own(self))
      os__yield();
    ADD(passing.parked_rounds, 1);
    until_parked(1);
    ADD(passing.wanted_rounds, 1);
    until_parked(2);
    readable_feed(&passing.readable);
    readable_watch(&passing.readable);
    release_to_one_who_leaves(self);
    uv_sem_wait(&passing.readable.seen);
    uv_sem_wait(&passing.readable.seen);
  }
  os__thread_join(&first);
  os__thread_join(&second);
  readable_close(&passing.readable);
  assert_int_equal(loop__shutdown(), 0);
}

static void wait_briefly(void *argument) {
  unsigned seed = (unsigned)(uintptr_t)argument;
  for (int i = 0; i < ROUNDS / 2; i++) {
    struct event never = {false, NULL};
    event_wait_until(&never, soon(&seed, 60000));
  }
}

/* Bug: the same by chance, among many who come and go. */
static void trap_5_waiters_who_come_and_go_leave_nobody_behind(void **state) {
  struct readable readable;
  struct os_thread brief[THREADS];
  (void)state;
  readable_open(&readable);
  for (int i = 0; i < THREADS; i++)
    start_thread(&brief[i], wait_briefly, (void *)(uintptr_t)(i + 1));
  for (int i = 0; i < ROUNDS / 2; i++) {
    readable_feed(&readable);
    readable_watch(&readable);
    event_wait(&readable.event);
  }
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&brief[i]);
  assert_int_equal(readable.fired, ROUNDS / 2);
  readable_close(&readable);
}

/* ---- 7: uv_run --------------------------------------------------------- */

/* Bug: without a referenced handle uv_run(ONCE) does not sleep, and the driver
 * spins until its deadline. */
static void trap_7_a_turn_with_nothing_to_watch_sleeps(void **state) {
  struct event never = {false, NULL};
  struct loop_stats before, after;
  (void)state;
  loop__stats(&before);
  assert_false(event_wait_until(&never, os__now_ns() + 20000000));
  loop__stats(&after);
  assert_in_range(after.pumps - before.pumps, 1, 20);
}

static int waited_inside;

static void complete_and_ask(struct loop_op *op) {
  (void)op;
  waited_inside = loop__may_wait();
}

static void complete_inside(void *argument) {
  static struct loop_op completion = {NULL, complete_and_ask};
  (void)argument;
  loop__complete(&completion);
}

/* Bug: a completion routine on the loop that waits runs the loop inside of
 * itself. */
static void trap_7_no_wait_inside_a_completion(void **state) {
  (void)state;
  waited_inside = 1;
  run_on_loop(complete_inside, NULL);
  assert_false(waited_inside);
}

/* ---- 8: timers --------------------------------------------------------- */

static int early_ends;

static void meet_deadlines(void *argument) {
  unsigned seed = (unsigned)(uintptr_t)argument;
  for (int i = 0; i < 200; i++) {
    struct event never = {false, NULL};
    uint64_t deadline = soon(&seed, 2500000);
    if (event_wait_until(&never, deadline) || os__now_ns() < deadline)
      ADD(early_ends, 1);
  }
}

/* Bug: one timer for everybody, in whole milliseconds: ends early, or serves
 * the earliest deadline and forgets the others. */
static void trap_8_deadlines_below_a_millisecond(void **state) {
  struct os_thread threads[THREADS];
  (void)state;
  early_ends = 0;
  for (int i = 0; i < THREADS; i++)
    start_thread(&threads[i], meet_deadlines, (void *)(uintptr_t)(i + 3));
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(early_ends, 0);
}

/* ---- 9: the records of threads that have ended ------------------------- */

struct life {
  struct os_thread thread;
  struct loop_thread *record;
  int waiting;
};

static void live_once(void *argument) {
  struct life *life = argument;
  struct loop_thread *self = loop__self();
  loop__wait_begin(self);
  life->record = self;
  RAISE(life->waiting);
  loop__wait(self, LOOP_FOREVER);
}

/* Bug: the setter's last act is to wake a thread that may have seen `done` and
 * ended meanwhile; its record has to be there still, and its next owner must
 * take the wake for a spurious one. */
static void trap_9_a_thread_that_has_ended_is_woken(void **state) {
  struct loop_thread *record = NULL;
  (void)state;
  for (int i = 0; i < 300; i++) {
    struct life life = {.waiting = 0};
    start_thread(&life.thread, live_once, &life);
    spin_for(&life.waiting);
    loop__set_done(life.record);
    if (i % 2 == 0)
      loop__wake(life.record);
    else
      loop__unpark(life.record);
    loop__wake(life.record);
    os__thread_join(&life.thread);
    loop__wake(life.record);
    record = record == NULL ? life.record : record;
    assert_ptr_equal(life.record, record);
  }
}

/* ---- 10: exit ---------------------------------------------------------- */

/* A child that is forked from a process with threads is more than
 * ThreadSanitizer takes. */
#if !defined(_WIN32) && !defined(UNDER_TSAN)
#define CAN_FORK
#endif

#ifdef CAN_FORK
static void wait_for_ever(void *argument) {
  (void)argument;
  event_wait(&(struct event){false, NULL});
}

static void exit_amid_everything(void) {
  struct os_thread threads[2];
  struct event never = {false, NULL};
  struct loop_config config = {.stepped = test_is_stepped()};
  if (loop__boot(&config) != 0)
    _exit(2);
  for (int i = 0; i < 2; i++)
    os__thread_start(&threads[i], wait_for_ever, NULL);
  event_wait_until(&never, os__now_ns() + 100000);
  exit(0);
}
#endif

#ifdef CAN_FORK
/* Bug: exit() with a helper in its poll and waiters in theirs hangs or crashes
 * in a destructor. */
static void trap_10_exit_while_threads_wait(void **state) {
  (void)state;
  for (int i = 0; i < 20; i++) {
    int status = -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
      exit_amid_everything();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
  }
}
#endif

/* ---- all at once ------------------------------------------------------- */

static void mix(void *argument) {
  struct submitter *submitter = argument;
  unsigned seed = (unsigned)(uintptr_t)submitter;
  for (int i = 0; i < ROUNDS / 4; i++) {
    struct event *event = &submitter->readable.event;
    readable_feed(&submitter->readable);
    readable_watch(&submitter->readable);
    if (chance(&seed) % 2 == 0)
      uv_sem_wait(&submitter->readable.seen);
    while (!event_wait_until(event, soon(&seed, 300000))) {
    }
    if (uv_sem_trywait(&submitter->readable.seen) == 0)
      stay_busy(chance(&seed) % 3000);
  }
}

/* Bug: any of the above, in company. Threads watch, wait with deadlines, wait
 * elsewhere, and take the loop from each other. */
static void every_trap_at_once(void **state) {
  static struct submitter submitters[THREADS];
  (void)state;
  for (int i = 0; i < THREADS; i++)
    readable_open(&submitters[i].readable);
  for (int i = 0; i < THREADS; i++)
    start_thread(&submitters[i].thread, mix, &submitters[i]);
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&submitters[i].thread);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(submitters[i].readable.fired, ROUNDS / 4);
    readable_close(&submitters[i].readable);
  }
}

static bool unowned = false, owning = true;

static int boot_auto(void **state) {
  boot_with(false, *(bool *)*state);
  return 0;
}

#define ON_A_LOOP(test)                                                        \
  cmocka_unit_test_setup_teardown(test, test_boot, test_shutdown)
/* Nobody waits in these, so they need a helper, of either kind. */
#define UNOWNED(test)                                                          \
  { #test, test, boot_auto, test_shutdown, &unowned }
#define OWNING(test)                                                           \
  { #test "_owning", test, boot_auto, test_shutdown, &owning }

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_A_LOOP(trap_1_a_callback_before_the_poll),
      UNOWNED(trap_2_the_helpers_wake_is_its_own),
      OWNING(trap_2_the_helpers_wake_is_its_own),
      UNOWNED(trap_3_a_drain_in_release_is_told_to_the_kernel),
      OWNING(trap_3_a_drain_in_release_is_told_to_the_kernel),
#ifndef _WIN32
      UNOWNED(trap_4_a_submit_is_not_driving),
#endif
      cmocka_unit_test(trap_5_a_candidate_that_leaves_passes_the_wake_on),
      ON_A_LOOP(trap_5_waiters_who_come_and_go_leave_nobody_behind),
      OWNING(trap_5_waiters_who_come_and_go_leave_nobody_behind),
      ON_A_LOOP(trap_7_a_turn_with_nothing_to_watch_sleeps),
      ON_A_LOOP(trap_7_no_wait_inside_a_completion),
      ON_A_LOOP(trap_8_deadlines_below_a_millisecond),
      ON_A_LOOP(trap_9_a_thread_that_has_ended_is_woken),
#ifdef CAN_FORK
      cmocka_unit_test(trap_10_exit_while_threads_wait),
#endif
      UNOWNED(every_trap_at_once),
      OWNING(every_trap_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
