/*
 * RtlIpv4StringToAddress and its kin.
 *
 * Windows notices a part that overflows 32 bits only when that makes it
 * smaller, and so does this.
 */
#include <ntddk.h>

#include <inaddr.h>
#include <ip2string.h>

#include "rtl/ip_text.h"

struct parts {
  ULONG values[4];
  unsigned count;
};

/* At a digit of the base, or it is none. Leaves the text where it failed. */
static bool read_digits(struct rtl_text *text, unsigned base, ULONG *value) {
  unsigned digit = rtl__digit(rtl__peek(text, 0));

  if (digit >= base)
    return false;
  for (*value = 0; digit < base; digit = rtl__digit(rtl__peek(text, 0))) {
    ULONG next = *value * base + digit;

    if (next < *value)
      return false;
    *value = next;
    text->at++;
  }
  return true;
}

/* A zero in front names the base, unless it is all there is. */
static bool read_part(struct rtl_text *text, bool strict, ULONG *value) {
  unsigned base = 8;

  if (rtl__peek(text, 0) != '0')
    return read_digits(text, 10, value);
  text->at++;
  *value = 0;
  if ((rtl__peek(text, 0) | 0x20) == 'x') {
    text->at++;
    base = 16;
  } else if (rtl__digit(rtl__peek(text, 0)) >= 10) {
    return true;
  }
  return !strict && read_digits(text, base, value);
}

static bool read_parts(struct rtl_text *text, bool strict,
                       struct parts *parts) {
  for (parts->count = 0;; text->at++) {
    size_t start = text->at;

    if (!read_part(text, strict, &parts->values[parts->count])) {
      if (text->at == start && rtl__peek(text, 0) == '.')
        text->at++;
      return false;
    }
    parts->count++;
    if (rtl__peek(text, 0) != '.')
      return true;
    if (parts->count == 4)
      return false;
  }
}

/* The last part fills the bytes that the others leave. */
static bool combine(const struct parts *parts, ULONG *address) {
  unsigned last = parts->count - 1;
  ULONG limit = MAXULONG >> (8 * last);

  if (parts->values[last] > limit)
    return false;
  *address = parts->values[last];
  for (unsigned i = 0; i < last; i++) {
    if (parts->values[i] > 255)
      return false;
    *address |= parts->values[i] << (24 - 8 * i);
  }
  return true;
}

static NTSTATUS parse(struct rtl_text *text, bool strict,
                      struct in_addr *address) {
  struct parts parts;
  ULONG value;

  if (!read_parts(text, strict, &parts) || (strict && parts.count != 4) ||
      !combine(&parts, &value))
    return STATUS_INVALID_PARAMETER;
  address->S_un.S_addr = RtlUlongByteSwap(value);
  return STATUS_SUCCESS;
}

NTSTATUS RtlIpv4StringToAddressA(PCSTR S, BOOLEAN Strict, PCSTR *Terminator,
                                 struct in_addr *Addr) {
  struct rtl_text text = {S, false, 0};
  NTSTATUS status = parse(&text, Strict, Addr);

  *Terminator = S + text.at;
  return status;
}

NTSTATUS RtlIpv4StringToAddressW(PCWSTR S, BOOLEAN Strict, PCWSTR *Terminator,
                                 struct in_addr *Addr) {
  struct rtl_text text = {S, true, 0};
  NTSTATUS status = parse(&text, Strict, Addr);

  *Terminator = S + text.at;
  return status;
}

static NTSTATUS parse_whole(struct rtl_text text, bool strict,
                            struct in_addr *address, PUSHORT port) {
  USHORT found = 0;
  NTSTATUS status;

  if (text.start == NULL || address == NULL || port == NULL)
    return STATUS_INVALID_PARAMETER;
  status = parse(&text, strict, address);
  if (!NT_SUCCESS(status))
    return status;
  if (rtl__peek(&text, 0) == ':') {
    text.at++;
    if (!rtl__read_port(&text, &found))
      return STATUS_INVALID_PARAMETER;
  }
  if (rtl__peek(&text, 0) != 0)
    return STATUS_INVALID_PARAMETER;
  *port = found;
  return STATUS_SUCCESS;
}

NTSTATUS RtlIpv4StringToAddressExA(PCSTR AddressString, BOOLEAN Strict,
                                   struct in_addr *Address, PUSHORT Port) {
  return parse_whole((struct rtl_text){AddressString, false, 0}, Strict,
                     Address, Port);
}

NTSTATUS RtlIpv4StringToAddressExW(PCWSTR AddressString, BOOLEAN Strict,
                                   struct in_addr *Address, PUSHORT Port) {
  return parse_whole((struct rtl_text){AddressString, true, 0}, Strict, Address,
                     Port);
}
