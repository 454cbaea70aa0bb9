/* What a driver makes in an event callback of a socket is the driver's: it is
 * missed when the driver is unloaded. */
#include "kernel_test.h"

#include <wsk.h>

#include "io/io.h"

static PDRIVER_OBJECT driver;
static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI wsk;
static PWSK_SOCKET socket_of_driver;
static PIRP irp;
static KEVENT done, called;
static KTIMER timer;
static BOOLEAN cancels;

static NTSTATUS NTAPI set_done(PDEVICE_OBJECT device, PIRP completed,
                               PVOID context) {
  (void)device, (void)completed, (void)context;
  KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP prepared(void) {
  KeInitializeEvent(&done, NotificationEvent, FALSE);
  IoReuseIrp(irp, STATUS_SUCCESS);
  IoSetCompletionRoutine(irp, set_done, NULL, TRUE, TRUE, TRUE);
  return irp;
}

static void finish(void) {
  KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
  assert_int_equal(irp->IoStatus.Status, STATUS_SUCCESS);
}

static NTSTATUS WSKAPI receive(PVOID context, ULONG flags,
                               PWSK_DATAGRAM_INDICATION list) {
  (void)context, (void)flags, (void)list;
  KeInitializeTimer(&timer);
  KeSetTimer(&timer, (LARGE_INTEGER){.QuadPart = -600000000}, NULL);
  KeSetEvent(&called, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static const WSK_PROVIDER_DATAGRAM_DISPATCH *dispatch(void) {
  return socket_of_driver->Dispatch;
}

static const WSK_CLIENT_DATAGRAM_DISPATCH callbacks = {receive};
static SOCKADDR_IN address;

static void make_socket(void) {
  WSK_EVENT_CALLBACK_CONTROL events = {&NPI_WSK_INTERFACE_ID,
                                       WSK_EVENT_RECEIVE_FROM};

  wsk.Dispatch->WskSocket(wsk.Client, AF_INET, SOCK_DGRAM, IPPROTO_UDP,
                          WSK_FLAG_DATAGRAM_SOCKET, NULL, &callbacks, NULL,
                          NULL, NULL, prepared());
  finish();
  socket_of_driver = (PWSK_SOCKET)irp->IoStatus.Information;
  address = (SOCKADDR_IN){.sin_family = AF_INET};
  address.sin_addr.s_addr = RtlUlongByteSwap(0x7f000001); /* 127.0.0.1 */
  dispatch()->WskBind(socket_of_driver, (PSOCKADDR)&address, 0, prepared());
  finish();
  dispatch()->WskGetLocalAddress(socket_of_driver, (PSOCKADDR)&address,
                                 prepared());
  finish();
  assert_int_equal(dispatch()->WskControlSocket(socket_of_driver, WskSetOption,
                                                SO_WSK_EVENT_CALLBACK,
                                                SOL_SOCKET, sizeof(events),
                                                &events, 0, NULL, NULL, NULL),
                   STATUS_SUCCESS);
}

static VOID NTAPI unload(PDRIVER_OBJECT own) {
  (void)own;
  if (cancels)
    KeCancelTimer(&timer);
  dispatch()->WskCloseSocket(socket_of_driver, prepared());
  finish();
  IoFreeIrp(irp);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
}

static NTSTATUS NTAPI entry(PDRIVER_OBJECT own, PUNICODE_STRING path) {
  static const WSK_CLIENT_DISPATCH client = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI npi = {NULL, &client};

  (void)path;
  own->DriverUnload = unload;
  KeInitializeEvent(&called, SynchronizationEvent, FALSE);
  irp = IoAllocateIrp(1, FALSE);
  assert_int_equal(WskRegister(&npi, &registration), STATUS_SUCCESS);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk),
                   STATUS_SUCCESS);
  make_socket();
  return STATUS_SUCCESS;
}

/* From the test's own code: the callback, not the caller, decides. */
static void send_to_itself(void) {
  static UCHAR byte;
  PMDL mdl = IoAllocateMdl(&byte, 1, FALSE, FALSE, NULL);
  WSK_BUF buffer = {mdl, 0, 1};

  MmBuildMdlForNonPagedPool(mdl);
  dispatch()->WskSendTo(socket_of_driver, &buffer, 0, (PSOCKADDR)&address, 0,
                        NULL, prepared());
  finish();
  KeWaitForSingleObject(&called, Executive, KernelMode, FALSE, NULL);
  IoFreeMdl(mdl);
}

static void a_timer_that_an_event_callback_has_set_is_reported(void **state) {
  (void)state;
  cancels = FALSE;
  assert_int_equal(uwsk_load_driver("receiver", entry, &driver),
                   STATUS_SUCCESS);
  send_to_itself();
  expect_report_begin();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  expect_report_end(VF_TIMER_01);
  assert_int_equal(io__take_left(), 1);
}

static void a_timer_that_is_cancelled_is_not(void **state) {
  (void)state;
  cancels = TRUE;
  assert_int_equal(uwsk_load_driver("receiver", entry, &driver),
                   STATUS_SUCCESS);
  send_to_itself();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_timer_that_an_event_callback_has_set_is_reported),
      KERNEL_TEST(a_timer_that_is_cancelled_is_not),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
