/* See wsk_client.h. */
#include "wsk_client.h"

/* Milliseconds. DriverEntry must not wait for as long as it takes: the system
 * starts meanwhile, or does not. */
#define CAPTURE_PATIENCE 10000

WSK_PROVIDER_NPI Wsk;

static WSK_REGISTRATION Registration;
static VOID (*StopClient)(VOID);
static PIRP CallIrp; /* made at load, so that no close fails for want of it */
static KEVENT CallDone;

/* ---- loading and unloading ---------------------------------------------- */

/* WskDeregister returns when the last socket has been closed. */
static VOID ClientUnload(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  if (Wsk.Dispatch != NULL) {
    StopClient();
    WskReleaseProviderNPI(&Registration);
  }
  WskDeregister(&Registration);
  IoFreeIrp(CallIrp);
}

NTSTATUS ClientLoad(PDRIVER_OBJECT Driver, NTSTATUS (*Start)(VOID),
                    VOID (*Stop)(VOID)) {
  static const WSK_CLIENT_DISPATCH Dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI Client = {NULL, &Dispatch};
  NTSTATUS Status;

  StopClient = Stop;
  KeInitializeEvent(&CallDone, SynchronizationEvent, FALSE);
  CallIrp = IoAllocateIrp(1, FALSE);
  if (CallIrp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  Status = WskRegister(&Client, &Registration);
  if (!NT_SUCCESS(Status)) {
    IoFreeIrp(CallIrp);
    return Status;
  }
  Driver->DriverUnload = ClientUnload;
  Status = WskCaptureProviderNPI(&Registration, CAPTURE_PATIENCE, &Wsk);
  if (NT_SUCCESS(Status))
    Status = Start();
  if (!NT_SUCCESS(Status))
    ClientUnload(Driver);
  return Status;
}

/* ---- calls ----------------------------------------------------------------
 */

/* STATUS_MORE_PROCESSING_REQUIRED: the IRP is ours again, the I/O manager must
 * not go on with it. */
static NTSTATUS ClientWake(PDEVICE_OBJECT Device, PIRP Irp, PVOID Event) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent(Event, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

PIRP ClientThen(PIRP Irp, PIO_COMPLETION_ROUTINE Routine, PVOID Context) {
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(Irp, Routine, Context, TRUE, TRUE, TRUE);
  return Irp;
}

PIRP ClientIrp(VOID) {
  return ClientThen(CallIrp, ClientWake, &CallDone);
}

/* The IRP completes whatever the call returned, and with the same status. */
NTSTATUS ClientWait(NTSTATUS Returned) {
  UNREFERENCED_PARAMETER(Returned);
  KeWaitForSingleObject(&CallDone, Executive, KernelMode, FALSE, NULL);
  return CallIrp->IoStatus.Status;
}

ULONG_PTR ClientInformation(VOID) {
  return CallIrp->IoStatus.Information;
}

/* ---- sockets --------------------------------------------------------------
 */

SOCKADDR_IN ClientAddress(VOID) {
  SOCKADDR_IN Address = {0};

  Address.sin_family = AF_INET;
  Address.sin_addr.s_addr = RtlUlongByteSwap(0x7f000001);
  Address.sin_port = RtlUshortByteSwap((USHORT)uwsk_parameter("EchoPort", 7));
  return Address;
}

NTSTATUS ClientSocket(USHORT Type, ULONG Protocol, ULONG Category,
                      const VOID *Callbacks, PWSK_SOCKET *Socket) {
  NTSTATUS Status = ClientWait(
      Wsk.Dispatch->WskSocket(Wsk.Client, AF_INET, Type, Protocol, Category,
                              NULL, Callbacks, NULL, NULL, NULL, ClientIrp()));

  if (NT_SUCCESS(Status))
    *Socket = (PWSK_SOCKET)ClientInformation();
  return Status;
}

/* Each category has its own table. */
NTSTATUS ClientBind(PWSK_SOCKET Socket, ULONG Category) {
  BOOLEAN Listens = Category == WSK_FLAG_LISTEN_SOCKET;
  const WSK_PROVIDER_LISTEN_DISPATCH *Listen = Socket->Dispatch;
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Datagram = Socket->Dispatch;
  SOCKADDR_IN Where = ClientAddress();
  PSOCKADDR Address = (PSOCKADDR)&Where;
  NTSTATUS Status = ClientWait((Listens ? Listen->WskBind : Datagram->WskBind)(
      Socket, Address, 0, ClientIrp()));

  if (NT_SUCCESS(Status))
    Status = ClientWait(
        (Listens ? Listen->WskGetLocalAddress
                 : Datagram->WskGetLocalAddress)(Socket, Address, ClientIrp()));
  if (NT_SUCCESS(Status))
    DbgPrint("listens on port %u\n", RtlUshortByteSwap(Where.sin_port));
  return Status;
}

NTSTATUS ClientEvents(PWSK_SOCKET Socket, ULONG Events) {
  const WSK_PROVIDER_BASIC_DISPATCH *Dispatch = Socket->Dispatch;
  WSK_EVENT_CALLBACK_CONTROL Control = {&NPI_WSK_INTERFACE_ID, Events};
  PIRP Irp = Events & WSK_EVENT_DISABLE ? ClientIrp() : NULL;
  NTSTATUS Status = Dispatch->WskControlSocket(
      Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof(Control),
      &Control, 0, NULL, NULL, Irp);

  return Irp != NULL ? ClientWait(Status) : Status;
}

VOID ClientClose(PWSK_SOCKET Socket) {
  const WSK_PROVIDER_BASIC_DISPATCH *Dispatch = Socket->Dispatch;

  ClientWait(Dispatch->WskCloseSocket(Socket, ClientIrp()));
}
