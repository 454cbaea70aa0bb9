/*
 * The conversions %!NAME! of WPP messages: a row for each.
 *
 * A name of one letter is that letter's conversion. A name that is not here,
 * such as that of an enumeration of the driver's (CUSTOM_TYPE), takes an
 * argument of 32 bits and prints its number.
 *
 * The page: wdk/what-are-the-wpp-extended-format-specification-strings-.
 */
#include <ntddk.h>

#include <ip2string.h>
#include <string.h>

#include <uwsk/status.h>

#include "rtl/format.h"
#include "rtl/format_parts.h"

#define NAME_MAX 24

static void emit_number(struct rtl_formatter *f, struct rtl_conversion *c,
                        unsigned number) {
  char digits[16];
  size_t at = sizeof(digits) - 1;

  digits[at] = '\0';
  do
    digits[--at] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  rtl__emit_text(f, c, digits + at);
}

/* ---- what is known without an argument ---------------------------------- */

static void format_function(struct rtl_formatter *f, struct rtl_conversion *c) {
  rtl__emit_text(f, c, f->site->function);
}

static void format_file(struct rtl_formatter *f, struct rtl_conversion *c) {
  const char *name = f->site->file;

  for (const char *at = name; *at != '\0'; at++)
    if (*at == '/' || *at == '\\')
      name = at + 1;
  rtl__emit_text(f, c, name);
}

static void format_line(struct rtl_formatter *f, struct rtl_conversion *c) {
  emit_number(f, c, f->site->line);
}

static void format_level(struct rtl_formatter *f, struct rtl_conversion *c) {
  emit_number(f, c, f->site->level);
}

/* What stands in the head of the line already. */
static void format_nothing(struct rtl_formatter *f, struct rtl_conversion *c) {
  (void)f;
  (void)c;
}

static void format_space(struct rtl_formatter *f, struct rtl_conversion *c) {
  rtl__emit_text(f, c, " ");
}

/* ---- values ------------------------------------------------------------ */

static void format_status(struct rtl_formatter *f, struct rtl_conversion *c) {
  rtl__emit_text(f, c, uwsk_status_name(va_arg(f->args, int)));
}

static void format_hexadecimal(struct rtl_formatter *f,
                               struct rtl_conversion *c) {
  c->type = 'x';
  c->precision = 8;
  rtl__emit_text(f, &(struct rtl_conversion){0}, "0x");
  rtl__format_one(f, c);
}

static void format_error(struct rtl_formatter *f, struct rtl_conversion *c) {
  c->type = 'u';
  rtl__format_one(f, c);
}

static void format_boolean(struct rtl_formatter *f, struct rtl_conversion *c) {
  rtl__emit_text(f, c, va_arg(f->args, int) ? "TRUE" : "FALSE");
}

static void format_irql(struct rtl_formatter *f, struct rtl_conversion *c) {
  static const char *const names[] = {"Low", "APC", "DPC"};
  unsigned irql = va_arg(f->args, unsigned);

  if (irql < RTL_NUMBER_OF(names))
    rtl__emit_text(f, c, names[irql]);
  else
    emit_number(f, c, irql);
}

static void format_ipv4(struct rtl_formatter *f, struct rtl_conversion *c) {
  ULONG address = va_arg(f->args, ULONG);
  char text[16];

  RtlIpv4AddressToStringA((const struct in_addr *)(const void *)&address, text);
  rtl__emit_text(f, c, text);
}

static void format_port(struct rtl_formatter *f, struct rtl_conversion *c) {
  emit_number(f, c, RtlUshortByteSwap((USHORT)va_arg(f->args, int)));
}

static void format_ipv6(struct rtl_formatter *f, struct rtl_conversion *c) {
  const struct in6_addr *address = va_arg(f->args, const struct in6_addr *);
  char text[46] = "(null)";

  if (address != NULL)
    RtlIpv6AddressToStringA(address, text);
  rtl__emit_text(f, c, text);
}

static void emit_hexadecimal(char **at, ULONGLONG value, unsigned digits) {
  while (digits-- > 0)
    *(*at)++ = "0123456789abcdef"[value >> (4 * digits) & 15];
}

static void format_guid(struct rtl_formatter *f, struct rtl_conversion *c) {
  const GUID *guid = va_arg(f->args, const GUID *);
  char text[40] = "(null)";
  char *at = text;

  if (guid != NULL) {
    emit_hexadecimal(&at, guid->Data1, 8);
    *at++ = '-';
    emit_hexadecimal(&at, guid->Data2, 4);
    *at++ = '-';
    emit_hexadecimal(&at, guid->Data3, 4);
    *at++ = '-';
    for (int i = 0; i < 8; i++) {
      if (i == 2)
        *at++ = '-';
      emit_hexadecimal(&at, guid->Data4[i], 2);
    }
    *at = '\0';
  }
  rtl__emit_text(f, c, text);
}

static void format_pointer(struct rtl_formatter *f, struct rtl_conversion *c) {
  c->type = 'p';
  rtl__format_one(f, c);
}

static void format_wide_number(struct rtl_formatter *f,
                               struct rtl_conversion *c) {
  c->type = 'd';
  c->length = RTL_LENGTH_64;
  rtl__format_one(f, c);
}

static void format_ansi_string(struct rtl_formatter *f,
                               struct rtl_conversion *c) {
  c->type = 'Z';
  rtl__format_one(f, c);
}

static void format_unicode_string(struct rtl_formatter *f,
                                  struct rtl_conversion *c) {
  c->length = RTL_LENGTH_WIDE;
  format_ansi_string(f, c);
}

static void format_wide_text(struct rtl_formatter *f,
                             struct rtl_conversion *c) {
  c->type = 's';
  c->length = RTL_LENGTH_WIDE;
  rtl__format_one(f, c);
}

/* ---- the table --------------------------------------------------------- */

static const struct {
  const char *name;
  void (*format)(struct rtl_formatter *f, struct rtl_conversion *c);
} named[] = {
    {"FUNC", format_function},
    {"FILE", format_file},
    {"LINE", format_line},
    {"LEVEL", format_level},
    {"STDPREFIX", format_nothing},
    {"COMPNAME", format_nothing},
    {"FLAGS", format_nothing},
    {"SPACE", format_space},
    {"STATUS", format_status},
    {"status", format_status},
    {"NTSTATUS", format_status},
    {"HRESULT", format_hexadecimal},
    {"hresult", format_hexadecimal},
    {"WINERROR", format_error},
    {"bool", format_boolean},
    {"BOOLEAN", format_boolean},
    {"boolean", format_boolean},
    {"bool8", format_boolean},
    {"BOOL", format_boolean},
    {"irql", format_irql},
    {"IPADDR", format_ipv4},
    {"ipaddr", format_ipv4},
    {"IPV6ADDR", format_ipv6},
    {"PORT", format_port},
    {"port", format_port},
    {"GUID", format_guid},
    {"guid", format_guid},
    {"CLSID", format_guid},
    {"LIBID", format_guid},
    {"IID", format_guid},
    {"HANDLE", format_pointer},
    {"handle", format_pointer},
    {"PTR", format_pointer},
    {"TIMESTAMP", format_wide_number},
    {"TIME", format_wide_number},
    {"DATE", format_wide_number},
    {"WAITTIME", format_wide_number},
    {"due", format_wide_number},
    {"delta", format_wide_number},
    {"ASTR", format_ansi_string},
    {"USTR", format_unicode_string},
    {"ustr", format_unicode_string},
    {"WSTR", format_wide_text},
    {"wstr", format_wide_text},
};

/* Takes the name and its closing mark. */
static void take_name(struct rtl_formatter *f, char name[NAME_MAX]) {
  size_t length = 0;
  unsigned unit;

  while ((unit = rtl__format_peek(f)) != 0) {
    f->at++;
    if (unit == '!')
      break;
    if (length < NAME_MAX - 1)
      name[length++] = (char)unit;
  }
  name[length] = '\0';
}

void rtl__format_named(struct rtl_formatter *f, struct rtl_conversion *c) {
  char name[NAME_MAX];

  take_name(f, name);
  for (size_t i = 0; i < RTL_NUMBER_OF(named); i++)
    if (strcmp(named[i].name, name) == 0) {
      named[i].format(f, c);
      return;
    }
  c->type = strlen(name) == 1 ? (unsigned char)name[0] : 'd';
  rtl__format_one(f, c);
}
