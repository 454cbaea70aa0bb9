/* A test that is left inside a callback, by an assert that has no place there:
 * the tests behind it say why they cannot run, and the program ends. */
#include <ntddk.h>

#include <uwsk/cmocka.h>

static VOID assert_here(PKDPC dpc, PVOID context, PVOID first, PVOID second) {
  (void)dpc;
  (void)context;
  (void)first;
  (void)second;
  assert_status(STATUS_SUCCESS, STATUS_UNSUCCESSFUL);
}

/* In a mode with a helper thread the assert might come there, which is worse.
 */
static const struct uwsk_options stepped = {
    .size = sizeof(struct uwsk_options),
    .loop = UWSK_LOOP_STEPPED,
    .trace = false,
    .verifier = UWSK_VERIFIER_AS_SET,
};

static void is_left_in_a_callback(void **state) {
  static KTIMER timer;
  static KDPC dpc;
  static KEVENT never;
  LARGE_INTEGER due = {.QuadPart = -1}, limit = {.QuadPart = -100000000};

  (void)state;
  KeInitializeTimer(&timer);
  KeInitializeDpc(&dpc, assert_here, NULL);
  KeInitializeEvent(&never, NotificationEvent, FALSE);
  KeSetTimer(&timer, due, &dpc);
  KeWaitForSingleObject(&never, Executive, KernelMode, FALSE, &limit);
}

static void comes_behind(void **state) {
  (void)state;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      uwsk_unit_test_options(is_left_in_a_callback, &stepped),
      uwsk_unit_test(comes_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
