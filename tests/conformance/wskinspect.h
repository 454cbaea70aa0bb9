/* Listeners in conditional accept mode, and what their callbacks saw. Kernel
 * code. */
#ifndef UWSK_CONFORMANCE_WSKINSPECT_H
#define UWSK_CONFORMANCE_WSKINSPECT_H

#define MAX_INSPECTED 512

/* What the callbacks of a test do and have seen. */
typedef struct _INSPECT {
  /* To be set by the test. */
  PWSK_SOCKET Listener;
  volatile WSK_INSPECT_ACTION Action; /* at first: WskInspectPend */
  PWSK_CALL Watched;                  /* whether it has completed by then */
  PWSK_CALL ToClose;                  /* closes the listener, once */
  PWSK_CALL ToComplete;               /* WskInspectComplete, once … */
  WSK_INSPECT_ACTION CompleteWith;    /* … with this */

  /* Written down by WskInspectEvent. */
  volatile LONG Inspected, Inside, Overlaps;
  PVOID Context;
  KIRQL Irql;
  TEST_ADDRESS Local, Remote;
  WSK_INSPECT_ID Ids[MAX_INSPECTED];
  PSOCKADDR LocalPointer, RemotePointer;
  PWSK_INSPECT_ID IdPointer;
  BOOLEAN WatchedCompleted, CompletedInside;
  KEVENT InspectedEvent;

  /* … by WskAbortEvent */
  volatile LONG Aborts;
  WSK_INSPECT_ID Aborted; /* the last */
  KIRQL AbortIrql;
  KEVENT AbortedEvent;

  /* … by WskAcceptEvent */
  PWSK_SOCKET Accepted; /* the last */
  LONG InspectedAtAccept;
  KEVENT AcceptedEvent;

  /* … by WskReceiveEvent of what WskAcceptEvent got */
  volatile LONG Indicated;
  KEVENT IndicatedEvent;
} INSPECT;

extern INSPECT Inspect;

extern const WSK_CLIENT_LISTEN_DISPATCH InspectCallbacks;

WSK_INSPECT_ACTION WSKAPI OnInspect(PVOID Context, PSOCKADDR Local,
                                    PSOCKADDR Remote, PWSK_INSPECT_ID Id);
NTSTATUS WSKAPI OnAbort(PVOID Context, PWSK_INSPECT_ID Id);

LONG Inspections(VOID);
LONG Aborts(VOID);
BOOLEAN WaitForInspection(VOID);
BOOLEAN SameId(const WSK_INSPECT_ID *One, const WSK_INSPECT_ID *Other);

/* A new socket with these callbacks, of which Inspect is the context. */
PWSK_SOCKET CreateInspectingAs(ULONG Category, const VOID *Dispatch);
PWSK_SOCKET CreateInspecting(const WSK_CLIENT_LISTEN_DISPATCH *Dispatch);

/* A listener in the mode, bound to loopback; *Port is where. */
PWSK_SOCKET OpenInspecting(USHORT *Port);

PWSK_CALL SetConditional(PWSK_CALL Call, PWSK_SOCKET Socket, ULONG Value);
PWSK_CALL GetConditional(PWSK_CALL Call, PWSK_SOCKET Socket, PULONG Value);
PWSK_CALL InspectComplete(PWSK_CALL Call, PWSK_SOCKET Socket,
                          PWSK_INSPECT_ID Id, WSK_INSPECT_ACTION Action);
NTSTATUS QueryId(PWSK_SOCKET Socket, PWSK_INSPECT_ID Id, SIZE_T *Returned);
NTSTATUS EnableEvents(PWSK_SOCKET Socket, ULONG Mask);

struct peer;
VOID CheckUsable(PWSK_SOCKET Accepted, struct peer *Peer);

#endif
