/*
 * Drivers for hosts: load, unload (uwsk/uwsk.h), over the I/O manager.
 */
#include <ntddk.h>

#include "ex/ex.h"
#include "host/runtime.h"
#include "io/io.h"
#include "ke/ke.h"
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
  else if (!loop__may_wait() || KeGetCurrentIrql() != PASSIVE_LEVEL)
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
  NTSTATUS status = io__start_driver(made, entry, NULL);
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
  io__call_unload(driver->DriverUnload, driver);
  delete_driver(driver);
  return STATUS_SUCCESS;
}

/* ---- code -------------------------------------------------------------- */

/* What never calls a driver, and never lies in its image. */
static const enum ob_kind harmless[] = {
    OB_POOL,          OB_HANDLE,   OB_ADDRESS_LIST, OB_CACHED_SD,
    OB_CNG_ALGORITHM, OB_CNG_HASH, OB_TRACING};

static bool code_is_in_use(void) {
  size_t left = ob__count(OB_KIND_COUNT);

  for (size_t i = 0; i < RTL_NUMBER_OF(harmless); i++)
    left -= ob__count(harmless[i]);
  return left != 0 || ke__timers_are_set();
}

bool uwsk_unload_code(void (*unload)(void *context), void *context) {
  if (!may_call("uwsk_unload_code") || ex__stop_workers() != 0)
    return false;
  KeFlushQueuedDpcs();
  if (code_is_in_use())
    return false;
  ob__remember_callers();
  unload(context);
  return true;
}
