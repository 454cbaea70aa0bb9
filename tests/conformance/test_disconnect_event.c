/* WskDisconnectEvent. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "datawatch.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define BOTH (WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT)

static DATA_WATCH Watch;

static VOID CheckNoEnd(PDATA_WATCH W) {
  host_run_a_while();
  CHECK_EQUAL(0, EndCalls(W));
}

/* Defends against an end that overtakes data, comes twice, or is called an
 * abort. */
static VOID an_orderly_end_is_told_after_the_data(VOID) {
  REQUIRE(OpenWatching(&Watch, BOTH));
  peer_send_pattern(Watch.Peer, 0, 300000);
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_EQUAL(WSK_FLAG_AT_DISPATCH_LEVEL, Watch.EndFlags);
  CHECK_EQUAL(DISPATCH_LEVEL, Watch.EndIrql);
  CHECK_EQUAL(300000, Watch.EndPosition);
  /* Our own direction goes on. */
  CHECK_PENDED(Send(NewCall(), Watch.Socket, &BufferOf("more", 4)->Wsk, 0),
               STATUS_SUCCESS, 4);
  CHECK(peer_expect(Watch.Peer, "more", 4));
  host_run_a_while();
  CHECK_EQUAL(1, EndCalls(&Watch));
  CHECK_WATCH(&Watch);
}

/* Defends against a reset that looks like an end, or that leaves calls open. */
static VOID a_reset_is_told_as_an_abort(VOID) {
  REQUIRE(OpenWatching(&Watch, BOTH));
  peer_reset(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  if (host_loses_resets())
    return;
  CHECK_EQUAL(WSK_FLAG_AT_DISPATCH_LEVEL | WSK_FLAG_ABORTIVE, Watch.EndFlags);
  CHECK_AT_ONCE(Send(NewCall(), Watch.Socket, &BufferOf("more", 4)->Wsk, 0),
                STATUS_CONNECTION_RESET, 0);
  CHECK_AT_ONCE(Receive(NewCall(), Watch.Socket, &NewBuffer(4)->Wsk, 0),
                STATUS_CONNECTION_RESET, 0);
  host_run_a_while();
  CHECK_EQUAL(1, EndCalls(&Watch));
  CHECK_WATCH(&Watch);
}

/* Defends against an end that is noticed by readers alone. */
static VOID the_end_is_told_to_who_reads_nothing(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_DISCONNECT));
  CheckNoEnd(&Watch);
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_EQUAL(0, Watch.EndFlags & WSK_FLAG_ABORTIVE);
  CHECK_EQUAL(0, ReceiveCalls(&Watch));
}

static VOID a_reset_is_told_to_who_reads_nothing(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_DISCONNECT));
  CheckNoEnd(&Watch);
  peer_reset(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  if (!host_loses_resets())
    CHECK_EQUAL(WSK_FLAG_ABORTIVE, Watch.EndFlags & WSK_FLAG_ABORTIVE);
}

/* Defends against an end that is told while there is something to receive, and
 * one that is forgotten when it has been received. */
static VOID the_end_waits_for_data_to_be_received(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(10);
  ULONG i;

  REQUIRE(OpenWatching(&Watch, WSK_EVENT_DISCONNECT));
  peer_send_pattern(Watch.Peer, 0, 20);
  peer_finish(Watch.Peer);
  CHECK(peer_flush(Watch.Peer));
  CheckNoEnd(&Watch);
  for (i = 0; i < 2; i++) {
    CheckNoEnd(&Watch);
    CHECK_COMPLETED(
        Receive(NewCall(), Watch.Socket, &Buffer->Wsk, WSK_FLAG_WAITALL),
        STATUS_SUCCESS, 10);
    CHECK(BufferIsPattern(Buffer, 0, i * 10, 10));
  }
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_COMPLETED(Receive(NewCall(), Watch.Socket, &Buffer->Wsk, 0),
                  STATUS_SUCCESS, 0);
  CHECK_EQUAL(0, ReceiveCalls(&Watch));
}

/* Defends against a socket that is watched once only. */
static VOID the_end_is_told_between_receives(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(10);
  ULONG i;

  REQUIRE(OpenWatching(&Watch, WSK_EVENT_DISCONNECT));
  for (i = 0; i < 5; i++) {
    peer_send_pattern(Watch.Peer, i * 10, 10);
    CHECK_COMPLETED(
        Receive(NewCall(), Watch.Socket, &Buffer->Wsk, WSK_FLAG_WAITALL),
        STATUS_SUCCESS, 10);
    CHECK(BufferIsPattern(Buffer, 0, i * 10, 10));
    if (i % 2 != 0)
      CheckNoEnd(&Watch);
  }
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
}

/* Defends against an end that passes what the client has refused. */
static VOID the_end_waits_for_refused_data(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(10);

  REQUIRE(OpenWatch(&Watch));
  Watch.Answer = STATUS_DATA_NOT_ACCEPTED;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, BOTH);
  peer_send_pattern(Watch.Peer, 0, 10);
  REQUIRE(WaitForCalls(&Watch, 1));
  peer_finish(Watch.Peer);
  CheckNoEnd(&Watch);
  CHECK_COMPLETED(Receive(NewCall(), Watch.Socket, &Buffer->Wsk, 0),
                  STATUS_SUCCESS, 10);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK(BufferIsPattern(Buffer, 0, 0, 10));
  CHECK_EQUAL(1, ReceiveCalls(&Watch));
}

/* Defends against a receive that keeps the end to itself. */
static VOID a_pending_receive_and_the_event_both_hear_of_it(VOID) {
  PWSK_CALL Call;

  REQUIRE(OpenWatching(&Watch, BOTH));
  Call = Receive(NewCall(), Watch.Socket, &NewBuffer(10)->Wsk, 0);
  CHECK_STILL_PENDING(Call);
  peer_finish(Watch.Peer);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_EQUAL(0, ReceiveCalls(&Watch));
}

/* Defends against an end that a receive saw before the event was on. */
static VOID an_end_before_the_event_is_told_when_enabled(VOID) {
  REQUIRE(OpenWatch(&Watch));
  peer_finish(Watch.Peer);
  CHECK_COMPLETED(Receive(NewCall(), Watch.Socket, &NewBuffer(10)->Wsk, 0),
                  STATUS_SUCCESS, 0);
  CheckNoEnd(&Watch);
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_DISCONNECT);
  REQUIRE(WaitForEnds(&Watch, 1));
}

/* Defends against a client that is told of what it has done itself. */
static VOID what_this_side_does_is_not_told(VOID) {
  REQUIRE(OpenWatching(&Watch, BOTH));
  CHECK_PENDED(Disconnect(NewCall(), Watch.Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK(peer_expect_end(Watch.Peer));
  CheckNoEnd(&Watch);
  /* The other side's answer is. */
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, EndCalls(&Watch));
}

static VOID a_local_abort_is_not_told(VOID) {
  REQUIRE(OpenWatching(&Watch, BOTH));
  CHECK_PENDED(Disconnect(NewCall(), Watch.Socket, NULL, WSK_FLAG_ABORTIVE),
               STATUS_SUCCESS, 0);
  CheckNoEnd(&Watch);
  REQUIRE(OpenWatching(&Watch, BOTH));
  CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
  CheckNoEnd(&Watch);
}

static VOID nothing_is_told_unless_enabled(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  peer_finish(Watch.Peer);
  CHECK_COMPLETED(Receive(NewCall(), Watch.Socket, &NewBuffer(10)->Wsk, 0),
                  STATUS_SUCCESS, 0);
  CheckNoEnd(&Watch);
  CHECK_EQUAL(0, ReceiveCalls(&Watch));
}

/* Defends against a send that uses the only word of a reset up. */
static VOID a_reset_that_a_send_meets_is_told(VOID) {
  ULONG i;

  REQUIRE(OpenWatch(&Watch));
  peer_reset(Watch.Peer);
  host_run_a_while();
  for (i = 0; i < 100; i++) {
    PWSK_CALL Call = Send(NewCall(), Watch.Socket, &BufferOf("x", 1)->Wsk, 0);

    REQUIRE(WaitForCall(Call));
    if (!NT_SUCCESS(Call->Status))
      break;
  }
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_DISCONNECT);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_EQUAL(WSK_FLAG_ABORTIVE, Watch.EndFlags & WSK_FLAG_ABORTIVE);
}

/* The host tells an error once. Defends against a receive that is told, and
 * tells nobody else. */
static VOID a_reset_that_a_receive_meets_is_told(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(4);
  PWSK_CALL Call = NewCall();

  REQUIRE(OpenWatching(&Watch, WSK_EVENT_DISCONNECT));
  host_run_a_while();
  peer_reset(Watch.Peer);
  KeStallExecutionProcessor(20000); /* in stepped mode nobody has looked yet */
  Receive(Call, Watch.Socket, &Buffer->Wsk, 0);
  REQUIRE(WaitForEnds(&Watch, 1) && WaitForCall(Call));
  if (host_loses_resets())
    return;
  CHECK_EQUAL(WSK_FLAG_ABORTIVE, Watch.EndFlags & WSK_FLAG_ABORTIVE);
  CHECK_COMPLETED(Call, STATUS_CONNECTION_RESET, 0);
}

static VOID another_status_is_reported(VOID) {
  REQUIRE(OpenWatch(&Watch));
  host_expect_reports();
  Watch.EndAnswer = STATUS_UNSUCCESSFUL;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_DISCONNECT);
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  host_run_a_while();
  CHECK_EQUAL(1, host_reports("DISCEV-05"));
  CHECK_EQUAL(1, host_all_reports());
}

static VOID CloseInside(PDATA_WATCH W, PWSK_DATA_INDICATION List) {
  PWSK_CALL Call = W->ActContext;

  UNREFERENCED_PARAMETER(List);
  Close(Call, W->Socket);
  CHECK(!IsCompleted(Call));
}

static VOID the_callback_may_close_its_socket(VOID) {
  PWSK_CALL Call = NewCall();

  REQUIRE(OpenWatch(&Watch));
  Watch.Act = CloseInside;
  Watch.ActContext = Call;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_DISCONNECT);
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, EndCalls(&Watch));
  CHECK_WATCH(&Watch);
}

CONFORMANCE_GROUP(disconnect_event) = {
    TEST(an_orderly_end_is_told_after_the_data, "DISCEV-02 DISCEV-03 IRQL-05"),
    TEST(a_reset_is_told_as_an_abort, "DISCEV-02 DISCEV-04"),
    TEST(the_end_is_told_to_who_reads_nothing, "DISCEV-02"),
    TEST(a_reset_is_told_to_who_reads_nothing, "DISCEV-02"),
    TEST(the_end_waits_for_data_to_be_received, "DISCEV-03"),
    TEST(the_end_is_told_between_receives, "DISCEV-03"),
    TEST(the_end_waits_for_refused_data, "DISCEV-03 RECVEV-06"),
    TEST(a_pending_receive_and_the_event_both_hear_of_it, "DISCEV-03 RECV-02"),
    TEST(an_end_before_the_event_is_told_when_enabled, "DISCEV-01"),
    TEST(what_this_side_does_is_not_told, "DISCEV-01"),
    TEST(a_local_abort_is_not_told, "DISCEV-01"),
    TEST(nothing_is_told_unless_enabled, "DISCEV-01"),
    TEST(a_reset_that_a_send_meets_is_told, "DISCEV-02"),
    TEST(a_reset_that_a_receive_meets_is_told, "DISCEV-02"),
    TEST(another_status_is_reported, "DISCEV-05"),
    TEST(the_callback_may_close_its_socket, "CLOSE-03 EVENTS-19"),
};
