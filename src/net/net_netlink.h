/*
 * Questions to the kernel's routing (rtnetlink), for the files of src/net
 * alone. Linux.
 */
#ifndef UWSK_NET_NETLINK_H
#define UWSK_NET_NETLINK_H

#include "net/net_interface.h"
#include "net/net_list.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#define NETLINK_BUFFER 32768

/* Called for each message of an answer. */
typedef void net_netlink_row(const struct nlmsghdr *message, void *context);

/* Asks, and waits for the answer, which the kernel gives at once. `request` is
 * filled in but for its flags and number. Any thread. NET_EAGAIN: what was
 * listed has changed meanwhile. */
int net__netlink_ask(struct nlmsghdr *request, unsigned flags,
                     net_netlink_row *row, void *context);

/* Asks for all messages of a type, until nothing changes meanwhile, and lets
 * `add` put them into a list of such items. */
typedef void net_netlink_add(const struct nlmsghdr *message,
                             struct net_list *list);
int net__netlink_list(int type, int family, size_t item_size,
                      net_netlink_add *add, void **items, size_t *count);

/* A socket of its own that hears these groups (RTMGRP_*); with 0, none. */
int net__netlink_open(int *host, unsigned groups);

/* Bytes that came (> 0), or an error; NET_EAGAIN: none are there. */
int64_t net__netlink_read(int host, void *buffer, size_t size);

/* The next message of what came, and moves on; NULL when there is none. */
const struct nlmsghdr *net__netlink_next(const char **at, size_t *left);

/* Puts an attribute behind what the request has. */
void net__netlink_put(struct nlmsghdr *request, int type, const void *value,
                      size_t length);

/* ---- attributes --------------------------------------------------------- */

/* Sorts attributes by their type: `table` has room for types up to `last`. */
void net__netlink_sort(struct rtattr *first, size_t length,
                       struct rtattr **table, unsigned last);

/* The number in an attribute, or `otherwise` when there is none. */
uint32_t net__netlink_u32(const struct rtattr *attribute, uint32_t otherwise);

/* The address in an attribute; unspecified when there is none. False when the
 * family is neither IPv4 nor IPv6. */
bool net__netlink_address(int host_family, const struct rtattr *attribute,
                          struct net_address *address);
int net__netlink_family(int family); /* AF_*, of 0 or enum net_family */

/* ---- rows --------------------------------------------------------------- */

/* False for what is no row of ours. */
bool net__netlink_unicast(const struct nlmsghdr *message,
                          struct net_unicast *unicast);

/* Calls `put` for each way of a route. */
typedef void net_netlink_put_route(const struct net_route *route,
                                   void *context);
void net__netlink_routes(const struct nlmsghdr *message,
                         net_netlink_put_route *put, void *context);

/* ifType, of a link's message. */
uint16_t net__netlink_type(const struct nlmsghdr *message);

#endif
