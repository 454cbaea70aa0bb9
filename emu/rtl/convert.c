/*
 * Strings converted between UTF-16 and bytes.
 *
 * The ANSI code page of uwsk is UTF-8 (65001), a setting Windows offers too:
 * the hosts we run on speak UTF-8, so what a driver logs with %Z reads well,
 * and text survives the way there and back. With the more usual 1252 a letter
 * like the a with two dots takes one byte, with this one two.
 */
#include <ntifs.h>

#include "case.h"
#include "ex/ex.h"
#include "ke/ke.h"
#include "ob/track.h"
#include "rtl/inner.h"
#include "utf.h"

/* Strings these functions allocate are paged pool with this tag. */
#define STRING_TAG 'grtS'

/* Who allocates, for the ledger: the client called us, not the pool. */
struct origin {
  const char *call;
  const void *caller;
};

#define ORIGIN() ((struct origin){__func__, OB_CALLER()})

static ULONG utf8_bytes(PCUNICODE_STRING source) {
  ULONG bytes = 0;
  if (source->Length != 0)
    rtl__utf16_to_utf8n(NULL, 0, &bytes, source->Buffer,
                        source->Length & ~(ULONG)1);
  return bytes;
}

static ULONG utf16_bytes(const STRING *source) {
  ULONG bytes = 0;
  if (source->Length != 0)
    rtl__utf8n_to_utf16(NULL, 0, &bytes, source->Buffer, source->Length);
  return bytes;
}

ULONG RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString) {
  ke__within_irql(PASSIVE_LEVEL, "RtlxUnicodeStringToAnsiSize");
  return utf8_bytes(UnicodeString) + 1;
}

ULONG RtlxAnsiStringToUnicodeSize(PCANSI_STRING AnsiString) {
  ke__within_irql(PASSIVE_LEVEL, "RtlxAnsiStringToUnicodeSize");
  return utf16_bytes(AnsiString) + (ULONG)sizeof(WCHAR);
}

/* Gives `buffer` room for `bytes`; what the caller has to free. */
static NTSTATUS allocate(PVOID *buffer, PUSHORT maximum, ULONG bytes,
                         struct origin origin) {
  PVOID block = ex__allocate_pool(PagedPool, bytes, STRING_TAG, origin.call,
                                  origin.caller);
  if (block == NULL)
    return STATUS_NO_MEMORY;
  *buffer = block;
  *maximum = (USHORT)bytes;
  return STATUS_SUCCESS;
}

static NTSTATUS allocate_narrow(PSTRING string, ULONG bytes,
                                struct origin origin) {
  PVOID buffer = NULL;
  NTSTATUS status = allocate(&buffer, &string->MaximumLength, bytes, origin);
  if (NT_SUCCESS(status))
    string->Buffer = buffer;
  return status;
}

static NTSTATUS allocate_wide(PUNICODE_STRING string, ULONG bytes,
                              struct origin origin) {
  PVOID buffer = NULL;
  NTSTATUS status = allocate(&buffer, &string->MaximumLength, bytes, origin);
  if (NT_SUCCESS(status))
    string->Buffer = buffer;
  return status;
}

/* Converts as many whole characters as fit in `room` bytes, and says how the
 * conversion itself went. */
static NTSTATUS to_narrow(PSTRING destination, PCUNICODE_STRING source,
                          ULONG room) {
  ULONG written = 0;
  NTSTATUS status = STATUS_SUCCESS;
  /* Without a buffer the conversion would tell the size it needs. */
  if (destination->Buffer == NULL)
    status = STATUS_BUFFER_TOO_SMALL;
  else if (source->Length >= sizeof(WCHAR))
    status = rtl__utf16_to_utf8n(destination->Buffer, room, &written,
                                 source->Buffer, source->Length & ~(ULONG)1);
  destination->Length = (USHORT)written;
  if (destination->Buffer != NULL && written < destination->MaximumLength)
    destination->Buffer[written] = '\0';
  return status;
}

static NTSTATUS to_wide(PUNICODE_STRING destination, const STRING *source,
                        ULONG room) {
  ULONG written = 0;
  NTSTATUS status = STATUS_SUCCESS;
  if (destination->Buffer == NULL)
    status = STATUS_BUFFER_TOO_SMALL;
  else if (source->Length != 0)
    status = rtl__utf8n_to_utf16(destination->Buffer, room, &written,
                                 source->Buffer, source->Length);
  destination->Length = (USHORT)written;
  if (destination->Buffer != NULL &&
      written + sizeof(WCHAR) <= destination->MaximumLength)
    destination->Buffer[written / sizeof(WCHAR)] = 0;
  return status;
}

NTSTATUS RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString,
                                      PCUNICODE_STRING SourceString,
                                      BOOLEAN AllocateDestinationString) {
  ke__within_irql(PASSIVE_LEVEL, "RtlUnicodeStringToAnsiString");
  ULONG needed = utf8_bytes(SourceString) + 1;
  if (needed > MAXUSHORT)
    return STATUS_INVALID_PARAMETER_2;
  if (AllocateDestinationString) {
    NTSTATUS status = allocate_narrow(DestinationString, needed, ORIGIN());
    if (!NT_SUCCESS(status))
      return status;
  }
  if (DestinationString->MaximumLength == 0)
    return STATUS_BUFFER_OVERFLOW;
  to_narrow(DestinationString, SourceString,
            DestinationString->MaximumLength - 1u);
  return needed > DestinationString->MaximumLength ? STATUS_BUFFER_OVERFLOW
                                                   : STATUS_SUCCESS;
}

NTSTATUS RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString,
                                      PCANSI_STRING SourceString,
                                      BOOLEAN AllocateDestinationString) {
  ke__within_irql(PASSIVE_LEVEL, "RtlAnsiStringToUnicodeString");
  ULONG needed = utf16_bytes(SourceString) + (ULONG)sizeof(WCHAR);
  if (needed > MAXUSHORT)
    return STATUS_INVALID_PARAMETER_2;
  if (AllocateDestinationString) {
    NTSTATUS status = allocate_wide(DestinationString, needed, ORIGIN());
    if (!NT_SUCCESS(status))
      return status;
  } else if (needed > DestinationString->MaximumLength) {
    return STATUS_BUFFER_OVERFLOW;
  }
  to_wide(DestinationString, SourceString, needed - (ULONG)sizeof(WCHAR));
  return STATUS_SUCCESS;
}

/* What the UTF-8 string functions answer: a text cut short outweighs a
 * character replaced. */
static NTSTATUS utf8_status(NTSTATUS status) {
  return status == STATUS_BUFFER_TOO_SMALL ? STATUS_BUFFER_OVERFLOW : status;
}

NTSTATUS RtlUnicodeStringToUTF8String(PUTF8_STRING DestinationString,
                                      PCUNICODE_STRING SourceString,
                                      BOOLEAN AllocateDestinationString) {
  ULONG needed = utf8_bytes(SourceString);
  if (AllocateDestinationString) {
    if (needed + 1 > MAXUSHORT)
      return STATUS_INVALID_PARAMETER_2;
    NTSTATUS status = allocate_narrow(DestinationString, needed + 1, ORIGIN());
    if (!NT_SUCCESS(status))
      return status;
  }
  return utf8_status(to_narrow(DestinationString, SourceString,
                               DestinationString->MaximumLength));
}

NTSTATUS RtlUTF8StringToUnicodeString(PUNICODE_STRING DestinationString,
                                      PUTF8_STRING SourceString,
                                      BOOLEAN AllocateDestinationString) {
  ke__within_irql(PASSIVE_LEVEL, "RtlUTF8StringToUnicodeString");
  ULONG needed = utf16_bytes(SourceString);
  if (AllocateDestinationString) {
    if (needed + sizeof(WCHAR) > MAXUSHORT)
      return STATUS_INVALID_PARAMETER_2;
    NTSTATUS status = allocate_wide(DestinationString,
                                    needed + (ULONG)sizeof(WCHAR), ORIGIN());
    if (!NT_SUCCESS(status))
      return status;
  }
  return utf8_status(to_wide(DestinationString, SourceString,
                             DestinationString->MaximumLength));
}

NTSTATUS RtlUpcaseUnicodeString(PUNICODE_STRING DestinationString,
                                PCUNICODE_STRING SourceString,
                                BOOLEAN AllocateDestinationString) {
  ke__within_irql(APC_LEVEL, "RtlUpcaseUnicodeString");
  if (AllocateDestinationString) {
    ULONG bytes =
        SourceString->Length == 0 ? (ULONG)sizeof(WCHAR) : SourceString->Length;
    NTSTATUS status = allocate_wide(DestinationString, bytes, ORIGIN());
    if (!NT_SUCCESS(status))
      return status;
  } else if (SourceString->Length > DestinationString->MaximumLength) {
    return STATUS_BUFFER_OVERFLOW;
  }
  for (ULONG i = 0; i < SourceString->Length / sizeof(WCHAR); i++)
    DestinationString->Buffer[i] = rtl__upcase(SourceString->Buffer[i]);
  DestinationString->Length = SourceString->Length;
  return STATUS_SUCCESS;
}
