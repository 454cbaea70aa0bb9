/* Integers, pointers and floating point. */

/* MinGW's own printf and not msvcrt's: three-digit exponents are a thing of the
 * past on Windows too. */
#define __USE_MINGW_ANSI_STDIO 1

#include "format_parts.h"

#include <stdio.h>
#include <string.h>

/* 64 bits in octal and a terminator. */
#define DIGITS_MAX 23

/* 309 digits of the largest double, a point, this many behind it. */
#define FLOAT_PRECISION_MAX 160
#define FLOAT_TEXT_MAX      512

static uint64_t take_unsigned(struct rtl_formatter *f, enum rtl_length length) {
  switch (length) {
  case RTL_LENGTH_64:
    return va_arg(f->args, unsigned long long);
  case RTL_LENGTH_POINTER:
    return va_arg(f->args, size_t);
  case RTL_LENGTH_SHORT:
    return (uint16_t)va_arg(f->args, unsigned);
  case RTL_LENGTH_CHAR:
    return (uint8_t)va_arg(f->args, unsigned);
  default:
    return va_arg(f->args, unsigned);
  }
}

/* The argument as a signed number: its magnitude, and whether it is below zero.
 */
static uint64_t take_signed(struct rtl_formatter *f, enum rtl_length length,
                            bool *negative) {
  uint64_t raw = take_unsigned(f, length);
  int64_t value;
  if (length == RTL_LENGTH_64)
    value = (int64_t)raw;
  else if (length == RTL_LENGTH_POINTER)
    value = (ptrdiff_t)raw;
  else if (length == RTL_LENGTH_SHORT)
    value = (int16_t)raw;
  else if (length == RTL_LENGTH_CHAR)
    value = (int8_t)raw;
  else
    value = (int32_t)raw;
  *negative = value < 0;
  return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/* Digits of `value`, none for zero; the text lies at the end of `digits`. */
static const char *to_digits(uint64_t value, unsigned base, bool upper,
                             char digits[DIGITS_MAX]) {
  const char *symbols = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  char *first = digits + DIGITS_MAX - 1;
  *first = '\0';
  for (; value != 0; value /= base)
    *--first = symbols[value % base];
  return first;
}

/* How many zeros bring the digits up to the precision, 1 unless given. */
static size_t missing_zeros(const struct rtl_conversion *c,
                            const char *digits) {
  size_t wanted = c->precision < 0 ? 1 : (size_t)c->precision;
  size_t have = strlen(digits);
  return wanted > have ? wanted - have : 0;
}

static void emit_integer(struct rtl_formatter *f, struct rtl_conversion *c,
                         const char *prefix, const char *digits) {
  size_t zeros = missing_zeros(c, digits);
  if (c->alternate && c->type == 'o' && zeros == 0)
    zeros = 1;
  if (c->precision >= 0)
    c->zero = false;
  rtl__emit_number(f, c, prefix, zeros, digits);
}

static void format_signed(struct rtl_formatter *f, struct rtl_conversion *c) {
  char digits[DIGITS_MAX];
  bool negative;
  uint64_t magnitude = take_signed(f, c->length, &negative);
  const char *sign = negative ? "-" : c->plus ? "+" : c->space ? " " : "";
  emit_integer(f, c, sign, to_digits(magnitude, 10, false, digits));
}

void rtl__format_integer(struct rtl_formatter *f, struct rtl_conversion *c) {
  if (c->type == 'd' || c->type == 'i') {
    format_signed(f, c);
    return;
  }
  char digits[DIGITS_MAX];
  bool upper = c->type == 'X';
  bool hex = upper || c->type == 'x';
  unsigned base = hex ? 16 : c->type == 'o' ? 8 : 10;
  uint64_t value = take_unsigned(f, c->length);
  const char *prefix = "";
  if (c->alternate && hex && value != 0)
    prefix = upper ? "0X" : "0x";
  emit_integer(f, c, prefix, to_digits(value, base, upper, digits));
}

void rtl__format_pointer(struct rtl_formatter *f, struct rtl_conversion *c) {
  char digits[DIGITS_MAX];
  uintptr_t value = (uintptr_t)va_arg(f->args, void *);
  c->precision = 2 * (int)sizeof(void *);
  emit_integer(f, c, c->alternate ? "0X" : "",
               to_digits(value, 16, true, digits));
}

/* The C library makes the digits; sign, width and padding are ours. */
static void print_float(struct rtl_formatter *f, const struct rtl_conversion *c,
                        char text[FLOAT_TEXT_MAX]) {
  char format[8] = "%";
  int precision =
      c->precision > FLOAT_PRECISION_MAX ? FLOAT_PRECISION_MAX : c->precision;
  if (c->alternate)
    strcat(format, "#");
  strcat(format, ".*");
  if (c->length == RTL_LENGTH_DOUBLE)
    strcat(format, "L");
  size_t end = strlen(format);
  format[end] = (char)c->type;
  if (c->length == RTL_LENGTH_DOUBLE) {
    long double value = va_arg(f->args, long double);
    /* The range of a double is all that Windows' own long double has. */
    if (value > 1.8e308L || value < -1.8e308L)
      value = value > 0 ? __builtin_inf() : -__builtin_inf();
    snprintf(text, FLOAT_TEXT_MAX, format, precision, value);
    return;
  }
  snprintf(text, FLOAT_TEXT_MAX, format, precision, va_arg(f->args, double));
}

void rtl__format_float(struct rtl_formatter *f, struct rtl_conversion *c) {
  char text[FLOAT_TEXT_MAX];
  if (f->no_float) {
    (void)va_arg(f->args, double);
    rtl__emit(f, c->type);
    return;
  }
  print_float(f, c, text);
  bool negative = text[0] == '-';
  const char *digits = text + (negative ? 1 : 0);
  if (strchr("iInN", digits[0]) != NULL)
    c->zero = false;
  rtl__emit_number(f, c,
                   negative   ? "-"
                   : c->plus  ? "+"
                   : c->space ? " "
                              : "",
                   0, digits);
}
