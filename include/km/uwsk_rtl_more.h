/*
 * More of Rtl and Dbg: what drivers use less of strings, memory, time and
 * versions.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>,
 * ddi/ntifs/nf-ntifs-<name>. IRQL PASSIVE_LEVEL unless a comment says more. The
 * ANSI code page of uwsk is UTF-8.
 */
#ifndef UWSK_KM_RTL_MORE_H
#define UWSK_KM_RTL_MORE_H

#include <guiddef.h>
#include <ntdef.h>

#include <uwsk_rtl.h>

UWSK_BEGIN_C

/* As the forms without Ex, but STATUS_NAME_TOO_LONG, and the string left alone,
 * for a text that a counted string cannot hold. IRQL <= DISPATCH_LEVEL. */
NTSYSAPI NTSTATUS NTAPI
RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString, PCWSTR SourceString);
NTSYSAPI NTSTATUS NTAPI RtlInitAnsiStringEx(PANSI_STRING DestinationString,
                                            PCSZ SourceString);
NTSYSAPI VOID NTAPI RtlInitUTF8String(PUTF8_STRING DestinationString,
                                      PCSZ SourceString);
NTSYSAPI NTSTATUS NTAPI RtlInitUTF8StringEx(PUTF8_STRING DestinationString,
                                            PCSZ SourceString);

/* Copies what fits, and adds no terminator. Any IRQL. */
NTSYSAPI VOID NTAPI RtlCopyString(PSTRING DestinationString,
                                  const STRING *SourceString);

/* Case is that of ASCII. IRQL PASSIVE_LEVEL, for RtlUpperChar <= APC_LEVEL. */
NTSYSAPI LONG NTAPI RtlCompareString(const STRING *String1,
                                     const STRING *String2,
                                     BOOLEAN CaseInSensitive);
NTSYSAPI BOOLEAN NTAPI RtlEqualString(const STRING *String1,
                                      const STRING *String2,
                                      BOOLEAN CaseInSensitive);
NTSYSAPI CHAR NTAPI RtlUpperChar(CHAR Character);

/* Lengths in characters. */
NTSYSAPI LONG NTAPI RtlCompareUnicodeStrings(PCWCH String1,
                                             SIZE_T String1Length,
                                             PCWCH String2,
                                             SIZE_T String2Length,
                                             BOOLEAN CaseInSensitive);

/* Bytes a converted string needs, its terminator included. */
NTSYSAPI ULONG NTAPI
RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString);
NTSYSAPI ULONG NTAPI RtlxAnsiStringToUnicodeSize(PCANSI_STRING AnsiString);
#define RtlUnicodeStringToAnsiSize(string) RtlxUnicodeStringToAnsiSize(string)
#define RtlAnsiStringToUnicodeSize(string) RtlxAnsiStringToUnicodeSize(string)

/* With AllocateDestinationString the buffer is pool: the caller frees it with
 * RtlFreeUTF8String (RtlFreeUnicodeString). STATUS_BUFFER_OVERFLOW: cut, at a
 * whole character; STATUS_SOME_NOT_MAPPED: U+FFFD stands in; STATUS_NO_MEMORY;
 * STATUS_INVALID_PARAMETER_2: longer than a counted string can be. */
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToUTF8String(
    PUTF8_STRING DestinationString, PCUNICODE_STRING SourceString,
    BOOLEAN AllocateDestinationString);
NTSYSAPI NTSTATUS NTAPI RtlUTF8StringToUnicodeString(
    PUNICODE_STRING DestinationString, PUTF8_STRING SourceString,
    BOOLEAN AllocateDestinationString);
NTSYSAPI VOID NTAPI RtlFreeUTF8String(PUTF8_STRING Utf8String);

/* STATUS_BUFFER_TOO_SMALL, and nothing appended, when it does not fit. IRQL
 * <= APC_LEVEL. */
NTSYSAPI NTSTATUS NTAPI RtlAppendStringToString(PSTRING Destination,
                                                const STRING *Source);

/* Copies what fits, in upper case (of ASCII). IRQL <= APC_LEVEL. */
NTSYSAPI VOID NTAPI RtlUpperString(PSTRING DestinationString,
                                   const STRING *SourceString);

/* As RtlUpcaseUnicodeString. IRQL <= APC_LEVEL. */
NTSYSAPI NTSTATUS NTAPI RtlDowncaseUnicodeString(
    PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString,
    BOOLEAN AllocateDestinationString);

/* Whether String2 ends with String1. Any IRQL. */
NTSYSAPI BOOLEAN NTAPI RtlSuffixUnicodeString(PCUNICODE_STRING String1,
                                              PCUNICODE_STRING String2,
                                              BOOLEAN CaseInSensitive);

/* A copy in pool, freed with RtlFreeUnicodeString. Of a text: FALSE without
 * memory. Of a string: STATUS_NO_MEMORY, or STATUS_INVALID_PARAMETER for flags
 * that do not exist or do not go together; the flags ask for a terminator, and
 * for a buffer even when the string is empty. */
NTSYSAPI BOOLEAN NTAPI RtlCreateUnicodeString(PUNICODE_STRING DestinationString,
                                              PCWSTR SourceString);
NTSYSAPI NTSTATUS NTAPI RtlDuplicateUnicodeString(ULONG Flags,
                                                  PCUNICODE_STRING StringIn,
                                                  PUNICODE_STRING StringOut);
#define RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE       0x00000001
#define RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING 0x00000002

/* Numbers in text: blanks, a sign, and with base 0 a prefix 0x, 0o or 0b, then
 * digits up to the first character that is none. STATUS_INVALID_PARAMETER for
 * another base than 0, 2, 8, 10, 16. RtlUnicodeStringToInt64 says in
 * *EndPointer (may be NULL) where it stopped, and STATUS_NO_DATA_DETECTED when
 * there is no digit, STATUS_BUFFER_OVERFLOW when the number is too large. */
NTSYSAPI NTSTATUS NTAPI RtlCharToInteger(PCSZ String, ULONG Base, PULONG Value);
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToInt64(PCUNICODE_STRING String,
                                                ULONG Base, PLONG64 Number,
                                                PWSTR *EndPointer);

/* Bytes that the converted text takes, without a terminator. STATUS_SUCCESS.
 * IRQL <= APC_LEVEL. */
NTSYSAPI NTSTATUS NTAPI RtlUnicodeToMultiByteSize(PULONG BytesInMultiByteString,
                                                  PCWCH UnicodeString,
                                                  ULONG BytesInUnicodeString);
NTSYSAPI NTSTATUS NTAPI RtlMultiByteToUnicodeSize(PULONG BytesInUnicodeString,
                                                  const CHAR *MultiByteString,
                                                  ULONG BytesInMultiByteString);

/* STATUS_INVALID_PARAMETER for a NULL and for an algorithm that does not exist.
 * IRQL <= APC_LEVEL. */
NTSYSAPI NTSTATUS NTAPI RtlHashUnicodeString(PCUNICODE_STRING String,
                                             BOOLEAN CaseInSensitive,
                                             ULONG HashAlgorithm,
                                             PULONG HashValue);
#define HASH_STRING_ALGORITHM_DEFAULT 0
#define HASH_STRING_ALGORITHM_X65599  1
#define HASH_STRING_ALGORITHM_INVALID 0xffffffff

/* {12345678-9abc-def0-1234-56789abcdef0}; the string is freed with
 * RtlFreeUnicodeString. STATUS_NO_MEMORY. Back: STATUS_INVALID_PARAMETER for
 * any other form. */
NTSYSAPI NTSTATUS NTAPI RtlStringFromGUID(REFGUID Guid,
                                          PUNICODE_STRING GuidString);
NTSYSAPI NTSTATUS NTAPI RtlGUIDFromString(PCUNICODE_STRING GuidString,
                                          GUID *Guid);

/* ---- memory ------------------------------------------------------------- */

/* Lengths in bytes, of which whole ULONGs count. Compare: how many bytes from
 * the start are of the pattern. Any IRQL. */
NTSYSAPI VOID NTAPI RtlFillMemoryUlong(PVOID Destination, SIZE_T Length,
                                       ULONG Pattern);
NTSYSAPI SIZE_T NTAPI RtlCompareMemoryUlong(PVOID Source, SIZE_T Length,
                                            ULONG Pattern);
NTSYSAPI BOOLEAN NTAPI RtlIsZeroMemory(PVOID Buffer, SIZE_T Length);

/* Checksums as zip and others have them; 0 to begin with, else what the bytes
 * in front gave. Any IRQL. */
NTSYSAPI ULONG NTAPI RtlCrc32(const void *Buffer, SIZE_T Size,
                              ULONG InitialCrc);

/* ---- time --------------------------------------------------------------- */

/* Seconds since the beginning of 1970 (1980), and back. FALSE when the time is
 * before that, or after what 32 bits can say. IRQL <= APC_LEVEL. */
NTSYSAPI BOOLEAN NTAPI RtlTimeToSecondsSince1970(PLARGE_INTEGER Time,
                                                 PULONG ElapsedSeconds);
NTSYSAPI VOID NTAPI RtlSecondsSince1970ToTime(ULONG ElapsedSeconds,
                                              PLARGE_INTEGER Time);
NTSYSAPI BOOLEAN NTAPI RtlTimeToSecondsSince1980(PLARGE_INTEGER Time,
                                                 PULONG ElapsedSeconds);
NTSYSAPI VOID NTAPI RtlSecondsSince1980ToTime(ULONG ElapsedSeconds,
                                              PLARGE_INTEGER Time);

/* ---- versions ----------------------------------------------------------- */

/* Whether the Windows that uwsk claims to be (RtlGetVersion) is at least the
 * NTDDI_… version, which names no service pack. Service packs: never. */
NTSYSAPI BOOLEAN NTAPI RtlIsNtDdiVersionAvailable(ULONG Version);
NTSYSAPI BOOLEAN NTAPI RtlIsServicePackVersionInstalled(ULONG Version);

/* Compares the members that TypeMask names with those of this system, each as
 * ConditionMask says. STATUS_SUCCESS, STATUS_REVISION_MISMATCH; for no members,
 * no condition or one that does not exist STATUS_INVALID_PARAMETER. */
NTSYSAPI NTSTATUS NTAPI RtlVerifyVersionInfo(PRTL_OSVERSIONINFOEXW VersionInfo,
                                             ULONG TypeMask,
                                             ULONGLONG ConditionMask);
ULONGLONG NTAPI uwsk__set_condition(ULONGLONG ConditionMask, ULONG TypeMask,
                                    UCHAR Condition);
/* A Windows host has a function of that name for itself. */
#define VerSetConditionMask uwsk__set_condition

/* The same as numbers; each may be NULL. TRUE for a checked build: never. */
NTKERNELAPI BOOLEAN NTAPI PsGetVersion(PULONG MajorVersion, PULONG MinorVersion,
                                       PULONG BuildNumber,
                                       PUNICODE_STRING CSDVersion);

/* ---- chance, debugging -------------------------------------------------- */

/* As RtlRandomEx. IRQL <= APC_LEVEL. */
NTSYSAPI ULONG NTAPI RtlRandom(PULONG Seed);

/* The filters of DbgPrintEx. Query: TRUE or FALSE, whether such a message would
 * be shown. Set opens (TRUE) or closes a level of one component. Both:
 * STATUS_INVALID_PARAMETER_1 for no component. Any IRQL. */
NTSYSAPI NTSTATUS NTAPI DbgQueryDebugFilterState(ULONG ComponentId,
                                                 ULONG Level);
NTSYSAPI NTSTATUS NTAPI DbgSetDebugFilterState(ULONG ComponentId, ULONG Level,
                                               BOOLEAN State);

/* As DbgBreakPoint. Any IRQL. */
NTSYSAPI VOID NTAPI DbgBreakPointWithStatus(ULONG Status);

UWSK_END_C

#define RtlPrefetchMemoryNonTemporal(Source, Length) ((void)(Source))

#define VER_MINORVERSION     0x0000001
#define VER_MAJORVERSION     0x0000002
#define VER_BUILDNUMBER      0x0000004
#define VER_PLATFORMID       0x0000008
#define VER_SERVICEPACKMINOR 0x0000010
#define VER_SERVICEPACKMAJOR 0x0000020
#define VER_SUITENAME        0x0000040
#define VER_PRODUCT_TYPE     0x0000080

#define VER_EQUAL                       1
#define VER_GREATER                     2
#define VER_GREATER_EQUAL               3
#define VER_LESS                        4
#define VER_LESS_EQUAL                  5
#define VER_AND                         6
#define VER_OR                          7
#define VER_CONDITION_MASK              7
#define VER_NUM_BITS_PER_CONDITION_MASK 3

#define VER_SET_CONDITION(mask, type, condition)                               \
  ((mask) = VerSetConditionMask((mask), (type), (condition)))

#endif
