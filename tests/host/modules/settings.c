/* Reads its settings the way drivers do, from the key that DriverEntry gets. */
#include <ntddk.h>

void uwsk_driver_done(void);

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
}

static NTSTATUS ReadSettings(PUNICODE_STRING Path, PULONG Port,
                             PUNICODE_STRING Peer) {
  RTL_QUERY_REGISTRY_TABLE Table[4];

  RtlZeroMemory(Table, sizeof(Table));
  Table[0].Flags = RTL_QUERY_REGISTRY_SUBKEY;
  Table[0].Name = L"Parameters";
  Table[1].Flags = RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK;
  Table[1].Name = L"Port";
  Table[1].EntryContext = Port;
  Table[1].DefaultType = REG_DWORD << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT;
  Table[2].Flags = RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_REQUIRED |
                   RTL_QUERY_REGISTRY_TYPECHECK;
  Table[2].Name = L"Peer";
  Table[2].EntryContext = Peer;
  Table[2].DefaultType = REG_SZ << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT;
  return RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, Path->Buffer, Table,
                                NULL, NULL);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  UNICODE_STRING Peer = {0, 0, NULL};
  ULONG Port = 7;
  NTSTATUS Status = ReadSettings(Path, &Port, &Peer);

  if (!NT_SUCCESS(Status))
    return Status;
  DbgPrint("Port=%u Peer=%wZ\n", Port, &Peer);
  RtlFreeUnicodeString(&Peer);
  DriverObject->DriverUnload = Unload;
  uwsk_driver_done();
  return STATUS_SUCCESS;
}
