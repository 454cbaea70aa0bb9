/* WskBind, WskConnect, WskConnectEx and the address queries. */
#include "wsk/connect.h"

#include "etw/trace.h"
#include "verifier/report.h"
#include "wsk/address.h"
#include "wsk/provider.h"
#include "wsk/status.h"

#define CONNECT_EX_LIMIT 65535u

#define ADDRESS_TEXT(address)                                                  \
  wsk__address_text((char[WSK_ADDRESS_TEXT]){0}, address)

/* ---- WskBind ----------------------------------------------------------- */

static int bind_handle(struct wsk_socket *socket,
                       const struct net_address *address,
                       struct net_address *bound) {
  if (socket->udp != NULL)
    return wsk__datagrams_bind(socket, address, bound);
  int error = net__tcp_bind(socket->tcp, address);
  return error == NET_OK ? net__tcp_local(socket->tcp, bound) : error;
}

NTSTATUS wsk__bind_now(struct wsk_socket *socket,
                       const struct net_address *address) {
  struct net_address bound;
  NTSTATUS status = wsk__sharing_claim(socket, address);
  if (NT_SUCCESS(status))
    status = wsk__status(bind_handle(socket, address, &bound));
  if (NT_SUCCESS(status) && socket->role == WSK_LISTENER)
    status = wsk__status(wsk__listen_now(socket));
  if (NT_SUCCESS(status))
    wsk__socket_bound(socket, &bound);
  else
    wsk__socket_not_bound(socket);
  wsk__events_pump(socket); /* Some are on from the start. */
  return status;
}

static void start_bind(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__op_is_cancelled(irp)) {
    wsk__socket_not_bound(socket);
    (void)wsk__op_start_cancelled(irp);
  } else if (socket->unsupported) {
    wsk__socket_not_bound(socket);
    wsk__op_finish(irp, STATUS_NOT_IMPLEMENTED, 0);
  } else if (!wsk__socket_is_open(socket)) {
    wsk__op_finish(irp, wsk__socket_end_status(socket, STATUS_CANCELLED), 0);
  } else {
    wsk__op_finish(irp, wsk__bind_now(socket, &socket->wanted_local), 0);
  }
}

/* Whether `address` can be one of this socket's. */
static bool address_fits(const struct wsk_socket *socket,
                         const SOCKADDR *address, struct net_address *to,
                         const char *call) {
  if (address == NULL || !wsk__address_in(to, address))
    return false;
  if (to->family == socket->family)
    return true;
  vf__report_on(VF_BIND_01, socket,
                "%s on socket %p with an address of another family (%u)", call,
                (const void *)socket, address->sa_family);
  return false;
}

static NTSTATUS bind_socket(PWSK_SOCKET handle, PSOCKADDR address, ULONG flags,
                            PIRP irp) {
  struct wsk_socket *socket;
  struct net_address local;
  NTSTATUS status = wsk__call_begin(handle, irp, WSK_OP_BIND, &socket);
  if (status != STATUS_SUCCESS)
    return status;
  if (!wsk__no_flags(flags, "WskBind") ||
      !address_fits(socket, address, &local, "WskBind"))
    return wsk__op_refuse(irp, STATUS_INVALID_PARAMETER);
  if (!wsk__socket_begin_bind(socket))
    return wsk__op_refuse(irp, STATUS_INVALID_DEVICE_STATE);
  socket->wanted_local = local;
  return wsk__op_submit(irp, start_bind, true);
}

NTSTATUS WSKAPI wsk__bind(PWSK_SOCKET Socket, PSOCKADDR LocalAddress,
                          ULONG Flags, PIRP Irp) {
  ETW_CALL("WskBind", Socket, Irp, "%s", ADDRESS_TEXT(LocalAddress));
  NTSTATUS status = bind_socket(Socket, LocalAddress, Flags, Irp);
  ETW_RETURN("WskBind", Irp, status);
  return status;
}

/* ---- connecting, on the loop ------------------------------------------- */

void wsk__connect_failed(struct wsk_socket *socket, PIRP irp, NTSTATUS status) {
  if (wsk__args(irp)->kind != WSK_OP_SOCKET_CONNECT) {
    wsk__socket_not_connected(socket);
    wsk__op_finish(irp, status, 0);
    return;
  }
  if (socket->doom == STATUS_SUCCESS)
    socket->doom = status;
  if (socket->tcp != NULL) {
    /* The socket goes first; its end comes back here. */
    socket->connecting = irp;
    wsk__socket_close_handle(socket, false);
    return;
  }
  wsk__args(irp)->releases = TRUE;
  wsk__op_finish(irp, socket->doom, 0);
}

/* A host socket whose attempt has failed is spent: on Linux the next attempt
 * fails, and the port is another one. The operation waits until it is gone. */
static void renew(struct wsk_socket *socket, PIRP irp, NTSTATUS status) {
  socket->connecting = irp;
  socket->renewal = status;
  wsk__socket_close_handle(socket, false);
}

/* A new host socket with the old one's address. */
static int reopen(struct wsk_socket *socket) {
  socket->handle_closing = false;
  int error = wsk__socket_open_handle(socket);
  if (error == NET_OK)
    error = wsk__options_renew(socket);
  wsk__sharing_renew(socket);
  return error == NET_OK ? net__tcp_bind(socket->tcp, &socket->local) : error;
}

bool wsk__connect_renewed(struct wsk_socket *socket) {
  PIRP irp = socket->connecting;
  NTSTATUS status = socket->renewal;
  if (status == STATUS_SUCCESS || irp == NULL ||
      wsk__socket_state(socket) != WSK_CONNECTING)
    return false;
  socket->connecting = NULL;
  socket->renewal = STATUS_SUCCESS;
  if (reopen(socket) != NET_OK)
    wsk__socket_dead(socket);
  wsk__connect_failed(socket, irp, status);
  return true;
}

/* The data of WskConnectEx goes out as a send would, before any other: it is
 * counted in before anybody can see that there is a connection. */
static void reserve_lane(struct wsk_socket *socket, PIRP irp) {
  if (wsk__args(irp)->length == 0)
    return; /* no data, or another call than WskConnectEx */
  os__spin_lock(&socket->send.lock);
  socket->send.pending++;
  os__spin_unlock(&socket->send.lock);
  wsk__args(irp)->lane = WSK_LANE_SEND;
}

static void send_connect_data(struct wsk_socket *socket, PIRP irp) {
  InsertHeadList(&socket->sends, &irp->Tail.Overlay.ListEntry);
  wsk__send_pump(socket);
}

static void connect_succeeded(struct wsk_socket *socket, PIRP irp) {
  switch (wsk__args(irp)->kind) {
  case WSK_OP_SOCKET_CONNECT:
    wsk__op_finish(irp, STATUS_SUCCESS, (ULONG_PTR)socket);
    return;
  case WSK_OP_CONNECT_EX:
    if (wsk__args(irp)->length > 0) {
      send_connect_data(socket, irp);
      return;
    }
    break;
  default:
    break;
  }
  wsk__op_finish(irp, STATUS_SUCCESS, 0);
}

void wsk__connect_connected(void *user, int error) {
  struct wsk_socket *socket = user;
  PIRP irp = socket->connecting;
  struct net_address local, remote;
  /* A handle that is being closed completes everything at its end. */
  if (socket->handle_closing || irp == NULL)
    return;
  socket->connecting = NULL;
  remote = socket->wanted_remote;
  if (error == NET_OK)
    error = net__tcp_local(socket->tcp, &local);
  if (error != NET_OK) {
    if (wsk__args(irp)->kind == WSK_OP_SOCKET_CONNECT)
      wsk__connect_failed(socket, irp, wsk__status(error));
    else
      renew(socket, irp, wsk__status(error));
    return;
  }
  reserve_lane(socket, irp);
  wsk__socket_connected(socket, &local, &remote);
  /* A completion may close the socket: it is held until events can come. */
  wsk__socket_add_pending(socket);
  connect_succeeded(socket, irp);
  wsk__receive_pump(socket);
  wsk__socket_remove_pending(socket);
}

/* Windows refuses these; other hosts would take the wildcard for loopback. */
static bool can_be_remote(const struct net_address *address) {
  return address->port != 0 && !wsk__is_wildcard(address);
}

void wsk__connect_start(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (!wsk__socket_is_open(socket)) {
    wsk__op_finish(irp, wsk__socket_end_status(socket, STATUS_CANCELLED), 0);
    return;
  }
  int error = can_be_remote(&socket->wanted_remote)
                  ? net__tcp_connect(socket->tcp, &socket->wanted_remote)
                  : NET_EADDRNOTAVAIL;
  if (error != NET_OK) {
    wsk__connect_failed(socket, irp, wsk__status(error));
    return;
  }
  socket->connecting = irp;
  wsk__op_queued(irp);
}

static void start_connect(struct loop_op *op) {
  PIRP irp = wsk__op_irp(op);
  struct wsk_socket *socket = wsk__op(irp)->socket;
  if (wsk__op_is_cancelled(irp)) {
    /* The client cannot know how far it had come. */
    wsk__socket_fail(socket, STATUS_INVALID_DEVICE_STATE);
    wsk__socket_dead(socket);
    (void)wsk__op_start_cancelled(irp);
  } else {
    wsk__connect_start(op);
  }
}

/* ---- WskConnect, WskConnectEx ------------------------------------------ */

static NTSTATUS connect_socket(struct wsk_socket *socket, PSOCKADDR address,
                               PIRP irp) {
  struct net_address remote;
  if (!address_fits(socket, address, &remote, "WskConnect"))
    return wsk__op_refuse(irp, STATUS_INVALID_PARAMETER);
  if (!wsk__socket_begin_connect(socket))
    return wsk__op_refuse(irp, STATUS_INVALID_DEVICE_STATE);
  socket->wanted_remote = remote;
  return wsk__op_submit(irp, start_connect, true);
}

NTSTATUS WSKAPI wsk__connect(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress,
                             ULONG Flags, PIRP Irp) {
  struct wsk_socket *socket;
  ETW_CALL("WskConnect", Socket, Irp, "%s", ADDRESS_TEXT(RemoteAddress));
  NTSTATUS status = wsk__call_begin(Socket, Irp, WSK_OP_CONNECT, &socket);
  if (status == STATUS_SUCCESS)
    status = wsk__no_flags(Flags, "WskConnect")
                 ? connect_socket(socket, RemoteAddress, Irp)
                 : wsk__op_refuse(Irp, STATUS_INVALID_PARAMETER);
  ETW_RETURN("WskConnect", Irp, status);
  return status;
}

static NTSTATUS connect_with_data(struct wsk_socket *socket, PSOCKADDR address,
                                  PWSK_BUF buffer, ULONG flags, PIRP irp) {
  if (buffer != NULL) {
    if (buffer->Length > CONNECT_EX_LIMIT)
      return wsk__op_refuse(irp, STATUS_BUFFER_OVERFLOW);
    NTSTATUS status = wsk__call_buffer(irp, buffer);
    if (!NT_SUCCESS(status))
      return wsk__op_refuse(irp, status);
  }
  return flags == 0 ? connect_socket(socket, address, irp)
                    : wsk__op_refuse(irp, STATUS_INVALID_PARAMETER);
}

NTSTATUS WSKAPI wsk__connect_ex(PWSK_SOCKET Socket, PSOCKADDR RemoteAddress,
                                PWSK_BUF Buffer, ULONG Flags, PIRP Irp) {
  struct wsk_socket *socket;
  ETW_CALL("WskConnectEx", Socket, Irp, "%s %llu bytes",
           ADDRESS_TEXT(RemoteAddress),
           Buffer != NULL ? (unsigned long long)Buffer->Length : 0);
  NTSTATUS status = wsk__call_begin(Socket, Irp, WSK_OP_CONNECT_EX, &socket);
  if (status == STATUS_SUCCESS)
    status = connect_with_data(socket, RemoteAddress, Buffer, Flags, Irp);
  ETW_RETURN("WskConnectEx", Irp, status);
  return status;
}

/* ---- WskGetLocalAddress, WskGetRemoteAddress --------------------------- */

static bool has_local(enum wsk_state state) {
  return state == WSK_BOUND || state == WSK_COMMITTING ||
         state == WSK_CONNECTING || state == WSK_CONNECTED || state == WSK_DEAD;
}

static NTSTATUS query_address(PWSK_SOCKET handle, PSOCKADDR address, bool local,
                              PIRP irp) {
  struct wsk_socket *socket;
  NTSTATUS status = wsk__call_begin(handle, irp, WSK_OP_ADDRESS, &socket);
  if (status != STATUS_SUCCESS)
    return status;
  if (address == NULL)
    return wsk__op_refuse(irp, STATUS_INVALID_PARAMETER);
  os__spin_lock(&socket->send.lock);
  bool known =
      local ? has_local(socket->state) : socket->state == WSK_CONNECTED;
  struct net_address found = local ? socket->local : socket->remote;
  os__spin_unlock(&socket->send.lock);
  if (!known)
    return wsk__op_refuse(irp, STATUS_INVALID_DEVICE_STATE);
  wsk__address_out(address, &found);
  return wsk__op_answer(irp, STATUS_SUCCESS, 0);
}

NTSTATUS WSKAPI wsk__get_local_address(PWSK_SOCKET Socket,
                                       PSOCKADDR LocalAddress, PIRP Irp) {
  ETW_CALL("WskGetLocalAddress", Socket, Irp, "%s", "");
  NTSTATUS status = query_address(Socket, LocalAddress, true, Irp);
  ETW_RETURN("WskGetLocalAddress", Irp, status);
  return status;
}

NTSTATUS WSKAPI wsk__get_remote_address(PWSK_SOCKET Socket,
                                        PSOCKADDR RemoteAddress, PIRP Irp) {
  ETW_CALL("WskGetRemoteAddress", Socket, Irp, "%s", "");
  NTSTATUS status = query_address(Socket, RemoteAddress, false, Irp);
  ETW_RETURN("WskGetRemoteAddress", Irp, status);
  return status;
}
