/* Work items of devices. Windows page: System Worker Threads, IoQueueWorkItem
 * and its kin. */
#include "kernel_test.h"

#include <uwsk/fault.h>

#include "io/io.h"
#include "os/os.h"

static PDRIVER_OBJECT driver;
static PDEVICE_OBJECT device;
static PIO_WORKITEM item;
static KEVENT done, go;

static struct {
  PVOID object, context, item;
  KIRQL irql;
  int runs;
} seen;

static int start(void **state) {
  int result = kernel_start(state);

  RtlZeroMemory(&seen, sizeof(seen));
  KeInitializeEvent(&done, SynchronizationEvent, FALSE);
  KeInitializeEvent(&go, SynchronizationEvent, FALSE);
  driver = io__create_driver("worker");
  assert_int_equal(
      IoCreateDevice(driver, 16, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device),
      STATUS_SUCCESS);
  return result;
}

static int stop(void **state) {
  if (device != NULL)
    IoDeleteDevice(device);
  io__delete_driver(driver);
  return kernel_stop(state);
}

static void wait_done(void) {
  KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
}

static void note(PVOID object, PVOID context, PVOID own) {
  seen.object = object;
  seen.context = context;
  seen.item = own;
  seen.irql = KeGetCurrentIrql();
  seen.runs++;
}

static IO_WORKITEM_ROUTINE routine;
static VOID NTAPI routine(PDEVICE_OBJECT own, PVOID context) {
  note(own, context, NULL);
  KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
}

static IO_WORKITEM_ROUTINE_EX routine_ex;
static VOID NTAPI routine_ex(PVOID object, PVOID context, PIO_WORKITEM own) {
  note(object, context, own);
  KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
}

static void an_item_gets_its_device_and_context(void **state) {
  (void)state;
  item = IoAllocateWorkItem(device);
  IoQueueWorkItem(item, routine, DelayedWorkQueue, &seen);
  wait_done();
  assert_ptr_equal(seen.object, device);
  assert_ptr_equal(seen.context, &seen);
  assert_int_equal(seen.irql, PASSIVE_LEVEL);
  IoQueueWorkItemEx(item, routine_ex, DelayedWorkQueue, NULL);
  wait_done();
  assert_ptr_equal(seen.object, device);
  assert_ptr_equal(seen.item, item);
  IoFreeWorkItem(item);
}

static void an_item_may_be_the_drivers_memory(void **state) {
  (void)state;
  item = ExAllocatePoolWithTag(NonPagedPoolNx, IoSizeofWorkItem(), 'kroW');
  IoInitializeWorkItem(driver, item);
  IoQueueWorkItemEx(item, routine_ex, CriticalWorkQueue, NULL);
  wait_done();
  assert_ptr_equal(seen.object, driver);
  IoUninitializeWorkItem(item);
  ExFreePool(item);
}

static IO_WORKITEM_ROUTINE_EX free_it;
static VOID NTAPI free_it(PVOID object, PVOID context, PIO_WORKITEM own) {
  IoFreeWorkItem(own);
  routine_ex(object, context, NULL);
}

static void its_routine_may_free_it(void **state) {
  (void)state;
  item = IoAllocateWorkItem(device);
  assert_int_equal(ob__count(OB_WORK_ITEM), 1);
  IoQueueWorkItemEx(item, free_it, DelayedWorkQueue, NULL);
  wait_done();
  assert_int_equal(ob__count(OB_WORK_ITEM), 0);
}

static IO_WORKITEM_ROUTINE use_device;
static VOID NTAPI use_device(PDEVICE_OBJECT own, PVOID context) {
  KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, NULL);
  *(int *)own->DeviceExtension = 7; /* AddressSanitizer sees it if it is gone */
  routine(own, context);
}

/* Defends against a device that goes under a routine that uses it. */
static void a_deleted_device_stays_for_its_items(void **state) {
  (void)state;
  item = IoAllocateWorkItem(device);
  IoQueueWorkItem(item, use_device, DelayedWorkQueue, NULL);
  IoDeleteDevice(device);
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  wait_done();
  assert_ptr_equal(seen.object, device);
  device = NULL;
  IoFreeWorkItem(item);
}

static IO_WORKITEM_ROUTINE_EX hold;
static VOID NTAPI hold(PVOID object, PVOID context, PIO_WORKITEM own) {
  (void)object, (void)context, (void)own;
  KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, NULL);
}

/* It is the driver's again when its routine runs, not before. */
static void an_item_may_be_queued_while_it_runs(void **state) {
  (void)state;
  item = IoAllocateWorkItem(device);
  assert_true(IoTryQueueWorkItem(item, hold, DelayedWorkQueue, NULL));
  wait_done();
  assert_true(IoTryQueueWorkItem(item, routine_ex, DelayedWorkQueue, NULL));
  wait_done();
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  assert_int_equal(seen.runs, 1);
  IoFreeWorkItem(item);
}

#define ALL_WORKERS 32

static void what_is_queued_stays_so(void **state) {
  (void)state;
  PIO_WORKITEM held[ALL_WORKERS];

  KeInitializeEvent(&go, NotificationEvent, FALSE);
  for (int i = 0; i < ALL_WORKERS; i++) {
    held[i] = IoAllocateWorkItem(device);
    IoQueueWorkItemEx(held[i], hold, DelayedWorkQueue, NULL);
    wait_done();
  }
  item = IoAllocateWorkItem(device);
  IoQueueWorkItem(item, routine, DelayedWorkQueue, NULL);
  assert_false(IoTryQueueWorkItem(item, routine_ex, DelayedWorkQueue, NULL));
  expect_report_begin();
  IoQueueWorkItem(item, routine, DelayedWorkQueue, NULL);
  expect_report_end(VF_WORK_01);
  expect_report_begin();
  IoFreeWorkItem(item);
  expect_report_end(VF_WORK_01);
  KeSetEvent(&go, IO_NO_INCREMENT, FALSE);
  wait_done();
  IoFreeWorkItem(item);
  for (int i = 0; i < ALL_WORKERS; i++)
    IoFreeWorkItem(held[i]);
}

static void freeing_what_is_none_is_reported(void **state) {
  (void)state;
  item = IoAllocateWorkItem(device);
  IoFreeWorkItem(item);
  expect_report_begin();
  IoFreeWorkItem(item);
  expect_report_end(VF_WORK_01);
}

static void without_memory_there_is_none(void **state) {
  (void)state;
  uwsk_fault_allocation(1);
  assert_null(IoAllocateWorkItem(device));
  assert_true(uwsk_fault_allocation_fired());
}

#define WORK_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      WORK_TEST(an_item_gets_its_device_and_context),
      WORK_TEST(an_item_may_be_the_drivers_memory),
      WORK_TEST(its_routine_may_free_it),
      WORK_TEST(a_deleted_device_stays_for_its_items),
      WORK_TEST(an_item_may_be_queued_while_it_runs),
      WORK_TEST(what_is_queued_stays_so),
      WORK_TEST(freeing_what_is_none_is_reported),
      WORK_TEST(without_memory_there_is_none),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
