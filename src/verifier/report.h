/*
 * The rules a client must keep, and the one function that reports a breach.
 *
 * A report names the rule, what happened, the bugcheck Windows would have
 * raised and where to read. Reporting does not end the process: the caller then
 * goes on in the least harmful way. Rules stand in one table, verifier/rules.h.
 */
#ifndef UWSK_VERIFIER_REPORT_H
#define UWSK_VERIFIER_REPORT_H

#include <stddef.h>

#include "rules.h"

enum vf_rule {
#define X(symbol, id, what, bugcheck, page) VF_##symbol,
  VF_RULES(X)
#undef X
      VF_RULE_COUNT
};

/* `format` says what was seen, in one sentence without a full stop. */
void vf__report(enum vf_rule rule, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reports since the last vf__reset, of one rule or (VF_RULE_COUNT) of all. */
size_t vf__count(enum vf_rule rule);
void vf__reset(void);

/* Tests that provoke a report keep it off standard error: while quiet, reports
 * are counted only. */
void vf__quiet(int quiet);

const char *vf__rule_id(enum vf_rule rule);

#endif
