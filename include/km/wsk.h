/*
 * Winsock Kernel (WSK): what a driver includes to use sockets.
 *
 * A client registers (WskRegister), captures the provider
 * (WskCaptureProviderNPI), and from then on calls through dispatch tables: the
 * provider's own table makes sockets, and each socket points to the table of
 * its category. Every call that may pend takes an IRP of the caller's; who
 * passes one gets its completion routine called whatever the call returned.
 *
 * "Windows page" names the file under wdk-ddi-src/content/wsk of Microsoft's
 * public driver documentation. Lengths are in bytes. Calls and callbacks are
 * for IRQL <= DISPATCH_LEVEL where nothing else is said.
 */
#ifndef _WSK_
#define _WSK_

#include "uwsk_socket_guard.h"

#include "wdm.h"

#include "netioddk.h"
#include "ws2def.h"
#include "ws2ipdef.h"
/* Windows' wsk.h brings mstcpip.h as well; drivers rely on it. */
#include "mstcpip.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef WSKAPI
#define WSKAPI NTAPI
#endif

/* Versions of the interface: major in the high byte, minor in the low one.
 * Within a major version a higher minor one only adds members at the end. */
#define MAKE_WSK_VERSION(Mj, Mn) ((USHORT)((Mj) << 8) | (USHORT)((Mn)&0xff))
#define WSK_MAJOR_VERSION(V)     ((UCHAR)((V) >> 8))
#define WSK_MINOR_VERSION(V)     ((UCHAR)(V))

/* How long WskCaptureProviderNPI may wait, instead of milliseconds. */
#define WSK_NO_WAIT       0
#define WSK_INFINITE_WAIT 0xffffffff

/* Identifies WSK itself where a NPIID is asked for; clients take its address.
 */
extern CONST NPIID NPI_WSK_INTERFACE_ID;

/* Category of a new socket: Flags of WskSocket and WskSocketConnect. */
#define WSK_FLAG_BASIC_SOCKET      0x00000000
#define WSK_FLAG_LISTEN_SOCKET     0x00000001
#define WSK_FLAG_CONNECTION_SOCKET 0x00000002
#define WSK_FLAG_DATAGRAM_SOCKET   0x00000004
#define WSK_FLAG_STREAM_SOCKET     0x00000008

/* Flags of WskSend. */
#define WSK_FLAG_OOB     0x00000001
#define WSK_FLAG_NODELAY 0x00000002

/* Flags of WskReceive; not both. */
#define WSK_FLAG_WAITALL 0x00000002
#define WSK_FLAG_DRAIN   0x00000004

/* Flag of WskDisconnect and of WskDisconnectEvent. */
#define WSK_FLAG_ABORTIVE 0x00000001

/* Flags of WskReceiveEvent. */
#define WSK_FLAG_RELEASE_ASAP   0x00000002
#define WSK_FLAG_ENTIRE_MESSAGE 0x00000004

/* Flag of the accept, receive, disconnect and receive-from callbacks: the
 * caller knows to be at DISPATCH_LEVEL. Not set says nothing. */
#define WSK_FLAG_AT_DISPATCH_LEVEL 0x00000008

/* Event callbacks, for WSK_EVENT_CALLBACK_CONTROL.EventMask. */
#define WSK_EVENT_SEND_BACKLOG 0x00000010
#define WSK_EVENT_RECEIVE      0x00000040
#define WSK_EVENT_DISCONNECT   0x00000080
#define WSK_EVENT_RECEIVE_FROM 0x00000100
#define WSK_EVENT_ACCEPT       0x00000200
/* Joined with exactly one of the above: turn it off. */
#define WSK_EVENT_DISABLE 0x80000000

/* Control codes of WskControlClient. */
#define WSK_TRANSPORT_LIST_QUERY       2
#define WSK_TRANSPORT_LIST_CHANGE      3
#define WSK_CACHE_SD                   4
#define WSK_RELEASE_SD                 5
#define WSK_TDI_DEVICENAME_MAPPING     6
#define WSK_SET_STATIC_EVENT_CALLBACKS 7
#define WSK_TDI_BEHAVIOR               8

/* Flag of WSK_TDI_BEHAVIOR. */
#define WSK_TDI_BEHAVIOR_BYPASS_TDI 0x00000001

/* Socket options of level SOL_SOCKET that only WSK has. */
#define SO_WSK_SECURITY       (WSK_SO_BASE + 1)
#define SO_WSK_EVENT_CALLBACK (WSK_SO_BASE + 2)

/* Requests of WskControlSocket with WskIoctl that only WSK has. */
#define SIO_WSK_SET_REMOTE_ADDRESS       _WSAIOW(IOC_WSK, 0x1)
#define SIO_WSK_REGISTER_EXTENSION       _WSAIORW(IOC_WSK, 0x2)
#define SIO_WSK_QUERY_IDEAL_SEND_BACKLOG _WSAIOR(IOC_WSK, 0x3)
#define SIO_WSK_QUERY_RECEIVE_BACKLOG    _WSAIOR(IOC_WSK, 0x4)
#define SIO_WSK_QUERY_INSPECT_ID         _WSAIOR(IOC_WSK, 0x5)
#define SIO_WSK_SET_SENDTO_ADDRESS       _WSAIOW(IOC_WSK, 0x6)
#define SIO_WSK_SET_TCP_SILENT_MODE      _WSAIO(IOC_WSK, 0x7)

/* What WskControlSocket shall do. Windows page: nc-wsk-pfn_wsk_control_socket.
 */
typedef enum {
  WskSetOption,
  WskGetOption,
  WskIoctl,
  WskControlMax
} WSK_CONTROL_SOCKET_TYPE,
    *PWSK_CONTROL_SOCKET_TYPE;

/* Answer to an incoming connection under conditional accept. Pend is for the
 * callback alone. Windows page: nc-wsk-pfn_wsk_inspect_event. */
typedef enum {
  WskInspectReject,
  WskInspectAccept,
  WskInspectPend,
  WskInspectMax
} WSK_INSPECT_ACTION,
    *PWSK_INSPECT_ACTION;

/* The handle of a client, from WskCaptureProviderNPI. */
typedef PVOID PWSK_CLIENT;

/* A socket. Dispatch is the provider table of the socket's category; the
 * memory is the provider's. Windows page: ns-wsk-_wsk_socket. */
typedef struct _WSK_SOCKET {
  CONST VOID *Dispatch;
} WSK_SOCKET, *PWSK_SOCKET;

/* Length bytes in a chain of MDLs, from Offset in the first one. Mdl may be
 * NULL for a length of 0. The MDLs describe locked or nonpaged memory and stay
 * the client's until the call has completed. Windows page: ns-wsk-_wsk_buf. */
typedef struct _WSK_BUF {
  PMDL Mdl;
  ULONG Offset;
  SIZE_T Length;
} WSK_BUF, *PWSK_BUF;

/* Several buffers, one datagram each. Windows page: ns-wsk-wsk_buf_list. */
typedef struct _WSK_BUF_LIST {
  struct _WSK_BUF_LIST *Next;
  WSK_BUF Buffer;
} WSK_BUF_LIST, *PWSK_BUF_LIST;

/* Received stream data in the provider's memory. A client that keeps it gives
 * it back with WskRelease. Windows page: ns-wsk-_wsk_data_indication. */
typedef struct _WSK_DATA_INDICATION {
  struct _WSK_DATA_INDICATION *Next;
  WSK_BUF Buffer;
} WSK_DATA_INDICATION, *PWSK_DATA_INDICATION;

/* Received datagrams in the provider's memory, one per member. Windows page:
 * ns-wsk-_wsk_datagram_indication. */
typedef struct _WSK_DATAGRAM_INDICATION {
  struct _WSK_DATAGRAM_INDICATION *Next;
  WSK_BUF Buffer;
  PCMSGHDR ControlInfo;
  ULONG ControlInfoLength;
  PSOCKADDR RemoteAddress;
} WSK_DATAGRAM_INDICATION, *PWSK_DATAGRAM_INDICATION;

/* Names one incoming connection while it is inspected. Compare members, not
 * bytes: there is padding. Windows page: ns-wsk-_wsk_inspect_id. */
typedef struct _WSK_INSPECT_ID {
  ULONG_PTR Key;
  ULONG SerialNumber;
} WSK_INSPECT_ID, *PWSK_INSPECT_ID;

/* Turns event callbacks on or off. Windows page:
 * ns-wsk-_wsk_event_callback_control. */
typedef struct _WSK_EVENT_CALLBACK_CONTROL {
  PNPIID NpiId;
  ULONG EventMask;
} WSK_EVENT_CALLBACK_CONTROL, *PWSK_EVENT_CALLBACK_CONTROL;

/* Input and output of SIO_WSK_REGISTER_EXTENSION. Windows pages:
 * ns-wsk-_wsk_extension_control_in and _out. */
typedef struct _WSK_EXTENSION_CONTROL_IN {
  PNPIID NpiId;
  PVOID ClientContext;
  CONST VOID *ClientDispatch;
} WSK_EXTENSION_CONTROL_IN, *PWSK_EXTENSION_CONTROL_IN;

typedef struct _WSK_EXTENSION_CONTROL_OUT {
  PVOID ProviderContext;
  CONST VOID *ProviderDispatch;
} WSK_EXTENSION_CONTROL_OUT, *PWSK_EXTENSION_CONTROL_OUT;

/* One available transport, an element of what WSK_TRANSPORT_LIST_QUERY
 * answers. Windows page: ns-wsk-_wsk_transport. */
typedef struct _WSK_TRANSPORT {
  USHORT Version;
  USHORT SocketType;
  ULONG Protocol;
  ADDRESS_FAMILY AddressFamily;
  GUID ProviderId;
} WSK_TRANSPORT, *PWSK_TRANSPORT;

/* Input of WSK_TDI_DEVICENAME_MAPPING. Windows pages: ns-wsk-_wsk_tdi_map and
 * ns-wsk-_wsk_tdi_map_info. */
typedef struct _WSK_TDI_MAP {
  USHORT SocketType;
  ADDRESS_FAMILY AddressFamily;
  ULONG Protocol;
  PCWSTR TdiDeviceName;
} WSK_TDI_MAP, *PWSK_TDI_MAP;

typedef struct _WSK_TDI_MAP_INFO {
  ULONG ElementCount;
  CONST WSK_TDI_MAP *Map;
} WSK_TDI_MAP_INFO, *PWSK_TDI_MAP_INFO;

/*
 * Callbacks: functions of the client's that the provider calls, at IRQL <=
 * DISPATCH_LEVEL. They must not wait for another WSK call.
 */

/* Reports a change to the whole client; none is defined, so a client answers
 * STATUS_NOT_IMPLEMENTED. Windows page: nc-wsk-pfn_wsk_client_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CLIENT_EVENT)(
    _In_opt_ PVOID ClientContext, _In_ ULONG EventType,
    _In_reads_bytes_opt_(InformationLength) PVOID Information,
    _In_ SIZE_T InformationLength);

typedef struct _WSK_CLIENT_CONNECTION_DISPATCH WSK_CLIENT_CONNECTION_DISPATCH,
    *PWSK_CLIENT_CONNECTION_DISPATCH;

/* An incoming connection was accepted. AcceptSocket is the client's from the
 * moment it answers STATUS_SUCCESS; STATUS_REQUEST_NOT_ACCEPTED leaves it to
 * the provider to close. AcceptSocket NULL: the listener is no longer
 * functional. Windows page: nc-wsk-pfn_wsk_accept_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_ACCEPT_EVENT)(
    _In_opt_ PVOID SocketContext, _In_ ULONG Flags, _In_ PSOCKADDR LocalAddress,
    _In_ PSOCKADDR RemoteAddress, _In_opt_ PWSK_SOCKET AcceptSocket,
    _Outptr_result_maybenull_ PVOID *AcceptSocketContext,
    _Outptr_result_maybenull_ CONST
        WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch);

/* An incoming connection wants inspection (SO_CONDITIONAL_ACCEPT). Windows
 * page: nc-wsk-pfn_wsk_inspect_event. */
typedef WSK_INSPECT_ACTION(WSKAPI *PFN_WSK_INSPECT_EVENT)(
    _In_opt_ PVOID SocketContext, _In_ PSOCKADDR LocalAddress,
    _In_ PSOCKADDR RemoteAddress, _In_opt_ PWSK_INSPECT_ID InspectID);

/* A connection under inspection has gone away. Windows page:
 * nc-wsk-pfn_wsk_abort_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_ABORT_EVENT)(_In_opt_ PVOID SocketContext,
                                              _In_ PWSK_INSPECT_ID InspectID);

/* Stream data arrived while no WskReceive was pending. STATUS_SUCCESS: taken,
 * as far as *BytesAccepted says; STATUS_PENDING: kept, WskRelease follows;
 * STATUS_DATA_NOT_ACCEPTED: not taken. DataIndication NULL: the socket is no
 * longer functional, close it. Windows page: nc-wsk-pfn_wsk_receive_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_EVENT)(
    _In_opt_ PVOID SocketContext, _In_ ULONG Flags,
    _In_opt_ PWSK_DATA_INDICATION DataIndication, _In_ SIZE_T BytesIndicated,
    _Inout_ SIZE_T *BytesAccepted);

/* The peer disconnected; WSK_FLAG_ABORTIVE says how. Windows page:
 * nc-wsk-pfn_wsk_disconnect_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_DISCONNECT_EVENT)(_In_opt_ PVOID SocketContext,
                                                   _In_ ULONG Flags);

/* The ideal number of bytes to keep in flight has changed. Windows page:
 * nc-wsk-pfn_wsk_send_backlog_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_BACKLOG_EVENT)(
    _In_opt_ PVOID SocketContext, _In_ SIZE_T IdealBacklogSize);

/* Datagrams arrived. Answers as for WskReceiveEvent, for the whole list.
 * DataIndication NULL: the socket is no longer functional, close it. Windows
 * page: nc-wsk-pfn_wsk_receive_from_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_FROM_EVENT)(
    _In_opt_ PVOID SocketContext, _In_ ULONG Flags,
    _In_opt_ PWSK_DATAGRAM_INDICATION DataIndication);

/*
 * Tables the client fills. Every member may be NULL as long as the event is
 * not enabled. The memory stays the client's and must outlive the socket.
 */

/* Windows page: ns-wsk-_wsk_client_dispatch. */
typedef struct _WSK_CLIENT_DISPATCH {
  USHORT Version;
  USHORT Reserved;
  PFN_WSK_CLIENT_EVENT WskClientEvent;
} WSK_CLIENT_DISPATCH, *PWSK_CLIENT_DISPATCH;

/* Windows page: ns-wsk-_wsk_client_listen_dispatch. */
typedef struct _WSK_CLIENT_LISTEN_DISPATCH {
  PFN_WSK_ACCEPT_EVENT WskAcceptEvent;
  PFN_WSK_INSPECT_EVENT WskInspectEvent;
  PFN_WSK_ABORT_EVENT WskAbortEvent;
} WSK_CLIENT_LISTEN_DISPATCH, *PWSK_CLIENT_LISTEN_DISPATCH;

/* Windows page: ns-wsk-_wsk_client_connection_dispatch. */
struct _WSK_CLIENT_CONNECTION_DISPATCH {
  PFN_WSK_RECEIVE_EVENT WskReceiveEvent;
  PFN_WSK_DISCONNECT_EVENT WskDisconnectEvent;
  PFN_WSK_SEND_BACKLOG_EVENT WskSendBacklogEvent;
};

/* Windows page: ns-wsk-_wsk_client_datagram_dispatch. */
typedef struct _WSK_CLIENT_DATAGRAM_DISPATCH {
  PFN_WSK_RECEIVE_FROM_EVENT WskReceiveFromEvent;
} WSK_CLIENT_DATAGRAM_DISPATCH, *PWSK_CLIENT_DATAGRAM_DISPATCH;

/* Points to the tables for either thing the socket may become. Windows page:
 * ns-wsk-_wsk_client_stream_dispatch. */
typedef struct _WSK_CLIENT_STREAM_DISPATCH {
  CONST WSK_CLIENT_LISTEN_DISPATCH *Listen;
  CONST WSK_CLIENT_CONNECTION_DISPATCH *Connect;
} WSK_CLIENT_STREAM_DISPATCH, *PWSK_CLIENT_STREAM_DISPATCH;

/*
 * Calls on the client level, found in WSK_PROVIDER_DISPATCH.
 *
 * Owning process and thread may be NULL, and so may SecurityDescriptor.
 * The new socket is in IoStatus.Information when the IRP has succeeded.
 */

/* Makes a socket. SocketContext and Dispatch go to the callbacks; Dispatch is
 * the client table of the category Flags name. Windows page:
 * nc-wsk-pfn_wsk_socket. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SOCKET)(
    _In_ PWSK_CLIENT Client, _In_ ADDRESS_FAMILY AddressFamily,
    _In_ USHORT SocketType, _In_ ULONG Protocol, _In_ ULONG Flags,
    _In_opt_ PVOID SocketContext, _In_opt_ CONST VOID *Dispatch,
    _In_opt_ PEPROCESS OwningProcess, _In_opt_ PETHREAD OwningThread,
    _In_opt_ PSECURITY_DESCRIPTOR SecurityDescriptor, _Inout_ PIRP Irp);

/* Makes a connection-oriented socket, binds and connects it. Flags are
 * reserved, 0. Windows page: nc-wsk-pfn_wsk_socket_connect. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SOCKET_CONNECT)(
    _In_ PWSK_CLIENT Client, _In_ USHORT SocketType, _In_ ULONG Protocol,
    _In_ PSOCKADDR LocalAddress, _In_ PSOCKADDR RemoteAddress,
    _Reserved_ ULONG Flags, _In_opt_ PVOID SocketContext,
    _In_opt_ CONST WSK_CLIENT_CONNECTION_DISPATCH *Dispatch,
    _In_opt_ PEPROCESS OwningProcess, _In_opt_ PETHREAD OwningThread,
    _In_opt_ PSECURITY_DESCRIPTOR SecurityDescriptor, _Inout_ PIRP Irp);

/* Does what ControlCode (WSK_TRANSPORT_LIST_QUERY and its siblings) says for
 * the client as a whole; whether an IRP goes with it depends on the code.
 * Windows page: nc-wsk-pfn_wsk_control_client. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CONTROL_CLIENT)(
    _In_ PWSK_CLIENT Client, _In_ ULONG ControlCode, _In_ SIZE_T InputSize,
    _In_reads_bytes_opt_(InputSize) PVOID InputBuffer, _In_ SIZE_T OutputSize,
    _Out_writes_bytes_opt_(OutputSize) PVOID OutputBuffer,
    _Out_opt_ SIZE_T *OutputSizeReturned, _Inout_opt_ PIRP Irp);

/* Finds the addresses of a host name or literal (NodeName) and the port of a
 * service name or number (ServiceName); one of them may be NULL. Hints narrow
 * the search. *Result is NULL until the IRP completes with STATUS_SUCCESS; then
 * it is the head of a list that is the client's to free with
 * WskFreeAddressInfo. STATUS_NOT_FOUND: there is no such name. IRQL
 * PASSIVE_LEVEL. Windows page: nc-wsk-pfn_wsk_get_address_info. */
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_ADDRESS_INFO)(
    _In_ PWSK_CLIENT Client, _In_opt_ PUNICODE_STRING NodeName,
    _In_opt_ PUNICODE_STRING ServiceName, _In_opt_ ULONG NameSpace,
    _In_opt_ GUID *Provider, _In_opt_ PADDRINFOEXW Hints,
    _Outptr_ PADDRINFOEXW *Result, _In_opt_ PEPROCESS OwningProcess,
    _In_opt_ PETHREAD OwningThread, _Inout_ PIRP Irp);

/* Frees a whole list by the head that WskGetAddressInfo gave to the same
 * client. IRQL PASSIVE_LEVEL. Windows page: nc-wsk-pfn_wsk_free_address_info.
 */
typedef VOID(WSKAPI *PFN_WSK_FREE_ADDRESS_INFO)(_In_ PWSK_CLIENT Client,
                                                _In_ PADDRINFOEXW AddrInfo);

/* Turns an address (SockAddrLength in bytes) into the names of its host and its
 * service, in buffers of the client's, which stay until the IRP completes and
 * have room for a terminating null. Either string may be NULL. Flags are NI_*.
 * STATUS_NO_MATCH: NI_NAMEREQD, and there is no name. STATUS_BUFFER_TOO_SMALL.
 * IRQL PASSIVE_LEVEL. Windows page: nc-wsk-pfn_wsk_get_name_info. */
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_NAME_INFO)(
    _In_ PWSK_CLIENT Client, _In_ PSOCKADDR SockAddr, _In_ ULONG SockAddrLength,
    _Out_opt_ PUNICODE_STRING NodeName, _Out_opt_ PUNICODE_STRING ServiceName,
    _In_ ULONG Flags, _In_opt_ PEPROCESS OwningProcess,
    _In_opt_ PETHREAD OwningThread, _Inout_ PIRP Irp);

/* The last three are there from Windows 7 on. Windows page:
 * ns-wsk-_wsk_provider_dispatch. */
typedef struct _WSK_PROVIDER_DISPATCH {
  USHORT Version;
  USHORT Reserved;
  PFN_WSK_SOCKET WskSocket;
  PFN_WSK_SOCKET_CONNECT WskSocketConnect;
  PFN_WSK_CONTROL_CLIENT WskControlClient;
  PFN_WSK_GET_ADDRESS_INFO WskGetAddressInfo;
  PFN_WSK_FREE_ADDRESS_INFO WskFreeAddressInfo;
  PFN_WSK_GET_NAME_INFO WskGetNameInfo;
} WSK_PROVIDER_DISPATCH, *PWSK_PROVIDER_DISPATCH;

/*
 * Calls on a socket. A call that returns STATUS_PENDING keeps the buffers and
 * addresses it was given until its IRP completes; IoStatus.Information then
 * holds the bytes moved, or the new socket of WskAccept.
 * STATUS_FILE_FORCED_CLOSED from any of them: the socket is dead, close it.
 */

/* Sets or reads an option, or runs a request (SIO_*). Windows page:
 * nc-wsk-pfn_wsk_control_socket. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CONTROL_SOCKET)(
    _In_ PWSK_SOCKET Socket, _In_ WSK_CONTROL_SOCKET_TYPE RequestType,
    _In_ ULONG ControlCode, _In_ ULONG Level, _In_ SIZE_T InputSize,
    _In_reads_bytes_opt_(InputSize) PVOID InputBuffer, _In_ SIZE_T OutputSize,
    _Out_writes_bytes_opt_(OutputSize) PVOID OutputBuffer,
    _Out_opt_ SIZE_T *OutputSizeReturned, _Inout_opt_ PIRP Irp);

/* Ends the socket: what pends is cancelled and completed, callbacks return,
 * then Irp completes. Windows page: nc-wsk-pfn_wsk_close_socket. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CLOSE_SOCKET)(_In_ PWSK_SOCKET Socket,
                                               _Inout_ PIRP Irp);

/* Gives the socket a local address; Flags are reserved, 0. Windows page:
 * nc-wsk-pfn_wsk_bind. */
typedef NTSTATUS(WSKAPI *PFN_WSK_BIND)(_In_ PWSK_SOCKET Socket,
                                       _In_ PSOCKADDR LocalAddress,
                                       _Reserved_ ULONG Flags,
                                       _Inout_ PIRP Irp);

/* Makes a bound stream socket a listening one. Windows page:
 * nc-wsk-pfn_wsk_listen. */
typedef NTSTATUS(WSKAPI *PFN_WSK_LISTEN)(_In_ PWSK_SOCKET Socket,
                                         _Inout_ PIRP Irp);

/* Takes the next incoming connection; the addresses are filled when the IRP
 * completes. Flags are reserved, 0. Windows page: nc-wsk-pfn_wsk_accept. */
typedef NTSTATUS(WSKAPI *PFN_WSK_ACCEPT)(
    _In_ PWSK_SOCKET ListenSocket, _Reserved_ ULONG Flags,
    _In_opt_ PVOID AcceptSocketContext,
    _In_opt_ CONST WSK_CLIENT_CONNECTION_DISPATCH *AcceptSocketDispatch,
    _Out_opt_ PSOCKADDR LocalAddress, _Out_opt_ PSOCKADDR RemoteAddress,
    _Inout_ PIRP Irp);

/* The late answer to an inspection that was pended. Windows page:
 * nc-wsk-pfn_wsk_inspect_complete. */
typedef NTSTATUS(WSKAPI *PFN_WSK_INSPECT_COMPLETE)(
    _In_ PWSK_SOCKET ListenSocket, _In_ PWSK_INSPECT_ID InspectID,
    _In_ WSK_INSPECT_ACTION Action, _Inout_ PIRP Irp);

/* Windows page: nc-wsk-pfn_wsk_get_local_address. */
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_LOCAL_ADDRESS)(
    _In_ PWSK_SOCKET Socket, _Out_ PSOCKADDR LocalAddress, _Inout_ PIRP Irp);

/* Windows page: nc-wsk-pfn_wsk_get_remote_address. */
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_REMOTE_ADDRESS)(
    _In_ PWSK_SOCKET Socket, _Out_ PSOCKADDR RemoteAddress, _Inout_ PIRP Irp);

/* Connects a bound socket; Flags are reserved, 0. Windows page:
 * nc-wsk-pfn_wsk_connect. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CONNECT)(_In_ PWSK_SOCKET Socket,
                                          _In_ PSOCKADDR RemoteAddress,
                                          _Reserved_ ULONG Flags,
                                          _Inout_ PIRP Irp);

/* Connects and sends Buffer, if there is one, as the first data. Windows page:
 * nc-wsk-pfn_wsk_connect_ex. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CONNECT_EX)(_In_ PWSK_SOCKET Socket,
                                             _In_ PSOCKADDR RemoteAddress,
                                             _In_opt_ PWSK_BUF Buffer,
                                             _Reserved_ ULONG Flags,
                                             _Inout_ PIRP Irp);

/* Windows page: nc-wsk-pfn_wsk_send. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND)(_In_ PWSK_SOCKET Socket,
                                       _In_ PWSK_BUF Buffer, _In_ ULONG Flags,
                                       _Inout_ PIRP Irp);

/* Completes with whatever is there; with WSK_FLAG_WAITALL, when Buffer is
 * full. 0 bytes mean the peer has disconnected. Windows page:
 * nc-wsk-pfn_wsk_receive. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE)(_In_ PWSK_SOCKET Socket,
                                          _In_ PWSK_BUF Buffer,
                                          _In_ ULONG Flags, _Inout_ PIRP Irp);

/* Ends sending, after Buffer if there is one; with WSK_FLAG_ABORTIVE, resets
 * the connection. Windows page: nc-wsk-pfn_wsk_disconnect. */
typedef NTSTATUS(WSKAPI *PFN_WSK_DISCONNECT)(_In_ PWSK_SOCKET Socket,
                                             _In_opt_ PWSK_BUF Buffer,
                                             _In_ ULONG Flags,
                                             _Inout_ PIRP Irp);

/* Gives back data that a receive callback kept. Windows page:
 * nc-wsk-pfn_wsk_release_data_indication_list. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RELEASE_DATA_INDICATION_LIST)(
    _In_ PWSK_SOCKET Socket, _In_ PWSK_DATA_INDICATION DataIndication);

/* Gives back datagrams that a receive-from callback kept. Windows page:
 * nc-wsk-pfn_wsk_release_datagram_indication_list. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RELEASE_DATAGRAM_INDICATION_LIST)(
    _In_ PWSK_SOCKET Socket, _In_ PWSK_DATAGRAM_INDICATION DatagramIndication);

/* Sends one datagram; RemoteAddress NULL means the fixed one. Flags are
 * reserved, 0. Windows page: nc-wsk-pfn_wsk_send_to. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_TO)(
    _In_ PWSK_SOCKET Socket, _In_ PWSK_BUF Buffer, _Reserved_ ULONG Flags,
    _In_opt_ PSOCKADDR RemoteAddress, _In_ ULONG ControlInfoLength,
    _In_reads_bytes_opt_(ControlInfoLength) PCMSGHDR ControlInfo,
    _Inout_ PIRP Irp);

/* Sends one datagram per member of the list. Windows page:
 * nc-wsk-pfn_wsk_send_messages. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_MESSAGES)(
    _In_ PWSK_SOCKET Socket, _In_ PWSK_BUF_LIST BufferList,
    _Reserved_ ULONG Flags, _In_opt_ PSOCKADDR RemoteAddress,
    _In_ ULONG ControlInfoLength,
    _In_reads_bytes_opt_(ControlInfoLength) PCMSGHDR ControlInfo,
    _Inout_ PIRP Irp);

/* Takes one datagram. *ControlLength is the room for control data before and
 * its length after; *ControlFlags are MSG_*. Windows page:
 * nc-wsk-pfn_wsk_receive_from. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_FROM)(
    _In_ PWSK_SOCKET Socket, _In_ PWSK_BUF Buffer, _Reserved_ ULONG Flags,
    _Out_opt_ PSOCKADDR RemoteAddress, _Inout_opt_ PULONG ControlLength,
    _Out_writes_bytes_opt_(*ControlLength) PCMSGHDR ControlInfo,
    _Out_opt_ PULONG ControlFlags, _Inout_ PIRP Irp);

/* Reserved members of newer tables: send and receive with control data.
 * Windows pages: nc-wsk-pfn_wsk_send_ex and nc-wsk-pfn_wsk_receive_ex. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_EX)(
    _In_ PWSK_SOCKET Socket, _In_ PWSK_BUF Buffer, _In_ ULONG Flags,
    _In_ ULONG ControlInfoLength,
    _In_reads_bytes_opt_(ControlInfoLength) PCMSGHDR ControlInfo,
    _Inout_ PIRP Irp);

typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_EX)(
    _In_ PWSK_SOCKET Socket, _In_ PWSK_BUF Buffer, _In_ ULONG Flags,
    _Inout_opt_ PULONG ControlInfoLength,
    _Out_writes_bytes_opt_(*ControlInfoLength) PCMSGHDR ControlInfo,
    _Reserved_ PULONG ControlFlags, _Inout_ PIRP Irp);

/*
 * Tables of the five categories. All of them begin with the basic one, so that
 * any may be used as it. Windows' C headers make it an unnamed member and its
 * C++ headers one called Basic; C code is found with both spellings, so C gets
 * both here.
 */

/* Windows page: ns-wsk-_wsk_provider_basic_dispatch. */
typedef struct _WSK_PROVIDER_BASIC_DISPATCH {
  PFN_WSK_CONTROL_SOCKET WskControlSocket;
  PFN_WSK_CLOSE_SOCKET WskCloseSocket;
} WSK_PROVIDER_BASIC_DISPATCH, *PWSK_PROVIDER_BASIC_DISPATCH;

#ifdef __cplusplus
#define UWSK_BASIC_DISPATCH WSK_PROVIDER_BASIC_DISPATCH Basic
#else
#define UWSK_BASIC_DISPATCH                                                    \
  union {                                                                      \
    WSK_PROVIDER_BASIC_DISPATCH Basic;                                         \
    struct {                                                                   \
      PFN_WSK_CONTROL_SOCKET WskControlSocket;                                 \
      PFN_WSK_CLOSE_SOCKET WskCloseSocket;                                     \
    };                                                                         \
  }
#endif

/* Windows page: ns-wsk-_wsk_provider_listen_dispatch. */
typedef struct _WSK_PROVIDER_LISTEN_DISPATCH {
  UWSK_BASIC_DISPATCH;
  PFN_WSK_BIND WskBind;
  PFN_WSK_ACCEPT WskAccept;
  PFN_WSK_INSPECT_COMPLETE WskInspectComplete;
  PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
} WSK_PROVIDER_LISTEN_DISPATCH, *PWSK_PROVIDER_LISTEN_DISPATCH;

/* Windows page: ns-wsk-_wsk_provider_datagram_dispatch. */
typedef struct _WSK_PROVIDER_DATAGRAM_DISPATCH {
  UWSK_BASIC_DISPATCH;
  PFN_WSK_BIND WskBind;
  PFN_WSK_SEND_TO WskSendTo;
  PFN_WSK_RECEIVE_FROM WskReceiveFrom;
  PFN_WSK_RELEASE_DATAGRAM_INDICATION_LIST WskRelease;
  PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
  PFN_WSK_SEND_MESSAGES WskSendMessages;
} WSK_PROVIDER_DATAGRAM_DISPATCH, *PWSK_PROVIDER_DATAGRAM_DISPATCH;

/* Windows page: ns-wsk-_wsk_provider_connection_dispatch. */
typedef struct _WSK_PROVIDER_CONNECTION_DISPATCH {
  UWSK_BASIC_DISPATCH;
  PFN_WSK_BIND WskBind;
  PFN_WSK_CONNECT WskConnect;
  PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
  PFN_WSK_GET_REMOTE_ADDRESS WskGetRemoteAddress;
  PFN_WSK_SEND WskSend;
  PFN_WSK_RECEIVE WskReceive;
  PFN_WSK_DISCONNECT WskDisconnect;
  PFN_WSK_RELEASE_DATA_INDICATION_LIST WskRelease;
  PFN_WSK_CONNECT_EX WskConnectEx;
  PFN_WSK_SEND_EX WskSendEx;
  PFN_WSK_RECEIVE_EX WskReceiveEx;
} WSK_PROVIDER_CONNECTION_DISPATCH, *PWSK_PROVIDER_CONNECTION_DISPATCH;

/* Windows page: ns-wsk-_wsk_provider_stream_dispatch. */
typedef struct _WSK_PROVIDER_STREAM_DISPATCH {
  UWSK_BASIC_DISPATCH;
  PFN_WSK_BIND WskBind;
  PFN_WSK_ACCEPT WskAccept;
  PFN_WSK_CONNECT WskConnect;
  PFN_WSK_LISTEN WskListen;
  PFN_WSK_SEND WskSend;
  PFN_WSK_RECEIVE WskReceive;
  PFN_WSK_DISCONNECT WskDisconnect;
  PFN_WSK_RELEASE_DATA_INDICATION_LIST WskRelease;
  PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
  PFN_WSK_GET_REMOTE_ADDRESS WskGetRemoteAddress;
  PFN_WSK_CONNECT_EX WskConnectEx;
  PFN_WSK_SEND_EX WskSendEx;
  PFN_WSK_RECEIVE_EX WskReceiveEx;
} WSK_PROVIDER_STREAM_DISPATCH, *PWSK_PROVIDER_STREAM_DISPATCH;

#undef UWSK_BASIC_DISPATCH

/* Registration. */

/* What a client brings. Windows page: ns-wsk-_wsk_client_npi. */
typedef struct _WSK_CLIENT_NPI {
  PVOID ClientContext;
  CONST WSK_CLIENT_DISPATCH *Dispatch;
} WSK_CLIENT_NPI, *PWSK_CLIENT_NPI;

/* What a client gets. Windows page: ns-wsk-_wsk_provider_npi. */
typedef struct _WSK_PROVIDER_NPI {
  PWSK_CLIENT Client;
  CONST WSK_PROVIDER_DISPATCH *Dispatch;
} WSK_PROVIDER_NPI, *PWSK_PROVIDER_NPI;

/* Range of versions the provider has. Windows page:
 * ns-wsk-_wsk_provider_characteristics. */
typedef struct _WSK_PROVIDER_CHARACTERISTICS {
  USHORT HighestVersion;
  USHORT LowestVersion;
} WSK_PROVIDER_CHARACTERISTICS, *PWSK_PROVIDER_CHARACTERISTICS;

/* The client's memory, filled by WskRegister; no member is for the client.
 * Windows page: ns-wsk-_wsk_registration. */
typedef struct _WSK_REGISTRATION {
  ULONGLONG ReservedRegistrationState;
  PVOID ReservedRegistrationContext;
  KSPIN_LOCK ReservedRegistrationLock;
} WSK_REGISTRATION, *PWSK_REGISTRATION;

/* Registers a client. WskClientNpi's dispatch table, and WskRegistration, stay
 * the client's and must stay in place until WskDeregister returns. IRQL
 * PASSIVE_LEVEL. Returns STATUS_SUCCESS or why not. Windows page:
 * nf-wsk-wskregister. */
_Must_inspect_result_ NTSTATUS NTAPI WskRegister(
    _In_ PWSK_CLIENT_NPI WskClientNpi, _Out_ PWSK_REGISTRATION WskRegistration);

/* Ends a registration. Blocks until every capture is released and every call
 * has returned. IRQL PASSIVE_LEVEL. Windows page: nf-wsk-wskderegister. */
VOID NTAPI WskDeregister(_In_ PWSK_REGISTRATION WskRegistration);

/* Waits up to WaitTimeout milliseconds, or WSK_NO_WAIT or WSK_INFINITE_WAIT,
 * for the provider and captures it. Each success is paired with one
 * WskReleaseProviderNPI. STATUS_NOINTERFACE: not in the version the client
 * asks for; STATUS_DEVICE_NOT_READY: not in time, or the client is
 * deregistering. IRQL PASSIVE_LEVEL, with WSK_NO_WAIT <= DISPATCH_LEVEL.
 * Windows page: nf-wsk-wskcaptureprovidernpi. */
_Must_inspect_result_ NTSTATUS NTAPI WskCaptureProviderNPI(
    _In_ PWSK_REGISTRATION WskRegistration, _In_ ULONG WaitTimeout,
    _Out_ PWSK_PROVIDER_NPI WskProviderNpi);

/* Gives up one capture. The provider's tables are not to be used after the
 * last one. IRQL <= DISPATCH_LEVEL. Windows page: nf-wsk-wskreleaseprovidernpi.
 */
VOID NTAPI WskReleaseProviderNPI(_In_ PWSK_REGISTRATION WskRegistration);

/* Tells which versions the provider has. STATUS_DEVICE_NOT_READY: there is no
 * provider yet, or the client is deregistering. IRQL <= DISPATCH_LEVEL. Windows
 * page: nf-wsk-wskqueryprovidercharacteristics. */
_Must_inspect_result_ NTSTATUS NTAPI WskQueryProviderCharacteristics(
    _In_ PWSK_REGISTRATION WskRegistration,
    _Out_ PWSK_PROVIDER_CHARACTERISTICS WskProviderCharacteristics);

#ifdef __cplusplus
}
#endif

#endif
