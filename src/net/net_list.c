/* Arrays that grow: see net_list.h. */
#include "net/net_list.h"

#include "net/net.h"
#include "os/os.h"

#include <string.h>

#define FIRST_ROOM 16

static bool grow(struct net_list *list) {
  size_t room = list->room > 0 ? 2 * list->room : FIRST_ROOM;
  void *items = os__alloc(room * list->item_size);
  if (items == NULL) {
    list->error = NET_ENOMEM;
    return false;
  }
  if (list->count > 0)
    memcpy(items, list->items, list->count * list->item_size);
  os__free(list->items);
  list->items = items;
  list->room = room;
  return true;
}

void *net__list_add(struct net_list *list) {
  if (list->error != NET_OK || (list->count == list->room && !grow(list)))
    return NULL;
  return (char *)list->items + list->item_size * list->count++;
}

void net__list_clear(struct net_list *list) {
  size_t item_size = list->item_size;
  os__free(list->items);
  memset(list, 0, sizeof(*list));
  list->item_size = item_size;
}

int net__list_give(struct net_list *list, int error, void **items,
                   size_t *count) {
  if (error == NET_OK)
    error = list->error;
  if (error != NET_OK)
    net__list_clear(list);
  *items = list->items;
  *count = list->count;
  return error;
}
