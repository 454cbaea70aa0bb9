/* tutorial: load */
#include "beacon.h"

#include <uwsk/cmocka.h>

static PDRIVER_OBJECT driver;

static bool answered(void *context) {
  (void)context;
  return InterlockedOr((volatile LONG *)&BeaconAnswer, 0) != STATUS_PENDING;
}

static void a_loaded_driver_asks(void **state) {
  struct uwsk_peer *server = uwsk_peer_listen(UWSK_PEER_IPV4);

  (void)state;
  uwsk_peer_expect(server, "ping", 4);
  uwsk_peer_send(server, "pong", 4);
  uwsk_peer_expect_end(server);
  uwsk_peer_finish(server);
  BeaconPort = uwsk_peer_port(server);
  assert_nt_success(uwsk_load_driver("beacon", DriverEntry, &driver));
  assert_true(uwsk_run_until(answered, NULL, 5000));
  assert_status(STATUS_SUCCESS, BeaconAnswer);
  assert_nt_success(uwsk_unload_driver(driver));
  assert_peer(server, 5000);
}
/* tutorial: end */

/* tutorial: held */
static bool is_held(void *context) {
  return uwsk_held_first(context);
}

static void an_unload_does_not_wait_for_the_server(void **state) {
  struct uwsk_peer *server = uwsk_peer_listen(UWSK_PEER_IPV4);
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_RECEIVE, UWSK_HOLD);
  struct uwsk_held held;

  (void)state;
  uwsk_peer_expect(server, "ping", 4);
  BeaconPort = uwsk_peer_port(server);
  assert_armed(&rule);
  assert_nt_success(uwsk_load_driver("beacon", DriverEntry, &driver));
  assert_true(uwsk_run_until(is_held, &held, 5000));
  assert_nt_success(uwsk_unload_driver(driver)); /* would hang */
  assert_status(STATUS_CANCELLED, BeaconAnswer);
  assert_peer(server, 5000);
}
/* tutorial: end */

/* tutorial: torture */
static int load_and_unload(void *context) {
  struct uwsk_peer *server;

  (void)context;
  if (uwsk_start(NULL) != 0)
    return 0; /* no memory to start with */
  server = uwsk_peer_listen(UWSK_PEER_IPV4);
  BeaconPort = server != NULL ? uwsk_peer_port(server) : 1;
  if (NT_SUCCESS(uwsk_load_driver("beacon", DriverEntry, &driver)))
    uwsk_unload_driver(driver);
  if (server != NULL)
    uwsk_peer_close(server);
  return uwsk_stop();
}

static void memory_may_end_anywhere(void **state) {
  struct uwsk_torture result;

  (void)state;
  assert_int_equal(uwsk_torture(load_and_unload, NULL, &result), 0);
  assert_true(result.failures > 0);
}
/* tutorial: end */

/* tutorial: main */
int main(void) {
  const struct CMUnitTest tests[] = {
      uwsk_unit_test(a_loaded_driver_asks),
      uwsk_unit_test(an_unload_does_not_wait_for_the_server),
      cmocka_unit_test(memory_may_end_anywhere), /* starts kernels itself */
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
/* tutorial: end */
