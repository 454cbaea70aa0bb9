/* Waits that end before their time. Page: "Waits and APCs". */
#include "kernel_test.h"

#include <uwsk/fault.h>

#define FOREVER (-36000000000ll) /* an hour: the test would not end */

static NTSTATUS wait_for(PVOID object, KPROCESSOR_MODE mode, BOOLEAN alertable,
                         LONGLONG limit) {
  LARGE_INTEGER timeout = {.QuadPart = limit};

  return KeWaitForSingleObject(object, UserRequest, mode, alertable, &timeout);
}

static NTSTATUS sleep_for(KPROCESSOR_MODE mode, BOOLEAN alertable,
                          LONGLONG limit) {
  LARGE_INTEGER interval = {.QuadPart = limit};

  return KeDelayExecutionThread(mode, alertable, &interval);
}

/* ---- while the thread does not wait ------------------------------------ */

static void an_alert_ends_the_next_alertable_wait(void **state) {
  KEVENT event;
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  uwsk_fault_wait(NULL, UWSK_ALERT);
  assert_int_equal(wait_for(&event, KernelMode, FALSE, -1), STATUS_TIMEOUT);
  assert_int_equal(wait_for(&event, UserMode, FALSE, 0), STATUS_TIMEOUT);
  assert_int_equal(wait_for(&event, KernelMode, TRUE, FOREVER), STATUS_ALERTED);
  /* Once. */
  assert_int_equal(wait_for(&event, KernelMode, TRUE, -1), STATUS_TIMEOUT);
  assert_true(IsListEmpty(&event.Header.WaitListHead));
}

static void a_signal_comes_before_an_alert(void **state) {
  KEVENT event;
  (void)state;
  KeInitializeEvent(&event, SynchronizationEvent, TRUE);
  uwsk_fault_wait(NULL, UWSK_ALERT);
  assert_int_equal(wait_for(&event, KernelMode, TRUE, FOREVER), STATUS_SUCCESS);
  assert_int_equal(wait_for(&event, KernelMode, TRUE, FOREVER), STATUS_ALERTED);
}

static void a_user_apc_ends_alertable_waits_only(void **state) {
  KEVENT event;
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  uwsk_fault_wait(NULL, UWSK_USER_APC);
  assert_int_equal(wait_for(&event, UserMode, FALSE, -1), STATUS_TIMEOUT);
  assert_int_equal(wait_for(&event, UserMode, TRUE, FOREVER), STATUS_USER_APC);
  uwsk_fault_wait(NULL, UWSK_USER_APC);
  assert_int_equal(sleep_for(KernelMode, TRUE, FOREVER), STATUS_USER_APC);
}

static void termination_ends_waits_for_a_user_only(void **state) {
  KEVENT event;
  PVOID objects[] = {&event, &event};
  LARGE_INTEGER limit = {.QuadPart = FOREVER};
  (void)state;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  uwsk_fault_wait(NULL, UWSK_TERMINATION);
  assert_int_equal(wait_for(&event, KernelMode, TRUE, -1), STATUS_TIMEOUT);
  assert_int_equal(KeWaitForMultipleObjects(2, objects, WaitAny, UserRequest,
                                            UserMode, FALSE, &limit, NULL),
                   STATUS_USER_APC);
}

static void with_apcs_disabled_only_an_alert_ends_a_wait(void **state) {
  (void)state;
  KeEnterCriticalRegion();
  uwsk_fault_wait(NULL, UWSK_USER_APC);
  uwsk_fault_wait(NULL, UWSK_TERMINATION);
  assert_int_equal(sleep_for(UserMode, TRUE, -1), STATUS_SUCCESS);
  uwsk_fault_wait(NULL, UWSK_ALERT);
  assert_int_equal(sleep_for(UserMode, TRUE, FOREVER), STATUS_ALERTED);
  KeLeaveCriticalRegion();
  assert_int_equal(sleep_for(UserMode, FALSE, FOREVER), STATUS_USER_APC);
  assert_int_equal(sleep_for(UserMode, TRUE, FOREVER), STATUS_USER_APC);
  assert_int_equal(sleep_for(UserMode, TRUE, -1), STATUS_SUCCESS);
}

/* ---- while it does ----------------------------------------------------- */

struct sleeper {
  KEVENT ready, never;
  BOOLEAN alertable;
  KPROCESSOR_MODE mode;
  NTSTATUS status;
};

static VOID sleep_long(PVOID context) {
  struct sleeper *sleeper = context;

  KeSetEvent(&sleeper->ready, IO_NO_INCREMENT, FALSE);
  sleeper->status =
      wait_for(&sleeper->never, sleeper->mode, sleeper->alertable, FOREVER);
}

static NTSTATUS interrupt(struct sleeper *sleeper,
                          enum uwsk_interruption what) {
  HANDLE handle;
  PVOID thread;

  KeInitializeEvent(&sleeper->ready, NotificationEvent, FALSE);
  KeInitializeEvent(&sleeper->never, NotificationEvent, FALSE);
  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, sleep_long, sleeper),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType,
                                             KernelMode, &thread, NULL),
                   STATUS_SUCCESS);
  ZwClose(handle);
  KeWaitForSingleObject(&sleeper->ready, Executive, KernelMode, FALSE, NULL);
  uwsk_fault_wait(thread, what);
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(thread);
  return sleeper->status;
}

/* Against: a wake-up that is lost between the look at the interruptions and the
 * queueing of the wait, and blocks that stay in the list of an event. */
static void a_thread_that_waits_is_interrupted(void **state) {
  struct sleeper sleeper = {.alertable = TRUE};
  (void)state;
  for (int i = 0; i < 200; i++) {
    sleeper.mode = i % 2 ? UserMode : KernelMode;
    assert_int_equal(interrupt(&sleeper, UWSK_ALERT), STATUS_ALERTED);
    assert_true(IsListEmpty(&sleeper.never.Header.WaitListHead));
  }
  sleeper.mode = UserMode;
  assert_int_equal(interrupt(&sleeper, UWSK_USER_APC), STATUS_USER_APC);
  sleeper.alertable = FALSE;
  assert_int_equal(interrupt(&sleeper, UWSK_TERMINATION), STATUS_USER_APC);
}

struct both {
  KEVENT event;
  PKTHREAD waiter;
};

static VOID signal_and_alert(PVOID context) {
  struct both *both = context;

  KeSetEvent(&both->event, IO_NO_INCREMENT, FALSE);
  uwsk_fault_wait(both->waiter, UWSK_ALERT);
}

/* Against: a wait that two threads end at once. */
static void a_wait_ends_by_a_signal_or_by_an_alert(void **state) {
  (void)state;
  for (int i = 0; i < 200; i++) {
    struct both both = {.waiter = KeGetCurrentThread()};
    HANDLE handle;
    PVOID thread;
    NTSTATUS first, second;

    KeInitializeEvent(&both.event, SynchronizationEvent, FALSE);
    PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                         signal_and_alert, &both);
    ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType, KernelMode,
                              &thread, NULL);
    ZwClose(handle);
    first = wait_for(&both.event, KernelMode, TRUE, FOREVER);
    second = wait_for(&both.event, KernelMode, TRUE, FOREVER);
    assert_true((first == STATUS_SUCCESS && second == STATUS_ALERTED) ||
                (first == STATUS_ALERTED && second == STATUS_SUCCESS));
    KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(thread);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(an_alert_ends_the_next_alertable_wait),
      KERNEL_TEST(a_signal_comes_before_an_alert),
      KERNEL_TEST(a_user_apc_ends_alertable_waits_only),
      KERNEL_TEST(termination_ends_waits_for_a_user_only),
      KERNEL_TEST(with_apcs_disabled_only_an_alert_ends_a_wait),
      KERNEL_TEST(a_thread_that_waits_is_interrupted),
      KERNEL_TEST(a_wait_ends_by_a_signal_or_by_an_alert),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
