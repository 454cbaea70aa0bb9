/*
 * The entry points of the provider and the tables that clients get.
 *
 * Each function is declared by its PFN_ type in <wsk.h>, so that a prototype is
 * written down once. What each answers: docs/wsk-behaviour.md.
 */
#ifndef UWSK_WSK_TABLES_H
#define UWSK_WSK_TABLES_H

#include <ntddk.h>
#include <wsk.h>

/* What WskCaptureProviderNPI hands out. */
extern const WSK_PROVIDER_DISPATCH wsk__provider_dispatch;

/* What the Dispatch of a basic socket points to. */
extern const WSK_PROVIDER_BASIC_DISPATCH wsk__basic_dispatch;

/* … of a stream socket */
extern const WSK_PROVIDER_STREAM_DISPATCH wsk__stream_dispatch;

/* … of a connection socket */
extern const WSK_PROVIDER_CONNECTION_DISPATCH wsk__connection_dispatch;

/* … of a listening one. */
extern const WSK_PROVIDER_LISTEN_DISPATCH wsk__listen_dispatch;

/* … and of a datagram socket. */
extern const WSK_PROVIDER_DATAGRAM_DISPATCH wsk__datagram_dispatch;

#define WSK_ENTRY_POINT(type, name) __typeof__(*(type)0) name

/* client level */
WSK_ENTRY_POINT(PFN_WSK_SOCKET, wsk__socket);
WSK_ENTRY_POINT(PFN_WSK_SOCKET_CONNECT, wsk__socket_connect);
WSK_ENTRY_POINT(PFN_WSK_CONTROL_CLIENT, wsk__control_client);

/* socket level */
WSK_ENTRY_POINT(PFN_WSK_CONTROL_SOCKET, wsk__control_socket);
WSK_ENTRY_POINT(PFN_WSK_CLOSE_SOCKET, wsk__close_socket);
WSK_ENTRY_POINT(PFN_WSK_BIND, wsk__bind);
WSK_ENTRY_POINT(PFN_WSK_CONNECT, wsk__connect);
WSK_ENTRY_POINT(PFN_WSK_CONNECT_EX, wsk__connect_ex);
WSK_ENTRY_POINT(PFN_WSK_LISTEN, wsk__listen);
WSK_ENTRY_POINT(PFN_WSK_ACCEPT, wsk__accept);
WSK_ENTRY_POINT(PFN_WSK_INSPECT_COMPLETE, wsk__inspect_complete);
WSK_ENTRY_POINT(PFN_WSK_GET_LOCAL_ADDRESS, wsk__get_local_address);
WSK_ENTRY_POINT(PFN_WSK_GET_REMOTE_ADDRESS, wsk__get_remote_address);
WSK_ENTRY_POINT(PFN_WSK_SEND, wsk__send);
WSK_ENTRY_POINT(PFN_WSK_RECEIVE, wsk__receive);
WSK_ENTRY_POINT(PFN_WSK_DISCONNECT, wsk__disconnect);
WSK_ENTRY_POINT(PFN_WSK_RELEASE_DATA_INDICATION_LIST, wsk__release_data);
WSK_ENTRY_POINT(PFN_WSK_SEND_TO, wsk__send_to);
WSK_ENTRY_POINT(PFN_WSK_SEND_MESSAGES, wsk__send_messages);
WSK_ENTRY_POINT(PFN_WSK_RECEIVE_FROM, wsk__receive_from);
WSK_ENTRY_POINT(PFN_WSK_RELEASE_DATAGRAM_INDICATION_LIST,
                wsk__release_datagrams);

WSK_ENTRY_POINT(PFN_WSK_SEND_EX, wsk__send_ex);
WSK_ENTRY_POINT(PFN_WSK_RECEIVE_EX, wsk__receive_ex);

/* names */
WSK_ENTRY_POINT(PFN_WSK_GET_ADDRESS_INFO, wsk__get_address_info);
WSK_ENTRY_POINT(PFN_WSK_FREE_ADDRESS_INFO, wsk__free_address_info);
WSK_ENTRY_POINT(PFN_WSK_GET_NAME_INFO, wsk__get_name_info);

#endif
