/*
 * The host's interfaces and addresses, on POSIX hosts other than Linux, as far
 * as libuv tells: see net_interface.h. Routes and changes it does not know.
 */
#if !defined(_WIN32) && !defined(__linux__)

#include "net/net_interface.h"

#include "net/net_list.h"
#include "net/net_option.h"
#include "net/net_uv.h"
#include "os/os.h"

#include <string.h>

uint64_t net__luid_of(uint16_t type, uint32_t index) {
  return (uint64_t)type << 48 | (uint64_t)(index & 0xffffff) << 24;
}

/* ---- addresses ---------------------------------------------------------- */

static int list_local(int family, struct net_local_address **list,
                      size_t *count) {
  size_t room = 16;
  for (;;) {
    *list = os__alloc(room * sizeof(**list));
    if (*list == NULL)
      return NET_ENOMEM;
    int error = net__local_addresses(family, *list, room, count);
    if (error == NET_OK && *count <= room)
      return NET_OK;
    os__free(*list);
    if (error != NET_OK)
      return error;
    room = *count;
  }
}

static void put_unicast(struct net_unicast *unicast,
                        const struct net_local_address *local) {
  unicast->address = local->address;
  unicast->index = local->interface_index;
  unicast->prefix_length = local->prefix_length;
  unicast->valid = unicast->preferred = NET_FOREVER;
  unicast->dad = NET_DAD_PREFERRED;
  if (local->loopback)
    unicast->prefix_origin = unicast->suffix_origin = NET_ORIGIN_WELL_KNOWN;
}

int net__unicasts(int family, struct net_unicast **list, size_t *count) {
  struct net_list rows = {.item_size = sizeof(**list)};
  struct net_local_address *local;
  void *items;
  size_t found;
  int error = list_local(family, &local, &found);
  for (size_t i = 0; error == NET_OK && i < found; i++) {
    struct net_unicast *unicast = net__list_add(&rows);
    if (unicast == NULL)
      break;
    put_unicast(unicast, &local[i]);
  }
  if (error == NET_OK)
    os__free(local);
  error = net__list_give(&rows, error, &items, count);
  *list = items;
  return error;
}

/* ---- interfaces --------------------------------------------------------- */

static struct net_interface *find(struct net_list *list, uint32_t index) {
  struct net_interface *interfaces = list->items;
  for (size_t i = 0; i < list->count; i++)
    if (interfaces[i].index == index)
      return &interfaces[i];
  return NULL;
}

static void put_interface(struct net_interface *interface,
                          const struct net_local_address *local) {
  size_t size = sizeof(interface->name);
  interface->index = local->interface_index;
  interface->type = local->loopback ? NET_TYPE_LOOPBACK : NET_TYPE_OTHER;
  interface->luid = net__luid_of(interface->type, interface->index);
  memcpy(interface->guid, &interface->index, sizeof(interface->index));
  memcpy(interface->guid + 12, "uwsk", 4);
  interface->state = NET_STATE_UP; /* libuv leaves out those that are not */
  interface->enabled = interface->wired_up = true;
  (void)uv_if_indextoname(interface->index, interface->name, &size);
  memcpy(interface->description, interface->name, sizeof(interface->name));
}

int net__interfaces(struct net_interface **list, size_t *count) {
  struct net_list rows = {.item_size = sizeof(**list)};
  struct net_local_address *local;
  void *items;
  size_t found;
  int error = list_local(0, &local, &found);
  for (size_t i = 0; error == NET_OK && i < found; i++) {
    struct net_interface *interface = find(&rows, local[i].interface_index);
    if (interface == NULL) {
      interface = net__list_add(&rows);
      if (interface == NULL)
        break;
      put_interface(interface, &local[i]);
    }
    bool ipv4 = local[i].address.family == NET_IPV4;
    struct net_interface_ip *ip = ipv4 ? &interface->ipv4 : &interface->ipv6;
    ip->there = ip->connected = true;
  }
  if (error == NET_OK)
    os__free(local);
  error = net__list_give(&rows, error, &items, count);
  *list = items;
  return error;
}

/* ---- what libuv does not tell ------------------------------------------- */

int net__routes(int family, struct net_route **list, size_t *count) {
  (void)family;
  *list = NULL;
  *count = 0;
  return NET_ENOTSUP;
}

int net__best_route(const struct net_route_question *question,
                    struct net_route *route, struct net_address *source) {
  (void)question;
  (void)route;
  (void)source;
  return NET_ENOTSUP;
}

/* A watch that sees nothing: a test may still say that something has changed.
 */
static bool watching;

int net__watch_start(net_changed *changed) {
  (void)changed;
  if (watching)
    return NET_EBUSY;
  watching = true;
  return NET_OK;
}

void net__watch_stop(void) {
  watching = false;
}

#endif
