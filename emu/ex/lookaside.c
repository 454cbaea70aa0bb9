/*
 * Lookaside lists: a sequenced list of free blocks in front of pool.
 *
 * Each list is in the ledger until it is deleted. Windows looks once a second
 * at how often a list was empty and how often full, and changes its depth by
 * that; here a list grows when it is found full after it was found empty.
 */
#include <ntddk.h>

#include <stdbool.h>

#include "ex/ex.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "verifier/report.h"

#define MINIMUM_DEPTH 4
#define MAXIMUM_DEPTH EX_MAXIMUM_LOOKASIDE_DEPTH_BASE

/* In a field that is nobody's: there was no memory for the ledger's record. */
#define UNTRACKED 0x4B6F6F4C

/* All kinds of list begin with the same fields. What differs is whether the
 * driver's routines get the list. */
typedef GENERAL_LOOKASIDE_POOL list_fields;

struct list {
  list_fields *fields;
  PLOOKASIDE_LIST_EX ex; /* NULL for the older kinds */
};

static struct list plain(void *list) {
  return (struct list){list, NULL};
}

static struct list extended(PLOOKASIDE_LIST_EX list) {
  return (struct list){&list->L, list};
}

/* Counters that several threads move, and nobody waits for. */
static void count(ULONG *counter) {
  __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static ULONG counted(ULONG *counter) {
  return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void require_irql(const list_fields *fields, const char *call) {
  ke__require_irql(fields->Type & PagedPool ? APC_LEVEL : DISPATCH_LEVEL, call);
}

/* ---- initialising ------------------------------------------------------ */

static void initialize(list_fields *fields, POOL_TYPE type, SIZE_T size,
                       ULONG tag, const char *call, const void *caller) {
  ke__require_irql(type & PagedPool ? APC_LEVEL : DISPATCH_LEVEL, call);
  RtlZeroMemory(fields, sizeof(*fields));
  InitializeSListHead(&fields->ListHead);
  fields->Depth = MINIMUM_DEPTH;
  fields->MaximumDepth = MAXIMUM_DEPTH;
  fields->Type = type;
  fields->Tag = tag;
  fields->Size = size < LOOKASIDE_MINIMUM_BLOCK_SIZE
                     ? LOOKASIDE_MINIMUM_BLOCK_SIZE
                     : (ULONG)size;
  fields->Future[0] =
      ob__track_foreign(OB_LOOKASIDE, fields, call, caller, 0) ? 0 : UNTRACKED;
}

VOID ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside,
                                     PALLOCATE_FUNCTION Allocate,
                                     PFREE_FUNCTION Free, ULONG Flags,
                                     SIZE_T Size, ULONG Tag, USHORT Depth) {
  list_fields *fields = plain(Lookaside).fields;

  UNREFERENCED_PARAMETER(Depth);
  initialize(fields, (POOL_TYPE)(NonPagedPool | Flags), Size, Tag,
             "ExInitializeNPagedLookasideList", OB_CALLER());
  fields->Allocate = Allocate;
  fields->Free = Free;
}

VOID ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside,
                                    PALLOCATE_FUNCTION Allocate,
                                    PFREE_FUNCTION Free, ULONG Flags,
                                    SIZE_T Size, ULONG Tag, USHORT Depth) {
  list_fields *fields = plain(Lookaside).fields;

  UNREFERENCED_PARAMETER(Depth);
  initialize(fields, (POOL_TYPE)(PagedPool | Flags), Size, Tag,
             "ExInitializePagedLookasideList", OB_CALLER());
  fields->Allocate = Allocate;
  fields->Free = Free;
}

/* Of the kinds that POOL_TYPE names those that a caller may ask for today. */
static bool is_pool_type(POOL_TYPE type) {
  switch ((int)type) {
  case NonPagedPool:
  case PagedPool:
  case NonPagedPoolCacheAligned:
  case PagedPoolCacheAligned:
  case NonPagedPoolNx:
  case NonPagedPoolNxCacheAligned:
  case NonPagedPoolSession:
  case NonPagedPoolSessionNx:
  case PagedPoolSession:
    return true;
  default:
    return false;
  }
}

NTSTATUS ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX Lookaside,
                                     PALLOCATE_FUNCTION_EX Allocate,
                                     PFREE_FUNCTION_EX Free, POOL_TYPE PoolType,
                                     ULONG Flags, SIZE_T Size, ULONG Tag,
                                     USHORT Depth) {
  ULONG type = (ULONG)PoolType;

  UNREFERENCED_PARAMETER(Depth);
  if (!is_pool_type(PoolType))
    return STATUS_INVALID_PARAMETER_4;
  if (Flags > EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE)
    return STATUS_INVALID_PARAMETER_5;
  if (Flags == EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL)
    type |= POOL_RAISE_IF_ALLOCATION_FAILURE;
  if (Flags == EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE)
    type |= POOL_QUOTA_FAIL_INSTEAD_OF_RAISE;
  initialize(&Lookaside->L, (POOL_TYPE)type, Size, Tag,
             "ExInitializeLookasideListEx", OB_CALLER());
  Lookaside->L.AllocateEx = Allocate;
  Lookaside->L.FreeEx = Free;
  return STATUS_SUCCESS;
}

/* ---- taking ------------------------------------------------------------ */

/* A routine of the driver's may leave at another IRQL; pool's own does not. */
static PVOID allocate_new(struct list list, const char *call,
                          const void *caller) {
  list_fields *fields = list.fields;

  if (fields->Allocate == NULL)
    return ex__allocate_pool(fields->Type, fields->Size, fields->Tag, call,
                             caller);
  if (list.ex != NULL)
    return fields->AllocateEx(fields->Type, fields->Size, fields->Tag, list.ex);
  return fields->Allocate(fields->Type, fields->Size, fields->Tag);
}

static PVOID take(struct list list, const char *call, const void *caller) {
  PVOID entry;

  require_irql(list.fields, call);
  count(&list.fields->TotalAllocates);
  entry = InterlockedPopEntrySList(&list.fields->ListHead);
  if (entry != NULL)
    return entry;
  count(&list.fields->AllocateMisses);
  return allocate_new(list, call, caller);
}

PVOID ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside) {
  return take(plain(Lookaside), "ExAllocateFromNPagedLookasideList",
              OB_CALLER());
}

PVOID ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside) {
  return take(plain(Lookaside), "ExAllocateFromPagedLookasideList",
              OB_CALLER());
}

PVOID ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX Lookaside) {
  return take(extended(Lookaside), "ExAllocateFromLookasideListEx",
              OB_CALLER());
}

/* ---- giving back ------------------------------------------------------- */

static void free_old(struct list list, PVOID entry) {
  if (list.fields->Free == NULL)
    ExFreePool(entry);
  else if (list.ex != NULL)
    list.fields->FreeEx(entry, list.ex);
  else
    list.fields->Free(entry);
}

/* Found full, and empty since it grew last: more blocks would have been used.
 */
static bool grow(list_fields *fields) {
  ULONG misses = counted(&fields->AllocateMisses);
  USHORT depth = __atomic_load_n(&fields->Depth, __ATOMIC_RELAXED);

  if (depth >= fields->MaximumDepth ||
      misses == counted(&fields->LastAllocateMisses))
    return false;
  __atomic_store_n(&fields->LastAllocateMisses, misses, __ATOMIC_RELAXED);
  __atomic_store_n(&fields->Depth, (USHORT)(depth + MINIMUM_DEPTH),
                   __ATOMIC_RELAXED);
  return true;
}

static void give(struct list list, PVOID entry, const char *call) {
  list_fields *fields = list.fields;

  require_irql(fields, call);
  count(&fields->TotalFrees);
  if (ExQueryDepthSList(&fields->ListHead) <
          __atomic_load_n(&fields->Depth, __ATOMIC_RELAXED) ||
      grow(fields)) {
    InterlockedPushEntrySList(&fields->ListHead, (PSLIST_ENTRY)entry);
    return;
  }
  count(&fields->FreeMisses);
  free_old(list, entry);
}

VOID ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside,
                                 PVOID Entry) {
  give(plain(Lookaside), Entry, "ExFreeToNPagedLookasideList");
}

VOID ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry) {
  give(plain(Lookaside), Entry, "ExFreeToPagedLookasideList");
}

VOID ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PVOID Entry) {
  give(extended(Lookaside), Entry, "ExFreeToLookasideListEx");
}

/* ---- deleting ---------------------------------------------------------- */

static void flush(struct list list) {
  PSLIST_ENTRY entry;

  while ((entry = InterlockedPopEntrySList(&list.fields->ListHead)) != NULL)
    free_old(list, entry);
}

static void delete_list(struct list list, const char *call,
                        const void *caller) {
  VF_ENTER_FROM(call, caller);
  require_irql(list.fields, call);
  if (!ob__untrack_foreign(OB_LOOKASIDE, list.fields) &&
      list.fields->Future[0] != UNTRACKED) {
    vf__report_on(VF_EX_LOOKASIDE_01, list.fields,
                  "%s: %p is not a lookaside list%s", call, (void *)list.fields,
                  ob__was_alive(OB_LOOKASIDE, list.fields) ? " any more" : "");
    return;
  }
  flush(list);
}

VOID ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside) {
  delete_list(plain(Lookaside), "ExDeleteNPagedLookasideList", VF_CALLER());
}

VOID ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside) {
  delete_list(plain(Lookaside), "ExDeletePagedLookasideList", VF_CALLER());
}

VOID ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX Lookaside) {
  delete_list(extended(Lookaside), "ExDeleteLookasideListEx", VF_CALLER());
}

VOID ExFlushLookasideListEx(PLOOKASIDE_LIST_EX Lookaside) {
  require_irql(&Lookaside->L, "ExFlushLookasideListEx");
  flush(extended(Lookaside));
}
