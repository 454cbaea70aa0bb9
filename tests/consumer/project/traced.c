/* A driver with software tracing (WPP), and an event of TraceLogging. */
#include <ntddk.h>

#include <TraceLoggingProvider.h>

#define WPP_CONTROL_GUIDS                                                      \
  WPP_DEFINE_CONTROL_GUID(TracedGuid,                                          \
                          (998bdf51, 0349, 4fbc, 870c, d6130a955a5f),          \
                          WPP_DEFINE_BIT(TRCERROR) WPP_DEFINE_BIT(TRCINFO))

/* begin_wpp config
   FUNC TracedSay{LEVEL=TRACE_LEVEL_INFORMATION}(FLAGS, MSG, ...);
   end_wpp */
#include "traced.tmh"

TRACELOGGING_DEFINE_PROVIDER(TracedProvider, "Traced",
                             (0x916fcd3e, 0x673b, 0x4610, 0xaa, 0xba, 0x0b,
                              0x71, 0xe2, 0x8a, 0xcd, 0x40));

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD TracedUnload;

static VOID TracedUnload(PDRIVER_OBJECT DriverObject) {
  TracedSay(TRCINFO, "unloads");
  TraceLoggingUnregister(TracedProvider);
  WPP_CLEANUP(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject,
                     PUNICODE_STRING RegistryPath) {
  UNREFERENCED_PARAMETER(RegistryPath);
  WPP_INIT_TRACING(DriverObject, RegistryPath);
  DoTraceMessage(TRCERROR, "%!STATUS! is only an example",
                 STATUS_CONNECTION_RESET);
  DriverObject->DriverUnload = TracedUnload;
  return TraceLoggingRegister(TracedProvider);
}
