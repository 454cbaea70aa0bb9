/* IOCTLs of sockets. */
#include <mstcpip.h>
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "datawatch.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskcontrol.h"

/* ---- the addresses of this machine ----------------------------------- */

typedef union _ADDRESS_LIST {
  SOCKET_ADDRESS_LIST List;
  UCHAR Bytes[16384];
} ADDRESS_LIST;

static NTSTATUS Query(PWSK_SOCKET Socket, PVOID Output, SIZE_T Size,
                      SIZE_T *Returned) {
  CONTROL C = {WskIoctl, 0,       SIO_ADDRESS_LIST_QUERY, 0, NULL, Size,
               Output,   Returned};

  return ControlNow(Socket, &C);
}

static ULONG SizeOfAddress(VOID) {
  return TEST_IPV6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
}

/* Each address is one of this machine's: a socket can be bound to it. */
static VOID CheckEntry(const SOCKET_ADDRESS *Entry, const ADDRESS_LIST *All,
                       SIZE_T Size) {
  const UCHAR *At = (const UCHAR *)Entry->lpSockaddr;
  PWSK_SOCKET Socket = OpenSocket();

  CHECK(At >= (const UCHAR *)All);
  CHECK(At + Entry->iSockaddrLength <= All->Bytes + Size);
  CHECK_EQUAL(SizeOfAddress(), Entry->iSockaddrLength);
  CHECK_EQUAL(TestFamily, Entry->lpSockaddr->sa_family);
  REQUIRE(Socket != NULL);
  CHECK_PENDED(Bind(NewCall(), Socket, Entry->lpSockaddr), STATUS_SUCCESS, 0);
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* Defends against addresses of the other family, pointers into memory of
 * somebody else's, and addresses that nobody can use. */
static VOID CheckQuery(PWSK_SOCKET Socket) {
  static ADDRESS_LIST All;
  SIZE_T Needed = 0, Returned = 0;
  INT i;

  CHECK_STATUS(STATUS_BUFFER_OVERFLOW, Query(Socket, NULL, 0, &Needed));
  REQUIRE(Needed >= sizeof(SOCKET_ADDRESS_LIST) && Needed <= sizeof(All));
  RtlFillMemory(&All, sizeof(All), 0xcc);
  CHECK_STATUS(STATUS_BUFFER_OVERFLOW,
               Query(Socket, &All, Needed - 1, &Returned));
  CHECK_EQUAL(Needed, Returned);
  CHECK_STATUS(STATUS_SUCCESS, Query(Socket, &All, Needed, &Returned));
  CHECK_EQUAL(Needed, Returned);
  CHECK_EQUAL(0xcc, All.Bytes[Needed]);
  CHECK(All.List.iAddressCount > 0);
  CHECK_EQUAL(Needed, SIZEOF_SOCKET_ADDRESS_LIST(All.List.iAddressCount) +
                          All.List.iAddressCount * SizeOfAddress());
  for (i = 0; i < All.List.iAddressCount; i++)
    CheckEntry(&All.List.Address[i], &All, Needed);
}

static VOID every_socket_knows_the_addresses_of_its_family(VOID) {
  ULONG Kind;

  for (Kind = 0; Kind < Kinds; Kind++) {
    PWSK_SOCKET Socket = OpenKind((CONTROL_KIND)Kind);

    REQUIRE(Socket != NULL);
    CheckQuery(Socket);
  }
}

/* Defends against a list that is half there. */
static VOID without_memory_there_is_no_list(VOID) {
  static ADDRESS_LIST All;
  PWSK_SOCKET Socket = OpenSocket();
  SIZE_T Returned = 7;
  ULONG Nth;

  REQUIRE(Socket != NULL);
  for (Nth = 1; Nth < 20; Nth++) {
    NTSTATUS Status;

    host_fail_allocation(Nth);
    Status = Query(Socket, &All, sizeof(All), &Returned);
    if (!host_allocation_failed())
      break;
    CHECK_STATUS(STATUS_INSUFFICIENT_RESOURCES, Status);
    CHECK_EQUAL(0, Returned);
  }
  host_fail_allocation(0);
  CHECK(Nth > 1 && Nth < 20);
}

/* ---- when they change ------------------------------------------------ */

static PWSK_CALL AwaitChange(PWSK_SOCKET Socket) {
  return Ioctl(NewCall(), Socket, SIO_ADDRESS_LIST_CHANGE, 0, NULL, 0, NULL);
}

/* Defends against a request that nobody wakes, and one that is woken by what
 * is not its own. */
static VOID a_change_completes_what_waits_for_it(VOID) {
  ULONG Kind;

  for (Kind = 0; Kind < Kinds; Kind++) {
    PWSK_SOCKET Socket = OpenKind((CONTROL_KIND)Kind);
    PWSK_CALL First, Second;

    REQUIRE(Socket != NULL);
    First = AwaitChange(Socket);
    Second = AwaitChange(Socket);
    CHECK_STILL_PENDING(First);
    host_change_addresses(!TEST_IPV6);
    CHECK_STILL_PENDING(First);
    host_change_addresses(TEST_IPV6);
    CHECK_PENDED(First, STATUS_SUCCESS, 0);
    CHECK_PENDED(Second, STATUS_SUCCESS, 0);
  }
}

/* Defends against a change that is told twice. */
static VOID a_change_is_told_once(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL Call;

  REQUIRE(Socket != NULL);
  Call = AwaitChange(Socket);
  host_change_addresses(TEST_IPV6);
  CHECK_PENDED(Call, STATUS_SUCCESS, 0);
  Call = AwaitChange(Socket);
  CHECK_STILL_PENDING(Call);
  CHECK(CancelCall(Call));
  CHECK_PENDED(Call, STATUS_CANCELLED, 0);
}

static VOID waiting_for_a_change_can_be_cancelled(VOID) {
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL Early = NewCall(), First, Second;
  CONTROL C = {WskIoctl, 0, SIO_ADDRESS_LIST_CHANGE, 0, NULL, 0, NULL, NULL};

  REQUIRE(Socket != NULL);
  First = AwaitChange(Socket);
  Second = AwaitChange(Socket);
  CHECK(CancelCall(First));
  CHECK_PENDED(First, STATUS_CANCELLED, 0);
  CHECK_STILL_PENDING(Second);
  (void)PrepareCall(Early);
  IoCancelIrp(Early->Irp);
  Early->Returned = ((const WSK_PROVIDER_BASIC_DISPATCH *)Socket->Dispatch)
                        ->WskControlSocket(Socket, C.Type, C.Code, 0, 0, NULL,
                                           0, NULL, NULL, Early->Irp);
  CHECK_PENDED(Early, STATUS_CANCELLED, 0);
  host_change_addresses(TEST_IPV6);
  CHECK_PENDED(Second, STATUS_SUCCESS, 0);
}

/* Defends against a close that waits for a change that never comes. */
static VOID a_close_ends_the_waiting(VOID) {
  ULONG Kind;

  for (Kind = 0; Kind < Kinds; Kind++) {
    PWSK_SOCKET Socket = OpenKind((CONTROL_KIND)Kind);
    PWSK_CALL Gone = NewCall(), Waiting, Late;

    REQUIRE(Socket != NULL);
    Waiting = AwaitChange(Socket);
    CHECK_STILL_PENDING(Waiting);
    Late = AwaitChange(Socket);
    Close(Gone, Socket);
    CHECK_PENDED(Gone, STATUS_SUCCESS, 0);
    CHECK_PENDED(Waiting, STATUS_CANCELLED, 0);
    CHECK_PENDED(Late, STATUS_CANCELLED, 0);
    CHECK(Waiting->Order < Gone->Order && Late->Order < Gone->Order);
  }
}

static VOID CloseInside(PWSK_CALL Call) {
  PWSK_CALL Gone = Call->ThenContext;

  if (Gone->ThenContext != NULL)
    Close(Gone, Gone->ThenContext);
}

/* Defends against a walk over a list that completions change. */
static VOID a_completion_may_close_what_else_waits(VOID) {
  PWSK_SOCKET First = OpenSocket(), Second = OpenSocket();
  PWSK_CALL Gone = NewCall(), Waiting = NewCall(), Other;

  REQUIRE(First != NULL && Second != NULL);
  Gone->ThenContext = Second;
  Waiting->Then = CloseInside;
  Waiting->ThenContext = Gone;
  Ioctl(Waiting, First, SIO_ADDRESS_LIST_CHANGE, 0, NULL, 0, NULL);
  Other = AwaitChange(Second);
  host_change_addresses(TEST_IPV6);
  CHECK_PENDED(Waiting, STATUS_SUCCESS, 0);
  CHECK_PENDED(Other, STATUS_SUCCESS, 0);
  CHECK_PENDED(Gone, STATUS_SUCCESS, 0);
}

#define RACES 200

/* One thread waits for changes and cancels. */
typedef struct _WAITER {
  PWSK_SOCKET Socket;
  PWSK_CALL Call;
  ULONG Cancelled, Changed;
  TEST_THREAD Thread;
} WAITER;

static VOID WaitAndCancel(PVOID Context) {
  WAITER *W = Context;
  ULONG i;

  for (i = 0; i < RACES; i++) {
    Ioctl(W->Call, W->Socket, SIO_ADDRESS_LIST_CHANGE, 0, NULL, 0, NULL);
    CancelCall(W->Call);
    if (!CHECK(WaitForCall(W->Call)))
      return;
    if (W->Call->Status == STATUS_CANCELLED)
      W->Cancelled++;
    else if (CHECK(W->Call->Status == STATUS_SUCCESS))
      W->Changed++;
  }
}

static int HasEnded(void *Context) {
  WAITER *W = Context;

  return ThreadEnds(&W->Thread, 0);
}

/* Defends against a request that is completed by both, or by neither. */
static VOID changes_race_with_cancels(VOID) {
  WAITER W = {0};
  ULONG i;

  W.Socket = OpenSocket();
  REQUIRE(W.Socket != NULL);
  W.Call = NewCall();
  StartThread(&W.Thread, WaitAndCancel, &W);
  for (i = 0; i < TEST_LONG && !HasEnded(&W); i++) {
    host_change_addresses(TEST_IPV6);
    host_run_until(HasEnded, &W, 1);
  }
  JoinThread(&W.Thread);
  CHECK_EQUAL(RACES, W.Cancelled + W.Changed);
  CHECK_PENDED(Close(NewCall(), W.Socket), STATUS_SUCCESS, 0);
}

/* ---- which is best --------------------------------------------------- */

#define SORTED 4

static VOID Put(SOCKET_ADDRESS_LIST *List, ULONG i, PTEST_ADDRESS Address,
                UCHAR First, UCHAR Second, UCHAR Last) {
  RtlZeroMemory(Address, sizeof(*Address));
  Address->V6.sin6_family = AF_INET6;
  Address->V6.sin6_addr.u.Byte[0] = First;
  Address->V6.sin6_addr.u.Byte[1] = Second;
  Address->V6.sin6_addr.u.Byte[15] = Last;
  List->Address[i].lpSockaddr = &Address->Any;
  List->Address[i].iSockaddrLength = sizeof(Address->V6);
}

/* Unique local, 6to4, global, loopback: the best is the last. Defends against a
 * sort that loses entries or turns round what is equal. */
static VOID addresses_are_sorted_by_preference(VOID) {
  static ADDRESS_LIST In, Out;
  TEST_ADDRESS Addresses[SORTED];
  PSOCKET_ADDRESS Sorted = Out.List.Address;
  PWSK_SOCKET Socket = OpenKind(KindBasic);
  SIZE_T Size = SIZEOF_SOCKET_ADDRESS_LIST(SORTED), Returned = 0;
  CONTROL C = {WskIoctl, 0,        SIO_ADDRESS_LIST_SORT, Size, &In, Size,
               &Out,     &Returned};

  REQUIRE(Socket != NULL);
  In.List.iAddressCount = SORTED;
  Put(&In.List, 0, &Addresses[0], 0xfd, 0, 1);
  Put(&In.List, 1, &Addresses[1], 0x20, 0x02, 1);
  Put(&In.List, 2, &Addresses[2], 0x2a, 0, 1);
  Put(&In.List, 3, &Addresses[3], 0, 0, 1);
  if (!TEST_IPV6) {
    CHECK_STATUS(STATUS_NOT_SUPPORTED, ControlNow(Socket, &C));
    return;
  }
  CHECK_STATUS(STATUS_SUCCESS, ControlNow(Socket, &C));
  CHECK_EQUAL(Size, Returned);
  CHECK_EQUAL(SORTED, Out.List.iAddressCount);
  CHECK(Sorted[0].lpSockaddr == &Addresses[3].Any);
  CHECK(Sorted[1].lpSockaddr == &Addresses[2].Any);
  CHECK(Sorted[2].lpSockaddr == &Addresses[1].Any);
  CHECK(Sorted[3].lpSockaddr == &Addresses[0].Any);
  C.OutputSize = Size - 1;
  CHECK_STATUS(STATUS_BUFFER_OVERFLOW, ControlNow(Socket, &C));
  C.OutputSize = Size;
  C.InputSize = Size - 1;
  CHECK_STATUS(STATUS_INVALID_PARAMETER, ControlNow(Socket, &C));
  C.InputSize = Size;
  Addresses[1].Any.sa_family = AF_INET;
  CHECK_STATUS(STATUS_INVALID_PARAMETER, ControlNow(Socket, &C));
  In.List.iAddressCount = -1;
  CHECK_STATUS(STATUS_INVALID_PARAMETER, ControlNow(Socket, &C));
}

/* ---- backlogs -------------------------------------------------------- */

static SIZE_T BacklogOf(PWSK_SOCKET Socket, ULONG Code) {
  SIZE_T Backlog = (SIZE_T)-1;

  CHECK_COMPLETED(
      Ioctl(NewCall(), Socket, Code, 0, NULL, sizeof(Backlog), &Backlog),
      STATUS_SUCCESS, sizeof(Backlog));
  return Backlog;
}

static VOID a_connection_has_an_ideal_send_backlog(VOID) {
  PWSK_SOCKET Socket = OpenConnection(peer_listen(TEST_IPV6, 0));

  REQUIRE(Socket != NULL);
  CHECK(BacklogOf(Socket, SIO_WSK_QUERY_IDEAL_SEND_BACKLOG) > 0);
}

static PWSK_SOCKET Counted;
static SIZE_T Wanted;

static int HasBacklog(void *Context) {
  UNREFERENCED_PARAMETER(Context);
  return BacklogOf(Counted, SIO_WSK_QUERY_RECEIVE_BACKLOG) == Wanted;
}

/* The bytes are on their way for a moment. */
static VOID CheckBacklog(PWSK_SOCKET Socket, SIZE_T Bytes) {
  Counted = Socket;
  Wanted = Bytes;
  CHECK(host_run_until(HasBacklog, NULL, TEST_LONG));
  CHECK_EQUAL(Bytes, BacklogOf(Socket, SIO_WSK_QUERY_RECEIVE_BACKLOG));
}

/* Defends against a count that forgets what has been taken, or counts it
 * twice. */
static VOID the_receive_backlog_counts_what_nobody_has_taken(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);

  REQUIRE(Socket != NULL);
  CheckBacklog(Socket, 0);
  peer_send_pattern(Peer, 0, 5000);
  CHECK(peer_flush(Peer));
  CheckBacklog(Socket, 5000);
  CHECK_COMPLETED(
      Receive(NewCall(), Socket, &NewBuffer(2000)->Wsk, WSK_FLAG_WAITALL),
      STATUS_SUCCESS, 2000);
  CheckBacklog(Socket, 3000);
  CHECK_COMPLETED(
      Receive(NewCall(), Socket, &NewBuffer(3000)->Wsk, WSK_FLAG_WAITALL),
      STATUS_SUCCESS, 3000);
  CheckBacklog(Socket, 0);
}

static DATA_WATCH Watch;

/* What a callback has refused waits here, and no longer with the host. */
static VOID the_receive_backlog_counts_what_was_refused(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  Watch.Answer = STATUS_DATA_NOT_ACCEPTED;
  peer_send_pattern(Watch.Peer, 0, 100);
  CHECK(peer_flush(Watch.Peer));
  REQUIRE(WaitForCalls(&Watch, 1));
  CheckBacklog(Watch.Socket, 100);
  peer_send_pattern(Watch.Peer, 100, 900);
  CHECK(peer_flush(Watch.Peer));
  CheckBacklog(Watch.Socket, 1000);
  CHECK_COMPLETED(
      Receive(NewCall(), Watch.Socket, &NewBuffer(600)->Wsk, WSK_FLAG_WAITALL),
      STATUS_SUCCESS, 600);
  CheckBacklog(Watch.Socket, 400);
}

/* ---- silent mode ------------------------------------------------------ */

static PWSK_CALL FallSilent(PWSK_SOCKET Socket) {
  return Ioctl(NewCall(), Socket, SIO_WSK_SET_TCP_SILENT_MODE, 0, NULL, 0,
               NULL);
}

/* Defends against one of the calls that still says something. */
static VOID a_silent_connection_says_nothing(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = BufferOf("late", 4);

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Send(NewCall(), Socket, &BufferOf("early", 5)->Wsk, 0),
               STATUS_SUCCESS, 5);
  CHECK_AT_ONCE(FallSilent(Socket), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(Send(NewCall(), Socket, &Buffer->Wsk, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(Send(NewCall(), Socket, &Buffer->Wsk, WSK_FLAG_NODELAY),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, NULL, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, &Buffer->Wsk, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(Disconnect(NewCall(), Socket, NULL, WSK_FLAG_ABORTIVE),
                STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_AT_ONCE(FallSilent(Socket), STATUS_INVALID_DEVICE_STATE, 0);
  CHECK(peer_expect(Peer, "early", 5));
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  host_run_a_while();
  CHECK(!peer_has_ended(Peer));
}

/* Defends against bytes that still come out of a receive, before and after. */
static VOID a_silent_connection_hears_nothing(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER Buffer = NewBuffer(100);
  PWSK_CALL Pending = NewCall(), Gone = NewCall(), Empty = NewCall();

  REQUIRE(Socket != NULL);
  Receive(Empty, Socket, &NewBuffer(0)->Wsk, 0);
  Receive(Pending, Socket, &Buffer->Wsk, 0);
  CHECK_STILL_PENDING(Pending);
  CHECK_AT_ONCE(FallSilent(Socket), STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(Receive(NewCall(), Socket, &NewBuffer(10)->Wsk, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  peer_send(Peer, "dropped", 7);
  CHECK(peer_flush(Peer));
  peer_finish(Peer);
  CHECK_STILL_PENDING(Pending);
  CHECK_STILL_PENDING(Empty);
  Close(Gone, Socket);
  CHECK_PENDED(Gone, STATUS_SUCCESS, 0);
  CHECK_PENDED(Pending, STATUS_CANCELLED, 0);
  CHECK_PENDED(Empty, STATUS_CANCELLED, 0);
  CHECK(BufferUntouchedFrom(Buffer, 0));
  host_run_a_while();
  CHECK(!peer_has_ended(Peer));
}

/* Defends against callbacks that tell of what was to be dropped. */
static VOID a_silent_connection_tells_nothing(VOID) {
  REQUIRE(OpenWatching(&Watch, WSK_EVENT_RECEIVE));
  CHECK_EVENTS(STATUS_SUCCESS, Watch.Socket, WSK_EVENT_DISCONNECT);
  peer_send_pattern(Watch.Peer, 0, 10);
  CHECK(peer_flush(Watch.Peer));
  REQUIRE(WaitForPosition(&Watch, 10));
  CHECK_AT_ONCE(FallSilent(Watch.Socket), STATUS_SUCCESS, 0);
  peer_send_pattern(Watch.Peer, 10, 1000);
  CHECK(peer_flush(Watch.Peer));
  peer_finish(Watch.Peer);
  host_run_a_while();
  CHECK_EQUAL(1, ReceiveCalls(&Watch));
  CHECK_EQUAL(0, EndCalls(&Watch));
  CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
  host_run_a_while();
  CHECK(!peer_has_ended(Watch.Peer));
  CHECK_WATCH(&Watch);
}

static VOID a_silent_receive_can_be_cancelled(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PWSK_CALL Pending = NewCall();

  REQUIRE(Socket != NULL);
  Receive(Pending, Socket, &NewBuffer(100)->Wsk, 0);
  CHECK_AT_ONCE(FallSilent(Socket), STATUS_SUCCESS, 0);
  CHECK(CancelCall(Pending));
  CHECK_PENDED(Pending, STATUS_CANCELLED, 0);
}

#define A_LOT (8 * 1024 * 1024)

/* Defends against a send that is stopped halfway without a word. */
static VOID silence_waits_for_sends(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(PEER_PAUSED | PEER_SMALL_BUFFER, &Peer);
  PWSK_CALL Sending = NewCall();

  REQUIRE(Socket != NULL);
  Send(Sending, Socket, &BufferOfPattern(0, A_LOT)->Wsk, 0);
  CHECK_STILL_PENDING(Sending);
  host_expect_reports();
  CHECK_AT_ONCE(FallSilent(Socket), STATUS_INVALID_DEVICE_STATE, 0);
  CHECK_EQUAL(1, host_reports("IOCTL-15"));
  peer_resume(Peer);
  CHECK(peer_expect_pattern(Peer, 0, A_LOT));
  CHECK_PENDED(Sending, STATUS_SUCCESS, A_LOT);
  CHECK_AT_ONCE(FallSilent(Socket), STATUS_SUCCESS, 0);
}

#define MANY 70

/* Nobody keeps them for ever. Defends against a process that runs out of
 * descriptors: the oldest go, by reset. */
static VOID so_many_are_left_silent(VOID) {
  struct peer *Peers[MANY];
  ULONG i;

  for (i = 0; i < MANY; i++) {
    PWSK_SOCKET Socket = OpenToPeer(0, &Peers[i]);

    REQUIRE(Socket != NULL);
    CHECK_AT_ONCE(FallSilent(Socket), STATUS_SUCCESS, 0);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  }
  CHECK(peer_expect_reset(Peers[0]));
  CHECK(!peer_has_ended(Peers[MANY - 1]));
}

/* ---- keep-alive ------------------------------------------------------ */

/* Defends against milliseconds that are taken for seconds. */
static VOID keep_alive_values_are_three_options(VOID) {
  static const struct tcp_keepalive On = {1, 30500, 2000}, Off = {0, 0, 0};
  PWSK_SOCKET Socket = OpenSocket();
  PWSK_CALL Probe;

  REQUIRE(Socket != NULL);
  Probe = SetOption(NewCall(), Socket, IPPROTO_TCP, TCP_KEEPIDLE, 10);
  REQUIRE(WaitForCall(Probe));
  if (Probe->Status == STATUS_NOT_SUPPORTED) {
    CHECK_PENDED(
        Ioctl(NewCall(), Socket, SIO_KEEPALIVE_VALS, sizeof(On), &On, 0, NULL),
        STATUS_NOT_SUPPORTED, 0);
    return;
  }
  CHECK_PENDED(
      Ioctl(NewCall(), Socket, SIO_KEEPALIVE_VALS, sizeof(On), &On, 0, NULL),
      STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
  CHECK_EQUAL(31, OptionOf(Socket, IPPROTO_TCP, TCP_KEEPIDLE));
  CHECK_EQUAL(2, OptionOf(Socket, IPPROTO_TCP, TCP_KEEPINTVL));
  CHECK_PENDED(
      Ioctl(NewCall(), Socket, SIO_KEEPALIVE_VALS, sizeof(Off), &Off, 0, NULL),
      STATUS_SUCCESS, 0);
  CHECK_EQUAL(0, OptionOf(Socket, SOL_SOCKET, SO_KEEPALIVE));
  CHECK_EQUAL(31, OptionOf(Socket, IPPROTO_TCP, TCP_KEEPIDLE));
}

/* ---- codes without an effect ----------------------------------------- */

static VOID the_fast_path_is_for_tcp(VOID) {
  PWSK_SOCKET Socket = OpenSocket(), Listener = OpenKind(KindListener),
              Datagram = OpenKind(KindDatagram);
  BOOLEAN On = TRUE;

  REQUIRE(Socket != NULL && Listener != NULL && Datagram != NULL);
  CHECK_COMPLETED(Ioctl(NewCall(), Socket, SIO_LOOPBACK_FAST_PATH, sizeof(On),
                        &On, 0, NULL),
                  STATUS_SUCCESS, 0);
  CHECK_COMPLETED(Ioctl(NewCall(), Listener, SIO_LOOPBACK_FAST_PATH, sizeof(On),
                        &On, 0, NULL),
                  STATUS_SUCCESS, 0);
  CHECK_COMPLETED(
      Ioctl(NewCall(), Socket, SIO_LOOPBACK_FAST_PATH, 0, NULL, 0, NULL),
      STATUS_INVALID_BUFFER_SIZE, 0);
  CHECK_COMPLETED(Ioctl(NewCall(), Datagram, SIO_LOOPBACK_FAST_PATH, sizeof(On),
                        &On, 0, NULL),
                  STATUS_NOT_SUPPORTED, 0);
}

static VOID nobody_redirects_connections(VOID) {
  PWSK_SOCKET Socket = OpenConnection(peer_listen(TEST_IPV6, 0));
  UCHAR Record[64] = {0};

  REQUIRE(Socket != NULL);
  CHECK_COMPLETED(Ioctl(NewCall(), Socket,
                        SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS, 0, NULL,
                        sizeof(Record), Record),
                  STATUS_NOT_FOUND, 0);
  CHECK_COMPLETED(Ioctl(NewCall(), Socket,
                        SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT, 0, NULL, 0,
                        NULL),
                  STATUS_NOT_FOUND, 0);
  CHECK_COMPLETED(Ioctl(NewCall(), Socket,
                        SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS, sizeof(Record),
                        Record, 0, NULL),
                  STATUS_SUCCESS, 0);
}

CONFORMANCE_GROUP(ioctl) = {
    TEST(every_socket_knows_the_addresses_of_its_family,
         "IOCTL-01 IOCTL-02 CTRLSOCK-10"),
    TEST_ONCE(without_memory_there_is_no_list, "IOCTL-02"),
    TEST(a_change_completes_what_waits_for_it, "IOCTL-03 CTRLSOCK-02"),
    TEST(a_change_is_told_once, "IOCTL-03"),
    TEST(waiting_for_a_change_can_be_cancelled, "IOCTL-03"),
    TEST(a_close_ends_the_waiting, "IOCTL-03 CLOSE-02"),
    TEST_ONCE(a_completion_may_close_what_else_waits, "IOCTL-03"),
    TEST_ONCE(changes_race_with_cancels, "IOCTL-03"),
    TEST(addresses_are_sorted_by_preference, "CTRLSOCK-09"),
    TEST(a_connection_has_an_ideal_send_backlog, "IOCTL-11"),
    TEST(the_receive_backlog_counts_what_nobody_has_taken, "IOCTL-12"),
    TEST(the_receive_backlog_counts_what_was_refused, "IOCTL-12"),
    TEST(a_silent_connection_says_nothing, "IOCTL-16 IOCTL-17 IOCTL-18"),
    TEST(a_silent_connection_hears_nothing, "IOCTL-18"),
    TEST(a_silent_connection_tells_nothing, "IOCTL-18"),
    TEST_ONCE(a_silent_receive_can_be_cancelled, "IOCTL-18"),
    TEST_ONCE(silence_waits_for_sends, "IOCTL-15"),
    TEST_ONCE(so_many_are_left_silent, "IOCTL-18"),
    TEST_ONCE(keep_alive_values_are_three_options, "SOPT-07"),
    TEST(the_fast_path_is_for_tcp, "IOCTL-19"),
    TEST(nobody_redirects_connections, "IOCTL-20 IOCTL-21"),
};
