/* A driver that never says that it is done and sends a signal to its own
 * process: SIGTERM, or the parameter Signal; with the parameter Twice, again
 * while it is unloaded, where it then hangs. */
#include <ntddk.h>

void SendSignal(unsigned Number);
unsigned uwsk_parameter(const char *name, unsigned fallback);

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  KEVENT Never;

  UNREFERENCED_PARAMETER(DriverObject);
  DbgPrint("interrupts unloads\n");
  if (uwsk_parameter("Twice", 0) == 0)
    return;
  SendSignal(uwsk_parameter("Signal", 15));
  KeInitializeEvent(&Never, NotificationEvent, FALSE);
  KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  UNREFERENCED_PARAMETER(Path);
  DriverObject->DriverUnload = Unload;
  SendSignal(uwsk_parameter("Signal", 15));
  return STATUS_SUCCESS;
}
