/* Telling a registration what has changed. See notify.h. */
#include "netio/notify.h"

#include <string.h>

#include "etw/trace.h"
#include "netio/row.h"

/* ---- one call ----------------------------------------------------------- */

union row {
  MIB_IPINTERFACE_ROW interface;
  MIB_UNICASTIPADDRESS_ROW unicast;
  MIB_IPFORWARD_ROW2 route;
};

static void call(struct netio_registration *registration, union row *row,
                 MIB_NOTIFICATION_TYPE type) {
  ETW_CALLBACK("change", registration, registration->context);
  switch (registration->of) {
  case NET_OF_INTERFACE:
    registration->callback.interface(
        registration->context, row != NULL ? &row->interface : NULL, type);
    break;
  case NET_OF_UNICAST:
    registration->callback.unicast(registration->context,
                                   row != NULL ? &row->unicast : NULL, type);
    break;
  case NET_OF_ROUTE:
    registration->callback.route(registration->context,
                                 row != NULL ? &row->route : NULL, type);
    break;
  }
}

static MIB_NOTIFICATION_TYPE type_of(enum net_change_kind kind) {
  switch (kind) {
  case NET_ADDED:
    return MibAddInstance;
  case NET_REMOVED:
    return MibDeleteInstance;
  default:
    return MibParameterNotification;
  }
}

/* A row with what names the one that has changed, and nothing else. */
static void put_row(union row *row, const struct net_change *change,
                    enum net_family family) {
  memset(row, 0, sizeof(*row));
  switch (change->of) {
  case NET_OF_INTERFACE:
    row->interface.Family = netio__af(family);
    row->interface.InterfaceLuid.Value = change->luid;
    row->interface.InterfaceIndex = change->index;
    break;
  case NET_OF_UNICAST:
    netio__put_address(&row->unicast.Address, &change->address);
    row->unicast.InterfaceLuid.Value = change->luid;
    row->unicast.InterfaceIndex = change->index;
    break;
  case NET_OF_ROUTE:
    netio__put_address(&row->route.DestinationPrefix.Prefix, &change->address);
    row->route.DestinationPrefix.PrefixLength = (UINT8)change->prefix_length;
    netio__put_address(&row->route.NextHop, &change->next_hop);
    row->route.InterfaceLuid.Value = change->luid;
    row->route.InterfaceIndex = change->index;
    break;
  }
}

static bool is_cancelled(struct netio_registration *registration) {
  os__spin_lock(&netio__lock);
  bool cancelled = registration->cancelled;
  os__spin_unlock(&netio__lock);
  return cancelled;
}

/* An interface changes for each family that it is registered for. */
static void tell_of(struct netio_registration *registration,
                    const struct net_change *change) {
  static const enum net_family families[] = {NET_IPV4, NET_IPV6};
  union row row;
  for (size_t i = 0; i < ARRAYSIZE(families); i++) {
    int family = (int)families[i];
    if ((change->family != 0 && change->family != family) ||
        (registration->family != 0 && registration->family != family) ||
        is_cancelled(registration))
      continue;
    put_row(&row, change, families[i]);
    call(registration, &row, type_of(change->kind));
  }
}

/* ---- rows that have changed --------------------------------------------- */

/* The host does not say which LUID an address's or a route's interface has. */
static void tell_event(struct netio_registration *registration,
                       struct net_change *change) {
  struct netio_interfaces interfaces;
  if (change->luid == 0 && netio__ask_interfaces(&interfaces) == NET_OK) {
    const struct net_interface *on =
        netio__find_interface(&interfaces, 0, change->index);
    if (on != NULL)
      change->luid = on->luid;
    netio__forget_interfaces(&interfaces);
  }
  tell_of(registration, change);
}

/* ---- all rows ----------------------------------------------------------- */

static bool is_missed(unsigned missed, enum net_family family) {
  return (missed & (family == NET_IPV4 ? NETIO_IPV4 : NETIO_IPV6)) != 0;
}

static bool tell_interfaces(struct netio_registration *registration,
                            unsigned missed) {
  struct netio_interfaces interfaces;
  if (netio__ask_interfaces(&interfaces) != NET_OK)
    return false;
  for (size_t i = 0; i < interfaces.count; i++) {
    const struct net_interface *on = &interfaces.list[i];
    struct net_change change = {
        .of = NET_OF_INTERFACE, .index = on->index, .luid = on->luid};
    change.family = NET_IPV4;
    if (on->ipv4.there && is_missed(missed, NET_IPV4))
      tell_of(registration, &change);
    change.family = NET_IPV6;
    if (on->ipv6.there && is_missed(missed, NET_IPV6))
      tell_of(registration, &change);
  }
  netio__forget_interfaces(&interfaces);
  return true;
}

static bool tell_unicasts(struct netio_registration *registration,
                          unsigned missed) {
  struct net_unicast *list;
  size_t count;
  if (net__unicasts(registration->family, &list, &count) != NET_OK)
    return false;
  for (size_t i = 0; i < count; i++) {
    struct net_change change = {.of = NET_OF_UNICAST,
                                .family = (int)list[i].address.family,
                                .index = list[i].index,
                                .address = list[i].address};
    if (is_missed(missed, list[i].address.family))
      tell_event(registration, &change);
  }
  os__free(list);
  return true;
}

static bool tell_routes(struct netio_registration *registration,
                        unsigned missed) {
  struct net_route *list;
  size_t count;
  if (net__routes(registration->family, &list, &count) != NET_OK)
    return false;
  for (size_t i = 0; i < count; i++) {
    struct net_change change = {.of = NET_OF_ROUTE,
                                .family = (int)list[i].destination.family,
                                .index = list[i].index,
                                .address = list[i].destination,
                                .prefix_length = list[i].prefix_length,
                                .next_hop = list[i].next_hop};
    if (is_missed(missed, list[i].destination.family))
      tell_event(registration, &change);
  }
  os__free(list);
  return true;
}

/* Which rows have changed is not known: so all may have. False when the host
 * does not list them now. */
static bool list_all(struct netio_registration *registration, unsigned missed) {
  switch (registration->of) {
  case NET_OF_INTERFACE:
    return tell_interfaces(registration, missed);
  case NET_OF_UNICAST:
    return tell_unicasts(registration, missed);
  default:
    return tell_routes(registration, missed);
  }
}

static void tell_all(struct netio_registration *registration, unsigned missed) {
  if (list_all(registration, missed))
    return;
  os__spin_lock(&netio__lock);
  registration->failed |= missed;
  os__spin_unlock(&netio__lock);
}

/* ---- the work item ------------------------------------------------------ */

/* What is to be told next. */
struct next {
  bool initial;
  struct netio_event *event;
  unsigned missed;
};

/* False when there is nothing; the work item is over then, and if the
 * registration is cancelled, its memory is its canceller's once that knows. */
static bool take_next(struct netio_registration *registration,
                      struct next *next) {
  bool any = true, last = false;
  memset(next, 0, sizeof(*next));
  os__spin_lock(&netio__lock);
  registration->telling = KeGetCurrentThread();
  if (registration->cancelled) {
    any = false;
    last = true;
  } else if (registration->initial) {
    next->initial = true;
    registration->initial = false;
  } else if (!IsListEmpty(&registration->events)) {
    next->event = CONTAINING_RECORD(RemoveHeadList(&registration->events),
                                    struct netio_event, link);
  } else if (registration->missed != 0) {
    next->missed = registration->missed;
    registration->missed = 0;
  } else {
    any = false;
  }
  if (!any) {
    registration->telling = NULL;
    registration->queued = false;
  }
  os__spin_unlock(&netio__lock);
  if (last)
    KeSetEvent(&registration->idle, IO_NO_INCREMENT, FALSE);
  return any;
}

VOID netio__tell(PVOID parameter) {
  struct netio_registration *registration = parameter;
  struct next next;
  while (take_next(registration, &next)) {
    if (next.initial)
      call(registration, NULL, MibInitialNotification);
    else if (next.event != NULL)
      tell_event(registration, &next.event->change);
    else
      tell_all(registration, next.missed);
    os__free(next.event);
  }
}

void netio__drop_events(struct netio_registration *registration) {
  while (!IsListEmpty(&registration->events))
    os__free(CONTAINING_RECORD(RemoveHeadList(&registration->events),
                               struct netio_event, link));
}
