/*
 * See datagrams.h.
 */
#include "datagrams.h"

/* ---- what it is told --------------------------------------------------- */

static void on_readable(void *user) {
  ADD(((struct party *)user)->readable, 1);
}

static void on_writable(void *user) {
  ADD(((struct party *)user)->writable, 1);
}

static void on_closed(void *user) {
  ADD(((struct party *)user)->closed, 1);
}

static const struct net_udp_events events = {on_readable, on_writable,
                                             on_closed};

/* ---- verbs ------------------------------------------------------------- */

struct verb {
  struct party *party;
  enum net_family family;
  const struct net_address *local;
  unsigned mask;
  enum net_option option;
  int value;
  enum net_group_verb group_verb;
  const struct net_group *group;
  int error;
};

static void do_open(void *argument) {
  struct verb *verb = argument;
  verb->error = net__udp_open(&verb->party->udp, verb->family, NET_DATAGRAM, 17,
                              &events, verb->party);
}

int party_open(struct party *party, enum net_family family) {
  struct verb verb = {.party = party, .family = family};
  memset(party, 0, sizeof(*party));
  run_on_loop(do_open, &verb);
  return verb.error;
}

static void do_bind(void *argument) {
  struct verb *verb = argument;
  verb->error = net__udp_bind(verb->party->udp, verb->local);
  if (verb->error == NET_OK)
    verb->error = net__udp_local(verb->party->udp, &verb->party->at);
}

int party_bind(struct party *party, const struct net_address *local) {
  struct verb verb = {.party = party, .local = local};
  run_on_loop(do_bind, &verb);
  return verb.error;
}

void party_start(struct party *party, enum net_family family) {
  struct net_address local = loopback_of(family);
  assert_int_equal(party_open(party, family), NET_OK);
  assert_int_equal(party_bind(party, &local), NET_OK);
}

static void do_arm(void *argument) {
  struct verb *verb = argument;
  net__udp_arm(verb->party->udp, verb->mask);
}

void party_arm(struct party *party, unsigned mask) {
  struct verb verb = {.party = party, .mask = mask};
  run_on_loop(do_arm, &verb);
}

static void do_disarm(void *argument) {
  struct verb *verb = argument;
  net__udp_disarm(verb->party->udp, verb->mask);
}

void party_disarm(struct party *party, unsigned mask) {
  struct verb verb = {.party = party, .mask = mask};
  run_on_loop(do_disarm, &verb);
}

static void do_set(void *argument) {
  struct verb *verb = argument;
  verb->error =
      net__udp_set_option(verb->party->udp, verb->option, verb->value);
}

int party_set(struct party *party, enum net_option option, int value) {
  struct verb verb = {.party = party, .option = option, .value = value};
  run_on_loop(do_set, &verb);
  return verb.error;
}

static void do_get(void *argument) {
  struct verb *verb = argument;
  verb->error =
      net__udp_get_option(verb->party->udp, verb->option, &verb->value);
}

int party_get(struct party *party, enum net_option option, int *value) {
  struct verb verb = {.party = party, .option = option};
  run_on_loop(do_get, &verb);
  *value = verb.value;
  return verb.error;
}

static void do_group(void *argument) {
  struct verb *verb = argument;
  verb->error = net__udp_group(verb->party->udp, verb->group_verb, verb->group);
}

int party_group(struct party *party, enum net_group_verb group_verb,
                const struct net_group *group) {
  struct verb verb = {.party = party, .group_verb = group_verb, .group = group};
  run_on_loop(do_group, &verb);
  return verb.error;
}

static void do_close(void *argument) {
  struct party *party = argument;
  net__udp_close(party->udp);
}

void party_start_close(struct party *party) {
  run_on_loop(do_close, party);
}

void party_stop(struct party *party) {
  party_start_close(party);
  party_until(&party->closed, 1);
}

/* ---- waiting ----------------------------------------------------------- */

struct goal {
  const int *count;
  int wanted;
};

static bool is_reached(void *context) {
  struct goal *goal = context;
  return FLAG(*goal->count) >= goal->wanted;
}

void party_until(const int *count, int wanted) {
  struct goal goal = {count, wanted};
  assert_true(loop__run_until(is_reached, &goal, LOOP_FOREVER));
}

/* ---- talking ----------------------------------------------------------- */

struct net_address ipv4_of(unsigned a, unsigned b, unsigned c, unsigned d,
                           uint16_t port) {
  struct net_address address = {.family = NET_IPV4, .port = port};
  address.ip[0] = (unsigned char)a;
  address.ip[1] = (unsigned char)b;
  address.ip[2] = (unsigned char)c;
  address.ip[3] = (unsigned char)d;
  return address;
}

struct net_address loopback_of(enum net_family family) {
  struct net_address address = {.family = family};
  if (family == NET_IPV4)
    return ipv4_of(127, 0, 0, 1, 0);
  address.ip[15] = 1;
  return address;
}

void party_say(struct party *from, const struct net_address *to,
               const char *text) {
  struct net_buffer buffer = {(void *)(uintptr_t)text, strlen(text)};
  assert_int_equal(net__udp_try_send(from->udp, &buffer, 1, to, NULL), NET_OK);
}

struct net_received party_hear(struct party *party, void *bytes, size_t room) {
  struct net_received received;
  struct net_buffer buffer = {bytes, room};
  int error;
  for (;;) {
    error = net__udp_try_recv(party->udp, &buffer, 1, &received);
    if (error != NET_EAGAIN)
      break;
    int told = FLAG(party->readable);
    party_arm(party, NET_READABLE);
    party_until(&party->readable, told + 1);
  }
  assert_int_equal(error, NET_OK);
  return received;
}

/* The host delivers in order: what is sent to oneself now comes last. */
bool party_hears_nothing(struct party *party) {
  char text[8] = "";
  party_say(party, &party->at, "me");
  struct net_received received = party_hear(party, text, sizeof(text));
  return received.bytes == 2 && memcmp(text, "me", 2) == 0 &&
         received.remote.port == party->at.port;
}
