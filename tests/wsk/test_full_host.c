/*
 * Datagrams that the host has no room for: they wait, in the order of the
 * calls. Kernel code; full_host.c says when there is room.
 */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "full_host.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskdatagram.h"

#define MESSAGES 8

static PWSK_SOCKET Socket;
static struct peer_udp *Peer;
static TEST_ADDRESS Remote;

static BOOLEAN Open(VOID) {
  full_host_takes(-1);
  Socket = OpenDatagram(NULL);
  Peer = peer_udp_open(TEST_IPV6);
  if (!CHECK(Socket != NULL && Peer != NULL))
    return FALSE;
  Loopback(&Remote, peer_udp_port(Peer));
  return TRUE;
}

static PWSK_CALL SendByte(char Byte) {
  return SendTo(NewCall(), Socket, &BufferOf(&Byte, 1)->Wsk, &Remote);
}

static VOID MakeList(WSK_BUF_LIST *List) {
  ULONG i;

  for (i = 0; i < MESSAGES; i++) {
    List[i].Next = i + 1 < MESSAGES ? &List[i + 1] : NULL;
    List[i].Buffer = BufferOfPattern(i, 10)->Wsk;
  }
}

/* Defends against a send that fails for want of room, is forgotten, or is
 * overtaken by one that came later. */
static VOID datagrams_wait_for_room_in_turn(VOID) {
  PWSK_CALL First, Second, Third;

  REQUIRE(Open());
  full_host_takes(0);
  First = SendByte('a');
  Second = SendByte('b');
  CHECK_STILL_PENDING(First);
  CHECK(!IsCompleted(Second));
  full_host_takes(1);
  CHECK_PENDED(First, STATUS_SUCCESS, 1);
  Third = SendByte('c');
  CHECK_STILL_PENDING(Third);
  full_host_takes(-1);
  CHECK_PENDED(Second, STATUS_SUCCESS, 1);
  CHECK_PENDED(Third, STATUS_SUCCESS, 1);
  CHECK(peer_udp_expect(Peer, "a", 1));
  CHECK(peer_udp_expect(Peer, "b", 1));
  CHECK(peer_udp_expect(Peer, "c", 1));
}

/* Defends against messages that are sent twice, or left out, where a list had
 * to wait. */
static VOID messages_go_on_where_they_stopped(VOID) {
  WSK_BUF_LIST List[MESSAGES];
  PWSK_CALL Call = NewCall();
  ULONG i;

  REQUIRE(Open());
  MakeList(List);
  full_host_takes(3);
  SendMessages(Call, Socket, List, &Remote);
  CHECK_STILL_PENDING(Call);
  full_host_takes(2);
  CHECK_STILL_PENDING(Call);
  full_host_takes(-1);
  CHECK_PENDED(Call, STATUS_SUCCESS, 10 * MESSAGES);
  for (i = 0; i < MESSAGES; i++)
    CHECK(peer_udp_expect_pattern(Peer, i, 10));
  CHECK(!peer_udp_has(Peer));
}

/* Defends against a list of which only one message is watched. */
static VOID every_message_that_waits_is_lent(VOID) {
  WSK_BUF_LIST List[MESSAGES];
  PWSK_CALL Call = NewCall();
  PMDL Own;
  ULONG i;

  REQUIRE(Open());
  MakeList(List);
  full_host_takes(1);
  SendMessages(Call, Socket, List, &Remote);
  CHECK_STILL_PENDING(Call);
  host_expect_reports();
  for (i = 0; i < MESSAGES; i++) {
    IoFreeMdl(List[i].Buffer.Mdl);
    CHECK_EQUAL(i + 1, host_reports("SEND-03"));
  }
  full_host_takes(-1);
  CHECK_PENDED(Call, STATUS_SUCCESS, 10 * MESSAGES);
  /* Afterwards nothing is. */
  Own = IoAllocateMdl(&i, sizeof(i), FALSE, FALSE, NULL);
  REQUIRE(Own != NULL);
  MmBuildMdlForNonPagedPool(Own);
  List[2] = (WSK_BUF_LIST){NULL, {Own, 0, sizeof(i)}};
  full_host_takes(0);
  SendMessages(Call, Socket, &List[2], &Remote);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  IoFreeMdl(Own);
  CHECK_EQUAL(MESSAGES, host_all_reports());
  full_host_takes(-1);
}

/* Defends against a cancel that takes others along, or the socket. */
static VOID what_waits_can_be_cancelled(VOID) {
  WSK_BUF_LIST List[MESSAGES];
  PWSK_CALL First, Second, Messages = NewCall();

  REQUIRE(Open());
  MakeList(List);
  full_host_takes(2);
  SendMessages(Messages, Socket, List, &Remote);
  First = SendByte('a');
  Second = SendByte('b');
  CHECK_STILL_PENDING(Messages);
  CHECK(CancelCall(First));
  CHECK_PENDED(First, STATUS_CANCELLED, 0);
  CHECK(CancelCall(Messages));
  CHECK_PENDED(Messages, STATUS_CANCELLED, 20);
  CHECK_STILL_PENDING(Second);
  full_host_takes(-1);
  CHECK_PENDED(Second, STATUS_SUCCESS, 1);
  CHECK(peer_udp_expect_pattern(Peer, 0, 10));
  CHECK(peer_udp_expect_pattern(Peer, 1, 10));
  CHECK(peer_udp_expect(Peer, "b", 1));
}

/* Defends against sends that a closed socket leaves behind. */
static VOID a_close_cancels_what_waits(VOID) {
  WSK_BUF_LIST List[MESSAGES];
  PWSK_CALL Messages = NewCall(), First;

  REQUIRE(Open());
  MakeList(List);
  full_host_takes(1);
  SendMessages(Messages, Socket, List, &Remote);
  First = SendByte('a');
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_PENDED(Messages, STATUS_CANCELLED, 10);
  CHECK_PENDED(First, STATUS_CANCELLED, 0);
  full_host_takes(-1);
}

/* Defends against a datagram that waits for an address that was taken away. */
static VOID a_fixed_address_may_go_meanwhile(VOID) {
  PWSK_CALL Call = NewCall();

  REQUIRE(Open());
  CHECK_COMPLETED(
      SetAddress(NewCall(), Socket, SIO_WSK_SET_SENDTO_ADDRESS, &Remote),
      STATUS_SUCCESS, 0);
  full_host_takes(0);
  SendTo(Call, Socket, &BufferOf("a", 1)->Wsk, NULL);
  CHECK_STILL_PENDING(Call);
  CHECK_COMPLETED(
      SetAddress(NewCall(), Socket, SIO_WSK_SET_SENDTO_ADDRESS, NULL),
      STATUS_SUCCESS, 0);
  full_host_takes(-1);
  CHECK_PENDED(Call, STATUS_INVALID_PARAMETER, 0);
}

/* Defends against a send that waits without a place to wait in, and against
 * the messages before it that nobody counts. */
static VOID a_send_without_memory_to_wait_fails(VOID) {
  WSK_BUF_LIST List[MESSAGES];
  BOOLEAN Failed = FALSE;
  ULONG i;

  REQUIRE(Open());
  MakeList(List);
  full_host_takes(0);
  /* Places that earlier tests have left are used up first. */
  for (i = 0; i < 2000 && !Failed; i++) {
    PWSK_CALL Call = NewCall();

    full_host_takes(1);
    host_fail_allocation(1);
    SendMessages(Call, Socket, List, &Remote);
    Failed = host_allocation_failed() != 0;
    host_fail_allocation(0);
    if (Failed)
      CHECK_AT_ONCE(Call, STATUS_INSUFFICIENT_RESOURCES,
                    i == 0 ? 10 : TEST_ANY);
  }
  CHECK(Failed);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  full_host_takes(-1);
}

CONFORMANCE_GROUP(full_host) = {
    TEST(datagrams_wait_for_room_in_turn, "SENDTO-07"),
    TEST(messages_go_on_where_they_stopped, "SENDMSGS-01 SENDMSGS-02"),
    TEST(every_message_that_waits_is_lent, "SEND-03"),
    TEST(what_waits_can_be_cancelled, "IRP-19"),
    TEST(a_close_cancels_what_waits, "CLOSE-02"),
    TEST(a_fixed_address_may_go_meanwhile, "SENDTO-03"),
    TEST(a_send_without_memory_to_wait_fails, "SENDTO-06"),
};
