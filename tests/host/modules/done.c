/* A driver whose work is done before DriverEntry returns. */
#include <ntddk.h>

void uwsk_driver_done(void);
unsigned uwsk_parameter(const char *name, unsigned fallback);

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  DriverObject->DriverUnload = Unload;
  DbgPrint("Answer=%u Missing=%u EchoPort=%s\n", uwsk_parameter("Answer", 1),
           uwsk_parameter("Missing", 7),
           uwsk_parameter("EchoPort", 0) != 0 ? "set" : "not set");
  uwsk_driver_done();
  return STATUS_SUCCESS;
}
