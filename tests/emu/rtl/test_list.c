/* Lists under a spin lock. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "os/os.h"

/* Defends against the order reversed, and against returning the head itself
 * where NT returns NULL. */
static void entries_come_out_as_inserted(void **state) {
  (void)state;
  LIST_ENTRY head, a, b, c;
  KSPIN_LOCK lock;
  InitializeListHead(&head);
  KeInitializeSpinLock(&lock);
  assert_null(ExInterlockedRemoveHeadList(&head, &lock));
  assert_null(ExInterlockedInsertTailList(&head, &a, &lock));
  assert_ptr_equal(ExInterlockedInsertTailList(&head, &b, &lock), &a);
  assert_ptr_equal(ExInterlockedInsertHeadList(&head, &c, &lock), &a);
  assert_ptr_equal(ExInterlockedRemoveHeadList(&head, &lock), &c);
  assert_ptr_equal(ExInterlockedRemoveHeadList(&head, &lock), &a);
  assert_ptr_equal(ExInterlockedRemoveHeadList(&head, &lock), &b);
  assert_null(ExInterlockedRemoveHeadList(&head, &lock));
  assert_null(ExInterlockedInsertHeadList(&head, &a, &lock));
  assert_true(KeTestSpinLock(&lock));
}

static void single_entries_come_out_last_in_first(void **state) {
  (void)state;
  SINGLE_LIST_ENTRY head = {NULL}, a, b;
  KSPIN_LOCK lock;
  KeInitializeSpinLock(&lock);
  assert_null(ExInterlockedPopEntryList(&head, &lock));
  assert_null(ExInterlockedPushEntryList(&head, &a, &lock));
  assert_ptr_equal(ExInterlockedPushEntryList(&head, &b, &lock), &a);
  assert_ptr_equal(ExInterlockedPopEntryList(&head, &lock), &b);
  assert_ptr_equal(ExInterlockedPopEntryList(&head, &lock), &a);
  assert_null(ExInterlockedPopEntryList(&head, &lock));
}

/* These may be called at any IRQL: defends against lowering it, and against the
 * verifier complaining above DISPATCH_LEVEL. */
static void the_irql_is_left_as_it_was(void **state) {
  (void)state;
  LIST_ENTRY head, a;
  KSPIN_LOCK lock;
  KIRQL old;
  InitializeListHead(&head);
  KeInitializeSpinLock(&lock);
  ExInterlockedInsertTailList(&head, &a, &lock);
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  ExInterlockedRemoveHeadList(&head, &lock);
  assert_int_equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  KeLowerIrql(old);
  assert_true(KeTestSpinLock(&lock));
}

#define THREADS 4
#define EACH    2000

static struct {
  LIST_ENTRY head;
  KSPIN_LOCK lock;
  LIST_ENTRY entries[THREADS];
} shared;

/* Each thread puts one entry in before it takes one out, so that one is always
 * there for it. */
static void push_and_pop(void *entry) {
  PLIST_ENTRY mine = entry;
  for (int i = 0; i < EACH; i++) {
    ExInterlockedInsertTailList(&shared.head, mine, &shared.lock);
    mine = ExInterlockedRemoveHeadList(&shared.head, &shared.lock);
  }
  ExInterlockedInsertHeadList(&shared.head, mine, &shared.lock);
}

/* Defends against links written outside the lock. */
static void threads_lose_no_entry(void **state) {
  (void)state;
  struct os_thread threads[THREADS];
  int count = 0;
  InitializeListHead(&shared.head);
  KeInitializeSpinLock(&shared.lock);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(
        os__thread_start(&threads[i], push_and_pop, &shared.entries[i]), 0);
  for (int i = 0; i < THREADS; i++)
    os__thread_join(&threads[i]);
  while (ExInterlockedRemoveHeadList(&shared.head, &shared.lock) != NULL)
    count++;
  assert_int_equal(count, THREADS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(entries_come_out_as_inserted),
      cmocka_unit_test(single_entries_come_out_last_in_first),
      cmocka_unit_test(the_irql_is_left_as_it_was),
      cmocka_unit_test(threads_lose_no_entry),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
