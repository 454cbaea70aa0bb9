/*
 * Devices for hosts (uwsk/device.h): what the user-mode half of Windows makes
 * of a program's calls, over the I/O manager.
 */
#include <ntddk.h>

#include <limits.h>
#include <string.h>

#include "host/runtime.h"
#include "io/file.h"
#include "io/request.h"
#include "ke/watch.h"
#include "ob/object.h"
#include "ob/track.h"
#include "os/os.h"
#include "rtl/inner.h"
#include "uwsk/device.h"

/* ---- opening and closing ----------------------------------------------- */

#define MAX_LENGTH 0xFFFFFFFFu /* of a buffer */

static const char global[] = "\\??\\";

/* What a program's way to write a name stands for, and the rest of it. */
static const char *skip_prefix(const char *name, const char **stands_for) {
  *stands_for = "";
  if (strncmp(name, "\\\\.\\", 4) == 0 || strncmp(name, "\\\\?\\", 4) == 0) {
    *stands_for = global;
    return name + 4;
  }
  return name;
}

/* Each byte of UTF-8 gives one character at most. */
static NTSTATUS read_name(const char *name, PUNICODE_STRING text) {
  const char *prefix;
  const char *rest = skip_prefix(name, &prefix);
  size_t front = strlen(prefix);
  size_t length = strlen(rest);
  ULONG used = 0;

  if (front + length > USHRT_MAX / sizeof(WCHAR))
    return STATUS_NAME_TOO_LONG;
  text->MaximumLength = (USHORT)((front + length) * sizeof(WCHAR));
  text->Buffer = os__alloc(text->MaximumLength + sizeof(WCHAR));
  if (text->Buffer == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  for (size_t i = 0; i < front; i++)
    text->Buffer[i] = (WCHAR)prefix[i];
  rtl__utf8n_to_utf16(text->Buffer + front, (ULONG)(length * sizeof(WCHAR)),
                      &used, rest, (ULONG)length);
  text->Length = (USHORT)(front * sizeof(WCHAR) + used);
  return STATUS_SUCCESS;
}

/* What CreateFile asks of NtCreateFile for these flags and OPEN_EXISTING. */
static struct io_opening opening_of(PCUNICODE_STRING name, unsigned flags,
                                    const void *caller) {
  struct io_opening opening = {
      .name = name,
      .access = SYNCHRONIZE | FILE_READ_ATTRIBUTES,
      .attributes = FILE_ATTRIBUTE_NORMAL,
      .share = FILE_SHARE_READ | FILE_SHARE_WRITE,
      .disposition = FILE_OPEN,
      .options = FILE_NON_DIRECTORY_FILE,
      .mode = UserMode,
      .call = "uwsk_open",
      .caller = caller,
  };

  if (flags & UWSK_OPEN_READ)
    opening.access |= (ACCESS_MASK)GENERIC_READ;
  if (flags & UWSK_OPEN_WRITE)
    opening.access |= GENERIC_WRITE;
  if (!(flags & UWSK_OPEN_OVERLAPPED))
    opening.options |= FILE_SYNCHRONOUS_IO_NONALERT;
  return opening;
}

NTSTATUS uwsk_open(const char *name, unsigned flags, uwsk_handle *handle) {
  struct io_opening opening;
  UNICODE_STRING text;
  ULONG_PTR information;
  NTSTATUS status;

  if (name == NULL || handle == NULL)
    return STATUS_INVALID_PARAMETER;
  *handle = NULL;
  if (!host__may_call("uwsk_open"))
    return STATUS_INVALID_DEVICE_STATE;
  status = read_name(name, &text);
  if (!NT_SUCCESS(status))
    return status;
  opening = opening_of(&text, flags, OB_CALLER());
  status = io__open_file(&opening, handle, &information);
  os__free(text.Buffer);
  return status;
}

static NTSTATUS get_file(HANDLE handle, PFILE_OBJECT *file,
                         ACCESS_MASK *granted) {
  OBJECT_HANDLE_INFORMATION information;
  PVOID object;
  NTSTATUS status = ob__from_handle(handle, 0, *IoFileObjectType, UserMode,
                                    &object, &information);

  *file = object;
  if (NT_SUCCESS(status))
    *granted = information.GrantedAccess;
  return status;
}

/* Programs may close what is not open, and hear of it. */
NTSTATUS uwsk_close(uwsk_handle handle) {
  PFILE_OBJECT file;
  ACCESS_MASK granted;
  NTSTATUS status;

  if (!host__may_call("uwsk_close"))
    return STATUS_INVALID_DEVICE_STATE;
  status = get_file(handle, &file, &granted);
  if (!NT_SUCCESS(status))
    return status;
  status = ZwClose(handle);
  ObfDereferenceObject(file);
  return status;
}

/* ---- requests ---------------------------------------------------------- */

_Static_assert(sizeof(struct io_outcome) <= sizeof(struct uwsk_request),
               "a request is an outcome");

static struct io_outcome *outcome_of(struct uwsk_request *request) {
  return (struct io_outcome *)(void *)request;
}

static bool was_begun(struct uwsk_request *request) {
  return request != NULL && outcome_of(request)->begun;
}

typedef NTSTATUS sender(PFILE_OBJECT file, const struct io_request *request,
                        struct io_outcome *outcome);

/* What a program hands over: lengths are as wide as its memory. */
struct buffers {
  const void *input;
  size_t input_length;
  void *output;
  size_t output_length;
};

/* Lengths have 32 bits in an IRP, and a buffer that is not there has none.
 * METHOD_NEITHER leaves looking at buffers to the driver. */
static NTSTATUS check_buffers(const struct io_request *request,
                              const struct buffers *buffers) {
  bool probed = request->major != IRP_MJ_DEVICE_CONTROL ||
                METHOD_FROM_CTL_CODE(request->control.code) != METHOD_NEITHER;

  if (buffers->input_length > MAX_LENGTH || buffers->output_length > MAX_LENGTH)
    return STATUS_INVALID_PARAMETER;
  if (probed && ((buffers->input == NULL && buffers->input_length != 0) ||
                 (buffers->output == NULL && buffers->output_length != 0)))
    return STATUS_ACCESS_VIOLATION;
  return STATUS_SUCCESS;
}

static NTSTATUS send_to_handle(uwsk_handle handle, struct io_request *request,
                               const struct buffers *buffers, sender *way,
                               struct io_outcome *outcome) {
  PFILE_OBJECT file;
  ACCESS_MASK granted;
  NTSTATUS status = check_buffers(request, buffers);

  if (NT_SUCCESS(status))
    status = get_file(handle, &file, &granted);
  if (!NT_SUCCESS(status))
    return status;
  request->mode = UserMode;
  request->granted = granted;
  request->control.input = (PVOID)(ULONG_PTR)buffers->input;
  request->control.input_length = (ULONG)buffers->input_length;
  request->control.output = buffers->output;
  request->control.output_length = (ULONG)buffers->output_length;
  status = io__check_request(request, granted);
  if (NT_SUCCESS(status))
    status = way(file, request, outcome);
  ObfDereferenceObject(file);
  return status;
}

/* There is an outcome afterwards, even if no driver has seen the request. */
static NTSTATUS send(uwsk_handle handle, struct io_request *request,
                     const struct buffers *buffers, sender *way,
                     struct io_outcome *outcome) {
  NTSTATUS status = STATUS_INVALID_DEVICE_STATE;

  *outcome = (struct io_outcome){.begun = false};
  if (host__may_call(request->call))
    status = send_to_handle(handle, request, buffers, way, outcome);
  if (!outcome->begun) {
    KeInitializeEvent(&outcome->done, NotificationEvent, TRUE);
    outcome->iosb.Status = status;
    outcome->begun = true;
  }
  return status;
}

/* A program hears of no bytes when a request failed at once. */
static size_t bytes_of(const struct io_outcome *outcome) {
  return io__is_reported(outcome) ? outcome->iosb.Information : 0;
}

static NTSTATUS wait_for(uwsk_handle handle, struct io_request *request,
                         const struct buffers *buffers, size_t *information) {
  struct io_outcome outcome;
  NTSTATUS status = send(handle, request, buffers, io__wait, &outcome);

  if (information != NULL)
    *information = bytes_of(&outcome);
  return status;
}

static NTSTATUS begin(struct uwsk_request *storage, uwsk_handle handle,
                      struct io_request *request,
                      const struct buffers *buffers) {
  if (storage == NULL)
    return STATUS_INVALID_PARAMETER;
  return send(handle, request, buffers, io__begin, outcome_of(storage));
}

/* ---- … of each kind ---------------------------------------------------- */

static struct io_request control(unsigned code, const char *call,
                                 const void *caller) {
  return (struct io_request){.major = IRP_MJ_DEVICE_CONTROL,
                             .control = {.code = code},
                             .call = call,
                             .caller = caller};
}

static struct io_request transfer(UCHAR major, unsigned long long offset,
                                  const char *call, const void *caller) {
  return (struct io_request){.major = major,
                             .offset = {.QuadPart = (LONGLONG)offset},
                             .call = call,
                             .caller = caller};
}

NTSTATUS uwsk_ioctl(uwsk_handle handle, unsigned code, const void *input,
                    size_t input_length, void *output, size_t output_length,
                    size_t *information) {
  const struct buffers buffers = {input, input_length, output, output_length};
  struct io_request request = control(code, "uwsk_ioctl", OB_CALLER());

  return wait_for(handle, &request, &buffers, information);
}

NTSTATUS uwsk_read(uwsk_handle handle, unsigned long long offset, void *buffer,
                   size_t length, size_t *information) {
  const struct buffers buffers = {.output = buffer, .output_length = length};
  struct io_request request =
      transfer(IRP_MJ_READ, offset, "uwsk_read", OB_CALLER());

  return wait_for(handle, &request, &buffers, information);
}

NTSTATUS uwsk_write(uwsk_handle handle, unsigned long long offset,
                    const void *buffer, size_t length, size_t *information) {
  const struct buffers buffers = {.input = buffer, .input_length = length};
  struct io_request request =
      transfer(IRP_MJ_WRITE, offset, "uwsk_write", OB_CALLER());

  return wait_for(handle, &request, &buffers, information);
}

NTSTATUS uwsk_flush(uwsk_handle handle) {
  const struct buffers none = {.input = NULL};
  struct io_request request =
      transfer(IRP_MJ_FLUSH_BUFFERS, 0, "uwsk_flush", OB_CALLER());

  return wait_for(handle, &request, &none, NULL);
}

NTSTATUS uwsk_begin_ioctl(struct uwsk_request *request, uwsk_handle handle,
                          unsigned code, const void *input, size_t input_length,
                          void *output, size_t output_length) {
  const struct buffers buffers = {input, input_length, output, output_length};
  struct io_request asked = control(code, "uwsk_begin_ioctl", OB_CALLER());

  return begin(request, handle, &asked, &buffers);
}

NTSTATUS uwsk_begin_read(struct uwsk_request *request, uwsk_handle handle,
                         unsigned long long offset, void *buffer,
                         size_t length) {
  const struct buffers buffers = {.output = buffer, .output_length = length};
  struct io_request asked =
      transfer(IRP_MJ_READ, offset, "uwsk_begin_read", OB_CALLER());

  return begin(request, handle, &asked, &buffers);
}

NTSTATUS uwsk_begin_write(struct uwsk_request *request, uwsk_handle handle,
                          unsigned long long offset, const void *buffer,
                          size_t length) {
  const struct buffers buffers = {.input = buffer, .input_length = length};
  struct io_request asked =
      transfer(IRP_MJ_WRITE, offset, "uwsk_begin_write", OB_CALLER());

  return begin(request, handle, &asked, &buffers);
}

/* ---- requests under way ------------------------------------------------ */

bool uwsk_is_done(struct uwsk_request *request) {
  struct io_outcome *outcome = outcome_of(request);

  return was_begun(request) && KeReadStateEvent(&outcome->done) != 0;
}

NTSTATUS uwsk_wait(struct uwsk_request *request, unsigned timeout_ms) {
  struct ke_call call = {.name = "uwsk_wait", .caller = OB_CALLER()};
  struct io_outcome *outcome = outcome_of(request);
  LARGE_INTEGER limit = {.QuadPart = -10000LL * timeout_ms};
  NTSTATUS status;

  if (!was_begun(request))
    return STATUS_INVALID_PARAMETER;
  if (!host__may_call("uwsk_wait"))
    return STATUS_INVALID_DEVICE_STATE;
  status = ke__wait_as(&call, &outcome->done, KernelMode, FALSE,
                       timeout_ms == UWSK_NO_TIMEOUT ? NULL : &limit);
  if (status == STATUS_SUCCESS)
    io__check_outcome(outcome);
  return status;
}

NTSTATUS uwsk_result(struct uwsk_request *request, size_t *information) {
  struct io_outcome *outcome = outcome_of(request);
  bool done = uwsk_is_done(request);

  if (information != NULL)
    *information = done ? bytes_of(outcome) : 0;
  return done ? outcome->iosb.Status : STATUS_PENDING;
}

static NTSTATUS found(bool any) {
  return any ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}

NTSTATUS uwsk_cancel(struct uwsk_request *request) {
  if (!host__may_call("uwsk_cancel"))
    return STATUS_INVALID_DEVICE_STATE;
  /* For the I/O manager, NULL is every request of a file. */
  return found(request != NULL &&
               io__cancel_requests(NULL, outcome_of(request)));
}

NTSTATUS uwsk_cancel_all(uwsk_handle handle) {
  PFILE_OBJECT file;
  ACCESS_MASK granted;
  NTSTATUS status;
  bool any;

  if (!host__may_call("uwsk_cancel_all"))
    return STATUS_INVALID_DEVICE_STATE;
  status = get_file(handle, &file, &granted);
  if (!NT_SUCCESS(status))
    return status;
  any = io__cancel_requests(file, NULL);
  ObfDereferenceObject(file);
  return found(any);
}
