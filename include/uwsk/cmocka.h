/*
 * uwsk/cmocka.h: cmocka tests of driver code. For C, a header and nothing else;
 * it stands beside kernel headers and without them, in front of them or behind.
 *
 *     static void a_refused_connection_is_reported(void **state) {
 *       assert_status(STATUS_CONNECTION_REFUSED, Connect(1));
 *     }
 *
 *     int main(void) {
 *       const struct CMUnitTest tests[] = {
 *           uwsk_unit_test(a_refused_connection_is_reported),
 *       };
 *       return cmocka_run_group_tests(tests, NULL, NULL);
 *     }
 *
 * Each uwsk_unit_test gets a kernel of its own. It fails when uwsk_stop finds
 * anything wrong: what the driver left behind, rules it broke, reports that
 * were expected and did not come, faults that never struck, peers that met
 * something else. What that was stands in the test's message.
 *
 * A test that fails by an assert, or is skipped, stays what it is: what is
 * wrong besides is printed, and the next test starts in a kernel of its own
 * again.
 *
 * cmocka leaves a test by longjmp, so asserts belong on the thread that runs
 * the test, outside of callbacks. In a completion routine or an event callback
 * the thread is inside the kernel; if a test is left there the kernel cannot be
 * stopped, and every test behind it says so and fails.
 *
 * C++ has the asserts and uwsk_setup; the literals behind uwsk_unit_test are
 * C's.
 *
 * GoogleTest and others: uwsk_start, uwsk_stop, uwsk_what_is_wrong and
 * uwsk_after_longjmp are all there is behind this (examples/googletest).
 */
#ifndef UWSK_CMOCKA_H
#define UWSK_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif
#include <cmocka.h>
#ifdef __cplusplus
}
#endif

#include <uwsk/fault.h>
#include <uwsk/peer.h>
#include <uwsk/status.h>
#include <uwsk/uwsk.h>
#include <uwsk/verifier.h>

/* ---- tests -------------------------------------------------------------- */

/*
 * Members of an array of struct CMUnitTest that is not static: a test with a
 * kernel of its own; with functions of its own that are called inside the
 * kernel, as cmocka_unit_test_setup_teardown has them; with options for
 * uwsk_start (a pointer that stays good, or NULL); with all of that.
 *
 * *state is NULL at first. The teardown is called when the test failed, too,
 * and not when the setup did.
 */
#define uwsk_unit_test(test) uwsk_unit_test_full(test, NULL, NULL, NULL)

#define uwsk_unit_test_setup_teardown(test, setup, teardown)                   \
  uwsk_unit_test_full(test, setup, teardown, NULL)

#define uwsk_unit_test_options(test, options)                                  \
  uwsk_unit_test_full(test, NULL, NULL, options)

#define uwsk_unit_test_full(test, setup, teardown, options)                    \
  {                                                                            \
#test, uwsk_cmocka__test, uwsk_cmocka__before, uwsk_cmocka__after,         \
        (void *)&(const struct uwsk_cmocka__plan) {                            \
      test, setup, teardown, options, __FILE__, __LINE__                       \
    }                                                                          \
  }

/* One kernel for a whole array of tests made with cmocka_unit_test and its kin:
 * in place of cmocka_run_group_tests. Returns how many tests have failed; one
 * more when there was something wrong at the end, which cmocka alone prints and
 * does not count. */
#define uwsk_run_group_tests(tests)                                            \
  (uwsk_cmocka__now.wrong = 0,                                                 \
   cmocka_run_group_tests(tests, uwsk_setup, uwsk_teardown) +                  \
       (uwsk_cmocka__now.wrong != 0))

/* What uwsk_setup starts the kernel with, and tests that have no options of
 * their own. The environment still wins. `options` stays good; NULL: defaults.
 */
static inline void uwsk_use_options(const struct uwsk_options *options);

/*
 * The two halves alone, as setup and teardown of a test or of a group. They see
 * only that something is wrong, not whether the test had failed before: such a
 * test then counts as an error.
 */
static inline int uwsk_setup(void **state);
static inline int uwsk_teardown(void **state);

/* ---- asserts ------------------------------------------------------------ */

/* Each evaluates its arguments once, and names both statuses when it fails. */

#define assert_status(expected, expression)                                    \
  uwsk_cmocka__status((int32_t)(expected), (int32_t)(expression), #expression, \
                      __FILE__, __LINE__)

#define assert_pending(expression)                                             \
  uwsk_cmocka__status(0x103, (int32_t)(expression), #expression, __FILE__,     \
                      __LINE__)

/* NT_SUCCESS(expression), which STATUS_PENDING and warnings of no error are. */
#define assert_nt_success(expression)                                          \
  uwsk_cmocka__success((int32_t)(expression), #expression, __FILE__, __LINE__)

/* The peer's script comes to its end within so many milliseconds. */
#define assert_peer(peer, milliseconds)                                        \
  uwsk_cmocka__peer(peer, milliseconds, #peer, __FILE__, __LINE__)

/* Arms a rule of uwsk/fault.h; its number. */
#define assert_armed(rule) uwsk_cmocka__armed(rule, #rule, __FILE__, __LINE__)

/* How often a rule of uwsk/fault.h has struck. */
#define assert_struck(times, rule)                                             \
  uwsk_cmocka__times(times, uwsk_fault_struck(rule), "fault " #rule " struck", \
                     __FILE__, __LINE__)

/* How often a driver has broken a rule of docs/rules.md, expected or not. */
#define assert_violations(times, id)                                           \
  uwsk_cmocka__times(times, uwsk_verifier_count(id), id " was broken",         \
                     __FILE__, __LINE__)

/* ---- what is behind it -------------------------------------------------- */

struct uwsk_cmocka__plan {
  CMUnitTestFunction test;
  CMFixtureFunction setup, teardown;
  const struct uwsk_options *options;
  const char *file;
  int line;
};

/* One test at a time, and one thread. */
static struct {
  const struct uwsk_options *options;
  const struct uwsk_cmocka__plan *plan;
  bool running;  /* the kernel; where it should not, a longjmp has left it so */
  bool teardown; /* of the test: still to be called */
  int wrong;     /* what the last uwsk_stop has said */
} uwsk_cmocka__now;

static inline void uwsk_use_options(const struct uwsk_options *options) {
  uwsk_cmocka__now.options = options;
}

/* _assert_true, since its text becomes part of cmocka's message. */
static inline void uwsk_cmocka__fail(const char *text, const char *file,
                                     int line) {
  _assert_true(0, text, file, line);
}

/* Below 0: uwsk_stop has said why it could not. */
static inline int uwsk_cmocka__stop(void) {
  int wrong = uwsk_stop();

  if (wrong >= 0)
    uwsk_cmocka__now.running = false;
  return uwsk_cmocka__now.wrong = wrong;
}

static inline int uwsk_cmocka__start(const struct uwsk_options *options) {
  if (uwsk_cmocka__now.running) {
    uwsk_after_longjmp();
    if (uwsk_cmocka__stop() < 0)
      return -1;
  }
  if (uwsk_start(options != NULL ? options : uwsk_cmocka__now.options) != 0)
    return -1;
  uwsk_cmocka__now.running = true;
  return 0;
}

static inline int uwsk_setup(void **state) {
  (void)state;
  return uwsk_cmocka__start(NULL);
}

static inline int uwsk_teardown(void **state) {
  (void)state;
  if (uwsk_cmocka__stop() >= 0)
    return uwsk_cmocka__now.wrong;
  uwsk_after_longjmp();
  (void)uwsk_cmocka__stop();
  return uwsk_cmocka__now.wrong = -1;
}

static inline int uwsk_cmocka__before(void **state) {
  const struct uwsk_cmocka__plan *plan =
      (const struct uwsk_cmocka__plan *)*state;
  int result;

  uwsk_cmocka__now.plan = plan;
  uwsk_cmocka__now.teardown = false;
  *state = NULL;
  if (uwsk_cmocka__start(plan->options) != 0)
    return -1;
  result = plan->setup != NULL ? plan->setup(state) : 0;
  uwsk_cmocka__now.teardown = result == 0 && plan->teardown != NULL;
  if (result != 0)
    (void)uwsk_cmocka__stop();
  return result;
}

static inline int uwsk_cmocka__finish(void **state) {
  if (!uwsk_cmocka__now.teardown)
    return 0;
  uwsk_cmocka__now.teardown = false;
  return uwsk_cmocka__now.plan->teardown(state);
}

/* The kernel is stopped inside the test, so that what is wrong is a failure of
 * the test; a teardown that fails is an error to cmocka, and has no place. */
static inline void uwsk_cmocka__test(void **state) {
  const struct uwsk_cmocka__plan *plan = uwsk_cmocka__now.plan;
  static char text[4096];
  size_t used;
  int result, wrong;

  plan->test(state);
  result = uwsk_cmocka__finish(state);
  wrong = uwsk_cmocka__stop();
  if (wrong < 0)
    uwsk_cmocka__fail("the kernel could not be stopped at the end of the test: "
                      "at a raised IRQL?",
                      plan->file, plan->line);
  if (wrong > 0) {
    strcpy(text, "wrong at the end of the test:\n");
    used = strlen(text);
    (void)uwsk_what_is_wrong(text + used, sizeof text - used);
    text[strlen(text) - 1] = '\0'; /* cmocka ends the line */
    uwsk_cmocka__fail(text, plan->file, plan->line);
  }
  if (result != 0)
    uwsk_cmocka__fail("the test's teardown failed", plan->file, plan->line);
}

/* The kernel runs still: the test was left. What uwsk_stop finds it prints; the
 * test's own failure stays what it is. */
static inline int uwsk_cmocka__after(void **state) {
  int result;

  if (!uwsk_cmocka__now.running)
    return 0;
  uwsk_after_longjmp();
  result = uwsk_cmocka__finish(state);
  if (uwsk_cmocka__stop() != 0)
    print_error("uwsk: this came of a test that had ended early\n");
  return result;
}

static inline void uwsk_cmocka__status(int32_t expected, int32_t status,
                                       const char *expression, const char *file,
                                       int line) {
  char text[512];

  if (status == expected)
    return;
  snprintf(text, sizeof text, "%s is %s (0x%08X), not %s (0x%08X)", expression,
           uwsk_status_name(status), (unsigned)status,
           uwsk_status_name(expected), (unsigned)expected);
  uwsk_cmocka__fail(text, file, line);
}

static inline void uwsk_cmocka__success(int32_t status, const char *expression,
                                        const char *file, int line) {
  char text[512];

  if (status >= 0)
    return;
  snprintf(text, sizeof text, "%s is %s (0x%08X), which is no success",
           expression, uwsk_status_name(status), (unsigned)status);
  uwsk_cmocka__fail(text, file, line);
}

static inline void uwsk_cmocka__peer(struct uwsk_peer *peer, unsigned time,
                                     const char *name, const char *file,
                                     int line) {
  char text[512];
  const char *failure;

  if (peer != NULL && uwsk_peer_wait(peer, time))
    return;
  failure = peer != NULL ? uwsk_peer_failure(peer) : "there is none";
  if (failure[0] == '\0')
    failure = "its script has not come to its end";
  snprintf(text, sizeof text, "peer %s: %.*s", name,
           (int)strcspn(failure, "\n"), failure);
  uwsk_cmocka__fail(text, file, line);
}

static inline int uwsk_cmocka__armed(const struct uwsk_rule *rule,
                                     const char *name, const char *file,
                                     int line) {
  char text[512];
  int number = uwsk_fault_arm(rule);

  if (number <= 0) {
    snprintf(text, sizeof text, "the rule %s cannot be armed", name);
    uwsk_cmocka__fail(text, file, line);
  }
  return number;
}

static inline void uwsk_cmocka__times(size_t expected, size_t times,
                                      const char *what, const char *file,
                                      int line) {
  char text[512];

  if (times == expected)
    return;
  snprintf(text, sizeof text, "%s %u times, not %u", what, (unsigned)times,
           (unsigned)expected);
  uwsk_cmocka__fail(text, file, line);
}

#endif
