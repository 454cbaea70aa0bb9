/* Strings compared, with and without regard to case; case changed. */
#include <ntifs.h>

#include "case.h"
#include "ke/ke.h"
#include "rtl/inner.h"

#include <string.h>

WCHAR RtlUpcaseUnicodeChar(WCHAR SourceCharacter) {
  ke__within_irql(APC_LEVEL, "RtlUpcaseUnicodeChar");
  return rtl__upcase(SourceCharacter);
}

WCHAR RtlDowncaseUnicodeChar(WCHAR SourceCharacter) {
  ke__within_irql(PASSIVE_LEVEL, "RtlDowncaseUnicodeChar");
  return rtl__downcase(SourceCharacter);
}

CHAR rtl__upper(CHAR Character) {
  return Character >= 'a' && Character <= 'z' ? (CHAR)(Character - 32)
                                              : Character;
}

CHAR RtlUpperChar(CHAR Character) {
  ke__within_irql(APC_LEVEL, "RtlUpperChar");
  return rtl__upper(Character);
}

/* The difference of the first units that differ; 0 over the common length. */
static LONG compare_units(PCWCH left, PCWCH right, SIZE_T count,
                          BOOLEAN ignore_case) {
  for (SIZE_T i = 0; i < count; i++) {
    WCHAR a = left[i], b = right[i];
    if (a != b && ignore_case) {
      a = rtl__upcase(a);
      b = rtl__upcase(b);
    }
    if (a != b)
      return (LONG)a - (LONG)b;
  }
  return 0;
}

LONG RtlCompareUnicodeStrings(PCWCH String1, SIZE_T String1Length,
                              PCWCH String2, SIZE_T String2Length,
                              BOOLEAN CaseInSensitive) {
  SIZE_T common = String1Length < String2Length ? String1Length : String2Length;
  LONG order = compare_units(String1, String2, common, CaseInSensitive);
  if (order != 0)
    return order;
  return (LONG)(String1Length - String2Length);
}

LONG rtl__compare(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                  BOOLEAN CaseInSensitive) {
  return RtlCompareUnicodeStrings(
      String1->Buffer, String1->Length / sizeof(WCHAR), String2->Buffer,
      String2->Length / sizeof(WCHAR), CaseInSensitive);
}

LONG RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                             BOOLEAN CaseInSensitive) {
  ke__within_irql(PASSIVE_LEVEL, "RtlCompareUnicodeString");
  return rtl__compare(String1, String2, CaseInSensitive);
}

BOOLEAN rtl__equal(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                   BOOLEAN CaseInSensitive) {
  return String1->Length == String2->Length &&
         rtl__compare(String1, String2, CaseInSensitive) == 0;
}

BOOLEAN RtlEqualUnicodeString(PCUNICODE_STRING String1,
                              PCUNICODE_STRING String2,
                              BOOLEAN CaseInSensitive) {
  ke__within_irql(PASSIVE_LEVEL, "RtlEqualUnicodeString");
  return rtl__equal(String1, String2, CaseInSensitive);
}

BOOLEAN rtl__begins(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                    BOOLEAN CaseInSensitive) {
  return String1->Length <= String2->Length &&
         compare_units(String1->Buffer, String2->Buffer,
                       String1->Length / sizeof(WCHAR), CaseInSensitive) == 0;
}

BOOLEAN RtlPrefixUnicodeString(PCUNICODE_STRING String1,
                               PCUNICODE_STRING String2,
                               BOOLEAN CaseInSensitive) {
  ke__within_irql(PASSIVE_LEVEL, "RtlPrefixUnicodeString");
  return rtl__begins(String1, String2, CaseInSensitive);
}

static LONG compare_bytes(const CHAR *left, const CHAR *right, SIZE_T count,
                          BOOLEAN ignore_case) {
  for (SIZE_T i = 0; i < count; i++) {
    UCHAR a = (UCHAR)left[i], b = (UCHAR)right[i];
    if (ignore_case) {
      a = (UCHAR)rtl__upper((CHAR)a);
      b = (UCHAR)rtl__upper((CHAR)b);
    }
    if (a != b)
      return (LONG)a - (LONG)b;
  }
  return 0;
}

static LONG compare_strings(const STRING *String1, const STRING *String2,
                            BOOLEAN CaseInSensitive) {
  SIZE_T common =
      String1->Length < String2->Length ? String1->Length : String2->Length;
  LONG order =
      compare_bytes(String1->Buffer, String2->Buffer, common, CaseInSensitive);
  return order != 0 ? order : (LONG)String1->Length - (LONG)String2->Length;
}

LONG RtlCompareString(const STRING *String1, const STRING *String2,
                      BOOLEAN CaseInSensitive) {
  ke__within_irql(PASSIVE_LEVEL, "RtlCompareString");
  return compare_strings(String1, String2, CaseInSensitive);
}

BOOLEAN RtlEqualString(const STRING *String1, const STRING *String2,
                       BOOLEAN CaseInSensitive) {
  ke__within_irql(PASSIVE_LEVEL, "RtlEqualString");
  return String1->Length == String2->Length &&
         compare_strings(String1, String2, CaseInSensitive) == 0;
}
