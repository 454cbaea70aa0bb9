/* WskConnect. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* Defends against a connection that is only half made at completion. */
static VOID a_bound_socket_connects(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  CHECK(peer_accept(Port) != NULL);
}

/* Defends against a refusal under another name, and against a socket that is
 * of no use after it: a client tries again. */
static VOID a_refused_connect_may_be_tried_again(VOID) {
  USHORT Refusing = peer_refusing_port(TEST_IPV6);
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Before, After, Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Before), STATUS_SUCCESS, 0);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Refusing)),
               STATUS_CONNECTION_REFUSED, 0);
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Refusing)),
               STATUS_CONNECTION_REFUSED, 0);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &After), STATUS_SUCCESS, 0);
  CHECK_EQUAL(PortOf(&Before), PortOf(&After));
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("late", 4)->Wsk, 0),
               STATUS_SUCCESS, 4);
  CHECK(peer_expect(Peer, "late", 4));
}

/* Defends against a second connect that spoils the first. */
static VOID a_connected_socket_does_not_connect_again(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenConnection(Port);
  TEST_ADDRESS Address;
  struct peer *Peer = peer_accept(Port);

  REQUIRE(Socket != NULL && Peer != NULL);
  CHECK_AT_ONCE(Connect(NewCall(), Socket, Loopback(&Address, Port)),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(ConnectEx(NewCall(), Socket, Loopback(&Address, Port), NULL, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(Bind(NewCall(), Socket, Wildcard(&Address, 0)),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("!", 1)->Wsk, 0),
               STATUS_SUCCESS, 1);
  CHECK(peer_expect(Peer, "!", 1));
}

/* Defends against two connects racing on one socket. */
static VOID a_connecting_socket_does_not_connect_again(VOID) {
  USHORT Port = peer_silent_port(TEST_IPV6);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  PWSK_CALL First;

  REQUIRE(Socket != NULL && Port != 0);
  First = Connect(NewCall(), Socket, Loopback(&Address, Port));
  CHECK_AT_ONCE(Connect(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_STILL_PENDING(First);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_PENDED(First, STATUS_CANCELLED, 0);
}

/* Defends against a connect that cannot be given up. */
static VOID a_pending_connect_can_be_cancelled(VOID) {
  USHORT Port = peer_silent_port(TEST_IPV6);
  PWSK_SOCKET Socket = OpenBoundSocket();
  PTEST_BUFFER Buffer = NewBuffer(4);
  TEST_ADDRESS Address;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL && Port != 0);
  Call = Connect(NewCall(), Socket, Loopback(&Address, Port));
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  /* Windows' socket is in no state to go on after that. */
  CHECK_AT_ONCE(Connect(NewCall(), Socket, Loopback(&Address, Port)),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &Buffer->Wsk, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* Defends against data calls that queue up for a connection to come. */
static VOID data_calls_need_a_connection(VOID) {
  PWSK_SOCKET Unbound = OpenSocket(), Bound = OpenBoundSocket();
  PWSK_SOCKET Connecting = OpenBoundSocket();
  USHORT Port = peer_silent_port(TEST_IPV6);
  PTEST_BUFFER Buffer = NewBuffer(4);
  TEST_ADDRESS Address;
  PWSK_SOCKET Sockets[3];
  ULONG i;

  REQUIRE(Unbound != NULL && Bound != NULL && Connecting != NULL && Port != 0);
  Connect(NewCall(), Connecting, Loopback(&Address, Port));
  Sockets[0] = Unbound;
  Sockets[1] = Bound;
  Sockets[2] = Connecting;
  for (i = 0; i < 3; i++) {
    CHECK_AT_ONCE(Send(NewCall(), Sockets[i], &Buffer->Wsk, 0),
                  STATUS_INVALID_DEVICE_STATE, 0);
    CHECK_AT_ONCE(Receive(NewCall(), Sockets[i], &Buffer->Wsk, 0),
                  STATUS_INVALID_DEVICE_STATE, 0);
    CHECK_AT_ONCE(Disconnect(NewCall(), Sockets[i], NULL, 0),
                  STATUS_INVALID_DEVICE_STATE, 0);
    CHECK_AT_ONCE(Disconnect(NewCall(), Sockets[i], NULL, WSK_FLAG_ABORTIVE),
                  STATUS_INVALID_DEVICE_STATE, 0);
    CHECK_AT_ONCE(GetRemote(NewCall(), Sockets[i], &Address),
                  STATUS_INVALID_DEVICE_STATE, 0);
  }
}

/* Defends against what the host makes of these: Linux connects both. */
static VOID nobody_connects_to_port_zero_or_the_wildcard(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, 0)),
               STATUS_INVALID_ADDRESS_COMPONENT, 0);
  CHECK_PENDED(Connect(NewCall(), Socket, Wildcard(&Address, Port)),
               STATUS_INVALID_ADDRESS_COMPONENT, 0);
  CHECK_EQUAL(0, peer_accepted(Port));
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
}

/* Defends against a sockaddr read as if it were of the other family. */
static VOID bad_arguments_of_a_connect_are_refused(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  host_expect_reports();
  Loopback(&Address, Port);
  CHECK_AT_ONCE(Connect(NewCall(), Socket, NULL), STATUS_INVALID_PARAMETER, 0);
  Call->Returned = DispatchOf(Socket)->WskConnect(Socket, &Address.Any, 1,
                                                  PrepareCall(Call));
  CHECK_AT_ONCE(Call, STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("FLAGS-01"));
  Address.Any.sa_family = TEST_IPV6 ? AF_INET : AF_INET6;
  CHECK_AT_ONCE(Connect(NewCall(), Socket, &Address), STATUS_INVALID_PARAMETER,
                0);
  CHECK_EQUAL(0, peer_accepted(Port));
}

/* Defends against an address that must live on after the call. */
static VOID the_remote_address_is_copied(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Connect(NewCall(), Socket, Loopback(&Address, Port));
  RtlFillMemory(&Address, sizeof(Address), 0xFF);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  CHECK(peer_accept(Port) != NULL);
}

/* Defends against one connection's completion that goes to another. */
static VOID many_connect_at_once(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  USHORT Refusing = peer_refusing_port(TEST_IPV6);
  PWSK_CALL Calls[40];
  TEST_ADDRESS Address;
  ULONG i;

  for (i = 0; i < 40; i++) {
    PWSK_SOCKET Socket = OpenBoundSocket();

    REQUIRE(Socket != NULL);
    Calls[i] = Connect(NewCall(), Socket,
                       Loopback(&Address, i % 2 == 0 ? Port : Refusing));
  }
  for (i = 0; i < 40; i++)
    CHECK_PENDED(Calls[i],
                 i % 2 == 0 ? STATUS_SUCCESS : STATUS_CONNECTION_REFUSED, 0);
}

/* Defends against a provider that waits. */
static VOID connecting_works_at_dispatch_level(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);

  TestAtDispatch = TRUE;
  CHECK(OpenConnection(Port) != NULL);
  TestAtDispatch = FALSE;
  CHECK(peer_accept(Port) != NULL);
}

CONFORMANCE_GROUP(connect) = {
    TEST(a_bound_socket_connects, "CONNECT-01 OBS-17"),
    TEST(a_refused_connect_may_be_tried_again, "CONNECT-02"),
    TEST(a_connected_socket_does_not_connect_again, "CONNECT-01"),
    TEST(a_connecting_socket_does_not_connect_again, "CONNECT-01 CLOSE-02"),
    TEST(a_pending_connect_can_be_cancelled, "IRP-19"),
    TEST(data_calls_need_a_connection, "CONNECT-04 GETREMOTE-02"),
    TEST(nobody_connects_to_port_zero_or_the_wildcard, "CONNECT-02"),
    TEST(bad_arguments_of_a_connect_are_refused, "BIND-01 FLAGS-01"),
    TEST(the_remote_address_is_copied, "CONNECT-05"),
    TEST(many_connect_at_once, "IRP-03"),
    TEST(connecting_works_at_dispatch_level, "IRQL-03"),
};
