/* Options of sockets: what is set reads back, and has its effect. */
#include <mstcpip.h>
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskcontrol.h"

/* ---- what is set reads back ------------------------------------------ */

#define NO_DEFAULT 0xffffffff

/* Values are those of the client. */
typedef struct _ROUND {
  ULONG Level, Code;
  CONTROL_KIND Kind;
  ADDRESS_FAMILY Family; /* 0: either */
  ULONG Default;
  ULONG First, Second;
  BOOLEAN MayLack; /* not every host has it: STATUS_NOT_SUPPORTED then */
} ROUND;

#define TTL_OF_A_HOST NO_DEFAULT

/* clang-format off */
static const ROUND Rounds[] = {
  {SOL_SOCKET, SO_KEEPALIVE, KindConnection, 0, 0, 1, 0, FALSE},
  {SOL_SOCKET, SO_KEEPALIVE, KindListener, 0, 0, 1, 0, FALSE},
  {SOL_SOCKET, SO_KEEPALIVE, KindStream, 0, 0, 1, 0, FALSE},
  {SOL_SOCKET, SO_RCVBUF, KindConnection, 0, NO_DEFAULT, 8192, 30000, FALSE},
  {SOL_SOCKET, SO_RCVBUF, KindListener, 0, NO_DEFAULT, 8192, 30000, FALSE},
  {SOL_SOCKET, SO_RCVBUF, KindDatagram, 0, NO_DEFAULT, 8192, 30000, FALSE},
  {SOL_SOCKET, SO_SNDBUF, KindConnection, 0, NO_DEFAULT, 8192, 30000, FALSE},
  {SOL_SOCKET, SO_BROADCAST, KindDatagram, 0, 0, 1, 0, FALSE},
  {SOL_SOCKET, SO_PORT_SCALABILITY, KindConnection, 0, 0, 1, 0, FALSE},
  {SOL_SOCKET, SO_RANDOMIZE_PORT, KindDatagram, 0, 0, 1, 0, FALSE},
  {SOL_SOCKET, SO_REUSE_UNICASTPORT, KindConnection, 0, 0, 1, 0, FALSE},

  {IPPROTO_TCP, TCP_NODELAY, KindConnection, 0, 0, 1, 0, FALSE},
  {IPPROTO_TCP, TCP_NODELAY, KindListener, 0, 0, 1, 0, FALSE},
  {IPPROTO_TCP, TCP_KEEPIDLE, KindConnection, 0, 7200, 30, 60, TRUE},
  {IPPROTO_TCP, TCP_KEEPINTVL, KindConnection, 0, NO_DEFAULT, 5, 7, TRUE},
  {IPPROTO_TCP, TCP_KEEPCNT, KindConnection, 0, NO_DEFAULT, 3, 4, TRUE},
  {IPPROTO_TCP, TCP_MAXSEG, KindConnection, 0, NO_DEFAULT, 1000, 1200, TRUE},
  {IPPROTO_TCP, TCP_MAXRT, KindConnection, 0, NO_DEFAULT, 10, 20, TRUE},
  {IPPROTO_TCP, TCP_MAXRTMS, KindConnection, 0, NO_DEFAULT, 1500, 2500, TRUE},
  {IPPROTO_TCP, TCP_FASTOPEN, KindConnection, 0, 0, 1, 0, TRUE},
  {IPPROTO_TCP, TCP_TIMESTAMPS, KindConnection, 0, 0, 1, 0, TRUE},
  {IPPROTO_TCP, TCP_EXPEDITED_1122, KindConnection, 0, 0, 1, 0, TRUE},
  {IPPROTO_TCP, TCP_BSDURGENT, KindConnection, 0, 1, 0, 1, FALSE},

  {IPPROTO_UDP, UDP_NOCHECKSUM, KindDatagram, AF_INET, 0, 1, 0, TRUE},

  {IPPROTO_IP, IP_TTL, KindConnection, AF_INET, TTL_OF_A_HOST, 3, 200, FALSE},
  {IPPROTO_IP, IP_TTL, KindDatagram, AF_INET, TTL_OF_A_HOST, 3, 200, FALSE},
  {IPPROTO_IP, IP_TOS, KindConnection, AF_INET, 0, 0x10, 0, FALSE},
  {IPPROTO_IP, IP_DONTFRAGMENT, KindDatagram, AF_INET, NO_DEFAULT, 1, 0, TRUE},
  {IPPROTO_IP, IP_UNICAST_IF, KindDatagram, AF_INET, 0, 0, 0, TRUE},
  {IPPROTO_IP, IP_RECEIVE_BROADCAST, KindDatagram, AF_INET, 1, 0, 1, FALSE},
  {IPPROTO_IP, IP_PKTINFO, KindDatagram, AF_INET, 0, 1, 0, FALSE},
  {IPPROTO_IP, IP_RECVTTL, KindDatagram, AF_INET, 0, 1, 0, TRUE},
  {IPPROTO_IP, IP_RECVTOS, KindDatagram, AF_INET, 0, 1, 0, TRUE},
  {IPPROTO_IP, IP_ECN, KindDatagram, AF_INET, 0, 1, 0, TRUE},
  {IPPROTO_IP, IP_MULTICAST_TTL, KindDatagram, AF_INET, 1, 3, 9, FALSE},
  {IPPROTO_IP, IP_MULTICAST_LOOP, KindDatagram, AF_INET, 1, 0, 1, FALSE},
  {IPPROTO_IP, IP_MULTICAST_IF, KindDatagram, AF_INET, 0, 0x0100007f, 0, TRUE},

  {IPPROTO_IPV6, IPV6_V6ONLY, KindConnection, AF_INET6, 1, 0, 1, FALSE},
  {IPPROTO_IPV6, IPV6_V6ONLY, KindDatagram, AF_INET6, 1, 0, 1, FALSE},
  {IPPROTO_IPV6, IPV6_UNICAST_HOPS, KindConnection, AF_INET6, TTL_OF_A_HOST, 3,
   200, FALSE},
  {IPPROTO_IPV6, IPV6_DONTFRAG, KindDatagram, AF_INET6, NO_DEFAULT, 1, 0, TRUE},
  {IPPROTO_IPV6, IPV6_UNICAST_IF, KindDatagram, AF_INET6, 0, 0, 0, TRUE},
  {IPPROTO_IPV6, IPV6_PKTINFO, KindDatagram, AF_INET6, 0, 1, 0, FALSE},
  {IPPROTO_IPV6, IPV6_HOPLIMIT, KindDatagram, AF_INET6, 0, 1, 0, TRUE},
  {IPPROTO_IPV6, IPV6_RECVTCLASS, KindDatagram, AF_INET6, 0, 1, 0, TRUE},
  {IPPROTO_IPV6, IPV6_ECN, KindDatagram, AF_INET6, 0, 1, 0, TRUE},
  {IPPROTO_IPV6, IPV6_MULTICAST_HOPS, KindDatagram, AF_INET6, 1, 3, 9, FALSE},
  {IPPROTO_IPV6, IPV6_MULTICAST_LOOP, KindDatagram, AF_INET6, 1, 0, 1, FALSE},
};
/* clang-format on */

/* What a host answers that has never heard of it. */
static BOOLEAN IsRefusal(NTSTATUS Status) {
  return Status == STATUS_NOT_SUPPORTED ||
         (host_is_windows() && Status == STATUS_INVALID_PARAMETER);
}

/* Whether the host has the option, which is set to this value then. */
static BOOLEAN Has(PWSK_SOCKET Socket, ULONG Level, ULONG Code, ULONG Value) {
  PWSK_CALL Call = SetOption(NewCall(), Socket, Level, Code, Value);

  if (WaitForCall(Call) && IsRefusal(Call->Status)) {
    CHECK_PENDED(Call, Call->Status, 0);
    return FALSE;
  }
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  return TRUE;
}

/* On a socket of its own, so that another keeps its default. */
static BOOLEAN IsLacking(const ROUND *R) {
  PWSK_SOCKET Socket = R->MayLack ? OpenKind(R->Kind) : NULL;
  BOOLEAN Lacking = Socket != NULL && !Has(Socket, R->Level, R->Code, R->First);

  if (Socket != NULL)
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  return Lacking;
}

static VOID CheckRound(const ROUND *R) {
  PWSK_SOCKET Socket;

  if (IsLacking(R))
    return;
  Socket = OpenKind(R->Kind);
  REQUIRE(Socket != NULL);
  if (R->Default != NO_DEFAULT)
    CHECK_EQUAL(R->Default, OptionOf(Socket, R->Level, R->Code));
  CHECK_PENDED(SetOption(NewCall(), Socket, R->Level, R->Code, R->First),
               STATUS_SUCCESS, 0);
  CHECK_EQUAL(R->First, OptionOf(Socket, R->Level, R->Code));
  CHECK_PENDED(SetOption(NewCall(), Socket, R->Level, R->Code, R->Second),
               STATUS_SUCCESS, 0);
  CHECK_EQUAL(R->Second, OptionOf(Socket, R->Level, R->Code));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* Defends against an option that is taken and forgotten, and against one that
 * reads back in the host's form: Linux doubles the sizes of buffers. */
static VOID what_is_set_reads_back(VOID) {
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Rounds); i++)
    if (Rounds[i].Family == 0 || Rounds[i].Family == TestFamily)
      CheckRound(&Rounds[i]);
}

/* Defends against a default of 0 or none. */
static VOID buffers_have_a_size(VOID) {
  PWSK_SOCKET Socket = OpenSocket();

  REQUIRE(Socket != NULL);
  CHECK((LONG)OptionOf(Socket, SOL_SOCKET, SO_RCVBUF) > 0);
  CHECK((LONG)OptionOf(Socket, SOL_SOCKET, SO_SNDBUF) > 0);
}

/* Defends against switches that read back as what they were set with. */
static VOID a_switch_is_on_or_off(VOID) {
  PWSK_SOCKET Socket = OpenSocket();

  REQUIRE(Socket != NULL);
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_KEEPALIVE, 77),
               STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
}

/* The page has a ULONG, but drivers are out that have a BOOLEAN. Defends
 * against reading or writing the three bytes beside it. */
static VOID keep_alive_may_be_a_boolean(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  BOOLEAN On[4] = {TRUE, 0xCC, 0xCC, 0xCC};
  CONTROL Set = {WskSetOption, SOL_SOCKET, SO_KEEPALIVE, 1, On, 0, NULL, NULL};
  CONTROL Get = {WskGetOption, SOL_SOCKET, SO_KEEPALIVE, 0, NULL, 1, On, NULL};

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Control(NewCall(), Socket, &Set), STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
  On[0] = FALSE;
  CHECK_PENDED(Control(NewCall(), Socket, &Set), STATUS_SUCCESS, 0);
  CHECK_EQUAL(0, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
  On[0] = 0xCC;
  CHECK_PENDED(Control(NewCall(), Socket, &Get), STATUS_SUCCESS, 1);
  CHECK_EQUAL(FALSE, On[0]);
  CHECK_EQUAL(0xCC, On[1]);
}

/* Defends against a value that is cut to what fits, in silence. */
static VOID a_value_out_of_range_is_refused(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  ULONG Level = TEST_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;
  ULONG Code = TEST_IPV6 ? IPV6_UNICAST_HOPS : IP_TTL;
  ULONG Before;

  REQUIRE(Socket != NULL);
  Before = OptionOf(Socket, Level, Code);
  CHECK_PENDED(SetOption(NewCall(), Socket, Level, Code, 256),
               STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(Before, OptionOf(Socket, Level, Code));
  CHECK_PENDED(SetOption(NewCall(), Socket, Level, Code, (ULONG)-1),
               STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(Before, OptionOf(Socket, Level, Code));
  if (Has(Socket, IPPROTO_TCP, TCP_MAXRT, 5))
    CHECK_PENDED(
        SetOption(NewCall(), Socket, IPPROTO_TCP, TCP_MAXRT, (ULONG)-5),
        STATUS_INVALID_PARAMETER, 0);
  Before = OptionOf(Socket, SOL_SOCKET, SO_RCVBUF);
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_RCVBUF, 0x80000000),
               STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(Before, OptionOf(Socket, SOL_SOCKET, SO_RCVBUF));
}

/* Hosts have it mean their default. */
static VOID multicasts_have_a_hop_limit_or_none(VOID) {
  ULONG Level = TEST_IPV6 ? IPPROTO_IPV6 : IPPROTO_IP;
  ULONG Code = TEST_IPV6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL;
  PWSK_SOCKET Socket = OpenKind(KindDatagram);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(SetOption(NewCall(), Socket, Level, Code, 0), STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), Socket, Level, Code, (ULONG)-1),
               STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(0, OptionOf(Socket, Level, Code));
}

/* ---- connected sockets ----------------------------------------------- */

/* Defends against options that only a new socket takes. */
static VOID a_connection_takes_options(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_KEEPALIVE, 1),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), Socket, IPPROTO_TCP, TCP_NODELAY, 1),
               STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
  CHECK_EQUAL(1, OptionOf(Socket, IPPROTO_TCP, TCP_NODELAY));
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("x", 1)->Wsk, 0),
               STATUS_SUCCESS, 1);
  CHECK(peer_expect(Peer, "x", 1));
}

/* WSK_FLAG_NODELAY is about one send. Defends against an option that the
 * client has never set. */
static VOID a_send_without_delay_sets_no_option(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(
      Send(NewCall(), Socket, &BufferOf("x", 1)->Wsk, WSK_FLAG_NODELAY),
      STATUS_SUCCESS, 1);
  CHECK_EQUAL(0, OptionOf(Socket, IPPROTO_TCP, TCP_NODELAY));
  CHECK_PENDED(SetOption(NewCall(), Socket, IPPROTO_TCP, TCP_NODELAY, 0),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(
      Send(NewCall(), Socket, &BufferOf("y", 1)->Wsk, WSK_FLAG_NODELAY),
      STATUS_SUCCESS, 1);
  CHECK(peer_expect(Peer, "xy", 2));
}

/* A failed attempt costs the host's socket. Defends against the loss of what
 * was set on it. */
static VOID options_outlive_a_failed_attempt(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  TEST_ADDRESS Address;
  USHORT Port = peer_listen(TEST_IPV6, 0);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(SetOption(NewCall(), Socket, IPPROTO_TCP, TCP_NODELAY, 1),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_RCVBUF, 20000),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  Loopback(&Address, peer_refusing_port(TEST_IPV6));
  CHECK_PENDED(Connect(NewCall(), Socket, &Address), STATUS_CONNECTION_REFUSED,
               0);
  CHECK_PENDED(Connect(NewCall(), Socket, Loopback(&Address, Port)),
               STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, OptionOf(Socket, IPPROTO_TCP, TCP_NODELAY));
  CHECK_EQUAL(20000, OptionOf(Socket, SOL_SOCKET, SO_RCVBUF));
}

/* Data may travel with the first packet, or later: the peer gets it. */
static VOID fast_open_delivers_data(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  USHORT Port = peer_listen(TEST_IPV6, 0);
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  (void)Has(Socket, IPPROTO_TCP, TCP_FASTOPEN, 1);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_PENDED(ConnectEx(NewCall(), Socket, Loopback(&Address, Port),
                         &BufferOf("early", 5)->Wsk, 0),
               STATUS_SUCCESS, 0);
  Peer = peer_accept(Port);
  REQUIRE(Peer != NULL);
  CHECK(peer_expect(Peer, "early", 5));
}

/* ---- inheritance ------------------------------------------------------ */

/* Defends against accepted sockets that start anew, and against one that is
 * still the listener in part. */
static VOID accepted_sockets_inherit(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Socket;
  PWSK_CALL Call = NewCall();

  REQUIRE(Listener != NULL);
  CHECK_PENDED(SetOption(NewCall(), Listener, SOL_SOCKET, SO_KEEPALIVE, 1),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), Listener, SOL_SOCKET, SO_RCVBUF, 24000),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), Listener, IPPROTO_TCP, TCP_NODELAY, 1),
               STATUS_SUCCESS, 0);
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  Accept(Call, Listener, NULL, NULL);
  Socket = SocketOf(Call);
  REQUIRE(Socket != NULL);
  CHECK_EQUAL(1, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
  CHECK_EQUAL(24000, OptionOf(Socket, SOL_SOCKET, SO_RCVBUF));
  CHECK_EQUAL(1, OptionOf(Socket, IPPROTO_TCP, TCP_NODELAY));
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_KEEPALIVE, 0),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_RCVBUF, 9000),
               STATUS_SUCCESS, 0);
  CHECK_EQUAL(0, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
  CHECK_EQUAL(9000, OptionOf(Socket, SOL_SOCKET, SO_RCVBUF));
  CHECK_EQUAL(1, OptionOf(Listener, SOL_SOCKET, SO_KEEPALIVE));
  CHECK_EQUAL(24000, OptionOf(Listener, SOL_SOCKET, SO_RCVBUF));
}

/* … and a listener that has set nothing hands on nothing. */
static VOID there_is_nothing_to_inherit_by_default(VOID) {
  USHORT Port;
  PWSK_SOCKET Listener = OpenListener(&Port), Socket;
  PWSK_CALL Call = NewCall();

  REQUIRE(Listener != NULL && peer_connect(TEST_IPV6, Port) != NULL);
  Accept(Call, Listener, NULL, NULL);
  Socket = SocketOf(Call);
  REQUIRE(Socket != NULL);
  CHECK_EQUAL(0, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
  CHECK((LONG)OptionOf(Socket, SOL_SOCKET, SO_RCVBUF) > 0);
}

/* A listener of something that nobody listens with has no socket of the
 * host's. Defends against a crash. */
static VOID a_listener_of_another_kind_has_options(VOID) {
  PWSK_SOCKET Socket = SocketOf(CreateSocket(
      NewCall(), TestFamily, SOCK_DGRAM, IPPROTO_UDP, WSK_FLAG_LISTEN_SOCKET));

  REQUIRE(Socket != NULL);
  CHECK_PENDED(SetOption(NewCall(), Socket, SOL_SOCKET, SO_KEEPALIVE, 1),
               STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
}

/* ---- two families in one socket -------------------------------------- */

/* ::ffff:127.0.0.1 */
static PTEST_ADDRESS Mapped(PTEST_ADDRESS Address, USHORT Port) {
  RtlZeroMemory(Address, sizeof(*Address));
  Address->V6.sin6_family = AF_INET6;
  Address->V6.sin6_port = RtlUshortByteSwap(Port);
  Address->V6.sin6_addr.u.Byte[10] = Address->V6.sin6_addr.u.Byte[11] = 0xff;
  Address->V6.sin6_addr.u.Byte[12] = 127;
  Address->V6.sin6_addr.u.Byte[15] = 1;
  return Address;
}

/* Defends against IPV6_V6ONLY that is remembered and nothing else, and against
 * one that the host's next socket, after a failed attempt, does not get. */
static VOID an_ipv6_socket_can_speak_ipv4(VOID) {
  PWSK_SOCKET Socket;
  USHORT Port = peer_listen(0, 0);
  TEST_ADDRESS Address;

  if (!TEST_IPV6)
    return;
  Socket = OpenSocket();
  REQUIRE(Socket != NULL && Port != 0);
  CHECK_PENDED(SetOption(NewCall(), Socket, IPPROTO_IPV6, IPV6_V6ONLY, 0),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Wildcard(&Address, 0)), STATUS_SUCCESS,
               0);
  Mapped(&Address, peer_refusing_port(0));
  CHECK_PENDED(Connect(NewCall(), Socket, &Address), STATUS_CONNECTION_REFUSED,
               0);
  CHECK_PENDED(Connect(NewCall(), Socket, Mapped(&Address, Port)),
               STATUS_SUCCESS, 0);
  CHECK(peer_accept(Port) != NULL);
}

/* Clients set both families' options on a socket that speaks both. Defends
 * against one value for the two. */
static VOID options_of_ipv4_need_a_socket_that_speaks_it(VOID) {
  PWSK_SOCKET Socket;
  ULONG Value = 99;

  if (!TEST_IPV6)
    return;
  Socket = OpenSocket();
  REQUIRE(Socket != NULL);
  CHECK_PENDED(SetOption(NewCall(), Socket, IPPROTO_IP, IP_TTL, 5),
               STATUS_NOT_SUPPORTED, 0);
  CHECK_PENDED(GetOption(NewCall(), Socket, IPPROTO_IP, IP_TTL, &Value),
               STATUS_NOT_SUPPORTED, 0);
  CHECK_EQUAL(99, Value);
  CHECK_PENDED(SetOption(NewCall(), Socket, IPPROTO_IPV6, IPV6_V6ONLY, 0),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), Socket, IPPROTO_IP, IP_TTL, 5),
               STATUS_SUCCESS, 0);
  CHECK_PENDED(SetOption(NewCall(), Socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 6),
               STATUS_SUCCESS, 0);
  CHECK_EQUAL(5, OptionOf(Socket, IPPROTO_IP, IP_TTL));
  CHECK_EQUAL(6, OptionOf(Socket, IPPROTO_IPV6, IPV6_UNICAST_HOPS));
}

CONFORMANCE_GROUP(socket_option) = {
    TEST(what_is_set_reads_back, "SOPT-01 SOPT-07 SOPT-09 CTRLSOCK-08"),
    TEST(buffers_have_a_size, "SOPT-09"),
    TEST_ONCE(a_switch_is_on_or_off, "SOPT-07"),
    TEST_ONCE(keep_alive_may_be_a_boolean, "SOPT-07"),
    TEST(a_value_out_of_range_is_refused, "CTRLSOCK-02"),
    TEST(multicasts_have_a_hop_limit_or_none, "CTRLSOCK-02"),
    TEST(a_connection_takes_options, "SOPT-07 CTRLSOCK-02"),
    TEST(a_send_without_delay_sets_no_option, "SEND-05"),
    TEST(options_outlive_a_failed_attempt, "SOPT-09"),
    TEST(fast_open_delivers_data, "CONNECTEX-06"),
    TEST(accepted_sockets_inherit, "SOPT-08 SOPT-10"),
    TEST_ONCE(there_is_nothing_to_inherit_by_default, "SOPT-08 SOPT-10"),
    TEST_ONCE(a_listener_of_another_kind_has_options, "SOPT-07"),
    TEST(an_ipv6_socket_can_speak_ipv4, "CTRLSOCK-06"),
    TEST(options_of_ipv4_need_a_socket_that_speaks_it, "CTRLSOCK-06"),
};
