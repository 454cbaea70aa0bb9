/*
 * Being told when interfaces, addresses and routes change, on Linux: see
 * net_interface.h. The kernel sends the messages that its lists are made of.
 */
#ifdef __linux__

#include "net/net_netlink.h"

#include "loop/loop.h"
#include "loop/loop_uv.h"
#include "net/net_host.h"
#include "net/net_uv.h"
#include "os/os.h"

#include <assert.h>
#include <net/if.h>
#include <string.h>

#define GROUPS                                                                 \
  (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | \
   RTMGRP_IPV6_ROUTE)

/* The handle comes first: its address is that of the allocation. */
struct watch {
  uv_poll_t poll;
  int host;
  net_changed *changed;
  char buffer[NETLINK_BUFFER];
};

static struct watch *current;

static void tell(const struct net_change *change) {
  if (current != NULL)
    current->changed(change);
}

/* ---- messages ----------------------------------------------------------- */

static void tell_missed(enum net_change_of of) {
  struct net_change change = {.of = of, .kind = NET_MISSED};
  tell(&change);
}

/* An interface that is made or unmade changes as a whole. The IPv4 routes of
 * one that goes down go without a message. */
static void hear_link(const struct nlmsghdr *message) {
  const struct ifinfomsg *link = NLMSG_DATA(message);
  struct net_change change = {.of = NET_OF_INTERFACE,
                              .index = (uint32_t)link->ifi_index};
  if (link->ifi_family != AF_UNSPEC)
    return;
  change.luid = net__luid_of(net__netlink_type(message), change.index);
  if (message->nlmsg_type == RTM_DELLINK)
    change.kind = NET_REMOVED;
  else
    change.kind = link->ifi_change == ~0u ? NET_ADDED : NET_ALTERED;
  tell(&change);
  if ((link->ifi_flags & IFF_UP) == 0 && change.kind != NET_ADDED)
    tell_missed(NET_OF_ROUTE);
}

static void hear_unicast(const struct nlmsghdr *message) {
  struct net_unicast unicast;
  if (!net__netlink_unicast(message, &unicast))
    return;
  struct net_change change = {
      .of = NET_OF_UNICAST,
      .kind = message->nlmsg_type == RTM_NEWADDR ? NET_ADDED : NET_REMOVED,
      .family = (int)unicast.address.family,
      .index = unicast.index,
      .address = unicast.address};
  tell(&change);
}

static void tell_route(const struct net_route *route, void *context) {
  const struct nlmsghdr *message = context;
  struct net_change change = {.of = NET_OF_ROUTE,
                              .kind = NET_ADDED,
                              .family = (int)route->destination.family,
                              .index = route->index,
                              .address = route->destination,
                              .prefix_length = route->prefix_length,
                              .next_hop = route->next_hop};
  if (message->nlmsg_type == RTM_DELROUTE)
    change.kind = NET_REMOVED;
  else if (message->nlmsg_flags & NLM_F_REPLACE)
    change.kind = NET_ALTERED;
  tell(&change);
}

static void hear(const struct nlmsghdr *message) {
  switch (message->nlmsg_type) {
  case RTM_NEWLINK:
  case RTM_DELLINK:
    hear_link(message);
    break;
  case RTM_NEWADDR:
  case RTM_DELADDR:
    hear_unicast(message);
    break;
  case RTM_NEWROUTE:
  case RTM_DELROUTE:
    net__netlink_routes(message, tell_route, (void *)message);
    break;
  default:
    break;
  }
}

/* ---- the socket --------------------------------------------------------- */

static void hear_all(const struct watch *watch, int64_t size) {
  const struct nlmsghdr *message;
  const char *at = watch->buffer;
  size_t left = (size_t)size;
  while ((message = net__netlink_next(&at, &left)) != NULL)
    hear(message);
}

/* The kernel has thrown messages away, because they were not read. */
static void hear_nothing_of_much(void) {
  tell_missed(NET_OF_INTERFACE);
  tell_missed(NET_OF_UNICAST);
  tell_missed(NET_OF_ROUTE);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  struct watch *watch = (struct watch *)poll;
  int64_t size;
  (void)status;
  (void)events;
  while (watch == current &&
         (size = net__netlink_read(watch->host, watch->buffer,
                                   sizeof(watch->buffer))) != NET_EAGAIN) {
    if (size > 0)
      hear_all(watch, size);
    else if (size == NET_ENOBUFS)
      hear_nothing_of_much();
    else
      break;
  }
  /* libuv stops a handle that it reports an error of. */
  if (watch == current && status < 0)
    (void)uv_poll_start(poll, UV_READABLE, on_poll);
}

/* ---- life --------------------------------------------------------------- */

static void on_close(uv_handle_t *handle) {
  os__free(handle);
}

int net__watch_start(net_changed *changed) {
  assert(loop__owned());
  if (current != NULL)
    return NET_EBUSY;
  struct watch *watch = os__alloc(sizeof(*watch));
  if (watch == NULL)
    return NET_ENOMEM;
  int error = net__netlink_open(&watch->host, GROUPS);
  if (error == NET_OK) {
    error = net__from_uv(uv_poll_init(loop__uv(), &watch->poll, watch->host));
    if (error != NET_OK)
      net__socket_close(watch->host);
  }
  if (error != NET_OK) {
    os__free(watch);
    return error;
  }
  watch->changed = changed;
  current = watch;
  (void)uv_poll_start(&watch->poll, UV_READABLE, on_poll);
  loop__touched();
  return NET_OK;
}

void net__watch_stop(void) {
  struct watch *watch = current;
  assert(loop__owned());
  if (watch == NULL)
    return;
  current = NULL;
  uv_close((uv_handle_t *)&watch->poll, on_close);
  net__socket_close(watch->host);
  loop__touched();
}

#endif
