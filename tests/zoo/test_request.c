/*
 * Mistakes of drivers that get requests: dispatch routines, completion routines
 * and completing.
 *
 * Each specimen is a driver with a device, which sends itself a request.
 */
#include <ntddk.h>

#include "zoo.h"

#define DEVICE_NAME L"\\Device\\Specimen"

static DRIVER_UNLOAD Unload;
static VOID NTAPI Unload(PDRIVER_OBJECT Driver) {
  IoDeleteDevice(Driver->DeviceObject);
}

static PDEVICE_OBJECT MakeDevice(PDRIVER_OBJECT Driver) {
  UNICODE_STRING Name = RTL_CONSTANT_STRING(DEVICE_NAME);
  PDEVICE_OBJECT Device = NULL;

  Driver->DriverUnload = Unload;
  CHECK(IoCreateDevice(Driver, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE,
                       &Device) == STATUS_SUCCESS);
  return Device;
}

static NTSTATUS Complete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information) {
  Irp->IoStatus.Status = Status;
  Irp->IoStatus.Information = Information;
  IoCompleteRequest(Irp, IO_NO_INCREMENT);
  return Status;
}

/* ---- an IRP of the driver's own -------------------------------------- */

static IO_COMPLETION_ROUTINE KeepIrp;
static NTSTATUS NTAPI KeepIrp(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  UNREFERENCED_PARAMETER(Context);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Has the routine read; all specimens complete before they return. */
static NTSTATUS Send(PDRIVER_OBJECT Driver, PDRIVER_DISPATCH Read,
                     CCHAR Locations) {
  PDEVICE_OBJECT Device = MakeDevice(Driver);
  PIRP Irp = IoAllocateIrp(Locations, FALSE);

  if (!CHECK(Device != NULL && Irp != NULL))
    return STATUS_INSUFFICIENT_RESOURCES;
  Driver->MajorFunction[IRP_MJ_READ] = Read;
  IoGetNextIrpStackLocation(Irp)->MajorFunction = IRP_MJ_READ;
  IoSetCompletionRoutine(Irp, KeepIrp, NULL, TRUE, TRUE, TRUE);
  IoCallDriver(Device, Irp);
  IoFreeIrp(Irp);
  return STATUS_SUCCESS;
}

/* A DriverEntry that sends one request to a dispatch routine. */
#define SENDS(name, read, locations)                                           \
  static DRIVER_INITIALIZE name;                                               \
  static NTSTATUS NTAPI name(PDRIVER_OBJECT Driver, PUNICODE_STRING Path) {    \
    UNREFERENCED_PARAMETER(Path);                                              \
    return Send(Driver, read, locations);                                      \
  }

/* ---- completing ------------------------------------------------------ */

static DRIVER_DISPATCH ReadOnce, ReadTwice;
static NTSTATUS NTAPI ReadOnce(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  return Complete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI ReadTwice(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  Complete(Irp, STATUS_SUCCESS, 0);
  return Complete(Irp, STATUS_SUCCESS, 0);
}

SENDS(CompletesTwice, ReadTwice, 1)
SENDS(CompletesOnce, ReadOnce, 1)

static DRIVER_DISPATCH ReadWithPending, ReadMarked;
static NTSTATUS NTAPI ReadWithPending(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  IoMarkIrpPending(Irp);
  return Complete(Irp, STATUS_PENDING, 0);
}

static NTSTATUS NTAPI ReadMarked(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  IoMarkIrpPending(Irp);
  Complete(Irp, STATUS_SUCCESS, 0);
  return STATUS_PENDING;
}

SENDS(CompletesWithPending, ReadWithPending, 1)
SENDS(CompletesWithSuccess, ReadMarked, 1)

static DRIVER_CANCEL Cancel;
static VOID NTAPI Cancel(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  IoReleaseCancelSpinLock(Irp->CancelIrql);
  Complete(Irp, STATUS_CANCELLED, 0);
}

static DRIVER_DISPATCH ReadCancelable, ReadNotCancelable;
static NTSTATUS NTAPI ReadCancelable(PDEVICE_OBJECT Device, PIRP Irp) {
  IoSetCancelRoutine(Irp, Cancel);
  return ReadMarked(Device, Irp);
}

static NTSTATUS NTAPI ReadNotCancelable(PDEVICE_OBJECT Device, PIRP Irp) {
  IoSetCancelRoutine(Irp, Cancel);
  if (IoSetCancelRoutine(Irp, NULL) == NULL)
    return STATUS_PENDING; /* the cancel routine completes it */
  return ReadMarked(Device, Irp);
}

SENDS(CompletesWithCancelRoutine, ReadCancelable, 1)
SENDS(CompletesWithoutCancelRoutine, ReadNotCancelable, 1)

/* ---- passing on ------------------------------------------------------ */

/* As if to the next lower driver: here it is the same. */
static NTSTATUS PassOn(PDEVICE_OBJECT Device, PIRP Irp,
                       PIO_COMPLETION_ROUTINE Routine) {
  Device->DriverObject->MajorFunction[IRP_MJ_WRITE] = ReadMarked;
  IoCopyCurrentIrpStackLocationToNext(Irp);
  IoGetNextIrpStackLocation(Irp)->MajorFunction = IRP_MJ_WRITE;
  IoSetCompletionRoutine(Irp, Routine, NULL, TRUE, TRUE, TRUE);
  return IoCallDriver(Device, Irp);
}

static IO_COMPLETION_ROUTINE DropMark, KeepMark;
static NTSTATUS NTAPI DropMark(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Irp);
  UNREFERENCED_PARAMETER(Context);
  return STATUS_SUCCESS;
}

static NTSTATUS NTAPI KeepMark(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context) {
  UNREFERENCED_PARAMETER(Device);
  UNREFERENCED_PARAMETER(Context);
  if (Irp->PendingReturned)
    IoMarkIrpPending(Irp);
  return STATUS_SUCCESS;
}

static DRIVER_DISPATCH ReadBelow, ReadBelowMarked;
static NTSTATUS NTAPI ReadBelow(PDEVICE_OBJECT Device, PIRP Irp) {
  return PassOn(Device, Irp, DropMark);
}

static NTSTATUS NTAPI ReadBelowMarked(PDEVICE_OBJECT Device, PIRP Irp) {
  return PassOn(Device, Irp, KeepMark);
}

SENDS(DropsThePendingMark, ReadBelow, 2)
SENDS(KeepsThePendingMark, ReadBelowMarked, 2)

/* Who made the IRP did not reckon with a lower driver. */
static DRIVER_DISPATCH ReadBelowTheLast;
static NTSTATUS NTAPI ReadBelowTheLast(PDEVICE_OBJECT Device, PIRP Irp) {
  NTSTATUS Status = IoCallDriver(Device, Irp);

  return Status == STATUS_INVALID_PARAMETER ? Complete(Irp, Status, 0) : Status;
}

SENDS(PassesOnWithoutALocation, ReadBelowTheLast, 1)
SENDS(PassesOnWithALocation, ReadBelowMarked, 2)

/* ---- the I/O manager's requests -------------------------------------- */

#define IOCTL_NAME                                                             \
  CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

static const CHAR NameOfIt[8] = "zoo-zoo";

/* Says how much there is, not how much went into the buffer. */
static DRIVER_DISPATCH ControlAll, ControlRoom;
static NTSTATUS NTAPI ControlAll(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, NameOfIt, 4);
  return Complete(Irp, STATUS_SUCCESS, sizeof(NameOfIt));
}

static NTSTATUS NTAPI ControlRoom(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, NameOfIt, 4);
  return Complete(Irp, STATUS_BUFFER_OVERFLOW, 4);
}

static PIRP BuildControl(PDRIVER_OBJECT Driver, PDRIVER_DISPATCH Routine,
                         PKEVENT Event, PIO_STATUS_BLOCK Status) {
  static CHAR Name[4];
  PDEVICE_OBJECT Device = MakeDevice(Driver);
  PIRP Irp;

  if (Device == NULL)
    return NULL;
  Driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Routine;
  KeInitializeEvent(Event, NotificationEvent, FALSE);
  Irp = IoBuildDeviceIoControlRequest(IOCTL_NAME, Device, NULL, 0, Name,
                                      sizeof(Name), FALSE, Event, Status);
  CHECK(Irp != NULL);
  return Irp;
}

static NTSTATUS Control(PDRIVER_OBJECT Driver, PDRIVER_DISPATCH Routine) {
  IO_STATUS_BLOCK Status;
  KEVENT Event;
  PIRP Irp = BuildControl(Driver, Routine, &Event, &Status);

  if (Irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  IoCallDriver(Driver->DeviceObject, Irp);
  return STATUS_SUCCESS;
}

static DRIVER_INITIALIZE AnswersMoreThanThereIsRoomFor, AnswersWhatThereIs;
static NTSTATUS NTAPI AnswersMoreThanThereIsRoomFor(PDRIVER_OBJECT Driver,
                                                    PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  return Control(Driver, ControlAll);
}

static NTSTATUS NTAPI AnswersWhatThereIs(PDRIVER_OBJECT Driver,
                                         PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  return Control(Driver, ControlRoom);
}

/* IRPs of IoBuild… are the I/O manager's. It ends them when they complete. */
static DRIVER_INITIALIZE ReusesTheManagersIrp, LeavesTheManagersIrp;
static NTSTATUS NTAPI ReusesTheManagersIrp(PDRIVER_OBJECT Driver,
                                           PUNICODE_STRING Path) {
  IO_STATUS_BLOCK Status;
  KEVENT Event;
  PIRP Irp = BuildControl(Driver, ControlRoom, &Event, &Status);

  UNREFERENCED_PARAMETER(Path);
  if (Irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  IoReuseIrp(Irp, STATUS_SUCCESS);
  IoCallDriver(Driver->DeviceObject, Irp);
  return STATUS_SUCCESS;
}

static NTSTATUS NTAPI LeavesTheManagersIrp(PDRIVER_OBJECT Driver,
                                           PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  return Control(Driver, ControlRoom);
}

/* ---- files ----------------------------------------------------------- */

static NTSTATUS Open(PDRIVER_OBJECT Driver, ACCESS_MASK Access, PHANDLE File) {
  UNICODE_STRING Name = RTL_CONSTANT_STRING(DEVICE_NAME);
  OBJECT_ATTRIBUTES Attributes;
  IO_STATUS_BLOCK Status;
  PDEVICE_OBJECT Device = MakeDevice(Driver);

  if (Device == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  Driver->MajorFunction[IRP_MJ_CREATE] = ReadOnce;
  Driver->MajorFunction[IRP_MJ_CLEANUP] = ReadOnce;
  Driver->MajorFunction[IRP_MJ_CLOSE] = ReadOnce;
  Device->Flags &= ~DO_DEVICE_INITIALIZING;
  InitializeObjectAttributes(
      &Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
  return ZwOpenFile(File, Access, &Attributes, &Status, 0,
                    FILE_SYNCHRONOUS_IO_NONALERT);
}

static NTSTATUS OpenAndClose(PDRIVER_OBJECT Driver, ACCESS_MASK Access) {
  HANDLE File;

  if (CHECK(Open(Driver, Access, &File) == STATUS_SUCCESS))
    ZwClose(File);
  return STATUS_SUCCESS;
}

static DRIVER_INITIALIZE OpensWithoutSynchronize, OpensWithSynchronize;
static NTSTATUS NTAPI OpensWithoutSynchronize(PDRIVER_OBJECT Driver,
                                              PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  return OpenAndClose(Driver, FILE_READ_DATA);
}

static NTSTATUS NTAPI OpensWithSynchronize(PDRIVER_OBJECT Driver,
                                           PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  return OpenAndClose(Driver, FILE_READ_DATA | SYNCHRONIZE);
}

/* It says that the request pends, and has not marked it. */
static DRIVER_DISPATCH FlushUnmarked;
static NTSTATUS NTAPI FlushUnmarked(PDEVICE_OBJECT Device, PIRP Irp) {
  UNREFERENCED_PARAMETER(Device);
  Complete(Irp, STATUS_SUCCESS, 0);
  return STATUS_PENDING;
}

static NTSTATUS Flush(PDRIVER_OBJECT Driver, PDRIVER_DISPATCH Routine) {
  IO_STATUS_BLOCK Status;
  HANDLE File;

  Driver->MajorFunction[IRP_MJ_FLUSH_BUFFERS] = Routine;
  if (CHECK(Open(Driver, FILE_WRITE_DATA | SYNCHRONIZE, &File) ==
            STATUS_SUCCESS)) {
    ZwFlushBuffersFile(File, &Status);
    ZwClose(File);
  }
  return STATUS_SUCCESS;
}

static DRIVER_INITIALIZE PendsWithoutAMark, PendsWithAMark;
static NTSTATUS NTAPI PendsWithoutAMark(PDRIVER_OBJECT Driver,
                                        PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  return Flush(Driver, FlushUnmarked);
}

static NTSTATUS NTAPI PendsWithAMark(PDRIVER_OBJECT Driver,
                                     PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  return Flush(Driver, ReadMarked);
}

ZOO_SPECIMENS = {
    SPECIMEN_DRIVER("IO-COMPLETE-01", CompletesTwice, CompletesOnce),
    SPECIMEN_DRIVER("IO-COMPLETE-02", CompletesWithPending,
                    CompletesWithSuccess),
    SPECIMEN_DRIVER("IO-COMPLETE-03", CompletesWithCancelRoutine,
                    CompletesWithoutCancelRoutine),
    SPECIMEN_DRIVER("IRP-15", DropsThePendingMark, KeepsThePendingMark),
    SPECIMEN_DRIVER("IRP-05", PassesOnWithoutALocation, PassesOnWithALocation),
    SPECIMEN_DRIVER("IO-INFORMATION-01", AnswersMoreThanThereIsRoomFor,
                    AnswersWhatThereIs),
    SPECIMEN_DRIVER("IO-REUSE-01", ReusesTheManagersIrp, LeavesTheManagersIrp),
    SPECIMEN_DRIVER("IO-CREATE-01", OpensWithoutSynchronize,
                    OpensWithSynchronize),
    SPECIMEN_DRIVER("IO-PENDING-01", PendsWithoutAMark, PendsWithAMark),
};
