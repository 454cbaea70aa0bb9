/*
 * More of Ke and Io: spin locks of routines that may be threaded DPCs, stacks,
 * and what is called when the system ends.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>.
 */
#ifndef UWSK_KM_KE_MORE_H
#define UWSK_KM_KE_MORE_H

#include <uwsk_ke.h>

UWSK_BEGIN_C

/* ---- spin locks --------------------------------------------------------- */

/* As KeAcquireSpinLockRaiseToDpc and KeAcquireInStackQueuedSpinLock. IRQL <=
 * DISPATCH_LEVEL. */
NTKERNELAPI KIRQL FASTCALL KeAcquireSpinLockForDpc(PKSPIN_LOCK SpinLock);
NTKERNELAPI VOID FASTCALL KeReleaseSpinLockForDpc(PKSPIN_LOCK SpinLock,
                                                  KIRQL OldIrql);
NTKERNELAPI VOID FASTCALL KeAcquireInStackQueuedSpinLockForDpc(
    PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
NTKERNELAPI VOID FASTCALL
KeReleaseInStackQueuedSpinLockForDpc(PKLOCK_QUEUE_HANDLE LockHandle);

/* ---- time and processors ------------------------------------------------ */

/* Interrupt time, in units of 100 ns, without what the machine has slept; it
 * does not sleep here. Any IRQL. */
NTKERNELAPI ULONGLONG NTAPI KeQueryUnbiasedInterruptTime(VOID);

/* By how many bytes data must be apart that two processors write to. */
NTKERNELAPI ULONG NTAPI KeGetRecommendedSharedDataAlignment(VOID);

/* Whether a routine at DISPATCH_LEVEL has run so long that others wait: never.
 * IRQL >= DISPATCH_LEVEL. */
NTKERNELAPI ULONG NTAPI KeShouldYieldProcessor(VOID);

/* ---- stacks ------------------------------------------------------------- */

typedef VOID NTAPI EXPAND_STACK_CALLOUT(PVOID Parameter);
typedef EXPAND_STACK_CALLOUT *PEXPAND_STACK_CALLOUT;

#define MAXIMUM_EXPANSION_SIZE 0x11000 /* what the host's stack always has */

/* Calls Callout(Parameter) with Size bytes of stack: on the caller's, which is
 * large enough. STATUS_SUCCESS; STATUS_INVALID_PARAMETER_3 for more than
 * MAXIMUM_EXPANSION_SIZE. IRQL <= APC_LEVEL, without Wait the Ex form <=
 * DISPATCH_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI KeExpandKernelStackAndCallout(
    PEXPAND_STACK_CALLOUT Callout, PVOID Parameter, SIZE_T Size);
NTKERNELAPI NTSTATUS NTAPI
KeExpandKernelStackAndCalloutEx(PEXPAND_STACK_CALLOUT Callout, PVOID Parameter,
                                SIZE_T Size, BOOLEAN Wait, PVOID Context);

/* ---- the end ------------------------------------------------------------ */

typedef VOID NTAPI KBUGCHECK_CALLBACK_ROUTINE(PVOID Buffer, ULONG Length);
typedef KBUGCHECK_CALLBACK_ROUTINE *PKBUGCHECK_CALLBACK_ROUTINE;

typedef enum _KBUGCHECK_BUFFER_DUMP_STATE {
  BufferEmpty,
  BufferInserted,
  BufferStarted,
  BufferFinished,
  BufferIncomplete
} KBUGCHECK_BUFFER_DUMP_STATE;

typedef struct _KBUGCHECK_CALLBACK_RECORD {
  LIST_ENTRY Entry;
  PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine;
  PVOID Buffer;
  ULONG Length;
  PUCHAR Component;
  ULONG_PTR Checksum;
  UCHAR State;
} KBUGCHECK_CALLBACK_RECORD, *PKBUGCHECK_CALLBACK_RECORD;

#define KeInitializeCallbackRecord(CallbackRecord)                             \
  ((CallbackRecord)->State = BufferEmpty)

/* The routine is called when the system bugchecks, at HIGH_LEVEL. The record is
 * the driver's, resident, and stays until KeDeregisterBugCheckCallback. FALSE
 * when it is registered already (not registered). Any IRQL. */
NTKERNELAPI BOOLEAN NTAPI
KeRegisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord,
                           PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine,
                           PVOID Buffer, ULONG Length, PUCHAR Component);
NTKERNELAPI BOOLEAN NTAPI
KeDeregisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord);

/* There is no kernel debugger: TRUE, through a pointer as on Windows. */
extern PBOOLEAN KdDebuggerNotPresent;
extern PBOOLEAN KdDebuggerEnabled;

/* TRUE: none. Any IRQL. */
NTKERNELAPI BOOLEAN NTAPI KdRefreshDebuggerNotPresent(VOID);

UWSK_END_C

#define KD_DEBUGGER_NOT_PRESENT (*KdDebuggerNotPresent)
#define KD_DEBUGGER_ENABLED     (*KdDebuggerEnabled)

#endif
