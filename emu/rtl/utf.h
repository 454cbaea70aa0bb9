/*
 * UTF-8 and UTF-16, one character at a time.
 *
 * No NT type. Whatever is ill-formed becomes U+FFFD: each surrogate without its
 * partner, and each longest piece of UTF-8 that began well (the practice the
 * Unicode standard recommends and Windows follows since Vista).
 */
#ifndef UWSK_RTL_UTF_H
#define UWSK_RTL_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTL_REPLACEMENT 0xFFFDu

struct rtl_decoded {
  uint32_t code; /* RTL_REPLACEMENT when ill-formed */
  size_t units;  /* how many source units it took, at least 1 */
  bool valid;
};

/* The first character of `count` (at least 1) units. */
struct rtl_decoded rtl__utf16_decode(const uint16_t *units, size_t count);
struct rtl_decoded rtl__utf8_decode(const unsigned char *bytes, size_t count);

/* Writes one character and returns how many units it took. `code` must be a
 * Unicode scalar value, as the decoders give. */
size_t rtl__utf8_encode(uint32_t code, unsigned char out[4]);
size_t rtl__utf16_encode(uint32_t code, uint16_t out[2]);

/* How much of `length` bytes is left when an unfinished character at the end is
 * dropped: for text that was cut at a byte limit. */
size_t rtl__utf8_whole(const unsigned char *bytes, size_t length);

#endif
