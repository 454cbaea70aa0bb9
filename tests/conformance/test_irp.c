/* What WSK does with the IRPs it is given. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* ---- how calls end --------------------------------------------------- */

/* Defends against a call that finishes at once and forgets the IRP: half of
 * the drivers wait for the completion whatever was returned. */
static VOID a_synchronous_success_completes_the_irp(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  PWSK_CALL Call = NewCall();

  REQUIRE(Socket != NULL);
  GetLocal(Call, Socket, &Address);
  CHECK(IsCompleted(Call));
  CHECK_AT_ONCE(Call, STATUS_SUCCESS, 0);
  CHECK(Call->Thread == (PVOID)KeGetCurrentThread());
}

/* Defends against the same for errors. */
static VOID a_synchronous_failure_completes_the_irp(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;
  PWSK_CALL Call = NewCall();

  REQUIRE(Socket != NULL);
  Connect(Call, Socket, Loopback(&Address, 9));
  CHECK(IsCompleted(Call));
  CHECK_AT_ONCE(Call, STATUS_INVALID_DEVICE_STATE, 0);
}

/* Defends against STATUS_PENDING as a final status, and against a second
 * completion when the same IRP is used again. */
static VOID a_pending_irp_completes_once_each_time(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);
  PWSK_CALL Call = NewCall();
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 10; i++) {
    Receive(Call, Socket, &Buffer->Wsk, 0);
    CHECK_STATUS(STATUS_PENDING, Call->Returned);
    peer_send(Peer, "tick", 4);
    CHECK_PENDED(Call, STATUS_SUCCESS, 4);
    CHECK(BufferIs(Buffer, 0, "tick", 4));
  }
}

/* ---- IRPs that cannot be used ---------------------------------------- */

/* Defends against a null pointer followed. */
static VOID a_call_without_an_irp_is_refused(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  const WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;
  const WSK_PROVIDER_DISPATCH *Provider = TestNpi.Dispatch;
  PTEST_BUFFER Buffer = NewBuffer(4);
  TEST_ADDRESS Local, Remote;

  REQUIRE(Socket != NULL);
  host_expect_reports();
  Dispatch = DispatchOf(Socket);
  Wildcard(&Local, 0);
  Loopback(&Remote, 9);
#define REFUSED(call) CHECK_STATUS(STATUS_INVALID_PARAMETER, call)
  REFUSED(Provider->WskSocket(TestNpi.Client, AF_INET, SOCK_STREAM, IPPROTO_TCP,
                              WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, NULL,
                              NULL, NULL, NULL));
  REFUSED(Provider->WskSocketConnect(TestNpi.Client, SOCK_STREAM, IPPROTO_TCP,
                                     &Local.Any, &Remote.Any, 0, NULL, NULL,
                                     NULL, NULL, NULL, NULL));
  REFUSED(Dispatch->WskBind(Socket, &Local.Any, 0, NULL));
  REFUSED(Dispatch->WskConnect(Socket, &Remote.Any, 0, NULL));
  REFUSED(Dispatch->WskConnectEx(Socket, &Remote.Any, NULL, 0, NULL));
  REFUSED(Dispatch->WskSend(Socket, &Buffer->Wsk, 0, NULL));
  REFUSED(Dispatch->WskReceive(Socket, &Buffer->Wsk, 0, NULL));
  REFUSED(Dispatch->WskDisconnect(Socket, NULL, 0, NULL));
  REFUSED(Dispatch->WskGetLocalAddress(Socket, &Local.Any, NULL));
  REFUSED(Dispatch->WskGetRemoteAddress(Socket, &Remote.Any, NULL));
  REFUSED(Dispatch->WskCloseSocket(Socket, NULL));
#undef REFUSED
}

/* Defends against a write below the IRP: the mistake IoAllocateIrp(0, FALSE)
 * is made in the wild. */
static VOID an_irp_without_a_stack_location_is_refused(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  PIRP Used, Empty;

  REQUIRE(Socket != NULL);
  host_spare(1);
  Used = IoAllocateIrp(1, FALSE);
  Empty = IoAllocateIrp(0, FALSE);
  host_spare(0);
  REQUIRE(Used != NULL && Empty != NULL);
  host_expect_reports();
  IoSetNextIrpStackLocation(Used);
  CHECK_STATUS(STATUS_INVALID_PARAMETER, DispatchOf(Socket)->WskGetLocalAddress(
                                             Socket, &Address.Any, Used));
  CHECK_EQUAL(1, host_reports("IRP-05"));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, DispatchOf(Socket)->WskGetLocalAddress(
                                             Socket, &Address.Any, Empty));
  CHECK_EQUAL(2, host_reports("IRP-05"));
  IoFreeIrp(Used);
  IoFreeIrp(Empty);
}

/* ---- whose memory an IRP is ------------------------------------------ */

static VOID FreeTheIrp(PWSK_CALL Call) {
  Call->OwnIrp = TRUE;
  IoFreeIrp(Call->Irp);
  Call->Irp = NULL;
}

/* Defends against a look at the IRP after its completion: to a provider that
 * completes inside the call, its own IRP may be gone. */
static VOID the_completion_routine_may_free_the_irp(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);
  TEST_ADDRESS Address;
  PWSK_CALL Calls[5];
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 5; i++) {
    Calls[i] = NewCall();
    Calls[i]->Then = FreeTheIrp;
  }
  CHECK_AT_ONCE(GetLocal(Calls[0], Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(Connect(Calls[1], Socket, Loopback(&Address, 9)),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Send(Calls[2], Socket, &BufferOf("x", 1)->Wsk, 0),
               STATUS_SUCCESS, 1);
  Receive(Calls[3], Socket, &Buffer->Wsk, 0);
  peer_send(Peer, "y", 1);
  CHECK_PENDED(Calls[3], STATUS_SUCCESS, 1);
  CHECK_PENDED(Close(Calls[4], Socket), STATUS_SUCCESS, 0);
}

typedef struct _CHAIN {
  PWSK_SOCKET Socket;
  PTEST_BUFFER Buffer;
  PWSK_CALL Next;
} CHAIN;

static VOID ReceiveAgain(PWSK_CALL Call) {
  CHAIN *Chain = Call->ThenContext;
  PIRP Irp = Call->Irp;

  /* The next call takes the IRP over. */
  Call->OwnIrp = TRUE;
  Call->Irp = NULL;
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  Chain->Next->Irp = Irp;
  Chain->Next->OwnIrp = FALSE;
  Receive(Chain->Next, Chain->Socket, &Chain->Buffer->Wsk, 0);
}

/* Defends against state of the finished call that is put away only after the
 * completion routine, and so spoils the next call's. */
static VOID the_completion_routine_may_use_the_irp_again(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  CHAIN Chain;
  PWSK_CALL First = NewCall();

  REQUIRE(Socket != NULL);
  Chain.Socket = Socket;
  Chain.Buffer = NewBuffer(16);
  Chain.Next = NewCallWithIrp(NULL);
  First->Then = ReceiveAgain;
  First->ThenContext = &Chain;
  Receive(First, Socket, &Chain.Buffer->Wsk, 0);
  peer_send(Peer, "one", 3);
  CHECK_PENDED(First, STATUS_SUCCESS, 3);
  peer_send(Peer, "three", 5);
  CHECK_COMPLETED(Chain.Next, STATUS_SUCCESS, 5);
  CHECK(BufferIs(Chain.Buffer, 0, "three", 5));
}

#define TEST_TAG 'prIT'

typedef struct _EMBEDDED {
  ULONG Before;
  IRP Irp;
  IO_STACK_LOCATION Location; /* must follow the IRP */
  ULONG After;
} EMBEDDED;

static VOID FreeTheObject(PWSK_CALL Call) {
  EMBEDDED *Object = CONTAINING_RECORD(Call->Irp, EMBEDDED, Irp);

  CHECK_EQUAL(0xAAAAAAAA, Object->Before);
  CHECK_EQUAL(0xBBBBBBBB, Object->After);
  Call->Irp = NULL;
  ExFreePoolWithTag(Object, TEST_TAG);
}

static PWSK_CALL NewEmbeddedCall(VOID) {
  EMBEDDED *Object;
  PWSK_CALL Call;

  host_spare(1);
  Object = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Object), TEST_TAG);
  host_spare(0);
  if (Object == NULL)
    ConformanceGiveUp("no memory for the test itself");
  Object->Before = 0xAAAAAAAA;
  Object->After = 0xBBBBBBBB;
  IoInitializeIrp(&Object->Irp, IoSizeOfIrp(1), 1);
  Call = NewCallWithIrp(&Object->Irp);
  Call->Then = FreeTheObject;
  return Call;
}

/* Defends against anything of ours around the IRP, or after its end. */
static VOID the_completion_routine_may_free_the_object_around_the_irp(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);
  TEST_ADDRESS Address;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = NewEmbeddedCall();
  Receive(Call, Socket, &Buffer->Wsk, 0);
  peer_send(Peer, "data", 4);
  CHECK_PENDED(Call, STATUS_SUCCESS, 4);
  CHECK_AT_ONCE(GetRemote(NewEmbeddedCall(), Socket, &Address), STATUS_SUCCESS,
                0);
}

/* Defends against a provider that frees what it did not allocate, or keeps
 * books on every IRP it meets. */
static VOID an_irp_may_lie_in_a_union_on_the_stack(VOID) {
  union {
    IRP Irp;
    UCHAR Room[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
  } Space;
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);
  PWSK_CALL Call;
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 3; i++) {
    IoInitializeIrp(&Space.Irp, sizeof(Space.Room), 1);
    Call = NewCallWithIrp(&Space.Irp);
    Receive(Call, Socket, &Buffer->Wsk, 0);
    peer_send(Peer, "1234", 4);
    CHECK_PENDED(Call, STATUS_SUCCESS, 4);
    Call->Irp = NULL;
  }
}

/* Defends against the same for IRPs in pool blocks of IoSizeOfIrp. */
static VOID an_irp_may_lie_in_pool(VOID) {
  PIRP Irp = ExAllocatePoolWithTag(NonPagedPool, IoSizeOfIrp(1), TEST_TAG);
  PWSK_CALL Call;

  REQUIRE(Irp != NULL);
  IoInitializeIrp(Irp, IoSizeOfIrp(1), 1);
  Call = NewCallWithIrp(Irp);
  CreateSocket(Call, TestFamily, SOCK_STREAM, IPPROTO_TCP,
               WSK_FLAG_CONNECTION_SOCKET);
  CHECK(SocketOf(Call) != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, Call->Information);
  Call->Irp = NULL;
  ExFreePoolWithTag(Irp, TEST_TAG);
}

/* ---- IRPs passed down ------------------------------------------------ */

typedef enum _MIDDLE { MiddleNone, MiddleGoesOn, MiddleStops } MIDDLE;

/* An IRP as a higher driver passes it down: the test is two drivers. */
typedef struct _PASSED {
  PIRP Irp;
  KEVENT MiddleDone, TopDone;
  volatile LONG MiddleCount, TopCount;
  MIDDLE Middle;
  NTSTATUS TopStatus;
  ULONG_PTR TopInformation;
  BOOLEAN MiddlePending, TopPending;
} PASSED;

static NTSTATUS NTAPI OnMiddle(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  PASSED *Passed = Context;

  UNREFERENCED_PARAMETER(Device);
  Passed->MiddlePending = Irp->PendingReturned;
  InterlockedIncrement(&Passed->MiddleCount);
  if (Passed->Middle == MiddleStops) {
    KeSetEvent(&Passed->MiddleDone, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
  }
  if (Irp->PendingReturned)
    IoMarkIrpPending(Irp);
  KeSetEvent(&Passed->MiddleDone, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static NTSTATUS NTAPI OnTop(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  PASSED *Passed = Context;

  UNREFERENCED_PARAMETER(Device);
  Passed->TopStatus = Irp->IoStatus.Status;
  Passed->TopInformation = Irp->IoStatus.Information;
  Passed->TopPending = Irp->PendingReturned;
  InterlockedIncrement(&Passed->TopCount);
  KeSetEvent(&Passed->TopDone, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* The IRP as it stands in the lower driver's dispatch routine. */
static BOOLEAN PassDown(PASSED *Passed, MIDDLE Middle) {
  RtlZeroMemory(Passed, sizeof(*Passed));
  Passed->Middle = Middle;
  KeInitializeEvent(&Passed->MiddleDone, NotificationEvent, FALSE);
  KeInitializeEvent(&Passed->TopDone, NotificationEvent, FALSE);
  Passed->Irp = IoAllocateIrp(2, FALSE);
  if (Passed->Irp == NULL)
    return FALSE;
  IoSetCompletionRoutine(Passed->Irp, OnTop, Passed, TRUE, TRUE, TRUE);
  IoSetNextIrpStackLocation(Passed->Irp);
  return TRUE;
}

static VOID CheckTop(PASSED *Passed, NTSTATUS Status, ULONG_PTR Information) {
  CHECK(WaitForEvent(&Passed->TopDone, TEST_LONG));
  CHECK_EQUAL(1, Passed->TopCount);
  CHECK_STATUS(Status, Passed->TopStatus);
  CHECK_EQUAL(Information, Passed->TopInformation);
  CHECK(Passed->TopPending);
  IoFreeIrp(Passed->Irp);
}

/* Defends against a provider that calls through a completion routine that is
 * not there, or stops at it. */
static VOID a_passed_down_irp_needs_no_completion_routine(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  PASSED Passed;

  REQUIRE(Socket != NULL);
  REQUIRE(PassDown(&Passed, MiddleNone));
  CHECK_STATUS(STATUS_PENDING, DispatchOf(Socket)->WskReceive(
                                   Socket, &Buffer->Wsk, 0, Passed.Irp));
  peer_send(Peer, "passed", 6);
  CheckTop(&Passed, STATUS_SUCCESS, 6);
}

/* Defends against a completion that stops below the driver that owns it. */
static VOID a_passed_down_irp_goes_on_to_its_owner(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  PASSED Passed;

  REQUIRE(Socket != NULL);
  REQUIRE(PassDown(&Passed, MiddleGoesOn));
  IoSetCompletionRoutine(Passed.Irp, OnMiddle, &Passed, TRUE, TRUE, TRUE);
  CHECK_STATUS(STATUS_PENDING, DispatchOf(Socket)->WskReceive(
                                   Socket, &Buffer->Wsk, 0, Passed.Irp));
  peer_send(Peer, "on", 2);
  CHECK(WaitForEvent(&Passed.MiddleDone, TEST_LONG));
  CheckTop(&Passed, STATUS_SUCCESS, 2);
  CHECK_EQUAL(1, Passed.MiddleCount);
  CHECK(Passed.MiddlePending);
}

/* Defends against a completion that goes on although it was stopped. */
static VOID a_passed_down_irp_stops_until_it_is_completed_again(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  PASSED Passed;

  REQUIRE(Socket != NULL);
  REQUIRE(PassDown(&Passed, MiddleStops));
  IoMarkIrpPending(Passed.Irp);
  IoSetCompletionRoutine(Passed.Irp, OnMiddle, &Passed, TRUE, TRUE, TRUE);
  CHECK_STATUS(STATUS_PENDING, DispatchOf(Socket)->WskReceive(
                                   Socket, &Buffer->Wsk, 0, Passed.Irp));
  peer_send(Peer, "stop", 4);
  CHECK(WaitForEvent(&Passed.MiddleDone, TEST_LONG));
  CHECK(!WaitForEvent(&Passed.TopDone, TEST_MOMENT));
  CHECK_EQUAL(0, Passed.TopCount);
  Passed.Irp->IoStatus.Information = 77;
  IoCompleteRequest(Passed.Irp, IO_NO_INCREMENT);
  CheckTop(&Passed, STATUS_SUCCESS, 77);
}

/* Calls with a routine for some outcomes only; whether it ran. */
static BOOLEAN MiddleRuns(PWSK_SOCKET Socket, struct peer *Peer,
                          BOOLEAN OnSuccess, BOOLEAN OnError,
                          BOOLEAN OnCancel) {
  PTEST_BUFFER Buffer = NewBuffer(8);
  PASSED Passed;

  if (!CHECK(PassDown(&Passed, MiddleGoesOn)))
    return FALSE;
  IoSetCompletionRoutine(Passed.Irp, OnMiddle, &Passed, OnSuccess, OnError,
                         OnCancel);
  DispatchOf(Socket)->WskReceive(Socket, &Buffer->Wsk, 0, Passed.Irp);
  if (Peer != NULL) {
    peer_send(Peer, "x", 1);
    CheckTop(&Passed, STATUS_SUCCESS, 1);
  } else {
    IoCancelIrp(Passed.Irp);
    CheckTop(&Passed, STATUS_CANCELLED, 0);
  }
  return Passed.MiddleCount != 0;
}

/* Defends against a routine that is called for an outcome it did not ask for,
 * and would take a failure for a success. */
static VOID a_completion_routine_runs_for_what_it_asked_for(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK(MiddleRuns(Socket, Peer, TRUE, FALSE, FALSE));
  CHECK(!MiddleRuns(Socket, Peer, FALSE, TRUE, TRUE));
  CHECK(!MiddleRuns(Socket, NULL, TRUE, FALSE, FALSE));
  CHECK(MiddleRuns(Socket, NULL, FALSE, FALSE, TRUE));
  CHECK(MiddleRuns(Socket, NULL, FALSE, TRUE, FALSE));
}

/* ---- cancelling ------------------------------------------------------ */

/* Defends against a request that can be got rid of by closing only. */
static VOID a_pending_irp_can_be_cancelled(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(8);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, 0);
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  CHECK(BufferUntouchedFrom(Buffer, 0));
}

static PWSK_CALL NewCancelledCall(VOID) {
  PWSK_CALL Call = NewCall();

  CHECK(!CancelCall(Call));
  return Call;
}

/* Defends against a cancel that comes a moment too early and is lost. */
static VOID an_irp_cancelled_before_the_call_is_cancelled(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_SOCKET Other = OpenBoundSocket();
  PTEST_BUFFER Buffer = NewBuffer(8);
  TEST_ADDRESS Remote;

  REQUIRE(Socket != NULL && Other != NULL);
  CHECK_PENDED(Receive(NewCancelledCall(), Socket, &Buffer->Wsk, 0),
               STATUS_CANCELLED, 0);
  CHECK_PENDED(Send(NewCancelledCall(), Socket, &BufferOf("no", 2)->Wsk, 0),
               STATUS_CANCELLED, 0);
  CHECK_PENDED(Connect(NewCancelledCall(), Other,
                       Loopback(&Remote, peer_listen(TEST_IPV6, 0))),
               STATUS_CANCELLED, 0);
  CHECK_PENDED(Disconnect(NewCancelledCall(), Socket, NULL, 0),
               STATUS_CANCELLED, 0);
  /* The connection has not noticed. */
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("yes", 3)->Wsk, 0),
               STATUS_SUCCESS, 3);
  CHECK(peer_expect(Peer, "yes", 3));
}

typedef struct _RACE {
  PWSK_SOCKET Socket;
  PTEST_BUFFER Buffer;
  PWSK_CALL Call;
  KEVENT Go;
} RACE;

static VOID CancelOnGo(PVOID Context) {
  RACE *Race = Context;

  WaitForEvent(&Race->Go, TEST_LONG);
  CancelCall(Race->Call);
}

/* Defends against a cancel and a completion that both win, or both lose. */
static VOID a_cancel_races_with_the_data(VOID) {
  struct peer *Peer;
  RACE Race;
  TEST_THREAD Thread;
  ULONG i, Bytes = 0, Sent = 0;

  Race.Socket = OpenToPeer(0, &Peer);
  REQUIRE(Race.Socket != NULL);
  Race.Buffer = NewBuffer(64);
  for (i = 0; i < 100; i++) {
    KeInitializeEvent(&Race.Go, NotificationEvent, FALSE);
    Race.Call = Receive(NewCall(), Race.Socket, &Race.Buffer->Wsk, 0);
    StartThread(&Thread, CancelOnGo, &Race);
    KeSetEvent(&Race.Go, IO_NO_INCREMENT, FALSE);
    peer_send(Peer, "z", 1);
    Sent++;
    CHECK(WaitForCall(Race.Call));
    JoinThread(&Thread);
    if (Race.Call->Status == STATUS_SUCCESS)
      Bytes += (ULONG)Race.Call->Information;
    else
      CHECK_COMPLETED(Race.Call, STATUS_CANCELLED, 0);
  }
  /* What the cancelled ones did not take is still there. */
  while (Bytes < Sent) {
    Race.Call = Receive(NewCall(), Race.Socket, &Race.Buffer->Wsk, 0);
    REQUIRE(WaitForCall(Race.Call) && Race.Call->Status == STATUS_SUCCESS);
    Bytes += (ULONG)Race.Call->Information;
  }
  CHECK_EQUAL(Sent, Bytes);
}

static NTSTATUS Waited;

static VOID WaitInside(PWSK_CALL Call) {
  Waited = KeWaitForSingleObject(Call->ThenContext, Executive, KernelMode,
                                 FALSE, NULL);
}

/* Defends against a loop that waits for itself. */
static VOID waiting_in_a_completion_routine_is_reported(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Call = NewCall();
  PTEST_BUFFER Buffer = NewBuffer(5);
  KEVENT Never;

  REQUIRE(Socket != NULL);
  KeInitializeEvent(&Never, NotificationEvent, FALSE);
  host_expect_reports();
  Call->Then = WaitInside;
  Call->ThenContext = &Never;
  Receive(Call, Socket, &Buffer->Wsk, 0);
  CHECK_EQUAL(0, host_all_reports());
  peer_send(Peer, "hello", 5);
  CHECK_PENDED(Call, STATUS_SUCCESS, 5);
  CHECK_STATUS(STATUS_TIMEOUT, Waited);
  CHECK_EQUAL(1, host_reports("KE-WAIT-01"));
}

CONFORMANCE_GROUP(irp) = {
    TEST(a_synchronous_success_completes_the_irp, "IRP-01 IRP-06"),
    TEST(a_synchronous_failure_completes_the_irp, "IRP-02"),
    TEST(a_pending_irp_completes_once_each_time, "IRP-03 IRP-09"),
    TEST(a_call_without_an_irp_is_refused, "OBS-04"),
    TEST(an_irp_without_a_stack_location_is_refused, "IRP-05"),
    TEST(waiting_in_a_completion_routine_is_reported, "IRP-18"),
    TEST(the_completion_routine_may_free_the_irp, "IRP-04"),
    TEST(the_completion_routine_may_use_the_irp_again, "IRP-04"),
    TEST(the_completion_routine_may_free_the_object_around_the_irp, "IRP-04"),
    TEST(an_irp_may_lie_in_a_union_on_the_stack, "IRP-06"),
    TEST(an_irp_may_lie_in_pool, "IRP-06"),
    TEST(a_passed_down_irp_needs_no_completion_routine, "IRP-12"),
    TEST(a_passed_down_irp_goes_on_to_its_owner, "IRP-13 IRP-15"),
    TEST(a_passed_down_irp_stops_until_it_is_completed_again, "IRP-13"),
    TEST(a_completion_routine_runs_for_what_it_asked_for, "IRP-16"),
    TEST(a_pending_irp_can_be_cancelled, "IRP-19"),
    TEST(an_irp_cancelled_before_the_call_is_cancelled, "IRP-19"),
    TEST(a_cancel_races_with_the_data, "IRP-19"),
};
