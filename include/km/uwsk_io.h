/*
 * Io: IRPs, completion, cancellation, devices. Sizes and lengths are in bytes.
 *
 * Pages: ddi/wdm/nf-wdm-<name in lower case>.
 */
#ifndef UWSK_KM_IO_H
#define UWSK_KM_IO_H

#include <devioctl.h>
#include <uwsk_io_types.h>

UWSK_BEGIN_C

/* ---- IRPs --------------------------------------------------------------- */

/* An IRP with StackSize locations, zeroed and initialised, or NULL. The caller
 * frees it with IoFreeIrp, usually in its completion routine, which then
 * returns STATUS_MORE_PROCESSING_REQUIRED. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI PIRP NTAPI IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota);
NTKERNELAPI VOID NTAPI IoFreeIrp(PIRP Irp);

/* Initialises the caller's own memory of PacketSize bytes, at least
 * IoSizeOfIrp(StackSize). Not for an IRP of IoAllocateIrp. */
NTKERNELAPI VOID NTAPI IoInitializeIrp(PIRP Irp, USHORT PacketSize,
                                       CCHAR StackSize);

/* Makes a completed IRP new again, with this status; completion routines are
 * forgotten. */
NTKERNELAPI VOID NTAPI IoReuseIrp(PIRP Irp, NTSTATUS Status);

/* Undoes IoInitializeIrp before the caller's memory goes. */
NTKERNELAPI VOID NTAPI IoCleanupIrp(PIRP Irp);

/* Completes the IRP with the status in IoStatus: runs the completion routines
 * upwards. After the call the IRP must not be touched. IRQL <= DISPATCH_LEVEL.
 */
NTKERNELAPI VOID FASTCALL IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost);
#define IoCompleteRequest(Irp, PriorityBoost)                                  \
  IofCompleteRequest(Irp, PriorityBoost)

/* Hands the IRP to the device's driver and returns what its dispatch routine
 * returned. */
NTKERNELAPI NTSTATUS FASTCALL IofCallDriver(PDEVICE_OBJECT DeviceObject,
                                            PIRP Irp);
#define IoCallDriver(DeviceObject, Irp) IofCallDriver(DeviceObject, Irp)

/* As IoSetCompletionRoutine, with the driver's device held until the routine
 * has returned. STATUS_SUCCESS or STATUS_INSUFFICIENT_RESOURCES. */
NTKERNELAPI NTSTATUS NTAPI IoSetCompletionRoutineEx(
    PDEVICE_OBJECT DeviceObject, PIRP Irp,
    PIO_COMPLETION_ROUTINE CompletionRoutine, PVOID Context,
    BOOLEAN InvokeOnSuccess, BOOLEAN InvokeOnError, BOOLEAN InvokeOnCancel);

/* IRPs for another driver's device, or NULL (no memory, or memory that cannot
 * be locked). The I/O manager finishes and frees those of the first two: it
 * writes the status block and sets the event. Wait for it when IoCallDriver
 * returns STATUS_PENDING. The third one's IRP the caller frees, as any of its
 * own, with MDL and system buffer. IRQL PASSIVE_LEVEL (the third <= APC_LEVEL).
 */
NTKERNELAPI PIRP NTAPI IoBuildDeviceIoControlRequest(
    ULONG IoControlCode, PDEVICE_OBJECT DeviceObject, PVOID InputBuffer,
    ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength,
    BOOLEAN InternalDeviceIoControl, PKEVENT Event,
    PIO_STATUS_BLOCK IoStatusBlock);
NTKERNELAPI PIRP NTAPI IoBuildSynchronousFsdRequest(
    ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer,
    ULONG Length, PLARGE_INTEGER StartingOffset, PKEVENT Event,
    PIO_STATUS_BLOCK IoStatusBlock);
NTKERNELAPI PIRP NTAPI IoBuildAsynchronousFsdRequest(
    ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer,
    ULONG Length, PLARGE_INTEGER StartingOffset,
    PIO_STATUS_BLOCK IoStatusBlock);

/* ---- cancellation ------------------------------------------------------- */

/* Marks the IRP cancelled and calls its cancel routine, if there is one: TRUE
 * then. The IRP is not complete yet when this returns. IRQL <=
 * DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI IoCancelIrp(PIRP Irp);

/* The lock a cancel routine is entered with and must release. IRQL <=
 * DISPATCH_LEVEL, to release it DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI IoAcquireCancelSpinLock(PKIRQL Irql);
NTKERNELAPI VOID NTAPI IoReleaseCancelSpinLock(KIRQL Irql);

/* ---- MDLs --------------------------------------------------------------- */

/* An MDL for the buffer, or NULL. With an IRP it is put there (SecondaryBuffer
 * FALSE) or at the end of the IRP's chain. Frees with IoFreeMdl, which unmaps
 * but does not unlock. Length is at most 4 GB minus a page. IRQL <=
 * DISPATCH_LEVEL. */
NTKERNELAPI PMDL NTAPI IoAllocateMdl(PVOID VirtualAddress, ULONG Length,
                                     BOOLEAN SecondaryBuffer,
                                     BOOLEAN ChargeQuota, PIRP Irp);
NTKERNELAPI VOID NTAPI IoFreeMdl(PMDL Mdl);

/* TargetMdl, which is large enough, then describes Length bytes of SourceMdl
 * from VirtualAddress on (0: to the end). IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl,
                                         PVOID VirtualAddress, ULONG Length);

/* ---- devices ------------------------------------------------------------ */

/* IRQL <= APC_LEVEL, of links PASSIVE_LEVEL. The device belongs to the
 * driver, which deletes it (IoDeleteDevice), as it does its links
 * (IoDeleteSymbolicLink); its extension is zeroed. */
NTKERNELAPI NTSTATUS NTAPI IoCreateDevice(
    PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize,
    PUNICODE_STRING DeviceName, ULONG DeviceType, ULONG DeviceCharacteristics,
    BOOLEAN Exclusive, PDEVICE_OBJECT *DeviceObject);
NTKERNELAPI VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT DeviceObject);
NTKERNELAPI NTSTATUS NTAPI IoCreateSymbolicLink(
    PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName);
NTKERNELAPI NTSTATUS NTAPI
IoDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName);

/* The System process: there is no other. Any IRQL. */
NTKERNELAPI PEPROCESS NTAPI IoGetCurrentProcess(VOID);

UWSK_END_C

/* ---- stack locations ---------------------------------------------------- */

UWSK_INLINE PIO_STACK_LOCATION IoGetCurrentIrpStackLocation(PIRP Irp) {
  return Irp->Tail.Overlay.CurrentStackLocation;
}

UWSK_INLINE PIO_STACK_LOCATION IoGetNextIrpStackLocation(PIRP Irp) {
  return Irp->Tail.Overlay.CurrentStackLocation - 1;
}

UWSK_INLINE VOID IoSetNextIrpStackLocation(PIRP Irp) {
  Irp->CurrentLocation--;
  Irp->Tail.Overlay.CurrentStackLocation--;
}

UWSK_INLINE VOID IoSkipCurrentIrpStackLocation(PIRP Irp) {
  Irp->CurrentLocation++;
  Irp->Tail.Overlay.CurrentStackLocation++;
}

UWSK_INLINE VOID IoCopyCurrentIrpStackLocationToNext(PIRP Irp) {
  PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(Irp);
  __builtin_memcpy(next, IoGetCurrentIrpStackLocation(Irp),
                   offsetof(IO_STACK_LOCATION, CompletionRoutine));
  next->Control = 0;
}

UWSK_INLINE VOID IoMarkIrpPending(PIRP Irp) {
  IoGetCurrentIrpStackLocation(Irp)->Control |= SL_PENDING_RETURNED;
}

/* Writes the next lower location, so it stands for whoever gets the IRP next.
 */
UWSK_INLINE VOID IoSetCompletionRoutine(
    PIRP Irp, PIO_COMPLETION_ROUTINE CompletionRoutine, PVOID Context,
    BOOLEAN InvokeOnSuccess, BOOLEAN InvokeOnError, BOOLEAN InvokeOnCancel) {
  PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(Irp);
  next->CompletionRoutine = CompletionRoutine;
  next->Context = Context;
  next->Control = 0;
  if (InvokeOnSuccess)
    next->Control = SL_INVOKE_ON_SUCCESS;
  if (InvokeOnError)
    next->Control |= SL_INVOKE_ON_ERROR;
  if (InvokeOnCancel)
    next->Control |= SL_INVOKE_ON_CANCEL;
}

/* Returns the cancel routine that was set before, NULL if IoCancelIrp took it.
 */
UWSK_INLINE PDRIVER_CANCEL IoSetCancelRoutine(PIRP Irp,
                                              PDRIVER_CANCEL CancelRoutine) {
  return __atomic_exchange_n(&Irp->CancelRoutine, CancelRoutine,
                             __ATOMIC_SEQ_CST);
}

UWSK_INLINE BOOLEAN IoIsErrorUserInduced_(NTSTATUS Status) {
  return Status == STATUS_VERIFY_REQUIRED ||
         Status == STATUS_DEVICE_NOT_READY || Status == STATUS_IO_TIMEOUT ||
         Status == STATUS_MEDIA_WRITE_PROTECTED ||
         Status == STATUS_NO_MEDIA_IN_DEVICE ||
         Status == STATUS_UNRECOGNIZED_MEDIA || Status == STATUS_WRONG_VOLUME;
}
#define IoIsErrorUserInduced(Status) IoIsErrorUserInduced_(Status)

#endif
