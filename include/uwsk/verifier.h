/*
 * uwsk/verifier.h: the rules a driver has to keep, seen from a test.
 *
 * The verifier reports a driver's own mistakes by name: each rule has an id
 * (docs/rules.md lists them). A plain test needs nothing of this header: a
 * violation that nobody expects is printed when it happens, and uwsk_stop
 * counts it as something that is wrong.
 *
 * A test that provokes a mistake says so first:
 *
 *     uwsk_expect_violation("IRP-10");
 *     ... code that sends one IRP twice ...
 *     assert(uwsk_stop() == 0);      // 1, had the report not come
 *
 * For tests and host programs, any thread, any IRQL, unless it is said
 * otherwise. Nothing here allocates. Results (counts, reports, expectations)
 * are of one run: uwsk_start begins with none, and they can be asked for until
 * the next one. Settings (mode, ignored rules, the callback) stay.
 */
#ifndef UWSK_VERIFIER_H
#define UWSK_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include <uwsk/uwsk.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- settings ---------------------------------------------------------- */

/* The mode from now on (uwsk_start may set another, see struct uwsk_options).
 * Ignores UWSK_VERIFIER_AS_SET and numbers that are no mode. */
void uwsk_verifier_set_mode(enum uwsk_verifier_mode mode);
enum uwsk_verifier_mode uwsk_verifier_get_mode(void);

/* Whether warnings count as violations do. Off until it is switched on. */
void uwsk_verifier_fail_on_warnings(bool on);

/* Puts a rule out of force, and into force again: while it is ignored, nothing
 * of it is told, kept or counted. False, and an error that counts as something
 * wrong, when no rule has that id. */
bool uwsk_verifier_ignore(const char *id);
bool uwsk_verifier_heed(const char *id);

/* ---- reports ----------------------------------------------------------- */

enum uwsk_level {
  UWSK_NOTE = 0,      /* worth knowing, and harmless */
  UWSK_WARNING = 1,   /* the documentation forbids it; many get away with it */
  UWSK_VIOLATION = 2, /* Windows misbehaves */
};

/* What happened to an object. */
enum uwsk_event_kind {
  UWSK_EVENT_MADE,      /* by the call `what` */
  UWSK_EVENT_CALLED,    /* it was handed to the call `what` */
  UWSK_EVENT_COMPLETED, /* an IRP: with `status` and `information` */
  UWSK_EVENT_CALLBACK,  /* driver code was called with it: `what` */
  UWSK_EVENT_STATE,     /* it became `what` */
  UWSK_EVENT_GONE,      /* it was freed, unlocked, closed: by the call `what` */
};

struct uwsk_event {
  enum uwsk_event_kind kind;
  const char *what;   /* NULL when that is not known */
  const char *thing;  /* made and gone: "IRP", "locked pages"; or NULL */
  const void *other;  /* the socket of an IRP's call, the IRP of a socket's */
  const void *caller; /* the code that made the call, or NULL */
  unsigned thread;    /* as the trace numbers them */
  unsigned char irql;
  uwsk_ntstatus status;
  unsigned long long information;
};

/*
 * One report. It stays, and does not change, until the next uwsk_start or
 * uwsk_verifier_reset. Later versions add fields at the end.
 */
struct uwsk_report {
  const char *rule; /* "IRP-10" */
  enum uwsk_level level;
  bool expected;    /* a test had said that it would come */
  const char *seen; /* what happened, one sentence */
  const char *duty; /* the rule, as a duty of the driver */

  /* Who did it. */
  unsigned thread; /* as the trace numbers them */
  unsigned char irql;
  const char *call; /* the function that the driver called, or its callback that
                     * has returned; or NULL */
  const void *caller; /* the code that called it, or NULL */
  const char *where;  /* the same as text: "module!function+0x12", or "" */

  /* What Windows would have done. */
  const char *bugcheck;     /* "MULTIPLE_IRP_COMPLETE_REQUESTS", or NULL */
  unsigned bugcheck_code;   /* 0x44, or 0 */
  unsigned parameter_count; /* how many of the bugcheck's are known */
  unsigned long long parameters[4];
  const char *windows; /* what else Windows may do, or "" */
  const char *page;    /* where to read */

  /* What had happened to the object before, oldest first. */
  const void *object; /* or NULL */
  const struct uwsk_event *history;
  unsigned history_count;

  const char *text; /* all of it, as it is printed */
};

/*
 * Has every report told to `function`: on the thread that broke the rule, at
 * its IRQL, with no lock held, before it is printed. The function may ask the
 * questions of this header; it calls nothing of the driver's and nothing that
 * may break a rule. NULL: nobody any more. `report` is there as long as the
 * call when there are more than uwsk_verifier_report_at keeps.
 *
 * A warning or a note is told and kept once per run for each place that it
 * comes from, and printed once in the process; uwsk_verifier_count counts each.
 */
void uwsk_verifier_on_report(void (*function)(const struct uwsk_report *report,
                                              void *context),
                             void *context);

/* How often a rule was broken in this run, expected or not; NULL: all rules
 * together. 0, and an error that counts as something wrong, when no rule has
 * that id. */
size_t uwsk_verifier_count(const char *id);

/* The reports of this run in the order they came, from 0; NULL behind the last
 * and for all after the first UWSK_REPORTS_KEPT. */
const struct uwsk_report *uwsk_verifier_report_at(size_t index);

#define UWSK_REPORTS_KEPT 64

/* How many reports of this run count as something wrong: violations, and
 * warnings if they are to, that nobody expected. 0 in modes that do not fail.
 */
size_t uwsk_verifier_unexpected(void);

/* Forgets counts, reports and expectations, as uwsk_start does. For tests that
 * share one run, between two of them, while nothing else goes on. */
void uwsk_verifier_reset(void);

/* ---- expectations ------------------------------------------------------ */

/*
 * Says that a violation will be reported, once per call: such a report is not
 * printed and does not count as wrong (it is kept, with `expected` set). One
 * that has not come by uwsk_stop counts as wrong, and is named. After
 * uwsk_start.
 *
 * False, with an error on standard error that counts as something wrong, when
 * no rule has that id, or its level is another (uwsk_expect_report takes every
 * level), or the mode is UWSK_VERIFIER_OFF.
 *
 * The rule OB-LEFT-01 is what uwsk_stop finds left behind: one report for each
 * thing, which comes when it is expected. What nobody expects is counted and
 * printed as it always is.
 */
bool uwsk_expect_violation(const char *id);
bool uwsk_expect_report(const char *id);

/* The same for `count` reports; UWSK_ANY_NUMBER: one or more. */
bool uwsk_expect_violations(const char *id, unsigned count);
bool uwsk_expect_reports(const char *id, unsigned count);

#define UWSK_ANY_NUMBER (~0u)

/* How many expected reports have not come yet, and calls of the functions
 * above that made no sense, each named on standard error. */
size_t uwsk_expectations_unmet(void);

#ifdef __cplusplus
}
#endif

#endif
