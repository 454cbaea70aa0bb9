/* WskReceiveFromEvent, what it returns, and WskRelease. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskdatagram.h"

#define MAX_SEEN 2048

/* What the callback of a test does and has seen. */
typedef struct _WATCH {
  PWSK_SOCKET Socket;
  USHORT Port;
  struct peer_udp *Peer;
  volatile LONG Answer;        /* what it returns: an NTSTATUS */
  volatile LONG ReleaseInside; /* before it does */
  PWSK_CALL ToClose;           /* closes the socket, once */
  KEVENT Called;

  volatile LONG Inside, Overlaps;
  volatile LONG Calls, Datagrams, Kept, Ends; /* Kept: of the datagrams */
  ULONG Seen; /* by the callback alone; Datagrams comes after it */
  ULONG Flags, LongestList;
  KIRQL Irql;
  BOOLEAN Wrong; /* a member that says something impossible */
  SIZE_T Lengths[MAX_SEEN];
  UCHAR First[MAX_SEEN];                      /* the first byte of each */
  PWSK_DATAGRAM_INDICATION Members[MAX_SEEN]; /* when they are retained */
  TEST_ADDRESS Remote;
} WATCH;

static WATCH Watch;

static LONG Datagrams(VOID) {
  return InterlockedCompareExchange(&Watch.Datagrams, 0, 0);
}

static LONG Calls(VOID) {
  return InterlockedCompareExchange(&Watch.Calls, 0, 0);
}

/* Callbacks may be under way on another thread. */
static VOID SetAnswer(NTSTATUS Answer) {
  InterlockedExchange(&Watch.Answer, Answer);
}

static VOID LookAt(PWSK_DATAGRAM_INDICATION Member) {
  ULONG Number = Watch.Seen++;

  if ((Member->ControlInfo == NULL) != (Member->ControlInfoLength == 0) ||
      Member->RemoteAddress == NULL || Number >= MAX_SEEN) {
    Watch.Wrong = TRUE;
    return;
  }
  Watch.Lengths[Number] = Member->Buffer.Length;
  if (Member->Buffer.Length > 0)
    Watch.First[Number] = ((PUCHAR)MmGetSystemAddressForMdlSafe(
        Member->Buffer.Mdl, NormalPagePriority))[Member->Buffer.Offset];
  Watch.Members[Number] = Member;
  RtlCopyMemory(&Watch.Remote, Member->RemoteAddress,
                TEST_IPV6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN));
}

static VOID ActInside(PWSK_DATAGRAM_INDICATION List) {
  PWSK_CALL Closing = InterlockedExchangePointer((PVOID *)&Watch.ToClose, NULL);

  if (InterlockedOr(&Watch.ReleaseInside, 0))
    DatagramDispatchOf(Watch.Socket)->WskRelease(Watch.Socket, List);
  if (Closing != NULL)
    Close(Closing, Watch.Socket);
}

static NTSTATUS WSKAPI OnReceiveFrom(PVOID Context, ULONG Flags,
                                     PWSK_DATAGRAM_INDICATION List) {
  PWSK_DATAGRAM_INDICATION Member;
  NTSTATUS Answer = InterlockedOr(&Watch.Answer, 0);
  ULONG Length = 0;

  if (InterlockedIncrement(&Watch.Inside) != 1)
    InterlockedIncrement(&Watch.Overlaps);
  if (Context != &Watch)
    Watch.Wrong = TRUE;
  Watch.Flags = Flags;
  Watch.Irql = KeGetCurrentIrql();
  for (Member = List; Member != NULL; Member = Member->Next, Length++)
    LookAt(Member);
  Watch.LongestList = max(Watch.LongestList, Length);
  if (List == NULL)
    InterlockedIncrement(&Watch.Ends);
  ActInside(List);
  InterlockedDecrement(&Watch.Inside);
  if (Answer == STATUS_PENDING)
    InterlockedExchangeAdd(&Watch.Kept, (LONG)Length);
  InterlockedExchangeAdd(&Watch.Datagrams, (LONG)Length);
  InterlockedIncrement(&Watch.Calls);
  KeSetEvent(&Watch.Called, IO_NO_INCREMENT, FALSE);
  return Answer;
}

static const WSK_CLIENT_DATAGRAM_DISPATCH Callbacks = {OnReceiveFrom};

static BOOLEAN OpenWatched(NTSTATUS Answer) {
  RtlZeroMemory(&Watch, sizeof(Watch));
  KeInitializeEvent(&Watch.Called, SynchronizationEvent, FALSE);
  Watch.Answer = Answer;
  Watch.Socket = OpenDatagramWith(&Callbacks, &Watch, &Watch.Port);
  Watch.Peer = peer_udp_open(TEST_IPV6);
  return CHECK(Watch.Socket != NULL && Watch.Peer != NULL);
}

static BOOLEAN OpenEnabled(NTSTATUS Answer) {
  if (!OpenWatched(Answer))
    return FALSE;
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  return TRUE;
}

static BOOLEAN WaitForDatagrams(LONG Count) {
  while (Datagrams() < Count)
    if (!CHECK(WaitForEvent(&Watch.Called, TEST_LONG)))
      return FALSE;
  return CHECK(!Watch.Wrong) && CHECK(Watch.Overlaps == 0);
}

/* The callback that has been counted has returned, and is disabled. */
static VOID WaitForReturn(VOID) {
  while (ControlReceiveFrom(Watch.Socket,
                            WSK_EVENT_DISABLE | WSK_EVENT_RECEIVE_FROM) ==
         STATUS_EVENT_PENDING)
    host_run_a_while();
}

static VOID PeerSends(UCHAR First, ULONG Length) {
  UCHAR Bytes[100] = {First};

  CHECK(peer_udp_send(Watch.Peer, Watch.Port, Bytes, Length));
}

static NTSTATUS Release(PWSK_DATAGRAM_INDICATION List) {
  return DatagramDispatchOf(Watch.Socket)->WskRelease(Watch.Socket, List);
}

static VOID ReleaseAlone(LONG Number) {
  Watch.Members[Number]->Next = NULL;
  CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Members[Number]));
}

/* ---- indications ----------------------------------------------------- */

/* Defends against a context, an address, an IRQL that is not told, and control
 * data that nobody asked for. */
static VOID an_enabled_event_indicates_a_datagram(VOID) {
  REQUIRE(OpenEnabled(STATUS_SUCCESS));
  PeerSends('a', 5);
  REQUIRE(WaitForDatagrams(1));
  CHECK_EQUAL(1, Calls());
  CHECK_EQUAL(5, Watch.Lengths[0]);
  CHECK_EQUAL('a', Watch.First[0]);
  CHECK_EQUAL(WSK_FLAG_AT_DISPATCH_LEVEL, Watch.Flags);
  CHECK_EQUAL(DISPATCH_LEVEL, Watch.Irql);
  CHECK_EQUAL(peer_udp_port(Watch.Peer), PortOf(&Watch.Remote));
  CHECK(IsLoopback(&Watch.Remote));
}

/* Defends against datagrams that came before, and against an event that nobody
 * has enabled. */
static VOID what_waited_is_indicated_as_a_list(VOID) {
  UCHAR i;

  REQUIRE(OpenWatched(STATUS_SUCCESS));
  for (i = 0; i < 100; i++)
    PeerSends(i, 1 + i % 50);
  host_run_a_while();
  CHECK_EQUAL(0, Calls());
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  REQUIRE(WaitForDatagrams(100));
  for (i = 0; i < 100; i++) {
    CHECK_EQUAL(i, Watch.First[i]);
    CHECK_EQUAL(1 + i % 50, Watch.Lengths[i]);
  }
  CHECK(Watch.LongestList > 1);
}

/* Defends against an empty datagram that ends the list, or looks like the end
 * of the socket. */
static VOID an_empty_datagram_is_indicated(VOID) {
  REQUIRE(OpenEnabled(STATUS_SUCCESS));
  PeerSends('x', 0);
  PeerSends('y', 3);
  REQUIRE(WaitForDatagrams(2));
  CHECK_EQUAL(0, Watch.Lengths[0]);
  CHECK_EQUAL(3, Watch.Lengths[1]);
  CHECK_EQUAL(0, Watch.Ends);
}

/* The bytes of a retained datagram, over its whole chain. */
static BOOLEAN MemberIsPattern(PWSK_DATAGRAM_INDICATION Member, SIZE_T Start) {
  SIZE_T Done = 0, Offset = Member->Buffer.Offset, i;
  PMDL Mdl;

  for (Mdl = Member->Buffer.Mdl; Mdl != NULL; Mdl = Mdl->Next) {
    PUCHAR Bytes = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority);

    for (i = Offset; i < MmGetMdlByteCount(Mdl); i++, Done++)
      if (Bytes[i] != peer_pattern(Start + Done))
        return FALSE;
    Offset = 0;
  }
  return Done == Member->Buffer.Length;
}

/* Defends against long datagrams that are cut, and chains that do not hold
 * what the length says. */
static VOID datagrams_of_any_length_are_indicated_whole(VOID) {
  static const SIZE_T Lengths[] = {1, 2047, 2048, 2049, 9000, 65507};
  ULONG i;

  REQUIRE(OpenEnabled(STATUS_PENDING));
  for (i = 0; i < RTL_NUMBER_OF(Lengths); i++) {
    CHECK(peer_udp_send_pattern(Watch.Peer, Watch.Port, i, Lengths[i]));
    REQUIRE(WaitForDatagrams((LONG)i + 1));
    CHECK_EQUAL(Lengths[i], Watch.Lengths[i]);
  }
  for (i = 0; i < RTL_NUMBER_OF(Lengths); i++) {
    CHECK(MemberIsPattern(Watch.Members[i], i));
    ReleaseAlone((LONG)i);
  }
}

/* Defends against a test that cannot see what a driver does with an offset and
 * a chain, and against data that is not where they say. */
static VOID a_test_may_ask_for_short_pieces(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(3000);
  LONG i;

  REQUIRE(OpenWatched(STATUS_PENDING));
  host_set_datagrams(1, 10, 3);
  for (i = 0; i < 6; i++)
    CHECK(peer_udp_send_pattern(Watch.Peer, Watch.Port, (SIZE_T)i,
                                9 + (SIZE_T)i));
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  REQUIRE(WaitForDatagrams(6));
  CHECK_EQUAL(1, Watch.LongestList);
  CHECK_EQUAL(6, Calls());
  for (i = 0; i < 6; i++) {
    CHECK_EQUAL(3, Watch.Members[i]->Buffer.Offset);
    CHECK_EQUAL(i < 2, Watch.Members[i]->Buffer.Mdl->Next == NULL);
    CHECK(MemberIsPattern(Watch.Members[i], (SIZE_T)i));
    CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Members[i]));
  }
  SetAnswer(STATUS_DATA_NOT_ACCEPTED);
  CHECK(peer_udp_send_pattern(Watch.Peer, Watch.Port, 5, 2500));
  REQUIRE(WaitForDatagrams(7));
  host_run_a_while();
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Watch.Socket, &Buffer->Wsk, NULL),
                STATUS_SUCCESS, 2500);
  CHECK(BufferIsPattern(Buffer, 0, 5, 2500));
}

/* Defends against a client that has two minds, or none, and hears nothing. */
static VOID what_a_callback_may_not_do_is_reported(VOID) {
  REQUIRE(OpenWatched(STATUS_SUCCESS));
  host_expect_reports();
  InterlockedExchange(&Watch.ReleaseInside, TRUE);
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  PeerSends('a', 10);
  REQUIRE(WaitForDatagrams(1));
  host_run_a_while();
  CHECK_EQUAL(1, host_reports("RELEASE-01"));
  InterlockedExchange(&Watch.ReleaseInside, FALSE);
  SetAnswer(STATUS_UNSUCCESSFUL);
  PeerSends('b', 10);
  REQUIRE(WaitForDatagrams(2));
  host_run_a_while();
  CHECK_EQUAL(1, host_reports("RECVEV-06"));
  CHECK_EQUAL(2, host_all_reports());
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(Watch.Members[1]));
}

/* Defends against events that take what an IRP waits for. */
static VOID a_queued_receive_comes_before_the_event(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);
  PWSK_CALL Call = NewCall();

  REQUIRE(OpenEnabled(STATUS_SUCCESS));
  ReceiveFrom(Call, Watch.Socket, &Buffer->Wsk, NULL);
  CHECK_STILL_PENDING(Call);
  PeerSends('a', 4);
  PeerSends('b', 5);
  CHECK_PENDED(Call, STATUS_SUCCESS, 4);
  REQUIRE(WaitForDatagrams(1));
  CHECK_EQUAL('b', Watch.First[0]);
}

static VOID a_fixed_remote_address_filters_events_too(VOID) {
  struct peer_udp *Other = peer_udp_open(TEST_IPV6);
  TEST_ADDRESS Remote;

  REQUIRE(OpenEnabled(STATUS_SUCCESS) && Other != NULL);
  CHECK_COMPLETED(SetAddress(NewCall(), Watch.Socket,
                             SIO_WSK_SET_REMOTE_ADDRESS,
                             Loopback(&Remote, peer_udp_port(Watch.Peer))),
                  STATUS_SUCCESS, 0);
  CHECK(peer_udp_send(Other, Watch.Port, "no", 2));
  PeerSends('a', 4);
  CHECK(peer_udp_send(Other, Watch.Port, "no", 2));
  PeerSends('b', 4);
  REQUIRE(WaitForDatagrams(2));
  CHECK_EQUAL('a', Watch.First[0]);
  CHECK_EQUAL('b', Watch.First[1]);
}

/* ---- retaining ------------------------------------------------------- */

/* Defends against a list that is used for the next datagram, and a release
 * that only works in order. */
static VOID a_retained_list_stays_until_it_is_released(VOID) {
  LONG i;

  REQUIRE(OpenEnabled(STATUS_PENDING));
  for (i = 0; i < 6; i++) {
    CHECK(peer_udp_send_pattern(Watch.Peer, Watch.Port, (SIZE_T)i, 50));
    REQUIRE(WaitForDatagrams(i + 1));
  }
  for (i = 0; i < 6; i++)
    CHECK(MemberIsPattern(Watch.Members[i], (SIZE_T)i));
  for (i = 5; i >= 0; i--)
    CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Members[i]));
}

/* Clients link what they retain into lists of their own. Defends against a
 * release that goes by what was indicated together. */
static VOID members_are_released_as_the_client_links_them(VOID) {
  LONG i;

  REQUIRE(OpenWatched(STATUS_PENDING));
  for (i = 0; i < 9; i++)
    PeerSends((UCHAR)i, 10);
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  REQUIRE(WaitForDatagrams(9));
  /* 8 -> 6 -> 4 -> 2 -> 0, and the others each alone. */
  for (i = 8; i >= 0; i -= 2)
    Watch.Members[i]->Next = i > 0 ? Watch.Members[i - 2] : NULL;
  for (i = 1; i < 9; i += 2)
    Watch.Members[i]->Next = NULL;
  CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Members[8]));
  for (i = 1; i < 9; i += 2) {
    CHECK_EQUAL(i, *(PUCHAR)MmGetSystemAddressForMdlSafe(
                       Watch.Members[i]->Buffer.Mdl, NormalPagePriority));
    CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Members[i]));
  }
}

/* Defends against a pointer that is believed. */
static VOID what_was_not_retained_is_not_released(VOID) {
  WSK_DATAGRAM_INDICATION Own = {0};
  PWSK_SOCKET Other = OpenDatagram(NULL);

  REQUIRE(OpenEnabled(STATUS_PENDING) && Other != NULL);
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(NULL));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(&Own));
  PeerSends('a', 10);
  REQUIRE(WaitForDatagrams(1));
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               DatagramDispatchOf(Other)->WskRelease(Other, Watch.Members[0]));
  CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Members[0]));
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(Watch.Members[0]));
  /* Taken, and not retained. */
  SetAnswer(STATUS_SUCCESS);
  PeerSends('b', 10);
  REQUIRE(WaitForDatagrams(2));
  host_run_a_while();
  CHECK_STATUS(STATUS_INVALID_PARAMETER, Release(Watch.Members[1]));
}

/* A completion routine that runs inside the callback may be done with the list
 * before the callback is. */
static VOID a_list_may_be_released_before_the_callback_returns(VOID) {
  LONG i;

  REQUIRE(OpenWatched(STATUS_PENDING));
  InterlockedExchange(&Watch.ReleaseInside, TRUE);
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  for (i = 0; i < 5; i++) {
    PeerSends((UCHAR)i, 10);
    REQUIRE(WaitForDatagrams(i + 1));
  }
}

/* Defends against a list that a client finds as it was when it looks too long
 * at it. */
static VOID a_list_that_was_taken_is_overwritten(VOID) {
  PWSK_DATAGRAM_INDICATION Member;

  REQUIRE(OpenEnabled(STATUS_SUCCESS));
  PeerSends('a', 10);
  REQUIRE(WaitForDatagrams(1));
  host_run_a_while();
  Member = Watch.Members[0];
  CHECK(Member->RemoteAddress != (PSOCKADDR)&Watch.Remote);
  CHECK_EQUAL(0xDDDDDDDD, Member->ControlInfoLength);
  CHECK((ULONG_PTR)Member->Next == (ULONG_PTR)0xDDDDDDDDDDDDDDDDull);
}

/* Defends against memory that grows with a client that keeps everything, and
 * against a client that gets nothing any more. */
static VOID what_a_client_may_retain_has_a_bound(VOID) {
  LONG Bound, Last = 0, i;

  REQUIRE(OpenEnabled(STATUS_PENDING));
  do {
    Last = Datagrams();
    for (i = 0; i < 50; i++)
      PeerSends('a', 10);
    host_run_a_while();
  } while (Datagrams() > Last && Datagrams() < MAX_SEEN - 100);
  Bound = Datagrams();
  CHECK(Bound < MAX_SEEN - 100);
  for (i = 0; i < Bound; i++)
    ReleaseAlone(i);
  SetAnswer(STATUS_SUCCESS);
  REQUIRE(WaitForDatagrams(Bound + 1));
  WaitForReturn(); /* some may have been kept before the answer changed */
  for (i = Bound; i < Watch.Kept; i++)
    ReleaseAlone(i);
}

/* Defends against a client that forgets, and nobody says so. */
static VOID closing_with_retained_lists_is_reported(VOID) {
  REQUIRE(OpenEnabled(STATUS_PENDING));
  PeerSends('a', 10);
  REQUIRE(WaitForDatagrams(1));
  WaitForReturn();
  host_expect_reports();
  CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
  CHECK_EQUAL(1, host_reports("CLOSE-09"));
  CHECK_EQUAL(0, host_reports("CLOSE-06"));
  CHECK_STATUS(STATUS_FILE_CLOSED, Release(Watch.Members[0]));
  CHECK_EQUAL(1, host_reports("CLOSE-06"));
}

#define RACING 32

static VOID ReleaseAll(PVOID Context) {
  LONG i;

  UNREFERENCED_PARAMETER(Context);
  for (i = 0; i < RACING; i++) {
    NTSTATUS Status = Release(Watch.Members[i]);

    CHECK(Status == STATUS_SUCCESS || Status == STATUS_FILE_CLOSED);
  }
}

static VOID ReleaseTwice(PVOID Context) {
  LONG i;

  for (i = 0; i < RACING; i++)
    if (Release(Watch.Members[i]) == STATUS_SUCCESS)
      InterlockedIncrement((LONG *)Context);
}

/* Both at once is against the rules. Defends against a datagram that is taken
 * from two lists, or from none. */
static VOID a_release_may_meet_a_close(VOID) {
  TEST_THREAD Thread;
  LONG Round, i;

  host_expect_reports();
  for (Round = 0; Round < 20; Round++) {
    REQUIRE(OpenEnabled(STATUS_PENDING));
    for (i = 0; i < RACING; i++) {
      PeerSends((UCHAR)i, 10);
      REQUIRE(WaitForDatagrams(i + 1));
    }
    for (i = 0; i < RACING; i++)
      Watch.Members[i]->Next = NULL;
    StartThread(&Thread, ReleaseAll, NULL);
    CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
    JoinThread(&Thread);
  }
}

/* The same list twice, by two threads. Defends against a block that is given
 * back twice. */
static VOID a_datagram_is_released_once(VOID) {
  TEST_THREAD Thread;
  LONG i, Released = 0;

  REQUIRE(OpenEnabled(STATUS_PENDING));
  for (i = 0; i < RACING; i++) {
    PeerSends((UCHAR)i, 10);
    REQUIRE(WaitForDatagrams(i + 1));
    Watch.Members[i]->Next = NULL;
  }
  StartThread(&Thread, ReleaseTwice, &Released);
  ReleaseTwice(&Released);
  JoinThread(&Thread);
  CHECK_EQUAL(RACING, Released);
}

/* ---- refusing -------------------------------------------------------- */

/* Defends against a callback that goes on although it is off, a datagram that
 * is lost with it, and one that comes out of turn. */
static VOID a_refused_datagram_comes_again_when_enabled(VOID) {
  LONG i;

  REQUIRE(OpenWatched(STATUS_DATA_NOT_ACCEPTED));
  for (i = 0; i < 5; i++)
    PeerSends((UCHAR)i, 10);
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  REQUIRE(WaitForDatagrams(1));
  for (; i < 10; i++)
    PeerSends((UCHAR)i, 10);
  host_run_a_while();
  CHECK_EQUAL(1, Calls());
  SetAnswer(STATUS_SUCCESS);
  Watch.Datagrams = 0;
  Watch.Seen = 0;
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  REQUIRE(WaitForDatagrams(10));
  for (i = 0; i < 10; i++)
    CHECK_EQUAL(i, Watch.First[i]);
}

/* Defends against a receive that passes by what was refused, and one that
 * enables the event again. */
static VOID a_receive_takes_what_was_refused(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(5000), Small = NewBuffer(4);
  RECEIVED Received;

  REQUIRE(OpenEnabled(STATUS_DATA_NOT_ACCEPTED));
  CHECK(peer_udp_send_pattern(Watch.Peer, Watch.Port, 0, 4000));
  REQUIRE(WaitForDatagrams(1));
  host_run_a_while();
  PeerSends('b', 10);
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Watch.Socket, &Buffer->Wsk, &Received),
                STATUS_SUCCESS, 4000);
  CHECK(BufferIsPattern(Buffer, 0, 0, 4000));
  CHECK_EQUAL(peer_udp_port(Watch.Peer), PortOf(&Received.Remote));
  CHECK_EQUAL(0, Received.ControlLength);
  host_run_a_while();
  CHECK_EQUAL(1, Calls());
  SetAnswer(STATUS_DATA_NOT_ACCEPTED);
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  REQUIRE(WaitForDatagrams(2));
  host_run_a_while();
  CHECK_AT_ONCE(ReceiveFrom(NewCall(), Watch.Socket, &Small->Wsk, &Received),
                STATUS_BUFFER_OVERFLOW, 4);
  CHECK_EQUAL(MSG_TRUNC, Received.Flags);
}

/* Defends against refused datagrams that stay when the socket goes. */
static VOID a_close_drops_what_was_refused(VOID) {
  REQUIRE(OpenEnabled(STATUS_DATA_NOT_ACCEPTED));
  PeerSends('a', 10);
  CHECK(peer_udp_send_pattern(Watch.Peer, Watch.Port, 0, 4000));
  REQUIRE(WaitForDatagrams(1));
  CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
}

/* Defends against an event that goes off although it was enabled for all
 * sockets, a refused datagram that is indicated over and over, and one that
 * nobody gets any more. */
static VOID a_static_event_stays_on_when_datagrams_are_refused(VOID) {
  WSK_EVENT_CALLBACK_CONTROL Events = {&NPI_WSK_INTERFACE_ID,
                                       WSK_EVENT_RECEIVE_FROM};

  CHECK_STATUS(STATUS_SUCCESS,
               TestNpi.Dispatch->WskControlClient(
                   TestNpi.Client, WSK_SET_STATIC_EVENT_CALLBACKS,
                   sizeof(Events), &Events, 0, NULL, NULL, NULL));
  REQUIRE(OpenWatched(STATUS_DATA_NOT_ACCEPTED));
  PeerSends('a', 10);
  REQUIRE(WaitForDatagrams(1));
  host_run_a_while();
  CHECK_EQUAL(1, Calls());
  SetAnswer(STATUS_SUCCESS);
  PeerSends('b', 11);
  REQUIRE(WaitForDatagrams(3));
  CHECK_EQUAL(10, Watch.Lengths[1]);
  CHECK_EQUAL(11, Watch.Lengths[2]);
}

/* ---- on and off ------------------------------------------------------ */

static VOID a_disabled_event_indicates_nothing(VOID) {
  PTEST_BUFFER Buffer = NewBuffer(16);

  REQUIRE(OpenEnabled(STATUS_SUCCESS));
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket,
                                  WSK_EVENT_RECEIVE_FROM | WSK_EVENT_DISABLE));
  PeerSends('a', 10);
  host_run_a_while();
  CHECK_EQUAL(0, Calls());
  CHECK_COMPLETED(ReceiveFrom(NewCall(), Watch.Socket, &Buffer->Wsk, NULL),
                  STATUS_SUCCESS, 10);
}

static VOID enabling_without_a_callback_is_reported(VOID) {
  PWSK_SOCKET Socket = OpenDatagram(NULL);

  REQUIRE(Socket != NULL);
  host_expect_reports();
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               ControlReceiveFrom(Socket, WSK_EVENT_RECEIVE_FROM));
  CHECK_EQUAL(1, host_reports("EVENTS-18"));
}

/* Defends against events of other categories on a datagram socket, and of
 * datagrams on others. */
static VOID a_datagram_socket_has_one_event(VOID) {
  static const ULONG Others[] = {WSK_EVENT_ACCEPT, WSK_EVENT_RECEIVE,
                                 WSK_EVENT_DISCONNECT, WSK_EVENT_SEND_BACKLOG};
  ULONG i;

  REQUIRE(OpenWatched(STATUS_SUCCESS));
  for (i = 0; i < RTL_NUMBER_OF(Others); i++)
    CHECK_STATUS(STATUS_INVALID_PARAMETER,
                 ControlReceiveFrom(Watch.Socket, Others[i]));
}

/* ---- closing --------------------------------------------------------- */

/* Defends against a callback that runs while the close completes. */
static VOID a_callback_may_close_its_socket(VOID) {
  PWSK_CALL Closing = NewCall();
  LONG Before;
  ULONG i;

  REQUIRE(OpenWatched(STATUS_SUCCESS));
  for (i = 0; i < 40; i++)
    PeerSends('a', 10);
  (VOID) InterlockedExchangePointer((PVOID *)&Watch.ToClose, Closing);
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
  Before = Calls();
  CHECK_EQUAL(1, Before);
  CHECK_EQUAL(0, Watch.Inside);
}

/* Defends against a callback that refuses into a socket that has gone. */
static VOID a_callback_may_close_and_refuse(VOID) {
  PWSK_CALL Closing = NewCall();

  REQUIRE(OpenWatched(STATUS_DATA_NOT_ACCEPTED));
  PeerSends('a', 10);
  PeerSends('b', 10);
  (VOID) InterlockedExchangePointer((PVOID *)&Watch.ToClose, Closing);
  CHECK_STATUS(STATUS_SUCCESS,
               ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
  CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
}

static VOID a_close_races_with_a_flood(VOID) {
  ULONG Round, i;

  for (Round = 0; Round < 30; Round++) {
    LONG Before;

    REQUIRE(OpenEnabled(STATUS_SUCCESS));
    for (i = 0; i < 20; i++)
      PeerSends('a', 10);
    CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
    Before = Calls();
    CHECK_EQUAL(0, Watch.Inside);
    host_run_a_while();
    CHECK_EQUAL(Before, Calls());
  }
}

static VOID ReleaseAllOfThem(PVOID Context) {
  LONG i;

  UNREFERENCED_PARAMETER(Context);
  for (i = 0; i < 20; i++)
    (void)Release(Watch.Members[i]);
}

/* A client must not do it, but lists of ours must not break. Defends against a
 * datagram that is taken out of its socket's list while it moves to another. */
static VOID a_release_races_with_a_close(VOID) {
  TEST_THREAD Releaser;
  ULONG Round;
  LONG i;

  host_expect_reports();
  for (Round = 0; Round < 40; Round++) {
    REQUIRE(OpenEnabled(STATUS_PENDING));
    for (i = 0; i < 20; i++)
      PeerSends('a', 10);
    REQUIRE(WaitForDatagrams(20));
    StartThread(&Releaser, ReleaseAllOfThem, NULL);
    KeStallExecutionProcessor(Round);
    CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
    JoinThread(&Releaser);
  }
}

/* Defends against a socket that dies without a word. */
static VOID the_end_of_a_socket_is_indicated_once(VOID) {
  REQUIRE(OpenEnabled(STATUS_SUCCESS));
  CHECK(host_kill_socket(Watch.Socket));
  REQUIRE(WaitForEvent(&Watch.Called, TEST_LONG));
  CHECK_EQUAL(1, Watch.Ends);
  host_run_a_while();
  CHECK_EQUAL(1, Calls());
  CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
}

/* ---- memory ---------------------------------------------------------- */

/* Defends against a datagram that is lost, or a socket that goes deaf, for
 * want of memory. */
static VOID a_lack_of_memory_only_delays(VOID) {
  unsigned Nth;

  for (Nth = 1; Nth <= 4; Nth++) {
    REQUIRE(OpenWatched(STATUS_PENDING));
    host_fail_allocation(Nth);
    PeerSends('a', 10);
    CHECK(peer_udp_send_pattern(Watch.Peer, Watch.Port, 0, 4000));
    CHECK_STATUS(STATUS_SUCCESS,
                 ControlReceiveFrom(Watch.Socket, WSK_EVENT_RECEIVE_FROM));
    REQUIRE(WaitForDatagrams(2));
    host_fail_allocation(0);
    CHECK_EQUAL(10, Watch.Lengths[0]);
    CHECK_EQUAL(4000, Watch.Lengths[1]);
    ReleaseAlone(0);
    ReleaseAlone(1);
  }
}

/* Defends against memory that a steady state asks for. */
static VOID indicating_allocates_nothing(VOID) {
  unsigned long long Before = 0;
  LONG i;

  REQUIRE(OpenEnabled(STATUS_PENDING));
  for (i = 0; i < 40; i++) {
    if (i == 10)
      Before = host_allocations();
    PeerSends('a', 10);
    REQUIRE(WaitForDatagrams(i + 1));
    CHECK_STATUS(STATUS_SUCCESS, Release(Watch.Members[i]));
  }
  CHECK_EQUAL(Before, host_allocations());
}

CONFORMANCE_GROUP(receive_from_event) = {
    TEST(an_enabled_event_indicates_a_datagram,
         "RECVFROMEV-02 RECVFROMEV-07 RECVFROMEV-09"),
    TEST(what_waited_is_indicated_as_a_list, "RECVFROMEV-01 RECVFROMEV-02"),
    TEST(an_empty_datagram_is_indicated, "RECVFROMEV-02"),
    TEST(datagrams_of_any_length_are_indicated_whole, "RECVFROMEV-03"),
    TEST(a_test_may_ask_for_short_pieces, "RECVFROMEV-01"),
    TEST(what_a_callback_may_not_do_is_reported, "RECVFROMEV-03"),
    TEST(a_queued_receive_comes_before_the_event, "RECVFROM-08"),
    TEST(a_fixed_remote_address_filters_events_too, "RECVFROM-07 IOCTL-06"),
    TEST(a_retained_list_stays_until_it_is_released,
         "RECVFROMEV-03 RELEASE-05"),
    TEST(members_are_released_as_the_client_links_them, "RELEASE-05"),
    TEST(what_was_not_retained_is_not_released, "RELEASE-05"),
    TEST(a_list_may_be_released_before_the_callback_returns, "RECVFROMEV-03"),
    TEST(a_list_that_was_taken_is_overwritten, "RECVFROMEV-08"),
    TEST(what_a_client_may_retain_has_a_bound, "RECVFROMEV-03"),
    TEST(closing_with_retained_lists_is_reported, "CLOSE-09"),
    TEST(a_release_may_meet_a_close, "CLOSE-06 CLOSE-09"),
    TEST(a_datagram_is_released_once, "RELEASE-05"),
    TEST(a_refused_datagram_comes_again_when_enabled, "RECVFROMEV-04"),
    TEST(a_receive_takes_what_was_refused, "RECVFROMEV-04 RECVFROMEV-05"),
    TEST(a_close_drops_what_was_refused, "RECVFROMEV-04"),
    TEST(a_static_event_stays_on_when_datagrams_are_refused, "RECVFROMEV-06"),
    TEST(a_disabled_event_indicates_nothing, "RECVFROMEV-02"),
    TEST(enabling_without_a_callback_is_reported, "EVENTS-18"),
    TEST(a_datagram_socket_has_one_event, "CAT-04"),
    TEST(a_callback_may_close_its_socket, "CLOSE-03 CLOSE-10"),
    TEST(a_callback_may_close_and_refuse, "CLOSE-03"),
    TEST(a_close_races_with_a_flood, "CLOSE-03 CLOSE-10"),
    TEST(a_release_races_with_a_close, "CLOSE-09"),
    TEST(the_end_of_a_socket_is_indicated_once, "IRP-20"),
    TEST(a_lack_of_memory_only_delays, "RECVFROMEV-01"),
    TEST(indicating_allocates_nothing, "RECVFROMEV-03"),
};
