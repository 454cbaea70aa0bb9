/*
 * The host's network interfaces, their addresses and its routes; and being told
 * when they change. Plain C: no libuv type, no NT type.
 *
 * The lists and net__best_route may be asked for by any thread: they are the
 * host's answer at that moment, and none follows from another. Watching belongs
 * to the owner of the loop, as net.h says.
 *
 * Numbers that the RFCs have given are used as they are: ifType and
 * ifOperStatus (RFC 2863), the protocol of a route (RFC 4292).
 *
 * Answers: 0; NET_ENOMEM; NET_ENOTSUP where the host does not tell.
 */
#ifndef UWSK_NET_INTERFACE_H
#define UWSK_NET_INTERFACE_H

#include "net/net.h"

/* Names are UTF-8, with as much room as Windows needs for its 256 letters. */
#define NET_INTERFACE_NAME     772
#define NET_INTERFACE_HARDWARE 32
#define NET_FOREVER            UINT32_MAX /* a lifetime */

enum net_interface_type {
  NET_TYPE_OTHER = 1,
  NET_TYPE_ETHERNET = 6,
  NET_TYPE_POINT_TO_POINT = 23,
  NET_TYPE_LOOPBACK = 24,
  NET_TYPE_WIRELESS = 71,
  NET_TYPE_TUNNEL = 131
};

enum net_interface_state {
  NET_STATE_UP = 1,
  NET_STATE_DOWN,
  NET_STATE_TESTING,
  NET_STATE_UNKNOWN,
  NET_STATE_DORMANT,
  NET_STATE_NOT_PRESENT,
  NET_STATE_LOWER_DOWN
};

struct net_traffic {
  uint64_t bytes, unicast, others, discards, errors;
};

/* An interface as one family sees it. Times in milliseconds, 0 for unknown. */
struct net_interface_ip {
  bool there; /* or the family is not spoken here */
  bool connected, forwards, advertises;
  bool automatic_metric, finds_neighbours, finds_routers;
  uint32_t mtu, metric, dad_transmits;
  uint32_t base_reachable, reachable, retransmit;
};

struct net_interface {
  uint32_t index;
  uint64_t luid; /* as Windows puts it together; fixed while it is there */
  unsigned char guid[16];
  uint16_t type; /* enum net_interface_type, or another ifType */
  enum net_interface_state state;
  bool enabled; /* by the administrator */
  bool hardware, broadcast, wired_up;
  char name[NET_INTERFACE_NAME];
  char description[NET_INTERFACE_NAME];
  unsigned char address[NET_INTERFACE_HARDWARE];
  unsigned char permanent_address[NET_INTERFACE_HARDWARE];
  uint32_t address_length;
  uint32_t mtu;
  uint64_t send_speed, receive_speed; /* bits per second, 0 for unknown */
  struct net_traffic in, out;
  uint64_t unknown_protocols;
  struct net_interface_ip ipv4, ipv6;
};

enum net_dad {
  NET_DAD_INVALID,
  NET_DAD_TENTATIVE,
  NET_DAD_DUPLICATE,
  NET_DAD_DEPRECATED,
  NET_DAD_PREFERRED
};

enum net_origin {
  NET_ORIGIN_OTHER,
  NET_ORIGIN_MANUAL,
  NET_ORIGIN_WELL_KNOWN,
  NET_ORIGIN_DHCP,
  NET_ORIGIN_ROUTER,     /* a router has advertised it */
  NET_ORIGIN_LINK_LAYER, /* the host part: from the hardware address */
  NET_ORIGIN_RANDOM      /* the host part */
};

struct net_unicast {
  struct net_address address;
  uint32_t index;
  unsigned prefix_length;
  uint32_t valid, preferred; /* seconds, or NET_FOREVER */
  enum net_dad dad;
  enum net_origin prefix_origin, suffix_origin;
  bool not_a_source;
};

enum net_route_protocol {
  NET_ROUTE_OTHER = 1,
  NET_ROUTE_LOCAL = 2,
  NET_ROUTE_MANAGED = 3,
  NET_ROUTE_ICMP = 4,
  NET_ROUTE_RIP = 8,
  NET_ROUTE_ISIS = 9,
  NET_ROUTE_OSPF = 13,
  NET_ROUTE_BGP = 14
};

struct net_route {
  struct net_address destination;
  unsigned prefix_length;
  struct net_address next_hop; /* unspecified: the destination is on the link */
  uint32_t index;
  uint32_t metric;
  int protocol; /* enum net_route_protocol, or another of the RFC's */
  enum net_origin origin;
  bool loopback;    /* to this machine itself */
  uint32_t expires; /* seconds, or NET_FOREVER */
};

/* Each makes an array, freed with os__free; NULL when there is nothing. */
int net__interfaces(struct net_interface **list, size_t *count);
int net__unicasts(int family, struct net_unicast **list, size_t *count);
int net__routes(int family, struct net_route **list, size_t *count);

/* The LUID that this host's interface of this type and index has, where LUIDs
 * are put together from these; else 0. */
uint64_t net__luid_of(uint16_t type, uint32_t index);

struct net_route_question {
  struct net_address destination;
  bool has_source;
  struct net_address source;
  uint32_t index; /* the interface, or 0 */
};

/* NET_ENETUNREACH and the like: there is none. NET_ENODEV: no such interface.
 */
int net__best_route(const struct net_route_question *question,
                    struct net_route *route, struct net_address *source);

/* ---- changes ------------------------------------------------------------ */

enum net_change_of { NET_OF_INTERFACE, NET_OF_UNICAST, NET_OF_ROUTE };

enum net_change_kind {
  NET_ALTERED,
  NET_ADDED,
  NET_REMOVED,
  NET_MISSED /* something, nobody knows what */
};

struct net_change {
  enum net_change_of of;
  enum net_change_kind kind;
  int family;                  /* enum net_family, or 0: both */
  uint32_t index;              /* the interface's; 0 with NET_MISSED */
  uint64_t luid;               /* of an interface that may have gone; or 0 */
  struct net_address address;  /* or the route's destination */
  unsigned prefix_length;      /* of a route */
  struct net_address next_hop; /* of a route */
};

/* The process has one watch. `changed` is called by the owner of the loop, soon
 * after a change; every change that comes after net__watch_start has returned
 * is told of, or NET_MISSED is. NET_EBUSY: there is a watch. */
typedef void net_changed(const struct net_change *change);
int net__watch_start(net_changed *changed);

/* `changed` is not called again. */
void net__watch_stop(void);

#endif
