/*
 * The host's routes, on Linux: see net_interface.h.
 *
 * Those that lead somewhere: the main table, and the local one, which has what
 * Windows shows as the routes to its own addresses and to broadcasts. Routes
 * that refuse (unreachable, blackhole) and tables of policies are left out.
 */
#ifdef __linux__

#include "net/net_netlink.h"

#include <string.h>
#include <sys/socket.h>

#ifndef RTM_F_FIB_MATCH
#define RTM_F_FIB_MATCH 0x2000
#endif

static int protocol_of(unsigned host_protocol) {
  switch (host_protocol) {
  case RTPROT_KERNEL:
    return NET_ROUTE_LOCAL;
  case RTPROT_REDIRECT:
    return NET_ROUTE_ICMP;
  case RTPROT_BOOT:
  case RTPROT_STATIC:
  case RTPROT_DHCP:
  case RTPROT_RA:
    return NET_ROUTE_MANAGED;
#ifdef RTPROT_BGP
  case RTPROT_BGP:
    return NET_ROUTE_BGP;
  case RTPROT_ISIS:
    return NET_ROUTE_ISIS;
  case RTPROT_OSPF:
    return NET_ROUTE_OSPF;
  case RTPROT_RIP:
    return NET_ROUTE_RIP;
#endif
  default:
    return NET_ROUTE_OTHER;
  }
}

static enum net_origin origin_of(unsigned host_protocol) {
  switch (host_protocol) {
  case RTPROT_KERNEL:
    return NET_ORIGIN_WELL_KNOWN;
  case RTPROT_DHCP:
    return NET_ORIGIN_DHCP;
  case RTPROT_RA:
    return NET_ORIGIN_ROUTER;
  default:
    return NET_ORIGIN_MANUAL;
  }
}

static bool leads_somewhere(const struct rtmsg *body, struct rtattr **table) {
  uint32_t number = net__netlink_u32(table[RTA_TABLE], body->rtm_table);
  if (body->rtm_flags & RTM_F_CLONED)
    return false;
  if (number != RT_TABLE_MAIN && number != RT_TABLE_LOCAL)
    return false;
  return body->rtm_type == RTN_UNICAST || body->rtm_type == RTN_LOCAL ||
         body->rtm_type == RTN_BROADCAST || body->rtm_type == RTN_MULTICAST;
}

/* IPv6 counts in jiffies as users see them: a hundred a second. */
static uint32_t expiry_of(const struct rtattr *attribute) {
  struct rta_cacheinfo info;
  if (attribute == NULL || RTA_PAYLOAD(attribute) < sizeof(info))
    return NET_FOREVER;
  memcpy(&info, RTA_DATA(attribute), sizeof(info));
  return info.rta_expires > 0 ? (uint32_t)info.rta_expires / 100 : NET_FOREVER;
}

static bool put_common(struct net_route *route, const struct rtmsg *body,
                       struct rtattr **table) {
  if (!net__netlink_address(body->rtm_family, table[RTA_DST],
                            &route->destination))
    return false;
  route->prefix_length = body->rtm_dst_len;
  route->metric = net__netlink_u32(table[RTA_PRIORITY], 0);
  route->protocol = protocol_of(body->rtm_protocol);
  route->origin = origin_of(body->rtm_protocol);
  route->loopback = body->rtm_type == RTN_LOCAL;
  route->expires = expiry_of(table[RTA_CACHEINFO]);
  return true;
}

/* A gateway of the other family (RTA_VIA), which Linux permits, has no place in
 * a row of Windows': the route is told without. */
static void put_way(struct net_route *route, int family,
                    const struct rtattr *gateway, uint32_t index) {
  (void)net__netlink_address(family, gateway, &route->next_hop);
  route->index = index;
}

/* Several ways to one destination, each with attributes of its own. */
static void put_ways(struct net_route *route, const struct rtmsg *body,
                     const struct rtattr *ways, net_netlink_put_route *put,
                     void *context) {
  struct rtattr *table[RTA_MAX + 1];
  struct rtnexthop *way = RTA_DATA(ways);
  int left = (int)RTA_PAYLOAD(ways);
  for (; left > 0 && RTNH_OK(way, left); way = RTNH_NEXT(way)) {
    net__netlink_sort(RTNH_DATA(way), way->rtnh_len - sizeof(*way), table,
                      RTA_MAX);
    put_way(route, body->rtm_family, table[RTA_GATEWAY],
            (uint32_t)way->rtnh_ifindex);
    put(route, context);
    left -= (int)RTNH_ALIGN(way->rtnh_len);
  }
}

static void put_all(const struct nlmsghdr *message, struct rtattr **table,
                    net_netlink_put_route *put, void *context) {
  const struct rtmsg *body = NLMSG_DATA(message);
  struct net_route route;
  memset(&route, 0, sizeof(route));
  if (!put_common(&route, body, table))
    return;
  if (table[RTA_MULTIPATH] != NULL) {
    put_ways(&route, body, table[RTA_MULTIPATH], put, context);
  } else if (table[RTA_OIF] != NULL) {
    put_way(&route, body->rtm_family, table[RTA_GATEWAY],
            net__netlink_u32(table[RTA_OIF], 0));
    put(&route, context);
  }
}

void net__netlink_routes(const struct nlmsghdr *message,
                         net_netlink_put_route *put, void *context) {
  struct rtattr *table[RTA_MAX + 1];
  net__netlink_sort(RTM_RTA(NLMSG_DATA(message)), RTM_PAYLOAD(message), table,
                    RTA_MAX);
  if (leads_somewhere(NLMSG_DATA(message), table))
    put_all(message, table, put, context);
}

/* ---- the table ---------------------------------------------------------- */

static void put_in_list(const struct net_route *route, void *context) {
  struct net_route *added = net__list_add(context);
  if (added != NULL)
    *added = *route;
}

static void add_routes(const struct nlmsghdr *message, struct net_list *list) {
  if (message->nlmsg_type == RTM_NEWROUTE)
    net__netlink_routes(message, put_in_list, list);
}

int net__routes(int family, struct net_route **list, size_t *count) {
  void *items;
  int error = net__netlink_list(RTM_GETROUTE, family, sizeof(**list),
                                add_routes, &items, count);
  *list = items;
  return error;
}

/* ---- the best of them --------------------------------------------------- */

struct question {
  struct nlmsghdr header;
  struct rtmsg body;
  char attributes[128];
};

struct best {
  struct net_route route;
  struct net_address source;
  bool found, has_source;
};

static void keep_first(const struct net_route *route, void *context) {
  struct best *best = context;
  if (!best->found)
    best->route = *route;
  best->found = true;
}

/* The kernel answers with the way one packet would take, or, asked for a match,
 * with the route that says so. */
static void hear_best(const struct nlmsghdr *message, void *context) {
  const struct rtmsg *body = NLMSG_DATA(message);
  struct rtattr *table[RTA_MAX + 1];
  struct best *best = context;
  net__netlink_sort(RTM_RTA(body), RTM_PAYLOAD(message), table, RTA_MAX);
  if (message->nlmsg_type != RTM_NEWROUTE)
    return;
  best->found = false;
  put_all(message, table, keep_first, best);
  if (table[RTA_PREFSRC] != NULL)
    best->has_source = net__netlink_address(body->rtm_family,
                                            table[RTA_PREFSRC], &best->source);
}

static int ask(const struct net_route_question *asked, unsigned flags,
               struct best *best) {
  struct question question;
  size_t size = asked->destination.family == NET_IPV4 ? 4 : 16;
  memset(&question, 0, sizeof(question));
  question.header.nlmsg_len = NLMSG_LENGTH(sizeof(question.body));
  question.header.nlmsg_type = RTM_GETROUTE;
  question.body.rtm_family =
      (unsigned char)net__netlink_family((int)asked->destination.family);
  question.body.rtm_dst_len = (unsigned char)(8 * size);
  question.body.rtm_flags = flags;
  net__netlink_put(&question.header, RTA_DST, asked->destination.ip, size);
  if (asked->has_source) {
    question.body.rtm_src_len = (unsigned char)(8 * size);
    net__netlink_put(&question.header, RTA_SRC, asked->source.ip, size);
  }
  if (asked->index != 0)
    net__netlink_put(&question.header, RTA_OIF, &asked->index,
                     sizeof(asked->index));
  return net__netlink_ask(&question.header, 0, hear_best, best);
}

/* Of several ways to a destination, that of the packet. */
static void take_match(struct best *best, const struct best *match) {
  if (!match->found || match->route.index != best->route.index)
    return;
  struct net_address next_hop = best->route.next_hop;
  best->route = match->route;
  best->route.next_hop = next_hop;
}

int net__best_route(const struct net_route_question *question,
                    struct net_route *route, struct net_address *source) {
  struct best best, match;
  memset(&best, 0, sizeof(best));
  memset(&match, 0, sizeof(match));
  int error = ask(question, 0, &best);
  if (error != NET_OK)
    return error;
  if (!best.found)
    return NET_ENETUNREACH;
  /* Kernels that do not know how, tell the way of the packet again. */
  error = ask(question, RTM_F_FIB_MATCH, &match);
  if (error == NET_ENOMEM)
    return error;
  if (error == NET_OK)
    take_match(&best, &match);
  *route = best.route;
  if (best.has_source)
    *source = best.source;
  else if (question->has_source)
    *source = question->source;
  else /* this machine itself; else nobody */
    *source =
        best.route.loopback
            ? question->destination
            : (struct net_address){.family = question->destination.family};
  return NET_OK;
}

#endif
