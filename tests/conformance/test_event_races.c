/* Events of connections against threads that release, receive, switch and close
 * meanwhile. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "datawatch.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define STREAM (2 * 1024 * 1024)

static DATA_WATCH Watch;

/* ---- lists that another thread releases ------------------------------ */

/* What callbacks have kept and nobody has released: a ring. */
#define RING 64

static struct {
  KSPIN_LOCK Lock;
  PWSK_DATA_INDICATION Lists[RING];
  ULONG First, Count;
  volatile LONG Stop;
  KEVENT Filled;
} Ring;

static VOID ClearRing(VOID) {
  RtlZeroMemory(&Ring, sizeof(Ring));
  KeInitializeSpinLock(&Ring.Lock);
  KeInitializeEvent(&Ring.Filled, SynchronizationEvent, FALSE);
}

static VOID Keep(PDATA_WATCH W, PWSK_DATA_INDICATION List) {
  KIRQL Irql;

  UNREFERENCED_PARAMETER(W);
  KeAcquireSpinLock(&Ring.Lock, &Irql);
  CHECK(Ring.Count < RING);
  Ring.Lists[(Ring.First + Ring.Count++) % RING] = List;
  KeReleaseSpinLock(&Ring.Lock, Irql);
  KeSetEvent(&Ring.Filled, IO_NO_INCREMENT, FALSE);
}

/* The oldest and the youngest in turns. */
static PWSK_DATA_INDICATION TakeKept(ULONG Turn) {
  PWSK_DATA_INDICATION List = NULL;
  KIRQL Irql;

  KeAcquireSpinLock(&Ring.Lock, &Irql);
  if (Ring.Count > 0) {
    List = Ring.Lists[(Ring.First + (Turn % 2 ? Ring.Count - 1 : 0)) % RING];
    if (Turn % 2 == 0)
      Ring.First = (Ring.First + 1) % RING;
    Ring.Count--;
  }
  KeReleaseSpinLock(&Ring.Lock, Irql);
  return List;
}

static VOID ReleaseKept(PVOID Context) {
  PDATA_WATCH W = Context;
  PWSK_DATA_INDICATION List;
  ULONG Turn = 0;

  do {
    WaitForEvent(&Ring.Filled, TEST_MOMENT);
    while ((List = TakeKept(Turn++)) != NULL)
      CHECK_STATUS(STATUS_SUCCESS, Release(W->Socket, List));
  } while (InterlockedCompareExchange(&Ring.Stop, 0, 0) == 0);
}

/* Defends against a release that comes while the callback that keeps the list
 * has yet to return, and against reading that rests for ever. */
static VOID lists_are_released_by_another_thread(VOID) {
  TEST_THREAD Thread;

  ClearRing();
  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_PENDING;
  Watch.Act = Keep;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  StartThread(&Thread, ReleaseKept, &Watch);
  peer_send_pattern(Watch.Peer, 0, STREAM);
  CHECK(WaitForPosition(&Watch, STREAM));
  host_run_a_while();
  InterlockedExchange(&Ring.Stop, TRUE);
  JoinThread(&Thread);
  CHECK_WATCH(&Watch);
}

/* ---- receives beside the event --------------------------------------- */

static volatile LONG Received;

/* The callback refuses everything; each receive lets it be called again. */
static VOID ReceiveAll(PVOID Context) {
  PDATA_WATCH W = Context;
  PTEST_BUFFER Buffer = NewBuffer(30000);
  PWSK_CALL Call = NewCall();

  while (InterlockedCompareExchange(&Received, 0, 0) < STREAM) {
    LONG Start = InterlockedCompareExchange(&Received, 0, 0);

    Receive(Call, W->Socket, &Buffer->Wsk, 0);
    if (!CHECK(WaitForCall(Call)) || !CHECK(Call->Information > 0))
      return;
    CHECK(BufferIsPattern(Buffer, 0, (SIZE_T)Start, Call->Information));
    InterlockedExchangeAdd(&W->Position, (LONG)Call->Information);
    InterlockedExchangeAdd(&Received, (LONG)Call->Information);
  }
}

/* Defends against bytes that pass others between callback, buffer and host. */
static VOID refused_data_is_received_in_order(VOID) {
  TEST_THREAD Thread;

  Received = 0;
  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_DATA_NOT_ACCEPTED;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  StartThread(&Thread, ReceiveAll, &Watch);
  peer_send_pattern(Watch.Peer, 0, STREAM);
  JoinThread(&Thread);
  CHECK_EQUAL(STREAM, Received);
  CHECK_EQUAL(0, Watch.Overlaps);
}

/* Defends against the same while the event comes and goes, so that receives
 * look at the host themselves at times. */
static VOID Toggle(PVOID Context) {
  PDATA_WATCH W = Context;

  while (InterlockedCompareExchange(&Received, 0, 0) < STREAM) {
    ControlEvents(W->Socket, WSK_EVENT_RECEIVE, NULL);
    ControlEvents(W->Socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE, NULL);
    host_run_a_while();
  }
}

static VOID switching_does_not_disturb_receives(VOID) {
  TEST_THREAD Receiver, Switch;

  Received = 0;
  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_DATA_NOT_ACCEPTED;
  StartThread(&Receiver, ReceiveAll, &Watch);
  StartThread(&Switch, Toggle, &Watch);
  peer_send_pattern(Watch.Peer, 0, STREAM);
  JoinThread(&Receiver);
  JoinThread(&Switch);
  CHECK_EQUAL(STREAM, Received);
}

/* ---- closing --------------------------------------------------------- */

static VOID SwitchUntilClosed(PVOID Context) {
  PDATA_WATCH W = Context;

  while (InterlockedCompareExchange(&Ring.Stop, 0, 0) == 0) {
    ControlEvents(W->Socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT, NULL);
    ControlEvents(W->Socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE, NULL);
  }
}

/* Defends against a callback, or the end of one, that meets a socket that is
 * gone: everything happens at a time but the calls, which are over before the
 * close. */
static VOID a_close_races_with_every_event(VOID) {
  ULONG Round;

  for (Round = 0; Round < 20; Round++) {
    TEST_THREAD Thread;
    LONG Calls, Ends;

    ClearRing();
    REQUIRE(OpenWatch(&Watch));
    StartThread(&Thread, SwitchUntilClosed, &Watch);
    peer_send_pattern(Watch.Peer, 0, 100000);
    if (Round % 2 != 0)
      peer_finish(Watch.Peer);
    InterlockedExchange(&Ring.Stop, TRUE);
    JoinThread(&Thread);
    CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
    Calls = ReceiveCalls(&Watch);
    Ends = EndCalls(&Watch);
    CHECK_EQUAL(0, InterlockedCompareExchange(&Watch.Inside, 0, 0));
    host_run_a_while();
    CHECK_EQUAL(Calls, ReceiveCalls(&Watch));
    CHECK_EQUAL(Ends, EndCalls(&Watch));
    CHECK_WATCH(&Watch);
  }
}

CONFORMANCE_GROUP(event_races) = {
    TEST(lists_are_released_by_another_thread, "RECVEV-05 RELEASE-01"),
    TEST(refused_data_is_received_in_order, "RECVEV-06 RECVEV-09"),
    TEST(switching_does_not_disturb_receives, "EVENTS-06 RECVEV-06"),
    TEST(a_close_races_with_every_event, "CLOSE-03 CLOSE-10"),
};
