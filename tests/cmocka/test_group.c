/* One kernel for a group of tests. */
#include <uwsk/cmocka.h>

#include <ntddk.h>

static PVOID block;

static void the_first_makes_a_block(void **state) {
  (void)state;
  block = ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT');
  assert_non_null(block);
}

static void the_second_frees_it(void **state) {
  (void)state;
  ExFreePool(block);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_makes_a_block),
      cmocka_unit_test(the_second_frees_it),
  };
  return uwsk_run_group_tests(tests);
}
