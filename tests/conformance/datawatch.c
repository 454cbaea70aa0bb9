/* Connections whose events are watched. See datawatch.h. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "datawatch.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* ---- the callbacks --------------------------------------------------- */

static VOID Enter(PDATA_WATCH Watch) {
  if (InterlockedIncrement(&Watch->Inside) != 1)
    InterlockedIncrement(&Watch->Overlaps);
}

static VOID Leave(PDATA_WATCH Watch, volatile LONG *Count) {
  InterlockedDecrement(&Watch->Inside);
  InterlockedIncrement(Count);
  KeSetEvent(&Watch->Called, IO_NO_INCREMENT, FALSE);
}

static BOOLEAN IsPattern(const UCHAR *Bytes, SIZE_T Length, SIZE_T Position) {
  SIZE_T i;

  for (i = 0; i < Length; i++)
    if (Bytes[i] != peer_pattern(Position + i))
      return FALSE;
  return TRUE;
}

/* One member of a list: a chain of locked MDLs that holds what it says. */
static BOOLEAN IsGood(const WSK_BUF *Buffer, SIZE_T Position) {
  SIZE_T Offset = Buffer->Offset, Left = Buffer->Length;
  PMDL Mdl;

  for (Mdl = Buffer->Mdl; Mdl != NULL && Left > 0; Mdl = Mdl->Next) {
    PUCHAR Bytes = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority);
    SIZE_T Here = MmGetMdlByteCount(Mdl);
    if (Bytes == NULL || Offset >= Here)
      return FALSE;
    Here = min(Here - Offset, Left);
    if (!IsPattern(Bytes + Offset, Here, Position))
      return FALSE;
    Position += Here;
    Left -= Here;
    Offset = 0;
  }
  return Buffer->Length > 0 && Left == 0;
}

static VOID LookAt(PDATA_WATCH Watch, PWSK_DATA_INDICATION List, SIZE_T Bytes) {
  SIZE_T Total = 0;

  Watch->Members = 0;
  Watch->First = (PUCHAR)MmGetSystemAddressForMdlSafe(List->Buffer.Mdl,
                                                      NormalPagePriority) +
                 List->Buffer.Offset;
  for (; List != NULL; List = List->Next) {
    if (!IsGood(&List->Buffer, (SIZE_T)PositionOf(Watch) + Total))
      InterlockedIncrement(&Watch->Wrong);
    Total += List->Buffer.Length;
    Watch->Members++;
  }
  if (Total != Bytes)
    InterlockedIncrement(&Watch->Wrong);
}

static SIZE_T Accepted(PDATA_WATCH Watch, NTSTATUS Answer, SIZE_T Bytes,
                       SIZE_T *BytesAccepted) {
  if (*BytesAccepted != Bytes)
    InterlockedIncrement(&Watch->Wrong);
  if (Watch->AcceptNone)
    *BytesAccepted = 0;
  else if (Watch->Accept != 0 && Watch->Accept < Bytes)
    *BytesAccepted = Watch->Accept;
  if (Watch->Claim != 0)
    *BytesAccepted = Watch->Claim;
  if (Answer == STATUS_SUCCESS)
    return *BytesAccepted < Bytes ? *BytesAccepted : Bytes;
  return Answer == STATUS_PENDING ? Bytes : 0;
}

static NTSTATUS WSKAPI OnReceive(PVOID Context, ULONG Flags,
                                 PWSK_DATA_INDICATION List, SIZE_T Bytes,
                                 SIZE_T *BytesAccepted) {
  PDATA_WATCH Watch = Context;
  LONG Number = ReceiveCalls(Watch);
  /* A test may change it meanwhile. */
  NTSTATUS Answer = InterlockedOr((volatile LONG *)&Watch->Answer, 0);

  Enter(Watch);
  if (List == NULL) {
    Leave(Watch, &Watch->Deaths);
    return STATUS_SUCCESS;
  }
  Watch->Flags = Flags;
  InterlockedOr(&Watch->AllFlags, (LONG)Flags);
  Watch->Irql = KeGetCurrentIrql();
  Watch->Indicated = Bytes;
  LookAt(Watch, List, Bytes);
  if (Watch->Look != NULL)
    Watch->Look(List);
  if (Number < WATCH_MAX_LISTS)
    Watch->Lists[Number] = List;
  if (Answer == STATUS_PENDING)
    InterlockedIncrement(&Watch->Kept);
  InterlockedExchangeAdd(&Watch->Position,
                         (LONG)Accepted(Watch, Answer, Bytes, BytesAccepted));
  if (Watch->Act != NULL)
    Watch->Act(Watch, List);
  Leave(Watch, &Watch->Calls);
  return Answer;
}

static NTSTATUS WSKAPI OnDisconnect(PVOID Context, ULONG Flags) {
  PDATA_WATCH Watch = Context;
  NTSTATUS Answer = Watch->EndAnswer;

  Enter(Watch);
  Watch->EndFlags = Flags;
  Watch->EndIrql = KeGetCurrentIrql();
  Watch->EndPosition = PositionOf(Watch);
  if (Watch->Act != NULL)
    Watch->Act(Watch, NULL);
  Leave(Watch, &Watch->Ends);
  return Answer;
}

static NTSTATUS WSKAPI OnBacklog(PVOID Context, SIZE_T IdealBacklogSize) {
  PDATA_WATCH Watch = Context;
  NTSTATUS Answer = Watch->EndAnswer;

  Enter(Watch);
  Watch->Backlog = IdealBacklogSize;
  Watch->BacklogIrql = KeGetCurrentIrql();
  Leave(Watch, &Watch->Backlogs);
  return Answer;
}

const WSK_CLIENT_CONNECTION_DISPATCH WatchDispatch = {OnReceive, OnDisconnect,
                                                      OnBacklog};

/* ---- sockets --------------------------------------------------------- */

VOID InitializeWatch(PDATA_WATCH Watch) {
  RtlZeroMemory(Watch, sizeof(*Watch));
  KeInitializeEvent(&Watch->Called, SynchronizationEvent, FALSE);
}

BOOLEAN OpenWatchWith(PDATA_WATCH Watch,
                      const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  TEST_ADDRESS Address;

  InitializeWatch(Watch);
  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_STREAM, IPPROTO_TCP,
      WSK_FLAG_CONNECTION_SOCKET, Watch, Dispatch, NULL, NULL, NULL, Irp);
  Watch->Socket = SocketOf(Call);
  if (!CHECK(Watch->Socket != NULL && Port != 0))
    return FALSE;
  CHECK_PENDED(Bind(NewCall(), Watch->Socket, Wildcard(&Address, 0)),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(Connect(NewCall(), Watch->Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  Watch->Peer = peer_accept(Port);
  return CHECK(Watch->Peer != NULL);
}

BOOLEAN OpenWatch(PDATA_WATCH Watch) {
  return OpenWatchWith(Watch, &WatchDispatch);
}

BOOLEAN OpenWatching(PDATA_WATCH Watch, ULONG Events) {
  if (!OpenWatch(Watch))
    return FALSE;
  CHECK_EVENTS(STATUS_SUCCESS, Watch->Socket, Events);
  return TRUE;
}

NTSTATUS ControlEvents(PWSK_SOCKET Socket, ULONG Mask, PIRP Irp) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, Mask};
  const WSK_PROVIDER_BASIC_DISPATCH *Dispatch = Socket->Dispatch;

  return Dispatch->WskControlSocket(Socket, WskSetOption, SO_WSK_EVENT_CALLBACK,
                                    SOL_SOCKET, sizeof(Events), &Events, 0,
                                    NULL, NULL, Irp);
}

PWSK_CALL ControlEventsWith(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Mask) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned = ControlEvents(Socket, Mask, Irp);
  return Call;
}

NTSTATUS Release(PWSK_SOCKET Socket, PWSK_DATA_INDICATION List) {
  return CHECK(Socket != NULL) ? DispatchOf(Socket)->WskRelease(Socket, List)
                               : STATUS_INVALID_HANDLE;
}

/* ---- waiting --------------------------------------------------------- */

/* What a callback wrote before it is counted can be read after. */
LONG ReceiveCalls(PDATA_WATCH Watch) {
  return InterlockedCompareExchange(&Watch->Calls, 0, 0);
}

LONG EndCalls(PDATA_WATCH Watch) {
  return InterlockedCompareExchange(&Watch->Ends, 0, 0);
}

BOOLEAN WaitForCalls(PDATA_WATCH Watch, LONG Calls) {
  while (ReceiveCalls(Watch) < Calls)
    if (!WaitForEvent(&Watch->Called, TEST_LONG))
      return FALSE;
  return TRUE;
}

BOOLEAN WaitForEnds(PDATA_WATCH Watch, LONG Ends) {
  while (EndCalls(Watch) < Ends)
    if (!WaitForEvent(&Watch->Called, TEST_LONG))
      return FALSE;
  return TRUE;
}

LONG PositionOf(PDATA_WATCH Watch) {
  return InterlockedCompareExchange(&Watch->Position, 0, 0);
}

BOOLEAN WaitForPosition(PDATA_WATCH Watch, LONG Position) {
  while (PositionOf(Watch) < Position)
    if (!WaitForEvent(&Watch->Called, TEST_LONG))
      return FALSE;
  return PositionOf(Watch) == Position;
}

VOID CheckWatch(PDATA_WATCH Watch, const char *File, int Line) {
  ConformanceCheckNumber(0, (ULONGLONG)Watch->Wrong, File, Line,
                         "indications that are wrong");
  ConformanceCheckNumber(0, (ULONGLONG)Watch->Overlaps, File, Line,
                         "callbacks at the same time");
}
