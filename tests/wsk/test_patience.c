/*
 * A WskDeregister that waits says for what. The text is read from standard
 * error, and the socket closed when it has come, so nothing here depends on how
 * long the library is patient.
 */
#include "kernel_test.h"

#include <wsk.h>

#include "output.h"

static const WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
static WSK_CLIENT_NPI npi = {NULL, &dispatch};
static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI provider;

static NTSTATUS NTAPI signal_done(PDEVICE_OBJECT device, PIRP irp,
                                  PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(irp);
  KeSetEvent((PKEVENT)context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP ready(PKEVENT done) {
  PIRP irp = IoAllocateIrp(1, FALSE);
  assert_non_null(irp);
  KeInitializeEvent(done, NotificationEvent, FALSE);
  IoSetCompletionRoutine(irp, signal_done, done, TRUE, TRUE, TRUE);
  return irp;
}

static ULONG_PTR finish(PIRP irp, PKEVENT done) {
  KeWaitForSingleObject(done, Executive, KernelMode, FALSE, NULL);
  assert_int_equal(irp->IoStatus.Status, STATUS_SUCCESS);
  ULONG_PTR information = irp->IoStatus.Information;
  IoFreeIrp(irp);
  return information;
}

static PWSK_SOCKET make_socket(void) {
  KEVENT done;
  PIRP irp = ready(&done);
  provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM,
                               IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET, NULL,
                               NULL, NULL, NULL, NULL, irp);
  return (PWSK_SOCKET)finish(irp, &done);
}

static void close_socket(PWSK_SOCKET socket) {
  KEVENT done;
  PIRP irp = ready(&done);
  ((const WSK_PROVIDER_BASIC_DISPATCH *)socket->Dispatch)
      ->WskCloseSocket(socket, irp);
  finish(irp, &done);
}

static VOID NTAPI deregister(PVOID context) {
  UNREFERENCED_PARAMETER(context);
  WskDeregister(&registration);
}

/* The thread, as an object that can be waited for. */
static PVOID start_deregistering(void) {
  HANDLE handle;
  PVOID thread;
  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, deregister, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, SYNCHRONIZE, NULL,
                                             KernelMode, &thread, NULL),
                   STATUS_SUCCESS);
  ZwClose(handle);
  return thread;
}

static void join(PVOID thread) {
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(thread);
}

static void a_deregistration_that_waits_names_the_socket(void **state) {
  (void)state;
  assert_int_equal(WskRegister(&npi, &registration), STATUS_SUCCESS);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &provider),
                   STATUS_SUCCESS);
  PWSK_SOCKET socket = make_socket();
  WskReleaseProviderNPI(&registration);
  output_begin();
  PVOID thread = start_deregistering();
  output_wait("WskDeregister waits for 1 captures, sockets and calls");
  output_wait("still there: WSK socket");
  output_end();
  close_socket(socket);
  join(thread);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_deregistration_that_waits_names_the_socket),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
