/*
 * Every call from the I/O manager and the registry into client code: one
 * function per kind.
 *
 * They say whose code runs (ke/owner.c), and see to it that the IRQL afterwards
 * is what it was before (or, for a cancel routine, what it had to go back to),
 * and put it right when not.
 */
#include <ntddk.h>

#include "etw/trace.h"
#include "io/io.h"
#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

static void check_irql(const char *kind, const void *routine, KIRQL wanted) {
  KIRQL now = KeGetCurrentIrql();
  char where[256];

  if (now == wanted)
    return;
  os__describe_code(routine, where, sizeof(where));
  vf__report(VF_IO_IRQL_01, "the %s %s returned at IRQL %s instead of %s", kind,
             where, ke__irql_name(now), ke__irql_name(wanted));
  ke__swap_irql(wanted);
}

/* The owner of a device's driver. What is no device of ours is nobody's, and
 * not looked into. */
static ULONG owner_of(PDEVICE_OBJECT device) {
  return device != NULL && ob__find(OB_DEVICE, device) != NULL
             ? io__owner_of(device->DriverObject)
             : 0;
}

/* Who stands at the top is known by the IRP that he made (irp.c). */
NTSTATUS io__call_completion(PIO_COMPLETION_ROUTINE routine,
                             PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  KIRQL irql = KeGetCurrentIrql();
  ULONG owner = ke__enter_owner(device != NULL ? owner_of(device)
                                               : (ULONG)irp->ApcEnvironment);
  NTSTATUS status;

  ETW_COMPLETION(irp, context);
  status = routine(device, irp, context);
  ke__enter_owner(owner);
  check_irql("completion routine", (const void *)routine, irql);
  return status;
}

void io__call_cancel(PDRIVER_CANCEL routine, PDEVICE_OBJECT device, PIRP irp,
                     KIRQL irql) {
  ULONG owner = ke__enter_owner(owner_of(device));

  ETW_CALLBACK("cancel", irp, device);
  routine(device, irp);
  ke__enter_owner(owner);
  check_irql("cancel routine", (const void *)routine, irql);
}

NTSTATUS io__call_dispatch(PDRIVER_DISPATCH routine, PDEVICE_OBJECT device,
                           PIRP irp) {
  KIRQL irql = KeGetCurrentIrql();
  ULONG owner = ke__enter_owner(owner_of(device));
  NTSTATUS status;

  ETW_CALLBACK("dispatch", irp, device);
  status = routine(device, irp);
  ke__enter_owner(owner);
  check_irql("dispatch routine", (const void *)routine, irql);
  return status;
}

/* How many DriverEntry routines the calling thread is in. */
static _Thread_local unsigned entries;

bool io__is_in_driver_entry(void) {
  return entries != 0;
}

NTSTATUS io__call_driver_entry(PDRIVER_INITIALIZE entry, PDRIVER_OBJECT driver,
                               PUNICODE_STRING registry_path) {
  ULONG owner = ke__enter_owner(io__owner_of(driver));
  NTSTATUS status;

  ETW_CALLBACK("DriverEntry", driver, registry_path);
  entries++;
  status = entry(driver, registry_path);
  entries--;
  ke__enter_owner(owner);
  check_irql("routine DriverEntry", (const void *)entry, PASSIVE_LEVEL);
  return status;
}

void io__call_unload(PDRIVER_UNLOAD routine, PDRIVER_OBJECT driver) {
  ULONG owner = ke__enter_owner(io__owner_of(driver));

  ETW_CALLBACK("DriverUnload", driver, NULL);
  routine(driver);
  ke__enter_owner(owner);
  check_irql("routine DriverUnload", (const void *)routine, PASSIVE_LEVEL);
}

NTSTATUS io__call_query(PRTL_QUERY_REGISTRY_ROUTINE routine, PWSTR name,
                        ULONG type, PVOID data, ULONG length, PVOID context,
                        PVOID entry_context) {
  KIRQL irql = KeGetCurrentIrql();
  NTSTATUS status;

  ETW_CALLBACK("query", entry_context, context);
  status = routine(name, type, data, length, context, entry_context);
  check_irql("query routine", (const void *)routine, irql);
  return status;
}

/* The driver is busy meanwhile: unloading it waits. */
void io__call_notification(PDRIVER_NOTIFICATION_CALLBACK_ROUTINE routine,
                           PVOID structure, PVOID context,
                           PDRIVER_OBJECT driver) {
  ULONG own = io__owner_of(driver);
  ULONG owner = ke__enter_owner(own);

  ke__count_busy(own, 1);
  ETW_CALLBACK("notification", structure, context);
  routine(structure, context);
  ke__enter_owner(owner);
  check_irql("notification routine", (const void *)routine, PASSIVE_LEVEL);
  ke__count_busy(own, -1);
}
