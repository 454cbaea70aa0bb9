/*
 * Tests of a whole driver, from outside: they open its device and send it
 * requests, as a Windows program does. docs/devices.md tells more.
 */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <uwsk/device.h>

#include "doorbell.h"

DRIVER_INITIALIZE DriverEntry;

static PDRIVER_OBJECT driver;
static uwsk_handle device;

static int start(void **state) {
  (void)state;
  return uwsk_start(NULL) != 0 ||
         uwsk_load_driver("doorbell", DriverEntry, &driver) != STATUS_SUCCESS ||
         uwsk_open("\\\\.\\Doorbell",
                   UWSK_OPEN_READ | UWSK_OPEN_WRITE | UWSK_OPEN_OVERLAPPED,
                   &device) != STATUS_SUCCESS;
}

/* Fails when the driver leaves anything behind. */
static int stop(void **state) {
  (void)state;
  if (device != NULL)
    uwsk_close(device);
  return uwsk_unload_driver(driver) != STATUS_SUCCESS || uwsk_stop() != 0;
}

static NTSTATUS ring(ULONG number) {
  return uwsk_ioctl(device, IOCTL_DOORBELL_RING, &number, sizeof number, NULL,
                    0, NULL);
}

static void who_waits_hears_the_bell(void **state) {
  struct uwsk_request waiting;
  ULONG number = 0;
  size_t bytes;

  (void)state;
  assert_int_equal(uwsk_begin_ioctl(&waiting, device, IOCTL_DOORBELL_WAIT, NULL,
                                    0, &number, sizeof number),
                   STATUS_PENDING);
  assert_int_equal(ring(42), STATUS_SUCCESS);
  assert_int_equal(uwsk_wait(&waiting, 1000), STATUS_SUCCESS);
  assert_int_equal(uwsk_result(&waiting, &bytes), STATUS_SUCCESS);
  assert_int_equal(bytes, sizeof number);
  assert_int_equal(number, 42);
}

static void waiting_can_be_cancelled(void **state) {
  struct uwsk_request waiting;
  ULONG number;

  (void)state;
  uwsk_begin_ioctl(&waiting, device, IOCTL_DOORBELL_WAIT, NULL, 0, &number,
                   sizeof number);
  assert_int_equal(uwsk_cancel(&waiting), STATUS_SUCCESS);
  assert_int_equal(uwsk_wait(&waiting, 1000), STATUS_SUCCESS);
  assert_int_equal(uwsk_result(&waiting, NULL), STATUS_CANCELLED);
  assert_int_equal(ring(1), STATUS_NOT_FOUND); /* nobody */
}

static void waiting_ends_with_the_handle(void **state) {
  struct uwsk_request waiting;
  ULONG number;

  (void)state;
  uwsk_begin_ioctl(&waiting, device, IOCTL_DOORBELL_WAIT, NULL, 0, &number,
                   sizeof number);
  assert_int_equal(uwsk_close(device), STATUS_SUCCESS);
  device = NULL;
  assert_int_equal(uwsk_result(&waiting, NULL), STATUS_CANCELLED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(who_waits_hears_the_bell),
      TEST(waiting_can_be_cancelled),
      TEST(waiting_ends_with_the_handle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
