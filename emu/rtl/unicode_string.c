/* UNICODE_STRING and ANSI_STRING: made, copied, appended, freed. */
#include <ntifs.h>

#include <string.h>

#include "ke/ke.h"

/* The longest text that leaves room for its terminator in a USHORT. */
#define UNICODE_TEXT_MAX 0xFFFCu
#define ANSI_TEXT_MAX    0xFFFEu

static SIZE_T wide_bytes(PCWSTR text) {
  SIZE_T count = 0;
  while (text[count] != 0)
    count++;
  return count * sizeof(WCHAR);
}

static void set_unicode(PUNICODE_STRING string, PCWSTR text, SIZE_T bytes) {
  string->Buffer = (PWSTR)text;
  string->Length = (USHORT)bytes;
  string->MaximumLength = text == NULL ? 0 : (USHORT)(bytes + sizeof(WCHAR));
}

static void set_ansi(PANSI_STRING string, PCSZ text, SIZE_T bytes) {
  string->Buffer = (PCHAR)text;
  string->Length = (USHORT)bytes;
  string->MaximumLength = text == NULL ? 0 : (USHORT)(bytes + 1);
}

VOID RtlInitUnicodeString(PUNICODE_STRING DestinationString,
                          PCWSTR SourceString) {
  ke__within_irql(DISPATCH_LEVEL, "RtlInitUnicodeString");
  SIZE_T bytes = SourceString == NULL ? 0 : wide_bytes(SourceString);
  if (bytes > UNICODE_TEXT_MAX)
    bytes = UNICODE_TEXT_MAX;
  set_unicode(DestinationString, SourceString, bytes);
}

NTSTATUS RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString,
                                PCWSTR SourceString) {
  SIZE_T bytes = SourceString == NULL ? 0 : wide_bytes(SourceString);
  if (bytes > UNICODE_TEXT_MAX)
    return STATUS_NAME_TOO_LONG;
  set_unicode(DestinationString, SourceString, bytes);
  return STATUS_SUCCESS;
}

VOID RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString) {
  SIZE_T bytes = SourceString == NULL ? 0 : strlen(SourceString);
  if (bytes > ANSI_TEXT_MAX)
    bytes = ANSI_TEXT_MAX;
  set_ansi(DestinationString, SourceString, bytes);
}

NTSTATUS RtlInitAnsiStringEx(PANSI_STRING DestinationString,
                             PCSZ SourceString) {
  SIZE_T bytes = SourceString == NULL ? 0 : strlen(SourceString);
  if (bytes > ANSI_TEXT_MAX)
    return STATUS_NAME_TOO_LONG;
  set_ansi(DestinationString, SourceString, bytes);
  return STATUS_SUCCESS;
}

VOID RtlInitString(PSTRING DestinationString, PCSZ SourceString) {
  ke__within_irql(DISPATCH_LEVEL, "RtlInitString");
  RtlInitAnsiString(DestinationString, SourceString);
}

VOID RtlInitUTF8String(PUTF8_STRING DestinationString, PCSZ SourceString) {
  RtlInitAnsiString(DestinationString, SourceString);
}

NTSTATUS RtlInitUTF8StringEx(PUTF8_STRING DestinationString,
                             PCSZ SourceString) {
  ke__within_irql(DISPATCH_LEVEL, "RtlInitUTF8StringEx");
  return RtlInitAnsiStringEx(DestinationString, SourceString);
}

/* A terminator is written wherever there is room for one, and only there. */
static void terminate(PUNICODE_STRING string) {
  if (string->Length + sizeof(WCHAR) <= string->MaximumLength)
    string->Buffer[string->Length / sizeof(WCHAR)] = 0;
}

VOID RtlCopyUnicodeString(PUNICODE_STRING DestinationString,
                          PCUNICODE_STRING SourceString) {
  if (SourceString == NULL) {
    DestinationString->Length = 0;
    return;
  }
  USHORT bytes = SourceString->Length;
  if (bytes > DestinationString->MaximumLength)
    bytes = DestinationString->MaximumLength;
  if (bytes != 0)
    memmove(DestinationString->Buffer, SourceString->Buffer, bytes);
  DestinationString->Length = bytes;
  terminate(DestinationString);
}

VOID RtlCopyString(PSTRING DestinationString, const STRING *SourceString) {
  if (SourceString == NULL) {
    DestinationString->Length = 0;
    return;
  }
  USHORT bytes = SourceString->Length;
  if (bytes > DestinationString->MaximumLength)
    bytes = DestinationString->MaximumLength;
  if (bytes != 0)
    memmove(DestinationString->Buffer, SourceString->Buffer, bytes);
  DestinationString->Length = bytes;
}

static NTSTATUS append(PUNICODE_STRING destination, PCWSTR text, SIZE_T bytes) {
  if (bytes > (SIZE_T)destination->MaximumLength ||
      destination->Length > destination->MaximumLength - bytes)
    return STATUS_BUFFER_TOO_SMALL;
  if (bytes == 0)
    return STATUS_SUCCESS;
  memmove((PCHAR)destination->Buffer + destination->Length, text, bytes);
  destination->Length = (USHORT)(destination->Length + bytes);
  terminate(destination);
  return STATUS_SUCCESS;
}

NTSTATUS RtlAppendUnicodeStringToString(PUNICODE_STRING Destination,
                                        PCUNICODE_STRING Source) {
  return append(Destination, Source->Buffer, Source->Length);
}

NTSTATUS RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source) {
  if (Source == NULL)
    return STATUS_SUCCESS;
  return append(Destination, Source, wide_bytes(Source));
}

static void free_string(PVOID *buffer, PUSHORT length, PUSHORT maximum) {
  if (*buffer == NULL)
    return;
  ExFreePool(*buffer);
  *buffer = NULL;
  *length = 0;
  *maximum = 0;
}

VOID RtlFreeUnicodeString(PUNICODE_STRING UnicodeString) {
  ke__within_irql(APC_LEVEL, "RtlFreeUnicodeString");
  PVOID buffer = UnicodeString->Buffer;
  free_string(&buffer, &UnicodeString->Length, &UnicodeString->MaximumLength);
  UnicodeString->Buffer = buffer;
}

VOID RtlFreeAnsiString(PANSI_STRING AnsiString) {
  ke__within_irql(APC_LEVEL, "RtlFreeAnsiString");
  PVOID buffer = AnsiString->Buffer;
  free_string(&buffer, &AnsiString->Length, &AnsiString->MaximumLength);
  AnsiString->Buffer = buffer;
}

VOID RtlFreeUTF8String(PUTF8_STRING Utf8String) {
  ke__within_irql(PASSIVE_LEVEL, "RtlFreeUTF8String");
  RtlFreeAnsiString(Utf8String);
}
