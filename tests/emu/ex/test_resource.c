/* Executive resources. Windows page: Introduction to ERESOURCE Routines. */
#include "kernel_test.h"

#include <string.h>
#include <uwsk/fault.h>

#include "os/os.h"

static ERESOURCE resource;

static int make(void **state) {
  int result = kernel_start(state);

  KeEnterCriticalRegion();
  assert_int_equal(ExInitializeResourceLite(&resource), STATUS_SUCCESS);
  return result;
}

static int drop(void **state) {
  assert_int_equal(ExDeleteResourceLite(&resource), STATUS_SUCCESS);
  KeLeaveCriticalRegion();
  return kernel_stop(state);
}

/* ---- one thread -------------------------------------------------------- */

static void the_owner_may_acquire_it_again(void **state) {
  (void)state;
  assert_true(ExAcquireResourceExclusiveLite(&resource, TRUE));
  assert_true(ExAcquireResourceExclusiveLite(&resource, TRUE));
  assert_true(ExAcquireResourceSharedLite(&resource, TRUE));
  assert_true(ExIsResourceAcquiredExclusiveLite(&resource));
  assert_int_equal(ExIsResourceAcquiredSharedLite(&resource), 3);
  for (int left = 2; left >= 0; left--) {
    ExReleaseResourceLite(&resource);
    assert_int_equal(ExIsResourceAcquiredLite(&resource), left);
  }
  assert_false(ExIsResourceAcquiredExclusiveLite(&resource));
}

static void sharing_is_recursive(void **state) {
  (void)state;
  assert_true(ExAcquireResourceSharedLite(&resource, FALSE));
  assert_true(ExAcquireSharedStarveExclusive(&resource, FALSE));
  assert_true(ExAcquireSharedWaitForExclusive(&resource, FALSE));
  assert_false(ExIsResourceAcquiredExclusiveLite(&resource));
  assert_int_equal(ExIsResourceAcquiredSharedLite(&resource), 3);
  assert_false(ExAcquireResourceExclusiveLite(&resource, FALSE));
  for (int i = 0; i < 3; i++)
    ExReleaseResourceLite(&resource);
  assert_int_equal(ExIsResourceAcquiredSharedLite(&resource), 0);
}

/* ---- another thread ---------------------------------------------------- */

typedef BOOLEAN NTAPI acquire_function(PERESOURCE, BOOLEAN);

struct attempt {
  acquire_function *acquire;
  BOOLEAN got;
};

static void try_it(void *argument) {
  struct attempt *attempt = argument;

  KeEnterCriticalRegion();
  attempt->got = attempt->acquire(&resource, FALSE);
  if (attempt->got)
    ExReleaseResourceLite(&resource);
  KeLeaveCriticalRegion();
}

static BOOLEAN another_gets_it(acquire_function *acquire) {
  struct attempt attempt = {acquire, FALSE};
  struct os_thread thread;

  assert_int_equal(os__thread_start(&thread, try_it, &attempt), 0);
  os__thread_join(&thread);
  return attempt.got;
}

static void an_owner_keeps_others_out(void **state) {
  (void)state;
  ExAcquireResourceExclusiveLite(&resource, TRUE);
  assert_false(another_gets_it(ExAcquireResourceExclusiveLite));
  assert_false(another_gets_it(ExAcquireResourceSharedLite));
  assert_false(another_gets_it(ExAcquireSharedStarveExclusive));
  ExConvertExclusiveToSharedLite(&resource);
  assert_false(another_gets_it(ExAcquireResourceExclusiveLite));
  assert_true(another_gets_it(ExAcquireResourceSharedLite));
  assert_int_equal(ExIsResourceAcquiredSharedLite(&resource), 1);
  ExReleaseResourceLite(&resource);
  assert_true(another_gets_it(ExAcquireResourceExclusiveLite));
}

static int turns, writer_turn;

static void write_once(void *unused) {
  (void)unused;
  KeEnterCriticalRegion();
  ExAcquireResourceExclusiveLite(&resource, TRUE);
  writer_turn = ++turns;
  ExReleaseResourceLite(&resource);
  KeLeaveCriticalRegion();
}

static void wait_for_waiters(ULONG exclusive, ULONG shared) {
  while (ExGetExclusiveWaiterCount(&resource) != exclusive ||
         ExGetSharedWaiterCount(&resource) != shared)
    os__yield();
}

/* The whole difference between the three ways to share. */
static void a_waiting_writer_is_respected_or_starved(void **state) {
  (void)state;
  struct os_thread writer;

  turns = 0;
  ExAcquireResourceSharedLite(&resource, TRUE);
  assert_int_equal(os__thread_start(&writer, write_once, NULL), 0);
  wait_for_waiters(1, 0);
  assert_false(another_gets_it(ExAcquireResourceSharedLite));
  assert_false(another_gets_it(ExAcquireSharedWaitForExclusive));
  assert_true(another_gets_it(ExAcquireSharedStarveExclusive));
  /* As for one who shares it already: */
  assert_true(ExAcquireResourceSharedLite(&resource, FALSE));
  assert_false(ExAcquireSharedWaitForExclusive(&resource, FALSE));
  assert_int_equal(turns, 0);
  ExReleaseResourceLite(&resource);
  ExReleaseResourceLite(&resource);
  os__thread_join(&writer);
  assert_int_equal(writer_turn, 1);
  assert_int_equal(resource.ContentionCount, 1);
}

static KEVENT readers_in;

static void read_once(void *unused) {
  (void)unused;
  KeEnterCriticalRegion();
  ExAcquireResourceSharedLite(&resource, TRUE);
  KeSetEvent(&readers_in, IO_NO_INCREMENT, FALSE);
  ExReleaseResourceLite(&resource);
  KeLeaveCriticalRegion();
}

/* Defends against waiters that nobody wakes: a reader and a writer wait for
 * the owner, and both get their turn. */
static void all_who_wait_get_their_turn(void **state) {
  (void)state;
  struct os_thread reader, writer;

  turns = 0;
  KeInitializeEvent(&readers_in, NotificationEvent, FALSE);
  ExAcquireResourceExclusiveLite(&resource, TRUE);
  assert_int_equal(os__thread_start(&writer, write_once, NULL), 0);
  assert_int_equal(os__thread_start(&reader, read_once, NULL), 0);
  wait_for_waiters(1, 1);
  assert_int_equal(resource.NumberOfSharedWaiters, 1);
  ExReleaseResourceLite(&resource);
  os__thread_join(&reader);
  os__thread_join(&writer);
  assert_int_equal(KeReadStateEvent(&readers_in), 1);
  assert_int_equal(writer_turn, 1);
}

static void release_for(void *thread) {
  ExReleaseResourceForThreadLite(&resource, (ERESOURCE_THREAD)thread);
}

static void an_owner_pointer_stands_for_the_thread(void **state) {
  (void)state;
  static DECLSPEC_ALIGN(8) int somebody;
  PVOID owner = (PVOID)((ULONG_PTR)&somebody | 3);
  struct os_thread thread;

  ExAcquireResourceSharedLite(&resource, TRUE);
  ExSetResourceOwnerPointer(&resource, owner);
  assert_int_equal(ExIsResourceAcquiredSharedLite(&resource), 0);
  assert_false(another_gets_it(ExAcquireResourceExclusiveLite));
  assert_int_equal(os__thread_start(&thread, release_for, owner), 0);
  os__thread_join(&thread);
  assert_true(another_gets_it(ExAcquireResourceExclusiveLite));
}

/* ---- contention -------------------------------------------------------- */

#define ROUNDS 1000

static int halves[2]; /* plain, for ThreadSanitizer */

static void read_and_write(void *unused) {
  (void)unused;
  KeEnterCriticalRegion();
  for (int i = 0; i < ROUNDS; i++) {
    ExAcquireResourceSharedLite(&resource, TRUE);
    ExAcquireResourceSharedLite(&resource, TRUE);
    assert_int_equal(halves[0], halves[1]);
    ExReleaseResourceLite(&resource);
    ExReleaseResourceLite(&resource);
    ExAcquireResourceExclusiveLite(&resource, TRUE);
    halves[0]++;
    halves[1]++;
    ExReleaseResourceLite(&resource);
  }
  KeLeaveCriticalRegion();
}

static void threads_share_and_exclude(void **state) {
  (void)state;
  struct os_thread threads[4];

  memset(halves, 0, sizeof(halves));
  for (int i = 0; i < 4; i++)
    assert_int_equal(os__thread_start(&threads[i], read_and_write, NULL), 0);
  for (int i = 0; i < 4; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(halves[0], 4 * ROUNDS);
  assert_int_equal(resource.ActiveEntries, 0);
}

/* Defends against an acquire that fails for want of memory, which no driver
 * expects: the second sharer needs a table. */
static void sharing_does_without_memory_for_a_while(void **state) {
  (void)state;
  ExAcquireResourceSharedLite(&resource, TRUE);
  uwsk_fault_allocation(1);
  assert_true(another_gets_it(ExAcquireResourceSharedLite));
  assert_true(uwsk_fault_allocation_fired());
  ExReleaseResourceLite(&resource);
}

/* ---- breaches ---------------------------------------------------------- */

static void releasing_what_is_not_held_is_reported(void **state) {
  (void)state;
  expect_report_begin();
  ExReleaseResourceLite(&resource);
  expect_report_end(VF_EX_RESOURCE_01);
}

static void a_sharer_that_waits_for_itself_is_reported(void **state) {
  (void)state;
  ExAcquireResourceSharedLite(&resource, TRUE);
  expect_report_begin();
  assert_false(ExAcquireResourceExclusiveLite(&resource, TRUE));
  expect_report_end(VF_EX_RESOURCE_02);
  ExReleaseResourceLite(&resource);
}

static void deleting_what_is_held_is_reported(void **state) {
  (void)state;
  ExAcquireResourceSharedLite(&resource, TRUE);
  expect_report_begin();
  ExReinitializeResourceLite(&resource);
  expect_report_end(VF_EX_RESOURCE_03);
}

static void it_wants_a_critical_region(void **state) {
  (void)state;
  KeLeaveCriticalRegion();
  expect_report_begin();
  ExAcquireResourceSharedLite(&resource, TRUE);
  expect_report_end(VF_APC_01);
  ExEnterCriticalRegionAndAcquireResourceShared(&resource);
  ExReleaseResourceAndLeaveCriticalRegion(&resource);
  KeEnterCriticalRegion();
  ExReleaseResourceLite(&resource);
}

#define RESOURCE_TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void) {
  const struct CMUnitTest tests[] = {
      RESOURCE_TEST(the_owner_may_acquire_it_again),
      RESOURCE_TEST(sharing_is_recursive),
      RESOURCE_TEST(an_owner_keeps_others_out),
      RESOURCE_TEST(a_waiting_writer_is_respected_or_starved),
      RESOURCE_TEST(all_who_wait_get_their_turn),
      RESOURCE_TEST(an_owner_pointer_stands_for_the_thread),
      RESOURCE_TEST(threads_share_and_exclude),
      RESOURCE_TEST(sharing_does_without_memory_for_a_while),
      RESOURCE_TEST(releasing_what_is_not_held_is_reported),
      RESOURCE_TEST(a_sharer_that_waits_for_itself_is_reported),
      RESOURCE_TEST(deleting_what_is_held_is_reported),
      RESOURCE_TEST(it_wants_a_critical_region),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
