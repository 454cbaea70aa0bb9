/*
 * A host that is asked about waits that hang, notes what it is told, and ends
 * the hang; and a thread of a driver's that is in the way.
 */
#ifndef UWSK_TEST_HANG_TEST_H
#define UWSK_TEST_HANG_TEST_H

#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "os/os.h"
#include "uwsk/hang.h"
#include "verifier/report.h"

#define LIMIT_MS 200

/* ---- the host ---------------------------------------------------------- */

static struct {
  enum uwsk_hang_answer answer;
  void (*help)(void); /* ends the hang */
  unsigned hangs;
  unsigned thread;
  char call[64];
  char report[16384];
} host;

static inline enum uwsk_hang_answer decide(const struct uwsk_hang *hang,
                                           void *context) {
  assert_ptr_equal(context, &host);
  host.hangs++;
  host.thread = hang->thread;
  snprintf(host.call, sizeof(host.call), "%s", hang->call);
  snprintf(host.report, sizeof(host.report), "%s", hang->report);
  if (host.help != NULL)
    host.help();
  return host.answer;
}

static inline void start_with_limit(unsigned limit_ms) {
  struct uwsk_options options = UWSK_OPTIONS_INIT;
  options.hang_limit_ms = limit_ms;
  assert_int_equal(uwsk_start(&options), 0);
}

static inline int start(void **state) {
  (void)state;
  memset(&host, 0, sizeof(host));
  host.answer = UWSK_HANG_WAIT_ON;
  uwsk_on_hang(decide, &host);
  vf__reset();
  start_with_limit(LIMIT_MS);
  return 0;
}

static inline int stop(void **state) {
  (void)state;
  return uwsk_stop() == (int)host.hangs && vf__count(VF_RULE_COUNT) == 0 ? 0
                                                                         : -1;
}

#define AT(pointer) (unsigned long long)(ULONG_PTR)(pointer)

static inline void expect_text(const char *text) {
  if (strstr(host.report, text) == NULL)
    fail_msg("the report does not say \"%s\":\n%s", text, host.report);
}

/* One hang, of this thread, in that call. */
static inline void expect_hang(const char *call) {
  assert_int_equal(host.hangs, 1);
  assert_int_equal(uwsk_hangs(), 1);
  assert_int_equal(host.thread, os__thread_number());
  assert_string_equal(host.call, call);
  expect_text("a wait hangs: it exceeds the limit of 200 ms");
  expect_text(call);
#ifdef __linux__
  expect_text("called from test_");
#endif
}

/* ---- a thread of the driver's ------------------------------------------ */

static KEVENT held, release; /* synchronization events */

static inline void wait_for(PVOID object) {
  KeWaitForSingleObject(object, Executive, KernelMode, FALSE, NULL);
}

static inline void set_release(void) {
  KeSetEvent(&release, IO_NO_INCREMENT, FALSE);
}

struct lock_case {
  void (*acquire)(void);
  void (*let_go)(void);
};

static inline void hold(PVOID context) {
  const struct lock_case *lock = context;

  if (lock != NULL)
    lock->acquire();
  KeSetEvent(&held, IO_NO_INCREMENT, FALSE);
  wait_for(&release);
  if (lock != NULL)
    lock->let_go();
  PsTerminateSystemThread(STATUS_SUCCESS);
}

static inline PVOID start_thread(PKSTART_ROUTINE routine, PVOID context) {
  HANDLE handle;
  PVOID thread;

  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, routine, context),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, THREAD_ALL_ACCESS,
                                             *PsThreadType, KernelMode, &thread,
                                             NULL),
                   STATUS_SUCCESS);
  ZwClose(handle);
  return thread;
}

static inline void join(PVOID thread) {
  wait_for(thread);
  ObDereferenceObject(thread);
}

static inline PVOID start_holder(const struct lock_case *lock) {
  KeInitializeEvent(&held, SynchronizationEvent, FALSE);
  KeInitializeEvent(&release, SynchronizationEvent, FALSE);
  PVOID thread = start_thread(hold, (PVOID)(ULONG_PTR)lock);
  wait_for(&held);
  return thread;
}

#define HANG(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
