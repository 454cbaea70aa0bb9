/* A group in one kernel. Defends against cmocka's group teardown, whose failure
 * is printed and not counted. */
#include <ntddk.h>

#include <uwsk/cmocka.h>

static PVOID kept;

static void leaves_a_block(void **state) {
  (void)state;
  kept = ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');
}

static void passes(void **state) {
  (void)state;
}

static void fails(void **state) {
  (void)state;
  assert_status(STATUS_SUCCESS, STATUS_UNSUCCESSFUL);
}

static void at_passive_level_again(void **state) {
  (void)state;
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(leaves_a_block),
      cmocka_unit_test(passes),
      cmocka_unit_test(fails),
      cmocka_unit_test(at_passive_level_again),
  };
  return uwsk_run_group_tests(tests);
}
