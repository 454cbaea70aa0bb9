/* RtlIpv4AddressToString, RtlIpv6AddressToString and their kin. */
#include <ntddk.h>

#include <in6addr.h>
#include <inaddr.h>
#include <ip2string.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WORDS  8
#define ISATAP 0x5efe

/* Room for "[", 45 characters of an address, "%4294967295", "]:65535". */
struct line {
  char text[80];
  size_t length;
};

static void add(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *format, ...) {
  va_list arguments;
  int added;

  va_start(arguments, format);
  added = vsnprintf(line->text + line->length,
                    sizeof(line->text) - line->length, format, arguments);
  va_end(arguments);
  line->length += (size_t)added;
}

static void add_bytes(struct line *line, const UCHAR *bytes) {
  add(line, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

static void add_ipv4(struct line *line, const struct in_addr *address) {
  add_bytes(line, (const UCHAR *)address);
}

/* ---- IPv6 -------------------------------------------------------------- */

static unsigned word(const struct in6_addr *address, int index) {
  return RtlUshortByteSwap(address->u.Word[index]);
}

static bool zeros_up_to(const struct in6_addr *address, int end) {
  for (int i = 0; i < end; i++)
    if (word(address, i) != 0)
      return false;
  return true;
}

/* IPv4-compatible, -mapped and -translated addresses, which are told by their
 * first bytes (0.0.x.y is none of an IPv4 host), and ISATAP identifiers, with
 * the universal bit or without. */
static bool ends_in_ipv4(const struct in6_addr *address) {
  unsigned fifth = word(address, 4), sixth = word(address, 5);

  if (sixth == ISATAP && (fifth & ~0x0200u) == 0)
    return true;
  if (word(address, 6) == 0 || !zeros_up_to(address, 4))
    return false;
  return (fifth == 0 && (sixth == 0 || sixth == 0xffff)) ||
         (fifth == 0xffff && sixth == 0);
}

struct run {
  int start, length;
};

/* The longest run of zeros, the first of several; of one word is none. */
static struct run longest_zeros(const struct in6_addr *address, int count) {
  struct run best = {count, 1}, run = {0, 0};

  for (int i = 0; i < count; i++) {
    if (word(address, i) != 0) {
      run = (struct run){i + 1, 0};
      continue;
    }
    run.length++;
    if (run.length > best.length)
      best = run;
  }
  return best;
}

static void add_ipv6(struct line *line, const struct in6_addr *address) {
  int count = ends_in_ipv4(address) ? WORDS - 2 : WORDS;
  struct run zeros = longest_zeros(address, count);
  bool colon = false; /* is wanted before the next word */

  for (int i = 0; i < count; i++) {
    if (i == zeros.start) {
      add(line, "::");
      i += zeros.length - 1;
      colon = false;
      continue;
    }
    add(line, "%s%x", colon ? ":" : "", word(address, i));
    colon = true;
  }
  if (count == WORDS)
    return;
  if (colon)
    add(line, ":");
  add_bytes(line, &address->u.Byte[12]);
}

/* ---- handing it over --------------------------------------------------- */

static PSTR copy_narrow(const struct line *line, PSTR to) {
  memcpy(to, line->text, line->length + 1);
  return to + line->length;
}

static PWSTR copy_wide(const struct line *line, PWSTR to) {
  for (size_t i = 0; i <= line->length; i++)
    to[i] = (WCHAR)line->text[i];
  return to + line->length;
}

/* Whether the text fits; *room becomes what it takes. */
static bool fits(const struct line *line, PULONG room) {
  ULONG given = *room;

  *room = (ULONG)line->length + 1;
  return given >= *room;
}

PSTR RtlIpv4AddressToStringA(const struct in_addr *Addr, PSTR S) {
  struct line line = {.length = 0};

  add_ipv4(&line, Addr);
  return copy_narrow(&line, S);
}

PWSTR RtlIpv4AddressToStringW(const struct in_addr *Addr, PWSTR S) {
  struct line line = {.length = 0};

  add_ipv4(&line, Addr);
  return copy_wide(&line, S);
}

PSTR RtlIpv6AddressToStringA(const struct in6_addr *Addr, PSTR S) {
  struct line line = {.length = 0};

  add_ipv6(&line, Addr);
  return copy_narrow(&line, S);
}

PWSTR RtlIpv6AddressToStringW(const struct in6_addr *Addr, PWSTR S) {
  struct line line = {.length = 0};

  add_ipv6(&line, Addr);
  return copy_wide(&line, S);
}

static bool are_given(const void *address, const void *to, const ULONG *room) {
  return address != NULL && room != NULL && (to != NULL || *room == 0);
}

static struct line ipv4_line(const struct in_addr *address, USHORT port) {
  struct line line = {.length = 0};

  add_ipv4(&line, address);
  if (port != 0)
    add(&line, ":%u", RtlUshortByteSwap(port));
  return line;
}

NTSTATUS RtlIpv4AddressToStringExA(const struct in_addr *Address, USHORT Port,
                                   PSTR AddressString,
                                   PULONG AddressStringLength) {
  struct line line;

  if (!are_given(Address, AddressString, AddressStringLength))
    return STATUS_INVALID_PARAMETER;
  line = ipv4_line(Address, Port);
  if (!fits(&line, AddressStringLength))
    return STATUS_INVALID_PARAMETER;
  copy_narrow(&line, AddressString);
  return STATUS_SUCCESS;
}

NTSTATUS RtlIpv4AddressToStringExW(const struct in_addr *Address, USHORT Port,
                                   PWSTR AddressString,
                                   PULONG AddressStringLength) {
  struct line line;

  if (!are_given(Address, AddressString, AddressStringLength))
    return STATUS_INVALID_PARAMETER;
  line = ipv4_line(Address, Port);
  if (!fits(&line, AddressStringLength))
    return STATUS_INVALID_PARAMETER;
  copy_wide(&line, AddressString);
  return STATUS_SUCCESS;
}

static struct line ipv6_line(const struct in6_addr *address, ULONG scope,
                             USHORT port) {
  struct line line = {.length = 0};

  if (port != 0)
    add(&line, "[");
  add_ipv6(&line, address);
  if (scope != 0)
    add(&line, "%%%u", (unsigned)scope);
  if (port != 0)
    add(&line, "]:%u", RtlUshortByteSwap(port));
  return line;
}

NTSTATUS RtlIpv6AddressToStringExA(const struct in6_addr *Address,
                                   ULONG ScopeId, USHORT Port,
                                   PSTR AddressString,
                                   PULONG AddressStringLength) {
  struct line line;

  if (!are_given(Address, AddressString, AddressStringLength))
    return STATUS_INVALID_PARAMETER;
  line = ipv6_line(Address, ScopeId, Port);
  if (!fits(&line, AddressStringLength))
    return STATUS_INVALID_PARAMETER;
  copy_narrow(&line, AddressString);
  return STATUS_SUCCESS;
}

NTSTATUS RtlIpv6AddressToStringExW(const struct in6_addr *Address,
                                   ULONG ScopeId, USHORT Port,
                                   PWSTR AddressString,
                                   PULONG AddressStringLength) {
  struct line line;

  if (!are_given(Address, AddressString, AddressStringLength))
    return STATUS_INVALID_PARAMETER;
  line = ipv6_line(Address, ScopeId, Port);
  if (!fits(&line, AddressStringLength))
    return STATUS_INVALID_PARAMETER;
  copy_wide(&line, AddressString);
  return STATUS_SUCCESS;
}
