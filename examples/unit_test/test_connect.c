#include <ntddk.h>
#include <wsk.h>

#include <uwsk/cmocka.h>

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
  assert_nt_success(WskRegister(&Client, &Registration));
  assert_nt_success(WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Wsk));

  /* Nobody listens on port 1. */
  assert_status(STATUS_CONNECTION_REFUSED, Connect(&Wsk, 1, &Socket));
  assert_null(Socket);

  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      uwsk_unit_test(a_refused_connection_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
