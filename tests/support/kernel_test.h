/*
 * The bracket around a test that needs the running kernel: it starts before and
 * stops after, and neither finds anything left or any report that the test did
 * not take back.
 */
#ifndef UWSK_TEST_KERNEL_TEST_H
#define UWSK_TEST_KERNEL_TEST_H

#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>
#include <uwsk/uwsk.h>

#include "ob/track.h"
#include "verifier/report.h"

static inline int kernel_start(void **state) {
  (void)state;
  if (ob__count(OB_KIND_COUNT) != 0)
    return -1;
  vf__reset();
  return uwsk_start(NULL);
}

static inline int kernel_stop(void **state) {
  (void)state;
  if (vf__count(VF_RULE_COUNT) != 0)
    return -1;
  return uwsk_stop();
}

#define KERNEL_TEST(name)                                                      \
  cmocka_unit_test_setup_teardown(name, kernel_start, kernel_stop)

/* Around code that breaks a rule: what comes between is reported once. */
static inline void expect_report_begin(void) {
  assert_int_equal(vf__count(VF_RULE_COUNT), 0);
  vf__quiet(1);
}

static inline void expect_report_end(enum vf_rule rule) {
  vf__quiet(0);
  assert_int_equal(vf__count(rule), 1);
  assert_int_equal(vf__count(VF_RULE_COUNT), 1);
  vf__reset();
}

#endif
