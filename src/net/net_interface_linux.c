/*
 * The host's interfaces and their addresses, on Linux: see net_interface.h.
 */
#ifdef __linux__

#include "net/net_netlink.h"

#include "os/os.h"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What stands where in the array of an interface's IPv6 settings. The kernel's
 * header for it, <linux/ipv6.h>, and the C library's do not go together. */
enum { CONF6_FORWARDING = 0, CONF6_MTU = 2, CONF6_ROUTERS = 3, CONF6_DAD = 6 };

/* ---- names for an interface --------------------------------------------- */

uint64_t net__luid_of(uint16_t type, uint32_t index) {
  return (uint64_t)type << 48 | (uint64_t)(index & 0xffffff) << 24;
}

/* Fixed for an index: "uwsk" and the number. */
static void put_guid(unsigned char *guid, uint32_t index) {
  static const unsigned char rest[12] = {0, 0, 0,   0x40, 0x80, 0,
                                         0, 0, 'u', 'w',  's',  'k'};
  memcpy(guid, &index, 4);
  memcpy(guid + 4, rest, sizeof(rest));
}

static void put_text(char *to, const struct rtattr *attribute) {
  size_t length = attribute != NULL ? RTA_PAYLOAD(attribute) : 0;
  if (length >= NET_INTERFACE_NAME)
    length = NET_INTERFACE_NAME - 1;
  if (length > 0)
    memcpy(to, RTA_DATA(attribute), length);
  to[length] = '\0';
}

/* ---- what it is --------------------------------------------------------- */

static uint16_t type_of(unsigned host_type) {
  static const struct {
    unsigned host;
    uint16_t type;
  } types[] = {
      {ARPHRD_ETHER, NET_TYPE_ETHERNET},
      {ARPHRD_LOOPBACK, NET_TYPE_LOOPBACK},
      {ARPHRD_PPP, NET_TYPE_POINT_TO_POINT},
      {ARPHRD_SLIP, NET_TYPE_POINT_TO_POINT},
      {ARPHRD_NONE, NET_TYPE_TUNNEL}, /* tun, WireGuard */
      {ARPHRD_TUNNEL, NET_TYPE_TUNNEL},
      {ARPHRD_TUNNEL6, NET_TYPE_TUNNEL},
      {ARPHRD_SIT, NET_TYPE_TUNNEL},
      {ARPHRD_IPGRE, NET_TYPE_TUNNEL},
      {ARPHRD_IEEE80211, NET_TYPE_WIRELESS},
  };
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
    if (types[i].host == host_type)
      return types[i].type;
  return NET_TYPE_OTHER;
}

uint16_t net__netlink_type(const struct nlmsghdr *message) {
  const struct ifinfomsg *link = NLMSG_DATA(message);
  return type_of(link->ifi_type);
}

/* RFC 2863's states in Linux' numbers; loopback and tunnels never say. */
static enum net_interface_state state_of(unsigned flags,
                                         const struct rtattr *attribute) {
  static const enum net_interface_state states[] = {
      NET_STATE_UNKNOWN,    NET_STATE_NOT_PRESENT, NET_STATE_DOWN,
      NET_STATE_LOWER_DOWN, NET_STATE_TESTING,     NET_STATE_DORMANT,
      NET_STATE_UP};
  unsigned number =
      attribute != NULL ? *(const unsigned char *)RTA_DATA(attribute) : 0;
  if ((flags & IFF_UP) == 0)
    return NET_STATE_DOWN;
  if (number == 0 || number >= sizeof(states) / sizeof(states[0]))
    return flags & IFF_RUNNING ? NET_STATE_UP : NET_STATE_DOWN;
  return states[number];
}

/* Something stands behind it other than the kernel. */
static bool is_hardware(const char *name) {
  char path[64];
  snprintf(path, sizeof(path), "/sys/class/net/%.16s/device", name);
  return access(path, F_OK) == 0;
}

/* Megabits a second, where the driver knows. */
static uint64_t speed_of(const char *name) {
  char path[64], text[24];
  snprintf(path, sizeof(path), "/sys/class/net/%.16s/speed", name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = file >= 0 ? read(file, text, sizeof(text) - 1) : -1;
  if (file >= 0)
    close(file);
  if (length <= 0)
    return 0;
  text[length] = '\0';
  long long speed = strtoll(text, NULL, 10);
  return speed > 0 ? (uint64_t)speed * 1000000 : 0;
}

static void put_hardware_address(struct net_interface *interface,
                                 struct rtattr **table) {
  const struct rtattr *address = table[IFLA_ADDRESS];
  size_t length = address != NULL ? RTA_PAYLOAD(address) : 0;
  if (interface->type == NET_TYPE_LOOPBACK || length > NET_INTERFACE_HARDWARE)
    return;
  if (length > 0)
    memcpy(interface->address, RTA_DATA(address), length);
  interface->address_length = (uint32_t)length;
  memcpy(interface->permanent_address, interface->address, length);
  const struct rtattr *permanent = table[IFLA_PERM_ADDRESS];
  if (permanent != NULL && RTA_PAYLOAD(permanent) == length)
    memcpy(interface->permanent_address, RTA_DATA(permanent), length);
}

static void put_traffic(struct net_interface *interface,
                        const struct rtattr *attribute) {
  struct rtnl_link_stats64 stats;
  size_t length = attribute != NULL ? RTA_PAYLOAD(attribute) : 0;
  memset(&stats, 0, sizeof(stats));
  if (length > 0)
    memcpy(&stats, RTA_DATA(attribute),
           length < sizeof(stats) ? length : sizeof(stats));
  /* Some drivers do not count multicasts among the packets. */
  if (stats.multicast > stats.rx_packets)
    stats.rx_packets += stats.multicast;
  interface->in =
      (struct net_traffic){stats.rx_bytes, stats.rx_packets - stats.multicast,
                           stats.multicast, stats.rx_dropped, stats.rx_errors};
  interface->out = (struct net_traffic){stats.tx_bytes, stats.tx_packets, 0,
                                        stats.tx_dropped, stats.tx_errors};
}

/* ---- as a family sees it ------------------------------------------------ */

static uint32_t setting(const struct rtattr *array, unsigned at) {
  uint32_t value = 0;
  if (array != NULL && RTA_PAYLOAD(array) >= (at + 1) * sizeof(value))
    memcpy(&value, (const char *)RTA_DATA(array) + at * sizeof(value),
           sizeof(value));
  return value;
}

static void put_ipv4(struct net_interface_ip *ip, struct rtattr *settings) {
  struct rtattr *table[IFLA_INET_CONF + 1];
  net__netlink_sort(RTA_DATA(settings), RTA_PAYLOAD(settings), table,
                    IFLA_INET_CONF);
  ip->there = true;
  ip->forwards =
      setting(table[IFLA_INET_CONF], IPV4_DEVCONF_FORWARDING - 1) != 0;
}

static void put_ipv6(struct net_interface_ip *ip, struct rtattr *settings) {
  struct rtattr *table[IFLA_INET6_MAX + 1];
  struct ifla_cacheinfo times;
  net__netlink_sort(RTA_DATA(settings), RTA_PAYLOAD(settings), table,
                    IFLA_INET6_MAX);
  const struct rtattr *array = table[IFLA_INET6_CONF];
  ip->there = true;
  ip->forwards = setting(array, CONF6_FORWARDING) != 0;
  ip->mtu = setting(array, CONF6_MTU);
  ip->finds_routers = ip->finds_neighbours &&
                      setting(array, CONF6_ROUTERS) > (ip->forwards ? 1 : 0);
  ip->dad_transmits = setting(array, CONF6_DAD);
  const struct rtattr *info = table[IFLA_INET6_CACHEINFO];
  if (info == NULL || RTA_PAYLOAD(info) < sizeof(times))
    return;
  memcpy(&times, RTA_DATA(info), sizeof(times));
  ip->base_reachable = ip->reachable = times.reachable_time;
  ip->retransmit = times.retrans_time;
}

static void put_families(struct net_interface *interface, unsigned flags,
                         struct rtattr *families) {
  struct rtattr *table[AF_INET6 + 1];
  struct net_interface_ip common = {
      .connected = (flags & IFF_RUNNING) != 0,
      .finds_neighbours = (flags & (IFF_NOARP | IFF_LOOPBACK)) == 0,
      .mtu = interface->mtu};
  interface->ipv4 = interface->ipv6 = common;
  if (families == NULL)
    return;
  net__netlink_sort(RTA_DATA(families), RTA_PAYLOAD(families), table, AF_INET6);
  if (table[AF_INET] != NULL)
    put_ipv4(&interface->ipv4, table[AF_INET]);
  if (table[AF_INET6] != NULL)
    put_ipv6(&interface->ipv6, table[AF_INET6]);
}

/* ---- interfaces --------------------------------------------------------- */

static void put_description(struct net_interface *interface,
                            struct rtattr **table) {
  const struct rtattr *alias = table[IFLA_IFALIAS];
  if (alias != NULL)
    put_text(interface->description, alias);
  else
    memcpy(interface->description, interface->name, NET_INTERFACE_NAME);
}

static void add_interface(const struct nlmsghdr *message,
                          struct net_list *list) {
  const struct ifinfomsg *link = NLMSG_DATA(message);
  struct rtattr *table[IFLA_MAX + 1];
  if (message->nlmsg_type != RTM_NEWLINK)
    return;
  struct net_interface *interface = net__list_add(list);
  if (interface == NULL)
    return;
  net__netlink_sort(IFLA_RTA(link), IFLA_PAYLOAD(message), table, IFLA_MAX);
  interface->index = (uint32_t)link->ifi_index;
  interface->type = net__netlink_type(message);
  interface->luid = net__luid_of(interface->type, interface->index);
  put_guid(interface->guid, interface->index);
  put_text(interface->name, table[IFLA_IFNAME]);
  put_description(interface, table);
  put_hardware_address(interface, table);
  interface->mtu = net__netlink_u32(table[IFLA_MTU], 0);
  interface->state = state_of(link->ifi_flags, table[IFLA_OPERSTATE]);
  interface->enabled = (link->ifi_flags & IFF_UP) != 0;
  interface->wired_up = (link->ifi_flags & IFF_RUNNING) != 0;
  interface->broadcast = (link->ifi_flags & IFF_BROADCAST) != 0;
  interface->hardware = is_hardware(interface->name);
  interface->send_speed = speed_of(interface->name);
  interface->receive_speed = interface->send_speed;
  put_traffic(interface, table[IFLA_STATS64]);
  put_families(interface, link->ifi_flags, table[IFLA_AF_SPEC]);
}

int net__interfaces(struct net_interface **list, size_t *count) {
  void *items;
  int error = net__netlink_list(RTM_GETLINK, 0, sizeof(**list), add_interface,
                                &items, count);
  *list = items;
  return error;
}

/* ---- addresses ---------------------------------------------------------- */

static enum net_dad dad_of(uint32_t flags) {
  if (flags & IFA_F_DADFAILED)
    return NET_DAD_DUPLICATE;
  if ((flags & IFA_F_TENTATIVE) && (flags & IFA_F_OPTIMISTIC) == 0)
    return NET_DAD_TENTATIVE;
  return flags & IFA_F_DEPRECATED ? NET_DAD_DEPRECATED : NET_DAD_PREFERRED;
}

/* Linux does not keep who made an address; this is what follows from it. */
static void put_origins(struct net_unicast *unicast, unsigned scope,
                        uint32_t flags) {
  bool ipv6 = unicast->address.family == NET_IPV6;
  const unsigned char *ip = unicast->address.ip;
  if (scope == RT_SCOPE_HOST) {
    unicast->prefix_origin = unicast->suffix_origin = NET_ORIGIN_WELL_KNOWN;
  } else if (ipv6 && scope == RT_SCOPE_LINK) {
    unicast->prefix_origin = NET_ORIGIN_WELL_KNOWN;
    unicast->suffix_origin = ip[11] == 0xff && ip[12] == 0xfe
                                 ? NET_ORIGIN_LINK_LAYER
                                 : NET_ORIGIN_RANDOM;
  } else if (flags & IFA_F_PERMANENT) {
    unicast->prefix_origin = unicast->suffix_origin = NET_ORIGIN_MANUAL;
  } else if (ipv6 && unicast->prefix_length < 128) {
    unicast->prefix_origin = NET_ORIGIN_ROUTER;
    unicast->suffix_origin =
        flags & IFA_F_TEMPORARY ? NET_ORIGIN_RANDOM : NET_ORIGIN_LINK_LAYER;
  } else {
    unicast->prefix_origin = unicast->suffix_origin = NET_ORIGIN_DHCP;
  }
}

static void put_lifetimes(struct net_unicast *unicast,
                          const struct rtattr *attribute) {
  struct ifa_cacheinfo info = {.ifa_valid = NET_FOREVER,
                               .ifa_prefered = NET_FOREVER};
  if (attribute != NULL && RTA_PAYLOAD(attribute) >= sizeof(info))
    memcpy(&info, RTA_DATA(attribute), sizeof(info));
  unicast->valid = info.ifa_valid;
  unicast->preferred = info.ifa_prefered;
}

bool net__netlink_unicast(const struct nlmsghdr *message,
                          struct net_unicast *unicast) {
  const struct ifaddrmsg *body = NLMSG_DATA(message);
  struct rtattr *table[IFA_FLAGS + 1];
  memset(unicast, 0, sizeof(*unicast));
  net__netlink_sort(IFA_RTA(body), IFA_PAYLOAD(message), table, IFA_FLAGS);
  /* Where there is a peer, its address is IFA_ADDRESS. */
  if (!net__netlink_address(body->ifa_family,
                            table[IFA_LOCAL] != NULL ? table[IFA_LOCAL]
                                                     : table[IFA_ADDRESS],
                            &unicast->address))
    return false;
  uint32_t flags = net__netlink_u32(table[IFA_FLAGS], body->ifa_flags);
  unicast->index = body->ifa_index;
  unicast->prefix_length = body->ifa_prefixlen;
  if (unicast->address.family == NET_IPV6 && body->ifa_scope == RT_SCOPE_LINK)
    unicast->address.scope_id = body->ifa_index;
  unicast->dad = dad_of(flags);
  put_origins(unicast, body->ifa_scope, flags);
  put_lifetimes(unicast, table[IFA_CACHEINFO]);
  return true;
}

static void add_unicast(const struct nlmsghdr *message, struct net_list *list) {
  struct net_unicast unicast, *added;
  if (message->nlmsg_type != RTM_NEWADDR ||
      !net__netlink_unicast(message, &unicast))
    return;
  added = net__list_add(list);
  if (added != NULL)
    *added = unicast;
}

int net__unicasts(int family, struct net_unicast **list, size_t *count) {
  void *items;
  int error = net__netlink_list(RTM_GETADDR, family, sizeof(**list),
                                add_unicast, &items, count);
  *list = items;
  return error;
}

#endif
