/* Completion routines that issue the next operation, without an end. */
#include <uwsk/verifier.h>

#include "kernel_test.h"

#include <stdlib.h>
#include <wsk.h>

#define LENGTH 1000000u

static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                    NULL};
static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI provider;
static PWSK_SOCKET handle;
static PIRP irp;
static KEVENT done;

static unsigned left;
static char *highest, *lowest;

#define DISPATCH ((const WSK_PROVIDER_CONNECTION_DISPATCH *)handle->Dispatch)

static NTSTATUS NTAPI signal_done(PDEVICE_OBJECT device, PIRP completed,
                                  PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(completed);
  UNREFERENCED_PARAMETER(context);
  KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP ready(PIO_COMPLETION_ROUTINE routine) {
  IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(irp, routine, NULL, TRUE, TRUE, TRUE);
  return irp;
}

static void wait(void) {
  KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
}

static void open_socket(void) {
  static WSK_CLIENT_NPI npi = {NULL, &client_dispatch};
  assert_int_equal(WskRegister(&npi, &registration), STATUS_SUCCESS);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &provider),
                   STATUS_SUCCESS);
  KeInitializeEvent(&done, SynchronizationEvent, FALSE);
  irp = IoAllocateIrp(1, FALSE);
  provider.Dispatch->WskSocket(provider.Client, AF_INET, SOCK_STREAM,
                               IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET, NULL,
                               NULL, NULL, NULL, NULL, ready(signal_done));
  wait();
  handle = (PWSK_SOCKET)irp->IoStatus.Information;
}

static void close_socket(void) {
  DISPATCH->WskCloseSocket(handle, ready(signal_done));
  wait();
  IoFreeIrp(irp);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
}

static IO_COMPLETION_ROUTINE send_again;

/* Refused at once, every time: nothing but the bound on nested completions
 * keeps this from being a recursion a million calls deep. */
static void send_refused(void) {
  WSK_BUF nothing = {NULL, 0, 0};
  DISPATCH->WskSend(handle, &nothing, 0, ready(send_again));
}

static NTSTATUS NTAPI send_again(PDEVICE_OBJECT device, PIRP completed,
                                 PVOID context) {
  char *here = __builtin_frame_address(0);
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(context);
  if (completed->IoStatus.Status != STATUS_INVALID_DEVICE_STATE)
    abort();
  if (highest == NULL || here > highest)
    highest = here;
  if (lowest == NULL || here < lowest)
    lowest = here;
  if (--left > 0)
    send_refused();
  else
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Against: a stack overflow in a client that retries from its completion
 * routine. In auto mode two threads take part, each with a stack of its own. */
static void a_million_refused_sends_in_a_row_need_little_stack(void **state) {
  const char *mode = getenv("UWSK_LOOP");
  (void)state;
  assert_true(uwsk_verifier_ignore("IRP-17")); /* it is what this is about */
  open_socket();
  left = LENGTH;
  highest = lowest = NULL;
  send_refused();
  wait();
  assert_int_equal(left, 0);
  if (mode != NULL && strcmp(mode, "stepped") == 0)
    assert_true(highest - lowest < 64 * 1024);
  close_socket();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_million_refused_sends_in_a_row_need_little_stack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
