/*
 * What the tests of IP Helper share: addresses, and the interface that every
 * machine has.
 */
#ifndef UWSK_TEST_NETIO_TEST_H
#define UWSK_TEST_NETIO_TEST_H

#include "kernel_test.h"

#include <netioapi.h>

#define NO_INDEX 0x7ffffff0u /* of no interface */

static inline SOCKADDR_INET ipv4(ULONG address) {
  SOCKADDR_INET inet = {.si_family = AF_INET};
  inet.Ipv4.sin_addr.s_addr = RtlUlongByteSwap(address);
  return inet;
}

static inline SOCKADDR_INET loopback_of(ADDRESS_FAMILY family) {
  SOCKADDR_INET inet = ipv4(INADDR_LOOPBACK);
  if (family == AF_INET)
    return inet;
  RtlZeroMemory(&inet, sizeof(inet));
  inet.si_family = AF_INET6;
  inet.Ipv6.sin6_addr.u.Byte[15] = 1;
  return inet;
}

static inline bool same_address(const SOCKADDR_INET *a,
                                const SOCKADDR_INET *b) {
  if (a->si_family != b->si_family)
    return false;
  if (a->si_family == AF_INET)
    return a->Ipv4.sin_addr.s_addr == b->Ipv4.sin_addr.s_addr;
  return IN6_ADDR_EQUAL(&a->Ipv6.sin6_addr, &b->Ipv6.sin6_addr);
}

/* Wine has no best route and no notifications; every other host has. */
static inline bool is_lacking(NTSTATUS status) {
#ifdef _WIN32
  return status == STATUS_NOT_SUPPORTED;
#else
  (void)status;
  return false;
#endif
}

/* Whether this machine has the family's loopback address at all. */
static inline bool find_loopback(ADDRESS_FAMILY family,
                                 MIB_UNICASTIPADDRESS_ROW *row) {
  const SOCKADDR_INET wanted = loopback_of(family);
  PMIB_UNICASTIPADDRESS_TABLE table;
  bool found = false;
  if (GetUnicastIpAddressTable(family, &table) != STATUS_SUCCESS)
    return false;
  for (ULONG i = 0; i < table->NumEntries && !found; i++)
    if (same_address(&table->Table[i].Address, &wanted)) {
      *row = table->Table[i];
      found = true;
    }
  FreeMibTable(table);
  return found;
}

static inline MIB_UNICASTIPADDRESS_ROW loopback_row(void) {
  MIB_UNICASTIPADDRESS_ROW row;
  assert_true(find_loopback(AF_INET, &row));
  return row;
}

#endif
