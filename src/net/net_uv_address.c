/*
 * Addresses: ours and the host's.
 */
#include "net/net_uv.h"

#include <string.h>

void net__to_sockaddr(const struct net_address *address,
                      struct sockaddr_storage *host) {
  memset(host, 0, sizeof(*host));
  if (address->family == NET_IPV6) {
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)host;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(address->port);
    in6->sin6_flowinfo = address->flow_info;
    in6->sin6_scope_id = address->scope_id;
    memcpy(&in6->sin6_addr, address->ip, 16);
  } else {
    struct sockaddr_in *in = (struct sockaddr_in *)host;
    in->sin_family = AF_INET;
    in->sin_port = htons(address->port);
    memcpy(&in->sin_addr, address->ip, 4);
  }
}

int net__from_sockaddr(const struct sockaddr_storage *host,
                       struct net_address *address) {
  memset(address, 0, sizeof(*address));
  if (host->ss_family == AF_INET6) {
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)host;
    address->family = NET_IPV6;
    address->port = ntohs(in6->sin6_port);
    address->flow_info = in6->sin6_flowinfo;
    address->scope_id = in6->sin6_scope_id;
    memcpy(address->ip, &in6->sin6_addr, 16);
    return NET_OK;
  }
  if (host->ss_family != AF_INET)
    return NET_EAFNOSUPPORT;
  const struct sockaddr_in *in = (const struct sockaddr_in *)host;
  address->family = NET_IPV4;
  address->port = ntohs(in->sin_port);
  memcpy(address->ip, &in->sin_addr, 4);
  return NET_OK;
}
