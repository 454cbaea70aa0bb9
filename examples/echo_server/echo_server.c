/*
 * echo_server: a TCP server that sends back what it receives. WskAcceptEvent
 * brings the connections; data and their end come through the callbacks that
 * they inherit. These run at DISPATCH_LEVEL and start calls, but never wait.
 */
#include "../common/connection.h"
#include "../common/message.h"
#include "../common/wsk_client.h"

static PWSK_SOCKET Listener;

static NTSTATUS Disconnected(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  ConnectionClose(Context);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* The peer has ended. So do we: after all sends, or at once and abortively. */
static NTSTATUS WSKAPI OnDisconnect(PVOID Context, ULONG Flags) {
  CONNECTION *Peer = Context;

  if (!InterlockedExchange(&Peer->Ending, TRUE))
    Peer->Call->WskDisconnect(Peer->Socket, NULL, Flags & WSK_FLAG_ABORTIVE,
                              ClientThen(Peer->Irp, Disconnected, Peer));
  return STATUS_SUCCESS;
}

/* Failed or not: OnDisconnect hears of it. */
static NTSTATUS Sent(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  MessageFree(Context);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* The list is gone when this returns, so a copy of it is sent. */
static NTSTATUS WSKAPI OnReceive(PVOID Context, ULONG Flags,
                                 PWSK_DATA_INDICATION List, SIZE_T Length,
                                 SIZE_T *Accepted) {
  CONNECTION *Peer = Context;
  MESSAGE *Message = List != NULL ? MessageCopy(List, Length) : NULL;

  if (Message == NULL) { /* The socket is dead, or there is no memory. */
    OnDisconnect(Peer, WSK_FLAG_ABORTIVE);
    return STATUS_DATA_NOT_ACCEPTED;
  }
  Peer->Call->WskSend(Peer->Socket, &Message->Buffer, 0,
                      ClientThen(Message->Irp, Sent, Message));
  return STATUS_SUCCESS;
}

static NTSTATUS WSKAPI
OnAccept(PVOID Context, ULONG Flags, PSOCKADDR Local, PSOCKADDR Remote,
         PWSK_SOCKET Socket, PVOID *Peer,
         CONST WSK_CLIENT_CONNECTION_DISPATCH **Dispatch) {
  static const WSK_CLIENT_CONNECTION_DISPATCH Callbacks = {OnReceive,
                                                           OnDisconnect, NULL};

  *Peer = Socket != NULL ? ConnectionOpen(Socket) : NULL;
  *Dispatch = &Callbacks;
  return *Peer != NULL ? STATUS_SUCCESS : STATUS_REQUEST_NOT_ACCEPTED;
}

static NTSTATUS Start(VOID) {
  static const WSK_CLIENT_LISTEN_DISPATCH Callbacks = {OnAccept, NULL, NULL};
  NTSTATUS Status = ClientSocket(SOCK_STREAM, IPPROTO_TCP,
                                 WSK_FLAG_LISTEN_SOCKET, &Callbacks, &Listener);

  if (NT_SUCCESS(Status))
    Status = ClientBind(Listener, WSK_FLAG_LISTEN_SOCKET);
  if (NT_SUCCESS(Status)) /* The connections inherit theirs. */
    Status = ClientEvents(Listener, WSK_EVENT_ACCEPT | WSK_EVENT_RECEIVE |
                                        WSK_EVENT_DISCONNECT);
  return Status;
}

static VOID Stop(VOID) {
  if (Listener != NULL)
    ClientClose(Listener); /* and no connection comes any more */
  ConnectionCloseAll();
}

NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING RegistryPath) {
  return ClientLoad(Driver, Start, Stop);
}
