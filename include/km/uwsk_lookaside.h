/*
 * Ex: lookaside lists, which keep blocks of one size for the next who wants
 * one.
 *
 * Pages: ddi/wdm/nf-wdm-<name>. The list is nonpaged memory of the driver's, at
 * a multiple of 16 bytes, from its initialisation to its deletion; until it is
 * deleted it stands in the ledger. IRQL <= DISPATCH_LEVEL, and <= APC_LEVEL for
 * lists of paged blocks.
 *
 * Allocate and Free are the driver's own routines, called when the list is
 * empty or full, at the caller's IRQL; NULL for ExAllocatePoolWithTag and
 * ExFreePool. A routine of its own may be called by several threads at once.
 */
#ifndef UWSK_KM_LOOKASIDE_H
#define UWSK_KM_LOOKASIDE_H

#include <uwsk_ex.h>

typedef PVOID NTAPI ALLOCATE_FUNCTION(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                      ULONG Tag);
typedef ALLOCATE_FUNCTION *PALLOCATE_FUNCTION;
typedef VOID NTAPI FREE_FUNCTION(PVOID Buffer);
typedef FREE_FUNCTION *PFREE_FUNCTION;
typedef struct _LOOKASIDE_LIST_EX LOOKASIDE_LIST_EX, *PLOOKASIDE_LIST_EX;
typedef PVOID NTAPI ALLOCATE_FUNCTION_EX(POOL_TYPE PoolType,
                                         SIZE_T NumberOfBytes, ULONG Tag,
                                         PLOOKASIDE_LIST_EX Lookaside);
typedef ALLOCATE_FUNCTION_EX *PALLOCATE_FUNCTION_EX;
typedef VOID NTAPI FREE_FUNCTION_EX(PVOID Buffer, PLOOKASIDE_LIST_EX Lookaside);
typedef FREE_FUNCTION_EX *PFREE_FUNCTION_EX;

#define LOOKASIDE_ALIGN DECLSPEC_CACHEALIGN

#define UWSK_GENERAL_LOOKASIDE_FIELDS                                          \
  __extension__ union {                                                        \
    SLIST_HEADER ListHead;                                                     \
    SINGLE_LIST_ENTRY SingleListHead;                                          \
  };                                                                           \
  USHORT Depth;                                                                \
  USHORT MaximumDepth;                                                         \
  ULONG TotalAllocates;                                                        \
  __extension__ union {                                                        \
    ULONG AllocateMisses;                                                      \
    ULONG AllocateHits;                                                        \
  };                                                                           \
  ULONG TotalFrees;                                                            \
  __extension__ union {                                                        \
    ULONG FreeMisses;                                                          \
    ULONG FreeHits;                                                            \
  };                                                                           \
  POOL_TYPE Type;                                                              \
  ULONG Tag;                                                                   \
  ULONG Size;                                                                  \
  __extension__ union {                                                        \
    PALLOCATE_FUNCTION_EX AllocateEx;                                          \
    PALLOCATE_FUNCTION Allocate;                                               \
  };                                                                           \
  __extension__ union {                                                        \
    PFREE_FUNCTION_EX FreeEx;                                                  \
    PFREE_FUNCTION Free;                                                       \
  };                                                                           \
  LIST_ENTRY ListEntry;                                                        \
  ULONG LastTotalAllocates;                                                    \
  __extension__ union {                                                        \
    ULONG LastAllocateMisses;                                                  \
    ULONG LastAllocateHits;                                                    \
  };                                                                           \
  ULONG Future[2]

typedef struct LOOKASIDE_ALIGN _GENERAL_LOOKASIDE {
  UWSK_GENERAL_LOOKASIDE_FIELDS;
} GENERAL_LOOKASIDE, *PGENERAL_LOOKASIDE;

typedef struct _GENERAL_LOOKASIDE_POOL {
  UWSK_GENERAL_LOOKASIDE_FIELDS;
} GENERAL_LOOKASIDE_POOL, *PGENERAL_LOOKASIDE_POOL;

typedef struct LOOKASIDE_ALIGN _NPAGED_LOOKASIDE_LIST {
  GENERAL_LOOKASIDE L;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST;

typedef struct LOOKASIDE_ALIGN _PAGED_LOOKASIDE_LIST {
  GENERAL_LOOKASIDE L;
} PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;

struct _LOOKASIDE_LIST_EX {
  GENERAL_LOOKASIDE_POOL L;
};

UWSK_BEGIN_C

/* Make an empty list of blocks of Size bytes, at least
 * LOOKASIDE_MINIMUM_BLOCK_SIZE. Flags: POOL_RAISE_IF_ALLOCATION_FAILURE or 0,
 * and POOL_NX_ALLOCATION. Depth is reserved and 0. */
NTKERNELAPI VOID NTAPI ExInitializeNPagedLookasideList(
    PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
    PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth);
NTKERNELAPI VOID NTAPI ExInitializePagedLookasideList(
    PPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
    PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth);

/* The same of either pool, with routines that get the list as well. Flags: one
 * of EX_LOOKASIDE_LIST_EX_FLAGS_…, or 0; it changes the PoolType that Allocate
 * gets. STATUS_SUCCESS, STATUS_INVALID_PARAMETER_4 (PoolType) or
 * STATUS_INVALID_PARAMETER_5 (Flags). */
NTKERNELAPI NTSTATUS NTAPI ExInitializeLookasideListEx(
    PLOOKASIDE_LIST_EX Lookaside, PALLOCATE_FUNCTION_EX Allocate,
    PFREE_FUNCTION_EX Free, POOL_TYPE PoolType, ULONG Flags, SIZE_T Size,
    ULONG Tag, USHORT Depth);

/* Frees the blocks that the list has and ends it. Blocks that are in use stay
 * their users', who give them to ExFreePool (or their own Free). */
NTKERNELAPI VOID NTAPI
ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI VOID NTAPI
ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI VOID NTAPI ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);

/* Frees the blocks that the list has; it goes on. */
NTKERNELAPI VOID NTAPI ExFlushLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);

/* A block, the one freed last if there is one, with whatever is in it; NULL
 * when Allocate had none. It goes back to its own list, by
 * ExFreeToNPagedLookasideList, ExFreeToPagedLookasideList or
 * ExFreeToLookasideListEx. */
NTKERNELAPI PVOID NTAPI
ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI PVOID NTAPI
ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside);
NTKERNELAPI PVOID NTAPI
ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);

/* Give a block back. Its first 16 bytes are the list's from then on. */
NTKERNELAPI VOID NTAPI
ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry);
NTKERNELAPI VOID NTAPI
ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry);
NTKERNELAPI VOID NTAPI ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX Lookaside,
                                               PVOID Entry);

UWSK_END_C

#define LOOKASIDE_MINIMUM_BLOCK_SIZE ((ULONG)sizeof(SLIST_ENTRY))

#define EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL 0x00000001UL
#define EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE 0x00000002UL
#define EX_MAXIMUM_LOOKASIDE_DEPTH_BASE          256

#endif
