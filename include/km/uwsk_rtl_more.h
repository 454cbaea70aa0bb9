/*
 * More of Rtl and Dbg: the string functions that drivers use less.
 *
 * Pages: ddi/wdm/nf-wdm-<name>, ddi/ntddk/nf-ntddk-<name>,
 * ddi/ntifs/nf-ntifs-<name>. IRQL PASSIVE_LEVEL unless a comment says more. The
 * ANSI code page of uwsk is UTF-8.
 */
#ifndef UWSK_KM_RTL_MORE_H
#define UWSK_KM_RTL_MORE_H

#include <ntdef.h>

UWSK_BEGIN_C

/* As the forms without Ex, but STATUS_NAME_TOO_LONG, and the string left alone,
 * for a text that a counted string cannot hold. Any IRQL. */
NTSYSAPI NTSTATUS NTAPI
RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString, PCWSTR SourceString);
NTSYSAPI NTSTATUS NTAPI RtlInitAnsiStringEx(PANSI_STRING DestinationString,
                                            PCSZ SourceString);
NTSYSAPI VOID NTAPI RtlInitUTF8String(PUTF8_STRING DestinationString,
                                      PCSZ SourceString);
NTSYSAPI NTSTATUS NTAPI RtlInitUTF8StringEx(PUTF8_STRING DestinationString,
                                            PCSZ SourceString);

/* Copies what fits, and adds no terminator. */
NTSYSAPI VOID NTAPI RtlCopyString(PSTRING DestinationString,
                                  const STRING *SourceString);

/* Case is that of ASCII. */
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

/* As RtlRandomEx. */
NTSYSAPI ULONG NTAPI RtlRandom(PULONG Seed);

/* The filters of DbgPrintEx. Query: TRUE or FALSE, whether such a message would
 * be shown. Set opens (TRUE) or closes a level of one component. Both:
 * STATUS_INVALID_PARAMETER_1 for no component. Any IRQL. */
NTSYSAPI NTSTATUS NTAPI DbgQueryDebugFilterState(ULONG ComponentId,
                                                 ULONG Level);
NTSYSAPI NTSTATUS NTAPI DbgSetDebugFilterState(ULONG ComponentId, ULONG Level,
                                               BOOLEAN State);

/* As DbgBreakPoint. Any IRQL. */
VOID NTAPI DbgBreakPointWithStatus(ULONG Status);

UWSK_END_C

#endif
