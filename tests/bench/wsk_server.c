/*
 * Servers through WSK, on event callbacks, as a driver would write them. Their
 * twins are in uv_server.c.
 */
#include "bench.h"
#include "peer.h"
#include "wsk_calls.h"

static PWSK_SOCKET listener;
static PWSK_SOCKET accepted[BENCH_CROWD];
static unsigned accepted_count, accepted_wanted;
static KEVENT all_there;

static const void *table_of(PWSK_SOCKET socket) {
  return socket->Dispatch;
}

#define LISTENER ((const WSK_PROVIDER_LISTEN_DISPATCH *)table_of(listener))
#define CLOSE(s)                                                               \
  (((const WSK_PROVIDER_BASIC_DISPATCH *)table_of(s))                          \
       ->WskCloseSocket(s, bench_ready_irp()))

/* ---- accepting --------------------------------------------------------- */

static NTSTATUS WSKAPI
on_accept(PVOID context, ULONG flags, PSOCKADDR local, PSOCKADDR remote,
          PWSK_SOCKET made, PVOID *made_context,
          const WSK_CLIENT_CONNECTION_DISPATCH **made_dispatch) {
  UNREFERENCED_PARAMETER(context);
  UNREFERENCED_PARAMETER(flags);
  UNREFERENCED_PARAMETER(local);
  UNREFERENCED_PARAMETER(remote);
  accepted[accepted_count++] = made;
  *made_context = NULL;
  *made_dispatch = NULL;
  if (accepted_count == accepted_wanted)
    KeSetEvent(&all_there, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static USHORT listen_here(ULONG events) {
  static const WSK_CLIENT_LISTEN_DISPATCH callbacks = {on_accept, NULL, NULL};
  WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, events};
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
  bench_require(LISTENER->WskControlSocket(listener, WskSetOption,
                                           SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                                           sizeof(control), &control, 0, NULL,
                                           NULL, NULL) == STATUS_SUCCESS,
                "SO_WSK_EVENT_CALLBACK");
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
    CLOSE(accepted[0]);
    bench_finish();
    peer_crowd_close();
  }
  CLOSE(listener);
  bench_finish();
}
