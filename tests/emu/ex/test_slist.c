/* Sequenced lists. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "os/os.h"
#include "verifier/report.h"

struct node {
  SLIST_ENTRY link;
  int taken;
};

static SLIST_HEADER list;
static struct node nodes[3];

static int start(void **state) {
  (void)state;
  vf__reset();
  InitializeSListHead(&list);
  return 0;
}

static int end(void **state) {
  (void)state;
  return vf__count(VF_RULE_COUNT) != 0;
}

static void push_all(void) {
  for (int i = 0; i < 3; i++)
    InterlockedPushEntrySList(&list, &nodes[i].link);
}

static void a_new_list_is_empty(void **state) {
  (void)state;
  assert_null(FirstEntrySList(&list));
  assert_null(InterlockedPopEntrySList(&list));
  assert_null(InterlockedFlushSList(&list));
  assert_int_equal(ExQueryDepthSList(&list), 0);
}

/* Defends against a push that returns the new first entry: clients wake their
 * worker when they get NULL. */
static void a_push_returns_the_former_first_entry(void **state) {
  (void)state;
  assert_null(InterlockedPushEntrySList(&list, &nodes[0].link));
  assert_ptr_equal(InterlockedPushEntrySList(&list, &nodes[1].link),
                   &nodes[0].link);
  assert_ptr_equal(FirstEntrySList(&list), &nodes[1].link);
  assert_int_equal(QueryDepthSList(&list), 2);
}

static void the_last_pushed_is_the_first_popped(void **state) {
  (void)state;
  push_all();
  for (int left = 2; left >= 0; left--) {
    assert_ptr_equal(InterlockedPopEntrySList(&list), &nodes[left].link);
    assert_int_equal(ExQueryDepthSList(&list), left);
  }
  assert_null(InterlockedPopEntrySList(&list));
}

/* Defends against a chain without an end: clients walk it to NULL. */
static void a_flush_takes_the_whole_chain(void **state) {
  (void)state;
  PSLIST_ENTRY entry;

  nodes[0].link.Next = &nodes[2].link;
  push_all();
  entry = InterlockedFlushSList(&list);
  for (int i = 2; i >= 0; i--, entry = entry->Next)
    assert_ptr_equal(entry, &nodes[i].link);
  assert_null(entry);
  assert_null(FirstEntrySList(&list));
  assert_int_equal(ExQueryDepthSList(&list), 0);
}

static void the_forms_with_a_lock_leave_it_alone(void **state) {
  (void)state;
  KSPIN_LOCK lock;
  KIRQL irql;

  KeInitializeSpinLock(&lock);
  KeAcquireSpinLock(&lock, &irql);
  assert_null(ExInterlockedPushEntrySList(&list, &nodes[0].link, &lock));
  assert_ptr_equal(ExInterlockedPopEntrySList(&list, &lock), &nodes[0].link);
  KeReleaseSpinLock(&lock, irql);
}

static void an_entry_off_its_alignment_is_reported(void **state) {
  (void)state;
  static DECLSPEC_ALIGN(16) UCHAR bytes[32];

  InterlockedPushEntrySList(&list, &nodes[0].link);
  assert_ptr_equal(InterlockedPushEntrySList(&list, (PSLIST_ENTRY)(bytes + 8)),
                   &nodes[0].link);
  assert_int_equal(vf__count(VF_EX_SLIST_01), 1);
  assert_ptr_equal(InterlockedPopEntrySList(&list), &nodes[0].link);
  vf__reset();
}

#define ROUNDS 5000

/* Takes an entry and gives it back; what it has is its own. */
static void take_and_give_back(void *unused) {
  (void)unused;
  for (int i = 0; i < ROUNDS; i++) {
    PSLIST_ENTRY entry = InterlockedPopEntrySList(&list);
    if (entry == NULL)
      continue;
    CONTAINING_RECORD(entry, struct node, link)->taken++;
    InterlockedPushEntrySList(&list, entry);
  }
}

/* Defends against a pop that reads a link which changes meanwhile: an entry
 * would be lost, or had by two at once, which ThreadSanitizer sees. */
static void no_entry_is_had_by_two_threads(void **state) {
  (void)state;
  struct os_thread threads[3];
  int taken = 0;

  push_all();
  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&threads[i], take_and_give_back, NULL),
                     0);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(ExQueryDepthSList(&list), 3);
  for (int i = 0; i < 3; i++) {
    assert_non_null(InterlockedPopEntrySList(&list));
    taken += nodes[i].taken;
  }
  assert_null(InterlockedPopEntrySList(&list));
  assert_int_equal(taken, 3 * ROUNDS);
}

#define FREED_ROUNDS 20000

/* Pops, frees, and pushes what it has allocated: the link of an entry that
 * another thread is looking at goes with its block. */
static void pop_and_free(void *unused) {
  (void)unused;
  for (int i = 0; i < FREED_ROUNDS; i++) {
    PSLIST_ENTRY entry =
        ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(SLIST_ENTRY), 'tslS');

    InterlockedPushEntrySList(&list, entry);
    entry = InterlockedPopEntrySList(&list);
    assert_non_null(entry);
    ExFreePoolWithTag(entry, 'tslS');
  }
}

/* Defends against a pop that reads freed memory: a fault, now and then. */
static void entries_may_be_freed_while_others_pop(void **state) {
  (void)state;
  struct os_thread threads[3];

  for (int i = 0; i < 3; i++)
    assert_int_equal(os__thread_start(&threads[i], pop_and_free, NULL), 0);
  for (int i = 0; i < 3; i++)
    os__thread_join(&threads[i]);
  assert_null(InterlockedPopEntrySList(&list));
  assert_int_equal(ExQueryDepthSList(&list), 0);
}

/* Defends against the wrong halves: debuggers and other code read the head as
 * HeaderX64. */
static void the_head_is_that_of_x64(void **state) {
  (void)state;
  ULONGLONG sequence = list.HeaderX64.Sequence;

  push_all();
  InterlockedPopEntrySList(&list);
  assert_int_equal(list.HeaderX64.Depth, 2);
  assert_int_equal(list.HeaderX64.Sequence, sequence + 4);
  assert_int_equal(list.HeaderX64.NextEntry,
                   (ULONGLONG)(ULONG_PTR)&nodes[1].link >> 4);
}

#define LIST_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      LIST_TEST(a_new_list_is_empty),
      LIST_TEST(a_push_returns_the_former_first_entry),
      LIST_TEST(the_last_pushed_is_the_first_popped),
      LIST_TEST(a_flush_takes_the_whole_chain),
      LIST_TEST(the_forms_with_a_lock_leave_it_alone),
      LIST_TEST(an_entry_off_its_alignment_is_reported),
      LIST_TEST(no_entry_is_had_by_two_threads),
      LIST_TEST(entries_may_be_freed_while_others_pop),
      LIST_TEST(the_head_is_that_of_x64),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
