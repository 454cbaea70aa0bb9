/*
 * Ob, Io and Zw: events with handles and names, and references by pointer.
 *
 * An event object begins with the KEVENT that a pointer to it points to. It
 * goes with its last handle and reference. Access rights are not checked: a
 * handle grants everything.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntifs/nf-ntifs-<name>; "Event Objects".
 */
#ifndef UWSK_KM_OB_H
#define UWSK_KM_OB_H

#include <uwsk_ps.h>

UWSK_BEGIN_C

/* ---- events ------------------------------------------------------------- */

/* Makes an event and a handle, which the caller closes with ZwClose. The name
 * in ObjectAttributes (NULL: none) is a full path in a directory that exists
 * (\BaseNamedObjects, \KernelObjects, \Device or the root); names differ by
 * case unless OBJ_CASE_INSENSITIVE says otherwise.
 *
 * STATUS_SUCCESS; STATUS_OBJECT_NAME_EXISTS with OBJ_OPENIF, and a handle to
 * what is there; STATUS_OBJECT_NAME_COLLISION; STATUS_OBJECT_TYPE_MISMATCH: the
 * name is a device's; STATUS_INVALID_PARAMETER_4: no such EventType;
 * STATUS_OBJECT_NAME_INVALID, STATUS_OBJECT_PATH_SYNTAX_BAD,
 * STATUS_OBJECT_PATH_NOT_FOUND; STATUS_NOT_SUPPORTED for OBJ_PERMANENT;
 * STATUS_INVALID_PARAMETER; STATUS_INSUFFICIENT_RESOURCES. IRQL PASSIVE_LEVEL.
 */
NTSYSAPI NTSTATUS NTAPI ZwCreateEvent(PHANDLE EventHandle,
                                      ACCESS_MASK DesiredAccess,
                                      POBJECT_ATTRIBUTES ObjectAttributes,
                                      EVENT_TYPE EventType,
                                      BOOLEAN InitialState);

/* A handle to the event of that name; STATUS_OBJECT_NAME_NOT_FOUND and the
 * statuses above. IRQL PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI ZwOpenEvent(PHANDLE EventHandle,
                                    ACCESS_MASK DesiredAccess,
                                    POBJECT_ATTRIBUTES ObjectAttributes);

/* As KeSetEvent, KeResetEvent and KeClearEvent, of a handle. *PreviousState,
 * which may be NULL, gets 0 or 1. STATUS_INVALID_HANDLE,
 * STATUS_OBJECT_TYPE_MISMATCH. IRQL PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI ZwSetEvent(HANDLE EventHandle, PLONG PreviousState);
NTSYSAPI NTSTATUS NTAPI ZwResetEvent(HANDLE EventHandle, PLONG PreviousState);
NTSYSAPI NTSTATUS NTAPI ZwClearEvent(HANDLE EventHandle);

/* The event of that name, made if need be, signalled then; NULL when it can be
 * neither made nor opened. The pointer is good as long as the handle is open.
 * IRQL PASSIVE_LEVEL. */
NTKERNELAPI PKEVENT NTAPI IoCreateNotificationEvent(PUNICODE_STRING EventName,
                                                    PHANDLE EventHandle);
NTKERNELAPI PKEVENT NTAPI
IoCreateSynchronizationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle);

/* ---- objects ------------------------------------------------------------ */

/* One more reference to an object of that type (NULL, in kernel mode: of any),
 * given back by ObDereferenceObject.
 * STATUS_SUCCESS, STATUS_OBJECT_TYPE_MISMATCH; STATUS_INVALID_PARAMETER for
 * what is no living object. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI
ObReferenceObjectByPointer(PVOID Object, ACCESS_MASK DesiredAccess,
                           POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode);
NTKERNELAPI NTSTATUS NTAPI ObReferenceObjectByPointerWithTag(
    PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
    KPROCESSOR_MODE AccessMode, ULONG Tag);

/* The same of any object; FALSE, and no reference to give back by
 * ObDereferenceObject, when it is about to go. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI BOOLEAN NTAPI ObReferenceObjectSafe(PVOID Object);

/* A handle to an object that the caller has a pointer to; the caller closes it
 * by ZwClose. Statuses as above;
 * STATUS_INSUFFICIENT_RESOURCES. IRQL <= APC_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI ObOpenObjectByPointer(
    PVOID Object, ULONG HandleAttributes, PACCESS_STATE PassedAccessState,
    ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
    KPROCESSOR_MODE AccessMode, PHANDLE Handle);

/* As ZwClose. IRQL PASSIVE_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI ObCloseHandle(HANDLE Handle,
                                         KPROCESSOR_MODE PreviousMode);

/* As ObDereferenceObject: nothing here has to wait for PASSIVE_LEVEL to be
 * deleted. IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI VOID NTAPI ObDereferenceObjectDeferDelete(PVOID Object);
NTKERNELAPI VOID NTAPI ObDereferenceObjectDeferDeleteWithTag(PVOID Object,
                                                             ULONG Tag);

UWSK_END_C

#endif
