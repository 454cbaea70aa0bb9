/* A driver with software tracing. It is compiled as it is. */
#include <ntddk.h>
#include <wsk.h>

#include "trace.h"
#include "traced.tmh"

void uwsk_driver_done(void);
unsigned uwsk_parameter(const char *name, unsigned fallback);
VOID TracedMore(void);

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD Unload;

static VOID Unload(PDRIVER_OBJECT DriverObject) {
  Trace(TRACE_LEVEL_INFORMATION, "unloads %p", NULL);
  if (!uwsk_parameter("Forget", 0)) {
    WPP_CLEANUP(DriverObject);
  }
  Trace(TRACE_LEVEL_INFORMATION, "must not be said after the end");
}

static VOID TraceValues(void) {
  static const GUID Id = {
      0x12345678, 0xabcd, 0xef01, {2, 3, 4, 5, 6, 7, 8, 0xff}};
  UNICODE_STRING Name = RTL_CONSTANT_STRING(L"name");
  IN_ADDR Address = {{{127, 0, 0, 1}}};

  TraceEvents(TRACE_LEVEL_ERROR, TRACE_SOCKET, "%!STATUS! %lu %I64x %wZ %S",
              STATUS_CONNECTION_REFUSED, 17UL, 0x100000000LL, &Name, L"wide");
  TraceEvents(TRACE_LEVEL_WARNING, TRACE_SOCKET, "%!IPADDR!:%!PORT! %!GUID!",
              Address.s_addr, RtlUshortByteSwap(80), &Id);
  Trace(TRACE_LEVEL_VERBOSE, "%!FUNC! %!FILE! %!LEVEL! %!bool! %!irql! %!s!%%",
        TRUE, DISPATCH_LEVEL, "text");
  TraceEvents(TRACE_LEVEL_ERROR, TRACE_OTHER, "%!Unknown! %!HANDLE!", 3,
              (HANDLE)16);
}

/* Asks whether a message is heard while tracing is switched on. */
static KSTART_ROUTINE AskMeanwhile;
static VOID AskMeanwhile(PVOID Context) {
  UNREFERENCED_PARAMETER(Context);
  TraceEvents(MAXUCHAR, TRACE_OTHER, "may be said");
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Path) {
  Trace(TRACE_LEVEL_ERROR, "must not be said before the start");
  HANDLE Thread = NULL;
  (void)PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                             AskMeanwhile, NULL);
  WPP_INIT_TRACING(DriverObject, Path);
  if (Thread != NULL) {
    ZwWaitForSingleObject(Thread, FALSE, NULL);
    ZwClose(Thread);
  }
  TraceEntry(TRACE_DRIVER);
  DoTraceMessage(TRACE_SOCKET, "a plain message\n");
  KdPrint(("in brackets %d", 1));
  if (Path->Length == 0)
    TraceError(TRACE_DRIVER, "must not be said, %d", 0);
  else
    TraceError(TRACE_DRIVER, "something %s", "went wrong");
  TraceValues();
  TracedMore();
  DriverObject->DriverUnload = Unload;
  uwsk_driver_done();
  return STATUS_SUCCESS;
}
