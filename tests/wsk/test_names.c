/*
 * A driver that defines socket, bind, connect, send, recv and getaddrinfo for
 * itself, linked into the program. As a module it is run by uwsk-run (see
 * CMakeLists.txt). Defends against a driver whose functions are called by
 * libuv, or by us, in place of the C library's.
 */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <uwsk/uwsk.h>

#include "names/echo.h"

DRIVER_INITIALIZE DriverEntry;

static void a_driver_may_define_the_names_of_sockets(void **state) {
  unsigned short port = echo_start();
  PDRIVER_OBJECT driver = NULL;

  (void)state;
  assert_int_not_equal(port, 0);
  assert_int_equal(uwsk_start(NULL), 0);
  assert_true(uwsk_set_parameter("EchoPort", port));
  /* Fails when the echo does not come back, and when a stranger called. */
  assert_int_equal(uwsk_load_driver("names", DriverEntry, &driver),
                   STATUS_SUCCESS);
  assert_true(uwsk_driver_is_done());
  assert_int_equal(uwsk_unload_driver(driver), STATUS_SUCCESS);
  assert_int_equal(uwsk_stop(), 0);
  echo_stop();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_driver_may_define_the_names_of_sockets),
  };

  return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
