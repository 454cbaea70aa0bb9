/* Generic tables that are splay trees. */
#include <ntddk.h>

#include "ke/ke.h"

/* What AllocateRoutine makes: the links, then what the driver sees. */
struct element {
  RTL_SPLAY_LINKS links;
  LIST_ENTRY order; /* of insertion */
  _Alignas(8) UCHAR data[];
};

static PVOID data_of(PRTL_SPLAY_LINKS node) {
  return node != NULL ? ((struct element *)node)->data : NULL;
}

VOID RtlInitializeGenericTable(PRTL_GENERIC_TABLE Table,
                               PRTL_GENERIC_COMPARE_ROUTINE CompareRoutine,
                               PRTL_GENERIC_ALLOCATE_ROUTINE AllocateRoutine,
                               PRTL_GENERIC_FREE_ROUTINE FreeRoutine,
                               PVOID TableContext) {
  ke__within_irql(DISPATCH_LEVEL, "RtlInitializeGenericTable");
  RtlZeroMemory(Table, sizeof(*Table));
  InitializeListHead(&Table->InsertOrderList);
  Table->OrderedPointer = &Table->InsertOrderList;
  Table->CompareRoutine = CompareRoutine;
  Table->AllocateRoutine = AllocateRoutine;
  Table->FreeRoutine = FreeRoutine;
  Table->TableContext = TableContext;
}

/* ---- searching --------------------------------------------------------- */

/* The node that equals, or the one below which it would hang. */
static TABLE_SEARCH_RESULT find(PRTL_GENERIC_TABLE table, PVOID buffer,
                                PRTL_SPLAY_LINKS *found) {
  PRTL_SPLAY_LINKS node = table->TableRoot;
  TABLE_SEARCH_RESULT result = TableEmptyTree;

  *found = NULL;
  while (node != NULL) {
    *found = node;
    switch (table->CompareRoutine(table, buffer, data_of(node))) {
    case GenericLessThan:
      node = node->LeftChild;
      result = TableInsertAsLeft;
      break;
    case GenericGreaterThan:
      node = node->RightChild;
      result = TableInsertAsRight;
      break;
    default:
      return TableFoundNode;
    }
  }
  return result;
}

static PVOID splay(PRTL_GENERIC_TABLE table, PRTL_SPLAY_LINKS node) {
  if (node != NULL)
    table->TableRoot = RtlSplay(node);
  return data_of(node);
}

PVOID RtlLookupElementGenericTableFull(PRTL_GENERIC_TABLE Table, PVOID Buffer,
                                       PVOID *NodeOrParent,
                                       TABLE_SEARCH_RESULT *SearchResult) {
  PRTL_SPLAY_LINKS node;

  *SearchResult = find(Table, Buffer, &node);
  *NodeOrParent = node;
  /* What is not found moves nothing: its place must stay free. */
  return *SearchResult == TableFoundNode ? splay(Table, node) : NULL;
}

PVOID RtlLookupElementGenericTable(PRTL_GENERIC_TABLE Table, PVOID Buffer) {
  ke__within_irql(DISPATCH_LEVEL, "RtlLookupElementGenericTable");
  PRTL_SPLAY_LINKS node;

  return find(Table, Buffer, &node) == TableFoundNode ? splay(Table, node)
                                                      : NULL;
}

/* ---- inserting and deleting -------------------------------------------- */

static void forget_index(PRTL_GENERIC_TABLE table) {
  table->OrderedPointer = &table->InsertOrderList;
  table->WhichOrderedElement = 0;
}

static void hang(PRTL_SPLAY_LINKS node, PRTL_SPLAY_LINKS parent,
                 TABLE_SEARCH_RESULT where) {
  RtlInitializeSplayLinks(node);
  if (where == TableInsertAsLeft)
    RtlInsertAsLeftChild(parent, node);
  else if (where == TableInsertAsRight)
    RtlInsertAsRightChild(parent, node);
}

static PRTL_SPLAY_LINKS make(PRTL_GENERIC_TABLE table, PVOID buffer,
                             CLONG size) {
  struct element *element =
      table->AllocateRoutine(table, (CLONG)sizeof(*element) + size);

  if (element == NULL)
    return NULL;
  RtlCopyMemory(element->data, buffer, size);
  InsertTailList(&table->InsertOrderList, &element->order);
  table->NumberGenericTableElements++;
  return &element->links;
}

PVOID RtlInsertElementGenericTableFull(PRTL_GENERIC_TABLE Table, PVOID Buffer,
                                       CLONG BufferSize, PBOOLEAN NewElement,
                                       PVOID NodeOrParent,
                                       TABLE_SEARCH_RESULT SearchResult) {
  PRTL_SPLAY_LINKS node = NodeOrParent;

  if (SearchResult != TableFoundNode) {
    node = make(Table, Buffer, BufferSize);
    if (node != NULL)
      hang(node, NodeOrParent, SearchResult);
  }
  if (NewElement != NULL)
    *NewElement = node != NULL && SearchResult != TableFoundNode;
  return splay(Table, node);
}

PVOID RtlInsertElementGenericTable(PRTL_GENERIC_TABLE Table, PVOID Buffer,
                                   CLONG BufferSize, PBOOLEAN NewElement) {
  ke__within_irql(DISPATCH_LEVEL, "RtlInsertElementGenericTable");
  PRTL_SPLAY_LINKS node;
  TABLE_SEARCH_RESULT result = find(Table, Buffer, &node);

  return RtlInsertElementGenericTableFull(Table, Buffer, BufferSize, NewElement,
                                          node, result);
}

BOOLEAN RtlDeleteElementGenericTable(PRTL_GENERIC_TABLE Table, PVOID Buffer) {
  ke__within_irql(DISPATCH_LEVEL, "RtlDeleteElementGenericTable");
  PRTL_SPLAY_LINKS node;

  if (find(Table, Buffer, &node) != TableFoundNode)
    return FALSE;
  Table->TableRoot = RtlDelete(node);
  RemoveEntryList(&((struct element *)node)->order);
  Table->NumberGenericTableElements--;
  forget_index(Table);
  Table->FreeRoutine(Table, node);
  return TRUE;
}

/* ---- enumerating ------------------------------------------------------- */

static PRTL_SPLAY_LINKS first(PRTL_GENERIC_TABLE table) {
  PRTL_SPLAY_LINKS node = table->TableRoot;

  while (node != NULL && node->LeftChild != NULL)
    node = node->LeftChild;
  return node;
}

PVOID RtlEnumerateGenericTable(PRTL_GENERIC_TABLE Table, BOOLEAN Restart) {
  ke__within_irql(DISPATCH_LEVEL, "RtlEnumerateGenericTable");
  PRTL_SPLAY_LINKS node = Table->TableRoot;

  if (node == NULL)
    return NULL;
  node = Restart ? first(Table) : RtlRealSuccessor(node);
  return splay(Table, node);
}

PVOID RtlEnumerateGenericTableWithoutSplaying(PRTL_GENERIC_TABLE Table,
                                              PVOID *RestartKey) {
  PRTL_SPLAY_LINKS node =
      *RestartKey != NULL ? RtlRealSuccessor(*RestartKey) : first(Table);

  if (node != NULL)
    *RestartKey = node;
  return data_of(node);
}

/* ---- counting ---------------------------------------------------------- */

/* The head of the list stands before the first: index 0 is one step from it,
 * and WhichOrderedElement counts steps. */
PVOID RtlGetElementGenericTable(PRTL_GENERIC_TABLE Table, ULONG I) {
  PLIST_ENTRY entry = Table->OrderedPointer;
  ULONG at = Table->WhichOrderedElement, wanted = I + 1;

  if (I >= Table->NumberGenericTableElements)
    return NULL;
  if (wanted < at / 2) {
    entry = &Table->InsertOrderList;
    at = 0;
  }
  for (; at < wanted; at++)
    entry = entry->Flink;
  for (; at > wanted; at--)
    entry = entry->Blink;
  Table->OrderedPointer = entry;
  Table->WhichOrderedElement = at;
  return CONTAINING_RECORD(entry, struct element, order)->data;
}

ULONG RtlNumberGenericTableElements(PRTL_GENERIC_TABLE Table) {
  ke__within_irql(DISPATCH_LEVEL, "RtlNumberGenericTableElements");
  return Table->NumberGenericTableElements;
}

BOOLEAN RtlIsGenericTableEmpty(PRTL_GENERIC_TABLE Table) {
  ke__within_irql(DISPATCH_LEVEL, "RtlIsGenericTableEmpty");
  return Table->TableRoot == NULL;
}
