/* See sample_driver.h. */
#include "sample_driver.h"

#include <string.h>

#include <uwsk/uwsk.h>

struct sample sample;

static KSPIN_LOCK queue_lock;
static LIST_ENTRY queue;
static KEVENT came; /* something was put there */
static KTIMER timer;
static KDPC dpc;
static PIRP timed; /* the one that the timer completes */

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = information;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  return status;
}

/* ---- the queue --------------------------------------------------------- */

static PIRP irp_of(PLIST_ENTRY entry) {
  return CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry);
}

static VOID cancel(PDEVICE_OBJECT device, PIRP irp) {
  KIRQL irql;

  UNREFERENCED_PARAMETER(device);
  IoReleaseCancelSpinLock(irp->CancelIrql);
  KeAcquireSpinLock(&queue_lock, &irql);
  RemoveEntryList(&irp->Tail.Overlay.ListEntry);
  KeReleaseSpinLock(&queue_lock, irql);
  complete(irp, STATUS_CANCELLED, 0);
}

static NTSTATUS keep(PIRP irp) {
  KIRQL irql;

  IoMarkIrpPending(irp);
  KeAcquireSpinLock(&queue_lock, &irql);
  InsertTailList(&queue, &irp->Tail.Overlay.ListEntry);
  IoSetCancelRoutine(irp, cancel);
  if (__atomic_load_n(&irp->Cancel, __ATOMIC_SEQ_CST) &&
      IoSetCancelRoutine(irp, NULL) != NULL) {
    RemoveEntryList(&irp->Tail.Overlay.ListEntry);
    KeReleaseSpinLock(&queue_lock, irql);
    complete(irp, STATUS_CANCELLED, 0);
    return STATUS_PENDING;
  }
  KeReleaseSpinLock(&queue_lock, irql);
  KeSetEvent(&came, IO_NO_INCREMENT, FALSE);
  return STATUS_PENDING;
}

/* The first of the file (NULL: of any) that nobody is cancelling. */
static PIRP take(PFILE_OBJECT file) {
  PIRP found = NULL;
  KIRQL irql;

  KeAcquireSpinLock(&queue_lock, &irql);
  for (PLIST_ENTRY at = queue.Flink; at != &queue && found == NULL;) {
    PIRP irp = irp_of(at);

    at = at->Flink;
    if (file != NULL && IoGetCurrentIrpStackLocation(irp)->FileObject != file)
      continue;
    if (IoSetCancelRoutine(irp, NULL) != NULL)
      found = irp; /* else its cancel routine will take it out */
  }
  if (found != NULL)
    RemoveEntryList(&found->Tail.Overlay.ListEntry);
  KeReleaseSpinLock(&queue_lock, irql);
  return found;
}

BOOLEAN sample_complete_next(NTSTATUS status, ULONG_PTR information) {
  PIRP irp = take(NULL);

  if (irp == NULL)
    return FALSE;
  if (irp->AssociatedIrp.SystemBuffer != NULL && information != 0)
    memset(irp->AssociatedIrp.SystemBuffer, 'w', information);
  complete(irp, status, information);
  return TRUE;
}

void sample_await_next(void) {
  KeWaitForSingleObject(&came, Executive, KernelMode, FALSE, NULL);
}

void sample_wake_completer(void) {
  KeSetEvent(&came, IO_NO_INCREMENT, FALSE);
}

ULONG sample_waiting(void) {
  ULONG count = 0;
  KIRQL irql;

  KeAcquireSpinLock(&queue_lock, &irql);
  for (PLIST_ENTRY at = queue.Flink; at != &queue; at = at->Flink)
    count++;
  KeReleaseSpinLock(&queue_lock, irql);
  return count;
}

/* ---- the timer --------------------------------------------------------- */

static VOID expired(PKDPC self, PVOID context, PVOID first, PVOID second) {
  PIRP irp = timed;

  UNREFERENCED_PARAMETER(self);
  UNREFERENCED_PARAMETER(context);
  UNREFERENCED_PARAMETER(first);
  UNREFERENCED_PARAMETER(second);
  timed = NULL;
  complete(irp,
           IoGetCurrentIrpStackLocation(irp)->MajorFunction == IRP_MJ_CREATE
               ? sample.create_status
               : STATUS_SUCCESS,
           0);
}

static NTSTATUS complete_later(PIRP irp, ULONG milliseconds) {
  LARGE_INTEGER due = {.QuadPart = -10000LL * milliseconds};

  IoMarkIrpPending(irp);
  timed = irp;
  KeSetTimer(&timer, due, &dpc);
  return STATUS_PENDING;
}

/* ---- dispatch routines ------------------------------------------------- */

static void note(PIRP irp) {
  sample.irql = KeGetCurrentIrql();
  sample.location = *IoGetCurrentIrpStackLocation(irp);
  sample.file = sample.location.FileObject;
  sample.mode = irp->RequestorMode;
  sample.thread = irp->Tail.Overlay.Thread;
  sample.system_buffer = irp->AssociatedIrp.SystemBuffer;
  sample.user_buffer = irp->UserBuffer;
  sample.mdl = irp->MdlAddress;
  sample.irp_flags = irp->Flags;
  sample.synchronous = IoIsOperationSynchronous(irp);
}

static NTSTATUS create(PDEVICE_OBJECT device, PIRP irp) {
  UNICODE_STRING name;

  UNREFERENCED_PARAMETER(device);
  note(irp);
  InterlockedIncrement(&sample.creates);
  name = sample.file->FileName;
  memset(sample.file_name, 0, sizeof(sample.file_name));
  if (name.Length < sizeof(sample.file_name) && name.Length != 0)
    memcpy(sample.file_name, name.Buffer, name.Length);
  sample.create_access =
      sample.location.Parameters.Create.SecurityContext->DesiredAccess;
  if (sample.create_pends)
    return complete_later(irp, 1);
  return complete(irp, sample.create_status, FILE_OPENED);
}

static NTSTATUS cleanup(PDEVICE_OBJECT device, PIRP irp) {
  PFILE_OBJECT file = IoGetCurrentIrpStackLocation(irp)->FileObject;
  PIRP left;

  UNREFERENCED_PARAMETER(device);
  InterlockedIncrement(&sample.cleanups);
  while ((left = take(file)) != NULL)
    complete(left, STATUS_CANCELLED, 0);
  return complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS close(PDEVICE_OBJECT device, PIRP irp) {
  UNREFERENCED_PARAMETER(device);
  sample.irql = KeGetCurrentIrql();
  InterlockedIncrement(&sample.closes);
  return complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS flush(PDEVICE_OBJECT device, PIRP irp) {
  UNREFERENCED_PARAMETER(device);
  note(irp);
  InterlockedIncrement(&sample.flushes);
  return complete(irp, sample.status, 0);
}

static PVOID answer_buffer(PIRP irp) {
  if (irp->MdlAddress != NULL)
    return MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority);
  return irp->AssociatedIrp.SystemBuffer != NULL
             ? irp->AssociatedIrp.SystemBuffer
             : irp->UserBuffer;
}

static NTSTATUS reverse(PIRP irp, PIO_STACK_LOCATION location) {
  ULONG length = location->Parameters.DeviceIoControl.InputBufferLength;
  PUCHAR from =
      METHOD_FROM_CTL_CODE(
          location->Parameters.DeviceIoControl.IoControlCode) == METHOD_NEITHER
          ? location->Parameters.DeviceIoControl.Type3InputBuffer
          : irp->AssociatedIrp.SystemBuffer;
  PUCHAR to = answer_buffer(irp);
  UCHAR copy[64];

  if (length > sizeof(copy) ||
      location->Parameters.DeviceIoControl.OutputBufferLength < length)
    return complete(irp, STATUS_BUFFER_TOO_SMALL, 0);
  for (ULONG i = 0; i < length; i++)
    copy[i] = from[length - 1 - i];
  if (length != 0)
    memcpy(to, copy, length);
  return complete(irp, STATUS_SUCCESS, length);
}

static NTSTATUS control(PDEVICE_OBJECT device, PIRP irp) {
  PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
  ULONG code = location->Parameters.DeviceIoControl.IoControlCode;

  UNREFERENCED_PARAMETER(device);
  if (code != SAMPLE_WAIT) /* several threads may send these */
    note(irp);
  switch (code) {
  case SAMPLE_WAIT:
    return keep(irp);
  case SAMPLE_TIMER:
    return complete_later(irp, *(PULONG)irp->AssociatedIrp.SystemBuffer);
  case SAMPLE_READER:
  case SAMPLE_WRITER:
    return complete(irp, STATUS_SUCCESS, 0);
  default:
    break;
  }
  if ((code | 3) == SAMPLE_STATUS(3))
    return complete(irp, sample.status, sample.information);
  if ((code | 3) == SAMPLE_REVERSE(3))
    return reverse(irp, location);
  return complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

/* A read gives as many bytes 'r' as it asks for; a write takes all. */
static NTSTATUS transfer(PDEVICE_OBJECT device, PIRP irp) {
  PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
  ULONG length = location->Parameters.Read.Length;

  UNREFERENCED_PARAMETER(device);
  note(irp);
  if (location->MajorFunction == IRP_MJ_READ && sample.keeps_reads)
    return keep(irp);
  if (location->MajorFunction == IRP_MJ_READ && length != 0)
    memset(answer_buffer(irp), 'r', length);
  return complete(irp, STATUS_SUCCESS, length);
}

/* ---- life -------------------------------------------------------------- */

static UNICODE_STRING device_name = RTL_CONSTANT_STRING(SAMPLE_DEVICE);
static UNICODE_STRING link_name = RTL_CONSTANT_STRING(SAMPLE_LINK);

static VOID unload(PDRIVER_OBJECT driver) {
  IoDeleteSymbolicLink(&link_name);
  if (driver->DeviceObject != NULL)
    IoDeleteDevice(driver->DeviceObject);
}

static NTSTATUS entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
  NTSTATUS status;

  UNREFERENCED_PARAMETER(path);
  driver->DriverUnload = unload;
  driver->MajorFunction[IRP_MJ_CREATE] = create;
  driver->MajorFunction[IRP_MJ_CLEANUP] = cleanup;
  driver->MajorFunction[IRP_MJ_CLOSE] = close;
  driver->MajorFunction[IRP_MJ_FLUSH_BUFFERS] = flush;
  driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
  driver->MajorFunction[IRP_MJ_READ] = transfer;
  driver->MajorFunction[IRP_MJ_WRITE] = transfer;
  status = IoCreateDevice(driver, 0, &device_name, FILE_DEVICE_UNKNOWN, 0,
                          sample.exclusive, &sample.device);
  if (!NT_SUCCESS(status))
    return status;
  sample.device->Flags |= sample.device_flags;
  status = IoCreateSymbolicLink(&link_name, &device_name);
  if (!NT_SUCCESS(status))
    IoDeleteDevice(sample.device);
  return status;
}

void sample_reset(void) {
  memset(&sample, 0, sizeof(sample));
  KeInitializeSpinLock(&queue_lock);
  InitializeListHead(&queue);
  KeInitializeEvent(&came, SynchronizationEvent, FALSE);
  KeInitializeTimer(&timer);
  KeInitializeDpc(&dpc, expired, NULL);
}

NTSTATUS sample_load(void) {
  return uwsk_load_driver("sample", entry, &sample.driver);
}

NTSTATUS sample_unload(void) {
  return uwsk_unload_driver(sample.driver);
}
