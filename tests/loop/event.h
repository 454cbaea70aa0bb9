/*
 * What the tests of the floor need: an auto-reset event with its own small
 * dispatcher, as the executive has a large one; the mode under test; threads.
 */
#ifndef UWSK_TEST_EVENT_H
#define UWSK_TEST_EVENT_H

#include "loop/loop.h"
#include "os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define UNDER_TSAN 1
#endif

/* ---- events ------------------------------------------------------------ */

struct event_waiter {
  struct event_waiter *next;
  struct loop_thread *thread;
};

struct event {
  bool set;
  struct event_waiter *first;
};

extern struct os_mutex test_dispatcher;

void event_set(struct event *event);

/* True when the event was set; it is reset then. */
bool event_wait_until(struct event *event, uint64_t deadline);

static inline void event_wait(struct event *event) {
  assert_true(event_wait_until(event, LOOP_FOREVER));
}

/* ---- the loop ---------------------------------------------------------- */

/* The environment says which: UWSK_LOOP=auto or stepped. */
bool test_is_stepped(void);

/* cmocka set-up and tear-down: a loop in the mode under test, and a shutdown
 * that finds nothing open. */
int test_boot(void **state);
int test_shutdown(void **state);

void boot_with(bool stepped, bool owning_helper);

/* Runs `function(argument)` as the owner of the loop, and waits until then. */
void run_on_loop(void (*function)(void *argument), void *argument);

/* ---- threads and chance ------------------------------------------------ */

#define FLAG(flag)     __atomic_load_n(&(flag), __ATOMIC_SEQ_CST)
#define RAISE(flag)    __atomic_store_n(&(flag), 1, __ATOMIC_SEQ_CST)
#define ADD(number, n) __atomic_add_fetch(&(number), (n), __ATOMIC_SEQ_CST)

void start_thread(struct os_thread *thread, void (*entry)(void *),
                  void *argument);

/* Gives the processor away until the flag is up. */
void spin_for(int *flag);

/* A cheap sequence that differs from seed to seed, for stress tests. */
static inline unsigned chance(unsigned *seed) {
  *seed = *seed * 1103515245u + 12345u;
  return *seed >> 16;
}

/* Keeps the processor busy for about this long, without the host's help. */
static inline void stay_busy(unsigned rounds) {
  for (volatile unsigned i = 0; i < rounds; i++) {
  }
}

#endif
