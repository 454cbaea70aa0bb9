/* The ledger: what it counts, finds and prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ob/track.h"
#include "os/os.h"
#include "temporary_file.h"

static int objects[1000];
static struct ob_record records[1000];

static void enter(int i, enum ob_kind kind) {
  records[i] = (struct ob_record){.object = &objects[i],
                                  .call = "MakeIt",
                                  .caller = (const void *)(uintptr_t)enter,
                                  .kind = kind};
  ob__track(&records[i]);
}

static void objects_are_counted_by_kind(void **state) {
  (void)state;
  enter(0, OB_IRP);
  enter(1, OB_IRP);
  enter(2, OB_MDL);
  assert_int_equal(ob__count(OB_IRP), 2);
  assert_int_equal(ob__count(OB_MDL), 1);
  assert_int_equal(ob__count(OB_POOL), 0);
  assert_int_equal(ob__count(OB_KIND_COUNT), 3);
  for (int i = 0; i < 3; i++)
    ob__untrack(&records[i]);
  assert_int_equal(ob__count(OB_KIND_COUNT), 0);
}

/* Many at once share buckets: defends against unlinking the wrong neighbour. */
static void objects_are_found_by_address_and_kind(void **state) {
  (void)state;
  for (int i = 0; i < 1000; i++)
    enter(i, i % 2 ? OB_POOL : OB_SOCKET);
  for (int i = 0; i < 1000; i += 3)
    ob__untrack(&records[i]);
  for (int i = 0; i < 1000; i++) {
    enum ob_kind kind = i % 2 ? OB_POOL : OB_SOCKET;

    assert_ptr_equal(ob__find(kind, &objects[i]),
                     i % 3 == 0 ? NULL : &records[i]);
    assert_null(ob__find(OB_THREAD, &objects[i]));
  }
  for (int i = 0; i < 1000; i++)
    if (i % 3 != 0)
      ob__untrack(&records[i]);
  assert_int_equal(ob__count(OB_KIND_COUNT), 0);
}

/* Claiming is what makes a double free of two threads come out once. */
static void an_object_is_claimed_once(void **state) {
  (void)state;
  assert_false(ob__was_alive(OB_IRP, NULL));
  enter(0, OB_IRP);
  assert_false(ob__was_alive(OB_IRP, &objects[0]));
  assert_null(ob__claim(OB_MDL, &objects[0]));
  assert_ptr_equal(ob__claim(OB_IRP, &objects[0]), &records[0]);
  assert_null(ob__claim(OB_IRP, &objects[0]));
  assert_true(ob__was_alive(OB_IRP, &objects[0]));
  assert_false(ob__was_alive(OB_MDL, &objects[0]));
}

/* Records of foreign objects are recycled: locking pages over and over must not
 * allocate. */
static void foreign_objects_cost_an_allocation_only_once(void **state) {
  (void)state;
  uint64_t before;

  assert_true(ob__track_foreign(OB_LOCKED_PAGES, &objects[0], "Lock", NULL, 9));
  assert_true(ob__is_tracked_foreign(OB_LOCKED_PAGES, &objects[0]));
  assert_true(ob__untrack_foreign(OB_LOCKED_PAGES, &objects[0]));
  assert_false(ob__untrack_foreign(OB_LOCKED_PAGES, &objects[0]));
  assert_false(ob__is_tracked_foreign(OB_LOCKED_PAGES, &objects[0]));
  before = os__alloc_count();
  for (int i = 0; i < 100; i++) {
    assert_true(
        ob__track_foreign(OB_LOCKED_PAGES, &objects[i], "Lock", NULL, 9));
    assert_true(ob__untrack_foreign(OB_LOCKED_PAGES, &objects[i]));
  }
  assert_int_equal(os__alloc_count(), before);
}

static void without_memory_a_foreign_object_is_not_entered(void **state) {
  (void)state;
  int entered = 0;

  os__alloc_fail_nth(1);
  while (entered < 1000 &&
         ob__track_foreign(OB_LOCKED_PAGES, &objects[entered], "Lock", NULL, 1))
    entered++;
  assert_true(os__alloc_fault_fired());
  assert_int_equal(ob__count(OB_LOCKED_PAGES), entered);
  for (int i = 0; i < entered; i++)
    assert_true(ob__untrack_foreign(OB_LOCKED_PAGES, &objects[i]));
}

static void a_forgotten_object_may_still_be_struck_out(void **state) {
  (void)state;
  enter(0, OB_IRP);
  assert_true(ob__track_foreign(OB_LOCKED_PAGES, &objects[1], "Lock", NULL, 1));
  ob__forget_all();
  assert_int_equal(ob__count(OB_KIND_COUNT), 0);
  ob__untrack(&records[0]);
  assert_false(ob__untrack_foreign(OB_LOCKED_PAGES, &objects[1]));
  assert_int_equal(ob__count(OB_KIND_COUNT), 0);
}

/* ---- what is printed --------------------------------------------------- */

/* Runs ob__print_left with standard error going to a file, and reads that. */
static size_t print_to(char *text, size_t size) {
  FILE *file = temporary_file();
  int saved = dup(2);
  size_t left, length;

  assert_non_null(file);
  dup2(fileno(file), 2);
  left = ob__print_left();
  dup2(saved, 2);
  close(saved);
  rewind(file);
  length = fread(text, 1, size - 1, file);
  text[length] = '\0';
  fclose(file);
  return left;
}

static int lines_of(const char *text) {
  int lines = 0;

  for (; *text != '\0'; text++)
    lines += *text == '\n';
  return lines;
}

static void nothing_left_prints_nothing(void **state) {
  (void)state;
  char text[64];

  assert_int_equal(print_to(text, sizeof(text)), 0);
  assert_string_equal(text, "");
}

/* One line each, oldest first, saying what, how big, which tag, made by whom.
 */
static void what_is_left_is_printed_in_the_order_it_was_made(void **state) {
  (void)state;
  char text[4096];
  const char *pool, *socket;

  enter(0, OB_POOL);
  records[0].bytes = 123;
  records[0].tag = 'T' | 'a' << 8 | 'g' << 16 | 1u << 24;
  enter(1, OB_SOCKET);
  records[1].detail = "stream";
  assert_int_equal(print_to(text, sizeof(text)), 2);
  assert_int_equal(lines_of(text), 2);
  pool = strstr(text, "uwsk: left behind: pool block ");
  socket = strstr(text, "uwsk: left behind: WSK socket ");
  assert_true(pool != NULL && socket != NULL && pool < socket);
  assert_non_null(strstr(pool, ", 123 bytes, tag 'Tag.', by MakeIt called "));
  assert_non_null(strstr(socket, ", stream, by MakeIt called from "));
  ob__untrack(&records[0]);
  ob__untrack(&records[1]);
}

/* A thousand leaks of one kind must not drown the log. */
static void a_long_list_is_cut_and_its_rest_counted(void **state) {
  (void)state;
  static char text[100000];

  for (int i = 0; i < 1000; i++)
    enter(i, OB_IRP);
  assert_int_equal(print_to(text, sizeof(text)), 1000);
  assert_int_equal(lines_of(text), 101);
  assert_non_null(strstr(text, "uwsk: left behind: 900 more\n"));
  ob__forget_all();
}

/* ---- threads ----------------------------------------------------------- */

static int claims;

static void claim_all(void *unused) {
  (void)unused;
  for (int i = 0; i < 1000; i++)
    if (ob__claim(OB_MDL, &objects[i]) != NULL)
      __atomic_fetch_add(&claims, 1, __ATOMIC_RELAXED);
}

static void of_two_threads_one_gets_each_object(void **state) {
  (void)state;
  struct os_thread thread;

  for (int i = 0; i < 1000; i++)
    enter(i, OB_MDL);
  assert_int_equal(os__thread_start(&thread, claim_all, NULL), 0);
  claim_all(NULL);
  os__thread_join(&thread);
  assert_int_equal(claims, 1000);
  assert_int_equal(ob__count(OB_KIND_COUNT), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(objects_are_counted_by_kind),
      cmocka_unit_test(objects_are_found_by_address_and_kind),
      cmocka_unit_test(an_object_is_claimed_once),
      cmocka_unit_test(foreign_objects_cost_an_allocation_only_once),
      cmocka_unit_test(without_memory_a_foreign_object_is_not_entered),
      cmocka_unit_test(a_forgotten_object_may_still_be_struck_out),
      cmocka_unit_test(nothing_left_prints_nothing),
      cmocka_unit_test(what_is_left_is_printed_in_the_order_it_was_made),
      cmocka_unit_test(a_long_list_is_cut_and_its_rest_counted),
      cmocka_unit_test(of_two_threads_one_gets_each_object),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
