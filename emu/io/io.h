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

struct ke_call; /* ke/ke.h */

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

/* Makes \Driver\<name>. NULL when out of memory, or when there is a driver of
 * that name. Every dispatch routine answers STATUS_INVALID_DEVICE_REQUEST until
 * the driver sets its own. */
PDRIVER_OBJECT io__create_driver(const char *name);
bool io__driver_exists(const char *name);

/*
 * Runs DriverEntry at PASSIVE_LEVEL. `registry_path` is plain text; NULL stands
 * for the services key of the driver's name. The key is made if it is not there
 * (cm/cm.h). Returns what DriverEntry returned, or why there could be no key:
 * STATUS_INSUFFICIENT_RESOURCES. The string lives as long as the driver.
 * After a failure call io__delete_driver, not io__unload_driver.
 */
NTSTATUS io__start_driver(PDRIVER_OBJECT driver, PDRIVER_INITIALIZE entry,
                          const char *registry_path);

/*
 * Calls DriverUnload, then does what io__delete_driver does.
 *
 * STATUS_INVALID_DEVICE_REQUEST: there is no DriverUnload, and nothing happens.
 * STATUS_PENDING: DriverUnload will be called when nothing is attached to the
 * driver's devices any more; or it was, and work items of the driver's still
 * run, for which the driver object stays. STATUS_SUCCESS: all of it is gone.
 */
NTSTATUS io__unload_driver(PDRIVER_OBJECT driver);

/*
 * Deletes the driver object of a driver whose code has come to an end. Waits up
 * to a second for its threads and work items. What is left then is reported
 * (PS-THREAD-02, EX-WORK-03), as are timers, DPCs, registrations for PnP
 * notification, symbolic links and devices (KE-TIMER-01, KE-DPC-03, IO-PNP-01,
 * IO-UNLOAD-02, IO-UNLOAD-01), which are removed. Returns how
 * many of these no report accounts for.
 */
size_t io__delete_driver(PDRIVER_OBJECT driver);

/* How many things were removed from all drivers, and back to 0. */
size_t io__take_left(void);

/* Forgets the names of the drivers that are left, at the end of a run. */
void io__forget_drivers(void);

/* Sends IRP_MJ_SHUTDOWN to every device that is registered for it, and waits as
 * part of `call`. Returns how many were sent. At PASSIVE_LEVEL, where waiting
 * is allowed. */
unsigned io__shut_down(const struct ke_call *call);
void io__forget_shutdown(void);

/* ---- devices and names ------------------------------------------------- */

/* Finds a device by its name or a symbolic link to it; NULL. */
PDEVICE_OBJECT io__find_device(PCUNICODE_STRING name);

/* Keep a device object's memory beyond IoDeleteDevice. */
void io__reference_device(PDEVICE_OBJECT device);
void io__dereference_device(PDEVICE_OBJECT device);

/* DriverEntry has succeeded: the devices it made can be used. */
void io__ready_devices(PDRIVER_OBJECT driver);

/* Whether the calling thread is in a completion routine that a provider's
 * completion has called. */
bool io__is_completing(void);

/* Whether the calling thread is in a DriverEntry. */
bool io__is_in_driver_entry(void);

/* Forgets all names (after the ledger was printed). Returns how many symbolic
 * links were left behind. */
size_t io__forget_names(void);

/* ---- drivers, inside the executive -------------------------------------- */

/* The driver's owner number (ke/owner.c); 0 for NULL. */
ULONG io__owner_of(PDRIVER_OBJECT driver);

/* It is to be unloaded, or has been: nothing attaches to its devices. */
bool io__is_unloading(PDRIVER_OBJECT driver);

/* Something that kept the driver loaded has let go of one of its devices: if it
 * was the last, and the driver is to be unloaded, that happens now. At
 * PASSIVE_LEVEL, with no lock. */
void io__released_device_of(PDRIVER_OBJECT driver);

/* Whether another driver is attached to one of its devices (device.c). */
bool io__is_in_use(PDRIVER_OBJECT driver);

/* Removes what the driver has registered for PnP notification and left, with a
 * report for each (notify.c). Returns how many there were. */
size_t io__forget_notifications_of(PDRIVER_OBJECT driver, const char *name);

/* DriverEntry has succeeded: the devices it made can be used. */
void io__ready_devices(PDRIVER_OBJECT driver);

/* ---- between the files of emu/io --------------------------------------- */

/* The upper bits of IRP.AllocationFlags are ours. NT uses the lower four. */
#define IO_IRP_AT_PROVIDER 0x10 /* between io__prepare and io__complete */
#define IO_IRP_THREADED    0x20 /* the I/O manager's: finished, freed here */
#define IO_IRP_IN_FLIGHT   0x40 /* on its way through drivers */
#define IO_IRP_DONE        0x80 /* back at its owner, not reused since */

/* Allocates a tracked IRP; `call` and `caller` go into the ledger. */
PIRP io__allocate_irp(CCHAR stack_size, const char *call, const void *caller);

/* The same for what cannot fail: asks until there is memory, as NT does, and
 * rules of faults do not apply. */
PIRP io__must_allocate_irp(CCHAR stack_size, const char *call,
                           const void *caller);

/* Frees an IRP that io__allocate_irp made; false when it is not alive. */
bool io__release_irp(PIRP irp);

/*
 * What is asked of a driver, filled into the next location of an IRP whose
 * MajorFunction is set: buffers are copied or locked as the device or the code
 * wants them. After a failure (STATUS_INSUFFICIENT_RESOURCES, or what probing
 * the memory raised) io__abandon_irp undoes it.
 */
struct io_control {
  ULONG code;
  PVOID input;
  ULONG input_length;
  PVOID output;
  ULONG output_length;
};

NTSTATUS io__fill_control(PIRP irp, const struct io_control *control);
NTSTATUS io__fill_transfer(PIRP irp, PDEVICE_OBJECT device, PVOID buffer,
                           ULONG length, PLARGE_INTEGER offset);
void io__abandon_irp(PIRP irp);

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
void io__call_notification(PDRIVER_NOTIFICATION_CALLBACK_ROUTINE routine,
                           PVOID structure, PVOID context,
                           PDRIVER_OBJECT driver);

/* What RtlQueryRegistryValues calls, for emu/cm. */
NTSTATUS io__call_query(PRTL_QUERY_REGISTRY_ROUTINE routine, PWSTR name,
                        ULONG type, PVOID data, ULONG length, PVOID context,
                        PVOID entry_context);

/* The dispatch routine of every major function a driver did not set. */
NTSTATUS io__invalid_request(PDEVICE_OBJECT device, PIRP irp);

#endif
