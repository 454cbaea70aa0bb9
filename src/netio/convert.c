/* Names of interfaces: ConvertInterface…To…. */
#include "netio/row.h"

#include <string.h>

#include "ke/ke.h"
#include "rtl/inner.h"

/* Which interface is meant: the one of this LUID, index, GUID or alias. */
struct name {
  ULONG64 luid;
  NET_IFINDEX index;
  const GUID *guid;
  const WCHAR *alias;
};

static bool has_alias(const struct net_interface *interface,
                      const WCHAR *alias) {
  WCHAR name[IF_MAX_STRING_SIZE + 1];
  UNICODE_STRING left, right;
  if (!netio__put_name(name, ARRAYSIZE(name), interface->name))
    return false;
  RtlInitUnicodeString(&left, name);
  RtlInitUnicodeString(&right, alias);
  return rtl__equal(&left, &right, FALSE);
}

static bool is_meant(const struct net_interface *interface,
                     const struct name *name) {
  if (name->luid != 0)
    return interface->luid == name->luid;
  if (name->guid != NULL)
    return memcmp(interface->guid, name->guid, sizeof(GUID)) == 0;
  if (name->alias != NULL)
    return has_alias(interface, name->alias);
  return interface->index == name->index;
}

/* A copy would be large, so `answer` takes what it wants. */
typedef NTSTATUS answer(const struct net_interface *interface, void *to,
                        SIZE_T room);

static NTSTATUS look_up(const char *call, const struct name *name,
                        answer *answer, void *to, SIZE_T room) {
  struct netio_interfaces interfaces;
  NTSTATUS status = STATUS_INVALID_PARAMETER;
  ke__require_irql(PASSIVE_LEVEL, call);
  int error = netio__ask_interfaces(&interfaces);
  if (error != NET_OK)
    return netio__status(error);
  for (size_t i = 0; i < interfaces.count; i++)
    if (is_meant(&interfaces.list[i], name)) {
      status = answer(&interfaces.list[i], to, room);
      break;
    }
  netio__forget_interfaces(&interfaces);
  return status;
}

static NTSTATUS put_luid(const struct net_interface *interface, void *to,
                         SIZE_T room) {
  UNREFERENCED_PARAMETER(room);
  ((NET_LUID *)to)->Value = interface->luid;
  return STATUS_SUCCESS;
}

static NTSTATUS put_index(const struct net_interface *interface, void *to,
                          SIZE_T room) {
  UNREFERENCED_PARAMETER(room);
  *(NET_IFINDEX *)to = interface->index;
  return STATUS_SUCCESS;
}

static NTSTATUS put_guid(const struct net_interface *interface, void *to,
                         SIZE_T room) {
  UNREFERENCED_PARAMETER(room);
  memcpy(to, interface->guid, sizeof(GUID));
  return STATUS_SUCCESS;
}

static NTSTATUS put_alias(const struct net_interface *interface, void *to,
                          SIZE_T room) {
  return netio__put_name(to, room, interface->name) ? STATUS_SUCCESS
                                                    : STATUS_NO_MEMORY;
}

/* ---- from a LUID -------------------------------------------------------- */

NETIO_STATUS ConvertInterfaceLuidToIndex(CONST NET_LUID *InterfaceLuid,
                                         PNET_IFINDEX InterfaceIndex) {
  if (InterfaceIndex != NULL)
    *InterfaceIndex = NET_IFINDEX_UNSPECIFIED;
  if (InterfaceLuid == NULL || InterfaceIndex == NULL ||
      InterfaceLuid->Value == 0)
    return STATUS_INVALID_PARAMETER;
  const struct name name = {.luid = InterfaceLuid->Value};
  return look_up("ConvertInterfaceLuidToIndex", &name, put_index,
                 InterfaceIndex, 0);
}

NETIO_STATUS ConvertInterfaceLuidToGuid(CONST NET_LUID *InterfaceLuid,
                                        GUID *InterfaceGuid) {
  if (InterfaceGuid != NULL)
    memset(InterfaceGuid, 0, sizeof(*InterfaceGuid));
  if (InterfaceLuid == NULL || InterfaceGuid == NULL ||
      InterfaceLuid->Value == 0)
    return STATUS_INVALID_PARAMETER;
  const struct name name = {.luid = InterfaceLuid->Value};
  return look_up("ConvertInterfaceLuidToGuid", &name, put_guid, InterfaceGuid,
                 0);
}

NETIO_STATUS ConvertInterfaceLuidToAlias(CONST NET_LUID *InterfaceLuid,
                                         PWSTR InterfaceAlias, SIZE_T Length) {
  if (InterfaceAlias != NULL && Length > 0)
    InterfaceAlias[0] = 0;
  if (InterfaceLuid == NULL || InterfaceAlias == NULL ||
      InterfaceLuid->Value == 0)
    return STATUS_INVALID_PARAMETER;
  const struct name name = {.luid = InterfaceLuid->Value};
  return look_up("ConvertInterfaceLuidToAlias", &name, put_alias,
                 InterfaceAlias, Length);
}

/* ---- to a LUID ---------------------------------------------------------- */

NETIO_STATUS ConvertInterfaceIndexToLuid(NET_IFINDEX InterfaceIndex,
                                         PNET_LUID InterfaceLuid) {
  if (InterfaceLuid != NULL)
    InterfaceLuid->Value = 0;
  if (InterfaceLuid == NULL || InterfaceIndex == NET_IFINDEX_UNSPECIFIED)
    return STATUS_INVALID_PARAMETER;
  const struct name name = {.index = InterfaceIndex};
  return look_up("ConvertInterfaceIndexToLuid", &name, put_luid, InterfaceLuid,
                 0);
}

NETIO_STATUS ConvertInterfaceGuidToLuid(CONST GUID *InterfaceGuid,
                                        PNET_LUID InterfaceLuid) {
  if (InterfaceLuid != NULL)
    InterfaceLuid->Value = 0;
  if (InterfaceGuid == NULL || InterfaceLuid == NULL)
    return STATUS_INVALID_PARAMETER;
  const struct name name = {.guid = InterfaceGuid};
  return look_up("ConvertInterfaceGuidToLuid", &name, put_luid, InterfaceLuid,
                 0);
}

NETIO_STATUS ConvertInterfaceAliasToLuid(CONST WCHAR *InterfaceAlias,
                                         PNET_LUID InterfaceLuid) {
  if (InterfaceLuid != NULL)
    InterfaceLuid->Value = 0;
  if (InterfaceAlias == NULL || InterfaceLuid == NULL)
    return STATUS_INVALID_PARAMETER;
  const struct name name = {.alias = InterfaceAlias};
  return look_up("ConvertInterfaceAliasToLuid", &name, put_luid, InterfaceLuid,
                 0);
}
