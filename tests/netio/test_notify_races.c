/*
 * Many threads that register, cancel and are told at once. What they prove, the
 * thread sanitizer and the ledger see.
 */
#include "listener.h"
#include "netio_test.h"

#include <uwsk/fault.h>

#define THREADS 4
#define ROUNDS  50

static LONG failures;

static VOID register_and_cancel(PVOID context) {
  ULONG number = (ULONG)(ULONG_PTR)context;
  for (ULONG i = 0; i < ROUNDS; i++) {
    struct listener listener;
    NTSTATUS status;
    listener_init(&listener);
    if (number % 2 == 0)
      status = listen_to_routes(&listener, AF_UNSPEC, i % 2 == 0);
    else
      status = listen_to_unicasts(&listener, AF_UNSPEC, i % 2 == 0);
    if (status == STATUS_SUCCESS)
      status = CancelMibChangeNotify2(listener.handle);
    /* The listener is on this stack: a late call would be seen. */
    if (status != STATUS_SUCCESS || listener.wrong != 0)
      InterlockedIncrement(&failures);
  }
  PsTerminateSystemThread(STATUS_SUCCESS);
}

static PVOID start(PKSTART_ROUTINE routine, ULONG number) {
  HANDLE handle;
  PVOID thread;
  assert_int_equal(PsCreateSystemThread(&handle, THREAD_ALL_ACCESS, NULL, NULL,
                                        NULL, routine,
                                        (PVOID)(ULONG_PTR)number),
                   STATUS_SUCCESS);
  assert_int_equal(ObReferenceObjectByHandle(handle, SYNCHRONIZE, NULL,
                                             KernelMode, &thread, NULL),
                   STATUS_SUCCESS);
  ZwClose(handle);
  return thread;
}

/* Against: a callback after its cancel, a watch that is stopped under somebody
 * who has just registered, and an event that is freed twice. */
static void registering_and_cancelling_meet_changes(void **state) {
  PVOID threads[THREADS];
  LARGE_INTEGER at_once = {.QuadPart = 0};
  (void)state;
  failures = 0;
  for (ULONG i = 0; i < THREADS; i++)
    threads[i] = start(register_and_cancel, i);
  while (KeWaitForSingleObject(threads[0], Executive, KernelMode, FALSE,
                               &at_once) == STATUS_TIMEOUT) {
    uwsk_fault_routes(UWSK_IPV4 | UWSK_IPV6);
    uwsk_fault_addresses(UWSK_IPV4 | UWSK_IPV6);
  }
  for (ULONG i = 0; i < THREADS; i++) {
    KeWaitForSingleObject(threads[i], Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(threads[i]);
  }
  assert_int_equal(failures, 0);
}

static LONG won, lost;
static struct listener contested;

static VOID cancel_contested(PVOID context) {
  NTSTATUS status = CancelMibChangeNotify2(contested.handle);
  UNREFERENCED_PARAMETER(context);
  InterlockedIncrement(status == STATUS_SUCCESS ? &won : &lost);
  PsTerminateSystemThread(STATUS_SUCCESS);
}

/* Against: two threads that free one registration. */
static void of_two_cancels_one_wins(void **state) {
  PVOID threads[2];
  (void)state;
  won = lost = 0;
  listener_init(&contested);
  assert_int_equal(listen_to_routes(&contested, AF_INET, TRUE), STATUS_SUCCESS);
  expect_report_begin();
  for (ULONG i = 0; i < 2; i++)
    threads[i] = start(cancel_contested, 0);
  for (ULONG i = 0; i < 2; i++) {
    KeWaitForSingleObject(threads[i], Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(threads[i]);
  }
  expect_report_end(VF_NETIO_02);
  assert_int_equal(won, 1);
  assert_int_equal(lost, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(registering_and_cancelling_meet_changes),
      KERNEL_TEST(of_two_cancels_one_wins),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
