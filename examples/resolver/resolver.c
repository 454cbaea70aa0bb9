/*
 * resolver: asks for the addresses of a host, then for their names.
 * WskGetAddressInfo makes a list, WskGetNameInfo turns each address of it into
 * text, WskFreeAddressInfo gives the list back.
 */
#include "../common/wsk_client.h"

static NTSTATUS Print(PADDRINFOEXW Entry) {
  static WCHAR Host[NI_MAXHOST], Port[NI_MAXSERV];
  UNICODE_STRING HostName = {0, sizeof(Host), Host};
  UNICODE_STRING PortName = {0, sizeof(Port), Port};
  NTSTATUS Status = ClientWait(Wsk.Dispatch->WskGetNameInfo(
      Wsk.Client, Entry->ai_addr, (ULONG)Entry->ai_addrlen, &HostName,
      &PortName, NI_NUMERICHOST | NI_NUMERICSERV, NULL, NULL, ClientIrp()));

  if (NT_SUCCESS(Status))
    DbgPrint("resolver: address %wZ port %wZ\n", &HostName, &PortName);
  return Status;
}

static NTSTATUS Resolve(VOID) {
  UNICODE_STRING Host = RTL_CONSTANT_STRING(L"localhost");
  UNICODE_STRING Service = RTL_CONSTANT_STRING(L"80");
  PADDRINFOEXW List = NULL, Entry;
  ADDRINFOEXW Hints = {0};
  NTSTATUS Status;

  Hints.ai_socktype = SOCK_STREAM;
  Hints.ai_protocol = IPPROTO_TCP;
  Status = ClientWait(
      Wsk.Dispatch->WskGetAddressInfo(Wsk.Client, &Host, &Service, NS_ALL, NULL,
                                      &Hints, &List, NULL, NULL, ClientIrp()));
  if (!NT_SUCCESS(Status))
    return Status;
  for (Entry = List; NT_SUCCESS(Status) && Entry; Entry = Entry->ai_next)
    Status = Print(Entry);
  Wsk.Dispatch->WskFreeAddressInfo(Wsk.Client, List);
  return Status;
}

static NTSTATUS Start(VOID) {
  NTSTATUS Status = Resolve();

  DbgPrint("resolver: finished with status 0x%08X\n", Status);
  uwsk_driver_done();
  return Status;
}

static VOID Stop(VOID) {}

NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING RegistryPath) {
  return ClientLoad(Driver, Start, Stop);
}
