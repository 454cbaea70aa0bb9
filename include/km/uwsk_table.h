/*
 * Rtl: generic tables, as AVL trees and as splay trees, and splay links by
 * themselves.
 *
 * An element is memory of the table's AllocateRoutine: links, and behind them
 * the bytes that were copied in at its insertion. Every function that returns
 * an element returns the address of those bytes. CompareRoutine gets the
 * caller's Buffer first and an element second. Nothing is locked: who calls
 * synchronizes. IRQL <= DISPATCH_LEVEL, where the routines and the memory allow
 * it.
 *
 * Pages: ddi/ntddk/nf-ntddk-<name>, ddi/ntifs/nf-ntifs-<name> for splay links.
 */
#ifndef UWSK_KM_TABLE_H
#define UWSK_KM_TABLE_H

#include <uwsk_rtl_types.h>

/* What a match function says of an element: STATUS_SUCCESS, STATUS_NO_MATCH,
 * STATUS_NO_MORE_MATCHES. */
typedef NTSTATUS NTAPI RTL_AVL_MATCH_FUNCTION(PRTL_AVL_TABLE Table,
                                              PVOID UserData, PVOID MatchData);
typedef RTL_AVL_MATCH_FUNCTION *PRTL_AVL_MATCH_FUNCTION;

UWSK_BEGIN_C

/* ---- AVL trees ---------------------------------------------------------- */

/* An empty table in the caller's memory. There is nothing to undo; an element
 * that is not deleted stays the allocation it is. */
NTSYSAPI VOID NTAPI RtlInitializeGenericTableAvl(
    PRTL_AVL_TABLE Table, PRTL_AVL_COMPARE_ROUTINE CompareRoutine,
    PRTL_AVL_ALLOCATE_ROUTINE AllocateRoutine,
    PRTL_AVL_FREE_ROUTINE FreeRoutine, PVOID TableContext);

/* Copies BufferSize bytes into a new element; *NewElement, which may be NULL,
 * is TRUE. The element that compares equal, and FALSE, when there is one. NULL
 * when AllocateRoutine, which is asked for BufferSize + sizeof
 * (RTL_BALANCED_LINKS) bytes, has none. */
NTSYSAPI PVOID NTAPI RtlInsertElementGenericTableAvl(PRTL_AVL_TABLE Table,
                                                     PVOID Buffer,
                                                     CLONG BufferSize,
                                                     PBOOLEAN NewElement);

/* The same where RtlLookupElementGenericTableFullAvl has looked before: no
 * comparison. Nothing has changed in the table since. */
NTSYSAPI PVOID NTAPI RtlInsertElementGenericTableFullAvl(
    PRTL_AVL_TABLE Table, PVOID Buffer, CLONG BufferSize, PBOOLEAN NewElement,
    PVOID NodeOrParent, TABLE_SEARCH_RESULT SearchResult);

/* Takes the element that equals Buffer out and gives it to FreeRoutine; FALSE
 * when there is none. The …Ex form takes the node that a lookup has found. */
NTSYSAPI BOOLEAN NTAPI RtlDeleteElementGenericTableAvl(PRTL_AVL_TABLE Table,
                                                       PVOID Buffer);
NTSYSAPI VOID NTAPI RtlDeleteElementGenericTableAvlEx(PRTL_AVL_TABLE Table,
                                                      PVOID NodeOrParent);

/* The element that equals Buffer, or NULL. The Full form also tells where it
 * is, or where it would go. */
NTSYSAPI PVOID NTAPI RtlLookupElementGenericTableAvl(PRTL_AVL_TABLE Table,
                                                     PVOID Buffer);
NTSYSAPI PVOID NTAPI RtlLookupElementGenericTableFullAvl(
    PRTL_AVL_TABLE Table, PVOID Buffer, PVOID *NodeOrParent,
    TABLE_SEARCH_RESULT *SearchResult);

/* Of several elements that equal Buffer the first in order; *RestartKey is for
 * RtlEnumerateGenericTableWithoutSplayingAvl, which goes on behind it. */
NTSYSAPI PVOID NTAPI RtlLookupFirstMatchingElementGenericTableAvl(
    PRTL_AVL_TABLE Table, PVOID Buffer, PVOID *RestartKey);

/* The elements in their order, one a call; NULL behind the last. The place is
 * kept in the table (Restart TRUE: from the first), or in *RestartKey (NULL:
 * from the first). The former survives deletions, the latter that of other
 * elements only. */
NTSYSAPI PVOID NTAPI RtlEnumerateGenericTableAvl(PRTL_AVL_TABLE Table,
                                                 BOOLEAN Restart);
NTSYSAPI PVOID NTAPI RtlEnumerateGenericTableWithoutSplayingAvl(
    PRTL_AVL_TABLE Table, PVOID *RestartKey);

/* The next element that MatchFunction (NULL: every) accepts. With *RestartKey
 * NULL, or after a deletion since the *DeleteCount that the last call returned,
 * it begins at Buffer or, when that is not there, behind its place; else where
 * the last call left off. NextFlag TRUE steps over the element it begins at. */
NTSYSAPI PVOID NTAPI RtlEnumerateGenericTableLikeADirectory(
    PRTL_AVL_TABLE Table, PRTL_AVL_MATCH_FUNCTION MatchFunction,
    PVOID MatchData, ULONG NextFlag, PVOID *RestartKey, PULONG DeleteCount,
    PVOID Buffer);

/* The element with the index I (0 …) in the order of the keys; NULL when there
 * are not so many. Any IRQL. */
NTSYSAPI PVOID NTAPI RtlGetElementGenericTableAvl(PRTL_AVL_TABLE Table,
                                                  ULONG I);

/* How many there are, and whether there are none. IRQL <= DISPATCH_LEVEL. */
NTSYSAPI ULONG NTAPI RtlNumberGenericTableElementsAvl(PRTL_AVL_TABLE Table);
NTSYSAPI BOOLEAN NTAPI RtlIsGenericTableEmptyAvl(PRTL_AVL_TABLE Table);

/* ---- splay trees -------------------------------------------------------- */

/* As above; what is not said here is the same. An element is BufferSize +
 * sizeof (RTL_SPLAY_LINKS) + sizeof (LIST_ENTRY) bytes. What is inserted, found
 * or enumerated becomes the root, except where the name says that it does not.
 */
NTSYSAPI VOID NTAPI RtlInitializeGenericTable(
    PRTL_GENERIC_TABLE Table, PRTL_GENERIC_COMPARE_ROUTINE CompareRoutine,
    PRTL_GENERIC_ALLOCATE_ROUTINE AllocateRoutine,
    PRTL_GENERIC_FREE_ROUTINE FreeRoutine, PVOID TableContext);
NTSYSAPI PVOID NTAPI RtlInsertElementGenericTable(PRTL_GENERIC_TABLE Table,
                                                  PVOID Buffer,
                                                  CLONG BufferSize,
                                                  PBOOLEAN NewElement);
NTSYSAPI PVOID NTAPI RtlInsertElementGenericTableFull(
    PRTL_GENERIC_TABLE Table, PVOID Buffer, CLONG BufferSize,
    PBOOLEAN NewElement, PVOID NodeOrParent, TABLE_SEARCH_RESULT SearchResult);
NTSYSAPI BOOLEAN NTAPI RtlDeleteElementGenericTable(PRTL_GENERIC_TABLE Table,
                                                    PVOID Buffer);
NTSYSAPI PVOID NTAPI RtlLookupElementGenericTable(PRTL_GENERIC_TABLE Table,
                                                  PVOID Buffer);
NTSYSAPI PVOID NTAPI RtlLookupElementGenericTableFull(
    PRTL_GENERIC_TABLE Table, PVOID Buffer, PVOID *NodeOrParent,
    TABLE_SEARCH_RESULT *SearchResult);

/* With Restart FALSE, the element behind the one that is the root: a lookup or
 * an insertion in between moves the place. */
NTSYSAPI PVOID NTAPI RtlEnumerateGenericTable(PRTL_GENERIC_TABLE Table,
                                              BOOLEAN Restart);
NTSYSAPI PVOID NTAPI RtlEnumerateGenericTableWithoutSplaying(
    PRTL_GENERIC_TABLE Table, PVOID *RestartKey);

/* The element with the index I in the order of insertion. Any IRQL. */
NTSYSAPI PVOID NTAPI RtlGetElementGenericTable(PRTL_GENERIC_TABLE Table,
                                               ULONG I);

/* IRQL <= DISPATCH_LEVEL. */
NTSYSAPI ULONG NTAPI RtlNumberGenericTableElements(PRTL_GENERIC_TABLE Table);
NTSYSAPI BOOLEAN NTAPI RtlIsGenericTableEmpty(PRTL_GENERIC_TABLE Table);

/* ---- splay links -------------------------------------------------------- */

/* Links in structures of the driver's own. A root is its own parent. RtlSplay
 * makes Links the root and returns it; RtlDelete takes it out and returns the
 * root of what is left, NULL when that is nothing, having splayed the parent of
 * what it took out; RtlDeleteNoSplay moves nothing else. */
NTSYSAPI PRTL_SPLAY_LINKS NTAPI RtlSplay(PRTL_SPLAY_LINKS Links);
NTSYSAPI PRTL_SPLAY_LINKS NTAPI RtlDelete(PRTL_SPLAY_LINKS Links);
NTSYSAPI VOID NTAPI RtlDeleteNoSplay(PRTL_SPLAY_LINKS Links,
                                     PRTL_SPLAY_LINKS *Root);

/* The next and the previous in order, of those below Links or of the whole
 * tree; NULL when there is none. */
NTSYSAPI PRTL_SPLAY_LINKS NTAPI RtlSubtreeSuccessor(PRTL_SPLAY_LINKS Links);
NTSYSAPI PRTL_SPLAY_LINKS NTAPI RtlSubtreePredecessor(PRTL_SPLAY_LINKS Links);
NTSYSAPI PRTL_SPLAY_LINKS NTAPI RtlRealSuccessor(PRTL_SPLAY_LINKS Links);
NTSYSAPI PRTL_SPLAY_LINKS NTAPI RtlRealPredecessor(PRTL_SPLAY_LINKS Links);

UWSK_END_C

#define RtlInitializeSplayLinks(Links)                                         \
  do {                                                                         \
    PRTL_SPLAY_LINKS uwsk_links = (PRTL_SPLAY_LINKS)(Links);                   \
    uwsk_links->Parent = uwsk_links;                                           \
    uwsk_links->LeftChild = NULL;                                              \
    uwsk_links->RightChild = NULL;                                             \
  } while (0)
#define RtlParent(Links)     ((PRTL_SPLAY_LINKS)(Links)->Parent)
#define RtlLeftChild(Links)  ((PRTL_SPLAY_LINKS)(Links)->LeftChild)
#define RtlRightChild(Links) ((PRTL_SPLAY_LINKS)(Links)->RightChild)
#define RtlIsRoot(Links)     (RtlParent(Links) == (PRTL_SPLAY_LINKS)(Links))
#define RtlIsLeftChild(Links)                                                  \
  (RtlLeftChild(RtlParent(Links)) == (PRTL_SPLAY_LINKS)(Links))
#define RtlIsRightChild(Links)                                                 \
  (RtlRightChild(RtlParent(Links)) == (PRTL_SPLAY_LINKS)(Links))
#define RtlInsertAsLeftChild(ParentLinks, ChildLinks)                          \
  do {                                                                         \
    (ParentLinks)->LeftChild = (PRTL_SPLAY_LINKS)(ChildLinks);                 \
    (ChildLinks)->Parent = (PRTL_SPLAY_LINKS)(ParentLinks);                    \
  } while (0)
#define RtlInsertAsRightChild(ParentLinks, ChildLinks)                         \
  do {                                                                         \
    (ParentLinks)->RightChild = (PRTL_SPLAY_LINKS)(ChildLinks);                \
    (ChildLinks)->Parent = (PRTL_SPLAY_LINKS)(ParentLinks);                    \
  } while (0)

/* A driver that defines this before it includes anything has AVL trees under
 * the names of splay trees. */
#ifdef RTL_USE_AVL_TABLES
#define _RTL_GENERIC_TABLE               _RTL_AVL_TABLE
#define RTL_GENERIC_TABLE                RTL_AVL_TABLE
#define PRTL_GENERIC_TABLE               PRTL_AVL_TABLE
#define RTL_GENERIC_COMPARE_ROUTINE      RTL_AVL_COMPARE_ROUTINE
#define PRTL_GENERIC_COMPARE_ROUTINE     PRTL_AVL_COMPARE_ROUTINE
#define RTL_GENERIC_ALLOCATE_ROUTINE     RTL_AVL_ALLOCATE_ROUTINE
#define PRTL_GENERIC_ALLOCATE_ROUTINE    PRTL_AVL_ALLOCATE_ROUTINE
#define RTL_GENERIC_FREE_ROUTINE         RTL_AVL_FREE_ROUTINE
#define PRTL_GENERIC_FREE_ROUTINE        PRTL_AVL_FREE_ROUTINE
#define RtlInitializeGenericTable        RtlInitializeGenericTableAvl
#define RtlInsertElementGenericTable     RtlInsertElementGenericTableAvl
#define RtlInsertElementGenericTableFull RtlInsertElementGenericTableFullAvl
#define RtlDeleteElementGenericTable     RtlDeleteElementGenericTableAvl
#define RtlLookupElementGenericTable     RtlLookupElementGenericTableAvl
#define RtlLookupElementGenericTableFull RtlLookupElementGenericTableFullAvl
#define RtlEnumerateGenericTable         RtlEnumerateGenericTableAvl
#define RtlEnumerateGenericTableWithoutSplaying                                \
  RtlEnumerateGenericTableWithoutSplayingAvl
#define RtlGetElementGenericTable     RtlGetElementGenericTableAvl
#define RtlNumberGenericTableElements RtlNumberGenericTableElementsAvl
#define RtlIsGenericTableEmpty        RtlIsGenericTableEmptyAvl
#endif

#endif
