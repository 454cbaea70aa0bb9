/*
 * Registration files: what regedit exports is read, what is wrong is named.
 *
 * The format: "How to add, modify, or delete registry subkeys and values by
 * using a .reg file" (support.microsoft.com).
 */
#include "cm_test.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uwsk/fault.h"
#include "uwsk/registry.h"

#define HEAD     "Windows Registry Editor Version 5.00\r\n\r\n"
#define SERVICE  "HKEY_LOCAL_MACHINE\\System\\CurrentControlSet\\Services"
#define SAMPLE_A "[" SERVICE "\\sample]\r\n"

static struct uwsk_registry_error error;

static bool load(const char *text) {
  return uwsk_registry_load(text, strlen(text), &error);
}

static void expect_loaded(const char *text) {
  if (!load(text))
    fail_msg("line %u: %s", error.line, error.text);
  assert_int_equal(error.line, 0);
  assert_string_equal(error.text, "");
}

static void expect_bytes(const char *value, unsigned type, const void *data,
                         size_t size) {
  unsigned found_type;
  UCHAR found[256];
  size_t found_size = sizeof(found);

  assert_int_equal(
      uwsk_registry_get("sample", value, &found_type, found, &found_size),
      STATUS_SUCCESS);
  assert_int_equal(found_type, type);
  assert_int_equal(found_size, size);
  assert_memory_equal(found, data, size);
}

static void expect_text(const char *value, const char *text) {
  char found[256];

  assert_int_equal(
      uwsk_registry_get_string("sample", value, found, sizeof(found)),
      STATUS_SUCCESS);
  assert_string_equal(found, text);
}

/* ---- what regedit writes ------------------------------------------------ */

/* One of each, as an export looks. */
static const char good[] = "\xEF\xBB\xBF" HEAD /* the mark of UTF-8 */
                           "; a comment\r\n" SAMPLE_A "@=\"unnamed\"\r\n"
                           "\"Path\"=\"C:\\\\a \\\"b\\\"; c\"\r\n"
                           "\"Gr\xC3\xB6\xC3\x9F"
                           "e\\\\\"=dword:0000002a\r\n"
                           "\"Bytes\"=hex:01,02,\\\r\n"
                           "  0a,FF\r\n"
                           "\"List\"=hex(7):61,00,00,00,62,00,00,00,00,00\r\n"
                           "\"Folder\"=hex(2):25,00,00,00\r\n"
                           "\"Large\"=hex(b):88,77,66,55,44,33,22,11\r\n"
                           "\"Empty\"=hex(0):\r\n"
                           "\r\n"
                           "[" SERVICE "\\sample\\Parameters [x]]\r\n"
                           "\"Lines\"=\"one\r\ntwo\"\r\n";

static void expect_good(void) {
  static const ULONG number = 42;
  static const ULONGLONG large = 0x1122334455667788;
  char text[32];

  expect_text(NULL, "unnamed");
  expect_text("Path", "C:\\a \"b\"; c");
  expect_bytes("gr\xC3\xB6\xC3\x9F"
               "e\\",
               REG_DWORD, &number, 4);
  expect_bytes("Bytes", REG_BINARY, "\x01\x02\x0a\xff", 4);
  expect_bytes("List", REG_MULTI_SZ, L"a\0b\0", 10);
  expect_bytes("Folder", REG_EXPAND_SZ, L"%", 4);
  expect_bytes("Large", REG_QWORD, &large, 8);
  expect_bytes("Empty", REG_NONE, "", 0);
  assert_int_equal(uwsk_registry_get_string("sample\\Parameters [x]", "Lines",
                                            text, sizeof(text)),
                   STATUS_SUCCESS);
  assert_string_equal(text, "one\r\ntwo");
}

static void an_export_is_read(void **state) {
  (void)state;
  expect_loaded(good);
  expect_good();
  expect_loaded(good); /* once more changes nothing */
  expect_good();
}

/* UTF-16LE of a text that is ASCII or Latin-1 in UTF-8; the mark comes first.
 */
static size_t widen(const char *text, UCHAR *to) {
  size_t size = 0;

  to[size++] = 0xFF;
  to[size++] = 0xFE;
  if (memcmp(text, "\xEF\xBB\xBF", 3) == 0)
    text += 3;
  for (; *text != '\0'; text++) {
    unsigned code = (UCHAR)*text;

    if (code >= 0xC0)
      code = (code & 0x1F) << 6 | ((UCHAR) * ++text & 0x3F);
    to[size++] = (UCHAR)code;
    to[size++] = (UCHAR)(code >> 8);
  }
  return size;
}

static void an_export_in_utf16_is_read(void **state) {
  UCHAR wide[2 * sizeof(good)];
  size_t size = widen(good, wide);

  (void)state;
  assert_true(uwsk_registry_load(wide, size, &error));
  expect_good();
}

static void other_line_ends_and_blanks_do_not_matter(void **state) {
  (void)state;
  expect_loaded("Windows Registry Editor Version 5.00\n"
                "\t[hklm\\SYSTEM\\CurrentControlSet\\Services\\sample]  \n"
                "  \"a\" = DWORD:1 ; one\n"
                "\"b\"=hex: 1 , 2,\\ \n\\\n\t3;three\r"
                "\"c\"=\"text\"\t; and a comment");
  expect_bytes("a", REG_DWORD, "\1\0\0\0", 4);
  expect_bytes("b", REG_BINARY, "\1\2\3", 3);
  expect_text("c", "text");
}

static void values_and_keys_are_deleted(void **state) {
  (void)state;
  expect_loaded(HEAD SAMPLE_A "\"a\"=dword:1\n\"b\"=dword:1\n"
                              "[" SERVICE "\\sample\\x\\y]\n");
  expect_loaded(HEAD SAMPLE_A "\"a\"=-\n\"none\"=-\n"
                              "[-" SERVICE "\\sample\\x]\n"
                              "[-" SERVICE "\\sample\\none]\n" SAMPLE_A
                              "\"c\"=dword:1");
  assert_int_equal(uwsk_registry_delete_value("sample", "a"),
                   STATUS_OBJECT_NAME_NOT_FOUND);
  expect_bytes("b", REG_DWORD, "\1\0\0\0", 4);
  expect_bytes("c", REG_DWORD, "\1\0\0\0", 4);
  assert_false(uwsk_registry_key_exists("sample\\x"));
}

static void every_root_is_known(void **state) {
  (void)state;
  expect_loaded(HEAD "[HKEY_USERS\\.Default\\a]\n[HKEY_CURRENT_USER\\b]\n"
                     "[HKEY_CLASSES_ROOT\\.c]\n[HKEY_CURRENT_CONFIG\\d]\n"
                     "[HKEY_LOCAL_MACHINE]\n[HKEY_LOCAL_MACHINE\\e]");
  assert_true(uwsk_registry_key_exists("\\Registry\\User\\.Default\\a"));
  assert_true(uwsk_registry_key_exists("\\Registry\\User\\.Default\\b"));
  assert_true(uwsk_registry_key_exists("HKLM\\Software\\Classes\\.c"));
  assert_true(uwsk_registry_key_exists("HKCC\\d"));
  assert_true(uwsk_registry_key_exists("\\Registry\\Machine\\e"));
}

/* ---- what is wrong ------------------------------------------------------ */

/* A name of n letters. */
#define A16  "aaaaaaaaaaaaaaaa"
#define A256 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16 A16

static void mistakes_are_named_with_their_line(void **state) {
  static const struct {
    const char *text;
    unsigned line;
    const char *expected;
  } cases[] = {
      {"", 1, "Editor Version 5.00"},
      {"REGEDIT4\r\n", 1, "Editor Version 5.00"},
      {"\n" HEAD, 1, "Editor Version 5.00"},
      {"Windows Registry Editor Version 5.001\n", 1, "the end of the line"},
      {HEAD "nonsense", 3, "a [key], a \"value\", @ or a ; comment"},
      {HEAD "\"a\"=dword:1", 3, "a [key] before the first value"},
      {HEAD "[" SERVICE, 3, "a ] behind the key"},
      {HEAD "[" SERVICE "\n]", 3, "a ] behind the key"},
      {HEAD SAMPLE_A "[" SERVICE "] x", 4, "the end of the line"},
      {HEAD "[]", 3, "a name before and behind"},
      {HEAD "[-]", 3, "a name before and behind"},
      {HEAD "[\\" SERVICE "]", 3, "a name before and behind"},
      {HEAD "[" SERVICE "\\\\a]", 3, "a name before and behind"},
      {HEAD "[" SERVICE "\\]", 3, "a name before and behind"},
      {HEAD "[" SERVICE "\\" A256 "]", 3, "at most 255 characters"},
      {HEAD "[HKEY_NOWHERE\\a]", 3, "a root such as HKEY_LOCAL_MACHINE"},
      {HEAD "[-HKEY_LOCAL_MACHINE]", 3, "a key below the root"},
      {HEAD "[-" SERVICE "\\a]\n\"a\"=dword:1", 4, "the one above is deleted"},
      {HEAD SAMPLE_A "\"a", 4, "a \" at the end of the text"},
      {HEAD SAMPLE_A "\"a\nb\nc", 4, "a \" at the end of the text"},
      {HEAD SAMPLE_A "\"a\\n\"=-", 4, "\\ or \" behind the \\"},
      {HEAD SAMPLE_A "\"a\\", 4, "\\ or \" behind the \\"},
      {HEAD SAMPLE_A "\"a\" dword:1", 4, "a = behind the name"},
      {HEAD SAMPLE_A "@", 4, "a = behind the name"},
      {HEAD SAMPLE_A "@=", 4, "\"text\", dword:, hex: or -"},
      {HEAD SAMPLE_A "@=5", 4, "\"text\", dword:, hex: or -"},
      {HEAD SAMPLE_A "@=dword", 4, "\"text\", dword:, hex: or -"},
      {HEAD SAMPLE_A "@=dword:", 4, "one to eight hexadecimal digits"},
      {HEAD SAMPLE_A "@=dword:g", 4, "one to eight hexadecimal digits"},
      {HEAD SAMPLE_A "@=dword:123456789", 4, "the end of the line"},
      {HEAD SAMPLE_A "@=dword:1g", 4, "the end of the line"},
      {HEAD SAMPLE_A "@=hexa", 4, "hex: or a type such as hex(7):"},
      {HEAD SAMPLE_A "@=hex(", 4, "hex: or a type such as hex(7):"},
      {HEAD SAMPLE_A "@=hex():", 4, "hex: or a type such as hex(7):"},
      {HEAD SAMPLE_A "@=hex(7)", 4, "hex: or a type such as hex(7):"},
      {HEAD SAMPLE_A "@=hex:g", 4, "a byte as two hexadecimal digits"},
      {HEAD SAMPLE_A "@=hex:01,", 4, "a byte as two hexadecimal digits"},
      {HEAD SAMPLE_A "@=hex:01,\n", 4, "a byte as two hexadecimal digits"},
      {HEAD SAMPLE_A "@=hex:01,\\\n,", 5, "a byte as two hexadecimal digits"},
      {HEAD SAMPLE_A "@=hex:123", 4, "the end of the line"},
      {HEAD SAMPLE_A "@=hex:1 2", 4, "the end of the line"},
      {HEAD SAMPLE_A "@=hex:01,\\", 4, "another line behind the \\"},
      {HEAD SAMPLE_A "@=hex:01,\\02", 4, "the end of the line behind the \\"},
      {HEAD SAMPLE_A "@=-x", 4, "the end of the line"},
      {HEAD SAMPLE_A "@=\"a\" \"b\"", 4, "the end of the line"},
      {HEAD SAMPLE_A "@=\"a\nb\"\n?", 6, "a [key], a \"value\""},
      {HEAD SAMPLE_A "\n\xFF", 5, "UTF-8"},
      {HEAD SAMPLE_A "\n\xED\xA0\x80", 5, "UTF-8"}};

  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(cases); i++) {
    if (load(cases[i].text))
      fail_msg("case %u was taken", (unsigned)i);
    if (error.line != cases[i].line ||
        strstr(error.text, cases[i].expected) == NULL ||
        strncmp(error.text, "expected ", 9) != 0)
      fail_msg("case %u: line %u: %s", (unsigned)i, error.line, error.text);
    assert_false(uwsk_registry_key_exists("sample"));
  }
}

static void other_encodings_are_refused(void **state) {
  UCHAR wide[2 * sizeof(good)];
  size_t size = widen(good, wide);

  (void)state;
  assert_false(uwsk_registry_load(wide, size - 1, &error));
  assert_string_equal(error.text, "expected UTF-16: two bytes per character");
  wide[0] = 0xFE;
  wide[1] = 0xFF;
  assert_false(uwsk_registry_load(wide, size, &error));
  assert_non_null(strstr(error.text, "not UTF-16BE"));
  assert_false(uwsk_registry_load(NULL, 1, &error));
  assert_false(uwsk_registry_load(NULL, 0, NULL));
  assert_false(uwsk_registry_load("", (size_t)1 << 40, NULL));
}

static void zeros_are_refused(void **state) {
  static const char in_key[] = HEAD "[" SERVICE "\\a\0b]";
  static const char in_text[] = HEAD SAMPLE_A "\"a\"=\"\0\"";

  (void)state;
  assert_false(uwsk_registry_load(in_key, sizeof(in_key) - 1, &error));
  assert_string_equal(error.text, "expected a key without zeros");
  assert_false(uwsk_registry_load(in_text, sizeof(in_text) - 1, &error));
  assert_string_equal(error.text, "expected a text without zeros");
}

/* As many keys as a path can have, and names as long as they can be. */
static void limits_are_kept(void **state) {
  static char text[70000];
  size_t at;

  (void)state;
  for (int depth = 511; depth <= 512; depth++) {
    at = (size_t)sprintf(text, HEAD "[HKLM");
    for (int i = 0; i < depth; i++)
      at += (size_t)sprintf(text + at, "\\a");
    sprintf(text + at, "]");
    assert_int_equal(load(text), depth == 511);
  }
  assert_string_equal(error.text, "expected a key less deep");
  at = (size_t)sprintf(text, HEAD "[HKLM");
  for (int i = 0; i < 300; i++)
    at += (size_t)sprintf(text + at, "\\%0200d", i);
  sprintf(text + at, "]");
  assert_false(load(text));
  assert_string_equal(error.text, "expected a shorter key");
  sprintf(text, HEAD SAMPLE_A "\"%016383d\"=-\n\"%016384d\"=-", 1, 1);
  assert_false(load(text));
  assert_int_equal(error.line, 5);
  assert_string_equal(error.text,
                      "expected a name of at most 16383 characters");
}

/* Defends against reading behind the end, in the sanitized build: each text is
 * in a block of just its size. */
static void load_exactly(const void *text, size_t size) {
  void *copy = malloc(size + (size == 0));
  bool loaded;

  assert_non_null(copy);
  memcpy(copy, text, size);
  loaded = uwsk_registry_load(copy, size, &error);
  if (!loaded) {
    assert_string_not_equal(error.text, "");
    assert_false(uwsk_registry_key_exists("sample"));
  }
  uwsk_registry_delete_key("sample");
  free(copy);
}

static void every_truncation_is_taken_or_refused_whole(void **state) {
  UCHAR wide[2 * sizeof(good)];
  size_t size = widen(good, wide);

  (void)state;
  for (size_t cut = 0; cut < sizeof(good); cut++)
    load_exactly(good, cut);
  for (size_t cut = 0; cut <= size; cut++)
    load_exactly(wide, cut);
}

/* Every byte in turn replaced by each that means something, and left out. */
static void every_wrong_byte_is_taken_or_refused_whole(void **state) {
  static const char wrong[] = "\0\n\r\t \"\\[]@=-;:,(){}9fZ\x80\xC3\xFF";
  static char text[sizeof(good)];

  (void)state;
  for (size_t at = 0; at < sizeof(good) - 1; at++) {
    for (size_t i = 0; i < sizeof(wrong) - 1; i++) {
      memcpy(text, good, sizeof(good));
      text[at] = wrong[i];
      load_exactly(text, sizeof(good) - 1);
    }
    memcpy(text, good, at);
    memcpy(text + at, good + at + 1, sizeof(good) - 1 - at);
    load_exactly(text, sizeof(good) - 2);
  }
}

/* ---- files -------------------------------------------------------------- */

static void files_are_read(void **state) {
  const char *mode = getenv("UWSK_LOOP");
  char name[64];
  FILE *file;

  (void)state;
  /* The test of the other mode may run beside this one. */
  snprintf(name, sizeof(name), "test_reg_file.%.8s.reg", mode ? mode : "tmp");
  file = fopen(name, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(good, 1, sizeof(good) - 1, file), sizeof(good) - 1);
  /* More than is read at a time. */
  for (int i = 0; i < 5000; i++)
    fprintf(file, "; a comment of no importance at all\r\n");
  assert_int_equal(fclose(file), 0);
  assert_true(uwsk_registry_load_file(name, &error));
  expect_good();
  for (unsigned nth = 1; nth < 4; nth++) {
    uwsk_fault_allocation(nth);
    assert_false(uwsk_registry_load_file(name, &error));
    assert_string_equal(error.text, "there is no memory");
  }
  uwsk_fault_allocation(0);
  remove(name);
  assert_false(uwsk_registry_load_file(name, &error));
  assert_int_equal(error.line, 0);
  assert_string_equal(error.text, "the file cannot be opened");
  assert_false(uwsk_registry_load_file(NULL, NULL));
}

/* ---- ends --------------------------------------------------------------- */

static void each_missing_allocation_is_survived(void **state) {
  UCHAR wide[2 * sizeof(good)];
  size_t size = widen(good, wide);
  bool loaded = false;
  unsigned nth;

  (void)state;
  for (nth = 1; !loaded; nth++) {
    assert_true(nth < 100);
    uwsk_registry_delete_key("sample");
    uwsk_fault_allocation(nth);
    loaded = nth % 2 == 0 ? uwsk_registry_load(wide, size, &error) : load(good);
    uwsk_fault_allocation(0);
    if (!loaded)
      assert_string_equal(error.text, "there is no memory");
  }
  assert_true(nth > 12); /* texts, paths, keys, nine values */
  expect_good();
}

static void without_a_runtime_nothing_is_loaded(void **state) {
  (void)state;
  assert_int_equal(uwsk_stop(), 0);
  assert_false(load(good));
  assert_string_equal(error.text, "STATUS_INVALID_DEVICE_STATE");
  assert_int_equal(uwsk_start(NULL), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(an_export_is_read),
      KERNEL_TEST(an_export_in_utf16_is_read),
      KERNEL_TEST(other_line_ends_and_blanks_do_not_matter),
      KERNEL_TEST(values_and_keys_are_deleted),
      KERNEL_TEST(every_root_is_known),
      KERNEL_TEST(mistakes_are_named_with_their_line),
      KERNEL_TEST(other_encodings_are_refused),
      KERNEL_TEST(zeros_are_refused),
      KERNEL_TEST(limits_are_kept),
      KERNEL_TEST(every_truncation_is_taken_or_refused_whole),
      KERNEL_TEST(every_wrong_byte_is_taken_or_refused_whole),
      KERNEL_TEST(files_are_read),
      KERNEL_TEST(each_missing_allocation_is_survived),
      KERNEL_TEST(without_a_runtime_nothing_is_loaded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
