/* Reading MDL chains as the provider does. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mm/mdl_walk.h"

/* A chain of five members, the second and the last of them empty:
 * "abcd" "" "efghij" "k" "". */
#define MEMBERS 5
static char bytes[] = "abcdefghijk";
static const ULONG lengths[MEMBERS] = {4, 0, 6, 1, 0};
static PMDL chain[MEMBERS];

static int make_chain(void **state) {
  char *at = bytes;

  (void)state;
  memcpy(bytes, "abcdefghijk", 11);
  for (int i = 0; i < MEMBERS; i++) {
    chain[i] = IoAllocateMdl(at, lengths[i], FALSE, FALSE, NULL);
    MmBuildMdlForNonPagedPool(chain[i]);
    if (i > 0)
      chain[i - 1]->Next = chain[i];
    at += lengths[i];
  }
  return 0;
}

static int free_chain(void **state) {
  (void)state;
  for (int i = 0; i < MEMBERS; i++)
    IoFreeMdl(chain[i]);
  return 0;
}

static void the_length_is_what_lies_behind_the_offset(void **state) {
  (void)state;
  assert_int_equal(mm__chain_length(chain[0], 0), 11);
  assert_int_equal(mm__chain_length(chain[0], 3), 8);
  assert_int_equal(mm__chain_length(chain[0], 11), 0);
  assert_int_equal(mm__chain_length(chain[0], 12), 0);
  assert_int_equal(mm__chain_length(NULL, 0), 0);
}

/* Compares all that a chain offers, taken `room` spans at a time, with what
 * plain memory holds, for every offset, length and skip. */
static void check_spans(size_t offset, size_t length, size_t skip,
                        unsigned room) {
  struct mm_span spans[MEMBERS];
  size_t at = skip;
  size_t total;

  do {
    unsigned count =
        mm__chain_spans(chain[0], offset, length, at, spans, room, &total);
    size_t sum = 0;

    assert_true(count <= room);
    for (unsigned i = 0; i < count; i++) {
      assert_ptr_equal(spans[i].base, bytes + offset + at + sum);
      assert_int_not_equal(spans[i].length, 0);
      sum += spans[i].length;
    }
    assert_int_equal(sum, total);
    at += sum;
  } while (total != 0);
  assert_int_equal(at, skip < length ? length : skip);
}

/* Defends against empty members, against an offset or skip that ends where a
 * member does, and against one span too many or too few. */
static void spans_cover_the_bytes_once_and_in_order(void **state) {
  (void)state;
  for (unsigned room = 1; room <= MEMBERS; room++)
    for (size_t offset = 0; offset <= 11; offset++)
      for (size_t length = 0; length <= 11 - offset; length++)
        for (size_t skip = 0; skip <= length + 1; skip++)
          check_spans(offset, length, skip, room);
}

/* A length beyond the chain gives what there is, and ends. */
static void spans_end_where_the_chain_does(void **state) {
  (void)state;
  struct mm_span spans[MEMBERS];
  size_t total;

  assert_int_equal(mm__chain_spans(chain[0], 0, 100, 0, spans, MEMBERS, &total),
                   3);
  assert_int_equal(total, 11);
  assert_int_equal(mm__chain_spans(NULL, 0, 0, 0, spans, MEMBERS, NULL), 0);
}

static void bytes_are_copied_out_of_and_into_a_chain(void **state) {
  (void)state;
  char buffer[16];

  for (size_t skip = 0; skip <= 11; skip++) {
    memset(buffer, '.', sizeof(buffer));
    assert_int_equal(mm__copy_from_chain(chain[0], 0, skip, buffer, 16),
                     11 - skip);
    assert_memory_equal(buffer, &"abcdefghijk"[skip], 11 - skip);
    assert_int_equal(buffer[11 - skip], '.');
  }
  assert_int_equal(mm__copy_to_chain(chain[0], 3, 1, "EFGH", 4), 4);
  assert_memory_equal(bytes, "abcdEFGHijk", 11);
  assert_int_equal(mm__copy_to_chain(chain[0], 10, 0, "XYZ", 3), 1);
  assert_memory_equal(bytes, "abcdEFGHijX", 11);
}

/* BUF-05: only the members that hold the bytes count. */
static void a_member_that_is_not_resident_is_found(void **state) {
  (void)state;
  PMDL loose = chain[2];

  loose->MdlFlags &= (CSHORT)~MDL_SOURCE_IS_NONPAGED_POOL;
  assert_null(mm__chain_unlocked(chain[0], 0, 4));
  assert_ptr_equal(mm__chain_unlocked(chain[0], 0, 5), loose);
  assert_ptr_equal(mm__chain_unlocked(chain[0], 9, 1), loose);
  assert_null(mm__chain_unlocked(chain[0], 10, 1));
  assert_null(mm__chain_unlocked(chain[0], 0, 0));
  loose->MdlFlags |= MDL_PAGES_LOCKED;
  assert_null(mm__chain_unlocked(chain[0], 0, 11));
  loose->MdlFlags &= (CSHORT)~MDL_PAGES_LOCKED;
}

#define WALK_TEST(name)                                                        \
  cmocka_unit_test_setup_teardown(name, make_chain, free_chain)

int main(void) {
  const struct CMUnitTest tests[] = {
      WALK_TEST(the_length_is_what_lies_behind_the_offset),
      WALK_TEST(spans_cover_the_bytes_once_and_in_order),
      WALK_TEST(spans_end_where_the_chain_does),
      WALK_TEST(bytes_are_copied_out_of_and_into_a_chain),
      WALK_TEST(a_member_that_is_not_resident_is_found),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
