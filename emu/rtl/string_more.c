/* Strings: copies, suffixes, hashes, numbers in text. */
#include <ntifs.h>

#include <stdbool.h>
#include <string.h>

#include "ke/ke.h"
#include "rtl/case.h"
#include "rtl/inner.h"

#define STRING_TAG 'grtS'

/* ---- bytes ------------------------------------------------------------- */

NTSTATUS RtlAppendStringToString(PSTRING Destination, const STRING *Source) {
  ke__within_irql(APC_LEVEL, "RtlAppendStringToString");
  if (Source->Length > Destination->MaximumLength - Destination->Length)
    return STATUS_BUFFER_TOO_SMALL;
  if (Source->Length != 0)
    memmove(Destination->Buffer + Destination->Length, Source->Buffer,
            Source->Length);
  Destination->Length = (USHORT)(Destination->Length + Source->Length);
  return STATUS_SUCCESS;
}

VOID RtlUpperString(PSTRING DestinationString, const STRING *SourceString) {
  ke__within_irql(APC_LEVEL, "RtlUpperString");
  RtlCopyString(DestinationString, SourceString);
  for (USHORT i = 0; i < DestinationString->Length; i++)
    DestinationString->Buffer[i] = rtl__upper(DestinationString->Buffer[i]);
}

/* ---- copies ------------------------------------------------------------ */

static NTSTATUS allocate(PUNICODE_STRING string, ULONG bytes) {
  PWSTR buffer = ExAllocatePoolWithTag(PagedPool, bytes, STRING_TAG);

  if (buffer == NULL)
    return STATUS_NO_MEMORY;
  *string = (UNICODE_STRING){0, (USHORT)bytes, buffer};
  return STATUS_SUCCESS;
}

NTSTATUS RtlDowncaseUnicodeString(PUNICODE_STRING DestinationString,
                                  PCUNICODE_STRING SourceString,
                                  BOOLEAN AllocateDestinationString) {
  USHORT length = SourceString->Length;

  ke__require_irql(APC_LEVEL, "RtlDowncaseUnicodeString");
  if (AllocateDestinationString) {
    NTSTATUS status =
        allocate(DestinationString, length == 0 ? sizeof(WCHAR) : length);

    if (!NT_SUCCESS(status))
      return status;
  } else if (length > DestinationString->MaximumLength) {
    return STATUS_BUFFER_OVERFLOW;
  }
  for (USHORT i = 0; i < length / sizeof(WCHAR); i++)
    DestinationString->Buffer[i] = rtl__downcase(SourceString->Buffer[i]);
  DestinationString->Length = length;
  return STATUS_SUCCESS;
}

/* An empty string needs no buffer, unless the caller wants one. */
NTSTATUS RtlDuplicateUnicodeString(ULONG Flags, PCUNICODE_STRING StringIn,
                                   PUNICODE_STRING StringOut) {
  bool terminated = (Flags & RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE) != 0;
  bool always =
      (Flags & RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING) != 0;
  ULONG length = StringIn->Length, bytes = length;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "RtlDuplicateUnicodeString");
  if ((Flags & ~3u) != 0 || (always && !terminated))
    return STATUS_INVALID_PARAMETER;
  if (terminated)
    bytes += sizeof(WCHAR);
  if (bytes > MAXUSHORT)
    return STATUS_NAME_TOO_LONG;
  if (length == 0 && !always) {
    *StringOut = (UNICODE_STRING){0, 0, NULL};
    return STATUS_SUCCESS;
  }
  status = allocate(StringOut, bytes);
  if (!NT_SUCCESS(status))
    return status;
  if (length != 0)
    memcpy(StringOut->Buffer, StringIn->Buffer, length);
  if (terminated)
    StringOut->Buffer[length / sizeof(WCHAR)] = 0;
  StringOut->Length = (USHORT)length;
  return STATUS_SUCCESS;
}

BOOLEAN RtlCreateUnicodeString(PUNICODE_STRING DestinationString,
                               PCWSTR SourceString) {
  ke__within_irql(PASSIVE_LEVEL, "RtlCreateUnicodeString");
  UNICODE_STRING source;

  if (!NT_SUCCESS(RtlInitUnicodeStringEx(&source, SourceString)))
    return FALSE;
  return NT_SUCCESS(RtlDuplicateUnicodeString(
      RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE |
          RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING,
      &source, DestinationString));
}

/* ---- comparing --------------------------------------------------------- */

BOOLEAN RtlSuffixUnicodeString(PCUNICODE_STRING String1,
                               PCUNICODE_STRING String2,
                               BOOLEAN CaseInSensitive) {
  UNICODE_STRING end = *String2;

  if (String1->Length > String2->Length)
    return FALSE;
  end.Buffer += (String2->Length - String1->Length) / sizeof(WCHAR);
  end.Length = String1->Length;
  return rtl__equal(String1, &end, CaseInSensitive);
}

NTSTATUS RtlHashUnicodeString(PCUNICODE_STRING String, BOOLEAN CaseInSensitive,
                              ULONG HashAlgorithm, PULONG HashValue) {
  ULONG hash = 0;

  ke__require_irql(APC_LEVEL, "RtlHashUnicodeString");
  if (String == NULL || HashValue == NULL ||
      (HashAlgorithm != HASH_STRING_ALGORITHM_DEFAULT &&
       HashAlgorithm != HASH_STRING_ALGORITHM_X65599))
    return STATUS_INVALID_PARAMETER;
  for (USHORT i = 0; i < String->Length / sizeof(WCHAR); i++) {
    WCHAR c = String->Buffer[i];

    hash = hash * 65599 + (CaseInSensitive ? rtl__upcase(c) : c);
  }
  *HashValue = hash;
  return STATUS_SUCCESS;
}

/* ---- sizes ------------------------------------------------------------- */

NTSTATUS RtlUnicodeToMultiByteSize(PULONG BytesInMultiByteString,
                                   PCWCH UnicodeString,
                                   ULONG BytesInUnicodeString) {
  ke__within_irql(APC_LEVEL, "RtlUnicodeToMultiByteSize");
  *BytesInMultiByteString = 0;
  if (BytesInUnicodeString >= sizeof(WCHAR))
    rtl__utf16_to_utf8n(NULL, 0, BytesInMultiByteString, UnicodeString,
                        BytesInUnicodeString & ~(ULONG)1);
  return STATUS_SUCCESS;
}

NTSTATUS RtlMultiByteToUnicodeSize(PULONG BytesInUnicodeString,
                                   const CHAR *MultiByteString,
                                   ULONG BytesInMultiByteString) {
  ke__within_irql(APC_LEVEL, "RtlMultiByteToUnicodeSize");
  *BytesInUnicodeString = 0;
  if (BytesInMultiByteString != 0)
    rtl__utf8n_to_utf16(NULL, 0, BytesInUnicodeString, MultiByteString,
                        BytesInMultiByteString);
  return STATUS_SUCCESS;
}

/* ---- numbers ----------------------------------------------------------- */

/* Text of either width, read one character after the other. */
struct reader {
  const CHAR *narrow;
  PCWCH wide;
  ULONG at;
  ULONG length; /* MAXULONG: up to a terminator */
};

static ULONG peek(const struct reader *reader) {
  if (reader->at >= reader->length)
    return 0;
  return reader->wide != NULL ? reader->wide[reader->at]
                              : (UCHAR)reader->narrow[reader->at];
}

static bool take(struct reader *reader, ULONG c) {
  if (peek(reader) != c || c == 0)
    return false;
  reader->at++;
  return true;
}

static ULONG digit_of(ULONG c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : MAXULONG;
}

/* Base 0 goes by the prefix: none is decimal. */
static bool find_base(struct reader *reader, ULONG *base) {
  static const struct {
    CHAR letter;
    ULONG base;
  } prefixes[] = {{'x', 16}, {'o', 8}, {'b', 2}};

  if (*base != 0)
    return *base == 2 || *base == 8 || *base == 10 || *base == 16;
  *base = 10;
  if (!take(reader, '0'))
    return true;
  for (unsigned i = 0; i < RTL_NUMBER_OF(prefixes); i++)
    if (take(reader, (ULONG)prefixes[i].letter)) {
      *base = prefixes[i].base;
      return true;
    }
  reader->at--; /* just a digit */
  return true;
}

struct number {
  ULONGLONG magnitude;
  bool negative;
  bool has_digits;
  bool overflows;
};

static NTSTATUS read_number(struct reader *reader, ULONG base,
                            struct number *number) {
  RtlZeroMemory(number, sizeof(*number));
  while (peek(reader) != 0 && peek(reader) <= ' ')
    reader->at++;
  number->negative = take(reader, '-');
  if (!number->negative)
    take(reader, '+');
  if (!find_base(reader, &base))
    return STATUS_INVALID_PARAMETER;
  while (digit_of(peek(reader)) < base) {
    number->overflows |=
        __builtin_mul_overflow(number->magnitude, base, &number->magnitude);
    number->overflows |= __builtin_add_overflow(
        number->magnitude, digit_of(peek(reader)), &number->magnitude);
    number->has_digits = true;
    reader->at++;
  }
  return STATUS_SUCCESS;
}

NTSTATUS RtlCharToInteger(PCSZ String, ULONG Base, PULONG Value) {
  ke__within_irql(PASSIVE_LEVEL, "RtlCharToInteger");
  struct reader reader = {.narrow = String, .length = MAXULONG};
  struct number number;
  NTSTATUS status = read_number(&reader, Base, &number);

  if (!NT_SUCCESS(status))
    return status;
  *Value = (ULONG)(number.negative ? -number.magnitude : number.magnitude);
  return STATUS_SUCCESS;
}

NTSTATUS RtlUnicodeStringToInt64(PCUNICODE_STRING String, ULONG Base,
                                 PLONG64 Number, PWSTR *EndPointer) {
  struct reader reader = {.wide = String->Buffer,
                          .length = String->Length / sizeof(WCHAR)};
  struct number number;
  NTSTATUS status;

  ke__require_irql(PASSIVE_LEVEL, "RtlUnicodeStringToInt64");
  status = read_number(&reader, Base, &number);
  if (!NT_SUCCESS(status))
    return status;
  if (EndPointer != NULL)
    *EndPointer = String->Buffer + reader.at;
  if (!number.has_digits)
    return STATUS_NO_DATA_DETECTED;
  if (number.overflows ||
      number.magnitude > (ULONGLONG)MAXLONGLONG + number.negative)
    return STATUS_BUFFER_OVERFLOW;
  *Number = (LONG64)(number.negative ? -number.magnitude : number.magnitude);
  return STATUS_SUCCESS;
}
