/* DPCs. Windows page: DPC Objects and DPCs. */
#include "kernel_test.h"

#include <string.h>

#include "os/os.h"

#define MANY 200

static KEVENT done;

static struct {
  int count;
  int wanted; /* sets `done` */
  PVOID order[MANY];
  PVOID arguments[2];
  KIRQL irql;
} seen;

static KDEFERRED_ROUTINE note;
static VOID NTAPI note(PKDPC dpc, PVOID context, PVOID first, PVOID second) {
  (void)dpc;
  seen.order[seen.count++] = context;
  seen.arguments[0] = first;
  seen.arguments[1] = second;
  seen.irql = KeGetCurrentIrql();
  if (seen.count == seen.wanted)
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
}

static void expect(int count) {
  memset(&seen, 0, sizeof(seen));
  seen.wanted = count;
  KeInitializeEvent(&done, NotificationEvent, FALSE);
}

static void wait_done(void) {
  assert_int_equal(
      KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL),
      STATUS_SUCCESS);
}

static void a_dpc_runs_at_dispatch_level(void **state) {
  (void)state;
  KDPC dpc;
  int context;

  expect(1);
  KeInitializeDpc(&dpc, note, &context);
  assert_true(KeInsertQueueDpc(&dpc, &seen, &done));
  wait_done();
  assert_int_equal(seen.irql, DISPATCH_LEVEL);
  assert_ptr_equal(seen.order[0], &context);
  assert_ptr_equal(seen.arguments[0], &seen);
  assert_ptr_equal(seen.arguments[1], &done);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

/* Keeps the loop, and with it the queue, where it is. */
static KEVENT inside;
static int may_leave;

static KDEFERRED_ROUTINE hold;
static VOID NTAPI hold(PKDPC dpc, PVOID context, PVOID first, PVOID second) {
  (void)dpc, (void)context, (void)first, (void)second;
  KeSetEvent(&inside, IO_NO_INCREMENT, FALSE);
  while (!__atomic_load_n(&may_leave, __ATOMIC_ACQUIRE))
    os__yield();
}

static void drive(void *unused) {
  (void)unused;
  KeFlushQueuedDpcs();
}

/* Runs `body` while a DPC runs on another thread. */
static void while_held(void (*body)(KDPC dpcs[3])) {
  struct os_thread thread;
  KDPC holder, dpcs[3];

  may_leave = 0;
  KeInitializeEvent(&inside, NotificationEvent, FALSE);
  KeInitializeDpc(&holder, hold, NULL);
  for (int i = 0; i < 3; i++)
    KeInitializeDpc(&dpcs[i], note, (PVOID)(ULONG_PTR)(i + 1));
  assert_true(KeInsertQueueDpc(&holder, NULL, NULL));
  assert_int_equal(os__thread_start(&thread, drive, NULL), 0);
  while (KeReadStateEvent(&inside) == 0)
    os__yield();
  body(dpcs);
  __atomic_store_n(&may_leave, 1, __ATOMIC_RELEASE);
  KeFlushQueuedDpcs();
  os__thread_join(&thread);
}

static void insert_in_order(KDPC dpcs[3]) {
  for (int i = 0; i < 3; i++)
    assert_true(KeInsertQueueDpc(&dpcs[i], NULL, NULL));
  assert_false(KeInsertQueueDpc(&dpcs[0], &seen, NULL));
  seen.arguments[0] = dpcs;
}

/* Defends against a queue that is a stack, and a DPC that is in it twice. */
static void dpcs_run_in_the_order_they_came(void **state) {
  (void)state;
  expect(0);
  while_held(insert_in_order);
  assert_int_equal(seen.count, 3);
  for (int i = 0; i < 3; i++)
    assert_int_equal((ULONG_PTR)seen.order[i], i + 1);
  assert_null(seen.arguments[0]);
}

static void insert_by_importance(KDPC dpcs[3]) {
  KeSetImportanceDpc(&dpcs[2], HighImportance);
  KeSetImportanceDpc(&dpcs[1], LowImportance);
  for (int i = 0; i < 3; i++)
    assert_true(KeInsertQueueDpc(&dpcs[i], NULL, NULL));
}

static void an_important_one_goes_to_the_front(void **state) {
  (void)state;
  expect(0);
  while_held(insert_by_importance);
  assert_int_equal(seen.count, 3);
  assert_int_equal((ULONG_PTR)seen.order[0], 3);
}

static void insert_and_remove(KDPC dpcs[3]) {
  assert_true(KeInsertQueueDpc(&dpcs[0], NULL, NULL));
  assert_true(KeInsertQueueDpc(&dpcs[1], NULL, NULL));
  assert_true(KeRemoveQueueDpc(&dpcs[0]));
  assert_false(KeRemoveQueueDpc(&dpcs[0]));
}

static void what_is_removed_does_not_run(void **state) {
  (void)state;
  expect(0);
  while_held(insert_and_remove);
  assert_int_equal(seen.count, 1);
}

/* ---- from the routine itself ------------------------------------------- */

static KDEFERRED_ROUTINE again;
static VOID NTAPI again(PKDPC dpc, PVOID context, PVOID first, PVOID second) {
  int before = seen.count;

  note(dpc, context, first, second);
  if (seen.count < MANY) {
    assert_true(KeInsertQueueDpc(dpc, NULL, NULL));
    assert_int_equal(seen.count, before + 1); /* not inside the call */
  }
}

/* Defends against a DPC that is still queued while it runs. */
static void a_dpc_may_queue_itself(void **state) {
  (void)state;
  KDPC dpc;

  expect(MANY);
  KeInitializeDpc(&dpc, again, NULL);
  KeInsertQueueDpc(&dpc, NULL, NULL);
  wait_done();
  KeFlushQueuedDpcs();
  assert_int_equal(seen.count, MANY);
}

static KDEFERRED_ROUTINE free_it;
static VOID NTAPI free_it(PKDPC dpc, PVOID context, PVOID first, PVOID second) {
  note(dpc, context, first, second);
  ExFreePool(dpc);
}

static void a_dpc_may_free_itself(void **state) {
  (void)state;
  PKDPC dpc = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*dpc), 'cpD');

  expect(1);
  KeInitializeDpc(dpc, free_it, NULL);
  KeInsertQueueDpc(dpc, NULL, NULL);
  wait_done();
}

/* Defends against a DPC that runs on the stack of who queues it, holding the
 * lock that it wants. */
static KSPIN_LOCK lock;

static KDEFERRED_ROUTINE take_lock;
static VOID NTAPI take_lock(PKDPC dpc, PVOID context, PVOID first,
                            PVOID second) {
  KeAcquireSpinLockAtDpcLevel(&lock);
  note(dpc, context, first, second);
  KeReleaseSpinLockFromDpcLevel(&lock);
}

static void a_dpc_is_queued_under_its_own_lock(void **state) {
  (void)state;
  KIRQL irql;
  KDPC dpc;

  expect(1);
  KeInitializeSpinLock(&lock);
  KeInitializeDpc(&dpc, take_lock, NULL);
  KeAcquireSpinLock(&lock, &irql);
  KeInsertQueueDpc(&dpc, NULL, NULL);
  KeReleaseSpinLock(&lock, irql);
  wait_done();
}

/* ---- many threads ------------------------------------------------------ */

#define ROUNDS 300

static int runs; /* plain: DPCs run one after the other */

static KDEFERRED_ROUTINE count_run;
static VOID NTAPI count_run(PKDPC dpc, PVOID context, PVOID first,
                            PVOID second) {
  (void)dpc, (void)first, (void)second;
  runs++;
  __atomic_fetch_add((int *)context, 1, __ATOMIC_RELEASE);
}

static void queue_many(void *unused) {
  int own = 0, queued = 0;
  KDPC dpc;

  (void)unused;
  KeInitializeDpc(&dpc, count_run, &own);
  for (int i = 0; i < ROUNDS; i++) {
    queued += KeInsertQueueDpc(&dpc, NULL, NULL);
    if (i % 3 == 0)
      queued -= KeRemoveQueueDpc(&dpc);
    if (i % 16 == 0)
      KeFlushQueuedDpcs();
  }
  KeFlushQueuedDpcs();
  assert_int_equal(__atomic_load_n(&own, __ATOMIC_ACQUIRE), queued);
}

static void threads_queue_and_flush(void **state) {
  (void)state;
  struct os_thread threads[3];

  runs = 0;
  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&threads[i], queue_many, NULL), 0);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
  assert_true(runs > 0);
}

/* ---- the rest ---------------------------------------------------------- */

static void free_while_queued(KDPC dpcs[3]) {
  PKDPC own = ExAllocatePoolWithTag(NonPagedPoolNx, 256, 'cpD ');

  KeInitializeDpc(own, note, NULL);
  assert_true(KeInsertQueueDpc(own, NULL, NULL));
  assert_true(KeInsertQueueDpc(&dpcs[0], NULL, NULL));
  ExFreePool(ExAllocatePoolWithTag(NonPagedPoolNx, 256, 'kclB'));
  expect_report_begin();
  ExFreePool(own);
  expect_report_end(VF_DPC_03);
}

/* Defends against a queue that goes through memory which has gone. */
static void a_dpc_that_is_freed_is_reported_and_does_not_run(void **state) {
  (void)state;
  expect(0);
  while_held(free_while_queued);
  assert_int_equal(seen.count, 1);
}

static void a_target_has_to_exist(void **state) {
  (void)state;
  PROCESSOR_NUMBER number = {0, 0, 0};
  KDPC dpc;

  expect(1);
  KeInitializeThreadedDpc(&dpc, note, NULL);
  assert_int_equal(KeSetTargetProcessorDpcEx(&dpc, &number), STATUS_SUCCESS);
  number.Group = 1;
  assert_int_equal(KeSetTargetProcessorDpcEx(&dpc, &number),
                   STATUS_INVALID_PARAMETER);
  KeSetTargetProcessorDpc(&dpc, 0);
  KeInsertQueueDpc(&dpc, NULL, NULL);
  wait_done();
}

static void a_dpc_of_zeros_is_reported(void **state) {
  (void)state;
  KDPC dpc;

  memset(&dpc, 0, sizeof(dpc));
  expect_report_begin();
  assert_false(KeInsertQueueDpc(&dpc, NULL, NULL));
  expect_report_end(VF_DPC_01);
}

static KDEFERRED_ROUTINE leave_low;
static VOID NTAPI leave_low(PKDPC dpc, PVOID context, PVOID first,
                            PVOID second) {
  (void)dpc, (void)context, (void)first, (void)second;
  KeLowerIrql(PASSIVE_LEVEL);
}

static void a_dpc_that_lowers_the_irql_is_reported(void **state) {
  (void)state;
  KDPC dpc;

  KeInitializeDpc(&dpc, leave_low, NULL);
  expect_report_begin();
  KeInsertQueueDpc(&dpc, NULL, NULL);
  KeFlushQueuedDpcs();
  expect_report_end(VF_DPC_02);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_dpc_runs_at_dispatch_level),
      KERNEL_TEST(dpcs_run_in_the_order_they_came),
      KERNEL_TEST(an_important_one_goes_to_the_front),
      KERNEL_TEST(what_is_removed_does_not_run),
      KERNEL_TEST(a_dpc_may_queue_itself),
      KERNEL_TEST(a_dpc_may_free_itself),
      KERNEL_TEST(a_dpc_is_queued_under_its_own_lock),
      KERNEL_TEST(threads_queue_and_flush),
      KERNEL_TEST(a_dpc_that_is_freed_is_reported_and_does_not_run),
      KERNEL_TEST(a_target_has_to_exist),
      KERNEL_TEST(a_dpc_of_zeros_is_reported),
      KERNEL_TEST(a_dpc_that_lowers_the_irql_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
