/* WskSend. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* More than any host's socket buffers take. */
#define TOO_MUCH (16 * 1024 * 1024)

/* Defends against a count that is not the length, and against bytes lost. */
static VOID a_send_completes_with_its_length(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("hello", 5)->Wsk, 0),
               STATUS_SUCCESS, 5);
  CHECK(peer_expect(Peer, "hello", 5));
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOfPattern(0, 30000)->Wsk, 0),
               STATUS_SUCCESS, 30000);
  CHECK(peer_expect_pattern(Peer, 0, 30000));
}

/* Defends against zero bytes that end the stream, or never complete. */
static VOID a_send_of_nothing_sends_nothing(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  WSK_BUF Nothing = {NULL, 12345, 0};
  PTEST_BUFFER Buffer = NewBuffer(4);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Send(NewCall(), Socket, &Nothing, 0), STATUS_SUCCESS, 0);
  Buffer->Wsk.Length = 0;
  CHECK_PENDED(Send(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS, 0);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("end", 3)->Wsk, 0),
               STATUS_SUCCESS, 3);
  CHECK(peer_expect(Peer, "end", 3));
}

/* Defends against out-of-band data sent as if it were ordinary. */
static VOID a_flag_that_tcp_does_not_know_is_not_supported(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(Send(NewCall(), Socket, &BufferOf("a", 1)->Wsk, WSK_FLAG_OOB),
                STATUS_NOT_SUPPORTED, 0);
  CHECK_AT_ONCE(
      Send(NewCall(), Socket, &BufferOf("b", 1)->Wsk, WSK_FLAG_NODELAY | 0x80),
      STATUS_NOT_SUPPORTED, 0);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("c", 1)->Wsk, 0),
               STATUS_SUCCESS, 1);
  CHECK(peer_expect(Peer, "c", 1));
}

/* Defends against a flag that changes what is sent. */
static VOID nodelay_sends_at_once(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("one", 3)->Wsk, 0),
               STATUS_SUCCESS, 3);
  CHECK_PENDED(
      Send(NewCall(), Socket, &BufferOf("two", 3)->Wsk, WSK_FLAG_NODELAY),
      STATUS_SUCCESS, 3);
  CHECK(peer_expect(Peer, "onetwo", 6));
}

/* Defends against a completion on mere copy: a client that counts completions
 * would pour without end into a peer that does not read. */
static VOID a_send_pends_while_the_peer_does_not_read(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  CHECK_STILL_PENDING(Call);
  peer_resume(Peer);
  CHECK_PENDED(Call, STATUS_SUCCESS, TOO_MUCH);
  CHECK(peer_expect_pattern(Peer, 0, TOO_MUCH));
}

/* Defends against sends that overtake one another once the host's buffer is
 * full. */
static VOID queued_sends_keep_their_order(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL Calls[24];
  ULONG i, Size = TOO_MUCH / 16;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 24; i++)
    Calls[i] = Send(NewCall(), Socket,
                    &BufferOfPattern((SIZE_T)i * Size, Size)->Wsk, 0);
  CHECK_STILL_PENDING(Calls[23]);
  peer_resume(Peer);
  for (i = 0; i < 24; i++) {
    CHECK_PENDED(Calls[i], STATUS_SUCCESS, Size);
    CHECK_EQUAL(Calls[0]->Order + (LONG)i, Calls[i]->Order);
  }
  CHECK(peer_expect_pattern(Peer, 0, (SIZE_T)24 * Size));
}

/* Defends against a slow window that loses, doubles or swaps a block. */
static VOID a_big_send_reaches_a_slow_reader_whole(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_SLOW | PEER_SMALL_BUFFER, &Peer);
  ULONG Size = 4 * 1024 * 1024;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Send(NewCall(), Socket, &BufferOfPattern(0, Size)->Wsk, 0);
  CHECK(peer_expect_pattern(Peer, 0, Size));
  CHECK_PENDED(Call, STATUS_SUCCESS, Size);
}

/* Defends against the order of many small ones, direct and queued by turns. */
static VOID many_small_sends_keep_their_order(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Calls[64];
  ULONG i, Round;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 64; i++)
    Calls[i] = NewCall();
  for (Round = 0; Round < 10; Round++) {
    for (i = 0; i < 64; i++)
      Send(Calls[i], Socket,
           &BufferOfPattern((SIZE_T)(Round * 64 + i) * 7, 7)->Wsk, 0);
    for (i = 0; i < 64; i++)
      CHECK_PENDED(Calls[i], STATUS_SUCCESS, 7);
  }
  CHECK(peer_expect_pattern(Peer, 0, 10 * 64 * 7));
}

/* Defends against a gather that forgets the offset, a member or the end. */
static VOID a_chain_of_mdls_is_one_send(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  ULONG Lengths[TEST_MAX_PIECES], Count, Offset, i;
  SIZE_T Start = 0;
  PTEST_BUFFER Buffer;

  REQUIRE(Socket != NULL);
  for (Count = 1; Count <= TEST_MAX_PIECES; Count++) {
    for (i = 0; i < Count; i++)
      Lengths[i] = 3 + (i * 37 + Count) % 200;
    Buffer = NewChain(Lengths, Count);
    Offset = Count % 3;
    WritePattern(Buffer, Offset, Start, Buffer->Wsk.Length - Offset);
    Buffer->Wsk.Offset = Offset;
    Buffer->Wsk.Length -= Offset + Count % 2;
    CHECK_PENDED(Send(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                 Buffer->Wsk.Length);
    CHECK(peer_expect_pattern(Peer, Start, Buffer->Wsk.Length));
    Start += Buffer->Wsk.Length;
  }
}

/* Defends against a chain that is resumed at the wrong byte after the host
 * took a part of it. */
static VOID a_long_chain_goes_out_in_many_parts(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_SLOW | PEER_SMALL_BUFFER, &Peer);
  ULONG Lengths[TEST_MAX_PIECES], i;
  PTEST_BUFFER Buffer;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  for (i = 0; i < TEST_MAX_PIECES; i++)
    Lengths[i] = 100000 + i * 777;
  Buffer = NewChain(Lengths, TEST_MAX_PIECES);
  WritePattern(Buffer, 0, 0, Buffer->Wsk.Length);
  Buffer->Wsk.Offset = 99999;
  Buffer->Wsk.Length -= 99999;
  Call = Send(NewCall(), Socket, &Buffer->Wsk, 0);
  CHECK(peer_expect_pattern(Peer, 99999, Buffer->Wsk.Length));
  CHECK_PENDED(Call, STATUS_SUCCESS, Buffer->Wsk.Length);
}

/* Defends against bytes of somebody else's on the wire: Windows crashes here.
 */
static VOID a_buffer_that_says_too_much_is_refused(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  WSK_BUF NoMdl = {NULL, 0, 4};

  REQUIRE(Socket != NULL);
  host_expect_reports();
#define REFUSED()                                                              \
  CHECK_AT_ONCE(Send(NewCall(), Socket, &Buffer->Wsk, 0),                      \
                STATUS_INVALID_PARAMETER, 0)
  Buffer->Wsk.Length = 9;
  REFUSED();
  CHECK_EQUAL(1, host_reports("BUF-04"));
  Buffer->Wsk.Length = 8;
  Buffer->Wsk.Offset = 1;
  REFUSED();
  CHECK_EQUAL(2, host_reports("BUF-04"));
  Buffer->Wsk.Length = 1;
  Buffer->Wsk.Offset = 8;
  REFUSED();
  CHECK_EQUAL(1, host_reports("BUF-01"));
  Buffer->Wsk.Offset = 0;
  Buffer->Wsk.Length = (SIZE_T)-1;
  REFUSED();
#undef REFUSED
  CHECK_AT_ONCE(Send(NewCall(), Socket, &NoMdl, 0), STATUS_INVALID_PARAMETER,
                0);
  CHECK_AT_ONCE(Send(NewCall(), Socket, NULL, 0), STATUS_INVALID_PARAMETER, 0);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("ok", 2)->Wsk, 0),
               STATUS_SUCCESS, 2);
  CHECK(peer_expect(Peer, "ok", 2));
}

/* Defends against a send that waits for ever for a peer that is gone. */
static VOID a_reset_fails_the_pending_sends(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL First, Second, Empty;
  WSK_BUF Nothing = {NULL, 0, 0};

  REQUIRE(Socket != NULL);
  First = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  Second = Send(NewCall(), Socket, &BufferOf("second", 6)->Wsk, 0);
  Empty = Send(NewCall(), Socket, &Nothing, 0);
  CHECK_STILL_PENDING(First);
  peer_reset(Peer);
  CHECK_PENDED(First, STATUS_CONNECTION_RESET, TEST_ANY);
  CHECK(First->Information < TOO_MUCH);
  CHECK_PENDED(Second, STATUS_CONNECTION_RESET, 0);
  CHECK_PENDED(Empty, STATUS_CONNECTION_RESET, 0);
  CHECK_COMPLETED(Send(NewCall(), Socket, &BufferOf("third", 5)->Wsk, 0),
                  STATUS_CONNECTION_RESET, 0);
}

/* Defends against a connection of which only one direction knows its end. */
static VOID a_reset_that_was_received_fails_later_sends(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  PWSK_CALL Call;
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, 0);
  peer_reset(Peer);
  CHECK_PENDED(Call, STATUS_CONNECTION_RESET, 0);
  CHECK_AT_ONCE(Send(NewCall(), Socket, &BufferOf("x", 1)->Wsk, 0),
                STATUS_CONNECTION_RESET, 0);
  CHECK_AT_ONCE(Connect(NewCall(), Socket, Loopback(&Address, 9)),
                STATUS_INVALID_DEVICE_STATE, 0);
}

/* Defends against a reset that only a pump of the loop would notice: the send
 * that meets it says so. */
static VOID a_send_after_an_unseen_reset_fails(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Call = NewCall();
  ULONG i;

  REQUIRE(Socket != NULL);
  peer_reset(Peer);
  for (i = 0; i < 100; i++) {
    Send(Call, Socket, &BufferOf("x", 1)->Wsk, 0);
    REQUIRE(WaitForCall(Call));
    if (Call->Status != STATUS_SUCCESS)
      break;
  }
  CHECK_COMPLETED(Call, STATUS_CONNECTION_RESET, 0);
}

/* Defends against a cancel that takes more than its own send away. */
static VOID a_send_that_waits_its_turn_can_be_cancelled(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL First, Second, Third;

  REQUIRE(Socket != NULL);
  First = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  Second = Send(NewCall(), Socket, &BufferOf("second", 6)->Wsk, 0);
  Third = Send(NewCall(), Socket, &BufferOfPattern(TOO_MUCH, 5)->Wsk, 0);
  CHECK_STILL_PENDING(First);
  CHECK(CancelCall(Second));
  CHECK_PENDED(Second, STATUS_CANCELLED, 0);
  CHECK_STILL_PENDING(Third);
  peer_resume(Peer);
  CHECK_PENDED(First, STATUS_SUCCESS, TOO_MUCH);
  CHECK_PENDED(Third, STATUS_SUCCESS, 5);
  CHECK(peer_expect_pattern(Peer, 0, TOO_MUCH + 5));
}

/* Defends against a stream with a hole that nobody learns of. */
static VOID cancelling_a_send_under_way_aborts_the_connection(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  PWSK_CALL Call, Receiving;

  REQUIRE(Socket != NULL);
  Receiving = Receive(NewCall(), Socket, &Buffer->Wsk, 0);
  Call = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, TEST_ANY);
  CHECK(Call->Information < TOO_MUCH);
  CHECK_PENDED(Receiving, STATUS_CONNECTION_ABORTED, 0);
  CHECK_AT_ONCE(Send(NewCall(), Socket, &BufferOf("x", 1)->Wsk, 0),
                STATUS_CONNECTION_ABORTED, 0);
  peer_resume(Peer);
  CHECK(peer_expect_reset(Peer));
}

/* Defends against data after the end of the stream. */
static VOID nothing_is_sent_after_a_graceful_disconnect(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(Send(NewCall(), Socket, &BufferOf("x", 1)->Wsk, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK(peer_expect_end(Peer));
}

/* Defends against a provider that waits. */
static VOID sending_works_at_dispatch_level(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_SLOW, &Peer);
  PWSK_CALL Calls[8];
  ULONG i;

  REQUIRE(Socket != NULL);
  TestAtDispatch = TRUE;
  for (i = 0; i < 8; i++)
    Calls[i] =
        Send(NewCall(), Socket, &BufferOfPattern(i * 100000, 100000)->Wsk, 0);
  TestAtDispatch = FALSE;
  CHECK(peer_expect_pattern(Peer, 0, 800000));
  for (i = 0; i < 8; i++)
    CHECK_PENDED(Calls[i], STATUS_SUCCESS, 100000);
}

CONFORMANCE_GROUP(send) = {
    TEST(a_send_completes_with_its_length, "SEND-01 OBS-13"),
    TEST(a_send_of_nothing_sends_nothing, "BUF-03"),
    TEST(a_flag_that_tcp_does_not_know_is_not_supported, "SEND-04"),
    TEST(nodelay_sends_at_once, "SEND-05"),
    TEST(a_send_pends_while_the_peer_does_not_read, "SEND-02"),
    TEST(queued_sends_keep_their_order, "SEND-06"),
    TEST(a_big_send_reaches_a_slow_reader_whole, "SEND-01"),
    TEST(many_small_sends_keep_their_order, "SEND-06"),
    TEST(a_chain_of_mdls_is_one_send, "BUF-01 BUF-02"),
    TEST(a_long_chain_goes_out_in_many_parts, "BUF-02"),
    TEST(a_buffer_that_says_too_much_is_refused, "BUF-01 BUF-03 BUF-04 OBS-14"),
    TEST(a_reset_fails_the_pending_sends, "IRP-03"),
    TEST(a_reset_that_was_received_fails_later_sends, "IRP-02"),
    TEST(a_send_after_an_unseen_reset_fails, "IRP-02"),
    TEST(a_send_that_waits_its_turn_can_be_cancelled, "IRP-19"),
    TEST(cancelling_a_send_under_way_aborts_the_connection, "IRP-19"),
    TEST(nothing_is_sent_after_a_graceful_disconnect, "SEND-07"),
    TEST(sending_works_at_dispatch_level, "IRQL-03"),
};
