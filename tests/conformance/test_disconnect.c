/* WskDisconnect. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define TOO_MUCH (16 * 1024 * 1024)

/* Defends against an end that overtakes the data before it. */
static VOID a_graceful_disconnect_ends_the_stream_after_the_data(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  Send(NewCall(), Socket, &BufferOfPattern(0, 100000)->Wsk, 0);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK(peer_expect_pattern(Peer, 0, 100000));
  CHECK(peer_expect_end(Peer));
}

/* Defends against last words that are lost, or come after the end. */
static VOID the_last_data_goes_before_the_end(VOID) {
  static const ULONG Lengths[] = {5, 3, 8000};
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewChain(Lengths, 3);

  REQUIRE(Socket != NULL);
  WritePattern(Buffer, 0, 0, 8008);
  Buffer->Wsk.Offset = 4;
  Buffer->Wsk.Length = 8003;
  CHECK_PENDED(Disconnect(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
               0);
  CHECK(peer_expect_pattern(Peer, 4, 8003));
  CHECK(peer_expect_end(Peer));
}

/* Defends against an empty buffer that is looked into. */
static VOID the_last_data_may_be_empty(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  WSK_BUF Nothing = {NULL, 7, 0};

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Disconnect(NewCall(), Socket, &Nothing, 0), STATUS_SUCCESS, 0);
  CHECK(peer_expect_end(Peer));
}

/* Defends against a completion before the end has gone out. */
static VOID a_graceful_disconnect_waits_for_the_sends(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL Sending, Ending;

  REQUIRE(Socket != NULL);
  Sending = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  Ending =
      Disconnect(NewCall(), Socket, &BufferOfPattern(TOO_MUCH, 1000)->Wsk, 0);
  CHECK_STILL_PENDING(Ending);
  CHECK_STILL_PENDING(Sending);
  peer_resume(Peer);
  CHECK_PENDED(Sending, STATUS_SUCCESS, TOO_MUCH);
  CHECK_PENDED(Ending, STATUS_SUCCESS, 0);
  CHECK(Sending->Order < Ending->Order);
  CHECK(peer_expect_pattern(Peer, 0, TOO_MUCH + 1000));
  CHECK(peer_expect_end(Peer));
}

/* Defends against an end of ours that ends the peer's direction, too. */
static VOID receiving_goes_on_after_a_graceful_disconnect(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(64);
  PWSK_CALL Before;

  REQUIRE(Socket != NULL);
  Before = Receive(NewCall(), Socket, &Buffer->Wsk, 0);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK(peer_expect_end(Peer));
  CHECK_STILL_PENDING(Before);
  peer_send(Peer, "still", 5);
  CHECK_PENDED(Before, STATUS_SUCCESS, 5);
  peer_send(Peer, "here", 4);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  4);
  peer_finish(Peer);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  0);
}

/* Defends against an end that is sent twice. */
static VOID a_second_graceful_disconnect_is_refused(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, NULL, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, &BufferOf("x", 1)->Wsk, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK(peer_expect_end(Peer));
}

/* Defends against an abort that is an orderly end in disguise. */
static VOID an_abortive_disconnect_resets(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, WSK_FLAG_ABORTIVE),
               STATUS_SUCCESS, 0);
  CHECK(peer_expect_reset(Peer));
  CHECK_AT_ONCE(Send(NewCall(), Socket, &BufferOf("x", 1)->Wsk, 0),
                STATUS_CONNECTION_ABORTED, 0);
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &Buffer->Wsk, 0),
                STATUS_CONNECTION_ABORTED, 0);
}

/* Defends against IRPs that outlive the connection they waited on. */
static VOID an_abortive_disconnect_ends_what_pends(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL Sending, Queued, Receiving, Aborting;

  REQUIRE(Socket != NULL);
  Receiving = Receive(NewCall(), Socket, &NewBuffer(4)->Wsk, 0);
  Sending = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  Queued = Send(NewCall(), Socket, &BufferOf("queued", 6)->Wsk, 0);
  CHECK_STILL_PENDING(Queued);
  Aborting = Disconnect(NewCall(), Socket, NULL, WSK_FLAG_ABORTIVE);
  CHECK_PENDED(Aborting, STATUS_SUCCESS, 0);
  CHECK_PENDED(Sending, STATUS_CANCELLED, TEST_ANY);
  CHECK_PENDED(Queued, STATUS_CANCELLED, 0);
  CHECK_PENDED(Receiving, STATUS_CONNECTION_ABORTED, 0);
  peer_resume(Peer);
  CHECK(peer_expect_reset(Peer));
}

/* Defends against a disconnect that hangs for ever on a peer that hangs. */
static VOID a_stuck_graceful_disconnect_is_forced_by_an_abortive_one(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL Sending, Graceful;

  REQUIRE(Socket != NULL);
  Sending = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  Graceful = Disconnect(NewCall(), Socket, NULL, 0);
  CHECK_STILL_PENDING(Graceful);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, WSK_FLAG_ABORTIVE),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(Sending, STATUS_CANCELLED, TEST_ANY);
  CHECK_PENDED(Graceful, STATUS_CONNECTION_ABORTED, 0);
  peer_resume(Peer);
  CHECK(peer_expect_reset(Peer));
}

/* Defends against the same when the socket is closed. */
static VOID a_stuck_graceful_disconnect_is_forced_by_closing(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL Sending, Graceful, Closing;

  REQUIRE(Socket != NULL);
  Sending = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  Graceful = Disconnect(NewCall(), Socket, NULL, 0);
  CHECK_STILL_PENDING(Graceful);
  Closing = Close(NewCall(), Socket);
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  CHECK_PENDED(Sending, STATUS_CANCELLED, TEST_ANY);
  CHECK_PENDED(Graceful, STATUS_CANCELLED, 0);
  CHECK(Graceful->Order < Closing->Order);
  peer_resume(Peer);
  CHECK(peer_expect_reset(Peer));
}

/* Defends against a disconnect that cannot be given up. */
static VOID a_waiting_graceful_disconnect_can_be_cancelled(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL Sending, Ending;

  REQUIRE(Socket != NULL);
  Sending = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  Ending = Disconnect(NewCall(), Socket, NULL, 0);
  CHECK_STILL_PENDING(Ending);
  CHECK(CancelCall(Ending));
  CHECK_PENDED(Ending, STATUS_CANCELLED, 0);
  Ending = Disconnect(NewCall(), Socket, NULL, 0);
  CHECK_STILL_PENDING(Sending);
  peer_resume(Peer);
  CHECK_PENDED(Sending, STATUS_SUCCESS, TOO_MUCH);
  CHECK_PENDED(Ending, STATUS_SUCCESS, 0);
  CHECK(peer_expect_pattern(Peer, 0, TOO_MUCH));
  CHECK(peer_expect_end(Peer));
}

/* Defends against data that is dropped in silence. */
static VOID an_abortive_disconnect_takes_no_data(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  host_expect_reports();
  CHECK_AT_ONCE(
      Disconnect(NewCall(), Socket, &BufferOf("x", 1)->Wsk, WSK_FLAG_ABORTIVE),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("DISC-03"));
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("ok", 2)->Wsk, 0),
               STATUS_SUCCESS, 2);
  CHECK(peer_expect(Peer, "ok", 2));
}

/* Defends against arguments that are taken although they mean nothing. */
static VOID bad_arguments_of_a_disconnect_are_refused(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);

  REQUIRE(Socket != NULL);
  host_expect_reports();
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, NULL, 0x2),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, NULL, WSK_FLAG_ABORTIVE | 0x80),
                STATUS_INVALID_PARAMETER, 0);
  Buffer->Wsk.Length = 5;
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, &Buffer->Wsk, 0),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("BUF-04"));
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("ok", 2)->Wsk, 0),
               STATUS_SUCCESS, 2);
  CHECK(peer_expect(Peer, "ok", 2));
}

/* Defends against a disconnect that finds nothing to end, and succeeds. */
static VOID a_reset_connection_is_not_disconnected(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &NewBuffer(4)->Wsk, 0);
  peer_reset(Peer);
  CHECK_PENDED(Call, STATUS_CONNECTION_RESET, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, NULL, 0), STATUS_CONNECTION_RESET,
                0);
}

/* Defends against the host's way to say it, which is that there is no
 * connection: the socket would look as if it had never been connected. */
static VOID a_reset_that_nobody_saw_fails_a_disconnect(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);

  REQUIRE(Socket != NULL);
  peer_reset(Peer);
  host_run_a_while();
  if (host_loses_resets())
    return;
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_CONNECTION_RESET,
               0);
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &Buffer->Wsk, 0),
                STATUS_CONNECTION_RESET, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, NULL, WSK_FLAG_ABORTIVE),
                STATUS_CONNECTION_RESET, 0);
}

/* Defends against a graceful disconnect that waits for a peer that is gone. */
static VOID a_reset_fails_a_waiting_disconnect(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL Sending, Ending;

  REQUIRE(Socket != NULL);
  Sending = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  Ending = Disconnect(NewCall(), Socket, NULL, 0);
  CHECK_STILL_PENDING(Ending);
  peer_reset(Peer);
  CHECK_PENDED(Sending, STATUS_CONNECTION_RESET, TEST_ANY);
  CHECK_PENDED(Ending, STATUS_CONNECTION_RESET, 0);
}

/* Defends against a socket that closes itself: it counts until it is closed,
 * which the end of this test does. */
static VOID disconnecting_does_not_close(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK(peer_expect_end(Peer));
  peer_finish(Peer);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  0);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* Defends against a provider that waits. */
static VOID disconnecting_works_at_dispatch_level(VOID) {
  struct peer *One, *Other;
  PWSK_SOCKET First = OpenToPeer(0, &One), Second = OpenToPeer(0, &Other);
  PWSK_CALL Graceful, Abortive;

  REQUIRE(First != NULL && Second != NULL);
  TestAtDispatch = TRUE;
  Graceful = Disconnect(NewCall(), First, NULL, 0);
  Abortive = Disconnect(NewCall(), Second, NULL, WSK_FLAG_ABORTIVE);
  TestAtDispatch = FALSE;
  CHECK_PENDED(Graceful, STATUS_SUCCESS, 0);
  CHECK_PENDED(Abortive, STATUS_SUCCESS, 0);
  CHECK(peer_expect_end(One));
  CHECK(peer_expect_reset(Other));
}

CONFORMANCE_GROUP(disconnect) = {
    TEST(a_graceful_disconnect_ends_the_stream_after_the_data, "DISC-01"),
    TEST(the_last_data_goes_before_the_end, "DISC-04 BUF-02"),
    TEST(the_last_data_may_be_empty, "DISC-04 BUF-03"),
    TEST(a_graceful_disconnect_waits_for_the_sends, "DISC-01 DISC-05"),
    TEST(receiving_goes_on_after_a_graceful_disconnect, "DISC-07"),
    TEST(a_second_graceful_disconnect_is_refused, "SEND-07"),
    TEST(an_abortive_disconnect_resets, "DISC-02"),
    TEST(an_abortive_disconnect_ends_what_pends, "DISC-02"),
    TEST(a_stuck_graceful_disconnect_is_forced_by_an_abortive_one, "DISC-06"),
    TEST(a_stuck_graceful_disconnect_is_forced_by_closing, "DISC-06 CLOSE-02"),
    TEST(a_waiting_graceful_disconnect_can_be_cancelled, "IRP-19"),
    TEST(an_abortive_disconnect_takes_no_data, "DISC-03"),
    TEST(bad_arguments_of_a_disconnect_are_refused, "BUF-04"),
    TEST(a_reset_connection_is_not_disconnected, "IRP-02"),
    TEST(a_reset_that_nobody_saw_fails_a_disconnect, "DISC-05 IRP-02"),
    TEST(a_reset_fails_a_waiting_disconnect, "DISC-05"),
    TEST(disconnecting_does_not_close, "DISC-08"),
    TEST(disconnecting_works_at_dispatch_level, "IRQL-03"),
};
