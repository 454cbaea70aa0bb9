/* Interlocked operations: results, widths, and that they are atomic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ntddk.h>

#include "os/os.h"

static void results_are_those_of_windows(void **state) {
  (void)state;
  LONG value = 5;
  assert_int_equal(InterlockedIncrement(&value), 6);
  assert_int_equal(InterlockedDecrement(&value), 5);
  assert_int_equal(InterlockedAdd(&value, 10), 15);
  assert_int_equal(InterlockedExchangeAdd(&value, 10), 15);
  assert_int_equal(InterlockedExchange(&value, 0xF0), 25);
  assert_int_equal(InterlockedAnd(&value, 0x30), 0xF0);
  assert_int_equal(InterlockedOr(&value, 0x01), 0x30);
  assert_int_equal(InterlockedXor(&value, 0x11), 0x31);
  assert_int_equal(value, 0x20);
}

static void compare_exchange_takes_exchange_before_comparand(void **state) {
  (void)state;
  LONG value = 1;
  assert_int_equal(InterlockedCompareExchange(&value, 7, 2), 1);
  assert_int_equal(value, 1);
  assert_int_equal(InterlockedCompareExchange(&value, 7, 1), 1);
  assert_int_equal(value, 7);
}

/* On Linux `long` has 8 bytes and LONG has 4: an operation of the wrong width
 * would lose a carry or write over the neighbour. */
static void an_operation_is_as_wide_as_its_variable(void **state) {
  (void)state;
  struct {
    LONG narrow, guard;
    long plain;
    volatile ULONG counter;
    LONG64 wide;
    SHORT tiny[2];
    char byte[2];
  } v = {-1, 77, 0xFFFFFFFFL, 0xFFFFFFFF, 0xFFFFFFFFLL, {-1, 5}, {-1, 6}};
  InterlockedIncrement(&v.narrow);
  assert_int_equal(v.narrow, 0);
  assert_int_equal(v.guard, 77);
  InterlockedIncrement(&v.plain);
  assert_true(v.plain == (long)0xFFFFFFFFL + 1);
  assert_int_equal(InterlockedIncrement(&v.counter), 0);
  assert_true(InterlockedIncrement64(&v.wide) == 0x100000000LL);
  assert_int_equal(InterlockedIncrement16(&v.tiny[0]), 0);
  assert_int_equal(v.tiny[1], 5);
  InterlockedOr8(&v.byte[0], 1);
  InterlockedAnd8(&v.byte[0], 0x0F);
  assert_int_equal(v.byte[0], 0x0F);
  assert_int_equal(v.byte[1], 6);
}

static void each_argument_is_evaluated_once(void **state) {
  (void)state;
  LONG values[3] = {0, 0, 0};
  LONG *at = values;
  LONG amount = 1;
  InterlockedExchangeAdd(at++, amount++);
  InterlockedCompareExchange(at++, amount++, 0);
  assert_ptr_equal(at, values + 2);
  assert_int_equal(amount, 3);
  assert_int_equal(values[0], 1);
  assert_int_equal(values[1], 2);
}

static void pointers_are_exchanged(void **state) {
  (void)state;
  int a, b;
  int *pointer = &a;
  assert_ptr_equal(InterlockedExchangePointer(&pointer, &b), &a);
  assert_ptr_equal(
      InterlockedCompareExchangePointer((PVOID volatile *)&pointer, NULL, &a),
      &b);
  assert_ptr_equal(pointer, &b);
  assert_ptr_equal(InterlockedCompareExchangePointer(&pointer, NULL, &b), &b);
  assert_null(pointer);
  WritePointerRelease(&pointer, &a);
  assert_ptr_equal(ReadPointerAcquire(&pointer), &a);
}

static void bits_are_counted_beyond_the_first_word(void **state) {
  (void)state;
  LONG words[2] = {0, 0};
  assert_int_equal(InterlockedBitTestAndSet(words, 31), 0);
  assert_int_equal(InterlockedBitTestAndSet(words, 31), 1);
  assert_int_equal(InterlockedBitTestAndSet(words, 33), 0);
  assert_int_equal((ULONG)words[0], 0x80000000u);
  assert_int_equal(words[1], 2);
  assert_int_equal(InterlockedBitTestAndReset(words, 31), 1);
  assert_int_equal(words[0], 0);
  assert_int_equal(BitTest(words, 33), 1);
  ULONG index = 99;
  assert_int_equal(_BitScanForward(&index, 0x50), 1);
  assert_int_equal(index, 4);
  assert_int_equal(_BitScanReverse(&index, 0x50), 1);
  assert_int_equal(index, 6);
  assert_int_equal(_BitScanForward(&index, 0), 0);
  assert_int_equal(_rotl(0x80000001u, 1), 3);
  assert_int_equal(_rotr(3u, 1), 0x80000001u);
}

static void the_orders_have_the_same_results(void **state) {
  (void)state;
  LONG value = 0;
  LONG64 wide = 0;
  assert_int_equal(InterlockedIncrementAcquire(&value), 1);
  assert_int_equal(InterlockedIncrementNoFence(&value), 2);
  assert_int_equal(InterlockedDecrementRelease(&value), 1);
  assert_int_equal(InterlockedCompareExchangeNoFence(&value, 9, 1), 1);
  assert_int_equal(ReadAcquire(&value), 9);
  WriteRelease(&value, 4);
  assert_int_equal(ReadNoFence(&value), 4);
  assert_int_equal(InterlockedExchangeAddNoFence64(&wide, 3), 0);
  assert_int_equal(InterlockedIncrementNoFence64(&wide), 4);
  assert_int_equal(InterlockedDecrementRelease64(&wide), 3);
  assert_int_equal(ReadNoFence64(&wide), 3);
  KeMemoryBarrier();
  YieldProcessor();
}

enum { ROUNDS = 20000 };
static LONG counter;
static LONG bits;
static PVOID volatile top;

static void contend(void *mask) {
  LONG mine = (LONG)(intptr_t)mask;
  for (int i = 0; i < ROUNDS; i++) {
    InterlockedIncrement(&counter);
    InterlockedOr(&bits, mine);
    InterlockedAnd(&bits, ~mine);
    PVOID seen;
    do
      seen = ReadPointerNoFence(&top);
    while (InterlockedCompareExchangePointer(&top, (PVOID)((ULONG_PTR)seen + 1),
                                             seen) != seen);
  }
}

static void threads_lose_no_update(void **state) {
  (void)state;
  struct os_thread threads[3];
  for (int i = 0; i < 3; i++)
    assert_int_equal(
        os__thread_start(&threads[i], contend, (void *)(intptr_t)(1 << i)), 0);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(counter, 3 * ROUNDS);
  assert_int_equal((intptr_t)top, 3 * ROUNDS);
  assert_int_equal(bits, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(results_are_those_of_windows),
      cmocka_unit_test(compare_exchange_takes_exchange_before_comparand),
      cmocka_unit_test(an_operation_is_as_wide_as_its_variable),
      cmocka_unit_test(each_argument_is_evaluated_once),
      cmocka_unit_test(pointers_are_exchanged),
      cmocka_unit_test(bits_are_counted_beyond_the_first_word),
      cmocka_unit_test(the_orders_have_the_same_results),
      cmocka_unit_test(threads_lose_no_update),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
