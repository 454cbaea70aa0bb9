/* Characters, strings and counted strings, narrow and wide. */
#include "format_parts.h"
#include "utf.h"

#include <string.h>

/* ANSI_STRING and UNICODE_STRING: both are laid out like this. Lengths count
 * bytes. */
struct counted_string {
  uint16_t length;
  uint16_t maximum_length;
  const void *buffer;
};

/* Whether the argument of a c, C, s or S is wide. A size decides; otherwise the
 * small letter means the format's own width and the capital the other one. */
static bool is_wide(const struct rtl_formatter *f,
                    const struct rtl_conversion *c) {
  if (c->length == RTL_LENGTH_SHORT || c->length == RTL_LENGTH_CHAR)
    return false;
  if (c->length == RTL_LENGTH_LONG || c->length == RTL_LENGTH_WIDE)
    return true;
  bool capital = c->type == 'C' || c->type == 'S';
  return f->wide != capital;
}

static void emit_narrow(struct rtl_formatter *f, const char *text,
                        size_t length) {
  const unsigned char *bytes = (const unsigned char *)text;
  for (size_t i = 0; i < length;) {
    if (!f->wide) {
      rtl__emit(f, bytes[i++]);
      continue;
    }
    struct rtl_decoded next = rtl__utf8_decode(bytes + i, length - i);
    rtl__emit_code(f, next.code);
    i += next.units;
  }
}

static void emit_wide(struct rtl_formatter *f, const uint16_t *text,
                      size_t length) {
  for (size_t i = 0; i < length;) {
    if (f->wide) {
      rtl__emit(f, text[i++]);
      continue;
    }
    struct rtl_decoded next = rtl__utf16_decode(text + i, length - i);
    rtl__emit_code(f, next.code);
    i += next.units;
  }
}

static void emit_text(struct rtl_formatter *f, const struct rtl_conversion *c,
                      bool wide, const void *text, size_t length) {
  rtl__emit_before(f, c, length);
  if (wide)
    emit_wide(f, text, length);
  else
    emit_narrow(f, text, length);
  rtl__emit_after(f, c, length);
}

void rtl__format_character(struct rtl_formatter *f, struct rtl_conversion *c) {
  bool wide = is_wide(f, c);
  int value = va_arg(f->args, int);
  uint16_t wide_unit = (uint16_t)value;
  char narrow_unit = (char)value;
  emit_text(f, c, wide, wide ? (void *)&wide_unit : &narrow_unit, 1);
}

/* The length of a terminated string, looking at no more than the precision
 * allows: with one given the string need not be terminated. */
static size_t bounded_length(const void *text, bool wide, int precision) {
  size_t limit = precision < 0 ? SIZE_MAX : (size_t)precision;
  size_t length = 0;
  if (wide)
    while (length < limit && ((const uint16_t *)text)[length] != 0)
      length++;
  else
    while (length < limit && ((const char *)text)[length] != 0)
      length++;
  return length;
}

void rtl__format_string(struct rtl_formatter *f, struct rtl_conversion *c) {
  bool wide = is_wide(f, c);
  const void *text = va_arg(f->args, const void *);
  if (text == NULL) {
    text = "(null)";
    wide = false;
  }
  emit_text(f, c, wide, text, bounded_length(text, wide, c->precision));
}

void rtl__format_counted(struct rtl_formatter *f, struct rtl_conversion *c) {
  const void *argument = va_arg(f->args, const void *);
  bool wide = c->length == RTL_LENGTH_LONG || c->length == RTL_LENGTH_WIDE;
  struct counted_string string = {0};
  if (argument != NULL)
    memcpy(&string, argument, sizeof(string));
  if (string.buffer == NULL) {
    emit_text(f, c, false, "(null)", 6);
    return;
  }
  emit_text(f, c, wide, string.buffer,
            wide ? string.length / sizeof(uint16_t) : string.length);
}
