/* Listeners in conditional accept mode. Kernel code. See wskinspect.h. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "peer.h"
#include "wskcall.h"
#include "wskinspect.h"

INSPECT Inspect;

/* ---- the callbacks --------------------------------------------------- */

static VOID Enter(INSPECT *I) {
  if (InterlockedIncrement(&I->Inside) != 1)
    InterlockedIncrement(&I->Overlaps);
}

static VOID Leave(INSPECT *I) {
  InterlockedDecrement(&I->Inside);
}

/* What a test wants of the listener from inside the callback. */
static VOID ActInside(INSPECT *I, PWSK_INSPECT_ID Id) {
  PWSK_CALL Call = I->ToClose;

  I->ToClose = NULL;
  if (Call != NULL) {
    Close(Call, I->Listener);
    I->CompletedInside = IsCompleted(Call);
  }
  Call = I->ToComplete;
  I->ToComplete = NULL;
  if (Call != NULL)
    InspectComplete(Call, I->Listener, Id, I->CompleteWith);
}

WSK_INSPECT_ACTION WSKAPI OnInspect(PVOID Context, PSOCKADDR Local,
                                    PSOCKADDR Remote, PWSK_INSPECT_ID Id) {
  INSPECT *I = Context;
  SIZE_T Size = TEST_IPV6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
  WSK_INSPECT_ACTION Action = I->Action;

  Enter(I);
  I->Context = Context;
  I->Irql = KeGetCurrentIrql();
  RtlCopyMemory(&I->Local, Local, Size);
  RtlCopyMemory(&I->Remote, Remote, Size);
  if (Id != NULL && I->Inspected < MAX_INSPECTED)
    I->Ids[I->Inspected] = *Id;
  I->LocalPointer = Local;
  I->RemotePointer = Remote;
  I->IdPointer = Id;
  if (I->Watched != NULL)
    I->WatchedCompleted = IsCompleted(I->Watched);
  ActInside(I, Id);
  Leave(I);
  InterlockedIncrement(&I->Inspected);
  KeSetEvent(&I->InspectedEvent, IO_NO_INCREMENT, FALSE);
  return Action;
}

NTSTATUS WSKAPI OnAbort(PVOID Context, PWSK_INSPECT_ID Id) {
  INSPECT *I = Context;

  Enter(I);
  I->AbortIrql = KeGetCurrentIrql();
  I->Aborted = *Id;
  Leave(I);
  InterlockedIncrement(&I->Aborts);
  KeSetEvent(&I->AbortedEvent, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static NTSTATUS WSKAPI OnReceive(PVOID Context, ULONG Flags,
                                 PWSK_DATA_INDICATION Data, SIZE_T Bytes,
                                 SIZE_T *Accepted) {
  INSPECT *I = Context;

  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Data);
  UNREFERENCED_PARAMETER(Accepted);
  InterlockedExchangeAdd(&I->Indicated, (LONG)Bytes);
  KeSetEvent(&I->IndicatedEvent, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_CONNECTION_DISPATCH ConnectionCallbacks = {OnReceive,
                                                                   NULL, NULL};

static NTSTATUS WSKAPI OnAccept(PVOID Context, ULONG Flags, PSOCKADDR Local,
                                PSOCKADDR Remote, PWSK_SOCKET Socket,
                                PVOID *SocketContext,
                                CONST WSK_CLIENT_CONNECTION_DISPATCH **Table) {
  INSPECT *I = Context;

  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Local);
  UNREFERENCED_PARAMETER(Remote);
  Enter(I);
  I->Accepted = Socket;
  I->InspectedAtAccept = Inspections();
  *SocketContext = I;
  *Table = &ConnectionCallbacks;
  Leave(I);
  KeSetEvent(&I->AcceptedEvent, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

const WSK_CLIENT_LISTEN_DISPATCH InspectCallbacks = {OnAccept, OnInspect,
                                                     OnAbort};

/* ---- what they saw --------------------------------------------------- */

/* What a callback wrote before it is counted can be read after. */
LONG Inspections(VOID) {
  return InterlockedCompareExchange(&Inspect.Inspected, 0, 0);
}

LONG Aborts(VOID) {
  return InterlockedCompareExchange(&Inspect.Aborts, 0, 0);
}

BOOLEAN WaitForInspection(VOID) {
  return WaitForEvent(&Inspect.InspectedEvent, TEST_LONG);
}

BOOLEAN SameId(const WSK_INSPECT_ID *One, const WSK_INSPECT_ID *Other) {
  return One->Key == Other->Key && One->SerialNumber == Other->SerialNumber;
}

/* ---- sockets --------------------------------------------------------- */

PWSK_SOCKET CreateInspectingAs(ULONG Category, const VOID *Dispatch) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);

  RtlZeroMemory(&Inspect, sizeof(Inspect));
  Inspect.Action = WskInspectPend;
  KeInitializeEvent(&Inspect.InspectedEvent, SynchronizationEvent, FALSE);
  KeInitializeEvent(&Inspect.AbortedEvent, SynchronizationEvent, FALSE);
  KeInitializeEvent(&Inspect.IndicatedEvent, SynchronizationEvent, FALSE);
  KeInitializeEvent(&Inspect.AcceptedEvent, SynchronizationEvent, FALSE);
  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_STREAM, IPPROTO_TCP, Category, &Inspect,
      Dispatch, NULL, NULL, NULL, Irp);
  Inspect.Listener = SocketOf(Call);
  return Inspect.Listener;
}

PWSK_SOCKET CreateInspecting(const WSK_CLIENT_LISTEN_DISPATCH *Dispatch) {
  return CreateInspectingAs(WSK_FLAG_LISTEN_SOCKET, Dispatch);
}

PWSK_SOCKET OpenInspecting(USHORT *Port) {
  PWSK_SOCKET Socket = CreateInspecting(&InspectCallbacks);
  TEST_ADDRESS Address;

  *Port = 0;
  if (!CHECK(Socket != NULL))
    return NULL;
  CHECK_AT_ONCE(SetConditional(NewCall(), Socket, 1), STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Socket, &Address), STATUS_SUCCESS,
                0);
  *Port = PortOf(&Address);
  return Socket;
}

VOID CheckUsable(PWSK_SOCKET Accepted, struct peer *Peer) {
  REQUIRE(Accepted != NULL && Peer != NULL);
  CHECK_PENDED(Send(NewCall(), Accepted, &BufferOf("hello", 5)->Wsk, 0),
               STATUS_SUCCESS, 5);
  CHECK(peer_expect(Peer, "hello", 5));
}

/* ---- calls ----------------------------------------------------------- */

PWSK_CALL SetConditional(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Value) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned = ListenDispatchOf(Socket)->WskControlSocket(
      Socket, WskSetOption, SO_CONDITIONAL_ACCEPT, SOL_SOCKET, sizeof(Value),
      &Value, 0, NULL, NULL, Irp);
  return Call;
}

PWSK_CALL GetConditional(PWSK_CALL Call, PWSK_SOCKET Socket, PULONG Value) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned = ListenDispatchOf(Socket)->WskControlSocket(
      Socket, WskGetOption, SO_CONDITIONAL_ACCEPT, SOL_SOCKET, 0, NULL,
      sizeof(*Value), Value, NULL, Irp);
  return Call;
}

PWSK_CALL InspectComplete(PWSK_CALL Call, PWSK_SOCKET Socket,
                          PWSK_INSPECT_ID Id, WSK_INSPECT_ACTION Action) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned =
      ListenDispatchOf(Socket)->WskInspectComplete(Socket, Id, Action, Irp);
  return Call;
}

NTSTATUS QueryId(PWSK_SOCKET Socket, PWSK_INSPECT_ID Id, SIZE_T *Returned) {
  return DispatchOf(Socket)->WskControlSocket(
      Socket, WskIoctl, SIO_WSK_QUERY_INSPECT_ID, 0, 0, NULL, sizeof(*Id), Id,
      Returned, NULL);
}

NTSTATUS EnableEvents(PWSK_SOCKET Socket, ULONG Mask) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, Mask};

  return ListenDispatchOf(Socket)->WskControlSocket(
      Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof(Events),
      &Events, 0, NULL, NULL, NULL);
}
