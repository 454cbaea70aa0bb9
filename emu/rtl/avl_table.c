/* Generic tables that are AVL trees: elements, searching, enumerating. */
#include "ke/ke.h"
#include "rtl/avl_tree.h"

/* What AllocateRoutine makes: the links, then what the driver sees. */
struct element {
  RTL_BALANCED_LINKS links;
  _Alignas(8) UCHAR data[];
};

static PVOID data_of(PRTL_BALANCED_LINKS node) {
  return node != NULL ? ((struct element *)node)->data : NULL;
}

VOID RtlInitializeGenericTableAvl(PRTL_AVL_TABLE Table,
                                  PRTL_AVL_COMPARE_ROUTINE CompareRoutine,
                                  PRTL_AVL_ALLOCATE_ROUTINE AllocateRoutine,
                                  PRTL_AVL_FREE_ROUTINE FreeRoutine,
                                  PVOID TableContext) {
  ke__within_irql(DISPATCH_LEVEL, "RtlInitializeGenericTableAvl");
  RtlZeroMemory(Table, sizeof(*Table));
  Table->BalancedRoot.Parent = &Table->BalancedRoot;
  Table->CompareRoutine = CompareRoutine;
  Table->AllocateRoutine = AllocateRoutine;
  Table->FreeRoutine = FreeRoutine;
  Table->TableContext = TableContext;
}

/* ---- searching --------------------------------------------------------- */

/* The node that equals, or the one below which it would hang. */
static TABLE_SEARCH_RESULT find(PRTL_AVL_TABLE table, PVOID buffer,
                                PRTL_BALANCED_LINKS *found) {
  PRTL_BALANCED_LINKS node = table->BalancedRoot.RightChild;
  TABLE_SEARCH_RESULT result = TableEmptyTree;

  *found = &table->BalancedRoot;
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

PVOID RtlLookupElementGenericTableFullAvl(PRTL_AVL_TABLE Table, PVOID Buffer,
                                          PVOID *NodeOrParent,
                                          TABLE_SEARCH_RESULT *SearchResult) {
  ke__within_irql(DISPATCH_LEVEL, "RtlLookupElementGenericTableFullAvl");
  PRTL_BALANCED_LINKS node;

  *SearchResult = find(Table, Buffer, &node);
  *NodeOrParent = *SearchResult == TableEmptyTree ? NULL : node;
  return *SearchResult == TableFoundNode ? data_of(node) : NULL;
}

PVOID RtlLookupElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer) {
  ke__within_irql(DISPATCH_LEVEL, "RtlLookupElementGenericTableAvl");
  PRTL_BALANCED_LINKS node;

  return find(Table, Buffer, &node) == TableFoundNode ? data_of(node) : NULL;
}

PVOID RtlLookupFirstMatchingElementGenericTableAvl(PRTL_AVL_TABLE Table,
                                                   PVOID Buffer,
                                                   PVOID *RestartKey) {
  ke__within_irql(DISPATCH_LEVEL,
                  "RtlLookupFirstMatchingElementGenericTableAvl");
  PRTL_BALANCED_LINKS node, before;

  *RestartKey = NULL;
  if (find(Table, Buffer, &node) != TableFoundNode)
    return NULL;
  while ((before = rtl__avl_previous(node)) != NULL &&
         Table->CompareRoutine(Table, Buffer, data_of(before)) == GenericEqual)
    node = before;
  *RestartKey = node;
  return data_of(node);
}

/* ---- inserting and deleting -------------------------------------------- */

static void forget_index(PRTL_AVL_TABLE table) {
  table->OrderedPointer = NULL;
  table->WhichOrderedElement = 0;
}

static PVOID insert(PRTL_AVL_TABLE table, PVOID buffer, CLONG size,
                    PRTL_BALANCED_LINKS parent, TABLE_SEARCH_RESULT where) {
  struct element *element =
      table->AllocateRoutine(table, (CLONG)sizeof(*element) + size);

  if (element == NULL)
    return NULL;
  RtlZeroMemory(&element->links, sizeof(element->links));
  RtlCopyMemory(element->data, buffer, size);
  if (where == TableEmptyTree)
    parent = &table->BalancedRoot;
  rtl__avl_insert(table, &element->links, parent, where == TableInsertAsLeft);
  table->NumberGenericTableElements++;
  forget_index(table);
  return element->data;
}

PVOID RtlInsertElementGenericTableFullAvl(PRTL_AVL_TABLE Table, PVOID Buffer,
                                          CLONG BufferSize, PBOOLEAN NewElement,
                                          PVOID NodeOrParent,
                                          TABLE_SEARCH_RESULT SearchResult) {
  ke__within_irql(DISPATCH_LEVEL, "RtlInsertElementGenericTableFullAvl");
  PVOID data;

  if (SearchResult == TableFoundNode)
    data = data_of(NodeOrParent);
  else
    data = insert(Table, Buffer, BufferSize, NodeOrParent, SearchResult);
  if (NewElement != NULL)
    *NewElement = data != NULL && SearchResult != TableFoundNode;
  return data;
}

PVOID RtlInsertElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer,
                                      CLONG BufferSize, PBOOLEAN NewElement) {
  PRTL_BALANCED_LINKS node;
  TABLE_SEARCH_RESULT result = find(Table, Buffer, &node);

  return RtlInsertElementGenericTableFullAvl(Table, Buffer, BufferSize,
                                             NewElement, node, result);
}

VOID RtlDeleteElementGenericTableAvlEx(PRTL_AVL_TABLE Table,
                                       PVOID NodeOrParent) {
  PRTL_BALANCED_LINKS node = NodeOrParent;

  /* An enumeration that stands here goes on behind. */
  if (Table->RestartKey == node)
    Table->RestartKey = rtl__avl_previous(node);
  rtl__avl_remove(Table, node);
  Table->NumberGenericTableElements--;
  Table->DeleteCount++;
  forget_index(Table);
  Table->FreeRoutine(Table, node);
}

BOOLEAN RtlDeleteElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer) {
  ke__within_irql(DISPATCH_LEVEL, "RtlDeleteElementGenericTableAvl");
  PRTL_BALANCED_LINKS node;

  if (find(Table, Buffer, &node) != TableFoundNode)
    return FALSE;
  RtlDeleteElementGenericTableAvlEx(Table, node);
  return TRUE;
}

/* ---- enumerating ------------------------------------------------------- */

/* The key stays at the last element when there is none behind it. */
PVOID RtlEnumerateGenericTableWithoutSplayingAvl(PRTL_AVL_TABLE Table,
                                                 PVOID *RestartKey) {
  ke__within_irql(DISPATCH_LEVEL, "RtlEnumerateGenericTableWithoutSplayingAvl");
  PRTL_BALANCED_LINKS node =
      *RestartKey != NULL ? rtl__avl_next(*RestartKey) : rtl__avl_first(Table);

  if (node != NULL)
    *RestartKey = node;
  return data_of(node);
}

PVOID RtlEnumerateGenericTableAvl(PRTL_AVL_TABLE Table, BOOLEAN Restart) {
  ke__within_irql(DISPATCH_LEVEL, "RtlEnumerateGenericTableAvl");
  PVOID key = Restart ? NULL : Table->RestartKey;
  PVOID data = RtlEnumerateGenericTableWithoutSplayingAvl(Table, &key);

  Table->RestartKey = key;
  return data;
}

/* Where an enumeration begins whose key is Buffer. */
static PRTL_BALANCED_LINKS begin_at(PRTL_AVL_TABLE table, PVOID buffer,
                                    ULONG next) {
  PRTL_BALANCED_LINKS node;

  switch (find(table, buffer, &node)) {
  case TableFoundNode:
    return next ? rtl__avl_next(node) : node;
  case TableInsertAsLeft:
    return node;
  case TableInsertAsRight:
    return rtl__avl_next(node);
  default:
    return NULL;
  }
}

static PRTL_BALANCED_LINKS first_match(PRTL_AVL_TABLE table,
                                       PRTL_BALANCED_LINKS node,
                                       PRTL_AVL_MATCH_FUNCTION match,
                                       PVOID match_data) {
  while (node != NULL && match != NULL) {
    NTSTATUS status = match(table, data_of(node), match_data);

    if (status == STATUS_SUCCESS)
      return node;
    node = status == STATUS_NO_MATCH ? rtl__avl_next(node) : NULL;
  }
  return node;
}

PVOID RtlEnumerateGenericTableLikeADirectory(
    PRTL_AVL_TABLE Table, PRTL_AVL_MATCH_FUNCTION MatchFunction,
    PVOID MatchData, ULONG NextFlag, PVOID *RestartKey, PULONG DeleteCount,
    PVOID Buffer) {
  ke__within_irql(DISPATCH_LEVEL, "RtlEnumerateGenericTableLikeADirectory");
  PRTL_BALANCED_LINKS node = *RestartKey;

  if (node == NULL || *DeleteCount != Table->DeleteCount)
    node = begin_at(Table, Buffer, NextFlag);
  else if (NextFlag)
    node = rtl__avl_next(node);
  node = first_match(Table, node, MatchFunction, MatchData);
  *RestartKey = node;
  *DeleteCount = Table->DeleteCount;
  return data_of(node);
}

/* ---- counting ---------------------------------------------------------- */

/* Who asks for one index after the other does not begin at the first each time.
 */
PVOID RtlGetElementGenericTableAvl(PRTL_AVL_TABLE Table, ULONG I) {
  PRTL_BALANCED_LINKS node = Table->OrderedPointer;
  ULONG at = Table->WhichOrderedElement;

  if (I >= Table->NumberGenericTableElements)
    return NULL;
  if (node == NULL || I < at / 2) {
    node = rtl__avl_first(Table);
    at = 0;
  }
  for (; at < I; at++)
    node = rtl__avl_next(node);
  for (; at > I; at--)
    node = rtl__avl_previous(node);
  Table->OrderedPointer = node;
  Table->WhichOrderedElement = at;
  return data_of(node);
}

ULONG RtlNumberGenericTableElementsAvl(PRTL_AVL_TABLE Table) {
  ke__within_irql(DISPATCH_LEVEL, "RtlNumberGenericTableElementsAvl");
  return Table->NumberGenericTableElements;
}

BOOLEAN RtlIsGenericTableEmptyAvl(PRTL_AVL_TABLE Table) {
  ke__within_irql(DISPATCH_LEVEL, "RtlIsGenericTableEmptyAvl");
  return Table->NumberGenericTableElements == 0;
}
