/* Numbers read from text and written as text. */
#include <ntifs.h>

#include <string.h>

#include "ke/ke.h"

/* 64 binary digits. */
#define DIGITS_MAX 64

static BOOLEAN is_base(ULONG base) {
  return base == 2 || base == 8 || base == 10 || base == 16;
}

/* The value of a digit, or something above every base. */
static ULONG digit_value(ULONG unit) {
  if (unit >= '0' && unit <= '9')
    return unit - '0';
  if (unit >= 'a' && unit <= 'f')
    return unit - 'a' + 10;
  if (unit >= 'A' && unit <= 'F')
    return unit - 'A' + 10;
  return MAXULONG;
}

/* Takes "0x", "0o" or "0b"; any other text is decimal. */
static ULONG take_base(PCWCH text, SIZE_T count, SIZE_T *at) {
  if (count - *at < 2 || text[*at] != '0')
    return 10;
  WCHAR letter = text[*at + 1];
  ULONG base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
  if (base == 0)
    return 10;
  *at += 2;
  return base;
}

NTSTATUS RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base,
                                   PULONG Value) {
  ke__within_irql(PASSIVE_LEVEL, "RtlUnicodeStringToInteger");
  PCWCH text = String->Buffer;
  SIZE_T count = String->Length / sizeof(WCHAR), at = 0;
  if (count == 0 || (Base != 0 && !is_base(Base)))
    return STATUS_INVALID_PARAMETER;
  while (at < count && text[at] <= ' ')
    at++;
  BOOLEAN negative = at < count && text[at] == '-';
  if (negative || (at < count && text[at] == '+'))
    at++;
  if (Base == 0)
    Base = take_base(text, count, &at);
  ULONG value = 0;
  /* Too many digits wrap around, as they do on Windows. */
  for (ULONG digit; at < count && (digit = digit_value(text[at])) < Base; at++)
    value = value * Base + digit;
  *Value = negative ? 0 - value : value;
  return STATUS_SUCCESS;
}

NTSTATUS RtlInt64ToUnicodeString(ULONGLONG Value, ULONG Base,
                                 PUNICODE_STRING String) {
  ke__within_irql(PASSIVE_LEVEL, "RtlInt64ToUnicodeString");
  WCHAR digits[DIGITS_MAX + 1];
  PWCHAR first = &digits[DIGITS_MAX];
  if (Base == 0)
    Base = 10;
  if (!is_base(Base))
    return STATUS_INVALID_PARAMETER;
  *first = 0;
  do {
    *--first = (WCHAR) "0123456789ABCDEF"[Value % Base];
    Value /= Base;
  } while (Value != 0);
  SIZE_T bytes = (SIZE_T)((PCHAR)&digits[DIGITS_MAX] - (PCHAR)first);
  if (bytes + sizeof(WCHAR) > String->MaximumLength)
    return STATUS_BUFFER_OVERFLOW;
  memcpy(String->Buffer, first, bytes + sizeof(WCHAR));
  String->Length = (USHORT)bytes;
  return STATUS_SUCCESS;
}

NTSTATUS RtlIntegerToUnicodeString(ULONG Value, ULONG Base,
                                   PUNICODE_STRING String) {
  return RtlInt64ToUnicodeString(Value, Base, String);
}
