/* What sends share with graceful disconnects and with receives. */
#ifndef UWSK_WSK_SEND_H
#define UWSK_WSK_SEND_H

#include "wsk/socket.h"

/* The bytes of the operation that have not moved yet, as transport buffers. */
unsigned wsk__op_buffers(PIRP irp, struct net_buffer *buffers, unsigned room,
                         size_t *total);

/* STATUS_SUCCESS when the socket may send; under the send lane's lock. */
NTSTATUS wsk__send_allowed(const struct wsk_socket *socket);

/* Puts the operation, counted in the send lane, into the queue. Owner only. */
void wsk__send_start(struct loop_op *op);

#endif
