/*
 * Mistakes with a socket: buffers, arguments, the close.
 */
#include <ntifs.h>
#include <wsk.h>

#include <uwsk/fault.h>

#include "wskkit.h"
#include "zoo.h"

/* ---- buffers --------------------------------------------------------- */

static VOID SendPart(ULONG Offset, SIZE_T Length, BOOLEAN Resident) {
  UCHAR bytes[8] = {0};
  KIT_PAIR pair;
  KIT_BUFFER buffer;
  KIT_CALL call;
  PMDL plain = IoAllocateMdl(bytes, sizeof(bytes), FALSE, FALSE, NULL);

  REQUIRE(plain != NULL && KitOpen());
  if (KitConnect(&pair) && KitAllocate(&buffer, 8)) {
    WSK_BUF part = {Resident ? buffer.Wsk.Mdl : plain, Offset, Length};

    KitOf(pair.Client)->WskSend(pair.Client, &part, 0, KitStart(&call));
    KitEnd(&call);
    KitDisconnect(&pair);
    KitRelease(&buffer);
  }
  IoFreeMdl(plain);
  KitClose();
}

static VOID begins_behind_the_first_mdl(VOID) {
  SendPart(8, 1, TRUE);
}

static VOID sends_more_than_there_is(VOID) {
  SendPart(0, 9, TRUE);
}

static VOID sends_memory_that_is_not_locked(VOID) {
  SendPart(0, 8, FALSE);
}

static VOID sends_what_there_is(VOID) {
  SendPart(2, 6, TRUE);
}

/* ---- arguments ------------------------------------------------------- */

static VOID ReceiveWith(ULONG Length, ULONG Flags) {
  KIT_PAIR pair;
  KIT_BUFFER buffer;
  KIT_CALL call;

  REQUIRE(KitOpen());
  if (KitConnect(&pair) && KitAllocate(&buffer, 8)) {
    buffer.Wsk.Length = Length;
    CHECK(KitFinish(pair.Server) == STATUS_SUCCESS);
    KitOf(pair.Client)
        ->WskReceive(pair.Client, &buffer.Wsk, Flags, KitStart(&call));
    KitEnd(&call);
    CHECK(KitFinish(pair.Client) == STATUS_SUCCESS);
    CHECK(KitEndSocket(pair.Client) == STATUS_SUCCESS);
    CHECK(KitEndSocket(pair.Server) == STATUS_SUCCESS);
    CHECK(KitEndSocket(pair.Listener) == STATUS_SUCCESS);
    KitRelease(&buffer);
  }
  KitClose();
}

static VOID drains_into_a_buffer(VOID) {
  ReceiveWith(8, WSK_FLAG_DRAIN);
}

static VOID drains_and_waits_for_all(VOID) {
  ReceiveWith(0, WSK_FLAG_DRAIN | WSK_FLAG_WAITALL);
}

static VOID drains_into_nothing(VOID) {
  ReceiveWith(0, WSK_FLAG_DRAIN);
}

static VOID Abort(BOOLEAN WithData) {
  KIT_PAIR pair;
  KIT_BUFFER buffer;
  KIT_CALL call;

  REQUIRE(KitOpen());
  if (KitConnect(&pair) && KitAllocate(&buffer, 8)) {
    KitOf(pair.Client)
        ->WskDisconnect(pair.Client, WithData ? &buffer.Wsk : NULL,
                        WSK_FLAG_ABORTIVE, KitStart(&call));
    KitEnd(&call);
    KitDisconnect(&pair);
    KitRelease(&buffer);
  }
  KitClose();
}

static VOID sends_data_with_an_abort(VOID) {
  Abort(TRUE);
}

static VOID sends_nothing_with_an_abort(VOID) {
  Abort(FALSE);
}

static VOID SendDatagram(ULONG ControlLength) {
  const WSK_PROVIDER_DATAGRAM_DISPATCH *dispatch;
  SOCKADDR_IN address;
  PWSK_SOCKET socket;
  KIT_BUFFER buffer;
  KIT_CALL call;
  USHORT port;

  REQUIRE(KitOpen());
  socket = KitBound(WSK_FLAG_DATAGRAM_SOCKET, NULL, NULL, &port);
  if (socket != NULL && KitAllocate(&buffer, 4)) {
    dispatch = socket->Dispatch;
    KitLoopback(&address, port);
    dispatch->WskSendTo(socket, &buffer.Wsk, 0, (PSOCKADDR)&address,
                        ControlLength, NULL, KitStart(&call));
    KitEnd(&call);
    CHECK(KitEndSocket(socket) == STATUS_SUCCESS);
    KitRelease(&buffer);
  }
  KitClose();
}

static VOID says_how_long_no_control_data_is(VOID) {
  SendDatagram(32);
}

static VOID sends_no_control_data(VOID) {
  SendDatagram(0);
}

static VOID BindWith(ADDRESS_FAMILY Family, ULONG Flags) {
  SOCKADDR_IN6 address = {0};
  PWSK_SOCKET socket;
  KIT_CALL call;

  REQUIRE(KitOpen());
  address.sin6_family = Family;
  socket = KitSocket(WSK_FLAG_CONNECTION_SOCKET, NULL, NULL);
  if (socket != NULL) {
    KitOf(socket)->WskBind(socket, (PSOCKADDR)&address, Flags, KitStart(&call));
    CHECK(KitEnd(&call) == (Family == AF_INET && Flags == 0
                                ? STATUS_SUCCESS
                                : STATUS_INVALID_PARAMETER));
    CHECK(KitEndSocket(socket) == STATUS_SUCCESS);
  }
  KitClose();
}

static VOID binds_to_an_address_of_another_family(VOID) {
  BindWith(AF_INET6, 0);
}

static VOID binds_to_an_address_of_its_family(VOID) {
  BindWith(AF_INET, 0);
}

/* The flags of another API, perhaps. */
static VOID binds_with_flags(VOID) {
  BindWith(AF_INET, 1);
}

static VOID binds_without_flags(VOID) {
  BindWith(AF_INET, 0);
}

/* ---- WskControlSocket ------------------------------------------------ */

typedef struct _ZOO_CONTROL {
  WSK_CONTROL_SOCKET_TYPE Type;
  ULONG Code, Level;
  BOOLEAN Irp, Returned;
} CONTROL;

static VOID Control(const CONTROL *Control) {
  UCHAR output[512];
  SIZE_T returned;
  ULONG value = 1;
  PWSK_SOCKET socket;
  KIT_CALL call;
  USHORT port;
  BOOLEAN sets = Control->Type == WskSetOption;

  REQUIRE(KitOpen());
  socket = KitBound(WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, &port);
  REQUIRE(socket != NULL);
  KitOf(socket)->WskControlSocket(
      socket, Control->Type, Control->Code, Control->Level,
      sets ? sizeof(value) : 0, sets ? &value : NULL,
      sets                            ? 0
      : Control->Type == WskGetOption ? sizeof(value)
                                      : sizeof(output),
      sets ? NULL : output, Control->Returned ? &returned : NULL,
      Control->Irp ? KitStart(&call) : NULL);
  if (Control->Irp)
    KitEnd(&call);
  CHECK(KitEndSocket(socket) == STATUS_SUCCESS);
  KitClose();
}

static VOID sets_an_option_without_an_irp(VOID) {
  static const CONTROL control = {WskSetOption, SO_KEEPALIVE, SOL_SOCKET, FALSE,
                                  FALSE};
  Control(&control);
}

static VOID sets_an_option_with_an_irp(VOID) {
  static const CONTROL control = {WskSetOption, SO_KEEPALIVE, SOL_SOCKET, TRUE,
                                  FALSE};
  Control(&control);
}

static VOID asks_how_long_a_long_is(VOID) {
  static const CONTROL control = {WskGetOption, SO_KEEPALIVE, SOL_SOCKET, TRUE,
                                  TRUE};
  Control(&control);
}

static VOID gets_an_option(VOID) {
  static const CONTROL control = {WskGetOption, SO_KEEPALIVE, SOL_SOCKET, TRUE,
                                  FALSE};
  Control(&control);
}

static VOID asks_for_addresses_with_an_irp(VOID) {
  static const CONTROL control = {WskIoctl, SIO_ADDRESS_LIST_QUERY, 0, TRUE,
                                  FALSE};
  Control(&control);
}

static VOID asks_for_addresses_without_an_irp(VOID) {
  static const CONTROL control = {WskIoctl, SIO_ADDRESS_LIST_QUERY, 0, FALSE,
                                  TRUE};
  Control(&control);
}

/* ---- the close ------------------------------------------------------- */

static VOID CloseTwice(ULONG Times) {
  const WSK_PROVIDER_BASIC_DISPATCH *dispatch;
  PWSK_SOCKET socket;
  KIT_CALL call;

  REQUIRE(KitOpen());
  socket = KitSocket(WSK_FLAG_CONNECTION_SOCKET, NULL, NULL);
  REQUIRE(socket != NULL);
  dispatch = socket->Dispatch;
  while (Times-- > 0) {
    dispatch->WskCloseSocket(socket, KitStart(&call));
    KitEnd(&call);
  }
  KitClose();
}

static VOID closes_a_socket_twice(VOID) {
  CloseTwice(2);
}

static VOID closes_a_socket_once(VOID) {
  CloseTwice(1);
}

static VOID Leave(BOOLEAN Finishes) {
  KIT_PAIR pair;

  REQUIRE(KitOpen());
  if (KitConnect(&pair)) {
    CHECK(KitFinish(pair.Server) == STATUS_SUCCESS);
    if (Finishes)
      CHECK(KitFinish(pair.Client) == STATUS_SUCCESS);
    CHECK(KitEndSocket(pair.Client) == STATUS_SUCCESS);
    CHECK(KitEndSocket(pair.Server) == STATUS_SUCCESS);
    CHECK(KitEndSocket(pair.Listener) == STATUS_SUCCESS);
  }
  KitClose();
}

static VOID closes_without_a_disconnect(VOID) {
  Leave(FALSE);
}

static VOID disconnects_before_it_closes(VOID) {
  Leave(TRUE);
}

typedef struct _CALLER {
  PWSK_SOCKET Socket;
  KIT_CALL Call;
  KEVENT Inside, Done;
  volatile LONG GoOn;
} CALLER;

/* The call returns when this has. */
static NTSTATUS TakeTime(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  CALLER *caller = Context;

  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  KeSetEvent(&caller->Inside, IO_NO_INCREMENT, FALSE);
  while (InterlockedCompareExchange(&caller->GoOn, 0, 0) == 0)
    YieldProcessor();
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static VOID AskForAddress(PVOID Context) {
  CALLER *caller = Context;
  SOCKADDR_IN address;
  PIRP irp = KitStart(&caller->Call);

  IoSetCompletionRoutine(irp, TakeTime, caller, TRUE, TRUE, TRUE);
  KitOf(caller->Socket)
      ->WskGetLocalAddress(caller->Socket, (PSOCKADDR)&address, irp);
  KitFree(&caller->Call);
  KeSetEvent(&caller->Done, IO_NO_INCREMENT, FALSE);
}

static VOID CloseBesideACall(BOOLEAN Waits) {
  CALLER caller = {0};
  HANDLE thread;
  USHORT port;

  REQUIRE(KitOpen());
  KeInitializeEvent(&caller.Inside, NotificationEvent, FALSE);
  KeInitializeEvent(&caller.Done, NotificationEvent, FALSE);
  caller.Socket = KitBound(WSK_FLAG_CONNECTION_SOCKET, NULL, NULL, &port);
  REQUIRE(caller.Socket != NULL);
  REQUIRE(NT_SUCCESS(PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL,
                                          NULL, NULL, AskForAddress, &caller)));
  CHECK(KitWaitFor(&caller.Inside));
  if (Waits) {
    InterlockedExchange(&caller.GoOn, 1);
    CHECK(KitWaitFor(&caller.Done));
  }
  {
    const WSK_PROVIDER_BASIC_DISPATCH *dispatch = caller.Socket->Dispatch;
    KIT_CALL call;

    dispatch->WskCloseSocket(caller.Socket, KitStart(&call));
    InterlockedExchange(&caller.GoOn, 1);
    CHECK(KitEnd(&call) == STATUS_SUCCESS);
  }
  ZwWaitForSingleObject(thread, FALSE, NULL);
  ZwClose(thread);
  KitClose();
}

static VOID closes_while_another_thread_calls(VOID) {
  CloseBesideACall(FALSE);
}

static VOID closes_when_the_other_thread_is_through(VOID) {
  CloseBesideACall(TRUE);
}

static VOID GoOnAfterTheEnd(BOOLEAN Closes) {
  KIT_PAIR pair;
  UCHAR bytes[4];
  SIZE_T length = sizeof(bytes);

  REQUIRE(KitOpen());
  if (KitConnect(&pair)) {
    CHECK(uwsk_fault_socket(pair.Client));
    CHECK(KitReceive(pair.Client, bytes, &length) == STATUS_FILE_FORCED_CLOSED);
    length = sizeof(bytes);
    if (!Closes)
      CHECK(KitReceive(pair.Client, bytes, &length) ==
            STATUS_FILE_FORCED_CLOSED);
    CHECK(KitEndSocket(pair.Client) == STATUS_SUCCESS);
    pair.Client = NULL;
    KitDisconnect(&pair);
  }
  KitClose();
}

static VOID receives_from_a_dead_socket_again(VOID) {
  GoOnAfterTheEnd(FALSE);
}

static VOID closes_a_dead_socket(VOID) {
  GoOnAfterTheEnd(TRUE);
}

ZOO_SPECIMENS = {
    SPECIMEN("BUF-01", begins_behind_the_first_mdl, sends_what_there_is),
    SPECIMEN("BUF-04", sends_more_than_there_is, sends_what_there_is),
    SPECIMEN("BUF-05", sends_memory_that_is_not_locked, sends_what_there_is),
    SPECIMEN("RECV-06", drains_into_a_buffer, drains_into_nothing),
    SPECIMEN("RECV-07", drains_and_waits_for_all, drains_into_nothing),
    SPECIMEN("DISC-03", sends_data_with_an_abort, sends_nothing_with_an_abort),
    SPECIMEN("SENDTO-05", says_how_long_no_control_data_is,
             sends_no_control_data),
    SPECIMEN("BIND-01", binds_to_an_address_of_another_family,
             binds_to_an_address_of_its_family),
    SPECIMEN("FLAGS-01", binds_with_flags, binds_without_flags),
    SPECIMEN("SOPT-13", sets_an_option_without_an_irp,
             sets_an_option_with_an_irp),
    SPECIMEN("CTRLSOCK-07", asks_how_long_a_long_is, gets_an_option),
    SPECIMEN("IOCTL-23", asks_for_addresses_with_an_irp,
             asks_for_addresses_without_an_irp),
    SPECIMEN("CLOSE-06", closes_a_socket_twice, closes_a_socket_once),
    SPECIMEN("CLOSE-07", closes_without_a_disconnect,
             disconnects_before_it_closes),
    SPECIMEN("CLOSE-05", closes_while_another_thread_calls,
             closes_when_the_other_thread_is_through),
    SPECIMEN("IRP-21", receives_from_a_dead_socket_again, closes_a_dead_socket),
};
