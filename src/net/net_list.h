/*
 * Arrays that grow while a host is asked, for the files of src/net alone.
 */
#ifndef UWSK_NET_LIST_H
#define UWSK_NET_LIST_H

#include <stddef.h>

/* All zero but item_size is empty. */
struct net_list {
  size_t item_size;
  size_t count, room;
  void *items; /* os__alloc; NULL while there are none */
  int error;   /* NET_ENOMEM once something did not fit */
};

/* One more, all zero; NULL without memory, and then always. It moves when the
 * next is added. */
void *net__list_add(struct net_list *list);

/* Empties it. */
void net__list_clear(struct net_list *list);

/* Gives the items away: 0, or the list's error, or `error` if that is one, and
 * then nothing. */
int net__list_give(struct net_list *list, int error, void **items,
                   size_t *count);

#endif
