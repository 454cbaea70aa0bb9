/* WskAccept when the world fails, when two threads meet, and in masses. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* ---- out of memory and descriptors ----------------------------------- */

static BOOLEAN CheckUsable(PWSK_SOCKET Accepted, struct peer *Peer) {
  if (!CHECK(Accepted != NULL && Peer != NULL))
    return FALSE;
  CHECK_PENDED(Send(NewCall(), Accepted, &BufferOf("hello", 5)->Wsk, 0),
               STATUS_SUCCESS, 5);
  return CHECK(peer_expect(Peer, "hello", 5));
}

/* One accept that pends while the nth allocation fails: TRUE when it failed.
 * The connection must not be lost with it. */
static BOOLEAN TryPendingAccept(ULONG Nth) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Accepted;
  PWSK_CALL Call = NewCall(), Again = NewCall();
  struct peer *Peer;
  BOOLEAN Struck;

  if (Listener == NULL)
    return FALSE;
  Accept(Call, Listener, NULL, NULL);
  host_fail_allocation(Nth);
  Peer = peer_connect(TEST_IPV6, Port);
  WaitForCall(Call);
  Struck = host_allocation_failed() != 0;
  host_fail_allocation(0);
  CHECK_PENDED(Call, Struck ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS,
               Struck ? 0 : TEST_ANY);
  Accepted = SocketOf(Struck ? Accept(Again, Listener, NULL, NULL) : Call);
  CheckUsable(Accepted, Peer);
  CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
  return Struck;
}

static VOID an_accept_without_memory_fails_and_loses_nothing(VOID) {
  ULONG Nth = 1;

  while (Nth < 20 && TryPendingAccept(Nth))
    Nth++;
  CHECK(Nth > 1 && Nth < 20);
}

/* Defends against a connection that comes when there is no memory and no IRP
 * to tell it to. */
static VOID a_connection_without_memory_waits(VOID) {
  ULONG Nth;

  for (Nth = 1; Nth <= 2; Nth++) {
    USHORT Port;
    PWSK_SOCKET Listener = OpenListener(&Port);
    struct peer *Peer;

    REQUIRE(Listener != NULL);
    host_fail_allocation(Nth);
    Peer = peer_connect(TEST_IPV6, Port);
    host_run_a_while();
    host_fail_allocation(0);
    CheckUsable(SocketOf(Accept(NewCall(), Listener, NULL, NULL)), Peer);
  }
}

/* Defends against a listener that ends with the descriptors. A connection that
 * came meanwhile is the host's to keep or to drop. */
static VOID a_listener_without_descriptors_goes_on(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Accepted;
  PWSK_CALL Call = NewCall(), Connecting = NewCall();
  PWSK_SOCKET Client = OpenBoundSocket();
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Listener != NULL && Client != NULL);
  Accept(Call, Listener, NULL, NULL);
  if (!host_take_descriptors()) {
    CHECK(host_is_windows());
    return;
  }
  CHECK_PENDED(Connect(Connecting, Client, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  host_run_a_while();
  host_give_descriptors();
  Peer = peer_connect(TEST_IPV6, Port);
  Accepted = SocketOf(Call);
  REQUIRE(Peer != NULL && Accepted != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Accepted);
}

/* ---- more than there is room for ------------------------------------- */

#define FLOOD 160 /* more than a listener keeps, fewer than it and its host */

/* Defends against a listener that takes whatever comes and lets it pile up, and
 * against one that never goes on when it was full. */
static VOID a_listener_keeps_so_many_and_leaves_the_rest_to_the_host(VOID) {
  static USHORT Ports[FLOOD];
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  unsigned long long Before, Few;
  TEST_ADDRESS Remote;
  ULONG i;

  REQUIRE(Listener != NULL);
  Before = host_allocations();
  for (i = 0; i < FLOOD; i++) {
    struct peer *Peer = peer_connect(TEST_IPV6, Port);

    REQUIRE(Peer != NULL);
    Ports[i] = peer_local_port(Peer);
  }
  host_run_a_while();
  Few = host_allocations() - Before;
  /* Two for each that was taken: its socket and its handle. */
  CHECK(Few <= 2 * 128);
  for (i = 0; i < FLOOD; i++) {
    PWSK_SOCKET Accepted = SocketOf(Accept(NewCall(), Listener, NULL, &Remote));

    REQUIRE(Accepted != NULL);
    CHECK_EQUAL(Ports[i], PortOf(&Remote));
    CHECK_PENDED(Close(NewCall(), Accepted), STATUS_SUCCESS, 0);
  }
}

/* ---- races ----------------------------------------------------------- */

#define ROUNDS 40

typedef struct _ACTOR {
  TEST_THREAD Thread;
  KEVENT Go;
  PWSK_CALL Call;
  PWSK_SOCKET Listener;
  ULONG Delay; /* microseconds */
} ACTOR;

static VOID CancelOnGo(PVOID Context) {
  ACTOR *Actor = Context;

  WaitForEvent(&Actor->Go, TEST_LONG);
  KeStallExecutionProcessor(Actor->Delay);
  CancelCall(Actor->Call);
}

static VOID StartActor(ACTOR *Actor, VOID (*Run)(PVOID), ULONG Round) {
  KeInitializeEvent(&Actor->Go, NotificationEvent, FALSE);
  Actor->Delay = (Round % 10) * 10;
  StartThread(&Actor->Thread, Run, Actor);
}

/* Defends against a connection that goes to an accept that is cancelled, and is
 * lost with it. */
static VOID a_cancel_races_with_a_connection(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  ULONG Round;

  REQUIRE(Listener != NULL);
  for (Round = 0; Round < ROUNDS; Round++) {
    PWSK_CALL Call = NewCall();
    struct peer *Peer;
    ACTOR Actor;

    Actor.Call = Accept(Call, Listener, NULL, NULL);
    StartActor(&Actor, CancelOnGo, Round);
    KeSetEvent(&Actor.Go, IO_NO_INCREMENT, FALSE);
    Peer = peer_connect(TEST_IPV6, Port);
    JoinThread(&Actor.Thread);
    CHECK(WaitForCall(Call));
    if (Call->Status == STATUS_CANCELLED) {
      CHECK_PENDED(Call, STATUS_CANCELLED, 0);
      Call = Accept(NewCall(), Listener, NULL, NULL);
    }
    CHECK_COMPLETED(Call, STATUS_SUCCESS, TEST_ANY);
    REQUIRE(CheckUsable(SocketOf(Call), Peer));
    peer_close(Peer);
    CHECK_PENDED(Close(NewCall(), (PWSK_SOCKET)Call->Information),
                 STATUS_SUCCESS, 0);
  }
}

static VOID ConnectOnGo(PVOID Context) {
  ACTOR *Actor = Context;
  TEST_ADDRESS Address;

  WaitForEvent(&Actor->Go, TEST_LONG);
  KeStallExecutionProcessor(Actor->Delay);
  Connect(Actor->Call, Actor->Listener,
          Loopback(&Address, (USHORT)(ULONG_PTR)Actor->Call->ThenContext));
  WaitForCall(Actor->Call);
}

/* Defends against an accept that is completed by the close and by a connection,
 * and a connection that nobody closes. */
static VOID a_close_races_with_a_connection(VOID) {
  ULONG Round, i;

  for (Round = 0; Round < ROUNDS; Round++) {
    USHORT Port;
    PWSK_SOCKET Listener = OpenListener(&Port), Client = OpenBoundSocket();
    PWSK_CALL Calls[2];
    ACTOR Actor;

    REQUIRE(Listener != NULL && Client != NULL);
    for (i = 0; i < 2; i++)
      Calls[i] = Accept(NewCall(), Listener, NULL, NULL);
    Actor.Call = NewCall();
    Actor.Call->ThenContext = (PVOID)(ULONG_PTR)Port;
    Actor.Listener = Client;
    StartActor(&Actor, ConnectOnGo, Round);
    KeSetEvent(&Actor.Go, IO_NO_INCREMENT, FALSE);
    KeStallExecutionProcessor(40);
    CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
    JoinThread(&Actor.Thread);
    CHECK_PENDED(Calls[1], STATUS_CANCELLED, 0);
    CHECK(WaitForCall(Calls[0]));
    if (Calls[0]->Status == STATUS_SUCCESS)
      CHECK(SocketOf(Calls[0]) != NULL);
    else
      CHECK_PENDED(Calls[0], STATUS_CANCELLED, 0);
    CHECK_PENDED(Close(NewCall(), Client), STATUS_SUCCESS, 0);
  }
}

/* ---- masses ---------------------------------------------------------- */

#define BATCH   50
#define BATCHES 20

static volatile LONG Completed;

static VOID Count(PWSK_CALL Call) {
  UNREFERENCED_PARAMETER(Call);
  InterlockedIncrement(&Completed);
}

/* Some accepts queue before their connections come, the others find them. */
static VOID AcceptBatch(PWSK_SOCKET Listener, USHORT Port) {
  PWSK_CALL Accepts[BATCH], Connects[BATCH];
  TEST_ADDRESS Local, Remote;
  ULONG i;

  Wildcard(&Local, 0);
  Loopback(&Remote, Port);
  for (i = 0; i < BATCH; i++) {
    Accepts[i] = NewCall();
    Accepts[i]->Then = Count;
    Connects[i] = NewCall();
  }
  for (i = 0; i < BATCH / 2; i++)
    Accept(Accepts[i], Listener, NULL, NULL);
  for (i = 0; i < BATCH; i++)
    CreateConnected(Connects[i], &Local, &Remote);
  for (i = 0; i < BATCH; i++)
    CHECK_PENDED(Connects[i], STATUS_SUCCESS, TEST_ANY);
  for (i = BATCH / 2; i < BATCH; i++)
    Accept(Accepts[i], Listener, NULL, NULL);
  for (i = 0; i < BATCH; i++) {
    CHECK_COMPLETED(Accepts[i], STATUS_SUCCESS, TEST_ANY);
    CHECK_PENDED(Close(NewCall(), (PWSK_SOCKET)Accepts[i]->Information),
                 STATUS_SUCCESS, 0);
    CHECK_PENDED(Close(NewCall(), (PWSK_SOCKET)Connects[i]->Information),
                 STATUS_SUCCESS, 0);
  }
}

/* Defends against an IRP that is lost or completed twice under load. */
static VOID a_thousand_connections_are_accepted(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL Last = NewCall();
  ULONG Batch;

  REQUIRE(Listener != NULL);
  Completed = 0;
  for (Batch = 0; Batch < BATCHES; Batch++)
    AcceptBatch(Listener, Port);
  CHECK_EQUAL(BATCH * BATCHES, Completed);
  CHECK_STILL_PENDING(Accept(Last, Listener, NULL, NULL));
}

CONFORMANCE_GROUP(accept_failures) = {
    TEST(an_accept_without_memory_fails_and_loses_nothing, "IRP-02 ACCEPT-03"),
    TEST(a_connection_without_memory_waits, "ACCEPT-02"),
    TEST(a_listener_without_descriptors_goes_on, "ACCEPT-03"),
    TEST(a_listener_keeps_so_many_and_leaves_the_rest_to_the_host, "ACCEPT-02"),
    TEST(a_cancel_races_with_a_connection, "IRP-19"),
    TEST(a_close_races_with_a_connection, "CLOSE-02 OBS-11"),
    TEST(a_thousand_connections_are_accepted, "ACCEPT-03 IRP-02"),
};
