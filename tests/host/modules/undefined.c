/* A driver that calls what nobody has: the module must be refused when it is
 * loaded, not crash at the call. */
#include <ntddk.h>

NTSTATUS NobodyExportsThis(VOID);

DRIVER_INITIALIZE DriverEntry;

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(DriverObject);
  UNREFERENCED_PARAMETER(Path);
  return NobodyExportsThis();
}
