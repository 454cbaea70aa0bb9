/* What is said of a hang. See hang.h. */
#include <ntddk.h>

#include <stdarg.h>
#include <stdio.h>

#include "host/hang.h"
#include "ob/track.h"
#include "os/os.h"
#include "wsk/outstanding.h"

/* How many of each kind are listed; the rest is counted. */
#define SHOWN 32

/* %p is as Windows prints it in code that sees the km headers. */
#define ADDRESS     "%#llx"
#define AT(pointer) (unsigned long long)(ULONG_PTR)(pointer)

/* Everything here belongs to whoever has begun (hang.c). */
static struct {
  char text[48 * 1024];
  size_t used;
  uint64_t now;
} report;

static void __attribute__((format(printf, 1, 2))) add(const char *format, ...) {
  size_t room = sizeof(report.text) - report.used;
  va_list arguments;

  va_start(arguments, format);
  int length = vsnprintf(report.text + report.used, room, format, arguments);
  va_end(arguments);
  if (length > 0)
    report.used += (size_t)length < room ? (size_t)length : room - 1;
}

static void add_code(const void *code) {
  char where[256];

  os__describe_code(code, where, sizeof(where));
  add(", called from %s", where);
}

static void add_more(size_t count) {
  if (count > SHOWN)
    add("        and %u more\n", (unsigned)(count - SHOWN));
}

/* ---- for how long -------------------------------------------------------- */

/* Nothing notes the time when it begins. But whatever is there at one look and
 * still there at the next has been there for that long. */
struct noted {
  const void *what;
  unsigned long long number; /* tells apart what has the same address */
  uint64_t since;
};

#define NOTED 256

static struct noted notes[2][NOTED];
static unsigned note_count, current; /* of notes[current] */

static const struct noted *find_note(const void *what,
                                     unsigned long long number) {
  for (unsigned i = 0; i < note_count; i++)
    if (notes[current][i].what == what && notes[current][i].number == number)
      return &notes[current][i];
  return NULL;
}

static void add_age(const void *what, unsigned long long number) {
  const struct noted *note = find_note(what, number);
  uint64_t age = note != NULL ? report.now - note->since : 0;

  if (age >= 1000000)
    add(", for %u.%03u s", (unsigned)(age / 1000000000u),
        (unsigned)(age / 1000000u % 1000u));
}

struct fresh {
  unsigned count;
  uint64_t now;
};

static void note(struct fresh *fresh, const void *what,
                 unsigned long long number) {
  const struct noted *before = find_note(what, number);

  if (fresh->count < NOTED)
    notes[!current][fresh->count++] = (struct noted){
        what, number, before != NULL ? before->since : fresh->now};
}

static void note_irp(const struct ob_record *record, void *context) {
  struct wsk_seen_irp seen;

  if (wsk__see_irp((PIRP)record->object, &seen))
    note(context, record->object, record->number);
}

static struct ke_waiting waiting[SHOWN];

void host__hang_note(void) {
  struct fresh fresh = {0, os__now_ns()};
  size_t count = ke__copy_waiting(waiting, SHOWN);

  for (size_t i = 0; i < count && i < SHOWN; i++)
    note(&fresh, waiting[i].thread, waiting[i].wait);
  ob__visit(OB_IRP, note_irp, &fresh);
  current = !current;
  note_count = fresh.count;
}

void host__hang_forget(void) {
  note_count = 0;
}

/* ---- threads ------------------------------------------------------------- */

/* By its number, when it is one of those that wait. */
static void add_owner(const void *owner, size_t count) {
  for (size_t i = 0; i < count && i < SHOWN; i++)
    if (waiting[i].thread == owner) {
      add(", held by thread %u", (unsigned)waiting[i].number);
      return;
    }
  if (owner != NULL)
    add(", held by the thread of KTHREAD " ADDRESS ", which does not wait",
        AT(owner));
}

static void add_call(const struct ke_call *call) {
  add("%s", call->name);
  if (call->object != NULL)
    add(" of " ADDRESS, AT(call->object));
  add_code(call->caller);
}

static void add_objects(const struct ke_waiting *it, size_t count) {
  for (ULONG i = 0; i < it->object_count; i++) {
    add("        %s %s " ADDRESS,
        i == 0    ? "for the"
        : it->all ? "and the"
                  : "or the",
        it->objects[i].kind, AT(it->objects[i].object));
    if (it->objects[i].thread != 0)
      add(" (thread %u)", (unsigned)it->objects[i].thread);
    add(it->objects[i].signalled ? ", signalled" : ", not signalled");
    add_owner(it->objects[i].owner, count);
    if (i == 0)
      add_owner(it->owner, count);
    add("\n");
  }
}

static void add_outer_calls(const struct ke_waiting *it) {
  for (ULONG i = 1; i < it->call_count; i++) {
    add("        in ");
    add_call(&it->calls[i]);
    add("\n");
  }
}

static void add_waiting(const struct ke_waiting *it, size_t count) {
  add("      thread %u waits in ", (unsigned)it->number);
  if (it->call_count > 0)
    add_call(&it->calls[0]);
  add_age(it->thread, it->wait);
  add(it->busy ? ", and is busy in a callback meanwhile\n" : "\n");
  add_objects(it, count);
  add_outer_calls(it);
}

static void add_threads(const struct ke_waiting *self, size_t count) {
  bool busy = loop__is_busy(NULL);

  for (size_t i = 0; i < count && i < SHOWN; i++) {
    busy = busy && !waiting[i].busy;
    if (waiting[i].thread != self->thread)
      add_waiting(&waiting[i], count);
  }
  add_more(count);
  if (busy)
    add("      a thread that does not wait is busy in a callback\n");
}

/* ---- what the provider has ----------------------------------------------- */

struct kept {
  struct ob_record records[SHOWN];
  struct wsk_seen_irp irps[SHOWN];
  size_t count;
};

static struct kept kept;

static void keep_irp(const struct ob_record *record, void *context) {
  struct wsk_seen_irp seen;

  (void)context;
  if (!wsk__see_irp((PIRP)record->object, &seen))
    return;
  if (kept.count < SHOWN) {
    kept.records[kept.count] = *record;
    kept.irps[kept.count] = seen;
  }
  kept.count++;
}

static void add_irp(const struct wsk_seen_irp *irp) {
  add("        %s of IRP " ADDRESS, irp->call, AT(irp->irp));
  if (irp->socket != NULL)
    add(" on socket " ADDRESS, AT(irp->socket));
}

static void add_irps(void) {
  kept.count = 0;
  ob__visit(OB_IRP, keep_irp, NULL);
  if (kept.count > 0)
    add("      calls that pend:\n");
  for (size_t i = 0; i < kept.count && i < SHOWN; i++) {
    add_irp(&kept.irps[i]);
    if (kept.irps[i].cancelled)
      add(", cancelled");
    add_age(kept.records[i].object, kept.records[i].number);
    add("; the IRP is from %s", kept.records[i].call);
    add_code(kept.records[i].caller);
    add("\n");
  }
  add_more(kept.count);
}

static void add_held(void) {
  size_t count = wsk__see_held(kept.irps, SHOWN);

  if (count > 0)
    add("      calls that a rule holds (uwsk/fault.h):\n");
  for (size_t i = 0; i < count && i < SHOWN; i++) {
    add_irp(&kept.irps[i]);
    add("\n");
  }
  add_more(count);
}

static void add_sockets(void) {
  static struct wsk_seen_socket seen[SHOWN];
  size_t count = wsk__see_sockets(seen, SHOWN);

  if (count > 0)
    add("      sockets:\n");
  for (size_t i = 0; i < count && i < SHOWN; i++) {
    add("        " ADDRESS ", %s, %s, %u pending", AT(seen[i].socket),
        seen[i].category, seen[i].state, seen[i].pending);
    if (seen[i].retained > 0)
      add(", %u indications retained", seen[i].retained);
    if (seen[i].call != NULL) {
      add(", by %s", seen[i].call);
      add_code(seen[i].caller);
    } else {
      add(", which no client has");
    }
    add("\n");
  }
  add_more(count);
}

/* ---- what the ledger has ------------------------------------------------- */

static void keep(const struct ob_record *record, void *context) {
  (void)context;
  if (kept.count < SHOWN)
    kept.records[kept.count] = *record;
  kept.count++;
}

static bool waits(const void *thread, size_t count) {
  for (size_t i = 0; i < count && i < SHOWN; i++)
    if (waiting[i].thread == thread)
      return true;
  return false;
}

static void add_kind(enum ob_kind kind, const char *heading, size_t count) {
  kept.count = 0;
  ob__visit(kind, keep, NULL);
  if (kept.count > 0)
    add("      %s:\n", heading);
  for (size_t i = 0; i < kept.count && i < SHOWN; i++) {
    add("        " ADDRESS ", by %s", AT(kept.records[i].object),
        kept.records[i].call);
    add_code(kept.records[i].caller);
    if (kind == OB_THREAD && !waits(kept.records[i].object, count))
      add(", which does not wait");
    add("\n");
  }
  add_more(kept.count);
}

static void add_ledger(size_t count) {
  static const struct {
    enum ob_kind kind;
    const char *heading;
  } rows[] = {
      {OB_THREAD, "system threads that have not ended"},
      {OB_REGISTRATION, "WSK registrations"},
      {OB_CAPTURE, "captures of the provider, by client"},
      {OB_NMR_MODULE, "NMR registrations"},
      {OB_DATAGRAM, "datagrams retained"},
  };

  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    add_kind(rows[i].kind, rows[i].heading, count);
}

/* ---- the whole ----------------------------------------------------------- */

const char *host__hang_report(const struct ke_waiting *self,
                              unsigned limit_ms) {
  size_t count = ke__copy_waiting(waiting, SHOWN);

  report.used = 0;
  report.now = os__now_ns();
  add("uwsk: a wait hangs: it exceeds the limit of %u ms (UWSK_HANG_LIMIT)\n",
      limit_ms);
  add_waiting(self, count);
  add("    what else is outstanding:\n");
  size_t before = report.used;
  add_threads(self, count);
  add_irps();
  add_held();
  add_sockets();
  add_ledger(count);
  if (report.used == before)
    add("      nothing that is known here\n");
  return report.text;
}
