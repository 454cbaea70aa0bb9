/*
 * Cm: the registry.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/wdm/ns-wdm-_key_<name>; "Using the Registry
 * in a Driver". IRQL PASSIVE_LEVEL, all of it. Names of keys and values
 * are compared without regard to case. A handle is good for what it was opened
 * for (KEY_QUERY_VALUE, …; otherwise STATUS_ACCESS_DENIED), and is closed with
 * ZwClose by whoever opened it. Sizes and lengths are in bytes.
 * What there is in the beginning, and how a test fills it: docs/registry.md.
 */
#ifndef UWSK_KM_CM_H
#define UWSK_KM_CM_H

#include <uwsk_io_types.h>
#include <uwsk_se_types.h>

/* ---- types of values ---------------------------------------------------- */

#define REG_NONE                       0
#define REG_SZ                         1
#define REG_EXPAND_SZ                  2
#define REG_BINARY                     3
#define REG_DWORD                      4
#define REG_DWORD_LITTLE_ENDIAN        4
#define REG_DWORD_BIG_ENDIAN           5
#define REG_LINK                       6
#define REG_MULTI_SZ                   7
#define REG_RESOURCE_LIST              8
#define REG_FULL_RESOURCE_DESCRIPTOR   9
#define REG_RESOURCE_REQUIREMENTS_LIST 10
#define REG_QWORD                      11
#define REG_QWORD_LITTLE_ENDIAN        11

/* ---- rights, options ---------------------------------------------------- */

#define KEY_QUERY_VALUE        0x0001
#define KEY_SET_VALUE          0x0002
#define KEY_CREATE_SUB_KEY     0x0004
#define KEY_ENUMERATE_SUB_KEYS 0x0008
#define KEY_NOTIFY             0x0010
#define KEY_CREATE_LINK        0x0020
#define KEY_WOW64_64KEY        0x0100 /* these two are taken and mean nothing */
#define KEY_WOW64_32KEY        0x0200
#define KEY_WOW64_RES          0x0300
#define KEY_READ               0x20019
#define KEY_WRITE              0x20006
#define KEY_EXECUTE            KEY_READ
#define KEY_ALL_ACCESS         0xF003F

#define REG_OPTION_RESERVED       0x00000000L
#define REG_OPTION_NON_VOLATILE   0x00000000L
#define REG_OPTION_VOLATILE       0x00000001L
#define REG_OPTION_CREATE_LINK    0x00000002L
#define REG_OPTION_BACKUP_RESTORE 0x00000004L
#define REG_OPTION_OPEN_LINK      0x00000008L

#define REG_CREATED_NEW_KEY     0x00000001L
#define REG_OPENED_EXISTING_KEY 0x00000002L

/* ---- what queries answer ------------------------------------------------ */

typedef enum _KEY_INFORMATION_CLASS {
  KeyBasicInformation,
  KeyNodeInformation,
  KeyFullInformation,
  KeyNameInformation,
  KeyCachedInformation,
  KeyFlagsInformation,
  KeyVirtualizationInformation,
  KeyHandleTagsInformation,
  KeyTrustInformation,
  KeyLayerInformation,
  MaxKeyInfoClass
} KEY_INFORMATION_CLASS;

typedef struct _KEY_BASIC_INFORMATION {
  LARGE_INTEGER LastWriteTime;
  ULONG TitleIndex;
  ULONG NameLength;
  WCHAR Name[1];
} KEY_BASIC_INFORMATION, *PKEY_BASIC_INFORMATION;

typedef struct _KEY_NODE_INFORMATION {
  LARGE_INTEGER LastWriteTime;
  ULONG TitleIndex;
  ULONG ClassOffset; /* (ULONG)-1 without a class */
  ULONG ClassLength;
  ULONG NameLength;
  WCHAR Name[1];
} KEY_NODE_INFORMATION, *PKEY_NODE_INFORMATION;

typedef struct _KEY_FULL_INFORMATION {
  LARGE_INTEGER LastWriteTime;
  ULONG TitleIndex;
  ULONG ClassOffset; /* (ULONG)-1 without a class */
  ULONG ClassLength;
  ULONG SubKeys;
  ULONG MaxNameLen;
  ULONG MaxClassLen;
  ULONG Values;
  ULONG MaxValueNameLen;
  ULONG MaxValueDataLen;
  WCHAR Class[1];
} KEY_FULL_INFORMATION, *PKEY_FULL_INFORMATION;

typedef struct _KEY_NAME_INFORMATION {
  ULONG NameLength;
  WCHAR Name[1];
} KEY_NAME_INFORMATION, *PKEY_NAME_INFORMATION;

typedef struct _KEY_CACHED_INFORMATION {
  LARGE_INTEGER LastWriteTime;
  ULONG TitleIndex;
  ULONG SubKeys;
  ULONG MaxNameLen;
  ULONG Values;
  ULONG MaxValueNameLen;
  ULONG MaxValueDataLen;
  ULONG NameLength;
} KEY_CACHED_INFORMATION, *PKEY_CACHED_INFORMATION;

typedef enum _KEY_VALUE_INFORMATION_CLASS {
  KeyValueBasicInformation,
  KeyValueFullInformation,
  KeyValuePartialInformation,
  KeyValueFullInformationAlign64,
  KeyValuePartialInformationAlign64,
  KeyValueLayerInformation,
  MaxKeyValueInfoClass
} KEY_VALUE_INFORMATION_CLASS;

typedef struct _KEY_VALUE_BASIC_INFORMATION {
  ULONG TitleIndex;
  ULONG Type;
  ULONG NameLength;
  WCHAR Name[1];
} KEY_VALUE_BASIC_INFORMATION, *PKEY_VALUE_BASIC_INFORMATION;

typedef struct _KEY_VALUE_FULL_INFORMATION {
  ULONG TitleIndex;
  ULONG Type;
  ULONG DataOffset; /* (ULONG)-1 without data */
  ULONG DataLength;
  ULONG NameLength;
  WCHAR Name[1];
} KEY_VALUE_FULL_INFORMATION, *PKEY_VALUE_FULL_INFORMATION;

typedef struct _KEY_VALUE_PARTIAL_INFORMATION {
  ULONG TitleIndex;
  ULONG Type;
  ULONG DataLength;
  UCHAR Data[1];
} KEY_VALUE_PARTIAL_INFORMATION, *PKEY_VALUE_PARTIAL_INFORMATION;

typedef struct _KEY_VALUE_PARTIAL_INFORMATION_ALIGN64 {
  ULONG Type;
  ULONG DataLength;
  UCHAR Data[1];
} KEY_VALUE_PARTIAL_INFORMATION_ALIGN64,
    *PKEY_VALUE_PARTIAL_INFORMATION_ALIGN64;

/* ---- tables of RtlQueryRegistryValues ----------------------------------- */

/* ValueData is good until the routine returns, and not to be written to. */
typedef NTSTATUS NTAPI RTL_QUERY_REGISTRY_ROUTINE(
    PWSTR ValueName, ULONG ValueType, PVOID ValueData, ULONG ValueLength,
    PVOID Context, PVOID EntryContext);
typedef RTL_QUERY_REGISTRY_ROUTINE *PRTL_QUERY_REGISTRY_ROUTINE;

typedef struct _RTL_QUERY_REGISTRY_TABLE {
  PRTL_QUERY_REGISTRY_ROUTINE QueryRoutine;
  ULONG Flags;
  PWSTR Name;
  PVOID EntryContext;
  ULONG DefaultType;
  PVOID DefaultData;
  ULONG DefaultLength;
} RTL_QUERY_REGISTRY_TABLE, *PRTL_QUERY_REGISTRY_TABLE;

#define RTL_QUERY_REGISTRY_SUBKEY    0x00000001
#define RTL_QUERY_REGISTRY_TOPKEY    0x00000002
#define RTL_QUERY_REGISTRY_REQUIRED  0x00000004
#define RTL_QUERY_REGISTRY_NOVALUE   0x00000008
#define RTL_QUERY_REGISTRY_NOEXPAND  0x00000010
#define RTL_QUERY_REGISTRY_DIRECT    0x00000020
#define RTL_QUERY_REGISTRY_DELETE    0x00000040
#define RTL_QUERY_REGISTRY_TYPECHECK 0x00000100

/* The type that TYPECHECK expects stands in the top byte of DefaultType. */
#define RTL_QUERY_REGISTRY_TYPECHECK_SHIFT 24
#define RTL_QUERY_REGISTRY_TYPECHECK_MASK                                      \
  (0xffU << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT)

/* What a path is relative to. */
#define RTL_REGISTRY_ABSOLUTE   0
#define RTL_REGISTRY_SERVICES   1
#define RTL_REGISTRY_CONTROL    2
#define RTL_REGISTRY_WINDOWS_NT 3
#define RTL_REGISTRY_DEVICEMAP  4
#define RTL_REGISTRY_USER       5
#define RTL_REGISTRY_MAXIMUM    6
#define RTL_REGISTRY_HANDLE     0x40000000 /* the path is an open handle */
#define RTL_REGISTRY_OPTIONAL   0x80000000 /* a missing key is still missed */

typedef enum _DRIVER_REGKEY_TYPE {
  DriverRegKeyParameters,
  DriverRegKeyPersistentState,
  DriverRegKeySharedPersistentState
} DRIVER_REGKEY_TYPE,
    *PDRIVER_REGKEY_TYPE;

UWSK_BEGIN_C

/* ---- keys --------------------------------------------------------------- */

/*
 * Opens a key: by its whole path (\Registry\Machine\…), or by one below the key
 * that RootDirectory is a handle to. On failure *KeyHandle stays as it was.
 *
 * STATUS_OBJECT_NAME_NOT_FOUND; STATUS_OBJECT_PATH_SYNTAX_BAD when the path
 * does not begin as it has to; STATUS_INVALID_PARAMETER when a name has more
 * than 255 characters; STATUS_KEY_DELETED when the root has been deleted;
 * STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH for a bad root;
 * STATUS_INVALID_PARAMETER_4 for options that are not known;
 * STATUS_INSUFFICIENT_RESOURCES.
 */
NTSYSAPI NTSTATUS NTAPI ZwOpenKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess,
                                  POBJECT_ATTRIBUTES ObjectAttributes);
NTSYSAPI NTSTATUS NTAPI ZwOpenKeyEx(PHANDLE KeyHandle,
                                    ACCESS_MASK DesiredAccess,
                                    POBJECT_ATTRIBUTES ObjectAttributes,
                                    ULONG OpenOptions);

/*
 * Opens a key, or makes it when it is not there; *Disposition tells. All keys
 * above it have to be there (STATUS_OBJECT_NAME_NOT_FOUND), and a root has to
 * be open for KEY_CREATE_SUB_KEY (STATUS_ACCESS_DENIED).
 *
 * STATUS_CHILD_MUST_BE_VOLATILE below a volatile key; STATUS_INVALID_PARAMETER
 * for one directly below \Registry, \Registry\Machine or \Registry\User that is
 * not volatile; STATUS_NOT_SUPPORTED for a symbolic link.
 */
NTSYSAPI NTSTATUS NTAPI ZwCreateKey(PHANDLE KeyHandle,
                                    ACCESS_MASK DesiredAccess,
                                    POBJECT_ATTRIBUTES ObjectAttributes,
                                    ULONG TitleIndex, PUNICODE_STRING Class,
                                    ULONG CreateOptions, PULONG Disposition);

/* Deletes a key, which must be open for DELETE and have no keys below it
 * (STATUS_CANNOT_DELETE). Its handles stay open; all they are good for is
 * ZwClose, everything else is STATUS_KEY_DELETED. */
NTSYSAPI NTSTATUS NTAPI ZwDeleteKey(HANDLE KeyHandle);

/* There is no disk behind the registry, so nothing is written. */
NTSYSAPI NTSTATUS NTAPI ZwFlushKey(HANDLE KeyHandle);

/*
 * About a key, or about the Index-th key below it (in the order of the names;
 * STATUS_NO_MORE_ENTRIES behind the last). *ResultLength is the room that the
 * whole answer takes. STATUS_BUFFER_TOO_SMALL: not even the fixed part fits,
 * nothing was written. STATUS_BUFFER_OVERFLOW: as much as fits was written.
 * STATUS_INVALID_PARAMETER for a class that is not in the list: ZwQueryKey has
 * Basic, Node, Full, Name and Cached, ZwEnumerateKey the first three.
 */
NTSYSAPI NTSTATUS NTAPI ZwQueryKey(HANDLE KeyHandle,
                                   KEY_INFORMATION_CLASS KeyInformationClass,
                                   PVOID KeyInformation, ULONG Length,
                                   PULONG ResultLength);
NTSYSAPI NTSTATUS NTAPI ZwEnumerateKey(
    HANDLE KeyHandle, ULONG Index, KEY_INFORMATION_CLASS KeyInformationClass,
    PVOID KeyInformation, ULONG Length, PULONG ResultLength);

/* ---- values ------------------------------------------------------------- */

/*
 * The value of that name (an empty one is the key's unnamed value), or the
 * Index-th in the order in which they were made. Lengths and statuses as above;
 * STATUS_OBJECT_NAME_NOT_FOUND; STATUS_DATATYPE_MISALIGNMENT when the buffer of
 * an Align64 class is not at a multiple of eight.
 */
NTSYSAPI NTSTATUS NTAPI
ZwQueryValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName,
                KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                PVOID KeyValueInformation, ULONG Length, PULONG ResultLength);
NTSYSAPI NTSTATUS NTAPI ZwEnumerateValueKey(
    HANDLE KeyHandle, ULONG Index,
    KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
    PVOID KeyValueInformation, ULONG Length, PULONG ResultLength);

/* Makes or replaces a value. Data is taken as it is: a string brings its zero.
 * STATUS_INVALID_PARAMETER when the name has more than 16,383 characters;
 * STATUS_INSUFFICIENT_RESOURCES. */
NTSYSAPI NTSTATUS NTAPI ZwSetValueKey(HANDLE KeyHandle,
                                      PUNICODE_STRING ValueName,
                                      ULONG TitleIndex, ULONG Type, PVOID Data,
                                      ULONG DataSize);

/* STATUS_OBJECT_NAME_NOT_FOUND. Needs KEY_SET_VALUE. */
NTSYSAPI NTSTATUS NTAPI ZwDeleteValueKey(HANDLE KeyHandle,
                                         PUNICODE_STRING ValueName);

/* ---- in one call -------------------------------------------------------- */

/*
 * Goes through a table, which ends with an entry whose QueryRoutine and Name
 * are NULL, and hands each entry's value to its routine or, with
 * RTL_QUERY_REGISTRY_DIRECT, writes it to EntryContext. Strings go to the
 * UNICODE_STRING there; if its Buffer is NULL, pool is allocated that the
 * caller frees. A missing value is replaced by the default. Ends at the first
 * failure.
 *
 * STATUS_OBJECT_NAME_NOT_FOUND for the path, a subkey or a value that is
 * REQUIRED; STATUS_INVALID_PARAMETER for an entry that makes no sense;
 * STATUS_BUFFER_TOO_SMALL, STATUS_OBJECT_TYPE_MISMATCH (TYPECHECK) with DIRECT;
 * or what a routine returned, except STATUS_BUFFER_TOO_SMALL. Environment is a
 * block of NAME=value strings for REG_EXPAND_SZ, or NULL.
 */
NTSYSAPI NTSTATUS NTAPI RtlQueryRegistryValues(
    ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable,
    PVOID Context, PVOID Environment);

/* These open the key and close it again; RtlWriteRegistryValue makes it when
 * only it is missing. With RTL_REGISTRY_HANDLE the handle stays open, but for
 * RtlCheckRegistryKey, which closes it. */
NTSYSAPI NTSTATUS NTAPI RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path,
                                              PCWSTR ValueName, ULONG ValueType,
                                              PVOID ValueData,
                                              ULONG ValueLength);
NTSYSAPI NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path,
                                               PCWSTR ValueName);
NTSYSAPI NTSTATUS NTAPI RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path);
NTSYSAPI NTSTATUS NTAPI RtlCreateRegistryKey(ULONG RelativeTo, PWSTR Path);

/* ---- of a driver -------------------------------------------------------- */

/*
 * Opens a key of the driver's: its parameters, which it only reads (other
 * rights: STATUS_ACCESS_DENIED) and which may not be there
 * (STATUS_OBJECT_NAME_NOT_FOUND); or its state, which is made when it is asked
 * for. STATUS_INVALID_PARAMETER when Flags is not zero, or the type unknown.
 */
NTKERNELAPI NTSTATUS NTAPI IoOpenDriverRegistryKey(
    PDRIVER_OBJECT DriverObject, DRIVER_REGKEY_TYPE RegKeyType,
    ACCESS_MASK DesiredAccess, ULONG Flags, PHANDLE DriverRegKey);

/* What ObReferenceObjectByHandle takes as ObjectType, dereferenced once. */
extern POBJECT_TYPE *CmKeyObjectType;

UWSK_END_C

#endif
