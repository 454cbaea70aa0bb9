/*
 * Making, initialising, reusing and freeing IRPs.
 *
 * The memory of an IRP is the packet and its stack locations and nothing else,
 * for clients make their own with IoInitializeIrp. What IoAllocateIrp adds, a
 * record for the ledger, stands in front of the packet, where no client looks.
 */
#include <ntddk.h>

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "etw/trace.h"
#include "fault/fault.h"
#include "io/io.h"
#include "ke/ke.h"
#include "os/os.h"
#include "verifier/report.h"

struct irp_block {
  struct ob_record record;
  struct irp_block *next; /* while in the cache */
  int stack_size;
  _Alignas(16) IRP irp; /* stack locations follow */
};

static struct irp_block *block_of(struct ob_record *record) {
  return (struct irp_block *)(void *)record;
}

_Static_assert(offsetof(struct irp_block, record) == 0, "block_of");

/* ---- the cache of free blocks ------------------------------------------ */

/* An address checker must see each IRP as an allocation of its own. */
#if defined(__SANITIZE_ADDRESS__)
#define CACHE_DEPTH 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CACHE_DEPTH 0
#endif
#endif
#ifndef CACHE_DEPTH
#define CACHE_DEPTH 64
#endif
#define CACHED_SIZES 5 /* stack sizes 0 to 4; 1 is what WSK clients use */

static struct irp_cache {
  struct os_spin lock;
  unsigned depth;
  struct irp_block *first;
} caches[CACHED_SIZES];

static struct irp_block *cache_get(int stack_size) {
  struct irp_cache *cache;
  struct irp_block *block;

  if (stack_size < 0 || stack_size >= CACHED_SIZES)
    return NULL;
  cache = &caches[stack_size];
  os__spin_lock(&cache->lock);
  block = cache->first;
  if (block != NULL) {
    cache->first = block->next;
    cache->depth--;
  }
  os__spin_unlock(&cache->lock);
  return block;
}

static bool cache_put(struct irp_block *block) {
  struct irp_cache *cache;
  bool room;

  if (block->stack_size < 0 || block->stack_size >= CACHED_SIZES)
    return false;
  cache = &caches[block->stack_size];
  os__spin_lock(&cache->lock);
  room = cache->depth != CACHE_DEPTH; /* which may be 0 */
  if (room) {
    block->next = cache->first;
    cache->first = block;
    cache->depth++;
  }
  os__spin_unlock(&cache->lock);
  return room;
}

void io__drain_irp_cache(void) {
  for (int size = 0; size < CACHED_SIZES; size++) {
    struct irp_block *block;

    while ((block = cache_get(size)) != NULL)
      os__free(block);
  }
}

/* ---- allocation -------------------------------------------------------- */

/* Zeroes the whole packet, then says what an unused IRP says. */
static void initialize(PIRP irp, USHORT packet_size, CCHAR stack_size) {
  memset(irp, 0, packet_size);
  irp->Type = IO_TYPE_IRP;
  irp->Size = packet_size;
  irp->StackCount = stack_size;
  irp->CurrentLocation = (CCHAR)(stack_size + 1);
  irp->ApcEnvironment = (CCHAR)ke__owner(); /* there are no APCs */
  InitializeListHead(&irp->ThreadListEntry);
  irp->Tail.Overlay.CurrentStackLocation =
      (PIO_STACK_LOCATION)(irp + 1) + stack_size;
}

static PIRP allocate(CCHAR stack_size, const char *call, const void *caller) {
  USHORT packet_size = IoSizeOfIrp(stack_size);
  struct irp_block *block = cache_get(stack_size);

  if (block == NULL)
    block = os__alloc(offsetof(struct irp_block, irp) + packet_size);
  if (block == NULL)
    return NULL;
  block->stack_size = stack_size;
  block->record = (struct ob_record){.object = &block->irp,
                                     .call = call,
                                     .caller = caller,
                                     .bytes = packet_size,
                                     .kind = OB_IRP};
  initialize(&block->irp, packet_size, stack_size);
  ob__track(&block->record);
  return &block->irp;
}

PIRP io__allocate_irp(CCHAR stack_size, const char *call, const void *caller) {
  if (fault__fails(UWSK_AT_IRP))
    return NULL;
  return allocate(stack_size, call, caller);
}

PIRP io__must_allocate_irp(CCHAR stack_size, const char *call,
                           const void *caller) {
  PIRP irp;

  while ((irp = allocate(stack_size, call, caller)) == NULL)
    os__yield();
  return irp;
}

bool io__release_irp(PIRP irp) {
  struct ob_record *record = ob__claim(OB_IRP, irp);

  if (record == NULL)
    return false;
  irp->Type = 0; /* as NT does: a stale pointer is no IRP */
  if (!cache_put(block_of(record)))
    os__free(block_of(record));
  return true;
}

PIRP IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota) {
  ke__within_irql(DISPATCH_LEVEL, "IoAllocateIrp");
  PIRP irp;

  if (StackSize < 0 || StackSize == CHAR_MAX) /* CurrentLocation overflows */
    return NULL;
  irp = io__allocate_irp(StackSize, "IoAllocateIrp", OB_CALLER());
  if (irp != NULL && ChargeQuota)
    irp->AllocationFlags |= IRP_QUOTA_CHARGED;
  return irp;
}

VOID IoInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize) {
  ke__within_irql(DISPATCH_LEVEL, "IoInitializeIrp");
  ETW_ENTER("IoInitializeIrp", Irp);
  if (PacketSize < IoSizeOfIrp(StackSize))
    vf__report_on(VF_IO_INIT_01, Irp,
                  "IoInitializeIrp got a packet of %u bytes at %p for %d stack "
                  "locations, which take %u bytes",
                  PacketSize, (void *)Irp, StackSize,
                  (unsigned)IoSizeOfIrp(StackSize));
  initialize(Irp, PacketSize, StackSize);
}

bool io__in_flight(PIRP irp) {
  return (__atomic_load_n(&irp->AllocationFlags, __ATOMIC_RELAXED) &
          (IO_IRP_IN_FLIGHT | IO_IRP_AT_PROVIDER)) != 0 ||
         __atomic_load_n(&irp->CancelRoutine, __ATOMIC_RELAXED) != NULL;
}

VOID IoReuseIrp(PIRP Irp, NTSTATUS Status) {
  ke__within_irql(DISPATCH_LEVEL, "IoReuseIrp");
  UCHAR flags;

  ETW_ENTER("IoReuseIrp", Irp);
  if (io__in_flight(Irp)) {
    vf__report_bugcheck(
        VF_IRP_10, Irp, Irp, 0, 0, 0,
        "IoReuseIrp was called for IRP %p, which is still pending",
        (void *)Irp);
    return;
  }
  if (Irp->AllocationFlags & IO_IRP_THREADED) {
    vf__report_on(
        VF_IO_REUSE_01, Irp,
        "IoReuseIrp was called for IRP %p, which the I/O manager made",
        (void *)Irp);
    return;
  }
  flags = (UCHAR)(Irp->AllocationFlags & ~IO_IRP_DONE);
  initialize(Irp, Irp->Size, Irp->StackCount);
  Irp->AllocationFlags = flags;
  Irp->IoStatus.Status = Status;
}

/* ---- freeing ----------------------------------------------------------- */

static void report_unknown(PIRP irp) {
  if (ob__was_alive(OB_IRP, irp))
    vf__report_on(VF_IO_FREE_01, irp, "IoFreeIrp was called again for IRP %p",
                  (void *)irp);
  else
    vf__report(VF_IRP_14,
               "IoFreeIrp was called for %p, which IoAllocateIrp did not "
               "return",
               (void *)irp);
}

VOID IoFreeIrp(PIRP Irp) {
  ke__require_irql(DISPATCH_LEVEL, "IoFreeIrp");
  if (ob__find(OB_IRP, Irp) == NULL) {
    report_unknown(Irp);
    return;
  }
  if (Irp->AllocationFlags & IO_IRP_THREADED) {
    vf__report(VF_IRP_14,
               "IoFreeIrp was called for IRP %p, which the I/O manager made "
               "and will free",
               (void *)Irp);
    return;
  }
  if (io__in_flight(Irp)) {
    vf__report_on(VF_IRP_11, Irp,
                  "IoFreeIrp was called for IRP %p, which is pending",
                  (void *)Irp);
    return;
  }
  if (!io__release_irp(Irp))
    report_unknown(Irp);
}

/* On Windows this drops what the I/O manager may have hung on a packet that
 * IoInitializeIrp made. We hang nothing there, so that only the check stays. */
VOID IoCleanupIrp(PIRP Irp) {
  ETW_ENTER("IoCleanupIrp", Irp);
  if (io__in_flight(Irp))
    vf__report_on(VF_IRP_11, Irp,
                  "IoCleanupIrp was called for IRP %p, which is pending",
                  (void *)Irp);
}
