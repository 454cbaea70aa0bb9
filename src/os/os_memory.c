/*
 * Memory: the C heap, with a count and a fault that can be armed.
 *
 * The count and the fault are plain atomics, so that they work at any time,
 * before any set-up and in any thread. calloc gives 16-byte alignment on every
 * 64-bit host, which is all that NT promises for pool.
 */
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>

_Static_assert(_Alignof(max_align_t) >= 16, "calloc aligns to 16 bytes");

static uint64_t calls;
static uint64_t fault_countdown; /* 0: none armed */
static bool fault_fired;
static bool (*asked)(void);

/* Counts an armed fault down; true when this call is the one that fails. */
static bool fault_hits(void) {
  uint64_t left = __atomic_load_n(&fault_countdown, __ATOMIC_RELAXED);
  while (left != 0) {
    if (__atomic_compare_exchange_n(&fault_countdown, &left, left - 1, false,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return left == 1;
  }
  return false;
}

void *os__alloc(size_t size) {
  __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
  if (fault_hits()) {
    __atomic_store_n(&fault_fired, true, __ATOMIC_SEQ_CST);
    return NULL;
  }
  bool (*fails)(void) = __atomic_load_n(&asked, __ATOMIC_ACQUIRE);
  if (fails != NULL && fails())
    return NULL;
  return calloc(1, size == 0 ? 1 : size);
}

void *os__alloc_uncounted(size_t size) {
  return calloc(1, size == 0 ? 1 : size);
}

void os__free(void *block) {
  free(block);
}

void *os__alloc_permanent(size_t size) {
  void *block = calloc(1, size);
  if (block == NULL) {
    static const char text[] = "uwsk: out of memory for a thread's record\n";
    os__stderr(text, sizeof(text) - 1);
    abort();
  }
  return block;
}

uint64_t os__alloc_count(void) {
  return __atomic_load_n(&calls, __ATOMIC_RELAXED);
}

void os__alloc_fail_nth(uint64_t nth) {
  __atomic_store_n(&fault_fired, false, __ATOMIC_SEQ_CST);
  __atomic_store_n(&fault_countdown, nth, __ATOMIC_SEQ_CST);
}

void os__alloc_ask(bool (*fails)(void)) {
  __atomic_store_n(&asked, fails, __ATOMIC_RELEASE);
}

bool os__alloc_fault_fired(void) {
  return __atomic_load_n(&fault_fired, __ATOMIC_SEQ_CST);
}
