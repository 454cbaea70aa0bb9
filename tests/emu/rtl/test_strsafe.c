/* The safe string functions: exact statuses, always a terminator. */
#include <ntddk.h>
#include <ntstrsafe.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static CHAR text[16];
static WCHAR wide[16];

static int clear(void **state) {
  (void)state;
  memset(text, '!', sizeof(text));
  memset(wide, '!', sizeof(wide));
  return 0;
}

#define UNTOUCHED ((WCHAR)0x2121)

/* Defends against writing behind the buffer, against a missing terminator and
 * against truncation that nobody hears of. */
static void copy_truncates_and_says_so(void **state) {
  (void)state;
  assert_int_equal(RtlStringCchCopyA(text, 4, "abc"), STATUS_SUCCESS);
  assert_memory_equal(text, "abc\0!", 5);
  clear(NULL);
  assert_int_equal(RtlStringCchCopyA(text, 4, "abcd"), STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(text, "abc\0!", 5);
  clear(NULL);
  assert_int_equal(RtlStringCbCopyA(text, 1, "abcd"), STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(text, "\0!", 2);
  assert_int_equal(RtlStringCchCopyA(text, 1, ""), STATUS_SUCCESS);
}

/* Defends against bytes taken for characters. */
static void cb_counts_bytes_and_cch_characters(void **state) {
  (void)state;
  assert_int_equal(RtlStringCbCopyW(wide, 8, L"abc"), STATUS_SUCCESS);
  assert_memory_equal(wide, L"abc", 8);
  clear(NULL);
  assert_int_equal(RtlStringCbCopyW(wide, 7, L"abc"), STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(wide, L"ab", 6);
  assert_int_equal(wide[3], UNTOUCHED);
  clear(NULL);
  assert_int_equal(RtlStringCchCopyW(wide, 4, L"abcd"), STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(wide, L"abc", 8);
  assert_int_equal(wide[4], UNTOUCHED);
  assert_int_equal(RtlStringCbCopyW(wide, 1, L""), STATUS_INVALID_PARAMETER);
}

static void bad_sizes_and_null_are_refused(void **state) {
  (void)state;
  size_t length = 7;
  assert_int_equal(RtlStringCchCopyA(text, 0, "a"), STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlStringCchCopyA(text, (size_t)NTSTRSAFE_MAX_CCH + 1, "a"),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(text[0], '!');
  assert_int_equal(RtlStringCchCopyA(NULL, 4, "a"), STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlStringCchCopyA(text, 4, NULL), STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlStringCchPrintfA(text, 0, "a"), STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlStringCchLengthA(NULL, 4, &length),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(length, 0);
}

/* Defends against reading past the count of a text that has no end. */
static void copy_n_reads_no_further(void **state) {
  (void)state;
  static const CHAR unterminated[2] = {'a', 'b'};
  static const WCHAR units[2] = {'c', 'd'};
  assert_int_equal(RtlStringCchCopyNA(text, 8, unterminated, 2),
                   STATUS_SUCCESS);
  assert_memory_equal(text, "ab\0!", 4);
  assert_int_equal(RtlStringCbCopyNW(wide, 16, units, 4), STATUS_SUCCESS);
  assert_memory_equal(wide, L"cd", 6);
  clear(NULL);
  assert_int_equal(RtlStringCchCopyNA(text, 3, "abcd", 3),
                   STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(text, "ab\0!", 4);
  assert_int_equal(RtlStringCchCopyNA(text, 3, "ab", 9), STATUS_SUCCESS);
  assert_int_equal(RtlStringCchCopyNA(text, 3, "ab", 0), STATUS_SUCCESS);
  assert_string_equal(text, "");
}

static void cat_goes_on_behind_the_text(void **state) {
  (void)state;
  RtlStringCchCopyA(text, 8, "ab");
  assert_int_equal(RtlStringCchCatA(text, 8, "cd"), STATUS_SUCCESS);
  assert_int_equal(RtlStringCchCatNA(text, 8, "efgh", 1), STATUS_SUCCESS);
  assert_string_equal(text, "abcde");
  assert_int_equal(RtlStringCchCatA(text, 8, "fgh"), STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(text, "abcdefg\0!", 9);
  RtlStringCbCopyW(wide, 16, L"ab");
  assert_int_equal(RtlStringCbCatW(wide, 16, L"cd"), STATUS_SUCCESS);
  assert_int_equal(RtlStringCbCatNW(wide, 16, L"efgh", 2), STATUS_SUCCESS);
  assert_memory_equal(wide, L"abcde", 12);
}

/* Defends against looking for the end of the text beyond the buffer. */
static void cat_refuses_a_text_without_an_end(void **state) {
  (void)state;
  assert_int_equal(RtlStringCchCatA(text, 8, "a"), STATUS_INVALID_PARAMETER);
  assert_memory_equal(text, "!!!!!!!!!", 9);
}

static void length_stops_at_the_limit(void **state) {
  (void)state;
  size_t length;
  assert_int_equal(RtlStringCchLengthA("abc", 4, &length), STATUS_SUCCESS);
  assert_int_equal(length, 3);
  assert_int_equal(RtlStringCbLengthA("abc", 4, &length), STATUS_SUCCESS);
  assert_int_equal(length, 3);
  assert_int_equal(RtlStringCbLengthW(L"abc", 8, &length), STATUS_SUCCESS);
  assert_int_equal(length, 6);
  assert_int_equal(RtlStringCchLengthA("abc", 3, &length),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(length, 0);
  assert_int_equal(RtlStringCchLengthA("abc", 4, NULL), STATUS_SUCCESS);
}

/* Defends against the C library's printf behind these. */
static void printf_follows_windows_rules(void **state) {
  (void)state;
  UNICODE_STRING name = RTL_CONSTANT_STRING(L"xy");
  assert_int_equal(RtlStringCbPrintfA(text, sizeof(text), "%lu %ws %Iu",
                                      0xDEADBEEF00000001ULL, L"a", (SIZE_T)2),
                   STATUS_SUCCESS);
  assert_string_equal(text, "1 a 2");
  assert_int_equal(
      RtlStringCbPrintfW(wide, sizeof(wide), L"%s %S %wZ", L"a", "b", &name),
      STATUS_SUCCESS);
  assert_memory_equal(wide, L"a b xy", 14);
  assert_int_equal(RtlStringCchPrintfW(wide, 4, L"%d", 123), STATUS_SUCCESS);
  assert_memory_equal(wide, L"123", 8);
}

static void printf_truncates_and_says_so(void **state) {
  (void)state;
  assert_int_equal(RtlStringCchPrintfA(text, 4, "%d", 12345),
                   STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(text, "123\0!", 5);
  assert_int_equal(RtlStringCbPrintfW(wide, 8, L"%d", 12345),
                   STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(wide, L"123", 8);
  assert_int_equal(wide[4], UNTOUCHED);
  assert_int_equal(RtlStringCchPrintfA(text, 4, "a%nb", NULL),
                   STATUS_BUFFER_OVERFLOW);
  assert_string_equal(text, "a");
}

static void ex_tells_where_the_text_ends(void **state) {
  (void)state;
  NTSTRSAFE_PSTR end;
  NTSTRSAFE_PWSTR wide_end;
  size_t left;
  assert_int_equal(RtlStringCchPrintfExA(text, 8, &end, &left, 0, "%d", 123),
                   STATUS_SUCCESS);
  assert_ptr_equal(end, text + 3);
  assert_int_equal(left, 5);
  assert_int_equal(RtlStringCbCopyExW(wide, 9, L"ab", &wide_end, &left, 0),
                   STATUS_SUCCESS);
  assert_ptr_equal(wide_end, wide + 2);
  assert_int_equal(left, 5); /* the odd byte is counted */
  assert_int_equal(RtlStringCchCatExA(text, 8, "456789", &end, &left, 0),
                   STATUS_BUFFER_OVERFLOW);
  assert_ptr_equal(end, text + 7);
  assert_int_equal(left, 1);
}

/* Each of the Ex functions, by characters and by bytes: defends against one
 * that passes its arguments on in the wrong order. */
static void every_ex_function_tells_the_end(void **state) {
  (void)state;
  NTSTRSAFE_PSTR end;
  NTSTRSAFE_PWSTR wide_end;
  size_t left;
#define ENDS(call, at, remaining)                                              \
  do {                                                                         \
    assert_int_equal(call, STATUS_SUCCESS);                                    \
    assert_ptr_equal(end, text + (at));                                        \
    assert_int_equal(left, remaining);                                         \
  } while (0)
#define ENDS_WIDE(call, at, remaining)                                         \
  do {                                                                         \
    assert_int_equal(call, STATUS_SUCCESS);                                    \
    assert_ptr_equal(wide_end, wide + (at));                                   \
    assert_int_equal(left, remaining);                                         \
  } while (0)
  ENDS(RtlStringCchCopyNExA(text, 9, "abc", 2, &end, &left, 0), 2, 7);
  ENDS(RtlStringCbCatExA(text, 9, "cd", &end, &left, 0), 4, 5);
  ENDS(RtlStringCbCatNExA(text, 9, "efg", 1, &end, &left, 0), 5, 4);
  assert_string_equal(text, "abcde");
  ENDS(RtlStringCbCopyNExA(text, 9, "xyz", 1, &end, &left, 0), 1, 8);
  ENDS(RtlStringCbPrintfExA(text, 9, &end, &left, 0, "%d", 12), 2, 7);
  ENDS_WIDE(RtlStringCchCopyNExW(wide, 9, L"abc", 2, &wide_end, &left, 0), 2,
            7);
  ENDS_WIDE(RtlStringCbCatExW(wide, 18, L"cd", &wide_end, &left, 0), 4, 10);
  ENDS_WIDE(RtlStringCbCatNExW(wide, 18, L"efg", 2, &wide_end, &left, 0), 5, 8);
  ENDS_WIDE(RtlStringCchCatNExW(wide, 9, L"fgh", 2, &wide_end, &left, 0), 7, 2);
  assert_memory_equal(wide, L"abcdefg", 16);
  ENDS_WIDE(RtlStringCchCatExW(wide, 9, L"h", &wide_end, &left, 0), 8, 1);
  ENDS_WIDE(RtlStringCbPrintfExW(wide, 19, &wide_end, &left, 0, L"%d", 12), 2,
            15);
  ENDS_WIDE(RtlStringCchPrintfExW(wide, 9, &wide_end, &left, 0, L"%s", L"a"), 1,
            8);
#undef ENDS
#undef ENDS_WIDE
}

static void flags_fill_and_empty(void **state) {
  (void)state;
  assert_int_equal(RtlStringCchCopyExA(text, 8, "ab", NULL, NULL,
                                       STRSAFE_FILL_BEHIND_NULL | '.'),
                   STATUS_SUCCESS);
  assert_memory_equal(text, "ab\0.....!", 9);
  assert_int_equal(
      RtlStringCchCopyExA(text, 4, "abcd", NULL, NULL, STRSAFE_NULL_ON_FAILURE),
      STATUS_BUFFER_OVERFLOW);
  assert_string_equal(text, "");
  assert_int_equal(RtlStringCchCopyExA(text, 4, "abcd", NULL, NULL,
                                       STRSAFE_FILL_ON_FAILURE | '-'),
                   STATUS_BUFFER_OVERFLOW);
  assert_memory_equal(text, "---\0", 4);
  assert_int_equal(
      RtlStringCchCatExA(text, 5, "abcd", NULL, NULL, STRSAFE_NO_TRUNCATION),
      STATUS_BUFFER_OVERFLOW);
  assert_string_equal(text, "---");
  assert_int_equal(RtlStringCchCopyExA(text, 4, "a", NULL, NULL, 0x10000),
                   STATUS_INVALID_PARAMETER);
}

static void null_may_be_ignored(void **state) {
  (void)state;
  assert_int_equal(
      RtlStringCchCopyExA(text, 4, NULL, NULL, NULL, STRSAFE_IGNORE_NULLS),
      STATUS_SUCCESS);
  assert_string_equal(text, "");
  assert_int_equal(
      RtlStringCchCopyExA(NULL, 0, NULL, NULL, NULL, STRSAFE_IGNORE_NULLS),
      STATUS_SUCCESS);
  assert_int_equal(
      RtlStringCchCopyExA(NULL, 0, "a", NULL, NULL, STRSAFE_IGNORE_NULLS),
      STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlStringCchCopyExA(text, 0, "a", NULL, NULL, 0),
                   STATUS_BUFFER_OVERFLOW);
}

/* Counted strings get no terminator, not even where there is room. */
static void unicode_strings_are_printed_to(void **state) {
  (void)state;
  UNICODE_STRING string = {0, 8, wide};
  assert_int_equal(
      RtlUnicodeStringPrintf(&string, L"%s%lu", L"ab", 0xDEADBEEF00000007ULL),
      STATUS_SUCCESS);
  assert_int_equal(string.Length, 6);
  assert_memory_equal(wide, L"ab7", 6);
  assert_int_equal(wide[3], UNTOUCHED);
  assert_int_equal(RtlUnicodeStringPrintf(&string, L"%d", 1234),
                   STATUS_SUCCESS);
  assert_int_equal(string.Length, 8);
  assert_int_equal(wide[4], UNTOUCHED);
  assert_int_equal(RtlUnicodeStringPrintf(&string, L"%d", 12345),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(string.Length, 8);
  assert_memory_equal(wide, L"1234", 8);
  assert_int_equal(wide[4], UNTOUCHED);
}

static void unicode_strings_are_copied_and_joined(void **state) {
  (void)state;
  UNICODE_STRING string = {0, 8, wide}, source = RTL_CONSTANT_STRING(L"cd");
  assert_int_equal(RtlUnicodeStringCopyString(&string, L"ab"), STATUS_SUCCESS);
  assert_int_equal(RtlUnicodeStringCat(&string, &source), STATUS_SUCCESS);
  assert_int_equal(string.Length, 8);
  assert_memory_equal(wide, L"abcd", 8);
  assert_int_equal(wide[4], UNTOUCHED);
  assert_int_equal(RtlUnicodeStringCatString(&string, L"e"),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(RtlUnicodeStringCopy(&string, &source), STATUS_SUCCESS);
  assert_int_equal(string.Length, 4);
  assert_int_equal(RtlUnicodeStringCopyString(&string, L"abcdef"),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(string.Length, 8);
}

static const UNICODE_STRING invalid[] = {
    {1, 2, wide}, {2, 3, wide}, {4, 2, wide}, {0, 2, NULL}};

static void invalid_unicode_strings_are_refused(void **state) {
  (void)state;
  UNICODE_STRING nothing = {0, 0, NULL}, string;
  assert_int_equal(RtlUnicodeStringValidate(&nothing), STATUS_SUCCESS);
  assert_int_equal(RtlUnicodeStringValidate(NULL), STATUS_INVALID_PARAMETER);
  for (size_t i = 0; i < RTL_NUMBER_OF(invalid); i++) {
    string = invalid[i];
    assert_int_equal(RtlUnicodeStringValidate(&string),
                     STATUS_INVALID_PARAMETER);
    assert_int_equal(RtlUnicodeStringPrintf(&string, L"a"),
                     STATUS_INVALID_PARAMETER);
  }
  assert_int_equal(wide[0], UNTOUCHED);
  assert_int_equal(RtlUnicodeStringInit(&string, L"abc"), STATUS_SUCCESS);
  assert_int_equal(string.Length, 6);
  assert_int_equal(string.MaximumLength, 8);
}

#define TEST(name) cmocka_unit_test_setup(name, clear)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(copy_truncates_and_says_so),
      TEST(cb_counts_bytes_and_cch_characters),
      TEST(bad_sizes_and_null_are_refused),
      TEST(copy_n_reads_no_further),
      TEST(cat_goes_on_behind_the_text),
      TEST(cat_refuses_a_text_without_an_end),
      TEST(length_stops_at_the_limit),
      TEST(printf_follows_windows_rules),
      TEST(printf_truncates_and_says_so),
      TEST(ex_tells_where_the_text_ends),
      TEST(every_ex_function_tells_the_end),
      TEST(flags_fill_and_empty),
      TEST(null_may_be_ignored),
      TEST(unicode_strings_are_printed_to),
      TEST(unicode_strings_are_copied_and_joined),
      TEST(invalid_unicode_strings_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
