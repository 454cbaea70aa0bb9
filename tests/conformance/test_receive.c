/* WskReceive. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* Defends against a receive that waits for its buffer to fill. */
static VOID a_pending_receive_takes_what_comes(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(64);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, 0);
  CHECK_STILL_PENDING(Call);
  peer_send(Peer, "hello", 5);
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
  CHECK(BufferIs(Buffer, 0, "hello", 5));
  CHECK(BufferUntouchedFrom(Buffer, 5));
}

/* Defends against a slow way to data that is there already. */
static VOID data_that_is_there_is_received_at_once(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(64);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  peer_send(Peer, "ready", 5);
  CHECK(peer_flush(Peer));
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, 0);
  /* Where the transport has no direct path, the loop brings it. */
  if (host_is_windows())
    CHECK_COMPLETED(Call, STATUS_SUCCESS, 5);
  else
    CHECK_AT_ONCE(Call, STATUS_SUCCESS, 5);
  CHECK(BufferIs(Buffer, 0, "ready", 5));
}

/* Defends against a rest that is lost, or received into a smaller buffer. */
static VOID what_does_not_fit_stays(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(64);

  REQUIRE(Socket != NULL);
  peer_send(Peer, "abcdef", 6);
  CHECK(peer_flush(Peer));
  Buffer->Wsk.Length = 4;
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  4);
  CHECK(BufferIs(Buffer, 0, "abcd", 4));
  CHECK(BufferUntouchedFrom(Buffer, 4));
  Buffer->Wsk.Offset = 10;
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  2);
  CHECK(BufferIs(Buffer, 10, "ef", 2));
  CHECK(BufferUntouchedFrom(Buffer, 12));
}

/* Defends against an end that comes before the data, or only once. */
static VOID the_peers_end_is_a_success_of_zero_bytes(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(64);
  PWSK_CALL Call;
  ULONG i;

  REQUIRE(Socket != NULL);
  peer_send(Peer, "last", 4);
  peer_finish(Peer);
  CHECK(peer_flush(Peer));
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  4);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, 0);
  CHECK_COMPLETED(Call, STATUS_SUCCESS, 0);
  for (i = 0; i < 3; i++)
    CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                    0);
  /* Our own direction goes on. */
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("more", 4)->Wsk, 0),
               STATUS_SUCCESS, 4);
  CHECK(peer_expect(Peer, "more", 4));
}

/* Defends against receives that wait for ever behind the end. */
static VOID the_peers_end_completes_every_queued_receive(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Calls[4];
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 4; i++)
    Calls[i] = Receive(NewCall(), Socket, &NewBuffer(8)->Wsk, 0);
  CHECK_STILL_PENDING(Calls[0]);
  peer_finish(Peer);
  for (i = 0; i < 4; i++) {
    CHECK_PENDED(Calls[i], STATUS_SUCCESS, 0);
    CHECK_EQUAL(Calls[0]->Order + (LONG)i, Calls[i]->Order);
  }
}

/* Defends against bytes that go to the wrong one of several. */
static VOID queued_receives_are_filled_in_order(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffers[16];
  PWSK_CALL Calls[16];
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 16; i++) {
    Buffers[i] = NewBuffer(100);
    Calls[i] = Receive(NewCall(), Socket, &Buffers[i]->Wsk, WSK_FLAG_WAITALL);
  }
  CHECK_STILL_PENDING(Calls[0]);
  peer_send_pattern(Peer, 0, 16 * 100);
  for (i = 0; i < 16; i++) {
    CHECK_PENDED(Calls[i], STATUS_SUCCESS, 100);
    CHECK(BufferIsPattern(Buffers[i], 0, i * 100, 100));
    CHECK_EQUAL(Calls[0]->Order + (LONG)i, Calls[i]->Order);
  }
}

/* Defends against one arrival that fills one receive only, and against one
 * that runs over into the next receive's buffer. */
static VOID one_arrival_may_fill_several_receives(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER One = NewBuffer(3), Two = NewBuffer(3), Three = NewBuffer(3);
  PWSK_CALL First, Second, Third;

  REQUIRE(Socket != NULL);
  First = Receive(NewCall(), Socket, &One->Wsk, 0);
  Second = Receive(NewCall(), Socket, &Two->Wsk, 0);
  Third = Receive(NewCall(), Socket, &Three->Wsk, 0);
  CHECK_STILL_PENDING(First);
  peer_send(Peer, "abcdefg", 7);
  CHECK_PENDED(First, STATUS_SUCCESS, 3);
  CHECK_PENDED(Second, STATUS_SUCCESS, 3);
  CHECK_PENDED(Third, STATUS_SUCCESS, 1);
  CHECK(BufferIs(One, 0, "abc", 3));
  CHECK(BufferIs(Two, 0, "def", 3));
  CHECK(BufferIs(Three, 0, "g", 1));
  CHECK(BufferUntouchedFrom(Three, 1));
}

/* Defends against a WAITALL that takes the first arrival for all. */
static VOID waitall_waits_until_the_buffer_is_full(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(20);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  peer_send_pattern(Peer, 0, 10);
  CHECK(peer_flush(Peer));
  CHECK_STILL_PENDING(Call);
  peer_send_pattern(Peer, 10, 12);
  CHECK_PENDED(Call, STATUS_SUCCESS, 20);
  CHECK(BufferIsPattern(Buffer, 0, 0, 20));
  Buffer->Wsk.Length = 2;
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL),
                  STATUS_SUCCESS, 2);
  CHECK(BufferIsPattern(Buffer, 0, 20, 2));
}

/* Defends against a WAITALL that was begun with data already there. */
static VOID waitall_goes_on_from_what_was_there(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(20);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  peer_send_pattern(Peer, 0, 7);
  CHECK(peer_flush(Peer));
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  CHECK_STILL_PENDING(Call);
  peer_send_pattern(Peer, 7, 13);
  CHECK_PENDED(Call, STATUS_SUCCESS, 20);
  CHECK(BufferIsPattern(Buffer, 0, 0, 20));
}

/* Defends against a WAITALL that outlives the stream. */
static VOID waitall_ends_with_the_stream(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(20);
  PWSK_CALL Call, Next;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  Next = Receive(NewCall(), Socket, &NewBuffer(4)->Wsk, WSK_FLAG_WAITALL);
  peer_send(Peer, "short", 5);
  peer_finish(Peer);
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
  CHECK_PENDED(Next, STATUS_SUCCESS, 0);
  CHECK(BufferIs(Buffer, 0, "short", 5));
  CHECK(BufferUntouchedFrom(Buffer, 5));
}

/* Defends against bytes that are lost without a word. */
static VOID a_cancelled_waitall_says_what_it_had(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(20);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  peer_send(Peer, "part", 4);
  CHECK(peer_flush(Peer));
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 4);
  CHECK(BufferIs(Buffer, 0, "part", 4));
}

/* Defends against a WAITALL that stops at the end of an MDL. */
static VOID waitall_fills_a_chain(VOID) {
  static const ULONG Lengths[] = {10, 1, 3000, 2, 2, 2, 70000, 5};
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewChain(Lengths, RTL_NUMBER_OF(Lengths));
  PWSK_CALL Call;
  SIZE_T Length;

  REQUIRE(Socket != NULL);
  Buffer->Wsk.Offset = 9;
  Buffer->Wsk.Length -= 9 + 1;
  Length = Buffer->Wsk.Length;
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  peer_send_pattern(Peer, 0, 5000);
  CHECK(peer_flush(Peer));
  CHECK_STILL_PENDING(Call);
  peer_send_pattern(Peer, 5000, Length - 5000);
  CHECK_PENDED(Call, STATUS_SUCCESS, Length);
  CHECK(BufferIsPattern(Buffer, 9, 0, Length));
  CHECK(BufferUntouchedFrom(Buffer, 9 + Length));
}

/* Defends against a scatter that forgets the offset, a member or the end. */
static VOID a_receive_scatters_over_a_chain(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  ULONG Lengths[TEST_MAX_PIECES], Count, Offset, i;
  SIZE_T Start = 0, Length;
  PTEST_BUFFER Buffer;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  for (Count = 1; Count <= TEST_MAX_PIECES; Count++) {
    for (i = 0; i < Count; i++)
      Lengths[i] = 3 + (i * 41 + Count) % 150;
    Buffer = NewChain(Lengths, Count);
    Offset = Count % 3;
    Length = Buffer->Wsk.Length - Offset - Count % 2;
    Buffer->Wsk.Offset = Offset;
    Buffer->Wsk.Length = Length;
    if (Count % 4 == 0) {
      /* There before the call. */
      peer_send_pattern(Peer, Start, Length);
      CHECK(peer_flush(Peer));
      Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
    } else {
      Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
      peer_send_pattern(Peer, Start, Length);
    }
    CHECK_COMPLETED(Call, STATUS_SUCCESS, Length);
    CHECK(BufferIsPattern(Buffer, Offset, Start, Length));
    CHECK(BufferUntouchedFrom(Buffer, Offset + Length));
    Start += Length;
  }
}

/* Defends against a drain that ends with the first bytes, or keeps them. */
static VOID drain_discards_until_the_end(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  WSK_BUF Nothing = {NULL, 0, 0};
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Nothing, WSK_FLAG_DRAIN);
  peer_send_pattern(Peer, 0, 300000);
  CHECK(peer_flush(Peer));
  CHECK_STILL_PENDING(Call);
  peer_send_pattern(Peer, 0, 300000);
  CHECK(peer_flush(Peer));
  CHECK_STILL_PENDING(Call);
  peer_finish(Peer);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &NewBuffer(4)->Wsk, 0),
                  STATUS_SUCCESS, 0);
}

/* Defends against a drain that nothing but the peer can end. */
static VOID a_drain_can_be_cancelled(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  WSK_BUF Nothing = {NULL, 0, 0};
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Nothing, WSK_FLAG_DRAIN);
  peer_send_pattern(Peer, 0, 1000);
  CHECK(peer_flush(Peer));
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  Buffer->Wsk.Length = 4;
  peer_send(Peer, "kept", 4);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL),
                  STATUS_SUCCESS, 4);
  CHECK(BufferIs(Buffer, 0, "kept", 4));
}

/* Defends against a drain into memory. */
static VOID a_drain_takes_no_buffer_and_no_waitall(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  WSK_BUF Nothing = {NULL, 0, 0};

  REQUIRE(Socket != NULL);
  host_expect_reports();
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &NewBuffer(4)->Wsk, WSK_FLAG_DRAIN),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("RECV-06"));
  CHECK_AT_ONCE(
      Receive(NewCall(), Socket, &Nothing, WSK_FLAG_DRAIN | WSK_FLAG_WAITALL),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("RECV-07"));
  CHECK_AT_ONCE(Receive(NewCall(), Socket, NULL, WSK_FLAG_DRAIN),
                STATUS_INVALID_PARAMETER, 0);
}

/* Defends against zero bytes taken for the end, and against data they eat. */
static VOID a_receive_of_nothing_takes_nothing(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  WSK_BUF Nothing = {NULL, 0, 0};
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Nothing, 0);
  CHECK_STILL_PENDING(Call);
  peer_send(Peer, "data", 4);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Nothing, 0), STATUS_SUCCESS, 0);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  4);
  CHECK(BufferIs(Buffer, 0, "data", 4));
  peer_finish(Peer);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Nothing, 0), STATUS_SUCCESS, 0);
}

/* Defends against flags that are ignored. */
static VOID unknown_receive_flags_are_not_supported(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &Buffer->Wsk, 0x1),
                STATUS_NOT_SUPPORTED, 0);
  CHECK_AT_ONCE(
      Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL | 0x100),
      STATUS_NOT_SUPPORTED, 0);
}

/* Defends against bytes written past the client's memory. */
static VOID a_receive_buffer_that_says_too_much_is_refused(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  WSK_BUF NoMdl = {NULL, 0, 4};

  REQUIRE(Socket != NULL);
  host_expect_reports();
  peer_send(Peer, "0123456789", 10);
  CHECK(peer_flush(Peer));
  Buffer->Wsk.Length = 9;
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &Buffer->Wsk, 0),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("BUF-04"));
  Buffer->Wsk.Length = 1;
  Buffer->Wsk.Offset = 9;
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &Buffer->Wsk, 0),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("BUF-01"));
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &NoMdl, 0), STATUS_INVALID_PARAMETER,
                0);
  CHECK_AT_ONCE(Receive(NewCall(), Socket, NULL, 0), STATUS_INVALID_PARAMETER,
                0);
  CHECK(BufferUntouchedFrom(Buffer, 0));
  Buffer->Wsk.Offset = 0;
  Buffer->Wsk.Length = 8;
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  8);
  CHECK(BufferIs(Buffer, 0, "01234567", 8));
}

/* Defends against receives that a reset leaves behind. */
static VOID a_reset_fails_the_pending_receives(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  WSK_BUF Nothing = {NULL, 0, 0};
  PWSK_CALL Plain, Whole, Empty, Drain;

  REQUIRE(Socket != NULL);
  Plain = Receive(NewCall(), Socket, &NewBuffer(8)->Wsk, 0);
  Whole = Receive(NewCall(), Socket, &NewBuffer(8)->Wsk, WSK_FLAG_WAITALL);
  Empty = Receive(NewCall(), Socket, &Nothing, 0);
  Drain = Receive(NewCall(), Socket, &Nothing, WSK_FLAG_DRAIN);
  CHECK_STILL_PENDING(Drain);
  peer_reset(Peer);
  CHECK_PENDED(Plain, STATUS_CONNECTION_RESET, 0);
  CHECK_PENDED(Whole, STATUS_CONNECTION_RESET, 0);
  CHECK_PENDED(Empty, STATUS_CONNECTION_RESET, 0);
  CHECK_PENDED(Drain, STATUS_CONNECTION_RESET, 0);
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &Buffer->Wsk, 0),
                STATUS_CONNECTION_RESET, 0);
}

/* Defends against a WAITALL whose part is forgotten in the reset. */
static VOID a_reset_says_what_a_waitall_had(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(20);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  peer_send(Peer, "some", 4);
  CHECK(peer_flush(Peer));
  CHECK_STILL_PENDING(Call);
  peer_reset(Peer);
  CHECK_PENDED(Call, STATUS_CONNECTION_RESET, 4);
}

/* Completed by a reset, as far as the host can tell one from an end. */
static VOID CheckReset(PWSK_CALL Call, ULONG_PTR Information) {
  CHECK(WaitForCall(Call));
  if (host_loses_resets() && Call->Status == STATUS_SUCCESS)
    CHECK_COMPLETED(Call, STATUS_SUCCESS, Information);
  else
    CHECK_COMPLETED(Call, STATUS_CONNECTION_RESET, Information);
}

/* Defends against a reset that comes with the last bytes and is taken for an
 * orderly end, as libuv does: a download cut short would look whole. */
static VOID a_reset_right_after_data_is_no_end(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(2000);
  PWSK_CALL Call, Next;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  Next = Receive(NewCall(), Socket, &NewBuffer(4)->Wsk, 0);
  CHECK_STATUS(STATUS_PENDING, Next->Returned);
  peer_send(Peer, "cut short", 9);
  peer_reset(Peer);
  CheckReset(Call, TEST_ANY);
  CheckReset(Next, 0);
}

/* Defends against a reset that nobody waits for when it comes. */
static VOID an_unseen_reset_is_met_by_the_next_receive(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);

  REQUIRE(Socket != NULL);
  peer_reset(Peer);
  host_run_a_while();
  CheckReset(Receive(NewCall(), Socket, &Buffer->Wsk, 0), 0);
  CheckReset(Receive(NewCall(), Socket, &Buffer->Wsk, 0), 0);
}

/* Defends against a cancel that takes data, or other receives, with it. */
static VOID a_cancelled_receive_leaves_the_data_to_the_next(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffers[3] = {NewBuffer(4), NewBuffer(4), NewBuffer(4)};
  PWSK_CALL Calls[3];
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 3; i++)
    Calls[i] = Receive(NewCall(), Socket, &Buffers[i]->Wsk, WSK_FLAG_WAITALL);
  CHECK_STILL_PENDING(Calls[2]);
  CHECK(CancelCall(Calls[1]));
  CHECK_PENDED(Calls[1], STATUS_CANCELLED, 0);
  CHECK(CancelCall(Calls[0]));
  CHECK_PENDED(Calls[0], STATUS_CANCELLED, 0);
  CHECK_STILL_PENDING(Calls[2]);
  peer_send(Peer, "mine", 4);
  CHECK_PENDED(Calls[2], STATUS_SUCCESS, 4);
  CHECK(BufferIs(Buffers[2], 0, "mine", 4));
  CHECK(BufferUntouchedFrom(Buffers[0], 0));
  CHECK(BufferUntouchedFrom(Buffers[1], 0));
}

/* Defends against blocks lost, doubled or swapped between the ways in. */
static VOID a_big_stream_is_received_whole(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  SIZE_T Total = 6 * 1024 * 1024, Position = 0;
  PTEST_BUFFER Buffer = NewBuffer(60000);
  PWSK_CALL Call = NewCall();

  REQUIRE(Socket != NULL);
  peer_send_pattern(Peer, 0, Total);
  peer_finish(Peer);
  while (Position < Total) {
    Buffer->Wsk.Length = 1 + (Position * 7) % 60000;
    Receive(Call, Socket, &Buffer->Wsk, 0);
    REQUIRE(WaitForCall(Call));
    CHECK_COMPLETED(Call, STATUS_SUCCESS, TEST_ANY);
    REQUIRE(Call->Information > 0 && Call->Information <= Buffer->Wsk.Length);
    REQUIRE(BufferIsPattern(Buffer, 0, Position, Call->Information));
    Position += Call->Information;
  }
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  0);
}

/* Defends against a direction that waits for the other. */
static VOID both_directions_run_at_once(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_SLOW, &Peer);
  ULONG Size = 2 * 1024 * 1024;
  PTEST_BUFFER Buffer = NewBuffer(Size);
  PWSK_CALL Sending, Receiving;

  REQUIRE(Socket != NULL);
  Sending = Send(NewCall(), Socket, &BufferOfPattern(0, Size)->Wsk, 0);
  Receiving = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  peer_send_pattern(Peer, 99, Size);
  CHECK(peer_expect_pattern(Peer, 0, Size));
  CHECK_PENDED(Sending, STATUS_SUCCESS, Size);
  CHECK_PENDED(Receiving, STATUS_SUCCESS, Size);
  CHECK(BufferIsPattern(Buffer, 0, 99, Size));
}

/* Defends against a provider that waits. */
static VOID receiving_works_at_dispatch_level(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER One = NewBuffer(8), Two = NewBuffer(8);
  PWSK_CALL First, Second;

  REQUIRE(Socket != NULL);
  TestAtDispatch = TRUE;
  First = Receive(NewCall(), Socket, &One->Wsk, 0);
  TestAtDispatch = FALSE;
  peer_send(Peer, "one", 3);
  CHECK_PENDED(First, STATUS_SUCCESS, 3);
  peer_send(Peer, "two", 3);
  CHECK(peer_flush(Peer));
  TestAtDispatch = TRUE;
  Second = Receive(NewCall(), Socket, &Two->Wsk, 0);
  TestAtDispatch = FALSE;
  CHECK_COMPLETED(Second, STATUS_SUCCESS, 3);
}

CONFORMANCE_GROUP(receive) = {
    TEST(a_pending_receive_takes_what_comes, "RECV-01 RECV-03 OBS-15"),
    TEST(data_that_is_there_is_received_at_once, "RECV-01"),
    TEST(what_does_not_fit_stays, "RECV-01 BUF-01"),
    TEST(the_peers_end_is_a_success_of_zero_bytes, "RECV-02"),
    TEST(the_peers_end_completes_every_queued_receive, "RECV-02"),
    TEST(queued_receives_are_filled_in_order, "RECV-11"),
    TEST(one_arrival_may_fill_several_receives, "RECV-11"),
    TEST(waitall_waits_until_the_buffer_is_full, "RECV-04"),
    TEST(waitall_goes_on_from_what_was_there, "RECV-04"),
    TEST(waitall_ends_with_the_stream, "RECV-04"),
    TEST(a_cancelled_waitall_says_what_it_had, "RECV-04 IRP-19"),
    TEST(waitall_fills_a_chain, "RECV-04 BUF-02"),
    TEST(a_receive_scatters_over_a_chain, "BUF-01 BUF-02"),
    TEST(drain_discards_until_the_end, "RECV-05"),
    TEST(a_drain_can_be_cancelled, "RECV-05"),
    TEST(a_drain_takes_no_buffer_and_no_waitall, "RECV-06 RECV-07"),
    TEST(a_receive_of_nothing_takes_nothing, "RECV-08 BUF-03"),
    TEST(unknown_receive_flags_are_not_supported, "SEND-04"),
    TEST(a_receive_buffer_that_says_too_much_is_refused, "BUF-01 BUF-04"),
    TEST(a_reset_fails_the_pending_receives, "RECV-04 RECV-05"),
    TEST(a_reset_says_what_a_waitall_had, "RECV-04"),
    TEST(a_reset_right_after_data_is_no_end, "RECV-02 RECV-04"),
    TEST(an_unseen_reset_is_met_by_the_next_receive, "IRP-02"),
    TEST(a_cancelled_receive_leaves_the_data_to_the_next, "IRP-19"),
    TEST(a_big_stream_is_received_whole, "RECV-01"),
    TEST(both_directions_run_at_once, "SEND-01 RECV-01"),
    TEST(receiving_works_at_dispatch_level, "IRQL-03"),
};
