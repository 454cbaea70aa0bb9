/*
 * Tables: Get…Table, and FreeMibTable.
 *
 * A table lies behind its record in the ledger, in one allocation, as far from
 * its start as any row may have to be aligned.
 */
#include "netio/row.h"

#include <string.h>

#include "ke/ke.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

struct table {
  _Alignas(16) struct ob_record record;
  _Alignas(16) unsigned char bytes[];
};

/* ---- making and freeing ------------------------------------------------- */

/* Who asked, for the ledger. */
struct asker {
  const char *call;
  const void *caller;
};

static void *make(const struct asker *asker, size_t first, size_t row_size,
                  size_t rows) {
  size_t size = first + row_size * rows;
  struct table *table = os__alloc(sizeof(*table) + size);
  if (table == NULL)
    return NULL;
  table->record = (struct ob_record){.object = table->bytes,
                                     .call = asker->call,
                                     .caller = asker->caller,
                                     .bytes = size,
                                     .kind = OB_MIB_TABLE};
  ob__track(&table->record);
  return table->bytes;
}

VOID FreeMibTable(PVOID Memory) {
  ke__require_irql(APC_LEVEL, "FreeMibTable");
  struct ob_record *record = ob__claim(OB_MIB_TABLE, Memory);
  if (record == NULL) {
    vf__report(VF_NETIO_01,
               ob__was_alive(OB_MIB_TABLE, Memory)
                   ? "FreeMibTable: table %p has been freed already"
                   : "FreeMibTable: %p is no table",
               Memory);
    return;
  }
  os__free(CONTAINING_RECORD(record, struct table, record));
}

/* ---- interfaces --------------------------------------------------------- */

static NTSTATUS put_if_table(const struct netio_interfaces *interfaces,
                             bool statistics, const struct asker *asker,
                             PMIB_IF_TABLE2 *table) {
  PMIB_IF_TABLE2 made = make(asker, FIELD_OFFSET(MIB_IF_TABLE2, Table),
                             sizeof(MIB_IF_ROW2), interfaces->count);
  if (made == NULL)
    return STATUS_NO_MEMORY;
  made->NumEntries = (ULONG)interfaces->count;
  for (size_t i = 0; i < interfaces->count; i++)
    netio__put_if_row(&made->Table[i], &interfaces->list[i], statistics);
  *table = made;
  return STATUS_SUCCESS;
}

static NTSTATUS get_if_table(bool statistics, const struct asker *asker,
                             PMIB_IF_TABLE2 *table) {
  struct netio_interfaces interfaces;
  ke__require_irql(APC_LEVEL, asker->call);
  if (table == NULL)
    return STATUS_INVALID_PARAMETER;
  *table = NULL;
  int error = netio__ask_interfaces(&interfaces);
  if (error != NET_OK)
    return netio__status(error);
  NTSTATUS status = put_if_table(&interfaces, statistics, asker, table);
  netio__forget_interfaces(&interfaces);
  return status;
}

NETIO_STATUS GetIfTable2(PMIB_IF_TABLE2 *Table) {
  const struct asker asker = {"GetIfTable2", OB_CALLER()};
  return get_if_table(true, &asker, Table);
}

NETIO_STATUS GetIfTable2Ex(MIB_IF_TABLE_LEVEL Level, PMIB_IF_TABLE2 *Table) {
  const struct asker asker = {"GetIfTable2Ex", OB_CALLER()};
  if (Level != MibIfTableNormal && Level != MibIfTableRaw &&
      Level != MibIfTableNormalWithoutStatistics)
    return STATUS_INVALID_PARAMETER;
  return get_if_table(Level != MibIfTableNormalWithoutStatistics, &asker,
                      Table);
}

/* ---- interfaces as families see them ------------------------------------ */

static bool is_row(const struct net_interface *interface,
                   enum net_family family, int wanted) {
  return (wanted == 0 || wanted == (int)family) &&
         netio__ip(interface, family)->there;
}

/* Puts the rows, or only counts them when there is no table yet. */
static ULONG put_ip_rows(const struct netio_interfaces *interfaces, int wanted,
                         PMIB_IPINTERFACE_TABLE table) {
  static const enum net_family families[] = {NET_IPV4, NET_IPV6};
  ULONG count = 0;
  for (size_t f = 0; f < ARRAYSIZE(families); f++)
    for (size_t i = 0; i < interfaces->count; i++) {
      if (!is_row(&interfaces->list[i], families[f], wanted))
        continue;
      if (table != NULL)
        netio__put_ip_row(&table->Table[count], &interfaces->list[i],
                          families[f]);
      count++;
    }
  return count;
}

static NTSTATUS put_ip_table(const struct netio_interfaces *interfaces,
                             int wanted, const struct asker *asker,
                             PMIB_IPINTERFACE_TABLE *table) {
  ULONG count = put_ip_rows(interfaces, wanted, NULL);
  if (count == 0)
    return STATUS_NOT_FOUND;
  PMIB_IPINTERFACE_TABLE made =
      make(asker, FIELD_OFFSET(MIB_IPINTERFACE_TABLE, Table),
           sizeof(MIB_IPINTERFACE_ROW), count);
  if (made == NULL)
    return STATUS_NO_MEMORY;
  made->NumEntries = put_ip_rows(interfaces, wanted, made);
  *table = made;
  return STATUS_SUCCESS;
}

NETIO_STATUS GetIpInterfaceTable(ADDRESS_FAMILY Family,
                                 PMIB_IPINTERFACE_TABLE *Table) {
  const struct asker asker = {"GetIpInterfaceTable", OB_CALLER()};
  struct netio_interfaces interfaces;
  int wanted;
  ke__require_irql(APC_LEVEL, asker.call);
  if (Table == NULL || !netio__any_family(Family, &wanted))
    return STATUS_INVALID_PARAMETER;
  *Table = NULL;
  int error = netio__ask_interfaces(&interfaces);
  if (error != NET_OK)
    return netio__status(error);
  NTSTATUS status = put_ip_table(&interfaces, wanted, &asker, Table);
  netio__forget_interfaces(&interfaces);
  return status;
}

/* ---- addresses ---------------------------------------------------------- */

static NTSTATUS put_unicast_table(const struct net_unicast *list, size_t count,
                                  const struct asker *asker,
                                  PMIB_UNICASTIPADDRESS_TABLE *table) {
  struct netio_interfaces interfaces;
  if (count == 0)
    return STATUS_NOT_FOUND;
  int error = netio__ask_interfaces(&interfaces);
  if (error != NET_OK)
    return netio__status(error);
  PMIB_UNICASTIPADDRESS_TABLE made =
      make(asker, FIELD_OFFSET(MIB_UNICASTIPADDRESS_TABLE, Table),
           sizeof(MIB_UNICASTIPADDRESS_ROW), count);
  for (size_t i = 0; made != NULL && i < count; i++)
    netio__put_unicast_row(&made->Table[i], &list[i], &interfaces);
  netio__forget_interfaces(&interfaces);
  if (made == NULL)
    return STATUS_NO_MEMORY;
  made->NumEntries = (ULONG)count;
  *table = made;
  return STATUS_SUCCESS;
}

NETIO_STATUS GetUnicastIpAddressTable(ADDRESS_FAMILY Family,
                                      PMIB_UNICASTIPADDRESS_TABLE *Table) {
  const struct asker asker = {"GetUnicastIpAddressTable", OB_CALLER()};
  struct net_unicast *list;
  size_t count;
  int wanted;
  ke__require_irql(APC_LEVEL, asker.call);
  if (Table == NULL || !netio__any_family(Family, &wanted))
    return STATUS_INVALID_PARAMETER;
  *Table = NULL;
  int error = net__unicasts(wanted, &list, &count);
  if (error != NET_OK)
    return netio__status(error);
  NTSTATUS status = put_unicast_table(list, count, &asker, Table);
  os__free(list);
  return status;
}

/* ---- routes ------------------------------------------------------------- */

static NTSTATUS put_route_table(const struct net_route *list, size_t count,
                                const struct asker *asker,
                                PMIB_IPFORWARD_TABLE2 *table) {
  struct netio_interfaces interfaces;
  if (count == 0)
    return STATUS_NOT_FOUND;
  int error = netio__ask_interfaces(&interfaces);
  if (error != NET_OK)
    return netio__status(error);
  PMIB_IPFORWARD_TABLE2 made =
      make(asker, FIELD_OFFSET(MIB_IPFORWARD_TABLE2, Table),
           sizeof(MIB_IPFORWARD_ROW2), count);
  for (size_t i = 0; made != NULL && i < count; i++)
    netio__put_route_row(&made->Table[i], &list[i], &interfaces);
  netio__forget_interfaces(&interfaces);
  if (made == NULL)
    return STATUS_NO_MEMORY;
  made->NumEntries = (ULONG)count;
  *table = made;
  return STATUS_SUCCESS;
}

NETIO_STATUS GetIpForwardTable2(ADDRESS_FAMILY Family,
                                PMIB_IPFORWARD_TABLE2 *Table) {
  const struct asker asker = {"GetIpForwardTable2", OB_CALLER()};
  struct net_route *list;
  size_t count;
  int wanted;
  ke__require_irql(APC_LEVEL, asker.call);
  if (Table == NULL || !netio__any_family(Family, &wanted))
    return STATUS_INVALID_PARAMETER;
  *Table = NULL;
  int error = net__routes(wanted, &list, &count);
  if (error != NET_OK)
    return netio__status(error);
  NTSTATUS status = put_route_table(list, count, &asker, Table);
  os__free(list);
  return status;
}
