/* The UNICODE_STRING family, against what Windows answers. */
#include <ntifs.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ob/track.h"
#include "os/os.h"

static WCHAR room[16];
static CHAR narrow_room[16];

/* A string whose buffer holds `bytes` bytes of '!'. */
static UNICODE_STRING with_room(USHORT bytes) {
  for (size_t i = 0; i < RTL_NUMBER_OF(room); i++)
    room[i] = '!';
  UNICODE_STRING string = {0, bytes, room};
  return string;
}

static ANSI_STRING with_narrow_room(USHORT bytes) {
  memset(narrow_room, '!', sizeof(narrow_room));
  ANSI_STRING string = {0, bytes, narrow_room};
  return string;
}

static UNICODE_STRING wide(PCWSTR text) {
  UNICODE_STRING string;
  RtlInitUnicodeString(&string, text);
  return string;
}

#define IS(string, expected)                                                   \
  do {                                                                         \
    assert_int_equal((string).Length, sizeof(expected) - sizeof(WCHAR));       \
    assert_memory_equal((string).Buffer, expected, (string).Length);           \
  } while (0)

static void init_measures_the_text(void **state) {
  (void)state;
  UNICODE_STRING string = {1, 2, room};
  ANSI_STRING ansi = {1, 2, narrow_room};
  PCWSTR text = L"abc";
  RtlInitUnicodeString(&string, text);
  assert_int_equal(string.Length, 6);
  assert_int_equal(string.MaximumLength, 8);
  assert_ptr_equal(string.Buffer, text);
  RtlInitUnicodeString(&string, NULL);
  assert_int_equal(string.Length, 0);
  assert_int_equal(string.MaximumLength, 0);
  assert_null(string.Buffer);
  RtlInitAnsiString(&ansi, "abc");
  assert_int_equal(ansi.Length, 3);
  assert_int_equal(ansi.MaximumLength, 4);
  RtlInitAnsiString(&ansi, NULL);
  assert_int_equal(ansi.MaximumLength, 0);
  assert_null(ansi.Buffer);
}

static WCHAR long_text[0x8001];

/* Defends against a length that wraps around its sixteen bits. */
static void init_caps_a_long_text(void **state) {
  (void)state;
  UNICODE_STRING string;
  for (size_t i = 0; i < 0x8000; i++)
    long_text[i] = 'x';
  RtlInitUnicodeString(&string, long_text);
  assert_int_equal(string.Length, 0xFFFC);
  assert_int_equal(string.MaximumLength, 0xFFFE);
  assert_int_equal(RtlInitUnicodeStringEx(&string, long_text),
                   STATUS_NAME_TOO_LONG);
  long_text[0x7FFE] = 0; /* the longest that fits */
  assert_int_equal(RtlInitUnicodeStringEx(&string, long_text), STATUS_SUCCESS);
  assert_int_equal(string.Length, 0xFFFC);
}

/* Defends against a terminator written behind a buffer that is full. */
static void copy_takes_what_fits(void **state) {
  (void)state;
  UNICODE_STRING source = wide(L"abc");
  UNICODE_STRING target = with_room(8);
  RtlCopyUnicodeString(&target, &source);
  IS(target, L"abc");
  assert_int_equal(room[3], 0);
  assert_int_equal(room[4], '!');
  target = with_room(6);
  RtlCopyUnicodeString(&target, &source);
  IS(target, L"abc");
  assert_int_equal(room[3], '!');
  target = with_room(4);
  RtlCopyUnicodeString(&target, &source);
  IS(target, L"ab");
  assert_int_equal(room[2], '!');
  RtlCopyUnicodeString(&target, NULL);
  assert_int_equal(target.Length, 0);
}

static void append_is_all_or_nothing(void **state) {
  (void)state;
  UNICODE_STRING target = with_room(12), more = wide(L"cd");
  assert_int_equal(RtlAppendUnicodeToString(&target, L"ab"), STATUS_SUCCESS);
  assert_int_equal(RtlAppendUnicodeStringToString(&target, &more),
                   STATUS_SUCCESS);
  IS(target, L"abcd");
  assert_int_equal(room[4], 0);
  assert_int_equal(RtlAppendUnicodeToString(&target, L"efg"),
                   STATUS_BUFFER_TOO_SMALL);
  IS(target, L"abcd");
  assert_int_equal(RtlAppendUnicodeToString(&target, L"ef"), STATUS_SUCCESS);
  IS(target, L"abcdef");
  assert_int_equal(room[6], '!');
  assert_int_equal(RtlAppendUnicodeToString(&target, NULL), STATUS_SUCCESS);
  assert_int_equal(RtlAppendUnicodeToString(&target, L""), STATUS_SUCCESS);
  assert_int_equal(RtlAppendUnicodeToString(&target, L"x"),
                   STATUS_BUFFER_TOO_SMALL);
}

struct pair {
  PCWSTR left, right;
  int exact, ignoring_case; /* the sign of the comparison */
};

static const struct pair pairs[] = {
    {L"abc", L"abc", 0, 0},
    {L"abc", L"ABC", 1, 0},
    {L"abc", L"abd", -1, -1},
    {L"abc", L"ab", 1, 1},
    {L"", L"a", -1, -1},
    {L"", L"", 0, 0},
    {L"\x00E4\x00F6\x00FC", L"\x00C4\x00D6\x00DC", 1, 0}, /* Latin 1 */
    {L"\x0103\x017E", L"\x0102\x017D", 1, 0},             /* Latin extended */
    {L"\x00FF", L"\x0178", -1, 0},                        /* a pair far apart */
    {L"\x03B1\x03C9\x03AC", L"\x0391\x03A9\x0386", 1, 0}, /* Greek */
    {L"\x0430\x044F\x0451", L"\x0410\x042F\x0401", 1, 0}, /* Cyrillic */
    {L"\xFF41", L"\xFF21", 1, 0},                         /* fullwidth */
    {L"\x0131", L"I", 1, 1}, /* no Turkish surprises */
    {L"\x00DF", L"SS", 1, 1},
    {L"\x00F7", L"\x00D7", 1, 1}, /* signs between the letters */
    {L"_", L"a", -1, 1},          /* upper case, not lower, is compared */
};

static int sign(LONG value) {
  return (value > 0) - (value < 0);
}

/* Defends against comparing in lower case, bytes or past the length. */
static void comparison_knows_case(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(pairs); i++) {
    UNICODE_STRING left = wide(pairs[i].left), right = wide(pairs[i].right);
    assert_int_equal(sign(RtlCompareUnicodeString(&left, &right, FALSE)),
                     pairs[i].exact);
    assert_int_equal(sign(RtlCompareUnicodeString(&left, &right, TRUE)),
                     pairs[i].ignoring_case);
    assert_int_equal(sign(RtlCompareUnicodeString(&right, &left, TRUE)),
                     -pairs[i].ignoring_case);
    assert_int_equal(RtlEqualUnicodeString(&left, &right, FALSE),
                     pairs[i].exact == 0);
    assert_int_equal(RtlEqualUnicodeString(&left, &right, TRUE),
                     pairs[i].ignoring_case == 0);
  }
}

static void a_prefix_is_found_at_the_beginning(void **state) {
  (void)state;
  UNICODE_STRING device = wide(L"\\Device\\"), name = wide(L"\\device\\Tcp");
  UNICODE_STRING nothing = wide(NULL);
  assert_true(RtlPrefixUnicodeString(&device, &name, TRUE));
  assert_false(RtlPrefixUnicodeString(&device, &name, FALSE));
  assert_false(RtlPrefixUnicodeString(&name, &device, TRUE));
  assert_true(RtlPrefixUnicodeString(&nothing, &name, FALSE));
}

/* Defends against a table whose two directions disagree. */
static void every_capital_leads_back_to_its_small_letter(void **state) {
  (void)state;
  size_t found = 0;
  for (ULONG unit = 0; unit < 0x10000; unit++) {
    WCHAR upper = RtlUpcaseUnicodeChar((WCHAR)unit);
    assert_int_equal(RtlUpcaseUnicodeChar(upper), upper);
    if (upper == unit)
      continue;
    assert_int_equal(RtlDowncaseUnicodeChar(upper), unit);
    found++;
  }
  assert_in_range(found, 600, 1000);
}

/* Defends against mistaking the size for the length, and against buffers that
 * are not pool. */
static void conversion_allocates_when_asked_to(void **state) {
  (void)state;
  UNICODE_STRING source = wide(L"a\x00E4"), back;
  ANSI_STRING ansi;
  assert_int_equal(RtlUnicodeStringToAnsiString(&ansi, &source, TRUE),
                   STATUS_SUCCESS);
  assert_int_equal(ansi.Length, 3);
  assert_int_equal(ansi.MaximumLength, 4);
  assert_memory_equal(ansi.Buffer, "a\xC3\xA4", 4);
  assert_int_equal(RtlAnsiStringToUnicodeString(&back, &ansi, TRUE),
                   STATUS_SUCCESS);
  IS(back, L"a\x00E4");
  assert_int_equal(back.MaximumLength, 6);
  assert_int_equal(back.Buffer[2], 0);
  RtlFreeAnsiString(&ansi);
  RtlFreeUnicodeString(&back);
  assert_null(ansi.Buffer);
  assert_null(back.Buffer);
  assert_int_equal(back.Length, 0);
  RtlFreeUnicodeString(&back); /* once more does no harm */
}

static void conversion_into_a_short_ansi_buffer_is_cut(void **state) {
  (void)state;
  UNICODE_STRING source = wide(L"a\x00E4z");
  ANSI_STRING ansi = with_narrow_room(5);
  assert_int_equal(RtlUnicodeStringToAnsiString(&ansi, &source, FALSE),
                   STATUS_SUCCESS);
  assert_int_equal(ansi.Length, 4);
  assert_memory_equal(narrow_room, "a\xC3\xA4z\0!", 6);
  ansi = with_narrow_room(3);
  assert_int_equal(RtlUnicodeStringToAnsiString(&ansi, &source, FALSE),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(ansi.Length, 1);
  assert_memory_equal(narrow_room, "a\0!", 3);
  ansi = with_narrow_room(0);
  assert_int_equal(RtlUnicodeStringToAnsiString(&ansi, &source, FALSE),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(narrow_room[0], '!');
}

static void conversion_into_a_short_wide_buffer_does_nothing(void **state) {
  (void)state;
  ANSI_STRING source;
  RtlInitAnsiString(&source, "abc");
  UNICODE_STRING target = with_room(8);
  assert_int_equal(RtlAnsiStringToUnicodeString(&target, &source, FALSE),
                   STATUS_SUCCESS);
  IS(target, L"abc");
  assert_int_equal(room[3], 0);
  target = with_room(6);
  assert_int_equal(RtlAnsiStringToUnicodeString(&target, &source, FALSE),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(room[0], '!');
}

/* The UTF-8 functions need no room for a terminator. */
static void utf8_strings_are_converted(void **state) {
  (void)state;
  static const WCHAR lone[] = {0xD83D, 0};
  UNICODE_STRING source = wide(L"a\x20AC"), broken = wide(lone), back;
  UTF8_STRING utf8 = with_narrow_room(4);
  assert_int_equal(RtlUnicodeStringToUTF8String(&utf8, &source, FALSE),
                   STATUS_SUCCESS);
  assert_int_equal(utf8.Length, 4);
  assert_memory_equal(narrow_room, "a\xE2\x82\xAC!", 5);
  assert_int_equal(RtlUTF8StringToUnicodeString(&back, &utf8, TRUE),
                   STATUS_SUCCESS);
  IS(back, L"a\x20AC");
  RtlFreeUnicodeString(&back);
  utf8 = with_narrow_room(3);
  assert_int_equal(RtlUnicodeStringToUTF8String(&utf8, &source, FALSE),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(utf8.Length, 1);
  assert_int_equal(RtlUnicodeStringToUTF8String(&utf8, &broken, TRUE),
                   STATUS_SOME_NOT_MAPPED);
  assert_int_equal(utf8.Length, 3);
  RtlFreeUTF8String(&utf8);
  assert_null(utf8.Buffer);
}

/* Defends against taking the size that is needed for the length that is there,
 * when a string has no buffer at all. */
static void conversion_without_a_buffer_fails(void **state) {
  (void)state;
  UNICODE_STRING source = wide(L"abc"), nowhere = {0, 0, NULL};
  UTF8_STRING utf8 = {0, 0, NULL}, bytes = {3, 3, (PCHAR) "abc"};
  assert_int_equal(RtlUnicodeStringToUTF8String(&utf8, &source, FALSE),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(utf8.Length, 0);
  assert_int_equal(RtlUTF8StringToUnicodeString(&nowhere, &bytes, FALSE),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(nowhere.Length, 0);
  assert_int_equal(RtlUnicodeStringToAnsiString(&utf8, &source, FALSE),
                   STATUS_BUFFER_OVERFLOW);
}

/* Defends against a status that says the text is too long when the host has no
 * memory, and against a buffer that the caller would free. */
static void conversion_without_memory_fails(void **state) {
  (void)state;
  UNICODE_STRING source = wide(L"abc"), target = {0, 0, NULL};
  ANSI_STRING ansi = {0, 0, NULL}, bytes;
  RtlInitAnsiString(&bytes, "abc");
  os__alloc_fail_nth(1);
  assert_int_equal(RtlUnicodeStringToAnsiString(&ansi, &source, TRUE),
                   STATUS_NO_MEMORY);
  assert_null(ansi.Buffer);
  os__alloc_fail_nth(1);
  assert_int_equal(RtlAnsiStringToUnicodeString(&target, &bytes, TRUE),
                   STATUS_NO_MEMORY);
  os__alloc_fail_nth(1);
  assert_int_equal(RtlUpcaseUnicodeString(&target, &source, TRUE),
                   STATUS_NO_MEMORY);
  assert_null(target.Buffer);
  os__alloc_fail_nth(0);
}

/* Defends against a leaked string that is laid to the library's own account:
 * the line that tells of it has to lead to the client's code. */
static void a_string_is_on_the_account_of_who_asked_for_it(void **state) {
  (void)state;
  UNICODE_STRING source = wide(L"abc"), target;
  ANSI_STRING ansi;
  assert_int_equal(RtlUnicodeStringToAnsiString(&ansi, &source, TRUE),
                   STATUS_SUCCESS);
  struct ob_record *record = ob__find(OB_POOL, ansi.Buffer);
  assert_non_null(record);
  assert_string_equal(record->call, "RtlUnicodeStringToAnsiString");
  assert_int_equal(RtlAnsiStringToUnicodeString(&target, &ansi, TRUE),
                   STATUS_SUCCESS);
  const void *first = record->caller;
  record = ob__find(OB_POOL, target.Buffer);
  assert_non_null(record);
  assert_string_equal(record->call, "RtlAnsiStringToUnicodeString");
  assert_ptr_not_equal(record->caller, first);
  RtlFreeAnsiString(&ansi);
  RtlFreeUnicodeString(&target);
}

static CHAR long_bytes[0x8000];

/* Defends against a size that wraps around its sixteen bits. */
static void conversion_refuses_what_no_string_can_hold(void **state) {
  (void)state;
  for (size_t i = 0; i < 0x7FFE; i++)
    long_text[i] = 0x20AC; /* three bytes each */
  UNICODE_STRING source = {0xFFFC, 0xFFFC, long_text}, target;
  ANSI_STRING ansi, bytes = {0x7FFF, 0x8000, long_bytes};
  memset(long_bytes, 'x', sizeof(long_bytes));
  assert_int_equal(RtlUnicodeStringToAnsiString(&ansi, &source, TRUE),
                   STATUS_INVALID_PARAMETER_2);
  assert_int_equal(RtlUnicodeStringToUTF8String(&ansi, &source, TRUE),
                   STATUS_INVALID_PARAMETER_2);
  assert_int_equal(RtlAnsiStringToUnicodeString(&target, &bytes, TRUE),
                   STATUS_INVALID_PARAMETER_2);
  assert_int_equal(RtlUTF8StringToUnicodeString(&target, &bytes, TRUE),
                   STATUS_INVALID_PARAMETER_2);
}

static void upcase_changes_a_whole_string(void **state) {
  (void)state;
  UNICODE_STRING source = wide(L"a\x00E4\x03B1-1"), target;
  assert_int_equal(RtlUpcaseUnicodeString(&target, &source, TRUE),
                   STATUS_SUCCESS);
  IS(target, L"A\x00C4\x0391-1");
  RtlFreeUnicodeString(&target);
  target = with_room(8);
  assert_int_equal(RtlUpcaseUnicodeString(&target, &source, FALSE),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(room[0], '!');
}

static ANSI_STRING narrow(PCSZ text) {
  ANSI_STRING string;
  RtlInitAnsiString(&string, text);
  return string;
}

/* Bytes compare unsigned, and only ASCII has case. */
static void ansi_strings_compare(void **state) {
  (void)state;
  ANSI_STRING abc = narrow("abc"), big = narrow("ABC"), ab = narrow("ab");
  ANSI_STRING high = narrow("\xC3\xA4");
  assert_true(RtlEqualString(&abc, &big, TRUE));
  assert_false(RtlEqualString(&abc, &big, FALSE));
  assert_false(RtlEqualString(&abc, &ab, TRUE));
  assert_true(RtlCompareString(&abc, &ab, FALSE) > 0);
  assert_true(RtlCompareString(&ab, &abc, FALSE) < 0);
  assert_true(RtlCompareString(&high, &abc, TRUE) > 0);
}

static void ansi_copy_takes_what_fits(void **state) {
  (void)state;
  ANSI_STRING source = narrow("abc"), target = with_narrow_room(2);
  RtlCopyString(&target, &source);
  assert_int_equal(target.Length, 2);
  assert_memory_equal(narrow_room, "ab!", 3);
  RtlCopyString(&target, NULL);
  assert_int_equal(target.Length, 0);
  assert_int_equal(RtlInitAnsiStringEx(&target, "abc"), STATUS_SUCCESS);
  assert_int_equal(target.Length, 3);
  RtlInitUTF8String(&target, "abcd");
  assert_int_equal(target.Length, 4);
}

struct number {
  PCWSTR text;
  ULONG base;
  ULONG value;
};

/* The first nine rows are those of the documentation. */
static const struct number numbers[] = {
    {L"123", 10, 123},
    {L"  -345", 10, (ULONG)-345},
    {L"xyz", 10, 0},
    {L"   +678abc", 10, 678},
    {L"   +678abc", 16, 6785724},
    {L"007", 10, 7},
    {L"789", 8, 7},
    {L"FGH", 16, 15},
    {L"      ", 10, 0},
    {L"0x1F", 0, 31},
    {L"0o17", 0, 15},
    {L"0b101", 0, 5},
    {L"-0x10", 0, (ULONG)-16},
    {L"017", 0, 17},
    {L"0X1F", 0, 0},
    {L"0x1F", 16, 0},
    {L"4294967297", 10, 1},
    {L"- 5", 10, 0},
    {L"\t\n7", 0, 7},
    {L"+", 0, 0},
    {L"0", 0, 0},
};

static void numbers_are_read_as_documented(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(numbers); i++) {
    UNICODE_STRING text = wide(numbers[i].text);
    ULONG value = 4711;
    assert_int_equal(RtlUnicodeStringToInteger(&text, numbers[i].base, &value),
                     STATUS_SUCCESS);
    assert_int_equal(value, numbers[i].value);
  }
  UNICODE_STRING nothing = wide(L""), one = wide(L"1");
  ULONG value;
  assert_int_equal(RtlUnicodeStringToInteger(&nothing, 10, &value),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlUnicodeStringToInteger(&one, 7, &value),
                   STATUS_INVALID_PARAMETER);
}

/* Defends against reading digits behind the length. */
static void a_number_ends_with_its_string(void **state) {
  (void)state;
  UNICODE_STRING text = {4, 10, (PWSTR)L"12345"};
  ULONG value;
  assert_int_equal(RtlUnicodeStringToInteger(&text, 0, &value), STATUS_SUCCESS);
  assert_int_equal(value, 12);
}

static void numbers_are_written(void **state) {
  (void)state;
  UNICODE_STRING text = with_room(sizeof(room));
  assert_int_equal(RtlIntegerToUnicodeString(4294967295u, 0, &text),
                   STATUS_SUCCESS);
  IS(text, L"4294967295");
  assert_int_equal(room[10], 0);
  assert_int_equal(RtlIntegerToUnicodeString(0xBEEF, 16, &text),
                   STATUS_SUCCESS);
  IS(text, L"BEEF");
  assert_int_equal(RtlIntegerToUnicodeString(0, 2, &text), STATUS_SUCCESS);
  IS(text, L"0");
  assert_int_equal(RtlIntegerToUnicodeString(1, 3, &text),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlInt64ToUnicodeString(0x123456789ABCDEFull, 16, &text),
                   STATUS_SUCCESS);
  IS(text, L"123456789ABCDEF");
}

/* Defends against a terminator written behind the buffer. */
static void a_number_needs_room_for_its_terminator(void **state) {
  (void)state;
  UNICODE_STRING text = with_room(6);
  assert_int_equal(RtlIntegerToUnicodeString(123, 10, &text),
                   STATUS_BUFFER_OVERFLOW);
  assert_int_equal(room[0], '!');
  text = with_room(8);
  assert_int_equal(RtlIntegerToUnicodeString(123, 10, &text), STATUS_SUCCESS);
  IS(text, L"123");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(init_measures_the_text),
      cmocka_unit_test(init_caps_a_long_text),
      cmocka_unit_test(copy_takes_what_fits),
      cmocka_unit_test(append_is_all_or_nothing),
      cmocka_unit_test(comparison_knows_case),
      cmocka_unit_test(a_prefix_is_found_at_the_beginning),
      cmocka_unit_test(every_capital_leads_back_to_its_small_letter),
      cmocka_unit_test(conversion_allocates_when_asked_to),
      cmocka_unit_test(conversion_into_a_short_ansi_buffer_is_cut),
      cmocka_unit_test(conversion_into_a_short_wide_buffer_does_nothing),
      cmocka_unit_test(utf8_strings_are_converted),
      cmocka_unit_test(conversion_without_a_buffer_fails),
      cmocka_unit_test(conversion_without_memory_fails),
      cmocka_unit_test(a_string_is_on_the_account_of_who_asked_for_it),
      cmocka_unit_test(conversion_refuses_what_no_string_can_hold),
      cmocka_unit_test(upcase_changes_a_whole_string),
      cmocka_unit_test(ansi_strings_compare),
      cmocka_unit_test(ansi_copy_takes_what_fits),
      cmocka_unit_test(numbers_are_read_as_documented),
      cmocka_unit_test(a_number_ends_with_its_string),
      cmocka_unit_test(numbers_are_written),
      cmocka_unit_test(a_number_needs_room_for_its_terminator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
