/* WskReceiveFrom: one datagram per IRP, and what comes with it. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskdatagram.h"

typedef struct _ENDS {
  PWSK_SOCKET Socket;
  USHORT Port;
  struct peer_udp *Peer;
} ENDS;

static BOOLEAN OpenEnds(ENDS *Ends) {
  Ends->Socket = OpenDatagram(&Ends->Port);
  Ends->Peer = peer_udp_open(TEST_IPV6);
  return CHECK(Ends->Socket != NULL && Ends->Peer != NULL);
}

static VOID CheckPlain(const ENDS *Ends, const RECEIVED *Received) {
  CHECK_EQUAL(peer_udp_port(Ends->Peer), PortOf(&Received->Remote));
  CHECK(IsLoopback(&Received->Remote));
  CHECK_EQUAL(0, Received->Flags);
  CHECK_EQUAL(0, Received->ControlLength);
}

/* ---- one datagram ---------------------------------------------------- */

/* Defends against a datagram that was there before and is not seen, and
 * against control data that nobody asked for. */
static VOID a_datagram_that_waits_is_received_at_once(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  RECEIVED Received;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, &Received),
                STATUS_SUCCESS, 5);
  CHECK(BufferIs(Buffer, 0, "hello", 5));
  CHECK(BufferUntouchedFrom(Buffer, 5));
  CheckPlain(&Ends, &Received);
}

/* Defends against a receive that never wakes up. */
static VOID a_receive_waits_for_a_datagram(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Call = NewCall();
  RECEIVED Received;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  ReceiveFrom(Call, Ends.Socket, &Buffer->Wsk, &Received);
  CHECK_STILL_PENDING(Call);
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
  CHECK(BufferIs(Buffer, 0, "hello", 5));
  CheckPlain(&Ends, &Received);
}

/* Defends against datagrams that melt together, and IRPs that are served out
 * of turn. */
static VOID each_receive_gets_one_datagram_in_turn(VOID) {
  PTEST_BUFFER Buffers[8];
  PWSK_CALL Calls[8];
  ENDS Ends;
  ULONG i;

  REQUIRE(OpenEnds(&Ends));
  for (i = 0; i < 8; i++) {
    Buffers[i] = NewBuffer(100);
    Calls[i] = ReceiveFrom(NewCall(), Ends.Socket, &Buffers[i]->Wsk, NULL);
  }
  for (i = 0; i < 8; i++)
    CHECK(peer_udp_send_pattern(Ends.Peer, Ends.Port, i * 50, 10 + i));
  for (i = 0; i < 8; i++) {
    CHECK_PENDED(Calls[i], STATUS_SUCCESS, 10 + i);
    CHECK(BufferIsPattern(Buffers[i], 0, i * 50, 10 + i));
    CHECK(i == 0 || Calls[i - 1]->Order < Calls[i]->Order);
  }
  for (i = 0; i < 8; i++)
    CHECK(peer_udp_send_pattern(Ends.Peer, Ends.Port, i * 50, 20 + i));
  for (i = 0; i < 8; i++)
    CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &Buffers[i]->Wsk, NULL),
                  STATUS_SUCCESS, 20 + i);
}

/* Defends against an empty datagram that is taken for nothing. */
static VOID an_empty_datagram_is_received(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Call = NewCall();
  RECEIVED Received;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "", 0));
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, &Received),
                STATUS_SUCCESS, 0);
  CheckPlain(&Ends, &Received);
  ReceiveFrom(Call, Ends.Socket, &Buffer->Wsk, &Received);
  CHECK_STILL_PENDING(Call);
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "", 0));
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  CheckPlain(&Ends, &Received);
}

/* Defends against bytes that go beside the chain, and against chains of more
 * pieces than the host takes. */
static VOID a_datagram_is_scattered_over_the_chain(VOID) {
  ULONG Many[TEST_MAX_PIECES], i;
  PTEST_BUFFER Buffer;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  for (i = 0; i < TEST_MAX_PIECES; i++)
    Many[i] = 3 * i + 1;
  Buffer = NewChain(Many, TEST_MAX_PIECES);
  CHECK(peer_udp_send_pattern(Ends.Peer, Ends.Port, 5, 1000));
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, NULL),
                STATUS_SUCCESS, 1000);
  CHECK(BufferIsPattern(Buffer, 0, 5, 1000));
  CHECK(BufferUntouchedFrom(Buffer, 1000));
  Buffer = NewChain(Many + 10, 5);
  CHECK(peer_udp_send_pattern(Ends.Peer, Ends.Port, 5, 100));
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, NULL),
                STATUS_SUCCESS, 100);
  CHECK(BufferIsPattern(Buffer, 0, 5, 100));
  CHECK(BufferUntouchedFrom(Buffer, 100));
}

static VOID the_longest_datagram_is_received(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(65507);
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK(peer_udp_send_pattern(Ends.Peer, Ends.Port, 1, 65507));
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, NULL),
                  STATUS_SUCCESS, 65507);
  CHECK(BufferIsPattern(Buffer, 0, 1, 65507));
}

/* ---- what does not fit ----------------------------------------------- */

/* Defends against a rest that comes with the next receive, and against a
 * datagram that looks whole. */
static VOID a_datagram_that_does_not_fit_is_cut(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(4);
  PWSK_CALL Call = NewCall();
  RECEIVED Received;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "next", 4));
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, &Received),
                STATUS_BUFFER_OVERFLOW, 4);
  CHECK_EQUAL(MSG_TRUNC, Received.Flags);
  CHECK_EQUAL(peer_udp_port(Ends.Peer), PortOf(&Received.Remote));
  CHECK(BufferIs(Buffer, 0, "hell", 4));
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, &Received),
                STATUS_SUCCESS, 4);
  CHECK_EQUAL(0, Received.Flags);
  ReceiveFrom(Call, Ends.Socket, &Buffer->Wsk, &Received);
  CHECK_STILL_PENDING(Call);
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  CHECK_PENDED(Call, STATUS_BUFFER_OVERFLOW, 4);
  CHECK_EQUAL(MSG_TRUNC, Received.Flags);
}

/* Defends against a receive without room that never ends, or takes nothing. */
static VOID without_room_a_datagram_is_taken_and_lost(VOID) {
  WSK_BUF Nothing = {NULL, 0, 0};
  PTEST_BUFFER Buffer = NewBuffer(4);
  RECEIVED Received;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "lost", 4));
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "next", 4));
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &Nothing, &Received),
                STATUS_BUFFER_OVERFLOW, 0);
  CHECK_EQUAL(MSG_TRUNC, Received.Flags);
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, NULL),
                STATUS_SUCCESS, 4);
  CHECK(BufferIs(Buffer, 0, "next", 4));
}

/* ---- what is optional ------------------------------------------------ */

/* Defends against a pointer that is followed although it is NULL. */
static VOID everything_but_the_buffer_is_optional(VOID) {
  TEST_ADDRESS Remote;
  ULONG Length = 64, Flags = 99, i;
  UCHAR Control[64];
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  for (i = 0; i < 16; i++) {
    PTEST_BUFFER Buffer = NewBuffer(16);
    PWSK_CALL Call = NewCall();
    PIRP Irp = PrepareCall(Call);

    CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
    Call->Returned =
        DatagramDispatchOf(Ends.Socket)
            ->WskReceiveFrom(Ends.Socket, &Buffer->Wsk, 0,
                             i & 1 ? &Remote.Any : NULL, i & 2 ? &Length : NULL,
                             i & 4 ? (PVOID)Control : NULL,
                             i & 8 ? &Flags : NULL, Irp);
    CHECK_COMPLETED(Call, STATUS_SUCCESS, 5);
  }
  CHECK_EQUAL(0, Length);
  CHECK_EQUAL(0, Flags);
}

/* ---- control data ---------------------------------------------------- */

static INT Level(VOID) {
  return TEST_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

static BOOLEAN Enable(PWSK_SOCKET Socket, ULONG Option) {
  PWSK_CALL Call = NewCall();
  ULONG On = 1;

  SetDatagramOption(Call, Socket, (ULONG)Level(), Option, &On);
  return CHECK(WaitForCall(Call)) && CHECK(Call->Status == STATUS_SUCCESS);
}

static VOID CheckPacketInfo(const RECEIVED *Received, TEST_ADDRESS *Expected) {
  PVOID Data = ControlOf((PVOID)Received->Control, Received->ControlLength,
                         Level(), IP_PKTINFO,
                         TEST_IPV6 ? sizeof(IN6_PKTINFO) : sizeof(IN_PKTINFO));

  REQUIRE(Data != NULL);
  if (TEST_IPV6) {
    CHECK(RtlCompareMemory(&((PIN6_PKTINFO)Data)->ipi6_addr,
                           &Expected->V6.sin6_addr, 16) == 16);
    CHECK(((PIN6_PKTINFO)Data)->ipi6_ifindex != 0);
  } else {
    CHECK_EQUAL(Expected->V4.sin_addr.S_un.S_addr,
                ((PIN_PKTINFO)Data)->ipi_addr.S_un.S_addr);
    CHECK(((PIN_PKTINFO)Data)->ipi_ifindex != 0);
  }
}

/* Defends against control data of one family in the other's clothes, lengths
 * that do not add up, and an option that changes nothing. */
static VOID packet_information_comes_when_asked_for(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Expected;
  RECEIVED Received;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends) && Enable(Ends.Socket, IP_PKTINFO));
  Loopback(&Expected, 0);
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, &Received),
                  STATUS_SUCCESS, 5);
  CHECK_EQUAL(
      WSA_CMSG_SPACE(TEST_IPV6 ? sizeof(IN6_PKTINFO) : sizeof(IN_PKTINFO)),
      Received.ControlLength);
  CheckPacketInfo(&Received, &Expected);
  CHECK_EQUAL(0, Received.Flags);
  ReceiveFrom(Call, Ends.Socket, &Buffer->Wsk, &Received);
  CHECK_STILL_PENDING(Call);
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
  CheckPacketInfo(&Received, &Expected);
}

/* Defends against control data that is written past its room. */
static VOID control_data_that_does_not_fit_is_left_out(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  RECEIVED Received;
  PWSK_CALL Call;
  ENDS Ends;
  ULONG i;

  REQUIRE(OpenEnds(&Ends) && Enable(Ends.Socket, IP_PKTINFO));
  for (i = 0; i < 2; i++) {
    RtlFillMemory(&Received, sizeof(Received), 0xEE);
    Received.ControlLength = i == 0 ? 0 : (ULONG)sizeof(CMSGHDR) + 1;
    CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
    Call = NewCall();
    Call->Returned =
        DatagramDispatchOf(Ends.Socket)
            ->WskReceiveFrom(Ends.Socket, &Buffer->Wsk, 0, NULL,
                             &Received.ControlLength, (PVOID)Received.Control,
                             &Received.Flags, PrepareCall(Call));
    CHECK_COMPLETED(Call, STATUS_SUCCESS, 5);
    CHECK_EQUAL(MSG_CTRUNC, Received.Flags);
    CHECK_EQUAL(0, Received.ControlLength);
    CHECK_EQUAL(0xEE, Received.Control[0]);
  }
}

/* Defends against hops that are somebody else's, and against several entries
 * of which only the first is found. */
static VOID the_hop_limit_of_a_datagram_is_told(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  INT Hops = 77, *Told;
  struct {
    CMSGHDR Header;
    INT Hops;
    INT Padding;
  } Control = {{WSA_CMSG_LEN(sizeof(INT)), 0, IP_HOPLIMIT}, 0, 0};
  PWSK_SOCKET Sender = OpenDatagram(NULL);
  TEST_ADDRESS Remote, Expected;
  RECEIVED Received;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends) && Sender != NULL);
  REQUIRE(Enable(Ends.Socket, IP_PKTINFO) && Enable(Ends.Socket, IP_HOPLIMIT));
  Control.Header.cmsg_level = Level();
  Control.Hops = Hops;
  CHECK_PENDED(SendToWith(NewCall(), Sender, &BufferOf("hello", 5)->Wsk,
                          Loopback(&Remote, Ends.Port), sizeof(Control),
                          &Control.Header),
               STATUS_SUCCESS, 5);
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, &Received),
                  STATUS_SUCCESS, 5);
  Told = ControlOf(Received.Control, Received.ControlLength, Level(),
                   IP_HOPLIMIT, sizeof(INT));
  /* Wine does not look at the hop limit that a send asks for. */
  CHECK(Told != NULL && (*Told == Hops || host_is_windows()));
  Loopback(&Expected, 0);
  CheckPacketInfo(&Received, &Expected);
}

/* ---- flags ----------------------------------------------------------- */

static PWSK_SOCKET OpenWild(USHORT *Port) {
  PWSK_SOCKET Socket = CreateDatagram(NULL, NULL);
  TEST_ADDRESS Address;

  if (Socket == NULL)
    return NULL;
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetDatagramLocal(NewCall(), Socket, &Address), STATUS_SUCCESS,
                0);
  *Port = PortOf(&Address);
  return Socket;
}

/* Defends against broadcasts that go out unasked, and that look like any other
 * datagram. Loopback has a broadcast address in IPv4. */
static VOID a_broadcast_is_allowed_first_and_told(VOID) {
  USHORT Port;
  PWSK_SOCKET Receiver = OpenWild(&Port), Sender = OpenWild(&(USHORT){0});
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_BUF Bytes = &BufferOf("hello", 5)->Wsk;
  ULONG On = 1, Off = 0;
  TEST_ADDRESS All;
  RECEIVED Received;

  REQUIRE(Receiver != NULL && Sender != NULL);
  Loopback(&All, Port);
  All.V4.sin_addr.S_un.S_addr = RtlUlongByteSwap(0x7FFFFFFF);
  CHECK_PENDED(SendTo(NewCall(), Sender, Bytes, &All), STATUS_ACCESS_DENIED, 0);
  CHECK_COMPLETED(
      SetDatagramOption(NewCall(), Sender, SOL_SOCKET, SO_BROADCAST, &On),
      STATUS_SUCCESS, 0);
  CHECK_PENDED(SendTo(NewCall(), Sender, Bytes, &All), STATUS_SUCCESS, 5);
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Receiver, &Buffer->Wsk, &Received),
                  STATUS_SUCCESS, 5);
  CHECK_EQUAL(MSG_BCAST, Received.Flags);
  CHECK_COMPLETED(
      SetDatagramOption(NewCall(), Sender, SOL_SOCKET, SO_BROADCAST, &Off),
      STATUS_SUCCESS, 0);
  CHECK_PENDED(SendTo(NewCall(), Sender, Bytes, &All), STATUS_ACCESS_DENIED, 0);
}

/* ---- what ends it ---------------------------------------------------- */

/* Defends against a cancelled receive that takes a datagram along, or stays. */
static VOID a_cancelled_receive_leaves_the_datagram(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL First = NewCall(), Second = NewCall(), Third = NewCall();
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  ReceiveFrom(First, Ends.Socket, &Buffer->Wsk, NULL);
  ReceiveFrom(Second, Ends.Socket, &Buffer->Wsk, NULL);
  ReceiveFrom(Third, Ends.Socket, &Buffer->Wsk, NULL);
  CHECK(CancelCall(Second));
  CHECK_PENDED(Second, STATUS_CANCELLED, 0);
  CHECK(CancelCall(First));
  CHECK_PENDED(First, STATUS_CANCELLED, 0);
  CHECK_STILL_PENDING(Third);
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  CHECK_PENDED(Third, STATUS_SUCCESS, 5);
  CHECK(BufferIs(Buffer, 0, "hello", 5));
}

static VOID a_receive_cancelled_before_the_call_is_cancelled(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Call = NewCall();
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  PrepareCall(Call);
  IoCancelIrp(Call->Irp);
  Call->Returned = DatagramDispatchOf(Ends.Socket)
                       ->WskReceiveFrom(Ends.Socket, &Buffer->Wsk, 0, NULL,
                                        NULL, NULL, NULL, Call->Irp);
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, NULL),
                  STATUS_SUCCESS, 5);
}

/* Defends against bad arguments that are found out too late. */
static VOID bad_receives_are_refused(VOID) {
  WSK_BUF NoMdl = {NULL, 0, 5};
  PTEST_BUFFER Buffer = NewBuffer(16);
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, NULL, NULL),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Ends.Socket, &NoMdl, NULL),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               DatagramDispatchOf(Ends.Socket)
                   ->WskReceiveFrom(Ends.Socket, &Buffer->Wsk, 0, NULL, NULL,
                                    NULL, NULL, NULL));
}

/* Defends against a client that frees what a receive will write to. */
static VOID what_a_receive_writes_to_stays_until_it_completes(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Call = NewCall();
  PVOID Places[4];
  ENDS Ends;
  ULONG i;

  REQUIRE(OpenEnds(&Ends));
  for (i = 0; i < 4; i++) {
    Places[i] = ExAllocatePoolWithTag(NonPagedPool, 128, 'crvF');
    REQUIRE(Places[i] != NULL);
    RtlZeroMemory(Places[i], 128);
  }
  *(PULONG)Places[1] = 128;
  Call->Returned =
      DatagramDispatchOf(Ends.Socket)
          ->WskReceiveFrom(Ends.Socket, &Buffer->Wsk, 0, Places[0], Places[1],
                           Places[2], Places[3], PrepareCall(Call));
  CHECK_STILL_PENDING(Call);
  host_expect_reports();
  for (i = 0; i < 4; i++) {
    ExFreePoolWithTag(Places[i], 'crvF');
    CHECK_EQUAL(i + 1, host_reports("SEND-03"));
  }
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
  for (i = 0; i < 4; i++)
    ExFreePoolWithTag(Places[i], 'crvF');
  CHECK_EQUAL(4, host_all_reports());
}

/* Defends against a receive that pends without a place to write down what it
 * waits for. */
static VOID a_receive_without_memory_to_wait_fails(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Calls[3];
  BOOLEAN Failed = FALSE;
  ENDS Ends;
  ULONG i;

  REQUIRE(OpenEnds(&Ends));
  /* Blocks that earlier tests have left are used up first. */
  while (!Failed) {
    PWSK_CALL Call = NewCall();

    host_fail_allocation(1);
    ReceiveFrom(Call, Ends.Socket, &Buffer->Wsk, NULL);
    Failed = host_allocation_failed() != 0;
    host_fail_allocation(0);
    if (Failed)
      CHECK_AT_ONCE(Call, STATUS_INSUFFICIENT_RESOURCES, 0);
  }
  for (i = 0; i < 3; i++)
    Calls[i] = ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, NULL);
  for (i = 0; i < 3; i++)
    CHECK_STILL_PENDING(Calls[i]);
  CHECK_PENDED(Close(NewCall(), Ends.Socket), STATUS_SUCCESS, 0);
}

/* Defends against memory that a steady state asks for. */
static VOID receiving_allocates_nothing(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Call = NewCall();
  unsigned long long Before = 0;
  ENDS Ends;
  ULONG i;

  REQUIRE(OpenEnds(&Ends));
  for (i = 0; i < 20; i++) {
    if (i == 4)
      Before = host_allocations();
    if (i % 2 == 0)
      CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
    ReceiveFrom(Call, Ends.Socket, &Buffer->Wsk, NULL);
    if (i % 2 == 1)
      CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
    CHECK_COMPLETED(Call, STATUS_SUCCESS, 5);
  }
  CHECK_EQUAL(Before, host_allocations());
}

CONFORMANCE_GROUP(receive_from) = {
    TEST(a_datagram_that_waits_is_received_at_once, "RECVFROM-01 RECVFROM-03"),
    TEST(a_receive_waits_for_a_datagram, "RECVFROM-01 RECVFROM-04"),
    TEST(each_receive_gets_one_datagram_in_turn, "RECVFROM-01"),
    TEST(an_empty_datagram_is_received, "RECVFROM-01"),
    TEST(a_datagram_is_scattered_over_the_chain, "BUF-02"),
    TEST(the_longest_datagram_is_received, "RECVFROM-01"),
    TEST(a_datagram_that_does_not_fit_is_cut, "RECVFROM-02 RECVFROM-03"),
    TEST(without_room_a_datagram_is_taken_and_lost, "RECVFROM-02"),
    TEST(everything_but_the_buffer_is_optional, "RECVFROM-04 RECVFROM-05"),
    TEST(packet_information_comes_when_asked_for, "RECVFROM-04"),
    TEST(control_data_that_does_not_fit_is_left_out, "RECVFROM-03 RECVFROM-04"),
    TEST(the_hop_limit_of_a_datagram_is_told, "SENDTO-05 RECVFROM-04"),
    TEST_ONCE(a_broadcast_is_allowed_first_and_told, "RECVFROM-03 SOPT-01"),
    TEST(a_cancelled_receive_leaves_the_datagram, "IRP-19"),
    TEST(a_receive_cancelled_before_the_call_is_cancelled, "IRP-19"),
    TEST(bad_receives_are_refused, "RECVFROM-01"),
    TEST(what_a_receive_writes_to_stays_until_it_completes, "RECVFROM-06"),
    TEST(a_receive_without_memory_to_wait_fails, "RECVFROM-01"),
    TEST(receiving_allocates_nothing, "RECVFROM-01"),
};
