/* Attaches to the device of lower.c and cannot be unloaded. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

static PDEVICE_OBJECT Lower;

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\UwskLower");
  PDEVICE_OBJECT Device;
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(Path);
  Status = IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE,
                          &Device);
  return NT_SUCCESS(Status) ? IoAttachDevice(Device, &Name, &Lower) : Status;
}
