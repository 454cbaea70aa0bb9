/* WskSocket and WskSocketConnect. */
#include "etw/trace.h"
#include "ke/ke.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/connect.h"
#include "wsk/provider.h"
#include "wsk/socket.h"
#include "wsk/status.h"

/* ---- WskSocket --------------------------------------------------------- */

static bool is_tcp(ADDRESS_FAMILY family, USHORT type, ULONG protocol) {
  return (family == AF_INET || family == AF_INET6) && type == SOCK_STREAM &&
         protocol == IPPROTO_TCP;
}

static bool is_datagram(USHORT type, ULONG protocol) {
  return (type == SOCK_DGRAM && (protocol == IPPROTO_UDP || protocol == 0)) ||
         (type == SOCK_RAW && protocol < IPPROTO_MAX);
}

/* What a listening socket can listen with; 0 is the type's own protocol. */
static bool is_stream(USHORT type, ULONG protocol) {
  return type == SOCK_STREAM && (protocol == IPPROTO_TCP || protocol == 0);
}

/* The one category of these flags; WSK_CATEGORIES when they name no one. */
static enum wsk_category category_of(ULONG flags) {
  int category = 0;
  while (category < WSK_CATEGORIES && wsk__categories[category].flag != flags)
    category++;
  return (enum wsk_category)category;
}

/* A listening socket takes whatever it is made of; its bind may refuse. */
static bool fits_category(ADDRESS_FAMILY family, USHORT type, ULONG protocol,
                          enum wsk_category category) {
  if (family != AF_INET && family != AF_INET6)
    return false;
  switch (category) {
  case WSK_BASIC:
    return is_tcp(family, type, protocol) || is_datagram(type, protocol);
  case WSK_LISTENER:
    return true;
  case WSK_CONNECTION:
  case WSK_STREAM:
    return is_tcp(family, type, protocol);
  case WSK_DATAGRAM:
    return is_datagram(type, protocol);
  default:
    return false;
  }
}

/* STATUS_SUCCESS when the arguments name a socket that is there. */
static NTSTATUS check_kind(ADDRESS_FAMILY family, USHORT type, ULONG protocol,
                           enum wsk_category category) {
  return fits_category(family, type, protocol, category)
             ? STATUS_SUCCESS
             : STATUS_INVALID_PARAMETER;
}

/* A basic socket does nothing that needs one. */
static bool needs_handle(const struct wsk_socket *socket) {
  return !socket->unsupported && socket->category != WSK_BASIC;
}

static void start_socket(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  int error = needs_handle(socket) ? wsk__socket_open_handle(socket) : NET_OK;
  if (error == NET_OK) {
    wsk__op_finish(irp, STATUS_SUCCESS, (ULONG_PTR)socket);
    return;
  }
  wsk__args(irp)->releases = TRUE;
  wsk__op_finish(irp, wsk__status(error), 0);
}

struct creation {
  enum wsk_category category;
  USHORT type;
  ULONG protocol;
  bool unsupported;
  enum net_family family;
  PVOID context;
  const VOID *dispatch;
  PSECURITY_DESCRIPTOR security; /* the client's; NULL is the default */
  const void *caller;
};

/* What the client hands in has to be cached; the socket holds it then. */
static bool take_security(PIRP irp, const struct creation *creation,
                          struct wsk_sd **descriptor) {
  *descriptor = wsk__sd_hold(creation->security);
  if (*descriptor != NULL || creation->security == NULL)
    return true;
  vf__report(VF_SOCKET_13,
             "%s with security descriptor %p, which is not cached",
             wsk__op_name(wsk__args(irp)->kind), creation->security);
  return false;
}

/* Makes the socket that goes with the operation. */
static NTSTATUS create(struct wsk_client *client, PIRP irp,
                       const struct creation *creation) {
  struct wsk_sd *descriptor;
  if (!take_security(irp, creation, &descriptor))
    return STATUS_INVALID_PARAMETER;
  struct wsk_socket *socket =
      wsk__socket_create(client, creation->category, creation->family);
  if (socket == NULL) {
    wsk__sd_drop(descriptor);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  socket->sharing.descriptor = descriptor;
  wsk__socket_track(socket, wsk__op_name(wsk__args(irp)->kind),
                    creation->caller);
  socket->unsupported = creation->unsupported;
  socket->datagrams.raw = creation->type == SOCK_RAW;
  socket->datagrams.protocol = creation->protocol;
  wsk__events_attach(socket, creation->context, creation->dispatch);
  wsk__op(irp)->socket = socket;
  wsk__op(irp)->done = 0; /* where the client stood */
  return STATUS_SUCCESS;
}

static NTSTATUS create_socket(struct wsk_client *client, PIRP irp,
                              NTSTATUS kind_status,
                              const struct creation *creation) {
  if (kind_status != STATUS_SUCCESS)
    return wsk__op_refuse(irp, kind_status);
  if (creation->category == WSK_BASIC &&
      (creation->context != NULL || creation->dispatch != NULL))
    vf__report(VF_SOCKET_10,
               "WskSocket for a basic socket with context %p and "
               "dispatch table %p",
               creation->context, creation->dispatch);
  NTSTATUS status = create(client, irp, creation);
  return NT_SUCCESS(status) ? wsk__op_submit(irp, start_socket, false)
                            : wsk__op_refuse(irp, status);
}

NTSTATUS WSKAPI wsk__socket(PWSK_CLIENT Client, ADDRESS_FAMILY AddressFamily,
                            USHORT SocketType, ULONG Protocol, ULONG Flags,
                            PVOID SocketContext, CONST VOID *Dispatch,
                            PEPROCESS OwningProcess, PETHREAD OwningThread,
                            PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp) {
  UNREFERENCED_PARAMETER(OwningProcess);
  UNREFERENCED_PARAMETER(OwningThread);
  NTSTATUS status;
  ETW_CALL("WskSocket", NULL, Irp, "family %u type %u protocol %u flags %#x",
           (unsigned)AddressFamily, (unsigned)SocketType, (unsigned)Protocol,
           (unsigned)Flags);
  struct wsk_client *client = wsk__client_call_begin(Client, Irp, WSK_OP_SOCKET,
                                                     DISPATCH_LEVEL, &status);
  if (client != NULL) {
    enum wsk_category category = category_of(Flags);
    struct creation creation = {.category = category,
                                .type = SocketType,
                                .protocol = Protocol,
                                .unsupported = category == WSK_LISTENER &&
                                               !is_stream(SocketType, Protocol),
                                .family = AddressFamily == AF_INET ? NET_IPV4
                                                                   : NET_IPV6,
                                .context = SocketContext,
                                .dispatch = Dispatch,
                                .security = SecurityDescriptor,
                                .caller = OB_CALLER()};
    NTSTATUS kind = check_kind(AddressFamily, SocketType, Protocol, category);
    status = create_socket(client, Irp, kind, &creation);
    wsk__client_leave(client);
  }
  ETW_RETURN("WskSocket", Irp, status);
  return status;
}

/* ---- WskSocketConnect -------------------------------------------------- */

static void start_socket_connect(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__op_is_cancelled(irp)) {
    wsk__args(irp)->releases = TRUE;
    (void)wsk__op_start_cancelled(irp);
    return;
  }
  int error = wsk__socket_open_handle(socket);
  NTSTATUS status = error == NET_OK
                        ? wsk__bind_now(socket, &socket->wanted_local)
                        : wsk__status(error);
  if (!NT_SUCCESS(status)) {
    wsk__connect_failed(socket, irp, status);
    return;
  }
  wsk__socket_begin_connect(socket);
  wsk__connect_start(op);
}

static NTSTATUS check_socket_connect(USHORT type, ULONG protocol,
                                     const SOCKADDR *local,
                                     const SOCKADDR *remote, ULONG flags) {
  if (local == NULL || remote == NULL ||
      !wsk__no_flags(flags, "WskSocketConnect") ||
      local->sa_family != remote->sa_family ||
      !is_tcp(local->sa_family, type, protocol))
    return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}

static NTSTATUS socket_connect(struct wsk_client *client, PIRP irp,
                               PSOCKADDR local, PSOCKADDR remote,
                               struct creation *creation) {
  creation->family = local->sa_family == AF_INET ? NET_IPV4 : NET_IPV6;
  NTSTATUS status = create(client, irp, creation);
  if (!NT_SUCCESS(status))
    return wsk__op_refuse(irp, status);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  (void)wsk__address_in(&socket->wanted_local, local);
  (void)wsk__address_in(&socket->wanted_remote, remote);
  wsk__socket_begin_bind(socket);
  return wsk__op_submit(irp, start_socket_connect, true);
}

NTSTATUS WSKAPI wsk__socket_connect(
    PWSK_CLIENT Client, USHORT SocketType, ULONG Protocol,
    PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress, ULONG Flags,
    PVOID SocketContext, CONST WSK_CLIENT_CONNECTION_DISPATCH *Dispatch,
    PEPROCESS OwningProcess, PETHREAD OwningThread,
    PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp) {
  UNREFERENCED_PARAMETER(OwningProcess);
  UNREFERENCED_PARAMETER(OwningThread);
  NTSTATUS status;
  ETW_CALL("WskSocketConnect", NULL, Irp, "from %s to %s",
           wsk__address_text((char[WSK_ADDRESS_TEXT]){0}, LocalAddress),
           wsk__address_text((char[WSK_ADDRESS_TEXT]){0}, RemoteAddress));
  struct wsk_client *client = wsk__client_call_begin(
      Client, Irp, WSK_OP_SOCKET_CONNECT, DISPATCH_LEVEL, &status);
  if (client != NULL) {
    struct creation creation = {.category = WSK_CONNECTION,
                                .context = SocketContext,
                                .dispatch = Dispatch,
                                .security = SecurityDescriptor,
                                .caller = OB_CALLER()};
    status = check_socket_connect(SocketType, Protocol, LocalAddress,
                                  RemoteAddress, Flags);
    status = status == STATUS_SUCCESS
                 ? socket_connect(client, Irp, LocalAddress, RemoteAddress,
                                  &creation)
                 : wsk__op_refuse(Irp, status);
    wsk__client_leave(client);
  }
  ETW_RETURN("WskSocketConnect", Irp, status);
  return status;
}
