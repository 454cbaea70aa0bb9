/*
 * Who may bind to an address that another socket has: SO_REUSEADDR,
 * SO_EXCLUSIVEADDRUSE, SO_WSK_SECURITY, and the table of Windows that decides.
 *
 * All of this is decided here, among the sockets of the process. The host only
 * hears of it when two sockets are to have addresses that overlap: then both
 * are told to share, for its own rules are others.
 */
#ifndef UWSK_WSK_SHARING_H
#define UWSK_WSK_SHARING_H

#include <ntddk.h>
#include <stdbool.h>

#include "net/net.h"
#include "wsk/control.h"
#include "wsk/security.h"

struct wsk_socket;

/* What a socket wants; it changes before the bind alone. Under the lanes'
 * locks. */
struct wsk_sharing {
  bool reuse;
  bool exclusive;
  struct wsk_sd *descriptor; /* NULL is the default */
};

/* Whether a socket may be bound to `address`: what WskBind completes with, or
 * STATUS_SUCCESS, and then the host lets it. Owner only. */
NTSTATUS wsk__sharing_claim(struct wsk_socket *socket,
                            const struct net_address *address);

/* Tells the same of a new host socket with the old one's address. Owner only.
 */
void wsk__sharing_renew(struct wsk_socket *socket);

/* Forgets what a socket wanted, when it goes. */
void wsk__sharing_end(struct wsk_socket *socket);

/* Handlers of WskControlSocket. */
wsk_control_handler wsk__set_reuse, wsk__get_reuse;
wsk_control_handler wsk__set_exclusive, wsk__get_exclusive;
wsk_control_handler wsk__set_security, wsk__get_security;

#endif
