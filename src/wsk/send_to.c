/*
 * WskSendTo and WskSendMessages: the direct path, then the queue.
 *
 * WskSendTo is WskSendMessages with a list of one. The host takes a datagram as
 * a whole or not at all; while it has no room, operations wait in the order of
 * the calls.
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

/* What no protocol takes: the length of a packet has sixteen bits. */
#define LONGEST 65535u

/* ---- one datagram, under the send lane's lock -------------------------- */

static const struct net_address *
destination(const struct wsk_socket *socket,
            const struct wsk_sending *sending) {
  const struct wsk_datagrams *datagrams = &socket->datagrams;
  if (sending->remote.family != 0)
    return &sending->remote;
  if (datagrams->send_to.family != 0)
    return &datagrams->send_to;
  return datagrams->remote.family != 0 ? &datagrams->remote : NULL;
}

/* More pieces than the transport takes: they are put together first. */
static int send_gathered(struct wsk_socket *socket, const WSK_BUF *buffer,
                         const struct net_address *remote,
                         const struct net_control *control) {
  struct wsk_tail *tail = wsk__tail_take();
  if (tail == NULL)
    return NET_ENOMEM;
  struct net_buffer whole = {tail->bytes, buffer->Length};
  mm__copy_from_chain(buffer->Mdl, buffer->Offset, 0, whole.base, whole.length);
  int error = net__udp_try_send(socket->udp, &whole, 1, remote, control);
  wsk__tail_give_back(tail);
  return error;
}

static int send_one(struct wsk_socket *socket,
                    const struct wsk_sending *sending) {
  struct net_buffer buffers[NET_DIRECT_BUFFERS];
  const WSK_BUF *buffer = &sending->next->Buffer;
  const struct net_address *remote = destination(socket, sending);
  const struct net_control *control =
      sending->controlled ? &sending->control : NULL;
  size_t total = 0;
  if (remote == NULL)
    return NET_EINVAL; /* It was taken away meanwhile. */
  if (buffer->Length > LONGEST)
    return NET_EMSGSIZE;
  unsigned count = mm__chain_spans(buffer->Mdl, buffer->Offset, buffer->Length,
                                   0, (struct mm_span *)(void *)buffers,
                                   NET_DIRECT_BUFFERS, &total);
  if (total < buffer->Length)
    return send_gathered(socket, buffer, remote, control);
  return net__udp_try_send(socket->udp, buffers, count, remote, control);
}

/* Sends what the host takes: NET_OK when that is all, NET_EAGAIN when the rest
 * has to wait, or why no more is sent. */
static int send_some(struct wsk_socket *socket, struct wsk_sending *sending) {
  while (sending->next != NULL) {
    int error = send_one(socket, sending);
    if (error != NET_OK)
      return error;
    sending->sent += sending->next->Buffer.Length;
    sending->next = sending->next->Next;
  }
  return NET_OK;
}

/* ---- what the client lends --------------------------------------------- */

/* The buffers of all messages, while they wait. */
static void each_message(const WSK_BUF_LIST *list,
                         void (*act)(const MDL *, ULONG, SIZE_T)) {
  for (; list != NULL; list = list->Next)
    act(list->Buffer.Mdl, list->Buffer.Offset, list->Buffer.Length);
}

void wsk__send_to_settled(PIRP irp) {
  if (wsk__args(irp)->kind == WSK_OP_SEND_MESSAGES)
    each_message(wsk__request_of(irp)->sending.first, mm__give_chain_back);
}

/* ---- on the loop ------------------------------------------------------- */

static void finish_first(struct wsk_socket *socket, int error) {
  PIRP irp = wsk__irp_of_link(RemoveHeadList(&socket->sends));
  wsk__op_finish(irp, wsk__status(error), wsk__op(irp)->done);
}

static int serve_first(struct wsk_socket *socket) {
  PIRP irp = wsk__irp_of_link(socket->sends.Flink);
  struct wsk_sending *sending = &wsk__request_of(irp)->sending;
  os__spin_lock(&socket->send.lock);
  int error = send_some(socket, sending);
  os__spin_unlock(&socket->send.lock);
  wsk__op(irp)->done = sending->sent;
  return error;
}

void wsk__send_to_pump(struct wsk_socket *socket) {
  while (wsk__socket_is_open(socket) && !IsListEmpty(&socket->sends)) {
    int error = serve_first(socket);
    if (error == NET_EAGAIN) {
      net__udp_arm(socket->udp, NET_WRITABLE);
      return;
    }
    finish_first(socket, error);
  }
}

static void start_send_to(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__op_start_cancelled(irp))
    return;
  if (!wsk__socket_is_open(socket)) {
    wsk__op_finish(irp, wsk__socket_end_status(socket, STATUS_CANCELLED),
                   wsk__op(irp)->done);
    return;
  }
  InsertTailList(&socket->sends, &irp->Tail.Overlay.ListEntry);
  wsk__op_queued(irp);
  wsk__datagrams_pump(socket);
}

/* ---- the call ---------------------------------------------------------- */

enum attempt { ATTEMPT_REFUSED, ATTEMPT_DONE, ATTEMPT_QUEUED };

static NTSTATUS allowed(const struct wsk_socket *socket,
                        const struct wsk_sending *sending) {
  if (socket->send.error != STATUS_SUCCESS)
    return socket->send.error;
  if (socket->state != WSK_BOUND)
    return STATUS_INVALID_DEVICE_STATE;
  return destination(socket, sending) != NULL ? STATUS_SUCCESS
                                              : STATUS_INVALID_PARAMETER;
}

static enum attempt attempt(struct wsk_socket *socket, bool direct,
                            struct wsk_sending *sending, NTSTATUS *status) {
  enum attempt result = ATTEMPT_REFUSED;
  os__spin_lock(&socket->send.lock);
  *status = allowed(socket, sending);
  if (NT_SUCCESS(*status)) {
    int error = direct && socket->send.pending == 0 ? send_some(socket, sending)
                                                    : NET_EAGAIN;
    *status = wsk__status(error);
    result = error == NET_EAGAIN ? ATTEMPT_QUEUED : ATTEMPT_DONE;
    if (result == ATTEMPT_QUEUED)
      socket->send.pending++;
  }
  os__spin_unlock(&socket->send.lock);
  return result;
}

/* The operation is counted in the lane, and has to wait. */
static NTSTATUS queue(struct wsk_socket *socket, PIRP irp,
                      const struct wsk_sending *sending) {
  if (!wsk__request_attach(irp)) {
    wsk__socket_leave_lane(socket, WSK_LANE_SEND);
    return wsk__op_answer(irp, STATUS_INSUFFICIENT_RESOURCES, sending->sent);
  }
  struct wsk_sending *kept = &wsk__request_of(irp)->sending;
  *kept = *sending;
  if (sending->next == &sending->one)
    kept->next = &kept->one;
  if (kept->first != NULL) {
    wsk__args(irp)->buffered = FALSE; /* The list says it all. */
    each_message(kept->first, mm__lend_chain);
  }
  wsk__op(irp)->done = sending->sent;
  wsk__args(irp)->lane = WSK_LANE_SEND;
  return wsk__op_submit(irp, start_send_to, true);
}

static NTSTATUS send_or_queue(struct wsk_socket *socket, PIRP irp,
                              struct wsk_sending *sending) {
  NTSTATUS status;
  bool direct = wsk__op_enter_direct(irp);
  enum attempt result =
      attempt(socket, direct && !wsk__op_is_cancelled(irp), sending, &status);
  if (result == ATTEMPT_DONE) /* as Windows was seen to send */
    return wsk__op_answer_direct(irp, status, sending->sent, true);
  if (direct)
    wsk__op_leave_direct();
  return result == ATTEMPT_REFUSED ? wsk__op_refuse(irp, status)
                                   : queue(socket, irp, sending);
}

/* A raw socket's addresses have no ports. */
static NTSTATUS check_remote(const struct wsk_socket *socket,
                             struct wsk_sending *sending,
                             const SOCKADDR *remote) {
  if (remote == NULL)
    return STATUS_SUCCESS;
  if (!wsk__address_in(&sending->remote, remote))
    return STATUS_INVALID_PARAMETER;
  if (sending->remote.family != socket->family) {
    vf__report_on(VF_BIND_01, socket,
                  "WskSendTo on socket %p with an address of another family "
                  "(%u)",
                  (const void *)socket, remote->sa_family);
    return STATUS_INVALID_PARAMETER;
  }
  return wsk__is_wildcard(&sending->remote) ||
                 (sending->remote.port == 0 && !socket->datagrams.raw)
             ? STATUS_INVALID_ADDRESS_COMPONENT
             : STATUS_SUCCESS;
}

static NTSTATUS check_control(const struct wsk_socket *socket, const char *call,
                              struct wsk_sending *sending,
                              const CMSGHDR *control, ULONG length) {
  if ((control == NULL) != (length == 0))
    vf__report(VF_SENDTO_05, "%s with ControlInfo %p and ControlInfoLength %u",
               call, (const void *)control, (unsigned)length);
  if (length == 0)
    return STATUS_SUCCESS;
  sending->controlled = true;
  return control != NULL && wsk__control_info_in(&sending->control, control,
                                                 length, socket->family)
             ? STATUS_SUCCESS
             : STATUS_INVALID_PARAMETER;
}

static NTSTATUS check_buffers(PIRP irp, const struct wsk_sending *sending) {
  const WSK_BUF_LIST *member = sending->next;
  for (; member != NULL; member = member->Next) {
    NTSTATUS status = wsk__call_buffer(irp, &member->Buffer);
    if (!NT_SUCCESS(status))
      return status;
  }
  return sending->next != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static NTSTATUS send_to(PWSK_SOCKET handle, struct wsk_sending *sending,
                        ULONG flags, const SOCKADDR *remote, ULONG length,
                        const CMSGHDR *control, enum wsk_op_kind kind,
                        PIRP irp) {
  struct wsk_socket *socket;
  NTSTATUS status = wsk__call_begin(handle, irp, kind, &socket);
  if (status != STATUS_SUCCESS)
    return status;
  if (!wsk__no_flags(flags, wsk__op_name(kind)))
    return wsk__op_refuse(irp, STATUS_INVALID_PARAMETER);
  status = check_buffers(irp, sending);
  if (NT_SUCCESS(status))
    status = check_remote(socket, sending, remote);
  if (NT_SUCCESS(status))
    status =
        check_control(socket, wsk__op_name(kind), sending, control, length);
  return NT_SUCCESS(status) ? send_or_queue(socket, irp, sending)
                            : wsk__op_refuse(irp, status);
}

NTSTATUS WSKAPI wsk__send_to(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags,
                             PSOCKADDR RemoteAddress, ULONG ControlInfoLength,
                             PCMSGHDR ControlInfo, PIRP Irp) {
  struct wsk_sending sending = {.next = NULL};
  ETW_CALL("WskSendTo", Socket, Irp, "%llu bytes to %s",
           Buffer != NULL ? (unsigned long long)Buffer->Length : 0,
           wsk__address_text((char[WSK_ADDRESS_TEXT]){0}, RemoteAddress));
  if (Buffer != NULL) {
    sending.one.Buffer = *Buffer;
    sending.next = &sending.one;
  }
  NTSTATUS status =
      send_to(Socket, &sending, Flags, RemoteAddress, ControlInfoLength,
              ControlInfo, WSK_OP_SEND_TO, Irp);
  ETW_RETURN("WskSendTo", Irp, status);
  return status;
}

NTSTATUS WSKAPI wsk__send_messages(PWSK_SOCKET Socket, PWSK_BUF_LIST BufferList,
                                   ULONG Flags, PSOCKADDR RemoteAddress,
                                   ULONG ControlInfoLength,
                                   PCMSGHDR ControlInfo, PIRP Irp) {
  struct wsk_sending sending = {.first = BufferList, .next = BufferList};
  ETW_CALL("WskSendMessages", Socket, Irp, "to %s",
           wsk__address_text((char[WSK_ADDRESS_TEXT]){0}, RemoteAddress));
  NTSTATUS status =
      send_to(Socket, &sending, Flags, RemoteAddress, ControlInfoLength,
              ControlInfo, WSK_OP_SEND_MESSAGES, Irp);
  ETW_RETURN("WskSendMessages", Irp, status);
  return status;
}
