/* Conditional accept when the world fails, when two meet, and in masses. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"
#include "wskinspect.h"

/* ---- out of memory --------------------------------------------------- */

/* Defends against a listener that goes deaf with the first request there is no
 * memory for: nobody comes back for it. */
static VOID a_request_without_memory_is_refused(VOID) {
  ULONG Nth;

  for (Nth = 1; Nth <= 2; Nth++) {
    USHORT Port;
    PWSK_SOCKET Socket = OpenInspecting(&Port);
    struct peer *Peer;
    BOOLEAN Struck;

    REQUIRE(Socket != NULL);
    Inspect.Action = WskInspectAccept;
    host_fail_allocation(Nth);
    Peer = peer_connect(TEST_IPV6, Port);
    REQUIRE(Peer != NULL);
    host_run_a_while();
    Struck = host_allocation_failed() != 0;
    host_fail_allocation(0);
    CHECK(Struck || Nth > 1);
    CHECK_EQUAL(Struck ? 0 : 1, Inspections());
    if (Struck && !host_loses_resets())
      CHECK(peer_expect_reset(Peer));
    if (Struck)
      Peer = peer_connect(TEST_IPV6, Port);
    CheckUsable(SocketOf(Accept(NewCall(), Socket, NULL, NULL)), Peer);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  }
}

/* Defends against an inspection that needs memory once the connection is there:
 * it could not be told to anybody. */
static VOID inspecting_allocates_nothing(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  PWSK_CALL Completing = NewCall(), Again = NewCall();
  unsigned long long Before;
  struct peer *First, *Second;

  REQUIRE(Socket != NULL);
  First = peer_connect(TEST_IPV6, Port);
  REQUIRE(First != NULL && WaitForInspection());
  Second = peer_connect(TEST_IPV6, Port);
  REQUIRE(Second != NULL && WaitForInspection());
  Before = host_allocations();
  CHECK_PENDED(
      InspectComplete(Completing, Socket, &Inspect.Ids[0], WskInspectReject),
      STATUS_SUCCESS, 0);
  peer_reset(Second);
  REQUIRE(WaitForEvent(&Inspect.AbortedEvent, TEST_LONG));
  CHECK_AT_ONCE(
      InspectComplete(Again, Socket, &Inspect.Ids[1], WskInspectAccept),
      STATUS_INVALID_PARAMETER, 0);
  CHECK_EQUAL(0, host_allocations() - Before);
}

/* ---- more than there is room for ------------------------------------- */

#define FLOOD 160 /* more than a listener keeps, fewer than it and its host */

static int AllInspected(void *Context) {
  UNREFERENCED_PARAMETER(Context);
  return Inspections() >= FLOOD;
}

/* Defends against a client that pends and a listener that piles up, and against
 * one that does not go on when there is room. */
static VOID pended_requests_take_the_listeners_room(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  LONG Room, i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < FLOOD; i++)
    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  host_run_a_while();
  Room = Inspections();
  CHECK(Room > 0 && Room < FLOOD);
  for (i = 0; i < Room; i++)
    CHECK_PENDED(
        InspectComplete(NewCall(), Socket, &Inspect.Ids[i], WskInspectReject),
        STATUS_SUCCESS, 0);
  CHECK(host_run_until(AllInspected, NULL, TEST_LONG));
  CHECK_EQUAL(FLOOD, Inspections());
  CHECK_EQUAL(0, Inspect.Overlaps);
  CHECK_EQUAL(0, Aborts());
}

/* Defends against requests that are inspected twice, never, or two at a time,
 * and connections that are lost between an answer and its delivery. */
static VOID each_request_is_inspected_once(VOID) {
  USHORT Port;
  PWSK_SOCKET Socket = OpenInspecting(&Port);
  LONG i;

  REQUIRE(Socket != NULL);
  Inspect.Action = WskInspectAccept;
  for (i = 0; i < 64; i++)
    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL);
  for (i = 0; i < 64; i++)
    REQUIRE(SocketOf(Accept(NewCall(), Socket, NULL, NULL)) != NULL);
  CHECK_EQUAL(64, Inspections());
  CHECK_EQUAL(0, Inspect.Overlaps);
  for (i = 1; i < 64; i++)
    CHECK(!SameId(&Inspect.Ids[i - 1], &Inspect.Ids[i]));
}

/* ---- two at once ----------------------------------------------------- */

typedef struct _RIVAL {
  PWSK_SOCKET Socket;
  PWSK_CALL Call;
  WSK_INSPECT_ID Id;
  WSK_INSPECT_ACTION Action;
} RIVAL;

static VOID CompleteAsRival(PVOID Context) {
  RIVAL *Rival = Context;

  WaitForCall(
      InspectComplete(Rival->Call, Rival->Socket, &Rival->Id, Rival->Action));
}

static BOOLEAN WasCompleted(const RIVAL *Rival) {
  CHECK(Rival->Call->Status == STATUS_SUCCESS ||
        Rival->Call->Status == STATUS_INVALID_PARAMETER ||
        Rival->Call->Status == STATUS_CANCELLED);
  return Rival->Call->Status == STATUS_SUCCESS;
}

/* Defends against a connection that is aborted and delivered, or neither. */
static VOID a_reset_races_with_the_decision(VOID) {
  ULONG Round;

  for (Round = 0; Round < 20; Round++) {
    USHORT Port;
    PWSK_SOCKET Socket = OpenInspecting(&Port);
    RIVAL Rival = {Socket, NewCall(), {0, 0}, WskInspectAccept};
    PWSK_CALL Call = NewCall();
    TEST_THREAD Thread;
    struct peer *Peer;
    BOOLEAN Completed, Delivered;

    REQUIRE(Socket != NULL);
    Accept(Call, Socket, NULL, NULL);
    Peer = peer_connect(TEST_IPV6, Port);
    REQUIRE(Peer != NULL && WaitForInspection());
    Rival.Id = Inspect.Ids[0];
    StartThread(&Thread, CompleteAsRival, &Rival);
    peer_reset(Peer);
    JoinThread(&Thread);
    Completed = WasCompleted(&Rival);
    host_run_a_while();
    Delivered = IsCompleted(Call);
    CHECK_EQUAL(1, Aborts() + (Delivered ? 1 : 0));
    CHECK(Completed || !Delivered);
    if (Delivered)
      CHECK(SocketOf(Call) != NULL);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
    if (!Delivered)
      CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  }
}

/* Defends against an accept that takes what is being aborted. */
static VOID a_reset_races_with_an_accept(VOID) {
  ULONG Round;

  for (Round = 0; Round < 20; Round++) {
    USHORT Port;
    PWSK_SOCKET Socket = OpenInspecting(&Port), Accepted;
    PWSK_CALL Call = NewCall();
    struct peer *Peer;

    REQUIRE(Socket != NULL);
    Inspect.Action = WskInspectAccept;
    Peer = peer_connect(TEST_IPV6, Port);
    REQUIRE(Peer != NULL && WaitForInspection());
    peer_reset(Peer);
    Accept(Call, Socket, NULL, NULL);
    host_run_a_while();
    Accepted = IsCompleted(Call) ? SocketOf(Call) : NULL;
    CHECK((Accepted != NULL) + Aborts() == 1);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
    if (Accepted == NULL)
      CHECK_PENDED(Call, STATUS_CANCELLED, 0);
  }
}

/* Defends against an answer that meets a listener which is gone. */
static VOID a_close_races_with_the_decision(VOID) {
  ULONG Round;

  for (Round = 0; Round < 20; Round++) {
    USHORT Port;
    PWSK_SOCKET Socket = OpenInspecting(&Port);
    RIVAL Rival = {Socket, NewCall(), {0, 0}, WskInspectReject};
    TEST_THREAD Thread;

    REQUIRE(Socket != NULL);
    host_expect_reports(); /* the rival is in its call or comes too late */
    REQUIRE(peer_connect(TEST_IPV6, Port) != NULL && WaitForInspection());
    Rival.Id = Inspect.Ids[0];
    StartThread(&Thread, CompleteAsRival, &Rival);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
    JoinThread(&Thread);
    if (Rival.Call->Status != STATUS_FILE_CLOSED)
      (void)WasCompleted(&Rival);
    CHECK_EQUAL(0, Aborts());
    CHECK_EQUAL(host_reports("CLOSE-05") + host_reports("CLOSE-06"),
                host_all_reports());
  }
}

/* Defends against callbacks of a listener that is gone while they are on their
 * way. */
static VOID a_close_races_with_inspections(VOID) {
  ULONG Round;

  for (Round = 0; Round < 20; Round++) {
    USHORT Port;
    PWSK_SOCKET Socket = OpenInspecting(&Port);
    struct peer *Peer;
    LONG Before;

    REQUIRE(Socket != NULL);
    Peer = peer_connect(TEST_IPV6, Port);
    REQUIRE(Peer != NULL && peer_connect(TEST_IPV6, Port) != NULL);
    if (Round & 1)
      peer_reset(Peer);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
    Before = Inspections() + Aborts();
    CHECK_EQUAL(0, Inspect.Inside);
    host_run_a_while();
    CHECK_EQUAL(Before, Inspections() + Aborts());
  }
}

CONFORMANCE_GROUP(inspect_races) = {
    TEST(a_request_without_memory_is_refused, "INSPECTEV-01"),
    TEST(inspecting_allocates_nothing, "INSPECT-02 ABORTEV-01"),
    TEST_ONCE(pended_requests_take_the_listeners_room, "INSPECTEV-04"),
    TEST(each_request_is_inspected_once, "INSPECTEV-01"),
    TEST(a_reset_races_with_the_decision, "INSPECT-04 ABORTEV-01"),
    TEST(a_reset_races_with_an_accept, "ABORTEV-01"),
    TEST(a_close_races_with_the_decision, "CLOSE-03"),
    TEST(a_close_races_with_inspections, "CLOSE-03 CLOSE-10"),
};
