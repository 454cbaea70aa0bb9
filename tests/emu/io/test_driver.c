/* Drivers, devices, names, and IRPs that go from one device to another. */
#include "io_test.h"

#include <string.h>

#include "os/os.h"

static UNICODE_STRING text(const WCHAR *characters) {
  size_t length = 0;

  while (characters[length] != 0)
    length++;
  return (UNICODE_STRING){(USHORT)(length * 2), (USHORT)(length * 2 + 2),
                          (PWCH)characters};
}

static bool is(PCUNICODE_STRING string, const WCHAR *characters) {
  UNICODE_STRING other = text(characters);

  return string->Length == other.Length &&
         memcmp(string->Buffer, other.Buffer, other.Length) == 0;
}

/* ---- drivers ----------------------------------------------------------- */

static struct {
  PDRIVER_OBJECT driver;
  KIRQL irql;
  int unloads;
  NTSTATUS answer;
} entered;

static void unload(PDRIVER_OBJECT driver) {
  assert_ptr_equal(driver, entered.driver);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  entered.unloads++;
}

static NTSTATUS entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
  entered.driver = driver;
  entered.irql = KeGetCurrentIrql();
  assert_int_equal(driver->Type, IO_TYPE_DRIVER);
  assert_int_equal(driver->Size, sizeof(DRIVER_OBJECT));
  assert_true(is(&driver->DriverName, L"\\Driver\\sample"));
  assert_ptr_equal(driver->DriverExtension->DriverObject, driver);
  assert_true(is(&driver->DriverExtension->ServiceKeyName, L"sample"));
  assert_true(is(path, L"\\Registry\\Machine\\System\\CurrentControlSet\\"
                       L"Services\\sample"));
  driver->DriverUnload = unload;
  return entered.answer;
}

static void a_driver_is_made_started_and_unloaded(void **state) {
  (void)state;
  PDRIVER_OBJECT driver = io__create_driver("sample");

  memset(&entered, 0, sizeof(entered));
  assert_non_null(driver);
  assert_int_equal(ob__count(OB_DRIVER), 1);
  assert_int_equal(io__start_driver(driver, entry, NULL), STATUS_SUCCESS);
  assert_ptr_equal(entered.driver, driver);
  assert_int_equal(entered.irql, PASSIVE_LEVEL);
  assert_ptr_equal(driver->DriverInit, entry);
  io__unload_driver(driver);
  assert_int_equal(entered.unloads, 1);
}

static void what_driver_entry_returns_is_passed_on(void **state) {
  (void)state;
  PDRIVER_OBJECT driver = io__create_driver("sample");

  memset(&entered, 0, sizeof(entered));
  entered.answer = STATUS_DEVICE_NOT_READY;
  assert_int_equal(io__start_driver(driver, entry, NULL),
                   STATUS_DEVICE_NOT_READY);
  assert_int_equal(io__delete_driver(driver), 0);
  assert_int_equal(entered.unloads, 0);
}

static NTSTATUS raised_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
  KIRQL old;

  (void)driver;
  assert_true(is(path, L"elsewhere"));
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  return STATUS_SUCCESS;
}

static void driver_entry_that_stays_raised_is_reported(void **state) {
  (void)state;
  PDRIVER_OBJECT driver = io__create_driver("sample");

  BREAKS(VF_IO_IRQL_01, io__start_driver(driver, raised_entry, "elsewhere"));
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  io__delete_driver(driver);
}

/* Each allocation on the way fails once; nothing is left of the driver. */
static void without_memory_there_is_no_driver(void **state) {
  (void)state;
  for (unsigned nth = 1; nth <= 3; nth++) {
    os__alloc_fail_nth(nth);
    assert_null(io__create_driver("sample"));
    assert_true(os__alloc_fault_fired());
  }
  PDRIVER_OBJECT driver = io__create_driver("sample");

  os__alloc_fail_nth(1);
  assert_int_equal(io__start_driver(driver, entry, NULL),
                   STATUS_INSUFFICIENT_RESOURCES);
  io__delete_driver(driver);
}

/* ---- devices ----------------------------------------------------------- */

static PDRIVER_OBJECT driver_of_test;

static PDEVICE_OBJECT make_device(ULONG extension, const WCHAR *name) {
  UNICODE_STRING string = text(name ? name : L"");
  PDEVICE_OBJECT device = NULL;

  assert_int_equal(IoCreateDevice(driver_of_test, extension,
                                  name ? &string : NULL, FILE_DEVICE_NETWORK,
                                  FILE_DEVICE_SECURE_OPEN, FALSE, &device),
                   STATUS_SUCCESS);
  assert_non_null(device);
  return device;
}

static int start_driver(void **state) {
  driver_of_test = io__create_driver("test");
  return start_clean(state);
}

static int end_driver(void **state) {
  io__delete_driver(driver_of_test);
  if (io__forget_names() != 0)
    return 1;
  return end_clean(state);
}

static void a_new_device_shows_what_windows_shows(void **state) {
  (void)state;
  PDEVICE_OBJECT device = make_device(100, L"\\Device\\Sample");

  assert_int_equal(device->Type, IO_TYPE_DEVICE);
  assert_int_equal(device->Size, sizeof(DEVICE_OBJECT) + 100);
  assert_ptr_equal(device->DriverObject, driver_of_test);
  assert_ptr_equal(driver_of_test->DeviceObject, device);
  assert_int_equal(device->StackSize, 1);
  assert_int_equal(device->DeviceType, FILE_DEVICE_NETWORK);
  assert_int_equal(device->Characteristics, FILE_DEVICE_SECURE_OPEN);
  assert_int_equal(device->Flags, DO_DEVICE_INITIALIZING | DO_DEVICE_HAS_NAME);
  assert_int_equal((ULONG_PTR)device % 16, 0);
  assert_int_equal((ULONG_PTR)device->DeviceExtension % 16, 0);
  for (int i = 0; i < 100; i++)
    assert_int_equal(((char *)device->DeviceExtension)[i], 0);
  memset(device->DeviceExtension, 1, 100);
  assert_int_equal(ob__count(OB_DEVICE), 1);
  IoDeleteDevice(device);
  assert_int_equal(ob__count(OB_DEVICE), 0);
}

static void a_device_without_extension_or_name_has_none(void **state) {
  (void)state;
  PDEVICE_OBJECT device = make_device(0, NULL);

  assert_null(device->DeviceExtension);
  assert_int_equal(device->Flags, DO_DEVICE_INITIALIZING);
  IoDeleteDevice(device);
}

static void devices_are_chained_newest_first(void **state) {
  (void)state;
  PDEVICE_OBJECT a = make_device(0, NULL);
  PDEVICE_OBJECT b = make_device(0, NULL);
  PDEVICE_OBJECT c = make_device(0, NULL);

  assert_ptr_equal(driver_of_test->DeviceObject, c);
  assert_ptr_equal(c->NextDevice, b);
  IoDeleteDevice(b);
  assert_ptr_equal(c->NextDevice, a);
  IoDeleteDevice(c);
  IoDeleteDevice(a);
  assert_null(driver_of_test->DeviceObject);
}

static NTSTATUS try_name(const WCHAR *name) {
  UNICODE_STRING string = text(name);
  PDEVICE_OBJECT device = (PDEVICE_OBJECT)&string;
  NTSTATUS status =
      IoCreateDevice(driver_of_test, 0, &string, 0, 0, TRUE, &device);

  if (NT_SUCCESS(status)) {
    assert_true(device->Flags & DO_EXCLUSIVE);
    IoDeleteDevice(device);
  } else {
    assert_null(device);
  }
  return status;
}

static void names_are_checked_and_belong_to_one_device(void **state) {
  (void)state;
  PDEVICE_OBJECT device = make_device(0, L"\\Device\\Sample");

  assert_int_equal(try_name(L"\\Device\\Sample"), STATUS_OBJECT_NAME_COLLISION);
  assert_int_equal(try_name(L"\\DEVICE\\sample"), STATUS_OBJECT_NAME_COLLISION);
  assert_int_equal(try_name(L"Sample"), STATUS_OBJECT_PATH_SYNTAX_BAD);
  assert_int_equal(try_name(L"\\Device\\Sample2"), STATUS_SUCCESS);
  IoDeleteDevice(device);
  assert_int_equal(try_name(L"\\Device\\Sample"), STATUS_SUCCESS);
}

/* A target of nothing was copied from NULL. */
static void a_symbolic_link_needs_a_target(void **state) {
  UNICODE_STRING link = text(L"\\??\\Sample");
  UNICODE_STRING nothing = {0, 0, NULL};
  UNICODE_STRING odd = {3, 4, link.Buffer};
  UNICODE_STRING empty = {0, 4, link.Buffer};

  (void)state;
  assert_int_equal(IoCreateSymbolicLink(&link, &nothing),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(IoCreateSymbolicLink(&link, &odd), STATUS_INVALID_PARAMETER);
  assert_int_equal(IoCreateSymbolicLink(&link, &empty), STATUS_SUCCESS);
  assert_null(io__find_device(&link));
  assert_int_equal(IoDeleteSymbolicLink(&link), STATUS_SUCCESS);
}

static void a_symbolic_link_leads_to_the_device(void **state) {
  (void)state;
  PDEVICE_OBJECT device = make_device(0, L"\\Device\\Sample");
  UNICODE_STRING name = text(L"\\Device\\Sample");
  UNICODE_STRING link = text(L"\\DosDevices\\Sample");
  UNICODE_STRING other_way = text(L"\\??\\SAMPLE");

  assert_int_equal(IoCreateSymbolicLink(&link, &name), STATUS_SUCCESS);
  assert_ptr_equal(io__find_device(&name), device);
  assert_ptr_equal(io__find_device(&link), device);
  assert_ptr_equal(io__find_device(&other_way), device);
  assert_int_equal(IoCreateSymbolicLink(&other_way, &name),
                   STATUS_OBJECT_NAME_COLLISION);
  assert_int_equal(IoDeleteSymbolicLink(&name), STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(IoDeleteSymbolicLink(&other_way), STATUS_SUCCESS);
  assert_int_equal(IoDeleteSymbolicLink(&link), STATUS_OBJECT_NAME_NOT_FOUND);
  assert_null(io__find_device(&link));
  IoDeleteDevice(device);
}

/* Defends against following a ring of links for ever. */
static void links_that_lead_to_each_other_lead_nowhere(void **state) {
  (void)state;
  UNICODE_STRING a = text(L"\\??\\A");
  UNICODE_STRING b = text(L"\\??\\B");

  assert_int_equal(IoCreateSymbolicLink(&a, &b), STATUS_SUCCESS);
  assert_int_equal(IoCreateSymbolicLink(&b, &a), STATUS_SUCCESS);
  assert_null(io__find_device(&a));
  assert_int_equal(io__forget_names(), 2);
}

static void without_memory_there_is_no_device_and_no_name(void **state) {
  (void)state;
  UNICODE_STRING name = text(L"\\Device\\Sample");
  PDEVICE_OBJECT device;

  for (unsigned nth = 1; nth <= 3; nth++) {
    os__alloc_fail_nth(nth);
    assert_int_equal(
        IoCreateDevice(driver_of_test, 8, &name, 0, 0, FALSE, &device),
        STATUS_INSUFFICIENT_RESOURCES);
    assert_true(os__alloc_fault_fired());
    assert_null(driver_of_test->DeviceObject);
    assert_null(io__find_device(&name));
  }
  os__alloc_fail_nth(1);
  assert_int_equal(IoCreateSymbolicLink(&name, &name),
                   STATUS_INSUFFICIENT_RESOURCES);
}

static void deleting_a_device_twice_is_reported(void **state) {
  (void)state;
  PDEVICE_OBJECT device = make_device(0, NULL);

  IoDeleteDevice(device);
  BREAKS(VF_IO_DEVICE_01, IoDeleteDevice(device));
}

static void devices_left_by_a_driver_are_reported_and_removed(void **state) {
  (void)state;
  PDRIVER_OBJECT driver = io__create_driver("sloppy");
  UNICODE_STRING name = text(L"\\Device\\Left");
  PDEVICE_OBJECT device;
  size_t left = 0;

  assert_int_equal(IoCreateDevice(driver, 0, &name, 0, 0, FALSE, &device),
                   STATUS_SUCCESS);
  BREAKS(VF_IO_UNLOAD_01, left = io__delete_driver(driver));
  assert_int_equal(left, 1);
  assert_null(io__find_device(&name));
}

/* ---- IRPs between devices ---------------------------------------------- */

struct extension {
  PDEVICE_OBJECT below; /* NULL: the bottom, which completes */
  struct seen seen;
  bool keeps;   /* the bottom: keeps the IRP pending */
  bool to_wsk;  /* the bottom: hands it to the provider */
  bool routine; /* sets a completion routine for the way up */
  PIRP irp;
};

static NTSTATUS dispatch(PDEVICE_OBJECT device, PIRP irp) {
  struct extension *extension = device->DeviceExtension;

  assert_ptr_equal(IoGetCurrentIrpStackLocation(irp)->DeviceObject, device);
  extension->irp = irp;
  if (extension->below != NULL) {
    IoCopyCurrentIrpStackLocationToNext(irp);
    if (extension->routine)
      IoSetCompletionRoutine(irp, look, &extension->seen, TRUE, TRUE, TRUE);
    return IoCallDriver(extension->below, irp);
  }
  if (extension->keeps) {
    IoMarkIrpPending(irp);
    return STATUS_PENDING;
  }
  irp->IoStatus.Status = STATUS_SUCCESS;
  irp->IoStatus.Information = 11;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  return STATUS_SUCCESS;
}

/* What a driver does that serves a read by a WskReceive with the same IRP: the
 * provider's location is the next one. IRP-12: a routine is not needed. */
static NTSTATUS dispatch_to_wsk(PDEVICE_OBJECT device, PIRP irp) {
  struct extension *extension = device->DeviceExtension;

  extension->irp = irp;
  if (extension->routine)
    IoSetCompletionRoutine(irp, look, &extension->seen, TRUE, TRUE, TRUE);
  else
    IoSetCompletionRoutine(irp, NULL, NULL, FALSE, FALSE, FALSE);
  IoMarkIrpPending(irp);
  if (!NT_SUCCESS(io__prepare(irp, NULL, "WskReceive")))
    return STATUS_INVALID_PARAMETER;
  IoMarkIrpPending(irp);
  return STATUS_PENDING;
}

static struct extension *extension_of(PDEVICE_OBJECT device) {
  return device->DeviceExtension;
}

static PDEVICE_OBJECT make_layer(PDEVICE_OBJECT below) {
  PDEVICE_OBJECT device = make_device(sizeof(struct extension), NULL);

  driver_of_test->MajorFunction[IRP_MJ_READ] = dispatch;
  extension_of(device)->below = below;
  return device;
}

static void a_request_goes_down_two_devices_and_up_again(void **state) {
  (void)state;
  PDEVICE_OBJECT low = make_layer(NULL);
  PDEVICE_OBJECT high = make_layer(low);
  struct seen seen = SEEN_OWN;
  PIRP irp = IoAllocateIrp(2, FALSE);

  extension_of(high)->routine = true;
  IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
  IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  assert_int_equal(IoCallDriver(high, irp), STATUS_SUCCESS);
  assert_ptr_equal(extension_of(low)->irp, irp);
  assert_int_equal(extension_of(high)->seen.calls, 1);
  assert_ptr_equal(extension_of(high)->seen.device, high);
  assert_int_equal(seen.calls, 1);
  assert_int_equal(seen.information, 11);
  assert_false(seen.pending_returned);
  IoFreeIrp(irp);
  IoDeleteDevice(high);
  IoDeleteDevice(low);
}

static NTSTATUS skip_location(PDEVICE_OBJECT device, PIRP irp) {
  IoSkipCurrentIrpStackLocation(irp);
  return IoCallDriver(extension_of(device)->below, irp);
}

/* A skipped location is used by the driver below, with the routine above. */
static void a_driver_may_skip_its_location(void **state) {
  (void)state;
  PDEVICE_OBJECT low = make_layer(NULL);
  PDRIVER_OBJECT filter = io__create_driver("filter");
  PDEVICE_OBJECT high;
  struct seen seen = SEEN_OWN;
  PIRP irp = IoAllocateIrp(1, FALSE);

  filter->MajorFunction[IRP_MJ_READ] = skip_location;
  assert_int_equal(IoCreateDevice(filter, sizeof(struct extension), NULL, 0, 0,
                                  FALSE, &high),
                   STATUS_SUCCESS);
  extension_of(high)->below = low;
  extension_of(low)->keeps = true;
  IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
  IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  assert_int_equal(IoCallDriver(high, irp), STATUS_PENDING);
  BREAKS(VF_IRP_11, IoFreeIrp(irp)); /* a driver has it */
  irp->IoStatus.Status = STATUS_SUCCESS;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  assert_int_equal(seen.calls, 1);
  assert_true(seen.pending_returned);
  IoFreeIrp(irp);
  IoDeleteDevice(high);
  io__delete_driver(filter);
  IoDeleteDevice(low);
}

static void an_unset_function_answers_invalid_device_request(void **state) {
  (void)state;
  PDEVICE_OBJECT device = make_layer(NULL);
  const UCHAR functions[] = {IRP_MJ_CREATE, IRP_MJ_WRITE, IRP_MJ_PNP,
                             IRP_MJ_MAXIMUM_FUNCTION + 1, 0xFF};

  for (size_t i = 0; i < sizeof(functions); i++) {
    struct seen seen = SEEN_OWN;
    PIRP irp = own_irp(&seen);

    IoGetNextIrpStackLocation(irp)->MajorFunction = functions[i];
    assert_int_equal(IoCallDriver(device, irp), STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.status, STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(seen.information, 0);
    IoFreeIrp(irp);
  }
  IoDeleteDevice(device);
}

/* An IRP with too few locations for the stack: refused where it runs out, and
 * the driver that ran out of them completes it. */
static void running_out_of_locations_is_reported(void **state) {
  (void)state;
  PDEVICE_OBJECT low = make_layer(NULL);
  struct seen seen = SEEN_OWN;
  PIRP irp = IoAllocateIrp(0, FALSE);
  NTSTATUS status = STATUS_SUCCESS;

  BREAKS(VF_IRP_05, status = IoCallDriver(low, irp));
  assert_int_equal(status, STATUS_INVALID_PARAMETER);
  assert_null(extension_of(low)->irp);
  assert_int_equal(seen.calls, 0);
  IoFreeIrp(irp);
  IoDeleteDevice(low);
}

/* ---- passed-down IRPs at the provider ---------------------------------- */

struct passed {
  PDEVICE_OBJECT device;
  PIRP irp;
  struct seen owner;
};

static void pass_down(struct passed *passed, bool routine, NTSTATUS answer) {
  passed->device = make_layer(NULL);
  driver_of_test->MajorFunction[IRP_MJ_READ] = dispatch_to_wsk;
  extension_of(passed->device)->routine = routine;
  extension_of(passed->device)->seen.answer = answer;
  passed->owner = (struct seen)SEEN_OWN;
  passed->irp = IoAllocateIrp(2, FALSE);
  IoGetNextIrpStackLocation(passed->irp)->MajorFunction = IRP_MJ_READ;
  IoSetCompletionRoutine(passed->irp, look, &passed->owner, TRUE, TRUE, TRUE);
  assert_int_equal(IoCallDriver(passed->device, passed->irp), STATUS_PENDING);
}

static void end_passed(struct passed *passed) {
  IoFreeIrp(passed->irp);
  IoDeleteDevice(passed->device);
}

/* IRP-12: without a routine completion goes on to who sent the IRP. */
static void a_passed_down_irp_needs_no_routine(void **state) {
  (void)state;
  struct passed passed;

  pass_down(&passed, false, 0);
  io__complete(passed.irp, STATUS_SUCCESS, 64);
  assert_int_equal(passed.owner.calls, 1);
  assert_int_equal(passed.owner.information, 64);
  assert_true(passed.owner.pending_returned);
  end_passed(&passed);
}

/* IRP-13, first way: the routine lets the IRP go on. */
static void a_passed_down_irp_goes_on_when_the_routine_says_so(void **state) {
  (void)state;
  struct passed passed;
  struct seen *middle;

  pass_down(&passed, true, STATUS_SUCCESS);
  middle = &extension_of(passed.device)->seen;
  middle->marks = true;
  io__complete(passed.irp, STATUS_SUCCESS, 64);
  assert_int_equal(middle->calls, 1);
  assert_ptr_equal(middle->device, passed.device);
  assert_int_equal(passed.owner.calls, 1);
  end_passed(&passed);
}

/* IRP-13, second way: the routine keeps it, and the driver asks WSK again for
 * the rest before it completes the IRP itself. */
static void a_passed_down_irp_may_be_sent_several_times(void **state) {
  (void)state;
  struct passed passed;
  struct seen *middle;

  pass_down(&passed, true, STATUS_MORE_PROCESSING_REQUIRED);
  middle = &extension_of(passed.device)->seen;
  for (int i = 1; i <= 3; i++) {
    io__complete(passed.irp, STATUS_SUCCESS, (ULONG_PTR)i);
    assert_int_equal(middle->calls, i);
    assert_int_equal(passed.owner.calls, 0);
    if (i < 3)
      assert_int_equal(dispatch_to_wsk(passed.device, passed.irp),
                       STATUS_PENDING);
  }
  passed.irp->IoStatus.Information = 6;
  IoCompleteRequest(passed.irp, IO_NO_INCREMENT);
  assert_int_equal(middle->calls, 3);
  assert_int_equal(passed.owner.calls, 1);
  assert_int_equal(passed.owner.information, 6);
  end_passed(&passed);
}

#define DEVICE_TEST(name)                                                      \
  cmocka_unit_test_setup_teardown(name, start_driver, end_driver)

int main(void) {
  const struct CMUnitTest tests[] = {
      IO_TEST(a_driver_is_made_started_and_unloaded),
      IO_TEST(what_driver_entry_returns_is_passed_on),
      IO_TEST(driver_entry_that_stays_raised_is_reported),
      IO_TEST(without_memory_there_is_no_driver),
      DEVICE_TEST(a_new_device_shows_what_windows_shows),
      DEVICE_TEST(a_device_without_extension_or_name_has_none),
      DEVICE_TEST(devices_are_chained_newest_first),
      DEVICE_TEST(names_are_checked_and_belong_to_one_device),
      DEVICE_TEST(a_symbolic_link_needs_a_target),
      DEVICE_TEST(a_symbolic_link_leads_to_the_device),
      DEVICE_TEST(links_that_lead_to_each_other_lead_nowhere),
      DEVICE_TEST(without_memory_there_is_no_device_and_no_name),
      DEVICE_TEST(deleting_a_device_twice_is_reported),
      DEVICE_TEST(devices_left_by_a_driver_are_reported_and_removed),
      DEVICE_TEST(a_request_goes_down_two_devices_and_up_again),
      DEVICE_TEST(a_driver_may_skip_its_location),
      DEVICE_TEST(an_unset_function_answers_invalid_device_request),
      DEVICE_TEST(running_out_of_locations_is_reported),
      DEVICE_TEST(a_passed_down_irp_needs_no_routine),
      DEVICE_TEST(a_passed_down_irp_goes_on_when_the_routine_says_so),
      DEVICE_TEST(a_passed_down_irp_may_be_sent_several_times),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
