/*
 * IRPs that the I/O manager makes and finishes itself: when one reaches the top
 * it writes the status block, sets the event and frees the IRP with whatever it
 * had allocated for it (irp_complete.c, finish_threaded).
 *
 * IoBuildAsynchronousFsdRequest is the exception: its IRP is the driver's own.
 */
#include <ntddk.h>

#include <string.h>

#include "io/io.h"
#include "ke/ke.h"

#define TAG_BUFFER 0x20206F49 /* 'Io  ' */

void io__abandon_irp(PIRP irp) {
  if (irp->AssociatedIrp.SystemBuffer != NULL)
    ExFreePoolWithTag(irp->AssociatedIrp.SystemBuffer, TAG_BUFFER);
  io__release_irp(irp);
}

static PIRP abandon(PIRP irp) {
  io__abandon_irp(irp);
  return NULL;
}

/* ---- the three ways a buffer travels ----------------------------------- */

/* A copy in nonpaged pool, of a size for both directions. How much of it the
 * caller has room for stands where nobody else keeps anything: these IRPs have
 * no APC. */
static NTSTATUS use_copy(PIRP irp, const void *input, ULONG input_length,
                         PVOID output, ULONG output_length) {
  ULONG size = input_length > output_length ? input_length : output_length;
  PVOID buffer;

  irp->UserBuffer = output;
  irp->Overlay.AsynchronousParameters.UserApcContext =
      (PVOID)(ULONG_PTR)output_length;
  if (size == 0)
    return STATUS_SUCCESS;
  buffer = ExAllocatePoolZero(NonPagedPoolNx, size, TAG_BUFFER);
  if (buffer == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  if (input != NULL)
    memcpy(buffer, input, input_length);
  irp->AssociatedIrp.SystemBuffer = buffer;
  irp->Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER;
  if (output != NULL)
    irp->Flags |= IRP_INPUT_OPERATION;
  return STATUS_SUCCESS;
}

/* The pages themselves, locked. */
static NTSTATUS use_pages(PIRP irp, PVOID buffer, ULONG length,
                          LOCK_OPERATION operation) {
  PMDL mdl;

  if (buffer == NULL || length == 0)
    return STATUS_SUCCESS;
  mdl = IoAllocateMdl(buffer, length, FALSE, FALSE, irp);
  if (mdl == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  __try {
    MmProbeAndLockPages(mdl, KernelMode, operation);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    irp->MdlAddress = NULL;
    IoFreeMdl(mdl);
    return GetExceptionCode();
  }
  return STATUS_SUCCESS;
}

/* ---- reads, writes and the like ---------------------------------------- */

static NTSTATUS use_device_buffer(PIRP irp, PDEVICE_OBJECT device, PVOID buffer,
                                  ULONG length, bool read) {
  if (device->Flags & DO_BUFFERED_IO)
    return read ? use_copy(irp, NULL, 0, buffer, length)
                : use_copy(irp, buffer, length, NULL, 0);
  if (device->Flags & DO_DIRECT_IO)
    return use_pages(irp, buffer, length, read ? IoWriteAccess : IoReadAccess);
  irp->UserBuffer = buffer;
  return STATUS_SUCCESS;
}

NTSTATUS io__fill_transfer(PIRP irp, PDEVICE_OBJECT device, PVOID buffer,
                           ULONG length, PLARGE_INTEGER offset) {
  PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
  bool read = next->MajorFunction == IRP_MJ_READ;

  if (!read && next->MajorFunction != IRP_MJ_WRITE)
    return STATUS_SUCCESS;
  /* Reads and writes have the same parameters in the same places. */
  next->Parameters.Read.Length = length;
  if (offset != NULL)
    next->Parameters.Read.ByteOffset = *offset;
  irp->Flags |= read ? IRP_READ_OPERATION : IRP_WRITE_OPERATION;
  irp->Flags |= IRP_DEFER_IO_COMPLETION;
  return use_device_buffer(irp, device, buffer, length, read);
}

PIRP IoBuildAsynchronousFsdRequest(ULONG MajorFunction,
                                   PDEVICE_OBJECT DeviceObject, PVOID Buffer,
                                   ULONG Length, PLARGE_INTEGER StartingOffset,
                                   PIO_STATUS_BLOCK IoStatusBlock) {
  ke__within_irql(APC_LEVEL, "IoBuildAsynchronousFsdRequest");
  PIRP irp = io__allocate_irp(DeviceObject->StackSize,
                              "IoBuildAsynchronousFsdRequest", OB_CALLER());

  if (irp == NULL)
    return NULL;
  IoGetNextIrpStackLocation(irp)->MajorFunction = (UCHAR)MajorFunction;
  irp->UserIosb = IoStatusBlock;
  irp->Tail.Overlay.Thread = PsGetCurrentThread();
  if (!NT_SUCCESS(
          io__fill_transfer(irp, DeviceObject, Buffer, Length, StartingOffset)))
    return abandon(irp);
  return irp;
}

PIRP IoBuildSynchronousFsdRequest(ULONG MajorFunction,
                                  PDEVICE_OBJECT DeviceObject, PVOID Buffer,
                                  ULONG Length, PLARGE_INTEGER StartingOffset,
                                  PKEVENT Event,
                                  PIO_STATUS_BLOCK IoStatusBlock) {
  ke__within_irql(APC_LEVEL, "IoBuildSynchronousFsdRequest");
  PIRP irp =
      IoBuildAsynchronousFsdRequest(MajorFunction, DeviceObject, Buffer, Length,
                                    StartingOffset, IoStatusBlock);

  if (irp == NULL)
    return NULL;
  irp->UserEvent = Event;
  irp->AllocationFlags |= IO_IRP_THREADED;
  return irp;
}

/* ---- device control ---------------------------------------------------- */

NTSTATUS io__fill_control(PIRP irp, const struct io_control *control) {
  PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);
  ULONG method = METHOD_FROM_CTL_CODE(control->code);
  NTSTATUS status = STATUS_SUCCESS;

  next->Parameters.DeviceIoControl.IoControlCode = control->code;
  next->Parameters.DeviceIoControl.InputBufferLength = control->input_length;
  next->Parameters.DeviceIoControl.OutputBufferLength = control->output_length;
  switch (method) {
  case METHOD_BUFFERED:
    return use_copy(irp, control->input, control->input_length, control->output,
                    control->output_length);
  case METHOD_IN_DIRECT:
  case METHOD_OUT_DIRECT:
    if (control->input != NULL)
      status = use_copy(irp, control->input, control->input_length, NULL, 0);
    if (!NT_SUCCESS(status))
      return status;
    return use_pages(irp, control->output, control->output_length,
                     method == METHOD_IN_DIRECT ? IoReadAccess : IoWriteAccess);
  default:
    next->Parameters.DeviceIoControl.Type3InputBuffer = control->input;
    irp->UserBuffer = control->output;
    return STATUS_SUCCESS;
  }
}

PIRP IoBuildDeviceIoControlRequest(ULONG IoControlCode,
                                   PDEVICE_OBJECT DeviceObject,
                                   PVOID InputBuffer, ULONG InputBufferLength,
                                   PVOID OutputBuffer, ULONG OutputBufferLength,
                                   BOOLEAN InternalDeviceIoControl,
                                   PKEVENT Event,
                                   PIO_STATUS_BLOCK IoStatusBlock) {
  ke__within_irql(APC_LEVEL, "IoBuildDeviceIoControlRequest");
  const struct io_control control = {IoControlCode, InputBuffer,
                                     InputBufferLength, OutputBuffer,
                                     OutputBufferLength};
  PIRP irp = io__allocate_irp(DeviceObject->StackSize,
                              "IoBuildDeviceIoControlRequest", OB_CALLER());

  if (irp == NULL)
    return NULL;
  IoGetNextIrpStackLocation(irp)->MajorFunction =
      InternalDeviceIoControl ? IRP_MJ_INTERNAL_DEVICE_CONTROL
                              : IRP_MJ_DEVICE_CONTROL;
  irp->UserIosb = IoStatusBlock;
  irp->UserEvent = Event;
  irp->Tail.Overlay.Thread = PsGetCurrentThread();
  if (!NT_SUCCESS(io__fill_control(irp, &control)))
    return abandon(irp);
  irp->AllocationFlags |= IO_IRP_THREADED;
  return irp;
}
