/*
 * The name of an NTSTATUS, from the table that also makes ntstatus.h.
 */
#include <ntddk.h>
#include <uwsk_ntstatus_table.h>

#include "uwsk/uwsk.h"

static const struct row {
  ULONG value;
  const char *name;
} rows[] = {
#define X(name, value) {value, #name},
    UWSK_NTSTATUS_TABLE(X)
#undef X
};

/* Of names that share a value the first is meant, hence a lower bound. */
static const struct row *find_row(ULONG value) {
  size_t low = 0, high = RTL_NUMBER_OF(rows);

  while (low < high) {
    size_t middle = low + (high - low) / 2;

    if (rows[middle].value < value)
      low = middle + 1;
    else
      high = middle;
  }
  return low < RTL_NUMBER_OF(rows) && rows[low].value == value ? &rows[low]
                                                               : NULL;
}

const char *uwsk_status_name(NTSTATUS status) {
  static const char *const unnamed[] = {"unnamed success",
                                        "unnamed information",
                                        "unnamed warning", "unnamed error"};
  const struct row *row = find_row((ULONG)status);

  return row != NULL ? row->name : unnamed[(ULONG)status >> 30];
}
