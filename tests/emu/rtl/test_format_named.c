/*
 * The conversions %!NAME! of WPP's messages.
 *
 * The page: wdk/what-are-the-wpp-extended-format-specification-strings-.
 */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rtl/format.h"

static const struct rtl_format_site site = {"Function", "..\\net/file.c", 12,
                                            4};
static char text[64];

static const char *format(const char *format, ...) {
  size_t written;
  va_list args;

  va_start(args, format);
  rtl__format_traced(text, sizeof(text) - 1, &written, &site, format, args);
  va_end(args);
  text[written] = '\0';
  return text;
}

static void the_site_takes_no_argument(void **state) {
  (void)state;
  assert_string_equal(format("%!FUNC! %!FILE!:%!LINE! %!LEVEL!%!SPACE!%d", 7),
                      "Function file.c:12 4 7");
  assert_string_equal(format("%!STDPREFIX!%!COMPNAME!%!FLAGS!."), ".");
}

static void values_are_read_by_their_type(void **state) {
  static const GUID id = {0x1, 0x2, 0xffff, {0, 1, 2, 3, 4, 5, 6, 0xff}};
  static const UCHAR v6[16] = {0xfe, 0x80, [15] = 1};
  UNICODE_STRING wide = RTL_CONSTANT_STRING(L"wide");
  ANSI_STRING narrow = RTL_CONSTANT_STRING("narrow");

  (void)state;
  assert_string_equal(
      format("%!STATUS! %!status!", STATUS_PENDING, STATUS_CANCELLED),
      "STATUS_PENDING STATUS_CANCELLED");
  assert_string_equal(format("%!HRESULT! %!WINERROR!", 0x80004005, 5),
                      "0x80004005 5");
  assert_string_equal(format("%!bool! %!BOOLEAN!", 1, FALSE), "TRUE FALSE");
  assert_string_equal(format("%!irql! %!irql! %!irql!", 0, 2, 15),
                      "Low DPC 15");
  assert_string_equal(format("%!IPADDR!:%!PORT!", RtlUlongByteSwap(0x0a000001),
                             RtlUshortByteSwap(443)),
                      "10.0.0.1:443");
  assert_string_equal(format("%!IPV6ADDR!", v6), "fe80::1");
  assert_string_equal(format("%!GUID!", &id),
                      "00000001-0002-ffff-0001-0203040506ff");
  assert_string_equal(format("%!USTR! %!ASTR! %!WSTR!", &wide, &narrow, L"w"),
                      "wide narrow w");
  assert_string_equal(format("%!HANDLE!", NULL), "0000000000000000");
  assert_string_equal(format("%!TIMESTAMP!", -5LL), "-5");
}

static void a_null_is_named(void **state) {
  (void)state;
  assert_string_equal(format("%!GUID! %!IPV6ADDR! %!USTR!", NULL, NULL, NULL),
                      "(null) (null) (null)");
}

static void a_letter_is_itself_and_other_names_are_numbers(void **state) {
  (void)state;
  assert_string_equal(format("%!s! %!x! %!d!", "text", 255, -1), "text ff -1");
  assert_string_equal(format("%!MyEnumeration! %d", 3, 4), "3 4");
}

static void a_width_pads_a_name(void **state) {
  (void)state;
  assert_string_equal(format("%10!FUNC!|%-6!LINE!|", 0), "  Function|12    |");
}

/* Bug: running past the end of a name that does not end. */
static void a_name_may_be_broken(void **state) {
  (void)state;
  assert_string_equal(format("%!FUNC"), "Function");
  assert_string_equal(
      format("%!ANameThatIsLongerThanAnyNameThereIsInTheTable! %d", 1, 2),
      "1 2");
}

/* DbgPrint knows no names: it prints the letter, as for any it does not know.
 */
static void without_a_site_there_are_no_names(void **state) {
  size_t written;
  va_list none;

  (void)state;
  memset(&none, 0, sizeof(none));
  rtl__format(text, sizeof(text), &written, 0, "%!FUNC!", none);
  text[written] = '\0';
  assert_string_equal(text, "!FUNC!");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_site_takes_no_argument),
      cmocka_unit_test(values_are_read_by_their_type),
      cmocka_unit_test(a_null_is_named),
      cmocka_unit_test(a_letter_is_itself_and_other_names_are_numbers),
      cmocka_unit_test(a_width_pads_a_name),
      cmocka_unit_test(a_name_may_be_broken),
      cmocka_unit_test(without_a_site_there_are_no_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
