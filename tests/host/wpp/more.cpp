/* A second file of the driver, in C++, with the same tracing. */
#include <ntddk.h>

#include "trace.h"

#include "more.tmh"

extern "C" VOID TracedMore() {
  auto Say = [](int Number) {
    TraceEvents(TRACE_LEVEL_INFORMATION, TRACE_OTHER, "number %d", Number);
  };
  Say(42);
}
