/*
 * Where timers are set: so that a pool block is freed without a look at every
 * timer of the process.
 *
 * Counting filters. The address space is cut into cells, of 64 bytes for small
 * blocks and of 4 KiB for large ones; each cell has two places in a table of
 * counts, and a timer is counted at both places of the cell it begins in. A
 * cell with a zero holds no timer. One without may hold one, or share both
 * places with others: of 1,000 timers that is one cell in a thousand.
 *
 * Counts change under the dispatcher lock and are read without it.
 */
#include "ke/ke.h"

#define PLACES     65536u
#define MOST_CELLS 64u /* looked at before all timers are */

struct filter {
  unsigned shift;          /* of an address, to its cell */
  uint16_t counts[PLACES]; /* one that is full stays so: see add */
};

static struct filter small = {.shift = 6};
static struct filter large = {.shift = 12};

static uint64_t mix(uint64_t cell) {
  return cell * UINT64_C(0x9E3779B97F4A7C15);
}

static uint16_t *first_place(struct filter *filter, uint64_t cell) {
  return &filter->counts[mix(cell) >> 48];
}

static uint16_t *second_place(struct filter *filter, uint64_t cell) {
  return &filter->counts[mix(cell) >> 32 & (PLACES - 1)];
}

static bool is_zero(const uint16_t *count) {
  return __atomic_load_n(count, __ATOMIC_RELAXED) == 0;
}

static bool may_hold(struct filter *filter, uint64_t cell) {
  return !is_zero(first_place(filter, cell)) &&
         !is_zero(second_place(filter, cell));
}

/* A count that has reached its end is wrong from then on, on the safe side. */
static void add(uint16_t *count, int change) {
  if (*count != UINT16_MAX)
    __atomic_store_n(count, (uint16_t)(*count + change), __ATOMIC_RELAXED);
}

static void count_in(struct filter *filter, uintptr_t address, int change) {
  uint64_t cell = address >> filter->shift;

  add(first_place(filter, cell), change);
  add(second_place(filter, cell), change);
}

void ke__count_timer_at(const void *timer, int change) {
  count_in(&small, (uintptr_t)timer, change);
  count_in(&large, (uintptr_t)timer, change);
}

static bool may_hold_any(struct filter *filter, uintptr_t first,
                         uintptr_t last) {
  for (uint64_t cell = first >> filter->shift; cell <= last >> filter->shift;
       cell++)
    if (may_hold(filter, cell))
      return true;
  return false;
}

bool ke__may_hold_timer(const void *start, size_t size) {
  uintptr_t first = (uintptr_t)start, last = first + size - 1;

  if (size == 0)
    return false;
  if (size >> small.shift <= MOST_CELLS)
    return may_hold_any(&small, first, last);
  return size >> large.shift > MOST_CELLS || may_hold_any(&large, first, last);
}
