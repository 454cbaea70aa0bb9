/*
 * Device objects. The device extension follows the object in one allocation, as
 * on NT; the ledger's record stands in front.
 */
#include <ntddk.h>

#include <stddef.h>
#include <string.h>

#include "io/io.h"
#include "io/name.h"
#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

struct device_block {
  struct ob_record record;
  LONG references; /* one until it is deleted, one for each work item */
  _Alignas(16) DEVICE_OBJECT device;
  _Alignas(16) UCHAR extension[];
};

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

static void fill_device(struct device_block *block, PDRIVER_OBJECT driver,
                        ULONG extension_size) {
  PDEVICE_OBJECT device = &block->device;

  block->references = 1;
  device->Type = IO_TYPE_DEVICE;
  device->Size = (USHORT)(sizeof(DEVICE_OBJECT) + extension_size);
  device->DriverObject = driver;
  device->Flags = DO_DEVICE_INITIALIZING;
  device->StackSize = 1;
  if (extension_size != 0)
    device->DeviceExtension = block->extension;
}

static void track(struct device_block *block, size_t bytes,
                  const void *caller) {
  block->record = (struct ob_record){.object = &block->device,
                                     .call = "IoCreateDevice",
                                     .caller = caller,
                                     .bytes = bytes,
                                     .kind = OB_DEVICE};
  ob__track(&block->record);
}

NTSTATUS IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize,
                        PUNICODE_STRING DeviceName, DEVICE_TYPE DeviceType,
                        ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                        PDEVICE_OBJECT *DeviceObject) {
  size_t bytes = offsetof(struct device_block, extension) + DeviceExtensionSize;
  struct device_block *block;
  NTSTATUS status;

  ke__require_irql(APC_LEVEL, "IoCreateDevice");
  *DeviceObject = NULL;
  block = os__alloc(bytes);
  if (block == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  fill_device(block, DriverObject, DeviceExtensionSize);
  block->device.DeviceType = DeviceType;
  block->device.Characteristics = DeviceCharacteristics;
  if (Exclusive)
    block->device.Flags |= DO_EXCLUSIVE;
  if (DeviceName != NULL && DeviceName->Length != 0) {
    status = io__enter_device_name(DeviceName, &block->device);
    if (!NT_SUCCESS(status)) {
      os__free(block);
      return status;
    }
    block->device.Flags |= DO_DEVICE_HAS_NAME;
  }
  link_device(DriverObject, &block->device);
  track(block, bytes, OB_CALLER());
  *DeviceObject = &block->device;
  return STATUS_SUCCESS;
}

static struct device_block *block_of(PDEVICE_OBJECT device) {
  return CONTAINING_RECORD(device, struct device_block, device);
}

void io__reference_device(PDEVICE_OBJECT device) {
  __atomic_fetch_add(&block_of(device)->references, 1, __ATOMIC_RELAXED);
}

void io__dereference_device(PDEVICE_OBJECT device) {
  struct device_block *block = block_of(device);

  if (__atomic_sub_fetch(&block->references, 1, __ATOMIC_ACQ_REL) == 0)
    os__free(block);
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
  io__remove_device_name(DeviceObject);
  unlink_device(DeviceObject->DriverObject, DeviceObject);
  ke__forget_timers_in(block_of(DeviceObject), record->bytes, "IoDeleteDevice");
  io__dereference_device(DeviceObject);
}
