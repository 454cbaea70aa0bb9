/*
 * What sends and receives have in common: an attempt at once, under the lane's
 * lock, and the queue otherwise.
 */
#ifndef UWSK_WSK_MOVE_DATA_H
#define UWSK_WSK_MOVE_DATA_H

#include "wsk/socket.h"

struct wsk_direction {
  enum wsk_lane_id lane;
  /* STATUS_SUCCESS, or why the call is refused; under the lane's lock. */
  NTSTATUS (*allowed)(const struct wsk_socket *socket);
  /* One attempt on the host socket, under the lane's lock, counting in the
   * operation what it moved. True when the operation is done. */
  bool (*directly)(struct wsk_socket *socket, PIRP irp);
  /* Puts the operation, counted in the lane, into its queue. Owner only. */
  void (*start)(struct loop_op *op);
  /* The call answers STATUS_PENDING even when it is done at once. */
  bool pends;
};

/* Moves the operation's bytes, now or later; what the call returns. */
NTSTATUS wsk__move_data(struct wsk_socket *socket, PIRP irp,
                        const struct wsk_direction *direction);

/* The bytes of the operation that have not moved yet, as transport buffers. */
unsigned wsk__op_buffers(PIRP irp, struct net_buffer *buffers, unsigned room,
                         size_t *total);

#endif
