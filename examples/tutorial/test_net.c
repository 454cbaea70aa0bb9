/* tutorial: first */
#include "beacon.h"

#include <uwsk/cmocka.h>

static WSK_REGISTRATION registration;
static WSK_PROVIDER_NPI wsk;
static PIRP irp;

static int set_up(void **state) {
  static const WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI client = {NULL, &dispatch};

  (void)state;
  irp = IoAllocateIrp(1, FALSE);
  return irp == NULL || WskRegister(&client, &registration) != 0 ||
         WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk) != 0;
}

static int tear_down(void **state) {
  (void)state;
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
  IoFreeIrp(irp);
  return 0;
}

static void a_server_that_is_there_answers(void **state) {
  struct uwsk_peer *server = uwsk_peer_listen(UWSK_PEER_IPV4);

  (void)state;
  uwsk_peer_expect(server, "ping", 4);
  uwsk_peer_send(server, "pong", 4);
  uwsk_peer_expect_end(server); /* the driver says goodbye */
  uwsk_peer_finish(server);
  assert_nt_success(BeaconAsk(&wsk, irp, uwsk_peer_port(server)));
  assert_peer(server, 5000);
}
/* tutorial: end */

/* tutorial: peers */
static void another_answer_is_refused(void **state) {
  struct uwsk_peer *server = uwsk_peer_listen(UWSK_PEER_IPV4);

  (void)state;
  uwsk_peer_expect(server, "ping", 4);
  uwsk_peer_send_pieces(server, "what", 4, 1);
  assert_status(STATUS_INVALID_NETWORK_RESPONSE,
                BeaconAsk(&wsk, irp, uwsk_peer_port(server)));
  uwsk_peer_close(server);
}

static void half_an_answer_is_refused(void **state) {
  struct uwsk_peer *server = uwsk_peer_listen(UWSK_PEER_IPV4);

  (void)state;
  uwsk_peer_expect(server, "ping", 4);
  uwsk_peer_send(server, "po", 2);
  uwsk_peer_finish(server);
  assert_status(STATUS_INVALID_NETWORK_RESPONSE,
                BeaconAsk(&wsk, irp, uwsk_peer_port(server)));
  assert_peer(server, 5000);
}
/* tutorial: end */

/* tutorial: fault */
static void a_network_that_goes_is_reported(void **state) {
  struct uwsk_peer *server = uwsk_peer_listen_only(UWSK_PEER_IPV4);
  struct uwsk_rule rule = UWSK_RULE(UWSK_AT_SEND, UWSK_FAIL_LATER);
  int number;

  (void)state;
  rule.status = STATUS_NETWORK_UNREACHABLE;
  number = assert_armed(&rule);
  assert_status(STATUS_NETWORK_UNREACHABLE,
                BeaconAsk(&wsk, irp, uwsk_peer_port(server)));
  assert_struck(1, number);
}
/* tutorial: end */

/* tutorial: orders */
static void any_order_of_completion_will_do(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    struct uwsk_peer *server = uwsk_peer_listen(UWSK_PEER_IPV4);
    struct uwsk_rule rule = UWSK_RULE(UWSK_AT_ANY_CALL, UWSK_COMPLETE_MIXED);
    int number;

    rule.seed = seed;
    number = assert_armed(&rule);
    uwsk_peer_expect(server, "ping", 4);
    uwsk_peer_send(server, "pong", 4);
    uwsk_peer_finish(server);
    assert_nt_success(BeaconAsk(&wsk, irp, uwsk_peer_port(server)));
    assert_peer(server, 5000);
    uwsk_fault_disarm(number);
    uwsk_peer_close(server);
  }
}
/* tutorial: end */

/* tutorial: violation */
static void asking_at_a_raised_irql_is_a_mistake(void **state) {
  KIRQL old;

  (void)state;
  uwsk_expect_violations("KE-IRQL-01", UWSK_ANY_NUMBER);
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  BeaconAsk(&wsk, irp, 1);
  KeLowerIrql(old);
}
/* tutorial: end */

/* tutorial: stepped */
static const struct uwsk_options stepped = {
    .size = sizeof(struct uwsk_options),
    .loop = UWSK_LOOP_STEPPED,
    .trace = true,
    .verifier = UWSK_VERIFIER_ABORT,
};
/* tutorial: end */

/* tutorial: main */
#define TEST(name) uwsk_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_server_that_is_there_answers),
      TEST(another_answer_is_refused),
      TEST(half_an_answer_is_refused),
      TEST(a_network_that_goes_is_reported),
      TEST(any_order_of_completion_will_do),
      TEST(asking_at_a_raised_irql_is_a_mistake),
      uwsk_unit_test_full(a_server_that_is_there_answers, set_up, tear_down,
                          &stepped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
/* tutorial: end */
