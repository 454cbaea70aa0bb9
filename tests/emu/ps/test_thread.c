/* System threads, their objects and handles. */
#include "kernel_test.h"

#include "ke/ke.h"
#include "ob/object.h"
#include "os/os.h"

struct life {
  KEVENT go;
  PVOID self;
  KIRQL irql;
  HANDLE thread_id;
};

static VOID live(PVOID context) {
  struct life *life = context;
  life->self = PsGetCurrentThread();
  life->irql = KeGetCurrentIrql();
  life->thread_id = PsGetCurrentThreadId();
  KeWaitForSingleObject(&life->go, Executive, KernelMode, FALSE, NULL);
}

static void a_thread_is_what_its_handle_refers_to(void **state) {
  struct life life = {.irql = HIGH_LEVEL};
  CLIENT_ID id;
  HANDLE handle;
  PVOID thread;
  (void)state;
  KeInitializeEvent(&life.go, NotificationEvent, TRUE);
  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        &id, live, &life),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType,
                                             KernelMode, &thread, NULL),
                   STATUS_SUCCESS);
  assert_int_equal(
      KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL),
      STATUS_SUCCESS);
  assert_ptr_equal(life.self, thread);
  assert_int_equal(life.irql, PASSIVE_LEVEL);
  assert_ptr_equal(life.thread_id, id.UniqueThread);
  assert_ptr_equal(id.UniqueProcess, PsGetCurrentProcessId());
  ObDereferenceObject(thread);
  assert_int_equal(ZwClose(handle), STATUS_SUCCESS);
}

/* Against: a thread object freed with its handle while the thread runs. */
static void closing_the_handle_does_not_end_the_thread(void **state) {
  struct life life = {.irql = HIGH_LEVEL};
  HANDLE handle;
  PVOID thread;
  (void)state;
  KeInitializeEvent(&life.go, NotificationEvent, FALSE);
  PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, live,
                       &life);
  ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType, KernelMode,
                            &thread, NULL);
  ZwClose(handle);
  LARGE_INTEGER now = {.QuadPart = 0};
  assert_int_equal(
      KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, &now),
      STATUS_TIMEOUT);
  KeSetEvent(&life.go, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(thread);
}

static VOID terminate(PVOID context) {
  PsTerminateSystemThread(STATUS_TIMEOUT);
  *(bool *)context = true; /* must not be reached */
}

static void terminate_ends_the_thread_at_once(void **state) {
  bool went_on = false;
  HANDLE handle;
  PETHREAD thread;
  (void)state;
  PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, terminate,
                       &went_on);
  ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType, KernelMode,
                            (PVOID *)&thread, NULL);
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  assert_false(went_on);
  assert_int_equal(thread->ExitStatus, STATUS_TIMEOUT);
  ObDereferenceObject(thread);
  ZwClose(handle);
}

static void terminate_outside_a_system_thread_is_refused(void **state) {
  (void)state;
  assert_int_equal(PsTerminateSystemThread(STATUS_SUCCESS),
                   STATUS_INVALID_PARAMETER);
}

static VOID raise_and_return(PVOID context) {
  KIRQL old;
  UNREFERENCED_PARAMETER(context);
  KeRaiseIrql(DISPATCH_LEVEL, &old);
}

static void ending_above_passive_level_is_reported(void **state) {
  HANDLE handle;
  PVOID thread;
  (void)state;
  expect_report_begin();
  PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                       raise_and_return, NULL);
  ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType, KernelMode,
                            &thread, NULL);
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  expect_report_end(VF_THREAD_01);
  ObDereferenceObject(thread);
  ZwClose(handle);
}

static void closing_a_handle_twice_is_reported(void **state) {
  struct life life = {.irql = HIGH_LEVEL};
  HANDLE handle;
  PVOID thread;
  (void)state;
  KeInitializeEvent(&life.go, NotificationEvent, TRUE);
  PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, live,
                       &life);
  ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType, KernelMode,
                            &thread, NULL);
  assert_int_equal(ZwClose(handle), STATUS_SUCCESS);
  expect_report_begin();
  assert_int_equal(ZwClose(handle), STATUS_INVALID_HANDLE);
  expect_report_end(VF_HANDLE_01);
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(thread);
}

static void a_handle_of_another_type_is_refused(void **state) {
  struct life life = {.irql = HIGH_LEVEL};
  HANDLE handle;
  PVOID object = &life;
  (void)state;
  KeInitializeEvent(&life.go, NotificationEvent, TRUE);
  PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, live,
                       &life);
  assert_int_equal(ObReferenceObjectByHandle(handle, SYNCHRONIZE,
                                             *PsProcessType, KernelMode,
                                             &object, NULL),
                   STATUS_OBJECT_TYPE_MISMATCH);
  assert_null(object);
  ObReferenceObjectByHandle(handle, SYNCHRONIZE, NULL, KernelMode, &object,
                            NULL);
  KeWaitForSingleObject(object, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObject(object);
  ZwClose(handle);
}

static void dereferencing_what_is_no_object_is_reported(void **state) {
  int no_object = 0;
  (void)state;
  expect_report_begin();
  ObDereferenceObject(&no_object);
  expect_report_end(VF_OBJECT_01);
}

/* Against: a thread or handle that leaks when the host has no memory. */
static void without_memory_there_is_no_thread_and_no_handle(void **state) {
  struct life life = {.irql = HIGH_LEVEL};
  HANDLE handle;
  (void)state;
  KeInitializeEvent(&life.go, NotificationEvent, TRUE);
  for (unsigned nth = 1; nth <= 2; nth++) {
    os__alloc_fail_nth(nth);
    assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL,
                                          NULL, NULL, live, &life),
                     STATUS_INSUFFICIENT_RESOURCES);
    assert_null(handle);
    assert_true(os__alloc_fault_fired());
  }
  assert_int_equal(ob__count(OB_THREAD), 0);
  assert_int_equal(ob__count(OB_HANDLE), 0);
}

static void the_processors_have_numbers_below_their_count(void **state) {
  KAFFINITY active = 0;
  (void)state;
  ULONG count = KeQueryActiveProcessorCount(&active);
  assert_true(count >= 1);
  assert_true(KeGetCurrentProcessorNumber() < count);
  for (ULONG i = 0; i < count; i++)
    assert_true(active & ((KAFFINITY)1 << i));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_thread_is_what_its_handle_refers_to),
      KERNEL_TEST(closing_the_handle_does_not_end_the_thread),
      KERNEL_TEST(terminate_ends_the_thread_at_once),
      KERNEL_TEST(terminate_outside_a_system_thread_is_refused),
      KERNEL_TEST(ending_above_passive_level_is_reported),
      KERNEL_TEST(closing_a_handle_twice_is_reported),
      KERNEL_TEST(a_handle_of_another_type_is_refused),
      KERNEL_TEST(dereferencing_what_is_no_object_is_reported),
      KERNEL_TEST(the_processors_have_numbers_below_their_count),
      KERNEL_TEST(without_memory_there_is_no_thread_and_no_handle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
