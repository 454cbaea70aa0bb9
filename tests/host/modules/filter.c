/* Stands on the device of lower.c, passes requests on, and sends one to its own
 * stack. */
#include <ntddk.h>

void uwsk_driver_done(void);

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static DRIVER_DISPATCH PassOn;

static PDEVICE_OBJECT Lower;

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  IoDetachDevice(Lower);
  IoDeleteDevice(DriverObject->DeviceObject);
}

static NTSTATUS PassOn(PDEVICE_OBJECT DeviceObject, PIRP Irp) {
  UNREFERENCED_PARAMETER(DeviceObject);
  IoSkipCurrentIrpStackLocation(Irp);
  return IoCallDriver(Lower, Irp);
}

static VOID AskStack(PDEVICE_OBJECT DeviceObject) {
  IO_STATUS_BLOCK Result = {{0}, 0};
  KEVENT Done;
  PIRP Irp;

  KeInitializeEvent(&Done, NotificationEvent, FALSE);
  Irp = IoBuildDeviceIoControlRequest(0, DeviceObject, NULL, 0, NULL, 0, FALSE,
                                      &Done, &Result);
  if (Irp != NULL && IoCallDriver(DeviceObject, Irp) == STATUS_PENDING)
    KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);
  DbgPrint("filter: the lower driver answered %Iu\n", Result.Information);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\UwskLower");
  PDEVICE_OBJECT Device;
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(Path);
  DriverObject->DriverUnload = Unload;
  DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = PassOn;
  Status = IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE,
                          &Device);
  if (!NT_SUCCESS(Status))
    return Status;
  Status = IoAttachDevice(Device, &Name, &Lower);
  if (!NT_SUCCESS(Status)) {
    IoDeleteDevice(Device);
    return Status;
  }
  AskStack(Device);
  uwsk_driver_done();
  return STATUS_SUCCESS;
}
