/* Single rows: Initialize…Entry, Get…Entry, GetBestRoute2. */
#include "netio/row.h"

#include <string.h>

#include "ke/ke.h"
#include "os/os.h"
#include "wsk/address.h"

#define NO_PREFIX_LENGTH 255 /* that no prefix has */

/* ---- rows with nothing in them ------------------------------------------ */

VOID InitializeIpInterfaceEntry(PMIB_IPINTERFACE_ROW Row) {
  if (Row != NULL)
    memset(Row, 0, sizeof(*Row));
}

VOID InitializeUnicastIpAddressEntry(PMIB_UNICASTIPADDRESS_ROW Row) {
  memset(Row, 0, sizeof(*Row));
  Row->PrefixOrigin = IpPrefixOriginUnchanged;
  Row->SuffixOrigin = IpSuffixOriginUnchanged;
  Row->OnLinkPrefixLength = NO_PREFIX_LENGTH;
  Row->ValidLifetime = Row->PreferredLifetime = NET_FOREVER;
}

VOID InitializeIpForwardEntry(PMIB_IPFORWARD_ROW2 Row) {
  memset(Row, 0, sizeof(*Row));
  Row->ValidLifetime = Row->PreferredLifetime = NET_FOREVER;
  Row->Loopback = Row->AutoconfigureAddress = TRUE;
  Row->Publish = Row->Immortal = TRUE;
  Row->SitePrefixLength = NO_PREFIX_LENGTH;
  Row->Metric = MAXULONG;
  Row->Protocol = (NL_ROUTE_PROTOCOL)MAXULONG;
}

/* ---- interfaces --------------------------------------------------------- */

/* On success *found lies in *interfaces, which then have to be forgotten. */
static NTSTATUS ask(const NET_LUID *luid, NET_IFINDEX index,
                    struct netio_interfaces *interfaces,
                    const struct net_interface **found) {
  int error = netio__ask_interfaces(interfaces);
  if (error != NET_OK)
    return netio__status(error);
  *found = netio__find_interface(interfaces, luid->Value, index);
  if (*found != NULL)
    return STATUS_SUCCESS;
  netio__forget_interfaces(interfaces);
  return STATUS_NOT_FOUND;
}

static NTSTATUS get_if_entry(PMIB_IF_ROW2 row, bool statistics) {
  struct netio_interfaces interfaces;
  const struct net_interface *found;
  if (row == NULL ||
      (row->InterfaceLuid.Value == 0 && row->InterfaceIndex == 0))
    return STATUS_INVALID_PARAMETER;
  NTSTATUS status =
      ask(&row->InterfaceLuid, row->InterfaceIndex, &interfaces, &found);
  if (!NT_SUCCESS(status))
    return status;
  netio__put_if_row(row, found, statistics);
  netio__forget_interfaces(&interfaces);
  return STATUS_SUCCESS;
}

NETIO_STATUS GetIfEntry2(PMIB_IF_ROW2 Row) {
  ke__require_irql(APC_LEVEL, "GetIfEntry2");
  return get_if_entry(Row, true);
}

NETIO_STATUS GetIfEntry2Ex(MIB_IF_ENTRY_LEVEL Level, PMIB_IF_ROW2 Row) {
  ke__require_irql(APC_LEVEL, "GetIfEntry2Ex");
  if (Level != MibIfEntryNormal && Level != MibIfEntryNormalWithoutStatistics)
    return STATUS_INVALID_PARAMETER;
  return get_if_entry(Row, Level == MibIfEntryNormal);
}

NETIO_STATUS GetIpInterfaceEntry(PMIB_IPINTERFACE_ROW Row) {
  struct netio_interfaces interfaces;
  const struct net_interface *found;
  enum net_family family;
  ke__require_irql(APC_LEVEL, "GetIpInterfaceEntry");
  if (Row == NULL || !netio__one_family(Row->Family, &family) ||
      (Row->InterfaceLuid.Value == 0 && Row->InterfaceIndex == 0))
    return STATUS_INVALID_PARAMETER;
  NTSTATUS status =
      ask(&Row->InterfaceLuid, Row->InterfaceIndex, &interfaces, &found);
  if (!NT_SUCCESS(status))
    return status;
  bool there = netio__ip(found, family)->there;
  if (there)
    netio__put_ip_row(Row, found, family);
  netio__forget_interfaces(&interfaces);
  return there ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}

/* ---- addresses ---------------------------------------------------------- */

/* An address that one machine may have for itself. */
static bool is_unicast(const struct net_address *address) {
  if (wsk__is_wildcard(address))
    return false;
  return address->family == NET_IPV4 ? address->ip[0] < 224
                                     : address->ip[0] != 0xff;
}

static NTSTATUS find_unicast(PMIB_UNICASTIPADDRESS_ROW row,
                             const struct net_address *address,
                             const struct net_interface *on,
                             const struct netio_interfaces *interfaces) {
  struct net_unicast *list;
  size_t count;
  NTSTATUS status = STATUS_NOT_FOUND;
  int error = net__unicasts((int)address->family, &list, &count);
  if (error != NET_OK)
    return netio__status(error);
  for (size_t i = 0; i < count && status != STATUS_SUCCESS; i++)
    if (list[i].index == on->index && wsk__same_ip(&list[i].address, address)) {
      netio__put_unicast_row(row, &list[i], interfaces);
      status = STATUS_SUCCESS;
    }
  os__free(list);
  return status;
}

NETIO_STATUS GetUnicastIpAddressEntry(PMIB_UNICASTIPADDRESS_ROW Row) {
  struct netio_interfaces interfaces;
  const struct net_interface *found;
  struct net_address address;
  ke__require_irql(APC_LEVEL, "GetUnicastIpAddressEntry");
  if (Row == NULL || !wsk__address_in(&address, (SOCKADDR *)&Row->Address) ||
      !is_unicast(&address) ||
      (Row->InterfaceLuid.Value == 0 && Row->InterfaceIndex == 0))
    return STATUS_INVALID_PARAMETER;
  NTSTATUS status =
      ask(&Row->InterfaceLuid, Row->InterfaceIndex, &interfaces, &found);
  if (!NT_SUCCESS(status))
    return status;
  status = find_unicast(Row, &address, found, &interfaces);
  netio__forget_interfaces(&interfaces);
  return status;
}

/* ---- routes ------------------------------------------------------------- */

struct route_key {
  struct net_address destination, next_hop;
  unsigned prefix_length;
};

static bool read_key(const MIB_IPFORWARD_ROW2 *row, struct route_key *key) {
  key->prefix_length = row->DestinationPrefix.PrefixLength;
  return wsk__address_in(&key->destination,
                         (const SOCKADDR *)&row->DestinationPrefix.Prefix) &&
         wsk__address_in(&key->next_hop, (const SOCKADDR *)&row->NextHop) &&
         key->destination.family == key->next_hop.family &&
         key->prefix_length <=
             (key->destination.family == NET_IPV4 ? 32u : 128u) &&
         row->PreferredLifetime <= row->ValidLifetime &&
         (row->InterfaceLuid.Value != 0 || row->InterfaceIndex != 0);
}

static bool is_route(const struct net_route *route, const struct route_key *key,
                     uint32_t index) {
  return route->index == index && route->prefix_length == key->prefix_length &&
         wsk__same_ip(&route->destination, &key->destination) &&
         wsk__same_ip(&route->next_hop, &key->next_hop);
}

static NTSTATUS find_route(PMIB_IPFORWARD_ROW2 row, const struct route_key *key,
                           const struct net_interface *on,
                           const struct netio_interfaces *interfaces) {
  struct net_route *list;
  size_t count;
  NTSTATUS status = STATUS_NOT_FOUND;
  int error = net__routes((int)key->destination.family, &list, &count);
  if (error != NET_OK)
    return netio__status(error);
  for (size_t i = 0; i < count && status != STATUS_SUCCESS; i++)
    if (is_route(&list[i], key, on->index)) {
      netio__put_route_row(row, &list[i], interfaces);
      status = STATUS_SUCCESS;
    }
  os__free(list);
  return status;
}

NETIO_STATUS GetIpForwardEntry2(PMIB_IPFORWARD_ROW2 Row) {
  struct netio_interfaces interfaces;
  const struct net_interface *found;
  struct route_key key;
  ke__require_irql(APC_LEVEL, "GetIpForwardEntry2");
  if (Row == NULL || !read_key(Row, &key))
    return STATUS_INVALID_PARAMETER;
  NTSTATUS status =
      ask(&Row->InterfaceLuid, Row->InterfaceIndex, &interfaces, &found);
  if (!NT_SUCCESS(status))
    return status;
  status = find_route(Row, &key, found, &interfaces);
  netio__forget_interfaces(&interfaces);
  return status;
}

/* ---- the best route ----------------------------------------------------- */

/* False for what is no question. */
static bool read_question(const SOCKADDR_INET *source,
                          const SOCKADDR_INET *destination,
                          struct net_route_question *question) {
  memset(question, 0, sizeof(*question));
  if (!wsk__address_in(&question->destination, (const SOCKADDR *)destination))
    return false;
  if (source == NULL || source->si_family == AF_UNSPEC)
    return true;
  if (!wsk__address_in(&question->source, (const SOCKADDR *)source) ||
      question->source.family != question->destination.family)
    return false;
  question->has_source = !wsk__is_wildcard(&question->source);
  return true;
}

static NTSTATUS ask_best(const struct net_route_question *question,
                         const struct netio_interfaces *interfaces,
                         PMIB_IPFORWARD_ROW2 route, SOCKADDR_INET *source) {
  struct net_route found;
  struct net_address from;
  int error = net__best_route(question, &found, &from);
  if (error != NET_OK)
    return netio__status(error);
  netio__put_route_row(route, &found, interfaces);
  netio__put_address(source, &from);
  return STATUS_SUCCESS;
}

NETIO_STATUS GetBestRoute2(NET_LUID *InterfaceLuid, NET_IFINDEX InterfaceIndex,
                           CONST SOCKADDR_INET *SourceAddress,
                           CONST SOCKADDR_INET *DestinationAddress,
                           ULONG AddressSortOptions,
                           PMIB_IPFORWARD_ROW2 BestRoute,
                           SOCKADDR_INET *BestSourceAddress) {
  ULONG64 luid = InterfaceLuid != NULL ? InterfaceLuid->Value : 0;
  struct netio_interfaces interfaces;
  struct net_route_question question;
  UNREFERENCED_PARAMETER(AddressSortOptions);
  ke__require_irql(APC_LEVEL, "GetBestRoute2");
  if (DestinationAddress == NULL || BestRoute == NULL ||
      BestSourceAddress == NULL ||
      !read_question(SourceAddress, DestinationAddress, &question))
    return STATUS_INVALID_PARAMETER;
  int error = netio__ask_interfaces(&interfaces);
  if (error != NET_OK)
    return netio__status(error);
  /* The zone of a link-local destination is an interface, too. */
  if (luid == 0 && InterfaceIndex == 0)
    InterfaceIndex = question.destination.scope_id;
  const struct net_interface *on =
      netio__find_interface(&interfaces, luid, InterfaceIndex);
  NTSTATUS status = STATUS_NOT_FOUND;
  question.index = on != NULL ? on->index : 0;
  if (on != NULL || (luid == 0 && InterfaceIndex == 0))
    status = ask_best(&question, &interfaces, BestRoute, BestSourceAddress);
  netio__forget_interfaces(&interfaces);
  return status;
}
