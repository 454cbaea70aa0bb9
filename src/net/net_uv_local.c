/*
 * The host's own addresses.
 */
#include "net/net_option.h"
#include "net/net_uv_udp.h"

#include <string.h>

#ifdef _WIN32
#include "net/net_iphlp.h"
#else
#include <net/if.h>
#endif

/* libuv gives the name, which on Windows is the one users see. */
static uint32_t index_of(const char *name) {
#ifdef _WIN32
  return net__index_of_alias(name);
#else
  return if_nametoindex(name);
#endif
}

static unsigned count_bits(const void *mask, size_t length) {
  const unsigned char *bytes = mask;
  unsigned bits = 0;
  for (size_t i = 0; i < length; i++)
    for (unsigned bit = 0x80; bit != 0 && (bytes[i] & bit); bit >>= 1)
      bits++;
  return bits;
}

static void convert(const uv_interface_address_t *host,
                    struct net_local_address *local) {
  struct sockaddr_storage name;
  memset(&name, 0, sizeof(name));
  memset(local, 0, sizeof(*local));
  memcpy(&name, &host->address, sizeof(host->address));
  (void)net__from_sockaddr(&name, &local->address);
  local->address.port = 0;
  local->loopback = host->is_internal != 0;
  local->interface_index = index_of(host->name);
  local->prefix_length = local->address.family == NET_IPV6
                             ? count_bits(&host->netmask.netmask6.sin6_addr, 16)
                             : count_bits(&host->netmask.netmask4.sin_addr, 4);
}

static bool is_wanted(const uv_interface_address_t *host, int family) {
  int found = host->address.address4.sin_family;
  return (found == AF_INET && family != NET_IPV6) ||
         (found == AF_INET6 && family != NET_IPV4);
}

int net__local_addresses(int family, struct net_local_address *addresses,
                         size_t room, size_t *count) {
  uv_interface_address_t *found;
  int all;
  *count = 0;
  int error = uv_interface_addresses(&found, &all);
  if (error != 0)
    return net__from_uv(error);
  for (int i = 0; i < all; i++) {
    if (!is_wanted(&found[i], family))
      continue;
    if (*count < room)
      convert(&found[i], &addresses[*count]);
    ++*count;
  }
  uv_free_interface_addresses(found, all);
  return NET_OK;
}

bool net__ipv4_of(uint32_t interface_index, unsigned char *ip) {
  struct net_local_address found[64];
  size_t count;
  if (net__local_addresses(NET_IPV4, found, 64, &count) != NET_OK)
    return false;
  for (size_t i = 0; i < count && i < 64; i++)
    if (found[i].interface_index == interface_index) {
      memcpy(ip, found[i].address.ip, 4);
      return true;
    }
  return false;
}
