/*
 * Sequenced lists, in the client's memory, without a lock: the head is 16 bytes
 * that are compared and exchanged at once, as on x64. Its lower half counts the
 * entries and the changes, its upper half is the first entry. A head of zeros
 * is an empty list.
 *
 * A pop has to read the link of the first entry, whose new owner may have freed
 * it by then. What it reads is thrown away in that case, since the change was
 * counted; but it must be there to be read. NT puts the page fault right. Here
 * pool blocks that are freed while somebody is inside a pop are kept until
 * nobody is (ex__free_behind_lists), which holds up neither side.
 */
#include <ntddk.h>

#include <stdbool.h>

#include "ex/ex.h"
#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

#define ALIGNMENT  ((ULONG_PTR)MEMORY_ALLOCATION_ALIGNMENT)
#define DEPTH_MASK ((ULONGLONG)0xffff)
#define SEQUENCE   (DEPTH_MASK + 1)

/* The two halves of a head. */
struct state {
  ULONGLONG counts; /* Alignment: 16 bits of depth, 48 of sequence */
  PSLIST_ENTRY first;
};

typedef unsigned __int128 both_halves;

static both_halves join(struct state state) {
  return (both_halves)(ULONG_PTR)state.first << 64 | state.counts;
}

/* The halves may be of two moments; then `change` fails. */
static struct state look(const SLIST_HEADER *list) {
  struct state state;

  state.counts = __atomic_load_n(&list->Alignment, __ATOMIC_ACQUIRE);
  state.first =
      (PSLIST_ENTRY)(ULONG_PTR)__atomic_load_n(&list->Region, __ATOMIC_ACQUIRE);
  return state;
}

/* The older builtin, since the compilers expand it in place; its newer brothers
 * are calls into a library that may lock. */
static bool change(PSLIST_HEADER list, struct state from, PSLIST_ENTRY first,
                   ULONGLONG depth) {
  struct state to = {(from.counts & ~DEPTH_MASK) + SEQUENCE, first};

  to.counts |= depth & DEPTH_MASK;
  return __sync_bool_compare_and_swap((both_halves *)(void *)list, join(from),
                                      join(to));
}

static ULONGLONG depth_of(struct state state) {
  return state.counts & DEPTH_MASK;
}

static bool is_aligned(const void *address) {
  return ((ULONG_PTR)address & (ALIGNMENT - 1)) == 0;
}

/* ---- memory that is kept while somebody looks -------------------------- */

struct kept {
  struct kept *next;
};

static unsigned looking; /* threads inside a pop */
static struct kept *kept_blocks;

static void keep(struct kept *first, struct kept *last) {
  struct kept *top = __atomic_load_n(&kept_blocks, __ATOMIC_RELAXED);

  do {
    last->next = top;
  } while (!__atomic_compare_exchange_n(&kept_blocks, &top, first, true,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
}

static void keep_all(struct kept *first) {
  struct kept *last = first;

  while (last->next != NULL)
    last = last->next;
  keep(first, last);
}

static void free_all(struct kept *block) {
  while (block != NULL) {
    struct kept *next = block->next;

    os__free(block);
    block = next;
  }
}

static void begin_look(void) {
  __atomic_fetch_add(&looking, 1, __ATOMIC_SEQ_CST);
}

/* Takes the blocks before it stops counting: when nobody is left after that,
 * nobody has met them, for they were out of every list before. */
static bool stop_looking(void) {
  struct kept *blocks = NULL;

  if (__atomic_load_n(&kept_blocks, __ATOMIC_SEQ_CST) != NULL)
    blocks = __atomic_exchange_n(&kept_blocks, NULL, __ATOMIC_SEQ_CST);
  if (__atomic_sub_fetch(&looking, 1, __ATOMIC_SEQ_CST) == 0)
    free_all(blocks);
  else if (blocks != NULL)
    keep_all(blocks);
  return __atomic_load_n(&kept_blocks, __ATOMIC_SEQ_CST) == NULL ||
         __atomic_load_n(&looking, __ATOMIC_SEQ_CST) != 0;
}

/* Two who leave at once may both leave blocks to each other. */
static void end_look(void) {
  while (!stop_looking())
    begin_look();
}

/* The block is in no list any more: who begins to look now cannot meet it. The
 * last of those inside frees it; when they have all left unnoticed meanwhile,
 * this does. */
void ex__free_behind_lists(void *block) {
  struct kept *kept = block;

  if (__atomic_load_n(&looking, __ATOMIC_SEQ_CST) == 0) {
    os__free(block);
    return;
  }
  keep(kept, kept);
  begin_look();
  end_look();
}

/* The sanitizers must not see this: the entry may be somebody else's. */
__attribute__((noinline, no_sanitize("address"),
               no_sanitize("thread"))) static PSLIST_ENTRY
link_of(PSLIST_ENTRY entry) {
  return *(PSLIST_ENTRY volatile *)&entry->Next;
}

/* ---- the lists --------------------------------------------------------- */

VOID InitializeSListHead(PSLIST_HEADER SListHead) {
  VF_ENTER("InitializeSListHead");
  if (!is_aligned(SListHead))
    vf__report(VF_EX_SLIST_01, "the list head %p is not at a multiple of 16",
               (void *)SListHead);
  SListHead->Alignment = 0;
  SListHead->Region = 0;
}

PSLIST_ENTRY ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead,
                                          PSLIST_ENTRY ListEntry) {
  struct state state;

  VF_ENTER("ExInterlockedPushEntrySList");
  if (!is_aligned(ListEntry)) {
    vf__report(VF_EX_SLIST_01, "the list entry %p is not at a multiple of 16",
               (void *)ListEntry);
    return FirstEntrySList(ListHead);
  }
  do {
    state = look(ListHead);
    ListEntry->Next = state.first;
  } while (!change(ListHead, state, ListEntry, depth_of(state) + 1));
  return state.first;
}

PSLIST_ENTRY ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead) {
  struct state state;

  begin_look();
  do {
    state = look(ListHead);
  } while (state.first != NULL &&
           !change(ListHead, state, link_of(state.first), depth_of(state) - 1));
  end_look();
  return state.first;
}

PSLIST_ENTRY ExpInterlockedFlushSList(PSLIST_HEADER ListHead) {
  struct state state;

  do {
    state = look(ListHead);
  } while (state.first != NULL && !change(ListHead, state, NULL, 0));
  return state.first;
}

PSLIST_ENTRY FirstEntrySList(const SLIST_HEADER *SListHead) {
  return look(SListHead).first;
}

USHORT ExQueryDepthSList(PSLIST_HEADER SListHead) {
  ke__within_irql(DISPATCH_LEVEL, "ExQueryDepthSList");
  return (USHORT)depth_of(look(SListHead));
}
