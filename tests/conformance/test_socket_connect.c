/* WskSocketConnect. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* Defends against a socket that is not usable the moment it is handed out. */
static VOID one_call_makes_a_connected_socket(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  TEST_ADDRESS Local, Remote, Seen;
  PTEST_BUFFER Buffer = NewBuffer(8);
  PWSK_CALL Call =
      CreateConnected(NewCall(), Wildcard(&Local, 0), Loopback(&Remote, Port));
  PWSK_SOCKET Socket = SocketOf(Call);
  struct peer *Peer = peer_accept(Port);

  REQUIRE(Socket != NULL && Peer != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Socket);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("hello", 5)->Wsk, 0),
               STATUS_SUCCESS, 5);
  CHECK(peer_expect(Peer, "hello", 5));
  peer_send(Peer, "yes", 3);
  CHECK_COMPLETED(Receive(NewCall(), Socket, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  3);
  CHECK_AT_ONCE(GetRemote(NewCall(), Socket, &Seen), STATUS_SUCCESS, 0);
  CHECK_EQUAL(Port, PortOf(&Seen));
  CHECK(IsLoopback(&Seen));
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Seen), STATUS_SUCCESS, 0);
  CHECK_EQUAL(peer_remote_port(Peer), PortOf(&Seen));
  CHECK(IsLoopback(&Seen));
}

/* Defends against a local address that is ignored. */
static VOID the_local_address_is_used(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  TEST_ADDRESS Local, Remote;
  PWSK_SOCKET Socket, Other;

  Socket = SocketOf(
      CreateConnected(NewCall(), Loopback(&Local, 0), Loopback(&Remote, Port)));
  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(GetLocal(NewCall(), Socket, &Local), STATUS_SUCCESS, 0);
  /* The same port again: the bind step fails. */
  CHECK_PENDED(CreateConnected(NewCall(), &Local, &Remote),
               STATUS_ADDRESS_ALREADY_ASSOCIATED, 0);
  Other = SocketOf(
      CreateConnected(NewCall(), Loopback(&Local, 0), Loopback(&Remote, Port)));
  CHECK(Other != NULL);
}

/* Defends against a socket left open that nobody has a pointer to. */
static VOID a_failed_step_leaves_no_socket(VOID) {
  USHORT Refusing = peer_refusing_port(TEST_IPV6);
  USHORT Port = peer_listen(TEST_IPV6, 0);
  TEST_ADDRESS Local, Remote;

  CHECK_PENDED(CreateConnected(NewCall(), Wildcard(&Local, 0),
                               Loopback(&Remote, Refusing)),
               STATUS_CONNECTION_REFUSED, 0);
  CHECK_PENDED(
      CreateConnected(NewCall(), Foreign(&Local, 0), Loopback(&Remote, Port)),
      STATUS_INVALID_ADDRESS_COMPONENT, 0);
  CHECK_PENDED(CreateConnected(NewCall(),
                               Loopback(&Local, peer_taken_port(TEST_IPV6, 0)),
                               Loopback(&Remote, Port)),
               STATUS_ADDRESS_ALREADY_ASSOCIATED, 0);
  CHECK_PENDED(
      CreateConnected(NewCall(), Wildcard(&Local, 0), Loopback(&Remote, 0)),
      STATUS_INVALID_ADDRESS_COMPONENT, 0);
}

static PWSK_CALL ConnectWith(USHORT Type, ULONG Protocol, PVOID Local,
                             PVOID Remote, ULONG Flags) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TestNpi.Dispatch->WskSocketConnect(
      TestNpi.Client, Type, Protocol, Local, Remote, Flags, NULL, NULL, NULL,
      NULL, NULL, Irp);
  return Call;
}

/* Defends against a sockaddr read as if it were of the other family. */
static VOID both_addresses_are_of_one_family(VOID) {
  TEST_ADDRESS Local, Remote;

  Wildcard(&Local, 0);
  Loopback(&Remote, peer_listen(TEST_IPV6, 0));
  Remote.Any.sa_family = TEST_IPV6 ? AF_INET : AF_INET6;
  CHECK_AT_ONCE(CreateConnected(NewCall(), &Local, &Remote),
                STATUS_INVALID_PARAMETER, 0);
  Local.Any.sa_family = Remote.Any.sa_family = 99;
  CHECK_AT_ONCE(CreateConnected(NewCall(), &Local, &Remote),
                STATUS_INVALID_PARAMETER, 0);
}

/* Defends against arguments that are taken although they mean nothing. */
static VOID bad_arguments_are_refused(VOID) {
  TEST_ADDRESS Local, Remote;

  host_expect_reports();
  Wildcard(&Local, 0);
  Loopback(&Remote, peer_listen(TEST_IPV6, 0));
#define REFUSED(call) CHECK_AT_ONCE(call, STATUS_INVALID_PARAMETER, 0)
  REFUSED(ConnectWith(SOCK_DGRAM, IPPROTO_UDP, &Local, &Remote, 0));
  REFUSED(ConnectWith(SOCK_RAW, IPPROTO_ICMP, &Local, &Remote, 0));
  REFUSED(ConnectWith(SOCK_STREAM, IPPROTO_UDP, &Local, &Remote, 0));
  REFUSED(ConnectWith(SOCK_STREAM, IPPROTO_TCP, NULL, &Remote, 0));
  REFUSED(ConnectWith(SOCK_STREAM, IPPROTO_TCP, &Local, NULL, 0));
  REFUSED(ConnectWith(SOCK_STREAM, IPPROTO_TCP, &Local, &Remote, 1));
#undef REFUSED
  CHECK_EQUAL(1, host_reports("FLAGS-01"));
}

/* Defends against addresses that must live on after the call. */
static VOID the_addresses_are_copied(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  TEST_ADDRESS Local, Remote;
  PWSK_CALL Call =
      CreateConnected(NewCall(), Wildcard(&Local, 0), Loopback(&Remote, Port));

  RtlFillMemory(&Local, sizeof(Local), 0xFF);
  RtlFillMemory(&Remote, sizeof(Remote), 0xFF);
  CHECK(SocketOf(Call) != NULL);
  CHECK(peer_accept(Port) != NULL);
}

/* Defends against a cancelled call that leaves its half-made socket. */
static VOID a_pending_call_can_be_cancelled(VOID) {
  USHORT Port = peer_silent_port(TEST_IPV6);
  TEST_ADDRESS Local, Remote;
  PWSK_CALL Call;

  REQUIRE(Port != 0);
  Call =
      CreateConnected(NewCall(), Wildcard(&Local, 0), Loopback(&Remote, Port));
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
}

/* Defends against a cancel that comes before the call and is overlooked. */
static VOID a_cancelled_irp_makes_no_socket(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  TEST_ADDRESS Local, Remote;
  PWSK_CALL Call = NewCall();

  CancelCall(Call);
  CHECK_PENDED(
      CreateConnected(Call, Wildcard(&Local, 0), Loopback(&Remote, Port)),
      STATUS_CANCELLED, 0);
}

static PWSK_CALL SetRandomizePort(PWSK_CALL Call, PWSK_SOCKET Socket) {
  PIRP Irp = PrepareCall(Call);
  ULONG On = 1;

  Call->Returned = DispatchOf(Socket)->WskControlSocket(
      Socket, WskSetOption, SO_RANDOMIZE_PORT, SOL_SOCKET, sizeof(On), &On, 0,
      NULL, NULL, Irp);
  WaitForCall(Call);
  return Call;
}

/* Defends against an option that comes too late and seems to be in time. */
static VOID what_comes_before_a_bind_needs_separate_calls(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Separate = OpenSocket(), Socket;
  TEST_ADDRESS Local, Remote;

  Socket = SocketOf(
      CreateConnected(NewCall(), Wildcard(&Local, 0), Loopback(&Remote, Port)));
  REQUIRE(Socket != NULL && Separate != NULL);
  CHECK_COMPLETED(SetRandomizePort(NewCall(), Socket),
                  STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_COMPLETED(SetRandomizePort(NewCall(), Separate), STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), Separate, &Local), STATUS_SUCCESS, 0);
  CHECK_PENDED(Connect(NewCall(), Separate, &Remote), STATUS_SUCCESS, 0);
}

CONFORMANCE_GROUP(socket_connect) = {
    TEST(one_call_makes_a_connected_socket, "SOCKETCONNECT-01 GETLOCAL-03"),
    TEST(the_local_address_is_used, "SOCKETCONNECT-02"),
    TEST(a_failed_step_leaves_no_socket, "SOCKETCONNECT-02 CONNECT-02"),
    TEST(both_addresses_are_of_one_family, "SOCKETCONNECT-03 BIND-01"),
    TEST(bad_arguments_are_refused, "SOCKETCONNECT-04 FLAGS-01"),
    TEST(what_comes_before_a_bind_needs_separate_calls, "SOCKETCONNECT-05"),
    TEST(the_addresses_are_copied, "CONNECT-05"),
    TEST(a_pending_call_can_be_cancelled, "SOCKETCONNECT-02 IRP-19"),
    TEST(a_cancelled_irp_makes_no_socket, "IRP-19"),
};
