#include "case.h"
#include "case_table.h"

#include <stddef.h>

struct case_range {
  uint16_t first, last, stride;
  int32_t delta;
};

static const struct case_range ranges[] = {
#define X(first, last, stride, delta) {first, last, stride, delta},
    RTL_CASE_RANGES(X)
#undef X
};

#define RANGES (sizeof(ranges) / sizeof(ranges[0]))

uint16_t rtl__upcase(uint16_t unit) {
  if (unit < 0x80)
    return unit >= 'a' && unit <= 'z' ? (uint16_t)(unit - 32) : unit;
  for (size_t i = 0; i < RANGES && unit >= ranges[i].first; i++) {
    const struct case_range *range = &ranges[i];
    if (unit <= range->last && (unit - range->first) % range->stride == 0)
      return (uint16_t)(unit + range->delta);
  }
  return unit;
}

/* The capitals are not in order, so every range is looked at. */
uint16_t rtl__downcase(uint16_t unit) {
  if (unit < 0x80)
    return unit >= 'A' && unit <= 'Z' ? (uint16_t)(unit + 32) : unit;
  for (size_t i = 0; i < RANGES; i++) {
    const struct case_range *range = &ranges[i];
    int32_t small = unit - range->delta;
    if (small >= range->first && small <= range->last &&
        (small - range->first) % range->stride == 0)
      return (uint16_t)small;
  }
  return unit;
}
