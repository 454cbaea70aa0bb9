#include "filter.h"
#include "kd.h"

#include <ntddk.h>
#include <stdlib.h>

#include "os/os.h"

/* Windows has some 150 components; a driver uses one of the IHV ones. */
#define COMPONENTS 256

/* Not yet read from the environment. No mask is wider than 32 bits. */
#define UNREAD UINT64_MAX

static uint64_t system_mask = UNREAD;
static uint32_t masks[COMPONENTS] = {[DPFLTR_DEFAULT_ID] = UINT32_MAX};

static uint32_t get_system_mask(void) {
  uint64_t mask = __atomic_load_n(&system_mask, __ATOMIC_RELAXED);
  if (mask != UNREAD)
    return (uint32_t)mask;
  const char *text = os__getenv("UWSK_DBGPRINT_MASK");
  mask = text == NULL ? 1 : strtoull(text, NULL, 0) & UINT32_MAX;
  /* Two threads may do this at once; they find the same. */
  __atomic_store_n(&system_mask, mask, __ATOMIC_RELAXED);
  return (uint32_t)mask;
}

uint32_t kd__set_mask(uint32_t mask) {
  uint32_t before = get_system_mask();
  __atomic_store_n(&system_mask, mask, __ATOMIC_RELAXED);
  return before;
}

static uint32_t level_bits(uint32_t level) {
  return level < 32 ? (uint32_t)1 << level : level;
}

bool kd__passes(uint32_t component, uint32_t level) {
  uint32_t mask = get_system_mask();
  /* A message without a component was never filtered. */
  if (component == UINT32_MAX)
    return true;
  if (component < COMPONENTS)
    mask |= __atomic_load_n(&masks[component], __ATOMIC_RELAXED);
  return (mask & level_bits(level)) != 0;
}

NTSTATUS DbgQueryDebugFilterState(ULONG ComponentId, ULONG Level) {
  if (ComponentId >= COMPONENTS && ComponentId != MAXULONG)
    return STATUS_INVALID_PARAMETER_1;
  return kd__passes(ComponentId, Level);
}

NTSTATUS DbgSetDebugFilterState(ULONG ComponentId, ULONG Level, BOOLEAN State) {
  if (ComponentId >= COMPONENTS)
    return STATUS_INVALID_PARAMETER_1;
  uint32_t bits = level_bits(Level);
  if (State)
    __atomic_fetch_or(&masks[ComponentId], bits, __ATOMIC_RELAXED);
  else
    __atomic_fetch_and(&masks[ComponentId], ~bits, __ATOMIC_RELAXED);
  return STATUS_SUCCESS;
}
