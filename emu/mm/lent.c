/* Memory in use by others than its owner. See lent.h. */
#include "mm/lent.h"

#include <stdint.h>

#include "mm/mdl_walk.h"
#include "os/os.h"
#include "verifier/report.h"

/* ---- loans ------------------------------------------------------------- */

#define PLACES 4096u /* a power of two */
#define NEARBY 8u    /* places looked at for one address */

static const void *places[PLACES]; /* atomic */

static unsigned place_of(const void *memory, unsigned step) {
  uint64_t hash = (uint64_t)(uintptr_t)memory * UINT64_C(0x9E3779B97F4A7C15);
  return ((unsigned)(hash >> 40) + step) & (PLACES - 1);
}

/* Changes one place near the address's own from `from` to `to`. */
static bool exchange(const void *memory, const void *from, const void *to) {
  for (unsigned step = 0; step < NEARBY; step++) {
    const void *expected = from;
    if (__atomic_compare_exchange_n(&places[place_of(memory, step)], &expected,
                                    to, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED))
      return true;
  }
  return false;
}

void mm__lend(const void *memory) {
  (void)exchange(memory, NULL, memory);
}

void mm__give_back(const void *memory) {
  (void)exchange(memory, memory, NULL);
}

bool mm__is_lent(const void *memory) {
  for (unsigned step = 0; step < NEARBY && memory != NULL; step++)
    if (__atomic_load_n(&places[place_of(memory, step)], __ATOMIC_RELAXED) ==
        memory)
      return true;
  return false;
}

/* Contexts of sockets stand among the loans, at an odd address. */
static const void *context_mark(const void *context) {
  return (const void *)((uintptr_t)context | 1u);
}

void mm__lend_context(const void *context) {
  (void)exchange(context_mark(context), NULL, context_mark(context));
}

void mm__give_context_back(const void *context) {
  (void)exchange(context_mark(context), context_mark(context), NULL);
}

/* It goes all the same, and its memory may become another's context. */
static bool forget_context(const void *context) {
  bool found = false;
  while (exchange(context_mark(context), context_mark(context), NULL))
    found = true;
  return found;
}

/* Calls `act` for each MDL that holds some of the bytes, and for the memory
 * that it describes, which is a pool block as often as not. */
static void each(const MDL *mdl, ULONG offset, SIZE_T length,
                 void (*act)(const void *)) {
  while (mdl != NULL && length > 0) {
    SIZE_T here = mdl->ByteCount - offset;
    act(mdl);
    act(mm__mdl_base(mdl));
    length -= length < here ? length : here;
    offset = 0;
    mdl = mdl->Next;
  }
}

void mm__lend_chain(const MDL *mdl, ULONG offset, SIZE_T length) {
  each(mdl, offset, length, mm__lend);
}

void mm__give_chain_back(const MDL *mdl, ULONG offset, SIZE_T length) {
  each(mdl, offset, length, mm__give_back);
}

/* ---- ranges ------------------------------------------------------------ */

static struct os_spin watches_lock;
static LIST_ENTRY watches = {&watches, &watches};

void mm__watch(struct mm_watch *watch) {
  os__spin_lock(&watches_lock);
  InsertTailList(&watches, &watch->link);
  os__spin_unlock(&watches_lock);
}

void mm__unwatch(struct mm_watch *watch) {
  os__spin_lock(&watches_lock);
  RemoveEntryList(&watch->link);
  os__spin_unlock(&watches_lock);
}

/* The first watched range that touches this one. */
static bool find_watch(uintptr_t start, SIZE_T size, struct mm_watch *found) {
  bool is_found = false;
  os__spin_lock(&watches_lock);
  for (PLIST_ENTRY link = watches.Flink; link != &watches && !is_found;
       link = link->Flink) {
    const struct mm_watch *watch =
        CONTAINING_RECORD(link, struct mm_watch, link);
    uintptr_t watched = (uintptr_t)watch->start;
    is_found = watched < start + size && start < watched + watch->size;
    if (is_found)
      *found = *watch;
  }
  os__spin_unlock(&watches_lock);
  return is_found;
}

bool mm__is_in_use(const void *start, SIZE_T size, const char *call) {
  struct mm_watch watch;
  bool lent = mm__is_lent(start);
  if (((uintptr_t)start & 1u) == 0 && forget_context(start))
    vf__report_on(VF_CLOSE_10, start,
                  "%s was called for %p, the context of a socket whose events "
                  "are enabled",
                  call, start);
  bool watched = !lent && find_watch((uintptr_t)start, size, &watch);
  if (lent)
    vf__report_on(VF_SEND_03, start,
                  "%s was called for %p while a pending request uses it", call,
                  start);
  if (watched)
    vf__report((enum vf_rule)watch.rule,
               "%s was called for %p, and %s at %p is part of it", call, start,
               watch.what, watch.start);
  return lent || watched;
}

void mm__stop(void) {
  for (unsigned i = 0; i < PLACES; i++)
    __atomic_store_n(&places[i], NULL, __ATOMIC_RELAXED);
  InitializeListHead(&watches);
}
