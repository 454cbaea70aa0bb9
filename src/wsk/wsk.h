/*
 * The provider, as the host starts and stops it.
 */
#ifndef UWSK_WSK_PROVIDER_H
#define UWSK_WSK_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>

#include "uwsk/uwsk.h"

/* 0; the provider is ready afterwards. */
int wsk__start(void);

/* Closes the host sockets of what the client left behind, without calling the
 * client, and frees the provider's memory. The ledger was printed before. */
void wsk__stop(void);

/* Kills a socket (force.c). False when it is closing or free. */
struct _WSK_SOCKET;
bool wsk__force_close(struct _WSK_SOCKET *handle);

/* Whether WskCaptureProviderNPI finds the provider ready. */
void wsk__set_provider_ready(bool ready);

/* Calls that rules of a test hold, and cancellations: uwsk/fault.h. */
struct _IRP;
struct uwsk_held;
bool wsk__held_first(struct uwsk_held *first);
unsigned wsk__held_count(void);
bool wsk__held_proceed(struct _IRP *irp);
bool wsk__held_complete(struct _IRP *irp, uwsk_ntstatus status,
                        size_t information);
void wsk__cancels_hold(bool hold);
void wsk__cancels_notice(void);

/* This machine's addresses have changed: completes what waits for that. Soon,
 * any thread. */
void wsk__addresses_changed(bool ipv4, bool ipv6);

#endif
