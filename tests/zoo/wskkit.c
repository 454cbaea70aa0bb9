/* See wskkit.h. */
#include <ntddk.h>
#include <wsk.h>

#include "wskkit.h"
#include "zoo.h"

#define KIT_TAG 'tiKz'

WSK_REGISTRATION KitRegistration;
WSK_PROVIDER_NPI KitNpi;
const WSK_CLIENT_DISPATCH KitDispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

BOOLEAN KitOpen(VOID) {
  WSK_CLIENT_NPI Client = {NULL, &KitDispatch};

  if (!CHECK(NT_SUCCESS(WskRegister(&Client, &KitRegistration))))
    return FALSE;
  return CHECK(NT_SUCCESS(
      WskCaptureProviderNPI(&KitRegistration, WSK_NO_WAIT, &KitNpi)));
}

VOID KitClose(VOID) {
  WskReleaseProviderNPI(&KitRegistration);
  WskDeregister(&KitRegistration);
}

/* ---- calls ----------------------------------------------------------- */

BOOLEAN KitWaitFor(PKEVENT Event) {
  LARGE_INTEGER Limit;

  Limit.QuadPart = -20LL * 1000 * 1000 * 10;
  return KeWaitForSingleObject(Event, Executive, KernelMode, FALSE, &Limit) ==
         STATUS_SUCCESS;
}

NTSTATUS KitWake(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

PIRP KitStart(KIT_CALL *Call) {
  Call->Irp = IoAllocateIrp(1, FALSE);
  if (!CHECK(Call->Irp != NULL))
    return NULL;
  KeInitializeEvent(&Call->Done, NotificationEvent, FALSE);
  IoSetCompletionRoutine(Call->Irp, KitWake, &Call->Done, TRUE, TRUE, TRUE);
  return Call->Irp;
}

PIRP KitAgain(KIT_CALL *Call) {
  IoReuseIrp(Call->Irp, STATUS_UNSUCCESSFUL);
  KeClearEvent(&Call->Done);
  IoSetCompletionRoutine(Call->Irp, KitWake, &Call->Done, TRUE, TRUE, TRUE);
  return Call->Irp;
}

NTSTATUS KitWait(KIT_CALL *Call) {
  if (!CHECK(KitWaitFor(&Call->Done)))
    return STATUS_IO_TIMEOUT;
  Call->Status = Call->Irp->IoStatus.Status;
  Call->Information = Call->Irp->IoStatus.Information;
  return Call->Status;
}

VOID KitFree(KIT_CALL *Call) {
  IoFreeIrp(Call->Irp);
}

NTSTATUS KitEnd(KIT_CALL *Call) {
  NTSTATUS Status = KitWait(Call);

  if (Status != STATUS_IO_TIMEOUT)
    KitFree(Call);
  return Status;
}

/* ---- sockets --------------------------------------------------------- */

const WSK_PROVIDER_CONNECTION_DISPATCH *KitOf(PWSK_SOCKET Socket) {
  return Socket->Dispatch;
}

VOID KitLoopback(PSOCKADDR_IN Address, USHORT Port) {
  RtlZeroMemory(Address, sizeof(*Address));
  Address->sin_family = AF_INET;
  Address->sin_port = Port;
  Address->sin_addr.s_addr = RtlUlongByteSwap(0x7F000001);
}

PWSK_SOCKET KitSocket(ULONG Flags, PVOID Context, const VOID *Dispatch) {
  BOOLEAN Datagram = Flags == WSK_FLAG_DATAGRAM_SOCKET;
  KIT_CALL Call;
  PIRP Irp = KitStart(&Call);

  if (Irp == NULL)
    return NULL;
  KitNpi.Dispatch->WskSocket(KitNpi.Client, AF_INET,
                             Datagram ? SOCK_DGRAM : SOCK_STREAM,
                             Datagram ? IPPROTO_UDP : IPPROTO_TCP, Flags,
                             Context, Dispatch, NULL, NULL, NULL, Irp);
  if (!CHECK(KitEnd(&Call) == STATUS_SUCCESS))
    return NULL;
  return (PWSK_SOCKET)Call.Information;
}

static NTSTATUS BindTo(PWSK_SOCKET Socket, PSOCKADDR_IN Address,
                       BOOLEAN Listens) {
  const WSK_PROVIDER_LISTEN_DISPATCH *Listen = Socket->Dispatch;
  KIT_CALL Call;
  PIRP Irp = KitStart(&Call);

  if (Listens)
    Listen->WskBind(Socket, (PSOCKADDR)Address, 0, Irp);
  else
    KitOf(Socket)->WskBind(Socket, (PSOCKADDR)Address, 0, Irp);
  return KitEnd(&Call);
}

static NTSTATUS GetLocal(PWSK_SOCKET Socket, PSOCKADDR_IN Address,
                         ULONG Flags) {
  const WSK_PROVIDER_LISTEN_DISPATCH *Listen = Socket->Dispatch;
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Datagram = Socket->Dispatch;
  KIT_CALL Call;
  PIRP Irp = KitStart(&Call);

  if (Flags == WSK_FLAG_LISTEN_SOCKET)
    Listen->WskGetLocalAddress(Socket, (PSOCKADDR)Address, Irp);
  else if (Flags == WSK_FLAG_DATAGRAM_SOCKET)
    Datagram->WskGetLocalAddress(Socket, (PSOCKADDR)Address, Irp);
  else
    KitOf(Socket)->WskGetLocalAddress(Socket, (PSOCKADDR)Address, Irp);
  return KitEnd(&Call);
}

VOID KitBind(PWSK_SOCKET Socket, ULONG Flags, USHORT *Port) {
  SOCKADDR_IN Address;

  KitLoopback(&Address, 0);
  CHECK(BindTo(Socket, &Address, Flags == WSK_FLAG_LISTEN_SOCKET) ==
        STATUS_SUCCESS);
  CHECK(GetLocal(Socket, &Address, Flags) == STATUS_SUCCESS);
  *Port = Address.sin_port;
}

PWSK_SOCKET KitBound(ULONG Flags, PVOID Context, const VOID *Dispatch,
                     USHORT *Port) {
  PWSK_SOCKET Socket = KitSocket(Flags, Context, Dispatch);

  if (Socket != NULL)
    KitBind(Socket, Flags, Port);
  return Socket;
}

NTSTATUS KitEndSocket(PWSK_SOCKET Socket) {
  const WSK_PROVIDER_BASIC_DISPATCH *Basic = Socket->Dispatch;
  KIT_CALL Call;
  PIRP Irp = KitStart(&Call);

  Basic->WskCloseSocket(Socket, Irp);
  return KitEnd(&Call);
}

/* ---- a connection ---------------------------------------------------- */

PWSK_SOCKET KitConnectTo(USHORT Port, PVOID Context,
                         const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch) {
  SOCKADDR_IN Local, Remote;
  KIT_CALL Call;
  PIRP Irp = KitStart(&Call);

  if (Irp == NULL)
    return NULL;
  KitLoopback(&Local, 0);
  KitLoopback(&Remote, Port);
  KitNpi.Dispatch->WskSocketConnect(KitNpi.Client, SOCK_STREAM, IPPROTO_TCP,
                                    (PSOCKADDR)&Local, (PSOCKADDR)&Remote, 0,
                                    Context, Dispatch, NULL, NULL, NULL, Irp);
  return NT_SUCCESS(KitEnd(&Call)) ? (PWSK_SOCKET)Call.Information : NULL;
}

BOOLEAN KitConnect(KIT_PAIR *Pair) {
  Pair->Context = NULL;
  Pair->Dispatch = NULL;
  return KitConnectWith(Pair);
}

BOOLEAN KitConnectWith(KIT_PAIR *Pair) {
  const WSK_PROVIDER_LISTEN_DISPATCH *Listen;
  KIT_CALL Call;
  USHORT Port;

  Pair->Client = Pair->Server = NULL;
  Pair->Listener = KitBound(WSK_FLAG_LISTEN_SOCKET, NULL, NULL, &Port);
  if (Pair->Listener == NULL)
    return FALSE;
  Pair->Client = KitConnectTo(Port, Pair->Context, Pair->Dispatch);
  if (!CHECK(Pair->Client != NULL))
    return FALSE;
  Listen = Pair->Listener->Dispatch;
  Listen->WskAccept(Pair->Listener, 0, NULL, NULL, NULL, NULL, KitStart(&Call));
  if (!CHECK(KitEnd(&Call) == STATUS_SUCCESS))
    return FALSE;
  Pair->Server = (PWSK_SOCKET)Call.Information;
  return TRUE;
}

NTSTATUS KitFinish(PWSK_SOCKET Socket) {
  KIT_CALL Call;
  PIRP Irp = KitStart(&Call);

  KitOf(Socket)->WskDisconnect(Socket, NULL, 0, Irp);
  return KitEnd(&Call);
}

VOID KitDisconnect(KIT_PAIR *Pair) {
  if (Pair->Client != NULL)
    KitFinish(Pair->Client);
  if (Pair->Server != NULL)
    KitFinish(Pair->Server);
  if (Pair->Client != NULL)
    CHECK(KitEndSocket(Pair->Client) == STATUS_SUCCESS);
  if (Pair->Server != NULL)
    CHECK(KitEndSocket(Pair->Server) == STATUS_SUCCESS);
  if (Pair->Listener != NULL)
    CHECK(KitEndSocket(Pair->Listener) == STATUS_SUCCESS);
}

/* ---- data ------------------------------------------------------------ */

BOOLEAN KitAllocate(KIT_BUFFER *Buffer, ULONG Length) {
  Buffer->Bytes = ExAllocatePool2(POOL_FLAG_NON_PAGED, Length, KIT_TAG);
  if (!CHECK(Buffer->Bytes != NULL))
    return FALSE;
  Buffer->Wsk.Offset = 0;
  Buffer->Wsk.Length = Length;
  Buffer->Wsk.Mdl = IoAllocateMdl(Buffer->Bytes, Length, FALSE, FALSE, NULL);
  if (!CHECK(Buffer->Wsk.Mdl != NULL)) {
    ExFreePoolWithTag(Buffer->Bytes, KIT_TAG);
    return FALSE;
  }
  MmBuildMdlForNonPagedPool(Buffer->Wsk.Mdl);
  return TRUE;
}

VOID KitRelease(KIT_BUFFER *Buffer) {
  IoFreeMdl(Buffer->Wsk.Mdl);
  ExFreePoolWithTag(Buffer->Bytes, KIT_TAG);
}

NTSTATUS KitSend(PWSK_SOCKET Socket, PCSTR Text) {
  NTSTATUS Status;
  KIT_BUFFER Buffer;
  KIT_CALL Call;
  ULONG Length = 0;

  while (Text[Length] != '\0')
    Length++;
  if (!KitAllocate(&Buffer, Length))
    return STATUS_INSUFFICIENT_RESOURCES;
  RtlCopyMemory(Buffer.Bytes, Text, Length);
  KitOf(Socket)->WskSend(Socket, &Buffer.Wsk, 0, KitStart(&Call));
  Status = KitEnd(&Call);
  KitRelease(&Buffer);
  return Status;
}

NTSTATUS KitReceive(PWSK_SOCKET Socket, PVOID Bytes, SIZE_T *Length) {
  NTSTATUS Status;
  KIT_BUFFER Buffer;
  KIT_CALL Call;

  if (!KitAllocate(&Buffer, (ULONG)*Length))
    return STATUS_INSUFFICIENT_RESOURCES;
  KitOf(Socket)->WskReceive(Socket, &Buffer.Wsk, 0, KitStart(&Call));
  Status = KitEnd(&Call);
  *Length = Call.Information;
  if (NT_SUCCESS(Status))
    RtlCopyMemory(Bytes, Buffer.Bytes, *Length);
  KitRelease(&Buffer);
  return Status;
}

NTSTATUS KitEnable(PWSK_SOCKET Socket, ULONG Events) {
  const WSK_PROVIDER_BASIC_DISPATCH *Basic = Socket->Dispatch;
  WSK_EVENT_CALLBACK_CONTROL Control = {&NPI_WSK_INTERFACE_ID, Events};

  return Basic->WskControlSocket(Socket, WskSetOption, SO_WSK_EVENT_CALLBACK,
                                 SOL_SOCKET, sizeof(Control), &Control, 0, NULL,
                                 NULL, NULL);
}
