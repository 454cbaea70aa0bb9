/* Callback objects. Pages: ddi/wdm/nf-wdm-excreatecallback,
 * -exregistercallback, -exnotifycallback, -exunregistercallback. */
#include "kernel_test.h"

#include "os/os.h"

static NTSTATUS open_callback(PCWSTR text, BOOLEAN create, BOOLEAN several,
                              PCALLBACK_OBJECT *object) {
  UNICODE_STRING name;
  OBJECT_ATTRIBUTES attributes;

  RtlInitUnicodeString(&name, text);
  InitializeObjectAttributes(&attributes, &name,
                             OBJ_CASE_INSENSITIVE | OBJ_PERMANENT, NULL, NULL);
  return ExCreateCallback(object, &attributes, create, several);
}

struct call {
  int number;
  int *order; /* digits, one a call */
  PVOID first, second;
};

static VOID NTAPI note(PVOID context, PVOID first, PVOID second) {
  struct call *call = context;

  call->first = first;
  call->second = second;
  *call->order = *call->order * 10 + call->number;
}

static void registered_functions_are_called_in_their_order(void **state) {
  int order = 0, one = 1, two = 2;
  struct call calls[] = {{1, &order, NULL, NULL}, {2, &order, NULL, NULL}};
  PCALLBACK_OBJECT object;
  PVOID handles[2];
  (void)state;
  assert_int_equal(open_callback(L"\\Callback\\Mine", TRUE, TRUE, &object),
                   STATUS_SUCCESS);
  ExNotifyCallback(object, NULL, NULL);
  for (int i = 0; i < 2; i++) {
    handles[i] = ExRegisterCallback(object, note, &calls[i]);
    assert_non_null(handles[i]);
  }
  ExNotifyCallback(object, &one, &two);
  assert_int_equal(order, 12);
  assert_ptr_equal(calls[1].first, &one);
  assert_ptr_equal(calls[1].second, &two);
  ExUnregisterCallback(handles[0]);
  ExNotifyCallback(object, NULL, NULL);
  assert_int_equal(order, 122);
  ExUnregisterCallback(handles[1]);
  ObDereferenceObject(object);
}

static void an_object_is_found_by_its_name(void **state) {
  PCALLBACK_OBJECT first, second;
  OBJECT_ATTRIBUTES nameless;
  (void)state;
  assert_int_equal(open_callback(L"\\Callback\\Mine", FALSE, TRUE, &first),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(open_callback(L"\\Callback\\Mine", TRUE, TRUE, &first),
                   STATUS_SUCCESS);
  assert_int_equal(open_callback(L"\\callback\\MINE", FALSE, FALSE, &second),
                   STATUS_SUCCESS);
  assert_ptr_equal(first, second);
  ObDereferenceObject(first);
  ObDereferenceObject(second);
  InitializeObjectAttributes(&nameless, NULL, 0, NULL, NULL);
  assert_int_equal(ExCreateCallback(&first, &nameless, TRUE, TRUE),
                   STATUS_UNSUCCESSFUL);
}

static void a_name_of_another_kind_is_a_mismatch(void **state) {
  UNICODE_STRING name;
  PCALLBACK_OBJECT object;
  HANDLE event;
  (void)state;
  RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\Taken");
  assert_non_null(IoCreateNotificationEvent(&name, &event));
  assert_int_equal(
      open_callback(L"\\BaseNamedObjects\\Taken", TRUE, TRUE, &object),
      STATUS_OBJECT_TYPE_MISMATCH);
  ZwClose(event);
  assert_int_equal(open_callback(L"\\Callback\\Taken", TRUE, TRUE, &object),
                   STATUS_SUCCESS);
  RtlInitUnicodeString(&name, L"\\Callback\\Taken");
  assert_null(IoCreateNotificationEvent(&name, &event));
  ObDereferenceObject(object);
}

static void an_object_for_one_function_takes_one(void **state) {
  int order = 0;
  struct call call = {1, &order, NULL, NULL};
  PCALLBACK_OBJECT object;
  PVOID handle;
  (void)state;
  open_callback(L"\\Callback\\One", TRUE, FALSE, &object);
  handle = ExRegisterCallback(object, note, &call);
  assert_null(ExRegisterCallback(object, note, &call));
  ExUnregisterCallback(handle);
  handle = ExRegisterCallback(object, note, &call);
  assert_non_null(handle);
  ExUnregisterCallback(handle);
  expect_report_begin();
  ExUnregisterCallback(handle);
  expect_report_end(VF_CALLBACK_01);
  ObDereferenceObject(object);
}

static void without_memory_nothing_is_left(void **state) {
  PCALLBACK_OBJECT object;
  (void)state;
  for (unsigned nth = 1; nth <= 2; nth++) {
    os__alloc_fail_nth(nth);
    assert_int_equal(open_callback(L"\\Callback\\None", TRUE, TRUE, &object),
                     STATUS_INSUFFICIENT_RESOURCES);
  }
  open_callback(L"\\Callback\\None", TRUE, TRUE, &object);
  os__alloc_fail_nth(1);
  assert_null(ExRegisterCallback(object, note, NULL));
  ObDereferenceObject(object);
}

/* ---- several threads --------------------------------------------------- */

struct slow {
  KEVENT entered, go;
  LONG done;
};

static VOID NTAPI linger(PVOID context, PVOID first, PVOID second) {
  struct slow *slow = context;

  UNREFERENCED_PARAMETER(first);
  UNREFERENCED_PARAMETER(second);
  KeSetEvent(&slow->entered, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(&slow->go, Executive, KernelMode, FALSE, NULL);
  InterlockedExchange(&slow->done, 1);
}

static VOID notify(PVOID object) {
  ExNotifyCallback(object, NULL, NULL);
}

struct leaver {
  PVOID registration;
  struct slow *slow;
  LONG saw_done;
};

static VOID unregister(PVOID context) {
  struct leaver *leaver = context;

  ExUnregisterCallback(leaver->registration);
  leaver->saw_done = InterlockedOr(&leaver->slow->done, 0);
}

/* Against: a function that runs when its registration, and perhaps its driver,
 * is gone. */
static void unregistering_waits_for_the_function(void **state) {
  struct slow slow = {.done = 0};
  struct leaver leaver = {.slow = &slow};
  PCALLBACK_OBJECT object;
  HANDLE threads[2];
  (void)state;
  KeInitializeEvent(&slow.entered, NotificationEvent, FALSE);
  KeInitializeEvent(&slow.go, NotificationEvent, FALSE);
  open_callback(L"\\Callback\\Slow", TRUE, TRUE, &object);
  leaver.registration = ExRegisterCallback(object, linger, &slow);
  PsCreateSystemThread(&threads[0], THREAD_ALL_ACCESS, NULL, NULL, NULL, notify,
                       object);
  KeWaitForSingleObject(&slow.entered, Executive, KernelMode, FALSE, NULL);
  PsCreateSystemThread(&threads[1], THREAD_ALL_ACCESS, NULL, NULL, NULL,
                       unregister, &leaver);
  KeSetEvent(&slow.go, IO_NO_INCREMENT, FALSE);
  for (int i = 0; i < 2; i++) {
    ZwWaitForSingleObject(threads[i], FALSE, NULL);
    ZwClose(threads[i]);
  }
  assert_int_equal(leaver.saw_done, 1);
  ObDereferenceObject(object);
}

static VOID NTAPI count(PVOID context, PVOID first, PVOID second) {
  UNREFERENCED_PARAMETER(first);
  UNREFERENCED_PARAMETER(second);
  InterlockedIncrement((LONG *)context);
}

static VOID come_and_go(PVOID object) {
  LONG calls = 0;

  for (int i = 0; i < 300; i++) {
    PVOID handle = ExRegisterCallback(object, count, &calls);

    ExNotifyCallback(object, NULL, NULL);
    ExUnregisterCallback(handle);
  }
}

static void threads_register_notify_and_leave_at_once(void **state) {
  PCALLBACK_OBJECT object;
  HANDLE threads[3];
  (void)state;
  open_callback(L"\\Callback\\Busy", TRUE, TRUE, &object);
  for (int i = 0; i < 3; i++)
    PsCreateSystemThread(&threads[i], THREAD_ALL_ACCESS, NULL, NULL, NULL,
                         come_and_go, object);
  for (int i = 0; i < 3; i++) {
    ZwWaitForSingleObject(threads[i], FALSE, NULL);
    ZwClose(threads[i]);
  }
  ObDereferenceObject(object);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(registered_functions_are_called_in_their_order),
      KERNEL_TEST(an_object_is_found_by_its_name),
      KERNEL_TEST(a_name_of_another_kind_is_a_mismatch),
      KERNEL_TEST(an_object_for_one_function_takes_one),
      KERNEL_TEST(without_memory_nothing_is_left),
      KERNEL_TEST(unregistering_waits_for_the_function),
      KERNEL_TEST(threads_register_notify_and_leave_at_once),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
