/* What reading IPv4 and IPv6 addresses has in common. */
#include "rtl/ip_text.h"

unsigned rtl__digit(unsigned character) {
  if (character >= '0' && character <= '9')
    return character - '0';
  character |= 0x20;
  if (character >= 'a' && character <= 'f')
    return character - 'a' + 10;
  return 16;
}

static unsigned read_base(struct rtl_text *text) {
  if (rtl__peek(text, 0) != '0')
    return 10;
  text->at++;
  if ((rtl__peek(text, 0) | 0x20) != 'x')
    return 8;
  text->at++;
  return 16;
}

bool rtl__read_port(struct rtl_text *text, USHORT *port) {
  unsigned base = read_base(text);
  ULONG value = 0;

  for (; rtl__digit(rtl__peek(text, 0)) < base; text->at++) {
    value = value * base + rtl__digit(rtl__peek(text, 0));
    if (value > MAXUSHORT)
      return false;
  }
  if (rtl__peek(text, 0) != 0 || value == 0)
    return false;
  *port = RtlUshortByteSwap((USHORT)value);
  return true;
}
