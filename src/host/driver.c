/*
 * Drivers for hosts: load, unload (uwsk/uwsk.h), over the I/O manager.
 */
#include <ntddk.h>

#include "host/runtime.h"
#include "io/file.h"
#include "io/io.h"
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

NTSTATUS uwsk_load_driver(const char *name, uwsk_driver_entry entry,
                          PDRIVER_OBJECT *driver) {
  if (name == NULL || entry == NULL || driver == NULL)
    return STATUS_INVALID_PARAMETER;
  *driver = NULL;
  if (!host__may_call("uwsk_load_driver"))
    return STATUS_INVALID_DEVICE_STATE;

  PDRIVER_OBJECT made = io__create_driver(name);
  if (made == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  name_call(made, OB_CALLER());
  NTSTATUS status = io__start_driver(made, entry, NULL);
  if (NT_SUCCESS(status)) {
    io__ready_devices(made);
    *driver = made;
  } else {
    delete_driver(made);
  }
  return status;
}

NTSTATUS uwsk_unload_driver(PDRIVER_OBJECT driver) {
  if (driver == NULL)
    return STATUS_INVALID_PARAMETER;
  if (!host__may_call("uwsk_unload_driver"))
    return STATUS_INVALID_DEVICE_STATE;
  if (driver->DriverUnload == NULL)
    return STATUS_INVALID_DEVICE_REQUEST;
  if (io__count_files(driver) != 0)
    return STATUS_DEVICE_BUSY;
  io__call_unload(driver->DriverUnload, driver);
  delete_driver(driver);
  return STATUS_SUCCESS;
}
