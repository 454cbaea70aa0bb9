/*
 * The floor: memory with a count and a fault, locks, threads, clock, names.
 */
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define THREADS 3
#define ROUNDS  20000

/* ---- memory ------------------------------------------------------------ */

/* Bug: callers rely on zeroed fields and on the alignment NT's pool has. */
static void memory_is_zeroed_and_aligned(void **state) {
  static const unsigned char zeros[100];
  (void)state;
  for (size_t size = 1; size <= sizeof(zeros); size++) {
    void *block = os__alloc(size);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % 16, 0);
    assert_memory_equal(block, zeros, size);
    memset(block, 0xAA, size);
    os__free(block);
  }
}

/* Bug: NULL for nothing would look like a lack of memory. */
static void no_bytes_are_a_block_too(void **state) {
  (void)state;
  void *block = os__alloc(0);
  assert_non_null(block);
  os__free(block);
  os__free(NULL);
}

/* Bug: a fault that hits the wrong call, twice, or unnoticed makes every test
 * that walks through the allocations of a path prove nothing. */
static void the_nth_allocation_fails_once(void **state) {
  (void)state;
  uint64_t before = os__alloc_count();
  os__alloc_fail_nth(3);
  for (int i = 1; i <= 5; i++) {
    void *block = os__alloc(8);
    assert_int_equal(block == NULL, i == 3);
    assert_int_equal(os__alloc_fault_fired(), i >= 3);
    os__free(block);
  }
  assert_int_equal(os__alloc_count() - before, 5);
}

/* Bug: a disarmed fault that goes off in a later test. */
static void a_disarmed_fault_never_fires(void **state) {
  (void)state;
  os__alloc_fail_nth(1);
  os__alloc_fail_nth(0);
  void *block = os__alloc(8);
  assert_non_null(block);
  assert_false(os__alloc_fault_fired());
  os__free(block);
}

static void allocate_many(void *argument) {
  int *failures = argument;
  for (int i = 0; i < ROUNDS / 10; i++) {
    void *block = os__alloc(16);
    if (block == NULL)
      __atomic_fetch_add(failures, 1, __ATOMIC_SEQ_CST);
    os__free(block);
  }
}

/* Bug: a countdown that is not atomic fails no call, or several. */
static void one_fault_hits_one_of_many_threads(void **state) {
  struct os_thread threads[THREADS];
  int failures = 0;
  (void)state;
  os__alloc_fail_nth(ROUNDS / 20);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(os__thread_start(&threads[i], allocate_many, &failures),
                     0);
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(failures, 1);
  assert_true(os__alloc_fault_fired());
}

/* Bug: a thread's record that counts, or that an armed fault takes away. */
static void permanent_memory_is_outside_the_count_and_the_fault(void **state) {
  static void *kept; /* reachable for ever, as the contract asks */
  (void)state;
  uint64_t before = os__alloc_count();
  os__alloc_fail_nth(1);
  kept = os__alloc_permanent(64);
  assert_non_null(kept);
  assert_int_equal(os__alloc_count(), before);
  assert_false(os__alloc_fault_fired());
  os__alloc_fail_nth(0);
  free(kept); /* the test is the end of "for ever" */
}

/* ---- locks ------------------------------------------------------------- */

struct shared {
  struct os_mutex mutex;
  struct os_spin spin;
  long by_mutex, by_spin; /* plain: only the lock protects them */
};

static void count_under_locks(void *argument) {
  struct shared *shared = argument;
  for (int i = 0; i < ROUNDS; i++) {
    os__mutex_lock(&shared->mutex);
    shared->by_mutex++;
    os__mutex_unlock(&shared->mutex);
    os__spin_lock(&shared->spin);
    shared->by_spin++;
    os__spin_unlock(&shared->spin);
  }
}

/* Bug: a lock that lets two in, or whose release does not publish. */
static void locks_let_one_in_at_a_time(void **state) {
  struct os_thread threads[THREADS];
  struct shared shared = {.by_mutex = 0};
  (void)state;
  os__mutex_init(&shared.mutex);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(os__thread_start(&threads[i], count_under_locks, &shared),
                     0);
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(shared.by_mutex, THREADS * ROUNDS);
  assert_int_equal(shared.by_spin, THREADS * ROUNDS);
  os__mutex_destroy(&shared.mutex);
}

/* ---- threads ----------------------------------------------------------- */

static void remember_number(void *argument) {
  *(unsigned *)argument = os__thread_number();
}

/* Bug: two threads of one trace under one number. */
static void every_thread_has_its_own_number(void **state) {
  struct os_thread thread;
  unsigned first = 0, second = 0;
  unsigned mine = os__thread_number();
  (void)state;
  assert_int_equal(os__thread_start(&thread, remember_number, &first), 0);
  os__thread_join(&thread);
  assert_int_equal(os__thread_start(&thread, remember_number, &second), 0);
  os__thread_join(&thread);
  assert_int_not_equal(first, mine);
  assert_int_not_equal(second, mine);
  assert_int_not_equal(first, second);
  assert_int_equal(os__thread_number(), mine);
}

static void count_exit(void *value) {
  ++*(int *)value;
}

static void ask_for_the_hook(void *argument) {
  static int not_this_one;
  os__at_thread_exit(count_exit, &not_this_one);
  os__at_thread_exit(count_exit, argument);
}

/* Bug: a record that is never recycled, or twice. */
static void the_hook_runs_once_at_a_threads_end(void **state) {
  struct os_thread thread;
  int exits = 0;
  (void)state;
  assert_int_equal(os__thread_start(&thread, ask_for_the_hook, &exits), 0);
  os__thread_join(&thread);
  assert_int_equal(exits, 1);
}

static void count_another_exit(void *value) {
  *(int *)value += 10;
}

static void ask_for_both_hooks(void *argument) {
  os__at_thread_exit(count_exit, argument);
  os__at_thread_exit(count_another_exit, argument);
}

/* Bug: a hook that takes the place of another room's. */
static void every_hook_has_its_value(void **state) {
  struct os_thread thread;
  int exits = 0;
  (void)state;
  assert_int_equal(os__thread_start(&thread, ask_for_both_hooks, &exits), 0);
  os__thread_join(&thread);
  assert_int_equal(exits, 11);
}

/* ---- processors -------------------------------------------------------- */

static void visit_all_processors(void *argument) {
  bool *right = argument;
  uint64_t self = os__thread_id();

  for (unsigned i = 0; i < os__processor_count() && i < 64; i++)
    if (os__bind_thread(self, (uint64_t)1 << i))
      *right &= os__processor_number() == i;
}

/* Bug: a number that is not the one a thread was bound by. */
static void a_bound_thread_is_where_it_was_sent(void **state) {
  struct os_thread thread;
  bool right = true;
  (void)state;
  assert_int_equal(os__thread_start(&thread, visit_all_processors, &right), 0);
  os__thread_join(&thread);
  assert_true(right);
}

static void a_thread_cannot_be_bound_to_nothing(void **state) {
  (void)state;
  assert_false(os__bind_thread(os__thread_id(), 0));
}

/* ---- clock ------------------------------------------------------------- */

/* Bug: a deadline computed from a clock that runs backwards. */
static void the_clock_never_runs_backwards(void **state) {
  uint64_t before = os__now_ns();
  (void)state;
  for (int i = 0; i < 1000; i++) {
    uint64_t now = os__now_ns();
    assert_true(now >= before);
    before = now;
  }
}

/* Bug: the wrong epoch, or the wrong unit. */
static void system_time_counts_from_1601(void **state) {
  (void)state;
  int64_t year = INT64_C(315569520000000); /* 365.2425 days */
  int64_t now = os__system_time_100ns();
  assert_true(now > (2024 - 1601) * year);
  assert_true(now < (2200 - 1601) * year);
}

/* ---- what a human reads ------------------------------------------------ */

/* Bug: a report that says where a rule was broken with a bare number. */
static void a_code_address_has_the_name_of_its_module(void **state) {
  char text[256] = "";
  (void)state;
  os__describe_code((const void *)(uintptr_t)&os__describe_code, text,
                    sizeof(text));
  assert_non_null(strstr(text, "os")); /* however the program is called */
  assert_non_null(strchr(text, '+'));
}

/* Bug: writing past a short buffer, or crashing on an address of nobody. */
static void any_address_and_any_buffer_will_do(void **state) {
  char text[9] = "########";
  (void)state;
  os__describe_code((const void *)(uintptr_t)16, text, 4);
  assert_int_equal(text[3], '\0');
  assert_string_equal(text + 4, "####");
  os__describe_code((const void *)(uintptr_t)&os__alloc, text, 4);
  assert_int_equal(text[3], '\0');
  assert_string_equal(text + 4, "####");
}

/* Bug: a report of a hang that hangs on the lock of who hangs. */
static void a_lock_that_is_never_let_go_is_given_up(void **state) {
  struct os_spin spin = {0};
  (void)state;
  assert_true(os__spin_try_lock(&spin));
  assert_false(os__spin_try_lock(&spin));
  os__spin_unlock(&spin);
  assert_true(os__spin_try_lock(&spin));
  os__spin_unlock(&spin);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_is_zeroed_and_aligned),
      cmocka_unit_test(no_bytes_are_a_block_too),
      cmocka_unit_test(the_nth_allocation_fails_once),
      cmocka_unit_test(a_disarmed_fault_never_fires),
      cmocka_unit_test(one_fault_hits_one_of_many_threads),
      cmocka_unit_test(permanent_memory_is_outside_the_count_and_the_fault),
      cmocka_unit_test(locks_let_one_in_at_a_time),
      cmocka_unit_test(a_lock_that_is_never_let_go_is_given_up),
      cmocka_unit_test(every_thread_has_its_own_number),
      cmocka_unit_test(the_hook_runs_once_at_a_threads_end),
      cmocka_unit_test(every_hook_has_its_value),
      cmocka_unit_test(a_bound_thread_is_where_it_was_sent),
      cmocka_unit_test(a_thread_cannot_be_bound_to_nothing),
      cmocka_unit_test(the_clock_never_runs_backwards),
      cmocka_unit_test(system_time_counts_from_1601),
      cmocka_unit_test(a_code_address_has_the_name_of_its_module),
      cmocka_unit_test(any_address_and_any_buffer_will_do),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
