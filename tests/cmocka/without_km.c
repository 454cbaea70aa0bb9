/* A host's test: no Windows type. */
#include <uwsk/cmocka.h>

static void a_peer_talks_with_another(void **state) {
  struct uwsk_peer *server = uwsk_peer_listen(UWSK_PEER_IPV4);
  struct uwsk_peer *client =
      uwsk_peer_connect(UWSK_PEER_IPV4, uwsk_peer_port(server));

  (void)state;
  uwsk_peer_expect(server, "ping", 4);
  uwsk_peer_send(client, "ping", 4);
  assert_peer(client, 10000);
  assert_peer(server, 10000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      uwsk_unit_test(a_peer_talks_with_another),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
