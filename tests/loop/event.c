/*
 * See event.h.
 */
#include "event.h"

struct os_mutex test_dispatcher;

__attribute__((constructor)) static void init_dispatcher(void) {
  os__mutex_init(&test_dispatcher);
}

static void append(struct event *event, struct event_waiter *waiter) {
  struct event_waiter **end = &event->first;
  while (*end != NULL)
    end = &(*end)->next;
  waiter->next = NULL;
  *end = waiter;
}

static void remove_waiter(struct event *event, struct event_waiter *waiter) {
  struct event_waiter **at = &event->first;
  while (*at != waiter)
    at = &(*at)->next;
  *at = waiter->next;
}

void event_set(struct event *event) {
  struct loop_thread *thread = NULL;
  os__mutex_lock(&test_dispatcher);
  if (event->first != NULL) {
    thread = event->first->thread;
    event->first = event->first->next;
    loop__set_done(thread);
  } else {
    event->set = true;
  }
  os__mutex_unlock(&test_dispatcher);
  if (thread != NULL)
    loop__wake(thread);
}

bool event_wait_until(struct event *event, uint64_t deadline) {
  struct event_waiter waiter = {NULL, loop__self()};
  os__mutex_lock(&test_dispatcher);
  bool was_set = event->set;
  event->set = false;
  if (!was_set) {
    loop__wait_begin(waiter.thread);
    append(event, &waiter);
  }
  os__mutex_unlock(&test_dispatcher);
  if (was_set)
    return true;
  loop__wait(waiter.thread, deadline);
  os__mutex_lock(&test_dispatcher);
  bool done = loop__is_done(waiter.thread);
  if (!done)
    remove_waiter(event, &waiter);
  os__mutex_unlock(&test_dispatcher);
  return done;
}

/* ---- the loop ---------------------------------------------------------- */

bool test_is_stepped(void) {
  const char *mode = os__getenv("UWSK_LOOP");
  return mode != NULL && strcmp(mode, "stepped") == 0;
}

void boot_with(bool stepped, bool owning_helper) {
  struct loop_config config = {.stepped = stepped,
                               .owning_helper = owning_helper};
  assert_int_equal(loop__boot(&config), 0);
}

int test_boot(void **state) {
  (void)state;
  boot_with(test_is_stepped(), false);
  return 0;
}

int test_shutdown(void **state) {
  (void)state;
  assert_int_equal(loop__shutdown(), 0);
  return 0;
}

struct errand {
  struct loop_op op;
  void (*function)(void *argument);
  void *argument;
  struct event done;
};

static void run_errand(struct loop_op *op) {
  struct errand *errand = (struct errand *)op;
  errand->function(errand->argument);
  event_set(&errand->done);
}

void run_on_loop(void (*function)(void *argument), void *argument) {
  struct errand errand = {
      .op.run = run_errand, .function = function, .argument = argument};
  loop__submit(&errand.op);
  event_wait(&errand.done);
}

/* ---- threads ----------------------------------------------------------- */

void start_thread(struct os_thread *thread, void (*entry)(void *),
                  void *argument) {
  assert_int_equal(os__thread_start(thread, entry, argument), 0);
}

void spin_for(int *flag) {
  while (!FLAG(*flag))
    os__yield();
}
