/* Multicast groups. See multicast.h. */
#include "wsk/multicast.h"

#include "wsk/address.h"
#include "wsk/socket.h"
#include "wsk/status.h"

/* ---- on the loop -------------------------------------------------------- */

static NTSTATUS carry_out(struct wsk_socket *socket,
                          const struct wsk_code *code,
                          const struct net_group *group) {
  if (!wsk__socket_is_open(socket))
    return wsk__control_no_handle(socket);
  enum net_group_verb verb =
      (enum net_group_verb)(code->detail & ~WSK_GROUP_ONE_SOURCE);
  return wsk__status(net__udp_group(socket->udp, verb, group));
}

static void start_group(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  const struct wsk_args *args = wsk__args(irp);
  NTSTATUS status = carry_out(wsk__op(irp)->socket, args->code, args->copy);
  os__free(args->copy);
  wsk__op_finish(irp, status, 0);
}

/* ---- the call ----------------------------------------------------------- */

/* The request is copied: clients have it on the stack. */
static NTSTATUS submit(const struct wsk_control *control,
                       const struct net_group *group) {
  if (group->group.family != control->socket->family)
    return wsk__control_answer(control, STATUS_NOT_SUPPORTED, 0);
  struct net_group *copy = os__alloc(sizeof(*copy));
  if (copy == NULL)
    return wsk__control_answer(control, STATUS_INSUFFICIENT_RESOURCES, 0);
  *copy = *group;
  copy->one_source = (control->code->detail & WSK_GROUP_ONE_SOURCE) != 0;
  wsk__args(control->irp)->copy = copy;
  return wsk__control_submit(control, start_group);
}

static void put_ipv4(struct net_address *to, const IN_ADDR *from) {
  to->family = NET_IPV4;
  RtlCopyMemory(to->ip, from, sizeof(*from));
}

/* An address of network 0 is the index of an interface. */
static void put_interface(struct net_group *group, const IN_ADDR *from) {
  const UCHAR *bytes = (const UCHAR *)from;
  if (bytes[0] == 0)
    group->interface_index =
        ((ULONG)bytes[1] << 16) | ((ULONG)bytes[2] << 8) | bytes[3];
  else
    RtlCopyMemory(group->interface_ip, from, sizeof(*from));
}

NTSTATUS wsk__group_ip_mreq(const struct wsk_control *control) {
  const IP_MREQ *request = control->input;
  struct net_group group = {0};
  put_ipv4(&group.group, &request->imr_multiaddr);
  put_interface(&group, &request->imr_interface);
  return submit(control, &group);
}

NTSTATUS wsk__group_ip_mreq_source(const struct wsk_control *control) {
  const IP_MREQ_SOURCE *request = control->input;
  struct net_group group = {0};
  put_ipv4(&group.group, &request->imr_multiaddr);
  put_ipv4(&group.source, &request->imr_sourceaddr);
  put_interface(&group, &request->imr_interface);
  return submit(control, &group);
}

NTSTATUS wsk__group_ipv6_mreq(const struct wsk_control *control) {
  const IPV6_MREQ *request = control->input;
  struct net_group group = {.interface_index = request->ipv6mr_interface};
  group.group.family = NET_IPV6;
  RtlCopyMemory(group.group.ip, &request->ipv6mr_multiaddr, 16);
  return submit(control, &group);
}

/* GROUP_REQ is the beginning of GROUP_SOURCE_REQ. */
NTSTATUS wsk__group_req(const struct wsk_control *control) {
  const GROUP_SOURCE_REQ *request = control->input;
  struct net_group group = {.interface_index = request->gsr_interface};
  bool good = wsk__address_in(
      &group.group, (const SOCKADDR *)(const void *)&request->gsr_group);
  if (good && (control->code->detail & WSK_GROUP_ONE_SOURCE))
    good = wsk__address_in(
        &group.source, (const SOCKADDR *)(const void *)&request->gsr_source);
  return good ? submit(control, &group)
              : wsk__control_answer(control, STATUS_INVALID_PARAMETER, 0);
}
