/*
 * Reports: one block of text each, written whole, so that reports of several
 * threads do not mix.
 */
#include "verifier/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "os/os.h"

struct rule {
  const char *id;
  const char *what;
  const char *bugcheck;
  const char *page;
};

static const struct rule rules[] = {
#define X(symbol, id, what, bugcheck, page) {id, what, bugcheck, page},
    VF_RULES(X)
#undef X
};

_Static_assert(sizeof(rules) / sizeof(rules[0]) == VF_RULE_COUNT,
               "one row for each rule");

static size_t counts[VF_RULE_COUNT];
static int quiet;

static void print_report(const struct rule *rule, const char *seen) {
  char text[1536];
  int length = snprintf(text, sizeof(text),
                        "uwsk: %s: %s\n"
                        "      rule:       %s\n"
                        "      on Windows: %s\n"
                        "      read:       %s\n",
                        rule->id, seen, rule->what, rule->bugcheck, rule->page);

  if (length > (int)sizeof(text) - 1)
    length = (int)sizeof(text) - 1;
  os__stderr(text, (size_t)length);
}

void vf__report(enum vf_rule rule, const char *format, ...) {
  char seen[512];
  va_list arguments;

  __atomic_fetch_add(&counts[rule], 1, __ATOMIC_RELAXED);
  if (__atomic_load_n(&quiet, __ATOMIC_RELAXED))
    return;
  va_start(arguments, format);
  vsnprintf(seen, sizeof(seen), format, arguments);
  va_end(arguments);
  print_report(&rules[rule], seen);
}

size_t vf__count(enum vf_rule rule) {
  size_t sum = 0;

  if (rule != VF_RULE_COUNT)
    return __atomic_load_n(&counts[rule], __ATOMIC_RELAXED);
  for (int i = 0; i < VF_RULE_COUNT; i++)
    sum += __atomic_load_n(&counts[i], __ATOMIC_RELAXED);
  return sum;
}

void vf__reset(void) {
  for (int i = 0; i < VF_RULE_COUNT; i++)
    __atomic_store_n(&counts[i], 0, __ATOMIC_RELAXED);
}

void vf__quiet(int on) {
  __atomic_store_n(&quiet, on, __ATOMIC_RELAXED);
}

const char *vf__rule_id(enum vf_rule rule) {
  return rules[rule].id;
}
