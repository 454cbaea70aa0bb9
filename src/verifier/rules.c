/* The rules as data. */
#include <string.h>

#include "verifier/bugchecks.h"
#include "verifier/verdict.h"

enum {
#define X(name, code) CODE_##name = code,
  VF_BUGCHECKS(X)
#undef X
      CODE_NONE = 0
};

#define LEVEL_NOTE      UWSK_NOTE
#define LEVEL_WARNING   UWSK_WARNING
#define LEVEL_VIOLATION UWSK_VIOLATION

const struct vf_row vf__rows[VF_RULE_COUNT] = {
#define X(symbol, id, level, what, bugcheck, windows, page)                    \
  {id,                                                                         \
   LEVEL_##level,                                                              \
   what,                                                                       \
   CODE_##bugcheck != 0 ? #bugcheck : NULL,                                    \
   CODE_##bugcheck,                                                            \
   windows,                                                                    \
   page},
    VF_RULES(X)
#undef X
};

const char *vf__rule_id(enum vf_rule rule) {
  return vf__rows[rule].id;
}

enum vf_rule vf__find_rule(const char *id) {
  enum vf_rule rule = 0;

  while (rule < VF_RULE_COUNT &&
         (id == NULL || strcmp(vf__rows[rule].id, id) != 0))
    rule++;
  return rule;
}
