/* Says when it is loaded and unloaded; does nothing else. Built twice. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
  DbgPrint(MODULE_NAME " unloads\n");
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  DriverObject->DriverUnload = Unload;
  DbgPrint(MODULE_NAME " loads as %wZ from %wZ\n", &DriverObject->DriverName,
           Path);
  return STATUS_SUCCESS;
}
