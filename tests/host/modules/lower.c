/* A driver with a named device, which answers a request with 42. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static DRIVER_DISPATCH Answer;

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  DbgPrint("lower unloads\n");
  IoDeleteDevice(DriverObject->DeviceObject);
}

static NTSTATUS Answer(PDEVICE_OBJECT DeviceObject, PIRP Irp) {
  UNREFERENCED_PARAMETER(DeviceObject);
  Irp->IoStatus.Status = STATUS_SUCCESS;
  Irp->IoStatus.Information = 42;
  IoCompleteRequest(Irp, IO_NO_INCREMENT);
  return STATUS_SUCCESS;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\UwskLower");
  PDEVICE_OBJECT Device;

  UNREFERENCED_PARAMETER(Path);
  DriverObject->DriverUnload = Unload;
  DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Answer;
  return IoCreateDevice(DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE,
                        &Device);
}
