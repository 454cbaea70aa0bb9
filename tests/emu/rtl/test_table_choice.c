/* RTL_USE_AVL_TABLES: the names of splay trees stand for AVL trees. */
#define RTL_USE_AVL_TABLES 0

#include "kernel_test.h"

static RTL_GENERIC_COMPARE_RESULTS NTAPI
compare(struct _RTL_GENERIC_TABLE *table, PVOID first, PVOID second) {
  ULONG a = *(ULONG *)first, b = *(ULONG *)second;

  UNREFERENCED_PARAMETER(table);
  return a < b ? GenericLessThan : a > b ? GenericGreaterThan : GenericEqual;
}

static PVOID NTAPI allocate(struct _RTL_GENERIC_TABLE *table, CLONG size) {
  UNREFERENCED_PARAMETER(table);
  return ExAllocatePoolWithTag(NonPagedPool, size, 'lbaT');
}

static VOID NTAPI release(struct _RTL_GENERIC_TABLE *table, PVOID buffer) {
  UNREFERENCED_PARAMETER(table);
  ExFreePoolWithTag(buffer, 'lbaT');
}

static void the_names_of_splay_trees_stand_for_avl_trees(void **state) {
  RTL_GENERIC_TABLE table;
  PRTL_AVL_TABLE avl = &table;
  ULONG *data;
  (void)state;
  RtlInitializeGenericTable(&table, compare, allocate, release, NULL);
  for (ULONG i = 0; i < 1000; i++)
    RtlInsertElementGenericTable(&table, &i, sizeof(i), NULL);
  assert_int_equal(avl->DepthOfTree, 10);
  assert_int_equal(RtlNumberGenericTableElements(&table), 1000);
  while ((data = RtlGetElementGenericTable(&table, 0)) != NULL)
    assert_true(RtlDeleteElementGenericTable(&table, data));
  assert_true(RtlIsGenericTableEmpty(&table));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(the_names_of_splay_trees_stand_for_avl_trees),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
