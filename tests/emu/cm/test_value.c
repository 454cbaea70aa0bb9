/*
 * Values: set, asked for, deleted.
 *
 * ddi/wdm/nf-wdm-zwqueryvaluekey, -zwenumeratevaluekey, -zwsetvaluekey,
 * -zwdeletevaluekey; ddi/wdm/ns-wdm-_key_value_*,
 * ddi/wdm/ne-wdm-_key_value_information_class.
 */
#include "cm_test.h"

#include <stdint.h>
#include <string.h>

static NTSTATUS query(HANDLE key, PCWSTR name,
                      KEY_VALUE_INFORMATION_CLASS class, PVOID buffer,
                      ULONG size, ULONG *length) {
  UNICODE_STRING string;

  return ZwQueryValueKey(key, str(&string, name), class, buffer, size, length);
}

union answer {
  _Alignas(8) KEY_VALUE_BASIC_INFORMATION basic;
  KEY_VALUE_FULL_INFORMATION full;
  KEY_VALUE_PARTIAL_INFORMATION partial;
  KEY_VALUE_PARTIAL_INFORMATION_ALIGN64 partial64;
  UCHAR bytes[256];
};

/* ---- asked for ---------------------------------------------------------- */

static void each_class_tells_of_the_value(void **state) {
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length;

  (void)state;
  assert_int_equal(set(key, L"Odd", REG_BINARY, "12345", 5), STATUS_SUCCESS);

  assert_int_equal(query(key, L"odd", KeyValueBasicInformation, &answer,
                         sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(length, 12 + 6);
  assert_int_equal(answer.basic.Type, REG_BINARY);
  assert_int_equal(answer.basic.NameLength, 6);
  assert_memory_equal(answer.basic.Name, L"Odd", 6);

  /* 20 bytes and the name are 26: the data begins at 28. */
  assert_int_equal(query(key, L"odd", KeyValueFullInformation, &answer,
                         sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(answer.full.DataOffset, 28);
  assert_int_equal(answer.full.DataLength, 5);
  assert_int_equal(length, 28 + 5);
  assert_memory_equal(answer.full.Name, L"Odd", 6);
  assert_memory_equal(answer.bytes + 28, "12345", 5);

  assert_int_equal(query(key, L"odd", KeyValueFullInformationAlign64, &answer,
                         sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(answer.full.DataOffset, 32);
  assert_int_equal(length, 32 + 5);
  assert_memory_equal(answer.bytes + 32, "12345", 5);

  assert_int_equal(query(key, L"odd", KeyValuePartialInformation, &answer,
                         sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(length, 12 + 5);
  assert_int_equal(answer.partial.Type, REG_BINARY);
  assert_int_equal(answer.partial.DataLength, 5);
  assert_memory_equal(answer.partial.Data, "12345", 5);

  assert_int_equal(query(key, L"odd", KeyValuePartialInformationAlign64,
                         &answer, sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(length, 8 + 5);
  assert_int_equal(answer.partial64.DataLength, 5);
  assert_memory_equal(answer.partial64.Data, "12345", 5);
  shut(key);
}

static void without_data_its_offset_is_minus_one(void **state) {
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length;

  (void)state;
  assert_int_equal(set(key, L"Empty", REG_NONE, NULL, 0), STATUS_SUCCESS);
  assert_int_equal(query(key, L"Empty", KeyValueFullInformation, &answer,
                         sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(answer.full.DataOffset, (ULONG)-1);
  assert_int_equal(answer.full.DataLength, 0);
  assert_int_equal(length, 20 + 10);
  shut(key);
}

static void a_short_buffer_is_too_small_or_overflows(void **state) {
  static const ULONG fixed[] = {
      [KeyValueBasicInformation] = 12,
      [KeyValueFullInformation] = 20,
      [KeyValuePartialInformation] = 12,
      [KeyValueFullInformationAlign64] = 20,
      [KeyValuePartialInformationAlign64] = 8,
  };
  HANDLE key = make(SAMPLE);
  union answer whole, answer;
  ULONG needed, length;

  (void)state;
  assert_int_equal(set(key, L"Name", REG_SZ, L"Text", 10), STATUS_SUCCESS);
  for (int i = 0; i < KeyValueLayerInformation; i++) {
    KEY_VALUE_INFORMATION_CLASS class = (KEY_VALUE_INFORMATION_CLASS)i;

    memset(&whole, 0, sizeof(whole));
    assert_int_equal(query(key, L"Name", class, &whole, sizeof(whole), &needed),
                     STATUS_SUCCESS);
    for (ULONG room = 0; room <= needed; room++) {
      NTSTATUS expected = room < fixed[i] ? STATUS_BUFFER_TOO_SMALL
                          : room < needed ? STATUS_BUFFER_OVERFLOW
                                          : STATUS_SUCCESS;

      memset(&answer, 0, sizeof(answer));
      answer.bytes[room] = 0xA5;
      assert_int_equal(query(key, L"Name", class, &answer, room, &length),
                       expected);
      assert_int_equal(length, needed);
      assert_int_equal(answer.bytes[room], 0xA5);
      if (expected != STATUS_BUFFER_TOO_SMALL)
        assert_memory_equal(answer.bytes, whole.bytes, room);
    }
    assert_int_equal(query(key, L"Name", class, NULL, 0, &length),
                     STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(length, needed);
  }
  shut(key);
}

static void aligned_classes_want_an_aligned_buffer(void **state) {
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length;

  (void)state;
  assert_int_equal(set_dword(key, L"a", 1), STATUS_SUCCESS);
  for (int offset = 1; offset < 8; offset++) {
    assert_int_equal(query(key, L"a", KeyValueFullInformationAlign64,
                           answer.bytes + offset, 64, &length),
                     STATUS_DATATYPE_MISALIGNMENT);
    assert_int_equal(query(key, L"a", KeyValuePartialInformationAlign64,
                           answer.bytes + offset, 64, &length),
                     STATUS_DATATYPE_MISALIGNMENT);
    assert_int_equal(query(key, L"a", KeyValuePartialInformation,
                           answer.bytes + offset, 64, &length),
                     STATUS_SUCCESS);
  }
  shut(key);
}

static void a_class_that_is_not_known_is_refused(void **state) {
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length;

  (void)state;
  assert_int_equal(set_dword(key, L"a", 1), STATUS_SUCCESS);
  for (int class = KeyValueLayerInformation; class <= MaxKeyValueInfoClass;
       class ++) {
    assert_int_equal(query(key, L"a", (KEY_VALUE_INFORMATION_CLASS) class,
                           &answer, sizeof(answer), &length),
                     STATUS_INVALID_PARAMETER);
    assert_int_equal(ZwEnumerateValueKey(key, 0,
                                         (KEY_VALUE_INFORMATION_CLASS) class,
                                         &answer, sizeof(answer), &length),
                     STATUS_INVALID_PARAMETER);
  }
  shut(key);
}

static void a_value_that_is_not_there_is_not_found(void **state) {
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length;

  (void)state;
  assert_int_equal(query(key, L"a", KeyValuePartialInformation, &answer,
                         sizeof(answer), &length),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  assert_int_equal(ZwDeleteValueKey(key, STR(L"a")),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  shut(key);
}

/* The way drivers read a setting: the length first, then the value. */
static void a_value_is_read_in_two_steps(void **state) {
  HANDLE key = make(SAMPLE);
  PKEY_VALUE_PARTIAL_INFORMATION value;
  ULONG length, again;

  (void)state;
  assert_int_equal(set_dword(key, L"Port", 7), STATUS_SUCCESS);
  assert_int_equal(
      query(key, L"Port", KeyValuePartialInformation, NULL, 0, &length),
      STATUS_BUFFER_TOO_SMALL);
  value = ExAllocatePoolWithTag(PagedPool, length, 'tseT');
  assert_non_null(value);
  assert_int_equal(
      query(key, L"Port", KeyValuePartialInformation, value, length, &again),
      STATUS_SUCCESS);
  assert_int_equal(again, length);
  assert_int_equal(value->Type, REG_DWORD);
  assert_int_equal(value->DataLength, sizeof(ULONG));
  assert_int_equal(*(ULONG UNALIGNED *)value->Data, 7);
  ExFreePoolWithTag(value, 'tseT');
  shut(key);
}

/* ---- changed ------------------------------------------------------------ */

static void setting_replaces_and_keeps_the_place(void **state) {
  static const PCWSTR names[] = {L"b", L"a", L"c"};
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length;

  (void)state;
  for (ULONG i = 0; i < 3; i++)
    assert_int_equal(set_dword(key, names[i], i), STATUS_SUCCESS);
  assert_int_equal(set(key, L"A", REG_SZ, L"x", 4), STATUS_SUCCESS);
  for (ULONG i = 0; i < 3; i++) {
    assert_int_equal(ZwEnumerateValueKey(key, i, KeyValueFullInformation,
                                         &answer, sizeof(answer), &length),
                     STATUS_SUCCESS);
    assert_int_equal(answer.full.Type, i == 1 ? REG_SZ : REG_DWORD);
  }
  assert_int_equal(ZwEnumerateValueKey(key, 3, KeyValueFullInformation, &answer,
                                       sizeof(answer), &length),
                   STATUS_NO_MORE_ENTRIES);
  assert_int_equal(ZwDeleteValueKey(key, STR(L"B")), STATUS_SUCCESS);
  assert_int_equal(ZwEnumerateValueKey(key, 0, KeyValueBasicInformation,
                                       &answer, sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_memory_equal(answer.basic.Name, L"A", 2);
  shut(key);
}

static void a_key_has_one_value_without_a_name(void **state) {
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length, number = 5;

  (void)state;
  assert_int_equal(ZwSetValueKey(key, NULL, 0, REG_DWORD, &number, 4),
                   STATUS_SUCCESS);
  assert_int_equal(query(key, L"", KeyValuePartialInformation, &answer,
                         sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(answer.partial.Data[0], 5);
  assert_int_equal(ZwDeleteValueKey(key, STR(L"")), STATUS_SUCCESS);
  shut(key);
}

/* Strings whose Length counts the zero are made by hand, and common. */
static void the_zero_of_a_name_does_not_count(void **state) {
  UNICODE_STRING name = {4, 4, (PWSTR)L"a"};
  HANDLE key = make(SAMPLE);
  union answer answer;
  ULONG length, number = 5;

  (void)state;
  assert_int_equal(ZwSetValueKey(key, &name, 0, REG_DWORD, &number, 4),
                   STATUS_SUCCESS);
  assert_int_equal(query(key, L"a", KeyValueBasicInformation, &answer,
                         sizeof(answer), &length),
                   STATUS_SUCCESS);
  assert_int_equal(answer.basic.NameLength, 2);
  assert_int_equal(ZwDeleteValueKey(key, &name), STATUS_SUCCESS);
  shut(key);
}

static void names_have_at_most_16383_characters(void **state) {
  static WCHAR text[16384];
  UNICODE_STRING name = {sizeof(text), sizeof(text), text};
  HANDLE key = make(SAMPLE);

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(text); i++)
    text[i] = L'a';
  assert_int_equal(ZwSetValueKey(key, &name, 0, REG_NONE, NULL, 0),
                   STATUS_INVALID_PARAMETER);
  name.Length -= sizeof(WCHAR);
  assert_int_equal(ZwSetValueKey(key, &name, 0, REG_NONE, NULL, 0),
                   STATUS_SUCCESS);
  assert_int_equal(
      ZwSetValueKey(key, STR(L"big"), 0, REG_NONE, text, 0x80000000),
      STATUS_INSUFFICIENT_RESOURCES);
  shut(key);
}

static void a_change_is_a_write(void **state) {
  HANDLE key = make(SAMPLE);
  KEY_BASIC_INFORMATION before, after;
  LARGE_INTEGER now;
  ULONG length;

  (void)state;
  assert_int_equal(
      ZwQueryKey(key, KeyBasicInformation, &before, sizeof(before), &length),
      STATUS_BUFFER_OVERFLOW);
  do
    KeQuerySystemTime(&now);
  while (now.QuadPart <= before.LastWriteTime.QuadPart);
  assert_int_equal(set_dword(key, L"a", 1), STATUS_SUCCESS);
  assert_int_equal(
      ZwQueryKey(key, KeyBasicInformation, &after, sizeof(after), &length),
      STATUS_BUFFER_OVERFLOW);
  assert_true(after.LastWriteTime.QuadPart > before.LastWriteTime.QuadPart);
  shut(key);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(each_class_tells_of_the_value),
      KERNEL_TEST(without_data_its_offset_is_minus_one),
      KERNEL_TEST(a_short_buffer_is_too_small_or_overflows),
      KERNEL_TEST(aligned_classes_want_an_aligned_buffer),
      KERNEL_TEST(a_class_that_is_not_known_is_refused),
      KERNEL_TEST(a_value_that_is_not_there_is_not_found),
      KERNEL_TEST(a_value_is_read_in_two_steps),
      KERNEL_TEST(setting_replaces_and_keeps_the_place),
      KERNEL_TEST(a_key_has_one_value_without_a_name),
      KERNEL_TEST(the_zero_of_a_name_does_not_count),
      KERNEL_TEST(names_have_at_most_16383_characters),
      KERNEL_TEST(a_change_is_a_write),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
