/* WskGetLocalAddress and WskGetRemoteAddress. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* Defends against an answer of the host's, with the host's family numbers. */
static VOID the_local_address_is_told_in_every_state(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0), Mine;
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  RtlFillMemory(&Address, sizeof(Address), 0xFF);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_EQUAL(0xFFFF, Address.Any.sa_family);
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  RtlFillMemory(&Address, sizeof(Address), 0xFF);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_EQUAL(TestFamily, Address.Any.sa_family);
  CHECK(IsWildcard(&Address));
  Mine = PortOf(&Address);
  CHECK(Mine != 0);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  RtlFillMemory(&Address, sizeof(Address), 0xFF);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK(IsLoopback(&Address));
  CHECK_EQUAL(Mine, PortOf(&Address));
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK_EQUAL(Mine, peer_remote_port(Peer));
}

/* Defends against more bytes than the family's sockaddr has. */
static VOID the_address_fills_its_sockaddr_and_no_more(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenConnection(Port);
  SIZE_T Size = TEST_IPV6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
  UCHAR Room[64];
  SIZE_T i;

  REQUIRE(Socket != NULL);
  RtlFillMemory(Room, sizeof(Room), 0xCC);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, Room), STATUS_SUCCESS, 0);
  for (i = Size; i < sizeof(Room); i++)
    CHECK_EQUAL(0xCC, Room[i]);
  RtlFillMemory(Room, sizeof(Room), 0xCC);
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, Room), STATUS_SUCCESS, 0);
  for (i = Size; i < sizeof(Room); i++)
    CHECK_EQUAL(0xCC, Room[i]);
  /* The unused rest of an IPv4 address is zero. */
  for (i = 8; !TEST_IPV6 && i < Size; i++)
    CHECK_EQUAL(0, Room[i]);
}

/* Defends against a peer's address before there is a peer. */
static VOID the_remote_address_is_told_while_connected(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  RtlFillMemory(&Address, sizeof(Address), 0xFF);
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_EQUAL(TestFamily, Address.Any.sa_family);
  CHECK(IsLoopback(&Address));
  CHECK_EQUAL(Port, PortOf(&Address));
}

/* Defends against an address told from a host socket that has lost it. */
static VOID the_addresses_stay_after_the_peers_end(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  peer_finish(Peer);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  0);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_EQUAL(peer_remote_port(Peer), PortOf(&Address));
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK(IsLoopback(&Address));
}

/* Defends against a null pointer followed. */
static VOID an_address_needs_a_place(VOID) {
  PWSK_SOCKET Socket = OpenConnection(peer_listen(TEST_IPV6, 0));

  REQUIRE(Socket != NULL);
  host_expect_reports();
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, NULL), STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, NULL), STATUS_INVALID_PARAMETER,
                0);
}

/* Defends against an address that is asked for above PASSIVE_LEVEL. */
static VOID addresses_are_told_at_dispatch_level(VOID) {
  PWSK_SOCKET Socket = OpenConnection(peer_listen(TEST_IPV6, 0));
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  TestAtDispatch = TRUE;
  GetLocal(NewCall(), Socket, &Address);
  TestAtDispatch = FALSE;
  CHECK(IsLoopback(&Address));
  TestAtDispatch = TRUE;
  GetRemote(NewCall(), Socket, &Address);
  TestAtDispatch = FALSE;
  CHECK(IsLoopback(&Address));
}

CONFORMANCE_GROUP(address) = {
    TEST(the_local_address_is_told_in_every_state,
         "GETLOCAL-01 GETLOCAL-02 GETLOCAL-04"),
    TEST(the_address_fills_its_sockaddr_and_no_more,
         "GETLOCAL-01 GETREMOTE-01"),
    TEST(the_remote_address_is_told_while_connected,
         "GETREMOTE-01 GETREMOTE-02"),
    TEST(the_addresses_stay_after_the_peers_end, "GETREMOTE-01"),
    TEST(an_address_needs_a_place, "IRP-02"),
    TEST(addresses_are_told_at_dispatch_level, "IRQL-03"),
};
