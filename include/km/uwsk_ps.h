/*
 * Ps and Ob: system threads, handles, references.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>.
 */
#ifndef UWSK_KM_PS_H
#define UWSK_KM_PS_H

#include <uwsk_io_types.h>

typedef struct _OBJECT_HANDLE_INFORMATION {
  ULONG HandleAttributes;
  ACCESS_MASK GrantedAccess;
} OBJECT_HANDLE_INFORMATION, *POBJECT_HANDLE_INFORMATION;

UWSK_BEGIN_C

/* Starts a thread at PASSIVE_LEVEL. The caller owns *ThreadHandle and closes it
 * with ZwClose, at once if it likes. ProcessHandle NULL is the system process.
 * IRQL PASSIVE_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI PsCreateSystemThread(
    PHANDLE ThreadHandle, ULONG DesiredAccess,
    POBJECT_ATTRIBUTES ObjectAttributes, HANDLE ProcessHandle,
    PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine, PVOID StartContext);

/* Ends the calling system thread; does not return. IRQL PASSIVE_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS ExitStatus);

/* The calling thread, not referenced; its number, and that of its process. Any
 * IRQL. */
NTKERNELAPI PETHREAD NTAPI PsGetCurrentThread(VOID);
NTKERNELAPI HANDLE NTAPI PsGetCurrentThreadId(VOID);
NTKERNELAPI HANDLE NTAPI PsGetCurrentProcessId(VOID);

/* A referenced pointer to what the handle stands for; give it back with
 * ObDereferenceObject. STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH when
 * ObjectType (NULL: any) is another, STATUS_ACCESS_DENIED. IRQL PASSIVE_LEVEL.
 */
NTKERNELAPI NTSTATUS NTAPI ObReferenceObjectByHandle(
    HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
    KPROCESSOR_MODE AccessMode, PVOID *Object,
    POBJECT_HANDLE_INFORMATION HandleInformation);

/* One more, one less; the new count. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI LONG_PTR FASTCALL ObfReferenceObject(PVOID Object);
NTKERNELAPI LONG_PTR FASTCALL ObfDereferenceObject(PVOID Object);
#define ObReferenceObject(Object)   ObfReferenceObject(Object)
#define ObDereferenceObject(Object) ObfDereferenceObject(Object)

/* The same with a tag for debuggers, which changes nothing here; what was
 * referenced so ObDereferenceObjectWithTag gives back. IRQL of the
 * first PASSIVE_LEVEL, of the others <= DISPATCH_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI ObReferenceObjectByHandleWithTag(
    HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
    KPROCESSOR_MODE AccessMode, ULONG Tag, PVOID *Object,
    POBJECT_HANDLE_INFORMATION HandleInformation);
NTKERNELAPI LONG_PTR FASTCALL ObfReferenceObjectWithTag(PVOID Object,
                                                        ULONG Tag);
NTKERNELAPI LONG_PTR FASTCALL ObfDereferenceObjectWithTag(PVOID Object,
                                                          ULONG Tag);
#define ObReferenceObjectWithTag(Object, Tag)                                  \
  ObfReferenceObjectWithTag(Object, Tag)
#define ObDereferenceObjectWithTag(Object, Tag)                                \
  ObfDereferenceObjectWithTag(Object, Tag)

/* Runs the caller in the address space of Process until the detach, which gets
 * what the attach has written. There is one process, so only the calls are
 * paired. IRQL <= APC_LEVEL. */
NTKERNELAPI VOID NTAPI KeStackAttachProcess(PEPROCESS Process,
                                            PRKAPC_STATE ApcState);
NTKERNELAPI VOID NTAPI KeUnstackDetachProcess(PRKAPC_STATE ApcState);

/* Waits for a thread or an event, or for the last request on a file that has no
 * event of its own; otherwise as KeWaitForSingleObject. STATUS_INVALID_HANDLE,
 * STATUS_OBJECT_TYPE_MISMATCH for what cannot be waited for. IRQL
 * PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI ZwWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable,
                                              PLARGE_INTEGER Timeout);

/* STATUS_SUCCESS or STATUS_INVALID_HANDLE. IRQL PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI ZwClose(HANDLE Handle);

/* What ObReferenceObjectByHandle takes as ObjectType, dereferenced once. */
extern POBJECT_TYPE *PsThreadType;
extern POBJECT_TYPE *PsProcessType;
extern POBJECT_TYPE *ExEventObjectType;
extern POBJECT_TYPE *IoFileObjectType;

extern PEPROCESS PsInitialSystemProcess;

UWSK_END_C

#define PsGetCurrentProcess IoGetCurrentProcess

#define NtCurrentProcess() ((HANDLE)(LONG_PTR)-1)
#define ZwCurrentProcess() NtCurrentProcess()
#define NtCurrentThread()  ((HANDLE)(LONG_PTR)-2)
#define ZwCurrentThread()  NtCurrentThread()

#endif
