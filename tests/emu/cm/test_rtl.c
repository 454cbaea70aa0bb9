/*
 * The registry by paths, and the keys of a driver.
 *
 * ddi/wdm/nf-wdm-rtlwriteregistryvalue, -rtldeleteregistryvalue,
 * -rtlcheckregistrykey, -rtlcreateregistrykey, -ioopendriverregistrykey.
 */
#include "cm_test.h"

#include <stdint.h>
#include <string.h>

#include "uwsk/fault.h"

static void every_base_is_a_key(void **state) {
  static const PCWSTR paths[RTL_REGISTRY_MAXIMUM] = {
      [RTL_REGISTRY_SERVICES] = SERVICES,
      [RTL_REGISTRY_CONTROL] =
          L"\\Registry\\Machine\\System\\CurrentControlSet\\Control",
      [RTL_REGISTRY_WINDOWS_NT] = L"\\Registry\\Machine\\Software\\Microsoft"
                                  L"\\Windows NT\\CurrentVersion",
      [RTL_REGISTRY_DEVICEMAP] = L"\\Registry\\Machine\\Hardware\\DeviceMap",
      [RTL_REGISTRY_USER] = L"\\Registry\\User\\.Default"};
  ULONG number = 1;
  HANDLE key, below;

  (void)state;
  for (ULONG base = RTL_REGISTRY_SERVICES; base < RTL_REGISTRY_MAXIMUM;
       base++) {
    assert_int_equal(RtlWriteRegistryValue(base, L"Own", L"a", REG_DWORD,
                                           &number, sizeof(number)),
                     STATUS_SUCCESS);
    assert_int_equal(open_at(NULL, paths[base], KEY_READ, &key),
                     STATUS_SUCCESS);
    assert_int_equal(open_at(key, L"Own", KEY_READ, &below), STATUS_SUCCESS);
    shut(below);
    shut(key);
    assert_int_equal(RtlCheckRegistryKey(base, (PWSTR)L"Own"), STATUS_SUCCESS);
    assert_int_equal(RtlCheckRegistryKey(base, (PWSTR)L"\\Own"),
                     STATUS_SUCCESS);
    assert_int_equal(RtlCheckRegistryKey(base, (PWSTR)L"None"),
                     STATUS_OBJECT_NAME_NOT_FOUND);
    assert_int_equal(RtlCheckRegistryKey(base, NULL), STATUS_SUCCESS);
  }
  assert_int_equal(RtlCheckRegistryKey(RTL_REGISTRY_MAXIMUM, (PWSTR)L"Own"),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlCheckRegistryKey(RTL_REGISTRY_ABSOLUTE, (PWSTR)SERVICES),
                   STATUS_SUCCESS);
  assert_int_equal(
      RtlCheckRegistryKey(RTL_REGISTRY_SERVICES | RTL_REGISTRY_OPTIONAL,
                          (PWSTR)L"Own"),
      STATUS_SUCCESS);
}

static void writing_makes_the_last_key_only(void **state) {
  (void)state;
  assert_int_equal(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES,
                                         L"sample\\Parameters", L"a", REG_NONE,
                                         NULL, 0),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(
      RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)L"sample\\Parameters"),
      STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(
      RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)L"sample"),
      STATUS_SUCCESS);
  assert_int_equal(
      RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)L"sample"),
      STATUS_SUCCESS);
  assert_int_equal(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES,
                                         L"sample\\Parameters", L"a", REG_NONE,
                                         NULL, 0),
                   STATUS_SUCCESS);
}

static void a_written_value_is_deleted(void **state) {
  ULONG number = 1;

  (void)state;
  assert_int_equal(
      RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, L"sample", L"a"),
      STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, L"sample", L"a",
                                         REG_DWORD, &number, sizeof(number)),
                   STATUS_SUCCESS);
  assert_int_equal(
      RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, L"sample", L"A"),
      STATUS_SUCCESS);
  assert_int_equal(
      RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, L"sample", L"a"),
      STATUS_OBJECT_NAME_NOT_FOUND);
}

/* Handles stay open, except that RtlCheckRegistryKey closes its own. */
static void a_handle_stands_for_a_path(void **state) {
  HANDLE key = make(SAMPLE), reader;
  ULONG number = 1;

  (void)state;
  assert_int_equal(open_at(NULL, SAMPLE, KEY_READ, &reader), STATUS_SUCCESS);
  assert_int_equal(RtlWriteRegistryValue(RTL_REGISTRY_HANDLE, (PCWSTR)reader,
                                         L"a", REG_DWORD, &number, 4),
                   STATUS_ACCESS_DENIED);
  assert_int_equal(RtlWriteRegistryValue(RTL_REGISTRY_HANDLE, (PCWSTR)key, L"a",
                                         REG_DWORD, &number, 4),
                   STATUS_SUCCESS);
  assert_int_equal(
      RtlDeleteRegistryValue(RTL_REGISTRY_HANDLE, (PCWSTR)reader, L"a"),
      STATUS_ACCESS_DENIED);
  assert_int_equal(
      RtlDeleteRegistryValue(RTL_REGISTRY_HANDLE, (PCWSTR)key, L"a"),
      STATUS_SUCCESS);
  assert_int_equal(RtlCheckRegistryKey(RTL_REGISTRY_HANDLE, (PWSTR)reader),
                   STATUS_SUCCESS);
  assert_int_equal(ZwFlushKey(reader), STATUS_INVALID_HANDLE);
  shut(key);
}

static void the_path_a_driver_gets_can_be_opened_at_once(void **state) {
  (void)state;
  assert_int_equal(RtlWriteRegistryValue(RTL_REGISTRY_ABSOLUTE, SAMPLE, L"a",
                                         REG_SZ, (PVOID)L"x", 4),
                   STATUS_SUCCESS);
  assert_int_equal(RtlDeleteRegistryValue(RTL_REGISTRY_ABSOLUTE, SAMPLE, L"a"),
                   STATUS_SUCCESS);
}

/* ---- a driver's keys ---------------------------------------------------- */

static NTSTATUS entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
  UCHAR buffer[256];
  PKEY_VALUE_PARTIAL_INFORMATION value = (PVOID)buffer;
  OBJECT_ATTRIBUTES attributes;
  HANDLE key;
  ULONG length;

  (void)driver;
  InitializeObjectAttributes(&attributes, path, OBJ_KERNEL_HANDLE, NULL, NULL);
  assert_int_equal(ZwOpenKey(&key, KEY_READ, &attributes), STATUS_SUCCESS);
  assert_int_equal(ZwQueryValueKey(key, STR(L"Type"),
                                   KeyValuePartialInformation, buffer,
                                   sizeof(buffer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(value->Type, REG_DWORD);
  assert_int_equal(value->Data[0], 1);
  assert_int_equal(ZwQueryValueKey(key, STR(L"ImagePath"),
                                   KeyValuePartialInformation, buffer,
                                   sizeof(buffer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(value->Type, REG_EXPAND_SZ);
  assert_memory_equal(value->Data,
                      L"\\SystemRoot\\System32\\drivers\\sample.sys",
                      value->DataLength);
  assert_int_equal(value->DataLength,
                   sizeof(L"\\SystemRoot\\System32\\drivers\\sample.sys"));
  shut(key);
  return STATUS_SUCCESS;
}

static VOID unload(PDRIVER_OBJECT driver) {
  (void)driver;
}

static NTSTATUS plain_entry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
  (void)driver;
  (void)path;
  return STATUS_SUCCESS;
}

static PDRIVER_OBJECT load(void) {
  PDRIVER_OBJECT driver = NULL;

  assert_int_equal(uwsk_load_driver("sample", entry, &driver), STATUS_SUCCESS);
  driver->DriverUnload = unload;
  return driver;
}

static void a_driver_finds_the_key_of_its_service(void **state) {
  PDRIVER_OBJECT driver = load();

  (void)state;
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  /* It stays installed, and can be loaded again. */
  assert_int_equal(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, (PWSTR)L"sample"),
                   STATUS_SUCCESS);
  driver = load();
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

static void what_was_there_before_stays(void **state) {
  UCHAR buffer[64];
  PKEY_VALUE_PARTIAL_INFORMATION value = (PVOID)buffer;
  HANDLE key = make(SAMPLE);
  PDRIVER_OBJECT driver;
  ULONG length;

  (void)state;
  assert_int_equal(set_dword(key, L"Start", 0), STATUS_SUCCESS);
  driver = load();
  assert_int_equal(ZwQueryValueKey(key, STR(L"Start"),
                                   KeyValuePartialInformation, buffer,
                                   sizeof(buffer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(value->Data[0], 0);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  shut(key);
}

static void parameters_are_read_only_and_may_be_missing(void **state) {
  PDRIVER_OBJECT driver = load();
  HANDLE key;

  (void)state;
  assert_int_equal(IoOpenDriverRegistryKey(driver, DriverRegKeyParameters,
                                           KEY_READ, 0, &key),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  shut(make(SAMPLE L"\\Parameters"));
  assert_int_equal(IoOpenDriverRegistryKey(driver, DriverRegKeyParameters,
                                           KEY_WRITE, 0, &key),
                   STATUS_ACCESS_DENIED);
  assert_int_equal(IoOpenDriverRegistryKey(driver, DriverRegKeyParameters,
                                           MAXIMUM_ALLOWED, 0, &key),
                   STATUS_SUCCESS);
  assert_int_equal(set_dword(key, L"a", 1), STATUS_ACCESS_DENIED);
  shut(key);
  assert_int_equal(IoOpenDriverRegistryKey(driver, DriverRegKeyParameters,
                                           GENERIC_READ, 0, &key),
                   STATUS_SUCCESS);
  shut(key);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

static void state_is_made_and_kept(void **state) {
  static const DRIVER_REGKEY_TYPE types[] = {DriverRegKeyPersistentState,
                                             DriverRegKeySharedPersistentState};
  PDRIVER_OBJECT driver = load();
  HANDLE key;

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(types); i++) {
    assert_int_equal(
        IoOpenDriverRegistryKey(driver, types[i], KEY_ALL_ACCESS, 0, &key),
        STATUS_SUCCESS);
    assert_int_equal(set_dword(key, L"a", 1), STATUS_SUCCESS);
    shut(key);
    assert_int_equal(
        IoOpenDriverRegistryKey(driver, types[i], KEY_SET_VALUE, 0, &key),
        STATUS_SUCCESS);
    assert_int_equal(ZwDeleteValueKey(key, STR(L"a")), STATUS_SUCCESS);
    shut(key);
  }
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

static void calls_that_make_no_sense_are_refused(void **state) {
  PDRIVER_OBJECT driver = load();
  HANDLE key;

  (void)state;
  assert_int_equal(IoOpenDriverRegistryKey(driver, DriverRegKeyPersistentState,
                                           KEY_READ, 1, &key),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(
      IoOpenDriverRegistryKey(driver, (DRIVER_REGKEY_TYPE)3, KEY_READ, 0, &key),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(IoOpenDriverRegistryKey(NULL, DriverRegKeyPersistentState,
                                           KEY_READ, 0, &key),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(IoOpenDriverRegistryKey(driver, DriverRegKeyPersistentState,
                                           KEY_READ, 0, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

static void loading_without_memory_fails_whole(void **state) {
  PDRIVER_OBJECT driver;
  NTSTATUS status = STATUS_UNSUCCESSFUL;
  unsigned nth;

  (void)state;
  for (nth = 1; !NT_SUCCESS(status); nth++) {
    HANDLE key;

    assert_true(nth < 100);
    /* What one attempt has made is not what the next has to make. */
    if (NT_SUCCESS(open_at(NULL, SAMPLE, DELETE, &key))) {
      assert_int_equal(ZwDeleteKey(key), STATUS_SUCCESS);
      shut(key);
    }
    uwsk_fault_allocation(nth);
    status = uwsk_load_driver("sample", plain_entry, &driver);
    uwsk_fault_allocation(0);
    if (!NT_SUCCESS(status))
      assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
  }
  assert_true(nth > 10); /* the key and its five values among them */
  driver->DriverUnload = unload;
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(every_base_is_a_key),
      KERNEL_TEST(writing_makes_the_last_key_only),
      KERNEL_TEST(a_written_value_is_deleted),
      KERNEL_TEST(a_handle_stands_for_a_path),
      KERNEL_TEST(the_path_a_driver_gets_can_be_opened_at_once),
      KERNEL_TEST(a_driver_finds_the_key_of_its_service),
      KERNEL_TEST(what_was_there_before_stays),
      KERNEL_TEST(parameters_are_read_only_and_may_be_missing),
      KERNEL_TEST(state_is_made_and_kept),
      KERNEL_TEST(calls_that_make_no_sense_are_refused),
      KERNEL_TEST(loading_without_memory_fails_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
