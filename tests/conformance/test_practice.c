/*
 * What real clients do and rely on, in their own way of writing it. The numbers
 * are those of a survey of 25 drivers; what it found is told with each test.
 */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define TEST_TAG 'carP'

/* The shape of nearly every WSK client's call context. */
typedef struct _SYNC {
  PIRP Irp;
  KEVENT Event;
} SYNC, *PSYNC;

static NTSTATUS NTAPI SetEventIfPending(PDEVICE_OBJECT Device, PIRP Irp,
                                        PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  if (Irp->PendingReturned)
    KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static NTSTATUS NTAPI SetEventAlways(PDEVICE_OBJECT Device, PIRP Irp,
                                     PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent((PKEVENT)Context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static BOOLEAN NewSync(PSYNC Sync, PIO_COMPLETION_ROUTINE Routine) {
  Sync->Irp = IoAllocateIrp(1, FALSE);
  if (Sync->Irp == NULL)
    return FALSE;
  KeInitializeEvent(&Sync->Event, SynchronizationEvent, FALSE);
  IoSetCompletionRoutine(Sync->Irp, Routine, &Sync->Event, TRUE, TRUE, TRUE);
  return TRUE;
}

/* "Wait only on STATUS_PENDING; the completion routine sets the event only if
 * PendingReturned." Defends against the two saying different things: the wait
 * would never end, or the next one would end too early. */
static VOID clients_wait_only_when_pending(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(16);
  TEST_ADDRESS Address;
  NTSTATUS Status;
  SYNC Sync;
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 4; i++) {
    REQUIRE(NewSync(&Sync, SetEventIfPending));
    if (i == 0)
      Status = DispatchOf(Socket)->WskGetLocalAddress(Socket, &Address.Any,
                                                      Sync.Irp);
    else if (i == 1)
      Status = DispatchOf(Socket)->WskSend(Socket, &BufferOf("abc", 3)->Wsk, 0,
                                           Sync.Irp);
    else {
      peer_send(Peer, "defg", 4);
      if (i == 2)
        CHECK(peer_flush(Peer));
      Status =
          DispatchOf(Socket)->WskReceive(Socket, &Buffer->Wsk, 0, Sync.Irp);
    }
    if (Status == STATUS_PENDING) {
      KeWaitForSingleObject(&Sync.Event, Executive, KernelMode, FALSE, NULL);
      Status = Sync.Irp->IoStatus.Status;
    }
    CHECK_STATUS(STATUS_SUCCESS, Status);
    CHECK_EQUAL(0, KeReadStateEvent(&Sync.Event));
    CHECK_EQUAL(i == 0 ? 0 : i == 1 ? 3 : 4, Sync.Irp->IoStatus.Information);
    IoFreeIrp(Sync.Irp);
  }
}

/* "A call that finishes at once still runs the completion routine": these
 * clients wait whatever was returned. */
static VOID clients_wait_whatever_was_returned(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  SYNC Sync;

  REQUIRE(Socket != NULL);
  REQUIRE(NewSync(&Sync, SetEventAlways));
  DispatchOf(Socket)->WskGetLocalAddress(Socket, &Address.Any, Sync.Irp);
  KeWaitForSingleObject(&Sync.Event, Executive, KernelMode, FALSE, NULL);
  CHECK_STATUS(STATUS_SUCCESS, Sync.Irp->IoStatus.Status);
  IoReuseIrp(Sync.Irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(Sync.Irp, SetEventAlways, &Sync.Event, TRUE, TRUE,
                         TRUE);
  DispatchOf(Socket)->WskGetRemoteAddress(Socket, &Address.Any, Sync.Irp);
  KeWaitForSingleObject(&Sync.Event, Executive, KernelMode, FALSE, NULL);
  CHECK_STATUS(STATUS_INVALID_DEVICE_STATE, Sync.Irp->IoStatus.Status);
  IoFreeIrp(Sync.Irp);
}

static BOOLEAN SendFromTheStack(PWSK_SOCKET Socket, PCSTR Text, ULONG Length) {
  union {
    IRP Irp;
    UCHAR Room[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
  } Space;
  struct {
    MDL Mdl;
    PFN_NUMBER Pages[2];
  } Description;
  UCHAR Bytes[32];
  WSK_BUF Buffer;
  KEVENT Event;

  RtlCopyMemory(Bytes, Text, Length);
  MmInitializeMdl(&Description.Mdl, Bytes, Length);
  MmBuildMdlForNonPagedPool(&Description.Mdl);
  Buffer.Mdl = &Description.Mdl;
  Buffer.Offset = 0;
  Buffer.Length = Length;
  KeInitializeEvent(&Event, SynchronizationEvent, FALSE);
  IoInitializeIrp(&Space.Irp, sizeof(Space.Room), 1);
  IoSetCompletionRoutine(&Space.Irp, SetEventAlways, &Event, TRUE, TRUE, TRUE);
  DispatchOf(Socket)->WskSend(Socket, &Buffer, 0, &Space.Irp);
  KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
  return Space.Irp.IoStatus.Status == STATUS_SUCCESS &&
         Space.Irp.IoStatus.Information == Length;
}

/* "Stack-owned IRP, KEVENT, MDL and WSK_BUF with an infinite wait." Defends
 * against host resources behind things that NT lets a client forget. */
static VOID everything_of_a_call_may_lie_on_the_stack(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 500; i++)
    REQUIRE(SendFromTheStack(Socket, "0123456789", 10));
  for (i = 0; i < 4; i++)
    CHECK(SendFromTheStack(Socket, "end", 3));
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
}

/* "The same block again and again with IoReuseIrp", one IRP for a socket's
 * whole life. Defends against state that sticks to an IRP. */
static VOID one_irp_serves_a_whole_connection(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PTEST_BUFFER Buffer = NewBuffer(8);
  PWSK_CALL Call = NewCall();
  PWSK_SOCKET Socket;
  TEST_ADDRESS Address;
  struct peer *Peer;

  CreateSocket(Call, TestFamily, SOCK_STREAM, IPPROTO_TCP,
               WSK_FLAG_CONNECTION_SOCKET);
  REQUIRE(WaitForCall(Call) && Call->Status == STATUS_SUCCESS);
  Socket = (PWSK_SOCKET)Call->Information;
  CHECK_PENDED(Bind(Call, Socket, Wildcard(&Address, 0)), STATUS_SUCCESS, 0);
  CHECK_PENDED(Connect(Call, Socket, Loopback(&Address, Port)), STATUS_SUCCESS,
               0);
  Peer = peer_accept(Port);
  if (CHECK(Peer != NULL)) {
    CHECK_PENDED(Send(Call, Socket, &BufferOf("ping", 4)->Wsk, 0),
                 STATUS_SUCCESS, 4);
    CHECK(peer_expect(Peer, "ping", 4));
    peer_send(Peer, "pong", 4);
    CHECK_COMPLETED(Receive(Call, Socket, &Buffer->Wsk, 0), STATUS_SUCCESS, 4);
    CHECK_PENDED(Disconnect(Call, Socket, NULL, 0), STATUS_SUCCESS, 0);
    peer_finish(Peer);
    CHECK_COMPLETED(Receive(Call, Socket, &Buffer->Wsk, 0), STATUS_SUCCESS, 0);
  }
  CHECK_PENDED(Close(Call, Socket), STATUS_SUCCESS, 0);
}

/* "Timeouts by IoCancelIrp: wait with a limit, on STATUS_TIMEOUT cancel the
 * IRP, then wait without limit." Defends against a cancel that does not
 * complete. */
static VOID a_timeout_is_a_cancel(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  USHORT Port = peer_silent_port(TEST_IPV6);
  PWSK_SOCKET Connecting = OpenBoundSocket();
  PTEST_BUFFER Buffer = NewBuffer(8);
  LARGE_INTEGER Limit;
  TEST_ADDRESS Address;
  SYNC Sync;
  ULONG i;

  REQUIRE(Socket != NULL && Connecting != NULL && Port != 0);
  Loopback(&Address, Port);
  Limit.QuadPart = -10 * 1000 * 10LL;
  for (i = 0; i < 2; i++) {
    REQUIRE(NewSync(&Sync, SetEventIfPending));
    CHECK_STATUS(
        STATUS_PENDING,
        i == 0
            ? DispatchOf(Socket)->WskReceive(Socket, &Buffer->Wsk, 0, Sync.Irp)
            : DispatchOf(Connecting)
                  ->WskConnect(Connecting, &Address.Any, 0, Sync.Irp));
    CHECK_STATUS(STATUS_TIMEOUT,
                 KeWaitForSingleObject(&Sync.Event, Executive, KernelMode,
                                       FALSE, &Limit));
    IoCancelIrp(Sync.Irp);
    KeWaitForSingleObject(&Sync.Event, Executive, KernelMode, FALSE, NULL);
    CHECK_STATUS(STATUS_CANCELLED, Sync.Irp->IoStatus.Status);
    IoFreeIrp(Sync.Irp);
  }
}

/* "C clients use both d->WskCloseSocket and d->Basic.WskCloseSocket", and cast
 * every table to the basic one. Defends against a table that has one only. */
static VOID the_basic_table_is_reached_both_ways(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  const WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;

  REQUIRE(Socket != NULL);
  Dispatch = DispatchOf(Socket);
  CHECK(Dispatch->WskCloseSocket == Dispatch->Basic.WskCloseSocket);
  CHECK(((const WSK_PROVIDER_BASIC_DISPATCH *)Dispatch)->WskCloseSocket ==
        Dispatch->WskCloseSocket);
}

typedef struct _WORK {
  USHORT Port;
  BOOLEAN Good;
} WORK;

static VOID ConnectAndTalk(PVOID Context) {
  WORK *Work = Context;
  TEST_ADDRESS Local, Remote;
  SYNC Sync;
  PWSK_SOCKET Socket;

  if (!NewSync(&Sync, SetEventAlways))
    return;
  TestNpi.Dispatch->WskSocketConnect(TestNpi.Client, SOCK_STREAM, IPPROTO_TCP,
                                     &Wildcard(&Local, 0)->Any,
                                     &Loopback(&Remote, Work->Port)->Any, 0,
                                     NULL, NULL, NULL, NULL, NULL, Sync.Irp);
  KeWaitForSingleObject(&Sync.Event, Executive, KernelMode, FALSE, NULL);
  if (Sync.Irp->IoStatus.Status == STATUS_SUCCESS) {
    Socket = (PWSK_SOCKET)Sync.Irp->IoStatus.Information;
    Work->Good = SendFromTheStack(Socket, "from a thread", 13);
    IoReuseIrp(Sync.Irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(Sync.Irp, SetEventAlways, &Sync.Event, TRUE, TRUE,
                           TRUE);
    DispatchOf(Socket)->WskCloseSocket(Socket, Sync.Irp);
    KeWaitForSingleObject(&Sync.Event, Executive, KernelMode, FALSE, NULL);
  }
  IoFreeIrp(Sync.Irp);
}

/* "PsCreateSystemThread, ObReferenceObjectByHandle, KeWaitForSingleObject on
 * the thread object, ZwClose, PsTerminateSystemThread." Defends against a
 * provider that belongs to one thread. */
static VOID clients_work_on_threads_of_their_own(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  TEST_THREAD Threads[6];
  WORK Work[6];
  ULONG i;

  for (i = 0; i < 6; i++) {
    Work[i].Port = Port;
    Work[i].Good = FALSE;
    StartThread(&Threads[i], ConnectAndTalk, &Work[i]);
  }
  for (i = 0; i < 6; i++) {
    JoinThread(&Threads[i]);
    CHECK(Work[i].Good);
  }
}

typedef struct _PUMP {
  PWSK_SOCKET Socket;
  PTEST_BUFFER Buffer;
  SIZE_T Position;
  BOOLEAN Good;
  KEVENT Done;
} PUMP;

static NTSTATUS NTAPI OnPumped(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context);

static VOID PumpOn(PUMP *Pump, PIRP Irp) {
  IoSetCompletionRoutine(Irp, OnPumped, Pump, TRUE, TRUE, TRUE);
  DispatchOf(Pump->Socket)
      ->WskReceive(Pump->Socket, &Pump->Buffer->Wsk, 0, Irp);
}

/* Receives again with the same IRP, until the end. */
static NTSTATUS NTAPI OnPumped(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  ULONG_PTR Length = Irp->IoStatus.Information;
  PUMP *Pump = Context;

  UNREFERENCED_PARAMETER(Device);
  if (Irp->IoStatus.Status != STATUS_SUCCESS || Length == 0) {
    KeSetEvent(&Pump->Done, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
  }
  if (!BufferIsPattern(Pump->Buffer, 0, Pump->Position, Length))
    Pump->Good = FALSE;
  Pump->Position += Length;
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  PumpOn(Pump, Irp);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* "The next operation from the completion routine", as the documentation's own
 * samples do. Defends against a stack that grows with every one of them. */
static VOID completions_drive_a_whole_stream(VOID) {
  struct peer *Peer;
  SIZE_T Total = 512 * 1024;
  PIRP Irp;
  PUMP Pump;

  Pump.Socket = OpenToPeer(0, &Peer);
  REQUIRE(Pump.Socket != NULL);
  host_spare(1);
  Irp = IoAllocateIrp(1, FALSE);
  host_spare(0);
  REQUIRE(Irp != NULL);
  Pump.Buffer = NewBuffer(64);
  Pump.Position = 0;
  Pump.Good = TRUE;
  KeInitializeEvent(&Pump.Done, NotificationEvent, FALSE);
  peer_send_pattern(Peer, 0, Total);
  peer_finish(Peer);
  PumpOn(&Pump, Irp);
  if (!CHECK(WaitForEvent(&Pump.Done, TEST_LONG))) {
    IoCancelIrp(Irp);
    KeWaitForSingleObject(&Pump.Done, Executive, KernelMode, FALSE, NULL);
  }
  CHECK_STATUS(STATUS_SUCCESS, Irp->IoStatus.Status);
  CHECK_EQUAL(Total, Pump.Position);
  CHECK(Pump.Good);
  IoFreeIrp(Irp);
}

/* An MDL for memory of any kind, as nearly every client makes it. */
static PMDL LockBytes(PVOID Bytes, ULONG Length, LOCK_OPERATION Access) {
  PMDL Mdl;

  host_spare(1);
  Mdl = IoAllocateMdl(Bytes, Length, FALSE, FALSE, NULL);
  if (Mdl == NULL)
    ConformanceGiveUp("no memory for the test itself");
  __try {
    MmProbeAndLockPages(Mdl, KernelMode, Access);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    ConformanceGiveUp("memory that cannot be locked");
  }
  host_spare(0);
  return Mdl;
}

static VOID UnlockBytes(PMDL Mdl) {
  MmUnlockPages(Mdl);
  IoFreeMdl(Mdl);
}

/* "IoAllocateMdl, MmProbeAndLockPages, … MmUnlockPages, IoFreeMdl" around every
 * send and receive. Defends against a provider that takes non-paged pool only,
 * and against pages that stay locked: what the end of the test would see. */
static VOID any_locked_memory_is_sent_and_received(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_ECHO, &Peer);
  PWSK_CALL Sending = NewCall(), Receiving = NewCall();
  UCHAR Out[200], In[200];
  WSK_BUF OutBuffer = {NULL, 50, 100}, InBuffer = {NULL, 50, 100};
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 100; i++) {
    RtlFillMemory(Out, sizeof(Out), (UCHAR)i);
    RtlZeroMemory(In, sizeof(In));
    OutBuffer.Mdl = LockBytes(Out, sizeof(Out), IoReadAccess);
    InBuffer.Mdl = LockBytes(In, sizeof(In), IoWriteAccess);
    CHECK_PENDED(Send(Sending, Socket, &OutBuffer, 0), STATUS_SUCCESS, 100);
    CHECK_COMPLETED(Receive(Receiving, Socket, &InBuffer, WSK_FLAG_WAITALL),
                    STATUS_SUCCESS, 100);
    UnlockBytes(OutBuffer.Mdl);
    UnlockBytes(InBuffer.Mdl);
    CHECK_EQUAL(100, RtlCompareMemory(In + 50, Out + 50, 100));
    CHECK(In[49] == 0 && In[150] == 0);
  }
}

/* "MmProbeAndLockPages is forgotten": on Windows the pages may go away under
 * the transport. Defends against silence. */
static VOID memory_that_is_not_locked_is_reported(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  UCHAR Bytes[4] = {'o', 'o', 'p', 's'};
  WSK_BUF Buffer = {NULL, 0, 4};

  REQUIRE(Socket != NULL);
  host_expect_reports();
  Buffer.Mdl = IoAllocateMdl(Bytes, 4, FALSE, FALSE, NULL);
  REQUIRE(Buffer.Mdl != NULL);
  Send(NewCall(), Socket, &Buffer, 0);
  CHECK_EQUAL(1, host_reports("BUF-05"));
  CHECK(peer_expect(Peer, Bytes, 4));
  IoFreeMdl(Buffer.Mdl);
}

typedef struct _CHAIN {
  PWSK_SOCKET Socket;
  SYNC Next;
  TEST_ADDRESS Address;
} CHAIN, *PCHAIN;

static NTSTATUS NTAPI CallNext(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  PCHAIN Chain = Context;

  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  DispatchOf(Chain->Socket)
      ->WskGetLocalAddress(Chain->Socket, &Chain->Address.Any, Chain->Next.Irp);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Samples do it and get away with it, so it is no more than a warning. */
static VOID a_call_from_a_completion_routine_is_reported(VOID) {
  TEST_ADDRESS Address;
  CHAIN Chain;
  SYNC Sync;

  host_heed("IRP-17");
  host_expect_reports();
  Chain.Socket = OpenBoundSocket();
  REQUIRE(Chain.Socket != NULL);
  host_spare(1);
  REQUIRE(NewSync(&Chain.Next, SetEventAlways) && NewSync(&Sync, CallNext));
  host_spare(0);
  IoSetCompletionRoutine(Sync.Irp, CallNext, &Chain, TRUE, TRUE, TRUE);
  DispatchOf(Chain.Socket)
      ->WskGetLocalAddress(Chain.Socket, &Address.Any, Sync.Irp);
  KeWaitForSingleObject(&Chain.Next.Event, Executive, KernelMode, FALSE, NULL);
  CHECK_STATUS(STATUS_SUCCESS, Chain.Next.Irp->IoStatus.Status);
  CHECK_EQUAL(1, host_reports("IRP-17"));
  CHECK_EQUAL(1, host_all_reports());
  IoFreeIrp(Chain.Next.Irp);
  IoFreeIrp(Sync.Irp);
}

static VOID calls_one_after_the_other_are_not_reported(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  TEST_ADDRESS Address;
  SYNC Sync;
  ULONG i;

  REQUIRE(Socket != NULL);
  host_heed("IRP-17");
  for (i = 0; i < 2; i++) {
    REQUIRE(NewSync(&Sync, SetEventAlways));
    DispatchOf(Socket)->WskGetLocalAddress(Socket, &Address.Any, Sync.Irp);
    KeWaitForSingleObject(&Sync.Event, Executive, KernelMode, FALSE, NULL);
    IoFreeIrp(Sync.Irp);
  }
  CHECK_EQUAL(0, host_reports("IRP-17"));
}

/* "WskCaptureProviderNPI with WSK_INFINITE_WAIT, WSK_NO_WAIT and finite
 * milliseconds all occur." Defends against one of them that waits when the
 * provider has been ready all along. */
static VOID all_kinds_of_captures_succeed(VOID) {
  static const ULONG Timeouts[] = {WSK_INFINITE_WAIT, WSK_NO_WAIT, 1, 30000};
  WSK_PROVIDER_NPI Npi;
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Timeouts); i++) {
    CHECK_STATUS(STATUS_SUCCESS,
                 WskCaptureProviderNPI(&TestRegistration, Timeouts[i], &Npi));
    WskReleaseProviderNPI(&TestRegistration);
  }
}

CONFORMANCE_GROUP(practice) = {
    TEST(clients_wait_only_when_pending, "IRP-03"),
    TEST(clients_wait_whatever_was_returned, "IRP-01 IRP-02"),
    TEST(everything_of_a_call_may_lie_on_the_stack, "IRP-06"),
    TEST(one_irp_serves_a_whole_connection, "IRP-09"),
    TEST(a_timeout_is_a_cancel, "IRP-19"),
    TEST_ONCE(the_basic_table_is_reached_both_ways, "TYPES-06"),
    TEST(clients_work_on_threads_of_their_own, "IRQL-02"),
    TEST(completions_drive_a_whole_stream, "RECV-01"),
    TEST(any_locked_memory_is_sent_and_received, "SEND-01 RECV-01"),
    TEST(memory_that_is_not_locked_is_reported, "BUF-05"),
    TEST(a_call_from_a_completion_routine_is_reported, "IRP-17"),
    TEST(calls_one_after_the_other_are_not_reported, "IRP-17"),
    TEST_ONCE(all_kinds_of_captures_succeed, "CAPTURE-01"),
};
