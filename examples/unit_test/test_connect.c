#include <ntddk.h>
#include <wsk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <uwsk/uwsk.h>

/* The code under test: usually a file of the driver's own. */

static NTSTATUS ConnectDone(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS Connect(PWSK_PROVIDER_NPI Wsk, USHORT Port,
                        PWSK_SOCKET *Socket) {
  SOCKADDR_IN Local = {AF_INET}, Remote = {AF_INET};
  PIRP Irp = IoAllocateIrp(1, FALSE);
  NTSTATUS Status;
  KEVENT Done;

  if (Irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  Remote.sin_addr.s_addr = RtlUlongByteSwap(0x7f000001); /* 127.0.0.1 */
  Remote.sin_port = RtlUshortByteSwap(Port);
  KeInitializeEvent(&Done, SynchronizationEvent, FALSE);
  IoSetCompletionRoutine(Irp, ConnectDone, &Done, TRUE, TRUE, TRUE);
  Wsk->Dispatch->WskSocketConnect(Wsk->Client, SOCK_STREAM, IPPROTO_TCP,
                                  (PSOCKADDR)&Local, (PSOCKADDR)&Remote, 0,
                                  NULL, NULL, NULL, NULL, NULL, Irp);
  KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);
  Status = Irp->IoStatus.Status;
  *Socket = (PWSK_SOCKET)Irp->IoStatus.Information;
  IoFreeIrp(Irp);
  return Status;
}

/* The test. */

static void a_refused_connection_is_reported(void **state) {
  const WSK_CLIENT_DISPATCH Dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI Client = {NULL, &Dispatch};
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Wsk;
  PWSK_SOCKET Socket;

  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(WskRegister(&Client, &Registration), STATUS_SUCCESS);
  assert_int_equal(WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Wsk),
                   STATUS_SUCCESS);

  /* Nobody listens on port 1. */
  assert_int_equal(Connect(&Wsk, 1, &Socket), STATUS_CONNECTION_REFUSED);
  assert_null(Socket);

  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
  assert_int_equal(uwsk_stop(), 0); /* no IRP, no socket was left behind */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_refused_connection_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
