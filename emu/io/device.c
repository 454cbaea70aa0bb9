/*
 * Device objects. The device extension follows the object in one allocation, as
 * on NT; what the I/O manager adds stands elsewhere, so that a memory checker
 * sees where the device extension ends.
 */
#include "io/device.h"

#include "io/file.h"
#include "io/io.h"
#include "io/name.h"
#include "ke/ke.h"
#include "ob/object.h"
#include "os/os.h"
#include "verifier/report.h"

/* A line of the processor's cache, less one: the alignment of new devices. */
#define ALIGNMENT 63

static struct os_spin lock; /* over the device list of every driver */

static void link_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT device) {
  os__spin_lock(&lock);
  device->NextDevice = driver->DeviceObject;
  driver->DeviceObject = device;
  os__spin_unlock(&lock);
}

static void unlink_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT device) {
  PDEVICE_OBJECT *link = &driver->DeviceObject;

  os__spin_lock(&lock);
  while (*link != NULL && *link != device)
    link = &(*link)->NextDevice;
  if (*link != NULL)
    *link = device->NextDevice;
  os__spin_unlock(&lock);
}

struct io_device *io__device(PDEVICE_OBJECT device) {
  return CONTAINING_RECORD(device->DeviceObjectExtension, struct io_device,
                           visible);
}

void io__reference_device(PDEVICE_OBJECT device) {
  ObfReferenceObject(device);
}

void io__dereference_device(PDEVICE_OBJECT device) {
  ObfDereferenceObject(device);
}

/* ---- making ------------------------------------------------------------ */

/* A driver object that is not of our making has no references. */
static void hold_driver(PDRIVER_OBJECT driver) {
  if (driver->DriverSection != NULL)
    ObfReferenceObject(driver);
}

static void release_driver(PDRIVER_OBJECT driver) {
  if (driver->DriverSection != NULL)
    ObfDereferenceObject(driver);
}

/* The last reference has gone. */
static VOID free_device(PVOID object) {
  PDEVICE_OBJECT device = object;

  ob__untrack(&io__device(device)->record);
  os__free(io__device(device));
  release_driver(device->DriverObject);
}

static struct _OBJECT_TYPE device_type = {.Name = "Device",
                                          .Delete = free_device};

static void fill_device(PDEVICE_OBJECT device, PDRIVER_OBJECT driver,
                        ULONG extension_size) {
  device->Type = IO_TYPE_DEVICE;
  device->Size = (USHORT)(sizeof(DEVICE_OBJECT) + extension_size);
  device->DriverObject = driver;
  device->Flags = DO_DEVICE_INITIALIZING;
  device->StackSize = 1;
  device->AlignmentRequirement = ALIGNMENT;
  if (extension_size != 0)
    device->DeviceExtension = device + 1;
}

static void track(PDEVICE_OBJECT device, enum ob_kind kind, const char *call,
                  const void *caller, size_t bytes) {
  io__device(device)->record = (struct ob_record){.object = device,
                                                  .call = call,
                                                  .caller = caller,
                                                  .bytes = bytes,
                                                  .kind = kind};
  ob__track(&io__device(device)->record);
}

static PDEVICE_OBJECT allocate(PDRIVER_OBJECT driver, ULONG extension_size) {
  struct io_device *extension = os__alloc(sizeof(*extension));
  PDEVICE_OBJECT device;

  if (extension == NULL)
    return NULL;
  device =
      ob__create_object(&device_type, sizeof(DEVICE_OBJECT) + extension_size);
  if (device == NULL) {
    os__free(extension);
    return NULL;
  }
  extension->visible =
      (DEVOBJ_EXTENSION){.Type = IO_TYPE_DEVICE_OBJECT_EXTENSION,
                         .Size = sizeof(DEVOBJ_EXTENSION),
                         .DeviceObject = device};
  device->DeviceObjectExtension = &extension->visible;
  fill_device(device, driver, extension_size);
  hold_driver(driver);
  return device;
}

static NTSTATUS name_device(PDEVICE_OBJECT device, PUNICODE_STRING name) {
  NTSTATUS status;

  if (name == NULL || name->Length == 0)
    return STATUS_SUCCESS;
  status = io__enter_device_name(name, device);
  if (NT_SUCCESS(status))
    device->Flags |= DO_DEVICE_HAS_NAME;
  return status;
}

NTSTATUS IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize,
                        PUNICODE_STRING DeviceName, DEVICE_TYPE DeviceType,
                        ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                        PDEVICE_OBJECT *DeviceObject) {
  PDEVICE_OBJECT device;
  NTSTATUS status;

  ke__require_irql(APC_LEVEL, "IoCreateDevice");
  *DeviceObject = NULL;
  device = allocate(DriverObject, DeviceExtensionSize);
  if (device == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  device->DeviceType = DeviceType;
  device->Characteristics = DeviceCharacteristics;
  if (Exclusive)
    device->Flags |= DO_EXCLUSIVE;
  status = name_device(device, DeviceName);
  if (!NT_SUCCESS(status)) {
    ObfDereferenceObject(device);
    return status;
  }
  link_device(DriverObject, device);
  track(device, OB_DEVICE, "IoCreateDevice", OB_CALLER(),
        sizeof(DEVICE_OBJECT) + DeviceExtensionSize);
  *DeviceObject = device;
  return STATUS_SUCCESS;
}

/* ---- all of a driver's ------------------------------------------------- */

bool io__is_in_use(PDRIVER_OBJECT driver) {
  bool in_use = false;

  os__spin_lock(&lock);
  for (PDEVICE_OBJECT device = driver->DeviceObject; device != NULL;
       device = device->NextDevice)
    in_use = in_use || io__has_attached(device);
  os__spin_unlock(&lock);
  return in_use || io__count_files(driver) != 0;
}

void io__ready_devices(PDRIVER_OBJECT driver) {
  os__spin_lock(&lock);
  for (PDEVICE_OBJECT device = driver->DeviceObject; device != NULL;
       device = device->NextDevice)
    device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
  os__spin_unlock(&lock);
}

/* ---- deleting ---------------------------------------------------------- */

/* Until its last reference goes the ledger knows it as what it now is. */
static void begin_to_go(PDEVICE_OBJECT device, const struct ob_record *was) {
  const char *call = was->call;
  const void *caller = was->caller;
  size_t bytes = was->bytes;

  ke__forget_timers_in(device, bytes, "IoDeleteDevice");
  ke__forget_dpcs_in(device, bytes, "IoDeleteDevice");
  track(device, OB_DELETED_DEVICE, call, caller, bytes);
  ObfDereferenceObject(device);
}

VOID IoDeleteDevice(PDEVICE_OBJECT DeviceObject) {
  struct ob_record *record = ob__claim(OB_DEVICE, DeviceObject);

  ke__require_irql(APC_LEVEL, "IoDeleteDevice");
  if (record == NULL) {
    vf__report_on(
        VF_IO_DEVICE_01, DeviceObject,
        "IoDeleteDevice was called for %p, which is no device object%s",
        (void *)DeviceObject,
        ob__was_alive(OB_DEVICE, DeviceObject) ? " any more" : "");
    return;
  }
  io__leave_shutdown(DeviceObject);
  io__leave_interfaces(DeviceObject);
  io__leave_stack(DeviceObject);
  io__remove_device_name(DeviceObject);
  unlink_device(DeviceObject->DriverObject, DeviceObject);
  begin_to_go(DeviceObject, record);
}
