/* Events of TraceLogging: see uwsk_trace.h and TraceLoggingProvider.h. */
#include <ntddk.h>

#include <uwsk_trace.h>

#include "etw/listen.h"
#include "etw/trace.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "rtl/format.h"

#define LEVEL_VERBOSE 5 /* of an event that names none */

NTSTATUS uwsk_tlg_register(struct uwsk_tlg_provider *Provider) {
  ke__require_irql(PASSIVE_LEVEL, "TraceLoggingRegister");
  if (!ob__track_foreign(OB_TRACING, Provider, "TraceLoggingRegister",
                         OB_CALLER(), 0))
    return STATUS_NO_MEMORY;
  InterlockedIncrement(&Provider->Registered);
  return STATUS_SUCCESS;
}

VOID uwsk_tlg_unregister(struct uwsk_tlg_provider *Provider) {
  ke__require_irql(PASSIVE_LEVEL, "TraceLoggingUnregister");
  if (ob__untrack_foreign(OB_TRACING, Provider))
    InterlockedDecrement(&Provider->Registered);
}

/* A level of 0 is for everybody, and so is a listener's. */
BOOLEAN uwsk_tlg_enabled(const struct uwsk_tlg_provider *Provider, UCHAR Level,
                         ULONGLONG Keyword) {
  (void)Keyword;
  return ReadNoFence(&Provider->Registered) != 0 &&
         etw__interest().level != 0 && Level <= etw__interest().level;
}

/* ---- fields ------------------------------------------------------------ */

/* An event in the making. What does not fit is cut off. */
struct event {
  char text[512];
  size_t used;
  UCHAR level;
  LONGLONG members; /* fields of a structure that are still to come */
};

static void add_formatted(struct event *event, const char *format, ...) {
  static const struct rtl_format_site nowhere = {"", "", 0, 0};
  size_t room = sizeof(event->text) - 1 - event->used, written;
  va_list args;

  va_start(args, format);
  rtl__format_traced(event->text + event->used, room, &written, &nowhere,
                     format, args);
  va_end(args);
  event->used += written;
}

static void add_number(struct event *event, enum uwsk_tlg_kind kind,
                       LONGLONG number) {
  switch (kind) {
  case UWSK_TLG_UINT:
    add_formatted(event, "%I64u", number);
    break;
  case UWSK_TLG_HEX:
    add_formatted(event, "0x%I64x", number);
    break;
  case UWSK_TLG_BOOL:
    add_formatted(event, "%s", number ? "true" : "false");
    break;
  case UWSK_TLG_STATUS:
    add_formatted(event, "%!STATUS!", (NTSTATUS)number);
    break;
  case UWSK_TLG_CHAR:
    add_formatted(event, "%wc", (int)number);
    break;
  case UWSK_TLG_IPV4:
    add_formatted(event, "%!IPADDR!", (ULONG)number);
    break;
  case UWSK_TLG_PORT:
    add_formatted(event, "%!PORT!", (int)number);
    break;
  default:
    add_formatted(event, "%I64d", number);
  }
}

static void add_pointed(struct event *event, enum uwsk_tlg_kind kind,
                        const void *value) {
  switch (kind) {
  case UWSK_TLG_STRING:
    add_formatted(event, "\"%s\"", value);
    break;
  case UWSK_TLG_WIDE:
    add_formatted(event, "\"%ws\"", value);
    break;
  case UWSK_TLG_ANSI_STRING:
    add_formatted(event, "\"%Z\"", value);
    break;
  case UWSK_TLG_UNICODE_STRING:
    add_formatted(event, "\"%wZ\"", value);
    break;
  case UWSK_TLG_GUID:
    add_formatted(event, "{%!GUID!}", value);
    break;
  case UWSK_TLG_IPV6:
    add_formatted(event, "%!IPV6ADDR!", value);
    break;
  default:
    add_formatted(event, "%p", value);
  }
}

static void add_counted(struct event *event, enum uwsk_tlg_kind kind,
                        const void *value, LONGLONG count) {
  if (kind == UWSK_TLG_COUNTED)
    add_formatted(event, "\"%.*s\"", (int)count, value);
  else if (kind == UWSK_TLG_COUNTED_WIDE)
    add_formatted(event, "\"%.*ws\"", (int)count, value);
  else
    for (LONGLONG i = 0; i < count; i++)
      add_formatted(event, "%02x", ((const UCHAR *)value)[i]);
}

/* Closes a structure behind its last field. */
static void count_member(struct event *event) {
  if (event->members > 0 && --event->members == 0)
    add_formatted(event, " }");
}

/* One field, of which `kind` was taken. */
static void add_field(struct event *event, enum uwsk_tlg_kind kind,
                      va_list *args) {
  const void *value;

  if (kind == UWSK_TLG_LEVEL || kind == UWSK_TLG_SKIP) {
    LONGLONG number = va_arg(*args, LONGLONG);
    if (kind == UWSK_TLG_LEVEL)
      event->level = (UCHAR)number;
    return;
  }
  add_formatted(event, " %s=", va_arg(*args, const char *));
  if (kind == UWSK_TLG_STRUCT) {
    event->members = va_arg(*args, LONGLONG);
    add_formatted(event, "{");
    return;
  }
  if (kind < UWSK_TLG_FLOAT) {
    add_number(event, kind, va_arg(*args, LONGLONG));
  } else if (kind == UWSK_TLG_FLOAT) {
    add_formatted(event, "%g", va_arg(*args, double));
  } else {
    value = va_arg(*args, const void *);
    if (kind < UWSK_TLG_COUNTED)
      add_pointed(event, kind, value);
    else
      add_counted(event, kind, value, va_arg(*args, LONGLONG));
  }
  count_member(event);
}

VOID uwsk_tlg_write(const struct uwsk_tlg_provider *Provider, PCSTR Event,
                    ...) {
  struct event event = {.used = 0, .level = LEVEL_VERBOSE};
  enum uwsk_tlg_kind kind;
  va_list args;

  /* Fields are read only when somebody listens at all. */
  if (!uwsk_tlg_enabled(Provider, 0, 0))
    return;
  add_formatted(&event, "%s", Event);
  va_start(args, Event);
  while ((kind = va_arg(args, enum uwsk_tlg_kind)) != UWSK_TLG_END)
    add_field(&event, kind, &args);
  va_end(args);
  if (!uwsk_tlg_enabled(Provider, event.level, 0))
    return;
  event.text[event.used] = '\0';
  etw__said(Provider->Name, event.text);
}
