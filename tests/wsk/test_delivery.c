/*
 * How data comes, when a test asks for it (uwsk/event.h): small receives, MDLs
 * that are cut, flags that are or are not told.
 */
#include <ntddk.h>
#include <wsk.h>

#include <uwsk/event.h>

#include "conformance.h"
#include "datawatch.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

static DATA_WATCH Watch;

/* ---- receives ---------------------------------------------------------- */

static ULONG_PTR ReceiveSome(PWSK_SOCKET Socket, PTEST_BUFFER Buffer,
                             ULONG Flags) {
  PWSK_CALL Call = Receive(NewCall(), Socket, &Buffer->Wsk, Flags);

  CHECK_COMPLETED(Call, STATUS_SUCCESS, TEST_ANY);
  return Call->Information;
}

/* Defends against a limit that only one of the two paths keeps: data that is
 * there already, and data that a receive waits for. */
static VOID a_receive_brings_no_more_than_the_limit(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  uwsk_limit_receives(4, 0);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, 0);
  CHECK_STILL_PENDING(Call);
  peer_send_pattern(Peer, 0, 11);
  CHECK_PENDED(Call, STATUS_SUCCESS, 4);
  CHECK(BufferIsPattern(Buffer, 0, 0, 4) && BufferUntouchedFrom(Buffer, 4));
  REQUIRE(peer_flush(Peer));
  CHECK_EQUAL(4, ReceiveSome(Socket, Buffer, 0));
  CHECK(BufferIsPattern(Buffer, 0, 4, 4) && BufferUntouchedFrom(Buffer, 4));
  uwsk_limit_receives(0, 0);
  CHECK_EQUAL(3, ReceiveSome(Socket, Buffer, 0));
}

static VOID waitall_waits_for_all_of_it_all_the_same(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(100);

  REQUIRE(Socket != NULL);
  uwsk_limit_receives(7, 0);
  peer_send_pattern(Peer, 0, 100);
  CHECK_EQUAL(100, ReceiveSome(Socket, Buffer, WSK_FLAG_WAITALL));
  CHECK(BufferIsPattern(Buffer, 0, 0, 100));
}

#define DRAWN 40

static VOID ReceiveDrawn(PWSK_SOCKET Socket, ULONG Sizes[DRAWN]) {
  PTEST_BUFFER Buffer = NewBuffer(64);
  ULONG i;

  uwsk_limit_receives(16, 4711);
  for (i = 0; i < DRAWN; i++) {
    Sizes[i] = (ULONG)ReceiveSome(Socket, Buffer, 0);
    CHECK(Sizes[i] >= 1 && Sizes[i] <= 16);
  }
}

/* All of it waits when the first receive is made, so that nothing but the seed
 * decides. */
static VOID a_seed_draws_the_same_sizes_again(VOID) {
  ULONG First[DRAWN], Second[DRAWN];
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  if (host_is_windows())
    return; /* Its host is asked twice for what comes by the loop. */
  peer_send_pattern(Peer, 0, 2 * 16 * DRAWN);
  REQUIRE(peer_flush(Peer));
  ReceiveDrawn(Socket, First);
  ReceiveDrawn(Socket, Second);
  CHECK(RtlEqualMemory(First, Second, sizeof(First)));
  CHECK(First[0] != First[1] || First[1] != First[2]);
}

/* ---- indications ------------------------------------------------------- */

static struct {
  ULONG Offset, FirstMdl, SecondMdl;
  BOOLEAN IsChain;
} Shape;

static VOID LookAtShape(PWSK_DATA_INDICATION List) {
  PMDL First = List->Buffer.Mdl;

  Shape.Offset = List->Buffer.Offset;
  Shape.FirstMdl = MmGetMdlByteCount(First);
  Shape.IsChain = First->Next != NULL;
  Shape.SecondMdl = Shape.IsChain ? MmGetMdlByteCount(First->Next) : 0;
}

/* The watch compares every byte with the stream, wherever it lies. */
static VOID an_indication_may_be_cut_into_two_mdls(VOID) {
  CHECK(uwsk_set_indication_mdls(10, 3));
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  Watch.Look = LookAtShape;
  peer_send_pattern(Watch.Peer, 0, 25);
  REQUIRE(WaitForPosition(&Watch, 25));
  CHECK_WATCH(&Watch);
  CHECK_EQUAL(3, Shape.Offset);
  CHECK_EQUAL(13, Shape.FirstMdl);
  CHECK_EQUAL(15, Shape.SecondMdl);
  peer_send_pattern(Watch.Peer, 25, 10);
  REQUIRE(WaitForPosition(&Watch, 35));
  CHECK_WATCH(&Watch);
  CHECK(!Shape.IsChain);
}

/* Defends against a rest that is shown with the cut of the whole. */
static VOID what_was_not_accepted_is_cut_anew(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(1);

  CHECK(uwsk_set_indication_mdls(4, 0));
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  Watch.Look = LookAtShape;
  Watch.Accept = 5;
  peer_send_pattern(Watch.Peer, 0, 20);
  REQUIRE(WaitForPosition(&Watch, 5));
  Watch.Accept = 0;
  InterlockedIncrement(&Watch.Position); /* for the receive takes one */
  CHECK_EQUAL(1, ReceiveSome(Watch.Socket, Buffer, 0));
  CHECK(BufferIsPattern(Buffer, 0, 5, 1));
  REQUIRE(WaitForPosition(&Watch, 20));
  CHECK_WATCH(&Watch);
  CHECK_EQUAL(6, Shape.Offset);
  CHECK_EQUAL(10, Shape.FirstMdl);
}

/* ---- flags ------------------------------------------------------------- */

static VOID release_asap_may_always_be_told(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  peer_send_pattern(Watch.Peer, 0, 1);
  REQUIRE(WaitForPosition(&Watch, 1));
  CHECK(!(Watch.Flags & WSK_FLAG_RELEASE_ASAP));
  uwsk_set_release_asap(true);
  peer_send_pattern(Watch.Peer, 1, 1);
  REQUIRE(WaitForPosition(&Watch, 2));
  CHECK(Watch.Flags & WSK_FLAG_RELEASE_ASAP);
}

/* Defends against a driver's conclusion that it is at PASSIVE_LEVEL then. */
static VOID dispatch_level_need_not_be_told(VOID) {
  uwsk_set_at_dispatch_told(false);
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT));
  peer_send_pattern(Watch.Peer, 0, 1);
  REQUIRE(WaitForPosition(&Watch, 1));
  CHECK(!(Watch.Flags & WSK_FLAG_AT_DISPATCH_LEVEL));
  CHECK_EQUAL(DISPATCH_LEVEL, Watch.Irql);
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK(!(Watch.EndFlags & WSK_FLAG_AT_DISPATCH_LEVEL));
}

/* ---- bounds ------------------------------------------------------------ */

static VOID numbers_out_of_bounds_change_nothing(VOID) {
  CHECK(!uwsk_set_indication_mdls(65537, 0));
  CHECK(!uwsk_set_indication_mdls(1, 4097));
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  Watch.Look = LookAtShape;
  peer_send_pattern(Watch.Peer, 0, 2);
  REQUIRE(WaitForPosition(&Watch, 2));
  CHECK_EQUAL(0, Shape.Offset);
  CHECK(!Shape.IsChain);
}

CONFORMANCE_GROUP(delivery) = {
    TEST_ONCE(a_receive_brings_no_more_than_the_limit, ""),
    TEST_ONCE(waitall_waits_for_all_of_it_all_the_same, ""),
    TEST_ONCE(a_seed_draws_the_same_sizes_again, ""),
    TEST_ONCE(an_indication_may_be_cut_into_two_mdls, ""),
    TEST_ONCE(what_was_not_accepted_is_cut_anew, ""),
    TEST_ONCE(release_asap_may_always_be_told, ""),
    TEST_ONCE(dispatch_level_need_not_be_told, ""),
    TEST_ONCE(numbers_out_of_bounds_change_nothing, ""),
};
