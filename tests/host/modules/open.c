/* Opens its own device and leaves it open: it cannot be unloaded. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static DRIVER_DISPATCH Create;
void uwsk_driver_done(void);

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  DbgPrint("open must not unload\n");
  IoDeleteDevice(DriverObject->DeviceObject);
}

static NTSTATUS Create(PDEVICE_OBJECT DeviceObject, PIRP Irp) {
  UNREFERENCED_PARAMETER(DeviceObject);
  Irp->IoStatus.Status = STATUS_SUCCESS;
  IoCompleteRequest(Irp, IO_NO_INCREMENT);
  return STATUS_SUCCESS;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\Open");
  OBJECT_ATTRIBUTES Attributes;
  IO_STATUS_BLOCK Iosb;
  PDEVICE_OBJECT Device;
  HANDLE Handle;
  NTSTATUS Status = IoCreateDevice(DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN,
                                   0, FALSE, &Device);

  UNREFERENCED_PARAMETER(Path);
  if (!NT_SUCCESS(Status))
    return Status;
  DriverObject->DriverUnload = Unload;
  DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
  Device->Flags &= ~DO_DEVICE_INITIALIZING;
  InitializeObjectAttributes(&Attributes, &Name, OBJ_KERNEL_HANDLE, NULL, NULL);
  uwsk_driver_done();
  return ZwOpenFile(&Handle, FILE_READ_DATA, &Attributes, &Iosb, 0, 0);
}
