/*
 * The connections of the echo server. None has a buffer: what WskReceiveEvent
 * shows is kept, sent from where it lies, and released when it has been sent.
 */
#include "echo_server.h"

typedef struct { /* a connection; free while it has no socket */
  PWSK_SOCKET Socket;
  PIRP Irp;            /* disconnects, then closes */
  volatile LONG Users; /* lists that are kept, and that it is open */
  volatile LONG Open;
} ECHO;

typedef struct { /* a list that is kept */
  ECHO *Echo;
  PWSK_DATA_INDICATION List;
  volatile LONG Sends;
} KEPT;

static ECHO Connections[64];

#define CALL(s) ((const WSK_PROVIDER_CONNECTION_DISPATCH *)(s)->Dispatch)

/* ---- the end of a connection ------------------------------------------ */

static NTSTATUS Closed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Echo) {
  IoFreeIrp(Irp);
  InterlockedExchangePointer((PVOID *)&((ECHO *)Echo)->Socket, NULL);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* False when it is being closed. */
static BOOLEAN Enter(ECHO *Echo) {
  LONG Users = Echo->Users;
  for (LONG Seen; Users != 0; Users = Seen)
    if ((Seen = InterlockedCompareExchange(&Echo->Users, Users + 1, Users)) ==
        Users)
      return TRUE;
  return FALSE;
}

static VOID Leave(ECHO *Echo) { /* Whoever leaves last closes the socket. */
  if (InterlockedDecrement(&Echo->Users) == 0)
    CALL(Echo->Socket)
        ->WskCloseSocket(Echo->Socket, Then(Echo->Irp, Closed, Echo));
}

static NTSTATUS Ended(PDEVICE_OBJECT Device, PIRP Irp, PVOID Echo) {
  Leave(Echo);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* The peer has ended: so do we, after what is being sent; or all at once. */
static NTSTATUS OnDisconnect(PVOID Context, ULONG Flags) {
  ECHO *Echo = Context;
  if (InterlockedExchange(&Echo->Open, FALSE))
    CALL(Echo->Socket)
        ->WskDisconnect(Echo->Socket, NULL, Flags & WSK_FLAG_ABORTIVE,
                        Then(Echo->Irp, Ended, Echo));
  return STATUS_SUCCESS;
}

/* ---- its data ---------------------------------------------------------- */

static VOID Release(KEPT *Kept) {
  if (InterlockedDecrement(&Kept->Sends) > 0)
    return;
  CALL(Kept->Echo->Socket)->WskRelease(Kept->Echo->Socket, Kept->List);
  Leave(Kept->Echo);
  ExFreePool(Kept);
}

static NTSTATUS Sent(PDEVICE_OBJECT Device, PIRP Irp, PVOID Kept) {
  IoFreeIrp(Irp);
  Release(Kept);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Without memory, or a socket that works, there is nothing left but to end. */
static NTSTATUS OnReceive(PVOID Context, ULONG Flags, PWSK_DATA_INDICATION List,
                          SIZE_T Bytes, SIZE_T *Accepted) {
  KEPT *Kept = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Kept), 'ohcE');
  if (List == NULL || Kept == NULL || !Enter(Context)) {
    if (Kept != NULL)
      ExFreePool(Kept);
    OnDisconnect(Context, WSK_FLAG_ABORTIVE);
    return STATUS_DATA_NOT_ACCEPTED;
  }
  *Kept = (KEPT){Context, List, 1};
  for (PIRP Irp; List != NULL; List = List->Next) {
    if ((Irp = IoAllocateIrp(1, FALSE)) == NULL) {
      OnDisconnect(Context, WSK_FLAG_ABORTIVE);
      break;
    }
    InterlockedIncrement(&Kept->Sends);
    CALL(Kept->Echo->Socket)
        ->WskSend(Kept->Echo->Socket, &List->Buffer, 0, Then(Irp, Sent, Kept));
  }
  Release(Kept);
  return STATUS_PENDING;
}

/* ---- all of them ------------------------------------------------------- */

NTSTATUS EchoAccept(PVOID Context, ULONG Flags, PSOCKADDR Local,
                    PSOCKADDR Remote, PWSK_SOCKET Socket, PVOID *NewContext,
                    CONST WSK_CLIENT_CONNECTION_DISPATCH **Dispatch) {
  static const WSK_CLIENT_CONNECTION_DISPATCH Callbacks = {OnReceive,
                                                           OnDisconnect, NULL};
  ECHO *Echo = Connections;
  while (Echo < Connections + RTL_NUMBER_OF(Connections) && Echo->Socket)
    Echo++;
  if (Socket == NULL || Echo == Connections + RTL_NUMBER_OF(Connections) ||
      (Echo->Irp = IoAllocateIrp(1, FALSE)) == NULL)
    return STATUS_REQUEST_NOT_ACCEPTED;
  Echo->Users = Echo->Open = 1;
  InterlockedExchangePointer((PVOID *)&Echo->Socket, Socket);
  *NewContext = Echo;
  *Dispatch = &Callbacks;
  return STATUS_SUCCESS;
}

VOID EchoEndAll(VOID) {
  for (ULONG i = 0; i < RTL_NUMBER_OF(Connections); i++)
    OnDisconnect(&Connections[i], WSK_FLAG_ABORTIVE);
}
