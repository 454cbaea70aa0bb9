/*
 * Rules of uwsk/fault.h at WSK calls: what fails, how calls complete, what is
 * held. Every check of a call looks at the status returned, the status
 * completed, PendingReturned, the IRQL and that the routine ran once
 * (wskcall.h), so each of these is a test of that agreement, too.
 */
#include <ntddk.h>
#include <wsk.h>

#include <uwsk/fault.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskcontrol.h"

static int Arm(enum uwsk_point Point, enum uwsk_action Action,
               NTSTATUS Status) {
  struct uwsk_rule Rule = UWSK_RULE(Point, Action);

  Rule.status = Status;
  Rule.times = 1;
  return uwsk_fault_arm(&Rule);
}

static PWSK_CALL SendByte(PWSK_SOCKET Socket, char Byte) {
  return Send(NewCall(), Socket, &BufferOf(&Byte, 1)->Wsk, 0);
}

static PWSK_CALL ReceiveInto(PWSK_SOCKET Socket, PTEST_BUFFER Buffer) {
  return Receive(NewCall(), Socket, &Buffer->Wsk, 0);
}

/* The call that is held, which must be this one. */
static BOOLEAN IsHeld(PWSK_CALL Call, enum uwsk_point Point) {
  struct uwsk_held Held;

  return uwsk_held_first(&Held) && Held.irp == Call->Irp && Held.point == Point;
}

/* ---- failing ----------------------------------------------------------- */

/* Defends against a fault that strikes the wrong call, or more than its own. */
static VOID the_second_send_fails_and_no_other(VOID) {
  struct uwsk_rule Rule = UWSK_RULE(UWSK_AT_SEND, UWSK_FAIL);
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  int Number;

  REQUIRE(Socket != NULL);
  Rule.status = STATUS_NETWORK_UNREACHABLE;
  Rule.skip = 1;
  Rule.times = 1;
  Number = uwsk_fault_arm(&Rule);
  CHECK_COMPLETED(SendByte(Socket, 'a'), STATUS_SUCCESS, 1);
  CHECK_EQUAL(0, uwsk_fault_struck(Number));
  CHECK_AT_ONCE(SendByte(Socket, 'b'), STATUS_NETWORK_UNREACHABLE, 0);
  CHECK_COMPLETED(SendByte(Socket, 'c'), STATUS_SUCCESS, 1);
  CHECK_EQUAL(1, uwsk_fault_struck(Number));
  CHECK(peer_expect(Peer, "ac", 2));
}

static VOID a_rule_of_one_socket_leaves_others_alone(VOID) {
  struct uwsk_rule Rule = UWSK_RULE(UWSK_AT_ANY_CALL, UWSK_FAIL);
  PWSK_SOCKET Socket = OpenBoundSocket(), Other = OpenBoundSocket();
  TEST_ADDRESS Address;
  int Number;

  REQUIRE(Socket != NULL && Other != NULL);
  Rule.status = STATUS_INSUFFICIENT_RESOURCES;
  Rule.socket = Other;
  Number = uwsk_fault_arm(&Rule);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(GetLocal(NewCall(), Other, &Address),
                STATUS_INSUFFICIENT_RESOURCES, 0);
  uwsk_fault_disarm(Number);
  CHECK_AT_ONCE(GetLocal(NewCall(), Other, &Address), STATUS_SUCCESS, 0);
}

static VOID the_first_rule_that_fits_decides(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_ADDRESS, UWSK_PASS, 0);
  Arm(UWSK_AT_ANY_CALL, UWSK_FAIL, STATUS_IO_TIMEOUT);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Address), STATUS_IO_TIMEOUT, 0);
  CHECK_EQUAL(0, uwsk_faults_unfired());
}

/* Defends against a failed attempt that leaves the socket in a state of which
 * Windows knows nothing: it is bound, and may connect. */
static VOID a_connect_that_times_out_may_be_tried_again(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  USHORT Port = peer_listen(TEST_IPV6, 0);

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_CONNECT, UWSK_FAIL_LATER, STATUS_IO_TIMEOUT);
  Loopback(&Address, Port);
  CHECK_PENDED(Connect(NewCall(), Socket, &Address), STATUS_IO_TIMEOUT, 0);
  CHECK_PENDED(Connect(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
}

/* Of each kind that makes something: nothing is made, and nothing leaks. */
static VOID whatever_fails_has_made_nothing(VOID) {
  static const enum uwsk_action Ways[] = {UWSK_FAIL, UWSK_FAIL_LATER};
  TEST_ADDRESS Here, There;
  ULONG i;

  Wildcard(&Here, 0);
  Loopback(&There, peer_listen(TEST_IPV6, 0));
  for (i = 0; i < 2; i++) {
    CALL_WAY Way = Ways[i] == UWSK_FAIL ? CallAtOnce : CallPended;
    Arm(UWSK_AT_SOCKET, Ways[i], STATUS_INSUFFICIENT_RESOURCES);
    Arm(UWSK_AT_SOCKET_CONNECT, Ways[i], STATUS_CONNECTION_REFUSED);
    CheckCall(CreateSocket(NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP,
                           WSK_FLAG_CONNECTION_SOCKET),
              Way, STATUS_INSUFFICIENT_RESOURCES, 0, __FILE__, __LINE__);
    CheckCall(CreateConnected(NewCall(), &Here, &There), Way,
              STATUS_CONNECTION_REFUSED, 0, __FILE__, __LINE__);
  }
}

/* Defends against a reset of which only the call hears that met it. */
static VOID a_connection_breaks_after_so_many_bytes(VOID) {
  struct uwsk_rule Rule = UWSK_RULE(UWSK_AT_SEND, UWSK_RESET);
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(1);
  PWSK_CALL Waiting;

  REQUIRE(Socket != NULL);
  Rule.bytes = 3;
  CHECK(uwsk_fault_arm(&Rule) > 0);
  peer_send(Peer, "r", 1);
  CHECK_COMPLETED(ReceiveInto(Socket, Buffer), STATUS_SUCCESS, 1);
  CHECK_COMPLETED(SendByte(Socket, 'a'), STATUS_SUCCESS, 1);
  CHECK_COMPLETED(SendByte(Socket, 'b'), STATUS_SUCCESS, 1);
  Waiting = ReceiveInto(Socket, Buffer);
  CHECK_STILL_PENDING(Waiting);
  CHECK_AT_ONCE(SendByte(Socket, 'c'), STATUS_CONNECTION_RESET, 0);
  CHECK_PENDED(Waiting, STATUS_CONNECTION_RESET, 0);
  CHECK_AT_ONCE(ReceiveInto(Socket, Buffer), STATUS_CONNECTION_RESET, 0);
  CHECK(peer_expect(Peer, "ab", 2));
}

/* ---- how calls complete ------------------------------------------------ */

static VOID a_send_completes_in_each_way(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_SEND, UWSK_COMPLETE_INLINE, 0);
  Arm(UWSK_AT_SEND, UWSK_COMPLETE_PENDING, 0);
  Arm(UWSK_AT_SEND, UWSK_COMPLETE_LATER, 0);
  CHECK_AT_ONCE(SendByte(Socket, 'a'), STATUS_SUCCESS, 1);
  Call = SendByte(Socket, 'b');
  CHECK(IsCompleted(Call));
  CHECK_PENDED(Call, STATUS_SUCCESS, 1);
  Call = SendByte(Socket, 'c');
  CHECK(!host_is_stepped() || !IsCompleted(Call));
  CHECK_PENDED(Call, STATUS_SUCCESS, 1);
  CHECK(peer_expect(Peer, "abc", 3));
}

static VOID a_receive_completes_in_each_way(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(1);

  REQUIRE(Socket != NULL);
  peer_send(Peer, "abc", 3);
  REQUIRE(peer_flush(Peer));
  Arm(UWSK_AT_RECEIVE, UWSK_COMPLETE_INLINE, 0);
  Arm(UWSK_AT_RECEIVE, UWSK_COMPLETE_PENDING, 0);
  Arm(UWSK_AT_RECEIVE, UWSK_COMPLETE_LATER, 0);
  /* Windows' host has no way to look for data without waiting for it. */
  CheckCall(ReceiveInto(Socket, Buffer),
            host_is_windows() ? CallEither : CallAtOnce, STATUS_SUCCESS, 1,
            __FILE__, __LINE__);
  CHECK_PENDED(ReceiveInto(Socket, Buffer), STATUS_SUCCESS, 1);
  CHECK_PENDED(ReceiveInto(Socket, Buffer), STATUS_SUCCESS, 1);
  CHECK(BufferIs(Buffer, 0, "c", 1));
}

/* A query is answered at once, as a rule. */
static VOID an_answer_may_pend(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_ADDRESS, UWSK_COMPLETE_PENDING, 0);
  Arm(UWSK_AT_ADDRESS, UWSK_COMPLETE_LATER, 0);
  Call = GetLocal(NewCall(), Socket, &Address);
  CHECK(IsCompleted(Call));
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  CHECK_PENDED(GetLocal(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
}

/* What goes by the loop completes within its call, if the loop is free: nobody
 * else has it in stepped mode. */
static VOID what_pends_as_a_rule_may_complete_inline(VOID) {
  struct uwsk_rule Rule = UWSK_RULE(UWSK_AT_ANY_CALL, UWSK_COMPLETE_INLINE);
  CALL_WAY Way = host_is_stepped() ? CallAtOnce : CallEither;
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Address;
  PWSK_SOCKET Socket;
  int Number = uwsk_fault_arm(&Rule);

  CreateSocket(Call, TestFamily, SOCK_STREAM, IPPROTO_TCP,
               WSK_FLAG_CONNECTION_SOCKET);
  CheckCall(Call, Way, STATUS_SUCCESS, TEST_ANY, __FILE__, __LINE__);
  Socket = SocketOf(Call);
  REQUIRE(Socket != NULL);
  CheckCall(Bind(NewCall(), Socket, Wildcard(&Address, 0)), Way, STATUS_SUCCESS,
            0, __FILE__, __LINE__);
  CHECK_COMPLETED(
      Connect(NewCall(), Socket, Loopback(&Address, peer_listen(TEST_IPV6, 0))),
      STATUS_SUCCESS, 0);
  CHECK_COMPLETED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  uwsk_fault_disarm(Number);
}

#define MIXED 48

static BOOLEAN SendMixed(PWSK_SOCKET Socket, NTSTATUS Returned[MIXED]) {
  struct uwsk_rule Rule = UWSK_RULE(UWSK_AT_SEND, UWSK_COMPLETE_MIXED);
  BOOLEAN Pended = FALSE, AtOnce = FALSE;
  ULONG i;
  int Number;

  Rule.seed = 20;
  Number = uwsk_fault_arm(&Rule);
  for (i = 0; i < MIXED; i++) {
    PWSK_CALL Call = SendByte(Socket, 'x');
    CHECK_COMPLETED(Call, STATUS_SUCCESS, 1);
    Returned[i] = Call->Returned;
    Pended |= Call->Returned == STATUS_PENDING;
    AtOnce |= Call->Returned == STATUS_SUCCESS;
  }
  CHECK_EQUAL(MIXED, uwsk_fault_struck(Number));
  uwsk_fault_disarm(Number);
  return Pended && AtOnce;
}

static VOID the_same_seed_mixes_in_the_same_way(VOID) {
  NTSTATUS First[MIXED], Second[MIXED];
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK(SendMixed(Socket, First));
  CHECK(SendMixed(Socket, Second));
  CHECK(RtlEqualMemory(First, Second, sizeof(First)));
}

/* ---- holding ----------------------------------------------------------- */

static VOID a_held_receive_takes_nothing_until_it_is_let_go(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(3);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_RECEIVE, UWSK_HOLD, 0);
  peer_send(Peer, "abc", 3);
  REQUIRE(peer_flush(Peer));
  Call = ReceiveInto(Socket, Buffer);
  CHECK_STILL_PENDING(Call);
  CHECK(IsHeld(Call, UWSK_AT_RECEIVE));
  CHECK_EQUAL(1, uwsk_held_count());
  CHECK(BufferUntouchedFrom(Buffer, 0));
  CHECK(uwsk_held_proceed(Call->Irp));
  CHECK_PENDED(Call, STATUS_SUCCESS, 3);
  CHECK(BufferIs(Buffer, 0, "abc", 3));
  CHECK(!uwsk_held_proceed(Call->Irp));
}

/* Defends against drivers that take a short or empty transfer for a whole one;
 * nothing of it must have happened. */
static VOID a_held_call_completes_as_the_test_chooses(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_RECEIVE, UWSK_HOLD, 0);
  Call = ReceiveInto(Socket, Buffer);
  CHECK(uwsk_held_complete(Call->Irp, STATUS_SUCCESS, 5));
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
  CHECK(BufferUntouchedFrom(Buffer, 0));
  Arm(UWSK_AT_SEND, UWSK_HOLD, 0);
  Call = SendByte(Socket, 'x');
  CHECK(uwsk_held_complete(Call->Irp, STATUS_CONNECTION_RESET, 0));
  CHECK_PENDED(Call, STATUS_CONNECTION_RESET, 0);
  CHECK_COMPLETED(SendByte(Socket, 'y'), STATUS_SUCCESS, 1);
  CHECK(peer_expect(Peer, "y", 1));
}

/* Defends against a client that frees what an option will be written to. */
static VOID where_an_option_is_written_to_stays_until_then(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  PULONG Value = ExAllocatePoolWithTag(NonPagedPool, sizeof(ULONG), 'tpoF');
  PWSK_CALL Call;

  REQUIRE(Socket != NULL && Value != NULL);
  Arm(UWSK_AT_CONTROL, UWSK_HOLD, 0);
  Call = GetOption(NewCall(), Socket, SOL_SOCKET, SO_RCVBUF, Value);
  CHECK_STILL_PENDING(Call);
  host_expect_reports();
  ExFreePoolWithTag(Value, 'tpoF');
  CHECK_EQUAL(1, host_reports("SEND-03"));
  CHECK(uwsk_held_proceed(Call->Irp));
  CHECK_PENDED(Call, STATUS_SUCCESS, sizeof(ULONG));
  ExFreePoolWithTag(Value, 'tpoF');
  CHECK_EQUAL(1, host_all_reports());
}

static VOID a_held_call_can_be_cancelled(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_SEND, UWSK_HOLD, 0);
  Call = SendByte(Socket, 'x');
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  CHECK_EQUAL(0, uwsk_held_count());
}

static VOID a_close_ends_what_is_held(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Sending, Receiving;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_SEND, UWSK_HOLD, 0);
  Arm(UWSK_AT_RECEIVE, UWSK_HOLD, 0);
  Sending = SendByte(Socket, 'x');
  Receiving = ReceiveInto(Socket, NewBuffer(1));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_PENDED(Sending, STATUS_CANCELLED, 0);
  CHECK_PENDED(Receiving, STATUS_CANCELLED, 0);
}

static VOID a_socket_that_dies_ends_what_is_held(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_RECEIVE, UWSK_HOLD, 0);
  Call = ReceiveInto(Socket, NewBuffer(1));
  CHECK(host_kill_socket(Socket));
  CHECK_PENDED(Call, STATUS_FILE_FORCED_CLOSED, 0);
}

static VOID a_close_may_be_held(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_CLOSE, UWSK_HOLD, 0);
  Call = Close(NewCall(), Socket);
  CHECK_STILL_PENDING(Call);
  CHECK(!uwsk_held_complete(Call->Irp, STATUS_SUCCESS, 0));
  CHECK(uwsk_held_proceed(Call->Irp));
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
}

/* ---- what held calls leave undone -------------------------------------- */

static VOID FailHeld(PWSK_CALL Call, NTSTATUS Status) {
  CHECK(!uwsk_held_complete(Call->Irp, STATUS_SUCCESS, 0));
  CHECK(uwsk_held_complete(Call->Irp, Status, 0));
  CHECK_PENDED(Call, Status, 0);
}

static VOID what_was_held_and_failed_can_be_done_again(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Here, There;

  REQUIRE(Socket != NULL);
  Wildcard(&Here, 0);
  Loopback(&There, peer_listen(TEST_IPV6, 0));
  Arm(UWSK_AT_BIND, UWSK_HOLD, 0);
  Arm(UWSK_AT_CONNECT, UWSK_HOLD, 0);
  Arm(UWSK_AT_DISCONNECT, UWSK_HOLD, 0);
  FailHeld(Bind(NewCall(), Socket, &Here), STATUS_ADDRESS_ALREADY_EXISTS);
  CHECK_PENDED(Bind(NewCall(), Socket, &Here), STATUS_SUCCESS, 0);
  FailHeld(Connect(NewCall(), Socket, &There), STATUS_HOST_UNREACHABLE);
  CHECK_PENDED(Connect(NewCall(), Socket, &There), STATUS_SUCCESS, 0);
  FailHeld(Disconnect(NewCall(), Socket, NULL, 0), STATUS_IO_TIMEOUT);
  CHECK_COMPLETED(SendByte(Socket, 'x'), STATUS_SUCCESS, 1);
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
}

static VOID sockets_that_were_held_and_failed_are_none(VOID) {
  TEST_ADDRESS Here, There;

  Wildcard(&Here, 0);
  Loopback(&There, peer_listen(TEST_IPV6, 0));
  Arm(UWSK_AT_SOCKET, UWSK_HOLD, 0);
  Arm(UWSK_AT_SOCKET_CONNECT, UWSK_HOLD, 0);
  FailHeld(CreateSocket(NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP,
                        WSK_FLAG_CONNECTION_SOCKET),
           STATUS_INSUFFICIENT_RESOURCES);
  FailHeld(CreateConnected(NewCall(), &Here, &There),
           STATUS_CONNECTION_REFUSED);
}

static VOID a_held_accept_leaves_the_connection(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL Call = NewCall();

  REQUIRE(Listener != NULL);
  Arm(UWSK_AT_ACCEPT, UWSK_HOLD, 0);
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  FailHeld(Accept(NewCall(), Listener, NULL, NULL),
           STATUS_INSUFFICIENT_RESOURCES);
  Accept(Call, Listener, NULL, NULL);
  CHECK_COMPLETED(Call, STATUS_SUCCESS, TEST_ANY);
  CHECK(SocketOf(Call) != NULL);
}

static VOID a_held_query_completes_as_the_test_chooses(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Arm(UWSK_AT_ADDRESS, UWSK_HOLD, 0);
  Call = GetLocal(NewCall(), Socket, &Address);
  CHECK_STILL_PENDING(Call);
  CHECK(uwsk_held_complete(Call->Irp, STATUS_NETWORK_BUSY, 0));
  CHECK_PENDED(Call, STATUS_NETWORK_BUSY, 0);
}

/* ---- names ------------------------------------------------------------- */

static PWSK_CALL LookUp(PADDRINFOEXW *Result) {
  static UNICODE_STRING Node = RTL_CONSTANT_STRING(L"127.0.0.1");
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskGetAddressInfo(
      TestNpi.Client, &Node, NULL, NS_ALL, NULL, NULL, Result, NULL, NULL, Irp);
  return Call;
}

static VOID a_look_up_may_be_slow_or_fail(VOID) {
  PADDRINFOEXW Result;
  PWSK_CALL Call;

  Arm(UWSK_AT_ADDRESS_INFO, UWSK_FAIL_LATER, STATUS_NOT_FOUND);
  CHECK_PENDED(LookUp(&Result), STATUS_NOT_FOUND, 0);
  Arm(UWSK_AT_ADDRESS_INFO, UWSK_HOLD, 0);
  Call = LookUp(&Result);
  CHECK_STILL_PENDING(Call);
  CHECK(uwsk_held_proceed(Call->Irp));
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  CHECK(Result != NULL);
  TestNpi.Dispatch->WskFreeAddressInfo(TestNpi.Client, Result);
  Arm(UWSK_AT_ADDRESS_INFO, UWSK_COMPLETE_LATER, 0);
  CHECK_PENDED(LookUp(&Result), STATUS_SUCCESS, 0);
  TestNpi.Dispatch->WskFreeAddressInfo(TestNpi.Client, Result);
}

static VOID a_held_look_up_ends_as_told(VOID) {
  PADDRINFOEXW Result;
  PWSK_CALL Call;

  Arm(UWSK_AT_ADDRESS_INFO, UWSK_HOLD, 0);
  FailHeld(LookUp(&Result), STATUS_NO_MATCH);
  Arm(UWSK_AT_ADDRESS_INFO, UWSK_HOLD, 0);
  Call = LookUp(&Result);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  CHECK_EQUAL(0, uwsk_held_count());
}

/* ---- the provider ------------------------------------------------------ */

static VOID a_provider_may_be_late(VOID) {
  WSK_CLIENT_NPI Client = {NULL, &TestClientDispatch};
  WSK_REGISTRATION Registration;
  WSK_PROVIDER_NPI Npi;

  CHECK(uwsk_fault_provider_ready_after(30));
  CHECK_STATUS(STATUS_SUCCESS, WskRegister(&Client, &Registration));
  CHECK_STATUS(STATUS_DEVICE_NOT_READY,
               WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi));
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&Registration, WSK_INFINITE_WAIT, &Npi));
  WskReleaseProviderNPI(&Registration);
  WskDeregister(&Registration);
}

/* Defends against a timer of ours that is taken for the driver's. */
static VOID a_provider_may_never_come(VOID) {
  CHECK(uwsk_fault_provider_ready_after(1000000));
}

/* ---- cancelling -------------------------------------------------------- */

/* Both orders of the race between a cancellation and a completion. */
static VOID a_cancel_is_noticed_when_the_test_says_so(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL First, Second;

  REQUIRE(Socket != NULL);
  uwsk_cancels_hold(true);
  First = ReceiveInto(Socket, NewBuffer(1));
  CHECK(CancelCall(First));
  CHECK_STILL_PENDING(First);
  uwsk_cancels_notice();
  CHECK_PENDED(First, STATUS_CANCELLED, 0);

  Second = ReceiveInto(Socket, NewBuffer(1));
  CHECK(CancelCall(Second));
  peer_send(Peer, "x", 1);
  CHECK_STILL_PENDING(Second);
  uwsk_cancels_hold(false);
  CHECK_PENDED(Second, STATUS_SUCCESS, 1);
}

static VOID a_look_up_notices_its_cancel_then_too(VOID) {
  PADDRINFOEXW Result;
  PWSK_CALL Call;

  uwsk_cancels_hold(true);
  Arm(UWSK_AT_ADDRESS_INFO, UWSK_HOLD, 0);
  Call = LookUp(&Result);
  CHECK(CancelCall(Call));
  CHECK_STILL_PENDING(Call);
  uwsk_cancels_hold(false);
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
}

CONFORMANCE_GROUP(faults) = {
    TEST(the_second_send_fails_and_no_other, ""),
    TEST_ONCE(a_rule_of_one_socket_leaves_others_alone, ""),
    TEST_ONCE(the_first_rule_that_fits_decides, ""),
    TEST(a_connect_that_times_out_may_be_tried_again, ""),
    TEST(whatever_fails_has_made_nothing, ""),
    TEST(a_connection_breaks_after_so_many_bytes, ""),
    TEST(a_send_completes_in_each_way, ""),
    TEST(a_receive_completes_in_each_way, ""),
    TEST_ONCE(an_answer_may_pend, ""),
    TEST_ONCE(what_pends_as_a_rule_may_complete_inline, ""),
    TEST_ONCE(the_same_seed_mixes_in_the_same_way, ""),
    TEST(a_held_receive_takes_nothing_until_it_is_let_go, ""),
    TEST(a_held_call_completes_as_the_test_chooses, ""),
    TEST_ONCE(where_an_option_is_written_to_stays_until_then, ""),
    TEST_ONCE(a_held_call_can_be_cancelled, ""),
    TEST_ONCE(a_close_ends_what_is_held, ""),
    TEST_ONCE(a_socket_that_dies_ends_what_is_held, ""),
    TEST_ONCE(a_close_may_be_held, ""),
    TEST_ONCE(what_was_held_and_failed_can_be_done_again, ""),
    TEST_ONCE(sockets_that_were_held_and_failed_are_none, ""),
    TEST_ONCE(a_held_accept_leaves_the_connection, ""),
    TEST_ONCE(a_held_query_completes_as_the_test_chooses, ""),
    TEST_ONCE(a_look_up_may_be_slow_or_fail, ""),
    TEST_ONCE(a_held_look_up_ends_as_told, ""),
    TEST_ONCE(a_provider_may_be_late, ""),
    TEST_ONCE(a_provider_may_never_come, ""),
    TEST_ONCE(a_cancel_is_noticed_when_the_test_says_so, ""),
    TEST_ONCE(a_look_up_notices_its_cancel_then_too, ""),
};
