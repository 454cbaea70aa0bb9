/*
 * Waits that do not end (ke/watch.h): which waits are watched and which are
 * not, what the report names of them, and what the host may answer.
 */
#include "hang_test.h"

/* ---- locks --------------------------------------------------------------- */

static ERESOURCE resource;
static FAST_MUTEX fast_mutex;
static KGUARDED_MUTEX guarded_mutex;
static EX_PUSH_LOCK push_lock;
static KMUTEX mutex;

static void acquire_resource(void) {
  KeEnterCriticalRegion();
  ExAcquireResourceExclusiveLite(&resource, TRUE);
}

static void share_resource(void) {
  KeEnterCriticalRegion();
  ExAcquireResourceSharedLite(&resource, TRUE);
}

static void release_resource(void) {
  ExReleaseResourceLite(&resource);
  KeLeaveCriticalRegion();
}

static void acquire_fast_mutex(void) {
  ExAcquireFastMutex(&fast_mutex);
  KeLowerIrql(PASSIVE_LEVEL); /* so that the holder may wait like the others */
}

static void release_fast_mutex(void) {
  KIRQL irql;
  KeRaiseIrql(APC_LEVEL, &irql);
  ExReleaseFastMutex(&fast_mutex);
}

static void acquire_guarded_mutex(void) {
  KeAcquireGuardedMutex(&guarded_mutex);
}

static void release_guarded_mutex(void) {
  KeReleaseGuardedMutex(&guarded_mutex);
}

static void acquire_push_lock(void) {
  KeEnterCriticalRegion();
  ExAcquirePushLockExclusive(&push_lock);
}

static void release_push_lock(void) {
  ExReleasePushLockExclusive(&push_lock);
  KeLeaveCriticalRegion();
}

static void acquire_mutex(void) {
  wait_for(&mutex);
}

static void release_mutex(void) {
  KeReleaseMutex(&mutex, FALSE);
}

/* This thread wants what another holds, who waits for something else: both
 * waits are named, and the one is said to be in the way of the other. */
static void expect_lock_hang(const struct lock_case *lock, const char *call,
                             const void *object, bool owner) {
  char text[64];
  PVOID holder = start_holder(lock);

  host.help = set_release;
  lock->acquire();
  lock->let_go();
  join(holder);
  expect_hang(call);
  snprintf(text, sizeof(text), "%#llx", AT(object));
  expect_text(text);
  snprintf(text, sizeof(text), "synchronization event %#llx, not signalled",
           AT(&release));
  expect_text(text);
  if (owner)
    expect_text(", held by thread ");
  expect_text("system threads that have not ended:");
}

static void a_resource_names_its_owner(void **state) {
  static const struct lock_case lock = {acquire_resource, release_resource};

  (void)state;
  ExInitializeResourceLite(&resource);
  expect_lock_hang(&lock, "ExAcquireResourceExclusiveLite", &resource, true);
  ExDeleteResourceLite(&resource);
}

static void sharing_a_resource_is_watched(void **state) {
  static const struct lock_case lock = {acquire_resource, release_resource};
  PVOID holder;

  (void)state;
  ExInitializeResourceLite(&resource);
  holder = start_holder(&lock);
  host.help = set_release;
  share_resource();
  release_resource();
  join(holder);
  expect_hang("ExAcquireResourceSharedLite");
  ExDeleteResourceLite(&resource);
}

static void a_fast_mutex_names_its_owner(void **state) {
  static const struct lock_case lock = {acquire_fast_mutex, release_fast_mutex};

  (void)state;
  ExInitializeFastMutex(&fast_mutex);
  expect_lock_hang(&lock, "ExAcquireFastMutex", &fast_mutex, true);
}

static void a_guarded_mutex_names_its_owner(void **state) {
  static const struct lock_case lock = {acquire_guarded_mutex,
                                        release_guarded_mutex};

  (void)state;
  KeInitializeGuardedMutex(&guarded_mutex);
  expect_lock_hang(&lock, "KeAcquireGuardedMutex", &guarded_mutex, true);
}

static void a_push_lock_is_named(void **state) {
  static const struct lock_case lock = {acquire_push_lock, release_push_lock};

  (void)state;
  ExInitializePushLock(&push_lock);
  expect_lock_hang(&lock, "ExAcquirePushLockExclusive", &push_lock, false);
}

static void a_mutex_names_its_owner(void **state) {
  static const struct lock_case lock = {acquire_mutex, release_mutex};

  (void)state;
  KeInitializeMutex(&mutex, 0);
  expect_lock_hang(&lock, "KeWaitForSingleObject", &mutex, true);
}

/* ---- other waits --------------------------------------------------------- */

static void a_thread_that_never_ends_is_named(void **state) {
  PVOID thread;
  char text[64];

  (void)state;
  thread = start_holder(NULL);
  host.help = set_release;
  join(thread);
  expect_hang("KeWaitForSingleObject");
  snprintf(text, sizeof(text), "for the thread object %#llx (thread ",
           AT(thread));
  expect_text(text);
  expect_text(", by PsCreateSystemThread");
}

static EX_RUNDOWN_REF rundown;

static void release_rundown(void) {
  ExReleaseRundownProtection(&rundown);
}

static void a_rundown_is_named(void **state) {
  (void)state;
  ExInitializeRundownProtection(&rundown);
  assert_true(ExAcquireRundownProtection(&rundown));
  host.help = release_rundown;
  ExWaitForRundownProtectionRelease(&rundown);
  expect_hang("ExWaitForRundownProtectionRelease");
}

static IO_REMOVE_LOCK remove_lock;

static void release_remove_lock(void) {
  IoReleaseRemoveLock(&remove_lock, NULL);
}

static void a_remove_lock_is_named(void **state) {
  (void)state;
  IoInitializeRemoveLock(&remove_lock, 0, 0, 0);
  assert_int_equal(IoAcquireRemoveLock(&remove_lock, NULL), STATUS_SUCCESS);
  assert_int_equal(IoAcquireRemoveLock(&remove_lock, NULL), STATUS_SUCCESS);
  host.help = release_remove_lock;
  IoReleaseRemoveLockAndWait(&remove_lock, NULL);
  expect_hang("IoReleaseRemoveLockAndWait");
}

static KEVENT first, second;

static void set_both(void) {
  KeSetEvent(&first, IO_NO_INCREMENT, FALSE);
  KeSetEvent(&second, IO_NO_INCREMENT, FALSE);
}

static void every_object_of_a_wait_is_named(void **state) {
  PVOID objects[] = {&first, &second};
  char text[80];

  (void)state;
  KeInitializeEvent(&first, NotificationEvent, FALSE);
  KeInitializeEvent(&second, SynchronizationEvent, FALSE);
  host.help = set_both;
  assert_int_equal(KeWaitForMultipleObjects(2, objects, WaitAll, Executive,
                                            KernelMode, FALSE, NULL, NULL),
                   STATUS_SUCCESS);
  expect_hang("KeWaitForMultipleObjects");
  snprintf(text, sizeof(text), "for the notification event %#llx",
           AT(objects[0]));
  expect_text(text);
  snprintf(text, sizeof(text), "and the synchronization event %#llx",
           AT(objects[1]));
  expect_text(text);
}

/* ---- what is not watched ----------------------------------------------- */

static bool never(void *context) {
  (void)context;
  return false;
}

/* Else no server could run, nor a driver's thread wait for work. */
static void a_worker_that_waits_for_work_is_silent(void **state) {
  PVOID worker;

  (void)state;
  worker = start_holder(NULL);
  assert_false(uwsk_run_until(never, NULL, 2 * LIMIT_MS));
  assert_false(uwsk_run_until(NULL, NULL, 2 * LIMIT_MS));
  assert_int_equal(uwsk_hangs(), 0);
  set_release();
  join(worker);
  assert_int_equal(uwsk_hangs(), 0);
}

static void a_wait_with_a_time_out_is_silent(void **state) {
  LARGE_INTEGER timeout = {.QuadPart = -10000LL * 2 * LIMIT_MS};

  (void)state;
  KeInitializeEvent(&first, NotificationEvent, FALSE);
  assert_int_equal(
      KeWaitForSingleObject(&first, Executive, KernelMode, FALSE, &timeout),
      STATUS_TIMEOUT);
  KeDelayExecutionThread(KernelMode, FALSE, &timeout);
  assert_int_equal(uwsk_hangs(), 0);
}

/* Time counts for each wait anew: waits that end in time never add up. */
static void a_wait_that_ends_before_its_limit_is_silent(void **state) {
  KTIMER timer;
  LARGE_INTEGER due = {.QuadPart = -10000LL * 700};

  (void)state;
  assert_int_equal(uwsk_stop(), 0);
  start_with_limit(1000);
  KeInitializeTimer(&timer);
  for (int i = 0; i < 2; i++) {
    KeSetTimer(&timer, due, NULL);
    wait_for(&timer);
  }
  assert_int_equal(uwsk_hangs(), 0);
}

static void nothing_is_watched_when_it_is_off(void **state) {
  KTIMER timer;
  LARGE_INTEGER due = {.QuadPart = -10000LL * 2 * LIMIT_MS};

  (void)state;
  assert_int_equal(uwsk_stop(), 0);
  start_with_limit(UWSK_HANG_OFF);
  KeInitializeTimer(&timer);
  KeSetTimer(&timer, due, NULL);
  wait_for(&timer);
  assert_int_equal(uwsk_hangs(), 0);
}

/* ---- what the host may do ------------------------------------------------ */

static void set_release_the_third_time(void) {
  if (host.hangs == 3)
    set_release();
}

static void a_wait_that_goes_on_hangs_again(void **state) {
  (void)state;
  KeInitializeEvent(&release, SynchronizationEvent, FALSE);
  host.help = set_release_the_third_time;
  wait_for(&release);
  assert_int_equal(uwsk_hangs(), 3);
}

static void try_to_wait(void) {
  KEVENT event;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  vf__quiet(1);
  assert_int_equal(
      KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL),
      STATUS_TIMEOUT);
  assert_false(uwsk_run_until(NULL, NULL, 10));
  assert_int_equal(uwsk_stop(), -1);
  vf__quiet(0);
  set_release();
}

/* It would unlink the outer wait from under itself. */
static void a_wait_in_the_answer_is_refused(void **state) {
  (void)state;
  KeInitializeEvent(&release, SynchronizationEvent, FALSE);
  host.help = try_to_wait;
  wait_for(&release);
  assert_int_equal(vf__count(VF_WAIT_01), 2);
  vf__reset();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HANG(a_resource_names_its_owner),
      HANG(sharing_a_resource_is_watched),
      HANG(a_fast_mutex_names_its_owner),
      HANG(a_guarded_mutex_names_its_owner),
      HANG(a_push_lock_is_named),
      HANG(a_mutex_names_its_owner),
      HANG(a_thread_that_never_ends_is_named),
      HANG(a_rundown_is_named),
      HANG(a_remove_lock_is_named),
      HANG(every_object_of_a_wait_is_named),
      HANG(a_worker_that_waits_for_work_is_silent),
      HANG(a_wait_with_a_time_out_is_silent),
      HANG(a_wait_that_ends_before_its_limit_is_silent),
      HANG(nothing_is_watched_when_it_is_off),
      HANG(a_wait_that_goes_on_hangs_again),
      HANG(a_wait_in_the_answer_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
