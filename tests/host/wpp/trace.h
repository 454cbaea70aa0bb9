/* The tracing of a driver, as people write it. */
#include <evntrace.h>

#define WPP_CONTROL_GUIDS                                                      \
  WPP_DEFINE_CONTROL_GUID(                                                     \
      TracedGuid, (ed18c9c5, 8322, 48ae, bf78, d01d898a1562),                  \
      WPP_DEFINE_BIT(TRACE_DRIVER) WPP_DEFINE_BIT(TRACE_SOCKET)                \
          WPP_DEFINE_BIT(TRACE_OTHER))

#define WPP_LEVEL_FLAGS_LOGGER(level, flags) WPP_LEVEL_LOGGER(flags)
#define WPP_LEVEL_FLAGS_ENABLED(level, flags)                                  \
  (WPP_LEVEL_ENABLED(flags) && WPP_CONTROL(WPP_BIT_##flags).Level >= level)

/*
 * This block is what the preprocessor reads.
 *
 * begin_wpp config
 * FUNC Trace{FLAGS=TRACE_DRIVER}(LEVEL, MSG, ...);
 * FUNC TraceEvents(LEVEL, FLAGS, MSG, ...);
 * FUNC TraceEntry{LEVEL=TRACE_LEVEL_VERBOSE}(FLAGS);
 * FUNC TraceError{LEVEL=TRACE_LEVEL_ERROR}(FLAGS, MSG, ...);
 * FUNC KdPrint((MSG, ...));
 * USEPREFIX(TraceEntry, "%!STDPREFIX! [%!FUNC!] entered");
 * USEPREFIX (TraceError, "%!STDPREFIX!error %d: ", 7);
 * USESUFFIX (TraceError, ", line %!LINE!");
 * end_wpp
 */
