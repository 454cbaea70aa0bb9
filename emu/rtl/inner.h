/*
 * What the other rooms use of Rtl: functions of the same meaning as the public
 * ones, without their check of the IRQL. That is for drivers, whose memory may
 * be paged and whose Windows keeps its tables of characters in paged memory;
 * what the library calls at any IRQL is resident.
 */
#ifndef UWSK_RTL_INNER_H
#define UWSK_RTL_INNER_H

#include <ntddk.h>

/* RtlCompareUnicodeString, RtlEqualUnicodeString, RtlPrefixUnicodeString. */
LONG rtl__compare(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                  BOOLEAN CaseInSensitive);
BOOLEAN rtl__equal(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                   BOOLEAN CaseInSensitive);
BOOLEAN rtl__begins(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                    BOOLEAN CaseInSensitive);

/* RtlUpperChar. */
CHAR rtl__upper(CHAR Character);

/* RtlUnicodeToUTF8N, RtlUTF8ToUnicodeN. */
NTSTATUS rtl__utf16_to_utf8n(PCHAR UTF8StringDestination,
                             ULONG UTF8StringMaxByteCount,
                             PULONG UTF8StringActualByteCount,
                             PCWCH UnicodeStringSource,
                             ULONG UnicodeStringByteCount);
NTSTATUS rtl__utf8n_to_utf16(PWSTR UnicodeStringDestination,
                             ULONG UnicodeStringMaxByteCount,
                             PULONG UnicodeStringActualByteCount,
                             PCCH UTF8StringSource, ULONG UTF8StringByteCount);

/* RtlLengthSid, RtlValidSid. */
ULONG rtl__sid_length(PSID Sid);
BOOLEAN rtl__sid_is_valid(PSID Sid);

#endif
