/* Remove locks. Windows page: Using Remove Locks. */
#include "kernel_test.h"

#include "os/os.h"

static IO_REMOVE_LOCK lock;
static int tag;

static void it_is_held_as_often_as_acquired(void **state) {
  (void)state;
  IoInitializeRemoveLock(&lock, 'kcoL', 0, 0);
  assert_int_equal(IoAcquireRemoveLock(&lock, &tag), STATUS_SUCCESS);
  assert_int_equal(IoAcquireRemoveLock(&lock, &tag), STATUS_SUCCESS);
  IoReleaseRemoveLock(&lock, &tag);
  IoReleaseRemoveLockAndWait(&lock, &tag);
  assert_int_equal(lock.Common.IoCount, 0);
}

static void a_removed_device_is_refused(void **state) {
  (void)state;
  IoInitializeRemoveLock(&lock, 'kcoL', 0, 0);
  assert_int_equal(IoAcquireRemoveLock(&lock, &tag), STATUS_SUCCESS);
  IoReleaseRemoveLockAndWait(&lock, &tag);
  assert_int_equal(IoAcquireRemoveLock(&lock, &tag), STATUS_DELETE_PENDING);
  assert_int_equal(IoAcquireRemoveLock(&lock, &tag), STATUS_DELETE_PENDING);
}

struct device {
  IO_REMOVE_LOCK lock;
  KEVENT used;
  int uses;
};

static void use(void *argument) {
  struct device *device = argument;
  int taken = 0;

  while (NT_SUCCESS(IoAcquireRemoveLock(&device->lock, &tag))) {
    __atomic_fetch_add(&device->uses, 1, __ATOMIC_RELAXED);
    if (taken++ == 0)
      KeSetEvent(&device->used, IO_NO_INCREMENT, FALSE);
    IoReleaseRemoveLock(&device->lock, &tag);
  }
}

/* Defends against a device that goes while a request is under way. */
static void removing_waits_for_those_inside(void **state) {
  (void)state;
  for (int round = 0; round < 50; round++) {
    struct device device = {.uses = 0};
    struct os_thread thread;

    IoInitializeRemoveLock(&device.lock, 'kcoL', 0, 0);
    KeInitializeEvent(&device.used, NotificationEvent, FALSE);
    assert_int_equal(os__thread_start(&thread, use, &device), 0);
    KeWaitForSingleObject(&device.used, Executive, KernelMode, FALSE, NULL);
    assert_int_equal(IoAcquireRemoveLock(&device.lock, &tag), STATUS_SUCCESS);
    IoReleaseRemoveLockAndWait(&device.lock, &tag);
    assert_true(device.uses > 0);
    device.uses = -1;
    os__thread_join(&thread);
    assert_int_equal(device.uses, -1);
  }
}

static void a_release_too_many_is_reported(void **state) {
  (void)state;
  IoInitializeRemoveLock(&lock, 'kcoL', 0, 0);
  expect_report_begin();
  IoReleaseRemoveLock(&lock, &tag);
  expect_report_end(VF_IO_REMOVE_01);
  expect_report_begin();
  IoReleaseRemoveLockAndWait(&lock, &tag);
  expect_report_end(VF_IO_REMOVE_01);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(it_is_held_as_often_as_acquired),
      KERNEL_TEST(a_removed_device_is_refused),
      KERNEL_TEST(removing_waits_for_those_inside),
      KERNEL_TEST(a_release_too_many_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
