/* WskCloseSocket. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define TOO_MUCH (16 * 1024 * 1024)

/* Defends against a close that fails in some state. */
static VOID closing_succeeds_in_every_state(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Fresh = OpenSocket(), Bound = OpenBoundSocket();
  PWSK_SOCKET Connected = OpenToPeer(0, &Peer);
  PWSK_SOCKET Refused = OpenBoundSocket(), Reset = OpenToPeer(0, &Peer);
  TEST_ADDRESS Address;
  PWSK_CALL Call;

  REQUIRE(Fresh != NULL && Bound != NULL && Connected != NULL);
  REQUIRE(Refused != NULL && Reset != NULL);
  CHECK_PENDED(Connect(NewCall(), Refused,
                       Loopback(&Address, peer_refusing_port(TEST_IPV6))),
               STATUS_CONNECTION_REFUSED, 0);
  Call = Receive(NewCall(), Reset, &NewBuffer(4)->Wsk, 0);
  peer_reset(Peer);
  CHECK_PENDED(Call, STATUS_CONNECTION_RESET, 0);
  CHECK_PENDED(Close(NewCall(), Fresh), STATUS_SUCCESS, 0);
  CHECK_PENDED(Close(NewCall(), Bound), STATUS_SUCCESS, 0);
  CHECK_PENDED(Close(NewCall(), Connected), STATUS_SUCCESS, 0);
  CHECK_PENDED(Close(NewCall(), Refused), STATUS_SUCCESS, 0);
  CHECK_PENDED(Close(NewCall(), Reset), STATUS_SUCCESS, 0);
}

/* Defends against receives that complete after the close, into freed memory. */
static VOID closing_cancels_pending_receives_first(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Part = NewBuffer(8);
  WSK_BUF Nothing = {NULL, 0, 0};
  PWSK_CALL Calls[4], Closing;
  ULONG i;

  REQUIRE(Socket != NULL);
  Calls[0] = Receive(NewCall(), Socket, &Part->Wsk, WSK_FLAG_WAITALL);
  Calls[1] = Receive(NewCall(), Socket, &NewBuffer(4)->Wsk, 0);
  Calls[2] = Receive(NewCall(), Socket, &Nothing, 0);
  Calls[3] = Receive(NewCall(), Socket, &Nothing, WSK_FLAG_DRAIN);
  peer_send(Peer, "abc", 3);
  CHECK(peer_flush(Peer));
  CHECK_STILL_PENDING(Calls[0]);
  Closing = Close(NewCall(), Socket);
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  CHECK_PENDED(Calls[0], STATUS_CANCELLED, 3);
  for (i = 1; i < 4; i++)
    CHECK_PENDED(Calls[i], STATUS_CANCELLED, 0);
  for (i = 0; i < 4; i++)
    CHECK(Calls[i]->Order < Closing->Order);
}

/* Defends against sends whose buffers the client takes back too early. */
static VOID closing_cancels_pending_sends_first(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL First, Second, Closing;

  REQUIRE(Socket != NULL);
  First = Send(NewCall(), Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  Second = Send(NewCall(), Socket, &BufferOf("second", 6)->Wsk, 0);
  CHECK_STILL_PENDING(First);
  Closing = Close(NewCall(), Socket);
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  CHECK_PENDED(First, STATUS_CANCELLED, TEST_ANY);
  CHECK_PENDED(Second, STATUS_CANCELLED, 0);
  CHECK(First->Order < Closing->Order && Second->Order < Closing->Order);
  peer_resume(Peer);
  CHECK(peer_expect_reset(Peer));
}

/* Defends against the client that waits without limit for its connect. */
static VOID closing_cancels_a_pending_connect_first(VOID) {
  USHORT Port = peer_silent_port(TEST_IPV6);
  PWSK_SOCKET One = OpenBoundSocket(), Other = OpenBoundSocket();
  PWSK_CALL Plain, WithData, Closing;
  TEST_ADDRESS Address;

  REQUIRE(One != NULL && Other != NULL && Port != 0);
  Plain = Connect(NewCall(), One, Loopback(&Address, Port));
  WithData = ConnectEx(NewCall(), Other, Loopback(&Address, Port),
                       &BufferOf("data", 4)->Wsk, 0);
  CHECK_STILL_PENDING(Plain);
  CHECK_STILL_PENDING(WithData);
  Closing = Close(NewCall(), One);
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  CHECK_PENDED(Plain, STATUS_CANCELLED, 0);
  CHECK(Plain->Order < Closing->Order);
  Closing = Close(NewCall(), Other);
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  CHECK_PENDED(WithData, STATUS_CANCELLED, 0);
  CHECK(WithData->Order < Closing->Order);
}

/* Defends against an orderly end that tells the peer all is well. */
static VOID closing_without_a_disconnect_resets(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("bye", 3)->Wsk, 0),
               STATUS_SUCCESS, 3);
  CHECK(peer_expect(Peer, "bye", 3));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK(peer_expect_reset(Peer));
}

/* Defends against half an end taken for a whole one: the peer has not ended. */
static VOID closing_after_our_own_end_alone_resets(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK(peer_expect_end(Peer));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK(peer_expect_reset_after_end(Peer));
}

/* Defends against the other half: we have not ended. */
static VOID closing_after_the_peers_end_alone_resets(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);

  REQUIRE(Socket != NULL);
  peer_finish(Peer);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK(peer_expect_reset(Peer));
}

/* Defends against a reset that spoils an orderly end, and the data before it,
 * for a peer that has not read it yet. */
static VOID closing_after_both_ends_is_orderly(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("last words", 10)->Wsk, 0),
               STATUS_SUCCESS, 10);
  peer_finish(Peer);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  0);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  peer_resume(Peer);
  CHECK(peer_expect(Peer, "last words", 10));
  CHECK(peer_expect_end(Peer));
}

/* Defends against an end of the peer's that is only seen when somebody
 * receives it: this client ends its side and closes. */
static VOID an_end_nobody_received_counts(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED, &Peer);

  REQUIRE(Socket != NULL);
  peer_finish(Peer);
  CHECK(peer_flush(Peer));
  host_run_a_while();
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  peer_resume(Peer);
  CHECK(peer_expect_end(Peer));
}

/* Defends against a use after the close that reaches freed memory. */
static VOID a_closed_socket_refuses_every_call(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  const WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;
  PTEST_BUFFER Buffer = NewBuffer(4);
  TEST_ADDRESS Address;
  PWSK_CALL Call = NewCall();

  REQUIRE(Socket != NULL);
  host_expect_reports();
  Dispatch = DispatchOf(Socket);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
#define CLOSED(invocation)                                                     \
  do {                                                                         \
    PIRP Irp = PrepareCall(Call);                                              \
    Call->Returned = Dispatch->invocation;                                     \
    CHECK_AT_ONCE(Call, STATUS_FILE_CLOSED, 0);                                \
  } while (0)
  CLOSED(WskSend(Socket, &Buffer->Wsk, 0, Irp));
  CLOSED(WskReceive(Socket, &Buffer->Wsk, 0, Irp));
  CLOSED(WskDisconnect(Socket, NULL, 0, Irp));
  CLOSED(WskBind(Socket, &Wildcard(&Address, 0)->Any, 0, Irp));
  CLOSED(WskConnect(Socket, &Loopback(&Address, 9)->Any, 0, Irp));
  CLOSED(WskGetLocalAddress(Socket, &Address.Any, Irp));
  CLOSED(WskGetRemoteAddress(Socket, &Address.Any, Irp));
  CLOSED(WskCloseSocket(Socket, Irp));
#undef CLOSED
  CHECK_EQUAL(8, host_reports("CLOSE-06"));
}

/* Defends against a second close that finds the first one under way. */
static VOID a_socket_being_closed_refuses_every_call(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  const WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;
  PTEST_BUFFER Buffer = NewBuffer(4);
  PWSK_CALL Call = NewCall(), Again = NewCall(), Closing;

  REQUIRE(Socket != NULL);
  host_expect_reports();
  Dispatch = DispatchOf(Socket);
  Closing = Close(NewCall(), Socket);
  Call->Returned =
      Dispatch->WskReceive(Socket, &Buffer->Wsk, 0, PrepareCall(Call));
  CHECK_AT_ONCE(Call, STATUS_FILE_CLOSED, 0);
  Again->Returned = Dispatch->WskCloseSocket(Socket, PrepareCall(Again));
  CHECK_AT_ONCE(Again, STATUS_FILE_CLOSED, 0);
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
}

typedef struct _CLOSER {
  PWSK_SOCKET Socket;
  PWSK_CALL Closing;
} CLOSER;

static VOID CloseInCompletion(PWSK_CALL Call) {
  CLOSER *Closer = Call->ThenContext;

  Close(Closer->Closing, Closer->Socket);
}

/* Defends against a socket that is freed under the completion that closes
 * it: drivers close in the completion of a receive that said the end. */
static VOID a_completion_routine_may_close_the_socket(VOID) {
  struct peer *Peer;
  PWSK_CALL Call = NewCall(), Waiting;
  CLOSER Closer;

  Closer.Socket = OpenToPeer(0, &Peer);
  Closer.Closing = NewCall();
  REQUIRE(Closer.Socket != NULL);
  Call->Then = CloseInCompletion;
  Call->ThenContext = &Closer;
  Receive(Call, Closer.Socket, &NewBuffer(4)->Wsk, 0);
  Waiting = Receive(NewCall(), Closer.Socket, &NewBuffer(4)->Wsk, 0);
  peer_send(Peer, "go", 2);
  CHECK_PENDED(Call, STATUS_SUCCESS, 2);
  CHECK_PENDED(Closer.Closing, STATUS_SUCCESS, 0);
  CHECK_PENDED(Waiting, STATUS_CANCELLED, 0);
  CHECK(Waiting->Order < Closer.Closing->Order);
}

/* Defends against a cancel that ends the close half way. */
static VOID a_close_cannot_be_cancelled_half_way(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Closing;

  REQUIRE(Socket != NULL);
  Closing = Close(NewCall(), Socket);
  if (!IsCompleted(Closing))
    CancelCall(Closing);
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  CHECK(peer_expect_reset(Peer));
}

/* Defends against a provider that waits for what it closes. */
static VOID closing_works_at_dispatch_level(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Receiving, Closing;

  REQUIRE(Socket != NULL);
  Receiving = Receive(NewCall(), Socket, &NewBuffer(4)->Wsk, 0);
  TestAtDispatch = TRUE;
  Closing = Close(NewCall(), Socket);
  TestAtDispatch = FALSE;
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  CHECK_PENDED(Receiving, STATUS_CANCELLED, 0);
}

#define CANCELLED_CALLS 6

static VOID CancelTheOthers(PWSK_CALL Call) {
  PWSK_CALL *Calls = Call->ThenContext;
  ULONG i;

  for (i = 0; i < CANCELLED_CALLS; i++)
    if (Calls[i] != Call)
      CancelCall(Calls[i]);
}

/* Defends against an operation that is in no queue any more and not complete
 * yet when another one's completion routine cancels it: it would wait for ever
 * for a canceller who has been there already, and the close with it. */
static VOID a_completion_routine_may_cancel_what_the_close_cancels(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PTEST_BUFFER Small = BufferOf("x", 1);
  PWSK_CALL Calls[CANCELLED_CALLS];
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < CANCELLED_CALLS; i++) {
    Calls[i] = NewCall();
    Calls[i]->Then = CancelTheOthers;
    Calls[i]->ThenContext = Calls;
  }
  Send(Calls[0], Socket, &BufferOfPattern(0, TOO_MUCH)->Wsk, 0);
  for (i = 1; i < CANCELLED_CALLS - 1; i++)
    Send(Calls[i], Socket, &Small->Wsk, 0);
  Disconnect(Calls[i], Socket, NULL, 0);
  CHECK_STILL_PENDING(Calls[1]);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_PENDED(Calls[0], STATUS_CANCELLED, TEST_ANY);
  for (i = 1; i < CANCELLED_CALLS; i++)
    CHECK_PENDED(Calls[i], STATUS_CANCELLED, 0);
}

CONFORMANCE_GROUP(close) = {
    TEST(closing_succeeds_in_every_state, "CLOSE-01 OBS-18"),
    TEST(closing_cancels_pending_receives_first, "CLOSE-02 CLOSE-04"),
    TEST(closing_cancels_pending_sends_first, "CLOSE-02 CLOSE-04"),
    TEST(closing_cancels_a_pending_connect_first, "CLOSE-02 CLOSE-04"),
    TEST(closing_without_a_disconnect_resets, "CLOSE-07 OBS-20"),
    TEST(closing_after_our_own_end_alone_resets, "CLOSE-07"),
    TEST(closing_after_the_peers_end_alone_resets, "CLOSE-07"),
    TEST(closing_after_both_ends_is_orderly, "CLOSE-08"),
    TEST(an_end_nobody_received_counts, "CLOSE-08"),
    TEST(a_closed_socket_refuses_every_call, "CLOSE-06"),
    TEST(a_socket_being_closed_refuses_every_call, "CLOSE-06"),
    TEST(a_completion_routine_may_close_the_socket, "CLOSE-04"),
    TEST(a_completion_routine_may_cancel_what_the_close_cancels,
         "CLOSE-02 IRP-19"),
    TEST(a_close_cannot_be_cancelled_half_way, "CLOSE-01"),
    TEST(closing_works_at_dispatch_level, "IRQL-03"),
};
