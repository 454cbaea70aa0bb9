/*
 * The I/O manager's inside: what the provider, the host and emu/io share.
 *
 * How the pieces work together: docs/irp-engine.md.
 */
#ifndef UWSK_IO_IO_H
#define UWSK_IO_IO_H

#include <ntddk.h>
#include <stdbool.h>

#include "ob/track.h"

/* ---- for the provider -------------------------------------------------- */

/*
 * Takes over an IRP as IoCallDriver does: moves it to its next stack location,
 * of which the client's completion routine, context and control bits stay as
 * they are. `call` names the function the IRP was handed to ("WskSend").
 *
 * STATUS_SUCCESS: the IRP is the provider's until io__complete. Otherwise the
 * breach was reported, the IRP is untouched and must not be completed; the
 * status is what the call returns (STATUS_INVALID_PARAMETER).
 */
NTSTATUS io__prepare(PIRP irp, PDEVICE_OBJECT device, const char *call);

/*
 * Completes an IRP that io__prepare accepted: completion routines run on this
 * thread at DISPATCH_LEVEL. The IRP may be gone when this returns. Its cancel
 * routine must be cleared already. Hold no lock.
 */
void io__complete(PIRP irp, NTSTATUS status, ULONG_PTR information);

/* ---- drivers, for the host --------------------------------------------- */

/* Makes \Driver\<name>. NULL when out of memory. Every dispatch routine answers
 * STATUS_INVALID_DEVICE_REQUEST until the driver sets its own. */
PDRIVER_OBJECT io__create_driver(const char *name);

/*
 * Runs DriverEntry at PASSIVE_LEVEL. `registry_path` is plain text; NULL stands
 * for the services key of the driver's name. The key is made if it is not there
 * (cm/cm.h). Returns what DriverEntry returned, or why there could be no key:
 * STATUS_INSUFFICIENT_RESOURCES. The string lives as long as the driver.
 * After a failure call io__delete_driver, not io__unload_driver.
 */
NTSTATUS io__start_driver(PDRIVER_OBJECT driver, PDRIVER_INITIALIZE entry,
                          const char *registry_path);

/* Calls DriverUnload, if there is one, then io__delete_driver. */
void io__unload_driver(PDRIVER_OBJECT driver);

/* Frees the driver object. Devices that are still there are reported
 * (IO-UNLOAD-01) and removed. Returns how many there were that no report
 * accounts for. */
size_t io__delete_driver(PDRIVER_OBJECT driver);

/* ---- devices and names ------------------------------------------------- */

/* Finds a device by its name or a symbolic link to it; NULL. */
PDEVICE_OBJECT io__find_device(PCUNICODE_STRING name);

/* Keep a device object's memory beyond IoDeleteDevice. */
void io__reference_device(PDEVICE_OBJECT device);
void io__dereference_device(PDEVICE_OBJECT device);

/* Whether the calling thread is in a completion routine that a provider's
 * completion has called. */
bool io__is_completing(void);

/* Forgets all names (after the ledger was printed). Returns how many symbolic
 * links were left behind. */
size_t io__forget_names(void);

/* ---- between the files of emu/io --------------------------------------- */

/* The upper bits of IRP.AllocationFlags are ours. NT uses the lower four. */
#define IO_IRP_AT_PROVIDER 0x10 /* between io__prepare and io__complete */
#define IO_IRP_THREADED    0x20 /* the I/O manager's: finished, freed here */
#define IO_IRP_IN_FLIGHT   0x40 /* on its way through drivers */
#define IO_IRP_DONE        0x80 /* back at its owner, not reused since */

/* Allocates a tracked IRP; `call` and `caller` go into the ledger. */
PIRP io__allocate_irp(CCHAR stack_size, const char *call, const void *caller);

/* Frees an IRP that io__allocate_irp made; false when it is not alive. */
bool io__release_irp(PIRP irp);

/* Gives the cache of free IRPs back to the host. */
void io__drain_irp_cache(void);

/* Whether somebody else than its owner holds the IRP. */
bool io__in_flight(PIRP irp);

/* Each call into client code goes through one of these. They trace it and see
 * to it that the IRQL is the same afterwards. */
NTSTATUS io__call_completion(PIO_COMPLETION_ROUTINE routine,
                             PDEVICE_OBJECT device, PIRP irp, PVOID context);
/* `irql` is the one the routine has to go back to with the cancel lock. */
void io__call_cancel(PDRIVER_CANCEL routine, PDEVICE_OBJECT device, PIRP irp,
                     KIRQL irql);
NTSTATUS io__call_dispatch(PDRIVER_DISPATCH routine, PDEVICE_OBJECT device,
                           PIRP irp);
NTSTATUS io__call_driver_entry(PDRIVER_INITIALIZE entry, PDRIVER_OBJECT driver,
                               PUNICODE_STRING registry_path);
void io__call_unload(PDRIVER_UNLOAD routine, PDRIVER_OBJECT driver);

/* What RtlQueryRegistryValues calls, for emu/cm. */
NTSTATUS io__call_query(PRTL_QUERY_REGISTRY_ROUTINE routine, PWSTR name,
                        ULONG type, PVOID data, ULONG length, PVOID context,
                        PVOID entry_context);

/* The dispatch routine of every major function a driver did not set. */
NTSTATUS io__invalid_request(PDEVICE_OBJECT device, PIRP irp);

#endif
