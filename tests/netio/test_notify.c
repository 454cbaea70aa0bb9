/*
 * Being told of changes, which the tests ask for.
 *
 * Pages: windows-hardware/drivers/network/notifyroutechange2,
 * notifyipinterfacechange, notifyunicastipaddresschange,
 * cancelmibchangenotify2.
 */
#include "listener.h"
#include "netio_test.h"

#include <uwsk/fault.h>

/* ---- registering -------------------------------------------------------- */

static void a_registration_counts_until_it_is_cancelled(void **state) {
  struct listener listener;
  (void)state;
  listener_init(&listener);
  assert_int_equal(listen_to_routes(&listener, AF_UNSPEC, FALSE),
                   STATUS_SUCCESS);
  assert_non_null(listener.handle);
  assert_int_equal(ob__count(OB_NOTIFICATION), 1);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_int_equal(ob__count(OB_NOTIFICATION), 0);
  assert_int_equal(listener.calls, 0);
}

/* Against: a row with an initial notification, or a second one. */
static void
the_initial_notification_comes_once_and_without_a_row(void **state) {
  static NTSTATUS (*const listen_to[])(struct listener *, ADDRESS_FAMILY,
                                       BOOLEAN) = {
      listen_to_routes, listen_to_unicasts, listen_to_interfaces};
  (void)state;
  for (ULONG i = 0; i < ARRAYSIZE(listen_to); i++) {
    struct listener listener;
    listener_init(&listener);
    assert_int_equal(listen_to[i](&listener, AF_INET, TRUE), STATUS_SUCCESS);
    listener_wait(&listener);
    assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
    assert_int_equal(listener.calls, 1);
    assert_int_equal(listener.of_type[MibInitialNotification], 1);
    assert_int_equal(listener.rows, 0);
    assert_int_equal(listener.wrong, 0);
  }
}

static void a_registration_needs_a_family_and_a_callback(void **state) {
  struct listener listener;
  HANDLE handle = &handle;
  (void)state;
  listener_init(&listener);
  assert_int_equal(listen_to_routes(&listener, AF_IPX, FALSE),
                   STATUS_INVALID_PARAMETER);
  assert_null(listener.handle);
  assert_int_equal(NotifyRouteChange2(AF_INET, NULL, NULL, FALSE, &handle),
                   STATUS_INVALID_PARAMETER);
  assert_null(handle);
  assert_int_equal(NotifyIpInterfaceChange(AF_INET, NULL, NULL, FALSE, NULL),
                   STATUS_INVALID_PARAMETER);
}

/* Against: a test that forgot uwsk_start, and a driver that hangs in it. */
static void nothing_is_registered_while_nothing_runs(void **state) {
  struct listener listener;
  (void)state;
  listener_init(&listener);
  assert_int_equal(listen_to_routes(&listener, AF_INET, TRUE),
                   STATUS_DEVICE_NOT_READY);
  assert_null(listener.handle);
}

static void nothing_is_registered_at_dispatch_level(void **state) {
  struct listener listener;
  KIRQL old;
  (void)state;
  listener_init(&listener);
  expect_report_begin();
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  assert_int_equal(listen_to_routes(&listener, AF_INET, TRUE),
                   STATUS_INVALID_DEVICE_STATE);
  KeLowerIrql(old);
  expect_report_end(VF_IRQL_01);
}

/* ---- changes ------------------------------------------------------------ */

static void a_route_change_is_told(void **state) {
  struct listener listener;
  PMIB_IPFORWARD_TABLE2 table;
  (void)state;
  NTSTATUS status = GetIpForwardTable2(AF_INET, &table);
#ifdef _WIN32
  /* Wine's may be empty: see the_route_table_leads_to_loopback. */
  if (status == STATUS_NOT_FOUND)
    skip();
#endif
  assert_int_equal(status, STATUS_SUCCESS);
  listener_init(&listener);
  assert_int_equal(listen_to_routes(&listener, AF_INET, FALSE), STATUS_SUCCESS);
  uwsk_fault_routes(UWSK_IPV4);
  listener_wait_for(&listener, table->NumEntries);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_true(listener.of_type[MibParameterNotification] >= table->NumEntries);
  assert_int_equal(listener.wrong, 0);
  FreeMibTable(table);
}

static void an_address_change_is_told(void **state) {
  struct listener listener;
  (void)state;
  listener_init(&listener);
  assert_int_equal(listen_to_unicasts(&listener, AF_INET, FALSE),
                   STATUS_SUCCESS);
  uwsk_fault_addresses(UWSK_IPV4);
  listener_wait(&listener);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_true(listener.of_type[MibParameterNotification] > 0);
  assert_int_equal(listener.wrong, 0);
}

static void an_interface_change_is_told(void **state) {
  struct listener listener;
  (void)state;
  listener_init(&listener);
  assert_int_equal(listen_to_interfaces(&listener, AF_INET, FALSE),
                   STATUS_SUCCESS);
  uwsk_fault_interfaces(UWSK_IPV4 | UWSK_IPV6);
  listener_wait(&listener);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_true(listener.of_type[MibParameterNotification] > 0);
  assert_int_equal(listener.wrong, 0);
}

/* Against: routes told to who wants addresses, or IPv6 to who wants IPv4. The
 * one that is told last shows that the others have had their time. */
static void others_are_not_told(void **state) {
  struct listener other, ipv6, wanted;
  (void)state;
  listener_init(&other);
  listener_init(&ipv6);
  listener_init(&wanted);
  assert_int_equal(listen_to_interfaces(&other, AF_UNSPEC, FALSE),
                   STATUS_SUCCESS);
  assert_int_equal(listen_to_unicasts(&ipv6, AF_INET6, FALSE), STATUS_SUCCESS);
  assert_int_equal(listen_to_unicasts(&wanted, AF_UNSPEC, FALSE),
                   STATUS_SUCCESS);
  uwsk_fault_addresses(UWSK_IPV4);
  listener_wait(&wanted);
  assert_int_equal(CancelMibChangeNotify2(other.handle), STATUS_SUCCESS);
  assert_int_equal(CancelMibChangeNotify2(ipv6.handle), STATUS_SUCCESS);
  assert_int_equal(CancelMibChangeNotify2(wanted.handle), STATUS_SUCCESS);
  assert_int_equal(other.calls, 0);
  assert_int_equal(ipv6.calls, 0);
  assert_int_equal(wanted.wrong, 0);
}

/* Against: a callback at DISPATCH_LEVEL, where the row it names cannot be asked
 * for. */
static VOID ask_for_the_row(PVOID context, PMIB_UNICASTIPADDRESS_ROW row,
                            MIB_NOTIFICATION_TYPE type) {
  struct listener *listener = context;
  MIB_UNICASTIPADDRESS_ROW full = {.Address = row->Address,
                                   .InterfaceLuid = row->InterfaceLuid};
  if (KeGetCurrentIrql() != PASSIVE_LEVEL ||
      GetUnicastIpAddressEntry(&full) != STATUS_SUCCESS)
    InterlockedIncrement(&listener->wrong);
  listener_heard(listener, true, type);
}

static void a_callback_may_ask_for_the_row_that_changed(void **state) {
  struct listener listener;
  (void)state;
  listener_init(&listener);
  assert_int_equal(NotifyUnicastIpAddressChange(AF_INET, ask_for_the_row,
                                                &listener, FALSE,
                                                &listener.handle),
                   STATUS_SUCCESS);
  uwsk_fault_addresses(UWSK_IPV4);
  listener_wait(&listener);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_int_equal(listener.wrong, 0);
}

/* ---- cancelling --------------------------------------------------------- */

static void what_is_no_registration_is_not_cancelled(void **state) {
  struct listener listener;
  (void)state;
  assert_int_equal(CancelMibChangeNotify2(NULL), STATUS_INVALID_PARAMETER);
  listener_init(&listener);
  assert_int_equal(listen_to_routes(&listener, AF_INET, FALSE), STATUS_SUCCESS);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  expect_report_begin();
  assert_int_equal(CancelMibChangeNotify2(listener.handle),
                   STATUS_INVALID_PARAMETER);
  expect_report_end(VF_NETIO_02);
}

static VOID cancel_itself(PVOID context, PMIB_IPFORWARD_ROW2 row,
                          MIB_NOTIFICATION_TYPE type) {
  struct listener *listener = context;
  UNREFERENCED_PARAMETER(row);
  KeWaitForSingleObject(&listener->go, Executive, KernelMode, FALSE, NULL);
  listener->answer = CancelMibChangeNotify2(listener->handle);
  listener_heard(listener, false, type);
}

/* Windows' documents: the thread that runs the callback deadlocks. */
static void a_callback_cannot_cancel_its_own_registration(void **state) {
  struct listener listener;
  (void)state;
  listener_init(&listener);
  expect_report_begin();
  assert_int_equal(NotifyRouteChange2(AF_INET, cancel_itself, &listener, TRUE,
                                      &listener.handle),
                   STATUS_SUCCESS);
  KeSetEvent(&listener.go, IO_NO_INCREMENT, FALSE);
  listener_wait(&listener);
  expect_report_end(VF_NETIO_03);
  assert_int_equal(listener.answer, STATUS_INVALID_DEVICE_STATE);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
}

static VOID cancel_another(PVOID context, PMIB_IPFORWARD_ROW2 row,
                           MIB_NOTIFICATION_TYPE type) {
  struct listener *listener = context;
  UNREFERENCED_PARAMETER(row);
  listener->answer = CancelMibChangeNotify2(listener->other->handle);
  listener_heard(listener, false, type);
}

static void a_callback_may_cancel_another_registration(void **state) {
  struct listener listener, other;
  (void)state;
  listener_init(&listener);
  listener_init(&other);
  listener.other = &other;
  assert_int_equal(listen_to_routes(&other, AF_INET, FALSE), STATUS_SUCCESS);
  assert_int_equal(NotifyRouteChange2(AF_INET, cancel_another, &listener, TRUE,
                                      &listener.handle),
                   STATUS_SUCCESS);
  listener_wait(&listener);
  assert_int_equal(listener.answer, STATUS_SUCCESS);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
}

static void a_registration_is_not_cancelled_above_passive_level(void **state) {
  struct listener listener;
  KIRQL old;
  (void)state;
  listener_init(&listener);
  assert_int_equal(listen_to_routes(&listener, AF_INET, FALSE), STATUS_SUCCESS);
  expect_report_begin();
  KeRaiseIrql(APC_LEVEL, &old);
  assert_int_equal(CancelMibChangeNotify2(listener.handle),
                   STATUS_INVALID_DEVICE_STATE);
  KeLowerIrql(old);
  expect_report_end(VF_IRQL_01);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
}

static VOID take_time(PVOID context, PMIB_IPFORWARD_ROW2 row,
                      MIB_NOTIFICATION_TYPE type) {
  struct listener *listener = context;
  UNREFERENCED_PARAMETER(row);
  KeSetEvent(&listener->entered, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(&listener->go, Executive, KernelMode, FALSE, NULL);
  listener_heard(listener, false, type);
}

static VOID let_go(PVOID context) {
  struct listener *listener = context;
  KeSetEvent(&listener->go, IO_NO_INCREMENT, FALSE);
}

/* Against: a callback that runs in a driver which has cancelled and gone. What
 * has changed meanwhile is not told any more. */
static void cancelling_waits_for_the_callback(void **state) {
  struct listener listener;
  (void)state;
  listener_init(&listener);
  assert_int_equal(NotifyRouteChange2(AF_UNSPEC, take_time, &listener, TRUE,
                                      &listener.handle),
                   STATUS_SUCCESS);
  KeWaitForSingleObject(&listener.entered, Executive, KernelMode, FALSE, NULL);
  uwsk_fault_routes(UWSK_IPV4 | UWSK_IPV6);
  ExInitializeWorkItem(&listener.work, let_go, &listener);
  ExQueueWorkItem(&listener.work, DelayedWorkQueue);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  /* It ran to its end before the cancel returned; how many came after it, and
   * before the cancel, is a matter of time. */
  assert_true(listener.calls >= 1);
}

/* ---- what is left ------------------------------------------------------- */

static void a_registration_that_is_left_behind_is_reported(void **state) {
  struct listener listener;
  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  listener_init(&listener);
  assert_int_equal(listen_to_routes(&listener, AF_INET, FALSE), STATUS_SUCCESS);
  assert_int_equal(uwsk_stop(), 1);
  /* And nothing of it is there in the next run. */
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(ob__count(OB_NOTIFICATION), 0);
  uwsk_fault_routes(UWSK_IPV4);
  assert_int_equal(uwsk_stop(), 0);
  assert_int_equal(listener.calls, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_registration_counts_until_it_is_cancelled),
      KERNEL_TEST(the_initial_notification_comes_once_and_without_a_row),
      KERNEL_TEST(a_registration_needs_a_family_and_a_callback),
      cmocka_unit_test(nothing_is_registered_while_nothing_runs),
      KERNEL_TEST(nothing_is_registered_at_dispatch_level),
      KERNEL_TEST(a_route_change_is_told),
      KERNEL_TEST(an_address_change_is_told),
      KERNEL_TEST(an_interface_change_is_told),
      KERNEL_TEST(others_are_not_told),
      KERNEL_TEST(a_callback_may_ask_for_the_row_that_changed),
      KERNEL_TEST(what_is_no_registration_is_not_cancelled),
      KERNEL_TEST(a_callback_cannot_cancel_its_own_registration),
      KERNEL_TEST(a_callback_may_cancel_another_registration),
      KERNEL_TEST(a_registration_is_not_cancelled_above_passive_level),
      KERNEL_TEST(cancelling_waits_for_the_callback),
      cmocka_unit_test(a_registration_that_is_left_behind_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
