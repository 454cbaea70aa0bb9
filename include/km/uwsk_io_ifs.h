/*
 * Io: what ntifs.h has of device stacks beside wdm.h.
 *
 * Pages: ddi/ntifs/nf-ntifs-<name>.
 */
#ifndef UWSK_KM_IO_IFS_H
#define UWSK_KM_IO_IFS_H

#include <uwsk_io_types.h>

UWSK_BEGIN_C

/* The top of the stack, without a reference: nobody may attach or detach
 * meanwhile. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI PDEVICE_OBJECT NTAPI
IoGetAttachedDevice(PDEVICE_OBJECT DeviceObject);

/* The next lower device of the stack and its lowest one, with a reference:
 * ObDereferenceObject when done. The first is NULL at the bottom, and when the
 * lower device is being deleted. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI PDEVICE_OBJECT NTAPI
IoGetLowerDeviceObject(PDEVICE_OBJECT DeviceObject);
NTKERNELAPI PDEVICE_OBJECT NTAPI
IoGetDeviceAttachmentBaseRef(PDEVICE_OBJECT DeviceObject);

UWSK_END_C

#endif
