/* File objects. See file.h. */
#include "io/file.h"

#include <string.h>

#include "ex/ex.h"
#include "io/io.h"
#include "io/name.h"
#include "io/request.h"
#include "ke/ke.h"
#include "ob/object.h"
#include "ob/track.h"
#include "os/os.h"

struct file_block {
  FILE_OBJECT file;
  struct file_block *next, *previous; /* of all that are open */
  bool opened;                        /* the driver has agreed */
  WORK_QUEUE_ITEM work;               /* what the last one could not do */
  struct ob_record record;
};

static struct os_spin lock; /* over the list */
static struct file_block *files;

static struct file_block *block_of(PVOID object) {
  return CONTAINING_RECORD(object, struct file_block, file);
}

/* ---- the list of open files -------------------------------------------- */

static void chain(struct file_block *block) {
  os__spin_lock(&lock);
  block->next = files;
  block->previous = NULL;
  if (files != NULL)
    files->previous = block;
  files = block;
  os__spin_unlock(&lock);
}

static void unchain(struct file_block *block) {
  os__spin_lock(&lock);
  if (block->next != NULL)
    block->next->previous = block->previous;
  if (block->previous != NULL)
    block->previous->next = block->next;
  else if (files == block) /* after io__forget_files it is not */
    files = block->next;
  os__spin_unlock(&lock);
}

size_t io__count_files(PDRIVER_OBJECT driver) {
  size_t count = 0;

  os__spin_lock(&lock);
  for (struct file_block *at = files; at != NULL; at = at->next)
    count += at->file.DeviceObject->DriverObject == driver;
  os__spin_unlock(&lock);
  return count;
}

void io__forget_files(void) {
  os__spin_lock(&lock);
  while (files != NULL) {
    struct file_block *block = files;

    files = block->next;
    block->next = block->previous = NULL;
    block->opened = false; /* its driver hears no more of it */
  }
  os__spin_unlock(&lock);
  io__forget_requests();
}

/* ---- closing ----------------------------------------------------------- */

/* IRP_MJ_CLEANUP and IRP_MJ_CLOSE cannot fail, and what the driver answers is
 * of no interest. As on NT the IRP is asked for until there is one. */
static void send_farewell(PFILE_OBJECT file, UCHAR major) {
  struct io_outcome outcome;
  PIRP irp;

  while ((irp = io__file_irp(file, major, IRP_CLOSE_OPERATION, "ZwClose",
                             OB_CALLER())) == NULL)
    os__yield();
  io__send_and_wait(file, irp, &outcome);
}

static void clean_up(PFILE_OBJECT file) {
  send_farewell(file, IRP_MJ_CLEANUP);
  /* Requests that pend look at the flags. */
  __atomic_or_fetch(&file->Flags, FO_CLEANUP_COMPLETE, __ATOMIC_RELAXED);
}

static WORKER_THREAD_ROUTINE clean_up_later;
static VOID NTAPI clean_up_later(PVOID parameter) {
  clean_up(parameter);
  ObfDereferenceObject(parameter);
}

static WORKER_THREAD_ROUTINE delete_later;
static VOID NTAPI delete_later(PVOID parameter) {
  ob__delete_object(parameter);
}

static void do_later(PFILE_OBJECT file, PWORKER_THREAD_ROUTINE routine) {
  struct file_block *block = block_of(file);

  ExInitializeWorkItem(&block->work, routine, file);
  ex__queue_work(&block->work, DelayedWorkQueue);
}

static VOID close_file(PVOID object) {
  if (!block_of(object)->opened)
    return;
  if (io__may_wait()) {
    clean_up(object);
    return;
  }
  ObfReferenceObject(object);
  do_later(object, clean_up_later);
}

static BOOLEAN defer_delete(PVOID object) {
  if (!block_of(object)->opened || io__may_wait())
    return FALSE;
  do_later(object, delete_later);
  return TRUE;
}

static VOID delete_file(PVOID object) {
  struct file_block *block = block_of(object);

  if (block->opened) {
    if (!(block->file.Flags & FO_CLEANUP_COMPLETE))
      clean_up(&block->file); /* it has never had a handle */
    send_farewell(&block->file, IRP_MJ_CLOSE);
    unchain(block);
    ob__untrack(&block->record);
  }
  io__close_device(block->file.DeviceObject);
  os__free(block->file.FileName.Buffer);
}

/* Set when a request without an event of its own is done. */
static PVOID event_of(PVOID object) {
  return &block_of(object)->file.Event;
}

static struct _OBJECT_TYPE file_type = {.Name = "File",
                                        .Delete = delete_file,
                                        .Close = close_file,
                                        .Defer = defer_delete,
                                        .WaitFor = event_of};
static POBJECT_TYPE file_type_pointer = &file_type;
POBJECT_TYPE *IoFileObjectType = &file_type_pointer;

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
  bool relative = opening->related != NULL;
  NTSTATUS status = check_name(opening->name, relative);

  if (!NT_SUCCESS(status))
    return status;
  status = copy_name(opening->name, path);
  if (!NT_SUCCESS(status))
    return status;
  status = look_up(opening, path, device);
  if (!NT_SUCCESS(status))
    return status;
  status = io__open_device(*device, relative);
  io__dereference_device(*device);
  return status;
}

/* ---- the file object --------------------------------------------------- */

static const struct {
  ULONG option, flag;
} option_flags[] = {
    {FILE_SYNCHRONOUS_IO_ALERT, FO_SYNCHRONOUS_IO | FO_ALERTABLE_IO},
    {FILE_SYNCHRONOUS_IO_NONALERT, FO_SYNCHRONOUS_IO},
    {FILE_NO_INTERMEDIATE_BUFFERING, FO_NO_INTERMEDIATE_BUFFERING},
    {FILE_WRITE_THROUGH, FO_WRITE_THROUGH},
    {FILE_SEQUENTIAL_ONLY, FO_SEQUENTIAL_ONLY},
    {FILE_RANDOM_ACCESS, FO_RANDOM_ACCESS},
};

static ULONG flags_of(const struct io_opening *opening) {
  ULONG flags = opening->case_sensitive ? FO_OPENED_CASE_SENSITIVE : 0;

  for (size_t i = 0; i < sizeof(option_flags) / sizeof(option_flags[0]); i++)
    if (opening->options & option_flags[i].option)
      flags |= option_flags[i].flag;
  return flags;
}

/* Takes over the text of the path. */
static void take_name(PFILE_OBJECT file, struct io_path *path) {
  if (path->length == 0)
    return;
  file->FileName =
      (UNICODE_STRING){(USHORT)(path->length * sizeof(WCHAR)),
                       (USHORT)(path->length * sizeof(WCHAR)), path->text};
  path->text = NULL;
}

static struct file_block *make_file(const struct io_opening *opening,
                                    PDEVICE_OBJECT device,
                                    struct io_path *path) {
  struct file_block *block = ob__create_object(&file_type, sizeof(*block));

  if (block == NULL)
    return NULL;
  block->file.Type = IO_TYPE_FILE;
  block->file.Size = sizeof(FILE_OBJECT);
  block->file.DeviceObject = device;
  block->file.RelatedFileObject = opening->related;
  block->file.Flags = flags_of(opening);
  KeInitializeEvent(&block->file.Lock, SynchronizationEvent, FALSE);
  KeInitializeEvent(&block->file.Event, NotificationEvent, FALSE);
  InitializeListHead(&block->file.IrpList);
  take_name(&block->file, path);
  return block;
}

/* The driver has agreed: from now on it hears of the end, too. */
static void mark_opened(struct file_block *block,
                        const struct io_opening *opening) {
  block->opened = true;
  block->file.Flags |= FO_FILE_OPEN;
  block->file.RelatedFileObject = NULL; /* good while it is opened only */
  block->record = (struct ob_record){.object = &block->file,
                                     .call = opening->call,
                                     .caller = opening->caller,
                                     .kind = OB_FILE};
  ob__track(&block->record);
  chain(block);
}

/* ---- opening ----------------------------------------------------------- */

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
  struct io_outcome outcome;
  NTSTATUS status;
  PIRP irp = io__file_irp(file, IRP_MJ_CREATE,
                          IRP_CREATE_OPERATION | IRP_DEFER_IO_COMPLETION,
                          opening->call, opening->caller);

  if (irp == NULL)
    return STATUS_INSUFFICIENT_RESOURCES;
  fill_create(irp, opening, &security);
  status = io__send_and_wait(file, irp, &outcome);
  *information = outcome.iosb.Information;
  /* Names that a driver has parsed anew are for file systems. */
  return status == STATUS_REPARSE ? STATUS_NOT_SUPPORTED : status;
}

NTSTATUS io__open_file(const struct io_opening *opening, PHANDLE handle,
                       ULONG_PTR *information) {
  ACCESS_MASK access = map_access(opening->access);
  struct io_path path = {.text = NULL};
  PDEVICE_OBJECT device;
  struct file_block *block;
  NTSTATUS status = find_device(opening, &path, &device);

  *information = 0;
  if (!NT_SUCCESS(status)) {
    os__free(path.text);
    return status;
  }
  block = make_file(opening, device, &path);
  os__free(path.text);
  if (block == NULL) {
    io__close_device(device);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  status = send_create(&block->file, opening, access, information);
  if (NT_SUCCESS(status)) {
    mark_opened(block, opening);
    block->file.Flags |= FO_HANDLE_CREATED;
    status = ob__create_limited_handle(&block->file, access, opening->call,
                                       opening->caller, handle);
  }
  ObfDereferenceObject(&block->file);
  return status;
}

/* ---- for who has a file ------------------------------------------------ */

PDEVICE_OBJECT IoGetRelatedDeviceObject(PFILE_OBJECT FileObject) {
  PDEVICE_OBJECT device = FileObject->DeviceObject;

  while (device->AttachedDevice != NULL)
    device = device->AttachedDevice;
  return device;
}

/* Waiters is counted before Busy is looked at, and Busy is cleared before
 * Waiters is: one of the two sees the other. */
void io__lock_file(PFILE_OBJECT file) {
  __atomic_add_fetch(&file->Waiters, 1, __ATOMIC_SEQ_CST);
  while (__atomic_exchange_n(&file->Busy, TRUE, __ATOMIC_SEQ_CST))
    KeWaitForSingleObject(&file->Lock, Executive, KernelMode, FALSE, NULL);
  __atomic_sub_fetch(&file->Waiters, 1, __ATOMIC_SEQ_CST);
}

void io__unlock_file(PFILE_OBJECT file) {
  __atomic_store_n(&file->Busy, FALSE, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&file->Waiters, __ATOMIC_SEQ_CST) != 0)
    KeSetEvent(&file->Lock, IO_NO_INCREMENT, FALSE);
}
