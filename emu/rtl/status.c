/* uwsk_status_name: what an NTSTATUS is called. */
#include <uwsk/status.h>

#include <stdio.h>

#include "uwsk_ntstatus_table.h"

static const struct {
  uint32_t value;
  const char *name;
} names[] = {
#define X(name, value) {value##u, #name},
    UWSK_NTSTATUS_TABLE(X)
#undef X
};

/* The table is ordered by value. Of several names of one value the first. */
static const char *find(uint32_t value) {
  size_t low = 0, high = sizeof(names) / sizeof(names[0]);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (names[middle].value < value)
      low = middle + 1;
    else
      high = middle;
  }
  return low < sizeof(names) / sizeof(names[0]) && names[low].value == value
             ? names[low].name
             : NULL;
}

const char *uwsk_status_name(int32_t status) {
  static _Thread_local char texts[8][sizeof("0x00000000")];
  static _Thread_local unsigned turn;
  const char *name = find((uint32_t)status);
  if (name != NULL)
    return name;
  char *text = texts[turn++ % 8];
  snprintf(text, sizeof(texts[0]), "0x%08X", (unsigned)status);
  return text;
}
