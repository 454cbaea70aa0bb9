/*
 * The rules a client must keep, and the one function that reports a breach.
 *
 * A report names the rule, what happened, who did it, the bugcheck Windows
 * would have raised and where to read. What it leads to is the mode's and the
 * test's to say (verdict.h); reporting itself does not end the process: the
 * caller then goes on in the least harmful way. Rules stand in one table,
 * verifier/rules.h. Nothing here allocates: reports come at any IRQL.
 */
#ifndef UWSK_VERIFIER_REPORT_H
#define UWSK_VERIFIER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules.h"
#include "watch.h"

enum vf_rule {
#define X(symbol, id, level, what, bugcheck, windows, page) VF_##symbol,
  VF_RULES(X)
#undef X
      VF_RULE_COUNT
};

/* What the caller of a report knows, beside the sentence. */
struct vf_breach {
  enum vf_rule rule;
  const void *object;           /* whose history is told, or NULL */
  const void *caller;           /* of the function that reports, and its ... */
  const void *frame;            /* ... frame: tells whether a call is over */
  unsigned count;               /* of the bugcheck's parameters */
  unsigned long long values[4]; /* ... which these are */
};

/*
 * vf__report(rule, format, …)
 * vf__report_on(rule, object, format, …)
 * vf__report_bugcheck(rule, object, p1, p2, p3, p4, format, …)
 *
 * `format` says what was seen, in one sentence without a full stop. Macros, so
 * that the report knows where it is made.
 *
 * True when the report is accounted for: it counts as something wrong, or a
 * test has expected it.
 */
#define vf__report(rule, ...) vf__report_on(rule, NULL, __VA_ARGS__)
#define vf__report_on(rule, object, ...)                                       \
  vf__tell(                                                                    \
      &(const struct vf_breach){                                               \
          (rule), (object), VF_CALLER(), VF_FRAME(), 0, {0}},                  \
      __VA_ARGS__)
#define vf__report_bugcheck(rule, object, p1, p2, p3, p4, ...)                 \
  vf__tell(&(const struct vf_breach){(rule),                                   \
                                     (object),                                 \
                                     VF_CALLER(),                              \
                                     VF_FRAME(),                               \
                                     4,                                        \
                                     {VF_VALUE(p1), VF_VALUE(p2),              \
                                      VF_VALUE(p3), VF_VALUE(p4)}},            \
           __VA_ARGS__)
#define VF_VALUE(parameter) ((unsigned long long)(uintptr_t)(parameter))

bool vf__tell(const struct vf_breach *breach, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reports since the last vf__reset, of one rule or (VF_RULE_COUNT) of all. */
size_t vf__count(enum vf_rule rule);

/* Forgets what is of one run: counts, reports, expectations. */
void vf__reset(void);

/* Tests that provoke a report keep it off standard error: while quiet, reports
 * are counted only. */
void vf__quiet(int quiet);

const char *vf__rule_id(enum vf_rule rule);

#endif
