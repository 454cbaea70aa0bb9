/*
 * Datagrams: what is sent comes whole, once, from where it was sent; readiness
 * is told once and never spins; what goes beside the bytes is right.
 */
#include "datagrams.h"

#ifndef _WIN32
#include <sys/resource.h>
#endif

static struct party one, two;
static char room[70000];

static void start_both(enum net_family family) {
  party_start(&one, family);
  party_start(&two, family);
}

static void stop_both(void) {
  party_stop(&one);
  party_stop(&two);
}

static bool same_address(const struct net_address *a,
                         const struct net_address *b) {
  return a->family == b->family && a->port == b->port &&
         memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

/* ---- bytes ------------------------------------------------------------- */

static void check_size(size_t size) {
  static char sent[NET_UDP_MAX];
  struct net_buffer buffer = {sent, size};
  for (size_t i = 0; i < size; i++)
    sent[i] = (char)(i * 7 + size);
  memset(room, 0, sizeof(room));
  assert_int_equal(net__udp_try_send(one.udp, &buffer, 1, &two.at, NULL),
                   NET_OK);
  struct net_received received = party_hear(&two, room, sizeof(room));
  assert_int_equal(received.bytes, size);
  assert_int_equal(received.size, size);
  assert_true(received.size_known);
  assert_false(received.truncated);
  assert_false(received.broadcast);
  assert_false(received.multicast);
  assert_int_equal(received.control.has, 0);
  assert_true(same_address(&received.remote, &one.at));
  assert_memory_equal(room, sent, size);
}

/* Bug: a datagram of no bytes taken for nothing, or one that is cut off. */
static void a_datagram_of_any_size_comes_whole(void **state) {
  static const size_t sizes[] = {0, 1, 1472, 1473, 9000, NET_UDP_MAX};
  (void)state;
  for (enum net_family family = NET_IPV4; family <= NET_IPV6; family += 2) {
    start_both(family);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
      check_size(sizes[i]);
    stop_both();
  }
}

/* Bug: bytes that go to the wrong piece, or an allocation per datagram. */
static void pieces_are_gathered_and_scattered(void **state) {
  struct net_buffer out[4] = {
      {"one ", 4}, {NULL, 0}, {"two ", 4}, {"three", 5}};
  struct net_buffer in[NET_DIRECT_BUFFERS];
  struct net_received received;
  (void)state;
  start_both(NET_IPV4);
  for (unsigned i = 0; i < NET_DIRECT_BUFFERS; i++)
    in[i] = (struct net_buffer){room + i, 1};
  uint64_t before = os__alloc_count();
  assert_int_equal(net__udp_try_send(one.udp, out, 4, &two.at, NULL), NET_OK);
  while (net__udp_try_recv(two.udp, in, NET_DIRECT_BUFFERS, &received) ==
         NET_EAGAIN) {
  }
  assert_int_equal(os__alloc_count(), before);
  assert_int_equal(received.bytes, 13);
  assert_memory_equal(room, "one two three", 13);
  stop_both();
}

/* Bug: the tail of a datagram taken for the next one. */
static void what_does_not_fit_is_cut_off_and_said_so(void **state) {
  char text[8] = "";
  (void)state;
  start_both(NET_IPV4);
  party_say(&one, &two.at, "abcdefgh");
  party_say(&one, &two.at, "next");
  struct net_received received = party_hear(&two, text, 3);
  assert_true(received.truncated);
  assert_int_equal(received.bytes, 3);
  assert_memory_equal(text, "abc", 4);
  assert_true(!received.size_known || received.size == 8);
  received = party_hear(&two, text, 4);
  assert_false(received.truncated);
  assert_int_equal(received.bytes, 4);
  assert_memory_equal(text, "next", 4);
  stop_both();
}

/* Bug: a datagram that is to be thrown away stays at the head. */
static void without_room_a_datagram_is_thrown_away(void **state) {
  struct net_received received;
  (void)state;
  start_both(NET_IPV4);
  party_say(&one, &two.at, "away");
  party_say(&one, &two.at, "next");
  while (net__udp_next_size(two.udp) == NET_EAGAIN) {
  }
  assert_int_equal(net__udp_try_recv(two.udp, NULL, 0, &received), NET_OK);
  assert_true(received.truncated);
  assert_int_equal(received.bytes, 0);
  received = party_hear(&two, room, sizeof(room));
  assert_memory_equal(room, "next", 4);
  stop_both();
}

/* Bug: room for less than what comes. */
static void the_size_of_the_next_datagram_can_be_asked_for(void **state) {
  (void)state;
  start_both(NET_IPV4);
  assert_int_equal(net__udp_next_size(two.udp), NET_EAGAIN);
  party_say(&one, &two.at, "");
  while (net__udp_next_size(two.udp) == NET_EAGAIN) {
  }
  party_say(&one, &two.at, "five5");
  party_hear(&two, room, sizeof(room));
  while (net__udp_next_size(two.udp) == NET_EAGAIN) {
  }
  assert_true(net__udp_next_size(two.udp) >= 5);
  assert_int_equal(party_hear(&two, room, sizeof(room)).bytes, 5);
  stop_both();
}

/* Bug: a batch that mixes up its slots, or waits until it is full. */
static void several_are_taken_at_once(void **state) {
  char text[20][8];
  struct net_buffer buffers[20];
  struct net_slot slots[20];
  int got = 0;
  (void)state;
  start_both(NET_IPV4);
  for (unsigned i = 0; i < 20; i++) {
    buffers[i] = (struct net_buffer){text[i], 4};
    slots[i] = (struct net_slot){.buffers = &buffers[i], .count = 1};
  }
  assert_int_equal(net__udp_try_recv_many(two.udp, slots, 20), NET_EAGAIN);
  for (unsigned i = 0; i < 20; i++)
    party_say(&one, &two.at, i == 7 ? "longer" : i % 2 == 0 ? "even" : "odd");
  while (got < 20) {
    int more =
        net__udp_try_recv_many(two.udp, slots + got, 20u - (unsigned)got);
    assert_true(more == NET_EAGAIN || (more > 0 && more <= NET_BATCH));
    got += more > 0 ? more : 0;
  }
  for (int i = 0; i < 20; i++) {
    assert_int_equal(slots[i].received.truncated, i == 7);
    assert_int_equal(slots[i].received.bytes, i % 2 == 0 || i == 7 ? 4 : 3);
    assert_true(same_address(&slots[i].received.remote, &one.at));
    assert_memory_equal(text[i],
                        i == 7       ? "long"
                        : i % 2 == 0 ? "even"
                                     : "odd",
                        3);
  }
  stop_both();
}

/* ---- what cannot be sent ----------------------------------------------- */

/* Bug: a part of it is sent, or the host's answer is taken for success. */
static void what_is_too_long_is_refused(void **state) {
  struct net_buffer buffer = {room, NET_UDP_MAX + 1};
  (void)state;
  start_both(NET_IPV4);
  assert_int_equal(net__udp_try_send(one.udp, &buffer, 1, &two.at, NULL),
                   NET_EMSGSIZE);
  assert_true(party_hears_nothing(&two));
  stop_both();
}

/* Bug: an IPv6 socket that speaks IPv4 unasked, or a crash. */
static void an_address_of_the_other_family_is_refused(void **state) {
  struct net_buffer buffer = {"x", 1};
  struct net_address other = loopback_of(NET_IPV6);
  (void)state;
  start_both(NET_IPV4);
  assert_int_equal(net__udp_try_send(one.udp, &buffer, 1, &other, NULL),
                   NET_EAFNOSUPPORT);
  stop_both();
}

/* Bug: a peer that has gone fails the next send or receive. */
static void a_peer_that_is_gone_disturbs_nobody(void **state) {
  struct net_address gone;
  (void)state;
  start_both(NET_IPV4);
  gone = two.at;
  party_stop(&two);
  party_start(&two, NET_IPV4);
  for (int i = 0; i < 3; i++)
    party_say(&one, &gone, "anybody?");
  party_say(&two, &one.at, "yes");
  assert_int_equal(party_hear(&one, room, sizeof(room)).bytes, 3);
  assert_true(party_hears_nothing(&one));
  stop_both();
}

/* ---- names ------------------------------------------------------------- */

/* Bug: two sockets that share a port unasked; a name before there is one. */
static void an_address_belongs_to_one_socket(void **state) {
  struct net_address six = loopback_of(NET_IPV6);
  (void)state;
  party_start(&one, NET_IPV4);
  assert_int_equal(party_open(&two, NET_IPV4), NET_OK);
  assert_int_equal(net__udp_local(two.udp, &two.at), NET_EINVAL);
  assert_int_equal(party_bind(&two, &one.at), NET_EADDRINUSE);
  assert_int_equal(party_bind(&two, &six), NET_EAFNOSUPPORT);
  struct net_address any = loopback_of(NET_IPV4);
  assert_int_equal(party_bind(&two, &any), NET_OK);
  assert_int_not_equal(two.at.port, 0);
  assert_int_equal(party_bind(&two, &any), NET_EINVAL);
  stop_both();
}

#ifndef _WIN32 /* Wine binds a datagram socket to any address */
/* Bug: an address that is not this host's is taken, or breaks the handle. */
static void a_foreign_address_cannot_be_bound(void **state) {
  struct net_address foreign = ipv4_of(198, 51, 100, 1, 0);
  struct net_address own = loopback_of(NET_IPV4);
  (void)state;
  assert_int_equal(party_open(&one, NET_IPV4), NET_OK);
  assert_int_equal(party_bind(&one, &foreign), NET_EADDRNOTAVAIL);
  assert_int_equal(party_bind(&one, &own), NET_OK);
  party_stop(&one);
}
#endif

/* ---- readiness --------------------------------------------------------- */

static bool never(void *context) {
  (void)context;
  return false;
}

/* Some hundred turns are the loop's own; a loop that spins makes ten thousands.
 */
#define CALM 1000

static uint64_t turns_in_a_while(void) {
  struct loop_stats before, after;
  loop__stats(&before);
  loop__run_until(never, NULL, os__now_ns() + 100000000);
  loop__stats(&after);
  return after.pumps + after.helper_runs - before.pumps - before.helper_runs;
}

/* Bug: the loop spins while data wait that nobody reads. */
static void data_that_nobody_reads_do_not_spin(void **state) {
  (void)state;
  start_both(NET_IPV4);
  party_arm(&two, NET_READABLE);
  for (int i = 0; i < 10; i++)
    party_say(&one, &two.at, "read me");
  party_until(&two.readable, 1);
  assert_true(turns_in_a_while() < CALM);
  assert_int_equal(FLAG(two.readable), 1);
  stop_both();
}

/* In one turn: an event cannot come between. */
static void arm_twice(void *party) {
  struct net_udp *udp = ((struct party *)party)->udp;
  net__udp_arm(udp, NET_READABLE);
  net__udp_arm(udp, NET_READABLE);
}

/* Bug: told again without being asked, or not told of what was there before. */
static void readable_is_told_once_for_each_time_it_is_asked_for(void **state) {
  (void)state;
  start_both(NET_IPV4);
  for (int i = 0; i < 5; i++)
    party_say(&one, &two.at, "x");
  for (int i = 1; i <= 5; i++) {
    run_on_loop(arm_twice, &two);
    party_until(&two.readable, i);
    turns_in_a_while();
    assert_int_equal(FLAG(two.readable), i);
  }
  stop_both();
}

/* Bug: an event that was taken back comes all the same. */
static void what_was_disarmed_is_not_told(void **state) {
  (void)state;
  start_both(NET_IPV4);
  party_arm(&two, NET_READABLE);
  party_disarm(&two, NET_READABLE);
  party_say(&one, &two.at, "x");
  turns_in_a_while();
  assert_int_equal(FLAG(two.readable), 0);
  party_arm(&two, NET_READABLE);
  party_until(&two.readable, 1);
  stop_both();
}

/* Bug: writable is never told, spins, or takes readable with it. */
static void writable_is_told_once(void **state) {
  (void)state;
  start_both(NET_IPV4);
  party_arm(&two, NET_READABLE | NET_WRITABLE);
  party_until(&two.writable, 1);
  assert_true(turns_in_a_while() < CALM);
  assert_int_equal(FLAG(two.writable), 1);
  assert_int_equal(FLAG(two.readable), 0);
  party_say(&one, &two.at, "x");
  party_until(&two.readable, 1);
  stop_both();
}

/* Bug: a handle that is closed while the host has something for it reports
 * that, or never closes. */
static void
a_close_with_readiness_pending_tells_of_the_close_alone(void **state) {
  (void)state;
  start_both(NET_IPV4);
  party_arm(&two, NET_READABLE | NET_WRITABLE);
  for (int i = 0; i < 10; i++)
    party_say(&one, &two.at, "x");
  int readable = FLAG(two.readable), writable = FLAG(two.writable);
  if (test_is_stepped())
    assert_int_equal(readable + writable, 0);
  party_start_close(&two);
  readable = FLAG(two.readable);
  writable = FLAG(two.writable);
  party_until(&two.closed, 1);
  assert_int_equal(FLAG(two.readable), readable);
  assert_int_equal(FLAG(two.writable), writable);
  party_stop(&one);
}

/* Bug: a datagram that is lost between an empty look and the next event. */
static void many_datagrams_all_arrive(void **state) {
  enum { WINDOW = 50, ALL = 20000 };
  unsigned sent = 0, heard = 0;
  (void)state;
  start_both(NET_IPV4);
  while (heard < ALL) {
    for (; sent < ALL && sent < heard + WINDOW; sent++) {
      struct net_buffer buffer = {&sent, sizeof(sent)};
      assert_int_equal(net__udp_try_send(one.udp, &buffer, 1, &two.at, NULL),
                       NET_OK);
    }
    unsigned number = 0;
    party_hear(&two, &number, sizeof(number));
    assert_int_equal(number, heard);
    heard++;
  }
  stop_both();
}

/* ---- threads ----------------------------------------------------------- */

enum { EXCHANGES = 2000 };

struct worker {
  struct party from, to;
  struct os_thread sender, receiver;
  unsigned unsent, wrong;
  int received;
};

static void send_all(void *argument) {
  struct worker *worker = argument;
  for (int i = 0; i < EXCHANGES; i++) {
    struct net_buffer buffer = {&i, sizeof(i)};
    while (i > FLAG(worker->received) + 20)
      os__yield();
    if (net__udp_try_send(worker->from.udp, &buffer, 1, &worker->to.at, NULL) !=
        NET_OK)
      worker->unsent++;
  }
}

static void receive_all(void *argument) {
  struct worker *worker = argument;
  struct net_received received;
  int number = -1;
  struct net_buffer buffer = {&number, sizeof(number)};
  for (int i = 0; i < EXCHANGES; i++) {
    while (net__udp_try_recv(worker->to.udp, &buffer, 1, &received) ==
           NET_EAGAIN)
      os__yield();
    worker->wrong += number != i;
    ADD(worker->received, 1);
  }
}

/* Bug: threads that use the direct path at once, or the owner who sets options
 * and waits meanwhile, get into each other's way. */
static void many_threads_send_and_receive_beside_the_loop(void **state) {
  static struct worker workers[2];
  (void)state;
  memset(workers, 0, sizeof(workers));
  for (int i = 0; i < 2; i++) {
    party_start(&workers[i].from, NET_IPV4);
    party_start(&workers[i].to, NET_IPV4);
    start_thread(&workers[i].receiver, receive_all, &workers[i]);
    start_thread(&workers[i].sender, send_all, &workers[i]);
  }
  while (FLAG(workers[0].received) < EXCHANGES) {
    party_arm(&workers[0].to, NET_READABLE);
    party_set(&workers[0].to, NET_OPT_RECV_LOCAL, 1);
    party_set(&workers[0].to, NET_OPT_RECV_LOCAL, 0);
    loop__run_until(NULL, NULL, os__now_ns() + 1000000);
  }
  for (int i = 0; i < 2; i++) {
    os__thread_join(&workers[i].sender);
    os__thread_join(&workers[i].receiver);
    assert_int_equal(workers[i].unsent, 0);
    assert_int_equal(workers[i].wrong, 0);
    party_stop(&workers[i].from);
    party_stop(&workers[i].to);
  }
}

/* ---- failures ---------------------------------------------------------- */

/* Bug: a host's socket that is left behind, or a crash. */
static void without_memory_nothing_is_opened(void **state) {
  (void)state;
  os__alloc_fail_nth(1);
  assert_int_equal(party_open(&one, NET_IPV4), NET_ENOMEM);
  assert_true(os__alloc_fault_fired());
  party_start(&one, NET_IPV4);
  party_stop(&one);
}

#ifndef _WIN32
/* Bug: another error, or a handle of the loop that nobody closes. */
static void without_descriptors_nothing_is_opened(void **state) {
  struct rlimit before, none;
  (void)state;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  none = before;
  none.rlim_cur = 3;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  int error = party_open(&one, NET_IPV4);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(error, NET_EMFILE);
}
#endif

/* Bug: a shutdown that leaves a datagram handle open calls its user. */
static void a_handle_that_is_left_open_is_closed_by_the_shutdown(void **state) {
  (void)state;
  boot_with(test_is_stepped(), false);
  party_start(&one, NET_IPV4);
  party_arm(&one, NET_READABLE);
  assert_int_equal(loop__shutdown(), 1);
  assert_int_equal(one.closed, 0);
}

#define ON_A_LOOP(test)                                                        \
  cmocka_unit_test_setup_teardown(test, test_boot, test_shutdown)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_A_LOOP(a_datagram_of_any_size_comes_whole),
      ON_A_LOOP(pieces_are_gathered_and_scattered),
      ON_A_LOOP(what_does_not_fit_is_cut_off_and_said_so),
      ON_A_LOOP(without_room_a_datagram_is_thrown_away),
      ON_A_LOOP(the_size_of_the_next_datagram_can_be_asked_for),
      ON_A_LOOP(several_are_taken_at_once),
      ON_A_LOOP(what_is_too_long_is_refused),
      ON_A_LOOP(an_address_of_the_other_family_is_refused),
      ON_A_LOOP(a_peer_that_is_gone_disturbs_nobody),
      ON_A_LOOP(an_address_belongs_to_one_socket),
#ifndef _WIN32
      ON_A_LOOP(a_foreign_address_cannot_be_bound),
#endif
      ON_A_LOOP(data_that_nobody_reads_do_not_spin),
      ON_A_LOOP(readable_is_told_once_for_each_time_it_is_asked_for),
      ON_A_LOOP(what_was_disarmed_is_not_told),
      ON_A_LOOP(writable_is_told_once),
      ON_A_LOOP(a_close_with_readiness_pending_tells_of_the_close_alone),
      ON_A_LOOP(many_datagrams_all_arrive),
      ON_A_LOOP(many_threads_send_and_receive_beside_the_loop),
      ON_A_LOOP(without_memory_nothing_is_opened),
#ifndef _WIN32
      ON_A_LOOP(without_descriptors_nothing_is_opened),
#endif
      cmocka_unit_test(a_handle_that_is_left_open_is_closed_by_the_shutdown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
