/*
 * The object manager's names, as far as devices need them: a table of device
 * names and of symbolic links. Names compare without case.
 */
#ifndef UWSK_IO_NAME_H
#define UWSK_IO_NAME_H

#include <ntddk.h>
#include <stdbool.h>

/* Enters a name that means `device`. The string is copied. NTSTATUS as
 * IoCreateDevice returns it. */
NTSTATUS io__enter_device_name(PCUNICODE_STRING name, PDEVICE_OBJECT device);

/* Removes the name of the device, if it has one; or this one name of it. */
void io__remove_device_name(PDEVICE_OBJECT device);
void io__remove_name(PCUNICODE_STRING name);

/* Removes the symbolic links that a driver has made and left, with a report for
 * each. Returns how many there were. */
size_t io__forget_links_of(ULONG owner, const char *driver);

/* A name on its way through the links: in the caller's memory, in characters.
 */
struct io_path {
  WCHAR *text;
  size_t length;
  size_t capacity; /* room for what links add */
};

/*
 * Finds the device whose name the path begins with, by way of the links, and
 * takes that name off the path. The device is referenced.
 *
 * STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_PATH_NOT_FOUND (not even the
 * directory is there), STATUS_OBJECT_TYPE_MISMATCH (the path is a directory),
 * STATUS_NAME_TOO_LONG.
 */
NTSTATUS io__find_path(struct io_path *path, PDEVICE_OBJECT *device);

#endif
