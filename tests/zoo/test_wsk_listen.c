/*
 * Mistakes with a listening socket's callbacks: what they may keep, and whose a
 * connection is.
 */
#include <ntddk.h>
#include <wsk.h>

#include "wskkit.h"
#include "zoo.h"

/* It was refused, and may be gone already. */
static VOID EndRefused(PWSK_SOCKET Socket) {
  if (Socket == NULL)
    return;
  KitFinish(Socket);
  CHECK(KitEndSocket(Socket) == STATUS_SUCCESS);
}

/* ---- inspection ------------------------------------------------------ */

typedef struct _INSPECTOR {
  PWSK_INSPECT_ID Pointer;
  WSK_INSPECT_ID Copy;
  KEVENT Told;
} INSPECTOR;

static WSK_INSPECT_ACTION Inspect(PVOID Context, PSOCKADDR Local,
                                  PSOCKADDR Remote, PWSK_INSPECT_ID Id) {
  INSPECTOR *inspector = Context;

  UNREFERENCED_PARAMETER(Local);
  UNREFERENCED_PARAMETER(Remote);
  inspector->Pointer = Id;
  inspector->Copy = *Id;
  KeSetEvent(&inspector->Told, IO_NO_INCREMENT, FALSE);
  return WskInspectPend;
}

static NTSTATUS Abort(PVOID Context, PWSK_INSPECT_ID Id) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Id);
  return STATUS_SUCCESS;
}

static NTSTATUS
RefuseAll(PVOID Context, ULONG Flags, PSOCKADDR Local, PSOCKADDR Remote,
          PWSK_SOCKET Socket, PVOID *AcceptContext,
          CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptDispatch) {
  UNREFERENCED_PARAMETER(Context);
  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Local);
  UNREFERENCED_PARAMETER(Remote);
  UNREFERENCED_PARAMETER(Socket);
  UNREFERENCED_PARAMETER(AcceptContext);
  UNREFERENCED_PARAMETER(AcceptDispatch);
  return STATUS_REQUEST_NOT_ACCEPTED;
}

static const WSK_CLIENT_LISTEN_DISPATCH Inspects = {RefuseAll, Inspect, Abort};

/* A listener that is asked before it accepts: that has to be said before it is
 * bound. */
static PWSK_SOCKET Inspecting(INSPECTOR *Inspector, USHORT *Port) {
  PWSK_SOCKET listener =
      KitSocket(WSK_FLAG_LISTEN_SOCKET, Inspector, &Inspects);
  const WSK_PROVIDER_LISTEN_DISPATCH *listen;
  ULONG value = TRUE;
  KIT_CALL call;

  if (listener == NULL)
    return NULL;
  listen = listener->Dispatch;
  listen->WskControlSocket(listener, WskSetOption, SO_CONDITIONAL_ACCEPT,
                           SOL_SOCKET, sizeof(value), &value, 0, NULL, NULL,
                           KitStart(&call));
  CHECK(KitEnd(&call) == STATUS_SUCCESS);
  KitBind(listener, WSK_FLAG_LISTEN_SOCKET, Port);
  return listener;
}

/* Rejects what it was asked about, by what it has kept of its name. */
static VOID Decide(BOOLEAN ByPointer) {
  const WSK_PROVIDER_LISTEN_DISPATCH *listen;
  PWSK_SOCKET listener, client;
  INSPECTOR inspector;
  KIT_CALL call;
  USHORT port;

  KeInitializeEvent(&inspector.Told, NotificationEvent, FALSE);
  REQUIRE(KitOpen());
  listener = Inspecting(&inspector, &port);
  REQUIRE(listener != NULL);
  listen = listener->Dispatch;
  client = KitConnectTo(port, NULL, NULL);
  CHECK(KitWaitFor(&inspector.Told));
  listen->WskInspectComplete(listener,
                             ByPointer ? inspector.Pointer : &inspector.Copy,
                             WskInspectReject, KitStart(&call));
  CHECK(NT_SUCCESS(KitEnd(&call)) == !ByPointer);
  CHECK(KitEndSocket(listener) == STATUS_SUCCESS);
  EndRefused(client);
  KitClose();
}

static VOID keeps_the_pointer_to_an_id(VOID) {
  Decide(TRUE);
}

static VOID keeps_a_copy_of_an_id(VOID) {
  Decide(FALSE);
}

/* ---- refusing -------------------------------------------------------- */

typedef struct _REFUSER {
  BOOLEAN Closes;
  KIT_CALL Aborting, Closing;
  KEVENT Told;
} REFUSER;

static NTSTATUS Refuse(PVOID Context, ULONG Flags, PSOCKADDR Local,
                       PSOCKADDR Remote, PWSK_SOCKET Socket,
                       PVOID *AcceptContext,
                       CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptDispatch) {
  REFUSER *refuser = Context;

  UNREFERENCED_PARAMETER(Flags);
  UNREFERENCED_PARAMETER(Local);
  UNREFERENCED_PARAMETER(Remote);
  UNREFERENCED_PARAMETER(AcceptContext);
  UNREFERENCED_PARAMETER(AcceptDispatch);
  if (Socket == NULL)
    return STATUS_SUCCESS;
  if (refuser->Closes) {
    KitOf(Socket)->WskDisconnect(Socket, NULL, WSK_FLAG_ABORTIVE,
                                 KitStart(&refuser->Aborting));
    KitOf(Socket)->WskCloseSocket(Socket, KitStart(&refuser->Closing));
  }
  KeSetEvent(&refuser->Told, IO_NO_INCREMENT, FALSE);
  return STATUS_REQUEST_NOT_ACCEPTED;
}

static const WSK_CLIENT_LISTEN_DISPATCH Refuses = {Refuse, NULL, NULL};

static VOID RefuseOne(BOOLEAN Closes) {
  PWSK_SOCKET listener, client;
  REFUSER refuser;
  USHORT port;

  refuser.Closes = Closes;
  KeInitializeEvent(&refuser.Told, NotificationEvent, FALSE);
  REQUIRE(KitOpen());
  listener = KitBound(WSK_FLAG_LISTEN_SOCKET, &refuser, &Refuses, &port);
  REQUIRE(listener != NULL);
  CHECK(KitEnable(listener, WSK_EVENT_ACCEPT) == STATUS_SUCCESS);
  client = KitConnectTo(port, NULL, NULL);
  CHECK(KitWaitFor(&refuser.Told));
  if (Closes) {
    KitEnd(&refuser.Aborting);
    CHECK(KitEnd(&refuser.Closing) == STATUS_SUCCESS);
  }
  CHECK(KitEndSocket(listener) == STATUS_SUCCESS);
  EndRefused(client);
  KitClose();
}

static VOID closes_what_it_refuses(VOID) {
  RefuseOne(TRUE);
}

static VOID only_refuses(VOID) {
  RefuseOne(FALSE);
}

ZOO_SPECIMENS = {
    SPECIMEN("INSPECTEV-05", keeps_the_pointer_to_an_id, keeps_a_copy_of_an_id),
    SPECIMEN("ACCEPTEV-03", closes_what_it_refuses, only_refuses),
};
