/* uwsk_load_driver and its kin, with DriverEntry linked into the test. */
#include <ntddk.h>

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "catch_stderr.h"
#include "ob/track.h"
#include "uwsk/fault.h"
#include "uwsk/uwsk.h"
#include "verifier/report.h"

static NTSTATUS entry_status;
static BOOLEAN wants_unload, leaves_device;
static unsigned entries, unloads;
static PDRIVER_OBJECT seen;

static VOID unload(PDRIVER_OBJECT driver) {
  assert_ptr_equal(driver, seen);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  unloads++;
}

static BOOLEAN is(PCUNICODE_STRING string, PCWSTR expected) {
  UNICODE_STRING wanted;

  RtlInitUnicodeString(&wanted, expected);
  return RtlEqualUnicodeString(string, &wanted, FALSE);
}

static NTSTATUS entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
  PDEVICE_OBJECT device;

  entries++;
  seen = driver;
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  assert_true(is(&driver->DriverName, L"\\Driver\\sample"));
  assert_true(is(path, L"\\Registry\\Machine\\System\\CurrentControlSet"
                       L"\\Services\\sample"));
  if (wants_unload)
    driver->DriverUnload = unload;
  if (leaves_device)
    assert_int_equal(
        IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device),
        STATUS_SUCCESS);
  return entry_status;
}

static int start(void **state) {
  (void)state;
  entry_status = STATUS_SUCCESS;
  wants_unload = TRUE;
  leaves_device = FALSE;
  entries = unloads = 0;
  return uwsk_start(NULL);
}

static int end(void **state) {
  (void)state;
  vf__quiet(0);
  return 0;
}

static void a_driver_is_loaded_and_unloaded(void **state) {
  PDRIVER_OBJECT driver;

  (void)state;
  assert_int_equal(uwsk_load_driver("sample", entry, &driver), STATUS_SUCCESS);
  assert_ptr_equal(driver, seen);
  assert_int_equal(ob__count(OB_DRIVER), 1);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  assert_int_equal(entries, 1);
  assert_int_equal(unloads, 1);
  assert_int_equal(uwsk_stop(), 0);
}

/* Windows does not call DriverUnload of a driver whose DriverEntry failed. */
static void a_failed_driver_is_not_unloaded(void **state) {
  PDRIVER_OBJECT driver = (PDRIVER_OBJECT)state;

  entry_status = STATUS_DEVICE_CONFIGURATION_ERROR;
  assert_int_equal(uwsk_load_driver("sample", entry, &driver),
                   STATUS_DEVICE_CONFIGURATION_ERROR);
  assert_null(driver);
  assert_int_equal(unloads, 0);
  assert_int_equal(uwsk_stop(), 0);
}

static void a_driver_without_unload_stays(void **state) {
  static PDRIVER_OBJECT driver; /* for leak checkers, too */

  (void)state;
  wants_unload = FALSE;
  assert_int_equal(uwsk_load_driver("sample", entry, &driver), STATUS_SUCCESS);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_INVALID_DEVICE_REQUEST);
  assert_int_equal(uwsk_stop(), 1);
}

/* The ledger forgets a device with its driver; the count must not. */
static void a_device_that_is_left_counts(void **state) {
  PDRIVER_OBJECT driver;

  (void)state;
  leaves_device = TRUE;
  vf__quiet(1);
  assert_int_equal(uwsk_load_driver("sample", entry, &driver), STATUS_SUCCESS);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  entry_status = STATUS_UNSUCCESSFUL;
  assert_int_equal(uwsk_load_driver("sample", entry, &driver),
                   STATUS_UNSUCCESSFUL);
  assert_int_equal(vf__count(VF_IO_UNLOAD_01), 2);
  assert_int_equal(uwsk_stop(), 2);
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_stop(), 0);
}

static void each_missing_allocation_is_survived(void **state) {
  PDRIVER_OBJECT driver;
  NTSTATUS status = STATUS_UNSUCCESSFUL;

  (void)state;
  for (unsigned nth = 1; !NT_SUCCESS(status); nth++) {
    assert_true(nth < 100);
    uwsk_fault_allocation(nth);
    status = uwsk_load_driver("sample", entry, &driver);
    if (!NT_SUCCESS(status))
      assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
  }
  uwsk_fault_allocation(0);
  assert_int_equal(entries, 1);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  assert_int_equal(uwsk_stop(), 0);
}

static FAST_IO_DISPATCH fast_io;

static NTSTATUS entry_with_fast_io(PDRIVER_OBJECT driver,
                                   PUNICODE_STRING registry_path) {
  driver->FastIoDispatch = &fast_io;
  return entry(driver, registry_path);
}

/* Defends against routines that are left alone in silence. */
static void fast_io_that_is_never_called_is_told_of(void **state) {
  PDRIVER_OBJECT driver;

  (void)state;
  catch_stderr();
  assert_int_equal(uwsk_load_driver("sample", entry_with_fast_io, &driver),
                   STATUS_SUCCESS);
  release_stderr();
  assert_non_null(strstr(caught, "driver sample has fast I/O routines"));
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  catch_stderr();
  assert_int_equal(uwsk_load_driver("sample", entry, &driver), STATUS_SUCCESS);
  release_stderr();
  assert_string_equal(caught, "");
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  assert_int_equal(uwsk_stop(), 0);
}

static void bad_calls_are_refused(void **state) {
  PDRIVER_OBJECT driver;
  KIRQL irql;

  (void)state;
  assert_int_equal(uwsk_load_driver(NULL, entry, &driver),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_load_driver("sample", NULL, &driver),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_load_driver("sample", entry, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_load_driver("", entry, &driver),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_load_driver("sam\\ple", entry, &driver),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_unload_driver(NULL), STATUS_INVALID_PARAMETER);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  assert_int_equal(uwsk_load_driver("sample", entry, &driver),
                   STATUS_INVALID_DEVICE_STATE);
  KeLowerIrql(irql);
  assert_int_equal(uwsk_stop(), 0);
  assert_int_equal(uwsk_load_driver("sample", entry, &driver),
                   STATUS_INVALID_DEVICE_STATE);
  assert_int_equal(entries, 0);
}

/* ---- code -------------------------------------------------------------- */

static unsigned unloads_of_code;

static void unload_code(void *context) {
  assert_ptr_equal(context, &unloads_of_code);
  unloads_of_code++;
  /* What a destructor may do. */
  ExFreePool(ExAllocatePoolWithTag(NonPagedPool, 8, 'doCU'));
}

static bool try_unload(void) {
  unsigned before = unloads_of_code;
  bool done = uwsk_unload_code(unload_code, &unloads_of_code);

  assert_int_equal(unloads_of_code - before, done);
  return done;
}

static void code_goes_when_nothing_calls_it(void **state) {
  PVOID block = ExAllocatePoolWithTag(NonPagedPool, 8, 'doCU');

  (void)state;
  assert_true(try_unload());
  ExFreePool(block);
  assert_true(try_unload());
  assert_int_equal(uwsk_stop(), 0);
  assert_false(try_unload());
}

/* Defends against a call of code that has gone. */
static void code_stays_while_it_may_be_called(void **state) {
  LARGE_INTEGER later = {.QuadPart = -1000000000};
  PIRP irp = IoAllocateIrp(1, FALSE);
  KTIMER timer;
  KIRQL irql;

  (void)state;
  assert_false(try_unload());
  IoFreeIrp(irp);
  KeInitializeTimer(&timer);
  KeSetTimer(&timer, later, NULL);
  assert_false(try_unload());
  KeCancelTimer(&timer);
  KeRaiseIrql(DISPATCH_LEVEL, &irql);
  assert_false(try_unload());
  KeLowerIrql(irql);
  assert_true(try_unload());
  assert_int_equal(uwsk_stop(), 0);
}

/* Names of what is left may be missing then, nothing else. */
static void code_goes_without_memory_for_names(void **state) {
  PVOID block = ExAllocatePoolWithTag(NonPagedPool, 8, 'doCU');

  (void)state;
  uwsk_fault_allocation(1);
  assert_true(try_unload());
  assert_true(uwsk_fault_allocation_fired());
  ExFreePool(block);
  assert_int_equal(uwsk_stop(), 0);
}

/* ---- parameters -------------------------------------------------------- */

static void parameters_last_for_one_run(void **state) {
  (void)state;
  assert_int_equal(uwsk_parameter("Port", 7), 7);
  assert_true(uwsk_set_parameter("Port", 80));
  assert_true(uwsk_set_parameter("Port", 8080));
  assert_true(uwsk_set_parameter("port", 1));
  assert_int_equal(uwsk_parameter("Port", 7), 8080);
  assert_int_equal(uwsk_parameter("Por", 7), 7);
  assert_int_equal(uwsk_stop(), 0);
  assert_int_equal(uwsk_parameter("Port", 7), 7);
  assert_false(uwsk_set_parameter("Port", 80));
}

static void a_parameter_without_memory_is_refused(void **state) {
  (void)state;
  uwsk_fault_allocation(1);
  assert_false(uwsk_set_parameter("Port", 80));
  assert_int_equal(uwsk_parameter("Port", 7), 7);
  assert_int_equal(uwsk_stop(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_driver_is_loaded_and_unloaded),
      TEST(a_failed_driver_is_not_unloaded),
      TEST(a_driver_without_unload_stays),
      TEST(a_device_that_is_left_counts),
      TEST(each_missing_allocation_is_survived),
      TEST(fast_io_that_is_never_called_is_told_of),
      TEST(bad_calls_are_refused),
      TEST(code_goes_when_nothing_calls_it),
      TEST(code_stays_while_it_may_be_called),
      TEST(code_goes_without_memory_for_names),
      TEST(parameters_last_for_one_run),
      TEST(a_parameter_without_memory_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
