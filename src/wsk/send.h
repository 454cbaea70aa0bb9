/* What sends share with graceful disconnects. */
#ifndef UWSK_WSK_SEND_H
#define UWSK_WSK_SEND_H

#include "wsk/socket.h"

/* STATUS_SUCCESS when the socket may send; under the send lane's lock. */
NTSTATUS wsk__send_allowed(const struct wsk_socket *socket);

/* Puts the operation, counted in the send lane, into the queue. Owner only. */
void wsk__send_start(struct loop_op *op);

#endif
