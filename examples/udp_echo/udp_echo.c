/*
 * udp_echo: a WSK server that sends each datagram back to where it came from.
 *
 * Ordinary kernel code, and nothing is copied: the datagrams of an indication
 * are retained, each is sent from the MDL that it came in, and the completion
 * routine of the send releases it.
 */
#include <ntddk.h>
#include <wsk.h>

#ifdef __UWSK__
unsigned uwsk_parameter(const char *name, unsigned fallback);
#else
#define uwsk_parameter(name, fallback) (fallback)
#endif

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD EchoUnload;
static IO_COMPLETION_ROUTINE EchoCompleted, EchoSent;

static const WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                   NULL};
static WSK_REGISTRATION Registration;
static WSK_PROVIDER_NPI Wsk;
static PWSK_SOCKET Socket;
static const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch; /* the socket's */
static volatile LONG Sending; /* datagrams on their way back, and the driver */
static KEVENT AllSent;

/* One request at a time, for what is waited for. */
static struct {
  PIRP Irp;
  KEVENT Done;
} Call;

/* ---- echo ------------------------------------------------------------ */

static VOID EchoDone(VOID) {
  if (InterlockedDecrement(&Sending) == 0)
    KeSetEvent(&AllSent, IO_NO_INCREMENT, FALSE);
}

/* Whatever became of it, a datagram may get lost. */
static NTSTATUS EchoSent(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  Dispatch->WskRelease(Socket, (PWSK_DATAGRAM_INDICATION)Context);
  IoFreeIrp(Irp);
  EchoDone();
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID EchoBack(PWSK_DATAGRAM_INDICATION Datagram) {
  PIRP Irp = IoAllocateIrp(1, FALSE);

  if (Irp == NULL) {
    Dispatch->WskRelease(Socket, Datagram);
    return;
  }
  InterlockedIncrement(&Sending);
  IoSetCompletionRoutine(Irp, EchoSent, Datagram, TRUE, TRUE, TRUE);
  Dispatch->WskSendTo(Socket, &Datagram->Buffer, 0, Datagram->RemoteAddress, 0,
                      NULL, Irp);
}

/* Each datagram of the list goes its own way, and is released on its own: so
 * it is taken out of the list first, for it may be gone when EchoBack returns.
 */
static NTSTATUS WSKAPI EchoReceive(PVOID SocketContext, ULONG Flags,
                                   PWSK_DATAGRAM_INDICATION List) {
  UNREFERENCED_PARAMETER(SocketContext);
  UNREFERENCED_PARAMETER(Flags);
  while (List != NULL) {
    PWSK_DATAGRAM_INDICATION Datagram = List;

    List = Datagram->Next;
    Datagram->Next = NULL;
    EchoBack(Datagram);
  }
  return STATUS_PENDING;
}

/* ---- the socket, the synchronous way --------------------------------- */

static NTSTATUS EchoCompleted(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP EchoBegin(VOID) {
  IoReuseIrp(Call.Irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(Call.Irp, EchoCompleted, &Call.Done, TRUE, TRUE, TRUE);
  return Call.Irp;
}

static NTSTATUS EchoEnd(VOID) {
  KeWaitForSingleObject(&Call.Done, Executive, KernelMode, FALSE, NULL);
  return Call.Irp->IoStatus.Status;
}

static NTSTATUS EchoControl(ULONG EventMask, PIRP Irp) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, EventMask};

  return Dispatch->WskControlSocket(Socket, WskSetOption, SO_WSK_EVENT_CALLBACK,
                                    SOL_SOCKET, sizeof(Events), &Events, 0,
                                    NULL, NULL, Irp);
}

static NTSTATUS EchoOpen(VOID) {
  static const WSK_CLIENT_DATAGRAM_DISPATCH Callbacks = {EchoReceive};
  SOCKADDR_IN Address = {0};
  NTSTATUS Status;

  Wsk.Dispatch->WskSocket(Wsk.Client, AF_INET, SOCK_DGRAM, IPPROTO_UDP,
                          WSK_FLAG_DATAGRAM_SOCKET, NULL, &Callbacks, NULL,
                          NULL, NULL, EchoBegin());
  Status = EchoEnd();
  if (!NT_SUCCESS(Status))
    return Status;
  Socket = (PWSK_SOCKET)Call.Irp->IoStatus.Information;
  Dispatch = Socket->Dispatch;
  Address.sin_family = AF_INET;
  Address.sin_addr.s_addr = RtlUlongByteSwap(0x7f000001);
  Address.sin_port = RtlUshortByteSwap((USHORT)uwsk_parameter("EchoPort", 7));
  Dispatch->WskBind(Socket, (PSOCKADDR)&Address, 0, EchoBegin());
  Status = EchoEnd();
  if (!NT_SUCCESS(Status))
    return Status;
  Dispatch->WskGetLocalAddress(Socket, (PSOCKADDR)&Address, EchoBegin());
  EchoEnd();
  DbgPrint("udp_echo: listens on port %u\n",
           RtlUshortByteSwap(Address.sin_port));
  return EchoControl(WSK_EVENT_RECEIVE_FROM, NULL);
}

/* No callback comes after the first step, and nothing is retained after the
 * second: so the socket can go. */
static VOID EchoClose(VOID) {
  EchoControl(WSK_EVENT_RECEIVE_FROM | WSK_EVENT_DISABLE, EchoBegin());
  EchoEnd();
  EchoDone();
  KeWaitForSingleObject(&AllSent, Executive, KernelMode, FALSE, NULL);
  Dispatch->WskCloseSocket(Socket, EchoBegin());
  EchoEnd();
}

/* ---- load and unload ------------------------------------------------- */

static VOID EchoUnload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
  if (Socket != NULL)
    EchoClose();
  if (Wsk.Dispatch != NULL)
    WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
  IoFreeIrp(Call.Irp);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                     PUNICODE_STRING RegistryPath) {
  WSK_CLIENT_NPI Client = {NULL, &ClientDispatch};
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(RegistryPath);
  Sending = 1;
  KeInitializeEvent(&AllSent, NotificationEvent, FALSE);
  KeInitializeEvent(&Call.Done, SynchronizationEvent, FALSE);
  Call.Irp = IoAllocateIrp(1, FALSE);
  if (Call.Irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  Status = WskRegister(&Client, &Registration);
  if (!NT_SUCCESS(Status)) {
    IoFreeIrp(Call.Irp);
    return Status;
  }
  Status = WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Wsk);
  if (NT_SUCCESS(Status))
    Status = EchoOpen();
  DriverObject->DriverUnload = EchoUnload;
  if (!NT_SUCCESS(Status))
    EchoUnload(DriverObject);
  return Status;
}
