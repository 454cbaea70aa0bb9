/*
 * Changes of a real network, which is this process's own: they are in the
 * tables, and they are told. Linux.
 */
#include "change_host.h"
#include "listener.h"
#include "netio_test.h"

#include <uwsk/fault.h>

#include "os/os.h"

static const ULONG address = 0x0a630001; /* 10.99.0.1 */
static const ULONG prefix = 0xc6336400;  /* 198.51.100.0 */

static MIB_IPFORWARD_ROW2 route_key(void) {
  MIB_IPFORWARD_ROW2 row;
  RtlZeroMemory(&row, sizeof(row));
  row.InterfaceIndex = loopback_row().InterfaceIndex;
  row.DestinationPrefix.Prefix = ipv4(prefix);
  row.DestinationPrefix.PrefixLength = 24;
  row.NextHop = ipv4(0);
  return row;
}

/* Against: a change that is told for another, with the wrong type, or not in
 * the tables when it is told. */
static void an_address_that_comes_and_goes_is_told(void **state) {
  const SOCKADDR_INET wanted = ipv4(address);
  MIB_UNICASTIPADDRESS_ROW row = loopback_row();
  struct listener listener;
  (void)state;
  listener_init(&listener);
  listener.address = &wanted;
  row.Address = wanted;
  assert_int_equal(listen_to_unicasts(&listener, AF_INET, FALSE),
                   STATUS_SUCCESS);
  assert_int_equal(change_address(true), 0);
  listener_wait_match(&listener, MibAddInstance);
  assert_int_equal(GetUnicastIpAddressEntry(&row), STATUS_SUCCESS);
  assert_int_equal(row.OnLinkPrefixLength, 24);
  assert_int_equal(row.PrefixOrigin, IpPrefixOriginManual);
  assert_int_equal(change_address(false), 0);
  listener_wait_match(&listener, MibDeleteInstance);
  assert_int_equal(GetUnicastIpAddressEntry(&row), STATUS_NOT_FOUND);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_int_equal(listener.wrong, 0);
}

static void a_route_that_comes_and_goes_is_told(void **state) {
  const SOCKADDR_INET wanted = ipv4(prefix);
  MIB_IPFORWARD_ROW2 row = route_key();
  struct listener listener, ipv6;
  (void)state;
  listener_init(&listener);
  listener_init(&ipv6);
  listener.address = &wanted;
  assert_int_equal(listen_to_routes(&ipv6, AF_INET6, FALSE), STATUS_SUCCESS);
  assert_int_equal(listen_to_routes(&listener, AF_UNSPEC, FALSE),
                   STATUS_SUCCESS);
  assert_int_equal(change_route(true), 0);
  listener_wait_match(&listener, MibAddInstance);
  assert_int_equal(GetIpForwardEntry2(&row), STATUS_SUCCESS);
  assert_int_equal(row.Metric, 7);
  assert_int_equal(row.Protocol, RouteProtocolNetMgmt);
  assert_false(row.Loopback);
  assert_int_equal(change_route(false), 0);
  listener_wait_match(&listener, MibDeleteInstance);
  assert_int_equal(GetIpForwardEntry2(&row), STATUS_NOT_FOUND);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_int_equal(CancelMibChangeNotify2(ipv6.handle), STATUS_SUCCESS);
  assert_int_equal(listener.wrong, 0);
  assert_int_equal(ipv6.calls, 0);
}

static void an_interface_that_changes_is_told_by_family(void **state) {
  MIB_IPINTERFACE_ROW row = {.Family = AF_INET};
  struct listener both, ipv4_only;
  (void)state;
  row.InterfaceIndex = loopback_row().InterfaceIndex;
  listener_init(&both);
  listener_init(&ipv4_only);
  assert_int_equal(listen_to_interfaces(&both, AF_UNSPEC, FALSE),
                   STATUS_SUCCESS);
  assert_int_equal(listen_to_interfaces(&ipv4_only, AF_INET, FALSE),
                   STATUS_SUCCESS);
  assert_int_equal(change_mtu(32768), 0);
  listener_wait_for(&both, 2);
  listener_wait(&ipv4_only);
  assert_int_equal(GetIpInterfaceEntry(&row), STATUS_SUCCESS);
  assert_int_equal(row.NlMtu, 32768);
  assert_int_equal(change_mtu(65536), 0);
  assert_int_equal(CancelMibChangeNotify2(both.handle), STATUS_SUCCESS);
  assert_int_equal(CancelMibChangeNotify2(ipv4_only.handle), STATUS_SUCCESS);
  assert_int_equal(both.wrong, 0);
  assert_int_equal(both.of_type[MibAddInstance], 0);
}

/* Against: an interface that has gone, and whose LUID nobody knows any more. */
static void an_interface_that_comes_and_goes_is_told(void **state) {
  struct listener listener;
  NET_LUID luid;
  (void)state;
  listener_init(&listener);
  if (change_link(true) != 0)
    skip(); /* a kernel without anything to make */
  assert_int_equal(change_link(false), 0);
  assert_int_equal(listen_to_interfaces(&listener, AF_INET, FALSE),
                   STATUS_SUCCESS);
  assert_int_equal(change_link(true), 0);
  listener_wait_type(&listener, MibAddInstance);
  assert_int_equal(ConvertInterfaceAliasToLuid(L"uwsk0", &luid),
                   STATUS_SUCCESS);
  assert_int_equal(change_link(false), 0);
  listener_wait_type(&listener, MibDeleteInstance);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_true(listener.luid[MibAddInstance] == luid.Value);
  assert_true(listener.luid[MibDeleteInstance] == luid.Value);
  assert_int_equal(listener.wrong, 0);
}

/* The kernel takes the routes of an interface that goes down without a word.
 */
static void routes_that_go_with_their_interface_are_told(void **state) {
  struct listener listener;
  (void)state;
  listener_init(&listener);
  assert_int_equal(listen_to_routes(&listener, AF_INET, FALSE), STATUS_SUCCESS);
  if (change_link(true) != 0) {
    assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
    skip();
  }
  assert_int_equal(change_link(false), 0);
  listener_wait_type(&listener, MibParameterNotification);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_int_equal(listener.wrong, 0);
}

/* Against: a best route that is not asked of the network this process has. */
static void the_best_route_follows_the_table(void **state) {
  const SOCKADDR_INET to = ipv4(prefix + 5);
  MIB_IPFORWARD_ROW2 route;
  SOCKADDR_INET source;
  (void)state;
  assert_int_equal(GetBestRoute2(NULL, 0, NULL, &to, 0, &route, &source),
                   STATUS_NETWORK_UNREACHABLE);
  assert_int_equal(change_route(true), 0);
  assert_int_equal(GetBestRoute2(NULL, 0, NULL, &to, 0, &route, &source),
                   STATUS_SUCCESS);
  assert_int_equal(route.DestinationPrefix.PrefixLength, 24);
  assert_int_equal(route.Metric, 7);
  assert_int_equal(change_route(false), 0);
}

/* 192.0.2.0/24 is unreachable here. */
static void a_route_that_refuses_is_none(void **state) {
  const SOCKADDR_INET to = ipv4(0xc0000201);
  PMIB_IPFORWARD_TABLE2 table;
  MIB_IPFORWARD_ROW2 route;
  SOCKADDR_INET source;
  (void)state;
  assert_int_equal(GetBestRoute2(NULL, 0, NULL, &to, 0, &route, &source),
                   STATUS_HOST_UNREACHABLE);
  assert_int_equal(GetIpForwardTable2(AF_INET, &table), STATUS_SUCCESS);
  for (ULONG i = 0; i < table->NumEntries; i++)
    assert_false(
        table->Table[i].DestinationPrefix.Prefix.Ipv4.sin_addr.s_addr ==
        RtlUlongByteSwap(0xc0000200));
  FreeMibTable(table);
}

/* Against: a change that is lost when there is no memory to note it down. All
 * rows are told then. */
static void a_change_without_memory_is_told_all_the_same(void **state) {
  const SOCKADDR_INET wanted = ipv4(address);
  struct listener listener;
  (void)state;
  listener_init(&listener);
  listener.address = &wanted;
  assert_int_equal(listen_to_unicasts(&listener, AF_INET, FALSE),
                   STATUS_SUCCESS);
  uwsk_fault_allocation(1);
  assert_int_equal(change_address(true), 0);
  listener_wait_match(&listener, MibParameterNotification);
  assert_true(uwsk_fault_allocation_fired());
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_int_equal(listener.matches[MibAddInstance], 0);
  assert_int_equal(listener.wrong, 0);
  assert_int_equal(change_address(false), 0);
}

/* The same when the list of all rows cannot be had either: they are told with
 * the next change, here of the other family. */
static void what_could_not_be_told_is_told_with_the_next(void **state) {
  const SOCKADDR_INET wanted = loopback_of(AF_INET);
  MIB_UNICASTIPADDRESS_ROW ipv6;
  struct listener listener;
  (void)state;
  if (!find_loopback(AF_INET6, &ipv6))
    skip();
  listener_init(&listener);
  listener.address = &wanted;
  assert_int_equal(listen_to_unicasts(&listener, AF_UNSPEC, FALSE),
                   STATUS_SUCCESS);
  uwsk_fault_allocation(1);
  uwsk_fault_addresses(UWSK_IPV4);
  while (!uwsk_fault_allocation_fired())
    os__yield();
  while (ReadAcquire((LONG *)&listener.matches[MibParameterNotification]) ==
         0) {
    uwsk_fault_addresses(UWSK_IPV6);
    listener_wait(&listener);
  }
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  assert_int_equal(listener.wrong, 0);
}

static bool is_stepped(void) {
  const char *mode = os__getenv("UWSK_LOOP");
  return mode != NULL && strcmp(mode, "stepped") == 0;
}

/* More than the host keeps for somebody who does not look, as in stepped mode
 * nobody does before the wait: it drops some, and says so. Against: a driver
 * that never learns of a route. */
static void a_flood_of_changes_hides_no_other(void **state) {
  const SOCKADDR_INET wanted = ipv4(address);
  struct listener listener;
  (void)state;
  listener_init(&listener);
  listener.address = &wanted;
  assert_int_equal(listen_to_routes(&listener, AF_INET, FALSE), STATUS_SUCCESS);
  for (ULONG i = 0; i < 1000; i++) {
    assert_int_equal(change_route(true), 0);
    assert_int_equal(change_route(false), 0);
  }
  assert_int_equal(change_address(true), 0);
  while (ReadAcquire((LONG *)&listener.matches[MibAddInstance]) == 0 &&
         ReadAcquire((LONG *)&listener.matches[MibParameterNotification]) == 0)
    listener_wait(&listener);
  assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
  if (is_stepped())
    assert_int_equal(listener.matches[MibAddInstance], 0);
  assert_int_equal(listener.wrong, 0);
  assert_int_equal(change_address(false), 0);
}

/* Against: a watch that stays behind the last registration, and one that is not
 * started again. */
static void the_next_registration_hears_again(void **state) {
  const SOCKADDR_INET wanted = ipv4(prefix);
  (void)state;
  for (ULONG i = 0; i < 3; i++) {
    struct listener listener;
    listener_init(&listener);
    listener.address = &wanted;
    assert_int_equal(listen_to_routes(&listener, AF_INET, FALSE),
                     STATUS_SUCCESS);
    assert_int_equal(change_route(true), 0);
    listener_wait_match(&listener, MibAddInstance);
    assert_int_equal(CancelMibChangeNotify2(listener.handle), STATUS_SUCCESS);
    assert_int_equal(change_route(false), 0);
  }
}

static int enter_private_network(void **state) {
  (void)state;
  return private_network();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(an_address_that_comes_and_goes_is_told),
      KERNEL_TEST(a_route_that_comes_and_goes_is_told),
      KERNEL_TEST(an_interface_that_changes_is_told_by_family),
      KERNEL_TEST(an_interface_that_comes_and_goes_is_told),
      KERNEL_TEST(routes_that_go_with_their_interface_are_told),
      KERNEL_TEST(the_best_route_follows_the_table),
      KERNEL_TEST(a_route_that_refuses_is_none),
      KERNEL_TEST(a_change_without_memory_is_told_all_the_same),
      KERNEL_TEST(what_could_not_be_told_is_told_with_the_next),
      KERNEL_TEST(a_flood_of_changes_hides_no_other),
      KERNEL_TEST(the_next_registration_hears_again),
  };
  return cmocka_run_group_tests(tests, enter_private_network, NULL);
}
