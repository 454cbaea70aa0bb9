/* The way of an IRP up: which routines are called, with what, and who stops. */
#include "io_test.h"

#include <string.h>

#include "uwsk/fault.h"

/* ---- one location, as WSK clients have it ------------------------------ */

static PIRP prepared(struct seen *seen) {
  PIRP irp = own_irp(seen);

  assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
  return irp;
}

/* IRP-01. The routine sees status, information, no device, DISPATCH_LEVEL. */
static void the_completion_routine_sees_the_result_at_dispatch(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = prepared(&seen);

  io__complete(irp, STATUS_SUCCESS, 42);
  assert_int_equal(seen.calls, 1);
  assert_ptr_equal(seen.irp, irp);
  assert_null(seen.device);
  assert_int_equal(seen.status, STATUS_SUCCESS);
  assert_int_equal(seen.information, 42);
  assert_int_equal(seen.irql, DISPATCH_LEVEL);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  IoFreeIrp(irp);
}

/* A plain driver that completes at PASSIVE_LEVEL has its caller's routine run
 * there: only the provider raises. */
static void a_plain_completion_runs_at_the_callers_irql(void **state) {
  (void)state;
  struct seen seen = {.answer = STATUS_MORE_PROCESSING_REQUIRED};
  PIRP irp = IoAllocateIrp(1, FALSE);

  IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  IoSetNextIrpStackLocation(irp); /* as if it had been sent */
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(seen.calls, 1);
  assert_int_equal(seen.irql, PASSIVE_LEVEL);
  IoFreeIrp(irp);
}

/* PendingReturned is TRUE exactly when the holder marked the IRP pending; stale
 * marks of an earlier request do not count. */
static void pending_returned_tells_whether_the_irp_was_marked(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = IoAllocateIrp(1, FALSE);

  for (int round = 0; round < 4; round++) {
    bool mark = round & 1;

    IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
    assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
    if (mark)
      IoMarkIrpPending(irp);
    io__complete(irp, round & 2 ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS, 0);
    assert_int_equal(seen.calls, round + 1);
    assert_int_equal(seen.pending_returned, mark);
    IoReuseIrp(irp, STATUS_SUCCESS);
  }
  IoFreeIrp(irp);
}

/* IRP-04. AddressSanitizer sees a touch after the routine has returned. */
static void the_completion_routine_may_free_the_irp(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;

  seen.frees = true;
  io__complete(prepared(&seen), STATUS_SUCCESS, 0);
  assert_int_equal(seen.calls, 1);
}

struct job {
  int number;
  IRP irp;
  IO_STACK_LOCATION location;
};

static NTSTATUS free_the_job(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  struct job *job = context;

  (void)device;
  memset(irp, 0xEE, sizeof(*irp)); /* any later use would be wild */
  ExFreePoolWithTag(job, 'boJT');
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Client practice 4: the IRP goes with the object it is embedded in. */
static void the_completion_routine_may_free_what_holds_the_irp(void **state) {
  (void)state;
  struct job *job = ExAllocatePoolWithTag(NonPagedPool, sizeof(*job), 'boJT');

  IoInitializeIrp(&job->irp, IoSizeOfIrp(1), 1);
  IoSetCompletionRoutine(&job->irp, free_the_job, job, TRUE, TRUE, TRUE);
  assert_int_equal(io__prepare(&job->irp, NULL, "test"), STATUS_SUCCESS);
  io__complete(&job->irp, STATUS_SUCCESS, 0);
}

struct again {
  struct seen seen;
  int left;
};

static NTSTATUS send_again(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  struct again *again = context;

  look(device, irp, &again->seen);
  if (again->left-- > 0) {
    IoReuseIrp(irp, STATUS_SUCCESS);
    IoSetCompletionRoutine(irp, send_again, again, TRUE, TRUE, TRUE);
    assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
    io__complete(irp, STATUS_SUCCESS, 1);
  } else {
    IoFreeIrp(irp);
  }
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static void the_completion_routine_may_reuse_the_irp_at_once(void **state) {
  (void)state;
  struct again again = {.left = 100};
  PIRP irp = IoAllocateIrp(1, FALSE);

  IoSetCompletionRoutine(irp, send_again, &again, TRUE, TRUE, TRUE);
  assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
  io__complete(irp, STATUS_SUCCESS, 1);
  assert_int_equal(again.seen.calls, 101);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

/* IRP-06: the client sets nothing but the routine; its location is found again
 * with the device that was asked. */
static void
prepare_moves_to_the_next_location_and_keeps_the_routine(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  DEVICE_OBJECT device;
  PIRP irp = IoAllocateIrp(2, FALSE);
  PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);

  IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  assert_int_equal(io__prepare(irp, &device, "test"), STATUS_SUCCESS);
  assert_int_equal(irp->CurrentLocation, 2);
  assert_ptr_equal(IoGetCurrentIrpStackLocation(irp), next);
  assert_ptr_equal(next->CompletionRoutine, look);
  assert_ptr_equal(next->Context, &seen);
  assert_ptr_equal(next->DeviceObject, &device);
  io__complete(irp, STATUS_SUCCESS, 0);
  assert_int_equal(seen.calls, 1);
  assert_int_equal(irp->CurrentLocation, 3);
  IoFreeIrp(irp);
}

/* ---- which results a routine is called for ----------------------------- */

/* A chain of two: the lower routine has the flags under test, the owner's sees
 * everything. IRP-16. */
static int lower_calls(bool success, bool error, bool cancel, NTSTATUS status,
                       bool cancelled) {
  struct seen top = SEEN_OWN;
  struct seen lower = {.answer = STATUS_SUCCESS, .marks = true};
  DEVICE_OBJECT device;
  PIRP irp = IoAllocateIrp(2, FALSE);

  IoSetCompletionRoutine(irp, look, &top, TRUE, TRUE, TRUE);
  IoSetNextIrpStackLocation(irp);
  IoGetCurrentIrpStackLocation(irp)->DeviceObject = &device;
  IoSetCompletionRoutine(irp, look, &lower, success, error, cancel);
  IoSetNextIrpStackLocation(irp);
  irp->Cancel = cancelled;
  irp->IoStatus.Status = status;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(top.calls, 1);
  assert_null(top.device);
  if (lower.calls != 0)
    assert_ptr_equal(lower.device, &device);
  IoFreeIrp(irp);
  return lower.calls;
}

static void routines_are_called_for_what_they_asked_for(void **state) {
  (void)state;
  /* success, error, cancel: succeeded, failed, succeeded though cancelled,
   * failed because cancelled */
  static const struct {
    bool on[3];
    int expected[4];
  } table[] = {
      {{false, false, false}, {0, 0, 0, 0}},
      {{true, false, false}, {1, 0, 1, 0}},
      {{false, true, false}, {0, 1, 0, 1}},
      {{true, true, false}, {1, 1, 1, 1}},
      {{false, false, true}, {0, 0, 1, 1}},
      {{true, false, true}, {1, 0, 1, 1}},
      {{false, true, true}, {0, 1, 1, 1}},
      {{true, true, true}, {1, 1, 1, 1}},
  };

  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
    const bool *on = table[i].on;
    const int *expected = table[i].expected;

    assert_int_equal(lower_calls(on[0], on[1], on[2], STATUS_SUCCESS, false),
                     expected[0]);
    assert_int_equal(
        lower_calls(on[0], on[1], on[2], STATUS_UNSUCCESSFUL, false),
        expected[1]);
    assert_int_equal(lower_calls(on[0], on[1], on[2], STATUS_SUCCESS, true),
                     expected[2]);
    assert_int_equal(lower_calls(on[0], on[1], on[2], STATUS_CANCELLED, true),
                     expected[3]);
  }
}

/* Informational and warning statuses: NT_SUCCESS decides, so that a warning is
 * an error to a completion routine. */
static void a_warning_counts_as_an_error(void **state) {
  (void)state;
  assert_int_equal(
      lower_calls(true, false, false, STATUS_BUFFER_OVERFLOW, false), 0);
  assert_int_equal(
      lower_calls(false, true, false, STATUS_BUFFER_OVERFLOW, false), 1);
  assert_int_equal(
      lower_calls(true, false, false, STATUS_OBJECT_NAME_EXISTS, false), 1);
}

/* ---- several locations ------------------------------------------------- */

/* Sends an IRP down `count` locations with `seen[i]` watching the i-th from the
 * top, as if that many drivers had passed it on. */
static PIRP sent_down(struct seen *seen, int count, DEVICE_OBJECT *devices) {
  PIRP irp = IoAllocateIrp((CCHAR)count, FALSE);

  for (int i = 0; i < count; i++) {
    IoSetCompletionRoutine(irp, look, &seen[i], TRUE, TRUE, TRUE);
    IoSetNextIrpStackLocation(irp);
    IoGetCurrentIrpStackLocation(irp)->DeviceObject = &devices[i];
  }
  return irp;
}

/* Each routine gets the device of the driver that set it, which is the one of
 * the location above; the owner's gets none. */
static void each_routine_gets_its_own_drivers_device(void **state) {
  (void)state;
  struct seen seen[3] = {SEEN_OWN};
  DEVICE_OBJECT devices[3];
  PIRP irp = sent_down(seen, 3, devices);

  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(seen[2].calls, 1);
  assert_ptr_equal(seen[2].device, &devices[1]);
  assert_int_equal(seen[1].calls, 1);
  assert_ptr_equal(seen[1].device, &devices[0]);
  assert_int_equal(seen[0].calls, 1);
  assert_null(seen[0].device);
  IoFreeIrp(irp);
}

/* Whose locations were left are empty but for routine and context. */
static void locations_are_cleared_as_they_are_left(void **state) {
  (void)state;
  struct seen seen[2] = {SEEN_OWN};
  DEVICE_OBJECT devices[2];
  PIRP irp = sent_down(seen, 2, devices);
  PIO_STACK_LOCATION low = IoGetCurrentIrpStackLocation(irp);

  low->MinorFunction = 7;
  low->Flags = 7;
  low->Parameters.Others.Argument1 = low->Parameters.Others.Argument4 = low;
  low->FileObject = (PFILE_OBJECT)low;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(low->MinorFunction, 0);
  assert_int_equal(low->Flags, 0);
  assert_int_equal(low->Control, 0);
  assert_null(low->Parameters.Others.Argument1);
  assert_null(low->Parameters.Others.Argument4);
  assert_null(low->FileObject);
  IoFreeIrp(irp);
}

/* IRP-13: MORE_PROCESSING stops the way up; IoCompleteRequest goes on with the
 * location of who stopped it, not with one above or below. */
static void completion_goes_on_where_it_was_stopped(void **state) {
  (void)state;
  struct seen seen[3] = {SEEN_OWN,
                         {.answer = STATUS_SUCCESS},
                         {.answer = STATUS_MORE_PROCESSING_REQUIRED}};
  DEVICE_OBJECT devices[3];
  PIRP irp = sent_down(seen, 3, devices);

  irp->IoStatus.Information = 1;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(seen[2].calls, 1);
  assert_int_equal(seen[1].calls, 0);
  assert_int_equal(irp->CurrentLocation, 2);
  assert_ptr_equal(IoGetCurrentIrpStackLocation(irp)->DeviceObject,
                   &devices[1]);
  irp->IoStatus.Information = 2;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(seen[2].calls, 1);
  assert_int_equal(seen[1].calls, 1);
  assert_int_equal(seen[1].information, 2);
  assert_int_equal(seen[0].calls, 1);
  IoFreeIrp(irp);
}

/* PendingReturned on the way up: a location without a routine carries the mark
 * on by itself; a routine must (and here does) do it by hand. */
static bool top_sees_pending(bool routine, bool mark_below, bool propagates) {
  struct seen seen[2] = {SEEN_OWN, {.marks = propagates}};
  DEVICE_OBJECT devices[2];
  PIRP irp = sent_down(seen, 2, devices);

  if (!routine)
    IoGetCurrentIrpStackLocation(irp)->Control = 0;
  if (mark_below)
    IoMarkIrpPending(irp);
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(seen[1].calls, routine);
  if (routine)
    assert_int_equal(seen[1].pending_returned, mark_below);
  IoFreeIrp(irp);
  return seen[0].pending_returned;
}

static void the_pending_mark_travels_up(void **state) {
  (void)state;
  assert_false(top_sees_pending(false, false, false));
  assert_true(top_sees_pending(false, true, false));
  assert_false(top_sees_pending(true, false, true));
  assert_true(top_sees_pending(true, true, true));
}

/* IRP-15 */
static void a_routine_that_drops_the_pending_mark_is_reported(void **state) {
  (void)state;
  bool pending = true;

  BREAKS(VF_IRP_15, pending = top_sees_pending(true, true, false));
  assert_false(pending);
}

/* ---- what a client can do wrong ---------------------------------------- */

/* IRP-05: nothing is completed, the IRP can still be freed. */
static void an_irp_without_a_location_is_refused(void **state) {
  (void)state;
  PIRP irp = IoAllocateIrp(0, FALSE);
  NTSTATUS status = STATUS_SUCCESS;

  BREAKS(VF_IRP_05, status = io__prepare(irp, NULL, "WskSend"));
  assert_int_equal(status, STATUS_INVALID_PARAMETER);
  assert_int_equal(irp->CurrentLocation, 1);
  IoFreeIrp(irp);
  assert_int_equal(io__prepare(NULL, NULL, "WskSend"),
                   STATUS_INVALID_PARAMETER);
}

static void something_that_is_no_irp_is_refused(void **state) {
  (void)state;
  IRP irp;
  NTSTATUS status = STATUS_SUCCESS;

  memset(&irp, 0, sizeof(irp));
  BREAKS(VF_IO_TYPE_01, status = io__prepare(&irp, NULL, "WskSend"));
  assert_int_equal(status, STATUS_INVALID_PARAMETER);
  BREAKS(VF_IO_TYPE_01, IoCompleteRequest(&irp, IO_NO_INCREMENT));
}

/* IRP-10, for an IRP with a location to spare, too. */
static void a_pending_irp_cannot_be_sent_again(void **state) {
  (void)state;
  for (CCHAR locations = 1; locations <= 2; locations++) {
    struct seen seen = SEEN_OWN;
    PIRP irp = IoAllocateIrp(locations, FALSE);
    NTSTATUS status = STATUS_SUCCESS;

    IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
    assert_int_equal(io__prepare(irp, NULL, "WskSend"), STATUS_SUCCESS);
    BREAKS(VF_IRP_10, status = io__prepare(irp, NULL, "WskReceive"));
    assert_int_equal(status, STATUS_INVALID_PARAMETER);
    io__complete(irp, STATUS_SUCCESS, 0);
    assert_int_equal(seen.calls, 1);
    IoFreeIrp(irp);
  }
}

/* IRP-09: reported, and works as it does on Windows. */
static void an_irp_used_again_without_reuse_is_reported(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = prepared(&seen);

  io__complete(irp, STATUS_SUCCESS, 0);
  IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  BREAKS(VF_IRP_09, io__prepare(irp, NULL, "WskSend"));
  io__complete(irp, STATUS_SUCCESS, 0);
  assert_int_equal(seen.calls, 2);
  IoFreeIrp(irp);
}

static void complete_unseen(PIRP irp, PIO_STATUS_BLOCK iosb, PKEVENT event) {
  irp->UserIosb = iosb;
  irp->UserEvent = event;
  vf__reset();
  io__complete(irp, STATUS_UNSUCCESSFUL, 3);
  assert_int_equal(vf__count(VF_RULE_COUNT), 0);
  assert_int_equal(iosb->Status, STATUS_UNSUCCESSFUL);
  assert_int_equal(iosb->Information, 3);
  assert_int_not_equal(KeReadStateEvent(event), 0);
  IoFreeIrp(irp);
}

/* IRP-07: without a routine, and with one that is not set for everything. Who
 * left an event is woken, and the IRP stays the client's. One mistake is told
 * of once, and not again when nobody hears of the end. */
static void an_own_irp_without_a_full_routine_is_reported(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  IO_STATUS_BLOCK iosb;
  KEVENT event;
  PIRP irp = IoAllocateIrp(1, FALSE);

  KeInitializeEvent(&event, NotificationEvent, FALSE);
  BREAKS(VF_IRP_07, io__prepare(irp, NULL, "WskSend"));
  complete_unseen(irp, &iosb, &event);

  irp = IoAllocateIrp(1, FALSE);
  KeClearEvent(&event);
  IoSetCompletionRoutine(irp, look, &seen, TRUE, FALSE, TRUE);
  BREAKS(VF_IRP_07, io__prepare(irp, NULL, "WskSend"));
  complete_unseen(irp, &iosb, &event);
  assert_int_equal(seen.calls, 0);
}

/* IRP-08: nothing of the IRP is touched after the report, for many a client
 * frees it and returns STATUS_SUCCESS. */
static void a_routine_that_lets_an_own_irp_go_on_is_reported(void **state) {
  (void)state;
  struct seen seen = {.answer = STATUS_SUCCESS};
  PIRP irp = prepared(&seen);

  BREAKS(VF_IRP_08, io__complete(irp, STATUS_SUCCESS, 0));
  IoFreeIrp(irp);

  seen.frees = true;
  irp = prepared(&seen);
  BREAKS(VF_IRP_08, io__complete(irp, STATUS_SUCCESS, 0));
}

static void completing_an_irp_twice_is_reported(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = prepared(&seen);

  io__complete(irp, STATUS_SUCCESS, 0);
  BREAKS(VF_IO_COMPLETE_01, IoCompleteRequest(irp, IO_NO_INCREMENT));
  assert_int_equal(seen.calls, 1);
  IoFreeIrp(irp);
}

/* IRP-02: what WSK holds, WSK completes. */
static void completing_an_irp_that_wsk_holds_is_reported(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = prepared(&seen);

  BREAKS(VF_IO_COMPLETE_01, IoCompleteRequest(irp, IO_NO_INCREMENT));
  assert_int_equal(seen.calls, 0);
  io__complete(irp, STATUS_SUCCESS, 0);
  assert_int_equal(seen.calls, 1);
  IoFreeIrp(irp);
}

static void completing_with_status_pending_is_reported(void **state) {
  (void)state;
  struct seen seen[2] = {SEEN_OWN};
  DEVICE_OBJECT devices[2];
  PIRP irp = sent_down(seen, 2, devices);

  irp->IoStatus.Status = STATUS_PENDING;
  BREAKS(VF_IO_COMPLETE_02, IoCompleteRequest(irp, IO_NO_INCREMENT));
  assert_int_equal(seen[0].calls, 1);
  assert_int_equal(seen[0].status, STATUS_UNSUCCESSFUL);
  IoFreeIrp(irp);
}

static void never_cancel(PDEVICE_OBJECT device, PIRP irp) {
  (void)device, (void)irp;
  fail();
}

static void completing_with_a_cancel_routine_set_is_reported(void **state) {
  (void)state;
  struct seen seen[2] = {SEEN_OWN};
  DEVICE_OBJECT devices[2];
  PIRP irp = sent_down(seen, 2, devices);

  IoSetCancelRoutine(irp, never_cancel);
  BREAKS(VF_IO_COMPLETE_03, IoCompleteRequest(irp, IO_NO_INCREMENT));
  assert_int_equal(seen[0].calls, 1);
  assert_null(irp->CancelRoutine);
  IoFreeIrp(irp);
}

static NTSTATUS leave_raised(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  KIRQL old;

  KeRaiseIrql(HIGH_LEVEL, &old);
  return look(device, irp, context);
}

static void a_routine_that_changes_the_irql_is_reported(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = IoAllocateIrp(1, FALSE);

  IoSetCompletionRoutine(irp, leave_raised, &seen, TRUE, TRUE, TRUE);
  assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
  BREAKS(VF_IO_IRQL_01, io__complete(irp, STATUS_SUCCESS, 0));
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  IoFreeIrp(irp);
}

/* ---- IoSetCompletionRoutineEx ------------------------------------------ */

static void the_ex_variant_honours_the_conditions(void **state) {
  (void)state;
  DEVICE_OBJECT device;
  struct seen top = SEEN_OWN;
  struct seen seen = {.answer = STATUS_SUCCESS};

  for (int i = 0; i < 2; i++) {
    PIRP irp = IoAllocateIrp(2, FALSE);

    IoSetCompletionRoutine(irp, look, &top, TRUE, TRUE, TRUE);
    IoSetNextIrpStackLocation(irp);
    IoGetCurrentIrpStackLocation(irp)->DeviceObject = &device;
    assert_int_equal(
        IoSetCompletionRoutineEx(&device, irp, look, &seen, TRUE, FALSE, FALSE),
        STATUS_SUCCESS);
    IoSetNextIrpStackLocation(irp);
    IoMarkIrpPending(irp);
    irp->IoStatus.Status = i == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
    seen.marks = true;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    assert_int_equal(seen.calls, 1); /* not for the failure */
    assert_int_equal(top.calls, i + 1);
    assert_true(top.pending_returned);
    IoFreeIrp(irp);
  }
  assert_ptr_equal(seen.device, &device);
}

/* Defends against a routine of the driver's above that is lost with it. */
static void the_ex_variant_may_find_no_memory(void **state) {
  (void)state;
  DEVICE_OBJECT device;
  struct seen seen = SEEN_OWN;
  PIRP irp = IoAllocateIrp(2, FALSE);

  IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  IoSetNextIrpStackLocation(irp);
  uwsk_fault_allocation(1);
  assert_int_equal(
      IoSetCompletionRoutineEx(&device, irp, look, &seen, TRUE, TRUE, TRUE),
      STATUS_INSUFFICIENT_RESOURCES);
  assert_true(uwsk_fault_allocation_fired());
  uwsk_fault_allocation(0);
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(seen.calls, 1);
  IoFreeIrp(irp);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IO_TEST(the_completion_routine_sees_the_result_at_dispatch),
      IO_TEST(a_plain_completion_runs_at_the_callers_irql),
      IO_TEST(pending_returned_tells_whether_the_irp_was_marked),
      IO_TEST(the_completion_routine_may_free_the_irp),
      IO_TEST(the_completion_routine_may_free_what_holds_the_irp),
      IO_TEST(the_completion_routine_may_reuse_the_irp_at_once),
      IO_TEST(prepare_moves_to_the_next_location_and_keeps_the_routine),
      IO_TEST(routines_are_called_for_what_they_asked_for),
      IO_TEST(a_warning_counts_as_an_error),
      IO_TEST(each_routine_gets_its_own_drivers_device),
      IO_TEST(locations_are_cleared_as_they_are_left),
      IO_TEST(completion_goes_on_where_it_was_stopped),
      IO_TEST(the_pending_mark_travels_up),
      IO_TEST(a_routine_that_drops_the_pending_mark_is_reported),
      IO_TEST(an_irp_without_a_location_is_refused),
      IO_TEST(something_that_is_no_irp_is_refused),
      IO_TEST(a_pending_irp_cannot_be_sent_again),
      IO_TEST(an_irp_used_again_without_reuse_is_reported),
      IO_TEST(an_own_irp_without_a_full_routine_is_reported),
      IO_TEST(a_routine_that_lets_an_own_irp_go_on_is_reported),
      IO_TEST(completing_an_irp_twice_is_reported),
      IO_TEST(completing_an_irp_that_wsk_holds_is_reported),
      IO_TEST(completing_with_status_pending_is_reported),
      IO_TEST(completing_with_a_cancel_routine_set_is_reported),
      IO_TEST(a_routine_that_changes_the_irql_is_reported),
      IO_TEST(the_ex_variant_honours_the_conditions),
      IO_TEST(the_ex_variant_may_find_no_memory),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
