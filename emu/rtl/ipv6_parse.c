/*
 * RtlIpv6StringToAddress and its kin.
 *
 * Reading ends at the first character that cannot go on; what was read by then
 * is an address or not. Groups are written as they are read, as on Windows,
 * where clients can see them after a failure.
 */
#include <ntddk.h>

#include <in6addr.h>
#include <ip2string.h>

#include "rtl/ip_text.h"

#define WORDS 8
#define NONE  (-1)

enum place { AT_START, AFTER_COLON, AFTER_GAP, IN_NUMBER };

struct parser {
  struct rtl_text *text;
  struct in6_addr *address;
  enum place place;
  int words;    /* that are complete */
  int gap;      /* the word that "::" stands in front of, or NONE */
  bool leading; /* "::" came first, and has a word of its own */
  int dots;     /* of an IPv4 part */
  size_t start; /* of the number */
  bool decimal; /* it has no digit above 9 */
  bool lost;    /* a group is too large to go on with */
};

static size_t digits(const struct parser *parser) {
  return parser->text->at - parser->start;
}

/* How many words are spoken for, before the number that is being read. */
static int taken(const struct parser *parser) {
  return parser->words + (parser->gap != NONE && !parser->leading);
}

/* ---- numbers ----------------------------------------------------------- */

static unsigned value_of(const struct parser *parser, unsigned base) {
  struct rtl_text text = *parser->text;
  unsigned value = 0;

  for (text.at = parser->start; text.at < parser->text->at; text.at++)
    value = value * base + rtl__digit(rtl__peek(&text, 0));
  return value;
}

/* Windows hands the last number to strtol with base 16, which also takes what
 * follows a "0x", at most LONG_MAX. */
static unsigned last_value(const struct parser *parser) {
  struct rtl_text text = *parser->text;
  ULONGLONG value = 0;

  if (digits(parser) != 1 || value_of(parser, 16) != 0 ||
      (rtl__peek(&text, 0) | 0x20) != 'x')
    return value_of(parser, 16);
  for (text.at++; rtl__digit(rtl__peek(&text, 0)) < 16; text.at++) {
    value = value * 16 + rtl__digit(rtl__peek(&text, 0));
    if (value > MAXLONG)
      return MAXLONG;
  }
  return (unsigned)value;
}

static void write_word(struct parser *parser, unsigned value) {
  parser->address->u.Word[parser->words++] = RtlUshortByteSwap((USHORT)value);
}

static bool fits_byte(const struct parser *parser) {
  return digits(parser) <= 3 && value_of(parser, 10) <= 255;
}

static void write_byte(struct parser *parser) {
  parser->address->u.Byte[2 * parser->words + parser->dots] =
      (UCHAR)value_of(parser, 10);
}

/* ---- one character ----------------------------------------------------- */

/* Each returns whether the text goes on behind what it has read. */

static bool begin(struct parser *parser) {
  if (rtl__peek(parser->text, 0) == ':' && rtl__peek(parser->text, 1) == ':') {
    write_word(parser, 0);
    parser->gap = 1;
    parser->leading = true;
    parser->place = AFTER_GAP;
    parser->text->at += 2;
    return true;
  }
  parser->place = AFTER_COLON;
  if (rtl__digit(rtl__peek(parser->text, 0)) < 16)
    return true;
  parser->place = AT_START;
  return false;
}

static bool begin_number(struct parser *parser) {
  unsigned limit = parser->dots > 0 ? 10 : 16;

  if (taken(parser) >= WORDS || rtl__digit(rtl__peek(parser->text, 0)) >= limit)
    return false;
  parser->start = parser->text->at;
  parser->decimal = true;
  parser->place = IN_NUMBER;
  return true;
}

static bool end_group(struct parser *parser) {
  bool gap = rtl__peek(parser->text, 1) == ':';

  if (parser->dots > 0 || taken(parser) + 1 >= WORDS ||
      (gap && parser->gap != NONE))
    return false;
  if (digits(parser) > 4) {
    parser->lost = true;
    return false;
  }
  write_word(parser, value_of(parser, 16));
  parser->place = gap ? AFTER_GAP : AFTER_COLON;
  if (gap)
    parser->gap = parser->words;
  parser->text->at += gap ? 2 : 1;
  return true;
}

static bool end_byte(struct parser *parser) {
  if (parser->dots == 3 || !parser->decimal || taken(parser) + 2 > WORDS)
    return false;
  if (!fits_byte(parser)) {
    parser->lost = true;
    return false;
  }
  write_byte(parser);
  parser->dots++;
  parser->place = AFTER_COLON;
  parser->text->at++;
  return true;
}

static bool in_number(struct parser *parser) {
  unsigned character = rtl__peek(parser->text, 0);
  unsigned digit = rtl__digit(character);

  if (character == ':')
    return end_group(parser);
  if (character == '.')
    return end_byte(parser);
  if (digit >= (parser->dots > 0 ? 10u : 16u))
    return false;
  if (digit >= 10)
    parser->decimal = false;
  parser->text->at++;
  return true;
}

static bool step(struct parser *parser) {
  switch (parser->place) {
  case AT_START:
    return begin(parser);
  case AFTER_COLON:
  case AFTER_GAP:
    return begin_number(parser);
  default:
    return in_number(parser);
  }
}

/* ---- the whole --------------------------------------------------------- */

/* Completes the number that reading ended in. */
static bool end_number(struct parser *parser) {
  int own = parser->dots > 0 ? 2 : 1;

  if (parser->gap == NONE && parser->words + own != WORDS)
    return false;
  if (parser->dots > 0) {
    if (parser->dots != 3 || !fits_byte(parser))
      return false;
    write_byte(parser);
    parser->words += 2;
    return true;
  }
  if (digits(parser) > 4)
    return false;
  write_word(parser, last_value(parser));
  return true;
}

/* Moves what follows "::" to the end. */
static void fill_gap(struct parser *parser) {
  int missing = WORDS - parser->words;
  PUSHORT words = parser->address->u.Word;

  if (parser->gap == NONE)
    return;
  for (int i = parser->words - 1; i >= parser->gap; i--)
    words[i + missing] = words[i];
  for (int i = 0; i < missing; i++)
    words[parser->gap + i] = 0;
}

/* Where the text stands afterwards is not said when `lost`. */
static NTSTATUS parse(struct rtl_text *text, struct in6_addr *address,
                      bool *lost) {
  struct parser parser = {.text = text, .address = address, .gap = NONE};

  while (step(&parser)) {
  }
  *lost = parser.lost;
  if (parser.lost || parser.place == AT_START || parser.place == AFTER_COLON)
    return STATUS_INVALID_PARAMETER;
  if (parser.place == IN_NUMBER && !end_number(&parser))
    return STATUS_INVALID_PARAMETER;
  fill_gap(&parser);
  return STATUS_SUCCESS;
}

NTSTATUS RtlIpv6StringToAddressA(PCSTR S, PCSTR *Terminator,
                                 struct in6_addr *Addr) {
  struct rtl_text text = {S, false, 0};
  bool lost;
  NTSTATUS status = parse(&text, Addr, &lost);

  if (!lost)
    *Terminator = S + text.at;
  return status;
}

NTSTATUS RtlIpv6StringToAddressW(PCWSTR S, PCWSTR *Terminator,
                                 struct in6_addr *Addr) {
  struct rtl_text text = {S, true, 0};
  bool lost;
  NTSTATUS status = parse(&text, Addr, &lost);

  if (!lost)
    *Terminator = S + text.at;
  return status;
}

/* ---- with scope and port ----------------------------------------------- */

static bool read_scope(struct rtl_text *text, ULONG *scope) {
  size_t start = text->at;
  ULONGLONG value = 0;

  for (; rtl__digit(rtl__peek(text, 0)) < 10; text->at++) {
    value = value * 10 + rtl__digit(rtl__peek(text, 0));
    if (value > MAXULONG)
      return false;
  }
  *scope = (ULONG)value;
  return text->at > start;
}

static bool read_rest(struct rtl_text *text, bool bracket, ULONG *scope,
                      USHORT *port) {
  if (rtl__peek(text, 0) == '%') {
    text->at++;
    if (!read_scope(text, scope))
      return false;
  }
  if (bracket) {
    if (rtl__peek(text, 0) != ']')
      return false;
    text->at++;
    if (rtl__peek(text, 0) == ':') {
      text->at++;
      return rtl__read_port(text, port);
    }
  }
  return rtl__peek(text, 0) == 0;
}

static NTSTATUS parse_whole(struct rtl_text text, struct in6_addr *address,
                            PULONG scope, PUSHORT port) {
  ULONG found_scope = 0;
  USHORT found_port = 0;
  bool bracket, lost;

  if (text.start == NULL || address == NULL || scope == NULL || port == NULL)
    return STATUS_INVALID_PARAMETER;
  bracket = rtl__peek(&text, 0) == '[';
  text.at += bracket;
  if (!NT_SUCCESS(parse(&text, address, &lost)) ||
      !read_rest(&text, bracket, &found_scope, &found_port))
    return STATUS_INVALID_PARAMETER;
  *scope = found_scope;
  *port = found_port;
  return STATUS_SUCCESS;
}

NTSTATUS RtlIpv6StringToAddressExA(PCSTR AddressString,
                                   struct in6_addr *Address, PULONG ScopeId,
                                   PUSHORT Port) {
  return parse_whole((struct rtl_text){AddressString, false, 0}, Address,
                     ScopeId, Port);
}

NTSTATUS RtlIpv6StringToAddressExW(PCWSTR AddressString,
                                   struct in6_addr *Address, PULONG ScopeId,
                                   PUSHORT Port) {
  return parse_whole((struct rtl_text){AddressString, true, 0}, Address,
                     ScopeId, Port);
}
