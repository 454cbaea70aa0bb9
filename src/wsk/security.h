/*
 * Cached security descriptors (WSK_CACHE_SD), and what they grant.
 *
 * A cached descriptor is a copy in one piece. It is held by the references that
 * the client has to give back (each stands in the ledger), and by the sockets
 * it was applied to: a socket may keep one that its client has released.
 */
#ifndef UWSK_WSK_SECURITY_H
#define UWSK_WSK_SECURITY_H

#include <ntddk.h>
#include <stdbool.h>

struct wsk_client;
struct wsk_sd; /* one cached descriptor */

/* Copies a descriptor and gives the client a reference to the copy.
 * STATUS_INVALID_SECURITY_DESCR, STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS wsk__sd_cache(struct wsk_client *client, PSECURITY_DESCRIPTOR from,
                       PSECURITY_DESCRIPTOR *cached, const void *caller);

/* Takes a reference of the client's back; false when it has none. */
bool wsk__sd_release(PSECURITY_DESCRIPTOR cached);

/* For a socket: holds what the client handed in; NULL when that is no cached
 * descriptor. */
struct wsk_sd *wsk__sd_hold(PSECURITY_DESCRIPTOR cached);
void wsk__sd_drop(struct wsk_sd *sd); /* NULL is allowed */

/* Holds once more what is held; NULL stays NULL. */
struct wsk_sd *wsk__sd_hold_again(struct wsk_sd *sd);

/* Makes a reference to a socket's descriptor, which the caller has, one of the
 * client's; NULL stands for the default one. After a failure there is none. */
NTSTATUS wsk__sd_give(struct wsk_client *client, struct wsk_sd *sd,
                      PSECURITY_DESCRIPTOR *cached, const void *caller);

/* Whether the descriptor lets the process that we are share an address. NULL
 * stands for the default one, which does not. */
bool wsk__sd_grants(const struct wsk_sd *sd);

/* Reports the references that a client has not given back. */
void wsk__sd_client_gone(struct wsk_client *client);

/* Frees what is left, when the runtime stops. */
void wsk__sd_stop(void);

#endif
