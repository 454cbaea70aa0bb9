/*
 * Rows: from the transport's words to those of netioapi.h, and back.
 *
 * The host gives addresses and routes with the index of their interface, and
 * rows want its LUID, too; so who makes rows has a list of the interfaces.
 */
#ifndef UWSK_NETIO_ROW_H
#define UWSK_NETIO_ROW_H

#include <netioapi.h>
#include <ntddk.h>
#include <stdbool.h>

#include "net/net_interface.h"

struct netio_interfaces {
  struct net_interface *list;
  size_t count;
};

/* The interfaces of this moment, until netio__forget_interfaces. NET_Exxx. */
int netio__ask_interfaces(struct netio_interfaces *interfaces);
void netio__forget_interfaces(struct netio_interfaces *interfaces);

/* By its LUID, or, when that is 0, by its index; NULL when there is none. */
const struct net_interface *
netio__find_interface(const struct netio_interfaces *interfaces, ULONG64 luid,
                      NET_IFINDEX index);

/* One family of an interface. */
const struct net_interface_ip *netio__ip(const struct net_interface *interface,
                                         enum net_family family);

/* ---- statuses and families ---------------------------------------------- */

NTSTATUS netio__status(int error);

/* AF_INET, AF_INET6 and, for those who take it, AF_UNSPEC (0): false for any
 * other. */
bool netio__one_family(ADDRESS_FAMILY family, enum net_family *to);
bool netio__any_family(ADDRESS_FAMILY family, int *to);
ADDRESS_FAMILY netio__af(enum net_family family);

/* ---- rows --------------------------------------------------------------- */

void netio__put_if_row(MIB_IF_ROW2 *row, const struct net_interface *from,
                       bool statistics);
void netio__put_ip_row(MIB_IPINTERFACE_ROW *row,
                       const struct net_interface *from,
                       enum net_family family);
void netio__put_unicast_row(MIB_UNICASTIPADDRESS_ROW *row,
                            const struct net_unicast *from,
                            const struct netio_interfaces *interfaces);
void netio__put_route_row(MIB_IPFORWARD_ROW2 *row, const struct net_route *from,
                          const struct netio_interfaces *interfaces);

/* All of it is written; what a family does not have is 0. */
void netio__put_address(SOCKADDR_INET *to, const struct net_address *from);

/* UTF-8 into a buffer of `room` characters; false, with nothing written but a
 * terminator, when it does not fit. */
bool netio__put_name(PWSTR to, SIZE_T room, const char *from);

#endif
