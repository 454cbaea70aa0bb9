/*
 * uwsk/device.h: open a driver's device and send it requests, as a Windows
 * program does with CreateFile, DeviceIoControl, ReadFile and WriteFile.
 *
 *     uwsk_handle device;
 *     if (uwsk_open("\\\\.\\Sample", UWSK_OPEN_READ | UWSK_OPEN_WRITE,
 *                   &device) == 0) {
 *       status =
 *           uwsk_ioctl(device, code, in, sizeof in, out, sizeof out, &got);
 *       uwsk_close(device);
 *     }
 *
 * The driver's dispatch routines run on the calling thread and see IRPs whose
 * RequestorMode is UserMode. Every function may be called by any thread between
 * uwsk_start and uwsk_stop, at PASSIVE_LEVEL and outside of callbacks; anywhere
 * else it answers STATUS_INVALID_DEVICE_STATE and does nothing. A call that
 * waits lets I/O proceed, in stepped mode, too. A request belongs to no thread:
 * it goes on when the thread that began it ends.
 *
 * The statuses are NTSTATUS values; uwsk_status_name (uwsk/status.h) has names
 * for them. docs/devices.md tells the rest.
 */
#ifndef UWSK_DEVICE_H
#define UWSK_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include <uwsk/uwsk.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An open device: a HANDLE, also for kernel code. */
typedef void *uwsk_handle;

/* ---- opening and closing ----------------------------------------------- */

#define UWSK_OPEN_READ       1u /* GENERIC_READ */
#define UWSK_OPEN_WRITE      2u /* GENERIC_WRITE */
#define UWSK_OPEN_OVERLAPPED 4u /* FILE_FLAG_OVERLAPPED */

/*
 * Opens the device with this name, in UTF-8: a symbolic link as a program
 * writes it ("\\.\Sample") or as the driver did ("\??\Sample",
 * "\DosDevices\Sample"), or the device's own name ("\Device\Sample"). What
 * follows after one more backslash is for the driver (FileObject->FileName).
 *
 * Without UWSK_OPEN_OVERLAPPED the handle is one for synchronous I/O: there is
 * one request at a time, and each is over when its call returns.
 *
 * Returns what the driver's IRP_MJ_CREATE answered, or a status of the I/O
 * manager: STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_PATH_NOT_FOUND,
 * STATUS_OBJECT_PATH_SYNTAX_BAD, STATUS_OBJECT_TYPE_MISMATCH (see ZwCreateFile
 * in km/uwsk_file.h), STATUS_NO_SUCH_DEVICE (DO_DEVICE_INITIALIZING is set, or
 * the device is being deleted), STATUS_ACCESS_DENIED (the device is exclusive
 * and open), STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_PARAMETER (a NULL).
 * On success *handle is the caller's to close, else it is NULL.
 */
uwsk_ntstatus uwsk_open(const char *name, unsigned flags, uwsk_handle *handle);

/* Sends IRP_MJ_CLEANUP, on which a driver cancels what pends for the handle,
 * and waits for that alone: requests that pend can be waited for afterwards.
 * IRP_MJ_CLOSE comes when the last of them is done. STATUS_SUCCESS, or
 * STATUS_INVALID_HANDLE. */
uwsk_ntstatus uwsk_close(uwsk_handle handle);

/* ---- requests that are waited for -------------------------------------- */

/*
 * Send one request and wait until it is done. The result is the final status;
 * *information (which may be NULL) is the number of bytes, or what else the
 * driver put there, and 0 for what failed at once.
 *
 * Buffers may be NULL when their length is 0. `offset` reaches the driver as
 * ByteOffset. STATUS_ACCESS_DENIED when the handle was not opened for it: a
 * code with FILE_READ_ACCESS or FILE_WRITE_ACCESS wants UWSK_OPEN_READ or
 * _WRITE. STATUS_INVALID_HANDLE; STATUS_INSUFFICIENT_RESOURCES before the
 * driver has seen anything.
 */
uwsk_ntstatus uwsk_ioctl(uwsk_handle handle, unsigned code, const void *input,
                         size_t input_length, void *output,
                         size_t output_length, size_t *information);
uwsk_ntstatus uwsk_read(uwsk_handle handle, unsigned long long offset,
                        void *buffer, size_t length, size_t *information);
uwsk_ntstatus uwsk_write(uwsk_handle handle, unsigned long long offset,
                         const void *buffer, size_t length,
                         size_t *information);

/* IRP_MJ_FLUSH_BUFFERS. */
uwsk_ntstatus uwsk_flush(uwsk_handle handle);

/* ---- requests that go on ----------------------------------------------- */

/*
 * A request under way, as an OVERLAPPED is one: the caller's memory, which has
 * to stay, with the buffers, until the request is done. There is nothing to
 * free; it may be used again then.
 */
struct uwsk_request {
  void *opaque[8];
};

/*
 * Send a request and return at once: STATUS_PENDING, or the final status when
 * the driver has answered already. In both cases the functions below know of
 * it, also after an error. On a handle that is not overlapped they wait.
 */
uwsk_ntstatus uwsk_begin_ioctl(struct uwsk_request *request, uwsk_handle handle,
                               unsigned code, const void *input,
                               size_t input_length, void *output,
                               size_t output_length);
uwsk_ntstatus uwsk_begin_read(struct uwsk_request *request, uwsk_handle handle,
                              unsigned long long offset, void *buffer,
                              size_t length);
uwsk_ntstatus uwsk_begin_write(struct uwsk_request *request, uwsk_handle handle,
                               unsigned long long offset, const void *buffer,
                               size_t length);

/* To the four functions below, NULL is a request that was never begun. */

/* Whether it is done. Any thread. */
bool uwsk_is_done(struct uwsk_request *request);

/* Waits until it is done (STATUS_SUCCESS, whatever its own status is) or
 * `timeout_ms` have passed (STATUS_TIMEOUT); UWSK_NO_TIMEOUT waits for ever.
 * STATUS_INVALID_PARAMETER for one that was never begun. */
uwsk_ntstatus uwsk_wait(struct uwsk_request *request, unsigned timeout_ms);

/* Its final status, and *information (which may be NULL) as above;
 * STATUS_PENDING while it is not done. Any thread. */
uwsk_ntstatus uwsk_result(struct uwsk_request *request, size_t *information);

/* Asks the driver to cancel a request (CancelIoEx). It is not done yet when
 * this returns, and may end as it would have otherwise: wait for it.
 * STATUS_SUCCESS, or STATUS_NOT_FOUND when it is done. */
uwsk_ntstatus uwsk_cancel(struct uwsk_request *request);

/* The same for all that pends on a handle. */
uwsk_ntstatus uwsk_cancel_all(uwsk_handle handle);

#ifdef __cplusplus
}
#endif

#endif
