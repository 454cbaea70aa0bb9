/*
 * Io: files, which are open devices. Rights, options and flags; opening a
 * device by its name; requests on a handle.
 *
 * Devices of the process are all there is to open: real files are not offered
 * (docs/differences.md). Sizes and lengths are in bytes.
 *
 * Pages: ddi/wdm/nf-wdm-<name in lower case>, ddi/ntifs/nf-ntifs-<…>.
 */
#ifndef UWSK_KM_FILE_H
#define UWSK_KM_FILE_H

#include <uwsk_io_types.h>

/* ---- rights ------------------------------------------------------------- */

#define FILE_READ_DATA            0x0001
#define FILE_LIST_DIRECTORY       0x0001
#define FILE_WRITE_DATA           0x0002
#define FILE_ADD_FILE             0x0002
#define FILE_APPEND_DATA          0x0004
#define FILE_ADD_SUBDIRECTORY     0x0004
#define FILE_CREATE_PIPE_INSTANCE 0x0004
#define FILE_READ_EA              0x0008
#define FILE_WRITE_EA             0x0010
#define FILE_EXECUTE              0x0020
#define FILE_TRAVERSE             0x0020
#define FILE_DELETE_CHILD         0x0040
#define FILE_READ_ATTRIBUTES      0x0080
#define FILE_WRITE_ATTRIBUTES     0x0100

#define FILE_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x1FF)
#define FILE_GENERIC_READ                                                      \
  (STANDARD_RIGHTS_READ | FILE_READ_DATA | FILE_READ_ATTRIBUTES |              \
   FILE_READ_EA | SYNCHRONIZE)
#define FILE_GENERIC_WRITE                                                     \
  (STANDARD_RIGHTS_WRITE | FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES |           \
   FILE_WRITE_EA | FILE_APPEND_DATA | SYNCHRONIZE)
#define FILE_GENERIC_EXECUTE                                                   \
  (STANDARD_RIGHTS_EXECUTE | FILE_READ_ATTRIBUTES | FILE_EXECUTE | SYNCHRONIZE)

#define FILE_SHARE_READ        0x00000001
#define FILE_SHARE_WRITE       0x00000002
#define FILE_SHARE_DELETE      0x00000004
#define FILE_SHARE_VALID_FLAGS 0x00000007

#define FILE_ATTRIBUTE_READONLY    0x00000001
#define FILE_ATTRIBUTE_HIDDEN      0x00000002
#define FILE_ATTRIBUTE_SYSTEM      0x00000004
#define FILE_ATTRIBUTE_DIRECTORY   0x00000010
#define FILE_ATTRIBUTE_ARCHIVE     0x00000020
#define FILE_ATTRIBUTE_DEVICE      0x00000040
#define FILE_ATTRIBUTE_NORMAL      0x00000080
#define FILE_ATTRIBUTE_TEMPORARY   0x00000100
#define FILE_ATTRIBUTE_VALID_FLAGS 0x00007fb7

/* ---- how to open -------------------------------------------------------- */

/* The upper 8 bits of Parameters.Create.Options. */
#define FILE_SUPERSEDE           0x00000000
#define FILE_OPEN                0x00000001
#define FILE_CREATE              0x00000002
#define FILE_OPEN_IF             0x00000003
#define FILE_OVERWRITE           0x00000004
#define FILE_OVERWRITE_IF        0x00000005
#define FILE_MAXIMUM_DISPOSITION 0x00000005

/* The lower 24 bits. */
#define FILE_DIRECTORY_FILE            0x00000001
#define FILE_WRITE_THROUGH             0x00000002
#define FILE_SEQUENTIAL_ONLY           0x00000004
#define FILE_NO_INTERMEDIATE_BUFFERING 0x00000008
#define FILE_SYNCHRONOUS_IO_ALERT      0x00000010
#define FILE_SYNCHRONOUS_IO_NONALERT   0x00000020
#define FILE_NON_DIRECTORY_FILE        0x00000040
#define FILE_CREATE_TREE_CONNECTION    0x00000080
#define FILE_COMPLETE_IF_OPLOCKED      0x00000100
#define FILE_NO_EA_KNOWLEDGE           0x00000200
#define FILE_OPEN_REMOTE_INSTANCE      0x00000400
#define FILE_RANDOM_ACCESS             0x00000800
#define FILE_DELETE_ON_CLOSE           0x00001000
#define FILE_OPEN_BY_FILE_ID           0x00002000
#define FILE_OPEN_FOR_BACKUP_INTENT    0x00004000
#define FILE_NO_COMPRESSION            0x00008000
#define FILE_OPEN_REPARSE_POINT        0x00200000
#define FILE_VALID_OPTION_FLAGS        0x00ffffff

/* IoStatus.Information of IRP_MJ_CREATE. */
#define FILE_SUPERSEDED     0x00000000
#define FILE_OPENED         0x00000001
#define FILE_CREATED        0x00000002
#define FILE_OVERWRITTEN    0x00000003
#define FILE_EXISTS         0x00000004
#define FILE_DOES_NOT_EXIST 0x00000005

/* Where a read or write starts, instead of an offset: LowPart, with -1 as
 * HighPart. */
#define FILE_WRITE_TO_END_OF_FILE      0xffffffff
#define FILE_USE_FILE_POINTER_POSITION 0xfffffffe

/* IO_STACK_LOCATION.Flags of IRP_MJ_CREATE. */
#define SL_FORCE_ACCESS_CHECK    0x01
#define SL_OPEN_PAGING_FILE      0x02
#define SL_OPEN_TARGET_DIRECTORY 0x04
#define SL_STOP_ON_SYMLINK       0x08
#define SL_CASE_SENSITIVE        0x80

/* FILE_OBJECT.Flags. */
#define FO_FILE_OPEN                 0x00000001
#define FO_SYNCHRONOUS_IO            0x00000002
#define FO_ALERTABLE_IO              0x00000004
#define FO_NO_INTERMEDIATE_BUFFERING 0x00000008
#define FO_WRITE_THROUGH             0x00000010
#define FO_SEQUENTIAL_ONLY           0x00000020
#define FO_CLEANUP_COMPLETE          0x00004000
#define FO_OPENED_CASE_SENSITIVE     0x00020000
#define FO_HANDLE_CREATED            0x00040000
#define FO_RANDOM_ACCESS             0x00100000

/* ---- opening ------------------------------------------------------------ */

UWSK_BEGIN_C

/* Opens the device that ObjectAttributes names, or the file of RootDirectory
 * once more. The driver's IRP_MJ_CREATE decides; what it answers is returned.
 * *FileHandle is closed with ZwClose: IRP_MJ_CLEANUP is sent then, and
 * IRP_MJ_CLOSE when the last reference has gone, too.
 * STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_PATH_NOT_FOUND (nothing of that
 * name), STATUS_OBJECT_PATH_SYNTAX_BAD (a name that does not begin with a
 * backslash), STATUS_OBJECT_NAME_INVALID, STATUS_OBJECT_TYPE_MISMATCH (a
 * directory of names), STATUS_NO_SUCH_DEVICE (it is being made or deleted),
 * STATUS_ACCESS_DENIED (exclusive, and open), STATUS_INVALID_PARAMETER,
 * STATUS_INSUFFICIENT_RESOURCES. IRQL PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI
ZwCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess,
             POBJECT_ATTRIBUTES ObjectAttributes,
             PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER AllocationSize,
             ULONG FileAttributes, ULONG ShareAccess, ULONG CreateDisposition,
             ULONG CreateOptions, PVOID EaBuffer, ULONG EaLength);

/* ZwCreateFile with FILE_OPEN and no more to say; ended by ZwClose. IRQL
 * PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI ZwOpenFile(PHANDLE FileHandle,
                                   ACCESS_MASK DesiredAccess,
                                   POBJECT_ATTRIBUTES ObjectAttributes,
                                   PIO_STATUS_BLOCK IoStatusBlock,
                                   ULONG ShareAccess, ULONG OpenOptions);

/* Opens the named device and closes the handle at once: the driver sees
 * IRP_MJ_CREATE and IRP_MJ_CLEANUP. *DeviceObject is the top of its stack,
 * which stays until the caller gives *FileObject back by ObDereferenceObject
 * (IRP_MJ_CLOSE). Statuses as ZwOpenFile. IRQL PASSIVE_LEVEL. */
NTKERNELAPI NTSTATUS NTAPI IoGetDeviceObjectPointer(
    PUNICODE_STRING ObjectName, ACCESS_MASK DesiredAccess,
    PFILE_OBJECT *FileObject, PDEVICE_OBJECT *DeviceObject);

/* The device that requests on the file are sent to: the top of the stack. IRQL
 * <= DISPATCH_LEVEL. */
NTKERNELAPI PDEVICE_OBJECT NTAPI
IoGetRelatedDeviceObject(PFILE_OBJECT FileObject);

/* ---- requests ----------------------------------------------------------- */

/*
 * On a file that was opened for synchronous I/O these wait, and return the
 * final status. Else they may return STATUS_PENDING: the status block is
 * written later and Event set, which is an event's handle; without one, the
 * file's own event is. A request that fails at once writes no status block.
 * ApcRoutine is reserved for the system: STATUS_NOT_SUPPORTED when it is not
 * NULL.
 *
 * ByteOffset may be NULL for synchronous files, whose position is
 * CurrentByteOffset then: the driver moves it, if it likes.
 * STATUS_INVALID_PARAMETER for others, and for a negative one.
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH,
 * STATUS_INSUFFICIENT_RESOURCES. IRQL PASSIVE_LEVEL.
 */
NTSYSAPI NTSTATUS NTAPI ZwReadFile(HANDLE FileHandle, HANDLE Event,
                                   PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
                                   PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer,
                                   ULONG Length, PLARGE_INTEGER ByteOffset,
                                   PULONG Key);
NTSYSAPI NTSTATUS NTAPI ZwWriteFile(HANDLE FileHandle, HANDLE Event,
                                    PIO_APC_ROUTINE ApcRoutine,
                                    PVOID ApcContext,
                                    PIO_STATUS_BLOCK IoStatusBlock,
                                    PVOID Buffer, ULONG Length,
                                    PLARGE_INTEGER ByteOffset, PULONG Key);
NTSYSAPI NTSTATUS NTAPI ZwDeviceIoControlFile(
    HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
    PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode,
    PVOID InputBuffer, ULONG InputBufferLength, PVOID OutputBuffer,
    ULONG OutputBufferLength);

/* IRP_MJ_FLUSH_BUFFERS; waits on every file. IRQL PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI ZwFlushBuffersFile(HANDLE FileHandle,
                                           PIO_STATUS_BLOCK IoStatusBlock);

UWSK_END_C

/* ---- for dispatch routines ---------------------------------------------- */

/* Whether a thread waits for the end of the IRP. */
UWSK_INLINE BOOLEAN IoIsOperationSynchronous(PIRP Irp) {
  PFILE_OBJECT file = Irp->Tail.Overlay.CurrentStackLocation->FileObject;
  return (Irp->Flags & IRP_SYNCHRONOUS_API) != 0 ||
         (file != NULL && (__atomic_load_n(&file->Flags, __ATOMIC_RELAXED) &
                           FO_SYNCHRONOUS_IO) != 0);
}

UWSK_INLINE KPROCESSOR_MODE IoGetRequestorMode(PIRP Irp) {
  return Irp->RequestorMode;
}

#endif
