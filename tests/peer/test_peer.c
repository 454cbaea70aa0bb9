/*
 * Scripted peers, two of which talk with each other: each kind of step, and
 * what is said when something else comes than was expected.
 */
#include "kernel_test.h"

#include <string.h>

#include <uwsk/peer.h>

#include "catch_stderr.h"

#define LONG_MS  10000
#define SHORT_MS 30

static struct uwsk_peer *server, *client;

static void make_pair(enum uwsk_peer_family family) {
  server = uwsk_peer_listen(family);
  assert_non_null(server);
  client = uwsk_peer_connect(family, uwsk_peer_port(server));
  assert_non_null(client);
}

static void close_pair(void) {
  uwsk_peer_close(client);
  uwsk_peer_close(server);
}

static void both_come_to_their_end(void) {
  assert_true(uwsk_peer_wait(client, LONG_MS));
  assert_true(uwsk_peer_wait(server, LONG_MS));
  close_pair();
}

/* ---- streams ------------------------------------------------------------ */

static void talk(enum uwsk_peer_family family) {
  make_pair(family);
  uwsk_peer_expect(server, "ping", 4);
  uwsk_peer_send_pieces(server, "pong!", 5, 2);
  uwsk_peer_expect_end(server);
  uwsk_peer_finish(server);
  uwsk_peer_send(client, "ping", 4);
  uwsk_peer_expect(client, "pon", 3);
  uwsk_peer_expect(client, "g!", 2);
  uwsk_peer_finish(client);
  uwsk_peer_expect_end(client);
  both_come_to_their_end();
}

static void a_conversation_goes_as_told(void **state) {
  (void)state;
  talk(UWSK_PEER_IPV4);
  talk(UWSK_PEER_IPV6);
}

/* Defends against a script that reads on, or goes on, while it stalls. */
static void a_stall_lasts_until_the_test_says_go(void **state) {
  static char bytes[1 << 20];

  (void)state;
  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_stall(server);
  uwsk_peer_expect_any(server, 8 * sizeof(bytes));
  for (int i = 0; i < 8; i++)
    uwsk_peer_send(client, bytes, sizeof(bytes));
  assert_false(uwsk_peer_wait(server, SHORT_MS));
  assert_false(uwsk_peer_wait(client, SHORT_MS)); /* the window is full */
  uwsk_peer_go(server);
  both_come_to_their_end();
}

static void a_go_may_come_first(void **state) {
  (void)state;
  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_go(server);
  uwsk_peer_stall(server);
  uwsk_peer_delay(server, 5);
  both_come_to_their_end();
}

static void an_end_is_told(void **state) {
  (void)state;
  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_hang_up(server);
  uwsk_peer_expect_end(client);
  both_come_to_their_end();
}

#ifndef _WIN32 /* Wine reads a reset as the end: tests/conformance/windows.tsv \
                */
static void a_reset_is_told_from_an_end(void **state) {
  (void)state;
  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_expect(server, "x", 1);
  uwsk_peer_reset(server);
  uwsk_peer_send(client, "x", 1);
  uwsk_peer_expect_reset(client);
  both_come_to_their_end();
}
#endif

static void a_listener_takes_one_connection_after_the_other(void **state) {
  struct uwsk_peer *second;

  (void)state;
  make_pair(UWSK_PEER_IPV4);
  second = uwsk_peer_connect(UWSK_PEER_IPV4, uwsk_peer_port(server));
  uwsk_peer_send(server, "1", 1);
  uwsk_peer_hang_up(server);
  uwsk_peer_accept(server);
  uwsk_peer_send(server, "2", 1);
  uwsk_peer_hang_up(server);
  uwsk_peer_expect(client, "1", 1);
  uwsk_peer_expect_end(client);
  uwsk_peer_expect(second, "2", 1);
  uwsk_peer_expect_end(second);
  assert_true(uwsk_peer_wait(second, LONG_MS));
  uwsk_peer_close(second);
  both_come_to_their_end();
}

/* The host's backlog has taken the connection; nobody answers. */
static void a_listener_may_accept_late(void **state) {
  (void)state;
  server = uwsk_peer_listen_only(UWSK_PEER_IPV4);
  client = uwsk_peer_connect(UWSK_PEER_IPV4, uwsk_peer_port(server));
  uwsk_peer_send(client, "hello", 5);
  assert_true(uwsk_peer_wait(client, LONG_MS));
  uwsk_peer_accept(server);
  uwsk_peer_expect(server, "hello", 5);
  both_come_to_their_end();
}

/* ---- datagrams ---------------------------------------------------------- */

static void datagrams_keep_their_boundaries(void **state) {
  (void)state;
  server = uwsk_peer_udp(UWSK_PEER_IPV4, 0);
  client = uwsk_peer_udp(UWSK_PEER_IPV4, uwsk_peer_port(server));
  uwsk_peer_expect(server, "ab", 2);
  uwsk_peer_expect(server, "", 0);
  uwsk_peer_expect(server, "c", 1);
  uwsk_peer_send(server, "answer", 6);
  uwsk_peer_send(client, "ab", 2);
  uwsk_peer_send(client, "", 0);
  uwsk_peer_send(client, "c", 1);
  uwsk_peer_expect(client, "answer", 6);
  both_come_to_their_end();
}

/* ---- callbacks ------------------------------------------------------------
 */

static struct {
  KEVENT done;
  bool answer;
} inside;

static VOID wait_inside(PKDPC dpc, PVOID context, PVOID one, PVOID two) {
  (void)dpc;
  (void)context;
  (void)one;
  (void)two;
  inside.answer = uwsk_peer_wait(server, SHORT_MS);
  KeSetEvent(&inside.done, IO_NO_INCREMENT, FALSE);
}

/* Defends against a test that asks its peer in a callback, which would run the
 * loop from inside the loop. */
static void nobody_waits_for_a_peer_inside_a_callback(void **state) {
  KDPC dpc;

  (void)state;
  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_expect(server, "x", 1);
  uwsk_peer_send(client, "x", 1);
  inside.answer = true;
  KeInitializeEvent(&inside.done, NotificationEvent, FALSE);
  KeInitializeDpc(&dpc, wait_inside, NULL);
  catch_stderr();
  KeInsertQueueDpc(&dpc, NULL, NULL);
  KeWaitForSingleObject(&inside.done, Executive, KernelMode, FALSE, NULL);
  release_stderr();
  assert_false(inside.answer);
  assert_non_null(strstr(caught, "uwsk_peer_wait: called inside a callback"));
  both_come_to_their_end();
}

/* ---- what goes wrong ---------------------------------------------------- */

static bool says(const struct uwsk_peer *peer, const char *text) {
  return strstr(uwsk_peer_failure(peer), text) != NULL;
}

/* Defends against a failure that does not show what it is about. */
static void another_byte_is_shown_as_hex_and_text(void **state) {
  (void)state;
  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_expect(server, "0123456789abcdefHello", 21);
  uwsk_peer_send(client, "0123456789abcdefHelp!", 21);
  assert_false(uwsk_peer_wait(server, LONG_MS));
  assert_true(says(server, "step 2 (uwsk_peer_expect): byte 19 of 21"));
  assert_true(says(server, "expected     16  48 65 6c 6c 6f"));
  assert_true(says(server, "|Hello|"));
  assert_true(says(server, "came         16  48 65 6c 70 21"));
  assert_true(says(server, "|Help!|"));
  close_pair();
}

static void an_end_too_early_is_told(void **state) {
  (void)state;
  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_expect(server, "abc", 3);
  uwsk_peer_send(client, "a", 1);
  uwsk_peer_finish(client);
  assert_false(uwsk_peer_wait(server, LONG_MS));
  assert_true(says(server, "3 bytes were expected, and 1 came"));
  close_pair();

  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_expect_reset(server);
  uwsk_peer_finish(client);
  assert_false(uwsk_peer_wait(server, LONG_MS));
  assert_true(says(server, "orderly end"));
  close_pair();
}

static void bytes_in_front_of_the_end_are_told(void **state) {
  (void)state;
  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_expect_end(server);
  uwsk_peer_send(client, "surprise", 8);
  assert_false(uwsk_peer_wait(server, LONG_MS));
  assert_true(says(server, "|surprise|"));
  close_pair();
}

static void a_longer_datagram_is_another(void **state) {
  (void)state;
  server = uwsk_peer_udp(UWSK_PEER_IPV4, 0);
  client = uwsk_peer_udp(UWSK_PEER_IPV4, uwsk_peer_port(server));
  uwsk_peer_expect(server, "ab", 2);
  uwsk_peer_send(client, "abc", 3);
  assert_false(uwsk_peer_wait(server, LONG_MS));
  assert_true(says(server, "2 bytes were expected, and 3 came"));
  close_pair();
}

static void a_step_that_is_not_for_the_peer_fails(void **state) {
  (void)state;
  server = uwsk_peer_udp(UWSK_PEER_IPV4, 0);
  client = uwsk_peer_udp(UWSK_PEER_IPV4, 0);
  assert_false(uwsk_peer_finish(server));
  assert_true(says(server, "no step for such a peer"));
  uwsk_peer_send(client, "to whom", 7); /* nobody has written yet */
  assert_false(uwsk_peer_wait(client, LONG_MS));
  assert_true(says(client, "step 1 (uwsk_peer_send): it failed"));
  close_pair();
}

static void a_step_without_its_bytes_fails(void **state) {
  (void)state;
  client = uwsk_peer_udp(UWSK_PEER_IPV4, 0);
  assert_false(uwsk_peer_expect(client, NULL, 5));
  assert_true(says(client, "there are no bytes"));
  assert_false(uwsk_peer_wait(client, LONG_MS));
  uwsk_peer_close(client);
}

static void a_connect_that_is_refused_is_told(void **state) {
  unsigned short port;

  (void)state;
  server = uwsk_peer_listen_only(UWSK_PEER_IPV4);
  port = uwsk_peer_port(server);
  uwsk_peer_close(server);
  client = uwsk_peer_connect(UWSK_PEER_IPV4, port);
  uwsk_peer_expect(client, "x", 1);
  assert_false(uwsk_peer_wait(client, LONG_MS));
  assert_true(says(client, "the connect failed"));
  uwsk_peer_close(client);
}

/* ---- the end ------------------------------------------------------------ */

/* Defends against a script that nobody waits for. */
static void uwsk_stop_counts_scripts_that_went_wrong(void **state) {
  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  make_pair(UWSK_PEER_IPV4);
  uwsk_peer_expect(server, "never", 5); /* is not at its end */
  uwsk_peer_close(client);
  client = uwsk_peer_udp(UWSK_PEER_IPV4, 0);
  uwsk_peer_reset(client); /* fails */
  uwsk_peer_close(client);
  assert_int_equal(uwsk_stop(), 2);
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_stop(), 0);
}

/* Failures are counted when the peer is closed; these tests are about them. */
static int stop_despite_failures(void **state) {
  (void)state;
  return uwsk_stop() > 0 ? 0 : -1;
}

#define FAILING_TEST(name)                                                     \
  cmocka_unit_test_setup_teardown(name, kernel_start, stop_despite_failures)

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_conversation_goes_as_told),
      KERNEL_TEST(a_stall_lasts_until_the_test_says_go),
      KERNEL_TEST(a_go_may_come_first),
      KERNEL_TEST(an_end_is_told),
#ifndef _WIN32
      KERNEL_TEST(a_reset_is_told_from_an_end),
#endif
      KERNEL_TEST(a_listener_takes_one_connection_after_the_other),
      KERNEL_TEST(a_listener_may_accept_late),
      KERNEL_TEST(datagrams_keep_their_boundaries),
      KERNEL_TEST(nobody_waits_for_a_peer_inside_a_callback),
      FAILING_TEST(another_byte_is_shown_as_hex_and_text),
      FAILING_TEST(an_end_too_early_is_told),
      FAILING_TEST(bytes_in_front_of_the_end_are_told),
      FAILING_TEST(a_longer_datagram_is_another),
      FAILING_TEST(a_step_that_is_not_for_the_peer_fails),
      FAILING_TEST(a_step_without_its_bytes_fails),
      FAILING_TEST(a_connect_that_is_refused_is_told),
      cmocka_unit_test(uwsk_stop_counts_scripts_that_went_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
