/* A provider of events, and events of it in C++. */
#include "traced_events.h"

TRACELOGGING_DEFINE_PROVIDER(EventProvider, "Test.Provider",
                             (0x916fcd3e, 0x673b, 0x4610, 0xaa, 0xba, 0x0b,
                              0x71, 0xe2, 0x8a, 0xcd, 0x40),
                             TraceLoggingOptionMicrosoftTelemetry());

static int asked;

static int ask() {
  return ++asked;
}

extern "C" void write_events_in_cxx(void) {
  const GUID id = {0x12345678, 0xabcd, 0xef01, {2, 3, 4, 5, 6, 7, 8, 9}};
  bool yes = true;
  PVOID pointer = reinterpret_cast<PVOID>(16);

  TraceLoggingWrite(
      EventProvider, "Cxx", TraceLoggingLevel(4), TraceLoggingValue(ask()),
      TraceLoggingValue(yes, "yes"), TraceLoggingValue(L"wide", "w"),
      TraceLoggingValue("narrow", "n", "a description"),
      TraceLoggingValue((UCHAR)200, "byte"), TraceLoggingValue(-1LL, "wide"),
      TraceLoggingValue(0.5, "half"), TraceLoggingValue(id),
      TraceLoggingValue(pointer), TraceLoggingUInt32(7u, "again"));
  TraceLoggingWrite(EventProvider, "Asked", TraceLoggingValue(asked));
}
