/* RtlUnicodeToUTF8N and RtlUTF8ToUnicodeN. */
#include <ntifs.h>

#include "ke/ke.h"
#include "rtl/inner.h"
#include "utf.h"

#include <string.h>

/* Where converted text goes: counted whether it fits or not, and written a
 * whole character at a time. */
struct target {
  unsigned char *bytes; /* NULL: only count */
  ULONG capacity;
  ULONG length;
};

/* False when the character does not fit. The needed size cannot exceed 32 bits:
 * no conversion gives more than three bytes for two, or two for one. */
static BOOLEAN put(struct target *target, const void *character, size_t size) {
  if (target->bytes != NULL) {
    if (size > target->capacity - target->length)
      return FALSE;
    memcpy(target->bytes + target->length, character, size);
  }
  target->length += (ULONG)size;
  return TRUE;
}

static NTSTATUS finish(const struct target *target, PULONG actual,
                       NTSTATUS status) {
  if (actual != NULL)
    *actual = target->length;
  return status;
}

NTSTATUS rtl__utf16_to_utf8n(PCHAR UTF8StringDestination,
                             ULONG UTF8StringMaxByteCount,
                             PULONG UTF8StringActualByteCount,
                             PCWCH UnicodeStringSource,
                             ULONG UnicodeStringByteCount) {
  struct target target = {(unsigned char *)UTF8StringDestination,
                          UTF8StringMaxByteCount, 0};
  NTSTATUS status = STATUS_SUCCESS;
  if (UnicodeStringSource == NULL)
    return STATUS_INVALID_PARAMETER_4;
  if (UTF8StringDestination == NULL && UTF8StringActualByteCount == NULL)
    return STATUS_INVALID_PARAMETER;
  if (UnicodeStringByteCount % sizeof(WCHAR) != 0)
    return STATUS_INVALID_PARAMETER_5;
  size_t count = UnicodeStringByteCount / sizeof(WCHAR);
  for (size_t i = 0; i < count;) {
    struct rtl_decoded next =
        rtl__utf16_decode((const uint16_t *)UnicodeStringSource + i, count - i);
    unsigned char bytes[4];
    if (!next.valid)
      status = STATUS_SOME_NOT_MAPPED;
    if (!put(&target, bytes, rtl__utf8_encode(next.code, bytes)))
      return finish(&target, UTF8StringActualByteCount,
                    STATUS_BUFFER_TOO_SMALL);
    i += next.units;
  }
  return finish(&target, UTF8StringActualByteCount, status);
}

NTSTATUS RtlUnicodeToUTF8N(PCHAR UTF8StringDestination,
                           ULONG UTF8StringMaxByteCount,
                           PULONG UTF8StringActualByteCount,
                           PCWCH UnicodeStringSource,
                           ULONG UnicodeStringByteCount) {
  ke__within_irql(PASSIVE_LEVEL, "RtlUnicodeToUTF8N");
  return rtl__utf16_to_utf8n(UTF8StringDestination, UTF8StringMaxByteCount,
                             UTF8StringActualByteCount, UnicodeStringSource,
                             UnicodeStringByteCount);
}

NTSTATUS rtl__utf8n_to_utf16(PWSTR UnicodeStringDestination,
                             ULONG UnicodeStringMaxByteCount,
                             PULONG UnicodeStringActualByteCount,
                             PCCH UTF8StringSource, ULONG UTF8StringByteCount) {
  struct target target = {(unsigned char *)UnicodeStringDestination,
                          UnicodeStringMaxByteCount, 0};
  NTSTATUS status = STATUS_SUCCESS;
  if (UTF8StringSource == NULL)
    return STATUS_INVALID_PARAMETER_4;
  if (UnicodeStringDestination == NULL && UnicodeStringActualByteCount == NULL)
    return STATUS_INVALID_PARAMETER;
  for (ULONG i = 0; i < UTF8StringByteCount;) {
    struct rtl_decoded next = rtl__utf8_decode(
        (const unsigned char *)UTF8StringSource + i, UTF8StringByteCount - i);
    uint16_t units[2];
    if (!next.valid)
      status = STATUS_SOME_NOT_MAPPED;
    size_t size = rtl__utf16_encode(next.code, units) * sizeof(WCHAR);
    if (!put(&target, units, size))
      return finish(&target, UnicodeStringActualByteCount,
                    STATUS_BUFFER_TOO_SMALL);
    i += (ULONG)next.units;
  }
  return finish(&target, UnicodeStringActualByteCount, status);
}

NTSTATUS RtlUTF8ToUnicodeN(PWSTR UnicodeStringDestination,
                           ULONG UnicodeStringMaxByteCount,
                           PULONG UnicodeStringActualByteCount,
                           PCCH UTF8StringSource, ULONG UTF8StringByteCount) {
  ke__within_irql(PASSIVE_LEVEL, "RtlUTF8ToUnicodeN");
  return rtl__utf8n_to_utf16(
      UnicodeStringDestination, UnicodeStringMaxByteCount,
      UnicodeStringActualByteCount, UTF8StringSource, UTF8StringByteCount);
}

/* The ANSI code page is UTF-8 (see convert.c), but these two cut what does not
 * fit and replace what is no text without a word, as documented. */
static NTSTATUS quietly(NTSTATUS status) {
  if (status == STATUS_BUFFER_TOO_SMALL || status == STATUS_SOME_NOT_MAPPED)
    return STATUS_SUCCESS;
  return status;
}

NTSTATUS RtlUnicodeToMultiByteN(PCHAR MultiByteString,
                                ULONG MaxBytesInMultiByteString,
                                PULONG BytesInMultiByteString,
                                PCWCH UnicodeString,
                                ULONG BytesInUnicodeString) {
  ke__within_irql(APC_LEVEL, "RtlUnicodeToMultiByteN");
  return quietly(rtl__utf16_to_utf8n(MultiByteString, MaxBytesInMultiByteString,
                                     BytesInMultiByteString, UnicodeString,
                                     BytesInUnicodeString & ~(ULONG)1));
}

NTSTATUS RtlMultiByteToUnicodeN(PWCH UnicodeString,
                                ULONG MaxBytesInUnicodeString,
                                PULONG BytesInUnicodeString,
                                const CHAR *MultiByteString,
                                ULONG BytesInMultiByteString) {
  ke__within_irql(APC_LEVEL, "RtlMultiByteToUnicodeN");
  return quietly(rtl__utf8n_to_utf16(UnicodeString, MaxBytesInUnicodeString,
                                     BytesInUnicodeString, MultiByteString,
                                     BytesInMultiByteString));
}
