/* WskBind for connection sockets. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* Defends against a port that is chosen only when connecting. */
static VOID binding_to_the_wildcard_fixes_a_port(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0), Mine;
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  Mine = PortOf(&Address);
  CHECK(Mine != 0);
  CHECK(IsWildcard(&Address));
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_EQUAL(Mine, PortOf(&Address));
  CHECK(IsLoopback(&Address));
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK_EQUAL(Mine, peer_remote_port(Peer));
}

/* Defends against an address that is taken for the wildcard. */
static VOID binding_to_a_specific_address_keeps_it(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK(PortOf(&Address) != 0);
  CHECK(IsLoopback(&Address));
}

/* Defends against an implicit bind: Windows does none. */
static VOID an_unbound_socket_does_not_connect(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(Connect(NewCall(), Socket, Loopback(&Address, Port)),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(ConnectEx(NewCall(), Socket, &Address, NULL, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_EQUAL(0, peer_accepted(Port));
  /* And is none the worse for it. */
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
}

/* Defends against an error that comes with the connect, as libuv would have
 * it, and against a socket that is spoilt by it. */
static VOID an_address_in_use_is_refused_and_another_taken(VOID) {
  USHORT Taken = peer_taken_port(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL && Taken != 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, Taken)),
               STATUS_ADDRESS_ALREADY_ASSOCIATED, 0);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_PENDED(
      Connect(NewCall(), Socket, Loopback(&Address, peer_listen(TEST_IPV6, 0))),
      STATUS_SUCCESS, 0);
}

/* Defends against the host's idea of sharing: SO_REUSEADDR on Linux lets two
 * sockets bind to one port as long as neither listens. */
static VOID two_sockets_do_not_share_an_address(VOID) {
  PWSK_SOCKET One = OpenSocket(), Other = OpenSocket();
  TEST_ADDRESS Address, Specific;

  REQUIRE(One != NULL && Other != NULL);
  CHECK_PENDED(Bind(NewCall(), One, Loopback(&Address, 0)), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(GetLocal(NewCall(), One, &Specific), STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), Other, &Specific),
               STATUS_ADDRESS_ALREADY_ASSOCIATED, 0);
  CHECK_PENDED(Close(NewCall(), One), STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), Other, &Specific), STATUS_SUCCESS, 0);
}

/* Defends against the same with the wildcard. */
static VOID two_sockets_do_not_share_the_wildcard(VOID) {
  PWSK_SOCKET One = OpenBoundSocket(), Other = OpenSocket();
  TEST_ADDRESS Address;

  REQUIRE(One != NULL && Other != NULL);
  CHECK_AT_ONCE(GetLocal(NewCall(), One, &Address), STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), Other, &Address),
               STATUS_ADDRESS_ALREADY_ASSOCIATED, 0);
  CHECK_PENDED(Bind(NewCall(), Other, Loopback(&Address, PortOf(&Address))),
               STATUS_ACCESS_DENIED, 0);
}

/* Defends against a second bind that moves the socket. */
static VOID a_socket_is_bound_once(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(Bind(NewCall(), Socket, Wildcard(&Address, 0)),
                STATUS_INVALID_DEVICE_STATE, 0);
}

/* Defends against a foreign address that fails in some other way. */
static VOID an_address_of_another_machine_is_refused(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Bind(NewCall(), Socket, Foreign(&Address, 0)),
               STATUS_INVALID_ADDRESS_COMPONENT, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
}

/* Defends against a sockaddr read past its end: the sizes differ. */
static VOID the_address_is_of_the_sockets_family(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  host_expect_reports();
  Wildcard(&Address, 0);
  Address.Any.sa_family = TEST_IPV6 ? AF_INET : AF_INET6;
  CHECK_AT_ONCE(Bind(NewCall(), Socket, &Address), STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(Bind(NewCall(), Socket, NULL), STATUS_INVALID_PARAMETER, 0);
}

/* Defends against flags that will mean something some day. */
static VOID the_flags_of_a_bind_are_zero(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  host_expect_reports();
  Call->Returned = DispatchOf(Socket)->WskBind(
      Socket, &Wildcard(&Address, 0)->Any, 1, PrepareCall(Call));
  CHECK_AT_ONCE(Call, STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("FLAGS-01"));
}

/* Defends against a provider that waits. */
static VOID binding_works_at_dispatch_level(VOID) {
  TestAtDispatch = TRUE;
  CHECK(OpenBoundSocket() != NULL);
  TestAtDispatch = FALSE;
}

CONFORMANCE_GROUP(bind) = {
    TEST(binding_to_the_wildcard_fixes_a_port,
         "BIND-07 GETLOCAL-04 OBS-09 OBS-17"),
    TEST(binding_to_a_specific_address_keeps_it, "GETLOCAL-01 OBS-09"),
    TEST(an_unbound_socket_does_not_connect, "BIND-06 CONNECT-01 OBS-16"),
    TEST(an_address_in_use_is_refused_and_another_taken, "OBS-08"),
    TEST(two_sockets_do_not_share_an_address, "SOCKET-14 OBS-08"),
    TEST(two_sockets_do_not_share_the_wildcard, "SOCKET-14 OBS-08"),
    TEST(a_socket_is_bound_once, "BIND-06"),
    TEST(an_address_of_another_machine_is_refused, "IRP-03"),
    TEST(the_address_is_of_the_sockets_family, "BIND-01"),
    TEST(the_flags_of_a_bind_are_zero, "FLAGS-01"),
    TEST(binding_works_at_dispatch_level, "IRQL-03"),
};
