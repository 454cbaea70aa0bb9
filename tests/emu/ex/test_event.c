/* Event objects: handles, names, references. Pages: ddi/ntifs/nf-ntifs-
 * zwcreateevent, ddi/wdm/nf-wdm-zwopenevent, -iocreatenotificationevent,
 * -obreferenceobjectbypointer. */
#include "kernel_test.h"

#include "os/os.h"

static NTSTATUS poll_handle(HANDLE handle) {
  LARGE_INTEGER now = {.QuadPart = 0};

  return ZwWaitForSingleObject(handle, FALSE, &now);
}

static OBJECT_ATTRIBUTES named(PUNICODE_STRING string, PCWSTR text,
                               ULONG flags) {
  OBJECT_ATTRIBUTES attributes;

  RtlInitUnicodeString(string, text);
  InitializeObjectAttributes(&attributes, string, flags, NULL, NULL);
  return attributes;
}

static NTSTATUS create_named(PCWSTR text, ULONG flags, PHANDLE handle) {
  UNICODE_STRING string;
  OBJECT_ATTRIBUTES attributes = named(&string, text, flags);

  return ZwCreateEvent(handle, EVENT_ALL_ACCESS, &attributes, NotificationEvent,
                       FALSE);
}

static NTSTATUS open_named(PCWSTR text, ULONG flags, PHANDLE handle) {
  UNICODE_STRING string;
  OBJECT_ATTRIBUTES attributes = named(&string, text, flags);

  return ZwOpenEvent(handle, EVENT_ALL_ACCESS, &attributes);
}

/* ---- handles ----------------------------------------------------------- */

static void an_event_is_set_and_reset_by_its_handle(void **state) {
  HANDLE handle;
  LONG before = 7;
  (void)state;
  assert_int_equal(
      ZwCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE),
      STATUS_SUCCESS);
  assert_int_equal(poll_handle(handle), STATUS_TIMEOUT);
  assert_int_equal(ZwSetEvent(handle, &before), STATUS_SUCCESS);
  assert_int_equal(before, 0);
  assert_int_equal(poll_handle(handle), STATUS_SUCCESS);
  assert_int_equal(ZwResetEvent(handle, &before), STATUS_SUCCESS);
  assert_int_equal(before, 1);
  assert_int_equal(poll_handle(handle), STATUS_TIMEOUT);
  ZwSetEvent(handle, NULL);
  assert_int_equal(ZwClearEvent(handle), STATUS_SUCCESS);
  assert_int_equal(poll_handle(handle), STATUS_TIMEOUT);
  assert_int_equal(ObCloseHandle(handle, KernelMode), STATUS_SUCCESS);
}

static void a_synchronization_event_satisfies_one_wait(void **state) {
  HANDLE handle;
  (void)state;
  ZwCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, TRUE);
  assert_int_equal(poll_handle(handle), STATUS_SUCCESS);
  assert_int_equal(poll_handle(handle), STATUS_TIMEOUT);
  ZwClose(handle);
}

/* What drivers do with the handle of an application's event. */
static void the_object_of_a_handle_outlives_it(void **state) {
  HANDLE handle, second;
  PKEVENT event;
  (void)state;
  ZwCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
  assert_int_equal(ObReferenceObjectByHandle(handle, EVENT_MODIFY_STATE,
                                             *ExEventObjectType, KernelMode,
                                             (PVOID *)&event, NULL),
                   STATUS_SUCCESS);
  ZwClose(handle);
  assert_int_equal(KeSetEvent(event, IO_NO_INCREMENT, FALSE), 0);
  assert_int_equal(
      ObReferenceObjectByPointer(event, 0, *ExEventObjectType, UserMode),
      STATUS_SUCCESS);
  ObDereferenceObject(event);
  assert_true(ObReferenceObjectSafe(event));
  ObDereferenceObjectDeferDelete(event);
  assert_int_equal(ObOpenObjectByPointer(event, OBJ_KERNEL_HANDLE, NULL,
                                         EVENT_ALL_ACCESS, *ExEventObjectType,
                                         KernelMode, &second),
                   STATUS_SUCCESS);
  ObDereferenceObject(event);
  assert_int_equal(poll_handle(second), STATUS_SUCCESS);
  ZwClose(second);
}

static void another_type_is_a_mismatch(void **state) {
  HANDLE handle;
  PVOID event;
  (void)state;
  ZwCreateEvent(&handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
  assert_int_equal(ObReferenceObjectByHandle(handle, 0, *PsThreadType,
                                             KernelMode, &event, NULL),
                   STATUS_OBJECT_TYPE_MISMATCH);
  ObReferenceObjectByHandle(handle, 0, NULL, KernelMode, &event, NULL);
  assert_int_equal(
      ObReferenceObjectByPointer(event, 0, *PsThreadType, KernelMode),
      STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(ObReferenceObjectByPointer(event, 0, NULL, UserMode),
                   STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(
      ObReferenceObjectByPointerWithTag(event, 0, NULL, KernelMode, 'tseT'),
      STATUS_SUCCESS);
  ObDereferenceObjectDeferDeleteWithTag(event, 'tseT');
  assert_int_equal(ZwSetEvent(ZwCurrentThread(), NULL),
                   STATUS_OBJECT_TYPE_MISMATCH);
  ObDereferenceObject(event);
  ZwClose(handle);
  assert_int_equal(ZwSetEvent(handle, NULL), STATUS_INVALID_HANDLE);
  assert_int_equal(poll_handle(handle), STATUS_INVALID_HANDLE);
}

struct waiter {
  HANDLE handle;
  LONG woken;
};

static VOID wait_by_handle(PVOID context) {
  struct waiter *waiter = context;

  if (ZwWaitForSingleObject(waiter->handle, FALSE, NULL) == STATUS_SUCCESS)
    InterlockedIncrement(&waiter->woken);
}

static void threads_that_wait_by_handle_are_released(void **state) {
  struct waiter waiter = {0};
  HANDLE threads[4];
  (void)state;
  ZwCreateEvent(&waiter.handle, EVENT_ALL_ACCESS, NULL, NotificationEvent,
                FALSE);
  for (int i = 0; i < 4; i++)
    PsCreateSystemThread(&threads[i], THREAD_ALL_ACCESS, NULL, NULL, NULL,
                         wait_by_handle, &waiter);
  ZwSetEvent(waiter.handle, NULL);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(ZwWaitForSingleObject(threads[i], FALSE, NULL),
                     STATUS_SUCCESS);
    ZwClose(threads[i]);
  }
  assert_int_equal(waiter.woken, 4);
  ZwClose(waiter.handle);
}

/* ---- names ------------------------------------------------------------- */

static void a_named_event_is_opened_by_its_name(void **state) {
  HANDLE first, second, third;
  (void)state;
  assert_int_equal(open_named(L"\\BaseNamedObjects\\Go", 0, &first),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(create_named(L"\\BaseNamedObjects\\Go", 0, &first),
                   STATUS_SUCCESS);
  assert_int_equal(open_named(L"\\BaseNamedObjects\\go", 0, &second),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(
      open_named(L"\\baseNamedObjects\\go", OBJ_CASE_INSENSITIVE, &second),
      STATUS_SUCCESS);
  assert_int_equal(create_named(L"\\BaseNamedObjects\\Go", 0, &third),
                   STATUS_OBJECT_NAME_COLLISION);
  assert_int_equal(create_named(L"\\BaseNamedObjects\\Go", OBJ_OPENIF, &third),
                   STATUS_OBJECT_NAME_EXISTS);
  ZwSetEvent(first, NULL);
  assert_int_equal(poll_handle(second), STATUS_SUCCESS);
  assert_int_equal(poll_handle(third), STATUS_SUCCESS);
  ZwClose(first);
  ZwClose(second);
  ZwClose(third);
  /* The name went with the last handle. */
  assert_int_equal(open_named(L"\\BaseNamedObjects\\Go", 0, &first),
                   STATUS_OBJECT_NAME_NOT_FOUND);
}

static void a_notification_event_is_made_signalled_or_opened(void **state) {
  UNICODE_STRING name;
  HANDLE first, second;
  PKEVENT event;
  (void)state;
  RtlInitUnicodeString(&name, L"\\BaseNamedObjects\\MyDriverStopped");
  event = IoCreateNotificationEvent(&name, &first);
  assert_non_null(event);
  assert_int_equal(KeReadStateEvent(event), 1);
  KeClearEvent(event);
  assert_ptr_equal(IoCreateNotificationEvent(&name, &second), event);
  assert_int_equal(KeReadStateEvent(event), 0);
  ZwClose(first);
  KeSetEvent(event, IO_NO_INCREMENT, FALSE);
  assert_int_equal(poll_handle(second), STATUS_SUCCESS);
  assert_int_equal(poll_handle(second), STATUS_SUCCESS);
  ZwClose(second);
  event = IoCreateSynchronizationEvent(&name, &first);
  assert_int_equal(poll_handle(first), STATUS_SUCCESS);
  assert_int_equal(poll_handle(first), STATUS_TIMEOUT);
  ZwClose(first);
  RtlInitUnicodeString(&name, L"NoPath");
  assert_null(IoCreateSynchronizationEvent(&name, &first));
}

static void names_that_cannot_be_are_refused(void **state) {
  static const struct {
    PCWSTR text;
    NTSTATUS status;
  } rows[] = {
      {L"", STATUS_OBJECT_PATH_SYNTAX_BAD},
      {L"Go", STATUS_OBJECT_PATH_SYNTAX_BAD},
      {L"\\", STATUS_OBJECT_NAME_INVALID},
      {L"\\BaseNamedObjects\\", STATUS_OBJECT_NAME_INVALID},
      {L"\\NoSuchDirectory\\Go", STATUS_OBJECT_PATH_NOT_FOUND},
  };
  UNICODE_STRING string = {3, 4, (PWSTR)L"\\a"};
  OBJECT_ATTRIBUTES attributes;
  HANDLE handle;
  (void)state;
  for (unsigned i = 0; i < RTL_NUMBER_OF(rows); i++) {
    assert_int_equal(create_named(rows[i].text, 0, &handle), rows[i].status);
    assert_int_equal(open_named(rows[i].text, 0, &handle), rows[i].status);
  }
  InitializeObjectAttributes(&attributes, &string, 0, NULL, NULL);
  assert_int_equal(ZwOpenEvent(&handle, 0, &attributes),
                   STATUS_OBJECT_NAME_INVALID);
  attributes.RootDirectory = ZwCurrentThread();
  assert_int_equal(ZwOpenEvent(&handle, 0, &attributes),
                   STATUS_OBJECT_TYPE_MISMATCH);
  attributes.Length = 1;
  assert_int_equal(ZwOpenEvent(&handle, 0, &attributes),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(ZwOpenEvent(&handle, 0, NULL), STATUS_INVALID_PARAMETER);
  assert_int_equal(create_named(L"\\Go", OBJ_PERMANENT, &handle),
                   STATUS_NOT_SUPPORTED);
  assert_int_equal(ZwCreateEvent(&handle, 0, NULL, (EVENT_TYPE)2, FALSE),
                   STATUS_INVALID_PARAMETER_4);
}

/* Attributes without a name are those of the handle. */
static void an_event_with_attributes_needs_no_name(void **state) {
  OBJECT_ATTRIBUTES attributes;
  HANDLE handle;
  (void)state;
  InitializeObjectAttributes(&attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
  assert_int_equal(ZwCreateEvent(&handle, EVENT_ALL_ACCESS, &attributes,
                                 NotificationEvent, TRUE),
                   STATUS_SUCCESS);
  assert_int_equal(poll_handle(handle), STATUS_SUCCESS);
  ZwClose(handle);
}

/* Against: an object or a name that stays when there is no memory. */
static void without_memory_there_is_no_event(void **state) {
  HANDLE handle;
  (void)state;
  for (unsigned nth = 1; nth <= 2; nth++) {
    os__alloc_fail_nth(nth);
    assert_int_equal(create_named(L"\\Memory", 0, &handle),
                     STATUS_INSUFFICIENT_RESOURCES);
    assert_true(os__alloc_fault_fired());
  }
  assert_int_equal(create_named(L"\\Memory", 0, &handle), STATUS_SUCCESS);
  ZwClose(handle);
}

static VOID open_and_close(PVOID context) {
  LONG *opened = context;
  HANDLE handle;

  for (int i = 0; i < 500; i++)
    if (NT_SUCCESS(
            create_named(L"\\KernelObjects\\Contended", OBJ_OPENIF, &handle))) {
      InterlockedIncrement(opened);
      ZwClose(handle);
    }
}

/* Against: a name found whose object is being deleted. */
static void a_name_may_go_while_it_is_looked_for(void **state) {
  HANDLE threads[2];
  LONG opened = 0;
  (void)state;
  for (int i = 0; i < 2; i++)
    PsCreateSystemThread(&threads[i], THREAD_ALL_ACCESS, NULL, NULL, NULL,
                         open_and_close, &opened);
  for (int i = 0; i < 2; i++) {
    ZwWaitForSingleObject(threads[i], FALSE, NULL);
    ZwClose(threads[i]);
  }
  assert_int_equal(opened, 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(an_event_is_set_and_reset_by_its_handle),
      KERNEL_TEST(a_synchronization_event_satisfies_one_wait),
      KERNEL_TEST(the_object_of_a_handle_outlives_it),
      KERNEL_TEST(another_type_is_a_mismatch),
      KERNEL_TEST(threads_that_wait_by_handle_are_released),
      KERNEL_TEST(a_named_event_is_opened_by_its_name),
      KERNEL_TEST(a_notification_event_is_made_signalled_or_opened),
      KERNEL_TEST(names_that_cannot_be_are_refused),
      KERNEL_TEST(an_event_with_attributes_needs_no_name),
      KERNEL_TEST(without_memory_there_is_no_event),
      KERNEL_TEST(a_name_may_go_while_it_is_looked_for),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
