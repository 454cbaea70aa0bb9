/* Generic tables that are AVL trees. Pages: ddi/ntddk/nf-ntddk-rtl…avl,
 * nf-ntddk-rtlenumerategenerictablelikeadirectory. */
#include "kernel_test.h"

#define KEYS  200
#define STEPS 20000

struct entry {
  ULONG key;
  ULONG value;
};

static ULONG live;     /* elements that were allocated and not freed */
static CLONG asked;    /* the last ByteSize */
static bool no_memory; /* AllocateRoutine has none */
static ULONG comparisons;

static RTL_GENERIC_COMPARE_RESULTS NTAPI compare(struct _RTL_AVL_TABLE *table,
                                                 PVOID first, PVOID second) {
  ULONG a = ((struct entry *)first)->key, b = ((struct entry *)second)->key;

  assert_non_null(table);
  comparisons++;
  return a < b ? GenericLessThan : a > b ? GenericGreaterThan : GenericEqual;
}

static PVOID NTAPI allocate(struct _RTL_AVL_TABLE *table, CLONG size) {
  UNREFERENCED_PARAMETER(table);
  asked = size;
  if (no_memory)
    return NULL;
  live++;
  return ExAllocatePoolWithTag(NonPagedPool, size, 'lvaT');
}

static VOID NTAPI release(struct _RTL_AVL_TABLE *table, PVOID buffer) {
  UNREFERENCED_PARAMETER(table);
  live--;
  ExFreePoolWithTag(buffer, 'lvaT');
}

static RTL_AVL_TABLE table;

static void begin(void) {
  live = 0;
  no_memory = false;
  RtlInitializeGenericTableAvl(&table, compare, allocate, release, &live);
}

static struct entry *insert(ULONG key, BOOLEAN *fresh) {
  struct entry entry = {key, key * 3};

  return RtlInsertElementGenericTableAvl(&table, &entry, sizeof(entry), fresh);
}

static struct entry *look_up(ULONG key) {
  struct entry entry = {key, 0};

  return RtlLookupElementGenericTableAvl(&table, &entry);
}

static BOOLEAN take_out(ULONG key) {
  struct entry entry = {key, 0};

  return RtlDeleteElementGenericTableAvl(&table, &entry);
}

static void empty(void) {
  while (!RtlIsGenericTableEmptyAvl(&table))
    RtlDeleteElementGenericTableAvl(&table,
                                    RtlGetElementGenericTableAvl(&table, 0));
  assert_int_equal(live, 0);
}

/* The height below a node; every parent and every balance on the way is right.
 */
static int height_of(PRTL_BALANCED_LINKS node, PRTL_BALANCED_LINKS parent) {
  int left, right;

  if (node == NULL)
    return 0;
  assert_ptr_equal(node->Parent, parent);
  left = height_of(node->LeftChild, node);
  right = height_of(node->RightChild, node);
  assert_int_equal(node->Balance, right - left);
  assert_in_range(node->Balance + 1, 0, 2);
  return 1 + (left > right ? left : right);
}

/* The tree is an AVL tree of exactly these keys, in this order. */
static void check(const bool *present) {
  PVOID key = NULL;
  struct entry *entry;
  ULONG count = 0;

  assert_null(table.BalancedRoot.LeftChild);
  assert_int_equal(
      height_of(table.BalancedRoot.RightChild, &table.BalancedRoot),
      table.DepthOfTree);
  for (ULONG i = 0; i < KEYS; i++) {
    if (!present[i])
      continue;
    entry = RtlEnumerateGenericTableWithoutSplayingAvl(&table, &key);
    assert_non_null(entry);
    assert_int_equal(entry->key, i);
    assert_int_equal(entry->value, i * 3);
    count++;
  }
  assert_null(RtlEnumerateGenericTableWithoutSplayingAvl(&table, &key));
  assert_int_equal(RtlNumberGenericTableElementsAvl(&table), count);
  assert_int_equal(live, count);
}

/* Against: rotations that lose a subtree, a parent or a balance. Half of the
 * time the table grows, half of the time it shrinks. */
static void after_every_step_the_tree_is_balanced(void **state) {
  static bool present[KEYS];
  ULONG seed = 1;
  BOOLEAN fresh;
  (void)state;
  begin();
  RtlZeroMemory(present, sizeof(present));
  for (int i = 0; i < STEPS; i++) {
    ULONG key = RtlRandomEx(&seed) % KEYS;
    bool grows = i / 500 % 2 == 0;

    if ((RtlRandomEx(&seed) % 4 != 0) == grows) {
      assert_int_equal(insert(key, &fresh)->key, key);
      assert_int_equal(fresh, !present[key]);
      present[key] = true;
    } else {
      assert_int_equal(take_out(key), present[key]);
      present[key] = false;
    }
    check(present);
  }
  empty();
}

/* Against: a tree that is right and deep. 1.44 log2(n) is the bound. */
static void ten_thousand_keys_in_order_are_sixteen_deep_at_most(void **state) {
  (void)state;
  begin();
  for (ULONG i = 0; i < 10000; i++)
    insert(i, NULL);
  assert_in_range(table.DepthOfTree, 14, 16);
  comparisons = 0;
  assert_non_null(look_up(9999));
  assert_in_range(comparisons, 1, 16);
  empty();
}

static void a_duplicate_is_the_element_that_was_there(void **state) {
  struct entry other = {5, 99};
  struct entry *first;
  BOOLEAN fresh = FALSE;
  (void)state;
  begin();
  first = insert(5, &fresh);
  assert_true(fresh);
  assert_int_equal(asked, sizeof(RTL_BALANCED_LINKS) + sizeof(struct entry));
  assert_ptr_equal(
      RtlInsertElementGenericTableAvl(&table, &other, sizeof(other), &fresh),
      first);
  assert_false(fresh);
  assert_int_equal(first->value, 15);
  assert_ptr_equal(look_up(5), first);
  assert_null(look_up(6));
  empty();
}

static void without_memory_nothing_is_inserted(void **state) {
  BOOLEAN fresh = TRUE;
  (void)state;
  begin();
  no_memory = true;
  assert_null(insert(1, &fresh));
  assert_false(fresh);
  assert_true(RtlIsGenericTableEmptyAvl(&table));
  no_memory = false;
  assert_non_null(insert(1, NULL));
  empty();
}

static void a_full_lookup_spares_the_insertion_its_search(void **state) {
  struct entry entry = {7, 21};
  TABLE_SEARCH_RESULT result;
  PVOID node;
  BOOLEAN fresh;
  (void)state;
  begin();
  assert_null(
      RtlLookupElementGenericTableFullAvl(&table, &entry, &node, &result));
  assert_int_equal(result, TableEmptyTree);
  assert_non_null(RtlInsertElementGenericTableFullAvl(
      &table, &entry, sizeof(entry), &fresh, node, result));
  assert_true(fresh);
  for (entry.key = 6; entry.key <= 8; entry.key += 2) {
    assert_null(
        RtlLookupElementGenericTableFullAvl(&table, &entry, &node, &result));
    assert_int_equal(result,
                     entry.key < 7 ? TableInsertAsLeft : TableInsertAsRight);
    comparisons = 0;
    RtlInsertElementGenericTableFullAvl(&table, &entry, sizeof(entry), &fresh,
                                        node, result);
    assert_int_equal(comparisons, 0);
  }
  entry.key = 7;
  assert_ptr_equal(
      RtlLookupElementGenericTableFullAvl(&table, &entry, &node, &result),
      look_up(7));
  assert_int_equal(result, TableFoundNode);
  RtlDeleteElementGenericTableAvlEx(&table, node);
  assert_null(look_up(7));
  assert_int_equal(RtlNumberGenericTableElementsAvl(&table), 2);
  empty();
}

/* Against: an enumeration that reads a freed element, or leaves one out. */
static void an_enumeration_survives_the_deletion_of_where_it_is(void **state) {
  struct entry *entry;
  ULONG next = 0;
  (void)state;
  begin();
  for (ULONG i = 0; i < 64; i++)
    insert(i, NULL);
  for (entry = RtlEnumerateGenericTableAvl(&table, TRUE); entry != NULL;
       entry = RtlEnumerateGenericTableAvl(&table, FALSE)) {
    assert_int_equal(entry->key, next++);
    if (entry->key % 3 != 1)
      assert_true(take_out(entry->key));
  }
  assert_int_equal(next, 64);
  assert_int_equal(RtlNumberGenericTableElementsAvl(&table), 21);
  empty();
}

static void elements_have_an_index_in_the_order_of_keys(void **state) {
  static const ULONG order[] = {3, 0, 9, 40, 39, 1, 20};
  ULONG seed = 3;
  (void)state;
  begin();
  for (ULONG i = 0; i < 41; i++)
    insert(RtlRandomEx(&seed) % 2 ? i : 40 - i, NULL);
  for (ULONG i = 0; i < 41; i++)
    insert(i, NULL);
  for (unsigned i = 0; i < RTL_NUMBER_OF(order); i++)
    assert_int_equal(
        ((struct entry *)RtlGetElementGenericTableAvl(&table, order[i]))->key,
        order[i]);
  take_out(0);
  assert_int_equal(
      ((struct entry *)RtlGetElementGenericTableAvl(&table, 20))->key, 21);
  assert_null(RtlGetElementGenericTableAvl(&table, 40));
  empty();
}

/* ---- like a directory -------------------------------------------------- */

static NTSTATUS NTAPI even_below_ten(PRTL_AVL_TABLE from, PVOID data,
                                     PVOID limit) {
  ULONG key = ((struct entry *)data)->key;

  assert_ptr_equal(from, &table);
  if (key >= *(ULONG *)limit)
    return STATUS_NO_MORE_MATCHES;
  return key % 2 == 0 ? STATUS_SUCCESS : STATUS_NO_MATCH;
}

static void a_directory_shows_what_its_match_function_takes(void **state) {
  struct entry from = {1, 0}, *entry;
  ULONG limit = 10, deletions = 0, next = 2;
  PVOID key = NULL;
  (void)state;
  begin();
  for (ULONG i = 0; i < 20; i++)
    insert(i, NULL);
  while ((entry = RtlEnumerateGenericTableLikeADirectory(
              &table, even_below_ten, &limit, key != NULL, &key, &deletions,
              &from)) != NULL) {
    assert_int_equal(entry->key, next);
    next += 2;
  }
  assert_int_equal(next, 10);
  assert_null(key);
  empty();
}

/* After a deletion the key may be an element that is gone: Buffer says where to
 * go on. */
static void a_directory_goes_on_by_name_after_a_deletion(void **state) {
  struct entry from = {0, 0}, *entry;
  ULONG deletions = 0;
  PVOID key = NULL;
  (void)state;
  begin();
  for (ULONG i = 0; i < 10; i++)
    insert(i, NULL);
  entry = RtlEnumerateGenericTableLikeADirectory(&table, NULL, NULL, FALSE,
                                                 &key, &deletions, &from);
  assert_int_equal(entry->key, 0);
  entry = RtlEnumerateGenericTableLikeADirectory(&table, NULL, NULL, TRUE, &key,
                                                 &deletions, &from);
  assert_int_equal(entry->key, 1);
  from = *entry;
  take_out(1);
  take_out(2);
  entry = RtlEnumerateGenericTableLikeADirectory(&table, NULL, NULL, TRUE, &key,
                                                 &deletions, &from);
  assert_int_equal(entry->key, 3);
  assert_int_equal(deletions, 2);
  from.key = 9;
  key = NULL;
  assert_null(RtlEnumerateGenericTableLikeADirectory(&table, NULL, NULL, TRUE,
                                                     &key, &deletions, &from));
  empty();
  assert_null(RtlEnumerateGenericTableLikeADirectory(&table, NULL, NULL, FALSE,
                                                     &key, &deletions, &from));
}

/* ---- several that match ------------------------------------------------ */

static RTL_GENERIC_COMPARE_RESULTS NTAPI
compare_tens(struct _RTL_AVL_TABLE *from, PVOID first, PVOID second) {
  struct entry a = *(struct entry *)first, b = *(struct entry *)second;

  a.key /= 10;
  b.key /= 10;
  return compare(from, &a, &b);
}

static void the_first_of_several_matches_is_found(void **state) {
  struct entry wanted = {25, 0};
  PVOID key = &key;
  (void)state;
  begin();
  for (ULONG i = 0; i < 50; i++)
    insert(i, NULL);
  table.CompareRoutine = compare_tens;
  for (ULONG i = 20; i < 30; i++) {
    struct entry *entry =
        i == 20 ? RtlLookupFirstMatchingElementGenericTableAvl(&table, &wanted,
                                                               &key)
                : RtlEnumerateGenericTableWithoutSplayingAvl(&table, &key);
    assert_int_equal(entry->key, i);
  }
  wanted.key = 70;
  assert_null(
      RtlLookupFirstMatchingElementGenericTableAvl(&table, &wanted, &key));
  table.CompareRoutine = compare;
  empty();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(after_every_step_the_tree_is_balanced),
      KERNEL_TEST(ten_thousand_keys_in_order_are_sixteen_deep_at_most),
      KERNEL_TEST(a_duplicate_is_the_element_that_was_there),
      KERNEL_TEST(without_memory_nothing_is_inserted),
      KERNEL_TEST(a_full_lookup_spares_the_insertion_its_search),
      KERNEL_TEST(an_enumeration_survives_the_deletion_of_where_it_is),
      KERNEL_TEST(elements_have_an_index_in_the_order_of_keys),
      KERNEL_TEST(a_directory_shows_what_its_match_function_takes),
      KERNEL_TEST(a_directory_goes_on_by_name_after_a_deletion),
      KERNEL_TEST(the_first_of_several_matches_is_found),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
