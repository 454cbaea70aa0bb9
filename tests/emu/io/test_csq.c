/*
 * Cancel-safe queues. Windows page: Cancel-Safe IRP Queues.
 *
 * The queue is a driver's as the page has it: a list, a spin lock, and IRPs
 * that a device's dispatch routine puts in.
 */
#include "io_test.h"

#include <csq.h>

#include "os/os.h"

static struct queue {
  IO_CSQ csq;
  KSPIN_LOCK lock;
  LIST_ENTRY list;
  int inserts, removes, completed; /* calls of the routines below */
  bool refuses;
  PVOID insert_context;
} queue;

static struct queue *queue_of(PIO_CSQ csq) {
  return CONTAINING_RECORD(csq, struct queue, csq);
}

static IO_CSQ_INSERT_IRP insert;
static VOID NTAPI insert(PIO_CSQ csq, PIRP irp) {
  queue_of(csq)->inserts++;
  InsertTailList(&queue_of(csq)->list, &irp->Tail.Overlay.ListEntry);
}

static IO_CSQ_INSERT_IRP_EX insert_ex;
static NTSTATUS NTAPI insert_ex(PIO_CSQ csq, PIRP irp, PVOID context) {
  queue_of(csq)->insert_context = context;
  if (queue_of(csq)->refuses)
    return STATUS_DEVICE_BUSY;
  insert(csq, irp);
  return STATUS_SUCCESS;
}

static IO_CSQ_REMOVE_IRP remove_irp;
static VOID NTAPI remove_irp(PIO_CSQ csq, PIRP irp) {
  queue_of(csq)->removes++;
  RemoveEntryList(&irp->Tail.Overlay.ListEntry);
}

/* A context means the IRPs with that UserBuffer, none means all. */
static IO_CSQ_PEEK_NEXT_IRP peek;
static PIRP NTAPI peek(PIO_CSQ csq, PIRP irp, PVOID context) {
  PLIST_ENTRY head = &queue_of(csq)->list;
  PLIST_ENTRY entry =
      irp == NULL ? head->Flink : irp->Tail.Overlay.ListEntry.Flink;

  for (; entry != head; entry = entry->Flink) {
    irp = CONTAINING_RECORD(entry, IRP, Tail.Overlay.ListEntry);
    if (context == NULL || irp->UserBuffer == context)
      return irp;
  }
  return NULL;
}

static IO_CSQ_ACQUIRE_LOCK acquire;
static VOID NTAPI acquire(PIO_CSQ csq, PKIRQL irql) {
  KeAcquireSpinLock(&queue_of(csq)->lock, irql);
}

static IO_CSQ_RELEASE_LOCK release;
static VOID NTAPI release(PIO_CSQ csq, KIRQL irql) {
  KeReleaseSpinLock(&queue_of(csq)->lock, irql);
}

static void complete(PIRP irp, NTSTATUS status) {
  irp->IoStatus.Status = status;
  irp->IoStatus.Information = 0;
  IoCompleteRequest(irp, IO_NO_INCREMENT);
}

static IO_CSQ_COMPLETE_CANCELED_IRP complete_cancelled;
static VOID NTAPI complete_cancelled(PIO_CSQ csq, PIRP irp) {
  __atomic_fetch_add(&queue_of(csq)->completed, 1, __ATOMIC_RELAXED);
  complete(irp, STATUS_CANCELLED);
}

static void make_queue(bool ex) {
  RtlZeroMemory(&queue, sizeof(queue));
  InitializeListHead(&queue.list);
  KeInitializeSpinLock(&queue.lock);
  assert_int_equal(ex ? IoCsqInitializeEx(&queue.csq, insert_ex, remove_irp,
                                          peek, acquire, release,
                                          complete_cancelled)
                      : IoCsqInitialize(&queue.csq, insert, remove_irp, peek,
                                        acquire, release, complete_cancelled),
                   STATUS_SUCCESS);
}

/* ---- a device that queues ---------------------------------------------- */

static PDRIVER_OBJECT driver;
static PDEVICE_OBJECT device;
static PIO_CSQ_IRP_CONTEXT wanted_context;
static PVOID wanted_insert_context;

static DRIVER_DISPATCH dispatch;
static NTSTATUS NTAPI dispatch(PDEVICE_OBJECT own, PIRP irp) {
  NTSTATUS status;

  (void)own;
  status =
      IoCsqInsertIrpEx(&queue.csq, irp, wanted_context, wanted_insert_context);
  if (NT_SUCCESS(status))
    return STATUS_PENDING;
  complete(irp, status);
  return status;
}

static int start(void **state) {
  driver = io__create_driver("queue");
  driver->MajorFunction[IRP_MJ_READ] = dispatch;
  wanted_context = NULL;
  wanted_insert_context = NULL;
  make_queue(false);
  assert_int_equal(
      IoCreateDevice(driver, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &device),
      STATUS_SUCCESS);
  return start_clean(state);
}

static int stop(void **state) {
  IoDeleteDevice(device);
  io__delete_driver(driver);
  return end_clean(state);
}

static PIRP send(struct seen *seen, PVOID key, NTSTATUS expected) {
  PIRP irp = own_irp(seen);

  irp->UserBuffer = key;
  IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
  assert_int_equal(IoCallDriver(device, irp), expected);
  return irp;
}

/* ---- one thread -------------------------------------------------------- */

static void irps_come_out_as_they_went_in(void **state) {
  (void)state;
  struct seen seen[3] = {SEEN_OWN, SEEN_OWN, SEEN_OWN};
  PIRP irps[3];

  for (int i = 0; i < 3; i++)
    irps[i] = send(&seen[i], NULL, STATUS_PENDING);
  for (int i = 0; i < 3; i++) {
    assert_ptr_equal(IoCsqRemoveNextIrp(&queue.csq, NULL), irps[i]);
    assert_null(irps[i]->CancelRoutine);
    assert_null(irps[i]->Tail.Overlay.DriverContext[3]);
    complete(irps[i], STATUS_SUCCESS);
    assert_int_equal(seen[i].status, STATUS_SUCCESS);
    assert_true(seen[i].pending_returned);
    IoFreeIrp(irps[i]);
  }
  assert_null(IoCsqRemoveNextIrp(&queue.csq, NULL));
}

static void a_peek_context_chooses(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  int red, blue;
  PIRP irps[3] = {send(&seen, &red, STATUS_PENDING),
                  send(&seen, &blue, STATUS_PENDING),
                  send(&seen, &red, STATUS_PENDING)};

  assert_ptr_equal(IoCsqRemoveNextIrp(&queue.csq, &blue), irps[1]);
  assert_null(IoCsqRemoveNextIrp(&queue.csq, &blue));
  assert_ptr_equal(IoCsqRemoveNextIrp(&queue.csq, &red), irps[0]);
  assert_ptr_equal(IoCsqRemoveNextIrp(&queue.csq, &red), irps[2]);
  for (int i = 0; i < 3; i++) {
    complete(irps[i], STATUS_SUCCESS);
    IoFreeIrp(irps[i]);
  }
}

static void a_context_means_one_irp_once(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  IO_CSQ_IRP_CONTEXT context;
  PIRP first = send(&seen, NULL, STATUS_PENDING), second;

  wanted_context = &context;
  second = send(&seen, NULL, STATUS_PENDING);
  assert_ptr_equal(IoCsqRemoveIrp(&queue.csq, &context), second);
  assert_null(IoCsqRemoveIrp(&queue.csq, &context));
  complete(second, STATUS_SUCCESS);
  assert_ptr_equal(IoCsqRemoveNextIrp(&queue.csq, NULL), first);
  complete(first, STATUS_SUCCESS);
  IoFreeIrp(first);
  IoFreeIrp(second);
}

/* Whoever takes the next IRP may have taken the one a context is of. */
static void a_context_learns_that_its_irp_has_gone(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  IO_CSQ_IRP_CONTEXT context;
  PIRP irp;

  wanted_context = &context;
  irp = send(&seen, NULL, STATUS_PENDING);
  assert_ptr_equal(IoCsqRemoveNextIrp(&queue.csq, NULL), irp);
  assert_null(IoCsqRemoveIrp(&queue.csq, &context));
  complete(irp, STATUS_SUCCESS);
  IoReuseIrp(irp, STATUS_SUCCESS);
  IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
  assert_int_equal(IoCallDriver(device, irp), STATUS_PENDING);
  assert_true(IoCancelIrp(irp));
  assert_null(IoCsqRemoveIrp(&queue.csq, &context));
  IoFreeIrp(irp);
}

static void cancelling_removes_and_completes(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = send(&seen, NULL, STATUS_PENDING);

  assert_true(IoCancelIrp(irp));
  assert_int_equal(seen.calls, 1);
  assert_int_equal(seen.status, STATUS_CANCELLED);
  assert_int_equal(seen.irql, PASSIVE_LEVEL);
  assert_int_equal(queue.removes, 1);
  assert_int_equal(queue.completed, 1);
  assert_true(IsListEmpty(&queue.list));
  assert_int_equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
  IoFreeIrp(irp);
}

/* Page IoCsqInsertIrp: one that has been cancelled is not inserted. */
static void what_was_cancelled_before_is_not_inserted(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  IO_CSQ_IRP_CONTEXT context;
  PIRP irp = own_irp(&seen);

  wanted_context = &context;
  IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_READ;
  assert_false(IoCancelIrp(irp));
  assert_int_equal(IoCallDriver(device, irp), STATUS_PENDING);
  assert_int_equal(seen.status, STATUS_CANCELLED);
  assert_true(seen.pending_returned);
  assert_int_equal(queue.inserts, 0);
  assert_int_equal(queue.completed, 1);
  assert_null(IoCsqRemoveIrp(&queue.csq, &context));
  IoFreeIrp(irp);
}

/* ---- the extended form ------------------------------------------------- */

static void an_extended_queue_gets_the_insert_context(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp;

  make_queue(true);
  wanted_insert_context = &seen;
  irp = send(&seen, NULL, STATUS_PENDING);
  assert_ptr_equal(queue.insert_context, &seen);
  assert_ptr_equal(IoCsqRemoveNextIrp(&queue.csq, NULL), irp);
  /* IoCsqInsertIrp is for both kinds. */
  IoCsqInsertIrp(&queue.csq, irp, NULL);
  assert_null(queue.insert_context);
  assert_true(IoCancelIrp(irp));
  IoFreeIrp(irp);
}

static void a_refused_irp_stays_the_drivers(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  IO_CSQ_IRP_CONTEXT context;
  PIRP irp;

  make_queue(true);
  queue.refuses = true;
  wanted_context = &context;
  irp = send(&seen, NULL, STATUS_DEVICE_BUSY);
  assert_int_equal(seen.status, STATUS_DEVICE_BUSY);
  assert_false(seen.pending_returned);
  assert_null(irp->CancelRoutine);
  assert_null(IoCsqRemoveIrp(&queue.csq, &context));
  IoFreeIrp(irp);
}

/* ---- rules ------------------------------------------------------------- */

static void a_queue_that_is_none_is_reported(void **state) {
  (void)state;
  IO_CSQ none = {.Type = 0};
  IO_CSQ_IRP_CONTEXT context = {0, NULL, NULL};

  BREAKS(VF_IO_CSQ_01, assert_null(IoCsqRemoveNextIrp(&none, NULL)));
  BREAKS(VF_IO_CSQ_01, assert_null(IoCsqRemoveIrp(&none, &context)));
  BREAKS(VF_IO_CSQ_01,
         assert_int_equal(IoCsqInsertIrpEx(&none, NULL, NULL, NULL),
                          STATUS_INVALID_PARAMETER));
}

static void an_irp_with_a_cancel_routine_is_reported(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = send(&seen, NULL, STATUS_PENDING);

  /* As a driver does that forgets to take it out of the list first. */
  RemoveEntryList(&irp->Tail.Overlay.ListEntry);
  BREAKS(VF_IO_CSQ_02, IoCsqInsertIrp(&queue.csq, irp, NULL));
  assert_true(IoCancelIrp(irp));
  assert_int_equal(seen.calls, 1);
  IoFreeIrp(irp);
}

/* ---- races ------------------------------------------------------------- */

#define ROUNDS 300

/* One IRP of a race, and who had it in the end. */
struct racer {
  PIRP irp;
  LONG done; /* completions */
  KEVENT completed;
};

static NTSTATUS note_completed(PDEVICE_OBJECT own, PIRP irp, PVOID context) {
  struct racer *racer = context;

  (void)own, (void)irp;
  __atomic_fetch_add(&racer->done, 1, __ATOMIC_SEQ_CST);
  KeSetEvent(&racer->completed, IO_NO_INCREMENT, FALSE);
  return STATUS_MORE_PROCESSING_REQUIRED;
}

static void prepare(struct racer *racer) {
  KeInitializeEvent(&racer->completed, NotificationEvent, FALSE);
  racer->irp = IoAllocateIrp(1, FALSE);
  IoSetCompletionRoutine(racer->irp, note_completed, racer, TRUE, TRUE, TRUE);
  IoGetNextIrpStackLocation(racer->irp)->MajorFunction = IRP_MJ_READ;
}

static void finish(struct racer *racer) {
  KeWaitForSingleObject(&racer->completed, Executive, KernelMode, FALSE, NULL);
  assert_int_equal(racer->done, 1);
  IoFreeIrp(racer->irp);
}

static void cancel_it(void *argument) {
  IoCancelIrp(((struct racer *)argument)->irp);
}

static void take_next(void *argument) {
  PIRP irp = IoCsqRemoveNextIrp(&queue.csq, NULL);

  (void)argument;
  if (irp != NULL)
    complete(irp, STATUS_SUCCESS);
}

/* An IRP that waits is cancelled and taken at once: one of them has it. */
static void cancel_and_removal_complete_an_irp_once(void **state) {
  (void)state;
  for (int i = 0; i < ROUNDS; i++) {
    struct racer racer = {.done = 0};
    struct os_thread canceller;

    prepare(&racer);
    assert_int_equal(IoCallDriver(device, racer.irp), STATUS_PENDING);
    assert_int_equal(os__thread_start(&canceller, cancel_it, &racer), 0);
    take_next(NULL);
    os__thread_join(&canceller);
    finish(&racer);
    assert_true(IsListEmpty(&queue.list));
  }
}

/* It is cancelled while it goes in: by the canceller, or by who inserts. */
static void cancel_and_insertion_complete_an_irp_once(void **state) {
  (void)state;
  for (int i = 0; i < ROUNDS; i++) {
    struct racer racer = {.done = 0};
    struct os_thread canceller;

    prepare(&racer);
    assert_int_equal(os__thread_start(&canceller, cancel_it, &racer), 0);
    assert_int_equal(IoCallDriver(device, racer.irp), STATUS_PENDING);
    os__thread_join(&canceller);
    finish(&racer);
    assert_true(IsListEmpty(&queue.list));
  }
}

/* Removal by context, by order, and cancelling, of the same IRP. */
static void three_threads_have_an_irp_once(void **state) {
  (void)state;
  for (int i = 0; i < ROUNDS; i++) {
    struct racer racer = {.done = 0};
    struct os_thread canceller, taker;
    IO_CSQ_IRP_CONTEXT context;
    PIRP irp;

    prepare(&racer);
    wanted_context = &context;
    assert_int_equal(IoCallDriver(device, racer.irp), STATUS_PENDING);
    assert_int_equal(os__thread_start(&canceller, cancel_it, &racer), 0);
    assert_int_equal(os__thread_start(&taker, take_next, NULL), 0);
    irp = IoCsqRemoveIrp(&queue.csq, &context);
    if (irp != NULL)
      complete(irp, STATUS_SUCCESS);
    os__thread_join(&canceller);
    os__thread_join(&taker);
    finish(&racer);
  }
}

#define CSQ_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void) {
  const struct CMUnitTest tests[] = {
      CSQ_TEST(irps_come_out_as_they_went_in),
      CSQ_TEST(a_peek_context_chooses),
      CSQ_TEST(a_context_means_one_irp_once),
      CSQ_TEST(a_context_learns_that_its_irp_has_gone),
      CSQ_TEST(cancelling_removes_and_completes),
      CSQ_TEST(what_was_cancelled_before_is_not_inserted),
      CSQ_TEST(an_extended_queue_gets_the_insert_context),
      CSQ_TEST(a_refused_irp_stays_the_drivers),
      CSQ_TEST(a_queue_that_is_none_is_reported),
      CSQ_TEST(an_irp_with_a_cancel_routine_is_reported),
      CSQ_TEST(cancel_and_removal_complete_an_irp_once),
      CSQ_TEST(cancel_and_insertion_complete_an_irp_once),
      CSQ_TEST(three_threads_have_an_irp_once),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
