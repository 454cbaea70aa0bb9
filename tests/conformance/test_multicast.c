/* Multicast groups: options of datagram sockets that join and leave them. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "wskcall.h"
#include "wskcontrol.h"

/* ---- two sockets ----------------------------------------------------- */

/* A sender, and who may hear it. */
typedef struct _PAIR {
  PWSK_SOCKET Sender, Hearer;
  USHORT Port;     /* the hearer's */
  ULONG Interface; /* its index: of loopback, for IPv6 of one with groups */
  TEST_ADDRESS Group;
} PAIR;

static const WSK_PROVIDER_DATAGRAM_DISPATCH *TableOf(PWSK_SOCKET Socket) {
  return Socket->Dispatch;
}

static VOID SayTo(PWSK_SOCKET Socket, PTEST_ADDRESS To, const char *Word,
                  ULONG Length) {
  PTEST_BUFFER Buffer = BufferOf(Word, Length);
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);

  Call->Returned = TableOf(Socket)->WskSendTo(Socket, &Buffer->Wsk, 0, &To->Any,
                                              0, NULL, Irp);
  CHECK_COMPLETED(Call, STATUS_SUCCESS, Length);
}

/* The first datagram that comes is this one. */
static VOID CheckHears(const PAIR *P, const char *Word, ULONG Length,
                       ULONG Flags) {
  PTEST_BUFFER Buffer = NewBuffer(64);
  PWSK_CALL Call = NewCall();
  PIRP Irp = PrepareCall(Call);
  ULONG Seen = 0;

  Call->Returned = TableOf(P->Hearer)->WskReceiveFrom(
      P->Hearer, &Buffer->Wsk, 0, NULL, NULL, NULL, &Seen, Irp);
  CHECK_COMPLETED(Call, STATUS_SUCCESS, Length);
  CHECK(BufferIs(Buffer, 0, Word, Length));
  CHECK_EQUAL(Flags, Seen);
}

/* The interface of a link-local address; 0 when this machine has none. */
static ULONG LinkOf(PWSK_SOCKET Socket) {
  static union {
    SOCKET_ADDRESS_LIST List;
    UCHAR Bytes[16384];
  } Out;
  CONTROL C = {WskIoctl, 0,   SIO_ADDRESS_LIST_QUERY, 0, NULL, sizeof(Out),
               &Out,     NULL};
  PSOCKET_ADDRESS Entry = Out.List.Address;
  INT i;

  CHECK_STATUS(STATUS_SUCCESS, ControlNow(Socket, &C));
  for (i = 0; i < Out.List.iAddressCount; i++) {
    const SOCKADDR_IN6 *Address = (const VOID *)Entry[i].lpSockaddr;

    if (Address->sin6_addr.u.Byte[0] == 0xfe && Address->sin6_scope_id != 0)
      return Address->sin6_scope_id;
  }
  return 0;
}

static USHORT BindAnywhere(PWSK_SOCKET Socket) {
  PWSK_CALL Call = NewCall();
  TEST_ADDRESS Address;
  PIRP Irp = PrepareCall(Call);

  Wildcard(&Address, 0);
  Call->Returned = TableOf(Socket)->WskBind(Socket, &Address.Any, 0, Irp);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  Irp = PrepareCall(Call);
  Call->Returned =
      TableOf(Socket)->WskGetLocalAddress(Socket, &Address.Any, Irp);
  CHECK_COMPLETED(Call, STATUS_SUCCESS, 0);
  return PortOf(&Address);
}

static PTEST_ADDRESS GroupAddress(PTEST_ADDRESS Address, USHORT Port,
                                  ULONG Interface) {
  RtlZeroMemory(Address, sizeof(*Address));
  Address->Any.sa_family = TestFamily;
  if (TEST_IPV6) {
    Address->V6.sin6_port = RtlUshortByteSwap(Port);
    Address->V6.sin6_scope_id = Interface;
    Address->V6.sin6_addr.u.Byte[0] = 0xff;
    Address->V6.sin6_addr.u.Byte[1] = 0x12;
    Address->V6.sin6_addr.u.Byte[15] = 0x77;
  } else {
    Address->V4.sin_port = RtlUshortByteSwap(Port);
    Address->V4.sin_addr.S_un.S_addr = RtlUlongByteSwap(0xEF010277);
  }
  return Address;
}

#define LOOPBACK_ADDRESS RtlUlongByteSwap(0x7F000001)

/* What is sent to groups leaves by the interface that they are joined on, and
 * no further. */
static VOID AimSender(const PAIR *P) {
  ULONG Level = TEST_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;

  CHECK_PENDED(SetOption(NewCall(), P->Sender, Level,
                         TEST_IPV6 ? IPV6_MULTICAST_IF : IP_MULTICAST_IF,
                         TEST_IPV6 ? P->Interface : LOOPBACK_ADDRESS),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), P->Sender, Level,
                         TEST_IPV6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL, 0),
               STATUS_SUCCESS, 0);
}

/* FALSE where the machine has no interface for it. */
static BOOLEAN OpenPair(PAIR *P) {
  RtlZeroMemory(P, sizeof(*P));
  P->Sender = OpenKind(KindDatagram);
  P->Hearer = OpenKind(KindDatagram);
  if (P->Sender == NULL || P->Hearer == NULL)
    return FALSE;
  P->Interface = TEST_IPV6 ? LinkOf(P->Hearer) : 1;
  if (P->Interface == 0)
    return FALSE;
  P->Port = BindAnywhere(P->Hearer);
  (void)BindAnywhere(P->Sender);
  AimSender(P);
  GroupAddress(&P->Group, P->Port, P->Interface);
  return TRUE;
}

/* Nothing more comes from the group: what does is sent to the hearer alone. */
static VOID CheckHearsNoGroup(PAIR *P) {
  TEST_ADDRESS Own;

  SayTo(P->Sender, &P->Group, "group", 5);
  SayTo(P->Sender, Loopback(&Own, P->Port), "own", 3);
  CheckHears(P, "own", 3, 0);
}

static VOID CheckHearsGroup(PAIR *P) {
  SayTo(P->Sender, &P->Group, "group", 5);
  CheckHears(P, "group", 5, MSG_MCAST);
}

/* ---- requests -------------------------------------------------------- */

static PWSK_CALL Request(PWSK_SOCKET Socket, ULONG Level, ULONG Code,
                         PVOID Input, SIZE_T Size) {
  CONTROL C = {WskSetOption, Level, Code, Size, Input, 0, NULL, NULL};
  PWSK_CALL Call = Control(NewCall(), Socket, &C);

  /* The request lies on a stack that goes. */
  RtlFillMemory(Input, Size, 0xcc);
  return Call;
}

/* IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP and their opposites. */
static PWSK_CALL Member(const PAIR *P, BOOLEAN Join) {
  IP_MREQ V4;
  IPV6_MREQ V6;

  if (TEST_IPV6) {
    V6.ipv6mr_multiaddr = P->Group.V6.sin6_addr;
    V6.ipv6mr_interface = P->Interface;
    return Request(P->Hearer, IPPROTO_IPV6,
                   Join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &V6, sizeof(V6));
  }
  V4.imr_multiaddr = P->Group.V4.sin_addr;
  V4.imr_interface.S_un.S_addr = LOOPBACK_ADDRESS;
  return Request(P->Hearer, IPPROTO_IP,
                 Join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &V4,
                 sizeof(V4));
}

/* MCAST_JOIN_GROUP and its opposite, of either family. */
static PWSK_CALL MemberByIndex(const PAIR *P, ULONG Code,
                               ADDRESS_FAMILY Family) {
  GROUP_REQ Group;

  RtlZeroMemory(&Group, sizeof(Group));
  Group.gr_interface = P->Interface;
  RtlCopyMemory(&Group.gr_group, &P->Group, sizeof(P->Group));
  Group.gr_group.ss_family = Family;
  return Request(P->Hearer, TEST_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP, Code, &Group,
                 sizeof(Group));
}

/* IP_ADD_SOURCE_MEMBERSHIP and the like: 127.0.0.`Host`. */
static PWSK_CALL Source(const PAIR *P, ULONG Code, ULONG Host) {
  IP_MREQ_SOURCE V4;

  V4.imr_multiaddr = P->Group.V4.sin_addr;
  V4.imr_sourceaddr.S_un.S_addr = RtlUlongByteSwap(0x7F000000 + Host);
  V4.imr_interface.S_un.S_addr = LOOPBACK_ADDRESS;
  return Request(P->Hearer, IPPROTO_IP, Code, &V4, sizeof(V4));
}

/* ---- tests ----------------------------------------------------------- */

/* Defends against a group that is joined elsewhere, or never left. */
static VOID a_group_is_heard_between_joining_and_leaving(VOID) {
  PAIR P;

  if (!OpenPair(&P))
    return;
  CheckHearsNoGroup(&P);
  CHECK_PENDED(Member(&P, TRUE), STATUS_SUCCESS, 0);
  CheckHearsGroup(&P);
  CHECK_PENDED(Member(&P, FALSE), STATUS_SUCCESS, 0);
  CheckHearsNoGroup(&P);
}

/* The same by the options that both families have. */
static VOID a_group_is_joined_by_an_index(VOID) {
  PAIR P;

  if (!OpenPair(&P))
    return;
  CHECK_PENDED(MemberByIndex(&P, MCAST_JOIN_GROUP, TestFamily), STATUS_SUCCESS,
               0);
  CheckHearsGroup(&P);
  CHECK_PENDED(MemberByIndex(&P, MCAST_LEAVE_GROUP, TestFamily), STATUS_SUCCESS,
               0);
  CheckHearsNoGroup(&P);
  CHECK_AT_ONCE(
      MemberByIndex(&P, MCAST_JOIN_GROUP, TEST_IPV6 ? AF_INET : AF_INET6),
      STATUS_NOT_SUPPORTED, 0);
  CHECK_AT_ONCE(MemberByIndex(&P, MCAST_JOIN_GROUP, AF_UNSPEC),
                STATUS_INVALID_PARAMETER, 0);
}

/* Defends against sources that are taken for groups. */
static VOID a_group_may_have_one_source(VOID) {
  PAIR P;

  if (host_swaps_sources() || !OpenPair(&P))
    return;
  CHECK_PENDED(Source(&P, IP_ADD_SOURCE_MEMBERSHIP, 9), STATUS_SUCCESS, 0);
  CheckHearsNoGroup(&P);
  CHECK_PENDED(Source(&P, IP_ADD_SOURCE_MEMBERSHIP, 1), STATUS_SUCCESS, 0);
  CheckHearsGroup(&P);
  CHECK_PENDED(Source(&P, IP_DROP_SOURCE_MEMBERSHIP, 1), STATUS_SUCCESS, 0);
  CheckHearsNoGroup(&P);
}

static VOID a_source_of_a_group_can_be_blocked(VOID) {
  PAIR P;

  if (!OpenPair(&P))
    return;
  CHECK_PENDED(Member(&P, TRUE), STATUS_SUCCESS, 0);
  CHECK_PENDED(Source(&P, IP_BLOCK_SOURCE, 1), STATUS_SUCCESS, 0);
  CheckHearsNoGroup(&P);
  CHECK_PENDED(Source(&P, IP_UNBLOCK_SOURCE, 1), STATUS_SUCCESS, 0);
  CheckHearsGroup(&P);
}

/* Defends against any address for a group. */
static VOID what_is_no_group_is_not_joined(VOID) {
  PAIR P;

  if (!OpenPair(&P))
    return;
  Loopback(&P.Group, P.Port);
  CHECK_PENDED(Member(&P, TRUE), STATUS_INVALID_PARAMETER, 0);
}

/* Defends against a crash, and an IRP that is lost with the request. */
static VOID without_memory_no_group_is_joined(VOID) {
  PAIR P;
  IP_MREQ V4;
  CONTROL C = {WskSetOption, IPPROTO_IP, IP_ADD_MEMBERSHIP, sizeof(V4), &V4, 0,
               NULL,         NULL};
  PWSK_CALL Call = NewCall();

  if (!OpenPair(&P))
    return;
  V4.imr_multiaddr = P.Group.V4.sin_addr;
  V4.imr_interface.S_un.S_addr = LOOPBACK_ADDRESS;
  host_fail_allocation(1);
  CHECK_AT_ONCE(Control(Call, P.Hearer, &C), STATUS_INSUFFICIENT_RESOURCES, 0);
  CHECK(host_allocation_failed());
  CHECK_PENDED(Control(Call, P.Hearer, &C), STATUS_SUCCESS, 0);
  CheckHearsGroup(&P);
}

/* Defends against groups that outlive their socket. */
static VOID a_close_leaves_all_groups(VOID) {
  PAIR P;
  PWSK_CALL Joining;

  if (!OpenPair(&P))
    return;
  Joining = Member(&P, TRUE);
  CHECK_PENDED(Close(NewCall(), P.Hearer), STATUS_SUCCESS, 0);
  CHECK(IsCompleted(Joining));
  CHECK(Joining->Status == STATUS_SUCCESS ||
        Joining->Status == STATUS_CANCELLED);
}

CONFORMANCE_GROUP(multicast) = {
    TEST(a_group_is_heard_between_joining_and_leaving,
         "CTRLSOCK-02 CTRLSOCK-08"),
    TEST(a_group_is_joined_by_an_index, "CTRLSOCK-02"),
    TEST_ONCE(a_group_may_have_one_source, "CTRLSOCK-02"),
    TEST_ONCE(a_source_of_a_group_can_be_blocked, "CTRLSOCK-02"),
    TEST(what_is_no_group_is_not_joined, "CTRLSOCK-02"),
    TEST_ONCE(without_memory_no_group_is_joined, "CTRLSOCK-02"),
    TEST(a_close_leaves_all_groups, "CLOSE-02"),
};
