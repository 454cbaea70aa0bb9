/* Datagram sockets: what they are made of, binding, closing. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskdatagram.h"

/* ---- making ---------------------------------------------------------- */

/* Defends against a table that is another category's, or has a hole. */
static VOID a_datagram_socket_has_its_own_table(VOID) {
  PWSK_SOCKET Socket = CreateDatagram(NULL, NULL);
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Table;
  PVOID const *Members;
  SIZE_T i;

  REQUIRE(Socket != NULL);
  Table = DatagramDispatchOf(Socket);
  Members = (PVOID const *)(const VOID *)Table;
  for (i = 0; i < sizeof(*Table) / sizeof(PVOID); i++)
    CHECK(Members[i] != NULL);
  CHECK_EQUAL(8 * sizeof(PVOID), sizeof(*Table));
  CHECK_EQUAL(2 * sizeof(PVOID),
              FIELD_OFFSET(WSK_PROVIDER_DATAGRAM_DISPATCH, WskBind));
  CHECK_EQUAL(3 * sizeof(PVOID),
              FIELD_OFFSET(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendTo));
  CHECK_EQUAL(4 * sizeof(PVOID),
              FIELD_OFFSET(WSK_PROVIDER_DATAGRAM_DISPATCH, WskReceiveFrom));
  CHECK_EQUAL(5 * sizeof(PVOID),
              FIELD_OFFSET(WSK_PROVIDER_DATAGRAM_DISPATCH, WskRelease));
  CHECK_EQUAL(6 * sizeof(PVOID),
              FIELD_OFFSET(WSK_PROVIDER_DATAGRAM_DISPATCH, WskGetLocalAddress));
  CHECK_EQUAL(7 * sizeof(PVOID),
              FIELD_OFFSET(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendMessages));
}

/* Defends against a stream that is made a datagram socket, and a protocol that
 * is taken for UDP. */
static VOID a_datagram_socket_is_made_of_datagrams(VOID) {
  PWSK_SOCKET Socket;

  CHECK_AT_ONCE(CreateSocket(NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP,
                             WSK_FLAG_DATAGRAM_SOCKET),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(CreateSocket(NewCall(), TestFamily, SOCK_DGRAM, IPPROTO_TCP,
                             WSK_FLAG_DATAGRAM_SOCKET),
                STATUS_INVALID_PARAMETER, 0);
  Socket = SocketOf(CreateSocket(NewCall(), TestFamily, SOCK_DGRAM, 0,
                                 WSK_FLAG_DATAGRAM_SOCKET));
  CHECK(Socket != NULL);
}

/* A raw socket is for those who may. Defends against a process that may not
 * and is told something else, or gets a socket that is none. */
static VOID a_raw_socket_is_made_or_refused(VOID) {
  PWSK_CALL Call = NewCall();

  CreateSocket(Call, TestFamily, SOCK_RAW, 253, WSK_FLAG_DATAGRAM_SOCKET);
  REQUIRE(WaitForCall(Call));
  /* Wine has raw sockets of a few protocols only. */
  if (Call->Status == STATUS_SUCCESS)
    CHECK(SocketOf(Call) != NULL);
  else if (Call->Status != STATUS_NOT_SUPPORTED || !host_is_windows())
    CHECK_PENDED(Call, STATUS_ACCESS_DENIED, 0);
}

/* ---- binding --------------------------------------------------------- */

static VOID a_datagram_socket_is_bound_before_it_is_used(VOID) {
  PWSK_SOCKET Socket = CreateDatagram(NULL, NULL);
  PTEST_BUFFER Buffer = BufferOf("hello", 5);
  TEST_ADDRESS Remote, Address;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(SendTo(NewCall(), Socket, &Buffer->Wsk, Loopback(&Remote, 9)),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Socket, &Buffer->Wsk, NULL),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(GetDatagramLocal(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(Bind(NewCall(), Socket, Loopback(&Address, 0)),
                STATUS_INVALID_DEVICE_STATE, 0);
}

/* Defends against a wildcard that receives on one address only, and against
 * datagrams that leave from the wildcard. */
static VOID the_wildcard_is_all_addresses(VOID) {
  struct peer_udp *Peer = peer_udp_open(TEST_IPV6);
  PWSK_SOCKET Socket = CreateDatagram(NULL, NULL);
  PTEST_BUFFER Buffer = NewBuffer(16);
  TEST_ADDRESS Address, Remote;
  PWSK_SOCKET Other = OpenDatagram(NULL);
  RECEIVED Received;

  REQUIRE(Socket != NULL && Peer != NULL && Other != NULL);
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetDatagramLocal(NewCall(), Socket, &Address), STATUS_SUCCESS,
                0);
  CHECK(IsWildcard(&Address) && PortOf(&Address) != 0);
  CHECK(peer_udp_send(Peer, PortOf(&Address), "hello", 5));
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Socket, &Buffer->Wsk, NULL),
                  STATUS_SUCCESS, 5);
  CHECK_AT_ONCE(GetDatagramLocal(NewCall(), Other, &Remote), STATUS_SUCCESS, 0);
  CHECK_PENDED(SendTo(NewCall(), Socket, &BufferOf("from", 4)->Wsk, &Remote),
               STATUS_SUCCESS, 4);
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Other, &Buffer->Wsk, &Received),
                  STATUS_SUCCESS, 4);
  CHECK(IsLoopback(&Received.Remote));
  CHECK_EQUAL(PortOf(&Address), PortOf(&Received.Remote));
}

/* Defends against two sockets that share a port, and against ports of TCP that
 * are taken for UDP's. */
static VOID a_port_of_udp_is_not_one_of_tcp(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_SOCKET First = CreateDatagram(NULL, NULL);
  PWSK_SOCKET Second = CreateDatagram(NULL, NULL);
  TEST_ADDRESS Address;

  REQUIRE(Listener != NULL && First != NULL && Second != NULL);
  CHECK_PENDED(Bind(NewCall(), First, Loopback(&Address, Port)), STATUS_SUCCESS,
               0);
  CHECK_PENDED(Bind(NewCall(), Second, Loopback(&Address, Port)),
               STATUS_ADDRESS_ALREADY_ASSOCIATED, 0);
  CHECK_PENDED(Bind(NewCall(), Second, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
}

/* ---- closing --------------------------------------------------------- */

/* Defends against a close that leaves an IRP behind, or completes first. */
static VOID a_close_cancels_what_pends(VOID) {
  PWSK_SOCKET Socket = OpenDatagram(NULL);
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Calls[10], Closing = NewCall();
  RECEIVED Received[10];
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 10; i++)
    Calls[i] = ReceiveFrom(NewCall(), Socket, &Buffer->Wsk, &Received[i]);
  CHECK_PENDED(Close(Closing, Socket), STATUS_SUCCESS, 0);
  for (i = 0; i < 10; i++) {
    CHECK_PENDED(Calls[i], STATUS_CANCELLED, 0);
    CHECK(Calls[i]->Order < Closing->Order);
  }
}

/* Defends against a close that a flood keeps from its end, and against
 * datagrams that stay in memory. */
static VOID a_close_throws_away_what_nobody_received(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenDatagram(&Port);
  struct peer_udp *Peer = peer_udp_open(TEST_IPV6);
  ULONG i;

  REQUIRE(Socket != NULL && Peer != NULL);
  for (i = 0; i < 50; i++)
    CHECK(peer_udp_send(Peer, Port, "hello", 5));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

static VOID calls_after_the_close_are_reported(VOID) {
  PWSK_SOCKET Socket = OpenDatagram(NULL);
  PTEST_BUFFER Buffer = BufferOf("hello", 5);
  TEST_ADDRESS Remote;
  PWSK_CALL Call = NewCall();

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  host_expect_reports();
  CHECK_AT_ONCE(SendTo(NewCall(), Socket, &Buffer->Wsk, Loopback(&Remote, 9)),
                STATUS_FILE_CLOSED, 0);
  CHECK_AT_ONCE(ReceiveFrom(Call, Socket, &Buffer->Wsk, NULL),
                STATUS_FILE_CLOSED, 0);
  CHECK_STATUS(STATUS_FILE_CLOSED,
               DatagramDispatchOf(Socket)->WskRelease(Socket, NULL));
  CHECK_EQUAL(3, host_reports("CLOSE-06"));
}

/* ---- what fails ------------------------------------------------------ */

/* Defends against a socket that is half made. */
static VOID making_a_socket_survives_a_lack_of_memory(VOID) {
  PWSK_CALL Call = NewCall();
  unsigned Nth;

  for (Nth = 1; Nth < 10; Nth++) {
    int Failed;

    host_fail_allocation(Nth);
    CreateSocket(Call, TestFamily, SOCK_DGRAM, IPPROTO_UDP,
                 WSK_FLAG_DATAGRAM_SOCKET);
    REQUIRE(WaitForCall(Call));
    Failed = host_allocation_failed();
    host_fail_allocation(0);
    if (!Failed)
      break;
    CHECK_STATUS(STATUS_INSUFFICIENT_RESOURCES, Call->Status);
  }
  CHECK(SocketOf(Call) != NULL);
}

/* Defends against a process without descriptors that gets a socket. */
static VOID making_a_socket_survives_a_lack_of_descriptors(VOID) {
  PWSK_CALL Call = NewCall();
  int Taken = host_take_descriptors();

  CreateSocket(Call, TestFamily, SOCK_DGRAM, IPPROTO_UDP,
               WSK_FLAG_DATAGRAM_SOCKET);
  REQUIRE(WaitForCall(Call));
  host_give_descriptors();
  if (Taken)
    CHECK_PENDED(Call, STATUS_INSUFFICIENT_RESOURCES, 0);
  else
    CHECK(SocketOf(Call) != NULL);
}

/* Defends against IRPs of a socket that dies. */
static VOID a_datagram_socket_that_dies_fails_everything(VOID) {
  PWSK_SOCKET Socket = OpenDatagram(NULL);
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Remote;

  REQUIRE(Socket != NULL);
  ReceiveFrom(Call, Socket, &Buffer->Wsk, NULL);
  CHECK(host_kill_socket(Socket));
  CHECK_PENDED(Call, STATUS_FILE_FORCED_CLOSED, 0);
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Socket, &Buffer->Wsk, NULL),
                STATUS_FILE_FORCED_CLOSED, 0);
  CHECK_AT_ONCE(SendTo(NewCall(), Socket, &Buffer->Wsk, Loopback(&Remote, 9)),
                STATUS_FILE_FORCED_CLOSED, 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* ICMP tells the host that nobody is there. Defends against one peer that has
 * gone and disturbs all others. */
static VOID a_peer_that_has_gone_disturbs_nobody(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenDatagram(&Port);
  struct peer_udp *Peer = peer_udp_open(TEST_IPV6);
  unsigned short Nobody = peer_refusing_port(TEST_IPV6);
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Gone;
  ULONG i;

  REQUIRE(Socket != NULL && Peer != NULL && Nobody != 0);
  ReceiveFrom(Call, Socket, &Buffer->Wsk, NULL);
  for (i = 0; i < 3; i++)
    CHECK_PENDED(SendTo(NewCall(), Socket, &BufferOf("hello", 5)->Wsk,
                        Loopback(&Gone, Nobody)),
                 STATUS_SUCCESS, 5);
  CHECK_STILL_PENDING(Call);
  CHECK(peer_udp_send(Peer, Port, "hello", 5));
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
}

CONFORMANCE_GROUP(datagram) = {
    TEST(a_datagram_socket_has_its_own_table,
         "CAT-01 CAT-06 TYPES-03 TYPES-06 RELEASE-04"),
    TEST(a_datagram_socket_is_made_of_datagrams, "CAT-01"),
    TEST(a_raw_socket_is_made_or_refused, "CAT-01"),
    TEST(a_datagram_socket_is_bound_before_it_is_used,
         "BIND-04 GETLOCAL-01 GETLOCAL-02"),
    TEST(the_wildcard_is_all_addresses, "BIND-05 GETLOCAL-01"),
    TEST(a_port_of_udp_is_not_one_of_tcp, "OBS-08"),
    TEST(a_close_cancels_what_pends, "CLOSE-02 CLOSE-04"),
    TEST(a_close_throws_away_what_nobody_received, "CLOSE-01"),
    TEST(calls_after_the_close_are_reported, "CLOSE-06"),
    TEST(making_a_socket_survives_a_lack_of_memory, "CAT-01"),
    TEST_ONCE(making_a_socket_survives_a_lack_of_descriptors, "CAT-01"),
    TEST(a_datagram_socket_that_dies_fails_everything, "IRP-20"),
    TEST(a_peer_that_has_gone_disturbs_nobody, "RECVFROM-01"),
};
