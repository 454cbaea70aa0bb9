/* What a driver leaves behind is counted by uwsk_stop, kind by kind, and does
 * not reach the next run. That each is printed with its call is checked with
 * uwsk-run. */
#include <ntddk.h>
#include <wsk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ob/track.h"
#include "uwsk/uwsk.h"

/* Leak checkers find the left things here. */
static PVOID kept[32];
static unsigned kept_count;

static PVOID keep(PVOID object) {
  assert_non_null(object);
  assert_true(kept_count < RTL_NUMBER_OF(kept));
  kept[kept_count++] = object;
  return object;
}

static int start(void **state) {
  (void)state;
  return uwsk_start(NULL);
}

static int next_run_is_clean(void **state) {
  (void)state;
  if (uwsk_start(NULL) != 0)
    return -1;
  return uwsk_stop();
}

static void an_irp_is_counted(void **state) {
  (void)state;
  keep(IoAllocateIrp(1, FALSE));
  keep(IoAllocateIrp(4, FALSE));
  assert_int_equal(ob__count(OB_IRP), 2);
  assert_int_equal(uwsk_stop(), 2);
}

static void an_mdl_is_counted(void **state) {
  static char buffer[32];

  (void)state;
  keep(IoAllocateMdl(buffer, sizeof buffer, FALSE, FALSE, NULL));
  assert_int_equal(ob__count(OB_MDL), 1);
  assert_int_equal(uwsk_stop(), 1);
}

static void locked_pages_are_counted_beside_their_mdl(void **state) {
  static char buffer[32];
  PMDL mdl;

  (void)state;
  mdl = keep(IoAllocateMdl(buffer, sizeof buffer, FALSE, FALSE, NULL));
  MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess);
  assert_int_equal(ob__count(OB_LOCKED_PAGES), 1);
  assert_int_equal(uwsk_stop(), 2);
}

static void a_pool_block_is_counted(void **state) {
  (void)state;
  keep(ExAllocatePoolWithTag(NonPagedPool, 100, 'tseT'));
  assert_int_equal(ob__count(OB_POOL), 1);
  assert_int_equal(uwsk_stop(), 1);
}

static VOID wait_for(PVOID event) {
  KeWaitForSingleObject(event, Executive, KernelMode, FALSE, NULL);
  PsTerminateSystemThread(STATUS_SUCCESS);
}

/* The handle is one more thing. The thread outlives the run, ends in the next
 * and must not be counted there. */
static void a_thread_and_its_handle_are_counted(void **state) {
  static KEVENT event;
  HANDLE handle;
  PVOID thread;

  (void)state;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, wait_for, &event),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS,
                                             *PsThreadType, KernelMode, &thread,
                                             NULL),
                   STATUS_SUCCESS);
  keep(thread);
  assert_int_equal(ob__count(OB_THREAD), 1);
  assert_int_equal(ob__count(OB_HANDLE), 1);
  assert_int_equal(uwsk_stop(), 2);
  assert_int_equal(uwsk_start(NULL), 0);
  KeSetEvent(&event, 0, FALSE);
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  assert_int_equal(uwsk_stop(), 0);
}

static const WSK_CLIENT_DISPATCH client_dispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                    NULL};

static void register_client(WSK_REGISTRATION *registration) {
  WSK_CLIENT_NPI npi = {NULL, &client_dispatch};

  assert_int_equal(WskRegister(&npi, registration), STATUS_SUCCESS);
}

/* DEREG-06: whoever unloads without WskDeregister leaves this behind. */
static void a_registration_is_counted(void **state) {
  static WSK_REGISTRATION registration;

  (void)state;
  register_client(&registration);
  assert_int_equal(uwsk_stop(), 1);
}

static void a_capture_is_counted_beside_its_registration(void **state) {
  static WSK_REGISTRATION registration;
  WSK_PROVIDER_NPI wsk;

  (void)state;
  register_client(&registration);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk),
                   STATUS_SUCCESS);
  assert_int_equal(ob__count(OB_CAPTURE), 1);
  assert_int_equal(uwsk_stop(), 2);
}

/* Each reference that the client has to give back counts. */
static void a_cached_descriptor_is_counted(void **state) {
  static WSK_REGISTRATION registration;
  SECURITY_DESCRIPTOR descriptor;
  PSECURITY_DESCRIPTOR from = &descriptor, cached;
  WSK_PROVIDER_NPI wsk;

  (void)state;
  register_client(&registration);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk),
                   STATUS_SUCCESS);
  RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
  assert_int_equal(wsk.Dispatch->WskControlClient(
                       wsk.Client, WSK_CACHE_SD, sizeof(from), &from,
                       sizeof(cached), &cached, NULL, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(ob__count(OB_CACHED_SD), 1);
  assert_int_equal(uwsk_stop(), 3);
}

static NTSTATUS NTAPI attach(HANDLE binding, PVOID context,
                             PNPI_REGISTRATION_INSTANCE provider) {
  static const WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  PVOID client;
  CONST VOID *table;

  (void)context;
  (void)provider;
  return NmrClientAttachProvider(binding, NULL, &dispatch, &client, &table);
}

static NTSTATUS NTAPI detach(PVOID context) {
  (void)context;
  return STATUS_SUCCESS;
}

/* A client that has deregistered and not waited is still there: its code may be
 * called. The next run does not know it any more. */
static void a_module_is_counted_until_its_wait_is_over(void **state) {
  static const NPI_MODULEID id = {.Length = sizeof(id), .Type = MIT_GUID};
  static const NPI_CLIENT_CHARACTERISTICS client = {
      .Length = sizeof(client),
      .ClientAttachProvider = attach,
      .ClientDetachProvider = detach,
      .ClientRegistrationInstance = {.NpiId = &NPI_WSK_INTERFACE_ID,
                                     .ModuleId = &id}};
  HANDLE waited, forgotten, left;

  (void)state;
  assert_int_equal(NmrRegisterClient(&client, NULL, &waited), STATUS_SUCCESS);
  assert_int_equal(NmrRegisterClient(&client, NULL, &forgotten),
                   STATUS_SUCCESS);
  assert_int_equal(NmrRegisterClient(&client, NULL, &left), STATUS_SUCCESS);
  assert_int_equal(NmrDeregisterClient(waited), STATUS_PENDING);
  assert_int_equal(NmrWaitForClientDeregisterComplete(waited), STATUS_SUCCESS);
  assert_int_equal(NmrDeregisterClient(forgotten), STATUS_PENDING);
  assert_int_equal(uwsk_stop(), 2);
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(NmrDeregisterClient(left), STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_stop(), 0);
}

static NTSTATUS set_event(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(irp);
  KeSetEvent(context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* The host's socket behind it must not keep the loop from ending. */
static void a_socket_is_counted_and_its_descriptor_closed(void **state) {
  static WSK_REGISTRATION registration;
  WSK_PROVIDER_NPI wsk;
  KEVENT event;
  PIRP irp = IoAllocateIrp(1, FALSE);

  (void)state;
  register_client(&registration);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk),
                   STATUS_SUCCESS);
  KeInitializeEvent(&event, SynchronizationEvent, FALSE);
  IoSetCompletionRoutine(irp, set_event, &event, TRUE, TRUE, TRUE);
  wsk.Dispatch->WskSocket(wsk.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                          WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, NULL, NULL,
                          NULL, irp);
  KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
  assert_int_equal(irp->IoStatus.Status, STATUS_SUCCESS);
  keep((PVOID)irp->IoStatus.Information);
  IoFreeIrp(irp);
  assert_int_equal(ob__count(OB_SOCKET), 1);
  assert_int_equal(uwsk_stop(), 3);
}

struct look_up {
  WSK_REGISTRATION registration;
  WSK_PROVIDER_NPI wsk;
  PADDRINFOEXW list;
  KEVENT done;
  PIRP irp;
};

static void start_look_up(struct look_up *look_up) {
  UNICODE_STRING node;

  RtlInitUnicodeString(&node, L"127.0.0.1");
  register_client(&look_up->registration);
  assert_int_equal(
      WskCaptureProviderNPI(&look_up->registration, WSK_NO_WAIT, &look_up->wsk),
      STATUS_SUCCESS);
  KeInitializeEvent(&look_up->done, SynchronizationEvent, FALSE);
  look_up->irp = IoAllocateIrp(1, FALSE);
  assert_non_null(look_up->irp);
  IoSetCompletionRoutine(look_up->irp, set_event, &look_up->done, TRUE, TRUE,
                         TRUE);
  look_up->wsk.Dispatch->WskGetAddressInfo(look_up->wsk.Client, &node, NULL, 0,
                                           NULL, NULL, &look_up->list, NULL,
                                           NULL, look_up->irp);
}

static void a_list_of_addresses_is_counted(void **state) {
  static struct look_up look_up;

  (void)state;
  start_look_up(&look_up);
  KeWaitForSingleObject(&look_up.done, Executive, KernelMode, FALSE, NULL);
  IoFreeIrp(look_up.irp);
  assert_int_equal(ob__count(OB_ADDRESS_LIST), 1);
  assert_int_equal(uwsk_stop(), 3);
}

/* Whether it had an answer in time or not: it has none later. */
static void a_look_up_ends_with_the_run(void **state) {
  static struct look_up look_up;
  LONG was_done;

  (void)state;
  start_look_up(&look_up);
  keep(look_up.irp);
  assert_true(uwsk_stop() >= 3);
  was_done = KeReadStateEvent(&look_up.done);
  assert_int_equal(uwsk_start(NULL), 0);
  uwsk_run_until(NULL, NULL, 1);
  assert_int_equal(KeReadStateEvent(&look_up.done), was_done);
  assert_int_equal(uwsk_stop(), 0);
}

#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, start, next_run_is_clean)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(an_irp_is_counted),
      TEST(an_mdl_is_counted),
      TEST(locked_pages_are_counted_beside_their_mdl),
      TEST(a_pool_block_is_counted),
      TEST(a_thread_and_its_handle_are_counted),
      TEST(a_registration_is_counted),
      TEST(a_capture_is_counted_beside_its_registration),
      TEST(a_cached_descriptor_is_counted),
      TEST(a_module_is_counted_until_its_wait_is_over),
      TEST(a_socket_is_counted_and_its_descriptor_closed),
      TEST(a_list_of_addresses_is_counted),
      TEST(a_look_up_ends_with_the_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
