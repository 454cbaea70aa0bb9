/* What drivers use less of strings, memory, time, versions and GUIDs. Pages:
 * ddi/wdm/nf-wdm-<name>, ddi/ntddk/…, ddi/ntifs/…. */
#include <initguid.h>

#include <ntifs.h>

#include "kernel_test.h"

#include <string.h>

#include "os/os.h"

static UNICODE_STRING text(PCWSTR from) {
  UNICODE_STRING string;

  RtlInitUnicodeString(&string, from);
  return string;
}

/* ---- GUIDs ------------------------------------------------------------- */

DEFINE_GUID(GUID_OF_TEST, 0x12345678, 0x9abc, 0xdef0, 0x01, 0x23, 0x45, 0x67,
            0x89, 0xab, 0xcd, 0xef);

static void a_guid_becomes_text_and_comes_back(void **state) {
  UNICODE_STRING expected = text(L"{12345678-9abc-def0-0123-456789abcdef}");
  UNICODE_STRING upper = text(L"{12345678-9ABC-DEF0-0123-456789ABCDEF}");
  UNICODE_STRING string;
  GUID guid;
  (void)state;
  assert_int_equal(RtlStringFromGUID(&GUID_OF_TEST, &string), STATUS_SUCCESS);
  assert_true(RtlEqualUnicodeString(&string, &expected, FALSE));
  assert_int_equal(string.Buffer[string.Length / sizeof(WCHAR)], 0);
  assert_int_equal(RtlGUIDFromString(&string, &guid), STATUS_SUCCESS);
  assert_true(IsEqualGUID(&guid, &GUID_OF_TEST));
  assert_int_equal(RtlGUIDFromString(&upper, &guid), STATUS_SUCCESS);
  assert_true(IsEqualGUID(&guid, &GUID_OF_TEST));
  RtlFreeUnicodeString(&string);
  os__alloc_fail_nth(1);
  assert_int_equal(RtlStringFromGUID(&GUID_OF_TEST, &string), STATUS_NO_MEMORY);
}

static void what_is_no_guid_is_refused(void **state) {
  static const PCWSTR wrong[] = {L"",
                                 L"12345678-9abc-def0-0123-456789abcdef",
                                 L"{12345678-9abc-def0-0123-456789abcdeg}",
                                 L"{12345678+9abc-def0-0123-456789abcdef}",
                                 L"{12345678-9abc-def0-0123-456789abcdef ",
                                 L"{12345678-9abc-def0-0123-456789abcdef}}"};
  GUID guid;
  (void)state;
  for (unsigned i = 0; i < RTL_NUMBER_OF(wrong); i++) {
    UNICODE_STRING string = text(wrong[i]);

    assert_int_equal(RtlGUIDFromString(&string, &guid),
                     STATUS_INVALID_PARAMETER);
  }
}

static void every_uuid_is_a_new_one(void **state) {
  static UUID uuids[200];
  (void)state;
  for (int i = 0; i < 200; i++) {
    assert_int_equal(ExUuidCreate(&uuids[i]), STATUS_SUCCESS);
    assert_int_equal(uuids[i].Data4[0] & 0xC0, 0x80);
    for (int j = 0; j < i; j++)
      assert_false(IsEqualGUID(&uuids[i], &uuids[j]));
  }
}

/* ---- strings ----------------------------------------------------------- */

static void byte_strings_are_appended_and_raised(void **state) {
  CHAR room[8] = "ab";
  STRING string = {2, 6, room}, more, upper;
  (void)state;
  RtlInitString(&more, "cdef");
  assert_int_equal(RtlAppendStringToString(&string, &more), STATUS_SUCCESS);
  assert_int_equal(string.Length, 6);
  assert_memory_equal(room, "abcdef", 7);
  assert_int_equal(RtlAppendStringToString(&string, &more),
                   STATUS_BUFFER_TOO_SMALL);
  upper = (STRING){0, 4, room};
  RtlUpperString(&upper, &more);
  assert_memory_equal(room, "CDEFef", 6);
}

static void strings_are_lowered_and_duplicated(void **state) {
  UNICODE_STRING from = text(L"\\Device\\TCP"), lower, copy;
  UNICODE_STRING expected = text(L"\\device\\tcp"), none = {0, 0, NULL};
  (void)state;
  assert_int_equal(RtlDowncaseUnicodeString(&lower, &from, TRUE),
                   STATUS_SUCCESS);
  assert_true(RtlEqualUnicodeString(&lower, &expected, FALSE));
  RtlFreeUnicodeString(&lower);
  lower = (UNICODE_STRING){0, 2, NULL};
  assert_int_equal(RtlDowncaseUnicodeString(&lower, &from, FALSE),
                   STATUS_BUFFER_OVERFLOW);

  assert_int_equal(
      RtlDuplicateUnicodeString(RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE,
                                &from, &copy),
      STATUS_SUCCESS);
  assert_true(RtlEqualUnicodeString(&copy, &from, FALSE));
  assert_int_equal(copy.Buffer[copy.Length / sizeof(WCHAR)], 0);
  RtlFreeUnicodeString(&copy);
  assert_int_equal(RtlDuplicateUnicodeString(0, &none, &copy), STATUS_SUCCESS);
  assert_null(copy.Buffer);
  assert_int_equal(RtlDuplicateUnicodeString(3, &none, &copy), STATUS_SUCCESS);
  assert_int_equal(copy.MaximumLength, sizeof(WCHAR));
  RtlFreeUnicodeString(&copy);
  assert_int_equal(RtlDuplicateUnicodeString(2, &none, &copy),
                   STATUS_INVALID_PARAMETER);
  assert_true(RtlCreateUnicodeString(&copy, L"abc"));
  assert_int_equal(copy.Length, 6);
  RtlFreeUnicodeString(&copy);
  os__alloc_fail_nth(1);
  assert_false(RtlCreateUnicodeString(&copy, L"abc"));
  os__alloc_fail_nth(1);
  assert_int_equal(RtlDowncaseUnicodeString(&copy, &from, TRUE),
                   STATUS_NO_MEMORY);
}

static void a_suffix_is_found_at_the_end_only(void **state) {
  UNICODE_STRING name = text(L"driver.SYS"), end = text(L".sys");
  UNICODE_STRING begin = text(L"driver"), empty = text(L"");
  (void)state;
  assert_true(RtlSuffixUnicodeString(&end, &name, TRUE));
  assert_false(RtlSuffixUnicodeString(&end, &name, FALSE));
  assert_false(RtlSuffixUnicodeString(&begin, &name, TRUE));
  assert_false(RtlSuffixUnicodeString(&name, &end, TRUE));
  assert_true(RtlSuffixUnicodeString(&empty, &name, FALSE));
}

static void a_hash_is_that_of_x65599(void **state) {
  UNICODE_STRING lower = text(L"ab"), upper = text(L"AB");
  ULONG first, second;
  (void)state;
  assert_int_equal(RtlHashUnicodeString(&lower, FALSE,
                                        HASH_STRING_ALGORITHM_DEFAULT, &first),
                   STATUS_SUCCESS);
  assert_int_equal(first, 'a' * 65599u + 'b');
  RtlHashUnicodeString(&lower, TRUE, HASH_STRING_ALGORITHM_X65599, &first);
  RtlHashUnicodeString(&upper, TRUE, HASH_STRING_ALGORITHM_X65599, &second);
  assert_int_equal(first, second);
  assert_int_equal(
      RtlHashUnicodeString(&lower, TRUE, HASH_STRING_ALGORITHM_INVALID, &first),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlHashUnicodeString(NULL, TRUE, 0, &first),
                   STATUS_INVALID_PARAMETER);
}

static void numbers_are_read_from_text(void **state) {
  static const struct {
    PCSZ from;
    ULONG base, value;
  } rows[] = {{"42", 0, 42},       {"0x2A", 0, 42},       {"0o52", 0, 42},
              {"0b101010", 0, 42}, {" -1", 10, MAXULONG}, {"+7x", 10, 7},
              {"ff", 16, 255},     {"", 10, 0},           {"0", 0, 0}};
  UNICODE_STRING wide = text(L"  -9223372036854775808,");
  LONG64 number;
  PWSTR end;
  ULONG value;
  (void)state;
  for (unsigned i = 0; i < RTL_NUMBER_OF(rows); i++) {
    assert_int_equal(RtlCharToInteger(rows[i].from, rows[i].base, &value),
                     STATUS_SUCCESS);
    assert_int_equal(value, rows[i].value);
  }
  assert_int_equal(RtlCharToInteger("1", 3, &value), STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlUnicodeStringToInt64(&wide, 10, &number, &end),
                   STATUS_SUCCESS);
  assert_true(number == INT64_MIN);
  assert_int_equal(*end, L',');
  wide = text(L"9223372036854775808");
  assert_int_equal(RtlUnicodeStringToInt64(&wide, 10, &number, NULL),
                   STATUS_BUFFER_OVERFLOW);
  wide = text(L"none");
  assert_int_equal(RtlUnicodeStringToInt64(&wide, 10, &number, NULL),
                   STATUS_NO_DATA_DETECTED);
}

static void sizes_of_converted_text_are_told(void **state) {
  ULONG bytes = 7;
  (void)state;
  assert_int_equal(RtlUnicodeToMultiByteSize(&bytes, L"a\u00e4", 4),
                   STATUS_SUCCESS);
  assert_int_equal(bytes, 3);
  assert_int_equal(RtlMultiByteToUnicodeSize(&bytes, "a\xc3\xa4", 3),
                   STATUS_SUCCESS);
  assert_int_equal(bytes, 4);
  RtlMultiByteToUnicodeSize(&bytes, NULL, 0);
  assert_int_equal(bytes, 0);
}

/* ---- memory ------------------------------------------------------------ */

static void memory_is_filled_compared_and_summed_up(void **state) {
  ULONG words[4] = {0};
  (void)state;
  assert_true(RtlIsZeroMemory(words, sizeof(words)));
  RtlFillMemoryUlong(words, 11, 0xA5A5A5A5); /* two whole ones */
  assert_int_equal(words[1], 0xA5A5A5A5);
  assert_int_equal(words[2], 0);
  assert_int_equal(RtlCompareMemoryUlong(words, sizeof(words), 0xA5A5A5A5), 8);
  assert_false(RtlIsZeroMemory(words, sizeof(words)));
  RtlPrefetchMemoryNonTemporal(words, sizeof(words));
  /* The check value of this checksum. */
  assert_int_equal(RtlCrc32("123456789", 9, 0), 0xCBF43926);
  assert_int_equal(RtlCrc32("6789", 4, RtlCrc32("12345", 5, 0)), 0xCBF43926);
}

/* ---- time -------------------------------------------------------------- */

static void seconds_count_from_1970_and_1980(void **state) {
  LARGE_INTEGER time;
  TIME_FIELDS fields;
  ULONG seconds;
  (void)state;
  RtlSecondsSince1970ToTime(1000000000, &time);
  RtlTimeToTimeFields(&time, &fields);
  assert_int_equal(fields.Year, 2001);
  assert_int_equal(fields.Month, 9);
  assert_int_equal(fields.Day, 9);
  time.QuadPart += 9999999; /* a second is not over yet */
  assert_true(RtlTimeToSecondsSince1970(&time, &seconds));
  assert_int_equal(seconds, 1000000000);
  assert_true(RtlTimeToSecondsSince1980(&time, &seconds));
  assert_int_equal(seconds, 1000000000 - 315532800);
  RtlSecondsSince1980ToTime(0, &time);
  assert_true(RtlTimeToSecondsSince1970(&time, &seconds));
  assert_int_equal(seconds, 315532800);
  RtlSecondsSince1970ToTime(MAXULONG, &time);
  time.QuadPart += 10000000;
  assert_false(RtlTimeToSecondsSince1970(&time, &seconds));
  time.QuadPart = 0;
  assert_false(RtlTimeToSecondsSince1970(&time, &seconds));
  assert_false(RtlTimeToSecondsSince1980(&time, &seconds));
}

/* ---- versions ---------------------------------------------------------- */

static void the_version_is_windows_10_of_2020(void **state) {
  ULONG major, minor, build;
  UNICODE_STRING pack;
  (void)state;
  assert_true(RtlIsNtDdiVersionAvailable(NTDDI_WIN7));
  assert_true(RtlIsNtDdiVersionAvailable(NTDDI_WIN10));
  assert_true(RtlIsNtDdiVersionAvailable(NTDDI_WIN10_VB));
  assert_false(RtlIsNtDdiVersionAvailable(NTDDI_WIN10_CO));
  assert_false(RtlIsNtDdiVersionAvailable(NTDDI_VISTASP1)); /* a pack */
  assert_false(RtlIsServicePackVersionInstalled(NTDDI_VISTASP1));
  assert_false(PsGetVersion(&major, &minor, &build, &pack));
  assert_int_equal(major, 10);
  assert_int_equal(minor, 0);
  assert_int_equal(build, 19041);
  assert_int_equal(pack.Length, 0);
  assert_false(PsGetVersion(NULL, NULL, NULL, NULL));
}

static NTSTATUS verify(ULONG major, ULONG minor, UCHAR condition) {
  RTL_OSVERSIONINFOEXW wanted = {.dwMajorVersion = major,
                                 .dwMinorVersion = minor};
  ULONGLONG mask = 0;

  VER_SET_CONDITION(mask, VER_MAJORVERSION, condition);
  VER_SET_CONDITION(mask, VER_MINORVERSION, condition);
  return RtlVerifyVersionInfo(&wanted, VER_MAJORVERSION | VER_MINORVERSION,
                              mask);
}

static void versions_are_compared_from_left_to_right(void **state) {
  (void)state;
  assert_int_equal(verify(6, 3, VER_GREATER_EQUAL), STATUS_SUCCESS);
  assert_int_equal(verify(10, 0, VER_GREATER_EQUAL), STATUS_SUCCESS);
  assert_int_equal(verify(10, 1, VER_GREATER_EQUAL), STATUS_REVISION_MISMATCH);
  assert_int_equal(verify(10, 0, VER_GREATER), STATUS_REVISION_MISMATCH);
  assert_int_equal(verify(10, 0, VER_EQUAL), STATUS_SUCCESS);
  assert_int_equal(verify(11, 0, VER_LESS), STATUS_SUCCESS);
  assert_int_equal(verify(6, 9, VER_LESS_EQUAL), STATUS_REVISION_MISMATCH);
}

static void other_members_have_their_own_conditions(void **state) {
  RTL_OSVERSIONINFOEXW wanted = {.dwBuildNumber = 17763,
                                 .wProductType = VER_NT_SERVER};
  ULONGLONG mask = VerSetConditionMask(0, VER_BUILDNUMBER, VER_GREATER_EQUAL);
  (void)state;
  assert_int_equal(RtlVerifyVersionInfo(&wanted, VER_BUILDNUMBER, mask),
                   STATUS_SUCCESS);
  mask = VerSetConditionMask(mask, VER_PRODUCT_TYPE, VER_EQUAL);
  assert_int_equal(
      RtlVerifyVersionInfo(&wanted, VER_BUILDNUMBER | VER_PRODUCT_TYPE, mask),
      STATUS_REVISION_MISMATCH);
  wanted.wProductType = VER_NT_WORKSTATION;
  assert_int_equal(
      RtlVerifyVersionInfo(&wanted, VER_BUILDNUMBER | VER_PRODUCT_TYPE, mask),
      STATUS_SUCCESS);
  assert_int_equal(
      RtlVerifyVersionInfo(&wanted, VER_SUITENAME,
                           VerSetConditionMask(0, VER_SUITENAME, VER_EQUAL)),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlVerifyVersionInfo(&wanted, 0, mask),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlVerifyVersionInfo(&wanted, VER_MAJORVERSION, mask),
                   STATUS_INVALID_PARAMETER);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_guid_becomes_text_and_comes_back),
      KERNEL_TEST(what_is_no_guid_is_refused),
      KERNEL_TEST(every_uuid_is_a_new_one),
      KERNEL_TEST(byte_strings_are_appended_and_raised),
      KERNEL_TEST(strings_are_lowered_and_duplicated),
      KERNEL_TEST(a_suffix_is_found_at_the_end_only),
      KERNEL_TEST(a_hash_is_that_of_x65599),
      KERNEL_TEST(numbers_are_read_from_text),
      KERNEL_TEST(sizes_of_converted_text_are_told),
      KERNEL_TEST(memory_is_filled_compared_and_summed_up),
      KERNEL_TEST(seconds_count_from_1970_and_1980),
      KERNEL_TEST(the_version_is_windows_10_of_2020),
      KERNEL_TEST(versions_are_compared_from_left_to_right),
      KERNEL_TEST(other_members_have_their_own_conditions),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
