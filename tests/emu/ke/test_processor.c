/* Processors, priorities, and other small questions. */
#include "kernel_test.h"

static void every_processor_has_a_number(void **state) {
  (void)state;
  ULONG count = KeQueryActiveProcessorCount(NULL);
  PROCESSOR_NUMBER number;

  assert_true(count > 0);
  for (ULONG i = 0; i < count; i++) {
    assert_int_equal(KeGetProcessorNumberFromIndex(i, &number), STATUS_SUCCESS);
    assert_int_equal(KeGetProcessorIndexFromNumber(&number), i);
  }
  assert_int_equal(KeGetProcessorNumberFromIndex(count, &number),
                   STATUS_INVALID_PARAMETER);
  number.Group = 1;
  assert_int_equal(KeGetProcessorIndexFromNumber(&number),
                   INVALID_PROCESSOR_INDEX);
}

static void the_current_one_is_among_them(void **state) {
  (void)state;
  PROCESSOR_NUMBER number;
  KAFFINITY active;
  ULONG index = KeGetCurrentProcessorNumberEx(&number);

  assert_true(KeGetCurrentProcessorIndex() <
              KeQueryActiveProcessorCount(&active));
  assert_true(active & 1);
  assert_int_equal(index, number.Number);
  assert_int_equal(KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS),
                   KeQueryActiveProcessorCountEx(0));
  assert_int_equal(KeQueryMaximumProcessorCountEx(1), 0);
}

static void priorities_are_remembered(void **state) {
  (void)state;
  PKTHREAD self = KeGetCurrentThread();

  assert_int_equal(KeSetBasePriorityThread(self, 2), 0);
  assert_int_equal(KeSetBasePriorityThread(self, 0), 2);
}

static void driver_verifier_is_off(void **state) {
  (void)state;
  ULONG flags = 1;

  assert_int_equal(MmIsVerifierEnabled(&flags), STATUS_NOT_SUPPORTED);
  assert_int_equal(flags, 0);
  assert_false(MmIsDriverVerifyingByAddress(&flags));
}

static void lengths_are_aligned_by_type(void **state) {
  (void)state;
  assert_int_equal(ALIGN_UP(13, ULONG64), 16);
  assert_int_equal(ALIGN_UP(16, ULONG64), 16);
  assert_int_equal(ALIGN_DOWN(13, ULONG), 12);
  assert_ptr_equal(ALIGN_UP_POINTER((PVOID)0x1001, USHORT), (PVOID)0x1002);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(every_processor_has_a_number),
      KERNEL_TEST(the_current_one_is_among_them),
      KERNEL_TEST(priorities_are_remembered),
      KERNEL_TEST(driver_verifier_is_off),
      KERNEL_TEST(lengths_are_aligned_by_type),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
