/* RtlUnicodeToUTF8N and RtlUTF8ToUnicodeN, status by status. */
#include <ntifs.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
  const char *utf8;
  WCHAR utf16[8]; /* up to the first zero */
};

static ULONG wide_bytes(const WCHAR *text) {
  ULONG count = 0;
  while (text[count] != 0)
    count++;
  return count * (ULONG)sizeof(WCHAR);
}

static const struct row well_formed[] = {
    {"a", {'a'}},
    {"\xC2\x80", {0x80}},
    {"\xDF\xBF", {0x7FF}},
    {"\xE0\xA0\x80", {0x800}},
    {"\xED\x9F\xBF", {0xD7FF}},
    {"\xEE\x80\x80", {0xE000}},
    {"\xEF\xBF\xBF", {0xFFFF}},
    {"\xF0\x90\x80\x80", {0xD800, 0xDC00}},
    {"\xF4\x8F\xBF\xBF", {0xDBFF, 0xDFFF}},
    {"x\xF0\x9F\x98\x80y", {'x', 0xD83D, 0xDE00, 'y'}},
};

/* Defends against wrong bounds between the lengths of UTF-8 sequences. */
static void well_formed_text_goes_there_and_back(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(well_formed); i++) {
    const struct row *row = &well_formed[i];
    CHAR bytes[32];
    WCHAR units[16];
    ULONG length;
    ULONG utf8_length = (ULONG)strlen(row->utf8);
    ULONG utf16_length = wide_bytes(row->utf16);
    assert_int_equal(RtlUnicodeToUTF8N(bytes, sizeof(bytes), &length,
                                       row->utf16, utf16_length),
                     STATUS_SUCCESS);
    assert_int_equal(length, utf8_length);
    assert_memory_equal(bytes, row->utf8, length);
    assert_int_equal(RtlUTF8ToUnicodeN(units, sizeof(units), &length, row->utf8,
                                       utf8_length),
                     STATUS_SUCCESS);
    assert_int_equal(length, utf16_length);
    assert_memory_equal(units, row->utf16, length);
  }
}

/* One U+FFFD stands for each longest piece that began well. */
static const struct row ill_formed[] = {
    {"\x80", {0xFFFD}},
    {"\xC0\xAF", {0xFFFD, 0xFFFD}},             /* overlong */
    {"\xE0\x80\xAF", {0xFFFD, 0xFFFD, 0xFFFD}}, /* overlong */
    {"\xED\xA0\x80", {0xFFFD, 0xFFFD, 0xFFFD}}, /* a surrogate */
    {"\xF4\x90\x80\x80", {0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD}},
    {"\xF5\xFF", {0xFFFD, 0xFFFD}},
    {"\xE2\x82", {0xFFFD}},       /* ends early */
    {"\xE2\x82z", {0xFFFD, 'z'}}, /* is interrupted */
    {"\xF0\x9F\x98z", {0xFFFD, 'z'}},
    {"\xE2\xE2\x82\xAC", {0xFFFD, 0x20AC}},
};

/* Defends against decoders that accept overlong forms and surrogates, a
 * classic hole, or that swallow the character behind a broken one. */
static void broken_utf8_becomes_replacement_characters(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(ill_formed); i++) {
    const struct row *row = &ill_formed[i];
    WCHAR units[16];
    ULONG length;
    assert_int_equal(RtlUTF8ToUnicodeN(units, sizeof(units), &length, row->utf8,
                                       (ULONG)strlen(row->utf8)),
                     STATUS_SOME_NOT_MAPPED);
    assert_int_equal(length, wide_bytes(row->utf16));
    assert_memory_equal(units, row->utf16, length);
  }
}

/* Defends against surrogates encoded one by one. */
static void unpaired_surrogates_become_replacement_characters(void **state) {
  (void)state;
  static const WCHAR lone[] = {0xD83D, 'a', 0xDE00, 0xD83D};
  CHAR bytes[16];
  ULONG length;
  assert_int_equal(
      RtlUnicodeToUTF8N(bytes, sizeof(bytes), &length, lone, sizeof(lone)),
      STATUS_SOME_NOT_MAPPED);
  assert_int_equal(length, 10);
  assert_memory_equal(bytes,
                      "\xEF\xBF\xBD"
                      "a\xEF\xBF\xBD\xEF\xBF\xBD",
                      10);
}

/* Defends against half a character at the end of a short buffer, and against
 * writing one byte too many. */
static void a_short_buffer_gets_whole_characters(void **state) {
  (void)state;
  CHAR bytes[4] = "....";
  WCHAR units[2] = {'.', '.'};
  ULONG length;
  assert_int_equal(RtlUnicodeToUTF8N(bytes, 3, &length, L"a\x20AC", 4),
                   STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(length, 1);
  assert_memory_equal(bytes, "a...", 4);
  assert_int_equal(RtlUTF8ToUnicodeN(units, 2, &length, "\xF0\x9F\x98\x80", 4),
                   STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(length, 0);
  assert_int_equal(units[0], '.');
  assert_int_equal(RtlUnicodeToUTF8N(bytes, 0, &length, L"a", 2),
                   STATUS_BUFFER_TOO_SMALL);
  assert_int_equal(length, 0);
}

/* Defends against a size query that disagrees with the conversion. */
static void without_a_buffer_the_needed_size_is_told(void **state) {
  (void)state;
  static const WCHAR lone[] = {0xD83D};
  ULONG length = 0;
  assert_int_equal(RtlUnicodeToUTF8N(NULL, 0, &length, L"a\x20AC", 4),
                   STATUS_SUCCESS);
  assert_int_equal(length, 4);
  assert_int_equal(RtlUTF8ToUnicodeN(NULL, 0, &length, "\xF0\x9F\x98\x80", 4),
                   STATUS_SUCCESS);
  assert_int_equal(length, 4);
  assert_int_equal(RtlUnicodeToUTF8N(NULL, 0, &length, lone, 2),
                   STATUS_SOME_NOT_MAPPED);
  assert_int_equal(length, 3);
}

/* Defends against taking a zero for the end: lengths count here. */
static void zeros_are_characters(void **state) {
  (void)state;
  CHAR bytes[4];
  WCHAR units[4];
  ULONG length;
  assert_int_equal(RtlUnicodeToUTF8N(bytes, 4, &length, L"a\0b", 8),
                   STATUS_SUCCESS);
  assert_int_equal(length, 4);
  assert_memory_equal(bytes, "a\0b", 4);
  assert_int_equal(RtlUTF8ToUnicodeN(units, 8, &length, "a\0b", 3),
                   STATUS_SUCCESS);
  assert_int_equal(length, 6);
  assert_memory_equal(units, L"a\0b", 6);
}

static void wrong_parameters_are_named(void **state) {
  (void)state;
  CHAR bytes[4];
  WCHAR units[4];
  ULONG length;
  assert_int_equal(RtlUnicodeToUTF8N(bytes, 4, &length, NULL, 2),
                   STATUS_INVALID_PARAMETER_4);
  assert_int_equal(RtlUnicodeToUTF8N(NULL, 0, NULL, L"a", 2),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(RtlUnicodeToUTF8N(bytes, 4, &length, L"a", 1),
                   STATUS_INVALID_PARAMETER_5);
  assert_int_equal(RtlUTF8ToUnicodeN(units, 8, &length, NULL, 2),
                   STATUS_INVALID_PARAMETER_4);
  assert_int_equal(RtlUTF8ToUnicodeN(NULL, 0, NULL, "a", 1),
                   STATUS_INVALID_PARAMETER);
  /* The count may be left out when there is a buffer. */
  assert_int_equal(RtlUnicodeToUTF8N(bytes, 4, NULL, L"a", 2), STATUS_SUCCESS);
  assert_int_equal(bytes[0], 'a');
}

/* These two answer STATUS_SUCCESS also for a text that was cut, as documented;
 * the length tells. */
static void multi_byte_conversion_cuts_without_a_word(void **state) {
  (void)state;
  static const WCHAR lone[] = {0xD83D};
  CHAR bytes[4];
  WCHAR units[2];
  ULONG length;
  assert_int_equal(RtlUnicodeToMultiByteN(bytes, 3, &length, L"a\x20AC", 4),
                   STATUS_SUCCESS);
  assert_int_equal(length, 1);
  assert_int_equal(RtlUnicodeToMultiByteN(bytes, 4, &length, lone, 2),
                   STATUS_SUCCESS);
  assert_int_equal(length, 3);
  assert_int_equal(RtlMultiByteToUnicodeN(units, 4, &length, "abc", 3),
                   STATUS_SUCCESS);
  assert_int_equal(length, 4);
  assert_memory_equal(units, L"ab", 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(well_formed_text_goes_there_and_back),
      cmocka_unit_test(broken_utf8_becomes_replacement_characters),
      cmocka_unit_test(unpaired_surrogates_become_replacement_characters),
      cmocka_unit_test(a_short_buffer_gets_whole_characters),
      cmocka_unit_test(without_a_buffer_the_needed_size_is_told),
      cmocka_unit_test(zeros_are_characters),
      cmocka_unit_test(multi_byte_conversion_cuts_without_a_word),
      cmocka_unit_test(wrong_parameters_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
