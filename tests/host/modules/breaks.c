/* A driver that breaks a rule and leaves nothing behind. */
#include <ntddk.h>

void uwsk_driver_done(void);

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                     PUNICODE_STRING RegistryPath) {
  PIRP Irp = IoAllocateIrp(1, FALSE);

  UNREFERENCED_PARAMETER(RegistryPath);
  if (Irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  IoFreeIrp(Irp);
  IoFreeIrp(Irp);
  DbgPrint("the rule is broken\n");
  DriverObject->DriverUnload = Unload;
  uwsk_driver_done();
  return STATUS_SUCCESS;
}
