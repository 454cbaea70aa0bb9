/*
 * The facts about WSK's types that a driver relies on without calling anything:
 * the order of the dispatch tables, the values of flags and control codes. The
 * numbers here are written out, not taken from the header, so that a slip in
 * the header has something to disagree with.
 */
#include <ntddk.h>
#include <wsk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The member is the n-th pointer of its table. */
#define assert_slot(table, member, n)                                          \
  assert_int_equal(offsetof(table, member), (n) * sizeof(PVOID))

#define assert_slots(table, n)                                                 \
  assert_int_equal(sizeof(table), (n) * sizeof(PVOID))

/* TYPES-01, CAT-02: a basic socket's table has these two and nothing else. */
static void basic_table_is_control_and_close(void **state) {
  (void)state;
  assert_slot(WSK_PROVIDER_BASIC_DISPATCH, WskControlSocket, 0);
  assert_slot(WSK_PROVIDER_BASIC_DISPATCH, WskCloseSocket, 1);
  assert_slots(WSK_PROVIDER_BASIC_DISPATCH, 2);
}

/* TYPES-02: a driver built with Windows' headers calls by slot. */
static void listen_table_is_in_order(void **state) {
  (void)state;
  assert_slot(WSK_PROVIDER_LISTEN_DISPATCH, WskBind, 2);
  assert_slot(WSK_PROVIDER_LISTEN_DISPATCH, WskAccept, 3);
  assert_slot(WSK_PROVIDER_LISTEN_DISPATCH, WskInspectComplete, 4);
  assert_slot(WSK_PROVIDER_LISTEN_DISPATCH, WskGetLocalAddress, 5);
  assert_slots(WSK_PROVIDER_LISTEN_DISPATCH, 6);
}

/* TYPES-03: WskSendMessages came last and stands behind WskGetLocalAddress. */
static void datagram_table_is_in_order(void **state) {
  (void)state;
  assert_slot(WSK_PROVIDER_DATAGRAM_DISPATCH, WskBind, 2);
  assert_slot(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendTo, 3);
  assert_slot(WSK_PROVIDER_DATAGRAM_DISPATCH, WskReceiveFrom, 4);
  assert_slot(WSK_PROVIDER_DATAGRAM_DISPATCH, WskRelease, 5);
  assert_slot(WSK_PROVIDER_DATAGRAM_DISPATCH, WskGetLocalAddress, 6);
  assert_slot(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendMessages, 7);
  assert_slots(WSK_PROVIDER_DATAGRAM_DISPATCH, 8);
}

/* TYPES-04: the two reserved members are there, or a copied table is short. */
static void connection_table_is_in_order(void **state) {
  (void)state;
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskBind, 2);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnect, 3);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskGetLocalAddress, 4);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskGetRemoteAddress, 5);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskSend, 6);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskReceive, 7);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskDisconnect, 8);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskRelease, 9);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnectEx, 10);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskSendEx, 11);
  assert_slot(WSK_PROVIDER_CONNECTION_DISPATCH, WskReceiveEx, 12);
  assert_slots(WSK_PROVIDER_CONNECTION_DISPATCH, 13);
}

/* TYPES-05: a stream table looks like a connection one and is not. */
static void stream_table_is_in_order(void **state) {
  (void)state;
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskBind, 2);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskAccept, 3);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskConnect, 4);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskListen, 5);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskSend, 6);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskReceive, 7);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskDisconnect, 8);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskRelease, 9);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskGetLocalAddress, 10);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskGetRemoteAddress, 11);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskConnectEx, 12);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskSendEx, 13);
  assert_slot(WSK_PROVIDER_STREAM_DISPATCH, WskReceiveEx, 14);
  assert_slots(WSK_PROVIDER_STREAM_DISPATCH, 15);
}

/* TYPES-06: both ways C code reaches the basic members, in every table. */
static void every_table_begins_with_the_basic_one(void **state) {
  (void)state;
#define assert_basic(table)                                                    \
  assert_slot(table, WskControlSocket, 0);                                     \
  assert_slot(table, WskCloseSocket, 1);                                       \
  assert_slot(table, Basic, 0);                                                \
  assert_slot(table, Basic.WskCloseSocket, 1)
  assert_basic(WSK_PROVIDER_LISTEN_DISPATCH);
  assert_basic(WSK_PROVIDER_DATAGRAM_DISPATCH);
  assert_basic(WSK_PROVIDER_CONNECTION_DISPATCH);
  assert_basic(WSK_PROVIDER_STREAM_DISPATCH);
}

static NTSTATUS NTAPI answer_not_found(PWSK_SOCKET socket, PIRP irp) {
  UNREFERENCED_PARAMETER(socket);
  UNREFERENCED_PARAMETER(irp);
  return STATUS_NOT_FOUND;
}

/* TYPES-06, CAT-06: wrappers close any socket through the basic table. */
static void any_socket_closes_through_the_basic_table(void **state) {
  (void)state;
  WSK_PROVIDER_STREAM_DISPATCH stream = {.WskCloseSocket = answer_not_found};
  WSK_SOCKET socket = {&stream};
  CONST WSK_PROVIDER_BASIC_DISPATCH *basic = socket.Dispatch;

  assert_int_equal(basic->WskCloseSocket(&socket, NULL), STATUS_NOT_FOUND);
  assert_ptr_equal(stream.Basic.WskCloseSocket, basic->WskCloseSocket);
}

/* TYPES-07, TYPES-10: the name functions came with Windows 7, at the end. */
static void provider_table_is_in_order(void **state) {
  (void)state;
  assert_int_equal(offsetof(WSK_PROVIDER_DISPATCH, Version), 0);
  assert_int_equal(offsetof(WSK_PROVIDER_DISPATCH, Reserved), 2);
  assert_slot(WSK_PROVIDER_DISPATCH, WskSocket, 1);
  assert_slot(WSK_PROVIDER_DISPATCH, WskSocketConnect, 2);
  assert_slot(WSK_PROVIDER_DISPATCH, WskControlClient, 3);
  assert_slot(WSK_PROVIDER_DISPATCH, WskGetAddressInfo, 4);
  assert_slot(WSK_PROVIDER_DISPATCH, WskFreeAddressInfo, 5);
  assert_slot(WSK_PROVIDER_DISPATCH, WskGetNameInfo, 6);
  assert_slots(WSK_PROVIDER_DISPATCH, 7);
}

/* TYPES-08: clients fill these by position in initialisers. */
static void client_tables_are_in_order(void **state) {
  (void)state;
  assert_int_equal(offsetof(WSK_CLIENT_DISPATCH, Version), 0);
  assert_int_equal(offsetof(WSK_CLIENT_DISPATCH, Reserved), 2);
  assert_slot(WSK_CLIENT_DISPATCH, WskClientEvent, 1);
  assert_slot(WSK_CLIENT_LISTEN_DISPATCH, WskAcceptEvent, 0);
  assert_slot(WSK_CLIENT_LISTEN_DISPATCH, WskInspectEvent, 1);
  assert_slot(WSK_CLIENT_LISTEN_DISPATCH, WskAbortEvent, 2);
  assert_slots(WSK_CLIENT_LISTEN_DISPATCH, 3);
  assert_slot(WSK_CLIENT_CONNECTION_DISPATCH, WskReceiveEvent, 0);
  assert_slot(WSK_CLIENT_CONNECTION_DISPATCH, WskDisconnectEvent, 1);
  assert_slot(WSK_CLIENT_CONNECTION_DISPATCH, WskSendBacklogEvent, 2);
  assert_slots(WSK_CLIENT_CONNECTION_DISPATCH, 3);
  assert_slot(WSK_CLIENT_DATAGRAM_DISPATCH, WskReceiveFromEvent, 0);
  assert_slots(WSK_CLIENT_DATAGRAM_DISPATCH, 1);
}

/* TYPES-08: the stream table points to the other two, it does not hold them. */
static void client_stream_table_holds_pointers(void **state) {
  (void)state;
  WSK_CLIENT_LISTEN_DISPATCH listen = {0};
  WSK_CLIENT_CONNECTION_DISPATCH connect = {0};
  WSK_CLIENT_STREAM_DISPATCH stream = {&listen, &connect};

  assert_slot(WSK_CLIENT_STREAM_DISPATCH, Listen, 0);
  assert_slot(WSK_CLIENT_STREAM_DISPATCH, Connect, 1);
  assert_slots(WSK_CLIENT_STREAM_DISPATCH, 2);
  assert_ptr_equal(stream.Listen, &listen);
  assert_ptr_equal(stream.Connect, &connect);
}

/* TYPES-09: a minor version above 255 must not reach into the major one. */
static void versions_go_there_and_back(void **state) {
  (void)state;
  assert_int_equal(MAKE_WSK_VERSION(1, 0), 0x0100);
  assert_int_equal(WSK_MAJOR_VERSION(MAKE_WSK_VERSION(1, 0)), 1);
  assert_int_equal(WSK_MINOR_VERSION(MAKE_WSK_VERSION(1, 0)), 0);
  assert_int_equal(MAKE_WSK_VERSION(2, 0x13), 0x0213);
  assert_int_equal(WSK_MAJOR_VERSION(MAKE_WSK_VERSION(2, 0x13)), 2);
  assert_int_equal(WSK_MINOR_VERSION(MAKE_WSK_VERSION(2, 0x13)), 0x13);
  assert_int_equal(MAKE_WSK_VERSION(1, 0x1ff), 0x01ff);
}

/* BUF-01..03: Offset is a ULONG between two eight-byte members. */
static void buffers_and_lists_are_laid_out(void **state) {
  (void)state;
  assert_int_equal(offsetof(WSK_BUF, Mdl), 0);
  assert_int_equal(offsetof(WSK_BUF, Offset), 8);
  assert_int_equal(offsetof(WSK_BUF, Length), 16);
  assert_int_equal(sizeof(((WSK_BUF *)0)->Offset), 4);
  assert_int_equal(sizeof(((WSK_BUF *)0)->Length), 8);
  assert_int_equal(offsetof(WSK_BUF_LIST, Buffer), 8);
  assert_int_equal(offsetof(WSK_DATA_INDICATION, Buffer), 8);
  assert_int_equal(offsetof(WSK_DATAGRAM_INDICATION, Buffer), 8);
  assert_int_equal(offsetof(WSK_DATAGRAM_INDICATION, ControlInfo), 32);
  assert_int_equal(offsetof(WSK_DATAGRAM_INDICATION, RemoteAddress), 48);
}

/* Structures of control calls, from the documented order of their members. */
static void control_structures_are_laid_out(void **state) {
  (void)state;
  assert_slot(WSK_EVENT_CALLBACK_CONTROL, NpiId, 0);
  assert_slot(WSK_EVENT_CALLBACK_CONTROL, EventMask, 1);
  assert_int_equal(sizeof(((WSK_EVENT_CALLBACK_CONTROL *)0)->EventMask), 4);
  assert_slot(WSK_EXTENSION_CONTROL_IN, ClientContext, 1);
  assert_slot(WSK_EXTENSION_CONTROL_IN, ClientDispatch, 2);
  assert_slot(WSK_EXTENSION_CONTROL_OUT, ProviderDispatch, 1);
  assert_int_equal(offsetof(WSK_TRANSPORT, SocketType), 2);
  assert_int_equal(offsetof(WSK_TRANSPORT, Protocol), 4);
  assert_int_equal(offsetof(WSK_TRANSPORT, AddressFamily), 8);
  assert_int_equal(offsetof(WSK_TRANSPORT, ProviderId), 12);
  assert_int_equal(sizeof(WSK_TRANSPORT), 28);
  assert_int_equal(offsetof(WSK_TDI_MAP, Protocol), 4);
  assert_int_equal(offsetof(WSK_TDI_MAP, TdiDeviceName), 8);
  assert_int_equal(offsetof(WSK_TDI_MAP_INFO, Map), 8);
  assert_int_equal(sizeof(WSK_PROVIDER_CHARACTERISTICS), 4);
}

/* CAT-01: five categories, of which no flag at all is the basic one. */
static void category_flags_have_windows_values(void **state) {
  (void)state;
  assert_int_equal(WSK_FLAG_BASIC_SOCKET, 0);
  assert_int_equal(WSK_FLAG_LISTEN_SOCKET, 1);
  assert_int_equal(WSK_FLAG_CONNECTION_SOCKET, 2);
  assert_int_equal(WSK_FLAG_DATAGRAM_SOCKET, 4);
  assert_int_equal(WSK_FLAG_STREAM_SOCKET, 8);
}

/* CAT-04: which callback a bit of the mask means. */
static void event_flags_have_windows_values(void **state) {
  (void)state;
  assert_int_equal(WSK_EVENT_SEND_BACKLOG, 0x10);
  assert_int_equal(WSK_EVENT_RECEIVE, 0x40);
  assert_int_equal(WSK_EVENT_DISCONNECT, 0x80);
  assert_int_equal(WSK_EVENT_RECEIVE_FROM, 0x100);
  assert_int_equal(WSK_EVENT_ACCEPT, 0x200);
  assert_int_equal((ULONG)WSK_EVENT_DISABLE, 0x80000000);
}

/* Values that are equal by design: each set is of another call. */
static void operation_flags_have_windows_values(void **state) {
  (void)state;
  assert_int_equal(WSK_FLAG_OOB, 1);
  assert_int_equal(WSK_FLAG_NODELAY, 2);
  assert_int_equal(WSK_FLAG_WAITALL, 2);
  assert_int_equal(WSK_FLAG_DRAIN, 4);
  assert_int_equal(WSK_FLAG_ABORTIVE, 1);
  assert_int_equal(WSK_FLAG_RELEASE_ASAP, 2);
  assert_int_equal(WSK_FLAG_ENTIRE_MESSAGE, 4);
  assert_int_equal(WSK_FLAG_AT_DISPATCH_LEVEL, 8);
  assert_int_equal(WSK_NO_WAIT, 0);
  assert_int_equal((ULONG)WSK_INFINITE_WAIT, 0xffffffff);
}

/* The terminators are on no page, but the order of the rest is. */
static void enumerations_have_windows_values(void **state) {
  (void)state;
  assert_int_equal(WskSetOption, 0);
  assert_int_equal(WskGetOption, 1);
  assert_int_equal(WskIoctl, 2);
  assert_int_equal(WskControlMax, 3);
  assert_int_equal(WskInspectReject, 0);
  assert_int_equal(WskInspectAccept, 1);
  assert_int_equal(WskInspectPend, 2);
  assert_int_equal(WskInspectMax, 3);
}

static void client_control_codes_have_windows_values(void **state) {
  (void)state;
  assert_int_equal(WSK_TRANSPORT_LIST_QUERY, 2);
  assert_int_equal(WSK_TRANSPORT_LIST_CHANGE, 3);
  assert_int_equal(WSK_CACHE_SD, 4);
  assert_int_equal(WSK_RELEASE_SD, 5);
  assert_int_equal(WSK_TDI_DEVICENAME_MAPPING, 6);
  assert_int_equal(WSK_SET_STATIC_EVENT_CALLBACKS, 7);
  assert_int_equal(WSK_TDI_BEHAVIOR, 8);
  assert_int_equal(WSK_TDI_BEHAVIOR_BYPASS_TDI, 1);
}

/* None of these may be the host's: all differ on Linux. */
static void socket_options_have_windows_values(void **state) {
  (void)state;
  assert_int_equal(SOL_SOCKET, 0xffff);
  assert_int_equal(SO_REUSEADDR, 0x0004);
  assert_int_equal(SO_KEEPALIVE, 0x0008);
  assert_int_equal(SO_BROADCAST, 0x0020);
  assert_int_equal((ULONG)SO_EXCLUSIVEADDRUSE, 0xfffffffb);
  assert_int_equal(SO_RCVBUF, 0x1002);
  assert_int_equal(SO_CONDITIONAL_ACCEPT, 0x3002);
  assert_int_equal(SO_WSK_SECURITY, 0x4001);
  assert_int_equal(SO_WSK_EVENT_CALLBACK, 0x4002);
  assert_int_equal(AF_INET, 2);
  assert_int_equal(AF_INET6, 23);
  assert_int_equal(IPV6_V6ONLY, 27);
}

static void socket_requests_have_windows_values(void **state) {
  (void)state;
  assert_int_equal((ULONG)SIO_WSK_SET_REMOTE_ADDRESS, 0x8f000001);
  assert_int_equal((ULONG)SIO_WSK_REGISTER_EXTENSION, 0xcf000002);
  assert_int_equal((ULONG)SIO_WSK_QUERY_IDEAL_SEND_BACKLOG, 0x4f000003);
  assert_int_equal((ULONG)SIO_WSK_QUERY_RECEIVE_BACKLOG, 0x4f000004);
  assert_int_equal((ULONG)SIO_WSK_QUERY_INSPECT_ID, 0x4f000005);
  assert_int_equal((ULONG)SIO_WSK_SET_SENDTO_ADDRESS, 0x8f000006);
  assert_int_equal((ULONG)SIO_WSK_SET_TCP_SILENT_MODE, 0x2f000007);
  assert_int_equal((ULONG)SIO_ADDRESS_LIST_QUERY, 0x48000016);
  assert_int_equal((ULONG)SIO_ADDRESS_LIST_CHANGE, 0x28000017);
  assert_int_equal((ULONG)SIO_ADDRESS_LIST_SORT, 0xc8000019);
  assert_int_equal((ULONG)SIO_LOOPBACK_FAST_PATH, 0x98000010);
  assert_int_equal((ULONG)SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS,
                   0x980000dc);
  assert_int_equal((ULONG)SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT,
                   0x980000dd);
  assert_int_equal((ULONG)SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS, 0x980000de);
}

static void datagram_and_name_flags_have_windows_values(void **state) {
  (void)state;
  assert_int_equal(MSG_TRUNC, 0x0100);
  assert_int_equal(MSG_CTRUNC, 0x0200);
  assert_int_equal(MSG_BCAST, 0x0400);
  assert_int_equal(MSG_MCAST, 0x0800);
  assert_int_equal(NI_NOFQDN, 1);
  assert_int_equal(NI_NUMERICHOST, 2);
  assert_int_equal(NI_NAMEREQD, 4);
  assert_int_equal(NI_NUMERICSERV, 8);
  assert_int_equal(NI_DGRAM, 16);
  assert_int_equal(NS_ALL, 0);
}

/* Two pieces of control data of odd lengths: the walk has to find both, and
 * nothing behind them. */
static void control_data_is_walked_piece_by_piece(void **state) {
  (void)state;
  union {
    WSACMSGHDR first;
    CHAR room[WSA_CMSG_SPACE(5) + WSA_CMSG_SPACE(8)];
  } control = {{0, 0, 0}};
  WSAMSG message = {0};
  PWSACMSGHDR piece;

  message.Control.buf = control.room;
  message.Control.len = sizeof control.room;
  piece = WSA_CMSG_FIRSTHDR(&message);
  assert_ptr_equal(piece, &control.first);
  piece->cmsg_len = WSA_CMSG_LEN(5);
  assert_int_equal(piece->cmsg_len, 21);
  assert_ptr_equal(WSA_CMSG_DATA(piece), control.room + 16);

  piece = WSA_CMSG_NXTHDR(&message, piece);
  assert_ptr_equal(piece, control.room + 24);
  piece->cmsg_len = WSA_CMSG_LEN(8);
  assert_null(WSA_CMSG_NXTHDR(&message, piece));
  piece = NULL;
  assert_ptr_equal(WSA_CMSG_NXTHDR(&message, piece), &control.first);
}

/* The host's C library has data of the same names; whichever is linked, the
 * bytes are these. */
static void well_known_addresses_have_their_bytes(void **state) {
  (void)state;
  static const UCHAR loopback[16] = {[15] = 1};
  static const UCHAR mapped[16] = {[10] = 0xff, [11] = 0xff};

  assert_memory_equal(&in6addr_loopback, loopback, 16);
  assert_true(IN6_IS_ADDR_UNSPECIFIED(&in6addr_any));
  assert_true(IN6_IS_ADDR_LOOPBACK(&in6addr_loopback));
  assert_false(IN6_IS_ADDR_LOOPBACK(&in6addr_any));
  assert_memory_equal(&in6addr_v4mappedprefix, mapped, 16);
  assert_true(IN6_IS_ADDR_V4MAPPED(&in6addr_v4mappedprefix));
  assert_false(IN6_ADDR_EQUAL(&in6addr_any, &in6addr_loopback));
  assert_int_equal(in4addr_loopback.S_un.S_un_b.s_b1, 127);
  assert_int_equal(in4addr_loopback.S_un.S_un_b.s_b4, 1);
}

/* EVENTS-12: ids are compared by contents, so the bytes have to be Windows'
 * own. */
static void interface_id_is_windows_own(void **state) {
  (void)state;
  static const UCHAR id[16] = {0x03, 0xe8, 0x27, 0x22, 0x8b, 0x8d, 0xd4, 0x11,
                               0xab, 0xad, 0x00, 0x90, 0x27, 0x71, 0x9e, 0x09};

  assert_memory_equal(&NPI_WSK_INTERFACE_ID, id, 16);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(basic_table_is_control_and_close),
      cmocka_unit_test(listen_table_is_in_order),
      cmocka_unit_test(datagram_table_is_in_order),
      cmocka_unit_test(connection_table_is_in_order),
      cmocka_unit_test(stream_table_is_in_order),
      cmocka_unit_test(every_table_begins_with_the_basic_one),
      cmocka_unit_test(any_socket_closes_through_the_basic_table),
      cmocka_unit_test(provider_table_is_in_order),
      cmocka_unit_test(client_tables_are_in_order),
      cmocka_unit_test(client_stream_table_holds_pointers),
      cmocka_unit_test(versions_go_there_and_back),
      cmocka_unit_test(buffers_and_lists_are_laid_out),
      cmocka_unit_test(control_structures_are_laid_out),
      cmocka_unit_test(category_flags_have_windows_values),
      cmocka_unit_test(event_flags_have_windows_values),
      cmocka_unit_test(operation_flags_have_windows_values),
      cmocka_unit_test(enumerations_have_windows_values),
      cmocka_unit_test(client_control_codes_have_windows_values),
      cmocka_unit_test(socket_options_have_windows_values),
      cmocka_unit_test(socket_requests_have_windows_values),
      cmocka_unit_test(datagram_and_name_flags_have_windows_values),
      cmocka_unit_test(control_data_is_walked_piece_by_piece),
      cmocka_unit_test(well_known_addresses_have_their_bytes),
      cmocka_unit_test(interface_id_is_windows_own),
  };

  return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
