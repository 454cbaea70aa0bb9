/* Sockets that die: STATUS_FILE_FORCED_CLOSED. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define DEAD STATUS_FILE_FORCED_CLOSED

/* Defends against a request that waits for a connection that has gone, and
 * against a call that gets through to it. */
static VOID a_connection_that_dies_fails_everything(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(16);
  TEST_ADDRESS Address;
  PWSK_CALL First = NewCall(), Second = NewCall();

  REQUIRE(Socket != NULL);
  Receive(First, Socket, &Buffer->Wsk, 0);
  Receive(Second, Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  CHECK(host_kill_socket(Socket));
  CHECK_PENDED(First, DEAD, 0);
  CHECK_PENDED(Second, DEAD, 0);
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &Buffer->Wsk, 0), DEAD, 0);
  CHECK_AT_ONCE(Send(NewCall(), Socket, &Buffer->Wsk, 0), DEAD, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, NULL, 0), DEAD, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, NULL, WSK_FLAG_ABORTIVE), DEAD,
                0);
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK(peer_expect_reset(Peer));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* Defends against a send whose bytes are with the transport when it dies. */
static VOID sends_that_wait_fail_with_the_connection(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(1 << 20);
  PWSK_CALL Calls[32];
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < RTL_NUMBER_OF(Calls); i++)
    Calls[i] = Send(NewCall(), Socket, &Buffer->Wsk, 0);
  CHECK(!IsCompleted(Calls[31]));
  CHECK(host_kill_socket(Socket));
  for (i = 0; i < RTL_NUMBER_OF(Calls); i++)
    REQUIRE(WaitForCall(Calls[i]));
  CHECK_PENDED(Calls[31], DEAD, 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* Defends against an attempt that goes on below a socket that has died. */
static VOID an_attempt_to_connect_dies_with_its_socket(VOID) {
  TEST_ADDRESS Remote;
  PWSK_SOCKET Socket = OpenBoundSocket();
  USHORT Port = peer_silent_port(TEST_IPV6);
  PWSK_CALL Call = NewCall();

  REQUIRE(Socket != NULL && Port != 0);
  Connect(Call, Socket, Loopback(&Remote, Port));
  CHECK_STILL_PENDING(Call);
  CHECK(host_kill_socket(Socket));
  CHECK_PENDED(Call, DEAD, 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* Defends against accepts that wait for ever. */
static VOID a_listener_that_dies_fails_its_accepts(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL First = NewCall(), Second = NewCall();
  struct peer *Peer;

  REQUIRE(Listener != NULL);
  Accept(First, Listener, NULL, NULL);
  Accept(Second, Listener, NULL, NULL);
  CHECK(host_kill_socket(Listener));
  CHECK_PENDED(First, DEAD, 0);
  CHECK_PENDED(Second, DEAD, 0);
  CHECK_AT_ONCE(Accept(NewCall(), Listener, NULL, NULL), DEAD, 0);
  Peer = peer_connect(TEST_IPV6, Port);
  CHECK(Peer == NULL || peer_has_ended(Peer));
  CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
}

/* Defends against connections that nobody has accepted and nobody closes. */
static VOID what_waits_in_a_listener_dies_with_it(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  struct peer *Peer;

  REQUIRE(Listener != NULL);
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL);
  host_run_a_while();
  CHECK(host_kill_socket(Listener));
  CHECK(peer_expect_reset(Peer));
  CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
}

/* Defends against a second death, and a death after the end. */
static VOID a_socket_dies_once(VOID) {
  PWSK_SOCKET Socket = OpenSocket();

  REQUIRE(Socket != NULL);
  CHECK(host_kill_socket(Socket));
  CHECK(!host_kill_socket(Socket));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK(!host_kill_socket(Socket));
}

CONFORMANCE_GROUP(forced) = {
    TEST(a_connection_that_dies_fails_everything, "IRP-20"),
    TEST(sends_that_wait_fail_with_the_connection, "IRP-20"),
    TEST(an_attempt_to_connect_dies_with_its_socket, "IRP-20"),
    TEST(a_listener_that_dies_fails_its_accepts, "IRP-20"),
    TEST(what_waits_in_a_listener_dies_with_it, "IRP-20"),
    TEST(a_socket_dies_once, "IRP-20"),
};
