/* Lookaside lists. Windows pages: ExInitializeLookasideListEx and its kin,
 * using lookaside lists. */
#include "kernel_test.h"

#include <string.h>
#include <uwsk/fault.h>

#include "os/os.h"

#define TAG  'aLsT'
#define SIZE 48

static LOOKASIDE_LIST_EX list;

static void make_list(void) {
  assert_int_equal(ExInitializeLookasideListEx(&list, NULL, NULL,
                                               NonPagedPoolNx, 0, SIZE, TAG, 0),
                   STATUS_SUCCESS);
}

/* Defends against a list that is pool in disguise: the second round must not
 * allocate. */
static void blocks_are_used_again(void **state) {
  (void)state;
  PVOID first, second;
  uint64_t allocations;

  make_list();
  first = ExAllocateFromLookasideListEx(&list);
  second = ExAllocateFromLookasideListEx(&list);
  assert_non_null(first);
  assert_ptr_not_equal(first, second);
  memset(first, 1, SIZE);
  memset(second, 2, SIZE);
  ExFreeToLookasideListEx(&list, first);
  ExFreeToLookasideListEx(&list, second);
  allocations = os__alloc_count();
  assert_ptr_equal(ExAllocateFromLookasideListEx(&list), second);
  assert_ptr_equal(ExAllocateFromLookasideListEx(&list), first);
  assert_int_equal(os__alloc_count(), allocations);
  ExFreeToLookasideListEx(&list, first);
  ExFreeToLookasideListEx(&list, second);
  assert_int_equal(list.L.TotalAllocates, 4);
  assert_int_equal(list.L.AllocateMisses, 2);
  assert_int_equal(list.L.TotalFrees, 4);
  assert_int_equal(list.L.FreeMisses, 0);
  ExDeleteLookasideListEx(&list);
}

/* Defends against a list that keeps everything it was ever given. */
static void a_full_list_frees(void **state) {
  (void)state;
  enum { MANY = 600 };
  static PVOID blocks[MANY];

  make_list();
  for (int i = 0; i < MANY; i++)
    blocks[i] = ExAllocateFromLookasideListEx(&list);
  for (int i = 0; i < MANY; i++)
    ExFreeToLookasideListEx(&list, blocks[i]);
  assert_true(ExQueryDepthSList(&list.L.ListHead) <= list.L.MaximumDepth);
  assert_true(list.L.FreeMisses > 0);
  assert_int_equal(ob__count(OB_POOL), ExQueryDepthSList(&list.L.ListHead));
  ExFlushLookasideListEx(&list);
  assert_int_equal(ExQueryDepthSList(&list.L.ListHead), 0);
  assert_int_equal(ob__count(OB_POOL), 0);
  ExDeleteLookasideListEx(&list);
}

static void a_list_in_demand_grows(void **state) {
  (void)state;
  PVOID blocks[16];

  make_list();
  for (int round = 0; round < 8; round++) {
    for (int i = 0; i < 16; i++)
      blocks[i] = ExAllocateFromLookasideListEx(&list);
    for (int i = 0; i < 16; i++)
      ExFreeToLookasideListEx(&list, blocks[i]);
  }
  assert_int_equal(ExQueryDepthSList(&list.L.ListHead), 16);
  ExDeleteLookasideListEx(&list);
}

static void a_small_block_has_room_for_the_link(void **state) {
  (void)state;
  NPAGED_LOOKASIDE_LIST small;
  PVOID block;

  ExInitializeNPagedLookasideList(&small, NULL, NULL, 0, 1, TAG, 0);
  assert_int_equal(small.L.Size, LOOKASIDE_MINIMUM_BLOCK_SIZE);
  block = ExAllocateFromNPagedLookasideList(&small);
  ExFreeToNPagedLookasideList(&small, block);
  assert_ptr_equal(ExAllocateFromNPagedLookasideList(&small), block);
  ExFreeToNPagedLookasideList(&small, block);
  ExDeleteNPagedLookasideList(&small);
}

/* ---- the driver's own routines ----------------------------------------- */

static struct {
  int allocated, freed;
  POOL_TYPE type;
  SIZE_T size;
  ULONG tag;
  PLOOKASIDE_LIST_EX list;
} seen;

static ALLOCATE_FUNCTION_EX allocate_ex;
static PVOID NTAPI allocate_ex(POOL_TYPE type, SIZE_T size, ULONG tag,
                               PLOOKASIDE_LIST_EX lookaside) {
  seen.allocated++;
  seen.type = type;
  seen.size = size;
  seen.tag = tag;
  seen.list = lookaside;
  return ExAllocatePoolWithTag(NonPagedPool, size, tag);
}

static FREE_FUNCTION_EX free_ex;
static VOID NTAPI free_ex(PVOID block, PLOOKASIDE_LIST_EX lookaside) {
  seen.freed++;
  assert_ptr_equal(lookaside, seen.list);
  ExFreePoolWithTag(block, TAG);
}

static void make_own(ULONG flags) {
  memset(&seen, 0, sizeof(seen));
  assert_int_equal(ExInitializeLookasideListEx(&list, allocate_ex, free_ex,
                                               PagedPool, flags, SIZE, TAG, 0),
                   STATUS_SUCCESS);
}

static void the_drivers_routines_get_the_list(void **state) {
  (void)state;
  PVOID block;

  make_own(0);
  block = ExAllocateFromLookasideListEx(&list);
  assert_int_equal(seen.allocated, 1);
  assert_int_equal(seen.type, PagedPool);
  assert_int_equal(seen.size, SIZE);
  assert_int_equal(seen.tag, TAG);
  assert_ptr_equal(seen.list, &list);
  ExFreeToLookasideListEx(&list, block);
  assert_int_equal(seen.freed, 0);
  ExDeleteLookasideListEx(&list);
  assert_int_equal(seen.freed, 1);
}

static void flags_change_the_pool_type(void **state) {
  (void)state;
  make_own(EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL);
  ExFreeToLookasideListEx(&list, ExAllocateFromLookasideListEx(&list));
  assert_int_equal(seen.type, PagedPool | POOL_RAISE_IF_ALLOCATION_FAILURE);
  ExDeleteLookasideListEx(&list);
  make_own(EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE);
  ExFreeToLookasideListEx(&list, ExAllocateFromLookasideListEx(&list));
  assert_int_equal(seen.type, PagedPool | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE);
  ExDeleteLookasideListEx(&list);
}

static ALLOCATE_FUNCTION allocate_plain;
static PVOID NTAPI allocate_plain(POOL_TYPE type, SIZE_T size, ULONG tag) {
  seen.allocated++;
  return ExAllocatePoolWithTag(type, size, tag);
}

static FREE_FUNCTION free_plain;
static VOID NTAPI free_plain(PVOID block) {
  seen.freed++;
  ExFreePool(block);
}

static void older_lists_have_routines_without_it(void **state) {
  (void)state;
  PAGED_LOOKASIDE_LIST paged;

  memset(&seen, 0, sizeof(seen));
  ExInitializePagedLookasideList(&paged, allocate_plain, free_plain, 0, SIZE,
                                 TAG, 0);
  ExFreeToPagedLookasideList(&paged, ExAllocateFromPagedLookasideList(&paged));
  ExFreeToPagedLookasideList(&paged, ExAllocateFromPagedLookasideList(&paged));
  assert_int_equal(seen.allocated, 1);
  ExDeletePagedLookasideList(&paged);
  assert_int_equal(seen.freed, 1);
}

/* ---- what goes wrong --------------------------------------------------- */

static void bad_pools_and_flags_are_refused(void **state) {
  (void)state;
  assert_int_equal(ExInitializeLookasideListEx(&list, NULL, NULL, MaxPoolType,
                                               0, SIZE, TAG, 0),
                   STATUS_INVALID_PARAMETER_4);
  assert_int_equal(ExInitializeLookasideListEx(&list, NULL, NULL, PagedPool, 3,
                                               SIZE, TAG, 0),
                   STATUS_INVALID_PARAMETER_5);
  assert_int_equal(ob__count(OB_LOOKASIDE), 0);
}

static void without_memory_there_is_no_block(void **state) {
  (void)state;
  make_list();
  uwsk_fault_allocation(1);
  assert_null(ExAllocateFromLookasideListEx(&list));
  assert_true(uwsk_fault_allocation_fired());
  ExDeleteLookasideListEx(&list);
}

/* Defends against a list that cannot be deleted because it could not be
 * entered in the ledger. */
static void a_list_needs_no_memory(void **state) {
  (void)state;
  PVOID block;

  for (unsigned nth = 1; nth <= 2; nth++) {
    uwsk_fault_allocation(nth);
    make_list();
    uwsk_fault_allocation(0);
    block = ExAllocateFromLookasideListEx(&list);
    ExFreeToLookasideListEx(&list, block);
    ExDeleteLookasideListEx(&list);
  }
}

static void a_list_that_is_left_is_in_the_ledger(void **state) {
  (void)state;
  make_list();
  assert_int_equal(ob__count(OB_LOOKASIDE), 1);
  ExDeleteLookasideListEx(&list);
  assert_int_equal(ob__count(OB_LOOKASIDE), 0);
}

static void deleting_a_list_twice_is_reported(void **state) {
  (void)state;
  make_list();
  ExDeleteLookasideListEx(&list);
  expect_report_begin();
  ExDeleteLookasideListEx(&list);
  expect_report_end(VF_EX_LOOKASIDE_01);
}

static void a_paged_list_is_for_apc_level(void **state) {
  (void)state;
  PAGED_LOOKASIDE_LIST paged;
  PVOID block;
  KIRQL irql;

  ExInitializePagedLookasideList(&paged, NULL, NULL, 0, SIZE, TAG, 0);
  block = ExAllocateFromPagedLookasideList(&paged);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  expect_report_begin();
  ExFreeToPagedLookasideList(&paged, block);
  expect_report_end(VF_IRQL_01);
  KeLowerIrql(irql);
  ExDeletePagedLookasideList(&paged);
}

/* ---- contention -------------------------------------------------------- */

#define ROUNDS 1000

/* Fills its blocks: ThreadSanitizer sees one that two threads have, and
 * AddressSanitizer one that was freed under its user. */
static void use_blocks(void *unused) {
  PVOID blocks[6];

  (void)unused;
  for (int i = 0; i < ROUNDS; i++) {
    for (int j = 0; j < 6; j++) {
      blocks[j] = ExAllocateFromLookasideListEx(&list);
      memset(blocks[j], j, SIZE);
    }
    for (int j = 0; j < 6; j++)
      ExFreeToLookasideListEx(&list, blocks[j]);
  }
}

static void threads_share_a_list(void **state) {
  (void)state;
  struct os_thread threads[3];

  make_list();
  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&threads[i], use_blocks, NULL), 0);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(list.L.TotalAllocates, 3 * 6 * ROUNDS);
  assert_int_equal(list.L.TotalFrees, 3 * 6 * ROUNDS);
  ExDeleteLookasideListEx(&list);
  assert_int_equal(ob__count(OB_POOL), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(blocks_are_used_again),
      KERNEL_TEST(a_full_list_frees),
      KERNEL_TEST(a_list_in_demand_grows),
      KERNEL_TEST(a_small_block_has_room_for_the_link),
      KERNEL_TEST(the_drivers_routines_get_the_list),
      KERNEL_TEST(flags_change_the_pool_type),
      KERNEL_TEST(older_lists_have_routines_without_it),
      KERNEL_TEST(bad_pools_and_flags_are_refused),
      KERNEL_TEST(without_memory_there_is_no_block),
      KERNEL_TEST(a_list_needs_no_memory),
      KERNEL_TEST(a_list_that_is_left_is_in_the_ledger),
      KERNEL_TEST(deleting_a_list_twice_is_reported),
      KERNEL_TEST(a_paged_list_is_for_apc_level),
      KERNEL_TEST(threads_share_a_list),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
