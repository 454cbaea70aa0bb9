/*
 * Operations: in order, on the owner's thread, and without strangers' code.
 */
#include "event.h"

#define THREADS 4
#define ROUNDS  5000

/* ---- order ------------------------------------------------------------- */

struct series {
  int expected;
  int disorder;
  struct numbered *ops;
};

struct numbered {
  struct loop_op op;
  struct series *series;
  int number;
};

static int remaining;
static struct event all_done;

static void check_number(struct loop_op *op) {
  struct numbered *numbered = (struct numbered *)op;
  struct series *series = numbered->series;
  if (numbered->number != series->expected)
    series->disorder++;
  series->expected = numbered->number + 1;
  if (ADD(remaining, -1) == 0)
    event_set(&all_done);
}

static void submit_series(void *argument) {
  struct series *series = argument;
  for (int i = 0; i < ROUNDS; i++)
    loop__submit(&series->ops[i].op);
}

static void prepare_series(struct series *series) {
  series->expected = series->disorder = 0;
  series->ops = calloc(ROUNDS, sizeof(*series->ops));
  for (int i = 0; i < ROUNDS; i++) {
    series->ops[i].op.run = check_number;
    series->ops[i].series = series;
    series->ops[i].number = i;
  }
}

/* Bug: a submitter that wins the loop runs its operation ahead of those it
 * has pushed before; or a push between the last look and the sleep is lost. */
static void submits_of_one_thread_run_in_order(void **state) {
  struct os_thread threads[THREADS];
  struct series series[THREADS];
  (void)state;
  remaining = THREADS * ROUNDS;
  for (int i = 0; i < THREADS; i++)
    prepare_series(&series[i]);
  for (int i = 0; i < THREADS; i++)
    start_thread(&threads[i], submit_series, &series[i]);
  event_wait(&all_done);
  for (int i = 0; i < THREADS; i++) {
    os__thread_join(&threads[i]);
    assert_int_equal(series[i].expected, ROUNDS);
    assert_int_equal(series[i].disorder, 0);
    free(series[i].ops);
  }
}

/* ---- nobody waits ------------------------------------------------------ */

struct lone {
  struct loop_op op;
  struct os_thread thread;
  unsigned seed;
};

static int lone_runs;

static void note_run(struct loop_op *op) {
  (void)op;
  ADD(lone_runs, 1);
}

/* Both submit once a round, and none again before both have been run. */
static void submit_in_rounds(void *argument) {
  struct lone *lone = argument;
  for (int i = 1; i <= 6 * ROUNDS; i++) {
    stay_busy(chance(&lone->seed) % 40);
    loop__submit(&lone->op);
    for (int looks = 1; FLAG(lone_runs) < 2 * i; looks++) {
      if (looks % 1000 == 0)
        os__yield();
    }
  }
}

/* Bug: the owner looks at the queue, an operation is pushed, the owner lets go.
 * Nobody waits here, there is no helper, and both submitters look on. */
static void a_push_while_the_owner_leaves_is_not_lost(void **state) {
  struct lone both[2] = {{.seed = 1}, {.seed = 2}};
  (void)state;
  boot_with(true, false);
  lone_runs = 0;
  for (int i = 0; i < 2; i++) {
    both[i].op.run = note_run;
    start_thread(&both[i].thread, submit_in_rounds, &both[i]);
  }
  for (int i = 0; i < 2; i++)
    os__thread_join(&both[i].thread);
  assert_int_equal(lone_runs, 12 * ROUNDS);
  assert_int_equal(loop__shutdown(), 0);
}

/* ---- no strangers ------------------------------------------------------ */

/* One thread holds the loop inside an operation while another pushes one whose
 * completion wants to run. */
static struct {
  int held, pushed, inside_submit, ran_inside, ran;
  struct loop_op completion, foreign;
  struct event completed;
} stranger;

static void complete_stranger(struct loop_op *op) {
  (void)op;
  if (FLAG(stranger.inside_submit))
    stranger.ran_inside = 1;
  RAISE(stranger.ran);
  event_set(&stranger.completed);
}

static void run_foreign(struct loop_op *op) {
  (void)op;
  loop__complete(&stranger.completion);
}

static void push_foreign(void *argument) {
  (void)argument;
  spin_for(&stranger.held);
  loop__submit(&stranger.foreign);
  RAISE(stranger.pushed);
}

static void hold_until_pushed(struct loop_op *op) {
  (void)op;
  RAISE(stranger.held);
  spin_for(&stranger.pushed);
}

/* Bug: a caller that holds a spin lock meets, on its own stack, a completion
 * that wants it. Stepped, so that nobody else can run it meanwhile. */
static void a_submit_runs_no_completion_of_others(void **state) {
  struct os_thread thread;
  struct loop_op holder = {NULL, hold_until_pushed};
  (void)state;
  boot_with(true, false);
  memset(&stranger, 0, sizeof(stranger));
  stranger.completion.run = complete_stranger;
  stranger.foreign.run = run_foreign;
  start_thread(&thread, push_foreign, NULL);
  RAISE(stranger.inside_submit);
  loop__submit(&holder);
  __atomic_store_n(&stranger.inside_submit, 0, __ATOMIC_SEQ_CST);
  os__thread_join(&thread);
  assert_false(FLAG(stranger.ran));
  event_wait(&stranger.completed);
  assert_true(stranger.ran);
  assert_false(stranger.ran_inside);
  assert_int_equal(loop__shutdown(), 0);
}

/* ---- the memory of an operation ---------------------------------------- */

static void free_itself(struct loop_op *op) {
  free(op);
  if (ADD(remaining, -1) == 0)
    event_set(&all_done);
}

static void submit_and_forget(void *argument) {
  (void)argument;
  for (int i = 0; i < ROUNDS; i++) {
    struct loop_op *op = calloc(1, sizeof(*op));
    op->run = free_itself;
    if (i % 2 == 0)
      loop__submit(op);
    else
      loop__complete(op);
  }
}

/* Bug: the list is walked through an operation that has been run. */
static void an_operation_may_free_itself(void **state) {
  struct os_thread threads[THREADS];
  (void)state;
  remaining = THREADS * ROUNDS;
  for (int i = 0; i < THREADS; i++)
    start_thread(&threads[i], submit_and_forget, NULL);
  event_wait(&all_done);
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(remaining, 0);
}

/* ---- without a loop ---------------------------------------------------- */

/* Bug: operations before boot that crash, hang, or run out of order. */
static void operations_run_before_boot_as_well(void **state) {
  (void)state;
  assert_false(loop__running());
  submits_of_one_thread_run_in_order(state);
  an_operation_may_free_itself(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(submits_of_one_thread_run_in_order,
                                      test_boot, test_shutdown),
      cmocka_unit_test(a_push_while_the_owner_leaves_is_not_lost),
      cmocka_unit_test(a_submit_runs_no_completion_of_others),
      cmocka_unit_test_setup_teardown(an_operation_may_free_itself, test_boot,
                                      test_shutdown),
      cmocka_unit_test(operations_run_before_boot_as_well),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
