/* SOCKADDR to the transport's address and back. */
#ifndef UWSK_WSK_ADDRESS_H
#define UWSK_WSK_ADDRESS_H

#include <ntddk.h>
#include <stdbool.h>
#include <wsk.h>

#include "net/net.h"

/* False when the family is neither AF_INET nor AF_INET6. */
bool wsk__address_in(struct net_address *to, const SOCKADDR *from);

/* `to` has room for the family's own type. */
void wsk__address_out(SOCKADDR *to, const struct net_address *from);

/* "127.0.0.1:80" or "[::1]:80" (unabbreviated), for the trace: into `text`,
 * which is returned. `address` may be NULL or of no known family. */
#define WSK_ADDRESS_TEXT 56
const char *wsk__address_text(char text[WSK_ADDRESS_TEXT],
                              const SOCKADDR *address);

/* 0.0.0.0 or ::. */
bool wsk__is_wildcard(const struct net_address *address);

/* The same IP address; ports are not looked at. */
bool wsk__same_ip(const struct net_address *a, const struct net_address *b);

#endif
