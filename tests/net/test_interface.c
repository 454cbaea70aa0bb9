/*
 * The host's interfaces, addresses and routes, and the watch over them. What
 * rows are made of them, and what real changes look like, is in tests/netio.
 */
#include "../loop/event.h"
#include "net/net_interface.h"
#include "net/net_option.h"

#include <string.h>

static const struct net_address loopback = {.family = NET_IPV4,
                                            .ip = {127, 0, 0, 1}};

static const struct net_unicast *find(const struct net_unicast *list,
                                      size_t count,
                                      const struct net_address *address) {
  for (size_t i = 0; i < count; i++)
    if (list[i].address.family == address->family &&
        memcmp(list[i].address.ip, address->ip, 16) == 0)
      return &list[i];
  return NULL;
}

/* Wine does not tell of routes; on Linux there is no such excuse. */
static bool is_lacking(int error) {
#ifdef __linux__
  (void)error;
  return false;
#else
  return error == NET_ENOTSUP;
#endif
}

static uint32_t loopback_index(void) {
  struct net_unicast *list;
  size_t count;
  assert_int_equal(net__unicasts(NET_IPV4, &list, &count), NET_OK);
  const struct net_unicast *found = find(list, count, &loopback);
  assert_non_null(found);
  uint32_t index = found->index;
  os__free(list);
  return index;
}

/* Against: indices of one list that mean nothing in another, and names or LUIDs
 * that two have. */
static void interfaces_have_names_of_their_own(void **state) {
  const uint32_t index = loopback_index();
  struct net_interface *list;
  size_t count, loopbacks = 0;
  (void)state;
  assert_int_equal(net__interfaces(&list, &count), NET_OK);
  for (size_t i = 0; i < count; i++) {
    assert_int_not_equal(list[i].name[0], '\0');
    for (size_t j = 0; j < i; j++) {
      assert_int_not_equal(list[i].index, list[j].index);
      assert_true(list[i].luid != list[j].luid);
      assert_int_not_equal(memcmp(list[i].guid, list[j].guid, 16), 0);
    }
    if (list[i].index != index)
      continue;
    loopbacks++;
    assert_int_equal(list[i].type, NET_TYPE_LOOPBACK);
    assert_int_equal(list[i].state, NET_STATE_UP);
    assert_true(list[i].ipv4.there && list[i].ipv4.connected);
  }
  assert_int_equal(loopbacks, 1);
  os__free(list);
}

/* WSK asks for addresses in a way of its own. */
static void both_lists_of_addresses_agree(void **state) {
  struct net_local_address local[64];
  struct net_unicast *list;
  size_t locals, count;
  (void)state;
  assert_int_equal(net__unicasts(0, &list, &count), NET_OK);
  assert_int_equal(net__local_addresses(0, local, 64, &locals), NET_OK);
  for (size_t i = 0; i < locals && i < 64; i++) {
    const struct net_unicast *same = find(list, count, &local[i].address);
    assert_non_null(same);
    assert_int_equal(same->index, local[i].interface_index);
    assert_int_equal(same->prefix_length, local[i].prefix_length);
  }
  os__free(list);
}

/* Against: a list that is cut where it grows. */
static void a_list_of_a_family_is_part_of_that_of_both(void **state) {
  struct net_route *both, *ipv4;
  size_t all, some, same = 0;
  (void)state;
  int error = net__routes(0, &both, &all);
  if (is_lacking(error))
    skip();
  assert_int_equal(error, NET_OK);
  assert_int_equal(net__routes(NET_IPV4, &ipv4, &some), NET_OK);
  for (size_t i = 0; i < all; i++)
    same += both[i].destination.family == NET_IPV4;
  assert_int_equal(same, some);
  os__free(both);
  os__free(ipv4);
}

static void the_best_route_goes_by_an_interface_that_there_is(void **state) {
  struct net_route_question question = {.destination = loopback,
                                        .index = 0x7ffffff0};
  struct net_route route;
  struct net_address source;
  (void)state;
  int error = net__best_route(&question, &route, &source);
  if (is_lacking(error))
    skip();
  assert_int_not_equal(error, NET_OK);
  question.index = loopback_index();
  assert_int_equal(net__best_route(&question, &route, &source), NET_OK);
  assert_int_equal(route.index, question.index);
  assert_true(route.prefix_length <= 32);
  assert_memory_equal(source.ip, loopback.ip, 4);
}

/* ---- the watch ---------------------------------------------------------- */

static void ignore(const struct net_change *change) {
  (void)change;
}

static void start_two(void *argument) {
  int *errors = argument;
  errors[0] = net__watch_start(ignore);
  errors[1] = net__watch_start(ignore);
}

static void stop_twice(void *argument) {
  (void)argument;
  net__watch_stop();
  net__watch_stop();
}

/* Against: a handle that is still open when the loop is shut down. */
static void there_is_one_watch_until_it_is_stopped(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    int errors[2];
    run_on_loop(start_two, errors);
    assert_int_equal(errors[0], NET_OK);
    assert_int_equal(errors[1], NET_EBUSY);
    run_on_loop(stop_twice, NULL);
  }
}

#define ON_A_LOOP(test)                                                        \
  cmocka_unit_test_setup_teardown(test, test_boot, test_shutdown)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(interfaces_have_names_of_their_own),
      cmocka_unit_test(both_lists_of_addresses_agree),
      cmocka_unit_test(a_list_of_a_family_is_part_of_that_of_both),
      cmocka_unit_test(the_best_route_goes_by_an_interface_that_there_is),
      ON_A_LOOP(there_is_one_watch_until_it_is_stopped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
