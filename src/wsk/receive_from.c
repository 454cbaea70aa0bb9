/*
 * WskReceiveFrom: the direct path, then the queue. One datagram per IRP, from
 * what is kept or from the host, straight into the client's buffer.
 */
#include "etw/trace.h"
#include "mm/lent.h"
#include "mm/mdl_walk.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/datagram.h"
#include "wsk/move_data.h"
#include "wsk/provider.h"
#include "wsk/socket.h"
#include "wsk/status.h"

/* In the arguments' flags: an attempt has found nothing, just before. */
#define TRIED 0x8000

/* Datagrams of others that are thrown away before the lock is given up. */
#define MAX_OTHERS 16

/* What a receive comes to. */
struct outcome {
  NTSTATUS status;
  SIZE_T bytes;
};

/* ---- one datagram, under the receive lane's lock ----------------------- */

static NTSTATUS fill_in(const struct wsk_reception *reception, ULONG flags,
                        ULONG control_length) {
  if (reception->control_length != NULL)
    *reception->control_length = control_length;
  if (reception->flags != NULL)
    *reception->flags = flags;
  return flags & MSG_TRUNC ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static void copy_control(const struct wsk_reception *reception,
                         const struct wsk_datagram *from, ULONG *written,
                         ULONG *flags) {
  const CMSGHDR *header;
  ULONG room = reception->control != NULL ? reception->control_room : 0;
  *written = 0;
  while (*written < from->control_length) {
    header = (const CMSGHDR *)(const void *)(from->control + *written);
    ULONG space = (ULONG)WSA_CMSGHDR_ALIGN(header->cmsg_len);
    if (space > room - *written) {
      *flags |= MSG_CTRUNC;
      return;
    }
    RtlCopyMemory((PUCHAR)reception->control + *written, header, space);
    *written += space;
  }
}

static struct wsk_datagram *take_kept(struct wsk_datagrams *datagrams) {
  if (IsListEmpty(&datagrams->kept))
    return NULL;
  datagrams->kept_count--;
  return CONTAINING_RECORD(RemoveHeadList(&datagrams->kept),
                           struct wsk_datagram, link);
}

/* From what a callback has refused. */
static void receive_kept(struct wsk_datagram *from, PIRP irp,
                         const struct wsk_reception *reception,
                         struct outcome *outcome) {
  const struct wsk_args *args = wsk__args(irp);
  ULONG flags = from->flags, control_length;
  SIZE_T bytes = from->length < args->length ? from->length : args->length;
  SIZE_T first = bytes < from->head_length ? bytes : from->head_length;
  mm__copy_to_chain(args->mdl, args->offset, 0, from->head + from->offset,
                    first);
  if (bytes > first)
    mm__copy_to_chain(args->mdl, args->offset, first, from->tail->bytes,
                      bytes - first);
  if (bytes < from->length)
    flags |= MSG_TRUNC;
  if (reception->remote != NULL)
    RtlCopyMemory(reception->remote, &from->remote,
                  from->remote.any.sa_family == AF_INET ? sizeof(SOCKADDR_IN)
                                                        : sizeof(SOCKADDR_IN6));
  copy_control(reception, from, &control_length, &flags);
  outcome->status = fill_in(reception, flags, control_length);
  outcome->bytes = bytes;
}

/* More pieces than the transport takes: they are filled afterwards. */
static int receive_gathered(struct wsk_socket *socket, PIRP irp,
                            struct net_received *received) {
  const struct wsk_args *args = wsk__args(irp);
  struct wsk_tail *tail = wsk__tail_take();
  if (tail == NULL)
    return NET_ENOMEM;
  struct net_buffer whole = {tail->bytes, args->length};
  if (whole.length > sizeof(tail->bytes))
    whole.length = sizeof(tail->bytes);
  int error = net__udp_try_recv(socket->udp, &whole, 1, received);
  if (error == NET_OK)
    mm__copy_to_chain(args->mdl, args->offset, 0, tail->bytes, received->bytes);
  wsk__tail_give_back(tail);
  return error;
}

static int receive_host(struct wsk_socket *socket, PIRP irp,
                        struct net_received *received) {
  struct net_buffer buffers[NET_DIRECT_BUFFERS];
  size_t total = 0;
  unsigned count = wsk__op_buffers(irp, buffers, NET_DIRECT_BUFFERS, &total);
  return total < wsk__args(irp)->length
             ? receive_gathered(socket, irp, received)
             : net__udp_try_recv(socket->udp, buffers, count, received);
}

static void tell(const struct wsk_socket *socket,
                 const struct net_received *received,
                 const struct wsk_reception *reception,
                 struct outcome *outcome) {
  bool control_truncated;
  ULONG flags = (received->broadcast ? MSG_BCAST : 0u) |
                (received->multicast ? MSG_MCAST : 0u) |
                (received->truncated ? MSG_TRUNC : 0u);
  ULONG control = wsk__control_info_out(reception->control,
                                        reception->control_room, socket->family,
                                        &received->control, &control_truncated);
  if (control_truncated)
    flags |= MSG_CTRUNC;
  if (reception->remote != NULL)
    wsk__address_out(reception->remote, &received->remote);
  outcome->status = fill_in(reception, flags, control);
  outcome->bytes = received->bytes;
}

/* NET_OK and *outcome; NET_EAGAIN when there is none. */
static int receive_one(struct wsk_socket *socket, PIRP irp,
                       const struct wsk_reception *reception,
                       struct outcome *outcome, struct wsk_datagram **used) {
  struct net_received received;
  *used = take_kept(&socket->datagrams);
  if (*used != NULL) {
    receive_kept(*used, irp, reception, outcome);
    return NET_OK;
  }
  for (int others = 0; others < MAX_OTHERS; others++) {
    int error = receive_host(socket, irp, &received);
    if (error != NET_OK)
      return error;
    if (wsk__datagrams_pass(&socket->datagrams, &received.remote)) {
      tell(socket, &received, reception, outcome);
      return NET_OK;
    }
  }
  return NET_EAGAIN;
}

/* ---- on the loop ------------------------------------------------------- */

static int serve_first(struct wsk_socket *socket, PIRP irp,
                       struct outcome *outcome) {
  struct wsk_datagram *used = NULL;
  os__spin_lock(&socket->receive.lock);
  bool any = socket->datagrams.readable || socket->datagrams.kept_count > 0;
  int error = any ? receive_one(socket, irp, &wsk__request_of(irp)->reception,
                                outcome, &used)
                  : NET_EAGAIN;
  os__spin_unlock(&socket->receive.lock);
  if (used != NULL)
    wsk__datagram_give_back(used);
  return error;
}

void wsk__receive_from_pump(struct wsk_socket *socket) {
  while (wsk__socket_is_open(socket) && !IsListEmpty(&socket->receives)) {
    PIRP irp = wsk__irp_of_link(socket->receives.Flink);
    struct outcome outcome = {STATUS_SUCCESS, 0};
    int error = serve_first(socket, irp, &outcome);
    if (error == NET_EAGAIN) {
      wsk__datagrams_wait(socket);
      return;
    }
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
    wsk__op_finish(irp, error == NET_OK ? outcome.status : wsk__status(error),
                   outcome.bytes);
  }
}

static bool has_kept(struct wsk_socket *socket) {
  os__spin_lock(&socket->receive.lock);
  bool kept = !IsListEmpty(&socket->datagrams.kept);
  os__spin_unlock(&socket->receive.lock);
  return kept;
}

static void start_receive_from(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__op_start_cancelled(irp))
    return;
  if (!wsk__socket_is_open(socket)) {
    wsk__op_finish(irp, wsk__socket_end_status(socket, STATUS_CANCELLED), 0);
    return;
  }
  /* What has found nothing needs no second look: the host tells of it. */
  bool wait = (wsk__args(irp)->flags & TRIED) && !has_kept(socket);
  InsertTailList(&socket->receives, &irp->Tail.Overlay.ListEntry);
  if (wait)
    wsk__datagrams_wait(socket);
  wsk__op_queued(irp);
  if (!wait)
    wsk__datagrams_pump(socket);
}

/* ---- the call ---------------------------------------------------------- */

enum attempt { ATTEMPT_REFUSED, ATTEMPT_DONE, ATTEMPT_QUEUED };

static NTSTATUS allowed(const struct wsk_socket *socket) {
  if (socket->receive.error != STATUS_SUCCESS)
    return socket->receive.error;
  return socket->state == WSK_BOUND ? STATUS_SUCCESS
                                    : STATUS_INVALID_DEVICE_STATE;
}

static enum attempt attempt(struct wsk_socket *socket, PIRP irp, bool direct,
                            const struct wsk_reception *reception,
                            struct outcome *outcome,
                            struct wsk_datagram **used) {
  enum attempt result = ATTEMPT_REFUSED;
  os__spin_lock(&socket->receive.lock);
  outcome->status = allowed(socket);
  if (NT_SUCCESS(outcome->status)) {
    bool open = direct && socket->receive.pending == 0;
    int error =
        open ? receive_one(socket, irp, reception, outcome, used) : NET_EAGAIN;
    result = error == NET_EAGAIN ? ATTEMPT_QUEUED : ATTEMPT_DONE;
    if (error != NET_OK)
      outcome->status = wsk__status(error);
    if (result == ATTEMPT_QUEUED) {
      socket->receive.pending++;
      wsk__args(irp)->flags = open ? TRIED : 0;
    }
  }
  os__spin_unlock(&socket->receive.lock);
  return result;
}

/* What is written to at the end has to be there until then. */
static void each_place(const struct wsk_reception *reception,
                       void (*act)(const void *memory)) {
  const void *places[] = {reception->remote, reception->control_length,
                          reception->control, reception->flags};
  for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
    if (places[i] != NULL)
      act(places[i]);
}

void wsk__reception_give_back(const struct wsk_reception *reception) {
  each_place(reception, mm__give_back);
}

/* The operation is counted in the lane, and has to wait. */
static NTSTATUS queue(struct wsk_socket *socket, PIRP irp,
                      const struct wsk_reception *reception) {
  if (!wsk__request_attach(irp)) {
    wsk__socket_leave_lane(socket, WSK_LANE_RECEIVE);
    return wsk__op_answer(irp, STATUS_INSUFFICIENT_RESOURCES, 0);
  }
  wsk__request_of(irp)->reception = *reception;
  each_place(reception, mm__lend);
  wsk__args(irp)->lane = WSK_LANE_RECEIVE;
  return wsk__op_submit(irp, start_receive_from, true);
}

static NTSTATUS receive_or_queue(struct wsk_socket *socket, PIRP irp,
                                 const struct wsk_reception *reception) {
  struct outcome outcome = {STATUS_SUCCESS, 0};
  struct wsk_datagram *used = NULL;
  bool direct = wsk__op_enter_direct(irp);
  enum attempt result =
      attempt(socket, irp, direct && !wsk__op_is_cancelled(irp), reception,
              &outcome, &used);
  if (used != NULL)
    wsk__datagram_give_back(used);
  if (result == ATTEMPT_DONE)
    return wsk__op_answer_direct(irp, outcome.status, outcome.bytes, false);
  if (direct)
    wsk__op_leave_direct();
  return result == ATTEMPT_REFUSED ? wsk__op_refuse(irp, outcome.status)
                                   : queue(socket, irp, reception);
}

static NTSTATUS receive_from(PWSK_SOCKET handle, PWSK_BUF buffer, ULONG flags,
                             const struct wsk_reception *reception, PIRP irp) {
  struct wsk_socket *socket;
  NTSTATUS status = wsk__call_begin(handle, irp, WSK_OP_RECEIVE_FROM, &socket);
  if (status != STATUS_SUCCESS)
    return status;
  status = wsk__no_flags(flags, "WskReceiveFrom")
               ? wsk__call_buffer(irp, buffer)
               : STATUS_INVALID_PARAMETER;
  return NT_SUCCESS(status) ? receive_or_queue(socket, irp, reception)
                            : wsk__op_refuse(irp, status);
}

NTSTATUS WSKAPI wsk__receive_from(PWSK_SOCKET Socket, PWSK_BUF Buffer,
                                  ULONG Flags, PSOCKADDR RemoteAddress,
                                  PULONG ControlLength, PCMSGHDR ControlInfo,
                                  PULONG ControlFlags, PIRP Irp) {
  ULONG room = ControlLength != NULL ? *ControlLength : 0;
  struct wsk_reception reception = {.remote = RemoteAddress,
                                    .control_length = ControlLength,
                                    .control_room = room,
                                    .control = ControlInfo,
                                    .flags = ControlFlags};
  ETW_CALL("WskReceiveFrom", Socket, Irp, "%llu bytes",
           Buffer != NULL ? (unsigned long long)Buffer->Length : 0);
  NTSTATUS status = receive_from(Socket, Buffer, Flags, &reception, Irp);
  ETW_RETURN("WskReceiveFrom", Irp, status);
  return status;
}
