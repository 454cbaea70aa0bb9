/* What is watched: the calls a thread is in, and the histories of objects. */
#include <ntddk.h>
#include <wsk.h>

#include <string.h>

#include "catch_stderr.h"
#include "kernel_test.h"
#include "os/os.h"

#include <uwsk/verifier.h>

static struct uwsk_event events[VF_EVENTS_SHOWN];

static unsigned recall(const void *object) {
  return vf__recall(object, events, VF_EVENTS_SHOWN);
}

static void note(const void *object, unsigned long long number) {
  vf__remember(object, &(struct uwsk_event){.kind = UWSK_EVENT_COMPLETED,
                                            .information = number});
}

/* ---- rings ------------------------------------------------------------- */

static void events_come_back_oldest_first(void **state) {
  static char object;

  (void)state;
  assert_int_equal(recall(&object), 0);
  for (unsigned i = 0; i < 3; i++)
    note(&object, i);
  assert_int_equal(recall(&object), 3);
  for (unsigned i = 0; i < 3; i++)
    assert_int_equal(events[i].information, i);
  assert_int_equal(events[0].thread, os__thread_number());
}

static void new_events_overwrite_old_ones(void **state) {
  static char object;

  (void)state;
  for (unsigned i = 0; i < 5 * VF_EVENTS_KEPT + 3; i++)
    note(&object, i);
  assert_int_equal(recall(&object), VF_EVENTS_SHOWN);
  for (unsigned i = 0; i < VF_EVENTS_SHOWN; i++)
    assert_int_equal(events[i].information,
                     5 * VF_EVENTS_KEPT + 3 - VF_EVENTS_SHOWN + i);
}

/* Objects whose addresses hash alike share a ring, and nothing else. */
static void objects_do_not_see_each_others_events(void **state) {
  static char objects[5000];
  unsigned found = 0;

  (void)state;
  for (unsigned i = 0; i < sizeof(objects); i++)
    note(&objects[i], i);
  for (unsigned i = 0; i < sizeof(objects); i++) {
    unsigned count = recall(&objects[i]);

    assert_true(count <= 1);
    if (count == 1)
      assert_int_equal(events[0].information, i);
    found += count;
  }
  assert_true(found > 1000);
}

static void a_run_begins_without_events(void **state) {
  static char object;

  (void)state;
  note(&object, 1);
  assert_int_equal(uwsk_stop(), 0);
  assert_int_equal(uwsk_start(NULL), 0);
  assert_int_equal(recall(&object), 0);
}

static char shared;

static void note_often(void *unused) {
  (void)unused;
  for (unsigned i = 0; i < 2000; i++) {
    note(&shared, i);
    struct uwsk_event own[VF_EVENTS_SHOWN];
    assert_int_not_equal(vf__recall(&shared, own, VF_EVENTS_SHOWN), 0);
  }
}

static void several_threads_share_a_ring(void **state) {
  struct os_thread threads[2];

  (void)state;
  for (int i = 0; i < 2; i++)
    assert_int_equal(os__thread_start(&threads[i], note_often, NULL), 0);
  note_often(NULL);
  for (int i = 0; i < 2; i++)
    os__thread_join(&threads[i]);
  assert_int_equal(recall(&shared), VF_EVENTS_SHOWN);
}

/* ---- what is remembered ------------------------------------------------ */

static NTSTATUS NTAPI done(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(irp);
  KeSetEvent(context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

/* One failing call with an IRP of ours: WskSocket of a family nobody has. */
static void call_wsk(PIRP irp) {
  static const WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI npi = {NULL, &dispatch};
  WSK_REGISTRATION registration;
  WSK_PROVIDER_NPI wsk;
  KEVENT event;

  KeInitializeEvent(&event, NotificationEvent, FALSE);
  IoSetCompletionRoutine(irp, done, &event, TRUE, TRUE, TRUE);
  assert_int_equal(WskRegister(&npi, &registration), STATUS_SUCCESS);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk),
                   STATUS_SUCCESS);
  wsk.Dispatch->WskSocket(wsk.Client, 99, SOCK_STREAM, IPPROTO_TCP,
                          WSK_FLAG_BASIC_SOCKET, NULL, NULL, NULL, NULL, NULL,
                          irp);
  KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
}

static void expect_event(unsigned at, enum uwsk_event_kind kind,
                         const char *what) {
  assert_int_equal(events[at].kind, kind);
  if (what == NULL)
    assert_null(events[at].what);
  else
    assert_string_equal(events[at].what, what);
}

static void an_irps_life_is_remembered(void **state) {
  PIRP irp = IoAllocateIrp(1, FALSE);

  (void)state;
  call_wsk(irp);
  IoReuseIrp(irp, STATUS_SUCCESS);
  IoCancelIrp(irp);
  IoFreeIrp(irp);
  assert_int_equal(recall(irp), 6);
  expect_event(0, UWSK_EVENT_MADE, "IoAllocateIrp");
  assert_string_equal(events[0].thing, "IRP");
  assert_non_null(events[0].caller);
  expect_event(1, UWSK_EVENT_CALLED, "WskSocket");
  expect_event(2, UWSK_EVENT_COMPLETED, NULL);
  assert_true(events[2].status < 0);
  assert_int_equal(events[2].irql, DISPATCH_LEVEL);
  expect_event(3, UWSK_EVENT_CALLED, "IoReuseIrp");
  expect_event(4, UWSK_EVENT_CALLED, "IoCancelIrp");
  expect_event(5, UWSK_EVENT_GONE, "IoFreeIrp");
  assert_non_null(events[5].caller);
}

static void locked_pages_are_remembered_of_their_mdl(void **state) {
  static char page[64];
  PMDL mdl = IoAllocateMdl(page, sizeof(page), FALSE, FALSE, NULL);

  (void)state;
  MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
  MmUnlockPages(mdl);
  assert_int_equal(recall(mdl), 3);
  expect_event(1, UWSK_EVENT_MADE, "MmProbeAndLockPages");
  assert_string_equal(events[1].thing, "locked pages");
  expect_event(2, UWSK_EVENT_GONE, "MmUnlockPages");
  IoFreeMdl(mdl);
}

static void a_report_tells_the_objects_history(void **state) {
  const struct uwsk_report *report;
  PIRP irp = IoAllocateIrp(1, FALSE);

  (void)state;
  IoFreeIrp(irp);
  catch_stderr();
  IoFreeIrp(irp);
  release_stderr();
  report = uwsk_verifier_report_at(0);
  assert_ptr_equal(report->object, irp);
  assert_int_equal(report->history_count, 2);
  assert_string_equal(report->history[0].what, "IoAllocateIrp");
  assert_string_equal(report->history[1].what, "IoFreeIrp");
  assert_string_equal(report->call, "IoFreeIrp");
  assert_non_null(strstr(caught, "      history of 0x"));
  assert_non_null(
      strstr(caught, "PASSIVE ] +  IRP, by IoAllocateIrp called from "));
  assert_non_null(strstr(caught, "PASSIVE ] -  IRP, by IoFreeIrp called from"));
  vf__reset();
}

/* A completion routine runs inside a call at DISPATCH_LEVEL, and its own call
 * is the one to name. */
static NTSTATUS NTAPI free_twice(PDEVICE_OBJECT device, PIRP irp,
                                 PVOID context) {
  PIRP other = IoAllocateIrp(1, FALSE);

  UNREFERENCED_PARAMETER(device);
  UNREFERENCED_PARAMETER(irp);
  IoFreeIrp(other);
  IoFreeIrp(other);
  KeSetEvent(context, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static void a_report_in_a_callback_names_the_inner_call(void **state) {
  static const WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, NULL};
  WSK_CLIENT_NPI npi = {NULL, &dispatch};
  WSK_REGISTRATION registration;
  WSK_PROVIDER_NPI wsk;
  PIRP irp = IoAllocateIrp(1, FALSE);
  KEVENT event;

  (void)state;
  uwsk_expect_violation("IO-FREE-01");
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  IoSetCompletionRoutine(irp, free_twice, &event, TRUE, TRUE, TRUE);
  assert_int_equal(WskRegister(&npi, &registration), STATUS_SUCCESS);
  assert_int_equal(WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &wsk),
                   STATUS_SUCCESS);
  wsk.Dispatch->WskSocket(wsk.Client, 99, SOCK_STREAM, IPPROTO_TCP,
                          WSK_FLAG_BASIC_SOCKET, NULL, NULL, NULL, NULL, NULL,
                          irp);
  KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
  WskReleaseProviderNPI(&registration);
  WskDeregister(&registration);
  IoFreeIrp(irp);
  assert_int_equal(uwsk_expectations_unmet(), 0);
  const struct uwsk_report *report = uwsk_verifier_report_at(0);
  assert_int_equal(report->irql, DISPATCH_LEVEL);
  assert_string_equal(report->call, "IoFreeIrp");
  vf__reset();
}

/* ---- calls ------------------------------------------------------------- */

static void sets_bits(void *bitmap) {
  RtlSetBits(bitmap, 30, 9);
}

static void tests_a_bit(void *bitmap) {
  (void)RtlTestBit(bitmap, 32);
}

static void releases_a_push_lock(void *lock) {
  ExReleasePushLockShared((PEX_PUSH_LOCK)lock);
}

static void takes_a_push_lock(void *lock) {
  ExAcquirePushLockExclusive((PEX_PUSH_LOCK)lock);
}

static void releases_a_resource(void *resource) {
  ExReleaseResourceLite(resource);
}

static void converts_a_resource(void *resource) {
  ExConvertExclusiveToSharedLite(resource);
}

static void releases_a_spin_lock(void *lock) {
  ExReleaseSpinLockSharedFromDpcLevel((PEX_SPIN_LOCK)lock);
}

static void releases_a_fast_mutex(void *mutex) {
  ExReleaseFastMutexUnsafe(mutex);
}

static void detaches_from_a_silo(void *silo) {
  (void)silo;
  PsDetachSiloFromCurrentThread(NULL);
}

static void deletes_a_lookaside_list(void *list) {
  ExDeleteNPagedLookasideList(list);
}

static void frees_a_work_item(void *item) {
  IoFreeWorkItem(item);
}

static void runs_paged_code(void *argument) {
  KIRQL old;

  (void)argument;
  KeRaiseIrql(DISPATCH_LEVEL, &old);
  PAGED_CODE();
  KeLowerIrql(old);
}

/* A call that is over, and whose mark lies above the frames of the next. */
static void call_from_above(SLIST_HEADER *list) {
  InitializeSListHead(list);
}

/* Defends against a report that names the call before: the function that
 * noticed had not said that it was called. */
static void a_report_names_the_call_that_is_wrong(void **state) {
  static ULONG words[1];
  static EX_PUSH_LOCK push_lock;
  static EX_SPIN_LOCK spin_lock;
  static FAST_MUTEX mutex;
  static ERESOURCE resource;
  static NPAGED_LOOKASIDE_LIST lookaside;
  static SLIST_HEADER list;
  static RTL_BITMAP bitmap;
  static const struct {
    const char *call;
    void (*breach)(void *);
    void *argument;
  } cases[] = {
      {"RtlSetBits", sets_bits, &bitmap},
      {"RtlTestBit", tests_a_bit, &bitmap},
      {"ExReleasePushLockShared", releases_a_push_lock, &push_lock},
      {"ExAcquirePushLockExclusive", takes_a_push_lock, &push_lock},
      {"ExReleaseResourceLite", releases_a_resource, &resource},
      {"ExConvertExclusiveToSharedLite", converts_a_resource, &resource},
      {"ExReleaseSpinLockSharedFromDpcLevel", releases_a_spin_lock, &spin_lock},
      {"ExReleaseFastMutexUnsafe", releases_a_fast_mutex, &mutex},
      {"PsDetachSiloFromCurrentThread", detaches_from_a_silo, NULL},
      {"ExDeleteNPagedLookasideList", deletes_a_lookaside_list, &lookaside},
      {"IoFreeWorkItem", frees_a_work_item, &list},
      {"PAGED_CODE", runs_paged_code, NULL},
  };

  (void)state;
  RtlInitializeBitMap(&bitmap, words, 32);
  ExInitializePushLock(&push_lock);
  ExInitializeFastMutex(&mutex);
  assert_int_equal(ExInitializeResourceLite(&resource), STATUS_SUCCESS);
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    const struct uwsk_report *report;

    vf__reset();
    catch_stderr();
    call_from_above(&list);
    cases[i].breach(cases[i].argument);
    release_stderr();
    report = uwsk_verifier_report_at(0);
    assert_non_null(report);
    assert_string_equal(report->call, cases[i].call);
  }
  vf__reset();
  ExReleasePushLockExclusive(&push_lock);
  vf__reset();
  assert_int_equal(ExDeleteResourceLite(&resource), STATUS_SUCCESS);
}

/* Defends against a call that an exception has left, and that stays. */
static void a_call_left_by_an_exception_is_over(void **state) {
  volatile bool raised = false;
  PMDL mdl = IoAllocateMdl((PVOID)(ULONG_PTR)16, 32, FALSE, FALSE, NULL);
  const void *caller;

  (void)state;
  __try {
    MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    raised = true;
  }
  assert_true(raised);
  assert_null(vf__call_around(VF_FRAME(), &caller));
  assert_null(caller);
  IoFreeMdl(mdl);
}

__attribute__((noinline)) static void nest(unsigned depth) {
  VF_ENTER("nest");
  const void *caller;

  if (depth > 0)
    nest(depth - 1);
  assert_string_equal(vf__call_around(VF_FRAME(), &caller), "nest");
}

/* More calls inside each other than there is room for: the outer go. */
static void calls_may_nest_deeply(void **state) {
  const void *caller;

  (void)state;
  nest(0);
  assert_null(vf__call_around(VF_FRAME(), &caller));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      KERNEL_TEST(events_come_back_oldest_first),
      KERNEL_TEST(new_events_overwrite_old_ones),
      KERNEL_TEST(objects_do_not_see_each_others_events),
      KERNEL_TEST(a_run_begins_without_events),
      KERNEL_TEST(several_threads_share_a_ring),
      KERNEL_TEST(an_irps_life_is_remembered),
      KERNEL_TEST(locked_pages_are_remembered_of_their_mdl),
      KERNEL_TEST(a_report_tells_the_objects_history),
      KERNEL_TEST(a_report_in_a_callback_names_the_inner_call),
      KERNEL_TEST(a_report_names_the_call_that_is_wrong),
      KERNEL_TEST(a_call_left_by_an_exception_is_over),
      KERNEL_TEST(calls_may_nest_deeply),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
