/* File objects. See file.h. */
#include "io/file.h"

#include "ex/ex.h"
#include "io/io.h"
#include "io/request.h"
#include "ke/watch.h"
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

/* Over the list, and over DEVICE_OBJECT.ReferenceCount. */
static struct os_spin lock;
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

/* ---- the count of a device's files ------------------------------------- */

/* With the lock held. The ledger no longer knows a device that is deleted.
 * `again`: relative to a file that is open, which is no second open. */
static NTSTATUS may_open(PDEVICE_OBJECT device, bool again) {
  if (ob__find(OB_DEVICE, device) == NULL ||
      (device->Flags & DO_DEVICE_INITIALIZING) ||
      io__is_unloading(device->DriverObject))
    return STATUS_NO_SUCH_DEVICE;
  if ((device->Flags & DO_EXCLUSIVE) && device->ReferenceCount != 0 && !again)
    return STATUS_ACCESS_DENIED;
  return STATUS_SUCCESS;
}

/* The device then stays until close_device. */
static NTSTATUS open_device(PDEVICE_OBJECT device, bool again) {
  NTSTATUS status;

  os__spin_lock(&lock);
  status = may_open(device, again);
  if (NT_SUCCESS(status)) {
    device->ReferenceCount++;
    io__reference_device(device);
  }
  os__spin_unlock(&lock);
  return status;
}

/* The driver may have waited for this to be unloaded. */
static void close_device(PDEVICE_OBJECT device) {
  PDRIVER_OBJECT driver = device->DriverObject;

  os__spin_lock(&lock);
  device->ReferenceCount--;
  os__spin_unlock(&lock);
  ObfReferenceObject(driver);
  io__dereference_device(device);
  io__released_device_of(driver);
  ObfDereferenceObject(driver);
}

/* ---- closing ----------------------------------------------------------- */

/* IRP_MJ_CLEANUP and IRP_MJ_CLOSE cannot fail, and what the driver answers is
 * of no interest. */
static void send_farewell(PFILE_OBJECT file, UCHAR major) {
  struct io_outcome outcome;
  PIRP irp =
      io__file_irp(file, major, IRP_CLOSE_OPERATION, "ZwClose", OB_CALLER());

  io__send_and_wait(file, irp, &outcome,
                    &(struct ke_call){"ZwClose", OB_CALLER(), file, NULL});
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
  ex__queue_work(&block->work, DelayedWorkQueue, 0);
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
  close_device(block->file.DeviceObject);
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

/* ---- making ------------------------------------------------------------ */

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

NTSTATUS io__make_file(const struct io_opening *opening, PDEVICE_OBJECT device,
                       PUNICODE_STRING name, PFILE_OBJECT *file) {
  NTSTATUS status = open_device(device, opening->related != NULL);
  struct file_block *block;

  if (!NT_SUCCESS(status))
    return status;
  block = ob__create_object(&file_type, sizeof(*block));
  if (block == NULL) {
    close_device(device);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  *file = &block->file;
  block->file.Type = IO_TYPE_FILE;
  block->file.Size = sizeof(FILE_OBJECT);
  block->file.DeviceObject = device;
  block->file.RelatedFileObject = opening->related;
  block->file.Flags = flags_of(opening);
  block->file.FileName = *name;
  name->Buffer = NULL;
  KeInitializeEvent(&block->file.Lock, SynchronizationEvent, FALSE);
  KeInitializeEvent(&block->file.Event, NotificationEvent, FALSE);
  InitializeListHead(&block->file.IrpList);
  return STATUS_SUCCESS;
}

void io__mark_opened(PFILE_OBJECT file, const struct io_opening *opening) {
  struct file_block *block = block_of(file);

  block->opened = true;
  file->Flags |= FO_FILE_OPEN | FO_HANDLE_CREATED;
  file->RelatedFileObject = NULL; /* good while it is opened only */
  block->record = (struct ob_record){.object = file,
                                     .call = opening->call,
                                     .caller = opening->caller,
                                     .kind = OB_FILE};
  ob__track(&block->record);
  chain(block);
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
void io__lock_file(PFILE_OBJECT file, const struct ke_call *call) {
  __atomic_add_fetch(&file->Waiters, 1, __ATOMIC_SEQ_CST);
  while (__atomic_exchange_n(&file->Busy, TRUE, __ATOMIC_SEQ_CST))
    ke__wait_for(call, &file->Lock);
  __atomic_sub_fetch(&file->Waiters, 1, __ATOMIC_SEQ_CST);
}

void io__unlock_file(PFILE_OBJECT file) {
  __atomic_store_n(&file->Busy, FALSE, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&file->Waiters, __ATOMIC_SEQ_CST) != 0)
    KeSetEvent(&file->Lock, IO_NO_INCREMENT, FALSE);
}
