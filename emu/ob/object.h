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
  /* Begins with a DISPATCHER_HEADER: its handles can be waited for. */
  BOOLEAN Waitable;
};

/* A zeroed object with one reference, or NULL. */
PVOID ob__create_object(POBJECT_TYPE type, size_t size);

/* The same in memory of the caller's, OB_HEADER_SIZE + size bytes, which is not
 * freed: Delete gives it back to whoever keeps it. */
PVOID ob__place_object(void *memory, POBJECT_TYPE type);

#define OB_HEADER_SIZE 32

/* Adds a reference when the object is of `type` (NULL: of any). */
NTSTATUS ob__reference(PVOID object, POBJECT_TYPE type);

/* The type of a living object; NULL, without a report, for anything else. */
POBJECT_TYPE ob__type_of(PVOID object);

/* A handle holding a reference of its own, good for everything. */
NTSTATUS ob__create_handle(PVOID object, const char *call, const void *caller,
                           PHANDLE handle);

/* The same, good for `granted` alone. */
NTSTATUS ob__create_limited_handle(PVOID object, ACCESS_MASK granted,
                                   const char *call, const void *caller,
                                   PHANDLE handle);

/* ObReferenceObjectByHandle for functions that take handles: also refuses one
 * that was not opened for `access` (STATUS_ACCESS_DENIED). */
NTSTATUS ob__reference_by_handle(HANDLE handle, ACCESS_MASK access,
                                 POBJECT_TYPE type, PVOID *object);

#endif
