/*
 * Mistakes with the calls of a socket: their IRPs, what they are lent, what is
 * left on error paths, what is taken for granted.
 *
 * Those that only show when something goes as it rarely does are shown with
 * what a test has for that (uwsk/fault.h, uwsk/event.h).
 */
#include <ntddk.h>
#include <wsk.h>

#include <uwsk/event.h>
#include <uwsk/fault.h>

#include "wskkit.h"
#include "zoo.h"

#define ZOO_TAG 'ooZs'

/* ---- IRPs ------------------------------------------------------------ */

/* A receive that nobody will answer, cancelled as clients do on a time-out. */
static VOID ReceiveAndCancel(BOOLEAN Waits) {
  KIT_PAIR pair;
  KIT_BUFFER buffer;
  KIT_CALL call;

  REQUIRE(KitOpen());
  if (KitConnect(&pair) && KitAllocate(&buffer, 16)) {
    KitOf(pair.Client)
        ->WskReceive(pair.Client, &buffer.Wsk, 0, KitStart(&call));
    if (!Waits)
      IoFreeIrp(call.Irp);
    IoCancelIrp(call.Irp);
    CHECK(KitEnd(&call) == STATUS_CANCELLED);
    KitRelease(&buffer);
  }
  KitDisconnect(&pair);
  KitClose();
}

static VOID frees_an_irp_that_it_gives_up(VOID) {
  ReceiveAndCancel(FALSE);
}

static VOID waits_for_an_irp_that_it_cancels(VOID) {
  ReceiveAndCancel(TRUE);
}

#ifndef ZOO_STACKS_ARE_WATCHED
typedef struct _STACK_CALL {
  union {
    IRP Irp;
    UCHAR Room[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
  } Space;
  KEVENT Done;
} STACK_CALL;

/* Waits for a moment, and then returns or cancels. */
static __declspec(noinline) VOID
    ReceiveFromTheStack(PWSK_SOCKET Socket, PWSK_BUF Buffer, BOOLEAN GivesUp) {
  STACK_CALL call;
  LARGE_INTEGER moment;

  moment.QuadPart = -10 * 1000;
  KeInitializeEvent(&call.Done, NotificationEvent, FALSE);
  IoInitializeIrp(&call.Space.Irp, sizeof(call.Space), 1);
  IoSetCompletionRoutine(&call.Space.Irp, KitWake, &call.Done, TRUE, TRUE,
                         TRUE);
  KitOf(Socket)->WskReceive(Socket, Buffer, 0, &call.Space.Irp);
  CHECK(KeWaitForSingleObject(&call.Done, Executive, KernelMode, FALSE,
                              &moment) == STATUS_TIMEOUT);
  if (GivesUp)
    return;
  IoCancelIrp(&call.Space.Irp);
  CHECK(KitWaitFor(&call.Done));
}

/* So deep in the stack that what comes later does not write over the IRP: a
 * specimen must not crash. */
static __declspec(noinline) VOID
    GoDeep(PWSK_SOCKET Socket, PWSK_BUF Buffer, BOOLEAN GivesUp) {
  volatile UCHAR ballast[128 * 1024];

  ballast[0] = ballast[sizeof(ballast) - 1] = 0;
  ReceiveFromTheStack(Socket, Buffer, GivesUp);
  ballast[0] = ballast[sizeof(ballast) - 1];
}

static VOID ReceiveWithLimit(BOOLEAN GivesUp) {
  KIT_PAIR pair;
  KIT_BUFFER buffer;

  REQUIRE(KitOpen());
  if (KitConnect(&pair) && KitAllocate(&buffer, 16)) {
    GoDeep(pair.Client, &buffer.Wsk, GivesUp);
    KitDisconnect(&pair);
    KitRelease(&buffer);
  }
  KitClose();
}

static VOID leaves_a_pending_irp_on_its_stack(VOID) {
  ReceiveWithLimit(TRUE);
}

static VOID cancels_an_irp_on_its_stack(VOID) {
  ReceiveWithLimit(FALSE);
}
#endif

static NTSTATUS WakeAndGoOn(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  KitWake(Device, Irp, Context);
  return STATUS_SUCCESS;
}

typedef enum _IRP_MISTAKE {
  NoMistake,
  NoLocation,
  NoRoutine,
  HalfARoutine,
  NoReuse,
  GoesOn,
  SentTwice
} IRP_MISTAKE;

static VOID PrepareBadly(KIT_CALL *Call, IRP_MISTAKE Mistake) {
  if (Mistake == NoReuse) {
    KeClearEvent(&Call->Done);
    IoSetCompletionRoutine(Call->Irp, KitWake, &Call->Done, TRUE, TRUE, TRUE);
  } else {
    KitAgain(Call);
  }
  if (Mistake == GoesOn)
    IoSetCompletionRoutine(Call->Irp, WakeAndGoOn, &Call->Done, TRUE, TRUE,
                           TRUE);
  if (Mistake == HalfARoutine)
    IoSetCompletionRoutine(Call->Irp, KitWake, &Call->Done, TRUE, FALSE, TRUE);
  if (Mistake == NoRoutine) {
    IoReuseIrp(Call->Irp, STATUS_UNSUCCESSFUL);
    Call->Irp->UserEvent = &Call->Done;
  }
}

/* Two calls with one IRP. */
static VOID AskTwice(IRP_MISTAKE Mistake) {
  SOCKADDR_IN address;
  PWSK_SOCKET socket;
  USHORT port;
  KIT_CALL call;

  REQUIRE(KitOpen());
  socket = KitBound(WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, &port);
  if (socket != NULL) {
    KitOf(socket)->WskGetLocalAddress(socket, (PSOCKADDR)&address,
                                      KitStart(&call));
    CHECK(KitWait(&call) == STATUS_SUCCESS);
    PrepareBadly(&call, Mistake);
    KitOf(socket)->WskGetLocalAddress(socket, (PSOCKADDR)&address, call.Irp);
    CHECK(KitEnd(&call) == STATUS_SUCCESS);
    CHECK(KitEndSocket(socket) == STATUS_SUCCESS);
  }
  KitClose();
}

static VOID prepares_an_irp_for_every_call(VOID) {
  AskTwice(NoMistake);
}

static VOID sends_an_irp_without_reusing_it(VOID) {
  AskTwice(NoReuse);
}

static VOID sends_an_irp_without_a_routine(VOID) {
  AskTwice(NoRoutine);
}

static VOID sends_an_irp_without_all_its_routines(VOID) {
  AskTwice(HalfARoutine);
}

static VOID lets_its_own_irp_go_on(VOID) {
  AskTwice(GoesOn);
}

static VOID MakeWithLocations(CCHAR Count) {
  PIRP irp = IoAllocateIrp(Count, FALSE);
  PWSK_SOCKET socket;
  KEVENT done;

  REQUIRE(irp != NULL && KitOpen());
  KeInitializeEvent(&done, NotificationEvent, FALSE);
  if (Count > 0)
    IoSetCompletionRoutine(irp, KitWake, &done, TRUE, TRUE, TRUE);
  if (KitNpi.Dispatch->WskSocket(KitNpi.Client, AF_INET, SOCK_STREAM,
                                 IPPROTO_TCP, WSK_FLAG_CONNECTION_SOCKET, NULL,
                                 NULL, NULL, NULL, NULL,
                                 irp) != STATUS_INVALID_PARAMETER) {
    CHECK(KitWaitFor(&done));
    socket = (PWSK_SOCKET)irp->IoStatus.Information;
    CHECK(KitEndSocket(socket) == STATUS_SUCCESS);
  }
  IoFreeIrp(irp);
  KitClose();
}

static VOID sends_an_irp_without_a_location(VOID) {
  MakeWithLocations(0);
}

static VOID sends_an_irp_with_a_location(VOID) {
  MakeWithLocations(1);
}

static VOID ReceiveWithOne(BOOLEAN SendsTwice) {
  KIT_PAIR pair;
  KIT_BUFFER buffer;
  KIT_CALL call;

  REQUIRE(KitOpen());
  if (KitConnect(&pair) && KitAllocate(&buffer, 16)) {
    KitOf(pair.Client)
        ->WskReceive(pair.Client, &buffer.Wsk, 0, KitStart(&call));
    if (SendsTwice)
      KitOf(pair.Client)->WskReceive(pair.Client, &buffer.Wsk, 0, call.Irp);
    CHECK(KitSend(pair.Server, "x") == STATUS_SUCCESS);
    CHECK(KitEnd(&call) == STATUS_SUCCESS);
    KitDisconnect(&pair);
    KitRelease(&buffer);
  }
  KitClose();
}

static VOID sends_an_irp_that_is_pending(VOID) {
  ReceiveWithOne(TRUE);
}

static VOID sends_an_irp_once(VOID) {
  ReceiveWithOne(FALSE);
}

/* ---- what is lent to a call ------------------------------------------ */

typedef enum _LOAN { Kept, Overwritten, BytesFreed, MdlFreed } LOAN;

/* A send that the network does not take at once. */
static VOID SendSlowly(LOAN Loan) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_SEND, UWSK_HOLD);
  KIT_PAIR pair;
  KIT_BUFFER buffer;
  KIT_CALL call;

  rule.times = 1;
  REQUIRE(KitOpen());
  if (KitConnect(&pair) && KitAllocate(&buffer, 16)) {
    CHECK(uwsk_fault_arm(&rule) > 0);
    KitOf(pair.Client)->WskSend(pair.Client, &buffer.Wsk, 0, KitStart(&call));
    if (Loan == Overwritten)
      buffer.Bytes[3] = 'x';
    if (Loan == BytesFreed)
      ExFreePool(buffer.Bytes);
    if (Loan == MdlFreed)
      IoFreeMdl(buffer.Wsk.Mdl);
    CHECK(uwsk_held_proceed(call.Irp));
    CHECK(KitEnd(&call) == STATUS_SUCCESS);
    KitDisconnect(&pair);
    KitRelease(&buffer);
  }
  KitClose();
}

static VOID writes_the_next_message_into_a_pending_one(VOID) {
  SendSlowly(Overwritten);
}

static VOID frees_the_bytes_of_a_pending_send(VOID) {
  SendSlowly(BytesFreed);
}

static VOID frees_the_mdl_of_a_pending_send(VOID) {
  SendSlowly(MdlFreed);
}

static VOID keeps_the_buffer_of_a_pending_send(VOID) {
  SendSlowly(Kept);
}

/* ---- error paths ----------------------------------------------------- */

static NTSTATUS SendOnce(PWSK_SOCKET Socket, PVOID Bytes, BOOLEAN Leaks) {
  PIRP irp = IoAllocateIrp(1, FALSE);
  PMDL mdl = IoAllocateMdl(Bytes, 4, FALSE, FALSE, NULL);
  NTSTATUS status;
  WSK_BUF buffer;
  KEVENT done;

  if (irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  if (mdl == NULL) {
    if (!Leaks)
      IoFreeIrp(irp);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  MmBuildMdlForNonPagedPool(mdl);
  buffer.Mdl = mdl;
  buffer.Offset = 0;
  buffer.Length = 4;
  KeInitializeEvent(&done, NotificationEvent, FALSE);
  IoSetCompletionRoutine(irp, KitWake, &done, TRUE, TRUE, TRUE);
  KitOf(Socket)->WskSend(Socket, &buffer, 0, irp);
  CHECK(KitWaitFor(&done));
  status = irp->IoStatus.Status;
  IoFreeMdl(mdl);
  IoFreeIrp(irp);
  return status;
}

static VOID SendWithoutMemory(BOOLEAN Leaks) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_MDL, UWSK_FAIL);
  PVOID bytes = ExAllocatePool2(POOL_FLAG_NON_PAGED, 4, ZOO_TAG);
  KIT_PAIR pair;

  REQUIRE(bytes != NULL && KitOpen());
  rule.status = STATUS_INSUFFICIENT_RESOURCES;
  rule.times = 1;
  if (KitConnect(&pair)) {
    CHECK(uwsk_fault_arm(&rule) > 0);
    CHECK(SendOnce(pair.Client, bytes, Leaks) == STATUS_INSUFFICIENT_RESOURCES);
    CHECK(SendOnce(pair.Client, bytes, Leaks) == STATUS_SUCCESS);
    KitDisconnect(&pair);
  }
  KitClose();
  ExFreePoolWithTag(bytes, ZOO_TAG);
}

static VOID forgets_its_irp_when_there_is_no_mdl(VOID) {
  SendWithoutMemory(TRUE);
}

static VOID frees_its_irp_when_there_is_no_mdl(VOID) {
  SendWithoutMemory(FALSE);
}

static VOID ConnectToNobody(BOOLEAN Leaks) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_CONNECT, UWSK_FAIL_LATER);
  SOCKADDR_IN address;
  PWSK_SOCKET socket;
  KIT_CALL call;
  USHORT port;

  REQUIRE(KitOpen());
  rule.status = STATUS_CONNECTION_REFUSED;
  CHECK(uwsk_fault_arm(&rule) > 0);
  socket = KitBound(WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, &port);
  if (socket != NULL) {
    KitLoopback(&address, port);
    KitOf(socket)->WskConnect(socket, (PSOCKADDR)&address, 0, KitStart(&call));
    CHECK(KitWait(&call) == STATUS_CONNECTION_REFUSED);
    if (!Leaks)
      KitFree(&call);
    CHECK(KitEndSocket(socket) == STATUS_SUCCESS);
  }
  KitClose();
}

static VOID forgets_its_irp_when_nobody_answers(VOID) {
  ConnectToNobody(TRUE);
}

static VOID frees_its_irp_when_nobody_answers(VOID) {
  ConnectToNobody(FALSE);
}

/* ---- luck ------------------------------------------------------------ */

/* On a quiet machine a receive of what is there already is complete when the
 * call returns, and NT_SUCCESS(STATUS_PENDING) is true. */
static ULONG_PTR ReceiveFour(PWSK_SOCKET Socket, BOOLEAN WaitsIfPending) {
  ULONG_PTR length = 0;
  NTSTATUS status;
  KIT_BUFFER buffer;
  KIT_CALL call;

  if (!KitAllocate(&buffer, 4))
    return 0;
  status = KitOf(Socket)->WskReceive(Socket, &buffer.Wsk, 0, KitStart(&call));
  if (WaitsIfPending && status == STATUS_PENDING)
    status = KitWait(&call);
  if (NT_SUCCESS(status))
    length = ((volatile IRP *)call.Irp)->IoStatus.Information;
  CHECK(KitEnd(&call) == STATUS_SUCCESS);
  KitRelease(&buffer);
  return length;
}

static VOID ReceiveLater(BOOLEAN Waits) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_RECEIVE, UWSK_COMPLETE_LATER);
  KIT_PAIR pair;

  REQUIRE(KitOpen());
  if (KitConnect(&pair)) {
    CHECK(KitSend(pair.Server, "four") == STATUS_SUCCESS);
    CHECK(uwsk_fault_arm(&rule) > 0);
    CHECK((ReceiveFour(pair.Client, Waits) == 4) == Waits);
    KitDisconnect(&pair);
  }
  KitClose();
}

static VOID takes_pending_for_success(VOID) {
  ReceiveLater(FALSE);
}

static VOID waits_when_a_call_is_pending(VOID) {
  ReceiveLater(TRUE);
}

/* Until there is a whole message, or the end. Returns how much there is. */
static SIZE_T ReceiveMessage(PWSK_SOCKET Socket, PUCHAR Bytes, ULONG Tries) {
  SIZE_T length, all = 0;

  do {
    length = 4 - all;
    if (!CHECK(NT_SUCCESS(KitReceive(Socket, Bytes + all, &length))))
      break;
    all += length;
  } while (length > 0 && all < 4 && --Tries > 0);
  return all;
}

static VOID ReceivePieces(ULONG Tries, SIZE_T Expected) {
  KIT_PAIR pair;
  UCHAR bytes[4];

  REQUIRE(KitOpen());
  if (KitConnect(&pair)) {
    uwsk_limit_receives(2, 0);
    CHECK(KitSend(pair.Server, "four") == STATUS_SUCCESS);
    CHECK(ReceiveMessage(pair.Client, bytes, Tries) == Expected);
    uwsk_limit_receives(0, 0);
    KitDisconnect(&pair);
  }
  KitClose();
}

static VOID takes_a_piece_for_the_message(VOID) {
  ReceivePieces(1, 2);
}

static VOID receives_until_the_message_is_whole(VOID) {
  ReceivePieces(8, 4);
}

/* How often it is told of the end. */
static ULONG ReceiveTheEnd(PWSK_SOCKET Socket, BOOLEAN KnowsIt) {
  ULONG ends = 0, tries;
  UCHAR bytes[4];

  for (tries = 0; tries < 3; tries++) {
    SIZE_T length = sizeof(bytes);

    if (!CHECK(NT_SUCCESS(KitReceive(Socket, bytes, &length))))
      break;
    if (length == 0) {
      ends++;
      if (KnowsIt)
        break;
    }
  }
  return ends;
}

static VOID ReceiveToTheEnd(BOOLEAN KnowsIt) {
  KIT_PAIR pair;

  REQUIRE(KitOpen());
  if (KitConnect(&pair)) {
    CHECK(KitFinish(pair.Server) == STATUS_SUCCESS);
    CHECK(ReceiveTheEnd(pair.Client, KnowsIt) == (KnowsIt ? 1u : 3u));
    CHECK(KitFinish(pair.Client) == STATUS_SUCCESS);
    CHECK(KitEndSocket(pair.Client) == STATUS_SUCCESS);
    CHECK(KitEndSocket(pair.Server) == STATUS_SUCCESS);
    CHECK(KitEndSocket(pair.Listener) == STATUS_SUCCESS);
  }
  KitClose();
}

static VOID receives_for_ever_after_the_end(VOID) {
  ReceiveToTheEnd(FALSE);
}

static VOID stops_at_zero_bytes(VOID) {
  ReceiveToTheEnd(TRUE);
}

ZOO_SPECIMENS = {
    SPECIMEN("IRP-11", frees_an_irp_that_it_gives_up,
             waits_for_an_irp_that_it_cancels),
#ifndef ZOO_STACKS_ARE_WATCHED
    SPECIMEN("IRP-STACK-01", leaves_a_pending_irp_on_its_stack,
             cancels_an_irp_on_its_stack),
#endif
    SPECIMEN("IRP-05", sends_an_irp_without_a_location,
             sends_an_irp_with_a_location),
    SPECIMEN("IRP-07", sends_an_irp_without_a_routine,
             prepares_an_irp_for_every_call),
    SPECIMEN("IRP-07", sends_an_irp_without_all_its_routines,
             prepares_an_irp_for_every_call),
    SPECIMEN("IRP-08", lets_its_own_irp_go_on, prepares_an_irp_for_every_call),
    SPECIMEN("IRP-09", sends_an_irp_without_reusing_it,
             prepares_an_irp_for_every_call),
    SPECIMEN("IRP-10", sends_an_irp_that_is_pending, sends_an_irp_once),
    SPECIMEN("SEND-03", frees_the_mdl_of_a_pending_send,
             keeps_the_buffer_of_a_pending_send),
    SPECIMEN("SEND-03", frees_the_bytes_of_a_pending_send,
             keeps_the_buffer_of_a_pending_send),
    SPECIMEN("SEND-DATA-01", writes_the_next_message_into_a_pending_one,
             keeps_the_buffer_of_a_pending_send),
    SPECIMEN("OB-LEFT-01", forgets_its_irp_when_there_is_no_mdl,
             frees_its_irp_when_there_is_no_mdl),
    SPECIMEN("OB-LEFT-01", forgets_its_irp_when_nobody_answers,
             frees_its_irp_when_nobody_answers),
    SPECIMEN_OF_LUCK(takes_pending_for_success, waits_when_a_call_is_pending),
    SPECIMEN_OF_LUCK(takes_a_piece_for_the_message,
                     receives_until_the_message_is_whole),
    SPECIMEN_OF_LUCK(receives_for_ever_after_the_end, stops_at_zero_bytes),
};
