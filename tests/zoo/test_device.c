/*
 * Mistakes with device objects, stacks of them, and what else a driver has to
 * undo before it goes.
 */
#include <ntddk.h>

#include "zoo.h"

#define LINK_NAME L"\\DosDevices\\Specimen"

static PDEVICE_OBJECT NewDevice(PDRIVER_OBJECT Driver) {
  PDEVICE_OBJECT Device = NULL;

  CHECK(IoCreateDevice(Driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE,
                       &Device) == STATUS_SUCCESS);
  return Device;
}

static DRIVER_UNLOAD UnloadNothing, UnloadDevices;
static VOID NTAPI UnloadNothing(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
}

static VOID NTAPI UnloadDevices(PDRIVER_OBJECT Driver) {
  while (Driver->DeviceObject != NULL)
    IoDeleteDevice(Driver->DeviceObject);
}

/* A DriverEntry whose driver has the devices Low and High and the given
 * DriverUnload. */
static PDEVICE_OBJECT Low, High;

#define DRIVER_ENTRY(name, body, unload)                                       \
  static DRIVER_INITIALIZE name;                                               \
  static NTSTATUS NTAPI name(PDRIVER_OBJECT Driver, PUNICODE_STRING Path) {    \
    UNREFERENCED_PARAMETER(Path);                                              \
    Driver->DriverUnload = unload;                                             \
    Low = NewDevice(Driver);                                                   \
    High = NewDevice(Driver);                                                  \
    if (Low == NULL || High == NULL)                                           \
      return STATUS_INSUFFICIENT_RESOURCES;                                    \
    body(Driver);                                                              \
    return STATUS_SUCCESS;                                                     \
  }

static VOID DoNothing(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
}

/* ---- devices --------------------------------------------------------- */

static VOID DeleteTwice(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  IoDeleteDevice(High);
  IoDeleteDevice(High);
}

static VOID DeleteOnce(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  IoDeleteDevice(High);
}

DRIVER_ENTRY(DeletesADeviceTwice, DeleteTwice, UnloadDevices)
DRIVER_ENTRY(DeletesADeviceOnce, DeleteOnce, UnloadDevices)
DRIVER_ENTRY(LeavesItsDevices, DoNothing, UnloadNothing)
DRIVER_ENTRY(DeletesItsDevices, DoNothing, UnloadDevices)

/* ---- symbolic links -------------------------------------------------- */

static DRIVER_UNLOAD UnloadLink;
static VOID NTAPI UnloadLink(PDRIVER_OBJECT Driver) {
  UNICODE_STRING Link = RTL_CONSTANT_STRING(LINK_NAME);

  IoDeleteSymbolicLink(&Link);
  UnloadDevices(Driver);
}

static VOID MakeLink(PDRIVER_OBJECT Driver) {
  UNICODE_STRING Link = RTL_CONSTANT_STRING(LINK_NAME);
  UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\Specimen");

  UNREFERENCED_PARAMETER(Driver);
  CHECK(IoCreateSymbolicLink(&Link, &Name) == STATUS_SUCCESS);
}

DRIVER_ENTRY(LeavesItsLink, MakeLink, UnloadDevices)
DRIVER_ENTRY(DeletesItsLink, MakeLink, UnloadLink)

/* ---- stacks ---------------------------------------------------------- */

static VOID AttachOnce(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  CHECK(IoAttachDeviceToDeviceStack(High, Low) == Low);
  IoDetachDevice(Low);
}

/* The device is added a second time, and the first is forgotten. */
static VOID AttachTwice(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  CHECK(IoAttachDeviceToDeviceStack(High, Low) == Low);
  CHECK(IoAttachDeviceToDeviceStack(High, Low) == NULL);
  IoDetachDevice(Low);
}

/* It detaches its own device, not the one that this is attached to. */
static VOID DetachOwn(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  CHECK(IoAttachDeviceToDeviceStack(High, Low) == Low);
  IoDetachDevice(High);
  IoDetachDevice(Low);
}

static VOID DeleteAttached(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  CHECK(IoAttachDeviceToDeviceStack(High, Low) == Low);
  IoDeleteDevice(High);
}

static VOID DeleteDetached(PDRIVER_OBJECT Driver) {
  AttachOnce(Driver);
  IoDeleteDevice(High);
}

DRIVER_ENTRY(AttachesTwice, AttachTwice, UnloadDevices)
DRIVER_ENTRY(AttachesOnce, AttachOnce, UnloadDevices)
DRIVER_ENTRY(DetachesItsOwnDevice, DetachOwn, UnloadDevices)
DRIVER_ENTRY(DetachesTheDeviceBelow, AttachOnce, UnloadDevices)
DRIVER_ENTRY(DeletesWhatIsAttached, DeleteAttached, UnloadDevices)
DRIVER_ENTRY(DetachesBeforeItDeletes, DeleteDetached, UnloadDevices)

/* ---- registrations --------------------------------------------------- */

static VOID RegisterShutdown(PDRIVER_OBJECT Driver) {
  UNREFERENCED_PARAMETER(Driver);
  CHECK(IoRegisterShutdownNotification(High) == STATUS_SUCCESS);
}

static DRIVER_UNLOAD UnloadShutdown;
static VOID NTAPI UnloadShutdown(PDRIVER_OBJECT Driver) {
  IoUnregisterShutdownNotification(High);
  UnloadDevices(Driver);
}

DRIVER_ENTRY(LeavesItsShutdown, RegisterShutdown, UnloadDevices)
DRIVER_ENTRY(UnregistersItsShutdown, RegisterShutdown, UnloadShutdown)

static PVOID Notification;

static DRIVER_NOTIFICATION_CALLBACK_ROUTINE Arrived;
static NTSTATUS NTAPI Arrived(PVOID Structure, PVOID Context) {
  UNREFERENCED_PARAMETER(Structure);
  UNREFERENCED_PARAMETER(Context);
  return STATUS_SUCCESS;
}

static VOID RegisterPnp(PDRIVER_OBJECT Driver) {
  static GUID Interface = {0x5ec1, 0x3e4, 0x2, {1}};

  CHECK(IoRegisterPlugPlayNotification(EventCategoryDeviceInterfaceChange, 0,
                                       &Interface, Driver, Arrived, NULL,
                                       &Notification) == STATUS_SUCCESS);
}

static DRIVER_UNLOAD UnloadPnp, UnloadPnpTwice;
static VOID NTAPI UnloadPnp(PDRIVER_OBJECT Driver) {
  IoUnregisterPlugPlayNotificationEx(Notification);
  UnloadDevices(Driver);
}

static VOID NTAPI UnloadPnpTwice(PDRIVER_OBJECT Driver) {
  IoUnregisterPlugPlayNotificationEx(Notification);
  UnloadPnp(Driver);
}

DRIVER_ENTRY(LeavesItsPnpNotification, RegisterPnp, UnloadDevices)
DRIVER_ENTRY(RemovesItsPnpNotification, RegisterPnp, UnloadPnp)
DRIVER_ENTRY(RemovesItsPnpNotificationTwice, RegisterPnp, UnloadPnpTwice)
DRIVER_ENTRY(RemovesItsPnpNotificationOnce, RegisterPnp, UnloadPnp)

ZOO_SPECIMENS = {
    SPECIMEN_DRIVER("IO-DEVICE-01", DeletesADeviceTwice, DeletesADeviceOnce),
    SPECIMEN_DRIVER("IO-UNLOAD-01", LeavesItsDevices, DeletesItsDevices),
    SPECIMEN_DRIVER("IO-UNLOAD-02", LeavesItsLink, DeletesItsLink),
    SPECIMEN_DRIVER("IO-ATTACH-01", AttachesTwice, AttachesOnce),
    SPECIMEN_DRIVER("IO-ATTACH-02", DetachesItsOwnDevice,
                    DetachesTheDeviceBelow),
    SPECIMEN_DRIVER("IO-ATTACH-03", DeletesWhatIsAttached,
                    DetachesBeforeItDeletes),
    SPECIMEN_DRIVER("IO-SHUTDOWN-01", LeavesItsShutdown,
                    UnregistersItsShutdown),
    SPECIMEN_DRIVER("IO-PNP-01", LeavesItsPnpNotification,
                    RemovesItsPnpNotification),
    SPECIMEN_DRIVER("IO-PNP-02", RemovesItsPnpNotificationTwice,
                    RemovesItsPnpNotificationOnce),
};
