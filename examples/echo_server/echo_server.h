/* echo_server.c listens, echo.c serves. */
#ifndef ECHO_SERVER_H
#define ECHO_SERVER_H

#include <ntddk.h>
#include <wsk.h>

/* Has a completion routine called when the request that follows is done. */
static __inline PIRP Then(PIRP Irp, PIO_COMPLETION_ROUTINE Routine,
                          PVOID Context) {
  IoReuseIrp(Irp, STATUS_UNSUCCESSFUL);
  IoSetCompletionRoutine(Irp, Routine, Context, TRUE, TRUE, TRUE);
  return Irp;
}

NTSTATUS WSKAPI EchoAccept(PVOID Context, ULONG Flags, PSOCKADDR Local,
                           PSOCKADDR Remote, PWSK_SOCKET Socket,
                           PVOID *NewContext,
                           CONST WSK_CLIENT_CONNECTION_DISPATCH **Dispatch);

/* Cuts every connection off; they are closed soon. */
VOID EchoEndAll(VOID);

#endif
