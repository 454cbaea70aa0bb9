/* What registration answers while there is no runtime. */
#include "kernel_test.h"

#include <wsk.h>

static const WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};

static void expect_no_provider(void) {
  WSK_CLIENT_NPI client = {NULL, &dispatch};
  WSK_REGISTRATION registration;
  WSK_PROVIDER_NPI provider;
  WSK_PROVIDER_CHARACTERISTICS range;
  assert_int_equal(WskRegister(&client, &registration), STATUS_SUCCESS);
  assert_int_equal(
      WskCaptureProviderNPI(&registration, WSK_INFINITE_WAIT, &provider),
      STATUS_DEVICE_NOT_READY);
  assert_int_equal(WskQueryProviderCharacteristics(&registration, &range),
                   STATUS_DEVICE_NOT_READY);
  WskDeregister(&registration);
  assert_int_equal(vf__count(VF_RULE_COUNT), 0);
  assert_int_equal(ob__count(OB_KIND_COUNT), 0);
}

/* Against: a test that forgot uwsk_start and hangs, or crashes. */
static void before_the_start_there_is_no_provider(void **state) {
  (void)state;
  expect_no_provider();
}

/* Against: a provider left over from the run before. */
static void after_the_stop_there_is_no_provider(void **state) {
  (void)state;
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(uwsk_stop(), 0);
  expect_no_provider();
}

static void missing_arguments_are_refused(void **state) {
  WSK_CLIENT_NPI client = {NULL, &dispatch}, no_table = {NULL, NULL};
  WSK_REGISTRATION registration;
  (void)state;
  assert_int_equal(WskRegister(NULL, &registration), STATUS_INVALID_PARAMETER);
  assert_int_equal(WskRegister(&client, NULL), STATUS_INVALID_PARAMETER);
  assert_int_equal(WskRegister(&no_table, &registration),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(WskRegister(&client, &registration), STATUS_SUCCESS);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, NULL),
                   STATUS_INVALID_PARAMETER);
  assert_int_equal(WskQueryProviderCharacteristics(&registration, NULL),
                   STATUS_INVALID_PARAMETER);
  WskDeregister(&registration);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(before_the_start_there_is_no_provider),
      cmocka_unit_test(after_the_stop_there_is_no_provider),
      KERNEL_TEST(missing_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
