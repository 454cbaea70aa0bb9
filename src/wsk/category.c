/* The table of categories. See category.h. */
#include "wsk/category.h"

#include "wsk/provider.h"

#define CONNECTION_EVENTS                                                      \
  (WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT | WSK_EVENT_SEND_BACKLOG)

const struct wsk_category_row wsk__categories[WSK_CATEGORIES] = {
    [WSK_BASIC] = {&wsk__basic_dispatch, "basic socket", WSK_FLAG_BASIC_SOCKET,
                   0},
    [WSK_LISTENER] = {&wsk__listen_dispatch, "listening socket",
                      WSK_FLAG_LISTEN_SOCKET, WSK_EVENT_ACCEPT},
    [WSK_DATAGRAM] = {&wsk__datagram_dispatch, "datagram socket",
                      WSK_FLAG_DATAGRAM_SOCKET, WSK_EVENT_RECEIVE_FROM},
    [WSK_CONNECTION] = {&wsk__connection_dispatch, "connection socket",
                        WSK_FLAG_CONNECTION_SOCKET, CONNECTION_EVENTS},
    [WSK_STREAM] = {&wsk__stream_dispatch, "stream socket",
                    WSK_FLAG_STREAM_SOCKET,
                    WSK_EVENT_ACCEPT | CONNECTION_EVENTS},
};
