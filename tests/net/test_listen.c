/*
 * Listening and accepting, by way of the loop, with plain sockets as clients.
 */
#include "client.h"

static struct client listener, accepted, other;

/* A listener on loopback, and its address. */
static struct net_address listen_on(enum net_family family) {
  struct net_address address = {.family = family};
  if (family == NET_IPV6)
    address.ip[15] = 1;
  else
    memcpy(address.ip, "\177\0\0\1", 4);
  assert_int_equal(client_open(&listener, family), NET_OK);
  assert_int_equal(client_bind(&listener, &address), NET_OK);
  assert_int_equal(net__tcp_local(listener.tcp, &address), NET_OK);
  assert_int_equal(client_listen(&listener, 16), NET_OK);
  return address;
}

/* Drives until a connection has arrived, and takes it. */
static void accept_next(struct client *to) {
  while (client_accept(&listener, to) == NET_EAGAIN)
    loop__run_until(NULL, NULL, os__now_ns() + 1000000);
  assert_non_null(to->tcp);
}

static void check_echo(struct client *client, uv_os_sock_t peer) {
  struct net_buffer answer = {"answer", 6};
  char text[6];
  peer_send(peer, "hello", 5);
  assert_int_equal(client_read(client, 5, 5), NET_OK);
  client_until_got(client, 5);
  assert_memory_equal(client->bytes, "hello", 5);
  assert_int_equal(client_write(client, &answer, 1), NET_WRITTEN);
  peer_receive(peer, text, 6);
  assert_memory_equal(text, "answer", 6);
}

static void check_connection(enum net_family family) {
  struct net_address address = listen_on(family), from, local, remote;
  uv_os_sock_t peer = peer_connect(&address, &from);
  client_until(&listener, 'A');
  assert_int_equal(client_accept(&listener, &accepted), NET_OK);
  assert_int_equal(net__tcp_local(accepted.tcp, &local), NET_OK);
  assert_int_equal(net__tcp_remote(accepted.tcp, &remote), NET_OK);
  assert_int_equal(local.family, family);
  assert_int_equal(local.port, address.port);
  assert_int_equal(remote.port, from.port);
  assert_memory_equal(remote.ip, from.ip, 16);
  check_echo(&accepted, peer);
  client_close(&accepted, false);
  client_close(&listener, false);
  assert_string_equal(listener.log, "AX");
  peer_close(peer);
}

/* Bug: an accepted handle that is only half of one: no addresses, no direct
 * path's descriptor, no reading. */
static void an_accepted_connection_is_like_any_other(void **state) {
  (void)state;
  check_connection(NET_IPV4);
}

static void a_listener_may_use_ipv6(void **state) {
  (void)state;
  check_connection(NET_IPV6);
}

/* Bug: an accept that answers with something although nobody has come. */
static void nothing_is_accepted_before_it_arrives(void **state) {
  (void)state;
  listen_on(NET_IPV4);
  assert_int_equal(client_accept(&listener, &accepted), NET_EAGAIN);
  client_close(&listener, false);
  assert_string_equal(listener.log, "X");
}

/* Bug: connections that are lost, or told of only once, while nobody takes
 * them; and an order that is not theirs. */
static void connections_wait_in_their_order(void **state) {
  struct net_address address = listen_on(NET_IPV4), from[5], remote;
  uv_os_sock_t peers[5];
  (void)state;
  for (int i = 0; i < 5; i++)
    peers[i] = peer_connect(&address, &from[i]);
  client_until(&listener, 'A');
  for (int i = 0; i < 5; i++) {
    accept_next(&accepted);
    assert_int_equal(net__tcp_remote(accepted.tcp, &remote), NET_OK);
    assert_int_equal(remote.port, from[i].port);
    client_close(&accepted, false);
    peer_close(peers[i]);
  }
  client_close(&listener, false);
}

/* Bug: a connection that goes with the memory that was missing for it. */
static void a_connection_without_memory_stays(void **state) {
  struct net_address address = listen_on(NET_IPV4), from;
  uv_os_sock_t peer = peer_connect(&address, &from);
  (void)state;
  client_until(&listener, 'A');
  os__alloc_fail_nth(1);
  assert_int_equal(client_accept(&listener, &accepted), NET_ENOMEM);
  assert_true(os__alloc_fault_fired());
  assert_int_equal(client_accept(&listener, &accepted), NET_OK);
  check_echo(&accepted, peer);
  client_close(&accepted, false);
  client_close(&listener, false);
  peer_close(peer);
}

static void until_reset(uv_os_sock_t peer) {
  char byte;
  int64_t result;
  while ((result = peer_take(peer, &byte, 1)) == -1)
    loop__run_until(NULL, NULL, os__now_ns() + 1000000);
#ifdef _WIN32
  assert_true(result == -2 || result == 0); /* Wine loses resets */
#else
  assert_int_equal(result, -2);
#endif
}

static void do_refuse(void *refused) {
  *(bool *)refused = net__tcp_refuse(listener.tcp);
}

/* Bug: a connection that was refused for want of memory was the last. */
static void a_listener_goes_on_after_a_refusal(void **state) {
  struct net_address address = listen_on(NET_IPV4), from;
  uv_os_sock_t first = peer_connect(&address, &from), second;
  bool refused = false;
  (void)state;
  client_until(&listener, 'A');
  run_on_loop(do_refuse, &refused);
  assert_true(refused);
  until_reset(first);
  run_on_loop(do_refuse, &refused);
  assert_false(refused);
  second = peer_connect(&address, &from);
  accept_next(&accepted);
  check_echo(&accepted, second);
  client_close(&accepted, false);
  client_close(&listener, false);
  peer_close(first);
  peer_close(second);
}

/* ---- looking without reading ------------------------------------------- */

static void do_look(void *seen) {
  *(int64_t *)seen = net__tcp_peek(accepted.tcp);
}

static int64_t look(void) {
  int64_t seen = 99;
  run_on_loop(do_look, &seen);
  return seen;
}

/* A connection whose reading is armed and has no room. */
static uv_os_sock_t accept_and_watch(void) {
  struct net_address address = listen_on(NET_IPV4), from;
  uv_os_sock_t peer = peer_connect(&address, &from);
  client_until(&listener, 'A');
  assert_int_equal(client_accept(&listener, &accepted), NET_OK);
  assert_int_equal(client_read(&accepted, 0, 1), NET_OK);
  assert_int_equal(look(), NET_EAGAIN);
  return peer;
}

static bool has_stirred(void *context) {
  (void)context;
  os__mutex_lock(&client_lock);
  bool has = accepted.starved > 0;
  os__mutex_unlock(&client_lock);
  return has || client_has(&accepted, 'E');
}

static void until_stirred(void) {
  assert_true(loop__run_until(has_stirred, NULL, os__now_ns() + 20000000000u));
}

static void unwatch(uv_os_sock_t peer) {
  client_close(&accepted, false);
  client_close(&listener, false);
  peer_close(peer);
}

/* Bug: a look that takes what it sees, and bytes that hide behind the end. */
static void bytes_are_seen_and_not_taken(void **state) {
  uv_os_sock_t peer = accept_and_watch();
  (void)state;
  peer_send(peer, "hello", 5);
  peer_finish(peer);
  until_stirred();
  assert_int_equal(look(), 1);
  assert_int_equal(look(), 1);
  assert_int_equal(client_read(&accepted, 5, 5), NET_OK);
  client_until_got(&accepted, 5);
  assert_memory_equal(accepted.bytes, "hello", 5);
  assert_int_equal(look(), 0);
  unwatch(peer);
}

/* Bug: a peer that goes and is not noticed, because nobody reads. */
static void an_end_is_seen_without_reading(void **state) {
  uv_os_sock_t peer = accept_and_watch();
  (void)state;
  peer_finish(peer);
  until_stirred();
  assert_int_equal(look(), 0);
  assert_int_equal(look(), 0);
  unwatch(peer);
}

/* Bug: a reset that is not noticed, or is taken for the end. */
static void a_reset_is_seen_without_reading(void **state) {
  uv_os_sock_t peer = accept_and_watch();
  (void)state;
  peer_reset(peer);
  until_stirred();
#ifndef _WIN32 /* where it ends reading, and under Wine perhaps as an end */
  assert_int_equal(look(), NET_ECONNRESET);
#endif
  client_close(&accepted, false);
  client_close(&listener, false);
}

#ifndef _WIN32 /* which closes them as it likes */
/* Bug: connections that nobody took end in order, as if they had been served:
 * the one that libuv keeps, and those that the host does. */
static void a_close_resets_what_nobody_took(void **state) {
  struct net_address address, from;
  uv_os_sock_t peers[3];
  (void)state;
  address = listen_on(NET_IPV4);
  for (int i = 0; i < 3; i++)
    peers[i] = peer_connect(&address, &from);
  client_until(&listener, 'A');
  client_close(&listener, false);
  for (int i = 0; i < 3; i++) {
    until_reset(peers[i]);
    peer_close(peers[i]);
  }
}
#endif

/* Bug: two listeners share a port, as SO_REUSEADDR would have it; and living
 * connections, or those in TIME_WAIT, keep a listener from its port. */
static void a_port_is_held_by_its_listener_alone(void **state) {
  struct net_address address = listen_on(NET_IPV4), from;
  uv_os_sock_t ended = peer_connect(&address, &from), living;
  char byte;
  (void)state;
  assert_int_equal(client_open(&other, NET_IPV4), NET_OK);
  assert_int_equal(client_bind(&other, &address), NET_EADDRINUSE);
  client_close(&other, false);
  accept_next(&other);
  client_close(&other, false);
  while (peer_take(ended, &byte, 1) == -1) {
  }
  peer_close(ended);
  living = peer_connect(&address, &from);
  accept_next(&accepted);
  client_close(&listener, false);
  assert_int_equal(client_open(&listener, NET_IPV4), NET_OK);
  assert_int_equal(client_bind(&listener, &address), NET_OK);
  assert_int_equal(client_listen(&listener, 16), NET_OK);
  check_echo(&accepted, living);
  client_close(&accepted, false);
  client_close(&listener, false);
  peer_close(living);
}

/* Bug: a shutdown that calls the user of a listener that was left open. */
static void a_shutdown_closes_a_listener_that_was_left_open(void **state) {
  (void)state;
  assert_int_equal(test_boot(state), 0);
  listen_on(NET_IPV4);
  assert_int_equal(loop__shutdown(), 1);
  assert_string_equal(listener.log, "");
}

#define ON_A_LOOP(test)                                                        \
  cmocka_unit_test_setup_teardown(test, test_boot, test_shutdown)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_A_LOOP(an_accepted_connection_is_like_any_other),
      ON_A_LOOP(a_listener_may_use_ipv6),
      ON_A_LOOP(nothing_is_accepted_before_it_arrives),
      ON_A_LOOP(connections_wait_in_their_order),
      ON_A_LOOP(a_connection_without_memory_stays),
      ON_A_LOOP(a_listener_goes_on_after_a_refusal),
      ON_A_LOOP(bytes_are_seen_and_not_taken),
      ON_A_LOOP(an_end_is_seen_without_reading),
      ON_A_LOOP(a_reset_is_seen_without_reading),
#ifndef _WIN32
      ON_A_LOOP(a_close_resets_what_nobody_took),
#endif
      ON_A_LOOP(a_port_is_held_by_its_listener_alone),
      cmocka_unit_test(a_shutdown_closes_a_listener_that_was_left_open),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
