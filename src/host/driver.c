/*
 * Drivers for hosts: load, unload (uwsk/uwsk.h), over the I/O manager.
 */
#include <ntddk.h>

#include "host/runtime.h"
#include "io/io.h"
#include "ke/watch.h"
#include "loop/loop.h"
#include "ob/track.h"
#include "os/os.h"
#include "uwsk/uwsk.h"

/* Devices that drivers left. Their objects are gone, the ledger no longer knows
 * them, and uwsk_stop has to count them nevertheless. */
static struct {
  struct os_spin lock;
  size_t devices;
} left;

static void delete_driver(PDRIVER_OBJECT driver) {
  size_t devices = io__delete_driver(driver);

  os__spin_lock(&left.lock);
  left.devices += devices;
  os__spin_unlock(&left.lock);
}

size_t host__take_left(void) {
  os__spin_lock(&left.lock);
  size_t devices = left.devices;
  left.devices = 0;
  os__spin_unlock(&left.lock);
  return devices;
}

/* The ledger shows the host's call, not what it came through. */
static void name_call(PDRIVER_OBJECT driver, const void *caller) {
  struct ob_record *record = ob__find(OB_DRIVER, driver);

  if (record != NULL) {
    record->call = "uwsk_load_driver";
    record->caller = caller;
  }
}

/* Client code that may wait is about to be called. */
static bool may_call(const char *call) {
  if (!host__running())
    host__say("%s: the runtime is not running", call);
  else if (!ke__may_wait() || KeGetCurrentIrql() != PASSIVE_LEVEL)
    host__say("%s: called inside a callback or at a raised IRQL", call);
  else
    return true;
  return false;
}

NTSTATUS uwsk_load_driver(const char *name, uwsk_driver_entry entry,
                          PDRIVER_OBJECT *driver) {
  if (name == NULL || entry == NULL || driver == NULL)
    return STATUS_INVALID_PARAMETER;
  *driver = NULL;
  if (!may_call("uwsk_load_driver"))
    return STATUS_INVALID_DEVICE_STATE;

  PDRIVER_OBJECT made = io__create_driver(name);
  if (made == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  name_call(made, OB_CALLER());
  struct ke_call call = {.name = "uwsk_load_driver", .caller = OB_CALLER()};
  ULONG before = ke__enter_call(&call);
  NTSTATUS status = io__start_driver(made, entry, NULL);
  ke__leave_call(before);
  if (NT_SUCCESS(status))
    *driver = made;
  else
    delete_driver(made);
  return status;
}

NTSTATUS uwsk_unload_driver(PDRIVER_OBJECT driver) {
  if (driver == NULL)
    return STATUS_INVALID_PARAMETER;
  if (!may_call("uwsk_unload_driver"))
    return STATUS_INVALID_DEVICE_STATE;
  if (driver->DriverUnload == NULL)
    return STATUS_INVALID_DEVICE_REQUEST;

  struct ke_call call = {.name = "uwsk_unload_driver", .caller = OB_CALLER()};
  ULONG before = ke__enter_call(&call);
  ke__watch_begin();
  io__call_unload(driver->DriverUnload, driver);
  ke__watch_end();
  ke__leave_call(before);
  delete_driver(driver);
  return STATUS_SUCCESS;
}
