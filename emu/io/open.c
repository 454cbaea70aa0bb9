/*
 * Opening: from a name to a handle. See file.h.
 */
#include <ntddk.h>

#include <string.h>

#include "io/file.h"
#include "io/io.h"
#include "io/name.h"
#include "io/request.h"
#include "ob/object.h"
#include "os/os.h"

/* ---- the device of a name ---------------------------------------------- */

/* What links may add to a name. */
#define LINKS_ADD 512

static NTSTATUS check_name(PCUNICODE_STRING name, bool relative) {
  if (name == NULL || name->Length == 0 || name->Buffer == NULL)
    return relative ? STATUS_SUCCESS : STATUS_OBJECT_PATH_SYNTAX_BAD;
  if (name->Length % sizeof(WCHAR) != 0)
    return STATUS_OBJECT_NAME_INVALID;
  if ((name->Buffer[0] == L'\\') == relative)
    return STATUS_OBJECT_PATH_SYNTAX_BAD;
  return STATUS_SUCCESS;
}

static NTSTATUS copy_name(PCUNICODE_STRING name, struct io_path *path) {
  size_t length = name != NULL ? name->Length / sizeof(WCHAR) : 0;

  path->capacity = length + LINKS_ADD;
  path->text = os__alloc(path->capacity * sizeof(WCHAR));
  if (path->text == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  if (length != 0)
    memcpy(path->text, name->Buffer, length * sizeof(WCHAR));
  path->length = length;
  return STATUS_SUCCESS;
}

/* The device with a reference of the lookup's, and the rest of the path. */
static NTSTATUS look_up(const struct io_opening *opening, struct io_path *path,
                        PDEVICE_OBJECT *device) {
  NTSTATUS status;

  if (opening->related == NULL) {
    status = io__find_path(path, device);
    if (!NT_SUCCESS(status))
      return status;
  } else {
    *device = opening->related->DeviceObject;
    io__reference_device(*device);
  }
  if (path->length <= 0xFFFE / sizeof(WCHAR))
    return STATUS_SUCCESS;
  io__dereference_device(*device);
  return STATUS_NAME_TOO_LONG;
}

static NTSTATUS find_device(const struct io_opening *opening,
                            struct io_path *path, PDEVICE_OBJECT *device) {
  NTSTATUS status = check_name(opening->name, opening->related != NULL);

  if (!NT_SUCCESS(status))
    return status;
  status = copy_name(opening->name, path);
  if (!NT_SUCCESS(status))
    return status;
  return look_up(opening, path, device);
}

/* The rest of the path as a string, which is no longer there when it is empty.
 */
static UNICODE_STRING take_rest(struct io_path *path) {
  USHORT length = (USHORT)(path->length * sizeof(WCHAR));

  if (length != 0)
    return (UNICODE_STRING){length, length, path->text};
  os__free(path->text);
  return (UNICODE_STRING){0, 0, NULL};
}

static NTSTATUS make_file(const struct io_opening *opening,
                          PFILE_OBJECT *file) {
  struct io_path path = {.text = NULL};
  PDEVICE_OBJECT device;
  UNICODE_STRING rest;
  NTSTATUS status = find_device(opening, &path, &device);

  if (!NT_SUCCESS(status)) {
    os__free(path.text);
    return status;
  }
  rest = take_rest(&path);
  status = io__make_file(opening, device, &rest, file);
  io__dereference_device(device);
  os__free(rest.Buffer);
  return status;
}

/* ---- IRP_MJ_CREATE ----------------------------------------------------- */

/* The rights that the generic ones stand for. */
static ACCESS_MASK map_access(ACCESS_MASK access) {
  static const struct {
    ACCESS_MASK generic, rights;
  } map[] = {
      {(ACCESS_MASK)GENERIC_READ, FILE_GENERIC_READ},
      {GENERIC_WRITE, FILE_GENERIC_WRITE},
      {GENERIC_EXECUTE, FILE_GENERIC_EXECUTE},
      {GENERIC_ALL, FILE_ALL_ACCESS},
      {MAXIMUM_ALLOWED, FILE_ALL_ACCESS},
  };

  for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
    if (access & map[i].generic)
      access = (access & ~map[i].generic) | map[i].rights;
  return access;
}

static void fill_create(PIRP irp, const struct io_opening *opening,
                        PIO_SECURITY_CONTEXT security) {
  PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);

  irp->RequestorMode = opening->mode;
  irp->Overlay.AllocationSize = opening->allocation_size;
  irp->AssociatedIrp.SystemBuffer = opening->ea;
  next->Flags = opening->case_sensitive ? SL_CASE_SENSITIVE : 0;
  next->Parameters.Create.SecurityContext = security;
  next->Parameters.Create.Options =
      opening->disposition << 24 | (opening->options & FILE_VALID_OPTION_FLAGS);
  next->Parameters.Create.FileAttributes = (USHORT)opening->attributes;
  next->Parameters.Create.ShareAccess = (USHORT)opening->share;
  next->Parameters.Create.EaLength = opening->ea_length;
}

static NTSTATUS send_create(PFILE_OBJECT file, const struct io_opening *opening,
                            ACCESS_MASK access, ULONG_PTR *information) {
  SECURITY_QUALITY_OF_SERVICE quality = {sizeof(quality), SecurityImpersonation,
                                         TRUE, FALSE};
  ACCESS_STATE state = {.PreviouslyGrantedAccess = access,
                        .OriginalDesiredAccess = access};
  IO_SECURITY_CONTEXT security = {&quality, &state, access, opening->options};
  struct ke_call call = {.name = opening->call, .caller = opening->caller};
  struct io_outcome outcome;
  NTSTATUS status;
  PIRP irp = io__file_irp(file, IRP_MJ_CREATE,
                          IRP_CREATE_OPERATION | IRP_DEFER_IO_COMPLETION,
                          opening->call, opening->caller);

  if (irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  fill_create(irp, opening, &security);
  status = io__send_and_wait(file, irp, &outcome, &call);
  *information = outcome.iosb.Information;
  /* Names that a driver has parsed anew are for file systems. */
  return status == STATUS_REPARSE ? STATUS_NOT_SUPPORTED : status;
}

NTSTATUS io__open_file(const struct io_opening *opening, PHANDLE handle,
                       ULONG_PTR *information) {
  ACCESS_MASK access = map_access(opening->access);
  PFILE_OBJECT file;
  NTSTATUS status = make_file(opening, &file);

  *information = 0;
  if (!NT_SUCCESS(status))
    return status;
  status = send_create(file, opening, access, information);
  if (NT_SUCCESS(status)) {
    io__mark_opened(file, opening);
    status = ob__create_limited_handle(file, access, opening->call,
                                       opening->caller, handle);
  }
  ObfDereferenceObject(file);
  return status;
}
