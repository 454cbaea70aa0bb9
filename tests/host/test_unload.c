/*
 * Drivers that leave something under way, or are kept: what uwsk_load_driver
 * and uwsk_unload_driver do then. Windows pages: Writing an Unload Routine,
 * Unload Routine Environment, Releasing Driver-Allocated Resources,
 * ZwUnloadDriver, IoRegisterShutdownNotification,
 * IoAllocateDriverObjectExtension.
 */
#include "kernel_test.h"

#include <ntifs.h>
#include <string.h>

#include <uwsk/fault.h>

#include "io/io.h"
#include "ke/ke.h"
#include "os/os.h"

static PDRIVER_OBJECT driver;
static PDEVICE_OBJECT device;
static NTSTATUS entry_status;
static void (*entry_body)(void);
static void (*unload_body)(void);
static int unloads;

static KEVENT go, inside;

static VOID NTAPI unload(PDRIVER_OBJECT own) {
  assert_ptr_equal(own, driver);
  unloads++;
  if (unload_body != NULL)
    unload_body();
  if (device != NULL)
    IoDeleteDevice(device);
  device = NULL;
}

static NTSTATUS NTAPI entry(PDRIVER_OBJECT own, PUNICODE_STRING path) {
  (void)path;
  driver = own;
  own->DriverUnload = unload;
  assert_int_equal(
      IoCreateDevice(own, 64, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device),
      STATUS_SUCCESS);
  if (entry_body != NULL)
    entry_body();
  if (!NT_SUCCESS(entry_status) && device != NULL) {
    IoDeleteDevice(device);
    device = NULL;
  }
  return entry_status;
}

static int start(void **state) {
  entry_status = STATUS_SUCCESS;
  entry_body = unload_body = NULL;
  unloads = 0;
  KeInitializeEvent(&go, NotificationEvent, FALSE);
  KeInitializeEvent(&inside, NotificationEvent, FALSE);
  return kernel_start(state);
}

static void load(void (*body)(void)) {
  PDRIVER_OBJECT loaded;

  entry_body = body;
  assert_int_equal(uwsk_load_driver("sample", entry, &loaded), STATUS_SUCCESS);
  assert_ptr_equal(loaded, driver);
}

static void wait_for(PKEVENT event) {
  KeWaitForSingleObject(event, Executive, KernelMode, FALSE, NULL);
}

/* Of what the driver has left, these were removed; uwsk_stop would count them.
 */
static void expect_removed(size_t count) {
  assert_int_equal(io__take_left(), count);
}

/* ---- threads ----------------------------------------------------------- */

static VOID NTAPI thread_routine(PVOID context) {
  (void)context;
  KeSetEvent(&inside, IO_NO_INCREMENT, FALSE);
  wait_for(&go);
}

static HANDLE thread;

static void make_thread(void) {
  assert_int_equal(PsCreateSystemThread(&thread, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, thread_routine, NULL),
                   STATUS_SUCCESS);
  wait_for(&inside);
}

static void end_thread(void) {
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  ZwWaitForSingleObject(thread, FALSE, NULL);
  ZwClose(thread);
}

static void a_thread_that_runs_on_is_reported(void **state) {
  (void)state;
  load(make_thread);
  expect_report_begin();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  expect_report_end(VF_THREAD_02);
  end_thread();
}

static void let_thread_go(void) {
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  ZwClose(thread);
}

/* Many drivers tell their threads to end and do not wait for the last of it. */
static void a_thread_that_is_about_to_end_is_waited_for(void **state) {
  (void)state;
  load(make_thread);
  unload_body = let_thread_go;
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

static void threads_of_the_test_are_its_own(void **state) {
  (void)state;
  load(NULL);
  make_thread();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  end_thread();
}

/* ---- work items -------------------------------------------------------- */

static PIO_WORKITEM item;
static KEVENT item_done;

static VOID NTAPI use_driver(PDEVICE_OBJECT own, PVOID context) {
  (void)context;
  KeSetEvent(&inside, IO_NO_INCREMENT, FALSE);
  wait_for(&go);
  /* AddressSanitizer sees it if one of the two is gone. */
  assert_int_equal(own->DriverObject->Type, IO_TYPE_DRIVER);
  *(int *)own->DeviceExtension = 1;
  KeSetEvent(&item_done, IO_NO_INCREMENT, FALSE);
}

static void queue_item(void) {
  KeInitializeEvent(&item_done, NotificationEvent, FALSE);
  item = IoAllocateWorkItem(device);
  IoQueueWorkItem(item, use_driver, DelayedWorkQueue, NULL);
  wait_for(&inside);
}

static void let_item_go(void) {
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
}

static void unloading_waits_for_work_items(void **state) {
  (void)state;
  load(queue_item);
  unload_body = let_item_go;
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  assert_true(KeReadStateEvent(&item_done));
  IoFreeWorkItem(item);
}

/* On Windows the driver's image stays for it; that is no breach. */
static void a_work_item_that_goes_on_keeps_the_driver_object(void **state) {
  (void)state;
  load(queue_item);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_PENDING);
  assert_int_equal(unloads, 1);
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  wait_for(&item_done);
  IoFreeWorkItem(item);
}

static WORK_QUEUE_ITEM unheld;

static VOID NTAPI run_unheld(PVOID parameter) {
  KeSetEvent(&inside, IO_NO_INCREMENT, FALSE);
  wait_for(&go);
  KeSetEvent(parameter, IO_NO_INCREMENT, FALSE);
}

static void queue_unheld(void) {
  KeInitializeEvent(&item_done, NotificationEvent, FALSE);
  ExInitializeWorkItem(&unheld, run_unheld, &item_done);
  ExQueueWorkItem(&unheld, DelayedWorkQueue);
  wait_for(&inside);
}

static void an_item_that_holds_nothing_is_reported(void **state) {
  (void)state;
  load(queue_unheld);
  expect_report_begin();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  expect_report_end(VF_WORK_03);
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  wait_for(&item_done);
}

static void an_item_that_returns_in_time_is_not(void **state) {
  (void)state;
  load(queue_unheld);
  unload_body = let_item_go;
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

/* ---- timers and DPCs --------------------------------------------------- */

static KTIMER timer;
static KDPC dpc;
static LARGE_INTEGER minute = {.QuadPart = -600000000};

static void set_timer(void) {
  KeInitializeTimer(&timer);
  KeSetTimer(&timer, minute, NULL);
}

/* It is in the driver's own data, where no free would find it. */
static void a_timer_that_is_set_is_reported(void **state) {
  (void)state;
  load(set_timer);
  expect_report_begin();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  expect_report_end(VF_TIMER_01);
  expect_removed(1);
  assert_false(KeCancelTimer(&timer));
}

static void cancel_timer(void) {
  KeCancelTimer(&timer);
}

static void a_timer_that_was_cancelled_is_not(void **state) {
  (void)state;
  load(set_timer);
  unload_body = cancel_timer;
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  set_timer(); /* the test's own */
  unload_body = NULL;
  load(NULL);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  assert_true(KeCancelTimer(&timer));
}

static VOID NTAPI set_again(PKDPC own, PVOID context, PVOID a, PVOID b) {
  (void)own, (void)context, (void)a, (void)b;
  KeSetTimer(&timer, minute, NULL);
  KeSetEvent(&inside, IO_NO_INCREMENT, FALSE);
}

static void set_timer_with_dpc(void) {
  KeInitializeTimer(&timer);
  KeInitializeDpc(&dpc, set_again, NULL);
  KeSetTimer(&timer, (LARGE_INTEGER){.QuadPart = -10000}, &dpc);
}

/* What a driver's DPC does is the driver's. */
static void a_timer_that_sets_itself_is_reported(void **state) {
  (void)state;
  load(set_timer_with_dpc);
  wait_for(&inside);
  expect_report_begin();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  expect_report_end(VF_TIMER_01);
  expect_removed(1);
}

static NTSTATUS NTAPI set_in_completion(PDEVICE_OBJECT own, PIRP irp,
                                        PVOID context) {
  (void)own, (void)irp, (void)context;
  set_timer();
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static PIRP own_irp;

static void make_irp(void) {
  own_irp = IoAllocateIrp(1, FALSE);
  IoSetCompletionRoutine(own_irp, set_in_completion, NULL, TRUE, TRUE, TRUE);
}

static void free_irp(void) {
  IoFreeIrp(own_irp);
}

/* Its completion routine has no device to be known by. */
static void a_completion_routine_runs_for_who_made_the_irp(void **state) {
  (void)state;
  load(make_irp);
  assert_int_equal(io__prepare(own_irp, NULL, "test"), STATUS_SUCCESS);
  io__complete(own_irp, STATUS_SUCCESS, 0);
  unload_body = free_irp;
  expect_report_begin();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  expect_report_end(VF_TIMER_01);
  expect_removed(1);
}

static void queue_dpc(void) {
  KIRQL irql;

  /* Nothing drives the loop between here and the end of the unload. */
  KeInitializeDpc(&dpc, set_again, NULL);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  KeInsertQueueDpc(&dpc, NULL, NULL);
  KeLowerIrql(irql);
}

static void a_dpc_is_reported_or_has_run(void **state) {
  (void)state;
  load(NULL);
  unload_body = queue_dpc;
  KeInitializeTimer(&timer);
  vf__quiet(1);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  vf__quiet(0);
  KeFlushQueuedDpcs();
  /* In auto mode the helper may have been faster; it then set the timer. */
  assert_int_equal(vf__count(VF_DPC_03) + vf__count(VF_TIMER_01) +
                       (KeCancelTimer(&timer) ? 1 : 0),
                   1);
  vf__reset();
  io__take_left();
}

static int may_leave, has_left;

static VOID NTAPI stay(PKDPC own, PVOID context, PVOID a, PVOID b) {
  (void)own, (void)context, (void)a, (void)b;
  KeSetEvent(&inside, IO_NO_INCREMENT, FALSE);
  while (!__atomic_load_n(&may_leave, __ATOMIC_ACQUIRE))
    os__yield();
  __atomic_store_n(&has_left, 1, __ATOMIC_RELEASE);
}

static void queue_staying_dpc(void) {
  may_leave = has_left = 0;
  KeInitializeDpc(&dpc, stay, NULL);
  KeInsertQueueDpc(&dpc, NULL, NULL);
}

static void let_dpc_leave(void) {
  __atomic_store_n(&may_leave, 1, __ATOMIC_RELEASE);
}

static void run_dpcs(void *unused) {
  (void)unused;
  KeFlushQueuedDpcs();
}

/* Defends against a driver that is gone while its DPC runs. */
static void a_dpc_that_runs_is_waited_for(void **state) {
  (void)state;
  struct os_thread thread_of_dpc;

  load(queue_staying_dpc);
  assert_int_equal(os__thread_start(&thread_of_dpc, run_dpcs, NULL), 0);
  while (!KeReadStateEvent(&inside))
    os__yield();
  unload_body = let_dpc_leave;
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  assert_int_equal(__atomic_load_n(&has_left, __ATOMIC_ACQUIRE), 1);
  os__thread_join(&thread_of_dpc);
}

/* ---- names ------------------------------------------------------------- */

static void make_link(void) {
  UNICODE_STRING link, target;

  RtlInitUnicodeString(&link, L"\\DosDevices\\Left");
  RtlInitUnicodeString(&target, L"\\Device\\Nowhere");
  assert_int_equal(IoCreateSymbolicLink(&link, &target), STATUS_SUCCESS);
}

static void a_link_that_is_left_is_reported_and_removed(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) { /* the second load finds no link */
    load(make_link);
    expect_report_begin();
    assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
    expect_report_end(VF_IO_UNLOAD_02);
    expect_removed(1);
  }
}

static void two_drivers_do_not_have_one_name(void **state) {
  (void)state;
  PDRIVER_OBJECT other;

  load(NULL);
  assert_int_equal(uwsk_load_driver("Sample", entry, &other),
                   STATUS_IMAGE_ALREADY_LOADED);
  assert_null(other);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  load(NULL);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

static void what_is_not_loaded_is_not_unloaded(void **state) {
  (void)state;
  PDRIVER_OBJECT gone;

  load(NULL);
  gone = driver;
  assert_int_equal(uwsk_unload_driver(gone), STATUS_SUCCESS);
  assert_int_equal(uwsk_unload_driver(gone), STATUS_INVALID_PARAMETER);
  assert_int_equal(unloads, 1);
}

/* ---- DriverEntry fails ------------------------------------------------- */

static void leave_everything(void) {
  PDEVICE_OBJECT left;

  make_thread();
  set_timer();
  make_link();
  assert_int_equal(
      IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &left),
      STATUS_SUCCESS);
}

/* Windows calls no DriverUnload then, and frees the driver's code. */
static void a_failed_driver_entry_leaves_nothing_of_ours(void **state) {
  (void)state;
  PDRIVER_OBJECT none;

  entry_status = STATUS_DEVICE_CONFIGURATION_ERROR;
  entry_body = leave_everything;
  vf__quiet(1);
  assert_int_equal(uwsk_load_driver("sample", entry, &none),
                   STATUS_DEVICE_CONFIGURATION_ERROR);
  vf__quiet(0);
  assert_null(none);
  assert_int_equal(unloads, 0);
  assert_int_equal(vf__count(VF_THREAD_02), 1);
  assert_int_equal(vf__count(VF_TIMER_01), 1);
  assert_int_equal(vf__count(VF_IO_UNLOAD_01), 1);
  assert_int_equal(vf__count(VF_IO_UNLOAD_02), 1);
  assert_int_equal(vf__count(VF_RULE_COUNT), 4);
  vf__reset();
  expect_removed(3);
  end_thread();
  entry_status = STATUS_SUCCESS;
  load(NULL);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

/* ---- kept by a filter -------------------------------------------------- */

static PDRIVER_OBJECT filter;
static PDEVICE_OBJECT filter_device, below;
static int filter_unloads;

static VOID NTAPI filter_unload(PDRIVER_OBJECT own) {
  (void)own;
  filter_unloads++;
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  IoDetachDevice(below);
  IoDeleteDevice(filter_device);
}

static NTSTATUS NTAPI filter_entry(PDRIVER_OBJECT own, PUNICODE_STRING path) {
  (void)path;
  own->DriverUnload = filter_unload;
  assert_int_equal(IoCreateDevice(own, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE,
                                  &filter_device),
                   STATUS_SUCCESS);
  below = IoAttachDeviceToDeviceStack(filter_device, device);
  if (below != NULL)
    return STATUS_SUCCESS;
  IoDeleteDevice(filter_device);
  return STATUS_NO_SUCH_DEVICE;
}

static void load_filter(void) {
  filter_unloads = 0;
  load(NULL);
  assert_int_equal(uwsk_load_driver("filter", filter_entry, &filter),
                   STATUS_SUCCESS);
}

static void a_filter_goes_first(void **state) {
  (void)state;
  load_filter();
  assert_int_equal(uwsk_unload_driver(filter), STATUS_SUCCESS);
  assert_int_equal(unloads, 0);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

/* Page IoDetachDevice: the lower driver is unloaded then. */
static void a_driver_under_a_filter_is_unloaded_after_it(void **state) {
  (void)state;
  load_filter();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_PENDING);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_PENDING);
  assert_int_equal(unloads, 0);
  assert_int_equal(ob__count(OB_DRIVER), 2);
  assert_int_equal(uwsk_unload_driver(filter), STATUS_SUCCESS);
  assert_int_equal(filter_unloads, 1);
  assert_int_equal(unloads, 1);
  assert_int_equal(ob__count(OB_DRIVER), 0);
}

static PDEVICE_OBJECT another_device(PDRIVER_OBJECT of) {
  PDEVICE_OBJECT made;

  assert_int_equal(
      IoCreateDevice(of, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &made),
      STATUS_SUCCESS);
  return made;
}

/* Page Unload Routine Environment: no additional drivers can attach. */
static void nobody_attaches_to_a_driver_that_is_to_go(void **state) {
  (void)state;
  PDEVICE_OBJECT free_device, upper;

  load_filter();
  free_device = another_device(driver);
  upper = another_device(filter);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_PENDING);
  assert_null(IoAttachDeviceToDeviceStack(upper, free_device));
  assert_null(IoGetLowerDeviceObject(filter_device));
  IoDeleteDevice(upper);
  IoDeleteDevice(free_device);
  assert_int_equal(uwsk_unload_driver(filter), STATUS_SUCCESS);
  assert_int_equal(unloads, 1);
}

/* ---- shutdown ---------------------------------------------------------- */

static int shutdowns;
static PDEVICE_OBJECT shut[4];

static NTSTATUS NTAPI note_shutdown(PDEVICE_OBJECT own, PIRP irp) {
  assert_int_equal(IoGetCurrentIrpStackLocation(irp)->MajorFunction,
                   IRP_MJ_SHUTDOWN);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  shut[shutdowns++] = own;
  irp->IoStatus.Status = STATUS_SUCCESS;
  irp->IoStatus.Information = 0;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
  return STATUS_SUCCESS;
}

static void register_shutdown(void) {
  shutdowns = 0;
  driver->MajorFunction[IRP_MJ_SHUTDOWN] = note_shutdown;
  assert_int_equal(IoRegisterShutdownNotification(device), STATUS_SUCCESS);
  assert_true(device->Flags & DO_SHUTDOWN_REGISTERED);
}

static void unregister_shutdown(void) {
  IoUnregisterShutdownNotification(device);
}

static void registered_devices_are_told_once(void **state) {
  (void)state;
  load(register_shutdown);
  assert_int_equal(uwsk_shut_down(), 1);
  assert_ptr_equal(shut[0], device);
  assert_int_equal(uwsk_shut_down(), 0);
  assert_int_equal(shutdowns, 1);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

static void the_last_chance_comes_last(void **state) {
  (void)state;
  PDEVICE_OBJECT last;

  load(register_shutdown);
  last = another_device(driver);
  assert_int_equal(IoRegisterLastChanceShutdownNotification(last),
                   STATUS_SUCCESS);
  assert_int_equal(uwsk_shut_down(), 2);
  assert_ptr_equal(shut[0], device);
  assert_ptr_equal(shut[1], last);
  IoDeleteDevice(last);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

static void who_has_unregistered_is_not_told(void **state) {
  (void)state;
  load(register_shutdown);
  unload_body = unregister_shutdown;
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  assert_int_equal(uwsk_shut_down(), 0);
}

static void a_registered_device_that_goes_is_reported(void **state) {
  (void)state;
  load(register_shutdown);
  expect_report_begin();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  expect_report_end(VF_IO_SHUTDOWN_01);
  assert_int_equal(uwsk_shut_down(), 0);
}

static void without_memory_nobody_is_registered(void **state) {
  (void)state;
  load(NULL);
  uwsk_fault_allocation(1);
  assert_int_equal(IoRegisterShutdownNotification(device),
                   STATUS_INSUFFICIENT_RESOURCES);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

/* ---- the driver object ------------------------------------------------- */

static void a_driver_has_memory_of_its_own(void **state) {
  (void)state;
  static int first, second;
  PVOID memory, other;

  load(NULL);
  assert_int_equal(
      IoAllocateDriverObjectExtension(driver, &first, 100, &memory),
      STATUS_SUCCESS);
  assert_int_equal(((UCHAR *)memory)[99], 0);
  assert_int_equal(IoAllocateDriverObjectExtension(driver, &first, 8, &other),
                   STATUS_OBJECT_NAME_COLLISION);
  assert_null(other);
  assert_ptr_equal(IoGetDriverObjectExtension(driver, &first), memory);
  assert_null(IoGetDriverObjectExtension(driver, &second));
  uwsk_fault_allocation(1);
  assert_int_equal(IoAllocateDriverObjectExtension(driver, &second, 8, &other),
                   STATUS_INSUFFICIENT_RESOURCES);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

/* The I/O manager clears the flag of the devices that DriverEntry has made. */
static void devices_are_ready_after_driver_entry(void **state) {
  (void)state;
  load(NULL);
  assert_false(device->Flags & DO_DEVICE_INITIALIZING);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, kernel_stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_thread_that_runs_on_is_reported),
      TEST(a_thread_that_is_about_to_end_is_waited_for),
      TEST(threads_of_the_test_are_its_own),
      TEST(unloading_waits_for_work_items),
      TEST(a_work_item_that_goes_on_keeps_the_driver_object),
      TEST(an_item_that_holds_nothing_is_reported),
      TEST(an_item_that_returns_in_time_is_not),
      TEST(a_timer_that_is_set_is_reported),
      TEST(a_timer_that_was_cancelled_is_not),
      TEST(a_timer_that_sets_itself_is_reported),
      TEST(a_completion_routine_runs_for_who_made_the_irp),
      TEST(a_dpc_is_reported_or_has_run),
      TEST(a_dpc_that_runs_is_waited_for),
      TEST(a_link_that_is_left_is_reported_and_removed),
      TEST(two_drivers_do_not_have_one_name),
      TEST(what_is_not_loaded_is_not_unloaded),
      TEST(a_failed_driver_entry_leaves_nothing_of_ours),
      TEST(a_filter_goes_first),
      TEST(a_driver_under_a_filter_is_unloaded_after_it),
      TEST(nobody_attaches_to_a_driver_that_is_to_go),
      TEST(registered_devices_are_told_once),
      TEST(the_last_chance_comes_last),
      TEST(who_has_unregistered_is_not_told),
      TEST(a_registered_device_that_goes_is_reported),
      TEST(without_memory_nobody_is_registered),
      TEST(a_driver_has_memory_of_its_own),
      TEST(devices_are_ready_after_driver_entry),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
