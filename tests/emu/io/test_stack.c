/*
 * Stacks of devices, and requests that go through them. Windows pages:
 * IoAttachDeviceToDeviceStack(Safe), IoAttachDevice, IoDetachDevice,
 * IoGetLowerDeviceObject, IoForwardIrpSynchronously, IoGetStackLimits.
 */
#include "kernel_test.h"

#include <ntifs.h>
#include <string.h>

#include "io/io.h"
#include "os/os.h"

#define LAYERS 3

/* Three drivers, each with a device: 0 is the lowest. */
static PDRIVER_OBJECT drivers[LAYERS];
static PDEVICE_OBJECT devices[LAYERS];

struct extension {
  PDEVICE_OBJECT below;
  int requests, completions;
};

static struct extension *extension_of(PDEVICE_OBJECT device) {
  return device->DeviceExtension;
}

static PDEVICE_OBJECT make_device(PDRIVER_OBJECT driver, PCWSTR name) {
  UNICODE_STRING string;
  PDEVICE_OBJECT device;

  RtlInitUnicodeString(&string, name);
  assert_int_equal(IoCreateDevice(driver, sizeof(struct extension),
                                  name != NULL ? &string : NULL,
                                  FILE_DEVICE_UNKNOWN, 0, FALSE, &device),
                   STATUS_SUCCESS);
  return device;
}

static int start(void **state) {
  static const char *const names[LAYERS] = {"low", "middle", "high"};
  int result = kernel_start(state);

  for (int i = 0; i < LAYERS; i++) {
    drivers[i] = io__create_driver(names[i]);
    devices[i] = make_device(drivers[i], NULL);
  }
  return result;
}

static void attach(int upper, int lower) {
  PDEVICE_OBJECT below =
      IoAttachDeviceToDeviceStack(devices[upper], devices[lower]);

  assert_non_null(below);
  extension_of(devices[upper])->below = below;
}

static void build_stack(void) {
  attach(1, 0);
  attach(2, 0); /* stands on 1, which is the top */
}

/* From the top down, as drivers are unloaded. */
static int stop(void **state) {
  for (int i = LAYERS - 1; i >= 0; i--) {
    if (devices[i] != NULL && extension_of(devices[i])->below != NULL)
      IoDetachDevice(extension_of(devices[i])->below);
    if (devices[i] != NULL)
      IoDeleteDevice(devices[i]);
    io__delete_driver(drivers[i]);
  }
  return kernel_stop(state);
}

/* ---- attaching --------------------------------------------------------- */

static void a_device_is_attached_to_the_top(void **state) {
  (void)state;
  devices[0]->AlignmentRequirement = 511;
  devices[0]->StackSize = 3; /* a driver may ask for more */
  devices[0]->SectorSize = 2048;
  build_stack();
  assert_ptr_equal(extension_of(devices[1])->below, devices[0]);
  assert_ptr_equal(extension_of(devices[2])->below, devices[1]);
  assert_ptr_equal(devices[0]->AttachedDevice, devices[1]);
  assert_ptr_equal(devices[1]->AttachedDevice, devices[2]);
  assert_null(devices[2]->AttachedDevice);
  assert_int_equal(devices[2]->StackSize, 5);
  assert_int_equal(devices[2]->AlignmentRequirement, 511);
  assert_int_equal(devices[2]->SectorSize, 2048);
}

/* Page "Initializing a Device Object": a line of the cache, less one. */
static void a_new_device_stands_alone(void **state) {
  (void)state;
  assert_int_equal(devices[0]->StackSize, 1);
  assert_int_equal(devices[0]->AlignmentRequirement, 63);
  assert_ptr_equal(devices[0]->DeviceObjectExtension->DeviceObject, devices[0]);
  assert_ptr_equal(IoGetAttachedDevice(devices[0]), devices[0]);
  assert_null(IoGetLowerDeviceObject(devices[0]));
}

static void the_safe_form_writes_where_it_is_told(void **state) {
  (void)state;
  assert_int_equal(
      IoAttachDeviceToDeviceStackSafe(devices[1], devices[0],
                                      &extension_of(devices[1])->below),
      STATUS_SUCCESS);
  assert_ptr_equal(extension_of(devices[1])->below, devices[0]);
}

static void a_device_is_attached_by_name(void **state) {
  (void)state;
  PDEVICE_OBJECT named = make_device(drivers[0], L"\\Device\\Named");
  UNICODE_STRING name, none;
  PDEVICE_OBJECT below = devices[2];

  RtlInitUnicodeString(&name, L"\\device\\named");
  RtlInitUnicodeString(&none, L"\\Device\\None");
  assert_int_equal(IoAttachDevice(devices[1], &none, &below),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_null(below);
  assert_int_equal(IoAttachDevice(devices[1], &name, &below), STATUS_SUCCESS);
  assert_ptr_equal(below, named);
  assert_int_equal(IoAttachDevice(devices[2], &name, &below), STATUS_SUCCESS);
  assert_ptr_equal(below, devices[1]);
  IoDetachDevice(devices[1]);
  IoDetachDevice(named);
  IoDeleteDevice(named);
}

static void the_stack_can_be_walked(void **state) {
  (void)state;
  PDEVICE_OBJECT device;

  build_stack();
  assert_ptr_equal(IoGetAttachedDevice(devices[0]), devices[2]);
  device = IoGetAttachedDeviceReference(devices[1]);
  for (int i = LAYERS - 1; i >= 0; i--) {
    PDEVICE_OBJECT next = IoGetLowerDeviceObject(device);

    assert_ptr_equal(device, devices[i]);
    ObDereferenceObject(device);
    device = next;
  }
  assert_null(device);
  device = IoGetDeviceAttachmentBaseRef(devices[2]);
  assert_ptr_equal(device, devices[0]);
  ObDereferenceObject(device);
}

/* ---- going ------------------------------------------------------------- */

/* Page IoDeleteDevice: it is deleted when the last reference is released. */
static void a_referenced_device_stays_until_it_is_released(void **state) {
  (void)state;
  PDEVICE_OBJECT device = IoGetAttachedDeviceReference(devices[0]);

  IoDeleteDevice(devices[0]);
  devices[0] = NULL;
  assert_int_equal(ob__count(OB_DELETED_DEVICE), 1);
  extension_of(device)->requests =
      7; /* AddressSanitizer sees it if it is gone */
  assert_int_equal(device->Type, IO_TYPE_DEVICE);
  assert_null(IoAttachDeviceToDeviceStack(devices[1], device));
  assert_int_equal(IoAttachDeviceToDeviceStackSafe(
                       devices[1], device, &extension_of(devices[1])->below),
                   STATUS_NO_SUCH_DEVICE);
  assert_null(extension_of(devices[1])->below);
  ObDereferenceObject(device);
  assert_int_equal(ob__count(OB_DELETED_DEVICE), 0);
}

/* A lower device that goes first stays under its filter. */
static void a_deleted_device_stays_under_what_is_attached(void **state) {
  (void)state;
  PDEVICE_OBJECT lower = devices[0];

  attach(1, 0);
  IoDeleteDevice(lower);
  devices[0] = NULL;
  assert_ptr_equal(lower->AttachedDevice, devices[1]);
  assert_null(IoGetLowerDeviceObject(devices[1]));
  assert_int_equal(ob__count(OB_DELETED_DEVICE), 1);
  IoDetachDevice(lower);
  extension_of(devices[1])->below = NULL;
  assert_int_equal(ob__count(OB_DELETED_DEVICE), 0);
}

/* Defends against a reference that nobody gives back and nobody sees. */
static void a_reference_that_is_kept_is_counted_at_the_end(void **state) {
  PDEVICE_OBJECT device;

  device = IoGetAttachedDeviceReference(devices[0]);
  for (int i = 0; i < LAYERS; i++) {
    IoDeleteDevice(devices[i]);
    io__delete_driver(drivers[i]);
  }
  assert_int_equal(uwsk_stop(), 1);
  assert_int_equal(device->Type, IO_TYPE_DEVICE);
  start(state);
}

/* ---- rules ------------------------------------------------------------- */

static void attaching_twice_is_reported(void **state) {
  (void)state;
  build_stack();
  expect_report_begin();
  assert_null(IoAttachDeviceToDeviceStack(devices[1], devices[0]));
  expect_report_end(VF_IO_ATTACH_01);
  expect_report_begin();
  assert_null(IoAttachDeviceToDeviceStack(devices[0], devices[2]));
  expect_report_end(VF_IO_ATTACH_01);
}

static void detaching_what_is_not_attached_is_reported(void **state) {
  (void)state;
  expect_report_begin();
  IoDetachDevice(devices[0]);
  expect_report_end(VF_IO_ATTACH_02);
}

static void deleting_an_attached_device_is_reported(void **state) {
  (void)state;
  attach(1, 0);
  expect_report_begin();
  IoDeleteDevice(devices[1]);
  expect_report_end(VF_IO_ATTACH_03);
  devices[1] = NULL;
  assert_null(devices[0]->AttachedDevice);
}

/* ---- requests ---------------------------------------------------------- */

static KEVENT kept_event;
static PIRP kept;

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information) {
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = information;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  return status;
}

static NTSTATUS answer(PDEVICE_OBJECT device, PIRP irp) {
  extension_of(device)->requests++;
  assert_int_equal(IoGetCurrentIrpStackLocation(irp)->Parameters.Read.Length,
                   77);
  return complete(irp, STATUS_SUCCESS, 5);
}

static NTSTATUS keep(PDEVICE_OBJECT device, PIRP irp) {
  extension_of(device)->requests++;
  IoMarkIrpPending(irp);
  kept = irp;
  KeSetEvent(&kept_event, IO_NO_INCREMENT, FALSE);
  return STATUS_PENDING;
}

static NTSTATUS note(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  assert_ptr_equal(context, device);
  extension_of(device)->completions++;
  if (irp->PendingReturned)
    IoMarkIrpPending(irp);
  return STATUS_CONTINUE_COMPLETION;
}

static NTSTATUS filter(PDEVICE_OBJECT device, PIRP irp) {
  extension_of(device)->requests++;
  IoCopyCurrentIrpStackLocationToNext(irp);
  IoSetCompletionRoutine(irp, note, device, TRUE, TRUE, TRUE);
  return IoCallDriver(extension_of(device)->below, irp);
}

/* Adds one to what the lower drivers have read. */
static NTSTATUS forward(PDEVICE_OBJECT device, PIRP irp) {
  extension_of(device)->requests++;
  if (!IoForwardIrpSynchronously(extension_of(device)->below, irp))
    return complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
  extension_of(device)->completions++;
  return complete(irp, irp->IoStatus.Status, irp->IoStatus.Information + 1);
}

static NTSTATUS forward_raised(PDEVICE_OBJECT device, PIRP irp) {
  NTSTATUS status;
  KIRQL irql;

  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  status = forward(device, irp);
  KeLowerIrql(irql);
  return status;
}

static NTSTATUS leave_out(PDEVICE_OBJECT device, PIRP irp) {
  extension_of(device)->requests++;
  IoSkipCurrentIrpStackLocation(irp);
  return IoCallDriver(extension_of(device)->below, irp);
}

static IO_STATUS_BLOCK result;
static KEVENT answered;

static NTSTATUS read_stack(CCHAR stack_size) {
  PIRP irp;

  KeInitializeEvent(&answered, NotificationEvent, FALSE);
  irp =
      IoBuildSynchronousFsdRequest(IRP_MJ_READ, IoGetAttachedDevice(devices[0]),
                                   NULL, 77, NULL, &answered, &result);
  assert_int_equal(irp->StackCount, stack_size);
  return IoCallDriver(IoGetAttachedDevice(devices[0]), irp);
}

static void route(PDRIVER_DISPATCH high, PDRIVER_DISPATCH middle,
                  PDRIVER_DISPATCH low) {
  build_stack();
  drivers[2]->MajorFunction[IRP_MJ_READ] = high;
  drivers[1]->MajorFunction[IRP_MJ_READ] = middle;
  drivers[0]->MajorFunction[IRP_MJ_READ] = low;
}

static void expect_calls(int completions) {
  for (int i = 0; i < LAYERS; i++)
    assert_int_equal(extension_of(devices[i])->requests, 1);
  for (int i = 1; i < LAYERS; i++)
    assert_int_equal(extension_of(devices[i])->completions, completions);
}

static void a_request_passes_three_drivers_and_comes_back(void **state) {
  (void)state;
  route(filter, filter, answer);
  assert_int_equal(read_stack(3), STATUS_SUCCESS);
  assert_int_equal(result.Information, 5);
  expect_calls(1);
}

static void filters_may_leave_themselves_out(void **state) {
  (void)state;
  route(leave_out, leave_out, answer);
  assert_int_equal(read_stack(3), STATUS_SUCCESS);
  assert_int_equal(result.Information, 5);
  expect_calls(0);
}

static void a_pending_request_comes_back_through_all(void **state) {
  (void)state;
  KeInitializeEvent(&kept_event, NotificationEvent, FALSE);
  route(filter, leave_out, keep);
  assert_int_equal(read_stack(3), STATUS_PENDING);
  assert_int_equal(KeReadStateEvent(&answered), 0);
  complete(kept, STATUS_DEVICE_NOT_READY, 0);
  KeWaitForSingleObject(&answered, Executive, KernelMode, FALSE, NULL);
  assert_int_equal(result.Status, STATUS_DEVICE_NOT_READY);
  assert_int_equal(extension_of(devices[2])->completions, 1);
}

static void forwarding_waits_for_what_is_below(void **state) {
  (void)state;
  route(forward, forward, answer);
  assert_int_equal(read_stack(3), STATUS_SUCCESS);
  assert_int_equal(result.Information, 7);
  expect_calls(1);
}

static void complete_kept(void *unused) {
  (void)unused;
  KeWaitForSingleObject(&kept_event, Executive, KernelMode, FALSE, NULL);
  complete(kept, STATUS_SUCCESS, 1);
}

static void forwarding_waits_for_a_pending_request(void **state) {
  (void)state;
  struct os_thread thread;

  KeInitializeEvent(&kept_event, NotificationEvent, FALSE);
  route(forward, forward, keep);
  assert_int_equal(os__thread_start(&thread, complete_kept, NULL), 0);
  assert_int_equal(read_stack(3), STATUS_SUCCESS);
  assert_int_equal(result.Information, 3);
  os__thread_join(&thread);
}

static void forwarding_without_a_location_is_refused(void **state) {
  (void)state;
  PIRP irp;

  attach(1, 0);
  devices[1]->StackSize = 1; /* as a driver that sets it wrong */
  drivers[1]->MajorFunction[IRP_MJ_READ] = forward;
  KeInitializeEvent(&answered, NotificationEvent, FALSE);
  irp = IoBuildSynchronousFsdRequest(IRP_MJ_READ, devices[1], NULL, 0, NULL,
                                     &answered, &result);
  assert_int_equal(IoCallDriver(devices[1], irp),
                   STATUS_INVALID_DEVICE_REQUEST);
  assert_int_equal(extension_of(devices[0])->requests, 0);
}

static void forwarding_at_a_raised_irql_is_refused(void **state) {
  (void)state;
  route(forward_raised, leave_out, answer);
  expect_report_begin();
  assert_int_equal(read_stack(3), STATUS_INVALID_DEVICE_REQUEST);
  expect_report_end(VF_IRQL_01);
}

/* ---- threads ----------------------------------------------------------- */

#define ROUNDS 2000

static int looking;

static void look(void *unused) {
  (void)unused;
  while (__atomic_load_n(&looking, __ATOMIC_ACQUIRE)) {
    PDEVICE_OBJECT top = IoGetAttachedDeviceReference(devices[0]);

    assert_int_equal(top->Type, IO_TYPE_DEVICE);
    ObDereferenceObject(top);
  }
}

static void stacks_are_built_while_others_look(void **state) {
  (void)state;
  struct os_thread thread;

  looking = 1;
  assert_int_equal(os__thread_start(&thread, look, NULL), 0);
  for (int i = 0; i < ROUNDS; i++) {
    PDEVICE_OBJECT filter_device = make_device(drivers[1], NULL);

    assert_ptr_equal(IoAttachDeviceToDeviceStack(filter_device, devices[0]),
                     devices[0]);
    IoDetachDevice(devices[0]);
    IoDeleteDevice(filter_device);
  }
  __atomic_store_n(&looking, 0, __ATOMIC_RELEASE);
  os__thread_join(&thread);
}

static void check_limits(void *unused) {
  ULONG_PTR low, high, left = IoGetRemainingStackSize();
  ULONG_PTR here = (ULONG_PTR)__builtin_frame_address(0);

  (void)unused;
  IoGetStackLimits(&low, &high);
  assert_true(low < here && here < high);
  assert_ptr_equal(IoGetInitialStack(), (PVOID)high);
  assert_true(left > 0 && left <= high - low);
}

static void every_thread_knows_its_stack(void **state) {
  (void)state;
  struct os_thread thread;

  check_limits(NULL);
  assert_int_equal(os__thread_start(&thread, check_limits, NULL), 0);
  os__thread_join(&thread);
}

#define STACK_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      STACK_TEST(a_device_is_attached_to_the_top),
      STACK_TEST(a_new_device_stands_alone),
      STACK_TEST(the_safe_form_writes_where_it_is_told),
      STACK_TEST(a_device_is_attached_by_name),
      STACK_TEST(the_stack_can_be_walked),
      STACK_TEST(a_referenced_device_stays_until_it_is_released),
      STACK_TEST(a_deleted_device_stays_under_what_is_attached),
      STACK_TEST(a_reference_that_is_kept_is_counted_at_the_end),
      STACK_TEST(attaching_twice_is_reported),
      STACK_TEST(detaching_what_is_not_attached_is_reported),
      STACK_TEST(deleting_an_attached_device_is_reported),
      STACK_TEST(a_request_passes_three_drivers_and_comes_back),
      STACK_TEST(filters_may_leave_themselves_out),
      STACK_TEST(a_pending_request_comes_back_through_all),
      STACK_TEST(forwarding_waits_for_what_is_below),
      STACK_TEST(forwarding_waits_for_a_pending_request),
      STACK_TEST(forwarding_without_a_location_is_refused),
      STACK_TEST(forwarding_at_a_raised_irql_is_refused),
      STACK_TEST(stacks_are_built_while_others_look),
      STACK_TEST(every_thread_knows_its_stack),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
