/* Calls into WSK, and what they came to. Kernel code. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define TEST_TAG 'tseT'

ADDRESS_FAMILY TestFamily;
WSK_REGISTRATION TestRegistration;
WSK_PROVIDER_NPI TestNpi;
BOOLEAN TestAtDispatch;

const WSK_CLIENT_DISPATCH TestClientDispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                NULL};

static PWSK_CALL Calls;
static volatile LONG CompletionOrder;

/* The sockets that the end of the test has to close. */
#define MAX_SOCKETS 256
static PWSK_SOCKET Sockets[MAX_SOCKETS];
static ULONG SocketCount;

/* ---- a call ---------------------------------------------------------- */

PWSK_CALL NewCallWithIrp(PIRP Irp) {
  PWSK_CALL Call;

  host_spare(1);
  Call = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Call), TEST_TAG);
  host_spare(0);
  if (Call == NULL)
    ConformanceGiveUp("no memory for the test itself");
  RtlZeroMemory(Call, sizeof(*Call));
  Call->Irp = Irp;
  Call->OwnIrp = TRUE;
  KeInitializeEvent(&Call->Done, NotificationEvent, FALSE);
  Call->Next = Calls;
  Calls = Call;
  return Call;
}

PWSK_CALL NewCall(VOID) {
  PWSK_CALL Call;

  host_spare(1);
  Call = NewCallWithIrp(IoAllocateIrp(1, FALSE));
  host_spare(0);
  if (Call->Irp == NULL)
    ConformanceGiveUp("no memory for the test itself");
  Call->OwnIrp = FALSE;
  return Call;
}

static NTSTATUS NTAPI OnCompletion(PDEVICE_OBJECT Device, PIRP Irp,
                                   PVOID Context) {
  PWSK_CALL Call = Context;

  UNREFERENCED_PARAMETER(Device);
  Call->Order = InterlockedIncrement(&CompletionOrder);
  Call->Status = Irp->IoStatus.Status;
  Call->Information = Irp->IoStatus.Information;
  Call->PendingReturned = Irp->PendingReturned;
  Call->Irql = KeGetCurrentIrql();
  Call->Thread = KeGetCurrentThread();
  InterlockedIncrement(&Call->Completions);
  if (Call->Then != NULL)
    Call->Then(Call);
  KeSetEvent(&Call->Done, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

PIRP PrepareCall(PWSK_CALL Call) {
  if (Call->Completions != 0)
    IoReuseIrp(Call->Irp, STATUS_UNSUCCESSFUL);
  Call->Completions = 0;
  KeClearEvent(&Call->Done);
  IoSetCompletionRoutine(Call->Irp, OnCompletion, Call, TRUE, TRUE, TRUE);
  return Call->Irp;
}

static BOOLEAN WaitForObject(PVOID Object, ULONG Milliseconds) {
  LARGE_INTEGER Limit;

  Limit.QuadPart = -10000LL * Milliseconds;
  return KeWaitForSingleObject(Object, Executive, KernelMode, FALSE, &Limit) ==
         STATUS_SUCCESS;
}

BOOLEAN WaitForEvent(PKEVENT Event, ULONG Milliseconds) {
  return WaitForObject(Event, host_patience(Milliseconds));
}

/* Under torture much does not come, and the caller goes on without it, and uses
 * the call's memory again: so it is cancelled, and then it has to complete. */
BOOLEAN WaitForCall(PWSK_CALL Call) {
  if (WaitForEvent(&Call->Done, TEST_LONG))
    return TRUE;
  if (!host_is_tortured() || Call->Returned != STATUS_PENDING)
    return FALSE;
  CancelCall(Call);
  return WaitForObject(&Call->Done, TEST_LONG);
}

BOOLEAN IsCompleted(PWSK_CALL Call) {
  return KeReadStateEvent(&Call->Done) != 0;
}

BOOLEAN CancelCall(PWSK_CALL Call) {
  return IoCancelIrp(Call->Irp);
}

static VOID CheckWay(PWSK_CALL Call, CALL_WAY Way, const char *File, int Line) {
  BOOLEAN Pended = Call->Returned == STATUS_PENDING;

  if (Way != CallEither)
    ConformanceCheck(Pended == (Way == CallPended), File, Line,
                     Way == CallPended ? "the call pends"
                                       : "the call finishes at once");
  ConformanceCheck(Call->PendingReturned == Pended, File, Line,
                   "PendingReturned agrees with the returned status");
  if (!Pended)
    ConformanceCheckStatus(Call->Status, Call->Returned, File, Line,
                           "the returned status is the completed one");
}

VOID CheckCall(PWSK_CALL Call, CALL_WAY Way, NTSTATUS Status,
               ULONG_PTR Information, const char *File, int Line) {
  if (!ConformanceCheck(WaitForCall(Call), File, Line, "the IRP completes")) {
    ConformanceCheckStatus(STATUS_PENDING, Call->Returned, File, Line,
                           "returned, without a completion");
    return;
  }
  ConformanceCheckStatus(Status, Call->Status, File, Line,
                         "IoStatus.Status at completion");
  if (Information != TEST_ANY)
    ConformanceCheckNumber(Information, Call->Information, File, Line,
                           "IoStatus.Information at completion");
  ConformanceCheckNumber(1, (ULONGLONG)Call->Completions, File, Line,
                         "times the completion routine ran");
  ConformanceCheckNumber(DISPATCH_LEVEL, Call->Irql, File, Line,
                         "the completion routine's IRQL");
  CheckWay(Call, Way, File, Line);
}

/* ---- the functions --------------------------------------------------- */

static KIRQL Enter(VOID) {
  KIRQL Irql = KeGetCurrentIrql();

  if (TestAtDispatch && Irql < DISPATCH_LEVEL)
    KeRaiseIrql(DISPATCH_LEVEL, &Irql);
  return Irql;
}

static VOID Leave(KIRQL Irql) {
  if (TestAtDispatch && Irql < DISPATCH_LEVEL)
    KeLowerIrql(Irql);
}

const WSK_PROVIDER_CONNECTION_DISPATCH *DispatchOf(PWSK_SOCKET Socket) {
  return Socket->Dispatch;
}

BOOLEAN HasSocket(PWSK_CALL Call, PWSK_SOCKET Socket) {
  if (CHECK(Socket != NULL))
    return TRUE;
  PrepareCall(Call);
  Call->Returned = Call->Status = STATUS_INVALID_HANDLE;
  KeSetEvent(&Call->Done, IO_NO_INCREMENT, FALSE);
  return FALSE;
}

/* The completion may come first: Returned is the caller's, everything else the
 * completion routine's. */
#define MAKE_CALL(call, expression)                                            \
  do {                                                                         \
    PIRP Irp = PrepareCall(call);                                              \
    KIRQL Irql = Enter();                                                      \
    (call)->Returned = (expression);                                           \
    Leave(Irql);                                                               \
    return call;                                                               \
  } while (0)

/* The same of a socket that may have failed to come. */
#define CALL_SOCKET(call, socket, expression)                                  \
  do {                                                                         \
    if (!HasSocket(call, socket))                                              \
      return call;                                                             \
    MAKE_CALL(call, expression);                                               \
  } while (0)

PWSK_CALL CreateSocket(PWSK_CALL Call, ADDRESS_FAMILY Family, USHORT Type,
                       ULONG Protocol, ULONG Flags) {
  MAKE_CALL(Call, TestNpi.Dispatch->WskSocket(TestNpi.Client, Family, Type,
                                              Protocol, Flags, NULL, NULL, NULL,
                                              NULL, NULL, Irp));
}

PWSK_CALL CreateConnected(PWSK_CALL Call, PVOID Local, PVOID Remote) {
  MAKE_CALL(Call, TestNpi.Dispatch->WskSocketConnect(
                      TestNpi.Client, SOCK_STREAM, IPPROTO_TCP, Local, Remote,
                      0, NULL, NULL, NULL, NULL, NULL, Irp));
}

PWSK_CALL Bind(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Local) {
  CALL_SOCKET(Call, Socket, DispatchOf(Socket)->WskBind(Socket, Local, 0, Irp));
}

PWSK_CALL Connect(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Remote) {
  CALL_SOCKET(Call, Socket,
              DispatchOf(Socket)->WskConnect(Socket, Remote, 0, Irp));
}

PWSK_CALL ConnectEx(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Remote,
                    PWSK_BUF Buffer, ULONG Flags) {
  CALL_SOCKET(
      Call, Socket,
      DispatchOf(Socket)->WskConnectEx(Socket, Remote, Buffer, Flags, Irp));
}

PWSK_CALL Send(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
               ULONG Flags) {
  CALL_SOCKET(Call, Socket,
              DispatchOf(Socket)->WskSend(Socket, Buffer, Flags, Irp));
}

PWSK_CALL Receive(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                  ULONG Flags) {
  CALL_SOCKET(Call, Socket,
              DispatchOf(Socket)->WskReceive(Socket, Buffer, Flags, Irp));
}

PWSK_CALL Disconnect(PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer,
                     ULONG Flags) {
  CALL_SOCKET(Call, Socket,
              DispatchOf(Socket)->WskDisconnect(Socket, Buffer, Flags, Irp));
}

PWSK_CALL GetLocal(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Address) {
  CALL_SOCKET(Call, Socket,
              DispatchOf(Socket)->WskGetLocalAddress(Socket, Address, Irp));
}

PWSK_CALL GetRemote(PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Address) {
  CALL_SOCKET(Call, Socket,
              DispatchOf(Socket)->WskGetRemoteAddress(Socket, Address, Irp));
}

const WSK_PROVIDER_LISTEN_DISPATCH *ListenDispatchOf(PWSK_SOCKET Socket) {
  return Socket->Dispatch;
}

PWSK_CALL Accept(PWSK_CALL Call, PWSK_SOCKET Listener, PVOID Local,
                 PVOID Remote) {
  CALL_SOCKET(Call, Listener,
              ListenDispatchOf(Listener)->WskAccept(Listener, 0, NULL, NULL,
                                                    Local, Remote, Irp));
}

PWSK_CALL GetListenerLocal(PWSK_CALL Call, PWSK_SOCKET Listener,
                           PVOID Address) {
  CALL_SOCKET(
      Call, Listener,
      ListenDispatchOf(Listener)->WskGetLocalAddress(Listener, Address, Irp));
}

static VOID ForgetSocket(PWSK_SOCKET Socket) {
  ULONG i;

  for (i = 0; i < SocketCount; i++)
    if (Sockets[i] == Socket) {
      Sockets[i] = Sockets[--SocketCount];
      return;
    }
}

PWSK_CALL Close(PWSK_CALL Call, PWSK_SOCKET Socket) {
  ForgetSocket(Socket);
  CALL_SOCKET(Call, Socket, DispatchOf(Socket)->WskCloseSocket(Socket, Irp));
}

VOID CheckStillPending(PWSK_CALL Call, const char *File, int Line) {
  ConformanceCheckStatus(STATUS_PENDING, Call->Returned, File, Line,
                         "returned by a call that pends");
  /* A wait that nothing ends: I/O goes on meanwhile. */
  ConformanceCheck(!WaitForEvent(&Call->Done, TEST_MOMENT), File, Line,
                   "the call still pends");
}

/* ---- sockets --------------------------------------------------------- */

PWSK_SOCKET SocketOf(PWSK_CALL Call) {
  PWSK_SOCKET Socket;

  if (!WaitForCall(Call) || Call->Status != STATUS_SUCCESS)
    return NULL;
  Socket = (PWSK_SOCKET)Call->Information;
  if (SocketCount == MAX_SOCKETS)
    ConformanceGiveUp("too many sockets in one test");
  Sockets[SocketCount++] = Socket;
  return Socket;
}

PWSK_SOCKET OpenSocket(VOID) {
  PWSK_SOCKET Socket =
      SocketOf(CreateSocket(NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP,
                            WSK_FLAG_CONNECTION_SOCKET));

  CHECK(Socket != NULL);
  return Socket;
}

PWSK_SOCKET OpenBoundSocket(VOID) {
  TEST_ADDRESS Local;
  PWSK_SOCKET Socket = OpenSocket();

  if (Socket != NULL)
    CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Local, 0)), STATUS_SUCCESS,
                 0);
  return Socket;
}

PWSK_SOCKET OpenConnection(USHORT Port) {
  TEST_ADDRESS Remote;
  PWSK_SOCKET Socket = OpenBoundSocket();

  if (Socket != NULL)
    CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Remote, Port)),
                 STATUS_SUCCESS, 0);
  return Socket;
}

PWSK_SOCKET OpenListener(USHORT *Port) {
  PWSK_SOCKET Listener = SocketOf(CreateSocket(
      NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET));
  TEST_ADDRESS Address;

  *Port = 0;
  if (!CHECK(Listener != NULL))
    return NULL;
  CHECK_PENDED(Bind(NewCall(), Listener, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Listener, &Address), STATUS_SUCCESS,
                0);
  *Port = PortOf(&Address);
  return CHECK(*Port != 0) ? Listener : NULL;
}

PWSK_SOCKET OpenToPeer(ULONG Options, struct peer **Peer) {
  USHORT Port = peer_listen(TEST_IPV6, Options);
  PWSK_SOCKET Socket = NULL;

  *Peer = NULL;
  if (CHECK(Port != 0))
    Socket = OpenConnection(Port);
  if (Socket != NULL)
    *Peer = peer_accept(Port);
  CHECK(*Peer != NULL);
  return *Peer != NULL ? Socket : NULL;
}

/* ---- threads --------------------------------------------------------- */

static VOID NTAPI ThreadStart(PVOID Context) {
  PTEST_THREAD Thread = Context;

  Thread->Run(Thread->Context);
  PsTerminateSystemThread(STATUS_SUCCESS);
}

VOID StartThread(PTEST_THREAD Thread, VOID (*Run)(PVOID), PVOID Context) {
  HANDLE Handle;

  Thread->Run = Run;
  Thread->Context = Context;
  host_spare(1);
  if (!NT_SUCCESS(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL,
                                       NULL, ThreadStart, Thread)) ||
      !NT_SUCCESS(ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, NULL,
                                            KernelMode, &Thread->Object, NULL)))
    ConformanceGiveUp("no thread for the test itself");
  host_spare(0);
  ZwClose(Handle);
}

BOOLEAN ThreadEnds(PTEST_THREAD Thread, ULONG Milliseconds) {
  return WaitForObject(Thread->Object, host_patience(Milliseconds));
}

/* However long it takes: it uses memory of the test. */
VOID JoinThread(PTEST_THREAD Thread) {
  if (CHECK(WaitForObject(Thread->Object, TEST_LONG)))
    ObDereferenceObject(Thread->Object);
}

/* ---- set-up and tear-down -------------------------------------------- */

VOID ConformanceSetUp(const CONFORMANCE_TEST *Test, BOOLEAN Ipv6) {
  WSK_CLIENT_NPI Client;

  TestFamily = Ipv6 ? AF_INET6 : AF_INET;
  TestAtDispatch = FALSE;
  CompletionOrder = 0;
  if (!(Test->Flags & CONFORMANCE_CLIENT))
    return;
  Client.ClientContext = NULL;
  Client.Dispatch = &TestClientDispatch;
  CHECK_STATUS(STATUS_SUCCESS, WskRegister(&Client, &TestRegistration));
  CHECK_STATUS(STATUS_SUCCESS,
               WskCaptureProviderNPI(&TestRegistration, WSK_NO_WAIT, &TestNpi));
}

static VOID FreeCalls(VOID) {
  PWSK_CALL Call, Next;

  for (Call = Calls; Call != NULL; Call = Next) {
    Next = Call->Next;
    /* Still under way, after a failure: better lost than freed. */
    if (Call->Returned == STATUS_PENDING && Call->Completions == 0)
      continue;
    if (Call->Irp != NULL && !Call->OwnIrp)
      IoFreeIrp(Call->Irp);
    ExFreePoolWithTag(Call, TEST_TAG);
  }
  Calls = NULL;
}

VOID ConformanceTearDown(const CONFORMANCE_TEST *Test) {
  PWSK_SOCKET Accepted;

  TestAtDispatch = FALSE;
  while (SocketCount > 0)
    CHECK_PENDED(Close(NewCall(), Sockets[SocketCount - 1]), STATUS_SUCCESS, 0);
  while (host_is_tortured() && (Accepted = host_accepted()) != NULL)
    CHECK_PENDED(Close(NewCall(), Accepted), STATUS_SUCCESS, 0);
  if (Test->Flags & CONFORMANCE_CLIENT) {
    WskReleaseProviderNPI(&TestRegistration);
    WskDeregister(&TestRegistration);
  }
  FreeCalls();
  FreeBuffers();
}
