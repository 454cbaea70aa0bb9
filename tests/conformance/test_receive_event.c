/* WskReceiveEvent and WskRelease. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "datawatch.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

static DATA_WATCH Watch;

/* Sends the next bytes of the stream that the callback checks. */
static VOID SendNext(PDATA_WATCH W, SIZE_T Start, SIZE_T Length) {
  peer_send_pattern(W->Peer, Start, Length);
  CHECK(peer_flush(W->Peer));
}

static PWSK_CALL ReceiveInto(PDATA_WATCH W, PTEST_BUFFER Buffer, ULONG Flags) {
  return Receive(NewCall(), W->Socket, &Buffer->Wsk, Flags);
}

/* A WskReceive of no bytes, which makes a paused event go on. */
static VOID Resume(PDATA_WATCH W) {
  CHECK_COMPLETED(ReceiveInto(W, NewBuffer(0), 0), STATUS_SUCCESS, 0);
}

static VOID CheckNoMoreCalls(PDATA_WATCH W, LONG Calls) {
  host_run_a_while();
  CHECK_EQUAL(Calls, ReceiveCalls(W));
}

/* ---- indications ----------------------------------------------------- */

/* Defends against a callback that is called for nothing, with another context,
 * or at another IRQL than the flags say. */
static VOID data_nobody_asked_for_is_indicated(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  CheckNoMoreCalls(&Watch, 0);
  SendNext(&Watch, 0, 100);
  REQUIRE(WaitForPosition(&Watch, 100));
  CHECK(Watch.Flags & WSK_FLAG_AT_DISPATCH_LEVEL);
  CHECK_EQUAL(DISPATCH_LEVEL, Watch.Irql);
  SendNext(&Watch, 100, 50);
  REQUIRE(WaitForPosition(&Watch, 150));
  CHECK_WATCH(&Watch);
}

/* Defends against callbacks that nobody has enabled, and data that they lose.
 */
static VOID nothing_is_indicated_unless_enabled(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(10);

  REQUIRE(OpenWatch(&Watch));
  SendNext(&Watch, 0, 10);
  CheckNoMoreCalls(&Watch, 0);
  CHECK_COMPLETED(ReceiveInto(&Watch, Buffer, WSK_FLAG_WAITALL), STATUS_SUCCESS,
                  10);
  CHECK(BufferIsPattern(Buffer, 0, 0, 10));
}

/* Defends against data that came too early to be told of. */
static VOID what_waited_is_indicated_when_enabled(VOID) {
  REQUIRE(OpenWatch(&Watch));
  SendNext(&Watch, 0, 100);
  host_run_a_while();
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  REQUIRE(WaitForPosition(&Watch, 100));
  CHECK_WATCH(&Watch);
}

/* Defends against bytes that are lost, doubled or swapped, and against two
 * callbacks at a time. */
static VOID a_long_stream_is_indicated_in_order(VOID) {
  const SIZE_T Length = 3 * 1024 * 1024 + 7;

  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  peer_send_pattern(Watch.Peer, 0, Length);
  REQUIRE(WaitForPosition(&Watch, (LONG)Length));
  CHECK_WATCH(&Watch);
}

/* Defends against lists whose members do not add up. */
static VOID a_list_may_have_several_members(VOID) {
  host_set_indications(16, 4);
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  SendNext(&Watch, 0, 64);
  REQUIRE(WaitForPosition(&Watch, 64));
  CHECK_EQUAL(4, Watch.Members);
  CHECK_EQUAL(64, Watch.Indicated);
  SendNext(&Watch, 64, 1000);
  REQUIRE(WaitForPosition(&Watch, 1064));
  CHECK_WATCH(&Watch);
}

/* Defends against a flag that is never or always there. */
static VOID the_end_of_a_message_may_be_told(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  CHECK(Watch.Flags & WSK_FLAG_ENTIRE_MESSAGE);
  host_set_entire_message(FALSE);
  SendNext(&Watch, 10, 10);
  REQUIRE(WaitForPosition(&Watch, 20));
  CHECK(!(Watch.Flags & WSK_FLAG_ENTIRE_MESSAGE));
}

/* Defends against an event that takes what a receive waits for. */
static VOID a_queued_receive_comes_before_the_event(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(10);
  PWSK_CALL Call;

  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  Call = ReceiveInto(&Watch, Buffer, WSK_FLAG_WAITALL);
  CHECK_STILL_PENDING(Call);
  SendNext(&Watch, 0, 10);
  CHECK_PENDED(Call, STATUS_SUCCESS, 10);
  CHECK(BufferIsPattern(Buffer, 0, 0, 10));
  CheckNoMoreCalls(&Watch, 0);
  SendNext(&Watch, 0, 5);
  REQUIRE(WaitForPosition(&Watch, 5));
  CHECK_WATCH(&Watch);
}

/* Defends against a receive that is served while its data is being shown. */
static VOID ReceiveInside(PDATA_WATCH W, PWSK_DATA_INDICATION List) {
  PWSK_CALL Call = W->ActContext;

  UNREFERENCED_PARAMETER(List);
  W->ActContext = NULL;
  if (Call != NULL) {
    Receive(Call, W->Socket, &((PTEST_BUFFER)Call->ThenContext)->Wsk, 0);
    CHECK(!IsCompleted(Call));
  }
}

static VOID the_callback_may_ask_for_what_it_refuses(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(10);
  PWSK_CALL Call = NewCall();

  REQUIRE(OpenWatch(&Watch));
  Call->ThenContext = Buffer;
  Watch.Act = ReceiveInside;
  Watch.ActContext = Call;
  Watch.Answer = STATUS_DATA_NOT_ACCEPTED;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  CHECK_PENDED(Call, STATUS_SUCCESS, 10);
  CHECK(BufferIsPattern(Buffer, 0, 0, 10));
  CheckNoMoreCalls(&Watch, 1);
  /* It has been resumed by that. */
  SendNext(&Watch, 0, 5);
  REQUIRE(WaitForCalls(&Watch, 2));
  CHECK_WATCH(&Watch);
}

/* ---- what is not taken ----------------------------------------------- */

/* Defends against a rest that is lost, or shown again before anybody asks. */
static VOID a_part_may_be_accepted(VOID) {
  REQUIRE(OpenWatch(&Watch));
  Watch.Accept = 3;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 3));
  SendNext(&Watch, 10, 10);
  CheckNoMoreCalls(&Watch, 1);
  Watch.Accept = 0;
  Resume(&Watch);
  REQUIRE(WaitForPosition(&Watch, 20));
  SendNext(&Watch, 20, 10);
  REQUIRE(WaitForPosition(&Watch, 30));
  CHECK_WATCH(&Watch);
}

/* Defends against a cut that goes wrong inside or between members. */
static VOID a_part_may_end_within_any_member(VOID) {
  LONG Part;

  for (Part = 1; Part < 16; Part++) {
    host_set_indications(4, 4);
    REQUIRE(OpenWatch(&Watch));
    Watch.Accept = (SIZE_T)Part;
    CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
    SendNext(&Watch, 0, 16);
    REQUIRE(WaitForPosition(&Watch, Part));
    Watch.Accept = 0;
    Resume(&Watch);
    SendNext(&Watch, 16, 4);
    REQUIRE(WaitForPosition(&Watch, 20));
    CHECK_WATCH(&Watch);
  }
}

/* Defends against a receive that goes past what is buffered. */
static VOID what_was_left_is_received_first(VOID) {
  PTEST_BUFFER Rest = NewBuffer(4), All = NewBuffer(13);

  REQUIRE(OpenWatch(&Watch));
  Watch.Accept = 3;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 3));
  SendNext(&Watch, 10, 10);
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket,
               WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE);
  CHECK_COMPLETED(ReceiveInto(&Watch, Rest, 0), STATUS_SUCCESS, 4);
  CHECK(BufferIsPattern(Rest, 0, 3, 4));
  CHECK_COMPLETED(ReceiveInto(&Watch, All, WSK_FLAG_WAITALL), STATUS_SUCCESS,
                  13);
  CHECK(BufferIsPattern(All, 0, 7, 13));
  CheckNoMoreCalls(&Watch, 1);
}

/* Defends against a receive that leaves the event paused. */
static VOID a_receive_makes_the_event_go_on(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(4);

  REQUIRE(OpenWatch(&Watch));
  Watch.Accept = 3;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 3));
  Watch.Accept = 0;
  InterlockedExchangeAdd(&Watch.Position, 4);
  CHECK_COMPLETED(ReceiveInto(&Watch, Buffer, 0), STATUS_SUCCESS, 4);
  CHECK(BufferIsPattern(Buffer, 0, 3, 4));
  REQUIRE(WaitForPosition(&Watch, 10));
  CHECK_WATCH(&Watch);
}

/* Defends against a drain that keeps what is buffered. */
static VOID a_drain_takes_what_was_left(VOID) {
  PWSK_CALL Call;

  REQUIRE(OpenWatch(&Watch));
  Watch.Accept = 3;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 3));
  Call = ReceiveInto(&Watch, NewBuffer(0), WSK_FLAG_DRAIN);
  CHECK_STILL_PENDING(Call);
  SendNext(&Watch, 10, 1000);
  CHECK_STILL_PENDING(Call);
  peer_finish(Watch.Peer);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, ReceiveCalls(&Watch));
}

/* Defends against refused data that is lost, and an event that is then off. */
static VOID refused_data_waits_for_a_receive(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(10);

  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_DATA_NOT_ACCEPTED;
  Watch.Accept = 5; /* means nothing then */
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForCalls(&Watch, 1));
  CheckNoMoreCalls(&Watch, 1);
  Watch.Answer = STATUS_SUCCESS;
  Watch.Accept = 0;
  CHECK_COMPLETED(ReceiveInto(&Watch, Buffer, 0), STATUS_SUCCESS, 10);
  CHECK(BufferIsPattern(Buffer, 0, 0, 10));
  SendNext(&Watch, 0, 7);
  REQUIRE(WaitForPosition(&Watch, 7));
  CHECK_WATCH(&Watch);
}

/* Defends against refused data that a resumed event forgets. */
static VOID refused_data_is_indicated_again(VOID) {
  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_DATA_NOT_ACCEPTED;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForCalls(&Watch, 1));
  Watch.Answer = STATUS_SUCCESS;
  Resume(&Watch);
  REQUIRE(WaitForPosition(&Watch, 10));
  CHECK_EQUAL(2, ReceiveCalls(&Watch));
  CHECK_WATCH(&Watch);
}

/* ---- what is kept ---------------------------------------------------- */

static BOOLEAN ListIsPattern(PWSK_DATA_INDICATION List, SIZE_T Start) {
  PUCHAR Bytes =
      MmGetSystemAddressForMdlSafe(List->Buffer.Mdl, NormalPagePriority);
  SIZE_T i;

  for (i = 0; i < List->Buffer.Length; i++)
    if (Bytes[List->Buffer.Offset + i] != peer_pattern(Start + i))
      return FALSE;
  return TRUE;
}

/* Defends against kept data that changes, callbacks that wait for its release,
 * and lists that come back in one order only. */
static VOID kept_lists_stay_until_released(VOID) {
  static const ULONG Order[] = {2, 0, 3, 1};
  PWSK_SOCKET Other;
  struct peer *Peer;
  ULONG i;

  REQUIRE(OpenWatch(&Watch));
  Other = OpenToPeer(0, &Peer);
  Watch.Answer = STATUS_PENDING;
  Watch.AcceptNone = TRUE; /* means nothing then */
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  for (i = 0; i < 4; i++) {
    SendNext(&Watch, i * 100, 100);
    REQUIRE(WaitForPosition(&Watch, (LONG)(i + 1) * 100));
    REQUIRE(ReceiveCalls(&Watch) == (LONG)i + 1);
  }
  for (i = 0; i < 4; i++) {
    PWSK_DATA_INDICATION List = Watch.Lists[Order[i]];

    CHECK(ListIsPattern(List, Order[i] * 100));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(Other, List));
    CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Socket, List));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(Watch.Socket, List));
  }
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(Watch.Socket, NULL));
  CHECK_WATCH(&Watch);
}

/* Defends against a provider that follows pointers which are the client's to
 * change while it keeps the list. */
static VOID a_kept_list_may_be_taken_apart(VOID) {
  PWSK_DATA_INDICATION List;

  host_set_indications(8, 4);
  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_PENDING;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 32);
  REQUIRE(WaitForPosition(&Watch, 32));
  REQUIRE(Watch.Members == 4);
  List = Watch.Lists[0];
  List->Next->Next = List;
  List->Next->Buffer.Mdl = NULL;
  List->Next = NULL;
  CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Socket, List));
  Watch.Answer = STATUS_SUCCESS;
  SendNext(&Watch, 32, 1000);
  REQUIRE(WaitForPosition(&Watch, 1032));
  CHECK_WATCH(&Watch);
}

/* Defends against half a list that is freed. */
static VOID a_list_is_released_by_its_head(VOID) {
  PWSK_DATA_INDICATION List;

  host_set_indications(8, 2);
  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_PENDING;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 16);
  REQUIRE(WaitForPosition(&Watch, 16));
  List = Watch.Lists[0];
  REQUIRE(List->Next != NULL);
  host_expect_reports();
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(Watch.Socket, List->Next));
  CHECK_EQUAL(1, host_reports("RELEASE-03"));
  CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Socket, List));
  CHECK_EQUAL(1, host_all_reports());
}

static VOID ReleaseInside(PDATA_WATCH W, PWSK_DATA_INDICATION List) {
  CHECK_STATUS(STATUS_SUCCESS, Release(W->Socket, List));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(W->Socket, List));
}

/* Defends against a release that comes before the provider knows the list is
 * kept: a send of it may complete inside the callback. */
static VOID a_list_may_be_released_inside_the_callback(VOID) {
  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_PENDING;
  Watch.Act = ReleaseInside;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  SendNext(&Watch, 10, 10);
  REQUIRE(WaitForPosition(&Watch, 20));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(Watch.Socket, Watch.Lists[0]));
  CHECK_WATCH(&Watch);
}

/* Defends against a list that is freed twice. */
static VOID releasing_what_is_not_kept_is_reported(VOID) {
  REQUIRE(OpenWatch(&Watch));
  host_expect_reports();
  Watch.Act = ReleaseInside;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  host_run_a_while();
  CHECK_EQUAL(1, host_reports("RELEASE-01"));
  CHECK_WATCH(&Watch);
}

static VOID ReleaseAll(PDATA_WATCH W, LONG *Released) {
  LONG Kept = InterlockedOr(&W->Kept, 0);

  for (; *Released < Kept; (*Released)++)
    CHECK_STATUS(STATUS_SUCCESS,
                 Release(W->Socket, W->Lists[*Released % WATCH_MAX_LISTS]));
}

/* Defends against memory without end for a client that keeps everything, and
 * against a connection that stays stuck when it gives it back. */
static VOID keeping_too_much_holds_the_sender_back(VOID) {
  const LONG Length = 16 * 1024 * 1024;
  LONG Released = 0;

  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_PENDING;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  peer_send_pattern(Watch.Peer, 0, (SIZE_T)Length);
  while (!(InterlockedOr(&Watch.AllFlags, 0) & WSK_FLAG_RELEASE_ASAP))
    REQUIRE(WaitForEvent(&Watch.Called, TEST_LONG));
  host_run_a_while();
  CHECK(PositionOf(&Watch) < Length);
  CHECK(ReceiveCalls(&Watch) < WATCH_MAX_LISTS);
  InterlockedExchange((volatile LONG *)&Watch.Answer, STATUS_SUCCESS);
  ReleaseAll(&Watch, &Released);
  REQUIRE(WaitForPosition(&Watch, Length));
  ReleaseAll(&Watch, &Released); /* what was answered before, and came since */
  CHECK_WATCH(&Watch);
}

/* ---- after the callback ---------------------------------------------- */

/* Defends against a list that a client may go on using by mistake. */
static VOID a_list_is_spoiled_after_the_callback(VOID) {
  PWSK_DATA_INDICATION List;

  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  host_run_a_while();
  List = Watch.Lists[0];
  CHECK(List->Buffer.Length != 10);
  CHECK(List->Next != NULL);
  CHECK(Watch.First[0] != peer_pattern(0) || Watch.First[1] != peer_pattern(1));
}

/* Defends against counts that make the provider lose its place. */
static VOID accepting_too_much_is_reported(VOID) {
  REQUIRE(OpenWatch(&Watch));
  host_expect_reports();
  Watch.Claim = 1000;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  host_run_a_while();
  CHECK_EQUAL(1, host_reports("RECVEV-08"));
  Watch.Claim = 0;
  SendNext(&Watch, 10, 10);
  REQUIRE(WaitForPosition(&Watch, 20));
  CHECK_WATCH(&Watch);
  CHECK_EQUAL(1, host_all_reports());
}

static VOID another_status_is_reported_and_refuses(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(10);

  REQUIRE(OpenWatch(&Watch));
  host_expect_reports();
  Watch.Answer = STATUS_UNSUCCESSFUL;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForCalls(&Watch, 1));
  CheckNoMoreCalls(&Watch, 1);
  CHECK_EQUAL(1, host_reports("RECVEV-06"));
  CHECK_COMPLETED(ReceiveInto(&Watch, Buffer, 0), STATUS_SUCCESS, 10);
  CHECK(BufferIsPattern(Buffer, 0, 0, 10));
}

/* ---- memory ---------------------------------------------------------- */

/* Defends against a connection that goes deaf when there was no memory for a
 * moment. */
static VOID data_waits_for_memory(VOID) {
  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_PENDING;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  while (!host_allocation_failed()) {
    LONG Position = PositionOf(&Watch);

    host_fail_allocation(1);
    SendNext(&Watch, (SIZE_T)Position, 10);
    host_run_a_while();
    if (!host_allocation_failed())
      REQUIRE(WaitForPosition(&Watch, Position + 10));
    else
      CHECK_EQUAL(Position, PositionOf(&Watch));
    host_fail_allocation(0);
    if (PositionOf(&Watch) == Position)
      break;
  }
  {
    LONG Position = PositionOf(&Watch), Released = 0;

    CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Socket, Watch.Lists[0]));
    Released = 1;
    REQUIRE(WaitForPosition(&Watch, Position + 10));
    ReleaseAll(&Watch, &Released);
  }
  CHECK_WATCH(&Watch);
}

/* Fills blocks of memory until one is wanted and cannot be had. */
static BOOLEAN StarveWatch(PDATA_WATCH W) {
  LONG Position = 0;
  BOOLEAN Failed = FALSE;

  while (!Failed) {
    host_fail_allocation(1);
    SendNext(W, (SIZE_T)Position, 10);
    host_run_a_while();
    Failed = host_allocation_failed() != 0;
    host_fail_allocation(0);
    Position += 10;
    if (!Failed && !CHECK(WaitForPosition(W, Position)))
      return FALSE;
  }
  return CHECK(PositionOf(W) < Position);
}

/* Defends against memory that wakes one who does not want it any more, and
 * nobody else. */
static VOID memory_comes_to_who_wants_it(VOID) {
  static DATA_WATCH Other;
  LONG Released = 1;

  REQUIRE(OpenWatch(&Watch) && OpenWatching(&Other, WSK_EVENT_RECEIVE));
  Watch.Answer = STATUS_PENDING;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  REQUIRE(StarveWatch(&Watch) && StarveWatch(&Other));
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket,
               WSK_EVENT_DISABLE | WSK_EVENT_RECEIVE);
  CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Socket, Watch.Lists[0]));
  REQUIRE(WaitForPosition(&Other, 10));
  ReleaseAll(&Watch, &Released);
}

/* Two blocks wait to be received, and the socket waits for a third one. Defends
 * against a receive that gives a block back and is then finished twice, for the
 * block lets the socket look at its receives again. */
static VOID a_receive_gives_back_what_its_socket_waits_for(VOID) {
  static DATA_WATCH Other;
  PTEST_BUFFER Buffer = NewBuffer(4);
  LONG i, Released = 0;
  BOOLEAN Starves;

  REQUIRE(OpenWatch(&Watch) && OpenWatch(&Other));
  Other.Answer = STATUS_PENDING;
  Watch.Answer = STATUS_DATA_NOT_ACCEPTED;
  CHECK_EVENTS(STATUS_SUCCESS, Other.Socket, WSK_EVENT_RECEIVE);
  REQUIRE(StarveWatch(&Other));
  host_set_indications(4, 3);
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  host_fail_allocation(3);
  SendNext(&Watch, 0, 12);
  Starves = WaitForCalls(&Watch, 1) && host_allocation_failed();
  host_fail_allocation(0);
  REQUIRE(Starves);
  for (i = 0; i < 3; i++) {
    CHECK_COMPLETED(Receive(NewCall(), Watch.Socket, &Buffer->Wsk, 0),
                    STATUS_SUCCESS, 4);
    CHECK(BufferIsPattern(Buffer, 0, (SIZE_T)i * 4, 4));
  }
  ReleaseAll(&Other, &Released);
}

/* Defends against an allocation for each callback. */
static VOID indications_allocate_nothing(VOID) {
  unsigned long long Before;
  LONG i, Rounds = 200;

  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  Before = host_allocations();
  for (i = 1; i <= Rounds; i++) {
    peer_send_pattern(Watch.Peer, (SIZE_T)i * 10, 10);
    REQUIRE(WaitForPosition(&Watch, (i + 1) * 10));
  }
  CHECK_EQUAL(Before, host_allocations());
  CHECK_WATCH(&Watch);
}

/* ---- closing --------------------------------------------------------- */

/* Defends against lists that nobody gives back, and a crash over them. */
static VOID closing_over_kept_lists_is_reported(VOID) {
  REQUIRE(OpenWatch(&Watch));
  host_expect_reports();
  Watch.Answer = STATUS_PENDING;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  SendNext(&Watch, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  host_run_a_while();
  CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, host_reports("CLOSE-09"));
  /* Close has not freed it for the client. */
  CHECK(ListIsPattern(Watch.Lists[0], 0));
  CHECK_STATUS(STATUS_FILE_CLOSED, Release(Watch.Socket, Watch.Lists[0]));
  CHECK_EQUAL(1, host_reports("CLOSE-06"));
  CHECK_EQUAL(2, host_all_reports());
}

static VOID CloseInside(PDATA_WATCH W, PWSK_DATA_INDICATION List) {
  PWSK_CALL Call = W->ActContext;

  UNREFERENCED_PARAMETER(List);
  W->ActContext = NULL;
  if (Call == NULL)
    return;
  Close(Call, W->Socket);
  CHECK(!IsCompleted(Call));
}

/* Defends against a close that completes under the callback that called it,
 * and against a callback after it. */
static VOID the_callback_may_close_its_socket(VOID) {
  static const NTSTATUS Answers[] = {STATUS_SUCCESS, STATUS_DATA_NOT_ACCEPTED};
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Answers); i++) {
    PWSK_CALL Call = NewCall();

    REQUIRE(OpenWatch(&Watch));
    Watch.Answer = Answers[i];
    Watch.Act = CloseInside;
    Watch.ActContext = Call;
    CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
    SendNext(&Watch, 0, 10);
    REQUIRE(WaitForCalls(&Watch, 1));
    CHECK_PENDED(Call, STATUS_SUCCESS, 0);
    CheckNoMoreCalls(&Watch, 1);
    CHECK_WATCH(&Watch);
  }
}

/* Defends against a callback that meets a socket that is gone. */
static VOID a_close_races_with_data(VOID) {
  ULONG Round;

  for (Round = 0; Round < 30; Round++) {
    LONG Before;

    REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
    peer_send_pattern(Watch.Peer, 0, 1000);
    if (Round % 2 != 0)
      REQUIRE(WaitForCalls(&Watch, 1));
    CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
    Before = ReceiveCalls(&Watch);
    CHECK_EQUAL(0, Watch.Inside);
    host_run_a_while();
    CHECK_EQUAL(Before, ReceiveCalls(&Watch));
    CHECK_WATCH(&Watch);
  }
}

/* Defends against a client that waits for ever for a socket that has died. */
static VOID the_death_of_the_socket_is_told_once(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  CHECK(host_kill_socket(Watch.Socket));
  while (InterlockedCompareExchange(&Watch.Deaths, 0, 0) == 0)
    REQUIRE(WaitForEvent(&Watch.Called, TEST_LONG));
  host_run_a_while();
  CHECK_EQUAL(1, Watch.Deaths);
  CHECK_EQUAL(0, ReceiveCalls(&Watch));
  CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
}

/* ---- tables ---------------------------------------------------------- */

/* Defends against a table whose members stand elsewhere than drivers look. */
static VOID sockets_that_receive_have_a_release(VOID) {
  TEST_ADDRESS Address;
  PWSK_SOCKET Stream;
  const WSK_PROVIDER_STREAM_DISPATCH *Table;

  REQUIRE(OpenWatch(&Watch));
  CHECK(DispatchOf(Watch.Socket)->WskRelease != NULL);
  CHECK_EQUAL(FIELD_OFFSET(WSK_PROVIDER_LISTEN_DISPATCH, WskGetLocalAddress) +
                  sizeof(PVOID),
              sizeof(WSK_PROVIDER_LISTEN_DISPATCH));
  Stream = SocketOf(CreateSocket(NewCall(), TestFamily, SOCK_STREAM,
                                 IPPROTO_TCP, WSK_FLAG_STREAM_SOCKET));
  REQUIRE(Stream != NULL);
  CHECK_PENDED(Bind(NewCall(), Stream, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  Table = Stream->Dispatch;
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Table->WskRelease(Stream, NULL));
}

CONFORMANCE_GROUP(receive_event) = {
    TEST(data_nobody_asked_for_is_indicated, "RECVEV-01 RECVEV-02 IRQL-05"),
    TEST(nothing_is_indicated_unless_enabled, "RECVEV-01"),
    TEST(what_waited_is_indicated_when_enabled, "RECVEV-01"),
    TEST(a_long_stream_is_indicated_in_order, "RECVEV-01 RECVEV-09"),
    TEST(a_list_may_have_several_members, "RECVEV-01"),
    TEST(the_end_of_a_message_may_be_told, "RECVEV-12"),
    TEST(a_queued_receive_comes_before_the_event, "RECV-09 RECVEV-01"),
    TEST(the_callback_may_ask_for_what_it_refuses, "RECVEV-06 RECVEV-09"),
    TEST(a_part_may_be_accepted, "RECVEV-03 RECVEV-04 RECV-08"),
    TEST(a_part_may_end_within_any_member, "RECVEV-03 RECVEV-04"),
    TEST(what_was_left_is_received_first, "RECVEV-03 RECVEV-04"),
    TEST(a_receive_makes_the_event_go_on, "RECVEV-04"),
    TEST(a_drain_takes_what_was_left, "RECVEV-03 RECV-05"),
    TEST(refused_data_waits_for_a_receive, "RECVEV-06 RECVEV-07"),
    TEST(refused_data_is_indicated_again, "RECVEV-06"),
    TEST(kept_lists_stay_until_released,
         "RECVEV-05 RECVEV-07 RELEASE-01 RELEASE-02"),
    TEST(a_kept_list_may_be_taken_apart, "RECVEV-05 RELEASE-01"),
    TEST(a_list_is_released_by_its_head, "RELEASE-03"),
    TEST(a_list_may_be_released_inside_the_callback, "RELEASE-01"),
    TEST(releasing_what_is_not_kept_is_reported, "RELEASE-01"),
    TEST(keeping_too_much_holds_the_sender_back, "RECVEV-05 RECVEV-11"),
    TEST(a_list_is_spoiled_after_the_callback, "RECVEV-10"),
    TEST(accepting_too_much_is_reported, "RECVEV-08"),
    TEST(another_status_is_reported_and_refuses, "RECVEV-06"),
    TEST(data_waits_for_memory, "RECVEV-01"),
    TEST(memory_comes_to_who_wants_it, "RECVEV-01"),
    TEST_ONCE(a_receive_gives_back_what_its_socket_waits_for, "RECVEV-06"),
    TEST(indications_allocate_nothing, "RECVEV-01"),
    TEST(closing_over_kept_lists_is_reported, "CLOSE-09"),
    TEST(the_callback_may_close_its_socket, "CLOSE-03 EVENTS-19"),
    TEST(a_close_races_with_data, "CLOSE-03 CLOSE-10"),
    TEST(the_death_of_the_socket_is_told_once, "EVENTS-20"),
    TEST(sockets_that_receive_have_a_release, "RELEASE-04"),
};
