/* Text that is read character by character, narrow or wide. */
#ifndef UWSK_RTL_IP_TEXT_H
#define UWSK_RTL_IP_TEXT_H

#include <ntddk.h>
#include <stdbool.h>
#include <stddef.h>

struct rtl_text {
  const void *start;
  bool wide;
  size_t at; /* index of the next character */
};

static inline unsigned rtl__peek(const struct rtl_text *text, size_t ahead) {
  if (text->wide)
    return ((const WCHAR *)text->start)[text->at + ahead];
  return ((const unsigned char *)text->start)[text->at + ahead];
}

/* The value of a digit, 16 when it is none. */
unsigned rtl__digit(unsigned character);

/* Reads a number in C's notation (0x…, 0…, decimal) to the text's end. False
 * when there is none, when it is 0, or when it is above 65535. */
bool rtl__read_port(struct rtl_text *text, USHORT *port);

#endif
