/* Attaching to a process, references with a tag, and handles that are waited
 * for. */
#include "kernel_test.h"

static KEVENT go;

static VOID NTAPI wait_for_go(PVOID unused) {
  (void)unused;
  KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, NULL);
}

static HANDLE start_thread(void) {
  HANDLE handle;

  KeInitializeEvent(&go, NotificationEvent, FALSE);
  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, wait_for_go, NULL),
                   STATUS_SUCCESS);
  return handle;
}

static void a_handle_can_be_waited_for(void **state) {
  (void)state;
  LARGE_INTEGER now = {.QuadPart = 0};
  HANDLE handle = start_thread();

  assert_int_equal(ZwWaitForSingleObject(handle, FALSE, &now), STATUS_TIMEOUT);
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  assert_int_equal(ZwWaitForSingleObject(handle, FALSE, NULL), STATUS_SUCCESS);
  ZwClose(handle);
  assert_int_equal(ZwWaitForSingleObject(handle, FALSE, NULL),
                   STATUS_INVALID_HANDLE);
}

static void a_reference_may_have_a_tag(void **state) {
  (void)state;
  HANDLE handle = start_thread();
  LONG_PTR count;
  PVOID thread;

  assert_int_equal(ObReferenceObjectByHandleWithTag(handle, SYNCHRONIZE,
                                                    *PsThreadType, KernelMode,
                                                    'gaT', &thread, NULL),
                   STATUS_SUCCESS);
  count = ObReferenceObjectWithTag(thread, 'gaT');
  assert_int_equal(ObDereferenceObjectWithTag(thread, 'gaT'), count - 1);
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL);
  ObDereferenceObjectWithTag(thread, 'gaT');
  ZwClose(handle);
}

static void attaching_comes_in_pairs(void **state) {
  (void)state;
  KAPC_STATE apc_state;

  KeStackAttachProcess(PsInitialSystemProcess, &apc_state);
  assert_ptr_equal(PsGetCurrentProcess(), PsInitialSystemProcess);
  KeUnstackDetachProcess(&apc_state);
  expect_report_begin();
  KeUnstackDetachProcess(&apc_state);
  expect_report_end(VF_ATTACH_01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_handle_can_be_waited_for),
      KERNEL_TEST(a_reference_may_have_a_tag),
      KERNEL_TEST(attaching_comes_in_pairs),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
