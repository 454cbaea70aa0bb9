/*
 * The list of transports: what sockets can be made of, and the IRPs that wait
 * for it to change (WSK_TRANSPORT_LIST_QUERY, WSK_TRANSPORT_LIST_CHANGE).
 *
 * The list of uwsk never changes by itself; uwsk_transport_list_changed says
 * that it has.
 */
#ifndef UWSK_WSK_TRANSPORT_H
#define UWSK_WSK_TRANSPORT_H

#include <ntddk.h>
#include <wsk.h>

struct wsk_client;

/* The list; *size is its size in bytes. */
const WSK_TRANSPORT *wsk__transport_list(SIZE_T *size);

/* Keeps an IRP until the list changes: STATUS_PENDING. */
NTSTATUS wsk__transport_wait(struct wsk_client *client, PIRP irp);

/* Cancels the IRPs of a client that deregisters, those that come from now on
 * included. */
void wsk__transport_client_gone(struct wsk_client *client);

/* Forgets those that wait, when the runtime stops. */
void wsk__transport_stop(void);

#endif
