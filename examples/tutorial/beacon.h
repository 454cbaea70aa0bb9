/* beacon: asks a server on this machine whether it is there. */
#ifndef BEACON_H
#define BEACON_H

#include <ntddk.h>
#include <wsk.h>

/* net.c: sends "ping" and waits for "pong", with an IRP of the caller's that
 * BeaconCancel may stop. At PASSIVE_LEVEL. */
NTSTATUS BeaconAsk(PWSK_PROVIDER_NPI Wsk, PIRP Irp, USHORT Port);
VOID BeaconCancel(PIRP Irp);

/* driver.c: asks once, on a thread of its own. */
DRIVER_INITIALIZE DriverEntry;
extern USHORT BeaconPort;              /* whom it asks */
extern volatile NTSTATUS BeaconAnswer; /* STATUS_PENDING until it knows */

#endif
