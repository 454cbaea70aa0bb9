/* The C library as Microsoft's has it. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char text[16];
static WCHAR wide[16];

static int clear(void **state) {
  (void)state;
  memset(text, '!', sizeof(text));
  memset(wide, '!', sizeof(wide));
  return 0;
}

#define UNTOUCHED ((WCHAR)0x2121)

/* The classic trap of _snprintf: no terminator when the text fits exactly, -1
 * when it does not. Drivers rely on the one and suffer from the other. */
static void old_snprintf_does_not_always_terminate(void **state) {
  (void)state;
  assert_int_equal(_snprintf(text, 4, "%s", "abc"), 3);
  assert_memory_equal(text, "abc\0!", 5);
  clear(NULL);
  assert_int_equal(_snprintf(text, 4, "%s", "abcd"), 4);
  assert_memory_equal(text, "abcd!", 5);
  clear(NULL);
  assert_int_equal(_snprintf(text, 4, "%s", "abcde"), -1);
  assert_memory_equal(text, "abcd!", 5);
  assert_int_equal(_snprintf(NULL, 0, "%s", "a"), -1);
}

static void old_snwprintf_does_not_always_terminate(void **state) {
  (void)state;
  assert_int_equal(_snwprintf(wide, 4, L"%s", L"abc"), 3);
  assert_int_equal(wide[3], 0);
  clear(NULL);
  assert_int_equal(_snwprintf(wide, 4, L"%S", "abcd"), 4);
  assert_memory_equal(wide, L"abcd", 8);
  assert_int_equal(wide[4], UNTOUCHED);
  clear(NULL);
  assert_int_equal(_snwprintf(wide, 4, L"%ls", L"abcde"), -1);
  assert_memory_equal(wide, L"abcd", 8);
  assert_int_equal(wide[4], UNTOUCHED);
}

/* Defends against mixing it up with the old one. */
static void c99_snprintf_terminates_and_tells_the_length(void **state) {
  (void)state;
  assert_int_equal(snprintf(text, 4, "%s", "abcdef"), 6);
  assert_memory_equal(text, "abc\0!", 5);
  assert_int_equal(snprintf(NULL, 0, "%lu", 12345), 5);
}

static void sprintf_follows_windows_rules(void **state) {
  (void)state;
  assert_int_equal(sprintf(text, "%lu|%I64x", 0xDEADBEEF00000001ULL, 0xABull),
                   4);
  assert_string_equal(text, "1|ab");
}

static void secure_printf_fails_with_an_empty_text(void **state) {
  (void)state;
  assert_int_equal(sprintf_s(text, 4, "%s", "abc"), 3);
  assert_string_equal(text, "abc");
  assert_int_equal(sprintf_s(text, 4, "%s", "abcd"), -1);
  assert_string_equal(text, "");
  assert_int_equal(swprintf_s(wide, 4, L"%s", L"abc"), 3);
  assert_memory_equal(wide, L"abc", 8);
  assert_int_equal(swprintf_s(wide, 4, L"%s", L"abcd"), -1);
  assert_int_equal(wide[0], 0);
  assert_int_equal(sprintf_s(text, 0, "a"), -1);
}

static void swprintf_terminates_and_fails(void **state) {
  (void)state;
  assert_int_equal(swprintf(wide, 4, L"%d", 123), 3);
  assert_memory_equal(wide, L"123", 8);
  assert_int_equal(swprintf(wide, 4, L"%d", 1234), -1);
  assert_memory_equal(wide, L"123", 8);
  assert_int_equal(wide[4], UNTOUCHED);
}

/* %n is a failure, and nothing is written through it. */
static void n_fails(void **state) {
  (void)state;
  int target = 42;
  assert_int_equal(_snprintf(text, 8, "ab%n", &target), -1);
  assert_int_equal(snprintf(text, 8, "ab%n", &target), -1);
  assert_string_equal(text, "ab");
  assert_int_equal(target, 42);
}

/* Defends against the host's functions, which step by 32 bits. */
static void wide_strings_have_sixteen_bit_characters(void **state) {
  (void)state;
  assert_int_equal(wcslen(L"abc"), 3);
  assert_int_equal(wcsnlen(L"abc", 2), 2);
  assert_int_equal(wcsnlen(L"abc", 9), 3);
  assert_ptr_equal(wcscpy(wide, L"abc"), wide);
  assert_memory_equal(wide, L"abc", 8);
  assert_int_equal(wide[4], UNTOUCHED);
  wcscat(wide, L"de");
  assert_memory_equal(wide, L"abcde", 12);
  wcsncat(wide, L"fgh", 1);
  assert_memory_equal(wide, L"abcdef", 14);
}

/* Defends against forgetting what wcsncpy does beyond the text. */
static void wcsncpy_pads_with_zeros(void **state) {
  (void)state;
  wcsncpy(wide, L"ab", 4);
  assert_memory_equal(wide, L"ab\0\0", 8);
  assert_int_equal(wide[4], UNTOUCHED);
  clear(NULL);
  wcsncpy(wide, L"abcd", 2);
  assert_memory_equal(wide, L"ab", 4);
  assert_int_equal(wide[2], UNTOUCHED);
}

static void wide_strings_compare(void **state) {
  (void)state;
  assert_int_equal(wcscmp(L"abc", L"abc"), 0);
  assert_true(wcscmp(L"abc", L"abd") < 0);
  assert_true(wcscmp(L"abc", L"ab") > 0);
  assert_true(wcscmp(L"\xFFFF", L"a") > 0);
  assert_int_equal(wcsncmp(L"abc", L"abd", 2), 0);
  assert_int_equal(_wcsicmp(L"aBc", L"AbC"), 0);
  assert_true(_wcsicmp(L"a", L"_") > 0); /* small letters are compared */
  assert_true(_wcsicmp(L"\x00E4", L"\x00C4") != 0);
  assert_int_equal(_wcsnicmp(L"ABx", L"aby", 2), 0);
  assert_int_equal(_stricmp("aBc", "AbC"), 0);
  assert_true(_stricmp("\xE4", "a") > 0);
  assert_int_equal(_strnicmp("ABx", "aby", 2), 0);
}

static void wide_strings_are_searched(void **state) {
  (void)state;
  static const WCHAR path[] = L"\\Device\\Tcp";
  assert_ptr_equal(wcschr(path, L'\\'), path);
  assert_ptr_equal(wcsrchr(path, L'\\'), path + 7);
  assert_ptr_equal(wcschr(path, 0), path + 11);
  assert_ptr_equal(wcsrchr(path, 0), path + 11);
  assert_null(wcschr(path, L'x'));
  assert_null(wcsrchr(path, L'x'));
  assert_ptr_equal(wcsstr(path, L"Tcp"), path + 8);
  assert_ptr_equal(wcsstr(path, L""), path);
  assert_null(wcsstr(path, L"Tcpx"));
}

#define TEST(name) cmocka_unit_test_setup(name, clear)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(old_snprintf_does_not_always_terminate),
      TEST(old_snwprintf_does_not_always_terminate),
      TEST(c99_snprintf_terminates_and_tells_the_length),
      TEST(sprintf_follows_windows_rules),
      TEST(secure_printf_fails_with_an_empty_text),
      TEST(swprintf_terminates_and_fails),
      TEST(n_fails),
      TEST(wide_strings_have_sixteen_bit_characters),
      TEST(wcsncpy_pads_with_zeros),
      TEST(wide_strings_compare),
      TEST(wide_strings_are_searched),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
