/* SOCKADDR to the transport's address and back, and the status table. */
#include "kernel_test.h"

#include "wsk/address.h"
#include "wsk/status.h"

static SOCKADDR_IN ipv4(ULONG address, USHORT port) {
  SOCKADDR_IN in = {.sin_family = AF_INET};
  in.sin_addr.s_addr = RtlUlongByteSwap(address);
  in.sin_port = RtlUshortByteSwap(port);
  return in;
}

/* Against: a port or an address in the wrong byte order. */
static void an_ipv4_address_goes_there_and_back(void **state) {
  SOCKADDR_IN from = ipv4(0x7f000102, 4711), back;
  struct net_address address;
  (void)state;
  assert_true(wsk__address_in(&address, (PSOCKADDR)&from));
  assert_int_equal(address.family, NET_IPV4);
  assert_int_equal(address.port, 4711);
  assert_int_equal(address.ip[0], 127);
  assert_int_equal(address.ip[3], 2);
  memset(&back, 0xcc, sizeof(back));
  wsk__address_out((PSOCKADDR)&back, &address);
  assert_memory_equal(&back, &from, sizeof(back));
}

/* Against: scope or flow information lost, without which link-local addresses
 * mean nothing. */
static void an_ipv6_address_keeps_its_scope_and_flow(void **state) {
  SOCKADDR_IN6 from = {.sin6_family = AF_INET6,
                       .sin6_port = RtlUshortByteSwap(80),
                       .sin6_flowinfo = 0x01020304,
                       .sin6_scope_id = 7};
  SOCKADDR_IN6 back;
  struct net_address address;
  (void)state;
  from.sin6_addr.u.Byte[0] = 0xfe;
  from.sin6_addr.u.Byte[1] = 0x80;
  from.sin6_addr.u.Byte[15] = 1;
  assert_true(wsk__address_in(&address, (PSOCKADDR)&from));
  assert_int_equal(address.family, NET_IPV6);
  assert_int_equal(address.scope_id, 7);
  memset(&back, 0xcc, sizeof(back));
  wsk__address_out((PSOCKADDR)&back, &address);
  assert_memory_equal(&back, &from, sizeof(back));
}

/* Against: a trace that shows another address than the client's. */
static void addresses_have_a_text_for_the_trace(void **state) {
  SOCKADDR_IN v4 = ipv4(0xc0a8000a, 80);
  SOCKADDR_IN6 v6 = {.sin6_family = AF_INET6,
                     .sin6_port = RtlUshortByteSwap(7)};
  SOCKADDR other = {.sa_family = 99};
  char text[WSK_ADDRESS_TEXT];
  (void)state;
  v6.sin6_addr.u.Byte[0] = 0xfe;
  v6.sin6_addr.u.Byte[1] = 0x80;
  v6.sin6_addr.u.Byte[15] = 0x1f;
  assert_string_equal(wsk__address_text(text, (PSOCKADDR)&v4),
                      "192.168.0.10:80");
  assert_string_equal(wsk__address_text(text, (PSOCKADDR)&v6),
                      "[fe80:0:0:0:0:0:0:1f]:7");
  assert_string_equal(wsk__address_text(text, &other), "family 99");
  assert_string_equal(wsk__address_text(text, NULL), "no address");
}

static void other_families_are_refused(void **state) {
  SOCKADDR_STORAGE other = {.ss_family = AF_UNSPEC};
  struct net_address address;
  (void)state;
  assert_false(wsk__address_in(&address, (PSOCKADDR)&other));
  other.ss_family = 10; /* AF_INET6 of Linux */
  assert_false(wsk__address_in(&address, (PSOCKADDR)&other));
}

/* Against: a comparison that looks at 16 bytes of an IPv4 address, or at the
 * port. */
static void addresses_are_compared_by_family_and_bytes(void **state) {
  struct net_address a = {.family = NET_IPV4, .port = 1, .ip = {127, 0, 0, 1}};
  struct net_address b = a;
  (void)state;
  b.port = 2;
  b.ip[9] = 1;
  assert_true(wsk__same_ip(&a, &b));
  b.ip[3] = 2;
  assert_false(wsk__same_ip(&a, &b));
  b = a;
  b.family = NET_IPV6;
  assert_false(wsk__same_ip(&a, &b));
  assert_false(wsk__is_wildcard(&a));
  memset(a.ip, 0, 4);
  assert_true(wsk__is_wildcard(&a));
}

struct status_row {
  int error;
  NTSTATUS status;
};

/* Against: a mapping changed by accident; clients compare these. */
static void the_errors_clients_ask_for_have_their_status(void **state) {
  static const struct status_row rows[] = {
      {NET_OK, STATUS_SUCCESS},
      {NET_ECONNREFUSED, STATUS_CONNECTION_REFUSED},
      {NET_ECONNRESET, STATUS_CONNECTION_RESET},
      {NET_EPIPE, STATUS_CONNECTION_RESET},
      {NET_ECONNABORTED, STATUS_CONNECTION_ABORTED},
      {NET_ETIMEDOUT, STATUS_IO_TIMEOUT},
      {NET_ENETUNREACH, STATUS_NETWORK_UNREACHABLE},
      {NET_EHOSTUNREACH, STATUS_HOST_UNREACHABLE},
      {NET_EADDRINUSE, STATUS_ADDRESS_ALREADY_ASSOCIATED},
      {NET_EADDRNOTAVAIL, STATUS_INVALID_ADDRESS_COMPONENT},
      {NET_EACCES, STATUS_ACCESS_DENIED},
      {NET_EMFILE, STATUS_INSUFFICIENT_RESOURCES},
      {NET_ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
      {NET_ECANCELED, STATUS_CANCELLED},
  };
  (void)state;
  for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    assert_int_equal(wsk__status(rows[i].error), rows[i].status);
}

/* Against: an error nobody thought of that is taken for success. */
static void no_error_becomes_a_success(void **state) {
  (void)state;
#define X(name) assert_false(NT_SUCCESS(wsk__status(NET_##name)));
  NET_ERRORS(X)
#undef X
  assert_int_equal(wsk__status(-1), STATUS_UNSUCCESSFUL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_ipv4_address_goes_there_and_back),
      cmocka_unit_test(an_ipv6_address_keeps_its_scope_and_flow),
      cmocka_unit_test(addresses_have_a_text_for_the_trace),
      cmocka_unit_test(other_families_are_refused),
      cmocka_unit_test(addresses_are_compared_by_family_and_bytes),
      cmocka_unit_test(the_errors_clients_ask_for_have_their_status),
      cmocka_unit_test(no_error_becomes_a_success),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
