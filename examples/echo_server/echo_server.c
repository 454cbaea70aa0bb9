/*
 * echo_server: a WSK server that sends back what it receives. Connections come
 * through WskAcceptEvent, their data and their end through callbacks that they
 * inherit from the listening socket. What happens then is in echo.c.
 */
#include "echo_server.h"

#ifdef __UWSK__
unsigned uwsk_parameter(const char *name, unsigned fallback);
#else
#define uwsk_parameter(name, fallback) (fallback)
#endif

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static WSK_REGISTRATION Registration;
static WSK_PROVIDER_NPI Wsk;
static PWSK_SOCKET Listener;
static PIRP ListenIrp; /* one request at a time */
static KEVENT Done;

#define LISTEN ((const WSK_PROVIDER_LISTEN_DISPATCH *)Listener->Dispatch)

static NTSTATUS Wake(PDEVICE_OBJECT Device, PIRP Irp, PVOID Event) {
  KeSetEvent(Event, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

#define READY Then(ListenIrp, Wake, &Done)

static NTSTATUS Finish(NTSTATUS Returned) {
  KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);
  return ListenIrp->IoStatus.Status;
}

static NTSTATUS Listen(VOID) {
  static const WSK_CLIENT_LISTEN_DISPATCH Callbacks = {EchoAccept, NULL, NULL};
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID,
                                       WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE |
                                           WSK_EVENT_DISCONNECT};
  SOCKADDR_IN Address = {AF_INET};
  NTSTATUS Status = Finish(Wsk.Dispatch->WskSocket(
      Wsk.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET,
      NULL, &Callbacks, NULL, NULL, NULL, READY));
  if (!NT_SUCCESS(Status))
    return Status;
  Listener = (PWSK_SOCKET)ListenIrp->IoStatus.Information;
  Address.sin_addr.s_addr = RtlUlongByteSwap(0x7f000001);
  Address.sin_port = RtlUshortByteSwap((USHORT)uwsk_parameter("EchoPort", 7));
  Status = Finish(LISTEN->WskBind(Listener, (PSOCKADDR)&Address, 0, READY));
  if (NT_SUCCESS(Status)) /* The connections inherit theirs. */
    Status = LISTEN->WskControlSocket(
        Listener, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
        sizeof(Events), &Events, 0, NULL, NULL, NULL);
  if (NT_SUCCESS(Status))
    Status = Finish(
        LISTEN->WskGetLocalAddress(Listener, (PSOCKADDR)&Address, READY));
  DbgPrint("echo_server: listens on port %u\n",
           RtlUshortByteSwap(Address.sin_port));
  return Status;
}

/* WskDeregister waits for the connections that are cut off here. */
static VOID Unload(PDRIVER_OBJECT Driver) {
  if (Listener != NULL)
    Finish(LISTEN->WskCloseSocket(Listener, READY));
  EchoEndAll();
  if (Wsk.Dispatch != NULL)
    WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
  IoFreeIrp(ListenIrp);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING RegistryPath) {
  static const WSK_CLIENT_DISPATCH Dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI Client = {NULL, &Dispatch};
  NTSTATUS Status;
  KeInitializeEvent(&Done, SynchronizationEvent, FALSE);
  if ((ListenIrp = IoAllocateIrp(1, FALSE)) == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  Status = WskRegister(&Client, &Registration);
  if (!NT_SUCCESS(Status)) {
    IoFreeIrp(ListenIrp);
    return Status;
  }
  Driver->DriverUnload = Unload;
  Status = WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Wsk);
  if (NT_SUCCESS(Status))
    Status = Listen();
  if (!NT_SUCCESS(Status))
    Unload(Driver);
  return Status;
}
