/* Takes "%-08.*I64x" apart. */
#include "format_parts.h"

#include <limits.h>

unsigned rtl__format_peek(const struct rtl_formatter *f) {
  if (f->wide)
    return ((const uint16_t *)f->format)[f->at];
  return ((const unsigned char *)f->format)[f->at];
}

static bool take(struct rtl_formatter *f, unsigned unit) {
  if (rtl__format_peek(f) != unit)
    return false;
  f->at++;
  return true;
}

/* True when the next two units are these; then they are taken. */
static bool take_pair(struct rtl_formatter *f, unsigned first,
                      unsigned second) {
  if (!take(f, first))
    return false;
  if (take(f, second))
    return true;
  f->at--;
  return false;
}

static void parse_flags(struct rtl_formatter *f, struct rtl_conversion *c) {
  for (;; f->at++) {
    switch (rtl__format_peek(f)) {
    case '-':
      c->left = true;
      break;
    case '+':
      c->plus = true;
      break;
    case ' ':
      c->space = true;
      break;
    case '#':
      c->alternate = true;
      break;
    case '0':
      c->zero = true;
      break;
    default:
      return;
    }
  }
}

/* A decimal number, no larger than INT_MAX whatever is written there. */
static int parse_number(struct rtl_formatter *f) {
  int number = 0;
  for (;; f->at++) {
    unsigned unit = rtl__format_peek(f);
    if (unit < '0' || unit > '9')
      return number;
    int digit = (int)(unit - '0');
    number = number > (INT_MAX - digit) / 10 ? INT_MAX : number * 10 + digit;
  }
}

static void parse_width(struct rtl_formatter *f, struct rtl_conversion *c) {
  if (!take(f, '*')) {
    c->width = parse_number(f);
    return;
  }
  int width = va_arg(f->args, int);
  if (width < 0)
    c->left = true;
  c->width = width == INT_MIN ? INT_MAX : width < 0 ? -width : width;
}

static void parse_precision(struct rtl_formatter *f, struct rtl_conversion *c) {
  c->precision = -1;
  if (!take(f, '.'))
    return;
  c->precision = take(f, '*') ? va_arg(f->args, int) : parse_number(f);
  if (c->precision < 0)
    c->precision = -1;
}

static enum rtl_length parse_length(struct rtl_formatter *f) {
  if (take(f, 'h'))
    return take(f, 'h') ? RTL_LENGTH_CHAR : RTL_LENGTH_SHORT;
  if (take(f, 'l'))
    return take(f, 'l') ? RTL_LENGTH_64 : RTL_LENGTH_LONG;
  if (take(f, 'w'))
    return RTL_LENGTH_WIDE;
  if (take(f, 'I')) {
    if (take_pair(f, '6', '4'))
      return RTL_LENGTH_64;
    return take_pair(f, '3', '2') ? RTL_LENGTH_32 : RTL_LENGTH_POINTER;
  }
  if (take(f, 'j'))
    return RTL_LENGTH_64;
  if (take(f, 'z') || take(f, 't'))
    return RTL_LENGTH_POINTER;
  return take(f, 'L') ? RTL_LENGTH_DOUBLE : RTL_LENGTH_NONE;
}

void rtl__format_parse(struct rtl_formatter *f, struct rtl_conversion *c) {
  *c = (struct rtl_conversion){0};
  parse_flags(f, c);
  parse_width(f, c);
  parse_precision(f, c);
  c->length = parse_length(f);
  c->type = rtl__format_peek(f);
  if (c->type != 0)
    f->at++;
}
