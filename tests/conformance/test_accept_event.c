/* WskAcceptEvent and SO_WSK_EVENT_CALLBACK on listening sockets. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define MAX_ACCEPTED 64

/* What the callback of a test does and has seen. */
typedef struct _WATCH {
  PWSK_SOCKET Listener;
  BOOLEAN Refuse;
  PWSK_CALL ToClose;       /* closes the listener, once */
  PWSK_CALL ToCloseSocket; /* closes the new socket, once */
  PWSK_CALL ToDisable;     /* disables the event, once, with its IRP */
  BOOLEAN Disable;         /* … without one */
  NTSTATUS Disabled;
  BOOLEAN CompletedInside;
  KEVENT Called;

  volatile LONG Inside, Overlaps;
  LONG Begun;          /* by the callback alone */
  volatile LONG Calls; /* that have returned, nearly: see Calls() */
  ULONG Flags;
  KIRQL Irql;
  TEST_ADDRESS Local, Remote;
  PWSK_SOCKET Sockets[MAX_ACCEPTED];
} WATCH;

static WATCH Watch;
static const WSK_CLIENT_CONNECTION_DISPATCH NoCallbacks;

/* What a callback wrote before it is counted can be read after. */
static LONG Calls(VOID) {
  return InterlockedCompareExchange(&Watch.Calls, 0, 0);
}

static NTSTATUS Control(PWSK_SOCKET Socket, ULONG Mask, PIRP Irp) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, Mask};

  return ListenDispatchOf(Socket)->WskControlSocket(
      Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof(Events),
      &Events, 0, NULL, NULL, Irp);
}

static PWSK_CALL ControlWithIrp(PWSK_CALL Call, PWSK_SOCKET Socket,
                                ULONG Mask) {
  PIRP Irp = PrepareCall(Call);

  Call->Returned = Control(Socket, Mask, Irp);
  return Call;
}

/* What a test wants of the listener from inside the callback. */
static VOID ActInside(WATCH *W) {
  PWSK_CALL Call = W->ToClose;

  W->ToClose = NULL;
  if (Call != NULL) {
    Close(Call, W->Listener);
    W->CompletedInside = IsCompleted(Call);
  }
  Call = W->ToDisable;
  W->ToDisable = NULL;
  if (Call != NULL) {
    ControlWithIrp(Call, W->Listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE);
    W->CompletedInside = IsCompleted(Call);
  }
  if (W->Disable)
    W->Disabled =
        Control(W->Listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE, NULL);
}

static NTSTATUS WSKAPI OnAccept(PVOID Context, ULONG Flags, PSOCKADDR Local,
                                PSOCKADDR Remote, PWSK_SOCKET Socket,
                                PVOID *SocketContext,
                                CONST WSK_CLIENT_CONNECTION_DISPATCH **Table) {
  WATCH *W = Context;
  SIZE_T Size = TEST_IPV6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
  LONG Number = W->Begun++;
  BOOLEAN Refuse = W->Refuse;
  PWSK_CALL Closing = W->ToCloseSocket;

  if (InterlockedIncrement(&W->Inside) != 1)
    InterlockedIncrement(&W->Overlaps);
  W->Flags = Flags;
  W->Irql = KeGetCurrentIrql();
  RtlCopyMemory(&W->Local, Local, Size);
  RtlCopyMemory(&W->Remote, Remote, Size);
  if (Number < MAX_ACCEPTED)
    W->Sockets[Number] = Refuse ? NULL : Socket;
  *SocketContext = NULL;
  *Table = &NoCallbacks;
  ActInside(W);
  W->ToCloseSocket = NULL;
  if (Closing != NULL)
    Close(Closing, Socket);
  InterlockedDecrement(&W->Inside);
  InterlockedIncrement(&W->Calls);
  KeSetEvent(&W->Called, IO_NO_INCREMENT, FALSE);
  return Refuse ? STATUS_REQUEST_NOT_ACCEPTED : STATUS_SUCCESS;
}

static const WSK_CLIENT_LISTEN_DISPATCH Callbacks = {OnAccept, NULL, NULL};

static PWSK_SOCKET CreateWith(const WSK_CLIENT_LISTEN_DISPATCH *Dispatch) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_STREAM, IPPROTO_TCP,
      WSK_FLAG_LISTEN_SOCKET, &Watch, Dispatch, NULL, NULL, NULL, Irp);
  return SocketOf(Call);
}

/* A listener of which Watch sees the events, when they are enabled. */
static PWSK_SOCKET OpenWatched(USHORT *Port) {
  TEST_ADDRESS Address;

  RtlZeroMemory(&Watch, sizeof(Watch));
  KeInitializeEvent(&Watch.Called, SynchronizationEvent, FALSE);
  Watch.Listener = CreateWith(&Callbacks);
  *Port = 0;
  if (!CHECK(Watch.Listener != NULL))
    return NULL;
  CHECK_PENDED(Bind(NewCall(), Watch.Listener, Loopback(&Address, 0)),
               STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Watch.Listener, &Address),
                STATUS_SUCCESS, 0);
  *Port = PortOf(&Address);
  return Watch.Listener;
}

static PWSK_SOCKET OpenEnabled(USHORT *Port) {
  PWSK_SOCKET Listener = OpenWatched(Port);

  if (Listener != NULL)
    CHECK_STATUS(STATUS_SUCCESS, Control(Listener, WSK_EVENT_ACCEPT, NULL));
  return Listener;
}

static BOOLEAN WaitForCallback(VOID) {
  return WaitForEvent(&Watch.Called, TEST_LONG);
}

static VOID CheckUsable(PWSK_SOCKET Accepted, struct peer *Peer) {
  REQUIRE(Accepted != NULL && Peer != NULL);
  CHECK_PENDED(Send(NewCall(), Accepted, &BufferOf("hello", 5)->Wsk, 0),
               STATUS_SUCCESS, 5);
  CHECK(peer_expect(Peer, "hello", 5));
}

static VOID CloseAll(VOID) {
  LONG i;

  for (i = 0; i < Calls() && i < MAX_ACCEPTED; i++)
    if (Watch.Sockets[i] != NULL)
      CHECK_PENDED(Close(NewCall(), Watch.Sockets[i]), STATUS_SUCCESS, 0);
}

/* ---- indications ----------------------------------------------------- */

/* Defends against a context that is not the client's, addresses that are not
 * the connection's, and an IRQL the flags do not tell. */
static VOID an_enabled_event_indicates_a_connection(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenEnabled(&Port);
  struct peer *Peer = peer_connect(TEST_IPV6, Port);
  TEST_ADDRESS Address;

  REQUIRE(Listener != NULL && Peer != NULL && WaitForCallback());
  CHECK_EQUAL(1, Calls());
  CHECK_EQUAL(WSK_FLAG_AT_DISPATCH_LEVEL, Watch.Flags);
  CHECK_EQUAL(DISPATCH_LEVEL, Watch.Irql);
  CHECK_EQUAL(TestFamily, Watch.Local.Any.sa_family);
  CHECK_EQUAL(Port, PortOf(&Watch.Local));
  CHECK_EQUAL(peer_local_port(Peer), PortOf(&Watch.Remote));
  CHECK(IsLoopback(&Watch.Local) && IsLoopback(&Watch.Remote));
  CheckUsable(Watch.Sockets[0], Peer);
  CHECK_AT_ONCE(GetRemote(NewCall(), Watch.Sockets[0], &Address),
                STATUS_SUCCESS, 0);
  CHECK_EQUAL(peer_local_port(Peer), PortOf(&Address));
  CloseAll();
}

/* Defends against events that nobody has enabled, and against connections that
 * came before and are forgotten. */
static VOID what_waited_is_indicated_when_enabled(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);
  ULONG i;

  REQUIRE(Listener != NULL);
  for (i = 0; i < 3; i++)
    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  host_run_a_while();
  CHECK_EQUAL(0, Calls());
  CHECK_STATUS(STATUS_SUCCESS, Control(Listener, WSK_EVENT_ACCEPT, NULL));
  while (Calls() < 3)
    REQUIRE(WaitForCallback());
  CloseAll();
}

/* Defends against callbacks that are called for one connection twice, for some
 * never, or two at a time. */
static VOID each_connection_is_indicated_once(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenEnabled(&Port);
  ULONG i;

  REQUIRE(Listener != NULL);
  for (i = 0; i < MAX_ACCEPTED; i++)
    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  while (Calls() < MAX_ACCEPTED)
    REQUIRE(WaitForCallback());
  host_run_a_while();
  CHECK_EQUAL(MAX_ACCEPTED, Calls());
  CHECK_EQUAL(0, Watch.Overlaps);
  CloseAll();
}

/* Defends against a connection that passes an accept by, and against an accept
 * that stops events for good. */
static VOID a_queued_accept_comes_before_the_event(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenEnabled(&Port), Accepted;
  PWSK_CALL Call = NewCall();
  struct peer *First, *Second;

  REQUIRE(Listener != NULL);
  Accept(Call, Listener, NULL, NULL);
  First = peer_connect(TEST_IPV6, Port);
  Second = peer_connect(TEST_IPV6, Port);
  Accepted = SocketOf(Call);
  REQUIRE(Accepted != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Accepted);
  CheckUsable(Accepted, First);
  REQUIRE(WaitForCallback());
  CHECK_EQUAL(1, Calls());
  CheckUsable(Watch.Sockets[0], Second);
  CloseAll();
}

/* Defends against a listener that goes deaf with the first connection there is
 * no memory for: nobody comes back for it. */
static VOID a_connection_without_memory_is_refused(VOID) {
  ULONG Nth;

  for (Nth = 1; Nth <= 2; Nth++) {
    USHORT Port;
    PWSK_SOCKET Listener = OpenEnabled(&Port);
    struct peer *Peer;
    BOOLEAN Struck;

    REQUIRE(Listener != NULL);
    host_fail_allocation(Nth);
    Peer = peer_connect(TEST_IPV6, Port);
    REQUIRE(Peer != NULL);
    host_run_a_while();
    Struck = host_allocation_failed() != 0;
    host_fail_allocation(0);
    CHECK(Struck || Nth > 1);
    if (Struck && !host_loses_resets())
      CHECK(peer_expect_reset(Peer));
    Peer = peer_connect(TEST_IPV6, Port);
    REQUIRE(Peer != NULL && WaitForCallback());
    if (Struck)
      CheckUsable(Watch.Sockets[0], Peer);
    CloseAll();
    CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
  }
}

/* Defends against a refused connection that stays, or that the client has to
 * close. */
static VOID a_refused_connection_is_dropped(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);
  struct peer *Peer;

  REQUIRE(Listener != NULL);
  Watch.Refuse = TRUE;
  CHECK_STATUS(STATUS_SUCCESS, Control(Listener, WSK_EVENT_ACCEPT, NULL));
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForCallback());
  if (!host_loses_resets())
    CHECK(peer_expect_reset(Peer));
  Watch.Refuse = FALSE;
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForCallback());
  CheckUsable(Watch.Sockets[1], Peer);
  CloseAll();
}

/* Defends against a socket that is touched after the callback has closed it. */
static VOID the_callback_may_close_the_connection(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);
  PWSK_CALL Closing = NewCall();
  struct peer *Peer;

  REQUIRE(Listener != NULL);
  Watch.ToCloseSocket = Closing;
  CHECK_STATUS(STATUS_SUCCESS, Control(Listener, WSK_EVENT_ACCEPT, NULL));
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForCallback());
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  if (!host_loses_resets())
    CHECK(peer_expect_reset(Peer));
}

/* Defends against a socket that is closed twice without a word. */
static VOID closing_and_refusing_is_reported(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);
  PWSK_CALL Closing = NewCall();

  REQUIRE(Listener != NULL);
  host_expect_reports();
  Watch.ToCloseSocket = Closing;
  Watch.Refuse = TRUE;
  CHECK_STATUS(STATUS_SUCCESS, Control(Listener, WSK_EVENT_ACCEPT, NULL));
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL && WaitForCallback());
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, host_reports("ACCEPTEV-03"));
}

/* ---- disabling ------------------------------------------------------- */

/* Defends against a callback after it was disabled, and a connection that is
 * lost with it. */
static VOID a_disabled_event_indicates_nothing(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenEnabled(&Port);
  struct peer *Peer;

  REQUIRE(Listener != NULL);
  CHECK_STATUS(STATUS_SUCCESS,
               Control(Listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE, NULL));
  CHECK_AT_ONCE(
      ControlWithIrp(NewCall(), Listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE),
      STATUS_SUCCESS, 0);
  Peer = peer_connect(TEST_IPV6, Port);
  host_run_a_while();
  CHECK_EQUAL(0, Calls());
  CheckUsable(SocketOf(Accept(NewCall(), Listener, NULL, NULL)), Peer);
}

/* Defends against a disable that says it is done while the callback runs. */
static VOID disabling_a_running_callback_says_so(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);

  REQUIRE(Listener != NULL);
  Watch.Disable = TRUE;
  CHECK_STATUS(STATUS_SUCCESS, Control(Listener, WSK_EVENT_ACCEPT, NULL));
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL && WaitForCallback());
  CHECK_STATUS(STATUS_EVENT_PENDING, Watch.Disabled);
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  host_run_a_while();
  CHECK_EQUAL(1, Calls());
  CloseAll();
}

/* Defends against an IRP that completes while the callback runs, or never. */
static VOID disabling_with_an_irp_waits_for_the_callback(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);
  PWSK_CALL Call = NewCall();

  REQUIRE(Listener != NULL);
  Watch.ToDisable = Call;
  CHECK_STATUS(STATUS_SUCCESS, Control(Listener, WSK_EVENT_ACCEPT, NULL));
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL && WaitForCallback());
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  CHECK(!Watch.CompletedInside);
  CloseAll();
}

/* ---- closing --------------------------------------------------------- */

/* Defends against a close that completes under a running callback, and a
 * callback after it. */
static VOID a_close_waits_for_the_callback(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);
  PWSK_CALL Closing = NewCall();
  ULONG i;

  REQUIRE(Listener != NULL);
  for (i = 0; i < 3; i++)
    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  host_run_a_while();
  Watch.ToClose = Closing;
  CHECK_STATUS(STATUS_SUCCESS, Control(Listener, WSK_EVENT_ACCEPT, NULL));
  REQUIRE(WaitForCallback());
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  CHECK(!Watch.CompletedInside);
  CHECK_EQUAL(1, Calls());
  CloseAll();
}

/* Defends against a callback that meets a listener that is gone. */
static VOID a_close_races_with_events(VOID) {
  ULONG Round;

  for (Round = 0; Round < 30; Round++) {
    USHORT Port;
    PWSK_SOCKET Listener = OpenEnabled(&Port);
    LONG Before;

    REQUIRE(Listener != NULL);
    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
    CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
    Before = Calls();
    CHECK_EQUAL(0, Watch.Inside);
    CloseAll();
    CHECK_EQUAL(Before, Calls());
  }
}

/* Defends against a client that waits for connections of a listener that is
 * gone, and against one that is told again and again. */
static VOID a_listener_that_dies_says_so_once(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenEnabled(&Port);

  REQUIRE(Listener != NULL);
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL && WaitForCallback());
  CHECK(host_kill_socket(Listener));
  REQUIRE(WaitForCallback());
  CHECK(Watch.Sockets[1] == NULL);
  host_run_a_while();
  CHECK_EQUAL(2, Calls());
  CHECK_EQUAL(DISPATCH_LEVEL, Watch.Irql);
  CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
  CHECK_EQUAL(2, Calls());
  CloseAll();
}

/* Defends against a death that is told to who did not ask. */
static VOID a_listener_that_dies_is_silent_when_disabled(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);

  REQUIRE(Listener != NULL);
  CHECK(host_kill_socket(Listener));
  host_run_a_while();
  CHECK_EQUAL(0, Calls());
}

/* ---- what is refused ------------------------------------------------- */

/* Defends against events of other sockets, two at a time to disable, an
 * interface that is not WSK, and a structure that ends too soon. */
static VOID only_a_listeners_events_are_controlled(VOID) {
  static const ULONG Masks[] = {0,
                                WSK_EVENT_DISABLE,
                                WSK_EVENT_RECEIVE_FROM,
                                WSK_EVENT_ACCEPT | 0x1,
                                WSK_EVENT_DISABLE | WSK_EVENT_RECEIVE,
                                WSK_EVENT_DISABLE | WSK_EVENT_ACCEPT |
                                    WSK_EVENT_RECEIVE};
  WSK_EVENT_CALLBACK_CONTROL Events = {NULL, WSK_EVENT_ACCEPT};
  NPIID Other = NPI_WSK_INTERFACE_ID, Same = NPI_WSK_INTERFACE_ID;
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);
  ULONG i;

  REQUIRE(Listener != NULL);
  for (i = 0; i < RTL_NUMBER_OF(Masks); i++) {
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(Listener, Masks[i], NULL));
    CHECK_AT_ONCE(ControlWithIrp(NewCall(), Listener, Masks[i]),
                  STATUS_INVALID_PARAMETER, 0);
  }
  Other.Data1 ^= 1;
  for (i = 0; i < 3; i++) {
    Events.NpiId = i == 0 ? NULL : i == 1 ? &Other : &Same;
    CHECK_STATUS(i == 2 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER,
                 ListenDispatchOf(Listener)->WskControlSocket(
                     Listener, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                     sizeof(Events), &Events, 0, NULL, NULL, NULL));
  }
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               ListenDispatchOf(Listener)->WskControlSocket(
                   Listener, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET,
                   sizeof(Events) - 1, &Events, 0, NULL, NULL, NULL));
}

/* Defends against an event of a socket that does not listen. */
static VOID a_listener_is_bound_before_its_events(VOID) {
  PWSK_SOCKET Listener = CreateWith(&Callbacks);

  REQUIRE(Listener != NULL);
  CHECK_STATUS(STATUS_INVALID_DEVICE_STATE,
               Control(Listener, WSK_EVENT_ACCEPT, NULL));
  CHECK_STATUS(STATUS_INVALID_DEVICE_STATE,
               Control(Listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE, NULL));
}

/* Defends against a call through a NULL pointer, later. */
static VOID enabling_without_a_callback_is_reported(VOID) {
  static const WSK_CLIENT_LISTEN_DISPATCH Nothing;
  const WSK_CLIENT_LISTEN_DISPATCH *Tables[] = {NULL, &Nothing};
  TEST_ADDRESS Address;
  ULONG i;

  host_expect_reports();
  for (i = 0; i < 2; i++) {
    PWSK_SOCKET Listener = CreateWith(Tables[i]);

    REQUIRE(Listener != NULL);
    CHECK_PENDED(Bind(NewCall(), Listener, Loopback(&Address, 0)),
                 STATUS_SUCCESS, 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER,
                 Control(Listener, WSK_EVENT_ACCEPT, NULL));
    CHECK_EQUAL(i + 1, host_reports("EVENTS-18"));
  }
}

/* Defends against an IRP that is forgotten: clients wait for it. */
static VOID enabling_with_an_irp_is_reported_and_completes_it(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenWatched(&Port);

  REQUIRE(Listener != NULL);
  host_expect_reports();
  CHECK_AT_ONCE(ControlWithIrp(NewCall(), Listener, WSK_EVENT_ACCEPT),
                STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, host_reports("EVENTS-02"));
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL && WaitForCallback());
  CloseAll();
}

CONFORMANCE_GROUP(accept_event) = {
    TEST(an_enabled_event_indicates_a_connection,
         "ACCEPTEV-01 ACCEPTEV-02 ACCEPTEV-04 ACCEPTEV-06 SOCKET-09 SOCKET-11 "
         "EVENTS-02 IRQL-05"),
    TEST(what_waited_is_indicated_when_enabled, "SOCKET-08 ACCEPTEV-01"),
    TEST(each_connection_is_indicated_once, "ACCEPTEV-01"),
    TEST(a_queued_accept_comes_before_the_event, "ACCEPT-05 ACCEPTEV-01"),
    TEST(a_connection_without_memory_is_refused, "ACCEPTEV-01"),
    TEST(a_refused_connection_is_dropped, "ACCEPTEV-03"),
    TEST(the_callback_may_close_the_connection, "EVENTS-19 ACCEPTEV-02"),
    TEST(closing_and_refusing_is_reported, "ACCEPTEV-03"),
    TEST(a_disabled_event_indicates_nothing, "EVENTS-03 EVENTS-06"),
    TEST(disabling_a_running_callback_says_so, "EVENTS-05 CTRLSOCK-03"),
    TEST(disabling_with_an_irp_waits_for_the_callback, "EVENTS-04"),
    TEST(a_close_waits_for_the_callback, "CLOSE-03 CLOSE-10"),
    TEST(a_close_races_with_events, "CLOSE-03 CLOSE-10"),
    TEST(a_listener_that_dies_says_so_once, "ACCEPTEV-05 EVENTS-20"),
    TEST(a_listener_that_dies_is_silent_when_disabled, "ACCEPTEV-05"),
    TEST(only_a_listeners_events_are_controlled,
         "EVENTS-08 EVENTS-11 EVENTS-12"),
    TEST(a_listener_is_bound_before_its_events, "EVENTS-09"),
    TEST(enabling_without_a_callback_is_reported, "EVENTS-18"),
    TEST(enabling_with_an_irp_is_reported_and_completes_it, "EVENTS-02"),
};
