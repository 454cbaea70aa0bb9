/*
 * The open connections of a server, so that each is closed once: when it has
 * ended, or when the driver is unloaded before that.
 */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <ntddk.h>
#include <wsk.h>

typedef struct {
  LIST_ENTRY Link; /* until somebody is to close it */
  PWSK_SOCKET Socket;
  const WSK_PROVIDER_CONNECTION_DISPATCH *Call; /* the socket's */
  PIRP Irp; /* to disconnect, then to close: the end must not need memory */
  LONG Ending;
} CONNECTION;

/* For WskAcceptEvent. NULL without memory. */
CONNECTION *ConnectionOpen(PWSK_SOCKET Socket);

/* Closes the socket and frees the connection, when that is done. At
 * DISPATCH_LEVEL or below, when Irp is free and no call is under way. */
VOID ConnectionClose(CONNECTION *Connection);

/* The same for all of them at unload, whatever they are doing; it waits. */
VOID ConnectionCloseAll(VOID);

#endif
