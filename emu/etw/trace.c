/*
 * The trace's lines. Each is put together in a buffer and written at once.
 */
#include "etw/trace.h"

#include <stdarg.h>
#include <stdio.h>

#include <uwsk/status.h>

#include "etw/listen.h"
#include "ke/ke.h"
#include "os/os.h"

void etw__start(bool enabled) {
  etw__listen(enabled);
  vf__watch(VF_WATCH_TRACE, enabled);
}

/* ---- for the verifier -------------------------------------------------- */

void etw__called(const char *name, const void *object, const void *irp,
                 const void *caller, const void *frame) {
  struct uwsk_event event = {
      .kind = UWSK_EVENT_CALLED, .what = name, .caller = caller};

  if (!VF_WATCHES(VF_WATCH_OBJECTS))
    return;
  vf__enter(name, caller, frame);
  event.other = irp;
  if (object != NULL)
    vf__remember(object, &event);
  event.other = object;
  if (irp != NULL)
    vf__remember(irp, &event);
}

static void remember(const void *object, struct uwsk_event event) {
  if (object != NULL && VF_WATCHES(VF_WATCH_OBJECTS))
    vf__remember(object, &event);
}

/* ---- lines ------------------------------------------------------------- */

/* A line in the making. Text that does not fit is cut off. */
struct line {
  size_t used;
  char text[512];
};

static void add_va(struct line *line, const char *format, va_list arguments) {
  size_t room = sizeof(line->text) - 1 - line->used; /* 1 for the newline */
  int length = vsnprintf(line->text + line->used, room, format, arguments);

  if (length > 0)
    line->used += (size_t)length < room ? (size_t)length : room - 1;
}

__attribute__((format(printf, 2, 3))) static void add(struct line *line,
                                                      const char *format, ...) {
  va_list arguments;

  va_start(arguments, format);
  add_va(line, format, arguments);
  va_end(arguments);
}

/* "[1 PASSIVE ] -> WskSend          " */
static void begin(struct line *line, const char *mark, const char *name) {
  line->used = 0;
  add(line, "[%u %-8s] %s %-16s", os__thread_number(),
      ke__irql_name(KeGetCurrentIrql()), mark, name);
}

static void end(struct line *line) {
  while (line->used > 0 && line->text[line->used - 1] == ' ')
    line->used--;
  line->text[line->used++] = '\n';
  os__stderr(line->text, line->used);
}

static void add_pointer(struct line *line, const char *what, const void *p) {
  if (p != NULL)
    add(line, " %s 0x%llx", what, (unsigned long long)(ULONG_PTR)p);
}

static void add_status(struct line *line, NTSTATUS status) {
  add(line, " %s", uwsk_status_name(status));
}

void etw__call(const char *name, const void *object, const void *irp,
               const char *format, ...) {
  struct line line;
  va_list arguments;

  begin(&line, "->", name);
  add_pointer(&line, "socket", object);
  add_pointer(&line, "irp", irp);
  if (format[0] != '\0') {
    add(&line, " ");
    va_start(arguments, format);
    add_va(&line, format, arguments);
    va_end(arguments);
  }
  end(&line);
}

void etw__return(const char *name, const void *irp, NTSTATUS status) {
  struct line line;

  begin(&line, "<-", name);
  add_pointer(&line, "irp", irp);
  add_status(&line, status);
  end(&line);
}

void etw__completed(const void *irp, NTSTATUS status, ULONG_PTR information) {
  struct line line;

  remember(irp, (struct uwsk_event){.kind = UWSK_EVENT_COMPLETED,
                                    .status = status,
                                    .information = information});
  if (!VF_WATCHES(VF_WATCH_TRACE))
    return;
  begin(&line, " *", "completed");
  add_pointer(&line, "irp", irp);
  add_status(&line, status);
  /* More than a byte count is the address of a socket. */
  add(&line, information <= MAXULONG ? " %llu" : " 0x%llx",
      (unsigned long long)information);
  end(&line);
}

static void print_callback(const char *name, const void *object,
                           const void *context) {
  struct line line;

  begin(&line, "=>", name);
  add_pointer(&line, "object", object);
  add_pointer(&line, "context", context);
  end(&line);
}

void etw__callback(const char *name, const void *object, const void *context) {
  remember(object,
           (struct uwsk_event){.kind = UWSK_EVENT_CALLBACK, .what = name});
  if (VF_WATCHES(VF_WATCH_TRACE))
    print_callback(name, object, context);
}

void etw__completion(const void *irp, const void *context) {
  print_callback("completion", irp, context);
}

void etw__state(const void *object, const char *what, const char *from,
                const char *to) {
  struct line line;

  remember(object, (struct uwsk_event){.kind = UWSK_EVENT_STATE, .what = to});
  if (!VF_WATCHES(VF_WATCH_TRACE))
    return;
  begin(&line, " .", what);
  add_pointer(&line, "object", object);
  add(&line, " %s -> %s", from, to);
  end(&line);
}

void etw__said(const char *name, const char *text) {
  struct line line;

  while (*text == ' ')
    text++;
  begin(&line, " #", name);
  add(&line, " %s", text);
  while (line.used > 0 && line.text[line.used - 1] == '\n')
    line.used--;
  end(&line);
}
