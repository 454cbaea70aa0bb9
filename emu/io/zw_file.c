/*
 * Files for kernel callers: ZwCreateFile and what is done with the handle. What
 * it means is in file.c and request.c; here the parameters are looked at.
 */
#include <ntddk.h>

#include "io/file.h"
#include "io/io.h"
#include "io/request.h"
#include "ke/ke.h"
#include "ob/object.h"
#include "verifier/report.h"

/* ---- opening ----------------------------------------------------------- */

#define SYNCHRONOUS (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)
#define EITHER_KIND (FILE_DIRECTORY_FILE | FILE_NON_DIRECTORY_FILE)

static bool contradicts(const struct io_opening *opening) {
  return (opening->options & SYNCHRONOUS) == SYNCHRONOUS ||
         (opening->options & EITHER_KIND) == EITHER_KIND;
}

static NTSTATUS check_opening(const struct io_opening *opening) {
  if ((opening->attributes & ~(ULONG)FILE_ATTRIBUTE_VALID_FLAGS) != 0 ||
      (opening->share & ~(ULONG)FILE_SHARE_VALID_FLAGS) != 0 ||
      (opening->options & ~(ULONG)FILE_VALID_OPTION_FLAGS) != 0 ||
      opening->disposition > FILE_MAXIMUM_DISPOSITION || contradicts(opening))
    return STATUS_INVALID_PARAMETER;
  if ((opening->options & SYNCHRONOUS) && !(opening->access & SYNCHRONIZE))
    vf__report(VF_IO_CREATE_01,
               "%s for synchronous I/O with DesiredAccess 0x%08X, which has no "
               "SYNCHRONIZE",
               opening->call, (unsigned)opening->access);
  return STATUS_SUCCESS;
}

/* The file that RootDirectory stands for, with a reference; or NULL. */
static NTSTATUS get_related(HANDLE root, PFILE_OBJECT *file) {
  PVOID object = NULL;
  NTSTATUS status = STATUS_SUCCESS;

  if (root != NULL)
    status =
        ob__from_handle(root, 0, *IoFileObjectType, KernelMode, &object, NULL);
  *file = object;
  return status;
}

static NTSTATUS open_related(struct io_opening *opening, HANDLE root,
                             PHANDLE handle, ULONG_PTR *information) {
  NTSTATUS status = get_related(root, &opening->related);

  if (!NT_SUCCESS(status))
    return status;
  status = io__open_file(opening, handle, information);
  if (opening->related != NULL)
    ObfDereferenceObject(opening->related);
  return status;
}

static NTSTATUS open_named(struct io_opening *opening,
                           POBJECT_ATTRIBUTES attributes, PHANDLE handle,
                           PIO_STATUS_BLOCK iosb) {
  ULONG_PTR information = 0;
  NTSTATUS status;

  if (handle == NULL || iosb == NULL || attributes == NULL ||
      attributes->Length != sizeof(*attributes))
    return STATUS_INVALID_PARAMETER;
  if (!io__require_wait(opening->call))
    return STATUS_INVALID_DEVICE_STATE;
  *handle = NULL;
  opening->name = attributes->ObjectName;
  opening->case_sensitive = !(attributes->Attributes & OBJ_CASE_INSENSITIVE);
  status = check_opening(opening);
  if (NT_SUCCESS(status))
    status =
        open_related(opening, attributes->RootDirectory, handle, &information);
  iosb->Status = status;
  iosb->Information = information;
  return status;
}

NTSTATUS ZwCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess,
                      POBJECT_ATTRIBUTES ObjectAttributes,
                      PIO_STATUS_BLOCK IoStatusBlock,
                      PLARGE_INTEGER AllocationSize, ULONG FileAttributes,
                      ULONG ShareAccess, ULONG CreateDisposition,
                      ULONG CreateOptions, PVOID EaBuffer, ULONG EaLength) {
  struct io_opening opening = {
      .access = DesiredAccess,
      .attributes = FileAttributes,
      .share = ShareAccess,
      .disposition = CreateDisposition,
      .options = CreateOptions,
      .ea = EaBuffer,
      .ea_length = EaLength,
      .mode = KernelMode,
      .call = "ZwCreateFile",
      .caller = OB_CALLER(),
  };

  if (AllocationSize != NULL)
    opening.allocation_size = *AllocationSize;
  return open_named(&opening, ObjectAttributes, FileHandle, IoStatusBlock);
}

NTSTATUS ZwOpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess,
                    POBJECT_ATTRIBUTES ObjectAttributes,
                    PIO_STATUS_BLOCK IoStatusBlock, ULONG ShareAccess,
                    ULONG OpenOptions) {
  struct io_opening opening = {
      .access = DesiredAccess,
      .share = ShareAccess,
      .disposition = FILE_OPEN,
      .options = OpenOptions,
      .mode = KernelMode,
      .call = "ZwOpenFile",
      .caller = OB_CALLER(),
  };

  return open_named(&opening, ObjectAttributes, FileHandle, IoStatusBlock);
}

NTSTATUS IoGetDeviceObjectPointer(PUNICODE_STRING ObjectName,
                                  ACCESS_MASK DesiredAccess,
                                  PFILE_OBJECT *FileObject,
                                  PDEVICE_OBJECT *DeviceObject) {
  struct io_opening opening = {
      .access = DesiredAccess,
      .disposition = FILE_OPEN,
      .options = FILE_NON_DIRECTORY_FILE,
      .mode = KernelMode,
      .call = "IoGetDeviceObjectPointer",
      .caller = OB_CALLER(),
  };
  OBJECT_ATTRIBUTES attributes;
  IO_STATUS_BLOCK iosb;
  HANDLE handle;
  PVOID object;
  NTSTATUS status;

  *FileObject = NULL;
  *DeviceObject = NULL;
  InitializeObjectAttributes(&attributes, ObjectName, OBJ_KERNEL_HANDLE, NULL,
                             NULL);
  status = open_named(&opening, &attributes, &handle, &iosb);
  if (!NT_SUCCESS(status))
    return status;
  status =
      ob__from_handle(handle, 0, *IoFileObjectType, KernelMode, &object, NULL);
  if (NT_SUCCESS(status)) {
    *FileObject = object;
    *DeviceObject = IoGetRelatedDeviceObject(object);
  }
  ZwClose(handle);
  return status;
}

/* ---- requests ---------------------------------------------------------- */

/* What every request is called with. */
struct ask {
  HANDLE file;
  HANDLE event;
  PIO_APC_ROUTINE apc;
  PIO_STATUS_BLOCK iosb;
};

static NTSTATUS get_file(HANDLE handle, PFILE_OBJECT *file) {
  PVOID object;
  NTSTATUS status =
      ob__from_handle(handle, 0, *IoFileObjectType, KernelMode, &object, NULL);

  *file = object;
  return status;
}

/* With a reference; or NULL. */
static NTSTATUS get_event(HANDLE handle, PKEVENT *event) {
  PVOID object = NULL;
  NTSTATUS status = STATUS_SUCCESS;

  if (handle != NULL)
    status = ob__from_handle(handle, EVENT_MODIFY_STATE, *ExEventObjectType,
                             KernelMode, &object, NULL);
  *event = object;
  return status;
}

/* On a file for synchronous I/O. `event` may be NULL. */
static NTSTATUS wait(PFILE_OBJECT file, const struct io_request *request,
                     PKEVENT event, PIO_STATUS_BLOCK iosb) {
  struct io_outcome outcome;
  NTSTATUS status;
  bool told;

  if (event != NULL)
    KeClearEvent(event);
  status = io__wait(file, request, &outcome);
  told = outcome.begun && io__is_reported(&outcome);
  if (told && iosb != NULL)
    *iosb = outcome.iosb;
  if (event == NULL)
    return status;
  if (told)
    KeSetEvent(event, IO_NO_INCREMENT, FALSE);
  ObfDereferenceObject(event);
  return status;
}

static NTSTATUS send(PFILE_OBJECT file, const struct io_request *request,
                     const struct ask *ask) {
  PKEVENT event;
  NTSTATUS status;

  if (request->use_position && !io__is_synchronous(file))
    return STATUS_INVALID_PARAMETER;
  status = get_event(ask->event, &event);
  if (!NT_SUCCESS(status))
    return status;
  return io__is_synchronous(file) ? wait(file, request, event, ask->iosb)
                                  : io__ask(file, request, event, ask->iosb);
}

static NTSTATUS ask_file(const struct ask *ask,
                         const struct io_request *request) {
  PFILE_OBJECT file;
  NTSTATUS status;

  if (!io__require_wait(request->call))
    return STATUS_INVALID_DEVICE_STATE;
  if (ask->apc != NULL)
    return STATUS_NOT_SUPPORTED;
  status = get_file(ask->file, &file);
  if (!NT_SUCCESS(status))
    return status;
  status = send(file, request, ask);
  ObfDereferenceObject(file);
  return status;
}

static bool is_special(const LARGE_INTEGER *offset, ULONG low) {
  return offset->HighPart == -1 && offset->LowPart == low;
}

/* Where to read or write; false for an offset that means nothing. */
static bool read_offset(const LARGE_INTEGER *given,
                        struct io_request *request) {
  if (given == NULL || is_special(given, FILE_USE_FILE_POINTER_POSITION)) {
    request->use_position = true;
    return true;
  }
  request->offset = *given;
  return given->QuadPart >= 0 || (request->major == IRP_MJ_WRITE &&
                                  is_special(given, FILE_WRITE_TO_END_OF_FILE));
}

static NTSTATUS transfer(const struct ask *ask, struct io_request *request,
                         PLARGE_INTEGER offset, PULONG key) {
  if (!read_offset(offset, request))
    return STATUS_INVALID_PARAMETER;
  if (key != NULL)
    request->key = *key;
  return ask_file(ask, request);
}

NTSTATUS ZwReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
                    PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
                    PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset,
                    PULONG Key) {
  const struct ask ask = {FileHandle, Event, ApcRoutine, IoStatusBlock};
  struct io_request request = {
      .major = IRP_MJ_READ,
      .mode = KernelMode,
      .control = {.output = Buffer, .output_length = Length},
      .call = "ZwReadFile",
      .caller = OB_CALLER(),
  };

  UNREFERENCED_PARAMETER(ApcContext);
  return transfer(&ask, &request, ByteOffset, Key);
}

NTSTATUS ZwWriteFile(HANDLE FileHandle, HANDLE Event,
                     PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
                     PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length,
                     PLARGE_INTEGER ByteOffset, PULONG Key) {
  const struct ask ask = {FileHandle, Event, ApcRoutine, IoStatusBlock};
  struct io_request request = {
      .major = IRP_MJ_WRITE,
      .mode = KernelMode,
      .control = {.input = Buffer, .input_length = Length},
      .call = "ZwWriteFile",
      .caller = OB_CALLER(),
  };

  UNREFERENCED_PARAMETER(ApcContext);
  return transfer(&ask, &request, ByteOffset, Key);
}

NTSTATUS ZwDeviceIoControlFile(HANDLE FileHandle, HANDLE Event,
                               PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
                               PIO_STATUS_BLOCK IoStatusBlock,
                               ULONG IoControlCode, PVOID InputBuffer,
                               ULONG InputBufferLength, PVOID OutputBuffer,
                               ULONG OutputBufferLength) {
  const struct ask ask = {FileHandle, Event, ApcRoutine, IoStatusBlock};
  const struct io_request request = {
      .major = IRP_MJ_DEVICE_CONTROL,
      .mode = KernelMode,
      .control = {IoControlCode, InputBuffer, InputBufferLength, OutputBuffer,
                  OutputBufferLength},
      .call = "ZwDeviceIoControlFile",
      .caller = OB_CALLER(),
  };

  UNREFERENCED_PARAMETER(ApcContext);
  return ask_file(&ask, &request);
}

NTSTATUS ZwFlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock) {
  const struct io_request request = {
      .major = IRP_MJ_FLUSH_BUFFERS,
      .mode = KernelMode,
      .call = "ZwFlushBuffersFile",
      .caller = OB_CALLER(),
  };
  PFILE_OBJECT file;
  NTSTATUS status;

  if (!io__require_wait(request.call))
    return STATUS_INVALID_DEVICE_STATE;
  status = get_file(FileHandle, &file);
  if (!NT_SUCCESS(status))
    return status;
  status = wait(file, &request, NULL, IoStatusBlock);
  ObfDereferenceObject(file);
  return status;
}
