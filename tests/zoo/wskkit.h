/*
 * wskkit.h: what a specimen of a WSK rule needs around its one mistake: a
 * client, calls that are waited for, and two ends of a connection over
 * loopback, both of them the driver's own. Kernel code, at PASSIVE_LEVEL.
 *
 *     KIT_PAIR pair;
 *     REQUIRE(KitOpen());
 *     if (KitConnect(&pair)) {
 *       ... pair.Client, pair.Server ...
 *       KitDisconnect(&pair);
 *     }
 *     KitClose();
 */
#ifndef UWSK_ZOO_WSKKIT_H
#define UWSK_ZOO_WSKKIT_H

#include <wsk.h>

extern WSK_REGISTRATION KitRegistration;
extern WSK_PROVIDER_NPI KitNpi;
extern const WSK_CLIENT_DISPATCH KitDispatch; /* version 1.0 */

/* Registers and captures, and the other way round. */
BOOLEAN KitOpen(VOID);
VOID KitClose(VOID);

/* A call: KitStart gives an IRP that is ready to be sent, KitEnd waits for its
 * completion and frees it. KitAgain is KitStart for the IRP of a call that has
 * ended, and KitWait waits without freeing. */
typedef struct _KIT_CALL {
  PIRP Irp;
  KEVENT Done;
  NTSTATUS Status; /* both once it has completed */
  ULONG_PTR Information;
} KIT_CALL;

PIRP KitStart(KIT_CALL *Call);
PIRP KitAgain(KIT_CALL *Call);
NTSTATUS KitWait(KIT_CALL *Call);
NTSTATUS KitEnd(KIT_CALL *Call);
VOID KitFree(KIT_CALL *Call);

/* The completion routine of a call; its context is the event to set. */
IO_COMPLETION_ROUTINE KitWake;

const WSK_PROVIDER_CONNECTION_DISPATCH *KitOf(PWSK_SOCKET Socket);

/* A socket of these flags (WSK_FLAG_*_SOCKET) or NULL. */
PWSK_SOCKET KitSocket(ULONG Flags, PVOID Context, const VOID *Dispatch);
/* Binds one to 127.0.0.1; Port is the one it got, in network byte order. */
VOID KitBind(PWSK_SOCKET Socket, ULONG Flags, USHORT *Port);
/* Both. */
PWSK_SOCKET KitBound(ULONG Flags, PVOID Context, const VOID *Dispatch,
                     USHORT *Port);
NTSTATUS KitEndSocket(PWSK_SOCKET Socket); /* closes it, and waits */
VOID KitLoopback(PSOCKADDR_IN Address, USHORT Port);

typedef struct _KIT_PAIR {
  PWSK_SOCKET Listener, Client, Server;
  /* To be set before: the client's side of Client, or zero. */
  PVOID Context;
  const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch;
} KIT_PAIR;

/* A client of a listener; NULL when it is refused. */
PWSK_SOCKET KitConnectTo(USHORT Port, PVOID Context,
                         const WSK_CLIENT_CONNECTION_DISPATCH *Dispatch);

/* For the first with neither context nor callbacks. */
BOOLEAN KitConnect(KIT_PAIR *Pair);
BOOLEAN KitConnectWith(KIT_PAIR *Pair);
/* Ends both ways, then closes whatever is not NULL. */
VOID KitDisconnect(KIT_PAIR *Pair);

NTSTATUS KitFinish(PWSK_SOCKET Socket); /* a graceful WskDisconnect */
NTSTATUS KitSend(PWSK_SOCKET Socket, PCSTR Text);
/* So many bytes at most, to Buffer; *Length is what came. */
NTSTATUS KitReceive(PWSK_SOCKET Socket, PVOID Bytes, SIZE_T *Length);

/* Nonpaged pool behind an MDL. */
typedef struct _KIT_BUFFER {
  WSK_BUF Wsk;
  PUCHAR Bytes;
} KIT_BUFFER;

BOOLEAN KitAllocate(KIT_BUFFER *Buffer, ULONG Length);
VOID KitRelease(KIT_BUFFER *Buffer);

/* Switches events of a socket on. */
NTSTATUS KitEnable(PWSK_SOCKET Socket, ULONG Events);

BOOLEAN KitWaitFor(PKEVENT Event); /* FALSE after a long time */

#endif
