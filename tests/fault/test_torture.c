/* Torture: each call stack fails once, and what is wrong then shows. */
#include "kernel_test.h"

#include <uwsk/fault.h>

static int rounds, blocks_had;

static void *allocate_here(void) {
  return ExAllocatePoolWithTag(NonPagedPoolNx, 32, 'troT');
}

static void *allocate_there(void) {
  return ExAllocatePoolWithTag(NonPagedPoolNx, 32, 'troT');
}

static void free_block(void *block) {
  if (block != NULL)
    ExFreePool(block);
}

static void exercise(void) {
  void *here = allocate_here(), *there = allocate_there();

  rounds++;
  blocks_had += (here != NULL) + (there != NULL);
  free_block(here);
  free_block(there);
}

static int run_well(void *context) {
  (void)context;
  if (uwsk_start(NULL) != 0)
    return 0;
  exercise();
  return uwsk_stop();
}

/* Defends against stacks that fail twice, and such as never do. */
static void each_call_stack_fails_once(void **state) {
  struct uwsk_torture result;

  (void)state;
  rounds = blocks_had = 0;
  assert_int_equal(uwsk_torture(run_well, NULL, &result), 0);
  assert_true(result.failures >= 2);
  assert_int_equal(result.runs, result.failures + 1);
  /* Each of the two blocks was refused once. */
  assert_int_equal(blocks_had, 2 * rounds - 2);
}

static int run_badly(void *context) {
  bool lost;

  (void)context;
  if (uwsk_start(NULL) != 0)
    return 0;
  void *here = allocate_here(), *there = allocate_there();
  lost = here != NULL && there == NULL;
  free_block(here);
  free_block(there);
  return uwsk_stop() + (lost ? 7 : 0);
}

static void what_a_run_finds_wrong_ends_it(void **state) {
  struct uwsk_torture result;

  (void)state;
  assert_int_equal(uwsk_torture(run_badly, NULL, &result), 7);
  assert_int_equal(result.runs, result.failures);
}

static int run_nothing(void *context) {
  (*(int *)context)++;
  return 0;
}

static void code_that_allocates_nothing_runs_once(void **state) {
  struct uwsk_torture result;
  int times = 0;

  (void)state;
  assert_int_equal(uwsk_torture(run_nothing, &times, &result), 0);
  assert_int_equal(times, 1);
  assert_int_equal(result.failures, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_call_stack_fails_once),
      cmocka_unit_test(what_a_run_finds_wrong_ends_it),
      cmocka_unit_test(code_that_allocates_nothing_runs_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
