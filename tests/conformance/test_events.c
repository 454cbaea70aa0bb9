/* Which events are on: SO_WSK_EVENT_CALLBACK on connections, inheritance from
 * listening sockets, static events, and the send backlog. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "datawatch.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define ALL_OF_A_CONNECTION                                                    \
  (WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT | WSK_EVENT_SEND_BACKLOG)
#define OFF(event) ((event) | WSK_EVENT_DISABLE)

static DATA_WATCH Watch;

/* ---- on and off ------------------------------------------------------ */

static VOID several_events_are_enabled_in_one_call(VOID) {
  REQUIRE(OpenWatching(&Watch, ALL_OF_A_CONNECTION));
  host_set_ideal_backlog(Watch.Socket, 1000);
  peer_send_pattern(Watch.Peer, 0, 10);
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_EQUAL(10, Watch.EndPosition);
  CHECK_EQUAL(1, Watch.Backlogs);
  CHECK_WATCH(&Watch);
}

/* Defends against events of a socket that is not connected yet, or no more. */
static VOID only_a_connected_socket_enables_events(VOID) {
  TEST_ADDRESS Address;
  PWSK_SOCKET Socket;

  REQUIRE(OpenWatch(&Watch));
  Socket = SocketOf(CreateSocket(NewCall(), TestFamily, SOCK_STREAM,
                                 IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET));
  REQUIRE(Socket != NULL);
  CHECK_EVENTS(STATUS_INVALID_DEVICE_STATE, Socket, WSK_EVENT_RECEIVE);
  CHECK_AT_ONCE(ControlEventsWith(NewCall(), Socket, OFF(WSK_EVENT_RECEIVE)),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_EVENTS(STATUS_INVALID_DEVICE_STATE, Socket, WSK_EVENT_RECEIVE);
  CHECK_PENDED(Disconnect(NewCall(), Watch.Socket, NULL, WSK_FLAG_ABORTIVE),
               STATUS_SUCCESS, 0);
  CHECK_EVENTS(STATUS_INVALID_DEVICE_STATE, Watch.Socket, WSK_EVENT_RECEIVE);
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, OFF(WSK_EVENT_RECEIVE));
}

/* Defends against events of other categories, and against several that are
 * disabled at once. */
static VOID only_a_connections_events_are_controlled(VOID) {
  static const ULONG Masks[] = {
      0,
      WSK_EVENT_DISABLE,
      WSK_EVENT_ACCEPT,
      WSK_EVENT_RECEIVE_FROM,
      WSK_EVENT_RECEIVE | WSK_EVENT_ACCEPT,
      WSK_EVENT_RECEIVE | 0x1,
      OFF(WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT),
      OFF(WSK_EVENT_ACCEPT),
  };
  ULONG i;

  REQUIRE(OpenWatch(&Watch));
  for (i = 0; i < RTL_NUMBER_OF(Masks); i++) {
    CHECK_EVENTS(STATUS_INVALID_PARAMETER, Watch.Socket, Masks[i]);
    CHECK_AT_ONCE(ControlEventsWith(NewCall(), Watch.Socket, Masks[i]),
                  STATUS_INVALID_PARAMETER, 0);
  }
  peer_send_pattern(Watch.Peer, 0, 10);
  host_run_a_while();
  CHECK_EQUAL(0, ReceiveCalls(&Watch));
}

/* Defends against an answer that nobody has defined. */
static VOID events_cannot_be_queried(VOID) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, 0};

  REQUIRE(OpenWatch(&Watch));
  CHECK_STATUS(STATUS_NOT_SUPPORTED,
               DispatchOf(Watch.Socket)
                   ->WskControlSocket(Watch.Socket, WskGetOption,
                                      SO_WSK_EVENT_CALLBACK, SOL_SOCKET, 0,
                                      NULL, sizeof(Events), &Events, NULL,
                                      NULL));
}

/* Defends against an event that goes on, data that goes with it, and a second
 * enabling that fails. */
static VOID a_disabled_event_keeps_the_data(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, OFF(WSK_EVENT_RECEIVE));
  CHECK_AT_ONCE(
      ControlEventsWith(NewCall(), Watch.Socket, OFF(WSK_EVENT_RECEIVE)),
      STATUS_SUCCESS, 0);
  peer_send_pattern(Watch.Peer, 0, 10);
  host_run_a_while();
  CHECK_EQUAL(0, ReceiveCalls(&Watch));
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  REQUIRE(WaitForPosition(&Watch, 10));
  CHECK_WATCH(&Watch);
}

/* What OnReceive's Act does with the event it is called for. */
static NTSTATUS DisabledInside, OtherDisabledInside;

static VOID DisableInside(PDATA_WATCH W, PWSK_DATA_INDICATION List) {
  UNREFERENCED_PARAMETER(List);
  DisabledInside = ControlEvents(W->Socket, OFF(WSK_EVENT_RECEIVE), NULL);
  OtherDisabledInside =
      ControlEvents(W->Socket, OFF(WSK_EVENT_DISCONNECT), NULL);
}

/* Defends against a disable that says it is done while the callback runs. */
static VOID disabling_a_running_callback_says_so(VOID) {
  REQUIRE(OpenWatch(&Watch));
  Watch.Act = DisableInside;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, ALL_OF_A_CONNECTION);
  peer_send_pattern(Watch.Peer, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  host_run_a_while();
  CHECK_STATUS(STATUS_EVENT_PENDING, DisabledInside);
  CHECK_STATUS(STATUS_SUCCESS, OtherDisabledInside);
  peer_send_pattern(Watch.Peer, 10, 10);
  host_run_a_while();
  CHECK_EQUAL(1, ReceiveCalls(&Watch));
}

static VOID DisableWithIrpInside(PDATA_WATCH W, PWSK_DATA_INDICATION List) {
  PWSK_CALL Call = W->ActContext;

  UNREFERENCED_PARAMETER(List);
  W->ActContext = NULL;
  if (Call == NULL)
    return;
  ControlEventsWith(Call, W->Socket, OFF(WSK_EVENT_RECEIVE));
  CHECK(!IsCompleted(Call));
}

/* Defends against an IRP that completes while the callback runs, or never. */
static VOID disabling_with_an_irp_waits_for_the_callback(VOID) {
  PWSK_CALL Call = NewCall();

  REQUIRE(OpenWatch(&Watch));
  Watch.Act = DisableWithIrpInside;
  Watch.ActContext = Call;
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  peer_send_pattern(Watch.Peer, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  peer_send_pattern(Watch.Peer, 10, 10);
  host_run_a_while();
  CHECK_EQUAL(1, ReceiveCalls(&Watch));
}

static VOID ToggleEvents(PVOID Context) {
  PDATA_WATCH W = Context;
  PWSK_CALL Call = NewCall();
  ULONG i;

  for (i = 0; i < 200; i++) {
    ControlEvents(W->Socket, ALL_OF_A_CONNECTION, NULL);
    ControlEventsWith(Call, W->Socket, OFF(WSK_EVENT_RECEIVE));
    CHECK(WaitForCall(Call));
    CHECK_STATUS(STATUS_SUCCESS, Call->Status);
  }
  ControlEvents(W->Socket, ALL_OF_A_CONNECTION, NULL);
}

/* Defends against data that falls between on and off, and an IRP that waits for
 * a callback that was over. */
static VOID events_may_be_switched_while_data_comes(VOID) {
  const LONG Length = 4 * 1024 * 1024;
  TEST_THREAD Thread;

  REQUIRE(OpenWatch(&Watch));
  StartThread(&Thread, ToggleEvents, &Watch);
  peer_send_pattern(Watch.Peer, 0, (SIZE_T)Length);
  JoinThread(&Thread);
  REQUIRE(WaitForPosition(&Watch, Length));
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_WATCH(&Watch);
}

/* ---- what is reported ------------------------------------------------ */

static VOID enabling_with_an_irp_is_reported_and_completes_it(VOID) {
  REQUIRE(OpenWatch(&Watch));
  host_expect_reports();
  CHECK_AT_ONCE(ControlEventsWith(NewCall(), Watch.Socket, WSK_EVENT_RECEIVE),
                STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, host_reports("EVENTS-02"));
  peer_send_pattern(Watch.Peer, 0, 10);
  REQUIRE(WaitForPosition(&Watch, 10));
}

static VOID enabling_without_a_callback_is_reported(VOID) {
  WSK_CLIENT_CONNECTION_DISPATCH Half = WatchDispatch;

  host_expect_reports();
  Half.WskDisconnectEvent = NULL;
  REQUIRE(OpenWatchWith(&Watch, &Half));
  CHECK_EVENTS(STATUS_INVALID_PARAMETER, Watch.Socket, ALL_OF_A_CONNECTION);
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_RECEIVE);
  CHECK_EQUAL(1, host_reports("EVENTS-18"));
  REQUIRE(OpenWatchWith(&Watch, NULL));
  CHECK_EVENTS(STATUS_INVALID_PARAMETER, Watch.Socket, WSK_EVENT_RECEIVE);
  CHECK_EQUAL(2, host_reports("EVENTS-18"));
}

/* ---- the send backlog ------------------------------------------------ */

static SIZE_T QueryBacklog(PWSK_SOCKET Socket) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  SIZE_T Backlog = 0;

  Call->Returned = DispatchOf(Socket)->WskControlSocket(
      Socket, WskIoctl, SIO_WSK_QUERY_IDEAL_SEND_BACKLOG, 0, 0, NULL,
      sizeof(Backlog), &Backlog, NULL, Irp);
  CHECK_COMPLETED(Call, STATUS_SUCCESS, sizeof(Backlog));
  return Backlog;
}

/* Defends against a number that is told and another that is answered. */
static VOID a_new_send_backlog_is_told(VOID) {
  SIZE_T First;

  REQUIRE(OpenWatch(&Watch));
  First = QueryBacklog(Watch.Socket);
  CHECK(First > 0);
  host_set_ideal_backlog(Watch.Socket, First + 1);
  host_run_a_while();
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_SEND_BACKLOG);
  host_run_a_while();
  CHECK_EQUAL(0, Watch.Backlogs);
  host_set_ideal_backlog(Watch.Socket, First + 1);
  host_run_a_while();
  CHECK_EQUAL(0, Watch.Backlogs);
  host_set_ideal_backlog(Watch.Socket, 2 * First);
  REQUIRE(WaitForEvent(&Watch.Called, TEST_LONG));
  CHECK_EQUAL(1, Watch.Backlogs);
  CHECK_EQUAL(2 * First, Watch.Backlog);
  CHECK_EQUAL(DISPATCH_LEVEL, Watch.BacklogIrql);
  CHECK_EQUAL(2 * First, QueryBacklog(Watch.Socket));
}

/* ---- inheritance ----------------------------------------------------- */

#define CONNECTIONS 4

typedef struct _SERVER {
  PWSK_SOCKET Listener;
  USHORT Port;
  const WSK_CLIENT_CONNECTION_DISPATCH *Give;
  volatile LONG Accepted;
  KEVENT Called;
  DATA_WATCH Watches[CONNECTIONS];
} SERVER;

static SERVER Server;

static NTSTATUS WSKAPI OnAccept(PVOID Context, ULONG Flags, PSOCKADDR Local,
                                PSOCKADDR Remote, PWSK_SOCKET Socket,
                                PVOID *SocketContext,
                                CONST WSK_CLIENT_CONNECTION_DISPATCH **Table) {
  LONG Number = InterlockedIncrement(&Server.Accepted) - 1;

  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Local);
  UNREFERENCED_PARAMETER(Remote);
  if (Number >= CONNECTIONS)
    return STATUS_REQUEST_NOT_ACCEPTED;
  Server.Watches[Number].Socket = Socket;
  *SocketContext = &Server.Watches[Number];
  *Table = Server.Give;
  KeSetEvent(&Server.Called, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_LISTEN_DISPATCH ServerCallbacks = {OnAccept, NULL,
                                                           NULL};

static BOOLEAN OpenServer(VOID) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  TEST_ADDRESS Address;
  ULONG i;

  Server.Accepted = 0;
  Server.Give = &WatchDispatch;
  KeInitializeEvent(&Server.Called, SynchronizationEvent, FALSE);
  for (i = 0; i < CONNECTIONS; i++)
    InitializeWatch(&Server.Watches[i]);
  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_STREAM, IPPROTO_TCP,
      WSK_FLAG_LISTEN_SOCKET, NULL, &ServerCallbacks, NULL, NULL, NULL, Irp);
  Server.Listener = SocketOf(Call);
  if (!CHECK(Server.Listener != NULL))
    return FALSE;
  CHECK_PENDED(Bind(NewCall(), Server.Listener, Loopback(&Address, 0)),
               STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Server.Listener, &Address),
                STATUS_SUCCESS, 0);
  Server.Port = PortOf(&Address);
  return TRUE;
}

/* A connection that comes through WskAcceptEvent; NULL when none does. */
static PDATA_WATCH ComeIn(VOID) {
  PDATA_WATCH W =
      &Server.Watches[InterlockedCompareExchange(&Server.Accepted, 0, 0)];

  W->Peer = peer_connect(TEST_IPV6, Server.Port);
  if (!CHECK(W->Peer != NULL) ||
      !CHECK(WaitForEvent(&Server.Called, TEST_LONG)))
    return NULL;
  return W;
}

static VOID CloseComers(VOID) {
  ULONG i;

  for (i = 0; i < CONNECTIONS; i++)
    if (Server.Watches[i].Socket != NULL)
      CHECK_PENDED(Close(NewCall(), Server.Watches[i].Socket), STATUS_SUCCESS,
                   0);
}

/* Defends against connections whose first bytes are lost: they come before the
 * client could have enabled anything. */
static VOID accepted_sockets_inherit_their_events(VOID) {
  PDATA_WATCH W;

  REQUIRE(OpenServer());
  CHECK_EVENTS(STATUS_SUCCESS, Server.Listener, ALL_OF_A_CONNECTION);
  CHECK_EVENTS(STATUS_SUCCESS, Server.Listener, WSK_EVENT_ACCEPT);
  W = ComeIn();
  REQUIRE(W != NULL);
  peer_send_pattern(W->Peer, 0, 100);
  peer_finish(W->Peer);
  REQUIRE(WaitForEnds(W, 1));
  CHECK_EQUAL(100, W->EndPosition);
  CHECK_WATCH(W);
  CloseComers();
}

/* Defends against inheritance that ends with the first disabling. */
static VOID inheritance_survives_the_accept_event(VOID) {
  PDATA_WATCH W;

  REQUIRE(OpenServer());
  CHECK_EVENTS(STATUS_SUCCESS, Server.Listener,
               WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
  CHECK_EVENTS(STATUS_SUCCESS, Server.Listener, OFF(WSK_EVENT_ACCEPT));
  CHECK_EVENTS(STATUS_SUCCESS, Server.Listener, WSK_EVENT_ACCEPT);
  W = ComeIn();
  REQUIRE(W != NULL);
  peer_send_pattern(W->Peer, 0, 100);
  REQUIRE(WaitForPosition(W, 100));
  /* On the connection itself it can be switched off, though; the callback may
   * not have returned yet. */
  CHECK_COMPLETED(
      ControlEventsWith(NewCall(), W->Socket, OFF(WSK_EVENT_RECEIVE)),
      STATUS_SUCCESS, 0);
  CloseComers();
}

static VOID inheritance_cannot_be_disabled(VOID) {
  PDATA_WATCH W;

  REQUIRE(OpenServer());
  CHECK_EVENTS(STATUS_SUCCESS, Server.Listener,
               WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
  CHECK_EVENTS(STATUS_INVALID_PARAMETER, Server.Listener,
               OFF(WSK_EVENT_RECEIVE));
  W = ComeIn();
  REQUIRE(W != NULL);
  peer_send_pattern(W->Peer, 0, 100);
  REQUIRE(WaitForPosition(W, 100));
  CloseComers();
}

/* Defends against a WskAccept whose socket calls back. */
static VOID a_socket_from_an_accept_inherits_nothing(VOID) {
  PWSK_CALL Call = NewCall();
  PTEST_BUFFER Buffer = NewBuffer(100);
  PIRP Irp = PrepareCall(Call);
  struct peer *Peer;
  PWSK_SOCKET Socket;

  REQUIRE(OpenServer());
  CHECK_EVENTS(STATUS_SUCCESS, Server.Listener,
               WSK_EVENT_ACCEPT | ALL_OF_A_CONNECTION);
  Call->Returned = ListenDispatchOf(Server.Listener)
                       ->WskAccept(Server.Listener, 0, &Server.Watches[0],
                                   &WatchDispatch, NULL, NULL, Irp);
  Peer = peer_connect(TEST_IPV6, Server.Port);
  Socket = SocketOf(Call);
  REQUIRE(Peer != NULL && Socket != NULL);
  peer_send_pattern(Peer, 0, 100);
  host_run_a_while();
  CHECK_EQUAL(0, ReceiveCalls(&Server.Watches[0]));
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL),
                  STATUS_SUCCESS, 100);
}

/* Defends against a call of a function that is not there. */
static VOID inheriting_without_callbacks_is_reported(VOID) {
  PDATA_WATCH W;

  REQUIRE(OpenServer());
  host_expect_reports();
  Server.Give = NULL;
  CHECK_EVENTS(STATUS_SUCCESS, Server.Listener,
               WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE);
  W = ComeIn();
  REQUIRE(W != NULL);
  peer_send_pattern(W->Peer, 0, 100);
  host_run_a_while();
  CHECK_EQUAL(1, host_reports("ACCEPTEV-04"));
  CHECK_EQUAL(1, host_all_reports());
  CHECK_EQUAL(0, ReceiveCalls(W));
  CloseComers();
}

/* ---- static events --------------------------------------------------- */

static NTSTATUS SetStatic(ULONG Mask) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, Mask};

  return TestNpi.Dispatch->WskControlClient(
      TestNpi.Client, WSK_SET_STATIC_EVENT_CALLBACKS, sizeof(Events), &Events,
      0, NULL, NULL, NULL);
}

/* Defends against events that wait for the first SO_WSK_EVENT_CALLBACK, and
 * against those of other categories. */
static VOID static_events_are_on_from_the_start(VOID) {
  CHECK_STATUS(STATUS_SUCCESS,
               SetStatic(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE_FROM |
                         ALL_OF_A_CONNECTION));
  REQUIRE(OpenWatch(&Watch));
  peer_send_pattern(Watch.Peer, 0, 100);
  REQUIRE(WaitForPosition(&Watch, 100));
  peer_finish(Watch.Peer);
  REQUIRE(WaitForEnds(&Watch, 1));
  CHECK_WATCH(&Watch);
}

static VOID a_listeners_static_events_are_on_when_bound(VOID) {
  PDATA_WATCH W;

  CHECK_STATUS(STATUS_SUCCESS, SetStatic(WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE));
  REQUIRE(OpenServer());
  W = ComeIn();
  REQUIRE(W != NULL);
  peer_send_pattern(W->Peer, 0, 100);
  REQUIRE(WaitForPosition(W, 100));
  CHECK_WATCH(W);
  CloseComers();
}

static VOID a_socket_from_an_accept_has_static_events(VOID) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  struct peer *Peer;

  CHECK_STATUS(STATUS_SUCCESS, SetStatic(WSK_EVENT_RECEIVE));
  REQUIRE(OpenServer());
  Call->Returned = ListenDispatchOf(Server.Listener)
                       ->WskAccept(Server.Listener, 0, &Server.Watches[0],
                                   &WatchDispatch, NULL, NULL, Irp);
  Peer = peer_connect(TEST_IPV6, Server.Port);
  REQUIRE(Peer != NULL && SocketOf(Call) != NULL);
  peer_send_pattern(Peer, 0, 100);
  REQUIRE(WaitForPosition(&Server.Watches[0], 100));
  CHECK_WATCH(&Server.Watches[0]);
}

static VOID static_events_stay_as_they_are(VOID) {
  CHECK_STATUS(STATUS_SUCCESS, SetStatic(WSK_EVENT_RECEIVE));
  REQUIRE(OpenWatch(&Watch));
  CHECK_EVENTS(STATUS_INVALID_PARAMETER, Watch.Socket, OFF(WSK_EVENT_RECEIVE));
  CHECK_AT_ONCE(
      ControlEventsWith(NewCall(), Watch.Socket, OFF(WSK_EVENT_RECEIVE)),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_EVENTS(STATUS_INVALID_PARAMETER, Watch.Socket, WSK_EVENT_RECEIVE);
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_DISCONNECT);
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, OFF(WSK_EVENT_DISCONNECT));
  peer_send_pattern(Watch.Peer, 0, 100);
  REQUIRE(WaitForPosition(&Watch, 100));
  CHECK_WATCH(&Watch);
}

static VOID a_socket_without_static_callbacks_is_reported(VOID) {
  CHECK_STATUS(STATUS_SUCCESS, SetStatic(WSK_EVENT_RECEIVE));
  REQUIRE(OpenWatch(&Watch));
  host_expect_reports();
  REQUIRE(OpenWatchWith(&Watch, NULL));
  CHECK_EQUAL(1, host_reports("STATICEV-06"));
  peer_send_pattern(Watch.Peer, 0, 100);
  host_run_a_while();
  CHECK_EQUAL(1, host_all_reports());
}

CONFORMANCE_GROUP(events) = {
    TEST(several_events_are_enabled_in_one_call, "EVENTS-07"),
    TEST(only_a_connected_socket_enables_events, "EVENTS-10"),
    TEST(only_a_connections_events_are_controlled,
         "EVENTS-08 EVENTS-11 CAT-04"),
    TEST(events_cannot_be_queried, "EVENTS-01"),
    TEST(a_disabled_event_keeps_the_data, "EVENTS-03 EVENTS-06"),
    TEST(disabling_a_running_callback_says_so, "EVENTS-05"),
    TEST(disabling_with_an_irp_waits_for_the_callback, "EVENTS-04"),
    TEST(events_may_be_switched_while_data_comes, "EVENTS-04 EVENTS-06"),
    TEST(enabling_with_an_irp_is_reported_and_completes_it, "EVENTS-02"),
    TEST(enabling_without_a_callback_is_reported, "EVENTS-18"),
    TEST(a_new_send_backlog_is_told, "BACKLOGEV-01 IRQL-06"),
    TEST(accepted_sockets_inherit_their_events, "EVENTS-13 ACCEPTEV-04"),
    TEST(inheritance_survives_the_accept_event, "EVENTS-16"),
    TEST(inheritance_cannot_be_disabled, "EVENTS-15"),
    TEST(a_socket_from_an_accept_inherits_nothing, "EVENTS-14"),
    TEST(inheriting_without_callbacks_is_reported, "ACCEPTEV-04"),
    TEST(static_events_are_on_from_the_start, "STATICEV-03 STATICEV-04"),
    TEST(a_listeners_static_events_are_on_when_bound,
         "STATICEV-03 STATICEV-04"),
    TEST(a_socket_from_an_accept_has_static_events, "STATICEV-04"),
    TEST(static_events_stay_as_they_are, "STATICEV-05"),
    TEST(a_socket_without_static_callbacks_is_reported, "STATICEV-06"),
};
