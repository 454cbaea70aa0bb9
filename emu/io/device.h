/*
 * What the I/O manager knows of a device beside the device object itself: the
 * extension that DEVICE_OBJECT.DeviceObjectExtension leads to.
 *
 * A device object is an object with references (emu/ob): one until it is
 * deleted, one of each device attached to it, of each work item that is queued,
 * of each driver that asked for one. Its memory stays as long.
 */
#ifndef UWSK_IO_DEVICE_H
#define UWSK_IO_DEVICE_H

#include <ntddk.h>
#include <stdbool.h>

#include "ob/track.h"

struct io_device {
  DEVOBJ_EXTENSION visible;
  PDEVICE_OBJECT attached_to; /* stack.c, under its lock */
  bool deleted;               /* under the same */
  struct ob_record record;
};

struct io_device *io__device(PDEVICE_OBJECT device);

/* What IoCreateDevice is given, and whose call it is. */
struct io_new_device {
  PDRIVER_OBJECT driver;
  ULONG extension_size;
  PCUNICODE_STRING name; /* may be NULL */
  DEVICE_TYPE type;
  ULONG characteristics;
  BOOLEAN exclusive;
  const char *call; /* for the ledger */
  const void *caller;
};

NTSTATUS io__create_device(const struct io_new_device *wanted,
                           PDEVICE_OBJECT *device);

/* Whether another device is attached to it. */
bool io__has_attached(PDEVICE_OBJECT device);

/* The device is being deleted (stack.c): nothing attaches to it any more, and
 * it stands upon nothing. */
void io__leave_stack(PDEVICE_OBJECT device);

/* And it gets no IRP_MJ_SHUTDOWN (shutdown.c), and its interfaces go, which is
 * told to whoever wants to know (interface.c). */
void io__leave_shutdown(PDEVICE_OBJECT device);
void io__leave_interfaces(PDEVICE_OBJECT device);

#endif
