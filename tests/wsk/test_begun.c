/*
 * A send part of which went out at once keeps every other send back until its
 * rest stands in the queue. The moment between is too short to be met by racing
 * threads, so here it is made: the lane says that such a send is on its way.
 */
#include "kernel_test.h"

#include <wsk.h>

#include "wsk/socket.h"

static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                    NULL};
static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI provider;

struct call {
  PIRP irp;
  KEVENT done;
};

static NTSTATUS NTAPI signal_done(PDEVICE_OBJECT device, PIRP irp,
                                  PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(irp);
  KeSetEvent((PKEVENT)context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP ready(struct call *call) {
  KeInitializeEvent(&call->done, NotificationEvent, FALSE);
  IoReuseIrp(call->irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(call->irp, signal_done, &call->done, TRUE, TRUE, TRUE);
  return call->irp;
}

static ULONG_PTR finish(struct call *call) {
  KeWaitForSingleObject(&call->done, Executive, KernelMode, FALSE, NULL);
  assert_int_equal(call->irp->IoStatus.Status, STATUS_SUCCESS);
  return call->irp->IoStatus.Information;
}

static bool is_done_soon(struct call *call) {
  LARGE_INTEGER limit = {.QuadPart = -200000}; /* 20 ms */
  return KeWaitForSingleObject(&call->done, Executive, KernelMode, FALSE,
                               &limit) == STATUS_SUCCESS;
}

#define LISTENER(s)   ((const WSK_PROVIDER_LISTEN_DISPATCH *)(s)->Dispatch)
#define CONNECTION(s) ((const WSK_PROVIDER_CONNECTION_DISPATCH *)(s)->Dispatch)

static void register_client(void) {
  static WSK_CLIENT_NPI npi = {NULL, &client_dispatch};
  assert_int_equal(WskRegister(&npi, &registration), STATUS_SUCCESS);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &provider),
                   STATUS_SUCCESS);
}

static PWSK_SOCKET listen_on(struct call *call, SOCKADDR_IN *address) {
  provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM,
                               IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET, NULL, NULL,
                               NULL, NULL, NULL, ready(call));
  PWSK_SOCKET listener = (PWSK_SOCKET)finish(call);
  LISTENER(listener)->WskBind(listener, (PSOCKADDR)address, 0, ready(call));
  finish(call);
  LISTENER(listener)->WskGetLocalAddress(listener, (PSOCKADDR)address,
                                         ready(call));
  finish(call);
  return listener;
}

static PWSK_SOCKET connect_to(struct call *call, SOCKADDR_IN *address) {
  SOCKADDR_IN any = {.sin_family = AF_INET};
  provider.Dispatch->WskSocketConnect(
      provider.Client, SOCK_STREAM, IPPROTO_TCP, (PSOCKADDR)&any,
      (PSOCKADDR)address, 0, NULL, NULL, NULL, NULL, NULL, ready(call));
  return (PWSK_SOCKET)finish(call);
}

static void close_socket(struct call *call, PWSK_SOCKET socket) {
  CONNECTION(socket)->WskCloseSocket(socket, ready(call));
  finish(call);
}

/* The lane as it stands while a send that has begun is not queued yet. */
static void set_begun(struct wsk_socket *socket, bool begun) {
  os__spin_lock(&socket->send.lock);
  socket->send.begun = begun;
  socket->send.pending += begun ? 1u : -1u;
  os__spin_unlock(&socket->send.lock);
}

struct pump {
  struct loop_op op;
  struct wsk_socket *socket;
};

static void pump_sends(struct loop_op *op) {
  wsk__send_pump(CONTAINING_RECORD(op, struct pump, op)->socket);
}

/* Against: another thread's send in the middle of a long chain. */
static void a_send_that_has_begun_keeps_others_back(void **state) {
  static unsigned char byte = 'x';
  struct call call = {.irp = IoAllocateIrp(1, FALSE)};
  struct call sending = {.irp = IoAllocateIrp(1, FALSE)};
  SOCKADDR_IN address = {.sin_family = AF_INET};
  PMDL mdl = IoAllocateMdl(&byte, 1, FALSE, FALSE, NULL);
  WSK_BUF buffer = {mdl, 0, 1};
  (void)state;
  MmBuildMdlForNonPagedPool(mdl);
  address.sin_addr.s_addr = RtlUlongByteSwap(INADDR_LOOPBACK);
  register_client();
  PWSK_SOCKET listener = listen_on(&call, &address);
  PWSK_SOCKET client = connect_to(&call, &address);
  struct pump pump = {{NULL, pump_sends}, (struct wsk_socket *)(void *)client};

  set_begun(pump.socket, true);
  assert_int_equal(
      CONNECTION(client)->WskSend(client, &buffer, 0, ready(&sending)),
      STATUS_PENDING);
  assert_false(is_done_soon(&sending));
  set_begun(pump.socket, false);
  loop__submit(&pump.op);
  assert_int_equal(finish(&sending), 1);

  close_socket(&call, client);
  close_socket(&call, listener);
  IoFreeMdl(mdl);
  IoFreeIrp(call.irp);
  IoFreeIrp(sending.irp);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_send_that_has_begun_keeps_others_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
