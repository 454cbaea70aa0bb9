#include "format.h"
#include "format_parts.h"
#include "utf.h"

#include <string.h>

void rtl__emit(struct rtl_formatter *f, unsigned unit) {
  if (f->length < f->capacity) {
    if (f->wide)
      ((uint16_t *)f->buffer)[f->length] = (uint16_t)unit;
    else
      ((unsigned char *)f->buffer)[f->length] = (unsigned char)unit;
  }
  f->length++;
}

void rtl__emit_many(struct rtl_formatter *f, unsigned unit, size_t count) {
  /* A width may ask for two thousand million blanks: those that do not fit are
   * only counted. */
  for (; count > 0 && f->length < f->capacity; count--)
    rtl__emit(f, unit);
  f->length += count;
}

void rtl__emit_code(struct rtl_formatter *f, uint32_t code) {
  unsigned char bytes[4];
  uint16_t units[2];
  size_t count =
      f->wide ? rtl__utf16_encode(code, units) : rtl__utf8_encode(code, bytes);
  for (size_t i = 0; i < count; i++)
    rtl__emit(f, f->wide ? units[i] : bytes[i]);
}

static size_t padding(const struct rtl_conversion *c, size_t length) {
  size_t width = (size_t)c->width;
  return width > length ? width - length : 0;
}

void rtl__emit_before(struct rtl_formatter *f, const struct rtl_conversion *c,
                      size_t length) {
  if (!c->left)
    rtl__emit_many(f, c->zero ? '0' : ' ', padding(c, length));
}

void rtl__emit_after(struct rtl_formatter *f, const struct rtl_conversion *c,
                     size_t length) {
  if (c->left)
    rtl__emit_many(f, ' ', padding(c, length));
}

static void emit_ascii(struct rtl_formatter *f, const char *text) {
  for (; *text != '\0'; text++)
    rtl__emit(f, (unsigned char)*text);
}

void rtl__emit_number(struct rtl_formatter *f, const struct rtl_conversion *c,
                      const char *prefix, size_t zeros, const char *digits) {
  size_t length = strlen(prefix) + zeros + strlen(digits);
  /* Zeros stand behind the sign, blanks in front of it. */
  if (!c->zero)
    rtl__emit_before(f, c, length);
  emit_ascii(f, prefix);
  if (c->zero)
    rtl__emit_before(f, c, length);
  rtl__emit_many(f, '0', zeros);
  emit_ascii(f, digits);
  rtl__emit_after(f, c, length);
}

void rtl__emit_text(struct rtl_formatter *f, const struct rtl_conversion *c,
                    const char *text) {
  rtl__emit_before(f, c, strlen(text));
  emit_ascii(f, text);
  rtl__emit_after(f, c, strlen(text));
}

void rtl__format_one(struct rtl_formatter *f, struct rtl_conversion *c) {
  switch (c->type) {
  case 'd':
  case 'i':
  case 'u':
  case 'x':
  case 'X':
  case 'o':
    rtl__format_integer(f, c);
    break;
  case 'c':
  case 'C':
    rtl__format_character(f, c);
    break;
  case 's':
  case 'S':
    rtl__format_string(f, c);
    break;
  case 'Z':
    rtl__format_counted(f, c);
    break;
  case 'p':
    rtl__format_pointer(f, c);
    break;
  case 'n':
    f->refused = true;
    break;
  case '\0':
    break;
  default:
    if (c->type < 0x80 && strchr("eEfFgGaA", (int)c->type) != NULL)
      rtl__format_float(f, c);
    else
      rtl__emit(f, c->type);
  }
}

static size_t run(struct rtl_formatter *f, size_t *written) {
  unsigned unit;
  while (!f->refused && (unit = rtl__format_peek(f)) != 0) {
    f->at++;
    if (unit != '%') {
      rtl__emit(f, unit);
      continue;
    }
    struct rtl_conversion conversion;
    rtl__format_parse(f, &conversion);
    if (conversion.type == '!' && f->site != NULL)
      rtl__format_named(f, &conversion);
    else
      rtl__format_one(f, &conversion);
  }
  if (written != NULL)
    *written = f->length < f->capacity ? f->length : f->capacity;
  return f->refused ? RTL_FORMAT_REFUSED : f->length;
}

size_t rtl__format(char *buffer, size_t capacity, size_t *written,
                   unsigned flags, const char *format, va_list args) {
  struct rtl_formatter f = {.no_float = (flags & RTL_FORMAT_NO_FLOAT) != 0,
                            .format = format,
                            .buffer = buffer,
                            .capacity = capacity};
  va_copy(f.args, args);
  size_t length = run(&f, written);
  va_end(f.args);
  return length;
}

size_t rtl__format_wide(uint16_t *buffer, size_t capacity, size_t *written,
                        unsigned flags, const uint16_t *format, va_list args) {
  struct rtl_formatter f = {.wide = true,
                            .no_float = (flags & RTL_FORMAT_NO_FLOAT) != 0,
                            .format = format,
                            .buffer = buffer,
                            .capacity = capacity};
  va_copy(f.args, args);
  size_t length = run(&f, written);
  va_end(f.args);
  return length;
}

size_t rtl__format_traced(char *buffer, size_t capacity, size_t *written,
                          const struct rtl_format_site *site,
                          const char *format, va_list args) {
  struct rtl_formatter f = {
      .site = site, .format = format, .buffer = buffer, .capacity = capacity};
  va_copy(f.args, args);
  size_t length = run(&f, written);
  va_end(f.args);
  return length;
}
