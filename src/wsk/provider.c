/* The tables of functions. */
#include "wsk/provider.h"

const WSK_PROVIDER_DISPATCH wsk__provider_dispatch = {
    .Version = MAKE_WSK_VERSION(1, 0),
    .Reserved = 0,
    .WskSocket = wsk__socket,
    .WskSocketConnect = wsk__socket_connect,
    .WskControlClient = wsk__control_client,
    .WskGetAddressInfo = wsk__get_address_info,
    .WskFreeAddressInfo = wsk__free_address_info,
    .WskGetNameInfo = wsk__get_name_info,
};

const WSK_PROVIDER_BASIC_DISPATCH wsk__basic_dispatch = {
    .WskControlSocket = wsk__control_socket,
    .WskCloseSocket = wsk__close_socket,
};

const WSK_PROVIDER_CONNECTION_DISPATCH wsk__connection_dispatch = {
    .WskControlSocket = wsk__control_socket,
    .WskCloseSocket = wsk__close_socket,
    .WskBind = wsk__bind,
    .WskConnect = wsk__connect,
    .WskGetLocalAddress = wsk__get_local_address,
    .WskGetRemoteAddress = wsk__get_remote_address,
    .WskSend = wsk__send,
    .WskReceive = wsk__receive,
    .WskDisconnect = wsk__disconnect,
    .WskRelease = wsk__release_data,
    .WskConnectEx = wsk__connect_ex,
    .WskSendEx = wsk__send_ex,
    .WskReceiveEx = wsk__receive_ex,
};

const WSK_PROVIDER_STREAM_DISPATCH wsk__stream_dispatch = {
    .WskControlSocket = wsk__control_socket,
    .WskCloseSocket = wsk__close_socket,
    .WskBind = wsk__bind,
    .WskAccept = wsk__accept,
    .WskConnect = wsk__connect,
    .WskListen = wsk__listen,
    .WskSend = wsk__send,
    .WskReceive = wsk__receive,
    .WskDisconnect = wsk__disconnect,
    .WskRelease = wsk__release_data,
    .WskGetLocalAddress = wsk__get_local_address,
    .WskGetRemoteAddress = wsk__get_remote_address,
    .WskConnectEx = wsk__connect_ex,
    .WskSendEx = wsk__send_ex,
    .WskReceiveEx = wsk__receive_ex,
};

const WSK_PROVIDER_DATAGRAM_DISPATCH wsk__datagram_dispatch = {
    .WskControlSocket = wsk__control_socket,
    .WskCloseSocket = wsk__close_socket,
    .WskBind = wsk__bind,
    .WskSendTo = wsk__send_to,
    .WskReceiveFrom = wsk__receive_from,
    .WskRelease = wsk__release_datagrams,
    .WskGetLocalAddress = wsk__get_local_address,
    .WskSendMessages = wsk__send_messages,
};

const WSK_PROVIDER_LISTEN_DISPATCH wsk__listen_dispatch = {
    .WskControlSocket = wsk__control_socket,
    .WskCloseSocket = wsk__close_socket,
    .WskBind = wsk__bind,
    .WskAccept = wsk__accept,
    .WskInspectComplete = wsk__inspect_complete,
    .WskGetLocalAddress = wsk__get_local_address,
};
