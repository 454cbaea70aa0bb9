/*
 * The five categories of sockets, and what differs between them: one row each.
 */
#ifndef UWSK_WSK_CATEGORY_H
#define UWSK_WSK_CATEGORY_H

#include <ntddk.h>

enum wsk_category {
  WSK_BASIC,
  WSK_LISTENER,
  WSK_CONNECTION,
  WSK_DATAGRAM,
  WSK_STREAM,
  WSK_CATEGORIES
};

struct wsk_category_row {
  const void *dispatch; /* what WSK_SOCKET's Dispatch points to;
                           NULL while there are no such sockets */
  const char *name;     /* in the ledger and in reports */
  ULONG flag;           /* WSK_FLAG_*_SOCKET */
  ULONG events;         /* the events such a socket has */
};

extern const struct wsk_category_row wsk__categories[WSK_CATEGORIES];

#endif
