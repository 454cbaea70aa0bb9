/*
 * Ke, Ps and Zw: what is known of a thread, its priority, and silos. Lengths
 * are in bytes.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>; "Waits and APCs" for
 * waits that end before their time, which a test can ask for (uwsk/fault.h).
 */
#ifndef UWSK_KM_THREAD_H
#define UWSK_KM_THREAD_H

#include <uwsk_io_types.h>

/* ---- information -------------------------------------------------------- */

typedef enum _THREADINFOCLASS {
  ThreadBasicInformation,
  ThreadTimes,
  ThreadPriority,
  ThreadBasePriority,
  ThreadAffinityMask,
  ThreadImpersonationToken,
  ThreadDescriptorTableEntry,
  ThreadEnableAlignmentFaultFixup,
  ThreadEventPair_Reusable,
  ThreadQuerySetWin32StartAddress,
  ThreadZeroTlsCell,
  ThreadPerformanceCount,
  ThreadAmILastThread,
  ThreadIdealProcessor,
  ThreadPriorityBoost,
  ThreadSetTlsArrayAddress,
  ThreadIsIoPending,
  ThreadHideFromDebugger,
  ThreadBreakOnTermination,
  ThreadSwitchLegacyState,
  ThreadIsTerminated,
  ThreadLastSystemCall,
  ThreadIoPriority,
  ThreadCycleTime,
  ThreadPagePriority,
  ThreadActualBasePriority,
  ThreadTebInformation,
  ThreadCSwitchMon,
  ThreadCSwitchPmu,
  ThreadWow64Context,
  ThreadGroupInformation,
  ThreadUmsInformation,
  ThreadCounterProfiling,
  ThreadIdealProcessorEx,
  ThreadCpuAccountingInformation,
  ThreadSuspendCount,
  ThreadHeterogeneousCpuPolicy,
  ThreadContainerId,
  ThreadNameInformation,
  ThreadSelectedCpuSets,
  ThreadSystemThreadInformation,
  ThreadActualGroupAffinity,
  ThreadDynamicCodePolicyInfo,
  ThreadExplicitCaseSensitivity,
  ThreadWorkOnBehalfTicket,
  ThreadSubsystemInformation,
  ThreadDbgkWerReportActive,
  ThreadAttachContainer,
  ThreadManageWritesToExecutableMemory,
  ThreadPowerThrottlingState,
  ThreadWorkloadClass,
  MaxThreadInfoClass
} THREADINFOCLASS;

/* ThreadPagePriority: 1 to 5. */
typedef struct _PAGE_PRIORITY_INFORMATION {
  ULONG PagePriority;
} PAGE_PRIORITY_INFORMATION, *PPAGE_PRIORITY_INFORMATION;

typedef struct _POWER_THROTTLING_THREAD_STATE {
  ULONG Version;
  ULONG ControlMask;
  ULONG StateMask;
} POWER_THROTTLING_THREAD_STATE, *PPOWER_THROTTLING_THREAD_STATE;

#define POWER_THROTTLING_THREAD_CURRENT_VERSION 1
#define POWER_THROTTLING_THREAD_EXECUTION_SPEED 0x1
#define POWER_THROTTLING_THREAD_VALID_FLAGS     0x1

typedef struct _EJOB *PEJOB;
typedef PEJOB PESILO;

UWSK_BEGIN_C

/* Of a thread's handle, or ZwCurrentThread().
 *
 * Query answers ThreadBasicInformation (ExitStatus is STATUS_PENDING until the
 * thread has ended), ThreadIsTerminated, ThreadQuerySetWin32StartAddress,
 * ThreadPagePriority, ThreadGroupInformation, ThreadIdealProcessorEx and
 * ThreadNameInformation (a UNICODE_STRING with its text behind it).
 * Set takes ThreadPriority, ThreadBasePriority, ThreadPagePriority,
 * ThreadPowerThrottlingState, ThreadAffinityMask, ThreadGroupInformation,
 * ThreadIdealProcessorEx (which returns the former one) and
 * ThreadNameInformation; affinities are kept to, the rest is remembered.
 *
 * STATUS_INVALID_INFO_CLASS for the others; STATUS_INFO_LENGTH_MISMATCH (names:
 * STATUS_BUFFER_TOO_SMALL), *ReturnLength says what is needed;
 * STATUS_INVALID_PARAMETER for a value that is out of bounds; the statuses of
 * ObReferenceObjectByHandle; STATUS_INSUFFICIENT_RESOURCES for a name. IRQL
 * PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI ZwQueryInformationThread(
    HANDLE ThreadHandle, THREADINFOCLASS ThreadInformationClass,
    PVOID ThreadInformation, ULONG ThreadInformationLength,
    PULONG ReturnLength);
NTSYSAPI NTSTATUS NTAPI ZwSetInformationThread(
    HANDLE ThreadHandle, THREADINFOCLASS ThreadInformationClass,
    PVOID ThreadInformation, ULONG ThreadInformationLength);

/* What PsGetCurrentThreadId returns on that thread. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI HANDLE NTAPI PsGetThreadId(PETHREAD Thread);

/* 4, the System process's. Any IRQL. */
NTKERNELAPI HANDLE NTAPI PsGetProcessId(PEPROCESS Process);

/* STATUS_PENDING while it runs. IRQL <= APC_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI PsGetThreadExitStatus(PETHREAD Thread);

/* TRUE: every thread belongs to the System process. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI PsIsSystemThread(PETHREAD Thread);

/* ---- priorities --------------------------------------------------------- */

/* From 1 to 31; a new thread has 8, that of the System process. Set returns the
 * former one. KeSetBasePriorityThread sets the base priority, and with it the
 * present one, relative to the process's, within 1 to 15; it returns the former
 * increment. No effect on what the host runs. IRQL PASSIVE_LEVEL. */
NTKERNELAPI KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD Thread,
                                                KPRIORITY Priority);
NTKERNELAPI KPRIORITY NTAPI KeQueryPriorityThread(PKTHREAD Thread);
NTKERNELAPI LONG NTAPI KeSetBasePriorityThread(PKTHREAD Thread, LONG Increment);

/* ---- silos -------------------------------------------------------------- */

/* There is the host's silo, whose pointer is NULL, and every thread is in it.
 * IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI PESILO NTAPI PsGetHostSilo(VOID);
NTKERNELAPI BOOLEAN NTAPI PsIsHostSilo(PESILO Silo);
NTKERNELAPI PESILO NTAPI PsGetCurrentServerSilo(VOID);
NTKERNELAPI PESILO NTAPI PsGetEffectiveServerSilo(PESILO Silo);
NTKERNELAPI PESILO NTAPI PsGetThreadServerSilo(PETHREAD Thread);
NTKERNELAPI BOOLEAN NTAPI PsIsCurrentThreadInServerSilo(VOID);

/* Puts the calling thread into a silo until it is detached with what the attach
 * has returned: a value that means something to the detach alone. */
NTKERNELAPI PESILO NTAPI PsAttachSiloToCurrentThread(PESILO Silo);
NTKERNELAPI VOID NTAPI PsDetachSiloFromCurrentThread(PESILO PreviousSilo);

UWSK_END_C

#endif
