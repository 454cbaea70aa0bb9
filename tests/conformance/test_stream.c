/* Stream sockets: one socket that becomes a listener or a connection. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

static const WSK_PROVIDER_STREAM_DISPATCH *StreamOf(PWSK_SOCKET Socket) {
  return Socket->Dispatch;
}

/* The functions stand at other places than in the tables of the others. */
#define STREAM_CALL(name, parameters, member, arguments)                       \
  static PWSK_CALL name parameters {                                           \
    PIRP Irp = PrepareCall(Call);                                              \
                                                                               \
    Call->Returned = StreamOf(Socket)->member arguments;                       \
    return Call;                                                               \
  }

STREAM_CALL(ListenTo, (PWSK_CALL Call, PWSK_SOCKET Socket), WskListen,
            (Socket, Irp))
STREAM_CALL(AcceptOn, (PWSK_CALL Call, PWSK_SOCKET Socket), WskAccept,
            (Socket, 0, NULL, NULL, NULL, NULL, Irp))
STREAM_CALL(ConnectTo, (PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Remote),
            WskConnect, (Socket, Remote, 0, Irp))
STREAM_CALL(ConnectExTo,
            (PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Remote, PWSK_BUF Buffer),
            WskConnectEx, (Socket, Remote, Buffer, 0, Irp))
STREAM_CALL(SendOn, (PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer),
            WskSend, (Socket, Buffer, 0, Irp))
STREAM_CALL(ReceiveOn, (PWSK_CALL Call, PWSK_SOCKET Socket, PWSK_BUF Buffer),
            WskReceive, (Socket, Buffer, 0, Irp))
STREAM_CALL(DisconnectOn, (PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Flags),
            WskDisconnect, (Socket, NULL, Flags, Irp))
STREAM_CALL(LocalOf, (PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Address),
            WskGetLocalAddress, (Socket, Address, Irp))
STREAM_CALL(RemoteOf, (PWSK_CALL Call, PWSK_SOCKET Socket, PVOID Address),
            WskGetRemoteAddress, (Socket, Address, Irp))

/* ---- sockets --------------------------------------------------------- */

static PWSK_SOCKET CreateStream(PVOID Context, const VOID *Dispatch) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  PWSK_SOCKET Socket;

  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_STREAM, IPPROTO_TCP,
      WSK_FLAG_STREAM_SOCKET, Context, Dispatch, NULL, NULL, NULL, Irp);
  Socket = SocketOf(Call);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Socket);
  return Socket;
}

/* Bound to loopback; *Port is where. */
static PWSK_SOCKET OpenBound(PVOID Context, const VOID *Dispatch,
                             USHORT *Port) {
  PWSK_SOCKET Socket = CreateStream(Context, Dispatch);
  TEST_ADDRESS Address;

  *Port = 0;
  if (!CHECK(Socket != NULL))
    return NULL;
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(LocalOf(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  *Port = PortOf(&Address);
  return Socket;
}

static PWSK_SOCKET OpenListening(USHORT *Port) {
  PWSK_SOCKET Socket = OpenBound(NULL, NULL, Port);

  if (Socket != NULL)
    CHECK_PENDED(ListenTo(NewCall(), Socket), STATUS_SUCCESS, 0);
  return Socket;
}

static PWSK_SOCKET OpenConnected(struct peer **Peer) {
  USHORT Port = peer_listen(TEST_IPV6, 0), Own;
  PWSK_SOCKET Socket = OpenBound(NULL, NULL, &Own);
  TEST_ADDRESS Remote;

  *Peer = NULL;
  if (Socket == NULL)
    return NULL;
  CHECK_PENDED(ConnectTo(NewCall(), Socket, Loopback(&Remote, Port)),
               STATUS_SUCCESS, 0);
  *Peer = peer_accept(Port);
  CHECK(*Peer != NULL);
  return *Peer != NULL ? Socket : NULL;
}

/* What a listening socket answers to the calls of a connection. */
static VOID CheckNoConnection(PWSK_SOCKET Socket) {
  PTEST_BUFFER Buffer = NewBuffer(8);
  TEST_ADDRESS Address;

  CHECK_AT_ONCE(ConnectTo(NewCall(), Socket, Loopback(&Address, 9)),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(ConnectExTo(NewCall(), Socket, Loopback(&Address, 9), NULL),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(SendOn(NewCall(), Socket, &BufferOf("x", 1)->Wsk),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(ReceiveOn(NewCall(), Socket, &Buffer->Wsk),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(DisconnectOn(NewCall(), Socket, 0), STATUS_INVALID_DEVICE_STATE,
                0);
  CHECK_AT_ONCE(DisconnectOn(NewCall(), Socket, WSK_FLAG_ABORTIVE),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(RemoteOf(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
}

/* What a connection answers to the calls of a listening socket. */
static VOID CheckNoListener(PWSK_SOCKET Socket) {
  CHECK_AT_ONCE(ListenTo(NewCall(), Socket), STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(AcceptOn(NewCall(), Socket), STATUS_INVALID_DEVICE_STATE, 0);
}

static VOID CheckEcho(PWSK_SOCKET Socket, struct peer *Peer) {
  PTEST_BUFFER Buffer = NewBuffer(8);

  CHECK_PENDED(SendOn(NewCall(), Socket, &BufferOf("hello", 5)->Wsk),
               STATUS_SUCCESS, 5);
  CHECK(peer_expect(Peer, "hello", 5));
  peer_send(Peer, "answer", 6);
  CHECK_COMPLETED(ReceiveOn(NewCall(), Socket, &Buffer->Wsk), STATUS_SUCCESS,
                  6);
  CHECK(BufferIs(Buffer, 0, "answer", 6));
}

/* ---- the socket ------------------------------------------------------ */

/* Defends against the table of a connection, whose functions stand elsewhere.
 */
static VOID a_stream_socket_has_a_table_of_its_own(VOID) {
  PWSK_SOCKET Socket = CreateStream(NULL, NULL);
  PWSK_SOCKET Connection = OpenSocket();
  const PVOID *Members;
  ULONG i;

  REQUIRE(Socket != NULL && Connection != NULL);
  CHECK(Socket->Dispatch != Connection->Dispatch);
  CHECK_EQUAL(15 * sizeof(PVOID), sizeof(WSK_PROVIDER_STREAM_DISPATCH));
  Members = (const PVOID *)Socket->Dispatch;
  for (i = 0; i < 15; i++)
    CHECK(Members[i] != NULL);
  CHECK((PVOID)StreamOf(Socket)->WskListen == Members[5]);
  CHECK(StreamOf(Socket)->WskConnect == DispatchOf(Connection)->WskConnect);
}

/* Defends against streams of datagrams. */
static VOID a_stream_socket_is_tcp(VOID) {
  CHECK_AT_ONCE(CreateSocket(NewCall(), TestFamily, SOCK_DGRAM, IPPROTO_UDP,
                             WSK_FLAG_STREAM_SOCKET),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(CreateSocket(NewCall(), TestFamily, SOCK_RAW, IPPROTO_ICMP,
                             WSK_FLAG_STREAM_SOCKET),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(CreateSocket(NewCall(), TestFamily, SOCK_STREAM, IPPROTO_UDP,
                             WSK_FLAG_STREAM_SOCKET),
                STATUS_INVALID_PARAMETER, 0);
}

/* Defends against a listen and a connect that bind by themselves. */
static VOID an_unbound_stream_socket_does_nothing(VOID) {
  PWSK_SOCKET Socket = CreateStream(NULL, NULL);
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(LocalOf(NewCall(), Socket, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CheckNoConnection(Socket);
  CheckNoListener(Socket);
}

/* Defends against a bind that listens, and against one that chooses. */
static VOID a_bound_stream_socket_refuses_connections(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenBound(NULL, NULL, &Port);
  PTEST_BUFFER Buffer = NewBuffer(8);

  REQUIRE(Socket != NULL);
  CHECK(peer_connect(TEST_IPV6, Port) == NULL);
  CHECK_AT_ONCE(AcceptOn(NewCall(), Socket), STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(SendOn(NewCall(), Socket, &BufferOf("x", 1)->Wsk),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(ReceiveOn(NewCall(), Socket, &Buffer->Wsk),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(ListenTo(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK(peer_connect(TEST_IPV6, Port) != NULL);
}

/* ---- the listener ---------------------------------------------------- */

/* Defends against a listen that waits for a connection, and against an accepted
 * socket that is a stream socket again. */
static VOID a_stream_socket_that_listens_accepts(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenListening(&Port), Accepted, Connection;
  TEST_ADDRESS Address;
  struct peer *Peer;
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(LocalOf(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_EQUAL(Port, PortOf(&Address));
  Call = AcceptOn(NewCall(), Socket);
  CHECK_STILL_PENDING(Call);
  Peer = peer_connect(TEST_IPV6, Port);
  Accepted = SocketOf(Call);
  Connection = OpenSocket();
  REQUIRE(Peer != NULL && Accepted != NULL && Connection != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Accepted);
  CHECK(Accepted->Dispatch == Connection->Dispatch);
  CHECK_PENDED(Send(NewCall(), Accepted, &BufferOf("hello", 5)->Wsk, 0),
               STATUS_SUCCESS, 5);
  CHECK(peer_expect(Peer, "hello", 5));
}

/* Defends against a socket that is two things, and a second listen. */
static VOID a_stream_socket_that_listens_connects_no_more(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenListening(&Port);

  REQUIRE(Socket != NULL);
  CheckNoConnection(Socket);
  CHECK_AT_ONCE(ListenTo(NewCall(), Socket), STATUS_INVALID_DEVICE_STATE, 0);
  CHECK(peer_connect(TEST_IPV6, Port) != NULL);
  CHECK(SocketOf(AcceptOn(NewCall(), Socket)) != NULL);
}

/* Defends against accepts that outlive their listener. */
static VOID closing_a_stream_listener_cancels_its_accepts(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenListening(&Port);
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = AcceptOn(NewCall(), Socket);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  CHECK(peer_connect(TEST_IPV6, Port) == NULL);
}

/* Defends against a listen that goes on though nobody wants it, and a socket
 * that is spoilt by that. */
static VOID a_cancelled_listen_leaves_the_socket_bound(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenBound(NULL, NULL, &Port);
  PWSK_CALL Call = NewCall();

  REQUIRE(Socket != NULL);
  IoCancelIrp(Call->Irp);
  CHECK_PENDED(ListenTo(Call, Socket), STATUS_CANCELLED, 0);
  CHECK_AT_ONCE(AcceptOn(NewCall(), Socket), STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(ListenTo(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK(peer_connect(TEST_IPV6, Port) != NULL);
}

/* ---- the connection -------------------------------------------------- */

/* Defends against a stream socket that is half a connection. */
static VOID a_stream_socket_that_connects_is_a_connection(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenConnected(&Peer);
  TEST_ADDRESS Address;
  PTEST_BUFFER Buffer = NewBuffer(8);

  REQUIRE(Socket != NULL);
  CheckNoListener(Socket);
  CheckEcho(Socket, Peer);
  CHECK_AT_ONCE(RemoteOf(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK(IsLoopback(&Address));
  CHECK_PENDED(DisconnectOn(NewCall(), Socket, 0), STATUS_SUCCESS, 0);
  CHECK(peer_expect_end(Peer));
  peer_finish(Peer);
  CHECK_COMPLETED(ReceiveOn(NewCall(), Socket, &Buffer->Wsk), STATUS_SUCCESS,
                  0);
}

/* Defends against data that WskConnectEx forgets in this table. */
static VOID connect_ex_commits_a_stream_socket(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0), Own;
  PWSK_SOCKET Socket = OpenBound(NULL, NULL, &Own);
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(ConnectExTo(NewCall(), Socket, Loopback(&Address, Port),
                           &BufferOf("first", 5)->Wsk),
               STATUS_SUCCESS, TEST_ANY);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK(peer_expect(Peer, "first", 5));
  CheckNoListener(Socket);
}

/* Defends against an attempt that chooses although it fails. */
static VOID a_failed_connect_commits_to_nothing(VOID) {
  USHORT Own;
  PWSK_SOCKET Socket = OpenBound(NULL, NULL, &Own);
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(ConnectTo(NewCall(), Socket,
                         Loopback(&Address, peer_refusing_port(TEST_IPV6))),
               STATUS_CONNECTION_REFUSED, 0);
  CHECK_PENDED(ListenTo(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(LocalOf(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  CHECK_EQUAL(Own, PortOf(&Address));
  CHECK(peer_connect(TEST_IPV6, Own) != NULL);
}

/* Defends against a listen in the middle of an attempt. */
static VOID a_connecting_stream_socket_does_not_listen(VOID) {
  USHORT Silent = peer_silent_port(TEST_IPV6), Own;
  PWSK_SOCKET Socket = OpenBound(NULL, NULL, &Own);
  TEST_ADDRESS Address;
  PWSK_CALL Call = NewCall();

  REQUIRE(Socket != NULL);
  if (Silent == 0) {
    CHECK(host_is_windows());
    return;
  }
  ConnectTo(Call, Socket, Loopback(&Address, Silent));
  CHECK_STILL_PENDING(Call);
  CheckNoListener(Socket);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
}

/* ---- two at once ----------------------------------------------------- */

typedef struct _RIVAL {
  PWSK_SOCKET Socket;
  PWSK_CALL Call;
} RIVAL;

static VOID ListenAsRival(PVOID Context) {
  RIVAL *Rival = Context;

  WaitForCall(ListenTo(Rival->Call, Rival->Socket));
}

/* Defends against a socket that two threads make two things of. */
static VOID of_a_listen_and_a_connect_one_wins(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0), Own;
  ULONG Round;

  for (Round = 0; Round < 30; Round++) {
    RIVAL Rival = {OpenBound(NULL, NULL, &Own), NewCall()};
    PWSK_CALL Call = NewCall();
    TEST_ADDRESS Address;
    TEST_THREAD Thread;
    BOOLEAN Listens, Connects;

    REQUIRE(Rival.Socket != NULL);
    StartThread(&Thread, ListenAsRival, &Rival);
    WaitForCall(ConnectTo(Call, Rival.Socket, Loopback(&Address, Port)));
    JoinThread(&Thread);
    Listens = Rival.Call->Status == STATUS_SUCCESS;
    Connects = Call->Status == STATUS_SUCCESS;
    CHECK(Listens != Connects);
    CHECK_STATUS(STATUS_INVALID_DEVICE_STATE,
                 Listens ? Call->Status : Rival.Call->Status);
    CHECK_PENDED(Close(NewCall(), Rival.Socket), STATUS_SUCCESS, 0);
  }
}

/* ---- callbacks ------------------------------------------------------- */

static KEVENT Called;
static PVOID CalledWith;
static PWSK_SOCKET CalledFor;
static const WSK_CLIENT_CONNECTION_DISPATCH NoCallbacks;

static volatile LONG Indicated;

static NTSTATUS WSKAPI OnReceive(PVOID Context, ULONG Flags,
                                 PWSK_DATA_INDICATION Data, SIZE_T Bytes,
                                 SIZE_T *Accepted) {
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Data);
  UNREFERENCED_PARAMETER(Accepted);
  CalledWith = Context;
  InterlockedExchangeAdd(&Indicated, (LONG)Bytes);
  KeSetEvent(&Called, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_CONNECTION_DISPATCH ConnectCallbacks = {OnReceive, NULL,
                                                                NULL};
static NTSTATUS WSKAPI OnAccept(PVOID Context, ULONG Flags, PSOCKADDR Local,
                                PSOCKADDR Remote, PWSK_SOCKET Socket,
                                PVOID *SocketContext,
                                CONST WSK_CLIENT_CONNECTION_DISPATCH **Table) {
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Local);
  UNREFERENCED_PARAMETER(Remote);
  CalledWith = Context;
  CalledFor = Socket;
  *SocketContext = NULL;
  *Table = &ConnectCallbacks;
  KeSetEvent(&Called, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static NTSTATUS Enable(PWSK_SOCKET Socket, ULONG Mask) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID, Mask};

  return StreamOf(Socket)->WskControlSocket(
      Socket, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, sizeof(Events),
      &Events, 0, NULL, NULL, NULL);
}

static const WSK_CLIENT_LISTEN_DISPATCH ListenCallbacks = {OnAccept, NULL,
                                                           NULL};

/* Defends against events of what the socket is not yet, and against a callback
 * that is looked for in the wrong one of two tables. */
static VOID a_stream_listener_calls_what_the_listen_table_has(VOID) {
  static const WSK_CLIENT_STREAM_DISPATCH Both = {&ListenCallbacks,
                                                  &NoCallbacks};
  USHORT Port;
  PWSK_SOCKET Socket;

  KeInitializeEvent(&Called, SynchronizationEvent, FALSE);
  Socket = OpenBound(&Port, &Both, &Port);
  REQUIRE(Socket != NULL);
  CHECK_STATUS(STATUS_INVALID_DEVICE_STATE, Enable(Socket, WSK_EVENT_ACCEPT));
  CHECK_STATUS(STATUS_INVALID_DEVICE_STATE, Enable(Socket, WSK_EVENT_RECEIVE));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Enable(Socket, WSK_EVENT_RECEIVE_FROM));
  CHECK_PENDED(ListenTo(NewCall(), Socket), STATUS_SUCCESS, 0);
  CHECK_STATUS(STATUS_SUCCESS, Enable(Socket, WSK_EVENT_ACCEPT));
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  REQUIRE(WaitForEvent(&Called, TEST_LONG));
  CHECK(CalledWith == (PVOID)&Port);
  CHECK_PENDED(Close(NewCall(), CalledFor), STATUS_SUCCESS, 0);
}

static const WSK_CLIENT_STREAM_DISPATCH BothCallbacks = {&ListenCallbacks,
                                                         &ConnectCallbacks};

/* Bytes to a socket that is connected; whether they are indicated. */
static VOID CheckIndication(PWSK_SOCKET Socket, BOOLEAN Enabled, USHORT Port) {
  TEST_ADDRESS Remote;
  struct peer *Peer;

  CHECK_PENDED(ConnectTo(NewCall(), Socket, Loopback(&Remote, Port)),
               STATUS_SUCCESS, 0);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  if (!Enabled)
    CHECK_STATUS(STATUS_SUCCESS, Enable(Socket, WSK_EVENT_RECEIVE));
  peer_send(Peer, "hello", 5);
  while (InterlockedCompareExchange(&Indicated, 0, 0) < 5)
    REQUIRE(WaitForEvent(&Called, TEST_LONG));
  CHECK_EQUAL(5, Indicated);
  CHECK(CalledWith == (PVOID)&Indicated);
}

/* Defends against the first function of the wrong table: both have three. */
static VOID a_stream_connection_calls_what_the_connect_table_has(VOID) {
  USHORT Own;
  PWSK_SOCKET Socket;

  KeInitializeEvent(&Called, SynchronizationEvent, FALSE);
  Indicated = 0;
  Socket = OpenBound((PVOID)&Indicated, &BothCallbacks, &Own);
  REQUIRE(Socket != NULL);
  CheckIndication(Socket, FALSE, peer_listen(TEST_IPV6, 0));
}

/* Defends against events that are on in all sockets, but for those whose kind
 * was not known when they were made. */
static VOID a_stream_socket_gets_static_events_when_it_commits(VOID) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID,
                                       WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE};
  USHORT Port, Own;
  PWSK_SOCKET Listener, Connection;

  CHECK_STATUS(STATUS_SUCCESS,
               TestNpi.Dispatch->WskControlClient(
                   TestNpi.Client, WSK_SET_STATIC_EVENT_CALLBACKS,
                   sizeof(Events), &Events, 0, NULL, NULL, NULL));
  KeInitializeEvent(&Called, SynchronizationEvent, FALSE);
  Indicated = 0;
  Listener = OpenBound((PVOID)&Indicated, &BothCallbacks, &Port);
  Connection = OpenBound((PVOID)&Indicated, &BothCallbacks, &Own);
  REQUIRE(Listener != NULL && Connection != NULL);
  CheckIndication(Connection, TRUE, peer_listen(TEST_IPV6, 0));
  CalledFor = NULL;
  KeClearEvent(&Called);
  CHECK_PENDED(ListenTo(NewCall(), Listener), STATUS_SUCCESS, 0);
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  REQUIRE(WaitForEvent(&Called, TEST_LONG));
  REQUIRE(CalledFor != NULL);
  CHECK_PENDED(Close(NewCall(), CalledFor), STATUS_SUCCESS, 0);
}

/* Defends against a NULL pointer on the way to a callback. */
static VOID a_stream_listener_without_a_listen_table_is_reported(VOID) {
  static const WSK_CLIENT_STREAM_DISPATCH Half = {NULL, &NoCallbacks};
  const VOID *Tables[] = {NULL, &Half};
  USHORT Port;
  ULONG i;

  host_expect_reports();
  for (i = 0; i < 2; i++) {
    PWSK_SOCKET Socket = OpenBound(NULL, Tables[i], &Port);

    REQUIRE(Socket != NULL);
    CHECK_PENDED(ListenTo(NewCall(), Socket), STATUS_SUCCESS, 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Enable(Socket, WSK_EVENT_ACCEPT));
    CHECK_EQUAL(i + 1, host_reports("EVENTS-18"));
  }
}

/* Defends against events of the other family once the socket has chosen. */
static VOID a_committed_stream_socket_has_events_of_one_family(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Connection = OpenConnected(&Peer), Listener;
  USHORT Port;

  REQUIRE(Connection != NULL);
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Enable(Connection, WSK_EVENT_ACCEPT));
  Listener = OpenListening(&Port);
  REQUIRE(Listener != NULL);
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               Enable(Listener, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE));
}

/* ---- the world fails ------------------------------------------------- */

/* Defends against a socket that stays behind when there is no memory for the
 * rest of it. */
static VOID a_stream_socket_without_memory_is_not_made(VOID) {
  ULONG Nth, Struck = 0;

  for (Nth = 1; Nth <= 3; Nth++) {
    PWSK_CALL Call = NewCall();

    host_fail_allocation(Nth);
    CreateSocket(Call, TestFamily, SOCK_STREAM, IPPROTO_TCP,
                 WSK_FLAG_STREAM_SOCKET);
    WaitForCall(Call);
    if (host_allocation_failed()) {
      Struck++;
      CHECK_COMPLETED(Call, STATUS_INSUFFICIENT_RESOURCES, 0);
    } else {
      CHECK(SocketOf(Call) != NULL);
    }
    host_fail_allocation(0);
  }
  CHECK(Struck >= 1);
}

CONFORMANCE_GROUP(stream) = {
    TEST(a_stream_socket_has_a_table_of_its_own,
         "CAT-06 TYPES-05 GETREMOTE-03"),
    TEST(a_stream_socket_is_tcp, "SOCKET-03 SOCKET-04 SOCKET-05"),
    TEST(an_unbound_stream_socket_does_nothing, "LISTEN-01 CONNECT-01"),
    TEST(a_bound_stream_socket_refuses_connections, "BIND-08 ACCEPT-04"),
    TEST(a_stream_socket_that_listens_accepts, "LISTEN-03 ACCEPT-01 ACCEPT-04"),
    TEST(a_stream_socket_that_listens_connects_no_more,
         "LISTEN-02 CAT-05 GETREMOTE-02"),
    TEST(closing_a_stream_listener_cancels_its_accepts, "LISTEN-02"),
    TEST(a_cancelled_listen_leaves_the_socket_bound, "LISTEN-01 IRP-19"),
    TEST(a_stream_socket_that_connects_is_a_connection,
         "CONNECT-03 CAT-05 GETREMOTE-01"),
    TEST(connect_ex_commits_a_stream_socket, "CONNECT-03 CAT-05"),
    TEST(a_failed_connect_commits_to_nothing, "CAT-05 CONNECT-03"),
    TEST(a_connecting_stream_socket_does_not_listen, "CAT-05"),
    TEST(of_a_listen_and_a_connect_one_wins, "CAT-05"),
    TEST(a_stream_listener_calls_what_the_listen_table_has,
         "SOCKET-11 TYPES-08 CAT-04"),
    TEST(a_stream_connection_calls_what_the_connect_table_has,
         "SOCKET-11 TYPES-08 CAT-04"),
    TEST(a_stream_socket_gets_static_events_when_it_commits,
         "CAT-05 SOCKET-08"),
    TEST(a_stream_listener_without_a_listen_table_is_reported, "EVENTS-18"),
    TEST(a_committed_stream_socket_has_events_of_one_family,
         "CAT-04 CAT-05 EVENTS-11"),
    TEST(a_stream_socket_without_memory_is_not_made, "SOCKET-01"),
};
