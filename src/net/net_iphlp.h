/*
 * The host's IP Helper, for the files of src/net alone. Windows.
 *
 * The library has functions of the same names, for drivers. A call by name
 * would get those, so these are asked of the DLL.
 */
#ifndef UWSK_NET_IPHLP_H
#define UWSK_NET_IPHLP_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include <iphlpapi.h>
#include <netioapi.h>

#include "net/net_interface.h"

#define NET_IPHLP(X)                                                           \
  X(GetIfTable2)                                                               \
  X(GetIpInterfaceTable)                                                       \
  X(GetUnicastIpAddressTable)                                                  \
  X(GetIpForwardTable2)                                                        \
  X(GetBestRoute2)                                                             \
  X(FreeMibTable)                                                              \
  X(NotifyIpInterfaceChange)                                                   \
  X(NotifyUnicastIpAddressChange)                                              \
  X(NotifyRouteChange2)                                                        \
  X(CancelMibChangeNotify2)                                                    \
  X(ConvertInterfaceAliasToLuid)                                               \
  X(ConvertInterfaceLuidToIndex)

/* Each is NULL where the host does not have it. */
struct net_iphlp {
#define X(name) __typeof__(&name) name;
  NET_IPHLP(X)
#undef X
};

const struct net_iphlp *net__iphlp(void);

/* An error of one of these as NET_Exxx. */
int net__from_iphlp(DWORD error);

/* False when the family is neither IPv4 nor IPv6. */
bool net__from_inet(const SOCKADDR_INET *from, struct net_address *to);

/* The index of the interface with this alias (UTF-8), or 0. */
uint32_t net__index_of_alias(const char *alias);

#endif
