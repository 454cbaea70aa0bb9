/*
 * The safe string functions for UNICODE_STRING.
 *
 * These fill a counted string: no terminator is written, and what does not fit
 * is cut and answered with STATUS_BUFFER_OVERFLOW.
 */
#include <ntddk.h>
#include <ntstrsafe.h>

#include "format.h"

NTSTATUS RtlUnicodeStringValidateEx(PCUNICODE_STRING SourceString,
                                    ULONG dwFlags) {
  if (dwFlags & ~(ULONG)STRSAFE_IGNORE_NULLS)
    return STATUS_INVALID_PARAMETER;
  if (SourceString == NULL)
    return dwFlags & STRSAFE_IGNORE_NULLS ? STATUS_SUCCESS
                                          : STATUS_INVALID_PARAMETER;
  if (SourceString->Length % sizeof(WCHAR) != 0 ||
      SourceString->MaximumLength % sizeof(WCHAR) != 0 ||
      SourceString->Length > SourceString->MaximumLength ||
      (SourceString->Buffer == NULL && SourceString->MaximumLength != 0))
    return STATUS_INVALID_PARAMETER;
  return STATUS_SUCCESS;
}

NTSTATUS RtlUnicodeStringValidate(PCUNICODE_STRING SourceString) {
  return RtlUnicodeStringValidateEx(SourceString, 0);
}

NTSTATUS RtlUnicodeStringInit(PUNICODE_STRING DestinationString,
                              NTSTRSAFE_PCWSTR pszSrc) {
  size_t length = 0;
  if (DestinationString == NULL)
    return STATUS_INVALID_PARAMETER;
  if (pszSrc != NULL)
    length = uwsk_wcsnlen(pszSrc, NTSTRSAFE_UNICODE_STRING_MAX_CCH + 1);
  if (length > NTSTRSAFE_UNICODE_STRING_MAX_CCH)
    return STATUS_INVALID_PARAMETER;
  size_t room = length;
  if (pszSrc != NULL && length < NTSTRSAFE_UNICODE_STRING_MAX_CCH)
    room++;
  DestinationString->Buffer = (PWCH)pszSrc;
  DestinationString->Length = (USHORT)(length * sizeof(WCHAR));
  DestinationString->MaximumLength = (USHORT)(room * sizeof(WCHAR));
  return STATUS_SUCCESS;
}

/* Puts `length` units at `start` bytes of the destination, or as many as fit.
 */
static NTSTATUS put(PUNICODE_STRING destination, USHORT start, PCWCH source,
                    size_t length) {
  size_t room = (destination->MaximumLength - start) / sizeof(WCHAR);
  size_t fits = length < room ? length : room;
  if (fits != 0)
    memmove((PCHAR)destination->Buffer + start, source, fits * sizeof(WCHAR));
  destination->Length = (USHORT)(start + fits * sizeof(WCHAR));
  return fits < length ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS put_string(PUNICODE_STRING destination, BOOLEAN append,
                           PCUNICODE_STRING source) {
  NTSTATUS status = RtlUnicodeStringValidate(destination);
  if (NT_SUCCESS(status))
    status = RtlUnicodeStringValidate(source);
  if (!NT_SUCCESS(status))
    return status;
  return put(destination, append ? destination->Length : 0, source->Buffer,
             source->Length / sizeof(WCHAR));
}

static NTSTATUS put_text(PUNICODE_STRING destination, BOOLEAN append,
                         NTSTRSAFE_PCWSTR source, size_t limit) {
  NTSTATUS status = RtlUnicodeStringValidate(destination);
  if (!NT_SUCCESS(status) || source == NULL)
    return STATUS_INVALID_PARAMETER;
  return put(destination, append ? destination->Length : 0, source,
             uwsk_wcsnlen(source, limit));
}

NTSTATUS RtlUnicodeStringCopy(PUNICODE_STRING DestinationString,
                              PCUNICODE_STRING SourceString) {
  return put_string(DestinationString, FALSE, SourceString);
}

NTSTATUS RtlUnicodeStringCat(PUNICODE_STRING DestinationString,
                             PCUNICODE_STRING SourceString) {
  return put_string(DestinationString, TRUE, SourceString);
}

/* One more than any destination holds, so that the cut is noticed. */
#define ANY_LENGTH (NTSTRSAFE_UNICODE_STRING_MAX_CCH + 1)

NTSTATUS RtlUnicodeStringCopyString(PUNICODE_STRING DestinationString,
                                    NTSTRSAFE_PCWSTR pszSrc) {
  return put_text(DestinationString, FALSE, pszSrc, ANY_LENGTH);
}

NTSTATUS RtlUnicodeStringCatString(PUNICODE_STRING DestinationString,
                                   NTSTRSAFE_PCWSTR pszSrc) {
  return put_text(DestinationString, TRUE, pszSrc, ANY_LENGTH);
}

NTSTATUS RtlUnicodeStringVPrintf(PUNICODE_STRING DestinationString,
                                 NTSTRSAFE_PCWSTR pszFormat, va_list argList) {
  NTSTATUS status = RtlUnicodeStringValidate(DestinationString);
  if (!NT_SUCCESS(status) || pszFormat == NULL)
    return STATUS_INVALID_PARAMETER;
  size_t written;
  size_t length =
      rtl__format_wide((uint16_t *)DestinationString->Buffer,
                       DestinationString->MaximumLength / sizeof(WCHAR),
                       &written, 0, (const uint16_t *)pszFormat, argList);
  DestinationString->Length = (USHORT)(written * sizeof(WCHAR));
  return length > written ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

NTSTATUS RtlUnicodeStringPrintf(PUNICODE_STRING DestinationString,
                                NTSTRSAFE_PCWSTR pszFormat, ...) {
  va_list args;
  va_start(args, pszFormat);
  NTSTATUS status = RtlUnicodeStringVPrintf(DestinationString, pszFormat, args);
  va_end(args);
  return status;
}
