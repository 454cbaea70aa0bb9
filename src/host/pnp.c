/* Device interfaces of the host's (uwsk/pnp.h). */
#include <ntddk.h>

#include "host/runtime.h"
#include "io/pnp.h"
#include "uwsk/pnp.h"

NTSTATUS uwsk_announce_interface(const GUID *interface_class,
                                 const char *instance) {
  if (interface_class == NULL || instance == NULL)
    return STATUS_INVALID_PARAMETER;
  if (!host__may_call("uwsk_announce_interface"))
    return STATUS_INVALID_DEVICE_STATE;
  return io__announce_interface(interface_class, instance);
}

NTSTATUS uwsk_withdraw_interface(const GUID *interface_class,
                                 const char *instance) {
  if (interface_class == NULL || instance == NULL)
    return STATUS_INVALID_PARAMETER;
  if (!host__may_call("uwsk_withdraw_interface"))
    return STATUS_INVALID_DEVICE_STATE;
  return io__withdraw_interface(interface_class, instance);
}
