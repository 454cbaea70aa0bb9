/*
 * uwsk/pnp.h: device interfaces that come and go with no driver behind them.
 */
#ifndef UWSK_PNP_H
#define UWSK_PNP_H

#include <uwsk/uwsk.h>

#ifdef __cplusplus
extern "C" {
#endif

struct _GUID;

/*
 * Announces an interface of the class, as when a device is plugged in: drivers
 * that are registered for it by IoRegisterPlugPlayNotification are told, soon,
 * on a thread of the system's. `instance`, plain text, tells several apart and
 * becomes a part of the name. The name leads to no device; to have one, load a
 * driver that calls IoRegisterDeviceInterface.
 *
 * STATUS_SUCCESS; STATUS_OBJECT_NAME_EXISTS, a success, when it was announced
 * already; STATUS_INVALID_PARAMETER for a NULL; STATUS_INSUFFICIENT_RESOURCES;
 * STATUS_INVALID_DEVICE_STATE when the runtime is not running, or in a callback
 * or at a raised IRQL. uwsk_stop forgets all of them.
 */
uwsk_ntstatus uwsk_announce_interface(const struct _GUID *interface_class,
                                      const char *instance);

/* It is gone. STATUS_OBJECT_NAME_NOT_FOUND when it was not there; else as
 * above. */
uwsk_ntstatus uwsk_withdraw_interface(const struct _GUID *interface_class,
                                      const char *instance);

#ifdef __cplusplus
}
#endif

#endif
