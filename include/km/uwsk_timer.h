/*
 * Ke and Ex: DPCs and timers.
 *
 * Pages: ddi/wdm/nf-wdm-<name>; "DPC Objects and DPCs", "Timer Objects". The
 * objects are resident memory of the driver's and must stay while they are
 * queued. DPCs run at DISPATCH_LEVEL, one after the other.
 */
#ifndef UWSK_KM_TIMER_H
#define UWSK_KM_TIMER_H

#include <uwsk_ke.h>

UWSK_BEGIN_C

/* ---- DPCs --------------------------------------------------------------- */

/* Any IRQL. A threaded DPC runs like any other. */
NTKERNELAPI VOID NTAPI KeInitializeDpc(PRKDPC Dpc,
                                       PKDEFERRED_ROUTINE DeferredRoutine,
                                       PVOID DeferredContext);
NTKERNELAPI VOID NTAPI KeInitializeThreadedDpc(
    PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);

/* Queues the DPC with its two arguments: TRUE. FALSE, and nothing changes, when
 * it is queued already. It is out of the queue when its routine is called,
 * which is never inside this call. Any IRQL. */
NTKERNELAPI BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1,
                                           PVOID SystemArgument2);

/* TRUE when it was queued, and will not run. One that runs goes on. Any IRQL.
 */
NTKERNELAPI BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc);

/* HighImportance goes to the front of the queue, the others to its end. Not
 * while it is queued. Any IRQL. */
NTKERNELAPI VOID NTAPI KeSetImportanceDpc(PRKDPC Dpc,
                                          KDPC_IMPORTANCE Importance);

/* The processor it would run on; here every DPC runs where the loop is driven.
 * STATUS_SUCCESS, or STATUS_INVALID_PARAMETER for a processor that is not
 * there. */
NTKERNELAPI VOID NTAPI KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number);
NTKERNELAPI NTSTATUS NTAPI
KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber);

/* Returns when every DPC that is queued now has run. IRQL PASSIVE_LEVEL. */
NTKERNELAPI VOID NTAPI KeFlushQueuedDpcs(VOID);

/* ---- timers ------------------------------------------------------------- */

/* IRQL <= DISPATCH_LEVEL. A notification timer stays signalled until it is set
 * again; a synchronization timer satisfies one wait. */
NTKERNELAPI VOID NTAPI KeInitializeTimer(PKTIMER Timer);
NTKERNELAPI VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type);

/* Sets the timer to DueTime (100 ns units; negative from now, else a system
 * time), not signalled; it is cancelled first when it was set: TRUE then. When
 * it is due it is signalled and Dpc, which may be NULL, is queued; that happens
 * once, or again each Period milliseconds when Period is not 0. The tolerable
 * delay, in milliseconds, is not made use of. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime,
                                     PKDPC Dpc);
NTKERNELAPI BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime,
                                       LONG Period, PKDPC Dpc);
NTKERNELAPI BOOLEAN NTAPI KeSetCoalescableTimer(PKTIMER Timer,
                                                LARGE_INTEGER DueTime,
                                                ULONG Period,
                                                ULONG TolerableDelay,
                                                PKDPC Dpc);

/* TRUE when it was set; periodic timers are until they are cancelled. A DPC
 * that is queued by then stays so: KeRemoveQueueDpc, KeFlushQueuedDpcs. Whether
 * it is signalled does not change. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer);
NTKERNELAPI BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer);

/* ---- timer objects of the system ---------------------------------------- */

typedef struct _EX_TIMER *PEX_TIMER;

/* At DISPATCH_LEVEL. */
typedef VOID NTAPI EXT_CALLBACK(PEX_TIMER Timer, PVOID Context);
typedef EXT_CALLBACK *PEXT_CALLBACK;
typedef VOID NTAPI EXT_DELETE_CALLBACK(PVOID Context);
typedef EXT_DELETE_CALLBACK *PEXT_DELETE_CALLBACK;

typedef struct _EXT_SET_PARAMETERS_V0 {
  ULONG Version;
  ULONG Reserved;
  LONGLONG NoWakeTolerance; /* 100 ns units */
} EXT_SET_PARAMETERS, *PEXT_SET_PARAMETERS;
typedef EXT_SET_PARAMETERS KT2_SET_PARAMETERS, *PKT2_SET_PARAMETERS;

typedef struct _EXT_DELETE_PARAMETERS {
  ULONG Version;
  ULONG Reserved;
  PEXT_DELETE_CALLBACK DeleteCallback;
  PVOID DeleteContext;
} EXT_DELETE_PARAMETERS, *PEXT_DELETE_PARAMETERS;

typedef PVOID PEXT_CANCEL_PARAMETERS;

#define EX_TIMER_HIGH_RESOLUTION     4
#define EX_TIMER_NO_WAKE             8
#define EX_TIMER_NOTIFICATION        (1UL << 31)
#define EX_TIMER_UNLIMITED_TOLERANCE ((LONGLONG)-1)

/* A timer that can be waited for (synchronization, unless Attributes say
 * EX_TIMER_NOTIFICATION), with a Callback or NULL. NULL: no memory, or
 * attributes that do not exist or do not go together. IRQL <= DISPATCH_LEVEL.
 * It is in the ledger until ExDeleteTimer has deleted it. */
NTKERNELAPI PEX_TIMER NTAPI ExAllocateTimer(PEXT_CALLBACK Callback,
                                            PVOID CallbackContext,
                                            ULONG Attributes);

/* As KeSetTimer, but Period is in 100 ns units as well, 0 for none. Parameters
 * may be NULL. TRUE when it was set before. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI ExSetTimer(PEX_TIMER Timer, LONGLONG DueTime,
                                     LONGLONG Period,
                                     PEXT_SET_PARAMETERS Parameters);

/* TRUE when it was set. Its callback may be running, or about to. Parameters
 * is NULL. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI ExCancelTimer(PEX_TIMER Timer,
                                        PEXT_CANCEL_PARAMETERS Parameters);

/* Ends the timer: at once when it is not set and its callback does not run;
 * else with Cancel it is cancelled first (TRUE then), without it expires first.
 * Parameters' DeleteCallback, if there is one, is called when it is gone. With
 * Wait, which needs Cancel, not before the callback has returned: IRQL <=
 * APC_LEVEL then, else <= DISPATCH_LEVEL. A periodic timer needs Cancel. */
NTKERNELAPI BOOLEAN NTAPI ExDeleteTimer(PEX_TIMER Timer, BOOLEAN Cancel,
                                        BOOLEAN Wait,
                                        PEXT_DELETE_PARAMETERS Parameters);

/* What a set timer's resolution is; 100 ns units. ExSetTimerResolution: the
 * one that is in force afterwards; nothing changes here. IRQL any, to set it <=
 * APC_LEVEL. */
NTKERNELAPI VOID NTAPI ExQueryTimerResolution(PULONG MaximumTime,
                                              PULONG MinimumTime,
                                              PULONG CurrentTime);
NTKERNELAPI ULONG NTAPI ExSetTimerResolution(ULONG DesiredTime,
                                             BOOLEAN SetResolution);

UWSK_END_C

UWSK_INLINE VOID
ExInitializeSetTimerParameters(PEXT_SET_PARAMETERS Parameters) {
  Parameters->Version = 0;
  Parameters->Reserved = 0;
  Parameters->NoWakeTolerance = 0;
}

UWSK_INLINE VOID
ExInitializeDeleteTimerParameters(PEXT_DELETE_PARAMETERS Parameters) {
  Parameters->Version = 0;
  Parameters->Reserved = 0;
  Parameters->DeleteCallback = NULL;
  Parameters->DeleteContext = NULL;
}

#endif
