/* The printf family of the C library as Microsoft's has it. See uwsk_crt.h. */
#include <ntddk.h>

#include "format.h"

#include <limits.h>

/* A length as these functions return it; %n and a text of more than INT_MAX
 * characters are failures. */
static int as_result(size_t length) {
  return length > INT_MAX ? -1 : (int)length;
}

/* ---- narrow ------------------------------------------------------------ */

/* Keeps the last place for the terminator. */
static size_t print(char *to, SIZE_T count, const char *format, va_list args) {
  size_t written;
  size_t length =
      rtl__format(to, count == 0 ? 0 : count - 1, &written, 0, format, args);
  if (count != 0)
    to[written] = '\0';
  return length;
}

int uwsk_vsprintf(char *to, const char *format, va_list arguments) {
  return as_result(print(to, INT_MAX, format, arguments));
}

int uwsk_vsnprintf(char *to, SIZE_T count, const char *format,
                   va_list arguments) {
  return as_result(print(to, count, format, arguments));
}

int uwsk_ms_vsnprintf(char *to, SIZE_T count, const char *format,
                      va_list arguments) {
  size_t length = rtl__format(to, count, NULL, 0, format, arguments);
  if (length > count)
    return -1;
  if (length < count)
    to[length] = '\0';
  return as_result(length);
}

int uwsk_vsprintf_s(char *to, SIZE_T count, const char *format,
                    va_list arguments) {
  if (to == NULL || count == 0)
    return -1;
  size_t length = print(to, count, format, arguments);
  if (length < count)
    return as_result(length);
  to[0] = '\0';
  return -1;
}

int uwsk_sprintf(char *to, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int result = uwsk_vsprintf(to, format, args);
  va_end(args);
  return result;
}

int uwsk_snprintf(char *to, SIZE_T count, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int result = uwsk_vsnprintf(to, count, format, args);
  va_end(args);
  return result;
}

int uwsk_ms_snprintf(char *to, SIZE_T count, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int result = uwsk_ms_vsnprintf(to, count, format, args);
  va_end(args);
  return result;
}

int uwsk_sprintf_s(char *to, SIZE_T count, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int result = uwsk_vsprintf_s(to, count, format, args);
  va_end(args);
  return result;
}

/* ---- wide -------------------------------------------------------------- */

static size_t print_wide(WCHAR *to, SIZE_T count, const WCHAR *format,
                         va_list args) {
  size_t written;
  size_t length = rtl__format_wide((uint16_t *)to, count == 0 ? 0 : count - 1,
                                   &written, 0, (const uint16_t *)format, args);
  if (count != 0)
    to[written] = 0;
  return length;
}

int uwsk_ms_vsnwprintf(WCHAR *to, SIZE_T count, const WCHAR *format,
                       va_list arguments) {
  size_t length = rtl__format_wide((uint16_t *)to, count, NULL, 0,
                                   (const uint16_t *)format, arguments);
  if (length > count)
    return -1;
  if (length < count)
    to[length] = 0;
  return as_result(length);
}

int uwsk_vswprintf(WCHAR *to, SIZE_T count, const WCHAR *format,
                   va_list arguments) {
  size_t length = print_wide(to, count, format, arguments);
  return length < count ? as_result(length) : -1;
}

int uwsk_vswprintf_s(WCHAR *to, SIZE_T count, const WCHAR *format,
                     va_list arguments) {
  if (to == NULL || count == 0)
    return -1;
  int result = uwsk_vswprintf(to, count, format, arguments);
  if (result < 0)
    to[0] = 0;
  return result;
}

int uwsk_ms_snwprintf(WCHAR *to, SIZE_T count, const WCHAR *format, ...) {
  va_list args;
  va_start(args, format);
  int result = uwsk_ms_vsnwprintf(to, count, format, args);
  va_end(args);
  return result;
}

int uwsk_swprintf(WCHAR *to, SIZE_T count, const WCHAR *format, ...) {
  va_list args;
  va_start(args, format);
  int result = uwsk_vswprintf(to, count, format, args);
  va_end(args);
  return result;
}

int uwsk_swprintf_s(WCHAR *to, SIZE_T count, const WCHAR *format, ...) {
  va_list args;
  va_start(args, format);
  int result = uwsk_vswprintf_s(to, count, format, args);
  va_end(args);
  return result;
}
