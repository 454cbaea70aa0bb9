/* Probing memory: what is there, what may be written, to the last byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "os/os.h"
#include "os/os_probe.h"

#define PAGE 4096

static const char constant[3 * PAGE] = {1};
static char variable[3 * PAGE];

typedef bool probe_function(const void *start, size_t size, bool write);

static void check(probe_function *probe) {
  char here[64] = {0};

  assert_true(probe(here, sizeof(here), true));
  assert_true(probe(variable, sizeof(variable), true));
  assert_true(probe(variable + PAGE - 1, 2, true));
  assert_true(probe(constant + 5, PAGE, false));
  assert_false(probe(constant + PAGE, 1, true));
  assert_false(probe(NULL, 1, false));
  assert_false(probe(NULL, 1, true));
  assert_false(probe((const void *)(uintptr_t)0x10, 100, false));
  assert_false(probe(variable, (size_t)1 << 46, false));
}

static void memory_is_told_from_what_is_none(void **state) {
  (void)state;
  check(os__probe);
  assert_false(os__probe((const void *)UINTPTR_MAX, 10, false));
  assert_false(os__probe(variable, SIZE_MAX, false));
  assert_true(os__probe(NULL, 0, true));
}

/* Defends against a probe that writes: the bytes may be another thread's. */
static void probing_changes_nothing(void **state) {
  (void)state;
  memset(variable, 0x5A, sizeof(variable));
  assert_true(os__probe(variable, sizeof(variable), true));
  for (size_t i = 0; i < sizeof(variable); i++)
    assert_int_equal(variable[i], 0x5A);
}

#ifndef _WIN32

#include <sys/mman.h>

/* A hole in the middle, and a page that may only be read. */
static void every_page_of_a_range_counts(void **state) {
  (void)state;
  probe_function *const probes[] = {os__probe, os__probe_by_list};
  char *pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  assert_ptr_not_equal(pages, MAP_FAILED);
  assert_int_equal(mprotect(pages + PAGE, PAGE, PROT_READ), 0);
  assert_int_equal(mprotect(pages + 3 * PAGE, PAGE, PROT_NONE), 0);
  for (int i = 0; i < 2; i++) {
    assert_true(probes[i](pages, PAGE, true));
    assert_false(probes[i](pages, PAGE + 1, true));
    assert_true(probes[i](pages, 3 * PAGE, false));
    assert_false(probes[i](pages, 3 * PAGE, true));
    assert_false(probes[i](pages, 3 * PAGE + 1, false));
  }
  assert_int_equal(munmap(pages + PAGE, PAGE), 0);
  for (int i = 0; i < 2; i++)
    assert_false(probes[i](pages, 3 * PAGE, false));
  munmap(pages, 4 * PAGE);
}

static void the_list_of_mappings_answers_the_same(void **state) {
  (void)state;
  check(os__probe_by_list);
}

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_is_told_from_what_is_none),
      cmocka_unit_test(probing_changes_nothing),
#ifndef _WIN32
      cmocka_unit_test(every_page_of_a_range_counts),
      cmocka_unit_test(the_list_of_mappings_answers_the_same),
#endif
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
