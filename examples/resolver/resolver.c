/*
 * resolver: asks for the addresses of a host, then for their names.
 *
 * Ordinary kernel code. DriverEntry runs at PASSIVE_LEVEL and may wait, so it
 * does all the work itself: WskGetAddressInfo makes a list, WskGetNameInfo
 * turns each address of it into text, WskFreeAddressInfo gives the list back.
 */
#include <ntddk.h>
#include <wsk.h>

#ifdef __UWSK__
/* Tells this host that there is nothing left to wait for. */
void uwsk_driver_done(void);
#else
#define uwsk_driver_done()
#endif

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD ResolverUnload;
static IO_COMPLETION_ROUTINE ResolverCompleted;

static NTSTATUS ResolverCompleted(PDEVICE_OBJECT Device, PIRP Irp,
                                  PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP ResolverBegin(PIRP Irp, PKEVENT Done) {
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(Irp, ResolverCompleted, Done, TRUE, TRUE, TRUE);
  return Irp;
}

/* The completion routine runs whatever the call returned. */
static NTSTATUS ResolverEnd(PIRP Irp, PKEVENT Done) {
  KeWaitForSingleObject(Done, Executive, KernelMode, FALSE, NULL);
  return Irp->IoStatus.Status;
}

static NTSTATUS ResolverPrint(PWSK_PROVIDER_NPI Wsk, PIRP Irp, PKEVENT Done,
                              PADDRINFOEXW Entry) {
  static WCHAR Host[NI_MAXHOST], Port[NI_MAXSERV];
  UNICODE_STRING HostName = {0, sizeof(Host), Host};
  UNICODE_STRING PortName = {0, sizeof(Port), Port};
  NTSTATUS Status;

  Wsk->Dispatch->WskGetNameInfo(Wsk->Client, Entry->ai_addr,
                                (ULONG)Entry->ai_addrlen, &HostName, &PortName,
                                NI_NUMERICHOST | NI_NUMERICSERV, NULL, NULL,
                                ResolverBegin(Irp, Done));
  Status = ResolverEnd(Irp, Done);
  if (NT_SUCCESS(Status))
    DbgPrint("resolver: address %wZ port %wZ\n", &HostName, &PortName);
  return Status;
}

static NTSTATUS ResolverRun(PWSK_PROVIDER_NPI Wsk, PIRP Irp) {
  UNICODE_STRING Host = RTL_CONSTANT_STRING(L"localhost");
  UNICODE_STRING Service = RTL_CONSTANT_STRING(L"80");
  PADDRINFOEXW List = NULL, Entry;
  ADDRINFOEXW Hints = {0};
  NTSTATUS Status;
  KEVENT Done;

  KeInitializeEvent(&Done, SynchronizationEvent, FALSE);
  Hints.ai_socktype = SOCK_STREAM;
  Hints.ai_protocol = IPPROTO_TCP;
  Wsk->Dispatch->WskGetAddressInfo(Wsk->Client, &Host, &Service, NS_ALL, NULL,
                                   &Hints, &List, NULL, NULL,
                                   ResolverBegin(Irp, &Done));
  Status = ResolverEnd(Irp, &Done);
  if (!NT_SUCCESS(Status))
    return Status;
  for (Entry = List; NT_SUCCESS(Status) && Entry; Entry = Entry->ai_next)
    Status = ResolverPrint(Wsk, Irp, &Done, Entry);
  Wsk->Dispatch->WskFreeAddressInfo(Wsk->Client, List);
  return Status;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                     PUNICODE_STRING RegistryPath) {
  static const WSK_CLIENT_DISPATCH Dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI Client = {NULL, &Dispatch};
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Wsk;
  PIRP Irp = IoAllocateIrp(1, FALSE);
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(RegistryPath);
  if (Irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  Status = WskRegister(&Client, &Registration);
  if (NT_SUCCESS(Status)) {
    Status = WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Wsk);
    if (NT_SUCCESS(Status)) {
      Status = ResolverRun(&Wsk, Irp);
      WskReleaseProviderNPI(&Registration);
    }
    WskDeregister(&Registration);
  }
  IoFreeIrp(Irp);
  DbgPrint("resolver: finished with status 0x%08X\n", Status);
  DriverObject->DriverUnload = ResolverUnload;
  uwsk_driver_done();
  return Status;
}

static VOID ResolverUnload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
}
