/*
 * What every WSK client repeats, for the examples and to be copied into a
 * driver: loading and unloading, calls that are waited for, sockets.
 * The WSK calls themselves stay where they teach something: in the examples.
 */
#ifndef WSK_CLIENT_H
#define WSK_CLIENT_H

#include <ntddk.h>
#include <wsk.h>

#ifdef __UWSK__ /* A number from uwsk-run's command line, and "I am done". */
unsigned uwsk_parameter(const char *name, unsigned fallback);
void uwsk_driver_done(void);
#else
#define uwsk_parameter(name, fallback) (fallback)
#define uwsk_driver_done()
#endif

DRIVER_INITIALIZE DriverEntry;

/* The provider, from before Start until after Stop. */
extern WSK_PROVIDER_NPI Wsk;

/* For DriverEntry. Start is called with the provider captured; Stop at unload,
 * and when Start has failed, after which the driver does not load. */
NTSTATUS ClientLoad(PDRIVER_OBJECT Driver, NTSTATUS (*Start)(VOID),
                    VOID (*Stop)(VOID));

/*
 * A call that is waited for, at PASSIVE_LEVEL and one at a time:
 *     Status = ClientWait(Dispatch->WskBind(Socket, Address, 0, ClientIrp()));
 * Start, Stop, or a thread between the two may make them, never a callback.
 */
PIRP ClientIrp(VOID);
NTSTATUS ClientWait(NTSTATUS Returned);
ULONG_PTR ClientInformation(VOID); /* of the call just waited for */

/* A call that is not: Routine is called when the IRP has completed. */
PIRP ClientThen(PIRP Irp, PIO_COMPLETION_ROUTINE Routine, PVOID Context);

/* These wait, too. ClientBind is for a socket that listens or is for datagrams,
 * and prints which port it got. ClientEvents turns events on; or one of them
 * off with WSK_EVENT_DISABLE, and then no callback of it runs any more. */
NTSTATUS ClientSocket(USHORT Type, ULONG Protocol, ULONG Category,
                      const VOID *Callbacks, PWSK_SOCKET *Socket);
NTSTATUS ClientBind(PWSK_SOCKET Socket, ULONG Category);
NTSTATUS ClientEvents(PWSK_SOCKET Socket, ULONG Events);
VOID ClientClose(PWSK_SOCKET Socket);

/* Where the examples listen and connect: 127.0.0.1 and the port to use. */
SOCKADDR_IN ClientAddress(VOID);

#endif
