/* What is done about a wait that hangs: uwsk/hang.h. */
#include <ntddk.h>

#include <stdio.h>
#include <string.h>

#include "host/findings.h"
#include "host/hang.h"
#include "host/runtime.h"
#include "io/request.h"
#include "os/os.h"
#include "uwsk/hang.h"
#include "wsk/outstanding.h"

typedef enum uwsk_hang_answer (*decision)(const struct uwsk_hang *hang,
                                          void *context);

static struct {
  struct os_spin lock;
  decision decide; /* these two under the lock */
  void *context;
  int busy;       /* atomic: somebody notes or reports */
  unsigned count; /* atomic */
  bool broken;    /* of whoever is busy: the world has given way already */
  unsigned limit_ms;
  unsigned told; /* atomic; of `count`, to those who find what is wrong */
} hangs;

/* Room for what is found of them. */
#define LINE 48

void uwsk_on_hang(decision decide, void *context) {
  os__spin_lock(&hangs.lock);
  hangs.decide = decide;
  hangs.context = context;
  os__spin_unlock(&hangs.lock);
}

unsigned uwsk_hangs(void) {
  return __atomic_load_n(&hangs.count, __ATOMIC_RELAXED);
}

static bool begin(void) {
  return __atomic_exchange_n(&hangs.busy, 1, __ATOMIC_ACQUIRE) == 0;
}

static void end(void) {
  __atomic_store_n(&hangs.busy, 0, __ATOMIC_RELEASE);
}

/* ---- one hang ------------------------------------------------------------ */

static enum uwsk_hang_answer ask(const struct uwsk_hang *hang) {
  os__spin_lock(&hangs.lock);
  decision decide = hangs.decide;
  void *context = hangs.context;
  os__spin_unlock(&hangs.lock);
  return decide != NULL ? decide(hang, context) : UWSK_HANG_END;
}

static void act(enum uwsk_hang_answer answer) {
  if (answer == UWSK_HANG_WAIT_ON && !hangs.broken)
    return;
  if (answer != UWSK_HANG_BREAK || hangs.broken)
    os__end_process(UWSK_HANG_EXIT_STATUS);
  hangs.broken = true;
  wsk__break_all();
  (void)io__cancel_requests(NULL, NULL);
}

static void on_hang(void) {
  struct ke_waiting self;
  if (!begin())
    return; /* another thread's report names this one, too */
  ke__copy_self(&self);
  struct uwsk_hang hang = {.size = sizeof(hang),
                           .thread = self.number,
                           .call = self.call_count > 0 ? self.calls[0].name
                                                       : "uwsk",
                           .report = host__hang_report(&self, hangs.limit_ms)};
  __atomic_add_fetch(&hangs.count, 1, __ATOMIC_RELAXED);
  os__stderr(hang.report, strlen(hang.report));
  act(ask(&hang));
  end();
}

static void on_look(void) {
  if (!begin())
    return;
  host__hang_note();
  end();
}

/* ---- life ---------------------------------------------------------------- */

void host__watch_start(unsigned limit_ms) {
  static const struct ke_watch watch = {on_look, on_hang};
  hangs.limit_ms = limit_ms;
  hangs.broken = false;
  hangs.told = 0;
  __atomic_store_n(&hangs.count, 0, __ATOMIC_RELAXED);
  ke__watch_start(limit_ms, &watch);
}

static const char *line_for(unsigned count, char line[LINE]) {
  snprintf(line, LINE, "%u %s hung", count, count == 1 ? "wait" : "waits");
  return line;
}

void host__tell_hangs(void (*tell)(void *context, size_t count,
                                   const char *line),
                      void *context) {
  char line[LINE];

  unsigned count = uwsk_hangs();
  __atomic_store_n(&hangs.told, count, __ATOMIC_RELAXED);
  if (count > 0)
    tell(context, count, line_for(count, line));
}

/* Those in uwsk_stop itself come late. Somebody else's look may be on its way.
 */
unsigned host__watch_stop(void) {
  char line[LINE];

  ke__watch_stop();
  if (begin()) {
    host__hang_forget();
    end();
  }
  unsigned late = uwsk_hangs() - __atomic_load_n(&hangs.told, __ATOMIC_RELAXED);
  if (late > 0)
    host__found_late(late, line_for(late, line));
  return late;
}
