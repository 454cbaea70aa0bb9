/*
 * A completion that issues the next operation, and that one completes at once,
 * and so on: a million times, in bounded stack.
 */
#include "event.h"
#include "loop/loop_uv.h"

#define LENGTH 1000000

/* Four nested client calls, the pump and the sanitizers' red zones. */
#define MUCH_STACK 32768

static struct {
  int left;
  uintptr_t lowest, highest;
  int deepest;
  struct event finished;
} chain;

/* Per thread: a chain may go on elsewhere before its last link here has
 * returned. */
static __thread int depth;

__attribute__((noinline)) static void note_stack(void) {
  /* Not the address of a local: the address sanitizer keeps those elsewhere. */
  uintptr_t at = (uintptr_t)__builtin_frame_address(0);
  if (at < chain.lowest)
    chain.lowest = at;
  if (at > chain.highest)
    chain.highest = at;
}

static void start_chain(void) {
  memset(&chain, 0, sizeof(chain));
  chain.left = LENGTH;
  chain.lowest = UINTPTR_MAX;
}

/* The helper has a stack of its own, far away, so depth counts too. */
static void check_chain(void) {
  assert_int_equal(chain.left, 0);
  assert_in_range(chain.deepest, 1, LOOP_MAX_NESTED);
  if (test_is_stepped())
    assert_in_range(chain.highest - chain.lowest, 0, MUCH_STACK);
}

static bool enter_link(void) {
  note_stack();
  if (++depth > chain.deepest)
    chain.deepest = depth;
  if (--chain.left > 0)
    return true;
  event_set(&chain.finished);
  return false;
}

/* ---- through loop__complete -------------------------------------------- */

static void issue_next(struct loop_op *op) {
  loop__complete(op); /* the operation has succeeded at once */
}

static struct loop_op next_operation = {NULL, issue_next};

static void complete_link(struct loop_op *op) {
  (void)op;
  if (enter_link()) {
    static struct loop_op completion;
    completion.run = complete_link;
    next_operation.run = issue_next;
    loop__complete(&completion);
  }
  depth--;
}

static struct loop_op first_link = {NULL, complete_link};

static void begin_on_the_loop(struct loop_op *op) {
  (void)op;
  loop__complete(&first_link);
}

/* Bug: every link leaves its frames on the stack of the one before. */
static void a_chain_of_completions_on_the_loop_is_flat(void **state) {
  struct loop_op op = {NULL, begin_on_the_loop};
  (void)state;
  start_chain();
  loop__submit(&op);
  event_wait(&chain.finished);
  check_chain();
}

/* Bug: the same on the direct path, where nobody owns the loop. */
static void a_chain_of_completions_off_the_loop_is_flat(void **state) {
  (void)state;
  start_chain();
  loop__complete(&first_link);
  event_wait(&chain.finished);
  check_chain();
}

/* ---- through submits --------------------------------------------------- */

static void complete_and_submit(struct loop_op *op);

static void complete_operation(struct loop_op *op) {
  op->run = complete_and_submit;
  loop__complete(op);
}

static void complete_and_submit(struct loop_op *op) {
  if (enter_link()) {
    op->run = complete_operation;
    loop__submit(op);
  }
  depth--;
}

/* Bug: a submit by the owner runs at once, and so does its completion. */
static void a_chain_of_submits_is_flat(void **state) {
  struct loop_op op = {NULL, complete_operation};
  (void)state;
  start_chain();
  loop__submit(&op);
  event_wait(&chain.finished);
  check_chain();
}

/* ---- through loop__enter_client ---------------------------------------- */

static struct loop_op when_refused;

static void call_client(void);

static void client_issues_next(void) {
  if (enter_link())
    call_client();
  depth--;
}

static void call_deferred(struct loop_op *op) {
  (void)op;
  client_issues_next();
}

/* As the provider calls an event callback: directly, or by an operation. */
static void call_client(void) {
  if (loop__enter_client()) {
    client_issues_next();
    loop__leave_client();
  } else {
    when_refused.run = call_deferred;
    loop__complete(&when_refused);
  }
}

static void begin_calls(struct loop_op *op) {
  (void)op;
  call_client();
}

/* Bug: direct calls into the client escape the limit. */
static void a_chain_of_direct_calls_is_flat(void **state) {
  struct loop_op op = {NULL, begin_calls};
  (void)state;
  start_chain();
  loop__submit(&op);
  event_wait(&chain.finished);
  check_chain();
}

/* Bug: a call that is left but not taken off the count ends all direct calls of
 * the thread for ever. */
static void leaving_the_client_gives_the_nesting_back(void **state) {
  (void)state;
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < LOOP_MAX_NESTED; i++)
      assert_true(loop__enter_client());
    assert_false(loop__enter_client());
    for (int i = 0; i < LOOP_MAX_NESTED; i++)
      loop__leave_client();
  }
}

/* ---- order and fairness ------------------------------------------------ */

#define DEFERRED 300

struct numbered {
  struct loop_op op;
  int number;
};

static int next_number, disorder;
static struct event last_one;

static void note_number(struct loop_op *op) {
  struct numbered *numbered = (struct numbered *)op;
  if (numbered->number != next_number)
    disorder++;
  if (++next_number == DEFERRED)
    event_set(&last_one);
}

static void complete_many(struct loop_op *op) {
  static struct numbered many[DEFERRED];
  int entered = 0;
  (void)op;
  /* How many there are to use up depends on who drives the loop. */
  while (loop__enter_client())
    entered++;
  for (int i = 0; i < DEFERRED / 2; i++) {
    many[i] = (struct numbered){.op.run = note_number, .number = i};
    loop__complete(&many[i].op);
  }
  while (entered-- > 0)
    loop__leave_client();
  for (int i = DEFERRED / 2; i < DEFERRED; i++) {
    many[i] = (struct numbered){.op.run = note_number, .number = i};
    loop__complete(&many[i].op);
  }
}

/* Bug: a completion that may run at once overtakes those that were put off, so
 * that a client sees its receives complete out of order. */
static void completions_keep_their_order(void **state) {
  struct loop_op op = {NULL, complete_many};
  (void)state;
  next_number = disorder = 0;
  loop__submit(&op);
  event_wait(&last_one);
  assert_int_equal(next_number, DEFERRED);
  assert_int_equal(disorder, 0);
}

static int stop_endless;
static struct event mine;

static void go_on_for_ever(struct loop_op *op) {
  if (!FLAG(stop_endless))
    loop__complete(op);
}

static void set_mine(struct loop_op *op) {
  (void)op;
  event_set(&mine);
}

static void put_off(struct loop_op *op) {
  int entered = 0;
  while (loop__enter_client())
    entered++;
  loop__complete(op);
  for (int i = 0; i < entered; i++)
    loop__leave_client();
}

/* Bug: a driver whose own wait is done never gets away from chains that never
 * end. */
static void a_driver_gets_away_from_endless_chains(void **state) {
  static struct loop_op endless[8];
  struct loop_op op = {NULL, set_mine};
  (void)state;
  stop_endless = 0;
  for (int i = 0; i < 8; i++) {
    endless[i].run = go_on_for_ever;
    loop__complete(&endless[i]);
  }
  for (int i = 0; i < 100; i++) {
    put_off(&op);
    event_wait(&mine);
  }
  RAISE(stop_endless);
}

/* ---- a crowded turn ---------------------------------------------------- */

#define CROWD 64

static struct {
  uv_timer_t timers[CROWD];
  struct loop_op calls[CROWD];
  int called;
  struct event first, last;
} crowd;

static void count_call(struct loop_op *op) {
  (void)op;
  int called = ADD(crowd.called, 1);
  if (called == 1)
    event_set(&crowd.first);
  if (called == CROWD)
    event_set(&crowd.last);
}

static void on_crowd_timer(uv_timer_t *timer) {
  struct loop_op *call = timer->data;
  call->run = count_call;
  loop__complete(call);
}

static void start_crowd(void *argument) {
  (void)argument;
  for (int i = 0; i < CROWD; i++) {
    uv_timer_init(loop__uv(), &crowd.timers[i]);
    crowd.timers[i].data = &crowd.calls[i];
    uv_timer_start(&crowd.timers[i], on_crowd_timer, 0, 0);
  }
  loop__touched();
}

static void close_crowd(void *argument) {
  (void)argument;
  for (int i = 0; i < CROWD; i++)
    uv_close((uv_handle_t *)&crowd.timers[i], NULL);
  loop__touched();
}

/* Bug: a driver whose own wait is done makes all the client calls of a crowded
 * turn before it returns. Stepped, so that nobody else makes them. */
static void a_driver_leaves_the_rest_of_a_crowded_turn(void **state) {
  (void)state;
  boot_with(true, false);
  memset(&crowd, 0, sizeof(crowd));
  run_on_loop(start_crowd, NULL);
  event_wait(&crowd.first);
  assert_in_range(crowd.called, 1, 20);
  event_wait(&crowd.last);
  assert_int_equal(crowd.called, CROWD);
  run_on_loop(close_crowd, NULL);
  assert_int_equal(loop__shutdown(), 0);
}

#define ON_A_LOOP(test)                                                        \
  cmocka_unit_test_setup_teardown(test, test_boot, test_shutdown)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_A_LOOP(a_chain_of_completions_on_the_loop_is_flat),
      ON_A_LOOP(a_chain_of_completions_off_the_loop_is_flat),
      ON_A_LOOP(a_chain_of_submits_is_flat),
      ON_A_LOOP(a_chain_of_direct_calls_is_flat),
      ON_A_LOOP(leaving_the_client_gives_the_nesting_back),
      ON_A_LOOP(completions_keep_their_order),
      ON_A_LOOP(a_driver_gets_away_from_endless_chains),
      cmocka_unit_test(a_driver_leaves_the_rest_of_a_crowded_turn),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
