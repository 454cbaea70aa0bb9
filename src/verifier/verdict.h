/*
 * What a report leads to: modes, counts, expectations, rules out of force.
 *
 * One lock over all of it, a leaf, held for a few lines. Reports are rare, so
 * nobody meets there.
 */
#ifndef UWSK_VERIFIER_VERDICT_H
#define UWSK_VERIFIER_VERDICT_H

#include "verifier/report.h"

enum vf_verdict {
  VF_NOTHING,  /* off, or the rule is ignored: as if it had not happened */
  VF_COUNTED,  /* while quiet, or kept from this place before */
  VF_EXPECTED, /* a test had said so: it is kept */
  VF_RECORDED, /* it is kept, and counts as nothing */
  VF_TOLD,     /* it is kept and printed, and counts as nothing */
  VF_WRONG,    /* it is kept, printed, and counts as something wrong */
  VF_FATAL,    /* the same, and the process ends */
};

/* Counts the report and decides. `place` is the code that it comes from. */
enum vf_verdict vf__judge(enum vf_rule rule, const void *place);

/* ---- what is wrong, in words ------------------------------------------- */

/* Takes one line, without a line break, that stands for `count` reports. */
typedef void (*vf_line)(void *context, size_t count, const char *line);

/* Each tells one line per rule and returns for how many reports in all. `left`
 * things will meet expectations of OB-LEFT-01 when the time comes. */
size_t vf__tell_unexpected(vf_line line, void *context);
size_t vf__tell_unmet(size_t left, vf_line line, void *context);

/* How many reports of a rule are still expected. */
size_t vf__expected(enum vf_rule rule);

/* The rule OB-LEFT-01: says what was left behind, in one line. True when that
 * was expected; otherwise it is the caller's to print and to count. */
bool vf__left_behind(const void *object, const char *line);

/* The rule with that id, VF_RULE_COUNT when there is none. */
enum vf_rule vf__find_rule(const char *id);

/* ---- the row of a rule -------------------------------------------------- */

struct vf_row {
  const char *id;
  enum uwsk_level level;
  const char *what;
  const char *bugcheck; /* NULL: none */
  unsigned bugcheck_code;
  const char *windows;
  const char *page;
};

extern const struct vf_row vf__rows[VF_RULE_COUNT];

/* The first report of a rule that counts as wrong, in this run: what was seen,
 * or NULL when it is not kept. */
const char *vf__first_wrong(enum vf_rule rule);

void vf__forget_reports(void);

#endif
