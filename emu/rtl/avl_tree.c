/* AVL trees: hanging nodes in and out, and keeping the balance. See the header.
 * A side is -1 for the left and +1 for the right, as Balance counts. */
#include "rtl/avl_tree.h"

#define LEFT  (-1)
#define RIGHT 1

static PRTL_BALANCED_LINKS *child_of(PRTL_BALANCED_LINKS node, int side) {
  return side == LEFT ? &node->LeftChild : &node->RightChild;
}

static int side_of(PRTL_BALANCED_LINKS node) {
  return node->Parent->LeftChild == node ? LEFT : RIGHT;
}

/* Puts `by`, which may be NULL, where `node` hangs. */
static void replace(PRTL_BALANCED_LINKS node, PRTL_BALANCED_LINKS by) {
  *child_of(node->Parent, side_of(node)) = by;
  if (by != NULL)
    by->Parent = node->Parent;
}

/* Lifts the child of `node` on that side above it. */
static void lift(PRTL_BALANCED_LINKS node, int side) {
  PRTL_BALANCED_LINKS child = *child_of(node, side);
  PRTL_BALANCED_LINKS inner = *child_of(child, -side);

  replace(node, child);
  *child_of(node, side) = inner;
  if (inner != NULL)
    inner->Parent = node;
  *child_of(child, -side) = node;
  node->Parent = child;
}

/* `node` is two deeper on that side than on the other. Returns what stands in
 * its place; its balance is 0 when the subtree is one lower now. */
static PRTL_BALANCED_LINKS rebalance(PRTL_BALANCED_LINKS node, int side) {
  PRTL_BALANCED_LINKS child = *child_of(node, side);

  if (child->Balance == -side) {
    PRTL_BALANCED_LINKS middle = *child_of(child, -side);

    lift(child, -side);
    lift(node, side);
    node->Balance = (CHAR)(middle->Balance == side ? -side : 0);
    child->Balance = (CHAR)(middle->Balance == -side ? side : 0);
    middle->Balance = 0;
    return middle;
  }
  lift(node, side);
  node->Balance = (CHAR)(child->Balance == 0 ? side : 0);
  child->Balance = (CHAR)(child->Balance == 0 ? -side : 0);
  return child;
}

/* ---- inserting --------------------------------------------------------- */

/* The subtree below `node` is one deeper than it was. */
static void grow(PRTL_AVL_TABLE table, PRTL_BALANCED_LINKS node) {
  while (node->Parent != &table->BalancedRoot) {
    int side = side_of(node);

    node = node->Parent;
    if (node->Balance == -side) {
      node->Balance = 0;
      return;
    }
    if (node->Balance == side) {
      rebalance(node, side);
      return;
    }
    node->Balance = (CHAR)side;
  }
  table->DepthOfTree++;
}

void rtl__avl_insert(PRTL_AVL_TABLE table, PRTL_BALANCED_LINKS node,
                     PRTL_BALANCED_LINKS parent, bool on_the_left) {
  node->Parent = parent;
  *child_of(parent, on_the_left ? LEFT : RIGHT) = node;
  grow(table, node);
}

/* ---- removing ---------------------------------------------------------- */

/* The subtree of `node` on that side is one lower than it was. */
static void shrink(PRTL_AVL_TABLE table, PRTL_BALANCED_LINKS node, int side) {
  while (node != &table->BalancedRoot) {
    if (node->Balance == 0) {
      node->Balance = (CHAR)-side;
      return;
    }
    if (node->Balance == side)
      node->Balance = 0;
    else if ((node = rebalance(node, -side))->Balance != 0)
      return;
    side = side_of(node);
    node = node->Parent;
  }
  table->DepthOfTree--;
}

/* A node with one child at most. */
static void unhang(PRTL_AVL_TABLE table, PRTL_BALANCED_LINKS node) {
  PRTL_BALANCED_LINKS parent = node->Parent;
  int side = side_of(node);

  replace(node, node->LeftChild != NULL ? node->LeftChild : node->RightChild);
  shrink(table, parent, side);
}

/* Puts `by`, which hangs nowhere, into the place of `node`. */
static void take_place(PRTL_BALANCED_LINKS by, PRTL_BALANCED_LINKS node) {
  replace(node, by);
  by->LeftChild = node->LeftChild;
  by->RightChild = node->RightChild;
  by->Balance = node->Balance;
  if (by->LeftChild != NULL)
    by->LeftChild->Parent = by;
  if (by->RightChild != NULL)
    by->RightChild->Parent = by;
}

/* With two children a neighbour in order takes the node's place: it has one
 * child at most, and comes from the deeper side. */
void rtl__avl_remove(PRTL_AVL_TABLE table, PRTL_BALANCED_LINKS node) {
  PRTL_BALANCED_LINKS neighbour;

  if (node->LeftChild == NULL || node->RightChild == NULL) {
    unhang(table, node);
    return;
  }
  neighbour =
      node->Balance == LEFT ? rtl__avl_previous(node) : rtl__avl_next(node);
  unhang(table, neighbour);
  take_place(neighbour, node);
}

/* ---- order ------------------------------------------------------------- */

static PRTL_BALANCED_LINKS outermost(PRTL_BALANCED_LINKS node, int side) {
  while (node != NULL && *child_of(node, side) != NULL)
    node = *child_of(node, side);
  return node;
}

PRTL_BALANCED_LINKS rtl__avl_first(PRTL_AVL_TABLE table) {
  return outermost(table->BalancedRoot.RightChild, LEFT);
}

/* BalancedRoot, where all climbing ends, is its own parent and not an element.
 */
static PRTL_BALANCED_LINKS neighbour_of(PRTL_BALANCED_LINKS node, int side) {
  if (*child_of(node, side) != NULL)
    return outermost(*child_of(node, side), -side);
  while (*child_of(node->Parent, side) == node)
    node = node->Parent;
  node = node->Parent;
  return node->Parent != node ? node : NULL;
}

PRTL_BALANCED_LINKS rtl__avl_next(PRTL_BALANCED_LINKS node) {
  return neighbour_of(node, RIGHT);
}

PRTL_BALANCED_LINKS rtl__avl_previous(PRTL_BALANCED_LINKS node) {
  return neighbour_of(node, LEFT);
}
