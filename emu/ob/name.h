/*
 * Names of objects. A few directories are there and no others can be made; a
 * name goes with its object. Names of devices and links are the I/O manager's
 * (emu/io/name.c), and in the way of ours.
 */
#ifndef UWSK_OB_NAME_H
#define UWSK_OB_NAME_H

#include <ntddk.h>

/* Lives in the object that has the name. */
struct ob_name {
  LIST_ENTRY entry;
  UNICODE_STRING text; /* with an empty buffer: the object has no name */
  PVOID object;
};

/* The statuses that attributes and the name in them deserve. */
NTSTATUS ob__check_name(const OBJECT_ATTRIBUTES *attributes);

/* Gives an object its name: STATUS_SUCCESS. STATUS_OBJECT_NAME_COLLISION when
 * it is taken, and *existing has that object with a reference added;
 * STATUS_OBJECT_TYPE_MISMATCH when it is a device's. */
NTSTATUS ob__enter_name(struct ob_name *name, PVOID object,
                        const OBJECT_ATTRIBUTES *attributes, PVOID *existing);

/* The object of that name with a reference added, or
 * STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_TYPE_MISMATCH. */
NTSTATUS ob__find_name(const OBJECT_ATTRIBUTES *attributes, PVOID *object);

/* When the object goes. */
void ob__remove_name(struct ob_name *name);

#endif
