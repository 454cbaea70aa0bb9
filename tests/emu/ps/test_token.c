/* The token of the process, and impersonation. */
#include "kernel_test.h"

#include <ntifs.h>

#include "ps/ps.h"

static NTSTATUS impersonate(PACCESS_TOKEN token) {
  return PsImpersonateClient(PsGetCurrentThread(), token, FALSE, FALSE,
                             SecurityImpersonation);
}

/* Defends against a thread that stays somebody else. */
static void a_thread_reverts_to_itself(void **state) {
  PACCESS_TOKEN token = PsReferencePrimaryToken(PsGetCurrentProcess());
  (void)state;
  assert_false(ps__is_impersonating());
  assert_int_equal(impersonate(token), STATUS_SUCCESS);
  assert_true(ps__is_impersonating());
  PsRevertToSelf();
  assert_false(ps__is_impersonating());
  assert_int_equal(impersonate(token), STATUS_SUCCESS);
  assert_int_equal(impersonate(NULL), STATUS_SUCCESS);
  assert_false(ps__is_impersonating());
  PsDereferencePrimaryToken(token);
}

/* Defends against a pointer that is believed. */
static void what_is_no_token_is_refused(void **state) {
  int other;
  (void)state;
  assert_int_equal(impersonate(&other), STATUS_INVALID_PARAMETER);
  assert_false(ps__is_impersonating());
  expect_report_begin();
  PsDereferencePrimaryToken(&other);
  expect_report_end(VF_OBJECT_01);
}

/* Defends against a token that is given back more often than taken. */
static void a_reference_is_given_back_once(void **state) {
  PACCESS_TOKEN token = PsReferencePrimaryToken(PsGetCurrentProcess());
  (void)state;
  PsDereferencePrimaryToken(token);
  expect_report_begin();
  PsDereferencePrimaryToken(token);
  expect_report_end(VF_OBJECT_01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_thread_reverts_to_itself),
      KERNEL_TEST(what_is_no_token_is_refused),
      KERNEL_TEST(a_reference_is_given_back_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
