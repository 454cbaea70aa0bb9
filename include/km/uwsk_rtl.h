/*
 * Rtl and Dbg: lists, memory, strings, time fields, debug output, assertions.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>, ddi/ntifs/….
 * Where case counts or texts are converted Windows looks into tables that may
 * be paged out: not at DISPATCH_LEVEL. What is inline here may be called at any
 * IRQL.
 */
#ifndef UWSK_KM_RTL_H
#define UWSK_KM_RTL_H

#include <uwsk_crt.h>
#include <uwsk_ke_types.h>
#include <uwsk_rtl_types.h>

/* ---- lists -------------------------------------------------------------- */

/* Doubly linked, circular, the head an entry of its own. Not locked. */
UWSK_INLINE VOID InitializeListHead(PLIST_ENTRY ListHead) {
  ListHead->Flink = ListHead->Blink = ListHead;
}

UWSK_INLINE BOOLEAN IsListEmpty(const LIST_ENTRY *ListHead) {
  return (BOOLEAN)(ListHead->Flink == ListHead);
}

/* TRUE when the list is empty afterwards. */
UWSK_INLINE BOOLEAN RemoveEntryList(PLIST_ENTRY Entry) {
  PLIST_ENTRY next = Entry->Flink, previous = Entry->Blink;
  previous->Flink = next;
  next->Blink = previous;
  return (BOOLEAN)(next == previous);
}
#define RemoveEntryListUnsafe(Entry) ((VOID)RemoveEntryList(Entry))

/* Of an empty list the removes return the head itself. */
UWSK_INLINE PLIST_ENTRY RemoveHeadList(PLIST_ENTRY ListHead) {
  PLIST_ENTRY entry = ListHead->Flink;
  RemoveEntryList(entry);
  return entry;
}

UWSK_INLINE PLIST_ENTRY RemoveTailList(PLIST_ENTRY ListHead) {
  PLIST_ENTRY entry = ListHead->Blink;
  RemoveEntryList(entry);
  return entry;
}

UWSK_INLINE VOID InsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry) {
  PLIST_ENTRY last = ListHead->Blink;
  Entry->Flink = ListHead;
  Entry->Blink = last;
  last->Flink = Entry;
  ListHead->Blink = Entry;
}

UWSK_INLINE VOID InsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry) {
  PLIST_ENTRY first = ListHead->Flink;
  Entry->Flink = first;
  Entry->Blink = ListHead;
  first->Blink = Entry;
  ListHead->Flink = Entry;
}

/* The entries of a list without a head. */
UWSK_INLINE VOID AppendTailList(PLIST_ENTRY ListHead,
                                PLIST_ENTRY ListToAppend) {
  PLIST_ENTRY last = ListHead->Blink;
  ListHead->Blink->Flink = ListToAppend;
  ListHead->Blink = ListToAppend->Blink;
  ListToAppend->Blink->Flink = ListHead;
  ListToAppend->Blink = last;
}

UWSK_INLINE PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY ListHead) {
  PSINGLE_LIST_ENTRY first = ListHead->Next;
  if (first != NULL)
    ListHead->Next = first->Next;
  return first;
}

UWSK_INLINE VOID PushEntryList(PSINGLE_LIST_ENTRY ListHead,
                               PSINGLE_LIST_ENTRY Entry) {
  Entry->Next = ListHead->Next;
  ListHead->Next = Entry;
}

/* ---- memory ------------------------------------------------------------- */

#define RtlEqualMemory(first, second, length)                                  \
  (!memcmp((first), (second), (length)))
#define RtlMoveMemory(to, from, length) memmove((to), (from), (length))
#define RtlCopyMemory(to, from, length) memcpy((to), (from), (length))
#define RtlCopyBytes(to, from, length)  memcpy((to), (from), (length))
#define RtlCopyMemoryNonTemporal(to, from, length)                             \
  memcpy((to), (from), (length))
#define RtlFillMemory(to, length, fill) memset((to), (fill), (length))
#define RtlFillBytes(to, length, fill)  memset((to), (fill), (length))
#define RtlZeroMemory(to, length)       memset((to), 0, (length))
#define RtlZeroBytes(to, length)        memset((to), 0, (length))

/* A clearing that the compiler cannot leave out. */
UWSK_INLINE PVOID RtlSecureZeroMemory(PVOID Pointer, SIZE_T Count) {
  memset(Pointer, 0, Count);
  __asm__ __volatile__("" : : "r"(Pointer) : "memory");
  return Pointer;
}

#define RtlUshortByteSwap(value) __builtin_bswap16((USHORT)(value))
#define RtlUlongByteSwap(value)  ((ULONG)__builtin_bswap32((ULONG)(value)))
#define RtlUlonglongByteSwap(value)                                            \
  ((ULONGLONG)__builtin_bswap64((ULONGLONG)(value)))

UWSK_BEGIN_C

/* How many bytes are equal from the start. Any IRQL. */
NTSYSAPI SIZE_T NTAPI RtlCompareMemory(const VOID *Source1, const VOID *Source2,
                                       SIZE_T Length);

/* ---- counted strings ---------------------------------------------------- */

/* The string then stands for the text; nothing is copied. Text longer than a
 * string can hold is cut (the …Ex forms return STATUS_NAME_TOO_LONG). IRQL
 * <= DISPATCH_LEVEL, for RtlInitAnsiString any. */
NTSYSAPI VOID NTAPI RtlInitString(PSTRING DestinationString, PCSZ SourceString);
NTSYSAPI VOID NTAPI RtlInitAnsiString(PANSI_STRING DestinationString,
                                      PCSZ SourceString);
NTSYSAPI VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString,
                                         PCWSTR SourceString);

/* Copies what fits. Any IRQL. */
NTSYSAPI VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING DestinationString,
                                         PCUNICODE_STRING SourceString);
/* STATUS_BUFFER_TOO_SMALL, and nothing appended, when it does not fit. Any
 * IRQL. */
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING Destination,
                                                 PCWSTR Source);
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeStringToString(
    PUNICODE_STRING Destination, PCUNICODE_STRING Source);

/* Compare: less than 0, 0 or more, in the order of the characters. Prefix:
 * whether String2 begins with String1. IRQL PASSIVE_LEVEL. */
NTSYSAPI LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING String1,
                                            PCUNICODE_STRING String2,
                                            BOOLEAN CaseInSensitive);
NTSYSAPI BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING String1,
                                             PCUNICODE_STRING String2,
                                             BOOLEAN CaseInSensitive);
NTSYSAPI BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING String1,
                                              PCUNICODE_STRING String2,
                                              BOOLEAN CaseInSensitive);

/* The character in the other case, or itself. IRQL <= APC_LEVEL, for
 * RtlDowncaseUnicodeChar PASSIVE_LEVEL. */
NTSYSAPI WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR SourceCharacter);
NTSYSAPI WCHAR NTAPI RtlDowncaseUnicodeChar(WCHAR SourceCharacter);

/* With AllocateDestinationString the buffer comes from pool and goes with
 * RtlFreeUnicodeString (RtlFreeAnsiString). IRQL PASSIVE_LEVEL, to free and for
 * RtlUpcaseUnicodeString <= APC_LEVEL. */
NTSYSAPI NTSTATUS NTAPI RtlUpcaseUnicodeString(
    PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString,
    BOOLEAN AllocateDestinationString);
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToAnsiString(
    PANSI_STRING DestinationString, PCUNICODE_STRING SourceString,
    BOOLEAN AllocateDestinationString);
NTSYSAPI NTSTATUS NTAPI RtlAnsiStringToUnicodeString(
    PUNICODE_STRING DestinationString, PCANSI_STRING SourceString,
    BOOLEAN AllocateDestinationString);
NTSYSAPI VOID NTAPI RtlFreeUnicodeString(PUNICODE_STRING UnicodeString);
NTSYSAPI VOID NTAPI RtlFreeAnsiString(PANSI_STRING AnsiString);

/* Base 0 reads 0x, 0o and 0b; STATUS_INVALID_PARAMETER for no base of 2, 8, 10,
 * 16. IRQL PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING String,
                                                  ULONG Base, PULONG Value);
NTSYSAPI NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG Value, ULONG Base,
                                                  PUNICODE_STRING String);
NTSYSAPI NTSTATUS NTAPI RtlInt64ToUnicodeString(ULONGLONG Value, ULONG Base,
                                                PUNICODE_STRING String);

/* Sizes in bytes; the result is not terminated. STATUS_BUFFER_TOO_SMALL,
 * STATUS_SOME_NOT_MAPPED for what is no text (replaced). IRQL PASSIVE_LEVEL, of
 * the MultiByte forms <= APC_LEVEL. */
NTSYSAPI NTSTATUS NTAPI RtlUnicodeToUTF8N(PCHAR UTF8StringDestination,
                                          ULONG UTF8StringMaxByteCount,
                                          PULONG UTF8StringActualByteCount,
                                          PCWCH UnicodeStringSource,
                                          ULONG UnicodeStringByteCount);
NTSYSAPI NTSTATUS NTAPI RtlUTF8ToUnicodeN(PWSTR UnicodeStringDestination,
                                          ULONG UnicodeStringMaxByteCount,
                                          PULONG UnicodeStringActualByteCount,
                                          PCCH UTF8StringSource,
                                          ULONG UTF8StringByteCount);
NTSYSAPI NTSTATUS NTAPI RtlUnicodeToMultiByteN(PCHAR MultiByteString,
                                               ULONG MaxBytesInMultiByteString,
                                               PULONG BytesInMultiByteString,
                                               PCWCH UnicodeString,
                                               ULONG BytesInUnicodeString);
NTSYSAPI NTSTATUS NTAPI RtlMultiByteToUnicodeN(PWCH UnicodeString,
                                               ULONG MaxBytesInUnicodeString,
                                               PULONG BytesInUnicodeString,
                                               const CHAR *MultiByteString,
                                               ULONG BytesInMultiByteString);

/* ---- time, chance, version ---------------------------------------------- */

/* From a system time (100 ns since 1601) to a date, and back; FALSE when the
 * fields are no date. Any IRQL. */
NTSYSAPI VOID NTAPI RtlTimeToTimeFields(PLARGE_INTEGER Time,
                                        PTIME_FIELDS TimeFields);
NTSYSAPI BOOLEAN NTAPI RtlTimeFieldsToTime(PTIME_FIELDS TimeFields,
                                           PLARGE_INTEGER Time);
/* 0 … MAXLONG - 1; no secret. IRQL <= APC_LEVEL. */
NTSYSAPI ULONG NTAPI RtlRandomEx(PULONG Seed);

typedef struct _OSVERSIONINFOW {
  ULONG dwOSVersionInfoSize;
  ULONG dwMajorVersion;
  ULONG dwMinorVersion;
  ULONG dwBuildNumber;
  ULONG dwPlatformId;
  WCHAR szCSDVersion[128];
} OSVERSIONINFOW, *POSVERSIONINFOW, RTL_OSVERSIONINFOW, *PRTL_OSVERSIONINFOW;

typedef struct _OSVERSIONINFOEXW {
  ULONG dwOSVersionInfoSize;
  ULONG dwMajorVersion;
  ULONG dwMinorVersion;
  ULONG dwBuildNumber;
  ULONG dwPlatformId;
  WCHAR szCSDVersion[128];
  USHORT wServicePackMajor;
  USHORT wServicePackMinor;
  USHORT wSuiteMask;
  UCHAR wProductType;
  UCHAR wReserved;
} OSVERSIONINFOEXW, *POSVERSIONINFOEXW, RTL_OSVERSIONINFOEXW,
    *PRTL_OSVERSIONINFOEXW;

/* Values of wProductType. */
#define VER_NT_WORKSTATION       0x0000001
#define VER_NT_DOMAIN_CONTROLLER 0x0000002
#define VER_NT_SERVER            0x0000003

/* dwOSVersionInfoSize says which of the two structures it is. IRQL
 * PASSIVE_LEVEL. */
NTSYSAPI NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW VersionInformation);

/* ---- debug -------------------------------------------------------------- */

/* Print, by Windows' format rules: %lu is 32 bits wide, %I64u, %p, %wZ, %Z,
 * %ws, %S. STATUS_SUCCESS. Any IRQL; wide strings at PASSIVE_LEVEL only. */
NTSYSAPI ULONG __cdecl DbgPrint(PCSTR Format, ...);
NTSYSAPI ULONG __cdecl DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format,
                                  ...);
NTSYSAPI ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCCH Format,
                                 va_list arglist);
NTSYSAPI ULONG NTAPI vDbgPrintExWithPrefix(PCCH Prefix, ULONG ComponentId,
                                           ULONG Level, PCCH Format,
                                           va_list arglist);
NTSYSAPI VOID NTAPI DbgBreakPoint(VOID);

/* Microsoft's preprocessor drops a comma that no argument follows, as a
 * driver's
 * `#define LOG(text, ...) DbgPrint((text), __VA_ARGS__)` makes it. */
#define DbgPrint(format, ...) DbgPrint(format __VA_OPT__(, ) __VA_ARGS__)
#define DbgPrintEx(component, level, format, ...)                              \
  DbgPrintEx(component, level, format __VA_OPT__(, ) __VA_ARGS__)

/* What a failing ASSERT calls. */
NTSYSAPI VOID NTAPI RtlAssert(PVOID FailedAssertion, PVOID FileName,
                              ULONG LineNumber, PCHAR Message);

UWSK_END_C

UWSK_INLINE VOID RtlInitEmptyUnicodeString(PUNICODE_STRING UnicodeString,
                                           PWCHAR Buffer, USHORT BufferSize) {
  UnicodeString->Length = 0;
  UnicodeString->MaximumLength = BufferSize;
  UnicodeString->Buffer = Buffer;
}

UWSK_INLINE VOID RtlInitEmptyAnsiString(PANSI_STRING AnsiString, PCHAR Buffer,
                                        USHORT BufferSize) {
  AnsiString->Length = 0;
  AnsiString->MaximumLength = BufferSize;
  AnsiString->Buffer = Buffer;
}

UWSK_INLINE LARGE_INTEGER RtlConvertLongToLargeInteger(LONG SignedInteger) {
  LARGE_INTEGER result;
  result.QuadPart = SignedInteger;
  return result;
}

UWSK_INLINE LARGE_INTEGER RtlConvertUlongToLargeInteger(ULONG UnsignedInteger) {
  LARGE_INTEGER result;
  result.QuadPart = UnsignedInteger;
  return result;
}

#ifndef DBG
#define DBG 0
#endif

#define DPFLTR_ERROR_LEVEL   0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL   2
#define DPFLTR_INFO_LEVEL    3
#define DPFLTR_MASK          0x80000000
typedef enum _DPFLTR_TYPE {
  DPFLTR_SYSTEM_ID = 0,
  DPFLTR_NETAPI_ID = 16,
  DPFLTR_TCPIP_ID = 24,
  DPFLTR_NDIS_ID = 31,
  DPFLTR_IHVVIDEO_ID = 76,
  DPFLTR_IHVDRIVER_ID = 77,
  DPFLTR_IHVAUDIO_ID = 78,
  DPFLTR_IHVNETWORK_ID = 79,
  DPFLTR_IHVSTREAMING_ID = 80,
  DPFLTR_IHVBUS_ID = 81,
  DPFLTR_IHVHPS_ID = 82,
  DPFLTR_DEFAULT_ID = 101,
  DPFLTR_ENDOFTABLE_ID = 155
} DPFLTR_TYPE;

/* A value that may be left alone. */
UWSK_INLINE BOOLEAN uwsk_verified(BOOLEAN Holds) {
  return Holds;
}

/* The text is made where the driver's expression arrives: further in, NULL
 * would read ((void *)0). */
#if DBG
#define KdPrint(arguments)   DbgPrint arguments
#define KdPrintEx(arguments) DbgPrintEx arguments
#define KdBreakPoint()       DbgBreakPoint()
#define UWSK_ASSERT(expression, text, message)                                 \
  ((expression) ? TRUE                                                         \
                : (RtlAssert((PVOID)(text), (PVOID)__FILE__, __LINE__,         \
                             (PCHAR)(message)),                                \
                   FALSE))
#define UWSK_VERIFY(expression, text)                                          \
  uwsk_verified(UWSK_ASSERT(expression, text, NULL))
#else
#define KdPrint(arguments)                     ((void)0)
#define KdPrintEx(arguments)                   ((void)0)
#define KdBreakPoint()                         ((void)0)
#define UWSK_ASSERT(expression, text, message) ((void)sizeof(!(expression)))
#define UWSK_VERIFY(expression, text)          uwsk_verified(!!(expression))
#endif
#define RTL_ASSERT(expression) UWSK_ASSERT(expression, #expression, NULL)
#define RTL_ASSERTMSG(message, expression)                                     \
  UWSK_ASSERT(expression, #expression, message)
#define NT_VERIFY(expression) UWSK_VERIFY(expression, #expression)
#define ASSERTMSG(message, expression)                                         \
  ((void)UWSK_ASSERT(expression, #expression, message))
#define NT_ASSERT(expression) ((void)UWSK_ASSERT(expression, #expression, NULL))
#define NT_ASSERTMSG(message, expression)                                      \
  ((void)UWSK_ASSERT(expression, #expression, message))
#define NT_ASSERT_ASSUME(expression)                                           \
  ((void)UWSK_ASSERT(expression, #expression, NULL))
#define NT_FRE_ASSERT(expression)                                              \
  ((void)UWSK_ASSERT(expression, #expression, NULL))
#undef ASSERT
#define ASSERT(expression) ((void)UWSK_ASSERT(expression, #expression, NULL))
#define RTL_SOFT_ASSERT(expression)                                            \
  ((void)UWSK_ASSERT(expression, #expression, NULL))
#define RTL_VERIFY(expression)     UWSK_VERIFY(expression, #expression)
#define DbgRaiseAssertionFailure() DbgBreakPoint()

#endif
