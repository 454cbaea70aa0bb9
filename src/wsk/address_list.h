/*
 * SIO_ADDRESS_LIST_QUERY, _CHANGE and _SORT: this machine's addresses.
 */
#ifndef UWSK_WSK_ADDRESS_LIST_H
#define UWSK_WSK_ADDRESS_LIST_H

#include "wsk/control.h"

/* Handlers. */
NTSTATUS wsk__address_list_query(const struct wsk_control *control);
NTSTATUS wsk__address_list_change(const struct wsk_control *control);
NTSTATUS wsk__address_list_sort(const struct wsk_control *control);

/* Completes what waits for a change, because the socket is closed or has died.
 * Owner only. */
void wsk__address_list_fail_all(struct wsk_socket *socket, NTSTATUS status);

/* Forgets a change that nobody was told of. */
void wsk__address_list_stop(void);

#endif
