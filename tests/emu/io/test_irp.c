/* Making, initialising, reusing and freeing IRPs. */
#include "io_test.h"

#include <string.h>

#include "os/os.h"

/* Defends against fields that IoAllocateIrp forgets: a client's first look at a
 * new IRP sees what NT shows. */
static void a_new_irp_is_zero_but_for_what_it_says_of_itself(void **state) {
  (void)state;
  PIRP irp = IoAllocateIrp(3, FALSE);

  assert_non_null(irp);
  assert_int_equal((ULONG_PTR)irp % 16, 0);
  assert_int_equal(irp->Type, IO_TYPE_IRP);
  assert_int_equal(irp->Size, IoSizeOfIrp(3));
  assert_int_equal(irp->StackCount, 3);
  assert_int_equal(irp->CurrentLocation, 4);
  assert_ptr_equal(IoGetCurrentIrpStackLocation(irp),
                   (PIO_STACK_LOCATION)(irp + 1) + 3);
  assert_true(IsListEmpty(&irp->ThreadListEntry));
  assert_int_equal(irp->AllocationFlags, 0);
  assert_null(irp->CancelRoutine);
  assert_false(irp->Cancel);
  assert_false(irp->PendingReturned);
  for (int i = 0; i < 3; i++) {
    static const IO_STACK_LOCATION zero;

    assert_memory_equal((PIO_STACK_LOCATION)(irp + 1) + i, &zero, sizeof(zero));
  }
  IoFreeIrp(irp);
}

/* Defends against stale contents when memory is recycled. */
static void a_recycled_irp_is_as_good_as_new(void **state) {
  (void)state;
  for (int i = 0; i < 100; i++) {
    PIRP irp = IoAllocateIrp(1, FALSE);

    assert_null(IoGetNextIrpStackLocation(irp)->CompletionRoutine);
    assert_int_equal(irp->IoStatus.Status, 0);
    memset(irp + 1, 0xEE, sizeof(IO_STACK_LOCATION));
    irp->IoStatus.Status = STATUS_CANCELLED;
    irp->UserBuffer = irp;
    IoFreeIrp(irp);
  }
}

static void quota_is_written_down_as_on_windows(void **state) {
  (void)state;
  PIRP irp = IoAllocateIrp(1, TRUE);

  assert_int_equal(irp->AllocationFlags, IRP_QUOTA_CHARGED);
  IoReuseIrp(irp, STATUS_SUCCESS);
  assert_int_equal(irp->AllocationFlags, IRP_QUOTA_CHARGED);
  IoFreeIrp(irp);
}

/* The packet is the client's and ends where the client says: defends against
 * bookkeeping of ours behind it. */
static void initialize_writes_the_packet_and_nothing_else(void **state) {
  (void)state;
  union {
    IRP irp;
    UCHAR bytes[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
  } own;
  UCHAR fence[2][64];
  struct {
    UCHAR before[64];
    union {
      IRP irp;
      UCHAR bytes[sizeof(IRP) + sizeof(IO_STACK_LOCATION)];
    } packet;
    UCHAR after[64];
  } framed;

  memset(&own, 0xAA, sizeof(own));
  IoInitializeIrp(&own.irp, sizeof(own.bytes), 1);
  assert_int_equal(own.irp.Size, IoSizeOfIrp(1));
  assert_int_equal(own.irp.CurrentLocation, 2);
  assert_null(IoGetNextIrpStackLocation(&own.irp)->CompletionRoutine);

  memset(fence, 0xAA, sizeof(fence));
  memset(&framed, 0xAA, sizeof(framed));
  IoInitializeIrp(&framed.packet.irp, sizeof(framed.packet.bytes), 1);
  assert_memory_equal(framed.before, fence[0], 64);
  assert_memory_equal(framed.after, fence[1], 64);
}

static void a_packet_on_pool_works_and_can_be_cleaned_up(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = ExAllocatePoolWithTag(NonPagedPool, IoSizeOfIrp(1), 'pIsT');

  IoInitializeIrp(irp, IoSizeOfIrp(1), 1);
  IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
  io__complete(irp, STATUS_SUCCESS, 7);
  assert_int_equal(seen.calls, 1);
  assert_int_equal(seen.information, 7);
  IoCleanupIrp(irp);
  ExFreePoolWithTag(irp, 'pIsT');
}

static void a_packet_too_small_for_its_locations_is_reported(void **state) {
  (void)state;
  UCHAR bytes[sizeof(IRP) + 2 * sizeof(IO_STACK_LOCATION)]
      __attribute__((aligned(16)));

  IoInitializeIrp((PIRP)bytes, IoSizeOfIrp(2), 2);
  BREAKS(VF_IO_INIT_01, IoInitializeIrp((PIRP)bytes, IoSizeOfIrp(1), 2));
}

/* Defends against an IoReuseIrp that keeps the old completion routine, the old
 * Cancel or PendingReturned. */
static void reuse_forgets_everything_but_how_it_was_allocated(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = own_irp(&seen);

  assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
  IoMarkIrpPending(irp);
  IoCancelIrp(irp);
  io__complete(irp, STATUS_CANCELLED, 0);
  assert_true(irp->Cancel);
  assert_true(irp->PendingReturned);
  IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
  assert_int_equal(irp->IoStatus.Status, STATUS_UNSUCCESSFUL);
  assert_false(irp->Cancel);
  assert_false(irp->PendingReturned);
  assert_int_equal(irp->CurrentLocation, 2);
  assert_null(IoGetNextIrpStackLocation(irp)->CompletionRoutine);
  assert_int_equal(IoGetNextIrpStackLocation(irp)->Control, 0);
  IoFreeIrp(irp);
}

static void an_irp_serves_many_requests_after_reuse(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = own_irp(&seen);

  for (int i = 1; i <= 1000; i++) {
    assert_int_equal(io__prepare(irp, NULL, "test"), STATUS_SUCCESS);
    io__complete(irp, STATUS_SUCCESS, (ULONG_PTR)i);
    assert_int_equal(seen.calls, i);
    IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
    IoSetCompletionRoutine(irp, look, &seen, TRUE, TRUE, TRUE);
  }
  IoFreeIrp(irp);
}

/* ---- what a client can do wrong ---------------------------------------- */

/* IRP-10, and the pending IRP is left as it is. */
static void reuse_of_a_pending_irp_is_reported_and_refused(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = own_irp(&seen);

  io__prepare(irp, NULL, "test");
  IoMarkIrpPending(irp);
  BREAKS(VF_IRP_10, IoReuseIrp(irp, STATUS_SUCCESS));
  io__complete(irp, STATUS_SUCCESS, 5);
  assert_int_equal(seen.calls, 1);
  assert_int_equal(seen.information, 5);
  IoFreeIrp(irp);
}

/* IRP-11: the provider still completes it; the memory is there until then. */
static void freeing_a_pending_irp_is_reported_and_refused(void **state) {
  (void)state;
  struct seen seen = SEEN_OWN;
  PIRP irp = own_irp(&seen);

  io__prepare(irp, NULL, "test");
  BREAKS(VF_IRP_11, IoFreeIrp(irp));
  BREAKS(VF_IRP_11, IoCleanupIrp(irp));
  io__complete(irp, STATUS_SUCCESS, 0);
  assert_int_equal(seen.calls, 1);
  IoFreeIrp(irp);
}

static void freeing_an_irp_twice_is_reported(void **state) {
  (void)state;
  PIRP irp = IoAllocateIrp(1, FALSE);

  IoFreeIrp(irp);
  BREAKS(VF_IO_FREE_01, IoFreeIrp(irp));
}

/* IRP-14. Defends against reading a record in front of memory that is not
 * ours (AddressSanitizer would see it). */
static void freeing_an_irp_that_was_not_allocated_is_reported(void **state) {
  (void)state;
  IRP own;
  char *pool = ExAllocatePoolWithTag(NonPagedPool, IoSizeOfIrp(1), 'pIsT');

  IoInitializeIrp(&own, sizeof(own), 0);
  BREAKS(VF_IRP_14, IoFreeIrp(&own));
  BREAKS(VF_IRP_14, IoFreeIrp((PIRP)pool));
  BREAKS(VF_IRP_14, IoFreeIrp(NULL));
  BREAKS(VF_IRP_14, IoFreeIrp((PIRP)(ULONG_PTR)0x1230));
  ExFreePool(pool);
}

/* ---- the ledger and faults --------------------------------------------- */

static void an_irp_is_in_the_ledger_while_it_lives(void **state) {
  (void)state;
  size_t before = ob__count(OB_IRP);
  PIRP a = IoAllocateIrp(1, FALSE);
  PIRP b = IoAllocateIrp(9, FALSE);

  assert_int_equal(ob__count(OB_IRP), before + 2);
  assert_string_equal(ob__find(OB_IRP, a)->call, "IoAllocateIrp");
  IoFreeIrp(b);
  IoFreeIrp(a);
  assert_int_equal(ob__count(OB_IRP), before);
}

static void without_memory_there_is_no_irp_and_no_record(void **state) {
  (void)state;
  io__drain_irp_cache();
  os__alloc_fail_nth(1);
  assert_null(IoAllocateIrp(1, FALSE));
  assert_true(os__alloc_fault_fired());
  assert_int_equal(ob__count(OB_IRP), 0);
}

static void stack_sizes_that_do_not_fit_a_char_get_no_irp(void **state) {
  (void)state;
  assert_null(IoAllocateIrp(127, FALSE));
  assert_null(IoAllocateIrp((CCHAR)-1, FALSE));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      IO_TEST(a_new_irp_is_zero_but_for_what_it_says_of_itself),
      IO_TEST(a_recycled_irp_is_as_good_as_new),
      IO_TEST(quota_is_written_down_as_on_windows),
      IO_TEST(initialize_writes_the_packet_and_nothing_else),
      IO_TEST(a_packet_on_pool_works_and_can_be_cleaned_up),
      IO_TEST(a_packet_too_small_for_its_locations_is_reported),
      IO_TEST(reuse_forgets_everything_but_how_it_was_allocated),
      IO_TEST(an_irp_serves_many_requests_after_reuse),
      IO_TEST(reuse_of_a_pending_irp_is_reported_and_refused),
      IO_TEST(freeing_a_pending_irp_is_reported_and_refused),
      IO_TEST(freeing_an_irp_twice_is_reported),
      IO_TEST(freeing_an_irp_that_was_not_allocated_is_reported),
      IO_TEST(an_irp_is_in_the_ledger_while_it_lives),
      IO_TEST(without_memory_there_is_no_irp_and_no_record),
      IO_TEST(stack_sizes_that_do_not_fit_a_char_get_no_irp),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
