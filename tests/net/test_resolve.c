/*
 * Names, with literals and names that need no network.
 */
#include "../loop/event.h"
#include "net/net.h"

#include "os/os.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define MOST 8

struct answer {
  struct net_lookup *lookup;
  struct net_question question;
  struct net_address address;
  unsigned flags;
  int started; /* what the verb answered */

  int calls, error;
  struct net_address found[MOST];
  size_t count;
  char node[256], service[64];
  struct event done;
};

/* ---- asking ------------------------------------------------------------ */

static void keep(char *to, size_t size, const char *text) {
  to[0] = '\0';
  if (text != NULL)
    strncat(to, text, size - 1);
}

static void on_resolved(void *user, const struct net_addresses *found) {
  struct answer *answer = user;
  answer->calls++;
  answer->error = found->error;
  answer->count = found->count;
  for (size_t i = 0; i < found->count && i < MOST; i++)
    answer->found[i] = found->addresses[i];
  keep(answer->node, sizeof(answer->node), found->canonical);
  event_set(&answer->done);
}

static void on_named(void *user, const struct net_names *found) {
  struct answer *answer = user;
  answer->calls++;
  answer->error = found->error;
  keep(answer->node, sizeof(answer->node), found->node);
  keep(answer->service, sizeof(answer->service), found->service);
  event_set(&answer->done);
}

static void start_resolve(void *argument) {
  struct answer *answer = argument;
  answer->started =
      net__resolve(&answer->lookup, &answer->question, on_resolved, answer);
}

static void start_name(void *argument) {
  struct answer *answer = argument;
  answer->started = net__name(&answer->lookup, &answer->address, answer->flags,
                              on_named, answer);
}

static int finish(struct answer *answer) {
  if (answer->started != NET_OK)
    return answer->started;
  event_wait(&answer->done);
  assert_int_equal(answer->calls, 1);
  return answer->error;
}

static int resolve(struct answer *answer, const char *node, const char *service,
                   int family, unsigned flags) {
  *answer = (struct answer){
      .question = {
          .node = node, .service = service, .family = family, .flags = flags}};
  run_on_loop(start_resolve, answer);
  return finish(answer);
}

static int name(struct answer *answer, const struct net_address *address,
                unsigned flags) {
  *answer = (struct answer){.address = *address, .flags = flags};
  run_on_loop(start_name, answer);
  return finish(answer);
}

static const struct net_address loopback = {
    .family = NET_IPV4, .port = 80, .ip = {127, 0, 0, 1}};

/* ---- addresses ---------------------------------------------------------- */

/* Bug: an entry for each kind of socket; a port in network byte order. */
static void a_literal_is_found_once(void **state) {
  struct answer answer;
  (void)state;
  assert_int_equal(resolve(&answer, "127.0.0.1", "80", 0, 0), NET_OK);
  assert_int_equal(answer.count, 1);
  assert_int_equal(answer.found[0].family, NET_IPV4);
  assert_int_equal(answer.found[0].port, 80);
  assert_memory_equal(answer.found[0].ip, loopback.ip, 16);
  assert_string_equal(answer.node, "");
}

static void both_families_are_found(void **state) {
  struct answer answer;
  (void)state;
  assert_int_equal(resolve(&answer, NULL, "80", 0, 0), NET_OK);
  assert_int_equal(answer.count, 2);
  assert_int_not_equal(answer.found[0].family, answer.found[1].family);
  assert_int_equal(resolve(&answer, NULL, "80", NET_IPV6, NET_AI_PASSIVE),
                   NET_OK);
  assert_int_equal(answer.count, 1);
  assert_memory_equal(answer.found[0].ip, (unsigned char[16]){0}, 16);
}

static void the_canonical_name_comes_when_asked_for(void **state) {
  struct answer answer;
  (void)state;
  assert_int_equal(
      resolve(&answer, "::1", NULL, 0, NET_AI_CANONNAME | NET_AI_NUMERICHOST),
      NET_OK);
  assert_string_equal(answer.node, "::1");
  assert_int_equal(answer.found[0].port, 0);
}

static void an_unknown_name_is_an_error(void **state) {
  struct answer answer;
  (void)state;
  assert_true(resolve(&answer, "no-such-host.invalid", NULL, 0, 0) < 0);
  assert_int_equal(answer.count, 0);
  assert_int_equal(resolve(&answer, "localhost", NULL, 0, NET_AI_NUMERICHOST),
                   NET_EAI_NONAME);
  assert_string_equal(net__error_name(answer.error), "EAI_NONAME");
}

/* Bug: an error of libuv's for a name of its own making. */
static void nothing_to_ask_is_refused_at_once(void **state) {
  struct answer answer;
  (void)state;
  assert_int_equal(resolve(&answer, NULL, NULL, 0, 0), NET_EINVAL);
  assert_int_equal(answer.calls, 0);
}

/* ---- names -------------------------------------------------------------- */

static void an_address_is_written_as_numbers(void **state) {
  struct answer answer;
  (void)state;
  assert_int_equal(
      name(&answer, &loopback, NET_NI_NUMERICHOST | NET_NI_NUMERICSERV),
      NET_OK);
  assert_string_equal(answer.node, "127.0.0.1");
  assert_string_equal(answer.service, "80");
}

/* Bug: Linux writes the name of the interface, which Windows never does. */
static void a_scope_is_written_as_a_number(void **state) {
  struct net_address link = {
      .family = NET_IPV6, .ip = {0xfe, 0x80, [15] = 1}, .scope_id = 1};
  struct answer answer;
  (void)state;
  assert_int_equal(name(&answer, &link, NET_NI_NUMERICHOST), NET_OK);
  assert_string_equal(answer.node, "fe80::1%1");
}

/* Bug: a resolver that cannot be asked takes the literal with it. */
static void an_address_without_a_name_is_written_as_a_literal(void **state) {
  struct net_address nobody = {.family = NET_IPV4, .ip = {192, 0, 2, 1}};
  struct answer answer;
  (void)state;
  assert_int_equal(name(&answer, &nobody, NET_NI_NUMERICSERV), NET_OK);
  assert_string_equal(answer.node, "192.0.2.1");
  assert_true(name(&answer, &nobody, NET_NI_NAMEREQD) < 0);
}

/* ---- cancelling --------------------------------------------------------- */

static void start_and_cancel(void *argument) {
  struct answer *answer = argument;
  start_resolve(answer);
  assert_int_equal(answer->started, NET_OK);
  net__lookup_cancel(answer->lookup);
  start_name(answer);
  assert_int_equal(answer->started, NET_OK);
  net__lookup_cancel(answer->lookup);
}

/* Bug: a late answer for a user who has gone, or one that is never freed. */
static void a_cancelled_look_up_calls_nobody(void **state) {
  struct answer answer = {.question = {.node = "127.0.0.1"},
                          .address = loopback};
  struct answer later;
  (void)state;
  for (int i = 0; i < 50; i++)
    run_on_loop(start_and_cancel, &answer);
  assert_int_equal(resolve(&later, "127.0.0.1", NULL, 0, 0), NET_OK);
  assert_int_equal(answer.calls, 0);
}

/* The shutdown waits for the host's threads; their results go nowhere. */
static void a_shutdown_outlives_every_look_up(void **state) {
  struct answer answer = {.question = {.node = "127.0.0.1"},
                          .address = loopback};
  test_boot(state);
  for (int i = 0; i < 50; i++)
    run_on_loop(start_and_cancel, &answer);
  test_shutdown(state);
  assert_int_equal(answer.calls, 0);
}

/* ---- out of memory ------------------------------------------------------ */

static void memory_is_needed_twice_or_once(void **state) {
  struct answer answer;
  (void)state;
  for (int nth = 1; nth <= 2; nth++) {
    os__alloc_fail_nth(nth);
    assert_int_equal(resolve(&answer, "::1", NULL, 0, 0), NET_ENOMEM);
  }
  os__alloc_fail_nth(1);
  assert_int_equal(name(&answer, &loopback, NET_NI_NUMERICHOST), NET_ENOMEM);
  assert_int_equal(name(&answer, &loopback, NET_NI_NUMERICHOST), NET_OK);
}

#define ON_A_LOOP(test)                                                        \
  cmocka_unit_test_setup_teardown(test, test_boot, test_shutdown)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_A_LOOP(a_literal_is_found_once),
      ON_A_LOOP(both_families_are_found),
      ON_A_LOOP(the_canonical_name_comes_when_asked_for),
      ON_A_LOOP(an_unknown_name_is_an_error),
      ON_A_LOOP(nothing_to_ask_is_refused_at_once),
      ON_A_LOOP(an_address_is_written_as_numbers),
      ON_A_LOOP(a_scope_is_written_as_a_number),
      ON_A_LOOP(an_address_without_a_name_is_written_as_a_literal),
      ON_A_LOOP(a_cancelled_look_up_calls_nobody),
      cmocka_unit_test(a_shutdown_outlives_every_look_up),
      ON_A_LOOP(memory_is_needed_twice_or_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
