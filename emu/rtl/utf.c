#include "utf.h"

static bool is_lead_surrogate(uint32_t unit) {
  return (unit & 0xFC00) == 0xD800;
}

static bool is_trail_surrogate(uint32_t unit) {
  return (unit & 0xFC00) == 0xDC00;
}

static struct rtl_decoded ill_formed(size_t units) {
  return (struct rtl_decoded){RTL_REPLACEMENT, units, false};
}

struct rtl_decoded rtl__utf16_decode(const uint16_t *units, size_t count) {
  uint32_t first = units[0];
  if (!is_lead_surrogate(first) && !is_trail_surrogate(first))
    return (struct rtl_decoded){first, 1, true};
  if (is_trail_surrogate(first) || count < 2 || !is_trail_surrogate(units[1]))
    return ill_formed(1);
  uint32_t code = 0x10000 + ((first & 0x3FF) << 10) + (units[1] & 0x3FFu);
  return (struct rtl_decoded){code, 2, true};
}

/* How many bytes a sequence has by its first one (0: no first byte), and the
 * bounds of the second, which rule out overlong forms, surrogates and codes
 * above U+10FFFF. */
static size_t lead_length(unsigned lead, unsigned *low, unsigned *high) {
  *low = 0x80;
  *high = 0xBF;
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return 2;
  if (lead >= 0xE0 && lead <= 0xEF) {
    *low = lead == 0xE0 ? 0xA0 : 0x80;
    *high = lead == 0xED ? 0x9F : 0xBF;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    *low = lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xF4 ? 0x8F : 0xBF;
    return 4;
  }
  return 0;
}

struct rtl_decoded rtl__utf8_decode(const unsigned char *bytes, size_t count) {
  static const unsigned char payload[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  unsigned low, high;
  size_t length = lead_length(bytes[0], &low, &high);
  if (length == 0)
    return ill_formed(1);
  uint32_t code = bytes[0] & payload[length];
  for (size_t i = 1; i < length; i++) {
    if (i >= count || bytes[i] < low || bytes[i] > high)
      return ill_formed(i);
    code = code << 6 | (bytes[i] & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return (struct rtl_decoded){code, length, true};
}

size_t rtl__utf8_encode(uint32_t code, unsigned char out[4]) {
  if (code < 0x80) {
    out[0] = (unsigned char)code;
    return 1;
  }
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--) {
    out[i] = (unsigned char)(0x80 | (code & 0x3F));
    code >>= 6;
  }
  out[0] = (unsigned char)((0xF00u >> length) | code);
  return length;
}

size_t rtl__utf16_encode(uint32_t code, uint16_t out[2]) {
  if (code < 0x10000) {
    out[0] = (uint16_t)code;
    return 1;
  }
  code -= 0x10000;
  out[0] = (uint16_t)(0xD800 | code >> 10);
  out[1] = (uint16_t)(0xDC00 | (code & 0x3FF));
  return 2;
}

size_t rtl__utf8_whole(const unsigned char *bytes, size_t length) {
  unsigned low, high;
  for (size_t back = 1; back <= 3 && back <= length; back++) {
    unsigned byte = bytes[length - back];
    if ((byte & 0xC0) == 0x80)
      continue;
    return lead_length(byte, &low, &high) > back ? length - back : length;
  }
  return length;
}
