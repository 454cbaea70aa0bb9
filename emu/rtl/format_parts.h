/*
 * What the files of the formatter share: one conversion, and the state of one
 * call. Nobody else includes this; see format.h.
 */
#ifndef UWSK_RTL_FORMAT_PARTS_H
#define UWSK_RTL_FORMAT_PARTS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rtl_length {
  RTL_LENGTH_NONE,
  RTL_LENGTH_CHAR,    /* hh */
  RTL_LENGTH_SHORT,   /* h */
  RTL_LENGTH_LONG,    /* l: 32 bits, and wide text */
  RTL_LENGTH_WIDE,    /* w: wide text */
  RTL_LENGTH_32,      /* I32 */
  RTL_LENGTH_64,      /* ll I64 j */
  RTL_LENGTH_POINTER, /* I z t */
  RTL_LENGTH_DOUBLE   /* L */
};

/* "%-08.3lx", taken apart. */
struct rtl_conversion {
  bool left, plus, space, alternate, zero;
  int width;
  int precision; /* -1: none given */
  enum rtl_length length;
  unsigned type; /* the letter; 0 when the format ended first */
};

struct rtl_format_site;

struct rtl_formatter {
  const struct rtl_format_site *site; /* NULL: %!NAME! means nothing */
  bool wide;                          /* the format and the output are UTF-16 */
  bool no_float;
  bool refused;
  const void *format;
  size_t at; /* next unit of the format */
  void *buffer;
  size_t capacity;
  size_t length; /* of the whole text so far, written or not */
  va_list args;
};

/* The next unit of the format without taking it; 0 at its end. */
unsigned rtl__format_peek(const struct rtl_formatter *f);

/* Takes one conversion, the '%' being taken already. */
void rtl__format_parse(struct rtl_formatter *f, struct rtl_conversion *c);

/* Output: one unit, one unit many times, one Unicode character. */
void rtl__emit(struct rtl_formatter *f, unsigned unit);
void rtl__emit_many(struct rtl_formatter *f, unsigned unit, size_t count);
void rtl__emit_code(struct rtl_formatter *f, uint32_t code);

/* A prefix (sign, 0x) and ASCII digits, padded to the width. `zeros` go between
 * the two in any case; a conversion with the flag 0 pads there as well. */
void rtl__emit_number(struct rtl_formatter *f, const struct rtl_conversion *c,
                      const char *prefix, size_t zeros, const char *digits);

/* The padding in front of and behind a text of `length` units. */
void rtl__emit_before(struct rtl_formatter *f, const struct rtl_conversion *c,
                      size_t length);
void rtl__emit_after(struct rtl_formatter *f, const struct rtl_conversion *c,
                     size_t length);

void rtl__format_integer(struct rtl_formatter *f, struct rtl_conversion *c);
void rtl__format_pointer(struct rtl_formatter *f, struct rtl_conversion *c);
void rtl__format_float(struct rtl_formatter *f, struct rtl_conversion *c);
void rtl__format_character(struct rtl_formatter *f, struct rtl_conversion *c);
void rtl__format_string(struct rtl_formatter *f, struct rtl_conversion *c);
void rtl__format_counted(struct rtl_formatter *f, struct rtl_conversion *c);

/* One conversion, taken apart already, and of a type that is a letter. */
void rtl__format_one(struct rtl_formatter *f, struct rtl_conversion *c);

/* %!NAME!, up to its first exclamation mark taken. */
void rtl__format_named(struct rtl_formatter *f, struct rtl_conversion *c);

/* ASCII text, padded. */
void rtl__emit_text(struct rtl_formatter *f, const struct rtl_conversion *c,
                    const char *text);

#endif
