/* See connection.h. */
#include "connection.h"
#include "wsk_client.h"

static LIST_ENTRY Connections = {&Connections, &Connections};
static KSPIN_LOCK Lock; /* of the list */

CONNECTION *ConnectionOpen(PWSK_SOCKET Socket) {
  PIRP Irp = IoAllocateIrp(1, FALSE);
  CONNECTION *Connection;

  if (Irp == NULL)
    return NULL;
  Connection =
      ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Connection), 'nnoC');
  if (Connection == NULL) {
    IoFreeIrp(Irp);
    return NULL;
  }
  Connection->Socket = Socket;
  Connection->Call = Socket->Dispatch;
  Connection->Irp = Irp;
  Connection->Ending = FALSE;
  ExInterlockedInsertTailList(&Connections, &Connection->Link, &Lock);
  return Connection;
}

/* Takes it, or the first one, out of the list; NULL when somebody else has.
 * Who takes a connection is the one to close it. */
static CONNECTION *ConnectionTake(CONNECTION *Connection) {
  PLIST_ENTRY Link;
  KIRQL Irql;

  KeAcquireSpinLock(&Lock, &Irql);
  Link = Connection != NULL ? &Connection->Link : Connections.Flink;
  Connection =
      IsListEmpty(Link) ? NULL : CONTAINING_RECORD(Link, CONNECTION, Link);
  RemoveEntryList(Link);
  InitializeListHead(Link);
  KeReleaseSpinLock(&Lock, Irql);
  return Connection;
}

static VOID ConnectionFree(CONNECTION *Connection) {
  IoFreeIrp(Connection->Irp);
  ExFreePool(Connection);
}

static NTSTATUS ConnectionClosed(PDEVICE_OBJECT Device, PIRP Irp,
                                 PVOID Connection) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  ConnectionFree(Connection);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

VOID ConnectionClose(CONNECTION *Connection) {
  if (ConnectionTake(Connection) != NULL)
    Connection->Call->WskCloseSocket(
        Connection->Socket,
        ClientThen(Connection->Irp, ConnectionClosed, Connection));
}

/* First no callback runs any more, for none may call the socket while it is
 * being closed. Then the close cancels what is under way, Irp included. */
VOID ConnectionCloseAll(VOID) {
  CONNECTION *Connection;

  while ((Connection = ConnectionTake(NULL)) != NULL) {
    ClientEvents(Connection->Socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE);
    ClientEvents(Connection->Socket, WSK_EVENT_DISCONNECT | WSK_EVENT_DISABLE);
    ClientClose(Connection->Socket);
    ConnectionFree(Connection);
  }
}
