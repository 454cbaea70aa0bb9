/*
 * A flood of datagrams, for a client that keeps what it is shown and gives it
 * back later, in another order, on another thread.
 */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "flood_peer.h"
#include "peer.h"
#include "wskcall.h"

#define DATAGRAMS 50000
#define AHEAD     40 /* on their way at a time: the host drops what is more */
#define MAX_KEPT  32 /* lists */
#define ENOUGH    8  /* kept, so that there is a choice */
#define PATIENCE  60000

static struct {
  PWSK_SOCKET Socket;
  LONG Wanted;
  volatile LONG Came, Wrong, Kept, Released, OutOfOrder;
  KEVENT AllCame;
  UCHAR Times[DATAGRAMS]; /* how often each has come */

  KSPIN_LOCK Lock;
  KEVENT Work;
  BOOLEAN Last; /* nothing more will be kept */
  ULONG Count;
  struct {
    PWSK_DATAGRAM_INDICATION List;
    LONG Number;
  } Lists[MAX_KEPT];
} Flood;

static const UCHAR *BytesOf(const WSK_BUF *Buffer) {
  PUCHAR Bytes = MmGetSystemAddressForMdlSafe(Buffer->Mdl, NormalPagePriority);

  return Bytes != NULL ? Bytes + Buffer->Offset : NULL;
}

/* Its number; -1 when a byte of it is not as it was sent. */
static LONG NumberOf(PWSK_DATAGRAM_INDICATION Datagram) {
  const UCHAR *Bytes = BytesOf(&Datagram->Buffer);
  SIZE_T Length = Datagram->Buffer.Length, i;
  ULONG Number;

  if (Bytes == NULL || Length < sizeof(Number))
    return -1;
  RtlCopyMemory(&Number, Bytes, sizeof(Number));
  if (Number >= DATAGRAMS || Length != flood_datagram_length(Number))
    return -1;
  for (i = sizeof(Number); i < Length; i++)
    if (Bytes[i] != peer_pattern(Number + i))
      return -1;
  return (LONG)Number;
}

static VOID Check(PWSK_DATAGRAM_INDICATION List) {
  for (; List != NULL; List = List->Next)
    if (NumberOf(List) < 0)
      InterlockedIncrement(&Flood.Wrong);
}

/* ---- the callback ------------------------------------------------------ */

/* FALSE when there is no room. */
static BOOLEAN Keep(PWSK_DATAGRAM_INDICATION List) {
  BOOLEAN Room;

  KeAcquireSpinLockAtDpcLevel(&Flood.Lock);
  Room = Flood.Count < MAX_KEPT;
  if (Room) {
    Flood.Lists[Flood.Count].List = List;
    Flood.Lists[Flood.Count++].Number = Flood.Kept++;
  }
  KeReleaseSpinLockFromDpcLevel(&Flood.Lock);
  KeSetEvent(&Flood.Work, IO_NO_INCREMENT, FALSE);
  return Room;
}

static NTSTATUS WSKAPI OnDatagrams(PVOID Context, ULONG Flags,
                                   PWSK_DATAGRAM_INDICATION List) {
  PWSK_DATAGRAM_INDICATION Datagram;
  LONG Number, Came = Flood.Came;
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  for (Datagram = List; Datagram != NULL; Datagram = Datagram->Next) {
    Number = NumberOf(Datagram);
    if (Number < 0 || Flood.Times[Number]++ > 0)
      InterlockedIncrement(&Flood.Wrong);
    Came++;
  }
  Status = Keep(List) ? STATUS_PENDING : STATUS_SUCCESS;
  InterlockedExchange(&Flood.Came, Came);
  flood_datagrams_came((unsigned)Came);
  if (Came == Flood.Wanted)
    KeSetEvent(&Flood.AllCame, IO_NO_INCREMENT, FALSE);
  return Status;
}

/* ---- the thread that gives back ---------------------------------------- */

/* Any of those that are kept, but not when there is little choice. NULL when
 * there is nothing to do. */
static PWSK_DATAGRAM_INDICATION TakeOne(PULONG Seed) {
  PWSK_DATAGRAM_INDICATION List = NULL;
  KIRQL Irql;
  ULONG i, Chosen;

  KeAcquireSpinLock(&Flood.Lock, &Irql);
  if (Flood.Count > (Flood.Last ? 0u : (ULONG)ENOUGH)) {
    *Seed = *Seed * 1664525 + 1013904223;
    Chosen = (*Seed >> 16) % Flood.Count;
    for (i = 0; i < Flood.Count; i++)
      if (Flood.Lists[i].Number < Flood.Lists[Chosen].Number) {
        InterlockedIncrement(&Flood.OutOfOrder);
        break;
      }
    List = Flood.Lists[Chosen].List;
    Flood.Lists[Chosen] = Flood.Lists[--Flood.Count];
  }
  KeReleaseSpinLock(&Flood.Lock, Irql);
  return List;
}

static BOOLEAN IsOver(VOID) {
  BOOLEAN Over;
  KIRQL Irql;

  KeAcquireSpinLock(&Flood.Lock, &Irql);
  Over = Flood.Last && Flood.Count == 0;
  KeReleaseSpinLock(&Flood.Lock, Irql);
  return Over;
}

/* A kept datagram must be as it was, however many have come since. */
static VOID GiveBack(PVOID Context) {
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch = Flood.Socket->Dispatch;
  PWSK_DATAGRAM_INDICATION List;
  ULONG Seed = 1;

  UNREFERENCED_PARAMETER(Context);
  while (!IsOver()) {
    WaitForEvent(&Flood.Work, TEST_LONG);
    while ((List = TakeOne(&Seed)) != NULL) {
      Check(List);
      if (Dispatch->WskRelease(Flood.Socket,
                               (PWSK_DATA_INDICATION)(PVOID)List) !=
          STATUS_SUCCESS)
        InterlockedIncrement(&Flood.Wrong);
      InterlockedIncrement(&Flood.Released);
    }
  }
}

/* ---- the test ---------------------------------------------------------- */

static PWSK_SOCKET OpenDatagrams(PUSHORT Port) {
  static const WSK_CLIENT_DATAGRAM_DISPATCH Callbacks = {OnDatagrams};
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID,
                                       WSK_EVENT_RECEIVE_FROM};
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch;
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  TEST_ADDRESS Address;
  PWSK_SOCKET Socket;

  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_DGRAM, IPPROTO_UDP,
      WSK_FLAG_DATAGRAM_SOCKET, NULL, &Callbacks, NULL, NULL, NULL, Irp);
  Socket = SocketOf(Call);
  if (!CHECK(Socket != NULL))
    return NULL;
  Dispatch = Socket->Dispatch;
  Call = NewCall();
  Irp = PrepareCall(Call);
  Call->Returned =
      Dispatch->WskBind(Socket, (PSOCKADDR)Loopback(&Address, 0), 0, Irp);
  CHECK_COMPLETED(Call, STATUS_SUCCESS, 0);
  Call = NewCall();
  Irp = PrepareCall(Call);
  Call->Returned = Dispatch->WskGetLocalAddress(Socket, &Address.Any, Irp);
  CHECK_COMPLETED(Call, STATUS_SUCCESS, 0);
  *Port = PortOf(&Address);
  CHECK_STATUS(STATUS_SUCCESS,
               Dispatch->WskControlSocket(
                   Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                   sizeof(Events), &Events, 0, NULL, NULL, NULL));
  return Socket;
}

static VOID EndKeeping(VOID) {
  KIRQL Irql;

  KeAcquireSpinLock(&Flood.Lock, &Irql);
  Flood.Last = TRUE;
  KeReleaseSpinLock(&Flood.Lock, Irql);
  KeSetEvent(&Flood.Work, IO_NO_INCREMENT, FALSE);
}

/* Defends against a list whose memory is used again while it is kept, and one
 * that is lost when others are given back before it. */
static VOID datagrams_are_kept_and_given_back_in_any_order(VOID) {
  TEST_THREAD Thread;
  USHORT Port = 0;

  RtlZeroMemory(&Flood, sizeof(Flood));
  KeInitializeSpinLock(&Flood.Lock);
  KeInitializeEvent(&Flood.Work, SynchronizationEvent, FALSE);
  KeInitializeEvent(&Flood.AllCame, NotificationEvent, FALSE);
  Flood.Wanted = (LONG)flood_count(DATAGRAMS);
  flood_prepare_datagrams();
  Flood.Socket = OpenDatagrams(&Port);
  REQUIRE(Flood.Socket != NULL);
  flood_datagrams(TEST_IPV6, Port, (unsigned)Flood.Wanted, AHEAD);
  StartThread(&Thread, GiveBack, NULL);
  CHECK(WaitForEvent(&Flood.AllCame, PATIENCE));
  flood_datagrams_came((unsigned)Flood.Wanted);
  flood_join();
  EndKeeping();
  JoinThread(&Thread);
  CHECK_EQUAL(Flood.Wanted, Flood.Came);
  CHECK_EQUAL(0, Flood.Wrong);
  CHECK(Flood.Kept > 0 && Flood.OutOfOrder > 0);
  CHECK_EQUAL(Flood.Kept, Flood.Released);
}

CONFORMANCE_GROUP(flood_datagrams) = {
    TEST(datagrams_are_kept_and_given_back_in_any_order,
         "RECVFROMEV-01 RECVFROMEV-03 RELEASE-05"),
};
