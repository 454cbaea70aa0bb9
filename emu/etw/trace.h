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

#include "verifier/watch.h"

void etw__start(bool enabled);

/* Use these macros, not the functions: arguments cost nothing when off. Calls
 * and events are remembered for the verifier's reports, too, unless it is off;
 * what only the printed line needs is not evaluated for that. */
#define ETW_CALL(name, object, irp, ...)                                       \
  (VF_WATCHES(~0u)                                                             \
       ? (etw__called((name), (object), (irp), VF_CALLER(), VF_FRAME()),       \
          VF_WATCHES(VF_WATCH_TRACE)                                           \
              ? etw__call((name), (object), (irp), __VA_ARGS__)                \
              : (void)0)                                                       \
       : (void)0)
#define ETW_RETURN(name, irp, status)                                          \
  (VF_WATCHES(VF_WATCH_TRACE) ? etw__return((name), (irp), (status)) : (void)0)
#define ETW_COMPLETED(irp, status, information)                                \
  (VF_WATCHES(~0u) ? etw__completed((irp), (status), (information)) : (void)0)
#define ETW_CALLBACK(name, object, context)                                    \
  (VF_WATCHES(~0u) ? etw__callback((name), (object), (context)) : (void)0)
/* The same for the completion routine of what ETW_COMPLETED has just told. */
#define ETW_COMPLETION(irp, context)                                           \
  (VF_WATCHES(VF_WATCH_TRACE) ? etw__completion((irp), (context)) : (void)0)
#define ETW_STATE(object, what, from, to)                                      \
  (VF_WATCHES(~0u) ? etw__state((object), (what), (from), (to)) : (void)0)
/* A call of the executive's that has no line of its own. `object` may be NULL:
 * then only reports made in the function name it. */
#define ETW_ENTER(name, object)                                                \
  (VF_WATCHES(VF_WATCH_OBJECTS)                                                \
       ? etw__called((name), NULL, (object), VF_CALLER(), VF_FRAME())          \
       : (void)0)

/* What ETW_CALL is for the verifier: the call goes on, and both objects were
 * handed to it. */
void etw__called(const char *name, const void *object, const void *irp,
                 const void *caller, const void *frame);
/* A client calls a function. `format` (printf, "" for none) adds arguments. */
void etw__call(const char *name, const void *object, const void *irp,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
void etw__return(const char *name, const void *irp, NTSTATUS status);
/* An IRP is completed: just before its completion routines run. */
void etw__completed(const void *irp, NTSTATUS status, ULONG_PTR information);
/* Client code is about to be called. */
void etw__callback(const char *name, const void *object, const void *context);
void etw__completion(const void *irp, const void *context);
/* A named object changes state: ("socket", "bound", "connecting"). */
void etw__state(const void *object, const char *what, const char *from,
                const char *to);
/* The driver itself says something, whether or not the trace is on. */
void etw__said(const char *name, const char *text);

#endif
