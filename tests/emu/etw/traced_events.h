/* What the two files with events share: the same in C and C++. */
#ifndef UWSK_TEST_TRACED_EVENTS_H
#define UWSK_TEST_TRACED_EVENTS_H

#include <ntddk.h>

#include <TraceLoggingProvider.h>

TRACELOGGING_DECLARE_PROVIDER(EventProvider);

EXTERN_C_START
void write_events_in_cxx(void);
EXTERN_C_END

#endif
