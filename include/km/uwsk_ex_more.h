/*
 * More of Ex: pool under other names, callback objects, rundown protection for
 * many processors, and small things. Sizes and lengths are in bytes.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>; "Callback Objects".
 */
#ifndef UWSK_KM_EX_MORE_H
#define UWSK_KM_EX_MORE_H

#include <guiddef.h>

#include <uwsk_ex.h>

/* ---- pool --------------------------------------------------------------- */

typedef enum POOL_EXTENDED_PARAMETER_TYPE {
  PoolExtendedParameterInvalidType = 0,
  PoolExtendedParameterPriority,
  PoolExtendedParameterSecurePool,
  PoolExtendedParameterNumaNode,
  PoolExtendedParameterMax
} POOL_EXTENDED_PARAMETER_TYPE;

typedef ULONG POOL_NODE_REQUIREMENT;
#define MM_ANY_NODE_OK 0x80000000

typedef struct _POOL_EXTENDED_PARAMS_SECURE_POOL
    POOL_EXTENDED_PARAMS_SECURE_POOL;

typedef struct _POOL_EXTENDED_PARAMETER {
  __extension__ struct {
    ULONG64 Type : 8;
    ULONG64 Optional : 1; /* who does not know it may ignore it */
    ULONG64 Reserved : 55;
  };
  __extension__ union {
    ULONG64 Reserved2;
    PVOID Reserved3;
    EX_POOL_PRIORITY Priority;
    POOL_EXTENDED_PARAMS_SECURE_POOL *SecurePoolParams;
    POOL_NODE_REQUIREMENT PreferredNode;
  };
} POOL_EXTENDED_PARAMETER, *PPOOL_EXTENDED_PARAMETER;
typedef const POOL_EXTENDED_PARAMETER *PCPOOL_EXTENDED_PARAMETER;

UWSK_BEGIN_C

/* As ExAllocatePool2; freed by ExFreePool2 or ExFreePoolWithTag. Priorities and
 * nodes are accepted and change nothing; there is no secure pool. NULL, or what
 * POOL_FLAG_RAISE_ON_FAILURE asks for, for parameters that do not exist and are
 * not optional. IRQL <= DISPATCH_LEVEL; <= APC_LEVEL for paged pool. */
NTKERNELAPI PVOID NTAPI
ExAllocatePool3(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag,
                PCPOOL_EXTENDED_PARAMETER ExtendedParameters, ULONG Count);
NTKERNELAPI VOID NTAPI ExFreePool2(PVOID P, ULONG Tag,
                                   PCPOOL_EXTENDED_PARAMETER ExtendedParameters,
                                   ULONG Count);

/* As ExAllocatePoolWithTag, freed by ExFreePool too; there are no quotas. The
 * Quota forms raise STATUS_INSUFFICIENT_RESOURCES without memory, unless
 * PoolType has POOL_QUOTA_FAIL_INSTEAD_OF_RAISE. Priorities change nothing.
 * IRQL <= DISPATCH_LEVEL; <= APC_LEVEL for paged pool. */
NTKERNELAPI PVOID NTAPI ExAllocatePoolWithQuotaTag(POOL_TYPE PoolType,
                                                   SIZE_T NumberOfBytes,
                                                   ULONG Tag);
NTKERNELAPI PVOID NTAPI ExAllocatePoolQuotaZero(POOL_TYPE PoolType,
                                                SIZE_T NumberOfBytes,
                                                ULONG Tag);
NTKERNELAPI PVOID NTAPI ExAllocatePoolQuotaUninitialized(POOL_TYPE PoolType,
                                                         SIZE_T NumberOfBytes,
                                                         ULONG Tag);
NTKERNELAPI PVOID NTAPI
ExAllocatePoolWithTagPriority(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                              ULONG Tag, EX_POOL_PRIORITY Priority);
NTKERNELAPI PVOID NTAPI ExAllocatePoolPriorityZero(POOL_TYPE PoolType,
                                                   SIZE_T NumberOfBytes,
                                                   ULONG Tag,
                                                   EX_POOL_PRIORITY Priority);
NTKERNELAPI PVOID NTAPI
ExAllocatePoolPriorityUninitialized(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
                                    ULONG Tag, EX_POOL_PRIORITY Priority);

/* ---- rundown protection for many processors ------------------------------ */

/* As EX_RUNDOWN_REF; on Windows each processor has a count of its own. The
 * first form allocates (NULL without memory; ended by
 * ExFreeCacheAwareRundownProtection), the second takes
 * ExSizeOfRundownProtectionCacheAware() bytes of the driver's. IRQL <=
 * APC_LEVEL, to acquire and to release <= DISPATCH_LEVEL. */
typedef struct _EX_RUNDOWN_REF_CACHE_AWARE *PEX_RUNDOWN_REF_CACHE_AWARE;

NTKERNELAPI PEX_RUNDOWN_REF_CACHE_AWARE NTAPI
ExAllocateCacheAwareRundownProtection(POOL_TYPE PoolType, ULONG PoolTag);
NTKERNELAPI VOID NTAPI
ExFreeCacheAwareRundownProtection(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware);
NTKERNELAPI SIZE_T NTAPI ExSizeOfRundownProtectionCacheAware(VOID);
NTKERNELAPI VOID NTAPI ExInitializeRundownProtectionCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, SIZE_T RunRefSize);
NTKERNELAPI VOID NTAPI ExReInitializeRundownProtectionCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware);
NTKERNELAPI BOOLEAN NTAPI ExAcquireRundownProtectionCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware);
NTKERNELAPI BOOLEAN NTAPI ExAcquireRundownProtectionCacheAwareEx(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, ULONG Count);
NTKERNELAPI VOID NTAPI ExReleaseRundownProtectionCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware);
NTKERNELAPI VOID NTAPI ExReleaseRundownProtectionCacheAwareEx(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, ULONG Count);
NTKERNELAPI VOID NTAPI ExWaitForRundownProtectionReleaseCacheAware(
    PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware);
NTKERNELAPI VOID NTAPI
ExRundownCompletedCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware);

/* ---- locks -------------------------------------------------------------- */

/* TRUE when the lock was free for it. IRQL >= DISPATCH_LEVEL. */
NTKERNELAPI LOGICAL NTAPI
ExTryAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI LOGICAL NTAPI
ExTryAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock);

/* The caller has APCs disabled, and stays as it is. IRQL <= APC_LEVEL. */
NTKERNELAPI VOID FASTCALL ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex);
NTKERNELAPI VOID FASTCALL ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex);

/* The former value; with the lock held at DISPATCH_LEVEL. Any IRQL. */
NTKERNELAPI ULONG FASTCALL ExInterlockedAddUlong(PULONG Addend, ULONG Increment,
                                                 PKSPIN_LOCK Lock);
NTKERNELAPI LARGE_INTEGER NTAPI ExInterlockedAddLargeInteger(
    PLARGE_INTEGER Addend, LARGE_INTEGER Increment, PKSPIN_LOCK Lock);

/* ---- callback objects --------------------------------------------------- */

typedef struct _CALLBACK_OBJECT *PCALLBACK_OBJECT;

typedef VOID NTAPI CALLBACK_FUNCTION(PVOID CallbackContext, PVOID Argument1,
                                     PVOID Argument2);
typedef CALLBACK_FUNCTION *PCALLBACK_FUNCTION;

/* Opens the callback object of that name, or with Create makes it; the caller
 * gives the reference back with ObDereferenceObject. STATUS_UNSUCCESSFUL for no
 * name; STATUS_OBJECT_NAME_NOT_FOUND and the other statuses of names (see
 * ZwCreateEvent); STATUS_INSUFFICIENT_RESOURCES. OBJ_PERMANENT is accepted and
 * has no effect: the object goes with its last reference. IRQL <= APC_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI ExCreateCallback(PCALLBACK_OBJECT *CallbackObject,
                                            POBJECT_ATTRIBUTES ObjectAttributes,
                                            BOOLEAN Create,
                                            BOOLEAN AllowMultipleCallbacks);

/* A handle for ExUnregisterCallback, which the caller owes; NULL when there is
 * no memory, or when the object allows one function only and has it. The
 * registration references the object. IRQL <= APC_LEVEL. */
NTKERNELAPI PVOID NTAPI ExRegisterCallback(PCALLBACK_OBJECT CallbackObject,
                                           PCALLBACK_FUNCTION CallbackFunction,
                                           PVOID CallbackContext);

/* Waits until the function is not running. IRQL <= APC_LEVEL. */
NTKERNELAPI VOID NTAPI ExUnregisterCallback(PVOID CallbackRegistration);

/* Calls the registered functions in the order of their registration, at the
 * caller's IRQL. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI ExNotifyCallback(PVOID CallbackObject, PVOID Argument1,
                                        PVOID Argument2);

/* ---- small things ------------------------------------------------------- */

#ifndef UUID_DEFINED
#define UUID_DEFINED
typedef GUID UUID;
#endif

/* A GUID that nobody has had. STATUS_SUCCESS. IRQL PASSIVE_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI ExUuidCreate(UUID *Uuid);

/* KernelMode: nobody comes from user mode. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI KPROCESSOR_MODE NTAPI ExGetPreviousMode(VOID);

UWSK_END_C

#endif
