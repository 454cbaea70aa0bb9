/*
 * datawatch.h: a connection whose event callbacks do what a test wants and
 * write down what they see. Kernel code.
 *
 * The peer sends its pattern from position 0 on; the callback checks every byte
 * that is indicated against the place in the stream where it has to be.
 */
#ifndef UWSK_CONFORMANCE_DATAWATCH_H
#define UWSK_CONFORMANCE_DATAWATCH_H

#include "wskcall.h"

#define WATCH_MAX_LISTS 64

typedef struct _DATA_WATCH {
  PWSK_SOCKET Socket;
  struct peer *Peer;

  /* What the callback does; a test may change it at any time. */
  NTSTATUS Answer;    /* what WskReceiveEvent returns */
  SIZE_T Accept;      /* what it accepts at most; 0 leaves *BytesAccepted */
  BOOLEAN AcceptNone; /* sets *BytesAccepted to 0 */
  SIZE_T Claim;       /* or to this, whatever was indicated */
  NTSTATUS EndAnswer; /* what WskDisconnectEvent returns */
  /* Called with what is indicated, before the position goes on: who has waited
   * for the position sees what this has left. */
  VOID (*Look)(PWSK_DATA_INDICATION List);
  /* Called inside each callback, before it returns. */
  VOID (*Act)(struct _DATA_WATCH *Watch, PWSK_DATA_INDICATION List);
  PVOID ActContext;

  /* What the callbacks have seen. */
  volatile LONG Inside, Overlaps;
  volatile LONG Calls;    /* of WskReceiveEvent that have returned, nearly */
  volatile LONG Kept;     /* … and have answered STATUS_PENDING: the first */
  volatile LONG Wrong;    /* indications that were not as they have to be */
  volatile LONG AllFlags; /* that were set in any of them */
  ULONG Flags;            /* of the latest */
  KIRQL Irql;
  SIZE_T Indicated;       /* bytes of the latest */
  volatile LONG Position; /* bytes of the stream that have been accepted */
  ULONG Members;          /* of the latest list */
  PUCHAR First;           /* its first byte */
  PWSK_DATA_INDICATION Lists[WATCH_MAX_LISTS]; /* by number of call */

  volatile LONG Deaths; /* calls without a list */

  volatile LONG Ends; /* calls of WskDisconnectEvent */
  ULONG EndFlags;
  KIRQL EndIrql;
  LONG EndPosition; /* … when so many bytes had been accepted */

  volatile LONG Backlogs; /* calls of WskSendBacklogEvent */
  SIZE_T Backlog;
  KIRQL BacklogIrql;

  KEVENT Called; /* some callback has returned, nearly */
} DATA_WATCH, *PDATA_WATCH;

extern const WSK_CLIENT_CONNECTION_DISPATCH WatchDispatch;

VOID InitializeWatch(PDATA_WATCH Watch);

/* A connection of TestFamily to a new listener of the peer's, watched, with no
 * event enabled. FALSE (and a failure) when there is none. */
BOOLEAN OpenWatch(PDATA_WATCH Watch);
BOOLEAN OpenWatchWith(PDATA_WATCH Watch,
                      const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch);
/* … and with these events enabled. */
BOOLEAN OpenWatching(PDATA_WATCH Watch, ULONG Events);

/* SO_WSK_EVENT_CALLBACK, of any socket. */
NTSTATUS ControlEvents(PWSK_SOCKET Socket, ULONG Mask, PIRP Irp);
PWSK_CALL ControlEventsWith(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Mask);
#define CHECK_EVENTS(status, socket, mask)                                     \
  CHECK_STATUS(status, ControlEvents(socket, mask, NULL))

/* Waits until so many bytes have been accepted, calls made, ends told. */
BOOLEAN WaitForPosition(PDATA_WATCH Watch, LONG Position);
BOOLEAN WaitForCalls(PDATA_WATCH Watch, LONG Calls);
BOOLEAN WaitForEnds(PDATA_WATCH Watch, LONG Ends);
LONG PositionOf(PDATA_WATCH Watch);
LONG ReceiveCalls(PDATA_WATCH Watch);
LONG EndCalls(PDATA_WATCH Watch);

NTSTATUS Release(PWSK_SOCKET Socket, PWSK_DATA_INDICATION List);

/* Every callback was as it has to be, one at a time. */
VOID CheckWatch(PDATA_WATCH Watch, const char *File, int Line);
#define CHECK_WATCH(watch) CheckWatch(watch, __FILE__, __LINE__)

#endif
