/*
 * The verdict on a report, and the public questions and settings around it.
 */
#include "verifier/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"

#define PLACES   256 /* where warnings and notes have come from */
#define MISTAKES 8   /* calls that made no sense, whose text is kept */

/* Of one run. */
struct result {
  size_t count;
  size_t unexpected;
  size_t expected; /* how many are still to come */
  bool any;        /* any number more may come and is expected */
};

static struct {
  struct os_spin lock;
  /* Settings. */
  enum uwsk_verifier_mode mode;
  bool warnings_fail;
  bool quiet;
  bool ignored[VF_RULE_COUNT];
  /* Of the process: a warning is printed once. */
  unsigned place_count;
  struct place {
    enum vf_rule rule;
    const void *code;
    unsigned run; /* in which it was told last */
  } places[PLACES];
  /* Of one run. */
  unsigned run;
  struct result results[VF_RULE_COUNT];
  size_t mistake_count;
  char mistakes[MISTAKES][160];
} state = {.mode = UWSK_VERIFIER_FAIL};

static void lock(void) {
  os__spin_lock(&state.lock);
}

static void unlock(void) {
  os__spin_unlock(&state.lock);
}

/* ---- the verdict ------------------------------------------------------- */

/* With the lock held, down to vf__judge. */

static bool take_expected(struct result *result) {
  if (result->expected > 0)
    result->expected--;
  else if (!result->any)
    return false;
  return true;
}

static struct place *find_place(enum vf_rule rule, const void *code) {
  for (unsigned i = 0; i < state.place_count; i++)
    if (state.places[i].rule == rule && state.places[i].code == code)
      return &state.places[i];
  return NULL;
}

/* Printed once in the process, kept once in a run. When there is no room to
 * know, it is only counted. */
static enum vf_verdict judge_place(enum vf_rule rule, const void *code) {
  struct place *place = find_place(rule, code);

  if (place != NULL) {
    bool told = place->run == state.run;
    place->run = state.run;
    return told ? VF_COUNTED : VF_RECORDED;
  }
  if (state.place_count == PLACES)
    return VF_COUNTED;
  state.places[state.place_count++] = (struct place){rule, code, state.run};
  return VF_TOLD;
}

static bool fails(enum vf_rule rule) {
  enum uwsk_level level = vf__rows[rule].level;

  if (state.mode != UWSK_VERIFIER_FAIL && state.mode != UWSK_VERIFIER_ABORT)
    return false;
  return level == UWSK_VIOLATION ||
         (level == UWSK_WARNING && state.warnings_fail);
}

static enum vf_verdict judge(enum vf_rule rule, const void *place) {
  struct result *result = &state.results[rule];

  if (state.mode == UWSK_VERIFIER_OFF || state.ignored[rule])
    return VF_NOTHING;
  result->count++;
  if (take_expected(result))
    return VF_EXPECTED;
  if (state.quiet)
    return VF_COUNTED;
  if (fails(rule)) {
    result->unexpected++;
    return state.mode == UWSK_VERIFIER_ABORT ? VF_FATAL : VF_WRONG;
  }
  enum vf_verdict verdict = VF_TOLD;
  if (vf__rows[rule].level != UWSK_VIOLATION)
    verdict = judge_place(rule, place);
  return verdict == VF_TOLD && state.mode == UWSK_VERIFIER_RECORD ? VF_RECORDED
                                                                  : verdict;
}

enum vf_verdict vf__judge(enum vf_rule rule, const void *place) {
  lock();
  enum vf_verdict verdict = judge(rule, place);
  unlock();
  return verdict;
}

/* ---- counts ------------------------------------------------------------ */

size_t vf__count(enum vf_rule rule) {
  size_t sum = 0;

  lock();
  for (int i = 0; i < VF_RULE_COUNT; i++)
    if (rule == VF_RULE_COUNT || i == (int)rule)
      sum += state.results[i].count;
  unlock();
  return sum;
}

size_t uwsk_verifier_unexpected(void) {
  size_t sum = 0;

  lock();
  for (int i = 0; i < VF_RULE_COUNT; i++)
    sum += state.results[i].unexpected;
  unlock();
  return sum;
}

void vf__reset(void) {
  lock();
  memset(state.results, 0, sizeof(state.results));
  state.run++;
  state.mistake_count = 0;
  unlock();
  vf__forget_reports();
}

void uwsk_verifier_reset(void) {
  vf__reset();
}

/* ---- settings ---------------------------------------------------------- */

void uwsk_verifier_set_mode(enum uwsk_verifier_mode mode) {
  if (mode < UWSK_VERIFIER_FAIL || mode > UWSK_VERIFIER_OFF)
    return;
  lock();
  state.mode = mode;
  unlock();
  vf__watch(VF_WATCH_OBJECTS, mode != UWSK_VERIFIER_OFF);
}

enum uwsk_verifier_mode uwsk_verifier_get_mode(void) {
  lock();
  enum uwsk_verifier_mode mode = state.mode;
  unlock();
  return mode;
}

void uwsk_verifier_fail_on_warnings(bool on) {
  lock();
  state.warnings_fail = on;
  unlock();
}

void vf__quiet(int on) {
  lock();
  state.quiet = on != 0;
  unlock();
}

/* ---- calls that make no sense ------------------------------------------ */

static void print_line(void *unused, size_t count, const char *line) {
  char text[256];
  int length = snprintf(text, sizeof(text), "uwsk: %s\n", line);

  (void)unused, (void)count;
  if (length > (int)sizeof(text) - 1)
    length = (int)sizeof(text) - 1;
  os__stderr(text, (size_t)length);
}

/* Printed at once, and something wrong at the end: a test that goes by a name
 * which nothing has would otherwise pass for ever. */
__attribute__((format(printf, 1, 2))) static void mistake(const char *format,
                                                          ...) {
  char line[sizeof(state.mistakes[0])];
  va_list arguments;

  va_start(arguments, format);
  vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  lock();
  if (state.mistake_count < MISTAKES)
    memcpy(state.mistakes[state.mistake_count], line, sizeof(line));
  state.mistake_count++;
  unlock();
  print_line(NULL, 1, line);
}

static enum vf_rule rule_of(const char *call, const char *id) {
  enum vf_rule rule = vf__find_rule(id);

  if (rule == VF_RULE_COUNT)
    mistake("%s: no rule is called \"%.60s\"; docs/rules.md lists them", call,
            id == NULL ? "(null)" : id);
  return rule;
}

static bool set_ignored(const char *call, const char *id, bool on) {
  enum vf_rule rule = rule_of(call, id);

  if (rule == VF_RULE_COUNT)
    return false;
  lock();
  state.ignored[rule] = on;
  unlock();
  return true;
}

bool uwsk_verifier_ignore(const char *id) {
  return set_ignored("uwsk_verifier_ignore", id, true);
}

bool uwsk_verifier_heed(const char *id) {
  return set_ignored("uwsk_verifier_heed", id, false);
}

size_t uwsk_verifier_count(const char *id) {
  enum vf_rule rule = VF_RULE_COUNT;

  if (id != NULL &&
      (rule = rule_of("uwsk_verifier_count", id)) == VF_RULE_COUNT)
    return 0;
  return vf__count(rule);
}

/* ---- expectations ------------------------------------------------------ */

static bool expect(const char *call, enum vf_rule rule, unsigned count) {
  lock();
  bool off = state.mode == UWSK_VERIFIER_OFF;
  struct result *result = &state.results[rule];
  if (!off && count == UWSK_ANY_NUMBER) {
    result->any = true;
    result->expected++;
  } else if (!off)
    result->expected += count;
  unlock();
  if (off)
    mistake("%s: the verifier is off, %s will not come", call,
            vf__rows[rule].id);
  return !off;
}

bool uwsk_expect_reports(const char *id, unsigned count) {
  enum vf_rule rule = rule_of("uwsk_expect_report", id);

  return rule != VF_RULE_COUNT && expect("uwsk_expect_report", rule, count);
}

bool uwsk_expect_report(const char *id) {
  return uwsk_expect_reports(id, 1);
}

bool uwsk_expect_violations(const char *id, unsigned count) {
  enum vf_rule rule = rule_of("uwsk_expect_violation", id);

  if (rule == VF_RULE_COUNT)
    return false;
  if (vf__rows[rule].level != UWSK_VIOLATION) {
    mistake("uwsk_expect_violation: %s is no violation; use "
            "uwsk_expect_report",
            vf__rows[rule].id);
    return false;
  }
  return expect("uwsk_expect_violation", rule, count);
}

bool uwsk_expect_violation(const char *id) {
  return uwsk_expect_violations(id, 1);
}

size_t vf__expected(enum vf_rule rule) {
  lock();
  const struct result *result = &state.results[rule];
  size_t expected = result->any ? (size_t)-1 : result->expected;
  unlock();
  return expected;
}

/* ---- what is wrong, in words ------------------------------------------- */

static const char *times(size_t count, char *buffer, size_t size) {
  if (count == 1)
    return "once";
  snprintf(buffer, size, "%llu times", (unsigned long long)count);
  return buffer;
}

size_t vf__tell_unexpected(vf_line line, void *context) {
  size_t sum = 0;
  char text[512], number[32];

  for (int i = 0; i < VF_RULE_COUNT; i++) {
    lock();
    size_t count = state.results[i].unexpected;
    unlock();
    if (count == 0)
      continue;
    const char *first = vf__first_wrong(i);
    snprintf(text, sizeof(text), "rule broken: %s, %s: %s", vf__rows[i].id,
             times(count, number, sizeof(number)),
             first != NULL ? first : vf__rows[i].what);
    line(context, count, text);
    sum += count;
  }
  return sum;
}

/* A copy under the lock: a mistake may be added meanwhile. */
static bool copy_mistake(size_t at, char *text) {
  lock();
  bool there = at < state.mistake_count;
  if (there && at < MISTAKES)
    memcpy(text, state.mistakes[at], sizeof(state.mistakes[at]));
  else
    strcpy(text, "one more call of the verifier made no sense");
  unlock();
  return there;
}

size_t vf__tell_unmet(size_t left, vf_line line, void *context) {
  size_t sum = 0, mistakes = 0;
  char text[sizeof(state.mistakes[0])], number[32];

  for (int i = 0; i < VF_RULE_COUNT; i++) {
    lock();
    size_t count = state.results[i].expected;
    unlock();
    if (i == VF_LEFT_01)
      count -= left < count ? left : count;
    if (count == 0)
      continue;
    snprintf(text, sizeof(text), "expected, but not reported: %s, %s",
             vf__rows[i].id, times(count, number, sizeof(number)));
    line(context, count, text);
    sum += count;
  }
  while (copy_mistake(mistakes, text)) {
    line(context, 1, text);
    mistakes++;
  }
  return sum + mistakes;
}

size_t uwsk_expectations_unmet(void) {
  return vf__tell_unmet(0, print_line, NULL);
}
