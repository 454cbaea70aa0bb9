/*
 * Devices from several threads at once: for the thread checker above all. What
 * ends a request (the driver, a cancel, a close) meets the others at random.
 */
#include "kernel_test.h"

#include <string.h>

#include <uwsk/device.h>

#include "sample_driver.h"

#define NAME   "\\\\.\\Sample"
#define ROUNDS 300

static int start(void **state) {
  sample_reset();
  return kernel_start(state) != 0 || sample_load() != STATUS_SUCCESS;
}

static int end(void **state) {
  return sample_unload() != STATUS_SUCCESS || kernel_stop(state) != 0;
}

#define RACE_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

static uwsk_handle open_sample(unsigned flags) {
  uwsk_handle handle;

  assert_int_equal(uwsk_open(NAME, flags, &handle), STATUS_SUCCESS);
  return handle;
}

static PVOID run_thread(PKSTART_ROUTINE routine, PVOID context) {
  HANDLE handle;
  PVOID thread;

  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, routine, context),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS,
                                             *PsThreadType, KernelMode, &thread,
                                             NULL),
                   STATUS_SUCCESS);
  ZwClose(handle);
  return thread;
}

static void join(PVOID thread) {
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(thread);
}

static LONG stopping;

static VOID complete_all(PVOID context) {
  UNREFERENCED_PARAMETER(context);
  while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
    sample_await_next();
    while (sample_complete_next(STATUS_SUCCESS, 0))
      continue;
  }
}

static PVOID begin_completing(void) {
  stopping = 0;
  return run_thread(complete_all, NULL);
}

static void end_completing(PVOID thread) {
  __atomic_store_n(&stopping, 1, __ATOMIC_RELEASE);
  sample_wake_completer();
  join(thread);
}

/* A time that grows over the rounds, for the other thread to come near. */
static void linger(int round) {
  for (int i = 0; i < round % 100 * 400; i++)
    YieldProcessor();
}

/* A canceller that touches an IRP which another thread completes and frees. */
static void completing_meets_cancelling(void **state) {
  uwsk_handle handle = open_sample(UWSK_OPEN_OVERLAPPED);
  PVOID thread;

  (void)state;
  thread = begin_completing();
  for (int i = 0; i < ROUNDS; i++) {
    struct uwsk_request request;
    NTSTATUS status;

    uwsk_begin_ioctl(&request, handle, SAMPLE_WAIT, NULL, 0, NULL, 0);
    linger(i);
    status = uwsk_cancel(&request);
    assert_true(status == STATUS_SUCCESS || status == STATUS_NOT_FOUND);
    assert_int_equal(uwsk_wait(&request, UWSK_NO_TIMEOUT), STATUS_SUCCESS);
    status = uwsk_result(&request, NULL);
    assert_true(status == STATUS_SUCCESS || status == STATUS_CANCELLED);
  }
  end_completing(thread);
  assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
}

static VOID cancel_it(PVOID request) {
  uwsk_cancel(request);
}

/* True: a canceller had found the IRP, and it stayed for him when it was
 * completed. He stands before the cancel spin lock then, which we hold. */
static bool complete_under_a_canceller(uwsk_handle handle, int round) {
  struct uwsk_request request;
  PVOID thread;
  KIRQL irql;
  bool stayed;

  uwsk_begin_ioctl(&request, handle, SAMPLE_WAIT, NULL, 0, NULL, 0);
  IoAcquireCancelSpinLock(&irql);
  KeLowerIrql(PASSIVE_LEVEL); /* for the sake of the new thread */
  thread = run_thread(cancel_it, &request);
  linger(round);
  assert_true(sample_complete_next(STATUS_SUCCESS, 0));
  stayed = ob__count(OB_IRP) == 1;
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  IoReleaseCancelSpinLock(irql);
  join(thread);
  assert_int_equal(uwsk_result(&request, NULL), STATUS_SUCCESS);
  assert_int_equal(ob__count(OB_IRP), 0);
  return stayed;
}

static void an_irp_stays_for_who_is_cancelling_it(void **state) {
  uwsk_handle handle = open_sample(UWSK_OPEN_OVERLAPPED);
  int round = 0;

  (void)state;
  while (!complete_under_a_canceller(handle, round))
    assert_true(++round < 10000);
  assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
}

static VOID cancel_all(PVOID handle) {
  for (int i = 0; i < 4 * ROUNDS; i++)
    uwsk_cancel_all(handle);
}

/* Two cancellers and one who completes. */
static void cancellers_meet_each_other(void **state) {
  uwsk_handle handle = open_sample(UWSK_OPEN_OVERLAPPED);
  PVOID completing, cancelling[2];

  (void)state;
  completing = begin_completing();
  for (int i = 0; i < 2; i++)
    cancelling[i] = run_thread(cancel_all, handle);
  for (int i = 0; i < ROUNDS; i++) {
    struct uwsk_request requests[4];

    for (int j = 0; j < 4; j++)
      uwsk_begin_ioctl(&requests[j], handle, SAMPLE_WAIT, NULL, 0, NULL, 0);
    for (int j = 0; j < 4; j++)
      assert_int_equal(uwsk_wait(&requests[j], UWSK_NO_TIMEOUT),
                       STATUS_SUCCESS);
  }
  end_completing(completing);
  for (int i = 0; i < 2; i++)
    join(cancelling[i]);
  assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
}

/* Whoever lets go of the file last sends IRP_MJ_CLOSE: once. */
static void completing_meets_closing(void **state) {
  PVOID thread;

  (void)state;
  thread = begin_completing();
  for (int i = 0; i < ROUNDS; i++) {
    uwsk_handle handle = open_sample(UWSK_OPEN_OVERLAPPED);
    struct uwsk_request request;

    uwsk_begin_ioctl(&request, handle, SAMPLE_WAIT, NULL, 0, NULL, 0);
    linger(i);
    assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
    assert_int_equal(uwsk_wait(&request, UWSK_NO_TIMEOUT), STATUS_SUCCESS);
  }
  end_completing(thread);
  assert_int_equal(sample.creates, ROUNDS);
  assert_int_equal(sample.cleanups, ROUNDS);
  while (__atomic_load_n(&sample.closes, __ATOMIC_ACQUIRE) != ROUNDS ||
         ob__count(OB_FILE) != 0)
    uwsk_run_until(NULL, NULL, 1);
}

static VOID ask_many_times(PVOID handle) {
  for (int i = 0; i < ROUNDS; i++)
    if (uwsk_ioctl(handle, SAMPLE_WAIT, NULL, 0, NULL, 0, NULL) !=
        STATUS_SUCCESS)
      return;
}

/* A waiter of the file's lock that is forgotten hangs here. */
static void threads_share_a_synchronous_handle(void **state) {
  uwsk_handle handle = open_sample(0);
  PVOID completing, asking[3];

  (void)state;
  completing = begin_completing();
  for (int i = 0; i < 3; i++)
    asking[i] = run_thread(ask_many_times, handle);
  for (int i = 0; i < 3; i++)
    join(asking[i]);
  end_completing(completing);
  assert_int_equal(uwsk_close(handle), STATUS_SUCCESS);
}

static VOID open_many_times(PVOID context) {
  LONG *opened = context;
  uwsk_handle handle;

  for (int i = 0; i < ROUNDS; i++) {
    NTSTATUS status = uwsk_open(NAME, 0, &handle);

    if (status == STATUS_ACCESS_DENIED)
      continue;
    if (status != STATUS_SUCCESS || InterlockedIncrement(opened) != 1)
      return;
    InterlockedDecrement(opened);
    uwsk_close(handle);
  }
}

static void an_exclusive_device_is_open_once_at_a_time(void **state) {
  LONG opened = 0;
  PVOID threads[3];

  (void)state;
  assert_int_equal(sample_unload(), STATUS_SUCCESS);
  sample.exclusive = TRUE;
  assert_int_equal(sample_load(), STATUS_SUCCESS);
  for (int i = 0; i < 3; i++)
    threads[i] = run_thread(open_many_times, &opened);
  for (int i = 0; i < 3; i++)
    join(threads[i]);
  assert_int_equal(opened, 0);
  assert_true(sample.creates > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      RACE_TEST(completing_meets_cancelling),
      RACE_TEST(an_irp_stays_for_who_is_cancelling_it),
      RACE_TEST(cancellers_meet_each_other),
      RACE_TEST(completing_meets_closing),
      RACE_TEST(threads_share_a_synchronous_handle),
      RACE_TEST(an_exclusive_device_is_open_once_at_a_time),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
