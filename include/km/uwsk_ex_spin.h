/*
 * Ex: spin locks for readers and writers.
 *
 * Pages: ddi/wdm/nf-wdm-<name>. A lock is 32 bits of the driver's own, zero
 * when free. Any number of threads share it, or one has it to itself; a writer
 * that waits keeps new readers out. Not recursive. The holder runs at
 * DISPATCH_LEVEL: the forms without AtDpcLevel (IRQL <= DISPATCH_LEVEL) raise
 * to it and return where to go back to; releases and conversions are called
 * there, and so, or at any IRQL above, are the forms with it.
 */
#ifndef UWSK_KM_EX_SPIN_H
#define UWSK_KM_EX_SPIN_H

#include <uwsk_ke_types.h>

typedef LONG EX_SPIN_LOCK, *PEX_SPIN_LOCK;

UWSK_BEGIN_C

NTKERNELAPI KIRQL NTAPI ExAcquireSpinLockExclusive(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI ExReleaseSpinLockExclusive(PEX_SPIN_LOCK SpinLock,
                                                  KIRQL OldIrql);
NTKERNELAPI VOID NTAPI
ExAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI
ExReleaseSpinLockExclusiveFromDpcLevel(PEX_SPIN_LOCK SpinLock);

NTKERNELAPI KIRQL NTAPI ExAcquireSpinLockShared(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI ExReleaseSpinLockShared(PEX_SPIN_LOCK SpinLock,
                                               KIRQL OldIrql);
NTKERNELAPI VOID NTAPI
ExAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI
ExReleaseSpinLockSharedFromDpcLevel(PEX_SPIN_LOCK SpinLock);

/* The only reader becomes the writer: TRUE, and it releases as one. FALSE when
 * there are others, or a writer waits: it stays a reader. */
NTKERNELAPI LOGICAL NTAPI
ExTryConvertSharedSpinLockExclusive(PEX_SPIN_LOCK SpinLock);

UWSK_END_C

#endif
