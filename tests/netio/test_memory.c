/*
 * Memory that fails: at every allocation of every function in turn, each
 * answers STATUS_NO_MEMORY, and leaves nothing behind.
 */
#include "netio_test.h"

#include <uwsk/fault.h>

/* ---- the functions, alike ----------------------------------------------- */

static NTSTATUS if_table(void) {
  PMIB_IF_TABLE2 table;
  NTSTATUS status = GetIfTable2(&table);
  if (NT_SUCCESS(status))
    FreeMibTable(table);
  else
    assert_null(table);
  return status;
}

static NTSTATUS ip_interface_table(void) {
  PMIB_IPINTERFACE_TABLE table;
  NTSTATUS status = GetIpInterfaceTable(AF_UNSPEC, &table);
  if (NT_SUCCESS(status))
    FreeMibTable(table);
  else
    assert_null(table);
  return status;
}

static NTSTATUS unicast_table(void) {
  PMIB_UNICASTIPADDRESS_TABLE table;
  NTSTATUS status = GetUnicastIpAddressTable(AF_UNSPEC, &table);
  if (NT_SUCCESS(status))
    FreeMibTable(table);
  else
    assert_null(table);
  return status;
}

static NTSTATUS route_table(void) {
  PMIB_IPFORWARD_TABLE2 table;
  NTSTATUS status = GetIpForwardTable2(AF_UNSPEC, &table);
  if (NT_SUCCESS(status))
    FreeMibTable(table);
  else
    assert_null(table);
  return status;
}

static MIB_UNICASTIPADDRESS_ROW loopback;

static NTSTATUS if_entry(void) {
  MIB_IF_ROW2 row = {.InterfaceLuid = loopback.InterfaceLuid};
  return GetIfEntry2(&row);
}

static NTSTATUS ip_interface_entry(void) {
  MIB_IPINTERFACE_ROW row = {.Family = AF_INET,
                             .InterfaceLuid = loopback.InterfaceLuid};
  return GetIpInterfaceEntry(&row);
}

static NTSTATUS unicast_entry(void) {
  MIB_UNICASTIPADDRESS_ROW row = loopback;
  return GetUnicastIpAddressEntry(&row);
}

static NTSTATUS best_route(void) {
  MIB_IPFORWARD_ROW2 route;
  SOCKADDR_INET source;
  return GetBestRoute2(NULL, 0, NULL, &loopback.Address, 0, &route, &source);
}

static NTSTATUS route_entry(void) {
  MIB_IPFORWARD_ROW2 row = {.InterfaceLuid = loopback.InterfaceLuid};
  NTSTATUS status;
  row.DestinationPrefix.Prefix = row.NextHop = ipv4(0);
  row.DestinationPrefix.Prefix.Ipv4.sin_addr.s_addr =
      RtlUlongByteSwap(0xc6336400);
  row.DestinationPrefix.PrefixLength = 24;
  status = GetIpForwardEntry2(&row);
  return status == STATUS_NOT_FOUND ? STATUS_SUCCESS : status;
}

static NTSTATUS convert(void) {
  NET_IFINDEX index;
  return ConvertInterfaceLuidToIndex(&loopback.InterfaceLuid, &index);
}

static VOID ignore(PVOID context, PMIB_IPFORWARD_ROW2 row,
                   MIB_NOTIFICATION_TYPE type) {
  UNREFERENCED_PARAMETER(context);
  UNREFERENCED_PARAMETER(row);
  UNREFERENCED_PARAMETER(type);
}

static NTSTATUS notification(void) {
  HANDLE handle;
  NTSTATUS status = NotifyRouteChange2(AF_UNSPEC, ignore, NULL, FALSE, &handle);
  if (!NT_SUCCESS(status)) {
    assert_null(handle);
    return status;
  }
  return CancelMibChangeNotify2(handle);
}

/* ---- each of them ------------------------------------------------------- */

/* Until an allocation comes that the function does not make. */
static void fail_each(NTSTATUS (*function)(void)) {
  unsigned nth = 1;
  if (is_lacking(function()))
    return;
  for (;; nth++) {
    size_t alive = ob__count(OB_KIND_COUNT);
    uwsk_fault_allocation(nth);
    NTSTATUS status = function();
    bool fired = uwsk_fault_allocation_fired();
    uwsk_fault_allocation(0);
    assert_int_equal(ob__count(OB_KIND_COUNT), alive);
    assert_int_equal(status, fired ? STATUS_NO_MEMORY : STATUS_SUCCESS);
    if (!fired)
      break;
  }
  assert_true(nth > 1);
}

static void without_memory_there_are_no_tables(void **state) {
  (void)state;
  fail_each(if_table);
  fail_each(ip_interface_table);
  fail_each(unicast_table);
  fail_each(route_table);
}

static void without_memory_there_are_no_rows(void **state) {
  (void)state;
  loopback = loopback_row();
  fail_each(if_entry);
  fail_each(ip_interface_entry);
  fail_each(unicast_entry);
  fail_each(best_route);
  fail_each(route_entry);
  fail_each(convert);
}

static void without_memory_nothing_is_registered(void **state) {
  (void)state;
  fail_each(notification);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(without_memory_there_are_no_tables),
      KERNEL_TEST(without_memory_there_are_no_rows),
      KERNEL_TEST(without_memory_nothing_is_registered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
