/* IP addresses as text. What is expected was observed on Windows by those who
 * reimplement it, where Microsoft's pages say nothing. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>
#include <in6addr.h>
#include <inaddr.h>
#include <mstcpip.h>

#define BAD STATUS_INVALID_PARAMETER
#define OK  STATUS_SUCCESS

/* What an address holds that was not written. */
#define FILL 0xab

static WCHAR wide[128];

static const WCHAR *widen(const char *text) {
  size_t i = 0;

  for (; text[i] != 0; i++)
    wide[i] = (unsigned char)text[i];
  wide[i] = 0;
  return wide;
}

/* ---- reading IPv4 ------------------------------------------------------ */

struct ipv4_row {
  const char *text;
  NTSTATUS status;
  int terminator;
  UCHAR bytes[4]; /* when read */
};

static const struct ipv4_row both[] = {
    {"10.20.30.40", OK, 11, {10, 20, 30, 40}},
    {"0.0.0.0", OK, 7, {0, 0, 0, 0}},
    {"255.255.255.255:9", OK, 15, {255, 255, 255, 255}},
    {"9.8.7.6 ", OK, 7, {9, 8, 7, 6}},
    {"9.8.7.0q", OK, 7, {9, 8, 7, 0}},
    {"", BAD, 0, {0}},
    {" 9.8.7.6", BAD, 0, {0}},
    {"ip", BAD, 0, {0}},
    {"[9.8.7.6]", BAD, 0, {0}},
    {"-9", BAD, 0, {0}},
    {".9", BAD, 1, {0}},
    {"..", BAD, 1, {0}},
    {"9.", BAD, 2, {0}},
    {"9..7", BAD, 3, {0}},
    {"9. 8", BAD, 2, {0}},
    {"9.8.7.-6", BAD, 6, {0}},
    {"9.8.7.6.5", BAD, 7, {0}},
    {"9.8.7.6.", BAD, 7, {0}},
    {"256.8.7.6", BAD, 9, {0}},
    {"9.8.7.256", BAD, 9, {0}},
    {"9.8.7.4294967295", BAD, 16, {0}},
    {"9.8.7.4294967296", BAD, 15, {0}},
    {"9.8.7.08", BAD, 7, {0}},
};

static const struct ipv4_row loose[] = {
    {"7", OK, 1, {0, 0, 0, 7}},
    {"9.7", OK, 3, {9, 0, 0, 7}},
    {"9.8.7", OK, 5, {9, 8, 0, 7}},
    {"9.16777215", OK, 10, {9, 255, 255, 255}},
    {"9.16777216", BAD, 10, {0}},
    {"9.8.65535", OK, 9, {9, 8, 255, 255}},
    {"9.8.65536", BAD, 9, {0}},
    {"4294967295", OK, 10, {255, 255, 255, 255}},
    {"0x0a141e28", OK, 10, {10, 20, 30, 40}},
    {"0X7f.1", OK, 6, {127, 0, 0, 1}},
    {"0177.1", OK, 6, {127, 0, 0, 1}},
    {"9.8.7.010", OK, 9, {9, 8, 7, 8}},
    {"9.8.7.00", OK, 8, {9, 8, 7, 0}},
    {"9.8.7.008", OK, 8, {9, 8, 7, 0}},
    {"9.8.7.0x", BAD, 8, {0}},
    {"9.8.7.0x100", BAD, 11, {0}},
    {"9.8.7.0x100000000", BAD, 16, {0}},
    {"0x123456789", OK, 11, {0x23, 0x45, 0x67, 0x89}}, /* as on Windows */
    {"0x10g", OK, 4, {0, 0, 0, 16}},
    {"12beef", OK, 2, {0, 0, 0, 12}},
};

static const struct ipv4_row strict[] = {
    {"7", BAD, 1, {0}},          {"9.8.7", BAD, 5, {0}},
    {"0x0a141e28", BAD, 2, {0}}, {"0177.1", BAD, 1, {0}},
    {"9.8.7.010", BAD, 7, {0}},  {"9.8.7.0xff", BAD, 8, {0}},
    {"9.8.7.008", BAD, 7, {0}},  {"12beef", BAD, 2, {0}},
};

static void check_ipv4(const struct ipv4_row *row, bool is_strict) {
  const WCHAR *text = widen(row->text);
  UCHAR unwritten[4] = {FILL, FILL, FILL, FILL};
  const UCHAR *expected = NT_SUCCESS(row->status) ? row->bytes : unwritten;
  IN_ADDR narrow_address, wide_address;
  PCWSTR wide_end;
  PCSTR end;

  memset(&narrow_address, FILL, sizeof(narrow_address));
  memset(&wide_address, FILL, sizeof(wide_address));
  assert_int_equal(
      RtlIpv4StringToAddressA(row->text, is_strict, &end, &narrow_address),
      row->status);
  assert_int_equal(end - row->text, row->terminator);
  assert_memory_equal(&narrow_address, expected, 4);
  assert_int_equal(
      RtlIpv4StringToAddressW(text, is_strict, &wide_end, &wide_address),
      row->status);
  assert_int_equal(wide_end - text, row->terminator);
  assert_memory_equal(&wide_address, expected, 4);
}

/* Defends against inet_pton (no octal, no terminator) and inet_aton (no strict
 * form) in its place. */
static void ipv4_text_is_read_as_windows_does(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(both); i++) {
    check_ipv4(&both[i], true);
    check_ipv4(&both[i], false);
  }
  for (size_t i = 0; i < RTL_NUMBER_OF(loose); i++)
    check_ipv4(&loose[i], false);
  for (size_t i = 0; i < RTL_NUMBER_OF(strict); i++)
    check_ipv4(&strict[i], true);
}

static const struct ipv4_port_row {
  const char *text;
  NTSTATUS status;
  bool address_is_read;
  USHORT port;
} ipv4_ports[] = {
    {"9.8.7.6", OK, true, 0},
    {"9.8.7.6:80", OK, true, 80},
    {"9.8.7.6:65535", OK, true, 65535},
    {"9.8.7.6:0xffff", OK, true, 65535},
    {"9.8.7.6:0120", OK, true, 80},
    {"9.8.7.6:", BAD, true, 0},
    {"9.8.7.6:0", BAD, true, 0},
    {"9.8.7.6:65536", BAD, true, 0},
    {"9.8.7.6:4294967376", BAD, true, 0},
    {"9.8.7.6:80a", BAD, true, 0},
    {"9.8.7.6: 80", BAD, true, 0},
    {"9.8.7.6 ", BAD, true, 0},
    {"9.8.7.6+", BAD, true, 0},
    {"300.8.7.6:80", BAD, false, 0},
};

static void check_ipv4_port(const struct ipv4_port_row *row, bool is_strict) {
  USHORT narrow_port = 0xdead, wide_port = 0xdead;
  IN_ADDR address, again;

  memset(&address, FILL, sizeof(address));
  memset(&again, FILL, sizeof(again));
  assert_int_equal(
      RtlIpv4StringToAddressExA(row->text, is_strict, &address, &narrow_port),
      row->status);
  assert_int_equal(RtlIpv4StringToAddressExW(widen(row->text), is_strict,
                                             &again, &wide_port),
                   row->status);
  assert_int_equal(address.S_un.S_un_b.s_b1, row->address_is_read ? 9 : FILL);
  assert_memory_equal(&address, &again, sizeof(address));
  assert_int_equal(narrow_port, NT_SUCCESS(row->status)
                                    ? RtlUshortByteSwap(row->port)
                                    : 0xdead);
  assert_int_equal(wide_port, narrow_port);
}

static void ipv4_text_may_end_with_a_port(void **state) {
  (void)state;
  IN_ADDR address;
  USHORT port;

  for (size_t i = 0; i < RTL_NUMBER_OF(ipv4_ports); i++) {
    check_ipv4_port(&ipv4_ports[i], true);
    check_ipv4_port(&ipv4_ports[i], false);
  }
  assert_int_equal(RtlIpv4StringToAddressExA(NULL, TRUE, &address, &port), BAD);
  assert_int_equal(RtlIpv4StringToAddressExA("9", FALSE, NULL, &port), BAD);
  assert_int_equal(RtlIpv4StringToAddressExA("9", FALSE, &address, NULL), BAD);
}

/* ---- reading IPv6 ------------------------------------------------------ */

#define UNSET (-1) /* the terminator is not written */
#define X     0xabab

struct ipv6_row {
  const char *text;
  NTSTATUS status;
  int terminator;
  bool whole;      /* it also is one for the Ex functions */
  USHORT words[8]; /* in the host's order; X: not written */
};

static const struct ipv6_row ipv6[] = {
    {"::", OK, 2, true, {0}},
    {"::1", OK, 3, true, {0, 0, 0, 0, 0, 0, 0, 1}},
    {"1::", OK, 3, true, {1}},
    {"1:2:3:4:5:6:7:8", OK, 15, true, {1, 2, 3, 4, 5, 6, 7, 8}},
    {"00a1:2::", OK, 8, true, {0xa1, 2}},
    {"A::b", OK, 4, true, {10, 0, 0, 0, 0, 0, 0, 11}},
    {"1:2:3:4:5:6:7::", OK, 15, true, {1, 2, 3, 4, 5, 6, 7, 0}},
    {"::2:3:4:5:6:7:8", OK, 15, true, {0, 2, 3, 4, 5, 6, 7, 8}},
    {"1::3:4:5:6:7:8", OK, 14, true, {1, 0, 3, 4, 5, 6, 7, 8}},
    {"1:2:3:4:5:6:7.8.9.10", OK, 20, true, {1, 2, 3, 4, 5, 6, 0x708, 0x90a}},
    {"::ffff:7.8.9.10", OK, 15, true, {0, 0, 0, 0, 0, 0xffff, 0x708, 0x90a}},
    {"1::007.8.9.10", OK, 13, true, {1, 0, 0, 0, 0, 0, 0x708, 0x90a}},
    {"1:2:3:4:5::7.8.9.10", OK, 19, true, {1, 2, 3, 4, 5, 0, 0x708, 0x90a}},

    /* Read up to where it cannot go on. */
    {"1:2:3:4:5:6:7:8:9", OK, 15, false, {1, 2, 3, 4, 5, 6, 7, 8}},
    {"1:2:3:4:5:6::8:9", OK, 14, false, {1, 2, 3, 4, 5, 6, 0, 8}},
    {"1:2:3:4:5:6:7::9", OK, 15, false, {1, 2, 3, 4, 5, 6, 7, 0}},
    {"1:2:3:4:5:6:7:8.9.10.11", OK, 15, false, {1, 2, 3, 4, 5, 6, 7, 8}},
    {"1:2:3:4:5:6::8.9.10.11", OK, 14, false, {1, 2, 3, 4, 5, 6, 0, 8}},
    {"1::2::3", OK, 4, false, {1, 0, 0, 0, 0, 0, 0, 2}},
    {"1:::2", OK, 3, false, {1}},
    {"1::2 ", OK, 4, false, {1, 0, 0, 0, 0, 0, 0, 2}},
    {"1::2a.3.4.5", OK, 5, false, {1, 0, 0, 0, 0, 0, 0, 0x2a}},
    {"1::2.3.4.5::", OK, 10, false, {1, 0, 0, 0, 0, 0, 0x203, 0x405}},
    {"::-1", OK, 2, false, {0}},
    {"::/64", OK, 2, false, {0}},

    /* The last number goes through strtol. */
    {"::0x12", OK, 3, false, {0, 0, 0, 0, 0, 0, 0, 0x12}},
    {"::0X", OK, 3, false, {0}},
    {"::0x12345678", OK, 3, false, {0, 0, 0, 0, 0, 0, 0, 0x5678}},
    {"::0x80000000", OK, 3, false, {0, 0, 0, 0, 0, 0, 0, 0xffff}},
    {"::0x123456789abcdef01", OK, 3, false, {0, 0, 0, 0, 0, 0, 0, 0xffff}},

    /* Not an address, and what is left behind. */
    {"", BAD, 0, false, {X, X, X, X, X, X, X, X}},
    {":", BAD, 0, false, {X, X, X, X, X, X, X, X}},
    {":1::", BAD, 0, false, {X, X, X, X, X, X, X, X}},
    {"[::]", BAD, 0, false, {X, X, X, X, X, X, X, X}},
    {"xyz", BAD, 0, false, {X, X, X, X, X, X, X, X}},
    {"1", BAD, 1, false, {X, X, X, X, X, X, X, X}},
    {"0x1", BAD, 1, false, {X, X, X, X, X, X, X, X}},
    {"1:2:", BAD, 4, false, {1, 2, X, X, X, X, X, X}},
    {"1:2:3", BAD, 5, false, {1, 2, X, X, X, X, X, X}},
    {"1:2: 3", BAD, 4, false, {1, 2, X, X, X, X, X, X}},
    {"1::3:", BAD, 5, false, {1, 3, X, X, X, X, X, X}},
    {"7.8.9.10", BAD, 8, false, {0x708, 0x09ab, X, X, X, X, X, X}},
    {"1::7.8.9", BAD, 8, false, {1, 0x708, X, X, X, X, X, X}},
    {"1::7.8.9.256", BAD, 12, false, {1, 0x708, 0x09ab, X, X, X, X, X}},
    {"1::7.8:9", BAD, 6, false, {1, 0x07ab, X, X, X, X, X, X}},
    {"1::7.8a.9.10", BAD, 6, false, {1, 0x07ab, X, X, X, X, X, X}},
    {"::12345", BAD, 7, false, {0, X, X, X, X, X, X, X}},
    {"1:2:3:4:5::12345::", BAD, 16, false, {1, 2, 3, 4, 5, X, X, X}},
    {"12345::1", BAD, UNSET, false, {X, X, X, X, X, X, X, X}},
    {"1:02345:6:7:8", BAD, UNSET, false, {1, X, X, X, X, X, X, X}},
    {"1::256.8.9.10", BAD, UNSET, false, {1, X, X, X, X, X, X, X}},
    {"1::7.0008.9.10", BAD, UNSET, false, {1, 0x07ab, X, X, X, X, X, X}},
};

static void expect_words(const IN6_ADDR *address, const USHORT words[8]) {
  for (int i = 0; i < 8; i++)
    assert_int_equal(RtlUshortByteSwap(address->u.Word[i]), words[i]);
}

static void check_ipv6(const struct ipv6_row *row) {
  const WCHAR *text = widen(row->text);
  IN6_ADDR address;
  PCWSTR wide_end = NULL;
  PCSTR end = NULL;

  memset(&address, FILL, sizeof(address));
  assert_int_equal(RtlIpv6StringToAddressA(row->text, &end, &address),
                   row->status);
  expect_words(&address, row->words);
  memset(&address, FILL, sizeof(address));
  assert_int_equal(RtlIpv6StringToAddressW(text, &wide_end, &address),
                   row->status);
  expect_words(&address, row->words);
  if (row->terminator == UNSET) {
    assert_null(end);
    assert_null(wide_end);
  } else {
    assert_int_equal(end - row->text, row->terminator);
    assert_int_equal(wide_end - text, row->terminator);
  }
}

/* Defends against inet_pton in its place, which knows no terminator. */
static void ipv6_text_is_read_as_windows_does(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(ipv6); i++)
    check_ipv6(&ipv6[i]);
}

static void the_whole_ipv6_text_has_to_be_an_address(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(ipv6); i++) {
    const struct ipv6_row *row = &ipv6[i];
    IN6_ADDR address;
    ULONG scope = 77;
    USHORT port = 77;
    NTSTATUS status =
        RtlIpv6StringToAddressExA(row->text, &address, &scope, &port);

    if (row->text[0] == '[')
      continue; /* is one here */
    assert_int_equal(status, row->whole ? OK : BAD);
    assert_int_equal(scope, row->whole ? 0 : 77);
    assert_int_equal(port, row->whole ? 0 : 77);
  }
}

static const struct {
  const char *text;
  NTSTATUS status;
  ULONG scope;
  USHORT port;
} ipv6_ports[] = {
    {"a::1%16", OK, 16, 0},
    {"[a::1]", OK, 0, 0},
    {"[a::1]:80", OK, 0, 80},
    {"[a::1%4294967295]:65535", OK, MAXULONG, 65535},
    {"[a::1%0]:0x50", OK, 0, 80},
    {"[a::7.8.9.10%3]:0120", OK, 3, 80},
    {"a::1%", BAD, 0, 0},
    {"a::1%-1", BAD, 0, 0},
    {"a::1%x", BAD, 0, 0},
    {"a::1%4294967296", BAD, 0, 0},
    {"[a::1%0x10]", BAD, 0, 0},
    {"[a::1", BAD, 0, 0},
    {"[a::1%1", BAD, 0, 0},
    {"a::1]", BAD, 0, 0},
    {"a::1]:80", BAD, 0, 0},
    {"[a::1 ]:80", BAD, 0, 0},
    {"[a::1].80", BAD, 0, 0},
    {"[a::1]:", BAD, 0, 0},
    {"[a::1]:080", BAD, 0, 0},
    {"[a::1]:65536", BAD, 0, 0},
    {"[a::1]:-80", BAD, 0, 0},
    {"[a::1]:80 ", BAD, 0, 0},
};

static void ipv6_text_may_have_a_scope_and_a_port(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(ipv6_ports); i++) {
    bool good = NT_SUCCESS(ipv6_ports[i].status);
    ULONG scope = 77, wide_scope = 77;
    USHORT port = 77, wide_port = 77;
    IN6_ADDR address;

    assert_int_equal(
        RtlIpv6StringToAddressExA(ipv6_ports[i].text, &address, &scope, &port),
        ipv6_ports[i].status);
    assert_int_equal(address.u.Byte[1], 0xa); /* also when the rest is bad */
    assert_int_equal(RtlIpv6StringToAddressExW(widen(ipv6_ports[i].text),
                                               &address, &wide_scope,
                                               &wide_port),
                     ipv6_ports[i].status);
    assert_int_equal(scope, good ? ipv6_ports[i].scope : 77);
    assert_int_equal(port, good ? RtlUshortByteSwap(ipv6_ports[i].port) : 77);
    assert_int_equal(wide_scope, scope);
    assert_int_equal(wide_port, port);
  }
}

static void reading_ipv6_needs_every_pointer(void **state) {
  (void)state;
  IN6_ADDR address;
  ULONG scope;
  USHORT port;

  assert_int_equal(RtlIpv6StringToAddressExA(NULL, &address, &scope, &port),
                   BAD);
  assert_int_equal(RtlIpv6StringToAddressExA("::", NULL, &scope, &port), BAD);
  assert_int_equal(RtlIpv6StringToAddressExA("::", &address, NULL, &port), BAD);
  assert_int_equal(RtlIpv6StringToAddressExA("::", &address, &scope, NULL),
                   BAD);
}

/* ---- writing ----------------------------------------------------------- */

static void ipv4_is_written_with_its_end_returned(void **state) {
  (void)state;
  IN_ADDR address = {{{1, 20, 255, 0}}};
  WCHAR wide_text[16];
  char text[16];

  assert_ptr_equal(RtlIpv4AddressToStringA(&address, text), text + 10);
  assert_string_equal(text, "1.20.255.0");
  assert_ptr_equal(RtlIpv4AddressToStringW(&address, wide_text),
                   wide_text + 10);
  assert_memory_equal(wide_text, L"1.20.255.0", sizeof(L"1.20.255.0"));
}

static const struct {
  USHORT words[8]; /* in the host's order */
  const char *text;
} written[] = {
    {{0}, "::"},
    {{0, 0, 0, 0, 0, 0, 0, 1}, "::1"},
    {{1}, "1::"},
    {{1, 2, 3, 4, 5, 6, 7, 8}, "1:2:3:4:5:6:7:8"},
    {{0, 2, 3, 4, 5, 6, 7, 8}, "0:2:3:4:5:6:7:8"},
    {{1, 2, 3, 4, 5, 6, 0, 8}, "1:2:3:4:5:6:0:8"},
    {{1, 2, 3, 4, 5, 6, 0, 0}, "1:2:3:4:5:6::"},
    {{1, 0, 0, 4, 0, 0, 0, 8}, "1:0:0:4::8"},
    {{1, 0, 0, 4, 5, 0, 0, 8}, "1::4:5:0:0:8"},
    {{0xABCD, 0x0EF0, 0, 0, 0, 0, 0, 0xf}, "abcd:ef0::f"},
    /* IPv4-compatible, but not below 0.1.0.0 */
    {{0, 0, 0, 0, 0, 0, 0x0708, 0x090a}, "::7.8.9.10"},
    {{0, 0, 0, 0, 0, 0, 1, 0}, "::0.1.0.0"},
    {{0, 0, 0, 0, 0, 0, 0, 0xffff}, "::ffff"},
    /* mapped, and translated */
    {{0, 0, 0, 0, 0, 0xffff, 0x0708, 0x090a}, "::ffff:7.8.9.10"},
    {{0, 0, 0, 0, 0, 0xffff, 0, 0x090a}, "::ffff:0:90a"},
    {{0, 0, 0, 0, 0xffff, 0, 0x0708, 0x090a}, "::ffff:0:7.8.9.10"},
    {{0, 0, 0, 0, 0xffff, 0xffff, 0x0708, 0x090a}, "::ffff:ffff:708:90a"},
    {{0, 0, 0, 0, 0, 0xfffe, 0x0708, 0x090a}, "::fffe:708:90a"},
    {{0, 0, 0, 0xffff, 0, 0, 0x0708, 0x090a}, "::ffff:0:0:708:90a"},
    /* ISATAP */
    {{0, 0, 0, 0, 0, 0x5efe, 0, 0}, "::5efe:0.0.0.0"},
    {{0xfe80, 0, 0, 0, 0, 0x5efe, 0x0708, 0x090a}, "fe80::5efe:7.8.9.10"},
    {{1, 2, 3, 4, 0, 0x5efe, 0x0708, 0x090a}, "1:2:3:4:0:5efe:7.8.9.10"},
    {{1, 2, 3, 4, 0x200, 0x5efe, 0x0708, 0x090a}, "1:2:3:4:200:5efe:7.8.9.10"},
    {{1, 2, 3, 4, 0x300, 0x5efe, 0x0708, 0x090a}, "1:2:3:4:300:5efe:708:90a"},
};

static IN6_ADDR address_of(const USHORT words[8]) {
  IN6_ADDR address;

  for (int i = 0; i < 8; i++)
    address.u.Word[i] = RtlUshortByteSwap(words[i]);
  return address;
}

/* Defends against inet_ntop in its place, which knows neither translated
 * addresses nor ISATAP. */
static void ipv6_is_written_as_windows_does(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(written); i++) {
    IN6_ADDR address = address_of(written[i].words);
    size_t length = strlen(written[i].text);
    WCHAR wide_text[46];
    char text[46];

    assert_ptr_equal(RtlIpv6AddressToStringA(&address, text), text + length);
    assert_string_equal(text, written[i].text);
    assert_ptr_equal(RtlIpv6AddressToStringW(&address, wide_text),
                     wide_text + length);
    assert_memory_equal(wide_text, widen(text), (length + 1) * 2);
  }
}

static const struct {
  ULONG scope;
  USHORT port;
  const char *text;
} with_port[] = {{0, 0, "a::1"},
                 {5, 0, "a::1%5"},
                 {0, 80, "[a::1]:80"},
                 {MAXULONG, 65535, "[a::1%4294967295]:65535"}};

/* In: room in characters. Out: what it takes, also when there is less. */
static void expect_ipv6_ex(ULONG scope, USHORT port, const char *expected) {
  const IN6_ADDR address = {
      {{0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
  ULONG whole = (ULONG)strlen(expected) + 1;
  ULONG room = whole;
  WCHAR wide_text[80];
  char text[80];

  port = RtlUshortByteSwap(port);
  assert_int_equal(
      RtlIpv6AddressToStringExA(&address, scope, port, text, &room), OK);
  assert_int_equal(room, whole);
  assert_string_equal(text, expected);
  room = 80;
  assert_int_equal(
      RtlIpv6AddressToStringExW(&address, scope, port, wide_text, &room), OK);
  assert_int_equal(room, whole);
  assert_memory_equal(wide_text, widen(expected), whole * 2);
  room = whole - 1;
  text[0] = '#';
  assert_int_equal(
      RtlIpv6AddressToStringExA(&address, scope, port, text, &room), BAD);
  assert_int_equal(room, whole);
  assert_int_equal(text[0], '#');
}

static void a_port_is_written_behind_brackets(void **state) {
  (void)state;
  for (size_t i = 0; i < RTL_NUMBER_OF(with_port); i++)
    expect_ipv6_ex(with_port[i].scope, with_port[i].port, with_port[i].text);
}

static void ipv4_is_written_with_a_port(void **state) {
  (void)state;
  IN_ADDR address = {{{9, 8, 7, 6}}};
  USHORT port = RtlUshortByteSwap(80);
  WCHAR wide_text[22];
  char text[22];
  ULONG room = 22;

  assert_int_equal(RtlIpv4AddressToStringExA(&address, 0, text, &room), OK);
  assert_string_equal(text, "9.8.7.6");
  assert_int_equal(room, 8);
  room = 11;
  assert_int_equal(RtlIpv4AddressToStringExA(&address, port, text, &room), OK);
  assert_string_equal(text, "9.8.7.6:80");
  assert_int_equal(room, 11);
  assert_int_equal(RtlIpv4AddressToStringExW(&address, port, wide_text, &room),
                   OK);
  assert_memory_equal(wide_text, L"9.8.7.6:80", sizeof(L"9.8.7.6:80"));
  room = 10;
  assert_int_equal(RtlIpv4AddressToStringExA(&address, port, text, &room), BAD);
  assert_int_equal(room, 11);
}

static void writing_needs_every_pointer(void **state) {
  (void)state;
  IN_ADDR ipv4_address = {{{9, 8, 7, 6}}};
  IN6_ADDR ipv6_address = {{{0}}};
  char text[80];
  ULONG room = 80, none = 0;

  assert_int_equal(RtlIpv4AddressToStringExA(NULL, 0, text, &room), BAD);
  assert_int_equal(RtlIpv4AddressToStringExA(&ipv4_address, 0, NULL, &room),
                   BAD);
  assert_int_equal(RtlIpv4AddressToStringExA(&ipv4_address, 0, text, NULL),
                   BAD);
  assert_int_equal(RtlIpv6AddressToStringExA(NULL, 0, 0, text, &room), BAD);
  assert_int_equal(RtlIpv6AddressToStringExA(&ipv6_address, 0, 0, NULL, &room),
                   BAD);
  assert_int_equal(RtlIpv6AddressToStringExA(&ipv6_address, 0, 0, text, NULL),
                   BAD);
  assert_int_equal(room, 80);
  /* Asking for the size. */
  assert_int_equal(RtlIpv4AddressToStringExA(&ipv4_address, 0, NULL, &none),
                   BAD);
  assert_int_equal(none, 8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ipv4_text_is_read_as_windows_does),
      cmocka_unit_test(ipv4_text_may_end_with_a_port),
      cmocka_unit_test(ipv6_text_is_read_as_windows_does),
      cmocka_unit_test(the_whole_ipv6_text_has_to_be_an_address),
      cmocka_unit_test(ipv6_text_may_have_a_scope_and_a_port),
      cmocka_unit_test(reading_ipv6_needs_every_pointer),
      cmocka_unit_test(ipv4_is_written_with_its_end_returned),
      cmocka_unit_test(ipv6_is_written_as_windows_does),
      cmocka_unit_test(a_port_is_written_behind_brackets),
      cmocka_unit_test(ipv4_is_written_with_a_port),
      cmocka_unit_test(writing_needs_every_pointer),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
