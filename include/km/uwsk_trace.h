/*
 * What the macros of WPP and TraceLogging call: a message of the driver's own
 * becomes a line of uwsk's trace.
 *
 * Not for drivers: they include their .tmh files (docs/porting.md, "Tracing")
 * and <TraceLoggingProvider.h>. Any IRQL, if not said otherwise. Nothing is
 * printed unless the trace is on (UWSK_TRACE) or UWSK_WPP in the environment
 * asks for it: UWSK_WPP=level, or UWSK_WPP=level,flags.
 */
#ifndef UWSK_KM_TRACE_H
#define UWSK_KM_TRACE_H

#include <ntdef.h>

UWSK_BEGIN_C

/* ---- WPP --------------------------------------------------------------- */

/* One per module: what is enabled. Zero until WPP_INIT_TRACING. */
struct uwsk_wpp_control {
  UCHAR Level;
  ULONG Flags[4]; /* a bit for each WPP_DEFINE_BIT */
};

/* WPP_INIT_TRACING and WPP_CLEANUP; PASSIVE_LEVEL. In between the module counts
 * as something that is left behind. */
VOID uwsk_wpp_start(struct uwsk_wpp_control *Control);
VOID uwsk_wpp_stop(struct uwsk_wpp_control *Control);

/* Where a message comes from. */
struct uwsk_wpp_site {
  const char *Function, *File;
  ULONG Line;
};

/* Prints a message; Level is 0 when it has none. The format is Windows' (of
 * DbgPrint), with WPP's own conversions %!STATUS!, %!FUNC! and the like. */
VOID uwsk_wpp_message(const struct uwsk_wpp_site *Site, ULONG Level,
                      PCSTR Format, ...);

/* ---- TraceLogging ------------------------------------------------------ */

struct uwsk_tlg_provider {
  const char *Name;
  GUID Id;
  LONG Registered;
};

/* STATUS_SUCCESS; STATUS_NO_MEMORY. PASSIVE_LEVEL, as the other. */
NTSTATUS uwsk_tlg_register(struct uwsk_tlg_provider *Provider);
VOID uwsk_tlg_unregister(struct uwsk_tlg_provider *Provider);

/* Whether somebody listens to an event of that level. */
BOOLEAN uwsk_tlg_enabled(const struct uwsk_tlg_provider *Provider, UCHAR Level,
                         ULONGLONG Keyword);

/* How a field is passed and printed. Integers of all sizes take 64 bits. */
enum uwsk_tlg_kind {
  UWSK_TLG_END,
  UWSK_TLG_LEVEL, /* no field: number */
  UWSK_TLG_SKIP,  /* no field: number */
  UWSK_TLG_INT,   /* name, number; so are the next */
  UWSK_TLG_UINT,
  UWSK_TLG_HEX,
  UWSK_TLG_BOOL,
  UWSK_TLG_STATUS,
  UWSK_TLG_CHAR,
  UWSK_TLG_IPV4,
  UWSK_TLG_PORT,
  UWSK_TLG_FLOAT,   /* name, double */
  UWSK_TLG_POINTER, /* name, pointer; so are the next */
  UWSK_TLG_STRING,
  UWSK_TLG_WIDE,
  UWSK_TLG_ANSI_STRING,
  UWSK_TLG_UNICODE_STRING,
  UWSK_TLG_GUID,
  UWSK_TLG_IPV6,
  UWSK_TLG_COUNTED, /* name, pointer, number; so are the next */
  UWSK_TLG_COUNTED_WIDE,
  UWSK_TLG_BINARY,
  UWSK_TLG_STRUCT /* name, number of fields */
};

/* Prints an event: fields as above, and UWSK_TLG_END. */
VOID uwsk_tlg_write(const struct uwsk_tlg_provider *Provider, PCSTR Event, ...);

UWSK_END_C

#endif
