/* Rows. See row.h. */
#include "netio/row.h"

#include <string.h>

#include "os/os.h"
#include "rtl/inner.h"
#include "wsk/address.h"
#include "wsk/status.h"

/* The transport's words are in Windows' order, so that one becomes the other.
 */
#define SAME(ours, theirs)                                                     \
  _Static_assert((int)(ours) == (int)(theirs), #ours " is " #theirs)
SAME(NET_STATE_UP, IfOperStatusUp);
SAME(NET_STATE_LOWER_DOWN, IfOperStatusLowerLayerDown);
SAME(NET_TYPE_LOOPBACK, IF_TYPE_SOFTWARE_LOOPBACK);
SAME(NET_TYPE_ETHERNET, IF_TYPE_ETHERNET_CSMACD);
SAME(NET_TYPE_TUNNEL, IF_TYPE_TUNNEL);
SAME(NET_DAD_INVALID, IpDadStateInvalid);
SAME(NET_DAD_PREFERRED, IpDadStatePreferred);
SAME(NET_ORIGIN_OTHER, IpPrefixOriginOther);
SAME(NET_ORIGIN_ROUTER, IpPrefixOriginRouterAdvertisement);
SAME(NET_ROUTE_LOCAL, RouteProtocolLocal);
SAME(NET_ROUTE_BGP, RouteProtocolBgp);

/* ---- interfaces --------------------------------------------------------- */

int netio__ask_interfaces(struct netio_interfaces *interfaces) {
  return net__interfaces(&interfaces->list, &interfaces->count);
}

void netio__forget_interfaces(struct netio_interfaces *interfaces) {
  os__free(interfaces->list);
  interfaces->list = NULL;
  interfaces->count = 0;
}

const struct net_interface *
netio__find_interface(const struct netio_interfaces *interfaces, ULONG64 luid,
                      NET_IFINDEX index) {
  for (size_t i = 0; i < interfaces->count; i++) {
    const struct net_interface *interface = &interfaces->list[i];
    if (luid != 0 ? interface->luid == luid : interface->index == index)
      return interface;
  }
  return NULL;
}

const struct net_interface_ip *netio__ip(const struct net_interface *interface,
                                         enum net_family family) {
  return family == NET_IPV4 ? &interface->ipv4 : &interface->ipv6;
}

static ULONG64 luid_of(const struct netio_interfaces *interfaces,
                       NET_IFINDEX index) {
  const struct net_interface *interface =
      netio__find_interface(interfaces, 0, index);
  return interface != NULL ? interface->luid : 0;
}

/* ---- statuses and families ---------------------------------------------- */

/* The pages' STATUS_NOT_ENOUGH_MEMORY exists in no header; this is the status
 * that becomes ERROR_NOT_ENOUGH_MEMORY. */
NTSTATUS netio__status(int error) {
  return error == NET_ENOMEM ? STATUS_NO_MEMORY : wsk__status(error);
}

bool netio__one_family(ADDRESS_FAMILY family, enum net_family *to) {
  *to = family == AF_INET ? NET_IPV4 : NET_IPV6;
  return family == AF_INET || family == AF_INET6;
}

bool netio__any_family(ADDRESS_FAMILY family, int *to) {
  enum net_family one;
  bool known = netio__one_family(family, &one);
  *to = known ? (int)one : 0;
  return known || family == AF_UNSPEC;
}

ADDRESS_FAMILY netio__af(enum net_family family) {
  return family == NET_IPV4 ? AF_INET : AF_INET6;
}

/* ---- parts of rows ------------------------------------------------------ */

void netio__put_address(SOCKADDR_INET *to, const struct net_address *from) {
  memset(to, 0, sizeof(*to));
  wsk__address_out((SOCKADDR *)to, from);
}

bool netio__put_name(PWSTR to, SIZE_T room, const char *from) {
  ULONG size = 0;
  if (room == 0)
    return false;
  to[0] = 0;
  if (!NT_SUCCESS(
          rtl__utf8n_to_utf16(NULL, 0, &size, from, (ULONG)strlen(from))) ||
      size / sizeof(WCHAR) >= room)
    return false;
  (void)rtl__utf8n_to_utf16(to, size, NULL, from, (ULONG)strlen(from));
  to[size / sizeof(WCHAR)] = 0;
  return true;
}

/* Names are long enough for any host's, so nothing is cut off. */
static void put_names(MIB_IF_ROW2 *row, const struct net_interface *from) {
  (void)netio__put_name(row->Alias, ARRAYSIZE(row->Alias), from->name);
  (void)netio__put_name(row->Description, ARRAYSIZE(row->Description),
                        from->description);
}

static void put_kind(MIB_IF_ROW2 *row, const struct net_interface *from) {
  bool loopback = from->type == NET_TYPE_LOOPBACK;
  bool tunnel = from->type == NET_TYPE_TUNNEL;
  row->Type = from->type;
  row->TunnelType = tunnel ? TUNNEL_TYPE_OTHER : TUNNEL_TYPE_NONE;
  if (loopback)
    row->MediaType = NdisMediumLoopback;
  else if (tunnel)
    row->MediaType = NdisMediumTunnel;
  else if (from->type == NET_TYPE_WIRELESS)
    row->MediaType = NdisMediumNative802_11;
  else
    row->MediaType = NdisMedium802_3;
  if (from->type == NET_TYPE_ETHERNET && from->hardware)
    row->PhysicalMediumType = NdisPhysicalMedium802_3;
  if (loopback)
    row->AccessType = NET_IF_ACCESS_LOOPBACK;
  else if (from->broadcast)
    row->AccessType = NET_IF_ACCESS_BROADCAST;
  else
    row->AccessType = NET_IF_ACCESS_POINT_TO_POINT;
  row->DirectionType = NET_IF_DIRECTION_SENDRECEIVE;
  row->ConnectionType = NET_IF_CONNECTION_DEDICATED;
}

static void put_state(MIB_IF_ROW2 *row, const struct net_interface *from) {
  row->OperStatus = (IF_OPER_STATUS)from->state;
  row->AdminStatus =
      from->enabled ? NET_IF_ADMIN_STATUS_UP : NET_IF_ADMIN_STATUS_DOWN;
  row->MediaConnectState = from->wired_up ? MediaConnectStateConnected
                                          : MediaConnectStateDisconnected;
  row->InterfaceAndOperStatusFlags.HardwareInterface = from->hardware;
  row->InterfaceAndOperStatusFlags.ConnectorPresent = from->hardware;
  row->InterfaceAndOperStatusFlags.NotMediaConnected = !from->wired_up;
}

static void put_statistics(MIB_IF_ROW2 *row, const struct net_interface *from) {
  row->InOctets = row->InUcastOctets = from->in.bytes;
  row->InUcastPkts = from->in.unicast;
  row->InNUcastPkts = from->in.others;
  row->InDiscards = from->in.discards;
  row->InErrors = from->in.errors;
  row->InUnknownProtos = from->unknown_protocols;
  row->OutOctets = row->OutUcastOctets = from->out.bytes;
  row->OutUcastPkts = from->out.unicast;
  row->OutNUcastPkts = from->out.others;
  row->OutDiscards = from->out.discards;
  row->OutErrors = from->out.errors;
}

/* ---- rows --------------------------------------------------------------- */

void netio__put_if_row(MIB_IF_ROW2 *row, const struct net_interface *from,
                       bool statistics) {
  memset(row, 0, sizeof(*row));
  row->InterfaceLuid.Value = from->luid;
  row->InterfaceIndex = from->index;
  memcpy(&row->InterfaceGuid, from->guid, sizeof(row->InterfaceGuid));
  put_names(row, from);
  row->PhysicalAddressLength = from->address_length;
  memcpy(row->PhysicalAddress, from->address, sizeof(from->address));
  memcpy(row->PermanentPhysicalAddress, from->permanent_address,
         sizeof(from->permanent_address));
  row->Mtu = from->mtu;
  row->TransmitLinkSpeed = from->send_speed;
  row->ReceiveLinkSpeed = from->receive_speed;
  put_kind(row, from);
  put_state(row, from);
  if (statistics)
    put_statistics(row, from);
}

void netio__put_ip_row(MIB_IPINTERFACE_ROW *row,
                       const struct net_interface *from,
                       enum net_family family) {
  const struct net_interface_ip *ip = netio__ip(from, family);
  InitializeIpInterfaceEntry(row);
  row->Family = netio__af(family);
  row->InterfaceLuid.Value = from->luid;
  row->InterfaceIndex = from->index;
  row->AdvertisingEnabled = ip->advertises;
  row->ForwardingEnabled = ip->forwards;
  row->UseAutomaticMetric = ip->automatic_metric;
  row->UseNeighborUnreachabilityDetection = ip->finds_neighbours;
  row->RouterDiscoveryBehavior =
      ip->finds_routers ? RouterDiscoveryEnabled : RouterDiscoveryDisabled;
  row->DadTransmits = ip->dad_transmits;
  row->BaseReachableTime = ip->base_reachable;
  row->ReachableTime = ip->reachable;
  row->RetransmitTime = ip->retransmit;
  row->LinkLocalAddressBehavior =
      family == NET_IPV6 ? LinkLocalAlwaysOn : LinkLocalAlwaysOff;
  row->ZoneIndices[ScopeLevelInterface] = from->index;
  row->ZoneIndices[ScopeLevelLink] = from->index;
  row->SitePrefixLength = family == NET_IPV6 ? 64 : 0;
  row->Metric = ip->metric;
  row->NlMtu = ip->mtu;
  row->Connected = ip->connected;
  row->SupportsNeighborDiscovery = ip->finds_neighbours;
  row->SupportsRouterDiscovery = ip->finds_routers;
}

/* Host parts have two origins more, and their own for what is unknown. */
static NL_SUFFIX_ORIGIN suffix_origin(enum net_origin origin) {
  switch (origin) {
  case NET_ORIGIN_MANUAL:
    return IpSuffixOriginManual;
  case NET_ORIGIN_WELL_KNOWN:
    return IpSuffixOriginWellKnown;
  case NET_ORIGIN_DHCP:
    return IpSuffixOriginDhcp;
  case NET_ORIGIN_LINK_LAYER:
    return IpSuffixOriginLinkLayerAddress;
  case NET_ORIGIN_RANDOM:
    return IpSuffixOriginRandom;
  default:
    return IpSuffixOriginOther;
  }
}

void netio__put_unicast_row(MIB_UNICASTIPADDRESS_ROW *row,
                            const struct net_unicast *from,
                            const struct netio_interfaces *interfaces) {
  memset(row, 0, sizeof(*row));
  netio__put_address(&row->Address, &from->address);
  row->InterfaceLuid.Value = luid_of(interfaces, from->index);
  row->InterfaceIndex = from->index;
  row->PrefixOrigin = (NL_PREFIX_ORIGIN)from->prefix_origin;
  row->SuffixOrigin = suffix_origin(from->suffix_origin);
  row->ValidLifetime = from->valid;
  row->PreferredLifetime = from->preferred;
  row->OnLinkPrefixLength = (UINT8)from->prefix_length;
  row->SkipAsSource = from->not_a_source;
  row->DadState = (NL_DAD_STATE)from->dad;
  row->ScopeId.Value = from->address.scope_id;
}

static NL_ROUTE_ORIGIN route_origin(enum net_origin origin) {
  switch (origin) {
  case NET_ORIGIN_WELL_KNOWN:
    return NlroWellKnown;
  case NET_ORIGIN_DHCP:
    return NlroDHCP;
  case NET_ORIGIN_ROUTER:
    return NlroRouterAdvertisement;
  default:
    return NlroManual;
  }
}

void netio__put_route_row(MIB_IPFORWARD_ROW2 *row, const struct net_route *from,
                          const struct netio_interfaces *interfaces) {
  memset(row, 0, sizeof(*row));
  row->InterfaceLuid.Value = luid_of(interfaces, from->index);
  row->InterfaceIndex = from->index;
  netio__put_address(&row->DestinationPrefix.Prefix, &from->destination);
  row->DestinationPrefix.PrefixLength = (UINT8)from->prefix_length;
  netio__put_address(&row->NextHop, &from->next_hop);
  row->ValidLifetime = row->PreferredLifetime = from->expires;
  row->Metric = from->metric;
  row->Protocol = (NL_ROUTE_PROTOCOL)from->protocol;
  row->Loopback = from->loopback;
  row->Immortal = from->expires == NET_FOREVER;
  row->Origin = route_origin(from->origin);
}
