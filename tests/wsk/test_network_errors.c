/*
 * What a network says that loopback alone cannot say: no route, an unreachable
 * host, no answer. Kernel code; runs in a network of its own, made by
 * private_network.c.
 */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "peer.h"
#include "wskcall.h"

/* Within 192.0.2.0/24 and 2001:db8:1::/48, to which the private network has a
 * route that says: unreachable. */
static PTEST_ADDRESS Unreachable(PTEST_ADDRESS Address, USHORT Port) {
  Foreign(Address, Port);
  if (TEST_IPV6)
    Address->V6.sin6_addr.u.Byte[5] = 1;
  return Address;
}

/* Nowhere: there is no route at all. */
static PTEST_ADDRESS Nowhere(PTEST_ADDRESS Address, USHORT Port) {
  Foreign(Address, Port);
  if (!TEST_IPV6)
    Address->V4.sin_addr.S_un.S_addr = RtlUlongByteSwap(0xCB007101);
  return Address;
}

/* Defends against an error of the host's that has no NTSTATUS. */
static VOID a_network_without_a_route_is_unreachable(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Local, Remote;

  REQUIRE(Socket != NULL);
  Nowhere(&Remote, 7);
  CHECK_PENDED(Connect(NewCall(), Socket, &Remote), STATUS_NETWORK_UNREACHABLE,
               0);
  CHECK_PENDED(
      ConnectEx(NewCall(), Socket, &Remote, &BufferOf("data", 4)->Wsk, 0),
      STATUS_NETWORK_UNREACHABLE, 0);
  CHECK_PENDED(CreateConnected(NewCall(), Wildcard(&Local, 0), &Remote),
               STATUS_NETWORK_UNREACHABLE, 0);
  /* And may try somewhere else. */
  CHECK_PENDED(
      Connect(NewCall(), Socket, Loopback(&Remote, peer_listen(TEST_IPV6, 0))),
      STATUS_SUCCESS, 0);
}

/* Defends against two errors taken for one. */
static VOID a_host_behind_an_unreachable_route_is_unreachable(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Local, Remote;

  REQUIRE(Socket != NULL);
  Unreachable(&Remote, 7);
  CHECK_PENDED(Connect(NewCall(), Socket, &Remote), STATUS_HOST_UNREACHABLE, 0);
  CHECK_PENDED(CreateConnected(NewCall(), Wildcard(&Local, 0), &Remote),
               STATUS_HOST_UNREACHABLE, 0);
}

/* Defends against a connect that pends for ever, and one whose socket cannot be
 * used again. All wait at once: three seconds, which the host takes. */
static VOID a_peer_that_does_not_answer_is_a_timeout(VOID) {
  USHORT Silent = peer_silent_port(TEST_IPV6);
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET One = OpenBoundSocket(), Other = OpenBoundSocket();
  TEST_ADDRESS Local, Remote;
  PWSK_CALL Calls[3];
  ULONG i;

  REQUIRE(One != NULL && Other != NULL && Silent != 0);
  Loopback(&Remote, Silent);
  Calls[0] = Connect(NewCall(), One, &Remote);
  Calls[1] = ConnectEx(NewCall(), Other, &Remote, &BufferOf("data", 4)->Wsk, 0);
  Calls[2] = CreateConnected(NewCall(), Wildcard(&Local, 0), &Remote);
  CHECK_STILL_PENDING(Calls[0]);
  for (i = 0; i < 3; i++)
    CHECK_PENDED(Calls[i], STATUS_IO_TIMEOUT, 0);
  CHECK_PENDED(Connect(NewCall(), One, Loopback(&Remote, Port)), STATUS_SUCCESS,
               0);
}

CONFORMANCE_GROUP(network_errors) = {
    TEST(a_network_without_a_route_is_unreachable, "CONNECT-02"),
    TEST(a_host_behind_an_unreachable_route_is_unreachable, "CONNECT-02"),
    TEST(a_peer_that_does_not_answer_is_a_timeout, "CONNECT-02"),
};
