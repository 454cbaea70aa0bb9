/*
 * Io: stacks of device objects, and what goes down through them. Sizes are in
 * bytes.
 *
 * Pages: ddi/wdm/nf-wdm-<name>; "Introduction to Device Objects".
 */
#ifndef UWSK_KM_IO_DEVICE_H
#define UWSK_KM_IO_DEVICE_H

#include <uwsk_io.h>

UWSK_BEGIN_C

/* ---- attaching ---------------------------------------------------------- */

/* Puts SourceDevice, which the caller has made and attached to nothing, on top
 * of the stack that TargetDevice is in. Its StackSize becomes one more than
 * that of the device below, its AlignmentRequirement and SectorSize the same;
 * DO_BUFFERED_IO and the like the driver copies itself.
 *
 * The first returns the device it now stands on, which need not be
 * TargetDevice, or NULL. The second writes it where it is asked to before any
 * request can come: STATUS_SUCCESS, or STATUS_NO_SUCH_DEVICE. They fail when
 * the device below is being deleted, or its driver unloaded. Before it deletes
 * SourceDevice the caller takes it off with IoDetachDevice. IRQL <=
 * DISPATCH_LEVEL. */
NTKERNELAPI PDEVICE_OBJECT NTAPI IoAttachDeviceToDeviceStack(
    PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice);
NTKERNELAPI NTSTATUS NTAPI IoAttachDeviceToDeviceStackSafe(
    PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice,
    PDEVICE_OBJECT *AttachedToDeviceObject);

/* The same for a device that is known by name, its own or that of a link; ended
 * by IoDetachDevice.
 * STATUS_OBJECT_NAME_NOT_FOUND, STATUS_NO_SUCH_DEVICE, STATUS_SUCCESS. IRQL
 * PASSIVE_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI IoAttachDevice(PDEVICE_OBJECT SourceDevice,
                                          PUNICODE_STRING TargetDevice,
                                          PDEVICE_OBJECT *AttachedDevice);

/* Undoes it: TargetDevice is the lower one, as the above gave it. Before
 * IoDeleteDevice of the upper one. When the lower driver is to be unloaded and
 * waits for this, it is unloaded. IRQL PASSIVE_LEVEL. */
NTKERNELAPI VOID NTAPI IoDetachDevice(PDEVICE_OBJECT TargetDevice);

/* The top of the stack, with a reference: ObDereferenceObject when done. IRQL
 * <= DISPATCH_LEVEL. */
NTKERNELAPI PDEVICE_OBJECT NTAPI
IoGetAttachedDeviceReference(PDEVICE_OBJECT DeviceObject);

/* ---- forwarding --------------------------------------------------------- */

/* Hands the IRP on to DeviceObject with a copy of the current stack location,
 * and waits until it comes back. TRUE: it is the caller's again, with the lower
 * drivers' status in IoStatus, and has to be completed. FALSE: there is no
 * location left, and nothing was sent. IRQL <= APC_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI IoForwardIrpSynchronously(PDEVICE_OBJECT DeviceObject,
                                                    PIRP Irp);
#define IoForwardAndCatchIrp IoForwardIrpSynchronously

/* ---- the system's shutdown ---------------------------------------------- */

/* The device gets an IRP_MJ_SHUTDOWN when the system is shut down (here: when
 * the host calls uwsk_shut_down); by the last-chance form after all others.
 * STATUS_SUCCESS or STATUS_INSUFFICIENT_RESOURCES. The third
 * (IoUnregisterShutdownNotification) undoes all of the device's registrations,
 * before it is deleted. IRQL PASSIVE_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI
IoRegisterShutdownNotification(PDEVICE_OBJECT DeviceObject);
NTKERNELAPI NTSTATUS NTAPI
IoRegisterLastChanceShutdownNotification(PDEVICE_OBJECT DeviceObject);
NTKERNELAPI VOID NTAPI
IoUnregisterShutdownNotification(PDEVICE_OBJECT DeviceObject);

/* ---- a driver's own memory ---------------------------------------------- */

/* Memory for a driver as such, zeroed and nonpaged, found again by an address
 * that only the caller uses. It goes with the driver object. STATUS_SUCCESS;
 * STATUS_OBJECT_NAME_COLLISION when there is one for this address;
 * STATUS_INSUFFICIENT_RESOURCES. The second returns NULL when there is none.
 * IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI IoAllocateDriverObjectExtension(
    PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress,
    ULONG DriverObjectExtensionSize, PVOID *DriverObjectExtension);
NTKERNELAPI PVOID NTAPI IoGetDriverObjectExtension(
    PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress);

/* ---- the thread's stack ------------------------------------------------- */

/* The lowest address of the calling thread's stack, and the one behind its
 * highest. IRQL any, of IoGetInitialStack <= APC_LEVEL. */
NTKERNELAPI VOID NTAPI IoGetStackLimits(PULONG_PTR LowLimit,
                                        PULONG_PTR HighLimit);
NTKERNELAPI PVOID NTAPI IoGetInitialStack(VOID);

/* ---- who may ask ----------------------------------------------------------
 */

/* For a dispatch routine: whether who sent the IRP, of IRP_MJ_DEVICE_CONTROL or
 * IRP_MJ_FILE_SYSTEM_CONTROL, may read, write or both (FILE_READ_ACCESS,
 * FILE_WRITE_ACCESS), whatever the code asks for. STATUS_SUCCESS, and always so
 * for what the kernel has sent; STATUS_ACCESS_DENIED; STATUS_INVALID_PARAMETER:
 * another IRP, other bits. Any IRQL.
 * Page: ddi/wdm/nf-wdm-iovalidatedeviceiocontrolaccess. */
NTKERNELAPI NTSTATUS NTAPI
IoValidateDeviceIoControlAccess(PIRP Irp, ULONG RequiredAccess);

UWSK_END_C

/* How many bytes of it are left. Any IRQL. */
UWSK_INLINE ULONG_PTR IoGetRemainingStackSize(VOID) {
  ULONG_PTR low, high;

  IoGetStackLimits(&low, &high);
  return (ULONG_PTR)__builtin_frame_address(0) - low;
}

#endif
