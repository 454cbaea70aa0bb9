/* Makes a device, a link and a timer, and then fails without undoing it. */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;

static KTIMER Timer;

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\FailsLate");
  UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\DosDevices\\FailsLate");
  LARGE_INTEGER Due = {.QuadPart = -600000000};
  PDEVICE_OBJECT Device;

  UNREFERENCED_PARAMETER(Path);
  IoCreateDevice(DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE,
                 &Device);
  IoCreateSymbolicLink(&Link, &Name);
  KeInitializeTimer(&Timer);
  KeSetTimer(&Timer, Due, NULL);
  return STATUS_UNSUCCESSFUL;
}
