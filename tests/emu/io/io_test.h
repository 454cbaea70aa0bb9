/*
 * What the tests of the I/O manager share: a completion routine that writes
 * down what it saw, and the bracket around code that breaks a rule.
 */
#ifndef UWSK_TEST_IO_TEST_H
#define UWSK_TEST_IO_TEST_H

#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

#include "io/io.h"
#include "verifier/report.h"

struct seen {
  int calls;
  PDEVICE_OBJECT device;
  PIRP irp;
  NTSTATUS status;
  ULONG_PTR information;
  bool pending_returned;
  KIRQL irql;
  bool marks;      /* propagate pending as a passed-down IRP's routine must */
  bool frees;      /* IoFreeIrp in the routine */
  NTSTATUS answer; /* what the routine returns */
};

static inline NTSTATUS look(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  struct seen *seen = context;

  seen->calls++;
  seen->device = device;
  seen->irp = irp;
  seen->status = irp->IoStatus.Status;
  seen->information = irp->IoStatus.Information;
  seen->pending_returned = irp->PendingReturned;
  seen->irql = KeGetCurrentIrql();
  if (seen->marks && irp->PendingReturned)
    IoMarkIrpPending(irp);
  if (seen->frees)
    IoFreeIrp(irp);
  return seen->answer;
}

#define SEEN_OWN                                                               \
  { .answer = STATUS_MORE_PROCESSING_REQUIRED }

/* An own IRP with one location and `seen` watching for everything. */
static inline PIRP own_irp(struct seen *seen) {
  PIRP irp = IoAllocateIrp(1, FALSE);

  assert_non_null(irp);
  IoSetCompletionRoutine(irp, look, seen, TRUE, TRUE, TRUE);
  return irp;
}

/* The statement is reported once under the rule and under no other. */
#define BREAKS(rule, statement)                                                \
  do {                                                                         \
    vf__reset();                                                               \
    vf__quiet(1);                                                              \
    statement;                                                                 \
    vf__quiet(0);                                                              \
    assert_int_equal(vf__count(rule), 1);                                      \
    assert_int_equal(vf__count(VF_RULE_COUNT), 1);                             \
    vf__reset();                                                               \
  } while (0)

static inline int start_clean(void **state) {
  (void)state;
  vf__reset();
  vf__quiet(0);
  return 0;
}

/* No test leaves a report, a raised IRQL or an object behind. */
static inline int end_clean(void **state) {
  (void)state;
  return vf__count(VF_RULE_COUNT) != 0 || KeGetCurrentIrql() != 0 ||
         ob__print_left() != 0;
}

#define IO_TEST(name)                                                          \
  cmocka_unit_test_setup_teardown(name, start_clean, end_clean)

#endif
