/*
 * Mm: memory descriptor lists and pages. Sizes and lengths are in bytes.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>.
 */
#ifndef UWSK_KM_MM_H
#define UWSK_KM_MM_H

#include <uwsk_ke.h>

#define PAGE_SIZE  0x1000
#define PAGE_SHIFT 12L

typedef ULONG_PTR PFN_NUMBER, *PPFN_NUMBER;
typedef LONG_PTR SPFN_NUMBER, *PSPFN_NUMBER;

struct _MDL {
  struct _MDL *Next;
  CSHORT Size;
  CSHORT MdlFlags;
  struct _EPROCESS *Process;
  PVOID MappedSystemVa;
  PVOID StartVa;
  ULONG ByteCount;
  ULONG ByteOffset;
};
typedef MDL *PMDLX;

#define MDL_MAPPED_TO_SYSTEM_VA     0x0001
#define MDL_PAGES_LOCKED            0x0002
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004
#define MDL_ALLOCATED_FIXED_SIZE    0x0008
#define MDL_PARTIAL                 0x0010
#define MDL_PARTIAL_HAS_BEEN_MAPPED 0x0020
#define MDL_IO_PAGE_READ            0x0040
#define MDL_WRITE_OPERATION         0x0080
#define MDL_PARENT_MAPPED_SYSTEM_VA 0x0100
#define MDL_LOCK_HELD               0x0200
#define MDL_FREE_EXTRA_PTES         0x0200
#define MDL_PHYSICAL_VIEW           0x0400
#define MDL_DESCRIBES_AWE           0x0400
#define MDL_IO_SPACE                0x0800
#define MDL_NETWORK_HEADER          0x1000
#define MDL_MAPPING_CAN_FAIL        0x2000
#define MDL_PAGE_CONTENTS_INVARIANT 0x4000
#define MDL_ALLOCATED_MUST_SUCCEED  0x4000
#define MDL_INTERNAL                0x8000
#define MDL_MAPPING_FLAGS                                                      \
  (MDL_MAPPED_TO_SYSTEM_VA | MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL |  \
   MDL_PARTIAL_HAS_BEEN_MAPPED | MDL_PARENT_MAPPED_SYSTEM_VA | MDL_IO_SPACE)

typedef enum _LOCK_OPERATION {
  IoReadAccess,
  IoWriteAccess,
  IoModifyAccess
} LOCK_OPERATION;

typedef enum _MM_PAGE_PRIORITY {
  LowPagePriority,
  NormalPagePriority = 16,
  HighPagePriority = 32
} MM_PAGE_PRIORITY;
#define MdlMappingNoWrite       0x80000000
#define MdlMappingNoExecute     0x40000000
#define MdlMappingWithGuardPtes 0x20000000

typedef enum _MEMORY_CACHING_TYPE {
  MmNonCached = 0,
  MmCached = 1,
  MmWriteCombined = 2,
  MmHardwareCoherentCached,
  MmNonCachedUnordered,
  MmUSWCCached,
  MmMaximumCacheType,
  MmNotMapped = -1
} MEMORY_CACHING_TYPE;

#define ROUND_TO_PAGES(size)                                                   \
  ((ULONG_PTR)(((ULONG_PTR)(size) + PAGE_SIZE - 1) &                           \
               ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define BYTES_TO_PAGES(size)                                                   \
  (((size) >> PAGE_SHIFT) + (((size) & (PAGE_SIZE - 1)) != 0))
#define BYTE_OFFSET(address) ((ULONG)((LONG_PTR)(address) & (PAGE_SIZE - 1)))
#define PAGE_ALIGN(address)                                                    \
  ((PVOID)((ULONG_PTR)(address) & ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, size)                          \
  ((ULONG)((BYTE_OFFSET(address) + (SIZE_T)(size) + PAGE_SIZE - 1) >>          \
           PAGE_SHIFT))
#define COMPUTE_PAGES_SPANNED(address, size)                                   \
  ADDRESS_AND_SIZE_TO_SPAN_PAGES(address, size)
#define IS_PAGE_ALIGNED(address) (BYTE_OFFSET(address) == 0)

#define MmGetMdlPfnArray(mdl) ((PPFN_NUMBER)((mdl) + 1))
#define MmGetMdlVirtualAddress(mdl)                                            \
  ((PVOID)((PCHAR)((mdl)->StartVa) + (mdl)->ByteOffset))
#define MmGetMdlByteCount(mdl)  ((mdl)->ByteCount)
#define MmGetMdlByteOffset(mdl) ((mdl)->ByteOffset)
#define MmGetMdlBaseVa(mdl)     ((mdl)->StartVa)
#define MmInitializeMdl(mdl, address, length)                                  \
  do {                                                                         \
    (mdl)->Next = (PMDL)NULL;                                                  \
    (mdl)->Size = (CSHORT)(sizeof(MDL) + sizeof(PFN_NUMBER) *                  \
                                             ADDRESS_AND_SIZE_TO_SPAN_PAGES(   \
                                                 address, length));            \
    (mdl)->MdlFlags = 0;                                                       \
    (mdl)->StartVa = PAGE_ALIGN(address);                                      \
    (mdl)->ByteOffset = BYTE_OFFSET(address);                                  \
    (mdl)->ByteCount = (ULONG)(length);                                        \
  } while (0)
/* For a partial MDL about to be built again. */
#define MmPrepareMdlForReuse(mdl)                                              \
  do {                                                                         \
    if (((mdl)->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED) != 0)                  \
      MmUnmapLockedPages((mdl)->MappedSystemVa, (mdl));                        \
  } while (0)

UWSK_BEGIN_C

/* Bytes an MDL for this buffer takes, its page array included. Any IRQL. */
NTKERNELAPI SIZE_T NTAPI MmSizeOfMdl(PVOID Base, SIZE_T Length);

/* Initialises the caller's memory as an MDL (NULL: allocates one, which
 * IoFreeMdl frees). IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI PMDL NTAPI MmCreateMdl(PMDL MemoryDescriptorList, PVOID Base,
                                   SIZE_T Length);

/* Makes the MDL describe resident memory. Nothing to undo. IRQL <=
 * DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI MmBuildMdlForNonPagedPool(PMDL MemoryDescriptorList);

/* Locks the pages; every call needs its MmUnlockPages. Raises
 * STATUS_ACCESS_VIOLATION for memory that does not allow the operation. IRQL <=
 * APC_LEVEL for pageable memory, else <= DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI MmProbeAndLockPages(PMDL MemoryDescriptorList,
                                           KPROCESSOR_MODE AccessMode,
                                           LOCK_OPERATION Operation);
NTKERNELAPI VOID NTAPI MmUnlockPages(PMDL MemoryDescriptorList);

/* A system address of a locked or non-paged MDL, until MmUnmapLockedPages or
 * MmUnlockPages. MmMapLockedPagesSpecifyCache returns NULL when it cannot map.
 * IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI PVOID NTAPI MmMapLockedPages(PMDL MemoryDescriptorList,
                                         KPROCESSOR_MODE AccessMode);
NTKERNELAPI PVOID NTAPI MmMapLockedPagesSpecifyCache(
    PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode,
    MEMORY_CACHING_TYPE CacheType, PVOID RequestedAddress,
    ULONG BugCheckOnFailure, ULONG Priority);
NTKERNELAPI VOID NTAPI MmUnmapLockedPages(PVOID BaseAddress,
                                          PMDL MemoryDescriptorList);

/* Pages for an MDL that is pool memory: NULL without memory. They have no
 * address before the MDL is mapped. MmFreePagesFromMdl frees them, ExFreePool
 * then the MDL. Physical addresses and caching are ignored; what is allocated
 * is zeroed without MM_DONT_ZERO_ALLOCATION, and always all of it. IRQL <=
 * DISPATCH_LEVEL. */
#define MM_DONT_ZERO_ALLOCATION               0x00000001
#define MM_ALLOCATE_FROM_LOCAL_NODE_ONLY      0x00000002
#define MM_ALLOCATE_FULLY_REQUIRED            0x00000004
#define MM_ALLOCATE_NO_WAIT                   0x00000008
#define MM_ALLOCATE_PREFER_CONTIGUOUS         0x00000010
#define MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS 0x00000020
NTKERNELAPI PMDL NTAPI MmAllocatePagesForMdl(PHYSICAL_ADDRESS LowAddress,
                                             PHYSICAL_ADDRESS HighAddress,
                                             PHYSICAL_ADDRESS SkipBytes,
                                             SIZE_T TotalBytes);
NTKERNELAPI PMDL NTAPI MmAllocatePagesForMdlEx(PHYSICAL_ADDRESS LowAddress,
                                               PHYSICAL_ADDRESS HighAddress,
                                               PHYSICAL_ADDRESS SkipBytes,
                                               SIZE_T TotalBytes,
                                               MEMORY_CACHING_TYPE CacheType,
                                               ULONG Flags);
NTKERNELAPI VOID NTAPI MmFreePagesFromMdl(PMDL MemoryDescriptorList);

/* Whether a read would not fault. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI MmIsAddressValid(PVOID VirtualAddress);

/* Raise STATUS_DATATYPE_MISALIGNMENT or STATUS_ACCESS_VIOLATION; not for a
 * Length of 0. There are no user addresses, so that any memory will do which
 * can be read, or written. IRQL <= APC_LEVEL. */
NTKERNELAPI VOID NTAPI ProbeForRead(const volatile VOID *Address, SIZE_T Length,
                                    ULONG Alignment);
NTKERNELAPI VOID NTAPI ProbeForWrite(volatile VOID *Address, SIZE_T Length,
                                     ULONG Alignment);

/* The address of a routine that uwsk has under that name, as ntoskrnl and hal
 * export it; NULL when there is none. IRQL PASSIVE_LEVEL. */
NTKERNELAPI PVOID NTAPI
MmGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName);

/* Whether Driver Verifier is on, for anything (its flags) or for the code at an
 * address: it is not. What uwsk watches it watches always. IRQL <= APC_LEVEL.
 */
NTKERNELAPI NTSTATUS NTAPI MmIsVerifierEnabled(PULONG VerifierFlags);
NTKERNELAPI LOGICAL NTAPI
MmIsDriverVerifyingByAddress(PVOID AddressWithinSection);

UWSK_END_C

UWSK_INLINE PVOID MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority) {
  if (Mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL))
    return Mdl->MappedSystemVa;
  return MmMapLockedPagesSpecifyCache(Mdl, KernelMode, MmCached, NULL, FALSE,
                                      Priority);
}

#define MmGetSystemAddressForMdl(mdl)                                          \
  (((mdl)->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)) \
       ? (mdl)->MappedSystemVa                                                 \
       : MmMapLockedPages((mdl), KernelMode))

/* Lengths and addresses, down or up to a multiple of a type's size. */
#define ALIGN_DOWN(length, type) ((ULONG)(length) & ~((ULONG)sizeof(type) - 1))
#define ALIGN_UP(length, type)                                                 \
  ALIGN_DOWN(((ULONG)(length) + (ULONG)sizeof(type) - 1), type)
#define ALIGN_DOWN_POINTER(address, type)                                      \
  ((PVOID)((ULONG_PTR)(address) & ~((ULONG_PTR)sizeof(type) - 1)))
#define ALIGN_UP_POINTER(address, type)                                        \
  ALIGN_DOWN_POINTER(((ULONG_PTR)(address) + sizeof(type) - 1), type)

#endif
