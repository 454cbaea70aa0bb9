/* Pool: what a block is like, and what a client can do wrong with it. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

#define TAG 'looP'

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif

/* The statement is reported once under the rule and under no other. */
#define BREAKS(rule, statement)                                                \
  do {                                                                         \
    vf__reset();                                                               \
    vf__quiet(1);                                                              \
    statement;                                                                 \
    vf__quiet(0);                                                              \
    assert_int_equal(vf__count(rule), 1);                                      \
    assert_int_equal(vf__count(VF_RULE_COUNT), 1);                             \
    vf__reset();                                                               \
  } while (0)

static int start(void **state) {
  (void)state;
  vf__reset();
  vf__quiet(0);
  return 0;
}

static int end(void **state) {
  (void)state;
  return vf__count(VF_RULE_COUNT) != 0 || ob__print_left() != 0;
}

static bool all(const UCHAR *bytes, size_t size, UCHAR value) {
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != value)
      return false;
  return true;
}

/* ---- allocating -------------------------------------------------------- */

/* 16-byte alignment always, a page for a page and more, all bytes usable. */
static void blocks_are_aligned_and_all_theirs(void **state) {
  static const size_t sizes[] = {1,    2,    15,   16,    17,   100,
                                 4095, 4096, 4097, 12288, 70000};
  UCHAR *blocks[sizeof(sizes) / sizeof(sizes[0])];
  const size_t count = sizeof(sizes) / sizeof(sizes[0]);

  (void)state;
  for (size_t i = 0; i < count; i++) {
    blocks[i] = ExAllocatePoolWithTag(NonPagedPoolNx, sizes[i], TAG);
    assert_non_null(blocks[i]);
    assert_int_equal((ULONG_PTR)blocks[i] % (sizes[i] < PAGE_SIZE ? 16 : 4096),
                     0);
    memset(blocks[i], (int)i, sizes[i]);
  }
  assert_int_equal(ob__count(OB_POOL), count);
  for (size_t i = 0; i < count; i++) {
    assert_true(all(blocks[i], sizes[i], (UCHAR)i));
    ExFreePoolWithTag(blocks[i], TAG);
  }
}

/* NT returns a valid pointer for no bytes at all. */
static void a_block_of_no_bytes_is_a_block(void **state) {
  (void)state;
  PVOID block = ExAllocatePoolWithTag(NonPagedPool, 0, TAG);

  assert_non_null(block);
  ExFreePoolWithTag(block, TAG);
}

/* Defends against a client that relies on zeroes it did not ask for. */
static void contents_are_zero_only_where_promised(void **state) {
  (void)state;
  struct {
    UCHAR *block;
    bool zero;
  } made[] = {
      {ExAllocatePoolWithTag(NonPagedPool, 5000, TAG), false},
      {ExAllocatePool(NonPagedPool, 5000), false},
      {ExAllocatePoolUninitialized(PagedPool, 5000, TAG), false},
      {ExAllocatePoolZero(PagedPool, 5000, TAG), true},
      {ExAllocatePoolWithTag(NonPagedPool | POOL_ZERO_ALLOCATION, 5000, TAG),
       true},
      {ExAllocatePool2(POOL_FLAG_NON_PAGED, 5000, TAG), true},
      {ExAllocatePool2(POOL_FLAG_PAGED | POOL_FLAG_UNINITIALIZED, 5000, TAG),
       false},
  };

  for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
    assert_non_null(made[i].block);
    assert_int_equal(all(made[i].block, 5000, 0), made[i].zero);
    if (!made[i].zero)
      assert_int_equal(made[i].block[0], made[i].block[4999]);
    ExFreePool(made[i].block);
  }
}

static void cache_aligned_blocks_are(void **state) {
  (void)state;
  PVOID a = ExAllocatePoolWithTag(NonPagedPoolNxCacheAligned, 10, TAG);
  PVOID b = ExAllocatePool2(POOL_FLAG_PAGED | POOL_FLAG_CACHE_ALIGNED, 10, TAG);

  assert_int_equal((ULONG_PTR)a % 64, 0);
  assert_int_equal((ULONG_PTR)b % 64, 0);
  ExFreePoolWithTag(a, TAG);
  ExFreePoolWithTag(b, TAG);
}

static void pool2_refuses_what_windows_refuses(void **state) {
  (void)state;
  assert_null(ExAllocatePool2(0, 8, TAG));
  assert_null(ExAllocatePool2(POOL_FLAG_UNINITIALIZED, 8, TAG));
  assert_null(ExAllocatePool2(POOL_FLAG_PAGED | POOL_FLAG_NON_PAGED, 8, TAG));
  assert_null(ExAllocatePool2(POOL_FLAG_PAGED | POOL_FLAG_RESERVED1, 8, TAG));
  assert_null(ExAllocatePool2(POOL_FLAG_PAGED | 0x1000, 8, TAG));
  assert_null(ExAllocatePool2(POOL_FLAG_PAGED, 8, 0));
  assert_null(ExAllocatePool2(POOL_FLAG_PAGED, 0, TAG));
}

/* Optional flags that a system does not know do not make a call fail. */
static void pool2_ignores_unknown_optional_flags(void **state) {
  (void)state;
  PVOID block = ExAllocatePool2(POOL_FLAG_NON_PAGED_EXECUTE |
                                    POOL_FLAG_SPECIAL_POOL | 0x10000000000ULL,
                                8, TAG);

  assert_non_null(block);
  ExFreePoolWithTag(block, TAG);
}

/* ---- no memory --------------------------------------------------------- */

static void without_memory_the_answer_is_null(void **state) {
  (void)state;
  os__alloc_fail_nth(1);
  assert_null(ExAllocatePoolWithTag(NonPagedPool, 8, TAG));
  assert_true(os__alloc_fault_fired());
  os__alloc_fail_nth(1);
  assert_null(ExAllocatePool2(POOL_FLAG_NON_PAGED, 8, TAG));
  assert_null(ExAllocatePoolWithTag(NonPagedPool, (SIZE_T)-1, TAG));
  assert_null(ExAllocatePool2(POOL_FLAG_NON_PAGED, (SIZE_T)-4096, TAG));
}

static NTSTATUS raised_by(POOL_FLAGS flags, SIZE_T size) {
  volatile NTSTATUS status = STATUS_SUCCESS;

  __try {
    ExFreePool(ExAllocatePool2(flags, size, TAG));
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  return status;
}

static void without_memory_an_exception_is_raised_on_request(void **state) {
  (void)state;
  const POOL_FLAGS raising = POOL_FLAG_RAISE_ON_FAILURE;
  volatile NTSTATUS status = STATUS_SUCCESS;

  assert_int_equal(raised_by(raising | POOL_FLAG_PAGED, 8), STATUS_SUCCESS);
  os__alloc_fail_nth(1);
  assert_int_equal(raised_by(raising | POOL_FLAG_PAGED, 8),
                   STATUS_INSUFFICIENT_RESOURCES);
  assert_int_not_equal(raised_by(raising, 8), STATUS_SUCCESS);
  os__alloc_fail_nth(1);
  __try {
    ExAllocatePoolWithTag(
        (POOL_TYPE)(PagedPool | POOL_RAISE_IF_ALLOCATION_FAILURE), 8, TAG);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
}

/* ---- freeing ----------------------------------------------------------- */

static void either_free_function_takes_any_block(void **state) {
  (void)state;
  ExFreePool(ExAllocatePoolWithTag(NonPagedPool, 8, TAG));
  ExFreePoolWithTag(ExAllocatePoolWithTag(PagedPool, 8, TAG), 0);
  ExFreePoolWithTag(ExAllocatePool2(POOL_FLAG_PAGED, 8, TAG), TAG);
  ExFreePoolWithTag(ExAllocatePool(NonPagedPool, 8), 'enoN');
}

/* The protected bit of a tag does not take part in the comparison. */
static void the_protected_bit_of_a_tag_does_not_matter(void **state) {
  (void)state;
  ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPool, 8, TAG | 0x80000000),
                    TAG);
}

static void freeing_with_another_tag_is_reported(void **state) {
  (void)state;
  PVOID block = ExAllocatePoolWithTag(NonPagedPool, 8, TAG);

  BREAKS(VF_EX_POOL_02, ExFreePoolWithTag(block, 'rehO'));
  assert_int_equal(ob__count(OB_POOL), 0); /* freed all the same */
}

static void freeing_a_block_twice_is_reported(void **state) {
  (void)state;
  PVOID block = ExAllocatePoolWithTag(NonPagedPool, 8, TAG);

  ExFreePoolWithTag(block, TAG);
  BREAKS(VF_EX_POOL_01, ExFreePoolWithTag(block, TAG));
  BREAKS(VF_EX_POOL_01, ExFreePool(block));
}

/* Never a crash: nothing near the pointer is read. */
static void freeing_what_is_no_block_is_reported(void **state) {
  (void)state;
  char here[64];
  char *block = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);

  BREAKS(VF_EX_POOL_01, ExFreePool(NULL));
  BREAKS(VF_EX_POOL_01, ExFreePool(here));
  BREAKS(VF_EX_POOL_01, ExFreePool((PVOID)(ULONG_PTR)0x10));
  BREAKS(VF_EX_POOL_01, ExFreePool((PVOID) ~(ULONG_PTR)0));
  BREAKS(VF_EX_POOL_01, ExFreePoolWithTag(block + 16, TAG));
  ExFreePoolWithTag(block, TAG);
}

#ifdef ADDRESS_SANITIZER

#include <sanitizer/asan_interface.h>

/* The bytes next to a block are poisoned, however it is aligned. */
static void bytes_next_to_a_block_are_out_of_bounds(void **state) {
  static const size_t sizes[] = {1, 8, 13, 16, 100, 4096, 4100, 10000};

  (void)state;
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    UCHAR *block = ExAllocatePoolWithTag(NonPagedPool, sizes[i], TAG);

    assert_false(__asan_address_is_poisoned(block));
    assert_false(__asan_address_is_poisoned(block + sizes[i] - 1));
    assert_true(__asan_address_is_poisoned(block - 1));
    assert_true(__asan_address_is_poisoned(block + sizes[i]));
    assert_true(__asan_address_is_poisoned(block + sizes[i] + 15));
    ExFreePoolWithTag(block, TAG);
    assert_true(__asan_address_is_poisoned(block));
  }
}

#else

static void bytes_next_to_a_block_are_out_of_bounds(void **state) {
  static const size_t sizes[] = {1, 8, 13, 16, 100, 4096, 4100, 10000};

  (void)state;
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    UCHAR *volatile block = ExAllocatePoolWithTag(NonPagedPool, sizes[i], TAG);

    block[sizes[i]] = 0;
    BREAKS(VF_EX_POOL_03, ExFreePoolWithTag(block, TAG));
    block = ExAllocatePoolWithTag(NonPagedPool, sizes[i], TAG);
    block[-1] = 0;
    BREAKS(VF_EX_POOL_03, ExFreePoolWithTag(block, TAG));
  }
}

#endif

/* ---- IRQL -------------------------------------------------------------- */

static void paged_pool_at_dispatch_is_reported(void **state) {
  (void)state;
  KIRQL old;
  PVOID paged, nonpaged;

  KeRaiseIrql(DISPATCH_LEVEL, &old);
  nonpaged = ExAllocatePoolWithTag(NonPagedPool, 8, TAG);
  BREAKS(VF_IRQL_01, paged = ExAllocatePoolWithTag(PagedPool, 8, TAG));
  assert_non_null(paged);
  BREAKS(VF_IRQL_01, ExFreePoolWithTag(paged, TAG));
  ExFreePoolWithTag(nonpaged, TAG);
  KeLowerIrql(old);
  KeRaiseIrql(APC_LEVEL, &old);
  ExFreePoolWithTag(ExAllocatePoolWithTag(PagedPool, 8, TAG), TAG);
  KeLowerIrql(old);
}

static void a_block_is_in_the_ledger_with_size_and_tag(void **state) {
  (void)state;
  PVOID block = ExAllocatePoolWithTag(NonPagedPool, 77, TAG);
  const struct ob_record *record = ob__find(OB_POOL, block);

  assert_non_null(record);
  assert_int_equal(record->bytes, 77);
  assert_int_equal(record->tag, TAG);
  assert_string_equal(record->call, "ExAllocatePoolWithTag");
  ExFreePoolWithTag(block, TAG);
}

#define POOL_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      POOL_TEST(blocks_are_aligned_and_all_theirs),
      POOL_TEST(a_block_of_no_bytes_is_a_block),
      POOL_TEST(contents_are_zero_only_where_promised),
      POOL_TEST(cache_aligned_blocks_are),
      POOL_TEST(pool2_refuses_what_windows_refuses),
      POOL_TEST(pool2_ignores_unknown_optional_flags),
      POOL_TEST(without_memory_the_answer_is_null),
      POOL_TEST(without_memory_an_exception_is_raised_on_request),
      POOL_TEST(either_free_function_takes_any_block),
      POOL_TEST(the_protected_bit_of_a_tag_does_not_matter),
      POOL_TEST(freeing_with_another_tag_is_reported),
      POOL_TEST(freeing_a_block_twice_is_reported),
      POOL_TEST(freeing_what_is_no_block_is_reported),
      POOL_TEST(bytes_next_to_a_block_are_out_of_bounds),
      POOL_TEST(paged_pool_at_dispatch_is_reported),
      POOL_TEST(a_block_is_in_the_ledger_with_size_and_tag),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
