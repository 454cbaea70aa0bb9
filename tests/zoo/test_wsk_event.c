/*
 * Mistakes with event callbacks: what is switched on, what callbacks answer,
 * what they keep.
 */
#include <ntddk.h>
#include <wsk.h>

#include <uwsk/event.h>

#include "wskkit.h"
#include "zoo.h"

#define ZOO_TAG 'ooZe'

/* ---- received data --------------------------------------------------- */

typedef struct _TAKER {
  PWSK_SOCKET Socket;
  KEVENT Told; /* that there is data, or an end */
  PWSK_DATA_INDICATION List;
  /* What the callback answers. */
  NTSTATUS Answer;
  SIZE_T Accepted; /* more than it was shown, unless 0 */
  BOOLEAN Releases;
  PKEVENT WaitsFor;
  NTSTATUS Ended; /* of WskDisconnectEvent */
} TAKER;

static NTSTATUS OnReceive(PVOID Context, ULONG Flags, PWSK_DATA_INDICATION List,
                          SIZE_T Length, SIZE_T *Accepted) {
  LARGE_INTEGER moment;
  TAKER *taker = Context;

  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Length);
  if (List == NULL)
    return STATUS_SUCCESS;
  if (taker->Answer == STATUS_PENDING)
    taker->List = List;
  if (taker->Releases)
    KitOf(taker->Socket)->WskRelease(taker->Socket, List);
  if (taker->Accepted != 0)
    *Accepted = taker->Accepted;
  moment.QuadPart = -10 * 1000;
  if (taker->WaitsFor != NULL)
    KeWaitForSingleObject(taker->WaitsFor, Executive, KernelMode, FALSE,
                          &moment);
  KeSetEvent(&taker->Told, IO_NO_INCREMENT, FALSE);
  return taker->Answer;
}

static NTSTATUS OnDisconnect(PVOID Context, ULONG Flags) {
  TAKER *taker = Context;

  UNREFERENCED_PARAMETER(Flags);
  KeSetEvent(&taker->Told, IO_NO_INCREMENT, FALSE);
  return taker->Ended;
}

static const WSK_CLIENT_CONNECTION_DISPATCH Callbacks = {OnReceive,
                                                         OnDisconnect, NULL};
static const WSK_CLIENT_CONNECTION_DISPATCH NoCallbacks = {NULL, NULL, NULL};

static BOOLEAN OpenTaker(KIT_PAIR *Pair, TAKER *Taker, NTSTATUS Answer) {
  RtlZeroMemory(Taker, sizeof(*Taker));
  KeInitializeEvent(&Taker->Told, SynchronizationEvent, FALSE);
  Taker->Answer = Answer;
  Pair->Context = Taker;
  Pair->Dispatch = &Callbacks;
  if (!KitOpen() || !KitConnectWith(Pair))
    return FALSE;
  Taker->Socket = Pair->Client;
  return TRUE;
}

/* Sends a word, and waits until the callback has had it. */
static VOID Tell(KIT_PAIR *Pair, TAKER *Taker) {
  CHECK(KitEnable(Pair->Client, WSK_EVENT_RECEIVE) == STATUS_SUCCESS);
  CHECK(KitSend(Pair->Server, "word") == STATUS_SUCCESS);
  CHECK(KitWaitFor(&Taker->Told));
}

static NTSTATUS Release(TAKER *Taker, PWSK_DATA_INDICATION List) {
  return KitOf(Taker->Socket)->WskRelease(Taker->Socket, List);
}

static VOID Retain(ULONG Releases) {
  KIT_PAIR pair;
  TAKER taker;

  REQUIRE(OpenTaker(&pair, &taker, STATUS_PENDING));
  Tell(&pair, &taker);
  while (Releases-- > 0)
    Release(&taker, taker.List);
  KitDisconnect(&pair);
  KitClose();
}

static VOID releases_what_it_keeps(VOID) {
  Retain(1);
}

static VOID releases_what_it_keeps_twice(VOID) {
  Retain(2);
}

/* Releasing after the close is one mistake more. */
static VOID closes_over_what_it_keeps(VOID) {
  Retain(0);
}

/* One read is told of in a list of two. */
static VOID RetainTwo(BOOLEAN ReleasesEach) {
  KIT_PAIR pair;
  TAKER taker;

  CHECK(uwsk_set_indications(2, 2));
  REQUIRE(OpenTaker(&pair, &taker, STATUS_PENDING));
  Tell(&pair, &taker);
  REQUIRE(taker.List->Next != NULL);
  if (ReleasesEach)
    Release(&taker, taker.List->Next);
  Release(&taker, taker.List);
  KitDisconnect(&pair);
  KitClose();
}

static VOID releases_each_member_of_a_list(VOID) {
  RetainTwo(TRUE);
}

static VOID releases_a_list_by_its_head(VOID) {
  RetainTwo(FALSE);
}

/* … and answers that it is done with it. */
static VOID releases_what_it_gives_back(VOID) {
  KIT_PAIR pair;
  TAKER taker;

  REQUIRE(OpenTaker(&pair, &taker, STATUS_SUCCESS));
  taker.Releases = TRUE;
  Tell(&pair, &taker);
  KitDisconnect(&pair);
  KitClose();
}

static VOID ReceiveAnd(NTSTATUS Answer, SIZE_T Accepted, BOOLEAN Waits) {
  KIT_PAIR pair;
  TAKER taker;
  KEVENT never;

  KeInitializeEvent(&never, NotificationEvent, FALSE);
  REQUIRE(OpenTaker(&pair, &taker, Answer));
  taker.Accepted = Accepted;
  taker.WaitsFor = Waits ? &never : NULL;
  Tell(&pair, &taker);
  KitDisconnect(&pair);
  KitClose();
}

static VOID takes_data(VOID) {
  ReceiveAnd(STATUS_SUCCESS, 0, FALSE);
}

static VOID answers_something_else(VOID) {
  ReceiveAnd(STATUS_UNSUCCESSFUL, 0, FALSE);
}

static VOID takes_more_than_there_is(VOID) {
  ReceiveAnd(STATUS_SUCCESS, 5, FALSE);
}

static VOID waits_in_its_callback(VOID) {
  ReceiveAnd(STATUS_SUCCESS, 0, TRUE);
}

/* ---- the end --------------------------------------------------------- */

static VOID HearOfTheEnd(NTSTATUS Answer) {
  KIT_PAIR pair;
  TAKER taker;

  REQUIRE(OpenTaker(&pair, &taker, STATUS_SUCCESS));
  taker.Ended = Answer;
  CHECK(KitEnable(pair.Client, WSK_EVENT_DISCONNECT) == STATUS_SUCCESS);
  CHECK(KitFinish(pair.Server) == STATUS_SUCCESS);
  CHECK(KitWaitFor(&taker.Told));
  CHECK(KitFinish(pair.Client) == STATUS_SUCCESS);
  CHECK(KitEndSocket(pair.Client) == STATUS_SUCCESS);
  CHECK(KitEndSocket(pair.Server) == STATUS_SUCCESS);
  CHECK(KitEndSocket(pair.Listener) == STATUS_SUCCESS);
  KitClose();
}

static VOID refuses_to_hear_of_the_end(VOID) {
  HearOfTheEnd(STATUS_UNSUCCESSFUL);
}

static VOID hears_of_the_end(VOID) {
  HearOfTheEnd(STATUS_SUCCESS);
}

/* ---- switching events on --------------------------------------------- */

static VOID Enable(const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch,
                   BOOLEAN WithIrp) {
  WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID,
                                        WSK_EVENT_RECEIVE};
  KIT_PAIR pair;
  KIT_CALL call;

  REQUIRE(KitOpen());
  pair.Context = NULL;
  pair.Dispatch = Dispatch;
  if (KitConnectWith(&pair) && WithIrp) {
    KitOf(pair.Client)
        ->WskControlSocket(pair.Client, WskSetOption, SO_WSK_EVENT_CALLBACK,
                           SOL_SOCKET, sizeof(control), &control, 0, NULL, NULL,
                           KitStart(&call));
    KitEnd(&call);
  } else if (pair.Client != NULL) {
    KitEnable(pair.Client, WSK_EVENT_RECEIVE);
  }
  KitDisconnect(&pair);
  KitClose();
}

static VOID enables_what_it_has_no_function_for(VOID) {
  Enable(&NoCallbacks, FALSE);
}

static VOID enables_with_an_irp(VOID) {
  Enable(&Callbacks, TRUE);
}

static VOID enables_what_it_has_a_function_for(VOID) {
  Enable(&Callbacks, FALSE);
}

/* ---- the context ----------------------------------------------------- */

static VOID CloseWithContext(BOOLEAN FreesFirst) {
  TAKER *taker = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(TAKER), ZOO_TAG);
  KIT_PAIR pair;

  REQUIRE(taker != NULL && KitOpen());
  pair.Context = taker;
  pair.Dispatch = &Callbacks;
  if (KitConnectWith(&pair)) {
    CHECK(KitEnable(pair.Client, WSK_EVENT_RECEIVE) == STATUS_SUCCESS);
    if (FreesFirst)
      ExFreePoolWithTag(taker, ZOO_TAG);
    KitDisconnect(&pair);
  }
  if (!FreesFirst)
    ExFreePoolWithTag(taker, ZOO_TAG);
  KitClose();
}

static VOID frees_the_context_before_the_close(VOID) {
  CloseWithContext(TRUE);
}

static VOID frees_the_context_after_the_close(VOID) {
  CloseWithContext(FALSE);
}

/* ---- accepting ------------------------------------------------------- */

typedef struct _ACCEPTER {
  const WSK_CLIENT_CONNECTION_DISPATCH *Given;
  PWSK_SOCKET Accepted;
  KEVENT Told;
} ACCEPTER;

static NTSTATUS
OnAccept(PVOID Context, ULONG Flags, PSOCKADDR Local, PSOCKADDR Remote,
         PWSK_SOCKET Socket, PVOID *AcceptContext,
         CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptDispatch) {
  ACCEPTER *accepter = Context;

  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Local);
  UNREFERENCED_PARAMETER(Remote);
  if (Socket == NULL)
    return STATUS_SUCCESS;
  *AcceptContext = NULL;
  *AcceptDispatch = accepter->Given;
  accepter->Accepted = Socket;
  KeSetEvent(&accepter->Told, IO_NO_INCREMENT, FALSE);
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_LISTEN_DISPATCH Accepts = {OnAccept, NULL, NULL};

static VOID AcceptWith(const WSK_CLIENT_CONNECTION_DISPATCH *Given) {
  ACCEPTER accepter;
  KIT_PAIR pair;
  USHORT port;

  RtlZeroMemory(&accepter, sizeof(accepter));
  KeInitializeEvent(&accepter.Told, NotificationEvent, FALSE);
  accepter.Given = Given;
  REQUIRE(KitOpen());
  pair.Listener = KitBound(WSK_FLAG_LISTEN_SOCKET, &accepter, &Accepts, &port);
  REQUIRE(pair.Listener != NULL);
  CHECK(KitEnable(pair.Listener, WSK_EVENT_ACCEPT | WSK_EVENT_DISCONNECT) ==
        STATUS_SUCCESS);
  pair.Client = KitConnectTo(port, NULL, NULL);
  CHECK(pair.Client != NULL);
  CHECK(KitWaitFor(&accepter.Told));
  pair.Server = accepter.Accepted;
  /* First the client, so that no end is told to where there is no function. */
  KitFinish(pair.Server);
  KitEndSocket(pair.Server);
  KitFinish(pair.Client);
  KitEndSocket(pair.Client);
  KitEndSocket(pair.Listener);
  KitClose();
}

static const WSK_CLIENT_CONNECTION_DISPATCH OnlyReceives = {OnReceive, NULL,
                                                            NULL};

static NTSTATUS IgnoreTheEnd(PVOID Context, ULONG Flags) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_CONNECTION_DISPATCH HearsOfTheEnd = {NULL, IgnoreTheEnd,
                                                             NULL};

static VOID accepts_without_the_functions(VOID) {
  AcceptWith(&OnlyReceives);
}

static VOID accepts_with_the_functions(VOID) {
  AcceptWith(&HearsOfTheEnd);
}

static VOID AcceptTwo(BOOLEAN AtOnce) {
  const WSK_PROVIDER_LISTEN_DISPATCH *listen;
  PWSK_SOCKET listener, clients[2];
  KIT_CALL calls[2];
  USHORT port;
  ULONG i;

  REQUIRE(KitOpen());
  listener = KitBound(WSK_FLAG_LISTEN_SOCKET, NULL, NULL, &port);
  REQUIRE(listener != NULL);
  listen = listener->Dispatch;
  for (i = 0; i < 2; i++) {
    listen->WskAccept(listener, 0, NULL, NULL, NULL, NULL, KitStart(&calls[i]));
    if (AtOnce)
      continue;
    clients[i] = KitConnectTo(port, NULL, NULL);
    CHECK(clients[i] != NULL);
    CHECK(KitEnd(&calls[i]) == STATUS_SUCCESS);
  }
  for (i = 0; i < 2 && AtOnce; i++) {
    clients[i] = KitConnectTo(port, NULL, NULL);
    CHECK(clients[i] != NULL);
    CHECK(KitEnd(&calls[i]) == STATUS_SUCCESS);
  }
  for (i = 0; i < 2; i++) {
    PWSK_SOCKET server = (PWSK_SOCKET)calls[i].Information;

    KitFinish(server);
    KitFinish(clients[i]);
    CHECK(KitEndSocket(server) == STATUS_SUCCESS);
    CHECK(KitEndSocket(clients[i]) == STATUS_SUCCESS);
  }
  CHECK(KitEndSocket(listener) == STATUS_SUCCESS);
  KitClose();
}

static VOID has_two_accepts_pending(VOID) {
  AcceptTwo(TRUE);
}

static VOID has_one_accept_pending(VOID) {
  AcceptTwo(FALSE);
}

static VOID SetConditionalAccept(const WSK_CLIENT_LISTEN_DISPATCH *Dispatch) {
  const WSK_PROVIDER_LISTEN_DISPATCH *listen;
  PWSK_SOCKET listener;
  ULONG value = TRUE;
  KIT_CALL call;

  REQUIRE(KitOpen());
  listener = KitSocket(WSK_FLAG_LISTEN_SOCKET, NULL, Dispatch);
  REQUIRE(listener != NULL);
  listen = listener->Dispatch;
  listen->WskControlSocket(listener, WskSetOption, SO_CONDITIONAL_ACCEPT,
                           SOL_SOCKET, sizeof(value), &value, 0, NULL, NULL,
                           KitStart(&call));
  KitEnd(&call);
  CHECK(KitEndSocket(listener) == STATUS_SUCCESS);
  KitClose();
}

static WSK_INSPECT_ACTION Inspect(PVOID Context, PSOCKADDR Local,
                                  PSOCKADDR Remote, PWSK_INSPECT_ID Id) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Local);
  UNREFERENCED_PARAMETER(Remote);
  UNREFERENCED_PARAMETER(Id);
  return WskInspectAccept;
}

static NTSTATUS Abort(PVOID Context, PWSK_INSPECT_ID Id) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Id);
  return STATUS_SUCCESS;
}

static const WSK_CLIENT_LISTEN_DISPATCH Inspects = {OnAccept, Inspect, Abort};

static VOID inspects_without_functions(VOID) {
  SetConditionalAccept(&Accepts);
}

static VOID inspects_with_functions(VOID) {
  SetConditionalAccept(&Inspects);
}

/* ---- completion routines --------------------------------------------- */

typedef struct _CHAIN {
  PWSK_SOCKET Socket;
  KIT_CALL First, Second;
  SOCKADDR_IN Address;
} CHAIN;

static NTSTATUS AskAgain(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  CHAIN *chain = Context;

  KitOf(chain->Socket)
      ->WskGetLocalAddress(chain->Socket, (PSOCKADDR)&chain->Address,
                           chain->Second.Irp);
  return KitWake(Device, Irp, &chain->First.Done);
}

static VOID AskAndAsk(BOOLEAN InTheRoutine) {
  CHAIN chain;
  USHORT port;

  REQUIRE(KitOpen());
  chain.Socket = KitBound(WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, &port);
  REQUIRE(chain.Socket != NULL && KitStart(&chain.First) != NULL);
  REQUIRE(KitStart(&chain.Second) != NULL);
  if (InTheRoutine)
    IoSetCompletionRoutine(chain.First.Irp, AskAgain, &chain, TRUE, TRUE, TRUE);
  KitOf(chain.Socket)
      ->WskGetLocalAddress(chain.Socket, (PSOCKADDR)&chain.Address,
                           chain.First.Irp);
  CHECK(KitWait(&chain.First) == STATUS_SUCCESS);
  if (!InTheRoutine)
    KitOf(chain.Socket)
        ->WskGetLocalAddress(chain.Socket, (PSOCKADDR)&chain.Address,
                             chain.Second.Irp);
  CHECK(KitEnd(&chain.Second) == STATUS_SUCCESS);
  KitFree(&chain.First);
  CHECK(KitEndSocket(chain.Socket) == STATUS_SUCCESS);
  KitClose();
}

static VOID calls_from_a_completion_routine(VOID) {
  AskAndAsk(TRUE);
}

static VOID calls_after_a_completion(VOID) {
  AskAndAsk(FALSE);
}

ZOO_SPECIMENS = {
    SPECIMEN("CLOSE-09", closes_over_what_it_keeps, releases_what_it_keeps),
    SPECIMEN("RELEASE-02", releases_what_it_keeps_twice,
             releases_what_it_keeps),
    SPECIMEN("RELEASE-01", releases_what_it_gives_back, releases_what_it_keeps),
    SPECIMEN("RELEASE-03", releases_each_member_of_a_list,
             releases_a_list_by_its_head),
    SPECIMEN("RECVEV-06", answers_something_else, takes_data),
    SPECIMEN("RECVEV-08", takes_more_than_there_is, takes_data),
    SPECIMEN("KE-WAIT-01", waits_in_its_callback, takes_data),
    SPECIMEN("DISCEV-05", refuses_to_hear_of_the_end, hears_of_the_end),
    SPECIMEN("EVENTS-18", enables_what_it_has_no_function_for,
             enables_what_it_has_a_function_for),
    SPECIMEN("EVENTS-02", enables_with_an_irp,
             enables_what_it_has_a_function_for),
    SPECIMEN("CLOSE-10", frees_the_context_before_the_close,
             frees_the_context_after_the_close),
    SPECIMEN("ACCEPTEV-04", accepts_without_the_functions,
             accepts_with_the_functions),
    SPECIMEN("OBS-12", has_two_accepts_pending, has_one_accept_pending),
    SPECIMEN("SOPT-04", inspects_without_functions, inspects_with_functions),
    SPECIMEN("IRP-17", calls_from_a_completion_routine,
             calls_after_a_completion),
};
