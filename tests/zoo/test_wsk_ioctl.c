/*
 * Mistakes with the IOCTLs of a socket.
 */
#include <ntddk.h>
#include <wsk.h>

#include <uwsk/fault.h>

#include "wskkit.h"
#include "zoo.h"

static NTSTATUS Control(PWSK_SOCKET Socket, ULONG Code, PVOID Output,
                        SIZE_T Size, PIRP Irp) {
  return KitOf(Socket)->WskControlSocket(Socket, WskIoctl, Code, 0, 0, NULL,
                                         Size, Output, NULL, Irp);
}

/* ---- silent mode ----------------------------------------------------- */

static VOID FallSilent(PWSK_SOCKET Socket) {
  KIT_CALL call;

  Control(Socket, SIO_WSK_SET_TCP_SILENT_MODE, NULL, 0, KitStart(&call));
  KitEnd(&call);
}

/* A send that the network does not take at once. */
static VOID SendAndFallSilent(BOOLEAN Waits) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_SEND, UWSK_HOLD);
  KIT_BUFFER buffer;
  KIT_PAIR pair;
  KIT_CALL call;

  rule.times = 1;
  REQUIRE(KitOpen());
  if (KitConnect(&pair) && KitAllocate(&buffer, 16)) {
    CHECK(uwsk_fault_arm(&rule) > 0);
    KitOf(pair.Client)->WskSend(pair.Client, &buffer.Wsk, 0, KitStart(&call));
    if (!Waits)
      FallSilent(pair.Client);
    CHECK(uwsk_held_proceed(call.Irp));
    CHECK(KitEnd(&call) == STATUS_SUCCESS);
    if (Waits)
      FallSilent(pair.Client);
    KitDisconnect(&pair);
    KitRelease(&buffer);
  }
  KitClose();
}

static VOID falls_silent_while_a_send_is_pending(VOID) {
  SendAndFallSilent(FALSE);
}

static VOID falls_silent_after_its_last_send(VOID) {
  SendAndFallSilent(TRUE);
}

/* ---- IRPs ------------------------------------------------------------ */

static VOID AskForBacklog(BOOLEAN WithIrp) {
  SIZE_T backlog = 0;
  KIT_PAIR pair;
  KIT_CALL call;

  REQUIRE(KitOpen());
  if (KitConnect(&pair)) {
    Control(pair.Client, SIO_WSK_QUERY_IDEAL_SEND_BACKLOG, &backlog,
            sizeof(backlog), WithIrp ? KitStart(&call) : NULL);
    if (WithIrp)
      CHECK(KitEnd(&call) == STATUS_SUCCESS);
    CHECK((backlog > 0) == WithIrp);
    KitDisconnect(&pair);
  }
  KitClose();
}

static VOID asks_for_the_backlog_without_an_irp(VOID) {
  AskForBacklog(FALSE);
}

static VOID asks_for_the_backlog(VOID) {
  AskForBacklog(TRUE);
}

ZOO_SPECIMENS = {
    SPECIMEN("IOCTL-15", falls_silent_while_a_send_is_pending,
             falls_silent_after_its_last_send),
    SPECIMEN("IOCTL-22", asks_for_the_backlog_without_an_irp,
             asks_for_the_backlog),
};
