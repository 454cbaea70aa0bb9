/*
 * Io: device interfaces, and notification of their coming and going.
 *
 * Pages: ddi/wdm/nf-wdm-<name>; "Using PnP Device Interface Change
 * Notification". Everything here is called at IRQL PASSIVE_LEVEL. There is no
 * PnP manager: nothing enumerates devices or sends IRP_MJ_PNP. The GUIDs of
 * events are in <wdmguid.h>.
 */
#ifndef UWSK_KM_PNP_H
#define UWSK_KM_PNP_H

#include <guiddef.h>
#include <uwsk_io_types.h>

typedef enum _IO_NOTIFICATION_EVENT_CATEGORY {
  EventCategoryReserved,
  EventCategoryHardwareProfileChange,
  EventCategoryDeviceInterfaceChange,
  EventCategoryTargetDeviceChange,
  EventCategoryKernelSoftRestart
} IO_NOTIFICATION_EVENT_CATEGORY;

#define PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES 0x00000001
#define DEVICE_INTERFACE_INCLUDE_NONACTIVE                     0x00000001

/* What every notification begins with. */
typedef struct _PLUGPLAY_NOTIFICATION_HEADER {
  USHORT Version; /* 1 */
  USHORT Size;
  GUID Event;
} PLUGPLAY_NOTIFICATION_HEADER, *PPLUGPLAY_NOTIFICATION_HEADER;

/* Event is GUID_DEVICE_INTERFACE_ARRIVAL or _REMOVAL. The string lasts for the
 * call. */
typedef struct _DEVICE_INTERFACE_CHANGE_NOTIFICATION {
  USHORT Version;
  USHORT Size;
  GUID Event;
  GUID InterfaceClassGuid;
  PUNICODE_STRING SymbolicLinkName;
} DEVICE_INTERFACE_CHANGE_NOTIFICATION, *PDEVICE_INTERFACE_CHANGE_NOTIFICATION;

typedef struct _HWPROFILE_CHANGE_NOTIFICATION {
  USHORT Version;
  USHORT Size;
  GUID Event;
} HWPROFILE_CHANGE_NOTIFICATION, *PHWPROFILE_CHANGE_NOTIFICATION;

typedef struct _TARGET_DEVICE_REMOVAL_NOTIFICATION {
  USHORT Version;
  USHORT Size;
  GUID Event;
  PFILE_OBJECT FileObject;
} TARGET_DEVICE_REMOVAL_NOTIFICATION, *PTARGET_DEVICE_REMOVAL_NOTIFICATION;

/* At PASSIVE_LEVEL, on a thread of the system's. Must not wait for long. */
typedef NTSTATUS NTAPI DRIVER_NOTIFICATION_CALLBACK_ROUTINE(
    PVOID NotificationStructure, PVOID Context);
typedef DRIVER_NOTIFICATION_CALLBACK_ROUTINE
    *PDRIVER_NOTIFICATION_CALLBACK_ROUTINE;

UWSK_BEGIN_C

/* ---- interfaces --------------------------------------------------------- */

/* Registers that the device has an interface of this class; it is disabled
 * until IoSetDeviceInterfaceState. Any device at the bottom of its stack counts
 * as a PDO. ReferenceString, or NULL, tells several of one class apart.
 *
 * SymbolicLinkName is the name of it, for RtlFreeUnicodeString; while the
 * interface is enabled the name leads to the device. STATUS_SUCCESS;
 * STATUS_OBJECT_NAME_EXISTS, a success, when it was registered before;
 * STATUS_INVALID_DEVICE_REQUEST for what is no PDO or a ReferenceString with a
 * slash or backslash; STATUS_INSUFFICIENT_RESOURCES. It goes with the device.
 */
NTKERNELAPI NTSTATUS NTAPI IoRegisterDeviceInterface(
    PDEVICE_OBJECT PhysicalDeviceObject, CONST GUID *InterfaceClassGuid,
    PUNICODE_STRING ReferenceString, PUNICODE_STRING SymbolicLinkName);

/* Who is registered for its class is told, soon. STATUS_SUCCESS; when it is
 * enabled already, STATUS_OBJECT_NAME_EXISTS, a success; when it is to be
 * disabled and is not enabled, or is not known, STATUS_OBJECT_NAME_NOT_FOUND;
 * STATUS_INSUFFICIENT_RESOURCES. */
NTKERNELAPI NTSTATUS NTAPI
IoSetDeviceInterfaceState(PUNICODE_STRING SymbolicLinkName, BOOLEAN Enable);

/* The names of the enabled interfaces of a class (Flags
 * DEVICE_INTERFACE_INCLUDE_NONACTIVE: of all), of one device or (NULL) of all,
 * one after the other, each with its 0, and one more 0; for ExFreePool.
 * STATUS_SUCCESS, also for an empty list; STATUS_INVALID_DEVICE_REQUEST;
 * STATUS_INSUFFICIENT_RESOURCES. */
NTKERNELAPI NTSTATUS NTAPI IoGetDeviceInterfaces(
    CONST GUID *InterfaceClassGuid, PDEVICE_OBJECT PhysicalDeviceObject,
    ULONG Flags, PWSTR *SymbolicLinkList);

/* ---- notification ------------------------------------------------------- */

/* Registers a routine for a category of events. For device interfaces
 * EventCategoryData is the class's GUID; with
 * PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES the routine is called
 * for those that are enabled before this returns. An interface that arrives
 * meanwhile may be told twice.
 *
 * STATUS_SUCCESS, with *NotificationEntry for the functions below, one of which
 * (IoUnregisterPlugPlayNotification, or its Ex form) the caller owes;
 * STATUS_INSUFFICIENT_RESOURCES. For hardware profiles, with which nothing ever
 * happens, EventCategoryData is NULL; else STATUS_INVALID_PARAMETER. For target
 * devices and other categories STATUS_NOT_SUPPORTED. */
NTKERNELAPI NTSTATUS NTAPI IoRegisterPlugPlayNotification(
    IO_NOTIFICATION_EVENT_CATEGORY EventCategory, ULONG EventCategoryFlags,
    PVOID EventCategoryData, PDRIVER_OBJECT DriverObject,
    PDRIVER_NOTIFICATION_CALLBACK_ROUTINE CallbackRoutine, PVOID Context,
    PVOID *NotificationEntry);

/* Undoes it, before the driver goes. The Ex form waits for the routine when
 * that runs on another thread; the other, obsolete, does not. STATUS_SUCCESS,
 * or STATUS_INVALID_PARAMETER for what is no registration. */
NTKERNELAPI NTSTATUS NTAPI
IoUnregisterPlugPlayNotificationEx(PVOID NotificationEntry);
NTKERNELAPI NTSTATUS NTAPI
IoUnregisterPlugPlayNotification(PVOID NotificationEntry);

UWSK_END_C

#endif
