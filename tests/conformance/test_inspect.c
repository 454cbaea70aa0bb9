/* Conditional accept: WskInspectEvent, WskInspectComplete, WskAbortEvent. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskinspect.h"

/* ---- the option ------------------------------------------------------ */

static VOID CheckOption(PWSK_SOCKET Socket, ULONG Expected) {
  ULONG Value = 99;

  CHECK_AT_ONCE(GetConditional(NewCall(), Socket, &Value), STATUS_SUCCESS,
                sizeof(ULONG));
  CHECK_EQUAL(Expected, Value);
}

/* Defends against a mode that is on by itself, that cannot be read, or that
 * changes under a listener that is at work. */
static VOID the_mode_is_set_before_the_bind(VOID) {
  PWSK_SOCKET Socket = CreateInspecting(&InspectCallbacks);
  TEST_ADDRESS Address;

  REQUIRE(Socket != NULL);
  CheckOption(Socket, 0);
  CHECK_AT_ONCE(SetConditional(NewCall(), Socket, 1), STATUS_SUCCESS, 0);
  CheckOption(Socket, 1);
  CHECK_AT_ONCE(SetConditional(NewCall(), Socket, 0), STATUS_SUCCESS, 0);
  CheckOption(Socket, 0);
  CHECK_AT_ONCE(SetConditional(NewCall(), Socket, 1), STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(SetConditional(NewCall(), Socket, 0),
                STATUS_INVALID_DEVICE_STATE, 0);
  CheckOption(Socket, 1);
}

/* Defends against a call through a NULL pointer, and against a report where
 * there is nothing to say. */
static VOID the_mode_needs_both_functions(VOID) {
  static const WSK_CLIENT_LISTEN_DISPATCH Nothing;
  static const WSK_CLIENT_LISTEN_DISPATCH NoAbort = {NULL, OnInspect, NULL};
  static const WSK_CLIENT_LISTEN_DISPATCH NoInspect = {NULL, NULL, OnAbort};
  const WSK_CLIENT_LISTEN_DISPATCH *Tables[] = {NULL, &Nothing, &NoAbort,
                                                &NoInspect};
  PWSK_SOCKET Socket;
  ULONG i;

  host_expect_reports();
  for (i = 0; i < RTL_NUMBER_OF(Tables); i++) {
    Socket = CreateInspecting(Tables[i]);
    REQUIRE(Socket != NULL);
    CHECK_AT_ONCE(SetConditional(NewCall(), Socket, 0), STATUS_SUCCESS, 0);
    CHECK_EQUAL(i, host_reports("SOPT-04"));
    CHECK_AT_ONCE(SetConditional(NewCall(), Socket, 1),
                  STATUS_INVALID_PARAMETER, 0);
    CHECK_EQUAL(i + 1, host_reports("SOPT-04"));
    CheckOption(Socket, 0);
  }
  Socket = CreateInspecting(&InspectCallbacks);
  REQUIRE(Socket != NULL);
  CHECK_AT_ONCE(SetConditional(NewCall(), Socket, 1), STATUS_SUCCESS, 0);
  CHECK_EQUAL(RTL_NUMBER_OF(Tables), host_all_reports());
}

/* Defends against inspections that nobody has asked for. */
static VOID without_the_mode_nothing_is_inspected(VOID) {
  PWSK_SOCKET Socket = CreateInspecting(&InspectCallbacks);
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  CHECK_AT_ONCE(GetListenerLocal(NewCall(), Socket, &Address), STATUS_SUCCESS,
                0);
  Peer = peer_connect(TEST_IPV6, PortOf(&Address));
  REQUIRE(Peer != NULL);
  CheckUsable(SocketOf(Accept(NewCall(), Socket, NULL, NULL)), Peer);
  Peer = peer_connect(TEST_IPV6, PortOf(&Address));
  REQUIRE(Peer != NULL);
  peer_reset(Peer);
  host_run_a_while();
  CHECK_EQUAL(0, Inspections());
  CHECK_EQUAL(0, Aborts());
}

/* Defends against a mode that an event flag switches. */
static VOID the_mode_is_no_event(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  ULONG Mask;

  REQUIRE(Socket != NULL);
  for (Mask = 1; Mask < WSK_EVENT_DISABLE; Mask <<= 1)
    if (Mask != WSK_EVENT_ACCEPT)
      CHECK(EnableEvents(Socket, Mask | WSK_EVENT_DISABLE) != STATUS_SUCCESS);
  CHECK_STATUS(STATUS_SUCCESS,
               EnableEvents(Socket, WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE));
  Inspect.Action = WskInspectAccept;
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL && WaitForInspection());
  CHECK(SocketOf(Accept(NewCall(), Socket, NULL, NULL)) != NULL);
}

/* ---- what WskInspectEvent answers ------------------------------------ */

/* Defends against addresses that are not the connection's, an IRQL that is
 * another than on a busy Windows, and a delivery before the inspection. */
static VOID an_accepted_request_is_delivered_to_an_accept(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port), Accepted;
  PWSK_CALL Call = NewCall();
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  Inspect.Action = WskInspectAccept;
  Inspect.Watched = Call;
  Accept(Call, Socket, NULL, NULL);
  Peer = peer_connect(TEST_IPV6, Port);
  Accepted = SocketOf(Call);
  REQUIRE(Peer != NULL && Accepted != NULL);
  CHECK_PENDED(Call, STATUS_SUCCESS, (ULONG_PTR)Accepted);
  CHECK_EQUAL(1, Inspections());
  CHECK(!Inspect.WatchedCompleted);
  CHECK_EQUAL(DISPATCH_LEVEL, Inspect.Irql);
  CHECK(Inspect.Context == (PVOID)&Inspect);
  CHECK_EQUAL(TestFamily, Inspect.Local.Any.sa_family);
  CHECK_EQUAL(Port, PortOf(&Inspect.Local));
  CHECK_EQUAL(peer_local_port(Peer), PortOf(&Inspect.Remote));
  CHECK(IsLoopback(&Inspect.Local) && IsLoopback(&Inspect.Remote));
  CheckUsable(Accepted, Peer);
  CHECK_EQUAL(0, Aborts());
}

/* Defends against a WskAcceptEvent that comes first, or together. */
static VOID an_accepted_request_is_delivered_to_the_event(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  Inspect.Action = WskInspectAccept;
  CHECK_STATUS(STATUS_SUCCESS, EnableEvents(Socket, WSK_EVENT_ACCEPT));
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForEvent(&Inspect.AcceptedEvent, TEST_LONG));
  CHECK_EQUAL(1, Inspections());
  CHECK_EQUAL(1, Inspect.InspectedAtAccept);
  CheckUsable(Inspect.Accepted, Peer);
  CHECK_PENDED(Close(NewCall(), Inspect.Accepted), STATUS_SUCCESS, 0);
  CHECK_EQUAL(0, Inspect.Overlaps);
}

/* Defends against a connection that stays, or is delivered all the same. */
static VOID a_rejected_request_is_dropped(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  PWSK_CALL Call = NewCall();
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  Inspect.Action = WskInspectReject;
  Accept(Call, Socket, NULL, NULL);
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForInspection());
  if (!host_loses_resets())
    CHECK(peer_expect_reset(Peer));
  CHECK_STILL_PENDING(Call);
  CHECK_EQUAL(0, Aborts());
  Inspect.Action = WskInspectAccept;
  Peer = peer_connect(TEST_IPV6, Port);
  CheckUsable(SocketOf(Call), Peer);
  CHECK_EQUAL(2, Inspections());
}

/* Defends against a connection that does not wait for the decision. */
static VOID a_pended_request_waits(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  PWSK_CALL Call = NewCall();
  WSK_INSPECT_ID Copy;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  Accept(Call, Socket, NULL, NULL);
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForInspection());
  CHECK_STILL_PENDING(Call);
  CHECK(!peer_has_ended(Peer));
  Copy = Inspect.Ids[0];
  CHECK_PENDED(InspectComplete(NewCall(), Socket, &Copy, WskInspectAccept),
               STATUS_SUCCESS, 0);
  CheckUsable(SocketOf(Call), Peer);
  CHECK_EQUAL(1, Inspections());
  CHECK_EQUAL(0, Aborts());
}

/* Defends against a late answer that is taken for the other one. */
static VOID a_pended_request_may_be_rejected(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  PWSK_CALL Call = NewCall();
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  Accept(Call, Socket, NULL, NULL);
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForInspection());
  CHECK_PENDED(
      InspectComplete(NewCall(), Socket, &Inspect.Ids[0], WskInspectReject),
      STATUS_SUCCESS, 0);
  if (!host_loses_resets())
    CHECK(peer_expect_reset(Peer));
  CHECK_STILL_PENDING(Call);
  CHECK_EQUAL(0, Aborts());
}

/* Defends against one undecided request that stops the listener, and against
 * connections in another order than they were accepted in. */
static VOID a_pended_request_does_not_hold_others_up(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  struct peer *Peers[4];
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < 4; i++) {
    Inspect.Action = i == 0 ? WskInspectPend : WskInspectAccept;
    Peers[i] = peer_connect(TEST_IPV6, Port);
    REQUIRE(Peers[i] != NULL && WaitForInspection());
  }
  CHECK_PENDED(
      InspectComplete(NewCall(), Socket, &Inspect.Ids[0], WskInspectAccept),
      STATUS_SUCCESS, 0);
  for (i = 1; i <= 4; i++) {
    TEST_ADDRESS Remote;
    PWSK_SOCKET Accepted = SocketOf(Accept(NewCall(), Socket, NULL, &Remote));

    REQUIRE(Accepted != NULL);
    CHECK_EQUAL(peer_local_port(Peers[i % 4]), PortOf(&Remote));
  }
}

/* ---- the id ---------------------------------------------------------- */

/* Defends against ids that are two connections' or change on the way. */
static VOID an_accepted_socket_tells_its_id(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  ULONG i;

  REQUIRE(Socket != NULL);
  Inspect.Action = WskInspectAccept;
  for (i = 0; i < 2; i++) {
    PWSK_SOCKET Accepted;
    WSK_INSPECT_ID Id;
    SIZE_T Returned = 0;

    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
    Accepted = SocketOf(Accept(NewCall(), Socket, NULL, NULL));
    REQUIRE(Accepted != NULL);
    CHECK_STATUS(STATUS_SUCCESS, QueryId(Accepted, &Id, &Returned));
    CHECK_EQUAL(sizeof(WSK_INSPECT_ID), Returned);
    CHECK(SameId(&Id, &Inspect.Ids[i]));
  }
  CHECK(!SameId(&Inspect.Ids[0], &Inspect.Ids[1]));
}

/* Defends against ids of sockets that never had one. */
static VOID other_sockets_have_no_id(VOID) {
  USHORT Port, Plain;
  PWSK_SOCKET Socket = OpenInspecting(&Port), Accepted;
  PWSK_SOCKET Listener = OpenListener(&Plain);
  WSK_INSPECT_ID Id;

  REQUIRE(Socket != NULL && Listener != NULL);
  CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, QueryId(Socket, &Id, NULL));
  CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, QueryId(Listener, &Id, NULL));
  REQUIRE(peer_connect(TEST_IPV6, Plain) != NULL);
  Accepted = SocketOf(Accept(NewCall(), Listener, NULL, NULL));
  REQUIRE(Accepted != NULL);
  CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, QueryId(Accepted, &Id, NULL));
  Accepted = OpenConnection(peer_listen(TEST_IPV6, 0));
  REQUIRE(Accepted != NULL);
  CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, QueryId(Accepted, &Id, NULL));
}

/* Defends against an inspection that is finished by whatever id is given, twice
 * or with no decision. */
static VOID only_what_is_pended_is_completed(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  WSK_INSPECT_ID Id;

  REQUIRE(Socket != NULL);
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL && WaitForInspection());
  Id = Inspect.Ids[0];
  CHECK_AT_ONCE(InspectComplete(NewCall(), Socket, &Id, WskInspectPend),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(InspectComplete(NewCall(), Socket, &Id, WskInspectMax),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_AT_ONCE(InspectComplete(NewCall(), Socket, NULL, WskInspectAccept),
                STATUS_INVALID_PARAMETER, 0);
  Id.SerialNumber++;
  CHECK_AT_ONCE(InspectComplete(NewCall(), Socket, &Id, WskInspectAccept),
                STATUS_INVALID_PARAMETER, 0);
  Id.SerialNumber--;
  Id.Key++;
  CHECK_AT_ONCE(InspectComplete(NewCall(), Socket, &Id, WskInspectAccept),
                STATUS_INVALID_PARAMETER, 0);
  Id.Key--;
  CHECK_PENDED(InspectComplete(NewCall(), Socket, &Id, WskInspectAccept),
               STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(InspectComplete(NewCall(), Socket, &Id, WskInspectAccept),
                STATUS_INVALID_PARAMETER, 0);
  CHECK_STATUS(STATUS_INVALID_PARAMETER,
               ListenDispatchOf(Socket)->WskInspectComplete(
                   Socket, &Id, WskInspectAccept, NULL));
}

/* Defends against clients that keep the pointer and get away with it here. */
static VOID the_id_and_the_addresses_are_the_callbacks_alone(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);

  REQUIRE(Socket != NULL);
  host_expect_reports();
  REQUIRE(peer_connect(TEST_IPV6, Port) != NULL && WaitForInspection());
  host_run_a_while();
  CHECK(!SameId(Inspect.IdPointer, &Inspect.Ids[0]));
  CHECK(Inspect.LocalPointer->sa_family != TestFamily);
  CHECK(Inspect.RemotePointer->sa_family != TestFamily);
  CHECK_EQUAL(0, host_all_reports());
  CHECK_AT_ONCE(
      InspectComplete(NewCall(), Socket, Inspect.IdPointer, WskInspectAccept),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(1, host_reports("INSPECTEV-05"));
}

/* ---- from within the callback ---------------------------------------- */

/* Defends against an answer that is forgotten because it comes before the
 * callback has said that it will come later. */
static VOID an_inspection_may_be_completed_before_it_has_pended(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  PWSK_CALL Call = NewCall(), Completing = NewCall();
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  Inspect.ToComplete = Completing;
  Inspect.CompleteWith = WskInspectAccept;
  Accept(Call, Socket, NULL, NULL);
  Peer = peer_connect(TEST_IPV6, Port);
  CheckUsable(SocketOf(Call), Peer);
  CHECK_PENDED(Completing, STATUS_SUCCESS, 0);
  CHECK_AT_ONCE(
      InspectComplete(NewCall(), Socket, &Inspect.Ids[0], WskInspectReject),
      STATUS_INVALID_PARAMETER, 0);
}

/* Defends against a close that does not wait for the callback, and against the
 * connection that is asked about and belongs to nobody then. */
static VOID a_close_from_the_callback_waits_for_it(VOID) {
  static const WSK_INSPECT_ACTION Actions[] = {
      WskInspectAccept, WskInspectReject, WskInspectPend};
  ULONG i;

  for (i = 0; i < RTL_NUMBER_OF(Actions); i++) {
    USHORT Port;
    PWSK_SOCKET Socket = OpenInspecting(&Port);
    PWSK_CALL Closing = NewCall();
    struct peer *First, *Second;

    REQUIRE(Socket != NULL);
    Inspect.Action = Actions[i];
    Inspect.ToClose = Closing;
    First = peer_connect(TEST_IPV6, Port);
    REQUIRE(First != NULL && WaitForInspection());
    CHECK_PENDED(Closing, STATUS_SUCCESS, 0);
    CHECK(!Inspect.CompletedInside);
    if (!host_loses_resets())
      CHECK(peer_expect_reset(First));
    Second = peer_connect(TEST_IPV6, Port);
    CHECK(Second == NULL);
    CHECK_EQUAL(1, Inspections());
    CHECK_EQUAL(0, Aborts());
  }
}

/* ---- peers that go --------------------------------------------------- */

/* Defends against an inspection that goes on for nobody. */
static VOID a_pended_request_whose_peer_goes_is_aborted(VOID) {
  ULONG Reset;

  for (Reset = 0; Reset < 2; Reset++) {
    USHORT Port;
    PWSK_SOCKET Socket = OpenInspecting(&Port);
    PWSK_CALL Call = NewCall();
    struct peer *Peer;

    REQUIRE(Socket != NULL);
    Accept(Call, Socket, NULL, NULL);
    Peer = peer_connect(TEST_IPV6, Port);
    REQUIRE(Peer != NULL && WaitForInspection());
    CHECK_EQUAL(0, Aborts());
    if (Reset)
      peer_reset(Peer);
    else
      peer_close(Peer);
    REQUIRE(WaitForEvent(&Inspect.AbortedEvent, TEST_LONG));
    CHECK_EQUAL(1, Aborts());
    CHECK(SameId(&Inspect.Aborted, &Inspect.Ids[0]));
    CHECK_EQUAL(DISPATCH_LEVEL, Inspect.AbortIrql);
    CHECK_AT_ONCE(
        InspectComplete(NewCall(), Socket, &Inspect.Ids[0], WskInspectAccept),
        STATUS_INVALID_PARAMETER, 0);
    CHECK_STILL_PENDING(Call);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
    CHECK_PENDED(Call, STATUS_CANCELLED, 0);
    CHECK_EQUAL(1, Aborts());
  }
}

/* Defends against an accept that is given a connection that has broken. */
static VOID an_admitted_connection_that_is_reset_is_aborted(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  PWSK_CALL Call = NewCall();
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  if (host_loses_resets())
    return;
  Inspect.Action = WskInspectAccept;
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForInspection());
  peer_reset(Peer);
  REQUIRE(WaitForEvent(&Inspect.AbortedEvent, TEST_LONG));
  CHECK(SameId(&Inspect.Aborted, &Inspect.Ids[0]));
  Accept(Call, Socket, NULL, NULL);
  CHECK_STILL_PENDING(Call);
  CHECK_EQUAL(1, Aborts());
}

/* Defends against peers that send, or have sent all they want to, and are taken
 * for gone. */
static VOID a_peer_that_has_something_to_say_is_no_abort(VOID) {
  ULONG Pended;

  for (Pended = 0; Pended < 2; Pended++) {
    USHORT Port;
    PWSK_SOCKET Socket = OpenInspecting(&Port), Accepted;
    PTEST_BUFFER Buffer = NewBuffer(8);
    struct peer *Peer;

    REQUIRE(Socket != NULL);
    Inspect.Action = Pended ? WskInspectPend : WskInspectAccept;
    Peer = peer_connect(TEST_IPV6, Port);
    REQUIRE(Peer != NULL && WaitForInspection());
    peer_send(Peer, "kept", 4);
    CHECK(peer_flush(Peer));
    host_run_a_while();
    peer_finish(Peer);
    host_run_a_while();
    CHECK_EQUAL(0, Aborts());
    if (Pended)
      CHECK_PENDED(
          InspectComplete(NewCall(), Socket, &Inspect.Ids[0], WskInspectAccept),
          STATUS_SUCCESS, 0);
    Accepted = SocketOf(Accept(NewCall(), Socket, NULL, NULL));
    REQUIRE(Accepted != NULL);
    CHECK_COMPLETED(
        Receive(NewCall(), Accepted, &Buffer->Wsk, WSK_FLAG_WAITALL),
        STATUS_SUCCESS, 4);
    CHECK(BufferIs(Buffer, 0, "kept", 4));
    CHECK_COMPLETED(Receive(NewCall(), Accepted, &Buffer->Wsk, 0),
                    STATUS_SUCCESS, 0);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  }
}

/* Defends against data that is indicated before the socket is, and data that is
 * forgotten because it came while nobody read. */
static VOID what_came_during_the_inspection_is_indicated_after_it(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  CHECK_STATUS(STATUS_SUCCESS,
               EnableEvents(Socket, WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE));
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForInspection());
  peer_send(Peer, "kept", 4);
  CHECK(peer_flush(Peer));
  host_run_a_while();
  CHECK_EQUAL(0, Inspect.Indicated);
  CHECK_PENDED(
      InspectComplete(NewCall(), Socket, &Inspect.Ids[0], WskInspectAccept),
      STATUS_SUCCESS, 0);
  REQUIRE(WaitForEvent(&Inspect.IndicatedEvent, TEST_LONG));
  CHECK_EQUAL(4, Inspect.Indicated);
  peer_send(Peer, "more", 4);
  REQUIRE(WaitForEvent(&Inspect.IndicatedEvent, TEST_LONG));
  CHECK_EQUAL(8, Inspect.Indicated);
  CHECK_EQUAL(0, Aborts());
  CHECK_PENDED(Close(NewCall(), Inspect.Accepted), STATUS_SUCCESS, 0);
}

/* Defends against an admitted connection that is lost because its peer only
 * listens from now on. */
static VOID an_admitted_connection_may_be_half_closed(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port), Accepted;
  PTEST_BUFFER Buffer = NewBuffer(8);
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  Inspect.Action = WskInspectAccept;
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForInspection());
  peer_finish(Peer);
  host_run_a_while();
  Accepted = SocketOf(Accept(NewCall(), Socket, NULL, NULL));
  REQUIRE(Accepted != NULL);
  CHECK_EQUAL(0, Aborts());
  CHECK_COMPLETED(Receive(NewCall(), Accepted, &Buffer->Wsk, 0), STATUS_SUCCESS,
                  0);
  CheckUsable(Accepted, Peer);
}

/* ---- closing --------------------------------------------------------- */

/* Defends against callbacks of a listener that is closed, and connections that
 * it leaves behind. */
static VOID a_closed_listener_drops_what_it_inspects(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  struct peer *Pended, *Admitted;

  REQUIRE(Socket != NULL);
  Pended = peer_connect(TEST_IPV6, Port);
  REQUIRE(Pended != NULL && WaitForInspection());
  Inspect.Action = WskInspectAccept;
  Admitted = peer_connect(TEST_IPV6, Port);
  REQUIRE(Admitted != NULL && WaitForInspection());
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  if (!host_loses_resets()) {
    CHECK(peer_expect_reset(Pended));
    CHECK(peer_expect_reset(Admitted));
  }
  host_run_a_while();
  CHECK_EQUAL(2, Inspections());
  CHECK_EQUAL(0, Aborts());
}

/* Defends against a client that waits for requests of a listener that is gone,
 * and against one that is told again and again. */
static VOID a_listener_that_dies_says_so_once(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  Peer = peer_connect(TEST_IPV6, Port);
  REQUIRE(Peer != NULL && WaitForInspection());
  CHECK(Inspect.IdPointer != NULL);
  CHECK(host_kill_socket(Socket));
  REQUIRE(WaitForInspection());
  CHECK(Inspect.IdPointer == NULL);
  CHECK_AT_ONCE(
      InspectComplete(NewCall(), Socket, &Inspect.Ids[0], WskInspectAccept),
      STATUS_INVALID_PARAMETER, 0);
  host_run_a_while();
  CHECK_EQUAL(2, Inspections());
  CHECK_EQUAL(0, Aborts());
  CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
}

/* ---- stream sockets -------------------------------------------------- */

/* Defends against a mode that stream sockets lose when they choose. */
static VOID a_stream_listener_inspects(VOID) {
  static const WSK_CLIENT_STREAM_DISPATCH Both = {&InspectCallbacks, NULL};
  PWSK_SOCKET Socket = CreateInspectingAs(WSK_FLAG_STREAM_SOCKET, &Both);
  const WSK_PROVIDER_STREAM_DISPATCH *Table;
  PWSK_CALL Call = NewCall(), Listening = NewCall();
  TEST_ADDRESS Address;
  struct peer *Peer;

  REQUIRE(Socket != NULL);
  Table = Socket->Dispatch;
  CHECK_AT_ONCE(SetConditional(NewCall(), Socket, 1), STATUS_SUCCESS, 0);
  CHECK_PENDED(Bind(NewCall(), Socket, Loopback(&Address, 0)), STATUS_SUCCESS,
               0);
  Listening->Returned = Table->WskListen(Socket, PrepareCall(Listening));
  CHECK_PENDED(Listening, STATUS_SUCCESS, 0);
  Call->Returned =
      Table->WskGetLocalAddress(Socket, &Address.Any, PrepareCall(Call));
  CHECK_AT_ONCE(Call, STATUS_SUCCESS, 0);
  Inspect.Action = WskInspectReject;
  REQUIRE(peer_connect(TEST_IPV6, PortOf(&Address)) != NULL &&
          WaitForInspection());
  Inspect.Action = WskInspectAccept;
  Peer = peer_connect(TEST_IPV6, PortOf(&Address));
  CheckUsable(SocketOf(Accept(NewCall(), Socket, NULL, NULL)), Peer);
}

CONFORMANCE_GROUP(inspect) = {
    TEST(the_mode_is_set_before_the_bind, "SOPT-02 SOPT-13 SOPT-14"),
    TEST(the_mode_needs_both_functions, "SOPT-04"),
    TEST(without_the_mode_nothing_is_inspected, "ABORTEV-02 SOPT-02 SOPT-03"),
    TEST(the_mode_is_no_event, "SOPT-03 EVENTS-17"),
    TEST(an_accepted_request_is_delivered_to_an_accept,
         "INSPECTEV-01 INSPECTEV-02 INSPECTEV-06 SOPT-03 CAT-04"),
    TEST(an_accepted_request_is_delivered_to_the_event,
         "INSPECTEV-01 INSPECTEV-02"),
    TEST(a_rejected_request_is_dropped, "INSPECTEV-03 ABORTEV-02"),
    TEST(a_pended_request_waits,
         "INSPECTEV-04 INSPECT-01 INSPECT-02 INSPECT-05"),
    TEST(a_pended_request_may_be_rejected, "INSPECTEV-03 ABORTEV-02"),
    TEST(a_pended_request_does_not_hold_others_up, "INSPECTEV-04 ACCEPT-02"),
    TEST(an_accepted_socket_tells_its_id, "IOCTL-13"),
    TEST(other_sockets_have_no_id, "IOCTL-14"),
    TEST(only_what_is_pended_is_completed,
         "INSPECT-01 INSPECT-03 INSPECT-05 IRP-02"),
    TEST(the_id_and_the_addresses_are_the_callbacks_alone,
         "INSPECTEV-05 ACCEPTEV-06"),
    TEST(an_inspection_may_be_completed_before_it_has_pended, "INSPECT-01"),
    TEST(a_close_from_the_callback_waits_for_it, "CLOSE-03 CLOSE-10"),
    TEST(a_pended_request_whose_peer_goes_is_aborted, "ABORTEV-01 INSPECT-04"),
    TEST(an_admitted_connection_that_is_reset_is_aborted, "ABORTEV-01"),
    TEST(a_peer_that_has_something_to_say_is_no_abort, "ABORTEV-01"),
    TEST(what_came_during_the_inspection_is_indicated_after_it,
         "INSPECTEV-02 EVENTS-13"),
    TEST(an_admitted_connection_may_be_half_closed, "ABORTEV-01"),
    TEST(a_closed_listener_drops_what_it_inspects, "CLOSE-03 CLOSE-10"),
    TEST(a_listener_that_dies_says_so_once, "EVENTS-20"),
    TEST(a_stream_listener_inspects, "INSPECTEV-01 SOPT-02"),
};
