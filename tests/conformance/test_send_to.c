/* WskSendTo, WskSendMessages, and the addresses that stand in for one. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskdatagram.h"

/* A socket, a peer, and the peer's address. */
typedef struct _ENDS {
  PWSK_SOCKET Socket;
  USHORT Port;
  struct peer_udp *Peer;
  TEST_ADDRESS Remote;
} ENDS;

static BOOLEAN OpenEnds(ENDS *Ends) {
  Ends->Socket = OpenDatagram(&Ends->Port);
  Ends->Peer = peer_udp_open(TEST_IPV6);
  if (!CHECK(Ends->Socket != NULL && Ends->Peer != NULL))
    return FALSE;
  Loopback(&Ends->Remote, peer_udp_port(Ends->Peer));
  return TRUE;
}

/* ---- one datagram ---------------------------------------------------- */

/* Defends against an Information that is not the length, and against sends
 * that answer at once although Windows pends. */
static VOID a_datagram_arrives_as_it_was_sent(VOID) {
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK_PENDED(
      SendTo(NewCall(), Ends.Socket, &BufferOf("hello", 5)->Wsk, &Ends.Remote),
      STATUS_SUCCESS, 5);
  CHECK(peer_udp_expect(Ends.Peer, "hello", 5));
  CHECK_EQUAL(Ends.Port, peer_udp_from(Ends.Peer));
}

/* Defends against an empty datagram that is taken for nothing to do. */
static VOID an_empty_datagram_is_one(VOID) {
  WSK_BUF Nothing = {NULL, 7, 0};
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK_PENDED(SendTo(NewCall(), Ends.Socket, &Nothing, &Ends.Remote),
               STATUS_SUCCESS, 0);
  CHECK(peer_udp_expect(Ends.Peer, "", 0));
}

/* Defends against a chain that becomes several datagrams, or of which only the
 * pieces go out that fit into one call of the host. */
static VOID a_chain_is_one_datagram(VOID) {
  static const ULONG Few[] = {100, 1, 250, 3000};
  ULONG Many[TEST_MAX_PIECES], i, Total = 0;
  PTEST_BUFFER Buffer = NewChain(Few, RTL_NUMBER_OF(Few));
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  WritePattern(Buffer, 0, 7, 3351);
  Buffer->Wsk.Offset = 50;
  Buffer->Wsk.Length = 3300;
  CHECK_PENDED(SendTo(NewCall(), Ends.Socket, &Buffer->Wsk, &Ends.Remote),
               STATUS_SUCCESS, 3300);
  CHECK(peer_udp_expect_pattern(Ends.Peer, 57, 3300));
  for (i = 0; i < TEST_MAX_PIECES; i++)
    Total += Many[i] = i + 1;
  Buffer = NewChain(Many, TEST_MAX_PIECES);
  WritePattern(Buffer, 0, 11, Total);
  CHECK_PENDED(SendTo(NewCall(), Ends.Socket, &Buffer->Wsk, &Ends.Remote),
               STATUS_SUCCESS, Total);
  CHECK(peer_udp_expect_pattern(Ends.Peer, 11, Total));
}

/* Defends against a datagram that is cut, or sent in pieces. */
static VOID the_longest_datagram_goes_out_whole_and_longer_ones_fail(VOID) {
  ULONG Longest = 65507;
  PTEST_BUFFER Buffer = BufferOfPattern(0, Longest);
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK_PENDED(SendTo(NewCall(), Ends.Socket, &Buffer->Wsk, &Ends.Remote),
               STATUS_SUCCESS, Longest);
  CHECK(peer_udp_expect_pattern(Ends.Peer, 0, Longest));
  CHECK_PENDED(
      SendTo(NewCall(), Ends.Socket, &NewBuffer(65536)->Wsk, &Ends.Remote),
      STATUS_INVALID_BUFFER_SIZE, 0);
  CHECK_PENDED(
      SendTo(NewCall(), Ends.Socket, &NewBuffer(65530)->Wsk, &Ends.Remote),
      STATUS_INVALID_BUFFER_SIZE, 0);
  CHECK(!peer_udp_has(Ends.Peer));
}

/* Defends against data that is read after the completion, or an IRP that
 * completes before: the buffer is overwritten at once. */
static VOID the_buffer_is_free_after_the_completion(VOID) {
  PTEST_BUFFER Buffer = BufferOfPattern(3, 900);
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK_PENDED(SendTo(NewCall(), Ends.Socket, &Buffer->Wsk, &Ends.Remote),
               STATUS_SUCCESS, 900);
  WritePattern(Buffer, 0, 77, 900);
  CHECK(peer_udp_expect_pattern(Ends.Peer, 3, 900));
}

static ULONG Again;

static VOID SendAgain(PWSK_CALL Call) {
  ENDS *Ends = Call->ThenContext;
  PWSK_CALL Next = NewCall();

  if (Call->Status != STATUS_SUCCESS)
    return;
  Next->Then = ++Again < 40 ? SendAgain : NULL;
  Next->ThenContext = Ends;
  SendTo(Next, Ends->Socket, &BufferOf("again", 5)->Wsk, &Ends->Remote);
}

/* Defends against stacks that grow, and against datagrams that change places
 * when completions are nested too deep for the direct path. */
static VOID completion_routines_may_send(VOID) {
  PWSK_CALL Call = NewCall();
  ENDS Ends;
  ULONG i;

  REQUIRE(OpenEnds(&Ends));
  Again = 0;
  Call->Then = SendAgain;
  Call->ThenContext = &Ends;
  SendTo(Call, Ends.Socket, &BufferOf("first", 5)->Wsk, &Ends.Remote);
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
  CHECK(peer_udp_expect(Ends.Peer, "first", 5));
  for (i = 0; i < 40; i++)
    CHECK(peer_udp_expect(Ends.Peer, "again", 5));
}

/* ---- where to -------------------------------------------------------- */

/* Defends against a datagram that goes to the last peer, or to nobody. */
static VOID without_an_address_there_is_nowhere_to_send(VOID) {
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK_AT_ONCE(SendTo(NewCall(), Ends.Socket, &BufferOf("a", 1)->Wsk, NULL),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_PENDED(
      SendTo(NewCall(), Ends.Socket, &BufferOf("b", 1)->Wsk, &Ends.Remote),
      STATUS_SUCCESS, 1);
  CHECK_AT_ONCE(SendTo(NewCall(), Ends.Socket, &BufferOf("c", 1)->Wsk, NULL),
                STATUS_INVALID_PARAMETER, 0);
}

/* Defends against addresses of the other family, of no family, and such as
 * nobody has. */
static VOID an_address_that_cannot_be_is_refused(VOID) {
  TEST_ADDRESS Address;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  Address = Ends.Remote;
  Address.Any.sa_family = TEST_IPV6 ? AF_INET : AF_INET6;
  CHECK_AT_ONCE(
      SendTo(NewCall(), Ends.Socket, &BufferOf("a", 1)->Wsk, &Address),
      STATUS_INVALID_PARAMETER, 0);
  Address.Any.sa_family = 99;
  CHECK_AT_ONCE(
      SendTo(NewCall(), Ends.Socket, &BufferOf("a", 1)->Wsk, &Address),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(SendTo(NewCall(), Ends.Socket, &BufferOf("a", 1)->Wsk,
                       Loopback(&Address, 0)),
                STATUS_INVALID_ADDRESS_COMPONENT, 0);
  CHECK_AT_ONCE(SendTo(NewCall(), Ends.Socket, &BufferOf("a", 1)->Wsk,
                       Wildcard(&Address, 9)),
                STATUS_INVALID_ADDRESS_COMPONENT, 0);
}

/* Defends against a default that a given address does not override, and one
 * that stays when it was cleared. */
static VOID CheckDefault(ULONG Code) {
  struct peer_udp *Other = peer_udp_open(TEST_IPV6);
  TEST_ADDRESS Alternative;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends) && Other != NULL);
  Loopback(&Alternative, peer_udp_port(Other));
  CHECK_COMPLETED(SetAddress(NewCall(), Ends.Socket, Code, &Ends.Remote),
                  STATUS_SUCCESS, 0);
  CHECK_PENDED(SendTo(NewCall(), Ends.Socket, &BufferOf("one", 3)->Wsk, NULL),
               STATUS_SUCCESS, 3);
  CHECK(peer_udp_expect(Ends.Peer, "one", 3));
  CHECK_PENDED(
      SendTo(NewCall(), Ends.Socket, &BufferOf("two", 3)->Wsk, &Alternative),
      STATUS_SUCCESS, 3);
  CHECK(peer_udp_expect(Other, "two", 3));
  CHECK(!peer_udp_has(Ends.Peer));
  CHECK_COMPLETED(SetAddress(NewCall(), Ends.Socket, Code, NULL),
                  STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(SendTo(NewCall(), Ends.Socket, &BufferOf("x", 1)->Wsk, NULL),
                STATUS_INVALID_PARAMETER, 0);
}

static VOID a_fixed_remote_address_is_where_datagrams_go(VOID) {
  CheckDefault(SIO_WSK_SET_REMOTE_ADDRESS);
}

static VOID a_fixed_destination_is_where_datagrams_go(VOID) {
  CheckDefault(SIO_WSK_SET_SENDTO_ADDRESS);
}

/* Defends against a filter that comes too late or too wide. */
static VOID a_fixed_remote_address_silences_all_others(VOID) {
  struct peer_udp *Other = peer_udp_open(TEST_IPV6);
  PTEST_BUFFER Buffer = NewBuffer(32);
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Alternative;
  RECEIVED Received;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends) && Other != NULL);
  Loopback(&Alternative, peer_udp_port(Other));
  CHECK_COMPLETED(SetAddress(NewCall(), Ends.Socket, SIO_WSK_SET_REMOTE_ADDRESS,
                             &Ends.Remote),
                  STATUS_SUCCESS, 0);
  CHECK_PENDED(
      SendTo(NewCall(), Ends.Socket, &BufferOf("ask", 3)->Wsk, &Alternative),
      STATUS_SUCCESS, 3);
  CHECK(peer_udp_expect(Other, "ask", 3));
  CHECK(peer_udp_send(Other, Ends.Port, "answer", 6));
  ReceiveFrom(Call, Ends.Socket, &Buffer->Wsk, &Received);
  CHECK_STILL_PENDING(Call);
  CHECK(peer_udp_send(Other, Ends.Port, "more", 4));
  CHECK(peer_udp_send(Ends.Peer, Ends.Port, "hello", 5));
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
  CHECK_EQUAL(peer_udp_port(Ends.Peer), PortOf(&Received.Remote));
  CHECK_COMPLETED(
      SetAddress(NewCall(), Ends.Socket, SIO_WSK_SET_REMOTE_ADDRESS, NULL),
      STATUS_SUCCESS, 0);
  CHECK(peer_udp_send(Other, Ends.Port, "again", 5));
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, &Received),
                  STATUS_SUCCESS, 5);
  CHECK_EQUAL(peer_udp_port(Other), PortOf(&Received.Remote));
}

static VOID a_fixed_destination_silences_nobody(VOID) {
  struct peer_udp *Other = peer_udp_open(TEST_IPV6);
  PTEST_BUFFER Buffer = NewBuffer(32);
  RECEIVED Received;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends) && Other != NULL);
  CHECK_COMPLETED(SetAddress(NewCall(), Ends.Socket, SIO_WSK_SET_SENDTO_ADDRESS,
                             &Ends.Remote),
                  STATUS_SUCCESS, 0);
  CHECK(peer_udp_send(Other, Ends.Port, "hello", 5));
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Ends.Socket, &Buffer->Wsk, &Received),
                  STATUS_SUCCESS, 5);
  CHECK_EQUAL(peer_udp_port(Other), PortOf(&Received.Remote));
}

/* Defends against addresses that are taken as they come, and sockets that have
 * none yet. */
static VOID fixed_addresses_are_checked(VOID) {
  static const ULONG Codes[] = {SIO_WSK_SET_REMOTE_ADDRESS,
                                SIO_WSK_SET_SENDTO_ADDRESS};
  PWSK_SOCKET Unbound = CreateDatagram(NULL, NULL);
  TEST_ADDRESS Wrong;
  PWSK_CALL Call;
  ENDS Ends;
  ULONG i;

  REQUIRE(OpenEnds(&Ends) && Unbound != NULL);
  for (i = 0; i < RTL_NUMBER_OF(Codes); i++) {
    CHECK_AT_ONCE(SetAddress(NewCall(), Unbound, Codes[i], &Ends.Remote),
                  STATUS_INVALID_DEVICE_STATE, 0);
    Wrong = Ends.Remote;
    Wrong.Any.sa_family = TEST_IPV6 ? AF_INET : AF_INET6;
    CHECK_AT_ONCE(SetAddress(NewCall(), Ends.Socket, Codes[i], &Wrong),
                  STATUS_INVALID_PARAMETER, 0);
    Call = NewCall();
    Call->Returned = DatagramDispatchOf(Ends.Socket)
                         ->WskControlSocket(Ends.Socket, WskIoctl, Codes[i], 0,
                                            sizeof(SOCKADDR) / 2, &Ends.Remote,
                                            0, NULL, NULL, PrepareCall(Call));
    CHECK_AT_ONCE(Call, STATUS_INVALID_PARAMETER, 0);
  }
}

/* ---- several --------------------------------------------------------- */

#define MESSAGES 20

static VOID MakeList(WSK_BUF_LIST *List, ULONG Count, ULONG Size) {
  ULONG i;

  for (i = 0; i < Count; i++) {
    List[i].Next = i + 1 < Count ? &List[i + 1] : NULL;
    List[i].Buffer = BufferOfPattern(i * 100, Size + i)->Wsk;
  }
}

/* Defends against messages that melt together, change places or are counted
 * as one. */
static VOID each_message_is_a_datagram(VOID) {
  WSK_BUF_LIST List[MESSAGES];
  ULONG i, Total = 0;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  MakeList(List, MESSAGES, 10);
  for (i = 0; i < MESSAGES; i++)
    Total += 10 + i;
  CHECK_PENDED(SendMessages(NewCall(), Ends.Socket, List, &Ends.Remote),
               STATUS_SUCCESS, Total);
  for (i = 0; i < MESSAGES; i++)
    CHECK(peer_udp_expect_pattern(Ends.Peer, i * 100, 10 + i));
  CHECK(!peer_udp_has(Ends.Peer));
}

static VOID messages_may_be_sent_at_dispatch_level(VOID) {
  WSK_BUF_LIST List[2];
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  MakeList(List, 2, 8);
  TestAtDispatch = TRUE;
  CHECK_PENDED(SendMessages(NewCall(), Ends.Socket, List, &Ends.Remote),
               STATUS_SUCCESS, 17);
  CHECK_PENDED(
      SendTo(NewCall(), Ends.Socket, &BufferOf("third", 5)->Wsk, &Ends.Remote),
      STATUS_SUCCESS, 5);
  TestAtDispatch = FALSE;
  CHECK(peer_udp_expect_pattern(Ends.Peer, 0, 8));
  CHECK(peer_udp_expect_pattern(Ends.Peer, 100, 9));
  CHECK(peer_udp_expect(Ends.Peer, "third", 5));
}

/* Defends against messages that are sent although one of them cannot be. */
static VOID a_list_is_checked_before_any_of_it_is_sent(VOID) {
  WSK_BUF_LIST List[2];
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  MakeList(List, 2, 8);
  host_expect_reports();
  List[1].Buffer.Length = 1000;
  CHECK_AT_ONCE(SendMessages(NewCall(), Ends.Socket, List, &Ends.Remote),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("BUF-04"));
  CHECK_AT_ONCE(SendMessages(NewCall(), Ends.Socket, NULL, &Ends.Remote),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(SendMessages(NewCall(), Ends.Socket, List, NULL),
                STATUS_INVALID_PARAMETER, 0);
  CHECK(!peer_udp_has(Ends.Peer));
}

/* Defends against a count of bytes that were not sent, and messages that come
 * after one that failed. */
static VOID messages_before_one_that_fails_have_gone_out(VOID) {
  WSK_BUF_LIST List[3];
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  MakeList(List, 3, 8);
  List[1].Buffer = NewBuffer(65530)->Wsk;
  CHECK_PENDED(SendMessages(NewCall(), Ends.Socket, List, &Ends.Remote),
               STATUS_INVALID_BUFFER_SIZE, 8);
  CHECK(peer_udp_expect_pattern(Ends.Peer, 0, 8));
  CHECK(!peer_udp_has(Ends.Peer));
}

static VOID messages_go_to_a_fixed_address(VOID) {
  WSK_BUF_LIST List[2];
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  MakeList(List, 2, 8);
  CHECK_COMPLETED(SetAddress(NewCall(), Ends.Socket, SIO_WSK_SET_SENDTO_ADDRESS,
                             &Ends.Remote),
                  STATUS_SUCCESS, 0);
  CHECK_PENDED(SendMessages(NewCall(), Ends.Socket, List, NULL), STATUS_SUCCESS,
               17);
  CHECK(peer_udp_expect_pattern(Ends.Peer, 0, 8));
  CHECK(peer_udp_expect_pattern(Ends.Peer, 100, 9));
}

/* ---- control data ---------------------------------------------------- */

typedef struct _CONTROL_DATA {
  CMSGHDR Header;
  DECLSPEC_ALIGN(8) UCHAR Data[24];
} CONTROL_DATA;

static PCMSGHDR MakeControl(CONTROL_DATA *Control, INT Level, INT Type,
                            const VOID *Data, ULONG Length) {
  RtlZeroMemory(Control, sizeof(*Control));
  Control->Header.cmsg_len = WSA_CMSG_LEN(Length);
  Control->Header.cmsg_level = Level;
  Control->Header.cmsg_type = Type;
  RtlCopyMemory(WSA_CMSG_DATA(&Control->Header), Data, Length);
  return &Control->Header;
}

static PCMSGHDR SourceOf(CONTROL_DATA *Control, const TEST_ADDRESS *Address) {
  IN6_PKTINFO V6 = {0};
  IN_PKTINFO V4 = {0};

  V6.ipi6_addr = Address->V6.sin6_addr;
  V4.ipi_addr = Address->V4.sin_addr;
  return TEST_IPV6
             ? MakeControl(Control, IPPROTO_IPV6, IPV6_PKTINFO, &V6, sizeof(V6))
             : MakeControl(Control, IPPROTO_IP, IP_PKTINFO, &V4, sizeof(V4));
}

#define CONTROL_SIZE                                                           \
  ((ULONG)WSA_CMSG_SPACE(TEST_IPV6 ? sizeof(IN6_PKTINFO) : sizeof(IN_PKTINFO)))

/* Defends against control data that is read after the call, or not at all. */
static VOID a_datagram_leaves_from_the_address_it_asks_for(VOID) {
  struct peer_udp *Peer = peer_udp_open(TEST_IPV6);
  PWSK_SOCKET Socket = CreateDatagram(NULL, NULL);
  TEST_ADDRESS Address, Remote;
  CONTROL_DATA Control;
  PCMSGHDR Header;

  REQUIRE(Socket != NULL && Peer != NULL);
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  Loopback(&Remote, peer_udp_port(Peer));
  Header = SourceOf(&Control, Loopback(&Address, 0));
  CHECK_PENDED(SendToWith(NewCall(), Socket, &BufferOf("hello", 5)->Wsk,
                          &Remote, CONTROL_SIZE, Header),
               STATUS_SUCCESS, 5);
  CHECK(peer_udp_expect(Peer, "hello", 5));
  /* Not ours; Wine does not look at it. */
  if (host_is_windows())
    return;
  Header = SourceOf(&Control, Foreign(&Address, 0));
  SendToWith(NewCall(), Socket, &BufferOf("hello", 5)->Wsk, &Remote,
             CONTROL_SIZE, Header);
  CHECK(!peer_udp_has(Peer));
}

/* Defends against control data that is believed. */
static VOID control_data_that_is_not_well_formed_is_refused(VOID) {
  INT Hops = 7, TooMany = 256;
  CONTROL_DATA Control;
  PCMSGHDR Header;
  ENDS Ends;
  INT Level = TEST_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;
  PWSK_BUF Buffer = &BufferOf("x", 1)->Wsk;

  REQUIRE(OpenEnds(&Ends));
  Header = MakeControl(&Control, Level, IP_HOPLIMIT, &Hops, sizeof(Hops));
  CHECK_PENDED(SendToWith(NewCall(), Ends.Socket, Buffer, &Ends.Remote,
                          (ULONG)WSA_CMSG_SPACE(sizeof(Hops)), Header),
               STATUS_SUCCESS, 1);
  CHECK(peer_udp_expect(Ends.Peer, "x", 1));
#define REFUSED(length)                                                        \
  CHECK_AT_ONCE(SendToWith(NewCall(), Ends.Socket, Buffer, &Ends.Remote,       \
                           length, Header),                                    \
                STATUS_INVALID_PARAMETER, 0)
  REFUSED(sizeof(CMSGHDR) - 1);
  REFUSED(sizeof(CMSGHDR));
  Header->cmsg_len = 3;
  REFUSED((ULONG)WSA_CMSG_SPACE(sizeof(Hops)));
  Header->cmsg_len = WSA_CMSG_LEN(sizeof(Hops)) + 1;
  REFUSED((ULONG)WSA_CMSG_SPACE(sizeof(Hops)));
  Header = MakeControl(&Control, Level, 0x7777, &Hops, sizeof(Hops));
  REFUSED((ULONG)WSA_CMSG_SPACE(sizeof(Hops)));
  Header = MakeControl(&Control, 0x7777, IP_HOPLIMIT, &Hops, sizeof(Hops));
  REFUSED((ULONG)WSA_CMSG_SPACE(sizeof(Hops)));
  Header = MakeControl(&Control, Level, IP_HOPLIMIT, &TooMany, sizeof(Hops));
  REFUSED((ULONG)WSA_CMSG_SPACE(sizeof(Hops)));
  CHECK(!peer_udp_has(Ends.Peer));
}

/* Defends against half of a pair that nobody notices. */
static VOID control_data_and_its_length_come_together(VOID) {
  INT Hops = 7;
  CONTROL_DATA Control;
  PCMSGHDR Header;
  ENDS Ends;
  PWSK_BUF Buffer = &BufferOf("x", 1)->Wsk;

  REQUIRE(OpenEnds(&Ends));
  Header = MakeControl(&Control, TEST_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP,
                       IP_HOPLIMIT, &Hops, sizeof(Hops));
  host_expect_reports();
  CHECK_AT_ONCE(
      SendToWith(NewCall(), Ends.Socket, Buffer, &Ends.Remote, 24, NULL),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("SENDTO-05"));
  CHECK_PENDED(
      SendToWith(NewCall(), Ends.Socket, Buffer, &Ends.Remote, 0, Header),
      STATUS_SUCCESS, 1);
  CHECK_EQUAL(2, host_reports("SENDTO-05"));
}

/* ---- failures -------------------------------------------------------- */

/* Defends against control data that is looked at after the call although it
 * has been refused, and against a report of what is all right. */
static VOID bad_sends_are_refused(VOID) {
  WSK_BUF NoMdl = {NULL, 0, 5};
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  CHECK_AT_ONCE(SendTo(NewCall(), Ends.Socket, NULL, &Ends.Remote),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(SendTo(NewCall(), Ends.Socket, &NoMdl, &Ends.Remote),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               DatagramDispatchOf(Ends.Socket)
                   ->WskSendTo(Ends.Socket, &BufferOf("a", 1)->Wsk, 0,
                               &Ends.Remote.Any, 0, NULL, NULL));
}

/* Defends against flags that will mean something some day. */
static VOID the_flags_of_datagram_calls_are_zero(VOID) {
  PTEST_BUFFER Buffer = BufferOf("hello", 5);
  WSK_BUF_LIST List = {NULL, Buffer->Wsk};
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch;
  PWSK_CALL Calls[3] = {NewCall(), NewCall(), NewCall()};
  ULONG i;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  Dispatch = DatagramDispatchOf(Ends.Socket);
  host_expect_reports();
  Calls[0]->Returned =
      Dispatch->WskSendTo(Ends.Socket, &Buffer->Wsk, 1, &Ends.Remote.Any, 0,
                          NULL, PrepareCall(Calls[0]));
  Calls[1]->Returned = Dispatch->WskSendMessages(
      Ends.Socket, &List, 1, &Ends.Remote.Any, 0, NULL, PrepareCall(Calls[1]));
  Calls[2]->Returned =
      Dispatch->WskReceiveFrom(Ends.Socket, &Buffer->Wsk, 1, NULL, NULL, NULL,
                               NULL, PrepareCall(Calls[2]));
  for (i = 0; i < 3; i++)
    CHECK_AT_ONCE(Calls[i], STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(3, host_reports("FLAGS-01"));
}

/* Defends against a cancelled send that goes out, or never ends. */
static VOID a_send_that_was_cancelled_before_is_not_sent(VOID) {
  PWSK_CALL Call = NewCall();
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  PrepareCall(Call);
  IoCancelIrp(Call->Irp);
  Call->Returned = DatagramDispatchOf(Ends.Socket)
                       ->WskSendTo(Ends.Socket, &BufferOf("a", 1)->Wsk, 0,
                                   &Ends.Remote.Any, 0, NULL, Call->Irp);
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  CHECK(!peer_udp_has(Ends.Peer));
}

/* Defends against memory that a steady state asks for. */
static VOID sending_allocates_nothing(VOID) {
  PWSK_CALL Call = NewCall();
  PWSK_BUF Buffer = &BufferOf("hello", 5)->Wsk;
  unsigned long long Before;
  ENDS Ends;
  ULONG i;

  REQUIRE(OpenEnds(&Ends));
  for (i = 0; i < 20; i++) {
    Before = host_allocations();
    CHECK_PENDED(SendTo(Call, Ends.Socket, Buffer, &Ends.Remote),
                 STATUS_SUCCESS, 5);
    CHECK(i < 4 || host_allocations() == Before);
    CHECK(peer_udp_expect(Ends.Peer, "hello", 5));
  }
}

/* Defends against a datagram that is cut or forgotten when there is no memory
 * to put its pieces together in. */
static VOID pieces_that_need_memory_fail_without_it(VOID) {
  ULONG Many[TEST_MAX_PIECES], i;
  PWSK_CALL Call = NewCall();
  PTEST_BUFFER Buffer;
  ENDS Ends;

  REQUIRE(OpenEnds(&Ends));
  for (i = 0; i < TEST_MAX_PIECES; i++)
    Many[i] = 10;
  Buffer = NewChain(Many, TEST_MAX_PIECES);
  WritePattern(Buffer, 0, 0, 10 * TEST_MAX_PIECES);
  host_fail_allocation(1);
  SendTo(Call, Ends.Socket, &Buffer->Wsk, &Ends.Remote);
  REQUIRE(WaitForCall(Call));
  /* Perhaps there is a recycled block. */
  if (host_allocation_failed())
    CHECK_PENDED(Call, STATUS_INSUFFICIENT_RESOURCES, 0);
  else
    CHECK(peer_udp_expect_pattern(Ends.Peer, 0, 10 * TEST_MAX_PIECES));
  host_fail_allocation(0);
  CHECK_PENDED(
      SendTo(NewCall(), Ends.Socket, &BufferOf("hello", 5)->Wsk, &Ends.Remote),
      STATUS_SUCCESS, 5);
}

CONFORMANCE_GROUP(send_to) = {
    TEST(a_datagram_arrives_as_it_was_sent, "SENDTO-01 BIND-04"),
    TEST(an_empty_datagram_is_one, "SENDTO-01 BUF-03"),
    TEST(a_chain_is_one_datagram, "SENDTO-02 BUF-02"),
    TEST(the_longest_datagram_goes_out_whole_and_longer_ones_fail, "SENDTO-02"),
    TEST(the_buffer_is_free_after_the_completion, "SENDTO-07"),
    TEST(completion_routines_may_send, "SENDTO-01"),
    TEST(without_an_address_there_is_nowhere_to_send, "SENDTO-03"),
    TEST(an_address_that_cannot_be_is_refused, "SENDTO-04"),
    TEST(a_fixed_remote_address_is_where_datagrams_go,
         "SENDTO-03 SENDTO-04 IOCTL-04 IOCTL-06 IOCTL-07 IOCTL-08"),
    TEST(a_fixed_destination_is_where_datagrams_go,
         "SENDTO-03 SENDTO-04 IOCTL-09 IOCTL-10"),
    TEST(a_fixed_remote_address_silences_all_others,
         "IOCTL-06 IOCTL-07 IOCTL-08 RECVFROM-07"),
    TEST(a_fixed_destination_silences_nobody, "IOCTL-09"),
    TEST(fixed_addresses_are_checked, "IOCTL-04 IOCTL-05 IOCTL-09"),
    TEST(each_message_is_a_datagram, "SENDMSGS-01 SENDMSGS-02"),
    TEST(messages_may_be_sent_at_dispatch_level, "SENDMSGS-03"),
    TEST(a_list_is_checked_before_any_of_it_is_sent, "SENDMSGS-04"),
    TEST(messages_before_one_that_fails_have_gone_out, "SENDMSGS-02"),
    TEST(messages_go_to_a_fixed_address, "SENDMSGS-04"),
    TEST(a_datagram_leaves_from_the_address_it_asks_for, "SENDTO-06"),
    TEST(control_data_that_is_not_well_formed_is_refused, "SENDTO-05"),
    TEST(control_data_and_its_length_come_together, "SENDTO-05"),
    TEST(bad_sends_are_refused, "SENDTO-01"),
    TEST(the_flags_of_datagram_calls_are_zero, "FLAGS-01"),
    TEST(a_send_that_was_cancelled_before_is_not_sent, "IRP-19"),
    TEST(sending_allocates_nothing, "SENDTO-07"),
    TEST(pieces_that_need_memory_fail_without_it, "SENDTO-01"),
};
