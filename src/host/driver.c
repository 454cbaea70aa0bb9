/*
 * Drivers for hosts: load, unload (uwsk/uwsk.h), over the I/O manager.
 */
#include <ntddk.h>

#include <string.h>

#include "ex/ex.h"
#include "host/runtime.h"
#include "io/io.h"
#include "ke/watch.h"
#include "ob/track.h"
#include "uwsk/uwsk.h"

/* The ledger shows the host's call, not what it came through. */
static void name_call(PDRIVER_OBJECT driver, const void *caller) {
  struct ob_record *record = ob__find(OB_DRIVER, driver);

  if (record != NULL) {
    record->call = "uwsk_load_driver";
    record->caller = caller;
  }
}

/* One part of the path \Driver\<name>. */
static bool is_name(const char *name) {
  return name[0] != '\0' && strchr(name, '\\') == NULL;
}

NTSTATUS uwsk_load_driver(const char *name, uwsk_driver_entry entry,
                          PDRIVER_OBJECT *driver) {
  if (name == NULL || entry == NULL || driver == NULL || !is_name(name))
    return STATUS_INVALID_PARAMETER;
  *driver = NULL;
  if (!host__may_call("uwsk_load_driver"))
    return STATUS_INVALID_DEVICE_STATE;

  PDRIVER_OBJECT made = io__create_driver(name);
  if (made == NULL)
    return io__driver_exists(name) ? STATUS_IMAGE_ALREADY_LOADED
                                   : STATUS_INSUFFICIENT_RESOURCES;
  name_call(made, OB_CALLER());
  struct ke_call call = {.name = "uwsk_load_driver", .caller = OB_CALLER()};
  ULONG before = ke__enter_call(&call);
  NTSTATUS status = io__start_driver(made, entry, NULL);
  ke__leave_call(before);
  if (!NT_SUCCESS(status)) {
    io__delete_driver(made);
    return status;
  }
  if (made->FastIoDispatch != NULL)
    host__say("driver %s has fast I/O routines, which are never called: its "
              "dispatch routines are (docs/differences.md)",
              name);
  *driver = made;
  return status;
}

unsigned uwsk_shut_down(void) {
  struct ke_call call = {.name = "uwsk_shut_down", .caller = OB_CALLER()};

  return host__may_call(call.name) ? io__shut_down(&call) : 0;
}

NTSTATUS uwsk_unload_driver(PDRIVER_OBJECT driver) {
  if (driver == NULL)
    return STATUS_INVALID_PARAMETER;
  if (!host__may_call("uwsk_unload_driver"))
    return STATUS_INVALID_DEVICE_STATE;
  if (ob__find(OB_DRIVER, driver) == NULL)
    return STATUS_INVALID_PARAMETER;
  struct ke_call call = {.name = "uwsk_unload_driver", .caller = OB_CALLER()};
  ULONG before = ke__enter_call(&call);
  ke__watch_begin();
  NTSTATUS status = io__unload_driver(driver);
  ke__watch_end();
  ke__leave_call(before);
  return status;
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
  if (!host__may_call("uwsk_unload_code") || ex__stop_workers() != 0)
    return false;
  KeFlushQueuedDpcs();
  if (code_is_in_use())
    return false;
  ob__remember_callers();
  unload(context);
  return true;
}
