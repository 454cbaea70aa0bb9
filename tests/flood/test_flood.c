/*
 * Many at once: connections through one listener, and sockets that are closed
 * with requests of every kind pending.
 */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "flood_peer.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define FLOOD_TAG   'dolF'
#define CONNECTIONS 10000
#define WINDOW      100 /* open at a time; fewer than a listener's backlog */
#define ACCEPTS     8   /* WskAccept IRPs pending beside the event */
#define PATIENCE    60000

/* ---- ten thousand connections ----------------------------------------- */

/* Every IRP is counted where it begins and where it completes. */
static struct {
  volatile LONG IrpsMade, IrpsFreed;
  volatile LONG ByEvent, ByAccept, Received, Closed, Wrong;
  LONG Wanted;
  KEVENT AllClosed;
} Seen;

typedef struct _FLOOD_CONNECTION {
  PWSK_SOCKET Socket;
  PWSK_SOCKET Listener; /* where the IRP goes for the next one, or NULL */
  PIRP Irp;
  PMDL Mdl;
  UCHAR Byte;
} FLOOD_CONNECTION, *PFLOOD_CONNECTION;

static VOID Expect(BOOLEAN Good) {
  if (!Good)
    InterlockedIncrement(&Seen.Wrong);
}

static PIRP MakeIrp(VOID) {
  PIRP Irp = IoAllocateIrp(1, FALSE);

  if (Irp == NULL)
    ConformanceGiveUp("no memory for the test itself");
  InterlockedIncrement(&Seen.IrpsMade);
  return Irp;
}

static VOID FreeIrp(PIRP Irp) {
  IoFreeIrp(Irp);
  InterlockedIncrement(&Seen.IrpsFreed);
}

static VOID StartAccept(PWSK_SOCKET Listener, PIRP Irp);

static NTSTATUS NTAPI OnClosed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  PFLOOD_CONNECTION Connection = Context;
  PWSK_SOCKET Listener = Connection->Listener;

  UNREFERENCED_PARAMETER(Device);
  Expect(Irp->IoStatus.Status == STATUS_SUCCESS);
  IoFreeMdl(Connection->Mdl);
  ExFreePoolWithTag(Connection, FLOOD_TAG);
  if (Listener != NULL)
    StartAccept(Listener, Irp);
  else
    FreeIrp(Irp);
  if (InterlockedIncrement(&Seen.Closed) == Seen.Wanted)
    KeSetEvent(&Seen.AllClosed, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI OnReceived(PDEVICE_OBJECT Device, PIRP Irp,
                                 PVOID Context) {
  PFLOOD_CONNECTION Connection = Context;

  UNREFERENCED_PARAMETER(Device);
  Expect(Irp->IoStatus.Status == STATUS_SUCCESS &&
         Irp->IoStatus.Information == 1 && Connection->Byte == 'x');
  InterlockedIncrement(&Seen.Received);
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(Irp, OnClosed, Connection, TRUE, TRUE, TRUE);
  DispatchOf(Connection->Socket)->WskCloseSocket(Connection->Socket, Irp);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* A receive, and then a close, and then perhaps an accept, all by one IRP. */
static VOID Serve(PWSK_SOCKET Socket, PIRP Irp, PWSK_SOCKET Listener) {
  PFLOOD_CONNECTION Connection =
      ExAllocatePoolWithTag(NonPagedPool, sizeof(*Connection), FLOOD_TAG);
  WSK_BUF Buffer = {NULL, 0, 1};

  if (Connection == NULL)
    ConformanceGiveUp("no memory for the test itself");
  Connection->Socket = Socket;
  Connection->Irp = Irp;
  Connection->Listener = Listener;
  Connection->Mdl = IoAllocateMdl(&Connection->Byte, 1, FALSE, FALSE, NULL);
  if (Connection->Mdl == NULL)
    ConformanceGiveUp("no memory for the test itself");
  MmBuildMdlForNonPagedPool(Connection->Mdl);
  Buffer.Mdl = Connection->Mdl;
  IoSetCompletionRoutine(Irp, OnReceived, Connection, TRUE, TRUE, TRUE);
  DispatchOf(Socket)->WskReceive(Socket, &Buffer, 0, Irp);
}

static NTSTATUS WSKAPI
OnAcceptEvent(PVOID Context, ULONG Flags, PSOCKADDR Local, PSOCKADDR Remote,
              PWSK_SOCKET Socket, PVOID *SocketContext,
              CONST WSK_CLIENT_CONNECTION_DISPATCH **Table) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Local);
  UNREFERENCED_PARAMETER(Remote);
  *SocketContext = NULL;
  *Table = NULL;
  InterlockedIncrement(&Seen.ByEvent);
  Serve(Socket, MakeIrp(), NULL);
  return STATUS_SUCCESS;
}

static IO_COMPLETION_ROUTINE OnAccepted;

static VOID StartAccept(PWSK_SOCKET Listener, PIRP Irp) {
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(Irp, OnAccepted, Listener, TRUE, TRUE, TRUE);
  ListenDispatchOf(Listener)->WskAccept(Listener, 0, NULL, NULL, NULL, NULL,
                                        Irp);
}

/* Context is the listener. When that is closed, the IRP has done its work. */
static NTSTATUS NTAPI OnAccepted(PDEVICE_OBJECT Device, PIRP Irp,
                                 PVOID Context) {
  PWSK_SOCKET Socket = (PWSK_SOCKET)Irp->IoStatus.Information;

  UNREFERENCED_PARAMETER(Device);
  if (Irp->IoStatus.Status != STATUS_SUCCESS) {
    Expect(Irp->IoStatus.Status == STATUS_CANCELLED &&
           Irp->IoStatus.Information == 0);
    FreeIrp(Irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
  }
  InterlockedIncrement(&Seen.ByAccept);
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  Serve(Socket, Irp, Context);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PWSK_SOCKET OpenFloodListener(USHORT *Port) {
  static const WSK_CLIENT_LISTEN_DISPATCH Callbacks = {OnAcceptEvent, NULL,
                                                       NULL};
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, WSK_EVENT_ACCEPT};
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  TEST_ADDRESS Address;
  PWSK_SOCKET Listener;

  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_STREAM, IPPROTO_TCP,
      WSK_FLAG_LISTEN_SOCKET, NULL, &Callbacks, NULL, NULL, NULL, Irp);
  Listener = SocketOf(Call);
  if (!CHECK(Listener != NULL))
    return NULL;
  CHECK_PENDED(Bind(NewCall(), Listener, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Listener, &Address), STATUS_SUCCESS,
                0);
  *Port = PortOf(&Address);
  CHECK_STATUS(STATUS_SUCCESS,
               ListenDispatchOf(Listener)->WskControlSocket(
                   Listener, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                   sizeof(Events), &Events, 0, NULL, NULL, NULL));
  return Listener;
}

/* Connections are closed as they go, by reset, so neither descriptors nor ports
 * run out. Defends against whatever is lost, doubled or kept once in a thousand
 * times. */
static VOID ten_thousand_connections_come_through_one_listener(VOID) {
  USHORT Port = 0;
  PWSK_SOCKET Listener = OpenFloodListener(&Port);
  ULONG i;

  REQUIRE(Listener != NULL);
  RtlZeroMemory(&Seen, sizeof(Seen));
  KeInitializeEvent(&Seen.AllClosed, NotificationEvent, FALSE);
  Seen.Wanted = (LONG)flood_count(CONNECTIONS);
  for (i = 0; i < ACCEPTS; i++)
    StartAccept(Listener, MakeIrp());
  flood_connect(TEST_IPV6, Port, (unsigned)Seen.Wanted, WINDOW);
  CHECK(WaitForEvent(&Seen.AllClosed, PATIENCE));
  CHECK_EQUAL(Seen.Wanted, flood_join());
  CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
  CHECK_EQUAL(Seen.Wanted, Seen.ByEvent + Seen.ByAccept);
  CHECK(Seen.ByAccept > 0 && Seen.ByEvent > 0);
  CHECK_EQUAL(Seen.Wanted, Seen.Received);
  CHECK_EQUAL(Seen.Wanted, Seen.Closed);
  CHECK_EQUAL(Seen.ByEvent + ACCEPTS, Seen.IrpsMade);
  CHECK_EQUAL(Seen.IrpsMade, Seen.IrpsFreed);
  CHECK_EQUAL(0, Seen.Wrong);
}

/* ---- a thousand sockets ------------------------------------------------ */

#define MAX_SOCKETS 1000
#define MAX_PENDING 3

/* What is pending on a socket when it is closed, and how each ends. */
typedef struct _PENDING_SOCKET {
  PWSK_SOCKET Socket;
  PWSK_CALL Calls[MAX_PENDING];
  ULONG CallCount;
  PWSK_CALL Closing;
} PENDING_SOCKET, *PPENDING_SOCKET;

static PENDING_SOCKET Open[MAX_SOCKETS];
static ULONG OpenCount;

/* SocketOf remembers few. */
static PWSK_SOCKET Made(PWSK_CALL Call) {
  if (!WaitForCall(Call) || !CHECK(Call->Status == STATUS_SUCCESS))
    return NULL;
  return (PWSK_SOCKET)Call->Information;
}

static PPENDING_SOCKET Add(PWSK_SOCKET Socket) {
  PPENDING_SOCKET Pending = &Open[OpenCount++];

  RtlZeroMemory(Pending, sizeof(*Pending));
  Pending->Socket = Socket;
  return Pending;
}

static VOID AddCall(PPENDING_SOCKET Pending, PWSK_CALL Call) {
  CHECK_STATUS(STATUS_PENDING, Call->Returned);
  Pending->Calls[Pending->CallCount++] = Call;
}

static PWSK_SOCKET MakeConnection(USHORT Port) {
  TEST_ADDRESS Local, Remote;

  return Made(
      CreateConnected(NewCall(), Wildcard(&Local, 0), Loopback(&Remote, Port)));
}

static BOOLEAN AddReceiver(USHORT Port, PTEST_BUFFER Buffer) {
  PPENDING_SOCKET Pending = Add(MakeConnection(Port));

  if (Pending->Socket == NULL)
    return FALSE;
  AddCall(Pending, Receive(NewCall(), Pending->Socket, &Buffer->Wsk, 0));
  AddCall(Pending,
          Receive(NewCall(), Pending->Socket, &Buffer->Wsk, WSK_FLAG_WAITALL));
  return TRUE;
}

/* The first send is more than the host's buffers hold. */
static BOOLEAN AddSender(USHORT Port, PTEST_BUFFER Big) {
  PPENDING_SOCKET Pending = Add(MakeConnection(Port));

  if (Pending->Socket == NULL)
    return FALSE;
  AddCall(Pending, Send(NewCall(), Pending->Socket, &Big->Wsk, 0));
  AddCall(Pending, Send(NewCall(), Pending->Socket, &Big->Wsk, 0));
  AddCall(Pending, Receive(NewCall(), Pending->Socket, &Big->Wsk, 0));
  return TRUE;
}

static BOOLEAN AddAcceptor(VOID) {
  PPENDING_SOCKET Pending =
      Add(Made(CreateSocket(NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP,
                            WSK_FLAG_LISTEN_SOCKET)));
  TEST_ADDRESS Local;

  if (Pending->Socket == NULL)
    return FALSE;
  CHECK_PENDED(Bind(NewCall(), Pending->Socket, Loopback(&Local, 0)),
               STATUS_SUCCESS, 0);
  AddCall(Pending, Accept(NewCall(), Pending->Socket, NULL, NULL));
  AddCall(Pending, Accept(NewCall(), Pending->Socket, NULL, NULL));
  return TRUE;
}

static BOOLEAN AddConnector(USHORT Port) {
  PPENDING_SOCKET Pending =
      Add(Made(CreateSocket(NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP,
                            WSK_FLAG_CONNECTION_SOCKET)));
  TEST_ADDRESS Address;

  if (Pending->Socket == NULL)
    return FALSE;
  CHECK_PENDED(Bind(NewCall(), Pending->Socket, Wildcard(&Address, 0)),
               STATUS_SUCCESS, 0);
  AddCall(Pending,
          Connect(NewCall(), Pending->Socket, Loopback(&Address, Port)));
  return TRUE;
}

static PWSK_CALL ReceiveDatagram(PWSK_CALL Call, PWSK_SOCKET Socket,
                                 PTEST_BUFFER Buffer) {
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch = Socket->Dispatch;
  PIRP Irp = PrepareCall(Call);

  Call->Returned = Dispatch->WskReceiveFrom(Socket, &Buffer->Wsk, 0, NULL, NULL,
                                            NULL, NULL, Irp);
  return Call;
}

static BOOLEAN AddDatagramReceiver(PTEST_BUFFER Buffer) {
  PPENDING_SOCKET Pending =
      Add(Made(CreateSocket(NewCall(), TestFamily, SOCK_DGRAM, IPPROTO_UDP,
                            WSK_FLAG_DATAGRAM_SOCKET)));
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch;
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  TEST_ADDRESS Local;

  if (Pending->Socket == NULL)
    return FALSE;
  Dispatch = Pending->Socket->Dispatch;
  Call->Returned = Dispatch->WskBind(Pending->Socket,
                                     (PSOCKADDR)Loopback(&Local, 0), 0, Irp);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  AddCall(Pending, ReceiveDatagram(NewCall(), Pending->Socket, Buffer));
  AddCall(Pending, ReceiveDatagram(NewCall(), Pending->Socket, Buffer));
  return TRUE;
}

/* Of twenty sockets one sends, for that fills the host's buffers. A host
 * without a silent port has more that accept. */
static BOOLEAN AddNext(USHORT Paused, USHORT Silent, PTEST_BUFFER Small,
                       PTEST_BUFFER Big) {
  ULONG Kind = OpenCount % 20;

  if (Kind == 0)
    return AddSender(Paused, Big);
  if (Kind <= 5 && Silent != 0)
    return AddConnector(Silent);
  if (Kind <= 10)
    return AddAcceptor();
  if (Kind <= 14)
    return AddDatagramReceiver(Small);
  return AddReceiver(Paused, Small);
}

static VOID CheckClosed(PPENDING_SOCKET Pending) {
  ULONG i;

  CHECK_PENDED(Pending->Closing, STATUS_SUCCESS, 0);
  for (i = 0; i < Pending->CallCount; i++) {
    CHECK_PENDED(Pending->Calls[i], STATUS_CANCELLED, TEST_ANY);
    CHECK(Pending->Calls[i]->Order < Pending->Closing->Order);
  }
}

/* Defends against an IRP that its socket's close leaves behind, completes
 * twice, or completes after the close. */
static VOID a_thousand_sockets_close_with_everything_pending(VOID) {
  USHORT Paused = peer_listen(TEST_IPV6, PEER_PAUSED | PEER_SMALL_BUFFER);
  USHORT Silent = peer_silent_port(TEST_IPV6);
  PTEST_BUFFER Small = NewBuffer(64), Big = NewBuffer(8 << 20);
  ULONG Count = flood_count(MAX_SOCKETS), i;

  REQUIRE(flood_raise_descriptors() > 2 * Count);
  for (OpenCount = 0; OpenCount < Count;)
    REQUIRE(AddNext(Paused, Silent, Small, Big));
  for (i = 0; i < Count; i++)
    Open[i].Closing = Close(NewCall(), Open[i].Socket);
  for (i = 0; i < Count; i++)
    CheckClosed(&Open[i]);
}

/* ---- */

CONFORMANCE_GROUP(flood) = {
    TEST(ten_thousand_connections_come_through_one_listener,
         "ACCEPT-05 ACCEPTEV-01 ACCEPTEV-02 IRP-03"),
    TEST(a_thousand_sockets_close_with_everything_pending,
         "CLOSE-02 CLOSE-04 OBS-11"),
};
