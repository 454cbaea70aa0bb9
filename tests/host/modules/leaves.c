/* A driver that leaves one thing of each kind behind. */
#include <ntddk.h>
#include <wsk.h>

void uwsk_driver_done(void);

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;
static KSTART_ROUTINE WaitForever;

static const WSK_CLIENT_DISPATCH ClientDispatch = {MAKE_WSK_VERSION(1, 0), 0,
                                                   NULL};
static WSK_REGISTRATION Registration;
static KEVENT Never;
static CHAR Page[PAGE_SIZE];

static VOID WaitForever(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
  PsTerminateSystemThread(STATUS_SUCCESS);
}

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
}

static NTSTATUS LeaveKernelObjects(PDRIVER_OBJECT DriverObject) {
  PDEVICE_OBJECT Device;
  HANDLE Thread;
  PMDL Mdl = IoAllocateMdl(Page, sizeof(Page), FALSE, FALSE, NULL);

  if (Mdl == NULL || IoAllocateIrp(1, FALSE) == NULL ||
      ExAllocatePoolWithTag(NonPagedPool, 100, 'tfeL') == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  MmProbeAndLockPages(Mdl, KernelMode, IoModifyAccess);
  KeInitializeEvent(&Never, NotificationEvent, FALSE);
  IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);
  return PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                              WaitForever, NULL);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  WSK_CLIENT_NPI Client = {NULL, &ClientDispatch};
  WSK_PROVIDER_NPI Wsk;
  NTSTATUS Status = WskRegister(&Client, &Registration);

  UNREFERENCED_PARAMETER(Path);
  if (NT_SUCCESS(Status))
    Status = WskCaptureProviderNPI(&Registration, WSK_NO_WAIT, &Wsk);
  if (NT_SUCCESS(Status))
    Status = LeaveKernelObjects(DriverObject);
  DriverObject->DriverUnload = Unload;
  uwsk_driver_done();
  return Status;
}
