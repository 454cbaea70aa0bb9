/*
 * Multicast groups.
 */
#include "net/net_uv_udp.h"

#include "loop/loop.h"
#include "net/net_option.h"

#include <assert.h>
#include <string.h>

#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <netinet/in.h>
#include <sys/socket.h>
#endif

struct names {
  int all, one_source;
};

static const struct names by_address[] = {
    [NET_GROUP_JOIN] = {IP_ADD_MEMBERSHIP, IP_ADD_SOURCE_MEMBERSHIP},
    [NET_GROUP_LEAVE] = {IP_DROP_MEMBERSHIP, IP_DROP_SOURCE_MEMBERSHIP},
    [NET_GROUP_BLOCK] = {0, IP_BLOCK_SOURCE},
    [NET_GROUP_UNBLOCK] = {0, IP_UNBLOCK_SOURCE}};

static const struct names by_index[] = {
    [NET_GROUP_JOIN] = {MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP},
    [NET_GROUP_LEAVE] = {MCAST_LEAVE_GROUP, MCAST_LEAVE_SOURCE_GROUP},
    [NET_GROUP_BLOCK] = {0, MCAST_BLOCK_SOURCE},
    [NET_GROUP_UNBLOCK] = {0, MCAST_UNBLOCK_SOURCE}};

/* The interface as IPv4's own options name it: by an address of it. (Windows
 * would take its index in the place of one; Wine does not.) */
static void interface_of(const struct net_group *group, void *interface_ip) {
  uint32_t index = htonl(group->interface_index);
  if (group->interface_index == 0)
    memcpy(interface_ip, group->interface_ip, 4);
  else if (!net__ipv4_of(group->interface_index, interface_ip))
    memcpy(interface_ip, &index, 4);
}

static int set_by_address(const struct net_udp *udp, enum net_group_verb verb,
                          const struct net_group *group) {
  struct ip_mreq_source one;
  struct ip_mreq all;
  if (group->one_source) {
    memcpy(&one.imr_multiaddr, group->group.ip, 4);
    memcpy(&one.imr_sourceaddr, group->source.ip, 4);
    interface_of(group, &one.imr_interface);
    return net__socket_set(udp->host, IPPROTO_IP, by_address[verb].one_source,
                           &one, sizeof(one));
  }
  memcpy(&all.imr_multiaddr, group->group.ip, 4);
  interface_of(group, &all.imr_interface);
  return net__socket_set(udp->host, IPPROTO_IP, by_address[verb].all, &all,
                         sizeof(all));
}

static int set_ipv6(const struct net_udp *udp, enum net_group_verb verb,
                    const struct net_group *group) {
  struct ipv6_mreq all = {.ipv6mr_interface = group->interface_index};
  memcpy(&all.ipv6mr_multiaddr, group->group.ip, 16);
  return net__socket_set(udp->host, IPPROTO_IPV6,
                         verb == NET_GROUP_JOIN ? IPV6_JOIN_GROUP
                                                : IPV6_LEAVE_GROUP,
                         &all, sizeof(all));
}

static int set_by_index(const struct net_udp *udp, enum net_group_verb verb,
                        const struct net_group *group) {
  struct group_source_req one = {.gsr_interface = group->interface_index};
  struct group_req all = {.gr_interface = group->interface_index};
  int level = udp->family == NET_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;
  if (group->one_source) {
    net__to_sockaddr(&group->group, &one.gsr_group);
    net__to_sockaddr(&group->source, &one.gsr_source);
    return net__socket_set(udp->host, level, by_index[verb].one_source, &one,
                           sizeof(one));
  }
  net__to_sockaddr(&group->group, &all.gr_group);
  return net__socket_set(udp->host, level, by_index[verb].all, &all,
                         sizeof(all));
}

#ifdef _WIN32
#define ADDRESS_DOES(group) true
#else
#define ADDRESS_DOES(group) ((group)->interface_index == 0)
#endif

int net__udp_group(struct net_udp *udp, enum net_group_verb verb,
                   const struct net_group *group) {
  bool needs_source = verb == NET_GROUP_BLOCK || verb == NET_GROUP_UNBLOCK;
  assert(loop__owned() && !udp->closing);
  if (group->group.family != udp->family ||
      (group->one_source && group->source.family != udp->family))
    return NET_EAFNOSUPPORT;
  if (!net__is_multicast(udp->family, group->group.ip) ||
      (needs_source && !group->one_source))
    return NET_EINVAL;
  if (udp->family == NET_IPV4 && ADDRESS_DOES(group))
    return set_by_address(udp, verb, group);
  if (udp->family == NET_IPV6 && !group->one_source)
    return set_ipv6(udp, verb, group);
  return set_by_index(udp, verb, group);
}
