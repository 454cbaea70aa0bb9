/* Generic tables that are splay trees, and splay links. Pages:
 * ddi/ntddk/nf-ntddk-rtl…generictable, ddi/ntifs/nf-ntifs-rtlsplay. */
#include "kernel_test.h"

#define KEYS  100
#define STEPS 10000

static ULONG live;
static bool no_memory;

static RTL_GENERIC_COMPARE_RESULTS NTAPI
compare(struct _RTL_GENERIC_TABLE *table, PVOID first, PVOID second) {
  ULONG a = *(ULONG *)first, b = *(ULONG *)second;

  UNREFERENCED_PARAMETER(table);
  return a < b ? GenericLessThan : a > b ? GenericGreaterThan : GenericEqual;
}

static PVOID NTAPI allocate(struct _RTL_GENERIC_TABLE *table, CLONG size) {
  UNREFERENCED_PARAMETER(table);
  if (no_memory)
    return NULL;
  live++;
  assert_int_equal(size, sizeof(RTL_SPLAY_LINKS) + sizeof(LIST_ENTRY) +
                             sizeof(ULONG));
  return ExAllocatePoolWithTag(NonPagedPool, size, 'lpsT');
}

static VOID NTAPI release(struct _RTL_GENERIC_TABLE *table, PVOID buffer) {
  UNREFERENCED_PARAMETER(table);
  live--;
  ExFreePoolWithTag(buffer, 'lpsT');
}

static RTL_GENERIC_TABLE table;

static void begin(void) {
  live = 0;
  no_memory = false;
  RtlInitializeGenericTable(&table, compare, allocate, release, NULL);
}

static ULONG *insert(ULONG key, BOOLEAN *fresh) {
  return RtlInsertElementGenericTable(&table, &key, sizeof(key), fresh);
}

static void empty(void) {
  while (!RtlIsGenericTableEmpty(&table))
    RtlDeleteElementGenericTable(&table, RtlGetElementGenericTable(&table, 0));
  assert_int_equal(live, 0);
}

static ULONG key_of(PRTL_SPLAY_LINKS node) {
  return *(ULONG *)(PVOID)((PUCHAR)node + sizeof(RTL_SPLAY_LINKS) +
                           sizeof(LIST_ENTRY));
}

static void check_below(PRTL_SPLAY_LINKS node) {
  if (node->LeftChild != NULL) {
    assert_ptr_equal(node->LeftChild->Parent, node);
    check_below(node->LeftChild);
  }
  if (node->RightChild != NULL) {
    assert_ptr_equal(node->RightChild->Parent, node);
    check_below(node->RightChild);
  }
}

/* The tree is one, of exactly these keys, in this order, in both directions. */
static void check(const bool *present) {
  PRTL_SPLAY_LINKS last = NULL;
  ULONG count = 0;
  PVOID key = NULL;

  if (table.TableRoot != NULL) {
    assert_true(RtlIsRoot(table.TableRoot));
    check_below(table.TableRoot);
  }
  for (ULONG i = 0; i < KEYS; i++)
    if (present[i]) {
      ULONG *data = RtlEnumerateGenericTableWithoutSplaying(&table, &key);

      assert_int_equal(*data, i);
      assert_ptr_equal(RtlRealPredecessor(key), last);
      last = key;
      count++;
    }
  assert_null(RtlEnumerateGenericTableWithoutSplaying(&table, &key));
  assert_int_equal(RtlNumberGenericTableElements(&table), count);
  assert_int_equal(live, count);
}

/* Against: a splay step or a deletion that loses a subtree. */
static void after_every_step_the_tree_is_in_order(void **state) {
  static bool present[KEYS];
  ULONG seed = 7;
  BOOLEAN fresh;
  (void)state;
  begin();
  RtlZeroMemory(present, sizeof(present));
  for (int i = 0; i < STEPS; i++) {
    ULONG key = RtlRandomEx(&seed) % KEYS;

    switch (RtlRandomEx(&seed) % 3) {
    case 0:
      assert_int_equal(*insert(key, &fresh), key);
      assert_int_equal(fresh, !present[key]);
      assert_int_equal(key_of(table.TableRoot), key);
      present[key] = true;
      break;
    case 1:
      assert_int_equal(RtlDeleteElementGenericTable(&table, &key),
                       present[key]);
      present[key] = false;
      break;
    default:
      assert_int_equal(RtlLookupElementGenericTable(&table, &key) != NULL,
                       present[key]);
      if (present[key])
        assert_int_equal(key_of(table.TableRoot), key);
    }
    check(present);
  }
  empty();
}

static void an_enumeration_shows_all_in_order(void **state) {
  ULONG next = 0;
  ULONG *data;
  (void)state;
  begin();
  assert_null(RtlEnumerateGenericTable(&table, TRUE));
  for (ULONG i = 50; i-- > 0;)
    insert(i, NULL);
  for (data = RtlEnumerateGenericTable(&table, TRUE); data != NULL;
       data = RtlEnumerateGenericTable(&table, FALSE))
    assert_int_equal(*data, next++);
  assert_int_equal(next, 50);
  empty();
}

/* The index counts insertions, not keys; a deletion moves those behind up. */
static void elements_have_an_index_in_the_order_of_insertion(void **state) {
  static const ULONG keys[] = {5, 1, 9, 3, 7};
  ULONG nine = 9;
  (void)state;
  begin();
  for (unsigned i = 0; i < RTL_NUMBER_OF(keys); i++)
    insert(keys[i], NULL);
  for (unsigned i = RTL_NUMBER_OF(keys); i-- > 0;)
    assert_int_equal(*(ULONG *)RtlGetElementGenericTable(&table, i), keys[i]);
  assert_int_equal(*(ULONG *)RtlGetElementGenericTable(&table, 3), 3);
  assert_null(RtlGetElementGenericTable(&table, 5));
  RtlDeleteElementGenericTable(&table, &nine);
  assert_int_equal(*(ULONG *)RtlGetElementGenericTable(&table, 2), 3);
  assert_int_equal(*(ULONG *)RtlGetElementGenericTable(&table, 0), 5);
  empty();
}

static void a_full_lookup_finds_the_place_of_an_insertion(void **state) {
  TABLE_SEARCH_RESULT result;
  ULONG key = 4, other = 6;
  BOOLEAN fresh;
  PVOID node;
  (void)state;
  begin();
  for (ULONG i = 0; i < 10; i += 5)
    insert(i, NULL);
  assert_null(RtlLookupElementGenericTableFull(&table, &key, &node, &result));
  assert_int_equal(result, TableInsertAsRight);
  assert_int_equal(*(ULONG *)RtlInsertElementGenericTableFull(
                       &table, &key, sizeof(key), &fresh, node, result),
                   4);
  assert_true(fresh);
  assert_non_null(
      RtlLookupElementGenericTableFull(&table, &key, &node, &result));
  assert_int_equal(result, TableFoundNode);
  assert_ptr_equal(node, table.TableRoot);
  no_memory = true;
  assert_null(insert(other, &fresh));
  assert_false(fresh);
  assert_int_equal(RtlNumberGenericTableElements(&table), 3);
  empty();
}

/* ---- links of the driver's own ----------------------------------------- */

static void links_are_spliced_out_of_their_tree(void **state) {
  RTL_SPLAY_LINKS links[7], *root = &links[3];
  (void)state;
  for (unsigned i = 0; i < RTL_NUMBER_OF(links); i++)
    RtlInitializeSplayLinks(&links[i]);
  RtlInsertAsLeftChild(&links[3], &links[1]);
  RtlInsertAsRightChild(&links[3], &links[5]);
  RtlInsertAsLeftChild(&links[1], &links[0]);
  RtlInsertAsRightChild(&links[1], &links[2]);
  RtlInsertAsLeftChild(&links[5], &links[4]);
  RtlInsertAsRightChild(&links[5], &links[6]);
  assert_ptr_equal(RtlSubtreeSuccessor(root), &links[4]);
  assert_ptr_equal(RtlSubtreePredecessor(root), &links[2]);
  assert_null(RtlRealSuccessor(&links[6]));
  assert_null(RtlRealPredecessor(&links[0]));

  RtlDeleteNoSplay(root, &root);
  assert_ptr_equal(root, &links[2]);
  assert_ptr_equal(RtlRealSuccessor(&links[2]), &links[4]);
  root = RtlSplay(&links[6]);
  assert_ptr_equal(root, &links[6]);
  for (unsigned i = 0; i < RTL_NUMBER_OF(links); i++)
    if (i != 3)
      root = RtlDelete(&links[i]);
  assert_null(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(after_every_step_the_tree_is_in_order),
      KERNEL_TEST(an_enumeration_shows_all_in_order),
      KERNEL_TEST(elements_have_an_index_in_the_order_of_insertion),
      KERNEL_TEST(a_full_lookup_finds_the_place_of_an_insertion),
      KERNEL_TEST(links_are_spliced_out_of_their_tree),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
