/*
 * Servers through WSK, on event callbacks, as a driver would write them. Their
 * twins are in uv_server.c.
 */
#include "bench.h"
#include "peer.h"
#include "wsk_calls.h"

/* An accepted connection: its IRP sends what its callback has kept. */
struct connection {
  PWSK_SOCKET socket;
  PIRP irp;
  PWSK_DATA_INDICATION kept;
};

static PWSK_SOCKET listener;
static struct connection accepted[BENCH_CROWD];
static unsigned accepted_count, accepted_wanted;
static SIZE_T echoed, echo_wanted;
static KEVENT all_there;

static const void *table_of(PWSK_SOCKET socket) {
  return socket->Dispatch;
}

#define CONNECTION(s) ((const WSK_PROVIDER_CONNECTION_DISPATCH *)table_of(s))
#define DATAGRAM(s)   ((const WSK_PROVIDER_DATAGRAM_DISPATCH *)table_of(s))
#define LISTENER      ((const WSK_PROVIDER_LISTEN_DISPATCH *)table_of(listener))
#define CLOSE(s)                                                               \
  (((const WSK_PROVIDER_BASIC_DISPATCH *)table_of(s))                          \
       ->WskCloseSocket(s, bench_ready_irp()))

static void enable(PWSK_SOCKET socket, ULONG events) {
  WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, events};
  bench_require(((const WSK_PROVIDER_BASIC_DISPATCH *)table_of(socket))
                        ->WskControlSocket(socket, WskSetOption,
                                           SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                                           sizeof(control), &control, 0, NULL,
                                           NULL, NULL) == STATUS_SUCCESS,
                "SO_WSK_EVENT_CALLBACK");
}

/* ---- echo on events ---------------------------------------------------- */

static void count_echoed(const IO_STATUS_BLOCK *status) {
  bench_require(NT_SUCCESS(status->Status), "a send");
  echoed += status->Information;
  if (echoed == echo_wanted)
    KeSetEvent(&all_there, IO_NO_INCREMENT, FALSE);
}

static NTSTATUS NTAPI on_sent(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  struct connection *connection = context;
  UNREFERENCED_PARAMETER(device);
  CONNECTION(connection->socket)
      ->WskRelease(connection->socket, connection->kept);
  count_echoed(&irp->IoStatus);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Sends back what came from where it lies, and releases it when it is sent. */
static NTSTATUS WSKAPI on_receive(PVOID context, ULONG flags,
                                  PWSK_DATA_INDICATION data, SIZE_T count,
                                  SIZE_T *taken) {
  struct connection *connection = context;
  UNREFERENCED_PARAMETER(flags);
  UNREFERENCED_PARAMETER(taken);
  bench_require(count > 0 && data->Next == NULL, "an indication");
  connection->kept = data;
  IoReuseIrp(connection->irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(connection->irp, on_sent, connection, TRUE, TRUE,
                         TRUE);
  CONNECTION(connection->socket)
      ->WskSend(connection->socket, &data->Buffer, 0, connection->irp);
  return STATUS_PENDING;
}

static const WSK_CLIENT_CONNECTION_DISPATCH echo_callbacks = {on_receive, NULL,
                                                              NULL};

/* ---- accepting --------------------------------------------------------- */

static NTSTATUS WSKAPI
on_accept(PVOID context, ULONG flags, PSOCKADDR local, PSOCKADDR remote,
          PWSK_SOCKET made, PVOID *made_context,
          const WSK_CLIENT_CONNECTION_DISPATCH **made_dispatch) {
  UNREFERENCED_PARAMETER(context);
  UNREFERENCED_PARAMETER(flags);
  UNREFERENCED_PARAMETER(local);
  UNREFERENCED_PARAMETER(remote);
  accepted[accepted_count].socket = made;
  *made_context = &accepted[accepted_count++];
  *made_dispatch = &echo_callbacks;
  if (accepted_count == accepted_wanted)
    KeSetEvent(&all_there, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static USHORT listen_here(ULONG events) {
  static const WSK_CLIENT_LISTEN_DISPATCH callbacks = {on_accept, NULL, NULL};
  SOCKADDR_IN address = {.sin_family = AF_INET};

  address.sin_addr.S_un.S_addr = RtlUlongByteSwap(INADDR_LOOPBACK);
  KeInitializeEvent(&all_there, SynchronizationEvent, FALSE);
  bench_provider.Dispatch->WskSocket(bench_provider.Client, AF_INET,
                                     SOCK_STREAM, IPPROTO_TCP,
                                     WSK_FLAG_LISTEN_SOCKET, NULL, &callbacks,
                                     NULL, NULL, NULL, bench_ready_irp());
  listener = (PWSK_SOCKET)bench_finish();
  LISTENER->WskBind(listener, (PSOCKADDR)&address, 0, bench_ready_irp());
  bench_finish();
  enable(listener, events);
  LISTENER->WskGetLocalAddress(listener, (PSOCKADDR)&address,
                               bench_ready_irp());
  bench_finish();
  return RtlUshortByteSwap(address.sin_port);
}

static void want_accepted(unsigned count) {
  accepted_count = 0;
  accepted_wanted = count;
}

static void wait_until(PKEVENT event) {
  KeWaitForSingleObject(event, Executive, KernelMode, FALSE, NULL);
}

void bench_wsk_accept_close(unsigned count) {
  USHORT port = listen_here(WSK_EVENT_ACCEPT);
  for (unsigned i = 0; i < count; i++) {
    want_accepted(1);
    peer_crowd_connect(port, 1);
    wait_until(&all_there);
    CLOSE(accepted[0].socket);
    bench_finish();
    peer_crowd_close();
  }
  CLOSE(listener);
  bench_finish();
}

static void echo_once(void) {
  echoed = 0;
  echo_wanted = (SIZE_T)accepted_count * BENCH_SMALL;
  peer_crowd_send(BENCH_SMALL);
  wait_until(&all_there);
  peer_crowd_receive(BENCH_SMALL);
}

/* `count` answers in all. */
static void echo_through(unsigned connections, unsigned count) {
  USHORT port = listen_here(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
  for (unsigned i = 0; i < connections; i++)
    accepted[i].irp = IoAllocateIrp(1, FALSE);
  want_accepted(connections);
  peer_crowd_connect(port, connections);
  wait_until(&all_there);
  for (unsigned i = 0; i < count; i += connections)
    echo_once();
  for (unsigned i = 0; i < connections; i++) {
    CLOSE(accepted[i].socket);
    bench_finish();
    IoFreeIrp(accepted[i].irp);
  }
  CLOSE(listener);
  bench_finish();
  peer_crowd_close();
}

void bench_wsk_event_echo(unsigned count) {
  echo_through(1, count);
}

void bench_wsk_event_echo_64(unsigned count) {
  echo_through(BENCH_CROWD, count);
}

/* ---- datagrams --------------------------------------------------------- */

static struct {
  PWSK_SOCKET socket;
  PIRP irp;
  PWSK_DATAGRAM_INDICATION kept;
} udp;

static NTSTATUS NTAPI on_datagram_sent(PDEVICE_OBJECT device, PIRP irp,
                                       PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(context);
  DATAGRAM(udp.socket)
      ->WskRelease(udp.socket, (PWSK_DATA_INDICATION)(PVOID)udp.kept);
  count_echoed(&irp->IoStatus);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS WSKAPI on_datagram(PVOID context, ULONG flags,
                                   PWSK_DATAGRAM_INDICATION data) {
  UNREFERENCED_PARAMETER(context);
  UNREFERENCED_PARAMETER(flags);
  bench_require(data != NULL && data->Next == NULL, "an indication");
  udp.kept = data;
  IoReuseIrp(udp.irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(udp.irp, on_datagram_sent, NULL, TRUE, TRUE, TRUE);
  DATAGRAM(udp.socket)
      ->WskSendTo(udp.socket, &data->Buffer, 0, data->RemoteAddress, 0, NULL,
                  udp.irp);
  return STATUS_PENDING;
}

static USHORT open_datagrams(void) {
  static const WSK_CLIENT_DATAGRAM_DISPATCH callbacks = {on_datagram};
  SOCKADDR_IN address = {.sin_family = AF_INET};

  address.sin_addr.S_un.S_addr = RtlUlongByteSwap(INADDR_LOOPBACK);
  KeInitializeEvent(&all_there, SynchronizationEvent, FALSE);
  udp.irp = IoAllocateIrp(1, FALSE);
  bench_provider.Dispatch->WskSocket(bench_provider.Client, AF_INET, SOCK_DGRAM,
                                     IPPROTO_UDP, WSK_FLAG_DATAGRAM_SOCKET,
                                     NULL, &callbacks, NULL, NULL, NULL,
                                     bench_ready_irp());
  udp.socket = (PWSK_SOCKET)bench_finish();
  DATAGRAM(udp.socket)
      ->WskBind(udp.socket, (PSOCKADDR)&address, 0, bench_ready_irp());
  bench_finish();
  enable(udp.socket, WSK_EVENT_RECEIVE_FROM);
  DATAGRAM(udp.socket)
      ->WskGetLocalAddress(udp.socket, (PSOCKADDR)&address, bench_ready_irp());
  bench_finish();
  return RtlUshortByteSwap(address.sin_port);
}

void bench_wsk_udp_echo(unsigned count) {
  peer_udp_open(open_datagrams());
  for (unsigned i = 0; i < count; i++) {
    echoed = 0;
    echo_wanted = BENCH_SMALL;
    peer_udp_send(BENCH_SMALL);
    wait_until(&all_there);
    peer_udp_receive(BENCH_SMALL);
  }
  CLOSE(udp.socket);
  bench_finish();
  IoFreeIrp(udp.irp);
  peer_udp_close();
}
