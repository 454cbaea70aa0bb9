/*
 * Text from a format, by the rules of the Microsoft C run time and of NT's
 * debug print.
 *
 * The C library's printf will not do: on LP64 hosts its %lu takes 64 bits where
 * Windows passes 32, it knows neither %I64u nor %Iu nor %wZ, its %S and %ls
 * take 32-bit characters, and its %p prints 0x. No NT type here; 16-bit
 * characters are uint16_t, which is what WCHAR is with -fshort-wchar and on
 * MinGW.
 *
 * What is understood: flags - + 0 space #, width and precision (with *), sizes
 * h hh l ll w I I32 I64 j z t L, and
 *
 *     d i u x X o   integers: int, l 32 bits, ll I64 j 64, I z t a pointer's
 *     c C           a character; C is of the other width than the format
 *     s S           a string; h narrow, l and w wide; NULL prints (null)
 *     Z             ANSI_STRING *, with l or w UNICODE_STRING *; no precision
 *     p             16 hexadecimal digits in upper case, without 0x
 *     e f g a …     floating point, through the C library (its decimal point is
 *                   the host's locale's, "C" unless the program changed it)
 *     n             refused: nothing is ever written through an argument
 *
 * A letter without a meaning is printed itself. A flag 0 pads strings as well.
 * Narrow text is UTF-8 wherever it meets wide text. Width and precision count
 * units of the argument, as on Windows.
 */
#ifndef UWSK_RTL_FORMAT_H
#define UWSK_RTL_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Returned when the format held %n; what stood before it has been written. */
#define RTL_FORMAT_REFUSED SIZE_MAX

/* Kernel debug output knows no floating point: the letter alone is printed. */
#define RTL_FORMAT_NO_FLOAT 1u

/* Writes at most `capacity` units, no terminator among them, and returns how
 * many the whole text has (RTL_FORMAT_REFUSED: see above). `buffer` may be NULL
 * when `capacity` is 0. `written`, unless NULL, gets the units written. The
 * caller's `args` is left as it was. */
size_t rtl__format(char *buffer, size_t capacity, size_t *written,
                   unsigned flags, const char *format, va_list args);
size_t rtl__format_wide(uint16_t *buffer, size_t capacity, size_t *written,
                        unsigned flags, const uint16_t *format, va_list args);

/* Where a message of the driver's tracing comes from. */
struct rtl_format_site {
  const char *function, *file;
  unsigned line, level;
};

/* As rtl__format, with the conversions %!NAME! of WPP (format_named.c). */
size_t rtl__format_traced(char *buffer, size_t capacity, size_t *written,
                          const struct rtl_format_site *site,
                          const char *format, va_list args);

#endif
