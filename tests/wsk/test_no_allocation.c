/*
 * What a steady stream of sends and receives costs: no memory, and no copy.
 * Kernel code; what the host allocates and reads is watched by watch_host.c.
 */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "datawatch.h"
#include "host.h"
#include "peer.h"
#include "watch_host.h"
#include "wskcall.h"
#include "wskdatagram.h"

#define ROUNDS  1000
#define WARM_UP 20

typedef struct _TRAFFIC {
  PWSK_SOCKET Socket;
  struct peer *Peer;
  PTEST_BUFFER Out, In;
  PWSK_CALL Sending, Receiving;
  SIZE_T Echoed;
} TRAFFIC;

static BOOLEAN Open(TRAFFIC *Traffic, ULONG Length) {
  Traffic->Socket = OpenToPeer(PEER_ECHO, &Traffic->Peer);
  Traffic->Out = BufferOfPattern(0, Length);
  Traffic->In = NewBuffer(Length);
  Traffic->Sending = NewCall();
  Traffic->Receiving = NewCall();
  Traffic->Echoed = 0;
  return Traffic->Socket != NULL;
}

static VOID SendOne(TRAFFIC *Traffic) {
  CHECK_PENDED(Send(Traffic->Sending, Traffic->Socket, &Traffic->Out->Wsk, 0),
               STATUS_SUCCESS, Traffic->Out->Wsk.Length);
  Traffic->Echoed += Traffic->Out->Wsk.Length;
}

/* The receive pends when the answer comes. */
static VOID PendingRound(TRAFFIC *Traffic) {
  Receive(Traffic->Receiving, Traffic->Socket, &Traffic->In->Wsk,
          WSK_FLAG_WAITALL);
  SendOne(Traffic);
  CHECK_PENDED(Traffic->Receiving, STATUS_SUCCESS, Traffic->In->Wsk.Length);
}

/* The answer is there when it is received. */
static VOID DirectRound(TRAFFIC *Traffic) {
  SendOne(Traffic);
  CHECK(peer_expect_echoed(Traffic->Peer, Traffic->Echoed));
  CHECK_COMPLETED(Receive(Traffic->Receiving, Traffic->Socket,
                          &Traffic->In->Wsk, WSK_FLAG_WAITALL),
                  STATUS_SUCCESS, Traffic->In->Wsk.Length);
}

static VOID CountAllocations(VOID (*Round)(TRAFFIC *), ULONG Length) {
  TRAFFIC Traffic;
  unsigned long long Ours, Hosts;
  ULONG i;

  REQUIRE(Open(&Traffic, Length));
  for (i = 0; i < WARM_UP; i++)
    Round(&Traffic);
  Ours = host_allocations();
  Hosts = watch_allocations();
  for (i = 0; i < ROUNDS; i++)
    Round(&Traffic);
  CHECK_EQUAL(0, host_allocations() - Ours);
  CHECK_EQUAL(0, watch_allocations() - Hosts);
}

/* Defends against an allocation per operation, ours or libuv's. */
static VOID pending_receives_allocate_nothing(VOID) {
  CountAllocations(PendingRound, 64);
  CountAllocations(PendingRound, 8192);
}

static VOID direct_receives_allocate_nothing(VOID) {
  CountAllocations(DirectRound, 64);
  CountAllocations(DirectRound, 8192);
}

/* ---- events ---------------------------------------------------------- */

static volatile LONG Indicated; /* bytes */
static KEVENT Called;

static VOID Note(SIZE_T Bytes) {
  InterlockedExchangeAdd(&Indicated, (LONG)Bytes);
  KeSetEvent(&Called, IO_NO_INCREMENT, FALSE);
}

static NTSTATUS WSKAPI OnReceive(PVOID Context, ULONG Flags,
                                 PWSK_DATA_INDICATION List, SIZE_T Bytes,
                                 SIZE_T *BytesAccepted) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(List);
  UNREFERENCED_PARAMETER(BytesAccepted);
  Note(Bytes);
  return STATUS_SUCCESS;
}

static NTSTATUS WSKAPI OnReceiveFrom(PVOID Context, ULONG Flags,
                                     PWSK_DATAGRAM_INDICATION List) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  for (; List != NULL; List = List->Next)
    Note(List->Buffer.Length);
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_CONNECTION_DISPATCH ConnectionCallbacks = {
    .WskReceiveEvent = OnReceive};
static const WSK_CLIENT_DATAGRAM_DISPATCH DatagramCallbacks = {OnReceiveFrom};

/* A connection to a peer that echoes, or a datagram socket that sends to
 * itself. */
typedef struct _ECHO {
  PWSK_SOCKET Socket;
  PTEST_BUFFER Out;
  PWSK_CALL Call;
  BOOLEAN Datagrams;
  TEST_ADDRESS Remote;
} ECHO;

static VOID OpenEcho(ECHO *Echo) {
  USHORT Port = peer_listen(TEST_IPV6, PEER_ECHO);
  TEST_ADDRESS Address;
  PIRP Irp = PrepareCall(Echo->Call);

  Echo->Call->Returned =
      TestNpi.Dispatch->WskSocket(TestNpi.Client, TestFamily, SOCK_STREAM,
                                  IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET, NULL,
                                  &ConnectionCallbacks, NULL, NULL, NULL, Irp);
  Echo->Socket = SocketOf(Echo->Call);
  REQUIRE(Echo->Socket != NULL);
  CHECK_PENDED(Bind(NewCall(), Echo->Socket, Wildcard(&Address, 0)),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(Connect(NewCall(), Echo->Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  CHECK_EVENTS(STATUS_SUCCESS, Echo->Socket, WSK_EVENT_RECEIVE);
}

static VOID OpenDatagrams(ECHO *Echo) {
  USHORT Port;

  Echo->Datagrams = TRUE;
  Echo->Socket = OpenDatagramWith(&DatagramCallbacks, NULL, &Port);
  REQUIRE(Echo->Socket != NULL);
  Loopback(&Echo->Remote, Port);
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Echo->Socket, WSK_EVENT_RECEIVE_FROM));
}

static VOID EchoRound(ECHO *Echo) {
  LONG Length = (LONG)Echo->Out->Wsk.Length;

  InterlockedExchange(&Indicated, 0);
  if (Echo->Datagrams)
    SendTo(Echo->Call, Echo->Socket, &Echo->Out->Wsk, &Echo->Remote);
  else
    Send(Echo->Call, Echo->Socket, &Echo->Out->Wsk, 0);
  CHECK_PENDED(Echo->Call, STATUS_SUCCESS, (ULONG_PTR)Length);
  while (InterlockedOr(&Indicated, 0) < Length)
    REQUIRE(WaitForEvent(&Called, TEST_LONG));
}

static VOID CountEvents(VOID (*OpenIt)(ECHO *), ULONG Length) {
  ECHO Echo = {.Call = NewCall(), .Out = BufferOfPattern(0, Length)};
  unsigned long long Ours, Hosts;
  ULONG i;

  KeInitializeEvent(&Called, SynchronizationEvent, FALSE);
  OpenIt(&Echo);
  REQUIRE(Echo.Socket != NULL);
  for (i = 0; i < WARM_UP; i++)
    EchoRound(&Echo);
  Ours = host_allocations();
  Hosts = watch_allocations();
  for (i = 0; i < ROUNDS; i++)
    EchoRound(&Echo);
  CHECK_EQUAL(0, host_allocations() - Ours);
  CHECK_EQUAL(0, watch_allocations() - Hosts);
}

/* Defends against an allocation per indication, ours or libuv's. */
static VOID indicated_data_allocate_nothing(VOID) {
  CountEvents(OpenEcho, 64);
  CountEvents(OpenEcho, 8192);
}

static VOID indicated_datagrams_allocate_nothing(VOID) {
  CountEvents(OpenDatagrams, 64);
  CountEvents(OpenDatagrams, 8192);
}

/* ---- the watch ------------------------------------------------------- */

/* Defends against a watch that sees nothing, and so proves nothing. */
static VOID the_watch_sees_allocations(VOID) {
  unsigned long long Before = watch_allocations();
  PVOID Block = ExAllocatePoolWithTag(NonPagedPool, 123457, 'tseT');

  CHECK(watch_allocations() > Before);
  if (Block != NULL)
    ExFreePoolWithTag(Block, 'tseT');
}

/* Defends against a buffer between the host's kernel and the client's MDL. */
static VOID a_pending_receive_is_filled_by_the_hosts_read(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4000);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Buffer->Wsk.Offset = 100;
  Buffer->Wsk.Length = 3000;
  Call = Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  CHECK_STILL_PENDING(Call);
  watch_reads();
  peer_send_pattern(Peer, 0, 3000);
  CHECK_PENDED(Call, STATUS_SUCCESS, 3000);
  /* All 3000 bytes were read, and to where they belong. */
  CHECK_EQUAL(3000, watch_read_into(Buffer->Pieces[0] + 100, 3000));
  CHECK(BufferIsPattern(Buffer, 100, 0, 3000));
}

/* Defends against the same on the direct path. */
static VOID a_direct_receive_is_filled_by_the_hosts_read(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4000);

  REQUIRE(Socket != NULL);
  peer_send_pattern(Peer, 0, 4000);
  CHECK(peer_flush(Peer));
  watch_reads();
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL),
                  STATUS_SUCCESS, 4000);
  CHECK_EQUAL(4000, watch_read_into(Buffer->Pieces[0], 4000));
  CHECK(BufferIsPattern(Buffer, 0, 0, 4000));
}

CONFORMANCE_GROUP(no_allocation) = {
    TEST(pending_receives_allocate_nothing, ""),
    TEST(direct_receives_allocate_nothing, ""),
    TEST(indicated_data_allocate_nothing, ""),
    TEST(indicated_datagrams_allocate_nothing, ""),
    TEST_ONCE(the_watch_sees_allocations, ""),
    TEST(a_pending_receive_is_filled_by_the_hosts_read, ""),
    TEST(a_direct_receive_is_filled_by_the_hosts_read, ""),
};
