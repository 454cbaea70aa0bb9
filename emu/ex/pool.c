/*
 * Pool: every block is an allocation of the host's own, so that the host's
 * memory checkers see the blocks as they are.
 *
 *     | record, base, … | front guard | the client's bytes | end guard |
 *
 * A free looks the address up in the ledger before it reads anything near it.
 * The guards are checked then. Under AddressSanitizer there is no end guard,
 * since what lies behind the client's bytes is poisoned, as the front guard is.
 */
#include <ntddk.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ex/ex.h"
#include "fault/fault.h"
#include "ke/ke.h"
#include "mm/lent.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif

#ifdef ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define END_GUARD      0
#else
#define POISON(p, n)   ((void)0)
#define UNPOISON(p, n) ((void)0)
#define END_GUARD      16
#endif

#define FRONT_GUARD 16
#define GUARD_BYTE  0xFD
#define FRESH_BYTE  0xCD /* what undefined contents look like */
#define FREED_BYTE  0xDD
#define CACHE_LINE  64
#define UNTAGGED    0x656E6F4E /* 'None', as NT tags ExAllocatePool's blocks */
#define PROTECTED   0x80000000u

/* Freed bytes are overwritten in small blocks only, which are those that the
 * heap hands out again at once. */
#define MAX_SPOILED 1024

struct pool_block {
  struct ob_record record;
  char *base; /* what os__alloc returned */
  char *end;  /* and where it ends */
  bool paged;
  _Alignas(16) UCHAR guard[FRONT_GUARD];
};

_Static_assert(offsetof(struct pool_block, guard) + FRONT_GUARD ==
                   sizeof(struct pool_block),
               "the front guard touches the client's bytes");

/* What an allocation is to be like, whichever function asked for it. */
struct request {
  size_t size;
  ULONG tag;
  bool paged;
  bool cache_aligned;
  bool zeroed;
  bool raises;
  const char *call;
  const void *caller;
};

/* ---- allocating -------------------------------------------------------- */

static size_t alignment_of(const struct request *request) {
  if (request->size >= PAGE_SIZE)
    return PAGE_SIZE;
  return request->cache_aligned ? CACHE_LINE : MEMORY_ALLOCATION_ALIGNMENT;
}

/* The block's header, which ends where the client's bytes begin. */
static struct pool_block *place_block(char *base, size_t alignment) {
  uintptr_t start = (uintptr_t)base + sizeof(struct pool_block);

  start = (start + alignment - 1) & ~(uintptr_t)(alignment - 1);
  return (struct pool_block *)(start - sizeof(struct pool_block));
}

static UCHAR *bytes_of(struct pool_block *block) {
  return (UCHAR *)(block + 1);
}

static void set_guards(struct pool_block *block, size_t size) {
  const size_t end_guard = END_GUARD; /* gcc warns of a literal 0 */

  memset(block->guard, GUARD_BYTE, FRONT_GUARD);
  memset(bytes_of(block) + size, GUARD_BYTE, end_guard);
  POISON(block->guard, FRONT_GUARD);
  POISON(bytes_of(block) + size,
         (size_t)(block->end - (char *)bytes_of(block)) - size);
}

static struct pool_block *make_block(const struct request *request) {
  size_t alignment = alignment_of(request);
  size_t slack = alignment - MEMORY_ALLOCATION_ALIGNMENT; /* the heap's own */
  size_t total;
  struct pool_block *block;
  char *base;

  if (request->size > SIZE_MAX / 2)
    return NULL;
  total = sizeof(struct pool_block) + slack + request->size + END_GUARD;
  base = os__alloc(total);
  if (base == NULL)
    return NULL;
  block = place_block(base, alignment);
  block->base = base;
  block->end = base + total;
  block->paged = request->paged;
  return block;
}

static PVOID allocate(const struct request *request) {
  struct pool_block *block;

  ke__require_irql(request->paged ? APC_LEVEL : DISPATCH_LEVEL, request->call);
  block = fault__fails(UWSK_AT_POOL) ? NULL : make_block(request);
  if (block == NULL) {
    if (request->raises)
      RtlRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
    return NULL;
  }
  if (!request->zeroed)
    memset(bytes_of(block), FRESH_BYTE, request->size);
  set_guards(block, request->size);
  block->record = (struct ob_record){.object = bytes_of(block),
                                     .call = request->call,
                                     .caller = request->caller,
                                     .bytes = request->size,
                                     .tag = request->tag,
                                     .kind = OB_POOL};
  ob__track(&block->record);
  return bytes_of(block);
}

/* ---- the functions that take a POOL_TYPE ------------------------------- */

static struct request of_type(POOL_TYPE type, SIZE_T size, ULONG tag,
                              const char *call, const void *caller) {
  return (struct request){
      .size = size,
      .tag = tag,
      .paged = (type & PagedPool) != 0,
      .cache_aligned = (type & NonPagedPoolCacheAligned) != 0,
      .zeroed = (type & POOL_ZERO_ALLOCATION) != 0,
      .raises = (type & POOL_RAISE_IF_ALLOCATION_FAILURE) != 0,
      .call = call,
      .caller = caller};
}

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                            ULONG Tag) {
  struct request request = of_type(PoolType, NumberOfBytes, Tag,
                                   "ExAllocatePoolWithTag", OB_CALLER());

  return allocate(&request);
}

PVOID ex__allocate_pool(POOL_TYPE type, SIZE_T size, ULONG tag,
                        const char *call, const void *caller) {
  struct request request = of_type(type, size, tag, call, caller);

  return allocate(&request);
}

PVOID ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes) {
  struct request request =
      of_type(PoolType, NumberOfBytes, UNTAGGED, "ExAllocatePool", OB_CALLER());

  return allocate(&request);
}

PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag) {
  struct request request =
      of_type(PoolType, NumberOfBytes, Tag, "ExAllocatePoolZero", OB_CALLER());

  request.zeroed = true;
  return allocate(&request);
}

PVOID ExAllocatePoolUninitialized(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                  ULONG Tag) {
  struct request request = of_type(PoolType, NumberOfBytes, Tag,
                                   "ExAllocatePoolUninitialized", OB_CALLER());

  return allocate(&request);
}

/* ---- ExAllocatePool2 --------------------------------------------------- */

#define POOLS                                                                  \
  (POOL_FLAG_NON_PAGED | POOL_FLAG_NON_PAGED_EXECUTE | POOL_FLAG_PAGED)
#define REQUIRED (POOL_FLAG_OPTIONAL_START - 1)
#define KNOWN                                                                  \
  (POOLS | POOL_FLAG_USE_QUOTA | POOL_FLAG_UNINITIALIZED | POOL_FLAG_SESSION | \
   POOL_FLAG_CACHE_ALIGNED | POOL_FLAG_RAISE_ON_FAILURE)

/* Flags in the upper half that a system does not know are ignored by it; those
 * in the lower half are refused. One pool must be named, and only one. */
static bool are_valid(POOL_FLAGS flags) {
  POOL_FLAGS pool = flags & POOLS;

  return (flags & REQUIRED & ~KNOWN) == 0 && pool != 0 &&
         (pool & (pool - 1)) == 0;
}

PVOID ex__allocate_pool2(POOL_FLAGS flags, SIZE_T size, ULONG tag,
                         const char *call, const void *caller) {
  bool raises = (flags & POOL_FLAG_RAISE_ON_FAILURE) != 0;
  struct request request = {.size = size,
                            .tag = tag,
                            .paged = (flags & POOL_FLAG_PAGED) != 0,
                            .cache_aligned =
                                (flags & POOL_FLAG_CACHE_ALIGNED) != 0,
                            .zeroed = (flags & POOL_FLAG_UNINITIALIZED) == 0,
                            .raises = raises,
                            .call = call,
                            .caller = caller};

  if (!are_valid(flags) || tag == 0 || size == 0) {
    if (raises)
      RtlRaiseStatus(STATUS_INVALID_PARAMETER);
    return NULL;
  }
  return allocate(&request);
}

PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag) {
  return ex__allocate_pool2(Flags, NumberOfBytes, Tag, "ExAllocatePool2",
                            OB_CALLER());
}

/* ---- freeing ----------------------------------------------------------- */

static bool is_intact(const UCHAR *guard, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (guard[i] != GUARD_BYTE)
      return false;
  return true;
}

static void check_guards(struct pool_block *block) {
  const struct ob_record *record = &block->record;
  const UCHAR *end = bytes_of(block) + record->bytes;
  char where[256];
  bool front;

  UNPOISON(block->guard, FRONT_GUARD);
  front = is_intact(block->guard, FRONT_GUARD);
  if (front && is_intact(end, END_GUARD))
    return;
  os__describe_code(record->caller, where, sizeof(where));
  vf__report_on(VF_EX_POOL_03, record->object,
                "bytes %s the %llu of pool block %p were overwritten; it was "
                "allocated by %s called from %s",
                front ? "behind" : "in front of",
                (unsigned long long)record->bytes, record->object, record->call,
                where);
}

static void check_tag(const struct pool_block *block, ULONG tag) {
  if (tag == 0 || (tag & ~PROTECTED) == (block->record.tag & ~PROTECTED))
    return;
  vf__report_on(VF_EX_POOL_02, block->record.object,
                "pool block %p was allocated with tag '%.4s' and freed with "
                "'%.4s'",
                block->record.object, (const char *)&block->record.tag,
                (const char *)&tag);
}

static void release(void *address, ULONG tag, const char *call) {
  struct ob_record *record = ob__claim(OB_POOL, address);
  struct pool_block *block = (struct pool_block *)(void *)record;
  size_t spoiled;

  if (record == NULL) {
    vf__report_on(
        VF_EX_POOL_01, address, "%s was called %s %p%s", call,
        ob__was_alive(OB_POOL, address) ? "again for pool block" : "for",
        address,
        ob__was_alive(OB_POOL, address) ? "" : ", which is no pool block");
    return;
  }
  ke__require_irql(block->paged ? APC_LEVEL : DISPATCH_LEVEL, call);
  if (mm__is_in_use(address, record->bytes, call)) {
    ob__track(record); /* It stays, since it will be used. */
    return;
  }
  check_tag(block, tag);
  check_guards(block);
  ke__forget_timers_in(address, record->bytes, call);
  ke__forget_dpcs_in(address, record->bytes, call);
  spoiled = record->bytes < MAX_SPOILED ? record->bytes : MAX_SPOILED;
  memset(address, FREED_BYTE, spoiled);
  ex__free_behind_lists(block->base);
}

VOID ExFreePoolWithTag(PVOID P, ULONG Tag) {
  VF_ENTER("ExFreePoolWithTag");
  release(P, Tag, "ExFreePoolWithTag");
}

VOID ExFreePool(PVOID P) {
  VF_ENTER("ExFreePool");
  release(P, 0, "ExFreePool");
}

/* Every NonPagedPool is as good as another here. */
VOID ExInitializeDriverRuntime(ULONG RuntimeFlags) {
  (void)RuntimeFlags;
}
