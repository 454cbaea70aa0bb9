/* The direct path of both directions. See move_data.h. */
#include "wsk/move_data.h"

#include "mm/mdl_walk.h"

_Static_assert(sizeof(struct mm_span) == sizeof(struct net_buffer),
               "spans of an MDL chain are the transport's buffers");

unsigned wsk__op_buffers(PIRP irp, struct net_buffer *buffers, unsigned room,
                         size_t *total) {
  const struct wsk_args *args = wsk__args(irp);
  return mm__chain_spans(args->mdl, args->offset, args->length,
                         wsk__op(irp)->done, (struct mm_span *)(void *)buffers,
                         room, total);
}

enum attempt { ATTEMPT_REFUSED, ATTEMPT_DONE, ATTEMPT_QUEUED };

/* Counted as pending, the operation closes the direct path to those behind it;
 * begun, it also keeps them out of the queue until it stands there itself. */
static void count_in(struct wsk_lane *lane, PIRP irp) {
  lane->pending++;
  if (wsk__op(irp)->done > 0)
    lane->begun = true;
}

/* Decides under the lane's lock: refused, done at once, or to be queued. */
static enum attempt attempt(struct wsk_socket *socket, PIRP irp,
                            const struct wsk_direction *direction, bool direct,
                            NTSTATUS *status) {
  struct wsk_lane *lane = wsk__socket_lane(socket, direction->lane);
  enum attempt result = ATTEMPT_REFUSED;
  os__spin_lock(&lane->lock);
  *status = direction->allowed(socket);
  if (NT_SUCCESS(*status)) {
    bool open = direct && lane->pending == 0 && !wsk__op_is_cancelled(irp);
    result = open && direction->directly(socket, irp) ? ATTEMPT_DONE
                                                      : ATTEMPT_QUEUED;
    if (result == ATTEMPT_QUEUED)
      count_in(lane, irp);
  }
  os__spin_unlock(&lane->lock);
  return result;
}

NTSTATUS wsk__move_data(struct wsk_socket *socket, PIRP irp,
                        const struct wsk_direction *direction) {
  NTSTATUS status;
  bool direct = wsk__op_enter_direct(irp);
  enum attempt result = attempt(socket, irp, direction, direct, &status);
  if (result == ATTEMPT_DONE)
    return wsk__op_answer_direct(irp, STATUS_SUCCESS, wsk__op(irp)->done,
                                 direction->pends);
  if (direct)
    wsk__op_leave_direct();
  if (result == ATTEMPT_REFUSED)
    return wsk__op_refuse(irp, status);
  wsk__args(irp)->lane = (UCHAR)direction->lane;
  return wsk__op_submit(irp, direction->start, true);
}
