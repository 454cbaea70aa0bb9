/* Two threads, one socket: what must hold whoever comes first. */
#include <ntddk.h>
#include <wsk.h>

#include "conformance.h"
#include "datawatch.h"
#include "host.h"
#include "peer.h"
#include "wskcall.h"

#define ROUNDS 60

typedef struct _CANCELLER {
  TEST_THREAD Thread;
  KEVENT Go;
  PWSK_CALL Call;
  ULONG Delay; /* microseconds */
} CANCELLER;

static VOID CancelOnGo(PVOID Context) {
  CANCELLER *Canceller = Context;

  WaitForEvent(&Canceller->Go, TEST_LONG);
  KeStallExecutionProcessor(Canceller->Delay);
  CancelCall(Canceller->Call);
}

static VOID StartCanceller(CANCELLER *Canceller, PWSK_CALL Call, ULONG Round) {
  KeInitializeEvent(&Canceller->Go, NotificationEvent, FALSE);
  Canceller->Call = Call;
  Canceller->Delay = (Round % 10) * 5;
  StartThread(&Canceller->Thread, CancelOnGo, Canceller);
}

static VOID Go(CANCELLER *Canceller) {
  KeSetEvent(&Canceller->Go, IO_NO_INCREMENT, FALSE);
}

/* Completed, one way or the other. TRUE when it was cancelled. */
static BOOLEAN CheckRaced(PWSK_CALL Call, ULONG_PTR Information) {
  CHECK(WaitForCall(Call));
  if (Call->Status == STATUS_CANCELLED) {
    CHECK_PENDED(Call, STATUS_CANCELLED, TEST_ANY);
    return TRUE;
  }
  CHECK_PENDED(Call, STATUS_SUCCESS, Information);
  return FALSE;
}

/* Defends against a connect that succeeds on a socket that is taken down, and
 * one that is cancelled on a socket that lives on. */
static VOID a_cancel_races_with_a_connect(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  CANCELLER Canceller;
  TEST_ADDRESS Address;
  ULONG Round;

  for (Round = 0; Round < ROUNDS; Round++) {
    PWSK_SOCKET Socket = OpenBoundSocket();
    PWSK_CALL Call = NewCall();

    REQUIRE(Socket != NULL);
    StartCanceller(&Canceller, Call, Round);
    Go(&Canceller);
    Connect(Call, Socket, Loopback(&Address, Port));
    if (CheckRaced(Call, 0))
      CHECK_AT_ONCE(Connect(NewCall(), Socket, &Address),
                    STATUS_INVALID_DEVICE_STATE, 0);
    else
      CHECK_AT_ONCE(GetRemote(NewCall(), Socket, &Address), STATUS_SUCCESS, 0);
    JoinThread(&Canceller.Thread);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  }
}

/* Defends against a half-made socket that nobody closes, or somebody twice. */
static VOID a_cancel_races_with_a_socket_connect(VOID) {
  USHORT Port = peer_listen(TEST_IPV6, 0);
  CANCELLER Canceller;
  TEST_ADDRESS Local, Remote;
  ULONG Round;

  Wildcard(&Local, 0);
  Loopback(&Remote, Port);
  for (Round = 0; Round < ROUNDS; Round++) {
    PWSK_CALL Call = NewCall();

    StartCanceller(&Canceller, Call, Round);
    Go(&Canceller);
    CreateConnected(Call, &Local, &Remote);
    if (!CheckRaced(Call, TEST_ANY))
      CHECK(SocketOf(Call) != NULL);
    JoinThread(&Canceller.Thread);
  }
}

/* Defends against a stream with a hole: a send was cancelled, some of its bytes
 * went out, and the next one's followed. */
static VOID a_cancelled_send_leaves_no_hole(VOID) {
  CANCELLER Canceller;
  ULONG Size = 700000, Round;

  for (Round = 0; Round < 10; Round++) {
    struct peer *Peer;
    PWSK_SOCKET Socket = OpenToPeer(PEER_SMALL_BUFFER, &Peer);
    PWSK_CALL First = NewCall(), Second = NewCall(), Last = NewCall();
    PTEST_BUFFER Chunk = BufferOfPattern(0, Size);
    PTEST_BUFFER Other = BufferOfPattern(Size, Size);
    BOOLEAN Cancelled;

    REQUIRE(Socket != NULL);
    StartCanceller(&Canceller, First, Round);
    Go(&Canceller);
    Send(First, Socket, &Chunk->Wsk, 0);
    Send(Second, Socket, &Other->Wsk, 0);
    Cancelled = CheckRaced(First, Size);
    JoinThread(&Canceller.Thread);
    if (!Cancelled) {
      CHECK_PENDED(Second, STATUS_SUCCESS, Size);
      CHECK(peer_expect_pattern(Peer, 0, 2 * Size));
    } else if (WaitForCall(Second) && Second->Status == STATUS_SUCCESS) {
      /* None of the first one went out. */
      CHECK_EQUAL(0, First->Information);
      CHECK(peer_expect_pattern(Peer, Size, Size));
    } else {
      CHECK_AT_ONCE(Send(Last, Socket, &Other->Wsk, 0),
                    STATUS_CONNECTION_ABORTED, 0);
    }
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  }
}

/* Defends against a receive that is completed by the close and by its data. */
static VOID a_close_races_with_data(VOID) {
  ULONG Round, i;

  for (Round = 0; Round < ROUNDS; Round++) {
    struct peer *Peer;
    PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
    PTEST_BUFFER Buffer = NewBuffer(8);
    PWSK_CALL Calls[3];

    REQUIRE(Socket != NULL);
    for (i = 0; i < 3; i++)
      Calls[i] = Receive(NewCall(), Socket, &Buffer->Wsk, 0);
    peer_send(Peer, "data", 4);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
    for (i = 0; i < 3; i++)
      CheckRaced(Calls[i], 4);
  }
}

#define SENDERS        4
#define MESSAGES       100
#define MESSAGE_LENGTH 48

typedef struct _SENDER {
  TEST_THREAD Thread;
  PWSK_SOCKET Socket;
  PWSK_CALL Call;
  PTEST_BUFFER Message;
} SENDER;

static VOID SendMany(PVOID Context) {
  SENDER *Sender = Context;
  ULONG i;

  for (i = 0; i < MESSAGES; i++)
    CHECK_PENDED(Send(Sender->Call, Sender->Socket, &Sender->Message->Wsk, 0),
                 STATUS_SUCCESS, MESSAGE_LENGTH);
}

static VOID StartSender(SENDER *Sender, PWSK_SOCKET Socket, UCHAR Letter) {
  UCHAR Bytes[MESSAGE_LENGTH];

  RtlFillMemory(Bytes, sizeof(Bytes), Letter);
  Sender->Socket = Socket;
  Sender->Call = NewCall();
  Sender->Message = BufferOf(Bytes, sizeof(Bytes));
  StartThread(&Sender->Thread, SendMany, Sender);
}

/* One message of one of the senders, and nothing of another's in it. */
static BOOLEAN IsOneMessage(PTEST_BUFFER Buffer) {
  UCHAR Bytes[MESSAGE_LENGTH];
  UCHAR Letter = Buffer->Pieces[0][0];

  RtlFillMemory(Bytes, sizeof(Bytes), Letter);
  return Letter >= 'a' && Letter < 'a' + SENDERS &&
         BufferIs(Buffer, 0, Bytes, sizeof(Bytes));
}

/* Defends against one send that goes out in the middle of another. */
static VOID sends_of_several_threads_stay_whole(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket;
  USHORT Port = peer_listen(TEST_IPV6, PEER_ECHO);
  PTEST_BUFFER Buffer = NewBuffer(MESSAGE_LENGTH);
  PWSK_CALL Call = NewCall();
  SENDER Senders[SENDERS];
  ULONG i;

  Socket = OpenConnection(Port);
  Peer = peer_accept(Port);
  REQUIRE(Socket != NULL && Peer != NULL);
  for (i = 0; i < SENDERS; i++)
    StartSender(&Senders[i], Socket, (UCHAR)('a' + i));
  for (i = 0; i < SENDERS * MESSAGES; i++) {
    CHECK_COMPLETED(Receive(Call, Socket, &Buffer->Wsk, WSK_FLAG_WAITALL),
                    STATUS_SUCCESS, MESSAGE_LENGTH);
    REQUIRE(IsOneMessage(Buffer));
  }
  for (i = 0; i < SENDERS; i++)
    JoinThread(&Senders[i].Thread);
}

#define CHAINS       400
#define CHAIN_PIECES TEST_MAX_PIECES
#define CHAIN_LENGTH (CHAIN_PIECES * 50)

typedef struct _CHAIN_SENDER {
  TEST_THREAD Thread;
  PWSK_SOCKET Socket;
  PWSK_CALL Call;
  PTEST_BUFFER Chain;
} CHAIN_SENDER;

static VOID SendChains(PVOID Context) {
  CHAIN_SENDER *Sender = Context;
  ULONG i;

  for (i = 0; i < CHAINS; i++)
    CHECK_PENDED(Send(Sender->Call, Sender->Socket, &Sender->Chain->Wsk, 0),
                 STATUS_SUCCESS, CHAIN_LENGTH);
}

static VOID StartChainSender(CHAIN_SENDER *Sender, PWSK_SOCKET Socket) {
  ULONG Lengths[CHAIN_PIECES], i;

  for (i = 0; i < CHAIN_PIECES; i++)
    Lengths[i] = CHAIN_LENGTH / CHAIN_PIECES;
  Sender->Socket = Socket;
  Sender->Call = NewCall();
  Sender->Chain = NewChain(Lengths, CHAIN_PIECES);
  WritePattern(Sender->Chain, 0, 0, CHAIN_LENGTH);
  StartThread(&Sender->Thread, SendChains, Sender);
}

/* Defends against another thread's send that goes out between the first bytes
 * of a long chain, which went out at once, and the rest, which is queued. */
static VOID long_chains_of_several_threads_stay_whole(VOID) {
  struct peer *Peer;
  PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
  PTEST_BUFFER All = NewBuffer(SENDERS * CHAINS * CHAIN_LENGTH);
  CHAIN_SENDER Senders[SENDERS];
  ULONG i;

  REQUIRE(Socket != NULL);
  for (i = 0; i < SENDERS * CHAINS; i++)
    WritePattern(All, (SIZE_T)i * CHAIN_LENGTH, 0, CHAIN_LENGTH);
  for (i = 0; i < SENDERS; i++)
    StartChainSender(&Senders[i], Socket);
  for (i = 0; i < SENDERS; i++)
    JoinThread(&Senders[i].Thread);
  CHECK(peer_expect(Peer, All->Pieces[0], SENDERS * CHAINS * CHAIN_LENGTH));
}

/* Defends against a reset that a send uses up, so that to the receive on the
 * other thread it looks like the orderly end of the stream. */
static VOID a_reset_is_seen_by_both_directions(VOID) {
  PTEST_BUFFER In = NewBuffer(4), Out = BufferOf("x", 1);
  PWSK_CALL Sending = NewCall();
  ULONG Round, i;

  for (Round = 0; Round < ROUNDS; Round++) {
    struct peer *Peer;
    PWSK_SOCKET Socket = OpenToPeer(0, &Peer);
    PWSK_CALL Receiving = NewCall();

    REQUIRE(Socket != NULL);
    Receive(Receiving, Socket, &In->Wsk, 0);
    peer_reset(Peer);
    Sending->Status = STATUS_SUCCESS;
    for (i = 0; i < 100000 && NT_SUCCESS(Sending->Status); i++)
      REQUIRE(WaitForCall(Send(Sending, Socket, &Out->Wsk, 0)));
    CHECK_STATUS(STATUS_CONNECTION_RESET, Sending->Status);
    if (host_loses_resets())
      CHECK(WaitForCall(Receiving) && Receiving->Information == 0);
    else
      CHECK_PENDED(Receiving, STATUS_CONNECTION_RESET, 0);
    CHECK_PENDED(Close(NewCall(), Socket), STATUS_SUCCESS, 0);
  }
}

#define CANCELS 8

static VOID CancelAtOnce(PVOID Context) {
  PDATA_WATCH Watch = Context;
  PTEST_BUFFER Buffer = NewBuffer(8);
  PWSK_CALL Calls[CANCELS];
  ULONG Round, i;

  for (i = 0; i < CANCELS; i++)
    Calls[i] = NewCall();
  for (Round = 0; Round < 1000; Round++) {
    for (i = 0; i < CANCELS; i++) {
      Receive(Calls[i], Watch->Socket, &Buffer->Wsk, 0);
      CancelCall(Calls[i]);
    }
    for (i = 0; i < CANCELS; i++)
      REQUIRE(WaitForCall(Calls[i]));
  }
}

typedef struct _ASKER {
  TEST_THREAD Thread;
  PWSK_SOCKET Socket;
  volatile LONG Enough;
} ASKER;

static VOID AskAgainAndAgain(PVOID Context) {
  ASKER *Asker = Context;

  while (InterlockedOr(&Asker->Enough, 0) == 0)
    CHECK_EVENTS(STATUS_SUCCESS, Asker->Socket, WSK_EVENT_DISCONNECT);
}

/* Each makes the loop look at the socket anew, as a cancel does. Defends
 * against one that puts what stands in the loop's queue there again: then
 * operations behind it are lost, or run twice. */
static VOID cancels_race_with_other_requests(VOID) {
  static DATA_WATCH Watch;
  TEST_THREAD Canceller;
  ASKER Asker = {.Enough = 0};

  REQUIRE(OpenWatch(&Watch));
  Asker.Socket = Watch.Socket;
  StartThread(&Canceller, CancelAtOnce, &Watch);
  StartThread(&Asker.Thread, AskAgainAndAgain, &Asker);
  JoinThread(&Canceller);
  InterlockedExchange(&Asker.Enough, 1);
  JoinThread(&Asker.Thread);
  CHECK_PENDED(Close(NewCall(), Watch.Socket), STATUS_SUCCESS, 0);
}

CONFORMANCE_GROUP(race) = {
    TEST(a_cancel_races_with_a_connect, "IRP-19"),
    TEST(a_cancel_races_with_a_socket_connect, "IRP-19 SOCKETCONNECT-02"),
    TEST(a_cancelled_send_leaves_no_hole, "IRP-19"),
    TEST(a_close_races_with_data, "CLOSE-02"),
    TEST(sends_of_several_threads_stay_whole, "SEND-06"),
    TEST(a_reset_is_seen_by_both_directions, "IRP-02"),
    TEST(long_chains_of_several_threads_stay_whole, "SEND-06"),
    TEST(cancels_race_with_other_requests, "IRP-19"),
};
