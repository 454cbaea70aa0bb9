/*
 * The rules themselves: which are refused, which strike, what is said of those
 * that never did; and the allocations of a driver that can fail.
 */
#include "kernel_test.h"
#include <wsk.h>

#include "fault/fault.h"

static struct uwsk_rule failing(enum uwsk_point point) {
  struct uwsk_rule rule = UWSK_RULE(point, UWSK_FAIL);

  rule.status = STATUS_UNSUCCESSFUL;
  return rule;
}

static int arm_failing(enum uwsk_point point) {
  struct uwsk_rule rule = failing(point);

  return uwsk_fault_arm(&rule);
}

/* ---- arming ------------------------------------------------------------ */

static int refused(struct uwsk_rule rule) {
  return uwsk_fault_arm(&rule) == UWSK_FAULT_BAD_RULE;
}

static void a_rule_that_makes_no_sense_is_refused(void **state) {
  struct uwsk_rule good = failing(UWSK_AT_SEND), rule = good;

  (void)state;
  assert_int_equal(uwsk_fault_arm(NULL), UWSK_FAULT_BAD_RULE);
  rule.size--;
  assert_true(refused(rule));
  rule = good;
  rule.point = UWSK_POINTS;
  assert_true(refused(rule));
  rule = good;
  rule.action = UWSK_ACTIONS;
  assert_true(refused(rule));
  rule = good;
  rule.status = STATUS_PENDING;
  assert_true(refused(rule));
  rule = good;
  rule.point = UWSK_AT_CLOSE;
  assert_true(refused(rule));
  rule = good;
  rule.point = UWSK_AT_BIND;
  rule.action = UWSK_RESET;
  assert_true(refused(rule));
  rule = good;
  rule.point = UWSK_AT_IRP;
  rule.action = UWSK_HOLD;
  assert_true(refused(rule));
  assert_int_equal(uwsk_faults_unfired(), 0);
}

static void there_are_64_rules_at_most(void **state) {
  int numbers[64];

  (void)state;
  for (int i = 0; i < 64; i++) {
    numbers[i] = arm_failing(UWSK_AT_SEND);
    assert_true(numbers[i] > 0);
  }
  assert_int_equal(arm_failing(UWSK_AT_SEND), UWSK_FAULT_TOO_MANY);
  uwsk_fault_disarm(numbers[30]);
  assert_true(arm_failing(UWSK_AT_SEND) > numbers[63]);
  assert_int_equal(uwsk_faults_unfired(), 64);
  assert_int_equal(fault__stop(), 64);
}

static void a_rule_strikes_as_often_as_it_says(void **state) {
  struct uwsk_rule rule = failing(UWSK_AT_SEND);
  int number;

  (void)state;
  rule.skip = 2;
  rule.times = 3;
  number = uwsk_fault_arm(&rule);
  for (int i = 0; i < 10; i++)
    assert_int_equal(fault__ask(UWSK_AT_SEND, NULL).action == UWSK_FAIL,
                     i >= 2 && i < 5);
  assert_int_equal(fault__ask(UWSK_AT_RECEIVE, NULL).action, UWSK_PASS);
  assert_int_equal(uwsk_fault_struck(number), 3);
  assert_int_equal(uwsk_fault_struck(number + 1), 0);
}

/* Defends against a close that fails because everything does. */
static void any_call_that_fails_is_no_close_and_no_allocation(void **state) {
  (void)state;
  assert_true(arm_failing(UWSK_AT_ANY_CALL) > 0);
  assert_int_equal(fault__ask(UWSK_AT_CLOSE, NULL).action, UWSK_PASS);
  assert_int_equal(fault__ask(UWSK_AT_POOL, NULL).action, UWSK_PASS);
  assert_int_equal(fault__ask(UWSK_AT_BIND, NULL).action, UWSK_FAIL);
}

/* ---- the end ----------------------------------------------------------- */

static void uwsk_stop_counts_what_never_struck(void **state) {
  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  assert_true(arm_failing(UWSK_AT_SEND) > 0);
  assert_true(arm_failing(UWSK_AT_IRP) > 0);
  assert_null(IoAllocateIrp(1, FALSE));
  assert_int_equal(uwsk_faults_unfired(), 1);
  assert_int_equal(uwsk_stop(), 1);
  /* and takes all of them back */
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_stop(), 0);
}

/* ---- allocations ------------------------------------------------------- */

static void the_third_pool_allocation_fails(void **state) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_POOL, UWSK_FAIL);
  PVOID blocks[4];

  (void)state;
  rule.skip = 2;
  rule.times = 1;
  rule.status = STATUS_NO_MEMORY;
  assert_true(uwsk_fault_arm(&rule) > 0);
  for (int i = 0; i < 4; i++) {
    blocks[i] = ExAllocatePoolWithTag(NonPagedPoolNx, 16, 'tsaF');
    assert_int_equal(blocks[i] == NULL, i == 2);
    if (blocks[i] != NULL)
      ExFreePool(blocks[i]);
  }
}

static VOID NTAPI end_at_once(PVOID context) {
  UNREFERENCED_PARAMETER(context);
}

static void each_allocation_of_a_driver_fails_on_its_own(void **state) {
  UCHAR byte;
  HANDLE thread;

  (void)state;
  assert_true(arm_failing(UWSK_AT_IRP) > 0);
  assert_true(arm_failing(UWSK_AT_MDL) > 0);
  assert_true(arm_failing(UWSK_AT_THREAD) > 0);
  assert_true(arm_failing(UWSK_AT_WORK_ITEM) > 0);
  assert_null(IoAllocateIrp(1, FALSE));
  assert_null(IoAllocateMdl(&byte, 1, FALSE, FALSE, NULL));
  assert_int_equal(PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, end_at_once, NULL),
                   STATUS_INSUFFICIENT_RESOURCES);
  assert_null(IoAllocateWorkItem(NULL));
  assert_int_equal(uwsk_faults_unfired(), 0);
}

/* Defends against allocations that raise instead of returning NULL. */
static void a_pool_block_that_must_be_there_raises(void **state) {
  volatile NTSTATUS status = STATUS_SUCCESS;

  (void)state;
  assert_true(arm_failing(UWSK_AT_POOL) > 0);
  __try {
    (void)ExAllocatePoolWithTag(
        (POOL_TYPE)(NonPagedPoolNx | POOL_RAISE_IF_ALLOCATION_FAILURE), 16,
        'tsaF');
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
}

/* Defends against memory that is written to, and waited for, as a socket. */
static void what_is_no_socket_cannot_be_killed(void **state) {
  static union {
    PVOID align;
    UCHAR bytes[8192];
  } nothing;

  (void)state;
  memset(&nothing, 0xA5, sizeof nothing);
  assert_false(uwsk_fault_socket(NULL));
  assert_false(uwsk_fault_socket((PWSK_SOCKET)(PVOID)&nothing));
  assert_false(uwsk_fault_socket((PWSK_SOCKET)(ULONG_PTR)-1));
  for (size_t i = 0; i < sizeof nothing; i++)
    assert_int_equal(nothing.bytes[i], 0xA5);
}

static int forget(void **state) {
  (void)state;
  (void)fault__stop();
  return 0;
}

#define RULES_TEST(name) cmocka_unit_test_setup_teardown(name, forget, forget)

int main(void) {
  const struct CMUnitTest tests[] = {
      RULES_TEST(a_rule_that_makes_no_sense_is_refused),
      RULES_TEST(there_are_64_rules_at_most),
      RULES_TEST(a_rule_strikes_as_often_as_it_says),
      RULES_TEST(any_call_that_fails_is_no_close_and_no_allocation),
      RULES_TEST(uwsk_stop_counts_what_never_struck),
      KERNEL_TEST(the_third_pool_allocation_fails),
      KERNEL_TEST(each_allocation_of_a_driver_fails_on_its_own),
      KERNEL_TEST(a_pool_block_that_must_be_there_raises),
      KERNEL_TEST(what_is_no_socket_cannot_be_killed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
