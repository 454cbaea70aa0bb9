/*
 * The finders, and uwsk_what_is_wrong.
 */
#include "host/findings.h"

#include <stdio.h>
#include <string.h>

#include "fault/fault.h"
#include "host/hang.h"
#include "host/runtime.h"
#include "ob/track.h"
#include "os/os.h"
#include "peer/peer.h"
#include "uwsk/uwsk.h"
#include "verifier/verdict.h"

#define ROOM 8192

/* What the last uwsk_stop has said. */
static struct {
  struct os_spin lock;
  size_t count;
  char text[ROOM];
} last;

void host__found(struct host_findings *findings, size_t count,
                 const char *line) {
  findings->count += count;
  vf__add(&findings->text, "%s\n", line);
  if (findings->final)
    host__say("%s", line);
}

/* ---- the finders ------------------------------------------------------- */

struct leftovers {
  struct host_findings *findings;
  size_t expected; /* how many more a test has said that there would be */
  size_t count;
};

static void find_leftover(void *context, const void *object, size_t count,
                          const char *line) {
  struct leftovers *leftovers = context;
  bool expected = leftovers->expected >= count;

  if (expected && leftovers->findings->final)
    expected = vf__left_behind(object, line);
  if (expected) {
    leftovers->expected -= count;
    if (!leftovers->findings->final)
      leftovers->findings->taken += count;
    return;
  }
  leftovers->count += count;
  host__found(leftovers->findings, count, line);
}

static void find_left(struct host_findings *findings) {
  struct leftovers leftovers = {findings, vf__expected(VF_LEFT_01), 0};
  char line[80];

  ob__tell_left(find_leftover, &leftovers);
  leftovers.count += findings->elsewhere;
  if (leftovers.count == 0)
    return;
  snprintf(line, sizeof line, "%u %s left behind", (unsigned)leftovers.count,
           leftovers.count == 1 ? "thing was" : "things were");
  host__found(findings, findings->elsewhere, line);
}

static void add_line(void *context, size_t count, const char *line) {
  host__found(context, count, line);
}

static void find_broken_rules(struct host_findings *findings) {
  vf__tell_unexpected(add_line, findings);
}

static void find_unmet_expectations(struct host_findings *findings) {
  vf__tell_unmet(findings->taken, add_line, findings);
}

static void find_unfired_faults(struct host_findings *findings) {
  fault__tell_unfired(add_line, findings);
}

static void find_bad_peers(struct host_findings *findings) {
  peer__tell_bad(add_line, findings);
}

static void find_hangs(struct host_findings *findings) {
  host__tell_hangs(add_line, findings);
}

static void (*const finders[])(struct host_findings *findings) = {
    find_left,           find_broken_rules, find_unmet_expectations,
    find_unfired_faults, find_bad_peers,    find_hangs,
};

static void find(struct host_findings *findings) {
  for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++)
    finders[i](findings);
}

/* ---- telling ----------------------------------------------------------- */

size_t host__conclude(size_t elsewhere) {
  char text[ROOM];
  struct host_findings findings = {.text = vf__text(text, sizeof text),
                                   .final = true,
                                   .elsewhere = elsewhere};

  find(&findings);
  os__spin_lock(&last.lock);
  last.count = findings.count;
  memcpy(last.text, text, findings.text.used + 1);
  os__spin_unlock(&last.lock);
  return findings.count;
}

void host__found_late(size_t count, const char *line) {
  os__spin_lock(&last.lock);
  size_t used = strlen(last.text);
  snprintf(last.text + used, sizeof last.text - used, "%s\n", line);
  last.count += count;
  os__spin_unlock(&last.lock);
  host__say("%s", line);
}

static size_t tell_last(struct vf_text *text) {
  os__spin_lock(&last.lock);
  vf__add(text, "%s", last.text);
  size_t count = last.count;
  os__spin_unlock(&last.lock);
  return count;
}

size_t uwsk_what_is_wrong(char *text, size_t size) {
  struct host_findings findings = {.text = vf__text(text, size)};

  if (!host__running())
    return tell_last(&findings.text);
  find(&findings);
  return findings.count;
}
