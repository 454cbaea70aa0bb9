/* What is known of a thread, and who it is. Pages: ddi/ntddk/nf-ntddk-
 * zwsetinformationthread, -kesetbaseprioritythread. */
#include "kernel_test.h"

#include "os/os.h"

/* As drivers declare it: the headers have no such type. */
typedef struct _THREAD_BASIC_INFORMATION {
  NTSTATUS ExitStatus;
  PVOID TebBaseAddress;
  CLIENT_ID ClientId;
  KAFFINITY AffinityMask;
  KPRIORITY Priority;
  KPRIORITY BasePriority;
} THREAD_BASIC_INFORMATION;

static THREAD_BASIC_INFORMATION basic_of(HANDLE handle) {
  THREAD_BASIC_INFORMATION basic;
  ULONG length = 0;

  assert_int_equal(ZwQueryInformationThread(handle, ThreadBasicInformation,
                                            &basic, sizeof(basic), &length),
                   STATUS_SUCCESS);
  assert_int_equal(length, sizeof(basic));
  return basic;
}

/* ---- life -------------------------------------------------------------- */

static VOID wait_and_terminate(PVOID context) {
  KeWaitForSingleObject(context, Executive, KernelMode, FALSE, NULL);
  PsTerminateSystemThread(STATUS_CONNECTION_RESET);
}

static void the_exit_status_is_pending_until_the_end(void **state) {
  KEVENT go;
  CLIENT_ID id;
  HANDLE handle;
  PETHREAD thread;
  ULONG ended = 7;
  PVOID start;
  (void)state;
  KeInitializeEvent(&go, NotificationEvent, FALSE);
  PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, &id,
                       wait_and_terminate, &go);
  ObReferenceObjectByHandle(handle, SYNCHRONIZE, *PsThreadType, KernelMode,
                            (PVOID *)&thread, NULL);
  assert_int_equal(basic_of(handle).ExitStatus, STATUS_PENDING);
  assert_int_equal(PsGetThreadExitStatus(thread), STATUS_PENDING);
  assert_ptr_equal(basic_of(handle).ClientId.UniqueThread, id.UniqueThread);
  assert_ptr_equal(PsGetThreadId(thread), id.UniqueThread);
  assert_true(PsIsSystemThread(thread));
  ZwQueryInformationThread(handle, ThreadIsTerminated, &ended, sizeof(ended),
                           NULL);
  assert_int_equal(ended, 0);
  assert_int_equal(ZwQueryInformationThread(handle,
                                            ThreadQuerySetWin32StartAddress,
                                            &start, sizeof(start), NULL),
                   STATUS_SUCCESS);
  assert_ptr_equal(start, (PVOID)wait_and_terminate);

  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  ZwWaitForSingleObject(handle, FALSE, NULL);
  assert_int_equal(basic_of(handle).ExitStatus, STATUS_CONNECTION_RESET);
  assert_int_equal(PsGetThreadExitStatus(thread), STATUS_CONNECTION_RESET);
  ZwQueryInformationThread(handle, ThreadIsTerminated, &ended, sizeof(ended),
                           NULL);
  assert_int_equal(ended, 1);
  ObDereferenceObject(thread);
  ZwClose(handle);
}

/* ---- priorities -------------------------------------------------------- */

static void a_priority_is_set_by_handle_and_by_pointer(void **state) {
  PKTHREAD self = KeGetCurrentThread();
  KPRIORITY priority = LOW_REALTIME_PRIORITY;
  (void)state;
  assert_int_equal(KeQueryPriorityThread(self), 8);
  assert_int_equal(ZwSetInformationThread(ZwCurrentThread(), ThreadPriority,
                                          &priority, sizeof(priority)),
                   STATUS_SUCCESS);
  assert_int_equal(KeQueryPriorityThread(self), LOW_REALTIME_PRIORITY);
  assert_int_equal(basic_of(ZwCurrentThread()).Priority, LOW_REALTIME_PRIORITY);
  assert_int_equal(basic_of(ZwCurrentThread()).BasePriority, 8);
  assert_int_equal(KeSetPriorityThread(self, 8), LOW_REALTIME_PRIORITY);
  priority = LOW_PRIORITY;
  assert_int_equal(ZwSetInformationThread(ZwCurrentThread(), ThreadPriority,
                                          &priority, sizeof(priority)),
                   STATUS_INVALID_PARAMETER);
}

/* The base priority cannot cross into the real-time class. */
static void a_base_priority_stays_in_its_class(void **state) {
  PKTHREAD self = KeGetCurrentThread();
  (void)state;
  assert_int_equal(KeSetBasePriorityThread(self, 3), 0);
  assert_int_equal(KeQueryPriorityThread(self), 11);
  assert_int_equal(KeSetBasePriorityThread(self, 10), 3);
  assert_int_equal(KeQueryPriorityThread(self), 15);
  assert_int_equal(KeSetBasePriorityThread(self, -12), 7);
  assert_int_equal(KeQueryPriorityThread(self), 1);
  assert_int_equal(KeSetBasePriorityThread(self, 16), -7);
  assert_int_equal(KeSetBasePriorityThread(self, -100), 16);
  assert_int_equal(KeSetBasePriorityThread(self, 0), -16);
  assert_int_equal(KeQueryPriorityThread(self), 8);
}

static void a_base_priority_has_few_steps_by_handle(void **state) {
  static const struct {
    LONG increment;
    NTSTATUS status;
  } rows[] = {
      {2, STATUS_SUCCESS},
      {3, STATUS_INVALID_PARAMETER},
      {-2, STATUS_SUCCESS},
      {-3, STATUS_INVALID_PARAMETER},
      {16, STATUS_SUCCESS},
      {-16, STATUS_SUCCESS},
      {17, STATUS_INVALID_PARAMETER},
      {0, STATUS_SUCCESS},
  };
  (void)state;
  for (unsigned i = 0; i < RTL_NUMBER_OF(rows); i++) {
    LONG increment = rows[i].increment;

    assert_int_equal(ZwSetInformationThread(ZwCurrentThread(),
                                            ThreadBasePriority, &increment,
                                            sizeof(increment)),
                     rows[i].status);
  }
}

static void a_priority_out_of_bounds_is_reported(void **state) {
  PKTHREAD self = KeGetCurrentThread();
  (void)state;
  expect_report_begin();
  assert_int_equal(KeSetPriorityThread(self, LOW_PRIORITY), 8);
  expect_report_end(VF_THREAD_03);
  expect_report_begin();
  assert_int_equal(KeSetPriorityThread(self, MAXIMUM_PRIORITY), 8);
  expect_report_end(VF_THREAD_03);
  assert_int_equal(KeQueryPriorityThread(self), 8);
}

/* ---- the rest ---------------------------------------------------------- */

static void page_priority_and_throttling_are_checked(void **state) {
  PAGE_PRIORITY_INFORMATION page = {2};
  POWER_THROTTLING_THREAD_STATE throttling = {
      POWER_THROTTLING_THREAD_CURRENT_VERSION,
      POWER_THROTTLING_THREAD_EXECUTION_SPEED, 0};
  HANDLE self = ZwCurrentThread();
  (void)state;
  assert_int_equal(
      ZwSetInformationThread(self, ThreadPagePriority, &page, sizeof(page)),
      STATUS_SUCCESS);
  page.PagePriority = 0;
  assert_int_equal(
      ZwSetInformationThread(self, ThreadPagePriority, &page, sizeof(page)),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(ZwQueryInformationThread(self, ThreadPagePriority, &page,
                                            sizeof(page), NULL),
                   STATUS_SUCCESS);
  assert_int_equal(page.PagePriority, 2);
  page.PagePriority = 5;
  ZwSetInformationThread(self, ThreadPagePriority, &page, sizeof(page));
  assert_int_equal(ZwSetInformationThread(self, ThreadPowerThrottlingState,
                                          &throttling, sizeof(throttling)),
                   STATUS_SUCCESS);
  throttling.StateMask = 2;
  assert_int_equal(ZwSetInformationThread(self, ThreadPowerThrottlingState,
                                          &throttling, sizeof(throttling)),
                   STATUS_INVALID_PARAMETER);
}

static void a_thread_has_the_name_it_was_given(void **state) {
  struct {
    UNICODE_STRING string;
    WCHAR text[8];
  } answer;
  UNICODE_STRING name;
  KEVENT go;
  HANDLE handle;
  ULONG length;
  (void)state;
  KeInitializeEvent(&go, NotificationEvent, FALSE);
  PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL, NULL,
                       wait_and_terminate, &go);
  RtlInitUnicodeString(&name, L"worker");
  os__alloc_fail_nth(1);
  assert_int_equal(ZwSetInformationThread(handle, ThreadNameInformation, &name,
                                          sizeof(name)),
                   STATUS_INSUFFICIENT_RESOURCES);
  for (int i = 0; i < 2; i++)
    assert_int_equal(ZwSetInformationThread(handle, ThreadNameInformation,
                                            &name, sizeof(name)),
                     STATUS_SUCCESS);
  assert_int_equal(
      ZwQueryInformationThread(handle, ThreadNameInformation, NULL, 0, &length),
      STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(length, sizeof(UNICODE_STRING) + 6 * sizeof(WCHAR));
  assert_int_equal(ZwQueryInformationThread(handle, ThreadNameInformation,
                                            &answer, sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_true(RtlEqualUnicodeString(&answer.string, &name, FALSE));
  assert_ptr_equal(answer.string.Buffer, answer.text);
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  ZwWaitForSingleObject(handle, FALSE, NULL);
  ZwClose(handle);
}

static void wrong_calls_are_refused(void **state) {
  HANDLE self = ZwCurrentThread();
  KPRIORITY priority = 8;
  HANDLE event;
  (void)state;
  assert_int_equal(ZwSetInformationThread(self, ThreadPriority, &priority, 3),
                   STATUS_INFO_LENGTH_MISMATCH);
  assert_int_equal(ZwQueryInformationThread(self, ThreadBasicInformation,
                                            &priority, sizeof(priority), NULL),
                   STATUS_INFO_LENGTH_MISMATCH);
  assert_int_equal(ZwSetInformationThread(self, ThreadIsTerminated, &priority,
                                          sizeof(priority)),
                   STATUS_INVALID_INFO_CLASS);
  assert_int_equal(ZwQueryInformationThread(self, MaxThreadInfoClass, &priority,
                                            sizeof(priority), NULL),
                   STATUS_INVALID_INFO_CLASS);
  ZwCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
  assert_int_equal(ZwSetInformationThread(event, ThreadPriority, &priority,
                                          sizeof(priority)),
                   STATUS_OBJECT_TYPE_MISMATCH);
  ZwClose(event);
  assert_int_equal(ZwSetInformationThread(event, ThreadPriority, &priority,
                                          sizeof(priority)),
                   STATUS_INVALID_HANDLE);
}

/* ---- threads that PsCreateSystemThread has not made --------------------- */

static void run_as_host_thread(void *argument) {
  PETHREAD *thread = argument;

  *thread = PsGetCurrentThread();
  ObReferenceObject(*thread);
}

/* Against: a thread object that vanishes with the host's thread. */
static void the_object_of_a_host_thread_outlives_it(void **state) {
  struct os_thread host;
  PETHREAD thread;
  (void)state;
  assert_int_equal(os__thread_start(&host, run_as_host_thread, &thread), 0);
  os__thread_join(&host);
  assert_int_equal(
      KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, NULL),
      STATUS_SUCCESS);
  assert_int_equal(PsGetThreadExitStatus(thread), STATUS_SUCCESS);
  ObDereferenceObject(thread);
}

static void the_current_thread_has_a_handle(void **state) {
  LARGE_INTEGER now = {.QuadPart = 0};
  PVOID thread;
  HANDLE handle;
  (void)state;
  assert_int_equal(ObReferenceObjectByHandle(ZwCurrentThread(), SYNCHRONIZE,
                                             *PsThreadType, KernelMode, &thread,
                                             NULL),
                   STATUS_SUCCESS);
  assert_ptr_equal(thread, KeGetCurrentThread());
  assert_int_equal(ObOpenObjectByPointer(thread, 0, NULL, THREAD_ALL_ACCESS,
                                         *PsThreadType, KernelMode, &handle),
                   STATUS_SUCCESS);
  ObDereferenceObject(thread);
  assert_int_equal(ZwWaitForSingleObject(handle, FALSE, &now), STATUS_TIMEOUT);
  ZwClose(handle);
}

static void the_system_process_is_an_object(void **state) {
  PEPROCESS process = PsGetCurrentProcess();
  PVOID object;
  (void)state;
  assert_ptr_equal(process, PsInitialSystemProcess);
  assert_int_equal((ULONG_PTR)PsGetProcessId(process), 4);
  ObReferenceObject(process);
  ObDereferenceObject(process);
  assert_int_equal(ObReferenceObjectByHandle(ZwCurrentProcess(), 0,
                                             *PsProcessType, KernelMode,
                                             &object, NULL),
                   STATUS_SUCCESS);
  assert_ptr_equal(object, process);
  ObDereferenceObject(object);
}

/* ---- silos ------------------------------------------------------------- */

static void every_thread_is_in_the_host_silo(void **state) {
  PESILO host = PsGetHostSilo();
  (void)state;
  assert_ptr_equal(PsGetCurrentServerSilo(), host);
  assert_ptr_equal(PsGetEffectiveServerSilo(host), host);
  assert_ptr_equal(PsGetThreadServerSilo(PsGetCurrentThread()), host);
  assert_true(PsIsHostSilo(host));
  assert_false(PsIsCurrentThreadInServerSilo());
}

static void a_thread_is_attached_and_detached_in_pairs(void **state) {
  PESILO outer, inner;
  (void)state;
  outer = PsAttachSiloToCurrentThread(PsGetHostSilo());
  inner = PsAttachSiloToCurrentThread(PsGetCurrentServerSilo());
  assert_ptr_equal(PsGetCurrentServerSilo(), PsGetHostSilo());
  PsDetachSiloFromCurrentThread(inner);
  PsDetachSiloFromCurrentThread(outer);
  expect_report_begin();
  PsDetachSiloFromCurrentThread(outer);
  expect_report_end(VF_SILO_01);
}

static void what_is_no_silo_is_reported(void **state) {
  int no_silo;
  PESILO before;
  (void)state;
  expect_report_begin();
  before = PsAttachSiloToCurrentThread((PESILO)(PVOID)&no_silo);
  expect_report_end(VF_SILO_01);
  PsDetachSiloFromCurrentThread(before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(the_exit_status_is_pending_until_the_end),
      KERNEL_TEST(a_priority_is_set_by_handle_and_by_pointer),
      KERNEL_TEST(a_base_priority_stays_in_its_class),
      KERNEL_TEST(a_base_priority_has_few_steps_by_handle),
      KERNEL_TEST(a_priority_out_of_bounds_is_reported),
      KERNEL_TEST(page_priority_and_throttling_are_checked),
      KERNEL_TEST(a_thread_has_the_name_it_was_given),
      KERNEL_TEST(wrong_calls_are_refused),
      KERNEL_TEST(the_object_of_a_host_thread_outlives_it),
      KERNEL_TEST(the_current_thread_has_a_handle),
      KERNEL_TEST(the_system_process_is_an_object),
      KERNEL_TEST(every_thread_is_in_the_host_silo),
      KERNEL_TEST(a_thread_is_attached_and_detached_in_pairs),
      KERNEL_TEST(what_is_no_silo_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
