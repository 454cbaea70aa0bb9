/* The steps of binding and connecting that several calls take. Owner only. */
#ifndef UWSK_WSK_CONNECT_H
#define UWSK_WSK_CONNECT_H

#include "wsk/socket.h"

/* Binds a socket in the state BINDING and makes it BOUND, or UNBOUND again. */
NTSTATUS wsk__bind_now(struct wsk_socket *socket,
                       const struct net_address *address);

/* Starts connecting a socket in the state CONNECTING to socket->wanted_remote.
 */
void wsk__connect_start(struct loop_op *op);

#endif
