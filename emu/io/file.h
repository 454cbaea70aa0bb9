/*
 * File objects: open devices. What an open does is NT's, step by step: the name
 * is resolved, the device looked at, the file object made, IRP_MJ_CREATE sent;
 * the handle comes last.
 *
 * The end comes in two steps. IRP_MJ_CLEANUP is sent when the last handle is
 * closed, IRP_MJ_CLOSE when the last reference has gone; a request that pends
 * holds one. Both are sent at PASSIVE_LEVEL, by a worker thread where the last
 * one to let go must not wait.
 */
#ifndef UWSK_IO_FILE_H
#define UWSK_IO_FILE_H

#include <ntddk.h>
#include <stdbool.h>

struct ke_call; /* ke/ke.h */

/* What an open asks for, in ZwCreateFile's words. */
struct io_opening {
  PCUNICODE_STRING name;
  PFILE_OBJECT related; /* the name is relative to this one; or NULL */
  ACCESS_MASK access;
  ULONG attributes;
  ULONG share;
  ULONG disposition;
  ULONG options;
  LARGE_INTEGER allocation_size;
  PVOID ea;
  ULONG ea_length;
  KPROCESSOR_MODE mode;
  bool case_sensitive;
  const char *call; /* for the ledger */
  const void *caller;
};

/* *information is what the driver said of it, FILE_OPENED and the like. The
 * caller may wait. */
NTSTATUS io__open_file(const struct io_opening *opening, PHANDLE handle,
                       ULONG_PTR *information);

/* ---- between open.c and file.c ------------------------------------------ */

/*
 * Makes a file object with one reference, which counts as an open of the device
 * until it is gone. `name` is the driver's part of the path; its buffer, from
 * os__alloc, is taken over. STATUS_NO_SUCH_DEVICE, STATUS_ACCESS_DENIED,
 * STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS io__make_file(const struct io_opening *opening, PDEVICE_OBJECT device,
                       PUNICODE_STRING name, PFILE_OBJECT *file);

/* The driver has agreed: from now on it hears of the end, too. */
void io__mark_opened(PFILE_OBJECT file, const struct io_opening *opening);

/* ---- for others --------------------------------------------------------- */

/* One request at a time, on files for synchronous I/O. May wait,
 * as part of `call`. */
void io__lock_file(PFILE_OBJECT file, const struct ke_call *call);
void io__unlock_file(PFILE_OBJECT file);

/* How many files of the driver's devices are open. */
size_t io__count_files(PDRIVER_OBJECT driver);

/* At the stop of the runtime. */
void io__forget_files(void);

#endif
