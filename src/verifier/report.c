/*
 * Reports: put together where the rule was broken, in a slot that keeps them,
 * and printed as one block of text, written whole, so that reports of several
 * threads do not mix.
 *
 * Invariant: a slot belongs to the thread that has claimed it until `ready`,
 * and nobody writes to it afterwards.
 */
#include "verifier/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "uwsk/status.h"
#include "verifier/text.h"
#include "verifier/verdict.h"

struct record {
  struct uwsk_report report;
  bool ready;
  bool wrong;
  enum vf_rule rule;
  char seen[512];
  char where[256];
  struct uwsk_event history[VF_EVENTS_SHOWN];
  char text[4096];
};

static struct record kept[UWSK_REPORTS_KEPT];
static size_t kept_count; /* may be more than there are slots */

static struct {
  struct os_spin lock;
  void (*function)(const struct uwsk_report *report, void *context);
  void *context;
} listener;

/* ---- the block of text ------------------------------------------------- */

static const char *const level_names[] = {
    [UWSK_NOTE] = "note",
    [UWSK_WARNING] = "warning",
    [UWSK_VIOLATION] = "violation",
};

static void add_pointer(struct vf_text *text, const void *pointer) {
  vf__add(text, "0x%llx", (unsigned long long)(uintptr_t)pointer);
}

static void add_caller(struct vf_text *text, const void *caller) {
  char where[256];

  if (caller == NULL)
    return;
  os__describe_code(caller, where, sizeof(where));
  vf__add(text, " called from %s", where);
}

/* One event, with the marks of the trace (docs/uwsk-run.md). */
static void add_event(struct vf_text *text, const struct uwsk_event *event) {
  static const char *const marks[] = {
      [UWSK_EVENT_MADE] = "+",      [UWSK_EVENT_CALLED] = "->",
      [UWSK_EVENT_COMPLETED] = "*", [UWSK_EVENT_CALLBACK] = "=>",
      [UWSK_EVENT_STATE] = ".",     [UWSK_EVENT_GONE] = "-",
  };
  bool counted = event->information <= 0xFFFFFFFFu;

  vf__add(text, "        [%u %-8s] %-2s", event->thread,
          vf__irql_name(event->irql), marks[event->kind]);
  if (event->thing != NULL)
    vf__add(text, " %s", event->thing);
  if (event->kind == UWSK_EVENT_COMPLETED)
    vf__add(text, counted ? " completed %s %llu" : " completed %s 0x%llx",
            uwsk_status_name(event->status), event->information);
  if (event->what != NULL)
    vf__add(text, "%s %s", event->thing != NULL ? ", by" : "", event->what);
  if (event->other != NULL) {
    vf__add(text, " with ");
    add_pointer(text, event->other);
  }
  add_caller(text, event->caller);
  vf__end_line(text);
}

static void add_history(struct vf_text *text,
                        const struct uwsk_report *report) {
  if (report->history_count == 0)
    return;
  vf__add(text, "      history of ");
  add_pointer(text, report->object);
  vf__end_line(text);
  for (unsigned i = 0; i < report->history_count; i++)
    add_event(text, &report->history[i]);
}

static void add_windows(struct vf_text *text,
                        const struct uwsk_report *report) {
  vf__add(text, "      on Windows: ");
  if (report->bugcheck != NULL)
    vf__add(text, "%s (0x%X)", report->bugcheck, report->bugcheck_code);
  for (unsigned i = 0; i < report->parameter_count; i++)
    vf__add(text, " p%u=0x%llx", i + 1, report->parameters[i]);
  if (report->bugcheck != NULL && report->windows[0] != '\0')
    vf__add(text, report->parameter_count > 0 ? ", " : " ");
  vf__add(text, "%s", report->windows);
  vf__end_line(text);
}

static size_t write_text(struct record *record) {
  const struct uwsk_report *report = &record->report;
  struct vf_text text = vf__text(record->text, sizeof(record->text));

  vf__add(&text, "uwsk: %s: %s: %s", level_names[report->level], report->rule,
          report->seen);
  vf__end_line(&text);
  vf__add(&text, "      thread:     %u at %s", report->thread,
          vf__irql_name(report->irql));
  if (report->call != NULL)
    vf__add(&text, ", in %s called from %s", report->call, report->where);
  vf__end_line(&text);
  vf__add(&text, "      rule:       %s", report->duty);
  vf__end_line(&text);
  add_windows(&text, report);
  vf__add(&text, "      read:       %s", report->page);
  vf__end_line(&text);
  add_history(&text, report);
  return text.used;
}

/* ---- putting it together ----------------------------------------------- */

/* NULL when all slots are taken. */
static struct record *claim(void) {
  size_t at = __atomic_load_n(&kept_count, __ATOMIC_RELAXED);

  while (at < UWSK_REPORTS_KEPT)
    if (__atomic_compare_exchange_n(&kept_count, &at, at + 1, false,
                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return &kept[at];
  return NULL;
}

static void describe_rule(struct uwsk_report *report, enum vf_rule rule) {
  const struct vf_row *row = &vf__rows[rule];

  report->rule = row->id;
  report->level = row->level;
  report->duty = row->what;
  report->bugcheck = row->bugcheck;
  report->bugcheck_code = row->bugcheck_code;
  report->windows = row->windows;
  report->page = row->page;
}

static void describe_maker(struct record *record, const char *call,
                           const void *caller) {
  struct uwsk_report *report = &record->report;

  report->thread = os__thread_number();
  report->irql = vf__irql();
  report->call = call;
  report->caller = caller;
  report->where = record->where;
  if (caller != NULL)
    os__describe_code(caller, record->where, sizeof(record->where));
}

/* All but the text. `record` holds zeros. */
static void fill(struct record *record, const struct vf_breach *breach,
                 const char *call, const void *caller) {
  struct uwsk_report *report = &record->report;

  record->rule = breach->rule;
  describe_rule(report, breach->rule);
  describe_maker(record, call, caller);
  report->seen = record->seen;
  report->parameter_count = breach->count;
  memcpy(report->parameters, breach->values, sizeof(report->parameters));
  report->object = breach->object;
  report->history = record->history;
  if (breach->object != NULL)
    report->history_count =
        vf__recall(breach->object, record->history, VF_EVENTS_SHOWN);
  report->text = record->text;
}

static void tell_listener(const struct uwsk_report *report) {
  os__spin_lock(&listener.lock);
  void (*function)(const struct uwsk_report *, void *) = listener.function;
  void *context = listener.context;
  os__spin_unlock(&listener.lock);
  if (function != NULL)
    function(report, context);
}

/* Everything after `fill`: text, listener, slot. Returns the text's length. */
static size_t publish(struct record *record, enum vf_verdict verdict) {
  record->report.expected = verdict == VF_EXPECTED;
  record->wrong = verdict >= VF_WRONG;
  size_t length = write_text(record);

  tell_listener(&record->report);
  __atomic_store_n(&record->ready, true, __ATOMIC_RELEASE);
  return length;
}

/* Out of vf__tell, whose stack frame stays small when nothing is to be told. */
__attribute__((noinline)) static void tell(const struct vf_breach *breach,
                                           enum vf_verdict verdict,
                                           const char *format,
                                           va_list arguments) {
  struct record spare = {.ready = false};
  struct record *record = claim();
  const void *caller;
  const char *call = vf__call_around(breach->frame, &caller);

  if (record == NULL)
    record = &spare;
  vsnprintf(record->seen, sizeof(record->seen), format, arguments);
  fill(record, breach, call, caller);
  size_t length = publish(record, verdict);
  if (verdict >= VF_TOLD)
    os__stderr(record->text, length);
}

/* Where a warning comes from: the code that called the public function, or the
 * function that noticed. */
static const void *place_of(const struct vf_breach *breach) {
  const void *caller;

  return vf__call_around(breach->frame, &caller) != NULL ? caller
                                                         : breach->caller;
}

bool vf__tell(const struct vf_breach *breach, const char *format, ...) {
  enum vf_verdict verdict = vf__judge(breach->rule, place_of(breach));
  va_list arguments;

  if (verdict <= VF_COUNTED)
    return false;
  va_start(arguments, format);
  tell(breach, verdict, format, arguments);
  va_end(arguments);
  if (verdict == VF_FATAL)
    os__abort();
  return verdict == VF_EXPECTED || verdict == VF_WRONG;
}

bool vf__left_behind(const void *object, const char *line) {
  const struct vf_breach breach = {.rule = VF_LEFT_01, .object = object};
  struct record *record;

  if (vf__expected(VF_LEFT_01) == 0 ||
      vf__judge(VF_LEFT_01, NULL) != VF_EXPECTED)
    return false;
  record = claim();
  if (record == NULL)
    return true;
  snprintf(record->seen, sizeof(record->seen), "%s", line);
  fill(record, &breach, NULL, NULL);
  publish(record, VF_EXPECTED);
  return true;
}

/* ---- asking ------------------------------------------------------------ */

void uwsk_verifier_on_report(void (*function)(const struct uwsk_report *report,
                                              void *context),
                             void *context) {
  os__spin_lock(&listener.lock);
  listener.function = function;
  listener.context = context;
  os__spin_unlock(&listener.lock);
}

const struct uwsk_report *uwsk_verifier_report_at(size_t index) {
  if (index >= UWSK_REPORTS_KEPT ||
      !__atomic_load_n(&kept[index].ready, __ATOMIC_ACQUIRE))
    return NULL;
  return &kept[index].report;
}

const char *vf__first_wrong(enum vf_rule rule) {
  for (size_t i = 0; i < UWSK_REPORTS_KEPT; i++)
    if (uwsk_verifier_report_at(i) != NULL && kept[i].rule == rule &&
        kept[i].wrong)
      return kept[i].seen;
  return NULL;
}

/* In the slots that were used, so that a run without reports costs nothing. */
void vf__forget_reports(void) {
  size_t used = __atomic_exchange_n(&kept_count, 0, __ATOMIC_RELAXED);

  memset(kept, 0, used * sizeof(kept[0]));
}
