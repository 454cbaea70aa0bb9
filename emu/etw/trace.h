/*
 * The trace: one point per event, one predictable branch each when it is off.
 *
 * Whatever is to be printed, drawn or checked about the course of a run hangs
 * off these. A line shows thread, IRQL, IRP, status name and bytes:
 *
 *     [1 PASSIVE ] -> WskSend          socket 0x55… irp 0x55… 64 bytes
 *     [1 DISPATCH]  * completed        irp 0x55… STATUS_SUCCESS 64
 *     [1 PASSIVE ] <- WskSend          irp 0x55… STATUS_PENDING
 *
 * What drivers say by WPP and TraceLogging has lines too (message.c, event.c).
 */
#ifndef UWSK_ETW_TRACE_H
#define UWSK_ETW_TRACE_H

#include <ntddk.h>
#include <stdbool.h>

extern bool etw__enabled;

void etw__start(bool enabled);

/* Use these macros, not the functions: arguments cost nothing when off. */
#define ETW_CALL(name, object, irp, ...)                                       \
  (__builtin_expect(etw__enabled, 0)                                           \
       ? etw__call((name), (object), (irp), __VA_ARGS__)                       \
       : (void)0)
#define ETW_RETURN(name, irp, status)                                          \
  (__builtin_expect(etw__enabled, 0) ? etw__return((name), (irp), (status))    \
                                     : (void)0)
#define ETW_COMPLETED(irp, status, information)                                \
  (__builtin_expect(etw__enabled, 0)                                           \
       ? etw__completed((irp), (status), (information))                        \
       : (void)0)
#define ETW_CALLBACK(name, object, context)                                    \
  (__builtin_expect(etw__enabled, 0)                                           \
       ? etw__callback((name), (object), (context))                            \
       : (void)0)
#define ETW_STATE(object, what, from, to)                                      \
  (__builtin_expect(etw__enabled, 0)                                           \
       ? etw__state((object), (what), (from), (to))                            \
       : (void)0)

/* A client calls a function. `format` (printf, "" for none) adds arguments. */
void etw__call(const char *name, const void *object, const void *irp,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
void etw__return(const char *name, const void *irp, NTSTATUS status);
/* An IRP is completed: just before its completion routines run. */
void etw__completed(const void *irp, NTSTATUS status, ULONG_PTR information);
/* Client code is about to be called. */
void etw__callback(const char *name, const void *object, const void *context);
/* A named object changes state: ("socket", "bound", "connecting"). */
void etw__state(const void *object, const char *what, const char *from,
                const char *to);
/* The driver itself says something, whether or not the trace is on. */
void etw__said(const char *name, const char *text);

#endif
