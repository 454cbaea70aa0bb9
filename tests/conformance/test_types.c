/* The tables of functions, as a client compiled elsewhere counts on them. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "wskcall.h"

/* The member is the n-th pointer of its table. */
#define CHECK_SLOT(table, member, n)                                           \
  CHECK_EQUAL((n) * sizeof(PVOID), FIELD_OFFSET(table, member))

/* Every function up to the n-th is there. */
static VOID CheckFull(const VOID *Table, ULONG Count) {
  const PVOID *Members = (const PVOID *)Table;
  ULONG i;

  for (i = 0; i < Count; i++)
    CHECK(Members[i] != NULL);
}

static PWSK_SOCKET Create(USHORT Type, ULONG Protocol, ULONG Category) {
  return SocketOf(
      CreateSocket(NewCall(), TestFamily, Type, Protocol, Category));
}

/* Defends against one table that stands for two categories: a client calls what
 * stands at a place. */
static VOID each_category_has_a_table_of_its_own(VOID) {
  PWSK_SOCKET Sockets[] = {
      Create(SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_BASIC_SOCKET),
      Create(SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_LISTEN_SOCKET),
      Create(SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET),
      Create(SOCK_DGRAM, IPPROTO_UDP, WSK_FLAG_DATAGRAM_SOCKET),
      Create(SOCK_STREAM, IPPROTO_TCP, WSK_FLAG_STREAM_SOCKET)};
  static const ULONG Sizes[] = {sizeof(WSK_PROVIDER_BASIC_DISPATCH),
                                sizeof(WSK_PROVIDER_LISTEN_DISPATCH),
                                sizeof(WSK_PROVIDER_CONNECTION_DISPATCH),
                                sizeof(WSK_PROVIDER_DATAGRAM_DISPATCH),
                                sizeof(WSK_PROVIDER_STREAM_DISPATCH)};
  ULONG i, k;

  for (i = 0; i < RTL_NUMBER_OF(Sockets); i++) {
    REQUIRE(Sockets[i] != NULL);
    CheckFull(Sockets[i]->Dispatch, Sizes[i] / sizeof(PVOID));
    for (k = 0; k < i; k++)
      CHECK(Sockets[i]->Dispatch != Sockets[k]->Dispatch);
  }
}

/* Defends against wrappers that control and close every socket alike. */
static VOID every_table_begins_with_the_basic_one(VOID) {
  CHECK_SLOT(WSK_PROVIDER_BASIC_DISPATCH, WskControlSocket, 0);
  CHECK_SLOT(WSK_PROVIDER_BASIC_DISPATCH, WskCloseSocket, 1);
  CHECK_SLOT(WSK_PROVIDER_LISTEN_DISPATCH, WskControlSocket, 0);
  CHECK_SLOT(WSK_PROVIDER_LISTEN_DISPATCH, WskCloseSocket, 1);
  CHECK_SLOT(WSK_PROVIDER_CONNECTION_DISPATCH, WskControlSocket, 0);
  CHECK_SLOT(WSK_PROVIDER_CONNECTION_DISPATCH, WskCloseSocket, 1);
  CHECK_SLOT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskControlSocket, 0);
  CHECK_SLOT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskCloseSocket, 1);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskControlSocket, 0);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskCloseSocket, 1);
}

static VOID the_listen_and_the_datagram_table_are_in_order(VOID) {
  CHECK_SLOT(WSK_PROVIDER_LISTEN_DISPATCH, WskBind, 2);
  CHECK_SLOT(WSK_PROVIDER_LISTEN_DISPATCH, WskAccept, 3);
  CHECK_SLOT(WSK_PROVIDER_LISTEN_DISPATCH, WskInspectComplete, 4);
  CHECK_SLOT(WSK_PROVIDER_LISTEN_DISPATCH, WskGetLocalAddress, 5);
  CHECK_SLOT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskBind, 2);
  CHECK_SLOT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendTo, 3);
  CHECK_SLOT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskReceiveFrom, 4);
  CHECK_SLOT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskRelease, 5);
  CHECK_SLOT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskGetLocalAddress, 6);
  CHECK_SLOT(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendMessages, 7);
}

static VOID the_connection_and_the_stream_table_are_in_order(VOID) {
  CHECK_SLOT(WSK_PROVIDER_CONNECTION_DISPATCH, WskBind, 2);
  CHECK_SLOT(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnect, 3);
  CHECK_SLOT(WSK_PROVIDER_CONNECTION_DISPATCH, WskSend, 6);
  CHECK_SLOT(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnectEx, 10);
  CHECK_SLOT(WSK_PROVIDER_CONNECTION_DISPATCH, WskReceiveEx, 12);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskBind, 2);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskAccept, 3);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskConnect, 4);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskListen, 5);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskSend, 6);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskGetLocalAddress, 10);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskConnectEx, 12);
  CHECK_SLOT(WSK_PROVIDER_STREAM_DISPATCH, WskReceiveEx, 14);
}

/* Defends against a table that is shorter than the version it tells. */
static VOID the_clients_table_is_in_order_and_full(VOID) {
  CHECK_EQUAL(0, FIELD_OFFSET(WSK_PROVIDER_DISPATCH, Version));
  CHECK_SLOT(WSK_PROVIDER_DISPATCH, WskSocket, 1);
  CHECK_SLOT(WSK_PROVIDER_DISPATCH, WskSocketConnect, 2);
  CHECK_SLOT(WSK_PROVIDER_DISPATCH, WskControlClient, 3);
  CHECK_SLOT(WSK_PROVIDER_DISPATCH, WskGetAddressInfo, 4);
  CHECK_SLOT(WSK_PROVIDER_DISPATCH, WskFreeAddressInfo, 5);
  CHECK_SLOT(WSK_PROVIDER_DISPATCH, WskGetNameInfo, 6);
  CheckFull(&TestNpi.Dispatch->WskSocket, 6);
  CHECK(TestNpi.Dispatch->Version >= MAKE_WSK_VERSION(1, 0));
}

static VOID the_clients_own_tables_are_in_order(VOID) {
  CHECK_SLOT(WSK_CLIENT_DISPATCH, WskClientEvent, 1);
  CHECK_SLOT(WSK_CLIENT_LISTEN_DISPATCH, WskAcceptEvent, 0);
  CHECK_SLOT(WSK_CLIENT_LISTEN_DISPATCH, WskInspectEvent, 1);
  CHECK_SLOT(WSK_CLIENT_LISTEN_DISPATCH, WskAbortEvent, 2);
  CHECK_SLOT(WSK_CLIENT_CONNECTION_DISPATCH, WskReceiveEvent, 0);
  CHECK_SLOT(WSK_CLIENT_CONNECTION_DISPATCH, WskDisconnectEvent, 1);
  CHECK_SLOT(WSK_CLIENT_CONNECTION_DISPATCH, WskSendBacklogEvent, 2);
  CHECK_SLOT(WSK_CLIENT_DATAGRAM_DISPATCH, WskReceiveFromEvent, 0);
  CHECK_SLOT(WSK_CLIENT_STREAM_DISPATCH, Listen, 0);
  CHECK_SLOT(WSK_CLIENT_STREAM_DISPATCH, Connect, 1);
}

/* Defends against numbers that mean another version to a client. */
static VOID versions_are_made_and_taken_apart(VOID) {
  USHORT Version = MAKE_WSK_VERSION(1, 0);

  CHECK_EQUAL(0x0100, Version);
  CHECK_EQUAL(1, WSK_MAJOR_VERSION(Version));
  CHECK_EQUAL(0, WSK_MINOR_VERSION(Version));
  Version = MAKE_WSK_VERSION(2, 7);
  CHECK_EQUAL(2, WSK_MAJOR_VERSION(Version));
  CHECK_EQUAL(7, WSK_MINOR_VERSION(Version));
}

CONFORMANCE_GROUP(types) = {
    TEST(each_category_has_a_table_of_its_own, "CAT-01 CAT-06 TYPES-10"),
    TEST_BARE(every_table_begins_with_the_basic_one, "TYPES-01 TYPES-06"),
    TEST_BARE(the_listen_and_the_datagram_table_are_in_order,
              "TYPES-02 TYPES-03"),
    TEST_BARE(the_connection_and_the_stream_table_are_in_order,
              "TYPES-04 TYPES-05"),
    TEST_ONCE(the_clients_table_is_in_order_and_full, "TYPES-07 TYPES-10"),
    TEST_BARE(the_clients_own_tables_are_in_order, "TYPES-08"),
    TEST_BARE(versions_are_made_and_taken_apart, "TYPES-09"),
};
