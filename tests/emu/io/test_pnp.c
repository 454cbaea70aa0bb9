/*
 * Device interfaces, and notification of them. Windows pages:
 * IoRegisterDeviceInterface, IoSetDeviceInterfaceState, IoGetDeviceInterfaces,
 * IoRegisterPlugPlayNotification, IoUnregisterPlugPlayNotification(Ex), Using
 * PnP Device Interface Change Notification, Guidelines for Writing PnP
 * Notification Callback Routines.
 */
#include "kernel_test.h"

#include <ntifs.h>
#include <string.h>
#include <uwsk/fault.h>
#include <uwsk/pnp.h>
#include <wdmguid.h>

#include "io/io.h"
#include "os/os.h"

static const GUID red = {0x11111111, 0x2222, 0x3333, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID blue = {0x44444444, 0x2222, 0x3333, {1, 2, 3, 4, 5, 6, 7, 8}};

static PDRIVER_OBJECT driver, listener;
static PDEVICE_OBJECT device;
static UNICODE_STRING name;

#define MANY 64

/* What a routine was told, in order. Under the lock. */
static struct {
  struct os_spin lock;
  int count;
  bool arrival[MANY];
  GUID class[MANY];
  WCHAR link[MANY][200];
  PVOID context;
  KIRQL irql;
} told;

static KSEMAPHORE heard;

static DRIVER_NOTIFICATION_CALLBACK_ROUTINE listen;
static NTSTATUS NTAPI listen(PVOID structure, PVOID context) {
  const DEVICE_INTERFACE_CHANGE_NOTIFICATION *change = structure;

  os__spin_lock(&told.lock);
  assert_int_equal(change->Version, 1);
  assert_int_equal(change->Size, sizeof(*change));
  assert_true(told.count < MANY);
  told.arrival[told.count] =
      IsEqualGUID(&change->Event, &GUID_DEVICE_INTERFACE_ARRIVAL);
  if (!told.arrival[told.count])
    assert_true(IsEqualGUID(&change->Event, &GUID_DEVICE_INTERFACE_REMOVAL));
  told.class[told.count] = change->InterfaceClassGuid;
  memset(told.link[told.count], 0, sizeof(told.link[0]));
  memcpy(told.link[told.count], change->SymbolicLinkName->Buffer,
         change->SymbolicLinkName->Length);
  told.context = context;
  told.irql = KeGetCurrentIrql();
  told.count++;
  os__spin_unlock(&told.lock);
  KeReleaseSemaphore(&heard, IO_NO_INCREMENT, 1, FALSE);
  return STATUS_SUCCESS;
}

static void await_told(int count) {
  for (int i = 0; i < count; i++)
    KeWaitForSingleObject(&heard, Executive, KernelMode, FALSE, NULL);
}

static int start(void **state) {
  int result = kernel_start(state);

  memset(&told, 0, sizeof(told));
  KeInitializeSemaphore(&heard, 0, MANY);
  driver = io__create_driver("source");
  listener = io__create_driver("listener");
  assert_int_equal(
      IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device),
      STATUS_SUCCESS);
  name.Buffer = NULL;
  return result;
}

static int stop(void **state) {
  if (name.Buffer != NULL)
    RtlFreeUnicodeString(&name);
  if (device != NULL)
    IoDeleteDevice(device);
  io__delete_driver(listener);
  io__delete_driver(driver);
  return kernel_stop(state);
}

static void register_interface(const GUID *class) {
  assert_int_equal(IoRegisterDeviceInterface(device, class, NULL, &name),
                   STATUS_SUCCESS);
}

static PVOID listen_to(const GUID *class, ULONG flags) {
  PVOID entry = NULL;

  assert_int_equal(IoRegisterPlugPlayNotification(
                       EventCategoryDeviceInterfaceChange, flags, (PVOID) class,
                       listener, listen, &told, &entry),
                   STATUS_SUCCESS);
  assert_non_null(entry);
  return entry;
}

static void stop_listening(PVOID entry) {
  assert_int_equal(IoUnregisterPlugPlayNotificationEx(entry), STATUS_SUCCESS);
}

static void set_state(bool enabled, NTSTATUS expected) {
  assert_int_equal(IoSetDeviceInterfaceState(&name, enabled), expected);
}

/* ---- interfaces -------------------------------------------------------- */

static void an_interface_is_registered_once(void **state) {
  (void)state;
  UNICODE_STRING again;

  register_interface(&red);
  assert_int_equal(IoRegisterDeviceInterface(device, &red, NULL, &again),
                   STATUS_OBJECT_NAME_EXISTS);
  assert_true(RtlEqualUnicodeString(&name, &again, FALSE));
  assert_int_equal(name.Buffer[name.Length / sizeof(WCHAR)], 0);
  RtlFreeUnicodeString(&again);
}

static void a_reference_string_is_a_part_of_the_name(void **state) {
  (void)state;
  UNICODE_STRING reference, bad, other;

  RtlInitUnicodeString(&reference, L"Second");
  RtlInitUnicodeString(&bad, L"a\\b");
  register_interface(&red);
  assert_int_equal(IoRegisterDeviceInterface(device, &red, &reference, &other),
                   STATUS_SUCCESS);
  assert_int_equal(other.Length, name.Length + 7 * sizeof(WCHAR));
  RtlFreeUnicodeString(&other);
  assert_int_equal(IoRegisterDeviceInterface(device, &red, &bad, &other),
                   STATUS_INVALID_DEVICE_REQUEST);
}

/* On Windows a PDO is what a bus driver has made: a filter's device is none. */
static void what_stands_on_another_device_is_no_pdo(void **state) {
  (void)state;
  PDEVICE_OBJECT upper;
  PWSTR list;

  assert_int_equal(
      IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &upper),
      STATUS_SUCCESS);
  assert_non_null(IoAttachDeviceToDeviceStack(upper, device));
  assert_int_equal(IoRegisterDeviceInterface(upper, &red, NULL, &name),
                   STATUS_INVALID_DEVICE_REQUEST);
  assert_int_equal(IoRegisterDeviceInterface(NULL, &red, NULL, &name),
                   STATUS_INVALID_DEVICE_REQUEST);
  assert_int_equal(IoGetDeviceInterfaces(&red, upper, 0, &list),
                   STATUS_INVALID_DEVICE_REQUEST);
  IoDetachDevice(device);
  IoDeleteDevice(upper);
}

static void a_state_is_set_once(void **state) {
  (void)state;
  register_interface(&red);
  set_state(false, STATUS_OBJECT_NAME_NOT_FOUND);
  assert_null(io__find_device(&name));
  set_state(true, STATUS_SUCCESS);
  set_state(true, STATUS_OBJECT_NAME_EXISTS);
  assert_ptr_equal(io__find_device(&name), device);
  set_state(false, STATUS_SUCCESS);
  set_state(false, STATUS_OBJECT_NAME_NOT_FOUND);
  assert_null(io__find_device(&name));
}

static void what_is_not_registered_has_no_state(void **state) {
  (void)state;
  UNICODE_STRING none;

  RtlInitUnicodeString(&none, L"\\??\\None");
  assert_int_equal(IoSetDeviceInterfaceState(&none, TRUE),
                   STATUS_OBJECT_NAME_NOT_FOUND);
}

static int count_names(const GUID *class, PDEVICE_OBJECT of, ULONG flags) {
  PWSTR list;
  int count = 0;

  assert_int_equal(IoGetDeviceInterfaces(class, of, flags, &list),
                   STATUS_SUCCESS);
  for (PWSTR at = list; *at != 0; at++, count++)
    while (*at != 0)
      at++;
  ExFreePool(list);
  return count;
}

static void interfaces_are_listed_by_class_device_and_state(void **state) {
  (void)state;
  PDEVICE_OBJECT other;
  UNICODE_STRING second;

  assert_int_equal(count_names(&red, NULL, 0), 0);
  assert_int_equal(
      IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &other),
      STATUS_SUCCESS);
  register_interface(&red);
  assert_int_equal(IoRegisterDeviceInterface(other, &red, NULL, &second),
                   STATUS_SUCCESS);
  assert_int_equal(count_names(&red, NULL, 0), 0);
  assert_int_equal(count_names(&red, NULL, DEVICE_INTERFACE_INCLUDE_NONACTIVE),
                   2);
  set_state(true, STATUS_SUCCESS);
  assert_int_equal(count_names(&red, NULL, 0), 1);
  assert_int_equal(count_names(&red, other, 0), 0);
  assert_int_equal(count_names(&blue, NULL, DEVICE_INTERFACE_INCLUDE_NONACTIVE),
                   0);
  RtlFreeUnicodeString(&second);
  IoDeleteDevice(other);
  assert_int_equal(count_names(&red, NULL, DEVICE_INTERFACE_INCLUDE_NONACTIVE),
                   1);
}

static void each_missing_allocation_is_survived(void **state) {
  (void)state;
  PVOID entry;
  PWSTR list;

  for (unsigned nth = 1; nth <= 2; nth++) {
    uwsk_fault_allocation(nth);
    assert_int_equal(IoRegisterDeviceInterface(device, &red, NULL, &name),
                     STATUS_INSUFFICIENT_RESOURCES);
    assert_true(uwsk_fault_allocation_fired());
  }
  register_interface(&red);
  for (unsigned nth = 1; nth <= 2; nth++) {
    uwsk_fault_allocation(nth);
    set_state(true, STATUS_INSUFFICIENT_RESOURCES);
    assert_true(uwsk_fault_allocation_fired());
  }
  uwsk_fault_allocation(1);
  assert_int_equal(IoGetDeviceInterfaces(&red, NULL, 0, &list),
                   STATUS_INSUFFICIENT_RESOURCES);
  uwsk_fault_allocation(1);
  assert_int_equal(IoRegisterPlugPlayNotification(
                       EventCategoryDeviceInterfaceChange, 0, (PVOID)&red,
                       listener, listen, NULL, &entry),
                   STATUS_INSUFFICIENT_RESOURCES);
  for (unsigned nth = 1; nth <= 2; nth++) {
    uwsk_fault_allocation(nth);
    assert_int_equal(uwsk_announce_interface(&blue, "a"),
                     STATUS_INSUFFICIENT_RESOURCES);
  }
  uwsk_fault_allocation(1);
  assert_int_equal(uwsk_withdraw_interface(&blue, "a"),
                   STATUS_INSUFFICIENT_RESOURCES);
}

/* ---- notification ------------------------------------------------------ */

static void arrival_and_removal_are_told_in_order(void **state) {
  (void)state;
  PVOID entry = listen_to(&red, 0);

  register_interface(&red);
  set_state(true, STATUS_SUCCESS);
  set_state(false, STATUS_SUCCESS);
  set_state(true, STATUS_SUCCESS);
  await_told(3);
  assert_int_equal(told.count, 3);
  assert_true(told.arrival[0]);
  assert_false(told.arrival[1]);
  assert_true(told.arrival[2]);
  assert_true(IsEqualGUID(&told.class[0], &red));
  assert_memory_equal(told.link[0], name.Buffer, name.Length);
  assert_ptr_equal(told.context, &told);
  assert_int_equal(told.irql, PASSIVE_LEVEL);
  stop_listening(entry);
}

static void other_classes_are_not_told(void **state) {
  (void)state;
  PVOID entry = listen_to(&blue, 0), red_entry = listen_to(&red, 0);

  register_interface(&red);
  set_state(true, STATUS_SUCCESS);
  await_told(1);
  stop_listening(entry);
  stop_listening(red_entry);
  assert_int_equal(told.count, 1);
}

static void existing_interfaces_are_told_before_the_call_returns(void **state) {
  (void)state;
  PVOID early = listen_to(&red, 0), entry;

  register_interface(&red);
  set_state(true, STATUS_SUCCESS);
  assert_int_equal(uwsk_announce_interface(&red, "first"), STATUS_SUCCESS);
  assert_int_equal(uwsk_announce_interface(&blue, "first"), STATUS_SUCCESS);
  await_told(2); /* no event is on its way any more */
  stop_listening(early);
  told.count = 0;
  entry =
      listen_to(&red, PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES);
  assert_int_equal(told.count, 2);
  assert_true(told.arrival[0] && told.arrival[1]);
  assert_memory_equal(told.link[0], name.Buffer, name.Length);
  assert_int_equal(uwsk_withdraw_interface(&red, "first"), STATUS_SUCCESS);
  await_told(3);
  assert_false(told.arrival[2]);
  stop_listening(entry);
}

/* The PnP manager disables the interfaces of a device that goes. */
static void a_device_that_goes_takes_its_interfaces_along(void **state) {
  (void)state;
  PVOID entry;

  register_interface(&red);
  set_state(true, STATUS_SUCCESS);
  entry =
      listen_to(&red, PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES);
  IoDeleteDevice(device);
  device = NULL;
  do
    await_told(1);
  while (told.arrival[told.count - 1]);
  assert_memory_equal(told.link[told.count - 1], name.Buffer, name.Length);
  set_state(true, STATUS_OBJECT_NAME_NOT_FOUND);
  assert_null(io__find_device(&name));
  stop_listening(entry);
}

static void the_host_announces_and_withdraws(void **state) {
  (void)state;
  PVOID entry = listen_to(&red, 0);

  assert_int_equal(uwsk_withdraw_interface(&red, "disk"),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(uwsk_announce_interface(&red, "disk"), STATUS_SUCCESS);
  assert_int_equal(uwsk_announce_interface(&red, "disk"),
                   STATUS_OBJECT_NAME_EXISTS);
  assert_int_equal(uwsk_announce_interface(&blue, "disk"), STATUS_SUCCESS);
  assert_int_equal(uwsk_withdraw_interface(&red, "disk"), STATUS_SUCCESS);
  assert_int_equal(uwsk_announce_interface(&red, "disk"), STATUS_SUCCESS);
  await_told(3);
  assert_memory_equal(told.link[0], told.link[2], sizeof(told.link[0]));
  assert_int_equal(uwsk_announce_interface(NULL, "disk"),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_withdraw_interface(&red, NULL),
                   STATUS_INVALID_PARAMETER);
  stop_listening(entry);
}

static void the_next_run_begins_without_interfaces(void **state) {
  assert_int_equal(uwsk_announce_interface(&red, "disk"), STATUS_SUCCESS);
  IoDeleteDevice(device);
  io__delete_driver(driver);
  io__delete_driver(listener);
  assert_int_equal(uwsk_stop(), 0);
  assert_int_equal(uwsk_announce_interface(&red, "disk"),
                   STATUS_INVALID_DEVICE_STATE);
  assert_int_equal(uwsk_withdraw_interface(&red, "disk"),
                   STATUS_INVALID_DEVICE_STATE);
  start(state);
  assert_int_equal(uwsk_withdraw_interface(&red, "disk"),
                   STATUS_OBJECT_NAME_NOT_FOUND);
}

static void other_categories_are_answered(void **state) {
  (void)state;
  PVOID entry;

  assert_int_equal(
      IoRegisterPlugPlayNotification(EventCategoryHardwareProfileChange, 0,
                                     NULL, listener, listen, NULL, &entry),
      STATUS_SUCCESS);
  assert_int_equal(IoUnregisterPlugPlayNotification(entry), STATUS_SUCCESS);
  assert_int_equal(IoRegisterPlugPlayNotification(
                       EventCategoryHardwareProfileChange, 0, (PVOID)&red,
                       listener, listen, NULL, &entry),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(
      IoRegisterPlugPlayNotification(EventCategoryDeviceInterfaceChange, 0,
                                     NULL, listener, listen, NULL, &entry),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(
      IoRegisterPlugPlayNotification(EventCategoryTargetDeviceChange, 0, NULL,
                                     listener, listen, NULL, &entry),
      STATUS_NOT_SUPPORTED);
}

/* ---- removing ---------------------------------------------------------- */

static PVOID own_entry;

static NTSTATUS NTAPI remove_itself(PVOID structure, PVOID context) {
  listen(structure, context);
  return IoUnregisterPlugPlayNotificationEx(own_entry);
}

static void a_routine_may_remove_its_registration(void **state) {
  (void)state;
  PVOID entry = listen_to(&red, 0);

  assert_int_equal(IoRegisterPlugPlayNotification(
                       EventCategoryDeviceInterfaceChange, 0, (PVOID)&red,
                       listener, remove_itself, NULL, &own_entry),
                   STATUS_SUCCESS);
  assert_int_equal(uwsk_announce_interface(&red, "a"), STATUS_SUCCESS);
  assert_int_equal(uwsk_withdraw_interface(&red, "a"), STATUS_SUCCESS);
  await_told(3); /* one arrival to each, the removal to the first */
  stop_listening(entry);
  assert_int_equal(told.count, 3);
}

static KEVENT inside, go;
static int left_routine;

static NTSTATUS NTAPI hold(PVOID structure, PVOID context) {
  (void)structure, (void)context;
  KeSetEvent(&inside, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, NULL);
  __atomic_store_n(&left_routine, 1, __ATOMIC_SEQ_CST);
  return STATUS_SUCCESS;
}

static PVOID hold_routine(void) {
  PVOID entry;

  left_routine = 0;
  KeInitializeEvent(&inside, NotificationEvent, FALSE);
  KeInitializeEvent(&go, NotificationEvent, FALSE);
  assert_int_equal(
      IoRegisterPlugPlayNotification(EventCategoryDeviceInterfaceChange, 0,
                                     (PVOID)&red, listener, hold, NULL, &entry),
      STATUS_SUCCESS);
  assert_int_equal(uwsk_announce_interface(&red, "a"), STATUS_SUCCESS);
  KeWaitForSingleObject(&inside, Executive, KernelMode, FALSE, NULL);
  return entry;
}

static void let_go(void *unused) {
  (void)unused;
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
}

/* Page IoUnregisterPlugPlayNotificationEx: no callbacks after it returns. */
static void removing_waits_for_the_routine(void **state) {
  (void)state;
  PVOID entry = hold_routine();
  struct os_thread thread;

  assert_int_equal(os__thread_start(&thread, let_go, NULL), 0);
  stop_listening(entry);
  assert_int_equal(__atomic_load_n(&left_routine, __ATOMIC_SEQ_CST), 1);
  os__thread_join(&thread);
}

/* The page says that the obsolete form does not. */
static void the_obsolete_form_does_not_wait(void **state) {
  (void)state;
  PVOID entry = hold_routine();

  assert_int_equal(IoUnregisterPlugPlayNotification(entry), STATUS_SUCCESS);
  assert_int_equal(__atomic_load_n(&left_routine, __ATOMIC_SEQ_CST), 0);
  let_go(NULL);
}

static void removing_what_is_none_is_reported(void **state) {
  (void)state;
  PVOID entry = listen_to(&red, 0);

  stop_listening(entry);
  expect_report_begin();
  assert_int_equal(IoUnregisterPlugPlayNotificationEx(entry),
                   STATUS_INVALID_PARAMETER);
  expect_report_end(VF_IO_PNP_02);
  expect_report_begin();
  assert_int_equal(IoUnregisterPlugPlayNotification(&told),
                   STATUS_INVALID_PARAMETER);
  expect_report_end(VF_IO_PNP_02);
}

static void a_driver_that_leaves_its_registration_is_reported(void **state) {
  (void)state;
  PDRIVER_OBJECT sloppy = io__create_driver("sloppy");
  PVOID entry;
  size_t left = 0;

  assert_int_equal(
      IoRegisterPlugPlayNotification(EventCategoryDeviceInterfaceChange, 0,
                                     (PVOID)&red, sloppy, listen, NULL, &entry),
      STATUS_SUCCESS);
  expect_report_begin();
  left = io__delete_driver(sloppy);
  expect_report_end(VF_IO_PNP_01);
  assert_int_equal(left, 1);
  assert_int_equal(io__take_left(), 1);
  assert_int_equal(uwsk_announce_interface(&red, "a"), STATUS_SUCCESS);
}

static void a_registration_that_is_left_is_counted(void **state) {
  own_entry = listen_to(&red, 0); /* kept for leak checkers, too */
  IoDeleteDevice(device);
  io__delete_driver(driver);
  assert_int_equal(uwsk_stop(), 2); /* and its driver */
  start(state);
}

/* ---- threads ----------------------------------------------------------- */

#define ROUNDS 100

static void come_and_go(void *unused) {
  (void)unused;
  for (int i = 0; i < ROUNDS; i++) {
    uwsk_announce_interface(&red, "a");
    uwsk_withdraw_interface(&red, "a");
  }
}

static NTSTATUS NTAPI count_calls(PVOID structure, PVOID context) {
  (void)structure;
  __atomic_fetch_add((LONG *)context, 1, __ATOMIC_SEQ_CST);
  return STATUS_SUCCESS;
}

/* Nobody is called after his registration has been removed. */
static void registrations_come_and_go_with_the_interfaces(void **state) {
  (void)state;
  struct os_thread thread;

  assert_int_equal(os__thread_start(&thread, come_and_go, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    LONG *count = ExAllocatePoolZero(NonPagedPoolNx, sizeof(LONG), 'tnuC');
    PVOID entry;

    assert_int_equal(IoRegisterPlugPlayNotification(
                         EventCategoryDeviceInterfaceChange,
                         PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES,
                         (PVOID)&red, listener, count_calls, count, &entry),
                     STATUS_SUCCESS);
    stop_listening(entry);
    ExFreePool(count); /* AddressSanitizer sees a call that is late */
  }
  os__thread_join(&thread);
}

#define PNP_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      PNP_TEST(an_interface_is_registered_once),
      PNP_TEST(a_reference_string_is_a_part_of_the_name),
      PNP_TEST(what_stands_on_another_device_is_no_pdo),
      PNP_TEST(a_state_is_set_once),
      PNP_TEST(what_is_not_registered_has_no_state),
      PNP_TEST(interfaces_are_listed_by_class_device_and_state),
      PNP_TEST(each_missing_allocation_is_survived),
      PNP_TEST(arrival_and_removal_are_told_in_order),
      PNP_TEST(other_classes_are_not_told),
      PNP_TEST(existing_interfaces_are_told_before_the_call_returns),
      PNP_TEST(a_device_that_goes_takes_its_interfaces_along),
      PNP_TEST(the_host_announces_and_withdraws),
      PNP_TEST(the_next_run_begins_without_interfaces),
      PNP_TEST(other_categories_are_answered),
      PNP_TEST(a_routine_may_remove_its_registration),
      PNP_TEST(removing_waits_for_the_routine),
      PNP_TEST(the_obsolete_form_does_not_wait),
      PNP_TEST(removing_what_is_none_is_reported),
      PNP_TEST(a_driver_that_leaves_its_registration_is_reported),
      PNP_TEST(a_registration_that_is_left_is_counted),
      PNP_TEST(registrations_come_and_go_with_the_interfaces),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
