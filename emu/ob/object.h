/*
 * Reference-counted objects and the handles that name them.
 *
 * An object is allocated with a header in front; its life ends when the last
 * reference is given back. A handle holds one reference. Handles are small
 * multiples of four in one table, as in NT's System process; like there, all
 * threads share it.
 */
#ifndef UWSK_OB_OBJECT_H
#define UWSK_OB_OBJECT_H

#include <ntddk.h>

struct _OBJECT_TYPE {
  const char *Name;
  /* Called when the last reference is gone, before the memory is freed. */
  VOID (*Delete)(PVOID Object);
  /* Called when the last handle has been closed, on the thread that closed it.
   * A reference is still held. */
  VOID (*Close)(PVOID Object);
  /* Asked when the last reference is gone. TRUE: Delete has to wait, and the
   * type calls ob__delete_object later. */
  BOOLEAN (*Defer)(PVOID Object);
  /* What a wait on a handle waits for, when that is not the object itself. */
  PVOID (*WaitFor)(PVOID Object);
  /* Begins with a DISPATCHER_HEADER: its handles can be waited for. */
  BOOLEAN Waitable;
};

/* A zeroed object with one reference, or NULL. */
PVOID ob__create_object(POBJECT_TYPE type, size_t size);

/* The same in memory of the caller's, OB_HEADER_SIZE + size bytes, which is not
 * freed: Delete gives it back to whoever keeps it. */
PVOID ob__place_object(void *memory, POBJECT_TYPE type);

#define OB_HEADER_SIZE 48

/* Adds a reference when the object is of `type` (NULL: of any). */
NTSTATUS ob__reference(PVOID object, POBJECT_TYPE type);

/* The type of a living object; NULL, without a report, for anything else. */
POBJECT_TYPE ob__type_of(PVOID object);

/* The dispatcher object that a wait on a handle of the object is for; NULL when
 * there is none. */
PVOID ob__dispatcher_of(PVOID object);

/* Calls the type's Delete and frees the memory: for types that put it off. */
void ob__delete_object(PVOID object);

/* A handle holding a reference of its own, good for everything. */
NTSTATUS ob__create_handle(PVOID object, const char *call, const void *caller,
                           PHANDLE handle);

/* The same, good for `granted` alone. */
NTSTATUS ob__create_limited_handle(PVOID object, ACCESS_MASK granted,
                                   const char *call, const void *caller,
                                   PHANDLE handle);

/* ObReferenceObjectByHandle, for any IRQL. */
NTSTATUS ob__from_handle(HANDLE Handle, ACCESS_MASK DesiredAccess,
                         POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
                         PVOID *Object,
                         POBJECT_HANDLE_INFORMATION HandleInformation);

/* ObReferenceObjectByHandle for functions that take handles: also refuses one
 * that was not opened for `access` (STATUS_ACCESS_DENIED). */
NTSTATUS ob__reference_by_handle(HANDLE handle, ACCESS_MASK access,
                                 POBJECT_TYPE type, PVOID *object);

/* ---- between the files of emu/ob ---------------------------------------- */

/* Count the handles of an object. The last one that is removed calls the type's
 * Close. */
void ob__add_handle(PVOID object);
void ob__remove_handle(PVOID object);

#endif
