/* Push locks. Windows page: ExAcquirePushLockExclusive and its kin. */
#include "kernel_test.h"

#include "os/os.h"

static EX_PUSH_LOCK lock;

static void exclusive(void) {
  KeEnterCriticalRegion();
  ExAcquirePushLockExclusive(&lock);
}

static void end_exclusive(void) {
  ExReleasePushLockExclusive(&lock);
  KeLeaveCriticalRegion();
}

static void shared(void) {
  KeEnterCriticalRegion();
  ExAcquirePushLockShared(&lock);
}

static void end_shared(void) {
  ExReleasePushLockShared(&lock);
  KeLeaveCriticalRegion();
}

static void a_free_lock_is_zero(void **state) {
  (void)state;
  ExInitializePushLock(&lock);
  exclusive();
  assert_int_not_equal(lock, 0);
  end_exclusive();
  assert_int_equal(lock, 0);
  shared();
  end_shared();
  assert_int_equal(lock, 0);
}

/* ---- several threads --------------------------------------------------- */

static KEVENT in, out;

static void share_until_out(void *unused) {
  (void)unused;
  shared();
  KeSetEvent(&in, IO_NO_INCREMENT, FALSE);
  KeWaitForSingleObject(&out, Executive, KernelMode, FALSE, NULL);
  end_shared();
}

/* Defends against a shared lock that is exclusive: this would hang. */
static void sharers_are_in_together(void **state) {
  (void)state;
  struct os_thread thread;

  ExInitializePushLock(&lock);
  KeInitializeEvent(&in, SynchronizationEvent, FALSE);
  KeInitializeEvent(&out, NotificationEvent, FALSE);
  assert_int_equal(os__thread_start(&thread, share_until_out, NULL), 0);
  KeWaitForSingleObject(&in, Executive, KernelMode, FALSE, NULL);
  shared();
  end_shared();
  KeSetEvent(&out, IO_NO_INCREMENT, FALSE);
  os__thread_join(&thread);
  assert_int_equal(lock, 0);
}

static int order, writer_turn, reader_turn;

static void write_once(void *unused) {
  (void)unused;
  exclusive();
  writer_turn = ++order;
  end_exclusive();
}

static void read_once(void *unused) {
  (void)unused;
  shared();
  reader_turn = __atomic_add_fetch(&order, 1, __ATOMIC_RELAXED);
  end_shared();
}

static void wait_for_word(ULONG_PTR word) {
  while (__atomic_load_n(&lock, __ATOMIC_ACQUIRE) != word)
    os__yield();
}

/* Defends against writers that starve: who comes to share after one has asked
 * gets its turn after it. */
static void a_sharer_queues_behind_a_writer(void **state) {
  (void)state;
  struct os_thread writer, reader;
  ULONG_PTR held;

  ExInitializePushLock(&lock);
  order = writer_turn = reader_turn = 0;
  shared();
  held = lock;
  assert_int_equal(os__thread_start(&writer, write_once, NULL), 0);
  wait_for_word(held | 2); /* somebody waits */
  assert_int_equal(os__thread_start(&reader, read_once, NULL), 0);
  end_shared();
  os__thread_join(&writer);
  os__thread_join(&reader);
  assert_int_equal(writer_turn, 1);
  assert_int_equal(reader_turn, 2);
}

#define ROUNDS 2000

static int first_half, second_half; /* plain, for ThreadSanitizer */

static void read_and_write(void *unused) {
  (void)unused;
  for (int i = 0; i < ROUNDS; i++) {
    shared();
    assert_int_equal(first_half, second_half);
    end_shared();
    exclusive();
    first_half++;
    second_half++;
    end_exclusive();
  }
}

static void readers_see_what_writers_left(void **state) {
  (void)state;
  struct os_thread threads[3];

  ExInitializePushLock(&lock);
  first_half = second_half = 0;
  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&threads[i], read_and_write, NULL), 0);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(first_half, 3 * ROUNDS);
  assert_int_equal(lock, 0);
}

/* ---- breaches ---------------------------------------------------------- */

static void the_wrong_release_is_reported(void **state) {
  (void)state;
  ExInitializePushLock(&lock);
  shared();
  expect_report_begin();
  ExReleasePushLockExclusive(&lock);
  expect_report_end(VF_EX_PUSHLOCK_01);
  end_shared();
  KeEnterCriticalRegion();
  expect_report_begin();
  ExReleasePushLockShared(&lock);
  expect_report_end(VF_EX_PUSHLOCK_01);
  KeLeaveCriticalRegion();
}

static void a_lock_wants_a_critical_region(void **state) {
  (void)state;
  ExInitializePushLock(&lock);
  expect_report_begin();
  ExAcquirePushLockShared(&lock);
  expect_report_end(VF_APC_01);
  KeEnterCriticalRegion();
  end_shared();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(a_free_lock_is_zero),
      KERNEL_TEST(sharers_are_in_together),
      KERNEL_TEST(a_sharer_queues_behind_a_writer),
      KERNEL_TEST(readers_see_what_writers_left),
      KERNEL_TEST(the_wrong_release_is_reported),
      KERNEL_TEST(a_lock_wants_a_critical_region),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
