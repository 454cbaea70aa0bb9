/* WskSocket for connection sockets. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

static PWSK_CALL Create(ADDRESS_FAMILY Family, USHORT Type, ULONG Protocol,
                        ULONG Flags) {
  return CreateSocket(NewCall(), Family, Type, Protocol, Flags);
}

/* Defends against a socket that is handed out some other way. */
static VOID a_connection_socket_comes_with_the_irp(VOID) {
  PWSK_CALL Call =
      Create(TestFamily, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET);
  PWSK_SOCKET Socket = SocketOf(Call);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Socket);
  CHECK(Socket->Dispatch != NULL);
}

/* Defends against a hole or a wrong order in the table. */
static VOID a_connection_socket_has_a_full_table(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  const PVOID *Members;
  ULONG i;

  REQUIRE(Socket != NULL);
  Members = (const PVOID *)Socket->Dispatch;
  for (i = 0; i <= 10; i++)
    CHECK(Members[i] != NULL);
  CHECK((PVOID)DispatchOf(Socket)->WskConnectEx == Members[10]);
  CHECK_EQUAL(5 * sizeof(PVOID), FIELD_OFFSET(WSK_PROVIDER_CONNECTION_DISPATCH,
                                              WskGetRemoteAddress));
  CHECK_EQUAL(6 * sizeof(PVOID), sizeof(WSK_PROVIDER_LISTEN_DISPATCH));
}

/* Defends against a category picked from two. */
static VOID exactly_one_category_is_wanted(VOID) {
  CHECK_AT_ONCE(Create(TestFamily, SOCK_STREAM, IPPROTO_TCP,
                       WSK_FLAG_CONNECTION_SOCKET | WSK_FLAG_LISTEN_SOCKET),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(Create(TestFamily, SOCK_STREAM, IPPROTO_TCP,
                       WSK_FLAG_CONNECTION_SOCKET | WSK_FLAG_STREAM_SOCKET),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(Create(TestFamily, SOCK_STREAM, IPPROTO_TCP, 0x10),
                STATUS_INVALID_PARAMETER, 0);
}

/* Defends against a connection socket over what has no connections. */
static VOID a_connection_socket_is_tcp(VOID) {
  CHECK_AT_ONCE(
      Create(TestFamily, SOCK_DGRAM, IPPROTO_UDP, WSK_FLAG_CONNECTION_SOCKET),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(
      Create(TestFamily, SOCK_RAW, IPPROTO_ICMP, WSK_FLAG_CONNECTION_SOCKET),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(
      Create(TestFamily, SOCK_STREAM, IPPROTO_UDP, WSK_FLAG_CONNECTION_SOCKET),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(
      Create(TestFamily, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_DATAGRAM_SOCKET),
      STATUS_INVALID_PARAMETER, 0);
}

/* Defends against a family that reaches the host as it is. */
static VOID an_unknown_family_is_refused(VOID) {
  static const ADDRESS_FAMILY Families[] = {0, 1, 10, 99};
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Families); i++)
    CHECK_AT_ONCE(Create(Families[i], SOCK_STREAM, IPPROTO_TCP,
                         WSK_FLAG_CONNECTION_SOCKET),
                  STATUS_INVALID_PARAMETER, 0);
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

static PWSK_SOCKET OpenWith(PVOID Context,
                            const WSK_CLIENT_CONNECTION_DISPATCH *Callbacks,
                            PEPROCESS Process, PETHREAD Thread) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskSocket(
      TestNpi.Client, TestFamily, SOCK_STREAM, IPPROTO_TCP,
      WSK_FLAG_CONNECTION_SOCKET, Context, Callbacks, Process, Thread, NULL,
      Irp);
  return SocketOf(Call);
}

static VOID ConnectTo(PWSK_SOCKET Socket, USHORT Port) {
  TEST_ADDRESS Address;

  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
}

/* Defends against callbacks that were not asked for yet, and against a socket
 * context that is followed: it is the client's, and may be any number. */
static VOID no_callback_comes_before_it_is_enabled(VOID) {
  static const WSK_CLIENT_CONNECTION_DISPATCH Callbacks = {OnReceive,
                                                           OnDisconnect, NULL};
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenWith((PVOID)1, &Callbacks, NULL, NULL);
  PTEST_BUFFER Buffer = NewBuffer(8);
  struct peer *Peer;

  Events = 0;
  REQUIRE(Socket != NULL);
  ConnectTo(Socket, Port);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  peer_send(Peer, "kept", 4);
  peer_finish(Peer);
  CHECK(peer_flush(Peer));
  host_run_a_while();
  CHECK_EQUAL(0, Events);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_WAITALL),
                  STATUS_SUCCESS, 4);
  CHECK_EQUAL(0, Events);
}

/* Defends against a creation that depends on who asks. */
static VOID the_owning_process_and_thread_do_not_matter(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket =
      OpenWith(NULL, NULL, PsGetCurrentProcess(), PsGetCurrentThread());

  REQUIRE(Socket != NULL);
  ConnectTo(Socket, Port);
  CHECK(peer_accept(Port) != NULL);
}

/* Defends against sockets that stay behind: the end of every test counts. */
static VOID closing_frees_the_socket(VOID) {
  PWSK_SOCKET Socket;
  ULONG i;

  for (i = 0; i < 200; i++) {
    Socket = OpenSocket();
    REQUIRE(Socket != NULL);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  }
}

/* Defends against a provider that waits, or needs paged memory. */
static VOID sockets_are_made_at_dispatch_level(VOID) {
  TEST_ADDRESS Local, Remote;
  PWSK_CALL Call;

  TestAtDispatch = TRUE;
  CHECK(OpenSocket() != NULL);
  Call = CreateConnected(NewCall(), Wildcard(&Local, 0),
                         Loopback(&Remote, peer_listen(TEST_IPV6, 0)));
  CHECK(SocketOf(Call) != NULL);
  TestAtDispatch = FALSE;
}

CONFORMANCE_GROUP(socket) = {
    TEST(a_connection_socket_comes_with_the_irp,
         "SOCKET-01 SOCKET-03 SOCKET-06 OBS-06"),
    TEST(a_connection_socket_has_a_full_table, "TYPES-04 GETREMOTE-03"),
    TEST(exactly_one_category_is_wanted, "SOCKET-02"),
    TEST(a_connection_socket_is_tcp, "SOCKET-03 SOCKET-04 SOCKET-05"),
    TEST_ONCE(an_unknown_family_is_refused, "SOCKET-06"),
    TEST(no_callback_comes_before_it_is_enabled,
         "SOCKET-08 SOCKET-11 SOCKET-12"),
    TEST(the_owning_process_and_thread_do_not_matter, "SOCKET-15"),
    TEST(closing_frees_the_socket, "SOCKET-16"),
    TEST(sockets_are_made_at_dispatch_level, "IRQL-02"),
};
