/*
 * Memory descriptor lists.
 *
 * A process has one address space and its memory stays where it is, so locking
 * and mapping move nothing. What remains of them is what a client can get
 * wrong: the flags, as NT sets them, the probe of the range, which really
 * looks, and the count of locked pages in the ledger.
 */
#include <ntddk.h>

#include <stddef.h>
#include <stdint.h>

#include "etw/trace.h"
#include "fault/fault.h"
#include "ke/ke.h"
#include "mm/lent.h"
#include "mm/mdl_walk.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

#define MAPPED (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)

/* Up to so many pages NT takes MDLs from a lookaside list and says so. */
#define FIXED_SIZE_PAGES 23

struct mdl_block {
  struct ob_record record;
  _Alignas(16) MDL mdl; /* the page frame numbers follow */
};

_Static_assert(offsetof(struct mdl_block, record) == 0, "release_mdl");

static PVOID start_of(const MDL *mdl) {
  return (PVOID)((ULONG_PTR)mdl->StartVa + mdl->ByteOffset);
}

static size_t pages_of(const void *start, size_t length) {
  return ADDRESS_AND_SIZE_TO_SPAN_PAGES(start, length);
}

/* The "physical" page is the virtual one. */
static void fill_frames(PMDL mdl) {
  PPFN_NUMBER frames = MmGetMdlPfnArray(mdl);
  size_t count = pages_of(start_of(mdl), mdl->ByteCount);
  PFN_NUMBER first = (PFN_NUMBER)((ULONG_PTR)mdl->StartVa >> PAGE_SHIFT);

  for (size_t i = 0; i < count; i++)
    frames[i] = first + i;
}

SIZE_T MmSizeOfMdl(PVOID Base, SIZE_T Length) {
  return sizeof(MDL) + pages_of(Base, Length) * sizeof(PFN_NUMBER);
}

/* ---- making and freeing ------------------------------------------------ */

static void chain(PIRP irp, PMDL mdl, BOOLEAN secondary) {
  PMDL *link = &irp->MdlAddress;

  while (secondary && *link != NULL)
    link = &(*link)->Next;
  *link = mdl;
}

PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer,
                   BOOLEAN ChargeQuota, PIRP Irp) {
  ke__within_irql(DISPATCH_LEVEL, "IoAllocateMdl");
  size_t bytes =
      offsetof(struct mdl_block, mdl) + MmSizeOfMdl(VirtualAddress, Length);
  struct mdl_block *block;

  (void)ChargeQuota;
  if (Length > UINT32_MAX - PAGE_SIZE) /* the documented limit */
    return NULL;
  block = fault__fails(UWSK_AT_MDL) ? NULL : os__alloc(bytes);
  if (block == NULL)
    return NULL;
  MmInitializeMdl(&block->mdl, VirtualAddress, Length);
  if (pages_of(VirtualAddress, Length) <= FIXED_SIZE_PAGES)
    block->mdl.MdlFlags |= MDL_ALLOCATED_FIXED_SIZE;
  block->record = (struct ob_record){.object = &block->mdl,
                                     .call = "IoAllocateMdl",
                                     .caller = OB_CALLER(),
                                     .bytes = Length,
                                     .kind = OB_MDL};
  ob__track(&block->record);
  if (Irp != NULL)
    chain(Irp, &block->mdl, SecondaryBuffer);
  return &block->mdl;
}

PMDL MmCreateMdl(PMDL MemoryDescriptorList, PVOID Base, SIZE_T Length) {
  if (MemoryDescriptorList == NULL)
    return IoAllocateMdl(Base, (ULONG)Length, FALSE, FALSE, NULL);
  MmInitializeMdl(MemoryDescriptorList, Base, Length);
  return MemoryDescriptorList;
}

static bool is_in_use(const MDL *mdl, const char *call) {
  bool lent = mm__is_lent(mdl);

  if (lent)
    vf__report_on(VF_SEND_03, mdl,
                  "%s was called for MDL %p while a pending request uses it",
                  call, (const void *)mdl);
  return lent;
}

VOID IoFreeMdl(PMDL Mdl) {
  struct ob_record *record;

  ke__require_irql(DISPATCH_LEVEL, "IoFreeMdl");
  if (is_in_use(Mdl, "IoFreeMdl")) /* It stays, since it will be used. */
    return;
  record = ob__claim(OB_MDL, Mdl);

  if (record == NULL) {
    vf__report_on(VF_MM_MDL_01, Mdl, "IoFreeMdl was called %s %p%s",
                  ob__was_alive(OB_MDL, Mdl) ? "again for MDL" : "for",
                  (void *)Mdl,
                  ob__was_alive(OB_MDL, Mdl) ? ""
                                             : ", which IoAllocateMdl did not "
                                               "return");
    return;
  }
  if (Mdl->MdlFlags & MDL_PAGES_LOCKED) {
    vf__report_on(VF_MM_MDL_02, Mdl,
                  "IoFreeMdl was called for MDL %p, whose pages are "
                  "locked",
                  (void *)Mdl);
    ob__untrack_foreign(OB_LOCKED_PAGES, Mdl);
  }
  os__free(record); /* the first member of the block */
}

/* ---- nonpaged memory --------------------------------------------------- */

VOID MmBuildMdlForNonPagedPool(PMDL MemoryDescriptorList) {
  ke__within_irql(DISPATCH_LEVEL, "MmBuildMdlForNonPagedPool");
  PMDL mdl = MemoryDescriptorList;

  ETW_ENTER("MmBuildMdlForNonPagedPool", MemoryDescriptorList);
  if (mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_PARTIAL)) {
    vf__report_on(
        VF_MM_MDL_03, mdl,
        "MmBuildMdlForNonPagedPool was called for MDL %p, which is %s",
        (void *)mdl,
        mdl->MdlFlags & MDL_PARTIAL ? "part of another" : "locked");
    return;
  }
  fill_frames(mdl);
  mdl->Process = NULL;
  mdl->MappedSystemVa = start_of(mdl);
  mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
}

/* ---- locking ----------------------------------------------------------- */

/* Enters the pages into the ledger; raises when there is no memory for it. */
static void track_lock(PMDL mdl, const void *caller) {
  if (!ob__track_foreign(OB_LOCKED_PAGES, mdl, "MmProbeAndLockPages", caller,
                         mdl->ByteCount))
    RtlRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
}

VOID MmProbeAndLockPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode,
                         LOCK_OPERATION Operation) {
  PMDL mdl = MemoryDescriptorList;
  bool write = Operation != IoReadAccess;

  (void)AccessMode; /* there are no user addresses here */
  ke__require_irql(DISPATCH_LEVEL, "MmProbeAndLockPages");
  if (mdl->MdlFlags &
      (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL)) {
    vf__report_on(VF_MM_MDL_03, mdl,
                  "MmProbeAndLockPages was called for MDL %p, whose pages are "
                  "locked or nonpaged already",
                  (void *)mdl);
    return;
  }
  if (!os__probe(start_of(mdl), mdl->ByteCount, write))
    RtlRaiseStatus(STATUS_ACCESS_VIOLATION);
  track_lock(mdl, OB_CALLER());
  fill_frames(mdl);
  mdl->Process = NULL;
  mdl->MdlFlags |= MDL_PAGES_LOCKED;
  if (write)
    mdl->MdlFlags |= MDL_WRITE_OPERATION;
}

static void unmap(PMDL mdl) {
  mdl->MdlFlags &=
      (CSHORT) ~(MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED);
}

VOID MmUnlockPages(PMDL MemoryDescriptorList) {
  PMDL mdl = MemoryDescriptorList;

  ke__require_irql(DISPATCH_LEVEL, "MmUnlockPages");
  if (!(mdl->MdlFlags & MDL_PAGES_LOCKED)) {
    vf__report_on(VF_MM_MDL_04, mdl,
                  "MmUnlockPages was called for MDL %p, whose pages are not "
                  "locked",
                  (void *)mdl);
    return;
  }
  (void)is_in_use(mdl, "MmUnlockPages");
  unmap(mdl); /* NT, too, takes the mapping back with the pages */
  mdl->MdlFlags &= (CSHORT) ~(MDL_PAGES_LOCKED | MDL_WRITE_OPERATION);
  ob__untrack_foreign(OB_LOCKED_PAGES, mdl);
}

/* ---- mapping ----------------------------------------------------------- */

PVOID MmMapLockedPagesSpecifyCache(PMDL MemoryDescriptorList,
                                   KPROCESSOR_MODE AccessMode,
                                   MEMORY_CACHING_TYPE CacheType,
                                   PVOID RequestedAddress,
                                   ULONG BugCheckOnFailure, ULONG Priority) {
  ke__within_irql(DISPATCH_LEVEL, "MmMapLockedPagesSpecifyCache");
  PMDL mdl = MemoryDescriptorList;

  ETW_ENTER("MmMapLockedPagesSpecifyCache", MemoryDescriptorList);
  (void)CacheType, (void)RequestedAddress;
  (void)BugCheckOnFailure, (void)Priority;
  if (!mm__mdl_is_resident(mdl)) {
    vf__report_on(VF_MM_MDL_05, mdl,
                  "MDL %p is mapped while its pages are neither locked nor "
                  "nonpaged",
                  (void *)mdl);
    return NULL;
  }
  if (AccessMode != KernelMode) /* a user mapping leaves no mark in the MDL */
    return start_of(mdl);
  if (mdl->MdlFlags & MAPPED)
    return mdl->MappedSystemVa;
  mdl->MappedSystemVa = start_of(mdl);
  mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
  if (mdl->MdlFlags & MDL_PARTIAL)
    mdl->MdlFlags |= MDL_PARTIAL_HAS_BEEN_MAPPED;
  return mdl->MappedSystemVa;
}

PVOID MmMapLockedPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode) {
  return MmMapLockedPagesSpecifyCache(MemoryDescriptorList, AccessMode,
                                      MmCached, NULL, TRUE, HighPagePriority);
}

VOID MmUnmapLockedPages(PVOID BaseAddress, PMDL MemoryDescriptorList) {
  ke__within_irql(DISPATCH_LEVEL, "MmUnmapLockedPages");
  PMDL mdl = MemoryDescriptorList;

  ETW_ENTER("MmUnmapLockedPages", MemoryDescriptorList);
  if (BaseAddress != start_of(mdl) || !mm__mdl_is_resident(mdl)) {
    vf__report_on(
        VF_MM_MDL_06, mdl,
        "MmUnmapLockedPages was called for %p, which MDL %p does not map",
        BaseAddress, (void *)mdl);
    return;
  }
  unmap(mdl);
}

/* ---- partial MDLs ------------------------------------------------------ */

/* Bytes of page frame numbers behind an MDL. Size is sixteen bits wide and
 * wraps for large buffers; our own MDLs are measured by the ledger. */
static size_t room_for_pages(PMDL mdl) {
  struct ob_record *record = ob__find(OB_MDL, mdl);

  if (record != NULL && record->bytes >= UINT64_C(0x1000000))
    return record->bytes / PAGE_SIZE + 1;
  return ((size_t)(USHORT)mdl->Size - sizeof(MDL)) / sizeof(PFN_NUMBER);
}

static bool check_part(PMDL source, PMDL target, PVOID address, ULONG length) {
  ULONG_PTR offset = (ULONG_PTR)address - (ULONG_PTR)start_of(source);
  const char *what = NULL;

  if (!mm__mdl_is_resident(source))
    what = "whose pages are neither locked nor nonpaged";
  else if (offset > source->ByteCount || length > source->ByteCount - offset)
    what = "which does not hold that range";
  else if (pages_of(address, length) > room_for_pages(target))
    what = "for a target that is too small";
  if (what != NULL)
    vf__report_on(
        VF_MM_MDL_07, source,
        "IoBuildPartialMdl was called for %lu bytes at %p of MDL %p, %s",
        (unsigned long)length, address, (void *)source, what);
  return what == NULL;
}

VOID IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress,
                       ULONG Length) {
  ke__within_irql(DISPATCH_LEVEL, "IoBuildPartialMdl");
  ETW_ENTER("IoBuildPartialMdl", TargetMdl);
  ULONG_PTR offset = (ULONG_PTR)VirtualAddress - (ULONG_PTR)start_of(SourceMdl);

  if (Length == 0 && offset <= SourceMdl->ByteCount)
    Length = (ULONG)(SourceMdl->ByteCount - offset);
  if (!check_part(SourceMdl, TargetMdl, VirtualAddress, Length))
    return;
  TargetMdl->Process = SourceMdl->Process;
  TargetMdl->StartVa = PAGE_ALIGN(VirtualAddress);
  TargetMdl->ByteOffset = BYTE_OFFSET(VirtualAddress);
  TargetMdl->ByteCount = Length;
  TargetMdl->MdlFlags &= MDL_ALLOCATED_FIXED_SIZE;
  TargetMdl->MdlFlags |= (CSHORT)(SourceMdl->MdlFlags & MAPPED) | MDL_PARTIAL;
  if (SourceMdl->MdlFlags & MAPPED)
    TargetMdl->MappedSystemVa = (PCHAR)SourceMdl->MappedSystemVa + offset;
  fill_frames(TargetMdl);
}
