/*
 * The traffic of the benchmark through WSK, written as a driver would write it:
 * a synchronous client with an IRP, an event and a wait for every operation,
 * and one that is driven by its completion routines.
 */
#include "bench.h"
#include "peer.h"
#include "wsk_calls.h"

static PWSK_SOCKET client;

#define CLIENT ((const WSK_PROVIDER_CONNECTION_DISPATCH *)client->Dispatch)

/* ---- synchronous ------------------------------------------------------- */

static void connect_client(unsigned short port) {
  SOCKADDR_IN any = {.sin_family = AF_INET};
  SOCKADDR_IN address = {.sin_family = AF_INET,
                         .sin_port = RtlUshortByteSwap(port)};
  address.sin_addr.S_un.S_addr = RtlUlongByteSwap(INADDR_LOOPBACK);
  bench_provider.Dispatch->WskSocketConnect(
      bench_provider.Client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&any,
      (PSOCKADDR)&address, 0, NULL, NULL, NULL, NULL, NULL, bench_ready_irp());
  client = (PWSK_SOCKET)bench_finish();
}

static void close_client(void) {
  CLIENT->WskCloseSocket(client, bench_ready_irp());
  bench_finish();
}

static void open_connection(void) {
  connect_client(peer_listen());
  peer_accept();
}

static void close_connection(void) {
  close_client();
  peer_close();
  peer_unlisten();
}

static void send_and_wait(SIZE_T size) {
  WSK_BUF buffer = {bench_mdl, 0, size};
  CLIENT->WskSend(client, &buffer, 0, bench_ready_irp());
  bench_finish();
}

static SIZE_T receive_and_wait(SIZE_T size, ULONG flags) {
  WSK_BUF buffer = {bench_mdl, 0, size};
  CLIENT->WskReceive(client, &buffer, flags, bench_ready_irp());
  return bench_finish();
}

void bench_wsk_rtt_sync(unsigned count) {
  open_connection();
  for (unsigned i = 0; i < count; i++) {
    send_and_wait(BENCH_SMALL);
    peer_echo(BENCH_SMALL);
    bench_require(receive_and_wait(BENCH_SMALL, 0) == BENCH_SMALL, "an echo");
  }
  close_connection();
}

void bench_wsk_connect_close(unsigned count) {
  unsigned short port = peer_listen();
  for (unsigned i = 0; i < count; i++) {
    connect_client(port);
    peer_accept();
    close_client();
    peer_close();
  }
  peer_unlisten();
}

void bench_wsk_bulk_send(unsigned count) {
  open_connection();
  peer_start_sink((size_t)count * BENCH_BULK);
  for (unsigned i = 0; i < count; i++)
    send_and_wait(BENCH_BULK);
  peer_join();
  close_connection();
}

void bench_wsk_bulk_receive(unsigned count) {
  SIZE_T left = (SIZE_T)count * BENCH_BULK;
  open_connection();
  peer_start_source(left);
  while (left > 0)
    left -= receive_and_wait(BENCH_BULK, 0);
  peer_join();
  close_connection();
}

/* ---- driven by completions --------------------------------------------- */

static unsigned trips_left;
static KEVENT all_done;

static IO_COMPLETION_ROUTINE on_sent, on_received;

static PIRP irp_for(PIO_COMPLETION_ROUTINE routine) {
  IoReuseIrp(bench_irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(bench_irp, routine, NULL, TRUE, TRUE, TRUE);
  return bench_irp;
}

static void start_trip(void) {
  WSK_BUF buffer = {bench_mdl, 0, BENCH_SMALL};
  CLIENT->WskSend(client, &buffer, 0, irp_for(on_sent));
}

static NTSTATUS NTAPI on_sent(PDEVICE_OBJECT device, PIRP done, PVOID context) {
  WSK_BUF buffer = {bench_mdl, 0, BENCH_SMALL};
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(context);
  bench_require(NT_SUCCESS(done->IoStatus.Status), "WskSend");
  peer_echo(BENCH_SMALL);
  CLIENT->WskReceive(client, &buffer, 0, irp_for(on_received));
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI on_received(PDEVICE_OBJECT device, PIRP done,
                                  PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(context);
  bench_require(done->IoStatus.Information == BENCH_SMALL, "WskReceive");
  if (--trips_left > 0)
    start_trip();
  else
    KeSetEvent(&all_done, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

void bench_wsk_rtt_completion(unsigned count) {
  open_connection();
  KeInitializeEvent(&all_done, NotificationEvent, FALSE);
  trips_left = count;
  start_trip();
  KeWaitForSingleObject(&all_done, Executive, KernelMode, FALSE, NULL);
  close_connection();
}
