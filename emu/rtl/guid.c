/* GUIDs: as text, from text, and new ones. */
#include <ntddk.h>

#include <stdbool.h>

#include "ke/ke.h"
#include "os/os.h"

#define TEXT_LENGTH 38 /* {12345678-1234-1234-1234-123456789abc} */
#define STRING_TAG  'grtS'

/* The places of the digits of each byte, in the order of the structure on a
 * little-endian machine. */
static const UCHAR places[16] = {7,  5,  3,  1,  12, 10, 17, 15,
                                 20, 22, 25, 27, 29, 31, 33, 35};

static bool is_separator(int at, WCHAR c) {
  switch (at) {
  case 0:
    return c == L'{';
  case TEXT_LENGTH - 1:
    return c == L'}';
  default:
    return c == L'-';
  }
}

static bool is_place_of_digit(int at) {
  return at != 0 && at != 9 && at != 14 && at != 19 && at != 24 &&
         at != TEXT_LENGTH - 1;
}

static int value_of(WCHAR c) {
  if (c >= L'0' && c <= L'9')
    return c - L'0';
  c = (WCHAR)(c | 0x20);
  return c >= L'a' && c <= L'f' ? c - L'a' + 10 : -1;
}

static bool is_well_formed(PCUNICODE_STRING string) {
  if (string->Length != TEXT_LENGTH * sizeof(WCHAR))
    return false;
  for (int i = 0; i < TEXT_LENGTH; i++) {
    WCHAR c = string->Buffer[i];

    if (is_place_of_digit(i) ? value_of(c) < 0 : !is_separator(i, c))
      return false;
  }
  return true;
}

NTSTATUS RtlGUIDFromString(PCUNICODE_STRING GuidString, GUID *Guid) {
  PUCHAR bytes = (PUCHAR)Guid;

  ke__require_irql(PASSIVE_LEVEL, "RtlGUIDFromString");
  if (!is_well_formed(GuidString))
    return STATUS_INVALID_PARAMETER;
  for (int i = 0; i < 16; i++)
    bytes[i] = (UCHAR)(value_of(GuidString->Buffer[places[i]]) << 4 |
                       value_of(GuidString->Buffer[places[i] + 1]));
  return STATUS_SUCCESS;
}

NTSTATUS RtlStringFromGUID(REFGUID Guid, PUNICODE_STRING GuidString) {
  static const char digits[] = "0123456789abcdef";
  const UCHAR *bytes = (const UCHAR *)Guid;
  PWSTR text;

  ke__require_irql(PASSIVE_LEVEL, "RtlStringFromGUID");
  text = ExAllocatePoolWithTag(PagedPool, (TEXT_LENGTH + 1) * sizeof(WCHAR),
                               STRING_TAG);
  if (text == NULL)
    return STATUS_NO_MEMORY;
  for (int i = 0; i < TEXT_LENGTH; i++)
    text[i] = L'-';
  text[0] = L'{';
  text[TEXT_LENGTH - 1] = L'}';
  text[TEXT_LENGTH] = 0;
  for (int i = 0; i < 16; i++) {
    text[places[i]] = (WCHAR)digits[bytes[i] >> 4];
    text[places[i] + 1] = (WCHAR)digits[bytes[i] & 15];
  }
  GuidString->Buffer = text;
  GuidString->Length = TEXT_LENGTH * sizeof(WCHAR);
  GuidString->MaximumLength = (TEXT_LENGTH + 1) * sizeof(WCHAR);
  return STATUS_SUCCESS;
}

/* ---- new ones ---------------------------------------------------------- */

/* From 1582-10-15, where these count from, to 1601-01-01; in 100 ns units. */
#define UNITS_TO_1601 5748192000000000ull

#define VERSION_TIME  0x1000u
#define VARIANT       0x80u
#define NOT_A_NETWORK 0x01u /* of the node: it is no network adapter's */

/* A time that no call of this process has had before. */
static ULONGLONG take_time(void) {
  static ULONGLONG last;
  ULONGLONG before = __atomic_load_n(&last, __ATOMIC_RELAXED), now;

  do {
    now = (ULONGLONG)ke__system_time() + UNITS_TO_1601;
    if (now <= before)
      now = before + 1;
  } while (!__atomic_compare_exchange_n(&last, &before, now, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return now;
}

/* What tells this process from others: when it started, and where it lies. */
static ULONGLONG node(void) {
  static ULONGLONG made;
  ULONGLONG mine = __atomic_load_n(&made, __ATOMIC_RELAXED), none = 0;

  if (mine != 0)
    return mine;
  mine = (os__now_ns() ^ (ULONGLONG)(ULONG_PTR)&none ^
          (ULONGLONG)(ULONG_PTR)&made << 20) *
             0x9E3779B97F4A7C15ull |
         1;
  if (__atomic_compare_exchange_n(&made, &none, mine, false, __ATOMIC_RELAXED,
                                  __ATOMIC_RELAXED))
    return mine;
  return none;
}

NTSTATUS ExUuidCreate(UUID *Uuid) {
  ULONGLONG time = take_time(), place = node();

  ke__require_irql(PASSIVE_LEVEL, "ExUuidCreate");
  Uuid->Data1 = (ULONG)time;
  Uuid->Data2 = (USHORT)(time >> 32);
  Uuid->Data3 = (USHORT)((time >> 48 & 0x0FFF) | VERSION_TIME);
  Uuid->Data4[0] = (UCHAR)((place >> 56 & 0x3F) | VARIANT);
  for (int i = 1; i < 8; i++)
    Uuid->Data4[i] = (UCHAR)(place >> 8 * (7 - i));
  Uuid->Data4[2] |= NOT_A_NETWORK;
  return STATUS_SUCCESS;
}
