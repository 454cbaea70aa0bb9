/* A driver whose thread waits for work for ever, as it may. With the parameter
 * Entry or Unload that routine of the driver's waits for ever, too. */
#include <ntddk.h>

unsigned uwsk_parameter(const char *name, unsigned fallback);

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static KSTART_ROUTINE Work;

static KEVENT Wanted;
static PVOID Worker;

static VOID Wait(PVOID Object) {
  KeWaitForSingleObject(Object, Executive, KernelMode, FALSE, NULL);
}

static VOID Work(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  Wait(&Wanted);
  PsTerminateSystemThread(STATUS_SUCCESS);
}

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
  if (uwsk_parameter("Unload", 0) == 0)
    KeSetEvent(&Wanted, IO_NO_INCREMENT, FALSE);
  Wait(Worker);
  ObDereferenceObject(Worker);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  HANDLE Handle;
  NTSTATUS Status;

  UNREFERENCED_PARAMETER(Path);
  DriverObject->DriverUnload = Unload;
  KeInitializeEvent(&Wanted, NotificationEvent, FALSE);
  if (uwsk_parameter("Entry", 0) != 0)
    Wait(&Wanted);
  Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                                Work, NULL);
  if (!NT_SUCCESS(Status))
    return Status;
  ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, *PsThreadType,
                            KernelMode, &Worker, NULL);
  ZwClose(Handle);
  return STATUS_SUCCESS;
}
