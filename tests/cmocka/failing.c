/* Tests that fail, one for each way to; CMakeLists.txt says what is printed.
 * The last one passes: no failure reaches the next test. */
#include <uwsk/cmocka.h>

#include <ntddk.h>
#include <wsk.h>

#include <string.h>

static PVOID kept[4]; /* leak checkers find the left things here */

static void leaves_a_block(void **state) {
  (void)state;
  kept[0] = ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');
}

static void breaks_a_rule(void **state) {
  PIRP irp = IoAllocateIrp(1, FALSE);

  (void)state;
  IoFreeIrp(irp);
  IoFreeIrp(irp);
}

static void keeps_a_rule(void **state) {
  (void)state;
  assert_true(uwsk_expect_violation("IRP-10"));
}

static void arms_a_fault_in_vain(void **state) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_SEND, UWSK_FAIL);

  (void)state;
  rule.status = STATUS_NETWORK_UNREACHABLE;
  assert_armed(&rule);
}

static void leaves_a_peer_waiting(void **state) {
  struct uwsk_peer *peer = uwsk_peer_listen(UWSK_PEER_IPV4);

  (void)state;
  uwsk_peer_expect(peer, "ping", 4);
}

static NTSTATUS connect_to_nobody(void) {
  return STATUS_CONNECTION_REFUSED;
}

static void expects_another_status(void **state) {
  (void)state;
  assert_status(STATUS_SUCCESS, connect_to_nobody());
}

/* Longer than one thing goes wrong: the assert, and what is left by it. */
static void is_left_with_a_lock_held(void **state) {
  static KSPIN_LOCK lock;
  KIRQL irql;

  (void)state;
  KeInitializeSpinLock(&lock);
  kept[1] = ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');
  KeEnterCriticalRegion();
  KeAcquireSpinLock(&lock, &irql);
  assert_pending((NTSTATUS)0x12345678);
}

static void is_skipped(void **state) {
  (void)state;
  kept[2] = ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');
  skip();
}

static void expects_success(void **state) {
  (void)state;
  assert_nt_success(STATUS_PENDING);
  assert_nt_success(STATUS_NO_MEMORY);
}

static void counts_strikes(void **state) {
  struct uwsk_rule armed = UWSK_RULE(UWSK_AT_SEND, UWSK_PASS);
  int rule = assert_armed(&armed);

  (void)state;
  assert_struck(0, rule);
  assert_struck(1, rule);
}

static void counts_violations(void **state) {
  (void)state;
  assert_violations(0, "IRP-10");
  assert_violations(1, "IRP-10");
}

static void arms_a_bad_rule(void **state) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_SEND, UWSK_FAIL);

  (void)state;
  assert_armed(&rule); /* no status */
}

static void waits_for_a_peer_in_vain(void **state) {
  struct uwsk_peer *peer = uwsk_peer_listen(UWSK_PEER_IPV4);

  (void)state;
  uwsk_peer_expect(peer, "ping", 4);
  assert_peer(peer, 1);
}

static void ends_at_a_raised_irql(void **state) {
  KIRQL irql;

  (void)state;
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
}

static void passes(void **state) {
  (void)state;
}

static int fail_to_tear_down(void **state) {
  (void)state;
  return 1;
}

static void the_last_one_starts_clean(void **state) {
  (void)state;
  assert_null(*state);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  assert_false(KeAreApcsDisabled());
  assert_int_equal(uwsk_what_is_wrong(NULL, 0), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      uwsk_unit_test(leaves_a_block),
      uwsk_unit_test(breaks_a_rule),
      uwsk_unit_test(keeps_a_rule),
      uwsk_unit_test(arms_a_fault_in_vain),
      uwsk_unit_test(leaves_a_peer_waiting),
      uwsk_unit_test(expects_another_status),
      uwsk_unit_test(is_left_with_a_lock_held),
      uwsk_unit_test(is_skipped),
      uwsk_unit_test(expects_success),
      uwsk_unit_test(counts_strikes),
      uwsk_unit_test(counts_violations),
      uwsk_unit_test(arms_a_bad_rule),
      uwsk_unit_test(waits_for_a_peer_in_vain),
      uwsk_unit_test(ends_at_a_raised_irql),
      uwsk_unit_test_setup_teardown(passes, NULL, fail_to_tear_down),
      uwsk_unit_test(the_last_one_starts_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
