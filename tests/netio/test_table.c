/*
 * Tables, against the loopback interface, which every machine has.
 *
 * Pages: windows-hardware/drivers/network/getiftable2, getipinterfacetable,
 * getunicastipaddresstable, getipforwardtable2, freemibtable.
 */
#include "netio_test.h"

static const ADDRESS_FAMILY families[] = {AF_INET, AF_INET6};

/* ---- what stands in them ------------------------------------------------ */

static void check_if_row(const MIB_IF_ROW2 *row, NET_IFINDEX loopback) {
  assert_int_not_equal(row->InterfaceIndex, 0);
  assert_true(row->InterfaceLuid.Value != 0);
  assert_int_equal(row->InterfaceLuid.Info.IfType, row->Type);
  assert_int_not_equal(row->Alias[0], 0);
  if (row->InterfaceIndex != loopback)
    return;
  assert_int_equal(row->Type, IF_TYPE_SOFTWARE_LOOPBACK);
  assert_int_equal(row->AccessType, NET_IF_ACCESS_LOOPBACK);
  assert_int_equal(row->OperStatus, IfOperStatusUp);
  assert_int_equal(row->AdminStatus, NET_IF_ADMIN_STATUS_UP);
  assert_int_not_equal(row->Mtu, 0);
}

/* Against: a loopback interface that is "unknown" or "down", as Linux has it,
 * for drivers skip what is not up. */
static void the_interface_table_has_loopback_and_it_is_up(void **state) {
  NET_IFINDEX loopback = loopback_row().InterfaceIndex;
  PMIB_IF_TABLE2 table;
  ULONG found = 0;
  (void)state;
  assert_int_equal(GetIfTable2(&table), STATUS_SUCCESS);
  for (ULONG i = 0; i < table->NumEntries; i++) {
    check_if_row(&table->Table[i], loopback);
    found += table->Table[i].InterfaceIndex == loopback;
  }
  assert_int_equal(found, 1);
  FreeMibTable(table);
}

static void a_table_without_statistics_has_none(void **state) {
  PMIB_IF_TABLE2 table;
  (void)state;
  assert_int_equal(GetIfTable2Ex(MibIfTableNormalWithoutStatistics, &table),
                   STATUS_SUCCESS);
  for (ULONG i = 0; i < table->NumEntries; i++)
    assert_true(table->Table[i].InOctets == 0 &&
                table->Table[i].OutOctets == 0);
  FreeMibTable(table);
  assert_int_equal(GetIfTable2Ex((MIB_IF_TABLE_LEVEL)9, &table),
                   STATUS_INVALID_PARAMETER);
}

/* Against: a prefix length taken from another address, or none. */
static void the_unicast_table_has_loopback_with_its_prefix(void **state) {
  MIB_UNICASTIPADDRESS_ROW row = loopback_row();
  (void)state;
  assert_int_equal(row.OnLinkPrefixLength, 8);
  assert_int_equal(row.DadState, IpDadStatePreferred);
  assert_int_not_equal(row.InterfaceIndex, 0);
  assert_int_equal(row.InterfaceLuid.Info.IfType, IF_TYPE_SOFTWARE_LOOPBACK);
  if (find_loopback(AF_INET6, &row))
    assert_int_equal(row.OnLinkPrefixLength, 128);
}

static void a_family_s_tables_have_no_other_family(void **state) {
  (void)state;
  for (ULONG f = 0; f < ARRAYSIZE(families); f++) {
    PMIB_UNICASTIPADDRESS_TABLE unicasts;
    PMIB_IPINTERFACE_TABLE interfaces;
    PMIB_IPFORWARD_TABLE2 routes;
    if (GetUnicastIpAddressTable(families[f], &unicasts) != STATUS_SUCCESS)
      continue;
    for (ULONG i = 0; i < unicasts->NumEntries; i++)
      assert_int_equal(unicasts->Table[i].Address.si_family, families[f]);
    FreeMibTable(unicasts);
    assert_int_equal(GetIpInterfaceTable(families[f], &interfaces),
                     STATUS_SUCCESS);
    for (ULONG i = 0; i < interfaces->NumEntries; i++)
      assert_int_equal(interfaces->Table[i].Family, families[f]);
    FreeMibTable(interfaces);
    if (GetIpForwardTable2(families[f], &routes) != STATUS_SUCCESS)
      continue;
    for (ULONG i = 0; i < routes->NumEntries; i++) {
      assert_int_equal(routes->Table[i].DestinationPrefix.Prefix.si_family,
                       families[f]);
      assert_int_equal(routes->Table[i].NextHop.si_family, families[f]);
    }
    FreeMibTable(routes);
  }
}

static ULONG count_unicasts(ADDRESS_FAMILY family) {
  PMIB_UNICASTIPADDRESS_TABLE table;
  ULONG count = 0;
  if (GetUnicastIpAddressTable(family, &table) == STATUS_SUCCESS) {
    count = table->NumEntries;
    FreeMibTable(table);
  }
  return count;
}

static ULONG count_interfaces(ADDRESS_FAMILY family) {
  PMIB_IPINTERFACE_TABLE table;
  ULONG count = 0;
  if (GetIpInterfaceTable(family, &table) == STATUS_SUCCESS) {
    count = table->NumEntries;
    FreeMibTable(table);
  }
  return count;
}

static void the_unspecified_family_is_both(void **state) {
  (void)state;
  assert_int_equal(count_unicasts(AF_UNSPEC),
                   count_unicasts(AF_INET) + count_unicasts(AF_INET6));
  assert_int_equal(count_interfaces(AF_UNSPEC),
                   count_interfaces(AF_INET) + count_interfaces(AF_INET6));
}

/* Against: the index of one function that means nothing to another. */
static void addresses_are_on_interfaces_that_there_are(void **state) {
  PMIB_UNICASTIPADDRESS_TABLE table;
  (void)state;
  assert_int_equal(GetUnicastIpAddressTable(AF_UNSPEC, &table), STATUS_SUCCESS);
  for (ULONG i = 0; i < table->NumEntries; i++) {
    const MIB_UNICASTIPADDRESS_ROW *row = &table->Table[i];
    MIB_IF_ROW2 interface = {.InterfaceIndex = row->InterfaceIndex};
    MIB_IPINTERFACE_ROW ip = {.Family = row->Address.si_family,
                              .InterfaceLuid = row->InterfaceLuid};
    assert_int_equal(GetIfEntry2(&interface), STATUS_SUCCESS);
    assert_true(interface.InterfaceLuid.Value == row->InterfaceLuid.Value);
    assert_int_equal(GetIpInterfaceEntry(&ip), STATUS_SUCCESS);
    assert_int_equal(ip.InterfaceIndex, row->InterfaceIndex);
  }
  FreeMibTable(table);
}

/* Against: a table without the routes to the machine's own addresses, which
 * Windows has there, too. */
static void the_route_table_leads_to_loopback(void **state) {
  const MIB_UNICASTIPADDRESS_ROW loopback = loopback_row();
  PMIB_IPFORWARD_TABLE2 table;
  bool found = false;
  (void)state;
  assert_int_equal(GetIpForwardTable2(AF_INET, &table), STATUS_SUCCESS);
  for (ULONG i = 0; i < table->NumEntries; i++) {
    const MIB_IPFORWARD_ROW2 *row = &table->Table[i];
    assert_true(row->DestinationPrefix.PrefixLength <= 32);
    assert_true(row->InterfaceLuid.Value != 0);
    if (row->DestinationPrefix.Prefix.Ipv4.sin_addr.S_un.S_un_b.s_b1 == 127) {
      assert_int_equal(row->InterfaceIndex, loopback.InterfaceIndex);
      found = true;
    }
  }
#ifdef _WIN32 /* Wine shows Linux' main table alone, which has none */
  found = true;
#endif
  assert_true(found);
  FreeMibTable(table);
}

/* ---- bad arguments ------------------------------------------------------ */

static void a_table_needs_a_place_and_a_family(void **state) {
  PMIB_UNICASTIPADDRESS_TABLE unicasts = (void *)1;
  PMIB_IPINTERFACE_TABLE interfaces = (void *)1;
  PMIB_IPFORWARD_TABLE2 routes = (void *)1;
  (void)state;
  assert_int_equal(GetIfTable2(NULL), STATUS_INVALID_PARAMETER);
  assert_int_equal(GetUnicastIpAddressTable(AF_INET, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GetIpInterfaceTable(AF_INET, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GetIpForwardTable2(AF_INET, NULL), STATUS_INVALID_PARAMETER);
  /* 10 is AF_INET6 on Linux. */
  assert_int_equal(GetUnicastIpAddressTable(10, &unicasts),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GetIpInterfaceTable(AF_IPX, &interfaces),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GetIpForwardTable2(AF_UNIX, &routes),
                   STATUS_INVALID_PARAMETER);
}

static void tables_are_not_asked_for_at_dispatch_level(void **state) {
  PMIB_UNICASTIPADDRESS_TABLE table;
  KIRQL old;
  (void)state;
  expect_report_begin();
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  assert_int_equal(GetUnicastIpAddressTable(AF_INET, &table), STATUS_SUCCESS);
  KeLowerIrql(old);
  expect_report_end(VF_IRQL_01);
  KeRaiseIrql(APC_LEVEL, &old);
  FreeMibTable(table);
  KeLowerIrql(old);
}

/* ---- freeing ------------------------------------------------------------ */

/* Against: tables that nobody misses. */
static void a_table_counts_until_it_is_freed(void **state) {
  PMIB_IF_TABLE2 table;
  (void)state;
  assert_int_equal(GetIfTable2(&table), STATUS_SUCCESS);
  assert_int_equal(ob__count(OB_MIB_TABLE), 1);
  FreeMibTable(table);
  assert_int_equal(ob__count(OB_MIB_TABLE), 0);
}

static void a_table_that_is_freed_twice_is_reported(void **state) {
  PMIB_IF_TABLE2 table;
  (void)state;
  assert_int_equal(GetIfTable2(&table), STATUS_SUCCESS);
  FreeMibTable(table);
  expect_report_begin();
  FreeMibTable(table);
  expect_report_end(VF_NETIO_01);
}

static void what_is_no_table_is_not_freed(void **state) {
  ULONG none = 0;
  (void)state;
  expect_report_begin();
  FreeMibTable(&none);
  expect_report_end(VF_NETIO_01);
  expect_report_begin();
  FreeMibTable(NULL);
  expect_report_end(VF_NETIO_01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(the_interface_table_has_loopback_and_it_is_up),
      KERNEL_TEST(a_table_without_statistics_has_none),
      KERNEL_TEST(the_unicast_table_has_loopback_with_its_prefix),
      KERNEL_TEST(a_family_s_tables_have_no_other_family),
      KERNEL_TEST(the_unspecified_family_is_both),
      KERNEL_TEST(addresses_are_on_interfaces_that_there_are),
      KERNEL_TEST(the_route_table_leads_to_loopback),
      KERNEL_TEST(a_table_needs_a_place_and_a_family),
      KERNEL_TEST(tables_are_not_asked_for_at_dispatch_level),
      KERNEL_TEST(a_table_counts_until_it_is_freed),
      KERNEL_TEST(a_table_that_is_freed_twice_is_reported),
      KERNEL_TEST(what_is_no_table_is_not_freed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
