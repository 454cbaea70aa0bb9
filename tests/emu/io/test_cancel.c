/* Cancellation, alone and in a race with completion. */
#include "io_test.h"

#include "os/os.h"

static struct {
  int calls;
  PIRP irp;
  PDEVICE_OBJECT device;
  KIRQL irql, cancel_irql;
  bool lock_held;
  bool completes;
} cancelled;

static void cancel(PDEVICE_OBJECT device, PIRP irp) {
  cancelled.calls++;
  cancelled.irp = irp;
  cancelled.device = device;
  cancelled.irql = KeGetCurrentIrql();
  cancelled.cancel_irql = irp->CancelIrql;
  IoReleaseCancelSpinLock(irp->CancelIrql);
  if (cancelled.completes)
    io__complete(irp, STATUS_CANCELLED, 0);
}

static int start(void **state) {
  RtlZeroMemory(&cancelled, sizeof(cancelled));
  return start_clean(state);
}

/* The routine is called with the cancel lock held, at DISPATCH_LEVEL, knowing
 * where to go back to, once. IRP-19. */
static void cancel_calls_the_routine_and_it_completes_the_irp(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  DEVICE_OBJECT device;
  PIRP irp = own_irp(&seen);

  cancelled.completes = true;
  assert_int_equal(io__prepare(irp, &device, "test"), STATUS_SUCCESS);
  IoMarkIrpPending(irp);
  assert_null(IoSetCancelRoutine(irp, cancel));
  assert_true(IoCancelIrp(irp));
  assert_int_equal(cancelled.calls, 1);
  assert_ptr_equal(cancelled.irp, irp);
  assert_ptr_equal(cancelled.device, &device);
  assert_int_equal(cancelled.irql, DISPATCH_LEVEL);
  assert_int_equal(cancelled.cancel_irql, PASSIVE_LEVEL);
  assert_int_equal(seen.calls, 1);
  assert_int_equal(seen.status, STATUS_CANCELLED);
  assert_true(seen.pending_returned);
  assert_true(irp->Cancel);
  assert_null(irp->CancelRoutine);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  IoFreeIrp(irp);
}

static void without_a_routine_cancel_only_leaves_the_mark(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = own_irp(&seen);

  assert_false(IoCancelIrp(irp));
  assert_true(irp->Cancel);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
  IoSetCancelRoutine(irp, cancel);
  /* A holder that finds the mark takes its routine back and cancels itself. */
  assert_ptr_equal(IoSetCancelRoutine(irp, NULL), cancel);
  assert_false(IoCancelIrp(irp));
  io__complete(irp, STATUS_CANCELLED, 0);
  assert_int_equal(cancelled.calls, 0);
  assert_int_equal(seen.calls, 1);
  IoFreeIrp(irp);
}

static void a_second_cancel_finds_nothing_to_call(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = own_irp(&seen);

  io__prepare(irp, NULL, "test");
  IoSetCancelRoutine(irp, cancel);
  assert_true(IoCancelIrp(irp));
  assert_false(IoCancelIrp(irp));
  assert_int_equal(cancelled.calls, 1);
  io__complete(irp, STATUS_CANCELLED, 0);
  IoFreeIrp(irp);
}

/* An IRP nobody was sent has no current location: defends against reading the
 * device behind the packet's end. */
static void an_irp_that_was_never_sent_can_be_cancelled(void **state) {
  (void)state;
  PIRP irp = IoAllocateIrp(1, FALSE);

  IoSetCancelRoutine(irp, cancel);
  assert_true(IoCancelIrp(irp));
  assert_null(cancelled.device);
  IoFreeIrp(irp);
}

static void cancel_at_dispatch_goes_back_to_dispatch(void **state) {
  (void)state;
  KIRQL old;
  PIRP irp = IoAllocateIrp(1, FALSE);

  KeRaiseIrql(DISPATCH_LEVEL, &old);
  IoSetCancelRoutine(irp, cancel);
  assert_true(IoCancelIrp(irp));
  assert_int_equal(cancelled.cancel_irql, DISPATCH_LEVEL);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  KeLowerIrql(old);
  IoFreeIrp(irp);
}

static void cancel_and_stay_raised(PDEVICE_OBJECT device, PIRP irp) {
  KIRQL old;

  cancel(device, irp);
  KeRaiseIrql(DISPATCH_LEVEL, &old);
}

static void a_cancel_routine_that_stays_raised_is_reported(void **state) {
  (void)state;
  PIRP irp = IoAllocateIrp(1, FALSE);

  IoSetCancelRoutine(irp, cancel_and_stay_raised);
  BREAKS(VF_IO_IRQL_01, IoCancelIrp(irp));
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  IoFreeIrp(irp);
}

static void the_cancel_lock_is_a_spin_lock(void **state) {
  (void)state;
  KIRQL irql;

  IoAcquireCancelSpinLock(&irql);
  assert_int_equal(irql, PASSIVE_LEVEL);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  IoReleaseCancelSpinLock(irql);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

/* ---- the race ---------------------------------------------------------- */

#define ROUNDS 3000

static struct {
  PIRP irp;        /* this round's, NULL between rounds */
  int completions; /* of this round */
  int starters;    /* threads that stand at the start of this round */
  int wins[2];     /* rounds that the holder, the canceller won */
} race;

/* Lets both threads go at once, but for a delay that differs from round to
 * round, so that now one, now the other is first. */
static void start_together(int delay) {
  __atomic_fetch_add(&race.starters, 1, __ATOMIC_SEQ_CST);
  for (int spins = 0; __atomic_load_n(&race.starters, __ATOMIC_SEQ_CST) < 2;)
    if (++spins > 2000) /* a thread that yields comes back late */
      os__yield();
  for (volatile int i = 0; i < delay; i++)
    ;
}

static NTSTATUS count_completion(PDEVICE_OBJECT device, PIRP irp,
                                 PVOID context) {
  (void)device, (void)irp, (void)context;
  __atomic_fetch_add(&race.completions, 1, __ATOMIC_SEQ_CST);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static void cancel_in_race(PDEVICE_OBJECT device, PIRP irp) {
  (void)device;
  IoReleaseCancelSpinLock(irp->CancelIrql);
  race.wins[1]++;
  io__complete(irp, STATUS_CANCELLED, 0);
}

static void cancel_each_round(void *unused) {
  int idle = 0;

  (void)unused;
  for (int done = 0; done < ROUNDS;) {
    PIRP irp = __atomic_load_n(&race.irp, __ATOMIC_SEQ_CST);

    if (irp == NULL) {
      if (++idle > 2000)
        os__yield();
      continue;
    }
    idle = 0;
    start_together(done * 31 % 401);
    if (done % 2 != 0)
      os__yield(); /* the holder's turn, where both share a processor */
    IoCancelIrp(irp);
    __atomic_store_n(&race.irp, NULL, __ATOMIC_SEQ_CST);
    done++;
  }
}

/* The holder queues the IRP as the provider does: routine first, then a look at
 * Cancel; and completes it when it gets its routine back. Whatever the timing,
 * each IRP is completed exactly once. */
static void one_round(PIRP irp, int round) {
  race.completions = race.starters = 0;
  IoReuseIrp(irp, STATUS_SUCCESS);
  IoSetCompletionRoutine(irp, count_completion, NULL, TRUE, TRUE, TRUE);
  assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
  IoMarkIrpPending(irp);
  IoSetCancelRoutine(irp, cancel_in_race);
  __atomic_store_n(&race.irp, irp, __ATOMIC_SEQ_CST);
  start_together(round * 17 % 97);
  if (IoSetCancelRoutine(irp, NULL) != NULL) {
    race.wins[0]++;
    io__complete(irp, STATUS_SUCCESS, 0);
  }
  while (__atomic_load_n(&race.irp, __ATOMIC_SEQ_CST) != NULL ||
         __atomic_load_n(&race.completions, __ATOMIC_SEQ_CST) == 0)
    os__yield();
  assert_int_equal(race.completions, 1);
}

static void cancel_and_completion_race_to_one_completion(void **state) {
  (void)state;
  struct os_thread thread;
  PIRP irp = IoAllocateIrp(1, FALSE);

  race.wins[0] = race.wins[1] = 0;
  assert_int_equal(os__thread_start(&thread, cancel_each_round, NULL), 0);
  for (int i = 0; i < ROUNDS; i++)
    one_round(irp, i);
  os__thread_join(&thread);
  assert_int_equal(race.wins[0] + race.wins[1], ROUNDS);
  print_message("holder %d, canceller %d\n", race.wins[0], race.wins[1]);
  IoFreeIrp(irp);
}

#define CANCEL_TEST(name)                                                      \
  cmocka_unit_test_setup_teardown(name, start, end_clean)

int main(void) {
  const struct CMUnitTest tests[] = {
      CANCEL_TEST(cancel_calls_the_routine_and_it_completes_the_irp),
      CANCEL_TEST(without_a_routine_cancel_only_leaves_the_mark),
      CANCEL_TEST(a_second_cancel_finds_nothing_to_call),
      CANCEL_TEST(an_irp_that_was_never_sent_can_be_cancelled),
      CANCEL_TEST(cancel_at_dispatch_goes_back_to_dispatch),
      CANCEL_TEST(a_cancel_routine_that_stays_raised_is_reported),
      CANCEL_TEST(the_cancel_lock_is_a_spin_lock),
      CANCEL_TEST(cancel_and_completion_race_to_one_completion),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
