/*
 * Ke: processors, and which of them a thread runs on.
 *
 * The processors are the host's that this process may use, all in group 0, at
 * most 64, and their index is their number. How they are related is the same on
 * every host: docs/differences.md.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>.
 */
#ifndef UWSK_KM_PROCESSOR_H
#define UWSK_KM_PROCESSOR_H

#include <uwsk_ke_types.h>

#define INVALID_PROCESSOR_INDEX 0xffffffff
#define ALL_PROCESSOR_GROUPS    0xffff

UWSK_BEGIN_C

/* ---- counting and naming ------------------------------------------------ */

/* The calling thread may go to another processor at any time, whatever its
 * IRQL, unless its affinity names one. Any IRQL.
 * KeGetProcessorNumberFromIndex: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER
 * when there is none; the way back returns INVALID_PROCESSOR_INDEX then. */
NTKERNELAPI ULONG NTAPI
KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber);
NTKERNELAPI NTSTATUS NTAPI
KeGetProcessorNumberFromIndex(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber);
NTKERNELAPI ULONG NTAPI
KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber);
NTKERNELAPI ULONG NTAPI KeGetCurrentProcessorNumber(VOID);

/* How many there are, in a group or with ALL_PROCESSOR_GROUPS in all; 0 for a
 * group that is not there. As a mask: *ActiveProcessors, which may be NULL. */
NTKERNELAPI ULONG NTAPI
KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors);
NTKERNELAPI ULONG NTAPI KeQueryActiveProcessorCountEx(USHORT GroupNumber);
NTKERNELAPI ULONG NTAPI KeQueryMaximumProcessorCount(VOID);
NTKERNELAPI ULONG NTAPI KeQueryMaximumProcessorCountEx(USHORT GroupNumber);
NTKERNELAPI KAFFINITY NTAPI KeQueryActiveProcessors(VOID);
NTKERNELAPI KAFFINITY NTAPI KeQueryGroupAffinity(USHORT GroupNumber);
NTKERNELAPI USHORT NTAPI KeQueryActiveGroupCount(VOID);
NTKERNELAPI USHORT NTAPI KeQueryMaximumGroupCount(VOID);

/* Nodes of memory: there is one, 0, and it has every processor. What is asked
 * of KeQueryNodeActiveAffinity may be NULL; zeroes for a node that is not
 * there. */
NTKERNELAPI USHORT NTAPI KeGetCurrentNodeNumber(VOID);
NTKERNELAPI USHORT NTAPI KeQueryHighestNodeNumber(VOID);
NTKERNELAPI VOID NTAPI KeQueryNodeActiveAffinity(USHORT NodeNumber,
                                                 PGROUP_AFFINITY Affinity,
                                                 PUSHORT Count);

/* ---- how they are related ----------------------------------------------- */

typedef enum _LOGICAL_PROCESSOR_RELATIONSHIP {
  RelationProcessorCore,
  RelationNumaNode,
  RelationCache,
  RelationProcessorPackage,
  RelationGroup,
  RelationProcessorDie,
  RelationNumaNodeEx,
  RelationProcessorModule,
  RelationAll = 0xffff
} LOGICAL_PROCESSOR_RELATIONSHIP;

typedef enum _PROCESSOR_CACHE_TYPE {
  CacheUnified,
  CacheInstruction,
  CacheData,
  CacheTrace,
  CacheUnknown
} PROCESSOR_CACHE_TYPE;

#define LTP_PC_SMT              0x1 /* a core with several processors */
#define CACHE_FULLY_ASSOCIATIVE 0xFF

typedef struct _PROCESSOR_RELATIONSHIP {
  UCHAR Flags;
  UCHAR EfficiencyClass;
  UCHAR Reserved[20];
  USHORT GroupCount;
  GROUP_AFFINITY GroupMask[ANYSIZE_ARRAY];
} PROCESSOR_RELATIONSHIP, *PPROCESSOR_RELATIONSHIP;

typedef struct _NUMA_NODE_RELATIONSHIP {
  ULONG NodeNumber;
  UCHAR Reserved[18];
  USHORT GroupCount;
  __extension__ union {
    GROUP_AFFINITY GroupMask;
    GROUP_AFFINITY GroupMasks[ANYSIZE_ARRAY];
  };
} NUMA_NODE_RELATIONSHIP, *PNUMA_NODE_RELATIONSHIP;

typedef struct _CACHE_RELATIONSHIP {
  UCHAR Level;
  UCHAR Associativity;
  USHORT LineSize;
  ULONG CacheSize;
  PROCESSOR_CACHE_TYPE Type;
  UCHAR Reserved[18];
  USHORT GroupCount;
  __extension__ union {
    GROUP_AFFINITY GroupMask;
    GROUP_AFFINITY GroupMasks[ANYSIZE_ARRAY];
  };
} CACHE_RELATIONSHIP, *PCACHE_RELATIONSHIP;

typedef struct _PROCESSOR_GROUP_INFO {
  UCHAR MaximumProcessorCount;
  UCHAR ActiveProcessorCount;
  UCHAR Reserved[38];
  KAFFINITY ActiveProcessorMask;
} PROCESSOR_GROUP_INFO, *PPROCESSOR_GROUP_INFO;

typedef struct _GROUP_RELATIONSHIP {
  USHORT MaximumGroupCount;
  USHORT ActiveGroupCount;
  UCHAR Reserved[20];
  PROCESSOR_GROUP_INFO GroupInfo[ANYSIZE_ARRAY];
} GROUP_RELATIONSHIP, *PGROUP_RELATIONSHIP;

/* Size is that of this entry: the next one stands behind so many bytes. */
typedef struct _SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX {
  LOGICAL_PROCESSOR_RELATIONSHIP Relationship;
  ULONG Size;
  __extension__ union {
    PROCESSOR_RELATIONSHIP Processor;
    NUMA_NODE_RELATIONSHIP NumaNode;
    CACHE_RELATIONSHIP Cache;
    GROUP_RELATIONSHIP Group;
  };
} SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX,
    *PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX;

/* Writes the entries of one relationship, or of all, that concern the processor
 * (NULL: any). *Length is the size of Information before, and what it takes
 * afterwards. STATUS_SUCCESS; STATUS_INFO_LENGTH_MISMATCH, and nothing written,
 * when Information is NULL or too small; STATUS_INVALID_PARAMETER for a
 * processor or a relationship that is not there. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI KeQueryLogicalProcessorRelationship(
    PPROCESSOR_NUMBER ProcessorNumber,
    LOGICAL_PROCESSOR_RELATIONSHIP RelationshipType,
    PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Information, PULONG Length);

/* ---- where a thread runs ------------------------------------------------ */

/* Keeps the calling thread on the processors of the mask until it is reverted;
 * when the call returns it runs on one of them. A mask without a processor, or
 * with one that is not there, changes nothing. The Ex form returns the former
 * system affinity, 0 when the thread had none, for the revert; 0 reverts to
 * where the thread may run by itself. The same for groups, of which there is
 * one. IRQL <= DISPATCH_LEVEL; the change does not wait for a lower one. */
NTKERNELAPI VOID NTAPI KeSetSystemAffinityThread(KAFFINITY Affinity);
NTKERNELAPI KAFFINITY NTAPI KeSetSystemAffinityThreadEx(KAFFINITY Affinity);
NTKERNELAPI VOID NTAPI KeRevertToUserAffinityThread(VOID);
NTKERNELAPI VOID NTAPI KeRevertToUserAffinityThreadEx(KAFFINITY Affinity);
NTKERNELAPI VOID NTAPI KeSetSystemGroupAffinityThread(
    PGROUP_AFFINITY Affinity, PGROUP_AFFINITY PreviousAffinity);
NTKERNELAPI VOID NTAPI
KeRevertToUserGroupAffinityThread(PGROUP_AFFINITY PreviousAffinity);

UWSK_END_C

#define KeGetCurrentProcessorIndex() KeGetCurrentProcessorNumber()

#endif
