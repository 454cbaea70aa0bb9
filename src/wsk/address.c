/* SOCKADDR to the transport's address and back. */
#include "wsk/address.h"

#include <stdio.h>

static size_t ip_length(const struct net_address *address) {
  return address->family == NET_IPV4 ? 4 : 16;
}

static void ipv4_in(struct net_address *to, const SOCKADDR_IN *from) {
  to->family = NET_IPV4;
  to->port = RtlUshortByteSwap(from->sin_port);
  RtlCopyMemory(to->ip, &from->sin_addr, 4);
}

static void ipv6_in(struct net_address *to, const SOCKADDR_IN6 *from) {
  to->family = NET_IPV6;
  to->port = RtlUshortByteSwap(from->sin6_port);
  to->flow_info = from->sin6_flowinfo;
  to->scope_id = from->sin6_scope_id;
  RtlCopyMemory(to->ip, &from->sin6_addr, 16);
}

bool wsk__address_in(struct net_address *to, const SOCKADDR *from) {
  RtlZeroMemory(to, sizeof(*to));
  switch (from->sa_family) {
  case AF_INET:
    ipv4_in(to, (const SOCKADDR_IN *)(const void *)from);
    return true;
  case AF_INET6:
    ipv6_in(to, (const SOCKADDR_IN6 *)(const void *)from);
    return true;
  default:
    return false;
  }
}

static void ipv4_out(SOCKADDR_IN *to, const struct net_address *from) {
  RtlZeroMemory(to, sizeof(*to));
  to->sin_family = AF_INET;
  to->sin_port = RtlUshortByteSwap(from->port);
  RtlCopyMemory(&to->sin_addr, from->ip, 4);
}

static void ipv6_out(SOCKADDR_IN6 *to, const struct net_address *from) {
  RtlZeroMemory(to, sizeof(*to));
  to->sin6_family = AF_INET6;
  to->sin6_port = RtlUshortByteSwap(from->port);
  to->sin6_flowinfo = from->flow_info;
  to->sin6_scope_id = from->scope_id;
  RtlCopyMemory(&to->sin6_addr, from->ip, 16);
}

void wsk__address_out(SOCKADDR *to, const struct net_address *from) {
  if (from->family == NET_IPV4)
    ipv4_out((SOCKADDR_IN *)(void *)to, from);
  else
    ipv6_out((SOCKADDR_IN6 *)(void *)to, from);
}

static void ipv4_text(char *text, const struct net_address *a) {
  snprintf(text, WSK_ADDRESS_TEXT, "%u.%u.%u.%u:%u", a->ip[0], a->ip[1],
           a->ip[2], a->ip[3], a->port);
}

static void ipv6_text(char *text, const struct net_address *a) {
  unsigned group[8];
  for (int i = 0; i < 8; i++)
    group[i] = a->ip[2 * i] * 256u + a->ip[2 * i + 1];
  snprintf(text, WSK_ADDRESS_TEXT, "[%x:%x:%x:%x:%x:%x:%x:%x]:%u", group[0],
           group[1], group[2], group[3], group[4], group[5], group[6], group[7],
           a->port);
}

const char *wsk__address_text(char text[WSK_ADDRESS_TEXT],
                              const SOCKADDR *address) {
  struct net_address in;
  if (address == NULL)
    snprintf(text, WSK_ADDRESS_TEXT, "no address");
  else if (!wsk__address_in(&in, address))
    snprintf(text, WSK_ADDRESS_TEXT, "family %u", address->sa_family);
  else if (in.family == NET_IPV4)
    ipv4_text(text, &in);
  else
    ipv6_text(text, &in);
  return text;
}

bool wsk__is_wildcard(const struct net_address *address) {
  for (size_t i = 0; i < ip_length(address); i++)
    if (address->ip[i] != 0)
      return false;
  return true;
}

bool wsk__same_ip(const struct net_address *a, const struct net_address *b) {
  return a->family == b->family && RtlEqualMemory(a->ip, b->ip, ip_length(a)) &&
         a->scope_id == b->scope_id;
}
