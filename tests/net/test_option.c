/*
 * Options: each reaches the host and comes back, where it exists, and says so
 * where it does not; multicast groups; the host's own addresses.
 */
#include "client.h"
#include "datagrams.h"

static struct party one, two;
static struct client client;

/* ---- values ------------------------------------------------------------ */

struct expectation {
  enum net_option option;
  int set, get;
};

/* What is set comes back; the last of each leaves the handle usable. */
static const struct expectation of_both_families[] = {
    {NET_OPT_BROADCAST, 1, 1},
    {NET_OPT_BROADCAST, 7, 1},
    {NET_OPT_BROADCAST, 0, 0},
    {NET_OPT_REUSE, 1, 1},
    {NET_OPT_REUSE, 0, 0},
    {NET_OPT_EXCLUSIVE, 1, 1},
    {NET_OPT_EXCLUSIVE, 0, 0},
    {NET_OPT_RCVBUF, 20000, 20000},
    {NET_OPT_SNDBUF, 20000, 20000},
    {NET_OPT_UNICAST_HOPS, 9, 9},
    {NET_OPT_MULTICAST_HOPS, 3, 3},
    {NET_OPT_MULTICAST_LOOP, 0, 0},
    {NET_OPT_MULTICAST_LOOP, 1, 1},
    {NET_OPT_MULTICAST_IF, 1, 1},
    {NET_OPT_DONT_FRAGMENT, 1, 1},
    {NET_OPT_DONT_FRAGMENT, 0, 0},
    {NET_OPT_RECV_LOCAL, 1, 1},
    {NET_OPT_RECV_LOCAL, 0, 0},
    {NET_OPT_RECV_HOPS, 1, 1},
    {NET_OPT_RECV_HOPS, 0, 0},
    {NET_OPT_RECV_TRAFFIC_CLASS, 1, 1},
    {NET_OPT_RECV_TRAFFIC_CLASS, 0, 0},
    {NET_OPT_RECV_ECN, 1, 1},
    {NET_OPT_RECV_ECN, 0, 0},
#ifndef _WIN32 /* Wine lacks it */
    {NET_OPT_MTU_DISCOVER, NET_MTU_DONT, NET_MTU_DONT},
    {NET_OPT_MTU_DISCOVER, NET_MTU_DO, NET_MTU_DO},
    {NET_OPT_MTU_DISCOVER, NET_MTU_NOT_SET, NET_MTU_NOT_SET},
#endif
};

static const struct expectation of_ipv4[] = {
    {NET_OPT_MULTICAST_IF, 0, 0},        {NET_OPT_UNICAST_IF, 1, 1},
    {NET_OPT_TRAFFIC_CLASS, 0x28, 0x28},
#ifndef _WIN32 /* Wine lacks it */
    {NET_OPT_NO_CHECKSUM, 1, 1},         {NET_OPT_NO_CHECKSUM, 0, 0},
#endif
};

static const struct expectation of_ipv6[] = {
    {NET_OPT_V6ONLY, 0, 0},
    {NET_OPT_V6ONLY, 1, 1},
#ifndef _WIN32 /* Wine lacks both */
    {NET_OPT_UNICAST_IF, 1, 1},
    {NET_OPT_TRAFFIC_CLASS, 0x28, 0x28},
#endif
};

static const struct expectation of_tcp[] = {
    {NET_OPT_REUSE, 1, 1},
    {NET_OPT_REUSE, 0, 0},
    {NET_OPT_EXCLUSIVE, 1, 1},
    {NET_OPT_EXCLUSIVE, 0, 0},
    {NET_OPT_RCVBUF, 20000, 20000},
    {NET_OPT_SNDBUF, 20000, 20000},
    {NET_OPT_KEEPALIVE, 1, 1},
    {NET_OPT_KEEPALIVE, 0, 0},
    {NET_OPT_NODELAY, 1, 1},
    {NET_OPT_NODELAY, 0, 0},
    {NET_OPT_UNICAST_HOPS, 9, 9},
#ifndef _WIN32 /* Wine lacks them */
    {NET_OPT_KEEPALIVE_IDLE, 70, 70},
    {NET_OPT_KEEPALIVE_INTERVAL, 7, 7},
    {NET_OPT_KEEPALIVE_COUNT, 4, 4},
    {NET_OPT_MAX_RETRANSMIT_MS, 3000, 3000},
    {NET_OPT_FASTOPEN, 1, 1},
    {NET_OPT_FASTOPEN, 0, 0},
#endif
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check_party(const struct expectation *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    int value = -77;
    assert_int_equal(party_set(&one, rows[i].option, rows[i].set), NET_OK);
    assert_int_equal(party_get(&one, rows[i].option, &value), NET_OK);
    assert_int_equal(value, rows[i].get);
  }
}

/* Bug: an option that reaches another option of the host, or none. */
static void an_option_of_a_datagram_handle_comes_back(void **state) {
  (void)state;
  for (enum net_family family = NET_IPV4; family <= NET_IPV6; family += 2) {
    assert_int_equal(party_open(&one, family), NET_OK);
    check_party(of_both_families, COUNT(of_both_families));
    if (family == NET_IPV4)
      check_party(of_ipv4, COUNT(of_ipv4));
    else
      check_party(of_ipv6, COUNT(of_ipv6));
    party_stop(&one);
  }
}

struct tcp_verb {
  struct net_tcp *tcp;
  enum net_option option;
  int value, error;
};

static void do_tcp_set(void *argument) {
  struct tcp_verb *verb = argument;
  verb->error = net__tcp_set_option(verb->tcp, verb->option, verb->value);
}

static void do_tcp_get(void *argument) {
  struct tcp_verb *verb = argument;
  verb->error = net__tcp_get_option(verb->tcp, verb->option, &verb->value);
}

static int tcp_set(struct client *tcp, enum net_option option, int value) {
  struct tcp_verb verb = {tcp->tcp, option, value, 0};
  run_on_loop(do_tcp_set, &verb);
  return verb.error;
}

static int tcp_get(struct client *tcp, enum net_option option, int *value) {
  struct tcp_verb verb = {tcp->tcp, option, 0, 0};
  run_on_loop(do_tcp_get, &verb);
  *value = verb.value;
  return verb.error;
}

/* Bug: as before, of a connection. */
static void an_option_of_a_connection_comes_back(void **state) {
  (void)state;
  for (enum net_family family = NET_IPV4; family <= NET_IPV6; family += 2) {
    assert_int_equal(client_open(&client, family), NET_OK);
    for (size_t i = 0; i < COUNT(of_tcp); i++) {
      int value = -77;
      assert_int_equal(tcp_set(&client, of_tcp[i].option, of_tcp[i].set),
                       NET_OK);
      assert_int_equal(tcp_get(&client, of_tcp[i].option, &value), NET_OK);
      assert_int_equal(value, of_tcp[i].get);
    }
    client_close(&client, false);
  }
}

/* ---- what is refused --------------------------------------------------- */

/* Bug: an option of another kind of handle reaches some option of the host that
 * has the same number. */
static void an_option_of_another_kind_is_not_had(void **state) {
  static const enum net_option no_datagram[] = {
      NET_OPT_KEEPALIVE, NET_OPT_NODELAY,         NET_OPT_KEEPALIVE_IDLE,
      NET_OPT_FASTOPEN,  NET_OPT_HEADER_INCLUDED, NET_OPT_V6ONLY,
      NET_OPTIONS};
  static const enum net_option no_connection[] = {
      NET_OPT_BROADCAST, NET_OPT_MULTICAST_HOPS, NET_OPT_RECV_LOCAL,
      NET_OPT_MULTICAST_IF, NET_OPT_NO_CHECKSUM};
  int value;
  (void)state;
  assert_int_equal(party_open(&one, NET_IPV4), NET_OK);
  for (size_t i = 0; i < COUNT(no_datagram); i++) {
    assert_int_equal(party_set(&one, no_datagram[i], 1), NET_ENOPROTOOPT);
    assert_int_equal(party_get(&one, no_datagram[i], &value), NET_ENOPROTOOPT);
  }
  party_stop(&one);
  assert_int_equal(client_open(&client, NET_IPV4), NET_OK);
  for (size_t i = 0; i < COUNT(no_connection); i++) {
    assert_int_equal(tcp_set(&client, no_connection[i], 1), NET_ENOPROTOOPT);
    assert_int_equal(tcp_get(&client, no_connection[i], &value),
                     NET_ENOPROTOOPT);
  }
  client_close(&client, false);
}

/* Bug: a value that means nothing is taken for another. */
static void a_value_that_means_nothing_is_refused(void **state) {
  int value;
  (void)state;
  assert_int_equal(party_open(&one, NET_IPV4), NET_OK);
  assert_int_equal(party_set(&one, NET_OPT_UNICAST_HOPS, 300), NET_EINVAL);
#ifndef _WIN32 /* Wine lacks it */
  assert_int_equal(party_set(&one, NET_OPT_MTU_DISCOVER, 4), NET_EINVAL);
  assert_int_equal(party_set(&one, NET_OPT_MTU_DISCOVER, -1), NET_EINVAL);
#endif
  assert_int_equal(party_get(&one, NET_OPT_UNICAST_HOPS, &value), NET_OK);
  assert_in_range(value, 1, 255);
  party_stop(&one);
}

/* ---- what they do ------------------------------------------------------ */

/* Bug: no default, or one that is twice or half of what a set would be. */
static void a_receive_buffer_has_a_default(void **state) {
  int before, after;
  (void)state;
  assert_int_equal(party_open(&one, NET_IPV4), NET_OK);
  assert_int_equal(party_get(&one, NET_OPT_RCVBUF, &before), NET_OK);
  assert_in_range(before, 4096, INT32_MAX);
  assert_int_equal(party_set(&one, NET_OPT_RCVBUF, before), NET_OK);
  assert_int_equal(party_get(&one, NET_OPT_RCVBUF, &after), NET_OK);
  assert_int_equal(after, before);
  party_stop(&one);
}

/* Bug: reuse by one of the two is enough, or by both is not. */
static void an_address_is_shared_when_both_agree(void **state) {
  struct net_address own = loopback_of(NET_IPV4);
  (void)state;
  assert_int_equal(party_open(&one, NET_IPV4), NET_OK);
  assert_int_equal(party_set(&one, NET_OPT_REUSE, 1), NET_OK);
  assert_int_equal(party_set(&one, NET_OPT_EXCLUSIVE, 1), NET_EINVAL);
  assert_int_equal(party_bind(&one, &own), NET_OK);
  assert_int_equal(party_open(&two, NET_IPV4), NET_OK);
  assert_int_equal(party_bind(&two, &one.at), NET_EADDRINUSE);
  assert_int_equal(party_set(&two, NET_OPT_REUSE, 1), NET_OK);
  assert_int_equal(party_bind(&two, &one.at), NET_OK);
  party_stop(&two);
  party_stop(&one);
}

/* Bug: exclusive in name only. */
static void an_exclusive_address_is_not_shared(void **state) {
  struct net_address own = loopback_of(NET_IPV4);
  (void)state;
  assert_int_equal(party_open(&one, NET_IPV4), NET_OK);
  assert_int_equal(party_set(&one, NET_OPT_EXCLUSIVE, 1), NET_OK);
  assert_int_equal(party_set(&one, NET_OPT_REUSE, 1), NET_EINVAL);
  assert_int_equal(party_bind(&one, &own), NET_OK);
  assert_int_equal(party_open(&two, NET_IPV4), NET_OK);
  assert_int_equal(party_set(&two, NET_OPT_REUSE, 1), NET_OK);
  assert_int_not_equal(party_bind(&two, &one.at), NET_OK);
  party_stop(&two);
  party_stop(&one);
}

#ifndef _WIN32 /* Wine shares no listener's address */
/* Bug: two listeners that agree to share cannot, or a bind undoes the option.
 */
static void two_listeners_share_an_address_when_both_agree(void **state) {
  static struct client other;
  struct net_address own = loopback_of(NET_IPV4);
  int value = 0;
  (void)state;
  assert_int_equal(client_open(&client, NET_IPV4), NET_OK);
  assert_int_equal(tcp_set(&client, NET_OPT_REUSE, 1), NET_OK);
  assert_int_equal(client_bind(&client, &own), NET_OK);
  assert_int_equal(tcp_get(&client, NET_OPT_REUSE, &value), NET_OK);
  assert_int_equal(value, 1);
  assert_int_equal(net__tcp_local(client.tcp, &own), NET_OK);
  assert_int_equal(client_listen(&client, 4), NET_OK);
  assert_int_equal(client_open(&other, NET_IPV4), NET_OK);
  assert_int_equal(client_bind(&other, &own), NET_EADDRINUSE);
  assert_int_equal(tcp_set(&other, NET_OPT_REUSE, 1), NET_OK);
  assert_int_equal(client_bind(&other, &own), NET_OK);
  assert_int_equal(client_listen(&other, 4), NET_OK);
  client_close(&client, false);
  client_close(&other, false);
}
#endif

/* ---- raw handles ------------------------------------------------------- */

static void ignore(void *user) {
  ADD(*(int *)user, 1);
}

struct raw {
  struct net_udp *udp;
  int told, error;
};

static const struct net_udp_events raw_events = {ignore, ignore, ignore};

static void open_raw(void *argument) {
  struct raw *raw = argument;
  struct net_address own = loopback_of(NET_IPV4);
  raw->error =
      net__udp_open(&raw->udp, NET_IPV4, NET_RAW, 1, &raw_events, &raw->told);
  if (raw->error == NET_OK)
    assert_int_equal(net__udp_bind(raw->udp, &own), NET_OK);
}

static void close_raw(void *argument) {
  struct raw *raw = argument;
  net__udp_close(raw->udp);
}

/* An ICMP echo request, and what comes of it: the IP header first. */
static void exchange_echo(struct raw *raw) {
  unsigned char request[8] = {8, 0, 0xf7, 0xfd, 0, 1, 0, 1};
  unsigned char bytes[128];
  struct net_buffer out = {request, sizeof(request)};
  struct net_buffer in = {bytes, sizeof(bytes)};
  struct net_address own = loopback_of(NET_IPV4);
  struct net_received received;
  int error;
  assert_int_equal(net__udp_try_send(raw->udp, &out, 1, &own, NULL), NET_OK);
  do {
    error = net__udp_try_recv(raw->udp, &in, 1, &received);
  } while (error == NET_EAGAIN);
  assert_int_equal(error, NET_OK);
  assert_int_equal(received.bytes, 28);
  assert_int_equal(bytes[0], 0x45);
  assert_int_equal(bytes[9], 1);
  assert_int_equal(received.remote.port, 0);
  assert_memory_equal(received.remote.ip, own.ip, 4);
}

/* Bug: a process that may not have raw sockets is told anything else; or one
 * that may gets what is no ICMP. */
static void a_raw_handle_works_where_the_process_may(void **state) {
  struct raw raw = {0};
  (void)state;
  run_on_loop(open_raw, &raw);
  if (raw.error == NET_OK) {
    exchange_echo(&raw);
    run_on_loop(close_raw, &raw);
    party_until(&raw.told, 1);
  } else {
    assert_true(raw.error == NET_EPERM || raw.error == NET_EACCES);
  }
}

/* ---- the host's addresses ---------------------------------------------- */

/* Bug: addresses of the other family, or none of an interface that is up. */
static void loopback_is_among_the_host_s_addresses(void **state) {
  struct net_local_address found[64];
  size_t both, four, none;
  (void)state;
  assert_int_equal(net__local_addresses(0, found, 64, &both), NET_OK);
  assert_in_range(both, 1, 64);
  assert_int_equal(net__local_addresses(NET_IPV4, NULL, 0, &none), NET_OK);
  assert_int_equal(net__local_addresses(NET_IPV4, found, 64, &four), NET_OK);
  assert_int_equal(none, four);
  bool seen = false;
  for (size_t i = 0; i < four; i++) {
    assert_int_equal(found[i].address.family, NET_IPV4);
    assert_int_equal(found[i].address.port, 0);
    assert_int_not_equal(found[i].interface_index, 0);
    seen = seen || (found[i].loopback && found[i].prefix_length == 8 &&
                    found[i].address.ip[0] == 127);
  }
  assert_true(seen);
}

#define ON_A_LOOP(test)                                                        \
  cmocka_unit_test_setup_teardown(test, test_boot, test_shutdown)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_A_LOOP(an_option_of_a_datagram_handle_comes_back),
      ON_A_LOOP(an_option_of_a_connection_comes_back),
      ON_A_LOOP(an_option_of_another_kind_is_not_had),
      ON_A_LOOP(a_value_that_means_nothing_is_refused),
      ON_A_LOOP(a_receive_buffer_has_a_default),
      ON_A_LOOP(an_address_is_shared_when_both_agree),
      ON_A_LOOP(an_exclusive_address_is_not_shared),
#ifndef _WIN32
      ON_A_LOOP(two_listeners_share_an_address_when_both_agree),
#endif
      ON_A_LOOP(a_raw_handle_works_where_the_process_may),
      cmocka_unit_test(loopback_is_among_the_host_s_addresses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
