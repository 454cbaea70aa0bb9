/* WskConnectEx. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* Defends against initial data that comes late, twice or not at all. */
static VOID initial_data_comes_first_on_the_stream(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(ConnectEx(NewCall(), Socket, Loopback(&Address, Port),
                         &BufferOf("first", 5)->Wsk, 0),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("then", 4)->Wsk, 0),
               STATUS_SUCCESS, 4);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK(peer_expect(Peer, "firstthen", 9));
}

/* Defends against a limit that is off by one. */
static VOID the_longest_initial_data_is_accepted(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(ConnectEx(NewCall(), Socket, Loopback(&Address, Port),
                         &BufferOfPattern(0, 65535)->Wsk, 0),
               STATUS_SUCCESS, 0);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK(peer_expect_pattern(Peer, 0, 65535));
}

/* Defends against the other side of the same limit. */
static VOID longer_initial_data_overflows(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(ConnectEx(NewCall(), Socket, Loopback(&Address, Port),
                          &BufferOfPattern(0, 65536)->Wsk, 0),
                STATUS_BUFFER_OVERFLOW, 0);
  CHECK_EQUAL(0, peer_accepted(Port));
  /* The socket is as before. */
  CHECK_PENDED(ConnectEx(NewCall(), Socket, &Address, NULL, 0), STATUS_SUCCESS,
               0);
}

/* Defends against a buffer that is needed although it is optional. */
static VOID initial_data_is_optional(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET One = OpenBoundSocket(), Other = OpenBoundSocket();
  WSK_BUF Empty = {NULL, 0, 0};
  TEST_ADDRESS Address;

  REQUIRE(One != NULL && Other != NULL);
  CHECK_PENDED(ConnectEx(NewCall(), One, Loopback(&Address, Port), NULL, 0),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(ConnectEx(NewCall(), Other, Loopback(&Address, Port), &Empty, 0),
               STATUS_SUCCESS, 0);
}

/* Defends against flags that reach the connect. */
static VOID flags_of_a_connect_ex_are_refused(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  host_expect_reports();
  CHECK_AT_ONCE(ConnectEx(NewCall(), Socket, Loopback(&Address, Port), NULL, 1),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(
      ConnectEx(NewCall(), Socket, Loopback(&Address, Port), NULL, 0x80000000),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(0, peer_accepted(Port));
}

/* Defends against initial data sent from memory the client has taken back. */
static VOID the_data_may_go_when_the_connect_is_done(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, PEER_PAUSED | PEER_SMALL_BUFFER);
  PWSK_SOCKET Socket = OpenBoundSocket();
  PTEST_BUFFER Buffer = BufferOfPattern(0, 65535);
  TEST_ADDRESS Address;
  struct peer *Peer;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call =
      ConnectEx(NewCall(), Socket, Loopback(&Address, Port), &Buffer->Wsk, 0);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  if (!WaitForEvent(&Call->Done, TEST_MOMENT))
    peer_resume(Peer);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  WritePattern(Buffer, 0, 12345, 65535);
  peer_resume(Peer);
  CHECK(peer_expect_pattern(Peer, 0, 65535));
}

/* Defends against a gather that forgets the offset or a member. */
static VOID the_data_may_be_a_chain_with_an_offset(VOID) {
  static const ULONG Lengths[] = {10, 1, 300, 7, 4096, 1, 1};
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  PTEST_BUFFER Buffer = NewChain(Lengths, RTL_NUMBER_OF(Lengths));
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  WritePattern(Buffer, 0, 0, Buffer->Wsk.Length);
  Buffer->Wsk.Offset = 9;
  Buffer->Wsk.Length -= 9 + 1;
  CHECK_PENDED(
      ConnectEx(NewCall(), Socket, Loopback(&Address, Port), &Buffer->Wsk, 0),
      STATUS_SUCCESS, 0);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK(peer_expect_pattern(Peer, 9, Buffer->Wsk.Length));
}

/* Defends against a buffer that is checked when it is too late to refuse. */
static VOID a_bad_buffer_is_refused_before_anything_happens(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  PTEST_BUFFER Buffer = NewBuffer(4);
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  host_expect_reports();
  Loopback(&Address, Port);
  Buffer->Wsk.Length = 5;
  CHECK_AT_ONCE(ConnectEx(NewCall(), Socket, &Address, &Buffer->Wsk, 0),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("BUF-04"));
  Buffer->Wsk.Length = 1;
  Buffer->Wsk.Offset = 4;
  CHECK_AT_ONCE(ConnectEx(NewCall(), Socket, &Address, &Buffer->Wsk, 0),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("BUF-01"));
  CHECK_EQUAL(0, peer_accepted(Port));
}

/* Defends against initial data that hides why the connect failed. */
static VOID a_refused_connect_ex_says_so(VOID) {
  USHORT Refusing = peer_refusing_port(TEST_IPV6);
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(ConnectEx(NewCall(), Socket, Loopback(&Address, Refusing),
                         &BufferOf("lost", 4)->Wsk, 0),
               STATUS_CONNECTION_REFUSED, 0);
  CHECK_PENDED(ConnectEx(NewCall(), Socket, Loopback(&Address, Port),
                         &BufferOf("found", 5)->Wsk, 0),
               STATUS_SUCCESS, 0);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK(peer_expect(Peer, "found", 5));
}

/* Defends against a connect with data that cannot be given up. */
static VOID a_pending_connect_ex_can_be_cancelled(VOID) {
  USHORT Port = peer_silent_port(TEST_IPV6);
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL && Port != 0);
  Call = ConnectEx(NewCall(), Socket, Loopback(&Address, Port),
                   &BufferOf("never", 5)->Wsk, 0);
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
}

CONFORMANCE_GROUP(connect_ex) = {
    TEST(initial_data_comes_first_on_the_stream, "CONNECTEX-04 CONNECTEX-07"),
    TEST(the_longest_initial_data_is_accepted, "CONNECTEX-03"),
    TEST(longer_initial_data_overflows, "CONNECTEX-02"),
    TEST(initial_data_is_optional, "CONNECTEX-03 BUF-03"),
    TEST(flags_of_a_connect_ex_are_refused, "CONNECTEX-01"),
    TEST(the_data_may_go_when_the_connect_is_done, "CONNECTEX-05"),
    TEST(the_data_may_be_a_chain_with_an_offset, "BUF-01 BUF-02"),
    TEST(a_bad_buffer_is_refused_before_anything_happens, "BUF-01 BUF-04"),
    TEST(a_refused_connect_ex_says_so, "CONNECT-02"),
    TEST(a_pending_connect_ex_can_be_cancelled, "IRP-19"),
};
