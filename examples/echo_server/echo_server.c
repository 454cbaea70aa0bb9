/*
 * echo_server: a WSK server that sends back what it receives.
 *
 * Ordinary kernel code, and no thread of its own. Connections come through
 * WskAcceptEvent; from then on each lives in the completion routine of its one
 * IRP: receive, send, receive, until the peer ends, disconnect, close.
 */
#include <ntddk.h>
#include <wsk.h>

#ifdef __UWSK__
unsigned uwsk_parameter(const char *name, unsigned fallback);
#else
#define uwsk_parameter(name, fallback) (fallback)
#endif

#define ECHO_TAG 'ohcE'

typedef struct _ECHO_CONNECTION {
  LIST_ENTRY Link;          /* in Connections, until it is closed or cut off */
  volatile LONG References; /* its IRP's, and the list's */
  PWSK_SOCKET Socket;
  PIRP Irp;
  PMDL Mdl;
  enum { EchoReceiving, EchoSending, EchoEnding, EchoClosing } Doing;
  UCHAR Buffer[4096];
} ECHO_CONNECTION, *PECHO_CONNECTION;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD EchoUnload;
static IO_COMPLETION_ROUTINE EchoCompleted, EchoConnectionCompleted;

static const WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                   NULL};
static WSK_REGISTRATION Registration;
static WSK_PROVIDER_NPI Wsk;
static PWSK_SOCKET Listener;
static LIST_ENTRY Connections;
static KSPIN_LOCK Lock; /* guards the list */
static volatile LONG Stopping;

/* One request at a time, for the listener. */
static struct {
  PIRP Irp;
  KEVENT Done;
} Call;

/* ---- a connection ---------------------------------------------------- */

static VOID EchoRelease(PECHO_CONNECTION Connection) {
  if (InterlockedDecrement(&Connection->References) > 0)
    return;
  if (Connection->Mdl != NULL)
    IoFreeMdl(Connection->Mdl);
  if (Connection->Irp != NULL)
    IoFreeIrp(Connection->Irp);
  ExFreePoolWithTag(Connection, ECHO_TAG);
}

/* Whoever takes a connection out of the list has the list's reference. */
static BOOLEAN EchoTakeOut(PECHO_CONNECTION Connection) {
  BOOLEAN Was;
  KIRQL Irql;

  KeAcquireSpinLock(&Lock, &Irql);
  Was = !IsListEmpty(&Connection->Link);
  RemoveEntryList(&Connection->Link);
  InitializeListHead(&Connection->Link);
  KeReleaseSpinLock(&Lock, Irql);
  return Was;
}

static PECHO_CONNECTION EchoTakeFirst(VOID) {
  PECHO_CONNECTION Connection = NULL;
  KIRQL Irql;

  KeAcquireSpinLock(&Lock, &Irql);
  if (!IsListEmpty(&Connections)) {
    Connection =
        CONTAINING_RECORD(RemoveHeadList(&Connections), ECHO_CONNECTION, Link);
    InitializeListHead(&Connection->Link);
  }
  KeReleaseSpinLock(&Lock, Irql);
  return Connection;
}

/* Starts the next request; its completion routine goes on from there. */
static VOID EchoDo(PECHO_CONNECTION Connection, int What, SIZE_T Length) {
  PWSK_SOCKET Socket = Connection->Socket;
  const WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch = Socket->Dispatch;
  WSK_BUF Data = {Connection->Mdl, 0, Length};
  PIRP Irp = Connection->Irp;

  /* An IRP that was cancelled forgets it here, so Stopping is asked after. */
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(Irp, EchoConnectionCompleted, Connection, TRUE, TRUE,
                         TRUE);
  Connection->Doing =
      InterlockedCompareExchange(&Stopping, 0, 0) ? EchoClosing : What;
  if (Connection->Doing == EchoReceiving)
    Dispatch->WskReceive(Socket, &Data, 0, Irp);
  else if (Connection->Doing == EchoSending)
    Dispatch->WskSend(Socket, &Data, 0, Irp);
  else if (Connection->Doing == EchoEnding)
    Dispatch->WskDisconnect(Socket, NULL, 0, Irp);
  else
    Dispatch->WskCloseSocket(Socket, Irp);
}

static NTSTATUS EchoConnectionCompleted(PDEVICE_OBJECT Device, PIRP Irp,
                                        PVOID Context) {
  PECHO_CONNECTION Connection = Context;
  SIZE_T Bytes = Irp->IoStatus.Information;

  UNREFERENCED_PARAMETER(Device);
  if (Connection->Doing == EchoClosing) {
    if (EchoTakeOut(Connection))
      EchoRelease(Connection);
    EchoRelease(Connection);
  } else if (!NT_SUCCESS(Irp->IoStatus.Status) ||
             Connection->Doing == EchoEnding) {
    EchoDo(Connection, EchoClosing, 0);
  } else if (Connection->Doing == EchoSending) {
    EchoDo(Connection, EchoReceiving, sizeof(Connection->Buffer));
  } else {
    EchoDo(Connection, Bytes > 0 ? EchoSending : EchoEnding, Bytes);
  }
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PECHO_CONNECTION EchoAllocate(PWSK_SOCKET Socket) {
  PECHO_CONNECTION Connection =
      ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Connection), ECHO_TAG);

  if (Connection == NULL)
    return NULL;
  Connection->References = 1;
  Connection->Socket = Socket;
  Connection->Irp = IoAllocateIrp(1, FALSE);
  Connection->Mdl = IoAllocateMdl(
      Connection->Buffer, sizeof(Connection->Buffer), FALSE, FALSE, NULL);
  if (Connection->Irp != NULL && Connection->Mdl != NULL) {
    MmBuildMdlForNonPagedPool(Connection->Mdl);
    return Connection;
  }
  EchoRelease(Connection);
  return NULL;
}

/* At DISPATCH_LEVEL or below. Without a socket the listener has failed. */
static NTSTATUS WSKAPI
EchoAccept(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
           PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket,
           PVOID *AcceptSocketContext,
           CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch) {
  PECHO_CONNECTION Connection;

  UNREFERENCED_PARAMETER(SocketContext);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(LocalAddress);
  UNREFERENCED_PARAMETER(RemoteAddress);
  if (AcceptSocket == NULL || (Connection = EchoAllocate(AcceptSocket)) == NULL)
    return STATUS_REQUEST_NOT_ACCEPTED;
  *AcceptSocketContext = NULL; /* no callbacks for the connection */
  *AcceptSocketDispatch = NULL;
  Connection->References = 2;
  ExInterlockedInsertTailList(&Connections, &Connection->Link, &Lock);
  EchoDo(Connection, EchoReceiving, sizeof(Connection->Buffer));
  return STATUS_SUCCESS;
}

/* ---- the listener, the synchronous way ------------------------------- */

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

static NTSTATUS EchoListen(VOID) {
  static const WSK_CLIENT_LISTEN_DISPATCH Callbacks = {EchoAccept, NULL, NULL};
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, WSK_EVENT_ACCEPT};
  const WSK_PROVIDER_LISTEN_DISPATCH *Dispatch;
  SOCKADDR_IN Address = {0};
  NTSTATUS Status;

  Wsk.Dispatch->WskSocket(Wsk.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                          WSK_FLAG_LISTEN_SOCKET, NULL, &Callbacks, NULL, NULL,
                          NULL, EchoBegin());
  Status = EchoEnd();
  if (!NT_SUCCESS(Status))
    return Status;
  Listener = (PWSK_SOCKET)Call.Irp->IoStatus.Information;
  Dispatch = Listener->Dispatch;
  Address.sin_family = AF_INET;
  Address.sin_addr.s_addr = RtlUlongByteSwap(0x7f000001);
  Address.sin_port = RtlUshortByteSwap((USHORT)uwsk_parameter("EchoPort", 7));
  Dispatch->WskBind(Listener, (PSOCKADDR)&Address, 0, EchoBegin());
  Status = EchoEnd();
  if (NT_SUCCESS(Status))
    Status = Dispatch->WskControlSocket(
        Listener, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
        sizeof(Events), &Events, 0, NULL, NULL, NULL);
  if (NT_SUCCESS(Status)) {
    Dispatch->WskGetLocalAddress(Listener, (PSOCKADDR)&Address, EchoBegin());
    Status = EchoEnd();
    DbgPrint("echo_server: listens on port %u\n",
             RtlUshortByteSwap(Address.sin_port));
  }
  return Status;
}

/* Closes the listener, which ends its events, and cuts the connections off:
 * their completion routine closes them, and WskDeregister waits for that. */
static VOID EchoStop(VOID) {
  const WSK_PROVIDER_LISTEN_DISPATCH *Dispatch = Listener->Dispatch;
  PECHO_CONNECTION Connection;

  Dispatch->WskCloseSocket(Listener, EchoBegin());
  EchoEnd();
  InterlockedExchange(&Stopping, TRUE);
  while ((Connection = EchoTakeFirst()) != NULL) {
    IoCancelIrp(Connection->Irp);
    EchoRelease(Connection);
  }
}

/* ---- load and unload ------------------------------------------------- */

static VOID EchoUnload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
  if (Listener != NULL)
    EchoStop();
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
  InitializeListHead(&Connections);
  KeInitializeSpinLock(&Lock);
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
    Status = EchoListen();
  DriverObject->DriverUnload = EchoUnload;
  if (!NT_SUCCESS(Status))
    EchoUnload(DriverObject);
  return Status;
}
