/*
 * doorbell: a driver with a device of two requests. One waits for the bell, and
 * can be cancelled; the other rings it.
 */
#include <ntddk.h>

#include "doorbell.h"

static PIRP Waiting; /* under the cancel spin lock */

static NTSTATUS Complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information) {
  Irp->IoStatus.Status = Status;
  Irp->IoStatus.Information = Information;
  IoCompleteRequest(Irp, IO_NO_INCREMENT);
  return Status;
}

static VOID Cancel(PDEVICE_OBJECT Device, PIRP Irp) {
  Waiting = NULL;
  IoReleaseCancelSpinLock(Irp->CancelIrql);
  Complete(Irp, STATUS_CANCELLED, 0);
}

static NTSTATUS Wait(PIRP Irp) {
  NTSTATUS Status = STATUS_PENDING;
  KIRQL Irql;

  IoAcquireCancelSpinLock(&Irql);
  if (Irp->Cancel || Waiting != NULL) {
    Status = Irp->Cancel ? STATUS_CANCELLED : STATUS_DEVICE_BUSY;
  } else {
    IoMarkIrpPending(Irp);
    IoSetCancelRoutine(Irp, Cancel);
    Waiting = Irp;
  }
  IoReleaseCancelSpinLock(Irql);
  return Status == STATUS_PENDING ? Status : Complete(Irp, Status, 0);
}

/* Completes the request that waits, if there is one, with this number. */
static NTSTATUS Answer(NTSTATUS Status, ULONG Number) {
  KIRQL Irql;
  PIRP Irp;

  IoAcquireCancelSpinLock(&Irql);
  Irp = Waiting;
  Waiting = NULL;
  if (Irp != NULL)
    IoSetCancelRoutine(Irp, NULL);
  IoReleaseCancelSpinLock(Irql);
  if (Irp == NULL)
    return STATUS_NOT_FOUND;
  *(PULONG)Irp->AssociatedIrp.SystemBuffer = Number;
  Complete(Irp, Status, NT_SUCCESS(Status) ? sizeof(ULONG) : 0);
  return STATUS_SUCCESS;
}

static NTSTATUS DeviceControl(PDEVICE_OBJECT Device, PIRP Irp) {
  PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
  ULONG In = Stack->Parameters.DeviceIoControl.InputBufferLength;
  ULONG Out = Stack->Parameters.DeviceIoControl.OutputBufferLength;
  PULONG Number = Irp->AssociatedIrp.SystemBuffer;

  switch (Stack->Parameters.DeviceIoControl.IoControlCode) {
  case IOCTL_DOORBELL_WAIT:
    if (Out < sizeof(*Number))
      return Complete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    return Wait(Irp);
  case IOCTL_DOORBELL_RING:
    if (In != sizeof(*Number))
      return Complete(Irp, STATUS_INVALID_PARAMETER, 0);
    return Complete(Irp, Answer(STATUS_SUCCESS, *Number), 0);
  default:
    return Complete(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
  }
}

static NTSTATUS CreateClose(PDEVICE_OBJECT Device, PIRP Irp) {
  return Complete(Irp, STATUS_SUCCESS, 0);
}

/* The last handle is closed: nobody waits any more. The device is exclusive. */
static NTSTATUS Cleanup(PDEVICE_OBJECT Device, PIRP Irp) {
  Answer(STATUS_CANCELLED, 0);
  return Complete(Irp, STATUS_SUCCESS, 0);
}

static UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\Doorbell");
static UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\DosDevices\\Doorbell");

static VOID Unload(PDRIVER_OBJECT Driver) {
  IoDeleteSymbolicLink(&Link);
  IoDeleteDevice(Driver->DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING RegistryPath) {
  PDEVICE_OBJECT Device;
  NTSTATUS Status = IoCreateDevice(Driver, 0, &Name, FILE_DEVICE_UNKNOWN,
                                   FILE_DEVICE_SECURE_OPEN, TRUE, &Device);

  if (!NT_SUCCESS(Status))
    return Status;
  Status = IoCreateSymbolicLink(&Link, &Name);
  if (!NT_SUCCESS(Status)) {
    IoDeleteDevice(Device);
    return Status;
  }
  Driver->MajorFunction[IRP_MJ_CREATE] = CreateClose;
  Driver->MajorFunction[IRP_MJ_CLOSE] = CreateClose;
  Driver->MajorFunction[IRP_MJ_CLEANUP] = Cleanup;
  Driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = DeviceControl;
  Driver->DriverUnload = Unload;
  return STATUS_SUCCESS;
}
