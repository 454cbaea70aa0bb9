/* The world fails: no memory, no descriptors, no peer. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

/* More allocations than any one call makes. */
#define MANY 64

/* ---- out of memory --------------------------------------------------- */

/* One attempt with the nth allocation failing. TRUE when it failed, and so
 * there may be a further one to try. */
typedef BOOLEAN (*ATTEMPT)(ULONG Nth);

/* Defends against an allocation whose failure was never thought of. */
static VOID FailEachAllocation(ATTEMPT Attempt) {
  ULONG Nth;

  for (Nth = 1; Nth <= MANY; Nth++)
    if (!Attempt(Nth))
      return;
  CHECK(!"the call makes fewer allocations");
}

/* The call is over: what it came to must be what the fault says. TRUE when
 * the fault struck. */
static BOOLEAN CheckFault(PWSK_CALL Call, ULONG_PTR Information) {
  BOOLEAN Struck;

  WaitForCall(Call);
  Struck = host_allocation_failed() != 0;
  host_fail_allocation(0);
  if (Struck)
    CHECK_COMPLETED(Call, STATUS_INSUFFICIENT_RESOURCES, 0);
  else
    CHECK_COMPLETED(Call, STATUS_SUCCESS, Information);
  return Struck;
}

static BOOLEAN TrySocket(ULONG Nth) {
  PWSK_CALL Call = NewCall();
  BOOLEAN Struck;

  host_fail_allocation(Nth);
  CreateSocket(Call, TestFamily, SOCK_STREAM, IPPROTO_TCP,
               WSK_FLAG_CONNECTION_SOCKET);
  Struck = CheckFault(Call, TEST_ANY);
  CHECK((SocketOf(Call) == NULL) == Struck);
  return Struck;
}

static VOID a_socket_without_memory_fails(VOID) {
  FailEachAllocation(TrySocket);
}

static BOOLEAN TrySocketConnect(ULONG Nth) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  TEST_ADDRESS Local, Remote;
  PWSK_CALL Call = NewCall();
  BOOLEAN Struck;

  Wildcard(&Local, 0);
  Loopback(&Remote, Port);
  host_fail_allocation(Nth);
  CreateConnected(Call, &Local, &Remote);
  Struck = CheckFault(Call, TEST_ANY);
  CHECK((SocketOf(Call) == NULL) == Struck);
  return Struck;
}

static VOID a_socket_connect_without_memory_fails(VOID) {
  FailEachAllocation(TrySocketConnect);
}

static BOOLEAN TryBind(ULONG Nth) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Address;
  BOOLEAN Struck;

  if (Socket == NULL)
    return FALSE;
  Wildcard(&Address, 0);
  host_fail_allocation(Nth);
  Struck = CheckFault(Bind(Call, Socket, &Address), 0);
  if (Struck)
    CHECK_PENDED(Bind(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  return Struck;
}

static VOID a_bind_without_memory_fails(VOID) {
  FailEachAllocation(TryBind);
}

static BOOLEAN TryConnectWith(ULONG Nth, BOOLEAN WithData) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  PWSK_SOCKET Socket = OpenBoundSocket();
  PTEST_BUFFER Buffer = BufferOf("data", 4);
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Address;
  BOOLEAN Struck;

  if (Socket == NULL)
    return FALSE;
  Loopback(&Address, Port);
  host_fail_allocation(Nth);
  if (WithData)
    ConnectEx(Call, Socket, &Address, &Buffer->Wsk, 0);
  else
    Connect(Call, Socket, &Address);
  Struck = CheckFault(Call, 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  return Struck;
}

static BOOLEAN TryConnect(ULONG Nth) {
  return TryConnectWith(Nth, FALSE);
}

static BOOLEAN TryConnectEx(ULONG Nth) {
  return TryConnectWith(Nth, TRUE);
}

static VOID a_connect_without_memory_fails(VOID) {
  FailEachAllocation(TryConnect);
}

static VOID a_connect_ex_without_memory_fails(VOID) {
  FailEachAllocation(TryConnectEx);
}

/* A chain longer than any array of ours, to a peer that is slow to read. */
static PTEST_BUFFER LongChain(VOID) {
  ULONG Lengths[TEST_MAX_PIECES], i;

  for (i = 0; i < TEST_MAX_PIECES; i++)
    Lengths[i] = 50000;
  return NewChain(Lengths, TEST_MAX_PIECES);
}

static BOOLEAN TrySend(ULONG Nth) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_SMALL_BUFFER, &Peer);
  PTEST_BUFFER Buffer = LongChain();
  PWSK_CALL Call = NewCall();
  BOOLEAN Struck;

  if (Socket == NULL)
    return FALSE;
  host_fail_allocation(Nth);
  Struck = CheckFault(Send(Call, Socket, &Buffer->Wsk, 0), Buffer->Wsk.Length);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  return Struck;
}

static VOID a_send_without_memory_fails_or_needs_none(VOID) {
  FailEachAllocation(TrySend);
}

static BOOLEAN TryReceive(ULONG Nth) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(100);
  PWSK_CALL Call = NewCall();
  BOOLEAN Struck;

  if (Socket == NULL)
    return FALSE;
  host_fail_allocation(Nth);
  Receive(Call, Socket, &Buffer->Wsk, WSK_FLAG_WAITALL);
  peer_send_pattern(Peer, 0, 100);
  Struck = CheckFault(Call, 100);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  return Struck;
}

static VOID a_receive_without_memory_fails_or_needs_none(VOID) {
  FailEachAllocation(TryReceive);
}

static BOOLEAN TryDisconnect(ULONG Nth) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = BufferOf("last", 4);
  PWSK_CALL Call = NewCall();
  BOOLEAN Struck;

  if (Socket == NULL)
    return FALSE;
  host_fail_allocation(Nth);
  Struck = CheckFault(Disconnect(Call, Socket, &Buffer->Wsk, 0), 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  return Struck;
}

static VOID a_disconnect_without_memory_fails_or_needs_none(VOID) {
  FailEachAllocation(TryDisconnect);
}

/* Defends against a close that needs memory to give memory back. */
static VOID closing_and_aborting_need_no_memory(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(4);
  PWSK_CALL Receiving = NewCall(), Aborting = NewCall(), Closing = NewCall();

  REQUIRE(Socket != NULL);
  Receive(Receiving, Socket, &Buffer->Wsk, 0);
  host_fail_allocation(1);
  CHECK_PENDED(Disconnect(Aborting, Socket, NULL, WSK_FLAG_ABORTIVE),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(Close(Closing, Socket), STATUS_SUCCESS, 0);
  CHECK(!host_allocation_failed());
  host_fail_allocation(0);
  CHECK_PENDED(Receiving, STATUS_CONNECTION_ABORTED, 0);
}

static BOOLEAN TryResolve(ULONG Nth) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  PADDRINFOEXW List = NULL;
  UNICODE_STRING Node;
  BOOLEAN Struck;

  RtlInitUnicodeString(&Node, TEST_IPV6 ? L"::1" : L"127.0.0.1");
  host_fail_allocation(Nth);
  Call->Returned = TestNpi.Dispatch->WskGetAddressInfo(
      TestNpi.Client, &Node, NULL, 0, NULL, NULL, &List, NULL, NULL, Irp);
  Struck = CheckFault(Call, 0);
  CHECK((List == NULL) == Struck);
  if (List != NULL)
    TestNpi.Dispatch->WskFreeAddressInfo(TestNpi.Client, List);
  return Struck;
}

static VOID a_look_up_without_memory_fails(VOID) {
  FailEachAllocation(TryResolve);
}

static BOOLEAN TryName(ULONG Nth) {
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  WCHAR Text[20] = {0};
  UNICODE_STRING Node = {0, sizeof(Text), Text};
  TEST_ADDRESS Address;

  Loopback(&Address, 80);
  host_fail_allocation(Nth);
  Call->Returned = TestNpi.Dispatch->WskGetNameInfo(
      TestNpi.Client, &Address.Any, sizeof(Address), &Node, NULL,
      NI_NUMERICHOST, NULL, NULL, Irp);
  return CheckFault(Call, 0);
}

static VOID a_name_without_memory_fails(VOID) {
  FailEachAllocation(TryName);
}

static BOOLEAN TryRegister(ULONG Nth) {
  WSK_REGISTRATION Registration;
  WSK_CLIENT_NPI Client;
  WSK_PROVIDER_NPI Npi;
  NTSTATUS Status;
  BOOLEAN Struck;

  Client.ClientContext = NULL;
  Client.Dispatch = &TestClientDispatch;
  host_fail_allocation(Nth);
  Status = WskRegister(&Client, &Registration);
  if (NT_SUCCESS(Status)) {
    Status = WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Npi);
    if (NT_SUCCESS(Status))
      WskReleaseProviderNPI(&Registration);
    WskDeregister(&Registration);
  }
  Struck = host_allocation_failed() != 0;
  host_fail_allocation(0);
  CHECK_STATUS(Struck ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS, Status);
  return Struck;
}

static VOID registering_without_memory_fails(VOID) {
  FailEachAllocation(TryRegister);
}

/* ---- out of descriptors ---------------------------------------------- */

/* Defends against a host error that has no NTSTATUS, and a half-made socket. */
static VOID a_socket_without_a_descriptor_fails(VOID) {
  PWSK_CALL One = NewCall(), Other = NewCall();
  TEST_ADDRESS Local, Remote;

  Wildcard(&Local, 0);
  Loopback(&Remote, peer_listen(TEST_IPV6, 0));
  if (!host_take_descriptors()) {
    /* Windows has no limit to meet. */
    CHECK(host_is_windows());
    return;
  }
  CreateSocket(One, TestFamily, SOCK_STREAM, IPPROTO_TCP,
               WSK_FLAG_CONNECTION_SOCKET);
  CreateConnected(Other, &Local, &Remote);
  CHECK_PENDED(One, STATUS_INSUFFICIENT_RESOURCES, 0);
  CHECK_PENDED(Other, STATUS_INSUFFICIENT_RESOURCES, 0);
  host_give_descriptors();
  CHECK(OpenSocket() != NULL);
}

/* ---- a provider that is not ready ------------------------------------ */

/* Defends against sockets that die when the provider steps back. */
static VOID an_unready_provider_keeps_its_sockets(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  host_provider_ready(0);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("still", 5)->Wsk, 0),
               STATUS_SUCCESS, 5);
  CHECK(peer_expect(Peer, "still", 5));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  host_provider_ready(1);
}

CONFORMANCE_GROUP(failures) = {
    TEST(a_socket_without_memory_fails, "IRP-02"),
    TEST(a_socket_connect_without_memory_fails, "SOCKETCONNECT-02"),
    TEST(a_bind_without_memory_fails, "IRP-02"),
    TEST(a_connect_without_memory_fails, "IRP-02"),
    TEST(a_connect_ex_without_memory_fails, "IRP-02"),
    TEST(a_send_without_memory_fails_or_needs_none, "IRP-02"),
    TEST(a_receive_without_memory_fails_or_needs_none, "IRP-02"),
    TEST(a_disconnect_without_memory_fails_or_needs_none, "IRP-02"),
    TEST(a_look_up_without_memory_fails, "IRP-02"),
    TEST(a_name_without_memory_fails, "IRP-02"),
    TEST(closing_and_aborting_need_no_memory, "CLOSE-01"),
    TEST_ONCE(registering_without_memory_fails, "REGISTER-01"),
    TEST(a_socket_without_a_descriptor_fails, "IRP-03"),
    TEST(an_unready_provider_keeps_its_sockets, "RELNPI-03"),
};
