/*
 * Failures of real drivers, as the reports of their users tell them, without a
 * Windows machine. None of it is those drivers' code: each is the mistake, in
 * as few lines as it takes. docs/zoo.md leads to the reports.
 *
 * A wait without limit that does not end is made here with a limit: that it
 * runs out is what hangs on Windows.
 */
#include <ntddk.h>
#include <wsk.h>

#include <uwsk/fault.h>

#include "wskkit.h"
#include "zoo.h"

#define ZOO_TAG 'ooZr'

static NTSTATUS WaitAMoment(PKEVENT Event) {
  LARGE_INTEGER moment;

  moment.QuadPart = -20 * 1000 * 10;
  return KeWaitForSingleObject(Event, Executive, KernelMode, FALSE, &moment);
}

/* ---- OpenVPN/ovpn-dco-win 142: a connect that nobody answers --------- */

/* The thread that would close the socket waits for the connect. */
static VOID ConnectToSilence(BOOLEAN Cancels) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_CONNECT, UWSK_HOLD);
  SOCKADDR_IN address;
  PWSK_SOCKET socket;
  KIT_CALL call;
  USHORT port;

  REQUIRE(KitOpen());
  CHECK(uwsk_fault_arm(&rule) > 0);
  socket = KitBound(WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, &port);
  REQUIRE(socket != NULL);
  KitLoopback(&address, port);
  CHECK(KitOf(socket)->WskConnect(socket, (PSOCKADDR)&address, 0,
                                  KitStart(&call)) == STATUS_PENDING);
  CHECK(WaitAMoment(&call.Done) == STATUS_TIMEOUT);
  if (Cancels) {
    IoCancelIrp(call.Irp);
    CHECK(KitWait(&call) == STATUS_CANCELLED);
  } else {
    CHECK(WaitAMoment(&call.Done) == STATUS_TIMEOUT);
  }
  CHECK(KitEndSocket(socket) == STATUS_SUCCESS);
  CHECK(KitEnd(&call) == STATUS_CANCELLED);
  KitClose();
}

static VOID waits_for_a_connect_that_never_ends(VOID) {
  ConnectToSilence(FALSE);
}

static VOID cancels_a_connect_that_takes_too_long(VOID) {
  ConnectToSilence(TRUE);
}

/* ---- OpenVPN/ovpn-dco-win 34: WSK is not there when the system starts - */

static PVOID Starter;

static VOID Capture(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  CHECK(NT_SUCCESS(
      WskCaptureProviderNPI(&KitRegistration, WSK_INFINITE_WAIT, &KitNpi)));
}

static VOID Unload(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  if (Starter != NULL) {
    KeWaitForSingleObject(Starter, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(Starter);
    Starter = NULL;
  }
  KitClose();
}

static NTSTATUS Start(PDRIVER_OBJECT Driver) {
  WSK_CLIENT_NPI Client = {NULL, &KitDispatch};

  uwsk_fault_provider_ready_after(10);
  Driver->DriverUnload = Unload;
  return WskRegister(&Client, &KitRegistration);
}

static NTSTATUS waits_for_wsk_while_the_system_starts(PDRIVER_OBJECT Driver,
                                                      PUNICODE_STRING Path) {
  NTSTATUS status = Start(Driver);

  UNREFERENCED_PARAMETER(Path);
  if (NT_SUCCESS(status))
    Capture(NULL);
  return status;
}

static NTSTATUS waits_for_wsk_beside_the_start(PDRIVER_OBJECT Driver,
                                               PUNICODE_STRING Path) {
  NTSTATUS status = Start(Driver);
  HANDLE thread;

  UNREFERENCED_PARAMETER(Path);
  if (!NT_SUCCESS(status))
    return status;
  status = PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                                Capture, NULL);
  if (!NT_SUCCESS(status)) {
    WskDeregister(&KitRegistration);
    return status;
  }
  CHECK(NT_SUCCESS(ObReferenceObjectByHandle(thread, SYNCHRONIZE, NULL,
                                             KernelMode, &Starter, NULL)));
  ZwClose(thread);
  return STATUS_SUCCESS;
}

/* ---- wbenny/KSOCKET 2: pages that stay locked ------------------------ */

static VOID SendLocked(BOOLEAN Unlocks) {
  PVOID bytes = ExAllocatePool2(POOL_FLAG_PAGED, 16, ZOO_TAG);
  KIT_PAIR pair;
  KIT_CALL call;
  WSK_BUF buffer = {NULL, 0, 16};

  REQUIRE(bytes != NULL && KitOpen());
  buffer.Mdl = IoAllocateMdl(bytes, 16, FALSE, FALSE, NULL);
  REQUIRE(buffer.Mdl != NULL);
  MmProbeAndLockPages(buffer.Mdl, KernelMode, IoReadAccess);
  if (KitConnect(&pair)) {
    KitOf(pair.Client)->WskSend(pair.Client, &buffer, 0, KitStart(&call));
    CHECK(KitEnd(&call) == STATUS_SUCCESS);
    KitDisconnect(&pair);
  }
  if (Unlocks)
    MmUnlockPages(buffer.Mdl);
  IoFreeMdl(buffer.Mdl);
  ExFreePoolWithTag(bytes, ZOO_TAG);
  KitClose();
}

static VOID locks_pages_for_every_send(VOID) {
  SendLocked(FALSE);
}

static VOID unlocks_pages_after_every_send(VOID) {
  SendLocked(TRUE);
}

/* ---- vadimgrn/usbip-win2 181: one buffer for all requests ------------ */

static VOID Answer(PUCHAR Bytes, UCHAR Number) {
  ULONG i;

  for (i = 0; i < 8; i++)
    Bytes[i] = Number;
}

/* Two answers, the first of which the network is slow to take. */
static VOID AnswerTwice(KIT_BUFFER *First, KIT_BUFFER *Second) {
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_SEND, UWSK_HOLD);
  KIT_CALL one, other;
  KIT_PAIR pair;

  rule.times = 1;
  REQUIRE(KitOpen());
  if (KitConnect(&pair)) {
    CHECK(uwsk_fault_arm(&rule) > 0);
    Answer(First->Bytes, 1);
    KitOf(pair.Server)->WskSend(pair.Server, &First->Wsk, 0, KitStart(&one));
    Answer(Second->Bytes, 2);
    KitOf(pair.Server)->WskSend(pair.Server, &Second->Wsk, 0, KitStart(&other));
    CHECK(uwsk_held_proceed(one.Irp));
    CHECK(KitEnd(&one) == STATUS_SUCCESS && KitEnd(&other) == STATUS_SUCCESS);
    KitDisconnect(&pair);
  }
  KitClose();
}

static VOID answers_from_one_buffer(VOID) {
  KIT_BUFFER buffer;

  REQUIRE(KitAllocate(&buffer, 8));
  AnswerTwice(&buffer, &buffer);
  KitRelease(&buffer);
}

static VOID answers_from_a_buffer_each(VOID) {
  KIT_BUFFER one, other;

  REQUIRE(KitAllocate(&one, 8) && KitAllocate(&other, 8));
  AnswerTwice(&one, &other);
  KitRelease(&one);
  KitRelease(&other);
}

/* ---- microsoft/msquic 588: a close that waits for a callback --------- */

typedef struct _BINDING {
  KEVENT Told, Closed;
  BOOLEAN Waits;
} BINDING;

/* Holds the datagrams up until their socket is closed; and the close waits for
 * this to return. */
static NTSTATUS OnDatagrams(PVOID Context, ULONG Flags,
                            PWSK_DATAGRAM_INDICATION Datagrams) {
  BINDING *binding = Context;

  UNREFERENCED_PARAMETER(Flags);
  if (Datagrams == NULL)
    return STATUS_SUCCESS;
  KeSetEvent(&binding->Told, IO_NO_INCREMENT, FALSE);
  if (binding->Waits)
    CHECK(WaitAMoment(&binding->Closed) != STATUS_SUCCESS);
  return STATUS_SUCCESS;
}

static VOID CloseBinding(BOOLEAN Waits) {
  static const WSK_CLIENT_DATAGRAM_DISPATCH callbacks = {OnDatagrams};
  const WSK_PROVIDER_DATAGRAM_DISPATCH *dispatch;
  SOCKADDR_IN address;
  PWSK_SOCKET socket;
  KIT_BUFFER buffer;
  BINDING binding;
  KIT_CALL call;
  USHORT port;

  KeInitializeEvent(&binding.Told, NotificationEvent, FALSE);
  KeInitializeEvent(&binding.Closed, NotificationEvent, FALSE);
  binding.Waits = Waits;
  REQUIRE(KitOpen() && KitAllocate(&buffer, 8));
  socket = KitBound(WSK_FLAG_DATAGRAM_SOCKET, &binding, &callbacks, &port);
  REQUIRE(socket != NULL);
  CHECK(KitEnable(socket, WSK_EVENT_RECEIVE_FROM) == STATUS_SUCCESS);
  KitLoopback(&address, port);
  dispatch = socket->Dispatch;
  dispatch->WskSendTo(socket, &buffer.Wsk, 0, (PSOCKADDR)&address, 0, NULL,
                      KitStart(&call));
  CHECK(KitEnd(&call) == STATUS_SUCCESS);
  CHECK(KitWaitFor(&binding.Told));
  CHECK(KitEndSocket(socket) == STATUS_SUCCESS);
  KeSetEvent(&binding.Closed, IO_NO_INCREMENT, FALSE);
  KitRelease(&buffer);
  KitClose();
}

static VOID waits_in_a_callback_for_the_close(VOID) {
  CloseBinding(TRUE);
}

static VOID lets_its_callbacks_return(VOID) {
  CloseBinding(FALSE);
}

/* ---- cloudbase/wnbd 108: begun with each connection, ended once ------- */

static VOID Serve(ULONG Connections, BOOLEAN Knows) {
  WSK_CLIENT_NPI Client = {NULL, &KitDispatch};
  BOOLEAN registered = FALSE;
  ULONG i;

  for (i = 0; i < Connections; i++)
    if (!Knows || !registered)
      registered |= NT_SUCCESS(WskRegister(&Client, &KitRegistration));
  if (registered)
    WskDeregister(&KitRegistration);
}

static VOID registers_with_every_connection(VOID) {
  Serve(3, FALSE);
}

static VOID registers_with_the_first_connection(VOID) {
  Serve(3, TRUE);
}

/* … and ended whether or not it had begun. */
static VOID Stop(BOOLEAN Knows) {
  WSK_CLIENT_NPI Client = {NULL, NULL};
  NTSTATUS status;

  status = WskRegister(&Client, &KitRegistration);
  CHECK(!NT_SUCCESS(status));
  if (!Knows || NT_SUCCESS(status))
    WskDeregister(&KitRegistration);
}

static VOID ends_what_has_not_begun(VOID) {
  Stop(FALSE);
}

static VOID ends_what_has_begun(VOID) {
  Stop(TRUE);
}

ZOO_SPECIMENS = {
    SPECIMEN_OF_LUCK(waits_for_a_connect_that_never_ends,
                     cancels_a_connect_that_takes_too_long),
    SPECIMEN_DRIVER("CAPTURE-10", waits_for_wsk_while_the_system_starts,
                    waits_for_wsk_beside_the_start),
    SPECIMEN("MM-MDL-02", locks_pages_for_every_send,
             unlocks_pages_after_every_send),
    SPECIMEN("SEND-DATA-01", answers_from_one_buffer,
             answers_from_a_buffer_each),
    SPECIMEN("KE-WAIT-01", waits_in_a_callback_for_the_close,
             lets_its_callbacks_return),
    SPECIMEN("REGISTER-02", registers_with_every_connection,
             registers_with_the_first_connection),
    SPECIMEN("REGISTER-03", ends_what_has_not_begun, ends_what_has_begun),
};
