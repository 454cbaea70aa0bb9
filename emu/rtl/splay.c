/* Splay links: binary trees in which what was used last is near the root. A
 * root is its own parent. */
#include <ntddk.h>

#include "ke/ke.h"

/* Puts `by`, which may be NULL, where `node` hangs; as a root it hangs from
 * itself. */
static void replace(PRTL_SPLAY_LINKS node, PRTL_SPLAY_LINKS by) {
  if (RtlIsRoot(node)) {
    if (by != NULL)
      by->Parent = by;
    return;
  }
  if (RtlIsLeftChild(node))
    node->Parent->LeftChild = by;
  else
    node->Parent->RightChild = by;
  if (by != NULL)
    by->Parent = node->Parent;
}

/* Lifts a node above its parent. */
static void lift(PRTL_SPLAY_LINKS node) {
  PRTL_SPLAY_LINKS parent = node->Parent;

  if (RtlIsLeftChild(node)) {
    replace(parent, node);
    parent->LeftChild = node->RightChild;
    if (node->RightChild != NULL)
      node->RightChild->Parent = parent;
    node->RightChild = parent;
  } else {
    replace(parent, node);
    parent->RightChild = node->LeftChild;
    if (node->LeftChild != NULL)
      node->LeftChild->Parent = parent;
    node->LeftChild = parent;
  }
  parent->Parent = node;
}

/* Two of a side lift the parent first: that is what halves the depth of a
 * straight line. */
PRTL_SPLAY_LINKS RtlSplay(PRTL_SPLAY_LINKS Links) {
  ke__within_irql(DISPATCH_LEVEL, "RtlSplay");
  while (!RtlIsRoot(Links)) {
    PRTL_SPLAY_LINKS parent = Links->Parent;

    if (!RtlIsRoot(parent))
      lift(RtlIsLeftChild(Links) == RtlIsLeftChild(parent) ? parent : Links);
    lift(Links);
  }
  return Links;
}

/* ---- order ------------------------------------------------------------- */

PRTL_SPLAY_LINKS RtlSubtreeSuccessor(PRTL_SPLAY_LINKS Links) {
  ke__within_irql(DISPATCH_LEVEL, "RtlSubtreeSuccessor");
  PRTL_SPLAY_LINKS node = Links->RightChild;

  while (node != NULL && node->LeftChild != NULL)
    node = node->LeftChild;
  return node;
}

PRTL_SPLAY_LINKS RtlSubtreePredecessor(PRTL_SPLAY_LINKS Links) {
  ke__within_irql(DISPATCH_LEVEL, "RtlSubtreePredecessor");
  PRTL_SPLAY_LINKS node = Links->LeftChild;

  while (node != NULL && node->RightChild != NULL)
    node = node->RightChild;
  return node;
}

PRTL_SPLAY_LINKS RtlRealSuccessor(PRTL_SPLAY_LINKS Links) {
  if (Links->RightChild != NULL)
    return RtlSubtreeSuccessor(Links);
  while (RtlIsRightChild(Links))
    Links = Links->Parent;
  return RtlIsLeftChild(Links) ? Links->Parent : NULL;
}

PRTL_SPLAY_LINKS RtlRealPredecessor(PRTL_SPLAY_LINKS Links) {
  if (Links->LeftChild != NULL)
    return RtlSubtreePredecessor(Links);
  while (RtlIsLeftChild(Links))
    Links = Links->Parent;
  return RtlIsRightChild(Links) ? Links->Parent : NULL;
}

/* ---- deleting ---------------------------------------------------------- */

/* Puts `by`, which hangs nowhere, into the place of `node`. */
static void take_place(PRTL_SPLAY_LINKS by, PRTL_SPLAY_LINKS node) {
  replace(node, by);
  by->LeftChild = node->LeftChild;
  by->RightChild = node->RightChild;
  if (by->LeftChild != NULL)
    by->LeftChild->Parent = by;
  if (by->RightChild != NULL)
    by->RightChild->Parent = by;
}

/* Takes a node out; what stands next to the gap, NULL when nothing is left. */
static PRTL_SPLAY_LINKS take_out(PRTL_SPLAY_LINKS node) {
  PRTL_SPLAY_LINKS near = RtlIsRoot(node) ? NULL : node->Parent;

  if (node->LeftChild != NULL && node->RightChild != NULL) {
    PRTL_SPLAY_LINKS before = RtlSubtreePredecessor(node);

    near = before->Parent != node ? before->Parent : before;
    replace(before, before->LeftChild);
    take_place(before, node);
  } else {
    PRTL_SPLAY_LINKS child =
        node->LeftChild != NULL ? node->LeftChild : node->RightChild;

    replace(node, child);
    if (near == NULL)
      near = child;
  }
  return near;
}

PRTL_SPLAY_LINKS RtlDelete(PRTL_SPLAY_LINKS Links) {
  PRTL_SPLAY_LINKS near = take_out(Links);

  return near != NULL ? RtlSplay(near) : NULL;
}

VOID RtlDeleteNoSplay(PRTL_SPLAY_LINKS Links, PRTL_SPLAY_LINKS *Root) {
  ke__within_irql(DISPATCH_LEVEL, "RtlDeleteNoSplay");
  PRTL_SPLAY_LINKS near = take_out(Links);

  while (near != NULL && !RtlIsRoot(near))
    near = near->Parent;
  *Root = near;
}
