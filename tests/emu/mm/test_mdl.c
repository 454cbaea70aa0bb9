/* MDLs: flags and sizes as NT has them, and what a client can do wrong. */
#include <ntddk.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mm/mdl_walk.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

static char *page; /* two pages of pool */

/* The statement is reported once under the rule and under no other. */
#define BREAKS(rule, statement)                                                \
  do {                                                                         \
    vf__reset();                                                               \
    vf__quiet(1);                                                              \
    statement;                                                                 \
    vf__quiet(0);                                                              \
    assert_int_equal(vf__count(rule), 1);                                      \
    assert_int_equal(vf__count(VF_RULE_COUNT), 1);                             \
    vf__reset();                                                               \
  } while (0)

static int start(void **state) {
  (void)state;
  vf__reset();
  page = ExAllocatePoolZero(NonPagedPoolNx, 2 * PAGE_SIZE, 'ldMT');
  return page == NULL;
}

static int end(void **state) {
  (void)state;
  ExFreePoolWithTag(page, 'ldMT');
  return vf__count(VF_RULE_COUNT) != 0 || ob__print_left() != 0;
}

/* ---- making ------------------------------------------------------------ */

static void a_new_mdl_describes_its_buffer(void **state) {
  (void)state;
  PMDL mdl = IoAllocateMdl(page + 100, PAGE_SIZE, FALSE, FALSE, NULL);

  assert_non_null(mdl);
  assert_null(mdl->Next);
  assert_ptr_equal(mdl->StartVa, page);
  assert_int_equal(mdl->ByteOffset, 100);
  assert_int_equal(mdl->ByteCount, PAGE_SIZE);
  assert_int_equal(mdl->Size, sizeof(MDL) + 2 * sizeof(PFN_NUMBER));
  assert_int_equal(mdl->MdlFlags, MDL_ALLOCATED_FIXED_SIZE);
  assert_ptr_equal(MmGetMdlVirtualAddress(mdl), page + 100);
  assert_int_equal(ob__count(OB_MDL), 1);
  IoFreeMdl(mdl);
  assert_int_equal(ob__count(OB_MDL), 0);
}

/* Room for one page frame number per page the buffer touches. */
static void the_size_counts_the_pages_touched(void **state) {
  (void)state;
  const size_t one = sizeof(PFN_NUMBER);

  assert_int_equal(MmSizeOfMdl(page, 0), sizeof(MDL));
  assert_int_equal(MmSizeOfMdl(page, 1), sizeof(MDL) + one);
  assert_int_equal(MmSizeOfMdl(page, PAGE_SIZE), sizeof(MDL) + one);
  assert_int_equal(MmSizeOfMdl(page + 1, PAGE_SIZE), sizeof(MDL) + 2 * one);
  assert_int_equal(MmSizeOfMdl(page + PAGE_SIZE - 1, 2), sizeof(MDL) + 2 * one);
}

static void an_irp_gets_its_mdls_in_a_chain(void **state) {
  (void)state;
  PIRP irp = IoAllocateIrp(1, FALSE);
  PMDL first = IoAllocateMdl(page, 1, FALSE, FALSE, irp);
  PMDL second = IoAllocateMdl(page, 2, TRUE, FALSE, irp);
  PMDL third = IoAllocateMdl(page, 3, TRUE, FALSE, irp);

  assert_ptr_equal(irp->MdlAddress, first);
  assert_ptr_equal(first->Next, second);
  assert_ptr_equal(second->Next, third);
  assert_null(third->Next);
  IoFreeMdl(first);
  IoFreeMdl(second);
  IoFreeMdl(third);
  IoFreeIrp(irp);
}

static void without_memory_or_too_long_there_is_no_mdl(void **state) {
  (void)state;
  PIRP irp = IoAllocateIrp(1, FALSE);

  os__alloc_fail_nth(1);
  assert_null(IoAllocateMdl(page, 10, FALSE, FALSE, irp));
  assert_true(os__alloc_fault_fired());
  assert_null(irp->MdlAddress);
  assert_null(IoAllocateMdl(page, 0xFFFFFFFF, FALSE, FALSE, NULL));
  IoFreeIrp(irp);
}

/* ---- nonpaged memory --------------------------------------------------- */

static void nonpaged_memory_is_mapped_as_it_is(void **state) {
  (void)state;
  PMDL mdl = IoAllocateMdl(page + 100, PAGE_SIZE, FALSE, FALSE, NULL);

  MmBuildMdlForNonPagedPool(mdl);
  assert_int_equal(mdl->MdlFlags,
                   MDL_ALLOCATED_FIXED_SIZE | MDL_SOURCE_IS_NONPAGED_POOL);
  assert_ptr_equal(mdl->MappedSystemVa, page + 100);
  assert_ptr_equal(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority),
                   page + 100);
  assert_int_equal(MmGetMdlPfnArray(mdl)[0], (ULONG_PTR)page >> PAGE_SHIFT);
  assert_int_equal(MmGetMdlPfnArray(mdl)[1],
                   ((ULONG_PTR)page >> PAGE_SHIFT) + 1);
  assert_int_equal(ob__count(OB_LOCKED_PAGES), 0);
  IoFreeMdl(mdl);
}

/* Client practice 6: MDL, IRP and event on the stack. */
static void an_mdl_in_the_clients_memory_works(void **state) {
  (void)state;
  struct {
    MDL mdl;
    PFN_NUMBER frames[2];
    UCHAR fence[16];
  } own;

  memset(&own, 0xAA, sizeof(own));
  MmInitializeMdl(&own.mdl, page + 1, PAGE_SIZE);
  MmBuildMdlForNonPagedPool(&own.mdl);
  assert_ptr_equal(MmGetSystemAddressForMdlSafe(&own.mdl, 0), page + 1);
  for (int i = 0; i < 16; i++)
    assert_int_equal(own.fence[i], 0xAA);
  MmInitializeMdl(&own.mdl, page, PAGE_SIZE);
  MmProbeAndLockPages(&own.mdl, KernelMode, IoWriteAccess);
  MmUnlockPages(&own.mdl);
}

/* ---- locking ----------------------------------------------------------- */

static NTSTATUS lock(PMDL mdl, LOCK_OPERATION operation) {
  volatile NTSTATUS status = STATUS_SUCCESS;

  __try {
    MmProbeAndLockPages(mdl, KernelMode, operation);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    status = GetExceptionCode();
  }
  return status;
}

static void locking_mapping_and_unlocking_set_nts_flags(void **state) {
  (void)state;
  PMDL mdl = IoAllocateMdl(page + 8, 50, FALSE, FALSE, NULL);
  const int fixed = MDL_ALLOCATED_FIXED_SIZE;

  assert_int_equal(lock(mdl, IoModifyAccess), STATUS_SUCCESS);
  assert_int_equal(mdl->MdlFlags,
                   fixed | MDL_PAGES_LOCKED | MDL_WRITE_OPERATION);
  assert_int_equal(ob__count(OB_LOCKED_PAGES), 1);
  assert_ptr_equal(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority),
                   page + 8);
  assert_int_equal(mdl->MdlFlags, fixed | MDL_PAGES_LOCKED |
                                      MDL_WRITE_OPERATION |
                                      MDL_MAPPED_TO_SYSTEM_VA);
  MmUnlockPages(mdl);
  assert_int_equal(mdl->MdlFlags, fixed);
  assert_int_equal(ob__count(OB_LOCKED_PAGES), 0);
  assert_int_equal(lock(mdl, IoReadAccess), STATUS_SUCCESS);
  assert_int_equal(mdl->MdlFlags, fixed | MDL_PAGES_LOCKED);
  MmUnlockPages(mdl);
  IoFreeMdl(mdl);
}

/* Memory that may not be written, and memory that is not there: the probe
 * looks, raises, and locks nothing. */
static const char constant[3 * PAGE_SIZE] = {1};

static void locking_bad_memory_raises_access_violation(void **state) {
  (void)state;
  PMDL null = IoAllocateMdl(NULL, 10, FALSE, FALSE, NULL);
  PMDL wild =
      IoAllocateMdl((PVOID)(ULONG_PTR)0x7000DEAD0000, 10, FALSE, FALSE, NULL);
  PMDL readonly =
      IoAllocateMdl((PVOID)(constant + PAGE_SIZE), 10, FALSE, FALSE, NULL);

  assert_int_equal(lock(null, IoReadAccess), STATUS_ACCESS_VIOLATION);
  assert_int_equal(lock(wild, IoReadAccess), STATUS_ACCESS_VIOLATION);
  assert_int_equal(lock(readonly, IoWriteAccess), STATUS_ACCESS_VIOLATION);
  assert_int_equal(lock(readonly, IoModifyAccess), STATUS_ACCESS_VIOLATION);
  assert_int_equal(readonly->MdlFlags, MDL_ALLOCATED_FIXED_SIZE);
  assert_int_equal(ob__count(OB_LOCKED_PAGES), 0);
  assert_int_equal(lock(readonly, IoReadAccess), STATUS_SUCCESS);
  MmUnlockPages(readonly);
  IoFreeMdl(null);
  IoFreeMdl(wild);
  IoFreeMdl(readonly);
}

/* Only the last page of the range is bad. */
static void every_page_of_the_range_is_probed(void **state) {
  (void)state;
  PMDL mdl = IoAllocateMdl((PVOID) ~(ULONG_PTR)0, 10, FALSE, FALSE, NULL);

  assert_int_equal(lock(mdl, IoReadAccess), STATUS_ACCESS_VIOLATION);
  IoFreeMdl(mdl);
  mdl = IoAllocateMdl(page, 0xF0000000, FALSE, FALSE, NULL);
  assert_int_equal(lock(mdl, IoReadAccess), STATUS_ACCESS_VIOLATION);
  IoFreeMdl(mdl);
}

/* The one allocation of locking, its ledger record, may fail. */
static void without_memory_locking_raises_insufficient_resources(void **state) {
  (void)state;
  PMDL mdls[64];
  NTSTATUS status = STATUS_SUCCESS;
  int count = 0;

  for (int i = 0; i < 64; i++)
    mdls[i] = IoAllocateMdl(page, 10, FALSE, FALSE, NULL);
  os__alloc_fail_nth(1);
  while (count < 64 && NT_SUCCESS(status = lock(mdls[count], IoReadAccess)))
    count++;
  assert_true(os__alloc_fault_fired());
  assert_int_equal(status, STATUS_INSUFFICIENT_RESOURCES);
  assert_int_equal(mdls[count]->MdlFlags, MDL_ALLOCATED_FIXED_SIZE);
  for (int i = 0; i < 64; i++) {
    if (i < count)
      MmUnlockPages(mdls[i]);
    IoFreeMdl(mdls[i]);
  }
}

static void user_mappings_leave_no_mark(void **state) {
  (void)state;
  PMDL mdl = IoAllocateMdl(page, 10, FALSE, FALSE, NULL);

  lock(mdl, IoReadAccess);
  assert_ptr_equal(MmMapLockedPagesSpecifyCache(mdl, UserMode, MmCached, NULL,
                                                FALSE, NormalPagePriority),
                   page);
  assert_false(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
  assert_ptr_equal(MmMapLockedPages(mdl, KernelMode), page);
  assert_true(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
  MmUnmapLockedPages(page, mdl);
  assert_false(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
  assert_true(mdl->MdlFlags & MDL_PAGES_LOCKED);
  MmUnlockPages(mdl);
  IoFreeMdl(mdl);
}

/* ---- partial MDLs ------------------------------------------------------ */

static void a_partial_mdl_describes_a_part_of_nonpaged_memory(void **state) {
  (void)state;
  PMDL source = IoAllocateMdl(page, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
  PMDL target = IoAllocateMdl(page, 2 * PAGE_SIZE, FALSE, FALSE, NULL);

  MmBuildMdlForNonPagedPool(source);
  IoBuildPartialMdl(source, target, page + PAGE_SIZE + 3, 20);
  assert_ptr_equal(MmGetMdlVirtualAddress(target), page + PAGE_SIZE + 3);
  assert_int_equal(target->ByteCount, 20);
  assert_true(target->MdlFlags & MDL_PARTIAL);
  assert_true(mm__mdl_is_resident(target));
  assert_ptr_equal(MmGetSystemAddressForMdlSafe(target, 0),
                   page + PAGE_SIZE + 3);
  assert_int_equal(MmGetMdlPfnArray(target)[0], MmGetMdlPfnArray(source)[1]);
  MmPrepareMdlForReuse(target);
  IoBuildPartialMdl(source, target, page + 10, 0); /* the rest */
  assert_int_equal(target->ByteCount, 2 * PAGE_SIZE - 10);
  IoFreeMdl(target);
  IoFreeMdl(source);
}

/* Not mapped yet: the part gets a mapping of its own and gives it back. */
static void a_part_of_locked_pages_is_mapped_and_prepared_again(void **state) {
  (void)state;
  PMDL source = IoAllocateMdl(page, PAGE_SIZE, FALSE, FALSE, NULL);
  PMDL target = IoAllocateMdl(page, PAGE_SIZE, FALSE, FALSE, NULL);

  lock(source, IoWriteAccess);
  IoBuildPartialMdl(source, target, page + 10, 20);
  assert_int_equal(target->MdlFlags, MDL_ALLOCATED_FIXED_SIZE | MDL_PARTIAL);
  assert_ptr_equal(MmGetSystemAddressForMdlSafe(target, 0), page + 10);
  assert_true(target->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED);
  MmPrepareMdlForReuse(target);
  assert_false(target->MdlFlags &
               (MDL_PARTIAL_HAS_BEEN_MAPPED | MDL_MAPPED_TO_SYSTEM_VA));
  MmUnlockPages(source);
  IoFreeMdl(target);
  IoFreeMdl(source);
}

/* A 32 MB buffer has more pages than MDL.Size can say. */
static void a_part_of_a_large_buffer_fits(void **state) {
  (void)state;
  const ULONG size = 32 << 20;
  char *large = ExAllocatePoolWithTag(NonPagedPool, size, 'ldMT');
  PMDL source = IoAllocateMdl(large, size, FALSE, FALSE, NULL);
  PMDL target = IoAllocateMdl(large, size, FALSE, FALSE, NULL);

  assert_int_equal(source->MdlFlags, 0);
  MmBuildMdlForNonPagedPool(source);
  IoBuildPartialMdl(source, target, large + 5, size - 5);
  assert_int_equal(target->ByteCount, size - 5);
  IoFreeMdl(target);
  IoFreeMdl(source);
  ExFreePoolWithTag(large, 'ldMT');
}

/* ---- what a client can do wrong ---------------------------------------- */

static void freeing_an_mdl_twice_or_a_foreign_one_is_reported(void **state) {
  (void)state;
  MDL own;
  PMDL mdl = IoAllocateMdl(page, 10, FALSE, FALSE, NULL);

  IoFreeMdl(mdl);
  BREAKS(VF_MM_MDL_01, IoFreeMdl(mdl));
  MmInitializeMdl(&own, page, 0);
  BREAKS(VF_MM_MDL_01, IoFreeMdl(&own));
  BREAKS(VF_MM_MDL_01, IoFreeMdl(NULL));
}

static void freeing_a_locked_mdl_is_reported(void **state) {
  (void)state;
  PMDL mdl = IoAllocateMdl(page, 10, FALSE, FALSE, NULL);

  lock(mdl, IoReadAccess);
  BREAKS(VF_MM_MDL_02, IoFreeMdl(mdl));
  assert_int_equal(ob__count(OB_LOCKED_PAGES), 0);
}

static void locking_or_building_a_locked_mdl_is_reported(void **state) {
  (void)state;
  PMDL mdl = IoAllocateMdl(page, 10, FALSE, FALSE, NULL);

  lock(mdl, IoReadAccess);
  BREAKS(VF_MM_MDL_03, MmProbeAndLockPages(mdl, KernelMode, IoReadAccess));
  BREAKS(VF_MM_MDL_03, MmBuildMdlForNonPagedPool(mdl));
  assert_int_equal(ob__count(OB_LOCKED_PAGES), 1);
  MmUnlockPages(mdl);
  MmBuildMdlForNonPagedPool(mdl);
  BREAKS(VF_MM_MDL_03, MmProbeAndLockPages(mdl, KernelMode, IoReadAccess));
  IoFreeMdl(mdl);
}

/* Client practice, mistake 5, the other way round. */
static void unlocking_what_is_not_locked_is_reported(void **state) {
  (void)state;
  PMDL mdl = IoAllocateMdl(page, 10, FALSE, FALSE, NULL);

  BREAKS(VF_MM_MDL_04, MmUnlockPages(mdl));
  lock(mdl, IoReadAccess);
  MmUnlockPages(mdl);
  BREAKS(VF_MM_MDL_04, MmUnlockPages(mdl));
  MmBuildMdlForNonPagedPool(mdl);
  BREAKS(VF_MM_MDL_04, MmUnlockPages(mdl));
  IoFreeMdl(mdl);
}

static void mapping_what_is_not_locked_is_reported(void **state) {
  (void)state;
  PMDL mdl = IoAllocateMdl(page, 10, FALSE, FALSE, NULL);
  PVOID address = page;

  BREAKS(VF_MM_MDL_05, address = MmGetSystemAddressForMdlSafe(mdl, 0));
  assert_null(address);
  BREAKS(VF_MM_MDL_06, MmUnmapLockedPages(page, mdl));
  lock(mdl, IoReadAccess);
  BREAKS(VF_MM_MDL_06, MmUnmapLockedPages(page + 1, mdl));
  MmUnlockPages(mdl);
  IoFreeMdl(mdl);
}

static void a_part_that_is_none_is_reported(void **state) {
  (void)state;
  PMDL source = IoAllocateMdl(page, PAGE_SIZE, FALSE, FALSE, NULL);
  PMDL target = IoAllocateMdl(page, 0, FALSE, FALSE, NULL);

  BREAKS(VF_MM_MDL_07, IoBuildPartialMdl(source, target, page, 10));
  MmBuildMdlForNonPagedPool(source);
  BREAKS(VF_MM_MDL_07, IoBuildPartialMdl(source, target, page, 10));
  IoFreeMdl(target);
  target = IoAllocateMdl(page, PAGE_SIZE, FALSE, FALSE, NULL);
  BREAKS(VF_MM_MDL_07, IoBuildPartialMdl(source, target, page + 10, PAGE_SIZE));
  BREAKS(VF_MM_MDL_07, IoBuildPartialMdl(source, target, page - 1, 10));
  assert_int_equal(target->ByteCount, PAGE_SIZE);
  IoBuildPartialMdl(source, target, page + 10, PAGE_SIZE - 10);
  IoFreeMdl(target);
  IoFreeMdl(source);
}

#define MDL_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      MDL_TEST(a_new_mdl_describes_its_buffer),
      MDL_TEST(the_size_counts_the_pages_touched),
      MDL_TEST(an_irp_gets_its_mdls_in_a_chain),
      MDL_TEST(without_memory_or_too_long_there_is_no_mdl),
      MDL_TEST(nonpaged_memory_is_mapped_as_it_is),
      MDL_TEST(an_mdl_in_the_clients_memory_works),
      MDL_TEST(locking_mapping_and_unlocking_set_nts_flags),
      MDL_TEST(locking_bad_memory_raises_access_violation),
      MDL_TEST(every_page_of_the_range_is_probed),
      MDL_TEST(without_memory_locking_raises_insufficient_resources),
      MDL_TEST(user_mappings_leave_no_mark),
      MDL_TEST(a_partial_mdl_describes_a_part_of_nonpaged_memory),
      MDL_TEST(a_part_of_locked_pages_is_mapped_and_prepared_again),
      MDL_TEST(a_part_of_a_large_buffer_fits),
      MDL_TEST(freeing_an_mdl_twice_or_a_foreign_one_is_reported),
      MDL_TEST(freeing_a_locked_mdl_is_reported),
      MDL_TEST(locking_or_building_a_locked_mdl_is_reported),
      MDL_TEST(unlocking_what_is_not_locked_is_reported),
      MDL_TEST(mapping_what_is_not_locked_is_reported),
      MDL_TEST(a_part_that_is_none_is_reported),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
