/*
 * The kernel's IP Helper: the interfaces, addresses and routes of this machine,
 * and being told when they change.
 *
 * All is the host's: docs/netio.md says which member comes from where, and
 * which the host cannot tell. Nothing here changes the host; the functions that
 * would (SetIpInterfaceEntry, CreateIpForwardEntry2, …) are left out.
 *
 * Pages: the names in lower case, under windows-hardware/drivers/network.
 *
 * Common to the functions. IRQL < DISPATCH_LEVEL, unless they say otherwise. A
 * Family is AF_INET, AF_INET6, or where a table or a notification is asked for
 * AF_UNSPEC, which means both. An interface is named by its InterfaceLuid, or,
 * when that is 0, by its InterfaceIndex. A table is the caller's from success
 * on, until FreeMibTable. Failures:
 *
 *   STATUS_INVALID_PARAMETER  NULL where something is needed, another family,
 *                             neither LUID nor index
 *   STATUS_NOT_FOUND          no such interface, address or route; a table
 *                             without a row
 *   STATUS_NO_MEMORY          what the pages call STATUS_NOT_ENOUGH_MEMORY
 *   STATUS_NOT_SUPPORTED      the host does not tell, or has no such family
 */
#ifndef UWSK_KM_NETIOAPI_H
#define UWSK_KM_NETIOAPI_H

/* To a file that has the host's sockets it is the host's header. */
#if defined(_WIN32) &&                                                         \
    (defined(_WINSOCKAPI_) || defined(_WINSOCK2API_) || defined(_WINDOWS_))
#include_next <netioapi.h>
#else

#define _NETIOAPI_H_

#include "ifdef.h"
#include "nldef.h"
#include "sal.h"
#include "ws2def.h"
#include "ws2ipdef.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ANY_SIZE
#define ANY_SIZE 1
#endif

#define NETIO_STATUS     NTSTATUS
#define NETIO_SUCCESS(x) NT_SUCCESS(x)
#define NETIOAPI_API_    NTAPI
#define NETIOAPI_API     NETIO_STATUS NETIOAPI_API_
#define _NETIOAPI_SUCCESS_

typedef enum _NDIS_MEDIUM {
  NdisMedium802_3,
  NdisMedium802_5,
  NdisMediumFddi,
  NdisMediumWan,
  NdisMediumLocalTalk,
  NdisMediumDix,
  NdisMediumArcnetRaw,
  NdisMediumArcnet878_2,
  NdisMediumAtm,
  NdisMediumWirelessWan,
  NdisMediumIrda,
  NdisMediumBpc,
  NdisMediumCoWan,
  NdisMedium1394,
  NdisMediumInfiniBand,
  NdisMediumTunnel,
  NdisMediumNative802_11,
  NdisMediumLoopback,
  NdisMediumWiMAX,
  NdisMediumIP,
  NdisMediumMax
} NDIS_MEDIUM,
    *PNDIS_MEDIUM;

typedef enum _NDIS_PHYSICAL_MEDIUM {
  NdisPhysicalMediumUnspecified,
  NdisPhysicalMediumWirelessLan,
  NdisPhysicalMediumCableModem,
  NdisPhysicalMediumPhoneLine,
  NdisPhysicalMediumPowerLine,
  NdisPhysicalMediumDSL,
  NdisPhysicalMediumFibreChannel,
  NdisPhysicalMedium1394,
  NdisPhysicalMediumWirelessWan,
  NdisPhysicalMediumNative802_11,
  NdisPhysicalMediumBluetooth,
  NdisPhysicalMediumInfiniband,
  NdisPhysicalMediumWiMax,
  NdisPhysicalMediumUWB,
  NdisPhysicalMedium802_3,
  NdisPhysicalMedium802_5,
  NdisPhysicalMediumIrda,
  NdisPhysicalMediumWiredWAN,
  NdisPhysicalMediumWiredCoWan,
  NdisPhysicalMediumOther,
  NdisPhysicalMediumNative802_15_4,
  NdisPhysicalMediumMax
} NDIS_PHYSICAL_MEDIUM,
    *PNDIS_PHYSICAL_MEDIUM;

/* ---- interfaces --------------------------------------------------------- */

/* Windows page: mib-if-row2. */
typedef struct _MIB_IF_ROW2 {
  NET_LUID InterfaceLuid;
  NET_IFINDEX InterfaceIndex;
  GUID InterfaceGuid;
  WCHAR Alias[IF_MAX_STRING_SIZE + 1];
  WCHAR Description[IF_MAX_STRING_SIZE + 1];
  ULONG PhysicalAddressLength;
  UCHAR PhysicalAddress[IF_MAX_PHYS_ADDRESS_LENGTH];
  UCHAR PermanentPhysicalAddress[IF_MAX_PHYS_ADDRESS_LENGTH];
  ULONG Mtu; /* bytes */
  IFTYPE Type;
  TUNNEL_TYPE TunnelType;
  NDIS_MEDIUM MediaType;
  NDIS_PHYSICAL_MEDIUM PhysicalMediumType;
  NET_IF_ACCESS_TYPE AccessType;
  NET_IF_DIRECTION_TYPE DirectionType;
  struct {
    BOOLEAN HardwareInterface : 1;
    BOOLEAN FilterInterface : 1;
    BOOLEAN ConnectorPresent : 1;
    BOOLEAN NotAuthenticated : 1;
    BOOLEAN NotMediaConnected : 1;
    BOOLEAN Paused : 1;
    BOOLEAN LowPower : 1;
    BOOLEAN EndPointInterface : 1;
  } InterfaceAndOperStatusFlags;
  IF_OPER_STATUS OperStatus;
  NET_IF_ADMIN_STATUS AdminStatus;
  NET_IF_MEDIA_CONNECT_STATE MediaConnectState;
  NET_IF_NETWORK_GUID NetworkGuid;
  NET_IF_CONNECTION_TYPE ConnectionType;
  ULONG64 TransmitLinkSpeed; /* bits per second */
  ULONG64 ReceiveLinkSpeed;
  ULONG64 InOctets;
  ULONG64 InUcastPkts;
  ULONG64 InNUcastPkts;
  ULONG64 InDiscards;
  ULONG64 InErrors;
  ULONG64 InUnknownProtos;
  ULONG64 InUcastOctets;
  ULONG64 InMulticastOctets;
  ULONG64 InBroadcastOctets;
  ULONG64 OutOctets;
  ULONG64 OutUcastPkts;
  ULONG64 OutNUcastPkts;
  ULONG64 OutDiscards;
  ULONG64 OutErrors;
  ULONG64 OutUcastOctets;
  ULONG64 OutMulticastOctets;
  ULONG64 OutBroadcastOctets;
  ULONG64 OutQLen;
} MIB_IF_ROW2, *PMIB_IF_ROW2;

typedef struct _MIB_IF_TABLE2 {
  ULONG NumEntries;
  MIB_IF_ROW2 Table[ANY_SIZE];
} MIB_IF_TABLE2, *PMIB_IF_TABLE2;

typedef enum _MIB_IF_TABLE_LEVEL {
  MibIfTableNormal,
  MibIfTableRaw,
  MibIfTableNormalWithoutStatistics
} MIB_IF_TABLE_LEVEL,
    *PMIB_IF_TABLE_LEVEL;

typedef enum _MIB_IF_ENTRY_LEVEL {
  MibIfEntryNormal,
  MibIfEntryNormalWithoutStatistics = 2
} MIB_IF_ENTRY_LEVEL,
    *PMIB_IF_ENTRY_LEVEL;

/* Fills the row of the interface that it names. */
NETIOAPI_API GetIfEntry2(_Inout_ PMIB_IF_ROW2 Row);

/* The same; without statistics the counters are 0. */
NETIOAPI_API GetIfEntry2Ex(_In_ MIB_IF_ENTRY_LEVEL Level,
                           _Inout_ PMIB_IF_ROW2 Row);

/* All interfaces, whether they are up or not. */
NETIOAPI_API GetIfTable2(_Outptr_ PMIB_IF_TABLE2 *Table);
NETIOAPI_API GetIfTable2Ex(_In_ MIB_IF_TABLE_LEVEL Level,
                           _Outptr_ PMIB_IF_TABLE2 *Table);

/* An interface as one family sees it. Windows page: mib-ipinterface-row. */
typedef struct _MIB_IPINTERFACE_ROW {
  ADDRESS_FAMILY Family;
  NET_LUID InterfaceLuid;
  NET_IFINDEX InterfaceIndex;
  ULONG MaxReassemblySize;
  ULONG64 InterfaceIdentifier;
  ULONG MinRouterAdvertisementInterval;
  ULONG MaxRouterAdvertisementInterval;
  BOOLEAN AdvertisingEnabled;
  BOOLEAN ForwardingEnabled;
  BOOLEAN WeakHostSend;
  BOOLEAN WeakHostReceive;
  BOOLEAN UseAutomaticMetric;
  BOOLEAN UseNeighborUnreachabilityDetection;
  BOOLEAN ManagedAddressConfigurationSupported;
  BOOLEAN OtherStatefulConfigurationSupported;
  BOOLEAN AdvertiseDefaultRoute;
  NL_ROUTER_DISCOVERY_BEHAVIOR RouterDiscoveryBehavior;
  ULONG DadTransmits;
  ULONG BaseReachableTime; /* milliseconds, as all times of this row */
  ULONG RetransmitTime;
  ULONG PathMtuDiscoveryTimeout;
  NL_LINK_LOCAL_ADDRESS_BEHAVIOR LinkLocalAddressBehavior;
  ULONG LinkLocalAddressTimeout;
  ULONG ZoneIndices[ScopeLevelCount];
  ULONG SitePrefixLength;
  ULONG Metric;
  ULONG NlMtu; /* bytes */
  BOOLEAN Connected;
  BOOLEAN SupportsWakeUpPatterns;
  BOOLEAN SupportsNeighborDiscovery;
  BOOLEAN SupportsRouterDiscovery;
  ULONG ReachableTime;
  NL_INTERFACE_OFFLOAD_ROD TransmitOffload;
  NL_INTERFACE_OFFLOAD_ROD ReceiveOffload;
  BOOLEAN DisableDefaultRoutes;
} MIB_IPINTERFACE_ROW, *PMIB_IPINTERFACE_ROW;

typedef struct _MIB_IPINTERFACE_TABLE {
  ULONG NumEntries;
  MIB_IPINTERFACE_ROW Table[ANY_SIZE];
} MIB_IPINTERFACE_TABLE, *PMIB_IPINTERFACE_TABLE;

/* All zero, which is AF_UNSPEC and no interface. */
VOID NETIOAPI_API_ InitializeIpInterfaceEntry(_Inout_ PMIB_IPINTERFACE_ROW Row);

/* Fills the row of the interface and Family that it names. */
NETIOAPI_API GetIpInterfaceEntry(_Inout_ PMIB_IPINTERFACE_ROW Row);

NETIOAPI_API GetIpInterfaceTable(_In_ ADDRESS_FAMILY Family,
                                 _Outptr_ PMIB_IPINTERFACE_TABLE *Table);

/* ---- addresses ---------------------------------------------------------- */

/* Windows page: mib-unicastipaddress-row. */
typedef struct _MIB_UNICASTIPADDRESS_ROW {
  SOCKADDR_INET Address;
  NET_LUID InterfaceLuid;
  NET_IFINDEX InterfaceIndex;
  NL_PREFIX_ORIGIN PrefixOrigin;
  NL_SUFFIX_ORIGIN SuffixOrigin;
  ULONG ValidLifetime; /* seconds; 0xFFFFFFFF for ever */
  ULONG PreferredLifetime;
  UINT8 OnLinkPrefixLength;
  BOOLEAN SkipAsSource;
  NL_DAD_STATE DadState;
  SCOPE_ID ScopeId;
  LARGE_INTEGER CreationTimeStamp;
} MIB_UNICASTIPADDRESS_ROW, *PMIB_UNICASTIPADDRESS_ROW;

typedef struct _MIB_UNICASTIPADDRESS_TABLE {
  ULONG NumEntries;
  MIB_UNICASTIPADDRESS_ROW Table[ANY_SIZE];
} MIB_UNICASTIPADDRESS_TABLE, *PMIB_UNICASTIPADDRESS_TABLE;

/* All zero but the lifetimes (for ever), the origins (…Unchanged) and
 * OnLinkPrefixLength (255, which no address has). */
VOID NETIOAPI_API_
InitializeUnicastIpAddressEntry(_Out_ PMIB_UNICASTIPADDRESS_ROW Row);

/* Fills the row of the Address on the interface that it names. */
NETIOAPI_API GetUnicastIpAddressEntry(_Inout_ PMIB_UNICASTIPADDRESS_ROW Row);

NETIOAPI_API
GetUnicastIpAddressTable(_In_ ADDRESS_FAMILY Family,
                         _Outptr_ PMIB_UNICASTIPADDRESS_TABLE *Table);

/* ---- routes ------------------------------------------------------------- */

/* Windows page: ip-address-prefix. */
typedef struct _IP_ADDRESS_PREFIX {
  SOCKADDR_INET Prefix;
  UINT8 PrefixLength;
} IP_ADDRESS_PREFIX, *PIP_ADDRESS_PREFIX;

/* NextHop is 0.0.0.0 or :: where the destination is on the link. Windows page:
 * mib-ipforward-row2. */
typedef struct _MIB_IPFORWARD_ROW2 {
  NET_LUID InterfaceLuid;
  NET_IFINDEX InterfaceIndex;
  IP_ADDRESS_PREFIX DestinationPrefix;
  SOCKADDR_INET NextHop;
  UCHAR SitePrefixLength;
  ULONG ValidLifetime; /* seconds; 0xFFFFFFFF for ever */
  ULONG PreferredLifetime;
  ULONG Metric;
  NL_ROUTE_PROTOCOL Protocol;
  BOOLEAN Loopback;
  BOOLEAN AutoconfigureAddress;
  BOOLEAN Publish;
  BOOLEAN Immortal;
  ULONG Age;
  NL_ROUTE_ORIGIN Origin;
} MIB_IPFORWARD_ROW2, *PMIB_IPFORWARD_ROW2;

typedef struct _MIB_IPFORWARD_TABLE2 {
  ULONG NumEntries;
  MIB_IPFORWARD_ROW2 Table[ANY_SIZE];
} MIB_IPFORWARD_TABLE2, *PMIB_IPFORWARD_TABLE2;

/* All zero but the lifetimes (for ever), the four BOOLEANs (TRUE), and what no
 * route has: SitePrefixLength 255, Metric and Protocol all ones. */
VOID NETIOAPI_API_ InitializeIpForwardEntry(_Out_ PMIB_IPFORWARD_ROW2 Row);

/* Fills the row of the route that DestinationPrefix, NextHop and the interface
 * name. */
NETIOAPI_API GetIpForwardEntry2(_Inout_ PMIB_IPFORWARD_ROW2 Row);

NETIOAPI_API GetIpForwardTable2(_In_ ADDRESS_FAMILY Family,
                                _Outptr_ PMIB_IPFORWARD_TABLE2 *Table);

/*
 * The route to a destination, and the source address it would be sent from. The
 * interface (InterfaceLuid may be NULL) and SourceAddress (NULL, or
 * unspecified) narrow the choice. AddressSortOptions is not used. Also
 * STATUS_NETWORK_UNREACHABLE, STATUS_HOST_UNREACHABLE: there is none.
 */
NETIOAPI_API GetBestRoute2(_In_opt_ NET_LUID *InterfaceLuid,
                           _In_ NET_IFINDEX InterfaceIndex,
                           _In_opt_ CONST SOCKADDR_INET *SourceAddress,
                           _In_ CONST SOCKADDR_INET *DestinationAddress,
                           _In_ ULONG AddressSortOptions,
                           _Out_ PMIB_IPFORWARD_ROW2 BestRoute,
                           _Out_ SOCKADDR_INET *BestSourceAddress);

/* ---- tables ------------------------------------------------------------- */

/* Frees a table, once. */
VOID NETIOAPI_API_ FreeMibTable(_In_ PVOID Memory);

/* ---- changes ------------------------------------------------------------ */

typedef enum _MIB_NOTIFICATION_TYPE {
  MibParameterNotification, /* a row that was there has other values */
  MibAddInstance,
  MibDeleteInstance,
  MibInitialNotification /* nothing has changed; Row is NULL */
} MIB_NOTIFICATION_TYPE,
    *PMIB_NOTIFICATION_TYPE;

/*
 * Called at PASSIVE_LEVEL on a worker thread, for one registration one call at
 * a time, in the order of the changes. Of Row, which is good for the time of
 * the call, only what names the changed row is filled in: LUID and index of the
 * interface, and Family; Address; DestinationPrefix and NextHop.
 */
typedef VOID(NETIOAPI_API_ *PIPINTERFACE_CHANGE_CALLBACK)(
    _In_ PVOID CallerContext, _In_opt_ PMIB_IPINTERFACE_ROW Row,
    _In_ MIB_NOTIFICATION_TYPE NotificationType);
typedef VOID(NETIOAPI_API_ *PUNICAST_IPADDRESS_CHANGE_CALLBACK)(
    _In_ PVOID CallerContext, _In_opt_ PMIB_UNICASTIPADDRESS_ROW Row,
    _In_ MIB_NOTIFICATION_TYPE NotificationType);
typedef VOID(NETIOAPI_API_ *PIPFORWARD_CHANGE_CALLBACK)(
    _In_ PVOID CallerContext, _In_opt_ PMIB_IPFORWARD_ROW2 Row,
    _In_ MIB_NOTIFICATION_TYPE NotificationType);

/*
 * Registers a callback, until CancelMibChangeNotify2. With InitialNotification
 * it is called once for a sign that it is registered, perhaps before these
 * return. *NotificationHandle becomes NULL on failure. Also
 * STATUS_DEVICE_NOT_READY: uwsk does not run. IRQL < DISPATCH_LEVEL.
 */
NETIOAPI_API NotifyIpInterfaceChange(_In_ ADDRESS_FAMILY Family,
                                     _In_ PIPINTERFACE_CHANGE_CALLBACK Callback,
                                     _In_opt_ PVOID CallerContext,
                                     _In_ BOOLEAN InitialNotification,
                                     _Inout_ HANDLE *NotificationHandle);
NETIOAPI_API
NotifyUnicastIpAddressChange(_In_ ADDRESS_FAMILY Family,
                             _In_ PUNICAST_IPADDRESS_CHANGE_CALLBACK Callback,
                             _In_opt_ PVOID CallerContext,
                             _In_ BOOLEAN InitialNotification,
                             _Inout_ HANDLE *NotificationHandle);
NETIOAPI_API NotifyRouteChange2(_In_ ADDRESS_FAMILY AddressFamily,
                                _In_ PIPFORWARD_CHANGE_CALLBACK Callback,
                                _In_opt_ PVOID CallerContext,
                                _In_ BOOLEAN InitialNotification,
                                _Inout_ HANDLE *NotificationHandle);

/*
 * Ends a registration, and waits for a callback of it that runs; none comes
 * afterwards. PASSIVE_LEVEL, and not from a callback of the same registration,
 * which would wait for itself for ever: that is reported, and refused with
 * STATUS_INVALID_DEVICE_STATE.
 */
NETIOAPI_API CancelMibChangeNotify2(_In_ HANDLE NotificationHandle);

/* ---- names of interfaces ------------------------------------------------ */

/* All at PASSIVE_LEVEL; STATUS_INVALID_PARAMETER when there is no such
 * interface, and the answer is zero then. */
NETIOAPI_API ConvertInterfaceLuidToIndex(_In_ CONST NET_LUID *InterfaceLuid,
                                         _Out_ PNET_IFINDEX InterfaceIndex);
NETIOAPI_API ConvertInterfaceIndexToLuid(_In_ NET_IFINDEX InterfaceIndex,
                                         _Out_ PNET_LUID InterfaceLuid);
NETIOAPI_API ConvertInterfaceLuidToGuid(_In_ CONST NET_LUID *InterfaceLuid,
                                        _Out_ GUID *InterfaceGuid);
NETIOAPI_API ConvertInterfaceGuidToLuid(_In_ CONST GUID *InterfaceGuid,
                                        _Out_ PNET_LUID InterfaceLuid);

/* Length in characters, with the terminator; STATUS_NO_MEMORY when it is too
 * small. */
NETIOAPI_API
ConvertInterfaceLuidToAlias(_In_ CONST NET_LUID *InterfaceLuid,
                            _Out_writes_(Length) PWSTR InterfaceAlias,
                            _In_ SIZE_T Length);
NETIOAPI_API ConvertInterfaceAliasToLuid(_In_ CONST WCHAR *InterfaceAlias,
                                         _Out_ PNET_LUID InterfaceLuid);

#ifdef __cplusplus
}
#endif

#endif
#endif
