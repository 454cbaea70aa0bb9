/* Listening sockets and WskAccept. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

static PWSK_SOCKET CreateListener(USHORT Type, ULONG Protocol) {
  PWSK_CALL Call = CreateSocket(NewCall(), TestFamily, Type, Protocol,
                                WSK_FLAG_LISTEN_SOCKET);
  PWSK_SOCKET Listener = SocketOf(Call);

  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Listener);
  return Listener;
}

/* The next connection that comes, made by WskAccept. */
static PWSK_SOCKET AcceptOne(PWSK_SOCKET Listener) {
  PWSK_CALL Call = Accept(NewCall(), Listener, NULL, NULL);
  PWSK_SOCKET Accepted = SocketOf(Call);

  CHECK_COMPLETED(Call, STATUS_SUCCESS, (ULONG_PTR)Accepted);
  return Accepted;
}

/* Bytes both ways, and an orderly end. */
static VOID CheckConnection(PWSK_SOCKET Socket, struct peer *Peer) {
  PTEST_BUFFER Buffer = NewBuffer(8);

  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("hello", 5)->Wsk, 0),
               STATUS_SUCCESS, 5);
  CHECK(peer_expect(Peer, "hello", 5));
  peer_send(Peer, "answer", 6);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  6);
  CHECK(BufferIs(Buffer, 0, "answer", 6));
  CHECK_PENDED(Disconnect(NewCall(), Socket, NULL, 0), STATUS_SUCCESS, 0);
  CHECK(peer_expect_end(Peer));
  peer_finish(Peer);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* ---- the listening socket -------------------------------------------- */

/* Defends against a wrong table: GetLocalAddress stands elsewhere in it. */
static VOID a_listener_has_its_own_table(VOID) {
  PWSK_SOCKET Listener = CreateListener(SOCK_STREAM, IPPROTO_TCP);
  PWSK_SOCKET Connection = OpenSocket();
  const PVOID *Members;
  ULONG i;

  REQUIRE(Listener != NULL && Connection != NULL);
  CHECK(Listener->Dispatch != Connection->Dispatch);
  Members = (const PVOID *)Listener->Dispatch;
  for (i = 0; i < sizeof(WSK_PROVIDER_LISTEN_DISPATCH) / sizeof(PVOID); i++)
    CHECK(Members[i] != NULL);
  CHECK((PVOID)ListenDispatchOf(Listener)->WskGetLocalAddress == Members[5]);
}

/* Defends against a bind after which nobody listens, and a protocol of 0 that
 * is not the type's own. */
static VOID a_bound_listener_can_be_connected_to(VOID) {
  PWSK_SOCKET Listener = CreateListener(SOCK_STREAM, 0), Accepted;
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Listener != NULL);
  CHECK_PENDED(Bind(NewCall(), Listener, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Listener, &Address), STATUS_SUCCESS,
                0);
  CHECK(IsLoopback(&Address));
  Peer = peer_connect(TEST_IPV6, PortOf(&Address));
  REQUIRE(Peer != NULL);
  Accepted = AcceptOne(Listener);
  REQUIRE(Accepted != NULL);
  CheckConnection(Accepted, Peer);
}

/* Defends against a wildcard that accepts on one address, or that the accepted
 * socket is left with. */
static VOID the_wildcard_accepts_on_loopback(VOID) {
  PWSK_SOCKET Listener = CreateListener(SOCK_STREAM, IPPROTO_TCP), Accepted;
  TEST_ADDRESS Address;
  struct peer *Peer;
  USHORT Port;

  REQUIRE(Listener != NULL);
  CHECK_PENDED(Bind(NewCall(), Listener, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Listener, &Address), STATUS_SUCCESS,
                0);
  CHECK(IsWildcard(&Address));
  Port = PortOf(&Address);
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL);
  Accepted = AcceptOne(Listener);
  REQUIRE(Accepted != NULL);
  CHECK_AT_ONCE(GetLocal(NewCall(), Accepted, &Address), STATUS_SUCCESS, 0);
  CHECK(IsLoopback(&Address));
  CHECK_EQUAL(Port, PortOf(&Address));
}

/* Defends against a listener of datagrams that pretends. */
static VOID a_listener_of_datagrams_is_made_and_not_bound(VOID) {
  PWSK_SOCKET Listener = CreateListener(SOCK_DGRAM, IPPROTO_UDP);
  TEST_ADDRESS Address;

  REQUIRE(Listener != NULL);
  CHECK_PENDED(Bind(NewCall(), Listener, Loopback(&Address, 0)),
               STATUS_NOT_IMPLEMENTED, 0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Listener, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(Accept(NewCall(), Listener, NULL, NULL),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
}

/* Defends against an accept that waits for a bind. */
static VOID an_unbound_listener_accepts_nothing(VOID) {
  PWSK_SOCKET Listener = CreateListener(SOCK_STREAM, IPPROTO_TCP);
  TEST_ADDRESS Address;

  REQUIRE(Listener != NULL);
  CHECK_AT_ONCE(Accept(NewCall(), Listener, NULL, NULL),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Listener, &Address),
                STATUS_INVALID_DEVICE_STATE, 0);
}

/* Defends against two listeners of one port, which share its connections, and
 * against a listener that is spoilt by the refusal. */
static VOID an_address_in_use_is_refused_to_a_listener(VOID) {
  PWSK_SOCKET Other = CreateListener(SOCK_STREAM, IPPROTO_TCP);
  TEST_ADDRESS Address;
  USHORT Port;

  REQUIRE(OpenListener(&Port) != NULL && Other != NULL);
  CHECK_PENDED(Bind(NewCall(), Other, Loopback(&Address, Port)),
               STATUS_ADDRESS_ALREADY_ASSOCIATED, 0);
  CHECK_PENDED(Bind(NewCall(), Other,
                    Loopback(&Address, peer_taken_port(TEST_IPV6, FALSE))),
               STATUS_ADDRESS_ALREADY_ASSOCIATED, 0);
  CHECK_PENDED(Bind(NewCall(), Other, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Other, &Address), STATUS_SUCCESS,
                0);
  CHECK(peer_connect(TEST_IPV6, PortOf(&Address)) != NULL);
}

/* Defends against connections, living or just closed, that keep a new listener
 * from the port of the one they came from. */
static VOID a_port_is_its_listeners_alone(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Ended, Living;
  struct peer *Peer = peer_connect(TEST_IPV6, Port);
  TEST_ADDRESS Address;

  REQUIRE(Listener != NULL && Peer != NULL);
  Ended = AcceptOne(Listener);
  REQUIRE(Ended != NULL);
  CheckConnection(Ended, Peer);
  Peer = peer_connect(TEST_IPV6, Port);
  Living = AcceptOne(Listener);
  REQUIRE(Living != NULL && Peer != NULL);
  CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
  Listener = CreateListener(SOCK_STREAM, IPPROTO_TCP);
  CHECK_PENDED(Bind(NewCall(), Listener, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  CheckConnection(Living, Peer);
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL);
  CheckConnection(AcceptOne(Listener), Peer);
}

/* ---- WskAccept ------------------------------------------------------- */

/* Defends against addresses that are swapped, half filled, or not at all. */
static VOID an_accepted_connection_knows_both_addresses(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Accepted;
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Local, Remote, Address;
  struct peer *Peer;

  REQUIRE(Listener != NULL);
  RtlZeroMemory(&Local, sizeof(Local));
  RtlZeroMemory(&Remote, sizeof(Remote));
  CHECK_STILL_PENDING(Accept(Call, Listener, &Local, &Remote));
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL);
  Accepted = SocketOf(Call);
  REQUIRE(Accepted != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Accepted);
  CHECK_EQUAL(TestFamily, Local.Any.sa_family);
  CHECK(IsLoopback(&Local));
  CHECK_EQUAL(Port, PortOf(&Local));
  CHECK_EQUAL(TestFamily, Remote.Any.sa_family);
  CHECK(IsLoopback(&Remote));
  CHECK_EQUAL(peer_local_port(Peer), PortOf(&Remote));
  CHECK_AT_ONCE(GetLocal(NewCall(), Accepted, &Address), STATUS_SUCCESS, 0);
  CHECK(IsLoopback(&Address));
  CHECK_EQUAL(Port, PortOf(&Address));
  CHECK_AT_ONCE(GetRemote(NewCall(), Accepted, &Address), STATUS_SUCCESS, 0);
  CHECK_EQUAL(peer_local_port(Peer), PortOf(&Address));
  CheckConnection(Accepted, Peer);
}

static int HasArrived(void *Context) {
  return host_allocations() > *(unsigned long long *)Context;
}

/* Connects, and waits until the listener has the connection, which takes memory
 * for it. Nothing else does meanwhile. */
static struct peer *ConnectAndArrive(USHORT Port) {
  unsigned long long Before = host_allocations();
  struct peer *Peer = peer_connect(TEST_IPV6, Port);

  if (CHECK(Peer != NULL))
    CHECK(host_run_until(HasArrived, &Before, TEST_LONG));
  host_run_a_while();
  return Peer;
}

/* Defends against an accept that pends although a connection waits, and one
 * that gets the youngest. */
static VOID the_oldest_waiting_connection_is_accepted_at_once(VOID) {
  USHORT Port, Ports[3];
  PWSK_SOCKET Listener = OpenListener(&Port);
  TEST_ADDRESS Local, Remote;
  ULONG i;

  REQUIRE(Listener != NULL);
  for (i = 0; i < 3; i++) {
    struct peer *Peer = ConnectAndArrive(Port);

    REQUIRE(Peer != NULL);
    Ports[i] = peer_local_port(Peer);
  }
  for (i = 0; i < 3; i++) {
    PWSK_CALL Call = Accept(NewCall(), Listener, &Local, &Remote);
    PWSK_SOCKET Accepted = SocketOf(Call);

    REQUIRE(Accepted != NULL);
    CHECK_AT_ONCE(Call, STATUS_SUCCESS, (ULONG_PTR)Accepted);
    CHECK_EQUAL(Port, PortOf(&Local));
    CHECK_EQUAL(Ports[i], PortOf(&Remote));
  }
  CHECK_STILL_PENDING(Accept(NewCall(), Listener, NULL, NULL));
}

/* Defends against accepts that overtake one another. */
static VOID several_accepts_are_served_in_order(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  TEST_ADDRESS Remotes[3];
  PWSK_CALL Calls[3];
  ULONG i;

  REQUIRE(Listener != NULL);
  for (i = 0; i < 3; i++)
    Calls[i] = Accept(NewCall(), Listener, NULL, &Remotes[i]);
  for (i = 0; i < 3; i++) {
    struct peer *Peer = peer_connect(TEST_IPV6, Port);
    PWSK_SOCKET Accepted = SocketOf(Calls[i]);

    REQUIRE(Peer != NULL && Accepted != NULL);
    CHECK_PENDED(Calls[i], STATUS_SUCCESS, (ULONG_PTR)Accepted);
    CHECK_EQUAL(peer_local_port(Peer), PortOf(&Remotes[i]));
    if (i < 2)
      CHECK(!IsCompleted(Calls[i + 1]));
  }
}

/* Two at once are served here; a client that means to run on Windows 7 to 10
 * has to know that they hang there. */
static VOID a_second_accept_beside_one_is_reported(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL Calls[2];
  ULONG i;

  REQUIRE(Listener != NULL);
  host_heed("OBS-12");
  host_expect_reports();
  for (i = 0; i < 2; i++) {
    Calls[i] = Accept(NewCall(), Listener, NULL, NULL);
    CHECK_EQUAL(i, host_reports("OBS-12"));
  }
  for (i = 0; i < 2; i++) {
    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
    CHECK(SocketOf(Calls[i]) != NULL);
  }
  CHECK_EQUAL(1, host_all_reports());
}

static VOID accepts_one_after_the_other_are_not_reported(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  ULONG i;

  REQUIRE(Listener != NULL);
  host_heed("OBS-12");
  for (i = 0; i < 3; i++) {
    PWSK_CALL Call = Accept(NewCall(), Listener, NULL, NULL);

    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
    CHECK(SocketOf(Call) != NULL);
  }
  CHECK_EQUAL(0, host_reports("OBS-12"));
}

/* Defends against an accepted socket that is only half of a connection socket:
 * another kernel socket is its peer. */
static VOID both_ends_may_be_kernel_sockets(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Client, Server;
  PTEST_BUFFER Buffer = NewBuffer(5000), Chunk = BufferOfPattern(0, 5000);
  PWSK_CALL Receiving = NewCall();

  REQUIRE(Listener != NULL);
  Client = OpenConnection(Port);
  Server = AcceptOne(Listener);
  REQUIRE(Client != NULL && Server != NULL);
  CHECK(Server->Dispatch == Client->Dispatch);
  Receive(Receiving, Server, &Buffer->Wsk, WSK_FLAG_WAITALL);
  CHECK_PENDED(Send(NewCall(), Client, &Chunk->Wsk, 0), STATUS_SUCCESS, 5000);
  CHECK_COMPLETED(Receiving, STATUS_SUCCESS, 5000);
  CHECK(BufferIsPattern(Buffer, 0, 0, 5000));
  CHECK_PENDED(Send(NewCall(), Server, &Chunk->Wsk, 0), STATUS_SUCCESS, 5000);
  CHECK_COMPLETED(Receive(NewCall(), Client, &Buffer->Wsk, WSK_FLAG_WAITALL),
                  STATUS_SUCCESS, 5000);
  CHECK_PENDED(Disconnect(NewCall(), Server, NULL, WSK_FLAG_ABORTIVE),
               STATUS_SUCCESS, 0);
  if (!host_loses_resets())
    CHECK_COMPLETED(Receive(NewCall(), Client, &Buffer->Wsk, 0),
                    STATUS_CONNECTION_RESET, 0);
}

static volatile LONG Events;

static NTSTATUS WSKAPI OnReceive(PVOID Context, ULONG Flags,
                                 PWSK_DATA_INDICATION Data, SIZE_T Indicated,
                                 SIZE_T *Accepted) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Data);
  UNREFERENCED_PARAMETER(Indicated);
  UNREFERENCED_PARAMETER(Accepted);
  InterlockedIncrement(&Events);
  return STATUS_SUCCESS;
}

static NTSTATUS WSKAPI OnDisconnect(PVOID Context, ULONG Flags) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  InterlockedIncrement(&Events);
  return STATUS_SUCCESS;
}

/* Defends against callbacks of an accepted socket that nobody has enabled, and
 * against a context that is followed. */
static VOID an_accepted_sockets_callbacks_start_disabled(VOID) {
  static const WSK_CLIENT_CONNECTION_DISPATCH Callbacks = {OnReceive,
                                                           OnDisconnect, NULL};
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Accepted;
  struct peer *Peer = peer_connect(TEST_IPV6, Port);
  PWSK_CALL Call = NewCall();
  PTEST_BUFFER Buffer = NewBuffer(8);

  Events = 0;
  REQUIRE(Listener != NULL && Peer != NULL);
  Call->Returned = ListenDispatchOf(Listener)->WskAccept(
      Listener, 0, (PVOID)1, &Callbacks, NULL, NULL, PrepareCall(Call));
  Accepted = SocketOf(Call);
  REQUIRE(Accepted != NULL);
  peer_send(Peer, "kept", 4);
  peer_finish(Peer);
  CHECK(peer_flush(Peer));
  host_run_a_while();
  CHECK_EQUAL(0, Events);
  CHECK_COMPLETED(Receive(NewCall(), Accepted, &Buffer->Wsk, WSK_FLAG_WAITALL),
                  STATUS_SUCCESS, 4);
}

/* Defends against flags that will mean something some day. */
static VOID the_flags_of_an_accept_are_zero(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL Call = NewCall();

  REQUIRE(Listener != NULL);
  host_expect_reports();
  Call->Returned = ListenDispatchOf(Listener)->WskAccept(
      Listener, 1, NULL, NULL, NULL, NULL, PrepareCall(Call));
  CHECK_AT_ONCE(Call, STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("FLAGS-01"));
}

/* Defends against a client that frees what an accept will write to. */
static VOID where_an_accept_writes_to_stays_until_it_completes(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL Call = NewCall();
  PVOID Places[2];
  ULONG i;

  REQUIRE(Listener != NULL);
  for (i = 0; i < 2; i++) {
    Places[i] =
        ExAllocatePoolWithTag(NonPagedPool, sizeof(SOCKADDR_IN6), 'ccAT');
    REQUIRE(Places[i] != NULL);
  }
  Call->Returned = ListenDispatchOf(Listener)->WskAccept(
      Listener, 0, NULL, NULL, Places[0], Places[1], PrepareCall(Call));
  CHECK_STILL_PENDING(Call);
  host_expect_reports();
  for (i = 0; i < 2; i++) {
    ExFreePoolWithTag(Places[i], 'ccAT');
    CHECK_EQUAL(i + 1, host_reports("SEND-03"));
  }
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  CHECK(SocketOf(Call) != NULL);
  for (i = 0; i < 2; i++)
    ExFreePoolWithTag(Places[i], 'ccAT');
  CHECK_EQUAL(2, host_all_reports());
}

/* Defends against a call without an IRP that is followed anyway. */
static VOID an_accept_needs_an_irp(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);

  REQUIRE(Listener != NULL);
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               ListenDispatchOf(Listener)->WskAccept(Listener, 0, NULL, NULL,
                                                     NULL, NULL, NULL));
}

/* Defends against an inspection that is finished without having begun. */
static VOID no_inspection_can_be_completed(VOID) {
  static WSK_INSPECT_ID Id;
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL Call = NewCall();

  REQUIRE(Listener != NULL);
  Call->Returned = ListenDispatchOf(Listener)->WskInspectComplete(
      Listener, &Id, WskInspectAccept, PrepareCall(Call));
  CHECK_AT_ONCE(Call, STATUS_INVALID_PARAMETER, 0);
}

/* Defends against a provider that waits, or needs paged memory. */
static VOID accepting_works_at_dispatch_level(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener, Accepted;
  struct peer *Peer;
  PWSK_CALL Call;

  TestAtDispatch = TRUE;
  Listener = OpenListener(&Port);
  REQUIRE(Listener != NULL);
  Call = Accept(NewCall(), Listener, NULL, NULL);
  Peer = peer_connect(TEST_IPV6, Port);
  Accepted = SocketOf(Call);
  REQUIRE(Peer != NULL && Accepted != NULL);
  CheckConnection(Accepted, Peer);
  TestAtDispatch = FALSE;
}

/* ---- cancelling and closing ------------------------------------------ */

/* Defends against a cancelled accept that takes a connection with it, or the
 * accepts behind it. */
static VOID a_cancelled_accept_leaves_the_others(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL First = NewCall(), Second = NewCall();

  REQUIRE(Listener != NULL);
  Accept(First, Listener, NULL, NULL);
  CHECK_STILL_PENDING(Accept(Second, Listener, NULL, NULL));
  CHECK(CancelCall(First));
  CHECK_PENDED(First, STATUS_CANCELLED, 0);
  CHECK(!IsCompleted(Second));
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  CHECK(SocketOf(Second) != NULL);
  CHECK_PENDED(Second, STATUS_SUCCESS, TEST_ANY);
}

/* Defends against a cancel that is only noticed when a connection comes. */
static VOID an_accept_cancelled_before_the_call_takes_nothing(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL Call = NewCall();

  REQUIRE(Listener != NULL);
  REQUIRE(ConnectAndArrive(Port) != NULL);
  CancelCall(Call);
  CHECK_PENDED(Accept(Call, Listener, NULL, NULL), STATUS_CANCELLED, 0);
  CHECK(AcceptOne(Listener) != NULL);
}

/* Defends against accepts that a close forgets, or completes after itself. */
static VOID closing_a_listener_cancels_its_accepts(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  PWSK_CALL Calls[3], Closing = NewCall();
  ULONG i;

  REQUIRE(Listener != NULL);
  for (i = 0; i < 3; i++)
    Calls[i] = Accept(NewCall(), Listener, NULL, NULL);
  CHECK_PENDED(Close(Closing, Listener), STATUS_SUCCESS, 0);
  for (i = 0; i < 3; i++) {
    CHECK_PENDED(Calls[i], STATUS_CANCELLED, 0);
    CHECK(Calls[i]->Order < Closing->Order);
  }
  CHECK(peer_connect(TEST_IPV6, Port) == NULL);
}

/* Defends against connections that nobody will ever accept and that stay. */
static VOID closing_a_listener_resets_what_waits(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port);
  struct peer *Peers[3];
  ULONG i;

  REQUIRE(Listener != NULL);
  for (i = 0; i < 3; i++) {
    Peers[i] = ConnectAndArrive(Port);
    REQUIRE(Peers[i] != NULL);
  }
  CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
  for (i = 0; i < 3 && !host_loses_resets(); i++)
    CHECK(peer_expect_reset(Peers[i]));
}

/* Defends against a listener that takes its connections with it. */
static VOID an_accepted_connection_outlives_its_listener(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Accepted;
  struct peer *Peer = peer_connect(TEST_IPV6, Port);

  REQUIRE(Listener != NULL && Peer != NULL);
  Accepted = AcceptOne(Listener);
  REQUIRE(Accepted != NULL);
  CHECK_PENDED(Close(NewCall(), Listener), STATUS_SUCCESS, 0);
  CheckConnection(Accepted, Peer);
}

/* Defends against an accepted socket that is not the client's to close: the
 * peer is cut off, and WskDeregister waits for it. */
static VOID an_accepted_connection_is_closed_by_the_client(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Accepted;
  struct peer *Peer = peer_connect(TEST_IPV6, Port);

  REQUIRE(Listener != NULL && Peer != NULL);
  Accepted = AcceptOne(Listener);
  REQUIRE(Accepted != NULL);
  CHECK_PENDED(Close(NewCall(), Accepted), STATUS_SUCCESS, 0);
  if (!host_loses_resets())
    CHECK(peer_expect_reset(Peer));
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  CHECK(AcceptOne(Listener) != NULL);
}

/* Defends against a connection that died while it waited: it is dropped, or
 * accepted and found reset, and the listener goes on. */
static VOID a_connection_reset_while_it_waits_does_no_harm(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Accepted;
  struct peer *Gone = peer_connect(TEST_IPV6, Port), *Peer;
  TEST_ADDRESS Remote;

  REQUIRE(Listener != NULL && Gone != NULL);
  peer_reset(Gone);
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL);
  do {
    Accepted = SocketOf(Accept(NewCall(), Listener, NULL, &Remote));
    REQUIRE(Accepted != NULL);
  } while (PortOf(&Remote) == peer_local_port(Gone));
  CheckConnection(Accepted, Peer);
}

CONFORMANCE_GROUP(accept) = {
    TEST(a_listener_has_its_own_table, "CAT-06 CAT-01 SOCKET-03"),
    TEST(a_bound_listener_can_be_connected_to, "BIND-02 SOCKET-03 GETLOCAL-01"),
    TEST(the_wildcard_accepts_on_loopback, "BIND-03 GETLOCAL-03"),
    TEST(a_listener_of_datagrams_is_made_and_not_bound, "OBS-07"),
    TEST(an_unbound_listener_accepts_nothing, "ACCEPT-04 GETLOCAL-02"),
    TEST(an_address_in_use_is_refused_to_a_listener, "OBS-08 SOCKET-14"),
    TEST(a_port_is_its_listeners_alone, "BIND-02"),
    TEST(an_accepted_connection_knows_both_addresses,
         "ACCEPT-01 ACCEPT-03 ACCEPT-07 OBS-10 GETLOCAL-03 GETREMOTE-01"),
    TEST(the_oldest_waiting_connection_is_accepted_at_once,
         "ACCEPT-02 ACCEPT-03"),
    TEST(several_accepts_are_served_in_order, "ACCEPT-03 OBS-12"),
    TEST(a_second_accept_beside_one_is_reported, "OBS-12"),
    TEST(accepts_one_after_the_other_are_not_reported, "OBS-12"),
    TEST(both_ends_may_be_kernel_sockets, "ACCEPT-01 CAT-06"),
    TEST(an_accepted_sockets_callbacks_start_disabled, "ACCEPT-06 SOCKET-08"),
    TEST(the_flags_of_an_accept_are_zero, "FLAGS-01"),
    TEST(where_an_accept_writes_to_stays_until_it_completes, "ACCEPT-07"),
    TEST(an_accept_needs_an_irp, "IRP-01"),
    TEST(no_inspection_can_be_completed, "IRP-02"),
    TEST(accepting_works_at_dispatch_level, "IRQL-03"),
    TEST(a_cancelled_accept_leaves_the_others, "IRP-19"),
    TEST(an_accept_cancelled_before_the_call_takes_nothing, "IRP-19"),
    TEST(closing_a_listener_cancels_its_accepts, "OBS-11 CLOSE-02"),
    TEST(closing_a_listener_resets_what_waits, "CLOSE-07"),
    TEST(an_accepted_connection_outlives_its_listener, "ACCEPT-08"),
    TEST(an_accepted_connection_is_closed_by_the_client, "ACCEPT-08 CLOSE-07"),
    TEST(a_connection_reset_while_it_waits_does_no_harm, "ACCEPT-03"),
};
