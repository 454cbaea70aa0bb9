/* Binding to an address that another socket has. */
#include <ntifs.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wsksecurity.h"

#define INUSE STATUS_ADDRESS_ALREADY_ASSOCIATED

typedef enum _WISH { Default, Reuse, Exclusive, Wishes } WISH;

static PWSK_CALL Option(PWSK_CALL Call, PWSK_SOCKET Socket,
                        WSK_CONTROL_SOCKET_TYPE Type, ULONG Code,
                        PULONG Value) {
  const WSK_PROVIDER_BASIC_DISPATCH *Dispatch = Socket->Dispatch;
  PIRP Irp = PrepareCall(Call);
  BOOLEAN Set = Type == WskSetOption;

  Call->Returned = Dispatch->WskControlSocket(
      Socket, Type, Code, SOL_SOCKET, Set ? sizeof(*Value) : 0,
      Set ? Value : NULL, Set ? 0 : sizeof(*Value), Set ? NULL : Value, NULL,
      Irp);
  return Call;
}

static VOID Want(PWSK_SOCKET Socket, WISH Wish) {
  ULONG On = TRUE;

  if (Wish != Default)
    CHECK_AT_ONCE(
        Option(NewCall(), Socket, WskSetOption,
               Wish == Reuse ? SO_REUSEADDR : (ULONG)SO_EXCLUSIVEADDRUSE, &On),
        STATUS_SUCCESS, 0);
}

/* What the sockets of the tables are: connection or datagram sockets. */
static BOOLEAN Datagrams;

static PWSK_SOCKET Open(VOID) {
  PWSK_SOCKET Socket;

  if (!Datagrams)
    return OpenSocket();
  Socket = SocketOf(CreateSocket(NewCall(), TestFamily, SOCK_DGRAM, IPPROTO_UDP,
                                 WSK_FLAG_DATAGRAM_SOCKET));
  CHECK(Socket != NULL);
  return Socket;
}

static PWSK_CALL GetBound(PWSK_CALL Call, PWSK_SOCKET Socket,
                          PTEST_ADDRESS Address) {
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch = Socket->Dispatch;

  if (!Datagrams)
    return GetLocal(Call, Socket, Address);
  Call->Returned =
      Dispatch->WskGetLocalAddress(Socket, &Address->Any, PrepareCall(Call));
  return Call;
}

static USHORT BoundTo(PWSK_SOCKET Socket) {
  TEST_ADDRESS Address;

  CHECK_AT_ONCE(GetBound(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
  return PortOf(&Address);
}

static PTEST_ADDRESS Place(PTEST_ADDRESS Address, BOOLEAN Specific,
                           USHORT Port) {
  return Specific ? Loopback(Address, Port) : Wildcard(Address, Port);
}

/* The first socket of a pair, with its descriptor (NULL: the default), bound.
 */
static PWSK_SOCKET OpenFirst(WISH Wish, BOOLEAN Specific,
                             PSECURITY_DESCRIPTOR Cached) {
  PWSK_SOCKET First = Open();
  TEST_ADDRESS Address;

  if (First == NULL)
    return NULL;
  Want(First, Wish);
  if (Cached != NULL)
    CHECK_AT_ONCE(SetSecurity(NewCall(), First, Cached), STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), First, Place(&Address, Specific, 0)),
               STATUS_SUCCESS, 0);
  return First;
}

/* What binding a second socket beside the first comes to. */
static VOID BindSecond(PWSK_SOCKET First, WISH Wish, BOOLEAN Specific,
                       NTSTATUS Expected) {
  PWSK_SOCKET Second = Open();
  USHORT Port = BoundTo(First);
  TEST_ADDRESS Address;

  if (Second == NULL)
    return;
  Want(Second, Wish);
  CHECK_PENDED(Bind(NewCall(), Second, Place(&Address, Specific, Port)),
               Expected, 0);
  if (Expected == STATUS_SUCCESS)
    CHECK_EQUAL(Port, BoundTo(Second));
  CHECK_PENDED(Close(NewCall(), Second), STATUS_SUCCESS, 0);
}

static NTSTATUS Outcome(char Letter) {
  switch (Letter) {
  case 'S':
    return STATUS_SUCCESS;
  case 'I':
    return INUSE;
  default: /* D, and C under the default descriptor */
    return STATUS_ACCESS_DENIED;
  }
}

/* A row of Windows' table: first default, reuse, exclusive, each at the
 * wildcard and at a specific address. */
static VOID CheckRow(WISH Wish, BOOLEAN Specific, const char *Row) {
  PWSK_SOCKET First;
  ULONG i;

  for (i = 0; i < 12; i++) {
    Datagrams = i >= 6;
    First = OpenFirst((WISH)(i % 6 / 2), (BOOLEAN)(i % 2), NULL);
    REQUIRE(First != NULL);
    BindSecond(First, Wish, Specific, Outcome(Row[i % 6]));
    CHECK_PENDED(Close(NewCall(), First), STATUS_SUCCESS, 0);
  }
  Datagrams = FALSE;
}

static VOID a_wildcard_bind_beside_another(VOID) {
  CheckRow(Default, FALSE, "ISISIS");
}

static VOID a_specific_bind_beside_another(VOID) {
  CheckRow(Default, TRUE, "CICDDI");
}

static VOID a_reusing_wildcard_bind_beside_another(VOID) {
  CheckRow(Reuse, FALSE, "DSSSDS");
}

static VOID a_reusing_specific_bind_beside_another(VOID) {
  CheckRow(Reuse, TRUE, "CDSSDD");
}

static VOID an_exclusive_wildcard_bind_beside_another(VOID) {
  CheckRow(Exclusive, FALSE, "IIIIII");
}

static VOID an_exclusive_specific_bind_beside_another(VOID) {
  CheckRow(Exclusive, TRUE, "CICIDI");
}

/* Defends against ports that are compared without their addresses. */
static VOID different_specific_addresses_never_conflict(VOID) {
  PWSK_SOCKET First, Second;
  TEST_ADDRESS Address;
  ULONG i;

  for (i = 0; i < Wishes * Wishes; i++) {
    First = OpenFirst((WISH)(i / Wishes), TRUE, NULL);
    Second = OpenSocket();
    REQUIRE(First != NULL && Second != NULL);
    Want(Second, (WISH)(i % Wishes));
    Loopback(&Address, BoundTo(First));
    Address.V4.sin_addr.s_addr = RtlUlongByteSwap(0x7f000002);
    CHECK_PENDED(Bind(NewCall(), Second, &Address), STATUS_SUCCESS, 0);
    CHECK_PENDED(Close(NewCall(), First), STATUS_SUCCESS, 0);
    CHECK_PENDED(Close(NewCall(), Second), STATUS_SUCCESS, 0);
  }
}

/* ---- the access check ---------------------------------------------------- */

/* Every cell of the table that says so asks the first socket's descriptor. */
static VOID CheckAccess(PSECURITY_DESCRIPTOR Cached, BOOLEAN Granted) {
  static const struct {
    WISH First, Second;
  } Cells[] = {{Default, Default},
               {Reuse, Default},
               {Default, Reuse},
               {Default, Exclusive},
               {Reuse, Exclusive}};
  PWSK_SOCKET First;
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Cells); i++) {
    First = OpenFirst(Cells[i].First, FALSE, Cached);
    REQUIRE(First != NULL);
    BindSecond(First, Cells[i].Second, TRUE,
               Granted ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
    CHECK_PENDED(Close(NewCall(), First), STATUS_SUCCESS, 0);
  }
}

static VOID CacheAndCheck(PTEST_DESCRIPTOR Descriptor, BOOLEAN Granted) {
  PSECURITY_DESCRIPTOR Cached = NULL;

  CHECK_STATUS(STATUS_SUCCESS,
               CacheDescriptor(&Descriptor->Descriptor, &Cached));
  if (Cached == NULL)
    return;
  CheckAccess(Cached, Granted);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
}

/* Defends against one table for ports of two kinds. Somebody else may have the
 * other port of that number; not always. */
static VOID streams_and_datagrams_have_ports_of_their_own(VOID) {
  PWSK_SOCKET First, Second;
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Address;
  ULONG Tries = 0;

  do {
    Datagrams = FALSE;
    First = OpenFirst(Exclusive, FALSE, NULL);
    REQUIRE(First != NULL);
    Wildcard(&Address, BoundTo(First));
    Datagrams = TRUE;
    Second = Open();
    if (Second == NULL)
      break;
    Want(Second, Exclusive);
    CHECK(WaitForCall(Bind(Call, Second, &Address)));
  } while (Call->Status != STATUS_SUCCESS && ++Tries < 5);
  Datagrams = FALSE;
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
}

static VOID the_default_descriptor_grants_nothing(VOID) {
  CheckAccess(NULL, FALSE);
}

/* Defends against a check that takes "no list" for "an empty one". */
static VOID a_descriptor_without_a_list_grants_everything(VOID) {
  TEST_DESCRIPTOR Mine;

  GrantTo(&Mine, TestSomebody, ACCESS_ALLOWED_ACE_TYPE);
  RtlSetDaclSecurityDescriptor(&Mine.Descriptor, TRUE, NULL, FALSE);
  CacheAndCheck(&Mine, TRUE);
  RtlSetDaclSecurityDescriptor(&Mine.Descriptor, FALSE, NULL, FALSE);
  CacheAndCheck(&Mine, TRUE);
}

/* Defends against a list that is not read, or not in its order. */
static VOID the_first_entry_about_the_process_decides(VOID) {
  TEST_DESCRIPTOR Mine;

  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  CacheAndCheck(&Mine, TRUE);
  GrantTo(&Mine, TestSystem, ACCESS_ALLOWED_ACE_TYPE);
  CacheAndCheck(&Mine, TRUE);
  GrantTo(&Mine, TestSomebody, ACCESS_ALLOWED_ACE_TYPE);
  CacheAndCheck(&Mine, FALSE);
  GrantTo(&Mine, TestSomebody, ACCESS_DENIED_ACE_TYPE);
  AddEntry(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  CacheAndCheck(&Mine, TRUE);
  GrantTo(&Mine, TestSystem, ACCESS_DENIED_ACE_TYPE);
  AddEntry(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  CacheAndCheck(&Mine, FALSE);
}

/* Defends against a descriptor that is accepted, and then not looked at. */
static VOID a_descriptor_may_be_given_when_the_socket_is_made(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Cached = NULL;
  PWSK_CALL Call = NewCall();
  PWSK_SOCKET First;
  TEST_ADDRESS Address;

  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  REQUIRE(CacheDescriptor(&Mine.Descriptor, &Cached) == STATUS_SUCCESS);
  Call->Returned =
      TestNpi.Dispatch->WskSocket(TestNpi.Client, TestFamily, SOCK_STREAM,
                                  IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET, NULL,
                                  NULL, NULL, NULL, Cached, PrepareCall(Call));
  First = SocketOf(Call);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
  REQUIRE(First != NULL);
  CHECK_PENDED(Bind(NewCall(), First, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  BindSecond(First, Default, TRUE, STATUS_SUCCESS);
}

/* Defends against a descriptor that is added to, not replaced. */
static VOID a_later_descriptor_replaces_an_earlier_one(VOID) {
  TEST_DESCRIPTOR Mine;
  PSECURITY_DESCRIPTOR Open = NULL, Closed = NULL;
  PWSK_SOCKET First = OpenSocket();
  TEST_ADDRESS Address;

  REQUIRE(First != NULL);
  host_spare(1);
  GrantTo(&Mine, TestEverybody, ACCESS_ALLOWED_ACE_TYPE);
  CHECK_STATUS(STATUS_SUCCESS, CacheDescriptor(&Mine.Descriptor, &Open));
  GrantTo(&Mine, TestEverybody, ACCESS_DENIED_ACE_TYPE);
  CHECK_STATUS(STATUS_SUCCESS, CacheDescriptor(&Mine.Descriptor, &Closed));
  host_spare(0);
  REQUIRE(Open != NULL && Closed != NULL);
  CHECK_AT_ONCE(SetSecurity(NewCall(), First, Closed), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(SetSecurity(NewCall(), First, Open), STATUS_SUCCESS, 0);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Open));
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Closed));
  CHECK_PENDED(Bind(NewCall(), First, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  BindSecond(First, Default, TRUE, STATUS_SUCCESS);
}

/* ---- the options --------------------------------------------------------- */

static VOID CheckOption(PWSK_SOCKET Socket, ULONG Code) {
  ULONG Value = 7, On = TRUE, Off = FALSE;

  CHECK_AT_ONCE(Option(NewCall(), Socket, WskGetOption, Code, &Value),
                STATUS_SUCCESS, sizeof(ULONG));
  CHECK_EQUAL(FALSE, Value);
  CHECK_AT_ONCE(Option(NewCall(), Socket, WskSetOption, Code, &On),
                STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(Option(NewCall(), Socket, WskGetOption, Code, &Value),
                STATUS_SUCCESS, sizeof(ULONG));
  CHECK_EQUAL(TRUE, Value);
  CHECK_AT_ONCE(Option(NewCall(), Socket, WskSetOption, Code, &Off),
                STATUS_SUCCESS, 0);
}

/* Defends against options of the host's, which are there or not. */
static VOID sharing_is_set_and_read(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_SOCKET Listener = SocketOf(CreateSocket(
      NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET));
  ULONG On = TRUE;

  REQUIRE(Socket != NULL && Listener != NULL);
  CheckOption(Socket, SO_REUSEADDR);
  CheckOption(Socket, (ULONG)SO_EXCLUSIVEADDRUSE);
  CheckOption(Listener, SO_REUSEADDR);
  CheckOption(Listener, (ULONG)SO_EXCLUSIVEADDRUSE);
  /* Not both. */
  Want(Socket, Reuse);
  CHECK_AT_ONCE(
      Option(NewCall(), Socket, WskSetOption, (ULONG)SO_EXCLUSIVEADDRUSE, &On),
      STATUS_INVALID_PARAMETER, 0);
  Want(Listener, Exclusive);
  CHECK_AT_ONCE(Option(NewCall(), Listener, WskSetOption, SO_REUSEADDR, &On),
                STATUS_INVALID_PARAMETER, 0);
}

/* Defends against rules that change while others rely on them. */
static VOID sharing_is_settled_before_the_bind(VOID) {
  PWSK_SOCKET Socket = OpenBoundSocket();
  PSECURITY_DESCRIPTOR Cached = NULL;
  ULONG On = TRUE, Value = 7;

  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(Option(NewCall(), Socket, WskSetOption, SO_REUSEADDR, &On),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(
      Option(NewCall(), Socket, WskSetOption, (ULONG)SO_EXCLUSIVEADDRUSE, &On),
      STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(Option(NewCall(), Socket, WskGetOption, SO_REUSEADDR, &Value),
                STATUS_SUCCESS, sizeof(ULONG));
  CHECK_EQUAL(FALSE, Value);
  CHECK_AT_ONCE(GetSecurity(NewCall(), Socket, &Cached), STATUS_SUCCESS,
                sizeof(Cached));
  CHECK_AT_ONCE(SetSecurity(NewCall(), Socket, Cached),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_STATUS(STATUS_SUCCESS, ReleaseDescriptor(Cached));
}

/* ---- what sharing is good for -------------------------------------------- */

static PWSK_SOCKET Listen(WISH Wish, BOOLEAN Specific, USHORT Port) {
  PWSK_SOCKET Listener = SocketOf(CreateSocket(
      NewCall(), TestFamily, SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET));
  TEST_ADDRESS Address;

  if (!CHECK(Listener != NULL))
    return NULL;
  Want(Listener, Wish);
  CHECK_PENDED(Bind(NewCall(), Listener, Place(&Address, Specific, Port)),
               STATUS_SUCCESS, 0);
  return Listener;
}

static USHORT ListensOn(PWSK_SOCKET Listener) {
  TEST_ADDRESS Address;

  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Listener, &Address), STATUS_SUCCESS,
                0);
  return PortOf(&Address);
}

/* Defends against a host that refuses, or that gives connections to whom they
 * are not for. */
static VOID a_wildcard_listener_gets_what_a_specific_one_leaves(VOID) {
  PWSK_SOCKET Specific = Listen(Default, TRUE, 0), Wild;
  PWSK_CALL One = NewCall(), Other = NewCall();
  USHORT Port;

  REQUIRE(Specific != NULL);
  if (!host_shares_listeners())
    return;
  Port = ListensOn(Specific);
  Wild = Listen(Default, FALSE, Port);
  REQUIRE(Wild != NULL && ListensOn(Wild) == Port);
  Accept(One, Specific, NULL, NULL);
  Accept(Other, Wild, NULL, NULL);
  REQUIRE(OpenConnection(Port) != NULL);
  CHECK_PENDED(One, STATUS_SUCCESS, TEST_ANY);
  CHECK(SocketOf(One) != NULL);
  CHECK_STILL_PENDING(Other);
  CHECK_PENDED(Close(NewCall(), Specific), STATUS_SUCCESS, 0);
  REQUIRE(OpenConnection(Port) != NULL);
  CHECK_PENDED(Other, STATUS_SUCCESS, TEST_ANY);
  CHECK(SocketOf(Other) != NULL);
}

/* Defends against a second listener that is there, and hears nothing. */
static VOID two_listeners_may_have_one_address(VOID) {
  PWSK_SOCKET One = Listen(Reuse, TRUE, 0), Other;
  USHORT Port;
  PWSK_CALL Call = NewCall();

  REQUIRE(One != NULL);
  if (!host_shares_listeners())
    return;
  Port = ListensOn(One);
  Other = Listen(Reuse, TRUE, Port);
  REQUIRE(Other != NULL);
  CHECK_PENDED(Close(NewCall(), One), STATUS_SUCCESS, 0);
  Accept(Call, Other, NULL, NULL);
  REQUIRE(OpenConnection(Port) != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, TEST_ANY);
  CHECK(SocketOf(Call) != NULL);
}

static PWSK_SOCKET OpenDatagrams(BOOLEAN Specific, USHORT Port) {
  PWSK_SOCKET Socket;
  TEST_ADDRESS Address;

  Datagrams = TRUE;
  Socket = Open();
  Datagrams = FALSE;
  if (Socket != NULL)
    CHECK_PENDED(Bind(NewCall(), Socket, Place(&Address, Specific, Port)),
                 STATUS_SUCCESS, 0);
  return Socket;
}

static PWSK_CALL ReceiveOne(PWSK_CALL Call, PWSK_SOCKET Socket,
                            PTEST_BUFFER Buffer) {
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch = Socket->Dispatch;

  Call->Returned = Dispatch->WskReceiveFrom(Socket, &Buffer->Wsk, 0, NULL, NULL,
                                            NULL, NULL, PrepareCall(Call));
  return Call;
}

static PWSK_CALL SendOne(PWSK_CALL Call, PWSK_SOCKET Socket,
                         PTEST_BUFFER Buffer, USHORT Port) {
  const WSK_PROVIDER_DATAGRAM_DISPATCH *Dispatch = Socket->Dispatch;
  TEST_ADDRESS Address;

  Call->Returned = Dispatch->WskSendTo(Socket, &Buffer->Wsk, 0,
                                       &Loopback(&Address, Port)->Any, 0, NULL,
                                       PrepareCall(Call));
  return Call;
}

/* Defends against a second socket that takes the first one's datagrams. */
static VOID a_datagram_goes_to_the_more_specific_socket(VOID) {
  PWSK_SOCKET Specific = OpenDatagrams(TRUE, 0), Wild, Sender;
  PTEST_BUFFER Out = BufferOf("to you", 6), In = NewBuffer(20);
  PTEST_BUFFER Other = NewBuffer(20);
  PWSK_CALL Call = NewCall(), Second = NewCall();
  USHORT Port;

  REQUIRE(Specific != NULL);
  if (!host_shares_listeners())
    return;
  Datagrams = TRUE;
  Port = BoundTo(Specific);
  Datagrams = FALSE;
  Wild = OpenDatagrams(FALSE, Port);
  Sender = OpenDatagrams(FALSE, 0);
  REQUIRE(Wild != NULL && Sender != NULL);
  ReceiveOne(Call, Specific, In);
  ReceiveOne(Second, Wild, Other);
  CHECK_COMPLETED(SendOne(NewCall(), Sender, Out, Port), STATUS_SUCCESS, 6);
  CHECK_PENDED(Call, STATUS_SUCCESS, 6);
  CHECK(BufferIs(In, 0, "to you", 6));
  CHECK_STILL_PENDING(Second);
  CHECK_PENDED(Close(NewCall(), Specific), STATUS_SUCCESS, 0);
  CHECK_COMPLETED(SendOne(NewCall(), Sender, Out, Port), STATUS_SUCCESS, 6);
  CHECK_PENDED(Second, STATUS_SUCCESS, 6);
  CHECK(BufferIs(Other, 0, "to you", 6));
}

/* Defends against a new host socket that is not told what the old one was. */
static VOID a_shared_address_outlives_a_failed_connect(VOID) {
  PWSK_SOCKET First = OpenFirst(Default, TRUE, NULL), Second = OpenSocket();
  USHORT Port = peer_listen(TEST_IPV6, 0), Mine;
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(First != NULL && Second != NULL && Port != 0);
  Mine = BoundTo(First);
  CHECK_PENDED(Bind(NewCall(), Second, Wildcard(&Address, Mine)),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(Connect(NewCall(), Second, Loopback(&Address, 1)),
               STATUS_CONNECTION_REFUSED, 0);
  CHECK_EQUAL(Mine, BoundTo(Second));
  CHECK_PENDED(Connect(NewCall(), Second, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK_EQUAL(Mine, peer_remote_port(Peer));
}

CONFORMANCE_GROUP(sharing) = {
    TEST(a_wildcard_bind_beside_another, "SHARE-01 SHARE-02"),
    TEST(a_specific_bind_beside_another, "SHARE-03"),
    TEST(a_reusing_wildcard_bind_beside_another, "SHARE-04"),
    TEST(a_reusing_specific_bind_beside_another, "SHARE-05"),
    TEST(an_exclusive_wildcard_bind_beside_another, "SHARE-06"),
    TEST(an_exclusive_specific_bind_beside_another, "SHARE-07"),
    TEST_ONCE(different_specific_addresses_never_conflict, "SHARE-08"),
    TEST(streams_and_datagrams_have_ports_of_their_own, "SHARE-08"),
    TEST(the_default_descriptor_grants_nothing, "SHARE-09 SOCKET-14"),
    TEST(a_descriptor_without_a_list_grants_everything, "SHARE-09"),
    TEST(the_first_entry_about_the_process_decides, "SHARE-09"),
    TEST(a_descriptor_may_be_given_when_the_socket_is_made,
         "SHARE-09 SOCKET-13 SOCKET-15"),
    TEST(a_later_descriptor_replaces_an_earlier_one, "SOPT-11"),
    TEST(sharing_is_set_and_read, "SOPT-05 SOPT-06"),
    TEST(sharing_is_settled_before_the_bind, "SOPT-14"),
    TEST(a_wildcard_listener_gets_what_a_specific_one_leaves, "SHARE-02"),
    TEST(two_listeners_may_have_one_address, "SHARE-05"),
    TEST(a_datagram_goes_to_the_more_specific_socket, "SHARE-02"),
    TEST(a_shared_address_outlives_a_failed_connect, "SHARE-02"),
};
