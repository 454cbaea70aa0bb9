/*
 * The host's interfaces, addresses and routes, on Windows: see net_interface.h.
 */
#ifdef _WIN32

#include "net/net_iphlp.h"

#include "net/net_list.h"
#include "net/net_uv.h"
#include "os/os.h"

#include <string.h>

/* ---- the DLL ------------------------------------------------------------ */

static struct net_iphlp functions;

static void find_functions(void) {
  HMODULE dll = LoadLibraryW(L"iphlpapi.dll");
  if (dll == NULL)
    return;
#define X(name)                                                                \
  functions.name =                                                             \
      (__typeof__(functions.name))(void *)GetProcAddress(dll, #name);
  NET_IPHLP(X)
#undef X
}

const struct net_iphlp *net__iphlp(void) {
  static uv_once_t once = UV_ONCE_INIT;
  uv_once(&once, find_functions);
  return &functions;
}

int net__from_iphlp(DWORD error) {
  switch (error) {
  case NO_ERROR:
    return NET_OK;
  case ERROR_NOT_ENOUGH_MEMORY:
  case ERROR_NO_SYSTEM_RESOURCES:
    return NET_ENOMEM;
  case ERROR_NOT_SUPPORTED:
  case ERROR_CALL_NOT_IMPLEMENTED:
    return NET_ENOTSUP;
  case ERROR_INVALID_PARAMETER:
    return NET_EINVAL;
  case ERROR_FILE_NOT_FOUND:
  case ERROR_NOT_FOUND:
    return NET_ENOENT;
  case ERROR_NETWORK_UNREACHABLE:
    return NET_ENETUNREACH;
  case ERROR_HOST_UNREACHABLE:
    return NET_EHOSTUNREACH;
  default:
    return net__from_uv(uv_translate_sys_error((int)error));
  }
}

bool net__from_inet(const SOCKADDR_INET *from, struct net_address *to) {
  struct sockaddr_storage name;
  memset(&name, 0, sizeof(name));
  memcpy(&name, from, sizeof(*from));
  return net__from_sockaddr(&name, to) == NET_OK;
}

uint32_t net__index_of_alias(const char *alias) {
  const struct net_iphlp *host = net__iphlp();
  WCHAR wide[IF_MAX_STRING_SIZE + 1];
  NET_LUID luid;
  NET_IFINDEX index = 0;
  if (host->ConvertInterfaceAliasToLuid == NULL ||
      host->ConvertInterfaceLuidToIndex == NULL ||
      MultiByteToWideChar(CP_UTF8, 0, alias, -1, wide,
                          IF_MAX_STRING_SIZE + 1) == 0 ||
      host->ConvertInterfaceAliasToLuid(wide, &luid) != NO_ERROR ||
      host->ConvertInterfaceLuidToIndex(&luid, &index) != NO_ERROR)
    return 0;
  return index;
}

/* The host keeps its LUIDs itself. */
uint64_t net__luid_of(uint16_t type, uint32_t index) {
  (void)type;
  (void)index;
  return 0;
}

static ADDRESS_FAMILY host_family(int family) {
  if (family == NET_IPV4)
    return AF_INET;
  return family == NET_IPV6 ? AF_INET6 : AF_UNSPEC;
}

/* ---- interfaces --------------------------------------------------------- */

static void put_text(char *to, const WCHAR *from) {
  if (WideCharToMultiByte(CP_UTF8, 0, from, -1, to, NET_INTERFACE_NAME, NULL,
                          NULL) == 0)
    to[0] = '\0';
}

static void put_traffic(struct net_interface *to, const MIB_IF_ROW2 *from) {
  to->in = (struct net_traffic){from->InOctets, from->InUcastPkts,
                                from->InNUcastPkts, from->InDiscards,
                                from->InErrors};
  to->out = (struct net_traffic){from->OutOctets, from->OutUcastPkts,
                                 from->OutNUcastPkts, from->OutDiscards,
                                 from->OutErrors};
  to->unknown_protocols = from->InUnknownProtos;
}

static void put_interface(struct net_interface *to, const MIB_IF_ROW2 *from) {
  to->index = from->InterfaceIndex;
  to->luid = from->InterfaceLuid.Value;
  memcpy(to->guid, &from->InterfaceGuid, sizeof(to->guid));
  to->type = (uint16_t)from->Type;
  to->state = (enum net_interface_state)from->OperStatus;
  to->enabled = from->AdminStatus == NET_IF_ADMIN_STATUS_UP;
  to->hardware = from->InterfaceAndOperStatusFlags.HardwareInterface;
  to->broadcast = from->AccessType == NET_IF_ACCESS_BROADCAST;
  to->wired_up = from->MediaConnectState != MediaConnectStateDisconnected;
  put_text(to->name, from->Alias);
  put_text(to->description, from->Description);
  to->address_length = from->PhysicalAddressLength;
  memcpy(to->address, from->PhysicalAddress, sizeof(to->address));
  memcpy(to->permanent_address, from->PermanentPhysicalAddress,
         sizeof(to->permanent_address));
  to->mtu = from->Mtu;
  to->send_speed = from->TransmitLinkSpeed;
  to->receive_speed = from->ReceiveLinkSpeed;
  put_traffic(to, from);
}

static void put_ip(struct net_interface_ip *to,
                   const MIB_IPINTERFACE_ROW *from) {
  to->there = true;
  to->connected = from->Connected;
  to->forwards = from->ForwardingEnabled;
  to->advertises = from->AdvertisingEnabled;
  to->automatic_metric = from->UseAutomaticMetric;
  to->finds_neighbours = from->SupportsNeighborDiscovery;
  to->finds_routers = from->SupportsRouterDiscovery;
  to->mtu = from->NlMtu;
  to->metric = from->Metric;
  to->dad_transmits = from->DadTransmits;
  to->base_reachable = from->BaseReachableTime;
  to->reachable = from->ReachableTime;
  to->retransmit = from->RetransmitTime;
}

static void put_ips(struct net_interface *to,
                    const MIB_IPINTERFACE_TABLE *table) {
  for (ULONG i = 0; i < table->NumEntries; i++)
    if (table->Table[i].InterfaceIndex == to->index)
      put_ip(table->Table[i].Family == AF_INET ? &to->ipv4 : &to->ipv6,
             &table->Table[i]);
}

/* Wine has no table of these; an interface then speaks what it has addresses
 * of. */
static void guess_ips(struct net_interface *to,
                      const MIB_UNICASTIPADDRESS_TABLE *table) {
  for (ULONG i = 0; i < table->NumEntries; i++) {
    const MIB_UNICASTIPADDRESS_ROW *row = &table->Table[i];
    struct net_interface_ip *ip =
        row->Address.si_family == AF_INET ? &to->ipv4 : &to->ipv6;
    if (row->InterfaceIndex != to->index)
      continue;
    ip->there = true;
    ip->connected = to->wired_up;
    ip->mtu = to->mtu;
  }
}

static void put_families(struct net_interface *interfaces, size_t count) {
  const struct net_iphlp *host = net__iphlp();
  MIB_IPINTERFACE_TABLE *table;
  MIB_UNICASTIPADDRESS_TABLE *addresses;
  if (host->GetIpInterfaceTable != NULL &&
      host->GetIpInterfaceTable(AF_UNSPEC, &table) == NO_ERROR) {
    for (size_t i = 0; i < count; i++)
      put_ips(&interfaces[i], table);
    host->FreeMibTable(table);
  } else if (host->GetUnicastIpAddressTable(AF_UNSPEC, &addresses) ==
             NO_ERROR) {
    for (size_t i = 0; i < count; i++)
      guess_ips(&interfaces[i], addresses);
    host->FreeMibTable(addresses);
  }
}

static bool has_tables(const struct net_iphlp *host) {
  return host->FreeMibTable != NULL && host->GetIfTable2 != NULL &&
         host->GetUnicastIpAddressTable != NULL;
}

int net__interfaces(struct net_interface **list, size_t *count) {
  const struct net_iphlp *host = net__iphlp();
  struct net_list rows = {.item_size = sizeof(**list)};
  MIB_IF_TABLE2 *table;
  void *items;
  int error = has_tables(host) ? net__from_iphlp(host->GetIfTable2(&table))
                               : NET_ENOTSUP;
  if (error == NET_OK) {
    for (ULONG i = 0; i < table->NumEntries; i++) {
      struct net_interface *added = net__list_add(&rows);
      if (added == NULL)
        break;
      put_interface(added, &table->Table[i]);
    }
    host->FreeMibTable(table);
  }
  error = net__list_give(&rows, error, &items, count);
  *list = items;
  if (error == NET_OK)
    put_families(*list, *count);
  return error;
}

/* ---- addresses ---------------------------------------------------------- */

static enum net_origin suffix_origin(NL_SUFFIX_ORIGIN origin) {
  if (origin == IpSuffixOriginLinkLayerAddress)
    return NET_ORIGIN_LINK_LAYER;
  return origin == IpSuffixOriginRandom ? NET_ORIGIN_RANDOM
                                        : (enum net_origin)origin;
}

static void add_unicast(struct net_list *rows,
                        const MIB_UNICASTIPADDRESS_ROW *from) {
  struct net_address address;
  struct net_unicast *to;
  if (!net__from_inet(&from->Address, &address) ||
      (to = net__list_add(rows)) == NULL)
    return;
  to->address = address;
  to->index = from->InterfaceIndex;
  to->prefix_length = from->OnLinkPrefixLength;
  to->valid = from->ValidLifetime;
  to->preferred = from->PreferredLifetime;
  to->dad = (enum net_dad)from->DadState;
  to->prefix_origin = (enum net_origin)from->PrefixOrigin;
  to->suffix_origin = suffix_origin(from->SuffixOrigin);
  to->not_a_source = from->SkipAsSource;
}

int net__unicasts(int family, struct net_unicast **list, size_t *count) {
  const struct net_iphlp *host = net__iphlp();
  struct net_list rows = {.item_size = sizeof(**list)};
  MIB_UNICASTIPADDRESS_TABLE *table;
  void *items;
  int error = has_tables(host) ? net__from_iphlp(host->GetUnicastIpAddressTable(
                                     host_family(family), &table))
                               : NET_ENOTSUP;
  if (error == NET_OK) {
    for (ULONG i = 0; i < table->NumEntries; i++)
      add_unicast(&rows, &table->Table[i]);
    host->FreeMibTable(table);
  }
  error = net__list_give(&rows, error == NET_ENOENT ? NET_OK : error, &items,
                         count);
  *list = items;
  return error;
}

/* ---- routes ------------------------------------------------------------- */

static enum net_origin route_origin(NL_ROUTE_ORIGIN origin) {
  switch (origin) {
  case NlroManual:
    return NET_ORIGIN_MANUAL;
  case NlroWellKnown:
    return NET_ORIGIN_WELL_KNOWN;
  case NlroDHCP:
    return NET_ORIGIN_DHCP;
  case NlroRouterAdvertisement:
    return NET_ORIGIN_ROUTER;
  default:
    return NET_ORIGIN_OTHER;
  }
}

static bool put_route(struct net_route *to, const MIB_IPFORWARD_ROW2 *from) {
  memset(to, 0, sizeof(*to));
  if (!net__from_inet(&from->DestinationPrefix.Prefix, &to->destination) ||
      !net__from_inet(&from->NextHop, &to->next_hop))
    return false;
  to->prefix_length = from->DestinationPrefix.PrefixLength;
  to->index = from->InterfaceIndex;
  to->metric = from->Metric;
  to->protocol = (int)from->Protocol;
  to->origin = route_origin(from->Origin);
  to->loopback = from->Loopback;
  to->expires = from->ValidLifetime;
  return true;
}

static void add_route(struct net_list *rows, const MIB_IPFORWARD_ROW2 *from) {
  struct net_route route, *to;
  if (put_route(&route, from) && (to = net__list_add(rows)) != NULL)
    *to = route;
}

int net__routes(int family, struct net_route **list, size_t *count) {
  const struct net_iphlp *host = net__iphlp();
  struct net_list rows = {.item_size = sizeof(**list)};
  MIB_IPFORWARD_TABLE2 *table;
  void *items;
  int error = host->GetIpForwardTable2 != NULL && has_tables(host)
                  ? net__from_iphlp(
                        host->GetIpForwardTable2(host_family(family), &table))
                  : NET_ENOTSUP;
  if (error == NET_OK) {
    for (ULONG i = 0; i < table->NumEntries; i++)
      add_route(&rows, &table->Table[i]);
    host->FreeMibTable(table);
  }
  error = net__list_give(&rows, error == NET_ENOENT ? NET_OK : error, &items,
                         count);
  *list = items;
  return error;
}

static void put_inet(SOCKADDR_INET *to, const struct net_address *from) {
  struct sockaddr_storage name;
  net__to_sockaddr(from, &name);
  memcpy(to, &name, sizeof(*to));
}

int net__best_route(const struct net_route_question *question,
                    struct net_route *route, struct net_address *source) {
  const struct net_iphlp *host = net__iphlp();
  SOCKADDR_INET from, to, best;
  MIB_IPFORWARD_ROW2 row;
  if (host->GetBestRoute2 == NULL)
    return NET_ENOTSUP;
  put_inet(&to, &question->destination);
  if (question->has_source)
    put_inet(&from, &question->source);
  int error = net__from_iphlp(host->GetBestRoute2(
      NULL, question->index, question->has_source ? &from : NULL, &to, 0, &row,
      &best));
  if (error != NET_OK)
    return error;
  return put_route(route, &row) && net__from_inet(&best, source) ? NET_OK
                                                                 : NET_ENOTSUP;
}

#endif
