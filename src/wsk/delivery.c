/* What a test asks of the way data comes. See delivery.h. */
#include "wsk/delivery.h"

#include "fault/fault.h"
#include "wsk/data_block.h"

#define MEMBERS_MAX 16u
#define OFFSET_MAX  4096u

#define STORE(setting, value)                                                  \
  __atomic_store_n(&wsk__delivery.setting, value, __ATOMIC_RELAXED)

struct wsk_delivery wsk__delivery = {.bytes = WSK_BLOCK_BYTES, .members = 1};

static uint64_t random_state; /* atomic; 0: the limit is not drawn */

bool wsk__set_indications(size_t bytes, unsigned members) {
  if (bytes < 1 || bytes > WSK_BLOCK_BYTES || members < 1 ||
      members > MEMBERS_MAX)
    return false;
  STORE(bytes, (unsigned)bytes);
  STORE(members, members);
  return true;
}

bool wsk__set_indication_mdls(size_t bytes, size_t offset) {
  if (bytes > WSK_BLOCK_BYTES || offset > OFFSET_MAX)
    return false;
  STORE(mdl_bytes, (unsigned)bytes);
  STORE(mdl_offset, (unsigned)offset);
  return true;
}

void wsk__set_entire_message(bool told) {
  STORE(hides_messages, !told);
}

void wsk__set_release_asap(bool always) {
  STORE(wants_back, always);
}

void wsk__set_at_dispatch_told(bool told) {
  STORE(hides_dispatch, !told);
}

/* ---- how much a look brings -------------------------------------------- */

void wsk__limit_receives(size_t bytes, uint64_t seed) {
  __atomic_store_n(&random_state, seed, __ATOMIC_RELAXED);
  STORE(limit, bytes);
}

/* Threads that draw at once get different numbers, in an order that is theirs.
 */
static size_t draw_up_to(size_t bytes) {
  uint64_t state =
      __atomic_add_fetch(&random_state, FAULT_RANDOM_STEP, __ATOMIC_RELAXED);

  return (size_t)(fault__mix(state) % bytes) + 1;
}

size_t wsk__limit_receive(size_t wanted) {
  size_t limit = WSK_DELIVERY(limit);

  if (limit == 0)
    return wanted;
  if (__atomic_load_n(&random_state, __ATOMIC_RELAXED) != 0)
    limit = draw_up_to(limit);
  return min(limit, wanted);
}

void wsk__delivery_stop(void) {
  wsk__set_indications(WSK_BLOCK_BYTES, 1);
  wsk__set_indication_mdls(0, 0);
  wsk__set_entire_message(true);
  wsk__set_release_asap(false);
  wsk__set_at_dispatch_told(true);
  wsk__limit_receives(0, 0);
}
