/* uwsk/registry.h: what tests and hosts put there and read back. */
#include "cm_test.h"

#include <stdint.h>
#include <string.h>

#include "uwsk/fault.h"
#include "uwsk/registry.h"

#define KEY "sample\\Parameters"

static ULONG read_value(PCWSTR name, UCHAR *data, ULONG size, ULONG *type) {
  UCHAR buffer[256];
  PKEY_VALUE_PARTIAL_INFORMATION value = (PVOID)buffer;
  UNICODE_STRING string;
  HANDLE key;
  ULONG length;

  assert_int_equal(open_at(NULL, SAMPLE L"\\Parameters", KEY_READ, &key),
                   STATUS_SUCCESS);
  assert_int_equal(ZwQueryValueKey(key, str(&string, name),
                                   KeyValuePartialInformation, buffer,
                                   sizeof(buffer), &length),
                   STATUS_SUCCESS);
  shut(key);
  assert_true(value->DataLength <= size);
  memcpy(data, value->Data, value->DataLength);
  *type = value->Type;
  return value->DataLength;
}

static void expect_seen(PCWSTR name, ULONG type, const void *data, ULONG size) {
  UCHAR found[256];
  ULONG found_type;

  assert_int_equal(read_value(name, found, sizeof(found), &found_type), size);
  assert_int_equal(found_type, type);
  assert_memory_equal(found, data, size);
}

static void drivers_see_what_hosts_set(void **state) {
  static const char *const list[] = {"one", "zw\xC3\xB6lf"};
  static const ULONG number = 0x11223344;
  static const ULONGLONG large = 0x1122334455667788;

  (void)state;
  assert_int_equal(
      uwsk_registry_set_string(KEY, "s", "\xC3\xA4\xF0\x9F\x98\x80"),
      STATUS_SUCCESS);
  expect_seen(L"s", REG_SZ, L"\u00e4\xD83D\xDE00", 8);
  assert_int_equal(uwsk_registry_set_expand_string(KEY, "e", "%x%"),
                   STATUS_SUCCESS);
  expect_seen(L"e", REG_EXPAND_SZ, L"%x%", 8);
  assert_int_equal(uwsk_registry_set_strings(KEY, "l", list, 2),
                   STATUS_SUCCESS);
  expect_seen(L"l", REG_MULTI_SZ, L"one\0zw\u00f6lf\0", 22);
  assert_int_equal(uwsk_registry_set_strings(KEY, "l", NULL, 0),
                   STATUS_SUCCESS);
  expect_seen(L"l", REG_MULTI_SZ, L"", 2);
  assert_int_equal(uwsk_registry_set_dword(KEY, "d", number), STATUS_SUCCESS);
  expect_seen(L"d", REG_DWORD, &number, 4);
  assert_int_equal(uwsk_registry_set_qword(KEY, "q", large), STATUS_SUCCESS);
  expect_seen(L"q", REG_QWORD, &large, 8);
  assert_int_equal(uwsk_registry_set_binary(KEY, "b", "123", 3),
                   STATUS_SUCCESS);
  expect_seen(L"b", REG_BINARY, "123", 3);
  assert_int_equal(uwsk_registry_set(KEY, NULL, 77, NULL, 0), STATUS_SUCCESS);
  expect_seen(L"", 77, "", 0);
}

static void a_key_has_three_spellings(void **state) {
  (void)state;
  assert_int_equal(uwsk_registry_set_dword("sample", "a", 1), STATUS_SUCCESS);
  assert_true(uwsk_registry_key_exists("SAMPLE"));
  assert_true(uwsk_registry_key_exists(
      "HKEY_LOCAL_MACHINE\\System\\CurrentControlSet\\Services\\sample"));
  assert_true(uwsk_registry_key_exists(
      "hklm\\System\\CurrentControlSet\\Services\\sample"));
  assert_true(uwsk_registry_key_exists(
      "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\sample"));
  assert_true(uwsk_registry_key_exists("HKCU"));
  assert_false(uwsk_registry_key_exists("HKCR"));
  assert_int_equal(uwsk_registry_create_key("HKCR\\.own"), STATUS_SUCCESS);
  assert_true(uwsk_registry_key_exists("HKLM\\Software\\Classes\\.own"));
  assert_int_equal(uwsk_registry_create_key("HKCC\\Software"), STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_create_key("HKU\\S-1-5-18"), STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_create_key("HKLM\\Own"), STATUS_SUCCESS);
}

static void values_are_read_back(void **state) {
  char text[8];
  uint32_t number;
  uint64_t large;
  unsigned type;
  UCHAR data[4];
  size_t size;

  (void)state;
  assert_int_equal(uwsk_registry_set_string(KEY, "s", "\xC3\xA4pfel"),
                   STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_set_dword(KEY, "d", 7), STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_set_qword(KEY, "q", 8), STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_get_string(KEY, "S", text, sizeof(text)),
                   STATUS_SUCCESS);
  assert_string_equal(text, "\xC3\xA4pfel");
  assert_int_equal(uwsk_registry_get_string(KEY, "s", text, 6),
                   STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(uwsk_registry_get_string(KEY, "d", text, sizeof(text)),
                   STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(uwsk_registry_get_dword(KEY, "d", &number), STATUS_SUCCESS);
  assert_int_equal(number, 7);
  assert_int_equal(uwsk_registry_get_qword(KEY, "q", &large), STATUS_SUCCESS);
  assert_int_equal(large, 8);
  assert_int_equal(uwsk_registry_get_dword(KEY, "q", &number),
                   STATUS_OBJECT_TYPE_MISMATCH);
  assert_int_equal(uwsk_registry_get_dword(KEY, "none", &number),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(uwsk_registry_get_dword("none", "d", &number),
                   STATUS_OBJECT_NAME_NOT_FOUND);

  size = sizeof(data);
  assert_int_equal(uwsk_registry_get(KEY, "q", &type, data, &size),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(size, 8);
  assert_int_equal(type, REG_QWORD);
  assert_memory_equal(data, "\10\0\0\0", 4);
  size = 0;
  assert_int_equal(uwsk_registry_get(KEY, "d", NULL, NULL, &size),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(size, 4);
  assert_int_equal(uwsk_registry_get(KEY, "d", NULL, data, &size),
                   STATUS_SUCCESS);
  assert_memory_equal(data, "\7\0\0\0", 4);
}

static void a_string_without_its_zero_is_read_back(void **state) {
  char text[8];

  (void)state;
  assert_int_equal(uwsk_registry_set(KEY, "s", REG_SZ, L"abc", 6),
                   STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_get_string(KEY, "s", text, sizeof(text)),
                   STATUS_SUCCESS);
  assert_string_equal(text, "abc");
  assert_int_equal(uwsk_registry_set(KEY, "s", REG_SZ, NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_get_string(KEY, "s", text, 1), STATUS_SUCCESS);
  assert_string_equal(text, "");
  assert_int_equal(uwsk_registry_get_string(KEY, "s", text, 0),
                   STATUS_BUFFER_TOO_SMALL);
}

static void keys_are_deleted_with_all_below_them(void **state) {
  HANDLE key;

  (void)state;
  assert_int_equal(uwsk_registry_set_dword(KEY "\\a\\b", "d", 7),
                   STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_set_dword(KEY "\\c", "d", 7), STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_delete_value(KEY "\\c", "d"), STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_delete_value(KEY "\\c", "d"),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(
      open_at(NULL, SAMPLE L"\\Parameters\\a", KEY_ALL_ACCESS, &key),
      STATUS_SUCCESS);
  assert_int_equal(uwsk_registry_delete_key("sample"), STATUS_SUCCESS);
  assert_false(uwsk_registry_key_exists("sample"));
  assert_int_equal(set_dword(key, L"a", 1), STATUS_KEY_DELETED);
  shut(key);
  assert_int_equal(uwsk_registry_delete_key("sample"),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(uwsk_registry_delete_key("HKLM"), STATUS_CANNOT_DELETE);
}

static void what_makes_no_sense_is_refused(void **state) {
  static const char *const holes[] = {"a", NULL};
  static const char *const empty[] = {"a", ""};
  static char name[16385], path[40000];
  uint32_t number;

  (void)state;
  memset(name, 'a', sizeof(name) - 1);
  memset(path, 'a', sizeof(path) - 1);
  assert_int_equal(uwsk_registry_create_key(NULL), STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_create_key(""), STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_create_key("a\xFF"), STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_create_key(path), STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_create_key("\\Device\\Tcp"),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_create_key("\\"), STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_set_dword(KEY, name, 1),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_set_dword(KEY, "\xC3", 1),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_set_string(KEY, "s", NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_set_string(KEY, "s", "\x80"),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_set_strings(KEY, "s", holes, 2),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_set_strings(KEY, "s", empty, 2),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_set_strings(KEY, "s", NULL, 2),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_set_binary(KEY, "s", NULL, 2),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_get(KEY, "s", NULL, NULL, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_get_dword(KEY, "s", NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_get_string(KEY, "s", NULL, 0),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(uwsk_registry_get_dword(NULL, "s", &number),
                   STATUS_INVALID_PARAMETER);
  assert_false(uwsk_registry_key_exists(NULL));
}

static void it_is_forgotten_with_the_runtime(void **state) {
  (void)state;
  assert_int_equal(uwsk_registry_set_dword(KEY, "d", 7), STATUS_SUCCESS);
  assert_int_equal(uwsk_stop(), 0);
  assert_int_equal(uwsk_registry_set_dword(KEY, "d", 7),
                   STATUS_INVALID_DEVICE_STATE);
  assert_false(uwsk_registry_key_exists("HKLM"));
  assert_int_equal(uwsk_start(NULL), 0);
  assert_false(uwsk_registry_key_exists("sample"));
}

static NTSTATUS set_and_get(void) {
  static const char *const list[] = {"a"};
  char text[8];
  NTSTATUS status = uwsk_registry_set_string(KEY, "s", "text");

  if (NT_SUCCESS(status))
    status = uwsk_registry_set_strings(KEY, "l", list, 1);
  if (NT_SUCCESS(status))
    status = uwsk_registry_get_string(KEY, "s", text, sizeof(text));
  if (NT_SUCCESS(status))
    status = uwsk_registry_delete_value(KEY, "s");
  return NT_SUCCESS(status) ? uwsk_registry_delete_key("sample") : status;
}

static void each_missing_allocation_is_survived(void **state) {
  NTSTATUS status = STATUS_UNSUCCESSFUL;
  unsigned nth;

  (void)state;
  for (nth = 1; !NT_SUCCESS(status); nth++) {
    assert_true(nth < 100);
    uwsk_registry_delete_key("sample");
    uwsk_fault_allocation(nth);
    status = set_and_get();
    uwsk_fault_allocation(0);
    if (!NT_SUCCESS(status))
      assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
  }
  assert_true(nth > 15);
}

static void starting_without_memory_fails_whole(void **state) {
  int result = -1;
  unsigned nth;

  (void)state;
  assert_int_equal(uwsk_stop(), 0);
  for (nth = 1; result != 0; nth++) {
    assert_true(nth < 500);
    uwsk_fault_allocation(nth);
    result = uwsk_start(NULL);
    uwsk_fault_allocation(0);
    if (result != 0)
      assert_int_equal(result, UWSK_START_NO_RESOURCES);
  }
  assert_true(nth > 15); /* one for each key that every Windows has */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(drivers_see_what_hosts_set),
      KERNEL_TEST(a_key_has_three_spellings),
      KERNEL_TEST(values_are_read_back),
      KERNEL_TEST(a_string_without_its_zero_is_read_back),
      KERNEL_TEST(keys_are_deleted_with_all_below_them),
      KERNEL_TEST(what_makes_no_sense_is_refused),
      KERNEL_TEST(it_is_forgotten_with_the_runtime),
      KERNEL_TEST(each_missing_allocation_is_survived),
      KERNEL_TEST(starting_without_memory_fails_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
