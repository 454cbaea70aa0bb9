/*
 * The direct path: one attempt on the host's socket, from any thread, without
 * the loop. And the table of errors.
 */
#include "client.h"

#ifndef _WIN32
#include <signal.h>
#endif

static struct client client;

#ifndef _WIN32

/* ---- sending and receiving --------------------------------------------- */

/* Bug: bytes that go to the wrong buffer, or an allocation per call. */
static void bytes_go_out_and_come_in_without_the_loop(void **state) {
  char text[16];
  struct net_buffer out[3] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
  struct net_buffer in[3] = {{text, 1}, {text + 1, 7}, {text + 8, 8}};
  struct net_buffer whole = {text, sizeof(text)};
  (void)state;
  client_connect(&client, NET_IPV4);
  uint64_t before = os__alloc_count();
  assert_int_equal(net__tcp_try_send(client.tcp, out, 3), 13);
  peer_receive(client.peer, text, 13);
  assert_memory_equal(text, "one two three", 13);
  peer_send(client.peer, "three two one", 13);
  while (net__tcp_nread(client.tcp) < 13) {
  }
  memset(text, 0, sizeof(text));
  assert_int_equal(net__tcp_try_recv(client.tcp, in, 3), 13);
  assert_memory_equal(text, "three two one", 13);
  assert_int_equal(net__tcp_try_send(client.tcp, out, 1), 4);
  peer_receive(client.peer, text, 4);
  peer_send(client.peer, "four", 4);
  while (net__tcp_nread(client.tcp) < 4) {
  }
  assert_int_equal(net__tcp_try_recv(client.tcp, &whole, 1), 4);
  assert_int_equal(os__alloc_count(), before);
  client_close(&client, false);
}

/* Bug: an attempt that waits. */
static void an_attempt_never_waits(void **state) {
  static char much[100000];
  struct net_buffer buffer = {much, sizeof(much)};
  int64_t sent;
  (void)state;
  client_connect(&client, NET_IPV4);
  assert_int_equal(net__tcp_try_recv(client.tcp, &buffer, 1), NET_EAGAIN);
  do {
    sent = net__tcp_try_send(client.tcp, &buffer, 1);
  } while (sent > 0);
  assert_int_equal(sent, NET_EAGAIN);
  client_close(&client, true);
}

/* Bug: the end of the stream looks like nothing being there. */
static void the_end_of_the_stream_is_zero(void **state) {
  char text[8];
  struct net_buffer buffer = {text, sizeof(text)};
  int64_t got = NET_EAGAIN;
  (void)state;
  client_connect(&client, NET_IPV4);
  peer_finish(client.peer);
  while (got == NET_EAGAIN)
    got = net__tcp_try_recv(client.tcp, &buffer, 1);
  assert_int_equal(got, 0);
  client_close(&client, false);
}

/* Bug: SIGPIPE, or a reset that is swallowed. */
static void a_peer_that_is_gone_is_an_error(void **state) {
  char text[8];
  struct net_buffer buffer = {text, sizeof(text)};
  int64_t answer = NET_EAGAIN;
  (void)state;
  client_connect(&client, NET_IPV4);
  peer_reset(client.peer);
  client.peer = (uv_os_sock_t)-1;
  while (answer == NET_EAGAIN)
    answer = net__tcp_try_recv(client.tcp, &buffer, 1);
  assert_int_equal(answer, NET_ECONNRESET);
  assert_int_equal(net__tcp_try_send(client.tcp, &buffer, 1), NET_EPIPE);
  client_close(&client, false);
}

/* ---- beside the loop --------------------------------------------------- */

/* Bug: reading stays armed between receives, so the loop and a direct attempt
 * meet on one socket: bytes taken by both, or a buffer that never comes back.
 * What the loop reads and what is taken directly has to add up. */
static void the_loop_and_direct_attempts_share_a_socket(void **state) {
  char text[16];
  struct net_buffer buffer = {text, sizeof(text)};
  size_t sent = 0, direct = 0;
  (void)state;
  client_connect(&client, NET_IPV4);
  for (int i = 0; i < 500; i++) {
    peer_send(client.peer, "0123456789abcdef", 16);
    sent += 16;
    if (i % 2 == 0)
      client_read(&client, 16, 16);
    int64_t got = net__tcp_try_recv(client.tcp, &buffer, 1);
    if (got > 0)
      direct += (size_t)got;
    if (i % 2 == 0 && got <= 0)
      loop__run_until(NULL, NULL, 0);
  }
  client_read(&client, CLIENT_ROOM, 1000);
  client_until_got(&client, sent - direct);
  assert_int_equal(client.got + direct, sent);
  client_close(&client, false);
}

struct worker {
  struct client client;
  struct os_thread thread;
  int bad;
};

/* Each has a connection of its own and needs nobody. */
static void exchange(void *argument) {
  struct worker *worker = argument;
  char text[64];
  struct net_buffer buffer = {text, sizeof(text)};
  for (int i = 0; i < 3000; i++) {
    if (net__tcp_try_send(worker->client.tcp, &buffer, 1) != 64)
      worker->bad++;
    while (peer_take(worker->client.peer, text, 64) == -1) {
    }
  }
}

/* Bug: threads that use the direct path at once get into each other's way. */
static void many_threads_use_the_direct_path_at_once(void **state) {
  static struct worker workers[3];
  (void)state;
  client_connect(&client, NET_IPV4);
  for (int i = 0; i < 3; i++) {
    client_connect(&workers[i].client, NET_IPV4);
    start_thread(&workers[i].thread, exchange, &workers[i]);
  }
  for (int i = 0; i < 3; i++) {
    os__thread_join(&workers[i].thread);
    assert_int_equal(workers[i].bad, 0);
    client_close(&workers[i].client, false);
  }
  client_close(&client, false);
}

/* ---- SIGPIPE ----------------------------------------------------------- */

/* Bug: a library that changes how its host takes signals, for ever or against
 * the host's own choice. */
static void sigpipe_is_given_back(void **state) {
  struct sigaction now;
  (void)state;
  signal(SIGPIPE, SIG_DFL);
  boot_with(test_is_stepped(), false);
  sigaction(SIGPIPE, NULL, &now);
  assert_true(now.sa_handler == SIG_IGN);
  assert_int_equal(loop__shutdown(), 0);
  sigaction(SIGPIPE, NULL, &now);
  assert_true(now.sa_handler == SIG_DFL);
  signal(SIGPIPE, SIG_IGN);
  boot_with(test_is_stepped(), false);
  assert_int_equal(loop__shutdown(), 0);
  sigaction(SIGPIPE, NULL, &now);
  assert_true(now.sa_handler == SIG_IGN);
  signal(SIGPIPE, SIG_DFL);
}

#else

/* Bug: a host without a direct path that moves bytes, or reports them moved. */
static void without_a_direct_path_the_attempts_say_so(void **state) {
  char text[4] = "abc";
  struct net_buffer buffer = {text, sizeof(text)};
  (void)state;
  client_connect(&client, NET_IPV4);
  assert_int_equal(net__tcp_try_send(client.tcp, &buffer, 1), NET_ENOSYS);
  assert_int_equal(net__tcp_try_recv(client.tcp, &buffer, 1), NET_ENOSYS);
  client_close(&client, false);
}

#endif

/* ---- errors ------------------------------------------------------------ */

/* Bug: two errors under one name, or a name that is not libuv's. */
static void every_error_has_its_own_name(void **state) {
  (void)state;
  assert_string_equal(net__error_name(NET_OK), "OK");
  assert_string_equal(net__error_name(NET_EADDRINUSE), "EADDRINUSE");
  assert_string_equal(net__error_name(NET_EOF), "EOF");
  assert_string_equal(net__error_name(1), "UNKNOWN");
  for (int error = NET_EACCES; error < NET_UNKNOWN; error++) {
    assert_true(error < 0);
    assert_string_not_equal(net__error_name(error), "UNKNOWN");
    assert_string_not_equal(net__error_name(error), net__error_name(error + 1));
  }
}

#define ON_A_LOOP(test)                                                        \
  cmocka_unit_test_setup_teardown(test, test_boot, test_shutdown)

int main(void) {
  const struct CMUnitTest tests[] = {
#ifndef _WIN32
      ON_A_LOOP(bytes_go_out_and_come_in_without_the_loop),
      ON_A_LOOP(an_attempt_never_waits),
      ON_A_LOOP(the_end_of_the_stream_is_zero),
      ON_A_LOOP(a_peer_that_is_gone_is_an_error),
      ON_A_LOOP(the_loop_and_direct_attempts_share_a_socket),
      ON_A_LOOP(many_threads_use_the_direct_path_at_once),
      cmocka_unit_test(sigpipe_is_given_back),
#else
      ON_A_LOOP(without_a_direct_path_the_attempts_say_so),
#endif
      cmocka_unit_test(every_error_has_its_own_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
