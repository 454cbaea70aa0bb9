/*
 * Single rows, the best route, and the names of interfaces.
 *
 * Pages: windows-hardware/drivers/network/getifentry2, getipinterfaceentry,
 * getunicastipaddressentry, getipforwardentry2, getbestroute2,
 * initializeipinterfaceentry, initializeunicastipaddressentry,
 * initializeipforwardentry, and convertinterface….
 */
#include "netio_test.h"

/* ---- interfaces --------------------------------------------------------- */

static void an_interface_is_found_by_luid_and_by_index(void **state) {
  const MIB_UNICASTIPADDRESS_ROW loopback = loopback_row();
  MIB_IF_ROW2 by_index = {.InterfaceIndex = loopback.InterfaceIndex};
  MIB_IF_ROW2 by_luid = {.InterfaceLuid = loopback.InterfaceLuid};
  (void)state;
  assert_int_equal(GetIfEntry2(&by_index), STATUS_SUCCESS);
  assert_int_equal(GetIfEntry2(&by_luid), STATUS_SUCCESS);
  assert_true(by_index.InterfaceLuid.Value == loopback.InterfaceLuid.Value);
  assert_int_equal(by_luid.InterfaceIndex, loopback.InterfaceIndex);
  assert_memory_equal(by_index.Alias, by_luid.Alias, sizeof(by_luid.Alias));
  assert_int_equal(by_luid.OperStatus, IfOperStatusUp);
}

/* Against: the index looked at first. */
static void the_luid_counts_before_the_index(void **state) {
  const MIB_UNICASTIPADDRESS_ROW loopback = loopback_row();
  MIB_IF_ROW2 interface = {.InterfaceLuid = loopback.InterfaceLuid,
                           .InterfaceIndex = NO_INDEX};
  MIB_IPINTERFACE_ROW ip = {.Family = AF_INET,
                            .InterfaceLuid = loopback.InterfaceLuid,
                            .InterfaceIndex = NO_INDEX};
  (void)state;
  assert_int_equal(GetIfEntry2(&interface), STATUS_SUCCESS);
  assert_int_equal(interface.InterfaceIndex, loopback.InterfaceIndex);
  assert_int_equal(GetIpInterfaceEntry(&ip), STATUS_SUCCESS);
  assert_int_equal(ip.InterfaceIndex, loopback.InterfaceIndex);
}

static void an_interface_that_is_not_there_is_not_found(void **state) {
  MIB_IF_ROW2 interface = {.InterfaceIndex = NO_INDEX};
  MIB_IF_ROW2 by_luid = {.InterfaceLuid.Value = 0x1234};
  MIB_IPINTERFACE_ROW ip = {.Family = AF_INET, .InterfaceIndex = NO_INDEX};
  MIB_UNICASTIPADDRESS_ROW unicast = {.Address = loopback_of(AF_INET),
                                      .InterfaceIndex = NO_INDEX};
  (void)state;
  assert_int_equal(GetIfEntry2(&interface), STATUS_NOT_FOUND);
  assert_int_equal(GetIfEntry2(&by_luid), STATUS_NOT_FOUND);
  assert_int_equal(GetIpInterfaceEntry(&ip), STATUS_NOT_FOUND);
  assert_int_equal(GetUnicastIpAddressEntry(&unicast), STATUS_NOT_FOUND);
}

static void an_interface_has_to_be_named(void **state) {
  MIB_IF_ROW2 interface = {.InterfaceIndex = 0};
  MIB_IPINTERFACE_ROW ip = {.Family = AF_INET};
  MIB_UNICASTIPADDRESS_ROW unicast = {.Address = loopback_of(AF_INET)};
  (void)state;
  assert_int_equal(GetIfEntry2(NULL), STATUS_INVALID_PARAMETER);
  assert_int_equal(GetIfEntry2(&interface), STATUS_INVALID_PARAMETER);
  assert_int_equal(GetIpInterfaceEntry(NULL), STATUS_INVALID_PARAMETER);
  assert_int_equal(GetIpInterfaceEntry(&ip), STATUS_INVALID_PARAMETER);
  assert_int_equal(GetUnicastIpAddressEntry(NULL), STATUS_INVALID_PARAMETER);
  assert_int_equal(GetUnicastIpAddressEntry(&unicast),
                   STATUS_INVALID_PARAMETER);
  interface.InterfaceIndex = loopback_row().InterfaceIndex;
  assert_int_equal(GetIfEntry2Ex((MIB_IF_ENTRY_LEVEL)1, &interface),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GetIfEntry2Ex(MibIfEntryNormalWithoutStatistics, &interface),
                   STATUS_SUCCESS);
  assert_true(interface.InOctets == 0);
}

static void an_ip_interface_has_a_family(void **state) {
  MIB_IPINTERFACE_ROW row;
  (void)state;
  memset(&row, 0xcc, sizeof(row));
  InitializeIpInterfaceEntry(&row);
  assert_int_equal(row.Family, AF_UNSPEC);
  assert_true(row.InterfaceLuid.Value == 0 && row.InterfaceIndex == 0);
  row.InterfaceIndex = loopback_row().InterfaceIndex;
  assert_int_equal(GetIpInterfaceEntry(&row), STATUS_INVALID_PARAMETER);
  row.Family = AF_INET;
  assert_int_equal(GetIpInterfaceEntry(&row), STATUS_SUCCESS);
  assert_true(row.Connected);
  assert_int_not_equal(row.NlMtu, 0);
  assert_int_equal(row.InterfaceLuid.Info.IfType, IF_TYPE_SOFTWARE_LOOPBACK);
}

/* ---- addresses ---------------------------------------------------------- */

static void an_address_is_found_on_its_interface(void **state) {
  const MIB_UNICASTIPADDRESS_ROW loopback = loopback_row();
  MIB_UNICASTIPADDRESS_ROW row;
  (void)state;
  memset(&row, 0xcc, sizeof(row));
  InitializeUnicastIpAddressEntry(&row);
  assert_int_equal(row.OnLinkPrefixLength, 255);
  assert_int_equal(row.ValidLifetime, 0xffffffff);
  assert_int_equal(row.PrefixOrigin, IpPrefixOriginUnchanged);
  assert_int_equal(row.DadState, 0);
  row.Address = loopback_of(AF_INET);
  row.InterfaceIndex = loopback.InterfaceIndex;
  assert_int_equal(GetUnicastIpAddressEntry(&row), STATUS_SUCCESS);
  assert_memory_equal(&row, &loopback, sizeof(row));
}

static void what_is_no_address_of_the_interface_is_not_found(void **state) {
  MIB_UNICASTIPADDRESS_ROW row = loopback_row();
  (void)state;
  row.Address = ipv4(0xc0000263); /* 192.0.2.99 */
  assert_int_equal(GetUnicastIpAddressEntry(&row), STATUS_NOT_FOUND);
}

static void only_a_unicast_address_can_be_asked_for(void **state) {
  MIB_UNICASTIPADDRESS_ROW row = loopback_row();
  (void)state;
  row.Address = ipv4(0xe0000001);
  assert_int_equal(GetUnicastIpAddressEntry(&row), STATUS_INVALID_PARAMETER);
  row.Address = ipv4(INADDR_BROADCAST);
  assert_int_equal(GetUnicastIpAddressEntry(&row), STATUS_INVALID_PARAMETER);
  row.Address = ipv4(INADDR_ANY);
  assert_int_equal(GetUnicastIpAddressEntry(&row), STATUS_INVALID_PARAMETER);
  row.Address.si_family = AF_UNSPEC;
  assert_int_equal(GetUnicastIpAddressEntry(&row), STATUS_INVALID_PARAMETER);
}

/* ---- routes ------------------------------------------------------------- */

static bool covers(const IP_ADDRESS_PREFIX *prefix, ULONG address) {
  ULONG bits = prefix->PrefixLength;
  ULONG mask = bits == 0 ? 0 : ~0u << (32 - bits);
  ULONG of = RtlUlongByteSwap(prefix->Prefix.Ipv4.sin_addr.s_addr);
  return ((of ^ address) & mask) == 0;
}

static void the_best_route_to_loopback_goes_over_it(void **state) {
  const MIB_UNICASTIPADDRESS_ROW loopback = loopback_row();
  const SOCKADDR_INET to = loopback_of(AF_INET);
  MIB_IPFORWARD_ROW2 route;
  SOCKADDR_INET source;
  NET_LUID luid = loopback.InterfaceLuid;
  NTSTATUS status = GetBestRoute2(NULL, 0, NULL, &to, 0, &route, &source);
  (void)state;
  if (is_lacking(status))
    skip();
  assert_int_equal(status, STATUS_SUCCESS);
  assert_int_equal(route.InterfaceIndex, loopback.InterfaceIndex);
  assert_true(route.InterfaceLuid.Value == luid.Value);
  assert_true(covers(&route.DestinationPrefix, INADDR_LOOPBACK));
  assert_true(same_address(&source, &to));
  /* The same by index and by LUID, and from an address. */
  assert_int_equal(GetBestRoute2(NULL, loopback.InterfaceIndex, &to, &to, 0,
                                 &route, &source),
                   STATUS_SUCCESS);
  assert_int_equal(
      GetBestRoute2(&luid, NO_INDEX, NULL, &to, 0, &route, &source),
      STATUS_SUCCESS);
  assert_int_equal(route.InterfaceIndex, loopback.InterfaceIndex);
}

static void the_best_route_is_a_row_of_the_table(void **state) {
  const SOCKADDR_INET to = loopback_of(AF_INET);
  MIB_IPFORWARD_ROW2 route, same;
  SOCKADDR_INET source;
  (void)state;
  if (is_lacking(GetBestRoute2(NULL, 0, NULL, &to, 0, &route, &source)))
    skip();
  RtlZeroMemory(&same, sizeof(same));
  same.InterfaceIndex = route.InterfaceIndex;
  same.DestinationPrefix = route.DestinationPrefix;
  same.NextHop = route.NextHop;
  assert_int_equal(GetIpForwardEntry2(&same), STATUS_SUCCESS);
  assert_memory_equal(&same, &route, sizeof(same));
}

static void ipv6_has_a_best_route_to_loopback(void **state) {
  MIB_UNICASTIPADDRESS_ROW loopback;
  const SOCKADDR_INET to = loopback_of(AF_INET6);
  MIB_IPFORWARD_ROW2 route;
  SOCKADDR_INET source;
  NTSTATUS status;
  (void)state;
  if (!find_loopback(AF_INET6, &loopback))
    skip();
  status = GetBestRoute2(NULL, loopback.InterfaceIndex, NULL, &to, 0, &route,
                         &source);
  if (is_lacking(status))
    skip();
  assert_int_equal(status, STATUS_SUCCESS);
  assert_int_equal(route.InterfaceIndex, loopback.InterfaceIndex);
  assert_true(same_address(&source, &to));
}

/* The longest prefix, on an interface that is up, and then the least metric. */
static NET_IFINDEX pick_interface(const MIB_IPFORWARD_TABLE2 *table) {
  ULONG best_metric = MAXULONG, best_length = 0;
  NET_IFINDEX best = 0;
  for (ULONG i = 0; i < table->NumEntries; i++) {
    const MIB_IPFORWARD_ROW2 *route = &table->Table[i];
    MIB_IF_ROW2 interface = {.InterfaceLuid = route->InterfaceLuid};
    MIB_IPINTERFACE_ROW ip = {.Family = AF_INET,
                              .InterfaceLuid = route->InterfaceLuid};
    ULONG length = route->DestinationPrefix.PrefixLength;
    if (!covers(&route->DestinationPrefix, INADDR_LOOPBACK) ||
        length < best_length || !NT_SUCCESS(GetIfEntry2(&interface)) ||
        interface.OperStatus != IfOperStatusUp ||
        !NT_SUCCESS(GetIpInterfaceEntry(&ip)))
      continue;
    if (length == best_length && route->Metric + ip.Metric >= best_metric)
      continue;
    best_length = length;
    best_metric = route->Metric + ip.Metric;
    best = route->InterfaceIndex;
  }
  return best;
}

/* A practice of drivers: they choose the interface themselves, and ask for the
 * source address there. */
static void a_driver_may_choose_its_route_itself(void **state) {
  const SOCKADDR_INET to = loopback_of(AF_INET);
  PMIB_IPFORWARD_TABLE2 table;
  MIB_IPFORWARD_ROW2 route;
  SOCKADDR_INET source;
  (void)state;
  if (is_lacking(GetBestRoute2(NULL, 0, NULL, &to, 0, &route, &source)))
    skip();
  assert_int_equal(GetIpForwardTable2(AF_INET, &table), STATUS_SUCCESS);
  NET_IFINDEX index = pick_interface(table);
  FreeMibTable(table);
  assert_int_equal(index, loopback_row().InterfaceIndex);
  assert_int_equal(GetBestRoute2(NULL, index, NULL, &to, 0, &route, &source),
                   STATUS_SUCCESS);
  assert_true(same_address(&source, &to));
}

static void the_best_route_needs_its_arguments(void **state) {
  SOCKADDR_INET to = loopback_of(AF_INET), other = loopback_of(AF_INET6);
  MIB_IPFORWARD_ROW2 route;
  SOCKADDR_INET source;
  NET_LUID luid = {.Value = 0x1234};
  (void)state;
  assert_int_equal(GetBestRoute2(NULL, 1, NULL, NULL, 0, &route, &source),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GetBestRoute2(NULL, 1, NULL, &to, 0, NULL, &source),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GetBestRoute2(NULL, 1, NULL, &to, 0, &route, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GetBestRoute2(NULL, 1, &other, &to, 0, &route, &source),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(GetBestRoute2(NULL, NO_INDEX, NULL, &to, 0, &route, &source),
                   STATUS_NOT_FOUND);
  assert_int_equal(GetBestRoute2(&luid, 0, NULL, &to, 0, &route, &source),
                   STATUS_NOT_FOUND);
  to.si_family = AF_UNSPEC;
  assert_int_equal(GetBestRoute2(NULL, 1, NULL, &to, 0, &route, &source),
                   STATUS_INVALID_PARAMETER);
}

static void a_route_needs_its_key(void **state) {
  MIB_IPFORWARD_ROW2 row;
  (void)state;
  memset(&row, 0xcc, sizeof(row));
  InitializeIpForwardEntry(&row);
  assert_int_equal(row.Metric, 0xffffffff);
  assert_int_equal(row.SitePrefixLength, 255);
  assert_true(row.Immortal && row.Loopback && row.Publish);
  assert_int_equal(GetIpForwardEntry2(NULL), STATUS_INVALID_PARAMETER);
  assert_int_equal(GetIpForwardEntry2(&row), STATUS_INVALID_PARAMETER);
  row.DestinationPrefix.Prefix = ipv4(0xc6336400); /* 198.51.100.0 */
  row.DestinationPrefix.PrefixLength = 24;
  row.NextHop = ipv4(0);
  assert_int_equal(GetIpForwardEntry2(&row), STATUS_INVALID_PARAMETER);
  row.InterfaceIndex = NO_INDEX;
  assert_int_equal(GetIpForwardEntry2(&row), STATUS_NOT_FOUND);
  row.InterfaceIndex = loopback_row().InterfaceIndex;
  assert_int_equal(GetIpForwardEntry2(&row), STATUS_NOT_FOUND);
  row.PreferredLifetime = 2;
  row.ValidLifetime = 1;
  assert_int_equal(GetIpForwardEntry2(&row), STATUS_INVALID_PARAMETER);
  row.ValidLifetime = 2;
  row.DestinationPrefix.PrefixLength = 33;
  assert_int_equal(GetIpForwardEntry2(&row), STATUS_INVALID_PARAMETER);
}

/* ---- names -------------------------------------------------------------- */

static void the_names_of_an_interface_lead_to_each_other(void **state) {
  const MIB_UNICASTIPADDRESS_ROW loopback = loopback_row();
  NET_LUID luid;
  NET_IFINDEX index;
  WCHAR alias[IF_MAX_STRING_SIZE + 1];
  GUID guid;
  (void)state;
  assert_int_equal(ConvertInterfaceIndexToLuid(loopback.InterfaceIndex, &luid),
                   STATUS_SUCCESS);
  assert_true(luid.Value == loopback.InterfaceLuid.Value);
  assert_int_equal(ConvertInterfaceLuidToIndex(&luid, &index), STATUS_SUCCESS);
  assert_int_equal(index, loopback.InterfaceIndex);
  assert_int_equal(ConvertInterfaceLuidToGuid(&luid, &guid), STATUS_SUCCESS);
  luid.Value = 0;
  assert_int_equal(ConvertInterfaceGuidToLuid(&guid, &luid), STATUS_SUCCESS);
  assert_true(luid.Value == loopback.InterfaceLuid.Value);
  assert_int_equal(ConvertInterfaceLuidToAlias(&luid, alias, ARRAYSIZE(alias)),
                   STATUS_SUCCESS);
  luid.Value = 0;
  assert_int_equal(ConvertInterfaceAliasToLuid(alias, &luid), STATUS_SUCCESS);
  assert_true(luid.Value == loopback.InterfaceLuid.Value);
}

static void an_alias_needs_room(void **state) {
  const NET_LUID luid = loopback_row().InterfaceLuid;
  WCHAR alias[IF_MAX_STRING_SIZE + 1];
  (void)state;
  assert_int_equal(ConvertInterfaceLuidToAlias(&luid, alias, ARRAYSIZE(alias)),
                   STATUS_SUCCESS);
  SIZE_T length = wcslen(alias);
  assert_int_equal(ConvertInterfaceLuidToAlias(&luid, alias, length + 1),
                   STATUS_SUCCESS);
  assert_int_equal(ConvertInterfaceLuidToAlias(&luid, alias, length),
                   STATUS_NO_MEMORY);
  assert_int_equal(alias[0], 0);
  assert_int_equal(ConvertInterfaceLuidToAlias(&luid, alias, 0),
                   STATUS_NO_MEMORY);
}

static void what_names_no_interface_is_invalid(void **state) {
  NET_LUID luid = {.Value = 0x1234}, none = {.Value = 0};
  NET_IFINDEX index = 1;
  GUID guid = {0x1234, 0, 0, {0}};
  WCHAR alias[8];
  (void)state;
  assert_int_equal(ConvertInterfaceLuidToIndex(&luid, &index),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(index, 0);
  assert_int_equal(ConvertInterfaceLuidToIndex(&none, &index),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(ConvertInterfaceLuidToIndex(NULL, &index),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(ConvertInterfaceLuidToIndex(&luid, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(ConvertInterfaceLuidToAlias(&luid, alias, 8),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(ConvertInterfaceIndexToLuid(NO_INDEX, &luid),
                   STATUS_INVALID_PARAMETER);
  assert_true(luid.Value == 0);
  assert_int_equal(ConvertInterfaceIndexToLuid(0, &luid),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(ConvertInterfaceGuidToLuid(&guid, &luid),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(ConvertInterfaceAliasToLuid(L"no such interface", &luid),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(ConvertInterfaceAliasToLuid(NULL, &luid),
                   STATUS_INVALID_PARAMETER);
}

/* Against: constants of another width or value; drivers pass them on. */
static void there_is_one_compartment(void **state) {
  COMPARTMENT_ID compartment = DEFAULT_COMPARTMENT_ID;
  (void)state;
  assert_int_equal(UNSPECIFIED_COMPARTMENT_ID, 0);
  assert_int_equal(compartment, NET_IF_COMPARTMENT_ID_PRIMARY);
  assert_int_equal(sizeof(compartment), 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(an_interface_is_found_by_luid_and_by_index),
      KERNEL_TEST(the_luid_counts_before_the_index),
      KERNEL_TEST(an_interface_that_is_not_there_is_not_found),
      KERNEL_TEST(an_interface_has_to_be_named),
      KERNEL_TEST(an_ip_interface_has_a_family),
      KERNEL_TEST(an_address_is_found_on_its_interface),
      KERNEL_TEST(what_is_no_address_of_the_interface_is_not_found),
      KERNEL_TEST(only_a_unicast_address_can_be_asked_for),
      KERNEL_TEST(the_best_route_to_loopback_goes_over_it),
      KERNEL_TEST(the_best_route_is_a_row_of_the_table),
      KERNEL_TEST(ipv6_has_a_best_route_to_loopback),
      KERNEL_TEST(a_driver_may_choose_its_route_itself),
      KERNEL_TEST(the_best_route_needs_its_arguments),
      KERNEL_TEST(a_route_needs_its_key),
      KERNEL_TEST(the_names_of_an_interface_lead_to_each_other),
      KERNEL_TEST(an_alias_needs_room),
      KERNEL_TEST(what_names_no_interface_is_invalid),
      KERNEL_TEST(there_is_one_compartment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
