/*
 * Ex: rundown protection and push locks, each one pointer-sized word of the
 * driver's own.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntifs/nf-ntifs-fsrtl…; "Run-Down
 * Protection", "Push Locks".
 */
#ifndef UWSK_KM_EX_LOCK_H
#define UWSK_KM_EX_LOCK_H

#include <uwsk_ke_types.h>

/* ---- rundown protection ------------------------------------------------- */

/* A zeroed reference is initialised. */
typedef struct _EX_RUNDOWN_REF {
  __extension__ union {
    volatile ULONG_PTR Count; /* twice the number held, + 1 when run down */
    volatile PVOID Ptr;
  };
} EX_RUNDOWN_REF, *PEX_RUNDOWN_REF;
#define EX_RUNDOWN_ACTIVE      0x1
#define EX_RUNDOWN_COUNT_SHIFT 0x1
#define EX_RUNDOWN_COUNT_INC   (1 << EX_RUNDOWN_COUNT_SHIFT)

UWSK_BEGIN_C

/* Nobody may use it at the same time. IRQL <= APC_LEVEL. */
NTKERNELAPI VOID NTAPI ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef);

/* After ExRundownCompleted: protection can be acquired again. IRQL <=
 * APC_LEVEL. */
NTKERNELAPI VOID NTAPI ExReInitializeRundownProtection(PEX_RUNDOWN_REF RunRef);

/* TRUE: what RunRef protects stays until the release. FALSE: it is being, or
 * was, run down. The …Ex form takes Count at once. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef);
NTKERNELAPI BOOLEAN NTAPI ExAcquireRundownProtectionEx(PEX_RUNDOWN_REF RunRef,
                                                       ULONG Count);

/* The last release after the wait began ends the wait; RunRef may be gone when
 * this returns. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef);
NTKERNELAPI VOID NTAPI ExReleaseRundownProtectionEx(PEX_RUNDOWN_REF RunRef,
                                                    ULONG Count);

/* Refuses every acquire from here on and waits until all are released. By one
 * thread; a second call returns at once when it has been run down. IRQL <=
 * APC_LEVEL. */
NTKERNELAPI VOID NTAPI
ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef);

/* Says that it has been run down. IRQL <= APC_LEVEL. */
NTKERNELAPI VOID NTAPI ExRundownCompleted(PEX_RUNDOWN_REF RunRef);

/* ---- push locks --------------------------------------------------------- */

typedef ULONG_PTR EX_PUSH_LOCK, *PEX_PUSH_LOCK;

#define EX_DEFAULT_PUSH_LOCK_FLAGS          0x00000000
#define EX_PUSH_LOCK_FLAG_DISABLE_AUTOBOOST 0x00000001

/* Any IRQL. A push lock of zero is initialised. */
NTKERNELAPI VOID NTAPI ExInitializePushLock(PEX_PUSH_LOCK PushLock);

/* Any number of threads share the lock, or one has it to itself; they get it in
 * the order they came, sharers together. Not recursive. The holder runs with
 * normal kernel APCs disabled (KeEnterCriticalRegion), and whoever acquired it
 * releases it. IRQL <= APC_LEVEL. Flags: EX_DEFAULT_PUSH_LOCK_FLAGS or
 * EX_PUSH_LOCK_FLAG_DISABLE_AUTOBOOST, the same at both ends. */
NTKERNELAPI VOID FASTCALL ExAcquirePushLockExclusiveEx(PEX_PUSH_LOCK PushLock,
                                                       ULONG Flags);
NTKERNELAPI VOID FASTCALL ExAcquirePushLockSharedEx(PEX_PUSH_LOCK PushLock,
                                                    ULONG Flags);
NTKERNELAPI VOID FASTCALL ExReleasePushLockExclusiveEx(PEX_PUSH_LOCK PushLock,
                                                       ULONG Flags);
NTKERNELAPI VOID FASTCALL ExReleasePushLockSharedEx(PEX_PUSH_LOCK PushLock,
                                                    ULONG Flags);

UWSK_END_C

#define ExAcquirePushLockExclusive(lock)                                       \
  ExAcquirePushLockExclusiveEx((lock), EX_DEFAULT_PUSH_LOCK_FLAGS)
#define ExAcquirePushLockShared(lock)                                          \
  ExAcquirePushLockSharedEx((lock), EX_DEFAULT_PUSH_LOCK_FLAGS)
#define ExReleasePushLockExclusive(lock)                                       \
  ExReleasePushLockExclusiveEx((lock), EX_DEFAULT_PUSH_LOCK_FLAGS)
#define ExReleasePushLockShared(lock)                                          \
  ExReleasePushLockSharedEx((lock), EX_DEFAULT_PUSH_LOCK_FLAGS)

#endif
