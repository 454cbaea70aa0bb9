/*
 * AVL trees of RTL_BALANCED_LINKS: what a table does with links alone.
 *
 * The table's BalancedRoot is no element. The root of the tree is its right
 * child, so that every node hangs from another; it is its own parent. Balance
 * is the depth on the right less that on the left: -1, 0 or 1.
 */
#ifndef UWSK_RTL_AVL_TREE_H
#define UWSK_RTL_AVL_TREE_H

#include <ntddk.h>
#include <stdbool.h>

/* Hangs a new node, whose links are zero, below `parent` on a side that is
 * free. */
void rtl__avl_insert(PRTL_AVL_TABLE table, PRTL_BALANCED_LINKS node,
                     PRTL_BALANCED_LINKS parent, bool on_the_left);

void rtl__avl_remove(PRTL_AVL_TABLE table, PRTL_BALANCED_LINKS node);

/* In order; NULL when there is none. */
PRTL_BALANCED_LINKS rtl__avl_first(PRTL_AVL_TABLE table);
PRTL_BALANCED_LINKS rtl__avl_next(PRTL_BALANCED_LINKS node);
PRTL_BALANCED_LINKS rtl__avl_previous(PRTL_BALANCED_LINKS node);

#endif
