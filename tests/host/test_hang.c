/*
 * Waits that do not end (uwsk/hang.h): what the report says is outstanding at
 * the provider, drivers, stopping, and the limit. The host's answer ends each
 * hang here; that the process ends without one is checked with uwsk-run.
 */
#include <ntddk.h>
#include <wsk.h>

#include "environment.h"
#include "hang_test.h"
#include "sample_driver.h"
#include "uwsk/device.h"
#include "uwsk/fault.h"

/* ---- WSK ------------------------------------------------------------------
 */

static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                    NULL};
static WSK_CLIENT_NPI client_npi = {NULL, &client_dispatch};
static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI wsk;

static void register_client(void) {
  assert_int_equal(WskRegister(&client_npi, &registration), STATUS_SUCCESS);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk),
                   STATUS_SUCCESS);
}

struct call {
  PIRP irp;
  KEVENT done;
};

static NTSTATUS NTAPI on_done(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  (void)device;
  (void)irp;
  KeSetEvent(&((struct call *)context)->done, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP begin(struct call *call) {
  call->irp = IoAllocateIrp(1, FALSE);
  assert_non_null(call->irp);
  KeInitializeEvent(&call->done, SynchronizationEvent, FALSE);
  IoSetCompletionRoutine(call->irp, on_done, call, TRUE, TRUE, TRUE);
  return call->irp;
}

static NTSTATUS end(struct call *call, ULONG_PTR *information) {
  wait_for(&call->done);
  NTSTATUS status = call->irp->IoStatus.Status;
  if (information != NULL)
    *information = call->irp->IoStatus.Information;
  IoFreeIrp(call->irp);
  return status;
}

static const WSK_PROVIDER_DATAGRAM_DISPATCH *datagrams(PWSK_SOCKET socket) {
  return socket->Dispatch;
}

static PWSK_SOCKET open_datagram(const WSK_CLIENT_DATAGRAM_DISPATCH *events,
                                 SOCKADDR_IN *address) {
  struct call call;
  ULONG_PTR socket = 0;

  wsk.Dispatch->WskSocket(wsk.Client, AF_INET, SOCK_DGRAM, IPPROTO_UDP,
                          WSK_FLAG_DATAGRAM_SOCKET, NULL, events, NULL, NULL,
                          NULL, begin(&call));
  assert_int_equal(end(&call, &socket), STATUS_SUCCESS);
  *address = (SOCKADDR_IN){.sin_family = AF_INET};
  address->sin_addr.s_addr = RtlUlongByteSwap(0x7f000001);
  datagrams((PWSK_SOCKET)socket)
      ->WskBind((PWSK_SOCKET)socket, (PSOCKADDR)address, 0, begin(&call));
  assert_int_equal(end(&call, NULL), STATUS_SUCCESS);
  datagrams((PWSK_SOCKET)socket)
      ->WskGetLocalAddress((PWSK_SOCKET)socket, (PSOCKADDR)address,
                           begin(&call));
  assert_int_equal(end(&call, NULL), STATUS_SUCCESS);
  return (PWSK_SOCKET)socket;
}

static NTSTATUS close_socket(PWSK_SOCKET socket) {
  struct call call;
  datagrams(socket)->Basic.WskCloseSocket(socket, begin(&call));
  return end(&call, NULL);
}

static void release_client(void) {
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
}

static PMDL make_buffer(void *bytes, ULONG length) {
  PMDL mdl = IoAllocateMdl(bytes, length, FALSE, FALSE, NULL);
  assert_non_null(mdl);
  MmBuildMdlForNonPagedPool(mdl);
  return mdl;
}

/* The commonest of all. It shows the whole report, and that the driver gets
 * away with UWSK_HANG_BREAK. */
static void a_receive_nobody_answers_is_named_and_broken(void **state) {
  static char bytes[16];
  WSK_BUF buffer = {.Length = sizeof(bytes)};
  SOCKADDR_IN address;
  struct call call;
  char text[64];

  (void)state;
  register_client();
  PWSK_SOCKET socket = open_datagram(NULL, &address);
  buffer.Mdl = make_buffer(bytes, sizeof(bytes));
  host.answer = UWSK_HANG_BREAK;
  datagrams(socket)->WskReceiveFrom(socket, &buffer, 0, NULL, NULL, NULL, NULL,
                                    begin(&call));
  snprintf(text, sizeof(text),
           "WskReceiveFrom of IRP %#llx on socket %#llx, for 0.", AT(call.irp),
           AT(socket));
  assert_int_equal(end(&call, NULL), STATUS_FILE_FORCED_CLOSED);
  expect_hang("KeWaitForSingleObject");
  expect_text("calls that pend:");
  expect_text(text);
  expect_text("; the IRP is from IoAllocateIrp, called from ");
  snprintf(text, sizeof(text), "%#llx, datagram socket, bound, 1 pending",
           AT(socket));
  expect_text(text);
  expect_text(", by WskSocket, called from ");
  expect_text("WSK registrations:");
  expect_text("captures of the provider, by client:");
  assert_int_equal(close_socket(socket), STATUS_SUCCESS);
  IoFreeMdl(buffer.Mdl);
  release_client();
}

/* More than a report lists, and than die at a time. */
static void many_sockets_are_counted_and_broken(void **state) {
  static char bytes[16];
  PWSK_SOCKET sockets[70];
  struct call calls[RTL_NUMBER_OF(sockets)];
  WSK_BUF buffer = {.Length = sizeof(bytes)};
  SOCKADDR_IN address;

  (void)state;
  register_client();
  buffer.Mdl = make_buffer(bytes, sizeof(bytes));
  host.answer = UWSK_HANG_BREAK;
  for (size_t i = 0; i < RTL_NUMBER_OF(sockets); i++) {
    sockets[i] = open_datagram(NULL, &address);
    datagrams(sockets[i])
        ->WskReceiveFrom(sockets[i], &buffer, 0, NULL, NULL, NULL, NULL,
                         begin(&calls[i]));
  }
  for (size_t i = 0; i < RTL_NUMBER_OF(sockets); i++) {
    assert_int_equal(end(&calls[i], NULL), STATUS_FILE_FORCED_CLOSED);
    assert_int_equal(close_socket(sockets[i]), STATUS_SUCCESS);
  }
  expect_hang("KeWaitForSingleObject");
  expect_text("        and 38 more\n");
  IoFreeMdl(buffer.Mdl);
  release_client();
}

static volatile LONG entered, may_leave;

static NTSTATUS NTAPI on_datagram(PVOID context, ULONG flags,
                                  PWSK_DATAGRAM_INDICATION list) {
  (void)context;
  (void)flags;
  (void)list;
  InterlockedExchange(&entered, 1);
  while (InterlockedCompareExchange(&may_leave, 0, 0) == 0)
    os__yield();
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_DATAGRAM_DISPATCH datagram_events = {on_datagram};

static void let_leave(void) {
  InterlockedExchange(&may_leave, 1);
}

static void send_one(PWSK_SOCKET socket, SOCKADDR_IN *address) {
  static char byte = 'x';
  WSK_BUF buffer = {.Length = 1, .Mdl = make_buffer(&byte, 1)};
  struct call call;
  datagrams(socket)->WskSendTo(socket, &buffer, 0, (PSOCKADDR)address, 0, NULL,
                               begin(&call));
  /* Not a wait: this thread must not be the one that runs the callback. */
  while (KeReadStateEvent(&call.done) == 0)
    os__yield();
  assert_int_equal(end(&call, NULL), STATUS_SUCCESS);
  IoFreeMdl(buffer.Mdl);
}

/* Whoever owns the loop is stuck in the client's code, and cannot be asked:
 * reporting it must not need the loop. */
static void a_close_that_waits_for_a_callback_is_named(void **state) {
  WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID,
                                        WSK_EVENT_RECEIVE_FROM};
  SOCKADDR_IN address;

  (void)state;
  entered = may_leave = 0;
  register_client();
  assert_int_equal(wsk.Dispatch->WskControlClient(
                       wsk.Client, WSK_SET_STATIC_EVENT_CALLBACKS,
                       sizeof(control), &control, 0, NULL, NULL, NULL),
                   STATUS_SUCCESS);
  PWSK_SOCKET socket = open_datagram(&datagram_events, &address);
  PVOID driver = start_holder(NULL); /* drives the loop while it waits */
  send_one(socket, &address);
  while (InterlockedCompareExchange(&entered, 0, 0) == 0)
    os__yield();
  host.help = let_leave;
  assert_int_equal(close_socket(socket), STATUS_SUCCESS);
  expect_hang("KeWaitForSingleObject");
  expect_text("WskCloseSocket of IRP ");
  expect_text(", datagram socket, closing, ");
  expect_text(" is busy in a callback");
  set_release();
  join(driver);
  release_client();
}

static NTSTATUS ask_name(struct call *call, PADDRINFOEXW *result) {
  static WCHAR text[] = u"127.0.0.1";
  UNICODE_STRING name = {sizeof(text) - sizeof(WCHAR), sizeof(text), text};
  return wsk.Dispatch->WskGetAddressInfo(wsk.Client, &name, NULL, 0, NULL, NULL,
                                         result, NULL, NULL, begin(call));
}

static void end_held_call(void) {
  struct uwsk_held call;
  assert_true(uwsk_held_first(&call));
  assert_true(uwsk_held_complete(call.irp, STATUS_NOT_FOUND, 0));
}

static void a_deregistration_names_the_look_up_it_waits_for(void **state) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_ADDRESS_INFO, UWSK_HOLD);
  PADDRINFOEXW result;
  struct call call;

  (void)state;
  register_client();
  assert_true(uwsk_fault_arm(&rule) > 0);
  assert_int_equal(ask_name(&call, &result), STATUS_PENDING);
  host.help = end_held_call;
  release_client();
  assert_int_equal(end(&call, NULL), STATUS_NOT_FOUND);
  expect_hang("WskDeregister");
  expect_text("calls that a rule holds (uwsk/fault.h):");
  expect_text("WskGetAddressInfo of IRP ");
  expect_text("WSK registrations:");
}

static void deregister(PVOID context) {
  (void)context;
  release_client();
  PsTerminateSystemThread(STATUS_SUCCESS);
}

/* Its end is promised whoever calls it. */
static void a_deregistration_is_watched_on_any_thread(void **state) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_ADDRESS_INFO, UWSK_HOLD);
  PADDRINFOEXW result;
  struct call call;

  (void)state;
  register_client();
  assert_true(uwsk_fault_arm(&rule) > 0);
  assert_int_equal(ask_name(&call, &result), STATUS_PENDING);
  host.help = end_held_call;
  PVOID thread = start_thread(deregister, NULL);
  /* For a second it waits, and then says what for. */
  (void)uwsk_run_until(NULL, NULL, 1000 + 3 * LIMIT_MS);
  join(thread);
  assert_int_equal(end(&call, NULL), STATUS_NOT_FOUND);
  assert_true(host.hangs >= 1);
  expect_text("waits in WskDeregister of ");
}

static void an_infinite_capture_is_named_and_broken(void **state) {
  (void)state;
  assert_int_equal(WskRegister(&client_npi, &registration), STATUS_SUCCESS);
  uwsk_fault_provider_ready(false);
  host.answer = UWSK_HANG_BREAK;
  assert_int_equal(
      WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &wsk),
      STATUS_SUCCESS);
  expect_hang("WskCaptureProviderNPI");
  release_client();
}

/* ---- the registrar ---------------------------------------------------------
 */

static HANDLE binding;

static NTSTATUS NTAPI attach(HANDLE handle, PVOID context,
                             PNPI_REGISTRATION_INSTANCE provider) {
  CONST VOID *dispatch = NULL;
  PVOID client = NULL;
  (void)context;
  (void)provider;
  binding = handle;
  return NmrClientAttachProvider(handle, NULL, &client_dispatch, &client,
                                 &dispatch);
}

static NTSTATUS NTAPI detach_later(PVOID context) {
  (void)context;
  return STATUS_PENDING;
}

static void detach_now(void) {
  NmrClientDetachProviderComplete(binding);
}

static void the_registrars_wait_is_named(void **state) {
  static const NPI_MODULEID id = {sizeof(id), MIT_GUID, {{1, 2, 3, {4}}}};
  NPI_CLIENT_CHARACTERISTICS client = {
      .Length = sizeof(client),
      .ClientAttachProvider = attach,
      .ClientDetachProvider = detach_later,
      .ClientRegistrationInstance = {.Size = sizeof(NPI_REGISTRATION_INSTANCE),
                                     .NpiId = &NPI_WSK_INTERFACE_ID,
                                     .ModuleId = &id}};
  HANDLE handle;

  (void)state;
  assert_int_equal(NmrRegisterClient(&client, NULL, &handle), STATUS_SUCCESS);
  assert_int_equal(NmrDeregisterClient(handle), STATUS_PENDING);
  host.help = detach_now;
  assert_int_equal(NmrWaitForClientDeregisterComplete(handle), STATUS_SUCCESS);
  expect_hang("NmrWaitForClientDeregisterComplete");
  expect_text("NMR registrations:");
  expect_text(", by NmrRegisterClient, called from ");
}

/* ---- drivers ---------------------------------------------------------------
 */

static VOID NTAPI unload(PDRIVER_OBJECT driver) {
  (void)driver;
  wait_for(&release);
}

static NTSTATUS NTAPI driver_entry(PDRIVER_OBJECT driver,
                                   PUNICODE_STRING path) {
  (void)path;
  driver->DriverUnload = unload;
  return STATUS_SUCCESS;
}

static void an_unload_that_hangs_names_both_calls(void **state) {
  PDRIVER_OBJECT driver;

  (void)state;
  KeInitializeEvent(&release, SynchronizationEvent, FALSE);
  assert_int_equal(uwsk_load_driver("hangs", driver_entry, &driver),
                   STATUS_SUCCESS);
  host.help = set_release;
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  expect_hang("KeWaitForSingleObject");
  expect_text("in uwsk_unload_driver, called from ");
}

/* ---- DPCs, and stopping ------------------------------------------------ */

static KDEFERRED_ROUTINE stay;
static VOID NTAPI stay(PKDPC dpc, PVOID context, PVOID argument1,
                       PVOID argument2) {
  (void)dpc;
  (void)context;
  (void)argument1;
  (void)argument2;
  InterlockedExchange(&entered, 1);
  while (InterlockedCompareExchange(&may_leave, 0, 0) == 0)
    os__yield();
}

static void let_leave_and_end(void) {
  let_leave();
  set_release();
}

/* Another thread runs a DPC that stays. */
static PVOID start_stuck_thread(PKDPC dpc) {
  entered = may_leave = 0;
  PVOID driver = start_holder(NULL);
  KeInitializeDpc(dpc, stay, NULL);
  assert_true(KeInsertQueueDpc(dpc, NULL, NULL));
  while (InterlockedCompareExchange(&entered, 0, 0) == 0)
    os__yield();
  return driver;
}

static void a_flush_of_dpcs_is_named(void **state) {
  KDPC dpc;

  (void)state;
  PVOID driver = start_stuck_thread(&dpc);
  host.help = let_leave;
  KeFlushQueuedDpcs();
  expect_hang("KeFlushQueuedDpcs");
  expect_text(" is busy in a callback");
  set_release();
  join(driver);
}

/* Stopping needs the loop, and somebody who never comes back has it. */
static void a_stop_that_cannot_have_the_loop_is_named(void **state) {
  KDPC dpc;

  (void)state;
  PVOID driver = start_stuck_thread(&dpc);
  host.help = let_leave_and_end;
  assert_int_equal(uwsk_stop(), 2); /* the thread, and the hang */
  assert_int_equal(host.hangs, 1);
  assert_string_equal(host.call, "uwsk_stop");
  expect_text(" is busy in a callback");
  join(driver);
  host.hangs = 0;
  start_with_limit(LIMIT_MS);
}

/* ---- devices ---------------------------------------------------------------
 */

static void complete_request(void) {
  assert_true(sample_complete_next(STATUS_SUCCESS, 0));
}

static void ask_what_is_kept(NTSTATUS expected) {
  uwsk_handle handle;

  sample_reset();
  assert_int_equal(sample_load(), STATUS_SUCCESS);
  assert_int_equal(uwsk_open("\\\\.\\Sample", 0, &handle), STATUS_SUCCESS);
  assert_int_equal(uwsk_ioctl(handle, SAMPLE_WAIT, NULL, 0, NULL, 0, NULL),
                   expected);
  expect_hang("uwsk_ioctl");
  assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
  assert_int_equal(sample_unload(), STATUS_SUCCESS);
}

/* The driver keeps it and nobody completes it: the host's call is named, not
 * what it waits with. */
static void a_request_that_a_driver_keeps_is_named(void **state) {
  (void)state;
  host.help = complete_request;
  ask_what_is_kept(STATUS_SUCCESS);
}

/* The driver can be asked to give it up, as Windows does when a thread ends
 * that waits for it. */
static void a_request_that_a_driver_keeps_is_cancelled_to_break(void **state) {
  (void)state;
  host.answer = UWSK_HANG_BREAK;
  ask_what_is_kept(STATUS_CANCELLED);
}

/* Whoever is asked about a hang must not wait: nothing is begun that would have
 * to be waited for in memory that goes out of scope. */
static void ask_and_complete(void) {
  uwsk_handle other;

  assert_int_equal(uwsk_open("\\\\.\\Sample", 0, &other),
                   STATUS_INVALID_DEVICE_STATE);
  complete_request();
}

static void who_is_asked_about_a_hang_opens_no_device(void **state) {
  (void)state;
  host.help = ask_and_complete;
  ask_what_is_kept(STATUS_SUCCESS);
}

/* ---- the limit -------------------------------------------------------------
 */

static int restore_environment(void **state) {
  (void)state;
  set_variable("UWSK_HANG_LIMIT", "");
  return 0;
}

static void bad_limits_in_the_environment_are_refused(void **state) {
  static const char *const bad[] = {
      "0", "-1", " 5", "5s", "soon", "OFF", "1.5", "4294967295", "99999999999"};

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(bad); i++) {
    set_variable("UWSK_HANG_LIMIT", bad[i]);
    assert_int_equal(uwsk_start(NULL), UWSK_START_BAD_OPTIONS);
  }
  set_variable("UWSK_HANG_LIMIT", "4294967294");
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_stop(), 0);
}

static void the_environment_overrides_the_limit(void **state) {
  (void)state;
  memset(&host, 0, sizeof(host));
  host.answer = UWSK_HANG_WAIT_ON;
  uwsk_on_hang(decide, &host);
  set_variable("UWSK_HANG_LIMIT", "200");
  start_with_limit(UWSK_HANG_OFF);
  KeInitializeEvent(&release, SynchronizationEvent, FALSE);
  host.help = set_release;
  wait_for(&release);
  assert_int_equal(uwsk_stop(), 1);
  set_variable("UWSK_HANG_LIMIT", "off");
  start_with_limit(1);
  assert_false(uwsk_run_until(NULL, NULL, 10));
  assert_int_equal(uwsk_stop(), 0);
}

static void start_with_size(size_t size) {
  struct uwsk_options options = UWSK_OPTIONS_INIT;

  options.size = size;
  options.hang_limit_ms = 1; /* what lies behind them means nothing */
  assert_int_equal(uwsk_start(&options), 0);
  KTIMER timer;
  LARGE_INTEGER due = {.QuadPart = -10000LL * 30};
  KeInitializeTimer(&timer);
  KeSetTimer(&timer, due, NULL);
  wait_for(&timer);
  assert_int_equal(uwsk_stop(), 0);
}

static void hangs_are_among_what_is_wrong(void **state) {
  char text[512];

  (void)state;
  KeInitializeEvent(&release, SynchronizationEvent, FALSE);
  host.help = set_release;
  wait_for(&release);
  assert_int_equal(uwsk_what_is_wrong(text, sizeof(text)), 1);
  assert_string_equal(text, "1 wait hung\n");
  assert_int_equal(uwsk_stop(), 1);
  assert_int_equal(uwsk_what_is_wrong(text, sizeof(text)), 1);
  assert_string_equal(text, "1 wait hung\n");
  (void)start(NULL);
}

/* A program that was built when there was no limit, with the verifier in its
 * options or without. Behind the former there was padding up to this size. */
static void options_of_older_sizes_are_taken(void **state) {
  static const size_t sizes[] = {offsetof(struct uwsk_options, verifier),
                                 offsetof(struct uwsk_options, hang_limit_ms)};

  (void)state;
  assert_int_equal(sizes[1],
                   offsetof(struct uwsk_options, verifier) + sizeof(size_t));
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    start_with_size(sizes[i]);
}

#define LIMIT(name) cmocka_unit_test_teardown(name, restore_environment)

int main(void) {
  const struct CMUnitTest tests[] = {
      HANG(a_receive_nobody_answers_is_named_and_broken),
      HANG(many_sockets_are_counted_and_broken),
      HANG(a_close_that_waits_for_a_callback_is_named),
      HANG(a_deregistration_names_the_look_up_it_waits_for),
      HANG(a_deregistration_is_watched_on_any_thread),
      HANG(an_infinite_capture_is_named_and_broken),
      HANG(the_registrars_wait_is_named),
      HANG(an_unload_that_hangs_names_both_calls),
      HANG(a_flush_of_dpcs_is_named),
      HANG(a_stop_that_cannot_have_the_loop_is_named),
      HANG(a_request_that_a_driver_keeps_is_named),
      HANG(a_request_that_a_driver_keeps_is_cancelled_to_break),
      HANG(who_is_asked_about_a_hang_opens_no_device),
      LIMIT(bad_limits_in_the_environment_are_refused),
      LIMIT(the_environment_overrides_the_limit),
      HANG(hangs_are_among_what_is_wrong),
      LIMIT(options_of_older_sizes_are_taken),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
