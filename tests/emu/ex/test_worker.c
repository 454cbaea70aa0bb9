/* ExQueueWorkItem. Windows page: System Worker Threads. */
#include "kernel_test.h"

#include "os/os.h"

static KEVENT done, go;
static int runs, wanted; /* atomic: several threads */
static KIRQL ran_at;
static unsigned ran_on;

static int start(void **state) {
  runs = 0;
  wanted = 1;
  KeInitializeEvent(&done, NotificationEvent, FALSE);
  KeInitializeEvent(&go, NotificationEvent, FALSE);
  return kernel_start(state);
}

static void count(void) {
  if (__atomic_add_fetch(&runs, 1, __ATOMIC_ACQ_REL) == wanted)
    KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
}

static void wait_done(void) {
  KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
}

static WORKER_THREAD_ROUTINE look;
static VOID NTAPI look(PVOID parameter) {
  *(PVOID *)parameter = parameter;
  ran_at = KeGetCurrentIrql();
  ran_on = os__thread_number();
  count();
}

static void a_work_item_runs_at_passive_level_elsewhere(void **state) {
  (void)state;
  WORK_QUEUE_ITEM item;
  PVOID seen = NULL;
  KIRQL irql;

  ExInitializeWorkItem(&item, look, &seen);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  ExQueueWorkItem(&item, DelayedWorkQueue);
  KeLowerIrql(irql);
  wait_done();
  assert_ptr_equal(seen, &seen);
  assert_int_equal(ran_at, PASSIVE_LEVEL);
  assert_int_not_equal(ran_on, os__thread_number());
}

static WORKER_THREAD_ROUTINE free_own;
static VOID NTAPI free_own(PVOID parameter) {
  ExFreePool(parameter);
  count();
}

static void an_item_may_free_itself(void **state) {
  (void)state;
  PWORK_QUEUE_ITEM item =
      ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*item), 'kroW');

  ExInitializeWorkItem(item, free_own, item);
  ExQueueWorkItem(item, CriticalWorkQueue);
  wait_done();
}

static WORK_QUEUE_ITEM repeated;

static WORKER_THREAD_ROUTINE queue_again;
static VOID NTAPI queue_again(PVOID parameter) {
  (void)parameter;
  count();
  if (__atomic_load_n(&runs, __ATOMIC_ACQUIRE) < wanted)
    ExQueueWorkItem(&repeated, DelayedWorkQueue);
}

static void an_item_may_queue_itself(void **state) {
  (void)state;
  wanted = 100;
  ExInitializeWorkItem(&repeated, queue_again, NULL);
  ExQueueWorkItem(&repeated, DelayedWorkQueue);
  wait_done();
  assert_int_equal(runs, 100);
}

/* ---- waiting ----------------------------------------------------------- */

static WORKER_THREAD_ROUTINE wait_for_go;
static VOID NTAPI wait_for_go(PVOID parameter) {
  (void)parameter;
  KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, NULL);
  count();
}

static WORKER_THREAD_ROUTINE say_go;
static VOID NTAPI say_go(PVOID parameter) {
  (void)parameter;
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  count();
}

/* Defends against one worker for all: items may wait for one another. */
static void an_item_may_wait_for_a_later_one(void **state) {
  (void)state;
  WORK_QUEUE_ITEM waiting[4], last;

  wanted = 5;
  for (int i = 0; i < 4; i++) {
    ExInitializeWorkItem(&waiting[i], wait_for_go, NULL);
    ExQueueWorkItem(&waiting[i], DelayedWorkQueue);
  }
  ExInitializeWorkItem(&last, say_go, NULL);
  ExQueueWorkItem(&last, DelayedWorkQueue);
  wait_done();
}

static WORKER_THREAD_ROUTINE delay;
static VOID NTAPI delay(PVOID parameter) {
  LARGE_INTEGER interval = {.QuadPart = -10000};

  (void)parameter;
  KeDelayExecutionThread(KernelMode, FALSE, &interval);
  count();
}

static void stopping_the_runtime_waits_for_them(void **state) {
  static WORK_QUEUE_ITEM items[8];

  wanted = 0;
  for (int i = 0; i < 8; i++) {
    ExInitializeWorkItem(&items[i], delay, NULL);
    ExQueueWorkItem(&items[i], DelayedWorkQueue);
  }
  assert_int_equal(uwsk_stop(), 0);
  assert_int_equal(runs, 8);
  kernel_start(state);
}

/* ---- many -------------------------------------------------------------- */

#define ITEMS  50
#define ROUNDS 40

static WORKER_THREAD_ROUTINE clear_flag;
static VOID NTAPI clear_flag(PVOID parameter) {
  __atomic_add_fetch(&runs, 1, __ATOMIC_ACQ_REL);
  __atomic_store_n((int *)parameter, 0, __ATOMIC_RELEASE);
}

static void queue_many(void *unused) {
  WORK_QUEUE_ITEM items[ITEMS];
  int busy[ITEMS];

  (void)unused;
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < ITEMS; i++) {
      busy[i] = 1;
      ExInitializeWorkItem(&items[i], clear_flag, &busy[i]);
      ExQueueWorkItem(&items[i], i % 2 ? CriticalWorkQueue : DelayedWorkQueue);
    }
    for (int i = 0; i < ITEMS; i++)
      while (__atomic_load_n(&busy[i], __ATOMIC_ACQUIRE))
        os__yield();
  }
}

static void every_item_runs_once(void **state) {
  (void)state;
  struct os_thread threads[2];

  for (int i = 0; i < 2; i++)
    assert_int_equal(os__thread_start(&threads[i], queue_many, NULL), 0);
  for (int i = 0; i < 2; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(runs, 2 * ITEMS * ROUNDS);
}

/* ---- breaches ---------------------------------------------------------- */

static void queueing_an_item_twice_is_reported(void **state) {
  (void)state;
  static WORK_QUEUE_ITEM waiting[32], last;

  wanted = 33;
  for (int i = 0; i < 32; i++) { /* all workers there can be */
    ExInitializeWorkItem(&waiting[i], wait_for_go, NULL);
    ExQueueWorkItem(&waiting[i], DelayedWorkQueue);
  }
  ExInitializeWorkItem(&last, wait_for_go, NULL);
  ExQueueWorkItem(&last, DelayedWorkQueue);
  expect_report_begin();
  ExQueueWorkItem(&last, DelayedWorkQueue);
  expect_report_end(VF_WORK_01);
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  wait_done();
}

static WORKER_THREAD_ROUTINE stay_high;
static VOID NTAPI stay_high(PVOID parameter) {
  KIRQL irql;

  (void)parameter;
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
}

static void an_item_that_stays_at_dispatch_is_reported(void **state) {
  WORK_QUEUE_ITEM item;

  ExInitializeWorkItem(&item, stay_high, NULL);
  vf__quiet(1);
  ExQueueWorkItem(&item, DelayedWorkQueue);
  assert_int_equal(uwsk_stop(), 0);
  vf__quiet(0);
  assert_int_equal(vf__count(VF_WORK_02), 1);
  kernel_start(state);
}

#define WORK_TEST(name)                                                        \
  cmocka_unit_test_setup_teardown(name, start, kernel_stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      WORK_TEST(a_work_item_runs_at_passive_level_elsewhere),
      WORK_TEST(an_item_may_free_itself),
      WORK_TEST(an_item_may_queue_itself),
      WORK_TEST(an_item_may_wait_for_a_later_one),
      WORK_TEST(stopping_the_runtime_waits_for_them),
      WORK_TEST(every_item_runs_once),
      WORK_TEST(queueing_an_item_twice_is_reported),
      WORK_TEST(an_item_that_stays_at_dispatch_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
