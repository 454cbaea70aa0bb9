/*
 * Mistakes with MDLs.
 */
#include <ntddk.h>

#include "zoo.h"

#define ZOO_TAG 'ooZu'

static PUCHAR Buffer; /* a page of nonpaged pool */

static PMDL NewMdl(VOID) {
  PMDL Mdl;

  Buffer = ExAllocatePool2(POOL_FLAG_NON_PAGED, PAGE_SIZE, ZOO_TAG);
  if (!CHECK(Buffer != NULL))
    return NULL;
  Mdl = IoAllocateMdl(Buffer, PAGE_SIZE, FALSE, FALSE, NULL);
  if (!CHECK(Mdl != NULL))
    ExFreePoolWithTag(Buffer, ZOO_TAG);
  return Mdl;
}

static VOID FreeMdl(PMDL Mdl) {
  IoFreeMdl(Mdl);
  ExFreePoolWithTag(Buffer, ZOO_TAG);
}

static BOOLEAN LockMdl(PMDL Mdl) {
  __try {
    MmProbeAndLockPages(Mdl, KernelMode, IoWriteAccess);
  } __except (EXCEPTION_EXECUTE_HANDLER) {
    return CHECK(FALSE);
  }
  return TRUE;
}

/* ---- its life -------------------------------------------------------- */

static VOID frees_an_mdl_twice(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL);
  MmBuildMdlForNonPagedPool(Mdl);
  IoFreeMdl(Mdl);
  FreeMdl(Mdl);
}

static VOID frees_an_mdl_once(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL);
  MmBuildMdlForNonPagedPool(Mdl);
  FreeMdl(Mdl);
}

static VOID frees_an_mdl_that_is_locked(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL && LockMdl(Mdl));
  FreeMdl(Mdl);
}

static VOID unlocks_an_mdl_before_it_frees_it(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL && LockMdl(Mdl));
  MmUnlockPages(Mdl);
  FreeMdl(Mdl);
}

/* Nonpaged pool stays where it is. It needs no lock, and takes none. */
static VOID locks_nonpaged_pool(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL);
  MmBuildMdlForNonPagedPool(Mdl);
  LockMdl(Mdl);
  FreeMdl(Mdl);
}

static VOID builds_an_mdl_for_nonpaged_pool(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL);
  MmBuildMdlForNonPagedPool(Mdl);
  FreeMdl(Mdl);
}

static VOID unlocks_nonpaged_pool(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL);
  MmBuildMdlForNonPagedPool(Mdl);
  MmUnlockPages(Mdl);
  FreeMdl(Mdl);
}

static VOID unlocks_what_it_locked(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL && LockMdl(Mdl));
  MmUnlockPages(Mdl);
  FreeMdl(Mdl);
}

/* ---- mapping --------------------------------------------------------- */

static VOID maps_an_mdl_that_describes_nothing_yet(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL);
  CHECK(MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority) == NULL);
  FreeMdl(Mdl);
}

static VOID maps_an_mdl_that_is_locked(VOID) {
  PMDL Mdl = NewMdl();

  REQUIRE(Mdl != NULL && LockMdl(Mdl));
  CHECK(MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority) != NULL);
  MmUnlockPages(Mdl);
  FreeMdl(Mdl);
}

/* It has moved on in the buffer, and forgotten where that began. */
static VOID unmaps_another_address(VOID) {
  PMDL Mdl = NewMdl();
  PUCHAR Address;

  REQUIRE(Mdl != NULL && LockMdl(Mdl));
  Address = MmMapLockedPagesSpecifyCache(Mdl, KernelMode, MmCached, NULL, FALSE,
                                         NormalPagePriority);
  if (CHECK(Address != NULL))
    MmUnmapLockedPages(Address + 16, Mdl);
  MmUnlockPages(Mdl);
  FreeMdl(Mdl);
}

static VOID unmaps_the_address_it_got(VOID) {
  PMDL Mdl = NewMdl();
  PUCHAR Address;

  REQUIRE(Mdl != NULL && LockMdl(Mdl));
  Address = MmMapLockedPagesSpecifyCache(Mdl, KernelMode, MmCached, NULL, FALSE,
                                         NormalPagePriority);
  if (CHECK(Address != NULL))
    MmUnmapLockedPages(Address, Mdl);
  MmUnlockPages(Mdl);
  FreeMdl(Mdl);
}

/* ---- parts ----------------------------------------------------------- */

static VOID BuildPart(ULONG Offset, ULONG Length) {
  PMDL Mdl = NewMdl();
  PMDL Part;

  REQUIRE(Mdl != NULL);
  MmBuildMdlForNonPagedPool(Mdl);
  Part = IoAllocateMdl(Buffer, PAGE_SIZE, FALSE, FALSE, NULL);
  if (CHECK(Part != NULL)) {
    IoBuildPartialMdl(Mdl, Part, Buffer + Offset, Length);
    IoFreeMdl(Part);
  }
  FreeMdl(Mdl);
}

static VOID makes_a_part_that_ends_behind_the_whole(VOID) {
  BuildPart(100, PAGE_SIZE);
}

static VOID makes_a_part_that_ends_in_the_whole(VOID) {
  BuildPart(100, PAGE_SIZE - 100);
}

ZOO_SPECIMENS = {
    SPECIMEN("MM-MDL-01", frees_an_mdl_twice, frees_an_mdl_once),
    SPECIMEN("MM-MDL-02", frees_an_mdl_that_is_locked,
             unlocks_an_mdl_before_it_frees_it),
    SPECIMEN("MM-MDL-03", locks_nonpaged_pool, builds_an_mdl_for_nonpaged_pool),
    SPECIMEN("MM-MDL-04", unlocks_nonpaged_pool, unlocks_what_it_locked),
    SPECIMEN("MM-MDL-05", maps_an_mdl_that_describes_nothing_yet,
             maps_an_mdl_that_is_locked),
    SPECIMEN("MM-MDL-06", unmaps_another_address, unmaps_the_address_it_got),
    SPECIMEN("MM-MDL-07", makes_a_part_that_ends_behind_the_whole,
             makes_a_part_that_ends_in_the_whole),
};
