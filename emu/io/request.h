/*
 * Requests on open files, as the I/O manager makes, follows and ends them.
 *
 * Every IRP that is sent for a file stands in one list from before the driver
 * gets it until it has come back, so that it can be cancelled by who holds its
 * status block and not the IRP. It holds a reference of the file; those that
 * open and close the file (IRP_CREATE_OPERATION, IRP_CLOSE_OPERATION) do not.
 *
 * How its end is told depends on who asked:
 *
 *   a status block and an event's object of a kernel caller (RequestorMode
 *   KernelMode): as NT does it, so that a failure at once is not told here
 *
 *   an io_outcome (UserMode, or IRP_SYNCHRONOUS_API): always
 */
#ifndef UWSK_IO_REQUEST_H
#define UWSK_IO_REQUEST_H

#include <ntddk.h>
#include <stdbool.h>

#include "io/io.h"
#include "ke/ke.h"

/* The end of a request, in the memory of who waits for it. */
struct io_outcome {
  IO_STATUS_BLOCK iosb; /* UserIosb */
  KEVENT done;       /* UserEvent; what is beside it is good when it is set */
  bool marked;       /* PendingReturned */
  bool expects_mark; /* the dispatch routine returned STATUS_PENDING */
  bool begun;
  UCHAR major;
};

/* What is asked of an open file. */
struct io_request {
  UCHAR major; /* IRP_MJ_READ, _WRITE, _DEVICE_CONTROL, _FLUSH_BUFFERS */
  KPROCESSOR_MODE mode;
  ACCESS_MASK granted;       /* to the handle; not looked at in kernel mode */
  struct io_control control; /* a read has `output`, a write `input` */
  LARGE_INTEGER offset;      /* of reads and writes */
  bool use_position;         /* the file's CurrentByteOffset instead */
  ULONG key;
  const char *call; /* for the ledger */
  const void *caller;
};

/* STATUS_ACCESS_DENIED when a handle with the rights in `granted` does not
 * permit the request: what callers from user mode are held to. */
NTSTATUS io__check_request(const struct io_request *request,
                           ACCESS_MASK granted);

/*
 * Send a request to the device of an open file. Failures before the driver has
 * it are returned, and then nothing is told elsewhere.
 *
 *   io__ask     returns what the driver did. The end is told to `iosb` and to
 *               `event`, an object whose reference is taken over in any case,
 *               or to the file's own event when it is NULL.
 *   io__begin   the end is told to `outcome`, whatever the driver returned. On
 *               a file for synchronous I/O it waits.
 *   io__wait    waits, one request at a time when the file is for synchronous
 *               I/O, and returns the final status. The caller may wait.
 */
NTSTATUS io__ask(PFILE_OBJECT file, const struct io_request *request,
                 PKEVENT event, PIO_STATUS_BLOCK iosb);
NTSTATUS io__begin(PFILE_OBJECT file, const struct io_request *request,
                   struct io_outcome *outcome);
NTSTATUS io__wait(PFILE_OBJECT file, const struct io_request *request,
                  struct io_outcome *outcome);

/* Whether the status block of NT's caller is written: not by what failed at
 * once. */
bool io__is_reported(const struct io_outcome *outcome);

/* Reports a driver that returned STATUS_PENDING and had not marked the IRP,
 * once, when the outcome is there. */
void io__check_outcome(struct io_outcome *outcome);

/* Cancels what `outcome` stands for (NULL: every request of `file`; both NULL:
 * every request there is, opens among them). False when nothing of it is
 * pending. */
bool io__cancel_requests(PFILE_OBJECT file, const struct io_outcome *outcome);

/* Makes an IRP for the file's stack, with FileObject and MajorFunction set, or
 * NULL; with IRP_CLOSE_OPERATION it is never NULL. `flags` go into IRP.Flags.
 */
PIRP io__file_irp(PFILE_OBJECT file, UCHAR major, ULONG flags, const char *call,
                  const void *caller);

/* Whether the file was opened for synchronous I/O. */
bool io__is_synchronous(PFILE_OBJECT file);

/* Sends such an IRP, waits as part of `call`, and returns the final status. The
 * caller may wait. */
NTSTATUS io__send_and_wait(PFILE_OBJECT file, PIRP irp,
                           struct io_outcome *outcome,
                           const struct ke_call *call);

/* Whether the calling thread may wait: at PASSIVE_LEVEL, and in no callback. */
bool io__may_wait(void);
/* The same, reported in the name of `call`. */
bool io__require_wait(const char *call);

/* ---- between request.c and request_send.c ------------------------------- */

/* Before the IRP is sent. */
void io__enter_request(PIRP irp);

/* Whoever waited does so no longer: the end of the request is told to nobody.
 * False when it has come, or is just coming. */
bool io__detach_request(const struct io_outcome *outcome);

/* Whether the request holds a reference of its file. */
bool io__holds_file(PIRP irp);

/* NT's way: what failed at once is told by the return value alone. */
bool io__is_told(NTSTATUS status, bool late);

/* ---- for others --------------------------------------------------------- */

/* From the top of the way up (irp_complete.c): buffers are seen to. */
void io__finish_request(PIRP irp);

/* At the stop of the runtime. */
void io__forget_requests(void);

#endif
