/*
 * Pages for an MDL: memory that has no address until it is mapped. Here it has
 * one all along, but the MDL says so only after it was mapped.
 */
#include <ntddk.h>

#include "ex/ex.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "os/os.h"
#include "verifier/report.h"

#define PAGES_TAG 'egaP'
#define MDL_TAG   'ldMm'

/* The largest allocation: 4 GiB less a page. */
#define MAX_BYTES (0x100000000ull - PAGE_SIZE)

/* Physical addresses, their ranges and caching mean nothing here. */
PMDL MmAllocatePagesForMdlEx(PHYSICAL_ADDRESS LowAddress,
                             PHYSICAL_ADDRESS HighAddress,
                             PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes,
                             MEMORY_CACHING_TYPE CacheType, ULONG Flags) {
  SIZE_T bytes = ROUND_TO_PAGES(TotalBytes);
  PVOID pages;
  PMDL mdl;

  UNREFERENCED_PARAMETER(LowAddress);
  UNREFERENCED_PARAMETER(HighAddress);
  UNREFERENCED_PARAMETER(SkipBytes);
  UNREFERENCED_PARAMETER(CacheType);
  ke__require_irql(DISPATCH_LEVEL, "MmAllocatePagesForMdlEx");
  if (TotalBytes == 0 || TotalBytes > MAX_BYTES)
    return NULL;
  mdl = ex__allocate_pool(NonPagedPool, MmSizeOfMdl(NULL, bytes), MDL_TAG,
                          "MmAllocatePagesForMdl", OB_CALLER());
  if (mdl == NULL)
    return NULL;
  pages =
      ex__allocate_pool((Flags & MM_DONT_ZERO_ALLOCATION) != 0
                            ? NonPagedPool
                            : (POOL_TYPE)(NonPagedPool | POOL_ZERO_ALLOCATION),
                        bytes, PAGES_TAG, "MmAllocatePagesForMdl", OB_CALLER());
  if (pages == NULL) {
    ExFreePool(mdl);
    return NULL;
  }
  MmInitializeMdl(mdl, pages, TotalBytes);
  MmBuildMdlForNonPagedPool(mdl);
  mdl->MdlFlags = MDL_PAGES_LOCKED;
  mdl->MappedSystemVa = NULL;
  return mdl;
}

PMDL MmAllocatePagesForMdl(PHYSICAL_ADDRESS LowAddress,
                           PHYSICAL_ADDRESS HighAddress,
                           PHYSICAL_ADDRESS SkipBytes, SIZE_T TotalBytes) {
  return MmAllocatePagesForMdlEx(LowAddress, HighAddress, SkipBytes, TotalBytes,
                                 MmCached, 0);
}

/* The MDL itself is the caller's to free, with ExFreePool. */
VOID MmFreePagesFromMdl(PMDL MemoryDescriptorList) {
  ke__require_irql(DISPATCH_LEVEL, "MmFreePagesFromMdl");
  if ((MemoryDescriptorList->MdlFlags & MDL_PAGES_LOCKED) == 0) {
    vf__report(VF_MM_MDL_04, "MmFreePagesFromMdl of MDL %p without pages",
               (void *)MemoryDescriptorList);
    return;
  }
  MemoryDescriptorList->MdlFlags = 0;
  ExFreePoolWithTag(MemoryDescriptorList->StartVa, PAGES_TAG);
}
