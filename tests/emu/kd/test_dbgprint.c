/* Debug output: what is printed, how much of it, and what is filtered. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "kd/kd.h"

static struct {
  char text[2048];
  size_t length;
  size_t calls;
} heard;

static void hear(const char *text, size_t length, void *context) {
  assert_ptr_equal(context, &heard);
  assert_true(heard.length + length < sizeof(heard.text));
  memcpy(heard.text + heard.length, text, length);
  heard.length += length;
  heard.text[heard.length] = '\0';
  heard.calls++;
}

static int listen_anew(void **state) {
  (void)state;
  memset(&heard, 0, sizeof(heard));
  kd__set_sink(hear, &heard);
  kd__set_mask(1);
  return 0;
}

/* Defends against the C library's rules (%lu of 64 bits, no %wZ), and against a
 * line written in pieces that another thread's line can part. */
static void a_call_prints_one_line_by_windows_rules(void **state) {
  (void)state;
  UNICODE_STRING name;
  RtlInitUnicodeString(&name, L"\\Device\\\x00C4");
  assert_int_equal(DbgPrint("%wZ %lu %Iu %p %ws\n", &name,
                            0xDEADBEEF00000007ULL, (SIZE_T)8, (PVOID)0x9,
                            L"\x20AC"),
                   STATUS_SUCCESS);
  assert_string_equal(heard.text, "\\Device\\\xC3\x84 7 8 0000000000000009 "
                                  "\xE2\x82\xAC\n");
  assert_int_equal(heard.calls, 1);
}

/* Documented: no floating point. */
static void floating_point_is_not_understood(void **state) {
  (void)state;
  DbgPrint("%f %d", 1.5, 3);
  assert_string_equal(heard.text, "f 3");
}

/* Defends against more than 512 bytes, and against a line feed lost: without it
 * the next message would go on in the same line. */
static void a_call_transmits_512_bytes_at_most(void **state) {
  (void)state;
  DbgPrint("%512s", "x");
  assert_int_equal(heard.length, 512);
  assert_int_equal(heard.text[511], 'x');
  listen_anew(NULL);
  assert_int_equal(DbgPrint("%513s", "x"), STATUS_SUCCESS);
  assert_int_equal(heard.length, 512);
  assert_int_equal(heard.text[510], ' ');
  assert_int_equal(heard.text[511], '\n');
}

/* Defends against half a character in front of the cut. */
static void a_cut_leaves_whole_characters(void **state) {
  (void)state;
  DbgPrint("%509s\xE2\x82\xAC%s", "x", "yz");
  assert_int_equal(heard.length, 510);
  assert_string_equal(heard.text + 508, "x\n");
}

/* Errors pass and nothing else; an open component, the system-wide mask and
 * masks given in place of a level are as documented. */
static void levels_are_filtered(void **state) {
  (void)state;
  DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "a");
  DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_WARNING_LEVEL, "b");
  assert_int_equal(DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL, "c"),
                   STATUS_SUCCESS);
  assert_string_equal(heard.text, "a");
  assert_int_equal(kd__set_mask(0xF), 1);
  DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL, "d");
  DbgPrintEx(DPFLTR_IHVDRIVER_ID, 4, "e");
  assert_string_equal(heard.text, "ad");
  kd__set_mask(0x100);
  DbgPrintEx(DPFLTR_IHVDRIVER_ID, 8, "f");
  DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_MASK | 0x100, "g");
  DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_MASK | 0x200, "h");
  assert_string_equal(heard.text, "adfg");
}

static void plain_debug_print_is_shown(void **state) {
  (void)state;
  DbgPrint("a");
  DbgPrintEx(DPFLTR_DEFAULT_ID, DPFLTR_TRACE_LEVEL, "b");
  assert_string_equal(heard.text, "ab");
}

static void a_component_can_be_opened(void **state) {
  (void)state;
  assert_int_equal(
      DbgQueryDebugFilterState(DPFLTR_IHVNETWORK_ID, DPFLTR_INFO_LEVEL), FALSE);
  assert_int_equal(
      DbgSetDebugFilterState(DPFLTR_IHVNETWORK_ID, DPFLTR_INFO_LEVEL, TRUE),
      STATUS_SUCCESS);
  assert_int_equal(
      DbgQueryDebugFilterState(DPFLTR_IHVNETWORK_ID, DPFLTR_INFO_LEVEL), TRUE);
  DbgPrintEx(DPFLTR_IHVNETWORK_ID, DPFLTR_INFO_LEVEL, "a");
  DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_INFO_LEVEL, "b");
  DbgSetDebugFilterState(DPFLTR_IHVNETWORK_ID, DPFLTR_INFO_LEVEL, FALSE);
  DbgPrintEx(DPFLTR_IHVNETWORK_ID, DPFLTR_INFO_LEVEL, "c");
  assert_string_equal(heard.text, "a");
}

/* Defends against an index beyond the table of components. */
static void unknown_components_have_the_system_mask_alone(void **state) {
  (void)state;
  DbgPrintEx(100000, DPFLTR_ERROR_LEVEL, "a");
  DbgPrintEx(100000, DPFLTR_INFO_LEVEL, "b");
  DbgPrintEx(MAXULONG, DPFLTR_INFO_LEVEL, "c");
  assert_string_equal(heard.text, "ac");
  assert_int_equal(DbgSetDebugFilterState(100000, 0, TRUE),
                   STATUS_INVALID_PARAMETER_1);
  assert_int_equal(DbgQueryDebugFilterState(100000, 0),
                   STATUS_INVALID_PARAMETER_1);
}

static ULONG print_with_prefix(PCSTR prefix, PCSTR format, ...) {
  va_list args;
  va_start(args, format);
  ULONG status = vDbgPrintExWithPrefix(prefix, DPFLTR_IHVDRIVER_ID,
                                       DPFLTR_ERROR_LEVEL, format, args);
  va_end(args);
  return status;
}

/* Defends against formatting the prefix, and against a prefix that leaves no
 * room. */
static void a_prefix_stands_in_front(void **state) {
  (void)state;
  static char prefix[600];
  assert_int_equal(print_with_prefix("100%d: ", "%d\n", 7), STATUS_SUCCESS);
  assert_string_equal(heard.text, "100%d: 7\n");
  listen_anew(NULL);
  memset(prefix, 'p', sizeof(prefix) - 1);
  print_with_prefix(prefix, "%d", 7);
  assert_int_equal(heard.length, 512);
  assert_int_equal(heard.text[510], 'p');
  assert_int_equal(heard.text[511], '\n');
}

/* Defends against an assertion that nobody hears of, and one that ends the
 * process. */
static void a_failed_assertion_is_reported_and_counted(void **state) {
  (void)state;
  size_t before = kd__assertions();
  char condition[] = "Irp != NULL", file[] = "driver.c";
  RtlAssert(condition, file, 42, NULL);
  assert_non_null(strstr(heard.text, "*** Assertion failed: Irp != NULL\n"));
  assert_non_null(strstr(heard.text, "driver.c, line 42\n"));
  assert_int_equal(kd__assertions(), before + 1);
}

static void a_breakpoint_is_reported_and_passed(void **state) {
  (void)state;
  size_t before = kd__breakpoints();
  DbgBreakPoint();
  assert_non_null(strstr(heard.text, "*** Breakpoint hit at "));
  DbgBreakPointWithStatus(0xC0000001);
  assert_non_null(strstr(heard.text, "status 0xc0000001"));
  assert_int_equal(kd__breakpoints(), before + 2);
}

#define TEST(name) cmocka_unit_test_setup(name, listen_anew)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_call_prints_one_line_by_windows_rules),
      TEST(floating_point_is_not_understood),
      TEST(a_call_transmits_512_bytes_at_most),
      TEST(a_cut_leaves_whole_characters),
      TEST(levels_are_filtered),
      TEST(plain_debug_print_is_shown),
      TEST(a_component_can_be_opened),
      TEST(unknown_components_have_the_system_mask_alone),
      TEST(a_prefix_stands_in_front),
      TEST(a_failed_assertion_is_reported_and_counted),
      TEST(a_breakpoint_is_reported_and_passed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
