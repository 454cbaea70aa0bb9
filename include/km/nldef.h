/*
 * Words of the network layer that rows of addresses and routes are written in.
 * A driver gets this header through netioapi.h.
 */
#ifndef UWSK_KM_NLDEF_H
#define UWSK_KM_NLDEF_H

/* To a file that has the host's sockets it is the host's header. */
#if defined(_WIN32) &&                                                         \
    (defined(_WINSOCKAPI_) || defined(_WINSOCK2API_) || defined(_WINDOWS_))
#include_next <nldef.h>
#else

#define _NLDEF_

#include "ntdef.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where an address's network part is from. */
typedef enum {
  IpPrefixOriginOther = 0,
  IpPrefixOriginManual,
  IpPrefixOriginWellKnown,
  IpPrefixOriginDhcp,
  IpPrefixOriginRouterAdvertisement,
  IpPrefixOriginUnchanged = 1 << 4
} NL_PREFIX_ORIGIN;

#define NlpoOther               IpPrefixOriginOther
#define NlpoManual              IpPrefixOriginManual
#define NlpoWellKnown           IpPrefixOriginWellKnown
#define NlpoDhcp                IpPrefixOriginDhcp
#define NlpoRouterAdvertisement IpPrefixOriginRouterAdvertisement

/* … and the rest of it. */
typedef enum {
  NlsoOther = 0,
  NlsoManual,
  NlsoWellKnown,
  NlsoDhcp,
  NlsoLinkLayerAddress,
  NlsoRandom,
  IpSuffixOriginOther = 0,
  IpSuffixOriginManual,
  IpSuffixOriginWellKnown,
  IpSuffixOriginDhcp,
  IpSuffixOriginLinkLayerAddress,
  IpSuffixOriginRandom,
  IpSuffixOriginUnchanged = 1 << 4
} NL_SUFFIX_ORIGIN;

/* Whether an address has been found to be nobody else's. */
typedef enum {
  NldsInvalid,
  NldsTentative,
  NldsDuplicate,
  NldsDeprecated,
  NldsPreferred,
  IpDadStateInvalid = 0,
  IpDadStateTentative,
  IpDadStateDuplicate,
  IpDadStateDeprecated,
  IpDadStatePreferred
} NL_DAD_STATE;

/* Who made a route; also under the two older spellings. */
#define MAKE_ROUTE_PROTOCOL(suffix, value)                                     \
  MIB_IPPROTO_##suffix = value, PROTO_IP_##suffix = value

typedef enum {
  RouteProtocolOther = 1,
  RouteProtocolLocal = 2,
  RouteProtocolNetMgmt = 3,
  RouteProtocolIcmp = 4,
  RouteProtocolEgp = 5,
  RouteProtocolGgp = 6,
  RouteProtocolHello = 7,
  RouteProtocolRip = 8,
  RouteProtocolIsIs = 9,
  RouteProtocolEsIs = 10,
  RouteProtocolCisco = 11,
  RouteProtocolBbn = 12,
  RouteProtocolOspf = 13,
  RouteProtocolBgp = 14,
  MAKE_ROUTE_PROTOCOL(OTHER, 1),
  MAKE_ROUTE_PROTOCOL(LOCAL, 2),
  MAKE_ROUTE_PROTOCOL(NETMGMT, 3),
  MAKE_ROUTE_PROTOCOL(ICMP, 4),
  MAKE_ROUTE_PROTOCOL(EGP, 5),
  MAKE_ROUTE_PROTOCOL(GGP, 6),
  MAKE_ROUTE_PROTOCOL(HELLO, 7),
  MAKE_ROUTE_PROTOCOL(RIP, 8),
  MAKE_ROUTE_PROTOCOL(IS_IS, 9),
  MAKE_ROUTE_PROTOCOL(ES_IS, 10),
  MAKE_ROUTE_PROTOCOL(CISCO, 11),
  MAKE_ROUTE_PROTOCOL(BBN, 12),
  MAKE_ROUTE_PROTOCOL(OSPF, 13),
  MAKE_ROUTE_PROTOCOL(BGP, 14),
  MAKE_ROUTE_PROTOCOL(NT_AUTOSTATIC, 10002),
  MAKE_ROUTE_PROTOCOL(NT_STATIC, 10006),
  MAKE_ROUTE_PROTOCOL(NT_STATIC_NON_DOD, 10007)
} NL_ROUTE_PROTOCOL,
    *PNL_ROUTE_PROTOCOL;

typedef enum _NL_ROUTE_ORIGIN {
  NlroManual,
  NlroWellKnown,
  NlroDHCP,
  NlroRouterAdvertisement,
  Nlro6to4
} NL_ROUTE_ORIGIN,
    *PNL_ROUTE_ORIGIN;

typedef enum _NL_LINK_LOCAL_ADDRESS_BEHAVIOR {
  LinkLocalAlwaysOff = 0,
  LinkLocalDelayed,
  LinkLocalAlwaysOn,
  LinkLocalUnchanged = -1
} NL_LINK_LOCAL_ADDRESS_BEHAVIOR;

typedef enum _NL_ROUTER_DISCOVERY_BEHAVIOR {
  RouterDiscoveryDisabled = 0,
  RouterDiscoveryEnabled,
  RouterDiscoveryDhcp,
  RouterDiscoveryUnchanged = -1
} NL_ROUTER_DISCOVERY_BEHAVIOR;

/* What an interface computes by itself. */
typedef struct _NL_INTERFACE_OFFLOAD_ROD {
  BOOLEAN NlChecksumSupported : 1;
  BOOLEAN NlOptionsSupported : 1;
  BOOLEAN TlDatagramChecksumSupported : 1;
  BOOLEAN TlStreamChecksumSupported : 1;
  BOOLEAN TlStreamOptionsSupported : 1;
  BOOLEAN FastPathCompatible : 1;
  BOOLEAN TlLargeSendOffloadSupported : 1;
  BOOLEAN TlGiantSendOffloadSupported : 1;
} NL_INTERFACE_OFFLOAD_ROD, *PNL_INTERFACE_OFFLOAD_ROD;

#define NL_MAX_METRIC_COMPONENT ((((ULONG)1) << 31) - 1)

#ifdef __cplusplus
}
#endif

#endif
#endif
