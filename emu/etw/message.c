/* Messages of WPP: see uwsk_trace.h. */
#include <ntddk.h>

#include <stdlib.h>
#include <uwsk_trace.h>

#include "etw/listen.h"
#include "etw/trace.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "os/os.h"
#include "rtl/format.h"

static struct etw_interest heard;

struct etw_interest etw__interest(void) {
  return (struct etw_interest){__atomic_load_n(&heard.level, __ATOMIC_RELAXED),
                               __atomic_load_n(&heard.flags, __ATOMIC_RELAXED)};
}

void etw__listen(bool trace) {
  const char *text = os__getenv("UWSK_WPP");
  UCHAR level = trace ? MAXUCHAR : 0;
  ULONG flags = MAXULONG;
  char *end;

  if (text != NULL && *text != '\0') {
    level = (UCHAR)strtoul(text, &end, 0);
    if (*end == ',')
      flags = (ULONG)strtoul(end + 1, NULL, 0);
  }
  __atomic_store_n(&heard.flags, flags, __ATOMIC_RELAXED);
  __atomic_store_n(&heard.level, level, __ATOMIC_RELAXED);
}

/* Threads of the driver may ask meanwhile, with plain reads, whether a message
 * is heard: on Windows tracing is switched on and off at any time. */
__attribute__((no_sanitize("thread"))) static void
set_control(struct uwsk_wpp_control *control, struct etw_interest interest) {
  volatile UCHAR *level = &control->Level;
  volatile ULONG *flags = control->Flags;
  const ULONG others = interest.level == 0 ? 0 : MAXULONG;

  *level = interest.level;
  /* UWSK_WPP names 32 flags; a driver with more of them gets the others. */
  flags[0] = interest.flags & others;
  for (size_t i = 1; i < RTL_NUMBER_OF(control->Flags); i++)
    flags[i] = others;
}

VOID uwsk_wpp_start(struct uwsk_wpp_control *Control) {
  ke__require_irql(PASSIVE_LEVEL, "WPP_INIT_TRACING");
  if (!ob__is_tracked_foreign(OB_TRACING, Control))
    /* Without memory for the record tracing is not missed at the end. */
    (void)ob__track_foreign(OB_TRACING, Control, "WPP_INIT_TRACING",
                            OB_CALLER(), 0);
  set_control(Control, etw__interest());
}

VOID uwsk_wpp_stop(struct uwsk_wpp_control *Control) {
  ke__require_irql(PASSIVE_LEVEL, "WPP_CLEANUP");
  (void)ob__untrack_foreign(OB_TRACING, Control);
  set_control(Control, (struct etw_interest){0});
}

VOID uwsk_wpp_message(const struct uwsk_wpp_site *Site, ULONG Level,
                      PCSTR Format, ...) {
  const struct rtl_format_site site = {Site->Function, Site->File, Site->Line,
                                       Level};
  char text[512];
  size_t written;
  va_list args;

  va_start(args, Format);
  rtl__format_traced(text, sizeof(text) - 1, &written, &site, Format, args);
  va_end(args);
  text[written] = '\0';
  etw__said(Site->Function, text);
}
